//! What the hand does with the map: it pans, zooms to the cursor, selects, and carries the lens.

use eframe::egui::{Color32, CursorIcon, Painter, PointerButton, Response, Shape, Stroke, Ui, Vec2, vec2};

use super::Canvas;
use super::panes::Layout;
use super::tools::{self, At};
use crate::gui::cx::Cx;
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

/// Turns what the hand does into commands. What a tool takes for itself neither selects nor zooms.
pub fn hand(
    ui: &Ui,
    cx: &Cx<'_>,
    response: &Response,
    (view, layout): (&View, &Layout),
    canvas: &mut Canvas,
    commands: &mut Vec<Command>,
) {
    let Some(project) = cx.project() else { return };
    let pans = response.dragged_by(PointerButton::Primary) && !canvas.desk.is_framing();
    if pans || response.dragged_by(PointerButton::Middle) {
        let by = response.drag_delta();
        commands.push(Command::View(ViewWish::Pan((f64::from(by.x), f64::from(by.y)))));
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    canvas.cursor = None;
    let Some((on_screen, part)) = response.hover_pos().and_then(|point| Some((point, layout.part_at(point)?))) else {
        return;
    };
    let inside = on_screen - part.min;
    let point = (f64::from(inside.x), f64::from(inside.y));
    let at = view.map_from_screen(point);
    canvas.cursor = Some(at);
    wheel(ui, project, point, commands);
    if project.compare.mode == Mode::Linked && !response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    let hand = At { view, pane: part, point: on_screen, reach: REACH * view.units };
    let busy = tools::hand(ui, cx, response, &hand, &mut canvas.desk, commands);
    tools::draw_box(&ui.painter_at(part), &canvas.desk, on_screen);
    if !busy {
        choose(ui, response, project, (at, point, hand.reach), commands);
    }
}

/// A click selects the flag there, a double click zooms.
fn choose(
    ui: &Ui,
    response: &Response,
    project: &Project,
    (at, point, reach): ((f64, f64), (f64, f64), f64),
    commands: &mut Vec<Command>,
) {
    let flag = project.look.flags.then(|| project.flags.at(at, reach));
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
