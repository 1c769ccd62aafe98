//! Iteratively re-weighted multivariate alteration detection: differences of canonical variates, the change that no linear
//! relation between the two scenes explains. Indifferent to gain, offset and any mixing of bands.
//!
//! Source: MAD, Nielsen et al. 1998 (doi:10.1016/S0034-4257(97)00162-4); re-weighting by the chi-square probability of no
//! change, Nielsen 2007 (doi:10.1109/TIP.2006.888195).

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use crate::model::raster::PairBlock;

use super::super::chi_square;
use super::super::misfit::{Around, Mixed};
use super::super::normalise::{self, BandFit, Incomparable, LEAST_PIXELS};
use super::super::sample::{Sample, quantile};
use super::super::threshold::Noise;
use super::{ChangeMethod, Fitted, Lengths, Vectors};

/// Most rounds of re-weighting.
const MOST_ROUNDS: usize = 50;

/// Re-weighting ends when no correlation moves by more than this (Nielsen 2007).
const STILL: f64 = 1e-3;

/// Iteratively re-weighted MAD.
pub struct Alteration;

impl ChangeMethod for Alteration {
    fn word(&self) -> &'static str {
        "irmad"
    }

    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable> {
        let fits = normalise::fit(sample)?;
        let bands: Vec<usize> = (0..fits.len()).filter(|&band| fits[band].is_some()).collect();
        let variates = Variates::of(sample, &bands, MOST_ROUNDS).ok_or(Incomparable::Constant)?;
        let squares: Vec<f32> = (0..sample.len()).map(|i| variates.square(&sample.before, &sample.after, i)).collect();
        // After re-weighting Z is no longer chi-square over the whole scene; its median is made so again.
        let median = quantile(&mut squares.clone(), 0.5);
        let scale = if median > 0.0 { chi_square::exceeded_with(0.5, bands.len()) / median } else { 1.0 };
        Ok(Box::new(Lengths(FittedAlteration { variates, scale: scale.sqrt() as f32, fits })))
    }
}

/// Pixels that are enough to tell whether two scenes resemble each other.
const RESEMBLANCE_PIXELS: usize = 12_000;

/// How much two scenes resemble each other, whatever their units: the highest canonical correlation of their bands, 0 to 1.
/// Scenes of one place keep 0.7 and more over years and seasons on all real pairs tried. `None` where it cannot be told.
#[must_use]
pub fn resemblance(sample: &Sample) -> Option<f64> {
    let bands: Vec<usize> = (0..sample.bands()).collect();
    let variates = Variates::of(&sample.thinned(RESEMBLANCE_PIXELS), &bands, 1)?;
    variates.correlations.first().copied()
}

/// Canonical variates of two scenes over the pixels that did not change.
#[derive(Debug, Clone, PartialEq)]
pub struct Variates {
    /// Canonical correlations, the highest first.
    pub correlations: Vec<f64>,
    bands: Vec<usize>,
    /// Row `i` makes variate `i` of the earlier scene, in units of the MAD variate's standard deviation.
    before: DMatrix<f64>,
    after: DMatrix<f64>,
    mean_before: DVector<f64>,
    mean_after: DVector<f64>,
}

impl Variates {
    /// Of a sample, after at most so many rounds; one round is plain MAD. `None` where the bands are not independent.
    #[must_use]
    pub fn of(sample: &Sample, bands: &[usize], rounds: usize) -> Option<Self> {
        if sample.len() < LEAST_PIXELS || bands.is_empty() {
            return None;
        }
        let mut weights = vec![1.0; sample.len()];
        let mut found = Self::weighted(sample, bands, &weights)?;
        for _ in 1..rounds {
            for (i, weight) in weights.iter_mut().enumerate() {
                let square = f64::from(found.square(&sample.before, &sample.after, i));
                *weight = chi_square::survival(square, bands.len()).max(1e-9);
            }
            let next = Self::weighted(sample, bands, &weights)?;
            let moved = next.correlations.iter().zip(&found.correlations).map(|(a, b)| (a - b).abs());
            let still = moved.fold(0.0, f64::max) < STILL;
            found = next;
            if still {
                break;
            }
        }
        Some(found)
    }

    fn weighted(sample: &Sample, bands: &[usize], weights: &[f64]) -> Option<Self> {
        let moments = Moments::of(sample, bands, weights);
        let k = bands.len();
        let part = |row: usize, col: usize| moments.covariance.view((row, col), (k, k)).into_owned();
        let (s11, s12, s22) = (part(0, 0), part(0, k), part(k, k));
        let (cholesky, right) = (s11.cholesky()?, s22.cholesky()?);
        let lower = cholesky.l();
        let inner = &s12 * right.solve(&s12.transpose());
        let half = lower.solve_lower_triangular(&inner)?;
        let symmetric = lower.solve_lower_triangular(&half.transpose())?;
        let eigen = ((&symmetric + symmetric.transpose()) * 0.5).symmetric_eigen();
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let (mut before, mut after) = (DMatrix::zeros(k, k), DMatrix::zeros(k, k));
        let mut correlations = Vec::with_capacity(k);
        for (row, &at) in order.iter().enumerate() {
            let rho = eigen.eigenvalues[at].clamp(0.0, 1.0 - 1e-9).sqrt();
            let a = lower.transpose().solve_upper_triangular(&eigen.eigenvectors.column(at).into_owned())?;
            let b = right.solve(&(s12.transpose() * &a)) / rho.max(1e-9);
            let sigma = (2.0 * (1.0 - rho)).sqrt();
            before.set_row(row, &(a / sigma).transpose());
            after.set_row(row, &(b / sigma).transpose());
            correlations.push(rho);
        }
        let mean = |first: usize| moments.mean.rows(first, k).into_owned();
        Some(Self { correlations, bands: bands.to_vec(), before, after, mean_before: mean(0), mean_after: mean(k) })
    }

    /// Z of one pixel of planes: the sum of the squared, standardised MAD variates.
    #[must_use]
    pub fn square(&self, before: &[Vec<f32>], after: &[Vec<f32>], pixel: usize) -> f32 {
        self.z(|band| before[band][pixel], |band| after[band][pixel])
    }

    fn z(&self, before: impl Fn(usize) -> f32, after: impl Fn(usize) -> f32) -> f32 {
        (0..self.bands.len()).map(|at| self.variate(at, &before, &after).powi(2)).sum::<f64>() as f32
    }

    /// One of the MAD variates of a pixel, in units of its standard deviation.
    fn variate(&self, at: usize, before: impl Fn(usize) -> f32, after: impl Fn(usize) -> f32) -> f64 {
        let mut variate = 0.0;
        for (col, &band) in self.bands.iter().enumerate() {
            variate += self.before[(at, col)] * (f64::from(before(band)) - self.mean_before[col]);
            variate -= self.after[(at, col)] * (f64::from(after(band)) - self.mean_after[col]);
        }
        variate
    }
}

/// Weighted mean and covariance of both scenes' bands, the earlier scene's first. Population statistics.
struct Moments {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Moments {
    fn of(sample: &Sample, bands: &[usize], weights: &[f64]) -> Self {
        let planes: Vec<&[f32]> = [&sample.before, &sample.after]
            .into_iter()
            .flat_map(|scene| bands.iter().map(|&band| scene[band].as_slice()))
            .collect();
        let total: f64 = weights.iter().sum();
        let mean = |plane: &[f32]| plane.iter().zip(weights).map(|(&v, w)| w * f64::from(v)).sum::<f64>() / total;
        let means: Vec<f64> = planes.iter().map(|plane| mean(plane)).collect();
        let mut covariance = DMatrix::zeros(planes.len(), planes.len());
        for row in 0..planes.len() {
            for col in row..planes.len() {
                let products = planes[row].iter().zip(planes[col]).zip(weights);
                let sum: f64 =
                    products.map(|((&a, &b), w)| w * (f64::from(a) - means[row]) * (f64::from(b) - means[col])).sum();
                covariance[(row, col)] = sum / total;
                covariance[(col, row)] = sum / total;
            }
        }
        Self { mean: DVector::from_vec(means), covariance }
    }
}

/// Scores are the root of Z, vectors the MAD variates, scaled so that the median is that of unchanged pixels.
struct FittedAlteration {
    variates: Variates,
    scale: f32,
    fits: Vec<Option<BandFit>>,
}

impl Vectors for FittedAlteration {
    fn components(&self) -> usize {
        self.variates.bands.len()
    }

    fn vectors(&self, block: &PairBlock, pixels: Range<usize>, planes: &mut [Vec<f32>]) {
        let (before, after) = (&block.before.bands, &block.after.bands);
        for (at, plane) in planes.iter_mut().enumerate() {
            for (component, pixel) in plane.iter_mut().zip(pixels.clone()) {
                let variate = self.variates.variate(at, |band| before[band][pixel], |band| after[band][pixel]);
                *component = variate as f32 * self.scale;
            }
        }
    }

    fn firm_vector(&self, block: &PairBlock, pixel: usize, vector: &mut [f32]) {
        let z = |x: Mixed<'_>, y: Mixed<'_>| self.variates.z(|band| x.band(band), |band| y.band(band));
        let (x, y) = Around::of(block, pixel).calmest(block, z);
        for (at, component) in vector.iter_mut().enumerate() {
            *component = self.variates.variate(at, |band| x.band(band), |band| y.band(band)) as f32 * self.scale;
        }
    }

    fn noise(&self) -> Noise {
        Noise::chi(self.variates.bands.len())
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        normalise::in_units_of_before(&self.fits, band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        let named = |(i, rho): (usize, &f64)| (format!("correlation{}", i + 1), *rho);
        self.variates.correlations.iter().enumerate().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two mixed bands, the later scene a linear mix of the earlier one with noise, and some changed pixels.
    fn sample() -> Sample {
        let mut state = 9u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        let mut sample = Sample::empty(2);
        for i in 0..4000 {
            let (a, b) = (100.0 * uniform(), 60.0 * uniform());
            let step = if i % 50 == 0 { 80.0 } else { 0.0 };
            sample.before[0].push(a);
            sample.before[1].push(b);
            sample.after[0].push(2.0 * a - 0.5 * b + 4.0 * uniform() + step);
            sample.after[1].push(0.3 * a + b + 4.0 * uniform() - step);
        }
        sample
    }

    #[test]
    fn z_of_plain_mad_has_the_number_of_bands_as_its_mean() {
        let sample = sample();
        let variates = Variates::of(&sample, &[0, 1], 1).unwrap();
        let mean: f64 =
            (0..sample.len()).map(|i| f64::from(variates.square(&sample.before, &sample.after, i))).sum::<f64>()
                / sample.len() as f64;
        assert!((mean - 2.0).abs() < 1e-4, "{mean}");
    }

    #[test]
    fn change_stands_out_of_any_linear_mix_of_bands() {
        let sample = sample();
        let variates = Variates::of(&sample, &[0, 1], MOST_ROUNDS).unwrap();
        let z: Vec<f32> = (0..sample.len()).map(|i| variates.square(&sample.before, &sample.after, i)).collect();
        let least_changed = z.iter().step_by(50).copied().fold(f32::INFINITY, f32::min);
        let most_unchanged = z.iter().enumerate().filter(|(i, _)| i % 50 != 0).map(|(_, &z)| z).fold(0.0f32, f32::max);
        assert!(least_changed > 10.0 * most_unchanged, "{least_changed} {most_unchanged}");
    }

    #[test]
    fn a_scene_resembles_a_mix_of_its_bands_and_no_other_place() {
        let mut sample = sample();
        assert!(resemblance(&sample).unwrap() > 0.9);
        sample.after.iter_mut().for_each(|band| band.rotate_left(1234));
        assert!(resemblance(&sample).unwrap() < 0.1);
    }

    #[test]
    fn bands_that_repeat_each_other_are_refused() {
        let mut sample = sample();
        sample.before[1] = sample.before[0].clone();
        assert!(Variates::of(&sample, &[0, 1], 1).is_none());
    }
}
