//! Files that are not ours, not sound, not free or not writable.

use std::time::{Duration, Instant};

use super::*;
use crate::io::ledger::schema::{self, Migration};
use crate::io::ledger::{connection, inspect};
use crate::lang::Lang;
use crate::model::notice::Explain;
use crate::model::units::CubicMetres;
use crate::model::volume::{Measured, Volume};

/// Both ways in refuse a file, and leave it as it is.
fn assert_refused(path: &Path, is_expected: fn(&LedgerError) -> bool) {
    let before = std::fs::read(path).expect("it is read");
    let errors = [inspect(path).expect_err("inspect"), Ledger::open(path).map(|_| ()).expect_err("open")];
    for error in errors {
        assert!(is_expected(&error), "{error:?}");
    }
    assert!(std::fs::read(path).expect("it is read") == before, "it was touched");
}

#[test]
fn a_place_without_a_ledger_is_fine_and_stays_empty() {
    let (folder, path) = place();
    assert!(!inspect(&path).expect("a place").exists);
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
}

#[test]
fn a_folder_that_does_not_exist_is_made_by_the_first_run_and_not_before() {
    let (folder, _) = place();
    let path = folder.path().join("absent/deeper/ledger.gpkg");
    assert!(!inspect(&path).expect("a place").exists);
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
    let run = Ledger::open(&path).expect("opens").begin_run(jiff::Timestamp::UNIX_EPOCH).expect("begins");
    run.commit().expect("commits");
    assert!(path.exists());
}

#[test]
fn a_file_where_the_folder_should_be_is_refused() {
    let (folder, _) = place();
    std::fs::write(folder.path().join("taken"), b"x").expect("a file");
    assert!(inspect(&folder.path().join("taken/ledger.gpkg")).is_err());
}

#[test]
fn files_that_are_no_ledger_are_refused_and_not_touched() {
    let (_folder, path) = place();
    let ours = |error: &LedgerError| matches!(error, LedgerError::NotALedger { .. });
    for bytes in [&b""[..], b"<html>", &[7; 9000]] {
        std::fs::write(&path, bytes).expect("a file");
        assert_refused(&path, ours);
    }
    std::fs::remove_file(&path).expect("gone");
    crate::io::geopackage::write_flags(&path, &sample_outcome::outcome(), Lang::Zh).expect("a GeoPackage");
    assert_refused(&path, ours);
}

#[test]
fn a_newer_ledger_is_refused_and_not_touched() {
    let (_folder, path, _) = begun();
    change(&path, "UPDATE ecoredline_ledger SET value = '99' WHERE key = 'schema_version'").expect("a version");
    assert_refused(&path, |error| matches!(error, LedgerError::Newer { found: 99, known: schema::NEWEST, .. }));
}

#[test]
fn a_damaged_page_is_found_before_anything_is_written() {
    let (_folder, path, _) = begun();
    let mut bytes = std::fs::read(&path).expect("it is read");
    let sql = "SELECT cast(rootpage AS TEXT) FROM sqlite_master WHERE name = 'flags'";
    let root: usize = ask(&path, sql).parse().expect("a page");
    bytes[(root - 1) * 4096..root * 4096].fill(0x5A);
    std::fs::write(&path, &bytes).expect("a damaged file");
    let error = inspect(&path).expect_err("damaged");
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_damaged_outline_stops_the_run_and_is_named() {
    let (_folder, path, _) = begun();
    change(&path, "UPDATE flags SET geom = x'4750'").expect("a damaged row");
    let error = run(&path, &mut sample_outcome::outcome()).expect_err("damaged");
    assert!(matches!(&error, LedgerError::Damaged { detail, .. } if detail.contains("2024-0001")), "{error:?}");
}

#[test]
fn a_ledger_that_another_holds_is_waited_for_and_then_said_so() {
    let (_folder, path, _) = begun();
    let holder = Connection::open(&path).expect("it opens");
    holder.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let since = Instant::now();
    let error = inspect(&path).expect_err("held");
    assert!(matches!(error, LedgerError::Held { .. }) && since.elapsed() > Duration::from_secs(4), "{error:?}");
    holder.execute_batch("ROLLBACK").expect("let go");
    assert!(inspect(&path).is_ok());
}

#[test]
fn a_new_ledger_that_another_is_building_is_waited_for() {
    let (_folder, path) = place();
    let begin = |path: &Path| Ledger::open(path).and_then(|ledger| ledger.begin_run(Timestamp::UNIX_EPOCH));
    let mut first = begin(&path).expect("the first");
    first.record(&mut sample_outcome::outcome()).expect("record");
    let (here, there) = (path.clone(), path.clone());
    let second = std::thread::spawn(move || run(&there, &mut sample_outcome::outcome()));
    std::thread::sleep(Duration::from_millis(300));
    first.commit().expect("the first commits");
    let counts = second.join().expect("no panic").expect("the second goes on in the ledger of the first");
    assert_eq!((counts.new, counts.known), (0, 3));
    assert_eq!(inspect(&here).expect("sound").runs, 2);
}

#[test]
fn a_read_only_file_or_folder_is_said_so() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, _) = begun();
    set_permissions(&path, Permissions::from_mode(0o444)).expect("rights");
    assert!(matches!(inspect(&path), Err(LedgerError::ReadOnly { .. })));
    set_permissions(&path, Permissions::from_mode(0o644)).expect("rights");
    set_permissions(folder.path(), Permissions::from_mode(0o555)).expect("rights");
    let may_write = std::fs::write(folder.path().join("probe"), b"").is_ok();
    let seen = inspect(&path);
    set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("rights");
    if may_write {
        return println!("skipped: this user may write anywhere");
    }
    assert!(matches!(seen, Err(LedgerError::ReadOnly { .. })), "{seen:?}");
}

#[test]
fn a_full_disk_is_an_environment_error_and_undoes_the_run() {
    let (_folder, path, _) = begun();
    let mut run = Ledger::open(&path).expect("open").begin_run(Timestamp::UNIX_EPOCH).expect("begin");
    run.limit_pages_for_test();
    let mut large = sample_outcome::outcome();
    let flag = large.comparisons[0].flags[0].clone();
    large.comparisons[0].flags = vec![flag; 2_000];
    let error = run.record(&mut large).expect_err("no space");
    assert!(matches!(error, LedgerError::DiskFull { .. }) && error.is_environment(), "{error:?}");
    drop(run);
    assert_eq!(inspect(&path).expect("sound").flags, 3);
}

#[test]
fn a_ledger_of_version_two_takes_volumes_once_a_run_has_migrated_it() {
    let (folder, path) = place();
    let connection = connection::open_draft(&path).expect("a file");
    connection::trust_triggers(&connection).expect("trusted");
    schema::migrate(&connection, &schema::MIGRATIONS[..2]).expect("version 2");
    drop(connection);
    assert_eq!(inspect(&path).expect("a ledger").schema_version, 2);
    let mut outcome = sample_outcome::outcome();
    let measured = Measured { volume: CubicMetres(12.5), error: CubicMetres(1.5) };
    let volume = Some(Volume { cut: measured, ..Volume::default() });
    outcome.comparisons[0].flags[0].patch.volume = volume;
    outcome.comparisons[0].volume = volume;
    outcome.comparisons[0].zones[0].volume = volume;
    run(&path, &mut outcome).expect("a run");
    for table in ["flags", "comparisons", "zone_tallies"] {
        let sql = format!("SELECT group_concat(cut_m3 || ' ' || cut_e_m3 || ' ' || net_m3) FROM {table}");
        assert_eq!(ask(&path, &sql), "12.5 1.5 0.0", "{table}");
    }
    let named = "SELECT name FROM gpkg_data_columns WHERE table_name = 'comparisons' AND column_name = 'dz_m'";
    assert!(ask(&path, named).contains("高程常差"));
    assert!(names_in(folder.path()).iter().any(|name| name.contains("before-v4")), "{:?}", names_in(folder.path()));
}

#[test]
fn a_migration_keeps_a_copy_of_the_older_ledger() {
    let (folder, path, _) = begun();
    let add: Migration = |c| c.execute_batch("CREATE TABLE later (fid INTEGER PRIMARY KEY)");
    let connection = connection::open_existing(&path).expect("it opens");
    let newest = schema::NEWEST;
    let copy = schema::back_up(&connection, &path, newest + 1).expect("a copy");
    let steps = [&schema::MIGRATIONS[..], &[add]].concat();
    connection.execute_batch("BEGIN IMMEDIATE").expect("begin");
    schema::migrate(&connection, &steps).expect("migrated");
    connection.execute_batch("COMMIT").expect("commit");
    assert_eq!(
        ask(&path, "SELECT value FROM ecoredline_ledger WHERE key = 'schema_version'"),
        (newest + 1).to_string()
    );
    assert_eq!(ask(&path, "SELECT name FROM sqlite_master WHERE name = 'later'"), "later");
    assert_eq!(inspect(&copy).expect("the copy is a ledger").schema_version, newest);
    assert_eq!(names_in(folder.path()).len(), 2);
}

#[test]
fn a_ledger_left_in_write_ahead_mode_comes_back_as_one_file() {
    let (folder, path, _) = begun();
    assert_eq!(ask(&path, "PRAGMA journal_mode = WAL"), "wal");
    run(&path, &mut sample_outcome::outcome()).expect("a run");
    assert_eq!(ask(&path, "PRAGMA journal_mode"), "delete");
    assert_eq!(names_in(folder.path()).len(), 1);
}

#[test]
fn every_error_has_words_in_both_languages() {
    let path = PathBuf::from("/data/ledger.gpkg");
    let at = || path.clone();
    let errors = [
        LedgerError::Held { path: at() },
        LedgerError::ReadOnly { path: at() },
        LedgerError::DiskFull { path: at(), needed: None },
        LedgerError::DiskFull { path: at(), needed: Some(1_200_000) },
        LedgerError::NoFolder { path: at() },
        LedgerError::NotALedger { path: at() },
        LedgerError::Newer { path: at(), found: 2, known: 1 },
        LedgerError::Damaged { path: at(), detail: "page 7".into() },
        LedgerError::OtherCrs { path: at(), ledger: "EPSG:4549".into(), run: "EPSG:32650".into() },
        LedgerError::Files { path: at(), source: std::io::Error::other("x") },
        LedgerError::Database { path: at(), source: rusqlite::Error::InvalidQuery },
    ];
    for error in errors {
        for lang in Lang::ALL {
            let text = lang.notice(&error.notice());
            let parts = [text.what, text.why, text.advice];
            assert!(parts.iter().all(|part| !part.is_empty() && !part.contains("%{")), "{error:?}: {parts:?}");
        }
        assert_eq!(error.notice().path.as_deref(), Some(path.as_path()));
    }
}
