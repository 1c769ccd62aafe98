//! One flag: before and after, what it is, why it is severe, which zones it touches.

use eframe::egui::{Rect, RichText, ScrollArea, Sense, Ui, vec2};

use crate::gui::cx::Cx;
use crate::gui::map::{self, Canvas};
use crate::gui::session::{Command, FlagsWish, Project, Target, ViewWish};
use crate::gui::widgets;
use crate::model::flag::{Line, Place};
use crate::model::record::{FlagRecord, RecordedHit, RecordedSuggestion};
use crate::report;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let Some((at, record)) = project.flags.selected() else {
        nothing(ui, cx, project);
        return;
    };
    head(ui, cx, project, at, record, commands);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        pictures(ui, cx, canvas, project, at, record);
        facts(ui, cx, record);
        at_the_line(ui, cx, record);
        reasons(ui, cx, record);
        tests(ui, cx, record);
        hits(ui, cx, record);
    });
}

fn nothing(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    if project.flags.records().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.none"), &cx.word("gui.flags.none_do"));
    } else {
        widgets::empty(ui, cx, &cx.word("gui.inspector.none"), &cx.word("gui.inspector.none_do"));
    }
}

fn head(ui: &mut Ui, cx: &Cx<'_>, project: &Project, at: usize, record: &FlagRecord, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(&record.code).size(18.0).color(cx.palette.strong));
        widgets::badge(ui, &cx.word(record.severity.key()), cx.palette.severity(record.severity));
        if let Some(line) = record.line() {
            widgets::badge(ui, &cx.word(line.key()), cx.palette.line_class(line));
        }
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
            if widgets::quiet(ui, "×").on_hover_text(format!("{}  (Esc)", cx.word("gui.inspector.close"))).clicked() {
                commands.push(Command::Flags(FlagsWish::Select(None)));
            }
        });
    });
    ui.horizontal(|ui| {
        let order = project.flags.order();
        let place = order.iter().position(|shown| *shown == at).map_or_else(|| "–".to_owned(), |n| (n + 1).to_string());
        if ui.button("◀").on_hover_text(format!("{}  (K ↑)", cx.word("gui.inspector.previous"))).clicked() {
            commands.push(Command::Flags(FlagsWish::Step(-1)));
        }
        if ui.button("▶").on_hover_text(format!("{}  (J ↓)", cx.word("gui.inspector.next"))).clicked() {
            commands.push(Command::Flags(FlagsWish::Step(1)));
        }
        ui.label(RichText::new(format!("{place} / {}", order.len())).color(cx.palette.weak));
        if ui.button(cx.word("gui.inspector.show")).on_hover_text("F").clicked() {
            commands.push(Command::View(ViewWish::Show(Target::Flag(at))));
        }
    });
    ui.add_space(6.0);
}

fn pictures(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, project: &Project, at: usize, record: &FlagRecord) {
    let scene = |date| project.plan.scenes.iter().position(|scene| scene.kind == record.kind && scene.date == date);
    let side = ((ui.available_width() - 8.0) / 2.0).floor();
    ui.horizontal(|ui| {
        for (date, word) in [(record.from, cx.word("gui.years.before")), (record.to, cx.word("gui.years.after"))] {
            ui.vertical(|ui| {
                if let Some(scene) = scene(date) {
                    map::chip(ui, cx, canvas, scene, at, vec2(side, side));
                }
                ui.label(RichText::new(format!("{word}  {date}")).size(12.0).color(cx.palette.weak));
            });
        }
    });
    ui.add_space(4.0);
}

fn facts(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
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
    let name = cx.word(&format!("activity.{}", suggestion.code));
    match cx.lang.known_word(&format!("activity_why.{}", suggestion.why)) {
        Some(why) => cx.lang.sentence("gui.inspector.suggested", &[("name", &name), ("why", &why)]),
        None => name,
    }
}

/// What can be said at the strictest zone's line, with the figures behind it.
fn at_the_line(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
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
fn tests(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
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

fn reasons(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.reasons", "score", &format!("{:.0}", record.score)));
    for reason in &record.reasons {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(format!("{:+.0}", reason.points)).color(cx.palette.accent));
            ui.vertical(|ui| ui.label(cx.lang.reason(reason)));
        });
    }
}

fn hits(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.zones", "n", &record.hits.len()));
    for hit in &record.hits {
        widgets::card(ui, cx, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(RichText::new(&hit.name).color(cx.palette.strong));
            let class = [hit.kind.as_str(), hit.class.as_str()];
            let class: Vec<&str> = class.into_iter().filter(|part| !part.is_empty()).collect();
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
