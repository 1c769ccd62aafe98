//! How much two outlines have in common. Absent on purpose: repair; outlines come here valid.

use geo::{Area, BoundingRect, CoordsIter};
use geo_types::{MultiPolygon, Rect};

use crate::model::shape::overlap_area;

/// The overlap of two outlines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlap {
    /// Intersection over union, 0–1.
    pub union_share: f64,
    /// Intersection over the smaller of the two, 0–1.
    pub smaller_share: f64,
}

/// The box around an outline; `None` where it is empty or not finite, which an index must never see (it panics on
/// NaN).
pub(super) fn finite_box(shape: &MultiPolygon<f64>) -> Option<Rect<f64>> {
    let finite = shape.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite());
    if finite { shape.bounding_rect() } else { None }
}

/// The overlap of two outlines; `None` where they have no area in common.
pub(super) fn overlap(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> Option<Overlap> {
    if a == b {
        return Some(Overlap { union_share: 1.0, smaller_share: 1.0 });
    }
    let (area_a, area_b) = (a.unsigned_area(), b.unsigned_area());
    let shared = overlap_area(a, b).min(area_a).min(area_b);
    let union = area_a + area_b - shared;
    (shared > 0.0 && union > 0.0)
        .then(|| Overlap { union_share: shared / union, smaller_share: shared / area_a.min(area_b) })
}

#[cfg(test)]
mod tests {
    use geo_types::Coord;

    use super::*;

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        let corner = Coord { x, y };
        MultiPolygon::new(vec![Rect::new(corner, Coord { x: x + side, y: y + side }).to_polygon()])
    }

    #[test]
    fn half_shifted_squares_share_a_third_of_their_union() {
        let found = overlap(&square(500_000.0, 3_580_000.0, 10.0), &square(500_005.0, 3_580_000.0, 10.0));
        let found = found.expect("they overlap");
        assert!((found.union_share - 1.0 / 3.0).abs() < 1e-6, "{found:?}");
        assert!((found.smaller_share - 0.5).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn touching_squares_share_nothing() {
        assert_eq!(overlap(&square(0.0, 0.0, 10.0), &square(10.0, 0.0, 10.0)), None);
    }

    #[test]
    fn an_outline_that_is_not_finite_has_no_box() {
        assert!(finite_box(&square(f64::NAN, 0.0, 1.0)).is_none());
        assert!(finite_box(&MultiPolygon::new(Vec::new())).is_none());
    }
}
