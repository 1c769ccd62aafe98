//! The flags of a comparison: those on record are loaded, the found ones recognised and written, the rest superseded.
//! No flag is ever deleted, and a person's decision outlives every run.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::error::LedgerError;
use super::evidence::Ids;
use super::put::put;
use super::read::{day, word};
use super::run::RunCounts;
use crate::io::geopackage::{Words, decode, encode, flag_row, hit_row, value};
use crate::ledger::{ComparisonKey, KnownFlag, Numbering, content_uuid, flag_uuid, is_put_aside, recognise};
use crate::model::class::CoverClass;
use crate::model::flag::{Flag, FlagState};
use crate::model::outcome::{ComparisonOutcome, Outcome};
use crate::screen::history::EarlierFlag;

/// What every flag of a run is written with.
pub(super) struct Writing<'a> {
    /// The ledger.
    pub connection: &'a Connection,
    /// Number of the CRS.
    pub srs_id: i32,
    /// UUID of the run.
    pub run: &'a str,
    /// Zones and scenes.
    pub ids: &'a Ids,
}

/// Flags on record for the same two days and kind of image, by code; of one state, where one is named.
pub(super) fn known(
    (connection, path): (&Connection, &Path),
    key: &ComparisonKey,
    state: Option<FlagState>,
) -> Result<Vec<KnownFlag>, LedgerError> {
    let sql = "SELECT uuid, patch_id, geom FROM flags WHERE img_kind = ?1 AND t1_date = ?2 AND t2_date = ?3 \
               AND (?4 IS NULL OR state = ?4) ORDER BY patch_id";
    let read = || -> rusqlite::Result<Vec<(String, String, Vec<u8>)>> {
        let mut query = connection.prepare_cached(sql)?;
        let wanted = params![key.kind.word(), key.from.to_string(), key.to.to_string(), state.map(FlagState::word)];
        query.query_map(wanted, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    };
    let flag = |(uuid, code, blob): (String, String, Vec<u8>)| {
        let damaged = || LedgerError::Damaged { path: path.to_path_buf(), detail: format!("flags {code}") };
        let uuid = Uuid::parse_str(&uuid).map_err(|_| damaged())?;
        let shape = decode(&blob).map_err(|_| damaged())?;
        Ok(KnownFlag { uuid, code, shape })
    };
    let rows = read().map_err(|source| LedgerError::from_database(path, source))?;
    rows.into_iter().map(flag).collect()
}

/// Flags on record that stand and belong to none of these comparisons, by code.
pub(super) fn on_record(
    (connection, path): (&Connection, &Path),
    but_of: &[ComparisonKey],
) -> Result<Vec<EarlierFlag>, LedgerError> {
    let sql = "SELECT img_kind, t1_date, t2_date, to_cls, patch_id, geom FROM flags WHERE state = ?1 ORDER BY patch_id";
    let database = |source| LedgerError::from_database(path, source);
    let mut query = connection.prepare(sql).map_err(database)?;
    let mut rows = query.query([FlagState::Detected.word()]).map_err(database)?;
    let mut flags = Vec::new();
    while let Some(row) = rows.next().map_err(database)? {
        let (kind, to) = (word(row, 0).map_err(database)?, day(row, 2).map_err(database)?);
        let key = ComparisonKey { from: day(row, 1).map_err(database)?, to, kind };
        if but_of.contains(&key) {
            continue;
        }
        let code: String = row.get(4).map_err(database)?;
        let blob: Vec<u8> = row.get(5).map_err(database)?;
        let detail = || format!("flags {code}");
        let shape = decode(&blob).map_err(|_| LedgerError::Damaged { path: path.to_path_buf(), detail: detail() })?;
        let to_class = word(row, 3).unwrap_or(CoverClass::Unknown);
        flags.push(EarlierFlag { code, kind, since: to, to_class, shape });
    }
    Ok(flags)
}

impl Writing<'_> {
    /// Writes a flag with every zone it hits.
    pub fn put(&self, outcome: &Outcome, comparison: (&ComparisonOutcome, Uuid), flag: &Flag) -> rusqlite::Result<()> {
        let mut row = flag_row(outcome, comparison.0, flag, Words::Neutral);
        if self.is_decided(flag.uuid)? {
            row.retain(|(name, _)| *name != "state");
        }
        row.push(("comparison", value::text(comparison.1.to_string())));
        row.push(("geom", Value::Blob(encode(&flag.patch.shape, self.srs_id))));
        put(self.connection, "flags", row, self.run)?;
        let mut kept = Vec::with_capacity(flag.hits.len());
        for (index, hit) in flag.hits.iter().enumerate() {
            let zone = self.ids.zones[hit.zone].to_string();
            let mut row = hit_row(index + 1, hit, Words::Neutral);
            let words = ["hit", &flag.uuid.to_string(), &zone, hit.place.key()];
            let uuid = content_uuid(&words).to_string();
            row.push(("uuid", value::text(&uuid)));
            row.push(("flag", value::text(flag.uuid.to_string())));
            row.push(("zone", value::text(zone)));
            put(self.connection, "flag_zones", row, self.run)?;
            kept.push(uuid);
        }
        self.drop_other_hits(flag.uuid, &kept)
    }

    /// A flag whose outline moved may hit fewer zones than before.
    fn drop_other_hits(&self, flag: Uuid, kept: &[String]) -> rusqlite::Result<()> {
        let kept = serde_json::json!(kept).to_string();
        let sql = "DELETE FROM flag_zones WHERE flag = ?1 AND uuid NOT IN (SELECT value FROM json_each(?2))";
        self.connection.prepare_cached(sql)?.execute(params![flag.to_string(), kept])?;
        Ok(())
    }

    fn is_decided(&self, flag: Uuid) -> rusqlite::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM decisions WHERE flag = ?1)";
        self.connection.prepare_cached(sql)?.query_row([flag.to_string()], |row| row.get(0))
    }

    /// Marks flags that this run refutes. A flag none of whose zones was compared this time (the
    /// ledger may serve several projects) and a flag that a person decided on stay as they are.
    pub fn supersede(
        &self,
        lost: &[Uuid],
        outcome: &Outcome,
        comparison: &ComparisonOutcome,
    ) -> rusqlite::Result<usize> {
        let zones: Vec<String> = comparison
            .zones
            .iter()
            .map(|tally| &outcome.zones[tally.zone])
            .map(|zone| format!("{}\u{1f}{}", zone.layer, zone.id))
            .collect();
        let zones = serde_json::json!(zones).to_string();
        let sql = "UPDATE flags SET state = ?1 WHERE uuid = ?2 AND state = ?3 \
                   AND NOT EXISTS (SELECT 1 FROM decisions WHERE flag = ?2) \
                   AND EXISTS (SELECT 1 FROM flag_zones JOIN zones ON zones.uuid = flag_zones.zone \
                     WHERE flag = ?2 AND layer || char(31) || zone_id IN (SELECT value FROM json_each(?4)))";
        let mut update = self.connection.prepare_cached(sql)?;
        let (before, after) = (FlagState::Detected.word(), FlagState::Superseded.word());
        lost.iter().map(|uuid| update.execute(params![after, uuid.to_string(), before, zones])).sum()
    }
}

/// Gives the found flags their identities and states, and returns the known ones that this run refutes: it saw their ground,
/// could tell, and found nothing.
pub(super) fn identify(
    comparison: &mut ComparisonOutcome,
    known: &[KnownFlag],
    numbering: &mut Numbering,
    counts: &mut RunCounts,
) -> Vec<Uuid> {
    let key = ComparisonKey::of(comparison);
    let recognition = recognise(known, &comparison.flags);
    let mut taken: BTreeSet<Uuid> = known.iter().map(|flag| flag.uuid).collect();
    for (flag, found) in comparison.flags.iter_mut().zip(recognition.known_of) {
        if let Some(known) = found.map(|index| &known[index]) {
            (flag.uuid, flag.code) = (known.uuid, known.code.clone());
            counts.known += 1;
        } else {
            flag.uuid = flag_uuid(&key, flag, &mut taken);
            flag.code = numbering.next(key.to.year());
            counts.new += 1;
        }
        flag.state = FlagState::Detected;
    }
    counts.flags += comparison.flags.len();
    let is_open =
        |flag: &KnownFlag| comparison.unseen.contains(&flag.uuid) || is_put_aside(flag, &comparison.discarded);
    let lost = recognition.lost.into_iter().map(|index| &known[index]);
    lost.filter(|flag| !is_open(flag)).map(|flag| flag.uuid).collect()
}
