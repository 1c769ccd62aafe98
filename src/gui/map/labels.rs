//! Names of zones and flags: none over another, readable on any image, and still while the map moves below the hand.
//!
//! A plan of names is made for a scale and kept while the map pans; a new plan puts every name where the old one had it, as
//! far as that is still free. What finds no room is left out, the selected flag and severe ones last.

use std::collections::HashMap;

use eframe::egui::{Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};

use super::shapes::{Ready, Set, ShapeCache};
use crate::gui::session::Project;
use crate::gui::session::view::View;
use crate::gui::theme::{self, Palette};
use crate::model::flag::Severity;

/// Share of the shorter side that the map may move before a new plan is made.
const STILL: f64 = 0.12;

/// Zones are named from so many points on.
const ZONE_FROM: f32 = 18.0;

/// Flags are named from so many points on, or all of them where there are few.
const FLAG_FROM: f32 = 26.0;

/// So many flags in sight are few.
const FEW: usize = 40;

/// Most names looked at for one plan, and most that are placed: a map with more cannot be read.
const MOST_TRIED: usize = 360;
const MOST_PLACED: usize = 110;

/// Sizes of letters.
const ZONE_SIZE: f32 = 13.0;
const FLAG_SIZE: f32 = 11.5;

/// Free room around a name.
const ROOM: f32 = 2.0;

/// Points of the lattice on which the visible part of a zone is looked for, along each side.
const LATTICE: usize = 9;

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Zone(usize),
    Flag(usize),
}

/// A name in its place: so far from a place of the map.
#[derive(Debug, Clone)]
struct Label {
    who: Who,
    anchor: (f64, f64),
    /// Middle of the text from the anchor, in points.
    offset: Vec2,
    text: String,
    colour: Color32,
    size: f32,
    /// Whether a line leads to the anchor.
    leader: bool,
}

/// What a plan was made from; another one needs a new plan.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    project: (u64, usize, usize),
    shown: Vec<bool>,
    flags: Vec<bool>,
    selected: Option<usize>,
    order: usize,
    size: (f64, f64),
    compared: (usize, usize),
    lacking: String,
}

struct Plan {
    key: Key,
    view: View,
    labels: Vec<Label>,
}

/// The names on the map.
#[derive(Default)]
pub struct Labels {
    plan: Option<Plan>,
}

/// What names are planned from.
pub struct Naming<'a> {
    /// The project.
    pub project: &'a Project,
    /// The shapes.
    pub shapes: &'a ShapeCache,
    /// Which part of the map.
    pub view: &'a View,
    /// The colours.
    pub palette: Palette,
    /// What is said of a zone of which too little was seen.
    pub lacking: &'a str,
}

impl Labels {
    /// Keeps the plan, or makes a new one where the map has moved on.
    pub fn update(&mut self, naming: &Naming<'_>) {
        if !naming.project.look.labels {
            self.plan = None;
            return;
        }
        let key = naming.key();
        if self.plan.as_ref().is_some_and(|plan| plan.key == key && naming.is_near(&plan.view)) {
            return;
        }
        let same = |plan: &Plan| plan.key.project.0 == key.project.0;
        let before = self.plan.take().filter(same).map(|plan| plan.labels).unwrap_or_default();
        let labels = naming.plan(before);
        self.plan = Some(Plan { key, view: *naming.view, labels });
    }

    /// Draws the names over a pane whose upper left corner is `corner`.
    pub fn draw(&self, painter: &Painter, view: &View, corner: Pos2) {
        let seen = painter.clip_rect();
        for label in self.plan.iter().flat_map(|plan| &plan.labels) {
            let (x, y) = view.screen_from_map(label.anchor);
            let anchor = corner + vec2(x as f32, y as f32);
            let middle = anchor + label.offset;
            if seen.expand(80.0).contains(middle) {
                draw(painter, label, anchor, middle);
            }
        }
    }
}

fn draw(painter: &Painter, label: &Label, anchor: Pos2, middle: Pos2) {
    let rim = Color32::from_black_alpha(205);
    let galley = painter.layout_no_wrap(label.text.clone(), FontId::proportional(label.size), Color32::PLACEHOLDER);
    let place = middle - galley.size() / 2.0;
    if label.leader {
        let end = Rect::from_center_size(middle, galley.size()).clamp(anchor);
        painter.line_segment([anchor, end], Stroke::new(3.0, Color32::from_black_alpha(120)));
        painter.line_segment([anchor, end], Stroke::new(1.0, Color32::WHITE));
    }
    for (dx, dy) in
        [(-1.2, 0.0), (1.2, 0.0), (0.0, -1.2), (0.0, 1.2), (-0.9, -0.9), (0.9, -0.9), (-0.9, 0.9), (0.9, 0.9)]
    {
        painter.galley(place + vec2(dx, dy), std::sync::Arc::clone(&galley), rim);
    }
    painter.galley(place, galley, label.colour);
}

/// Names being placed.
struct Placing {
    taken: Vec<Rect>,
    seen: Rect,
    labels: Vec<Label>,
}

impl Placing {
    /// The first free of several middles for a text of a size.
    fn free(&self, middles: impl IntoIterator<Item = Pos2>, size: Vec2) -> Option<(usize, Rect)> {
        let rects = middles.into_iter().map(|middle| Rect::from_center_size(middle, size)).enumerate();
        let is_free =
            |rect: &Rect| self.seen.contains_rect(*rect) && !self.taken.iter().any(|other| other.intersects(*rect));
        rects.into_iter().find(|(_, rect)| is_free(rect))
    }

    fn put(&mut self, rect: Rect, label: Label) {
        self.taken.push(rect.expand(ROOM));
        self.labels.push(label);
    }

    fn is_full(&self) -> bool {
        self.labels.len() >= MOST_PLACED
    }
}

impl Naming<'_> {
    fn key(&self) -> Key {
        let project = self.project;
        let address = |set| self.shapes.get(set).map_or(0, |shapes| std::sync::Arc::as_ptr(shapes) as usize);
        let severities = [Severity::Low, Severity::Medium, Severity::High];
        Key {
            project: (project.edition, address(Set::Zones), address(Set::Flags)),
            shown: project.look.zones.iter().map(|layer| layer.shown).collect(),
            flags: severities.into_iter().map(|s| project.look.flags && project.layers.shows(s)).collect(),
            selected: project.flags.selected().map(|selected| selected.0),
            order: project.flags.order().len(),
            size: self.view.size,
            compared: (project.compare.before, project.compare.after),
            lacking: self.lacking.to_owned(),
        }
    }

    fn is_near(&self, planned: &View) -> bool {
        let moved = (self.view.centre.0 - planned.centre.0).hypot(self.view.centre.1 - planned.centre.1);
        let side = self.view.size.0.min(self.view.size.1) * self.view.units;
        (self.view.units / planned.units - 1.0).abs() < 1e-9 && moved < side * STILL
    }

    fn plan(&self, before: Vec<Label>) -> Vec<Label> {
        let before: HashMap<Who, Label> = before.into_iter().map(|label| (label.who, label)).collect();
        let size = vec2(self.view.size.0 as f32, self.view.size.1 as f32);
        let seen = Rect::from_min_size(Pos2::ZERO, size);
        // Furniture: dates along the upper edge, tools at the right, the scale bar, north.
        let taken = vec![
            seen.with_max_y(42.0),
            Rect::from_min_size(pos2(size.x - 58.0, 8.0), vec2(50.0, 270.0)),
            Rect::from_min_size(pos2(size.x - 52.0, size.y - 56.0), vec2(52.0, 56.0)),
            Rect::from_min_size(pos2(0.0, size.y - 46.0), vec2(200.0, 46.0)),
        ];
        let mut placing = Placing { taken, seen: seen.shrink(3.0), labels: Vec::new() };
        if let Some(flag) = self.project.flags.selected().map(|selected| selected.0) {
            self.name_flags(&mut placing, &[flag], &before);
        }
        self.name_zones(&mut placing, &before);
        let flags = self.flags_in_sight();
        self.name_flags(&mut placing, &flags, &before);
        placing.labels
    }

    /// Flags that may be named, the most severe and largest first.
    fn flags_in_sight(&self) -> Vec<usize> {
        let (book, shapes) = (&self.project.flags, self.shapes.get(Set::Flags));
        let (true, Some(shapes)) = (self.project.look.flags, shapes) else { return Vec::new() };
        let chosen = book.selected().map(|selected| selected.0);
        let mut flags: Vec<(Severity, f32, usize)> = Vec::new();
        for flag in book.order().iter().copied().filter(|flag| Some(*flag) != chosen) {
            let severity = book.records()[flag].severity;
            let ready = shapes.get(flag).and_then(Option::as_ref).filter(|ready| ready.is_in(self.view));
            if let Some(ready) = ready.filter(|_| self.project.layers.shows(severity)) {
                flags.push((severity, ready.extent(self.view), flag));
            }
        }
        let few = flags.len() <= FEW;
        flags.retain(|flag| few || flag.1 >= FLAG_FROM);
        flags.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        flags.into_iter().take(MOST_TRIED).map(|flag| flag.2).collect()
    }

    fn name_flags(&self, placing: &mut Placing, flags: &[usize], before: &HashMap<Who, Label>) {
        let Some(shapes) = self.shapes.get(Set::Flags).filter(|_| self.project.look.flags) else { return };
        for flag in flags.iter().copied() {
            let Some(ready) = shapes.get(flag).and_then(Option::as_ref).filter(|ready| ready.is_in(self.view)) else {
                continue;
            };
            if placing.is_full() {
                return;
            }
            let record = &self.project.flags.records()[flag];
            let leads = record.severity == Severity::High || flags.len() == 1;
            let colour = soften(self.palette.severity(record.severity));
            let label = Label {
                who: Who::Flag(flag),
                anchor: (ready.inside.x(), ready.inside.y()),
                offset: Vec2::ZERO,
                text: record.code.clone(),
                colour,
                size: FLAG_SIZE,
                leader: false,
            };
            self.beside(placing, ready, label, leads, before);
        }
    }

    /// Puts a name beside its shape: above, right, left, below; with a leader farther away where that is worth it.
    fn beside(&self, placing: &mut Placing, ready: &Ready, label: Label, leads: bool, before: &HashMap<Who, Label>) {
        let size = vec2(width(&label.text, label.size), label.size * 1.25);
        let anchor = self.at(label.anchor);
        let held = ready.box_on(self.view, Pos2::ZERO).union(Rect::from_center_size(anchor, Vec2::splat(10.0)));
        let (w, h) = (size.x / 2.0 + 5.0, size.y / 2.0 + 3.0);
        let near = [
            pos2(held.center().x, held.top() - h),
            pos2(held.right() + w, held.center().y),
            pos2(held.left() - w, held.center().y),
            pos2(held.center().x, held.bottom() + h),
        ];
        let far = [(1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
            .map(|(x, y): (f32, f32)| anchor + vec2(x * (w + 18.0), y * (h + 20.0)));
        let old = before.get(&label.who).map(|old| (anchor + old.offset, old.leader));
        let kept = old.and_then(|(middle, leader)| Some((placing.free([middle], size)?.1, leader)));
        let found = kept.or_else(|| Some((placing.free(near, size)?.1, false)));
        let found = found.or_else(|| Some((placing.free(leads.then_some(far).into_iter().flatten(), size)?.1, true)));
        if let Some((rect, leader)) = found {
            placing.put(rect, Label { offset: rect.center() - anchor, leader, ..label });
        }
    }

    /// Names of shown zones, the largest first: inside the part that is seen, small ones beside it.
    fn name_zones(&self, placing: &mut Placing, before: &HashMap<Who, Label>) {
        let Some(zones) = self.shapes.get(Set::Zones) else { return };
        let layers = &self.project.look.zones;
        let is_shown = |zone: usize| {
            let layer = self.project.layer_of_zone.get(zone).and_then(|layer| layers.get(*layer));
            layer.is_some_and(|layer| layer.shown)
        };
        let ready = zones.iter().enumerate().filter_map(|(zone, ready)| Some((zone, ready.as_ref()?)));
        let named = |(zone, ready): &(usize, &Ready)| {
            is_shown(*zone) && ready.extent(self.view) > ZONE_FROM && ready.is_in(self.view)
        };
        let mut seen: Vec<(usize, &Ready)> = ready.filter(named).collect();
        seen.sort_by(|a, b| b.1.extent(self.view).total_cmp(&a.1.extent(self.view)).then(a.0.cmp(&b.0)));
        for (zone, ready) in seen.into_iter().take(MOST_TRIED) {
            if placing.is_full() {
                return;
            }
            self.name_zone(placing, zone, ready, before);
        }
    }

    fn name_zone(&self, placing: &mut Placing, zone: usize, ready: &Ready, before: &HashMap<Who, Label>) {
        let who = Who::Zone(zone);
        let own = &self.project.plan.zones[zone].name;
        let lacks = self.project.is_lacking_now(zone);
        let text = if lacks { format!("{own} · {}", self.lacking) } else { own.clone() };
        let colour = soften(theme::zone_colour(self.project.layer_of_zone[zone]));
        let label = Label { who, anchor: (0.0, 0.0), offset: Vec2::ZERO, text, colour, size: ZONE_SIZE, leader: false };
        let size = vec2(width(&label.text, label.size), label.size * 1.25);
        if ready.extent(self.view) < size.x * 0.7 {
            let anchor = (ready.inside.x(), ready.inside.y());
            self.beside(placing, ready, Label { anchor, ..label }, false, before);
            return;
        }
        let old = before.get(&who).map(|old| old.anchor).filter(|old| self.holds(ready, *old, placing.seen));
        let Some(anchor) = old.or_else(|| self.visible_part(ready, placing.seen)) else { return };
        let middle = self.at(anchor);
        let steps = [0.0, -1.4, 1.4, -2.8, 2.8].map(|step| middle + vec2(0.0, step * label.size));
        if let Some((_, rect)) = placing.free(steps, size) {
            placing.put(rect, Label { anchor, offset: rect.center() - middle, ..label });
        }
    }

    /// A place well inside the part of a shape that is seen: its own inner point where that is seen, else the point of a
    /// lattice farthest from the edge of sight among those inside.
    fn visible_part(&self, ready: &Ready, seen: Rect) -> Option<(f64, f64)> {
        let own = (ready.inside.x(), ready.inside.y());
        if seen.shrink(24.0).contains(self.at(own)) {
            return Some(own);
        }
        let part = ready.box_on(self.view, Pos2::ZERO).intersect(seen);
        if part.width() < 12.0 || part.height() < 12.0 {
            return None;
        }
        let share = |n: usize| (n as f32 + 0.5) / LATTICE as f32;
        let points = (0..LATTICE * LATTICE)
            .map(|n| part.min + vec2(share(n % LATTICE) * part.width(), share(n / LATTICE) * part.height()));
        let inside = points.filter(|point| inside(ready, self.place(*point)));
        let depth = |point: &Pos2| {
            (point.x - part.left()).min(part.right() - point.x)
                + 2.0 * (point.y - part.top()).min(part.bottom() - point.y)
        };
        inside.max_by(|a, b| depth(a).total_cmp(&depth(b))).map(|point| self.place(point))
    }

    /// Whether a place is still seen and inside.
    fn holds(&self, ready: &Ready, place: (f64, f64), seen: Rect) -> bool {
        seen.shrink(24.0).contains(self.at(place)) && inside(ready, place)
    }

    fn at(&self, place: (f64, f64)) -> Pos2 {
        let (x, y) = self.view.screen_from_map(place);
        pos2(x as f32, y as f32)
    }

    fn place(&self, point: Pos2) -> (f64, f64) {
        self.view.map_from_screen((f64::from(point.x), f64::from(point.y)))
    }
}

/// Whether a place lies inside a shape, by the odd-even rule.
fn inside(ready: &Ready, place: (f64, f64)) -> bool {
    let (x, y) = ((place.0 - ready.origin.0) as f32, (place.1 - ready.origin.1) as f32);
    let crosses =
        |a: [f32; 2], b: [f32; 2]| (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0];
    let of_ring =
        |ring: &Vec<[f32; 2]>| (0..ring.len()).filter(|at| crosses(ring[*at], ring[(at + 1) % ring.len()])).count();
    ready.rings.iter().map(of_ring).sum::<usize>() % 2 == 1
}

/// Width of a text, near enough to keep names apart.
fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|c| if c.is_ascii() { 0.58 } else { 1.02 }).sum::<f32>() * size
}

/// A colour light enough for letters on a dark rim.
fn soften(colour: Color32) -> Color32 {
    let lift = |channel: u8| (f32::from(channel) * 0.4 + 255.0 * 0.6) as u8;
    Color32::from_rgb(lift(colour.r()), lift(colour.g()), lift(colour.b()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Point, Rect as MapRect};

    fn ready() -> Ready {
        let ring = vec![[-50.0, -50.0], [50.0, -50.0], [50.0, 50.0], [-50.0, 50.0]];
        let hole = vec![[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, 10.0]];
        Ready {
            bounds: MapRect::new((950.0, 1950.0), (1050.0, 2050.0)),
            origin: (1000.0, 2000.0),
            inside: Point::new(970.0, 2000.0),
            rings: vec![ring, hole],
        }
    }

    #[test]
    fn a_hole_is_not_inside() {
        let ready = ready();
        assert!(
            inside(&ready, (970.0, 2000.0)) && !inside(&ready, (1000.0, 2000.0)) && !inside(&ready, (900.0, 2000.0))
        );
    }

    #[test]
    fn no_name_lies_over_another_or_leaves_the_map() {
        let seen = Rect::from_min_size(Pos2::ZERO, vec2(200.0, 100.0));
        let mut placing = Placing { taken: Vec::new(), seen, labels: Vec::new() };
        let size = vec2(80.0, 20.0);
        let mut put = 0;
        for n in 0_u8..50 {
            let middle = pos2(f32::from(n % 10) * 20.0, f32::from(n / 10) * 20.0);
            if let Some((_, rect)) = placing.free([middle, middle + vec2(0.0, 25.0)], size) {
                placing.taken.push(rect);
                put += 1;
            }
        }
        let taken = &placing.taken;
        assert!(put >= 4 && taken.iter().all(|rect| seen.contains_rect(*rect)), "{put}");
        let meet = |at: usize| taken[at + 1..].iter().any(|other| other.intersects(taken[at]));
        assert!(!(0..taken.len()).any(meet));
    }
}
