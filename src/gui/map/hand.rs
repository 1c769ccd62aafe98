//! What the hand does with the map: it pans, zooms to the cursor, selects, and carries the lens.

use eframe::egui::{Color32, CursorIcon, Painter, PointerButton, Response, Shape, Stroke, Ui, Vec2, vec2};

use super::Canvas;
use super::panes::Layout;
use crate::gui::session::compare::Mode;
use crate::gui::session::view::View;
use crate::gui::session::{Command, CompareWish, FlagsWish, Project, ViewWish};

/// How far from a flag a click still selects it, in screen points.
const REACH: f64 = 9.0;

/// Where the cursor is in its part of the map, in points from the part's corner.
pub fn place(response: &Response, layout: &Layout) -> Option<Vec2> {
    let point = response.hover_pos()?;
    Some(point - layout.part_at(point)?.min)
}

/// Turns what the hand does into commands, and asks for the values under the cursor.
pub fn hand(
    ui: &Ui,
    response: &Response,
    project: &Project,
    view: &View,
    layout: &Layout,
    canvas: &mut Canvas,
    commands: &mut Vec<Command>,
) {
    if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle) {
        let by = response.drag_delta();
        commands.push(Command::View(ViewWish::Pan((f64::from(by.x), f64::from(by.y)))));
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    canvas.cursor = None;
    let Some(point) = place(response, layout) else { return };
    let point = (f64::from(point.x), f64::from(point.y));
    let at = view.map_from_screen(point);
    canvas.cursor = Some(at);
    canvas.atlas.probe(at);
    wheel(ui, project, point, commands);
    if project.compare.mode == Mode::Linked && !response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    let flag = project.look.flags.then(|| project.flags.at(at, REACH * view.units));
    if response.double_clicked() {
        commands.push(Command::View(ViewWish::Zoom(2.0, point)));
    } else if let Some(flag) = flag.filter(|_| response.clicked()) {
        commands.push(Command::Flags(FlagsWish::Select(flag)));
    }
    if !response.dragged() && flag.flatten().is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
}

/// The wheel zooms; with Ctrl it makes the lens larger or smaller.
fn wheel(ui: &Ui, project: &Project, point: (f64, f64), commands: &mut Vec<Command>) {
    let (scroll, pinch, ctrl) =
        ui.input(|input| (input.smooth_scroll_delta().y, f64::from(input.zoom_delta()), input.modifiers.command));
    if ctrl && project.compare.mode == Mode::Lens {
        if (pinch - 1.0).abs() > 1e-4 {
            commands.push(Command::Compare(CompareWish::Lens(project.compare.lens * pinch)));
        }
        return;
    }
    let factor = f64::from(scroll / 180.0).exp() * pinch;
    if (factor - 1.0).abs() > 1e-4 {
        commands.push(Command::View(ViewWish::Zoom(factor, point)));
    }
}

/// Marks the place under the cursor in every part of the map.
pub fn crosshair(painter: &Painter, layout: &Layout, at: Vec2) {
    for part in &layout.parts {
        let painter = painter.with_clip_rect(*part);
        for (width, colour) in [(3.5, Color32::from_black_alpha(130)), (1.5, Color32::WHITE)] {
            for way in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
                let ends = [part.min + at + 5.0 * way, part.min + at + 15.0 * way];
                painter.add(Shape::line_segment(ends, Stroke::new(width, colour)));
            }
        }
    }
}
