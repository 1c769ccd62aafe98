//! IR-MAD against an outside judge: canonical correlations and Z of the reference implementation on the Landsat pair.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod support;

use std::path::Path;

use ecoredline::detect::change::mad::Variates;
use ecoredline::detect::sample::Sample;
use support::{data, say};

/// Every pixel of six bands.
fn planes(path: &Path) -> Vec<Vec<f32>> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let (cols, rows) = dataset.raster_size();
    let plane = |band| {
        let band = dataset.rasterband(band).unwrap();
        band.read_as::<f32>((0, 0), (cols, rows), (cols, rows), None).unwrap().data().to_vec()
    };
    (1..=6).map(plane).collect()
}

/// The Landsat pair, every pixel; `None`, and said, where it is absent.
fn taizhou() -> Option<Sample> {
    let pair = (data("taizhou/taizhou_20000317.tif"), data("taizhou/taizhou_20030206.tif"));
    let (Some(before), Some(after)) = pair else {
        say("skipped: no taizhou");
        return None;
    };
    Some(Sample { before: planes(&before), after: planes(&after) })
}

#[test]
fn the_first_round_has_the_references_correlations_and_as_many_bands_as_mean_z() {
    let Some(sample) = taizhou() else { return };
    let variates = Variates::of(&sample, &[0, 1, 2, 3, 4, 5], 1).unwrap();
    let reference = [0.813_041, 0.713_781, 0.542_166, 0.476_108, 0.305_496, 0.113_582];
    for (found, expected) in variates.correlations.iter().zip(reference) {
        assert!((found - expected).abs() < 1e-4, "{:?}", variates.correlations);
    }
    let z: Vec<f64> = (0..sample.len()).map(|i| f64::from(variates.square(&sample.before, &sample.after, i))).collect();
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    assert!((mean - 6.0).abs() < 1e-3, "{mean}");
    let beyond = z.iter().filter(|&&z| z > 22.458).count();
    assert!(beyond.abs_diff(4327) <= 5, "{beyond}");
}

#[test]
fn ten_rounds_come_to_the_references_correlations() {
    let Some(sample) = taizhou() else { return };
    let variates = Variates::of(&sample, &[0, 1, 2, 3, 4, 5], 10).unwrap();
    let reference = [0.979_238, 0.963_097, 0.864_808, 0.693_381, 0.561_010, 0.443_448];
    for (found, expected) in variates.correlations.iter().zip(reference) {
        assert!((found - expected).abs() < 2e-3, "{:?}", variates.correlations);
    }
}
