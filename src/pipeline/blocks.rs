//! The only loop over blocks: which windows of the grid are worth decoding, and how workers share them.
//!
//! A tile is a window made of whole stored blocks, so that no block is decoded twice. Workers take tiles in order; results
//! are merged in order too, so one worker and many give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use geo_types::MultiPolygon;

use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::scene::Scene;
use crate::model::zone::Zone;
use crate::screen::coverage::{Cover, PixelShape};

/// Side of a tile in pixels where the files' blocks do not say otherwise.
const TILE: usize = 512;

/// Most pixels of a tile.
const MOST_PIXELS: usize = TILE * TILE * 2;

/// Coverage of a tile below this is rounding, not a zone.
const TOUCHED: f32 = 1e-9;

/// Least memory bound in MB that a run can keep: with less, one thread alone already takes more.
pub const LEAST_RAM_MB: usize = 256;

/// What a run holds besides its threads' blocks and its sample, in MB: program, GDAL and its cache, outlines, documents.
/// Measured on a pair of 10,000 × 10,000 pixels of four bands with 200 zones.
const FIXED_MB: usize = 140;

/// The sample takes at most this part of the memory bound.
const SAMPLE_PART: usize = 8;

/// Bytes that the sample may take.
#[must_use]
pub fn sample_bytes(ram_mb: usize) -> usize {
    (ram_mb << 20) / SAMPLE_PART
}

/// Bytes a pixel that a thread holds for each band: both dates, as read and as they were put on the grid.
const BYTES_A_BAND: usize = 2 * 2 * size_of::<f32>();

/// Bytes a pixel that a thread holds besides: scores, gaps, the change mask, the zones.
const BYTES_A_PIXEL: usize = 16;

/// How many of the threads asked for fit into the memory bound; one always runs. Their number changes no result.
#[must_use]
pub fn threads_within(ram_mb: usize, asked: usize, tiles: &[Window], bands: usize) -> usize {
    let pixels = tiles.iter().map(Window::len).max().unwrap_or(0);
    let bytes = pixels * (bands * BYTES_A_BAND + BYTES_A_PIXEL);
    let room = (ram_mb.saturating_sub(FIXED_MB) << 20).saturating_sub(sample_bytes(ram_mb));
    (room / bytes.max(1)).clamp(1, asked.max(1))
}

/// How a grid is cut into tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// Rows of a tile.
    rows: usize,
    /// Columns of a tile.
    cols: usize,
    /// Row of the grid at which the first full tile begins; the tile before it is cut.
    first_row: usize,
    /// As `first_row`, for columns.
    first_col: usize,
}

impl Tiling {
    /// Tiles that hold whole stored blocks of the first file that shares the grid's lattice.
    #[must_use]
    pub fn of(grid: &Grid, scenes: [&Scene; 2]) -> Self {
        let aligned = scenes.iter().flat_map(|scene| &scene.files).find_map(|file| {
            let (col, row) = grid.lattice_offset(&file.grid)?;
            Some((file.block, row, col))
        });
        let Some(((block_rows, block_cols), row, col)) = aligned else {
            return Self { rows: TILE, cols: TILE, first_row: 0, first_col: 0 };
        };
        let cols = whole_blocks(block_cols, TILE).min(grid.cols.max(1));
        let rows = whole_blocks(block_rows, (MOST_PIXELS / cols).clamp(1, TILE)).min(grid.rows.max(1));
        let phase = |offset: i64, size: usize| offset.rem_euclid(size as i64) as usize;
        Self { rows, cols, first_row: phase(row, rows), first_col: phase(col, cols) }
    }

    /// The windows of the grid that some zone or its ring touches, row by row.
    #[must_use]
    pub fn touched(&self, grid: &Grid, zones: &[&Zone]) -> Vec<Window> {
        let (up, left) = (cut(self.first_row, self.rows), cut(self.first_col, self.cols));
        let lattice = self.lattice(grid, up, left);
        let whole = Window {
            row: 0,
            col: 0,
            rows: (grid.rows + up).div_ceil(self.rows),
            cols: (grid.cols + left).div_ceil(self.cols),
        };
        let mut touched = BTreeSet::new();
        for zone in zones {
            touched.extend(cells(zone.reach(), &lattice, &whole));
        }
        let clip = |&(row, col): &(usize, usize)| {
            let (top, start) = ((row * self.rows).saturating_sub(up), (col * self.cols).saturating_sub(left));
            let (bottom, end) = ((row + 1) * self.rows - up, (col + 1) * self.cols - left);
            Window { row: top, col: start, rows: bottom.min(grid.rows) - top, cols: end.min(grid.cols) - start }
        };
        touched.iter().map(clip).collect()
    }

    /// The grid whose pixels are the tiles.
    fn lattice(&self, grid: &Grid, up: usize, left: usize) -> GeoTransform {
        let t = grid.transform.0;
        let (x, y) = grid.transform.map_from_pixel(-(left as f64), -(up as f64));
        let (rows, cols) = (self.rows as f64, self.cols as f64);
        GeoTransform([x, t[1] * cols, t[2] * rows, y, t[4] * cols, t[5] * rows])
    }
}

/// The multiple of a block's side that comes nearest to `wanted` from below, at least one block.
fn whole_blocks(block: usize, wanted: usize) -> usize {
    let block = block.max(1);
    block * (wanted / block).max(1)
}

/// How far the tile that the grid's edge cuts reaches beyond the grid.
fn cut(first: usize, size: usize) -> usize {
    (size - first) % size
}

/// The cells of a lattice that a shape touches.
fn cells(shape: &MultiPolygon<f64>, lattice: &GeoTransform, whole: &Window) -> Vec<(usize, usize)> {
    let shape = PixelShape::new(shape, lattice);
    let Some(window) = shape.window_in(whole) else { return Vec::new() };
    let mut fractions = Vec::new();
    let all = (0..window.len()).map(|i| (window.row + i / window.cols, window.col + i % window.cols));
    match shape.cover(&window, &mut fractions) {
        Cover::None => Vec::new(),
        Cover::Full => all.collect(),
        Cover::Partial => all.zip(&fractions).filter(|(_, f)| **f > TOUCHED).map(|(cell, _)| cell).collect(),
    }
}

/// Works on tiles with `jobs` threads. Each thread makes a worker of its own with `open`, `work` answers for one tile,
/// `merge` receives the answers in the order of the tiles, on the calling thread.
///
/// # Errors
/// The first error, in the order of the tiles as far as they were merged; the other workers stop at their next tile.
pub fn each<T, W, R, E>(
    tiles: &[T],
    jobs: usize,
    open: impl Fn() -> Result<W, E> + Sync,
    work: impl Fn(&mut W, usize, &T) -> Result<R, E> + Sync,
    mut merge: impl FnMut(usize, R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Sync,
    R: Send,
    E: Send,
{
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let jobs = jobs.clamp(1, tiles.len().max(1));
    let (send, receive) = sync_channel::<(usize, Result<R, E>)>(jobs * 2);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (send, open, work, next, stop) = (send.clone(), &open, &work, &next, &stop);
            scope.spawn(move || {
                let mut worker = None;
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(tile) = tiles.get(at) else { break };
                    let answer = match &mut worker {
                        Some(worker) => work(worker, at, tile),
                        none => open().and_then(|opened| work(none.insert(opened), at, tile)),
                    };
                    if send.send((at, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut early: BTreeMap<usize, Result<R, E>> = BTreeMap::new();
        let mut due = 0;
        // The receiver is moved in, so that an error hangs up on workers that wait to send.
        let merged = receive.into_iter().try_for_each(|(at, answer)| {
            early.insert(at, answer);
            while let Some(answer) = early.remove(&due) {
                merge(due, answer?)?;
                due += 1;
            }
            Ok(())
        });
        stop.store(true, Ordering::Relaxed);
        merged
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_run_as_the_memory_holds_and_one_always_does() {
        let tiles = [Window { row: 0, col: 0, rows: TILE, cols: TILE }];
        let threads = |ram_mb, bands| threads_within(ram_mb, 16, &tiles, bands);
        assert_eq!([threads(256, 4), threads(512, 4), threads(1024, 4)], [4, 15, 16]);
        assert_eq!((threads(256, 10), threads(1, 4)), (1, 1));
        assert_eq!(threads_within(1024, 2, &[], 4), 2);
    }

    #[test]
    fn answers_come_in_order_whatever_the_number_of_workers() {
        let tiles: Vec<usize> = (0..200).collect();
        for jobs in [1, 2, 7] {
            let mut seen = Vec::new();
            let done: Result<(), ()> = each(
                &tiles,
                jobs,
                || Ok(()),
                |(), _, tile| Ok(tile * 3),
                |at, answer| {
                    seen.push((at, answer));
                    Ok(())
                },
            );
            assert_eq!(done, Ok(()));
            assert_eq!(seen, tiles.iter().map(|t| (*t, t * 3)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_stops_the_loop() {
        let tiles: Vec<usize> = (0..10_000).collect();
        let mut merged = 0;
        let done = each(
            &tiles,
            2,
            || Ok(()),
            |(), _, &tile| if tile == 5 { Err("damaged") } else { Ok(()) },
            |_, ()| {
                merged += 1;
                Ok(())
            },
        );
        assert_eq!((done, merged), (Err("damaged"), 5));
    }
}
