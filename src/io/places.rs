//! The program's own folders of this user: settings, and what must outlive a crash. Nothing of them belongs to a project.

use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

fn set(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn home(below: &str) -> Option<PathBuf> {
    set("HOME").map(|home| home.join(below))
}

/// Where settings are kept, where the system names a place for them.
///
/// Source: XDG Base Directory Specification 0.8.
#[must_use]
pub fn settings() -> Option<PathBuf> {
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("APPDATA")).or_else(|| home(".config"))?;
    Some(folder.join("ecoredline"))
}

/// Where states are kept that must outlive a crash but are no settings: histories of project files, drafts, copies.
///
/// Source: XDG Base Directory Specification 0.8.
#[must_use]
pub fn states() -> Option<PathBuf> {
    let folder = set("XDG_STATE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(|| home(".local/state"))?;
    Some(folder.join("ecoredline"))
}

/// A name that belongs to one path alone: its last part for people, and a number for the whole.
#[must_use]
pub fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace(|c: char| !c.is_alphanumeric(), "_");
    let number = xxh3_64(path.as_os_str().as_encoded_bytes());
    format!("{}-{number:016x}", stem.chars().take(40).collect::<String>())
}
