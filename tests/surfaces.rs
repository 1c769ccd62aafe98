//! Surface against surface: the shift, the offset and the volumes, each set against a plain computation or a known truth.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod support;

use std::path::Path;

use ecoredline::detect::change::ChangeMethod;
use ecoredline::detect::change::difference::SurfaceDifference;
use ecoredline::detect::sample::Sample;
use ecoredline::detect::variogram::correlation;
use ecoredline::detect::volume::{Moved, height_fit};
use ecoredline::model::grid::Window;
use ecoredline::model::raster::{PairBlock, SceneBlock, gap};
use ecoredline::model::units::SquareMetres;
use gdal::Dataset;
use gdal::vector::{LayerAccess, ToGdal};
use serde_json::Value as Json;
use support::made::{Pixels, crs};
use support::{Run, data, number, quoted, run, run_with, say};

/// The canopy pair lies this many pixels apart.
const KNOWN_SHIFT_PX: f64 = 1.2;

/// A zone of whole pixels: (west, south, east, north).
type Bounds = (f64, f64, f64, f64);

fn write_zones(folder: &Path, epsg: u32, zones: &[(&str, Bounds)]) {
    let feature = |(id, (w, s, e, n)): &(&str, Bounds)| {
        let ring = format!("[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]");
        format!(
            r#"{{"type":"Feature","properties":{{"id":"{id}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features: Vec<String> = zones.iter().map(feature).collect();
    let crs = format!(r#"{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::{epsg}"}}}}"#);
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
    std::fs::write(folder.join("zones.geojson"), text).unwrap();
}

fn project(epsg: u32, before: &Path, after: &Path) -> String {
    let scene = |path: &Path, year: i32| {
        format!(
            "[[scenes]]\npath = {}\ndate = \"{year}-07-01\"\nkind = \"surface\"\ncrs = \"EPSG:{epsg}\"\n",
            quoted(path)
        )
    };
    format!(
        "version = 1\n[project]\nanalysis_crs = \"EPSG:{epsg}\"\n[[zones]]\npath = \"zones.geojson\"\nid_field = \"id\"\n\
         {}{}[outputs]\nrasters = true\n",
        scene(before, 2012),
        scene(after, 2014)
    )
}

/// The only comparison of a run.
fn pair(run: &Run) -> &Json {
    let [pair] = run.comparisons() else { panic!("one comparison") };
    pair
}

/// The later surface where the earlier one's pixels lie: bilinear, by hand; `None` beyond its edge.
fn moved(after: &Pixels, row: f64, col: f64) -> Option<f64> {
    let (top, left) = (row.floor(), col.floor());
    if top < 0.0 || left < 0.0 || top as usize + 1 >= after.rows || left as usize + 1 >= after.cols {
        return None;
    }
    let at = |r: usize, c: usize| after.bands[0][(top as usize + r) * after.cols + left as usize + c];
    let (down, right) = (row - top, col - left);
    let above = at(0, 0) * (1.0 - right) + at(0, 1) * right;
    let below = at(1, 0) * (1.0 - right) + at(1, 1) * right;
    Some(above * (1.0 - down) + below * down)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

/// Median of what did not change, and the spread of all around it.
fn offset_and_spread(rises: &[f64]) -> (f64, f64) {
    let spread = |offset: f64| 1.4826 * median(rises.iter().map(|rise| (rise - offset).abs()).collect());
    let mut offset = median(rises.to_vec());
    for _ in 0..20 {
        let limit = 3.29 * spread(offset);
        offset = median(rises.iter().copied().filter(|rise| (rise - offset).abs() <= limit).collect());
    }
    (offset, spread(offset))
}

/// Heights after less heights before on the earlier surface's pixels, the measured shift taken back.
fn rises(before: &Pixels, after: &Pixels, pair: &Json) -> Vec<Option<f64>> {
    let pixel = before.transform[1];
    let (cols, rows) = (number(pair, "shift_east_m") / pixel, -number(pair, "shift_north_m") / pixel);
    (0..before.rows * before.cols)
        .map(|i| {
            let (row, col) = ((i / before.cols) as f64 + rows, (i % before.cols) as f64 + cols);
            moved(after, row, col).map(|height| height - before.bands[0][i])
        })
        .collect()
}

/// Cut and fill over some pixels, by a plain loop.
fn summed(rises: &[Option<f64>], offset: f64, pixel_m2: f64, is_counted: impl Fn(usize) -> bool) -> (f64, f64) {
    let (mut cut, mut fill) = (0.0, 0.0);
    for (at, rise) in rises.iter().enumerate() {
        if let (Some(rise), true) = (rise, is_counted(at)) {
            let height = rise - offset;
            if height < 0.0 { cut -= height * pixel_m2 } else { fill += height * pixel_m2 }
        }
    }
    (cut, fill)
}

fn assert_equal(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() <= 1e-6 * wanted.abs().max(1.0), "{what}: {found} and {wanted}");
}

#[test]
fn the_canopy_pair_is_brought_together_and_its_volumes_equal_a_plain_sum() {
    let Some(source) = data("canopy_height_pair") else { return };
    let folder = tempfile::tempdir().unwrap();
    let copied = |name: &str| {
        let path = folder.path().join(name);
        std::fs::copy(source.join(name), &path).unwrap();
        path
    };
    let (first, second) = (copied("ALS_CHM_CAU_2012.tif"), copied("ALS_CHM_CAU_2014.tif"));
    let zone = (779_175.0, 9_585_229.0, 779_465.0, 9_585_519.0);
    write_zones(folder.path(), 32722, &[("all", zone)]);
    let run = run(folder.path(), &project(32722, &first, &second));
    let pair = pair(&run);
    let shift = number(pair, "shift_m");
    assert!((shift - KNOWN_SHIFT_PX).abs() < 0.3, "{shift}");
    assert_eq!(pair["shift_corrected"], true);

    let (before, after) = (Pixels::read(&first), Pixels::read(&second));
    let rises = rises(&before, &after, pair);
    // The zone leaves out five pixels at the west and the south, and five and ten at the others.
    let inside = |at: usize| (5..295).contains(&(at / 300)) && (5..295).contains(&(at % 300));
    let seen: Vec<f64> = (0..rises.len()).filter(|at| inside(*at)).filter_map(|at| rises[at]).collect();
    let (offset, nmad) = offset_and_spread(&seen);
    assert!((number(&pair["heights"], "offset_m") - offset).abs() < 1e-5, "{offset}");
    assert!((number(&pair["heights"], "nmad_m") - nmad).abs() < 1e-4, "{nmad}");

    let change = Pixels::read(&run.folder.join("out/rasters/20120701_20140701_surface_change.tif"));
    let pixel_of = grid_offset(&change, &before);
    let changed: Vec<bool> = (0..rises.len()).map(|at| (change.bands[0][pixel_of(at)] - 1.0).abs() < 0.5).collect();
    let level = number(pair, "threshold");
    let too_small = |at: &usize| changed[*at] && rises[*at].is_none_or(|rise| (rise - offset).abs() < level - 1e-4);
    assert_eq!((0..rises.len()).find(too_small), None, "a change below the level of detection counts");
    let (cut, fill) = summed(&rises, offset, 1.0, |at| changed[at] && inside(at));
    for volume in [&pair["volume"], &pair["zones"][0]["volume"]] {
        assert_equal(number(volume, "cut_m3"), cut, "cut");
        assert_equal(number(volume, "fill_m3"), fill, "fill");
        assert_equal(number(volume, "net_m3"), fill - cut, "net");
    }
    say(&format!("canopy pair: shift {shift:.3} m, cut {cut:.3} m³, fill {fill:.3} m³"));
    let flags = flags_equal_sums(&run, &rises, &changed, offset, &before);
    assert_eq!(flags, run.flags().len());
    assert!(flags > 10, "{flags}");
}

/// Where the pixels of one raster lie in another of the same lattice.
fn grid_offset(target: &Pixels, source: &Pixels) -> impl Fn(usize) -> usize {
    let pixel = source.transform[1];
    let col = ((source.transform[0] - target.transform[0]) / pixel).round() as i64;
    let row = ((target.transform[3] - source.transform[3]) / pixel).round() as i64;
    let (cols, own, rows) = (target.cols as i64, source.cols, target.rows as i64);
    move |at| {
        let (r, c) = ((at / own) as i64 + row, (at % own) as i64 + col);
        (r.clamp(0, rows - 1) * cols + c.clamp(0, cols - 1)) as usize
    }
}

/// Sets the volumes of every flag in `flags.gpkg` against a plain sum over the changed pixels inside its outline.
fn flags_equal_sums(run: &Run, rises: &[Option<f64>], changed: &[bool], offset: f64, grid: &Pixels) -> usize {
    let file = Dataset::open(run.folder.join("out/flags.gpkg")).unwrap();
    let mut layer = file.layer_by_name("flags").unwrap();
    let mut flags = 0;
    for feature in layer.features() {
        let outline = feature.geometry().unwrap();
        let bounds = outline.envelope();
        let is_inside = |at: usize| {
            let x = grid.transform[0] + ((at % grid.cols) as f64 + 0.5) * grid.transform[1];
            let y = grid.transform[3] + ((at / grid.cols) as f64 + 0.5) * grid.transform[5];
            let near = x > bounds.MinX && x < bounds.MaxX && y > bounds.MinY && y < bounds.MaxY;
            near && changed[at] && outline.contains(&geo_types::Point::new(x, y).to_gdal().unwrap())
        };
        let (cut, fill) = summed(rises, offset, grid.transform[1] * grid.transform[1], is_inside);
        let column = |name: &str| {
            feature.field_as_double(feature.field_index(name).unwrap()).unwrap().unwrap_or_else(|| panic!("no {name}"))
        };
        // The table rounds to litres.
        assert!((column("cut_m3") - cut).abs() < 1e-3 + 1e-6 * cut, "{} and {cut}", column("cut_m3"));
        assert!((column("fill_m3") - fill).abs() < 1e-3 + 1e-6 * fill, "{} and {fill}", column("fill_m3"));
        assert!(column("cut_e_m3") + column("fill_e_m3") > 0.0 && column("net_e_m3") > 0.0);
        flags += 1;
    }
    flags
}

/// Side of the made surfaces in pixels of half a metre.
const SIDE: usize = 600;
const PIXEL: f64 = 0.5;
const WEST: f64 = 500_000.0;
const NORTH: f64 = 3_590_000.0;

/// Pits (negative) and heaps: row, column, rows, columns, metres.
const WORKS: [(usize, usize, usize, usize, f64); 12] = [
    (40, 40, 30, 40, -2.0),
    (40, 140, 20, 20, 1.5),
    (40, 240, 50, 60, -3.0),
    (40, 360, 16, 30, 2.5),
    (160, 40, 60, 30, 1.2),
    (160, 140, 24, 24, -1.5),
    (160, 240, 40, 20, -2.5),
    (160, 360, 70, 70, 4.0),
    (300, 40, 20, 50, -1.8),
    (300, 140, 34, 34, 2.2),
    (300, 240, 26, 44, -2.2),
    (300, 360, 44, 26, 3.0),
];

/// Noise of two flights, alike over four pixels, with a standard deviation of about 0.08 m.
fn noise(seed: u64) -> impl Fn(usize, usize) -> f64 {
    move |row, col| {
        let mut sum = 0.0;
        for (r, c) in (0..4).flat_map(|r| (0..4).map(move |c| (r, c))) {
            let mut state =
                seed ^ ((row + r) as u64 * 1_000_003 + (col + c) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            state = (state ^ (state >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            sum += (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
        }
        sum * 0.07
    }
}

fn hills(row: f64, col: f64) -> f64 {
    20.0 + 2.0 * (row / 23.0).sin() * (col / 31.0).cos() + 0.7 * ((row + 2.0 * col) / 9.0).sin()
}

/// Two surfaces, the later one lifted by an offset, with the works.
fn made(offset: f64) -> [Pixels; 2] {
    let surface = |height: &dyn Fn(usize, usize) -> f64| Pixels {
        cols: SIDE,
        rows: SIDE,
        bands: vec![(0..SIDE * SIDE).map(|i| height(i / SIDE, i % SIDE)).collect()],
        transform: [WEST, PIXEL, 0.0, NORTH, 0.0, -PIXEL],
        srs: crs(4549).to_wkt().unwrap(),
    };
    let works = |row: usize, col: usize| {
        let hit = WORKS.iter().find(|w| (w.0..w.0 + w.2).contains(&row) && (w.1..w.1 + w.3).contains(&col));
        hit.map_or(0.0, |w| w.4)
    };
    let (first, second) = (noise(5), noise(9));
    [
        surface(&|row, col| hills(row as f64, col as f64) + first(row, col)),
        surface(&|row, col| hills(row as f64, col as f64) + second(row, col) + offset + works(row, col)),
    ]
}

const TILED: [&str; 3] = ["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128"];

/// A folder with two surfaces and the project text.
fn lab(surfaces: &[Pixels; 2], nodata: Option<f64>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = ["before.tif", "after.tif"].map(|name| folder.path().join(name));
    surfaces[0].write(&before, &TILED, nodata, |v| v as f32);
    surfaces[1].write(&after, &TILED, nodata, |v| v as f32);
    let far = SIDE as f64 * PIXEL;
    let east = (WEST + 150.0, NORTH - far + 10.0, WEST + far - 10.0, NORTH - 10.0);
    let west = (WEST + 10.0, NORTH - far + 10.0, WEST + 160.0, NORTH - 10.0);
    write_zones(folder.path(), 4549, &[("west", west), ("east", east)]);
    let text = project(4549, &before, &after);
    (folder, text)
}

fn figure(flag: &Json, name: &str) -> f64 {
    number(&flag["properties"], name)
}

#[test]
fn every_pit_and_heap_is_measured_within_its_error() {
    let (folder, text) = lab(&made(0.0), None);
    let run = run(folder.path(), &text);
    let flags = run.flags();
    assert_eq!(flags.len(), WORKS.len());
    let mut true_volumes: Vec<f64> = WORKS.iter().map(|w| w.4 * (w.2 * w.3) as f64 * PIXEL * PIXEL).collect();
    let mut found: Vec<(f64, f64)> = flags.iter().map(|f| (figure(f, "NET_M3"), figure(f, "NET_E_M3"))).collect();
    true_volumes.sort_by(f64::total_cmp);
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut held = 0;
    for (truth, (net, error)) in true_volumes.iter().zip(&found) {
        // The surfaces are hardly out, so that the error is small; and no error is wished away.
        assert!(*error < 0.1 * truth.abs() && *error > 0.2, "{truth}: {net} ± {error}");
        assert!((net - truth).abs() < 0.05 * truth.abs(), "{truth}: {net} ± {error}");
        held += usize::from((net - truth).abs() <= *error);
    }
    assert!(held >= WORKS.len() - 2, "{held} of {} intervals hold the truth: {found:?} {true_volumes:?}", WORKS.len());
    // Overlapping zones count once in the whole.
    let pair = pair(&run);
    let whole: f64 = true_volumes.iter().sum();
    assert!((number(&pair["volume"], "net_m3") - whole).abs() < number(&pair["volume"], "net_e_m3"));
    let by_zone: f64 = run.zones(0).iter().map(|zone| number(&zone["volume"], "net_m3")).sum();
    assert!(by_zone.is_finite() && pair["heights"]["correlated"].as_f64().unwrap() > 0.5, "{}", pair["heights"]);
    let range = number(&pair["heights"], "range_m");
    assert!((1.0..5.0).contains(&range), "errors are alike over two metres: {range}");
}

#[test]
fn one_thread_and_three_measure_the_same_bytes() {
    let (folder, text) = lab(&made(0.0), None);
    let one = run_with(folder.path(), &text, &["--jobs", "1"], &[]);
    let outputs = one.outputs();
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    std::fs::remove_file(folder.path().join("ledger.gpkg")).unwrap();
    let three = run_with(folder.path(), &text, &["--jobs", "3"], &[]);
    assert_eq!(outputs.keys().collect::<Vec<_>>(), three.outputs().keys().collect::<Vec<_>>());
    for (name, bytes) in three.outputs() {
        assert!(outputs[&name] == bytes, "{name} differs");
    }
}

#[test]
fn another_vertical_datum_is_taken_back_and_told_in_both_languages() {
    let (folder, text) = lab(&made(1.9), None);
    let run = run(folder.path(), &text);
    assert_eq!(run.code, 0);
    let offset = number(&pair(&run)["heights"], "offset_m");
    assert!((offset - 1.9).abs() < 0.02, "{offset}");
    assert_eq!(run.flags().len(), WORKS.len(), "a constant is no change");
    let told = |run: &Run| {
        let warnings = run.summary["warnings"].as_array().unwrap();
        warnings.iter().find(|w| w["code"] == "surface_offset").unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert!(told(&run).contains("a constant of +1.90"), "{}", told(&run));
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("taken back") && page.contains("1.90 ± "));
    let chinese = text.replace("rasters = true", "rasters = true\nlanguage = \"zh\"");
    let spoken = support::program(folder.path(), &chinese, &["--lang", "zh"]);
    assert!(spoken.1.contains("高程相差常数 +1.90"), "{}", spoken.1);
}

#[test]
fn the_sample_surfaces_are_brought_together_as_they_were_taken_apart() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/surface");
    let folder = tempfile::tempdir().unwrap();
    write_zones(folder.path(), 4549, &[("all", (445_645.0, 3_568_405.0, 445_885.0, 3_568_645.0))]);
    let [first, second] = ["park_dsm_2024.tif", "park_dsm_2025.tif"].map(|name| samples.join(name));
    let run = run(folder.path(), &project(4549, &first, &second));
    let pair = pair(&run);
    // As their README says: moved by 0.60 and -0.35 m, lifted by 0.12 m.
    let (east, north) = (number(pair, "shift_east_m") - 0.60, number(pair, "shift_north_m") + 0.35);
    assert!(east.hypot(north) < 0.05, "{east} {north}");
    let offset = number(&pair["heights"], "offset_m") - 0.12;
    assert!(offset.abs() < 1.96 * number(&pair["heights"], "offset_se_m"), "{}", pair["heights"]);
    say(&format!("sample surfaces: shift off by {:.3} m, offset by {offset:.4} m", east.hypot(north)));
}

#[test]
fn surfaces_without_offset_are_not_suspected() {
    let (folder, text) = lab(&made(0.2), None);
    let run = run(folder.path(), &text);
    assert!(!run.codes().contains(&"surface_offset"));
}

#[test]
fn a_surface_of_nothing_but_nodata_is_not_compared() {
    let mut surfaces = made(0.0);
    surfaces[1].bands[0].fill(-9999.0);
    let (folder, text) = lab(&surfaces, Some(-9999.0));
    let run = run(folder.path(), &text);
    assert_eq!((run.code, run.flags().len()), (2, 0));
    assert!(run.codes().contains(&"not_comparable"));
    let pair = pair(&run);
    assert!(pair["volume"].is_null() && pair["heights"].is_null() && number(pair, "unchanged_m2") == 0.0);
}

#[test]
fn surfaces_of_other_sizes_meet_where_both_lie() {
    let [before, after] = made(0.0);
    let part = after.window(200, 0, 300, 600, 0.0);
    let (folder, text) = lab(&[before, part], None);
    let run = run(folder.path(), &text);
    assert_eq!(run.code, 0);
    support::assert_parts_add_up(&run);
    let pair = pair(&run);
    assert!(number(pair, "not_observed_m2") > 10_000.0);
    // Of the works, those between columns 200 and 500 remain, all of them whole.
    let whole: f64 = WORKS.iter().filter(|w| w.1 > 200).map(|w| w.4 * (w.2 * w.3) as f64 * PIXEL * PIXEL).sum();
    let (net, error) = (number(&pair["volume"], "net_m3"), number(&pair["volume"], "net_e_m3"));
    assert!((net - whole).abs() < error, "{net} ± {error}, in truth {whole}");
}

#[test]
fn a_surface_in_another_place_leaves_all_not_observed() {
    let [before, mut after] = made(0.0);
    after.transform[0] += 20_000.0;
    let (folder, text) = lab(&[before, after], None);
    let run = run(folder.path(), &text);
    assert_eq!(run.code, 2);
    assert!(run.codes().contains(&"E22_scene_outside"), "{:?}", run.codes());
    let pair = pair(&run);
    assert!(number(pair, "changed_m2") + number(pair, "unchanged_m2") == 0.0 && pair["volume"].is_null());
}

/// White noise averaged over squares of four pixels, and a square that rose by two metres.
fn rising(seed: u64, side: usize, works: &[(usize, usize, usize)]) -> PairBlock {
    let (first, second) = (noise(2 * seed + 1), noise(2 * seed + 1_000_001));
    let window = Window { row: 0, col: 0, rows: side, cols: side };
    let inside = |row: usize, col: usize| {
        works.iter().any(|w| (w.0..w.0 + w.2).contains(&row) && (w.1..w.1 + w.2).contains(&col))
    };
    let scene = |height: &dyn Fn(usize, usize) -> f64| {
        let band = (0..window.len()).map(|i| height(i / side, i % side) as f32).collect();
        SceneBlock { window, bands: vec![band], gaps: vec![gap::SEEN; window.len()] }
    };
    let works = |row, col| if inside(row, col) { 2.0 } else { 0.0 };
    PairBlock { before: scene(&first), after: scene(&|row, col| second(row, col) + works(row, col)) }
}

#[test]
fn stated_intervals_hold_the_true_volume_as_often_as_they_say() {
    let (side, works) = (200, [(20, 20, 10), (20, 90, 30), (100, 40, 60)]);
    let (mut held, mut stated, mut width, mut naive) = (0, 0, 0.0, 0.0);
    for seed in 0..60 {
        let block = rising(seed, side, &works);
        let sample = Sample { before: block.before.bands.clone(), after: block.after.bands.clone() };
        let fitted = SurfaceDifference.fit(&sample).unwrap();
        let heights = fitted.heights().unwrap();
        let domain = vec![true; side * side];
        let correlation = correlation(&[(&block, &domain)], &heights, fitted.own_threshold().unwrap());
        let fit = height_fit(&heights, &correlation, SquareMetres((side * side) as f64), (1.0, 1.0));
        for (row, col, size) in works {
            let mut moved = Moved::default();
            for at in (row..row + size).flat_map(|r| (col..col + size).map(move |c| r * side + c)) {
                moved.add(heights.rise_m(&block, at), 1.0);
            }
            let fill = moved.volume(&fit, SquareMetres(1.0)).fill;
            held += usize::from((fill.volume.0 - 2.0 * (size * size) as f64).abs() <= fill.error.0);
            stated += 1;
            width += fill.error.0;
            naive += 1.96 * heights.nmad_m * size as f64;
        }
    }
    let share = f64::from(held as u32) / f64::from(stated);
    say(&format!(
        "intervals that hold the truth: {share:.3}; {:.1} times as wide as if pixels erred alone",
        width / naive
    ));
    assert!(share > 0.9, "{share}");
    // Too wide an interval holds everything: these are four times those of pixels that err alone, as the noise wants it.
    assert!((2.5..6.0).contains(&(width / naive)), "{}", width / naive);
}
