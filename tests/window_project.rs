//! Projects in the window: begun from a folder, changed in forms, mended by remedies, undone.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ecoredline::gui::App;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::gui::session::{Page, Session};
use ecoredline::lang::Lang;
use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn window(lang: Lang, states: PathBuf, given: PathBuf) -> Harness<'static, App> {
    Harness::builder().with_size([1440.0, 900.0]).build_eframe(move |cc| {
        let app = App::new(&cc.egui_ctx, Preferences::default(), Some(lang), None, |_| {});
        app.with_states(Some(states), vec![given])
    })
}

fn until(harness: &mut Harness<'static, App>, what: &str, reached: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    while !reached(harness.state().session()) || harness.state().is_busy() {
        harness.step();
        let (app, session) = (harness.state(), harness.state().session());
        let editing = session.edit.as_ref().map(|editing| (editing.history().is_some(), editing.is_unsaved()));
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "never reached: {what}; {:?}, project {}, editing {editing:?}, looking {}, busy {}, {:?}",
            session.page,
            session.project.is_some(),
            session.doctor.is_looking(),
            app.is_busy(),
            session.messages
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    harness.run_steps(3);
}

fn saved(session: &Session) -> bool {
    let editing = session.edit.as_ref();
    editing.is_some_and(|editing| editing.history().is_some() && !editing.is_unsaved()) && !session.doctor.is_looking()
}

/// The drone pair of the sample in a folder of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for name in ["drone/park_2024.tif", "drone/park_2025.tif", "zones/zones.gpkg"] {
        let to = folder.path().join("data").join(Path::new(name).file_name().unwrap());
        std::fs::copy(samples.join(name), to).unwrap();
    }
    folder
}

#[test]
fn a_folder_is_drafted_created_changed_in_a_form_and_undone() {
    let folder = folder();
    let mut harness = window(Lang::En, folder.path().join("states"), folder.path().join("data"));
    until(&mut harness, "draft", |session| session.drafting.is_some());
    assert_eq!(harness.state().session().page, Page::New);
    assert!(harness.query_all_by_label("New project").count() > 0);
    assert!(harness.query_all_by_label_contains("polygons").count() > 0);
    // The button may lie below what is seen of the page.
    harness.get_by_label("Create the project").click_accesskit();
    until(&mut harness, "created", |session| session.project.is_some() && saved(session));
    let file = folder.path().join("data/ecoredline.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    harness.get_by_label("Project").click();
    harness.run_steps(3);
    harness.get_by_label("Settings").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::CheckBox, "Write rasters").click();
    until(&mut harness, "changed", |session| {
        saved(session) && session.edit.as_ref().unwrap().history().unwrap().can_undo()
    });
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text.replace("rasters = true", "rasters = false"));
    harness.get_by_label("Undo").click();
    until(&mut harness, "undone", |session| {
        saved(session) && !session.edit.as_ref().unwrap().history().unwrap().can_undo()
    });
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    for (tab, said) in [("Images and zones", "Zones covered"), ("History", "As it was opened")] {
        harness.get_by_label(tab).click();
        harness.run_steps(3);
        assert!(harness.query_all_by_label_contains(said).count() > 0, "{said}");
    }
}

#[test]
fn a_project_that_cannot_be_opened_is_mended_with_one_click() {
    let folder = folder();
    let file = folder.path().join("data/park.toml");
    std::fs::write(&file, "version = 1\n[detecton]\nmethod = \"auto\"   # as it was\n").unwrap();
    let mut harness = window(Lang::Zh, folder.path().join("states"), file.clone());
    until(&mut harness, "blocked", |session| session.page == Page::Project && saved(session));
    harness.get_by_label_contains("这个项目现在打不开");
    harness.get_by_label("改为“detection”").click();
    until(&mut harness, "mended", |session| {
        saved(session)
            && session.doctor.findings.iter().all(|finding| finding.notice.code != "project_unknown_key_near")
    });
    let mended = "version = 1\n[detection]\nmethod = \"auto\"   # as it was\n";
    assert_eq!(std::fs::read_to_string(&file).unwrap(), mended);
}
