//! How the ledger's file is opened and recognised. `SQLite` alone touches it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::error::LedgerError;
use super::schema;
use crate::io::geopackage::{APPLICATION_ID, add_functions};

/// How long to wait for another program to let go.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

type Opened<T> = Result<T, LedgerError>;

/// Opens a file that exists for reading and writing. Nothing is written.
pub(super) fn open_existing(path: &Path) -> Opened<Connection> {
    let meta = std::fs::metadata(path).map_err(|source| LedgerError::from_files(path, source))?;
    if !meta.is_file() || meta.len() == 0 {
        return Err(LedgerError::NotALedger { path: path.to_path_buf() });
    }
    let connection = open(path, OpenFlags::empty())?;
    let readable = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0));
    readable.map_err(|source| LedgerError::from_database(path, source))?;
    let read_only = connection.is_readonly("main").map_err(|source| LedgerError::from_database(path, source))?;
    if meta.permissions().readonly() || read_only {
        return Err(LedgerError::ReadOnly { path: path.to_path_buf() });
    }
    Ok(connection)
}

/// Opens a draft, which must be empty.
pub(super) fn open_draft(path: &Path) -> Opened<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_CREATE)?;
    connection
        .execute_batch("PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8';")
        .map_err(|source| LedgerError::from_database(path, source))?;
    Ok(connection)
}

fn open(path: &Path, more: OpenFlags) -> Opened<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let prepare = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;",
        )?;
        add_functions(&connection)?;
        Ok(connection)
    };
    prepare().map_err(|source| LedgerError::from_database(path, source))
}

/// The schema version of a ledger; refuses what is not one and what is newer.
pub(super) fn identify(connection: &Connection, path: &Path) -> Opened<u32> {
    let found = read_version(connection).map_err(|source| LedgerError::from_database(path, source))?;
    match found {
        None => Err(LedgerError::NotALedger { path: path.to_path_buf() }),
        Some(found) if found > schema::NEWEST => {
            Err(LedgerError::Newer { path: path.to_path_buf(), found, known: schema::NEWEST })
        }
        Some(found) => Ok(found),
    }
}

fn read_version(connection: &Connection) -> rusqlite::Result<Option<u32>> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'ecoredline_ledger'";
    let ours: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    if application != APPLICATION_ID || ours == 0 {
        return Ok(None);
    }
    let version = read_key(connection, schema::VERSION_KEY)?;
    Ok(version.and_then(|version| version.parse().ok()))
}

/// A value of the ledger's own table.
pub(super) fn read_key(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT value FROM ecoredline_ledger WHERE key = ?1";
    connection.query_row(sql, [key], |row| row.get(0)).optional()
}

/// Sets a value of the ledger's own table.
pub(super) fn write_key(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO ecoredline_ledger VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    connection.execute(sql, [key, value])?;
    Ok(())
}

/// The index's triggers write to an R-tree, which `SQLite` 3.40 allows a trusted schema alone. Looking at a file needs
/// no triggers, so only a run trusts it, and only after the file was recognised as ours.
pub(super) fn trust_triggers(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA trusted_schema = ON;")
}

/// Where another program left write-ahead logging on (QGIS does), back to the rollback journal, which also works on
/// network drives and leaves one file to hand over. Another reader in the way only means that it stays for now.
pub(super) fn leave_wal(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "wal" {
        return Ok(());
    }
    match connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)) {
        Err(error) if !is_busy(&error) => Err(error),
        _ => Ok(()),
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}
