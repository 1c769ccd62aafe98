//! The whole way from a project file to a plan, over real rasters; skipped where those are absent.

use std::path::{Path, PathBuf};

use super::error::{ProblemKind, ProjectError};
use super::plan::Plan;
use super::{check, init, load};
use crate::detect::threshold::Rule;
use crate::lang::Lang;
use crate::model::grid::GeoTransform;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, SceneKind, SceneMask};
use crate::report::Format;

fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("ECOREDLINE_DATA").map_or_else(beside, PathBuf::from);
    let there = folder.join("taizhou").is_dir();
    if !there {
        eprintln_skipped();
    }
    there.then_some(folder)
}

#[allow(clippy::print_stderr)]
fn eprintln_skipped() {
    eprintln!("skipped: no test data");
}

/// A project file in a folder of its own; `{D}` stands for the test data.
struct Project {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Project {
    fn new(text: &str, data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.toml");
        std::fs::write(&file, format!("version = 1\n{}", text.replace("{D}", &data.display().to_string()))).unwrap();
        Self { folder, file }
    }

    fn plan(&self) -> Plan {
        check(&self.file).unwrap_or_else(|e| panic!("{e}: {:?}", e.notices()))
    }

    fn problems(&self) -> Vec<ProblemKind> {
        match check(&self.file).unwrap_err() {
            ProjectError::Problems { problems, .. } => problems.into_iter().map(|p| p.kind).collect(),
            other => panic!("{other}: {:?}", other.notices()),
        }
    }
}

fn has(notices: &[Notice], code: &str) -> bool {
    notices.iter().any(|n| n.code == code)
}

/// Every notice has words in both languages, and no placeholder is left open.
fn all_are_worded(notices: &[Notice]) {
    for notice in notices {
        for lang in Lang::ALL {
            let text = lang.notice(notice);
            assert!(!text.what.is_empty(), "{} has no words in {}", notice.code, lang.tag());
            for part in [&text.what, &text.why, &text.advice] {
                assert!(!part.contains("%{"), "{}: {part}", notice.code);
            }
        }
    }
}

const SIX: [BandRole; 6] =
    [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir, BandRole::Swir1, BandRole::Swir2];

const TAIZHOU: &str = r#"
[[zones]]
path = "{D}/taizhou/taizhou_grid_zones.gpkg"
id_field = "zone_id"
kind = "重要湿地"
ring_m = 60
[[scenes]]
path = "{D}/taizhou/taizhou_20030206.tif"
date = 2003-02-06
[[scenes]]
path = "{D}/taizhou/taizhou_20000317.tif"
date = "2000-03-17"
"#;

#[test]
fn a_landsat_pair_is_planned_on_the_earlier_scenes_own_lattice() {
    let Some(data) = data() else { return };
    let project = Project::new(TAIZHOU, &data);
    let plan = project.plan();
    all_are_worded(&plan.notices);
    assert_eq!(plan.crs.epsg, Some(32651));
    // Taizhou lies 3° west of the central meridian of zone 51: plane areas are 0.13 % too large there, which is what any
    // GIS tells in the scenes' own CRS.
    assert_eq!((plan.crs_choice, plan.ellipsoidal_areas, plan.name.as_str()), ("scenes", false, "p"));
    assert_eq!(plan.scenes.len(), 2);
    assert!(plan.scenes[0].date < plan.scenes[1].date);
    let comparison = &plan.comparisons[0];
    assert_eq!(comparison.roles, SIX);
    assert_eq!(comparison.grid.transform, GeoTransform::north_up(203_325.0, 3_604_935.0, 30.0, 30.0));
    assert_eq!((comparison.grid.rows, comparison.grid.cols), (400, 400));
    assert_eq!((plan.zones.len(), comparison.zones.len()), (100, 100));
    assert!(plan.zones[0].strictness >= 1);
    assert!((plan.zones[0].area.0 - 1_440_000.0).abs() < 1.0, "{}", plan.zones[0].area.0);
    assert!(plan.zones[0].with_ring.is_some());
    assert!(!has(&plan.notices, "A19_bands_guessed"), "the file describes its bands");
    assert_eq!(plan.ledger, project.folder.path().join("ledger.gpkg"));
    assert_eq!(plan.outputs.formats.len(), 5);
    let left: Vec<_> = std::fs::read_dir(project.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "checking writes nothing");
}

#[test]
fn ten_years_on_five_grids_give_nine_comparisons() {
    let Some(data) = data() else { return };
    let mut text = String::from(
        "[[zones]]\npath = \"{D}/naip_wetlands/zones/wetland_zones_2009.gpkg\"\nid_field = \"zone_id\"\nname_field = \"name\"\n",
    );
    let dates = [
        "20090818", "20100629", "20120731", "20140720", "20150926", "20160816", "20170827", "20180716", "20190904",
        "20200831",
    ];
    for day in dates {
        let (y, m, d) = (&day[..4], &day[4..6], &day[6..]);
        let scene = "[[scenes]]\npath = \"{D}/naip_wetlands/m_4709963_se_14_1_DAY.tif\"\nsensor = \"rgbn\"\n";
        text += &[&scene.replace("DAY", day), "date = ", y, "-", m, "-", d, "\n"].concat();
    }
    let plan = Project::new(&text, &data).plan();
    all_are_worded(&plan.notices);
    assert_eq!((plan.scenes.len(), plan.comparisons.len(), plan.zones.len()), (10, 9, 24));
    assert_eq!(plan.zones[0].name, "湿地1号");
    assert_eq!((plan.crs.epsg, plan.ellipsoidal_areas), (Some(26914), false));
    let red = plan.scenes[0].files[0].bands.iter().find(|b| b.role == BandRole::Red).unwrap();
    assert_eq!((red.index, red.nodata), (1, Some(0.0)));
    for comparison in &plan.comparisons {
        assert_eq!(comparison.grid, plan.scenes[comparison.from].files[0].grid);
    }
}

#[test]
fn scenes_in_degrees_get_a_metric_crs_nearby_and_ellipsoidal_areas() {
    let Some(data) = data() else { return };
    let project = Project::new("", &data);
    let zone = zone_over(&data.join("landsat_degrees/1985.tif"), project.folder.path());
    let text = format!(
        "version = 1\n[[zones]]\npath = \"{zone}\"\nid_field = \"code\"\nkind_field = \"sort\"\nvalid_from = \"since\"\n{}",
        [1985, 1990, 1995].map(|y| format!("[[scenes]]\npath = \"{}/landsat_degrees/{y}.tif\"\nyear = {y}\nbands = {{ swir1 = 1, nir = 2, red = 3, green = 4 }}\n", data.display())).concat()
    );
    std::fs::write(&project.file, text).unwrap();
    let plan = project.plan();
    all_are_worded(&plan.notices);
    assert_eq!((plan.crs_choice, plan.ellipsoidal_areas), ("nearest", true));
    assert!(plan.crs.is_metric());
    assert_eq!(plan.comparisons.len(), 2);
    let pixel = plan.comparisons[0].grid.transform.pixel_size().0;
    assert!((pixel - 89.2).abs() < 0.5, "{pixel}");
    let zone = &plan.zones[0];
    assert_eq!((zone.id.as_str(), zone.kind.as_str(), zone.version().as_str()), ("Z1", "重要湿地", "1980-01-01–"));
    assert!(plan.scenes[0].date_is_year);
}

/// A square of 0.05 degrees in the middle of a raster, as a `GeoJSON` beside the project.
fn zone_over(raster: &Path, folder: &Path) -> String {
    let info = crate::io::raster::describe(raster, None).unwrap();
    let middle = info.grid.bounds().center();
    let (x, y) = (middle.x, middle.y);
    let ring: Vec<String> = [(x, y), (x + 0.05, y), (x + 0.05, y + 0.05), (x, y + 0.05), (x, y)]
        .map(|(x, y)| format!("[{x},{y}]"))
        .to_vec();
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"Z1","sort":"重要湿地","since":"1980"}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}]}}"#,
        ring.join(",")
    );
    let path = folder.join("zone.geojson");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_folder_of_single_bands_is_one_scene_of_the_sensor_meant() {
    let Some(data) = data() else { return };
    let project = Project::new("", &data);
    let folder = data.join("landsat_single_bands/extdata");
    let zone = {
        let info =
            crate::io::raster::describe(&folder.join("LC08_L1TP_195025_20130707_20170503_01_T1_B4.TIF"), None).unwrap();
        let b = info.grid.bounds();
        let text = format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::32632"}}}},"features":[{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]]}}}}]}}"#,
            b.min().x + 300.0,
            b.min().y + 300.0,
            b.max().x - 300.0,
            b.max().y - 300.0
        );
        let path = project.folder.path().join("zone.geojson");
        std::fs::write(&path, text).unwrap();
        path
    };
    let text = format!(
        "version = 1\n[[zones]]\npath = \"{}\"\n[[scenes]]\npath = \"{1}\"\nyear = 2001\nsensor = \"landsat7\"\n[[scenes]]\npath = \"{1}\"\ndate = 2013-07-07\nsensor = \"landsat8\"\n",
        zone.display(),
        folder.display()
    );
    std::fs::write(&project.file, text).unwrap();
    let plan = project.plan();
    all_are_worded(&plan.notices);
    let [old, new] = plan.scenes.as_slice() else { panic!("{}", plan.scenes.len()) };
    assert_eq!((old.sensor.as_deref(), new.sensor.as_deref()), (Some("landsat7-l1"), Some("landsat8-l1")));
    assert!(has(&plan.notices, "sensor_corrected") && has(&plan.notices, "A27_zones_numbered"));
    let file_of = |scene: &crate::model::scene::Scene, role| {
        let file = scene.files.iter().find(|f| f.bands[0].role == role).unwrap();
        file.path.file_name().unwrap().to_string_lossy().into_owned()
    };
    assert!(file_of(old, BandRole::Nir).ends_with("_B4.TIF") && file_of(new, BandRole::Nir).ends_with("_B5.TIF"));
    assert!(!new.is_reflectance);
    assert!(matches!(&new.masks[..], [SceneMask::Codes(codes)] if codes.rule.scheme == "bqa"));
    assert_eq!(plan.comparisons[0].roles, SIX);
    assert!(has(&plan.notices, "common_bands"), "Landsat 8 offers a coastal band that 7 does not");
}

#[test]
fn scenes_without_a_crs_are_refused_with_the_remedy_and_accepted_with_it() {
    let Some(data) = data() else { return };
    let scenes = |crs: &str| {
        format!(
            "[[zones]]\npath = \"{{D}}/taizhou/taizhou_grid_zones.gpkg\"\n[[scenes]]\npath = \"{{D}}/season_clouds/july.tif\"\ndate = \"2002-07-20\"\n{crs}\n[[scenes]]\npath = \"{{D}}/season_clouds/nov.tif\"\ndate = \"2002-11-25\"\n{crs}\n"
        )
    };
    let error = check(&Project::new(&scenes(""), &data).file).unwrap_err();
    assert!(matches!(error, ProjectError::Nothing { code: "no_scene", .. }));
    let notices = error.notices();
    all_are_worded(&notices);
    assert!(notices.iter().filter(|n| n.code.starts_with("A10")).count() == 2, "{notices:?}");
    // With a CRS the scenes are fine; it is the zones, on another continent, that they do not meet.
    let error = check(&Project::new(&scenes("crs = \"EPSG:32618\""), &data).file).unwrap_err();
    let notices = error.notices();
    all_are_worded(&notices);
    assert!(matches!(error, ProjectError::Nothing { code: "no_comparison", .. }), "{notices:?}");
    assert!(has(&notices, "E22_pair_outside") && has(&notices, "A19_bands_guessed"));
}

#[test]
fn a_damaged_year_falls_away_and_the_others_go_on() {
    let Some(data) = data() else { return };
    let project = Project::new("", &data);
    std::fs::write(project.folder.path().join("empty.tif"), "").unwrap();
    let text = format!("{TAIZHOU}[[scenes]]\npath = \"empty.tif\"\ndate = \"2001-07-01\"\n");
    let text = format!("version = 1\n{}", text.replace("{D}", &data.display().to_string()));
    std::fs::write(&project.file, &text).unwrap();
    let plan = project.plan();
    all_are_worded(&plan.notices);
    assert_eq!(plan.comparisons.len(), 1);
    assert!(has(&plan.notices, "scene_dropped") && has(&plan.notices, "comparison_spans_gap"));
    assert!(plan.notices.iter().any(|n| n.weight == Weight::Refused));
    std::fs::write(&project.file, text + "[[comparisons]]\nfrom = 2000\nto = 2001\n").unwrap();
    let error = check(&project.file).unwrap_err();
    assert!(has(&error.notices(), "comparison_without_scene"));
}

#[test]
fn duplicate_dates_are_both_listed_and_neither_is_chosen() {
    let Some(data) = data() else { return };
    let text = format!("{TAIZHOU}[[scenes]]\npath = \"{{D}}/taizhou/taizhou_truth.tif\"\ndate = \"2003-02-06\"\n");
    let error = check(&Project::new(&text, &data).file).unwrap_err();
    assert!(matches!(error, ProjectError::Nothing { code: "one_epoch", .. }));
    let notices = error.notices();
    all_are_worded(&notices);
    let twice: Vec<&Notice> = notices.iter().filter(|n| n.code == "A20_duplicate_dates").collect();
    assert_eq!(twice.len(), 1);
    let list = &twice[0].facts.iter().find(|f| f.0 == "list").unwrap().1;
    assert!(list.contains("20030206") && list.contains("truth"));
}

#[test]
fn dates_the_wrong_way_round_are_turned_and_unknown_ones_named() {
    let Some(data) = data() else { return };
    let plan = Project::new(&format!("{TAIZHOU}[[comparisons]]\nfrom = 2003\nto = \"2000-03-17\"\n"), &data).plan();
    assert!(has(&plan.notices, "comparison_turned"));
    assert_eq!((plan.comparisons[0].from, plan.comparisons[0].to), (0, 1));
    let problems = Project::new(&format!("{TAIZHOU}[[comparisons]]\nfrom = 2001\nto = 2003\n"), &data).problems();
    assert!(matches!(&problems[0], ProblemKind::NoSuchScene { nearest, .. } if nearest == "2000-03-17"));
    let problems = Project::new(&TAIZHOU.replace("2000-03-17", "2203-01-01"), &data).problems();
    assert!(matches!(problems[0], ProblemKind::AbsurdDate { .. }));
    let error = check(&Project::new(&TAIZHOU.replace("date = \"2000-03-17\"", ""), &data).file).unwrap_err();
    all_are_worded(&error.notices());
    assert_eq!(error.notices()[0].code, "project_one_of");
}

#[test]
fn names_that_are_not_known_are_named_with_the_nearest() {
    let Some(data) = data() else { return };
    let wrong = TAIZHOU
        .replace("date = 2003-02-06", "date = 2003-02-06\nsensor = \"landsat77\"\ncrs = \"EPSG:999999\"")
        .replace("date = \"2000-03-17\"", "date = \"2000-03-17\"\nmask = { scheme = \"qa_pixl\" }");
    let project = Project::new(&wrong, &data);
    let problems = project.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(matches!(&problems[2], ProblemKind::UnknownWord { nearest: Some(n), .. } if n == "qa_pixel"));
    all_are_worded(&check(&project.file).unwrap_err().notices());
    let error = check(&Project::new(&TAIZHOU.replace("\"zone_id\"", "\"zoneid\""), &data).file).unwrap_err();
    let notices = error.notices();
    all_are_worded(&notices);
    assert!(matches!(error, ProjectError::Nothing { code: "no_zone", .. }));
    let missing = notices.iter().find(|n| n.code == "zone_field_missing_near").unwrap();
    assert!(missing.facts.contains(&("nearest", "zone_id".to_owned())));
}

#[test]
fn a_band_that_the_file_does_not_have_is_refused_with_both_numbers() {
    let Some(data) = data() else { return };
    let text = TAIZHOU.replace("date = 2003-02-06", "date = 2003-02-06\nbands = { red = 3, nir = 9 }");
    let notices = check(&Project::new(&text, &data).file).unwrap_err().notices();
    all_are_worded(&notices);
    let missing = notices.iter().find(|n| n.code == "A19_band_missing").unwrap();
    assert!(missing.facts.contains(&("index", "9".to_owned())) && missing.facts.contains(&("count", "6".to_owned())));
}

#[test]
fn a_crs_for_the_analysis_must_be_metric() {
    let Some(data) = data() else { return };
    let with = |crs: &str| Project::new(&format!("[project]\nanalysis_crs = \"{crs}\"\n{TAIZHOU}"), &data);
    for (crs, code) in [("EPSG:4490", "crs_degrees"), ("EPSG:3857", "crs_mercator"), ("EPSG:0", "crs_unknown")] {
        let notices = check(&with(crs).file).unwrap_err().notices();
        assert_eq!(notices[0].code, code);
        all_are_worded(&notices);
    }
    let plan = with("EPSG:4549").plan();
    assert_eq!((plan.crs_choice, plan.crs.epsg), ("given", Some(4549)));
    let t = plan.comparisons[0].grid.transform.0;
    assert!((t[1] - 30.0).abs() < 1e-9 && (t[0] / 30.0).fract().abs() < 1e-9, "anchored at multiples of 30 m");
}

#[test]
fn options_reach_the_plan() {
    let Some(data) = data() else { return };
    let text = format!(
        "[project]\nname = \"扬州\"\ngsd_m = 60\nledger = \"l.gpkg\"\n{TAIZHOU}[detection]\nthreshold = 2.5\nmin_area_m2 = 900\n[outputs]\ndirectory = \"x/y\"\nrasters = true\nformats = [\"html\", \"gpkg\", \"html\"]\nlanguage = \"en\"\n"
    );
    let project = Project::new(&text, &data);
    let plan = project.plan();
    assert_eq!(plan.name, "扬州");
    assert_eq!((plan.detection.threshold, plan.detection.min_area_m2), (Rule::Fixed(2.5), Some(900.0)));
    assert_eq!(plan.outputs.formats, [Format::Gpkg, Format::Html]);
    assert_eq!(plan.outputs.directory, project.folder.path().join("x/y"));
    assert_eq!(plan.outputs.language, Lang::En);
    assert_eq!(plan.comparisons[0].grid.transform.pixel_size(), (60.0, 60.0));
    let among = format!("{TAIZHOU}[outputs]\ndirectory = \"{{D}}/taizhou\"\n");
    let error = check(&Project::new(&among, &data).file).unwrap_err();
    all_are_worded(&error.notices());
    assert!(matches!(error, ProjectError::OutputAmongSources { .. }));
}

#[test]
fn a_draft_of_a_folder_can_be_loaded_and_checked() {
    let Some(data) = data() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["taizhou_20000317.tif", "taizhou_20030206.tif", "taizhou_truth.tif", "taizhou_grid_zones.gpkg"] {
        std::fs::copy(data.join("taizhou").join(name), folder.path().join(name)).unwrap();
    }
    let draft = init(folder.path()).unwrap();
    all_are_worded(&draft.notices);
    let file = folder.path().join("ecoredline.toml");
    std::fs::write(&file, &draft.toml).unwrap();
    let raw = load(&file).unwrap_or_else(|e| panic!("{:?}\n{}", e.notices(), draft.toml));
    assert_eq!((raw.scenes.len(), raw.zones.len()), (2, 1), "{}", draft.toml);
    assert_eq!(raw.zones[0].id_field.as_deref(), Some("zone_id"));
    assert_eq!(raw.scenes[0].date.as_ref().unwrap().0, "2000-03-17");
    let plan = check(&file).unwrap();
    assert_eq!(plan.comparisons.len(), 1);
    assert_eq!(init(folder.path()).unwrap(), draft, "the same folder gives the same draft");
}

#[test]
fn drafts_know_products_surfaces_and_missing_crs() {
    let Some(data) = data() else { return };
    let loaded = |name: &str| {
        let draft = init(&data.join(name)).unwrap_or_else(|e| panic!("{e}: {:?}", e.notices()));
        all_are_worded(&draft.notices);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &draft.toml).unwrap();
        (load(file.path()).unwrap_or_else(|e| panic!("{:?}\n{}", e.notices(), draft.toml)), draft.toml)
    };
    let (raw, text) = loaded("landsat_single_bands");
    let named: Vec<_> =
        raw.scenes.iter().map(|s| (s.sensor.clone().unwrap_or_default(), s.date.clone().unwrap().0)).collect();
    assert!(named.contains(&("landsat8-l1".into(), "2013-07-07".into())), "{text}");
    assert!(named.contains(&("landsat5-l1".into(), "2010-12-18".into())), "{text}");
    let (raw, text) = loaded("canopy_height_pair");
    assert!(raw.scenes.iter().all(|s| s.kind == SceneKind::Surface), "{text}");
    assert_eq!(raw.scenes[0].year.as_ref().unwrap().0, "2012");
    assert!(text.contains("# crs ="));
    let (raw, text) = loaded("naip_wetlands");
    assert_eq!((raw.scenes.len(), raw.zones.len()), (10, 2), "{text}");
    assert_eq!(raw.zones[0].name_field.as_deref(), Some("name"));
}
