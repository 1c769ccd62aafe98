//! Where things lie: the boxes around scenes and zones, carried from one CRS to another.

use geo_types::{Coord, Rect};

use crate::io::crs::{self, Transformer};
use crate::model::crs::Crs;
use crate::model::grid::Grid;
use crate::model::scene::Scene;

/// Points along each edge of a box that is carried to another CRS: its edges become curves there.
const EDGE_POINTS: usize = 33;

/// The box around a box of another CRS; `None` where it has no image.
#[must_use]
pub fn carried(bounds: &Rect<f64>, from: &Crs, to: &Crs) -> Option<Rect<f64>> {
    let transformer = Transformer::new(from, to).ok()?;
    if transformer.is_identity() {
        return Some(*bounds);
    }
    let (min, max) = (bounds.min(), bounds.max());
    let mut points = Vec::with_capacity(4 * EDGE_POINTS);
    for step in 0..EDGE_POINTS {
        let t = step as f64 / (EDGE_POINTS - 1) as f64;
        let (x, y) = (min.x + t * (max.x - min.x), min.y + t * (max.y - min.y));
        points.extend([(x, min.y), (x, max.y), (min.x, y), (max.x, y)]);
    }
    transformer.forward_where_defined(&mut points);
    around(points.into_iter().filter(|p| p.0.is_finite() && p.1.is_finite()))
}

/// The box around points.
fn around(points: impl Iterator<Item = (f64, f64)>) -> Option<Rect<f64>> {
    points.map(|(x, y)| Rect::new(Coord { x, y }, Coord { x, y })).reduce(|a, b| union(&a, &b))
}

/// The box around two boxes.
#[must_use]
pub fn union(a: &Rect<f64>, b: &Rect<f64>) -> Rect<f64> {
    Rect::new(
        Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}

/// What two boxes share.
#[must_use]
pub fn intersection(a: &Rect<f64>, b: &Rect<f64>) -> Option<Rect<f64>> {
    let min = Coord { x: a.min().x.max(b.min().x), y: a.min().y.max(b.min().y) };
    let max = Coord { x: a.max().x.min(b.max().x), y: a.max().y.min(b.max().y) };
    (min.x < max.x && min.y < max.y).then(|| Rect::new(min, max))
}

/// The box around a scene's files in a CRS.
#[must_use]
pub fn of_scene(scene: &Scene, crs: &Crs) -> Option<Rect<f64>> {
    let boxes = scene.files.iter().filter_map(|f| carried(&f.grid.bounds(), &f.grid.crs, crs));
    boxes.reduce(|a, b| union(&a, &b))
}

/// Width of a pixel of a grid on the ground, measured in a metric CRS at the grid's middle.
#[must_use]
pub fn pixel_in(grid: &Grid, crs: &Crs) -> Option<f64> {
    let (col, row) = (grid.cols as f64 / 2.0, grid.rows as f64 / 2.0);
    let mut corners =
        [(col, row), (col + 1.0, row), (col, row + 1.0)].map(|(c, r)| grid.transform.map_from_pixel(c, r));
    Transformer::new(&grid.crs, crs).ok()?.forward(&mut corners).ok()?;
    let [origin, right, down] = corners;
    let width = (right.0 - origin.0).hypot(right.1 - origin.1);
    let height = (down.0 - origin.0).hypot(down.1 - origin.1);
    let pixel = (width * height).sqrt();
    (pixel.is_finite() && pixel > 0.0).then_some(pixel)
}

/// A box in longitude and latitude for people: `119.2140–119.5020°E, 32.1000–32.4100°N`.
pub(super) fn lonlat_text(bounds: &Rect<f64>, crs: &Crs) -> String {
    let box_in_degrees = crs::lonlat(crs).ok().and_then(|lonlat| carried(bounds, crs, &lonlat));
    let Some(degrees) = box_in_degrees else { return "–".to_owned() };
    let (min, max) = (degrees.min(), degrees.max());
    format!("{:.4}–{:.4}°, {:.4}–{:.4}°", min.x, max.x, min.y, max.y)
}
