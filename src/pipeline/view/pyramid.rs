//! The lattice of tiles that a project is looked at on: one in the analysis CRS for all scenes, so that the same place is
//! the same pixel in every year.

use std::sync::Arc;

use geo_types::{Coord, Rect};

use crate::model::crs::Crs;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::scene::Scene;
use crate::project::footprint;
use crate::project::plan::Plan;

/// Rows and columns of a tile.
pub const TILE: usize = 256;

/// Most levels; 2^24 pixels a side are more than any mosaic has.
const MOST_LEVELS: u8 = 24;

/// A pyramid of tiles over everything a project shows. Level 0 is the finest.
#[derive(Debug, Clone)]
pub struct Pyramid {
    crs: Arc<Crs>,
    origin: (f64, f64),
    pixel: f64,
    side: usize,
    /// Number of levels.
    pub levels: u8,
    /// The box around all scenes and zones.
    pub extent: Rect<f64>,
}

impl Pyramid {
    /// The pyramid of a plan; `None` where no scene can be put into the analysis CRS.
    #[must_use]
    pub fn of(plan: &Plan) -> Option<Self> {
        let scenes = plan.scenes.iter().filter_map(|scene| footprint::of_scene(scene, &plan.crs));
        let extent = scenes.reduce(|a, b| footprint::union(&a, &b))?;
        let pixel = plan.scenes.iter().filter_map(|scene| pixel_of(scene, &plan.crs)).reduce(f64::min)?;
        let lattice = plan.comparisons.iter().map(|c| c.grid.transform.0).next();
        let anchor = lattice.map_or((extent.min().x, extent.max().y), |t| (t[0], t[3]));
        Some(Self::over(plan.crs.clone(), extent, pixel, anchor))
    }

    /// A pyramid over a box with pixel edges through an anchor.
    #[must_use]
    pub fn over(crs: Crs, extent: Rect<f64>, pixel: f64, anchor: (f64, f64)) -> Self {
        let longest = extent.width().max(extent.height()) / pixel;
        let tiles = (longest / TILE as f64).max(1.0);
        // One level more than fits, so that the shift to the anchor cannot push the extent out.
        let levels = (tiles.log2().ceil() as u8 + 2).min(MOST_LEVELS);
        let top = pixel * f64::from(1_u32 << (levels - 1));
        let origin = (
            anchor.0 - ((anchor.0 - extent.min().x) / top).ceil() * top,
            anchor.1 + ((extent.max().y - anchor.1) / top).ceil() * top,
        );
        let side = TILE << (levels - 1);
        Self { crs: Arc::new(crs), origin, pixel, side, levels, extent }
    }

    /// The CRS of its grids.
    #[must_use]
    pub fn crs(&self) -> &Arc<Crs> {
        &self.crs
    }

    /// Width of a pixel of a level in map units.
    #[must_use]
    pub fn pixel_of(&self, level: u8) -> f64 {
        self.pixel * f64::from(1_u32 << level.min(self.levels - 1))
    }

    /// The grid of a level.
    #[must_use]
    pub fn grid(&self, level: u8) -> Grid {
        let (pixel, side) = (self.pixel_of(level), self.side >> level);
        let transform = GeoTransform::north_up(self.origin.0, self.origin.1, pixel, pixel);
        Grid { crs: Arc::clone(&self.crs), transform, rows: side, cols: side }
    }

    /// The level whose pixels come nearest to so many map units, and are not finer than half of them.
    #[must_use]
    pub fn level_for(&self, units: f64) -> u8 {
        let level = (units / self.pixel).log2().round().max(0.0);
        (level as u8).min(self.levels - 1)
    }

    /// The finest level that shows more of a scene than the one above it.
    #[must_use]
    pub fn finest_of(&self, scene: &Scene) -> u8 {
        pixel_of(scene, &self.crs).map_or(0, |pixel| self.level_for(pixel))
    }

    /// Rows and columns of the tiles of a level that meet a box.
    #[must_use]
    pub fn tiles(&self, level: u8, bounds: &Rect<f64>) -> Vec<(u32, u32)> {
        let Some(window) = self.grid(level).window_of(bounds) else { return Vec::new() };
        let span = |start: usize, len: usize| (start / TILE) as u32..=((start + len - 1) / TILE) as u32;
        let cols = span(window.col, window.cols);
        span(window.row, window.rows).flat_map(|row| cols.clone().map(move |col| (row, col))).collect()
    }

    /// The window of a tile on its level's grid.
    #[must_use]
    pub fn window(row: u32, col: u32) -> Window {
        Window { row: row as usize * TILE, col: col as usize * TILE, rows: TILE, cols: TILE }
    }

    /// The box of a tile.
    #[must_use]
    pub fn bounds(&self, level: u8, row: u32, col: u32) -> Rect<f64> {
        let side = self.pixel_of(level) * TILE as f64;
        let (x, y) = (self.origin.0 + f64::from(col) * side, self.origin.1 - f64::from(row) * side);
        Rect::new(Coord { x, y: y - side }, Coord { x: x + side, y })
    }
}

/// Files of a mosaic whose pixels are measured; its tiles are alike.
const MEASURED: usize = 16;

/// Width of a scene's finest pixel in units of a CRS.
fn pixel_of(scene: &Scene, crs: &Crs) -> Option<f64> {
    let width = |grid: &Grid| {
        if grid.crs.as_ref() == crs {
            return Some(grid.transform.pixel_size().0);
        }
        let bounds = footprint::carried(&grid.bounds(), &grid.crs, crs)?;
        Some((bounds.width() / grid.cols as f64).min(bounds.height() / grid.rows as f64))
    };
    let every = scene.files.len().div_ceil(MEASURED).max(1);
    let files = scene.files.iter().step_by(every);
    files.filter_map(|file| width(&file.grid)).filter(|w| *w > 0.0 && w.is_finite()).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::crs::CrsUnit;

    fn pyramid() -> Pyramid {
        let crs = Crs { wkt: "w".into(), name: "n".into(), epsg: Some(4549), unit: CrsUnit::Projected { metres: 1.0 } };
        let extent = Rect::new(Coord { x: 1003.0, y: 2007.0 }, Coord { x: 6003.0, y: 5007.0 });
        Pyramid::over(crs, extent, 0.5, (1000.0, 5000.0))
    }

    #[test]
    fn every_level_holds_the_extent_and_shares_its_corner() {
        let pyramid = pyramid();
        for level in 0..pyramid.levels {
            let bounds = pyramid.grid(level).bounds();
            assert!(bounds.min().x <= 1003.0 && bounds.max().x >= 6003.0, "{level} {bounds:?}");
            assert!(bounds.min().y <= 2007.0 && bounds.max().y >= 5007.0, "{level} {bounds:?}");
        }
        let (col, row) = pyramid.grid(0).transform.pixel_from_map(1000.0, 5000.0);
        assert!((col - col.round()).abs() < 1e-9 && (row - row.round()).abs() < 1e-9);
    }

    #[test]
    fn a_tile_covers_the_box_that_asked_for_it() {
        let pyramid = pyramid();
        let asked = Rect::new(Coord { x: 2000.0, y: 3000.0 }, Coord { x: 2010.0, y: 3010.0 });
        for (row, col) in pyramid.tiles(1, &asked) {
            let bounds = pyramid.bounds(1, row, col);
            assert!(bounds.min().x < 2010.0 && bounds.max().x > 2000.0);
            assert_eq!(pyramid.grid(1).bounds_of(&Pyramid::window(row, col)), bounds);
        }
    }

    #[test]
    fn the_level_follows_the_scale() {
        let pyramid = pyramid();
        assert_eq!((pyramid.level_for(0.1), pyramid.level_for(0.5), pyramid.level_for(4.0)), (0, 0, 3));
    }
}
