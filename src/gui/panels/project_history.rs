//! The last states of the project file, each of which can be gone back to.

use eframe::egui::{RichText, Ui};
use serde_json::Value;

use super::{Forms, project};
use crate::gui::cx::Cx;
use crate::gui::session::{Command, EditWish};
use crate::gui::widgets;
use crate::project::edit::{Deed, Origin, Place, State};

/// Longest value shown.
const LONGEST: usize = 48;

/// Draws the list.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(history) = cx.session.edit.as_ref().and_then(|editing| editing.history()) else { return };
    widgets::heading(ui, cx, &cx.word("gui.edit.history_hint"));
    for (number, state) in history.states().iter().enumerate().rev() {
        widgets::card(ui, cx, |ui| {
            ui.horizontal_wrapped(|ui| {
                let now = number == history.at();
                let colour = if now { cx.palette.accent } else { cx.palette.weak };
                ui.label(RichText::new(when(cx, state)).size(12.0).color(colour));
                ui.label(RichText::new(told(cx, state)).color(cx.palette.strong));
                if now {
                    widgets::badge(ui, &cx.word("gui.edit.now"), cx.palette.accent);
                } else if ui.button(cx.word("gui.edit.go_back")).clicked() {
                    commands.push(Command::Edit(EditWish::Go(number)));
                }
            });
        });
        ui.add_space(4.0);
    }
    ui.add_space(10.0);
    widgets::heading(ui, cx, &cx.word("gui.quick.save_as"));
    project::save_as(ui, cx, forms, commands);
}

/// What a state changed, in words.
pub fn told(cx: &Cx<'_>, state: &State) -> String {
    match (state.origin, state.deeds.as_slice()) {
        (Origin::Opened, _) => cx.word("gui.edit.opened"),
        (Origin::Outside, _) => cx.word("gui.edit.outside"),
        (Origin::Edited, []) => cx.word("gui.edit.mine"),
        (Origin::Edited, deeds) => {
            let first: Vec<String> = deeds.iter().take(2).map(|deed| told_deed(cx, deed)).collect();
            let more = if deeds.len() > 2 { format!(" (+{})", deeds.len() - 2) } else { String::new() };
            format!("{}{more}", first.join("; "))
        }
    }
}

fn told_deed(cx: &Cx<'_>, deed: &Deed) -> String {
    let place = Place::of(&deed.place);
    let word = cx.lang.known_word(&format!("setting.{}.name", place.kind()));
    let name = match (word, place.steps().len()) {
        (Some(word), 3..) => format!("{} {word}", place.entry()),
        (Some(word), _) => word,
        (None, _) => deed.place.clone(),
    };
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| cx.word("gui.edit.default"), shown);
    format!("{name}: {} → {}", value(&deed.before), value(&deed.after))
}

/// A value for people, cut where it is long.
pub fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text }
}

/// How long ago: no time zone is needed for that.
fn when(cx: &Cx<'_>, state: &State) -> String {
    let minutes = jiff::Timestamp::now().duration_since(state.when).as_mins().max(0);
    match minutes {
        0 => cx.word("gui.edit.just_now"),
        1..60 => cx.with("gui.edit.minutes", "n", &minutes),
        60..2880 => cx.with("gui.edit.hours", "n", &(minutes / 60)),
        _ => cx.with("gui.edit.days", "n", &(minutes / 1440)),
    }
}
