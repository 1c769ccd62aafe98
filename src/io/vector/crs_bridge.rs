//! CRS as this room needs them. Absent on purpose: everything else about CRS, which is `io::crs`' business.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use crate::model::crs::{Crs, CrsUnit};

/// The CRS a text names (`EPSG:4490`, WKT).
pub(super) fn parse(text: &str) -> Option<Crs> {
    from_spatial_ref(&SpatialRef::from_definition(text).ok()?)
}

/// The CRS of a WKT text.
pub(super) fn from_wkt(text: &str) -> Option<Crs> {
    from_spatial_ref(&SpatialRef::from_wkt(text).ok()?)
}

/// The CRS of an ESRI `.prj` file.
pub(super) fn from_prj(text: &str) -> Option<Crs> {
    let srs = SpatialRef::from_esri(text).or_else(|_| SpatialRef::from_wkt(text)).ok()?;
    from_spatial_ref(&srs)
}

/// A CRS as plain data; `None` for a local one, which says nothing about the Earth.
pub(super) fn from_spatial_ref(srs: &SpatialRef) -> Option<Crs> {
    let unit = if srs.is_geographic() {
        CrsUnit::Degree
    } else if srs.is_projected() {
        CrsUnit::Projected { metres: srs.linear_units() }
    } else {
        return None;
    };
    Some(Crs { wkt: srs.to_wkt().ok()?, name: srs.name()?, epsg: epsg_of(srs), unit })
}

fn epsg_of(srs: &SpatialRef) -> Option<u32> {
    let code = |srs: &SpatialRef| {
        let is_epsg = srs.auth_name().is_some_and(|name| name.eq_ignore_ascii_case("EPSG"));
        if is_epsg { srs.auth_code().ok().and_then(|code| u32::try_from(code).ok()) } else { None }
    };
    if srs.auth_name().is_some_and(|name| name == "OGC") {
        return Some(4326); // OGC:CRS84 is EPSG:4326 in the traditional axis order, the only one used here.
    }
    code(srs).or_else(|| {
        let mut known = srs.clone();
        known.auto_identify_epsg().ok()?;
        code(&known)
    })
}

/// The way from one CRS to another.
pub(super) struct Transformer(Option<CoordTransform>);

impl Transformer {
    /// Looks the way up; `None` where there is none.
    pub(super) fn new(from: &Crs, to: &Crs) -> Option<Self> {
        if from == to {
            return Some(Self(None));
        }
        let mut from = SpatialRef::from_wkt(&from.wkt).ok()?;
        let mut to = SpatialRef::from_wkt(&to.wkt).ok()?;
        from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        to.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        CoordTransform::new(&from, &to).ok().map(|way| Self(Some(way)))
    }

    /// Whether both CRS are the same.
    pub(super) fn is_identity(&self) -> bool {
        self.0.is_none()
    }

    /// Carries points over in place; false where one has no image.
    pub(super) fn forward(&self, points: &mut [(f64, f64)]) -> bool {
        let Some(way) = &self.0 else { return true };
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        if way.transform_coords(&mut x, &mut y, &mut []).is_err() {
            return false;
        }
        for (point, (x, y)) in points.iter_mut().zip(x.into_iter().zip(y)) {
            *point = (x, y);
        }
        points.iter().all(|(x, y)| x.is_finite() && y.is_finite())
    }
}
