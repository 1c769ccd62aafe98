//! Strata of the earlier scene (water, forest, fields … as the pixels themselves fall into groups), each with its own noise.
//!
//! What unchanged ground does between two dates depends on what it is: between summer and winter a forest moves together
//! while each field goes its own way, and one noise level for both hides what happens in the forest and accuses the fields.
//! Scores are therefore scaled so that the calm quarter of every stratum scores as the method's law says unchanged pixels do;
//! and where a stratum moved as a class, its change is reckoned from what its ground usually did.
//! The earlier scene alone makes the strata: a class that appears is change, not a stratum.
//!
//! Scaling by a low quantile of each stratum is this program's own; the strata are groups of [`super::kmeans`].
//! Where the least-error cut parts change from the whole, one noise level serves: strata would only hide a class that went.
//! On the Landsat pair of July and November they lower the score that one unchanged pixel in five hundred exceeds from 50 to
//! 9 noise levels, and 155 of 170 planted squares are in the change mask; F1 of the pair with truth stays as it was.

use std::ops::Range;

use crate::model::raster::PairBlock;

use super::change::vector::{FittedVector, firm_residual};
use super::change::{Fitted, Lengths, Vectors, scores_of};
use super::chi_square;
use super::kmeans;
use super::misfit::Around;
use super::normalise::BandFit;
use super::sample::{Sample, nmad, per_spread, quantile};
use super::threshold::{self, Noise, ScoreSample};

/// Number of strata. 6, 8 and 12 measure alike on the real pairs tried.
const STRATA: usize = 6;

/// The calm part of a stratum: as long as less than three quarters of it change, it is unchanged ground.
const CALM: f64 = 0.25;

/// Strata with a smaller share of the sample have no noise level of their own.
const LEAST_SHARE: f64 = 0.005;

/// Where no stratum is half again as restless as the method takes the whole for, one noise level serves them all.
const RESTLESS: f32 = 2.0 / 3.0;

/// A stratum has moved as a class where its usual change is longer than its ground differs by: this is the mean over the
/// bands of the square of one over the other.
const MOVED: f64 = 1.0;

/// Scores of a stratum are not scaled by more than this, up or down: a stratum that is all calm is not all noise.
const LARGEST_GAIN: f64 = 2.0;
const LEAST_GAIN: f64 = 0.1;

/// Pixels scaled together, so that the compiler keeps them in vector registers.
const LANES: usize = 32;

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
        let degrees = noise.degrees();
        let mut strata = Strata::of(sample);
        let nearest = strata.nearest(&sample.before, sample.len());
        strata.learn_gains(&nearest, &scores, degrees);
        let is_even = strata.strata.iter().all(|stratum| stratum.gain > RESTLESS);
        if is_even || threshold::has_shoulder(&ScoreSample::new(scores, Some(noise))) {
            return Box::new(plain);
        }
        let Lengths(plain) = plain;
        strata.learn_habits(sample, &nearest, &plain);
        Box::new(Lengths(Self { plain, strata }))
    }
}

impl Vectors for Stratified {
    fn components(&self) -> usize {
        self.plain.fits.len()
    }

    fn vectors(&self, block: &PairBlock, pixels: Range<usize>, planes: &mut [Vec<f32>]) {
        for first in (0..pixels.len()).step_by(LANES) {
            let last = (first + LANES).min(pixels.len());
            let chunk = pixels.start + first..pixels.start + last;
            let nearest = self.strata.nearest_of(&block.before.bands, chunk.clone());
            for ((band, fit), plane) in self.plain.fits.iter().enumerate().zip(&mut *planes) {
                let Some(fit) = fit else {
                    plane[first..last].fill(0.0);
                    continue;
                };
                let values =
                    block.before.bands[band][chunk.clone()].iter().zip(&block.after.bands[band][chunk.clone()]);
                for ((component, stratum), (&x, &y)) in plane[first..last].iter_mut().zip(nearest).zip(values) {
                    let usual = &self.strata.strata[stratum].usual[band];
                    *component = (residual(fit, x, y) - usual.change) * usual.scale;
                }
            }
        }
    }

    fn firm_vector(&self, block: &PairBlock, pixel: usize, vector: &mut [f32]) {
        let around = Around::of(block, pixel);
        let stratum = &self.strata.strata[self.strata.nearest_of(&block.before.bands, pixel..pixel + 1)[0]];
        for ((band, fit), component) in self.plain.fits.iter().enumerate().zip(vector) {
            let usual = &stratum.usual[band];
            let firm = |fit| firm_residual(fit, &around, block, (band, usual.change)) * usual.scale;
            *component = fit.as_ref().map_or(0.0, firm);
        }
    }

    fn noise(&self) -> Noise {
        self.plain.noise()
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        self.plain.in_units_of_before(band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        let named = |(at, stratum): (usize, &Stratum)| (format!("stratum{}.gain", at + 1), f64::from(stratum.gain));
        self.plain.parameters().into_iter().chain(self.strata.strata.iter().enumerate().map(named)).collect()
    }
}

/// What is left of a pixel's change when the scenes have been made alike, in units of the band's noise.
fn residual(fit: &BandFit, before: f32, after: f32) -> f32 {
    (after - before * fit.slope as f32 - fit.intercept as f32) / fit.sigma as f32
}

/// Groups of pixels that look alike in the earlier scene.
#[derive(Debug, Clone, PartialEq)]
struct Strata {
    /// One over the spread of each band; zero where it is constant.
    per_spread: Vec<f32>,
    strata: Vec<Stratum>,
}

#[derive(Debug, Clone, PartialEq)]
struct Stratum {
    /// In units of the bands' spread.
    centre: Vec<f32>,
    /// How much calmer it is than the whole.
    gain: f32,
    /// By band.
    usual: Vec<Usual>,
}

/// What the ground of a stratum usually does in a band.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Usual {
    /// Its change, in units of the band's noise.
    change: f32,
    /// One over the noise about it, in the same.
    scale: f32,
}

impl Strata {
    fn of(sample: &Sample) -> Self {
        let per_spread: Vec<f32> = sample.before.iter().map(|band| per_spread(band) as f32).collect();
        let step = sample.len().div_ceil(kmeans::MOST_PIXELS).max(1);
        let pixels: Vec<Vec<f32>> = (0..sample.len())
            .step_by(step)
            .map(|at| sample.before.iter().zip(&per_spread).map(|(band, per)| band[at] * per).collect())
            .collect();
        let usual = vec![Usual { change: 0.0, scale: 1.0 }; sample.bands()];
        let stratum = |centre| Stratum { centre, gain: 1.0, usual: usual.clone() };
        Self { per_spread, strata: kmeans::centres(&pixels, STRATA).into_iter().map(stratum).collect() }
    }

    /// Makes the calm quarter of every stratum score as `degrees` independent bands of unchanged pixels do.
    fn learn_gains(&mut self, nearest: &[usize], scores: &[f32], degrees: usize) {
        for (at, stratum) in self.strata.iter_mut().enumerate() {
            let members = nearest.iter().zip(scores).filter(|(near, _)| **near == at);
            let mut own: Vec<f32> = members.map(|(_, &score)| score).collect();
            if own.len() as f64 >= LEAST_SHARE * scores.len() as f64 {
                stratum.gain = gain(&mut own, degrees);
            }
        }
    }

    /// Learns what strata that moved usually do: the median change of each band and the noise about it, so that what did
    /// otherwise stands out of a class that changed alike. The others are scaled by their gain alone.
    fn learn_habits(&mut self, sample: &Sample, nearest: &[usize], plain: &FittedVector) {
        let degrees = plain.fits.iter().flatten().count();
        for (at, stratum) in self.strata.iter_mut().enumerate() {
            for usual in &mut stratum.usual {
                usual.scale = stratum.gain;
            }
            if stratum.gain > RESTLESS {
                continue;
            }
            let members: Vec<usize> = (0..sample.len()).filter(|pixel| nearest[*pixel] == at).collect();
            let (mut squares, mut moved) = (vec![0.0f32; members.len()], 0.0);
            let mut usual = stratum.usual.clone();
            for (band, fit) in plain.fits.iter().enumerate() {
                let Some(fit) = fit else { continue };
                let off = |&pixel: &usize| residual(fit, sample.before[band][pixel], sample.after[band][pixel]);
                let mut own: Vec<f32> = members.iter().map(off).collect();
                let change = quantile(&mut own, 0.5);
                let noise = nmad(&own, change).max(1.0 / LARGEST_GAIN);
                usual[band] = Usual { change: change as f32, scale: (1.0 / noise) as f32 };
                moved += (change / noise).powi(2) / degrees as f64;
                for (square, pixel) in squares.iter_mut().zip(&members) {
                    *square += ((off(pixel) - change as f32) / noise as f32).powi(2);
                }
            }
            let gain = gain(&mut squares.iter().map(|square| square.sqrt()).collect::<Vec<f32>>(), degrees);
            if moved > MOVED {
                for usual in &mut usual {
                    usual.scale *= gain;
                }
                stratum.usual = usual;
            }
        }
    }

    /// The stratum of each pixel.
    fn nearest(&self, planes: &[Vec<f32>], pixels: usize) -> Vec<usize> {
        let chunks = (0..pixels).step_by(LANES).map(|first| first..(first + LANES).min(pixels));
        chunks.flat_map(|chunk| self.nearest_of(planes, chunk.clone()).into_iter().take(chunk.len())).collect()
    }

    /// The strata of at most [`LANES`] pixels.
    fn nearest_of(&self, planes: &[Vec<f32>], pixels: Range<usize>) -> [usize; LANES] {
        let (mut least, mut nearest) = ([f32::INFINITY; LANES], [0; LANES]);
        for (at, stratum) in self.strata.iter().enumerate() {
            let mut apart = [0.0f32; LANES];
            for ((plane, per), centre) in planes.iter().zip(&self.per_spread).zip(&stratum.centre) {
                for (apart, value) in apart.iter_mut().zip(&plane[pixels.clone()]) {
                    let off = value * per - centre;
                    *apart += off * off;
                }
            }
            for lane in 0..LANES {
                let nearer = apart[lane] < least[lane];
                least[lane] = if nearer { apart[lane] } else { least[lane] };
                nearest[lane] = if nearer { at } else { nearest[lane] };
            }
        }
        nearest
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

    #[test]
    fn what_did_otherwise_stands_out_of_a_class_that_moved() {
        let mut sample = forest_and_fields();
        let otherwise = |i: usize| i % 400 == 1;
        for i in (1..8000).step_by(2).filter(|i| !otherwise(*i)) {
            sample.after.iter_mut().for_each(|band| band[i] += 90.0);
        }
        let scores = scores_of(&sample, ChangeVector.fit(&sample).unwrap().as_ref());
        let mut moved: Vec<f32> = (1..8000).step_by(2).filter(|i| !otherwise(*i)).map(|i| scores[i]).collect();
        let noise = quantile(&mut moved, 0.99);
        let found: Vec<f32> = (0..8000).filter(|i| otherwise(*i)).map(|i| scores[i]).collect();
        assert!(found.iter().all(|score| f64::from(*score) > 1.2 * noise), "{found:?} against {noise}");
    }
}
