//! Whole layers, sound, odd and hostile, from file to zones.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use geo::Area;

use super::*;
use crate::lang::Lang;
use crate::model::notice::{Explain, Weight};
use crate::model::shape::is_valid;

fn crs(text: &str) -> Crs {
    crs_bridge::parse(text).unwrap()
}

/// The test data, where they are.
fn data(part: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|parent| parent.join("shared/data"));
    let root = std::env::var_os("ECOREDLINE_DATA").map(PathBuf::from).or(beside)?;
    let path = root.join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

fn query(path: &Path) -> LayerQuery {
    LayerQuery { path: path.to_path_buf(), ..LayerQuery::default() }
}

fn codes(notices: &[Notice]) -> Vec<&'static str> {
    notices.iter().map(|notice| notice.code).collect()
}

fn code_of(result: Result<LayerRead, VectorError>) -> &'static str {
    match result {
        Ok(read) => panic!("read {} zones: {:?}", read.features.len(), codes(&read.notices)),
        Err(error) => {
            check_words(&error.notice());
            error.notice().code
        }
    }
}

/// Each part has words in both languages and no fact is left open.
fn check_words(notice: &Notice) {
    for lang in Lang::ALL {
        let text = lang.notice(notice);
        for part in [&text.what, &text.why, &text.advice] {
            assert!(!part.is_empty() && !part.contains("%{"), "{} {}: {text:?}", notice.code, lang.tag());
        }
    }
}

/// A folder with one `GeoJSON` layer of these geometries in EPSG:4549.
fn geojson(folder: &Path, geometries: &[&str]) -> PathBuf {
    let features: Vec<String> = geometries
        .iter()
        .enumerate()
        .map(|(i, g)| format!(r#"{{"type":"Feature","properties":{{"id":"Z{i}","名称":"区{i}"}},"geometry":{g}}}"#))
        .collect();
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}}"#;
    let path = folder.join("zones.geojson");
    std::fs::write(&path, format!(r#"{{"type":"FeatureCollection",{crs},"features":[{}]}}"#, features.join(","))).unwrap();
    path
}

fn square_at(x: f64) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[[[{x},0],[{0},0],[{0},100],[{x},100],[{x},0]]]}}"#, x + 100.0)
}

fn ogr2ogr(arguments: &[&str]) {
    assert!(Command::new("ogr2ogr").args(arguments).status().unwrap().success(), "{arguments:?}");
}

#[test]
fn the_first_city_is_suzhou_in_all_four_files() {
    let Some(folder) = data("polygons_encodings") else { return };
    for (name, encoding) in [
        ("jiangsu_prefectures.gpkg", "UTF-8"),
        ("jiangsu_prefectures.geojson", "UTF-8"),
        ("jiangsu_prefectures.shp", "UTF-8"),
        ("jiangsu_prefectures_gbk.shp", "GB18030"),
    ] {
        let info = describe(&folder.join(name), None, None).unwrap();
        assert_eq!((info.count, info.kinds.polygons), (13, 13), "{name}");
        assert_eq!(info.encoding.as_deref(), Some(encoding), "{name}");
        assert_eq!(info.samples["ADM2_ZH"][0], "苏州市", "{name}");
        assert_eq!(info.crs.map(|crs| crs.unit), Some(crate::model::crs::CrsUnit::Degree), "{name}");
        let read = read(&query(&folder.join(name)), &crs("EPSG:4549")).unwrap();
        assert_eq!(read.features[0].fields["ADM2_ZH"], "苏州市", "{name}");
        assert_eq!(read.features.len(), 13);
        assert!(read.features.iter().all(|zone| is_valid(&zone.shape)), "{name}");
        // Suzhou with its part of Lake Tai: 8,657 km² by its own yearbook.
        let area_km2 = read.features[0].shape.unsigned_area() / 1e6;
        assert!((8000.0..9500.0).contains(&area_km2), "{name}: {area_km2}");
    }
}

#[test]
fn gbk_without_or_with_a_wrong_cpg_is_recognised() {
    let Some(folder) = data("polygons_encodings") else { return };
    let copy = tempfile::tempdir().unwrap();
    for part in ["shp", "shx", "dbf", "prj"] {
        std::fs::copy(folder.join(format!("jiangsu_prefectures_gbk.{part}")), copy.path().join(format!("区.{part}"))).unwrap();
    }
    let path = copy.path().join("区.shp");
    for (cpg, code) in [
        (None, "N32_encoding_detected"),
        (Some("UTF-8"), "N32_encoding_contradicted"),
        (Some("ISO-8859-1"), "N32_encoding_contradicted"),
    ] {
        if let Some(cpg) = cpg {
            std::fs::write(path.with_extension("cpg"), cpg).unwrap();
        }
        let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
        assert_eq!(read.features[0].fields["ADM2_ZH"], "苏州市", "{cpg:?}");
        assert!(codes(&read.notices).contains(&code), "{cpg:?}: {:?}", codes(&read.notices));
        read.notices.iter().for_each(check_words);
    }
    let forced = LayerQuery { encoding: Some("windows-1252".into()), ..query(&path) };
    assert_ne!(read(&forced, &crs("EPSG:4549")).unwrap().features[0].fields["ADM2_ZH"], "苏州市");
}

#[test]
fn a_shapefile_without_its_side_files_says_which() {
    let Some(folder) = data("polygons_encodings") else { return };
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("zones.shp");
    std::fs::copy(folder.join("jiangsu_prefectures.shp"), &path).unwrap();
    assert_eq!(code_of(read(&query(&path), &crs("EPSG:4549"))), "A10_zone_crs");
    let told = LayerQuery { crs: Some(crs("EPSG:4326")), ..query(&path) };
    let read = read(&told, &crs("EPSG:4549")).unwrap();
    assert_eq!(read.features.len(), 13);
    for code in ["N31_shx_rebuilt", "N31_dbf_missing", "N31_prj_missing"] {
        assert!(codes(&read.notices).contains(&code), "{code}");
    }
    let names: Vec<_> = std::fs::read_dir(copy.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["zones.shp"], "nothing is written beside the user's file");
}

#[test]
fn wetland_zones_keep_number_and_area_in_both_formats() {
    let Some(folder) = data("naip_wetlands/zones") else { return };
    let target = crs("EPSG:26914");
    let own = read(&query(&folder.join("wetland_zones_2009.gpkg")), &target).unwrap();
    let degrees = read(&query(&folder.join("wetland_zones_2009_wgs84.geojson")), &target).unwrap();
    assert_eq!((own.features.len(), degrees.features.len()), (24, 24));
    for (a, b) in own.features.iter().zip(&degrees.features) {
        let (a, b) = (a.shape.unsigned_area(), b.shape.unsigned_area());
        assert!((a / b - 1.0).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn a_bow_tie_is_repaired_with_areas_and_an_unclosed_ring_closed() {
    let folder = tempfile::tempdir().unwrap();
    let tie = r#"{"type":"Polygon","coordinates":[[[0,0],[100,100],[100,0],[0,100],[0,0]]]}"#;
    let open = r#"{"type":"Polygon","coordinates":[[[500,0],[600,0],[600,0],[600,100],[500,100]]]}"#;
    let read = read(&query(&geojson(folder.path(), &[tie, open])), &crs("EPSG:4549")).unwrap();
    assert!((read.features[0].shape.unsigned_area() - 5000.0).abs() < 1e-3);
    assert!((read.features[1].shape.unsigned_area() - 10_000.0).abs() < 1e-6);
    assert_eq!(read.features[1].fields["名称"], "区1");
    for code in ["A23_zone_repaired_much", "N25_zone_closed", "N25_zone_repeats"] {
        assert!(codes(&read.notices).contains(&code), "{code}: {:?}", codes(&read.notices));
    }
    read.notices.iter().for_each(check_words);
}

#[test]
fn not_a_number_and_infinity_are_refused_with_the_vertex_number() {
    let folder = tempfile::tempdir().unwrap();
    for bad in ["1e999", "NaN", "-1e300"] {
        let geometry = format!(r#"{{"type":"Polygon","coordinates":[[[0,0],[100,0],[100,{bad}],[0,0]]]}}"#);
        let path = geojson(folder.path(), &[&geometry, &square_at(500.0)]);
        let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
        assert_eq!(read.features.len(), 1, "{bad}");
        let notice = read.notices.iter().find(|n| n.code == "R24_zone_vertex").unwrap();
        assert_eq!(notice.weight, Weight::Refused);
        assert!(notice.facts.contains(&("vertex", "3".into())) && notice.facts.contains(&("number", "1".into())), "{notice:?}");
        check_words(notice);
        assert_eq!(code_of(super::read(&query(&geojson(folder.path(), &[&geometry])), &crs("EPSG:4549"))), "R24_zone_vertex");
    }
}

#[test]
fn null_empty_and_flat_outlines_are_listed_and_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let line = r#"{"type":"Polygon","coordinates":[[[0,0],[50,50],[100,100],[0,0]]]}"#;
    let two = r#"{"type":"Polygon","coordinates":[[[0,0],[50,50],[0,0]]]}"#;
    let empty = r#"{"type":"Polygon","coordinates":[]}"#;
    let path = geojson(folder.path(), &["null", empty, line, two, &square_at(0.0)]);
    let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
    assert_eq!(read.features.iter().map(|zone| zone.number).collect::<Vec<_>>(), [5]);
    let missing = read.notices.iter().find(|n| n.code == "N25_zone_missing").unwrap();
    assert!(missing.facts.contains(&("numbers", "1, 2".into())), "{missing:?}");
    for code in ["R25_zone_no_area", "R25_zone_points"] {
        assert!(codes(&read.notices).contains(&code), "{code}");
    }
    read.notices.iter().for_each(check_words);
}

#[test]
fn points_and_lines_are_refused_with_their_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (point, line) = (r#"{"type":"Point","coordinates":[1,2]}"#, r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#);
    let path = geojson(folder.path(), &[point, point, line]);
    let error = read(&query(&path), &crs("EPSG:4549")).unwrap_err();
    assert!(matches!(error, VectorError::NoPolygons { points: 2, lines: 1, other: 0, .. }), "{error:?}");
    check_words(&error.notice());
}

#[test]
fn a_zone_across_the_antimeridian_is_refused_never_a_band() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.geojson");
    let ring = "[[[179,30],[-179,30],[-179,31],[179,31],[179,30]]]";
    std::fs::write(&path, format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}"#)).unwrap();
    assert_eq!(code_of(read(&query(&path), &crs("EPSG:4549"))), "E30_zone_antimeridian");
}

#[test]
fn metres_under_a_crs_in_degrees_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.geojson");
    let ring = "[[[528770,3386666],[528870,3386666],[528870,3386766],[528770,3386666]]]";
    std::fs::write(&path, format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}"#)).unwrap();
    assert_eq!(code_of(read(&query(&path), &crs("EPSG:4549"))), "A11_zone_degrees");
}

#[test]
fn kml_with_altitudes_is_flattened_and_a_doctype_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.kml");
    let body = "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Placemark><name>三江营</name><Polygon><outerBoundaryIs><LinearRing><coordinates>119.4,32.3,11 119.5,32.3,12 119.5,32.4,13 119.4,32.3,11</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>";
    std::fs::write(&path, body).unwrap();
    let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
    assert_eq!(read.features[0].fields["name"], "三江营");
    assert!(codes(&read.notices).contains(&"N28_zone_flattened"));
    assert!((read.features[0].shape.unsigned_area() / 1e6 - 52.1).abs() < 1.0, "{}", read.features[0].shape.unsigned_area());
    std::fs::write(&path, format!("<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY a 'b'>]>{body}")).unwrap();
    assert_eq!(code_of(super::read(&query(&path), &crs("EPSG:4549"))), "S12_zone_entities");
}

#[test]
fn a_geopackage_keeps_heights_curves_and_parts_in_check() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, path) = (folder.path().join("g.csv"), folder.path().join("g.gpkg"));
    std::fs::write(&csv, "id,WKT\n1,\"CURVEPOLYGON(CIRCULARSTRING(0 0,100 0,0 0))\"\n2,\"MULTIPOLYGON Z(((500 0 1,600 0 1,600 100 1,500 0 1)),((700 0 1,800 0 1,800 100 1,700 0 1)))\"\n").unwrap();
    ogr2ogr(&["-q", "-f", "GPKG", "-a_srs", "EPSG:4549", "-oo", "GEOM_POSSIBLE_NAMES=WKT", "-nlt", "GEOMETRY", path.to_str().unwrap(), csv.to_str().unwrap()]);
    let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
    assert!((read.features[0].shape.unsigned_area() / (std::f64::consts::PI * 2500.0) - 1.0).abs() < 2e-3);
    assert_eq!(read.features[1].shape.0.len(), 2);
    for code in ["N28_zone_linearised", "N28_zone_flattened"] {
        assert!(codes(&read.notices).contains(&code), "{code}");
    }
}

#[test]
fn a_file_geodatabase_or_several_layers_are_chosen_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let zones = geojson(folder.path(), &[&square_at(0.0)]);
    let package = folder.path().join("two.gpkg");
    for (name, more) in [("红线", "-overwrite"), ("保护区", "-update")] {
        ogr2ogr(&["-q", "-f", "GPKG", more, "-nln", name, package.to_str().unwrap(), zones.to_str().unwrap()]);
    }
    assert_eq!(code_of(read(&query(&package), &crs("EPSG:4549"))), "E28_zone_many_layers");
    let named = LayerQuery { layer: Some("保护区".into()), ..query(&package) };
    assert_eq!(read(&named, &crs("EPSG:4549")).unwrap().layer, "保护区");
    let wrong = LayerQuery { layer: Some("湿地".into()), ..query(&package) };
    assert_eq!(code_of(read(&wrong, &crs("EPSG:4549"))), "E28_zone_no_layer");
    let gdb = folder.path().join("zones.gdb");
    ogr2ogr(&["-q", "-f", "OpenFileGDB", "-nlt", "MULTIPOLYGON", gdb.to_str().unwrap(), zones.to_str().unwrap()]);
    assert_eq!(read(&query(&gdb), &crs("EPSG:4549")).unwrap().features.len(), 1);
}

#[test]
fn hostile_geopackages_are_refused_in_seconds_with_the_objects_name() {
    let Some(script) = data("../tools/hostile_gpkg.py") else { return };
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("/usr/bin/python3").arg(script.canonicalize().unwrap()).current_dir(folder.path()).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: GDAL's Python module is absent");
        return;
    }
    for (name, object) in [("endless.gpkg", "v"), ("functions.gpkg", "v"), ("trigger.gpkg", "t")] {
        let since = Instant::now();
        let error = read(&query(&folder.path().join(name)), &crs("EPSG:4549")).unwrap_err();
        assert!(matches!(&error, VectorError::Foreign { object: found, .. } if found == object), "{name}: {error:?}");
        assert!(since.elapsed() < Duration::from_secs(5), "{name}");
        check_words(&error.notice());
        let named = LayerQuery { layer: Some(object.into()), ..query(&folder.path().join(name)) };
        assert!(read(&named, &crs("EPSG:4549")).is_err(), "{name}");
    }
}

#[test]
fn an_endless_view_beside_zones_is_ignored_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.gpkg");
    ogr2ogr(&["-q", "-f", "GPKG", path.to_str().unwrap(), geojson(folder.path(), &[&square_at(0.0)]).to_str().unwrap()]);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "create view v as with recursive r(i) as (select 1 union all select i + 1 from r) select i as fid from r;
             insert into gpkg_contents(table_name, data_type, identifier) values('v', 'features', 'v');",
        )
        .unwrap();
    drop(connection);
    let read = read(&query(&path), &crs("EPSG:4549")).unwrap();
    assert_eq!(read.features.len(), 1);
    assert!(codes(&read.notices).contains(&"R34_zone_foreign_ignored"));
    read.notices.iter().for_each(check_words);
}

/// A small linear congruential generator (Knuth's MMIX constants).
fn roll(state: &mut u64, limit: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize % limit.max(1)
}

#[test]
fn mutated_layers_are_read_or_refused_and_never_hang() {
    let Some(folder) = data("polygons_encodings") else { return };
    let copy = tempfile::tempdir().unwrap();
    let mut state = 7;
    let (mut whole, mut warned, mut refused) = (0, 0, 0);
    for (name, rounds) in [("jiangsu_prefectures.gpkg", 60), ("jiangsu_prefectures.shp", 40), ("jiangsu_prefectures.geojson", 20)] {
        let seed = std::fs::read(folder.join(name)).unwrap();
        let path = copy.path().join(name);
        for part in ["dbf", "prj"] {
            std::fs::copy(folder.join("jiangsu_prefectures").with_extension(part), copy.path().join("jiangsu_prefectures").with_extension(part)).unwrap();
        }
        for round in 0..rounds {
            let mut bytes = seed.clone();
            let reach = if roll(&mut state, 2) == 0 { bytes.len() } else { 400 };
            for _ in 0..[1, 2, 4, 8, 32][roll(&mut state, 5)] {
                let at = roll(&mut state, reach);
                bytes[at] = [0, 255, 127, 128, roll(&mut state, 256) as u8][roll(&mut state, 5)];
            }
            if roll(&mut state, 100) < 15 {
                bytes.truncate(8 + roll(&mut state, bytes.len() - 8));
            }
            std::fs::write(&path, bytes).unwrap();
            let since = Instant::now();
            match read(&query(&path), &crs("EPSG:4549")) {
                Ok(read) => {
                    assert!(read.features.iter().all(|zone| is_valid(&zone.shape)), "{name} {round}");
                    if read.notices.is_empty() { whole += 1 } else { warned += 1 }
                    read.notices.iter().for_each(check_words);
                }
                Err(error) => {
                    refused += 1;
                    check_words(&error.notice());
                }
            }
            assert!(since.elapsed() < Duration::from_secs(12), "{name} {round}: {:?}", since.elapsed());
        }
    }
    assert!(whole > 0 && warned > 0 && refused > 0, "{whole} whole, {warned} warned, {refused} refused");
}

#[test]
fn every_error_has_words_in_both_languages() {
    let path = PathBuf::from("区.shp");
    let (text, layers) = (String::from("x"), vec![String::from("a")]);
    let errors = [
        VectorError::DangerousName { path: path.clone() },
        VectorError::NotUtf8 { path: path.clone() },
        VectorError::Missing { path: path.clone() },
        VectorError::Unreadable { path: path.clone(), kind: std::io::ErrorKind::PermissionDenied },
        VectorError::NotAFile { path: path.clone() },
        VectorError::Empty { path: path.clone() },
        VectorError::Html { path: path.clone() },
        VectorError::Virtual { path: path.clone() },
        VectorError::Archive { path: path.clone() },
        VectorError::SidePart { path: path.clone() },
        VectorError::Entities { path: path.clone() },
        VectorError::UnknownFormat { path: path.clone(), start: text.clone() },
        VectorError::TooLarge { path: path.clone(), size_mb: 1, limit_mb: 1 },
        VectorError::Open { path: path.clone(), format: text.clone(), detail: text.clone() },
        VectorError::NotAGeoPackage { path: path.clone() },
        VectorError::Damaged { path: path.clone(), detail: text.clone() },
        VectorError::Foreign { path: path.clone(), object: text.clone(), kind: "view" },
        VectorError::Deadline { path: path.clone(), object: text.clone(), seconds: 8 },
        VectorError::NoLayer { path: path.clone(), layer: text.clone(), layers: layers.clone() },
        VectorError::ManyLayers { path: path.clone(), layers },
        VectorError::UnknownEncoding { path: path.clone(), label: text.clone() },
        VectorError::NoCrs { path: path.clone(), layer: text.clone() },
        VectorError::NotDegrees { path: path.clone(), crs: text.clone(), x: 1.0, y: 2.0 },
        VectorError::NoWay { path: path.clone(), from: text.clone(), to: text.clone() },
        VectorError::NoFeatures { path: path.clone(), layer: text.clone() },
        VectorError::NoPolygons { path, layer: text, points: 1, lines: 2, other: 3 },
    ];
    errors.iter().for_each(|error| check_words(&error.notice()));
}
