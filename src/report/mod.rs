//! Outcome → documents, as bytes. Writes nothing, reads nothing, knows no clock: the same outcome gives the same bytes.
//!
//! A flag's fields are defined once, in [`columns`]; tables, spreadsheets and geodata all take them from there.
//! Absent on purpose: projections (the caller brings longitude and latitude) and `flags.gpkg` (owned by `io`).

use geo_types::{MultiPolygon, Point};
use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::outcome::Outcome;

pub mod accuracy;
mod audit;
pub mod columns;
mod csv;
mod discards;
mod geojson;
mod html;
mod number;
mod phrase;
pub mod sheet;
#[cfg(test)]
mod specimen;
mod summary;
mod xlsx;

pub use audit::audit;
pub use columns::{Column, ColumnKind, Value, flag_record};
pub use csv::{table, text_for_cell, text_from_cell};
pub use html::map_frame;
pub use phrase::{method, tests, volume};
pub use summary::summary;

/// A document that a run can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `flags.gpkg`, a `GeoPackage`.
    Gpkg,
    /// `flags.geojson`, RFC 7946 (longitude, latitude).
    Geojson,
    /// `flags.csv`, UTF-8 with byte-order mark.
    Csv,
    /// `flags.xlsx`, typed cells.
    Xlsx,
    /// `report.html`, one self-contained page.
    Html,
}

impl Format {
    /// Name of the file in the output directory.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        self.document().map_or("flags.gpkg", Document::file_name)
    }

    /// The document that this room renders; `None` for `flags.gpkg`, which is a database and belongs to `io`.
    #[must_use]
    pub fn document(self) -> Option<Document> {
        match self {
            Self::Gpkg => None,
            Self::Geojson => Some(Document::Geojson),
            Self::Csv => Some(Document::Csv),
            Self::Xlsx => Some(Document::Xlsx),
            Self::Html => Some(Document::Html),
        }
    }
}

/// A document that is rendered to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// Flags as RFC 7946 `GeoJSON`.
    Geojson,
    /// Flags as RFC 4180 CSV.
    Csv,
    /// Flags, zones and notices as a workbook.
    Xlsx,
    /// The report as one page.
    Html,
}

impl Document {
    /// Name of the file in the output directory.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Geojson => "flags.geojson",
            Self::Csv => "flags.csv",
            Self::Xlsx => "flags.xlsx",
            Self::Html => "report.html",
        }
    }
}

/// Everything a document is made of.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// What the run found.
    pub outcome: &'a Outcome,
    /// The flags' shapes in CGCS2000 longitude and latitude: by comparison, then by flag, in the outcome's order.
    pub lonlat: &'a [Vec<MultiPolygon<f64>>],
    /// Longitude and latitude of the corners of [`map_frame`]: south-west, south-east, north-east, north-west.
    pub corners: Option<[Point<f64>; 4]>,
    /// Language of the document.
    pub lang: Lang,
}

/// A document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The longitude/latitude shapes do not match the flags.
    #[error("comparison {comparison}: {flags} flags, but {shapes} shapes in longitude and latitude")]
    Shapes {
        /// Number of the comparison, from 1.
        comparison: usize,
        /// Flags it has.
        flags: usize,
        /// Shapes given.
        shapes: usize,
    },
    /// The workbook could not be built.
    #[error("building the workbook: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The JSON text could not be built.
    #[error("building the JSON text: {0}")]
    Json(#[from] serde_json::Error),
}

impl Explain for ReportError {
    fn notice(&self) -> Notice {
        match self {
            Self::Shapes { comparison, flags, shapes } => Notice::new("report_shapes", Weight::Fatal)
                .fact("comparison", comparison)
                .fact("flags", flags)
                .fact("shapes", shapes),
            Self::Xlsx(cause) => Notice::new("report_xlsx", Weight::Fatal).fact("cause", cause),
            Self::Json(cause) => Notice::new("report_json", Weight::Fatal).fact("cause", cause),
        }
    }
}

/// Renders one document.
///
/// # Errors
/// [`ReportError`] where the shapes do not match the flags, or a workbook exceeds what the format can hold.
pub fn render(document: Document, input: &ReportInput<'_>) -> Result<Vec<u8>, ReportError> {
    match document {
        Document::Geojson => geojson::render(input),
        Document::Csv => Ok(csv::render(input.outcome, input.lang)),
        Document::Xlsx => xlsx::render(input.outcome, input.lang),
        Document::Html => Ok(html::render(input)),
    }
}
