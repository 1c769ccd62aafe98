//! Why a zone layer cannot be read.

use std::path::PathBuf;

use crate::model::notice::{Explain, Notice, Weight};

/// Why a zone layer cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // `path` is the file, `layer` the layer and `layers` all of the file's; the others say themselves.
pub enum VectorError {
    /// The path names something that a library would take for an address or inline data.
    #[error("{} is not the name of a file", path.display())]
    DangerousName { path: PathBuf },
    /// The path is not UTF-8.
    #[error("{} is not UTF-8", path.display())]
    NotUtf8 { path: PathBuf },
    /// No such file.
    #[error("{} does not exist", path.display())]
    Missing { path: PathBuf },
    /// The system does not let it be read.
    #[error("{} cannot be read: {kind}", path.display())]
    Unreadable { path: PathBuf, kind: std::io::ErrorKind },
    /// A folder, pipe or device.
    #[error("{} is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    /// No bytes.
    #[error("{} is empty", path.display())]
    Empty { path: PathBuf },
    /// A web page.
    #[error("{} is a web page", path.display())]
    Html { path: PathBuf },
    /// A file that only refers to others.
    #[error("{} only refers to other files", path.display())]
    Virtual { path: PathBuf },
    /// An archive.
    #[error("{} is an archive", path.display())]
    Archive { path: PathBuf },
    /// A part of a Shapefile other than the `.shp`.
    #[error("{} is only a part of a Shapefile", path.display())]
    SidePart { path: PathBuf },
    /// XML with a document type or entities.
    #[error("{} declares entities", path.display())]
    Entities { path: PathBuf },
    /// No known format.
    #[error("{} starts with {start:?}", path.display())]
    UnknownFormat { path: PathBuf, start: String },
    /// Too large for its format.
    #[error("{} has {size_mb} MB, more than {limit_mb}", path.display())]
    TooLarge { path: PathBuf, size_mb: u64, limit_mb: u64 },
    /// The library cannot open it.
    #[error("{} cannot be opened as {format}: {detail}", path.display())]
    Open { path: PathBuf, format: String, detail: String },
    /// A database that is no `GeoPackage`.
    #[error("{} is no GeoPackage", path.display())]
    NotAGeoPackage { path: PathBuf },
    /// A damaged file.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged { path: PathBuf, detail: String },
    /// A view, virtual table or trigger.
    #[error("{} has a foreign {kind} {object}", path.display())]
    Foreign { path: PathBuf, object: String, kind: &'static str },
    /// Reading took too long.
    #[error("{}: reading {object} took more than {seconds} s", path.display())]
    Deadline { path: PathBuf, object: String, seconds: u64 },
    /// No layer of that name.
    #[error("{} has no layer {layer}", path.display())]
    NoLayer { path: PathBuf, layer: String, layers: Vec<String> },
    /// Several layers and none named.
    #[error("{} has several layers", path.display())]
    ManyLayers { path: PathBuf, layers: Vec<String> },
    /// An encoding nobody knows.
    #[error("unknown encoding {label}")]
    UnknownEncoding { path: PathBuf, label: String },
    /// No CRS.
    #[error("{} states no CRS", path.display())]
    NoCrs { path: PathBuf, layer: String },
    /// A CRS in degrees, coordinates that are none.
    #[error("{}: ({x}, {y}) are not degrees", path.display())]
    NotDegrees { path: PathBuf, crs: String, x: f64, y: f64 },
    /// No way from one CRS to the other.
    #[error("{}: no way from {from} to {to}", path.display())]
    NoWay { path: PathBuf, from: String, to: String },
    /// No records.
    #[error("{} has no records in {layer:?}", path.display())]
    NoFeatures { path: PathBuf, layer: String },
    /// Records, but no polygons.
    #[error("{} has no polygons", path.display())]
    NoPolygons { path: PathBuf, layer: String, points: usize, lines: usize, other: usize },
    /// Every outline was refused; the first refusal says why.
    #[error("{}: no outline of {layer} can be used", path.display())]
    NothingUsable { path: PathBuf, layer: String, first: Box<Notice> },
}

impl VectorError {
    /// The code, the file and the facts.
    fn parts(&self) -> (&'static str, &PathBuf, Vec<(&'static str, String)>) {
        let list = |layers: &[String]| layers.join("、");
        match self {
            Self::DangerousName { path } => ("S02_zone_name", path, vec![]),
            Self::NotUtf8 { path } => ("P33_zone_name", path, vec![]),
            Self::Missing { path } => ("P40_zone_missing", path, vec![]),
            Self::Unreadable { path, kind } => ("P40_zone_unreadable", path, vec![("detail", kind.to_string())]),
            Self::NotAFile { path } => ("P40_zone_not_a_file", path, vec![]),
            Self::Empty { path } => ("R01_zone_empty", path, vec![]),
            Self::Html { path } => ("R01_zone_html", path, vec![]),
            Self::Virtual { path } => ("R02_zone_virtual", path, vec![]),
            Self::Archive { path } => ("R01_zone_archive", path, vec![]),
            Self::SidePart { path } => ("R31_zone_part", path, vec![]),
            Self::Entities { path } => ("S12_zone_entities", path, vec![]),
            Self::UnknownFormat { path, start } => ("R01_zone_format", path, vec![("start", start.clone())]),
            Self::TooLarge { path, size_mb, limit_mb } => {
                ("R08_zone_size", path, vec![("size", size_mb.to_string()), ("limit", limit_mb.to_string())])
            }
            Self::Open { path, format, detail } => {
                ("R35_zone_open", path, vec![("format", format.clone()), ("detail", detail.clone())])
            }
            Self::NotAGeoPackage { path } => ("R35_zone_not_gpkg", path, vec![]),
            Self::Damaged { path, detail } => ("R35_zone_damaged", path, vec![("detail", detail.clone())]),
            Self::Foreign { path, object, kind } => {
                ("R34_zone_foreign", path, vec![("object", object.clone()), ("kind", (*kind).to_owned())])
            }
            Self::Deadline { path, object, seconds } => {
                ("R34_zone_deadline", path, vec![("object", object.clone()), ("seconds", seconds.to_string())])
            }
            Self::NoLayer { path, layer, layers } => {
                ("E28_zone_no_layer", path, vec![("layer", layer.clone()), ("layers", list(layers))])
            }
            Self::ManyLayers { path, layers } => {
                ("E28_zone_many_layers", path, vec![("layers", list(layers)), ("count", layers.len().to_string())])
            }
            Self::UnknownEncoding { path, label } => ("A32_zone_encoding", path, vec![("encoding", label.clone())]),
            Self::NotDegrees { path, crs, x, y } => {
                ("A11_zone_degrees", path, vec![("crs", crs.clone()), ("x", x.to_string()), ("y", y.to_string())])
            }
            Self::NoWay { path, from, to } => ("R18_zone_way", path, vec![("from", from.clone()), ("to", to.clone())]),
            Self::NoFeatures { path, layer } => ("R25_zone_no_records", path, vec![("layer", layer.clone())]),
            Self::NoPolygons { path, layer, points, lines, other } => (
                "E29_zone_no_polygons",
                path,
                vec![
                    ("layer", layer.clone()),
                    ("points", points.to_string()),
                    ("lines", lines.to_string()),
                    ("other", other.to_string()),
                ],
            ),
            Self::NothingUsable { path, first, .. } => (first.code, path, first.facts.clone()),
            Self::NoCrs { path, layer } => ("A10_zone_crs", path, vec![("layer", layer.clone())]),
        }
    }
}

impl Explain for VectorError {
    fn notice(&self) -> Notice {
        let (code, path, facts) = self.parts();
        Notice { code, weight: Weight::Refused, path: Some(path.clone()), facts }
    }
}
