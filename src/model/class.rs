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
    /// Ground with few plants: tilled, mown, trodden.
    Sparse,
    /// Bare soil, sand, rock, construction.
    Bare,
    /// Built or paved.
    Built,
    /// The bands at hand do not tell.
    Unknown,
}

impl CoverClass {
    /// Every class.
    pub const ALL: [Self; 6] = [Self::Water, Self::Vegetation, Self::Sparse, Self::Bare, Self::Built, Self::Unknown];

    /// Whether people or machines must have bared or built it: neither green nor wet.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sparse | Self::Bare | Self::Built)
    }

    /// The word in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Vegetation => "vegetation",
            Self::Sparse => "sparse",
            Self::Bare => "bare",
            Self::Built => "built",
            Self::Unknown => "unknown",
        }
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Water => "class.water",
            Self::Vegetation => "class.vegetation",
            Self::Sparse => "class.sparse",
            Self::Bare => "class.bare",
            Self::Built => "class.built",
            Self::Unknown => "class.unknown",
        }
    }
}
