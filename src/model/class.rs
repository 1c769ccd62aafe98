//! Broad land-cover classes that four-band imagery can tell apart.

use serde::{Deserialize, Serialize};

/// A broad class of the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverClass {
    /// Open water.
    Water,
    /// Green vegetation.
    Vegetation,
    /// Bare soil, construction, built: what is neither green nor wet.
    Bare,
    /// The bands at hand do not tell.
    Unknown,
}

impl CoverClass {
    /// The word in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Vegetation => "vegetation",
            Self::Bare => "bare",
            Self::Unknown => "unknown",
        }
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Water => "class.water",
            Self::Vegetation => "class.vegetation",
            Self::Bare => "class.bare",
            Self::Unknown => "class.unknown",
        }
    }
}
