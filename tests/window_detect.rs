//! The panel of the live detection in the whole window, without a display.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ecoredline::gui::App;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::lang::Lang;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

/// The drone pair of the sample with its results in a folder of its own.
fn project(folder: &Path) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let zones = samples.join("zones/zones.gpkg");
    let scene = |year: u32, day: &str| {
        let path = samples.join(format!("drone/park_{year}.tif"));
        let bands = "bands = { red = 1, green = 2, blue = 3 }";
        format!("[[scenes]]\npath = '{}'\ndate = \"{day}\"\nkind = \"drone\"\n{bands}\n", path.display())
    };
    let text = format!(
        "version = 1\n[project]\nname = \"park\"\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = '{}'\n\
         layer = \"protected_areas\"\nid_field = \"zone_id\"\nname_field = \"name\"\n{}{}",
        zones.display(),
        scene(2024, "2024-10-12"),
        scene(2025, "2025-09-27"),
    );
    let file = folder.join("park.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn window(wanted: PathBuf) -> Harness<'static, App> {
    Harness::builder()
        .with_size([1440.0, 900.0])
        .allow_missing_glyphs()
        .build_eframe(move |cc| App::new(&cc.egui_ctx, Preferences::default(), Some(Lang::En), Some(&wanted), |_| {}))
}

fn until(harness: &mut Harness<'static, App>, what: &str, reached: impl Fn(&App) -> bool) {
    let begun = Instant::now();
    while !reached(harness.state()) {
        harness.step();
        assert!(begun.elapsed() < Duration::from_mins(4), "never reached: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    harness.run_steps(3);
}

#[test]
fn the_panel_shows_where_a_pair_stands_and_a_threshold_is_dragged() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(project(folder.path()));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.get_by_label("Detection").click();
    until(&mut harness, "cut", |app| app.session().detect.cut.is_some() && !app.is_busy());
    for card in ["Data", "Grid and alignment", "Change", "Keep", "All together"] {
        assert!(harness.query_all_by_label(card).count() > 0, "{card}");
    }
    assert!(harness.query_all_by_label_contains("Threshold ").count() > 0);
    let before = harness.state().session().detect.cut.as_ref().unwrap().threshold;
    harness.get_by_label("The threshold on the histogram of change scores").click();
    until(&mut harness, "another cut", |app| {
        let detect = &app.session().detect;
        let is_kept = app.session().edit.as_ref().is_some_and(|edit| !edit.is_unsaved());
        detect.cut.as_ref().is_some_and(|cut| cut.threshold != before) && is_kept && !app.is_busy()
    });
    harness.get_by_label("Change score").click();
    harness.run_steps(5);
    assert!(harness.state().session().detect.heat);
    harness.get_by_label("Run the detection").click();
    until(&mut harness, "run", |app| app.session().done.is_some() && !app.is_busy());
}

#[test]
fn two_times_the_same_scene_is_said_in_the_card() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(project(folder.path()));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.get_by_label("Detection").click();
    harness.get_by_label("2024-10-12, Earlier").click();
    until(&mut harness, "same scene", |app| app.session().detect.subject.as_ref().is_some_and(Result::is_err));
    assert!(harness.query_all_by_label_contains("are the same (2024-10-12)").count() > 0);
}
