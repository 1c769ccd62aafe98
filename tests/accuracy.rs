//! Accuracy against references of every form, and the sample that an interpreter fills in, from the command line.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::{Path, PathBuf};
use std::process::Command;

use gdal::vector::LayerAccess;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use serde_json::Value as Json;

mod support;
use support::made::Pixels;
use support::{number, sample_project};

/// The simulated reach as a project in a folder of its own.
fn project(folder: &Path) -> PathBuf {
    let file = folder.join("project.toml");
    std::fs::write(&file, sample_project()).unwrap();
    file
}

/// Code 1 of a truth raster.
fn is_changed(code: f64) -> bool {
    (code - 1.0).abs() < 0.5
}

fn truth() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/truth/change_2021_2022.tif")
}

/// Exit code, the answer, and the codes of the notices.
fn ecoredline(folder: &Path, words: &[&str]) -> (i32, Json, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecoredline"));
    command.args(["--headless", "--log", "json", "--lang", "en"]).args(words).current_dir(folder);
    let ended = command.output().unwrap();
    let answer = serde_json::from_slice(&ended.stdout).unwrap_or(Json::Null);
    let events = String::from_utf8(ended.stderr).unwrap();
    let code = |line: &str| {
        let event: Json = serde_json::from_str(line).unwrap();
        let told = |key: &str| event[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(event["event"] != "notice" || event["weight"] != "fatal" || (told("what") && told("do")), "{line}");
        event["code"].as_str().map(str::to_owned)
    };
    (ended.status.code().unwrap(), answer, events.lines().filter_map(code).collect())
}

const FIRST_PAIR: [&str; 4] = ["--from", "2021", "--kind", "satellite"];

fn against(folder: &Path, reference: &str, words: &[&str]) -> (i32, Json, Vec<String>) {
    let all = [&["accuracy", "project.toml", "--reference", reference][..], &FIRST_PAIR[..], words].concat();
    ecoredline(folder, &all)
}

fn assessed(folder: &Path, reference: &str, words: &[&str]) -> Json {
    let (code, answer, notices) = against(folder, reference, words);
    assert_eq!(code, 0, "{notices:?}");
    assert_eq!(answer["comparisons"].as_array().unwrap().len(), 1);
    answer["comparisons"][0].clone()
}

#[test]
fn a_truth_raster_is_counted_pixel_by_pixel_and_nothing_else_is_written() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let found = assessed(
        folder.path(),
        truth().to_str().unwrap(),
        &["--changed", "1", "--unchanged", "0", "--out", "answer.json"],
    );
    let of = |key: &str| found["counts"][key].as_u64().unwrap();
    let (hits, false_alarms, missed) = (of("changed_changed"), of("changed_unchanged"), of("unchanged_changed"));
    // Every planted pixel of that year lies in a zone or its ring.
    let planted = Pixels::read(&truth()).bands[0].iter().filter(|v| is_changed(**v)).count() as u64;
    assert_eq!(hits + missed + found["not_observed"]["changed"].as_u64().unwrap(), planted);
    let f1 = 2.0 * hits as f64 / (2 * hits + false_alarms + missed) as f64;
    assert!((number(&found, "f1") - f1).abs() < 1e-12 && f1 > 0.8, "{found}");
    assert!(found["estimates"].is_null());
    let written: Json = serde_json::from_slice(&std::fs::read(folder.path().join("answer.json")).unwrap()).unwrap();
    assert_eq!(written["comparisons"][0], found);
    let names = |entry: Result<std::fs::DirEntry, _>| entry.unwrap().file_name().into_string().unwrap();
    let mut left: Vec<String> = std::fs::read_dir(folder.path()).unwrap().map(names).collect();
    left.sort();
    assert_eq!(left, ["answer.json", "project.toml"]);
}

#[test]
fn a_reference_on_another_lattice_says_the_same_to_its_own_resolution() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let words = ["--changed", "1", "--unchanged", "0"];
    let own = assessed(folder.path(), truth().to_str().unwrap(), &words);
    // Half the pixel size, other corner: the centre of every analysed pixel falls into a pixel of the same code.
    let coarse = Pixels::read(&truth());
    let mut fine = coarse.window(-1, -1, coarse.cols + 2, coarse.rows + 2, 255.0);
    let at = |i: usize| fine.bands[0][i / (2 * fine.cols) / 2 * fine.cols + i % (2 * fine.cols) / 2];
    fine.bands = vec![(0..4 * fine.cols * fine.rows).map(at).collect()];
    (fine.cols, fine.rows) = (2 * fine.cols, 2 * fine.rows);
    (fine.transform[1], fine.transform[5]) = (fine.transform[1] / 2.0, fine.transform[5] / 2.0);
    fine.write_u8(&folder.path().join("fine.tif"), &[]);
    assert_eq!(assessed(folder.path(), "fine.tif", &words)["counts"], own["counts"]);
}

#[test]
fn polygons_label_the_pixels_they_cover() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let polygons = truth().with_file_name("encroachments.geojson");
    let words = ["--field", "year_from", "--changed", "2022", "--unchanged", "2024", "2025"];
    let found = assessed(folder.path(), polygons.to_str().unwrap(), &words);
    assert!(number(&found, "recall") > 0.8 && number(&found, "precision") > 0.9, "{found}");
    let raster = assessed(folder.path(), truth().to_str().unwrap(), &["--changed", "1", "--unchanged", "0"]);
    let changed = |json: &Json| json["counts"]["changed_changed"].as_f64().unwrap();
    assert!((changed(&found) / changed(&raster) - 1.0).abs() < 0.01, "{found}");
}

#[test]
fn points_without_strata_take_those_of_the_map() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let point = |lon: f64, lat: f64, label: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"判读":"{label}"}},"geometry":{{"type":"Point","coordinates":[{lon},{lat}]}}}}"#
        )
    };
    // Two on a planted yard, three beside it, one far away.
    let points = [
        point(119.4141, 32.2386, "变化"),
        point(119.4143, 32.2384, "变化"),
        point(119.4190, 32.2380, "未变化"),
        point(119.4192, 32.2381, "未变化"),
        point(119.4194, 32.2382, ""),
        point(120.9, 32.2, "变化"),
    ];
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, points.join(","));
    std::fs::write(folder.path().join("points.geojson"), text).unwrap();
    let (code, answer, notices) = against(folder.path(), "points.geojson", &[]);
    let found = &answer["comparisons"][0];
    assert_eq!((code, found["estimates"]["strata_from"].as_str()), (0, Some("map")), "{notices:?}");
    assert_eq!((found["outside"].as_u64(), found["unlabelled"].as_u64()), (Some(1), Some(1)), "{found}");
    assert!(notices.iter().any(|code| code == "reference_unlabelled"), "{notices:?}");
}

/// Writes into a sample what the truth says at each point.
fn interpret(sample: &Path) {
    let truth = Pixels::read(&truth());
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_UPDATE | GdalOpenFlags::GDAL_OF_VECTOR,
        ..Default::default()
    };
    let file = Dataset::open_ex(sample, options).unwrap();
    let mut labels = Vec::new();
    let mut layer = file.layer_by_name("samples").unwrap();
    for feature in layer.features() {
        assert!(feature.field(feature.field_index("label").unwrap()).unwrap().is_none());
        let (x, y, _) = feature.geometry().unwrap().get_point(0);
        let col = ((x - truth.transform[0]) / truth.transform[1]) as usize;
        let row = ((y - truth.transform[3]) / truth.transform[5]) as usize;
        let label = if is_changed(truth.bands[0][row * truth.cols + col]) { "1" } else { "2" };
        labels.push((feature.fid().unwrap(), label));
    }
    for (fid, label) in labels {
        let sql = format!("UPDATE samples SET label = '{label}' WHERE fid = {fid}");
        file.execute_sql(sql, None, gdal::vector::sql::Dialect::DEFAULT).unwrap();
    }
    file.close().unwrap();
}

#[test]
fn a_sample_filled_in_gives_back_the_true_area() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let draw = |out: &str, seed: &str| {
        let words = ["sample", "project.toml", "--points", "240", "--seed", seed, "--out", out];
        let (code, answer, notices) = ecoredline(folder.path(), &[&words[..], &FIRST_PAIR[..]].concat());
        assert_eq!(code, 0, "{notices:?}");
        (answer, std::fs::read(folder.path().join(out)).unwrap())
    };
    let (drawn, bytes) = draw("a.gpkg", "7");
    assert!(bytes == draw("b.gpkg", "7").1 && bytes != draw("c.gpkg", "8").1);
    let strata = drawn["strata"].as_array().unwrap();
    assert_eq!(strata.iter().map(|s| s["points"].as_u64().unwrap()).sum::<u64>(), 240);
    assert!(strata.iter().all(|s| s["points"].as_u64() >= Some(30)), "{drawn}");

    interpret(&folder.path().join("a.gpkg"));
    let (code, answer, notices) = ecoredline(folder.path(), &["accuracy", "project.toml", "--reference", "a.gpkg"]);
    assert_eq!(code, 0, "{notices:?}");
    let found = &answer["comparisons"][0];
    let estimates = &found["estimates"];
    assert_eq!(estimates["strata_from"], "reference");
    let area: f64 = strata.iter().map(|s| number(s, "area_m2")).sum();
    assert!((number(estimates, "area_m2") - area).abs() < 1.0, "{estimates}");
    let changed = &estimates["area_of_m2"]["changed"];
    let truth = assessed(folder.path(), truth().to_str().unwrap(), &["--changed", "1", "--unchanged", "0"]);
    let of = |key: &str| truth["counts"][key].as_f64().unwrap() * 4.0;
    let true_m2 = of("changed_changed") + of("unchanged_changed");
    let reach = 3.0 * number(changed, "half_width_95") + 0.05 * true_m2;
    assert!((number(changed, "value") - true_m2).abs() < reach, "{changed}, truly {true_m2}");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let polygons = truth().with_file_name("encroachments.gpkg").to_str().unwrap().to_owned();
    let raster = truth().to_str().unwrap().to_owned();
    let coarse = Pixels::read(&truth());
    let far = Pixels { transform: [900_000.0, 2.0, 0.0, 3_569_600.0, 0.0, -2.0], ..coarse.clone() };
    far.write_u8(&folder.path().join("far.tif"), &[]);
    let lost = Pixels { srs: String::new(), ..coarse };
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut file = driver.create(folder.path().join("lost.tif"), lost.cols, lost.rows, 1).unwrap();
    file.set_geo_transform(&lost.transform).unwrap();
    file.close().unwrap();
    for (reference, words, code) in [
        ("far.tif", &[][..], "reference_outside"),
        ("lost.tif", &[], "reference_no_crs"),
        (&raster, &["--changed", "7", "--unchanged", "8"], "reference_no_label"),
        (&raster, &["--changed", "forest"], "reference_number"),
        (&raster, &["--changed", "2"], "reference_ambiguous"),
        (&polygons, &[], "reference_no_field"),
        (&polygons, &["--field", "labels"], "reference_field"),
        (&polygons, &["--field", "kind_en"], "reference_no_label"),
        (&raster, &["--to", "1999"], "no_such_comparison"),
        ("far.tif", &["--out", "far.tif"], "output_is_input"),
    ] {
        let (exit, _, notices) = against(folder.path(), reference, words);
        assert!(exit == 3 && notices.iter().any(|told| told == code), "{reference} {words:?}: {exit} {notices:?}");
    }
    let few = ecoredline(folder.path(), &["sample", "project.toml", "--points", "3", "--out", "s.gpkg"]);
    assert!(few.0 == 3 && few.2.iter().any(|told| told == "sample_points"), "{:?}", few.2);
    let taken = ecoredline(folder.path(), &["sample", "project.toml", "--points", "90", "--out", "far.tif"]);
    assert!(taken.0 == 4 && taken.2.iter().any(|told| told == "E40_exists"), "{:?}", taken.2);
}
