//! Whether an outline is valid by the OGC's rules, in time that grows with n log n for outlines whose rings do not touch.
//!
//! geo's own check compares each edge with each other (50,000 vertices: 11 s); it is asked only about small outlines whose
//! rings touch in points.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect, Intersects, Validation};
use geo_types::{Coord, Line, LineString, MultiPolygon, Rect};
use rstar::primitives::GeomWithData;
use rstar::{RTree, RTreeObject};

/// Largest outline, in vertices, whose touching rings are handed to geo's quadratic check.
const MOST_FOR_EXACT: usize = 3000;

/// What the edges of an outline do to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// Rings keep apart.
    None,
    /// Different rings meet in single points.
    Touch,
    /// A ring meets itself, or two cross or share a stretch.
    Cross,
}

/// Whether a gated outline is valid: no ring meets itself, rings do not cross or overlap, holes lie in their shell and
/// not in each other, parts do not overlap. Where rings of an outline beyond 3,000 vertices touch in points, interiors
/// cut apart by touching holes are not told from whole ones.
#[must_use]
pub fn is_valid(shape: &MultiPolygon<f64>) -> bool {
    let rings = rings_of(shape);
    if rings.iter().any(|ring| ring.line.0.len() < 4) {
        return false;
    }
    let vertices: usize = rings.iter().map(|ring| ring.line.0.len()).sum();
    match contact(&rings) {
        Contact::Cross => false,
        Contact::Touch if vertices <= MOST_FOR_EXACT => shape.is_valid(),
        Contact::None | Contact::Touch => is_nested_right(&rings),
    }
}

struct Ring<'a> {
    line: &'a LineString<f64>,
    bounds: Rect<f64>,
    part: usize,
    is_shell: bool,
}

fn rings_of(shape: &MultiPolygon<f64>) -> Vec<Ring<'_>> {
    let mut rings = Vec::new();
    for (part, polygon) in shape.0.iter().enumerate() {
        let all = std::iter::once((polygon.exterior(), true)).chain(polygon.interiors().iter().map(|hole| (hole, false)));
        for (line, is_shell) in all {
            let bounds = line.bounding_rect().unwrap_or_else(|| Rect::new(Coord::zero(), Coord::zero()));
            rings.push(Ring { line, bounds, part, is_shell });
        }
    }
    rings
}

/// The worst contact among all pairs of edges.
fn contact(rings: &[Ring<'_>]) -> Contact {
    let edges: Vec<GeomWithData<Line<f64>, (usize, usize)>> = rings
        .iter()
        .enumerate()
        .flat_map(|(r, ring)| ring.line.lines().enumerate().map(move |(e, line)| GeomWithData::new(line, (r, e))))
        .collect();
    let tree = RTree::bulk_load(edges.clone());
    let mut worst = Contact::None;
    for edge in &edges {
        let near = tree.locate_in_envelope_intersecting(&edge.geom().envelope());
        for other in near.filter(|other| other.data > edge.data) {
            match contact_of(edge, other, rings) {
                Contact::Cross => return Contact::Cross,
                Contact::Touch => worst = Contact::Touch,
                Contact::None => {}
            }
        }
    }
    worst
}

fn contact_of(
    first: &GeomWithData<Line<f64>, (usize, usize)>,
    second: &GeomWithData<Line<f64>, (usize, usize)>,
    rings: &[Ring<'_>],
) -> Contact {
    let Some(meeting) = line_intersection(*first.geom(), *second.geom()) else { return Contact::None };
    let ((ring, edge), (other_ring, other_edge)) = (first.data, second.data);
    let LineIntersection::SinglePoint { is_proper, intersection } = meeting else { return Contact::Cross };
    if ring != other_ring {
        return if is_proper { Contact::Cross } else { Contact::Touch };
    }
    let last = rings[ring].line.0.len() - 2;
    let joint = if other_edge == edge + 1 {
        Some(first.geom().end)
    } else if edge == 0 && other_edge == last {
        Some(first.geom().start)
    } else {
        None
    };
    if joint == Some(intersection) { Contact::None } else { Contact::Cross }
}

/// Whether rings that do not cross lie in each other as shells and holes should.
fn is_nested_right(rings: &[Ring<'_>]) -> bool {
    let tree = RTree::bulk_load(
        rings
            .iter()
            .enumerate()
            .map(|(i, ring)| {
                let (low, high) = (ring.bounds.min(), ring.bounds.max());
                GeomWithData::new(rstar::primitives::Rectangle::from_corners([low.x, low.y], [high.x, high.y]), i)
            })
            .collect(),
    );
    rings.iter().enumerate().all(|(index, ring)| {
        let (low, high) = (ring.bounds.min(), ring.bounds.max());
        let reach = rstar::AABB::from_corners([low.x, low.y], [high.x, high.y]);
        let around: Vec<&Ring<'_>> = tree
            .locate_in_envelope_intersecting(&reach)
            .filter(|other| other.data != index)
            .map(|other| &rings[other.data])
            .filter(|other| other.bounds.intersects(&ring.bounds) && lies_in(ring, other))
            .collect();
        if ring.is_shell { shell_sits_right(ring, &around) } else { hole_sits_right(ring, &around) }
    })
}

/// A shell lies in another part's shell only inside one of that part's holes.
fn shell_sits_right(shell: &Ring<'_>, around: &[&Ring<'_>]) -> bool {
    around.iter().filter(|r| r.is_shell && r.part != shell.part).all(|outer| {
        around.iter().any(|hole| !hole.is_shell && hole.part == outer.part)
    }) && around.iter().all(|r| r.part != shell.part)
}

/// A hole lies in its own shell and in no other hole of its part.
fn hole_sits_right(hole: &Ring<'_>, around: &[&Ring<'_>]) -> bool {
    let own = |r: &&&Ring<'_>| r.part == hole.part;
    around.iter().filter(own).any(|r| r.is_shell) && !around.iter().filter(own).any(|r| !r.is_shell)
}

/// Whether a ring lies in another: told by the first vertex that is not on the other's line.
fn lies_in(ring: &Ring<'_>, outer: &Ring<'_>) -> bool {
    for &vertex in &ring.line.0 {
        match coord_pos_relative_to_ring(vertex, outer.line) {
            CoordPos::Inside => return true,
            CoordPos::Outside => return false,
            CoordPos::OnBoundary => {}
        }
    }
    // Every vertex on the other's line: the middle of an edge decides; equal rings share a stretch and never come here.
    let Some(edge) = ring.line.lines().next() else { return false };
    coord_pos_relative_to_ring((edge.start + edge.end) / 2.0, outer.line) == CoordPos::Inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::wkt;

    #[test]
    fn a_square_with_a_hole_is_valid_and_a_bow_tie_is_not() {
        assert!(is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (2. 2., 2. 4., 4. 4., 2. 2.))))));
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 9., 9. 0., 0. 9., 0. 0.))))));
    }

    #[test]
    fn a_hole_outside_its_shell_or_in_another_hole_is_not_valid() {
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (12. 2., 12. 4., 14. 4., 12. 2.))))));
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (1. 1., 1. 8., 8. 8., 8. 1., 1. 1.), (3. 3., 3. 4., 4. 4., 3. 3.))))));
    }

    #[test]
    fn parts_may_touch_in_a_point_and_nest_in_a_hole_but_not_overlap() {
        assert!(is_valid(&wkt!(MULTIPOLYGON(((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.)), ((4. 4., 8. 4., 8. 8., 4. 8., 4. 4.))))));
        assert!(is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (1. 1., 1. 8., 8. 8., 8. 1., 1. 1.)), ((3. 3., 4. 3., 4. 4., 3. 3.))))));
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.)), ((3. 3., 4. 3., 4. 4., 3. 3.))))));
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.)), ((4. 0., 8. 0., 8. 4., 4. 4., 4. 0.))))));
    }

    #[test]
    fn a_ring_that_folds_back_on_itself_is_not_valid() {
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 10. 0., 15. 5., 10. 0., 10. 10., 0. 10., 0. 0.))))));
        assert!(!is_valid(&wkt!(MULTIPOLYGON(((0. 0., 10. 0., 4. 0., 10. 10., 0. 0.))))));
    }

    #[test]
    fn fifty_thousand_vertices_are_checked_in_a_blink() {
        let count = 50_000;
        let star = (0..count).map(|i| {
            let angle = std::f64::consts::TAU * f64::from(i) / f64::from(count);
            let radius = 1000.0 + 200.0 * (angle * 40.0).sin() + f64::from(i % 7);
            (5e5 + radius * angle.cos(), 3.5e6 + radius * angle.sin())
        });
        let star = MultiPolygon::from(geo_types::Polygon::new(star.collect(), vec![]));
        let since = std::time::Instant::now();
        let valid = is_valid(&star);
        assert!(since.elapsed().as_secs_f64() < 3.0, "{valid} after {:?}", since.elapsed());
    }
}
