//! What is dark and what is bright: from a sample of values and a rule, for one scene or jointly over the years, so that the
//! same colour means the same.

use std::collections::BTreeMap;

use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::BandRole;

/// Most values of a band kept of one scene.
pub const KEPT: usize = 4096;

/// Bars of a histogram.
pub const BARS: usize = 96;

/// How the bounds come from the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Between two percentiles.
    Percentile {
        /// Per cent of the values below the darkest shade.
        low: f32,
        /// Per cent of the values below the brightest shade.
        high: f32,
    },
    /// So many standard deviations around the mean.
    Sigma(f32),
    /// From the least to the greatest value.
    MinMax,
    /// As the user set them, band by band.
    Manual,
}

/// From which part of the scenes the values are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extent {
    /// The whole scene.
    Whole,
    /// What is seen now.
    View,
}

/// How values become shades.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Where the bounds come from.
    pub rule: Rule,
    /// Above 1 the dark shades are spread out; `None`: as suits the picture.
    pub gamma: Option<f32>,
    /// Whether all years of a kind share their bounds.
    pub joint: bool,
    /// Where the values come from.
    pub extent: Extent,
    /// The bounds that the user set.
    pub manual: BTreeMap<BandRole, (f32, f32)>,
}

impl Default for Stretch {
    fn default() -> Self {
        let rule = Rule::Percentile { low: 2.0, high: 98.0 };
        Self { rule, gamma: None, joint: true, extent: Extent::Whole, manual: BTreeMap::new() }
    }
}

/// Values of the bands of a scene, each in ascending order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spreads(pub BTreeMap<BandRole, Vec<f32>>);

impl Spreads {
    /// Adds what was seen of a block that holds these bands; at most [`KEPT`] values a band and block.
    pub fn add(&mut self, roles: &[BandRole], block: &SceneBlock) {
        let seen: Vec<usize> = (0..block.gaps.len()).filter(|at| block.gaps[*at] == gap::SEEN).collect();
        let step = seen.len().div_ceil(KEPT).max(1);
        for (role, plane) in roles.iter().zip(&block.bands) {
            let kept = self.0.entry(*role).or_default();
            kept.extend(seen.iter().step_by(step).map(|at| plane[*at]).filter(|value| value.is_finite()));
        }
    }

    /// Puts the values in order and thins them out to [`KEPT`].
    pub fn settle(&mut self) {
        for values in self.0.values_mut() {
            values.sort_unstable_by(f32::total_cmp);
            let step = values.len().div_ceil(KEPT).max(1);
            if step > 1 {
                *values = values.iter().copied().step_by(step).collect();
            }
        }
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Vec::is_empty)
    }
}

/// Dark and bright of a band by a rule, over several scenes; `None` where none of them shows it.
#[must_use]
pub fn bounds(stretch: &Stretch, role: BandRole, scenes: &[&Spreads]) -> Option<(f32, f32)> {
    if let (Rule::Manual, Some(set)) = (stretch.rule, stretch.manual.get(&role)) {
        return Some(*set);
    }
    let mut values: Vec<f32> = scenes.iter().filter_map(|spreads| spreads.0.get(&role)).flatten().copied().collect();
    if values.is_empty() {
        return None;
    }
    Some(match stretch.rule {
        Rule::Percentile { low, high } => (percentile(&mut values, low), percentile(&mut values, high)),
        Rule::Manual => (percentile(&mut values, 2.0), percentile(&mut values, 98.0)),
        Rule::MinMax => (percentile(&mut values, 0.0), percentile(&mut values, 100.0)),
        Rule::Sigma(n) => {
            let count = values.len() as f64;
            let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
            let variance = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / count;
            let reach = f64::from(n) * variance.sqrt();
            ((mean - reach) as f32, (mean + reach) as f32)
        }
    })
}

fn percentile(values: &mut [f32], per_cent: f32) -> f32 {
    let last = values.len() - 1;
    let at = (f64::from(per_cent.clamp(0.0, 100.0)) / 100.0 * last as f64).round() as usize;
    *values.select_nth_unstable_by(at.min(last), f32::total_cmp).1
}

/// How often values fall into equal steps from the least to the greatest of all scenes; the outermost tenth of a per cent at
/// each end is left out, or one odd pixel would press everything into one bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Value at the left end.
    pub from: f32,
    /// Value at the right end.
    pub to: f32,
    /// Shares of the most frequent bar, 0–1.
    pub bars: Vec<f32>,
}

impl Histogram {
    /// The histogram of a band; `None` where it was not seen or has one value only.
    #[must_use]
    pub fn of(role: BandRole, scenes: &[&Spreads]) -> Option<Self> {
        let mut values: Vec<f32> =
            scenes.iter().filter_map(|spreads| spreads.0.get(&role)).flatten().copied().collect();
        if values.is_empty() {
            return None;
        }
        let (from, to) = (percentile(&mut values, 0.1), percentile(&mut values, 99.9));
        if to <= from {
            return None;
        }
        let mut counts = vec![0_u32; BARS];
        for value in values.into_iter().filter(|value| (from..=to).contains(value)) {
            counts[(((value - from) / (to - from) * BARS as f32) as usize).min(BARS - 1)] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
        Some(Self { from, to, bars: counts.into_iter().map(|count| count as f32 / most).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;

    fn spreads(values: &[f32], gaps: &[u8]) -> Spreads {
        let window = Window { row: 0, col: 0, rows: 1, cols: values.len() };
        let mut made = Spreads::default();
        made.add(&[BandRole::Nir], &SceneBlock { window, bands: vec![values.to_vec()], gaps: gaps.to_vec() });
        made.settle();
        made
    }

    fn by(rule: Rule, scenes: &[&Spreads]) -> Option<(f32, f32)> {
        bounds(&Stretch { rule, ..Stretch::default() }, BandRole::Nir, scenes)
    }

    #[test]
    fn the_same_value_has_the_same_shade_in_every_year() {
        let (early, late) = (spreads(&[0.0, 50.0], &[0, 0]), spreads(&[50.0, 100.0, 9999.0], &[0, 0, gap::NODATA]));
        assert_eq!(by(Rule::MinMax, &[&early, &late]), Some((0.0, 100.0)));
        assert_eq!(by(Rule::MinMax, &[&early]), Some((0.0, 50.0)));
    }

    #[test]
    fn rules_give_their_bounds() {
        let all = spreads(&(0..=100).map(|v| v as f32).collect::<Vec<_>>(), &[0; 101]);
        assert_eq!(by(Rule::Percentile { low: 2.0, high: 98.0 }, &[&all]), Some((2.0, 98.0)));
        let (low, high) = by(Rule::Sigma(2.0), &[&all]).unwrap();
        assert!((low - (50.0 - 2.0 * 29.155)).abs() < 0.01 && (high - (50.0 + 2.0 * 29.155)).abs() < 0.01);
        let mut set = Stretch { rule: Rule::Manual, ..Stretch::default() };
        set.manual.insert(BandRole::Nir, (7.0, 8.0));
        assert_eq!(bounds(&set, BandRole::Nir, &[&all]), Some((7.0, 8.0)));
        assert_eq!(bounds(&set, BandRole::Red, &[&all]), None);
    }

    #[test]
    fn one_odd_pixel_does_not_press_a_histogram_into_one_bar() {
        let mut values: Vec<f32> = (0..4000).map(|v| (v % 100) as f32).collect();
        values.push(1e9);
        let histogram = Histogram::of(BandRole::Nir, &[&spreads(&values, &vec![0; 4001])]).unwrap();
        assert!(histogram.to < 100.0 && histogram.bars.iter().filter(|bar| **bar > 0.0).count() > 80);
    }
}
