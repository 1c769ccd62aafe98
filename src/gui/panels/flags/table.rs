//! The rows. Only those in sight are drawn, so that a hundred thousand cost what ten cost.

use eframe::egui::{
    Align2, Event, FontId, Key, Modifiers, Painter, Rect, Response, Role, ScrollArea, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{FlagsForm, cells, headings};
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Column, FlagBook, Group, Nature, Row};
use crate::gui::session::{Command, FlagsWish, Target, ViewWish};
use crate::gui::widgets;
use crate::model::record::FlagRecord;

/// Height of a row, and of the headings.
pub const ROW: f32 = 25.0;

/// Room between a cell's edge and its text.
pub const PAD: f32 = 8.0;

/// The columns shown, each with its left edge and width.
pub struct Lanes {
    lanes: Vec<(Column, f32, f32)>,
    /// Width of all together.
    pub whole: f32,
}

impl Lanes {
    /// The columns of a book; the last takes what room is left.
    fn of(book: &FlagBook, form: &FlagsForm, room: f32) -> Self {
        let mut left = 0.0;
        let mut lanes = Vec::new();
        for column in book.columns() {
            let width = form.widths.get(&column).copied().unwrap_or_else(|| usual_width(column));
            lanes.push((column, left, width));
            left += width;
        }
        if let Some(last) = lanes.last_mut().filter(|_| left < room) {
            last.2 += room - left;
            left = room;
        }
        Self { lanes, whole: left }
    }

    /// Each column with the part of a row that is its own.
    pub fn cells(&self, row: Rect) -> impl Iterator<Item = (Column, Rect)> {
        self.lanes.iter().map(move |(column, left, width)| {
            let min = pos2(row.left() + left, row.top());
            (*column, Rect::from_min_size(min, vec2(*width, row.height())))
        })
    }
}

/// The width of a column at first.
fn usual_width(column: Column) -> f32 {
    match column {
        Column::Period => 176.0,
        Column::Change | Column::ZoneKind | Column::Suggestion => 132.0,
        Column::Zone => 230.0,
        Column::State => 150.0,
        _ => 92.0,
    }
}

/// Draws the table.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, form: &mut FlagsForm, commands: &mut Vec<Command>) {
    let lanes = Lanes::of(book, form, ui.available_width());
    ScrollArea::horizontal().id_salt("flags_across").auto_shrink(false).show(ui, |ui| {
        ui.set_min_width(lanes.whole);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        headings::show(ui, cx, book, &lanes, form, commands);
        rows(ui, cx, book, &lanes, form, commands);
    });
    keys(ui, cx, book, form, commands);
}

fn rows(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, lanes: &Lanes, form: &mut FlagsForm, commands: &mut Vec<Command>) {
    let mut area = ScrollArea::vertical().id_salt("flags_down").auto_shrink(false);
    let (offset, height) = form.scrolled;
    if form.shown_row != book.selected_row() {
        form.shown_row = book.selected_row();
        if let Some(top) = book.selected_row().map(|row| row as f32 * ROW) {
            let wanted = if top < offset || height <= 0.0 { top } else { (top + ROW - height).max(offset.min(top)) };
            area = area.vertical_scroll_offset(wanted);
        }
    }
    let shown = area.show_rows(ui, ROW, book.rows().len(), |ui, range| {
        for row in &book.rows()[range] {
            let (rect, response) = ui.allocate_exact_size(vec2(lanes.whole, ROW), Sense::click());
            match row {
                Row::Head(number) => head(ui, cx, book, (*number, rect), &response, commands),
                Row::Flag(at) => flag(ui, cx, book, lanes, (*at, rect), &response, commands),
            }
        }
    });
    form.scrolled = (shown.state.clamped_offset().y, shown.inner_rect.height());
}

/// The heading of a group: what it has in common, its count and its area.
fn head(
    ui: &Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    (number, rect): (usize, Rect),
    response: &Response,
    commands: &mut Vec<Command>,
) {
    let Some(group) = book.groups().get(number) else { return };
    let folded = book.is_folded(group);
    let (name, sums) = (group.choice.told(cx.lang), sums(cx, group));
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, !folded, format!("{name}  {sums}")));
    if response.clicked() {
        commands.push(Command::Flags(FlagsWish::Fold(group.choice.clone())));
    }
    let painter = ui.painter();
    let seen = rect.intersect(ui.clip_rect());
    painter.rect_filled(rect, 0.0, if response.hovered() { cx.palette.wash } else { cx.palette.card });
    painter.hline(seen.x_range(), rect.bottom(), Stroke::new(1.0, cx.palette.line));
    triangle(painter, pos2(seen.left() + 12.0, rect.center().y), folded, cx);
    // What is said of a group stays in sight when the table is moved sideways.
    let inner = Rect::from_min_max(pos2(seen.left() + 24.0, rect.top()), pos2(seen.right() - PAD, rect.bottom()));
    let said = painter.layout_no_wrap(sums, FontId::proportional(12.0), cx.palette.weak);
    let room = (inner.width() - said.size().x - 16.0).max(60.0);
    let name_rect = Rect::from_min_size(inner.min, vec2(room, inner.height()));
    let named = widgets::one_line(painter, name_rect, &name, 13.5, cx.palette.strong);
    let place = pos2((inner.left() + named + 16.0).min(inner.right() - said.size().x), rect.center().y);
    painter.galley(pos2(place.x, place.y - said.size().y / 2.0), said, cx.palette.weak);
}

fn sums(cx: &Cx<'_>, group: &Group) -> String {
    let facts =
        [group.sums.flags.to_string(), widgets::grouped(group.sums.area.0), format!("{:.1}", group.sums.area.mu())];
    cx.lang.sentence("gui.flags.group_sum", &[("n", &facts[0]), ("m2", &facts[1]), ("mu", &facts[2])])
}

/// A triangle that points to what is hidden, or down to what is shown.
fn triangle(painter: &Painter, middle: eframe::egui::Pos2, folded: bool, cx: &Cx<'_>) {
    let corners = if folded {
        [vec2(-2.5, -4.5), vec2(3.5, 0.0), vec2(-2.5, 4.5)]
    } else {
        [vec2(-4.5, -2.5), vec2(4.5, -2.5), vec2(0.0, 3.5)]
    };
    let corners = corners.map(|corner| middle + corner).to_vec();
    painter.add(Shape::convex_polygon(corners, cx.palette.weak, Stroke::NONE));
}

fn flag(
    ui: &Ui,
    cx: &Cx<'_>,
    book: &FlagBook,
    lanes: &Lanes,
    (at, rect): (usize, Rect),
    response: &Response,
    commands: &mut Vec<Command>,
) {
    let record = &book.records()[at];
    let selected = book.selected().is_some_and(|(selected, _)| selected == at);
    let marked = book.marked().contains(&at);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, marked, label(cx, record)));
    clicks(ui, response, at, commands);
    let painter = ui.painter();
    if marked || response.hovered() {
        let fill = if marked { cx.palette.wash } else { cx.palette.card };
        painter.rect_filled(rect, 0.0, fill);
    }
    if selected {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, ROW)), 0.0, cx.palette.accent);
    }
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, cx.palette.line.gamma_multiply(0.6)));
    for (column, cell) in lanes.cells(rect).filter(|(_, cell)| cell.intersects(ui.clip_rect())) {
        draw(painter, cx, column, cell, record);
    }
}

/// What a row is called by those who do not see it.
fn label(cx: &Cx<'_>, record: &FlagRecord) -> String {
    let told = |column| cells::text(cx, column, record);
    format!("{}  {}  {}", record.code, told(Column::Severity), told(Column::Zone))
}

fn clicks(ui: &Ui, response: &Response, at: usize, commands: &mut Vec<Command>) {
    if response.double_clicked() {
        commands.push(Command::View(ViewWish::Show(Target::Flag(at))));
    } else if response.clicked() {
        let modifiers = ui.input(|input| input.modifiers);
        commands.push(Command::Flags(match (modifiers.shift, modifiers.command) {
            (true, _) => FlagsWish::MarkTo(at),
            (_, true) => FlagsWish::Mark(at),
            _ => FlagsWish::Select(Some(at)),
        }));
    }
}

fn draw(painter: &Painter, cx: &Cx<'_>, column: Column, cell: Rect, record: &FlagRecord) {
    let inner = cell.shrink2(vec2(PAD, 0.0));
    let text = cells::text(cx, column, record);
    if column.nature() == Nature::Number {
        // Numbers end on one line, so that they compare at a glance.
        let clipped = painter.with_clip_rect(painter.clip_rect().intersect(cell));
        clipped.text(inner.right_center(), Align2::RIGHT_CENTER, text, FontId::proportional(13.0), cx.palette.text);
        return;
    }
    let colour = match column {
        Column::Line => record.line().map_or(cx.palette.weak, |line| cx.palette.line_class(line)),
        Column::Code => cx.palette.strong,
        _ => cx.palette.text,
    };
    let mut inner = inner;
    if column == Column::Severity {
        painter.circle_filled(inner.left_center() + vec2(4.0, 0.0), 4.5, cx.palette.severity(record.severity));
        inner.min.x += 14.0;
    }
    widgets::one_line(painter, inner, &text, 13.0, colour);
}

/// Keys that need the table's height or the clipboard, while nothing is typed: a page on and back, marking all, copying. The
/// others are acts.
fn keys(ui: &Ui, cx: &Cx<'_>, book: &FlagBook, form: &FlagsForm, commands: &mut Vec<Command>) {
    if ui.ctx().text_edit_focused() || cx.session.overlay.is_some() {
        return;
    }
    let page = ((form.scrolled.1 / ROW) as isize - 1).max(1);
    for (modifiers, key, wish) in [
        (Modifiers::SHIFT, Key::PageDown, FlagsWish::Extend(page)),
        (Modifiers::SHIFT, Key::PageUp, FlagsWish::Extend(-page)),
        (Modifiers::NONE, Key::End, FlagsWish::Step(isize::MAX)),
        (Modifiers::NONE, Key::PageDown, FlagsWish::Step(page)),
        (Modifiers::NONE, Key::PageUp, FlagsWish::Step(-page)),
        (Modifiers::COMMAND, Key::A, FlagsWish::MarkAll),
    ] {
        if ui.input_mut(|input| input.consume_key(modifiers, key)) {
            commands.push(Command::Flags(wish));
        }
    }
    let copies = ui.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| !matches!(event, Event::Copy));
        input.events.len() < before
    });
    if copies && !book.marked().is_empty() {
        ui.ctx().copy_text(cells::tsv(cx, book));
    }
}
