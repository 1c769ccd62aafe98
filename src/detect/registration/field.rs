//! A shift that changes smoothly from place to place: rotation, another scale, a warped mosaic.
//!
//! A cubic B-spline is fitted to the tiles' shifts, its bending penalised; infinitely stiff it is an affine field. Tiles weigh
//! by how clear their peak is, and strays do not pull. How stiff it is, and whether it is adopted at all, is decided by how
//! well the field foretells the tiles that it has not seen: each is left out in turn, with all that share ground with it.
//!
//! Source: penalised B-splines, Eilers & Marx 1996 (doi:10.1214/ss/1038425655); weights are Tukey's biweight (Beaton & Tukey
//! 1974, doi:10.1080/00401706.1974.10489171). The bounds of adoption are this program's own.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::model::displacement::{ControlLattice, SmoothField};
use crate::model::grid::Window;

use super::correlate::LEAST_PEAK;
use super::{TileShift, middle, spread_about};

/// Cells of the lattice along the longer side.
const CELLS: usize = 6;

/// Weights of the bending from affine to supple, against one clear tile.
const STIFFNESS: [f64; 6] = [1e6, 30.0, 3.0, 0.3, 0.03, 0.003];

/// A suppler field must foretell the tiles at least so much better than a stiffer one.
const SUPPLER: f64 = 0.85;

/// A field is adopted where the tiles left out lie off it by no more than this share of their spread about one shift.
const LARGEST_SHARE: f64 = 0.6;

/// A field that leaves more than this (pixels) explains nothing.
const LARGEST_SPREAD_PX: f64 = 0.5;

/// Fewer tiles than this tell of no field.
const LEAST_TILES: usize = 8;

/// Share of the tiles that must agree with the field.
const LEAST_AGREEING: f64 = 0.6;

/// Standard error of the field over the ground compared, root mean square in pixels: beyond it the tiles lie too few or too
/// far away.
const LARGEST_ERROR_PX: f64 = 0.3;

/// The error is looked at in the middle of so many parts of the ground along each side.
const LOOKS: usize = 8;

/// Rounds of weighting.
const WEIGHTINGS: usize = 6;

/// Tiles further off than this many standard deviations do not weigh.
const BIWEIGHT: f64 = 4.685;

/// A clear tile does not weigh more than this many faint ones.
const MOST_WEIGHT: f64 = 8.0;

/// The scatter of tiles is never taken for smaller than this, in pixels.
const LEAST_SCATTER_PX: f64 = 0.01;

/// What separates the spread of distances in the plane from their standard deviation along one axis: the median of a
/// Rayleigh variable, times 1.4826.
const SPREAD_OF_AXIS: f64 = 1.7456;

/// The smooth field of shifts over a window of the analysis grid; `None` where one shift explains the tiles about as well, or
/// where the tiles do not agree on a field.
#[must_use]
pub fn smooth(tiles: &[TileShift], over: &Window) -> Option<SmoothField> {
    if tiles.len() < LEAST_TILES || over.is_empty() {
        return None;
    }
    let one = middle(tiles);
    let spread = spread_about(tiles, |_| one);
    let lattice = lattice(over);
    let mut best: Option<Fit> = None;
    for stiffness in STIFFNESS {
        let Some(fit) = Fit::of(tiles, &lattice, stiffness, over) else { continue };
        if best.as_ref().is_none_or(|best| fit.foretold < SUPPLER * best.foretold) {
            best = Some(fit);
        }
    }
    best.filter(|fit| fit.foretold <= LARGEST_SPREAD_PX.min(LARGEST_SHARE * spread)).map(|fit| fit.field)
}

/// Square cells over a window.
fn lattice(over: &Window) -> ControlLattice {
    let longest = over.rows.max(over.cols) as f64;
    let spacing = longest / CELLS as f64;
    let cells = |side: usize| ((side as f64 / spacing - 1e-9).ceil() as usize).max(1);
    ControlLattice { origin: (over.col as f64, over.row as f64), spacing, cells: (cells(over.cols), cells(over.rows)) }
}

/// A field fitted to tiles.
struct Fit {
    field: SmoothField,
    /// 1.4826 · median distance of the tiles from what the others foretell of them.
    foretold: f64,
}

/// The normal equations of a fit, solved.
struct Solved {
    /// A row of spline weights for each tile.
    basis: DMatrix<f64>,
    weights: Vec<f64>,
    normal: Cholesky<f64, Dyn>,
    /// Control points: columns in the first column, rows in the second.
    controls: DMatrix<f64>,
}

impl Fit {
    fn of(tiles: &[TileShift], lattice: &ControlLattice, stiffness: f64, over: &Window) -> Option<Self> {
        let penalty = bending(lattice) * stiffness;
        let basis = basis(tiles, lattice);
        let mut expected = vec![middle(tiles); tiles.len()];
        let mut solved: Option<Solved> = None;
        for _ in 0..WEIGHTINGS {
            let weights = weights(tiles, &expected);
            let step = Solved::of(tiles, &basis, weights, &penalty)?;
            let fitted = &step.basis * &step.controls;
            expected = fitted.row_iter().map(|row| (row[0], row[1])).collect();
            solved = Some(step);
        }
        let solved = solved?;
        let agreeing = solved.weights.iter().filter(|w| **w > 0.0).count();
        if (agreeing as f64) < LEAST_AGREEING * tiles.len() as f64 {
            return None;
        }
        let foretold = spread_of(&solved.left_out(tiles, &expected));
        if solved.error(lattice, over) * foretold / SPREAD_OF_AXIS > LARGEST_ERROR_PX {
            return None;
        }
        let controls = solved.controls.row_iter().map(|row| (row[0], row[1])).collect();
        Some(Self { field: SmoothField { lattice: *lattice, controls }, foretold })
    }
}

fn spread_of(away: &[f64]) -> f64 {
    super::NORMAL * super::median(away.iter().copied())
}

/// By peak and by agreement with what is expected; the mean is 1 where all agree.
fn weights(tiles: &[TileShift], expected: &[(f64, f64)]) -> Vec<f64> {
    let away: Vec<f64> = tiles.iter().zip(expected).map(|(tile, &expected)| tile.away(expected)).collect();
    let scatter = spread_of(&away).max(LEAST_SCATTER_PX);
    let clear = |tile: &TileShift| (tile.peak / f64::from(LEAST_PEAK)).powi(2).min(MOST_WEIGHT);
    let mean = tiles.iter().map(clear).sum::<f64>() / tiles.len() as f64;
    let weight = |(tile, away): (&TileShift, &f64)| {
        let agreement = (1.0 - (away / (BIWEIGHT * scatter)).powi(2)).max(0.0).powi(2);
        agreement * clear(tile) / mean
    };
    tiles.iter().zip(&away).map(weight).collect()
}

fn basis(tiles: &[TileShift], lattice: &ControlLattice) -> DMatrix<f64> {
    let mut basis = DMatrix::zeros(tiles.len(), lattice.len());
    for (row, tile) in tiles.iter().enumerate() {
        for (control, weight) in lattice.taps(tile.centre.0, tile.centre.1) {
            basis[(row, control)] += weight;
        }
    }
    basis
}

/// The squared bending of a field as a quadratic form of its control points: second differences along both axes, and twice
/// the mixed one. An affine field does not bend.
fn bending(lattice: &ControlLattice) -> DMatrix<f64> {
    let (cols, rows) = lattice.size();
    let at = |col: usize, row: usize| row * cols + col;
    let mut form = DMatrix::zeros(lattice.len(), lattice.len());
    let mut add = |terms: &[(usize, f64)], factor: f64| {
        for &(i, a) in terms {
            for &(j, b) in terms {
                form[(i, j)] += factor * a * b;
            }
        }
    };
    for (row, col) in (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))) {
        if col + 2 < cols {
            add(&[(at(col, row), 1.0), (at(col + 1, row), -2.0), (at(col + 2, row), 1.0)], 1.0);
        }
        if row + 2 < rows {
            add(&[(at(col, row), 1.0), (at(col, row + 1), -2.0), (at(col, row + 2), 1.0)], 1.0);
        }
        if col + 1 < cols && row + 1 < rows {
            let corners = [at(col, row), at(col + 1, row), at(col, row + 1), at(col + 1, row + 1)];
            add(&[(corners[0], 1.0), (corners[1], -1.0), (corners[2], -1.0), (corners[3], 1.0)], 2.0);
        }
    }
    form
}

impl Solved {
    fn of(tiles: &[TileShift], basis: &DMatrix<f64>, weights: Vec<f64>, penalty: &DMatrix<f64>) -> Option<Self> {
        let weighted = DMatrix::from_fn(basis.nrows(), basis.ncols(), |row, col| basis[(row, col)] * weights[row]);
        let normal = (weighted.tr_mul(basis) + penalty).cholesky()?;
        let shifts = DMatrix::from_fn(tiles.len(), 2, |row, axis| [tiles[row].cols, tiles[row].rows][axis]);
        let controls = normal.solve(&weighted.tr_mul(&shifts));
        let finite = controls.iter().all(|v| v.is_finite());
        finite.then(|| Self { basis: basis.clone(), weights, normal, controls })
    }

    /// How far each tile lies from what the others foretell of it, those that share ground with it left out. A fit is linear
    /// in the shifts, so that leaving tiles out needs no second one: their residuals are (1 − H)⁻¹ times those of the fit,
    /// where H is how they pull at each other.
    fn left_out(&self, tiles: &[TileShift], expected: &[(f64, f64)]) -> Vec<f64> {
        let spread = self.normal.solve(&self.basis.transpose());
        let pull = |i: usize, j: usize| self.basis.row(i).dot(&spread.column(j).transpose()) * self.weights[j];
        let away = |at: usize| {
            let near: Vec<usize> = (0..tiles.len()).filter(|&other| share_ground(&tiles[at], &tiles[other])).collect();
            let kept = DMatrix::from_fn(near.len(), near.len(), |a, b| f64::from(a == b) - pull(near[a], near[b]));
            let residuals = |axis: fn(&TileShift, (f64, f64)) -> f64| {
                DVector::from_iterator(near.len(), near.iter().map(|&i| axis(&tiles[i], expected[i])))
            };
            let own = near.iter().position(|&other| other == at)?;
            let solver = kept.lu();
            let cols = solver.solve(&residuals(|tile, expected| tile.cols - expected.0))?;
            let rows = solver.solve(&residuals(|tile, expected| tile.rows - expected.1))?;
            Some(cols[own].hypot(rows[own]))
        };
        (0..tiles.len()).map(|at| away(at).unwrap_or(f64::INFINITY)).collect()
    }

    /// Root of the mean squared standard error of the field over a window, against tiles that scatter by one pixel.
    fn error(&self, lattice: &ControlLattice, over: &Window) -> f64 {
        let along = |start: usize, length: usize, look: usize| {
            start as f64 + length as f64 * (look as f64 + 0.5) / LOOKS as f64
        };
        let squared = |(down, right): (usize, usize)| {
            let mut row = DVector::zeros(lattice.len());
            for (control, weight) in lattice.taps(along(over.col, over.cols, right), along(over.row, over.rows, down)) {
                row[control] += weight;
            }
            row.dot(&self.normal.solve(&row))
        };
        let places = (0..LOOKS).flat_map(|down| (0..LOOKS).map(move |right| (down, right)));
        (places.map(squared).sum::<f64>() / (LOOKS * LOOKS) as f64).max(0.0).sqrt()
    }
}

/// Whether two tiles overlap: they then measure partly the same.
fn share_ground(a: &TileShift, b: &TileShift) -> bool {
    let near = |a: f64, b: f64, sides: f64| (a - b).abs() < sides / 2.0;
    near(a.centre.0, b.centre.0, a.side.0 + b.side.0) && near(a.centre.1, b.centre.1, a.side.1 + b.side.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVER: Window = Window { row: 0, col: 0, rows: 700, cols: 900 };

    /// Tiles of 128 pixels that overlap by half, which tell a field with scatter; every ninth strays.
    fn tiles(scatter: f64, field: impl Fn(f64, f64) -> (f64, f64)) -> Vec<TileShift> {
        let mut state = 5u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let centres = (0..9)
            .flat_map(|down| (0..12).map(move |right| (64.0 + 67.0 * f64::from(right), 64.0 + 71.0 * f64::from(down))));
        let tile = |(at, centre): (usize, (f64, f64))| {
            let (cols, rows) = field(centre.0, centre.1);
            let noise = if at % 9 == 4 { 40.0 } else { 3.46 * scatter };
            let (cols, rows) = (cols + noise * uniform(), rows + noise * uniform());
            TileShift { cols, rows, centre, side: (128.0, 128.0), peak: 20.0 + 10.0 * uniform() }
        };
        centres.enumerate().map(tile).collect()
    }

    /// Root of the mean squared distance between a field found and the true one.
    fn error(found: &SmoothField, truth: impl Fn(f64, f64) -> (f64, f64)) -> f64 {
        let places =
            (0..20).flat_map(|down| (0..20).map(move |right| (f64::from(right) * 47.0, f64::from(down) * 36.0)));
        let squared = |(col, row): (f64, f64)| {
            let (found, truth) = (found.at(col, row), truth(col, row));
            (found.0 - truth.0).powi(2) + (found.1 - truth.1).powi(2)
        };
        (places.map(squared).sum::<f64>() / 400.0).sqrt()
    }

    #[test]
    fn a_rotation_with_another_scale_is_found_although_every_ninth_tile_strays() {
        let turned = |col: f64, row: f64| {
            let (x, y) = (col - 450.0, row - 350.0);
            (5e-4 * x - 1.745e-3 * y + 0.3, 1.745e-3 * x + 5e-4 * y - 0.4)
        };
        let found = smooth(&tiles(0.08, turned), &OVER).unwrap();
        assert!(error(&found, turned) < 0.05, "{}", error(&found, turned));
    }

    #[test]
    fn a_wave_of_two_pixels_is_found() {
        let wave = |col: f64, row: f64| (2.0 * (col / 150.0).sin(), 2.0 * (row / 200.0 + col / 300.0).cos());
        let found = smooth(&tiles(0.08, wave), &OVER).unwrap();
        assert!(error(&found, wave) < 0.2, "{}", error(&found, wave));
    }

    #[test]
    fn tiles_about_one_shift_and_tiles_of_chance_tell_of_no_field() {
        for scatter in [0.02, 0.2, 0.5, 1.0, 5.0] {
            assert_eq!(smooth(&tiles(scatter, |_, _| (1.5, -0.5)), &OVER), None, "{scatter}");
        }
    }

    #[test]
    fn tiles_in_one_corner_tell_nothing_of_the_rest() {
        let wave = |col: f64, _: f64| (2.0 * (col / 150.0).sin(), 0.0);
        let mut corner = tiles(0.05, wave);
        corner.retain(|tile| tile.centre.0 < 300.0 && tile.centre.1 < 300.0);
        let wide = Window { rows: 7000, cols: 9000, ..OVER };
        assert_eq!(smooth(&corner, &wide), None);
    }
}
