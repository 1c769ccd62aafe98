//! How far the errors of a height difference are alike: a variogram of unchanged ground, and the range at which it ends.
//!
//! Source: the estimator is Dowd's, from medians, which a few changed pixels do not move (Dowd 1984, in
//! Geostatistics for Natural Resources Characterization, pp. 91–106); a spherical law with a part that pixels do not share, as for differences of elevation
//! models in Rolstad et al. 2009 (doi:10.3189/002214309789470950). What lies beyond the longest lag, as a tilt, shows in the
//! offset's error alone.

use crate::model::raster::PairBlock;

use super::change::Heights;
use super::sample::{NORMAL, quantile};

/// Distances at which pixels are paired, in pixels, along rows and columns.
const LAGS: [usize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

/// About how many pixels are paired at each distance.
const MOST_PAIRED: usize = 50_000;

/// Fewer pairs tell nothing of a distance.
const LEAST_PAIRS: usize = 100;

/// Ratio of one range tried to the next.
const STEP: f64 = 1.2;

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
    let ground = Ground { parts, heights, limit_m };
    let places = ground.places();
    let mut rises: Vec<f32> = places.iter().filter_map(|&place| ground.rise(place)).collect();
    let middle = quantile(&mut rises, 0.5) as f32;
    for rise in &mut rises {
        *rise = (*rise - middle).abs();
    }
    let variance = (NORMAL * quantile(&mut rises, 0.5)).powi(2);
    let alike: Vec<(f64, f64)> = LAGS
        .iter()
        .filter_map(|&lag| {
            let mut apart: Vec<f32> = places.iter().flat_map(|&place| ground.apart(place, lag)).collect();
            let is_known = apart.len() >= LEAST_PAIRS && variance > 0.0;
            is_known.then(|| (lag as f64, 1.0 - 0.5 * (NORMAL * quantile(&mut apart, 0.5)).powi(2) / variance))
        })
        .collect();
    fitted(&alike)
}

/// A pixel of a part: the part's number and the pixel in it.
type Place = (usize, usize);

/// Ground that did not change, looked up where it lies: a copy of all heights would double the memory of the sample.
struct Ground<'g> {
    parts: &'g [Part<'g>],
    heights: &'g Heights,
    limit_m: f64,
}

impl Ground<'_> {
    /// How far a pixel rose; `None` where it changed, was not seen, or is not looked at.
    fn rise(&self, (part, pixel): Place) -> Option<f32> {
        let (block, domain) = self.parts[part];
        let rise = (domain[pixel] && block.seen(pixel)).then(|| self.heights.rise_m(block, pixel))?;
        (rise.abs() <= self.limit_m).then_some(rise as f32)
    }

    /// Unchanged pixels, spread evenly over all, at most [`MOST_PAIRED`].
    fn places(&self) -> Vec<Place> {
        let all = || {
            let pixels = self.parts.iter().enumerate();
            let places = pixels.flat_map(|(part, (_, domain))| (0..domain.len()).map(move |pixel| (part, pixel)));
            places.filter(|&place| self.rise(place).is_some())
        };
        let stride = all().count().div_ceil(MOST_PAIRED).max(1);
        all().step_by(stride).collect()
    }

    /// How far a pixel is apart in height from those that lie `lag` pixels to the right and below.
    fn apart(&self, (part, pixel): Place, lag: usize) -> impl Iterator<Item = f32> {
        let window = self.parts[part].0.window();
        let right = (pixel % window.cols + lag < window.cols).then_some(pixel + lag);
        let below = (pixel / window.cols + lag < window.rows).then_some(pixel + lag * window.cols);
        let apart = move |other: usize| Some((self.rise((part, other))? - self.rise((part, pixel))?).abs());
        [right.and_then(apart), below.and_then(apart)].into_iter().flatten()
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
