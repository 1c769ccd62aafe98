//! Bad input gets a clear answer: the exit code, the file, the cause and the remedy, in both languages, and nothing is
//! left behind. Each row of the tables spoils a sound project in one way.

#![allow(clippy::unwrap_used)] // a test may fail loudly

mod hostile;

use std::collections::BTreeMap;

use hostile::forged::{tiff_claiming, virtual_raster};
use hostile::{Ended, Lab, Scene, feature, integrity, leftovers, polygon, square};
use serde_json::Value;

/// One way to spoil the project, and what has to come of it.
struct Case {
    /// What is wrong, for the test's own messages.
    what: &'static str,
    /// Exit codes of `check` and of the run.
    exits: (i32, i32),
    /// Code of the notice that has to be there.
    code: &'static str,
    /// What that notice has to name: a file, a key, a number.
    names: &'static str,
    spoil: fn(&Lab),
}

const fn case(what: &'static str, exits: (i32, i32), code: &'static str, names: &'static str, spoil: fn(&Lab)) -> Case {
    Case { what, exits, code, names, spoil }
}

/// Everything went on without the scene of 2024.
const PART: (i32, i32) = (2, 2);
/// Nothing could be done.
const NONE: (i32, i32) = (3, 3);
/// Done; at most a warning.
const DONE: (i32, i32) = (0, 0);
/// The machine stands in the way.
const MACHINE: (i32, i32) = (4, 4);

const BAND_4: &str = "nir = 4 }\n[[scenes]]\npath = \"in/2025.tif\"";

#[rustfmt::skip]
const SCENES: &[Case] = &[
    case("missing", PART, "P40_missing", "2024.tif", |lab| lab.remove("in/2024.tif")),
    case("empty", PART, "R01_empty", "2024.tif", |lab| lab.put("in/2024.tif", "")),
    case("a web page", PART, "R01_not_raster", "2024.tif", |lab| lab.put("in/2024.tif", "<html><body>404</body></html>")),
    case("header cut short", PART, "R07_cannot_open", "2024.tif", |lab| lab.put("in/2024.tif", &lab.bytes("in/2024.tif")[..60])),
    case("cut short", (0, 2), "D07_blocks", "2024.tif", |lab| {
        let bytes = lab.bytes("in/2024.tif");
        lab.put("in/2024.tif", &bytes[..bytes.len() * 2 / 3]);
    }),
    case("a layer renamed", PART, "R01_not_raster", "2024.tif", |lab| lab.put("in/2024.tif", lab.bytes("in/zones.geojson"))),
    case("a folder", PART, "folder_no_raster", "2024.tif", |lab| {
        lab.remove("in/2024.tif");
        std::fs::create_dir(lab.at("in/2024.tif")).unwrap();
    }),
    case("a device", PART, "P40_not_regular", "/dev/zero", |lab| lab.edit("in/2024.tif", "/dev/zero")),
    case("an address", PART, "P33_address", "vsicurl", |lab| lab.edit("in/2024.tif", "/vsicurl/http://127.0.0.1:9/2024.tif")),
    case("a web address", PART, "P33_address", "127.0.0.1", |lab| lab.edit("in/2024.tif", "http://127.0.0.1:9/2024.tif")),
    case("a virtual raster", PART, "R02_virtual", "2024.tif", |lab| lab.put("in/2024.tif", virtual_raster(&lab.at("in/2023.tif")))),
    case("huge claims", PART, "R05_claims", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(2_000_000_000, 2_000_000_000, None, 1))),
    case("one huge strip", PART, "R15_transform", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(100_000, 100_000, None, 1))),
    case("a huge tile", PART, "R05_", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(1, 1, Some(1 << 20), 1))),
    case("a tile of 1 GB", PART, "R05_block", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(1, 1, Some(1 << 15), 1))),
    case("no pixels", PART, "R0", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(0, 0, None, 1))),
    case("65,535 bands", PART, "R09_bands", "2024.tif", |lab| lab.put("in/2024.tif", tiff_claiming(64, 64, None, 65_535))),
    case("unpacks to much more", DONE, "W06_ratio", "2024.tif", |lab| {
        Scene { canvas: 1 << 14, ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("no CRS", PART, "A10_no_crs", "2024.tif", |lab| Scene { epsg: 0, ..Scene::of(2024) }.write(&lab.at("in/2024.tif"))),
    case("degrees claimed, metres given", PART, "A11_not_degrees", "2024.tif", |lab| {
        Scene { epsg: 4490, ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("no position", PART, "R15_transform", "2024.tif", |lab| Scene { transform: None, ..Scene::of(2024) }.write(&lab.at("in/2024.tif"))),
    case("zero pixel size", PART, "R15_transform", "2024.tif", |lab| {
        Scene { transform: Some([500_000.0, 0.0, 0.0, 3_590_000.0, 0.0, 0.0]), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("NaN for a position", PART, "R15_transform", "2024.tif", |lab| {
        Scene { transform: Some([f64::NAN, 10.0, 0.0, 3_590_000.0, 0.0, -10.0]), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("a band that is not there", PART, "A19_band_missing", "2024.tif", |lab| lab.edit(BAND_4, &BAND_4.replace("nir = 4", "nir = 9"))),
    case("off every zone", PART, "E22_scene_outside", "2024-07-01", |lab| {
        Scene { transform: Some([900_000.0, 10.0, 0.0, 3_590_000.0, 0.0, -10.0]), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("constant", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |_, _, _| Some(700), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("all nodata", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |_, _, _| Some(9), nodata: Some(9.0), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("saturated all over", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |_, _, _| Some(u16::MAX), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("saturated but for a strip", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |_, row, _| (row >= 16).then_some(u16::MAX), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("nothing but water", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |band, row, col| Some(300 + water(band, row, col)), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("another place altogether", (0, 2), "not_comparable", "2024-07-01", |lab| {
        Scene { value: |band, row, col| Some(700 + elsewhere(band, row, col)), ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    }),
    case("a band less", DONE, "common_bands", "2024", |lab| {
        lab.edit("date = \"2024-07-01\"\nbands = { blue = 1, green = 2, red = 3, nir = 4 }", "date = \"2024-07-01\"\nbands = { green = 2, red = 3, nir = 4 }");
    }),
    case("two scenes of one day", NONE, "A20_duplicate_dates", "2023.tif", |lab| {
        lab.edit("2024-07-01", "2023-07-01");
        lab.remove("in/2025.tif");
    }),
    case("one epoch only", NONE, "one_epoch", "p.toml", |lab| {
        lab.remove("in/2024.tif");
        lab.remove("in/2025.tif");
    }),
    case("no scene at all", NONE, "no_scene", "p.toml", |lab| ["2023", "2024", "2025"].iter().for_each(|y| lab.remove(&format!("in/{y}.tif")))),
    case("no band in common", NONE, "no_common_bands", "2024", |lab| {
        lab.edit("date = \"2024-07-01\"\nbands = { blue = 1, green = 2, red = 3, nir = 4 }", "date = \"2024-07-01\"\nbands = { swir1 = 4 }");
    }),
];

#[rustfmt::skip]
const ZONES: &[Case] = &[
    case("missing", NONE, "P40_zone_missing", "zones.geojson", |lab| lab.remove("in/zones.geojson")),
    case("empty", NONE, "R01_zone_empty", "zones.geojson", |lab| lab.put("in/zones.geojson", "")),
    case("a web page", NONE, "R01_zone_html", "zones.geojson", |lab| lab.put("in/zones.geojson", "<html>404</html>")),
    case("a folder", NONE, "P40_zone_not_a_file", "zones.geojson", |lab| {
        lab.remove("in/zones.geojson");
        std::fs::create_dir(lab.at("in/zones.geojson")).unwrap();
    }),
    case("a virtual layer", NONE, "R02_zone_virtual", "zones.geojson", |lab| lab.put("in/zones.geojson",
        "<OGRVRTDataSource><OGRVRTLayer name=\"z\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")),
    case("cut short", NONE, "R35_zone_open", "zones.geojson", |lab| {
        let bytes = lab.bytes("in/zones.geojson");
        lab.put("in/zones.geojson", &bytes[..bytes.len() / 2]);
    }),
    case("no CRS", NONE, "A10_zone_crs", "zones.shp", |lab| {
        shapefile(lab, &["shp", "shx", "dbf"]);
        lab.edit("crs = \"EPSG:4549\"\n", "");
    }),
    case("degrees claimed, metres given", NONE, "A11_zone_degrees", "zones.geojson", |lab| lab.edit("EPSG:4549", "EPSG:4490")),
    case("no identities", DONE, "A27_zones_numbered", "zones.geojson", |lab| lab.edit("id_field = \"id\"\n", "")),
    case("an identity missing", DONE, "A27_zones_without_id", "zones.geojson", |lab| {
        lab.features(&[feature(&Value::Null, &square(20, 20, 60)), feature(&Value::from("b"), &square(110, 100, 60))]);
    }),
    case("identities repeat", DONE, "A27_zone_ids_repeat", "zones.geojson", |lab| {
        lab.zones(&[("a", square(20, 20, 60)), ("a", square(110, 100, 60))]);
    }),
    case("a field that is not there", NONE, "zone_field_missing", "idd", |lab| lab.edit("id_field = \"id\"", "id_field = \"idd\"")),
    case("a layer that is not there", NONE, "E28_zone_no_layer", "红线", |lab| lab.edit("id_field", "layer = \"红线\"\nid_field")),
    case("no records", NONE, "R25_zone_no_records", "zones.geojson", |lab| lab.features(&[])),
    case("one without outline", DONE, "N25_zone_missing", "zones.geojson", |lab| {
        lab.zones(&[("a", "null".to_owned()), ("b", square(20, 20, 60))]);
    }),
    case("one with an empty outline", DONE, "N25_zone_missing", "zones.geojson", |lab| {
        lab.zones(&[("a", "{\"type\":\"Polygon\",\"coordinates\":[]}".to_owned()), ("b", square(20, 20, 60))]);
    }),
    case("crossing itself", DONE, "A23_zone_repaired_much", "zones.geojson", |lab| lab.zones(&[("a", bow_tie())])),
    case("infinite", PART, "R24_zone_vertex", "inf", |lab| {
        lab.zones(&[("a", polygon("[500100,3589000],[1e999,3589000],[500500,3588000],[500100,3589000]")), ("b", square(20, 20, 60))]);
    }),
    case("not a number", PART, "R24_zone_vertex", "NaN", |lab| {
        lab.zones(&[("a", polygon("[500100,3589000],[NaN,3589000],[500500,3588000],[500100,3589000]")), ("b", square(20, 20, 60))]);
    }),
    case("beyond the Earth", PART, "R24_zone_vertex", "1e", |lab| {
        lab.zones(&[("a", polygon("[500100,3589000],[1e300,3589000],[500500,3588000],[500100,3589000]")), ("b", square(20, 20, 60))]);
    }),
    case("two points only", PART, "R25_zone_points", "zones.geojson", |lab| {
        lab.zones(&[("a", polygon("[500100,3589000],[500200,3589000],[500100,3589000]")), ("b", square(20, 20, 60))]);
    }),
    case("no area", PART, "R25_zone_no_area", "zones.geojson", |lab| {
        lab.zones(&[("a", polygon("[500100,3589000],[500200,3589000],[500300,3589000],[500100,3589000]")), ("b", square(20, 20, 60))]);
    }),
    case("points for zones", NONE, "E29_zone_no_polygons", "2", |lab| {
        let point = "{\"type\":\"Point\",\"coordinates\":[500100,3589000]}".to_owned();
        lab.zones(&[("a", point.clone()), ("b", point)]);
    }),
    case("off every scene", NONE, "E22_zone_outside", "远方", |lab| lab.zones(&[("远方", square(5000, 5000, 60))])),
    case("one off every scene", DONE, "E22_zone_outside", "远方", |lab| lab.zones(&[("远方", square(5000, 5000, 60)), ("a", square(20, 20, 60))])),
    case("smaller than a pixel", DONE, "W26_small_zones", "小区", |lab| {
        lab.zones(&[("小区", polygon("[500100,3589000],[500101,3589000],[500101,3588999],[500100,3589000]")), ("a", square(20, 20, 60))]);
    }),
    case("entities in KML", NONE, "S12_zone_entities", "zones.kml", |lab| {
        lab.put("in/zones.kml", "<?xml version=\"1.0\"?><!DOCTYPE kml [<!ENTITY a \"aaaa\">]><kml><Document/></kml>");
        lab.edit("in/zones.geojson", "in/zones.kml");
    }),
    case("no table beside the shapes", NONE, "N31_dbf_missing", "dbf", |lab| shapefile(lab, &["shp", "shx", "prj"])),
    case("an address", NONE, "S02_zone_name", "vsicurl", |lab| lab.edit("in/zones.geojson", "/vsicurl/http://127.0.0.1:9/z.geojson")),
    case("unknown encoding", NONE, "A32_zone_encoding", "GBQ", |lab| {
        shapefile(lab, &["shp", "shx", "prj", "dbf"]);
        lab.edit("id_field", "encoding = \"GBQ\"\nid_field");
    }),
    case("an unknown CRS", NONE, "project_unknown_crs", "EPSG:99999", |lab| lab.edit("EPSG:4549", "EPSG:99999")),
];

#[rustfmt::skip]
const PROJECTS: &[Case] = &[
    case("missing", NONE, "file_missing", "p.toml", |lab| lab.remove("p.toml")),
    case("a folder", NONE, "file_wrong_kind", "p.toml", |lab| {
        lab.remove("p.toml");
        std::fs::create_dir(lab.at("p.toml")).unwrap();
    }),
    case("empty", NONE, "project_missing_key", "version", |lab| lab.project("")),
    case("no TOML", NONE, "project_syntax", "4", |lab| lab.edit("[[zones]]", "[[zones")),
    case("a raster", NONE, "file_not_utf8", "p.toml", |lab| lab.put("p.toml", lab.bytes("in/2023.tif"))),
    case("GBK", NONE, "file_not_utf8", "p.toml", |lab| lab.put("p.toml", b"version = 1\n[project]\nname = \"\xd1\xef\xd6\xdd\"\n")),
    case("too long", NONE, "file_too_large", "p.toml", |lab| lab.put("p.toml", vec![b'#'; 17 << 20])),
    case("a newer version", NONE, "project_newer", "2", |lab| lab.edit("version = 1", "version = 2\nnovel = true")),
    case("an unknown key", NONE, "project_unknown_key_near", "id_field", |lab| lab.edit("id_field", "idfield")),
    case("a wrong type", NONE, "project_wants_true_or_false", "rasters", |lab| lab.edit("rasters = true", "rasters = \"yes\"")),
    case("an unknown word", NONE, "project_unknown_word", "method", |lab| lab.edit("[outputs]", "[detection]\nmethod = \"magic\"\n[outputs]")),
    case("a year to come", NONE, "A21_absurd_date", "2203", |lab| lab.edit("2024-07-01", "2203-07-01")),
    case("no such day", NONE, "A21_date", "2024-02-30", |lab| lab.edit("2024-07-01", "2024-02-30")),
    case("the wrong way round", DONE, "comparison_turned", "2023", |lab| lab.edit("[outputs]", "[[comparisons]]\nfrom = 2025\nto = 2023\n[outputs]")),
    case("a comparison of nothing", NONE, "project_no_such_scene", "2019", |lab| lab.edit("[outputs]", "[[comparisons]]\nfrom = 2019\nto = 2023\n[outputs]")),
    case("a comparison with itself", NONE, "project_same_scene", "2023", |lab| lab.edit("[outputs]", "[[comparisons]]\nfrom = 2023\nto = 2023\n[outputs]")),
    case("one file for two dates", PART, "comparison_same_file", "2024", |lab| lab.edit("in/2024.tif", "in/2023.tif")),
    case("a copy for another date", DONE, "comparison_same_pixels", "2024", |lab| lab.put("in/2024.tif", lab.bytes("in/2023.tif"))),
    case("zones that end before they begin", NONE, "zone_days_turned", "北岸", |lab| {
        lab.edit("id_field", "valid_from = 2030\nvalid_to = \"2019-12-31\"\nid_field");
    }),
    case("degrees to measure in", NONE, "crs_degrees", "EPSG:4490", |lab| lab.edit("[[zones]]", "analysis_crs = \"EPSG:4490\"\n[[zones]]")),
    case("a grid without end", NONE, "grid_too_large", "0.001", |lab| lab.edit("[[zones]]", "gsd_m = 0.001\n[[zones]]")),
    case("no zones", NONE, "no_zone", "p.toml", |lab| lab.edit("[[zones]]\npath = \"in/zones.geojson\"\ncrs = \"EPSG:4549\"\nid_field = \"id\"\nkind = \"国家级生态保护红线\"\n", "")),
    case("zones that are over", NONE, "no_zone_in_force", "2024", |lab| lab.edit("id_field", "valid_to = \"2019-12-31\"\nid_field")),
    case("outputs among the sources", NONE, "output_among_sources", "in", |lab| lab.edit("[outputs]", "[outputs]\ndirectory = \"in\"")),
    case("a file where outputs go", MACHINE, "E40_not_a_folder", "out", |lab| lab.put("out", "mine")),
    case("a mask that is not there", PART, "mask_dropped", "qa.tif", |lab| {
        lab.edit("date = \"2024-07-01\"", "date = \"2024-07-01\"\nmask = { path = \"in/qa.tif\", scheme = \"scl\" }");
    }),
];

/// The ripple of even water: nothing that another scene could be matched by.
fn water(band: usize, row: usize, col: usize) -> u16 {
    hostile::noise(&[band as u64, row as u64, col as u64, 77]) as u16 % 7
}

/// Fields of another place, as contrasted as those of the sound scenes.
fn elsewhere(band: usize, row: usize, col: usize) -> u16 {
    let field = hostile::noise(&[row as u64 / 9, col as u64 / 15, band as u64, 4711]) % 900;
    (250 * band as u64 + field + hostile::noise(&[row as u64, col as u64, band as u64, 4712]) % 160) as u16
}

/// Gives the scene of 2024 a mask.
fn mask(lab: &Lab, words: &str) {
    lab.edit("date = \"2024-07-01\"", &format!("date = \"2024-07-01\"\nmask = {{ {words} }}"));
}

/// Gives the scene of 2024 a mask of these geometries, with a CRS.
fn polygons(lab: &Lab, geometries: &[String]) {
    let features: Vec<String> = geometries.iter().map(|shape| feature(&Value::from(1), shape)).collect();
    lab.put("in/clouds.geojson", format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")));
    mask(lab, "path = \"in/clouds.geojson\", crs = \"EPSG:4549\"");
}

#[rustfmt::skip]
const MASKS: &[Case] = &[
    case("not there", PART, "P40_zone_missing", "clouds.gpkg", |lab| mask(lab, "path = \"in/clouds.gpkg\"")),
    case("dropped", PART, "mask_dropped", "clouds.gpkg", |lab| mask(lab, "path = \"in/clouds.gpkg\"")),
    case("a raster without scheme", NONE, "mask_without_scheme", "qa_pixel", |lab| mask(lab, "path = \"in/qa.tif\"")),
    case("nothing said", NONE, "mask_without_scheme", "scenes[2].mask.scheme", |lab| mask(lab, "")),
    case("polygons with a scheme", NONE, "mask_scheme_of_polygons", "scl", |lab| mask(lab, "path = \"in/c.shp\", scheme = \"scl\"")),
    case("a layer of nothing", NONE, "project_missing_key", "scenes[2].mask.path", |lab| mask(lab, "layer = \"clouds\"")),
    case("an unknown key", NONE, "project_unknown_key_near", "layer", |lab| mask(lab, "path = \"in/c.shp\", layr = \"a\"")),
    case("an unknown CRS", NONE, "project_unknown_crs", "EPSG:99999", |lab| mask(lab, "path = \"in/c.shp\", crs = \"EPSG:99999\"")),
    case("a layer that is not there", PART, "E28_zone_no_layer", "云", |lab| {
        mask(lab, "path = \"in/zones.geojson\", layer = \"云\", crs = \"EPSG:4549\"");
    }),
    case("an empty layer", PART, "R25_zone_no_records", "clouds", |lab| polygons(lab, &[])),
    case("points", PART, "E29_zone_no_polygons", "1", |lab| {
        polygons(lab, &["{\"type\":\"Point\",\"coordinates\":[500100,3589000]}".to_owned()]);
    }),
    case("lines", PART, "E29_zone_no_polygons", "1", |lab| {
        polygons(lab, &["{\"type\":\"LineString\",\"coordinates\":[[500100,3589000],[500200,3589000]]}".to_owned()]);
    }),
    case("no CRS", PART, "A10_mask_crs", "crs = \"EPSG:4490\"", |lab| {
        shapefile(lab, &["shp", "shx", "dbf"]);
        lab.project(hostile::SOUND);
        mask(lab, "path = \"in/zones.shp\"");
    }),
    case("crossing itself", DONE, "A23_zone_repaired_much", "clouds", |lab| polygons(lab, &[bow_tie()])),
    case("over all of the ground", (0, 2), "not_comparable", "2024-07-01", |lab| polygons(lab, &[square(0, 0, 400)])),
    case("one of two not there", PART, "P40_zone_missing", "more.gpkg", |lab| {
        mask(lab, "path = \"in/zones.geojson\", crs = \"EPSG:4549\" }, { path = \"in/more.gpkg\"");
        lab.edit("mask = {", "mask = [{");
        lab.edit("\"in/more.gpkg\" }", "\"in/more.gpkg\" }]");
    }),
    case("an unknown key in a list", NONE, "project_unknown_key_near", "mask[1].layr", |lab| {
        mask(lab, "path = \"in/c.shp\", layr = \"a\"");
        lab.edit("mask = {", "mask = [{");
        lab.edit("layr = \"a\" }", "layr = \"a\" }]");
    }),
    case("off its scene", DONE, "mask_outside", "2024-07-01", |lab| polygons(lab, &[square(5000, 5000, 60)])),
    case("one without outline", DONE, "N25_zone_missing", "clouds", |lab| polygons(lab, &["null".to_owned(), square(150, 20, 9)])),
    case("outputs beside it", NONE, "output_among_sources", "drawn", |lab| {
        lab.put("drawn/clouds.geojson", "{}");
        mask(lab, "path = \"drawn/clouds.geojson\"");
        lab.edit("[outputs]", "[outputs]\ndirectory = \"drawn\"");
    }),
];

#[rustfmt::skip]
const LEDGERS: &[Case] = &[
    case("a file for a folder", MACHINE, "ledger_", "mine", |lab| {
        lab.put("mine", "a file");
        ledger(lab, "mine/l.gpkg");
    }),
    case("a folder", NONE, "ledger_not_ours", "ledger.gpkg", |lab| std::fs::create_dir(lab.at("ledger.gpkg")).unwrap()),
    case("empty", NONE, "ledger_not_ours", "ledger.gpkg", |lab| lab.put("ledger.gpkg", "")),
    case("a text", NONE, "ledger_not_ours", "ledger.gpkg", |lab| lab.put("ledger.gpkg", "not a database at all, but long enough to be read as one".repeat(40))),
    case("another database", NONE, "ledger_not_ours", "ledger.gpkg", |lab| {
        rusqlite::Connection::open(lab.at("ledger.gpkg")).unwrap().execute_batch("CREATE TABLE mine (a); INSERT INTO mine VALUES (1);").unwrap();
    }),
    case("newer", NONE, "ledger_newer", "999", |lab| {
        assert_eq!(lab.run(&[]).code, Some(0));
        let sql = "UPDATE ecoredline_ledger SET value = '999' WHERE key = 'schema_version'";
        assert_eq!(rusqlite::Connection::open(lab.at("ledger.gpkg")).unwrap().execute(sql, []).unwrap(), 1);
    }),
    case("damaged", NONE, "ledger_damaged", "ledger.gpkg", |lab| {
        assert_eq!(lab.run(&[]).code, Some(0));
        let mut bytes = lab.bytes("ledger.gpkg");
        let (from, to) = (bytes.len() / 3, bytes.len() * 2 / 3);
        bytes[from..to].fill(0x5a);
        lab.put("ledger.gpkg", bytes);
    }),
    case("of another CRS", NONE, "ledger_other_crs", "4549", |lab| {
        assert_eq!(lab.run(&[]).code, Some(0));
        lab.edit("[[zones]]", "analysis_crs = \"EPSG:32650\"\n[[zones]]");
    }),
];

fn ledger(lab: &Lab, path: &str) {
    lab.edit("[[zones]]", &format!("ledger = \"{path}\"\n[[zones]]"));
}

fn bow_tie() -> String {
    polygon("[500200,3589800],[500800,3589200],[500800,3589800],[500200,3589200],[500200,3589800]")
}

/// The zones as a shapefile of which only some parts are there; the project names it.
fn shapefile(lab: &Lab, parts: &[&str]) {
    use gdal::vector::{LayerAccess, LayerOptions, OGRwkbGeometryType};
    let whole = tempfile::tempdir().unwrap();
    let path = whole.path().join("zones.shp");
    let driver = gdal::DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
    let mut dataset = driver.create_vector_only(&path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(4549).unwrap();
    let options = LayerOptions { name: "zones", srs: Some(&srs), ty: OGRwkbGeometryType::wkbPolygon, options: None };
    let layer = dataset.create_layer(options).unwrap();
    layer.create_defn_fields(&[("id", gdal::vector::OGRFieldType::OFTString)]).unwrap();
    let shape = gdal::vector::Geometry::from_geojson(&square(20, 20, 60)).unwrap();
    let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
    feature.set_geometry(shape).unwrap();
    feature.set_field_string(0, "a").unwrap();
    feature.create(&layer).unwrap();
    drop(feature);
    dataset.close().unwrap();
    for part in parts {
        let file = format!("in/zones.{part}");
        std::fs::copy(path.with_extension(part), lab.at(&file)).unwrap();
    }
    lab.edit("in/zones.geojson", "in/zones.shp");
}

/// Runs every row of a table and holds the answers to what a user needs.
fn answered(table: &[Case]) {
    let failures: Vec<String> = table
        .iter()
        .filter_map(|case| {
            let judged = std::panic::catch_unwind(|| judge(case));
            judged.err().map(|why| {
                let text = why
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| why.downcast_ref::<&str>().map(ToString::to_string));
                format!("{}: {}", case.what, text.unwrap_or_default())
            })
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), table.len(), failures.join("\n\n"));
}

fn judge(case: &Case) {
    let lab = Lab::new();
    (case.spoil)(&lab);
    let before: BTreeMap<_, _> = lab.listing().into_iter().collect();
    let check = lab.run(&["check", "--log", "json", "--lang", "en"]);
    check.speaks_plainly("check");
    assert_eq!(check.code, Some(case.exits.0), "check: {}", check.err);
    assert_eq!(before, lab.listing().into_iter().collect(), "check wrote something");
    let chinese = lab.run(&["--log", "json", "--lang", "zh"]);
    chinese.speaks_plainly("run");
    assert_eq!(chinese.code, Some(case.exits.1), "run: {}", chinese.err);
    told(case, &chinese, true);
    if tells(case, &check) {
        told(case, &check, false);
        // What check says on a terminal: the same, for people.
        let text = lab.run(&["check", "--lang", "en"]);
        text.speaks_plainly("text");
        assert!(text.text().contains(case.names), "on a terminal nothing names {}: {}", case.names, text.text());
    } else {
        told(case, &lab.run(&["--log", "json", "--lang", "en"]), false);
    }
    nothing_half_written(&lab, &before, case.exits.1);
}

fn tells(case: &Case, end: &Ended) -> bool {
    end.events().iter().any(|e| e["code"].as_str().is_some_and(|code| code.starts_with(case.code)))
}

/// The notice is there, in its language, with its file, its cause and its remedy.
fn told(case: &Case, end: &Ended, is_chinese: bool) {
    let all = end.events();
    let fits =
        |e: &&Value| e["event"] == "notice" && e["code"].as_str().is_some_and(|code| code.starts_with(case.code));
    let notice = all.iter().find(fits).unwrap_or_else(|| panic!("no notice {}: {}", case.code, end.err));
    let part = |key: &str| notice[key].as_str().unwrap_or_default().to_owned();
    let whole = format!("{} {} {} {}", part("what"), part("why"), part("do"), part("path"));
    assert!(whole.contains(case.names), "{} is not named: {whole}", case.names);
    assert!(!part("what").is_empty() && !part("why").is_empty(), "no cause: {whole}");
    assert!(!whole.contains("%{"), "a fact is missing: {whole}");
    assert!(
        notice["weight"] != "refused" && notice["weight"] != "fatal" || !part("do").is_empty(),
        "no remedy: {whole}"
    );
    let has_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert_eq!(has_chinese(&part("do")) || part("do").is_empty() && is_chinese, is_chinese, "wrong language: {whole}");
    assert!(has_chinese(&part("what")) || !is_chinese, "wrong language: {whole}");
}

/// No temporary file; the sources as they were; a ledger that is sound, and none where nothing was done.
fn nothing_half_written(lab: &Lab, before: &BTreeMap<std::path::PathBuf, String>, exit: i32) {
    assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new());
    let after: BTreeMap<_, _> = lab.listing().into_iter().collect();
    if exit == 0 || exit == 2 {
        assert_eq!(integrity(&lab.at("ledger.gpkg")), "ok");
        let kept = |of: &BTreeMap<std::path::PathBuf, String>| -> Vec<(std::path::PathBuf, String)> {
            of.iter().filter(|e| e.0.starts_with(lab.at("in"))).map(|e| (e.0.clone(), e.1.clone())).collect()
        };
        assert_eq!(kept(before), kept(&after), "the sources were touched");
    } else {
        assert_eq!(*before, after, "a run that did nothing left something");
    }
}

#[test]
fn every_bad_scene_gets_a_clear_answer() {
    answered(SCENES);
}

#[test]
fn every_bad_zone_layer_gets_a_clear_answer() {
    answered(ZONES);
}

#[test]
fn every_bad_project_file_gets_a_clear_answer() {
    answered(PROJECTS);
}

#[test]
fn every_bad_mask_gets_a_clear_answer() {
    answered(MASKS);
}

#[test]
fn every_bad_ledger_gets_a_clear_answer() {
    answered(LEDGERS);
}
