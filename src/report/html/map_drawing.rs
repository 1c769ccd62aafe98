//! From map coordinates to the drawing: frame, scale, outlines thinned to what can be seen.

use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};

use crate::model::crs::CrsUnit;

use super::markup::px;

/// Points nearer than this to the last one drawn cannot be seen.
const SEEN_PX: f64 = 0.6;
/// Metres of one degree of latitude, near enough for a scale bar.
const METRES_PER_DEGREE: f64 = 111_200.0;

/// How the frame lies on the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    frame: Rect<f64>,
    /// Width of the drawing.
    pub(super) width: f64,
    /// Height of the drawing.
    pub(super) height: f64,
    /// Ground metres of one pixel; `None` where the CRS does not tell.
    pub(super) metres_per_px: Option<f64>,
    origin: (f64, f64),
    per_unit: (f64, f64),
}

impl Projection {
    /// Fits a frame into a width; the height follows within bounds, and the map stays in the middle.
    pub(super) fn fit(frame: Rect<f64>, unit: CrsUnit, width: f64, heights: (f64, f64)) -> Self {
        // In degrees, a degree of longitude is shorter than one of latitude.
        let squeeze = match unit {
            CrsUnit::Degree => frame.center().y.to_radians().cos().abs().max(0.05),
            _ => 1.0,
        };
        let (across, down) = ((frame.width() * squeeze).max(f64::MIN_POSITIVE), frame.height().max(f64::MIN_POSITIVE));
        let height = (width * down / across).clamp(heights.0, heights.1);
        let scale = (width / across).min(height / down);
        let origin = ((width - across * scale) / 2.0, (height - down * scale) / 2.0);
        let metres_per_px = match unit {
            CrsUnit::Degree => Some(METRES_PER_DEGREE / scale),
            CrsUnit::Projected { metres } => Some(metres / scale),
            CrsUnit::Unknown => None,
        };
        Self { frame, width, height, metres_per_px, origin, per_unit: (scale * squeeze, scale) }
    }

    /// A position on the drawing.
    pub(super) fn at(&self, point: Coord<f64>) -> (f64, f64) {
        (
            self.origin.0 + (point.x - self.frame.min().x) * self.per_unit.0,
            self.origin.1 + (self.frame.max().y - point.y) * self.per_unit.1,
        )
    }

    /// The path of a shape; empty where it is too small to be seen.
    pub(super) fn path(&self, shape: &MultiPolygon<f64>) -> String {
        let rings = shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        rings.map(|ring| self.ring_path(ring)).collect()
    }

    fn ring_path(&self, ring: &LineString<f64>) -> String {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for coord in ring.0.iter().filter(|c| c.x.is_finite() && c.y.is_finite()) {
            let (x, y) = self.at(*coord);
            if points.last().is_none_or(|(px, py)| (x - px).hypot(y - py) >= SEEN_PX) {
                points.push((x, y));
            }
        }
        if points.len() < 3 {
            return String::new();
        }
        let mut path: String =
            points.iter().enumerate().map(|(i, (x, y))| format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, px(*x), px(*y))).collect();
        path.push('Z');
        path
    }

    /// A point well inside a shape, for its name: the middle of the widest crossing half-way up its largest polygon.
    pub(super) fn name_point(&self, shape: &MultiPolygon<f64>) -> Option<(f64, f64)> {
        let extent = |p: &&Polygon<f64>| bounds(p.exterior()).map_or(0.0, |b| b.width() * b.height());
        let largest = shape.iter().max_by(|a, b| extent(a).total_cmp(&extent(b)))?;
        let bounds = bounds(largest.exterior())?;
        let y = bounds.center().y;
        let rings = std::iter::once(largest.exterior()).chain(largest.interiors());
        let mut crossings: Vec<f64> = rings
            .flat_map(|ring| ring.lines().filter(move |l| (l.start.y > y) != (l.end.y > y)))
            .map(|l| l.start.x + (y - l.start.y) / (l.end.y - l.start.y) * (l.end.x - l.start.x))
            .collect();
        crossings.sort_by(f64::total_cmp);
        let widest = crossings.chunks_exact(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))?;
        Some(self.at(Coord { x: f64::midpoint(widest[0], widest[1]), y }))
    }
}

/// The rectangle around the finite points of a ring.
pub(super) fn bounds(ring: &LineString<f64>) -> Option<Rect<f64>> {
    let finite = ring.0.iter().filter(|c| c.x.is_finite() && c.y.is_finite());
    finite.map(|&c| Rect::new(c, c)).reduce(|a, b| joined(&a, &b))
}

/// The rectangle around two.
pub(super) fn joined(a: &Rect<f64>, b: &Rect<f64>) -> Rect<f64> {
    let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
    Rect::new(
        Coord { x: low.0.x.min(low.1.x), y: low.0.y.min(low.1.y) },
        Coord { x: high.0.x.max(high.1.x), y: high.0.y.max(high.1.y) },
    )
}

/// The largest 1, 2 or 5 times a power of ten that is not longer; `None` for nothing.
pub(super) fn round_length(longest: f64) -> Option<f64> {
    if longest.is_nan() || longest <= 0.0 || longest.is_infinite() {
        return None;
    }
    let decade = 10.0_f64.powf(longest.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * decade).find(|length| *length <= longest * (1.0 + 1e-9)).or(Some(decade))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(side: f64) -> MultiPolygon<f64> {
        let ring = LineString::from(vec![(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)]);
        MultiPolygon(vec![Polygon::new(ring, Vec::new())])
    }

    fn projection() -> Projection {
        let frame = Rect::new(Coord { x: 0.0, y: 0.0 }, Coord { x: 1000.0, y: 500.0 });
        Projection::fit(frame, CrsUnit::Projected { metres: 1.0 }, 500.0, (100.0, 400.0))
    }

    #[test]
    fn north_is_up_and_the_frame_fills_the_width() {
        let p = projection();
        assert_eq!((p.width, p.height, p.metres_per_px), (500.0, 250.0, Some(2.0)));
        assert_eq!(p.at(Coord { x: 0.0, y: 500.0 }), (0.0, 0.0));
        assert_eq!(p.at(Coord { x: 1000.0, y: 0.0 }), (500.0, 250.0));
    }

    #[test]
    fn a_name_stands_inside_its_zone() {
        assert_eq!(projection().name_point(&square(200.0)), Some((50.0, 200.0)));
    }

    #[test]
    fn what_cannot_be_seen_is_not_drawn() {
        assert_eq!(projection().path(&square(0.5)), "");
        assert_eq!(projection().path(&square(100.0)), "M0 250L50 250L50 200L0 200L0 250Z");
    }

    #[test]
    fn scale_bars_have_round_lengths() {
        assert_eq!(round_length(730.0), Some(500.0));
        assert_eq!(round_length(1000.0), Some(1000.0));
        assert_eq!(round_length(0.3), Some(0.2));
        assert_eq!(round_length(0.0), None);
    }
}
