//! One map of a sheet: image, zones, flags, names, date, scale bar, north.

use geo::{BoundingRect, InteriorPoint};
use geo_types::{MultiPolygon, Rect as MapRect};

use super::ink::{BLACK, Canvas, GREY, Ink, Rect, Side, WHITE, shape_path};
use super::{DrawnFlag, DrawnZone, MapPicture, Sheet, furniture, severity_colour, zone_colour};
use crate::model::flag::Severity;

/// Flags smaller than so many points are drawn as dots.
const DOT_BELOW: f32 = 5.0;

/// Zones are named from so many points on.
const NAMED_FROM: f32 = 24.0;

/// Most names on one map.
const MOST_NAMES: usize = 120;

const RIM: Ink = Ink([0x10, 0x16, 0x13], 0.85);

/// From map units to the sheet.
#[derive(Clone, Copy)]
struct Projection {
    bounds: MapRect<f64>,
    rect: Rect,
    per_unit: f64,
}

impl Projection {
    fn at(&self, x: f64, y: f64) -> (f32, f32) {
        let (dx, dy) = (x - self.bounds.min().x, self.bounds.max().y - y);
        (self.rect.left + (dx * self.per_unit) as f32, self.rect.top + (dy * self.per_unit) as f32)
    }

    /// The box of a shape on the sheet; `None` where it is not on the map.
    fn box_of(&self, shape: &MultiPolygon<f64>) -> Option<Rect> {
        let bounds = shape.bounding_rect()?;
        let (left, top) = self.at(bounds.min().x, bounds.max().y);
        let (right, bottom) = self.at(bounds.max().x, bounds.min().y);
        let held = Rect { left, top, right: right.max(left + 0.1), bottom: bottom.max(top + 0.1) };
        held.intersection(&self.rect)
    }
}

/// Draws a map into its place on the sheet.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    sheet: &Sheet<'_>,
    map: &MapPicture,
    place: (u32, u32, u32, u32),
    point: f32,
) {
    let (left, top, width, height) = place;
    let rect = Rect::of_size(left as f32, top as f32, width as f32, height as f32);
    let projection = Projection { bounds: sheet.bounds, rect, per_unit: f64::from(width) / sheet.bounds.width() };
    canvas.image(&map.rgba, (width, height), (left, top));
    canvas.clip(rect);
    for zone in &sheet.zones {
        draw_zone(canvas, &projection, zone, sheet.zone_opacity, point);
    }
    for flag in sheet.flags.iter().flatten() {
        draw_flag(canvas, &projection, flag, point);
    }
    let mut taken = vec![caption(canvas, rect, &map.caption, point), furniture::north(canvas, rect, point)];
    taken.extend(furniture::scale_bar(canvas, sheet, rect, projection.per_unit, point));
    if sheet.names {
        names(canvas, sheet, &projection, &mut taken, point);
    }
    canvas.unclip();
    canvas.frame(rect, BLACK, 0.9 * point);
}

fn draw_zone(canvas: &mut Canvas<'_>, projection: &Projection, zone: &DrawnZone<'_>, opacity: f32, point: f32) {
    if projection.box_of(zone.shape).is_none() {
        return;
    }
    let colour = zone_colour(zone.layer);
    let path = shape_path(zone.shape, &|x, y| projection.at(x, y));
    canvas.fill(&path, Ink(colour, opacity));
    canvas.line(&path, Ink(RIM.0, 0.45), 2.2 * point);
    canvas.line(&path, Ink(colour, 1.0), 1.2 * point);
}

fn draw_flag(canvas: &mut Canvas<'_>, projection: &Projection, flag: &DrawnFlag<'_>, point: f32) {
    let Some(held) = projection.box_of(flag.shape) else { return };
    let colour = severity_colour(flag.severity);
    if held.width().max(held.height()) < DOT_BELOW * point {
        canvas.dot(held.middle(), 2.9 * point, WHITE);
        canvas.dot(held.middle(), 2.2 * point, Ink(colour, 1.0));
    } else {
        let path = shape_path(flag.shape, &|x, y| projection.at(x, y));
        canvas.fill(&path, Ink(colour, 0.25));
        canvas.line(&path, WHITE, 2.0 * point);
        canvas.line(&path, Ink(colour, 1.0), 1.2 * point);
    }
}

/// Names that do not meet: zones by size, then flags by severity and size.
fn names(canvas: &mut Canvas<'_>, sheet: &Sheet<'_>, projection: &Projection, taken: &mut Vec<Rect>, point: f32) {
    let size_of = |held: &Rect| held.width() * held.height();
    let mut zones: Vec<(Rect, &DrawnZone<'_>)> =
        sheet.zones.iter().filter_map(|zone| Some((projection.box_of(zone.shape)?, zone))).collect();
    zones.retain(|(held, _)| held.width().max(held.height()) >= NAMED_FROM * point);
    zones.sort_by(|a, b| size_of(&b.0).total_cmp(&size_of(&a.0)));
    for (held, zone) in zones.into_iter().take(MOST_NAMES) {
        let inside = zone.shape.interior_point().map(|p| projection.at(p.x(), p.y()));
        let middle = held.middle();
        let places = inside.filter(|p| projection.rect.holds(*p)).into_iter().chain([middle]);
        let ink = Ink(zone_colour(zone.layer), 1.0);
        write(canvas, projection, taken, places, zone.name, 8.5 * point, ink);
    }
    let mut flags: Vec<(Rect, &DrawnFlag<'_>)> =
        sheet.flags.iter().flatten().filter_map(|flag| Some((projection.box_of(flag.shape)?, flag))).collect();
    flags.sort_by(|a, b| b.1.severity.cmp(&a.1.severity).then(size_of(&b.0).total_cmp(&size_of(&a.0))));
    for (held, flag) in flags.into_iter().take(MOST_NAMES) {
        let size = 7.0 * point;
        let half = canvas.face.width(flag.code, size) / 2.0 + 3.0 * point;
        let (x, y) = held.middle();
        let gap = 6.5 * point;
        let places = [(x, held.top - gap), (held.right + half, y), (held.left - half, y), (x, held.bottom + gap)];
        write(canvas, projection, taken, places, flag.code, size, WHITE);
    }
}

fn write(
    canvas: &mut Canvas<'_>,
    projection: &Projection,
    taken: &mut Vec<Rect>,
    places: impl IntoIterator<Item = (f32, f32)>,
    text: &str,
    size: f32,
    ink: Ink,
) {
    let (width, height) = (canvas.face.width(text, size), size * 1.15);
    for (x, y) in places {
        let rect = Rect::of_size(x - width / 2.0, y - height / 2.0, width, height);
        if projection.rect.holds_rect(&rect) && !taken.iter().any(|other| other.meets(&rect)) {
            canvas.text(text, (x, y), Side::Middle, size, ink, Some(RIM));
            taken.push(rect);
            return;
        }
    }
}

/// The date on a plate in the upper left corner.
fn caption(canvas: &mut Canvas<'_>, rect: Rect, text: &str, point: f32) -> Rect {
    let size = 9.0 * point;
    let width = (canvas.face.width(text, size) + 10.0 * point).min(rect.width());
    let plate = Rect::of_size(rect.left, rect.top, width, 16.0 * point);
    canvas.plate(plate, Ink([255, 255, 255], 0.85));
    canvas.text(text, (rect.left + 5.0 * point, rect.top + 8.0 * point), Side::Left, size, BLACK, None);
    plate
}

/// A small patch of a legend's colour.
pub(super) fn swatch(canvas: &mut Canvas<'_>, rect: Rect, colour: [u8; 3], opacity: f32, point: f32) {
    canvas.plate(rect, Ink(colour, opacity));
    canvas.frame(rect, Ink(colour, 1.0), 1.2 * point);
    canvas.frame(rect, Ink(GREY.0, 0.35), 0.4 * point);
}

/// How many flags of a severity the map shows.
pub(super) fn count(sheet: &Sheet<'_>, severity: Severity) -> usize {
    let seen = |flag: &&DrawnFlag<'_>| {
        let (seen, own) = (sheet.bounds, flag.shape.bounding_rect());
        own.is_some_and(|own| {
            own.min().x <= seen.max().x
                && own.max().x >= seen.min().x
                && own.min().y <= seen.max().y
                && own.max().y >= seen.min().y
        })
    };
    sheet.flags.iter().flatten().filter(|flag| flag.severity == severity).filter(seen).count()
}
