//! Land-cover map against land-cover map: what became what, legends that agree or do not, and what zero means.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod support;

use std::path::Path;

use serde_json::Value as Json;
use support::made::{Pixels, crs};
use support::{Run, data, number, program, run};

/// Rows and columns of a map of 10 m pixels.
const SIDE: usize = 80;
const PIXEL: f64 = 10.0;
const ORIGIN: (f64, f64) = (500_000.0, 3_590_000.0);

/// Which way a refusal is told, in English and in Chinese.
const LANGUAGES: [(&str, usize); 2] = [("en", 0), ("zh", 1)];

/// Class of a pixel before: water, forest, fields and a town in quarters.
fn before(row: usize, col: usize) -> f64 {
    match (row < SIDE / 2, col < SIDE / 2) {
        (true, true) => 1.0,
        (true, false) => 2.0,
        (false, true) => 3.0,
        (false, false) => 4.0,
    }
}

/// A forest corner of 16 by 20 pixels was built over.
fn after(row: usize, col: usize) -> f64 {
    if (10..26).contains(&row) && (50..70).contains(&col) { 4.0 } else { before(row, col) }
}

/// Pixels that were built over, and their area.
const BUILT_M2: f64 = 16.0 * 20.0 * PIXEL * PIXEL;

fn map(class: impl Fn(usize, usize) -> f64) -> Pixels {
    Pixels {
        cols: SIDE,
        rows: SIDE,
        bands: vec![(0..SIDE * SIDE).map(|i| class(i / SIDE, i % SIDE)).collect()],
        transform: [ORIGIN.0, PIXEL, 0.0, ORIGIN.1, 0.0, -PIXEL],
        srs: crs(4549).to_wkt().unwrap(),
    }
}

/// A folder with two maps of 8 bits and one zone over all but a margin of five pixels.
fn lab(maps: &[Pixels; 2]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (map, name) in maps.iter().zip(["2020.tif", "2024.tif"]) {
        map.write_u8(&folder.path().join(name), &[]);
    }
    let (near, far) = (5.0 * PIXEL, (SIDE - 5) as f64 * PIXEL);
    let (w, e, n, s) = (ORIGIN.0 + near, ORIGIN.0 + far, ORIGIN.1 - near, ORIGIN.1 - far);
    let ring = format!("[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]");
    let zones = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::4549"}}}},
        "features":[{{"type":"Feature","properties":{{"id":"Z"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    );
    std::fs::write(folder.path().join("zones.geojson"), zones).unwrap();
    folder
}

/// A project of both maps; `extra` stands in each scene.
fn project(extra: [&str; 2]) -> String {
    let scene = |year: i32, extra: &str| {
        format!("[[scenes]]\npath = \"{year}.tif\"\ndate = \"{year}-07-01\"\nkind = \"landcover\"\n{extra}\n")
    };
    format!(
        "version = 1\n[project]\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = \"zones.geojson\"\nid_field = \"id\"\n{}{}",
        scene(2020, extra[0]),
        scene(2024, extra[1])
    )
}

fn pair(run: &Run) -> &Json {
    let [pair] = run.comparisons() else { panic!("one comparison") };
    pair
}

/// Area that went from one class to another, by the position of both in the matrix.
fn moved(run: &Run, from: usize, to: usize) -> f64 {
    pair(run)["transfers"]["m2"][from][to].as_f64().unwrap()
}

fn matrix_total(run: &Run) -> f64 {
    let rows = pair(run)["transfers"]["m2"].as_array().unwrap();
    rows.iter().flat_map(|row| row.as_array().unwrap()).map(|area| area.as_f64().unwrap()).sum()
}

/// Runs a project that ends with a code, in both languages, and returns what was said.
fn refused(folder: &Path, text: &str, code: i32) -> [String; 2] {
    LANGUAGES.map(|(lang, _)| {
        let (ended, told) = program(folder, text, &["--lang", lang]);
        assert_eq!(ended, code, "{told}");
        told
    })
}

fn table(folder: &Path, name: &str, rows: &str) {
    std::fs::write(folder.join(name), format!("code,class,name\n{rows}")).unwrap();
}

#[test]
fn the_matrix_holds_what_became_what_and_adds_up_to_what_was_observed() {
    let folder = lab(&[map(before), map(after)]);
    let run = run(folder.path(), &project(["", ""]));
    assert_eq!(run.code, 0);
    assert!((moved(&run, 1, 3) - BUILT_M2).abs() < 1e-6, "forest that was built over");
    let observed = number(pair(&run), "changed_m2") + number(pair(&run), "unchanged_m2");
    assert!((matrix_total(&run) - observed).abs() < 1e-6 * observed);
    let mu = pair(&run)["transfers"]["mu"][1][3].as_f64().unwrap();
    assert!((mu - BUILT_M2 * 15.0 / 10_000.0).abs() < 1e-9);
    let codes: Vec<i64> =
        pair(&run)["transfers"]["classes"].as_array().unwrap().iter().map(|c| c["code"].as_i64().unwrap()).collect();
    assert_eq!(codes, [1, 2, 3, 4]);
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("Class transfers") || page.contains("地类转移矩阵"));
    assert_eq!(run.flags().len(), 1);
}

#[test]
fn one_table_for_both_maps_names_codes_and_tells_classes_of_flags() {
    let folder = lab(&[map(before), map(after)]);
    table(folder.path(), "legend.csv", "1,water,河湖\n2,vegetation,林地\n3,sparse,耕地\n4,built,建设用地\n");
    let run = run(folder.path(), &project(["legend = \"legend.csv\""; 2]));
    assert_eq!(run.code, 0);
    let classes = &pair(&run)["transfers"]["classes"];
    assert_eq!((&classes[1]["name"], &classes[1]["code"]), (&Json::from("林地"), &Json::from(2)));
    let flag = &run.flags()[0]["properties"];
    assert_eq!(
        (flag["FROM_CLS"].as_str().unwrap(), flag["TO_CLS"].as_str().unwrap()),
        ("vegetation", "built or paved")
    );
    assert!(
        run.summary["tables"].as_array().unwrap().iter().any(|t| t.as_str().unwrap().starts_with("legend legend.csv "))
    );
}

#[test]
fn maps_of_other_codes_are_refused_until_tables_bring_them_together() {
    // The later map numbers the same classes by tens, and the other way round.
    let folder = lab(&[map(before), map(|row, col| 50.0 - 10.0 * after(row, col))]);
    let told = refused(folder.path(), &project(["", ""]), 2);
    assert!(told[0].contains("before 1, 2, 3, 4; after 10, 20, 30, 40"), "{}", told[0]);
    assert!(
        told[0].contains("legend = ") && told[1].contains("图例表") && told[1].contains("编码不一致"),
        "{}",
        told[1]
    );

    let summary: Json =
        serde_json::from_slice(&std::fs::read(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let untold = &summary["comparisons"][0];
    assert!(untold["transfers"].is_null() && number(untold, "unchanged_m2") == 0.0, "{untold}");

    table(folder.path(), "old.csv", "1,water,\n2,vegetation,\n3,sparse,\n4,built,\n");
    table(folder.path(), "new.csv", "40,水体,\n30,植被,\n20,sparse,\n10,built,\n");
    let run = run(folder.path(), &project(["legend = \"old.csv\"", "legend = \"new.csv\""]));
    assert_eq!(run.code, 0);
    let classes = pair(&run)["transfers"]["classes"].as_array().unwrap();
    let words: Vec<&str> = classes.iter().map(|c| c["class"].as_str().unwrap()).collect();
    assert_eq!(words, ["water", "vegetation", "sparse", "built"]);
    assert!((moved(&run, 1, 3) - BUILT_M2).abs() < 1e-6);
    assert!((number(pair(&run), "changed_m2") - BUILT_M2).abs() < 1e-6 * BUILT_M2, "nothing else changed");
    let flag = &run.flags()[0]["properties"];
    assert_eq!(
        (flag["FROM_CLS"].as_str().unwrap(), flag["TO_CLS"].as_str().unwrap()),
        ("vegetation", "built or paved")
    );
}

#[test]
fn a_table_for_one_map_alone_leaves_nothing_to_compare() {
    let folder = lab(&[map(before), map(after)]);
    table(folder.path(), "legend.csv", "1,water,\n2,vegetation,\n3,sparse,\n4,built,\n");
    let told = refused(folder.path(), &project(["legend = \"legend.csv\"", ""]), 3);
    assert!(told[0].contains("2024-07-01 has no legend table"), "{}", told[0]);
    assert!(told[1].contains("没有图例表"), "{}", told[1]);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn codes_that_a_table_leaves_out_are_not_observed_and_told() {
    let folder = lab(&[map(before), map(after)]);
    table(folder.path(), "legend.csv", "1,nodata,\n2,vegetation,\n4,built,\n");
    let run = run(folder.path(), &project(["legend = \"legend.csv\""; 2]));
    assert_eq!(run.code, 0);
    let warnings = run.summary["warnings"].as_array().unwrap();
    let gaps = warnings.iter().find(|w| w["code"] == "legend_gaps").unwrap()["message"].as_str().unwrap();
    assert!(gaps.contains("(3)"), "only the code that the table does not speak of: {gaps}");
    let quarter = 35.0 * 35.0 * PIXEL * PIXEL;
    assert!((number(pair(&run), "not_observed_m2") - 2.0 * quarter).abs() < 1e-6 * quarter);
    assert!((matrix_total(&run) - 2.0 * quarter).abs() < 1e-6 * quarter);
}

#[test]
fn a_broken_table_names_its_line() {
    let folder = lab(&[map(before), map(after)]);
    table(folder.path(), "legend.csv", "1,water,\n2,wood,\n");
    let told = refused(folder.path(), &project(["legend = \"legend.csv\""; 2]), 3);
    assert!(told[0].contains("line 3: the class is not known") && told[1].contains("第 3 行：地类不认识"), "{told:?}");
    let missing = refused(folder.path(), &project(["legend = \"no.csv\""; 2]), 3);
    assert!(missing[0].contains("no.csv"), "{}", missing[0]);
}

#[test]
fn decimals_are_no_classes() {
    let folder = lab(&[map(before), map(after)]);
    map(|row, col| after(row, col) + 0.25).write(&folder.path().join("2024.tif"), &[], None, |v| v as f32);
    let told = refused(folder.path(), &project(["", ""]), 3);
    assert!(told[0].contains("decimal numbers") && told[0].contains("2024.tif"), "{}", told[0]);
    assert!(told[1].contains("小数"), "{}", told[1]);
}

#[test]
fn an_image_is_no_land_cover_map() {
    let grain = |row: usize, col: usize| ((row * 7919 + col * 104_729) % 3001) as f64 + 1.0;
    let folder = lab(&[map(before), map(after)]);
    for name in ["2020.tif", "2024.tif"] {
        map(grain).write(&folder.path().join(name), &[], None, |v| v as u16);
    }
    let told = refused(folder.path(), &project(["", ""]), 2);
    assert!(told[0].contains("can be no classes") && told[1].contains("不像类别"), "{told:?}");
}

#[test]
fn codes_are_no_reflectance_whatever_the_file_is_called() {
    let folder = lab(&[map(before), map(after)]);
    let name = "S2A_MSIL2A_20240701T023456_N0509_R046_T50SQB.tif";
    map(after).write(&folder.path().join(name), &[], None, |v| v as u16);
    let run = run(folder.path(), &project(["", ""]).replace("2024.tif", name));
    assert_eq!((run.code, run.flags().len()), (0, 1));
    assert!((moved(&run, 1, 3) - BUILT_M2).abs() < 1e-6);
    assert!(run.summary["scenes"][1]["sensor"].is_null());
}

#[test]
fn a_legend_is_for_land_cover_maps_only() {
    let folder = lab(&[map(before), map(after)]);
    let text = project(["legend = \"legend.csv\"", ""]).replacen("\"landcover\"", "\"satellite\"", 1);
    let told = refused(folder.path(), &text, 3);
    assert!(told[0].contains("scenes[1].legend") && told[0].contains("landcover"), "{}", told[0]);
    assert!(told[1].contains("只用于"), "{}", told[1]);
}

#[test]
fn a_zero_that_nobody_explains_is_not_observed_and_one_that_a_legend_names_is_a_class() {
    let zeroed = |class: fn(usize, usize) -> f64| map(move |row, col| class(row, col) - 1.0);
    let folder = lab(&[zeroed(before), zeroed(after)]);
    let quarter = 35.0 * 35.0 * PIXEL * PIXEL;
    let plain = run(folder.path(), &project(["", ""]));
    assert_eq!(plain.code, 0);
    assert!((number(pair(&plain), "not_observed_m2") - quarter).abs() < 1e-6 * quarter);
    assert!(plain.codes().contains(&"landcover_zero"));

    let rows = "0,water,\n1,vegetation,\n2,sparse,\n3,built,\n";
    table(folder.path(), "legend.csv", rows);
    let with_table = project(["legend = \"legend.csv\""; 2]);
    let named = run(folder.path(), &with_table);
    assert!(number(pair(&named), "not_observed_m2") == 0.0 && !named.codes().contains(&"landcover_zero"));

    // The table's word goes before the file's.
    for (name, class) in [("2020.tif", before as fn(usize, usize) -> f64), ("2024.tif", after)] {
        zeroed(class).write(&folder.path().join(name), &[], Some(0.0), |v| v as u8);
    }
    let declared = run(folder.path(), &project(["", ""]));
    assert!((number(pair(&declared), "not_observed_m2") - quarter).abs() < 1e-6 * quarter);
    assert!(!declared.codes().contains(&"landcover_zero"), "the file says it");
    let overruled = run(folder.path(), &with_table);
    assert!(number(pair(&overruled), "not_observed_m2") == 0.0);
}

/// Writes a map as ENVI, whose header names the classes.
fn write_envi(folder: &Path, year: i32, map: &Pixels, names: &[&str]) {
    let bytes: Vec<u8> = map.bands[0].iter().map(|v| *v as u8).collect();
    std::fs::write(folder.join(format!("{year}.dat")), bytes).unwrap();
    let header = format!(
        "ENVI\nsamples = {SIDE}\nlines = {SIDE}\nbands = 1\nheader offset = 0\nfile type = ENVI Classification\n\
         data type = 1\ninterleave = bsq\nbyte order = 0\nclasses = {}\nclass names = {{{}}}\n\
         map info = {{Arbitrary, 1, 1, {}, {}, {PIXEL}, {PIXEL}}}\ncoordinate system string = {{{}}}\n",
        names.len(),
        names.join(", "),
        ORIGIN.0,
        ORIGIN.1,
        crs(4549).to_wkt().unwrap()
    );
    std::fs::write(folder.join(format!("{year}.hdr")), header).unwrap();
}

#[test]
fn names_in_the_files_name_the_classes_and_names_that_contradict_are_refused() {
    let folder = lab(&[map(before), map(after)]);
    let names = ["Unclassified", "Water", "Forest", "Fields", "Town"];
    write_envi(folder.path(), 2020, &map(before), &names);
    write_envi(folder.path(), 2024, &map(after), &names);
    let text = project(["", ""]).replace(".tif", ".dat");
    let run = run(folder.path(), &text);
    assert_eq!(run.code, 0, "{:?}", run.codes());
    let classes = &pair(&run)["transfers"]["classes"];
    assert_eq!((&classes[0]["name"], &classes[3]["name"]), (&Json::from("Water"), &Json::from("Town")));
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();

    write_envi(folder.path(), 2024, &map(after), &["Unclassified", "Water", "Fields", "Forest", "Town"]);
    let told = refused(folder.path(), &text, 3);
    assert!(told[0].contains("2 = Forest / Fields; 3 = Fields / Forest"), "{}", told[0]);
    assert!(told[1].contains("命名不同"), "{}", told[1]);
}

/// Two maps of the Amazon by different makers, in different coordinate systems, grids and legends; the expected areas are
/// GDAL's, which puts both on the analysis grid by nearest neighbour.
#[test]
fn maps_of_two_makers_meet_in_their_classes_as_gdal_counts_them() {
    let Some(source) = data("modis_jp2/inst/extdata/raster") else { return };
    let folder = lab(&[map(before), map(after)]);
    let files = [
        ("prodes/PRODES_LANDSAT_AMZ_2000-08-01_2020-07-31_class_v20220606.tif", "2020.tif"),
        ("classif/SENTINEL2_MSI_20LNR_2020-06-04_2021-08-26_class_v1.tif", "2024.tif"),
    ];
    for (from, to) in files {
        std::fs::copy(source.join(from), folder.path().join(to)).unwrap();
    }
    let (w, s, e, n) = (538_000.0, 9_026_000.0, 553_000.0, 9_036_000.0);
    let ring = format!("[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]");
    let zones = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::32720"}}}},
        "features":[{{"type":"Feature","properties":{{"id":"Z"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    );
    std::fs::write(folder.path().join("zones.geojson"), zones).unwrap();
    let text = |extra| project(extra).replace("EPSG:4549", "EPSG:32720");
    let told = refused(folder.path(), &text(["", ""]), 2);
    assert!(told[0].contains("before 1, 11, 16, 17, 27, 29, 32, 33; after 1, 2, 3, 4"), "{}", told[0]);

    let cleared = [11, 16, 17, 27, 29, 32, 33].map(|code| format!("{code},bare,\n")).concat();
    table(folder.path(), "old.csv", &format!("1,vegetation,\n{cleared}"));
    table(folder.path(), "new.csv", "1,bare,\n2,bare,\n3,bare,\n4,vegetation,\n");
    let run = run(folder.path(), &text(["legend = \"old.csv\"", "legend = \"new.csv\""]));
    let expected = [[76_877_671.86, 7_314_290.28], [2_904_722.37, 62_872_728.93]];
    for (from, row) in expected.iter().enumerate() {
        for (to, area) in row.iter().enumerate() {
            let found = moved(&run, from, to);
            // Pixels that the zone's edge cuts count in part here and whole or not at all there.
            assert!((found - area).abs() < 0.01 * area, "{from} to {to}: {found} and {area}");
        }
    }
}
