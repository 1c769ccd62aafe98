//! What a run leaves in the ledger, and what the next one makes of it.

use super::*;
use crate::io::geopackage::tests::{assert_valid_geopackage, judged};
use crate::io::ledger::inspect;
use crate::ledger::sample_outcome::{flag_at, outcome};
use crate::model::flag::{FalseChange, FlagState, Tested};

/// Number of rows of each table but `runs`.
fn rows(path: &Path) -> Vec<(String, u64)> {
    let tables = "SELECT group_concat(table_name) FROM gpkg_contents WHERE table_name != 'runs'";
    let count =
        |table: &str| ask(path, &format!("SELECT cast(count(*) AS TEXT) FROM {table}")).parse().expect("a count");
    ask(path, tables).split(',').map(|table| (table.to_owned(), count(table))).collect()
}

/// Everything that is the same whenever and however often the program ran.
fn content(path: &Path) -> String {
    let flags = "SELECT group_concat(uuid || patch_id || comparison || state || area_m2 || hex(geom)) FROM flags";
    let hits = "SELECT group_concat(uuid || flag || zone || rank) FROM flag_zones";
    [flags, hits].map(|sql| ask(path, sql)).concat()
}

#[test]
fn a_first_run_fills_the_ledger_and_names_the_flags() {
    let (folder, path, outcome) = begun();
    let codes: Vec<&str> = outcome.comparisons.iter().flat_map(|c| c.flags.iter().map(|f| f.code.as_str())).collect();
    assert_eq!(codes, ["2024-0001", "2024-0002", "2025-0001"]);
    let counts = rows(&path);
    let expected =
        [("flags", 3), ("zones", 2), ("flag_zones", 4), ("comparisons", 2), ("scenes", 3), ("zone_tallies", 4)];
    for (table, count) in expected {
        assert!(counts.contains(&(table.to_owned(), count)), "{table} in {counts:?}");
    }
    assert_eq!(names_in(folder.path()), ["台账 ledger.gpkg"]);
    let state = inspect(&path).expect("a sound ledger");
    assert_eq!(
        (state.exists, state.schema_version, state.runs, state.flags),
        (true, super::super::schema::NEWEST, 1, 3)
    );
    assert_eq!(state.crs, Some(outcome.crs.label()));
}

#[test]
fn running_again_adds_nothing_but_a_line_in_the_run_log() {
    let (_folder, path, first) = begun();
    let (before, content_before) = (rows(&path), content(&path));
    let mut again = outcome();
    let counts = run(&path, &mut again).expect("the second run");
    assert_eq!((counts.flags, counts.new, counts.known, counts.superseded), (3, 0, 3, 0));
    assert_eq!((rows(&path), content(&path)), (before, content_before));
    assert_eq!(again, first);
    assert_eq!(ask(&path, "SELECT cast(count(*) AS TEXT) FROM runs"), "2");
}

#[test]
fn the_same_inputs_in_a_fresh_ledger_get_the_same_identities() {
    let ((_a, first, _), (_b, second, _)) = (begun(), begun());
    assert_eq!(content(&first), content(&second));
}

#[test]
fn a_flag_whose_outline_moved_keeps_its_identity_and_its_first_run() {
    let (_folder, path, first) = begun();
    let mut moved = outcome();
    moved.comparisons[0].flags[0] = flag_at(12.0, 9.0, 21.0);
    run(&path, &mut moved).expect("the second run");
    let (old, new) = (&first.comparisons[0].flags[0], &moved.comparisons[0].flags[0]);
    assert_eq!((new.uuid, &new.code), (old.uuid, &old.code));
    let sql = "SELECT patch_id || ' ' || area_m2 || ' ' || (first_run != last_run) FROM flags \
               WHERE patch_id = '2024-0001'";
    assert_eq!(ask(&path, sql), "2024-0001 441.0 1");
}

#[test]
fn a_flag_not_found_again_is_superseded_and_its_number_is_never_given_again() {
    let (_folder, path, _) = begun();
    let mut other = outcome();
    other.comparisons[0].flags[1] = flag_at(300.0, 300.0, 24.0);
    let counts = run(&path, &mut other).expect("the second run");
    assert_eq!((counts.new, counts.known, counts.superseded), (1, 2, 1));
    assert_eq!(other.comparisons[0].flags[1].code, "2024-0003");
    let sql = "SELECT group_concat(patch_id || ' ' || state) FROM (SELECT * FROM flags ORDER BY patch_id)";
    assert_eq!(ask(&path, sql), "2024-0001 detected,2024-0002 superseded,2024-0003 detected,2025-0001 detected");
    let mut back = outcome();
    run(&path, &mut back).expect("the third run");
    let flag = &back.comparisons[0].flags[1];
    assert_eq!((flag.code.as_str(), flag.state), ("2024-0002", FlagState::Detected));
    assert_eq!(ask(&path, "SELECT state FROM flags WHERE patch_id = '2024-0003'"), "superseded");
}

#[test]
fn a_flag_that_a_run_could_not_see_keeps_its_state() {
    let (_folder, path, first) = begun();
    let known = crate::io::ledger::detected(&path, &crate::ledger::ComparisonKey::of(&first.comparisons[0]));
    assert_eq!(known.expect("on record").len(), 2);
    let mut clouded = outcome();
    clouded.comparisons[0].unseen = vec![first.comparisons[0].flags[0].uuid];
    clouded.comparisons[0].flags.clear();
    assert_eq!(run(&path, &mut clouded).expect("the second run").superseded, 1);
    let sql = "SELECT group_concat(patch_id || ' ' || state) FROM (SELECT * FROM flags ORDER BY patch_id)";
    assert_eq!(ask(&path, sql), "2024-0001 detected,2024-0002 superseded,2025-0001 detected");
}

#[test]
fn a_flag_found_again_but_put_aside_for_want_of_data_keeps_its_state() {
    let (_folder, path, _) = begun();
    let reason = Tested { test: FalseChange::NotEnoughData, value: 0.6, limit: 0.8, explains: true };
    let mut partly = outcome();
    let flags = std::mem::take(&mut partly.comparisons[0].flags);
    partly.comparisons[0].discarded = flags.into_iter().take(1).map(|flag| flag.discarded(reason, "12")).collect();
    assert_eq!(run(&path, &mut partly).expect("the second run").superseded, 1);
    assert_eq!(ask(&path, "SELECT state FROM flags WHERE patch_id = '2024-0001'"), "detected");
}

#[test]
fn the_flags_of_a_comparison_that_is_not_made_any_more_stay_as_they_are() {
    let (_folder, path, _) = begun();
    let mut without = outcome();
    without.comparisons.remove(0);
    assert_eq!(run(&path, &mut without).expect("the second run").superseded, 0);
    assert_eq!(ask(&path, "SELECT cast(count(*) AS TEXT) FROM flags WHERE state = 'detected'"), "3");
}

#[test]
fn a_run_over_other_zones_leaves_the_flags_of_these_zones_alone() {
    let (_folder, path, _) = begun();
    let mut elsewhere = outcome();
    for zone in &mut elsewhere.zones {
        zone.layer = "other district".into();
    }
    for comparison in &mut elsewhere.comparisons {
        comparison.flags.clear();
    }
    assert_eq!(run(&path, &mut elsewhere).expect("the second run").superseded, 0);
}

#[test]
fn a_decision_outlives_runs_and_cannot_be_changed() {
    let (_folder, path, first) = begun();
    let flag = first.comparisons[0].flags[0].uuid;
    change(
        &path,
        &format!(
            "INSERT INTO decisions (uuid, flag, decided, who, action, hash) VALUES ('d1', '{flag}', \
             '2026-01-05T08:00:00.000Z', '王', 'confirm', 'h')"
        ),
    )
    .expect("a decision");
    change(&path, &format!("UPDATE flags SET state = 'confirmed' WHERE uuid = '{flag}'")).expect("a state");
    run(&path, &mut outcome()).expect("found again");
    let mut without = outcome();
    without.comparisons[0].flags.clear();
    run(&path, &mut without).expect("not found again");
    assert_eq!(ask(&path, "SELECT state FROM flags WHERE patch_id = '2024-0001'"), "confirmed");
    for sql in [
        "UPDATE decisions SET who = '李'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions (uuid, flag, decided, who, action, hash) \
         SELECT uuid, flag, decided, '李', action, hash FROM decisions",
    ] {
        assert!(change(&path, sql).is_err(), "{sql}");
    }
}

#[test]
fn another_threshold_is_another_comparison_with_the_same_flags() {
    let (_folder, path, _) = begun();
    let mut stricter = outcome();
    stricter.comparisons[0].threshold.value = Some(5.0);
    let counts = run(&path, &mut stricter).expect("the second run");
    assert_eq!((counts.new, counts.known), (0, 3));
    assert_eq!(ask(&path, "SELECT group_concat(threshold) FROM comparisons WHERE t2_date = '2024-07-12'"), "4.5,5.0");
}

#[test]
fn a_dropped_run_leaves_no_trace() {
    let (folder, path) = place();
    let mut first = Ledger::open(&path).expect("open").begin_run(Timestamp::UNIX_EPOCH).expect("begin");
    first.record(&mut outcome()).expect("record");
    drop(first);
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
    run(&path, &mut outcome()).expect("a whole run");
    let before = content(&path);
    let mut second = Ledger::open(&path).expect("open").begin_run(Timestamp::UNIX_EPOCH).expect("begin");
    let mut changed = outcome();
    changed.comparisons[0].flags.clear();
    second.record(&mut changed).expect("record");
    drop(second);
    assert_eq!((content(&path), names_in(folder.path()).len()), (before, 1));
}

#[test]
fn gdal_and_the_standards_validator_read_the_ledger() {
    let (_folder, path, _) = begun();
    assert_valid_geopackage(&path);
    let Some(said) = judged("ogrinfo", &["-so", "-al"], &path) else { return println!("skipped: no ogrinfo") };
    assert!(!said.contains("Warning") && !said.contains("ERROR"), "{said}");
    let extent = "Extent: (440010.000000, 3570010.000000)";
    for part in ["Layer name: zones", "Layer name: decisions", "EPSG\",4549", extent] {
        assert!(said.contains(part), "{part} not in {said}");
    }
}

#[test]
fn a_ledger_keeps_its_crs() {
    let (_folder, path, _) = begun();
    let mut other = outcome();
    other.crs.epsg = Some(32650);
    let error = run(&path, &mut other).expect_err("another CRS");
    let early = inspect(&path).expect("sound").check_crs(&path, &other.crs);
    assert!(matches!(early, Err(LedgerError::OtherCrs { .. })), "{early:?}");
    assert!(matches!(&error, LedgerError::OtherCrs { ledger, .. } if ledger.starts_with("EPSG:4549")), "{error}");
    run(&path, &mut outcome()).expect("the ledger is as before");
}
