//! The gate: what a foreign outline must be before any geometry code sees it.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// Largest coordinate that passes; beyond it differences lose their millimetres and buffers may never end.
/// Source: iShape-Rust/iOverlay#37, and no projected CRS of the Earth reaches it.
const LARGEST_COORDINATE: f64 = 1e9;

/// Most vertices one outline may have.
const MOST_VERTICES: usize = 1_000_000;

/// Rings of one polygon as they were read: the shell first, then the holes.
pub type RawPolygon = Vec<Vec<Coord<f64>>>;

/// Why an outline is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeRefusal {
    /// A coordinate is not a number, infinite or beyond 10⁹.
    #[error("vertex {vertex} is ({x}, {y})")]
    BadVertex {
        /// Number of the vertex, counted from 1 through the whole outline.
        vertex: usize,
        /// Its x.
        x: f64,
        /// Its y.
        y: f64,
    },
    /// A shell has fewer than four points once repeats are gone.
    #[error("part {part} has {points} different points; three make a polygon")]
    TooFewPoints {
        /// Number of the part, from 1.
        part: usize,
        /// Different points found.
        points: usize,
    },
    /// All points of a shell lie on one line.
    #[error("part {part} has no area")]
    NoArea {
        /// Number of the part, from 1.
        part: usize,
    },
    /// More vertices than one outline may have.
    #[error("{vertices} vertices; at most {MOST_VERTICES}")]
    TooManyVertices {
        /// Vertices found.
        vertices: usize,
    },
    /// No ring at all.
    #[error("the outline is empty")]
    Empty,
}

/// An outline that passed, and what was mended on the way. It may still cross itself: see [`super::repair`].
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// The outline: finite, closed, no repeated points, each ring with at least four points and not on one line.
    pub shape: MultiPolygon<f64>,
    /// Rings that were not closed.
    pub closed: usize,
    /// Repeated points that were dropped.
    pub repeats: usize,
    /// Holes without area that were dropped.
    pub holes_dropped: usize,
}

/// Lets an outline through or says why not.
///
/// # Errors
/// The first reason found: a bad vertex, a shell too short or without area, too many vertices, nothing there.
pub fn gate(polygons: &[RawPolygon]) -> Result<Gated, ShapeRefusal> {
    check_vertices(polygons)?;
    let mut gated = Gated { shape: MultiPolygon(Vec::new()), closed: 0, repeats: 0, holes_dropped: 0 };
    for (index, rings) in polygons.iter().enumerate() {
        let Some((shell, holes)) = rings.split_first().filter(|(shell, _)| !shell.is_empty()) else { continue };
        let shell = gated.admit(shell);
        if shell.len() < 4 {
            return Err(ShapeRefusal::TooFewPoints { part: index + 1, points: shell.len().saturating_sub(1) });
        }
        if on_one_line(&shell) {
            return Err(ShapeRefusal::NoArea { part: index + 1 });
        }
        let mut kept = Vec::with_capacity(holes.len());
        for hole in holes {
            let hole = gated.admit(hole);
            if hole.len() < 4 || on_one_line(&hole) {
                gated.holes_dropped += 1;
            } else {
                kept.push(LineString(hole));
            }
        }
        gated.shape.0.push(Polygon::new(LineString(shell), kept));
    }
    if gated.shape.0.is_empty() { Err(ShapeRefusal::Empty) } else { Ok(gated) }
}

impl Gated {
    /// One ring without repeats and closed, counting what was mended.
    fn admit(&mut self, ring: &[Coord<f64>]) -> Vec<Coord<f64>> {
        let mut kept: Vec<Coord<f64>> = Vec::with_capacity(ring.len() + 1);
        for &point in ring {
            // −0 and 0 are one place; the sign would make equal points differ in bits.
            let point = Coord { x: point.x + 0.0, y: point.y + 0.0 };
            if kept.last() == Some(&point) {
                self.repeats += 1;
            } else {
                kept.push(point);
            }
        }
        if let (Some(&first), Some(&last)) = (kept.first(), kept.last())
            && first != last
        {
            kept.push(first);
            self.closed += 1;
        }
        kept
    }
}

/// Refuses the first coordinate no geometry code can bear, and outlines too large.
fn check_vertices(polygons: &[RawPolygon]) -> Result<(), ShapeRefusal> {
    let vertices: usize = polygons.iter().flatten().map(Vec::len).sum();
    if vertices > MOST_VERTICES {
        return Err(ShapeRefusal::TooManyVertices { vertices });
    }
    let bears = |v: f64| v.is_finite() && v.abs() <= LARGEST_COORDINATE;
    let mut points = polygons.iter().flatten().flatten().enumerate();
    match points.find(|(_, p)| !bears(p.x) || !bears(p.y)) {
        Some((index, p)) => Err(ShapeRefusal::BadVertex { vertex: index + 1, x: p.x, y: p.y }),
        None => Ok(()),
    }
}

/// Whether all points of a closed ring lie on one line, to the precision that the coordinates carry.
fn on_one_line(ring: &[Coord<f64>]) -> bool {
    let first = ring[0];
    let span = |p: &Coord<f64>| (p.x - first.x).hypot(p.y - first.y);
    let Some(far) = ring.iter().max_by(|a, b| span(a).total_cmp(&span(b))) else { return true };
    let axis = *far - first;
    let length = axis.x.hypot(axis.y);
    let size = ring.iter().fold(0.0_f64, |m, p| m.max(p.x.abs()).max(p.y.abs()));
    let grain = (size * 4.0 * f64::EPSILON).max(length * 1e-12);
    ring.iter().all(|p| ((p.x - first.x) * axis.y - (p.y - first.y) * axis.x).abs() <= grain * length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn an_unclosed_ring_is_closed_and_repeats_are_dropped() {
        let gated = gate(&[vec![ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 0.0), (4.0, 4.0)])]]).unwrap();
        assert_eq!((gated.closed, gated.repeats), (1, 1));
        assert_eq!(gated.shape.0[0].exterior().0, ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]));
    }

    #[test]
    fn a_bad_vertex_is_named_by_its_number_through_all_rings() {
        let shell = ring(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 0.0)]);
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            let hole = ring(&[(1.0, 1.0), (2.0, bad), (2.0, 2.0), (1.0, 1.0)]);
            let refusal = gate(&[vec![shell.clone(), hole]]).unwrap_err();
            assert!(matches!(refusal, ShapeRefusal::BadVertex { vertex: 6, .. }), "{refusal}");
        }
    }

    #[test]
    fn a_shell_of_two_points_or_on_one_line_is_refused() {
        let two = ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 0.0), (0.0, 0.0)]);
        assert_eq!(gate(&[vec![two]]), Err(ShapeRefusal::TooFewPoints { part: 1, points: 2 }));
        let line = ring(&[(500_000.1, 3.5e6), (500_000.2, 3.5e6 + 0.1), (500_000.3, 3.5e6 + 0.2), (500_000.1, 3.5e6)]);
        assert_eq!(gate(&[vec![line]]), Err(ShapeRefusal::NoArea { part: 1 }));
    }

    #[test]
    fn a_bow_tie_whose_halves_cancel_still_passes() {
        assert!(gate(&[vec![ring(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0), (0.0, 0.0)])]]).is_ok());
    }

    #[test]
    fn an_empty_outline_is_empty_and_an_empty_part_is_skipped() {
        assert_eq!(gate(&[]), Err(ShapeRefusal::Empty));
        assert_eq!(gate(&[vec![vec![]]]), Err(ShapeRefusal::Empty));
        let triangle = ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]);
        assert_eq!(gate(&[vec![vec![]], vec![triangle]]).unwrap().shape.0.len(), 1);
    }

    #[test]
    fn a_hole_without_area_is_dropped_and_counted() {
        let shell = ring(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 0.0)]);
        let gated = gate(&[vec![shell, ring(&[(5.0, 1.0), (6.0, 1.0), (5.0, 1.0)])]]).unwrap();
        assert_eq!(gated.holes_dropped, 1);
        assert!(gated.shape.0[0].interiors().is_empty());
    }
}
