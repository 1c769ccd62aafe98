//! The keyboard: presses become commands by the table of acts, and one sheet shows them all.

use std::sync::LazyLock;

use eframe::egui::{
    Context, Frame, Grid, Id, Key, KeyboardShortcut, Modal, ModifierNames, Modifiers, RichText, ScrollArea, Ui,
};

use crate::gui::cx::Cx;
use crate::gui::session::acts::{ACTS, Act, Group};
use crate::gui::session::{Command, CompareWish, DraftWish, EditWish, FlagsWish, Page, ToolsWish};

/// Every shortcut with its act, those with Shift first, so that Ctrl+Shift+O is not taken for Ctrl+O.
static SHORTCUTS: LazyLock<Vec<(KeyboardShortcut, bool, &'static Act)>> = LazyLock::new(|| {
    let each =
        |act: &'static Act| act.keys.iter().filter_map(move |keys| Some((parse(keys)?, Act::is_global(keys), act)));
    let mut all: Vec<_> = ACTS.iter().flat_map(each).collect();
    all.sort_by_key(|(shortcut, ..)| !shortcut.modifiers.shift);
    all
});

/// Keys that a widget with the focus is moved by.
const MOVES: [Key; 6] = [Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown, Key::Home, Key::End];

/// A shortcut from its words, `Ctrl+Shift+K`.
fn parse(keys: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut rest = keys;
    loop {
        if let Some(after) = rest.strip_prefix("Ctrl+") {
            modifiers = modifiers.plus(Modifiers::COMMAND);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("Alt+") {
            modifiers = modifiers.plus(Modifiers::ALT);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("Shift+") {
            modifiers = modifiers.plus(Modifiers::SHIFT);
            rest = after;
        } else {
            return Some(KeyboardShortcut::new(modifiers, Key::from_name(rest)?));
        }
    }
}

/// Turns keys and dropped files into commands.
pub fn listen(ui: &Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let dropped: Vec<_> =
        ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
    if !dropped.is_empty() {
        commands.push(Command::Draft(DraftWish::From(dropped)));
    }
    if ui.input(|input| input.events.contains(&eframe::egui::Event::WindowFocused(true))) {
        commands.push(Command::Edit(EditWish::Look));
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        commands.push(put_away(cx));
    }
    let (typing, held) = (ui.ctx().text_edit_focused(), ui.ctx().egui_wants_keyboard_input());
    // A field takes every plain key; a slider or a button that has the focus takes those that move it.
    let free = |shortcut: &KeyboardShortcut| !(typing || held && MOVES.contains(&shortcut.logical_key));
    for (shortcut, global, act) in SHORTCUTS.iter().filter(|(shortcut, global, _)| *global || free(shortcut)) {
        let possible = (*global || cx.session.overlay.is_none()).then(|| (act.command)(cx.session)).flatten();
        if let Some(command) = possible
            && ui.input_mut(|input| input.consume_shortcut(shortcut))
        {
            commands.push(command);
        }
    }
    blink(ui, cx, held, commands);
}

/// What Esc means now: what lies on top goes first, then what is measured or marked, then the selection.
fn put_away(cx: &Cx<'_>) -> Command {
    match cx.project() {
        _ if cx.session.overlay.is_some() => Command::Overlay(None),
        Some(project) if project.tools.clears() => Command::Tools(ToolsWish::Clear),
        _ => Command::Flags(FlagsWish::Select(None)),
    }
}

/// Space is held, not pressed.
fn blink(ui: &Ui, cx: &Cx<'_>, taken: bool, commands: &mut Vec<Command>) {
    let Some(project) = cx.project().filter(|_| cx.session.page == Page::Map) else { return };
    let held = !taken && ui.input(|input| input.key_down(Key::Space));
    if held != project.compare.blinking {
        commands.push(Command::Compare(CompareWish::Blink(held)));
    }
}

/// A hint with the key of an act behind it.
pub fn hint(word: &str, act: &str) -> String {
    let keys = crate::gui::session::acts::named(act).and_then(|act| act.keys.first());
    keys.map_or_else(|| word.to_owned(), |keys| format!("{word}  ({keys})"))
}

/// The sheet of all keys.
pub fn sheet(ctx: &Context, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let frame = Frame::window(&ctx.global_style()).inner_margin(24.0);
    let sheet = Modal::new(Id::unique("keys")).frame(frame).show(ctx, |ui| {
        ui.set_width(760.0);
        ui.label(RichText::new(cx.word("gui.keys.title")).size(18.0).color(cx.palette.strong));
        ui.add_space(8.0);
        let room = ctx.content_rect().height() - 200.0;
        ScrollArea::vertical().max_height(room.max(200.0)).show(ui, |ui| {
            ui.columns(2, |columns| {
                for (number, group) in Group::ALL.into_iter().enumerate() {
                    part(&mut columns[number % 2], cx, group);
                }
            });
        });
        ui.add_space(10.0);
        if ui.button(cx.word("gui.keys.close")).clicked() {
            commands.push(Command::Overlay(None));
        }
    });
    if sheet.should_close() {
        commands.push(Command::Overlay(None));
    }
}

fn part(ui: &mut Ui, cx: &Cx<'_>, group: Group) {
    ui.label(RichText::new(cx.word(group.key())).size(12.5).color(cx.palette.weak));
    Grid::new(group.key()).num_columns(2).spacing([18.0, 5.0]).min_col_width(96.0).show(ui, |ui| {
        let mut line = |keys: &str, word: String| {
            ui.label(RichText::new(keys).color(cx.palette.accent));
            ui.label(word);
            ui.end_row();
        };
        for act in ACTS.iter().filter(|act| act.group == group && !act.keys.is_empty()) {
            line(&shown(act.keys), cx.word(&act.key()));
        }
        match group {
            Group::Compare => line("Space", cx.word("gui.keys.blink")),
            Group::Window => line("Esc", cx.word("gui.keys.escape")),
            _ => {}
        }
    });
    ui.add_space(10.0);
}

/// The keys of an act as the keyboard names them.
fn shown(keys: &[&str]) -> String {
    let names = ModifierNames::NAMES;
    let one = |keys: &&str| parse(keys).map_or_else(|| (*keys).to_owned(), |it| it.format(&names, false));
    keys.iter().map(one).collect::<Vec<_>>().join("  /  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_a_key() {
        for keys in ACTS.iter().flat_map(|act| act.keys) {
            assert!(parse(keys).is_some(), "{keys}");
        }
    }
}
