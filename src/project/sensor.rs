//! Sensor profiles: what each band of a sensor measures, how stored numbers become reflectance, and which names its
//! files carry. Data, never code: `assets/sensors/*.toml`, extended by a project's own file.

use std::path::Path;

use serde::Deserialize;

use super::error::ProjectError;
use super::schema::nearest;
use super::tables::{self, Provenance};
use crate::model::scene::{BandRole, SceneKind};

/// The built-in families, by file name.
const BUILT_IN: [(&str, &str); 6] = [
    ("plain.toml", include_str!("../../assets/sensors/plain.toml")),
    ("gaofen.toml", include_str!("../../assets/sensors/gaofen.toml")),
    ("ziyuan.toml", include_str!("../../assets/sensors/ziyuan.toml")),
    ("sentinel2.toml", include_str!("../../assets/sensors/sentinel2.toml")),
    ("landsat.toml", include_str!("../../assets/sensors/landsat.toml")),
    ("drone.toml", include_str!("../../assets/sensors/drone.toml")),
];

/// A family of profiles, as in its file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    provenance: Provenance,
    #[serde(default)]
    profiles: Vec<SensorProfile>,
    #[serde(default)]
    words: Vec<Part>,
}

/// A band and the names it goes by, in file names and band descriptions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it measures.
    pub role: BandRole,
    /// Its names.
    pub names: Vec<String>,
}

/// How stored whole numbers become reflectance: `stored · scale + offset`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Radiometry {
    /// Factor.
    pub scale: f64,
    /// Offset.
    pub offset: f64,
    /// Another offset since a processing baseline.
    pub later: Option<LaterOffset>,
}

/// An offset that holds since a processing baseline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterOffset {
    /// First baseline with it, as in file names (`N0400` is 400).
    pub baseline: u32,
    /// Day of that baseline, for files that do not name theirs.
    pub from: String,
    /// The offset.
    pub offset: f64,
}

/// A quality layer that comes with the product.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Scheme of the mask table.
    pub scheme: String,
    /// Names in the product's file names.
    pub names: Vec<String>,
}

/// What is known of a sensor's products.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorProfile {
    /// Name in project files.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Profiles of one family differ by product level; a file's own name decides between them.
    pub family: Option<String>,
    /// Other names in project files.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its scenes are.
    #[serde(default)]
    pub kind: SceneKind,
    /// Starts of words in file names; `+` joins those that must all be there.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Bands by their names.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// Band orders of stacks, by number of bands; `-` is passed over.
    #[serde(default)]
    pub layouts: Vec<Vec<String>>,
    /// Value of pixels without data where the file declares none.
    pub nodata: Option<f64>,
    /// How stored numbers become reflectance; absent for digital numbers.
    pub radiometry: Option<Radiometry>,
    /// Quality layers of the product.
    #[serde(default)]
    pub quality: Vec<Quality>,
}

impl SensorProfile {
    /// The roles of a stack of so many bands, with their band numbers.
    #[must_use]
    pub fn layout(&self, bands: usize) -> Option<Vec<(BandRole, usize)>> {
        let order = self.layouts.iter().find(|l| l.len() == bands)?;
        let role = |word: &String| BandRole::ALL.into_iter().find(|r| r.word() == word);
        Some(order.iter().enumerate().filter_map(|(i, word)| role(word).map(|r| (r, i + 1))).collect())
    }

    /// The length of its longest mark in a path's words; `None` without any.
    fn marked(&self, words: &[String]) -> Option<usize> {
        let has = |start: &str| words.iter().any(|w| w.starts_with(start));
        let hit = |mark: &&String| mark.to_lowercase().split('+').all(has);
        self.marks.iter().filter(hit).map(String::len).max()
    }
}

/// All sensor profiles at hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensors {
    profiles: Vec<SensorProfile>,
    words: Vec<Part>,
}

impl Sensors {
    /// The names of all profiles.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str())
    }

    /// The built-in profiles, and those of a project's own file, which go first.
    ///
    /// # Errors
    /// The file cannot be read or is no family of profiles.
    pub fn load(own: Option<&Path>) -> Result<Self, ProjectError> {
        let mut all = Self { profiles: Vec::new(), words: Vec::new() };
        if let Some(path) = own {
            all.add(tables::parse(path, &crate::io::files::read_text(path)?)?);
        }
        for (name, text) in BUILT_IN {
            all.add(tables::parse(Path::new(name), text)?);
        }
        Ok(all)
    }

    fn add(&mut self, family: Family) {
        self.profiles.extend(family.profiles);
        self.words.extend(family.words);
    }

    /// The profile of a name or alias; case, hyphens and blanks do not matter.
    ///
    /// # Errors
    /// There is none: the name most like it, and all names.
    pub fn named(&self, name: &str) -> Result<&SensorProfile, (Option<String>, String)> {
        let plain = |w: &str| w.to_lowercase().replace(['-', '_', ' '], "");
        let wanted = plain(name);
        let is = |p: &&SensorProfile| plain(&p.name) == wanted || p.aliases.iter().any(|a| plain(a) == wanted);
        self.profiles.iter().find(is).ok_or_else(|| {
            let names = self.profiles.iter().flat_map(|p| std::iter::once(&p.name).chain(&p.aliases));
            let list = self.profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
            (nearest(name, names.map(String::as_str)), list)
        })
    }

    /// The profile whose marks fit a file's name, or the names of the folders it lies in, best.
    #[must_use]
    pub fn marked(&self, path: &Path) -> Option<&SensorProfile> {
        const NAMES_LOOKED_AT: usize = 6;
        let mut best: Option<(usize, &SensorProfile)> = None;
        for name in path.iter().rev().take(NAMES_LOOKED_AT) {
            let words = words(&name.to_string_lossy());
            for profile in &self.profiles {
                if let Some(length) = profile.marked(&words).filter(|l| best.is_none_or(|b| *l > b.0)) {
                    best = Some((length, profile));
                }
            }
        }
        best.map(|b| b.1)
    }

    /// A profile of the same family whose marks fit a file better than the one that was named.
    #[must_use]
    pub fn corrected<'a>(&'a self, named: &'a SensorProfile, path: &Path) -> Option<&'a SensorProfile> {
        let fits = self.marked(path)?;
        (fits.name != named.name && fits.family.is_some() && fits.family == named.family).then_some(fits)
    }

    /// What a band measures, by the words of its description.
    #[must_use]
    pub fn described(&self, description: &str) -> Option<BandRole> {
        role_of(description, &self.words)
    }
}

/// The role whose name stands in a text; the longest name wins.
#[must_use]
pub fn role_of(text: &str, parts: &[Part]) -> Option<BandRole> {
    let padded = padded(text);
    let found = |part: &Part| {
        let lengths = part.names.iter().filter(|n| stands_in(&padded, n)).map(|n| n.chars().count());
        lengths.max().map(|length| (length, part.role))
    };
    parts.iter().filter_map(found).max_by_key(|f| f.0).map(|f| f.1)
}

/// Whether a name stands in a file name as a word of its own.
#[must_use]
pub fn is_named(stem: &str, names: &[String]) -> bool {
    let padded = padded(stem);
    names.iter().any(|n| stands_in(&padded, n))
}

fn stands_in(padded: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    // Chinese has no blanks between words.
    if name.is_ascii() { padded.contains(&self::padded(&name)) } else { padded.contains(&name) }
}

fn words(name: &str) -> Vec<String> {
    let split = name.split(|c: char| !c.is_alphanumeric());
    split.filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn padded(text: &str) -> String {
    format!("_{}_", words(text).join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensors() -> Sensors {
        Sensors::load(None).unwrap()
    }

    #[test]
    fn built_in_profiles_have_unique_names_and_known_roles() {
        let all = sensors();
        let mut names: Vec<&String> =
            all.profiles.iter().flat_map(|p| std::iter::once(&p.name).chain(&p.aliases)).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        for profile in &all.profiles {
            for layout in &profile.layouts {
                let known = layout.iter().filter(|w| *w != "-").count();
                assert_eq!(profile.layout(layout.len()).unwrap().len(), known, "{}", profile.name);
            }
        }
    }

    #[test]
    fn a_profile_is_found_by_name_alias_and_spelling() {
        let all = sensors();
        assert_eq!(all.named("GF-2").unwrap().name, "gf2");
        assert_eq!(all.named("Sentinel-2").unwrap().name, "sentinel2-l2a");
        assert_eq!(all.named("landsat8").unwrap().name, "landsat8-c2l2");
        let (nearest, _) = all.named("sentinal2").unwrap_err();
        assert_eq!(nearest.as_deref(), Some("sentinel2"));
    }

    #[test]
    fn a_file_name_marks_its_sensor() {
        let all = sensors();
        let marked = |p: &str| all.marked(Path::new(p)).map(|s| s.name.as_str());
        assert_eq!(marked("/a/GF2_PMS1_E119.4_N32.4_20230501_L1A0007254321-MSS1.tif"), Some("gf2"));
        assert_eq!(marked("/a/GF1_WFV2_E119_20230501.tif"), Some("gf1-wfv"));
        assert_eq!(marked("/a/LC08_L1TP_195025_20130707_20170503_01_T1_B1.TIF"), Some("landsat8-l1"));
        assert_eq!(marked("/a/LC08_L2SP_120038_20230501_20230510_02_T1_SR_B2.TIF"), Some("landsat8-c2l2"));
        assert_eq!(marked("/a/LE71950252001211EDC00_B3.TIF"), Some("landsat7-l1"));
        assert_eq!(marked("/a/S2A_MSIL2A_20230501_N0509.SAFE/R10m/T50SQB_20230501_B04_10m.jp2"), Some("sentinel2-l2a"));
        assert_eq!(marked("/a/2023.tif"), None);
    }

    #[test]
    fn a_level_1_file_corrects_the_profile_of_level_2() {
        let all = sensors();
        let named = all.named("landsat8").unwrap();
        let file = Path::new("/a/LC08_L1TP_195025_20130707_20170503_01_T1_B1.TIF");
        assert_eq!(all.corrected(named, file).unwrap().name, "landsat8-l1");
        assert!(all.corrected(named, Path::new("/a/GF2_x.tif")).is_none());
    }

    #[test]
    fn bands_are_recognised_by_their_descriptions() {
        let all = sensors();
        let role = |d: &str| all.described(d);
        assert_eq!(role("SWIR1"), Some(BandRole::Swir1));
        assert_eq!(role("Band 4 - Red"), Some(BandRole::Red));
        assert_eq!(role("Red Edge"), Some(BandRole::RedEdge));
        assert_eq!(role("近红外波段"), Some(BandRole::Nir));
        assert_eq!(role("红光"), Some(BandRole::Red));
        assert_eq!(role("Layer_1"), None);
        let landsat = &all.named("landsat8-c2l2").unwrap().parts;
        assert_eq!(role_of("LC08_L2SP_x_SR_B5", landsat), Some(BandRole::Nir));
        assert_eq!(role_of("LC08_L2SP_x_ST_B10", landsat), None);
    }

    #[test]
    fn a_stack_is_read_by_its_number_of_bands() {
        let all = sensors();
        let s2 = all.named("sentinel2-l2a").unwrap();
        assert_eq!(s2.layout(10).unwrap().iter().find(|r| r.0 == BandRole::Nir), Some(&(BandRole::Nir, 7)));
        assert_eq!(s2.layout(5), None);
    }
}
