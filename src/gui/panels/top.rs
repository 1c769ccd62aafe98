//! The bar at the top: where one is, and what one can do from everywhere.

use eframe::egui::{Align, Layout, Pos2, RichText, Sense, Shape, Stroke, Ui, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Overlay, Page, Task};
use crate::gui::widgets;
use crate::lang::Lang;

/// Draws the bar.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    ui.horizontal_centered(|ui| {
        mark(ui, cx);
        ui.label(RichText::new(cx.word("gui.title")).size(15.5).color(cx.palette.strong));
        if let Some(project) = cx.project() {
            ui.add_space(6.0);
            ui.label(RichText::new(&project.plan.name).color(cx.palette.weak));
        }
        ui.add_space(10.0);
        pages(ui, cx, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| right(ui, cx, commands));
    });
}

/// The program's mark: a boundary line with a patch across it.
fn mark(ui: &mut Ui, cx: &Cx<'_>) {
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::hover());
    let at = |x: f32, y: f32| -> Pos2 { pos2(rect.left() + x * rect.width(), rect.top() + y * rect.height()) };
    let painter = ui.painter();
    painter.rect_filled(rect, 7.0, cx.palette.accent);
    let line = vec![at(0.2, 0.75), at(0.36, 0.34), at(0.62, 0.5), at(0.8, 0.22)];
    painter.add(Shape::line(line, Stroke::new(2.2, cx.palette.on_accent)));
    painter.circle_filled(at(0.68, 0.7), 3.4, cx.palette.severity[1]);
}

fn pages(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let session = cx.session;
    let known = session.project.is_some() || session.edit.is_some();
    let pages = [
        (Page::Map, session.project.is_some(), cx.word("gui.page.map")),
        (Page::Project, known, cx.word("gui.page.project")),
        (Page::New, session.drafting.is_some(), cx.word("gui.draft.title")),
        (Page::Welcome, known || session.drafting.is_some(), cx.word("gui.page.welcome")),
    ];
    for (page, _, word) in pages.into_iter().filter(|(_, there, _)| *there) {
        if widgets::choice(ui, cx, cx.session.page == page, &word).clicked() {
            commands.push(Command::Go(page));
        }
    }
}

fn right(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let tip = |word: &str, key: &str| format!("{word}  ({key})");
    if widgets::quiet(ui, "?").on_hover_text(tip(&cx.word("gui.keys.title"), "F1")).clicked() {
        commands.push(Command::Overlay(Some(Overlay::Keys)));
    }
    let theme = if cx.session.preferences.dark { cx.word("gui.theme.light") } else { cx.word("gui.theme.dark") };
    if widgets::quiet(ui, &theme).on_hover_text(tip(&cx.word("gui.theme.switch"), "Ctrl+T")).clicked() {
        commands.push(Command::SwitchTheme);
    }
    let other = if cx.lang == Lang::Zh { Lang::En } else { Lang::Zh };
    // Named in the other language: whoever needs it cannot read this one.
    if widgets::quiet(ui, &other.word("gui.language.own"))
        .on_hover_text(tip(&cx.word("gui.language.switch"), "Ctrl+L"))
        .clicked()
    {
        commands.push(Command::SwitchLanguage);
    }
    if cx.project().is_some() {
        ui.add_space(4.0);
        ui.add_enabled_ui(!cx.session.jobs.is_doing(Task::Run), |ui| {
            if widgets::primary(ui, cx, &cx.word("gui.run.start"))
                .on_hover_text(tip(&cx.word("gui.run.hint"), "Ctrl+R"))
                .clicked()
            {
                commands.push(Command::Run);
            }
        });
    }
    ui.add_space(6.0);
    super::jobs::show(ui, cx, commands);
}
