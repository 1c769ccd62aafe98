//! The journals of project files that are being changed: one small file for each project, in the user's own folder. The
//! project's folder may be shared or read-only, and a history is one person's; losing it loses no project.

use std::path::{Path, PathBuf};

use super::{atomic, files, places};

fn file(states: &Path, project: &Path) -> PathBuf {
    states.join("history").join(format!("{}.json", places::name_of(project)))
}

/// The journal kept for a project; `None` where there is none that can be read.
#[must_use]
pub fn load(states: &Path, project: &Path) -> Option<String> {
    files::read_text(&file(states, project)).ok()
}

/// Keeps a journal.
///
/// # Errors
/// [`atomic::WriteError`]; an older journal stays whole.
pub fn save(states: &Path, project: &Path, journal: &str) -> Result<(), atomic::WriteError> {
    let file = file(states, project);
    let folder = file.parent().unwrap_or(states);
    atomic::make_folder(folder)?;
    atomic::write_bytes(&file, journal.as_bytes())
}
