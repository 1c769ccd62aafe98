//! The shift of one tile, by phase correlation of gradient images, the telling bands adding their votes. Gradients, because
//! brightness changes between years and edges stay.
//!
//! Source: phase correlation, Kuglin & Hines 1975; normalised cross-power on gradient images against illumination, Argyriou
//! & Vlachos 2003. Where dark and bright may be exchanged, the gradient's angle is doubled, which makes its sign vanish:
//! orientation correlation, Fitch et al. 2002.

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::model::raster::PairBlock;
use crate::model::scene::BandRole;

use super::TileShift;

/// Smallest side on which a shift is still measured.
const LEAST_TILE: usize = 64;

/// Share of a tile that both scenes must have seen.
const LEAST_SEEN: f64 = 0.9;

/// How far the peak must stand above the rest, in standard deviations of the correlation surface.
pub(super) const LEAST_PEAK: f32 = 12.0;

/// Which tiles of a block are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiles {
    /// Longest side in pixels; a shift of up to a quarter of it is found.
    pub side: usize,
    /// At most so many, evenly spread; they may overlap by half.
    pub most: usize,
}

impl Tiles {
    /// For a shift of any size.
    #[must_use]
    pub fn large(most: usize) -> Self {
        Self { side: 256, most }
    }

    /// For how a small shift changes from place to place.
    #[must_use]
    pub fn small(most: usize) -> Self {
        Self { side: 128, most }
    }
}

/// Bands whose edges say different things, the most telling first: haze hides little in near infrared, and the visible
/// bands repeat each other.
const TELLING: [BandRole; 5] = [BandRole::Nir, BandRole::Red, BandRole::Swir1, BandRole::Green, BandRole::Blue];

/// So many of them vote: with two alone, shifts measured on real aerial years strayed by a fifth of a pixel.
const TELLING_BANDS: usize = 4;

/// Measures tiles of blocks; keeps its Fourier plans between them.
pub struct Correlator {
    planner: FftPlanner<f32>,
    bands: Vec<usize>,
    sign_counts: bool,
}

impl Correlator {
    /// For blocks with these bands.
    #[must_use]
    pub fn new(roles: &[BandRole]) -> Self {
        let telling = TELLING.iter().filter_map(|role| roles.iter().position(|r| r == role));
        let mut bands: Vec<usize> = telling.take(TELLING_BANDS).collect();
        if bands.is_empty() {
            bands = (0..roles.len().min(TELLING_BANDS)).collect();
        }
        Self { planner: FftPlanner::new(), bands, sign_counts: true }
    }

    /// The same for scenes in which what is dark in one may be bright in the other, band by band and place by place. It
    /// measures a little less surely.
    #[must_use]
    pub fn whatever_the_sign(self) -> Self {
        Self { sign_counts: false, ..self }
    }

    /// The shifts of tiles spread evenly over a block; `None` for a tile of which too little was seen, or in which no peak
    /// stands out. Empty where the block is too small.
    pub fn measure(&mut self, block: &PairBlock, tiles: Tiles) -> Vec<Option<TileShift>> {
        let window = block.window();
        let (rows, cols) = (fitting(window.rows, tiles.side), fitting(window.cols, tiles.side));
        if rows < LEAST_TILE || cols < LEAST_TILE {
            return Vec::new();
        }
        let (tops, lefts) = (places(window.rows, rows), places(window.cols, cols));
        let all = tops.len() * lefts.len();
        let count = tiles.most.min(all);
        let corner = |i: usize| {
            let at = (2 * i + 1) * all / (2 * count);
            (tops[at / lefts.len()], lefts[at % lefts.len()])
        };
        let stride = window.cols;
        (0..count).map(|i| self.measure_tile(block, &Tile { rows, cols, corner: corner(i), stride })).collect()
    }

    fn measure_tile(&mut self, block: &PairBlock, tile: &Tile) -> Option<TileShift> {
        let seen = tile.pixels().filter(|&p| block.seen(p)).count();
        if (seen as f64) < LEAST_SEEN * (tile.rows * tile.cols) as f64 {
            return None;
        }
        let spectrum = self.cross_power(block, tile)?;
        let (peak, (cols, rows)) = peak(&self.surface(spectrum, tile), tile.rows, tile.cols)?;
        Some(TileShift { cols, rows, centre: tile.centre(block), side: (tile.cols as f64, tile.rows as f64), peak })
    }

    /// Sum over the bands of the whitened cross-power spectra. Frequencies weaker than the mean are whitened less: they
    /// hold noise and the taper's leakage, which would vote for no shift.
    fn cross_power(&mut self, block: &PairBlock, tile: &Tile) -> Option<Vec<Complex32>> {
        let weights = tile.weights(block);
        let mut sum = vec![Complex32::new(0.0, 0.0); tile.rows * tile.cols];
        for band in self.bands.clone() {
            let (before, after) = (&block.before.bands[band], &block.after.bands[band]);
            let (Some(mut a), Some(mut b)) = (self.edges(tile, before, &weights), self.edges(tile, after, &weights))
            else {
                continue;
            };
            self.transform(&mut a, tile, false);
            self.transform(&mut b, tile, false);
            // A plain root: `norm` guards against overflow, which gradients of images do not come near.
            let length = |c: &Complex32| c.norm_sqr().sqrt();
            for (b, a) in b.iter_mut().zip(&a) {
                *b *= a.conj();
            }
            let mean = b.iter().map(length).sum::<f32>() / b.len() as f32;
            for (sum, cross) in sum.iter_mut().zip(&b) {
                *sum += cross / (length(cross) + mean);
            }
        }
        sum.iter().any(|c| c.norm_sqr() > 0.0).then_some(sum)
    }

    /// The gradient of a band; where its sign does not count, with its angle doubled.
    fn edges(&self, tile: &Tile, band: &[f32], weights: &[f32]) -> Option<Vec<Complex32>> {
        let mut field = tile.gradient(band, weights)?;
        if !self.sign_counts {
            for value in &mut field {
                let length = value.norm_sqr().sqrt();
                *value = if length > 0.0 { *value * *value / length } else { *value };
            }
        }
        Some(field)
    }

    fn surface(&mut self, mut spectrum: Vec<Complex32>, tile: &Tile) -> Vec<f32> {
        low_pass(&mut spectrum, tile.rows, tile.cols);
        self.transform(&mut spectrum, tile, true);
        spectrum.iter().map(|c| c.re).collect()
    }

    fn transform(&mut self, values: &mut Vec<Complex32>, tile: &Tile, inverse: bool) {
        let mut plan =
            |n: usize| if inverse { self.planner.plan_fft_inverse(n) } else { self.planner.plan_fft_forward(n) };
        let (along, across): (std::sync::Arc<dyn Fft<f32>>, _) = (plan(tile.cols), plan(tile.rows));
        along.process(values);
        let mut turned = transposed(values, tile.rows, tile.cols);
        across.process(&mut turned);
        *values = transposed(&turned, tile.cols, tile.rows);
    }
}

/// The largest power of two that fits, at most `most`.
fn fitting(side: usize, most: usize) -> usize {
    let power = if side.is_power_of_two() { side } else { side.next_power_of_two() / 2 };
    power.min(most)
}

/// Where tiles of a side start so that they cover a length, each overlapping the next by half or more.
fn places(length: usize, side: usize) -> Vec<usize> {
    let (free, steps) = (length - side, (length - side).div_ceil(side / 2));
    (0..=steps).map(|i| (free * i).checked_div(steps).unwrap_or(0)).collect()
}

/// Side of the squares in which a matrix is turned.
const SQUARE: usize = 16;

fn transposed(values: &[Complex32], rows: usize, cols: usize) -> Vec<Complex32> {
    let mut out = vec![Complex32::default(); values.len()];
    // Square by square, so that both sides stay in the cache.
    for (top, left) in (0..rows).step_by(SQUARE).flat_map(|top| (0..cols).step_by(SQUARE).map(move |left| (top, left)))
    {
        for row in top..rows.min(top + SQUARE) {
            for col in left..cols.min(left + SQUARE) {
                out[col * rows + row] = values[row * cols + col];
            }
        }
    }
    out
}

/// A rectangle inside a block.
struct Tile {
    rows: usize,
    cols: usize,
    corner: (usize, usize),
    stride: usize,
}

impl Tile {
    fn pixels(&self) -> impl Iterator<Item = usize> + '_ {
        let start = self.corner.0 * self.stride + self.corner.1;
        (0..self.rows).flat_map(move |row| (0..self.cols).map(move |col| start + row * self.stride + col))
    }

    /// Its centre on the analysis grid (col, row).
    fn centre(&self, block: &PairBlock) -> (f64, f64) {
        let window = block.window();
        let middle = |start: usize, corner: usize, side: usize| (start + corner) as f64 + side as f64 / 2.0;
        (middle(window.col, self.corner.1, self.cols), middle(window.row, self.corner.0, self.rows))
    }

    /// How much the gradient at each pixel counts: the taper towards the tile's border. Gaps and their neighbours count
    /// nothing, so that their outline, which both scenes may share, gives no false peak.
    fn weights(&self, block: &PairBlock) -> Vec<f32> {
        let at = |row: usize, col: usize| (self.corner.0 + row) * self.stride + self.corner.1 + col;
        let (down, across) = (hann(self.rows), hann(self.cols));
        let mut weights = vec![0.0; self.rows * self.cols];
        for row in 1..self.rows - 1 {
            for col in 1..self.cols - 1 {
                let around = [at(row, col - 1), at(row, col + 1), at(row - 1, col), at(row + 1, col)];
                let seen = around.iter().all(|&p| block.seen(p));
                weights[row * self.cols + col] = if seen { down[row] * across[col] } else { 0.0 };
            }
        }
        weights
    }

    /// The complex gradient (∂x + i ∂y), weighted; `None` where the band is flat.
    fn gradient(&self, band: &[f32], weights: &[f32]) -> Option<Vec<Complex32>> {
        let line = |row: usize| {
            let start = (self.corner.0 + row) * self.stride + self.corner.1;
            &band[start..start + self.cols]
        };
        let mut field = vec![Complex32::new(0.0, 0.0); self.rows * self.cols];
        let mut energy = 0.0f32;
        for row in 1..self.rows - 1 {
            let (north, here, south) = (line(row - 1), line(row), line(row + 1));
            let span = row * self.cols..(row + 1) * self.cols;
            let (weights, field) = (&weights[span.clone()], &mut field[span]);
            for col in 1..self.cols - 1 {
                let slope = Complex32::new(here[col + 1] - here[col - 1], south[col] - north[col]);
                field[col] = slope * weights[col];
                energy += field[col].norm_sqr();
            }
        }
        (energy > 0.0).then_some(field)
    }
}

/// The Hann taper of a side.
fn hann(n: usize) -> Vec<f32> {
    (0..n).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / n as f32).cos()).collect()
}

/// Damps the highest frequencies, where noise and aliasing vote at random: a Gaussian that is 0.5 at 0.25 cycles/pixel.
fn low_pass(spectrum: &mut [Complex32], rows: usize, cols: usize) {
    let damping = std::f32::consts::LN_2 / (0.25 * 0.25);
    let factors = |n: usize| -> Vec<f32> {
        let cycles = |i: usize| (if i * 2 > n { i as f32 - n as f32 } else { i as f32 }) / n as f32;
        (0..n).map(|i| (-cycles(i).powi(2) * damping).exp()).collect()
    };
    let (down, across) = (factors(rows), factors(cols));
    for (row, factor) in spectrum.chunks_exact_mut(cols).zip(down) {
        for (value, across) in row.iter_mut().zip(&across) {
            *value *= factor * across;
        }
    }
}

/// How far the highest peak stands out, and its position (cols, rows), refined by a parabola in each direction; `None` where
/// it does not stand out or lies further off than a quarter of the tile.
fn peak(surface: &[f32], rows: usize, cols: usize) -> Option<(f64, (f64, f64))> {
    let best = (0..surface.len()).max_by(|&a, &b| surface[a].total_cmp(&surface[b]))?;
    let mean = surface.iter().sum::<f32>() / surface.len() as f32;
    let variance = surface.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / surface.len() as f32;
    let height = (surface[best] - mean) / variance.sqrt();
    if height.is_nan() || height < LEAST_PEAK {
        return None;
    }
    let (row, col) = (best / cols, best % cols);
    let value = |r: usize, c: usize| f64::from(surface[(r % rows) * cols + c % cols]);
    let centre = value(row, col);
    let row_offset = vertex(value(row + rows - 1, col), centre, value(row + 1, col));
    let col_offset = vertex(value(row, col + cols - 1), centre, value(row, col + 1));
    let signed = |i: usize, n: usize| if i * 2 > n { i as f64 - n as f64 } else { i as f64 };
    let (right, down) = (signed(col, cols) + col_offset, signed(row, rows) + row_offset);
    let near = right.abs() <= cols as f64 / 4.0 && down.abs() <= rows as f64 / 4.0;
    near.then_some((f64::from(height), (right, down)))
}

/// Where between −½ and ½ the Gaussian through three samples has its top: the low-passed peak is one.
fn vertex(left: f64, centre: f64, right: f64) -> f64 {
    if left <= 0.0 || right <= 0.0 || centre <= 0.0 {
        return 0.0;
    }
    let (l, c, r) = (left.ln(), centre.ln(), right.ln());
    let bend = l - 2.0 * c + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    /// A smooth random field: a sum of seeded waves, so that it can be sampled anywhere.
    fn field(x: f64, y: f64) -> f32 {
        let mut state = 11u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let waves = (0..60).map(|_| {
            let (fx, fy, phase) = (0.35 * (uniform() - 0.5), 0.35 * (uniform() - 0.5), uniform());
            (std::f64::consts::TAU * (fx * x + fy * y + phase)).sin()
        });
        waves.sum::<f64>() as f32
    }

    fn pair(dx: f64, dy: f64, gain: f32) -> PairBlock {
        let window = Window { row: 0, col: 0, rows: 130, cols: 140 };
        let plane = |dx: f64, dy: f64, gain: f32| -> Vec<f32> {
            let value = |i: usize| gain * field((i % 140) as f64 - dx, (i / 140) as f64 - dy) + 5.0;
            (0..window.len()).map(value).collect()
        };
        let scene = |band| SceneBlock { window, bands: vec![band], gaps: vec![gap::SEEN; window.len()] };
        PairBlock { before: scene(plane(0.0, 0.0, 1.0)), after: scene(plane(dx, dy, gain)) }
    }

    #[test]
    fn a_known_shift_is_measured_to_a_tenth_of_a_pixel() {
        for (dx, dy) in [(0.0, 0.0), (0.5, -0.3), (1.2, 2.7), (-6.4, 3.0)] {
            let shifts = Correlator::new(&[BandRole::Red]).measure(&pair(dx, dy, 1.7), Tiles::large(9));
            assert_eq!(shifts.len(), 4, "two by two tiles of 128 pixels");
            for shift in shifts {
                let shift = shift.unwrap();
                assert!((shift.cols - dx).abs() < 0.1 && (shift.rows - dy).abs() < 0.1, "{dx} {dy}: {shift:?}");
            }
        }
    }

    #[test]
    fn a_shift_is_measured_although_dark_and_bright_are_exchanged() {
        let inverted = pair(1.2, -2.7, -1.3);
        assert_eq!(Correlator::new(&[BandRole::Red]).measure(&inverted, Tiles::large(1)), [None]);
        for shift in Correlator::new(&[BandRole::Red]).whatever_the_sign().measure(&inverted, Tiles::large(9)) {
            let shift = shift.unwrap();
            assert!((shift.cols - 1.2).abs() < 0.2 && (shift.rows + 2.7).abs() < 0.2, "{shift:?}");
        }
    }

    #[test]
    fn a_tile_knows_where_it_lies_on_the_grid() {
        let tiles = Correlator::new(&[BandRole::Red]).measure(&pair(0.0, 0.0, 1.0), Tiles::large(9));
        let centres: Vec<(f64, f64)> = tiles.into_iter().flatten().map(|tile| tile.centre).collect();
        assert_eq!(centres, [(64.0, 64.0), (76.0, 64.0), (64.0, 66.0), (76.0, 66.0)]);
    }

    #[test]
    fn tiles_cover_a_block_and_one_tile_is_the_middle() {
        assert_eq!(places(512, 256), [0, 128, 256]);
        assert_eq!(places(400, 256), [0, 72, 144]);
        assert_eq!(places(256, 256), [0]);
        assert_eq!(Correlator::new(&[BandRole::Red]).measure(&pair(0.0, 0.0, 1.0), Tiles::large(1)).len(), 1);
    }

    #[test]
    fn a_flat_or_unseen_block_gives_no_shift() {
        let mut flat = pair(0.0, 0.0, 1.0);
        flat.after.bands[0].fill(3.0);
        assert_eq!(Correlator::new(&[BandRole::Red]).measure(&flat, Tiles::large(1)), [None]);
        let mut unseen = pair(0.0, 0.0, 1.0);
        unseen.after.gaps.fill(gap::NODATA);
        assert_eq!(Correlator::new(&[BandRole::Red]).measure(&unseen, Tiles::large(1)), [None]);
    }
}
