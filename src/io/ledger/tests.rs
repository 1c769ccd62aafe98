//! The ledger across runs, under foreign hands, and killed.
#![allow(clippy::print_stdout)] // A test that cannot run here says so.

mod access;
mod kill;
mod looks;
mod recall;
mod runs;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Ledger, LedgerError, RunCounts};
use crate::ledger::sample_outcome;
use crate::model::outcome::Outcome;

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("台账 ledger.gpkg");
    (folder, path)
}

fn run(path: &Path, outcome: &mut Outcome) -> Result<RunCounts, LedgerError> {
    let mut run = Ledger::open(path)?.begin_run(Timestamp::UNIX_EPOCH)?;
    run.record(outcome)?;
    run.commit()
}

/// A ledger after one run of the made-up outcome.
fn begun() -> (tempfile::TempDir, PathBuf, Outcome) {
    let (folder, path) = place();
    let mut outcome = sample_outcome::outcome();
    run(&path, &mut outcome).expect("the first run");
    (folder, path, outcome)
}

/// One value from the ledger as text. Opened by `SQLite`, like everything that touches it.
fn ask(path: &Path, sql: &str) -> String {
    let connection = Connection::open(path).expect("it opens");
    connection.query_row(sql, [], |row| row.get(0)).expect("one text")
}

fn change(path: &Path, sql: &str) -> rusqlite::Result<()> {
    let connection = Connection::open(path).expect("it opens");
    crate::io::geopackage::add_functions(&connection).expect("functions");
    connection.execute_batch(sql)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
