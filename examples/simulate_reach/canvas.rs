//! Painting pieces onto a pixel lattice: which piece each pixel shows, how high it stands, where shadow falls.

use super::cover::{Cover, Pattern};
use super::noise;
use super::shape::{Point, Shape};

/// One thing on the ground; later pieces lie on top.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Where.
    pub shape: Shape,
    /// What.
    pub cover: Cover,
    /// Height of its top above the plain, metres.
    pub height_m: f32,
    /// Its own chance.
    pub seed: u32,
    /// Direction of rows or ridge, unit vector across it.
    pub across: [f32; 2],
}

impl Piece {
    /// A flat piece.
    pub fn flat(shape: Shape, cover: Cover, seed: u32) -> Self {
        Self { shape, cover, height_m: 0.0, seed, across: [0.0, 1.0] }
    }

    /// A piece with a height.
    pub fn tall(shape: Shape, cover: Cover, height_m: f32, seed: u32) -> Self {
        Self { height_m, ..Self::flat(shape, cover, seed) }
    }

    /// The same, with rows or ridge in another direction.
    pub fn across(self, across: [f32; 2]) -> Self {
        Self { across, ..self }
    }
}

/// A lattice: local coordinates of its north-west corner, pixel size, columns, rows.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// West and north edge, metres.
    pub corner: Point,
    /// Pixel size, metres.
    pub step: f64,
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
}

impl Frame {
    /// Centre of a pixel.
    pub fn centre(&self, row: usize, col: usize) -> Point {
        [self.corner[0] + (col as f64 + 0.5) * self.step, self.corner[1] - (row as f64 + 0.5) * self.step]
    }

    /// Pixels.
    pub fn len(&self) -> usize {
        self.cols * self.rows
    }

    /// The pixels whose centres a shape covers, one call per run of pixels in a row.
    pub fn runs(&self, shape: &Shape, mut each: impl FnMut(std::ops::Range<usize>)) {
        let (south, north) = shape.rows();
        let row_of = |y: f64| ((self.corner[1] - y) / self.step - 0.5).clamp(-1.0, self.rows as f64);
        let first = row_of(north).ceil().max(0.0) as usize;
        let last = row_of(south).floor();
        if last < 0.0 {
            return;
        }
        for row in first..=(last as usize).min(self.rows.saturating_sub(1)) {
            for (west, east) in shape.spans(self.centre(row, 0)[1]) {
                let col_of =
                    |x: f64| ((x - self.corner[0]) / self.step - 0.5).ceil().clamp(0.0, self.cols as f64) as usize;
                let (from, to) = (col_of(west), col_of(east));
                if from < to {
                    each(row * self.cols + from..row * self.cols + to);
                }
            }
        }
    }
}

/// Which piece each pixel shows.
pub fn paint(pieces: &[Piece], frame: &Frame) -> Vec<u16> {
    let mut shown = vec![0_u16; frame.len()];
    for (number, piece) in pieces.iter().enumerate() {
        frame.runs(&piece.shape, |run| shown[run].fill(number as u16));
    }
    shown
}

/// Height of each pixel's surface above the plain, metres.
pub fn heights(pieces: &[Piece], shown: &[u16], frame: &Frame) -> Vec<f32> {
    let mut heights = vec![0.0; frame.len()];
    for (i, height) in heights.iter_mut().enumerate() {
        let piece = &pieces[usize::from(shown[i])];
        let look = piece.cover.look();
        let at = frame.centre(i / frame.cols, i % frame.cols).map(|c| c as f32);
        let own = match look.pattern {
            Pattern::Crowns(cell) => {
                let crown = noise::crown(at[0], at[1], cell, 0x7EE5);
                // A piece below the plain is a stand of younger trees, never a pit.
                (crown.dome.sqrt() * (0.65 + 0.35 * crown.tree)).max(-piece.height_m / look.height_m)
            }
            Pattern::Machines(cell) => {
                noise::lattice((at[0] / cell).floor() as i32, (at[1] / cell).floor() as i32, piece.seed)
            }
            _ => 1.0,
        };
        *height = piece.height_m + look.height_m * own;
    }
    heights
}

/// Where the sun stands: unit vector towards it and the tangent of its elevation.
#[derive(Debug, Clone, Copy)]
pub struct Sun {
    /// Towards the sun, east and north.
    pub towards: [f32; 2],
    /// Tangent of its elevation.
    pub slope: f32,
}

/// Share of direct sunlight that each pixel loses to something higher, 0..1.
pub fn shadows(heights: &[f32], frame: &Frame, sun: Sun) -> Vec<f32> {
    let top = heights.iter().copied().fold(0.0_f32, f32::max);
    let step = frame.step as f32;
    let stride = if step < 0.9 { 2.0 } else { 1.0 };
    let mut lost = vec![0.0; heights.len()];
    for (i, loss) in lost.iter_mut().enumerate() {
        let (row, col) = ((i / frame.cols) as f32, (i % frame.cols) as f32);
        let steps = ((top - heights[i]) / (sun.slope * step * stride)) as usize;
        for k in 1..=steps.min(160) {
            let away = k as f32 * stride;
            let (c, r) = (col + sun.towards[0] * away, row - sun.towards[1] * away);
            if c < 0.0 || r < 0.0 || c >= frame.cols as f32 || r >= frame.rows as f32 {
                break;
            }
            let above = heights[r as usize * frame.cols + c as usize] - heights[i] - away * step * sun.slope;
            if above > 0.0 {
                *loss = (above * 1.6).min(1.0_f32).max(*loss);
                if *loss >= 1.0 {
                    break;
                }
            }
        }
    }
    lost
}
