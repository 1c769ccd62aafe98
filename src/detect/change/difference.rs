//! Surface differencing: height after minus height before, the common bias removed.
//!
//! Source: DEM of difference with a level of detection, Wheaton et al. 2010 (doi:10.1002/esp.1886); the spread is the
//! NMAD, 1.4826 · median absolute deviation, robust against the change itself (Höhle & Höhle 2009,
//! doi:10.1016/j.isprsjprs.2009.02.003).

use crate::model::raster::PairBlock;

use super::super::misfit::Around;
use super::super::normalise::{Incomparable, LEAST_PIXELS};
use super::super::sample::{Sample, nmad, quantile};
use super::{ChangeMethod, Fitted};

/// How many standard deviations make the level of detection. Every pixel is tested, so the usual 1.96 (95 %) would call
/// one flat pixel in twenty a change; 3.29 is 99.9 %.
const DETECTION_SIGMAS: f64 = 3.29;

/// No level of detection below this many metres: photogrammetric surfaces are not better than that over vegetation.
const LEAST_DETECTION_M: f64 = 0.3;

/// Rounds in which ground that changed is left out of the bias. Change is seldom as much cut as fill: a tenth of the ground
/// that rose draws the median of all by a seventh of the spread.
const ROUNDS: usize = 10;

/// The bias stands still when it moves by less than this many metres.
const STILL_M: f64 = 1e-4;

/// Difference of two surface models.
pub struct SurfaceDifference;

impl ChangeMethod for SurfaceDifference {
    fn word(&self) -> &'static str {
        "difference"
    }

    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable> {
        if sample.len() < LEAST_PIXELS || sample.bands() == 0 {
            return Err(Incomparable::TooFewPixels(sample.len()));
        }
        let rise: Vec<f32> = sample.after[0].iter().zip(&sample.before[0]).map(|(y, x)| y - x).collect();
        let mut heights = spread_around(&rise, quantile(&mut rise.clone(), 0.5));
        for _ in 0..ROUNDS {
            let limit = (DETECTION_SIGMAS * heights.nmad_m) as f32;
            let mut still: Vec<f32> =
                rise.iter().copied().filter(|r| (r - heights.bias_m as f32).abs() <= limit).collect();
            let bias_m = quantile(&mut still, 0.5);
            let moved = (bias_m - heights.bias_m).abs();
            heights = spread_around(&rise, bias_m);
            if moved < STILL_M {
                break;
            }
        }
        Ok(Box::new(FittedDifference(heights)))
    }
}

fn spread_around(rise: &[f32], bias_m: f64) -> Heights {
    Heights { bias_m, nmad_m: nmad(rise, bias_m) }
}

/// How heights of two surfaces compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heights {
    /// How far the later surface lies above the earlier one (median), metres.
    pub bias_m: f64,
    /// Spread around it (NMAD), metres.
    pub nmad_m: f64,
}

impl Heights {
    /// How far a pixel rose, the bias taken back, in metres; negative where it sank.
    #[must_use]
    pub fn rise_m(&self, block: &PairBlock, pixel: usize) -> f64 {
        f64::from(block.after.bands[0][pixel]) - f64::from(block.before.bands[0][pixel]) - self.bias_m
    }
}

/// Scores are metres of rise or fall.
struct FittedDifference(Heights);

impl Fitted for FittedDifference {
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        let bias = self.0.bias_m as f32;
        let planes = block.before.bands[0].iter().zip(&block.after.bands[0]);
        for (score, (&x, &y)) in scores.iter_mut().zip(planes) {
            *score = (y - x - bias).abs();
        }
    }

    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        let bias = self.0.bias_m as f32;
        Around::of(block, pixel).apart(&block.before.bands[0], &block.after.bands[0], |x| x + bias).abs()
    }

    fn own_threshold(&self) -> Option<f64> {
        Some((DETECTION_SIGMAS * self.0.nmad_m).max(LEAST_DETECTION_M))
    }

    fn heights(&self) -> Option<Heights> {
        Some(self.0)
    }

    fn in_units_of_before(&self, _band: usize, after: f32) -> f32 {
        after - self.0.bias_m as f32
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        vec![("bias_m".to_owned(), self.0.bias_m), ("nmad_m".to_owned(), self.0.nmad_m)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ground_that_rose_does_not_draw_the_bias() {
        let grain = |i: usize| ((i * 7919) % 1000) as f32 * 2e-4 - 0.1;
        let before: Vec<f32> = vec![5.0; 2000];
        let after = (0..2000).map(|i| 5.5 + grain(i) + if i % 5 == 0 { 3.0 } else { 0.0 }).collect();
        let fitted = SurfaceDifference.fit(&Sample { before: vec![before], after: vec![after] }).unwrap();
        let bias = fitted.heights().unwrap().bias_m;
        // The plain median of all lies at 0.525.
        assert!((bias - 0.5).abs() < 0.002, "{bias}");
    }

    #[test]
    fn a_common_bias_is_no_change() {
        let before: Vec<f32> = (0..100).map(|i| i as f32 * 0.1).collect();
        let after = before.iter().enumerate().map(|(i, h)| h + 1.5 + if i == 50 { 4.0 } else { 0.0 }).collect();
        let sample = Sample { before: vec![before], after: vec![after] };
        let fitted = SurfaceDifference.fit(&sample).unwrap();
        let bias = fitted.parameters()[0].1;
        assert!((bias - 1.5).abs() < 1e-5);
        assert!((fitted.own_threshold().unwrap() - LEAST_DETECTION_M).abs() < 1e-9);
    }
}
