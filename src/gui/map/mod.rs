//! The map: parts of the screen on one transform, images and vectors in each of them, and what the hand does.
//!
//! | File | Owns |
//! |---|---|
//! | `panes` | who shows what where |
//! | `atlas` | the textures that images are made of |
//! | `lens` | an image cut to a disc |
//! | `shapes`, `vectors` | outlines, and what they look like |
//! | `sheets`, `brush`, `plotter` | outlines as textures, painted off the frame |
//! | `plates` | which year is where |
//! | `labels` | names |
//! | `basemap` | what lies below the images |
//! | `furniture` | scale and north |
//! | `swipe`, `hand`, `tools`, `toolbar` | what the hand does |

pub mod atlas;
pub mod basemap;
pub mod brush;
mod furniture;
mod hand;
pub mod labels;
mod lens;
pub mod overlay;
pub mod panes;
pub mod plates;
mod plotter;
pub mod shapes;
pub mod sheets;
mod swipe;
mod toolbar;
pub mod tools;
pub mod vectors;

use std::time::Duration;

use eframe::egui::{Id, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::cx::Cx;
use super::session::compare::Mode;
use super::session::view::View;
use super::session::{Command, Project, Target, ViewWish};
use atlas::{Atlas, Haste, Pane};
use basemap::Backdrop;
use labels::{Labels, Naming};
use overlay::Overlays;
use panes::{Image, Layout};
use shapes::ShapeCache;
use sheets::Sheets;
use tools::Desk;
use vectors::{Drawing, PlateMaker};

/// Numbers that keep the last whole pictures of overviews and chips apart from those of the map's parts.
const OVERVIEWS: usize = 100;
const CHIPS: usize = 101;

/// What is drawn from: textures, shapes, the place under the cursor, and where the lens stands.
pub struct Canvas {
    /// Textures.
    pub atlas: Atlas,
    /// Outlines.
    pub shapes: ShapeCache,
    /// Zones and flags as textures.
    pub sheets: Sheets,
    /// What zones and flags look like now.
    pub inks: PlateMaker,
    /// Scores and mask of the live detection.
    pub overlays: Overlays,
    /// The map place under the cursor.
    pub cursor: Option<(f64, f64)>,
    /// The lens in its part of the map; it stays where the cursor left the map.
    pub lens: Option<Vec2>,
    /// The basemap.
    pub backdrop: Backdrop,
    /// Names of zones and flags.
    pub labels: Labels,
    /// What the tools keep.
    pub desk: Desk,
}

impl Canvas {
    /// Whether something that is seen is still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let vectors = self.sheets.is_waiting() || self.shapes.is_waiting();
        self.atlas.is_waiting() || self.backdrop.is_waiting() || vectors
    }
}

/// The map with everything on it.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let rect = ui.available_rect_before_wrap();
    let layout = panes::lay_out(rect, project.compare.parts(), ui.pixels_per_point());
    let view = View { size: layout.size(), ..cx.session.view };
    if view.size != cx.session.view.size {
        commands.push(Command::View(ViewWish::Resize(view.size)));
    }
    let response = ui.interact(rect, Id::unique("map"), Sense::click_and_drag());
    let label = cx.word("gui.map.name");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let under = hand::place(&response, &layout);
    canvas.lens = under.or(canvas.lens);
    let moment = Moment { time: ui.input(|input| input.time), lens: canvas.lens.unwrap_or_else(|| layout.middle()) };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, cx.palette.ground);
    ground(&painter, cx, project, canvas, (&view, &layout), moment);
    ahead(&painter, project, canvas, &view, &layout);
    furniture::draw(ui, &painter, cx, project, &view, &layout.parts);
    if let Some(source) = canvas.backdrop.credit(project) {
        furniture::credit(&painter, cx, source, layout.parts[layout.parts.len() - 1]);
    }
    hand::hand(ui, cx, &response, (&view, &layout), canvas, commands);
    tools::probe(project, canvas);
    tools::menu(&response, cx, &canvas.desk, commands);
    tools::keys(ui, project, commands);
    over(ui, cx, project, &layout, (under, moment), commands);
    plates::show(ui, cx, project, &layout, moment, commands);
    toolbar::show(ui, cx, rect, commands);
}

/// What the modes that live in time and under the cursor need to know of the frame.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// A clock in seconds.
    pub time: f64,
    /// Where the lens stands in its part of the map.
    pub lens: Vec2,
}

/// Images, what is laid over them, and outlines, part by part.
fn ground(
    painter: &Painter,
    cx: &Cx<'_>,
    project: &Project,
    canvas: &mut Canvas,
    (view, layout): (&View, &Layout),
    moment: Moment,
) {
    canvas.shapes.update(project);
    let plate = canvas.inks.of(project, &canvas.shapes, &cx.palette);
    canvas.sheets.begin(painter.ctx(), &plate, view, project.budget.sheets());
    let lacking = cx.word("gui.zone.lacking");
    let naming = Naming { project, shapes: &canvas.shapes, view, palette: cx.palette, lacking: &lacking };
    canvas.labels.update(&naming);
    let all = panes::images(project, layout, painter.pixels_per_point(), moment);
    for (number, (part, images)) in layout.parts.iter().zip(&all).enumerate() {
        let painter = painter.with_clip_rect(*part);
        canvas.backdrop.draw(&painter, project, view, part.min);
        if project.look.images {
            for image in images {
                let painter = painter.with_clip_rect(image.clip);
                // What one year did not see must not be taken from the other.
                if let Some(disc) = image.disc {
                    painter.circle_filled(disc.centre, disc.radius, cx.palette.ground);
                }
                canvas.atlas.draw(&painter, &pane(project, view, *part, number, image));
            }
        }
        canvas.overlays.draw(&painter, &cx.session.detect, view, part.min);
        drawing(project, &canvas.shapes, view, *part).draw(&painter, &mut canvas.sheets);
        canvas.labels.draw(&painter, view, part.min);
        tools::draw(&painter, cx, view, canvas.cursor);
    }
    canvas.sheets.end();
}

fn pane<'a>(project: &'a Project, view: &'a View, part: Rect, number: usize, image: &Image) -> Pane<'a> {
    Pane {
        project,
        scene: image.scene,
        composite: image.composite,
        view,
        corner: part.min,
        opacity: image.opacity,
        disc: image.disc,
        number: (number << 32) | image.scene,
        haste: Haste::Now,
    }
}

/// Reads what one step through the years would show, so that it is there when the step is made.
fn ahead(painter: &Painter, project: &Project, canvas: &mut Canvas, view: &View, layout: &Layout) {
    let part = layout.parts[0];
    for scene in project.compare.neighbours(&project.plan.scenes) {
        let image = Image { scene, composite: None, opacity: 1.0, clip: part, disc: None };
        let pane = Pane { haste: Haste::Ahead, ..pane(project, view, part, 0, &image) };
        canvas.atlas.prepare(painter, &pane);
    }
}

/// What the modes lay over the map: line, lens, the mark of the cursor; and the clock of the blink.
fn over(
    ui: &Ui,
    cx: &Cx<'_>,
    project: &Project,
    layout: &Layout,
    (under, moment): (Option<Vec2>, Moment),
    commands: &mut Vec<Command>,
) {
    let compare = &project.compare;
    let whole = layout.parts[0];
    match compare.mode {
        _ if compare.blinking && compare.mode != Mode::Linked => {}
        Mode::Swipe => swipe::line(ui, cx, whole, compare, commands),
        Mode::Lens => lens::rim(&ui.painter_at(whole), whole.min + moment.lens, compare.lens as f32),
        Mode::Linked => {
            if let Some(under) = under {
                hand::crosshair(ui.painter(), layout, under);
            }
        }
        Mode::Blink => {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(compare.blink_at(moment.time).1.max(0.01)));
        }
        Mode::Single | Mode::Fade => {}
    }
}

fn drawing<'a>(project: &'a Project, shapes: &'a ShapeCache, view: &'a View, part: Rect) -> Drawing<'a> {
    Drawing { project, shapes, view, corner: part.min }
}

/// A small picture of a whole scene, as the year strip shows it. It is read when the map has what it needs.
pub fn overview(ui: &Ui, cx: &Cx<'_>, canvas: &mut Canvas, scene: usize, rect: Rect) {
    let Some(project) = cx.project() else { return };
    let painter = ui.painter_at(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 4.0, cx.palette.ground);
    let Some(bounds) = project.years.footprint(scene) else { return };
    let mut view = View { size: (f64::from(rect.width()), f64::from(rect.height())), ..View::default() };
    view.show(&bounds, f64::MIN_POSITIVE);
    let image = Image { scene, composite: None, opacity: 1.0, clip: rect, disc: None };
    let pane = Pane { haste: Haste::Soon, ..pane(project, &view, rect, OVERVIEWS, &image) };
    canvas.atlas.draw(&painter, &pane);
}

/// A small map of one scene around a flag, as the inspector shows it.
pub fn chip(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, scene: usize, flag: usize, size: Vec2) {
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
    let image = Image { scene, composite: None, opacity: 1.0, clip: rect, disc: None };
    canvas.atlas.draw(&painter, &pane(project, &view, rect, CHIPS, &image));
    drawing(project, &canvas.shapes, &view, rect).draw_flag(&painter, flag);
    painter.rect_stroke(rect, 6.0, Stroke::new(1.0, cx.palette.line), StrokeKind::Inside);
}
