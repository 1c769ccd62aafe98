//! The preview against the run, on the drone pair of the sample.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo::{Area, BooleanOps};
use geo_types::{Coord, MultiPolygon, Rect};

use super::scored::Readers;
use super::*;
use crate::detect::threshold::Rule;
use crate::io::raster::source::{Place, Source, Squeeze};
use crate::job::Progress;
use crate::model::grid::Window;
use crate::pipeline::{RunOptions, run};
use crate::project;

/// The drone pair with its results in a folder of its own.
fn project(folder: &Path, detection: &str) -> PathBuf {
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
         id_field = \"zone_id\"\nname_field = \"name\"\nkind_field = \"kind\"\nring_m = 20.0\n{}{}{detection}\n\
         [outputs]\nrasters = true\nformats = [\"csv\"]\n",
        scene(2024, "2024-10-12"),
        scene(2025, "2025-09-27"),
    );
    let file = folder.join("park.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn options() -> RunOptions {
    RunOptions { jobs: 2, ram_mb: 1024, lang: None, output_directory: None }
}

fn lesson(file: &Path) -> Arc<Lesson> {
    crate::io::setup::ensure();
    let plan = Arc::new(project::check(file).unwrap());
    let subject = Subject::of(&plan, 0, 1).unwrap();
    Arc::new(Lesson::learn(subject, &options(), &Progress::unwatched()).unwrap())
}

fn view(lesson: &Arc<Lesson>, coarser: usize, window: Window) -> ScoredView {
    Readers::default().score(lesson, Look { coarser, window }).unwrap()
}

#[test]
fn the_preview_scores_as_the_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = project(folder.path(), "");
    let report = run(&file, &options(), &Progress::unwatched()).unwrap();
    let raster = report.written.iter().find(|path| path.to_string_lossy().ends_with("_score.tif")).unwrap();
    let lesson = lesson(&file);
    let comparison = &report.outcome.comparisons[0];
    assert_eq!(lesson.choice(Rule::Auto), comparison.threshold);
    assert_eq!((lesson.shift(), lesson.histogram()), (comparison.shift, &comparison.histogram));
    let window = Window { row: 170, col: 230, rows: 300, cols: 410 };
    let view = view(&lesson, 1, window);
    let place = Place { start: 0, stride: window.cols, rows: window.rows, cols: window.cols };
    let mut of_run = vec![0.0_f32; window.len()];
    Source::open(raster).unwrap().read_band(1, window, &mut of_run, place, Squeeze::Nearest).unwrap();
    let mut compared = 0;
    for (pixel, score) in of_run.iter().enumerate() {
        let own = view.scores[pixel];
        if score.is_nan() {
            assert!(own.is_nan() || !view.domain()[pixel], "{pixel}: {own}");
        } else {
            compared += 1;
            assert!((own - score).abs() <= 1e-5 * score.abs().max(1.0), "{pixel}: {own} {score}");
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn areas_by_zone_add_up_to_what_is_in_view_at_every_scale() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = lesson(&project(folder.path(), ""));
    for (coarser, window) in [
        (1, Window { row: 101, col: 57, rows: 333, cols: 401 }),
        (2, Window { row: 40, col: 11, rows: 250, cols: 300 }),
        (4, Window { row: 0, col: 0, rows: 250, cols: 250 }),
    ] {
        let view = view(&lesson, coarser, window);
        let cut = view.cut(lesson.choice(Rule::Auto).value, 4);
        assert!(!cut.zones.is_empty());
        for areas in &cut.zones {
            let zone = &lesson.subject.plan.zones[areas.zone];
            let seen = MultiPolygon::from(view.bounds.to_polygon());
            let inside = zone.shape.intersection(&seen).unsigned_area();
            let ring = zone.reach().intersection(&seen).unsigned_area() - inside;
            for (tally, area) in [(areas.inside, inside), (areas.ring, ring)] {
                let total = tally.total().0;
                assert!(
                    (total - area).abs() <= 1e-6 * area.max(1.0) + 1e-3 * f64::from(u8::from(area < 1.0)),
                    "{}: {total} {area}",
                    zone.id
                );
            }
        }
    }
}

#[test]
fn a_higher_threshold_never_shows_more_change() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = lesson(&project(folder.path(), ""));
    let view = view(&lesson, 1, Window { row: 200, col: 200, rows: 400, cols: 400 });
    let cuts: Vec<Cut> = (0..40).map(|step| view.cut(Some(f64::from(step) * 0.5), 4)).collect();
    assert!(cuts[0].together.changed.0 > cuts[39].together.changed.0);
    for pair in cuts.windows(2) {
        assert!(pair[1].together.changed.0 <= pair[0].together.changed.0);
        assert_eq!(pair[0].together.not_observed, pair[1].together.not_observed);
        for areas in &pair[1].zones {
            let before = pair[0].zones.iter().find(|before| before.zone == areas.zone).unwrap();
            assert!(areas.inside.changed.0 <= before.inside.changed.0);
        }
    }
    assert!(view.cut(None, 4).together.changed.0 < f64::EPSILON);
}

#[test]
fn the_hand_s_threshold_is_what_the_file_would_give() {
    let folder = tempfile::tempdir().unwrap();
    let by_hand = lesson(&project(folder.path(), "")).choice(Rule::Fixed(6.25));
    let file = project(folder.path(), "[detection]\nthreshold = 6.25\n");
    let of_file = project::check(&file).unwrap().detection.threshold;
    assert_eq!(lesson(&file).choice(of_file), by_hand);
}

#[test]
fn a_view_off_the_grid_is_none_and_a_wide_one_is_coarser() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Arc::new(project::check(&project(folder.path(), "")).unwrap());
    let grid = Subject::of(&plan, 1, 0).unwrap().planned.grid;
    let all = grid.bounds();
    let far = Rect::new(Coord { x: 0.0, y: 0.0 }, Coord { x: 10.0, y: 10.0 });
    assert_eq!(Look::at(&grid, &far), None);
    let whole = Look::at(&grid, &all).unwrap();
    assert_eq!((whole.coarser, whole.window), (1, grid.window()));
    let mut large = grid.clone();
    (large.rows, large.cols) = (10_000, 10_000);
    let look = Look::at(&large, &large.bounds()).unwrap();
    assert!(look.coarser == 16 && look.window.len() <= 700_000, "{look:?}");
}

#[test]
fn a_scene_does_not_compare_with_itself() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Arc::new(project::check(&project(folder.path(), "")).unwrap());
    assert_eq!(Subject::of(&plan, 1, 1).unwrap_err().code, "preview_one_scene");
    assert_eq!(Subject::of(&plan, 0, 9).unwrap_err().code, "preview_no_pair");
    let notice = Subject::of(&plan, 0, 0).unwrap_err();
    let cards = Cards::of(&plan, Err(&notice), None, &plan.detection);
    assert_eq!((cards.data.light, cards.grid.light, cards.worst()), (Light::Red, Light::Off, Light::Red));
}

#[test]
fn the_cards_of_a_sound_pair_are_green_and_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = project(folder.path(), "");
    let lesson = lesson(&file);
    let plan = &lesson.subject.plan;
    let cards = Cards::of(plan, Ok(&lesson.subject), Some(&lesson), &plan.detection);
    assert_eq!(
        [cards.data.light, cards.grid.light, cards.change.light, cards.keep.light],
        [Light::Green; 4],
        "{cards:#?}"
    );
    let mut settings = plan.detection.clone();
    (settings.threshold, settings.min_area_m2) = (Rule::Fixed(0.5), Some(0.2));
    let cards = Cards::of(plan, Ok(&lesson.subject), Some(&lesson), &settings);
    assert_eq!([cards.change.light, cards.keep.light], [Light::Amber; 2], "{cards:#?}");
}

#[test]
fn a_method_that_fits_nothing_is_told_in_red() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Arc::new(project::check(&project(folder.path(), "[detection]\nmethod = \"transition\"\n")).unwrap());
    let subject = Subject::of(&plan, 0, 1).unwrap();
    let cards = Cards::of(&plan, Ok(&subject), None, &plan.detection);
    assert_eq!(cards.change.light, Light::Red);
    assert!(!cards.change.facts.methods.contains(&"transition"));
    let lesson = lesson(&project(folder.path(), "[detection]\nmethod = \"index\"\n"));
    assert_eq!(lesson.compares(), Err("no_index"));
    let cards = Cards::of(&lesson.subject.plan, Ok(&lesson.subject), Some(&lesson), &lesson.subject.plan.detection);
    assert_eq!(cards.change.light, Light::Red);
}
