//! The picture below everything: any raster the program reads, or tiles on the Web Mercator lattice, put on the lattice that
//! a project is looked at on. Read on a worker of its own, so that a slow server holds up nobody.

mod warp;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use geo_types::Rect;

use super::view::{Pyramid, TILE};
use crate::io::crs::CrsError;
use crate::io::files::absolute;
use crate::io::raster::{RasterError, RasterInfo, SceneReader, describe};
use crate::io::tiles::{TileError, TileSource, TileStore};
use crate::job::{Cancelled, Pool, Progress, Wanted, Wish};
use crate::model::crs::Crs;
use crate::model::notice::{Explain, Notice};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, BandSource, SampleType, Scene, SceneFile, SceneKind, Zero};
use warp::Warp;

/// How far around a project its basemap reaches, as a share of the longer side.
const AROUND: f64 = 2.0;

/// Share of the values below the darkest and above the brightest shade, where samples are no bytes.
const CLIPPED: f64 = 0.02;

/// Why there is no basemap.
#[derive(Debug, thiserror::Error)]
pub enum BasemapError {
    /// The raster.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// The tiles.
    #[error(transparent)]
    Tiles(#[from] TileError),
    /// No way from the project's CRS to the tiles'.
    #[error(transparent)]
    Crs(#[from] CrsError),
}

impl Explain for BasemapError {
    fn notice(&self) -> Notice {
        match self {
            Self::Raster(error) => error.notice(),
            Self::Tiles(error) => error.notice(),
            Self::Crs(error) => error.notice(),
        }
    }
}

/// One tile of the basemap's lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BasemapKey {
    /// Level of the lattice.
    pub level: u8,
    /// Row of the tile.
    pub row: u32,
    /// Column of the tile.
    pub col: u32,
}

impl Wish for BasemapKey {}

/// What a worker answers.
#[derive(Debug, Clone)]
pub enum BasemapAnswer {
    /// Pixels, red, green, blue, opacity; empty where there is nothing.
    Pixels(Vec<u8>),
    /// It cannot be read.
    Failed(Box<Notice>),
}

/// A basemap being looked at.
pub struct Basemap {
    /// The lattice of its tiles.
    pub pyramid: Pyramid,
    /// What was asked for.
    pub source: String,
    credit: Arc<OnceLock<String>>,
    pool: Pool<BasemapKey, BasemapAnswer>,
}

impl Basemap {
    /// Starts reading a basemap for a project's extent. What cannot be read is told by the first answer.
    #[must_use]
    pub fn start(
        written: &str,
        beside: &Path,
        crs: &Crs,
        extent: Rect<f64>,
        pixel: f64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let side = extent.width().max(extent.height()) * AROUND;
        let (min, max) = (extent.min(), extent.max());
        let around = Rect::new((min.x - side, min.y - side), (max.x + side, max.y + side));
        let pyramid = Pyramid::over(crs.clone(), around, pixel, (min.x, max.y));
        let (lattice, text, folder) = (pyramid.clone(), written.to_owned(), beside.to_path_buf());
        let credit = Arc::new(OnceLock::new());
        let told = Arc::clone(&credit);
        let begin = move || {
            let reader = Reader::open(&text, &folder, lattice.crs()).inspect(|reader| {
                told.get_or_init(|| reader.credit(&text));
            });
            Worker { lattice: lattice.clone(), reader, failures: 0 }
        };
        let answer = |worker: &mut Worker, key: &BasemapKey, _: &Wanted| Some(worker.answer(key));
        Self { pyramid, source: written.to_owned(), credit, pool: Pool::start(1, wake, begin, answer) }
    }

    /// Where it comes from, in the source's own words where it has some; `None` before it was opened.
    #[must_use]
    pub fn credit(&self) -> Option<&str> {
        self.credit.get().map(String::as_str)
    }

    /// Says which tiles are wanted now, the most urgent first.
    pub fn want(&self, keys: Vec<BasemapKey>) {
        self.pool.want(keys);
    }

    /// The answers since the last call; `None` where answering failed on a bug.
    #[must_use]
    pub fn take(&self) -> Vec<(BasemapKey, Option<BasemapAnswer>)> {
        self.pool.take()
    }
}

/// A basemap that is read once, for a picture of a box.
pub struct Still {
    lattice: Pyramid,
    reader: Reader,
    bounds: Rect<f64>,
    /// Where it comes from.
    pub credit: String,
}

impl Still {
    /// Opens a basemap for a picture of a box, with pixels so many map units wide.
    ///
    /// # Errors
    /// [`BasemapError`] where the source cannot be read.
    pub fn open(written: &str, beside: &Path, crs: &Crs, bounds: Rect<f64>, pixel: f64) -> Result<Self, BasemapError> {
        let lattice = Pyramid::over(crs.clone(), bounds, pixel, (bounds.min().x, bounds.max().y));
        let reader = Reader::open(written, beside, lattice.crs())?;
        let credit = reader.credit(written);
        Ok(Self { lattice, reader, bounds, credit })
    }

    /// The picture, so many pixels wide and high from the box's upper left corner: red, green, blue, opacity.
    ///
    /// # Errors
    /// [`BasemapError`] where a tile cannot be read; within, whether the work was cancelled.
    pub fn picture(
        &mut self,
        (width, height): (usize, usize),
        progress: &Progress,
    ) -> Result<Result<Vec<u8>, BasemapError>, Cancelled> {
        let mut rgba = vec![0; width * height * 4];
        let (left, top) = self.lattice.grid(0).transform.pixel_from_map(self.bounds.min().x, self.bounds.max().y);
        let (left, top) = (left.round() as usize, top.round() as usize);
        for (row, col) in self.lattice.tiles(0, &self.bounds) {
            progress.advance(0)?;
            let tile = match self.reader.tile(&self.lattice, BasemapKey { level: 0, row, col }) {
                Ok(tile) => tile,
                Err(error) => return Ok(Err(error)),
            };
            let window = Pyramid::window(row, col);
            let cols = window.col.max(left)..(window.col + TILE).min(left + width);
            if cols.is_empty() {
                continue;
            }
            for (line, y) in tile.chunks_exact(TILE * 4).zip(window.row..) {
                let Some(y) = y.checked_sub(top).filter(|y| *y < height) else { continue };
                let from = &line[(cols.start - window.col) * 4..(cols.end - window.col) * 4];
                let to = (y * width + cols.start - left) * 4;
                rgba[to..to + from.len()].copy_from_slice(from);
            }
        }
        Ok(Ok(rgba))
    }
}

/// Failures after which a source is left alone: a server that is away would hold up every tile.
const MOST_FAILURES: u8 = 3;

struct Worker {
    lattice: Pyramid,
    reader: Result<Reader, BasemapError>,
    failures: u8,
}

impl Worker {
    fn answer(&mut self, key: &BasemapKey) -> BasemapAnswer {
        let failed = |error: &BasemapError| BasemapAnswer::Failed(Box::new(error.notice()));
        let answered = match &mut self.reader {
            Ok(reader) => reader.tile(&self.lattice, *key),
            Err(error) => return failed(error),
        };
        match answered {
            Ok(pixels) => {
                self.failures = 0;
                BasemapAnswer::Pixels(pixels)
            }
            Err(error) => {
                self.failures += 1;
                let answer = failed(&error);
                if self.failures >= MOST_FAILURES {
                    self.reader = Err(error);
                }
                answer
            }
        }
    }
}

enum Reader {
    Image(Box<Image>),
    Tiles(Box<Warp>),
}

impl Reader {
    fn open(written: &str, beside: &Path, crs: &Crs) -> Result<Self, BasemapError> {
        if let Some(source) = TileSource::of(written)? {
            let store = TileStore::open(&source)?;
            return Ok(Self::Tiles(Box::new(Warp::new(store, crs)?)));
        }
        let path = if Path::new(written).is_absolute() { absolute(Path::new(written)) } else { beside.join(written) };
        Ok(Self::Image(Box::new(Image::open(&path)?)))
    }

    /// What the source says of its origin, else its server or its file.
    fn credit(&self, written: &str) -> String {
        let told = match self {
            Self::Tiles(warp) => warp.attribution().map(plain_text).filter(|told| !told.is_empty()),
            Self::Image(_) => None,
        };
        told.unwrap_or_else(|| {
            let address = written.trim().split_once("://").filter(|(scheme, _)| *scheme != "file");
            let name = || Path::new(written.trim()).file_name().map(|name| name.to_string_lossy().into_owned());
            match address {
                Some((_, rest)) => rest.split('/').next().unwrap_or(rest).to_owned(),
                None => name().unwrap_or_else(|| written.to_owned()),
            }
        })
    }

    fn tile(&mut self, lattice: &Pyramid, key: BasemapKey) -> Result<Vec<u8>, BasemapError> {
        match self {
            Self::Image(image) => Ok(image.tile(lattice, key)?),
            Self::Tiles(warp) => Ok(warp.tile(&lattice.grid(key.level), Pyramid::window(key.row, key.col))?),
        }
    }
}

/// A text without the tags of HTML that origins are often told with.
fn plain_text(html: &str) -> String {
    let mut parts = html.split('<');
    let before = parts.next().unwrap_or_default().to_owned();
    parts.fold(before, |text, part| text + part.split_once('>').map_or("", |(_, after)| after)).trim().to_owned()
}

/// A raster as a picture: its first three bands, or its first in grey.
struct Image {
    scene: Scene,
    roles: Vec<BandRole>,
    bounds: Vec<(f32, f32)>,
    open: Option<(u8, SceneReader)>,
}

impl Image {
    fn open(path: &Path) -> Result<Self, RasterError> {
        let info = describe(path, None)?;
        let roles = if info.bands.len() >= 3 {
            vec![BandRole::Red, BandRole::Green, BandRole::Blue]
        } else {
            vec![BandRole::Red]
        };
        let scene = scene_of(&info, &roles);
        let is_bytes = info.bands.first().is_some_and(|band| band.sample == SampleType::U8);
        let bounds = if is_bytes { vec![(0.0, 255.0); roles.len()] } else { bounds(&scene, &roles)? };
        Ok(Self { scene, roles, bounds, open: None })
    }

    fn tile(&mut self, lattice: &Pyramid, key: BasemapKey) -> Result<Vec<u8>, RasterError> {
        if self.open.as_ref().is_none_or(|open| open.0 != key.level) {
            let reader = SceneReader::open(&self.scene, &self.roles, &lattice.grid(key.level), (0.0, 0.0))?;
            self.open = Some((key.level, reader.for_looking()));
        }
        let Some((_, reader)) = &mut self.open else { return Ok(Vec::new()) };
        Ok(self::painted(&reader.read(Pyramid::window(key.row, key.col))?, &self.bounds))
    }
}

fn scene_of(info: &RasterInfo, roles: &[BandRole]) -> Scene {
    let bands = roles.iter().zip(&info.bands).enumerate().map(|(at, (role, band))| BandSource {
        role: *role,
        index: at + 1,
        scale: 1.0,
        offset: 0.0,
        nodata: band.nodata,
    });
    let file = SceneFile {
        path: info.path.clone(),
        grid: info.grid.clone(),
        block: info.block,
        sample: info.bands.first().map_or(SampleType::U8, |band| band.sample),
        bands: bands.collect(),
        alpha: info.alpha,
        has_mask: info.has_mask,
        zero: Zero::Value,
    };
    Scene {
        date: crate::model::Date::constant(2000, 1, 1),
        date_is_year: true,
        kind: SceneKind::Satellite,
        sensor: None,
        files: vec![file],
        masks: Vec::new(),
        roles: roles.to_vec(),
        is_reflectance: false,
        legend: crate::model::legend::Legend::default(),
    }
}

/// Dark and bright of each band, from a look at the whole image.
fn bounds(scene: &Scene, roles: &[BandRole]) -> Result<Vec<(f32, f32)>, RasterError> {
    let Some(file) = scene.files.first() else { return Ok(Vec::new()) };
    let factor = (file.grid.rows.max(file.grid.cols) as f64 / TILE as f64).max(1.0);
    let pyramid = Pyramid::over(
        (*file.grid.crs).clone(),
        file.grid.bounds(),
        file.grid.transform.pixel_size().0 * factor,
        file.grid.bounds().min().x_y(),
    );
    let grid = pyramid.grid(0);
    let window = grid.window_of(&file.grid.bounds());
    let mut reader = SceneReader::open(scene, roles, &grid, (0.0, 0.0))?.for_looking();
    let Some(window) = window else { return Ok(vec![(0.0, 255.0); roles.len()]) };
    let block = reader.read(window)?;
    let bound = |plane: &Vec<f32>| {
        let seen = plane.iter().zip(&block.gaps).filter(|(_, reason)| **reason == gap::SEEN);
        let mut values: Vec<f32> = seen.map(|(value, _)| *value).collect();
        values.sort_unstable_by(f32::total_cmp);
        let at = |share: f64| values.get((values.len().saturating_sub(1) as f64 * share) as usize).copied();
        (at(CLIPPED).unwrap_or(0.0), at(1.0 - CLIPPED).unwrap_or(1.0))
    };
    Ok(block.bands.iter().map(bound).collect())
}

fn painted(block: &SceneBlock, bounds: &[(f32, f32)]) -> Vec<u8> {
    let mut rgba = vec![0; block.gaps.len() * 4];
    let mut any = false;
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        if block.gaps[at] != gap::SEEN {
            continue;
        }
        any = true;
        for (channel, shade) in pixel[..3].iter_mut().enumerate() {
            let band = channel.min(block.bands.len() - 1);
            let (low, high) = bounds[band];
            let share = if high > low { (block.bands[band][at] - low) / (high - low) } else { 0.5 };
            *shade = (share.clamp(0.0, 1.0) * 255.0) as u8;
        }
        pixel[3] = 255;
    }
    if any { rgba } else { Vec::new() }
}

/// The CRS of web tiles.
fn web_mercator() -> Result<Arc<Crs>, CrsError> {
    crate::io::crs::parse("EPSG:3857").map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_told_without_their_tags() {
        assert_eq!(plain_text("© <a href=\"http://x\">Survey</a> 2024"), "© Survey 2024");
        assert_eq!(plain_text("plain"), "plain");
    }
}
