//! What was judged of a flag: at the line, how severe, by which tests, in which zones.

use eframe::egui::{Rect, RichText, Sense, Ui, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::flags::zone_kind;
use crate::gui::widgets;
use crate::model::flag::{Line, Place};
use crate::model::record::{FlagRecord, RecordedHit};
use crate::report;

/// What can be said at the strictest zone's line, with the figures behind it.
pub fn at_the_line(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    let Some(hit) = record.hits.first() else { return };
    let (Some(line), Some(p)) = (hit.line, hit.p_inside) else { return };
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.at_the_line", "zone", &hit.name));
    widgets::card(ui, cx, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.horizontal(|ui| {
            ui.label(RichText::new(cx.word(line.key())).color(cx.palette.line_class(line)));
            ui.label(
                RichText::new(cx.with("gui.inspector.p_inside", "p", &format!("{:.2}", p.0))).color(cx.palette.strong),
            );
        });
        gauge(ui, cx, p.0, line);
        if let Some(error) = hit.area_error {
            let facts = [widgets::grouped(hit.area.0), widgets::grouped(1.96 * error.0), widgets::grouped(error.0)];
            let key = if hit.place == Place::Ring { "gui.inspector.in_ring" } else { "gui.inspector.overlap" };
            let text = cx.lang.sentence(key, &[("area", &facts[0]), ("wide", &facts[1]), ("error", &facts[2])]);
            ui.label(text);
        }
    });
}

/// A probability as a bar.
fn gauge(ui: &mut Ui, cx: &Cx<'_>, share: f64, line: Line) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0), Sense::hover());
    let painter = ui.painter();
    painter.rect_filled(rect, 2.5, cx.palette.line);
    let filled = vec2(rect.width() * share.clamp(0.0, 1.0) as f32, rect.height());
    painter.rect_filled(Rect::from_min_size(rect.min, filled), 2.5, cx.palette.line_class(line));
}

/// The false-change tests that it passed, each with what was measured and its bound.
pub fn tests(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    if record.tests.is_empty() {
        return;
    }
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.tests", "n", &record.tests.len()))
        .on_hover_text(cx.word("gui.inspector.tests_hint"));
    for test in &record.tests {
        ui.label(RichText::new(report::tests(&[*test], cx.lang)).size(12.0));
    }
}

/// Why it is as severe as it is, the weightiest first.
pub fn reasons(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.reasons", "score", &format!("{:.0}", record.score)));
    for reason in &record.reasons {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(format!("{:+.0}", reason.points)).color(cx.palette.accent));
            ui.vertical(|ui| ui.label(cx.lang.reason(reason)));
        });
    }
}

/// The zones that it touches, the strictest first.
pub fn hits(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.zones", "n", &record.hits.len()));
    if record.hits.is_empty() {
        ui.label(RichText::new(cx.word("gui.inspector.no_hits")).color(cx.palette.weak));
    }
    for hit in &record.hits {
        widgets::card(ui, cx, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(RichText::new(&hit.name).color(cx.palette.strong));
            let class = [zone_kind(&hit.kind, cx.lang), hit.class.clone()];
            let class: Vec<String> = class.into_iter().filter(|part| !part.is_empty()).collect();
            ui.label(RichText::new(class.join(" · ")).size(12.0).color(cx.palette.weak));
            ui.label(RichText::new(hit_text(cx, hit)).size(12.0));
            if let (Some(line), Some(p)) = (hit.line, hit.p_inside) {
                let text = format!("{}  P {:.2}", cx.word(line.key()), p.0);
                ui.label(RichText::new(text).size(12.0).color(cx.palette.line_class(line)));
            }
            // A drone's image never shows whole zones, nor is it meant to.
            if record.kind.shows_whole_zones() && hit.enough_data == Some(false) {
                widgets::badge(ui, &cx.word("gui.zone.lacking"), cx.palette.severity[1]);
            }
        });
    }
}

fn hit_text(cx: &Cx<'_>, hit: &RecordedHit) -> String {
    let share = format!("{:.0}", hit.share.percent());
    let area = widgets::grouped(hit.area.0);
    let metres = format!("{:.1}", hit.distance.0.abs());
    let key = match hit.place {
        Place::Ring => "gui.inspector.hit_ring",
        Place::Inside if hit.distance.0 < 0.0 => "gui.inspector.hit_inside",
        Place::Inside => "gui.inspector.hit_across",
    };
    cx.lang.sentence(key, &[("area", &area), ("share", &share), ("metres", &metres)])
}
