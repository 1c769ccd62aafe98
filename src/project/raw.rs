//! The project file as written: its keys and their types. A public interface: keys are added, never renamed.
//!
//! Absent on purpose: defaults that depend on other keys or on the data (`check`), and lines (`document`).

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use crate::detect::threshold::Rule;
use crate::model::scene::{BandRole, SceneKind};
use crate::report::Format;

/// The version of the file format that this program writes and reads.
pub const VERSION: u32 = 1;

/// An ecoredline project file.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ecoredline project")]
pub struct Raw {
    /// Version of the file format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The project as a whole.
    #[serde(default)]
    pub project: RawProject,
    /// Layers of protected zones.
    #[serde(default)]
    pub zones: Vec<RawLayer>,
    /// Scenes, one for each date and kind.
    #[serde(default)]
    pub scenes: Vec<RawScene>,
    /// Pairs to compare; by default every consecutive pair of the same kind.
    #[serde(default)]
    pub comparisons: Vec<RawComparison>,
    /// How changes are detected.
    #[serde(default)]
    pub detection: RawDetection,
    /// What is written, and where.
    #[serde(default)]
    pub outputs: RawOutputs,
    /// Files that replace the built-in tables.
    #[serde(default)]
    pub tables: RawTables,
}

/// `[project]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProject {
    /// Name for people; by default the file's own name.
    pub name: Option<String>,
    /// CRS of zones, patches and areas, as `EPSG:4549`: projected, in metres. By default chosen and said.
    pub analysis_crs: Option<String>,
    /// Pixel size of the analysis grid in metres; by default the coarser one of both scenes.
    #[schemars(range(min = 0.001, max = 100_000.0))]
    pub gsd_m: Option<f64>,
    /// The ledger, a GeoPackage; by default `ledger.gpkg` beside this file.
    pub ledger: Option<String>,
}

/// `[[zones]]`: one layer of protected zones.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLayer {
    /// The file: GeoPackage, Shapefile, GeoJSON, KML or FileGDB.
    pub path: String,
    /// The layer in it; needed where the file has several polygon layers.
    pub layer: Option<String>,
    /// Field with the identifier; by default features are numbered.
    pub id_field: Option<String>,
    /// Field with the name.
    pub name_field: Option<String>,
    /// Field with the zone kind.
    pub kind_field: Option<String>,
    /// The zone kind of the whole layer.
    pub kind: Option<String>,
    /// Field with the administrative level.
    pub level_field: Option<String>,
    /// Field with the functional zone.
    pub function_field: Option<String>,
    /// First day the boundary is in force: a date, a year, or the name of a field that holds it.
    pub valid_from: Option<DateText>,
    /// Last day the boundary is in force: a date, a year, or the name of a field that holds it.
    pub valid_to: Option<DateText>,
    /// Standard error of the boundary's position in metres; by default 5.
    #[schemars(range(min = 0.0, max = 10_000.0))]
    pub boundary_error_m: Option<f64>,
    /// Width in metres of the outer ring that is analysed too.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub ring_m: Option<f64>,
    /// CRS where the file does not say it, as `EPSG:4490`.
    pub crs: Option<String>,
    /// Encoding of the texts where the file does not say it, as `GBK`.
    pub encoding: Option<String>,
    /// Whether coordinates are written latitude, longitude.
    #[serde(default)]
    pub latitude_first: bool,
}

/// `[[scenes]]`: one date of one kind.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawScene {
    /// The raster, or a folder with one file for each band.
    pub path: Option<String>,
    /// The tiles of a mosaic, or one file for each band.
    pub paths: Option<Vec<String>>,
    /// Day of acquisition, yyyy-mm-dd.
    pub date: Option<DateText>,
    /// Year, where the day is not known.
    pub year: Option<DateText>,
    /// What it shows.
    #[serde(default)]
    pub kind: SceneKind,
    /// Name of a sensor profile, as `gf2` or `sentinel2-l2a`.
    pub sensor: Option<String>,
    /// Which band is what; counts from 1.
    pub bands: Option<RawBands>,
    /// What hides its ground: a cloud or quality layer, polygons, or a list of these. Polygons join the product's own quality
    /// layer; a raster takes its place.
    pub mask: Option<RawMasks>,
    /// CRS where the file does not say it, as `EPSG:32650`.
    pub crs: Option<String>,
    /// The value that means no data, where the file does not declare it.
    pub nodata: Option<f64>,
    /// Land-cover maps: a table that says what each code stands for, with the columns `code,class[,name]`.
    pub legend: Option<String>,
}

/// `bands = { … }`: the number of the band that measures it, counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBands {
    /// Coastal aerosol, ~0.44 µm.
    #[schemars(range(min = 1, max = 512))]
    pub coastal: Option<u32>,
    /// Blue, ~0.48 µm.
    #[schemars(range(min = 1, max = 512))]
    pub blue: Option<u32>,
    /// Green, ~0.56 µm.
    #[schemars(range(min = 1, max = 512))]
    pub green: Option<u32>,
    /// Red, ~0.66 µm.
    #[schemars(range(min = 1, max = 512))]
    pub red: Option<u32>,
    /// Red edge, ~0.70–0.79 µm.
    #[schemars(range(min = 1, max = 512))]
    pub rededge: Option<u32>,
    /// Near infrared, ~0.83 µm.
    #[schemars(range(min = 1, max = 512))]
    pub nir: Option<u32>,
    /// Short-wave infrared, ~1.6 µm.
    #[schemars(range(min = 1, max = 512))]
    pub swir1: Option<u32>,
    /// Short-wave infrared, ~2.2 µm.
    #[schemars(range(min = 1, max = 512))]
    pub swir2: Option<u32>,
    /// Height in metres.
    #[schemars(range(min = 1, max = 512))]
    pub elevation: Option<u32>,
    /// Class code.
    #[schemars(range(min = 1, max = 512))]
    pub class: Option<u32>,
}

impl RawBands {
    /// The roles given, in spectral order, with their band numbers.
    #[must_use]
    pub fn roles(&self) -> Vec<(BandRole, usize)> {
        let number = |role| match role {
            BandRole::Coastal => self.coastal,
            BandRole::Blue => self.blue,
            BandRole::Green => self.green,
            BandRole::Red => self.red,
            BandRole::RedEdge => self.rededge,
            BandRole::Nir => self.nir,
            BandRole::Swir1 => self.swir1,
            BandRole::Swir2 => self.swir2,
            BandRole::Elevation => self.elevation,
            BandRole::Class => self.class,
        };
        BandRole::ALL.into_iter().filter_map(|role| number(role).map(|n| (role, n as usize))).collect()
    }
}

/// One mask, or several that all hide ground.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawMasks {
    /// One.
    One(RawMask),
    /// Several.
    Several(Vec<RawMask>),
}

impl RawMasks {
    /// All of them, each with its key.
    #[must_use]
    pub fn keyed(&self, key: &str) -> Vec<(String, &RawMask)> {
        match self {
            Self::One(mask) => vec![(key.to_owned(), mask)],
            Self::Several(masks) => {
                masks.iter().enumerate().map(|(at, mask)| (format!("{key}[{}]", at + 1), mask)).collect()
            }
        }
    }
}

/// `mask = { … }`: a cloud or quality layer, or polygons that hide ground.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMask {
    /// The raster (by default the quality band of the product, found by its name), or a layer of polygons: `GeoPackage`,
    /// Shapefile, `GeoJSON`, KML or `FileGDB`.
    pub path: Option<String>,
    /// Rasters: what the values mean, a scheme of the mask table, as `scl`, `qa_pixel`, `bqa`, `hidden`.
    pub scheme: Option<String>,
    /// Polygons: the layer in the file; needed where it has several polygon layers.
    pub layer: Option<String>,
    /// CRS where the file does not say it, as `EPSG:4490`.
    pub crs: Option<String>,
}

/// `[[comparisons]]`: one pair.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawComparison {
    /// The earlier scene: its date, or its year.
    pub from: DateText,
    /// The later scene: its date, or its year.
    pub to: DateText,
    /// Kind of both scenes; by default every kind that has both dates.
    pub kind: Option<SceneKind>,
}

/// `[detection]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDetection {
    /// Method of change detection.
    #[serde(default)]
    pub method: RawMethod,
    /// A rule that finds the threshold, or the threshold itself.
    #[serde(default)]
    pub threshold: RawThreshold,
    /// What is taken back of a misfit between the scenes.
    #[serde(default)]
    pub alignment: RawAlignment,
    /// Smallest patch reported, in m²; by default from the table of smallest patches.
    #[schemars(range(min = 0.0))]
    pub min_area_m2: Option<f64>,
}

/// A method of change detection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawMethod {
    /// Chosen by the kind of scene, and said.
    #[default]
    Auto,
    /// Change vector magnitude on standardised bands.
    Cva,
    /// Iteratively re-weighted multivariate alteration detection.
    Irmad,
    /// Differences of spectral indices (NDVI, NDWI and others that the bands allow), the largest by robust z.
    Index,
    /// Colour and texture of very high resolution images without infrared.
    Structure,
    /// Plain difference, for surface models.
    Difference,
    /// Transitions of classes, for land-cover maps.
    Transition,
}

impl RawMethod {
    /// The word in project files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cva => "cva",
            Self::Irmad => "irmad",
            Self::Index => "index",
            Self::Structure => "structure",
            Self::Difference => "difference",
            Self::Transition => "transition",
        }
    }
}

/// What is taken back of a measured misfit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawAlignment {
    /// One shift, or a field that changes from place to place where that explains much more.
    #[default]
    Auto,
    /// One shift at the most.
    Shift,
    /// Nothing: it is measured and told alone.
    None,
}

/// A threshold: a rule or a score.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawThreshold {
    /// A rule that finds it.
    Rule(RawRule),
    /// This score.
    Score(f64),
}

impl Default for RawThreshold {
    fn default() -> Self {
        Self::Rule(RawRule::Auto)
    }
}

/// A rule that finds a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawRule {
    /// Chosen by the scores, and said.
    Auto,
    /// Otsu 1979.
    Otsu,
    /// Kittler and Illingworth 1986.
    KittlerIllingworth,
    /// Kittler and Illingworth on the logarithm of the scores.
    LogKittlerIllingworth,
    /// Two Gaussians by expectation maximisation (Bruzzone and Prieto 2000).
    Mixture,
    /// The method's own law of unchanged pixels at a probability of 0.001.
    ChiSquare,
    /// 3.5 robust standard deviations above the median.
    RobustZ,
    /// The end of the bulk's tail.
    Tail,
}

impl From<RawRule> for Rule {
    fn from(rule: RawRule) -> Self {
        match rule {
            RawRule::Auto => Self::Auto,
            RawRule::Otsu => Self::Otsu,
            RawRule::KittlerIllingworth => Self::KittlerIllingworth,
            RawRule::LogKittlerIllingworth => Self::LogKittlerIllingworth,
            RawRule::Mixture => Self::Mixture,
            RawRule::ChiSquare => Self::ChiSquare,
            RawRule::RobustZ => Self::RobustZ,
            RawRule::Tail => Self::Tail,
        }
    }
}

/// `[outputs]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOutputs {
    /// The folder; by default `out` beside this file.
    pub directory: Option<String>,
    /// Whether the change and score rasters are written.
    #[serde(default)]
    pub rasters: bool,
    /// Formats of the flags and the report; by default all.
    pub formats: Option<Vec<Format>>,
    /// Language of the documents.
    pub language: Option<RawLanguage>,
}

/// A language of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawLanguage {
    /// 中文.
    Zh,
    /// English.
    En,
}

/// `[tables]`: files that replace the built-in tables.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTables {
    /// Strictness of zones.
    pub strictness: Option<String>,
    /// Severity of flags.
    pub severity: Option<String>,
    /// Spectral rules of the broad classes.
    pub cover_rules: Option<String>,
    /// What a flag may be.
    pub activities: Option<String>,
    /// What can be said at a boundary line.
    pub line: Option<String>,
    /// What farming and the seasons do to the ground in the course of a year.
    pub crop_calendar: Option<String>,
    /// What else may explain a patch: false-change tests and their codes.
    pub false_change: Option<String>,
    /// Smallest patches.
    pub smallest_patch: Option<String>,
    /// Schemes of cloud and quality layers.
    pub masks: Option<String>,
    /// Sensor profiles of one's own, besides the built-in ones.
    pub sensors: Option<String>,
}

/// A date as written: `"2024-07-01"`, `2024-07-01`, `2024` or, where that is allowed, the name of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateText(pub String);

impl<'de> Deserialize<'de> for DateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(de::Error::custom("a date or a year")),
        }
    }
}

impl JsonSchema for DateText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DateText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A date (yyyy-mm-dd) or a year; where that is allowed, the name of a field.",
            "type": ["string", "integer"],
        })
    }
}
