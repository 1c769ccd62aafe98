//! Scenes that lie apart: by one shift, by a field that changes from place to place, with other brightness, inverted, or not
//! at all.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

mod support;
use support::made::Pixels;
use support::{Run, assert_same_outputs, data, number, quoted, run, run_with, say, scene};

const BANDS: &str = "red = 1, green = 2, blue = 3, nir = 4";

/// Gain and offset of the four bands of a copy.
const RADIOMETRY: [(f64, f64); 4] = [(1.10, 5.0), (0.92, 9.0), (1.05, -3.0), (0.95, 7.0)];

/// A scene resampled so that its content lies off by a field (cols, rows) in pixels, its values changed by `tone`.
fn warped(scene: &Pixels, field: impl Fn(f64, f64) -> (f64, f64), tone: impl Fn(usize, f64) -> f64) -> Pixels {
    let plane = |(band, values): (usize, &Vec<f64>)| {
        let at = |i: usize| {
            let (col, row) = ((i % scene.cols) as f64, (i / scene.cols) as f64);
            // The content at (col, row) came from where the field leads back to; one more step finds it closely enough.
            let first = field(col, row);
            let (cols, rows) = field(col - first.0, row - first.1);
            let value = cubic(scene, values, col - cols, row - rows);
            tone(band, value).round().clamp(1.0, 255.0)
        };
        (0..scene.cols * scene.rows).map(at).collect()
    };
    Pixels { bands: scene.bands.iter().enumerate().map(plane).collect(), ..scene.clone() }
}

/// Catmull–Rom interpolation; positions beyond the edge take the edge's values.
fn cubic(scene: &Pixels, values: &[f64], col: f64, row: f64) -> f64 {
    let weights = |t: f64| {
        let (t2, t3) = (t * t, t * t * t);
        [-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1.0, -1.5 * t3 + 2.0 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2]
    };
    let (left, top) = (col.floor(), row.floor());
    let (across, down) = (weights(col - left), weights(row - top));
    let clamp = |v: f64, n: usize| v.clamp(0.0, n as f64 - 1.0) as usize;
    let value = |r: usize, c: usize| {
        values[clamp(top + r as f64 - 1.0, scene.rows) * scene.cols + clamp(left + c as f64 - 1.0, scene.cols)]
    };
    (0..4).map(|r| down[r] * (0..4).map(|c| across[c] * value(r, c)).sum::<f64>()).sum()
}

/// Another brightness, as of another year.
fn other_year(band: usize, value: f64) -> f64 {
    value * RADIOMETRY[band].0 + RADIOMETRY[band].1
}

/// An aerial scene and the place of its zones.
fn aerial() -> Option<(PathBuf, Pixels, PathBuf)> {
    let path = data("naip_wetlands/m_4709963_se_14_1_20100629.tif")?;
    let zones = data("naip_wetlands/zones/wetland_zones_2009.gpkg")?;
    let pixels = Pixels::read(&path);
    Some((path, pixels, zones))
}

/// A project of an aerial scene and a copy of it, which is written into the folder; the whole ground is one zone.
fn project(folder: &Path, before: &Path, after: &Pixels, alignment: &str) -> String {
    let copy = after.write_u8(&folder.join("copy.tif"), &["TILED=YES", "COMPRESS=DEFLATE"]);
    let zone = whole_ground(folder, after);
    format!(
        "version = 1\n[project]\n[[zones]]\npath = {}\nkind = \"自然保护区\"\n{}{}[detection]\nalignment = \"{alignment}\"\n",
        quoted(&zone),
        scene(before, "2010-06-29", BANDS),
        scene(&copy, "2011-06-29", BANDS)
    )
}

/// A run on an aerial scene and a copy of it.
fn compared(before: &Path, after: &Pixels, alignment: &str) -> (tempfile::TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &project(folder.path(), before, after, alignment));
    (folder, done)
}

/// A zone over a scene without its outermost thirty pixels, into which a warp brings what lies beyond.
fn whole_ground(folder: &Path, scene: &Pixels) -> PathBuf {
    let t = scene.transform;
    let at = |col: f64, row: f64| [t[0] + col * t[1], t[3] + row * t[5]];
    let (right, bottom) = (scene.cols as f64 - 30.0, scene.rows as f64 - 30.0);
    let ring = [at(30.0, 30.0), at(right, 30.0), at(right, bottom), at(30.0, bottom), at(30.0, 30.0)];
    let shape = serde_json::json!({ "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::26914" } },
        "features": [{ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } }] });
    let path = folder.join("ground.geojson");
    std::fs::write(&path, shape.to_string()).unwrap();
    path
}

/// Residual in pixels, infinite where none could be measured, range of the field, and the area said to have changed.
fn told(done: &Run) -> (f64, Option<(f64, f64)>, f64) {
    let pair = &done.comparisons()[0];
    let pixel = number(pair, "pixel_size");
    let range = pair["shift_field_m"].as_array();
    let range = range.map(|range| (range[0].as_f64().unwrap() / pixel, range[1].as_f64().unwrap() / pixel));
    let residual = pair["shift_residual_m"].as_f64().map_or(f64::INFINITY, |residual| residual / pixel);
    (residual, range, number(pair, "changed_m2"))
}

/// Root of the mean squared length of a field over a scene, in pixels.
fn length(scene: &Pixels, field: impl Fn(f64, f64) -> (f64, f64)) -> f64 {
    let squared = |i: usize| {
        let (cols, rows) = field((i % scene.cols) as f64, (i / scene.cols) as f64);
        cols * cols + rows * rows
    };
    let pixels = scene.cols * scene.rows;
    ((0..pixels).map(squared).sum::<f64>() / pixels as f64).sqrt()
}

/// Runs a warped copy with and without the field; the field must be used, leave little, and take false change away.
fn assert_mended(name: &str, field: impl Fn(f64, f64) -> (f64, f64), tone: impl Fn(usize, f64) -> f64) {
    let Some((path, pixels, _)) = aerial() else { return };
    let copy = warped(&pixels, &field, tone);
    let (_folder, mended) = compared(&path, &copy, "auto");
    let (residual, range, changed) = told(&mended);
    let (_folder, left) = compared(&path, &copy, "none");
    let (misfit, (_, _, falsely)) = (length(&pixels, &field), told(&left));
    say(&format!(
        "{name}: misfit {misfit:.3} → {residual:.3} px, field {range:.2?} px, changed {:.2} → {:.2} ha, threshold {} → {}, {:?}",
        falsely / 1e4,
        changed / 1e4,
        left.comparisons()[0]["threshold"],
        mended.comparisons()[0]["threshold"],
        mended.codes()
    ));
    assert!(range.is_some(), "{name}: no field");
    assert!(residual < 0.3, "{name}: {residual}");
    // So far apart that nothing is told of the uncorrected pair, its false change is none; the mended one must tell, and little.
    if left.comparisons()[0]["threshold"].is_null() {
        let (pixel, told) = (number(&mended.comparisons()[0], "pixel_size"), &mended.comparisons()[0]["threshold"]);
        let ground = (pixels.cols * pixels.rows) as f64 * pixel * pixel;
        assert!(!told.is_null() && changed <= 0.002 * ground, "{name}: {changed} of {ground}");
    } else {
        assert!(changed <= 0.1 * falsely, "{name}: {changed} of {falsely}");
    }
}

/// Turned by a tenth of a degree about its middle, and scaled.
fn turned(col: f64, row: f64) -> (f64, f64) {
    let (x, y) = (col - 467.0, row - 361.0);
    let (sine, scale) = (0.1f64.to_radians().sin(), 1.0005);
    let cosine = (1.0 - sine * sine).sqrt();
    (scale * (cosine * x - sine * y) - x, scale * (sine * x + cosine * y) - y)
}

/// A smooth wave of two pixels.
fn wave(col: f64, row: f64) -> (f64, f64) {
    let (u, v) = (std::f64::consts::PI * col / 934.0, std::f64::consts::PI * row / 723.0);
    (2.0 * u.cos() * v.sin(), 2.0 * (2.0 * u).sin() * (0.5 * v).cos())
}

#[test]
fn a_turned_and_scaled_scene_of_another_brightness_is_put_in_its_place() {
    assert_mended("turned by 0.1° and scaled by 1.0005", turned, other_year);
}

#[test]
fn a_scene_warped_by_a_smooth_wave_of_two_pixels_is_put_in_its_place() {
    assert_mended("wave of ±2 px", wave, other_year);
}

#[test]
fn threads_change_no_byte_of_a_warped_scene() {
    let Some((path, pixels, _)) = aerial() else { return };
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path(), &path, &warped(&pixels, turned, other_year), "auto");
    let one = run_with(&folder.path().join("one"), &project, &["--jobs", "1"], &[]);
    let four = run_with(&folder.path().join("four"), &project, &["--jobs", "4"], &[]);
    assert!(told(&one).1.is_some());
    assert_same_outputs(&one, &four, "four threads");
}

#[test]
fn a_scene_moved_by_one_shift_is_moved_back_by_one() {
    let Some((path, pixels, _)) = aerial() else { return };
    let copy = warped(&pixels, |_, _| (1.3, -0.7), other_year);
    let (_folder, done) = compared(&path, &copy, "auto");
    let (residual, range, _) = told(&done);
    let pair = &done.comparisons()[0];
    let (east, north) = (number(pair, "shift_east_m") / 5.0, number(pair, "shift_north_m") / 5.0);
    say(&format!("one shift: {east:.3} east, {north:.3} north, residual {residual:.3} px"));
    assert!((east - 1.3).abs() < 0.1 && (north - 0.7).abs() < 0.1 && residual < 0.3 && range.is_none());
}

#[test]
fn a_scene_in_which_bright_and_dark_are_exchanged_is_put_in_its_place() {
    let Some((path, pixels, _)) = aerial() else { return };
    let inverted = |band: usize, value: f64| if band < 3 { 255.0 - 0.8 * value } else { value };
    let copy = warped(&pixels, |_, _| (2.4, 1.6), |_, value| 250.0 - 0.8 * value);
    let mixed = warped(&pixels, |_, _| (2.4, 1.6), inverted);
    for (name, copy) in [("inverted", &copy), ("three of four bands inverted", &mixed)] {
        let (_folder, done) = compared(&path, copy, "auto");
        let pair = &done.comparisons()[0];
        say(&format!(
            "{name}: {} {} m, residual {}",
            pair["shift_east_m"], pair["shift_north_m"], pair["shift_residual_m"]
        ));
        let (east, north) = (number(pair, "shift_east_m") / 5.0, number(pair, "shift_north_m") / 5.0);
        assert!((east - 2.4).abs() < 0.3 && (north + 1.6).abs() < 0.3, "{name}: {east} {north}");
    }
}

#[test]
fn a_drone_mosaic_six_pixels_off_and_warped_besides_is_put_in_its_place() {
    assert_mended(
        "drone: 32.8 px off, warped by ±1.5 px",
        |col, row| {
            let (cols, rows) = wave(col, row);
            (28.0 + 0.75 * cols, -17.0 + 0.75 * rows)
        },
        other_year,
    );
}

#[test]
fn scenes_that_lie_on_each_other_are_left_alone() {
    let at = |name: &str| data(&format!("taizhou/{name}"));
    let (Some(before), Some(after)) = (at("taizhou_20000317.tif"), at("taizhou_20030206.tif")) else { return };
    let Some(zones) = at("taizhou_grid_zones.gpkg") else { return };
    let bands = "blue = 1, green = 2, red = 3, nir = 4, swir1 = 5, swir2 = 6";
    let project = format!(
        "version = 1\n[project]\n[[zones]]\npath = {}\nid_field = \"zone_id\"\nkind = \"自然保护区\"\n{}{}",
        quoted(&zones),
        scene(&before, "2000-03-17", bands),
        scene(&after, "2003-02-06", bands)
    );
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &project);
    let pair: &Json = &done.comparisons()[0];
    say(&format!("taizhou: shift {} m, residual {} m", pair["shift_m"], pair["shift_residual_m"]));
    // Less than a fifth of a pixel is not taken back.
    assert!(
        number(pair, "shift_m") < 0.2 * 30.0 && pair["shift_corrected"] == false && pair["shift_field_m"].is_null()
    );
}
