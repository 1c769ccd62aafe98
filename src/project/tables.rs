//! Versioned tables: strictness of zones, smallest patches, severity, spectral rules. Standards are data, never code;
//! the built-in ones come from `assets/tables/` and say where they come from; a project may override each by a file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ProjectError;
use super::raw::RawTables;
use crate::io::files;
use crate::model::class::CoverClass;
use crate::model::scene::{MaskRule, SceneKind};

const SMALLEST_PATCH: &str = include_str!("../../assets/tables/smallest_patch.toml");
const SEVERITY: &str = include_str!("../../assets/tables/severity.toml");
const STRICTNESS: &str = include_str!("../../assets/tables/strictness.toml");
const COVER_RULES: &str = include_str!("../../assets/tables/cover_rules.toml");
const ACTIVITIES: &str = include_str!("../../assets/tables/activities.toml");
const LINE: &str = include_str!("../../assets/tables/line.toml");
const FALSE_CHANGE: &str = include_str!("../../assets/tables/false_change.toml");
const CROP_CALENDAR: &str = include_str!("../../assets/tables/crop_calendar.toml");
const MASKS: &str = include_str!("../../assets/tables/masks.toml");

/// Head of every table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Provenance {
    /// Name of the table.
    pub name: String,
    /// Version, printed in every report.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
}

/// Smallest patch reported (minimum mapping unit).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SmallestPatch {
    /// Where it comes from.
    pub provenance: Provenance,
    /// Never fewer pixels than this.
    pub pixels: usize,
    /// m² by class after the change (`water`, `vegetation`, `sparse`, `bare`, `built`, `unknown`).
    pub class_m2: std::collections::BTreeMap<String, f64>,
    /// The same for drone images and surface models.
    pub close_range_class_m2: std::collections::BTreeMap<String, f64>,
    /// Holes in a patch smaller than this many pixels are filled.
    pub hole_pixels: usize,
}

impl SmallestPatch {
    /// Smallest area of a class in m²; a class that the table leaves out has none.
    #[must_use]
    pub fn class_area(&self, kind: SceneKind, class: CoverClass) -> f64 {
        let column = match kind {
            SceneKind::Satellite | SceneKind::Landcover => &self.class_m2,
            SceneKind::Drone | SceneKind::Surface => &self.close_range_class_m2,
        };
        column.get(class.word()).copied().unwrap_or_default()
    }
}

/// Schemes of cloud and quality layers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MaskTable {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The schemes.
    pub schemes: Vec<MaskRule>,
}

impl MaskTable {
    /// The scheme of a name; case, hyphens and underscores do not matter.
    #[must_use]
    pub fn scheme(&self, name: &str) -> Option<&MaskRule> {
        let plain = |w: &str| w.to_lowercase().replace(['-', '_', ' '], "");
        self.schemes.iter().find(|s| plain(&s.scheme) == plain(name))
    }
}

/// All tables of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// Schemes of cloud and quality layers.
    pub masks: MaskTable,
    /// Smallest patches.
    pub smallest_patch: SmallestPatch,
    /// Severity points and bounds.
    pub severity: crate::screen::SeverityTable,
    /// Strictness of zones.
    pub strictness: crate::screen::StrictnessTable,
    /// What a flag may be.
    pub activities: crate::screen::ActivityTable,
    /// What can be said at a boundary line.
    pub line: crate::screen::LineTable,
    /// What else may explain a patch.
    pub false_change: crate::screen::FalseChangeTable,
    /// What farming and the seasons do to the ground.
    pub crop_calendar: crate::screen::CropCalendar,
    /// Spectral rules of the broad classes.
    pub cover_rules: crate::detect::CoverRules,
}

impl Tables {
    /// Names and versions for reports, as `strictness 2026.1`.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        vec![
            format!("strictness {}", self.strictness.version),
            format!("severity {}", self.severity.version),
            format!("activities {}", self.activities.version),
            format!("line {}", self.line.version),
            format!("false_change {}", self.false_change.version),
            format!("crop_calendar {}", self.crop_calendar.version),
            format!("cover_rules {}", self.cover_rules.version),
            format!("smallest_patch {}", self.smallest_patch.provenance.version),
            format!("masks {}", self.masks.provenance.version),
        ]
    }

    /// The built-in tables, each replaced by the project's own file where it names one.
    ///
    /// # Errors
    /// A file cannot be read or does not have the table's shape.
    pub fn load(own: &RawTables, folder: &Path) -> Result<Self, ProjectError> {
        let table = Source { folder };
        Ok(Self {
            masks: table.read("masks.toml", MASKS, own.masks.as_deref())?,
            smallest_patch: table.read("smallest_patch.toml", SMALLEST_PATCH, own.smallest_patch.as_deref())?,
            severity: table.read("severity.toml", SEVERITY, own.severity.as_deref())?,
            strictness: table.read("strictness.toml", STRICTNESS, own.strictness.as_deref())?,
            activities: table.read("activities.toml", ACTIVITIES, own.activities.as_deref())?,
            line: table.read("line.toml", LINE, own.line.as_deref())?,
            false_change: table.read("false_change.toml", FALSE_CHANGE, own.false_change.as_deref())?,
            crop_calendar: table.read("crop_calendar.toml", CROP_CALENDAR, own.crop_calendar.as_deref())?,
            cover_rules: table.read("cover_rules.toml", COVER_RULES, own.cover_rules.as_deref())?,
        })
    }
}

struct Source<'f> {
    folder: &'f Path,
}

impl Source<'_> {
    fn read<T: DeserializeOwned>(&self, name: &str, built_in: &str, own: Option<&str>) -> Result<T, ProjectError> {
        let Some(own) = own else { return parse(Path::new(name), built_in) };
        let path: PathBuf = files::absolute(&self.folder.join(own));
        parse(&path, &files::read_text(&path)?)
    }
}

/// A table from its text.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ProjectError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|s| 1 + text.bytes().take(s.start).filter(|b| *b == b'\n').count());
        let place = line.map_or_else(String::new, |l| format!("{l}: "));
        ProjectError::Table { path: path.to_path_buf(), cause: format!("{place}{}", error.message()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_tables_are_read() {
        let tables = Tables::load(&RawTables::default(), Path::new("/")).unwrap();
        assert!(tables.smallest_patch.pixels > 0);
        assert!(tables.versions().iter().all(|v| v.contains(' ') && !v.ends_with(' ')), "{:?}", tables.versions());
        let scl = tables.masks.scheme("SCL").unwrap();
        assert!(scl.hides(9) && scl.hides(3) && !scl.hides(4) && !scl.hides(6));
        let qa = tables.masks.scheme("QA_PIXEL").unwrap();
        assert!(qa.hides(0b1000) && qa.hides(1) && !qa.hides(0b1100_0000));
        let bqa = tables.masks.scheme("bqa").unwrap();
        assert!(bqa.hides(2800) && !bqa.hides(2720), "2720 is clear, 2800 is cloud in Landsat 8 Collection 1");
    }

    #[test]
    fn a_table_of_ones_own_replaces_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let own = MASKS.replace("values = [0, 1, 3, 8, 9, 10, 11]", "values = [9]");
        std::fs::write(folder.path().join("my.toml"), own).unwrap();
        let raw = RawTables { masks: Some("my.toml".into()), ..RawTables::default() };
        let tables = Tables::load(&raw, folder.path()).unwrap();
        assert!(!tables.masks.scheme("scl").unwrap().hides(3));
        std::fs::write(folder.path().join("my.toml"), "\nschemes = 3\n").unwrap();
        let error = Tables::load(&raw, folder.path()).unwrap_err();
        assert!(matches!(error, ProjectError::Table { cause, .. } if cause.starts_with('2')));
    }
}
