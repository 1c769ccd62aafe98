//! Zones and flags painted into small pictures, off the screen: filled, hatched, outlined; concave shapes and holes right.

use std::sync::Arc;

use eframe::egui::Color32;
use geo_types::{Coord, Rect};

use super::plotter::Plotter;
use super::shapes::Shapes;

/// Rows and columns of a picture.
pub const SHEET: usize = 256;

/// Pixels beyond the picture that shapes are cut at: lines there are out of sight.
const MARGIN: f64 = 12.0;

/// How one shape is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Hash)]
pub struct Ink {
    /// Colour of its inside.
    pub fill: Color32,
    /// Colour of its outline.
    pub line: Color32,
    /// Whether its inside is hatched in the colour of its outline.
    pub hatch: bool,
}

/// Shapes of a set with their inks.
pub struct Layer {
    /// The shapes.
    pub shapes: Arc<Shapes>,
    /// What is drawn of each shape, by index: its place in the order (the lowest is drawn first) and its ink.
    pub inks: Vec<Option<(u32, Ink)>>,
    /// Width of outlines in screen points.
    pub width: f32,
    /// Extent in screen points below which a shape is a dot; 0: never.
    pub dot_below: f32,
}

/// Everything that is painted, the lower layer first. It never changes; another state is another plate.
pub struct Plate {
    /// Tells plates apart.
    pub id: u64,
    /// Tells projects apart.
    pub family: u64,
    /// The layers.
    pub layers: Vec<Layer>,
}

/// Which part of the map a sheet shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Map units of a pixel.
    pub units: f64,
    /// Column of the sheet, counted from x = 0.
    pub col: i64,
    /// Row of the sheet, counted downwards from y = 0.
    pub row: i64,
    /// Pixels of a screen point.
    pub density: f32,
}

impl Spot {
    /// Its upper left corner in map units.
    #[must_use]
    pub fn corner(&self) -> (f64, f64) {
        let side = SHEET as f64 * self.units;
        (self.col as f64 * side, -(self.row as f64) * side)
    }

    fn pixel(&self, place: Coord<f64>) -> (f64, f64) {
        let (x, y) = self.corner();
        ((place.x - x) / self.units, (y - place.y) / self.units)
    }

    fn bounds(&self) -> Rect<f64> {
        let ((x, y), side, margin) = (self.corner(), SHEET as f64 * self.units, MARGIN * self.units);
        Rect::new((x - margin, y - side - margin), (x + side + margin, y + margin))
    }
}

/// The picture of a plate at a spot: red, green, blue and opacity, premultiplied; `None` where there is nothing, or where
/// `wanted` said no.
#[must_use]
pub fn paint(plate: &Plate, spot: &Spot, wanted: &dyn Fn() -> bool) -> Option<Vec<u8>> {
    let mut sheet: Option<Plotter> = None;
    for layer in &plate.layers {
        let mut hits: Vec<(u32, usize, Ink)> = layer
            .shapes
            .meeting(&spot.bounds())
            .filter_map(|shape| layer.inks.get(shape).copied().flatten().map(|(place, ink)| (place, shape, ink)))
            .collect();
        hits.sort_unstable_by_key(|hit| hit.0);
        for (_, shape, ink) in hits {
            if !wanted() {
                return None;
            }
            one(sheet.get_or_insert_with(|| Plotter::new(SHEET)), layer, shape, ink, spot);
        }
    }
    sheet.map(Plotter::into_pixels)
}

fn one(sheet: &mut Plotter, layer: &Layer, shape: usize, ink: Ink, spot: &Spot) {
    let Some(ready) = &layer.shapes[shape] else { return };
    let extent = ready.bounds.width().max(ready.bounds.height()) / spot.units;
    if (extent as f32) < layer.dot_below * spot.density {
        let (x, y) = spot.pixel(ready.inside.0);
        dot(sheet, (x as f32, y as f32), ink, spot.density);
        return;
    }
    let rings = layer.shapes.rings(shape, spot.units * f64::from(spot.density));
    let outlines = rings.iter().map(|ring| cut(ring.iter().map(|place| spot.pixel(*place))));
    let outlines: Vec<Vec<(f32, f32)>> = outlines.filter(|ring| ring.len() > 2).collect();
    if ink.fill.a() > 0 || ink.hatch {
        sheet.fill(&outlines, ink.fill, ink.hatch.then_some(ink.line));
    }
    sheet.outline(&outlines, ink.line, layer.width * spot.density);
}

/// A dot with a white rim; white with a coloured rim where the shape would be hatched.
fn dot(sheet: &mut Plotter, place: (f32, f32), ink: Ink, density: f32) {
    let (rim, inner) = if ink.hatch { (ink.line, Color32::WHITE) } else { (Color32::WHITE, ink.line) };
    sheet.dot(place, 4.5 * density, rim);
    sheet.dot(place, 3.4 * density, inner);
}

/// A ring cut at the sheet's margin, side by side: what runs along the margin is out of sight.
fn cut(ring: impl Iterator<Item = (f64, f64)>) -> Vec<(f32, f32)> {
    let area = (-MARGIN, SHEET as f64 + MARGIN);
    let points: Vec<(f64, f64)> = ring.collect();
    cut_at(points, area, area).into_iter().map(|(x, y)| (x as f32, y as f32)).collect()
}

/// A ring cut at a box, given as its spans across and down (Sutherland & Hodgman 1974, doi:10.1145/360767.360802).
#[must_use]
pub fn cut_at(mut points: Vec<(f64, f64)>, across: (f64, f64), down: (f64, f64)) -> Vec<(f64, f64)> {
    let sides: [(bool, f64, f64); 4] =
        [(true, across.0, 1.0), (true, across.1, -1.0), (false, down.0, 1.0), (false, down.1, -1.0)];
    for (is_x, limit, sign) in sides {
        let depth = |p: &(f64, f64)| (if is_x { p.0 } else { p.1 } - limit) * sign;
        if points.iter().all(|p| depth(p) >= 0.0) {
            continue;
        }
        let mut kept = Vec::with_capacity(points.len() + 4);
        for at in 0..points.len() {
            let (a, b) = (points[(at + points.len() - 1) % points.len()], points[at]);
            let (from, to) = (depth(&a), depth(&b));
            if (from >= 0.0) != (to >= 0.0) {
                let t = from / (from - to);
                kept.push((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
            }
            if to >= 0.0 {
                kept.push(b);
            }
        }
        points = kept;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{MultiPolygon, polygon};

    const RED: Color32 = Color32::from_rgb(200, 0, 0);

    /// A square of 200 with a notch from above and a hole, its lower left corner 28 right of and above the sheet's.
    fn holed() -> MultiPolygon<f64> {
        MultiPolygon::new(vec![polygon!(
            exterior: [(x: 28., y: 28.), (x: 228., y: 28.), (x: 228., y: 228.), (x: 168., y: 228.), (x: 168., y: 148.),
                (x: 108., y: 148.), (x: 108., y: 228.), (x: 28., y: 228.)],
            interiors: [[(x: 68., y: 48.), (x: 68., y: 108.), (x: 148., y: 108.), (x: 148., y: 48.)]],
        )])
    }

    fn painted(shape: MultiPolygon<f64>, ink: Ink, dot_below: f32) -> Vec<u8> {
        let shapes = Arc::new(Shapes::own(vec![shape]));
        let layer = Layer { shapes, inks: vec![Some((0, ink))], width: 2.0, dot_below };
        let plate = Plate { id: 1, family: 1, layers: vec![layer] };
        paint(&plate, &Spot { units: 1.0, col: 0, row: -1, density: 1.0 }, &|| true).unwrap()
    }

    fn pixel(sheet: &[u8], x: usize, y: usize) -> [u8; 4] {
        let at = ((SHEET - 1 - y) * SHEET + x) * 4;
        [sheet[at], sheet[at + 1], sheet[at + 2], sheet[at + 3]]
    }

    #[test]
    fn the_fill_leaves_out_notch_and_hole() {
        let ink = Ink { fill: RED, line: RED, hatch: false };
        let sheet = painted(holed(), ink, 0.0);
        assert_eq!(pixel(&sheet, 40, 40), [200, 0, 0, 255]);
        for (x, y) in [(10, 10), (140, 200), (100, 80)] {
            assert_eq!(pixel(&sheet, x, y)[3], 0, "{x} {y}");
        }
    }

    #[test]
    fn a_hatch_is_seen_and_seen_through() {
        let ink = Ink { fill: Color32::TRANSPARENT, line: RED, hatch: true };
        let sheet = painted(holed(), ink, 0.0);
        let opaque = (0..64).filter(|n| pixel(&sheet, 32 + n % 8, 32 + n / 8)[3] > 0).count();
        assert!((16..40).contains(&opaque), "{opaque}");
    }

    #[test]
    fn what_is_too_small_is_a_dot() {
        let tiny = MultiPolygon::new(vec![polygon![(x: 100., y: 100.), (x: 101., y: 100.), (x: 100., y: 101.)]]);
        let sheet = painted(tiny, Ink { fill: RED, line: RED, hatch: false }, 9.0);
        assert_eq!(pixel(&sheet, 100, 99), [200, 0, 0, 255]);
        assert_eq!(pixel(&sheet, 110, 110)[3], 0);
    }

    #[test]
    fn a_shape_much_larger_than_the_sheet_fills_it_and_shows_no_cut() {
        let vast = MultiPolygon::new(vec![
            polygon![(x: -1e6, y: -1e6), (x: 1e6, y: -1e6), (x: 1e6, y: 1e6), (x: -1e6, y: 1e6)],
        ]);
        let sheet =
            painted(vast, Ink { fill: Color32::from_rgba_unmultiplied(0, 0, 255, 128), line: RED, hatch: false }, 0.0);
        let first = pixel(&sheet, 0, 0);
        assert!(first[3] > 120 && first[0] == 0);
        assert!(sheet.chunks(4).all(|p| p == first));
    }

    #[test]
    fn neighbouring_sheets_fit_together() {
        let shapes = Arc::new(Shapes::own(vec![holed()]));
        let ink = Ink { fill: RED, line: RED, hatch: true };
        let plate = Plate {
            id: 1,
            family: 1,
            layers: vec![Layer { shapes, inks: vec![Some((0, ink))], width: 2.0, dot_below: 0.0 }],
        };
        let at =
            |units: f64, col: i64, row: i64| paint(&plate, &Spot { units, col, row, density: 1.0 }, &|| true).unwrap();
        let (left, right) = (at(0.5, 0, -1), at(0.5, 1, -1));
        // The lower edge of the square runs through both: at the seam its colours are the same on both sides.
        for y in 40..70 {
            assert_eq!(pixel(&left, 255, y)[3] > 0, pixel(&right, 0, y)[3] > 0, "{y}");
        }
    }

    #[test]
    fn a_cut_ring_stays_inside_its_box() {
        let cut = cut_at(vec![(-5.0, 5.0), (5.0, -5.0), (15.0, 5.0), (5.0, 15.0)], (0.0, 10.0), (0.0, 10.0));
        assert!(
            cut.len() == 8 && cut.iter().all(|p| (0.0..=10.0).contains(&p.0) && (0.0..=10.0).contains(&p.1)),
            "{cut:?}"
        );
        assert!(cut_at(vec![(20.0, 20.0), (30.0, 20.0), (30.0, 30.0)], (0.0, 10.0), (0.0, 10.0)).is_empty());
    }
}
