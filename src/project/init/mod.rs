//! A folder of rasters and zone layers → the text of a project file in which every guess is said.
//!
//! Writes nothing: the text is the front's to save, and never over an existing file.

mod draft;
mod layers;
mod rasters;

use std::path::{Path, PathBuf};

use super::error::ProjectError;
use super::sensor::Sensors;
use crate::io::files;
use crate::model::notice::{Notice, Weight};

/// How deep and how far the folder is searched.
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

/// Drafts a project file from what lies in a folder.
///
/// # Errors
/// The folder cannot be listed, or holds neither a raster that can be dated nor a layer of polygons.
pub fn init(folder: &Path) -> Result<InitDraft, ProjectError> {
    let folder = files::absolute(folder);
    let sensors = Sensors::load(None)?;
    let all = without_own_outputs(files::list(&folder, DEPTH, MOST_FILES)?);
    let mut notices = Vec::new();
    if all.len() >= MOST_FILES {
        notices.push(Notice::new("init_many_files", Weight::Warning).at(&folder).fact("count", MOST_FILES));
    }
    let scenes = rasters::find(&all, &sensors, &mut notices);
    let layers = layers::find(&all, &mut notices);
    if scenes.is_empty() && layers.is_empty() {
        return Err(ProjectError::Nothing { path: folder, code: "nothing_found", notices });
    }
    let found = Notice::new("init_found", Weight::Note).at(&folder);
    notices.push(found.fact("scenes", scenes.len()).fact("layers", layers.len()));
    Ok(InitDraft { toml: draft::text(&folder, &scenes, &layers), notices })
}

/// Leaves out what an earlier run wrote: everything beside a `summary.json`, and ledgers.
fn without_own_outputs(all: Vec<PathBuf>) -> Vec<PathBuf> {
    let is_named = |p: &Path, name: &str| p.file_name().is_some_and(|n| n == name);
    let outputs: Vec<PathBuf> =
        all.iter().filter(|p| is_named(p, "summary.json")).filter_map(|p| p.parent().map(Path::to_path_buf)).collect();
    all.into_iter().filter(|p| !is_named(p, "ledger.gpkg") && !outputs.iter().any(|o| p.starts_with(o))).collect()
}
