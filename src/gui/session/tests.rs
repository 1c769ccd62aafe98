//! The session without a window: the sample project opened, detected, gone through.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::gui::session::compare::Mode;
use crate::pipeline::view::{Answer, Request, TileKey};

fn session() -> Session {
    Session::new(Preferences::default(), Arc::new(|| {}), |_| {})
}

fn wait(session: &mut Session) {
    let begun = Instant::now();
    while !session.jobs.is_idle() {
        session.poll();
        assert!(begun.elapsed() < Duration::from_mins(4), "the work does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The sample project with its results in a folder of its own; only the drone pair, which is small.
fn project(folder: &Path) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let scene = |year: u32, day: &str| {
        let path = samples.join(format!("drone/park_{year}.tif"));
        format!(
            "[[scenes]]\npath = {path:?}\ndate = \"{day}\"\nkind = \"drone\"\nbands = {{ red = 1, green = 2, blue = 3 }}\n"
        )
    };
    let zones = samples.join("zones/zones.gpkg");
    let text = format!(
        "version = 1\n[project]\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = {zones:?}\nlayer = \"protected_areas\"\n\
         id_field = \"zone_id\"\nname_field = \"name\"\nkind_field = \"kind\"\n{}{}",
        scene(2024, "2024-10-12"),
        scene(2025, "2025-09-27"),
    );
    let file = folder.join("park.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_project_is_opened_detected_and_its_flags_are_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session();
    session.apply(Command::Open(project(folder.path())));
    wait(&mut session);
    assert!(session.messages.is_empty(), "{:?}", session.messages);
    assert_eq!(session.page, Page::Map);
    assert!(session.project.as_ref().unwrap().flags.records().is_empty());
    session.apply(Command::Run);
    wait(&mut session);
    let done = session.done.as_ref().expect("a run is through");
    let flags = &session.project.as_ref().unwrap().flags;
    assert!(done.flags > 0 && flags.records().len() == done.flags, "{done:?}");
    let first = &flags.records()[0];
    assert!(!first.hits.is_empty() && !first.hits[0].name.is_empty() && !first.reasons.is_empty());
    session.apply(Command::Flags(FlagsWish::Step(1)));
    let project = session.project.as_ref().unwrap();
    let (at, _) = project.flags.selected().expect("a flag is selected");
    assert!(session.view.holds(&project.flags.bounds(at).unwrap()));
}

#[test]
fn a_project_that_is_missing_is_told_with_its_path() {
    let mut session = session();
    session.apply(Command::Open("/no/such/project.toml".into()));
    wait(&mut session);
    assert_eq!(session.page, Page::Welcome);
    let message = session.messages.first().expect("a message");
    assert_eq!(message.path.as_deref(), Some(Path::new("/no/such/project.toml")));
    session.apply(Command::Dismiss(0));
    assert!(session.messages.is_empty());
}

#[test]
fn a_run_that_is_stopped_leaves_the_project_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session();
    session.apply(Command::Open(project(folder.path())));
    wait(&mut session);
    session.apply(Command::Run);
    session.apply(Command::Cancel(Task::Run));
    wait(&mut session);
    assert!(session.project.is_some() && session.done.is_none());
    assert_eq!(session.messages.last().map(|notice| notice.code), Some("stopped"));
    assert!(!folder.path().join("ledger.gpkg").exists());
}

#[test]
fn a_tile_of_the_open_project_has_colours() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session();
    session.apply(Command::Open(project(folder.path())));
    wait(&mut session);
    let begun = Instant::now();
    let painted = |session: &Session| {
        let project = session.project.as_ref().unwrap();
        project.exposure.paint(&project.plan.scenes, 1, project.look.composite).is_some()
    };
    while !painted(&session) {
        session.poll();
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(5));
    }
    let project = session.project.as_ref().unwrap();
    let pyramid = project.pyramid.as_ref().unwrap();
    let level = pyramid.finest_of(&project.plan.scenes[0]) + 1;
    let (row, col) = pyramid.tiles(level, &pyramid.extent)[0];
    let key = TileKey { scene: project.compare.after, composite: project.look.composite, level, row, col };
    let paint = project.exposure.paint(&project.plan.scenes, key.scene, key.composite).unwrap();
    let service = project.tiles.as_ref().unwrap();
    service.want(vec![Request::Tile(key, paint)]);
    let answers = loop {
        let answers = service.take();
        if !answers.is_empty() {
            break answers;
        }
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(5));
    };
    let Some(Answer::Tile(tile)) = &answers[0].1 else { panic!("{answers:?}") };
    let colours: std::collections::BTreeSet<&[u8]> = tile.rgba.chunks(4).collect();
    assert!(colours.len() > 50, "{}", colours.len());
    assert!(service.bytes() > 0 && service.notices().is_empty());
}

#[test]
fn the_years_step_together_and_stop_at_the_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session();
    session.apply(Command::Open(project(folder.path())));
    wait(&mut session);
    session.apply(Command::Compare(CompareWish::StepYears(1)));
    session.apply(Command::Compare(CompareWish::Mode(Mode::Fade)));
    let compare = session.project.as_ref().unwrap().compare;
    assert_eq!((compare.before, compare.after, compare.mode), (0, 1, Mode::Fade));
}
