//! The grid that a pair of scenes is compared on.

use std::sync::Arc;

use geo_types::Rect;

use super::footprint;
use crate::model::crs::Crs;
use crate::model::grid::{GeoTransform, Grid};
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, Scene, SceneFile};

/// Most pixels of an analysis grid.
const MOST_PIXELS: f64 = 4e10;
/// How much finer a pixel may be than another and still count as equal.
const SAME_PIXEL: f64 = 1e-3;

/// Where a comparison takes place.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    /// The analysis CRS.
    pub crs: &'a Arc<Crs>,
    /// Pixel size that the user wants.
    pub gsd_m: Option<f64>,
    /// The box around the zones in force with their rings, in the analysis CRS.
    pub reach: Rect<f64>,
}

/// The analysis grid of two scenes: the earlier scene's own lattice where that one is in the analysis CRS, north-up and
/// not finer than the other; else a lattice of the coarser pixel (or the one wished), anchored at whole multiples of it.
///
/// # Errors
/// The scenes and the zones do not meet, or the grid would be too large: what to tell.
pub(super) fn analysis_grid(
    before: &Scene,
    after: &Scene,
    roles: &[BandRole],
    place: &Place<'_>,
) -> Result<Grid, Notice> {
    let pixels = (pixel(before, roles, place.crs), pixel(after, roles, place.crs));
    let (Some(first), Some(second)) = pixels else {
        return Err(Notice::new("pair_no_common_crs", Weight::Refused).fact("crs", place.crs.label()));
    };
    let boxes = (footprint::of_scene(before, place.crs), footprint::of_scene(after, place.crs));
    let (Some(box_before), Some(box_after)) = boxes else {
        return Err(Notice::new("pair_no_common_crs", Weight::Refused).fact("crs", place.crs.label()));
    };
    let union = footprint::union(&box_before, &box_after);
    let Some(area) = footprint::intersection(&union, &place.reach) else {
        let notice = Notice::new("E22_pair_outside", Weight::Refused);
        let notice = notice.fact("scenes", footprint::lonlat_text(&union, place.crs));
        return Err(notice.fact("zones", footprint::lonlat_text(&place.reach, place.crs)));
    };
    let own = place.gsd_m.is_none().then(|| own_lattice(before, roles, place.crs)).flatten();
    if let Some(grid) = own.filter(|_| first >= second * (1.0 - SAME_PIXEL)) {
        return sane(grid);
    }
    let exact = |scene: &Scene| scene.files.iter().all(|f| *f.grid.crs == **place.crs);
    let coarser = if first >= second { (first, exact(before)) } else { (second, exact(after)) };
    let size = place.gsd_m.unwrap_or(if coarser.1 { coarser.0 } else { rounded(coarser.0) });
    sane(anchored(&area, size, place.crs))
}

/// The files that carry a role of the comparison.
fn used<'s>(scene: &'s Scene, roles: &[BandRole]) -> Vec<&'s SceneFile> {
    scene.files.iter().filter(|f| f.bands.iter().any(|b| roles.contains(&b.role))).collect()
}

/// The finest pixel of a scene's files in metres.
fn pixel(scene: &Scene, roles: &[BandRole], crs: &Crs) -> Option<f64> {
    used(scene, roles).iter().filter_map(|f| footprint::pixel_in(&f.grid, crs)).reduce(f64::min)
}

/// A scene's own lattice over all its files, where there is one in the analysis CRS.
fn own_lattice(scene: &Scene, roles: &[BandRole], crs: &Crs) -> Option<Grid> {
    let size = |f: &SceneFile| f.grid.transform.pixel_size().0;
    let files = used(scene, roles);
    let least = files.iter().map(|f| size(f)).fold(f64::INFINITY, f64::min);
    let finest: Vec<&Grid> = files.iter().filter(|f| size(f) <= least * (1.0 + SAME_PIXEL)).map(|f| &f.grid).collect();
    let first = *finest.first()?;
    if *first.crs != *crs || !first.transform.is_north_up() {
        return None;
    }
    let (mut left, mut top, mut right, mut bottom) = (0_i64, 0_i64, first.cols as i64, first.rows as i64);
    for grid in &finest {
        let (col, row) = first.lattice_offset(grid)?;
        left = left.min(col);
        top = top.min(row);
        right = right.max(col + grid.cols as i64);
        bottom = bottom.max(row + grid.rows as i64);
    }
    let (x, y) = first.transform.map_from_pixel(left as f64, top as f64);
    let mut transform = first.transform;
    transform.0[0] = x;
    transform.0[3] = y;
    let (rows, cols) = (usize::try_from(bottom - top).ok()?, usize::try_from(right - left).ok()?);
    Some(Grid { crs: Arc::clone(&first.crs), transform, rows, cols })
}

/// A pixel size measured in another CRS, to three digits: 30.02 m becomes 30 m.
fn rounded(size: f64) -> f64 {
    let unit = 10_f64.powf(size.log10().floor() - 2.0);
    let steps = (size / unit).round();
    // Dividing by a power of ten keeps 0.05 itself rather than 0.050000000000000003.
    if unit < 1.0 { steps / (1.0 / unit).round() } else { steps * unit }
}

/// The lattice of whole multiples of a pixel that covers an area.
fn anchored(area: &Rect<f64>, size: f64, crs: &Arc<Crs>) -> Grid {
    let (left, bottom) = ((area.min().x / size).floor(), (area.min().y / size).floor());
    let (right, top) = ((area.max().x / size).ceil(), (area.max().y / size).ceil());
    let transform = GeoTransform::north_up(left * size, top * size, size, size);
    let count = |from: f64, to: f64| (to - from).max(1.0) as usize;
    Grid { crs: Arc::clone(crs), transform, rows: count(bottom, top), cols: count(left, right) }
}

fn sane(grid: Grid) -> Result<Grid, Notice> {
    if grid.rows as f64 * grid.cols as f64 <= MOST_PIXELS {
        return Ok(grid);
    }
    let size = format!("{} × {}", grid.cols, grid.rows);
    let notice = Notice::new("grid_too_large", Weight::Refused).fact("size", size);
    Err(notice.fact("pixel", format!("{:.3}", grid.transform.pixel_size().0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::model::crs::CrsUnit;
    use crate::model::legend::Legend;
    use crate::model::scene::{BandSource, SampleType, SceneKind, Zero};
    use geo_types::Coord;

    fn crs() -> Arc<Crs> {
        Arc::new(crate::io::crs::parse("EPSG:32650").unwrap())
    }

    fn file(x: f64, y: f64, size: f64, rows: usize, cols: usize) -> SceneFile {
        let transform = GeoTransform::north_up(x, y, size, size);
        let band = BandSource { role: BandRole::Red, index: 1, scale: 1.0, offset: 0.0, nodata: None };
        SceneFile {
            path: "a.tif".into(),
            grid: Grid { crs: crs(), transform, rows, cols },
            block: (16, 16),
            sample: SampleType::U8,
            bands: vec![band],
            alpha: None,
            has_mask: false,
            zero: Zero::default(),
        }
    }

    fn scene(files: Vec<SceneFile>) -> Scene {
        Scene {
            date: Date::new(2024, 7, 1).unwrap(),
            date_is_year: false,
            kind: SceneKind::Satellite,
            sensor: None,
            files,
            masks: Vec::new(),
            roles: vec![BandRole::Red],
            is_reflectance: false,
            legend: Legend::default(),
        }
    }

    fn grid_of(before: Vec<SceneFile>, after: Vec<SceneFile>, gsd_m: Option<f64>) -> Result<Grid, Notice> {
        let crs = crs();
        assert!(matches!(crs.unit, CrsUnit::Projected { .. }));
        let reach = Rect::new(Coord { x: 700_010.0, y: 3_580_010.0 }, Coord { x: 700_050.0, y: 3_580_050.0 });
        let place = Place { crs: &crs, gsd_m, reach };
        analysis_grid(&scene(before), &scene(after), &[BandRole::Red], &place)
    }

    #[test]
    fn the_earlier_scene_lends_its_lattice_where_it_is_not_finer() {
        let own = file(700_000.5, 3_580_100.5, 2.0, 60, 70);
        let grid = grid_of(vec![own.clone()], vec![file(700_000.0, 3_580_100.0, 1.0, 100, 100)], None).unwrap();
        assert_eq!(grid, own.grid);
    }

    #[test]
    fn a_finer_earlier_scene_gives_way_to_the_coarser_pixel_anchored_at_its_multiples() {
        let before = file(700_000.5, 3_580_100.5, 1.0, 200, 200);
        let after = file(700_001.0, 3_580_101.0, 4.0, 60, 60);
        let grid = grid_of(vec![before], vec![after], None).unwrap();
        // Zones reach from 700,010 to 700,050: the multiples of 4 m around them.
        assert_eq!(grid.transform, GeoTransform::north_up(700_008.0, 3_580_052.0, 4.0, 4.0));
        assert_eq!((grid.rows, grid.cols), (11, 11));
    }

    #[test]
    fn a_mosaic_lends_its_lattice_over_all_tiles() {
        let tiles = vec![file(700_000.0, 3_580_100.0, 2.0, 50, 50), file(700_100.0, 3_580_140.0, 2.0, 50, 50)];
        let grid = grid_of(tiles.clone(), tiles, None).unwrap();
        assert_eq!(grid.transform, GeoTransform::north_up(700_000.0, 3_580_140.0, 2.0, 2.0));
        assert_eq!((grid.rows, grid.cols), (70, 100));
    }

    #[test]
    fn a_wished_pixel_size_goes_before_all_and_an_absurd_one_is_refused() {
        let one = || vec![file(700_000.0, 3_580_100.0, 2.0, 60, 70)];
        assert_eq!(grid_of(one(), one(), Some(10.0)).unwrap().rows, 4);
        assert_eq!(grid_of(one(), one(), Some(1e-5)).unwrap_err().code, "grid_too_large");
        let far = || vec![file(100_000.0, 3_580_100.0, 2.0, 60, 70)];
        assert_eq!(grid_of(far(), far(), None).unwrap_err().code, "E22_pair_outside");
    }

    #[test]
    fn sizes_measured_in_another_crs_become_round() {
        for (measured, round) in [(30.02, 30.0), (9.996, 10.0), (89.21, 89.2), (0.05003, 0.05), (231.6, 232.0)] {
            assert!((rounded(measured) - round).abs() < 1e-12, "{measured} → {}", rounded(measured));
        }
    }
}
