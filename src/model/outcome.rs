//! What a run found: everything that reports, the ledger and `summary.json` are made of.

use std::collections::BTreeMap;

use std::path::PathBuf;

use uuid::Uuid;

use super::Date;
use super::crs::Crs;
use super::flag::{Discard, Flag, Place, ZoneHit};
use super::grid::Grid;
use super::notice::Notice;
use super::picture::Chip;
use super::scene::{BandRole, SceneKind};
use super::transfer::Transfers;
use super::units::{Fraction, Metres, SquareMetres};
use super::volume::{HeightFit, Volume};
use super::zone::Zone;

/// Changed, unchanged and not observed area. The three add up to the area they were counted over.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Observed at both dates and changed.
    pub changed: SquareMetres,
    /// Observed at both dates, no change.
    pub unchanged: SquareMetres,
    /// Not observed at one date at least.
    pub not_observed: SquareMetres,
    /// Of `changed`: what lies in discarded patches, so that something else than a change of the ground explains it, or
    /// too little was seen around it. Never more than `changed`.
    pub discarded: SquareMetres,
}

impl Tally {
    /// The area counted over.
    #[must_use]
    pub fn total(&self) -> SquareMetres {
        self.changed + self.unchanged + self.not_observed
    }

    /// Sets the discarded part. An outline may hold pixels that did not change (small holes are filled), the changed area
    /// does not.
    fn discard(&mut self, area_m2: f64) {
        self.discarded = SquareMetres(area_m2.min(self.changed.0));
    }

    /// Share of the area that both dates show; all of it where there is no area.
    #[must_use]
    pub fn observed(&self) -> Fraction {
        let total = self.total();
        if total.0 > 0.0 { Fraction::of(self.changed + self.unchanged, total) } else { Fraction(1.0) }
    }
}

/// One zone in one comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneTally {
    /// Index into [`Outcome::zones`].
    pub zone: usize,
    /// Inside the zone.
    pub inside: Tally,
    /// In its ring; zero without one.
    pub ring: Tally,
    /// Flags inside the zone.
    pub flags: usize,
    /// Flags in its ring only.
    pub ring_flags: usize,
    /// Whether enough of the zone was seen to say something of it; a zone without is no zone without change.
    pub enough_data: bool,
    /// The same of its ring.
    pub ring_enough_data: bool,
    /// Ground moved inside the zone; of surfaces only.
    pub volume: Option<Volume>,
}

impl ZoneTally {
    /// The areas of a zone and its ring, before flags, volumes and want of data are known.
    #[must_use]
    pub fn of_areas(zone: usize, inside: Tally, ring: Tally) -> Self {
        let (flags, ring_flags, volume) = (0, 0, None);
        Self { zone, inside, ring, flags, ring_flags, enough_data: true, ring_enough_data: true, volume }
    }

    /// Whether enough was seen of the zone, or of its ring.
    #[must_use]
    pub fn enough(&self, place: Place) -> bool {
        match place {
            Place::Inside => self.enough_data,
            Place::Ring => self.ring_enough_data,
        }
    }
}

/// The measured misfit between two scenes after both were put on the analysis grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Eastward shift of the later scene against the earlier one; the mean of a field.
    pub east: Metres,
    /// Northward shift.
    pub north: Metres,
    /// Spread of the tiles' shifts around it, or around the field (1.4826 · MAD, both axes together).
    pub spread: Metres,
    /// Root of the mean squared misfit of the tiles as the scenes are compared, strays left out.
    pub residual: Metres,
    /// Least and greatest length of the shift over the ground compared, where the later scene was moved back by a smooth
    /// field instead of one shift.
    pub field: Option<(Metres, Metres)>,
    /// Tiles that could be measured.
    pub tiles: usize,
    /// Whether the later scene was moved back by it before comparing.
    pub corrected: bool,
}

impl Shift {
    /// Its length.
    #[must_use]
    pub fn length(&self) -> Metres {
        Metres(self.east.0.hypot(self.north.0))
    }
}

/// How the threshold came about.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdChoice {
    /// Scores above it are changed; `None` where no reliable threshold exists and nothing is flagged.
    pub value: Option<f64>,
    /// Rule that gave it: `otsu`, `kittler-illingworth`, `fixed` …
    pub rule: String,
    /// Why this rule, a key below `threshold.` in the language files.
    pub why: &'static str,
    /// Ashman's D of the two sides, the separation.
    pub separation: Option<f64>,
}

/// Scores of the sample, for the chart in the report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreHistogram {
    /// Score at the left edge of the first bin.
    pub low: f64,
    /// Score at the right edge of the last bin.
    pub high: f64,
    /// Pixels in each bin.
    pub counts: Vec<u64>,
}

/// A scene as evidence: which pixels the result rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneRecord {
    /// Day of acquisition.
    pub date: Date,
    /// What it shows.
    pub kind: SceneKind,
    /// Sensor profile.
    pub sensor: Option<String>,
    /// Its files, relative to the project's folder where they lie in it.
    pub paths: Vec<PathBuf>,
    /// CRS of its first file.
    pub crs: String,
    /// Pixel width on the ground.
    pub gsd: Metres,
    /// Bands used.
    pub roles: Vec<BandRole>,
    /// XXH3 (128 bit) over the decoded pixels that the run read, in block order, as hexadecimal: any pixel that differs
    /// shows, however the file is packed. It is no protection against forgery.
    pub content_hash: String,
}

/// One pair of scenes, compared.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOutcome {
    /// Index of the earlier scene in [`Outcome::scenes`].
    pub from: usize,
    /// Index of the later scene.
    pub to: usize,
    /// Date of the earlier scene.
    pub from_date: Date,
    /// Date of the later scene.
    pub to_date: Date,
    /// What is compared.
    pub kind: SceneKind,
    /// The analysis grid.
    pub grid: Grid,
    /// Bands compared, in order.
    pub roles: Vec<BandRole>,
    /// Method used, as in the project file.
    pub method: String,
    /// Threshold and how it came about.
    pub threshold: ThresholdChoice,
    /// What the method learnt of the two scenes: value by name.
    pub learnt: BTreeMap<String, f64>,
    /// Scores of the sample.
    pub histogram: ScoreHistogram,
    /// Measured misfit; `None` where it could not be measured.
    pub shift: Option<Shift>,
    /// Pixels of the analysis grid that were read (each for both scenes).
    pub pixels_read: u64,
    /// Smallest patch reported, by class, and what set it.
    pub smallest_patch: SquareMetres,
    /// Over the union of all zones; overlaps count once, rings do not count.
    pub totals: Tally,
    /// How the two surfaces lie to each other; of surfaces only.
    pub heights: Option<HeightFit>,
    /// Ground moved in the union of all zones; of surfaces only.
    pub volume: Option<Volume>,
    /// What became what in the union of all zones; of land-cover maps only.
    pub transfers: Option<Transfers>,
    /// By zone in force, in the order of [`Outcome::zones`].
    pub zones: Vec<ZoneTally>,
    /// Flags, most severe first.
    pub flags: Vec<Flag>,
    /// Patches in zones that are no flags, each with its reason, largest first.
    pub discarded: Vec<Discard>,
    /// Flags on record of this very comparison whose ground it did not show, or of which it could not tell anything: that
    /// they were not found says nothing of them.
    pub unseen: Vec<Uuid>,
    /// Pictures of the flags, in the same order; `None` where none was kept.
    pub chips: Vec<Option<Chip>>,
}

impl ComparisonOutcome {
    /// Counts flags and discarded area anew, for every zone and all together.
    pub fn recount(&mut self) {
        let flag_hits: Vec<&ZoneHit> = self.flags.iter().flat_map(|flag| &flag.hits).collect();
        let lost_hits: Vec<&ZoneHit> = self.discarded.iter().flat_map(|discard| &discard.hits).collect();
        for tally in &mut self.zones {
            let of = |hit: &&&ZoneHit, place: Place| hit.zone == tally.zone && hit.place == place;
            let count = |place| flag_hits.iter().filter(|hit| of(hit, place)).count();
            let area = |place| lost_hits.iter().filter(|hit| of(hit, place)).map(|hit| hit.area.0).sum::<f64>();
            let (flags, ring_flags) = (count(Place::Inside), count(Place::Ring));
            let (inside, ring) = (area(Place::Inside), area(Place::Ring));
            (tally.flags, tally.ring_flags) = (flags, ring_flags);
            tally.inside.discard(inside);
            tally.ring.discard(ring);
        }
        self.totals.discard(self.discarded.iter().map(|discard| discard.in_zones.0).sum());
    }

    /// Puts the flags and their pictures in their order.
    pub fn sort_flags(&mut self) {
        let (flags, chips) = (std::mem::take(&mut self.flags), std::mem::take(&mut self.chips));
        let mut pairs: Vec<(Flag, Option<Chip>)> = flags.into_iter().zip(chips).collect();
        pairs.sort_by(|(a, _), (b, _)| a.in_order(b));
        (self.flags, self.chips) = pairs.into_iter().unzip();
    }

    /// Puts the discarded patches in their order: largest first, ties by place.
    pub fn sort_discarded(&mut self) {
        let place = |d: &Discard| (d.patch.window.row, d.patch.window.col);
        self.discarded.sort_by(|a, b| b.patch.area.0.total_cmp(&a.patch.area.0).then(place(a).cmp(&place(b))));
    }
}

/// Seconds spent in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTime {
    /// Name of the stage, a key below `stage.`.
    pub stage: &'static str,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Everything a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Name of the project.
    pub project: String,
    /// Version of this program.
    pub program: String,
    /// Version of GDAL.
    pub gdal: String,
    /// CRS in which areas and distances were computed.
    pub crs: Crs,
    /// Why that CRS: a key below `crs_choice.`.
    pub crs_choice: &'static str,
    /// Whether areas are ellipsoidal (else planar in `crs`).
    pub ellipsoidal_areas: bool,
    /// Versions of the tables used, as `strictness 2026.1`.
    pub tables: Vec<String>,
    /// Zones.
    pub zones: Vec<Zone>,
    /// Scenes.
    pub scenes: Vec<SceneRecord>,
    /// Comparisons, by date.
    pub comparisons: Vec<ComparisonOutcome>,
    /// Everything to tell the user.
    pub notices: Vec<Notice>,
    /// Seconds by stage (the only content that depends on a clock).
    pub timing: Vec<StageTime>,
    /// Peak resident memory in MB.
    pub peak_rss_mb: f64,
}
