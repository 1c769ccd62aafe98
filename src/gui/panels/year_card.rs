//! What stands on the year strip: the card of a scene, the link from one to the next, the gap of missing years.

use eframe::egui::{
    Align2, Color32, FontId, Id, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::map::{self, Canvas, plates};
use crate::gui::session::{Command, CompareWish, Project};

/// Height of the line that carries the date.
const DATE: f32 = 17.0;

/// Draws the card of a scene: its picture, its date, its sensor.
pub fn scene(ui: &Ui, cx: &Cx<'_>, project: &Project, canvas: &mut Canvas, rect: Rect, at: usize) -> Response {
    let (compare, scene) = (&project.compare, &project.plan.scenes[at]);
    let response = ui.interact(rect, Id::unique(("year", at)), Sense::click_and_drag());
    let (is_before, is_after) = (compare.before == at, compare.after == at);
    let within = compare.before <= at && at <= compare.after;
    let day = plates::day(scene);
    let said = match (is_before, is_after) {
        (_, true) => format!("{day}, {}", cx.word("gui.years.after")),
        (true, false) => format!("{day}, {}", cx.word("gui.years.before")),
        _ => day.clone(),
    };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_before || is_after, &said));
    let painter = ui.painter();
    if within {
        painter.rect_filled(rect, 0.0, cx.palette.wash.gamma_multiply(0.6));
    }
    let frame = rect.shrink2(vec2(3.0, 1.0));
    let picture = frame.with_max_y(frame.bottom() - DATE);
    map::overview(ui, cx, canvas, at, picture);
    if let Some(sensor) = &scene.sensor {
        caption(ui, picture, sensor);
    }
    let line = match (is_after, is_before, response.hovered() || response.has_focus()) {
        (true, ..) => Stroke::new(2.5, cx.palette.accent),
        (_, true, _) => Stroke::new(2.5, cx.palette.accent.gamma_multiply(0.55)),
        (.., true) => Stroke::new(1.5, cx.palette.strong),
        _ => Stroke::new(1.0, cx.palette.line),
    };
    painter.rect_stroke(picture, 4.0, line, StrokeKind::Inside);
    let ink = if is_before || is_after { cx.palette.accent } else { cx.palette.text };
    let at = pos2(rect.center().x, rect.bottom() - 1.0);
    painter.text(at, Align2::CENTER_BOTTOM, day, FontId::proportional(12.0), ink);
    let sensor = scene.sensor.as_deref().map(|sensor| format!(" · {sensor}")).unwrap_or_default();
    let told = format!("{}{sensor}\n{}", plates::date(cx, scene), cx.word("gui.years.card_hint"));
    response.on_hover_text(told)
}

/// The sensor, on a dark band at the foot of the picture.
fn caption(ui: &Ui, picture: Rect, text: &str) {
    let painter = ui.painter().with_clip_rect(picture.intersect(ui.clip_rect()));
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(10.0), Color32::WHITE);
    let band = Rect::from_min_size(
        picture.left_bottom() - vec2(0.0, galley.size().y),
        vec2(galley.size().x + 8.0, galley.size().y),
    );
    painter.rect_filled(band, 2.0, Color32::from_black_alpha(150));
    painter.galley(band.min + vec2(4.0, 0.0), galley, Color32::WHITE);
}

/// What else can be done with a scene.
pub fn menu(ui: &mut Ui, cx: &Cx<'_>, project: &Project, at: usize, commands: &mut Vec<Command>) {
    let mut offer = |ui: &mut Ui, word: &str, wish: CompareWish| {
        if ui.button(cx.word(word)).clicked() {
            commands.push(Command::Compare(wish));
        }
    };
    offer(ui, "gui.years.as_after", CompareWish::After(at));
    offer(ui, "gui.years.as_before", CompareWish::Before(at));
    let scenes = &project.plan.scenes;
    if let Some(before) = at.checked_sub(1).filter(|before| scenes[*before].kind == scenes[at].kind) {
        offer(ui, "gui.years.with_previous", CompareWish::Pair(before, at));
    }
}

/// What was found from one scene to the next; a click compares just these two.
pub fn link(
    ui: &Ui,
    cx: &Cx<'_>,
    project: &Project,
    rect: Rect,
    (before, after): (usize, usize),
    commands: &mut Vec<Command>,
) {
    let (from, to) = (&project.plan.scenes[before], &project.plan.scenes[after]);
    let tally = project.years.between(from, to);
    let response = ui.interact(rect, Id::unique(("year link", before)), Sense::click());
    let days = format!("{} → {}", plates::day(from), plates::day(to));
    let mut told = format!("{days}\n{}", cx.with("gui.years.flags", "count", &tally.flags));
    if tally.lacking > 0 {
        told.push('\n');
        told += &cx.with("gui.years.lacking", "count", &tally.lacking);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, told.replace('\n', ", ")));
    let within = project.compare.before <= before && after <= project.compare.after;
    let painter = ui.painter();
    if within {
        painter.rect_filled(rect, 0.0, cx.palette.wash.gamma_multiply(0.6));
    }
    let middle = rect.center() - vec2(0.0, DATE / 2.0);
    if let Some(worst) = tally.worst {
        let colour = cx.palette.severity(worst);
        let plate = Rect::from_center_size(middle, vec2(30.0, 18.0));
        painter.rect(plate, 9.0, colour.gamma_multiply(0.16), Stroke::new(1.0, colour), StrokeKind::Inside);
        painter.text(middle, Align2::CENTER_CENTER, tally.flags, FontId::proportional(11.5), colour);
    } else {
        painter.text(middle, Align2::CENTER_CENTER, "→", FontId::proportional(13.0), cx.palette.weak);
    }
    if tally.lacking > 0 {
        warning(ui, pos2(rect.center().x, rect.bottom() - DATE / 2.0), cx.palette.severity[1]);
    }
    if response.hovered() {
        painter.rect_stroke(rect.shrink(2.0), 4.0, Stroke::new(1.0, cx.palette.line), StrokeKind::Inside);
    }
    if response.clicked() {
        commands.push(Command::Compare(CompareWish::Pair(before, after)));
    }
    response.on_hover_text(format!("{told}\n{}", cx.word("gui.years.link_hint")));
}

/// A triangle with a bar: too little was seen.
fn warning(ui: &Ui, at: eframe::egui::Pos2, colour: Color32) {
    let corners = vec![at + vec2(0.0, -6.0), at + vec2(6.5, 5.0), at + vec2(-6.5, 5.0)];
    ui.painter().add(Shape::convex_polygon(corners, colour.gamma_multiply(0.2), Stroke::new(1.2, colour)));
    ui.painter().line_segment([at + vec2(0.0, -2.0), at + vec2(0.0, 1.5)], Stroke::new(1.4, colour));
    ui.painter().circle_filled(at + vec2(0.0, 3.4), 0.9, colour);
}

/// Years without an image.
pub fn gap(ui: &Ui, cx: &Cx<'_>, rect: Rect, (first, last): (i16, i16)) {
    let years = if first == last { first.to_string() } else { format!("{first}–\n{last}") };
    let response = ui.interact(rect, Id::unique(("year gap", first)), Sense::hover());
    let told = cx.with("gui.years.gap", "years", &years.replace('\n', ""));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
    let frame = rect.shrink2(vec2(3.0, 1.0));
    let frame = frame.with_max_y(frame.bottom() - DATE);
    let corners = [frame.left_top(), frame.right_top(), frame.right_bottom(), frame.left_bottom(), frame.left_top()];
    let ink = cx.palette.weak.gamma_multiply(0.7);
    ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.0, ink), 4.0, 3.0));
    ui.painter().text(frame.center(), Align2::CENTER_CENTER, years, FontId::proportional(11.5), ink);
    response.on_hover_text(told);
}
