//! The flags as a table: what is searched and filtered above, the rows, their sums below.

mod cells;
mod filters;
mod funnel;
mod headings;
mod table;

use std::collections::BTreeMap;

use eframe::egui::{Align, Frame, Layout, Panel, RichText, Ui};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Column, FlagBook, Sums};
use crate::gui::session::{Command, FlagsWish, Project};
use crate::gui::widgets;

/// What is typed into the table's fields, and what belongs to its widgets alone.
#[derive(Debug, Default)]
pub struct FlagsForm {
    /// Ends of ranges as they are typed.
    pub ranges: BTreeMap<Column, (String, String)>,
    /// Words that choices are searched for.
    pub choices: String,
    /// Widths of columns that the hand changed.
    pub widths: BTreeMap<Column, f32>,
    /// The row that was last brought into sight.
    pub shown_row: Option<usize>,
    /// How far the table is scrolled, and how high it is.
    pub scrolled: (f32, f32),
}

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let (book, form) = (&project.flags, &mut forms.flags);
    if book.records().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.none"), &cx.word("gui.flags.none_do"));
        return;
    }
    filters::show(ui, cx, book, form, commands);
    Panel::bottom("flags_sums").show_separator_line(false).frame(Frame::NONE).show(ui, |ui| {
        foot(ui, cx, project, commands);
    });
    if book.order().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.no_match"), &cx.word("gui.flags.no_match_do"));
        return;
    }
    table::show(ui, cx, book, form, commands);
}

/// Count and area of what is shown and what is marked, and what they do not say.
fn foot(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let book = &project.flags;
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.set_min_height(24.0);
        let text = RichText::new(sums(cx, "gui.flags.sum", book.sums())).size(12.0).color(cx.palette.text);
        ui.label(text).on_hover_text(cx.word("gui.flags.sum_hint"));
        if book.marked().len() > 1 {
            let text = sums(cx, "gui.flags.sum_marked", book.marked_sums());
            ui.label(RichText::new(text).size(12.0).color(cx.palette.accent));
            marked(ui, cx, book, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| unseen(ui, cx, project));
    });
}

/// What can be done with what is marked. Decisions on all of it at once will stand here.
fn marked(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    if widgets::quiet(ui, &cx.word("gui.flags.copy")).on_hover_text(cx.word("gui.flags.copy_hint")).clicked() {
        ui.ctx().copy_text(cells::tsv(cx, book));
    }
    if widgets::quiet(ui, &cx.word("gui.flags.unmark")).clicked() {
        commands.push(Command::Flags(FlagsWish::Select(book.selected().map(|selected| selected.0))));
    }
}

fn sums(cx: &Cx<'_>, key: &str, sums: &Sums) -> String {
    let (m2, ha, mu) =
        (widgets::grouped(sums.area.0), format!("{:.2}", sums.area.hectares()), format!("{:.1}", sums.area.mu()));
    cx.lang.sentence(key, &[("n", &sums.flags), ("m2", &m2), ("ha", &ha), ("mu", &mu)])
}

/// Zones that were hardly seen: no flag there is no proof of no change.
fn unseen(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    let lacking: Vec<&str> = project
        .plan
        .zones
        .iter()
        .zip(&project.lacking)
        .filter(|(_, lacks)| !lacks.is_empty())
        .map(|(zone, _)| zone.name.as_str())
        .collect();
    if lacking.is_empty() {
        return;
    }
    let text = cx.with("gui.flags.unseen", "n", &lacking.len());
    ui.label(RichText::new(text).size(12.0).color(cx.palette.severity[1])).on_hover_ui(|ui| {
        ui.label(cx.word("gui.flags.unseen_hint"));
        for name in lacking.iter().take(MOST_NAMED) {
            ui.label(RichText::new(*name).size(12.0));
        }
        if lacking.len() > MOST_NAMED {
            ui.label("…");
        }
    });
}

/// Most zones named in a hint.
const MOST_NAMED: usize = 12;
