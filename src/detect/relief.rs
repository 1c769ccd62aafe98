//! The last tenths of a pixel between two surfaces: the shift at which their heights differ least.
//!
//! Phase correlation finds where relief lies, but crowns and roofs that grew or fell draw its peak. Heights tell more: a
//! surface moved by a fraction of a pixel differs by its slope times that fraction. The shift that explains most of the
//! difference is solved for by robust least squares and applied, again and again until it stands still.
//!
//! Source: the equations are those of Nuth & Kääb 2011 (doi:10.5194/tc-5-271-2011), written in slopes along columns and rows
//! in place of slope and aspect; weights are Tukey's biweight (Beaton & Tukey 1974, doi:10.1080/00401706.1974.10489171),
//! so that ground that changed does not pull.

use nalgebra::{Matrix3, Vector3};

use crate::model::raster::PairBlock;

use super::registration::MeasuredShift;
use super::sample::{MAX_PIXELS, nmad, quantile};

/// Rounds at most; on the real pair tried it stands still after six.
const ROUNDS: usize = 12;

/// Rounds of weighting within each.
const WEIGHTINGS: usize = 4;

/// The shift stands still when it moves by less than this, in pixels.
const STILL_PX: f64 = 0.002;

/// Further from the correlation's shift than this (pixels) the heights speak of something else.
const FARTHEST_PX: f64 = 1.0;

/// Deviations beyond this many standard deviations do not weigh: 95 % efficiency at the normal distribution. Ground that
/// changed has steep new edges, on which weights that only fall off would still let it pull.
const BIWEIGHT: f64 = 4.685;

/// Rows and columns left out at a block's edge, beyond what the shift reaches over.
const MARGIN: usize = 2;

/// Fewer pixels tell nothing.
const LEAST_PIXELS: usize = 1000;

/// The shift between two surfaces, refined from the one that correlation gave; that one where heights do not tell better.
#[must_use]
pub fn refined(blocks: &[&PairBlock], start: MeasuredShift) -> MeasuredShift {
    let places = places(blocks, &start);
    if places.len() < LEAST_PIXELS {
        return start;
    }
    let mut at = (start.cols, start.rows);
    let begun = spread(&slopes(blocks, &places, at));
    for _ in 0..ROUNDS {
        let Some((cols, rows)) = step(&slopes(blocks, &places, at)) else { return start };
        at = (at.0 + cols, at.1 + rows);
        if (at.0 - start.cols).hypot(at.1 - start.rows) > FARTHEST_PX {
            return start;
        }
        if cols.hypot(rows) < STILL_PX {
            break;
        }
    }
    let better = spread(&slopes(blocks, &places, at)) < begun;
    if better { MeasuredShift { cols: at.0, rows: at.1, ..start } } else { start }
}

/// What one pixel tells: the rise, and the slopes along columns and rows.
struct Slope {
    rise: f64,
    cols: f64,
    rows: f64,
}

/// Pixels whose neighbourhood lies inside a block and was seen, at most [`MAX_PIXELS`]: block and pixel.
fn places(blocks: &[&PairBlock], start: &MeasuredShift) -> Vec<(usize, usize)> {
    let margin = MARGIN + (start.cols.abs().max(start.rows.abs()) + FARTHEST_PX).ceil() as usize;
    let inner = |n: usize| margin..n.saturating_sub(margin);
    let all = || {
        blocks.iter().enumerate().flat_map(|(number, block)| {
            let window = block.window();
            let rows = inner(window.rows).map(move |row| row * window.cols);
            rows.flat_map(move |start| inner(window.cols).map(move |col| (number, start + col)))
        })
    };
    let stride = all().count().div_ceil(MAX_PIXELS).max(1);
    all().step_by(stride).collect()
}

fn slopes(blocks: &[&PairBlock], places: &[(usize, usize)], shift: (f64, f64)) -> Vec<Slope> {
    places.iter().filter_map(|&(block, pixel)| slope(blocks[block], pixel, shift)).collect()
}

/// Slopes are those of the mean of both surfaces, so that neither is preferred.
fn slope(block: &PairBlock, pixel: usize, shift: (f64, f64)) -> Option<Slope> {
    let cols = block.window().cols;
    let both = |at: usize| {
        let before = (block.before.gaps[at] == 0).then(|| f64::from(block.before.bands[0][at]))?;
        Some((before, moved(block, at, shift)?))
    };
    let mean = |at: usize| both(at).map(|(a, b)| f64::midpoint(a, b));
    let (before, after) = both(pixel)?;
    Some(Slope {
        rise: after - before,
        cols: (mean(pixel + 1)? - mean(pixel - 1)?) / 2.0,
        rows: (mean(pixel + cols)? - mean(pixel - cols)?) / 2.0,
    })
}

/// The later surface at a pixel, moved back by a shift: bilinear, as scenes are put on the grid.
fn moved(block: &PairBlock, pixel: usize, shift: (f64, f64)) -> Option<f64> {
    let cols = block.window().cols;
    let (row, col) = ((pixel / cols) as f64 + shift.1, (pixel % cols) as f64 + shift.0);
    let first = row.floor() as usize * cols + col.floor() as usize;
    let (down, right) = (row - row.floor(), col - col.floor());
    let corner = |at: usize| (*block.after.gaps.get(at)? == 0).then(|| f64::from(block.after.bands[0][at]));
    let above = corner(first)? * (1.0 - right) + corner(first + 1)? * right;
    let below = corner(first + cols)? * (1.0 - right) + corner(first + cols + 1)? * right;
    Some(above * (1.0 - down) + below * down)
}

/// 1.4826 · median absolute deviation of the rises.
fn spread(slopes: &[Slope]) -> f64 {
    deviation(&slopes.iter().map(|s| s.rise as f32).collect::<Vec<_>>())
}

fn deviation(values: &[f32]) -> f64 {
    nmad(values, quantile(&mut values.to_vec(), 0.5))
}

/// How much further the later surface lies off (cols, rows): `rise = offset − slope · shift`.
fn step(slopes: &[Slope]) -> Option<(f64, f64)> {
    if slopes.len() < LEAST_PIXELS {
        return None;
    }
    let mut answer = Vector3::zeros();
    let mut sigma = f64::INFINITY;
    for _ in 0..WEIGHTINGS {
        let (mut normal, mut right) = (Matrix3::zeros(), Vector3::zeros());
        for slope in slopes {
            let row = Vector3::new(1.0, slope.cols, slope.rows);
            let away = (slope.rise - row.dot(&answer)) / (BIWEIGHT * sigma);
            let weight = (1.0 - away * away).max(0.0).powi(2);
            normal += weight * row * row.transpose();
            right += weight * slope.rise * row;
        }
        answer = normal.cholesky()?.solve(&right);
        let left = |s: &Slope| (s.rise - answer[0] - s.cols * answer[1] - s.rows * answer[2]) as f32;
        sigma = deviation(&slopes.iter().map(left).collect::<Vec<_>>()).max(f64::EPSILON);
    }
    Some((-answer[1], -answer[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    const SIDE: usize = 120;

    fn hills(x: f64, y: f64) -> f64 {
        6.0 * (x / 5.0).sin() * (y / 7.0).cos() + 3.0 * ((x + 2.0 * y) / 11.0).sin()
    }

    /// Hills moved by a shift and lifted, with a quarter of the ground cut down.
    fn pair(cols: f64, rows: f64) -> PairBlock {
        let window = Window { row: 0, col: 0, rows: SIDE, cols: SIDE };
        let scene = |height: &dyn Fn(f64, f64) -> f64| {
            let at = |i: usize| height((i % SIDE) as f64, (i / SIDE) as f64) as f32;
            SceneBlock { window, bands: vec![(0..window.len()).map(at).collect()], gaps: vec![gap::SEEN; window.len()] }
        };
        let after = |x: f64, y: f64| hills(x - cols, y - rows) + 0.8 - if x < 60.0 && y < 60.0 { 9.0 } else { 0.0 };
        PairBlock { before: scene(&hills), after: scene(&after) }
    }

    #[test]
    fn a_rough_shift_is_refined_although_a_quarter_of_the_ground_was_dug_away() {
        let start = MeasuredShift { cols: -0.5, rows: 0.3, spread: 0.2, tiles: 4 };
        let found = refined(&[&pair(-0.8, 0.7)], start);
        assert!((found.cols + 0.8).abs() < 0.03 && (found.rows - 0.7).abs() < 0.03, "{found:?}");
    }

    #[test]
    fn flat_ground_leaves_the_shift_as_it_was() {
        let start = MeasuredShift { cols: 0.4, rows: 0.0, spread: 0.1, tiles: 4 };
        let mut flat = pair(0.0, 0.0);
        flat.before.bands[0].fill(3.0);
        flat.after.bands[0].fill(3.0);
        assert_eq!(refined(&[&flat], start), start);
    }
}
