//! The project: what the check says with its remedies, images and zones, settings, and the history of edits.

use eframe::egui::{RichText, ScrollArea, TextEdit, Ui};

use super::{Forms, doctor, project_data, project_history, project_settings};
use crate::gui::cx::Cx;
use crate::gui::panels::keys;
use crate::gui::session::draft::DraftWish;
use crate::gui::session::{Command, EditWish, Editing};
use crate::gui::widgets;
use crate::project::edit::History;

/// Width of the column.
const WIDTH: f32 = 940.0;

/// The parts of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What the check says.
    #[default]
    Check,
    /// Images and zones.
    Data,
    /// Every key of the project file.
    Settings,
    /// The last states.
    History,
}

/// Draws the page.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let side = ((ui.available_width() - WIDTH) / 2.0).max(20.0);
        ui.add_space(18.0);
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width((ui.available_width() - side).min(WIDTH));
                head(ui, cx, commands);
                if let Some(editing) = &cx.session.edit {
                    two_versions(ui, cx, editing, commands);
                    quick(ui, cx, forms, commands);
                }
                tabs(ui, cx, forms);
                match forms.project.tab {
                    Tab::Check => doctor::show(ui, cx, forms, commands),
                    Tab::Data => project_data::show(ui, cx, commands),
                    Tab::Settings => project_settings::show(ui, cx, forms, commands),
                    Tab::History => project_history::show(ui, cx, forms, commands),
                }
                ui.add_space(30.0);
            });
        });
    });
}

fn head(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let stem = || {
        cx.session
            .edit
            .as_ref()
            .and_then(|edit| edit.file.file_stem())
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let name = cx.project().map_or_else(stem, |project| project.plan.name.clone());
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(name).size(22.0).color(cx.palette.strong));
        ui.add_space(8.0);
        let Some(editing) = &cx.session.edit else { return };
        history_buttons(ui, cx, editing, commands);
        let hint = keys::hint(&cx.word("gui.project.reload_hint"), "check");
        if ui.button(cx.word("gui.project.reload")).on_hover_text(hint).clicked() {
            commands.push(Command::Edit(EditWish::Look));
            commands.push(Command::Reload);
        }
        let (word, colour) = match () {
            () if !editing.blocked.is_empty() => ("gui.edit.blocked", cx.palette.severity[0]),
            () if editing.is_unsaved() => ("gui.edit.unsaved", cx.palette.severity[1]),
            () => ("gui.edit.saved", cx.palette.accent),
        };
        widgets::badge(ui, &cx.word(word), colour);
    });
    if let Some(editing) = &cx.session.edit {
        ui.label(RichText::new(editing.file.display().to_string()).size(12.0).color(cx.palette.weak));
    }
    ui.add_space(8.0);
}

fn history_buttons(ui: &mut Ui, cx: &Cx<'_>, editing: &Editing, commands: &mut Vec<Command>) {
    let history = editing.history();
    let told = |state: usize| {
        let state = history.and_then(|history| history.states().get(state));
        state.map(|state| project_history::told(cx, state)).unwrap_or_default()
    };
    let at = history.map_or(0, crate::project::edit::History::at);
    let can = (history.is_some_and(History::can_undo), history.is_some_and(History::can_redo));
    ui.add_enabled_ui(can.0, |ui| {
        let hint = keys::hint(&cx.with("gui.edit.undo_hint", "what", &told(at)), "undo");
        if ui.button(cx.word("gui.edit.undo")).on_hover_text(hint).clicked() {
            commands.push(Command::Edit(EditWish::Undo));
        }
    });
    ui.add_enabled_ui(can.1, |ui| {
        let hint = keys::hint(&cx.with("gui.edit.redo_hint", "what", &told(at + 1)), "redo");
        if ui.button(cx.word("gui.edit.redo")).on_hover_text(hint).clicked() {
            commands.push(Command::Edit(EditWish::Redo));
        }
    });
}

/// Somebody else changed the file while there are edits here: the user chooses, and the other version stays in the history.
fn two_versions(ui: &mut Ui, cx: &Cx<'_>, editing: &Editing, commands: &mut Vec<Command>) {
    if editing.theirs.is_none() {
        return;
    }
    widgets::card(ui, cx, |ui| {
        ui.label(RichText::new(cx.word("gui.edit.theirs")).color(cx.palette.severity[1]));
        ui.label(cx.word("gui.edit.theirs_do"));
        ui.horizontal(|ui| {
            if ui.button(cx.word("gui.edit.keep_mine")).clicked() {
                commands.push(Command::Edit(EditWish::KeepMine));
            }
            if ui.button(cx.word("gui.edit.take_theirs")).clicked() {
                commands.push(Command::Edit(EditWish::TakeTheirs));
            }
        });
    });
    ui.add_space(8.0);
}

/// A project that is only looked at can be saved where the user wants it.
fn quick(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    if !cx.session.is_quick() {
        return;
    }
    widgets::card(ui, cx, |ui| {
        ui.label(RichText::new(cx.word("gui.quick.told")).color(cx.palette.strong));
        save_as(ui, cx, forms, commands);
    });
    ui.add_space(8.0);
}

/// A path to save the project under.
pub fn save_as(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(cx.word("gui.quick.path")).color(cx.palette.weak));
        let typed = &mut forms.project.save_as;
        let width = (ui.available_width() - 150.0).max(120.0);
        ui.add(TextEdit::singleline(typed).desired_width(width).background_color(cx.palette.panel))
            .labelled_by(label.id);
        let path = typed.trim().to_owned();
        if ui.add_enabled(!path.is_empty(), eframe::egui::Button::new(cx.word("gui.quick.save"))).clicked() {
            commands.push(Command::Draft(DraftWish::SaveAs(path.into())));
        }
    });
}

fn tabs(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms) {
    let grave = cx.session.doctor.grave();
    let check = if grave > 0 {
        format!("{} · {grave}", cx.word("gui.project.tab_check"))
    } else {
        cx.word("gui.project.tab_check")
    };
    ui.horizontal(|ui| {
        for (tab, word) in [
            (Tab::Check, check),
            (Tab::Data, cx.word("gui.project.tab_data")),
            (Tab::Settings, cx.word("gui.project.tab_settings")),
            (Tab::History, cx.word("gui.project.tab_history")),
        ] {
            if widgets::choice(ui, cx, forms.project.tab == tab, &word).clicked() {
                forms.project.tab = tab;
            }
        }
    });
    ui.add_space(10.0);
}
