//! Going through flags in the window: grouped, charted, looked at closely, handed on.

#![allow(clippy::unwrap_used)] // a test may fail loudly

#[path = "support/window.rs"]
mod support;

use std::path::Path;

use ecoredline::gui::App;
use ecoredline::gui::session::flags::{Column, FlagBook};
use ecoredline::lang::Lang;
use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use support::{park, until, window};

fn book(app: &App) -> &FlagBook {
    &app.session().project.as_ref().unwrap().flags
}

/// The window after the run of the project, with nothing selected.
fn detected(lang: Lang, folder: &Path) -> Harness<'static, App> {
    let mut harness = window(lang, Some(&park(folder, "[outputs]\nformats = [\"gpkg\", \"xlsx\"]\n")));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.get_by_label(&lang.word("gui.run.start")).click();
    until(&mut harness, "run", |app| app.session().done.is_some() && !app.is_busy());
    assert!(book(harness.state()).order().len() > 1);
    harness
}

#[test]
fn flags_are_grouped_charted_and_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = detected(Lang::En, folder.path());
    harness.get_by_label_contains("Group: none").click();
    harness.run_steps(3);
    harness.get_by_label("Year").click();
    harness.run_steps(3);
    assert_eq!(book(harness.state()).grouping(), Some(Column::Year));
    harness.get_by_label_contains("2025  ").click();
    harness.run_steps(3);
    assert!(book(harness.state()).is_folded(&book(harness.state()).groups()[0]));

    harness.key_press(Key::J);
    harness.run_steps(3);
    until(&mut harness, "curves", |app| {
        let project = app.session().project.as_ref().unwrap();
        let flag = project.flags.selected().unwrap().1.uuid;
        project.profiles.of(flag).is_some_and(|profile| !profile.curves.is_empty())
    });
    assert!(!book(harness.state()).is_folded(&book(harness.state()).groups()[0]), "the selected flag is in sight");
    assert!(harness.query_all_by_label_contains("Over the years").count() > 0);

    let all = book(harness.state()).order().len();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(3);
    assert_eq!(book(harness.state()).marked().len(), all);

    harness.get_by_label("Charts").click();
    harness.run_steps(3);
    let bar = book(harness.state()).figures().suggestions[0].clone();
    harness.get_by_label_contains(&format!("{}  ", bar.choice.told(Lang::En))).click();
    harness.run_steps(3);
    assert_eq!(book(harness.state()).order().len(), bar.flags);
}

#[test]
fn what_is_handed_on_is_what_the_run_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = detected(Lang::Zh, folder.path());
    harness.get_by_label("导出…").click();
    harness.run_steps(3);
    harness.get_by_label("写出").click();
    let told = |app: &App| app.session().messages.iter().any(|notice| notice.code == "exported");
    until(&mut harness, "exported", told);
    let written = |name: &str| std::fs::read(folder.path().join("export").join(name)).unwrap();
    let ran = harness.state().session().project.as_ref().unwrap().plan.outputs.directory.clone();
    for name in ["flags.xlsx", "flags.gpkg"] {
        assert!(written(name) == std::fs::read(ran.join(name)).unwrap(), "{name}");
    }
    harness.get_by_label("导出…").click();
    harness.run_steps(3);
    harness.get_by_label("写出").click();
    until(&mut harness, "refused", |app| app.session().messages.iter().any(|notice| notice.code == "E40_exists"));
}
