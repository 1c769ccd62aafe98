//! A flag as the ledger keeps it: everything a reader needs to know of it, without the run that found it.

use geo_types::{MultiPolygon, Point};
use uuid::Uuid;

use super::Date;
use super::class::CoverClass;
use super::flag::{FlagState, Line, Place, Reason, Severity, Tested};
use super::scene::SceneKind;
use super::transfer::Transfers;
use super::units::{Fraction, Metres, SquareMetres};
use super::volume::Volume;

/// One zone that a recorded flag touches.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedHit {
    /// Identifier of the zone.
    pub id: String,
    /// Name of the zone.
    pub name: String,
    /// Kind of the zone.
    pub kind: String,
    /// Level and functional zone, where known.
    pub class: String,
    /// Inside it, or in its ring only.
    pub place: Place,
    /// Area of the patch inside.
    pub area: SquareMetres,
    /// That area as a share of the patch.
    pub share: Fraction,
    /// Standard error of that area; `None` in ledgers older than version 2.
    pub area_error: Option<SquareMetres>,
    /// Distance to the boundary, negative inside.
    pub distance: Metres,
    /// Probability that the patch reaches into the zone; `None` in ledgers older than version 2.
    pub p_inside: Option<Fraction>,
    /// What can be said of it at the line; `None` in ledgers older than version 2.
    pub line: Option<Line>,
    /// Whether enough was seen of the zone (of its ring, for a ring hit); `None` in ledgers older than version 3.
    pub enough_data: Option<bool>,
}

/// What a recorded flag may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedSuggestion {
    /// Code of the list of activities; its name stands below `activity.` in the language files.
    pub code: String,
    /// Why, a key below `activity_why.`.
    pub why: String,
}

/// A zone, or its ring, of which a comparison saw too little to say anything.
#[derive(Debug, Clone, PartialEq)]
pub struct LackingZone {
    /// Layer of the zone.
    pub layer: String,
    /// Identifier of the zone.
    pub id: String,
    /// Version of its boundary.
    pub version: String,
    /// What was compared.
    pub kind: SceneKind,
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// The zone itself, or its ring.
    pub place: Place,
    /// Share of it that both scenes show.
    pub seen: Fraction,
}

/// What became what between two land-cover maps on record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTransfers {
    /// Date of the earlier map.
    pub from: Date,
    /// Date of the later map.
    pub to: Date,
    /// The matrix, over the union of all zones compared.
    pub transfers: Transfers,
}

/// How much of a zone a comparison saw.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneSight {
    /// Name of the zone.
    pub name: String,
    /// What was compared.
    pub kind: SceneKind,
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// What both scenes show of it.
    pub seen: SquareMetres,
    /// What one of them does not show.
    pub unseen: SquareMetres,
}

/// A flag on record.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagRecord {
    /// Identity for programs.
    pub uuid: Uuid,
    /// Identity for people.
    pub code: String,
    /// What was compared.
    pub kind: SceneKind,
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// How severe.
    pub severity: Severity,
    /// The score behind it, 0–100.
    pub score: f64,
    /// Inside a zone, or in rings only.
    pub place: Place,
    /// Where it stands.
    pub state: FlagState,
    /// Area on the ground.
    pub area: SquareMetres,
    /// Number of pixels.
    pub pixels: usize,
    /// Class before.
    pub from_class: CoverClass,
    /// Class after.
    pub to_class: CoverClass,
    /// Longitude and latitude (CGCS2000, degrees).
    pub lonlat: Point<f64>,
    /// Outline in the ledger's CRS.
    pub shape: MultiPolygon<f64>,
    /// Zones hit, the strictest first.
    pub hits: Vec<RecordedHit>,
    /// Why, most weighty first.
    pub reasons: Vec<Reason>,
    /// Mean change score.
    pub mean_score: f64,
    /// Threshold it exceeds.
    pub threshold: Option<f64>,
    /// Method word.
    pub method: String,
    /// What it may be.
    pub suggestion: Option<RecordedSuggestion>,
    /// The false-change tests that it passed.
    pub tests: Vec<Tested>,
    /// Ground moved, where it lies between two surfaces.
    pub volume: Option<Volume>,
}

impl FlagRecord {
    /// What can be said of it at the strictest zone's line.
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        self.hits.first().and_then(|hit| hit.line)
    }
}
