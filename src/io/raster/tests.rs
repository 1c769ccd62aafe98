//! The room against real rasters, golden results, planted traps and broken files.

#![allow(clippy::naive_bytecount)] // Gap masks of a test are small.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::test_scenes::{Made, data, folder, grid_of, scene, scene_at, scene_file, whole};
use super::*;
use crate::io::sniff::SniffError;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, BandSource, CodeMask, MaskRule, PolygonMask, SceneMask};

const RGBN: [BandRole; 4] = [BandRole::Red, BandRole::Green, BandRole::Blue, BandRole::Nir];
const SIX: [BandRole; 6] =
    [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir, BandRole::Swir1, BandRole::Swir2];

/// Share of pixels seen in both whose every band differs by at most `tolerance`.
fn agreement(ours: &SceneBlock, golden: &SceneBlock, tolerance: f32) -> f64 {
    let both: Vec<usize> = (0..ours.gaps.len()).filter(|i| ours.gaps[*i] == 0 && golden.gaps[*i] == 0).collect();
    assert!(both.len() * 100 > golden.gaps.iter().filter(|g| **g == 0).count() * 97, "too few pixels to compare");
    let near = |i: &&usize| ours.bands.iter().zip(&golden.bands).all(|(a, b)| (a[**i] - b[**i]).abs() <= tolerance);
    both.iter().filter(near).count() as f64 / both.len() as f64
}

fn golden(source: &str, result: &str, roles: &[BandRole], tolerance: f32) -> Option<f64> {
    let (source, result) = (data(source)?, data(result)?);
    let grid = grid_of(&result);
    Some(agreement(
        &whole(&scene_at(&source, roles), roles, &grid),
        &whole(&scene_at(&result, roles), roles, &grid),
        tolerance,
    ))
}

#[test]
fn bilinear_agrees_with_gdalwarp() {
    let naip = "naip_wetlands/m_4709963_se_14_1_20090818.tif";
    let taizhou = "taizhou/taizhou_20030206.tif";
    for (source, result, roles) in [
        (naip, "golden/warp/naip2009_on_2010_grid_bilinear.tif", &RGBN[..]),
        (taizhou, "golden/warp/taizhou2003_to_utm50n_bilinear.tif", &SIX[..]),
    ] {
        if let Some(share) = golden(source, result, roles, 1.0) {
            assert!(share >= 0.999, "{result}: {share}");
        }
    }
}

#[test]
fn nearest_agrees_with_gdalwarp() {
    let naip = "naip_wetlands/m_4709963_se_14_1_20090818.tif";
    let taizhou = "taizhou/taizhou_20030206.tif";
    for (source, result, least) in [
        (naip, "golden/warp/naip2009_on_2010_grid_near.tif", 1.0),
        // gdalwarp itself places pixels with an error of up to an eighth of a pixel: run exactly, it agrees with its own
        // golden file in degrees on 96.34 % of pixels.
        (taizhou, "golden/warp/taizhou2003_to_utm50n_near.tif", 0.99),
        (taizhou, "golden/warp/taizhou2003_to_wgs84_near.tif", 0.96),
    ] {
        if let Some(share) = golden(source, result, &[BandRole::Class], 0.0) {
            assert!(share >= least, "{result}: {share}");
        }
    }
}

#[test]
fn in_degrees_both_kernels_agree_with_an_exact_gdalwarp() {
    let Some(source) = data("taizhou/taizhou_20030206.tif") else { return };
    let Some(result) = data("golden/warp/taizhou2003_to_wgs84_near.tif") else { return };
    let folder = folder();
    let grid = grid_of(&result);
    let (low, high) = (grid.bounds().min(), grid.bounds().max());
    let numbers = [low.x, low.y, high.x, high.y].map(|v| v.to_string());
    for (kernel, roles, tolerance) in [("near", &[BandRole::Class][..], 0.0), ("bilinear", &SIX[..], 1.0)] {
        let exact = folder.path().join(format!("{kernel}.tif"));
        // XSCALE: gdalwarp widens the kernel by a tenth here, as a target row is 1.1 source rows high.
        let made = std::process::Command::new("gdalwarp")
            .args(["-q", "-et", "0", "-wo", "XSCALE=1", "-wo", "YSCALE=1", "-r", kernel, "-t_srs", "EPSG:4326", "-te"])
            .args(&numbers)
            .args(["-ts", "442", "374"])
            .args([&source, &exact])
            .status();
        if !made.is_ok_and(|s| s.success()) {
            return;
        }
        let grid = grid_of(&exact);
        let ours = whole(&scene_at(&source, roles), roles, &grid);
        let share = agreement(&ours, &whole(&scene_at(&exact, roles), roles, &grid), tolerance);
        assert!(share >= 0.999, "{kernel}: {share}");
    }
}

#[test]
fn windows_of_a_scene_are_pieces_of_the_whole_on_every_path() {
    let Some(path) = data("naip_wetlands/m_4709963_se_14_1_20090818.tif") else { return };
    let Some(other) = data("naip_wetlands/m_4709963_se_14_1_20100629.tif") else { return };
    for grid in [grid_of(&path), grid_of(&other)] {
        let scene = scene_at(&path, &RGBN);
        let all = whole(&scene, &RGBN, &grid);
        let mut reader = SceneReader::open(&scene, &RGBN, &grid, (0.0, 0.0)).expect("opened");
        let window = Window { row: 490, col: 500, rows: 200, cols: 434 };
        let mut piece = SceneBlock::unseen(grid.window(), 4, gap::SEEN);
        reader.read_into(window, &mut piece).expect("read");
        for row in 0..window.rows {
            let from = (window.row + row) * grid.cols + window.col;
            let (a, b) = (&all.gaps[from..from + window.cols], &piece.gaps[row * window.cols..(row + 1) * window.cols]);
            assert_eq!(a, b);
            for (a, b) in all.bands.iter().zip(&piece.bands) {
                let far =
                    a[from..from + window.cols].iter().zip(&b[row * window.cols..]).any(|(a, b)| (a - b).abs() > 0.01);
                assert!(!far);
            }
        }
    }
}

#[test]
fn zero_in_one_band_is_no_gap_in_real_scenes() {
    if let Some(path) = data("naip_wetlands/m_4709963_se_14_1_20140720.tif") {
        let block = whole(&scene_at(&path, &RGBN), &RGBN, &grid_of(&path));
        assert_eq!(block.bands[3].iter().filter(|v| **v == 0.0).count(), 2837);
        assert!(block.gaps.iter().all(|g| *g == gap::SEEN));
    }
    if let Some(path) = data("landsat_degrees/2010.tif") {
        let roles = [BandRole::Swir1, BandRole::Nir, BandRole::Red, BandRole::Green];
        let block = whole(&scene_at(&path, &roles), &roles, &grid_of(&path));
        assert_eq!(block.gaps.iter().filter(|g| **g == gap::NODATA).count(), 23);
    }
}

#[test]
fn a_scene_without_crs_waits_for_the_users_word() {
    let Some(path) = data("season_clouds/july.tif") else { return };
    assert!(matches!(describe(&path, None), Err(RasterError::NoCrs(_))));
    let utm = crate::io::crs::parse("EPSG:32618").expect("known");
    let info = describe(&path, Some(&utm)).expect("described");
    assert_eq!((info.grid.rows, info.bands.len(), info.grid.crs.epsg), (300, 6, Some(32_618)));
}

#[test]
fn one_file_a_band_and_other_pixel_sizes_come_together() {
    let Some(folder) = data("landsat_single_bands/extdata") else { return };
    let name = |band: &str| folder.join(format!("LC08_L1TP_195025_20130707_20170503_01_T1_{band}.TIF"));
    let file = |band: &str, role| scene_file(&describe(&name(band), None).expect("described"), &[role]);
    let files = vec![file("B4", BandRole::Red), file("B5", BandRole::Nir), file("B8", BandRole::Green)];
    let grid = grid_of(&name("B4"));
    let block = whole(&scene(files), &[BandRole::Green, BandRole::Red, BandRole::Nir], &grid);
    let seen = block.gaps.iter().filter(|g| **g == gap::SEEN).count();
    assert!(seen > grid.rows * grid.cols * 9 / 10, "{seen}");
    let lone = whole(&scene_at(&name("B4"), &[BandRole::Red]), &[BandRole::Red], &grid);
    assert!(
        (0..block.gaps.len())
            .filter(|i| block.gaps[*i] == 0)
            .all(|i| (block.bands[1][i] - lone.bands[0][i]).abs() < 1e-6)
    );
}

#[test]
fn tiles_fill_each_other_and_the_earlier_wins() {
    let folder = folder();
    let left = Made { nodata: Some(9.0), ..Made::default() }
        .write(&folder.path().join("l.tif"), &[vec![1, 1, 1, 9, 1, 1, 1, 9]]);
    let right = Made { transform: GeoTransform::north_up(500_020.0, 3_600_000.0, 10.0, 10.0).0, ..Made::default() }
        .write(&folder.path().join("r.tif"), &[vec![2, 2, 2, 2, 2, 2, 2, 0]]);
    let tiles = scene(vec![
        scene_at(&left, &[BandRole::Red]).files.remove(0),
        scene_at(&right, &[BandRole::Red]).files.remove(0),
    ]);
    let grid = Grid { cols: 7, ..grid_of(&left) };
    let block = whole(&tiles, &[BandRole::Red], &grid);
    assert_eq!(block.gaps, [0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 3]);
    assert_eq!(block.bands[0][..6], [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
}

#[test]
fn a_pixel_is_seen_only_if_every_role_was_seen() {
    let folder = folder();
    let red = Made::default().write(&folder.path().join("r.tif"), &[vec![5, 5, 5, 5]]);
    let nir = Made { transform: GeoTransform::north_up(500_010.0, 3_600_000.0, 10.0, 10.0).0, ..Made::default() }
        .write(&folder.path().join("n.tif"), &[vec![7, 0, 7, 7]]);
    let files =
        vec![scene_at(&red, &[BandRole::Red]).files.remove(0), scene_at(&nir, &[BandRole::Nir]).files.remove(0)];
    let block = whole(&scene(files), &[BandRole::Red, BandRole::Nir], &grid_of(&red));
    assert_eq!(block.gaps, [gap::OUTSIDE, gap::SEEN, gap::NODATA, gap::SEEN]);
}

#[test]
fn a_measured_shift_is_taken_back() {
    let folder = folder();
    let ramp: Vec<u16> = (0..64).map(|i| 100 + 10 * (i % 8) + i / 8).collect();
    let path = Made { cols: 8, ..Made::default() }.write(&folder.path().join("a.tif"), &[ramp]);
    let grid = grid_of(&path);
    let scene = scene_at(&path, &[BandRole::Red]);
    for (shift, first) in [((1.0, 2.0), 112.0), ((0.5, 0.25), 105.25)] {
        let mut reader = SceneReader::open(&scene, &[BandRole::Red], &grid, shift).expect("opened");
        let block = reader.read(Window { row: 0, col: 0, rows: 4, cols: 4 }).expect("read");
        assert!((block.bands[0][0] - first).abs() < 1e-3, "{shift:?}: {}", block.bands[0][0]);
        assert!((block.bands[0][5] - first - 11.0).abs() < 1e-3);
    }
    let mut reader = SceneReader::open(&scene, &[BandRole::Red], &grid, (3.0, 0.0)).expect("opened");
    let block = reader.read(Window { row: 0, col: 0, rows: 1, cols: 8 }).expect("read");
    assert_eq!(block.gaps, [0, 0, 0, 0, 0, 3, 3, 3]);
}

#[test]
fn south_up_and_rotated_rasters_are_turned() {
    let folder = folder();
    let values = vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    let south_up = Made { transform: [500_000.0, 10.0, 0.0, 3_599_960.0, 0.0, 10.0], ..Made::default() }
        .write(&folder.path().join("s.tif"), std::slice::from_ref(&values));
    // A quarter turn: columns run south, rows run west.
    let turned = Made { transform: [500_040.0, 0.0, -10.0, 3_600_000.0, -10.0, 0.0], ..Made::default() }
        .write(&folder.path().join("t.tif"), std::slice::from_ref(&values));
    let north_up = Made::default().write(&folder.path().join("n.tif"), &[values]);
    let grid = grid_of(&north_up);
    let first_row =
        |path: &Path| whole(&scene_at(path, &[BandRole::Red]), &[BandRole::Red], &grid).bands[0][..4].to_vec();
    assert_eq!(first_row(&north_up), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(first_row(&south_up), [13.0, 14.0, 15.0, 16.0]);
    assert_eq!(first_row(&turned), [13.0, 9.0, 5.0, 1.0]);
}

#[test]
fn fine_pixels_are_averaged_onto_a_coarse_grid() {
    let folder = folder();
    for side in [8_usize, 160] {
        let values: Vec<u16> =
            (0..side * side).map(|i| if (i % side + i / side) % 2 == 0 { 100 } else { 300 }).collect();
        let size = 40.0 / side as f64;
        let transform = GeoTransform::north_up(500_000.0, 3_600_000.0, size, size).0;
        let path = Made { cols: side, transform, ..Made::default() }.write(&folder.path().join("f.tif"), &[values]);
        let coarse = Grid {
            transform: GeoTransform::north_up(500_000.0, 3_600_000.0, 20.0, 20.0),
            rows: 2,
            cols: 2,
            ..grid_of(&path)
        };
        let block = whole(&scene_at(&path, &[BandRole::Red]), &[BandRole::Red], &coarse);
        assert_eq!(block.gaps, [0; 4]);
        assert!(block.bands[0].iter().all(|v| (v - 200.0).abs() < 1.0), "{:?}", block.bands[0]);
    }
}

#[test]
fn a_mask_hides_by_value_and_by_bit_on_its_own_grid() {
    let folder = folder();
    let path = Made::default().write(&folder.path().join("a.tif"), &[vec![5; 16]]);
    let transform = GeoTransform::north_up(500_000.0, 3_600_000.0, 20.0, 20.0).0;
    let mask = Made { cols: 2, transform, ..Made::default() }.write(&folder.path().join("m.tif"), &[vec![9, 4, 4, 8]]);
    let masked = |rule: MaskRule| {
        let mut scene = scene_at(&path, &[BandRole::Red]);
        let file = scene_at(&mask, &[BandRole::Class]).files.remove(0);
        scene.masks = vec![SceneMask::Codes(Box::new(CodeMask { file, rule }))];
        whole(&scene, &[BandRole::Red], &grid_of(&path)).gaps
    };
    let by_value = masked(MaskRule { scheme: "scl".into(), values: vec![9], bits: 0 });
    assert_eq!(by_value, [2, 2, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let by_bit = masked(MaskRule { scheme: "qa".into(), values: vec![], bits: 8 });
    assert_eq!(by_bit, [2, 2, 0, 0, 2, 2, 0, 0, 0, 0, 2, 2, 0, 0, 2, 2]);
}

#[test]
fn polygons_hide_pixels_by_their_centres_and_move_with_their_scene() {
    use geo_types::polygon;
    let folder = folder();
    let path = Made::default().write(&folder.path().join("a.tif"), &[vec![5; 16]]);
    let mut scene = scene_at(&path, &[BandRole::Red]);
    let (x, y) = (500_000.0, 3_600_000.0);
    // The centres of columns 1 and 2 of the two upper rows; and one pixel that both polygons hold.
    let first =
        polygon![(x: x + 12.0, y: y), (x: x + 28.0, y: y), (x: x + 28.0, y: y - 18.0), (x: x + 12.0, y: y - 18.0)];
    let second = polygon![(x: x + 22.0, y: y - 12.0), (x: x + 39.0, y: y - 12.0), (x: x + 39.0, y: y - 24.0)];
    let far = polygon![(x: x + 1e6, y: y), (x: x + 2e6, y: y), (x: x + 2e6, y: y - 1e6)];
    let shapes = vec![first.into(), second.into(), far.into()];
    scene.masks = vec![SceneMask::Polygons(PolygonMask { path: "clouds.gpkg".into(), shapes: shapes.into() })];
    let gaps = |shift: (f64, f64), window: Window| {
        let mut reader = SceneReader::open(&scene, &[BandRole::Red], &grid_of(&path), shift).expect("opened");
        reader.read(window).expect("read").gaps
    };
    let whole = Window { row: 0, col: 0, rows: 4, cols: 4 };
    assert_eq!(gaps((0.0, 0.0), whole), [0, 2, 2, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(gaps((0.0, 0.0), Window { row: 1, col: 2, rows: 2, cols: 2 }), [2, 2, 0, 0]);
    let moved = gaps((1.0, 0.0), whole);
    assert_eq!(moved, [2, 2, 0, 3, 2, 2, 2, 3, 0, 0, 0, 3, 0, 0, 0, 3], "a greater reason stays");
}

#[test]
fn transparent_pixels_are_gaps_and_black_ones_are_not() {
    let folder = folder();
    let bands = [vec![0, 0, 7, 7], vec![255, 0, 255, 0]];
    let path = Made { options: &["ALPHA=YES"], ..Made::default() }.write(&folder.path().join("a.tif"), &bands);
    let info = describe(&path, None).expect("described");
    assert_eq!(info.alpha, Some(2));
    let block = whole(&scene(vec![scene_file(&info, &[BandRole::Red])]), &[BandRole::Red], &info.grid);
    assert_eq!(block.gaps, [0, 1, 0, 1]);
}

#[test]
fn a_truncated_file_is_damaged_only_where_it_ends() {
    let folder = folder();
    let values: Vec<u16> = (0..256 * 256).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as u16 | 1).collect();
    let options = &["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE"][..];
    let path = Made { cols: 256, options, ..Made::default() }.write(&folder.path().join("a.tif"), &[values]);
    let sound = whole(&scene_at(&path, &[BandRole::Red]), &[BandRole::Red], &grid_of(&path));
    let scene = scene_at(&path, &[BandRole::Red]);
    let bytes = std::fs::read(&path).expect("read");
    // The directory lies in front of the data in a file written at one go; else the cut file does not open at all.
    std::fs::write(&path, &bytes[..bytes.len() * 6 / 10]).expect("cut");
    let Ok(info) = describe(&path, None) else { panic!("the cut file should still open") };
    let mut reader = SceneReader::open(&scene, &[BandRole::Red], &info.grid, (0.0, 0.0)).expect("opened");
    let block = reader.read(info.grid.window()).expect("read");
    let damaged = block.gaps.iter().filter(|g| **g == gap::DAMAGED).count();
    assert!(damaged % 4096 == 0 && (4..=8).contains(&(damaged / 4096)), "{damaged}");
    assert!(block.gaps.iter().all(|g| *g == gap::SEEN || *g == gap::DAMAGED));
    assert_eq!(reader.damage().len() * 4096, damaged);
    assert!(
        (0..block.gaps.len())
            .filter(|i| block.gaps[*i] == 0)
            .all(|i| block.bands[0][i].to_bits() == sound.bands[0][i].to_bits())
    );
    let notices = damage_notices(reader.damage());
    assert_eq!((notices.len(), notices[0].code), (1, "D07_blocks"));
}

#[test]
fn an_overview_that_points_elsewhere_is_refused() {
    use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
    let folder = folder();
    let path = Made::default().write(&folder.path().join("a.tif"), &[vec![1; 4]]);
    let options = DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_UPDATE, ..DatasetOptions::default() };
    let mut dataset = Dataset::open_ex(&path, options).expect("opened");
    dataset.set_metadata_item("OVERVIEW_FILE", "/etc/hostname", "OVERVIEWS").expect("set");
    dataset.close().expect("closed");
    assert!(matches!(describe(&path, None), Err(RasterError::Reference { .. })));
}

#[test]
fn impossible_georeferences_are_refused() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    let refused = |made: Made| describe(&made.write(&path, &[vec![1; 4]]), None).expect_err("refused");
    let zero = Made { transform: [500_000.0, 0.0, 0.0, 3_600_000.0, 0.0, -1.0], ..Made::default() };
    assert!(matches!(refused(zero), RasterError::NoTransform { .. }));
    let nan = Made { transform: [f64::NAN, 1.0, 0.0, 3_600_000.0, 0.0, -1.0], ..Made::default() };
    assert!(matches!(refused(nan), RasterError::NoTransform { .. }));
    let metres = refused(Made { epsg: 4490, ..Made::default() });
    assert!(matches!(metres, RasterError::NotDegrees { .. }));
    let prefixed = Made { transform: GeoTransform::north_up(40_500_000.0, 3_600_000.0, 1.0, 1.0).0, ..Made::default() };
    let info = describe(&prefixed.write(&path, &[vec![1; 4]]), None).expect("described");
    assert_eq!(info.notices[0].code, "W11_zone_prefix");
    assert!(info.notices[0].facts.contains(&("suggestion", "EPSG:4528".to_owned())));
}

#[test]
fn header_bombs_are_refused_within_a_second() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/tiff_bombs.py");
    let script = std::env::var_os("ECOREDLINE_DATA").map_or(script, |d| Path::new(&d).join("../tools/tiff_bombs.py"));
    let folder = folder();
    let made = std::process::Command::new("python3").arg(&script).arg(folder.path()).status();
    if !script.exists() || !made.is_ok_and(|s| s.success()) {
        return;
    }
    let begun = Instant::now();
    let refusal = |name: &str| describe(&folder.path().join(name), None).expect_err(name);
    assert!(matches!(refusal("huge_dims.tif"), RasterError::TooLarge { .. }));
    assert!(matches!(refusal("tile_bomb.tif"), RasterError::BlockTooLarge { .. }));
    assert!(matches!(refusal("tile_bomb_gb.tif"), RasterError::BlockTooLarge { .. }));
    assert!(matches!(refusal("many_bands.tif"), RasterError::TooManyBands { .. }), "{:?}", refusal("many_bands.tif"));
    refusal("zero_dim.tif");
    refusal("huge_onestrip.tif");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("listed").filter_map(Result::ok) {
        if entry.path().is_dir() { files_below(&entry.path(), into) } else { into.push(entry.path()) }
    }
}

#[test]
fn every_odd_raster_opens_is_damaged_or_is_refused_with_a_reason() {
    let Some(folder) = data("odd_rasters") else { return };
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let place = crate::io::crs::parse("EPSG:32650").expect("known");
    let (mut opened, mut refused) = (0, 0);
    for path in files {
        let begun = Instant::now();
        match describe(&path, Some(&place)) {
            Ok(info) => {
                opened += 1;
                let scene = scene(vec![scene_file(&info, &[BandRole::Red])]);
                let window = Window { row: 0, col: 0, rows: info.grid.rows.min(512), cols: info.grid.cols.min(512) };
                let mut reader = SceneReader::open(&scene, &[BandRole::Red], &info.grid, (0.0, 0.0)).expect("opened");
                let block = reader.read(window).expect("read");
                let damaged = block.gaps.contains(&gap::DAMAGED);
                assert_eq!(damaged, !reader.damage().is_empty(), "{}", path.display());
                assert!(block.bands[0].iter().all(|v| v.is_finite()));
            }
            Err(error) => {
                refused += 1;
                assert!(error.path().is_some(), "{error}");
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", path.display());
    }
    assert!(opened > 3 && refused > 100, "{opened} {refused}");
}

#[test]
fn jpeg2000_in_a_nameless_projection_is_read() {
    let Some(folder) = data("modis_jp2/inst/extdata/raster/mod13q1") else { return };
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    files.retain(|f| f.extension().is_some_and(|e| e == "jp2"));
    files.sort();
    let info = describe(&files[0], None).expect("described");
    assert_eq!((info.driver, info.grid.cols, info.grid.rows), ("JP2OpenJPEG", 255, 147));
    let block = whole(&scene_at(&files[0], &[BandRole::Nir]), &[BandRole::Nir], &info.grid);
    let values = || block.bands[0].iter().copied();
    assert_eq!((values().fold(f32::MAX, f32::min), values().fold(0.0, f32::max)), (171.0, 9163.0));
}

#[test]
fn a_missing_role_or_band_is_named() {
    let folder = folder();
    let path = Made::default().write(&folder.path().join("a.tif"), &[vec![1; 4]]);
    let scene = scene_at(&path, &[BandRole::Red]);
    let grid = grid_of(&path);
    let error = SceneReader::open(&scene, &[BandRole::Nir], &grid, (0.0, 0.0)).err();
    assert_eq!(error, Some(RasterError::NoSuchRole { role: "nir" }));
    let mut wrong = scene;
    wrong.files[0].bands = vec![BandSource { index: 3, ..wrong.files[0].bands[0].clone() }];
    let mut reader = SceneReader::open(&wrong, &[BandRole::Red], &grid, (0.0, 0.0)).expect("lazily opened");
    assert!(matches!(reader.read(grid.window()), Err(RasterError::NoSuchBand { index: 3, bands: 1, .. })));
    std::fs::remove_file(&path).expect("removed");
    let mut reader = SceneReader::open(&wrong, &[BandRole::Red], &grid, (0.0, 0.0)).expect("lazily opened");
    assert!(matches!(reader.read(grid.window()), Err(RasterError::Sniff(SniffError::Missing(_)))));
}

#[test]
fn every_refusal_has_words_in_both_languages() {
    use crate::lang::Lang;
    use crate::model::notice::{Explain, Notice, Weight};
    let crs = crate::io::crs::parse("nonsense").expect_err("nonsense");
    let codes = [
        "R01_empty",
        "R01_not_raster",
        "R01_no_driver",
        "R02_virtual",
        "R03_reference",
        "R05_claims",
        "R05_block",
        "R05_no_pixels",
        "W06_ratio",
        "W04_neighbours",
        "R07_cannot_open",
        "D07_blocks",
        "D07_changed",
        "D08_block",
        "R09_bands",
        "A10_no_crs",
        "A10_unknown_crs",
        "A11_not_degrees",
        "A11_out_of_domain",
        "W11_zone_prefix",
        "A12_no_transformation",
        "R15_transform",
        "R18_sample",
        "A19_band",
        "A19_role",
        "P33_name",
        "P33_address",
        "P40_missing",
        "P40_not_regular",
        "P40_unreadable",
        "E40_disk_full",
        "E40_read_only",
        "E40_not_a_folder",
        "E40_among_sources",
        "E40_busy",
        "E40_not_verified",
        "E40_failed",
        crs.notice().code,
    ];
    for code in codes {
        for lang in Lang::ALL {
            let text = lang.notice(&Notice::new(code, Weight::Refused));
            assert!(!text.what.is_empty() && !text.why.is_empty() && !text.advice.is_empty(), "{code} {}", lang.tag());
        }
    }
}
