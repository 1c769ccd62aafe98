//! A look at the ledger before a run: whether it can be used, and what it holds. Fails early, leaves nothing behind.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::{identify, open_existing, read_key};
use super::error::LedgerError;
use super::flags::known;
use super::schema;
use crate::ledger::{ComparisonKey, KnownFlag};
use crate::model::crs::Crs;
use crate::model::flag::FlagState;

/// What a ledger holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerState {
    /// Whether there is one; if not, the first run begins it.
    pub exists: bool,
    /// Its schema version, 0 for none.
    pub schema_version: u32,
    /// Runs committed to it.
    pub runs: u64,
    /// Flags on record, superseded ones included.
    pub flags: u64,
    /// The CRS of its outlines, as [`crate::model::crs::Crs::label`] says it; `None` before the first run.
    pub crs: Option<String>,
}

impl LedgerState {
    /// Refuses a run in another CRS than the ledger's, before anything is computed.
    ///
    /// # Errors
    /// [`LedgerError::OtherCrs`].
    pub fn check_crs(&self, path: &Path, crs: &Crs) -> Result<(), LedgerError> {
        match &self.crs {
            Some(kept) if !is_kept(kept, crs) => {
                Err(LedgerError::OtherCrs { path: path.to_path_buf(), ledger: kept.clone(), run: crs.label() })
            }
            _ => Ok(()),
        }
    }
}

/// Whether the label a ledger keeps means a CRS: by code where there is one, since names change between releases.
pub(super) fn is_kept(kept: &str, crs: &Crs) -> bool {
    match crs.epsg {
        Some(code) => kept.split(' ').next() == Some(&format!("EPSG:{code}")),
        None => kept == crs.label(),
    }
}

/// Looks at a ledger, or at the place where one is to be.
///
/// # Errors
/// Whatever would stop a run: another program holds it, it or its folder cannot be written, it is damaged, newer, or
/// no ledger of ours.
pub fn inspect(path: &Path) -> Result<LedgerState, LedgerError> {
    check_folder(path)?;
    if !path.exists() {
        return Ok(LedgerState::default());
    }
    let connection = open_existing(path)?;
    let schema_version = identify(&connection, path)?;
    let database = |source| LedgerError::from_database(path, source);
    check_lock(&connection).map_err(database)?;
    check_pages(&connection, path)?;
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0)).map_err(database);
    Ok(LedgerState {
        exists: true,
        schema_version,
        runs: count("SELECT count(*) FROM runs")?,
        flags: count("SELECT count(*) FROM flags")?,
        crs: read_key(&connection, schema::CRS_KEY).map_err(database)?,
    })
}

/// The flags on record of a comparison that nobody has decided on; none where there is no ledger yet.
///
/// # Errors
/// The ledger cannot be read, or a row of it is damaged.
pub fn detected(path: &Path, key: &ComparisonKey) -> Result<Vec<KnownFlag>, LedgerError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let connection = open_existing(path)?;
    identify(&connection, path)?;
    known((&connection, path), key, Some(FlagState::Detected))
}

/// Takes the writer's lock and lets it go.
fn check_lock(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")
}

fn check_pages(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let damaged = |detail: String| LedgerError::Damaged { path: path.to_path_buf(), detail };
    let verdict: rusqlite::Result<String> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(damaged(verdict)),
        Err(source) => Err(LedgerError::from_database(path, source)),
    }
}

/// `SQLite` needs the folder for its journal, so a file that can be written in a folder that cannot is of no use. A folder
/// that is not there yet is made by the first run; here its nearest ancestor is asked.
fn check_folder(path: &Path) -> Result<(), LedgerError> {
    let files = |source| LedgerError::from_files(path, source);
    let folder = path.ancestors().skip(1).find(|folder| folder.as_os_str().is_empty() || folder.exists());
    let probe = probe_path(&folder.unwrap_or(Path::new("")).join(path.file_name().unwrap_or_default()));
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(&probe).map_err(files)?;
    std::fs::remove_file(&probe).map_err(files)
}

fn probe_path(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
