//! What is recalled makes the same geodata as the run did: the ledger keeps every figure that the tables tell.

use std::collections::BTreeSet;

use super::super::{read_sights, recall};
use super::*;
use crate::io::geopackage::write_flags;
use crate::lang::Lang;

/// Every row of a table of a `GeoPackage`, in words; rows are put in order.
fn rows(path: &Path, table: &str) -> Vec<Vec<String>> {
    let connection = Connection::open(path).expect("it opens");
    let mut query = connection.prepare(&format!("SELECT * FROM {table}")).expect("a table");
    let names: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
    let columns: Vec<usize> = (0..names.len()).filter(|at| names[*at] != "fid" && names[*at] != "geom").collect();
    let row = |row: &rusqlite::Row<'_>| {
        let cell =
            |at: &usize| row.get::<_, rusqlite::types::Value>(*at).map(|value| format!("{}={value:?}", names[*at]));
        columns.iter().map(cell).collect::<rusqlite::Result<Vec<String>>>()
    };
    let mut rows: Vec<Vec<String>> = query.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect();
    rows.sort();
    rows
}

#[test]
fn what_is_recalled_makes_the_same_rows_as_the_run() {
    let (folder, path, mut outcome) = begun();
    outcome.comparisons.iter_mut().for_each(crate::model::outcome::ComparisonOutcome::recount);
    let recalled = recall(&path, &outcome.crs, None).expect("recalled");
    let (ran, kept) = (folder.path().join("ran.gpkg"), folder.path().join("kept.gpkg"));
    write_flags(&ran, &outcome, Lang::Zh).expect("written");
    write_flags(&kept, &recalled, Lang::Zh).expect("written");
    for table in ["flags", "flag_zones", "zones", "comparisons"] {
        assert_eq!(rows(&ran, table), rows(&kept, table), "{table}");
    }
    let shapes = |outcome: &Outcome| {
        let flags = outcome.comparisons.iter().flat_map(|comparison| &comparison.flags);
        flags.map(|flag| (flag.uuid, format!("{:?}", flag.patch.shape))).collect::<std::collections::BTreeMap<_, _>>()
    };
    assert_eq!(shapes(&outcome), shapes(&recalled));
}

#[test]
fn only_the_wanted_flags_are_recalled_with_their_comparisons() {
    let (_folder, path, outcome) = begun();
    let last = outcome.comparisons.last().expect("two comparisons").flags[0].uuid;
    let recalled = recall(&path, &outcome.crs, Some(&BTreeSet::from([last]))).expect("recalled");
    let found: Vec<_> = recalled.comparisons.iter().flat_map(|c| &c.flags).map(|flag| flag.uuid).collect();
    assert_eq!((recalled.comparisons.len(), found), (1, vec![last]));
    assert_eq!(recalled.comparisons[0].zones[0].flags, 1);
}

#[test]
fn a_superseded_flag_is_recalled_on_demand_alone() {
    let (_folder, path, outcome) = begun();
    let lost = outcome.comparisons[0].flags[1].uuid;
    change(&path, &format!("UPDATE flags SET state = 'superseded' WHERE uuid = '{lost}'")).expect("changed");
    let count = |wanted: Option<&BTreeSet<_>>| {
        let recalled = recall(&path, &outcome.crs, wanted).expect("recalled");
        recalled.comparisons.iter().map(|c| c.flags.len()).sum::<usize>()
    };
    assert_eq!((count(None), count(Some(&BTreeSet::from([lost])))), (2, 1));
}

#[test]
fn an_old_a_newer_and_a_missing_ledger_and_another_crs_are_refused_in_words() {
    let (folder, path, outcome) = begun();
    let refused = |path: &Path, crs| recall(path, crs, None).expect_err("refused");
    let other = crate::model::crs::Crs { epsg: Some(4548), ..outcome.crs.clone() };
    assert!(matches!(refused(&path, &other), LedgerError::OtherCrs { .. }));
    assert!(matches!(refused(&folder.path().join("none.gpkg"), &outcome.crs), LedgerError::NoFolder { .. }));
    change(&path, "UPDATE ecoredline_ledger SET value = '99' WHERE key = 'schema_version'").expect("changed");
    assert!(matches!(refused(&path, &outcome.crs), LedgerError::Newer { .. }));
    change(&path, "UPDATE ecoredline_ledger SET value = '1' WHERE key = 'schema_version'").expect("changed");
    assert!(matches!(refused(&path, &outcome.crs), LedgerError::Older { found: 1, .. }));
}

#[test]
fn the_latest_run_tells_how_much_of_a_zone_was_seen() {
    let (_folder, path, outcome) = begun();
    let sights = read_sights(&path).expect("it is read");
    assert_eq!(sights.len(), outcome.comparisons.len() * outcome.zones.len());
    assert!(sights.iter().all(|sight| (sight.seen.0, sight.unseen.0) == (241_000.0, 9_000.0)), "{sights:?}");
}
