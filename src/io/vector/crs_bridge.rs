//! CRS as this room needs them: `io::crs` without its reasons, which a layer's own refusals replace.

use gdal::spatial_ref::SpatialRef;

use crate::io::crs;
use crate::model::crs::{Crs, CrsUnit};

/// The CRS a text names (`EPSG:4490`, WKT).
pub(super) fn parse(text: &str) -> Option<Crs> {
    on_earth(crs::parse(text).ok()?)
}

/// The CRS of a WKT text, ESRI's dialect included.
pub(super) fn from_wkt(text: &str) -> Option<Crs> {
    on_earth(crs::from_wkt(text).ok()?)
}

/// The CRS of an ESRI `.prj` file.
pub(super) fn from_prj(text: &str) -> Option<Crs> {
    from_wkt(text)
}

/// The CRS of a GDAL layer.
pub(super) fn from_spatial_ref(srs: &SpatialRef) -> Option<Crs> {
    from_wkt(&srs.to_wkt().ok()?)
}

/// A local CRS says nothing about the Earth and counts as none.
fn on_earth(crs: Crs) -> Option<Crs> {
    (crs.unit != CrsUnit::Unknown).then_some(crs)
}

/// The way from one CRS to another.
pub(super) struct Transformer(crs::Transformer);

impl Transformer {
    /// Looks the way up; `None` where there is none.
    pub(super) fn new(from: &Crs, to: &Crs) -> Option<Self> {
        crs::Transformer::new(from, to).ok().map(Self)
    }

    /// Whether both CRS are the same.
    pub(super) fn is_identity(&self) -> bool {
        self.0.is_identity()
    }

    /// Carries points over in place; false where one has no image.
    pub(super) fn forward(&self, points: &mut [(f64, f64)]) -> bool {
        self.0.forward(points).is_ok()
    }
}
