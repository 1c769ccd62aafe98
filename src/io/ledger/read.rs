//! The flags on record, for looking: read only, nothing is locked for longer than the query.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::connection::{PATIENCE, identify};
use super::error::LedgerError;
use crate::io::geopackage::decode;
use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::flag::{FlagState, Line, Place, Reason, Tested};
use crate::model::record::{FlagRecord, LackingZone, RecordedHit, RecordedSuggestion};
use crate::model::scene::SceneKind;
use crate::model::units::{CubicMetres, Fraction, Metres, SquareMetres};
use crate::model::volume::{Measured, Volume};

const FLAGS: [&str; 20] = [
    "uuid",
    "patch_id",
    "img_kind",
    "t1_date",
    "t2_date",
    "severity",
    "risk",
    "place",
    "state",
    "area_m2",
    "pixels",
    "from_cls",
    "to_cls",
    "lon",
    "lat",
    "geom",
    "risk_why",
    "score",
    "threshold",
    "method",
];

/// Columns of flags that came with a version of the schema.
const LATER_OF_FLAGS: [(u32, &[&str]); 2] =
    [(2, &["sug_cd", "sug_why", "tests"]), (3, &["cut_m3", "cut_e_m3", "fill_m3", "fill_e_m3", "net_m3", "net_e_m3"])];

const HITS: [&str; 10] = [
    "h.flag",
    "z.zone_id",
    "z.zone_nm",
    "z.zone_knd",
    "z.zone_lvl",
    "z.func_zn",
    "h.place",
    "h.ovl_m2",
    "h.ovl_pct",
    "h.d_bnd_m",
];

/// Columns of hits that came with a version of the schema.
const LATER_OF_HITS: [(u32, &[&str]); 2] = [
    (2, &["h.ovl_se_m2", "h.p_inside", "h.line"]),
    (3, &["CASE h.place WHEN 'ring' THEN t.r_enough ELSE t.enough END"]),
];

/// Of each zone and each pair of dates only the latest tally counts: a run with other parameters is another comparison.
const LACKING: &str = "SELECT z.layer, z.zone_id, z.bnd_ver, c.img_kind, c.t1_date, c.t2_date, \
    t.enough, t.chg_m2, t.unchg_m2, t.notobs_m2, t.r_enough, t.r_chg_m2, t.r_unchg_m2, t.r_nobs_m2 \
    FROM zone_tallies t JOIN zones z ON z.uuid = t.zone JOIN comparisons c ON c.uuid = t.comparison \
    JOIN runs r ON r.uuid = t.last_run ORDER BY r.fid, t.fid";

/// All flags of a ledger, superseded ones included, by code. A ledger that is not there yet holds none. An older ledger
/// is read as it is: what its version did not keep is `None` or empty.
///
/// # Errors
/// [`LedgerError`] where it is no ledger, newer, damaged or cannot be opened.
pub fn read_flags(path: &Path) -> Result<Vec<FlagRecord>, LedgerError> {
    let Some((connection, version)) = look(path)? else { return Ok(Vec::new()) };
    let database = |source| LedgerError::from_database(path, source);
    let mut records = read_records(&connection, version).map_err(database)?;
    add_hits(&connection, version, &mut records).map_err(database)?;
    Ok(records)
}

/// The zones and rings of which the latest run of a comparison saw too little, where whole zones were to be shown.
/// Ledgers older than version 3 tell of none.
///
/// # Errors
/// As [`read_flags`].
pub fn read_lacking(path: &Path) -> Result<Vec<LackingZone>, LedgerError> {
    match look(path)? {
        Some((connection, version)) if version >= 3 => {
            lacking(&connection).map_err(|source| LedgerError::from_database(path, source))
        }
        _ => Ok(Vec::new()),
    }
}

/// Opens a ledger for reading alone; `None` where there is none.
pub(super) fn look(path: &Path) -> Result<Option<(Connection, u32)>, LedgerError> {
    if !path.exists() {
        return Ok(None);
    }
    let database = |source| LedgerError::from_database(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(database)?;
    connection.busy_timeout(PATIENCE).map_err(database)?;
    let version = identify(&connection, path)?;
    Ok(Some((connection, version)))
}

/// Columns to select; those that a ledger's version does not have are NULL.
fn columns(always: &[&'static str], later: &[(u32, &[&'static str])], version: u32) -> String {
    let later = later
        .iter()
        .flat_map(|(since, names)| names.iter().map(move |name| if *since <= version { *name } else { "NULL" }));
    always.iter().copied().chain(later).collect::<Vec<_>>().join(", ")
}

fn read_records(connection: &Connection, version: u32) -> rusqlite::Result<Vec<FlagRecord>> {
    let sql = format!("SELECT {} FROM flags ORDER BY patch_id", columns(&FLAGS, &LATER_OF_FLAGS, version));
    connection.prepare(&sql)?.query_map([], record)?.collect()
}

/// A word that this program does not know is refused with the column's number.
pub(super) fn word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(text.into()).map_err(|cause| bad(column, cause))
}

fn bad(column: usize, cause: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(cause))
}

fn record(row: &Row<'_>) -> rusqlite::Result<FlagRecord> {
    let number = |column| row.get::<_, Option<f64>>(column).map(|n| n.unwrap_or(f64::NAN));
    let class = |column| word::<CoverClass>(row, column).unwrap_or(CoverClass::Unknown);
    let uuid: String = row.get(0)?;
    let blob: Vec<u8> = row.get(15)?;
    let reasons: Option<String> = row.get(16)?;
    let suggested: Option<String> = row.get(20)?;
    let why = row.get::<_, Option<String>>(21)?.unwrap_or_default();
    let tests: Option<String> = row.get(22)?;
    Ok(FlagRecord {
        uuid: Uuid::parse_str(&uuid).map_err(|cause| bad(0, cause))?,
        code: row.get(1)?,
        kind: word(row, 2)?,
        from: day(row, 3)?,
        to: day(row, 4)?,
        severity: word(row, 5)?,
        score: number(6)?,
        place: word(row, 7)?,
        state: word::<FlagState>(row, 8).unwrap_or(FlagState::Detected),
        area: SquareMetres(number(9)?),
        pixels: row.get::<_, Option<i64>>(10)?.unwrap_or(0).max(0) as usize,
        from_class: class(11),
        to_class: class(12),
        lonlat: geo_types::Point::new(number(13)?, number(14)?),
        shape: decode(&blob).map_err(|cause| bad(15, cause))?,
        hits: Vec::new(),
        reasons: reasons.and_then(|text| serde_json::from_str::<Vec<Reason>>(&text).ok()).unwrap_or_default(),
        mean_score: number(17)?,
        threshold: row.get(18)?,
        method: row.get::<_, Option<String>>(19)?.unwrap_or_default(),
        suggestion: suggested.map(|code| RecordedSuggestion { code, why }),
        tests: tests.and_then(|text| serde_json::from_str::<Vec<Tested>>(&text).ok()).unwrap_or_default(),
        volume: volume(row, 23)?,
    })
}

/// A day as the ledger writes it.
pub(super) fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    row.get::<_, String>(column)?.parse().map_err(|cause: jiff::Error| bad(column, cause))
}

/// Six figures from a column on; no volume unless all are there.
pub(super) fn volume(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Volume>> {
    let mut figures = [0.0; 6];
    for (at, figure) in figures.iter_mut().enumerate() {
        match row.get::<_, Option<f64>>(first + at)? {
            Some(m3) => *figure = m3,
            None => return Ok(None),
        }
    }
    let measured = |at: usize| Measured { volume: CubicMetres(figures[at]), error: CubicMetres(figures[at + 1]) };
    Ok(Some(Volume { cut: measured(0), fill: measured(2), net: measured(4) }))
}

fn lacking(connection: &Connection) -> rusqlite::Result<Vec<LackingZone>> {
    let mut latest = BTreeMap::new();
    let mut query = connection.prepare(LACKING)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get::<_, String>(column);
        let key = (text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?);
        let parts = [lack(row, Place::Inside, 6)?, lack(row, Place::Ring, 10)?];
        latest.insert(key, parts);
    }
    Ok(latest.into_values().flatten().flatten().collect())
}

/// What is lacking of a zone or its ring; its columns begin at `first`.
fn lack(row: &Row<'_>, place: Place, first: usize) -> rusqlite::Result<Option<LackingZone>> {
    let area = |column| row.get::<_, Option<f64>>(column).map(Option::unwrap_or_default);
    let (seen, unseen) = (area(first + 1)? + area(first + 2)?, area(first + 3)?);
    let kind: SceneKind = word(row, 3)?;
    // A zone without a ring lacks nothing that was asked for.
    if !kind.shows_whole_zones() || row.get::<_, Option<bool>>(first)?.unwrap_or(true) || seen + unseen <= 0.0 {
        return Ok(None);
    }
    Ok(Some(LackingZone {
        layer: row.get(0)?,
        id: row.get(1)?,
        version: row.get(2)?,
        kind,
        from: day(row, 4)?,
        to: day(row, 5)?,
        place,
        seen: Fraction(seen / (seen + unseen)),
    }))
}

fn add_hits(connection: &Connection, version: u32, records: &mut [FlagRecord]) -> rusqlite::Result<()> {
    let places: BTreeMap<String, usize> =
        records.iter().enumerate().map(|(at, record)| (record.uuid.to_string(), at)).collect();
    let sql = format!(
        "SELECT {} FROM flag_zones h JOIN zones z ON z.uuid = h.zone JOIN flags f ON f.uuid = h.flag \
         LEFT JOIN zone_tallies t ON t.comparison = f.comparison AND t.zone = h.zone ORDER BY h.flag, h.rank",
        columns(&HITS, &LATER_OF_HITS, version)
    );
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let flag: String = row.get(0)?;
        if let Some(at) = places.get(&flag) {
            records[*at].hits.push(hit(row)?);
        }
    }
    Ok(())
}

fn hit(row: &Row<'_>) -> rusqlite::Result<RecordedHit> {
    let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
    let number = |column| row.get::<_, Option<f64>>(column).map(|n| n.unwrap_or(f64::NAN));
    let parts = [text(4)?, text(5)?];
    let class: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    Ok(RecordedHit {
        id: text(1)?,
        name: text(2)?,
        kind: text(3)?,
        class: class.join(" · "),
        place: word(row, 6)?,
        area: SquareMetres(number(7)?),
        share: Fraction(number(8)? / 100.0),
        area_error: row.get::<_, Option<f64>>(10)?.map(SquareMetres),
        distance: Metres(number(9)?),
        p_inside: row.get::<_, Option<f64>>(11)?.map(Fraction),
        line: word::<Line>(row, 12).ok(),
        enough_data: row.get(13)?,
    })
}
