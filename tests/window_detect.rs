//! The panel of the live detection in the whole window, without a display.

#![allow(clippy::unwrap_used)] // a test may fail loudly

#[path = "support/window.rs"]
mod support;

use ecoredline::lang::Lang;
use egui_kittest::kittest::Queryable;
use support::{park, until, window};

#[test]
fn the_panel_shows_where_a_pair_stands_and_a_threshold_is_dragged() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(Lang::En, Some(&park(folder.path(), "")));
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
    let mut harness = window(Lang::En, Some(&park(folder.path(), "")));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.get_by_label("Detection").click();
    harness.get_by_label("2024-10-12, Earlier").click();
    until(&mut harness, "same scene", |app| app.session().detect.subject.as_ref().is_some_and(Result::is_err));
    assert!(harness.query_all_by_label_contains("are the same (2024-10-12)").count() > 0);
}
