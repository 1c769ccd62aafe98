//! Tiles and pixel values on demand, from standing workers that keep their files open.

use std::sync::Arc;

use super::colour::{Composite, JointStretch, paint};
use super::pyramid::{Pyramid, TILE};
use crate::io::crs::{Transformer, lonlat};
use crate::io::raster::{RasterError, SceneReader};
use crate::job::Pool;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Explain, Notice};
use crate::model::raster::gap;
use crate::model::scene::{BandRole, Scene};
use crate::project::plan::Plan;

/// Readers that a worker keeps, each with its open files.
const MOST_READERS: usize = 12;

/// Most workers: more would only queue at the disk.
const MOST_WORKERS: usize = 4;

/// One tile of one scene, painted in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileKey {
    /// Index of the scene in the plan.
    pub scene: usize,
    /// How it is painted.
    pub composite: Composite,
    /// Level of the pyramid.
    pub level: u8,
    /// Row of the tile.
    pub row: u32,
    /// Column of the tile.
    pub col: u32,
}

/// A place of which all pixel values are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Map coordinates in the analysis CRS.
    pub place: (f64, f64),
}

/// What a window may ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Request {
    /// A tile.
    Tile(TileKey),
    /// The values under the cursor.
    Probe(Probe),
}

/// Pixels of a tile.
#[derive(Debug, Clone)]
pub struct TileImage {
    /// Red, green, blue and opacity, row by row; empty where nothing was observed.
    pub rgba: Vec<u8>,
}

/// What one scene says of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Index of the scene.
    pub scene: usize,
    /// Values by band; empty where the place was not observed.
    pub values: Vec<(BandRole, f32)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A tile.
    Tile(TileImage),
    /// Longitude and latitude of a place, and what every scene says of it.
    Probe(Option<(f64, f64)>, Vec<Reading>),
    /// The scene cannot be read.
    Failed(Box<Notice>),
}

/// The workers of one project.
pub struct TileService {
    pool: Pool<Request, Answer>,
}

impl TileService {
    /// Starts the workers. `wake` is called after each answer.
    #[must_use]
    pub fn start(
        plan: Arc<Plan>,
        pyramid: Pyramid,
        stretch: Arc<JointStretch>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let begin = move || Worker {
            plan: Arc::clone(&plan),
            pyramid: pyramid.clone(),
            stretch: Arc::clone(&stretch),
            readers: Vec::new(),
            to_lonlat: lonlat(&plan.crs).ok().and_then(|target| Transformer::new(&plan.crs, &target).ok()),
        };
        Self { pool: Pool::start(cores.clamp(1, MOST_WORKERS), wake, begin, Worker::answer) }
    }

    /// Says what is wanted now, the most urgent first; what was wanted before and is not in the list is dropped.
    pub fn want(&self, requests: Vec<Request>) {
        self.pool.want(requests);
    }

    /// The answers since the last call; `None` where answering failed on a bug.
    #[must_use]
    pub fn take(&self) -> Vec<(Request, Option<Answer>)> {
        self.pool.take()
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pool.is_idle()
    }
}

type ReaderKey = (usize, Composite, u8);

struct Worker {
    plan: Arc<Plan>,
    pyramid: Pyramid,
    stretch: Arc<JointStretch>,
    readers: Vec<(ReaderKey, SceneReader)>,
    to_lonlat: Option<Transformer>,
}

impl Worker {
    fn answer(&mut self, request: &Request) -> Answer {
        match request {
            Request::Tile(key) => self.tile(*key).unwrap_or_else(|error| Answer::Failed(Box::new(error.notice()))),
            Request::Probe(probe) => self.probe(*probe),
        }
    }

    fn tile(&mut self, key: TileKey) -> Result<Answer, RasterError> {
        let kind = self.plan.scenes[key.scene].kind;
        let block = self.reader(key)?.read(Pyramid::window(key.row, key.col))?;
        let seen = block.gaps.iter().any(|reason| *reason != gap::NODATA && *reason != gap::OUTSIDE);
        let rgba = if seen { paint(&block, key.composite, &self.stretch, kind) } else { Vec::new() };
        debug_assert!(rgba.is_empty() || rgba.len() == TILE * TILE * 4);
        Ok(Answer::Tile(TileImage { rgba }))
    }

    fn reader(&mut self, key: TileKey) -> Result<&mut SceneReader, RasterError> {
        let wanted = (key.scene, key.composite, key.level);
        let known = self.readers.iter().position(|(kept, _)| *kept == wanted);
        let reader = if let Some(place) = known {
            self.readers.remove(place).1
        } else {
            // A mask hides ground from the analysis, not from the eye.
            let scene = Scene { masks: Vec::new(), ..self.plan.scenes[key.scene].clone() };
            let grid = self.pyramid.grid(key.level);
            SceneReader::open(&scene, &key.composite.roles(), &grid, (0.0, 0.0))?.for_looking()
        };
        if self.readers.len() >= MOST_READERS {
            self.readers.remove(0);
        }
        self.readers.push((wanted, reader));
        let last = self.readers.len() - 1;
        Ok(&mut self.readers[last].1)
    }

    fn probe(&self, probe: Probe) -> Answer {
        let mut place = [probe.place];
        let place = self.to_lonlat.as_ref().and_then(|t| t.forward(&mut place).ok().map(|()| place[0]));
        let scenes = self.plan.scenes.iter().enumerate();
        Answer::Probe(place, scenes.map(|(at, scene)| self.reading(at, scene, probe.place)).collect())
    }

    /// The pixel of a scene's own lattice that a place lies in, unchanged by any resampling.
    fn reading(&self, at: usize, scene: &Scene, place: (f64, f64)) -> Reading {
        let values = scene.files.iter().find_map(|file| {
            let mut point = [place];
            Transformer::new(&self.plan.crs, &file.grid.crs).ok()?.forward(&mut point).ok()?;
            let (col, row) = file.grid.transform.pixel_from_map(point[0].0, point[0].1);
            let inside = col >= 0.0 && row >= 0.0 && col < file.grid.cols as f64 && row < file.grid.rows as f64;
            let window = inside.then_some(Window { row: row as usize, col: col as usize, rows: 1, cols: 1 })?;
            let alone = Scene { files: vec![file.clone()], masks: Vec::new(), ..scene.clone() };
            let roles: Vec<BandRole> = file.bands.iter().map(|band| band.role).collect();
            let grid = Grid { transform: GeoTransform(file.grid.transform.0), ..file.grid.clone() };
            let block = SceneReader::open(&alone, &roles, &grid, (0.0, 0.0)).ok()?.read(window).ok()?;
            let seen = block.gaps[0] == gap::SEEN;
            seen.then(|| roles.into_iter().zip(block.bands.iter().map(|plane| plane[0])).collect())
        });
        Reading { scene: at, values: values.unwrap_or_default() }
    }
}
