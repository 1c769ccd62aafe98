//! Masks of polygons: what they hide is not observed, to the pixel, as under a mask raster; everything else stays.

#![allow(clippy::unwrap_used)] // a test may fail loudly

mod hostile;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use gdal::DriverManager;
use gdal::raster::Buffer;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{Feature, Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};
use hostile::{Lab, ORIGIN, SIDE};
use serde_json::Value;

/// Rows and columns that are hidden: the building site of the first zone, and a strip over the zone's eastern edge, drawn
/// twice in part.
const HIDDEN: [(Range<usize>, Range<usize>); 3] = [(36..56, 36..60), (60..66, 70..95), (62..66, 75..90)];

/// The zone's eastern edge, a column.
const EDGE: usize = 80;

const SIZE: f64 = 10.0;

fn is_hidden(row: usize, col: usize) -> bool {
    HIDDEN.iter().any(|(rows, cols)| rows.contains(&row) && cols.contains(&col))
}

fn crs(epsg: u32) -> SpatialRef {
    let mut crs = SpatialRef::from_epsg(epsg).unwrap();
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    crs
}

/// The hidden ground as a `GeoPackage` of two layers, in degrees; edges a third of a pixel off the lattice.
fn draw(lab: &Lab) {
    let path = lab.at("in/clouds.gpkg");
    let mut file = DriverManager::get_driver_by_name("GPKG").unwrap().create_vector_only(&path).unwrap();
    let degrees = crs(4490);
    let way = CoordTransform::new(&crs(4549), &degrees).unwrap();
    for (name, boxes) in [("haze", &HIDDEN[..0]), ("clouds", &HIDDEN[..])] {
        let ty = OGRwkbGeometryType::wkbPolygon;
        let layer = file.create_layer(LayerOptions { name, srs: Some(&degrees), ty, options: None }).unwrap();
        for (rows, cols) in boxes {
            let x = |col: usize| ORIGIN.0 + SIZE * (col as f64 + 0.3);
            let y = |row: usize| ORIGIN.1 - SIZE * (row as f64 - 0.3);
            let (west, east, north, south) = (x(cols.start), x(cols.end), y(rows.start), y(rows.end));
            let text =
                format!("POLYGON (({west} {north}, {east} {north}, {east} {south}, {west} {south}, {west} {north}))");
            let mut feature = Feature::new(layer.defn()).unwrap();
            feature.set_geometry(Geometry::from_wkt(&text).unwrap().transform(&way).unwrap()).unwrap();
            feature.create(&layer).unwrap();
        }
    }
    file.close().unwrap();
}

/// The hidden ground as a raster.
fn paint(lab: &Lab) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut file = driver.create_with_band_type::<u8, _>(lab.at("in/clouds.tif"), SIDE, SIDE, 1).unwrap();
    file.set_geo_transform(&[ORIGIN.0, SIZE, 0.0, ORIGIN.1, 0.0, -SIZE]).unwrap();
    file.set_spatial_ref(&crs(4549)).unwrap();
    let codes = (0..SIDE * SIDE).map(|i| u8::from(is_hidden(i / SIDE, i % SIDE))).collect();
    file.rasterband(1).unwrap().write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), codes)).unwrap();
    file.close().unwrap();
}

/// A project whose last scene has this mask.
fn masked(words: &str) -> Lab {
    let lab = Lab::new();
    draw(&lab);
    paint(&lab);
    lab.edit("date = \"2025-07-01\"", &format!("date = \"2025-07-01\"\n{words}"));
    lab
}

/// The comparisons in `summary.json`, and the change raster of the last.
fn run(lab: &Lab, words: &[&str]) -> (Vec<Value>, Vec<u8>) {
    let end = lab.run(&[&["--log", "json", "--lang", "en"], words].concat());
    assert_eq!(end.code, Some(0), "{}", end.err);
    end.speaks_plainly("run");
    let summary: Value = serde_json::from_slice(&lab.bytes("out/summary.json")).unwrap();
    let change = gdal::Dataset::open(lab.at("out/rasters/20240701_20250701_satellite_change.tif")).unwrap();
    let states = change.rasterband(1).unwrap().read_band_as::<u8>().unwrap().data().to_vec();
    (summary["comparisons"].as_array().unwrap().clone(), states)
}

fn zone<'c>(comparison: &'c Value, id: &str) -> &'c Value {
    comparison["zones"].as_array().unwrap().iter().find(|zone| zone["id"] == id).unwrap()
}

fn number(of: &Value, key: &str) -> f64 {
    of[key].as_f64().unwrap_or_else(|| panic!("no {key} in {of}"))
}

const POLYGONS: &str = "mask = { path = \"in/clouds.gpkg\", layer = \"clouds\" }";

#[test]
fn ground_under_mask_polygons_is_not_observed_to_the_pixel_and_the_rest_stays() {
    let (open, open_states) = run(&masked(""), &[]);
    let (drawn, states) = run(&masked(POLYGONS), &[]);
    assert_eq!((open.len(), drawn.len()), (2, 2));
    assert_eq!(open[0], drawn[0], "the comparison without the masked scene");
    let pixels = (0..SIDE * SIDE).filter(|i| is_hidden(i / SIDE, i % SIDE) && i % SIDE < EDGE).count();
    let area = SIZE * SIZE * pixels as f64;
    let [before, after] = [&open[1], &drawn[1]].map(|pair| (pair, zone(pair, "北岸湿地"), zone(pair, "南岸滩地")));
    assert_eq!((&before.1["flags"], &before.2["flags"]), (&Value::from(1), &Value::from(1)));
    assert_eq!((&after.1["flags"], &after.2["flags"]), (&Value::from(0), &Value::from(1)), "the hidden site");
    for (whole, part) in [(before.1, after.1), (before.0, after.0)] {
        assert!(number(whole, "not_observed_m2").abs() < 1e-6, "{whole}");
        assert!((number(part, "not_observed_m2") - area).abs() < 1e-6, "{part} is not {area}");
    }
    assert!(number(after.1, "changed_m2") < number(before.1, "changed_m2") - 10_000.0);
    assert_eq!(before.2, after.2, "the other zone");
    for (pixel, (&state, &open)) in states.iter().zip(&open_states).enumerate() {
        let hidden = is_hidden(pixel / SIDE, pixel % SIDE);
        assert_eq!(state, if hidden { 255 } else { open }, "row {}, col {}", pixel / SIDE, pixel % SIDE);
    }
}

/// Every file that a run wrote, without what tells of the run itself.
fn outputs(lab: &Lab) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = lab.at("out");
    let files = hostile::listing(&folder).into_iter().map(|entry| entry.0).filter(|path| path.is_file());
    let named = files.map(|path| (path.strip_prefix(&folder).unwrap().to_path_buf(), std::fs::read(path).unwrap()));
    named.filter(|(name, _)| !name.ends_with("summary.json")).collect()
}

#[test]
fn polygons_hide_what_a_raster_of_the_same_pixels_hides_whatever_the_threads() {
    let lab = masked(POLYGONS);
    let (drawn, states) = run(&lab, &["--jobs", "1"]);
    let (painted, painted_states) = run(&masked("mask = { path = \"in/clouds.tif\", scheme = \"hidden\" }"), &[]);
    assert!(states == painted_states);
    let without_identities = |pairs: &[Value]| {
        let figures = ["changed_m2", "unchanged_m2", "not_observed_m2", "discarded_m2", "threshold"];
        pairs.iter().map(|pair| figures.map(|key| pair[key].clone())).collect::<Vec<_>>()
    };
    assert_eq!(without_identities(&drawn), without_identities(&painted));
    let one = outputs(&lab);
    lab.clear();
    run(&lab, &["--jobs", "3"]);
    let three = outputs(&lab);
    assert!(one.len() > 5 && one.keys().eq(three.keys()), "{:?}", three.keys());
    for (name, bytes) in &one {
        assert!(three[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn polygons_and_a_raster_hide_ground_together() {
    let (drawn, states) = run(&masked(POLYGONS), &[]);
    let lab = masked(
        "mask = [{ path = \"in/part.tif\", scheme = \"hidden\" }, { path = \"in/clouds.gpkg\", layer = \"clouds\" }]",
    );
    std::fs::copy(lab.at("in/clouds.tif"), lab.at("in/part.tif")).unwrap();
    let options = gdal::DatasetOptions { open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE, ..Default::default() };
    let part = gdal::Dataset::open_ex(lab.at("in/part.tif"), options).unwrap();
    // Another strip of the first zone, and nothing of what the polygons hide.
    let strip = |i: usize| u8::from((20..24).contains(&(i / SIDE)) && (30..50).contains(&(i % SIDE)));
    let codes = (0..SIDE * SIDE).map(strip).collect();
    part.rasterband(1).unwrap().write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), codes)).unwrap();
    part.close().unwrap();
    let (both, together) = run(&lab, &[]);
    for (pixel, (&state, &alone)) in together.iter().zip(&states).enumerate() {
        let hidden = strip(pixel) == 1 || is_hidden(pixel / SIDE, pixel % SIDE);
        assert_eq!(state, if hidden { 255 } else { alone }, "row {}, col {}", pixel / SIDE, pixel % SIDE);
    }
    let more =
        number(zone(&both[1], "北岸湿地"), "not_observed_m2") - number(zone(&drawn[1], "北岸湿地"), "not_observed_m2");
    assert!((more - 80.0 * SIZE * SIZE).abs() < 1e-6, "{more}");
    let check = lab.run(&["check", "--lang", "en", "--log", "json"]);
    let plan: Value = serde_json::from_str(&check.out).unwrap();
    assert_eq!(plan["scenes"][2]["masks"].as_array().map(Vec::len), Some(2), "{}", plan["scenes"][2]);
}

#[test]
fn check_names_the_mask_and_a_run_does_not_write_beside_it() {
    let lab = masked(POLYGONS);
    let check = lab.run(&["check", "--lang", "zh"]);
    assert!(check.code == Some(0) && check.text().contains("掩膜 clouds.gpkg（面 3 个）"), "{}", check.text());
    let check = lab.run(&["check", "--log", "json", "--lang", "en"]);
    let plan: Value = serde_json::from_str(&check.out).unwrap();
    let mask = &plan["scenes"][2]["mask"];
    assert!(mask["polygons"] == 3 && mask["scheme"].is_null(), "{mask}");
    assert!(mask["path"].as_str().unwrap().ends_with("in/clouds.gpkg"), "{mask}");
    lab.put("drawn/clouds.gpkg", lab.bytes("in/clouds.gpkg"));
    lab.edit("in/clouds.gpkg", "drawn/clouds.gpkg");
    let end = lab.run(&["--out", lab.at("drawn").to_str().unwrap(), "--lang", "en"]);
    assert!(end.code.is_some_and(|code| code >= 3), "{}", end.text());
    assert_eq!(hostile::listing(&lab.at("drawn")).len(), 1);
}
