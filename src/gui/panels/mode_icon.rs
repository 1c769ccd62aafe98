//! Small drawings of the ways to compare years, and buttons that carry them.

use eframe::egui::{
    Align2, Color32, FontId, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::session::compare::{Line, Mode};

/// Side of an icon.
pub const SIDE: f32 = 18.0;

/// A button with the icon of a mode and perhaps its word; `name` is what it is called in any case.
pub fn button(ui: &mut Ui, cx: &Cx<'_>, mode: Mode, chosen: bool, text: &str, name: &str) -> Response {
    carrying(ui, cx, chosen, text, name, |painter, rect, ink| draw(painter, rect, ink, mode))
}

/// A button with a swipe line.
pub fn line(ui: &mut Ui, cx: &Cx<'_>, line: Line, chosen: bool, name: &str) -> Response {
    carrying(ui, cx, chosen, "", name, |painter, rect, ink| half(painter, rect, ink, line))
}

fn carrying(
    ui: &mut Ui,
    cx: &Cx<'_>,
    chosen: bool,
    text: &str,
    name: &str,
    icon: impl FnOnce(&eframe::egui::Painter, Rect, Color32),
) -> Response {
    let ink = if chosen { cx.palette.accent } else { cx.palette.text };
    let font: FontId = TextStyle::Button.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, ink);
    let room = if text.is_empty() { 0.0 } else { galley.size().x + 4.0 };
    let padding = ui.spacing().button_padding.x;
    let size = vec2(SIDE + 2.0 * padding + room, ui.spacing().interact_size.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, name));
    let stirred = response.hovered() || response.has_focus();
    let (fill, edge) = match (chosen, stirred) {
        (true, _) => (cx.palette.wash, cx.palette.accent),
        (_, true) => (cx.palette.wash, cx.palette.line),
        _ => (Color32::TRANSPARENT, cx.palette.line),
    };
    ui.painter().rect(rect, 6.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let place = Rect::from_center_size(pos2(rect.left() + padding + SIDE / 2.0, rect.center().y), vec2(SIDE, SIDE));
    icon(ui.painter(), place.shrink(2.0), ink);
    let text = Align2::LEFT_CENTER.anchor_size(pos2(place.right() + 4.0, rect.center().y), galley.size());
    ui.painter().galley(text.min, galley, ink);
    response
}

fn draw(painter: &eframe::egui::Painter, rect: Rect, ink: Color32, mode: Mode) {
    let stroke = Stroke::new(1.3, ink);
    let outline = |rect: Rect| painter.rect_stroke(rect, 1.5, stroke, StrokeKind::Inside);
    match mode {
        Mode::Single => {
            outline(rect);
        }
        Mode::Swipe => half(painter, rect, ink, Line::Upright),
        Mode::Fade => {
            outline(rect);
            let steps = 4;
            for step in 0..steps {
                let x = |n: usize| rect.left() + rect.width() * n as f32 / steps as f32;
                let part = Rect::from_x_y_ranges(x(step)..=x(step + 1), rect.y_range());
                painter.rect_filled(part, 0.0, ink.gamma_multiply(0.2 * step as f32));
            }
        }
        Mode::Linked => {
            for corner in [rect.left_top(), rect.right_top(), rect.left_bottom(), rect.right_bottom()] {
                outline(Rect::from_two_pos(corner, corner.lerp(rect.center(), 0.86)));
            }
        }
        Mode::Blink => {
            outline(Rect::from_min_size(rect.min, rect.size() * 0.68));
            painter.rect_filled(Rect::from_min_max(rect.min + rect.size() * 0.36, rect.max), 1.5, ink);
        }
        Mode::Lens => {
            let centre: Pos2 = rect.min + rect.size() * 0.42;
            painter.circle_stroke(centre, rect.width() * 0.36, stroke);
            painter.line_segment([centre + rect.size() * 0.26, rect.max], Stroke::new(2.2, ink));
        }
    }
}

/// A square of which one half is filled.
fn half(painter: &eframe::egui::Painter, rect: Rect, ink: Color32, line: Line) {
    let filled = match line {
        Line::Upright => rect.with_max_x(rect.center().x),
        Line::Level => rect.with_max_y(rect.center().y),
    };
    painter.rect_filled(filled, 1.5, ink.gamma_multiply(0.75));
    painter.add(Shape::rect_stroke(rect, 1.5, Stroke::new(1.3, ink), StrokeKind::Inside));
}
