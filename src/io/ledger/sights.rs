//! How much of each zone every comparison on record saw.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Row};

use super::error::LedgerError;
use super::read::{day, look, word};
use crate::model::record::ZoneSight;
use crate::model::units::SquareMetres;

/// The latest tally of each zone in each pair of dates.
const SIGHTS: &str = "SELECT z.zone_nm, c.img_kind, c.t1_date, c.t2_date, t.chg_m2, t.unchg_m2, t.notobs_m2, z.uuid \
    FROM zone_tallies t JOIN zones z ON z.uuid = t.zone JOIN comparisons c ON c.uuid = t.comparison \
    JOIN runs r ON r.uuid = t.last_run ORDER BY r.fid, t.fid";

/// What the latest run of every comparison saw of each zone; none where there is no ledger yet.
///
/// # Errors
/// As [`super::read_flags`].
pub fn read_sights(path: &Path) -> Result<Vec<ZoneSight>, LedgerError> {
    let Some((connection, _)) = look(path)? else { return Ok(Vec::new()) };
    sights(&connection).map_err(|source| LedgerError::from_database(path, source))
}

fn sights(connection: &Connection) -> rusqlite::Result<Vec<ZoneSight>> {
    let mut latest = BTreeMap::new();
    let mut query = connection.prepare(SIGHTS)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get::<_, String>(column);
        latest.insert((text(7)?, text(1)?, text(2)?, text(3)?), sight(row)?);
    }
    Ok(latest.into_values().collect())
}

fn sight(row: &Row<'_>) -> rusqlite::Result<ZoneSight> {
    let area = |column| Ok::<_, rusqlite::Error>(SquareMetres(row.get::<_, Option<f64>>(column)?.unwrap_or(0.0)));
    Ok(ZoneSight {
        name: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
        kind: word(row, 1)?,
        from: day(row, 2)?,
        to: day(row, 3)?,
        seen: area(4)? + area(5)?,
        unseen: area(6)?,
    })
}
