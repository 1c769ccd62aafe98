//! Files that meet a window put together into one block: the earlier file wins, pixel by pixel and role by role.
//!
//! Where a file shares the grid's lattice its pixels go straight into the block; else they are resampled. Which files those
//! are, and which of them stay open, is the readers' business.

use super::refusal::RasterError;
use super::resample::{Kernel, Positions, Sampler, Sheet};
use super::source::{Damage, Place, Source};
use super::tile::{Scratch, Tile};
use crate::model::grid::Window;
use crate::model::raster::{SceneBlock, gap};

/// Most source values held at once while resampling (64 MB of f32).
const MOST_VALUES: usize = 16 << 20;

/// How much a window may be squeezed while it is read, so that an overview can serve, and how much is read in one go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thrift {
    /// Source pixels per target pixel from which it is squeezed.
    from: f64,
    /// Source pixels per target pixel that are left.
    to: f64,
    /// Most pixels of a file that one read may touch.
    at_once: usize,
}

/// For measuring: the averaging stays ours.
pub(super) const MEASURING: Thrift = Thrift { from: 8.0, to: 4.0, at_once: usize::MAX };

/// For looking: as few pixels as the screen shows, in parts between which a reader can stop.
pub(super) const LOOKING: Thrift = Thrift { from: 1.5, to: 1.0, at_once: 4 << 20 };

/// Puts files together. Keeps its buffers from window to window.
pub(super) struct Composer {
    sheet: Sheet,
    patch: SceneBlock,
    seen: Vec<u16>,
    sampler: Sampler,
    scratch: Scratch,
    thrift: Thrift,
    /// What could not be decoded so far, each part once.
    pub damage: Vec<Damage>,
}

/// Bit of a pixel that the present patch saw; roles use the bits below.
const TAKE: u16 = 1 << 15;

impl Composer {
    pub fn new(thrift: Thrift) -> Self {
        let window = Window { row: 0, col: 0, rows: 0, cols: 0 };
        Self {
            sheet: Sheet::empty(),
            patch: SceneBlock { window, bands: Vec::new(), gaps: Vec::new() },
            seen: Vec::new(),
            sampler: Sampler::default(),
            scratch: Scratch::default(),
            thrift,
            damage: Vec::new(),
        }
    }

    /// Fills `block` with `bands` planes of `window` from `tiles`, the earlier file first; `open` gives the n-th one's file.
    /// Where `wanted` says no, the rest is left out and `false` comes back.
    ///
    /// # Errors
    /// [`RasterError`] where a file cannot be opened. What cannot be decoded is no error but damage.
    pub fn compose(
        &mut self,
        tiles: &[&Tile],
        (window, bands): (Window, usize),
        block: &mut SceneBlock,
        mut open: impl FnMut(usize) -> Result<Source, RasterError>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<bool, RasterError> {
        let alone = tiles.len() == 1 && tiles[0].full;
        // The bits of a pixel whose every role was seen.
        let all = (1_u32 << bands).wrapping_sub(1) as u16;
        lay(block, window, bands, gap::OUTSIDE);
        if !(alone && tiles[0].covers(window)) {
            block.bands.iter_mut().for_each(|plane| plane.fill(0.0));
        }
        if !alone {
            self.seen.clear();
            self.seen.resize(window.len(), 0);
        }
        for (turn, tile) in tiles.iter().enumerate() {
            if turn > 0 && self.seen.iter().all(|seen| *seen == all) {
                break;
            }
            let first = turn == 0 && tile.full;
            if !self.add(tile, &open(turn)?, (first, alone, all), block, wanted) {
                return Ok(false);
            }
        }
        if !alone {
            for (gap, seen) in block.gaps.iter_mut().zip(&self.seen) {
                *gap = if *seen == all { gap::SEEN } else { *gap };
            }
        }
        Ok(true)
    }

    fn add(
        &mut self,
        tile: &Tile,
        source: &Source,
        (first, alone, all): (bool, bool, u16),
        block: &mut SceneBlock,
        wanted: &dyn Fn() -> bool,
    ) -> bool {
        if let Some(lattice) = tile.lattice {
            let Some((from, place, part)) = overlap(lattice, tile, block.window) else { return true };
            if first {
                tile.fetch(source, from, block, place, &mut self.scratch, &mut self.damage);
                if !alone {
                    mark_seen(block, &mut self.seen, all);
                }
                return true;
            }
            lay(&mut self.patch, part, tile.slots.len(), gap::SEEN);
            let place = Place { start: 0, stride: part.cols, rows: part.rows, cols: part.cols };
            tile.fetch(source, from, &mut self.patch, place, &mut self.scratch, &mut self.damage);
            self.merge(tile, block);
            return true;
        }
        let mut parts = vec![block.window];
        while let Some(part) = parts.pop() {
            if !wanted() {
                return false;
            }
            match self.sample(tile, source, part) {
                Sampled::Done if alone => put(&self.patch, block),
                Sampled::Done => self.merge(tile, block),
                Sampled::Nothing => {}
                Sampled::TooMuch => parts.extend(halves(part)),
            }
        }
        true
    }

    /// Resamples a tile onto a part of the grid, into the patch.
    fn sample(&mut self, tile: &Tile, source: &Source, part: Window) -> Sampled {
        let positions = Positions::of(part, &tile.route);
        let kernel = if tile.codes { Kernel::Nearest } else { Kernel::for_scale(positions.scale) };
        let margin = 2.0 + positions.scale.0.max(positions.scale.1);
        let grid = &tile.file.grid;
        let Some(needed) = positions.source_window(margin, grid.rows, grid.cols) else { return Sampled::Nothing };
        let thrift = self.thrift;
        let squeezed = |pixels: usize, scale: f64| {
            let by = if scale >= thrift.from { (scale / thrift.to).floor().max(1.0) } else { 1.0 };
            ((pixels as f64 / by).ceil() as usize).max(1)
        };
        let (rows, cols) = (squeezed(needed.rows, positions.scale.1), squeezed(needed.cols, positions.scale.0));
        let values = rows.saturating_mul(cols).saturating_mul(tile.slots.len() + 1);
        if (values > MOST_VALUES || needed.len() > thrift.at_once) && part.len() > 1 {
            return Sampled::TooMuch;
        }
        let bands = tile.slots.len();
        self.sheet.lay(needed, bands, rows, cols);
        let stride = self.sheet.stride();
        let place = Place { start: stride + 1, stride, rows, cols };
        tile.fetch(source, needed, &mut self.sheet.block, place, &mut self.scratch, &mut self.damage);
        lay(&mut self.patch, part, bands, gap::OUTSIDE);
        self.patch.bands.iter_mut().for_each(|plane| plane.fill(0.0));
        self.sampler.sample(&positions, &self.sheet, kernel, bands, &mut self.patch);
        Sampled::Done
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

enum Sampled {
    Done,
    Nothing,
    TooMuch,
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
