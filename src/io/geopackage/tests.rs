//! `flags.gpkg` as others see it: GDAL, the standard's validator, SQL.
#![allow(clippy::print_stdout)] // A judge that is not installed is said to be skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use super::tables::TABLES;
use super::{add_functions, write_flags};
use crate::lang::Lang;
use crate::ledger::sample_outcome::outcome;
use crate::model::outcome::Outcome;

fn written(folder: &Path, name: &str, outcome: &Outcome, lang: Lang) -> PathBuf {
    let path = folder.join(name);
    write_flags(&path, outcome, lang).expect("the file is written");
    path
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(path: &Path, sql: &str) -> String {
    let connection = Connection::open(path).expect("it opens");
    add_functions(&connection).expect("functions");
    connection.query_row(sql, [], |row| row.get(0)).expect("one text")
}

/// Runs an outside judge; `None` where it is not installed.
pub(in crate::io) fn judged(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let output = Command::new(program).args(arguments).arg(path).env("LC_ALL", "C.UTF-8").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    Some(said)
}

/// The validator that comes with GDAL's Python package finds nothing.
pub(in crate::io) fn assert_valid_geopackage(path: &Path) {
    let validator = "/usr/lib/python3/dist-packages/osgeo_utils/samples/validate_gpkg.py";
    if !Path::new(validator).exists() {
        println!("skipped: no validator");
        return;
    }
    if let Some(said) = judged("/usr/bin/python3", &[validator, "--extra"], path) {
        assert!(!said.contains("Req "), "{said}");
    }
}

#[test]
fn gdal_reads_every_layer_without_a_word_of_complaint() {
    let folder = folder();
    let path = written(folder.path(), "flags.gpkg", &outcome(), Lang::Zh);
    let Some(said) = judged("ogrinfo", &["-al"], &path) else { return println!("skipped: no ogrinfo") };
    assert!(!said.contains("Warning") && !said.contains("ERROR"), "{said}");
    for part in ["Layer name: flags", "Feature Count: 3", "Geometry: Multi Polygon", "t2_date (Date) = 2024/07/12"] {
        assert!(said.contains(part), "{part} not in {said}");
    }
    for part in ["EPSG\",4549", "Layer name: flag_zones", "Feature Count: 4", "area_m2 (Real) = 400"] {
        assert!(said.contains(part), "{part} not in {said}");
    }
}

#[test]
fn the_standards_validator_finds_nothing() {
    let folder = folder();
    assert_valid_geopackage(&written(folder.path(), "flags.gpkg", &outcome(), Lang::Zh));
}

#[test]
fn the_same_outcome_gives_the_same_bytes() {
    let folder = folder();
    let bytes = |name| std::fs::read(written(folder.path(), name, &outcome(), Lang::Zh)).expect("it is read");
    let (first, second) = (bytes("a.gpkg"), bytes("b.gpkg"));
    assert!(first == second && first.len() > 4096);
}

#[test]
fn an_earlier_attempt_is_replaced_and_no_side_file_stays() {
    let folder = folder();
    std::fs::write(folder.path().join("flags.gpkg"), b"half").expect("a file");
    let path = written(folder.path(), "flags.gpkg", &outcome(), Lang::En);
    assert_eq!(text(&path, "SELECT group_concat(state) FROM flags"), "detected,detected,detected");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn a_spatial_query_finds_the_flag_through_the_index() {
    let folder = folder();
    let path = written(folder.path(), "flags.gpkg", &outcome(), Lang::Zh);
    let sql = "SELECT group_concat(t2_date) FROM flags JOIN rtree_flags_geom ON id = fid \
               WHERE minx < 440215 AND maxx > 440215 AND miny < 3570020 AND maxy > 3570020";
    assert_eq!(text(&path, sql), "2025-07-12");
}

#[test]
fn columns_have_names_in_both_languages() {
    let folder = folder();
    let sql = "SELECT name || '|' || description FROM gpkg_data_columns \
               WHERE table_name = 'flags' AND column_name = 'area_mu'";
    let path = written(folder.path(), "zh.gpkg", &outcome(), Lang::Zh);
    assert_eq!(text(&path, sql), "面积（亩）|Area (mu)");
    let path = written(folder.path(), "en.gpkg", &outcome(), Lang::En);
    assert_eq!(text(&path, sql), "Area (mu)|面积（亩）");
}

#[test]
fn every_column_has_a_word_in_both_languages_and_fits_a_shapefile() {
    for table in &TABLES {
        for (column, _) in table.columns() {
            assert!(column.len() <= 10 && column.is_ascii(), "{column}");
            for lang in Lang::ALL {
                let key = format!("geopackage.column.{column}");
                assert!(lang.known_word(&key).is_some(), "{key} in {}", lang.tag());
            }
        }
    }
}

#[test]
fn an_outcome_without_flags_is_still_a_file() {
    let folder = folder();
    let mut empty = outcome();
    empty.comparisons.clear();
    empty.zones.clear();
    let path = written(folder.path(), "flags.gpkg", &empty, Lang::Zh);
    assert_valid_geopackage(&path);
    let said = judged("ogrinfo", &["-so", "-al"], &path);
    assert!(said.is_none_or(|said| said.contains("Feature Count: 0") && !said.contains("ERROR")));
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_with_its_path() {
    let folder = folder();
    let path = folder.path().join("absent").join("flags.gpkg");
    let error = write_flags(&path, &outcome(), Lang::Zh).expect_err("no folder");
    assert!(error.is_environment() && error.path() == path, "{error}");
}
