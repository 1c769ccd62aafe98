//! One file of a scene as the reader sees it: the bands it offers, where it lies on the analysis grid, and how its
//! stored samples become measured values and gaps. A block that cannot be decoded is lost alone.

use super::refusal::RasterError;
use super::resample::Route;
use super::source::{Damage, Place, ReadFailure, Source, Squeeze};
use super::validity::{Validity, hide};
use crate::io::crs::Transformer;
use crate::model::grid::{Grid, Window};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, BandSource, SceneFile};

/// How far a shift may be from whole pixels and still be whole.
const WHOLE_PX: f64 = 1e-3;

/// Points along each edge of a footprint in another CRS.
const EDGE_POINTS: usize = 21;

/// Pixels that a footprint in another CRS or under a field of shifts is grown by, for the curvature between the points of its edges.
const FOOTPRINT_MARGIN_PX: f64 = 2.0;

/// Most damaged parts remembered.
const MOST_DAMAGE: usize = 100_000;

/// One file of a scene, with the bands that are wanted from it.
pub(super) struct Tile {
    /// The file; only wanted bands, in the order of `slots`.
    pub file: SceneFile,
    /// Index of each band's role among the roles asked for, ascending.
    pub slots: Vec<usize>,
    /// Whether it offers every role.
    pub full: bool,
    /// Whether its values are codes, which are never interpolated.
    pub codes: bool,
    /// (col, row) of its first pixel on the analysis grid, where both share one lattice.
    pub lattice: Option<(i64, i64)>,
    /// The way to its pixels.
    pub route: Route,
    validity: Validity,
}

/// Buffers of [`Tile::fetch`], kept from window to window.
#[derive(Default)]
pub(super) struct Scratch {
    opacity: Vec<u8>,
    zero: Vec<u8>,
}

impl Tile {
    /// The tile of a file, or `None` where it offers none of the roles.
    pub fn new(file: &SceneFile, roles: &[BandRole], target: &Grid, route: Route) -> Option<Self> {
        let wanted = |(slot, role): (usize, &BandRole)| {
            file.bands.iter().find(|b| b.role == *role).map(|band| (slot, band.clone()))
        };
        let (slots, bands): (Vec<usize>, Vec<BandSource>) = roles.iter().enumerate().filter_map(wanted).unzip();
        if slots.is_empty() {
            return None;
        }
        let near = |v: f64| (v - v.round()).abs() < WHOLE_PX;
        let whole = route.shift.constant().filter(|(cols, rows)| near(*cols) && near(*rows));
        let offset = target.lattice_offset(&file.grid);
        let lattice =
            offset.zip(whole).map(|((col, row), (cols, rows))| (col - cols.round() as i64, row - rows.round() as i64));
        let file = SceneFile { bands, ..file.clone() };
        Some(Self {
            full: slots.len() == roles.len(),
            codes: file.bands.iter().any(|b| b.role == BandRole::Class),
            lattice,
            validity: Validity::of(&file),
            route,
            slots,
            file,
        })
    }

    /// The rectangle of the analysis grid that it covers, (col, row) corners; `back` leads from its CRS to the grid's.
    pub fn footprint(&self, back: Option<&Transformer>) -> Option<([f64; 2], [f64; 2])> {
        let points = outline(&self.file.grid, back?);
        let on_grid =
            points.into_iter().map(|(x, y)| self.route.shift.place_of(self.route.target.pixel_from_map(x, y)));
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (col, row) in on_grid.filter(|p| p.0.is_finite() && p.1.is_finite()) {
            low = [low[0].min(col), low[1].min(row)];
            high = [high[0].max(col), high[1].max(row)];
        }
        let straight = self.route.transformer.is_identity() && self.route.shift.constant().is_some();
        let margin = if straight { 0.0 } else { FOOTPRINT_MARGIN_PX };
        (low[0] <= high[0]).then(|| (low.map(|v| v - margin), high.map(|v| v + margin)))
    }

    /// Whether the file shares the grid's lattice and holds every pixel of a window.
    pub fn covers(&self, window: Window) -> bool {
        let holds = |start: usize, len: usize, offset: i64, limit: usize| {
            start as i64 >= offset && (start + len) as i64 - offset <= limit as i64
        };
        self.lattice.is_some_and(|(col, row)| {
            let grid = &self.file.grid;
            holds(window.col, window.cols, col, grid.cols) && holds(window.row, window.rows, row, grid.rows)
        })
    }

    /// Opens the file and makes sure that it still is what was checked.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(&self) -> Result<Source, RasterError> {
        open(&self.file)
    }

    /// Reads a window of the file into a rectangle of `block` (its planes in the order of `slots`), with its gaps.
    pub fn fetch(
        &self,
        source: &Source,
        window: Window,
        block: &mut SceneBlock,
        place: Place,
        scratch: &mut Scratch,
        damage: &mut Vec<Damage>,
    ) {
        let rows = || (0..place.rows).map(|row| place.start + row * place.stride);
        for start in rows() {
            block.gaps[start..start + place.cols].fill(gap::SEEN);
        }
        scratch.opacity.clear();
        scratch.opacity.resize(if self.has_opacity() { place.rows * place.cols } else { 0 }, u8::MAX);
        if self.read(source, window, block, place, (scratch, 0, place.cols)).is_err() {
            self.read_by_blocks(source, window, block, place, scratch, damage);
        }
        let squeezed = place.rows != window.rows || place.cols != window.cols;
        let lowest = if squeezed { 128 } else { 1 };
        scratch.zero.resize(place.cols, 0);
        for (row, start) in rows().enumerate() {
            let gaps = &mut block.gaps[start..start + place.cols];
            let bands = block.bands.iter_mut().take(self.slots.len()).map(|p| &mut p[start..start + place.cols]);
            self.validity.settle_row(bands, gaps, &mut scratch.zero);
            if self.has_opacity() {
                hide(gaps, &scratch.opacity[row * place.cols..(row + 1) * place.cols], lowest);
            }
        }
    }

    fn has_opacity(&self) -> bool {
        self.file.alpha.is_some() || self.file.has_mask
    }

    /// Reads all bands, and the opacity to `opacity.1` in rows of `opacity.2`.
    fn read(
        &self,
        source: &Source,
        window: Window,
        block: &mut SceneBlock,
        place: Place,
        opacity: (&mut Scratch, usize, usize),
    ) -> Result<(), ReadFailure> {
        let squeeze = if self.codes { Squeeze::Nearest } else { Squeeze::Average };
        for (plane, band) in block.bands.iter_mut().zip(&self.file.bands) {
            source.read_band(band.index, window, plane, place, squeeze)?;
        }
        let (scratch, start, stride) = opacity;
        let place = Place { start, stride, ..place };
        match self.file.alpha {
            Some(alpha) => source.read_band(alpha, window, &mut scratch.opacity, place, squeeze),
            None if self.file.has_mask => source.read_mask(window, &mut scratch.opacity, place, squeeze),
            None => Ok(()),
        }
    }

    /// Reads one stored block after the other, so that only the broken ones are lost.
    fn read_by_blocks(
        &self,
        source: &Source,
        window: Window,
        block: &mut SceneBlock,
        place: Place,
        scratch: &mut Scratch,
        damage: &mut Vec<Damage>,
    ) {
        for stored in stored_blocks(window, self.file.block) {
            let part = squeezed_part(stored, window, place);
            let opacity_start =
                (part.start - place.start) / place.stride * place.cols + (part.start - place.start) % place.stride;
            let read = self.read(source, stored, block, part, (scratch, opacity_start, place.cols));
            if read.is_ok() {
                continue;
            }
            for row in 0..part.rows {
                let start = part.start + row * part.stride;
                block.gaps[start..start + part.cols].fill(gap::DAMAGED);
                for plane in block.bands.iter_mut().take(self.slots.len()) {
                    plane[start..start + part.cols].fill(0.0);
                }
            }
            let lost = Damage { path: self.file.path.clone(), window: whole_block(stored, &self.file) };
            if damage.len() < MOST_DAMAGE && !damage.contains(&lost) {
                damage.push(lost);
            }
        }
    }
}

/// Opens a file of a scene and makes sure that it still is what was checked.
///
/// # Errors
/// [`RasterError`] where it cannot be opened or has changed.
pub(super) fn open(file: &SceneFile) -> Result<Source, RasterError> {
    let source = Source::open(&file.path)?;
    if source.size() != (file.grid.rows, file.grid.cols) {
        return Err(RasterError::Changed(file.path.clone()));
    }
    let bands = source.dataset().raster_count();
    match file.bands.iter().find(|b| b.index == 0 || b.index > bands) {
        Some(band) => Err(RasterError::NoSuchBand { path: file.path.clone(), index: band.index, bands }),
        None => Ok(source),
    }
}

/// Points along a grid's edges and its middle row, in another CRS; those without an image are left out.
pub(super) fn outline(grid: &Grid, to: &Transformer) -> Vec<(f64, f64)> {
    let (rows, cols) = (grid.rows as f64, grid.cols as f64);
    let along = |n: usize| n as f64 / (EDGE_POINTS - 1) as f64;
    let mut points: Vec<(f64, f64)> = (0..EDGE_POINTS)
        .flat_map(|n| {
            let t = along(n);
            [(t * cols, 0.0), (t * cols, rows), (0.0, t * rows), (cols, t * rows), (t * cols, rows / 2.0)]
        })
        .map(|(col, row)| grid.transform.map_from_pixel(col, row))
        .collect();
    to.forward_where_defined(&mut points);
    points.retain(|point| point.0.is_finite() && point.1.is_finite());
    points
}

/// The parts of a window that lie in one stored block each.
fn stored_blocks(window: Window, block: (usize, usize)) -> Vec<Window> {
    let spans = |start: usize, len: usize, size: usize| {
        (start / size..=(start + len - 1) / size)
            .map(move |n| ((n * size).max(start), ((n + 1) * size).min(start + len)))
            .collect::<Vec<_>>()
    };
    let (size_rows, size_cols) = (block.0.max(1), block.1.max(1));
    let cols = spans(window.col, window.cols, size_cols);
    let rows = spans(window.row, window.rows, size_rows);
    rows.iter()
        .flat_map(|(top, bottom)| {
            cols.iter().map(move |(left, right)| Window {
                row: *top,
                col: *left,
                rows: bottom - top,
                cols: right - left,
            })
        })
        .collect()
}

/// The stored block that a part lies in.
fn whole_block(part: Window, file: &SceneFile) -> Window {
    let (rows, cols) = (file.block.0.max(1), file.block.1.max(1));
    let (row, col) = (part.row / rows * rows, part.col / cols * cols);
    Window { row, col, rows: rows.min(file.grid.rows - row), cols: cols.min(file.grid.cols - col) }
}

/// Where a part of a window goes inside the window's place.
fn squeezed_part(part: Window, window: Window, place: Place) -> Place {
    let span = |start: usize, len: usize, of: usize, to: usize| {
        let (low, high) = (start * to / of, ((start + len) * to).div_ceil(of).min(to));
        (low, (high - low).max(1))
    };
    let (row, rows) = span(part.row - window.row, part.rows, window.rows, place.rows);
    let (col, cols) = span(part.col - window.col, part.cols, window.cols, place.cols);
    Place { start: place.start + row * place.stride + col, stride: place.stride, rows, cols }
}
