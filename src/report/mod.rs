//! Outcome → documents, as bytes. Writes nothing, reads nothing, knows no clock.

use serde::{Deserialize, Serialize};

/// A document that a run can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `flags.gpkg`, GeoPackage.
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
