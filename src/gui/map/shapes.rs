//! Outlines made ready for the screen on workers: simplified for a scale, triangulated with their holes, culled later.

use std::collections::HashMap;
use std::sync::Arc;

use geo::{BoundingRect, InteriorPoint, Simplify};
use geo_types::{LineString, MultiPolygon, Point, Rect};

use crate::gui::session::{Project, Wake};
use crate::job::Pool;

/// Share of a screen point that simplification may move a line by.
const TOLERANCE: f64 = 0.4;

/// Which shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// The zones of the plan.
    Zones,
    /// The flags on record.
    Flags,
}

/// Shapes of a set at a scale: two to the power of `band` map units a point.
#[derive(Debug, Clone, PartialEq)]
struct Wish {
    set: Set,
    band: i32,
    edition: u64,
    shapes: Shapes,
}

#[derive(Debug, Clone)]
struct Shapes(Arc<Vec<MultiPolygon<f64>>>);

impl PartialEq for Shapes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One shape, ready to draw. Points are map units from `origin`, small enough for f32.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Box in map units.
    pub bounds: Rect<f64>,
    /// What the points are counted from.
    pub origin: (f64, f64),
    /// A point inside.
    pub inside: Point<f64>,
    /// Corners of the fill.
    pub corners: Vec<[f32; 2]>,
    /// Three corners a triangle.
    pub triangles: Vec<u32>,
    /// Closed outlines.
    pub rings: Vec<Vec<[f32; 2]>>,
}

type Layer = Arc<Vec<Option<Ready>>>;

/// Shapes of the open project.
pub struct ShapeCache {
    pool: Pool<Wish, Layer>,
    sources: HashMap<Set, (u64, Shapes)>,
    ready: HashMap<Set, (i32, u64, Layer)>,
}

impl ShapeCache {
    /// An empty cache.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        let pool = Pool::start(1, move || wake(), || (), |(), wish: &Wish| Arc::new(layer(wish)));
        Self { pool, sources: HashMap::new(), ready: HashMap::new() }
    }

    /// Takes what is ready and asks for what a scale needs. Older shapes stay until newer ones are there.
    pub fn update(&mut self, project: &Project, units: f64) {
        for (wish, layer) in self.pool.take() {
            if let Some(layer) = layer {
                self.ready.insert(wish.set, (wish.band, wish.edition, layer));
            }
        }
        let band = units.max(f64::MIN_POSITIVE).log2().floor() as i32;
        let mut wishes = Vec::new();
        for set in [Set::Zones, Set::Flags] {
            let edition = edition(project);
            let shapes = self.source(set, edition, project);
            let current = self.ready.get(&set).is_some_and(|ready| (ready.0, ready.1) == (band, edition));
            if !current {
                if self.ready.get(&set).is_some_and(|ready| ready.1 != edition) {
                    self.ready.remove(&set);
                }
                wishes.push(Wish { set, band, edition, shapes });
            }
        }
        if !wishes.is_empty() {
            self.pool.want(wishes);
        }
    }

    fn source(&mut self, set: Set, edition: u64, project: &Project) -> Shapes {
        if let Some((known, shapes)) = self.sources.get(&set).filter(|source| source.0 == edition) {
            debug_assert_eq!(*known, edition);
            return shapes.clone();
        }
        let shapes: Vec<MultiPolygon<f64>> = match set {
            Set::Zones => project.plan.zones.iter().map(|zone| zone.shape.clone()).collect(),
            Set::Flags => project.flags.records().iter().map(|record| record.shape.clone()).collect(),
        };
        let shapes = Shapes(Arc::new(shapes));
        self.sources.insert(set, (edition, shapes.clone()));
        shapes
    }

    /// The shapes of a set, by index; none until the first are ready.
    #[must_use]
    pub fn get(&self, set: Set) -> Option<Layer> {
        self.ready.get(&set).map(|ready| Arc::clone(&ready.2))
    }
}

/// Differs between projects and between reopenings of one.
fn edition(project: &Project) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    (&project.plan.file, project.edition).hash(&mut hasher);
    hasher.finish()
}

fn layer(wish: &Wish) -> Vec<Option<Ready>> {
    let tolerance = 2_f64.powi(wish.band) * TOLERANCE;
    wish.shapes.0.iter().map(|shape| ready(shape, tolerance)).collect()
}

fn ready(shape: &MultiPolygon<f64>, tolerance: f64) -> Option<Ready> {
    let bounds = shape.bounding_rect()?;
    let centre = bounds.center();
    let mut made = Ready {
        bounds,
        origin: (centre.x, centre.y),
        inside: shape.interior_point().unwrap_or(Point(centre)),
        corners: Vec::new(),
        triangles: Vec::new(),
        rings: Vec::new(),
    };
    let mut cutter = earcut::Earcut::new();
    for polygon in shape {
        let rings: Vec<Vec<[f32; 2]>> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(|ring| simple(ring, tolerance, made.origin))
            .filter(|ring| ring.len() > 2)
            .collect();
        // Without its shell a polygon is smaller than a point.
        if rings.is_empty() || polygon.exterior().0.len() < 4 {
            continue;
        }
        made.fill(&rings, &mut cutter);
        made.rings.extend(rings);
    }
    Some(made)
}

impl Ready {
    fn fill(&mut self, rings: &[Vec<[f32; 2]>], cutter: &mut earcut::Earcut<f32>) {
        let first = self.corners.len() as u32;
        let mut holes: Vec<u32> = Vec::new();
        let mut count = 0;
        for (number, ring) in rings.iter().enumerate() {
            if number > 0 {
                holes.push(count);
            }
            count += ring.len() as u32;
        }
        let mut triangles: Vec<u32> = Vec::new();
        cutter.earcut(rings.iter().flatten().copied(), &holes, &mut triangles);
        self.corners.extend(rings.iter().flatten());
        self.triangles.extend(triangles.into_iter().map(|corner| corner + first));
    }
}

/// A ring without its repeated last point, simplified, counted from an origin.
fn simple(ring: &LineString<f64>, tolerance: f64, origin: (f64, f64)) -> Vec<[f32; 2]> {
    let kept = ring.simplify(tolerance);
    let open = kept.0.len().saturating_sub(1);
    kept.0[..open].iter().map(|c| [(c.x - origin.0) as f32, (c.y - origin.1) as f32]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    /// A square with a notch and a hole: area 100 − 12 − 4.
    fn holed() -> MultiPolygon<f64> {
        MultiPolygon::new(vec![polygon!(
            exterior: [(x: 0., y: 0.), (x: 10., y: 0.), (x: 10., y: 10.), (x: 7., y: 10.), (x: 7., y: 6.), (x: 4., y: 6.),
                (x: 4., y: 10.), (x: 0., y: 10.)],
            interiors: [[(x: 2., y: 2.), (x: 2., y: 4.), (x: 4., y: 4.), (x: 4., y: 2.)]],
        )])
    }

    #[test]
    fn the_fill_leaves_out_notch_and_hole() {
        let ready = ready(&holed(), 0.01).unwrap();
        let area: f32 = ready
            .triangles
            .chunks(3)
            .map(|t| {
                let [a, b, c] = [t[0], t[1], t[2]].map(|at| ready.corners[at as usize]);
                ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
            })
            .sum();
        assert!((area - 84.0).abs() < 1e-3, "{area}");
        assert_eq!(ready.rings.len(), 2);
    }

    #[test]
    fn large_coordinates_keep_their_centimetres() {
        let far = polygon![(x: 40_445_426.11, y: 3_585_247.0), (x: 40_445_427.37, y: 3_585_247.0), (x: 40_445_427.0, y: 3_585_250.0)];
        let ready = ready(&MultiPolygon::new(vec![far]), 1e-6).unwrap();
        let x = |at: usize| f64::from(ready.rings[0][at][0]) + ready.origin.0;
        assert!((x(0) - 40_445_426.11).abs() < 0.001 && (x(1) - 40_445_427.37).abs() < 0.001);
    }
}
