//! Pictures of the main screens beside those that a person has looked at. `UPDATE_SNAPSHOTS=true cargo test` keeps new ones.
//!
//! Painted on the processor with the fonts that the program carries, so that they are alike on every machine.

#![allow(clippy::unwrap_used)] // a test may fail loudly

#[path = "support/painter.rs"]
mod painter;
#[path = "support/window.rs"]
mod support;

use std::path::Path;

use ecoredline::gui::App;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::gui::session::{Command, Overlay, Pane};
use ecoredline::lang::Lang;
use eframe::egui::Key;
use egui_kittest::{Harness, SnapshotOptions};
use painter::Painter;
use support::{park, until, window_in};
use tempfile::TempDir;

/// Pixels that may differ: the edges of letters and lines, where processors round apart.
const DIFFERENT: usize = 25;

/// Looks at the window that must all find it at rest.
const STILL: usize = 25;

fn window(lang: Lang, dark: bool, wanted: Option<&Path>) -> Harness<'static, App> {
    let options = SnapshotOptions::new().max_failed_pixels(DIFFERENT);
    let builder = Harness::builder().with_size([1200.0, 760.0]).renderer(Painter::default()).with_options(options);
    window_in(builder, (lang, Preferences { dark, ..Preferences::default() }), wanted)
}

/// The sample's drone pair with its flags, whose names and numbers are the same in every folder.
fn detected(lang: Lang, dark: bool) -> (TempDir, Harness<'static, App>) {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(lang, dark, Some(&park(folder.path(), "")));
    until(&mut harness, "open", |app| app.session().project.is_some() && !app.is_busy());
    harness.state_mut().wish(Command::Run);
    until(&mut harness, "run", |app| app.session().done.is_some() && !app.is_busy());
    // How long it took is another number every time.
    harness.state_mut().wish(Command::Dismiss(usize::MAX));
    (folder, harness)
}

/// Draws until nothing has moved for a while: a wish takes a few frames before work begins.
fn rest(harness: &mut Harness<'static, App>) {
    for _ in 0..STILL {
        until(harness, "rest", |app| !app.is_busy() && app.map_is().whole && !app.session().detect.is_busy());
    }
}

#[test]
fn the_first_page() {
    let mut harness = window(Lang::Zh, false, None);
    harness.run_steps(10);
    harness.snapshot("welcome_zh");
}

#[test]
fn the_map_with_a_flag_selected() {
    let (_folder, mut harness) = detected(Lang::Zh, false);
    harness.key_press(Key::J);
    rest(&mut harness);
    harness.snapshot("map_zh");
    harness.key_press(Key::Num4);
    rest(&mut harness);
    harness.state_mut().wish(Command::Overlay(Some(Overlay::Palette)));
    harness.run_steps(10);
    harness.snapshot("palette_zh");
}

#[test]
fn the_map_in_the_dark_in_english() {
    let (_folder, mut harness) = detected(Lang::En, true);
    rest(&mut harness);
    harness.snapshot("map_dark_en");
}

#[test]
fn the_settings_of_the_detection_and_the_charts() {
    let (_folder, mut harness) = detected(Lang::Zh, false);
    harness.state_mut().wish(Command::Raise(Pane::Detect));
    harness.state_mut().wish(Command::Raise(Pane::Charts));
    rest(&mut harness);
    harness.snapshot("detect_zh");
}
