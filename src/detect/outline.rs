//! Outlines of connected pixels: rings along pixel edges, valid by construction.
//!
//! Pixels that touch only at a corner belong to one patch but to two polygons of it, so that no ring ever touches itself.
//! Rings are found by pairing corners, first along rows, then along columns: one sort, no hash table, no pixel walk.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use crate::model::grid::GeoTransform;

use super::run::{Connectivity, Run, components};

/// A horizontal stretch of boundary, directed so that the inside lies on its left (north up).
#[derive(Debug, Clone, Copy)]
struct Edge {
    y: u32,
    west: u32,
    east: u32,
    eastward: bool,
}

impl Edge {
    fn tail(&self) -> (u32, u32) {
        (if self.eastward { self.west } else { self.east }, self.y)
    }

    fn head(&self) -> (u32, u32) {
        (if self.eastward { self.east } else { self.west }, self.y)
    }
}

/// The outline of a patch in map coordinates: shells counter-clockwise, holes clockwise.
///
/// `runs` are sorted by row, then column, and of one value.
#[must_use]
pub fn outline(runs: &[Run], transform: &GeoTransform) -> MultiPolygon<f64> {
    let parts = components(runs, Connectivity::Four);
    let polygon = |part: &Vec<usize>| {
        let part: Vec<Run> = part.iter().map(|&i| runs[i]).collect();
        polygon_of(&part, transform)
    };
    MultiPolygon::new(parts.iter().filter_map(polygon).collect())
}

/// The polygon of runs that are connected by their sides: one shell, any number of holes.
fn polygon_of(runs: &[Run], transform: &GeoTransform) -> Option<Polygon<f64>> {
    let mut shell = None;
    let mut holes = Vec::new();
    for ring in rings(&edges(runs)) {
        let line = map_ring(&ring, transform);
        if is_shell(&ring) { shell = Some(line) } else { holes.push(line) }
    }
    shell.map(|shell| Polygon::new(shell, holes))
}

fn map_ring(ring: &[(u32, u32)], transform: &GeoTransform) -> LineString<f64> {
    let mut coords: Vec<Coord<f64>> = ring
        .iter()
        .map(|&(col, row)| {
            let (x, y) = transform.map_from_pixel(f64::from(col), f64::from(row));
            Coord { x, y }
        })
        .collect();
    coords.extend(coords.first().copied());
    LineString::new(coords)
}

/// Whether a ring runs counter-clockwise on the map; rows run downwards, so the sign turns.
fn is_shell(ring: &[(u32, u32)]) -> bool {
    let next = ring.iter().cycle().skip(1);
    let twice: i64 =
        ring.iter().zip(next).map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)).sum();
    twice < 0
}

/// The horizontal boundary of the runs, row by row.
fn edges(runs: &[Run]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut above: &[Run] = &[];
    let mut rest = runs;
    while let Some(first) = rest.first() {
        let row = first.row;
        let (here, below) = rest.split_at(rest.iter().take_while(|run| run.row == row).count());
        if above.first().is_some_and(|run| run.row + 1 != row) {
            bottom_edges(above, &[], above[0].row + 1, &mut edges);
            above = &[];
        }
        bottom_edges(above, here, row, &mut edges);
        top_edges(here, above, row, &mut edges);
        above = here;
        rest = below;
    }
    if let Some(last) = above.first() {
        bottom_edges(above, &[], last.row + 1, &mut edges);
    }
    edges
}

fn bottom_edges(above: &[Run], here: &[Run], y: u32, edges: &mut Vec<Edge>) {
    subtract(above, here, |west, east| edges.push(Edge { y, west, east, eastward: true }));
}

fn top_edges(here: &[Run], above: &[Run], y: u32, edges: &mut Vec<Edge>) {
    subtract(here, above, |west, east| edges.push(Edge { y, west, east, eastward: false }));
}

/// The stretches of `a` that `b` does not cover; both sorted.
fn subtract(a: &[Run], b: &[Run], mut emit: impl FnMut(u32, u32)) {
    let mut first = 0;
    for run in a {
        while first < b.len() && b[first].end <= run.start {
            first += 1;
        }
        let mut west = run.start;
        for cover in b[first..].iter().take_while(|cover| cover.start < run.end) {
            if cover.start > west {
                emit(west, cover.start);
            }
            west = west.max(cover.end);
        }
        if west < run.end {
            emit(west, run.end);
        }
    }
}

/// Follows the edges to rings of corners.
///
/// In every column the ends of the edges pair up along vertical stretches of boundary. Where two pixels meet at a corner
/// the westward edge continues north and the eastward edge south; then no ring of a side-connected part meets itself.
fn rings(edges: &[Edge]) -> Vec<Vec<(u32, u32)>> {
    let next = successors(edges);
    let mut seen = vec![false; edges.len()];
    let mut rings = Vec::new();
    for start in 0..edges.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            ring.push(edges[at].tail());
            ring.push(edges[at].head());
            at = next[at];
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}

fn successors(edges: &[Edge]) -> Vec<usize> {
    let mut ends: Vec<(u32, u32, bool, usize)> = Vec::with_capacity(edges.len() * 2);
    for (i, edge) in edges.iter().enumerate() {
        ends.push((edge.west, edge.y, edge.eastward, i));
        ends.push((edge.east, edge.y, edge.eastward, i));
    }
    ends.sort_unstable();
    let mut next = vec![0; edges.len()];
    for pair in ends.chunks_exact(2) {
        let (a, b) = (pair[0], pair[1]);
        let arrives = |end: &(u32, u32, bool, usize)| edges[end.3].head() == (end.0, end.1);
        if arrives(&a) { next[a.3] = b.3 } else { next[b.3] = a.3 }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::super::run::tests::matrix;
    use super::*;
    use geo::{Area, Validation};

    const UNIT: GeoTransform = GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);

    fn drawn(text: &str) -> MultiPolygon<f64> {
        let shape = outline(&matrix(text), &UNIT);
        assert!(shape.is_valid(), "{text}: {shape:?}");
        shape
    }

    #[test]
    fn a_square_has_four_corners() {
        let shape = drawn("11 11");
        assert_eq!(shape.0.len(), 1);
        assert_eq!(shape.0[0].exterior().0.len(), 5);
        assert!((shape.signed_area() - 4.0).abs() < 1e-12, "counter-clockwise");
    }

    #[test]
    fn pixels_that_touch_at_a_corner_are_two_polygons() {
        assert_eq!(drawn("1. .1").0.len(), 2);
        assert_eq!(drawn(".1 1.").0.len(), 2);
    }

    #[test]
    fn a_hole_that_touches_the_outside_at_a_corner_stays_a_hole() {
        let shape = drawn("1111 1.11 11.1 111.");
        assert_eq!(shape.0.len(), 1);
        assert!((shape.unsigned_area() - 13.0).abs() < 1e-12);
    }

    #[test]
    fn an_island_in_a_hole_is_a_polygon_of_its_own() {
        let shape = drawn("11111 1...1 1.1.1 1...1 11111");
        assert_eq!(shape.0.len(), 2);
        assert!((shape.unsigned_area() - 17.0).abs() < 1e-12);
    }

    #[test]
    fn random_masks_give_valid_outlines_of_the_right_area() {
        let mut state = 1u64;
        for _ in 0..400 {
            let mut text = String::new();
            for _ in 0..9 {
                for _ in 0..11 {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    text.push(if state >> 62 == 0 { '.' } else { '1' });
                }
                text.push(' ');
            }
            let pixels = text.matches('1').count() as f64;
            let runs = matrix(&text);
            let mut area = 0.0;
            for component in components(&runs, Connectivity::Eight) {
                let part: Vec<Run> = component.iter().map(|&i| runs[i]).collect();
                let shape = outline(&part, &UNIT);
                assert!(shape.is_valid(), "{text}");
                area += shape.unsigned_area();
            }
            assert!((area - pixels).abs() < 1e-9, "{text}");
        }
    }
}
