//! The year strip: a small picture of each scene in the order of time, the two that are compared marked on it, and what
//! was found between one and the next.

use eframe::egui::{
    Align2, ComboBox, CursorIcon, FontId, Id, Pos2, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, vec2,
};

use super::year_card;
use crate::gui::cx::Cx;
use crate::gui::map::{Canvas, plates};
use crate::gui::session::compare::Compare;
use crate::gui::session::years::{Item, strip};
use crate::gui::session::{Command, CompareWish, Project};

/// Height of the rail that carries the two marks.
const RAIL: f32 = 20.0;

/// Size of a scene's card, of the link between two, and of a gap.
const CARD: Vec2 = vec2(80.0, 66.0);
const LINK: f32 = 36.0;
const GAP: f32 = 46.0;

/// One item at its place.
struct Placed {
    item: Item,
    rect: Rect,
}

/// Draws the strip.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ui.horizontal(|ui| {
        beginning(ui, cx, project, commands);
        ui.separator();
        ui.style_mut().always_scroll_the_only_direction = true;
        ScrollArea::horizontal().id_salt("years").auto_shrink([false, true]).show(ui, |ui| {
            scenes(ui, cx, project, canvas, commands);
        });
    });
}

/// Left of the strip: which kind of image, and what is on record between the two marks.
fn beginning(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    ui.vertical(|ui| {
        ui.set_width(116.0);
        let present = cx.word(project.compare.kind.key());
        let shown = ComboBox::from_id_salt("kind").width(112.0).selected_text(&present).show_ui(ui, |ui| {
            for kind in Compare::kinds(&project.plan.scenes) {
                if ui.selectable_label(project.compare.kind == kind, cx.word(kind.key())).clicked() {
                    commands.push(Command::Compare(CompareWish::Kind(kind)));
                }
            }
        });
        shown
            .response
            .on_hover_text(cx.word("gui.years.kind_hint"))
            .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &present));
        let scene = |at: usize| project.plan.scenes.get(at);
        let (Some(before), Some(after)) = (scene(project.compare.before), scene(project.compare.after)) else { return };
        let tally = project.years.between(before, after);
        let small = |text: String| RichText::new(text).size(12.0);
        ui.label(small(cx.with("gui.years.flags", "count", &tally.flags)).color(cx.palette.text));
        if tally.lacking > 0 {
            let colour = cx.palette.severity[1];
            let text = cx.with("gui.years.lacking", "count", &tally.lacking);
            ui.label(small(text).color(colour)).on_hover_text(cx.word("gui.years.lacking_hint"));
        } else {
            let days = after.date.duration_since(before.date).as_hours() / 24;
            ui.label(small(cx.with("gui.years.days", "count", &days)).color(cx.palette.weak));
        }
    });
}

fn scenes(ui: &mut Ui, cx: &Cx<'_>, project: &Project, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let items = strip(&project.plan.scenes, project.compare.kind);
    let (placed, size) = places(&items);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let placed: Vec<Placed> =
        placed.into_iter().map(|place| Placed { rect: place.rect.translate(whole.min.to_vec2()), ..place }).collect();
    rail(ui, cx, project, &placed);
    for place in placed.iter().filter(|place| ui.is_rect_visible(place.rect)) {
        match place.item {
            Item::Scene(scene) => {
                let card = year_card::scene(ui, cx, project, canvas, place.rect, scene);
                chosen(ui, &card, scene, &placed, commands);
                card.context_menu(|ui| year_card::menu(ui, cx, project, scene, commands));
            }
            Item::Link(before, after) => year_card::link(ui, cx, project, place.rect, (before, after), commands),
            Item::Gap(first, last) => year_card::gap(ui, cx, place.rect, (first, last)),
        }
    }
    handle(ui, cx, project, &placed, true, commands);
    handle(ui, cx, project, &placed, false, commands);
    follow(ui, project, &placed);
}

/// Where each item stands, counted from the strip's corner, and how large the strip is.
fn places(items: &[Item]) -> (Vec<Placed>, Vec2) {
    let mut x = 0.0;
    let placed = items.iter().map(|item| {
        let width = match item {
            Item::Scene(_) => CARD.x,
            Item::Link(..) => LINK,
            Item::Gap(..) => GAP,
        };
        let rect = Rect::from_min_size(Pos2::new(x, RAIL), vec2(width, CARD.y));
        x += width;
        Placed { item: *item, rect }
    });
    let placed = placed.collect();
    (placed, vec2(x, RAIL + CARD.y))
}

/// A click chooses the later year, with Shift or Ctrl the earlier one; dragging goes through the years.
fn chosen(ui: &Ui, card: &eframe::egui::Response, scene: usize, placed: &[Placed], commands: &mut Vec<Command>) {
    let earlier = ui.input(|input| input.modifiers.shift || input.modifiers.command);
    let wish = |scene| if earlier { CompareWish::Before(scene) } else { CompareWish::After(scene) };
    if card.clicked() {
        commands.push(Command::Compare(wish(scene)));
    } else if let Some(point) = card.interact_pointer_pos().filter(|_| card.dragged()) {
        commands.extend(nearest(placed, point).map(|scene| Command::Compare(wish(scene))));
    }
}

/// The scene whose card is nearest.
fn nearest(placed: &[Placed], point: Pos2) -> Option<usize> {
    let away = |place: &Placed| (place.rect.center().x - point.x).abs();
    let scene = |place: &Placed| match place.item {
        Item::Scene(scene) => Some((away(place), scene)),
        _ => None,
    };
    placed.iter().filter_map(scene).min_by(|a, b| a.0.total_cmp(&b.0)).map(|found| found.1)
}

fn rect_of(placed: &[Placed], scene: usize) -> Option<Rect> {
    placed.iter().find(|place| place.item == Item::Scene(scene)).map(|place| place.rect)
}

/// The line along all scenes, strong between the two marks.
fn rail(ui: &Ui, cx: &Cx<'_>, project: &Project, placed: &[Placed]) {
    let (Some(first), Some(last)) = (placed.first(), placed.last()) else { return };
    let y = first.rect.top() - RAIL / 2.0;
    let painter = ui.painter();
    painter.hline(first.rect.center().x..=last.rect.center().x, y, Stroke::new(2.0, cx.palette.line));
    let middle = |scene| rect_of(placed, scene).map(|rect| rect.center().x);
    if let (Some(from), Some(to)) = (middle(project.compare.before), middle(project.compare.after)) {
        painter.hline(from..=to, y, Stroke::new(4.0, cx.palette.accent));
    }
}

/// One of the two marks: it stands over its scene and can be dragged to another.
fn handle(ui: &Ui, cx: &Cx<'_>, project: &Project, placed: &[Placed], earlier: bool, commands: &mut Vec<Command>) {
    let compare = &project.compare;
    let scene = if earlier { compare.before } else { compare.after };
    let Some(card) = rect_of(placed, scene).filter(|_| !earlier || compare.before != compare.after) else { return };
    let word = cx.word(if earlier { "gui.years.before" } else { "gui.years.after" });
    let (ink, fill) =
        if earlier { (cx.palette.accent, cx.palette.wash) } else { (cx.palette.on_accent, cx.palette.accent) };
    let galley = ui.painter().layout_no_wrap(word.clone(), FontId::proportional(11.5), ink);
    let rect = Rect::from_center_size(card.center_top() - vec2(0.0, RAIL / 2.0), galley.size() + vec2(14.0, 2.0));
    let handle = ui.interact(rect, Id::unique(("year handle", earlier)), Sense::drag());
    let day = project.plan.scenes.get(scene).map(plates::day).unwrap_or_default();
    handle.widget_info(|| WidgetInfo::labeled(Role::Slider, true, format!("{word} {day}")));
    ui.painter().rect(rect, 8.0, fill, Stroke::new(1.0, cx.palette.accent), StrokeKind::Inside);
    ui.painter().galley(Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min, galley, ink);
    if let Some(point) = handle.interact_pointer_pos().filter(|_| handle.dragged()) {
        let wish = |scene| if earlier { CompareWish::Before(scene) } else { CompareWish::After(scene) };
        commands.extend(nearest(placed, point).filter(|at| *at != scene).map(|at| Command::Compare(wish(at))));
    }
    handle.on_hover_and_drag_cursor(CursorIcon::Grab).on_hover_text(cx.word("gui.years.handle_hint"));
}

/// Scrolls to the later scene when it has changed, or the room for it has.
fn follow(ui: &Ui, project: &Project, placed: &[Placed]) {
    let place = Id::unique("year shown");
    let now = (project.compare.kind, project.compare.after, ui.clip_rect().width() as i32);
    let before = ui.data_mut(|data| data.get_temp::<(crate::model::scene::SceneKind, usize, i32)>(place));
    if before != Some(now) {
        ui.data_mut(|data| data.insert_temp(place, now));
        if let Some(rect) = rect_of(placed, now.1) {
            ui.scroll_to_rect(rect.expand2(vec2(LINK + CARD.x / 2.0, 0.0)), None);
        }
    }
}
