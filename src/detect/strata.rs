//! Strata of the earlier scene (water, forest, fields … as the pixels themselves fall into groups), each with its own noise.
//!
//! What unchanged ground does between two dates depends on what it is: between summer and winter a forest moves together
//! while each field goes its own way, and one noise level for both hides what happens in the forest and accuses the fields.
//! Scores are therefore scaled so that the calm quarter of every stratum scores as the method's law says unchanged pixels do.
//! The earlier scene alone makes the strata: a class that appears is change, not a stratum.
//!
//! Scaling by a low quantile of each stratum is this program's own; the strata are groups of [`super::kmeans`].
//! Where the least-error cut parts change from the whole, one noise level serves: strata would only hide a class that went.
//! Without them 6.7 % of a forest that did not change is flagged, and between July and November 29 % of a scene changes
//! instead of 6 %; F1 of the pair with truth stays as it was.

use std::ops::Range;

use crate::model::raster::PairBlock;

use super::change::vector::FittedVector;
use super::change::{Fitted, Lengths, Vectors, scores_of};
use super::chi_square;
use super::kmeans::{Groups, LANES};
use super::sample::{Sample, quantile};
use super::threshold::{self, Noise, ScoreSample};

/// Number of strata. 6, 8 and 12 measure alike on the real pairs tried.
const STRATA: usize = 6;

/// The calm part of a stratum: as long as less than three quarters of it change, it is unchanged ground.
const CALM: f64 = 0.25;

/// Strata with a smaller share of the sample have no noise level of their own.
const LEAST_SHARE: f64 = 0.005;

/// Where no stratum is half again as restless as the method takes the whole for, one noise level serves them all.
const RESTLESS: f32 = 2.0 / 3.0;

/// Scores of a stratum are not scaled by more than this, up or down: a stratum that is all calm is not all noise.
const LARGEST_GAIN: f64 = 2.0;
const LEAST_GAIN: f64 = 0.1;

/// Change vectors, measured stratum by stratum.
pub struct Stratified {
    plain: FittedVector,
    strata: Strata,
}

impl Stratified {
    /// Measures change vectors by strata where strata differ in their noise and change does not part from the whole already;
    /// else they stay as they are. A class that went as a whole would pass for restless ground.
    #[must_use]
    pub fn over(plain: FittedVector, sample: &Sample) -> Box<dyn Fitted> {
        let plain = Lengths(plain);
        let scores = scores_of(sample, &plain);
        let noise = plain.0.noise();
        let strata = Strata::of(sample, &scores, noise.degrees());
        let is_even = strata.gains.iter().all(|gain| *gain > RESTLESS);
        if is_even || threshold::has_shoulder(&ScoreSample::new(scores, Some(noise))) {
            return Box::new(plain);
        }
        let Lengths(plain) = plain;
        Box::new(Lengths(Self { plain, strata }))
    }
}

impl Vectors for Stratified {
    fn components(&self) -> usize {
        self.plain.components()
    }

    fn vectors(&self, block: &PairBlock, pixels: Range<usize>, planes: &mut [Vec<f32>]) {
        self.plain.vectors(block, pixels.clone(), planes);
        for first in (0..pixels.len()).step_by(LANES) {
            let last = (first + LANES).min(pixels.len());
            let gains = self.strata.gains(&block.before.bands, pixels.start + first..pixels.start + last);
            for plane in &mut *planes {
                plane[first..last].iter_mut().zip(gains).for_each(|(component, gain)| *component *= gain);
            }
        }
    }

    fn firm_vector(&self, block: &PairBlock, pixel: usize, vector: &mut [f32]) {
        self.plain.firm_vector(block, pixel, vector);
        let gain = self.strata.gains(&block.before.bands, pixel..pixel + 1)[0];
        for component in vector {
            *component *= gain;
        }
    }

    fn noise(&self) -> Noise {
        self.plain.noise()
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        self.plain.in_units_of_before(band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        let named = |(at, &gain): (usize, &f32)| (format!("stratum{}.gain", at + 1), f64::from(gain));
        self.plain.parameters().into_iter().chain(self.strata.gains.iter().enumerate().map(named)).collect()
    }
}

/// Groups of pixels that look alike in the earlier scene, and how much calmer than the whole each is.
#[derive(Debug, Clone, PartialEq)]
struct Strata {
    groups: Groups,
    gains: Vec<f32>,
}

impl Strata {
    /// Strata with gains that make the calm quarter of each score as `degrees` independent bands of unchanged pixels do.
    fn of(sample: &Sample, scores: &[f32], degrees: usize) -> Self {
        let groups = Groups::of(&sample.before, STRATA);
        let mut members = vec![Vec::new(); groups.count()];
        for (group, &score) in groups.of_each(&sample.before, sample.len()).into_iter().zip(scores) {
            members[group].push(score);
        }
        let least = LEAST_SHARE * scores.len() as f64;
        let own = |scores: &mut Vec<f32>| if scores.len() as f64 >= least { gain(scores, degrees) } else { 1.0 };
        Self { gains: members.iter_mut().map(own).collect(), groups }
    }

    /// The gains of at most [`LANES`] pixels.
    fn gains(&self, planes: &[Vec<f32>], pixels: Range<usize>) -> [f32; LANES] {
        self.groups.of_chunk(planes, pixels).map(|group| self.gains[group])
    }
}

/// What makes the calm quarter of scores score as `degrees` independent bands of unchanged pixels do.
fn gain(scores: &mut [f32], degrees: usize) -> f32 {
    let expected = chi_square::exceeded_with(1.0 - CALM, degrees).sqrt();
    let calm = quantile(scores, CALM);
    if calm > 0.0 { (expected / calm).clamp(LEAST_GAIN, LARGEST_GAIN) as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::change::{ChangeMethod, vector::ChangeVector};
    use super::super::kmeans::Draw;
    use super::*;

    /// Calm forest at 100 and restless fields at 200; one forest pixel in a hundred stands out by eight times the forest's
    /// noise, which is less than what fields do.
    fn forest_and_fields() -> Sample {
        let mut draw = Draw(5);
        let mut sample = Sample::empty(2);
        for i in 0..8000 {
            let field = i % 2 == 1;
            let (level, noise) = if field { (200.0, 12.0) } else { (100.0, 2.0) };
            let changed = if i % 200 == 0 { 16.0 } else { 0.0 };
            for band in 0..2 {
                let gauss = |draw: &mut Draw| ((0..12).map(|_| draw.number()).sum::<f64>() - 6.0) as f32;
                sample.before[band].push(level + 3.0 * gauss(&mut draw));
                let before = sample.before[band][i];
                sample.after[band].push(before + noise * gauss(&mut draw) + changed);
            }
        }
        sample
    }

    #[test]
    fn change_in_calm_ground_stands_out_of_the_noise_of_restless_ground() {
        let sample = forest_and_fields();
        let stratified = ChangeVector.fit(&sample).unwrap();
        let scores = scores_of(&sample, stratified.as_ref());
        let mut fields: Vec<f32> = scores.iter().copied().skip(1).step_by(2).collect();
        let mut changed: Vec<f32> = scores.iter().copied().step_by(200).collect();
        let (noise, found) = (quantile(&mut fields, 0.99), quantile(&mut changed, 0.2));
        assert!(found > 1.5 * noise, "{found} against {noise}");
    }

    #[test]
    fn a_stratum_of_which_two_thirds_change_is_not_taken_for_noise() {
        let mut sample = forest_and_fields();
        for i in (0..8000).step_by(2).filter(|i| i % 3 != 0) {
            sample.after.iter_mut().for_each(|band| band[i] += 150.0);
        }
        let scores = scores_of(&sample, ChangeVector.fit(&sample).unwrap().as_ref());
        let changed: Vec<f32> = (0..8000).step_by(2).filter(|i| i % 3 != 0).map(|i| scores[i]).collect();
        assert!(changed.iter().all(|&score| score > 8.0));
    }
}
