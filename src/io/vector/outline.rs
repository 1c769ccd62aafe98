//! GDAL's geometries → plain rings: heights and measures left out, curves turned into short straight edges.

use std::ptr;

use gdal::vector::Geometry;
use geo_types::Coord;

use crate::model::shape::RawPolygon;

/// Deepest nesting of collections that is followed.
const MOST_NESTED: usize = 16;

/// The geometry of a record, as plain rings.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outline {
    /// None, or an empty one.
    Missing,
    /// It could not be read.
    Damaged,
    /// It has parts.
    Parts(Parts),
}

/// Parts of a geometry.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Parts {
    /// Polygons.
    pub(super) polygons: Vec<RawPolygon>,
    /// Number of points.
    pub(super) points: usize,
    /// Where they lie.
    pub(super) places: Vec<Coord<f64>>,
    /// Number of lines.
    pub(super) lines: usize,
    /// Parts of other kinds.
    pub(super) other: usize,
    /// Whether heights or measures were left out.
    pub(super) flattened: bool,
    /// Whether curves were turned into straight edges.
    pub(super) linearised: bool,
}

impl Outline {
    /// The outline of a geometry that exists.
    pub(super) fn of(geometry: &Geometry) -> Self {
        if geometry.is_empty() {
            return Self::Missing;
        }
        let mut parts = Parts::default();
        if has_curves(geometry) {
            match collect_linear(geometry, &mut parts) {
                Some(()) => parts.linearised = true,
                None => return Self::Damaged,
            }
        } else {
            parts.collect(geometry, 0);
        }
        Self::Parts(parts)
    }

    /// The outline in a WKB text.
    pub(super) fn of_wkb(wkb: &[u8]) -> Self {
        if wkb.len() < 5 || i32::try_from(wkb.len()).is_err() {
            return Self::Damaged;
        }
        Geometry::from_wkb(wkb).map_or(Self::Damaged, |geometry| Self::of(&geometry))
    }
}

impl Parts {
    fn collect(&mut self, geometry: &Geometry, depth: usize) {
        let full = geometry.geometry_type();
        self.flattened |= gdal::vector::geometry_type_has_z(full) || gdal::vector::geometry_type_has_m(full);
        let children = |parts: &mut Self| {
            for index in 0..geometry.geometry_count() {
                parts.collect(&geometry.get_geometry(index), depth + 1);
            }
        };
        // Numbers of the Simple Features standard (OGC 06-103r4, table 7).
        match gdal::vector::geometry_type_flatten(full) {
            1 => {
                self.points += 1;
                self.places.extend(points_of(geometry));
            }
            2 => self.lines += 1,
            3 | 17 => {
                let rings = (0..geometry.geometry_count()).map(|index| points_of(&geometry.get_geometry(index)));
                self.polygons.push(rings.collect());
            }
            4..=7 | 15 | 16 if depth < MOST_NESTED => children(self),
            _ => self.other += 1,
        }
    }
}

fn points_of(ring: &Geometry) -> Vec<Coord<f64>> {
    let mut points = Vec::new();
    ring.get_points(&mut points);
    points.into_iter().map(|(x, y, _)| Coord { x, y }).collect()
}

/// Whether a geometry is of a kind that may hold arcs.
#[allow(unsafe_code)] // The gdal crate has no call for it.
fn has_curves(geometry: &Geometry) -> bool {
    // SAFETY: `geometry` owns or borrows a live handle for the length of the call, which only reads it.
    unsafe { gdal_sys::OGR_G_HasCurveGeometry(geometry.c_geometry(), 0) != 0 }
}

/// Collects the parts of a geometry with its arcs cut into straight edges of GDAL's default step (4°).
#[allow(unsafe_code)] // The gdal crate has no call for it.
fn collect_linear(geometry: &Geometry, parts: &mut Parts) -> Option<()> {
    // SAFETY: the handle is live; the result is a new geometry that nobody else knows, or null.
    let linear = unsafe { gdal_sys::OGR_G_GetLinearGeometry(geometry.c_geometry(), 0.0, ptr::null_mut()) };
    if linear.is_null() {
        return None;
    }
    // SAFETY: the wrapper is made unowned and is gone before the handle is destroyed; it is destroyed exactly once.
    unsafe {
        let wrapper = Geometry::lazy_feature_geometry();
        wrapper.set_c_geometry(linear);
        parts.collect(&wrapper, 0);
        drop(wrapper);
        gdal_sys::OGR_G_DestroyGeometry(linear);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on should say so.

    use super::*;

    fn parts(wkt: &str) -> Parts {
        match Outline::of(&Geometry::from_wkt(wkt).unwrap()) {
            Outline::Parts(parts) => parts,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn heights_and_measures_are_left_out_and_said() {
        let flat =
            parts("POLYGON ZM ((0 0 5 1, 4 0 5 1, 4 4 5 1, 0 0 5 1), (1 0.5 5 1, 2 0.5 5 1, 2 1 5 1, 1 0.5 5 1))");
        assert!(flat.flattened && !flat.linearised);
        assert_eq!(flat.polygons[0].len(), 2);
        assert_eq!(flat.polygons[0][0][1], Coord { x: 4.0, y: 0.0 });
    }

    #[test]
    fn an_arc_becomes_a_circle_of_short_edges() {
        let circle = parts("CURVEPOLYGON (CIRCULARSTRING (0 0, 10 0, 0 0))");
        assert!(circle.linearised && circle.polygons[0][0].len() > 60);
    }

    #[test]
    fn a_collection_gives_its_polygons_and_counts_the_rest() {
        let mixed = parts(
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1), MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((9 9, 8 9, 8 8, 9 9))))",
        );
        assert_eq!((mixed.polygons.len(), mixed.points, mixed.lines), (2, 1, 1));
        assert_eq!(mixed.places, [Coord { x: 1.0, y: 2.0 }]);
    }

    #[test]
    fn empty_and_broken_geometries_are_told_apart() {
        assert_eq!(Outline::of(&Geometry::from_wkt("POLYGON EMPTY").unwrap()), Outline::Missing);
        assert_eq!(Outline::of_wkb(&[1, 3, 0, 0, 0, 255, 255, 255, 127]), Outline::Damaged);
    }
}
