//! Change that half a pixel of misfit would explain.
//!
//! Two scenes never lie on each other exactly, and resampling blurs edges: along every edge of the ground their pixels
//! differ although nothing changed. A pixel's change is *firm* where it remains when the other scene may take any value
//! that it has within half a pixel. A patch without firm pixels is an edge, not ground that changed.
//!
//! Source: the idea of a difference that tolerates misregistration is that of the robust change vector (Thonfeld et al. 2016,
//! doi:10.1016/j.jag.2016.03.013); the half-pixel span, and reconstruction of whole patches from firm pixels as in
//! hysteresis thresholding (Canny 1986, doi:10.1109/TPAMI.1986.4767851), are this program's own. On the Landsat pair with
//! truth they raise F1 from 0.963 to 0.974; on an aerial scene against itself shifted by 0.5 to 2 pixels they take the
//! changed share from 16 % to under 0.1 %.

use crate::model::raster::PairBlock;

/// Share of a component's pixels that must be firm for all of it to stay.
pub const LEAST_FIRM: f64 = 0.05;

/// A pixel is firm where this part of the score at which change begins remains. Half a pixel takes the noise of every band out
/// of a score, not only what an edge does: with all of it squares planted in restless fields are lost.
pub const FIRM_SCORE: f32 = 0.9;

/// A pixel of one scene, mixed half and half with a neighbour or with itself.
#[derive(Clone, Copy)]
pub struct Mixed<'b> {
    bands: &'b [Vec<f32>],
    here: usize,
    near: usize,
}

impl Mixed<'_> {
    /// Its value in a band.
    #[must_use]
    pub fn band(&self, band: usize) -> f32 {
        f32::midpoint(self.bands[band][self.here], self.bands[band][self.near])
    }
}

/// The neighbours of a pixel that were seen at both dates.
pub struct Around {
    centre: usize,
    neighbours: [usize; 8],
    count: usize,
}

impl Around {
    /// The eight neighbours of a pixel inside its block.
    #[must_use]
    pub fn of(block: &PairBlock, pixel: usize) -> Self {
        let window = block.window();
        let (row, col) = (pixel / window.cols, pixel % window.cols);
        let (mut neighbours, mut count) = ([0; 8], 0);
        for near_row in row.saturating_sub(1)..(row + 2).min(window.rows) {
            for near_col in col.saturating_sub(1)..(col + 2).min(window.cols) {
                let near = near_row * window.cols + near_col;
                if near != pixel && block.seen(near) {
                    neighbours[count] = near;
                    count += 1;
                }
            }
        }
        Self { centre: pixel, neighbours, count }
    }

    /// The neighbours.
    pub fn neighbours(&self) -> impl Iterator<Item = usize> {
        self.neighbours[..self.count].iter().copied()
    }

    /// Lowest and highest value within half a pixel: half-way to the lowest and highest neighbour.
    #[must_use]
    pub fn span(&self, plane: &[f32]) -> (f32, f32) {
        let here = plane[self.centre];
        let values = self.neighbours[..self.count].iter().map(|&near| plane[near]);
        let (low, high) = values.fold((here, here), |(low, high), v| (low.min(v), high.max(v)));
        (f32::midpoint(here, low), f32::midpoint(here, high))
    }

    /// The pixel at both dates, one of them mixed half and half with a neighbour: of all ways in which one of the scenes may
    /// lie half a pixel off, the one that scores least.
    #[must_use]
    pub fn calmest<'b>(
        &self,
        block: &'b PairBlock,
        score: impl Fn(Mixed<'b>, Mixed<'b>) -> f32,
    ) -> (Mixed<'b>, Mixed<'b>) {
        let mixed = |(earlier, later): (usize, usize)| {
            let of = |bands, near| Mixed { bands, here: self.centre, near };
            (of(&block.before.bands, earlier), of(&block.after.bands, later))
        };
        let ways = self.neighbours().flat_map(|near| [(near, self.centre), (self.centre, near)]);
        let scored = |way| (score(mixed(way).0, mixed(way).1), way);
        let still = scored((self.centre, self.centre));
        let least = ways.map(scored).fold(still, |least, next| if next.0 < least.0 { next } else { least });
        mixed(least.1)
    }

    /// The least of a score over all ways in which one of the scenes may lie half a pixel off.
    #[must_use]
    pub fn least<'b>(&self, block: &'b PairBlock, score: impl Fn(Mixed<'b>, Mixed<'b>) -> f32) -> f32 {
        let (before, after) = self.calmest(block, &score);
        score(before, after)
    }

    /// What stays of the later value minus the earlier one at this pixel, whichever of the scenes may move by half a pixel.
    /// `before` and `after` hold comparable values once `as_after` has turned an earlier value into the later scene's units.
    #[must_use]
    pub fn apart(&self, before: &[f32], after: &[f32], as_after: impl Fn(f32) -> f32) -> f32 {
        let beyond = |(low, high): (f32, f32), value: f32| (low - value).max(value - high).max(0.0);
        let (low, high) = self.span(before);
        let (a, b) = (as_after(low), as_after(high));
        let (earlier, later) = (as_after(before[self.centre]), after[self.centre]);
        let later_moves = beyond(self.span(after), earlier);
        later_moves.min(beyond((a.min(b), a.max(b)), later)).copysign(later - earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    fn block(before: [f32; 15], after: [f32; 15]) -> PairBlock {
        let window = Window { row: 0, col: 0, rows: 3, cols: 5 };
        let scene = |band: [f32; 15]| SceneBlock { window, bands: vec![band.to_vec()], gaps: vec![gap::SEEN; 15] };
        PairBlock { before: scene(before), after: scene(after) }
    }

    fn apart(block: &PairBlock, pixel: usize) -> f32 {
        Around::of(block, pixel).apart(&block.before.bands[0], &block.after.bands[0], |v| v)
    }

    #[test]
    fn an_edge_moved_by_half_a_pixel_is_no_change_and_a_new_area_is() {
        let edge = [0.0, 0.0, 0.0, 8.0, 8.0, 0.0, 0.0, 0.0, 8.0, 8.0, 0.0, 0.0, 0.0, 8.0, 8.0];
        let moved = [0.0, 0.0, 4.0, 8.0, 8.0, 0.0, 0.0, 4.0, 8.0, 8.0, 0.0, 0.0, 4.0, 8.0, 8.0];
        assert!(apart(&block(edge, moved), 7).abs() < 1e-6);
        let filled = [8.0; 15];
        assert!((apart(&block(edge, filled), 6) - 8.0).abs() < 1e-6, "the inside of what is new stays");
    }

    #[test]
    fn gaps_are_no_neighbours() {
        let mut pair = block([0.0; 15], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((apart(&pair, 7) - 2.5).abs() < 1e-6);
        pair.after.gaps.fill(gap::NODATA);
        assert!((apart(&pair, 7) - 5.0).abs() < 1e-6);
    }
}
