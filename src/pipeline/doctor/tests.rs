//! Findings and their remedies: each makes its notice go away.

use super::*;
use crate::model::notice::Weight;
use crate::project;
use crate::project::edit::apply;

const SCENES: &str = "version = 1\n[[scenes]]\npath = \"a.tif\"   # first\ndate = \"2024-07-01\"\n[[scenes]]\npath = \"b.tif\"\n\
                      date = 2024-07-01\n[[zones]]\npath = \"z.shp\"\nname_field = \"nmae\"\n";

fn cures(notice: &Notice, text: &str, known: &Known) -> Vec<(String, String)> {
    let found = findings(std::slice::from_ref(notice), text, Path::new("/data/p.toml"), known);
    let cured = |remedy: &Remedy| match &remedy.cure {
        Cure::Change(changes) => apply(text, changes).unwrap(),
        Cure::Locate(place) => place.to_string(),
    };
    found[0].remedies.iter().map(|remedy| (remedy.word.to_owned(), cured(remedy))).collect()
}

fn of(code: &'static str, file: &str) -> Notice {
    Notice::new(code, Weight::Refused).at(Path::new(file))
}

#[test]
fn a_scene_without_a_crs_is_offered_those_of_the_other_inputs() {
    let known = Known { crs: vec!["EPSG:32650".to_owned(), "EPSG:4549".to_owned()], fields: Vec::new() };
    let cures = cures(&of("A10_no_crs", "/data/b.tif"), SCENES, &known);
    let offered: Vec<&str> =
        cures.iter().filter_map(|(_, text)| text.split("crs = \"").nth(1)?.split('"').next()).collect();
    assert_eq!(offered, ["EPSG:32650", "EPSG:4549", "EPSG:4490"]);
    assert!(cures[0].1.contains("date = 2024-07-01\ncrs = \"EPSG:32650\"\n") && cures[0].1.contains("# first"));
}

#[test]
fn two_scenes_of_a_day_are_joined_or_one_is_kept() {
    let notice = of("A20_duplicate_dates", "/data/a.tif").fact("date", "2024-07-01").fact("kind", "kind.satellite");
    let cures = cures(&notice, SCENES, &Known::default());
    let words: Vec<&str> = cures.iter().map(|cure| cure.0.as_str()).collect();
    assert_eq!(words, ["join_tiles", "keep_only", "keep_only"]);
    let scenes = |text: &str| edit::values(text).unwrap()["scenes"].clone();
    assert_eq!(scenes(&cures[0].1), serde_json::json!([{ "paths": ["a.tif", "b.tif"], "date": "2024-07-01" }]));
    assert_eq!(scenes(&cures[2].1)[0]["path"], "b.tif");
}

#[test]
fn fields_encodings_bands_and_missing_files_have_their_remedies() {
    let known = Known::default();
    let field = of("zone_field_missing_near", "/data/z.shp").fact("field", "nmae").fact("nearest", "name");
    assert!(cures(&field, SCENES, &known)[0].1.contains("name_field = \"name\""));
    let encoding = of("N32_encoding_detected", "/data/z.shp").fact("encoding", "GB18030");
    let cured = cures(&encoding, SCENES, &known);
    assert!(cured[0].1.contains("encoding = \"GB18030\"") && cured[1].1.contains("encoding = \"UTF-8\""));
    let bands =
        of("A19_bands_guessed", "/data/a.tif").fact("count", 4).fact("order", "blue = 1, green = 2, red = 3, nir = 4");
    let cured = cures(&bands, SCENES, &known);
    assert!(cured[0].1.contains("bands = { blue = 1, green = 2, red = 3, nir = 4 }"), "{cured:?}");
    assert!(cured.iter().any(|cure| cure.1.contains("bands = { red = 1, green = 2, blue = 3, nir = 4 }")), "{cured:?}");
    let missing = of("P40_missing", "/data/b.tif");
    let cured = cures(&missing, SCENES, &known);
    assert_eq!(cured[0], ("locate".to_owned(), "scenes[2].path".to_owned()));
    assert!(!cured[1].1.contains("b.tif") && cured[1].1.contains("# first"));
    let border = of("doctor_border", "/data/a.tif").fact("value", "255");
    assert!(cures(&border, SCENES, &known)[0].1.contains("nodata = 255\n"));
}

#[test]
fn remedies_of_words_make_the_check_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.toml");
    let mut text =
        "version = 1\n[projects]\nanalysis_crs = \"EPSG:3857\"\n[outputs]\nlanguage = \"zn\"\ndirectory = \".\"\n\
                    [[scenes]]\npath = \"a.tif\"\nyear = 2024\n"
            .to_owned();
    let mut steps = 0;
    while let Err(error) = project::settings(&file, &text) {
        let found = findings(&error.notices(), &text, &file, &Known::default());
        let cure = found.iter().find_map(|finding| finding.remedies.first()).unwrap_or_else(|| panic!("{found:?}"));
        let Cure::Change(changes) = &cure.cure else { panic!("{cure:?}") };
        text = apply(&text, changes).unwrap();
        steps += 1;
        assert!(steps < 9, "{text}");
    }
    assert_eq!(steps, 4, "{text}");
    assert!(text.contains("[project]\n[outputs]") && text.contains("language = \"zh\""), "{text}");
}

#[test]
fn a_file_that_is_found_again_brings_those_that_lay_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("new")).unwrap();
    for name in ["a.tif", "b.tif"] {
        std::fs::write(folder.path().join("new").join(name), "x").unwrap();
    }
    let changes =
        located(SCENES, &folder.path().join("p.toml"), &"scenes[1].path".into(), &folder.path().join("new/a.tif"));
    let text = apply(SCENES, &changes).unwrap();
    assert!(text.contains("path = \"new/a.tif\"   # first") && text.contains("path = \"new/b.tif\""), "{text}");
    assert!(text.contains("path = \"z.shp\""), "what is not there stays as it was");
}
