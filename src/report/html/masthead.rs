//! The head of the page, the overview with *not observed* beside every figure, and the foot.

use crate::model::flag::{Place, Severity};
use crate::model::outcome::{ComparisonOutcome, Outcome, ZoneTally};
use crate::report::{ReportInput, number, phrase};

use super::markup::{Element, Markup, div, el};
use super::ranking::Ranking;
use super::{charts, heading_cell};

/// A share below this is the noise of a sum.
pub(super) const NOISE: f64 = 1e-9;

/// Sections in the order of the page, as anchors.
const CONTENTS: [&str; 10] =
    ["overview", "map", "comparisons", "trends", "flags", "rings", "list", "discarded", "method", "notices"];

pub(super) fn masthead(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let (outcome, lang) = (input.outcome, input.lang);
    let crs = outcome.crs.label();
    let provenance = lang.sentence(
        "report.masthead.provenance",
        &[("name", &env!("CARGO_PKG_NAME")), ("version", &outcome.program), ("gdal", &outcome.gdal), ("crs", &crs)],
    );
    let links = CONTENTS
        .iter()
        .map(|id| el("a").attr("href", format!("#{id}")).text(lang.word(&format!("report.section.{id}"))));
    el("header")
        .class("mast")
        .child(div("kicker").text(lang.word("report.title")))
        .child(el("h1").text(&outcome.project))
        .child(el("p").class("lead").text(lead(outcome, ranked, input)))
        .child(el("p").class("prov").text(provenance))
        .child(el("nav").children(links))
        .into()
}

fn lead(outcome: &Outcome, ranked: &Ranking<'_>, input: &ReportInput<'_>) -> String {
    let days = outcome.comparisons.iter().flat_map(|c| [c.from_date, c.to_date]);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
        return input.lang.word("report.masthead.nothing");
    };
    let facts: [(&str, &dyn std::fmt::Display); 6] = [
        ("first", &first),
        ("last", &last),
        ("comparisons", &outcome.comparisons.len()),
        ("zones", &outcome.zones.len()),
        ("flags", &ranked.inside.len()),
        ("high", &ranked.count(Severity::High)),
    ];
    input.lang.sentence("report.masthead.lead", &facts)
}

pub(super) fn overview(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let lang = input.lang;
    let cards = div("cards")
        .child(flags_card(input, ranked))
        .child(zones_card(input))
        .children(latest(input.outcome).map(|c| latest_card(input, c)));
    let notes = el("ul").class("notes").children(phrase::NOTES.map(|key| el("li").text(lang.word(key))));
    let content: Markup = [Markup::from(cards), table(input), notes.into()].into_iter().collect();
    super::section(input, "overview", content)
}

/// A figure with its heading and what stands beneath it.
pub(super) fn figure_card(class: &'static str, label: &str, figure: &str, beneath: impl Into<Markup>) -> Element {
    div(class).child(div("label").text(label)).child(div("figure").text(figure)).child(div("beneath").child(beneath))
}

fn flags_card(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let severities = [Severity::High, Severity::Medium, Severity::Low]
        .map(|severity| pill(input, severity, &format!(" {}", ranked.count(severity))));
    let rings = input.lang.sentence("report.card.rings", &[("count", &ranked.ring.len())]);
    let beneath: Markup = severities.into_iter().chain([Markup::from(div("rings").text(rings))]).collect();
    figure_card("card", &input.lang.word("report.card.flags"), &ranked.inside.len().to_string(), beneath).into()
}

/// The severity as a coloured word with what follows it.
pub(super) fn pill(input: &ReportInput<'_>, severity: Severity, after: &str) -> Markup {
    let word = input.lang.word(severity.key());
    el("span").class(&format!("pill {}", severity_class(severity))).text(format!("{word}{after}")).into()
}

/// CSS class of a severity.
pub(super) fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

fn zones_card(input: &ReportInput<'_>) -> Markup {
    let outcome = input.outcome;
    let tallies = |zone: usize, whole: bool| {
        let comparisons = outcome.comparisons.iter().filter(move |c| !whole || c.kind.shows_whole_zones());
        comparisons.flat_map(|c| &c.zones).filter(move |t| t.zone == zone)
    };
    let hit = (0..outcome.zones.len()).filter(|&zone| tallies(zone, false).any(|t| t.flags > 0)).count();
    let unseen = (0..outcome.zones.len()).filter(|&zone| tallies(zone, true).any(is_partly_unseen)).count();
    let lacking = (0..outcome.zones.len()).filter(|&zone| tallies(zone, true).any(|t| !t.enough_data)).count();
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("all", &outcome.zones.len()), ("unseen", &unseen), ("lacking", &lacking)];
    let beneath = input.lang.sentence("report.card.zones_beneath", &facts);
    figure_card("card", &input.lang.word("report.card.zones"), &hit.to_string(), Markup::text(&beneath)).into()
}

fn is_partly_unseen(tally: &ZoneTally) -> bool {
    tally.inside.not_observed.0 > NOISE * tally.inside.total().0
}

fn latest(outcome: &Outcome) -> Option<&ComparisonOutcome> {
    // The kind that saw most of the zones leads, for it speaks for them all; of its comparisons the latest.
    let told = || outcome.comparisons.iter().filter(|c| c.threshold.value.is_some());
    let seen = |c: &ComparisonOutcome| c.totals.changed.0 + c.totals.unchanged.0;
    let widest = told().rev().max_by(|a, b| seen(a).total_cmp(&seen(b)))?.kind;
    told().rev().filter(|c| c.kind == widest).max_by_key(|c| c.to_date)
}

fn latest_card(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let (lang, totals) = (input.lang, &comparison.totals);
    let label = lang.sentence(
        "report.card.latest",
        &[("kind", &phrase::kind(comparison, lang)), ("period", &phrase::period(comparison))],
    );
    let whole = totals.total().0;
    let facts: [(&str, &dyn std::fmt::Display); 4] = [
        ("mu", &number::mu(totals.changed.0, lang)),
        ("share", &number::percent_of(totals.changed.0, whole)),
        ("unseen", &number::area(totals.not_observed.0)),
        ("unseen_share", &number::percent_of(totals.not_observed.0, whole)),
    ];
    let changed = lang.sentence("report.card.changed_beneath", &facts);
    let all_seen = totals.not_observed.0 <= NOISE * whole;
    let unseen =
        if all_seen { lang.word("report.card.all_seen") } else { lang.sentence("report.card.unseen_beneath", &facts) };
    let mut beneath: Markup = div("line").text(changed).into();
    if let Some(discarded) = phrase::discarded(totals, lang) {
        beneath.push(div("line").text(discarded));
    }
    beneath.push(charts::bar(totals, 220.0));
    beneath.push(div("line unseen").text(unseen));
    figure_card("card wide", &label, &number::area(totals.changed.0), beneath).into()
}

fn table(input: &ReportInput<'_>) -> Markup {
    let heads = [
        ("report.table.period", false),
        ("column.KIND", false),
        ("report.table.changed", true),
        ("report.table.not_observed", true),
        ("report.table.bar", false),
        ("report.flags.high", true),
        ("report.flags.medium", true),
        ("report.flags.low", true),
        ("report.table.ring_flags", true),
    ];
    let head = el("tr").children(heads.map(|(key, is_number)| heading_cell(input, key, is_number)));
    let rows = input.outcome.comparisons.iter().map(|c| row(input, c));
    el("table").child(el("thead").child(head)).child(el("tbody").children(rows)).into()
}

fn row(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let totals = &comparison.totals;
    let whole = totals.total().0;
    let can_tell = comparison.threshold.value.is_some();
    let figure = |m2: f64| {
        el("td").class("n").text(number::area(m2)).child(el("span").class("aside").text(number::percent_of(m2, whole)))
    };
    let count = |severity: Option<Severity>, place: Place| {
        let flags = comparison.flags.iter().filter(|f| f.place == place);
        let count = flags.filter(|f| severity.is_none_or(|s| f.severity == s)).count();
        el("td").class("n").text(if can_tell { count.to_string() } else { number::UNKNOWN.to_owned() })
    };
    let discarded = phrase::discarded(totals, input.lang).map(|text| el("div").class("aside").text(text));
    let changed = if can_tell {
        figure(totals.changed.0).maybe(discarded)
    } else {
        el("td").class("n cannot").text(input.lang.word("report.cannot_tell"))
    };
    el("tr")
        .child(el("td").class("nowrap").text(phrase::period(comparison)))
        .child(el("td").text(phrase::kind(comparison, input.lang)))
        .child(changed)
        .child(figure(totals.not_observed.0))
        .child(el("td").child(if can_tell { charts::bar(totals, 150.0) } else { charts::bar_untold(totals, 150.0) }))
        .child(count(Some(Severity::High), Place::Inside))
        .child(count(Some(Severity::Medium), Place::Inside))
        .child(count(Some(Severity::Low), Place::Inside))
        .child(count(None, Place::Ring))
        .into()
}

pub(super) fn foot(input: &ReportInput<'_>) -> Markup {
    let text =
        input.lang.sentence("report.foot", &[("name", &env!("CARGO_PKG_NAME")), ("version", &input.outcome.program)]);
    el("footer").text(text).into()
}
