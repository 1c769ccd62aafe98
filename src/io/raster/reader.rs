//! A scene, window by window of the analysis grid: its tiles, its bands, and why a pixel was not observed.
//!
//! Files that a window does not meet are not opened, and at most sixteen stay open. How files become one block is
//! `compose`. Nothing here decides what is change.

use std::rc::Rc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::compose::{Composer, LOOKING, MEASURING};
use super::mask::MaskReader;
use super::refusal::RasterError;
use super::resample::Route;
use super::source::{Damage, Source};
use super::tile::Tile;
use crate::io::crs::{self, Transformer};
use crate::model::crs::Crs;
use crate::model::displacement::Displacement;
use crate::model::grid::{Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::raster::SceneBlock;
use crate::model::scene::{BandRole, Scene};

/// Files kept open.
const OPEN_FILES: usize = 16;

type Footprint = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Reads one scene on windows of an analysis grid. One per thread.
pub struct SceneReader {
    tiles: Vec<Tile>,
    index: RTree<Footprint>,
    bands: usize,
    open: Vec<(usize, Source)>,
    masks: Vec<MaskReader>,
    composer: Composer,
}

impl SceneReader {
    /// A reader of `roles`, in that order, on windows of `target`. The scene's content lies `off` its place and is moved
    /// back.
    ///
    /// # Errors
    /// [`RasterError`] where a role is in no file, or a file's CRS cannot be reached.
    pub fn open(
        scene: &Scene,
        roles: &[BandRole],
        target: &Grid,
        off: impl Into<Displacement>,
    ) -> Result<Self, RasterError> {
        let off: Displacement = off.into();
        let missing = roles.iter().find(|r| !scene.files.iter().any(|f| f.bands.iter().any(|b| b.role == **r)));
        if let Some(role) = missing {
            return Err(RasterError::NoSuchRole { role: role.word() });
        }
        let mut known: Vec<(Crs, Rc<Transformer>)> = Vec::new();
        let mut tiles = Vec::new();
        for file in &scene.files {
            let transformer = transformer(&mut known, target, &file.grid.crs)
                .map_err(|source| RasterError::Crs { path: file.path.clone(), source })?;
            let source = file.grid.transform;
            let route = Route { target: target.transform, source, transformer, shift: off.clone() };
            tiles.extend(Tile::new(file, roles, target, route));
        }
        let back = |tile: &Tile| Transformer::new(&tile.file.grid.crs, &target.crs).ok();
        let footprints = tiles.iter().enumerate().filter_map(|(at, tile)| {
            let (low, high) = tile.footprint(back(tile).as_ref())?;
            Some(GeomWithData::new(Rectangle::from_corners(low, high), at))
        });
        let index = RTree::bulk_load(footprints.collect());
        let masks = scene.masks.iter().map(|mask| MaskReader::new(mask, target, &off));
        let masks = masks.collect::<Result<Vec<_>, RasterError>>()?;
        let composer = Composer::new(MEASURING);
        Ok(Self { tiles, index, bands: roles.len(), open: Vec::new(), masks, composer })
    }

    /// The same reader for a screen: windows much coarser than the files are read from overviews, never in full.
    #[must_use]
    pub fn for_looking(mut self) -> Self {
        self.composer = Composer::new(LOOKING);
        self
    }

    /// Reads a window of the analysis grid.
    ///
    /// # Errors
    /// [`RasterError`] where a file cannot be opened any more. What cannot be decoded is no error but damage.
    pub fn read(&mut self, window: Window) -> Result<SceneBlock, RasterError> {
        let mut block = SceneBlock { window, bands: Vec::new(), gaps: Vec::new() };
        self.read_into(window, &mut block)?;
        Ok(block)
    }

    /// Reads a window into a block whose memory is used again.
    ///
    /// # Errors
    /// As [`SceneReader::read`].
    pub fn read_into(&mut self, window: Window, block: &mut SceneBlock) -> Result<(), RasterError> {
        let hits = self.tiles_at(window);
        let tiles: Vec<&Tile> = hits.iter().map(|at| &self.tiles[*at]).collect();
        let open = |turn: usize| shelved(&mut self.open, hits[turn], tiles[turn]);
        self.composer.compose(&tiles, (window, self.bands), block, open, &|| true)?;
        for mask in &mut self.masks {
            mask.apply(window, &mut block.gaps, &mut self.composer.damage)?;
        }
        Ok(())
    }

    /// What could not be decoded so far, each part once.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.composer.damage
    }

    /// Tiles that meet a window, the earlier file first.
    fn tiles_at(&self, window: Window) -> Vec<usize> {
        let (low, high) = ([window.col, window.row], [window.col + window.cols, window.row + window.rows]);
        let envelope = AABB::from_corners(low.map(|v| v as f64), high.map(|v| v as f64));
        let mut hits: Vec<usize> = self.index.locate_in_envelope_intersecting(&envelope).map(|f| f.data).collect();
        hits.sort_unstable();
        hits
    }
}

/// The way from a grid to another CRS, made once for all files that share it.
pub(super) fn transformer(
    known: &mut Vec<(Crs, Rc<Transformer>)>,
    target: &Grid,
    crs: &Crs,
) -> Result<Rc<Transformer>, crs::CrsError> {
    if let Some((_, transformer)) = known.iter().find(|(k, _)| k == crs) {
        return Ok(Rc::clone(transformer));
    }
    let made = Rc::new(Transformer::new(&target.crs, crs)?);
    known.push((crs.clone(), Rc::clone(&made)));
    Ok(made)
}

/// The open file of a tile, the longest unused one closed where too many are open.
fn shelved(open: &mut Vec<(usize, Source)>, at: usize, tile: &Tile) -> Result<Source, RasterError> {
    if let Some(place) = open.iter().position(|(tile, _)| *tile == at) {
        let found = open.remove(place);
        open.push(found);
    } else {
        let source = tile.open()?;
        if open.len() >= OPEN_FILES {
            open.remove(0);
        }
        open.push((at, source));
    }
    Ok(open[open.len() - 1].1.clone())
}

/// What to tell about damage: one notice a file, naming the part where it is one block.
#[must_use]
pub fn damage_notices(damage: &[Damage]) -> Vec<Notice> {
    let mut files: Vec<&std::path::Path> = Vec::new();
    for part in damage {
        if !files.contains(&part.path.as_path()) {
            files.push(&part.path);
        }
    }
    let notice = |path: &std::path::Path| {
        let parts: Vec<Window> = damage.iter().filter(|d| d.path == path).map(|d| d.window).collect();
        let pixels: usize = parts.iter().map(Window::len).sum();
        let code = if parts.len() == 1 { "D08_block" } else { "D07_blocks" };
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        Notice::new(code, Weight::Refused)
            .at(path)
            .fact("blocks", parts.len())
            .fact("pixels", pixels)
            .fact("rows", format!("{}–{}", first.row, last.row + last.rows - 1))
            .fact("cols", format!("{}–{}", first.col, last.col + last.cols - 1))
    };
    files.into_iter().map(notice).collect()
}
