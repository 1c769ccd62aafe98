//! The map: panes of images on one transform, vectors over them, and what the hand does with them.

pub mod atlas;
pub mod brush;
mod furniture;
mod labels;
mod plotter;
pub mod shapes;
pub mod sheets;
pub mod vectors;

use eframe::egui::{
    Color32, CursorIcon, Id, Painter, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

use super::cx::Cx;
use super::session::compare::Mode;
use super::session::view::View;
use super::session::{Command, CompareWish, FlagsWish, Project, Target, ViewWish};
use atlas::{Atlas, Pane};
use shapes::ShapeCache;
use sheets::Sheets;
use vectors::{Drawing, PlateMaker};

/// How far from a flag a click still selects it, in screen points.
const REACH: f64 = 9.0;

/// Half the width of the band in which the swipe line can be taken.
const GRIP: f32 = 9.0;

/// What is drawn from: textures, shapes, and the place under the cursor.
pub struct Canvas {
    /// Textures.
    pub atlas: Atlas,
    /// Outlines.
    pub shapes: ShapeCache,
    /// Zones and flags as textures.
    pub sheets: Sheets,
    /// What zones and flags look like now.
    pub plates: PlateMaker,
    /// The map place under the cursor.
    pub cursor: Option<(f64, f64)>,
}

impl Canvas {
    /// Whether something that is seen is still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.atlas.is_waiting() || self.sheets.is_waiting() || self.shapes.is_waiting()
    }
}

/// One part of the screen that shows the view.
#[derive(Clone, Copy)]
struct Part {
    rect: Rect,
    scene: usize,
    clip: Rect,
    opacity: f32,
    number: usize,
}

/// The map with everything on it.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let rect = ui.available_rect_before_wrap();
    let panes = panes(rect, project);
    let size = (f64::from(panes[0].width()), f64::from(panes[0].height()));
    let view = View { size, ..cx.session.view };
    if size != cx.session.view.size {
        commands.push(Command::View(ViewWish::Resize(size)));
    }
    let response = ui.interact(rect, Id::unique("map"), Sense::click_and_drag());
    let label = cx.word("gui.map.name");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    canvas.shapes.update(project);
    let plate = canvas.plates.of(project, &canvas.shapes, &cx.palette);
    canvas.sheets.begin(ui.ctx(), &plate, &view, project.budget.sheets());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, cx.palette.ground);
    let parts = parts(&panes, project);
    images(&painter, project, &view, &mut canvas.atlas, &parts);
    let lacking = cx.word("gui.zone.lacking");
    for pane in &panes {
        let painter = painter.with_clip_rect(*pane);
        let drawing = drawing(cx, project, &canvas.shapes, &view, *pane, &lacking);
        drawing.draw(&painter, &mut canvas.sheets);
    }
    canvas.sheets.end();
    furniture::draw(&painter, cx, project, &view, &panes);
    canvas.cursor = None;
    hand(ui, &response, project, &view, &panes, canvas, commands);
    if project.compare.mode == Mode::Swipe {
        swipe_line(ui, cx, rect, project, commands);
    }
}

fn drawing<'a>(
    cx: &Cx<'_>,
    project: &'a Project,
    shapes: &'a ShapeCache,
    view: &'a View,
    pane: Rect,
    lacking: &'a str,
) -> Drawing<'a> {
    Drawing { project, shapes, view, corner: pane.min, palette: cx.palette, lacking }
}

fn panes(rect: Rect, project: &Project) -> Vec<Rect> {
    if project.compare.mode != Mode::Linked {
        return vec![rect];
    }
    let (left, right) = rect.split_left_right_at_fraction(0.5);
    vec![left.with_max_x(left.right() - 1.0), right.with_min_x(right.left() + 1.0)]
}

/// Which scene is drawn where: below first.
fn parts(panes: &[Rect], project: &Project) -> Vec<Part> {
    let compare = &project.compare;
    let whole = panes[0];
    let part = |scene, clip, opacity, number| Part { rect: whole, scene, clip, opacity, number };
    let strength = project.look.image_opacity;
    match compare.mode {
        Mode::Single => {
            let scene = if compare.blinking { compare.before } else { compare.after };
            vec![part(scene, whole, strength, scene)]
        }
        _ if compare.blinking => vec![part(compare.before, whole, strength, compare.before)],
        Mode::Swipe => {
            let line = whole.left() + whole.width() * compare.swipe as f32;
            let (left, right) = (whole.with_max_x(line), whole.with_min_x(line));
            vec![
                part(compare.before, left, strength, compare.before),
                part(compare.after, right, strength, compare.after),
            ]
        }
        Mode::Fade => {
            let over = strength * compare.fade as f32;
            vec![part(compare.before, whole, strength, compare.before), part(compare.after, whole, over, compare.after)]
        }
        Mode::Linked => {
            let scenes = [compare.before, compare.after];
            let each = panes.iter().zip(scenes);
            each.map(|(pane, scene)| Part { rect: *pane, scene, clip: *pane, opacity: strength, number: scene })
                .collect()
        }
    }
}

fn images(painter: &Painter, project: &Project, view: &View, atlas: &mut Atlas, parts: &[Part]) {
    if !project.look.images {
        return;
    }
    for part in parts {
        let pane = Pane {
            project,
            scene: part.scene,
            view,
            corner: part.rect.min,
            opacity: part.opacity,
            number: part.number,
        };
        atlas.draw(&painter.with_clip_rect(part.clip), &pane);
    }
}

/// What the hand does: pan, zoom to the cursor, select.
fn hand(
    ui: &Ui,
    response: &Response,
    project: &Project,
    view: &View,
    panes: &[Rect],
    canvas: &mut Canvas,
    commands: &mut Vec<Command>,
) {
    let pane_at = |point: Pos2| panes.iter().find(|pane| pane.contains(point)).copied();
    let in_pane =
        |point: Pos2| pane_at(point).map(|pane| (f64::from(point.x - pane.left()), f64::from(point.y - pane.top())));
    if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle) {
        let by = response.drag_delta();
        commands.push(Command::View(ViewWish::Pan((f64::from(by.x), f64::from(by.y)))));
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    let Some(point) = response.hover_pos().and_then(in_pane) else { return };
    let place = view.map_from_screen(point);
    canvas.cursor = Some(place);
    canvas.atlas.probe(place);
    let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
    let factor = f64::from(scroll / 180.0).exp() * f64::from(pinch);
    if (factor - 1.0).abs() > 1e-4 {
        commands.push(Command::View(ViewWish::Zoom(factor, point)));
    }
    if response.double_clicked() {
        commands.push(Command::View(ViewWish::Zoom(2.0, point)));
    } else if response.clicked() && project.look.flags {
        commands.push(Command::Flags(FlagsWish::Select(project.flags.at(place, REACH * view.units))));
    }
    if !response.dragged() && project.look.flags && project.flags.at(place, REACH * view.units).is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
}

fn swipe_line(ui: &Ui, cx: &Cx<'_>, rect: Rect, project: &Project, commands: &mut Vec<Command>) {
    let x = rect.left() + rect.width() * project.compare.swipe as f32;
    let band = Rect::from_x_y_ranges(x - GRIP..=x + GRIP, rect.y_range());
    let grip = ui.interact(band, Id::unique("swipe"), Sense::drag());
    let label = cx.word("gui.compare.swipe_line");
    grip.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &label));
    if let Some(point) = grip.interact_pointer_pos().filter(|_| grip.dragged()) {
        commands.push(Command::Compare(CompareWish::Swipe(f64::from((point.x - rect.left()) / rect.width()))));
    }
    if grip.hovered() || grip.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    let painter = ui.painter_at(rect);
    painter.vline(x, rect.y_range(), Stroke::new(4.0, Color32::from_black_alpha(90)));
    painter.vline(x, rect.y_range(), Stroke::new(2.0, Color32::WHITE));
    let knob = pos2(x, rect.center().y);
    painter.circle(knob, 13.0, Color32::WHITE, Stroke::new(1.0, Color32::from_black_alpha(80)));
    for side in [-1.0, 1.0] {
        let tip = knob + vec2(side * 8.0, 0.0);
        let (up, down) = (knob + vec2(side * 3.5, -4.5), knob + vec2(side * 3.5, 4.5));
        painter.add(eframe::egui::Shape::convex_polygon(vec![tip, up, down], super::theme::LIGHT.text, Stroke::NONE));
    }
}

/// A small map of one scene around a flag, as the inspector shows it.
pub fn chip(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, scene: usize, flag: usize, size: eframe::egui::Vec2) {
    let Some(project) = cx.project() else { return };
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let date = project.plan.scenes.get(scene).map(|scene| scene.date.to_string()).unwrap_or_default();
    let label = cx.lang.sentence("gui.inspector.picture", &[("date", &date)]);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let mut view = View { size: (f64::from(size.x), f64::from(size.y)), ..View::default() };
    if let Some(bounds) = project.bounds_of(Target::Flag(flag)) {
        view.show(&bounds, project.finest() * 0.4);
    }
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 6.0, cx.palette.ground);
    let pane = Pane { project, scene, view: &view, corner: rect.min, opacity: 1.0, number: 1000 + scene };
    canvas.atlas.draw(&painter, &pane);
    drawing(cx, project, &canvas.shapes, &view, rect, "").draw_flag(&painter, flag);
    painter.rect_stroke(rect, 6.0, Stroke::new(1.0, cx.palette.line), eframe::egui::StrokeKind::Inside);
}
