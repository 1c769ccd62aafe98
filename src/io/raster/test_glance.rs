//! Looking: the same pixels as measuring where nothing is coarser, the right overview where something is, and a hole where a
//! file is gone.

use std::path::Path;
use std::sync::Arc;

use super::glance::{Glance, SceneMap};
use super::test_scenes::{Made, folder, grid_of, scene, scene_at, scene_file, whole};
use super::*;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, Scene};

const RED: [BandRole; 1] = [BandRole::Red];

/// A raster of 600 columns whose values grow to the right and downwards.
fn slope(path: &Path) -> Vec<u16> {
    let values: Vec<u16> = (0..600 * 600).map(|at| (at % 600 + at / 600 + 1) as u16).collect();
    let made = Made { cols: 600, options: &["TILED=YES"], ..Made::default() };
    made.write(path, std::slice::from_ref(&values));
    values
}

fn look(scene: &Scene, grid: &Grid, window: Window) -> SceneBlock {
    let mut glance = Glance::new(Arc::new(SceneMap::of(scene, &grid.crs)));
    glance.read(grid, window, &RED, &|| true).expect("read").expect("wanted")
}

/// The grid whose pixels are so many times as wide.
fn coarser(grid: &Grid, by: usize) -> Grid {
    let t = grid.transform.0;
    let transform = GeoTransform::north_up(t[0], t[3], t[1] * by as f64, -t[5] * by as f64);
    Grid { transform, rows: grid.rows / by, cols: grid.cols / by, ..grid.clone() }
}

#[test]
fn at_full_resolution_looking_is_measuring() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    slope(&path);
    let (scene, grid) = (scene_at(&path, &RED), grid_of(&path));
    assert_eq!(look(&scene, &grid, grid.window()), whole(&scene, &RED, &grid));
    let shifted = Grid { transform: GeoTransform::north_up(500_003.0, 3_599_996.0, 10.0, 10.0), ..grid.clone() };
    let (ours, judge) = (look(&scene, &shifted, grid.window()), whole(&scene, &RED, &shifted));
    assert_eq!(ours, judge);
}

#[test]
fn a_coarse_window_is_read_from_the_overview_that_fits() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    slope(&path);
    let mut dataset = gdal::Dataset::open_ex(
        &path,
        gdal::DatasetOptions { open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE, ..Default::default() },
    )
    .expect("opened");
    dataset.build_overviews("NEAREST", &[2, 4], &[]).expect("built");
    // The overviews are marked, so that what is read tells where it comes from.
    for (overview, mark) in [(0, 1000_u16), (1, 2000)] {
        let band = dataset.rasterband(1).expect("band");
        let mut overview = band.overview(overview).expect("overview");
        let (cols, rows) = overview.size();
        let mut buffer = gdal::raster::Buffer::new((cols, rows), vec![mark; cols * rows]);
        overview.write((0, 0), (cols, rows), &mut buffer).expect("written");
    }
    dataset.close().expect("closed");
    let (scene, grid) = (scene_at(&path, &RED), grid_of(&path));
    let first = |by: usize| {
        let coarse = coarser(&grid, by);
        let block = look(&scene, &coarse, Window { row: 10, col: 10, rows: 20, cols: 20 });
        assert!(block.gaps.iter().all(|reason| *reason == gap::SEEN), "{by}");
        block.bands[0][0]
    };
    assert_eq!((first(2), first(3), first(4), first(6)), (1000.0, 1000.0, 2000.0, 2000.0));
    assert!((first(1) - 21.0).abs() < 1e-3);
}

#[test]
fn a_file_that_is_gone_leaves_a_hole_and_is_told_once() {
    let folder = folder();
    let at = |name: &str, x: f64| {
        let transform = GeoTransform::north_up(x, 3_600_000.0, 10.0, 10.0).0;
        Made { transform, ..Made::default() }.write(&folder.path().join(name), &[vec![7; 16]])
    };
    let (left, right) = (at("left.tif", 500_000.0), at("right.tif", 500_040.0));
    let file = |path: &Path| scene_file(&describe(path, None).expect("described"), &RED);
    let scene = scene(vec![file(&left), file(&right)]);
    let grid = Grid { cols: 8, ..grid_of(&left) };
    std::fs::remove_file(&right).expect("removed");
    let mut glance = Glance::new(Arc::new(SceneMap::of(&scene, &grid.crs)));
    for _ in 0..2 {
        let block = glance.read(&grid, grid.window(), &RED, &|| true).expect("read").expect("wanted");
        assert_eq!(
            (block.gaps[0], block.gaps[7], block.bands[0][3].to_bits()),
            (gap::SEEN, gap::OUTSIDE, 7.0_f32.to_bits())
        );
    }
    assert_eq!(glance.failures().len(), 1);
    let beyond = Window { row: 0, col: 4, rows: 4, cols: 4 };
    assert!(glance.read(&grid, beyond, &RED, &|| true).is_err(), "nothing of it can be read");
}

#[test]
fn what_is_no_longer_wanted_is_given_up() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    slope(&path);
    let (scene, grid) = (scene_at(&path, &RED), grid_of(&path));
    let mut glance = Glance::new(Arc::new(SceneMap::of(&scene, &grid.crs)));
    assert!(glance.read(&grid, grid.window(), &RED, &|| false).expect("read").is_none());
}

#[test]
fn a_place_has_the_stored_value_of_its_pixel() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    let values = slope(&path);
    let (scene, grid) = (scene_at(&path, &RED), grid_of(&path));
    let mut glance = Glance::new(Arc::new(SceneMap::of(&scene, &grid.crs)));
    let read = glance.values_at(&grid.crs, (500_000.0 + 255.0, 3_600_000.0 - 1_234.0));
    assert_eq!(read, [(BandRole::Red, f32::from(values[123 * 600 + 25]))]);
    assert!(glance.values_at(&grid.crs, (499_000.0, 3_600_000.0)).is_empty());
}

#[test]
fn the_effort_counts_stored_pixels() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    slope(&path);
    let (scene, grid) = (scene_at(&path, &RED), grid_of(&path));
    let mut glance = Glance::new(Arc::new(SceneMap::of(&scene, &grid.crs)));
    let coarse = coarser(&grid, 10);
    assert_eq!(glance.effort(&coarse, coarse.window(), &RED), 360_000);
}
