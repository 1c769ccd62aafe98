//! A zone cut once into a quadtree of small pieces, so that ten thousand small patches against a zone of fifty thousand
//! vertices take seconds, not minutes.

use geo::orient::Direction;
use geo::{BoundingRect, Intersects, Orient};
use geo_types::{Coord, LineString, MultiPolygon, Rect};

use super::bands::{Edge, area_where};

/// A piece with at most this many vertices is not cut further.
const SMALL_PIECE: usize = 48;

/// Cuts at most; 4⁻²⁰ of a zone's extent is less than a pixel.
const MOST_CUTS: usize = 20;

/// Share of a cell's area within which it counts as full or empty.
const SAME_AREA: f64 = 1e-12;

/// A zone cut into small pieces. Areas are reckoned without an integer grid and cannot panic.
#[derive(Debug, Clone)]
pub struct PieceIndex {
    origin: Coord<f64>,
    root: Option<(Rect<f64>, Piece)>,
}

type Rings = Vec<Vec<Coord<f64>>>;

#[derive(Debug, Clone)]
enum Piece {
    Empty,
    Full,
    Part(Rings),
    Cut(Box<[(Rect<f64>, Piece); 4]>),
}

/// Cuts a valid zone into pieces.
#[must_use]
pub fn pieces(zone: &MultiPolygon<f64>) -> PieceIndex {
    let Some(bounds) = zone.bounding_rect() else {
        return PieceIndex { origin: Coord { x: 0.0, y: 0.0 }, root: None };
    };
    let origin = bounds.center();
    let bounds = Rect::new(bounds.min() - origin, bounds.max() - origin);
    let piece = cut(rings_of(zone, origin), &bounds, 0);
    PieceIndex { origin, root: Some((bounds, piece)) }
}

impl PieceIndex {
    /// Area that a valid patch shares with the zone.
    ///
    /// # Units
    /// Square units of the CRS of both.
    #[must_use]
    pub fn intersection_area(&self, patch: &MultiPolygon<f64>) -> f64 {
        let Some((bounds, piece)) = &self.root else { return 0.0 };
        patch.0.iter().map(|part| shared(&rings_of(&part.clone().into(), self.origin), bounds, piece)).sum()
    }

    /// Number of pieces that hold a part of the zone.
    #[must_use]
    pub fn len(&self) -> usize {
        self.root.as_ref().map_or(0, |(_, piece)| piece.count())
    }

    /// Whether the zone has no area.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Piece {
    fn count(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Full | Self::Part(_) => 1,
            Self::Cut(quarters) => quarters.iter().map(|(_, piece)| piece.count()).sum(),
        }
    }
}

fn cut(rings: Rings, cell: &Rect<f64>, depth: usize) -> Piece {
    let (area, whole) = (area_of(&rings), cell.width() * cell.height());
    if area <= whole * SAME_AREA {
        return Piece::Empty;
    }
    if area >= whole * (1.0 - SAME_AREA) {
        return Piece::Full;
    }
    if depth >= MOST_CUTS || rings.iter().map(Vec::len).sum::<usize>() <= SMALL_PIECE {
        return Piece::Part(rings);
    }
    let quarter = |cell: Rect<f64>| {
        let inside = clip(&rings, &cell);
        (cell, cut(inside, &cell, depth + 1))
    };
    Piece::Cut(Box::new(quarters(cell).map(quarter)))
}

fn shared(patch: &Rings, cell: &Rect<f64>, piece: &Piece) -> f64 {
    if matches!(piece, Piece::Empty) {
        return 0.0;
    }
    let Some(bounds) = bounds_of(patch).filter(|bounds| bounds.intersects(cell)) else { return 0.0 };
    let within = cell.min().x <= bounds.min().x && cell.min().y <= bounds.min().y && cell.max().x >= bounds.max().x && cell.max().y >= bounds.max().y;
    let clipped;
    let patch = if within {
        patch
    } else {
        clipped = clip(patch, cell);
        &clipped
    };
    match piece {
        Piece::Empty => 0.0,
        Piece::Full => area_of(patch),
        Piece::Part(rings) => {
            let mut edges = Vec::new();
            for (owner, rings) in [(0, rings), (1, patch)] {
                edges.extend(rings.iter().flat_map(|ring| sides(ring)).filter_map(|(a, b)| Edge::new(a, b, owner)));
            }
            area_where(&edges, |in_zone, in_patch| in_zone && in_patch)
        }
        Piece::Cut(quarters) => quarters.iter().map(|(cell, piece)| shared(patch, cell, piece)).sum(),
    }
}

/// Rings as open point lists near the origin, shells counter-clockwise and holes clockwise, so that areas add up.
fn rings_of(shape: &MultiPolygon<f64>, origin: Coord<f64>) -> Rings {
    let shape = shape.orient(Direction::Default);
    let rings = shape.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    let open = |ring: &LineString<f64>| ring.0.iter().take(ring.0.len().saturating_sub(1)).map(|&p| p - origin).collect();
    rings.map(open).collect()
}

fn sides(ring: &[Coord<f64>]) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> + '_ {
    ring.iter().enumerate().map(|(i, &point)| (point, ring[(i + 1) % ring.len()]))
}

fn signed_area(ring: &[Coord<f64>]) -> f64 {
    let Some(&base) = ring.first() else { return 0.0 };
    sides(ring).map(|(a, b)| (a.x - base.x) * (b.y - base.y) - (b.x - base.x) * (a.y - base.y)).sum::<f64>() / 2.0
}

fn area_of(rings: &Rings) -> f64 {
    rings.iter().map(|ring| signed_area(ring)).sum()
}

fn bounds_of(rings: &Rings) -> Option<Rect<f64>> {
    let points = rings.iter().flatten();
    points.fold(None, |bounds: Option<Rect<f64>>, &p| {
        Some(bounds.map_or(Rect::new(p, p), |b| {
            let (low, high) = (b.min(), b.max());
            Rect::new(Coord { x: low.x.min(p.x), y: low.y.min(p.y) }, Coord { x: high.x.max(p.x), y: high.y.max(p.y) })
        }))
    })
}

fn quarters(cell: &Rect<f64>) -> [Rect<f64>; 4] {
    let (low, high, mid) = (cell.min(), cell.max(), cell.center());
    [
        Rect::new(low, mid),
        Rect::new(Coord { x: mid.x, y: low.y }, Coord { x: high.x, y: mid.y }),
        Rect::new(Coord { x: low.x, y: mid.y }, Coord { x: mid.x, y: high.y }),
        Rect::new(mid, high),
    ]
}

/// Rings clipped to a rectangle. Stretches along its sides may run there and back; they bound no area and cancel by the
/// odd-even rule.
///
/// Source: Sutherland and Hodgman 1974, doi:10.1145/360767.360802.
fn clip(rings: &Rings, cell: &Rect<f64>) -> Rings {
    let (low, high) = (cell.min(), cell.max());
    let clipped = rings.iter().map(|ring| {
        let ring = clip_side(ring, Axis::X, low.x, true);
        let ring = clip_side(&ring, Axis::X, high.x, false);
        let ring = clip_side(&ring, Axis::Y, low.y, true);
        clip_side(&ring, Axis::Y, high.y, false)
    });
    clipped.filter(|ring| ring.len() >= 3).collect()
}

#[derive(Clone, Copy)]
enum Axis {
    X,
    Y,
}

/// The part of a ring on one side of a line parallel to an axis.
fn clip_side(ring: &[Coord<f64>], axis: Axis, limit: f64, keep_above: bool) -> Vec<Coord<f64>> {
    let along = |p: &Coord<f64>| match axis {
        Axis::X => p.x,
        Axis::Y => p.y,
    };
    let is_kept = |p: &Coord<f64>| if keep_above { along(p) >= limit } else { along(p) <= limit };
    let mut kept: Vec<Coord<f64>> = Vec::with_capacity(ring.len());
    for (a, b) in sides(ring) {
        let (a_in, b_in) = (is_kept(&a), is_kept(&b));
        if a_in {
            kept.push(a);
        }
        if a_in != b_in {
            let share = (limit - along(&a)) / (along(&b) - along(&a));
            let cut = match axis {
                Axis::X => Coord { x: limit, y: a.y + share * (b.y - a.y) },
                Axis::Y => Coord { x: a.x + share * (b.x - a.x), y: limit },
            };
            kept.push(cut);
        }
    }
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::super::overlap_area;
    use super::*;
    use geo_types::{Polygon, wkt};

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        Rect::new((x, y), (x + side, y + side)).to_polygon().into()
    }

    fn star(count: u32, x: f64, y: f64, radius: f64) -> MultiPolygon<f64> {
        let points = (0..count).map(|i| {
            let angle = std::f64::consts::TAU * f64::from(i) / f64::from(count);
            let radius = radius * (1.0 + 0.3 * (angle * 31.0).sin() + 0.01 * f64::from(i % 5));
            (x + radius * angle.cos(), y + radius * angle.sin())
        });
        MultiPolygon::from(Polygon::new(points.collect(), vec![]))
    }

    #[test]
    fn a_patch_half_inside_a_holed_zone_counts_the_half_without_the_hole() {
        let zone = wkt!(MULTIPOLYGON(((0. 0., 10. 0., 10. 10., 0. 10., 0. 0.), (4. 4., 4. 6., 6. 6., 6. 4., 4. 4.))));
        let index = pieces(&zone);
        assert!((index.intersection_area(&square(5.0, 0.0, 10.0)) - 48.0).abs() < 1e-9);
        assert!(index.intersection_area(&square(4.2, 4.2, 1.0)).abs() < 1e-12);
        assert!(index.intersection_area(&square(10.0, 0.0, 5.0)).abs() < 1e-12);
    }

    #[test]
    fn the_pieces_give_the_same_area_as_the_whole() {
        let zone = star(3000, 5e5, 3.5e6, 2000.0);
        let index = pieces(&zone);
        assert!(index.len() > 20);
        for i in 0..40 {
            let patch = star(17, 5e5 + 60.0 * f64::from(i), 3.5e6 - 30.0 * f64::from(i), 150.0);
            let (found, expected) = (index.intersection_area(&patch), overlap_area(&patch, &zone));
            assert!((found - expected).abs() <= 1e-6 * expected.max(1.0), "{i}: {found} {expected}");
        }
    }

    #[test]
    fn ten_thousand_patches_against_fifty_thousand_vertices_take_seconds() {
        let since = std::time::Instant::now();
        let index = pieces(&star(50_000, 5e5, 3.5e6, 20_000.0));
        let total: f64 = (0..10_000)
            .map(|i| {
                let (col, row) = (f64::from(i % 100), f64::from(i / 100));
                index.intersection_area(&star(24, 5e5 - 25_000.0 + 500.0 * col, 3.5e6 - 25_000.0 + 500.0 * row, 100.0))
            })
            .sum();
        assert!(total > 0.0 && since.elapsed().as_secs() < 20, "{:?}", since.elapsed());
    }
}
