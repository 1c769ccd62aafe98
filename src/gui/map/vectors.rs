//! Which zones and flags are drawn, and in which colours; the drawing itself is done by sheets, off the frame.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, vec2};

use super::brush::{Ink, Layer, Plate, cut_at};
use super::shapes::{Ready, Set, ShapeCache, Shapes};
use super::sheets::Sheets;
use crate::gui::session::Project;
use crate::gui::session::look::FlagColours;
use crate::gui::session::view::View;
use crate::gui::theme::{self, Palette};
use crate::model::flag::{FlagState, Severity};
use crate::model::record::FlagRecord;
use crate::pipeline::view::cover_colour;

/// Flags smaller than this on the screen are marked with a dot.
const DOT_BELOW: f32 = 9.0;

/// Width of the outlines of zones and flags in screen points.
const WIDTHS: (f32, f32) = (1.5, 1.6);

/// Screen points beyond the map at which the outline of the selected flag is cut.
const MARGIN: f64 = 20.0;

/// Cosine of the sharpest corner that is drawn with a mitre (about 35°).
const NEEDLE: f32 = 0.82;

/// The colour of the selected flag.
const CHOSEN: Color32 = Color32::from_rgb(0xFF, 0xE4, 0x5C);

/// The colour of a flag on the map.
#[must_use]
pub fn flag_colour(record: &FlagRecord, by: FlagColours, palette: &Palette) -> Color32 {
    match by {
        FlagColours::Severity => palette.severity(record.severity),
        FlagColours::Kind => {
            let [r, g, b] = cover_colour(record.to_class);
            Color32::from_rgb(r, g, b)
        }
        FlagColours::State => state_colour(record.state, palette),
    }
}

/// The colour of a flag's state.
#[must_use]
pub fn state_colour(state: FlagState, palette: &Palette) -> Color32 {
    match state {
        FlagState::Detected => palette.severity[1],
        FlagState::Superseded => palette.weak,
    }
}

/// The plate of the present state, made anew only when something of it changes.
#[derive(Default)]
pub struct PlateMaker {
    present: Option<Arc<Plate>>,
}

impl PlateMaker {
    /// The plate of a project.
    pub fn of(&mut self, project: &Project, shapes: &ShapeCache, palette: &Palette) -> Arc<Plate> {
        let id = fingerprint(project, shapes, palette);
        if let Some(present) = self.present.as_ref().filter(|present| present.id == id) {
            return Arc::clone(present);
        }
        let zones = shapes.get(Set::Zones).map(|zones| zone_layer(project, zones));
        let shown = shapes.get(Set::Flags).filter(|_| project.look.flags);
        let flags = shown.map(|flags| flag_layer(project, flags, palette));
        let layers = zones.into_iter().chain(flags).collect();
        let plate = Arc::new(Plate { id, family: shapes.family(), layers });
        self.present = Some(Arc::clone(&plate));
        plate
    }
}

/// Changes with everything that is seen of zones and flags.
fn fingerprint(project: &Project, shapes: &ShapeCache, palette: &Palette) -> u64 {
    let (look, compare) = (&project.look, &project.compare);
    let mut hasher = DefaultHasher::new();
    (shapes.edition(Set::Zones), shapes.edition(Set::Flags), project.edition).hash(&mut hasher);
    (look.flags, look.zone_opacity.to_bits(), look.flag_colours).hash(&mut hasher);
    look.zones.iter().for_each(|layer| layer.shown.hash(&mut hasher));
    (&project.layers.order, project.layers.flag_opacity.to_bits()).hash(&mut hasher);
    [Severity::Low, Severity::Medium, Severity::High].map(|severity| project.layers.shows(severity)).hash(&mut hasher);
    (project.flags.edition, compare.before, compare.after, palette.severity).hash(&mut hasher);
    hasher.finish()
}

fn zone_layer(project: &Project, shapes: &Arc<Shapes>) -> Layer {
    let look = &project.look;
    let count = shapes.len() as u32;
    let ink = |zone: usize| {
        let layer = project.layer_of_zone.get(zone).copied().unwrap_or(0);
        let shown = look.zones.get(layer).is_some_and(|layer| layer.shown);
        let line = theme::zone_colour(layer);
        let ink = Ink { fill: line.gamma_multiply(look.zone_opacity), line, hatch: project.is_lacking_now(zone) };
        // The uppermost layer is drawn last.
        let depth = project.layers.order.iter().rev().position(|other| *other == layer).unwrap_or(0);
        shown.then_some((depth as u32 * count + zone as u32, ink))
    };
    let inks = (0..shapes.len()).map(ink).collect();
    Layer { shapes: Arc::clone(shapes), inks, width: WIDTHS.0, dot_below: 0.0 }
}

fn flag_layer(project: &Project, shapes: &Arc<Shapes>, palette: &Palette) -> Layer {
    let book = &project.flags;
    let mut inks = vec![None; shapes.len()];
    // The first of the order lies on top.
    for (place, flag) in book.order().iter().rev().enumerate() {
        let record = &book.records()[*flag];
        if !project.layers.shows(record.severity) {
            continue;
        }
        let line = flag_colour(record, project.look.flag_colours, palette);
        let hatch = record.state == FlagState::Superseded;
        let fill = if hatch { Color32::TRANSPARENT } else { line.gamma_multiply(project.layers.flag_opacity) };
        if let Some(ink) = inks.get_mut(*flag) {
            *ink = Some((place as u32, Ink { fill, line, hatch }));
        }
    }
    Layer { shapes: Arc::clone(shapes), inks, width: WIDTHS.1, dot_below: DOT_BELOW }
}

/// What vectors are drawn with.
pub struct Drawing<'a> {
    /// The project.
    pub project: &'a Project,
    /// The shapes.
    pub shapes: &'a ShapeCache,
    /// Which part of the map.
    pub view: &'a View,
    /// Its upper left corner on the screen.
    pub corner: Pos2,
}

impl Drawing<'_> {
    /// Draws everything that is shown.
    pub fn draw(&self, painter: &Painter, sheets: &mut Sheets) {
        sheets.draw(painter, self.view, self.corner);
        if self.project.look.flags {
            self.chosen(painter);
        }
    }

    /// Draws the outline of one flag alone.
    pub fn draw_flag(&self, painter: &Painter, flag: usize) {
        self.outline(painter, flag, Stroke::new(3.0, Color32::from_black_alpha(150)));
        self.outline(painter, flag, Stroke::new(1.6, CHOSEN));
    }

    /// The selected flag over all others: a dark line under an accent line, and a frame where it is small.
    fn chosen(&self, painter: &Painter) {
        let Some((flag, _)) = self.project.flags.selected() else { return };
        let Some(ready) = self.ready(Set::Flags, flag).filter(|ready| ready.is_in(self.view)) else { return };
        if ready.extent(self.view) < 4.0 * DOT_BELOW {
            let frame = Rect::from_center_size(self.at(ready.inside.x(), ready.inside.y()), vec2(30.0, 30.0));
            let side = ready.box_on(self.view, self.corner).union(frame);
            painter.rect_stroke(side, 4.0, Stroke::new(3.5, Color32::from_black_alpha(140)), StrokeKind::Middle);
            painter.rect_stroke(side, 4.0, Stroke::new(2.0, CHOSEN), StrokeKind::Middle);
        }
        self.outline(painter, flag, Stroke::new(4.0, Color32::from_black_alpha(150)));
        self.outline(painter, flag, Stroke::new(2.2, CHOSEN));
    }

    fn outline(&self, painter: &Painter, flag: usize, stroke: Stroke) {
        let Some(flags) = self.shapes.get(Set::Flags) else { return };
        let size = self.view.size;
        for ring in flags.rings(flag, self.view.units).iter() {
            let points = ring.iter().map(|place| self.view.screen_from_map((place.x, place.y))).collect();
            let cut = cut_at(points, (-MARGIN, size.0 + MARGIN), (-MARGIN, size.1 + MARGIN));
            let points: Vec<Pos2> = cut.iter().map(|(x, y)| self.corner + vec2(*x as f32, *y as f32)).collect();
            if points.len() < 3 {
                continue;
            }
            if has_needle(&points) {
                let ends = points.iter().copied().zip(points.iter().copied().cycle().skip(1));
                painter.extend(ends.map(|(a, b)| Shape::line_segment([a, b], stroke)));
            } else {
                painter.add(Shape::closed_line(points, stroke));
            }
        }
    }

    /// Where a shape lies.
    fn ready(&self, set: Set, shape: usize) -> Option<&Ready> {
        self.shapes.get(set)?.get(shape)?.as_ref()
    }

    /// Screen position of a map place.
    fn at(&self, x: f64, y: f64) -> Pos2 {
        let (x, y) = self.view.screen_from_map((x, y));
        self.corner + vec2(x as f32, y as f32)
    }
}

/// Whether a ring turns back so sharply that the mitre of its corner would shoot far beyond it.
fn has_needle(points: &[Pos2]) -> bool {
    let last = points.len();
    (0..last).any(|at| {
        let here = points[at];
        let (to, from) = (points[(at + 1) % last] - here, points[(at + last - 1) % last] - here);
        to.length() < 0.2 || to.normalized().dot(from.normalized()) > NEEDLE
    })
}
