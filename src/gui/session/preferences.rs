//! What is remembered from one start to the next.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::tools::KeptView;
use crate::lang::Lang;

/// Most projects remembered.
const RECENT: usize = 8;

/// Remembered wishes and places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Whether the words are English; else Chinese.
    pub english: bool,
    /// Whether the window is dark.
    pub dark: bool,
    /// Projects opened last, the latest first.
    pub recent: Vec<PathBuf>,
    /// Size of the interface in percent.
    pub scale: u32,
    /// How the panes lie, as the dock tells it.
    pub layout: Option<String>,
    /// Memory for the map's tiles, in MB.
    pub map_memory_mb: u32,
    /// Keys of the columns of the table of flags; none: the usual ones.
    pub columns: Vec<String>,
    /// Views kept under a name, by project file.
    pub views: BTreeMap<PathBuf, Vec<KeptView>>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            english: false,
            dark: false,
            recent: Vec::new(),
            scale: 100,
            layout: None,
            map_memory_mb: Self::MAP_MEMORY_MB,
            columns: Vec::new(),
            views: BTreeMap::new(),
        }
    }
}

impl Preferences {
    /// The smallest and largest size of the interface in percent.
    pub const SCALES: (u32, u32) = (70, 200);

    /// Memory for the map's tiles where nothing was chosen, in MB.
    pub const MAP_MEMORY_MB: u32 = 512;

    /// Preferences from their text; what cannot be read is forgotten.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Their text.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        if self.english { Lang::En } else { Lang::Zh }
    }

    /// Puts a project at the head of the list.
    pub fn remember(&mut self, project: &Path) {
        self.recent.retain(|known| known != project);
        self.recent.insert(0, project.to_path_buf());
        self.recent.truncate(RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_project_leads_and_none_is_listed_twice() {
        let mut preferences = Preferences::default();
        for name in ["a", "b", "a"] {
            preferences.remember(Path::new(name));
        }
        assert_eq!(preferences.recent, [PathBuf::from("a"), PathBuf::from("b")]);
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        assert_eq!(Preferences::from_text("{ nonsense"), Preferences::default());
        let kept = Preferences { english: true, ..Preferences::default() };
        assert_eq!(Preferences::from_text(&kept.to_text()), kept);
    }
}
