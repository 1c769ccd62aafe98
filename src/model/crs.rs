//! A coordinate reference system as plain data. Parsing and transforming are `io::crs`' business.

use serde::Serialize;

/// A coordinate reference system. Axis order is always the traditional GIS order (x = easting or longitude).
#[derive(Debug, Clone, Serialize)]
pub struct Crs {
    /// The definition that GDAL reads back, WKT.
    pub wkt: String,
    /// The name for people, as `CGCS2000 / 3-degree Gauss-Kruger CM 120E`.
    pub name: String,
    /// The EPSG code, where one is known.
    pub epsg: Option<u32>,
    /// What one unit of x and y is.
    pub unit: CrsUnit,
}

/// The unit of a CRS's axes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum CrsUnit {
    /// Longitude and latitude in degrees.
    Degree,
    /// A projected CRS; one unit is so many metres.
    Projected {
        /// Metres in one unit (1 for metre systems).
        metres: f64,
    },
    /// A local CRS or none at all: no ground distance can be told.
    Unknown,
}

impl Crs {
    /// Whether areas and distances may be computed in it: projected, in metres, and not Web Mercator, whose
    /// metres are off by 1/cos(latitude).
    #[must_use]
    pub fn is_metric(&self) -> bool {
        matches!(self.unit, CrsUnit::Projected { metres } if (metres - 1.0).abs() < 1e-9) && !self.is_web_mercator()
    }

    /// Whether it is Web Mercator (EPSG:3857 and its older codes).
    #[must_use]
    pub fn is_web_mercator(&self) -> bool {
        matches!(self.epsg, Some(3857 | 3785 | 900_913)) || self.name.contains("Pseudo-Mercator")
    }

    /// `EPSG:4549 CGCS2000 / …`, or the bare name where there is no code.
    #[must_use]
    pub fn label(&self) -> String {
        match self.epsg {
            Some(code) => format!("EPSG:{code} {}", self.name),
            None => self.name.clone(),
        }
    }
}

impl PartialEq for Crs {
    fn eq(&self, other: &Self) -> bool {
        match (self.epsg, other.epsg) {
            (Some(a), Some(b)) => a == b,
            _ => self.wkt == other.wkt,
        }
    }
}
