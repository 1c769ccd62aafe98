//! What the tests of the window share: the window without a display, a small project, waiting.

#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ecoredline::gui::App;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::lang::Lang;
use egui_kittest::{Harness, HarnessBuilder};

/// The window, with a project if one is wanted.
pub fn window(lang: Lang, wanted: Option<&Path>) -> Harness<'static, App> {
    let builder = Harness::builder().with_size([1440.0, 900.0]);
    window_in(builder, (lang, Preferences::default()), wanted)
}

/// The window as a builder makes it.
pub fn window_in(
    builder: HarnessBuilder<App>,
    (lang, preferences): (Lang, Preferences),
    wanted: Option<&Path>,
) -> Harness<'static, App> {
    let wanted = wanted.map(Path::to_path_buf);
    builder.build_eframe(move |cc| App::new(&cc.egui_ctx, preferences, Some(lang), wanted.as_deref(), |_| {}))
}

/// Draws until something is reached.
pub fn until(harness: &mut Harness<'static, App>, what: &str, reached: impl Fn(&App) -> bool) {
    let begun = Instant::now();
    while !reached(harness.state()) {
        harness.step();
        assert!(begun.elapsed() < Duration::from_mins(4), "never reached: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    harness.run_steps(3);
}

/// The drone pair of the sample with its results in a folder of its own; `more` is added to the project file.
pub fn park(folder: &Path, more: &str) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let zones = samples.join("zones/zones.gpkg");
    let scene = |year: u32, day: &str| {
        let path = samples.join(format!("drone/park_{year}.tif"));
        let bands = "bands = { red = 1, green = 2, blue = 3 }";
        format!("[[scenes]]\npath = '{}'\ndate = \"{day}\"\nkind = \"drone\"\n{bands}\n", path.display())
    };
    let text = format!(
        "version = 1\n[project]\nname = \"park\"\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = '{}'\n\
         layer = \"protected_areas\"\nid_field = \"zone_id\"\nname_field = \"name\"\n{}{}{more}",
        zones.display(),
        scene(2024, "2024-10-12"),
        scene(2025, "2025-09-27"),
    );
    let file = folder.join("park.toml");
    std::fs::write(&file, text).unwrap();
    file
}
