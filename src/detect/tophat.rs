//! What is small on a plane: brighter or darker than its surroundings and narrower than a given width.
//!
//! An opening by reconstruction takes away bright things into which a square does not fit and leaves every wider one as it
//! is, edges and all; what it took away is the top hat. Of a field nothing remains, whatever its colour, of roofs, walls,
//! roads and, on the negative, their shadows all.
//!
//! Source: top hats by reconstruction for buildings in fine images, Pesaresi & Benediktsson 2001 (doi:10.1109/36.905239);
//! reconstruction by two sweeps and a queue, Vincent 1993 (doi:10.1109/83.217222).

use std::collections::VecDeque;

/// Planes with a margin of one cell all around, so that no neighbour needs a test. What is not known, and the margin, holds
/// [`UNKNOWN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Rows without the margin.
    pub rows: usize,
    /// Columns without the margin.
    pub cols: usize,
}

/// The value of a cell that is not known.
pub const UNKNOWN: f32 = f32::NEG_INFINITY;

impl Layout {
    /// Cells from one row to the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.cols + 2
    }

    /// Number of cells, margin included.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.rows + 2) * self.stride()
    }

    /// Whether it holds no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0 || self.cols == 0
    }

    /// Index of a cell.
    #[must_use]
    pub fn at(&self, row: usize, col: usize) -> usize {
        (row + 1) * self.stride() + col + 1
    }

    /// The indices of each row's cells.
    pub fn each_row(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let layout = *self;
        (0..layout.rows).map(move |row| layout.at(row, 0)..layout.at(row, 0) + layout.cols)
    }

    /// What stands out of a plane and is narrower than `2 · reach + 1` cells; zero where the plane is not known.
    #[must_use]
    pub fn top_hat(&self, plane: &[f32], reach: usize) -> Vec<f32> {
        let mut opened = self.eroded(plane, reach);
        opened.iter_mut().zip(plane).for_each(|(low, &value)| *low = low.min(value));
        self.reconstruct(&mut opened, plane);
        let hat = |(&value, &open): (&f32, &f32)| if value > UNKNOWN { value - open } else { 0.0 };
        plane.iter().zip(&opened).map(hat).collect()
    }

    /// The lowest known value of the square around each cell.
    fn eroded(&self, plane: &[f32], reach: usize) -> Vec<f32> {
        let known: Vec<f32> = plane.iter().map(|&v| if v > UNKNOWN { v } else { f32::INFINITY }).collect();
        self.over_square(&known, reach, f32::min)
    }

    /// The highest value of the cells next to each one.
    #[must_use]
    pub fn dilated(&self, plane: &[f32]) -> Vec<f32> {
        self.over_square(plane, 1, f32::max)
    }

    /// A fold over the square around each cell, along rows first.
    fn over_square(&self, plane: &[f32], reach: usize, fold: impl Fn(f32, f32) -> f32 + Copy) -> Vec<f32> {
        let (stride, mut across) = (self.stride(), plane.to_vec());
        for (folded, row) in across.chunks_exact_mut(stride).zip(plane.chunks_exact(stride)) {
            fold_along(folded, row, reach.min(stride - 1), 1, fold);
        }
        let mut square = across.clone();
        fold_along(&mut square, &across, reach.min(self.rows + 1), stride, fold);
        square
    }

    /// Lets a marker grow under a mask as far as it can, over sides and corners.
    fn reconstruct(&self, marker: &mut [f32], mask: &[f32]) {
        let stride = self.stride();
        let behind = [stride + 1, stride, stride - 1, 1];
        for p in self.each_row().flatten() {
            let highest = behind.iter().fold(marker[p], |high, off| high.max(marker[p - off]));
            marker[p] = highest.min(mask[p]);
        }
        let mut queue = VecDeque::new();
        for p in (0..self.rows).rev().flat_map(|row| (self.at(row, 0)..self.at(row, 0) + self.cols).rev()) {
            let highest = behind.iter().fold(marker[p], |high, off| high.max(marker[p + off]));
            marker[p] = highest.min(mask[p]);
            let grows = |q: usize| marker[q] < marker[p] && marker[q] < mask[q];
            if behind.iter().any(|off| grows(p + off)) {
                queue.push_back(p);
            }
        }
        while let Some(p) = queue.pop_front() {
            for q in behind.iter().flat_map(|off| [p - off, p + off]) {
                if marker[q] < marker[p] && marker[q] < mask[q] {
                    marker[q] = marker[p].min(mask[q]);
                    queue.push_back(q);
                }
            }
        }
    }
}

/// Folds into each value those up to `reach` places before and after it, `step` apart; there are none beyond the ends.
fn fold_along(folded: &mut [f32], values: &[f32], reach: usize, step: usize, fold: impl Fn(f32, f32) -> f32) {
    for off in (1..=reach).map(|place| place * step) {
        let left = values.len() - off;
        folded[..left].iter_mut().zip(&values[off..]).for_each(|(f, &v)| *f = fold(*f, v));
        folded[off..].iter_mut().zip(&values[..left]).for_each(|(f, &v)| *f = fold(*f, v));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(layout: Layout, value: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let mut plane = vec![UNKNOWN; layout.len()];
        for row in 0..layout.rows {
            for col in 0..layout.cols {
                plane[layout.at(row, col)] = value(row, col);
            }
        }
        plane
    }

    const LAYOUT: Layout = Layout { rows: 24, cols: 30 };

    #[test]
    fn a_roof_stands_out_and_a_field_with_all_its_edges_does_not() {
        let roof = |row: usize, col: usize| (4..7).contains(&row) && (5..9).contains(&col);
        let ground = plane(LAYOUT, |row, col| {
            let field = if col >= 15 { 60.0 } else { 10.0 };
            if roof(row, col) { 90.0 } else { field }
        });
        let hat = LAYOUT.top_hat(&ground, 3);
        for row in 0..LAYOUT.rows {
            for col in 0..LAYOUT.cols {
                let expected = if roof(row, col) { 80.0 } else { 0.0 };
                assert!((hat[LAYOUT.at(row, col)] - expected).abs() < 1e-5, "{row} {col}");
            }
        }
    }

    #[test]
    fn what_is_not_known_makes_nothing_small() {
        let gap = |row: usize, col: usize| row.is_multiple_of(5) && col > 3;
        let field = plane(LAYOUT, |row, col| if gap(row, col) { UNKNOWN } else { 10.0 + (col / 15) as f32 });
        assert!(LAYOUT.top_hat(&field, 2).iter().all(|&hat| hat == 0.0));
    }

    #[test]
    fn a_winding_shape_is_rebuilt_whole() {
        // A wide head with a long thin tail that turns back on itself.
        let shape = |row: usize, col: usize| {
            (row < 8 && col < 8)
                || (row == 4)
                || (col == 29 && row >= 4)
                || (row == 20 && col > 2)
                || (col == 3 && (12..21).contains(&row))
        };
        let ground = plane(LAYOUT, |row, col| f32::from(u8::from(shape(row, col))));
        assert!(LAYOUT.top_hat(&ground, 3).iter().all(|&hat| hat == 0.0));
    }
}
