//! A flag: a patch together with the zones it touches, how severe that is and why.

use geo_types::Point;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::patch::Patch;
use super::units::{Fraction, Metres, SquareMetres};

/// Where a patch lies with respect to the zones it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Inside a zone, wholly or partly.
    Inside,
    /// In the outer ring of a zone only: counted apart, never an encroachment.
    Ring,
}

impl Place {
    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Inside => "place.inside",
            Self::Ring => "place.ring",
        }
    }
}

/// One zone that a patch touches.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneHit {
    /// Index into the outcome's zones.
    pub zone: usize,
    /// Inside it, or in its ring only.
    pub place: Place,
    /// Area of the patch inside the zone (inside the ring for a ring hit).
    pub area: SquareMetres,
    /// That area as a share of the patch.
    pub share: Fraction,
    /// Distance from the patch to the zone's boundary: negative inside (how deep it reaches), positive outside.
    pub distance: Metres,
}

/// How severe a flag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Look when there is time.
    Low,
    /// Look this season.
    Medium,
    /// Look first.
    High,
}

impl Severity {
    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Low => "severity.low",
            Self::Medium => "severity.medium",
            Self::High => "severity.high",
        }
    }
}

/// One reason in words: a key below `reason.` in the language files and the facts it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Key below `reason.`.
    pub code: String,
    /// Points it adds to the severity score.
    pub points: f64,
    /// Facts for the words.
    pub facts: Vec<(String, String)>,
}

/// Where a flag stands in its life. The words are those of the draft standard for red-line patches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagState {
    /// 自动变化检测图斑: found by the program, nobody has looked.
    Detected,
    /// Found by an earlier run, no longer by the latest run of the same comparison. It stays on record.
    Superseded,
}

impl FlagState {
    /// The word in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Superseded => "superseded",
        }
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Detected => "state.detected",
            Self::Superseded => "state.superseded",
        }
    }
}

/// A patch that touches a zone or its ring.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Identity for programs: stays the same when a later run finds the flag again.
    pub uuid: Uuid,
    /// Identity for people: `2025-0007`, numbered by the later epoch's year within the ledger.
    pub code: String,
    /// The patch.
    pub patch: Patch,
    /// The patch's point in CGCS2000 longitude and latitude (degrees).
    pub lonlat: Point<f64>,
    /// Zones hit, the strictest first, then the larger area. Never empty.
    pub hits: Vec<ZoneHit>,
    /// Inside a zone, or in rings only.
    pub place: Place,
    /// How severe.
    pub severity: Severity,
    /// The score behind it, 0–100.
    pub score: f64,
    /// Why, most weighty first.
    pub reasons: Vec<Reason>,
    /// Where it stands.
    pub state: FlagState,
}
