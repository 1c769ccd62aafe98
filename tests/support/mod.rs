//! What the black-box tests share: the test data, scenes written in many forms, runs of the program.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

pub mod made;

/// The shared test data, or `None` (and a word about it) where they are absent.
pub fn data(relative: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("ECOREDLINE_DATA").map_or_else(beside, PathBuf::from).join(relative);
    if path.exists() {
        return Some(path);
    }
    say(&format!("skipped: no test data at {}", path.display()));
    None
}

/// A line for the reader of the test's output.
#[allow(clippy::print_stderr, reason = "measured figures are for the reader")]
pub fn say(line: &str) {
    eprintln!("{line}");
}

/// The project of the simulated reach, to be run in any folder; its results go to `out` there.
pub fn sample_project() -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let text = std::fs::read_to_string(sample.join("ecoredline.toml")).unwrap();
    text.replace("path = \"", &format!("path = \"{}/", sample.to_str().unwrap())).replace("../out/demo", "out")
}

/// A run that came to its end with results.
pub struct Run {
    /// Where the project file lies.
    pub folder: PathBuf,
    /// `summary.json`.
    pub summary: Json,
    /// Exit code.
    pub code: i32,
}

/// Writes a project into a folder and runs the program there.
pub fn run(folder: &Path, project: &str) -> Run {
    run_with(folder, project, &[], &[])
}

/// As [`run`], with further words on the command line and in the environment.
pub fn run_with(folder: &Path, project: &str, words: &[&str], environment: &[(&str, &str)]) -> Run {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("project.toml"), project).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecoredline"));
    command.args(["--headless", "--lang", "en"]).args(words).arg("project.toml").current_dir(folder);
    let ended = command.env_remove("ECOREDLINE_LANG").envs(environment.iter().copied()).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
    let code = ended.status.code().unwrap_or(-1);
    assert!(matches!(code, 0 | 2), "ended with {code}: {told}\n{project}");
    let summary = std::fs::read(folder.join("out/summary.json")).unwrap();
    Run { folder: folder.to_path_buf(), summary: serde_json::from_slice(&summary).unwrap(), code }
}

/// Writes a project into a folder and runs the program there, whatever comes of it: exit code and all that it said.
pub fn program(folder: &Path, project: &str, words: &[&str]) -> (i32, String) {
    std::fs::write(folder.join("project.toml"), project).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecoredline"));
    command.arg("--headless").args(words).arg("project.toml").current_dir(folder).env_remove("ECOREDLINE_LANG");
    let ended = command.output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
    (ended.status.code().unwrap_or(-1), told)
}

impl Run {
    /// The comparisons of the run.
    pub fn comparisons(&self) -> &[Json] {
        self.summary["comparisons"].as_array().unwrap()
    }

    /// The zones of a comparison.
    pub fn zones(&self, comparison: usize) -> &[Json] {
        self.comparisons()[comparison]["zones"].as_array().unwrap()
    }

    /// The zone of that identifier in a comparison.
    pub fn zone(&self, comparison: usize, id: &str) -> &Json {
        self.zones(comparison).iter().find(|zone| zone["id"] == id).unwrap()
    }

    /// Codes of the warnings.
    pub fn codes(&self) -> Vec<&str> {
        self.summary["warnings"].as_array().unwrap().iter().filter_map(|w| w["code"].as_str()).collect()
    }

    /// Peak memory of the run in MB.
    pub fn peak_mb(&self) -> f64 {
        number(&self.summary, "peak_rss_mb")
    }

    /// Contents of every output by relative name; of `summary.json` without what belongs to the run alone.
    pub fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.folder.join("out"), "", &mut files);
        let mut summary = self.summary.clone();
        for key in ["timing_s", "peak_rss_mb"] {
            assert!(summary.as_object_mut().unwrap().remove(key).is_some());
        }
        files.insert("summary.json".into(), serde_json::to_vec_pretty(&summary).unwrap());
        files
    }

    /// The comparisons alone, as text: every figure that stands in `summary.json` about change.
    pub fn figures(&self) -> String {
        serde_json::to_string_pretty(&self.summary["comparisons"]).unwrap()
    }

    /// `flags.geojson` without the identities: outlines and figures of every flag.
    pub fn flags(&self) -> Vec<Json> {
        let text = std::fs::read(self.folder.join("out/flags.geojson")).unwrap();
        let flags: Json = serde_json::from_slice(&text).unwrap();
        flags["features"].as_array().unwrap().clone()
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// Fails with the names of the files that differ.
pub fn assert_same_outputs(a: &Run, b: &Run, what: &str) {
    let (a, b) = (a.outputs(), b.outputs());
    let names: Vec<&String> = a.keys().chain(b.keys()).collect();
    let differing: Vec<&&String> = names.iter().filter(|name| a.get(**name) != b.get(**name)).collect();
    assert!(differing.is_empty(), "{what}: {differing:?} differ");
}

/// A number of a JSON object.
pub fn number(json: &Json, key: &str) -> f64 {
    json[key].as_f64().unwrap_or_else(|| panic!("no number {key} in {json}"))
}

/// Fails unless the three parts of every zone add up to its area, and none is negative.
pub fn assert_parts_add_up(run: &Run) {
    for comparison in run.comparisons() {
        for zone in comparison["zones"].as_array().unwrap() {
            let parts = ["changed_m2", "unchanged_m2", "not_observed_m2"].map(|key| number(zone, key));
            let area = number(zone, "area_m2");
            assert!(parts.iter().all(|p| *p >= 0.0), "{zone}");
            assert!((parts.iter().sum::<f64>() - area).abs() <= 1e-9 * area, "{zone}");
        }
    }
}

/// A `[[scenes]]` entry.
pub fn scene(path: &Path, date: &str, bands: &str) -> String {
    format!("[[scenes]]\npath = {}\ndate = {date}\nbands = {{ {bands} }}\n", quoted(path))
}

/// A path as a TOML string.
pub fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_str().unwrap())
}
