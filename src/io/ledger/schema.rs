//! The schema, version by version. A new ledger goes through all of them, an old one through what it lacks, inside the
//! transaction of the run that needs them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Result};

use super::connection::{read_key, write_key};
use super::error::LedgerError;
use crate::io::geopackage::{create_core, name_columns, register_attributes, register_layer};
use crate::lang::Lang;

/// The newest schema version this program knows.
pub(super) const NEWEST: u32 = MIGRATIONS.len() as u32;
/// Where the version is kept.
pub(super) const VERSION_KEY: &str = "schema_version";
/// Where the layers' CRS is kept.
pub(super) const CRS_KEY: &str = "crs";

/// Where its definition is kept: two systems without a code are told apart by it.
pub(super) const CRS_WKT_KEY: &str = "crs_wkt";

/// One step: makes version `n` of version `n − 1`.
pub(super) type Migration = fn(&Connection) -> Result<()>;

/// All steps, in order.
pub(super) const MIGRATIONS: [Migration; 4] = [begin, judge_the_line, tell_what_is_left, keep_transfers];

/// Until the first run tells the CRS, layers have none (−1, undefined Cartesian).
const NO_CRS_YET: i32 = -1;
const LAYERS: [&str; 2] = ["flags", "zones"];
const TABLES: [&str; 8] =
    ["flag_zones", "comparisons", "scenes", "zone_tallies", "runs", "decisions", "cases", "case_flags"];
const OWN_TABLE_DEFINITION: &str = "identity and schema version of an ecoredline ledger; other programs leave it alone";

fn begin(connection: &Connection) -> Result<()> {
    create_core(connection)?;
    connection.execute_batch(include_str!("schema/1.sql"))?;
    for layer in LAYERS {
        register_layer(connection, layer, NO_CRS_YET, Lang::Zh)?;
    }
    for table in TABLES {
        register_attributes(connection, table, Lang::Zh)?;
    }
    for table in LAYERS.iter().chain(&TABLES) {
        name_columns(connection, table, Lang::Zh)?;
    }
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES ('ecoredline_ledger', NULL, 'ecoredline_ledger', ?1, 'read-write')",
        [OWN_TABLE_DEFINITION],
    )?;
    Ok(())
}

fn judge_the_line(connection: &Connection) -> Result<()> {
    connection.execute_batch(include_str!("schema/2.sql"))?;
    name_anew(connection, &["flags", "flag_zones"])
}

fn tell_what_is_left(connection: &Connection) -> Result<()> {
    connection.execute_batch(include_str!("schema/3.sql"))?;
    name_anew(connection, &["flags", "comparisons", "zone_tallies"])
}

fn keep_transfers(connection: &Connection) -> Result<()> {
    connection.execute_batch(include_str!("schema/4.sql"))?;
    register_attributes(connection, "transfers", Lang::Zh)?;
    name_anew(connection, &["comparisons", "transfers"])
}

/// Names the columns of tables that have new ones.
fn name_anew(connection: &Connection, tables: &[&str]) -> Result<()> {
    for table in tables {
        connection.execute("DELETE FROM gpkg_data_columns WHERE table_name = ?1", [table])?;
        name_columns(connection, table, Lang::Zh)?;
    }
    Ok(())
}

/// Brings a ledger to the newest version, inside a transaction.
pub(super) fn migrate(connection: &Connection, migrations: &[Migration]) -> Result<()> {
    let tables = "SELECT count(*) FROM sqlite_master WHERE name = 'ecoredline_ledger'";
    let is_new = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
    let version = if is_new { None } else { read_key(connection, VERSION_KEY)? };
    let done = version.and_then(|version| version.parse::<usize>().ok()).unwrap_or(0);
    for (index, migration) in migrations.iter().enumerate().skip(done) {
        migration(connection)?;
        write_key(connection, VERSION_KEY, &(index + 1).to_string())?;
    }
    Ok(())
}

/// Copies a ledger before it is migrated, beside it, as `ledger.before-v4.gpkg`. An earlier copy of that name is
/// replaced only when the new one is whole.
pub(super) fn back_up(connection: &Connection, path: &Path, newest: u32) -> std::result::Result<PathBuf, LedgerError> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let copy = path.with_file_name(format!("{name}.before-v{newest}.gpkg"));
    let part = path.with_file_name(format!("{name}.before-v{newest}.gpkg.part"));
    let files = |source| LedgerError::from_files(&copy, source);
    if part.exists() {
        std::fs::remove_file(&part).map_err(files)?;
    }
    connection
        .execute("VACUUM INTO ?1", [part.to_string_lossy()])
        .map_err(|source| LedgerError::from_database(&copy, source))?;
    std::fs::rename(&part, &copy).map_err(files)?;
    Ok(copy)
}
