//! The whole window without a display: the sample opened, detected, gone through; errors shown.

#![allow(clippy::unwrap_used)] // a test may fail loudly

#[path = "support/window.rs"]
mod support;

use std::path::Path;

use ecoredline::gui::App;
use ecoredline::gui::session::Page;
use ecoredline::lang::Lang;
use eframe::egui::{Event, ImeEvent, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use support::{park, until, window};

#[test]
fn a_project_is_opened_detected_and_a_flag_selected() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(Lang::En, Some(&park(folder.path(), "")));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    assert!(harness.query_all_by_label_contains("No flags yet").count() > 0);
    harness.get_by_label("Detect changes").click();
    until(&mut harness, "run", |app| app.session().done.is_some() && !app.is_busy());
    let project =
        |harness: &Harness<'static, App>| harness.state().session().project.as_ref().unwrap().flags.order().len();
    assert!(project(&harness) > 0);
    harness.key_press(Key::J);
    harness.run_steps(5);
    let selected = harness.state().session().project.as_ref().unwrap().flags.selected().map(|s| s.1.code.clone());
    assert!(harness.query_all_by_label(&selected.unwrap()).count() > 0);
    for said in ["probability of reaching inside P = ", "False-change tests passed", "standard error"] {
        assert!(harness.query_all_by_label_contains(said).count() > 0, "{said}");
    }
    harness.get_by_label("Views").click();
    harness.run_steps(5);
}

#[test]
fn the_words_change_at_once() {
    let mut harness = window(Lang::Zh, None);
    harness.run_steps(3);
    harness.get_by_label("打开示例项目");
    harness.get_by_label("English").click();
    harness.run_steps(3);
    harness.get_by_label("Open the sample project");
}

#[test]
fn a_project_that_cannot_be_opened_is_told_with_its_remedy() {
    let mut harness = window(Lang::En, Some(Path::new("/no/such/project.toml")));
    until(&mut harness, "message", |app| !app.session().messages.is_empty());
    assert_eq!(harness.state().session().page, Page::Welcome);
    harness.get_by_label("/no/such/project.toml");
    harness.get_by_label_contains("What to do");
}

#[test]
fn window_and_console_write_the_same_ledger() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut harness = window(Lang::En, Some(&park(folders[0].path(), "")));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.get_by_label("Detect changes").click();
    until(&mut harness, "run", |app| app.session().done.is_some() && !app.is_busy());
    let file = park(folders[1].path(), "");
    let mut console = std::process::Command::new(env!("CARGO_BIN_EXE_ecoredline"));
    let ended = console.args(["--headless", "--lang", "en"]).arg(&file).output().unwrap();
    assert!(matches!(ended.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&ended.stderr));
    let ledger =
        |at: usize| format!("{:#?}", ecoredline::io::ledger::read_flags(&folders[at].path().join("ledger.gpkg")));
    assert_eq!(ledger(0), ledger(1));
    assert!(ledger(0).contains("uuid"), "{}", ledger(0));
    for name in ["flags.csv", "flags.geojson", "report.html"] {
        let [window, console] = [0, 1].map(|at| std::fs::read(folders[at].path().join("out").join(name)).unwrap());
        assert!(window == console, "{name} differs");
    }
}

#[test]
fn the_palette_does_what_is_typed() {
    let mut harness = window(Lang::En, None);
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    harness.event(Event::Text("dark".into()));
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(harness.state().session().preferences.dark);
    assert_eq!(harness.state().session().overlay, None);
}

#[test]
fn every_act_with_a_key_is_on_the_sheet() {
    let mut harness = window(Lang::En, None);
    harness.run_steps(3);
    harness.key_press(Key::F1);
    harness.run_steps(3);
    for word in ["Detect changes", "Next flag", "Command palette", "Swipe"] {
        assert!(harness.query_all_by_label(word).count() > 0, "{word}");
    }
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().session().overlay, None);
}

#[test]
fn chinese_typed_with_an_input_method_finds_its_act() {
    let mut harness = window(Lang::Zh, None);
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    let preedit = ImeEvent::Preedit { text: "shi li".into(), active_range_chars: None };
    for event in [preedit, ImeEvent::Commit("示例".into())] {
        harness.event(Event::Ime(event));
        harness.run_steps(2);
    }
    assert!(harness.query_all_by_label("打开示例项目").count() > 0);
    assert_eq!(harness.query_all_by_label("检测变化").count(), 0);
}
