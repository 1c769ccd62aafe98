//! Layers of zones, masks and labelled references: `GeoPackage`, Shapefile, `GeoJSON`, KML, File Geodatabase → valid outlines
//! with every repair said, in the analysis CRS.
//!
//! Foreign files are looked at before any library opens them (`source`), read by the least code that does (`GeoPackage` by
//! `SQLite` from a private copy, dBase tables and KML by ourselves, the rest by GDAL with one driver allowed), and every
//! outline passes the gate of [`crate::model::shape`]. Absent on purpose: what the fields mean (ids, kinds, dates), which
//! the project says.

mod check;
mod choose;
mod crs_bridge;
mod dbf;
mod describe;
mod encoding;
mod error;
mod geopackage;
mod kml;
mod labels;
mod ogr;
mod outline;
mod read;
mod shapefile;
mod source;
mod table;
mod transform;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use geo_types::{MultiPolygon, Rect};

use crate::model::crs::Crs;
use crate::model::notice::Notice;

pub use describe::{describe, describe_query};
pub use error::VectorError;
pub use labels::{Labelled, LabelledLayer, Spots, is_vector_file, labels};
pub use read::read;

/// Which layer to read and what its file does not say.
#[derive(Debug, Clone, Default)]
pub struct LayerQuery {
    /// The file, or the folder of a File Geodatabase.
    pub path: PathBuf,
    /// The layer; `None` takes the only one with polygons.
    pub layer: Option<String>,
    /// Stands in for the file's own CRS, or for a missing one.
    pub crs: Option<Crs>,
    /// Encoding of the texts, as `GBK`; `None` lets the file tell.
    pub encoding: Option<String>,
    /// Whether coordinates are written latitude, longitude.
    pub latitude_first: bool,
}

impl LayerQuery {
    /// The only layer of a file, as the file says it.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_path_buf(), ..Self::default() }
    }
}

/// One record of a zone layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneFeature {
    /// Number of the record in its layer, from 1.
    pub number: usize,
    /// Texts of its fields; fields without a value are absent.
    pub fields: BTreeMap<String, String>,
    /// The outline: valid, in the target CRS, shells counter-clockwise.
    pub shape: MultiPolygon<f64>,
}

/// A zone layer in the target CRS.
#[derive(Debug, Clone)]
pub struct LayerRead {
    /// Name of the layer.
    pub layer: String,
    /// CRS of the file (or the one the query gave).
    pub source_crs: Crs,
    /// Records with a usable outline, in the order of the file. Never empty.
    pub features: Vec<ZoneFeature>,
    /// What was mended, left out or found odd.
    pub notices: Vec<Notice>,
}

/// How many records have which kind of geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GeometryKinds {
    /// Polygons and multi-part polygons.
    pub polygons: usize,
    /// Points.
    pub points: usize,
    /// Lines.
    pub lines: usize,
    /// Anything else, or not readable.
    pub other: usize,
    /// None, or an empty one.
    pub missing: usize,
}

/// What a layer holds, without judging its outlines.
#[derive(Debug, Clone)]
pub struct LayerInfo {
    /// The file.
    pub path: PathBuf,
    /// Name of the format.
    pub driver: &'static str,
    /// The layer described.
    pub layer: String,
    /// All layers of the file.
    pub layers: Vec<String>,
    /// Its CRS, where known.
    pub crs: Option<Crs>,
    /// Names of its fields.
    pub fields: Vec<String>,
    /// Number of records.
    pub count: usize,
    /// Their kinds of geometry.
    pub kinds: GeometryKinds,
    /// The box around all outlines, in the layer's own CRS.
    pub extent: Option<Rect<f64>>,
    /// Encoding of the texts.
    pub encoding: Option<String>,
    /// The first five different values of each field.
    pub samples: BTreeMap<String, Vec<String>>,
    /// What was found odd.
    pub notices: Vec<Notice>,
}

#[cfg(test)]
mod tests;
