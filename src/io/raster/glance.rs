//! A scene for a screen: any window at any scale, from the coarsest stored picture that is fine enough.
//!
//! Where [`super::SceneReader`] measures, this reads as few pixels as will be seen: overviews inside the file, or those that
//! the program keeps of it. One file that cannot be read leaves a hole, not an empty map. Masks hide ground from the
//! analysis, not from the eye: they are not read.

use std::rc::Rc;
use std::sync::Arc;

use geo_types::Rect;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::compose::{Composer, LOOKING};
use super::reader::transformer;
use super::refusal::RasterError;
use super::resample::{Route, scale_of};
use super::source::Source;
use super::tile::{Tile, outline};
use super::{reduced, tile};
use crate::io::crs::Transformer;
use crate::model::crs::Crs;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, Scene, SceneFile};

/// Files that one reader keeps open.
const OPEN_FILES: usize = 96;

/// How much coarser than wanted a stored picture may be and still serve.
const NEARLY: f64 = 1.02;

/// Stored blocks of an overview are guessed, only so that a damaged one is lost alone.
const OVERVIEW_BLOCK: (usize, usize) = (128, 128);

type Footprint = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// A scene and where each of its files lies in the CRS that it is looked at in. Shared by all threads.
pub struct SceneMap {
    scene: Scene,
    index: RTree<Footprint>,
}

impl SceneMap {
    /// The map of a scene; a file that cannot be put into the CRS is nowhere on it.
    #[must_use]
    pub fn of(scene: &Scene, crs: &Crs) -> Self {
        let mut known: Vec<(&Crs, Option<Transformer>)> = Vec::new();
        let mut footprints: Vec<Footprint> = Vec::new();
        for (at, file) in scene.files.iter().enumerate() {
            let own: &Crs = &file.grid.crs;
            if !known.iter().any(|(crs, _)| *crs == own) {
                known.push((own, Transformer::new(own, crs).ok()));
            }
            let back = known.iter().find(|(crs, _)| *crs == own).and_then(|(_, back)| back.as_ref());
            if let Some((low, high)) = back.and_then(|back| around(&file.grid, back)) {
                footprints.push(GeomWithData::new(Rectangle::from_corners(low, high), at));
            }
        }
        Self { scene: Scene { masks: Vec::new(), ..scene.clone() }, index: RTree::bulk_load(footprints) }
    }

    /// The scene.
    #[must_use]
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Files that meet a box, the earlier first.
    fn files_at(&self, bounds: &Rect<f64>) -> Vec<usize> {
        let (min, max) = (bounds.min(), bounds.max());
        let envelope = AABB::from_corners([min.x, min.y], [max.x, max.y]);
        let mut hits: Vec<usize> = self.index.locate_in_envelope_intersecting(&envelope).map(|f| f.data).collect();
        hits.sort_unstable();
        hits
    }
}

/// The box around a file; two pixels more where its edges become curves.
fn around(grid: &Grid, back: &Transformer) -> Option<([f64; 2], [f64; 2])> {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for (x, y) in outline(grid, back) {
        low = [low[0].min(x), low[1].min(y)];
        high = [high[0].max(x), high[1].max(y)];
    }
    let margin = if back.is_identity() { 0.0 } else { 2.0 / grid.cols.max(grid.rows) as f64 };
    let by = [(high[0] - low[0]) * margin, (high[1] - low[1]) * margin];
    (low[0] <= high[0]).then(|| ([low[0] - by[0], low[1] - by[1]], [high[0] + by[0], high[1] + by[1]]))
}

/// The box of a window, without its very edge: a file that only touches it is not opened.
fn inner(grid: &Grid, window: Window) -> Rect<f64> {
    let bounds = grid.bounds_of(&window);
    let (x, y) = (bounds.width() * 1e-6, bounds.height() * 1e-6);
    Rect::new((bounds.min().x + x, bounds.min().y + y), (bounds.max().x - x, bounds.max().y - y))
}

/// A picture of a file at some scale: which source, and how many rows and columns it has.
struct Stage {
    source: Source,
    rows: usize,
    cols: usize,
}

/// An open file with everything that can be read in its place, the finest first.
struct Shelved {
    file: usize,
    stages: Vec<Stage>,
}

/// Reads one scene for a screen. One per thread.
pub struct Glance {
    map: Arc<SceneMap>,
    ways: Vec<(Crs, Rc<Transformer>)>,
    shelf: Vec<Shelved>,
    composer: Composer,
    failures: Vec<RasterError>,
}

impl Glance {
    /// A reader of a scene.
    #[must_use]
    pub fn new(map: Arc<SceneMap>) -> Self {
        Self { map, ways: Vec::new(), shelf: Vec::new(), composer: Composer::new(LOOKING), failures: Vec::new() }
    }

    /// Reads `roles`, in that order, on a window of a grid in the map's CRS. `None` where `wanted` said no before the end.
    ///
    /// # Errors
    /// [`RasterError`] where not one of the files can be opened. What else failed is told by [`Glance::failures`].
    pub fn read(
        &mut self,
        grid: &Grid,
        window: Window,
        roles: &[BandRole],
        wanted: &dyn Fn() -> bool,
    ) -> Result<Option<SceneBlock>, RasterError> {
        let mut block = SceneBlock { window, bands: Vec::new(), gaps: Vec::new() };
        let (mut tiles, mut sources) = (Vec::new(), Vec::new());
        let hits = self.map.files_at(&inner(grid, window));
        let mut first_failure = None;
        for at in hits {
            if !wanted() {
                return Ok(None);
            }
            match self.stage(at, grid, window, roles) {
                Ok(Some((tile, source))) => {
                    tiles.push(tile);
                    sources.push(source);
                }
                Ok(None) => {}
                Err(error) => {
                    if !self.failures.contains(&error) {
                        self.failures.push(error.clone());
                    }
                    first_failure.get_or_insert(error);
                }
            }
        }
        if let Some(error) = first_failure.filter(|_| tiles.is_empty()) {
            return Err(error);
        }
        let tiles: Vec<&Tile> = tiles.iter().collect();
        let open = |turn: usize| Ok(sources[turn].clone());
        let whole = self.composer.compose(&tiles, (window, roles.len()), &mut block, open, wanted)?;
        Ok(whole.then_some(block))
    }

    /// Every band of the finest pixel that holds a place of the map's CRS, unchanged by any resampling; empty where none was
    /// seen there.
    pub fn values_at(&mut self, crs: &Arc<Crs>, place: (f64, f64)) -> Vec<(BandRole, f32)> {
        let here = Rect::new(place, place);
        let mut values: Vec<(BandRole, f32)> = Vec::new();
        for at in self.map.files_at(&here) {
            for (role, value) in self.pixel(at, crs, place).unwrap_or_default() {
                if !values.iter().any(|(known, _)| *known == role) {
                    values.push((role, value));
                }
            }
        }
        values
    }

    /// How many stored pixels a window would touch.
    pub fn effort(&mut self, grid: &Grid, window: Window, roles: &[BandRole]) -> u64 {
        let hits = self.map.files_at(&inner(grid, window));
        let effort = |(tile, _): (Tile, Source)| {
            let (across, down) = scale_of(window, &tile.route);
            let most = tile.file.grid.rows as f64 * tile.file.grid.cols as f64;
            (window.len() as f64 * across * down).min(most) as u64
        };
        hits.into_iter().filter_map(|at| self.stage(at, grid, window, roles).ok().flatten().map(effort)).sum()
    }

    /// What could not be opened since the last call, each once.
    pub fn failures(&mut self) -> Vec<RasterError> {
        std::mem::take(&mut self.failures)
    }

    /// Closes every file, so that what has changed beside them is seen.
    pub fn close(&mut self) {
        self.shelf.clear();
    }

    /// A file at the scale that a window asks for; `None` where it offers none of the roles.
    fn stage(
        &mut self,
        at: usize,
        grid: &Grid,
        window: Window,
        roles: &[BandRole],
    ) -> Result<Option<(Tile, Source)>, RasterError> {
        let map = Arc::clone(&self.map);
        let file = &map.scene.files[at];
        if !file.bands.iter().any(|band| roles.contains(&band.role)) {
            return Ok(None);
        }
        let transformer = transformer(&mut self.ways, grid, &file.grid.crs)
            .map_err(|source| RasterError::Crs { path: file.path.clone(), source })?;
        let route =
            Route { target: grid.transform, source: file.grid.transform, transformer, shift: (0.0, 0.0).into() };
        let (across, down) = scale_of(window, &route);
        let wanted = across.min(down) * NEARLY;
        let stages = self.shelved(at, file)?;
        let serves = |stage: &&Stage| file.grid.cols as f64 / stage.cols as f64 <= wanted;
        let stage = stages.iter().rev().find(serves).unwrap_or(&stages[0]);
        let file = at_stage(file, stage);
        let route = Route { source: file.grid.transform, ..route };
        Ok(Tile::new(&file, roles, grid, route).map(|tile| (tile, stage.source.clone())))
    }

    fn pixel(&mut self, at: usize, crs: &Arc<Crs>, place: (f64, f64)) -> Option<Vec<(BandRole, f32)>> {
        let map = Arc::clone(&self.map);
        let file = &map.scene.files[at];
        let target = Grid { crs: Arc::clone(crs), ..file.grid.clone() };
        let mut point = [place];
        transformer(&mut self.ways, &target, &file.grid.crs).ok()?.forward(&mut point).ok()?;
        let (col, row) = file.grid.transform.pixel_from_map(point[0].0, point[0].1);
        let inside = col >= 0.0 && row >= 0.0 && col < file.grid.cols as f64 && row < file.grid.rows as f64;
        let window = inside.then_some(Window { row: row as usize, col: col as usize, rows: 1, cols: 1 })?;
        let roles: Vec<BandRole> = file.bands.iter().map(|band| band.role).collect();
        let source = self.shelved(at, file).ok()?[0].source.clone();
        let here = Rc::new(Transformer::new(&file.grid.crs, &file.grid.crs).ok()?);
        let (target, source_map) = (file.grid.transform, file.grid.transform);
        let route = Route { target, source: source_map, transformer: here, shift: (0.0, 0.0).into() };
        let tile = Tile::new(file, &roles, &file.grid, route)?;
        let mut block = SceneBlock { window, bands: Vec::new(), gaps: Vec::new() };
        let open = |_: usize| Ok(source.clone());
        self.composer.compose(&[&tile], (window, roles.len()), &mut block, open, &|| true).ok()?;
        let seen = block.gaps.first() == Some(&gap::SEEN);
        seen.then(|| roles.into_iter().zip(block.bands.iter().map(|plane| plane[0])).collect())
    }

    /// The stages of a file, opened if it is not open, the longest unused one closed where too many are.
    fn shelved(&mut self, at: usize, file: &SceneFile) -> Result<&[Stage], RasterError> {
        let place = self.shelf.iter().position(|shelved| shelved.file == at);
        let shelved = match place {
            Some(place) => self.shelf.remove(place),
            None => Shelved { file: at, stages: stages(file)? },
        };
        if self.shelf.len() >= OPEN_FILES {
            self.shelf.remove(0);
        }
        self.shelf.push(shelved);
        Ok(&self.shelf[self.shelf.len() - 1].stages)
    }
}

/// The file, its own overviews, and those that the program keeps of it where it has none.
fn stages(file: &SceneFile) -> Result<Vec<Stage>, RasterError> {
    let source = tile::open(file)?;
    let own = source.overviews();
    let (rows, cols) = source.size();
    let mut stages = vec![Stage { source: source.clone(), rows, cols }];
    let overview = |source: &Source, n: usize, size: (usize, usize)| {
        let (rows, cols) = size;
        Stage { source: source.at_overview(n), rows, cols }
    };
    if own.is_empty() {
        if let Some(kept) = reduced::find(file) {
            let (rows, cols) = kept.size();
            let inner = kept.overviews();
            stages.push(Stage { source: kept.clone(), rows, cols });
            stages.extend(inner.into_iter().enumerate().map(|(n, size)| overview(&kept, n, size)));
        }
    } else {
        stages.extend(own.into_iter().enumerate().map(|(n, size)| overview(&source, n, size)));
    }
    stages.retain(|stage| stage.rows > 0 && stage.cols > 0);
    stages.sort_by_key(|stage| std::cmp::Reverse(stage.cols));
    Ok(stages)
}

/// The file as if it were one of its stages.
fn at_stage(file: &SceneFile, stage: &Stage) -> SceneFile {
    let grid = &file.grid;
    if (stage.rows, stage.cols) == (grid.rows, grid.cols) {
        return file.clone();
    }
    let (across, down) = (grid.cols as f64 / stage.cols as f64, grid.rows as f64 / stage.rows as f64);
    let t = grid.transform.0;
    let transform = GeoTransform([t[0], t[1] * across, t[2] * down, t[3], t[4] * across, t[5] * down]);
    let grid = Grid { crs: Arc::clone(&grid.crs), transform, rows: stage.rows, cols: stage.cols };
    SceneFile { grid, block: OVERVIEW_BLOCK, ..file.clone() }
}
