//! Areas reckoned by cutting the plane into bands between vertices and crossings: slow but simple, cannot panic, rounds
//! nothing to a grid. It is the second opinion on every overlay.

use std::collections::BTreeSet;

use geo_types::{Coord, Line, MultiPolygon};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree, RTreeObject};

/// Area covered by an odd number of a shape's rings: the area a self-crossing outline means by the odd-even rule.
///
/// # Units
/// Square units of the shape's CRS.
#[must_use]
pub fn even_odd_area(shape: &MultiPolygon<f64>) -> f64 {
    let origin = origin_of(shape);
    area_where(&edges_of(shape, origin, 0), |inside_first, _| inside_first)
}

/// Area that two shapes share, each by the odd-even rule.
///
/// # Units
/// Square units of the shapes' CRS.
#[must_use]
pub fn overlap_area(first: &MultiPolygon<f64>, second: &MultiPolygon<f64>) -> f64 {
    let origin = origin_of(first);
    let mut edges = edges_of(first, origin, 0);
    edges.extend(edges_of(second, origin, 1));
    area_where(&edges, |inside_first, inside_second| inside_first && inside_second)
}

/// An upward edge and the shape it belongs to.
struct Edge {
    low: Coord<f64>,
    high: Coord<f64>,
    owner: u8,
}

impl Edge {
    /// The edge from `a` to `b` turned upward; level edges bound no area and are left out.
    fn new(a: Coord<f64>, b: Coord<f64>, owner: u8) -> Option<Self> {
        let (low, high) = if a.y < b.y { (a, b) } else { (b, a) };
        (low.y < high.y).then_some(Self { low, high, owner })
    }

    fn x_at(&self, y: f64) -> f64 {
        let share = (y - self.low.y) / (self.high.y - self.low.y);
        self.low.x + share * (self.high.x - self.low.x)
    }
}

fn origin_of(shape: &MultiPolygon<f64>) -> Coord<f64> {
    shape.0.first().and_then(|p| p.exterior().0.first()).copied().unwrap_or_default()
}

fn edges_of(shape: &MultiPolygon<f64>, origin: Coord<f64>, owner: u8) -> Vec<Edge> {
    let rings = shape.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings
        .flat_map(geo_types::LineString::lines)
        .filter_map(|l| Edge::new(l.start - origin, l.end - origin, owner))
        .collect()
}

/// Area where `counts(inside the first, inside the second)` holds.
fn area_where(edges: &[Edge], counts: impl Fn(bool, bool) -> bool) -> f64 {
    let levels = levels_of(edges);
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_by(|a, b| a.low.y.total_cmp(&b.low.y));
    let (mut next, mut active, mut total) = (0, Vec::<&Edge>::new(), 0.0);
    let mut row: Vec<(f64, u8)> = Vec::new();
    for pair in levels.windows(2) {
        let (bottom, top) = (pair[0], pair[1]);
        while next < order.len() && order[next].low.y <= bottom {
            active.push(order[next]);
            next += 1;
        }
        active.retain(|edge| edge.high.y >= top);
        let middle = bottom + (top - bottom) / 2.0;
        row.clear();
        row.extend(active.iter().map(|edge| (edge.x_at(middle), edge.owner)));
        row.sort_by(|a, b| a.0.total_cmp(&b.0));
        total += width_where(&row, &counts) * (top - bottom);
    }
    total
}

fn width_where(row: &[(f64, u8)], counts: &impl Fn(bool, bool) -> bool) -> f64 {
    let mut inside = [false, false];
    let mut width = 0.0;
    for pair in row.windows(2) {
        let owner = usize::from(pair[0].1.min(1));
        inside[owner] = !inside[owner];
        if counts(inside[0], inside[1]) {
            width += pair[1].0 - pair[0].0;
        }
    }
    width
}

/// Heights of all vertices and crossings, ascending: between two of them no two edges cross.
fn levels_of(edges: &[Edge]) -> Vec<f64> {
    let tree = RTree::bulk_load(
        edges.iter().enumerate().map(|(i, e)| GeomWithData::new(Line::new(e.low, e.high), i)).collect(),
    );
    let mut levels: BTreeSet<Level> = edges.iter().flat_map(|e| [Level(e.low.y), Level(e.high.y)]).collect();
    for (index, edge) in edges.iter().enumerate() {
        let reach: AABB<_> = Line::new(edge.low, edge.high).envelope();
        for other in tree.locate_in_envelope_intersecting(&reach).filter(|other| other.data > index) {
            levels.extend(crossing_height(edge, &edges[other.data]).map(Level));
        }
    }
    levels.into_iter().map(|level| level.0).collect()
}

/// Height at which two edges cross strictly within both.
fn crossing_height(a: &Edge, b: &Edge) -> Option<f64> {
    let bottom = a.low.y.max(b.low.y);
    let top = a.high.y.min(b.high.y);
    if bottom >= top {
        return None;
    }
    let (gap_low, gap_high) = (a.x_at(bottom) - b.x_at(bottom), a.x_at(top) - b.x_at(top));
    if gap_low * gap_high >= 0.0 {
        return None;
    }
    let height = bottom + (top - bottom) * (gap_low / (gap_low - gap_high));
    (bottom < height && height < top).then_some(height)
}

/// A finite height with the order of numbers.
#[derive(PartialEq)]
struct Level(f64);

impl Eq for Level {}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Level {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on should say so.

    use super::*;
    use geo_types::{polygon, wkt};

    #[test]
    fn a_bow_tie_has_the_area_of_both_wings() {
        let tie = wkt!(POLYGON((0. 0., 10. 10., 10. 0., 0. 10., 0. 0.)));
        assert!((even_odd_area(&tie.into()) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn holes_meeting_in_a_vertex_are_reckoned_right() {
        let square = polygon![exterior: [(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
            interiors: [[(x: 2.0, y: 2.0), (x: 5.0, y: 2.0), (x: 5.0, y: 5.0)], [(x: 5.0, y: 5.0), (x: 8.0, y: 5.0), (x: 8.0, y: 8.0)]]];
        assert!((even_odd_area(&square.into()) - 91.0).abs() < 1e-9);
    }

    #[test]
    fn the_shared_area_of_two_shifted_squares_far_from_the_origin_is_exact() {
        let at = |x: f64, y: f64| MultiPolygon::from(geo_types::Rect::new((x, y), (x + 10.0, y + 10.0)).to_polygon());
        assert!((overlap_area(&at(5e5, 3.5e6), &at(5e5 + 4.0, 3.5e6 + 7.0)) - 18.0).abs() < 1e-9);
        assert!(overlap_area(&at(5e5, 3.5e6), &at(5e5 + 10.0, 3.5e6)).abs() < 1e-9);
    }
}
