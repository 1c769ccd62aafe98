//! Why a raster was refused.

use std::path::{Path, PathBuf};

use crate::io::crs::CrsError;
use crate::io::sniff::SniffError;
use crate::model::notice::{Explain, Notice, Weight};

/// Why a raster was refused, or cannot be read any more.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RasterError {
    /// Refused before it was opened.
    #[error(transparent)]
    Sniff(#[from] SniffError),
    /// GDAL cannot open it.
    #[error("cannot open {}: {reason}", path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// GDAL's reason.
        reason: String,
    },
    /// It names another file or address to read from.
    #[error("refers to another file or address ({target}): {}", path.display())]
    Reference {
        /// The file.
        path: PathBuf,
        /// What it names.
        target: String,
    },
    /// It claims more pixels than can be meant.
    #[error("claims {cols} x {rows} pixels in {bytes} bytes: {}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Claimed columns.
        cols: u64,
        /// Claimed rows.
        rows: u64,
        /// Size of the file.
        bytes: u64,
    },
    /// One stored block would not fit in memory.
    #[error("a block of {megabytes} MB: {}", path.display())]
    BlockTooLarge {
        /// The file.
        path: PathBuf,
        /// Size of one decoded block.
        megabytes: u64,
    },
    /// More bands than any scene has.
    #[error("{bands} bands: {}", path.display())]
    TooManyBands {
        /// The file.
        path: PathBuf,
        /// Bands it claims.
        bands: u64,
    },
    /// No rows, columns or bands.
    #[error("no pixels: {}", .0.display())]
    NoPixels(PathBuf),
    /// Samples of a type that is no image.
    #[error("samples of type {sample}: {}", path.display())]
    SampleType {
        /// The file.
        path: PathBuf,
        /// GDAL's name of the type.
        sample: String,
    },
    /// It does not say where on Earth it lies.
    #[error("no coordinate reference system: {}", .0.display())]
    NoCrs(PathBuf),
    /// Its CRS says degrees, its coordinates are metres.
    #[error("({x}, {y}) are not degrees: {}", path.display())]
    NotDegrees {
        /// The file.
        path: PathBuf,
        /// x of the upper left corner.
        x: f64,
        /// y of the upper left corner.
        y: f64,
        /// The CRS it claims.
        crs: String,
        /// A system that fits.
        suggestion: String,
    },
    /// No usable geotransform.
    #[error("no usable georeference ({found}): {}", path.display())]
    NoTransform {
        /// The file.
        path: PathBuf,
        /// What there is instead.
        found: String,
    },
    /// A CRS that cannot be used.
    #[error("{source}: {}", path.display())]
    Crs {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CrsError,
    },
    /// A band asked for does not exist.
    #[error("band {index} of {bands}: {}", path.display())]
    NoSuchBand {
        /// The file.
        path: PathBuf,
        /// Band asked for.
        index: usize,
        /// Bands there are.
        bands: usize,
    },
    /// A role asked for is in none of the scene's files.
    #[error("no file of the scene holds the band {role}")]
    NoSuchRole {
        /// The role's word.
        role: &'static str,
    },
    /// The file is not what it was when the project was checked.
    #[error("changed since it was checked: {}", .0.display())]
    Changed(PathBuf),
}

impl RasterError {
    /// The file it is about, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sniff(e) => Some(e.path()),
            Self::NoPixels(path) | Self::NoCrs(path) | Self::Changed(path) => Some(path),
            Self::CannotOpen { path, .. }
            | Self::Reference { path, .. }
            | Self::TooLarge { path, .. }
            | Self::BlockTooLarge { path, .. }
            | Self::TooManyBands { path, .. }
            | Self::SampleType { path, .. }
            | Self::NotDegrees { path, .. }
            | Self::NoTransform { path, .. }
            | Self::Crs { path, .. }
            | Self::NoSuchBand { path, .. } => Some(path),
            Self::NoSuchRole { .. } => None,
        }
    }
}

impl Explain for RasterError {
    fn notice(&self) -> Notice {
        let told = |code| Notice::new(code, Weight::Refused);
        let notice = match self {
            Self::Sniff(e) => e.notice(),
            Self::CannotOpen { reason, .. } => told("R07_cannot_open").fact("reason", reason),
            Self::Reference { target, .. } => told("R03_reference").fact("target", target),
            Self::TooLarge { cols, rows, bytes, .. } => {
                told("R05_claims").fact("cols", cols).fact("rows", rows).fact("bytes", bytes)
            }
            Self::BlockTooLarge { megabytes, .. } => told("R05_block").fact("megabytes", megabytes),
            Self::TooManyBands { bands, .. } => told("R09_bands").fact("bands", bands),
            Self::NoPixels(_) => told("R05_no_pixels"),
            Self::SampleType { sample, .. } => told("R18_sample").fact("sample", sample),
            Self::NoCrs(_) => told("A10_no_crs"),
            Self::NotDegrees { x, y, crs, suggestion, .. } => told("A11_not_degrees")
                .fact("x", format!("{x:.0}"))
                .fact("y", format!("{y:.0}"))
                .fact("crs", crs)
                .fact("suggestion", suggestion),
            Self::NoTransform { found, .. } => told("R15_transform").fact("found", found),
            Self::Crs { source, .. } => source.notice(),
            Self::NoSuchBand { index, bands, .. } => told("A19_band").fact("index", index).fact("bands", bands),
            Self::NoSuchRole { role } => told("A19_role").fact("role", role),
            Self::Changed(_) => told("D07_changed"),
        };
        match self.path() {
            Some(path) => notice.at(path),
            None => notice,
        }
    }
}
