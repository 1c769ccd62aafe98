//! How far the errors of a height difference are alike: a variogram of unchanged ground, and the range at which it ends.
//!
//! Source: the estimator is Dowd's, from medians, which a few changed pixels do not move (Dowd 1984, in
//! Geostatistics for Natural Resources Characterization, pp. 91–106); a spherical law with a part that pixels do not share, as for differences of elevation
//! models in Rolstad et al. 2009 (doi:10.3189/002214309789470950). What lies beyond the longest lag, as a tilt, shows in the
//! offset's error alone.

use crate::model::raster::PairBlock;

use super::change::Heights;
use super::sample::quantile;

/// Distances at which pixels are paired, in pixels, along rows and columns.
const LAGS: [usize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

/// About how many pixels are paired at each distance.
const MOST_PAIRED: usize = 50_000;

/// Fewer pairs tell nothing of a distance.
const LEAST_PAIRS: usize = 100;

/// Ratio of one range tried to the next.
const STEP: f64 = 1.2;

/// 1.4826: the standard deviation of normal values over their median absolute deviation.
const NORMAL: f64 = 1.4826;

/// How much the errors of pixels have in common, and up to which distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Share of the variance that neighbours have in common.
    pub share: f64,
    /// Distance at which they have nothing in common any more, in pixels.
    pub range_px: f64,
}

impl Correlation {
    /// Where nothing can be told all errors are taken to be alike, so that no error comes out too small.
    const UNKNOWN: Self = Self { share: 1.0, range_px: LAGS[LAGS.len() - 1] as f64 };
}

/// A block and which of its pixels are looked at.
pub type Part<'p> = (&'p PairBlock, &'p [bool]);

/// The correlation of unchanged ground: of pixels that rose or sank by at most `limit_m`.
#[must_use]
pub fn correlation(parts: &[Part<'_>], heights: &Heights, limit_m: f64) -> Correlation {
    let stable: Vec<Stable> = parts.iter().map(|part| Stable::of(*part, heights, limit_m)).collect();
    let mut rises: Vec<f32> = stable.iter().flat_map(|s| s.rises.iter().copied().filter(|r| r.is_finite())).collect();
    let middle = quantile(&mut rises, 0.5) as f32;
    for rise in &mut rises {
        *rise = (*rise - middle).abs();
    }
    let variance = (NORMAL * quantile(&mut rises, 0.5)).powi(2);
    let stride = rises.len().div_ceil(MOST_PAIRED).max(1);
    let alike: Vec<(f64, f64)> = LAGS
        .iter()
        .filter_map(|&lag| {
            let mut apart: Vec<f32> = stable.iter().flat_map(|s| s.apart(lag, stride)).collect();
            let is_known = apart.len() >= LEAST_PAIRS && variance > 0.0;
            is_known.then(|| (lag as f64, 1.0 - 0.5 * (NORMAL * quantile(&mut apart, 0.5)).powi(2) / variance))
        })
        .collect();
    fitted(&alike)
}

/// Rises of unchanged pixels in one block; NaN elsewhere.
struct Stable {
    cols: usize,
    rises: Vec<f32>,
}

impl Stable {
    fn of((block, domain): Part<'_>, heights: &Heights, limit_m: f64) -> Self {
        let rise = |pixel: usize| {
            let rise = heights.rise_m(block, pixel);
            if domain[pixel] && block.seen(pixel) && rise.abs() <= limit_m { rise as f32 } else { f32::NAN }
        };
        Self { cols: block.window().cols, rises: (0..domain.len()).map(rise).collect() }
    }

    /// How far pixels are apart in height that lie `lag` pixels apart, of every `stride`-th pixel.
    fn apart(&self, lag: usize, stride: usize) -> impl Iterator<Item = f32> + '_ {
        let known = (0..self.rises.len()).filter(|&pixel| self.rises[pixel].is_finite()).step_by(stride);
        let pairs = known.flat_map(move |pixel| {
            let right = (pixel % self.cols + lag < self.cols).then_some(pixel + lag);
            [right, Some(pixel + lag * self.cols)].into_iter().flatten().map(move |other| (pixel, other))
        });
        let apart = |(a, b): (usize, usize)| Some((self.rises.get(b)? - self.rises[a]).abs());
        pairs.filter_map(apart).filter(|apart| apart.is_finite())
    }
}

/// The spherical law nearest to how much pixels have in common at each distance.
fn fitted(alike: &[(f64, f64)]) -> Correlation {
    let Some(&(longest, _)) = alike.last() else { return Correlation::UNKNOWN };
    let common =
        |lag: f64, range: f64| if lag < range { 1.0 - 1.5 * lag / range + 0.5 * (lag / range).powi(3) } else { 0.0 };
    let mut best = (f64::INFINITY, Correlation::UNKNOWN);
    let mut range_px = STEP;
    while range_px <= 2.0 * longest {
        let weight: f64 = alike.iter().map(|(lag, _)| common(*lag, range_px).powi(2)).sum();
        let product: f64 = alike.iter().map(|(lag, y)| common(*lag, range_px) * y).sum();
        let share = (product / weight).clamp(0.0, 1.0);
        let misfit: f64 = alike.iter().map(|(lag, y)| (y - share * common(*lag, range_px)).powi(2)).sum();
        if misfit < best.0 {
            best = (misfit, Correlation { share, range_px });
        }
        range_px *= STEP;
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    const SIDE: usize = 300;

    fn noise(state: &mut u64) -> f32 {
        let mut sum = 0.0;
        for _ in 0..12 {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum += (*state >> 40) as f32 / (1u64 << 24) as f32;
        }
        sum - 6.0
    }

    /// Noise averaged over squares of a side: alike within it, unlike beyond.
    fn surface(side: usize) -> Vec<f32> {
        let mut state = 7;
        let wide = SIDE + side;
        let white: Vec<f32> = (0..wide * wide).map(|_| noise(&mut state)).collect();
        let mean = |row: usize, col: usize| -> f32 {
            (0..side).map(|r| white[(row + r) * wide + col..][..side].iter().sum::<f32>()).sum::<f32>() / side as f32
        };
        (0..SIDE * SIDE).map(|i| mean(i / SIDE, i % SIDE)).collect()
    }

    fn measured(side: usize) -> Correlation {
        let window = Window { row: 0, col: 0, rows: SIDE, cols: SIDE };
        let scene = |band: Vec<f32>| SceneBlock { window, bands: vec![band], gaps: vec![gap::SEEN; window.len()] };
        let block = PairBlock { before: scene(vec![0.0; window.len()]), after: scene(surface(side)) };
        let domain = vec![true; window.len()];
        correlation(&[(&block, &domain)], &Heights { bias_m: 0.0, nmad_m: 1.0 }, 10.0)
    }

    #[test]
    fn errors_of_their_own_have_nothing_in_common() {
        let found = measured(1);
        assert!(found.share < 0.05 || found.range_px < 2.0, "{found:?}");
    }

    #[test]
    fn errors_alike_in_squares_are_alike_up_to_their_side() {
        for side in [6, 20] {
            let found = measured(side);
            let times = found.range_px / side as f64;
            assert!((0.8..1.7).contains(&times) && found.share > 0.8, "{side}: {found:?}");
        }
    }

    #[test]
    fn without_unchanged_ground_all_errors_are_taken_to_be_alike() {
        assert_eq!(correlation(&[], &Heights { bias_m: 0.0, nmad_m: 1.0 }, 1.0), Correlation::UNKNOWN);
    }
}
