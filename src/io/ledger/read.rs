//! The flags on record, for looking: read only, nothing is locked for longer than the query.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::connection::{PATIENCE, identify};
use super::error::LedgerError;
use crate::io::geopackage::decode;
use crate::model::class::CoverClass;
use crate::model::flag::{FlagState, Reason};
use crate::model::record::{FlagRecord, RecordedHit};
use crate::model::units::{Fraction, Metres, SquareMetres};

const FLAGS: &str = "SELECT uuid, patch_id, img_kind, t1_date, t2_date, severity, risk, place, state, area_m2, pixels, \
    from_cls, to_cls, lon, lat, geom, risk_why, score, threshold, method FROM flags ORDER BY patch_id";

const HITS: &str = "SELECT flag, z.zone_id, z.zone_nm, z.zone_knd, z.zone_lvl, z.func_zn, h.place, h.ovl_m2, h.ovl_pct, \
    h.d_bnd_m FROM flag_zones h JOIN zones z ON z.uuid = h.zone ORDER BY flag, h.rank";

/// All flags of a ledger, superseded ones included, by code. A ledger that is not there yet holds none.
///
/// # Errors
/// [`LedgerError`] where it is no ledger, newer, damaged or cannot be opened.
pub fn read_flags(path: &Path) -> Result<Vec<FlagRecord>, LedgerError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let database = |source| LedgerError::from_database(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(database)?;
    connection.busy_timeout(PATIENCE).map_err(database)?;
    identify(&connection, path)?;
    let mut records = read_records(&connection).map_err(database)?;
    add_hits(&connection, &mut records).map_err(database)?;
    Ok(records)
}

fn read_records(connection: &Connection) -> rusqlite::Result<Vec<FlagRecord>> {
    connection.prepare(FLAGS)?.query_map([], record)?.collect()
}

/// A word that this program does not know is refused with the column's number.
fn word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(text.into()).map_err(|cause| bad(column, cause))
}

fn bad(column: usize, cause: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(cause))
}

fn record(row: &Row<'_>) -> rusqlite::Result<FlagRecord> {
    let number = |column| row.get::<_, Option<f64>>(column).map(|n| n.unwrap_or(f64::NAN));
    let day = |column| row.get::<_, String>(column)?.parse().map_err(|cause: jiff::Error| bad(column, cause));
    let class = |column| word::<CoverClass>(row, column).unwrap_or(CoverClass::Unknown);
    let uuid: String = row.get(0)?;
    let blob: Vec<u8> = row.get(15)?;
    let reasons: Option<String> = row.get(16)?;
    Ok(FlagRecord {
        uuid: Uuid::parse_str(&uuid).map_err(|cause| bad(0, cause))?,
        code: row.get(1)?,
        kind: word(row, 2)?,
        from: day(3)?,
        to: day(4)?,
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
    })
}

fn add_hits(connection: &Connection, records: &mut [FlagRecord]) -> rusqlite::Result<()> {
    let places: std::collections::BTreeMap<String, usize> =
        records.iter().enumerate().map(|(at, record)| (record.uuid.to_string(), at)).collect();
    let mut query = connection.prepare(HITS)?;
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
        distance: Metres(number(9)?),
    })
}
