//! What a flag is: change, area, place, strength, where.

use eframe::egui::Ui;

use crate::gui::cx::Cx;
use crate::gui::session::Project;
use crate::gui::session::flags::activity;
use crate::gui::widgets;
use crate::model::crs::CrsUnit;
use crate::model::record::{FlagRecord, RecordedSuggestion};
use crate::report;

/// Draws the facts.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, project: &Project, record: &FlagRecord) {
    let change = format!("{} → {}", cx.word(record.from_class.key()), cx.word(record.to_class.key()));
    let mu = format!("{:.2}", record.area.mu());
    let area = cx.lang.sentence("gui.unit.area", &[("m2", &widgets::grouped(record.area.0)), ("mu", &mu)]);
    let score = match record.threshold {
        Some(threshold) => format!("{:.2}  >  {threshold:.2}", record.mean_score),
        None => format!("{:.2}", record.mean_score),
    };
    let lonlat = format!("{:.6}°  {:.6}°", record.lonlat.x(), record.lonlat.y());
    let may_be = record.suggestion.as_ref().map_or_else(|| "–".to_owned(), |suggestion| may_be(cx, suggestion));
    let mut rows = vec![
        (cx.word("gui.inspector.change"), change),
        (cx.word("gui.inspector.suggestion"), may_be),
        (cx.word("gui.inspector.area"), area),
        (cx.word("gui.inspector.place"), cx.word(record.place.key())),
        (cx.word("gui.inspector.state"), cx.word(record.state.key())),
        (cx.word("gui.inspector.strength"), score),
        (cx.word("gui.inspector.lonlat"), lonlat),
        (cx.word("gui.inspector.kind"), cx.word(record.kind.key())),
    ];
    rows.extend(shape(cx, project, record));
    if let Some(volume) = &record.volume {
        rows.push((cx.word("gui.inspector.volume"), report::volume(volume, cx.lang)));
    }
    widgets::card(ui, cx, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for (name, value) in &rows {
            widgets::fact(ui, cx, name, value);
        }
    });
}

/// The suggested activity with its reason.
fn may_be(cx: &Cx<'_>, suggestion: &RecordedSuggestion) -> String {
    let name = activity(&suggestion.code, cx.lang);
    match cx.lang.known_word(&format!("activity_why.{}", suggestion.why)) {
        Some(why) => cx.lang.sentence("gui.inspector.suggested", &[("name", &name), ("why", &why)]),
        None => name,
    }
}

/// Outline and distance to the strictest zone's line.
fn shape(cx: &Cx<'_>, project: &Project, record: &FlagRecord) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    // In degrees a length means nothing.
    if let (Some(length), CrsUnit::Projected { metres }) = (project.flags.detail().perimeter, &project.plan.crs.unit) {
        let facts = [widgets::grouped(length * metres), widgets::grouped(record.pixels as f64)];
        let text = cx.lang.sentence("gui.inspector.outline_is", &[("metres", &facts[0]), ("pixels", &facts[1])]);
        rows.push((cx.word("gui.inspector.outline"), text));
    }
    if let Some(hit) = record.hits.first().filter(|hit| hit.distance.0.is_finite()) {
        let key = match hit.distance.0 {
            d if d < 0.0 => "gui.inspector.within",
            d if d > 0.0 => "gui.inspector.beyond",
            _ => "gui.inspector.across",
        };
        let text = cx.with(key, "metres", &format!("{:.1}", hit.distance.0.abs()));
        rows.push((cx.word("gui.inspector.to_line"), text));
    }
    rows
}
