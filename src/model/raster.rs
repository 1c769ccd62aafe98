//! Pixels in memory: values and why some of them were not observed. Validity is a mask, never a magic number.

use super::grid::Window;

/// A rectangle of values, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster<T> {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// The values, row-major.
    pub values: Vec<T>,
}

impl<T: Clone> Raster<T> {
    /// A raster of one value.
    #[must_use]
    pub fn filled(rows: usize, cols: usize, value: T) -> Self {
        Self { rows, cols, values: vec![value; rows * cols] }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[T] {
        &self.values[row * self.cols..(row + 1) * self.cols]
    }
}

impl<T: Copy> Raster<T> {
    /// The value at a pixel.
    #[must_use]
    pub fn at(&self, row: usize, col: usize) -> T {
        self.values[row * self.cols + col]
    }
}

/// Why a pixel was not observed, as the byte that a gap mask holds. The larger wins where two reasons meet.
pub mod gap {
    /// The pixel was observed.
    pub const SEEN: u8 = 0;
    /// The scene declares it nodata, transparent, masked, or it is not a finite number.
    pub const NODATA: u8 = 1;
    /// A cloud, shadow or user mask covers it.
    pub const MASKED: u8 = 2;
    /// The scene does not reach it.
    pub const OUTSIDE: u8 = 3;
    /// The file could not be decoded there.
    pub const DAMAGED: u8 = 4;
}

/// One scene on one window of the analysis grid.
///
/// Shape: every band and `gaps` hold `window.len()` values, row-major. Units: reflectance where the sensor profile
/// knows scale and offset, else the file's own numbers. Nodata: where `gaps` is not [`gap::SEEN`] the band values
/// mean nothing (they are finite).
#[derive(Debug, Clone, PartialEq)]
pub struct SceneBlock {
    /// The pixels of the analysis grid.
    pub window: Window,
    /// One plane a band, in the order of the roles asked for.
    pub bands: Vec<Vec<f32>>,
    /// Why a pixel was not observed; [`gap::SEEN`] where it was.
    pub gaps: Vec<u8>,
}

impl SceneBlock {
    /// A block in which nothing was observed.
    #[must_use]
    pub fn unseen(window: Window, bands: usize, reason: u8) -> Self {
        Self { window, bands: vec![vec![0.0; window.len()]; bands], gaps: vec![reason; window.len()] }
    }
}

/// Both epochs on one window of the analysis grid.
#[derive(Debug, Clone, PartialEq)]
pub struct PairBlock {
    /// The earlier scene.
    pub before: SceneBlock,
    /// The later scene.
    pub after: SceneBlock,
}

impl PairBlock {
    /// The window both lie on.
    #[must_use]
    pub fn window(&self) -> Window {
        self.before.window
    }

    /// Whether both epochs observed the pixel.
    #[must_use]
    pub fn seen(&self, pixel: usize) -> bool {
        self.before.gaps[pixel] | self.after.gaps[pixel] == gap::SEEN
    }

    /// Whether a cloud, a shadow or a user mask hides the pixel at one date at least.
    #[must_use]
    pub fn is_hidden(&self, pixel: usize) -> bool {
        self.before.gaps[pixel] == gap::MASKED || self.after.gaps[pixel] == gap::MASKED
    }
}

/// The three states of a pixel in a change mask, as written to `…_change.tif`.
pub mod mask {
    /// Observed at both dates, no change.
    pub const UNCHANGED: u8 = 0;
    /// Observed at both dates, changed.
    pub const CHANGED: u8 = 1;
    /// Not observed at one date at least, or outside every zone and ring.
    pub const NOT_OBSERVED: u8 = 255;
}
