//! Scores that are the lengths of change vectors.

use std::ops::Range;

use crate::model::raster::PairBlock;

use super::super::threshold::Noise;
use super::Fitted;

/// Change that has a direction: a vector a pixel, each component in units of its noise.
pub trait Vectors: Send + Sync {
    /// Components of a vector.
    fn components(&self) -> usize;

    /// The vectors of a stretch of pixels, one plane a component. Nodata: pixels not seen twice get some vector.
    fn vectors(&self, block: &PairBlock, pixels: Range<usize>, planes: &mut [Vec<f32>]);

    /// The vector that a pixel keeps when either scene may lie half a pixel off (see [`super::super::misfit`]).
    fn firm_vector(&self, block: &PairBlock, pixel: usize, vector: &mut [f32]);

    /// How long the vectors of unchanged pixels are.
    fn noise(&self) -> Noise;

    /// See [`Fitted::in_units_of_before`].
    fn in_units_of_before(&self, band: usize, after: f32) -> f32;

    /// See [`Fitted::parameters`].
    fn parameters(&self) -> Vec<(String, f64)>;
}

/// A method that scores pixels by the lengths of their change vectors.
pub struct Lengths<V>(pub V);

/// Pixels whose vectors are made at once.
const STRETCH: usize = 512;

impl<V: Vectors> Fitted for Lengths<V> {
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        let mut planes = vec![vec![0.0; STRETCH.min(scores.len())]; self.0.components()];
        for (stretch, scores) in scores.chunks_mut(STRETCH).enumerate() {
            let first = stretch * STRETCH;
            self.0.vectors(block, first..first + scores.len(), &mut planes);
            measure(&planes, scores);
        }
    }

    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        let mut vector = vec![0.0; self.0.components()];
        self.0.firm_vector(block, pixel, &mut vector);
        square_of(&vector).sqrt()
    }

    fn vectors(&self) -> Option<&dyn Vectors> {
        Some(&self.0)
    }

    fn noise(&self) -> Option<Noise> {
        Some(self.0.noise())
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        self.0.in_units_of_before(band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        self.0.parameters()
    }
}

/// The lengths of the vectors whose components are planes.
pub fn measure(planes: &[Vec<f32>], lengths: &mut [f32]) {
    lengths.fill(0.0);
    for plane in planes {
        lengths.iter_mut().zip(plane).for_each(|(length, component)| *length += component * component);
    }
    for length in lengths {
        *length = length.sqrt();
    }
}

/// The square of a vector's length.
#[must_use]
pub fn square_of(vector: &[f32]) -> f32 {
    vector.iter().map(|component| component * component).sum()
}
