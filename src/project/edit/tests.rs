//! Changes of project files: what is changed is changed, and nothing else.

use serde_json::json;

use super::*;

const SAMPLE: &str = include_str!("../../../sample_rasters/ecoredline.toml");

fn set(text: &str, place: &str, value: Value) -> String {
    apply(text, &[Change::Set(place.into(), value)]).unwrap()
}

/// The lines of `new` that `old` does not have, and the other way round.
fn differing(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let missing = |a: &str, b: &str| {
        let known: Vec<&str> = b.split('\n').collect();
        a.split('\n').filter(|line| !known.contains(line)).map(str::to_owned).collect::<Vec<_>>()
    };
    (missing(old, new), missing(new, old))
}

#[test]
fn a_value_is_set_and_its_comment_and_every_other_byte_stay() {
    let new = set(SAMPLE, "zones[1].ring_m", json!(80.0));
    let (gone, come) = differing(SAMPLE, &new);
    assert_eq!(
        gone,
        ["ring_m = 50.0                         # 外环：同样分析，单独统计 / outer ring: analysed too, counted apart"]
    );
    assert_eq!(
        come,
        ["ring_m = 80.0                         # 外环：同样分析，单独统计 / outer ring: analysed too, counted apart"]
    );
    assert_eq!(set(&new, "zones[1].ring_m", json!(50.0)), SAMPLE, "and back, byte for byte");
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_a_missing_last_line_end_stay() {
    let text = format!("\u{feff}{}", SAMPLE.trim_end().replace('\n', "\r\n"));
    let new = set(&text, "outputs.rasters", json!(false));
    assert_eq!(new, text.replace("rasters = true", "rasters = false"));
    let new = set(&text, "detection.threshold", json!("otsu"));
    assert_eq!(new, text.replace("method = \"auto\"", "method = \"auto\"\r\nthreshold = \"otsu\""));
}

#[test]
fn a_key_that_is_not_there_is_written_below_the_last_of_its_table() {
    let text = "version = 1\n\n[detection]\nmethod = \"auto\" # m\n# about outputs\n\n[outputs]\n";
    assert_eq!(
        set(text, "detection.threshold", json!(2.5)),
        "version = 1\n\n[detection]\nmethod = \"auto\" # m\nthreshold = 2.5\n# about outputs\n\n[outputs]\n"
    );
    assert_eq!(set(text, "outputs.rasters", json!(true)), format!("{text}rasters = true\n"));
    assert_eq!(
        set(text, "project.name", json!("扬州 \"A\"")),
        format!("{text}\n[project]\nname = \"扬州 \\\"A\\\"\"\n")
    );
}

#[test]
fn a_key_of_a_table_on_one_line_is_set_added_and_removed() {
    let text = "version = 1\n[[scenes]]\npath = \"a\"\nyear = 2024\nbands = { red = 1, nir = 4 } # b\n";
    let new = set(text, "scenes[1].bands.nir", json!(3));
    assert_eq!(new, text.replace("nir = 4", "nir = 3"));
    let new = set(text, "scenes[1].bands.blue", json!(2));
    assert_eq!(new, text.replace("nir = 4", "nir = 4, blue = 2"));
    let without = |place: &str| apply(text, &[Change::Remove(place.into())]).unwrap();
    assert_eq!(without("scenes[1].bands.red"), text.replace("red = 1, ", ""));
    assert_eq!(without("scenes[1].bands.nir"), text.replace(", nir = 4", ""));
    assert_eq!(without("scenes[1].bands"), text.replace("bands = { red = 1, nir = 4 } # b\n", ""));
    let masked = set(text, "scenes[1].mask.path", json!("m.tif"));
    assert_eq!(masked, format!("{text}mask = {{ path = \"m.tif\" }}\n"));
}

#[test]
fn an_entry_goes_with_its_lines_and_comments_above_and_below_stay() {
    let new = apply(SAMPLE, &[Change::Remove("scenes[3]".into())]).unwrap();
    let (gone, come) = differing(SAMPLE, &new);
    assert!(come.is_empty() && gone.iter().any(|line| line.contains("reach_2023_scl")), "{gone:?} {come:?}");
    assert!(gone.len() <= 4 && new.contains("错位约半个像元"), "{gone:?}");
    let scenes = |text: &str| values(text).unwrap()["scenes"].as_array().unwrap().len();
    assert_eq!(scenes(&new) + 1, scenes(SAMPLE));
}

#[test]
fn an_entry_is_added_after_the_last_of_its_list() {
    let scene = vec![("path".to_owned(), json!("x.tif")), ("year".to_owned(), json!(2026))];
    let new = apply(SAMPLE, &[Change::Add("scenes".into(), scene)]).unwrap();
    let (gone, come) = differing(SAMPLE, &new);
    assert!(gone.is_empty(), "{gone:?}");
    assert_eq!(come, ["path = \"x.tif\"", "year = 2026"]);
    let all = values(&new).unwrap();
    assert_eq!(all["scenes"].as_array().unwrap().last().unwrap()["year"], 2026);
    let first = apply("version = 1\n", &[Change::Add("zones".into(), vec![("path".to_owned(), json!("z"))])]).unwrap();
    assert_eq!(first, "version = 1\n\n[[zones]]\npath = \"z\"\n");
}

#[test]
fn a_wrong_value_is_refused_by_name_and_a_misspelt_key_can_be_mended() {
    let refused = apply(SAMPLE, &[Change::Set("zones[1].ring_m".into(), json!(-3))]);
    assert!(matches!(refused, Err(EditError::Problems(p)) if p[0].key == "zones[1].ring_m"));
    let odd = "version = 1\n[detecton]\nmethod = \"cva\"\n[outputs]\nrasters = 3\n";
    let mended = apply(odd, &[Change::Rename("detecton".into(), "detection".to_owned())]).unwrap();
    assert_eq!(mended, odd.replace("detecton", "detection"), "other mistakes may stay for now");
    assert!(matches!(apply("version = \n", &[]), Err(EditError::Problems(_))));
    assert!(matches!(apply("version = 9\n", &[]), Err(EditError::Newer(9))));
}

#[test]
fn several_changes_are_made_together_or_not_at_all() {
    let day = [Change::Remove("scenes[1].date".into()), Change::Set("scenes[1].year".into(), json!(2021))];
    let new = apply(SAMPLE, &day).unwrap();
    assert!(new.contains("year = 2021") && !new.contains("date = \"2021-07-18\""));
    assert!(apply(SAMPLE, &[day[0].clone(), Change::Set("outputs.rasters".into(), json!("no"))]).is_err());
}

#[test]
fn layouts_of_every_kind_are_changed_or_refused_but_never_spoilt() {
    let layouts = [
        "version = 1\ndetection.method = \"auto\"\n",
        "version = 1\ndetection = { method = \"auto\" }\n",
        "version = 1\n[detection]\n",
        "zones = [{ path = \"z\" }, { path = \"y\" }]\nversion = 1\n",
        "version = 1\n[[scenes]]\npaths = [\n  \"a\", # one\n  \"b\",\n]\nyear = 1\n[scenes.mask]\npath = \"m\"\n",
    ];
    let changes = [
        Change::Set("detection.threshold".into(), json!(3)),
        Change::Set("detection.method".into(), json!("cva")),
        Change::Remove("detection".into()),
        Change::Set("zones[2].path".into(), json!("w")),
        Change::Remove("zones[1]".into()),
        Change::Add("zones".into(), vec![("path".to_owned(), json!("v"))]),
        Change::Set("scenes[1].paths[3]".into(), json!("c")),
        Change::Remove("scenes[1].paths[2]".into()),
        Change::Set("scenes[1].mask.scheme".into(), json!("scl")),
        Change::Remove("scenes[1]".into()),
    ];
    let mut made = 0;
    for text in layouts {
        for change in &changes {
            match splice::splice(text, change) {
                Ok(new) => made += usize::from(values(&new).is_some()),
                Err(error) => assert!(matches!(error, EditError::Layout(_)), "{error}"),
            }
        }
    }
    assert!(made > 30, "{made}");
}
