//! Outlines from one CRS to another, with extra vertices where a straight edge of the source would be bent.

use geo_types::Coord;

use crate::model::crs::{Crs, CrsUnit};
use crate::model::shape::RawPolygon;

use super::crs_bridge::Transformer;

/// How far an edge may lie from its true course, in metres: one kilometre bent by a centimetre changes a square
/// kilometre by less than 10⁻⁵.
const BEND_M: f64 = 0.01;

/// The same in degrees.
const BEND_DEG: f64 = 1e-7;

/// Edges longer than this in degrees are halved without asking: the bend at the middle of an S may be nil.
const LONG_EDGE_DEG: f64 = 0.5;

/// Halvings of one edge at most.
const MOST_HALVINGS: usize = 12;

/// Vertices of one ring at most, the extra ones included.
const MOST_VERTICES: usize = 1_000_000;

/// Carries outlines from one CRS to another.
pub(super) struct Carrier {
    way: Transformer,
    bend: f64,
    long_edge: f64,
}

impl Carrier {
    /// Looks the way up; `None` where there is none.
    pub(super) fn new(from: &Crs, to: &Crs) -> Option<Self> {
        let bend = match to.unit {
            CrsUnit::Projected { metres } if metres > 0.0 => BEND_M / metres,
            _ => BEND_DEG,
        };
        let long_edge = if from.unit == CrsUnit::Degree { LONG_EDGE_DEG } else { f64::INFINITY };
        Some(Self { way: Transformer::new(from, to)?, bend, long_edge })
    }

    /// Carries an outline over; `None` where a vertex has no image in the target CRS.
    pub(super) fn carry(&self, polygons: Vec<RawPolygon>) -> Option<Vec<RawPolygon>> {
        if self.way.is_identity() {
            return Some(polygons);
        }
        let ring = |ring: &Vec<Coord<f64>>| self.carry_ring(ring);
        polygons.iter().map(|polygon| polygon.iter().map(ring).collect()).collect()
    }

    /// Carries a ring over, halving each edge until it is straight enough.
    fn carry_ring(&self, ring: &[Coord<f64>]) -> Option<Vec<Coord<f64>>> {
        let mut stops: Vec<Stop> = self.images(ring.iter().map(|p| (p.x, p.y)).collect())?;
        for _ in 0..MOST_HALVINGS {
            let open: Vec<usize> = (1..stops.len()).filter(|&i| stops[i].is_open).collect();
            if open.is_empty() || stops.len() + open.len() > MOST_VERTICES {
                break;
            }
            let middle = |&i: &usize| half(stops[i - 1].source, stops[i].source);
            let middles = self.images(open.iter().map(middle).collect())?;
            stops = self.halved(stops, &open, &middles);
        }
        Some(stops.into_iter().map(|stop| Coord { x: stop.image.0, y: stop.image.1 }).collect())
    }

    fn halved(&self, stops: Vec<Stop>, open: &[usize], middles: &[Stop]) -> Vec<Stop> {
        let mut next = Vec::with_capacity(stops.len() + open.len());
        let mut asked = open.iter().zip(middles).peekable();
        for (index, mut stop) in stops.into_iter().enumerate() {
            if let (Some((_, middle)), Some(before)) = (asked.next_if(|(i, _)| **i == index), next.last().copied()) {
                let before: Stop = before;
                let straight = half(before.image, stop.image);
                let bend = (middle.image.0 - straight.0).hypot(middle.image.1 - straight.1);
                let long = (before.source.0 - stop.source.0).hypot(before.source.1 - stop.source.1) > self.long_edge;
                stop.is_open = bend > self.bend || long;
                if stop.is_open {
                    next.push(*middle);
                }
            }
            next.push(stop);
        }
        next
    }

    fn images(&self, source: Vec<(f64, f64)>) -> Option<Vec<Stop>> {
        let mut image = source.clone();
        if !image.is_empty() && !self.way.forward(&mut image) {
            return None;
        }
        Some(source.into_iter().zip(image).map(|(source, image)| Stop { source, image, is_open: true }).collect())
    }
}

/// A vertex in both CRS; open while the edge that ends in it may still be bent.
#[derive(Clone, Copy)]
struct Stop {
    source: (f64, f64),
    image: (f64, f64),
    is_open: bool,
}

fn half(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::super::crs_bridge::parse;
    use super::*;
    use geo::Area;
    use geo_types::{LineString, Polygon};

    fn area(ring: &[Coord<f64>]) -> f64 {
        Polygon::new(LineString(ring.to_vec()), vec![]).unsigned_area()
    }

    #[test]
    fn golden_points_of_the_domain_come_out_in_east_north_order() {
        let crs = |code: &str| parse(code).unwrap();
        for (lon, lat, to, east, north) in [
            (114.3, 30.6, "EPSG:4547", 528_770.237, 3_386_666.251),
            (119.42, 32.39, "EPSG:4549", 445_426.83, 3_585_247.59),
            (119.42, 32.39, "EPSG:4528", 40_445_426.83, 3_585_247.59),
        ] {
            let mut point = [(lon, lat)];
            assert!(Transformer::new(&crs("EPSG:4490"), &crs(to)).unwrap().forward(&mut point));
            assert!((point[0].0 - east).abs() < 0.01 && (point[0].1 - north).abs() < 0.01, "{to}: {point:?}");
        }
    }

    #[test]
    fn long_edges_in_degrees_keep_the_area_to_a_hundred_thousandth() {
        let carrier = Carrier::new(&parse("EPSG:4490").unwrap(), &parse("EPSG:4549").unwrap()).unwrap();
        for size in [0.003, 0.05, 0.4, 1.5] {
            let (west, south) = (119.0, 32.0);
            let corner = |i: usize| [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)][i % 4];
            let at = |(x, y): (f64, f64)| Coord { x: west + x * size, y: south + y * size };
            let sparse: Vec<_> = (0..=4).map(|i| at(corner(i))).collect();
            let steps = 4000;
            let dense: Vec<_> = (0..=4 * steps)
                .map(|k| {
                    let (a, b, t) = (corner(k / steps), corner(k / steps + 1), (k % steps) as f64 / steps as f64);
                    at((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t))
                })
                .collect();
            let found = area(&carrier.carry_ring(&sparse).unwrap());
            let expected = area(&carrier.carry_ring(&dense).unwrap());
            assert!((found / expected - 1.0).abs() < 1e-5, "{size}: {found} {expected}");
        }
    }

    #[test]
    fn a_ring_that_needs_nothing_gets_no_vertex() {
        let crs = parse("EPSG:4549").unwrap();
        let square = vec![vec![vec![Coord { x: 0.0, y: 0.0 }, Coord { x: 1e6, y: 0.0 }, Coord { x: 1e6, y: 1e6 }]]];
        assert_eq!(Carrier::new(&crs, &crs).unwrap().carry(square.clone()), Some(square));
    }
}
