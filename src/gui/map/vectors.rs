//! Zones and flags over the images; their names are `labels`.

use eframe::egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::shapes::{Ready, Set, ShapeCache};
use crate::gui::session::Project;
use crate::gui::session::view::View;
use crate::gui::theme::{self, Palette};

/// Flags smaller than this on the screen are marked with a dot.
const DOT_BELOW: f32 = 9.0;

/// Cosine of the sharpest corner that is drawn with a mitre (about 35°).
const NEEDLE: f32 = 0.82;

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
    /// The colours.
    pub palette: Palette,
    /// What is said of a zone of which too little was seen.
    pub lacking: &'a str,
}

impl Drawing<'_> {
    /// Draws everything that is shown.
    pub fn draw(&self, painter: &Painter) {
        self.zones(painter);
        if self.project.look.flags {
            self.flags(painter);
        }
        if self.project.look.labels {
            self.names(painter);
        }
    }

    /// Draws the outline of one flag alone.
    pub fn draw_flag(&self, painter: &Painter, flag: usize) {
        let flags = self.shapes.get(Set::Flags);
        if let Some(ready) = flags.as_ref().and_then(|flags| flags.get(flag)).and_then(Option::as_ref) {
            self.outline(painter, ready, Stroke::new(3.0, Color32::from_black_alpha(150)));
            self.outline(painter, ready, Stroke::new(1.6, Color32::from_rgb(0xFF, 0xE4, 0x5C)));
        }
    }

    fn zones(&self, painter: &Painter) {
        let Some(zones) = self.shapes.get(Set::Zones) else { return };
        let layers = &self.project.look;
        for (zone, ready) in zones.iter().enumerate() {
            let layer = self.project.layer_of_zone.get(zone).copied().unwrap_or(0);
            let Some(ready) = ready.as_ref().filter(|ready| self.sees(ready)) else { continue };
            if layers.zones.get(layer).is_some_and(|layer| layer.shown) {
                let colour = theme::zone_colour(layer);
                self.fill(painter, ready, colour.gamma_multiply(layers.zone_opacity));
                self.outline(painter, ready, Stroke::new(1.5, colour));
            }
        }
    }

    fn flags(&self, painter: &Painter) {
        let Some(flags) = self.shapes.get(Set::Flags) else { return };
        let book = &self.project.flags;
        let chosen = book.selected().map(|selected| selected.0);
        for flag in book.order().iter().rev().copied() {
            let Some(ready) = flags.get(flag).and_then(Option::as_ref).filter(|ready| self.sees(ready)) else {
                continue;
            };
            let colour = self.palette.severity(book.records()[flag].severity);
            if self.extent(ready) < DOT_BELOW {
                painter.circle(
                    self.at(ready.inside.x(), ready.inside.y()),
                    4.0,
                    colour,
                    Stroke::new(1.0, Color32::WHITE),
                );
            } else {
                self.fill(painter, ready, colour.gamma_multiply(0.22));
                self.outline(painter, ready, Stroke::new(1.6, colour));
            }
        }
        if let Some(ready) = chosen.and_then(|flag| flags.get(flag)).and_then(Option::as_ref) {
            self.chosen(painter, ready);
        }
    }

    /// The selected flag: a white line under an accent line, and a frame where it is small.
    fn chosen(&self, painter: &Painter, ready: &Ready) {
        let accent = Color32::from_rgb(0xFF, 0xE4, 0x5C);
        if self.extent(ready) < 4.0 * DOT_BELOW {
            let frame = Rect::from_center_size(self.at(ready.inside.x(), ready.inside.y()), vec2(30.0, 30.0));
            let side = self.box_of(ready).union(frame);
            painter.rect_stroke(
                side,
                4.0,
                Stroke::new(3.5, Color32::from_black_alpha(140)),
                eframe::egui::StrokeKind::Middle,
            );
            painter.rect_stroke(side, 4.0, Stroke::new(2.0, accent), eframe::egui::StrokeKind::Middle);
        }
        self.outline(painter, ready, Stroke::new(4.0, Color32::from_black_alpha(150)));
        self.outline(painter, ready, Stroke::new(2.2, accent));
    }

    fn fill(&self, painter: &Painter, ready: &Ready, colour: Color32) {
        if colour.a() == 0 {
            return;
        }
        let (origin, scale) = self.placed(ready);
        let mut mesh = Mesh::default();
        mesh.reserve_vertices(ready.corners.len());
        for corner in &ready.corners {
            mesh.colored_vertex(pos2(origin.x + corner[0] * scale, origin.y - corner[1] * scale), colour);
        }
        mesh.indices.clone_from(&ready.triangles);
        painter.add(mesh);
    }

    fn outline(&self, painter: &Painter, ready: &Ready, stroke: Stroke) {
        let (origin, scale) = self.placed(ready);
        for ring in &ready.rings {
            let points: Vec<Pos2> =
                ring.iter().map(|p| pos2(origin.x + p[0] * scale, origin.y - p[1] * scale)).collect();
            if has_needle(&points) {
                let ends = points.iter().copied().zip(points.iter().copied().cycle().skip(1));
                painter.extend(ends.map(|(a, b)| Shape::line_segment([a, b], stroke)));
            } else {
                painter.add(Shape::closed_line(points, stroke));
            }
        }
    }

    fn placed(&self, ready: &Ready) -> (Pos2, f32) {
        (self.at(ready.origin.0, ready.origin.1), (1.0 / self.view.units) as f32)
    }

    pub(super) fn at(&self, x: f64, y: f64) -> Pos2 {
        let (x, y) = self.view.screen_from_map((x, y));
        self.corner + vec2(x as f32, y as f32)
    }

    pub(super) fn box_of(&self, ready: &Ready) -> Rect {
        let (min, max) = (ready.bounds.min(), ready.bounds.max());
        Rect::from_min_max(self.at(min.x, max.y), self.at(max.x, min.y))
    }

    /// The longer side on the screen.
    pub(super) fn extent(&self, ready: &Ready) -> f32 {
        (ready.bounds.width().max(ready.bounds.height()) / self.view.units) as f32
    }

    pub(super) fn sees(&self, ready: &Ready) -> bool {
        let (seen, own) = (self.view.bounds(), ready.bounds);
        own.min().x <= seen.max().x
            && own.max().x >= seen.min().x
            && own.min().y <= seen.max().y
            && own.max().y >= seen.min().y
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
