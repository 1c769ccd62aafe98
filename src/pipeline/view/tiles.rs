//! Tiles, pixel values and surveys on demand, from standing workers that keep their files open.
//!
//! Values are read once and painted as often as colours change. What depends on one scene is a lane of the pool, so that a
//! scene that hangs holds nothing else up.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use geo_types::Rect;

use super::paint::Paint;
use super::picture::Composite;
use super::pyramid::{Pyramid, TILE};
use super::raw::{RawCache, RawTile};
use super::survey::{Survey, survey};
use crate::io::crs::{Transformer, lonlat};
use crate::io::raster::RasterError;
use crate::io::raster::glance::{Glance, SceneMap};
use crate::job::{Pool, Wanted, Wish};
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::scene::BandRole;
use crate::project::plan::Plan;

/// Most workers: more would only queue at the disk.
const MOST_WORKERS: usize = 4;

/// One tile of one scene, in one choice of bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileKey {
    /// Index of the scene in the plan.
    pub scene: usize,
    /// Which bands.
    pub composite: Composite,
    /// Level of the pyramid.
    pub level: u8,
    /// Row of the tile.
    pub row: u32,
    /// Column of the tile.
    pub col: u32,
}

/// What a window may ask.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A tile in the colours of a paint.
    Tile(TileKey, Arc<Paint>),
    /// How bright a scene is, or the part of it in a box.
    Survey(usize, Option<Rect<f64>>),
    /// The values of a scene at a place of the analysis CRS.
    Probe(usize, (f64, f64)),
    /// Longitude and latitude of a place of the analysis CRS.
    Place((f64, f64)),
}

impl Wish for Request {
    fn lane(&self) -> Option<usize> {
        match self {
            Self::Tile(TileKey { scene, .. }, _) | Self::Survey(scene, _) | Self::Probe(scene, _) => Some(*scene),
            Self::Place(_) => None,
        }
    }

    /// Four tiles: as large as the blocks that images are commonly stored in.
    fn neighbourhood(&self) -> Option<u64> {
        let Self::Tile(key, _) = self else { return None };
        let mut hasher = DefaultHasher::new();
        TileKey { row: key.row / 2, col: key.col / 2, ..*key }.hash(&mut hasher);
        Some(hasher.finish())
    }
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
    /// How bright a scene is.
    Survey(Survey),
    /// What a scene says of a place.
    Probe(Reading),
    /// Longitude and latitude.
    Place(Option<(f64, f64)>),
    /// The scene cannot be read; [`TileService::notices`] tells why.
    Failed,
}

/// What all workers share.
struct Stock {
    plan: Arc<Plan>,
    pyramid: Pyramid,
    maps: Vec<OnceLock<Arc<SceneMap>>>,
    raw: RawCache,
    /// Counts the times at which files beside the sources have changed.
    edition: AtomicU64,
    /// What could not be read, each once.
    trouble: Mutex<Vec<RasterError>>,
}

impl Stock {
    fn map(&self, scene: usize) -> Arc<SceneMap> {
        let made = || Arc::new(SceneMap::of(&self.plan.scenes[scene], &self.plan.crs));
        Arc::clone(self.maps[scene].get_or_init(made))
    }
}

/// A request and its answer; `None` where answering failed on a bug.
pub type Answered = (Request, Option<Answer>);

/// What is wanted, and what was answered and not taken yet: surveys apart, as another part of the window asks for them.
#[derive(Default)]
struct Tray {
    surveys: (Vec<Request>, Vec<Request>),
    wanted: Vec<Request>,
    surveyed: Vec<Answered>,
    answered: Vec<Answered>,
}

/// The workers of one project.
pub struct TileService {
    pool: Pool<Request, Answer>,
    stock: Arc<Stock>,
    told: Mutex<usize>,
    tray: Mutex<Tray>,
}

impl TileService {
    /// Starts the workers, which may keep `budget` bytes of values. `wake` is called after each answer.
    #[must_use]
    pub fn start(plan: Arc<Plan>, pyramid: Pyramid, budget: usize, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let stock = Arc::new(Stock {
            maps: plan.scenes.iter().map(|_| OnceLock::new()).collect(),
            raw: RawCache::new(budget),
            edition: AtomicU64::new(0),
            trouble: Mutex::default(),
            pyramid,
            plan,
        });
        let shared = Arc::clone(&stock);
        let begin = move || Worker::new(Arc::clone(&shared));
        let pool = Pool::start(cores.clamp(1, MOST_WORKERS), wake, begin, Worker::answer);
        Self { pool, stock, told: Mutex::default(), tray: Mutex::default() }
    }

    /// Says what is wanted now, the most urgent first; what was wanted before and is not in the list is dropped.
    pub fn want(&self, requests: Vec<Request>) {
        let mut tray = self.tray();
        tray.wanted = requests;
        self.ask(&tray);
    }

    /// Says which surveys are wanted now: before everything else, and after it.
    pub fn survey(&self, urgent: Vec<Request>, later: Vec<Request>) {
        let mut tray = self.tray();
        if tray.surveys != (urgent.clone(), later.clone()) {
            tray.surveys = (urgent, later);
            self.ask(&tray);
        }
    }

    fn ask(&self, tray: &Tray) {
        let (urgent, later) = &tray.surveys;
        self.pool.want(urgent.iter().chain(&tray.wanted).chain(later).cloned().collect());
    }

    /// The answers since the last call, but for surveys.
    #[must_use]
    pub fn take(&self) -> Vec<Answered> {
        let mut tray = self.sorted();
        std::mem::take(&mut tray.answered)
    }

    /// The surveys since the last call: which scene, which part of it, what was seen.
    #[must_use]
    pub fn surveys(&self) -> Vec<(usize, Option<Rect<f64>>, Option<Survey>)> {
        let mut tray = self.sorted();
        let surveyed = std::mem::take(&mut tray.surveyed);
        let surveys = surveyed.into_iter().filter_map(|(request, answer)| match (request, answer) {
            (Request::Survey(scene, within), Some(Answer::Survey(survey))) => Some((scene, within, Some(survey))),
            (Request::Survey(scene, within), _) => Some((scene, within, None)),
            _ => None,
        });
        surveys.collect()
    }

    /// The tray with everything in it that the workers have done.
    fn sorted(&self) -> MutexGuard<'_, Tray> {
        let mut tray = self.tray();
        let (surveyed, answered): (Vec<_>, Vec<_>) =
            self.pool.take().into_iter().partition(|(request, _)| matches!(request, Request::Survey(..)));
        // What is answered is not asked again with what comes next.
        tray.surveys.0.retain(|wish| !surveyed.iter().any(|(request, _)| request == wish));
        tray.surveys.1.retain(|wish| !surveyed.iter().any(|(request, _)| request == wish));
        tray.wanted.retain(|wish| !answered.iter().any(|(request, _)| request == wish));
        tray.surveyed.extend(surveyed);
        tray.answered.extend(answered);
        tray
    }

    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to tell since the last call: files that cannot be read, scenes that hang.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let trouble = self.stock.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut notices: Vec<Notice> = trouble[*told..].iter().map(Explain::notice).collect();
        *told = trouble.len();
        let hanging = self.pool.stuck();
        notices.extend(hanging.iter().filter_map(Wish::lane).map(|scene| self.slow(scene)));
        notices
    }

    fn slow(&self, scene: usize) -> Notice {
        let scene = &self.stock.plan.scenes[scene];
        Notice::new("scene_slow", Weight::Warning).at(&scene.files[0].path).fact("date", scene.date)
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pool.is_idle()
    }

    /// Sets how many bytes of values may be kept.
    pub fn set_budget(&self, bytes: usize) {
        self.stock.raw.set_budget(bytes);
    }

    /// Bytes of values held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.stock.raw.bytes()
    }

    /// Forgets what was read and opens the files anew: overviews were built, or a scene has come back.
    pub fn refresh(&self) {
        self.stock.edition.fetch_add(1, Ordering::Relaxed);
        self.stock.raw.clear();
        self.stock.trouble.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = 0;
    }
}

struct Worker {
    stock: Arc<Stock>,
    glances: HashMap<usize, Glance>,
    edition: u64,
    /// Made when it is first needed: PROJ's database takes its time, and the first picture does not wait for it.
    to_lonlat: OnceCell<Option<Transformer>>,
}

impl Worker {
    fn new(stock: Arc<Stock>) -> Self {
        Self {
            glances: HashMap::new(),
            edition: stock.edition.load(Ordering::Relaxed),
            to_lonlat: OnceCell::new(),
            stock,
        }
    }

    fn answer(&mut self, request: &Request, wanted: &Wanted) -> Option<Answer> {
        let edition = self.stock.edition.load(Ordering::Relaxed);
        if edition != self.edition {
            self.glances.clear();
            self.edition = edition;
        }
        let answer = match request {
            Request::Tile(key, paint) => self.tile(*key, paint, wanted),
            Request::Survey(scene, within) => self.survey(*scene, *within, wanted),
            Request::Probe(scene, place) => Ok(Some(self.probe(*scene, *place))),
            Request::Place(place) => Ok(Some(Answer::Place(self.lonlat(*place)))),
        };
        if let Some(glance) = request.lane().and_then(|scene| self.glances.get_mut(&scene)) {
            let mut trouble = self.stock.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            let new: Vec<RasterError> = glance.failures().into_iter().filter(|e| !trouble.contains(e)).collect();
            trouble.extend(new);
        }
        answer.unwrap_or(Some(Answer::Failed))
    }

    fn glance(&mut self, scene: usize) -> &mut Glance {
        let stock = &self.stock;
        self.glances.entry(scene).or_insert_with(|| Glance::new(stock.map(scene)))
    }

    fn tile(&mut self, key: TileKey, paint: &Paint, wanted: &Wanted) -> Result<Option<Answer>, RasterError> {
        let roles = paint.composite.roles();
        let raw = if let Some(raw) = self.stock.raw.get(key, &roles) {
            raw
        } else {
            let grid = self.stock.pyramid.grid(key.level);
            let window = Pyramid::window(key.row, key.col);
            let read = self.glance(key.scene).read(&grid, window, &roles, &|| wanted.still())?;
            let Some(block) = read else { return Ok(None) };
            let raw = Arc::new(RawTile::of(block));
            self.stock.raw.put(key, &roles, Arc::clone(&raw));
            raw
        };
        let rgba = if raw.is_empty() { Vec::new() } else { paint.colours(&raw.bands, &raw.gaps) };
        debug_assert!(rgba.is_empty() || rgba.len() == TILE * TILE * 4);
        Ok(Some(Answer::Tile(TileImage { rgba })))
    }

    fn survey(&mut self, at: usize, within: Option<Rect<f64>>, wanted: &Wanted) -> Result<Option<Answer>, RasterError> {
        let stock = Arc::clone(&self.stock);
        let scene = &stock.plan.scenes[at];
        let seen = survey(self.glance(at), scene, (&stock.pyramid, within), wanted)?;
        Ok(seen.map(Answer::Survey))
    }

    fn probe(&mut self, scene: usize, place: (f64, f64)) -> Answer {
        let crs = Arc::clone(self.stock.pyramid.crs());
        Answer::Probe(Reading { scene, values: self.glance(scene).values_at(&crs, place) })
    }

    fn lonlat(&self, place: (f64, f64)) -> Option<(f64, f64)> {
        let crs = &self.stock.plan.crs;
        let made = || lonlat(crs).ok().and_then(|target| Transformer::new(crs, &target).ok());
        let mut place = [place];
        self.to_lonlat.get_or_init(made).as_ref().and_then(|t| t.forward(&mut place).ok().map(|()| place[0]))
    }
}
