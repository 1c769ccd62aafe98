//! The live detection without a window: a pair learnt, a threshold dragged, another pair turned to.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::gui::session::preferences::Preferences;
use crate::gui::session::{CompareWish, Session, Target, ViewWish};
use crate::pipeline::preview::Light;

/// The drone pair of the sample with its results in a folder of its own.
fn project(folder: &Path) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let scene = |name: &str, kind: &str, day: &str, bands: &str| {
        let path = samples.join(name);
        format!("[[scenes]]\npath = {path:?}\ndate = \"{day}\"\nkind = \"{kind}\"\nbands = {{ {bands} }}\n")
    };
    let zones = samples.join("zones/zones.gpkg");
    let text = format!(
        "version = 1\n[project]\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = {zones:?}\nlayer = \"protected_areas\"\n\
         id_field = \"zone_id\"\nname_field = \"name\"\nkind_field = \"kind\"\n{}{}",
        scene("drone/park_2024.tif", "drone", "2024-10-12", "red = 1, green = 2, blue = 3"),
        scene("drone/park_2025.tif", "drone", "2025-09-27", "red = 1, green = 2, blue = 3"),
    );
    let file = folder.join("park.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn until(session: &mut Session, what: &str, reached: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    loop {
        session.poll();
        if reached(session) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "never reached: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn opened(folder: &Path) -> Session {
    let mut session = Session::new(Preferences::default(), Arc::new(|| {}), |_| {});
    session.apply(Command::Open(project(folder)));
    until(&mut session, "open", |session| session.project.is_some() && session.jobs.is_idle());
    session.apply(Command::View(ViewWish::Resize((800.0, 600.0))));
    session.apply(Command::View(ViewWish::Show(Target::Images)));
    session
}

#[test]
fn nothing_is_learnt_until_it_is_wanted_and_then_the_view_is_scored_and_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened(folder.path());
    session.poll();
    assert!(session.detect.learning().is_none() && session.detect.cards.is_none());
    session.apply(Command::Detect(DetectWish::Panel(true)));
    assert!(session.detect.learning().is_some());
    until(&mut session, "cut", |session| session.detect.cut.is_some() && !session.detect.is_busy());
    let cards = session.detect.cards.as_ref().unwrap();
    assert!(cards.worst() < Light::Red, "{cards:#?}");
    assert!(session.detect.mask && session.detect.view.is_some());
}

#[test]
fn a_dragged_threshold_changes_the_areas_and_reads_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened(folder.path());
    session.apply(Command::Detect(DetectWish::Panel(true)));
    until(&mut session, "cut", |session| session.detect.cut.is_some() && !session.detect.is_busy());
    let view = Arc::clone(session.detect.view.as_ref().unwrap());
    let mut last = f64::INFINITY;
    for score in [1.0, 2.5, 4.0, 8.0, 16.0] {
        session.apply(Command::Detect(DetectWish::Drag(score)));
        let landed = |session: &Session| session.detect.cut.as_ref().is_some_and(|cut| cut.threshold == Some(score));
        until(&mut session, "cut at a score", landed);
        let changed = session.detect.cut.as_ref().unwrap().together.changed.0;
        assert!(changed <= last, "{score}: {changed} {last}");
        last = changed;
    }
    assert!(Arc::ptr_eq(&view, session.detect.view.as_ref().unwrap()));
    session.apply(Command::Detect(DetectWish::Release));
    let own = |session: &Session| session.detect.cut.as_ref().is_some_and(|cut| cut.threshold != Some(16.0));
    until(&mut session, "the project's own threshold", own);
    assert_eq!(session.detect.dragged, None);
}

#[test]
fn a_view_that_moves_is_scored_anew_and_one_off_the_images_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened(folder.path());
    session.apply(Command::Detect(DetectWish::Heat(true)));
    until(&mut session, "view", |session| session.detect.view.is_some() && !session.detect.is_busy());
    let first = session.detect.view.as_ref().unwrap().look;
    session.apply(Command::View(ViewWish::Zoom(3.0, (100.0, 100.0))));
    until(&mut session, "closer", |session| session.detect.view.as_ref().is_some_and(|view| view.look != first));
    session.apply(Command::View(ViewWish::Pan((90_000.0, 0.0))));
    until(&mut session, "outside", |session| session.detect.is_outside);
    assert!(session.detect.view.is_none() && session.detect.cut.is_none());
}

#[test]
fn a_pair_that_does_not_compare_is_a_red_card_and_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened(folder.path());
    session.apply(Command::Detect(DetectWish::Panel(true)));
    session.apply(Command::Compare(CompareWish::Before(1)));
    until(&mut session, "red", |session| {
        session.detect.cards.as_ref().is_some_and(|cards| cards.data.light == Light::Red)
    });
    assert!(session.detect.view.is_none() && session.detect.learning().is_none());
    session.apply(Command::Compare(CompareWish::Before(0)));
    until(&mut session, "cut", |session| session.detect.cut.is_some());
}

#[test]
fn what_the_panel_sets_stands_in_the_file_that_the_console_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened(folder.path());
    let file = session.project.as_ref().unwrap().plan.file.clone();
    let on_disk = || crate::project::check(&file).unwrap().detection;
    let plan = |session: &Session| session.project.as_ref().unwrap().plan.detection.clone();
    until(&mut session, "read for editing", |session| session.edit.as_ref().is_some_and(|e| e.history().is_some()));
    session.apply(Command::Detect(DetectWish::Panel(true)));
    until(&mut session, "cut", |session| session.detect.cut.is_some() && !session.detect.is_busy());
    let lesson = Arc::clone(session.detect.lesson.as_ref().unwrap());
    session.apply(Command::Detect(DetectWish::Drag(6.254)));
    session.apply(set(Setting::Threshold(Rule::Fixed(6.25))));
    session.apply(set(Setting::LeastArea(Some(35.0))));
    until(&mut session, "kept", |session| plan(session).min_area_m2 == Some(35.0) && session.detect.dragged.is_none());
    assert_eq!((on_disk().threshold, on_disk().min_area_m2), (Rule::Fixed(6.25), Some(35.0)));
    assert_eq!(on_disk(), session.detect.settings(&session.project.as_ref().unwrap().plan));
    assert!(Arc::ptr_eq(&lesson, session.detect.lesson.as_ref().unwrap()), "a threshold teaches nothing new");
    session.apply(set(Setting::Threshold(Rule::Auto)));
    session.apply(set(Setting::LeastArea(None)));
    session.apply(set(Setting::Method("irmad")));
    until(&mut session, "method", |session| plan(session).method == "irmad");
    until(&mut session, "another lesson", |session| {
        session.detect.lesson.as_ref().is_some_and(|new| !Arc::ptr_eq(new, &lesson))
    });
    assert_eq!((on_disk().threshold, on_disk().min_area_m2, on_disk().method.as_str()), (Rule::Auto, None, "irmad"));
}
