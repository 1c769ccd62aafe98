//! How far a place or a patch lies from a zone's boundary, by an index over the boundary's edges.

use geo::{BoundingRect, CoordsIter, Intersects};
use geo_types::{Coord, Line, MultiPolygon, Point, Rect};
use rstar::{AABB, PointDistance, RTree};

/// The deepest point of a patch is found to this share of the patch's diagonal.
const DEPTH_PRECISION: f64 = 0.005;

/// Squares looked at for one patch; a bound for outlines that defeat the search.
const MOST_SQUARES: usize = 4000;

/// The edges of a zone, indexed: tells distance and inside or outside in logarithmic time.
#[derive(Debug, Clone)]
pub struct BoundaryIndex {
    edges: RTree<Line<f64>>,
    bounds: Option<Rect<f64>>,
}

impl BoundaryIndex {
    /// Indexes the edges of a valid zone.
    #[must_use]
    pub fn new(zone: &MultiPolygon<f64>) -> Self {
        Self { edges: RTree::bulk_load(edges_of(zone).collect()), bounds: zone.bounding_rect() }
    }

    /// Whether a point lies in the zone; on the boundary either answer is possible.
    #[must_use]
    pub fn contains(&self, point: &Point<f64>) -> bool {
        let (x, y) = (point.x(), point.y());
        let Some(bounds) = self.bounds.filter(|b| b.intersects(point)) else { return false };
        let ray = AABB::from_corners(*point, Point::new(bounds.max().x, y));
        let crossed = self.edges.locate_in_envelope_intersecting(&ray).filter(|edge| {
            let (a, b) = (edge.start, edge.end);
            (a.y > y) != (b.y > y) && a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x) > x
        });
        crossed.count() % 2 == 1
    }

    /// Signed distance from a point to the boundary: negative inside, positive outside, infinite without a boundary.
    ///
    /// # Units
    /// Units of the zone's CRS.
    #[must_use]
    pub fn distance(&self, point: &Point<f64>) -> f64 {
        let away = self.nearest(point);
        if self.contains(point) { -away } else { away }
    }

    /// Signed distance of a patch: positive where it keeps outside (its gap to the zone), negative where it reaches in
    /// (how far its deepest point lies from the boundary), 0 where it only touches.
    ///
    /// # Units
    /// Units of the zone's CRS. The depth is right to half a percent of the patch's diagonal.
    #[must_use]
    pub fn distance_of(&self, patch: &MultiPolygon<f64>) -> f64 {
        let depth = self.depth(patch);
        if depth > 0.0 { -depth } else { self.gap(patch) }
    }

    /// Shortest distance between a patch's vertices and the boundary, whichever side they are on.
    ///
    /// # Units
    /// Units of the zone's CRS.
    #[must_use]
    pub fn clearance(&self, patch: &MultiPolygon<f64>) -> f64 {
        patch.coords_iter().map(|c| self.nearest(&Point(c))).fold(f64::INFINITY, f64::min)
    }

    fn nearest(&self, point: &Point<f64>) -> f64 {
        self.edges.nearest_neighbor(point).map_or(f64::INFINITY, |edge| edge.distance_2(point).sqrt())
    }

    /// Depth of the deepest point that is in both patch and zone; 0 where they share no area.
    ///
    /// Source: the branch and bound of Mapbox's polylabel, on the smaller of two distances.
    fn depth(&self, patch: &MultiPolygon<f64>) -> f64 {
        let (Some(zone_box), Some(patch_box)) = (self.bounds, patch.bounding_rect()) else { return 0.0 };
        let Some(common) = common_box(&zone_box, &patch_box) else { return 0.0 };
        let own = Self::new(patch);
        let at_vertices = edges_of(patch).map(|edge| -self.distance(&Point(edge.start))).fold(0.0, f64::max);
        let precision = DEPTH_PRECISION * patch_box.width().hypot(patch_box.height());
        let mut best = at_vertices;
        let mut open = vec![common];
        let mut looked = 0;
        while let Some(square) = open.pop() {
            looked += 1;
            let centre = Point(square.center());
            let reach = square.width().hypot(square.height()) / 2.0;
            let (in_zone, in_patch) = (-self.distance(&centre), -own.distance(&centre));
            if in_patch >= 0.0 {
                best = best.max(in_zone);
            }
            let may_be_deeper = in_zone + reach > best + precision && in_patch + reach > 0.0;
            if may_be_deeper && reach > precision / 4.0 && looked < MOST_SQUARES {
                open.extend(quarters(&square));
            }
        }
        best
    }

    /// Smallest distance between the boundaries of a patch and the zone; 0 where they cross.
    fn gap(&self, patch: &MultiPolygon<f64>) -> f64 {
        let mut best = edges_of(patch).map(|edge| self.nearest(&Point(edge.start))).fold(f64::INFINITY, f64::min);
        if best.is_infinite() {
            return best;
        }
        for edge in edges_of(patch) {
            let bounds = edge.bounding_rect();
            let reach = AABB::from_corners(
                Point::new(bounds.min().x - best, bounds.min().y - best),
                Point::new(bounds.max().x + best, bounds.max().y + best),
            );
            for other in self.edges.locate_in_envelope_intersecting(&reach) {
                if other.intersects(&edge) {
                    return 0.0;
                }
                let ends = [other.start, other.end].map(|end| edge.distance_2(&Point(end)).sqrt());
                best = best.min(ends[0]).min(ends[1]);
            }
        }
        best
    }
}

fn edges_of(shape: &MultiPolygon<f64>) -> impl Iterator<Item = Line<f64>> + '_ {
    let rings = shape.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings.flat_map(geo_types::LineString::lines)
}

fn common_box(a: &Rect<f64>, b: &Rect<f64>) -> Option<Rect<f64>> {
    let low = Coord { x: a.min().x.max(b.min().x), y: a.min().y.max(b.min().y) };
    let high = Coord { x: a.max().x.min(b.max().x), y: a.max().y.min(b.max().y) };
    (low.x < high.x && low.y < high.y).then(|| Rect::new(low, high))
}

fn quarters(square: &Rect<f64>) -> [Rect<f64>; 4] {
    let (low, high, mid) = (square.min(), square.max(), square.center());
    [
        Rect::new(low, mid),
        Rect::new(Coord { x: mid.x, y: low.y }, Coord { x: high.x, y: mid.y }),
        Rect::new(Coord { x: low.x, y: mid.y }, Coord { x: mid.x, y: high.y }),
        Rect::new(mid, high),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on should say so.

    use super::*;
    use geo_types::wkt;

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        Rect::new((x, y), (x + side, y + side)).to_polygon().into()
    }

    #[test]
    fn a_point_inside_is_negative_outside_positive_and_in_a_hole_positive() {
        let zone = BoundaryIndex::new(
            &wkt!(MULTIPOLYGON(((0. 0., 20. 0., 20. 20., 0. 20., 0. 0.), (8. 8., 8. 12., 12. 12., 12. 8., 8. 8.)))),
        );
        for (point, expected) in [((3.0, 10.0), -3.0), ((-4.0, 23.0), 5.0), ((10.0, 10.0), 2.0), ((14.0, 10.0), -2.0)] {
            assert!((zone.distance(&point.into()) - expected).abs() < 1e-12, "{point:?}");
        }
    }

    #[test]
    fn a_patch_outside_keeps_its_gap_even_between_edges() {
        let zone = BoundaryIndex::new(&wkt!(MULTIPOLYGON(((0. 0., 10. 5., 0. 10., 0. 0.)))));
        assert!((zone.distance_of(&square(13.0, -20.0, 50.0)) - 3.0).abs() < 1e-12);
        assert!(zone.distance_of(&square(-5.0, 2.0, 5.0)).abs() < 1e-12);
    }

    #[test]
    fn a_patch_that_reaches_in_tells_how_deep() {
        let zone = BoundaryIndex::new(&square(0.0, 0.0, 100.0));
        assert!((zone.distance_of(&square(-10.0, 40.0, 15.0)) + 5.0).abs() < 0.15);
        assert!((zone.distance_of(&square(60.0, 40.0, 15.0)) + 40.0).abs() < 0.15);
    }

    #[test]
    fn a_patch_that_swallows_the_zone_is_as_deep_as_the_zone() {
        let zone = BoundaryIndex::new(&square(0.0, 0.0, 10.0));
        assert!((zone.distance_of(&square(-50.0, -40.0, 100.0)) + 5.0).abs() < 0.5);
    }

    #[test]
    fn a_patch_in_a_hole_of_the_zone_is_outside() {
        let zone = wkt!(MULTIPOLYGON(((0. 0., 30. 0., 30. 30., 0. 30., 0. 0.), (10. 10., 10. 20., 20. 20., 20. 10., 10. 10.))));
        assert!((BoundaryIndex::new(&zone).distance_of(&square(13.0, 14.0, 3.0)) - 3.0).abs() < 1e-12);
    }
}
