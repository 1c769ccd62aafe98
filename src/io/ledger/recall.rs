//! What the ledger keeps of its flags and of what they rest on, put together again as an outcome, so that the same
//! documents can be written from it as from a run.
//!
//! Not kept, so not recalled: the pictures, the histogram of scores, why a threshold was chosen, discarded patches, rings
//! and the notices of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, Row};
use serde_json::Value as Json;
use uuid::Uuid;

use super::connection::read_key;
use super::error::LedgerError;
use super::inspect::is_kept;
use super::read::{day, look, read_flags, volume, word};
use super::schema;
use crate::io::geopackage::decode;
use crate::model::crs::Crs;
use crate::model::flag::{Flag, FlagState, Line, Place, Suggestion, ZoneHit};
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::outcome::{
    ComparisonOutcome, Outcome, SceneRecord, ScoreHistogram, Shift, Tally, ThresholdChoice, ZoneTally,
};
use crate::model::patch::{Patch, Surroundings};
use crate::model::record::FlagRecord;
use crate::model::scene::{BandRole, SceneKind};
use crate::model::units::{Fraction, Metres, SquareMetres};
use crate::model::zone::Zone;

/// Ledgers that are older do not tell what can be said at the line.
const OLDEST: u32 = 2;

/// Flags on record with their comparisons, scenes and zones. `wanted` are the flags; without it all that the latest runs
/// found, and comparisons that found none.
///
/// # Errors
/// [`LedgerError`] where it is not there, no ledger, newer, older than what documents tell, damaged, kept in another CRS or
/// cannot be opened.
pub fn recall(path: &Path, crs: &Crs, wanted: Option<&BTreeSet<Uuid>>) -> Result<Outcome, LedgerError> {
    let missing = || LedgerError::from_files(path, std::io::ErrorKind::NotFound.into());
    let (connection, version) = look(path)?.ok_or_else(missing)?;
    if version < OLDEST {
        return Err(LedgerError::Older { path: path.to_path_buf(), found: version, needed: OLDEST });
    }
    let database = |source| LedgerError::from_database(path, source);
    if let Some(kept) = read_key(&connection, schema::CRS_KEY).map_err(database)?.filter(|kept| !is_kept(kept, crs)) {
        return Err(LedgerError::OtherCrs { path: path.to_path_buf(), ledger: kept, run: crs.label() });
    }
    let records = read_flags(path)?;
    let recalling = Recalling { connection: &connection, version, crs: Arc::new(crs.clone()) };
    recalling.outcome(records, wanted).map_err(database)
}

struct Recalling<'c> {
    connection: &'c Connection,
    version: u32,
    crs: Arc<Crs>,
}

/// A comparison with its UUID and the latest run that made it.
struct Kept {
    uuid: String,
    run: i64,
    outcome: ComparisonOutcome,
    program: (String, String, Vec<String>, bool),
}

impl Recalling<'_> {
    fn outcome(&self, records: Vec<FlagRecord>, wanted: Option<&BTreeSet<Uuid>>) -> rusqlite::Result<Outcome> {
        let (zone_ids, zones) = self.zones()?;
        let (scene_ids, scenes) = self.scenes()?;
        let mut kept = self.comparisons(&scene_ids)?;
        self.add_flags(records, wanted, &zone_ids, &mut kept)?;
        keep_what_is_told(&mut kept, wanted.is_none());
        for comparison in &mut kept {
            comparison.outcome.zones = self.tallies(&comparison.uuid, &zone_ids)?;
            count(&mut comparison.outcome);
        }
        let (program, gdal, tables, ellipsoidal_areas) =
            kept.iter().max_by_key(|kept| kept.run).map(|kept| kept.program.clone()).unwrap_or_default();
        let sql = "SELECT project FROM runs ORDER BY fid DESC LIMIT 1";
        let project = self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_default();
        Ok(Outcome {
            project,
            program,
            gdal,
            crs: self.crs.as_ref().clone(),
            crs_choice: "",
            ellipsoidal_areas,
            tables,
            zones,
            scenes,
            comparisons: kept.into_iter().map(|kept| kept.outcome).collect(),
            notices: Vec::new(),
            timing: Vec::new(),
            peak_rss_mb: 0.0,
        })
    }

    fn zones(&self) -> rusqlite::Result<(BTreeMap<String, usize>, Vec<Zone>)> {
        let sql = "SELECT uuid, layer, zone_id, zone_nm, zone_knd, zone_lvl, func_zn, valid_from, valid_to, bnd_err_m, \
                   ring_m, strict, area_m2, geom FROM zones ORDER BY fid";
        let rows = self.connection.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, zone(row)?)))?.collect();
        numbered(rows)
    }

    fn scenes(&self) -> rusqlite::Result<(BTreeMap<String, usize>, Vec<SceneRecord>)> {
        let sql = "SELECT uuid, img_kind, date, hash, sensor, gsd_m, crs, bands, paths FROM scenes ORDER BY fid";
        let rows = self.connection.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, scene(row)?)))?.collect();
        numbered(rows)
    }

    fn comparisons(&self, scenes: &BTreeMap<String, usize>) -> rusqlite::Result<Vec<Kept>> {
        let since_3 = if self.version >= 3 {
            "c.disc_m2, c.cut_m3, c.cut_e_m3, c.fill_m3, c.fill_e_m3, c.net_m3, c.net_e_m3"
        } else {
            "NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        };
        let since_4 = if self.version >= 4 { "c.resid_m" } else { "NULL" };
        let sql = format!(
            "SELECT c.uuid, r.fid, c.t1_scene, c.t2_scene, c.img_kind, c.t1_date, c.t2_date, c.method, c.thr_rule, \
             c.threshold, c.separation, c.shift_e_m, c.shift_n_m, c.min_m2, c.pixels, c.chg_m2, c.unchg_m2, \
             c.notobs_m2, c.program, c.gdal, c.parameters, {since_3}, {since_4} \
             FROM comparisons c JOIN runs r ON r.uuid = c.last_run"
        );
        let place = |uuid: String| scenes.get(&uuid).copied();
        let read = |row: &Row<'_>| {
            let (from, to) = (place(row.get(2)?), place(row.get(3)?));
            from.zip(to).map(|scenes| self.comparison(row, scenes)).transpose()
        };
        let kept: Vec<Option<Kept>> =
            self.connection.prepare(&sql)?.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
        let mut kept: Vec<Kept> = kept.into_iter().flatten().collect();
        kept.sort_by_key(|kept| (kept.outcome.kind, kept.outcome.from_date, kept.outcome.to_date, kept.run));
        Ok(kept)
    }

    fn comparison(&self, row: &Row<'_>, (from, to): (usize, usize)) -> rusqlite::Result<Kept> {
        let area = |column| Ok::<_, rusqlite::Error>(SquareMetres(row.get::<_, Option<f64>>(column)?.unwrap_or(0.0)));
        let parameters: Json = row.get::<_, String>(20)?.parse().unwrap_or_default();
        let shift = row.get::<_, Option<f64>>(11)?.zip(row.get::<_, Option<f64>>(12)?);
        let residual = row.get::<_, Option<f64>>(28)?.unwrap_or(f64::NAN);
        let corrected = parameters["shift_corrected"].as_bool().unwrap_or_default();
        let shift = shift.map(|(east, north)| Shift {
            east: Metres(east),
            north: Metres(north),
            spread: Metres(f64::NAN),
            residual: Metres(residual),
            field: None,
            tiles: 0,
            corrected,
        });
        let totals = Tally { changed: area(15)?, unchanged: area(16)?, not_observed: area(17)?, discarded: area(21)? };
        let outcome = ComparisonOutcome {
            from,
            to,
            from_date: day(row, 5)?,
            to_date: day(row, 6)?,
            kind: word(row, 4)?,
            grid: self.grid(&parameters["grid"]),
            roles: roles(&parameters["bands"]),
            method: row.get(7)?,
            threshold: ThresholdChoice {
                value: row.get(9)?,
                rule: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
                why: "",
                separation: row.get(10)?,
            },
            learnt: serde_json::from_value(parameters["learnt"].clone()).unwrap_or_default(),
            histogram: ScoreHistogram::default(),
            shift,
            pixels_read: row.get::<_, Option<i64>>(14)?.unwrap_or(0).max(0) as u64,
            smallest_patch: area(13)?,
            totals,
            heights: None,
            volume: volume(row, 22)?,
            transfers: None,
            zones: Vec::new(),
            flags: Vec::new(),
            discarded: Vec::new(),
            unseen: Vec::new(),
            chips: Vec::new(),
        };
        let tables = serde_json::from_value(parameters["tables"].clone()).unwrap_or_default();
        let ellipsoidal = parameters["ellipsoidal_areas"].as_bool().unwrap_or_default();
        let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
        Ok(Kept { uuid: row.get(0)?, run: row.get(1)?, outcome, program: (text(18)?, text(19)?, tables, ellipsoidal) })
    }

    fn grid(&self, kept: &Json) -> Grid {
        let transform = serde_json::from_value(kept["transform"].clone()).unwrap_or([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        let side = |name: &str| kept[name].as_u64().unwrap_or_default() as usize;
        Grid { crs: Arc::clone(&self.crs), transform: GeoTransform(transform), rows: side("rows"), cols: side("cols") }
    }

    /// Puts the wanted flags to their comparisons, the most severe first.
    fn add_flags(
        &self,
        records: Vec<FlagRecord>,
        wanted: Option<&BTreeSet<Uuid>>,
        zones: &BTreeMap<String, usize>,
        kept: &mut [Kept],
    ) -> rusqlite::Result<()> {
        let places: BTreeMap<String, usize> =
            kept.iter().enumerate().map(|(at, kept)| (kept.uuid.clone(), at)).collect();
        let (of, hits) = (self.comparison_of_flags()?, self.zones_of_flags(zones)?);
        let is_wanted = |record: &FlagRecord| {
            wanted.map_or(record.state == FlagState::Detected, |wanted| wanted.contains(&record.uuid))
        };
        for record in records.into_iter().filter(is_wanted) {
            let uuid = record.uuid.to_string();
            let Some((comparison, highest)) = of.get(&uuid) else { continue };
            if let Some(place) = places.get(comparison) {
                let zones = hits.get(&uuid).map_or(&[][..], Vec::as_slice);
                kept[*place].outcome.flags.push(flag(record, zones, *highest));
            }
        }
        for kept in kept {
            let flags = &mut kept.outcome.flags;
            flags.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.patch.area.0.total_cmp(&a.patch.area.0)));
            kept.outcome.chips = vec![None; kept.outcome.flags.len()];
        }
        Ok(())
    }

    /// The comparison that found each flag last, and the highest score of its pixels.
    fn comparison_of_flags(&self) -> rusqlite::Result<BTreeMap<String, (String, f64)>> {
        let sql = "SELECT uuid, comparison, score_max FROM flags";
        let highest = |row: &Row<'_>| row.get::<_, Option<f64>>(2).map(|score| score.unwrap_or(f64::NAN));
        let read = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, highest(row)?)));
        self.connection.prepare(sql)?.query_map([], read)?.collect()
    }

    /// Indices of the zones that each flag hits, in the order of its hits.
    fn zones_of_flags(&self, zones: &BTreeMap<String, usize>) -> rusqlite::Result<BTreeMap<String, Vec<usize>>> {
        let mut query = self.connection.prepare("SELECT flag, zone FROM flag_zones ORDER BY flag, rank")?;
        let mut rows = query.query([])?;
        let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if let Some(zone) = zones.get(&row.get::<_, String>(1)?) {
                of.entry(row.get(0)?).or_default().push(*zone);
            }
        }
        Ok(of)
    }

    fn tallies(&self, comparison: &str, zones: &BTreeMap<String, usize>) -> rusqlite::Result<Vec<ZoneTally>> {
        let since_3 = if self.version >= 3 {
            "disc_m2, r_disc_m2, enough, r_enough, cut_m3, cut_e_m3, fill_m3, fill_e_m3, net_m3, net_e_m3"
        } else {
            "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        };
        let sql = format!(
            "SELECT zone, chg_m2, unchg_m2, notobs_m2, r_chg_m2, r_unchg_m2, r_nobs_m2, {since_3} \
             FROM zone_tallies WHERE comparison = ?1 ORDER BY fid"
        );
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, tally(row)?));
        let rows =
            self.connection.prepare(&sql)?.query_map([comparison], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(rows.into_iter().filter_map(|(zone, tally)| Some(ZoneTally { zone: *zones.get(&zone)?, ..tally })).collect())
    }
}

/// The comparisons that flags were put to; where everything is told, the latest of each pair of dates too.
fn keep_what_is_told(kept: &mut Vec<Kept>, everything: bool) {
    let key = |kept: &Kept| (kept.outcome.kind, kept.outcome.from_date, kept.outcome.to_date);
    let latest: BTreeMap<(SceneKind, _, _), i64> = kept.iter().map(|kept| (key(kept), kept.run)).collect();
    kept.retain(|kept| {
        let is_latest = latest.get(&key(kept)) == Some(&kept.run);
        !kept.outcome.flags.is_empty() || (everything && is_latest)
    });
}

/// Counts the flags of each zone. The discarded area is the run's: the patches behind it are not kept.
fn count(comparison: &mut ComparisonOutcome) {
    for tally in &mut comparison.zones {
        let of = |place| {
            let hits = comparison.flags.iter().flat_map(|flag| &flag.hits);
            hits.filter(|hit| hit.zone == tally.zone && hit.place == place).count()
        };
        (tally.flags, tally.ring_flags) = (of(Place::Inside), of(Place::Ring));
    }
}

/// Rows and the number of each by its UUID.
fn numbered<T>(rows: rusqlite::Result<Vec<(String, T)>>) -> rusqlite::Result<(BTreeMap<String, usize>, Vec<T>)> {
    let (uuids, rows): (Vec<String>, Vec<T>) = rows?.into_iter().unzip();
    Ok((uuids.into_iter().enumerate().map(|(at, uuid)| (uuid, at)).collect(), rows))
}

fn zone(row: &Row<'_>) -> rusqlite::Result<Zone> {
    let text = |column| row.get::<_, Option<String>>(column);
    let number = |column| row.get::<_, Option<f64>>(column).map(|n| n.unwrap_or(0.0));
    let date = |column: usize| text(column).map(|day| day.and_then(|day| day.parse().ok()));
    let blob: Vec<u8> = row.get(13)?;
    let bad = |cause| rusqlite::Error::FromSqlConversionFailure(13, rusqlite::types::Type::Blob, Box::new(cause));
    Ok(Zone {
        id: row.get(2)?,
        name: text(3)?.unwrap_or_default(),
        kind: text(4)?.unwrap_or_default(),
        level: text(5)?,
        function: text(6)?,
        layer: row.get(1)?,
        valid_from: date(7)?,
        valid_to: date(8)?,
        boundary_error: Metres(number(9)?),
        ring_width: Metres(number(10)?),
        shape: decode(&blob).map_err(bad)?,
        with_ring: None,
        area: SquareMetres(number(12)?),
        strictness: row.get::<_, Option<u8>>(11)?.unwrap_or(u8::MAX),
    })
}

fn scene(row: &Row<'_>) -> rusqlite::Result<SceneRecord> {
    let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
    let paths: Vec<PathBuf> = serde_json::from_str(&text(8)?).unwrap_or_default();
    let bands: Vec<String> = text(7)?.split_whitespace().map(str::to_owned).collect();
    Ok(SceneRecord {
        date: day(row, 2)?,
        kind: word(row, 1)?,
        sensor: row.get(4)?,
        paths,
        crs: text(6)?,
        gsd: Metres(row.get::<_, Option<f64>>(5)?.unwrap_or(f64::NAN)),
        roles: roles(&bands.into()),
        content_hash: text(3)?,
    })
}

/// Band roles by their words; words that this program does not know are left out.
fn roles(words: &Json) -> Vec<BandRole> {
    let words = words.as_array().map_or(&[][..], Vec::as_slice);
    words.iter().filter_map(|word| serde_json::from_value(word.clone()).ok()).collect()
}

fn tally(row: &Row<'_>) -> rusqlite::Result<ZoneTally> {
    let area = |column| Ok::<_, rusqlite::Error>(SquareMetres(row.get::<_, Option<f64>>(column)?.unwrap_or(0.0)));
    let areas = |first: usize, discarded: usize| {
        let [changed, unchanged, not_observed] = [area(first)?, area(first + 1)?, area(first + 2)?];
        Ok::<_, rusqlite::Error>(Tally { changed, unchanged, not_observed, discarded: area(discarded)? })
    };
    let enough = |column| row.get::<_, Option<bool>>(column).map(|enough| enough.unwrap_or(true));
    Ok(ZoneTally {
        enough_data: enough(9)?,
        ring_enough_data: enough(10)?,
        volume: volume(row, 11)?,
        ..ZoneTally::of_areas(0, areas(1, 7)?, areas(4, 8)?)
    })
}

/// A flag as a run would have handed it on. What only a run knows of its patch is left at nothing.
fn flag(record: FlagRecord, zones: &[usize], highest: f64) -> Flag {
    let hit = |(hit, zone): (&crate::model::record::RecordedHit, &usize)| ZoneHit {
        zone: *zone,
        place: hit.place,
        area: hit.area,
        share: hit.share,
        area_error: hit.area_error.unwrap_or(SquareMetres(f64::NAN)),
        distance: hit.distance,
        p_inside: hit.p_inside.unwrap_or(Fraction(f64::NAN)),
        line: hit.line.unwrap_or(Line::AtLine),
    };
    let hits: Vec<ZoneHit> = record.hits.iter().zip(zones).map(hit).collect();
    let inside = hits.iter().filter(|hit| hit.place == record.place).map(|hit| hit.area.0).fold(0.0, f64::max);
    let corner = geo::CoordsIter::coords_iter(&record.shape).next().unwrap_or_default();
    let patch = Patch {
        point: corner.into(),
        shape: record.shape,
        area: record.area,
        pixels: record.pixels,
        window: Window { row: 0, col: 0, rows: 0, cols: 0 },
        mean_score: record.mean_score,
        max_score: highest,
        mean_before: Vec::new(),
        mean_after: Vec::new(),
        from_class: record.from_class,
        to_class: record.to_class,
        firm: Fraction(1.0),
        habit: Fraction(0.0),
        around: Surroundings::default(),
        volume: record.volume,
    };
    Flag {
        uuid: record.uuid,
        code: record.code,
        patch,
        lonlat: record.lonlat,
        hits,
        in_zones: SquareMetres(inside),
        place: record.place,
        severity: record.severity,
        score: record.score,
        reasons: record.reasons,
        activity: record.suggestion.map(|s| Suggestion { code: s.code, why: s.why, focal: false }),
        tests: record.tests,
        state: record.state,
    }
}
