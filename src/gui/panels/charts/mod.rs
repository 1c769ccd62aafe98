//! The charts: area by zone, by type and by year, and how the scores are spread. They count what the table's filter lets
//! through; a click on a bar filters by it, another takes that back.

mod bars;
mod columns;

use std::collections::BTreeSet;

use eframe::egui::{RichText, ScrollArea, Ui};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Bar, Choice, Column, FlagBook, bin_of, score_range, test_of_bin};
use crate::gui::session::{Command, FlagsWish, Project};
use crate::gui::widgets;
use columns::Pillar;

/// From this width on the charts stand in two columns.
const WIDE: f32 = 760.0;

/// What the charts remember of themselves.
#[derive(Debug, Default)]
pub struct ChartsForm {
    /// Charts whose small bars are shown too.
    pub whole: BTreeSet<Column>,
    /// Whether types are told by classes before and after, instead of suggested activities.
    pub by_change: bool,
}

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    if project.flags.records().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.none"), &cx.word("gui.flags.none_do"));
        return;
    }
    let form = &mut forms.charts;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if ui.available_width() < WIDE {
            zones(ui, cx, project, form, commands);
            types(ui, cx, project, form, commands);
            years(ui, cx, &project.flags, commands);
            scores(ui, cx, &project.flags, commands);
            return;
        }
        ui.columns(2, |sides| {
            zones(&mut sides[0], cx, project, form, commands);
            types(&mut sides[0], cx, project, form, commands);
            years(&mut sides[1], cx, &project.flags, commands);
            scores(&mut sides[1], cx, &project.flags, commands);
        });
    });
}

fn chart(ui: &mut Ui, cx: &Cx<'_>, title: &str, hint: &str, contents: impl FnOnce(&mut Ui)) {
    widgets::card(ui, cx, |ui| {
        ui.label(RichText::new(cx.word(title)).color(cx.palette.strong)).on_hover_text(cx.word(hint));
        ui.add_space(4.0);
        contents(ui);
    });
    ui.add_space(8.0);
}

fn zones(ui: &mut Ui, cx: &Cx<'_>, project: &Project, form: &mut ChartsForm, commands: &mut Vec<Command>) {
    chart(ui, cx, "gui.charts.zones", "gui.charts.zones_hint", |ui| {
        let unseen = |choice: &Choice| match choice {
            Choice::Zone(Some(name)) => project.unseen.get(name).copied(),
            _ => None,
        };
        let bars = &project.flags.figures().zones;
        of_choice(ui, cx, &project.flags, (Column::Zone, bars), Some(&unseen), form, commands);
    });
}

fn types(ui: &mut Ui, cx: &Cx<'_>, project: &Project, form: &mut ChartsForm, commands: &mut Vec<Command>) {
    chart(ui, cx, "gui.charts.types", "gui.charts.types_hint", |ui| {
        ui.horizontal(|ui| {
            for (by_change, key) in [(false, "gui.flags.column.suggestion"), (true, "gui.flags.column.change")] {
                if widgets::choice(ui, cx, form.by_change == by_change, &cx.word(key)).clicked() {
                    form.by_change = by_change;
                }
            }
        });
        let figures = project.flags.figures();
        let shown = if form.by_change {
            (Column::Change, &figures.changes[..])
        } else {
            (Column::Suggestion, &figures.suggestions[..])
        };
        of_choice(ui, cx, &project.flags, shown, None, form, commands);
    });
}

/// Bars of a column of choices.
fn of_choice(
    ui: &mut Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    (column, bars): (Column, &[Bar]),
    unseen: Option<&bars::Unseen<'_>>,
    form: &mut ChartsForm,
    commands: &mut Vec<Command>,
) {
    if bars.is_empty() {
        ui.label(RichText::new(cx.word("gui.charts.nothing")).color(cx.palette.weak));
        return;
    }
    let whole = form.whole.contains(&column);
    let chart =
        bars::Chart { bars, chosen: book.filter().choices(column), selected: book.selected().map(|s| s.1), unseen };
    if let Some(choice) = chart.show(ui, cx, whole) {
        commands.push(Command::Flags(FlagsWish::Toggle(column, choice)));
    }
    if bars.len() > bars::FIRST {
        let word = if whole {
            cx.word("gui.charts.fewer")
        } else {
            cx.with("gui.charts.more", "n", &(bars.len() - bars::FIRST))
        };
        if widgets::quiet(ui, &word).clicked() && !form.whole.remove(&column) {
            form.whole.insert(column);
        }
    }
}

fn years(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let bars = &book.figures().years;
    let chosen = book.filter().choices(Column::Year);
    let selected = book.selected().map(|(_, record)| record);
    let pillars: Vec<Pillar> = bars
        .iter()
        .map(|bar| Pillar {
            label: bar.choice.told(cx.lang),
            parts: bar.areas.map(|area| area.0),
            told: format!("{}  {}", bar.choice.told(cx.lang), bars::told(cx, bar)),
            faded: chosen.is_some_and(|chosen| !chosen.contains(&bar.choice)),
            selected: selected.is_some_and(|record| bar.choice.is_of(record)),
        })
        .collect();
    chart(ui, cx, "gui.charts.years", "gui.charts.years_hint", |ui| {
        if let Some(at) = columns::show(ui, cx, &pillars, &|area| format!("{} m²", widgets::grouped(area))) {
            commands.push(Command::Flags(FlagsWish::Toggle(Column::Year, bars[at].choice.clone())));
        }
    });
}

fn scores(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let test = book.filter().tests.get(&Column::Score);
    let selected = book.selected().and_then(|(_, record)| bin_of(record.score));
    let pillars: Vec<Pillar> = book
        .figures()
        .scores
        .iter()
        .enumerate()
        .map(|(bin, counts)| {
            let (from, to) = score_range(bin);
            let n: usize = counts.iter().sum();
            Pillar {
                // Every fourth edge is named: 0, 20, 40 …
                label: if bin % 4 == 0 { format!("{from:.0}") } else { String::new() },
                parts: counts.map(|count| count as f64),
                told: cx.lang.sentence("gui.charts.bin", &[("from", &from), ("to", &to), ("n", &n)]),
                faded: test.is_some_and(|test| *test != test_of_bin(bin)),
                selected: selected == Some(bin),
            }
        })
        .collect();
    chart(ui, cx, "gui.charts.scores", "gui.charts.scores_hint", |ui| {
        if let Some(bin) = columns::show(ui, cx, &pillars, &|count| widgets::grouped(count)) {
            let wanted = test_of_bin(bin);
            let test = if test == Some(&wanted) { None } else { Some(wanted) };
            commands.push(Command::Flags(FlagsWish::Test(Column::Score, test)));
        }
    });
}
