//! Adding a row or bringing it up to date, by its UUID. Each row says which run saw it first and which last.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::io::geopackage::{Row, insert, value};

/// Writes a row that has a `uuid`; returns whether it is new.
pub(super) fn put(connection: &Connection, table: &str, mut row: Row, run: &str) -> rusqlite::Result<bool> {
    row.push(("last_run", value::text(run)));
    if update(connection, table, &row)? > 0 {
        return Ok(false);
    }
    row.push(("first_run", value::text(run)));
    insert(connection, table, &row)?;
    Ok(true)
}

fn update(connection: &Connection, table: &str, row: &Row) -> rusqlite::Result<usize> {
    let uuid = row.iter().find(|(name, _)| *name == "uuid").map_or(&Value::Null, |(_, uuid)| uuid);
    let rest: Vec<_> = row.iter().filter(|(name, _)| *name != "uuid").collect();
    let sets: Vec<String> = rest.iter().map(|(name, _)| format!("\"{name}\" = ?")).collect();
    let sql = format!("UPDATE \"{table}\" SET {} WHERE uuid = ?", sets.join(", "));
    let values = rest.iter().map(|(_, value)| value).chain([uuid]);
    connection.prepare_cached(&sql)?.execute(params_from_iter(values))
}
