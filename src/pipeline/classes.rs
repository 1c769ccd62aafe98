//! How the ground of both dates is classed: what is taken off counts first, and whose units both dates are told in where
//! their values do not agree.

use crate::detect::change::{Fitted, scores_of};
use crate::detect::cover::{Classifier, CoverRules, Epoch};
use crate::detect::normalise::Units;
use crate::detect::sample::Sample;
use crate::model::class::CoverClass;
use crate::model::scene::SceneKind;

use super::counts;
use super::pair::ScenePair;

/// Of ground that did not change, at most this share may be water at one date alone. Where it is more, a scale or an offset of
/// one of the scenes is missing: ratios of its bands then say nothing.
const MOST_UNLIKE: f64 = 0.1;

/// Pixels that are looked at.
const MOST_PIXELS: usize = 12_000;

/// The classes of a comparison's ground.
#[derive(Debug, Clone)]
pub struct Classes {
    /// Tells them, but for the legends of land-cover maps.
    pub classifier: Classifier,
    /// The date in whose units both are told, where the other's values cannot bear the rules.
    pub by: Option<Epoch>,
}

impl Classes {
    /// Learns how to tell the classes. `everywhere` is a sample of all that was read, `sample` of what is compared.
    #[must_use]
    pub fn learn(
        rules: &CoverRules,
        (pair, kind): (&ScenePair<'_>, SceneKind),
        (everywhere, sample): (&Sample, &Sample),
        fitted: Option<&dyn Fitted>,
    ) -> Self {
        let [before, after] = counts::darkest(pair, kind, everywhere);
        let own = rules.for_bands(pair.roles).above_dark(before, after);
        let fitted = fitted.filter(|fitted| kind.is_image() && fitted.reach_px() == 0);
        let by = fitted.and_then(|fitted| the_drier(&own, sample, fitted));
        let classifier = match (by, fitted) {
            (Some(Epoch::Before), Some(fitted)) => own.told_by_before(&as_before(sample.bands(), fitted)),
            (Some(Epoch::After), Some(fitted)) => own.told_by_after(&as_before(sample.bands(), fitted)),
            _ => own,
        };
        Self { classifier, by }
    }
}

/// The date with less water, where unchanged ground is water at one of them alone. A missing scale or offset drowns all land or
/// none: where it makes water of land the other date is right, and where it hides water nothing is accused.
fn the_drier(classifier: &Classifier, sample: &Sample, fitted: &dyn Fitted) -> Option<Epoch> {
    let level = fitted.noise()?.level() as f32;
    let sample = sample.thinned(MOST_PIXELS);
    let scores = scores_of(&sample, fitted);
    let is_water =
        |epoch, planes: &[Vec<f32>], at: usize| classifier.class(epoch, |plane| planes[plane][at]) == CoverClass::Water;
    let (mut unchanged, mut only) = (0usize, [0usize; 2]);
    for at in (0..sample.len()).filter(|&at| scores[at] <= level) {
        let wet = [is_water(Epoch::Before, &sample.before, at), is_water(Epoch::After, &sample.after, at)];
        unchanged += 1;
        only[0] += usize::from(wet[0] && !wet[1]);
        only[1] += usize::from(wet[1] && !wet[0]);
    }
    let unlike = (only[0] + only[1]) as f64 > MOST_UNLIKE * unchanged as f64;
    unlike.then_some(if only[0] > only[1] { Epoch::After } else { Epoch::Before })
}

/// The later scene's units in the earlier one's, band by band.
fn as_before(bands: usize, fitted: &dyn Fitted) -> Vec<Units> {
    (0..bands).map(|band| Units::along(|value| fitted.in_units_of_before(band, value))).collect()
}
