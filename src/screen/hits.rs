//! Which zones a patch touches, with how much area, and how far it lies from their boundaries.

use geo::BoundingRect;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::model::flag::{Place, ZoneHit};
use crate::model::grid::{GeoTransform, Window};
use crate::model::patch::Patch;
use crate::model::shape::BoundaryIndex;
use crate::model::units::{Fraction, Metres, SquareMetres};
use crate::model::zone::Zone;

use super::coverage::{Cover, PixelShape};
use super::line::{LineTable, probability_inside};

/// A zone prepared for one analysis grid.
pub struct PreparedZone {
    /// Index into the outcome's zones.
    pub zone: usize,
    /// The zone in pixel space.
    pub inside: PixelShape,
    /// The zone and its ring in pixel space; `None` without a ring.
    pub reach: Option<PixelShape>,
    boundary: BoundaryIndex,
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
            PreparedZone {
                zone,
                inside: PixelShape::new(&source.shape, transform),
                reach: source.with_ring.as_ref().map(|shape| PixelShape::new(shape, transform)),
                boundary: BoundaryIndex::new(&source.shape),
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
    pub fn hits(&self, patch: &Patch, mask: &PatchMask, zones: &[Zone], judge: &LineJudge<'_>) -> Vec<ZoneHit> {
        let Some(bounds) = patch.shape.bounding_rect() else { return Vec::new() };
        let near = self.near(&bounds);
        let hit = |&i: &usize| self.zones[i].hit(patch, mask, zones[self.zones[i].zone].boundary_error, judge);
        let mut hits: Vec<ZoneHit> = near.iter().filter_map(hit).collect();
        hits.sort_by(|a, b| {
            let rank = |hit: &ZoneHit| (hit.place, zones[hit.zone].strictness);
            rank(a).cmp(&rank(b)).then(b.area.0.total_cmp(&a.area.0)).then(a.zone.cmp(&b.zone))
        });
        hits
    }
}

impl ZoneIndex {
    /// Share of a patch's pixels inside any of the zones hit; where they overlap it counts once.
    #[must_use]
    pub fn share_inside(&self, mask: &PatchMask, hits: &[ZoneHit]) -> Fraction {
        let inside: Vec<&ZoneHit> = hits.iter().filter(|hit| hit.place == Place::Inside).collect();
        let shape = |hit: &&ZoneHit| self.zones.iter().find(|zone| zone.zone == hit.zone).map(|zone| &zone.inside);
        match inside[..] {
            [] => Fraction(0.0),
            [alone] => alone.share,
            _ => {
                let shapes: Vec<&PixelShape> = inside.iter().filter_map(shape).collect();
                Fraction(mask.covered_by_any(&shapes) / mask.pixels as f64)
            }
        }
    }
}

/// What is needed to judge a patch at a line.
pub struct LineJudge<'l> {
    /// Bounds of what is said.
    pub table: &'l LineTable,
    /// Standard error of a patch's position on the ground.
    pub position_error: Metres,
    /// Width of a pixel on the ground.
    pub pixel: Metres,
}

/// So many standard errors from the line there is nothing left to doubt.
const SURE: f64 = 4.0;

impl PreparedZone {
    fn hit(&self, patch: &Patch, mask: &PatchMask, boundary_error: Metres, judge: &LineJudge<'_>) -> Option<ZoneHit> {
        let inside_px = mask.covered_by(&self.inside);
        let reach_px = self.reach.as_ref().map_or(inside_px, |reach| mask.covered_by(reach));
        let (place, pixels) = if inside_px > 0.0 { (Place::Inside, inside_px) } else { (Place::Ring, reach_px) };
        if pixels <= 0.0 {
            return None;
        }
        let share = pixels / mask.pixels as f64;
        let wholly_inside = inside_px >= mask.pixels as f64 * (1.0 - 1e-6);
        let distance_m = match (place, wholly_inside) {
            (Place::Inside, true) => -self.boundary.clearance(&patch.shape),
            (Place::Inside, false) => 0.0,
            (Place::Ring, _) => self.boundary.clearance(&patch.shape),
        };
        let error = Metres(judge.position_error.0.hypot(boundary_error.0));
        let doubtful = distance_m.abs() < SURE * error.0;
        let depth_m = if doubtful { -self.boundary.distance_of(&patch.shape) } else { -distance_m };
        let p_inside = probability_inside(Metres(depth_m), error);
        let line_error_px = if doubtful { mask.error_inside(&self.inside, error.0 / judge.pixel.0) } else { 0.0 };
        let area_error_px = line_error_px.hypot(edge_error_px(patch, share));
        Some(ZoneHit {
            zone: self.zone,
            place,
            area: SquareMetres(patch.area.0 * share),
            share: Fraction(share),
            area_error: SquareMetres(patch.area.0 * area_error_px / mask.pixels as f64),
            distance: Metres(distance_m),
            p_inside: Fraction(p_inside),
            line: judge.table.class(p_inside),
        })
    }
}

/// Variance of the share of an edge pixel that has changed, in square pixels: the true edge crosses it anywhere, and the
/// pixel was counted whole or not at all.
const EDGE_PIXEL_VARIANCE: f64 = 1.0 / 12.0;

/// Standard error in pixels of the part of a patch that lies inside, by the patch's own edge alone.
fn edge_error_px(patch: &Patch, share: f64) -> f64 {
    let edge_px = 4.0 * (patch.elongation() * patch.pixels as f64).sqrt();
    (edge_px * share * EDGE_PIXEL_VARIANCE).sqrt()
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

    /// Standard error of the pixels covered when the zone may lie off by `error_px` in any direction: a three-point
    /// Gauss–Hermite rule in each direction, so that a patch that a shift empties or fills counts as far as it can.
    fn error_inside(&self, zone: &PixelShape, error_px: f64) -> f64 {
        let here = self.covered_by(zone);
        let far = error_px * 3f64.sqrt();
        let variance = |one: f64, other: f64| {
            let mean = (one + other) / 6.0 + here * 2.0 / 3.0;
            ((one - mean).powi(2) + (other - mean).powi(2)) / 6.0 + (here - mean).powi(2) * 2.0 / 3.0
        };
        let at = |cols: f64, rows: f64| self.covered_by(&zone.moved(cols, rows));
        (variance(at(far, 0.0), at(-far, 0.0)) + variance(at(0.0, far), at(0.0, -far))).sqrt()
    }

    /// How many of its pixels a zone covers, fractions counted. Less than a millionth of a pixel is nothing.
    fn covered_by(&self, zone: &PixelShape) -> f64 {
        zone.window_in(&self.window).map_or(0.0, |common| self.covered_within(&common, &[zone]))
    }

    /// As [`Self::covered_by`], by several zones together. Of a pixel at their common line the shares add up.
    fn covered_by_any(&self, zones: &[&PixelShape]) -> f64 {
        self.covered_within(&self.window, zones)
    }

    fn covered_within(&self, common: &Window, zones: &[&PixelShape]) -> f64 {
        let (mut held, mut fractions, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        let mut covered = 0.0;
        for window in parts(common) {
            if !add_covers(zones, &window, &mut fractions, &mut shares) {
                continue;
            }
            let share = |at: usize| f64::from(shares[at]);
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

/// The share of each pixel of a window that zones cover together, at most all of it; whether they cover anything.
fn add_covers(zones: &[&PixelShape], window: &Window, fractions: &mut Vec<f32>, shares: &mut Vec<f32>) -> bool {
    shares.clear();
    shares.resize(window.len(), 0.0);
    let mut any = false;
    for zone in zones {
        let cover = zone.cover(window, fractions);
        any |= cover != Cover::None;
        match cover {
            Cover::None => {}
            Cover::Full => shares.fill(1.0),
            Cover::Partial => shares.iter_mut().zip(fractions.iter()).for_each(|(s, f)| *s = (*s + f).min(1.0)),
        }
    }
    any
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
pub(super) mod tests {
    use super::*;
    use crate::model::class::CoverClass;
    use crate::model::flag::Line;
    use crate::model::patch::Surroundings;
    use geo::Area;
    use geo_types::{MultiPolygon, Point, polygon};

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

    pub(in crate::screen) fn patch(row: usize, col: usize, size: usize) -> Patch {
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
            firm: Fraction(1.0),
            habit: Fraction(0.0),
            around: Surroundings::default(),
            volume: None,
            shape,
        }
    }

    fn table() -> LineTable {
        toml::from_str(include_str!("../../assets/tables/line.toml")).unwrap()
    }

    fn judge(table: &LineTable) -> LineJudge<'_> {
        LineJudge { table, position_error: Metres(1.0), pixel: Metres(1.0) }
    }

    /// The interval that is stated holds the true area in a simulation in which boundary and registration err as they are
    /// said to, and the true edge of the patch crosses its edge pixels anywhere.
    #[test]
    fn ninety_five_percent_of_stated_intervals_hold_the_true_area_inside() {
        let mut state = 17u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let (table, trials, mut held) = (table(), 600, 0);
        for trial in 0..trials {
            let boundary_error = Metres(2.0);
            let patch = patch(40, 40, 8 + trial % 20);
            // The line lies anywhere from just outside the patch to beyond it.
            let east = 38.0 + (trial % 37) as f64;
            let edge: MultiPolygon<f64> =
                polygon![(x: -100.0, y: 100.0), (x: east, y: 100.0), (x: east, y: -900.0), (x: -100.0, y: -900.0)]
                    .into();
            let zones = [Zone { boundary_error, ..zone("z", edge, None, 1) }];
            let index = ZoneIndex::new(&zones, &[0], &UNIT);
            let stated = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones, &judge(&table));
            let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            let true_east = east + 2.0 * normal() + 1.0 * normal();
            let side = patch.window.cols as f64;
            let cols_inside = (true_east - 40.0).clamp(0.0, side);
            // Above and below so far as the line reaches, and the upright sides that lie on this side of it.
            let upright = u8::from(cols_inside > 0.0) + u8::from(cols_inside >= side);
            let edge_px = 2.0 * cols_inside + f64::from(upright) * side;
            let edges: f64 = (0..edge_px as usize).map(|_| uniform() - 0.5).sum();
            let true_area = (cols_inside * side + edges).max(0.0);
            let Some(hit) = stated.first() else {
                held += usize::from(true_area <= 0.0 || east < 40.0);
                continue;
            };
            let reach = 1.96 * hit.area_error.0;
            held += usize::from((hit.area.0 - reach..=hit.area.0 + reach).contains(&true_area));
        }
        let share = held as f64 / trials as f64;
        println!("stated 95 % intervals that hold the true area: {:.1} %", 100.0 * share);
        assert!((0.93..=0.99).contains(&share), "{share}");
    }

    /// Among patches of which about the same probability is stated, that share does reach inside.
    #[test]
    fn stated_probabilities_of_reaching_inside_are_observed_frequencies() {
        let mut state = 23u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let (table, mut bins) = (table(), [(0.0f64, 0.0f64, 0usize); 5]);
        for trial in 0..6000 {
            let patch = patch(40, 40, 8 + trial % 20);
            let east = 36.0 + (trial % 81) as f64 * 0.1;
            let to = |east: f64| -> MultiPolygon<f64> {
                polygon![(x: -100.0, y: 100.0), (x: east, y: 100.0), (x: east, y: -900.0), (x: -100.0, y: -900.0)]
                    .into()
            };
            let ringed = zone("z", to(east), Some(to(east + 20.0)), 1);
            let zones = [Zone { boundary_error: Metres(2.0), ..ringed }];
            let index = ZoneIndex::new(&zones, &[0], &UNIT);
            let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones, &judge(&table));
            let stated = hits[0].p_inside.0;
            let reaches_in = east + 2.0 * normal() + 1.0 * normal() > 40.0;
            let bin = &mut bins[((stated * 5.0) as usize).min(4)];
            *bin = (bin.0 + stated, bin.1 + f64::from(u8::from(reaches_in)), bin.2 + 1);
        }
        for (stated, observed, count) in bins {
            let (stated, observed) = (stated / count as f64, observed / count as f64);
            println!("stated {:.1} %, observed {:.1} % of {count}", 100.0 * stated, 100.0 * observed);
            assert!((stated - observed).abs() < 0.05, "{stated} {observed} of {count}");
        }
    }

    #[test]
    fn a_patch_at_the_line_is_not_accused() {
        let patch = patch(10, 10, 10);
        for (east, line) in [(11.0, Line::AtLine), (15.0, Line::Inside), (60.0, Line::Inside)] {
            let zones = [Zone { boundary_error: Metres(1.5), ..zone("z", square(-90.0, 90.0, 90.0 + east), None, 1) }];
            let index = ZoneIndex::new(&zones, &[0], &UNIT);
            let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones, &judge(&table()));
            assert_eq!(hits[0].line, line, "{east}: {:?}", hits[0]);
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
        let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones, &judge(&table()));
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
        let hits = index.hits(&patch, &PatchMask::new(&patch, &UNIT), &zones, &judge(&table()));
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
        let hits =
            ZoneIndex::new(&zones, &[0], &UNIT).hits(&long, &PatchMask::new(&long, &UNIT), &zones, &judge(&table()));
        assert!((hits[0].area.0 - 900.5 * 1200.0).abs() < 1e-3, "{}", hits[0].area.0);
    }
}
