//! Rules that cut a histogram in two, and how far apart its two sides are.

use crate::model::outcome::ScoreHistogram;

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

/// Share of the scores above a threshold.
pub fn share_above(histogram: &ScoreHistogram, threshold: f64) -> f64 {
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
