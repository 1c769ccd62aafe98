//! The SQL functions that the standard's R-tree triggers call: `ST_IsEmpty`, `ST_MinX` and its three sisters.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::blob::envelope;

/// Adds the functions to a connection. They answer from the blob's header alone.
pub fn add_functions(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context: &Context<'_>| {
        Ok(match context.get_raw(0) {
            ValueRef::Blob(blob) => Some(envelope(blob).is_none()),
            _ => None,
        })
    })?;
    for (index, name) in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"].into_iter().enumerate() {
        connection.create_scalar_function(name, 1, flags, move |context: &Context<'_>| {
            Ok(match context.get_raw(0) {
                ValueRef::Blob(blob) => envelope(blob).map(|bounds| bounds[index]),
                _ => None,
            })
        })?;
    }
    Ok(())
}
