//! `flags.gpkg`: the flags, zones, comparisons and notices of one run, for GIS. The same outcome gives the same bytes:
//! nothing in it depends on a clock, and rows are written in the outcome's order.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Result};

use super::blob::encode;
use super::container::{create_core, name_columns, register_attributes, register_layer, srs_row, touch, update_extent};
use super::functions::add_functions;
use super::records::{Words, comparison_row, discard_row, flag_row, hit_row, zone_row, zone_tally_row};
use super::row::{Row, insert, value};
use super::tables::TABLES;
use crate::io::ledger::LedgerError;
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::{ComparisonOutcome, Outcome, ZoneTally};

/// Writes the flags of a run as a `GeoPackage` with words in a language. The caller renames the file into place; what
/// an earlier attempt left at the path is replaced.
///
/// # Errors
/// A full disk, a folder that cannot be written, or another failure of the file system, with the path.
pub fn write_flags(path: &Path, outcome: &Outcome, lang: Lang) -> std::result::Result<(), LedgerError> {
    if path.exists() {
        std::fs::remove_file(path).map_err(|source| LedgerError::from_files(path, source))?;
    }
    let connection = open(path).map_err(|source| LedgerError::from_database(path, source))?;
    write(&connection, outcome, lang).map_err(|source| LedgerError::of_connection(path, &connection, source))?;
    connection.close().map_err(|(_, source)| LedgerError::from_database(path, source))
}

pub(super) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA secure_delete = ON;")?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    // As for the ledger: a full disk is found out before the transaction ends, while its size can still be asked for.
    connection.pragma_update(None, "cache_spill", false)?;
    add_functions(&connection)?;
    Ok(connection)
}

fn write(connection: &Connection, outcome: &Outcome, lang: Lang) -> Result<()> {
    connection.execute_batch("BEGIN")?;
    fill(connection, outcome, lang)?;
    connection.cache_flush()?;
    connection.execute_batch("COMMIT")
}

fn fill(connection: &Connection, outcome: &Outcome, lang: Lang) -> Result<()> {
    create_core(connection)?;
    let srs_id = srs_row(connection, &outcome.crs)?;
    for table in &TABLES {
        connection.execute_batch(&table.sql())?;
        if table.has_geometry {
            register_layer(connection, table.name, srs_id, lang)?;
        } else {
            register_attributes(connection, table.name, lang)?;
        }
        name_columns(connection, table.name, lang)?;
    }
    let words = Words::In(lang);
    for comparison in &outcome.comparisons {
        add_comparison(connection, outcome, comparison, srs_id, words)?;
    }
    add_zones(connection, outcome, srs_id, words)?;
    for notice in &outcome.notices {
        insert(connection, "notices", &notice_row(notice, lang))?;
    }
    for layer in ["flags", "discarded", "zones"] {
        update_extent(connection, layer)?;
    }
    let last = outcome.comparisons.iter().map(|c| c.to_date).max();
    let last = last.map_or("1970-01-01".to_owned(), |day| day.to_string());
    touch(connection, &format!("{last}T00:00:00.000Z"))
}

fn add_comparison(
    connection: &Connection,
    outcome: &Outcome,
    comparison: &ComparisonOutcome,
    srs_id: i32,
    words: Words,
) -> Result<()> {
    insert(connection, "comparisons", &comparison_row(outcome, comparison, words))?;
    for discard in &comparison.discarded {
        let mut row = discard_row(outcome, comparison, discard, words);
        row.push(("geom", Value::Blob(encode(&discard.patch.shape, srs_id))));
        insert(connection, "discarded", &row)?;
    }
    for flag in &comparison.flags {
        let mut row = flag_row(outcome, comparison, flag, words);
        row.push(("geom", Value::Blob(encode(&flag.patch.shape, srs_id))));
        insert(connection, "flags", &row)?;
        for (index, hit) in flag.hits.iter().enumerate() {
            let mut row = hit_row(index + 1, hit, words);
            row.push(("uuid", value::text(flag.uuid.to_string())));
            row.push(("patch_id", value::text(&flag.code)));
            let zone = zone_row(&outcome.zones[hit.zone], words);
            row.extend(zone.into_iter().filter(|(name, _)| ZONE_OF_A_HIT.contains(name)));
            insert(connection, "flag_zones", &row)?;
        }
    }
    Ok(())
}

/// What a row of `flag_zones` repeats of the zone.
const ZONE_OF_A_HIT: [&str; 8] =
    ["layer", "zone_id", "zone_nm", "zone_knd", "zone_lvl", "func_zn", "bnd_ver", "strict"];

fn add_zones(connection: &Connection, outcome: &Outcome, srs_id: i32, words: Words) -> Result<()> {
    for (index, zone) in outcome.zones.iter().enumerate() {
        let mut row = zone_row(zone, words);
        row.push(("geom", Value::Blob(encode(&zone.shape, srs_id))));
        if let Some((comparison, tally)) = latest(outcome, index) {
            row.extend(zone_tally_row(tally));
            let dates = comparison_row(outcome, comparison, words).into_iter();
            row.extend(dates.filter(|(name, _)| ["img_kind", "t1_date", "t2_date"].contains(name)));
        }
        insert(connection, "zones", &row)?;
    }
    Ok(())
}

/// The latest comparison in which a zone was in force, and what it found there.
fn latest(outcome: &Outcome, zone: usize) -> Option<(&ComparisonOutcome, &ZoneTally)> {
    let with_tally = |c| tally_of(c, zone).map(|tally| (c, tally));
    outcome.comparisons.iter().filter_map(with_tally).max_by_key(|(c, _)| (c.to_date, c.from_date))
}

fn tally_of(comparison: &ComparisonOutcome, zone: usize) -> Option<&ZoneTally> {
    comparison.zones.iter().find(|tally| tally.zone == zone)
}

/// Only the file's name is told: the `GeoPackage` is handed to others, whose folders are not ours.
fn notice_row(notice: &Notice, lang: Lang) -> Row {
    let text = lang.notice(notice);
    let file = notice.path.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    vec![
        ("code", value::text(notice.code)),
        ("weight", value::text(lang.word(weight_key(notice.weight)))),
        ("file", value::maybe_text(file.as_deref())),
        ("what", value::text(text.what)),
        ("why", value::text(text.why)),
        ("advice", value::text(text.advice)),
    ]
}

fn weight_key(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "geopackage.weight.note",
        Weight::Warning => "geopackage.weight.warning",
        Weight::Refused => "geopackage.weight.refused",
        Weight::Fatal => "geopackage.weight.fatal",
    }
}
