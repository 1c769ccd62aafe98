//! A flag: a patch together with the zones it touches, how severe that is and why.

use std::cmp::Ordering;

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

/// What can be said of a patch and a boundary line, given their errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// 越界: it reaches inside.
    Inside,
    /// 贴线: the data cannot decide.
    AtLine,
    /// 界外: it keeps outside.
    Outside,
}

impl Line {
    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Inside => "line.inside",
            Self::AtLine => "line.at_line",
            Self::Outside => "line.outside",
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
    /// Standard error of that area, by the errors of the boundary, the registration and the patch's edge.
    pub area_error: SquareMetres,
    /// Distance from the patch to the zone's boundary: negative inside, positive outside, 0 where it crosses.
    pub distance: Metres,
    /// Probability that the patch reaches into the zone.
    pub p_inside: Fraction,
    /// What can be said of it.
    pub line: Line,
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

/// An activity that the program suggests; the reviewer decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Code of the list of activities, as `02`; its name stands below `activity.` in the language files.
    pub code: String,
    /// Why, a key below `activity_why.`.
    pub why: String,
    /// Whether inspections look for it first.
    pub focal: bool,
}

/// Why a patch is no flag: what else than a change of the ground may explain it, or that too little was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FalseChange {
    /// Half a pixel of misfit between the scenes.
    Misfit,
    /// The remainder of a cloud or its shadow at the edge of what is hidden.
    Cloud,
    /// Less light on the same ground.
    Shadow,
    /// Another time of the year.
    Season,
    /// What the like ground did between two times of the year.
    Habit,
    /// Fields that take turns.
    Rotation,
    /// The same ground turned back in the comparison before or after.
    TurnedBack,
    /// Something that floats.
    Floating,
    /// The water line moved.
    WaterLine,
    /// Too little of the zone was seen at both dates to say anything of it.
    NotEnoughData,
}

impl FalseChange {
    /// The word in tables and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Misfit => "misfit",
            Self::Cloud => "cloud",
            Self::Shadow => "shadow",
            Self::Season => "season",
            Self::Habit => "habit",
            Self::Rotation => "rotation",
            Self::TurnedBack => "turned_back",
            Self::Floating => "floating",
            Self::WaterLine => "water_line",
            Self::NotEnoughData => "not_enough_data",
        }
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> String {
        format!("false_change.{}", self.word())
    }
}

/// A false-change test of one patch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// The test.
    pub test: FalseChange,
    /// What was measured.
    pub value: f64,
    /// The bound it was held against.
    pub limit: f64,
    /// Whether the test explains the patch.
    pub explains: bool,
}

/// Where a flag stands in its life. The words are those of the draft standard for red-line patches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagState {
    /// 自动变化检测图斑: found by the program, nobody has looked.
    Detected,
    /// Found by an earlier run, no longer by the latest run of the same comparison. It stays on record.
    Superseded,
}

impl FlagState {
    /// All, in the order of their life.
    pub const ALL: [Self; 2] = [Self::Detected, Self::Superseded];

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

/// A patch in a zone or its ring that is no flag. Nothing vanishes silently.
#[derive(Debug, Clone, PartialEq)]
pub struct Discard {
    /// The patch.
    pub patch: Patch,
    /// The patch's point in CGCS2000 longitude and latitude (degrees).
    pub lonlat: Point<f64>,
    /// Zones hit, the strictest first.
    pub hits: Vec<ZoneHit>,
    /// Area inside any zone; where zones overlap it counts once.
    pub in_zones: SquareMetres,
    /// The test that explains it; the first, where several do.
    pub by: FalseChange,
    /// Reason code of the table, `01` to `12`.
    pub code: String,
    /// Every test.
    pub tests: Vec<Tested>,
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
    /// Area inside any zone; where zones overlap it counts once.
    pub in_zones: SquareMetres,
    /// Inside a zone, or in rings only.
    pub place: Place,
    /// How severe.
    pub severity: Severity,
    /// The score behind it, 0–100.
    pub score: f64,
    /// Why, most weighty first.
    pub reasons: Vec<Reason>,
    /// What it may be.
    pub activity: Option<Suggestion>,
    /// The false-change tests that it passed, with their values.
    pub tests: Vec<Tested>,
    /// Where it stands.
    pub state: FlagState,
}

impl Flag {
    /// The order of flags: most severe first, then the larger, then by place, so that it is the same every time.
    #[must_use]
    pub fn in_order(&self, other: &Self) -> Ordering {
        let place = |flag: &Self| (flag.patch.window.row, flag.patch.window.col);
        let by_area = other.patch.area.0.total_cmp(&self.patch.area.0);
        other.score.total_cmp(&self.score).then(by_area).then(place(self).cmp(&place(other)))
    }

    /// The same patch as one that is no flag, for a reason with its code.
    #[must_use]
    pub fn discarded(self, reason: Tested, code: &str) -> Discard {
        let Self { patch, lonlat, hits, in_zones, mut tests, .. } = self;
        tests.retain(|test| test.test != reason.test);
        tests.push(reason);
        Discard { patch, lonlat, hits, in_zones, by: reason.test, code: code.to_owned(), tests }
    }
}
