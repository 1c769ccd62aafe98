//! What became what between two land-cover maps, cell by cell: written with its comparison, and read back as a matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::error::LedgerError;
use super::put::put;
use super::read::{day, look, word};
use crate::io::geopackage::value;
use crate::ledger::content_uuid;
use crate::model::class::CoverClass;
use crate::model::record::RecordedTransfers;
use crate::model::transfer::{TransferClass, Transfers};
use crate::model::units::SquareMetres;

/// The version of the schema that keeps them.
const SINCE: u32 = 4;

/// Comparisons in the order of the runs that saw them last: of each pair of dates the latest counts.
const CELLS: &str = "SELECT c.uuid, c.t1_date, c.t2_date, t.from_code, t.from_name, t.from_cls, \
    t.to_code, t.to_name, t.to_cls, t.area_m2 \
    FROM transfers t JOIN comparisons c ON c.uuid = t.comparison JOIN runs r ON r.uuid = t.last_run \
    ORDER BY r.fid, c.fid, t.from_code, t.to_code";

/// Writes the matrix of a comparison; cells that it no longer has go.
pub(super) fn put_transfers(
    connection: &Connection,
    transfers: Option<&Transfers>,
    comparison: Uuid,
    run: &str,
) -> rusqlite::Result<()> {
    let mut kept = Vec::new();
    for (from, to, area) in transfers.into_iter().flat_map(Transfers::cells) {
        let words = ["transfer", &comparison.to_string(), &from.code.to_string(), &to.code.to_string()];
        let uuid = content_uuid(&words).to_string();
        let class = |class: &TransferClass| value::maybe_text(class.cover.map(CoverClass::word));
        let row = vec![
            ("uuid", value::text(&uuid)),
            ("comparison", value::text(comparison.to_string())),
            ("from_code", i64::from(from.code).into()),
            ("from_name", value::maybe_text(from.name.as_deref())),
            ("from_cls", class(from)),
            ("to_code", i64::from(to.code).into()),
            ("to_name", value::maybe_text(to.name.as_deref())),
            ("to_cls", class(to)),
            ("area_m2", value::number(area.0)),
            ("area_mu", value::number(area.mu())),
        ];
        put(connection, "transfers", row, run)?;
        kept.push(uuid);
    }
    let kept = serde_json::json!(kept).to_string();
    let sql = "DELETE FROM transfers WHERE comparison = ?1 AND uuid NOT IN (SELECT value FROM json_each(?2))";
    connection.prepare_cached(sql)?.execute(params![comparison.to_string(), kept])?;
    Ok(())
}

/// The transfer matrices on record, by dates; of each pair of dates the latest. Ledgers older than version 4 hold none.
///
/// # Errors
/// As [`super::read_flags`].
pub fn read_transfers(path: &Path) -> Result<Vec<RecordedTransfers>, LedgerError> {
    match look(path)? {
        Some((connection, version)) if version >= SINCE => {
            recorded(&connection).map_err(|source| LedgerError::from_database(path, source))
        }
        _ => Ok(Vec::new()),
    }
}

/// One row of the table.
struct Cell {
    comparison: String,
    from: TransferClass,
    to: TransferClass,
    area: SquareMetres,
}

fn recorded(connection: &Connection) -> rusqlite::Result<Vec<RecordedTransfers>> {
    let mut pairs: BTreeMap<_, Vec<Cell>> = BTreeMap::new();
    let mut query = connection.prepare(CELLS)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let cell =
            Cell { comparison: row.get(0)?, from: class(row, 3)?, to: class(row, 6)?, area: SquareMetres(row.get(9)?) };
        let cells = pairs.entry((day(row, 1)?, day(row, 2)?)).or_default();
        cells.retain(|earlier| earlier.comparison == cell.comparison);
        cells.push(cell);
    }
    let matrix = |((from, to), cells): (_, Vec<Cell>)| RecordedTransfers { from, to, transfers: matrix(&cells) };
    Ok(pairs.into_iter().map(matrix).collect())
}

/// A class whose code stands in column `first`, then its name and the program's class.
fn class(row: &Row<'_>, first: usize) -> rusqlite::Result<TransferClass> {
    let cover = row.get::<_, Option<String>>(first + 2)?.map(|_| word(row, first + 2)).transpose()?;
    Ok(TransferClass { code: row.get(first)?, name: row.get(first + 1)?, cover })
}

fn matrix(cells: &[Cell]) -> Transfers {
    let classes: BTreeMap<i32, &TransferClass> =
        cells.iter().flat_map(|cell| [&cell.from, &cell.to]).map(|class| (class.code, class)).collect();
    let codes: BTreeSet<i32> = classes.keys().copied().collect();
    let area = |from: i32, to: i32| {
        let cell = cells.iter().find(|cell| cell.from.code == from && cell.to.code == to);
        cell.map_or(SquareMetres(0.0), |cell| cell.area)
    };
    Transfers {
        classes: classes.values().map(|class| (*class).clone()).collect(),
        areas: codes.iter().map(|&from| codes.iter().map(|&to| area(from, to)).collect()).collect(),
    }
}
