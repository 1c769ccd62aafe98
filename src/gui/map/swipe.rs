//! The swipe line: drawn between two years, taken by the hand, put back to the middle by a double click.

use eframe::egui::{Color32, CursorIcon, Id, Painter, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, vec2};

use super::panes;
use crate::gui::cx::Cx;
use crate::gui::session::compare::{Compare, Line};
use crate::gui::session::{Command, CompareWish};
use crate::gui::theme;

/// Half the width of the band in which the line can be taken.
const GRIP: f32 = 9.0;

/// Draws the line over a part of the map, and moves it.
pub fn line(ui: &Ui, cx: &Cx<'_>, part: Rect, compare: &Compare, commands: &mut Vec<Command>) {
    let (first, _) = panes::halves(part, compare.line, compare.swipe, ui.pixels_per_point());
    let (ends, along) = match compare.line {
        Line::Upright => ([first.right_top(), first.right_bottom()], Vec2::Y),
        Line::Level => ([first.left_bottom(), first.right_bottom()], Vec2::X),
    };
    let across = vec2(along.y, along.x);
    let band = Rect::from_two_pos(ends[0] - GRIP * across, ends[1] + GRIP * across);
    let grip = ui.interact(band, Id::unique("swipe"), Sense::click_and_drag());
    let label = cx.word("gui.compare.swipe_line");
    grip.widget_info(|| WidgetInfo::slider(true, compare.swipe, &label));
    if let Some(point) = grip.interact_pointer_pos().filter(|_| grip.dragged()) {
        let way = (point - part.min) / part.size();
        commands.push(Command::Compare(CompareWish::Swipe(f64::from(way.dot(across)))));
    }
    if grip.double_clicked() {
        commands.push(Command::Compare(CompareWish::Swipe(0.5)));
    }
    if grip.hovered() || grip.dragged() {
        let upright = compare.line == Line::Upright;
        ui.ctx().set_cursor_icon(if upright { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical });
    }
    draw(&ui.painter_at(part), ends, along, across);
}

fn draw(painter: &Painter, ends: [eframe::egui::Pos2; 2], along: Vec2, across: Vec2) {
    painter.line_segment(ends, Stroke::new(4.0, Color32::from_black_alpha(90)));
    painter.line_segment(ends, Stroke::new(2.0, Color32::WHITE));
    let knob = ends[0].lerp(ends[1], 0.5);
    painter.circle(knob, 13.0, Color32::WHITE, Stroke::new(1.0, Color32::from_black_alpha(80)));
    for side in [-1.0, 1.0] {
        let tip = knob + side * 8.0 * across;
        let foot = knob + side * 3.5 * across;
        let corners = vec![tip, foot - 4.5 * along, foot + 4.5 * along];
        painter.add(Shape::convex_polygon(corners, theme::LIGHT.text, Stroke::NONE));
    }
}
