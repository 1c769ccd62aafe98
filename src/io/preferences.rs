//! What the window remembers between two starts, as one small text in the user's own folder. Losing it loses no work.

use std::path::PathBuf;

use super::{atomic, places};

/// The file, where the system names a place for such files.
fn file() -> Option<PathBuf> {
    Some(places::settings()?.join("window.json"))
}

/// The text kept at the last start; `None` where there is none that can be read.
#[must_use]
pub fn load() -> Option<String> {
    std::fs::read_to_string(file()?).ok()
}

/// Keeps a text for the next start. A folder that cannot be written costs the memory, not the session.
pub fn save(text: &str) {
    if let Some(file) = file() {
        let folder = file.parent().map(std::fs::create_dir_all);
        if folder.is_some_and(|made| made.is_ok()) {
            atomic::write_bytes(&file, text.as_bytes()).ok();
        }
    }
}
