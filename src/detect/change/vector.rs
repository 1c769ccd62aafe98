//! Change vector analysis: the length of the spectral change vector, each band in units of its own no-change spread.
//!
//! Source: Malila 1980 (LARS Symposia, paper 385) for the change vector; bands are normalised relative to each other by
//! [`super::super::normalise`], so that scenes of different gain, offset and bit depth compare.

use std::ops::Range;

use crate::model::raster::PairBlock;

use super::super::misfit::Around;
use super::super::normalise::{self, BandFit, Incomparable};
use super::super::sample::Sample;
use super::super::strata::Stratified;
use super::super::threshold::Noise;
use super::{ChangeMethod, Fitted, Vectors};

/// Change vector magnitude on normalised bands.
pub struct ChangeVector;

impl ChangeMethod for ChangeVector {
    fn word(&self) -> &'static str {
        "cva"
    }

    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable> {
        Ok(Stratified::over(FittedVector { fits: normalise::fit(sample)? }, sample))
    }
}

/// Scores are in no-change standard deviations: for unchanged pixels their square follows a chi-square law with as many
/// degrees of freedom as bands.
pub struct FittedVector {
    /// How each band compares; `None` where it does not.
    pub fits: Vec<Option<BandFit>>,
}

/// What is left of a band's change, in units of its noise, when either scene may lie half a pixel off.
fn firm_residual(fit: &BandFit, around: &Around, block: &PairBlock, band: usize) -> f32 {
    let (slope, intercept, sigma) = (fit.slope as f32, fit.intercept as f32, fit.sigma as f32);
    around.apart(&block.before.bands[band], &block.after.bands[band], |x| x * slope + intercept) / sigma
}

impl Vectors for FittedVector {
    fn components(&self) -> usize {
        self.fits.len()
    }

    fn vectors(&self, block: &PairBlock, pixels: Range<usize>, planes: &mut [Vec<f32>]) {
        for ((band, fit), plane) in self.fits.iter().enumerate().zip(planes) {
            let Some(fit) = fit else {
                plane.fill(0.0);
                continue;
            };
            let inverse = (1.0 / fit.sigma) as f32;
            let (slope, intercept) = ((fit.slope / fit.sigma) as f32, (fit.intercept / fit.sigma) as f32);
            let values = block.before.bands[band][pixels.clone()].iter().zip(&block.after.bands[band][pixels.clone()]);
            for (component, (&x, &y)) in plane.iter_mut().zip(values) {
                *component = y * inverse - x * slope - intercept;
            }
        }
    }

    fn firm_vector(&self, block: &PairBlock, pixel: usize, vector: &mut [f32]) {
        let around = Around::of(block, pixel);
        for ((band, fit), component) in self.fits.iter().enumerate().zip(vector) {
            *component = fit.as_ref().map_or(0.0, |fit| firm_residual(fit, &around, block, band));
        }
    }

    fn noise(&self) -> Noise {
        Noise::chi(self.fits.iter().flatten().count())
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        normalise::in_units_of_before(&self.fits, band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        normalise::parameters(&self.fits)
    }
}
