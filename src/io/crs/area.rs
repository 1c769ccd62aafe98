//! Areas on the ellipsoid, and how far plane areas are from them.

use geo::GeodesicArea;
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};

use super::{CrsError, Transformer, lonlat};
use crate::model::crs::{Crs, CrsUnit};
use crate::model::units::SquareMetres;

/// Longest piece of an edge that is taken for a geodesic, in metres; keeps areas right to 1e-5.
const LONGEST_PIECE_M: f64 = 2000.0;

/// Most pieces an edge is cut into.
const MOST_PIECES: f64 = 5000.0;

/// Metres in a degree of latitude, for choosing pieces only.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// Area on the ellipsoid of polygons in any CRS. Edges are straight in that CRS.
///
/// # Errors
/// [`CrsError`] where the polygons cannot be put into longitude and latitude.
///
/// # Source
/// Karney 2013, Algorithms for geodesics, doi:10.1007/s00190-012-0578-z.
pub fn ellipsoidal_area(shape: &MultiPolygon<f64>, crs: &Crs) -> Result<SquareMetres, CrsError> {
    let transformer = Transformer::new(crs, &lonlat(crs)?)?;
    let ring_area = |ring: &LineString<f64>| -> Result<f64, CrsError> {
        let points = on_ellipsoid(ring, crs, &transformer)?;
        Ok(Polygon::new(LineString::from(points), vec![]).geodesic_area_signed().abs())
    };
    let mut total = 0.0;
    for polygon in shape {
        total += ring_area(polygon.exterior())?;
        for hole in polygon.interiors() {
            total -= ring_area(hole)?;
        }
    }
    Ok(SquareMetres(total))
}

/// A line in longitude and latitude, its edges cut so finely that each piece may be taken for a geodesic. `to_lonlat` leads
/// there from `crs`.
///
/// # Errors
/// [`CrsError`] where a point has no longitude and latitude.
pub fn on_ellipsoid(line: &LineString<f64>, crs: &Crs, to_lonlat: &Transformer) -> Result<Vec<(f64, f64)>, CrsError> {
    let metres_per_unit = match crs.unit {
        CrsUnit::Degree => METRES_PER_DEGREE,
        CrsUnit::Projected { metres } => metres,
        CrsUnit::Unknown => 1.0,
    };
    let mut points = densified(line, LONGEST_PIECE_M / metres_per_unit);
    to_lonlat.forward(&mut points)?;
    Ok(points)
}

fn densified(ring: &LineString<f64>, longest: f64) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(ring.0.len());
    for line in ring.lines() {
        let (dx, dy) = (line.dx(), line.dy());
        let pieces = (dx.hypot(dy) / longest).ceil().clamp(1.0, MOST_PIECES);
        let piece = |n: f64| (line.start.x + dx * n / pieces, line.start.y + dy * n / pieces);
        points.extend((0..pieces as usize).map(|n| piece(n as f64)));
    }
    points.extend(ring.0.last().map(|c| (c.x, c.y)));
    points
}

/// Largest relative error of areas computed as plane areas in a CRS, over an extent: 0.0002 is 0.02 %. Infinite where
/// it cannot be told.
#[must_use]
pub fn area_scale_error(crs: &Crs, extent: &Rect<f64>) -> f64 {
    let CrsUnit::Projected { metres } = crs.unit else { return f64::INFINITY };
    let half = 50.0 / metres;
    let mut worst = 0.0_f64;
    for (u, v) in (0..9).map(|n| (f64::from(n % 3) / 2.0, f64::from(n / 3) / 2.0)) {
        let x = extent.min().x + u * extent.width();
        let y = extent.min().y + v * extent.height();
        let square = Rect::new(Coord { x: x - half, y: y - half }, Coord { x: x + half, y: y + half });
        let plane = 4.0 * half * half * metres * metres;
        match ellipsoidal_area(&MultiPolygon::new(vec![square.to_polygon()]), crs) {
            Ok(true_area) => worst = worst.max((plane / true_area.0 - 1.0).abs()),
            Err(_) => return f64::INFINITY,
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::crs::parse;
    use crate::io::crs::tests::moved;

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
        let rect = Rect::new(Coord { x, y }, Coord { x: x + side, y: y + side });
        MultiPolygon::new(vec![rect.to_polygon()])
    }

    #[test]
    fn ellipsoidal_areas_do_not_depend_on_the_projection() {
        let gk = parse("EPSG:4549").expect("known");
        let utm = parse("EPSG:32650").expect("known");
        let shape = square(445_000.0, 3_580_000.0, 20_000.0);
        let one = ellipsoidal_area(&shape, &gk).expect("area").0;
        let transformer = Transformer::new(&gk, &utm).expect("a way");
        let mut ring = densified(shape.0[0].exterior(), 100.0);
        transformer.forward(&mut ring).expect("defined");
        let again = MultiPolygon::new(vec![Polygon::new(LineString::from(ring), vec![])]);
        let other = ellipsoidal_area(&again, &utm).expect("area").0;
        assert!((one / other - 1.0).abs() < 1e-5, "{one} {other}");
        // At 119.4° E the Gauss–Krüger scale is within 0.02 % of true.
        assert!((one / 4e8 - 1.0).abs() < 2e-4);
    }

    #[test]
    fn a_hole_is_not_counted() {
        let gk = parse("EPSG:4549").expect("known");
        let whole = square(500_000.0, 3_580_000.0, 1000.0);
        let hole = square(500_200.0, 3_580_200.0, 500.0).0[0].exterior().clone();
        let holed = MultiPolygon::new(vec![Polygon::new(whole.0[0].exterior().clone(), vec![hole])]);
        let (a, b) = (ellipsoidal_area(&whole, &gk).expect("area").0, ellipsoidal_area(&holed, &gk).expect("area").0);
        assert!(((a - b) / 250_000.0 - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_area_error_of_a_projection_is_known() {
        let at = |epsg: &str, lon: f64, lat: f64| {
            let crs = parse(epsg).expect("known");
            let (x, y) = moved("EPSG:4490", epsg, (lon, lat));
            area_scale_error(&crs, &Rect::new(Coord { x, y }, Coord { x, y }))
        };
        let gk = at("EPSG:4549", 119.0, 32.4);
        let utm = at("EPSG:32650", 119.9, 32.4);
        assert!((gk - 2e-4).abs() < 5e-5, "{gk}");
        assert!((utm - 1e-3).abs() < 2e-4, "{utm}");
        assert!(at("EPSG:3857", 119.9, 32.4) > 0.3);
    }
}
