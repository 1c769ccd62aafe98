//! The menu behind a column's heading: its test, and what else can be done with the column.

use std::collections::BTreeSet;

use eframe::egui::{RichText, ScrollArea, TextEdit, Ui, vec2};

use super::FlagsForm;
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Choice, Column, FlagBook, Nature, Test};
use crate::gui::session::{Command, FlagsWish};
use crate::gui::widgets;

/// From so many choices on there is a field to search them.
const MANY: usize = 12;

/// Draws the menu.
pub fn menu(
    ui: &mut Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    column: Column,
    form: &mut FlagsForm,
    commands: &mut Vec<Command>,
) {
    ui.set_width(240.0);
    ui.label(RichText::new(cx.word(column.key())).color(cx.palette.strong));
    let test = book.filter().tests.get(&column);
    let changed = match column.nature() {
        Nature::Text => words(ui, cx, test),
        Nature::Number => range(ui, cx, column, form),
        Nature::Choice => choices(ui, cx, book, column, form),
    };
    if let Some(test) = changed {
        commands.push(Command::Flags(FlagsWish::Test(column, Some(test))));
    }
    ui.separator();
    ui.horizontal_wrapped(|ui| {
        if test.is_some() && ui.button(cx.word("gui.flags.clear")).clicked() {
            form.ranges.remove(&column);
            commands.push(Command::Flags(FlagsWish::Test(column, None)));
        }
        if ui.button(cx.word("gui.flags.sort")).clicked() {
            commands.push(Command::Flags(FlagsWish::Sort(column)));
        }
        if Column::GROUPING.contains(&column) && ui.button(cx.word("gui.flags.group_by_it")).clicked() {
            commands.push(Command::Flags(FlagsWish::Group(Some(column))));
        }
        if column != Column::Code && ui.button(cx.word("gui.flags.hide")).clicked() {
            commands.push(Command::Flags(FlagsWish::Column(column)));
        }
    });
}

fn words(ui: &mut Ui, cx: &Cx<'_>, test: Option<&Test>) -> Option<Test> {
    let mut text = if let Some(Test::Holds(words)) = test { words.clone() } else { String::new() };
    let label = ui.label(RichText::new(cx.word("gui.flags.holds")).size(12.0).color(cx.palette.weak));
    let field = TextEdit::singleline(&mut text).desired_width(f32::INFINITY).margin(vec2(8.0, 4.0));
    ui.add(field).labelled_by(label.id).changed().then_some(Test::Holds(text))
}

/// Two ends as they are typed; only numbers count.
fn range(ui: &mut Ui, cx: &Cx<'_>, column: Column, form: &mut FlagsForm) -> Option<Test> {
    let (from, to) = form.ranges.entry(column).or_default();
    let mut changed = false;
    ui.horizontal(|ui| {
        for (text, key) in [(&mut *from, "gui.flags.from"), (&mut *to, "gui.flags.to")] {
            let label = ui.label(RichText::new(cx.word(key)).size(12.0).color(cx.palette.weak));
            let colour = if end(text).is_err() { cx.palette.severity[0] } else { cx.palette.text };
            let field = TextEdit::singleline(text).desired_width(70.0).margin(vec2(8.0, 4.0)).text_color(colour);
            changed |= ui.add(field).labelled_by(label.id).changed();
        }
    });
    match (end(from), end(to)) {
        (Ok(from), Ok(to)) if changed => Some(Test::Between(from, to)),
        _ => None,
    }
}

/// An end of a range: a number, or nothing for an open end.
fn end(text: &str) -> Result<Option<f64>, std::num::ParseFloatError> {
    let text = text.trim().replace([',', '，'], "");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

fn choices(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, column: Column, form: &mut FlagsForm) -> Option<Test> {
    let all = book.choices(column);
    let mut chosen: BTreeSet<Choice> = book.filter().choices(column).cloned().unwrap_or_default();
    let before = chosen.clone();
    if all.len() >= MANY {
        let label = ui.label(RichText::new(cx.word("gui.flags.holds")).size(12.0).color(cx.palette.weak));
        let field = TextEdit::singleline(&mut form.choices).desired_width(f32::INFINITY).margin(vec2(8.0, 4.0));
        ui.add(field).labelled_by(label.id);
    } else {
        form.choices.clear();
    }
    let wanted = form.choices.trim().to_lowercase();
    ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
        for (choice, count) in all {
            let word = choice.told(cx.lang);
            if !word.to_lowercase().contains(&wanted) {
                continue;
            }
            let mut ticked = chosen.contains(choice);
            let text = format!("{}  {count}", widgets::shortened(&word, 28));
            if ui.checkbox(&mut ticked, text).on_hover_text(&word).changed() {
                if ticked {
                    chosen.insert(choice.clone())
                } else {
                    chosen.remove(choice)
                };
            }
        }
    });
    (chosen != before).then_some(Test::OneOf(chosen))
}
