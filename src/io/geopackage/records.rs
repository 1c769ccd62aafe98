//! The outcome as rows: flags, zones hit, zones, comparisons. `flags.gpkg` says its words in a language; the ledger
//! keeps neutral ones, so that it reads the same whoever runs it.

use rusqlite::types::Value;

use super::row::{Row, value};
use crate::lang::Lang;
use crate::model::flag::{Discard, Flag, Reason, Tested, ZoneHit};
use crate::model::outcome::{ComparisonOutcome, Outcome, SceneRecord, Tally, ZoneTally};
use crate::model::scene::SceneKind;
use crate::model::volume::Volume;
use crate::model::zone::Zone;

/// Which words a row uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// The program's own, as `high`.
    Neutral,
    /// A language's, as `高`.
    In(Lang),
}

impl Words {
    /// The word for a key as `severity.high`.
    fn of(self, key: &str) -> Value {
        match self {
            Self::Neutral => value::text(key.rsplit('.').next().unwrap_or(key)),
            Self::In(lang) => value::text(lang.word(key)),
        }
    }

    fn image(self, kind: SceneKind) -> Value {
        self.of(&format!("kind.{}", kind.word()))
    }

    /// A user's own kind of zone stays as it is.
    fn zone_kind(self, kind: &str) -> Value {
        let known = match self {
            Self::Neutral => None,
            Self::In(lang) => lang.known_word(&format!("zone_kind.{kind}")),
        };
        value::text(known.unwrap_or_else(|| kind.to_owned()))
    }

    fn tests(self, tests: &[Tested]) -> Value {
        match self {
            Self::Neutral => serde_json::to_string(tests).map_or(Value::Null, Value::Text),
            Self::In(lang) => value::text(crate::report::tests(tests, lang)),
        }
    }

    fn reasons(self, reasons: &[Reason]) -> Value {
        match self {
            Self::Neutral => serde_json::to_string(reasons).map_or(Value::Null, Value::Text),
            Self::In(lang) => {
                let joint = if lang == Lang::Zh { "；" } else { "; " };
                value::text(reasons.iter().map(|r| lang.reason(r)).collect::<Vec<_>>().join(joint))
            }
        }
    }
}

/// The patch record of a flag, without its outline.
pub fn flag_row(outcome: &Outcome, comparison: &ComparisonOutcome, flag: &Flag, words: Words) -> Row {
    let mut row = vec![
        ("uuid", value::text(flag.uuid.to_string())),
        ("patch_id", value::text(&flag.code)),
        ("zones_n", value::count(flag.hits.len())),
        ("lon", value::rounded(flag.lonlat.x(), 6)),
        ("lat", value::rounded(flag.lonlat.y(), 6)),
    ];
    if let Some(hit) = flag.hits.first() {
        row.extend(zone_names(&outcome.zones[hit.zone], words));
        row.extend(overlap(hit, words));
    }
    row.push(("place", words.of(flag.place.key())));
    row.extend(patch(flag, words));
    row.extend(volume(flag.patch.volume.as_ref()));
    row.extend(judgement(flag, words));
    row.extend(images(outcome, comparison, words));
    row.push(("method", value::text(&comparison.method)));
    row.push(("threshold", value::maybe_number(comparison.threshold.value)));
    row
}

fn patch(flag: &Flag, words: Words) -> Row {
    let patch = &flag.patch;
    vec![
        ("area_m2", value::rounded(patch.area.0, 2)),
        ("area_mu", value::rounded(patch.area.mu(), 4)),
        ("pixels", value::count(patch.pixels)),
        ("from_cls", words.of(patch.from_class.key())),
        ("to_cls", words.of(patch.to_class.key())),
        ("score", value::number(patch.mean_score)),
        ("score_max", value::number(patch.max_score)),
    ]
}

/// Ground moved, where the patch lies between two surfaces.
fn volume(volume: Option<&Volume>) -> impl Iterator<Item = (&'static str, Value)> {
    let figures = volume.map(Volume::figures).into_iter().flatten();
    figures.map(|(name, m3)| (name, value::rounded(m3, 3)))
}

fn judgement(flag: &Flag, words: Words) -> Row {
    vec![
        ("state", words.of(flag.state.key())),
        ("severity", words.of(flag.severity.key())),
        ("risk", value::rounded(flag.score, 2)),
        ("risk_why", words.reasons(&flag.reasons)),
        ("sug_cd", value::maybe_text(flag.activity.as_ref().map(|a| a.code.as_str()))),
        ("sug_why", flag.activity.as_ref().map_or(Value::Null, |a| words.of(&format!("activity_why.{}", a.why)))),
        ("tests", words.tests(&flag.tests)),
    ]
}

/// A patch that was discarded, without its outline.
pub fn discard_row(outcome: &Outcome, comparison: &ComparisonOutcome, discard: &Discard, words: Words) -> Row {
    let mut row = vec![
        ("rej_cd", value::text(&discard.code)),
        ("rej_why", words.of(&discard.by.key())),
        ("lon", value::rounded(discard.lonlat.x(), 6)),
        ("lat", value::rounded(discard.lonlat.y(), 6)),
        ("area_m2", value::rounded(discard.patch.area.0, 2)),
        ("from_cls", words.of(discard.patch.from_class.key())),
        ("to_cls", words.of(discard.patch.to_class.key())),
        ("score", value::number(discard.patch.mean_score)),
        ("tests", words.tests(&discard.tests)),
    ];
    if let Some(hit) = discard.hits.first() {
        row.extend(zone_names(&outcome.zones[hit.zone], words));
    }
    row.extend(images(outcome, comparison, words));
    row
}

fn images(outcome: &Outcome, comparison: &ComparisonOutcome, words: Words) -> Row {
    let sensor = |scene: &SceneRecord| value::maybe_text(scene.sensor.as_deref());
    let (before, after) = (&outcome.scenes[comparison.from], &outcome.scenes[comparison.to]);
    vec![
        ("img_kind", words.image(comparison.kind)),
        ("t1_date", value::day(comparison.from_date)),
        ("t1_sens", sensor(before)),
        ("t1_gsd", value::number(before.gsd.0)),
        ("t2_date", value::day(comparison.to_date)),
        ("t2_sens", sensor(after)),
        ("t2_gsd", value::number(after.gsd.0)),
    ]
}

fn zone_names(zone: &Zone, words: Words) -> Row {
    vec![
        ("zone_id", value::text(&zone.id)),
        ("zone_nm", value::text(&zone.name)),
        ("zone_knd", words.zone_kind(&zone.kind)),
        ("zone_lvl", value::maybe_text(zone.level.as_deref())),
        ("func_zn", value::maybe_text(zone.function.as_deref())),
        ("bnd_ver", value::text(zone.version())),
    ]
}

fn overlap(hit: &ZoneHit, words: Words) -> Row {
    vec![
        ("ovl_m2", value::rounded(hit.area.0, 2)),
        ("ovl_se_m2", value::rounded(hit.area_error.0, 2)),
        ("ovl_pct", value::rounded(hit.share.percent(), 2)),
        ("d_bnd_m", value::rounded(hit.distance.0, 2)),
        ("p_inside", value::rounded(hit.p_inside.0, 4)),
        ("line", words.of(hit.line.key())),
    ]
}

/// One zone hit, by its rank among the flag's hits (1 is the strictest), without naming zone or flag.
pub fn hit_row(rank: usize, hit: &ZoneHit, words: Words) -> Row {
    let mut row = vec![("rank", value::count(rank)), ("place", words.of(hit.place.key()))];
    row.extend(overlap(hit, words));
    row
}

/// A zone, without its outline.
pub fn zone_row(zone: &Zone, words: Words) -> Row {
    let mut row = zone_names(zone, words);
    row.extend([
        ("layer", value::text(&zone.layer)),
        ("valid_from", value::maybe_day(zone.valid_from)),
        ("valid_to", value::maybe_day(zone.valid_to)),
        ("bnd_err_m", value::number(zone.boundary_error.0)),
        ("ring_m", value::number(zone.ring_width.0)),
        ("strict", value::count(zone.strictness.into())),
        ("area_m2", value::rounded(zone.area.0, 2)),
        ("area_mu", value::rounded(zone.area.mu(), 4)),
    ]);
    row
}

fn tally(tally: &Tally) -> Row {
    vec![
        ("chg_m2", value::rounded(tally.changed.0, 2)),
        ("unchg_m2", value::rounded(tally.unchanged.0, 2)),
        ("notobs_m2", value::rounded(tally.not_observed.0, 2)),
        ("disc_m2", value::rounded(tally.discarded.0, 2)),
    ]
}

/// What one comparison found in one zone.
pub fn zone_tally_row(zone: &ZoneTally) -> Row {
    let mut row = tally(&zone.inside);
    row.extend([
        ("flags_n", value::count(zone.flags)),
        ("r_chg_m2", value::rounded(zone.ring.changed.0, 2)),
        ("r_unchg_m2", value::rounded(zone.ring.unchanged.0, 2)),
        ("r_nobs_m2", value::rounded(zone.ring.not_observed.0, 2)),
        ("r_disc_m2", value::rounded(zone.ring.discarded.0, 2)),
        ("r_flags_n", value::count(zone.ring_flags)),
        ("enough", value::count(zone.enough_data.into())),
        ("r_enough", value::count(zone.ring_enough_data.into())),
    ]);
    row.extend(volume(zone.volume.as_ref()));
    row
}

/// A comparison: its images, method, threshold, misfit, totals.
pub fn comparison_row(outcome: &Outcome, comparison: &ComparisonOutcome, words: Words) -> Row {
    let shift =
        |pick: fn(&crate::model::outcome::Shift) -> f64| value::maybe_number(comparison.shift.as_ref().map(pick));
    let mut row = images(outcome, comparison, words);
    row.extend([
        ("t1_hash", value::text(&outcome.scenes[comparison.from].content_hash)),
        ("t2_hash", value::text(&outcome.scenes[comparison.to].content_hash)),
        ("method", value::text(&comparison.method)),
        ("thr_rule", value::text(&comparison.threshold.rule)),
        ("threshold", value::maybe_number(comparison.threshold.value)),
        ("separation", value::maybe_number(comparison.threshold.separation)),
        ("shift_e_m", shift(|s| s.east.0)),
        ("shift_n_m", shift(|s| s.north.0)),
        ("shift_m", shift(|s| s.length().0)),
        ("resid_m", shift(|s| s.residual.0)),
        ("min_m2", value::number(comparison.smallest_patch.0)),
        ("pixels", Value::Integer(i64::try_from(comparison.pixels_read).unwrap_or(i64::MAX))),
        ("flags_n", value::count(comparison.flags.len())),
        ("crs", value::text(outcome.crs.label())),
        ("tables", value::text(outcome.tables.join("; "))),
        ("program", value::text(&outcome.program)),
        ("gdal", value::text(&outcome.gdal)),
    ]);
    row.push(("dz_m", value::maybe_number(comparison.heights.map(|fit| fit.offset.0))));
    row.extend(volume(comparison.volume.as_ref()));
    row.extend(tally(&comparison.totals));
    row
}
