//! The keyboard: every act has a key, and one sheet shows them all.

use eframe::egui::{Context, Frame, Grid, Id, Key, Modal, Modifiers, RichText, Ui};

use super::{Forms, welcome};
use crate::gui::cx::Cx;
use crate::gui::map;
use crate::gui::session::compare::Mode;
use crate::gui::session::{Command, Layer, Page, Target};

/// Turns keys and dropped files into commands.
pub fn listen(ui: &Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    commands.extend(dropped.map(Command::Open));
    everywhere(ui, cx, commands);
    if ui.ctx().egui_wants_keyboard_input() || cx.session.page != Page::Map {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
        forms.focus_search = true;
    }
    let Some(project) = cx.project() else { return };
    let held = ui.input(|input| input.key_down(Key::Space));
    if held != project.compare.blinking {
        commands.push(Command::Blink(held));
    }
    map::keys(ui, &cx.session.view, commands);
    plain(ui, cx, commands);
}

fn everywhere(ui: &Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::O) {
        commands.extend(welcome::pick_file(cx).map(Command::Open));
    }
    for (key, command) in [
        (Key::R, Command::Run),
        (Key::L, Command::SwitchLanguage),
        (Key::T, Command::SwitchTheme),
        (Key::M, Command::Go(Page::Map)),
        (Key::P, Command::Go(Page::Project)),
    ] {
        if pressed(Modifiers::COMMAND, key) {
            commands.push(command);
        }
    }
    if pressed(Modifiers::NONE, Key::F1) {
        commands.push(Command::Keys(!cx.session.keys));
    }
    if pressed(Modifiers::NONE, Key::Escape) {
        commands.push(if cx.session.keys { Command::Keys(false) } else { Command::Select(None) });
    }
}

fn plain(ui: &Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let chosen = cx.project().and_then(|project| project.flags.selected()).map(|selected| selected.0);
    let mut table = vec![
        (Key::ArrowDown, Command::Step(1)),
        (Key::J, Command::Step(1)),
        (Key::ArrowUp, Command::Step(-1)),
        (Key::K, Command::Step(-1)),
        (Key::ArrowRight, Command::StepYears(1)),
        (Key::ArrowLeft, Command::StepYears(-1)),
        (Key::Home, Command::Show(Target::Images)),
        (Key::H, Command::Toggle(Layer::Flags)),
        (Key::N, Command::Toggle(Layer::Labels)),
    ];
    table.extend(chosen.map(|flag| (Key::F, Command::Show(Target::Flag(flag)))));
    table.extend([Key::Num1, Key::Num2, Key::Num3, Key::Num4].into_iter().zip(Mode::ALL.map(Command::Mode)));
    for (key, command) in table {
        if pressed(key) {
            commands.push(command);
        }
    }
}

/// The sheet of keys.
pub fn sheet(ctx: &Context, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let rows = [
        ("J ↓  /  K ↑", cx.word("gui.keys.step")),
        ("F", cx.word("gui.keys.show_flag")),
        ("Home", cx.word("gui.keys.show_all")),
        ("+  /  −", cx.word("gui.keys.zoom")),
        ("←  /  →", cx.word("gui.keys.years")),
        ("Space", cx.word("gui.keys.blink")),
        ("1  2  3  4", cx.word("gui.keys.modes")),
        ("H  /  N", cx.word("gui.keys.layers")),
        ("Ctrl+F", cx.word("gui.keys.search")),
        ("Ctrl+R", cx.word("gui.keys.run")),
        ("Ctrl+O", cx.word("gui.keys.open")),
        ("Ctrl+M  /  Ctrl+P", cx.word("gui.keys.pages")),
        ("Ctrl+L  /  Ctrl+T", cx.word("gui.keys.looks")),
        ("F1  /  Esc", cx.word("gui.keys.sheet")),
    ];
    let frame = Frame::window(&ctx.global_style()).inner_margin(24.0);
    let sheet = Modal::new(Id::unique("keys")).frame(frame).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.label(RichText::new(cx.word("gui.keys.title")).size(18.0).color(cx.palette.strong));
        ui.add_space(8.0);
        Grid::new("sheet").num_columns(2).spacing([24.0, 7.0]).show(ui, |ui| {
            for (key, word) in rows {
                ui.label(RichText::new(key).color(cx.palette.accent));
                ui.label(word);
                ui.end_row();
            }
        });
        ui.add_space(10.0);
        if ui.button(cx.word("gui.keys.close")).clicked() {
            commands.push(Command::Keys(false));
        }
    });
    if sheet.should_close() {
        commands.push(Command::Keys(false));
    }
}
