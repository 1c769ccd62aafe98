//! How far the later scene lies off the earlier one, to a fraction of a pixel.
//!
//! Phase correlation of gradient images, tile by tile ([`correlate`]), the telling bands adding their votes; the median of
//! the tiles that give a clear peak is the shift, their spread its error. Where the tiles tell of a shift that changes
//! smoothly from place to place, [`field`] finds it.
//!
//! Source: phase correlation, Kuglin & Hines 1975; tile-wise and robust for remote sensing as in AROSICS, Scheffler et al.
//! 2017 (doi:10.3390/rs9070676).

pub mod correlate;
pub mod field;

use super::sample::NORMAL;

pub use correlate::{Correlator, Tiles};

/// What may be taken back of a measured misfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing: it is told alone.
    Nothing,
    /// One shift.
    OneShift,
    /// One shift, or a field where that explains much more.
    Field,
}

/// Shift of one tile, in pixels: where the later scene's content lies relative to the earlier one's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TileShift {
    /// Columns to the right.
    pub cols: f64,
    /// Rows down.
    pub rows: f64,
    /// The tile's centre on the analysis grid (col, row).
    pub centre: (f64, f64),
    /// Side of the tile along the columns and rows.
    pub side: (f64, f64),
    /// How far its peak stands above the rest, in standard deviations of the correlation surface.
    pub peak: f64,
}

impl TileShift {
    /// Distance of this shift from another, in pixels.
    #[must_use]
    pub fn away(&self, (cols, rows): (f64, f64)) -> f64 {
        (self.cols - cols).hypot(self.rows - rows)
    }
}

/// The robust shift of many tiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredShift {
    /// Columns to the right; the mean of a field.
    pub cols: f64,
    /// Rows down.
    pub rows: f64,
    /// 1.4826 · median distance of the tiles' shifts from it, in pixels; from the field, where there is one.
    pub spread: f64,
    /// Number of tiles.
    pub tiles: usize,
}

/// Fewer tiles than this give no shift; a small scene that is one tile may speak for itself.
const LEAST_TILES: usize = 3;

/// Tiles that disagree more than this (pixels) measure nothing but chance.
const LARGEST_SPREAD: f64 = 1.0;

/// Whether too few of the tiles offered could be measured for a shift.
#[must_use]
pub fn too_few(tiles: &[TileShift], offered: usize) -> bool {
    tiles.is_empty() || (tiles.len() < LEAST_TILES && tiles.len() < offered)
}

/// The common shift; `None` where too few tiles could be measured or they disagree.
#[must_use]
pub fn combine(tiles: &[TileShift], offered: usize) -> Option<MeasuredShift> {
    if too_few(tiles, offered) {
        return None;
    }
    let (cols, rows) = middle(tiles);
    let spread = spread_about(tiles, |_| (cols, rows));
    (spread <= LARGEST_SPREAD).then_some(MeasuredShift { cols, rows, spread, tiles: tiles.len() })
}

/// The median shift of tiles.
#[must_use]
pub fn middle(tiles: &[TileShift]) -> (f64, f64) {
    (median(tiles.iter().map(|t| t.cols)), median(tiles.iter().map(|t| t.rows)))
}

/// 1.4826 · median distance of the tiles' shifts from what is expected of each.
#[must_use]
pub fn spread_about(tiles: &[TileShift], expected: impl Fn(&TileShift) -> (f64, f64)) -> f64 {
    NORMAL * median(tiles.iter().map(|tile| tile.away(expected(tile))))
}

/// Tiles that lie further off than so many spreads tell of something else than the misfit.
const STRAY: f64 = 4.0;

/// Root of the mean squared distance of the tiles' shifts from what is expected of each, strays left out.
#[must_use]
pub fn rmse_about(tiles: &[TileShift], expected: impl Fn(&TileShift) -> (f64, f64)) -> f64 {
    let away: Vec<f64> = tiles.iter().map(|tile| tile.away(expected(tile))).collect();
    let limit = STRAY * NORMAL * median(away.iter().copied());
    let kept = || away.iter().filter(|away| **away <= limit);
    (kept().map(|away| away * away).sum::<f64>() / kept().count().max(1) as f64).sqrt()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    if n == 0 { 0.0 } else { f64::midpoint(values[(n - 1) / 2], values[n / 2]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(cols: f64) -> TileShift {
        TileShift { cols, rows: 0.0, centre: (0.0, 0.0), side: (128.0, 128.0), peak: 30.0 }
    }

    #[test]
    fn tiles_that_disagree_measure_nothing() {
        assert_eq!(combine(&[tile(-9.0), tile(0.0), tile(12.0)], 3), None);
        let agreed = combine(&[tile(0.5), tile(0.6), tile(0.55), tile(30.0)], 4).unwrap();
        assert!((agreed.cols - 0.575).abs() < 1e-9);
    }

    #[test]
    fn a_stray_tile_does_not_count_in_the_residual() {
        let tiles = [tile(0.1), tile(-0.1), tile(0.1), tile(-0.1), tile(30.0)];
        assert!((rmse_about(&tiles, |_| (0.0, 0.0)) - 0.1).abs() < 1e-9);
    }
}
