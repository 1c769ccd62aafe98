//! The tools on the map: the box to zoom to, measurements with their figures, the pin, the menu of a place.

use eframe::egui::{
    Color32, CursorIcon, FontId, Key, Modifiers, Painter, PointerButton, Pos2, Rect, Response, Shape, Stroke,
    StrokeKind, Ui, pos2, vec2,
};
use geo::Contains;
use geo_types::Coord;

use super::Canvas;
use super::atlas::Reader;
use crate::gui::cx::Cx;
use crate::gui::session::tools::{Hit, Pin, Tool, ToolsWish, Trace, Values};
use crate::gui::session::view::View;
use crate::gui::session::{Command, Project};
use crate::gui::wording;

/// Colour of measurements, seen on green, grey and white ground over its dark rim.
const LINE: Color32 = Color32::from_rgb(0xFF, 0x6A, 0xD5);

/// Smallest box that is zoomed to, in screen points; less is a slip of the hand.
const SMALLEST_BOX: f32 = 6.0;

/// What the tools keep from frame to frame that is nobody else's business.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// The corner of the box that is being drawn.
    corner: Option<Pos2>,
    /// The place whose menu is open, and the zone and flag there.
    menu: Option<Menu>,
    /// The values of the pinned place.
    pub held: Reader,
}

#[derive(Debug, Clone, Copy)]
struct Menu {
    place: (f64, f64),
    zone: Option<usize>,
    flag: Option<usize>,
}

/// Where the hand is.
pub struct At<'a> {
    /// The view.
    pub view: &'a View,
    /// The pane under the hand.
    pub pane: Rect,
    /// The hand on the screen.
    pub point: Pos2,
    /// How far from a flag a click still means it, in map units.
    pub reach: f64,
}

impl Desk {
    /// Whether a box is being drawn, so that the map must not pan.
    #[must_use]
    pub fn is_framing(&self) -> bool {
        self.corner.is_some()
    }
}

/// Asks for the values of the pinned place until they are known, else of the one under the cursor.
pub fn probe(project: &Project, canvas: &mut Canvas) {
    let Canvas { atlas, desk, cursor, .. } = canvas;
    if let Values::Held(place) = project.tools.values
        && desk.held.place != place
    {
        if atlas.reader.place == place {
            desk.held = atlas.reader.clone();
        } else {
            atlas.probe(place);
            return;
        }
    }
    if let Some(cursor) = cursor {
        atlas.probe(*cursor);
    }
}

impl At<'_> {
    fn place(&self, point: Pos2) -> (f64, f64) {
        let at = point - self.pane.min;
        self.view.map_from_screen((f64::from(at.x), f64::from(at.y)))
    }
}

/// What the hand does with a tool; whether it is busy with it, so that nothing else is done.
pub fn hand(
    ui: &Ui,
    cx: &Cx<'_>,
    response: &Response,
    at: &At<'_>,
    desk: &mut Desk,
    commands: &mut Vec<Command>,
) -> bool {
    let Some(project) = cx.project() else { return false };
    let mut wish = |wish| commands.push(Command::Tools(wish));
    let tool = project.tools.tool;
    if response.secondary_clicked() {
        desk.menu = Some(menu_at(project, at));
    }
    let frames = tool == Tool::Box || ui.input(|input| input.modifiers.shift);
    if frames && response.drag_started_by(PointerButton::Primary) {
        desk.corner = ui.input(|input| input.pointer.press_origin());
    }
    if let Some(corner) = desk.corner {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        if !response.dragged() {
            desk.corner = None;
            let drawn = Rect::from_two_pos(corner, at.point).intersect(at.pane);
            if drawn.width().min(drawn.height()) >= SMALLEST_BOX {
                wish(ToolsWish::Frame(geo_types::Rect::new(at.place(drawn.min), at.place(drawn.max))));
            }
        }
        return true;
    }
    match tool {
        Tool::Hand => return false,
        Tool::Box => ui.ctx().set_cursor_icon(CursorIcon::Crosshair),
        Tool::Length | Tool::Area => {
            if response.double_clicked() {
                wish(ToolsWish::End);
            } else if response.clicked() {
                wish(ToolsWish::Point(at.place(at.point)));
            }
            if !response.dragged() {
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
            }
        }
    }
    !response.dragged()
}

/// Keys of a measurement under way: Enter ends it, Backspace takes the last point back.
pub fn keys(ui: &Ui, project: &Project, commands: &mut Vec<Command>) {
    if project.tools.trace.points.is_empty() || ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    for (key, wish) in [(Key::Enter, ToolsWish::End), (Key::Backspace, ToolsWish::Back)] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            commands.push(Command::Tools(wish));
        }
    }
}

fn menu_at(project: &Project, at: &At<'_>) -> Menu {
    let place = at.place(at.point);
    let here = Coord { x: place.0, y: place.1 };
    let zones = project.plan.zones.iter().enumerate();
    let shown = |zone: usize| {
        let layer = project.layer_of_zone.get(zone).and_then(|layer| project.look.zones.get(*layer));
        layer.is_some_and(|layer| layer.shown)
    };
    let hit = zones.filter(|(number, zone)| shown(*number) && zone.shape.contains(&here));
    // Of zones inside each other the smallest is meant.
    let zone = hit.min_by(|a, b| a.1.area.0.total_cmp(&b.1.area.0)).map(|hit| hit.0);
    let flag = project.look.flags.then(|| project.flags.at(place, at.reach)).flatten();
    Menu { place, zone, flag }
}

/// The menu of the place that was clicked with the other button.
pub fn menu(response: &Response, cx: &Cx<'_>, desk: &Desk, commands: &mut Vec<Command>) {
    let (Some(project), Some(menu)) = (cx.project(), desk.menu) else { return };
    response.context_menu(|ui| {
        let mut choice = |ui: &mut Ui, word: String, command: Option<Command>| {
            let clicked = ui.button(word).clicked();
            if clicked {
                commands.extend(command);
                ui.close();
            }
            clicked
        };
        let tools = |wish| Some(Command::Tools(wish));
        let place = wording::map_place(project.plan.crs.unit, menu.place);
        if choice(ui, cx.with("gui.tools.copy", "place", &place), None) {
            ui.ctx().copy_text(wording::bare(project.plan.crs.unit, menu.place));
        }
        if let Some(lonlat) = project.ground.as_ref().and_then(|ground| ground.lonlat(menu.place)) {
            let told = wording::lonlat(lonlat, project.tools.sexagesimal);
            if choice(ui, cx.with("gui.tools.copy", "place", &told), None) {
                ui.ctx().copy_text(told);
            }
        }
        ui.separator();
        choice(ui, cx.word("gui.tools.approach"), tools(ToolsWish::Approach(menu.place)));
        choice(ui, cx.word("gui.tools.measure_from"), tools(ToolsWish::MeasureFrom(menu.place)));
        choice(ui, cx.word("gui.tools.hold"), tools(ToolsWish::Values(Values::Held(menu.place))));
        let pin = Pin { place: menu.place, text: place };
        choice(ui, cx.word("gui.tools.mark"), tools(ToolsWish::Mark(Some(pin))));
        if project.tools.pin.is_some() {
            choice(ui, cx.word("gui.tools.unmark"), tools(ToolsWish::Mark(None)));
        }
        if menu.zone.is_some() || menu.flag.is_some() {
            ui.separator();
        }
        if let Some(zone) = menu.zone {
            let word = cx.with("gui.tools.to_zone", "name", &project.plan.zones[zone].name);
            choice(ui, word, tools(ToolsWish::Go(Hit::Zone(zone))));
        }
        if let Some(record) = menu.flag.and_then(|flag| project.flags.records().get(flag)) {
            let word = cx.with("gui.tools.to_flag", "name", &record.code);
            choice(ui, word, menu.flag.and_then(|flag| tools(ToolsWish::Go(Hit::Flag(flag)))));
        }
    });
}

/// Draws measurement and pin over one pane.
pub fn draw(painter: &Painter, cx: &Cx<'_>, view: &View, cursor: Option<(f64, f64)>) {
    let Some(project) = cx.project() else { return };
    let pane = painter.clip_rect();
    let on_screen = |place: (f64, f64)| {
        let (x, y) = view.screen_from_map(place);
        pane.min + vec2(x as f32, y as f32)
    };
    if let Some(pin) = &project.tools.pin {
        draw_pin(painter, on_screen(pin.place), &pin.text);
    }
    if let Values::Held(place) = project.tools.values {
        cross(painter, on_screen(place));
    }
    let tools = &project.tools;
    if tools.tool.measures() {
        let points = running(&tools.trace, cursor);
        let places: Vec<Pos2> = points.iter().map(|place| on_screen(*place)).collect();
        draw_trace(painter, tools.tool, &places, tools.trace.points.len());
        if let Some(last) = places.last() {
            let told = measured(cx, project, &points);
            plate(painter, pane, *last + vec2(14.0, 14.0), &told);
        }
    }
}

/// Draws the box that is being drawn, over the whole map.
pub fn draw_box(painter: &Painter, desk: &Desk, hand: Pos2) {
    if let Some(corner) = desk.corner {
        let drawn = Rect::from_two_pos(corner, hand);
        painter.rect(
            drawn,
            0.0,
            LINE.gamma_multiply(0.15),
            Stroke::new(3.0, Color32::from_black_alpha(120)),
            StrokeKind::Middle,
        );
        painter.rect_stroke(drawn, 0.0, Stroke::new(1.4, Color32::WHITE), StrokeKind::Middle);
    }
}

/// The set points, and the one under the cursor while there may be more.
fn running(trace: &Trace, cursor: Option<(f64, f64)>) -> Vec<(f64, f64)> {
    let more = cursor.filter(|_| !trace.ended && !trace.points.is_empty());
    trace.points.iter().copied().chain(more).collect()
}

/// The figures of a measurement, a line each.
fn measured(cx: &Cx<'_>, project: &Project, points: &[(f64, f64)]) -> Vec<String> {
    let Some(ground) = &project.ground else { return vec![cx.word("gui.tools.no_ground")] };
    let length = |line: &[(f64, f64)]| ground.length(line).map(|length| wording::length(length.0));
    let mut told = Vec::new();
    if project.tools.tool == Tool::Length {
        told.extend(length(points));
        if points.len() > 2 {
            told.extend(
                length(&points[points.len() - 2..]).map(|last| cx.with("gui.tools.last_piece", "length", &last)),
            );
        }
        return told;
    }
    if points.len() > 2 {
        told.extend(ground.area(points).map(|area| wording::area(cx.lang, area)));
        let ring: Vec<(f64, f64)> = points.iter().chain(points.first()).copied().collect();
        told.extend(length(&ring).map(|around| cx.with("gui.tools.perimeter", "length", &around)));
        if crosses_itself(&ring) {
            told.push(cx.word("gui.tools.crosses"));
        }
    } else {
        told.extend(length(points));
    }
    told
}

/// Whether two edges of a ring that do not follow each other cross.
fn crosses_itself(ring: &[(f64, f64)]) -> bool {
    let side = |a: (f64, f64), b: (f64, f64), p: (f64, f64)| (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
    let edges: Vec<_> = ring.windows(2).map(|edge| (edge[0], edge[1])).collect();
    let meet = |(a, b): ((f64, f64), (f64, f64)), (c, d): ((f64, f64), (f64, f64))| {
        side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
    };
    (0..edges.len()).any(|one| (one + 2..edges.len()).any(|other| meet(edges[one], edges[other])))
}

fn draw_trace(painter: &Painter, tool: Tool, places: &[Pos2], set: usize) {
    if tool == Tool::Area && places.len() > 2 {
        let ring: Vec<Pos2> = places.iter().chain(places.first()).copied().collect();
        painter.add(Shape::line(ring.clone(), Stroke::new(4.5, Color32::from_black_alpha(120))));
        painter.add(Shape::line(ring, Stroke::new(2.0, LINE)));
    } else if places.len() > 1 {
        painter.add(Shape::line(places.to_vec(), Stroke::new(4.5, Color32::from_black_alpha(120))));
        painter.add(Shape::line(places.to_vec(), Stroke::new(2.0, LINE)));
    }
    for place in &places[..set.min(places.len())] {
        painter.circle(*place, 3.6, Color32::WHITE, Stroke::new(1.6, LINE));
    }
}

fn draw_pin(painter: &Painter, tip: Pos2, text: &str) {
    let head = tip + vec2(0.0, -20.0);
    let rim = Stroke::new(1.4, Color32::WHITE);
    let red = Color32::from_rgb(0xD6, 0x2F, 0x2F);
    painter.add(Shape::convex_polygon(vec![tip, head + vec2(-7.0, 3.0), head + vec2(7.0, 3.0)], red, rim));
    painter.circle(head, 8.5, red, rim);
    painter.circle_filled(head, 3.2, Color32::WHITE);
    if !text.is_empty() {
        plate(painter, painter.clip_rect(), head + vec2(13.0, -9.0), &[text.to_owned()]);
    }
}

fn cross(painter: &Painter, at: Pos2) {
    for (width, colour) in [(3.6, Color32::from_black_alpha(150)), (1.6, Color32::WHITE)] {
        for by in [vec2(9.0, 0.0), vec2(0.0, 9.0)] {
            painter.line_segment([at - by, at - by * 0.3], Stroke::new(width, colour));
            painter.line_segment([at + by * 0.3, at + by], Stroke::new(width, colour));
        }
    }
}

/// Lines of text on a dark plate, moved into the pane where they would leave it.
fn plate(painter: &Painter, pane: Rect, at: Pos2, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let galley = painter.layout_no_wrap(lines.join("\n"), FontId::proportional(13.0), Color32::WHITE);
    let size = galley.size() + vec2(16.0, 10.0);
    let most = pane.max - size - vec2(4.0, 4.0);
    let at = pos2(at.x.min(most.x).max(pane.left() + 4.0), at.y.min(most.y).max(pane.top() + 4.0));
    painter.rect_filled(Rect::from_min_size(at, size), 5.0, Color32::from_black_alpha(175));
    painter.galley(at + vec2(8.0, 5.0), galley, Color32::WHITE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bow_tie_crosses_itself_and_a_square_does_not() {
        let square = [(0., 0.), (1., 0.), (1., 1.), (0., 1.), (0., 0.)];
        let tie = [(0., 0.), (1., 1.), (1., 0.), (0., 1.), (0., 0.)];
        assert!(!crosses_itself(&square) && crosses_itself(&tie));
    }

    #[test]
    fn the_line_follows_the_hand_until_the_last_point_is_set() {
        let mut trace = Trace { points: vec![(0., 0.)], ended: false };
        assert_eq!(running(&trace, Some((1., 1.))).len(), 2);
        trace.ended = true;
        assert_eq!(running(&trace, Some((1., 1.))).len(), 1);
    }
}
