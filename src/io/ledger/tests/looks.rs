//! Looking at what is on record: nothing of it is lost, and an older ledger is read without being changed.

use super::super::{connection, read_flags, read_lacking, read_transfers, schema};
use super::*;
use crate::model::flag::{Line, Place, Suggestion};
use crate::model::record::{FlagRecord, RecordedSuggestion};
use crate::model::transfer::{TransferClass, Transfers};
use crate::model::units::{CubicMetres, Fraction, SquareMetres};
use crate::model::volume::{Measured, Volume};

/// What the table of flags holds that a sight of it has to show.
fn judged(outcome: &mut Outcome) {
    let flag = &mut outcome.comparisons[0].flags[0];
    let hit = &mut flag.hits[0];
    (hit.line, hit.p_inside, hit.area_error) = (Line::AtLine, Fraction(0.73), SquareMetres(8.5));
    flag.activity = Some(Suggestion { code: "07".into(), why: "long_and_open".into(), focal: false });
    let measured = |volume, error| Measured { volume: CubicMetres(volume), error: CubicMetres(error) };
    flag.patch.volume = Some(Volume { cut: measured(12.0, 1.5), fill: measured(3.0, 0.5), net: measured(-9.0, 1.6) });
}

fn of_first(outcome: &Outcome, path: &Path) -> FlagRecord {
    let uuid = outcome.comparisons[0].flags[0].uuid;
    read_flags(path).expect("it is read").into_iter().find(|record| record.uuid == uuid).expect("the first flag")
}

#[test]
fn a_look_shows_line_suggestion_tests_and_volume_as_they_were_found() {
    let (_folder, path) = place();
    let mut outcome = sample_outcome::outcome();
    judged(&mut outcome);
    run(&path, &mut outcome).expect("a run");
    let (flag, record) = (&outcome.comparisons[0].flags[0], of_first(&outcome, &path));
    let hit = &record.hits[0];
    assert_eq!((record.line(), hit.p_inside), (Some(Line::AtLine), Some(Fraction(0.73))));
    assert_eq!((hit.area_error, hit.enough_data), (Some(SquareMetres(8.5)), Some(true)));
    let suggested = RecordedSuggestion { code: "07".into(), why: "long_and_open".into() };
    assert_eq!(record.suggestion, Some(suggested));
    assert_eq!(record.tests, flag.tests);
    assert_eq!(record.volume, flag.patch.volume);
    let other = outcome.comparisons[0].flags.get(1).map(|flag| flag.uuid);
    let records = read_flags(&path).expect("it is read");
    assert!(records.iter().filter(|record| Some(record.uuid) == other).all(|record| record.volume.is_none()));
}

#[test]
fn a_zone_that_was_hardly_seen_is_lacking_until_a_later_run_sees_it() {
    let (_folder, path) = place();
    let mut outcome = sample_outcome::outcome();
    let tally = &mut outcome.comparisons[0].zones[0];
    tally.enough_data = false;
    tally.inside.changed = SquareMetres(10.0);
    tally.inside.unchanged = SquareMetres(20.0);
    tally.inside.not_observed = SquareMetres(70.0);
    let zone = tally.zone;
    run(&path, &mut outcome).expect("a run");
    let lacking = read_lacking(&path).expect("it is read");
    assert_eq!(lacking.len(), 1, "{lacking:?}");
    let lack = &lacking[0];
    assert_eq!((lack.id.as_str(), lack.place), (outcome.zones[zone].id.as_str(), Place::Inside));
    assert!((lack.seen.0 - 0.3).abs() < 1e-9, "{lack:?}");
    assert_eq!(of_first(&outcome, &path).hits[0].enough_data, Some(false));
    let mut outcome = sample_outcome::outcome();
    outcome.comparisons[0].threshold.value = Some(99.0);
    run(&path, &mut outcome).expect("another run with other parameters");
    assert_eq!(read_lacking(&path).expect("it is read"), []);
}

/// A matrix of two named classes, in which some of the first became the second.
fn transfers(moved_m2: f64) -> Transfers {
    let class = |code, name: &str| TransferClass { code, name: Some(name.into()), cover: None };
    let areas = [[900.0, moved_m2], [0.0, 300.0]].map(|row| row.map(SquareMetres).to_vec());
    Transfers { classes: vec![class(10, "耕地"), class(80, "建设用地")], areas: areas.to_vec() }
}

#[test]
fn a_transfer_matrix_comes_back_as_the_latest_run_of_its_dates_wrote_it() {
    let (_folder, path) = place();
    for moved_m2 in [120.0, 80.0, 0.0] {
        let mut outcome = sample_outcome::outcome();
        outcome.comparisons[0].transfers = Some(transfers(moved_m2));
        // Other parameters are another comparison; the last two are the same one.
        outcome.comparisons[0].threshold.value = Some(if moved_m2 > 100.0 { 9.0 } else { 4.5 });
        run(&path, &mut outcome).expect("a run");
        let recorded = read_transfers(&path).expect("it is read");
        assert_eq!(recorded.len(), 1, "{recorded:?}");
        assert_eq!(recorded[0].transfers, transfers(moved_m2));
        assert_eq!(recorded[0].from, outcome.comparisons[0].from_date);
    }
}

#[test]
fn a_ledger_of_version_three_takes_transfers_once_a_run_has_migrated_it() {
    let (folder, path) = place();
    let connection = connection::open_draft(&path).expect("a file");
    connection::trust_triggers(&connection).expect("trusted");
    schema::migrate(&connection, &schema::MIGRATIONS[..3]).expect("version 3");
    drop(connection);
    assert_eq!(read_transfers(&path).expect("it is read"), []);
    let mut outcome = sample_outcome::outcome();
    outcome.comparisons[0].transfers = Some(transfers(5.0));
    run(&path, &mut outcome).expect("a run");
    assert_eq!(read_transfers(&path).expect("it is read").len(), 1);
    let named = "SELECT name FROM gpkg_data_columns WHERE table_name = 'transfers' AND column_name = 'from_code'";
    assert_eq!(ask(&path, named), "变化前地类编码");
    assert_eq!(ask(&path, "SELECT printf('%.2f', resid_m) FROM comparisons LIMIT 1"), "0.20");
    assert!(names_in(folder.path()).iter().any(|name| name.contains("before-v4")), "{:?}", names_in(folder.path()));
}

#[test]
fn older_ledgers_are_read_as_they_are_and_left_so() {
    for version in 1..schema::MIGRATIONS.len() {
        let (folder, path, outcome) = begun();
        let older = path.with_file_name("older.gpkg");
        let connection = connection::open_draft(&older).expect("a file");
        connection::trust_triggers(&connection).expect("trusted");
        schema::migrate(&connection, &schema::MIGRATIONS[..version]).expect("an older ledger");
        copy_shared(&connection, &path);
        drop(connection);
        let before = std::fs::read(&older).expect("its bytes");
        let record = of_first(&outcome, &older);
        assert_eq!(record.code, of_first(&outcome, &path).code);
        let hit = &record.hits[0];
        assert_eq!((hit.line.is_some(), hit.p_inside.is_some()), (version > 1, version > 1), "version {version}");
        let kept = if version > 2 { Some(true) } else { None };
        assert_eq!((hit.enough_data, record.volume), (kept, None), "version {version}");
        assert_eq!(record.tests.is_empty(), version == 1, "version {version}");
        assert_eq!(read_lacking(&older).expect("it is read"), []);
        assert_eq!(std::fs::read(&older).expect("its bytes"), before, "a look changes nothing");
        drop(folder);
    }
}

/// Fills an older ledger with what it has columns for of a newer one's rows.
fn copy_shared(older: &Connection, newer: &Path) {
    let attach = "ATTACH ?1 AS newer";
    older.execute(attach, [newer.to_string_lossy()]).expect("attached");
    for table in ["runs", "zones", "scenes", "comparisons", "zone_tallies", "flags", "flag_zones"] {
        let sql = format!("SELECT group_concat(name, ', ') FROM pragma_table_info('{table}')");
        let names: String = older.query_row(&sql, [], |row| row.get(0)).expect("its columns");
        let sql = format!("INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}");
        older.execute_batch(&sql).expect(table);
    }
    older.execute_batch("DETACH newer").expect("detached");
}
