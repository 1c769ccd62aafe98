//! How far a scene's content lies off its place on the analysis grid: nowhere, everywhere alike, or smoothly from place
//! to place. What measures it is `detect::registration`; what takes it back is the reader of the scene.

use std::sync::Arc;

/// How far right and down of its place a scene's content lies, in pixels of the analysis grid.
#[derive(Debug, Clone, PartialEq)]
pub enum Displacement {
    /// Everywhere alike: (cols, rows).
    Constant(f64, f64),
    /// From place to place.
    Field(Arc<SmoothField>),
}

impl Displacement {
    /// Content that lies where it should.
    pub const NONE: Self = Self::Constant(0.0, 0.0);

    /// Whether nothing is to be taken back.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// (cols, rows) at a position of the grid (col, row).
    #[must_use]
    pub fn at(&self, col: f64, row: f64) -> (f64, f64) {
        match self {
            Self::Constant(cols, rows) => (*cols, *rows),
            Self::Field(field) => field.at(col, row),
        }
    }

    /// (cols, rows) where they are the same everywhere.
    #[must_use]
    pub fn constant(&self) -> Option<(f64, f64)> {
        match self {
            Self::Constant(cols, rows) => Some((*cols, *rows)),
            Self::Field(_) => None,
        }
    }

    /// The same on a grid whose pixels are so many times as wide, from the same corner.
    #[must_use]
    pub fn coarser(&self, by: f64) -> Self {
        let shorter = |(cols, rows): (f64, f64)| (cols / by, rows / by);
        match self {
            Self::Constant(cols, rows) => Self::from(shorter((*cols, *rows))),
            Self::Field(field) => {
                let ControlLattice { origin, spacing, cells } = field.lattice;
                let lattice = ControlLattice { origin: shorter(origin), spacing: spacing / by, cells };
                Self::Field(Arc::new(SmoothField {
                    lattice,
                    controls: field.controls.iter().copied().map(shorter).collect(),
                }))
            }
        }
    }

    /// No part of it is longer along either axis than this.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let longest = |(cols, rows): &(f64, f64)| cols.abs().max(rows.abs());
        match self {
            Self::Constant(cols, rows) => longest(&(*cols, *rows)),
            Self::Field(field) => field.controls.iter().map(longest).fold(0.0, f64::max),
        }
    }

    /// Where content that lies at a position (col, row) belongs.
    #[must_use]
    pub fn place_of(&self, (col, row): (f64, f64)) -> (f64, f64) {
        // One step of the fixed point: what is left is the field's slope times its own change over its length.
        let guess = self.at(col, row);
        let (cols, rows) = self.at(col - guess.0, row - guess.1);
        (col - cols, row - rows)
    }
}

impl From<(f64, f64)> for Displacement {
    fn from((cols, rows): (f64, f64)) -> Self {
        Self::Constant(cols, rows)
    }
}

/// The lattice of a smooth field's control points over a part of the analysis grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlLattice {
    /// Position (col, row) of the grid at which the first cell begins.
    pub origin: (f64, f64),
    /// Side of a cell in pixels.
    pub spacing: f64,
    /// Cells along the columns and rows.
    pub cells: (usize, usize),
}

impl ControlLattice {
    /// Control points along the columns and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.cells.0 + 3, self.cells.1 + 3)
    }

    /// Number of control points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.size().0 * self.size().1
    }

    /// Whether it has none; it never has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The control points that a position (col, row) rests on, row by row, with their weights. Beyond the lattice the
    /// nearest position counts.
    #[must_use]
    pub fn taps(&self, col: f64, row: f64) -> [(usize, f64); 16] {
        let (first_col, across) = spline((col - self.origin.0) / self.spacing, self.cells.0);
        let (first_row, down) = spline((row - self.origin.1) / self.spacing, self.cells.1);
        let at = |i: usize| (first_row + i / 4) * self.size().0 + first_col + i % 4;
        std::array::from_fn(|i| (at(i), down[i / 4] * across[i % 4]))
    }
}

/// The cell of a position and the weights of its four control points: the uniform cubic B-spline.
fn spline(position: f64, cells: usize) -> (usize, [f64; 4]) {
    let inside = position.clamp(0.0, cells as f64);
    let cell = (inside as usize).min(cells - 1);
    let t = inside - cell as f64;
    let (t2, t3) = (t * t, t * t * t);
    let weights = [(1.0 - t).powi(3), 3.0 * t3 - 6.0 * t2 + 4.0, 3.0 * (t + t2 - t3) + 1.0, t3];
    (cell, weights.map(|w| w / 6.0))
}

/// A field without kinks: a cubic B-spline over control points.
#[derive(Debug, Clone, PartialEq)]
pub struct SmoothField {
    /// Where the control points lie.
    pub lattice: ControlLattice,
    /// (cols, rows) at each, row by row.
    pub controls: Vec<(f64, f64)>,
}

impl SmoothField {
    /// (cols, rows) at a position of the grid.
    #[must_use]
    pub fn at(&self, col: f64, row: f64) -> (f64, f64) {
        let add = |sum: (f64, f64), (control, weight): (usize, f64)| {
            let (cols, rows) = self.controls[control];
            (sum.0 + weight * cols, sum.1 + weight * rows)
        };
        self.lattice.taps(col, row).into_iter().fold((0.0, 0.0), add)
    }

    /// The same field with further values added at its control points.
    #[must_use]
    pub fn plus(&self, further: impl Fn(usize) -> (f64, f64)) -> Self {
        let add = |(at, &(cols, rows)): (usize, &(f64, f64))| (cols + further(at).0, rows + further(at).1);
        Self { lattice: self.lattice, controls: self.controls.iter().enumerate().map(add).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A B-spline gives back a plane whose values stand at its control points.
    fn tilted() -> Displacement {
        let lattice = ControlLattice { origin: (10.0, 20.0), spacing: 50.0, cells: (4, 3) };
        let value = |i: usize| {
            let (col, row) = ((i % 7) as f64 * 50.0 - 40.0, (i / 7) as f64 * 50.0 - 30.0);
            (0.01 * col - 1.0, 0.02 * row)
        };
        Displacement::Field(Arc::new(SmoothField { lattice, controls: (0..lattice.len()).map(value).collect() }))
    }

    #[test]
    fn a_plane_is_a_plane_between_its_control_points() {
        for (col, row) in [(10.0, 20.0), (77.0, 91.5), (210.0, 170.0)] {
            let (cols, rows) = tilted().at(col, row);
            assert!((cols - (0.01 * col - 1.0)).abs() < 1e-9 && (rows - 0.02 * row).abs() < 1e-9, "{col} {row}");
        }
    }

    #[test]
    fn content_goes_back_to_the_place_from_which_the_field_leads_to_it() {
        let (col, row) = tilted().place_of((120.0, 90.0));
        let (cols, rows) = tilted().at(col, row);
        assert!((col + cols - 120.0).abs() < 1e-3 && (row + rows - 90.0).abs() < 1e-3);
    }

    #[test]
    fn no_part_of_a_field_is_longer_than_its_bound() {
        let field = tilted();
        let longest = (0..200).map(|i| field.at(f64::from(i), f64::from(i))).map(|(c, r)| c.abs().max(r.abs()));
        assert!(longest.fold(0.0, f64::max) <= field.bound());
        assert!(Displacement::NONE.is_none() && Displacement::Constant(0.0, 1.0).bound() > 0.5);
    }
}
