//! A folder, or a few files, of rasters and zone layers → a draft of a project: scenes and layers as guessed, each guess with
//! where it came from; and its text, in which every guess is said.
//!
//! Writes nothing: the text is the front's to save, and never over an existing file. The console writes the draft as it is,
//! the window lets the user change it first.

mod draft;
mod layers;
mod rasters;
mod text;

use std::path::{Path, PathBuf};

use super::error::ProjectError;
use super::product::looks_like_raster;
use super::sensor::Sensors;
use crate::io::files;
use crate::job::{Cancelled, Progress};
use crate::model::notice::{Notice, Weight};

pub use draft::{Basis, Draft, DraftLayer, DraftScene, FieldChoice, Want};
pub use layers::FIELDS;

/// How deep and how far a folder is searched.
const DEPTH: usize = 6;
const MOST_FILES: usize = 20_000;

/// A draft of a project file.
#[derive(Debug, Clone, PartialEq)]
pub struct InitDraft {
    /// The text, TOML.
    pub toml: String,
    /// What was found, passed over, and left for the user to fill in.
    pub notices: Vec<Notice>,
}

/// Drafts the text of a project file from what lies in a folder.
///
/// # Errors
/// The folder cannot be listed, or holds neither a raster that can be dated nor a layer of polygons.
pub fn init(folder: &Path) -> Result<InitDraft, ProjectError> {
    // Nobody watches, so nobody can stop it.
    let draft = draft(folder, &Progress::unwatched()).unwrap_or_else(|_| Ok(Draft::empty(folder)))?;
    Ok(InitDraft { toml: draft.toml(), notices: draft.notices })
}

/// Drafts a project from what lies in a folder.
///
/// # Errors
/// As [`init`]; and [`Cancelled`].
pub fn draft(folder: &Path, progress: &Progress) -> Result<Result<Draft, ProjectError>, Cancelled> {
    let folder = files::absolute(folder);
    match files::list(&folder, DEPTH, MOST_FILES) {
        Ok(all) => drafted(&folder, &without_own_outputs(all), progress),
        Err(error) => Ok(Err(error.into())),
    }
}

/// Drafts a project from files, and from what lies in folders among them.
///
/// # Errors
/// As [`init`]; and [`Cancelled`].
pub fn draft_of(given: &[PathBuf], progress: &Progress) -> Result<Result<Draft, ProjectError>, Cancelled> {
    let mut all = Vec::new();
    for path in given.iter().map(|path| files::absolute(path)) {
        let geodatabase = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gdb"));
        if !files::is_folder(&path) || geodatabase {
            all.push(path);
            continue;
        }
        match files::list(&path, DEPTH, MOST_FILES) {
            Ok(found) => all.extend(without_own_outputs(found)),
            Err(error) => return Ok(Err(error.into())),
        }
    }
    let folder = shared_folder(&all);
    drafted(&folder, &all, progress)
}

fn drafted(folder: &Path, all: &[PathBuf], progress: &Progress) -> Result<Result<Draft, ProjectError>, Cancelled> {
    let sensors = match Sensors::load(None) {
        Ok(sensors) => sensors,
        Err(error) => return Ok(Err(error)),
    };
    let mut notices = Vec::new();
    if all.len() >= MOST_FILES {
        notices.push(Notice::new("init_many_files", Weight::Warning).at(folder).fact("count", MOST_FILES));
    }
    let scenes = rasters::find(all, &sensors, &mut notices, progress)?;
    let layers = layers::find(all, &mut notices, progress)?;
    if scenes.is_empty() && layers.is_empty() {
        return Ok(Err(ProjectError::Nothing { path: folder.to_path_buf(), code: "nothing_found", notices }));
    }
    let found = Notice::new("init_found", Weight::Note).at(folder);
    notices.push(found.fact("scenes", scenes.len()).fact("layers", layers.len()));
    let sensors = sensors.names().map(str::to_owned).collect();
    Ok(Ok(Draft { scenes, layers, sensors, notices, ..Draft::empty(folder) }))
}

/// Leaves out what an earlier run wrote: everything beside a `summary.json`, and ledgers.
fn without_own_outputs(all: Vec<PathBuf>) -> Vec<PathBuf> {
    let is_named = |p: &Path, name: &str| p.file_name().is_some_and(|n| n == name);
    let outputs: Vec<PathBuf> =
        all.iter().filter(|p| is_named(p, "summary.json")).filter_map(|p| p.parent().map(Path::to_path_buf)).collect();
    all.into_iter().filter(|p| !is_named(p, "ledger.gpkg") && !outputs.iter().any(|o| p.starts_with(o))).collect()
}

/// The lowest folder that holds all files.
fn shared_folder(all: &[PathBuf]) -> PathBuf {
    let parents = || all.iter().filter_map(|path| path.parent());
    let shared = |folder: &&Path| parents().all(|parent| parent.starts_with(folder));
    let first = parents().next().unwrap_or(Path::new("/"));
    first.ancestors().find(shared).unwrap_or(Path::new("/")).to_path_buf()
}

/// Whether a path is meant as an image or a layer of zones rather than a project file.
#[must_use]
pub fn is_input(path: &Path) -> bool {
    looks_like_raster(path) || layers::looks_like_layer(path)
}
