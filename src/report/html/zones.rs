//! The table of zones of one comparison, the strictest first; zones that nothing hit are listed too.

use crate::lang::Lang;
use crate::model::flag::Place;
use crate::model::outcome::{ComparisonOutcome, ZoneTally};
use crate::model::zone::Zone;
use crate::report::{ReportInput, number, phrase};

use super::markup::{Element, Markup, el};
use super::masthead::NOISE;
use super::{charts, heading_cell};

/// Headings, and whether their cells hold numbers.
const HEADS: [(&str, bool); 7] = [
    ("report.table.zone", false),
    ("report.table.area", true),
    ("report.table.changed", true),
    ("report.table.not_observed", true),
    ("report.table.bar", false),
    ("report.table.flags", true),
    ("report.table.ring", true),
];

pub(super) fn table(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Markup {
    let mut rows: Vec<(&Zone, &ZoneTally)> = comparison
        .zones
        .iter()
        .filter_map(|tally| input.outcome.zones.get(tally.zone).map(|zone| (zone, tally)))
        .collect();
    rows.sort_by(|(a, _), (b, _)| a.strictness.cmp(&b.strictness).then_with(|| a.id.cmp(&b.id)));
    let head = el("tr").children(HEADS.map(|(key, is_number)| heading_cell(input, key, is_number)));
    let can_tell = comparison.threshold.value.is_some();
    let (unseen, seen): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, tally)| is_never_seen(tally));
    let body = seen.into_iter().map(|(zone, tally)| row(input, zone, tally, can_tell));
    let body = body.chain(unseen_row(input, &unseen));
    el("table").class("zones").child(el("thead").child(head)).child(el("tbody").children(body)).into()
}

/// A zone's name with its class, id and boundary version beneath.
pub(super) fn zone_name(zone: &Zone, lang: Lang) -> Markup {
    let parts = [zone.id.clone(), phrase::zone_class(zone)];
    let beneath = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let version = phrase::version(zone, lang);
    let version = (!version.is_empty()).then(|| el("span").class("nowrap").text(version));
    let beneath = if version.is_some() { format!("{beneath} · ") } else { beneath };
    [el("div").class("name").text(&zone.name), el("div").class("aside").text(beneath).maybe(version)]
        .into_iter()
        .collect()
}

/// Whether none of a zone was seen, nor of its ring.
fn is_never_seen(tally: &ZoneTally) -> bool {
    let seen = tally.inside.changed.0 + tally.inside.unchanged.0 + tally.ring.changed.0 + tally.ring.unchanged.0;
    let unseen = tally.inside.not_observed.0 + tally.ring.not_observed.0;
    unseen > 0.0 && seen <= NOISE * unseen
}

/// Zones outside both scenes share one row: a table of a hundred times "not observed" hides the few that were seen.
fn unseen_row(input: &ReportInput<'_>, zones: &[(&Zone, &ZoneTally)]) -> Option<Markup> {
    let area: f64 = zones.iter().map(|(zone, _)| zone.area.0).sum();
    let titles: Vec<String> = zones.iter().map(|(zone, _)| format!("{} {}", zone.id, zone.name)).collect();
    let facts: [(&str, &dyn std::fmt::Display); 2] = [("count", &zones.len()), ("area", &number::area(area))];
    let cell = el("td")
        .attr("colspan", HEADS.len())
        .child(el("div").class("name").text(input.lang.sentence("report.unseen_zones", &facts)))
        .child(el("div").class("aside").text(titles.join(phrase::separator(input.lang))));
    (!zones.is_empty()).then(|| el("tr").class("unseen-zones").child(cell).into())
}

fn row(input: &ReportInput<'_>, zone: &Zone, tally: &ZoneTally, can_tell: bool) -> Markup {
    let inside = &tally.inside;
    let cannot = || el("td").class("n cannot").text(input.lang.word("report.cannot_tell"));
    let unseen_all =
        inside.not_observed.0 > 0.0 && inside.changed.0 + inside.unchanged.0 <= NOISE * inside.not_observed.0;
    let changed = if !can_tell {
        cannot()
    } else if unseen_all {
        el("td").class("n cannot").text(input.lang.word("report.never_seen"))
    } else {
        let discarded = phrase::discarded(inside, input.lang).map(|text| el("div").class("aside").text(text));
        figure(inside.changed.0, zone.area.0).maybe(discarded)
    };
    let count = |count: usize, place: Place| {
        // Where too little was seen, a zero would be read as "no change".
        let is_known = can_tell && (count > 0 || tally.enough(place));
        let text = if is_known { count.to_string() } else { number::UNKNOWN.to_owned() };
        el("td").class(if count > 0 { "n hit" } else { "n" }).text(text)
    };
    let lacking = (!tally.enough_data).then(|| {
        let percent = number::percent(inside.observed().0);
        el("div").class("lacking").text(input.lang.sentence("report.lacking", &[("percent", &percent)]))
    });
    let bar = if can_tell { charts::bar(inside, 130.0) } else { charts::bar_untold(inside, 130.0) };
    el("tr")
        .child(el("td").child(zone_name(zone, input.lang)).maybe(lacking))
        .child(el("td").class("n").text(number::area(zone.area.0)))
        .child(changed)
        .child(figure(inside.not_observed.0, zone.area.0))
        .child(el("td").child(bar))
        .child(count(tally.flags, Place::Inside))
        .child(count(tally.ring_flags, Place::Ring))
        .into()
}

fn figure(m2: f64, whole: f64) -> Element {
    let m2 = if m2 <= NOISE * whole { 0.0 } else { m2 };
    let share = el("span").class("aside").text(number::percent_of(m2, whole));
    el("td").class("n").text(number::area(m2)).child(share)
}
