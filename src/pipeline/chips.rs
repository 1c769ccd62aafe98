//! Before/after pictures of patches, cut while the pixels are in memory: no pixel is decoded a second time for a report.

use crate::detect::change::Fitted;
use crate::detect::piece::Piece;
use crate::detect::sample::{Sample, quantile};
use crate::model::grid::{Grid, Window};
use crate::model::patch::Patch;
use crate::model::picture::{Chip, Picture};
use crate::model::raster::{PairBlock, SceneBlock, gap};
use crate::model::scene::BandRole;

/// Longest side of a picture in pixels.
const LONGEST_SIDE: usize = 192;

/// Least ground around a patch, in pixels of the analysis grid.
const MARGIN: usize = 24;

/// Most bytes of pictures held for one comparison; patches beyond get none.
pub const MOST_BYTES: usize = 64 << 20;

/// Grey of pixels that were not observed.
const UNSEEN: u8 = 128;

/// Share of the values below the darkest and above the brightest shade.
const CLIPPED: f64 = 0.02;

/// Power of the shades of colour pictures: reeds and water lie far below roofs and concrete, and on a straight scale they are black.
const GAMMA: f32 = 0.55;

/// Which bands make red, green and blue, and what is dark and bright. One stretch for both epochs.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    bands: [usize; 3],
    low: [f32; 3],
    high: [f32; 3],
    /// Shades from dark to bright, in even steps.
    curve: Vec<u8>,
}

/// Steps of the curve of shades.
const STEPS: f32 = 1023.0;

impl Stretch {
    /// True colour where the bands allow it, else near infrared, red, green, else one band in grey; from the sample of the
    /// earlier epoch.
    #[must_use]
    pub fn of(sample: &Sample, roles: &[BandRole]) -> Self {
        let find = |role| roles.iter().position(|&r| r == role);
        let three = |a, b, c| Some([find(a)?, find(b)?, find(c)?]);
        let bands = three(BandRole::Red, BandRole::Green, BandRole::Blue)
            .or_else(|| three(BandRole::Nir, BandRole::Red, BandRole::Green))
            .unwrap_or([0; 3]);
        let bound =
            |band: usize, q| sample.before.get(band).map_or(0.0, |plane| quantile(&mut plane.clone(), q) as f32);
        let is_grey = bands[0] == bands[1];
        let gamma = if is_grey { 1.0 } else { GAMMA };
        let curve = (0..=STEPS as usize).map(|step| ((step as f32 / STEPS).powf(gamma) * 255.0) as u8).collect();
        Self { bands, low: bands.map(|b| bound(b, CLIPPED)), high: bands.map(|b| bound(b, 1.0 - CLIPPED)), curve }
    }

    fn shade(&self, channel: usize, value: f32) -> u8 {
        let (low, high) = (self.low[channel], self.high[channel]);
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        self.curve[(share.clamp(0.0, 1.0) * STEPS) as usize]
    }
}

/// A part of a block, in colours, every `factor`-th pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Crop {
    window: Window,
    factor: usize,
    cols: usize,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Crop {
    /// Cuts a piece and its surroundings out of a block.
    #[must_use]
    pub fn of(piece: &Piece, block: &PairBlock, stretch: &Stretch, fitted: &dyn Fitted) -> Self {
        let whole = block.window();
        let held = piece.window();
        let margin = MARGIN.max(held.rows.max(held.cols) / 2);
        let around = held.grown(margin, usize::MAX, usize::MAX);
        let window = around.intersection(&whole).unwrap_or(held);
        let factor = window.rows.max(window.cols).div_ceil(LONGEST_SIDE);
        let before = colours(&block.before, &window, factor, stretch, &|_, value| value);
        let after =
            colours(&block.after, &window, factor, stretch, &|band, value| fitted.in_units_of_before(band, value));
        Self { window, factor, cols: window.cols.div_ceil(factor), before, after }
    }

    /// Bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Index of the first byte of the pixel that shows a place of the grid.
    fn at(&self, row: usize, col: usize) -> Option<usize> {
        let inside = row >= self.window.row && col >= self.window.col;
        let (row, col) = (row.wrapping_sub(self.window.row), col.wrapping_sub(self.window.col));
        (inside && row < self.window.rows && col < self.window.cols)
            .then(|| ((row / self.factor) * self.cols + col / self.factor) * 3)
    }
}

fn colours(
    scene: &SceneBlock,
    window: &Window,
    factor: usize,
    stretch: &Stretch,
    comparable: &dyn Fn(usize, f32) -> f32,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(window.rows.div_ceil(factor) * window.cols.div_ceil(factor) * 3);
    for row in (0..window.rows).step_by(factor) {
        for col in (0..window.cols).step_by(factor) {
            let pixel = (window.row + row - scene.window.row) * scene.window.cols + window.col + col - scene.window.col;
            let seen = scene.gaps[pixel] == gap::SEEN;
            bytes.extend((0..3).map(|channel| {
                let band = stretch.bands[channel];
                if seen { stretch.shade(channel, comparable(band, scene.bands[band][pixel])) } else { UNSEEN }
            }));
        }
    }
    bytes
}

/// The pictures of a patch from the crops of its pieces; what no crop holds stays grey.
#[must_use]
pub fn chip(patch: &Patch, crops: &[&Crop], grid: &Grid) -> Option<Chip> {
    if crops.is_empty() {
        return None;
    }
    let side = patch.window.rows.max(patch.window.cols);
    let window = patch.window.grown(MARGIN.max(side / 2), grid.rows, grid.cols);
    let factor = window.rows.max(window.cols).div_ceil(LONGEST_SIDE);
    let (height, width) = (window.rows.div_ceil(factor), window.cols.div_ceil(factor));
    let paint = |bytes_of: fn(&Crop) -> &[u8]| {
        let mut rgb = Vec::with_capacity(width * height * 3);
        for (row, col) in (0..height).flat_map(|row| (0..width).map(move |col| (row, col))) {
            let place = (window.row + row * factor, window.col + col * factor);
            let shown = crops.iter().find_map(|crop| crop.at(place.0, place.1).map(|at| &bytes_of(crop)[at..at + 3]));
            rgb.extend_from_slice(shown.unwrap_or(&[UNSEEN; 3]));
        }
        Picture::of_rgb(width, height, &rgb)
    };
    Some(Chip {
        before: paint(|crop| &crop.before)?,
        after: paint(|crop| &crop.after)?,
        outline: outline(patch, grid, &window, factor),
        pixel_m: grid.transform.pixel_size().0 * factor as f64,
    })
}

fn outline(patch: &Patch, grid: &Grid, window: &Window, factor: usize) -> Vec<Vec<(f32, f32)>> {
    let place = |c: &geo_types::Coord<f64>| {
        let (col, row) = grid.transform.pixel_from_map(c.x, c.y);
        let on_picture = |v: f64, start: usize| ((v - start as f64) / factor as f64) as f32;
        (on_picture(col, window.col), on_picture(row, window.row))
    };
    let rings = patch.shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings.map(|ring| ring.coords().map(place).collect()).collect()
}
