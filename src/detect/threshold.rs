//! Where change begins: rules over the histogram of the sample's scores, and the refusal to draw a line where nothing
//! separates.

use crate::model::outcome::{ScoreHistogram, ThresholdChoice};

use super::chi_square;
use super::sample::{nmad, quantile};

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

/// On logarithms even a little heap parts from the bulk; there the two sides must be apart as two Gaussians are.
const CLEAR_SEPARATION: f64 = 2.0;

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

    /// Number of independent bands.
    #[must_use]
    pub fn degrees(&self) -> usize {
        self.degrees
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
    /// The first credible cut of several rules, else none.
    Auto,
    /// Largest variance between the classes.
    Otsu,
    /// Least classification error of two Gaussians.
    KittlerIllingworth,
    /// The same on the logarithm of the scores: the bulk's long tail is then no second class.
    LogKittlerIllingworth,
    /// Bayes cut of two Gaussians fitted to the logarithm of the scores.
    Mixture,
    /// The score that an unchanged pixel exceeds with a probability of 0.001, by the method's own law.
    ChiSquare,
    /// Far above the median in units of the median absolute deviation.
    RobustZ,
    /// Beyond the tail of the bulk: what is rare and stands out, whatever else the scenes differ in.
    Tail,
    /// This score.
    Fixed(f64),
}

impl Rule {
    /// Rules that need no number, with their words.
    pub const NAMED: [(&'static str, Self); 8] = [
        ("auto", Self::Auto),
        ("otsu", Self::Otsu),
        ("kittler-illingworth", Self::KittlerIllingworth),
        ("log-kittler-illingworth", Self::LogKittlerIllingworth),
        ("mixture", Self::Mixture),
        ("chi-square", Self::ChiSquare),
        ("robust-z", Self::RobustZ),
        ("tail", Self::Tail),
    ];

    /// Its word in project files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::NAMED.iter().find(|(_, rule)| *rule == self).map_or("fixed", |(word, _)| word)
    }
}

/// Scores of a sample, as the rules look at them.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreSample {
    /// Histogram of the scores.
    pub linear: ScoreHistogram,
    /// Histogram of their logarithms.
    logarithmic: ScoreHistogram,
    /// Median, and the median absolute deviation as a standard deviation.
    centre: (f64, f64),
    tail: Option<f64>,
    noise: Option<Noise>,
}

/// Scores below this are alike to every rule; the logarithm needs a floor.
const LEAST_SCORE: f32 = 0.3;

/// Robust standard deviations above the median.
const ROBUST_Z: f64 = 3.5;

/// Logarithmic standard deviations above the median at which the tail of the bulk ends: of a normal law one pixel in four
/// thousand lies beyond, too few to make a patch.
const TAIL_SIGMAS: f64 = 3.5;

impl ScoreSample {
    /// Looks at scores; `noise` is what unchanged pixels score, where the method knows it.
    #[must_use]
    pub fn new(mut scores: Vec<f32>, noise: Option<Noise>) -> Self {
        let linear = histogram(&mut scores, noise);
        let median = quantile(&mut scores, 0.5);
        // The upper side of the bulk alone: change lies beyond its 97.5 % point, the lower side is another law.
        let upper = (quantile(&mut scores, 0.975) / median).ln() / 1.96;
        let centre = (median, nmad(&scores, median));
        let tail = (median > 0.0 && upper.is_finite()).then(|| median * (TAIL_SIGMAS * upper).exp());
        Self { logarithmic: logarithms(&scores, &linear), linear, centre, tail, noise }
    }
}

fn logarithms(scores: &[f32], linear: &ScoreHistogram) -> ScoreHistogram {
    let (low, high) = (f64::from(LEAST_SCORE).ln(), linear.high.ln());
    if !high.is_finite() || high <= low {
        return ScoreHistogram::default();
    }
    let per_score = BINS as f64 / (high - low);
    let mut counts = vec![0u64; BINS];
    for &score in scores {
        let bin = (f64::from(score.max(LEAST_SCORE)).ln() - low) * per_score;
        counts[(bin as usize).min(BINS - 1)] += 1;
    }
    ScoreHistogram { low, high, counts }
}

/// The histogram of the scores.
fn histogram(scores: &mut [f32], noise: Option<Noise>) -> ScoreHistogram {
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

/// The cut at which two Gaussians, fitted by expectation maximisation, are equally likely. Source: Bruzzone & Prieto 2000,
/// doi:10.1109/36.843009.
#[must_use]
pub fn mixture(histogram: &ScoreHistogram) -> Option<f64> {
    let total: u64 = histogram.counts.iter().sum();
    let bins: Vec<(f64, f64)> = histogram
        .counts
        .iter()
        .enumerate()
        .map(|(bin, &n)| (centre(histogram, bin), n as f64 / total as f64))
        .collect();
    let start = otsu(histogram)?;
    let cut = bin_of(histogram, start);
    let (mut low, mut high) = (Side::of(histogram, 0..cut)?, Side::of(histogram, cut..bins.len())?);
    for _ in 0..MIXTURE_ROUNDS {
        let share = |x: f64| {
            let (a, b) = (low.density(x), high.density(x));
            if a + b > 0.0 { b / (a + b) } else { f64::from(u8::from(x > start)) }
        };
        let shares: Vec<f64> = bins.iter().map(|&(x, _)| share(x)).collect();
        low = Side::weighted(bins.iter().zip(&shares).map(|(&(x, w), s)| (x, w * (1.0 - s))))?;
        high = Side::weighted(bins.iter().zip(&shares).map(|(&(x, w), s)| (x, w * s)))?;
    }
    bins.iter().map(|&(x, _)| x).find(|&x| x > low.mean && high.density(x) > low.density(x))
}

/// Rounds of expectation maximisation; on histograms of 256 bins the cut stands still after about thirty.
const MIXTURE_ROUNDS: usize = 50;

/// Draws the line. No automatic line lies below the noise level.
///
/// `Rule::Auto` takes the first credible one of: the least-error cut, which is best where change is a broad shoulder of the
/// noise; the lower of Otsu's cut and the least-error cut of the logarithms, which find rare change in scenes whose bulk
/// has a long tail; and the end of that tail, beyond which only what is rare and stands out remains.
#[must_use]
pub fn choose(rule: Rule, scores: &ScoreSample) -> ThresholdChoice {
    match rule {
        Rule::Fixed(value) => stated(value, rule.word(), "given", separation(&scores.linear, value)),
        Rule::Auto => automatic(scores),
        asked => cut(asked, scores).map_or_else(
            || refused("constant_scores", None),
            |t| stated(t, asked.word(), "asked", separation(&scores.linear, t)),
        ),
    }
}

fn cut(rule: Rule, scores: &ScoreSample) -> Option<f64> {
    match rule {
        Rule::Otsu => otsu(&scores.linear),
        Rule::KittlerIllingworth => kittler_illingworth(&scores.linear),
        Rule::LogKittlerIllingworth => kittler_illingworth(&scores.logarithmic).map(f64::exp),
        Rule::Mixture => mixture(&scores.logarithmic).map(f64::exp),
        Rule::ChiSquare => scores.noise.map(|noise| noise.level()),
        Rule::RobustZ => Some(scores.centre.0 + ROBUST_Z * scores.centre.1).filter(|t| *t > 0.0),
        Rule::Tail => scores.tail,
        Rule::Fixed(value) => Some(value),
        Rule::Auto => None,
    }
}

/// How far above the noise level the least-error cut may lie where the whole is noise as the method's law says, and change.
const NEAR_NOISE: f64 = 1.5;

/// A cut this little below the noise level is drawn at it: the least error does not jump there.
const AT_NOISE: f64 = 0.9;

/// Whether change is a broad shoulder of the noise, which the least-error cut parts from it where the noise ends by law. A
/// cut far above tells of ground that is restless as a whole.
#[must_use]
pub fn has_shoulder(scores: &ScoreSample) -> bool {
    let near = |value: f64| scores.noise.is_none_or(|noise| value <= NEAR_NOISE * noise.level());
    shoulder(scores).and_then(|choice| choice.value).is_some_and(near)
}

fn shoulder(scores: &ScoreSample) -> Option<ThresholdChoice> {
    judge(scores, Rule::KittlerIllingworth, "rare_change", LEAST_SEPARATION)
}

/// A rule's cut, if it is credible and above the noise; `None` where the rule finds none.
fn judge(scores: &ScoreSample, rule: Rule, why: &'static str, least_separation: f64) -> Option<ThresholdChoice> {
    let (value, level) = (cut(rule, scores)?, scores.noise.map_or(0.0, |noise| noise.level));
    Some(if value < AT_NOISE * level {
        refused("only_noise", None)
    } else {
        judged(value.max(level), rule.word(), why, least_separation, scores)
    })
}

fn automatic(scores: &ScoreSample) -> ThresholdChoice {
    let broad = shoulder(scores);
    let long_tailed = judge(scores, Rule::LogKittlerIllingworth, "long_tail", CLEAR_SEPARATION);
    let strong = judge(scores, Rule::Otsu, "no_minimum_error", LEAST_SEPARATION);
    let outliers = judge(scores, Rule::Tail, "outliers", LEAST_SEPARATION);
    let is_credible = |choice: &&ThresholdChoice| choice.value.is_some();
    // Where both find a heap of change they differ in where below it they cut: the lower cut keeps its edges.
    let rare = [&long_tailed, &strong].into_iter().flatten().filter(is_credible);
    let rare = rare.min_by(|a, b| a.value.unwrap_or(f64::MAX).total_cmp(&b.value.unwrap_or(f64::MAX)));
    let credible = broad.iter().find(is_credible).or(rare).or(outliers.iter().find(is_credible));
    credible.or(broad.as_ref()).or(strong.as_ref()).cloned().unwrap_or_else(|| refused("constant_scores", None))
}

/// The line at which noise ends, where what lies above it is credible: for scenes of which more than a score tells what is
/// change.
#[must_use]
pub fn at_noise(scores: &ScoreSample) -> Option<ThresholdChoice> {
    let choice = judge(scores, Rule::ChiSquare, "other_season", LEAST_SEPARATION)?;
    choice.value.is_some().then_some(choice)
}

/// Of what lies above the line, at most this share may be chance, as the way back tells.
const LARGEST_CHANCE: f64 = 0.3;

/// Quantiles of the scores between which the line is sought, and in how many steps. Beyond the highest a handful of pixels
/// would decide.
const SOUGHT: std::ops::Range<f64> = 0.5..0.9995;
const STEPS: usize = 400;

/// The line above which a score with a direction outnumbers its mirror, the score of the way back: what happens by chance
/// happens both ways, so what the way back scores above a line is how much of the way there is chance. Both are brought to
/// one median first, as one scene may be the sharper one. Where much changed Otsu's cut lies higher, and is taken.
///
/// Source: the share of false discoveries by a mirror without effect, Barber & Candès 2015 (doi:10.1214/15-AOS1337).
#[must_use]
pub fn beyond_mirror(scores: &ScoreSample, there: &mut [f32], back: &mut [f32]) -> ThresholdChoice {
    there.sort_unstable_by(f32::total_cmp);
    back.sort_unstable_by(f32::total_cmp);
    let (Some(&median), Some(&mirrored)) = (there.get(there.len() / 2), back.get(back.len() / 2)) else {
        return refused("too_few_pixels", None);
    };
    let scale = if mirrored > 0.0 { median / mirrored } else { 1.0 };
    let above = |values: &[f32], line: f32| (values.len() - values.partition_point(|&v| v <= line)) as f64;
    let at = |step: usize| {
        let quantile = SOUGHT.start + (SOUGHT.end - SOUGHT.start) * step as f64 / (STEPS - 1) as f64;
        there[((there.len() - 1) as f64 * quantile) as usize]
    };
    let is_more = |line: &f32| above(back, line / scale) <= LARGEST_CHANCE * above(there, *line);
    let Some(line) = (0..STEPS).rev().map(at).take_while(is_more).last() else {
        return refused("only_noise", None);
    };
    let value = otsu(&scores.linear).map_or(f64::from(line), |cut| cut.max(f64::from(line)));
    stated(value, "mirror", "more_than_back", separation(&scores.linear, value))
}

/// A cut if it is credible, else why not.
fn judged(value: f64, rule: &str, why: &'static str, least_separation: f64, scores: &ScoreSample) -> ThresholdChoice {
    let (histogram, noise) = (&scores.linear, scores.noise);
    let (apart, share) = (separation(histogram, value), share_above(histogram, value));
    if share > LARGEST_SHARE {
        refused("too_much_change", apart)
    } else if noise.is_some_and(|n| share < LEAST_EXCESS * n.share_above(value)) {
        refused("only_noise", apart)
    } else if apart.is_none_or(|d| d < least_separation) {
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
        Self::weighted(bins.map(|bin| (centre(histogram, bin), histogram.counts[bin] as f64 / total as f64)))
    }

    /// Of values with their weights; `None` where nothing has weight.
    fn weighted(values: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let (mut weight, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for (value, share) in values {
            weight += share;
            sum += share * value;
            squares += share * value * value;
        }
        let mean = sum / weight;
        (weight > 0.0).then(|| Self { weight, mean, variance: (squares / weight - mean * mean).max(0.0) })
    }

    /// Its share of the density at a score, as a Gaussian.
    fn density(&self, score: f64) -> f64 {
        let variance = self.variance.max(1e-12);
        self.weight * (-(score - self.mean).powi(2) / (2.0 * variance)).exp() / variance.sqrt()
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
    fn two_heaps() -> ScoreSample {
        let mut scores: Vec<f32> = Vec::new();
        for i in 0..9000 {
            scores.push(2.0 + ((i % 100) as f32 - (i / 90) as f32) / 100.0);
        }
        for i in 0..1000 {
            scores.push(8.0 + ((i % 100) as f32 - (i / 10) as f32) / 100.0);
        }
        ScoreSample::new(scores, None)
    }

    #[test]
    fn every_rule_cuts_between_two_heaps() {
        let heaps = two_heaps();
        for rule in [Rule::Otsu, Rule::KittlerIllingworth, Rule::LogKittlerIllingworth, Rule::Mixture, Rule::Auto] {
            let threshold = choose(rule, &heaps).value.unwrap();
            assert!((3.0..=7.0).contains(&threshold), "{}: {threshold}", rule.word());
        }
        assert!(separation(&heaps.linear, 5.0).unwrap() > 8.0);
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
        let choice = choose(Rule::Auto, &ScoreSample::new(scores.clone(), Some(Noise::chi(4))));
        assert_eq!((choice.value, choice.why), (None, "only_noise"), "{choice:?}");
        scores[..20].fill(15.0);
        let choice = choose(Rule::Auto, &ScoreSample::new(scores.clone(), Some(Noise::chi(4))));
        assert!(choice.value.is_some_and(|t| t < 15.0), "one changed pixel in a thousand is found: {choice:?}");
    }

    #[test]
    fn constant_scores_have_no_threshold() {
        assert_eq!(choose(Rule::Auto, &ScoreSample::new(vec![0.0; 50], None)).why, "constant_scores");
    }

    #[test]
    fn a_given_number_is_taken_as_it_is() {
        assert_eq!(choose(Rule::Fixed(4.5), &two_heaps()).value, Some(4.5));
    }
}
