//! What stands in the cells, as text.

use crate::gui::cx::Cx;
use crate::gui::session::flags::{Column, FlagBook, Nature, activity, zone_kind};
use crate::gui::widgets;
use crate::model::flag::Place;
use crate::model::record::FlagRecord;
use crate::report::{self, text_for_cell};

/// Written where nothing is known.
const UNKNOWN: &str = "–";

/// The text of a cell.
pub fn text(cx: &Cx<'_>, column: Column, record: &FlagRecord) -> String {
    let hit = record.hits.first();
    let word = |key: &str| cx.word(key);
    let unknown = || UNKNOWN.to_owned();
    match column {
        Column::Code => record.code.clone(),
        Column::Severity => word(record.severity.key()),
        Column::Period => format!("{} → {}", record.from, record.to),
        Column::Year => record.to.year().to_string(),
        Column::Kind => word(record.kind.key()),
        Column::State => word(record.state.key()),
        Column::Place => word(record.place.key()),
        Column::Line => record.line().map_or_else(unknown, |line| word(line.key())),
        Column::Suggestion => record.suggestion.as_ref().map_or_else(unknown, |s| activity(&s.code, cx.lang)),
        Column::Change => format!("{} → {}", word(record.from_class.key()), word(record.to_class.key())),
        Column::Zone => zone(cx, record),
        Column::ZoneKind => hit.map_or_else(unknown, |hit| zone_kind(&hit.kind, cx.lang)),
        Column::Method => report::method(&record.method, cx.lang),
        Column::Volume if record.volume.is_some() => widgets::grouped(column.number(record)),
        _ => number(column, column.number(record)),
    }
}

fn zone(cx: &Cx<'_>, record: &FlagRecord) -> String {
    let Some(first) = record.hits.first() else { return cx.word("gui.flags.no_zone") };
    let more = if record.hits.len() > 1 { format!("  +{}", record.hits.len() - 1) } else { String::new() };
    let ring = if record.place == Place::Ring { format!("  {}", cx.word(Place::Ring.key())) } else { String::new() };
    format!("{}{more}{ring}", first.name)
}

fn number(column: Column, value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    match column {
        Column::Inside | Column::Strength => format!("{value:.2}"),
        Column::Distance => format!("{value:.1}"),
        _ => widgets::grouped(value),
    }
}

/// The marked rows, or the selected one, in the columns shown, for a spreadsheet: tab-separated with a heading. No cell
/// can become a formula, and numbers are not grouped.
pub fn tsv(cx: &Cx<'_>, book: &FlagBook) -> String {
    let columns = book.columns();
    let line = |cells: Vec<String>| cells.join("\t") + "\n";
    let mut text = line(columns.iter().map(|column| cx.word(column.key())).collect());
    let marked = book.order().iter().filter(|at| book.marked().contains(at));
    for record in marked.map(|at| &book.records()[*at]) {
        text += &line(columns.iter().map(|column| plain(cx, *column, record)).collect());
    }
    text
}

fn plain(cx: &Cx<'_>, column: Column, record: &FlagRecord) -> String {
    if column.nature() == Nature::Number {
        let value = column.number(record);
        return if value.is_finite() { value.to_string() } else { String::new() };
    }
    let text = match column {
        Column::Zone => record.hits.first().map(|hit| hit.name.clone()).unwrap_or_default(),
        _ => text(cx, column, record),
    };
    text_for_cell(&text).replace(['\t', '\r', '\n'], " ")
}
