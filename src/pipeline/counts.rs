//! Which scenes hold a sensor's counts instead of reflectance, and what in them is no light from the ground.

use crate::detect::sample::{Sample, quantile};
use crate::model::scene::{SampleType, Scene, SceneFile, SceneKind};

use super::pair::ScenePair;

/// Which quantile counts as dark: some deep shadow or clear water is in every scene.
const DARKEST: f64 = 0.002;

/// Which quantile counts as bright.
const BRIGHTEST: f64 = 0.999;

/// The brightest values of counts: above any reflectance, and within eleven bits, as most cameras in orbit count so far.
const COUNTS: std::ops::Range<f64> = 2.0..2048.0;

/// Whether a scene holds eight bits, which are stretched and saturate: their brightest value says little.
pub fn is_stretched(scene: &Scene) -> bool {
    scene.files.iter().any(|file| file.sample == SampleType::U8)
}

/// The darkest values of each epoch of satellite scenes, by band, where they are counts; else zero.
pub fn darkest(pair: &ScenePair<'_>, kind: SceneKind, everywhere: &Sample) -> [Vec<f64>; 2] {
    let of = |scene: &Scene, planes: &[Vec<f32>]| -> Vec<f64> {
        let usable = kind == SceneKind::Satellite && !everywhere.is_empty() && are_counts(scene, planes);
        planes.iter().map(|p| if usable { quantile(&mut p.clone(), DARKEST) } else { 0.0 }).collect()
    };
    [of(pair.before, &everywhere.before), of(pair.after, &everywhere.after)]
}

/// Whether values are a sensor's counts, without a scale that makes something else of them. Reflectance in ten thousandths
/// goes beyond eleven bits wherever something is as bright as a meadow in the infrared.
fn are_counts(scene: &Scene, planes: &[Vec<f32>]) -> bool {
    let is_unscaled = |file: &SceneFile| file.bands.iter().all(|band| (band.scale - 1.0).abs() < f64::EPSILON);
    let brightest = || planes.iter().map(|plane| quantile(&mut plane.clone(), BRIGHTEST)).fold(0.0, f64::max);
    !scene.is_reflectance && scene.files.iter().all(is_unscaled) && COUNTS.contains(&brightest())
}
