//! Which year is where: a plate in each part of the map. Plates of linked views open the menu of what the view shows.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    Align2, Button, Color32, FontId, Layout as Flow, Painter, Pos2, Rect, RichText, ScrollArea, Ui, UiBuilder, pos2,
    vec2,
};

use super::Moment;
use super::panes::{self, Layout};
use crate::gui::cx::Cx;
use crate::gui::panels::picture;
use crate::gui::session::compare::{Compare, Line, Mode};
use crate::gui::session::exposure::offered;
use crate::gui::session::views::{MOST, OneView, Shown};
use crate::gui::session::{Command, CompareWish, Project};
use crate::model::scene::Scene;

/// Distance of a plate from the edge it stands at.
const ROOM: f32 = 14.0;

/// Views narrower than this tell the date alone.
const NARROW: f32 = 240.0;

/// Draws the plates of all modes.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, project: &Project, layout: &Layout, moment: Moment, commands: &mut Vec<Command>) {
    let compare = &project.compare;
    let whole = layout.parts[0];
    let painter = ui.painter_at(whole);
    let words = Words::of(cx, project);
    let corner = |text: &str| plate(&painter, whole.min + vec2(ROOM, ROOM), Align2::LEFT_TOP, text);
    match compare.mode {
        Mode::Linked => views(ui, cx, project, layout, commands),
        _ if compare.blinking => corner(&words.before),
        Mode::Single => corner(&words.after),
        Mode::Blink => corner(if compare.blink_at(moment.time).0 { &words.before } else { &words.after }),
        Mode::Fade => corner(&format!("{}  →  {}", words.before, words.after)),
        Mode::Swipe => {
            let (first, second) = panes::halves(whole, compare.line, compare.swipe, ui.pixels_per_point());
            let (end, begin, align) = match compare.line {
                Line::Upright => {
                    let y = whole.top() + ROOM;
                    (pos2(first.right() - ROOM, y), pos2(second.left() + ROOM, y), Align2::RIGHT_TOP)
                }
                Line::Level => {
                    let x = whole.left() + ROOM;
                    (pos2(x, first.bottom() - ROOM), pos2(x, second.top() + ROOM), Align2::LEFT_BOTTOM)
                }
            };
            plate(&painter.with_clip_rect(first), end, align, &words.before);
            plate(&painter.with_clip_rect(second), begin, Align2::LEFT_TOP, &words.after);
        }
        Mode::Lens => {
            corner(&words.after);
            let below = whole.min + moment.lens + vec2(0.0, compare.lens as f32 + 6.0);
            plate(&painter, below, Align2::CENTER_TOP, &words.before);
        }
    }
}

/// What is said of the two years.
struct Words {
    before: String,
    after: String,
}

impl Words {
    fn of(cx: &Cx<'_>, project: &Project) -> Self {
        let scene = |at: usize| project.plan.scenes.get(at).map(|scene| date(cx, scene)).unwrap_or_default();
        let (before, after) = (scene(project.compare.before), scene(project.compare.after));
        Self {
            before: format!("{}  {before}", cx.word("gui.years.before")),
            after: format!("{}  {after}", cx.word("gui.years.after")),
        }
    }
}

/// Date and kind of a scene.
pub fn date(cx: &Cx<'_>, scene: &Scene) -> String {
    format!("{} · {}", day(scene), cx.word(scene.kind.key()))
}

/// The date of a scene; the year alone where no more is known.
pub fn day(scene: &Scene) -> String {
    if scene.date_is_year { scene.date.year().to_string() } else { scene.date.to_string() }
}

fn plate(painter: &Painter, at: Pos2, align: Align2, text: &str) {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(12.5), Color32::WHITE);
    let rect = align.anchor_size(at, galley.size() + vec2(16.0, 8.0));
    painter.rect_filled(rect, 5.0, Color32::from_black_alpha(160));
    painter.galley(rect.min + vec2(8.0, 4.0), galley, Color32::WHITE);
}

/// A menu for each linked view, and a place for one more.
fn views(ui: &mut Ui, cx: &Cx<'_>, project: &Project, layout: &Layout, commands: &mut Vec<Command>) {
    let compare = &project.compare;
    let scenes = compare.views.scenes(&project.plan.scenes, compare);
    for (number, (part, scene)) in layout.parts.iter().zip(scenes).enumerate() {
        let view = compare.views.each()[number];
        let scene = scene.and_then(|scene| project.plan.scenes.get(scene));
        let (full, short) = names(cx, view, scene);
        let shown = if part.width() < NARROW { &short } else { &full };
        let button = Button::new(RichText::new(format!("{shown} ▼")).size(12.5).color(Color32::WHITE));
        let button = button.fill(Color32::from_black_alpha(160)).truncate();
        // The north arrow stands in the last one.
        let room = if number + 1 == layout.parts.len() { 48.0 } else { 6.0 };
        let corner = if part.width() < NARROW { vec2(6.0, 6.0) } else { vec2(ROOM, ROOM) };
        let place = Rect::from_min_max(part.min + corner, part.right_top() + vec2(-room, corner.y + 28.0));
        let mut child =
            ui.new_child(UiBuilder::new().id_salt(("view", number)).max_rect(place).layout(Flow::default()));
        child.set_clip_rect(*part);
        child.spacing_mut().button_padding.x = 6.0;
        let opened = MenuButton::from_button(button).ui(&mut child, |ui| menu(ui, cx, project, number, commands));
        opened.0.on_hover_text(format!("{full}\n{}", cx.word("gui.views.hint")));
        if scene.is_none() {
            let painter = ui.painter_at(*part);
            let text = cx.word("gui.views.none");
            painter.text(part.center(), Align2::CENTER_CENTER, text, FontId::proportional(13.5), cx.palette.weak);
        }
    }
    if let Some(spare) = layout.spare.filter(|_| layout.parts.len() < MOST) {
        let place = Rect::from_center_size(spare.center(), vec2(spare.width().min(150.0), 32.0));
        if ui.put(place, Button::new(cx.word("gui.views.add"))).clicked() {
            commands.push(Command::Compare(CompareWish::Views(layout.parts.len() + 1)));
        }
    }
}

/// What a view is called where there is room, and where there is little. A mark tells that it does not follow the strip.
fn names(cx: &Cx<'_>, view: OneView, scene: Option<&Scene>) -> (String, String) {
    let mark = if view.shown == Shown::Strip { "" } else { "◆ " };
    let Some(scene) = scene else { return (format!("{mark}–"), format!("{mark}–")) };
    let composite = view.composite.map(|composite| format!(" · {}", picture::name(cx, composite)));
    (format!("{mark}{}{}", date(cx, scene), composite.unwrap_or_default()), format!("{mark}{}", day(scene)))
}

/// What a view can be asked to show.
fn menu(ui: &mut Ui, cx: &Cx<'_>, project: &Project, number: usize, commands: &mut Vec<Command>) {
    let view = project.compare.views.each()[number];
    let mut set = |to: OneView| commands.push(Command::Compare(CompareWish::View(number, to)));
    if ui.selectable_label(view.shown == Shown::Strip, cx.word("gui.views.follow")).clicked() {
        set(OneView { shown: Shown::Strip, ..view });
    }
    for kind in Compare::kinds(&project.plan.scenes) {
        if kind != project.compare.kind {
            let word = cx.with("gui.views.nearest", "kind", &cx.word(kind.key()));
            if ui.selectable_label(view.shown == Shown::Kind(kind), word).clicked() {
                set(OneView { shown: Shown::Kind(kind), ..view });
            }
        }
    }
    ui.menu_button(cx.word("gui.views.keep"), |ui| {
        ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for (at, scene) in project.plan.scenes.iter().enumerate() {
                if ui.selectable_label(view.shown == Shown::Scene(at), date(cx, scene)).clicked() {
                    set(OneView { shown: Shown::Scene(at), ..view });
                }
            }
        });
    });
    let scene = project.compare.views.scenes(&project.plan.scenes, &project.compare)[number];
    if let Some(scene) = scene.and_then(|scene| project.plan.scenes.get(scene)) {
        ui.menu_button(cx.word("gui.views.picture"), |ui| {
            if ui.selectable_label(view.composite.is_none(), cx.word("gui.views.picture_as_map")).clicked() {
                set(OneView { composite: None, ..view });
            }
            for composite in offered(scene) {
                let chosen = view.composite == Some(composite);
                if ui.selectable_label(chosen, picture::name(cx, composite)).clicked() {
                    set(OneView { composite: Some(composite), ..view });
                }
            }
        });
    }
    ui.separator();
    if ui.button(cx.word("gui.views.close")).clicked() {
        commands.push(Command::Compare(CompareWish::CloseView(number)));
    }
}
