//! A bounded, deterministic sample of pixel pairs from which methods learn their statistics.

use crate::model::raster::PairBlock;

/// How many pixel pairs a sample holds at most. Means are then known to 0.3 % of a standard deviation.
pub const MAX_PIXELS: usize = 120_000;

/// Pixels observed at both dates, band by band.
///
/// Shape: `before[band][i]` and `after[band][i]` are the same pixel. Units: those of the scene blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The earlier scene.
    pub before: Vec<Vec<f32>>,
    /// The later scene.
    pub after: Vec<Vec<f32>>,
}

impl Sample {
    /// A sample without pixels.
    #[must_use]
    pub fn empty(bands: usize) -> Self {
        Self { before: vec![Vec::new(); bands], after: vec![Vec::new(); bands] }
    }

    /// Number of pixel pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.before.first().map_or(0, Vec::len)
    }

    /// Whether it holds no pixel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.before.len()
    }

    /// About `most` of its pixel pairs, evenly spread.
    #[must_use]
    pub fn thinned(&self, most: usize) -> Self {
        let step = self.len().div_ceil(most).max(1);
        let thin =
            |planes: &[Vec<f32>]| planes.iter().map(|plane| plane.iter().copied().step_by(step).collect()).collect();
        Self { before: thin(&self.before), after: thin(&self.after) }
    }

    /// Adds every `stride`-th of the pixels that lie in the domain and were seen twice. The stride counts those
    /// pixels alone, so margins outside the domain change nothing.
    pub fn observe(&mut self, block: &PairBlock, domain: &[bool], stride: usize) {
        let seen = (0..domain.len()).filter(|&p| domain[p] && block.seen(p));
        self.add(block, seen.step_by(stride.max(1)));
    }

    /// Adds every `stride`-th pixel of a block, where it was seen twice.
    pub fn observe_everywhere(&mut self, block: &PairBlock, stride: usize) {
        self.add(block, (0..block.window().len()).step_by(stride.max(1)).filter(|&p| block.seen(p)));
    }

    fn add(&mut self, block: &PairBlock, pixels: impl Iterator<Item = usize>) {
        for pixel in pixels {
            for (plane, band) in self.before.iter_mut().zip(&block.before.bands) {
                plane.push(band[pixel]);
            }
            for (plane, band) in self.after.iter_mut().zip(&block.after.bands) {
                plane.push(band[pixel]);
            }
        }
    }
}

/// One over the standard deviation of values; zero where they are constant.
#[must_use]
pub fn per_spread(values: &[f32]) -> f64 {
    let spread = spread(values);
    if spread > 0.0 { 1.0 / spread } else { 0.0 }
}

/// Standard deviation of values.
#[must_use]
pub fn spread(values: &[f32]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    (values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// The stride that keeps `pixels` candidates within [`MAX_PIXELS`].
#[must_use]
pub fn stride_for(pixels: usize) -> usize {
    pixels.div_ceil(MAX_PIXELS).max(1)
}

/// The value below which the share `q` of the values lies (linear between ranks); NaN for no values.
#[must_use]
pub fn quantile(values: &mut [f32], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let position = q.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let rank = position.floor() as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(rank, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    f64::from(low) + (position - rank as f64) * f64::from(high - low)
}

/// Standard deviations in a median absolute deviation of a normal law.
pub const NORMAL: f64 = 1.4826;

/// The spread of values around a centre that outliers do not widen (NMAD): 1.4826 · median absolute deviation.
#[must_use]
pub fn nmad(values: &[f32], centre: f64) -> f64 {
    let mut away: Vec<f32> = values.iter().map(|value| (value - centre as f32).abs()).collect();
    NORMAL * quantile(&mut away, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_ranks() {
        let mut values = [4.0, 1.0, 3.0, 2.0];
        assert!((quantile(&mut values, 0.5) - 2.5).abs() < 1e-9);
        assert!((quantile(&mut values, 1.0) - 4.0).abs() < 1e-9);
        assert!(quantile(&mut [], 0.5).is_nan());
    }
}
