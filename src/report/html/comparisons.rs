//! One block a comparison: figures, threshold, shift, and the table of its zones.

use crate::model::outcome::ComparisonOutcome;
use crate::report::{ReportInput, number, phrase};

use super::markup::{Element, Markup, div, el};
use super::masthead::figure_card;
use super::{charts, transfers, zones};

/// Rule of a threshold that the user gave.
const FIXED: &str = "fixed";

pub(super) fn section(input: &ReportInput<'_>) -> Markup {
    let content: Markup = if input.outcome.comparisons.is_empty() {
        el("p").text(input.lang.word("report.comparisons.none")).into()
    } else {
        input.outcome.comparisons.iter().map(|c| block(input, c)).collect()
    };
    super::section(input, "comparisons", content)
}

fn block(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let lang = input.lang;
    let heading =
        el("h3").text(phrase::period(comparison)).child(el("span").class("aside").text(phrase::kind(comparison, lang)));
    let chart = charts::histogram(comparison, lang);
    let chart = chart.map(|chart| {
        let has_threshold = comparison.threshold.value.is_some();
        let caption = if has_threshold { "report.chart.histogram" } else { "report.chart.histogram_untold" };
        el("figure").class("hist").child(chart).child(el("figcaption").text(lang.word(caption)))
    });
    div("comparison")
        .child(heading)
        .maybe(comparison.threshold.value.is_none().then(|| untold(input, comparison)))
        .child(figures(input, comparison))
        .child(div("two").child(facts(input, comparison)).maybe(chart))
        .child(zones::table(input, comparison))
        .maybe(transfers::table(input, comparison))
        .into()
}

/// Why nothing can be told: the opposite of "no change".
fn untold(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let why = phrase::threshold_why(comparison, input.lang);
    div("banner")
        .child(el("strong").text(input.lang.word("report.untold.what")))
        .text(" ")
        .text(input.lang.word("report.untold.meaning"))
        .maybe((!why.is_empty()).then(|| el("p").text(why)))
        .into()
}

fn figures(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let (lang, totals) = (input.lang, &comparison.totals);
    let whole = totals.total().0;
    let can_tell = comparison.threshold.value.is_some();
    let discarded = phrase::discarded(totals, lang).map(|text| div("line").text(text));
    let card = |key: &str, m2: f64, told: bool, more: Option<Element>| {
        let label = lang.word(key);
        if told {
            let beneath = format!("{} · {}", number::mu(m2, lang), number::percent_of(m2, whole));
            let beneath = [Some(div("line").text(beneath)), more].into_iter().flatten().collect::<Markup>();
            figure_card("card", &label, &number::area(m2), beneath)
        } else {
            figure_card("card", &label, &lang.word("report.cannot_tell"), Markup::default())
        }
    };
    div("cards")
        .child(card("report.state.changed", totals.changed.0, can_tell, discarded))
        .child(card("report.state.unchanged", totals.unchanged.0, can_tell, None))
        .child(card("report.state.not_observed", totals.not_observed.0, true, None))
        .into()
}

fn facts(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let lang = input.lang;
    let grid = &comparison.grid;
    let grid_text = lang.sentence(
        "report.value.grid",
        &[("cols", &grid.cols), ("rows", &grid.rows), ("pixel", &phrase::pixel(grid)), ("crs", &grid.crs.label())],
    );
    let separation =
        comparison.threshold.separation.map_or_else(|| number::UNKNOWN.to_owned(), |d| number::grouped(d, 2));
    let rows = [
        ("report.fact.method", phrase::method(&comparison.method, lang)),
        ("report.fact.bands", phrase::bands(&comparison.roles, lang)),
        ("report.fact.threshold", threshold(input, comparison)),
        ("report.fact.separation", separation),
        ("report.fact.shift", shift(input, comparison)),
        ("report.fact.smallest", number::area(comparison.smallest_patch.0)),
        ("report.fact.grid", grid_text),
        ("report.fact.pixels_read", number::grouped(comparison.pixels_read as f64, 0)),
    ];
    let rows = rows.into_iter().chain(surfaces(input, comparison));
    definition_list(rows.map(|(key, value)| (lang.word(key), value))).into()
}

/// What is said of surfaces alone.
fn surfaces(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Vec<(&'static str, String)> {
    let lang = input.lang;
    let mut rows = Vec::new();
    if let Some(fit) = &comparison.heights {
        let [offset, error] = phrase::heights(fit, lang);
        rows.extend([("report.fact.heights", offset), ("report.fact.height_error", error)]);
    }
    rows.extend(comparison.volume.as_ref().map(|volume| ("report.fact.volume", phrase::volume(volume, lang))));
    rows
}

/// Labels with their values.
pub(super) fn definition_list(rows: impl IntoIterator<Item = (String, String)>) -> Element {
    let rows =
        rows.into_iter().map(|(label, value)| div("fact").child(el("dt").text(label)).child(el("dd").text(value)));
    el("dl").children(rows)
}

fn threshold(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> String {
    let lang = input.lang;
    let rule = phrase::rule(&comparison.threshold.rule, lang);
    let why = phrase::threshold_why(comparison, lang);
    let Some(value) = comparison.threshold.value else {
        return [lang.word("report.no_threshold"), why].join(phrase::separator(lang));
    };
    // "Given by the user" says all that "given in the project file" says.
    let parts = if comparison.threshold.rule == FIXED { vec![rule] } else { vec![rule, why] };
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("value", &number::significant(value, 4)), ("rule", &parts.join(phrase::separator(lang)))];
    lang.sentence("report.value.threshold", &facts)
}

fn shift(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> String {
    let lang = input.lang;
    let Some(shift) = comparison.shift else { return lang.word("report.value.shift_unknown") };
    let facts: [(&str, &dyn std::fmt::Display); 5] = [
        ("length", &number::grouped(shift.length().0, 2)),
        ("east", &number::grouped(shift.east.0, 2)),
        ("north", &number::grouped(shift.north.0, 2)),
        ("spread", &number::grouped(shift.spread.0, 2)),
        ("tiles", &shift.tiles),
    ];
    let measured = lang.sentence("report.value.shift", &facts);
    let done = match (shift.field, shift.corrected) {
        (Some((least, greatest)), _) => lang.sentence(
            "report.value.shift_field",
            &[("least", &number::grouped(least.0, 2)), ("greatest", &number::grouped(greatest.0, 2))],
        ),
        (None, true) => lang.word("report.value.shift_corrected"),
        (None, false) => lang.word("report.value.shift_left"),
    };
    let residual = lang.sentence("report.value.residual", &[("residual", &number::grouped(shift.residual.0, 2))]);
    format!("{measured} {done} {residual}")
}
