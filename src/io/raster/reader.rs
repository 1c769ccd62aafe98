//! A scene, window by window of the analysis grid: its tiles, its bands, and why a pixel was not observed.
//!
//! Where a file shares the analysis grid's lattice its pixels go straight into the block; else they are resampled. Files
//! that a window does not meet are not opened, and at most sixteen stay open. Nothing here decides what is change.

use std::rc::Rc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::mask::MaskReader;
use super::refusal::RasterError;
use super::resample::{Kernel, Positions, Route, Sampler, Sheet};
use super::source::{Damage, Place, Source};
use super::tile::{Scratch, Tile};
use crate::io::crs::{self, Transformer};
use crate::model::crs::Crs;
use crate::model::displacement::Displacement;
use crate::model::grid::{Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, Scene};

/// Files kept open.
const OPEN_FILES: usize = 16;

/// Most source values held at once while resampling (64 MB of f32).
const MOST_VALUES: usize = 16 << 20;

/// How much a window may be squeezed while it is read, so that an overview can serve.
#[derive(Debug, Clone, Copy)]
struct Thrift {
    /// Source pixels per target pixel from which it is squeezed.
    from: f64,
    /// Source pixels per target pixel that are left.
    to: f64,
}

/// For measuring: the averaging stays ours.
const MEASURING: Thrift = Thrift { from: 8.0, to: 4.0 };

/// For looking: as few pixels as the screen shows.
const LOOKING: Thrift = Thrift { from: 1.5, to: 1.0 };

type Footprint = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Reads one scene on windows of an analysis grid. One per thread.
pub struct SceneReader {
    tiles: Vec<Tile>,
    index: RTree<Footprint>,
    bands: usize,
    open: Vec<(usize, Source)>,
    masks: Vec<MaskReader>,
    work: Work,
    damage: Vec<Damage>,
}

/// Buffers kept from window to window.
struct Work {
    sheet: Sheet,
    patch: SceneBlock,
    seen: Vec<u16>,
    sampler: Sampler,
    scratch: Scratch,
    thrift: Thrift,
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
        Ok(Self { tiles, index, bands: roles.len(), open: Vec::new(), masks, work: Work::new(), damage: Vec::new() })
    }

    /// The same reader for a screen: windows much coarser than the files are read from overviews, never in full.
    #[must_use]
    pub fn for_looking(mut self) -> Self {
        self.work.thrift = LOOKING;
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
        let alone = hits.len() == 1 && self.tiles[hits[0]].full;
        lay(block, window, self.bands, gap::OUTSIDE);
        if !(alone && self.tiles[hits[0]].covers(window)) {
            block.bands.iter_mut().for_each(|plane| plane.fill(0.0));
        }
        if !alone {
            self.work.seen.clear();
            self.work.seen.resize(window.len(), 0);
        }
        for (turn, at) in hits.into_iter().enumerate() {
            self.add_tile(at, turn == 0, alone, block)?;
        }
        if !alone {
            let all = self.all_seen();
            for (gap, seen) in block.gaps.iter_mut().zip(&self.work.seen) {
                *gap = if *seen == all { gap::SEEN } else { *gap };
            }
        }
        for mask in &mut self.masks {
            mask.apply(window, &mut block.gaps, &mut self.damage)?;
        }
        Ok(())
    }

    /// What could not be decoded so far, each part once.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Tiles that meet a window, the earlier file first.
    fn tiles_at(&self, window: Window) -> Vec<usize> {
        let (low, high) = ([window.col, window.row], [window.col + window.cols, window.row + window.rows]);
        let envelope = AABB::from_corners(low.map(|v| v as f64), high.map(|v| v as f64));
        let mut hits: Vec<usize> = self.index.locate_in_envelope_intersecting(&envelope).map(|f| f.data).collect();
        hits.sort_unstable();
        hits
    }

    /// The bits of a pixel whose every role was seen.
    fn all_seen(&self) -> u16 {
        (1_u32 << self.bands).wrapping_sub(1) as u16
    }

    fn add_tile(&mut self, at: usize, first: bool, alone: bool, block: &mut SceneBlock) -> Result<(), RasterError> {
        let all = self.all_seen();
        if !first && self.work.seen.iter().all(|seen| *seen == all) {
            return Ok(());
        }
        let window = block.window;
        let tile = &self.tiles[at];
        let source = shelved(&mut self.open, at, tile)?;
        let work = &mut self.work;
        if let Some(lattice) = tile.lattice {
            let Some((from, place, part)) = overlap(lattice, tile, window) else { return Ok(()) };
            if first && tile.full {
                tile.fetch(source, from, block, place, &mut work.scratch, &mut self.damage);
                if !alone {
                    mark_seen(block, &mut work.seen, all);
                }
                return Ok(());
            }
            lay(&mut work.patch, part, tile.slots.len(), gap::SEEN);
            let place = Place { start: 0, stride: part.cols, rows: part.rows, cols: part.cols };
            tile.fetch(source, from, &mut work.patch, place, &mut work.scratch, &mut self.damage);
            work.merge(tile, block);
            return Ok(());
        }
        let mut parts = vec![window];
        while let Some(part) = parts.pop() {
            match sample(tile, source, part, work, &mut self.damage) {
                Sampled::Done if alone => put(&work.patch, block),
                Sampled::Done => work.merge(tile, block),
                Sampled::Nothing => {}
                Sampled::TooMuch => parts.extend(halves(part)),
            }
        }
        Ok(())
    }
}

fn transformer(
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
fn shelved<'a>(open: &'a mut Vec<(usize, Source)>, at: usize, tile: &Tile) -> Result<&'a Source, RasterError> {
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
    let last = open.len() - 1;
    Ok(&open[last].1)
}

/// Makes room in a block for a window: `bands` planes of any values, every pixel of one reason.
fn lay(block: &mut SceneBlock, window: Window, bands: usize, reason: u8) {
    block.window = window;
    block.bands.resize_with(bands, Vec::new);
    for plane in &mut block.bands {
        plane.resize(window.len(), 0.0);
    }
    block.gaps.clear();
    block.gaps.resize(window.len(), reason);
}

/// Where a file on the same lattice meets a window: the file's window, its place in the block, the part of the grid.
fn overlap(lattice: (i64, i64), tile: &Tile, window: Window) -> Option<(Window, Place, Window)> {
    let span = |start: usize, len: usize, offset: i64, limit: usize| {
        let low = (start as i64 - offset).max(0);
        let high = (start as i64 + len as i64 - offset).min(limit as i64);
        (low < high).then(|| (low as usize, (high - low) as usize, (low + offset) as usize))
    };
    let (col, cols, to_col) = span(window.col, window.cols, lattice.0, tile.file.grid.cols)?;
    let (row, rows, to_row) = span(window.row, window.rows, lattice.1, tile.file.grid.rows)?;
    let start = (to_row - window.row) * window.cols + (to_col - window.col);
    let part = Window { row: to_row, col: to_col, rows, cols };
    Some((Window { row, col, rows, cols }, Place { start, stride: window.cols, rows, cols }, part))
}

fn mark_seen(block: &SceneBlock, seen: &mut [u16], all: u16) {
    for (seen, gap) in seen.iter_mut().zip(&block.gaps) {
        *seen = if *gap == gap::SEEN { all } else { 0 };
    }
}

/// Copies a patch into the block it is a part of.
fn put(patch: &SceneBlock, block: &mut SceneBlock) {
    for (from, to, cols) in rows_of(patch.window, block.window) {
        block.gaps[to..to + cols].copy_from_slice(&patch.gaps[from..from + cols]);
        for (plane, source) in block.bands.iter_mut().zip(&patch.bands) {
            plane[to..to + cols].copy_from_slice(&source[from..from + cols]);
        }
    }
}

/// Starts of each row of a part, in the part and in the whole.
fn rows_of(part: Window, whole: Window) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..part.rows).map(move |row| {
        let to = (part.row - whole.row + row) * whole.cols + part.col - whole.col;
        (row * part.cols, to, part.cols)
    })
}

fn halves(window: Window) -> [Window; 2] {
    if window.rows >= window.cols {
        let rows = window.rows / 2;
        let second = Window { row: window.row + rows, rows: window.rows - rows, ..window };
        [Window { rows, ..window }, second]
    } else {
        let cols = window.cols / 2;
        let second = Window { col: window.col + cols, cols: window.cols - cols, ..window };
        [Window { cols, ..window }, second]
    }
}

enum Sampled {
    Done,
    Nothing,
    TooMuch,
}

/// Resamples a tile onto a part of the grid, into `work.patch`.
fn sample(tile: &Tile, source: &Source, part: Window, work: &mut Work, damage: &mut Vec<Damage>) -> Sampled {
    let positions = Positions::of(part, &tile.route);
    let kernel = if tile.codes { Kernel::Nearest } else { Kernel::for_scale(positions.scale) };
    let margin = 2.0 + positions.scale.0.max(positions.scale.1);
    let grid = &tile.file.grid;
    let Some(needed) = positions.source_window(margin, grid.rows, grid.cols) else { return Sampled::Nothing };
    let thrift = work.thrift;
    let squeezed = |pixels: usize, scale: f64| {
        let by = if scale >= thrift.from { (scale / thrift.to).floor().max(1.0) } else { 1.0 };
        ((pixels as f64 / by).ceil() as usize).max(1)
    };
    let (rows, cols) = (squeezed(needed.rows, positions.scale.1), squeezed(needed.cols, positions.scale.0));
    if rows.saturating_mul(cols).saturating_mul(tile.slots.len() + 1) > MOST_VALUES && part.len() > 1 {
        return Sampled::TooMuch;
    }
    let bands = tile.slots.len();
    work.sheet.lay(needed, bands, rows, cols);
    let stride = work.sheet.stride();
    let place = Place { start: stride + 1, stride, rows, cols };
    tile.fetch(source, needed, &mut work.sheet.block, place, &mut work.scratch, damage);
    lay(&mut work.patch, part, bands, gap::OUTSIDE);
    work.patch.bands.iter_mut().for_each(|plane| plane.fill(0.0));
    work.sampler.sample(&positions, &work.sheet, kernel, bands, &mut work.patch);
    Sampled::Done
}

impl Work {
    fn new() -> Self {
        let window = Window { row: 0, col: 0, rows: 0, cols: 0 };
        Self {
            sheet: Sheet::empty(),
            patch: SceneBlock { window, bands: Vec::new(), gaps: Vec::new() },
            seen: Vec::new(),
            sampler: Sampler::default(),
            scratch: Scratch::default(),
            thrift: MEASURING,
        }
    }

    /// Adds what the patch saw where no earlier file did, role by role.
    fn merge(&mut self, tile: &Tile, block: &mut SceneBlock) {
        let patch = &self.patch;
        for (from, to, cols) in rows_of(patch.window, block.window) {
            for ((seen, gap), patch_gap) in
                self.seen[to..].iter_mut().zip(&mut block.gaps[to..to + cols]).zip(&patch.gaps[from..])
            {
                // The high bit carries "take this pixel" through the loop over bands below.
                if *patch_gap != gap::SEEN && *patch_gap != gap::OUTSIDE {
                    *gap = if *gap == gap::OUTSIDE { *patch_gap } else { (*gap).max(*patch_gap) };
                }
                *seen |= if *patch_gap == gap::SEEN { TAKE } else { 0 };
            }
            for (plane, slot) in patch.bands.iter().zip(&tile.slots) {
                let bit = 1_u16 << slot;
                let target = block.bands[*slot][to..to + cols].iter_mut();
                for ((value, source), seen) in target.zip(&plane[from..]).zip(&mut self.seen[to..]) {
                    if *seen & TAKE != 0 && *seen & bit == 0 {
                        *value = *source;
                        *seen |= bit;
                    }
                }
            }
            for seen in &mut self.seen[to..to + cols] {
                *seen &= !TAKE;
            }
        }
    }
}

/// Bit of a pixel that the present patch saw; roles use the bits below.
const TAKE: u16 = 1 << 15;

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
