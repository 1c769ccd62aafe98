//! Small drawings: the bar of changed, unchanged and not observed, and the histogram of scores with its threshold.

use crate::lang::Lang;
use crate::model::outcome::{ComparisonOutcome, Tally};
use crate::report::number;

use super::markup::{Element, Markup, el, px};
use super::masthead::NOISE;

/// A rectangle of a drawing.
pub(super) fn rect(class: &str, x: f64, y: f64, width: f64, height: f64) -> Element {
    el("rect").class(class).attr("x", px(x)).attr("y", px(y)).attr("width", px(width)).attr("height", px(height))
}

/// A line of a drawing.
pub(super) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Element {
    el("line").class(class).attr("x1", px(from.0)).attr("y1", px(from.1)).attr("x2", px(to.0)).attr("y2", px(to.1))
}

/// A text of a drawing; `anchor` is `start`, `middle` or `end`.
pub(super) fn label(class: &str, x: f64, y: f64, anchor: &'static str, text: &str) -> Element {
    el("text").class(class).attr("x", px(x)).attr("y", px(y)).attr("text-anchor", anchor).text(text)
}

/// A drawing of a size.
pub(super) fn drawing(class: &str, width: f64, height: f64) -> Element {
    el("svg")
        .class(class)
        .attr("width", px(width))
        .attr("height", px(height))
        .attr("viewBox", format!("0 0 {} {}", px(width), px(height)))
}

const BAR_HEIGHT: f64 = 11.0;
/// A part that is not nothing stays visible.
const LEAST_PART: f64 = 1.5;

/// Changed, unchanged and not observed as one bar.
pub(super) fn bar(tally: &Tally, width: f64) -> Markup {
    stacked(&[("changed", tally.changed.0), ("unchanged", tally.unchanged.0), ("unseen", tally.not_observed.0)], width)
}

/// The bar where no change could be told: all that was observed is left open.
pub(super) fn bar_untold(tally: &Tally, width: f64) -> Markup {
    stacked(&[("untold", tally.changed.0 + tally.unchanged.0), ("unseen", tally.not_observed.0)], width)
}

fn stacked(parts: &[(&str, f64)], width: f64) -> Markup {
    let whole: f64 = parts.iter().map(|p| p.1.max(0.0)).sum();
    let svg = drawing("bar", width, BAR_HEIGHT).child(rect("ground", 0.0, 0.0, width, BAR_HEIGHT));
    if whole <= 0.0 || !whole.is_finite() {
        return svg.into();
    }
    let wanted: Vec<f64> =
        parts.iter().map(|p| if p.1 > NOISE * whole { (p.1 / whole * width).max(LEAST_PART) } else { 0.0 }).collect();
    let scale = width / wanted.iter().sum::<f64>();
    let mut x = 0.0;
    let rects = parts.iter().zip(wanted).filter(|(_, wanted)| *wanted > 0.0).map(|((class, _), wanted)| {
        let part = rect(class, x, 0.0, wanted * scale, BAR_HEIGHT);
        x += wanted * scale;
        part
    });
    let rects: Markup = rects.collect();
    svg.child(rects).into()
}

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 30.0;
const MOST_BARS: usize = 110;

/// The scores of the sample, with the threshold; counts are drawn on a logarithmic scale, for change is rare.
pub(super) fn histogram(comparison: &ComparisonOutcome, lang: Lang) -> Option<Markup> {
    let scores = &comparison.histogram;
    let span = scores.high - scores.low;
    let most = scores.counts.iter().copied().max().unwrap_or(0);
    if most == 0 || span.is_nan() || span <= 0.0 || !span.is_finite() {
        return None;
    }
    let per_bar = scores.counts.len().div_ceil(MOST_BARS);
    let sums: Vec<u64> = scores.counts.chunks(per_bar).map(|bins| bins.iter().sum()).collect();
    let height = |count: u64| ((count as f64).ln_1p()) / ((sums.iter().copied().max().unwrap_or(1) as f64).ln_1p());
    let (plot_w, plot_h) = (WIDTH - 2.0 * LEFT, HEIGHT - TOP - BOTTOM);
    let bin = span / scores.counts.len() as f64;
    let x_of = |score: f64| LEFT + (score - scores.low) / span * plot_w;
    let threshold = comparison.threshold.value.filter(|t| t.is_finite());
    let bars = sums.iter().enumerate().map(|(i, &count)| {
        let from = scores.low + (i * per_bar) as f64 * bin;
        let to = (from + per_bar as f64 * bin).min(scores.high);
        let class = if threshold.is_some_and(|t| f64::midpoint(from, to) > t) { "above" } else { "below" };
        let h = height(count) * plot_h;
        rect(class, x_of(from), TOP + plot_h - h, (x_of(to) - x_of(from) - 0.6).max(0.4), h)
    });
    let mut svg = drawing("chart", WIDTH, HEIGHT).children(bars).child(line(
        "axis",
        (LEFT, TOP + plot_h),
        (LEFT + plot_w, TOP + plot_h),
    ));
    for i in 0..=4 {
        let score = scores.low + span * f64::from(i) / 4.0;
        let anchor = ["start", "middle", "middle", "middle", "end"][i as usize];
        svg = svg.child(label("tick", x_of(score), TOP + plot_h + 13.0, anchor, &number::significant(score, 3)));
    }
    svg = svg.child(label("tick", LEFT + plot_w / 2.0, HEIGHT - 4.0, "middle", &lang.word("report.chart.scores")));
    if let Some(threshold) = threshold.filter(|t| (scores.low..=scores.high).contains(t)) {
        let x = x_of(threshold);
        let (anchor, dx) = if x > WIDTH * 0.6 { ("end", -5.0) } else { ("start", 5.0) };
        let text = lang.sentence("report.chart.threshold", &[("value", &number::significant(threshold, 4))]);
        svg = svg.child(line("threshold", (x, 6.0), (x, TOP + plot_h))).child(label(
            "threshold-label",
            x + dx,
            15.0,
            anchor,
            &text,
        ));
    }
    Some(svg.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::SquareMetres;
    use crate::report::specimen;

    #[test]
    fn a_part_that_is_not_nothing_stays_visible() {
        let tally = Tally { changed: SquareMetres(1.0), unchanged: SquareMetres(1e6), ..Tally::default() };
        let text = bar(&tally, 100.0).into_string();
        assert!(text.contains("class=\"changed\" x=\"0\" y=\"0\" width=\"1.48\""), "{text}");
        assert!(!text.contains("unseen"));
    }

    #[test]
    fn the_threshold_divides_the_bars() {
        let outcome = specimen::outcome();
        let text = histogram(&outcome.comparisons[0], Lang::Zh).unwrap().into_string();
        assert_eq!(text.matches("class=\"below\"").count(), 30);
        assert_eq!(text.matches("class=\"above\"").count(), 50);
    }

    #[test]
    fn no_scores_make_no_chart() {
        let mut comparison = specimen::outcome().comparisons.remove(0);
        comparison.histogram = crate::model::outcome::ScoreHistogram::default();
        assert!(histogram(&comparison, Lang::Zh).is_none());
    }
}
