//! Beginning a project: what lies in a folder, or a few files, as a draft; and the draft as a project file, beside the data
//! where the user wants one, or in the user's own folder of states where the data are only looked at.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::RunError;
use super::editing::refused;
use crate::io::vector::{self, LayerInfo, LayerQuery};
use crate::io::{self, atomic, files, places};
use crate::job::Progress;
use crate::project::edit::moved;
use crate::project::{self, Draft, ProjectError};

/// Name of the project file in a folder.
pub const FILE: &str = "ecoredline.toml";

/// Drafts a project from a folder, or from files and folders.
///
/// # Errors
/// Nothing was found, the folder cannot be read, or the user stopped it.
pub fn draft(given: &[PathBuf], progress: &Progress) -> Result<Draft, RunError> {
    io::setup::ensure();
    let found = match given {
        [one] if files::is_folder(one) => project::draft(one, progress)?,
        many => project::draft_of(many, progress)?,
    };
    Ok(found?)
}

/// What the layer holds when its texts are read in an encoding; `None` lets the file tell.
///
/// # Errors
/// The layer cannot be read, or nobody knows the encoding.
pub fn layer_in(path: &Path, layer: Option<&str>, encoding: Option<&str>) -> Result<LayerInfo, RunError> {
    io::setup::ensure();
    let (layer, encoding) = (layer.map(str::to_owned), encoding.map(str::to_owned));
    let query = LayerQuery { layer, encoding, ..LayerQuery::at(path) };
    Ok(vector::describe_query(&query)?)
}

/// Writes the project file of a draft, never over another.
///
/// # Errors
/// There is such a file, or none can be written there.
pub fn create(draft: &Draft, file: &Path) -> Result<PathBuf, RunError> {
    let file = files::absolute(file);
    let folder = file.parent().unwrap_or(Path::new("/"));
    atomic::make_folder(folder)?;
    let text = text_in(draft, folder)?;
    atomic::write_new(&file, text.as_bytes())?;
    Ok(file)
}

/// Writes the project file of a draft that is only looked at: not beside the data, which may be anybody's, but in the user's
/// own folder. The same draft gives the same file, so that what was done with it is found again.
///
/// # Errors
/// There is no such folder, or nothing can be written there.
pub fn quick(draft: &Draft, states: &Path) -> Result<PathBuf, RunError> {
    let all: Vec<String> =
        draft.scenes.iter().flat_map(|scene| &scene.paths).map(|p| p.display().to_string()).collect();
    let name = places::name_of(&draft.folder.join(all.join("\n")));
    let number = name.rsplit('-').next().unwrap_or_default();
    let folder = quick_folder(states).join(format!("{}-{number}", places::name_of(&draft.folder)));
    atomic::make_folder(&folder)?;
    let text = text_in(draft, &folder)?;
    let names = (1..).map(|number| if number == 1 { FILE.to_owned() } else { format!("ecoredline-{number}.toml") });
    for file in names.map(|name| folder.join(name)) {
        // What the project began as stands beside it: the project itself may have been changed since.
        let begun = file.with_extension("begun");
        if !file.exists() {
            atomic::write_bytes(&begun, text.as_bytes())?;
            atomic::write_new(&file, text.as_bytes())?;
        }
        if files::read_text(&begun).is_ok_and(|old| old == text) {
            return Ok(file);
        }
    }
    Err(ProjectError::from(files::FileError::WrongKind(folder)).into())
}

/// Where projects lie that are only looked at.
#[must_use]
pub fn quick_folder(states: &Path) -> PathBuf {
    states.join("drafts")
}

/// When a project file was last changed; `None` where it is no longer there.
#[must_use]
pub fn changed(file: &Path) -> Option<Timestamp> {
    Timestamp::try_from(files::modified(file)?).ok()
}

/// Saves a project under another name: its paths lead where they led.
///
/// # Errors
/// There is such a file, none can be written there, or the project's text cannot be read.
pub fn save_as(text: &str, from: &Path, to: &Path) -> Result<PathBuf, RunError> {
    let to = files::absolute(to);
    let folder = |file: &Path| file.parent().unwrap_or(Path::new("/")).to_path_buf();
    let text = moved(text, &folder(from), &folder(&to)).map_err(|error| refused(from, error))?;
    atomic::make_folder(&folder(&to))?;
    atomic::write_new(&to, text.as_bytes())?;
    Ok(to)
}

fn text_in(draft: &Draft, folder: &Path) -> Result<String, RunError> {
    let text = draft.toml();
    if folder == draft.folder {
        return Ok(text);
    }
    moved(&text, &draft.folder, folder).map_err(|error| refused(&folder.join(FILE), error))
}
