//! A layer as it lies in the file: texts and outlines, nothing judged yet.

use crate::model::crs::Crs;
use crate::model::notice::Notice;

use super::outline::Outline;
use super::source::{Format, Source};
use super::{VectorError, geopackage, kml, ogr, shapefile};

/// What the caller wishes to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// Name of the layer.
    pub(super) layer: Option<&'a str>,
    /// Encoding of the texts.
    pub(super) encoding: Option<&'a str>,
}

/// One record.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Number in the layer, from 1.
    pub(super) number: usize,
    /// One text per field, where it has a value.
    pub(super) values: Vec<Option<String>>,
    /// Its geometry.
    pub(super) outline: Outline,
}

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Name of the layer.
    pub(super) layer: String,
    /// All layers of the file.
    pub(super) layers: Vec<String>,
    /// CRS the file states.
    pub(super) crs: Option<Crs>,
    /// Names of the fields.
    pub(super) fields: Vec<String>,
    /// Records in the order of the file.
    pub(super) rows: Vec<Row>,
    /// Encoding of the texts.
    pub(super) encoding: Option<String>,
    /// What was found odd.
    pub(super) notices: Vec<Notice>,
}

impl Table {
    /// Takes what was written as (latitude, longitude) for what it is.
    pub(super) fn turn_axes(&mut self) {
        for row in &mut self.rows {
            if let Outline::Parts(parts) = &mut row.outline {
                let points = parts.polygons.iter_mut().flatten().flatten().chain(&mut parts.places);
                points.for_each(|point| (point.x, point.y) = (point.y, point.x));
            }
        }
    }
}

/// Reads one layer.
///
/// # Errors
/// When the file cannot be read or the layer cannot be told.
pub(super) fn load(source: &Source, wish: Wish<'_>) -> Result<Table, VectorError> {
    match source.format {
        Format::GeoPackage => geopackage::load(source, wish),
        Format::Shapefile => shapefile::load(source, wish),
        Format::Kml => kml::load(source, wish),
        Format::GeoJson | Format::FileGdb => ogr::load(source, wish),
    }
}
