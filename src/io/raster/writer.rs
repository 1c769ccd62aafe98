//! Result rasters: tiled, compressed, sparse, and only under their final name once they were read back whole.
//!
//! Tiles are assembled here and written in the order in which they are completed, past GDAL's cache: the same calls give
//! the same bytes. Nothing that depends on a clock or on this program goes into the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::{Dataset, DriverManager};

use super::source::{Place, Source, Squeeze};
use crate::io::atomic::{WriteError, part_name, remove_file, sync_folder};
use crate::io::crs;
use crate::io::error::ErrorScope;
use crate::io::setup;
use crate::model::grid::{Grid, Window};
use crate::model::raster::mask;

/// Side of a tile in pixels.
const TILE: usize = 512;

/// Bytes tried out to tell a full disk from another failure.
const PROBE: usize = 1 << 20;

/// What a result raster holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RasterKind {
    /// 0 unchanged, 1 changed, 255 not observed (also its nodata value), in 8 bits.
    ChangeMask,
    /// The method's score in 32-bit floats, NaN where not observed (also its nodata value).
    Score,
}

/// A tile under assembly: its values and how many were written.
type Tile<T> = (Vec<T>, usize);

/// Writes one result raster. Each pixel is written once at most; pixels never written are not observed.
pub struct RasterWriter {
    dataset: Option<Dataset>,
    path: PathBuf,
    part: PathBuf,
    rows: usize,
    cols: usize,
    kind: RasterKind,
    bytes: BTreeMap<(usize, usize), Tile<u8>>,
    floats: BTreeMap<(usize, usize), Tile<f32>>,
    written: BTreeMap<(usize, usize), u64>,
    scope: ErrorScope,
}

impl RasterWriter {
    /// Begins a raster that will be called `path`.
    ///
    /// # Errors
    /// [`WriteError`] where it cannot be created there.
    pub fn create(path: &Path, grid: &Grid, kind: RasterKind) -> Result<Self, WriteError> {
        setup::ensure();
        let part = part_name(path);
        let scope = ErrorScope::new();
        let dataset = match kind {
            RasterKind::ChangeMask => begin::<u8>(&part, grid, &["PREDICTOR=1"], f64::from(mask::NOT_OBSERVED)),
            RasterKind::Score => begin::<f32>(&part, grid, &["PREDICTOR=3"], f64::NAN),
        };
        let mut writer = Self {
            dataset: None,
            path: path.to_path_buf(),
            part,
            rows: grid.rows,
            cols: grid.cols,
            kind,
            bytes: BTreeMap::new(),
            floats: BTreeMap::new(),
            written: BTreeMap::new(),
            scope,
        };
        match dataset {
            Ok(dataset) if !writer.scope.failed() => {
                writer.dataset = Some(dataset);
                Ok(writer)
            }
            Ok(_) => Err(writer.failure("cannot create")),
            Err(e) => Err(writer.failure(&e.to_string())),
        }
    }

    /// Writes a window of a change mask, row-major.
    ///
    /// # Errors
    /// [`WriteError`] where the tile cannot be written, the window does not fit, or the raster is no change mask.
    pub fn write_u8(&mut self, window: Window, values: &[u8]) -> Result<(), WriteError> {
        self.fits(window, values.len(), RasterKind::ChangeMask)?;
        let mut tiles = std::mem::take(&mut self.bytes);
        let full = place(window, values, mask::NOT_OBSERVED, (self.rows, self.cols), &mut tiles);
        let flushed = full
            .into_iter()
            .try_for_each(|(at, tile)| self.flush(at, tile, |v| *v == mask::NOT_OBSERVED, |v| u64::from(*v)));
        self.bytes = tiles;
        flushed
    }

    /// Writes a window of scores, row-major.
    ///
    /// # Errors
    /// As [`RasterWriter::write_u8`].
    pub fn write_f32(&mut self, window: Window, values: &[f32]) -> Result<(), WriteError> {
        self.fits(window, values.len(), RasterKind::Score)?;
        let mut tiles = std::mem::take(&mut self.floats);
        let full = place(window, values, f32::NAN, (self.rows, self.cols), &mut tiles);
        let flushed = full.into_iter().try_for_each(|(at, tile)| self.flush(at, tile, |v| v.is_nan(), bits));
        self.floats = tiles;
        flushed
    }

    /// Ends the raster: writes what is left, closes, reads it back, and gives it its name.
    ///
    /// # Errors
    /// [`WriteError`] where any step failed; then nothing has the final name.
    pub fn finish(mut self) -> Result<(), WriteError> {
        for (at, (tile, _)) in std::mem::take(&mut self.bytes) {
            self.flush(at, tile, |v| *v == mask::NOT_OBSERVED, |v| u64::from(*v))?;
        }
        for (at, (tile, _)) in std::mem::take(&mut self.floats) {
            self.flush(at, tile, |v| v.is_nan(), bits)?;
        }
        if let Some(mut dataset) = self.dataset.take() {
            let ended = dataset.flush_cache().and_then(|()| dataset.close());
            if ended.is_err() || self.scope.failed() {
                return Err(self.failure("cannot close"));
            }
        }
        self.verify()?;
        let placed = std::fs::File::options().write(true).open(&self.part).and_then(|file| file.sync_all());
        let placed = placed.and_then(|()| std::fs::rename(&self.part, &self.path));
        placed.map_err(|e| WriteError::of(&self.path, &e, None))?;
        sync_folder(self.path.parent().unwrap_or(Path::new(".")))
    }

    fn fits(&self, window: Window, len: usize, kind: RasterKind) -> Result<(), WriteError> {
        let inside = window.row + window.rows <= self.rows && window.col + window.cols <= self.cols;
        if inside && len == window.len() && kind == self.kind {
            return Ok(());
        }
        Err(WriteError::Failed { path: self.path.clone(), reason: "window outside the raster".to_owned() })
    }

    /// Writes one tile unless it holds nothing, and remembers what it held.
    fn flush<T: Copy + GdalType>(
        &mut self,
        at: (usize, usize),
        tile: Vec<T>,
        empty: impl Fn(&T) -> bool,
        digit: impl Fn(&T) -> u64,
    ) -> Result<(), WriteError> {
        if tile.iter().all(empty) {
            return Ok(());
        }
        self.written.insert(at, digest(&tile, digit));
        let Some(dataset) = &self.dataset else { return Err(self.failure("already closed")) };
        let mut buffer = Buffer::new((TILE, TILE), tile);
        let written = dataset.rasterband(1).and_then(|mut band| band.write_block((at.1, at.0), &mut buffer));
        match written {
            Ok(()) if !self.scope.failed() => Ok(()),
            Ok(()) => Err(self.failure("cannot write")),
            Err(e) => Err(self.failure(&e.to_string())),
        }
    }

    /// Reads the file back and compares size and every tile.
    fn verify(&self) -> Result<(), WriteError> {
        let differs = |reason: &str| WriteError::NotVerified { path: self.path.clone(), reason: reason.to_owned() };
        let source = Source::open(&self.part).map_err(|e| differs(&e.to_string()))?;
        if source.size() != (self.rows, self.cols) {
            return Err(differs("size"));
        }
        for (at, expected) in &self.written {
            let found = match self.kind {
                RasterKind::ChangeMask => self.read_back(&source, *at, mask::NOT_OBSERVED, |v: &u8| u64::from(*v)),
                RasterKind::Score => self.read_back(&source, *at, f32::NAN, bits),
            };
            match found {
                Ok(found) if found == *expected => {}
                Ok(_) => return Err(differs("content")),
                Err(e) => return Err(differs(&e.to_string())),
            }
        }
        Ok(())
    }

    fn read_back<T: super::source::Sample>(
        &self,
        source: &Source,
        at: (usize, usize),
        empty: T,
        digit: impl Fn(&T) -> u64,
    ) -> Result<u64, super::source::ReadFailure> {
        let (row, col) = (at.0 * TILE, at.1 * TILE);
        let window = Window { row, col, rows: TILE.min(self.rows - row), cols: TILE.min(self.cols - col) };
        let mut tile = vec![empty; TILE * TILE];
        let place = Place { start: 0, stride: TILE, rows: window.rows, cols: window.cols };
        source.read_band(1, window, &mut tile, place, Squeeze::Nearest)?;
        Ok(digest(&tile, digit))
    }

    /// The error to report: GDAL's reason, or a full disk or missing right where a trial shows that.
    fn failure(&self, fallback: &str) -> WriteError {
        let reason = self.scope.reason(fallback);
        let probe = self.path.with_extension("probe");
        let trial = std::fs::write(&probe, vec![0_u8; PROBE]);
        remove_file(&probe);
        let needed = (self.rows * self.cols) as u64 * if self.kind == RasterKind::Score { 4 } else { 1 };
        match trial {
            Err(e) => WriteError::of(&self.path, &e, Some(needed)),
            Ok(()) if reason.contains("No space left") => {
                WriteError::DiskFull { path: self.path.clone(), needed: Some(needed) }
            }
            Ok(()) => WriteError::Failed { path: self.path.clone(), reason },
        }
    }
}

impl Drop for RasterWriter {
    fn drop(&mut self) {
        self.dataset = None;
        remove_file(&self.part);
    }
}

fn begin<T: GdalType>(part: &Path, grid: &Grid, own: &[&str], nodata: f64) -> gdal::errors::Result<Dataset> {
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let tile = [format!("BLOCKXSIZE={TILE}"), format!("BLOCKYSIZE={TILE}")];
    let fixed = ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1", "SPARSE_OK=TRUE", "BIGTIFF=IF_SAFER"];
    let all = fixed.iter().chain(own).copied().chain(tile.iter().map(String::as_str));
    let options = all.collect::<RasterCreationOptions>();
    let mut dataset = driver.create_with_band_type_with_options::<T, _>(part, grid.cols, grid.rows, 1, &options)?;
    dataset.set_geo_transform(&grid.transform.0)?;
    if let Ok(srs) = crs::spatial_ref(&grid.crs.wkt) {
        dataset.set_spatial_ref(&srs)?;
    }
    dataset.rasterband(1)?.set_no_data_value(Some(nodata))?;
    Ok(dataset)
}

/// Spreads a window over its tiles; returns those that are complete, in row order.
fn place<T: Copy>(
    window: Window,
    values: &[T],
    empty: T,
    (rows, cols): (usize, usize),
    tiles: &mut BTreeMap<(usize, usize), Tile<T>>,
) -> Vec<((usize, usize), Vec<T>)> {
    let mut full = Vec::new();
    if window.is_empty() {
        return full;
    }
    for tile_row in window.row / TILE..=(window.row + window.rows - 1) / TILE {
        for tile_col in window.col / TILE..=(window.col + window.cols - 1) / TILE {
            let at = (tile_row, tile_col);
            let (top, left) = (tile_row * TILE, tile_col * TILE);
            let whole = Window { row: top, col: left, rows: TILE.min(rows - top), cols: TILE.min(cols - left) };
            let Some(part) = window.intersection(&whole) else { continue };
            let (tile, count) = tiles.entry(at).or_insert_with(|| (vec![empty; TILE * TILE], 0));
            for row in part.row..part.row + part.rows {
                let from = (row - window.row) * window.cols + part.col - window.col;
                let to = (row - top) * TILE + part.col - left;
                tile[to..to + part.cols].copy_from_slice(&values[from..from + part.cols]);
            }
            *count += part.len();
            if *count >= whole.len() {
                full.extend(tiles.remove(&at).map(|(tile, _)| (at, tile)));
            }
        }
    }
    full
}

/// A score's bits; every NaN is the same to us.
#[allow(clippy::trivially_copy_pass_by_ref)] // It stands where a closure over tile values does.
fn bits(value: &f32) -> u64 {
    if value.is_nan() { u64::from(u32::MAX) } else { u64::from(value.to_bits()) }
}

/// A digest of a tile, only to compare it with what is read back (FNV-1a).
fn digest<T>(tile: &[T], digit: impl Fn(&T) -> u64) -> u64 {
    tile.iter().fold(0xcbf2_9ce4_8422_2325, |hash, v| (hash ^ digit(v)).wrapping_mul(0x0100_0000_01b3))
}
