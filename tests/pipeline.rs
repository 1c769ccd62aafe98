//! The whole job on real rasters with truth: what comes out is right, and right in the same way whatever the files look like.

#![allow(clippy::float_cmp)] // figures that are copied are the same to the last bit
#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ecoredline::io::{crs, setup};
use gdal::Dataset;
use serde_json::Value as Json;
use support::made::{Pixels, add_overviews, chinese_name, rezoned};
use support::{Run, assert_parts_add_up, assert_same_outputs, data, number, quoted, run, run_with, say, scene};

const TAIZHOU_BANDS: &str = "blue = 1, green = 2, red = 3, nir = 4, swir1 = 5, swir2 = 6";
const TAIZHOU: [(&str, &str); 2] = [("2000-03-17", "taizhou_20000317.tif"), ("2003-02-06", "taizhou_20030206.tif")];

/// The Taizhou pair with its zones, or other files in their place.
struct Taizhou {
    before: PathBuf,
    after: PathBuf,
    zones: PathBuf,
}

impl Taizhou {
    fn original() -> Option<Self> {
        let at = |name: &str| data(&format!("taizhou/{name}"));
        let [before, after] = TAIZHOU.map(|(_, name)| at(name));
        Some(Self { before: before?, after: after?, zones: at("taizhou_grid_zones.gpkg")? })
    }

    fn zone_entry(&self) -> String {
        format!("[[zones]]\npath = {}\nid_field = \"zone_id\"\nkind = \"生态保护红线\"\n", quoted(&self.zones))
    }

    fn scene_entries(&self) -> [String; 2] {
        let entry = |path: &Path, at: usize| scene(path, TAIZHOU[at].0, TAIZHOU_BANDS);
        [entry(&self.before, 0), entry(&self.after, 1)]
    }

    fn project(&self) -> String {
        let [before, after] = self.scene_entries();
        format!("{HEAD}{}{before}{after}", self.zone_entry())
    }
}

const HEAD: &str = "version = 1\n[outputs]\nrasters = true\n";

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn first_band(path: &Path) -> Vec<u8> {
    Dataset::open(path).unwrap().rasterband(1).unwrap().read_band_as::<u8>().unwrap().data().to_vec()
}

/// Agreement of a change mask with labelled pixels.
struct Agreement {
    f1: f64,
    accuracy: f64,
    kappa: f64,
}

fn agreement(mask: &[u8], truth: &[u8]) -> Agreement {
    let mut counts = [[0.0f64; 2]; 2];
    for (found, label) in mask.iter().zip(truth).filter(|(_, label)| **label != 0) {
        counts[usize::from(*label == 1)][usize::from(*found == 1)] += 1.0;
    }
    let [[tn, fp], [missed, tp]] = counts;
    let n = tn + fp + missed + tp;
    let accuracy = (tp + tn) / n;
    let chance = ((tp + fp) * (tp + missed) + (tn + missed) * (tn + fp)) / (n * n);
    Agreement { f1: 2.0 * tp / (2.0 * tp + fp + missed), accuracy, kappa: (accuracy - chance) / (1.0 - chance) }
}

#[test]
fn taizhou_is_found_with_default_settings() {
    let (Some(taizhou), Some(truth)) = (Taizhou::original(), data("taizhou/taizhou_truth.tif")) else { return };
    let folder = temporary();
    let done = run(folder.path(), &taizhou.project());
    let mask = first_band(&done.folder.join("out/rasters/20000317_20030206_satellite_change.tif"));
    let found = agreement(&mask, &first_band(&truth));
    say(&format!(
        "Taizhou: F1 {:.4}, OA {:.4}, kappa {:.4}, threshold {}, peak {:.0} MB",
        found.f1,
        found.accuracy,
        found.kappa,
        number(&done.comparisons()[0], "threshold"),
        done.peak_mb()
    ));
    assert!(found.f1 >= 0.955 && found.accuracy >= 0.98 && found.kappa >= 0.94, "{}", found.f1);
    assert_parts_add_up(&done);
    let unseen: f64 = done.zones(0).iter().map(|zone| number(zone, "not_observed_m2")).sum();
    assert!(unseen <= 0.0, "both scenes cover every zone: {unseen} m²");
    assert_zones_are_flagged(&done, &truth.with_file_name("taizhou_grid_zones_truth.csv"));
}

/// A class that went is found as one that came.
#[test]
fn taizhou_backwards_in_time_is_found_as_well() {
    let (Some(taizhou), Some(truth)) = (Taizhou::original(), data("taizhou/taizhou_truth.tif")) else { return };
    let folder = temporary();
    let backwards = Taizhou { before: taizhou.after.clone(), after: taizhou.before.clone(), ..taizhou };
    let done = run(folder.path(), &backwards.project());
    let mask = first_band(&done.folder.join("out/rasters/20000317_20030206_satellite_change.tif"));
    let found = agreement(&mask, &first_band(&truth));
    say(&format!("Taizhou backwards: F1 {:.4}, kappa {:.4}", found.f1, found.kappa));
    assert!(found.f1 >= 0.955 && found.kappa >= 0.94, "{}", found.f1);
}

/// Zones with at least five changed pixels are flagged; zones with unchanged labels alone mostly not.
fn assert_zones_are_flagged(done: &Run, truth: &Path) {
    let (mut changed, mut found, mut still, mut false_alarms) = (0, 0, 0, 0);
    for line in std::fs::read_to_string(truth).unwrap().lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let (n_changed, n_unchanged): (usize, usize) = (row[1].parse().unwrap(), row[2].parse().unwrap());
        let flagged = number(done.zone(0, row[0]), "flags") > 0.0;
        if n_changed >= 5 {
            changed += 1;
            found += usize::from(flagged);
        } else if n_changed == 0 && n_unchanged > 0 {
            still += 1;
            false_alarms += usize::from(flagged);
        }
    }
    say(&format!(
        "Taizhou zones: {found} of {changed} found; {false_alarms} of {still} without a change label flagged"
    ));
    assert_eq!((changed, still), (58, 31));
    assert!(found >= 53, "{found} of {changed}");
}

const NAIP: [&str; 10] = [
    "2009-08-18",
    "2010-06-29",
    "2012-07-31",
    "2014-07-20",
    "2015-09-26",
    "2016-08-16",
    "2017-08-27",
    "2018-07-16",
    "2019-09-04",
    "2020-08-31",
];

const REACH_OUTSIDE: [&str; 6] = ["W001", "W004", "W008", "W012", "W013", "W016"];

fn naip_scene(date: &str) -> Option<PathBuf> {
    data(&format!("naip_wetlands/m_4709963_se_14_1_{}.tif", date.replace('-', "")))
}

#[test]
fn ten_aerial_years_on_five_grids_make_nine_comparisons_in_one_run() {
    let Some(zones) = data("naip_wetlands/zones/wetland_zones_2009.gpkg") else { return };
    let layer = format!("[[zones]]\npath = {}\nid_field = \"zone_id\"\nname_field = \"name\"\n", quoted(&zones));
    let entry = |date: &&str| scene(&naip_scene(date).unwrap(), date, "red = 1, green = 2, blue = 3, nir = 4");
    let project = format!("{HEAD}{layer}kind = \"重要湿地\"\n{}", NAIP.iter().map(entry).collect::<String>());
    let folder = temporary();
    let done = run(folder.path(), &project);
    assert_eq!(done.comparisons().len(), 9);
    assert_parts_add_up(&done);
    for (at, comparison) in done.comparisons().iter().enumerate() {
        say(&format!(
            "{} → {}: shift {} m east, {} m north ({}), threshold {}, changed {:.1} ha, {} flags",
            comparison["from"].as_str().unwrap(),
            comparison["to"].as_str().unwrap(),
            comparison["shift_east_m"].as_f64().map_or("-".into(), |v| format!("{v:.2}")),
            comparison["shift_north_m"].as_f64().map_or("-".into(), |v| format!("{v:.2}")),
            if comparison["shift_corrected"] == true { "corrected" } else { "left" },
            comparison["threshold"],
            number(comparison, "changed_m2") / 1e4,
            comparison["flags"],
        ));
        assert_eq!(done.zones(at).len(), 24);
        for zone in done.zones(at) {
            let share = number(zone, "not_observed_m2") / number(zone, "area_m2");
            let reaches_outside = REACH_OUTSIDE.contains(&zone["id"].as_str().unwrap());
            // Up to a pixel along the edge of a zone is lost to resampling at gaps and edges of the later scene.
            assert!(reaches_outside || share < 0.001, "{} {}: {share}", comparison["to"], zone["id"]);
            assert!(!reaches_outside || (0.01..0.2).contains(&share), "{} {}: {share}", comparison["to"], zone["id"]);
        }
    }
    assert_outside_is_not_observed(&done);
    assert_shifts_are_right(&done);
    say(&format!("NAIP: peak {:.0} MB", done.peak_mb()));
}

/// Shifts by an outside judge: the years warped by GDAL to one grid, phase correlation of gradients in `NumPy` in 22 to 24
/// tiles of 256 pixels, their median. A fifth of a pixel is what two such measurements may differ.
fn assert_shifts_are_right(done: &Run) {
    for (at, east, north) in [(0, 1.8, -1.2), (1, 0.6, 0.3), (3, 0.9, -0.2), (6, -0.4, -0.2)] {
        let comparison = &done.comparisons()[at];
        let off = (number(comparison, "shift_east_m") - east).hypot(number(comparison, "shift_north_m") - north);
        assert!(off < 1.0, "{}: {off} m from ({east}, {north})", comparison["from"]);
    }
}

/// The part of a zone outside the 2010 raster, by an outside judge: exactextract's coverage of the zones in 2010.
fn assert_outside_is_not_observed(done: &Run) {
    let csv = data("golden/zonal/exactextract_0.3.0_ndvi_by_wetland_zone.csv").unwrap();
    let text = std::fs::read_to_string(&csv).unwrap();
    let counts: BTreeMap<&str, f64> = text
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|row| row[1] == "2010")
        .map(|row| (row[0], row[2].parse().unwrap()))
        .collect();
    let areas = std::fs::read_to_string(csv.with_file_name("zone_areas.csv")).unwrap();
    for line in areas.lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let planar: f64 = row[1].parse().unwrap();
        let outside = 1.0 - counts[row[0]] * 25.0 / planar;
        // 2010 and 2012 share one grid, so nothing else was missed.
        let zone = done.zone(1, row[0]);
        let share = number(zone, "not_observed_m2") / number(zone, "area_m2");
        assert!((share - outside).abs() < 1e-3, "{}: {share}, exactextract {outside}", row[0]);
    }
}

#[test]
fn a_series_in_degrees_has_areas_in_square_metres() {
    let years = [1985, 1990, 1995, 2000, 2005, 2010, 2015, 2020];
    let Some(first) = data("landsat_degrees/1985.tif") else { return };
    let pixels = Pixels::read(&first);
    let (west, north, size) = (pixels.transform[0], pixels.transform[3], pixels.transform[1]);
    let mut features = Vec::new();
    let mut expected = Vec::new();
    for row in 0..3u32 {
        for col in 0..5u32 {
            let (side, x) = (60.5 * size, west + (40.3 + f64::from(col) * 130.0) * size);
            let y = north - (30.7 + f64::from(row) * 110.0) * size;
            features.push(square_feature(&format!("Q{row}{col}"), x, y, side));
            expected.push((format!("Q{row}{col}"), geodesic_m2(x, y, side)));
        }
    }
    let folder = temporary();
    let zones = folder.path().join("squares.geojson");
    let collection = serde_json::json!({ "type": "FeatureCollection", "features": features });
    std::fs::write(&zones, collection.to_string()).unwrap();
    let layer = "[[zones]]\npath = \"squares.geojson\"\nid_field = \"zone_id\"\nkind = \"生态保护红线\"\n";
    let entry = |year: &i32| {
        let path = first.with_file_name(format!("{year}.tif"));
        scene(&path, &format!("{year}-07-01"), "swir1 = 1, nir = 2, red = 3, green = 4")
    };
    let done = run(folder.path(), &format!("{HEAD}{layer}{}", years.iter().map(entry).collect::<String>()));
    say(&format!("degrees: {}, peak {:.0} MB", done.summary["analysis_crs"], done.peak_mb()));
    setup::ensure();
    let label = done.summary["analysis_crs"].as_str().unwrap();
    let code = label.split_whitespace().next().unwrap();
    let analysis = crs::parse(code).unwrap();
    assert!(matches!(analysis.unit, ecoredline::model::crs::CrsUnit::Projected { .. }), "{label}");
    assert!(done.codes().iter().any(|code| code.starts_with("crs_")), "the choice is said: {:?}", done.codes());
    assert_eq!(done.comparisons().len(), 7);
    assert_parts_add_up(&done);
    for (id, area) in expected {
        for at in 0..7 {
            let stated = number(done.zone(at, &id), "area_m2");
            assert!((stated / area - 1.0).abs() < 1e-3, "{id}: {stated} m², on the ellipsoid {area}");
        }
    }
}

fn square_feature(id: &str, x: f64, y: f64, side: f64) -> Json {
    let ring = [[x, y], [x, y - side], [x + side, y - side], [x + side, y], [x, y]];
    serde_json::json!({
        "type": "Feature",
        "properties": { "zone_id": id },
        "geometry": { "type": "Polygon", "coordinates": [ring] }
    })
}

/// Area on the WGS 84 ellipsoid between two meridians and two parallels, in closed form.
///
/// Source: the authalic latitude, Snyder 1987 (USGS Professional Paper 1395), equations 3-11 and 3-12.
fn geodesic_m2(west: f64, north: f64, side: f64) -> f64 {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 6.694_379_990_141_317e-3;
    let q = |lat: f64| {
        let (e, s) = (E2.sqrt(), lat.to_radians().sin());
        (1.0 - E2) * (s / (1.0 - E2 * s * s) - ((1.0 - e * s) / (1.0 + e * s)).ln() / (2.0 * e))
    };
    assert!(west.abs() <= 180.0);
    A * A * side.to_radians() * (q(north) - q(north - side)) / 2.0
}

#[test]
fn threads_order_locale_clock_and_folder_change_no_byte() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let plain = run_with(&folder.path().join("plain"), &taizhou.project(), &["--jobs", "1"], &[]);
    for jobs in ["2", "4"] {
        let again = run_with(&folder.path().join(jobs), &taizhou.project(), &["--jobs", jobs], &[]);
        assert_same_outputs(&plain, &again, &format!("{jobs} threads"));
    }
    let [before, after] = taizhou.scene_entries();
    let shuffled = format!("{HEAD}{after}{}{before}", taizhou.zone_entry());
    assert_same_outputs(&plain, &run(&folder.path().join("shuffled"), &shuffled), "another order in the project file");
    for (locale, zone) in [("C", "UTC"), ("zh_CN.GBK", "Asia/Shanghai"), ("de_DE.UTF-8", "America/Los_Angeles")] {
        let environment = [("LC_ALL", locale), ("LANG", locale), ("TZ", zone)];
        let again = run_with(&folder.path().join(zone.replace('/', "_")), &taizhou.project(), &[], &environment);
        assert_same_outputs(&plain, &again, &format!("{locale}, {zone}"));
    }
    let again = run(&folder.path().join("扬州 红线 2024"), &taizhou.project());
    assert_same_outputs(&plain, &again, "a folder with Chinese characters and spaces");
}

#[test]
fn sources_in_a_folder_with_chinese_characters_and_spaces_give_the_same_bytes() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let copied = |name: &str| {
        let home = folder.path().join(name);
        std::fs::create_dir(&home).unwrap();
        for file in [&taizhou.before, &taizhou.after, &taizhou.zones] {
            std::fs::copy(file, home.join(file.file_name().unwrap())).unwrap();
        }
        let relative = |path: &Path| PathBuf::from(path.file_name().unwrap());
        let (before, after, zones) = (relative(&taizhou.before), relative(&taizhou.after), relative(&taizhou.zones));
        run(&home, &Taizhou { before, after, zones }.project())
    };
    assert_same_outputs(&copied("plain"), &copied("扬州 红线 数据"), "another folder");
}

/// Runs the pair with both scenes rewritten and compares every figure with the plain one.
fn rewritten(folder: &Path, name: &str, taizhou: &Taizhou, write: impl Fn(&Pixels, &Path)) -> Run {
    let home = folder.join(name);
    std::fs::create_dir_all(&home).unwrap();
    let again = |source: &Path, to: &str| {
        let path = home.join(to);
        write(&Pixels::read(source), &path);
        path
    };
    let (before, after) = (again(&taizhou.before, "before.tif"), again(&taizhou.after, "after.tif"));
    run(&home, &Taizhou { before, after, zones: taizhou.zones.clone() }.project())
}

#[test]
fn another_code_for_gaps_or_nan_changes_no_figure() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    // The data hold no 0 and no 7 in every band at once; a hole of 60 pixels is punched into both scenes.
    let holed = |code: f64| move |pixels: &Pixels| pixels.with_hole(101, 83, 60, code);
    let zero = rewritten(folder.path(), "zero", &taizhou, |pixels, path| {
        holed(0.0)(pixels).write(path, &[], Some(0.0), |v| v as i16);
    });
    let other = rewritten(folder.path(), "other", &taizhou, |pixels, path| {
        holed(-7.0)(pixels).write(path, &[], Some(-7.0), |v| v as i16);
    });
    let nan = rewritten(folder.path(), "nan", &taizhou, |pixels, path| {
        holed(f64::NAN)(pixels).write(path, &[], None, |v| v as f32);
    });
    let unseen = number(&zero.comparisons()[0], "not_observed_m2") / 900.0;
    assert!((unseen / 3600.0 - 1.0).abs() < 0.01, "the hole is not observed: {unseen} pixels");
    assert_eq!(zero.figures(), other.figures(), "another code");
    assert_eq!(zero.figures(), nan.figures(), "NaN");
    assert_eq!(zero.flags(), nan.flags());
}

/// What a zone comes to: areas and number of flags.
fn zone_figures(done: &Run) -> Vec<(String, [f64; 4])> {
    let figures = |zone: &Json| ["changed_m2", "unchanged_m2", "not_observed_m2", "flags"].map(|key| number(zone, key));
    done.zones(0).iter().map(|zone| (zone["id"].as_str().unwrap().to_owned(), figures(zone))).collect()
}

/// Fails unless every zone has the same areas within a millionth and the same number of flags.
fn assert_same_zones(a: &Run, b: &Run, what: &str) {
    for ((id, a), (other, b)) in zone_figures(a).into_iter().zip(zone_figures(b)) {
        assert_eq!(id, other);
        let same = a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-6 * (a + b) + 1e-3);
        assert!(same, "{what}: {id} {a:?} {b:?}");
    }
}

#[test]
fn margins_without_data_change_no_figure() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let plain = rewritten(folder.path(), "plain", &taizhou, |pixels, path| {
        pixels.write_u8(path, &[]);
    });
    let margins = rewritten(folder.path(), "margins", &taizhou, |pixels, path| {
        pixels.window(-37, -90, 530, 505, 0.0).write(path, &[], Some(0.0), |v| v as u8);
    });
    assert_same_zones(&plain, &margins, "margins");
}

#[test]
fn layout_compression_and_overviews_change_no_figure() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let layouts: [(&str, &[&str]); 5] = [
        ("striped", &["COMPRESS=NONE"]),
        ("tiled", &["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "COMPRESS=DEFLATE", "PREDICTOR=2"]),
        ("planar", &["INTERLEAVE=BAND", "COMPRESS=LZW"]),
        ("packed", &["INTERLEAVE=PIXEL", "COMPRESS=PACKBITS", "TILED=YES"]),
        ("big", &["BIGTIFF=YES", "COMPRESS=ZSTD", "ENDIANNESS=BIG"]),
    ];
    let mut first: Option<Run> = None;
    for (name, options) in layouts {
        let done = rewritten(folder.path(), name, &taizhou, |pixels, path| {
            pixels.write_u8(path, options);
            if name == "tiled" {
                add_overviews(path);
            }
        });
        match &first {
            Some(first) => {
                assert_eq!(first.flags(), done.flags(), "{name}: flags");
                assert_eq!(first.figures(), done.figures(), "{name}: figures");
            }
            None => first = Some(done),
        }
    }
}

#[test]
fn a_mosaic_of_four_tiles_is_the_whole_scene() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let whole = run(&folder.path().join("whole"), &taizhou.project());
    let home = folder.path().join("tiles");
    std::fs::create_dir_all(&home).unwrap();
    let tiles = |source: &Path, name: &str| -> String {
        let pixels = Pixels::read(source);
        let parts = [(0, 0, 210, 170), (210, 0, 190, 170), (0, 170, 210, 230), (210, 170, 190, 230)];
        let paths = parts.iter().enumerate().map(|(at, &(left, top, cols, rows))| {
            let path = home.join(format!("{name}_{at}.tif"));
            quoted(&pixels.window(left, top, cols, rows, 0.0).write_u8(&path, &[]))
        });
        paths.collect::<Vec<_>>().join(", ")
    };
    let entry = |source: &Path, name: &str, date: &str| {
        format!("[[scenes]]\npaths = [{}]\ndate = {date}\nbands = {{ {TAIZHOU_BANDS} }}\n", tiles(source, name))
    };
    let (before, after) = (entry(&taizhou.before, "a", TAIZHOU[0].0), entry(&taizhou.after, "b", TAIZHOU[1].0));
    let mosaic = run(&home, &format!("{HEAD}{}{before}{after}", taizhou.zone_entry()));
    assert_same_zones(&whole, &mosaic, "mosaic");
    let outlines = |run: &Run| run.flags().iter().map(|flag| flag["geometry"].to_string()).collect::<Vec<_>>();
    assert_eq!(outlines(&whole), outlines(&mosaic));
}

#[test]
fn zones_in_any_coordinates_have_the_same_areas_and_changes() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let plain = run(&folder.path().join("plain"), &taizhou.project());
    let cases = [
        (4490, "GPKG", "gpkg"),
        (4326, "GPKG", "gpkg"),
        (32651, "ESRI Shapefile", "shp"),
        (4549, "ESRI Shapefile", "shp"),
    ];
    for (epsg, driver, suffix) in cases {
        let path = folder.path().join(format!("zones_{epsg}.{suffix}"));
        let zones = rezoned(&taizhou.zones, "zone_id", epsg, driver, &[], &path);
        let project = Taizhou { zones, before: taizhou.before.clone(), after: taizhou.after.clone() }.project();
        let done = run(&folder.path().join(epsg.to_string()), &project);
        let mut worst = (0.0f64, 0.0f64);
        for (a, b) in plain.zones(0).iter().map(|zone| (zone, done.zone(0, zone["id"].as_str().unwrap()))) {
            let area = (number(b, "area_m2") / number(a, "area_m2") - 1.0).abs();
            let changed =
                (number(b, "changed_m2") - number(a, "changed_m2")).abs() / number(a, "changed_m2").max(900.0);
            worst = (worst.0.max(area), worst.1.max(changed));
            assert!(area < 1e-4 && changed < 1e-3, "EPSG:{epsg}: area off by {area}, change by {changed}: {a} {b}");
        }
        // A line that is straight in degrees bows by centimetres on the plane: a patch that ends at it may touch both sides.
        assert_eq!(plain.comparisons()[0]["flags"], done.comparisons()[0]["flags"], "EPSG:{epsg}: patches flagged");
        say(&format!("zones in EPSG:{epsg}: areas within {:.1e}, changes within {:.1e}", worst.0, worst.1));
    }
}

#[test]
fn names_in_gbk_are_read_right_with_and_without_a_code_page_file() {
    let Some(taizhou) = Taizhou::original() else { return };
    let folder = temporary();
    let path = folder.path().join("zones_gbk.shp");
    let zones = rezoned(&taizhou.zones, "zone_id", 4490, "ESRI Shapefile", &["ENCODING=CP936"], &path);
    let field = std::fs::read(zones.with_extension("dbf")).unwrap();
    assert!(field.windows(4).any(|w| w == [0xb9, 0xcf, 0xd6, 0xde]), "瓜洲 stands there in GBK");
    for name in ["with", "without"] {
        if name == "without" {
            std::fs::remove_file(zones.with_extension("cpg")).unwrap();
        }
        let scenes = taizhou.scene_entries().concat();
        let layer = format!(
            "{}name_field = \"name\"\n",
            Taizhou { zones: zones.clone(), ..Taizhou::original().unwrap() }.zone_entry()
        );
        let done = run(&folder.path().join(name), &format!("{HEAD}{layer}{scenes}"));
        for zone in done.zones(0) {
            assert_eq!(zone["name"], chinese_name(zone["id"].as_str().unwrap()), "{name} .cpg");
        }
    }
}
