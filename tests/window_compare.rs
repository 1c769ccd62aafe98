//! Years against each other in the whole window without a display: every mode shows the same ground at the same pixel, the
//! strip chooses years, views lock.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ecoredline::gui::App;
use ecoredline::gui::session::compare::{Compare, Mode};
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::gui::session::{Command, Layer, LookWish};
use ecoredline::lang::Lang;
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Mesh, Modifiers, Pos2, Rect, Shape, TextureId, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

type Window = Harness<'static, App>;

fn window(file: &Path, scale: f32) -> Window {
    let file = file.to_path_buf();
    let mut window =
        Harness::builder().with_size([1440.0, 900.0]).with_pixels_per_point(scale).allow_missing_glyphs().build_eframe(
            move |cc| App::new(&cc.egui_ctx, Preferences::default(), Some(Lang::En), Some(&file), |_| {}),
        );
    settle(&mut window);
    window
}

/// Lets the window draw until nothing is under way.
fn settle(window: &mut Window) {
    let begun = Instant::now();
    window.run_steps(4);
    while window.state().session().project.is_none() || window.state().is_busy() || !window.state().map_is().whole {
        window.step();
        assert!(begun.elapsed() < Duration::from_mins(2), "it never settles");
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(3);
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    settle(window);
}

fn compare(window: &Window) -> Compare {
    window.state().session().project.as_ref().unwrap().compare
}

/// Satellite scenes of 2021, 2022 and 2024 and the drone pair, without zones.
fn project(folder: &Path) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    let scene = |file: &str, day: &str, kind: &str, bands: &str| {
        let path = samples.join(file);
        format!("[[scenes]]\npath = '{}'\ndate = \"{day}\"\nkind = \"{kind}\"\nbands = {{ {bands} }}\n", path.display())
    };
    let (four, three) = ("blue = 1, green = 2, red = 3, nir = 4", "red = 1, green = 2, blue = 3");
    let text = format!(
        "version = 1\n[project]\nname = \"years\"\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = '{}'\n\
         layer = \"protected_areas\"\nid_field = \"zone_id\"\nname_field = \"name\"\n{}{}{}{}{}",
        samples.join("zones/zones.gpkg").display(),
        scene("satellite/reach_2021.tif", "2021-07-18", "satellite", four),
        scene("satellite/reach_2022.tif", "2022-08-05", "satellite", four),
        scene("satellite/reach_2024.tif", "2024-08-16", "satellite", four),
        scene("drone/park_2024.tif", "2024-10-12", "drone", three),
        scene("drone/park_2025.tif", "2025-09-27", "drone", three),
    );
    let file = folder.join("years.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// The rectangle of a whole tile, told by any piece of it: position and place in the texture go together.
fn whole(mesh: &Mesh) -> Rect {
    let spread = |of: fn(&eframe::egui::epaint::Vertex) -> f32| {
        let most = mesh.vertices.iter().max_by(|a, b| of(a).total_cmp(&of(b))).unwrap();
        let least = mesh.vertices.iter().min_by(|a, b| of(a).total_cmp(&of(b))).unwrap();
        (*least, *most)
    };
    let (left, right) = spread(|vertex| vertex.uv.x);
    let (top, bottom) = spread(|vertex| vertex.uv.y);
    let size = Vec2::new(
        (right.pos.x - left.pos.x) / (right.uv.x - left.uv.x),
        (bottom.pos.y - top.pos.y) / (bottom.uv.y - top.uv.y),
    );
    let corner = Pos2::new(left.pos.x - left.uv.x * size.x, top.pos.y - top.uv.y * size.y);
    Rect::from_min_size(corner, size)
}

/// Tiles on the map by the piece of the screen they are clipped to: their edges in physical pixels of the screen.
fn tiles(window: &Window) -> BTreeMap<[i64; 4], BTreeSet<[i64; 4]>> {
    let scale = window.ctx.pixels_per_point();
    let map = window.get_by_role_and_label(Role::Image, "Map").rect();
    let edges = |rect: Rect, near: f32| {
        [rect.left(), rect.top(), rect.right(), rect.bottom()].map(|edge| {
            let pixel = edge * scale;
            assert!((pixel - pixel.round()).abs() < near, "{pixel} is between two pixels");
            pixel.round() as i64
        })
    };
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for clipped in window.output().shapes.iter().filter(|clipped| map.contains_rect(clipped.clip_rect)) {
        if let Shape::Mesh(mesh) = &clipped.shape
            && matches!(mesh.texture_id, TextureId::Managed(1..))
        {
            if mesh.calc_bounds().size().min_elem() < 8.0 {
                continue;
            }
            // A piece cut by the lens tells its whole less exactly than four corners do.
            let near = if mesh.vertices.len() == 4 { 0.01 } else { 0.2 };
            found.entry(edges(clipped.clip_rect, 0.01)).or_default().insert(edges(whole(mesh), near));
        }
    }
    found
}

/// The same tiles counted from the corner of the part of the map they are in.
fn from_corner(clip: [i64; 4], tiles: &BTreeSet<[i64; 4]>) -> BTreeSet<[i64; 4]> {
    let [x, y, ..] = clip;
    tiles.iter().map(|tile| [tile[0] - x, tile[1] - y, tile[2] - x, tile[3] - y]).collect()
}

#[test]
fn every_mode_shows_the_same_ground_at_the_same_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let file = project(folder.path());
    for scale in [1.0, 1.25, 2.0] {
        let mut window = window(&file, scale);
        // Zones and flags are textures too, on a lattice of their own.
        let zones = 0..window.state().session().project.as_ref().unwrap().look.zones.len();
        for layer in zones.map(Layer::Zones).chain([Layer::Flags]) {
            window.state_mut().wish(Command::Look(LookWish::Toggle(layer)));
        }
        press(&mut window, Key::Num1);
        let single = tiles(&window);
        assert_eq!(single.len(), 1, "one part of {single:?} at {scale}");
        let (clip, alone) = single.into_iter().next().unwrap();
        assert!(alone.len() > 2, "{alone:?}");
        for (key, mode) in
            [(Key::Num2, Mode::Swipe), (Key::Num3, Mode::Fade), (Key::Num5, Mode::Blink), (Key::Num6, Mode::Lens)]
        {
            press(&mut window, key);
            assert_eq!(compare(&window).mode, mode);
            for (_, both) in tiles(&window) {
                assert!(both.is_subset(&alone) && !both.is_empty(), "{mode:?} at {scale}: {both:?} not in {alone:?}");
            }
        }
        press(&mut window, Key::Num4);
        let views = tiles(&window);
        assert_eq!(views.len(), 2, "two views at {scale}");
        let mut placed: Vec<_> = views.iter().map(|(clip, tiles)| from_corner(*clip, tiles)).collect();
        placed.sort_by_key(BTreeSet::len);
        assert!(placed[0].len() > 2 && placed[0].is_subset(&placed[1]), "{placed:?} at {scale}");
        let sizes: BTreeSet<_> = views.keys().map(|clip| (clip[2] - clip[0], clip[3] - clip[1])).collect();
        assert_eq!(sizes.len(), 1);
        assert!(views.keys().all(|view| view[0] >= clip[0] && view[2] <= clip[2]));
    }
}

#[test]
fn the_place_stays_while_modes_and_views_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(&project(folder.path()), 1.0);
    let place = |window: &Window| (window.state().session().view.centre, window.state().session().view.units);
    press(&mut window, Key::Num1);
    let before = place(&window);
    for key in [Key::Num4, Key::Num2, Key::Num6, Key::Num4] {
        press(&mut window, key);
        assert_eq!(place(&window), before);
    }
    for count in 3..=9 {
        window.get_all_by_label("Add a view").next().unwrap().click();
        settle(&mut window);
        assert_eq!(compare(&window).views.each().len(), count);
        assert_eq!(place(&window), before, "{count} views");
    }
}

#[test]
fn the_strip_tells_gaps_and_chooses_the_later_and_the_earlier_year() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(&project(folder.path()), 1.0);
    let pair = |window: &Window| (compare(window).before, compare(window).after);
    assert_eq!(pair(&window), (1, 2));
    window.get_by_label_contains("No image of this kind in 2023");
    window.get_by_label("2021-07-18").click_modifiers(Modifiers::SHIFT);
    settle(&mut window);
    assert_eq!(pair(&window), (0, 2));
    window.get_by_label("2022-08-05").click();
    settle(&mut window);
    assert_eq!(pair(&window), (0, 1));
    window.get_by_label_contains("2022-08-05 → 2024-08-16").click();
    settle(&mut window);
    assert_eq!(pair(&window), (1, 2));
}

#[test]
fn the_earlier_year_is_held_up_while_space_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(&project(folder.path()), 1.0);
    press(&mut window, Key::Num1);
    window.key_down(Key::Space);
    window.run_steps(2);
    assert!(compare(&window).blinking);
    window.key_up(Key::Space);
    window.run_steps(2);
    assert!(!compare(&window).blinking);
}

#[test]
fn a_view_is_locked_by_its_menu_and_stays_while_the_years_move() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(&project(folder.path()), 1.0);
    press(&mut window, Key::Num4);
    let shown = |window: &Window| {
        let project = window.state().session().project.as_ref().unwrap();
        project.compare.views.scenes(&project.plan.scenes, &project.compare)
    };
    assert_eq!(shown(&window), [Some(1), Some(2)]);
    window.get_by_label_contains("2022-08-05 · satellite").click();
    window.run_steps(4);
    window.get_by_label("Keep one image").click();
    window.run_steps(4);
    window.get_by_label("2025-09-27 · drone").click();
    settle(&mut window);
    assert_eq!(shown(&window), [Some(4), Some(2)]);
    press(&mut window, Key::ArrowLeft);
    assert_eq!(shown(&window), [Some(4), Some(1)]);
}
