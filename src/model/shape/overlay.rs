//! Repair and outer ring, each near a local origin, contained when the geometry code panics, and believed
//! only when a second reckoning of the area agrees.
//!
//! Source: `i_overlay` works on an integer grid of extent / 2³⁰, so far coordinates cost precision; geo 0.33's union of valid
//! outlines whose holes meet in a vertex was seen wrong without a panic, its difference far more rarely.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::buffer::{BufferStyle, LineJoin};
use geo::{
    Area, BooleanOps, BoundingRect, Buffer, Euclidean, Length, MapCoords, OpType, Orient, RemoveRepeatedPoints,
    orient::Direction,
};
use geo_types::{Coord, MultiPolygon, Polygon};

use super::bands::{even_odd_area, overlap_area};
use super::validity::is_valid;

/// How much two reckonings of one area may differ, as a share of it.
const AREA_TOLERANCE: f64 = 1e-6;

/// Angle of one step round a corner of an outer ring: the ring falls short of its width by at most 1 − cos(½·0.1) = 0.13 %.
const CORNER_STEP_RAD: f64 = 0.1;

/// Why the result of an overlay is not to be believed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OverlayDoubt {
    /// The geometry code gave up with a panic.
    #[error("the geometry code gave up")]
    Panicked,
    /// The result is not a valid outline.
    #[error("the result is not a valid outline")]
    Invalid,
    /// The area of the result does not agree with a second reckoning.
    #[error("the result has an area of {found}, expected {expected}")]
    Area {
        /// Area of the result.
        found: f64,
        /// Area it should have.
        expected: f64,
    },
}

/// A valid outline and what repairing did to its area.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The outline: valid, shells counter-clockwise, holes clockwise. Empty where nothing with an area was left.
    pub shape: MultiPolygon<f64>,
    /// Area as the rings state it (shells less holes), in square units of the CRS.
    pub area_before: f64,
    /// Area of the repaired outline.
    pub area_after: f64,
    /// Whether the outline had to be repaired (turning rings round is no repair).
    pub changed: bool,
}

impl Repaired {
    /// Change of area as a share of the larger one.
    #[must_use]
    pub fn area_change(&self) -> f64 {
        let larger = self.area_before.max(self.area_after);
        if larger > 0.0 { (self.area_after - self.area_before).abs() / larger } else { 0.0 }
    }
}

/// Makes a gated outline valid: each part by the odd-even rule (what an odd number of rings surrounds is inside), parts
/// that overlap are joined.
///
/// # Errors
/// When the repair cannot be trusted.
pub fn repair(shape: &MultiPolygon<f64>) -> Result<Repaired, OverlayDoubt> {
    let area_before = shape.0.iter().map(Area::unsigned_area).sum();
    if is_valid(shape) {
        let shape = shape.orient(Direction::Default);
        return Ok(Repaired { shape, area_before, area_after: area_before, changed: false });
    }
    let origin = origin_of(shape);
    let mut joined = MultiPolygon(Vec::new());
    for part in &moved(shape, -origin).0 {
        joined = join(&joined, normalise(&MultiPolygon(vec![part.clone()]))?)?;
    }
    let shape = moved(&joined, origin).remove_repeated_points();
    let shape = settle(shape)?;
    let area_after = shape.unsigned_area();
    Ok(Repaired { shape: shape.orient(Direction::Default), area_before, area_after, changed: true })
}

/// A zone and its outer ring of `width_m` together.
///
/// # Units
/// The zone's CRS must be in metres.
///
/// # Errors
/// When the result cannot be trusted: it must contain the zone, and its area must lie between the zone's and the bound of
/// Steiner's formula (area + perimeter · width + π · width² for each ring).
pub fn ring_around(zone: &MultiPolygon<f64>, width_m: f64) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    if width_m.is_nan() || width_m <= 0.0 || zone.0.is_empty() {
        return Ok(zone.clone());
    }
    let origin = origin_of(zone);
    let near = moved(zone, -origin).orient(Direction::Default);
    let style = BufferStyle::new(width_m).line_join(LineJoin::Round(CORNER_STEP_RAD));
    let wide = contained(|| near.buffer_with_style(style))?;
    let wide = repair(&drop_crumbs(wide))?.shape;
    check_ring(&near, &wide, width_m)?;
    settle(moved(&wide, origin).remove_repeated_points()).map(|shape| shape.orient(Direction::Default))
}

/// Runs geometry code that may panic.
fn contained<T>(work: impl FnOnce() -> T) -> Result<T, OverlayDoubt> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| OverlayDoubt::Panicked)
}

fn origin_of(shape: &MultiPolygon<f64>) -> Coord<f64> {
    shape.bounding_rect().map_or(Coord { x: 0.0, y: 0.0 }, geo_types::Rect::center)
}

fn moved(shape: &MultiPolygon<f64>, by: Coord<f64>) -> MultiPolygon<f64> {
    shape.map_coords(|point| point + by)
}

fn agree(found: f64, expected: f64, scale: f64) -> bool {
    (found - expected).abs() <= AREA_TOLERANCE * scale.max(f64::MIN_POSITIVE)
}

/// One outline rebuilt by the odd-even rule; its area is checked against the bands.
fn normalise(shape: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    let nothing = MultiPolygon(Vec::new());
    let built = contained(|| shape.boolean_op(&nothing, OpType::Union))?;
    let built = drop_crumbs(built);
    let (found, expected) = (built.unsigned_area(), even_odd_area(shape));
    // The overlay snaps to a grid; on a sliver that may be more than the tolerance, so the outline's extent counts too.
    let grain = shape.bounding_rect().map_or(0.0, |b| (b.width() + b.height()).powi(2) * 1e-9);
    if agree(found, expected, expected) || (found - expected).abs() <= grain {
        Ok(built)
    } else {
        Err(OverlayDoubt::Area { found, expected })
    }
}

/// Two valid outlines joined into one.
fn join(first: &MultiPolygon<f64>, second: MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    if first.0.is_empty() {
        return Ok(second);
    }
    let side_by_side = MultiPolygon(first.0.iter().chain(&second.0).cloned().collect());
    if is_valid(&side_by_side) {
        return Ok(side_by_side);
    }
    let expected = first.unsigned_area() + second.unsigned_area() - overlap_area(first, &second);
    let mut doubt = OverlayDoubt::Panicked;
    // geo's union is now and then wrong; what the second adds, laid beside the first, is the same area another way.
    for way in [united, laid_beside] {
        match way(first, &second) {
            Ok(joined) if agree(joined.unsigned_area(), expected, expected) => return Ok(joined),
            Ok(joined) => doubt = OverlayDoubt::Area { found: joined.unsigned_area(), expected },
            Err(other) => doubt = other,
        }
    }
    Err(doubt)
}

fn united(first: &MultiPolygon<f64>, second: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    contained(|| first.union(second)).map(drop_crumbs)
}

fn laid_beside(first: &MultiPolygon<f64>, second: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    let added = drop_crumbs(contained(|| second.difference(first))?);
    // Shared edges cancel by the odd-even rule.
    normalise(&MultiPolygon(first.0.iter().chain(&added.0).cloned().collect()))
}

/// Drops rings that the overlay's grid left without points or area.
fn drop_crumbs(shape: MultiPolygon<f64>) -> MultiPolygon<f64> {
    let stands = |ring: &geo_types::LineString<f64>| {
        ring.0.len() >= 4 && Polygon::new(ring.clone(), vec![]).unsigned_area() > 0.0
    };
    let parts = shape.0.into_iter().filter(|part| stands(part.exterior())).map(|part| {
        let (shell, holes) = part.into_inner();
        Polygon::new(shell, holes.into_iter().filter(stands).collect())
    });
    MultiPolygon(parts.collect())
}

/// Rounding back to map coordinates may fold a ring; one more pass of the odd-even rule mends that, or it stays a doubt.
fn settle(shape: MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayDoubt> {
    let mut shape = drop_crumbs(shape);
    for _ in 0..3 {
        if is_valid(&shape) {
            return Ok(shape);
        }
        let origin = origin_of(&shape);
        let again = normalise(&moved(&shape, -origin))?;
        shape = drop_crumbs(moved(&again, origin).remove_repeated_points());
    }
    if is_valid(&shape) { Ok(shape) } else { Err(OverlayDoubt::Invalid) }
}

/// A ring holds its zone, and is no larger than the width allows.
fn check_ring(zone: &MultiPolygon<f64>, wide: &MultiPolygon<f64>, width_m: f64) -> Result<(), OverlayDoubt> {
    let (inner, found) = (zone.unsigned_area(), wide.unsigned_area());
    let rings: Vec<_> = zone.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).collect();
    let perimeter: f64 = rings.iter().map(|ring| Euclidean.length(*ring)).sum();
    let bound = inner + perimeter * width_m + std::f64::consts::PI * width_m.powi(2) * rings.len() as f64;
    if found < inner * (1.0 - AREA_TOLERANCE) || found > bound * (1.0 + AREA_TOLERANCE) {
        return Err(OverlayDoubt::Area { found, expected: inner });
    }
    let outside = contained(|| zone.difference(wide).unsigned_area()).unwrap_or(f64::NAN);
    if agree(outside, 0.0, inner) {
        return Ok(());
    }
    let held = overlap_area(zone, wide);
    if agree(held, inner, inner) { Ok(()) } else { Err(OverlayDoubt::Area { found: held, expected: inner }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on should say so.

    use super::*;
    use geo_types::{Rect, wkt};

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        Rect::new((x, y), (x + side, y + side)).to_polygon().into()
    }

    #[test]
    fn a_bow_tie_becomes_two_wings_and_says_so() {
        let tie = moved(&wkt!(MULTIPOLYGON(((0. 0., 10. 10., 10. 0., 0. 10., 0. 0.)))), Coord { x: 5e5, y: 3.5e6 });
        let repaired = repair(&tie).unwrap();
        assert!(repaired.changed && is_valid(&repaired.shape));
        assert_eq!(repaired.shape.0.len(), 2);
        assert!(repaired.area_before < 1e-6 && (repaired.area_after - 50.0).abs() < 1e-6);
        assert!(repaired.area_change() > 0.01);
    }

    #[test]
    fn a_valid_outline_is_only_turned_round() {
        let clockwise = wkt!(MULTIPOLYGON(((0. 0., 0. 9., 9. 9., 9. 0., 0. 0.), (2. 2., 4. 2., 4. 4., 2. 2.))));
        let repaired = repair(&clockwise).unwrap();
        assert!(!repaired.changed);
        assert!(
            repaired.shape.0[0].exterior().lines().map(|l| l.start.x * l.end.y - l.end.x * l.start.y).sum::<f64>()
                > 0.0
        );
        assert!((repaired.shape.0[0].unsigned_area() - 79.0).abs() < 1e-12);
    }

    #[test]
    fn overlapping_parts_are_joined_not_cancelled() {
        let both = MultiPolygon(vec![square(0.0, 0.0, 10.0).0.remove(0), square(5.0, 0.0, 10.0).0.remove(0)]);
        let repaired = repair(&both).unwrap();
        assert!((repaired.area_after - 150.0).abs() < 1e-6);
    }

    #[test]
    fn the_ring_around_a_square_is_a_rounded_square() {
        let wide = ring_around(&square(5e5, 3.5e6, 1000.0), 100.0).unwrap();
        let ideal = 1e6 + 4.0 * 1000.0 * 100.0 + std::f64::consts::PI * 1e4;
        assert!((wide.unsigned_area() - ideal).abs() / ideal < 1e-4, "{} {ideal}", wide.unsigned_area());
        assert!(is_valid(&wide));
    }

    #[test]
    fn no_width_means_no_ring() {
        assert_eq!(ring_around(&square(0.0, 0.0, 10.0), 0.0).unwrap(), square(0.0, 0.0, 10.0));
        assert_eq!(ring_around(&square(0.0, 0.0, 10.0), f64::NAN).unwrap(), square(0.0, 0.0, 10.0));
    }
}
