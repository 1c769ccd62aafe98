//! Where one begins: the sample project, what was open last, a folder or file by dialog, typed path or drop.

use eframe::egui::{RichText, ScrollArea, TextEdit, Ui, vec2};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, DraftWish, Pick};
use crate::gui::widgets;

/// Width of the column.
const WIDTH: f32 = 620.0;

/// Draws the page.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let side = ((ui.available_width() - WIDTH) / 2.0).max(16.0);
        ui.add_space(56.0);
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width(WIDTH.min(ui.available_width() - 16.0));
                head(ui, cx);
                begin(ui, cx, commands);
                typed(ui, cx, forms, commands);
                recent(ui, cx, commands);
            });
        });
    });
}

fn head(ui: &mut Ui, cx: &Cx<'_>) {
    ui.label(RichText::new(cx.word("gui.welcome.head")).size(26.0).color(cx.palette.strong));
    ui.label(RichText::new(cx.word("gui.welcome.what")).size(14.5).color(cx.palette.weak));
    ui.add_space(22.0);
}

fn begin(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        if widgets::primary(ui, cx, &cx.word("gui.welcome.sample")).clicked() {
            commands.push(Command::OpenSample);
        }
        ui.spacing_mut().interact_size.y = 30.0;
        if ui.button(cx.word("gui.welcome.file")).on_hover_text("Ctrl+O").clicked() {
            commands.push(Command::Pick(Pick::File));
        }
        if ui.button(cx.word("gui.welcome.folder")).on_hover_text(cx.word("gui.welcome.folder_hint")).clicked() {
            commands.push(Command::Pick(Pick::Folder));
        }
    });
    ui.add_space(6.0);
    ui.label(RichText::new(cx.word("gui.welcome.sample_hint")).color(cx.palette.weak));
    ui.add_space(18.0);
}

fn typed(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    widgets::card(ui, cx, |ui| {
        let label = ui.label(RichText::new(cx.word("gui.welcome.typed")).color(cx.palette.text));
        ui.horizontal(|ui| {
            let width = ui.available_width() - 92.0;
            let hint = cx.word("gui.welcome.typed_hint");
            let field =
                TextEdit::singleline(&mut forms.path).hint_text(hint).desired_width(width).margin(vec2(8.0, 6.0));
            let field = field.background_color(cx.palette.panel);
            let response = ui.add(field).labelled_by(label.id);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
            if (ui.button(cx.word("gui.welcome.open")).clicked() || entered) && !forms.path.trim().is_empty() {
                let path = forms.path.trim().trim_matches('"');
                let path = path.strip_prefix("file://").unwrap_or(path).into();
                commands.push(Command::Draft(DraftWish::From(vec![path])));
            }
        });
        ui.label(RichText::new(cx.word("gui.welcome.drop")).size(12.0).color(cx.palette.weak));
    });
    ui.add_space(22.0);
}

fn recent(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let recent = &cx.session.preferences.recent;
    if recent.is_empty() {
        return;
    }
    widgets::heading(ui, cx, &cx.word("gui.welcome.recent"));
    ui.add_space(2.0);
    for path in recent {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        let changed = cx.session.recents.changed(path);
        let gone = changed == Some(None);
        ui.horizontal(|ui| {
            let colour = if gone { cx.palette.weak } else { cx.palette.accent };
            if ui.link(RichText::new(name).size(14.0).color(colour)).clicked() {
                commands.push(Command::Open(path.clone()));
            }
            if gone {
                widgets::badge(ui, &cx.word("gui.welcome.gone"), cx.palette.severity[1]);
            }
            if let Some(when) = changed.flatten() {
                ui.label(RichText::new(when.strftime("%Y-%m-%d").to_string()).size(12.0).color(cx.palette.weak));
            }
            ui.add(eframe::egui::Label::new(RichText::new(folder).size(12.0).color(cx.palette.weak)).truncate());
        });
    }
}
