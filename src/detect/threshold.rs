//! Where change begins: rules over the histogram of the sample's scores, and the refusal to draw a line where nothing
//! separates.

use crate::model::outcome::{ScoreHistogram, ThresholdChoice};

use super::chi_square;
use super::sample::quantile;

/// Bins of the histogram.
const BINS: usize = 256;

/// The histogram reaches to this quantile, so that a few extreme scores do not widen the bins …
const TOP_QUANTILE: f64 = 0.999;

/// … but at least to this multiple of the noise level, so that change rarer than one pixel in a thousand still stands
/// apart from the noise. Scores beyond fall into the last bin.
const TOP_NOISE: f64 = 3.0;

/// Below this separation (Ashman's D) of the two sides there is no reliable threshold. Two Gaussians are apart at D = 2
/// (Ashman et al. 1994, doi:10.1086/117248); score distributions of real change are skewed and wide above the line, and real
/// pairs with truth measured 1.8 to 3, pairs without change 1.4.
const LEAST_SEPARATION: f64 = 1.6;

/// A change share above this is no sparse change but two scenes that do not compare.
const LARGEST_SHARE: f64 = 0.5;

/// What lies above the line must be more than noise alone would put there, by this factor.
const LEAST_EXCESS: f64 = 4.0;

/// Probability that an unchanged pixel scores above the noise level.
const NOISE_PROBABILITY: f64 = 0.001;

/// What unchanged pixels score: the root of a chi-square variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    degrees: usize,
    level: f64,
}

impl Noise {
    /// Noise in so many independent bands.
    #[must_use]
    pub fn chi(degrees: usize) -> Self {
        Self { degrees, level: chi_square::exceeded_with(NOISE_PROBABILITY, degrees).sqrt() }
    }

    /// The score that unchanged pixels hardly reach.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Share of unchanged pixels above a score.
    fn share_above(&self, score: f64) -> f64 {
        chi_square::survival(score * score, self.degrees)
    }
}

/// The rule a user may ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Kittler–Illingworth where its cut is credible, else Otsu, else none.
    Auto,
    /// Largest variance between the classes.
    Otsu,
    /// Least classification error of two Gaussians.
    KittlerIllingworth,
    /// This score.
    Fixed(f64),
}

/// The histogram of the scores.
#[must_use]
pub fn histogram(scores: &mut [f32], noise: Option<Noise>) -> ScoreHistogram {
    let most = scores.iter().copied().fold(0.0f32, f32::max);
    let high = quantile(scores, TOP_QUANTILE).max(noise.map_or(0.0, |n| TOP_NOISE * n.level)).min(f64::from(most));
    if !high.is_finite() || high <= 0.0 {
        return ScoreHistogram::default();
    }
    let mut counts = vec![0u64; BINS];
    let per_score = BINS as f64 / high;
    for &score in scores.iter() {
        counts[((f64::from(score) * per_score) as usize).min(BINS - 1)] += 1;
    }
    ScoreHistogram { low: 0.0, high, counts }
}

/// Otsu's threshold. Source: Otsu 1979, doi:10.1109/TSMC.1979.4310076.
#[must_use]
pub fn otsu(histogram: &ScoreHistogram) -> Option<f64> {
    best_cut(histogram, |below, above| {
        let gap = below.mean - above.mean;
        Some(-below.weight * above.weight * gap * gap)
    })
}

/// Kittler and Illingworth's minimum-error threshold. Source: Kittler & Illingworth 1986,
/// doi:10.1016/0031-3203(86)90030-0.
#[must_use]
pub fn kittler_illingworth(histogram: &ScoreHistogram) -> Option<f64> {
    best_cut(histogram, |below, above| {
        if below.variance <= 0.0 || above.variance <= 0.0 {
            return None;
        }
        let term = |side: &Side| side.weight * (0.5 * side.variance.ln() - side.weight.ln());
        Some(term(below) + term(above))
    })
}

/// Ashman's D of the two sides of a threshold: distance of the means in units of their common spread.
#[must_use]
pub fn separation(histogram: &ScoreHistogram, threshold: f64) -> Option<f64> {
    let cut = bin_of(histogram, threshold);
    let (below, above) = (Side::of(histogram, 0..cut)?, Side::of(histogram, cut..histogram.counts.len())?);
    let spread = (below.variance + above.variance).sqrt();
    (spread > 0.0).then(|| std::f64::consts::SQRT_2 * (above.mean - below.mean) / spread)
}

/// Draws the line. No automatic line lies below the noise level.
///
/// `Rule::Auto` takes the least-error cut, which is the better one where change is a broad shoulder of the noise, and Otsu's
/// where that cut is not credible: with rare, strong change the heavy tail of the noise misleads the least-error rule.
#[must_use]
pub fn choose(rule: Rule, histogram: &ScoreHistogram, noise: Option<Noise>) -> ThresholdChoice {
    let least_error = || kittler_illingworth(histogram);
    let asked = |cut: Option<f64>, word| {
        cut.map_or_else(|| refused("constant_scores", None), |t| stated(t, word, "asked", separation(histogram, t)))
    };
    match rule {
        Rule::Fixed(value) => stated(value, "fixed", "given", separation(histogram, value)),
        Rule::Otsu => asked(otsu(histogram), "otsu"),
        Rule::KittlerIllingworth => asked(least_error(), "kittler-illingworth"),
        Rule::Auto => {
            let floor = noise.map_or(0.0, |n| n.level);
            let first = least_error().filter(|&t| t >= floor).map(|t| (t, "kittler-illingworth", "rare_change"));
            let second = otsu(histogram).map(|t| (t.max(floor), "otsu", "no_minimum_error"));
            let cuts = first.into_iter().chain(second);
            let judged: Vec<ThresholdChoice> =
                cuts.map(|(t, word, why)| judged(t, word, why, histogram, noise)).collect();
            let credible = judged.iter().find(|choice| choice.value.is_some()).or(judged.last());
            credible.cloned().unwrap_or_else(|| refused("constant_scores", None))
        }
    }
}

/// A cut if it is credible, else why not.
fn judged(
    value: f64,
    rule: &str,
    why: &'static str,
    histogram: &ScoreHistogram,
    noise: Option<Noise>,
) -> ThresholdChoice {
    let (apart, share) = (separation(histogram, value), share_above(histogram, value));
    if share > LARGEST_SHARE {
        refused("too_much_change", apart)
    } else if noise.is_some_and(|n| share < LEAST_EXCESS * n.share_above(value)) {
        refused("only_noise", apart)
    } else if apart.is_none_or(|d| d < LEAST_SEPARATION) {
        refused("no_separation", apart)
    } else {
        stated(value, rule, why, apart)
    }
}

/// A threshold that follows from the method itself.
#[must_use]
pub fn stated(value: f64, rule: &str, why: &'static str, separation: Option<f64>) -> ThresholdChoice {
    ThresholdChoice { value: Some(value), rule: rule.to_owned(), why, separation }
}

/// No threshold, and why.
#[must_use]
pub fn refused(why: &'static str, separation: Option<f64>) -> ThresholdChoice {
    ThresholdChoice { value: None, rule: "none".to_owned(), why, separation }
}

/// Mean, variance and weight of the scores on one side of a cut.
struct Side {
    weight: f64,
    mean: f64,
    variance: f64,
}

impl Side {
    fn of(histogram: &ScoreHistogram, bins: std::ops::Range<usize>) -> Option<Self> {
        let total: u64 = histogram.counts.iter().sum();
        let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for bin in bins {
            let (count, score) = (histogram.counts[bin] as f64, centre(histogram, bin));
            n += count;
            sum += count * score;
            squares += count * score * score;
        }
        let mean = sum / n;
        (n > 0.0).then(|| Self { weight: n / total as f64, mean, variance: (squares / n - mean * mean).max(0.0) })
    }
}

fn bin_width(histogram: &ScoreHistogram) -> f64 {
    (histogram.high - histogram.low) / histogram.counts.len() as f64
}

fn centre(histogram: &ScoreHistogram, bin: usize) -> f64 {
    histogram.low + (bin as f64 + 0.5) * bin_width(histogram)
}

fn bin_of(histogram: &ScoreHistogram, score: f64) -> usize {
    if histogram.counts.is_empty() {
        return 0;
    }
    (((score - histogram.low) / bin_width(histogram)).round().max(0.0) as usize).min(histogram.counts.len())
}

fn share_above(histogram: &ScoreHistogram, threshold: f64) -> f64 {
    let above: u64 = histogram.counts[bin_of(histogram, threshold)..].iter().sum();
    above as f64 / histogram.counts.iter().sum::<u64>().max(1) as f64
}

/// The left edge of the bin at which the cost of cutting is least; the middle of them where a gap makes many alike.
fn best_cut(histogram: &ScoreHistogram, cost: impl Fn(&Side, &Side) -> Option<f64>) -> Option<f64> {
    let bins = histogram.counts.len();
    let mut best: Option<(f64, usize, usize)> = None;
    for cut in 1..bins {
        let (Some(below), Some(above)) = (Side::of(histogram, 0..cut), Side::of(histogram, cut..bins)) else {
            continue;
        };
        let Some(cost) = cost(&below, &above) else { continue };
        match &mut best {
            Some((least, _, last)) if (cost - *least).abs() <= 1e-12 * least.abs() => *last = cut,
            Some((least, ..)) if cost >= *least => {}
            _ => best = Some((cost, cut, cut)),
        }
    }
    best.map(|(_, first, last)| histogram.low + f64::midpoint(first as f64, last as f64) * bin_width(histogram))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two heaps: 9,000 scores around 2, 1,000 around 8, each ± 1 in a triangle.
    fn two_heaps() -> ScoreHistogram {
        let mut scores: Vec<f32> = Vec::new();
        for i in 0..9000 {
            scores.push(2.0 + ((i % 100) as f32 - (i / 90) as f32) / 100.0);
        }
        for i in 0..1000 {
            scores.push(8.0 + ((i % 100) as f32 - (i / 10) as f32) / 100.0);
        }
        histogram(&mut scores, None)
    }

    #[test]
    fn every_rule_cuts_between_two_heaps() {
        let heaps = two_heaps();
        for threshold in [otsu(&heaps), kittler_illingworth(&heaps)] {
            let threshold = threshold.unwrap();
            assert!((3.0..=7.0).contains(&threshold), "{threshold}");
        }
        assert!(separation(&heaps, 5.0).unwrap() > 8.0);
    }

    #[test]
    fn noise_alone_has_no_reliable_threshold() {
        let mut state = 3u64;
        let mut normal = || {
            let mut sum = -6.0f32;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                sum += (state >> 40) as f32 / (1u64 << 24) as f32;
            }
            sum
        };
        let mut scores: Vec<f32> = (0..20_000).map(|_| (0..4).map(|_| normal().powi(2)).sum::<f32>().sqrt()).collect();
        let choice = choose(Rule::Auto, &histogram(&mut scores, Some(Noise::chi(4))), Some(Noise::chi(4)));
        assert_eq!((choice.value, choice.why), (None, "only_noise"), "{choice:?}");
        scores[..20].fill(15.0);
        let choice = choose(Rule::Auto, &histogram(&mut scores, Some(Noise::chi(4))), Some(Noise::chi(4)));
        assert!(choice.value.is_some_and(|t| t < 15.0), "one changed pixel in a thousand is found: {choice:?}");
    }

    #[test]
    fn constant_scores_have_no_threshold() {
        assert_eq!(choose(Rule::Auto, &histogram(&mut [0.0; 50], None), None).why, "constant_scores");
    }

    #[test]
    fn a_given_number_is_taken_as_it_is() {
        assert_eq!(choose(Rule::Fixed(4.5), &two_heaps(), Some(Noise::chi(40))).value, Some(4.5));
    }
}
