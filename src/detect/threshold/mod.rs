//! Where change begins: rules over the histogram of the sample's scores, and the refusal to draw a line where nothing
//! separates.

use crate::model::outcome::{ScoreHistogram, ThresholdChoice};

use super::chi_square;
use super::sample::{nmad, quantile};
use cuts::{kittler_illingworth, mixture, otsu, separation, share_above};

mod cuts;

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
        let upper = quantile(&mut scores, 0.975);
        let centre = (median, nmad(&scores, median));
        let tail = (median > 0.0 && upper.is_finite()).then(|| end_of_tail(median, (upper, 1.96)));
        Self { logarithmic: logarithms(&scores, &linear), linear, centre, tail, noise }
    }
}

/// Where the tail of a bulk ends whose logarithms are normal: from its median, and the value that lies so many standard
/// deviations above it.
#[must_use]
pub fn end_of_tail(median: f64, (upper, sigmas): (f64, f64)) -> f64 {
    median * (TAIL_SIGMAS * (upper / median).ln() / sigmas).exp()
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

/// Draws the line. No automatic line but the last lies below the noise level.
///
/// `Rule::Auto` takes the first credible one of: the least-error cut, which is best where change is a broad shoulder of the
/// noise; the lower of Otsu's cut and the least-error cut of the logarithms, which find rare change in scenes whose bulk
/// has a long tail; the end of that tail, beyond which only what is rare and stands out remains; and, of few bands, the
/// least-error cut where change outnumbers the noise that it overlaps.
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

/// How far above the noise level a line may lie where the whole is noise as the method's law says, and change.
const NEAR_NOISE: f64 = 1.5;

fn is_near_noise(scores: &ScoreSample, line: f64) -> bool {
    scores.noise.is_none_or(|noise| line <= NEAR_NOISE * noise.level())
}

/// A cut this little below the noise level is drawn at it: the least error does not jump there.
const AT_NOISE: f64 = 0.9;

/// Whether change is a broad shoulder of the noise, which the least-error cut parts from it where the noise ends by law. A
/// cut far above tells of ground that is restless as a whole.
#[must_use]
pub fn has_shoulder(scores: &ScoreSample) -> bool {
    shoulder(scores).and_then(|choice| choice.value).is_some_and(|line| is_near_noise(scores, line))
}

/// Whether it is noise that the automatic line parts change from, not what restless ground does.
#[must_use]
pub fn parts_from_noise(scores: &ScoreSample) -> bool {
    automatic(scores).value.is_some_and(|line| is_near_noise(scores, line))
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
    let rare = lowest([&long_tailed, &strong].into_iter().flatten().filter(is_credible));
    let overlapping = overlapping(scores);
    let rare = rare.and_then(|rare| lowest(overlapping.iter().filter(is_credible).chain([rare])));
    let faint = faint(scores);
    let credible = broad.iter().find(is_credible).or(rare);
    let credible = credible.or(outliers.iter().find(is_credible)).or(faint.iter().find(is_credible));
    credible.or(broad.as_ref()).or(strong.as_ref()).cloned().unwrap_or_else(|| refused("constant_scores", None))
}

fn lowest<'c>(choices: impl Iterator<Item = &'c ThresholdChoice>) -> Option<&'c ThresholdChoice> {
    choices.min_by(|a, b| a.value.unwrap_or(f64::MAX).total_cmp(&b.value.unwrap_or(f64::MAX)))
}

/// With so few bands change and noise overlap, and the least-error cut lies among the noise.
const FEW_BANDS: usize = 2;

/// The least-error cut of few bands, drawn at the noise level where it lies below.
fn overlapping(scores: &ScoreSample) -> Option<ThresholdChoice> {
    let noise = scores.noise.filter(|noise| noise.degrees <= FEW_BANDS)?;
    let line = kittler_illingworth(&scores.linear)?.max(noise.level);
    Some(judged(line, Rule::KittlerIllingworth.word(), "rare_change", LEAST_SEPARATION, scores))
}

/// The least-error cut below the noise level, where change is so much that it outnumbers the noise even there; higher, where
/// it first does. With one or two bands change and noise overlap, and other rules see one heap: of the Landsat pair with truth
/// the red and infrared bands alone, refused without it, have an F1 of 0.94.
fn faint(scores: &ScoreSample) -> Option<ThresholdChoice> {
    let (noise, cut) = (scores.noise?, kittler_illingworth(&scores.linear)?);
    let step = scores.linear.high / BINS as f64;
    let lines = (0..).map(|at| cut + step * f64::from(at)).take_while(|line| *line < noise.level);
    let outnumbers = |line: &f64| share_above(&scores.linear, *line) >= LEAST_EXCESS * noise.share_above(*line);
    let line = lines.into_iter().find(outnumbers).unwrap_or(noise.level.max(cut));
    Some(judged(line, Rule::KittlerIllingworth.word(), "faint_change", LEAST_SEPARATION, scores))
}

/// The line at which noise ends, where what lies above it is credible: for scenes of which more than a score tells what is
/// change.
#[must_use]
pub fn at_noise(scores: &ScoreSample) -> Option<ThresholdChoice> {
    let choice = judge(scores, Rule::ChiSquare, "other_season", 0.0)?;
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

#[cfg(test)]
mod tests {
    use super::super::kmeans::Draw;
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

    /// What unchanged pixels of four bands score.
    fn noise(count: usize) -> Vec<f32> {
        let mut draw = Draw(3);
        let mut normal = move || (0..12).map(|_| draw.number() as f32).sum::<f32>() - 6.0;
        (0..count).map(|_| (0..4).map(|_| normal().powi(2)).sum::<f32>().sqrt()).collect()
    }

    fn of_four_bands(scores: Vec<f32>) -> ScoreSample {
        ScoreSample::new(scores, Some(Noise::chi(4)))
    }

    #[test]
    fn noise_alone_has_no_reliable_threshold() {
        let mut scores = noise(20_000);
        let choice = choose(Rule::Auto, &of_four_bands(scores.clone()));
        assert_eq!((choice.value, choice.why), (None, "only_noise"), "{choice:?}");
        assert_eq!(at_noise(&of_four_bands(scores.clone())), None);
        scores[..20].fill(15.0);
        let choice = choose(Rule::Auto, &of_four_bands(scores));
        assert!(choice.value.is_some_and(|t| t < 15.0), "one changed pixel in a thousand is found: {choice:?}");
    }

    #[test]
    fn a_cut_a_little_below_the_noise_is_drawn_at_it() {
        let mut scores = noise(20_000);
        for (at, score) in scores.iter_mut().take(1600).enumerate() {
            *score += 1.5 + at as f32 / 400.0;
        }
        let (scores, level) = (of_four_bands(scores), Noise::chi(4).level());
        let cut = kittler_illingworth(&scores.linear).unwrap();
        assert!((0.9 * level..level).contains(&cut), "{cut} against {level}");
        let choice = choose(Rule::Auto, &scores);
        assert_eq!((choice.value, choice.rule.as_str()), (Some(level), "kittler-illingworth"), "{choice:?}");
    }

    #[test]
    fn change_of_one_band_is_cut_from_the_noise_that_it_overlaps() {
        let mut draw = Draw(3);
        let mut normal = || (0..12).map(|_| draw.number() as f32).sum::<f32>() - 6.0;
        let mut scores: Vec<f32> = (0..20_000).map(|_| normal().abs()).collect();
        let of_one_band = |scores: &[f32]| ScoreSample::new(scores.to_vec(), Some(Noise::chi(1)));
        assert_eq!(choose(Rule::Auto, &of_one_band(&scores)).why, "only_noise");
        scores[..2000].iter_mut().for_each(|score| *score += 2.5);
        let choice = choose(Rule::Auto, &of_one_band(&scores));
        let line = choice.value.unwrap_or_default();
        assert_eq!(choice.why, "faint_change", "{choice:?}");
        assert!((2.0..Noise::chi(1).level()).contains(&line), "{line}");
    }

    #[test]
    fn of_one_band_a_rarer_cut_far_above_gives_way_to_the_noise_level() {
        let mut draw = Draw(3);
        let mut normal = || (0..12).map(|_| draw.number() as f32).sum::<f32>() - 6.0;
        let mut scores: Vec<f32> = (0..20_000).map(|_| normal().abs()).collect();
        for (at, score) in scores.iter_mut().take(4000).enumerate() {
            *score *= 1.0 + at as f32 / 400.0;
        }
        let scores = ScoreSample::new(scores, Some(Noise::chi(1)));
        let (cut, level) = (otsu(&scores.linear).unwrap(), Noise::chi(1).level());
        assert!(cut > 1.5 * level && kittler_illingworth(&scores.linear).unwrap() < 0.9 * level, "{cut}");
        assert_eq!(choose(Rule::Auto, &scores).value, Some(level));
    }

    #[test]
    fn between_seasons_the_line_lies_where_noise_ends() {
        let mut scores = noise(20_000);
        scores[..4000].iter_mut().for_each(|score| *score += 6.0);
        let choice = at_noise(&of_four_bands(scores)).unwrap();
        assert_eq!((choice.value, choice.why), (Some(Noise::chi(4).level()), "other_season"));
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
