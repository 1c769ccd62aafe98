//! Which zones a patch touches, with how much area, and how far it lies from their boundaries.

use geo::BoundingRect;
use geo::CoordsIter;
use geo_types::{Line, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, PointDistance, RTree};

use crate::model::flag::{Place, ZoneHit};
use crate::model::grid::{GeoTransform, Window};
use crate::model::patch::Patch;
use crate::model::units::{Fraction, Metres, SquareMetres};
use crate::model::zone::Zone;

use super::coverage::{Cover, PixelShape};

/// A zone prepared for one analysis grid.
pub struct PreparedZone {
    /// Index into the outcome's zones.
    pub zone: usize,
    /// The zone in pixel space.
    pub inside: PixelShape,
    /// The zone and its ring in pixel space; `None` without a ring.
    pub reach: Option<PixelShape>,
    boundary: RTree<Line<f64>>,
}

type ZoneBox = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// All zones in force, findable by place.
pub struct ZoneIndex {
    /// The zones.
    pub zones: Vec<PreparedZone>,
    boxes: RTree<ZoneBox>,
}

impl ZoneIndex {
    /// Prepares the zones `in_force` (indices into `zones`) for a grid.
    #[must_use]
    pub fn new(zones: &[Zone], in_force: &[usize], transform: &GeoTransform) -> Self {
        let prepare = |&zone: &usize| {
            let source = &zones[zone];
            let edges = |shape: &MultiPolygon<f64>| -> Vec<Line<f64>> {
                let rings = shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
                rings.flat_map(|ring| ring.lines().collect::<Vec<_>>()).collect()
            };
            PreparedZone {
                zone,
                inside: PixelShape::new(&source.shape, transform),
                reach: source.with_ring.as_ref().map(|shape| PixelShape::new(shape, transform)),
                boundary: RTree::bulk_load(edges(&source.shape)),
            }
        };
        let zone_box = |(place, &zone): (usize, &usize)| {
            let bounds = zones[zone].reach().bounding_rect()?;
            let corners = ([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
            Some(GeomWithData::new(Rectangle::from_corners(corners.0, corners.1), place))
        };
        let boxes = RTree::bulk_load(in_force.iter().enumerate().filter_map(zone_box).collect());
        Self { zones: in_force.iter().map(prepare).collect(), boxes }
    }

    /// The zones whose reach may meet a map rectangle, as indices into [`Self::zones`], sorted.
    #[must_use]
    pub fn near(&self, bounds: &geo_types::Rect<f64>) -> Vec<usize> {
        let envelope = AABB::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
        let mut found: Vec<usize> = self.boxes.locate_in_envelope_intersecting(&envelope).map(|b| b.data).collect();
        found.sort_unstable();
        found
    }

    /// Every zone that a patch touches, the strictest first, then the larger area.
    #[must_use]
    pub fn hits(&self, patch: &Patch, mask: &PatchMask, zones: &[Zone]) -> Vec<ZoneHit> {
        let Some(bounds) = patch.shape.bounding_rect() else { return Vec::new() };
        let near = self.near(&bounds);
        let mut hits: Vec<ZoneHit> = near.iter().filter_map(|&i| self.zones[i].hit(patch, mask)).collect();
        hits.sort_by(|a, b| {
            let rank = |hit: &ZoneHit| (hit.place, zones[hit.zone].strictness);
            rank(a).cmp(&rank(b)).then(b.area.0.total_cmp(&a.area.0)).then(a.zone.cmp(&b.zone))
        });
        hits
    }
}

impl PreparedZone {
    fn hit(&self, patch: &Patch, mask: &PatchMask) -> Option<ZoneHit> {
        let inside_px = mask.covered_by(&self.inside);
        let reach_px = self.reach.as_ref().map_or(inside_px, |reach| mask.covered_by(reach));
        let (place, pixels) = if inside_px > 0.0 { (Place::Inside, inside_px) } else { (Place::Ring, reach_px) };
        let share = pixels / mask.pixels as f64;
        let wholly_inside = inside_px >= mask.pixels as f64 * (1.0 - 1e-6);
        (pixels > 0.0).then(|| ZoneHit {
            zone: self.zone,
            place,
            area: SquareMetres(patch.area.0 * share),
            share: Fraction(share),
            distance: Metres(match (place, wholly_inside) {
                (Place::Inside, true) => -self.distance(&patch.shape),
                (Place::Inside, false) => 0.0,
                (Place::Ring, _) => self.distance(&patch.shape),
            }),
        })
    }

    /// Shortest distance between a patch's vertices and the zone's boundary.
    fn distance(&self, shape: &MultiPolygon<f64>) -> f64 {
        let to_boundary = |point: Point<f64>| {
            self.boundary.nearest_neighbor(&point).map_or(f64::INFINITY, |line| line.distance_2(&point))
        };
        shape.coords_iter().map(|c| to_boundary(Point(c))).fold(f64::INFINITY, f64::min).sqrt()
    }
}

/// Which pixels a patch holds.
pub struct PatchMask {
    shape: PixelShape,
    window: Window,
    pixels: usize,
}

/// Side of the windows in which a patch and a zone are compared, so that a long patch costs no more memory than a short one.
const SIDE: usize = 512;

impl PatchMask {
    /// The pixels of a patch's outline.
    #[must_use]
    pub fn new(patch: &Patch, transform: &GeoTransform) -> Self {
        Self { shape: PixelShape::new(&patch.shape, transform), window: patch.window, pixels: patch.pixels.max(1) }
    }

    /// How many of its pixels a zone covers, fractions counted. Less than a millionth of a pixel is nothing.
    fn covered_by(&self, zone: &PixelShape) -> f64 {
        let Some(common) = zone.window_in(&self.window) else { return 0.0 };
        let (mut held, mut fractions) = (Vec::new(), Vec::new());
        let mut covered = 0.0;
        for window in parts(&common) {
            let zone_cover = zone.cover(&window, &mut fractions);
            if zone_cover == Cover::None {
                continue;
            }
            let share = |at: usize| if zone_cover == Cover::Full { 1.0 } else { f64::from(fractions[at]) };
            covered += match self.shape.cover(&window, &mut held) {
                Cover::None => 0.0,
                Cover::Full => (0..window.len()).map(share).sum::<f64>(),
                // Outlines run along pixel edges: a pixel is in or out, and what is left is rounding.
                Cover::Partial => (0..window.len()).filter(|&at| held[at] > 0.5).map(share).sum(),
            };
        }
        if covered < 1e-6 { 0.0 } else { covered }
    }
}

/// A window in parts of at most [`SIDE`] by [`SIDE`] pixels.
fn parts(window: &Window) -> impl Iterator<Item = Window> + '_ {
    let (end_row, end_col) = (window.row + window.rows, window.col + window.cols);
    (window.row..end_row).step_by(SIDE).flat_map(move |row| {
        (window.col..end_col).step_by(SIDE).map(move |col| Window {
            row,
            col,
            rows: SIDE.min(end_row - row),
            cols: SIDE.min(end_col - col),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::CoverClass;
    use geo::Area;
    use geo_types::polygon;

    const UNIT: GeoTransform = GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);

    fn square(x: f64, y: f64, size: f64) -> MultiPolygon<f64> {
        polygon![(x: x, y: y), (x: x + size, y: y), (x: x + size, y: y - size), (x: x, y: y - size)].into()
    }

    fn zone(id: &str, shape: MultiPolygon<f64>, ring: Option<MultiPolygon<f64>>, strictness: u8) -> Zone {
        Zone {
            id: id.into(),
            name: id.into(),
            kind: String::new(),
            level: None,
            function: None,
            layer: String::new(),
            valid_from: None,
            valid_to: None,
            boundary_error: Metres(0.0),
            ring_width: Metres(0.0),
            area: SquareMetres(shape.unsigned_area()),
            shape,
            with_ring: ring,
            strictness,
        }
    }

    fn patch(row: usize, col: usize, size: usize) -> Patch {
        let shape = square(col as f64, -(row as f64), size as f64);
        Patch {
            point: Point::new(0.0, 0.0),
            area: SquareMetres(shape.unsigned_area()),
            pixels: size * size,
            window: Window { row, col, rows: size, cols: size },
            mean_score: 1.0,
            max_score: 1.0,
            mean_before: Vec::new(),
            mean_after: Vec::new(),
            from_class: CoverClass::Unknown,
            to_class: CoverClass::Unknown,
            shape,
        }
    }

    #[test]
    fn every_zone_is_listed_the_strictest_first_and_ring_hits_apart() {
        let zones = [
            zone("wide", square(0.0, 0.0, 50.0), None, 4),
            zone("core", square(8.5, -10.0, 10.0), None, 1),
            zone("neighbour", square(30.0, 0.0, 5.0), Some(square(10.0, 10.0, 40.0)), 1),
            zone("far", square(200.0, 0.0, 5.0), None, 1),
        ];
        let index = ZoneIndex::new(&zones, &[0, 1, 2, 3], &UNIT);
        let patch = patch(12, 6, 4);
        let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones);
        let listed: Vec<(usize, Place)> = hits.iter().map(|hit| (hit.zone, hit.place)).collect();
        assert_eq!(listed, [(1, Place::Inside), (0, Place::Inside)]);
        assert!((hits[0].area.0 - 6.0).abs() < 1e-6 && (hits[0].share.0 - 0.375).abs() < 1e-6);
        assert_eq!(hits[0].distance, Metres(0.0), "it crosses the boundary");
        assert!((hits[1].distance.0 + 6.0).abs() < 1e-9, "six metres inside");
    }

    #[test]
    fn a_patch_in_a_ring_is_no_encroachment() {
        let zones = [zone("z", square(10.0, -10.0, 5.0), Some(square(0.0, 0.0, 25.0)), 2)];
        let index = ZoneIndex::new(&zones, &[0], &UNIT);
        let patch = patch(2, 10, 4);
        let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones);
        assert_eq!(hits[0].place, Place::Ring);
        assert!((hits[0].distance.0 - 4.0).abs() < 1e-9);
    }

    #[test]
    fn a_patch_longer_than_a_part_has_its_whole_area_in_the_zone() {
        let shape: MultiPolygon<f64> =
            polygon![(x: 10.0, y: -5.0), (x: 1810.0, y: -5.0), (x: 1810.0, y: -1205.0), (x: 10.0, y: -1205.0)].into();
        let long = Patch {
            pixels: 1800 * 1200,
            window: Window { row: 5, col: 10, rows: 1200, cols: 1800 },
            area: SquareMetres(shape.unsigned_area()),
            shape,
            ..patch(0, 0, 1)
        };
        let half = polygon![(x: -9.0, y: 9.0), (x: 910.5, y: 9.0), (x: 910.5, y: -9e3), (x: -9.0, y: -9e3)];
        let zones = [zone("half", half.into(), None, 1)];
        let hits = ZoneIndex::new(&zones, &[0], &UNIT).hits(&long, &PatchMask::new(&long, &UNIT), &zones);
        assert!((hits[0].area.0 - 900.5 * 1200.0).abs() < 1e-3, "{}", hits[0].area.0);
    }
}
