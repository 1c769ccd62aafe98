//! Patches as rows: the list of flags, and what was discarded.

use crate::report::columns::Value;
use crate::report::{ReportInput, discards, number, phrase};

use super::heading_cell;
use super::markup::{Markup, el};
use super::masthead::pill;
use super::ranking::{Ranked, Ranking};

/// Headings, and whether their cells hold numbers.
const HEADS: [(&str, bool); 9] = [
    ("report.table.number", true),
    ("column.PATCH_ID", false),
    ("column.SEVERITY", false),
    ("report.table.period", false),
    ("report.table.zone", false),
    ("report.table.area", true),
    ("report.table.distance", true),
    ("report.flag.classes", false),
    ("report.flag.lonlat", false),
];

pub(super) fn all(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let content = if ranked.inside.is_empty() {
        el("p").text(input.lang.word("report.flags.none")).into()
    } else {
        table(input, &ranked.inside)
    };
    super::section(input, "list", content)
}

pub(super) fn discarded(input: &ReportInput<'_>) -> Markup {
    let outcome = input.outcome;
    let hint = el("p").class("hint").text(input.lang.word("report.discarded.hint"));
    let head = discards::HEADS.map(|(key, decimals, _)| heading_cell(input, key, decimals.is_some()));
    let rows = discards::all(outcome).map(|(comparison, discard)| {
        let cells = discards::cells(outcome, comparison, discard, input.lang);
        el("tr").children(cells.into_iter().map(|cell| match cell {
            Value::Number(area_m2) => Markup::from(el("td").class("n").text(number::area(area_m2))),
            Value::Text(text) => el("td").text(text).into(),
            _ => el("td").into(),
        }))
    });
    let rows: Vec<_> = rows.collect();
    let content: Markup = if rows.is_empty() {
        el("p").text(input.lang.word("report.discarded.none")).into()
    } else {
        let table = el("table").class("list").child(el("thead").child(el("tr").children(head)));
        [Markup::from(hint), table.child(el("tbody").children(rows)).into()].into_iter().collect()
    };
    super::section(input, "discarded", content)
}

/// Flags, one a row.
pub(super) fn table(input: &ReportInput<'_>, flags: &[Ranked<'_>]) -> Markup {
    let head = el("tr").children(HEADS.map(|(key, is_number)| heading_cell(input, key, is_number)));
    let rows = flags.iter().map(|ranked| row(input, ranked));
    el("table").class("list").child(el("thead").child(head)).child(el("tbody").children(rows)).into()
}

fn row(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let (flag, lang) = (ranked.flag, input.lang);
    let hit = flag.hits.first();
    let zone = hit.and_then(|hit| input.outcome.zones.get(hit.zone));
    let more = flag.hits.len().saturating_sub(1);
    let more = (more > 0).then(|| el("span").class("aside").text(format!("+{more}")));
    let classes = format!("{} → {}", lang.word(flag.patch.from_class.key()), lang.word(flag.patch.to_class.key()));
    el("tr")
        .child(el("td").class("n").text(ranked.number.to_string()))
        .child(el("td").class("nowrap").text(&flag.code))
        .child(el("td").child(pill(input, flag.severity, "")))
        .child(el("td").class("nowrap").text(phrase::period(ranked.comparison)))
        .child(el("td").text(zone.map_or_else(String::new, |z| phrase::zone_title(input.outcome, z))).maybe(more))
        .child(el("td").class("n").text(number::area(flag.patch.area.0)))
        .child(el("td").class("n").text(hit.map_or_else(String::new, |h| phrase::distance(h, lang))))
        .child(el("td").class("nowrap").text(classes))
        .child(el("td").class("nowrap").text(format!("{:.5}, {:.5}", flag.lonlat.x(), flag.lonlat.y())))
        .into()
}
