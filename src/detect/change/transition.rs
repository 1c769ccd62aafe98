//! Post-classification comparison: two land-cover maps differ, or they do not.

use crate::model::raster::PairBlock;

use super::super::normalise::Incomparable;
use super::super::sample::Sample;
use super::{ChangeMethod, Fitted};

/// Comparison of two land-cover maps with one legend.
pub struct ClassTransition;

impl ChangeMethod for ClassTransition {
    fn word(&self) -> &'static str {
        "transition"
    }

    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable> {
        if sample.is_empty() { Err(Incomparable::TooFewPixels(0)) } else { Ok(Box::new(FittedTransition)) }
    }
}

/// Scores are 1 where the class differs, else 0.
struct FittedTransition;

impl Fitted for FittedTransition {
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        let planes = block.before.bands[0].iter().zip(&block.after.bands[0]);
        for (score, (x, y)) in scores.iter_mut().zip(planes) {
            *score = f32::from(u8::from((x - y).abs() >= 0.5));
        }
    }

    /// Classes are not measured by degrees: what differs, differs.
    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        f32::from(u8::from((block.before.bands[0][pixel] - block.after.bands[0][pixel]).abs() >= 0.5))
    }

    fn own_threshold(&self) -> Option<f64> {
        Some(0.5)
    }

    fn in_units_of_before(&self, _band: usize, after: f32) -> f32 {
        after
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        Vec::new()
    }
}
