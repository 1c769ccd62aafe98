//! Text → [`Raw`], with every problem of the text listed. Opens no raster and no layer.

use std::path::Path;

use super::document::{self, Document};
use super::error::{Problem, ProblemKind, ProjectError};
use super::raw::{Raw, VERSION};
use super::schema;
use crate::io::files;

/// Reads a project file.
///
/// # Errors
/// The file cannot be read, is of a newer format, or holds unknown keys or wrong values: all of them are listed.
pub fn load(path: &Path) -> Result<Raw, ProjectError> {
    load_document(path).map(|loaded| loaded.0)
}

/// Reads a project file and keeps where each key stands.
pub(super) fn load_document(path: &Path) -> Result<(Raw, Document), ProjectError> {
    document_of(path, &files::read_text(path)?)
}

/// Reads the text of a project file and keeps where each key stands.
pub(super) fn document_of(path: &Path, text: &str) -> Result<(Raw, Document), ProjectError> {
    let refuse = |problems| ProjectError::Problems { path: path.to_path_buf(), problems };
    parse(text).map_err(|stop| match stop {
        Stop::Newer(version) => ProjectError::Newer { path: path.to_path_buf(), version },
        Stop::Problems(problems) => refuse(problems),
    })
}

/// Why a text is no project.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is of a newer format.
    Newer(i64),
    /// It has mistakes.
    Problems(Vec<Problem>),
}

/// Reads a project from its text.
pub(super) fn parse(text: &str) -> Result<(Raw, Document), Stop> {
    let document = document::parse(text.trim_start_matches('\u{feff}')).map_err(Stop::Problems)?;
    // A newer format may have keys that this program cannot know: say that first, and only that.
    if let Some(version) = document.value["version"].as_i64().filter(|v| *v > i64::from(VERSION)) {
        return Err(Stop::Newer(version));
    }
    let mut problems = schema::problems(&document);
    if problems.is_empty() {
        match serde_json::from_value(document.value.clone()) {
            Ok(raw) => return Ok((raw, document)),
            Err(error) => {
                let kind = ProblemKind::Syntax { cause: error.to_string() };
                problems.push(Problem { line: None, key: String::new(), kind });
            }
        }
    }
    problems.sort_by(|a, b| (a.line, &a.key).cmp(&(b.line, &b.key)));
    Err(Stop::Problems(problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scene::{BandRole, SceneKind};
    use crate::project::error::Wanted;
    use crate::project::raw::{RawRule, RawThreshold};

    fn problems(text: &str) -> Vec<Problem> {
        match parse(text).unwrap_err() {
            Stop::Problems(problems) => problems,
            Stop::Newer(version) => panic!("newer: {version}"),
        }
    }

    #[test]
    fn a_full_project_file_is_read() {
        let text = r#"
version = 1
[project]
name = "扬州"
analysis_crs = "EPSG:4549"
gsd_m = 2
[[zones]]
path = "zones.gpkg"
id_field = "编号"
kind = "国家级生态保护红线"
valid_from = 2018-06-01
ring_m = 500
[[scenes]]
path = "2023.tif"
date = "2023-05-01"
bands = { blue = 1, nir = 4 }
[[scenes]]
paths = ["a.tif", "b.tif"]
year = 2024
kind = "drone"
mask = { path = "m.tif", scheme = "scl" }
[[comparisons]]
from = 2023
to = "2024"
[detection]
threshold = "kittler-illingworth"
[outputs]
rasters = true
formats = ["gpkg", "html"]
language = "zh"
"#;
        let raw = parse(text).unwrap().0;
        assert_eq!(raw.zones[0].valid_from.as_ref().unwrap().0, "2018-06-01");
        assert_eq!(raw.scenes[0].bands.as_ref().unwrap().roles(), [(BandRole::Blue, 1), (BandRole::Nir, 4)]);
        assert_eq!(raw.scenes[1].kind, SceneKind::Drone);
        assert_eq!(raw.comparisons[0].from.0, "2023");
        assert_eq!(raw.detection.threshold, RawThreshold::Rule(RawRule::KittlerIllingworth));
        assert_eq!(
            parse("version = 1\n[detection]\nthreshold = 2.5\n").unwrap().0.detection.threshold,
            RawThreshold::Score(2.5)
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let found = problems("version = 1\n[[scenes]]\npath = \"a.tif\"\ndatum = 2024\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].key.as_str()), (Some(4), "scenes[1].datum"));
        assert!(matches!(&found[0].kind, ProblemKind::UnknownKey { nearest: Some(n), .. } if n == "date"));
    }

    #[test]
    fn all_problems_are_listed_in_the_order_of_lines() {
        let text = "version = 1\n[project]\ngsd_m = \"2\"\n[[scenes]]\nkind = \"drones\"\nbands = { bleu = 1, red = 0 }\n[outputs]\nrasters = 1\n";
        let found = problems(text);
        let lines: Vec<_> = found.iter().map(|p| p.line).collect();
        assert_eq!(lines, [Some(3), Some(5), Some(6), Some(6), Some(8)]);
        assert!(matches!(found[0].kind, ProblemKind::WrongType { wanted: Wanted::Number, .. }));
        assert!(matches!(&found[1].kind, ProblemKind::UnknownWord { nearest: Some(n), .. } if n == "drone"));
        assert!(matches!(&found[2].kind, ProblemKind::UnknownKey { nearest: Some(n), .. } if n == "blue"));
        assert!(matches!(found[3].kind, ProblemKind::OutOfRange { .. }));
        assert!(matches!(found[4].kind, ProblemKind::WrongType { wanted: Wanted::TrueOrFalse, .. }));
    }

    #[test]
    fn a_missing_key_and_a_wrong_threshold_are_named() {
        let found = problems("version = 1\n[[comparisons]]\nfrom = 2020\n[detection]\nthreshold = \"otzu\"\n");
        assert!(matches!(found[0].kind, ProblemKind::Missing));
        assert_eq!(found[0].key, "comparisons[1].to");
        assert!(matches!(&found[1].kind, ProblemKind::UnknownWord { nearest: Some(n), .. } if n == "otsu"));
        assert!(matches!(problems("")[0].kind, ProblemKind::Missing));
    }

    #[test]
    fn a_newer_format_is_said_to_be_newer_whatever_else_it_holds() {
        assert!(matches!(parse("version = 2\nnew_key = 1\n"), Err(Stop::Newer(2))));
        assert!(matches!(problems("version = 0\n")[0].kind, ProblemKind::OutOfRange { .. }));
    }

    #[test]
    fn the_schema_in_assets_is_the_schema_of_the_types() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/project.schema.json");
        if std::env::var_os("ECOREDLINE_WRITE_SCHEMA").is_some() {
            std::fs::write(&path, schema::schema_json()).unwrap();
        }
        let lying = std::fs::read_to_string(&path).unwrap();
        assert!(lying == schema::schema_json(), "run this test with ECOREDLINE_WRITE_SCHEMA=1 to renew it");
    }
}
