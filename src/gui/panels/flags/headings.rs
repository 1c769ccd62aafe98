//! The headings of the table: a click sorts, the mark at the right opens the column's menu, the edge between two is dragged.

use eframe::egui::{
    CursorIcon, Id, Popup, PopupCloseBehavior, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::table::{Lanes, PAD, ROW};
use super::{FlagsForm, funnel};
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Column, FlagBook};
use crate::gui::session::{Command, FlagsWish};
use crate::gui::widgets;

/// The narrowest column.
const NARROWEST: f32 = 48.0;

/// Room of the mark that opens the menu.
const MARK: f32 = 18.0;

/// Draws the headings.
pub fn show(
    ui: &mut Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    lanes: &Lanes,
    form: &mut FlagsForm,
    commands: &mut Vec<Command>,
) {
    let (row, _) = ui.allocate_exact_size(vec2(lanes.whole, ROW), Sense::hover());
    ui.painter().hline(row.x_range(), row.bottom(), Stroke::new(1.0, cx.palette.line));
    for (column, cell) in lanes.cells(row) {
        name(ui, cx, book, column, cell, commands);
        menu(ui, cx, book, column, cell, form, commands);
        edge(ui, cx, column, cell, form);
    }
}

fn name(ui: &Ui, cx: &Cx<'_>, book: &FlagBook, column: Column, cell: Rect, commands: &mut Vec<Command>) {
    let word = cx.word(column.key());
    let rect = Rect::from_min_max(cell.min, pos2(cell.right() - MARK, cell.bottom()));
    let response = ui.interact(rect, Id::unique(("heading", column)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, cx.with("gui.flags.sort_by", "column", &word)));
    let arrow = match book.sort() {
        Some((by, true)) if by == column => " ▲",
        Some((by, false)) if by == column => " ▼",
        _ => "",
    };
    let colour = if response.hovered() || !arrow.is_empty() { cx.palette.strong } else { cx.palette.weak };
    let inner = Rect::from_min_max(pos2(rect.left() + PAD, rect.top()), rect.max);
    widgets::one_line(ui.painter(), inner, &format!("{word}{arrow}"), 12.0, colour);
    if response.on_hover_text(format!("{word} · {}", cx.word("gui.flags.sort_hint"))).clicked() {
        commands.push(Command::Flags(FlagsWish::Sort(column)));
    }
}

fn menu(
    ui: &Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    column: Column,
    cell: Rect,
    form: &mut FlagsForm,
    commands: &mut Vec<Command>,
) {
    let rect = Rect::from_min_max(pos2(cell.right() - MARK - 3.0, cell.top()), pos2(cell.right() - 3.0, cell.bottom()));
    let response = ui.interact(rect, Id::unique(("column menu", column)), Sense::click());
    let word = cx.with("gui.flags.filter_by", "column", &cx.word(column.key()));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &word));
    let tested = book.filter().tests.contains_key(&column);
    let colour = match (tested, response.hovered()) {
        (true, _) => cx.palette.accent,
        (false, true) => cx.palette.strong,
        (false, false) => cx.palette.line,
    };
    // A funnel.
    let at = |x: f32, y: f32| rect.center() + vec2(x, y);
    let cup = vec![at(-5.0, -4.5), at(5.0, -4.5), at(1.2, 0.5), at(-1.2, 0.5)];
    ui.painter().add(Shape::convex_polygon(cup, colour, Stroke::NONE));
    ui.painter().rect_filled(Rect::from_min_max(at(-1.2, 0.0), at(1.2, 4.5)), 0.0, colour);
    let response = response.on_hover_text(word);
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| funnel::menu(ui, cx, book, column, form, commands));
}

/// The edge at the right of a column.
fn edge(ui: &Ui, cx: &Cx<'_>, column: Column, cell: Rect, form: &mut FlagsForm) {
    let rect = Rect::from_x_y_ranges(cell.right() - 3.0..=cell.right() + 3.0, cell.y_range());
    let response = ui.interact(rect, Id::unique(("column edge", column)), Sense::drag());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Splitter, true, cx.with("gui.flags.width_of", "column", &cx.word(column.key())))
    });
    if response.dragged() {
        form.widths.insert(column, (cell.width() + response.drag_delta().x).max(NARROWEST));
    }
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        ui.painter().vline(cell.right(), cell.y_range(), Stroke::new(2.0, cx.palette.accent));
    }
}
