//! One flag: before and after, what it is, why it is severe, which zones it touches, how it looked over the years.
//!
//! Absent on purpose: deciding. Accepting, rejecting with a reason and putting off will stand below the head, with their
//! keys in the table of acts.

mod curves;
mod facts;
mod judged;
mod pictures;

use eframe::egui::{Align, Layout, RichText, ScrollArea, Ui};

use crate::gui::cx::Cx;
use crate::gui::map::Canvas;
use crate::gui::session::{Command, FlagsWish, Project, Target, ViewWish};
use crate::gui::widgets;
use crate::model::record::FlagRecord;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let Some((at, record)) = project.flags.selected() else {
        nothing(ui, cx, project);
        return;
    };
    head(ui, cx, project, at, record, commands);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        pictures::show(ui, cx, canvas, project, (at, record), commands);
        facts::show(ui, cx, project, record);
        judged::at_the_line(ui, cx, record);
        judged::reasons(ui, cx, record);
        judged::tests(ui, cx, record);
        judged::hits(ui, cx, record);
        curves::show(ui, cx, project, record, commands);
        related(ui, cx, project, commands);
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
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::quiet(ui, "×").on_hover_text(format!("{}  (Esc)", cx.word("gui.inspector.close"))).clicked() {
                commands.push(Command::Flags(FlagsWish::Select(None)));
            }
        });
    });
    ui.horizontal(|ui| {
        let place = project.flags.place_of(at).map_or_else(|| "–".to_owned(), |place| (place + 1).to_string());
        if ui.button("↑").on_hover_text(format!("{}  (K ↑)", cx.word("gui.inspector.previous"))).clicked() {
            commands.push(Command::Flags(FlagsWish::Step(-1)));
        }
        if ui.button("↓").on_hover_text(format!("{}  (J ↓)", cx.word("gui.inspector.next"))).clicked() {
            commands.push(Command::Flags(FlagsWish::Step(1)));
        }
        ui.label(RichText::new(format!("{place} / {}", project.flags.order().len())).color(cx.palette.weak));
        if ui.button(cx.word("gui.inspector.show")).on_hover_text("F").clicked() {
            commands.push(Command::View(ViewWish::Show(Target::Flag(at))));
        }
    });
    ui.add_space(6.0);
}

/// Other flags on the same ground: the same place in other years.
fn related(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let related = &project.flags.detail().related;
    if related.is_empty() {
        return;
    }
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.with("gui.inspector.related", "n", &related.len()))
        .on_hover_text(cx.word("gui.inspector.related_hint"));
    for at in related {
        let Some(record) = project.flags.records().get(*at) else { continue };
        let area = widgets::grouped(record.area.0);
        let text = format!("{}   {} → {}   {area} m²", record.code, record.from, record.to);
        let colour = cx.palette.severity(record.severity);
        let button = ui.horizontal(|ui| {
            widgets::swatch(ui, colour, 1.0);
            widgets::quiet(ui, &text).on_hover_text(cx.word(record.state.key()))
        });
        if button.inner.clicked() {
            commands.push(Command::Flags(FlagsWish::Select(Some(*at))));
        }
    }
}
