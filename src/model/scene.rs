//! A scene: one date, one kind of image, in one or many files, and what each band means.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo_types::MultiPolygon;
use serde::{Deserialize, Serialize};

use super::Date;
use super::grid::Grid;
use super::legend::Legend;

/// What a scene shows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum SceneKind {
    /// Reflectance or digital numbers from a satellite or aircraft.
    #[default]
    Satellite,
    /// A drone orthomosaic.
    Drone,
    /// A surface model: one band of heights in metres.
    Surface,
    /// A land-cover map: one band of class codes.
    Landcover,
}

impl SceneKind {
    /// The word in project files and file names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Satellite => "satellite",
            Self::Drone => "drone",
            Self::Surface => "surface",
            Self::Landcover => "landcover",
        }
    }

    /// Whether it shows light, so that a sensor profile says what its numbers mean; heights and codes are no light.
    #[must_use]
    pub fn is_image(self) -> bool {
        matches!(self, Self::Satellite | Self::Drone)
    }

    /// Whether its scenes are meant to show whole zones; drones are flown over a part on purpose.
    #[must_use]
    pub fn shows_whole_zones(self) -> bool {
        matches!(self, Self::Satellite | Self::Landcover)
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Satellite => "kind.satellite",
            Self::Drone => "kind.drone",
            Self::Surface => "kind.surface",
            Self::Landcover => "kind.landcover",
        }
    }
}

/// What a band measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BandRole {
    /// Coastal aerosol, ~0.44 µm.
    Coastal,
    /// Blue, ~0.48 µm.
    Blue,
    /// Green, ~0.56 µm.
    Green,
    /// Red, ~0.66 µm.
    Red,
    /// Red edge, ~0.70–0.79 µm.
    RedEdge,
    /// Near infrared, ~0.83 µm.
    Nir,
    /// Short-wave infrared, ~1.6 µm.
    Swir1,
    /// Short-wave infrared, ~2.2 µm.
    Swir2,
    /// Height above a datum, metres.
    Elevation,
    /// A class code.
    Class,
}

impl BandRole {
    /// Every role, in spectral order.
    pub const ALL: [Self; 10] = [
        Self::Coastal,
        Self::Blue,
        Self::Green,
        Self::Red,
        Self::RedEdge,
        Self::Nir,
        Self::Swir1,
        Self::Swir2,
        Self::Elevation,
        Self::Class,
    ];

    /// The word in project files and sensor profiles.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Coastal => "coastal",
            Self::Blue => "blue",
            Self::Green => "green",
            Self::Red => "red",
            Self::RedEdge => "rededge",
            Self::Nir => "nir",
            Self::Swir1 => "swir1",
            Self::Swir2 => "swir2",
            Self::Elevation => "elevation",
            Self::Class => "class",
        }
    }
}

/// How the file stores a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SampleType {
    /// Unsigned 8 bit.
    U8,
    /// Unsigned 16 bit.
    U16,
    /// Signed 16 bit.
    I16,
    /// Unsigned 32 bit.
    U32,
    /// Signed 32 bit.
    I32,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

/// One band of a file, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct BandSource {
    /// What it measures.
    pub role: BandRole,
    /// 1-based index in the file.
    pub index: usize,
    /// `value = stored · scale + offset`.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
    /// Declared nodata value, in stored units.
    pub nodata: Option<f64>,
}

/// What a stored zero means where the file does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zero {
    /// Nothing was observed where all bands of an unsigned image are zero; else it is a value.
    #[default]
    Guess,
    /// A value like any other.
    Value,
    /// Nothing was observed.
    Gap,
}

/// One file of a scene: its lattice and the bands taken from it.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneFile {
    /// Absolute path of a regular file.
    pub path: PathBuf,
    /// The file's own lattice.
    pub grid: Grid,
    /// Rows and columns of one stored block.
    pub block: (usize, usize),
    /// How samples are stored.
    pub sample: SampleType,
    /// The bands taken from it.
    pub bands: Vec<BandSource>,
    /// 1-based index of an alpha band.
    pub alpha: Option<usize>,
    /// Whether the file holds a mask for the whole dataset.
    pub has_mask: bool,
    /// What zero means where no nodata value, alpha band or mask is declared.
    pub zero: Zero,
}

/// Which values of a quality layer mean *not observed*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRule {
    /// Name of the scheme, as `scl`.
    pub scheme: String,
    /// Values that mean *not observed*.
    #[serde(default)]
    pub values: Vec<u32>,
    /// Bits of which any one set means *not observed*.
    #[serde(default)]
    pub bits: u32,
}

impl MaskRule {
    /// Whether a value of the layer hides the ground.
    #[must_use]
    pub fn hides(&self, value: u32) -> bool {
        value & self.bits != 0 || self.values.contains(&value)
    }
}

/// A quality layer or user mask as a raster; it may have a grid of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeMask {
    /// The raster; its only band is read.
    pub file: SceneFile,
    /// What its values mean.
    pub rule: MaskRule,
}

/// A user mask as polygons: they hide every pixel whose centre lies in one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PolygonMask {
    /// The file they were read from.
    pub path: PathBuf,
    /// Valid outlines in the CRS of the analysis, which every grid of a comparison has. They may overlap.
    pub shapes: Arc<Vec<MultiPolygon<f64>>>,
}

/// What hides the ground of a scene.
#[derive(Debug, Clone, PartialEq)]
pub enum SceneMask {
    /// Codes of a raster.
    Codes(Box<CodeMask>),
    /// Polygons.
    Polygons(PolygonMask),
}

impl SceneMask {
    /// The file it comes from.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Codes(codes) => &codes.file.path,
            Self::Polygons(polygons) => &polygons.path,
        }
    }
}

/// One date of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Day of acquisition; a scene known only by its year carries July 1st and says so in `date_is_year`.
    pub date: Date,
    /// Whether only the year is known.
    pub date_is_year: bool,
    /// What it shows.
    pub kind: SceneKind,
    /// Name of the sensor profile.
    pub sensor: Option<String>,
    /// Files: tiles of a mosaic, or the bands of a one-band-per-file product. Where tiles overlap the earlier one wins.
    pub files: Vec<SceneFile>,
    /// What hides its ground: a quality layer, and masks of the user's.
    pub masks: Vec<SceneMask>,
    /// Roles that every tile offers, in spectral order.
    pub roles: Vec<BandRole>,
    /// Whether values are reflectance (0–1), so that spectral rules hold.
    pub is_reflectance: bool,
    /// What codes stand for; of land-cover maps only.
    pub legend: Legend,
}

impl Scene {
    /// The date as in file names: `yyyymmdd`.
    #[must_use]
    pub fn stamp(&self) -> String {
        stamp(self.date)
    }

    /// Pixel width on the ground in map units of the finest file.
    #[must_use]
    pub fn finest_pixel(&self) -> f64 {
        self.files.iter().map(|f| f.grid.transform.pixel_size().0).fold(f64::INFINITY, f64::min)
    }
}

/// A date as in file names: `yyyymmdd`.
#[must_use]
pub fn stamp(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}
