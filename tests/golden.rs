//! Outside judges of pixels and areas: GDAL's polygonize and sieve, exactextract's zonal figures.

#![allow(clippy::needless_range_loop)] // an index names a pixel of several planes
#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ecoredline::detect::outline::outline;
use ecoredline::detect::run::{Connectivity, Run, components, runs_of};
use ecoredline::io::crs;
use ecoredline::io::raster::{RasterInfo, SceneReader, describe};
use ecoredline::io::setup;
use ecoredline::io::vector::{self, LayerQuery};
use ecoredline::model::grid::{GeoTransform, Grid, Window};
use ecoredline::model::legend::Legend;
use ecoredline::model::raster::gap;
use ecoredline::model::scene::{BandRole, BandSource, Scene, SceneFile, SceneKind, Zero};
use ecoredline::screen::coverage::{Cover, PixelShape};
use geo::{Area, Validation};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use serde_json::Value as Json;
use support::{data, say};

/// A class raster: values with `None` where it holds nodata, and its lattice.
struct Classes {
    rows: usize,
    cols: usize,
    values: Vec<i32>,
    nodata: Option<i32>,
    transform: GeoTransform,
}

impl Classes {
    /// Reads the text of an ASCII grid, which has no CRS.
    fn of_ascii_grid(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let head = |word: &str| -> Option<f64> {
            let line = text.lines().find(|line| line.to_lowercase().starts_with(word))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        let is_row = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let values = text.lines().filter(is_row).flat_map(str::split_whitespace).map(|v| v.parse().unwrap()).collect();
        let (rows, cols, size) = (head("nrows").unwrap(), head("ncols").unwrap(), head("cellsize").unwrap());
        let top = head("yllcorner").unwrap() + rows * size;
        Self {
            rows: rows as usize,
            cols: cols as usize,
            values,
            nodata: head("nodata_value").map(|v| v as i32),
            transform: GeoTransform::north_up(head("xllcorner").unwrap(), top, size, size),
        }
    }

    /// Reads a raster through the product's own reader.
    fn of_raster(path: &Path) -> Self {
        let (info, planes, gaps) = decoded(path, BandRole::Class);
        // A zero that no declaration explains reads as not observed; for a class raster it is the background.
        assert!(gaps.iter().zip(&planes[0]).all(|(g, v)| (*g == gap::SEEN) == (*v != 0.0)), "{}", path.display());
        let Grid { rows, cols, transform, .. } = info.grid;
        Self { rows, cols, values: planes[0].iter().map(|v| *v as i32).collect(), nodata: None, transform }
    }

    fn window(&self) -> Window {
        Window { row: 0, col: 0, rows: self.rows, cols: self.cols }
    }

    /// The runs of all values but `background`.
    fn runs(&self, background: Option<i32>) -> Vec<Run> {
        runs_of(&self.values, &self.window(), |value| (Some(value) != background).then_some(value))
    }

    /// Every component with its value and outline.
    fn polygons(&self, background: Option<i32>, connectivity: Connectivity) -> Vec<(i32, MultiPolygon<f64>)> {
        let runs = self.runs(background);
        let drawn = |members: Vec<usize>| {
            let runs: Vec<Run> = members.iter().map(|&i| runs[i]).collect();
            (runs[0].value, outline(&runs, &self.transform))
        };
        components(&runs, connectivity).into_iter().map(drawn).collect()
    }
}

/// What a raster says, and all its pixels as the product reads them.
fn decoded(path: &Path, role: BandRole) -> (RasterInfo, Vec<Vec<f32>>, Vec<u8>) {
    setup::ensure();
    let info = describe(path, None).unwrap();
    let band = &info.bands[0];
    let file = SceneFile {
        path: info.path.clone(),
        grid: info.grid.clone(),
        block: info.block,
        sample: band.sample,
        bands: vec![BandSource { role, index: 1, scale: band.scale, offset: band.offset, nodata: band.nodata }],
        alpha: info.alpha,
        has_mask: info.has_mask,
        zero: Zero::default(),
    };
    let scene = Scene {
        date: "2020-07-01".parse().unwrap(),
        date_is_year: false,
        kind: SceneKind::Landcover,
        sensor: None,
        files: vec![file],
        masks: Vec::new(),
        roles: vec![role],
        is_reflectance: false,
        legend: Legend::default(),
    };
    let mut reader = SceneReader::open(&scene, &[role], &info.grid, (0.0, 0.0)).unwrap();
    let block = reader.read(info.grid.window()).unwrap();
    assert!(reader.damage().is_empty());
    (info, block.bands, block.gaps)
}

fn connectivity(word: &str) -> Connectivity {
    if word == "c8" { Connectivity::Eight } else { Connectivity::Four }
}

/// The polygons of one of GDAL's result files.
fn expected(path: &Path) -> Vec<(i32, Polygon<f64>)> {
    let json: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let ring = |ring: &Json| -> LineString<f64> {
        let point = |p: &Json| Coord { x: p[0].as_f64().unwrap(), y: p[1].as_f64().unwrap() };
        ring.as_array().unwrap().iter().map(point).collect()
    };
    let feature = |feature: &Json| {
        assert_eq!(feature["geometry"]["type"], "Polygon");
        let rings: Vec<LineString<f64>> =
            feature["geometry"]["coordinates"].as_array().unwrap().iter().map(ring).collect();
        let value = feature["properties"]["DN"].as_i64().unwrap() as i32;
        (value, Polygon::new(rings[0].clone(), rings[1..].to_vec()))
    };
    json["features"].as_array().unwrap().iter().map(feature).collect()
}

/// A corner of a pixel: column and row.
type Corner = (i64, i64);

fn corner(transform: &GeoTransform, c: &Coord<f64>) -> Corner {
    let (col, row) = transform.pixel_from_map(c.x, c.y);
    assert!((col - col.round()).abs() < 1e-4 && (row - row.round()).abs() < 1e-4, "{c:?} is no pixel corner");
    (col.round() as i64, row.round() as i64)
}

/// The sides of pixels that the boundary of a shape consists of: the shape itself, whatever its rings are called.
fn sides<'p>(
    polygons: impl IntoIterator<Item = &'p Polygon<f64>>,
    transform: &GeoTransform,
) -> BTreeSet<(Corner, Corner)> {
    let mut sides = BTreeSet::new();
    for ring in polygons.into_iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
        for line in ring.lines() {
            let (a, b) = (corner(transform, &line.start), corner(transform, &line.end));
            let (low, high) = (a.min(b), a.max(b));
            let steps = (high.0 - low.0).max(high.1 - low.1);
            let (dx, dy) = ((high.0 - low.0).signum(), (high.1 - low.1).signum());
            let at = |i: i64| (low.0 + i * dx, low.1 + i * dy);
            (0..steps).for_each(|i| assert!(sides.insert((at(i), at(i + 1))), "a side is drawn twice"));
        }
    }
    sides
}

/// The rings of a polygon, each as its corners from the smallest one on, whatever the direction.
fn rings(polygon: &Polygon<f64>, transform: &GeoTransform) -> BTreeSet<Vec<Corner>> {
    let canonical = |ring: &LineString<f64>| {
        let mut points: Vec<Corner> = ring.coords().map(|c| corner(transform, c)).collect();
        points.pop();
        let least = (0..points.len()).min_by_key(|&i| points[i]).unwrap();
        points.rotate_left(least);
        if points[1] > points[points.len() - 1] {
            points[1..].reverse();
        }
        points
    };
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(canonical).collect()
}

/// Compares the outlines of a class raster with GDAL's polygons; gives their number and total area.
fn same_as_gdal(classes: &Classes, background: Option<i32>, name: &str, word: &str) -> (usize, f64) {
    let Some(golden) = data(&format!("golden/polygonize/{name}.geojson")) else { return (0, 0.0) };
    let (ours, theirs) = (classes.polygons(background, connectivity(word)), expected(&golden));
    assert!(ours.iter().all(|(_, shape)| shape.is_valid()), "{name}: every outline is valid");
    let transform = &classes.transform;
    let drawn = |value: i32, sides: BTreeSet<(Corner, Corner)>| (value, sides);
    let a: BTreeSet<_> = ours.iter().map(|(value, shape)| drawn(*value, sides(shape, transform))).collect();
    let b: BTreeSet<_> = theirs.iter().map(|(value, polygon)| drawn(*value, sides([polygon], transform))).collect();
    assert!(a == b, "{name}: the outlines are GDAL's");
    if word == "c4" {
        assert!(ours.iter().all(|(_, shape)| shape.0.len() == 1), "{name}: one polygon a component");
        let a: BTreeSet<_> = ours.iter().map(|(value, shape)| (*value, rings(&shape.0[0], transform))).collect();
        let b: BTreeSet<_> = theirs.iter().map(|(value, polygon)| (*value, rings(polygon, transform))).collect();
        assert!(a == b, "{name}: ring by ring, corner by corner");
    }
    (ours.len(), ours.iter().map(|(_, shape)| shape.unsigned_area()).sum())
}

/// The rows of a CSV file by its first column.
fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn outlines_are_those_of_gdal_polygonize() {
    let Some(summary) = data("golden/polygonize/summary.csv") else { return };
    let mut compared = 0;
    for row in table(&summary).iter().filter(|row| row[0].ends_with(".geojson")) {
        let name = row[0].trim_end_matches(".geojson");
        let word = if name.contains("_c8") { "c8" } else { "c4" };
        let input = name.rsplit_once("_c").unwrap().0;
        let classes = if input.starts_with("taizhou") {
            Classes::of_raster(&summary.with_file_name(format!("{input}.tif")))
        } else {
            Classes::of_ascii_grid(&summary.with_file_name(format!("{input}.grd")))
        };
        let background = match name {
            _ if input.starts_with("taizhou") => Some(0),
            _ if name.ends_with("_nomask") => None,
            _ => classes.nodata,
        };
        let (count, area) = same_as_gdal(&classes, background, name, word);
        assert_eq!(count, row[1].parse::<usize>().unwrap(), "{name}: number of polygons");
        let stated: f64 = row[2].parse().unwrap();
        assert!((area - stated).abs() <= 1e-3, "{name}: area {area}, GDAL {stated}");
        compared += 1;
    }
    assert_eq!(compared, 26);
}

#[test]
fn two_holes_that_touch_at_a_corner_stay_two_holes() {
    let Some(path) = data("golden/polygonize/polygonize_in_3.grd") else { return };
    let polygons = Classes::of_ascii_grid(&path).polygons(None, Connectivity::Four);
    let ones = &polygons.iter().find(|(value, _)| *value == 1).unwrap().1.0[0];
    assert_eq!(ones.interiors().len(), 2);
    assert_eq!(polygons.iter().filter(|(value, _)| *value == 0).count(), 2);
}

#[test]
fn an_eight_connected_patch_that_gdal_draws_invalid_is_valid_here() {
    let (Some(path), Some(mask)) =
        (data("golden/polygonize/polygonize_in_5.grd"), data("golden/polygonize/polygonize_in_5_mask.grd"))
    else {
        return;
    };
    let (mut classes, mask) = (Classes::of_ascii_grid(&path), Classes::of_ascii_grid(&mask));
    classes.values.iter_mut().zip(&mask.values).filter(|(_, m)| **m == 0).for_each(|(v, _)| *v = 0);
    let four = classes.polygons(Some(0), Connectivity::Four);
    let areas: Vec<f64> = four.iter().map(|(_, shape)| shape.unsigned_area()).collect();
    assert_eq!(areas, [2.0; 4]);
    let eight = classes.polygons(Some(0), Connectivity::Eight);
    assert_eq!(eight.len(), 1);
    assert!(eight[0].1.is_valid() && (eight[0].1.unsigned_area() - 8.0).abs() < 1e-12, "{:?}", eight[0]);
}

/// GDAL's sieve on the product's components: a component of fewer pixels than `least` takes the value of its largest
/// neighbour, or of that one's, and so on until one is large enough; where none is, it stays.
fn sieved(classes: &Classes, connectivity: Connectivity, least: usize) -> Vec<i32> {
    let runs = classes.runs(None);
    let parts = components(&runs, connectivity);
    let mut owner = vec![0; classes.values.len()];
    for (part, members) in parts.iter().enumerate() {
        for run in members.iter().map(|&i| runs[i]) {
            owner[run.row as usize * classes.cols + run.start as usize..][..run.len()].fill(part);
        }
    }
    let size: Vec<usize> = parts.iter().map(|members| members.iter().map(|&i| runs[i].len()).sum()).collect();
    let largest = largest_neighbours(classes, connectivity, &owner, &size);
    let target = |part: usize| {
        let (mut at, mut visited) = (part, BTreeSet::new());
        while size[at] < least {
            if !visited.insert(at) {
                return part;
            }
            at = match largest[at] {
                Some(next) => next,
                None => return part,
            };
        }
        at
    };
    let value: Vec<i32> = (0..parts.len()).map(|part| runs[parts[target(part)][0]].value).collect();
    owner.iter().map(|&part| value[part]).collect()
}

fn largest_neighbours(
    classes: &Classes,
    connectivity: Connectivity,
    owner: &[usize],
    size: &[usize],
) -> Vec<Option<usize>> {
    let steps: &[(i64, i64)] =
        if connectivity == Connectivity::Eight { &[(1, 0), (0, 1), (1, 1), (-1, 1)] } else { &[(1, 0), (0, 1)] };
    let mut largest: Vec<Option<usize>> = vec![None; size.len()];
    for (at, &a) in owner.iter().enumerate() {
        for (dx, dy) in steps {
            let (col, row) = ((at % classes.cols) as i64 + dx, (at / classes.cols) as i64 + dy);
            if col < 0 || col >= classes.cols as i64 || row >= classes.rows as i64 {
                continue;
            }
            let b = owner[row as usize * classes.cols + col as usize];
            if a != b {
                for (of, other) in [(a, b), (b, a)] {
                    let better = largest[of].is_none_or(|known| size[other] > size[known]);
                    largest[of] = if better { Some(other) } else { largest[of] };
                }
            }
        }
    }
    largest
}

#[test]
fn components_have_the_sizes_that_gdal_sieves_by() {
    let Some(summary) = data("golden/polygonize/summary.csv") else { return };
    let classes = Classes::of_raster(&summary.with_file_name("taizhou_change_truth.tif"));
    let mut compared = 0;
    for row in table(&summary).iter().filter(|row| row[0].starts_with("taizhou_change_truth_sieve")) {
        let (least, word) = row[0].trim_end_matches(".tif").rsplit_once("sieve").unwrap().1.split_once('_').unwrap();
        let ours = sieved(&classes, connectivity(word), least.parse().unwrap());
        let left = ours.iter().filter(|v| **v != 0).count();
        assert_eq!(left, row[1].parse::<usize>().unwrap(), "{}", row[0]);
        let theirs = Classes::of_raster(&summary.with_file_name(&row[0])).values;
        assert_eq!(ours.iter().zip(&theirs).filter(|(a, b)| a != b).count(), 0, "{}: pixel by pixel", row[0]);
        compared += 1;
    }
    assert_eq!(compared, 6);
}

/// Coverage-weighted count, sum and mean of a raster under a shape; NaN-free pixels that were observed alone.
fn zonal(shape: &PixelShape, window: &Window, values: &[f32], gaps: &[u8]) -> (f64, f64) {
    let mut fractions = Vec::new();
    let Some(part) = shape.window_in(window) else { return (0.0, 0.0) };
    let cover = shape.cover(&part, &mut fractions);
    let (mut count, mut sum) = (0.0, 0.0);
    let fraction_at = |at: usize| match cover {
        Cover::None => 0.0,
        Cover::Full => 1.0,
        Cover::Partial => f64::from(fractions[at]),
    };
    for at in 0..part.len() {
        let pixel = (part.row + at / part.cols) * window.cols + part.col + at % part.cols;
        let fraction = fraction_at(at);
        if gaps[pixel] == gap::SEEN {
            count += fraction;
            sum += fraction * f64::from(values[pixel]);
        }
    }
    (count, sum)
}

#[test]
fn coverage_gives_the_zonal_figures_of_exactextract() {
    let (Some(csv), Some(layer)) = (
        data("golden/zonal/exactextract_0.3.0_ndvi_by_wetland_zone.csv"),
        data("naip_wetlands/zones/wetland_zones_2009.gpkg"),
    ) else {
        return;
    };
    setup::ensure();
    let utm = crs::parse("EPSG:26914").unwrap();
    let zones = vector::read(&LayerQuery { path: layer, ..LayerQuery::default() }, &utm).unwrap().features;
    let rasters: BTreeMap<&str, _> =
        ["2010", "2020"].map(|y| (y, decoded(&csv.with_file_name(format!("ndvi_{y}.tif")), BandRole::Class))).into();
    let (mut compared, mut inside, mut worst) = (0, 0, 0.0f64);
    for row in table(&csv) {
        let zone = zones.iter().find(|zone| zone.fields["zone_id"] == row[0]).unwrap();
        let (info, planes, gaps) = &rasters[row[1].as_str()];
        let shape = PixelShape::new(&zone.shape, &info.grid.transform);
        let (count, sum) = zonal(&shape, &info.grid.window(), &planes[0], gaps);
        let figure = |column: usize| row[column].parse::<f64>().unwrap();
        let off = (count / figure(2) - 1.0).abs();
        assert!(off < 1e-6, "{} {}: count {count}, exactextract {}", row[0], row[1], figure(2));
        assert!((sum / figure(7) - 1.0).abs() < 1e-5, "{} {}: sum {sum}, {}", row[0], row[1], figure(7));
        assert!((sum / count - figure(3)).abs() < 1e-6, "{} {}: mean {}", row[0], row[1], sum / count);
        worst = worst.max(off);
        let outside = ["W001", "W004", "W008", "W012", "W013", "W016"].contains(&row[0].as_str());
        if !outside {
            let area = zone.shape.unsigned_area();
            assert!((count * 25.0 / area - 1.0).abs() < 1e-6, "{}: {} m² of {area}", row[0], count * 25.0);
            inside += 1;
        }
        compared += 1;
    }
    say(&format!("zonal counts: {compared} compared, worst relative difference {worst:.1e}"));
    assert_eq!((compared, inside), (48, 36));
}
