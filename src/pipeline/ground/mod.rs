//! What a place of the map is on the ground: longitude and latitude, lengths and areas on the ellipsoid, the direction of
//! north; and the place that somebody means by coordinates ([`told`]). Keeps its transformations ready and stays on its
//! thread.

mod told;

pub use told::{Spot, Told};

use geo::line_measures::metric_spaces::Geodesic;
use geo::{Bearing, Distance, GeodesicArea, Length, Point};
use geo_types::{LineString, Polygon, Rect};

use crate::io::crs::{self, CrsError, Transformer, ZONE_PREFIX_EASTING, area};
use crate::model::crs::{Crs, CrsUnit};
use crate::model::units::{Metres, SquareMetres};

/// False easting of every Gauss–Krüger zone without its number.
const FALSE_EASTING: f64 = 500_000.0;

/// Map units over which the direction of north is taken: 100 m, or as many degrees.
const NORTH_STEP_M: f64 = 100.0;

/// Metres in a degree of latitude, for choosing steps only.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// Why coordinates lead nowhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Astray {
    /// They have no place in this CRS.
    Nowhere,
    /// They lie outside what the project shows, so far away and in that direction (degrees from north, clockwise).
    Outside {
        /// Distance from the middle of the project.
        distance: Metres,
        /// Azimuth from there.
        azimuth: f64,
    },
}

/// A CRS on the ground.
pub struct Ground {
    crs: Crs,
    to_lonlat: Transformer,
    from_lonlat: Transformer,
}

impl Ground {
    /// The ground below a CRS.
    ///
    /// # Errors
    /// [`CrsError`] where its places have no longitude and latitude.
    pub fn of(crs: &Crs) -> Result<Self, CrsError> {
        let lonlat = crs::lonlat(crs)?;
        let to_lonlat = Transformer::new(crs, &lonlat)?;
        let from_lonlat = Transformer::new(&lonlat, crs)?;
        Ok(Self { crs: crs.clone(), to_lonlat, from_lonlat })
    }

    /// Longitude and latitude of a map place.
    #[must_use]
    pub fn lonlat(&self, place: (f64, f64)) -> Option<(f64, f64)> {
        moved(&self.to_lonlat, place)
    }

    /// The map place of a longitude and latitude.
    #[must_use]
    pub fn place(&self, lonlat: (f64, f64)) -> Option<(f64, f64)> {
        moved(&self.from_lonlat, lonlat)
    }

    /// Length on the ellipsoid of a line that is straight from point to point in the CRS; `None` where it leaves the CRS.
    ///
    /// # Source
    /// Karney 2013, Algorithms for geodesics, doi:10.1007/s00190-012-0578-z.
    #[must_use]
    pub fn length(&self, line: &[(f64, f64)]) -> Option<Metres> {
        let points = area::on_ellipsoid(&LineString::from(line.to_vec()), &self.crs, &self.to_lonlat).ok()?;
        Some(Metres(Geodesic.length(&LineString::from(points))))
    }

    /// Area on the ellipsoid inside a ring that need not be closed; `None` where it leaves the CRS.
    ///
    /// # Source
    /// See [`Ground::length`].
    #[must_use]
    pub fn area(&self, ring: &[(f64, f64)]) -> Option<SquareMetres> {
        let closed: Vec<(f64, f64)> = ring.iter().chain(ring.first()).copied().collect();
        let points = area::on_ellipsoid(&LineString::from(closed), &self.crs, &self.to_lonlat).ok()?;
        Some(SquareMetres(Polygon::new(LineString::from(points), vec![]).geodesic_area_signed().abs()))
    }

    /// Metres on the ground in one map unit from west to east.
    #[must_use]
    pub fn metres_per_unit(&self, place: (f64, f64)) -> Option<f64> {
        let half = self.step() / 2.0;
        let (west, east) = (self.lonlat((place.0 - half, place.1))?, self.lonlat((place.0 + half, place.1))?);
        let metres = Geodesic.distance(Point::from(west), Point::from(east)) / self.step();
        (metres.is_finite() && metres > 0.0).then_some(metres)
    }

    /// Degrees from true north clockwise to the grid's north, the meridian convergence.
    #[must_use]
    pub fn convergence(&self, place: (f64, f64)) -> Option<f64> {
        let (here, up) = (self.lonlat(place)?, self.lonlat((place.0, place.1 + self.step()))?);
        let azimuth = Geodesic.bearing(Point::from(here), Point::from(up));
        Some((azimuth + 180.0).rem_euclid(360.0) - 180.0)
    }

    /// The map place that somebody means; where several readings are possible that one inside `extent` counts.
    ///
    /// # Errors
    /// [`Astray`] where no reading lies inside.
    pub fn find(&self, told: &Told, extent: &Rect<f64>) -> Result<(f64, f64), Astray> {
        let middle = extent.center().x_y();
        let places: Vec<(f64, f64)> =
            told.readings.iter().filter_map(|spot| self.spot(*spot, middle)).filter(|p| p.0.is_finite()).collect();
        let inside = |p: &&(f64, f64)| {
            let (min, max) = (extent.min(), extent.max());
            p.0 >= min.x && p.0 <= max.x && p.1 >= min.y && p.1 <= max.y
        };
        if let Some(place) = places.iter().find(inside) {
            return Ok(*place);
        }
        let first = places.first().ok_or(Astray::Nowhere)?;
        let (from, to) = (self.lonlat(middle).ok_or(Astray::Nowhere)?, self.lonlat(*first).ok_or(Astray::Nowhere)?);
        let distance = Metres(Geodesic.distance(Point::from(from), Point::from(to)));
        let azimuth = Geodesic.bearing(Point::from(from), Point::from(to)).rem_euclid(360.0);
        Err(Astray::Outside { distance, azimuth })
    }

    fn spot(&self, spot: Spot, middle: (f64, f64)) -> Option<(f64, f64)> {
        match spot {
            Spot::LonLat(lon, lat) => self.place((lon, lat)),
            Spot::Grid(easting, northing) if easting >= ZONE_PREFIX_EASTING => {
                let zone = crs::parse(&format!("EPSG:{}", zone_code(easting)?)).ok()?;
                moved(&Transformer::new(&zone, &self.crs).ok()?, (easting, northing))
            }
            Spot::Grid(easting, northing) => match self.crs.unit {
                CrsUnit::Degree => {
                    let (lon, lat) = self.lonlat(middle)?;
                    let metric = crs::metric_crs_near(lon, lat).ok()?;
                    moved(&Transformer::new(&metric, &self.crs).ok()?, (easting, northing))
                }
                _ => Some((easting + self.zone_offset(), northing)),
            },
        }
    }

    /// What the CRS's own eastings have before them: its zone number, in millions.
    fn zone_offset(&self) -> f64 {
        let own = crs::false_easting(&self.crs).filter(|own| *own >= ZONE_PREFIX_EASTING);
        own.map_or(0.0, |own| own - FALSE_EASTING)
    }

    fn step(&self) -> f64 {
        match self.crs.unit {
            CrsUnit::Projected { metres } => NORTH_STEP_M / metres,
            _ => NORTH_STEP_M / METRES_PER_DEGREE,
        }
    }
}

/// The CGCS2000 Gauss–Krüger system whose zone number an easting carries: 25–45 count zones of 3°, 13–23 zones of 6°.
fn zone_code(easting: f64) -> Option<u32> {
    match (easting / 1e6).floor() as u32 {
        zone @ 25..=45 => Some(4513 + zone - 25),
        zone @ 13..=23 => Some(4491 + zone - 13),
        _ => None,
    }
}

fn moved(transformer: &Transformer, place: (f64, f64)) -> Option<(f64, f64)> {
    let mut points = [place];
    transformer.forward(&mut points).ok().map(|()| points[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::Coord;

    fn ground(code: &str) -> Ground {
        Ground::of(&crs::parse(code).expect(code)).expect("a ground")
    }

    /// 20 km around the first golden place, 119.42° E 32.39° N.
    fn extent() -> Rect<f64> {
        Rect::new(Coord { x: 435_000.0, y: 3_575_000.0 }, Coord { x: 455_000.0, y: 3_595_000.0 })
    }

    fn found(text: &str) -> (f64, f64) {
        let told = Told::read(text).unwrap_or_else(|| panic!("not understood: {text}"));
        ground("EPSG:4549").find(&told, &extent()).unwrap_or_else(|astray| panic!("{text}: {astray:?}"))
    }

    #[test]
    fn one_place_is_found_however_it_is_written() {
        let ways = [
            "119.42, 32.39",
            "32.39 119.42",
            "119.42°E 32.39°N",
            "北纬32.39° 东经119.42°",
            "东经119度25分12秒，北纬32度23分24秒",
            "119°25'12\"E 32°23'24\"N",
            "N32°23′24″ E119°25′12″",
            "119:25:12 32:23:24",
            "445426.83 3585247.59",
            "E 445426.83 N 3585247.59",
            "X=3585247.59，Y=40445426.83",
            "40445426.83, 3585247.59",
        ];
        for way in ways {
            let place = found(way);
            assert!((place.0 - 445_426.83).abs() < 0.02 && (place.1 - 3_585_247.59).abs() < 0.02, "{way}: {place:?}");
        }
    }

    #[test]
    fn a_place_outside_is_told_with_its_distance_and_direction() {
        let told = Told::read("119.42, 33.39").unwrap();
        let Err(Astray::Outside { distance, azimuth }) = ground("EPSG:4549").find(&told, &extent()) else {
            panic!("inside")
        };
        assert!((distance.0 / 1000.0 - 111.0).abs() < 1.0, "{distance:?}");
        assert!(!(2.0..358.0).contains(&azimuth), "{azimuth}");
    }

    #[test]
    fn lengths_and_areas_do_not_depend_on_the_projection() {
        // A square kilometre of the plane, 57 km west of the central meridian: the scale there is 1 + 4.0e-5.
        let square = [(443_000.0, 3.58e6), (444_000.0, 3.58e6), (444_000.0, 3.581e6), (443_000.0, 3.581e6)];
        let gauss = ground("EPSG:4549");
        let in_degrees: Vec<(f64, f64)> = square.iter().map(|p| gauss.lonlat(*p).unwrap()).collect();
        let degrees = ground("EPSG:4490");
        let (one, other) = (gauss.area(&square).unwrap().0, degrees.area(&in_degrees).unwrap().0);
        assert!((one / other - 1.0).abs() < 1e-6, "{one} {other}");
        assert!((one / 1e6 - 1.0).abs() < 1.2e-4 && one < 1e6, "{one}");
        let (one, other) = (gauss.length(&square[..2]).unwrap().0, degrees.length(&in_degrees[..2]).unwrap().0);
        assert!((one - other).abs() < 0.001 && (one - 999.96).abs() < 0.03, "{one} {other}");
    }

    #[test]
    fn the_scale_of_degrees_follows_the_latitude() {
        let metres = ground("EPSG:4490").metres_per_unit((119.42, 32.39)).unwrap();
        assert!((metres - 94_088.0).abs() < 30.0, "{metres}");
        let one = ground("EPSG:4549").metres_per_unit((445_426.83, 3_585_247.59)).unwrap();
        assert!((one - 1.0).abs() < 1e-4, "{one}");
    }

    #[test]
    fn north_of_the_grid_leans_west_of_the_meridian() {
        // Convergence ≈ (λ − λ₀)·sin φ = −0.58° · sin 32.39°.
        let angle = ground("EPSG:4549").convergence((445_426.83, 3_585_247.59)).unwrap();
        assert!((angle + 0.3107).abs() < 0.002, "{angle}");
        assert!(ground("EPSG:4490").convergence((119.42, 32.39)).unwrap().abs() < 1e-6);
    }

    #[test]
    fn an_easting_with_its_zone_number_needs_no_zone_elsewhere() {
        let degrees = ground("EPSG:4490");
        let extent = Rect::new(Coord { x: 119.0, y: 32.0 }, Coord { x: 120.0, y: 33.0 });
        for way in ["40445426.83 3585247.59", "445426.83 3585247.59"] {
            let place = degrees.find(&Told::read(way).unwrap(), &extent).unwrap();
            assert!((place.0 - 119.42).abs() < 1e-6 && (place.1 - 32.39).abs() < 1e-6, "{way} {place:?}");
        }
        let prefixed = ground("EPSG:4528");
        let extent = Rect::new(Coord { x: 4.043e7, y: 3.57e6 }, Coord { x: 4.046e7, y: 3.6e6 });
        assert_eq!(
            prefixed.find(&Told::read("445426.83 3585247.59").unwrap(), &extent),
            Ok((40_445_426.83, 3_585_247.59))
        );
        assert_eq!(prefixed.find(&Told::read("99445426.83 3585247.59").unwrap(), &extent), Err(Astray::Nowhere));
    }
}
