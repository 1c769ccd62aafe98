//! Index differencing: the change of spectral indices, each in robust standard deviations of its own; the index that moved
//! the most decides.
//!
//! Indices are taken after normalisation, so that both dates have the same gain and offset. They tell *what* changed better
//! than *whether*: of two scenes with haze or of other seasons the change vector is the surer judge.
//!
//! Source: NDVI Rouse et al. 1974 (NASA SP-351); NDWI `McFeeters` 1996 (doi:10.1080/01431169608948714); MNDWI Xu 2006
//! (doi:10.1080/01431160600589179); NDBI Zha et al. 2003 (doi:10.1080/01431160304987); NBR García & Caselles 1991
//! (doi:10.1080/10106049109354290); BSI Rikimaru et al. 2002 (Tropical Ecology 43).

use crate::model::raster::PairBlock;
use crate::model::scene::BandRole;

use super::super::misfit::Around;
use super::super::normalise::{self, BandFit, Incomparable};
use super::super::sample::{Sample, nmad, quantile};
use super::super::threshold::Noise;
use super::{ChangeMethod, Fitted};

/// An index: (sum of some bands − sum of others) / (sum of all of them).
struct Index {
    name: &'static str,
    plus: &'static [BandRole],
    minus: &'static [BandRole],
}

const INDICES: [Index; 6] = [
    Index { name: "ndvi", plus: &[BandRole::Nir], minus: &[BandRole::Red] },
    Index { name: "ndwi", plus: &[BandRole::Green], minus: &[BandRole::Nir] },
    Index { name: "mndwi", plus: &[BandRole::Green], minus: &[BandRole::Swir1] },
    Index { name: "ndbi", plus: &[BandRole::Swir1], minus: &[BandRole::Nir] },
    Index { name: "nbr", plus: &[BandRole::Nir], minus: &[BandRole::Swir2] },
    Index { name: "bsi", plus: &[BandRole::Swir1, BandRole::Red], minus: &[BandRole::Nir, BandRole::Blue] },
];

/// Differences of all indices that the bands allow.
pub struct IndexDifference {
    /// The bands compared.
    pub roles: Vec<BandRole>,
}

impl ChangeMethod for IndexDifference {
    fn word(&self) -> &'static str {
        "index"
    }

    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable> {
        let fits = normalise::fit(sample)?;
        let usable = |band: &usize| fits[*band].is_some();
        let place = |role: &BandRole| self.roles.iter().position(|r| r == role).filter(usable);
        let places = |roles: &[BandRole]| roles.iter().map(place).collect::<Option<Vec<usize>>>();
        let mut fitted = FittedIndices { indices: Vec::new(), fits: fits.clone() };
        for index in &INDICES {
            let (Some(plus), Some(minus)) = (places(index.plus), places(index.minus)) else { continue };
            let mut bands = IndexBands { name: index.name, plus, minus, centre: 0.0, per_spread: 0.0 };
            let rise = |at: usize| fitted.rise(&bands, |band| sample.before[band][at], |band| sample.after[band][at]);
            let mut rises: Vec<f32> = (0..sample.len()).map(rise).collect();
            let centre = quantile(&mut rises, 0.5);
            let spread = nmad(&rises, centre);
            if spread > 0.0 {
                (bands.centre, bands.per_spread) = (centre as f32, 1.0 / spread as f32);
                fitted.indices.push(bands);
            }
        }
        if fitted.indices.is_empty() { Err(Incomparable::NoIndex) } else { Ok(Box::new(fitted)) }
    }
}

/// An index of the bands at hand.
struct IndexBands {
    name: &'static str,
    plus: Vec<usize>,
    minus: Vec<usize>,
    /// The median difference …
    centre: f32,
    /// … and one over its spread (1.4826 · median absolute deviation).
    per_spread: f32,
}

impl IndexBands {
    /// The index of one date; zero where all of its bands are dark.
    fn value(&self, band: impl Fn(usize) -> f32) -> f32 {
        let sum = |bands: &[usize]| bands.iter().map(|&b| band(b)).sum::<f32>();
        let (plus, minus) = (sum(&self.plus), sum(&self.minus));
        let all = plus + minus;
        if all > f32::EPSILON { ((plus - minus) / all).clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// Scores are robust standard deviations of the index that moved the most.
struct FittedIndices {
    indices: Vec<IndexBands>,
    fits: Vec<Option<BandFit>>,
}

impl FittedIndices {
    /// Index after minus index before, the later scene in the units of the earlier one.
    fn rise(&self, index: &IndexBands, before: impl Fn(usize) -> f32, after: impl Fn(usize) -> f32) -> f32 {
        index.value(|band| self.in_units_of_before(band, after(band))) - index.value(before)
    }

    fn highest(&self, before: impl Fn(usize) -> f32, after: impl Fn(usize) -> f32) -> f32 {
        let z = |index: &IndexBands| ((self.rise(index, &before, &after) - index.centre) * index.per_spread).abs();
        self.indices.iter().map(z).fold(0.0, f32::max)
    }
}

impl Fitted for FittedIndices {
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        let (before, after) = (&block.before.bands, &block.after.bands);
        for (pixel, score) in scores.iter_mut().enumerate() {
            *score = self.highest(|band| before[band][pixel], |band| after[band][pixel]);
        }
    }

    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        Around::of(block, pixel).least(block, |x, y| self.highest(|band| x.band(band), |band| y.band(band)))
    }

    fn noise(&self) -> Option<Noise> {
        Some(Noise::chi(1))
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        normalise::in_units_of_before(&self.fits, band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        let named = |index: &IndexBands| {
            let (centre, spread) = (f64::from(index.centre), f64::from(1.0 / index.per_spread));
            [(format!("{}.median", index.name), centre), (format!("{}.spread", index.name), spread)]
        };
        self.indices.iter().flat_map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scores_of;
    use super::*;

    /// Plants (infrared four times red) and soil (a quarter more) in turn; one plant pixel in a hundred is cleared.
    fn sample() -> Sample {
        let mut sample = Sample::empty(2);
        for i in 0..4000 {
            let ripple = ((i * 37) % 11) as f32 * 0.5;
            let plants = i % 2 == 0;
            let ground = |plants: bool| if plants { (30.0, 120.0) } else { (80.0, 100.0) };
            let (red, nir) = ground(plants);
            let (later_red, later_nir) = ground(plants && i % 200 != 0);
            sample.before[0].push(red + ripple);
            sample.before[1].push(nir - ripple);
            sample.after[0].push(2.0 * (later_red + ripple) + 5.0 + ((i * 13) % 7) as f32);
            sample.after[1].push(2.0 * (later_nir - ripple) + 5.0 + ((i * 5) % 7) as f32);
        }
        sample
    }

    #[test]
    fn cleared_plants_stand_out_in_ndvi() {
        let sample = sample();
        let fitted = IndexDifference { roles: vec![BandRole::Red, BandRole::Nir] }.fit(&sample).unwrap();
        let scores = scores_of(&sample, fitted.as_ref());
        let cleared = scores.iter().step_by(200).copied().fold(f32::INFINITY, f32::min);
        let kept = scores.iter().enumerate().filter(|(i, _)| i % 200 != 0).map(|(_, s)| *s).fold(0.0, f32::max);
        assert!(cleared > 3.0 * kept, "{cleared} {kept}");
        assert_eq!(fitted.parameters()[0].0, "ndvi.median");
    }

    #[test]
    fn colours_alone_make_no_index() {
        let method = IndexDifference { roles: vec![BandRole::Green, BandRole::Red] };
        assert_eq!(method.fit(&sample()).err(), Some(Incomparable::NoIndex));
    }
}
