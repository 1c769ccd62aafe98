//! Projects begun, changed and mended without a window.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::draft::{LayerWish, SceneWish};
use super::*;
use crate::model::scene::SceneKind;
use crate::pipeline::doctor::Cure;

fn session(states: &Path) -> Session {
    let mut session = Session::new(Preferences::default(), Arc::new(|| {}), |_| {});
    session.states = Some(states.to_path_buf());
    session
}

fn until(session: &mut Session, what: &str, reached: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    while !reached(session) || !session.jobs.is_idle() {
        session.poll();
        assert!(begun.elapsed() < Duration::from_mins(2), "never reached: {what} {:?}", session.messages);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ready(session: &Session) -> bool {
    let saved = session.edit.as_ref().is_some_and(|editing| editing.history().is_some() && !editing.is_unsaved());
    saved && !session.doctor.is_looking()
}

/// The drone pair of the sample beside a project file.
fn desk() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    for (from, to) in [
        ("drone/park_2024.tif", "a_2024.tif"),
        ("drone/park_2025.tif", "b_2025.tif"),
        ("zones/zones.gpkg", "zones.gpkg"),
    ] {
        std::fs::copy(samples.join(from), folder.path().join(to)).unwrap();
    }
    let scene = |file: &str, day: &str| {
        format!(
            "[[scenes]]\npath = \"{file}\"\ndate = \"{day}\"   # flown\nkind = \"drone\"\nbands = {{ red = 1, green = 2, blue = 3 }}\n"
        )
    };
    let text = format!(
        "# the park\nversion = 1\n[project]\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = \"zones.gpkg\"\n\
         layer = \"protected_areas\"\nid_field = \"zone_id\"\nname_field = \"name\"\n{}{}[outputs]\ndirectory = \"out\"\n",
        scene("a_2024.tif", "2024-10-12"),
        scene("b_2025.tif", "2025-09-27"),
    );
    let file = folder.path().join("park.toml");
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

#[test]
fn a_run_waits_for_the_edit_before_it() {
    let (folder, file) = desk();
    let mut session = session(folder.path());
    session.apply(Command::Open(file.clone()));
    until(&mut session, "open", |s| s.project.is_some() && ready(s));
    session.apply(Command::Edit(EditWish::set("detection.min_area_m2", 900.0)));
    session.apply(Command::Run);
    until(&mut session, "run", |s| s.done.is_some());
    assert!(std::fs::read_to_string(&file).unwrap().contains("min_area_m2 = 900"));
    let smallest = session.project.as_ref().unwrap().flags.records().iter().map(|r| r.area.0).fold(f64::MAX, f64::min);
    assert!((900.0..f64::MAX).contains(&smallest), "{smallest}");
}

#[test]
fn an_edit_is_kept_told_and_taken_back_and_the_view_stays() {
    let (folder, file) = desk();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut session = session(&folder.path().join("states"));
    session.apply(Command::Open(file.clone()));
    until(&mut session, "open", |s| s.project.is_some() && ready(s));
    session.apply(Command::View(ViewWish::Zoom(3.0, (10.0, 10.0))));
    let (view, edition) = (session.view, session.project.as_ref().unwrap().edition);
    session.apply(Command::Edit(EditWish::set("detection.threshold", 2.5)));
    until(&mut session, "saved", ready);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{text}\n[detection]\nthreshold = 2.5\n"));
    let project = session.project.as_ref().unwrap();
    assert_eq!(project.plan.detection.threshold, crate::detect::threshold::Rule::Fixed(2.5));
    assert_eq!(project.edition, edition, "nothing was opened anew for it");
    session.apply(Command::Edit(EditWish::set("zones[1].ring_m", 20.0)));
    until(&mut session, "reopened", |s| ready(s) && s.project.as_ref().unwrap().edition > edition);
    assert!(session.project.as_ref().unwrap().plan.zones.iter().any(|zone| zone.ring_width.0 > 0.0));
    assert_eq!(session.view, view);
    session.apply(Command::Edit(EditWish::Undo));
    session.apply(Command::Edit(EditWish::Undo));
    until(&mut session, "undone", ready);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "the very same bytes");
    assert!(session.messages.is_empty(), "{:?}", session.messages);
}

#[test]
fn an_edit_that_cannot_be_meant_is_refused_with_its_reason_and_taken_back() {
    let (folder, file) = desk();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut session = session(&folder.path().join("states"));
    session.apply(Command::Open(file.clone()));
    until(&mut session, "open", |s| s.project.is_some() && ready(s));
    session.apply(Command::Edit(EditWish::set("scenes[1].date", "2024-13-45")));
    until(&mut session, "refused", |s| !s.messages.is_empty() && ready(s));
    assert_eq!(session.messages[0].code, "A21_date");
    session.apply(Command::Edit(EditWish::set("zones[1].ring_m", -1)));
    assert_eq!(session.messages[1].code, "project_range");
    assert_eq!(session.edit.as_ref().unwrap().text(), text);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_change_from_outside_is_taken_in_and_two_versions_are_offered() {
    let (folder, file) = desk();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut session = session(&folder.path().join("states"));
    session.apply(Command::Open(file.clone()));
    until(&mut session, "open", |s| s.project.is_some() && ready(s));
    std::fs::write(&file, text.replace("# the park", "# our park")).unwrap();
    session.apply(Command::Edit(EditWish::Look));
    until(&mut session, "noticed", |s| {
        s.messages.iter().any(|notice| notice.code == "edit_changed_outside") && ready(s)
    });
    let theirs = text.replace("# the park", "# their park");
    std::fs::write(&file, &theirs).unwrap();
    session.apply(Command::Edit(EditWish::set("project.name", "mine")));
    until(&mut session, "two versions", |s| s.edit.as_ref().unwrap().theirs.is_some());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), theirs, "nothing is written over");
    session.apply(Command::Edit(EditWish::KeepMine));
    until(&mut session, "mine", ready);
    assert!(std::fs::read_to_string(&file).unwrap().contains("name = \"mine\""));
    let states = session.edit.as_ref().unwrap().history().unwrap().states();
    assert!(states.iter().any(|state| state.text == theirs), "theirs can be gone back to");
}

#[test]
fn a_project_that_cannot_be_opened_is_mended_by_its_remedies() {
    let (folder, file) = desk();
    let text = std::fs::read_to_string(&file).unwrap();
    let broken = text.replace("[outputs]", "[output]").replace("EPSG:4549", "EPSG:4326");
    std::fs::write(&file, &broken).unwrap();
    std::fs::create_dir(folder.path().join("moved")).unwrap();
    std::fs::rename(folder.path().join("b_2025.tif"), folder.path().join("moved/b_2025.tif")).unwrap();
    let mut session = session(&folder.path().join("states"));
    session.apply(Command::Open(file.clone()));
    until(&mut session, "blocked", ready);
    assert_eq!((session.page, session.project.is_some()), (Page::Project, false));
    let remedy = |session: &Session, code: &str| {
        let found = session.doctor.findings.iter().find(|finding| finding.notice.code == code);
        found.unwrap_or_else(|| panic!("no {code}: {:?}", session.doctor.findings)).remedies[0].cure.clone()
    };
    for code in ["project_unknown_key_near", "crs_degrees"] {
        let Cure::Change(changes) = remedy(&session, code) else { panic!("no change") };
        session.apply(Command::Edit(EditWish::Change(changes)));
        until(&mut session, code, |s| ready(s) && s.doctor.findings.iter().all(|finding| finding.notice.code != code));
    }
    let Cure::Locate(place) = remedy(&session, "P40_missing") else { panic!("nothing to locate") };
    session.apply(Command::Doctor(DoctorWish::Locate(place, folder.path().join("moved/b_2025.tif"))));
    until(&mut session, "opened", |s| s.project.is_some() && ready(s));
    let now = std::fs::read_to_string(&file).unwrap();
    assert!(now.contains("path = \"moved/b_2025.tif\"") && now.starts_with("# the park"), "{now}");
    for _ in 0..3 {
        session.apply(Command::Edit(EditWish::Undo));
    }
    until(&mut session, "undone", ready);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
}

#[test]
fn a_folder_becomes_a_draft_that_is_changed_and_created() {
    let (folder, file) = desk();
    std::fs::remove_file(file).unwrap();
    let mut session = session(&folder.path().join("states"));
    session.apply(Command::Open(folder.path().to_path_buf()));
    until(&mut session, "drafted", |s| s.drafting.is_some());
    assert_eq!(session.page, Page::New);
    let draft = &session.drafting.as_ref().unwrap().draft;
    assert_eq!(draft.toml(), crate::project::init(folder.path()).unwrap().toml, "as the console writes it");
    assert_eq!(draft.scenes.len(), 2);
    for wish in [SceneWish::Kind(SceneKind::Drone), SceneWish::Day("2024-10-12".to_owned())] {
        session.apply(Command::Draft(DraftWish::Scene(0, wish)));
    }
    session.apply(Command::Draft(DraftWish::Scene(1, SceneWish::Kind(SceneKind::Drone))));
    let layer = LayerWish::Encoding(Some("GB18030".to_owned()));
    session.apply(Command::Draft(DraftWish::Layer(0, layer)));
    until(&mut session, "read", |s| s.drafting.as_ref().unwrap().reading.is_none());
    session.apply(Command::Draft(DraftWish::Layer(0, LayerWish::Encoding(None))));
    session.apply(Command::Draft(DraftWish::Create));
    until(&mut session, "created", |s| s.project.is_some() && ready(s));
    let text = std::fs::read_to_string(folder.path().join("ecoredline.toml")).unwrap();
    assert!(text.contains("date = \"2024-10-12\"\nkind = \"drone\"\n"), "{text}");
    assert_eq!(session.page, Page::Map);
}

#[test]
fn a_few_files_are_looked_at_without_a_file_beside_them_and_saved_when_asked() {
    let (folder, file) = desk();
    std::fs::remove_file(file).unwrap();
    let states = folder.path().join("states");
    let mut session = session(&states);
    let given = ["a_2024.tif", "b_2025.tif", "zones.gpkg"].map(|name| folder.path().join(name));
    session.apply(Command::Draft(DraftWish::From(given.to_vec())));
    until(&mut session, "opened", |s| s.project.is_some() && ready(s));
    assert!(session.is_quick() && session.project.as_ref().unwrap().plan.file.starts_with(&states));
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 4, "three files and the states");
    session.apply(Command::Draft(DraftWish::SaveAs(folder.path().join("saved/park.toml"))));
    until(&mut session, "saved", |s| ready(s) && !s.is_quick());
    let text = std::fs::read_to_string(folder.path().join("saved/park.toml")).unwrap();
    assert!(text.contains("path = \"../a_2024.tif\""), "{text}");
}

#[test]
fn a_folder_without_rasters_and_one_that_is_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(&folder.path().join("states"));
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    session.apply(Command::Draft(DraftWish::From(vec![folder.path().join("empty")])));
    until(&mut session, "told", |s| !s.messages.is_empty());
    assert_eq!((session.messages[0].code, session.page), ("nothing_found", Page::Welcome));
    session.apply(Command::Draft(DraftWish::From(vec![folder.path().join("gone.toml")])));
    until(&mut session, "told", |s| s.messages.len() > 1);
    assert_eq!(session.messages[1].code, "file_missing");
}
