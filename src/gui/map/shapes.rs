//! Outlines made ready for the screen on a worker: where each lies, and simplified for a scale when it is first drawn at it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eframe::egui::{self, Pos2, vec2};
use geo::{BoundingRect, InteriorPoint, Simplify};
use geo_types::{Coord, LineString, MultiPolygon, Point, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::gui::session::view::View;
use crate::gui::session::{Project, Wake};
use crate::job::{self, Pool, Wanted};
use crate::project::plan::Plan;

/// Share of a screen point that simplification may move a line by.
const TOLERANCE: f64 = 0.3;

/// Parts of a shape's longer side that its rough outline may be off by.
const ROUGH: f64 = 200.0;

/// Scales for which simplified outlines are kept.
const KEPT_BANDS: usize = 3;

/// Which shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// The zones of the plan.
    Zones,
    /// The flags on record.
    Flags,
}

/// Where one shape lies.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Box in map units.
    pub bounds: Rect<f64>,
    /// A point inside.
    pub inside: Point<f64>,
    /// What the points of the rings are counted from.
    pub origin: (f64, f64),
    /// Rough outlines, good enough to find a place for a name.
    pub rings: Vec<Vec<[f32; 2]>>,
}

impl Ready {
    /// Its box on the screen, of a map whose upper left corner is `corner`.
    #[must_use]
    pub fn box_on(&self, view: &View, corner: Pos2) -> egui::Rect {
        let at = |x: f64, y: f64| {
            let (x, y) = view.screen_from_map((x, y));
            corner + vec2(x as f32, y as f32)
        };
        let (min, max) = (self.bounds.min(), self.bounds.max());
        egui::Rect::from_min_max(at(min.x, max.y), at(max.x, min.y))
    }

    /// Its longer side on the screen.
    #[must_use]
    pub fn extent(&self, view: &View) -> f32 {
        (self.bounds.width().max(self.bounds.height()) / view.units) as f32
    }

    /// Whether it may be in sight.
    #[must_use]
    pub fn is_in(&self, view: &View) -> bool {
        let (seen, own) = (view.bounds(), self.bounds);
        own.min().x <= seen.max().x
            && own.max().x >= seen.min().x
            && own.min().y <= seen.max().y
            && own.max().y >= seen.min().y
    }
}

/// Rings of one shape in map units, without their repeated last points.
pub type Rings = Vec<Vec<Coord<f64>>>;

type Band = Arc<Vec<OnceLock<Arc<Rings>>>>;

/// The shapes of a set, ready to draw at any scale. Shared by all threads.
pub struct Shapes {
    ready: Vec<Option<Ready>>,
    polygons: Polygons,
    index: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
    bands: Mutex<Vec<(i32, Band)>>,
}

impl Shapes {
    fn of(polygons: Polygons) -> Self {
        let ready: Vec<Option<Ready>> = (0..polygons.len()).map(|at| ready(polygons.get(at))).collect();
        let boxes = ready.iter().enumerate().filter_map(|(at, ready)| {
            let bounds = ready.as_ref()?.bounds;
            let (min, max) = (bounds.min(), bounds.max());
            Some(GeomWithData::new(Rectangle::from_corners([min.x, min.y], [max.x, max.y]), at as u32))
        });
        let index = RTree::bulk_load(boxes.collect());
        Self { ready, polygons, index, bands: Mutex::default() }
    }

    /// Shapes of no project.
    #[cfg(test)]
    pub(super) fn own(shapes: Vec<MultiPolygon<f64>>) -> Self {
        Self::of(Polygons::Own(Arc::new(shapes)))
    }

    /// Indices of the shapes whose boxes meet a box, in no order.
    pub fn meeting(&self, bounds: &Rect<f64>) -> impl Iterator<Item = usize> {
        let (min, max) = (bounds.min(), bounds.max());
        let envelope = AABB::from_corners([min.x, min.y], [max.x, max.y]);
        self.index.locate_in_envelope_intersecting(&envelope).map(|found| found.data as usize)
    }

    /// The rings of a shape, simplified so that nothing is seen of it at so many map units a screen point.
    #[must_use]
    pub fn rings(&self, shape: usize, units: f64) -> Arc<Rings> {
        let band = units.max(f64::MIN_POSITIVE).log2().floor() as i32;
        let slots = self.band(band);
        let made = || Arc::new(rings(self.polygons.get(shape), 2_f64.powi(band) * TOLERANCE));
        slots.get(shape).map_or_else(Arc::default, |slot| Arc::clone(slot.get_or_init(made)))
    }

    fn band(&self, band: i32) -> Band {
        let mut bands = self.bands.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = bands.iter().position(|(known, _)| *known == band) {
            let found = bands.remove(place);
            bands.push(found);
        } else {
            if bands.len() >= KEPT_BANDS {
                bands.remove(0);
            }
            let slots = (0..self.polygons.len()).map(|_| OnceLock::new()).collect();
            bands.push((band, Arc::new(slots)));
        }
        Arc::clone(&bands[bands.len() - 1].1)
    }
}

/// A set of shapes is the list of where each lies, by index; `None` for one without area.
impl std::ops::Deref for Shapes {
    type Target = [Option<Ready>];

    fn deref(&self) -> &Self::Target {
        &self.ready
    }
}

/// Where the outlines are.
#[derive(Clone)]
enum Polygons {
    OfPlan(Arc<Plan>),
    Own(Arc<Vec<MultiPolygon<f64>>>),
}

impl Polygons {
    fn len(&self) -> usize {
        match self {
            Self::OfPlan(plan) => plan.zones.len(),
            Self::Own(shapes) => shapes.len(),
        }
    }

    fn get(&self, at: usize) -> &MultiPolygon<f64> {
        match self {
            Self::OfPlan(plan) => &plan.zones[at].shape,
            Self::Own(shapes) => &shapes[at],
        }
    }
}

#[derive(Clone)]
struct Wish {
    set: Set,
    edition: u64,
    polygons: Polygons,
}

impl PartialEq for Wish {
    fn eq(&self, other: &Self) -> bool {
        (self.set, self.edition) == (other.set, other.edition)
    }
}

impl job::Wish for Wish {}

/// Shapes of the open project.
pub struct ShapeCache {
    pool: Pool<Wish, Arc<Shapes>>,
    asked: HashMap<Set, u64>,
    ready: HashMap<Set, (u64, Arc<Shapes>)>,
}

impl ShapeCache {
    /// An empty cache.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        let answer = |(): &mut (), wish: &Wish, _: &Wanted| Some(Arc::new(Shapes::of(wish.polygons.clone())));
        Self { pool: Pool::start(1, move || wake(), || (), answer), asked: HashMap::new(), ready: HashMap::new() }
    }

    /// Takes what is ready and asks for what a project shows. Older shapes of the project stay until newer ones are there.
    pub fn update(&mut self, project: &Project) {
        for (wish, shapes) in self.pool.take() {
            if let Some(shapes) = shapes {
                self.ready.insert(wish.set, (wish.edition, shapes));
            }
        }
        let edition = edition(project);
        if [Set::Zones, Set::Flags].iter().all(|set| self.asked.get(set) == Some(&edition)) {
            return;
        }
        let other = self.ready.values().any(|(known, _)| known >> EDITION_BITS != edition >> EDITION_BITS);
        if other {
            self.ready.clear();
        }
        let flags = || project.flags.records().iter().map(|record| record.shape.clone()).collect();
        let wish = |set| Wish {
            set,
            edition,
            polygons: match set {
                Set::Zones => Polygons::OfPlan(Arc::clone(&project.plan)),
                Set::Flags => Polygons::Own(Arc::new(flags())),
            },
        };
        self.pool.want(vec![wish(Set::Zones), wish(Set::Flags)]);
        self.asked = HashMap::from([(Set::Zones, edition), (Set::Flags, edition)]);
    }

    /// The shapes of a set; none until the first are ready.
    #[must_use]
    pub fn get(&self, set: Set) -> Option<&Arc<Shapes>> {
        self.ready.get(&set).map(|ready| &ready.1)
    }

    /// Tells the states of a set's shapes apart.
    #[must_use]
    pub fn edition(&self, set: Set) -> u64 {
        self.ready.get(&set).map_or(0, |ready| ready.0)
    }

    /// Tells projects apart.
    #[must_use]
    pub fn family(&self) -> u64 {
        self.ready.values().map(|(edition, _)| edition >> EDITION_BITS).next().unwrap_or(0)
    }

    /// Whether shapes are still being made ready.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.pool.is_idle()
    }
}

/// Bits of an edition that count the reopenings of one project.
const EDITION_BITS: u32 = 16;

/// Differs between projects and between reopenings of one.
fn edition(project: &Project) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    project.plan.file.hash(&mut hasher);
    (hasher.finish() << EDITION_BITS) | ((project.edition + 1) & ((1 << EDITION_BITS) - 1))
}

fn ready(shape: &MultiPolygon<f64>) -> Option<Ready> {
    let bounds = shape.bounding_rect()?;
    let inside = shape.interior_point().unwrap_or(Point(bounds.center()));
    let finite = [bounds.min(), bounds.max()].iter().all(|c| c.x.is_finite() && c.y.is_finite());
    let centre = bounds.center();
    let rough = bounds.width().max(bounds.height()) / ROUGH;
    let near = |c: &Coord<f64>| [(c.x - centre.x) as f32, (c.y - centre.y) as f32];
    let rings = rings(shape, rough).iter().map(|ring| ring.iter().map(near).collect()).collect();
    finite.then_some(Ready { bounds, inside, origin: (centre.x, centre.y), rings })
}

fn rings(shape: &MultiPolygon<f64>, tolerance: f64) -> Rings {
    let mut rings = Rings::new();
    for polygon in shape {
        let shell = simple(polygon.exterior(), tolerance);
        // Without its shell a polygon is smaller than a point.
        if shell.len() < 3 {
            continue;
        }
        rings.push(shell);
        rings.extend(polygon.interiors().iter().map(|ring| simple(ring, tolerance)).filter(|ring| ring.len() > 2));
    }
    rings
}

/// A ring without its repeated last point, simplified: first what is nearer to its neighbour than can be seen, which is quick,
/// then what lies on a line.
fn simple(ring: &LineString<f64>, tolerance: f64) -> Vec<Coord<f64>> {
    let near = tolerance * tolerance / 4.0;
    let mut kept: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len());
    for point in &ring.0 {
        let far = kept.last().is_none_or(|last| (last.x - point.x).powi(2) + (last.y - point.y).powi(2) > near);
        if far {
            kept.push(*point);
        }
    }
    if let (Some(first), true) = (kept.first().copied(), kept.len() > 1 && kept.last() != kept.first()) {
        kept.push(first);
    }
    let mut simple = LineString(kept).simplify(tolerance).0;
    simple.pop();
    simple
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;
    use geo_types::{Polygon, polygon};

    /// A square with a notch and a hole.
    fn holed() -> MultiPolygon<f64> {
        MultiPolygon::new(vec![polygon!(
            exterior: [(x: 0., y: 0.), (x: 10., y: 0.), (x: 10., y: 10.), (x: 7., y: 10.), (x: 7., y: 6.), (x: 4., y: 6.),
                (x: 4., y: 10.), (x: 0., y: 10.)],
            interiors: [[(x: 2., y: 2.), (x: 2., y: 4.), (x: 4., y: 4.), (x: 4., y: 2.)]],
        )])
    }

    fn circle(corners: usize) -> MultiPolygon<f64> {
        let at = |n: usize| (n as f64 / corners as f64 * std::f64::consts::TAU).sin_cos();
        let ring = (0..corners).map(at).map(|(y, x)| Coord { x: 4e7 + 1000.0 * x, y: 3e6 + 1000.0 * y });
        MultiPolygon::new(vec![Polygon::new(LineString(ring.collect()), vec![])])
    }

    #[test]
    fn simplifying_keeps_notch_and_hole_and_drops_what_cannot_be_seen() {
        assert_eq!(rings(&holed(), 0.01).iter().map(Vec::len).collect::<Vec<_>>(), [8, 4]);
        let rough = rings(&circle(10_000), 5.0);
        assert!(rough[0].len() < 100, "{}", rough[0].len());
        let area = Polygon::new(LineString(rough[0].clone()), vec![]).unsigned_area();
        assert!((area / 3_141_592.0 - 1.0).abs() < 0.01, "{area}");
    }

    #[test]
    fn shapes_are_found_by_their_place() {
        let shapes = Shapes::own(vec![holed(), circle(50)]);
        let found = |x: f64, y: f64| shapes.meeting(&Rect::new((x, y), (x + 1.0, y + 1.0))).collect::<Vec<_>>();
        assert_eq!((found(1.0, 1.0), found(4e7, 3e6), found(500.0, 500.0)), (vec![0], vec![1], vec![]));
        assert_eq!(shapes.rings(1, 1000.0).len(), 1);
    }
}
