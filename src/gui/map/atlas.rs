//! The one place where pictures of scenes become textures: tiles of the map within a budget of bytes, the longest unseen
//! dropped first.
//!
//! Tiles that are wanted are collected while a frame is drawn and asked for once, at its end: what is seen from the middle
//! outwards, coarse tiles first where nothing is there yet, then the values under the cursor, then what lies around.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Color32, ColorImage, Context, Painter, Pos2, Shape, TextureFilter, TextureHandle, TextureOptions};

use super::lens::{self, Disc};
use super::panes;
use crate::gui::session::Project;
use crate::gui::session::view::View;
use crate::model::notice::Notice;
use crate::pipeline::view::{Answer, Composite, Paint, Pyramid, Reading, Request, TILE, TileImage, TileKey};

/// Bytes of one tile.
const TILE_BYTES: usize = TILE * TILE * 4;

/// Tiles made into textures in one frame; the rest waits for the next, so that no frame is long.
const UPLOADS: usize = 24;

/// Levels that the first, coarse tiles lie above those that are wanted.
const COARSER: u8 = 3;

/// Levels that the last whole picture may be finer than the present one and still be drawn: each has four times the tiles.
const FINER: u8 = 2;

/// Files of a scene up to which tiles are read ahead.
const FEW_FILES: usize = 40;

/// Time after which a tile that could not be read is asked for again, while it is seen.
const RETRY: Duration = Duration::from_secs(8);

/// While answers are awaited the pool is asked so often whether a worker hangs.
const WATCH: Duration = Duration::from_millis(500);

/// Tiles that no part of the map wants yet and that are asked for at once: a slow one must leave a worker for the map.
const AHEAD: usize = 1;

/// Smooth when farther than the pixels. When closer, the scene's own pixels are crisp, and those of coarser levels, which
/// are no pixels of the scene, are smooth.
fn filter(own_pixels: bool) -> TextureOptions {
    let magnification = if own_pixels { TextureFilter::Nearest } else { TextureFilter::Linear };
    TextureOptions { magnification, minification: TextureFilter::Linear, ..TextureOptions::LINEAR }
}

enum Slot {
    Shown(TextureHandle),
    Empty,
    Failed(Instant),
}

struct Entry {
    slot: Slot,
    /// The paint it has; older colours stay until the new ones land.
    paint: u64,
    seen: u64,
}

/// What the scenes say of the place under the cursor.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The place asked for.
    pub place: (f64, f64),
    /// Its longitude and latitude.
    pub lonlat: Option<(f64, f64)>,
    /// Values of every scene.
    pub readings: Vec<Reading>,
}

/// How much of what the map should show is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    /// Something is seen everywhere, coarse or of older colours.
    pub covered: bool,
    /// Every tile is there.
    pub whole: bool,
}

/// Textures of the map's tiles.
#[derive(Default)]
pub struct Atlas {
    tiles: HashMap<TileKey, Entry>,
    landed: Vec<(TileKey, u64, TileImage)>,
    wanted: Vec<(Haste, TileKey, Arc<Paint>)>,
    asked: Vec<Request>,
    awaited: bool,
    probe: Option<(f64, f64)>,
    complete: HashMap<usize, TileKey>,
    frame: u64,
    edition: Option<(std::path::PathBuf, u64)>,
    /// How much of the map is there, in this frame so far.
    pub presence: Presence,
    /// What is known of the place under the cursor.
    pub reader: Reader,
}

impl Atlas {
    /// Takes what the workers have read. Returns notices of scenes that cannot be read.
    pub fn receive(&mut self, ctx: &Context, project: Option<&Project>) -> Vec<Notice> {
        self.frame += 1;
        let edition = project.map(|project| (project.plan.file.clone(), project.edition));
        if edition != self.edition {
            *self = Self { edition, frame: self.frame, ..Self::default() };
        }
        let Some((project, service)) = project.and_then(|project| Some((project, project.tiles.as_ref()?))) else {
            return Vec::new();
        };
        for (request, answer) in service.take() {
            self.asked.retain(|asked| *asked != request);
            self.take(request, answer);
        }
        self.upload(ctx, project);
        self.evict(project.budget.textures());
        if self.is_waiting() {
            ctx.request_repaint_after(WATCH);
        }
        self.presence = Presence { covered: true, whole: true };
        service.notices()
    }

    fn take(&mut self, request: Request, answer: Option<Answer>) {
        match (request, answer) {
            (Request::Tile(key, paint), Some(Answer::Tile(image))) => self.landed.push((key, paint.id, image)),
            (Request::Tile(key, paint), _) => self.put(key, paint.id, Slot::Failed(Instant::now())),
            (Request::Place(place), Some(Answer::Place(lonlat))) => {
                if self.reader.place != place {
                    self.reader.readings.clear();
                }
                (self.reader.place, self.reader.lonlat) = (place, lonlat);
            }
            (Request::Probe(_, place), Some(Answer::Probe(reading))) if place == self.reader.place => {
                self.reader.readings.retain(|known| known.scene != reading.scene);
                self.reader.readings.push(reading);
                self.reader.readings.sort_by_key(|reading| reading.scene);
            }
            _ => {}
        }
    }

    fn upload(&mut self, ctx: &Context, project: &Project) {
        let now = self.landed.len().min(UPLOADS);
        for (key, paint, image) in self.landed.drain(..now).collect::<Vec<_>>() {
            let slot = if image.rgba.is_empty() {
                Slot::Empty
            } else {
                // A pixel is opaque or nothing: its colours are premultiplied as they are.
                let pixels = ColorImage::from_rgba_premultiplied([TILE, TILE], &image.rgba);
                Slot::Shown(ctx.load_texture("tile", pixels, filter(is_finest(project, &key))))
            };
            self.put(key, paint, slot);
        }
        if !self.landed.is_empty() {
            ctx.request_repaint();
        }
    }

    fn put(&mut self, key: TileKey, paint: u64, slot: Slot) {
        self.tiles.insert(key, Entry { slot, paint, seen: self.frame });
    }

    fn evict(&mut self, budget: usize) {
        let most = (budget / TILE_BYTES).max(64);
        if self.tiles.len() <= most {
            return;
        }
        let mut ages: Vec<u64> = self.tiles.values().map(|entry| entry.seen).collect();
        let excess = self.tiles.len() - most * 9 / 10;
        let (_, oldest, _) = ages.select_nth_unstable(excess - 1);
        let limit = *oldest;
        let frame = self.frame;
        self.tiles.retain(|_, entry| entry.seen > limit || entry.seen + 1 >= frame);
    }

    /// Bytes of all textures.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tiles.values().filter(|entry| matches!(entry.slot, Slot::Shown(_))).count() * TILE_BYTES
    }

    /// Asks for everything this frame missed, the most urgent first. Nothing is asked twice, and what nobody misses any more
    /// is dropped.
    pub fn ask(&mut self, project: Option<&Project>) {
        let mut wanted = std::mem::take(&mut self.wanted);
        let service = project.and_then(|project| project.tiles.as_ref());
        let Some((project, service)) = project.zip(service) else { return };
        wanted.sort_by_key(|(haste, ..)| *haste);
        let mut known: HashSet<(TileKey, u64)> = self.landed.iter().map(|landed| (landed.0, landed.1)).collect();
        wanted.retain(|(_, key, paint)| known.insert((*key, paint.id)));
        let urgent = wanted.iter().take_while(|(haste, ..)| *haste <= Haste::Now).count();
        wanted.truncate(urgent + AHEAD);
        self.awaited = urgent > 0;
        let later = wanted.split_off(urgent);
        let tiles = |tiles: Vec<(Haste, TileKey, Arc<Paint>)>| {
            tiles.into_iter().map(|(_, key, paint)| Request::Tile(key, paint))
        };
        let place = self.probe.take();
        let new_place = place.filter(|place| *place != self.reader.place).map(Request::Place);
        let probes = self.probes(project, place);
        let requests: Vec<Request> =
            new_place.into_iter().chain(tiles(wanted)).chain(probes).chain(tiles(later)).collect();
        if requests != self.asked {
            service.want(requests.clone());
            self.asked = requests;
        }
    }

    /// The scenes that were not yet asked what they say of a place.
    fn probes(&self, project: &Project, place: Option<(f64, f64)>) -> Vec<Request> {
        let Some(place) = place else { return Vec::new() };
        let told = |scene: &usize| {
            place == self.reader.place && self.reader.readings.iter().any(|reading| reading.scene == *scene)
        };
        let scenes = (0..project.plan.scenes.len()).filter(|scene| !told(scene));
        scenes.map(|scene| Request::Probe(scene, place)).collect()
    }

    /// Asks for the values at a place.
    pub fn probe(&mut self, place: (f64, f64)) {
        self.probe = Some(place);
    }

    /// Whether something that the map shows is still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let told = |asked: &Request| !matches!(asked, Request::Tile(..));
        self.awaited || !self.landed.is_empty() || self.asked.iter().any(told)
    }

    /// Draws one scene over a pane. Where tiles are missing the last whole picture of the pane stays below, then coarser
    /// tiles.
    pub fn draw(&mut self, painter: &Painter, pane: &Pane<'_>) {
        let Some((pyramid, key)) = pane.first(painter.pixels_per_point()) else { return };
        let keys = keys(pyramid, key, pane.view);
        let absent: Vec<TileKey> = keys.iter().filter(|key| !self.is_there(key)).copied().collect();
        if absent.is_empty() {
            self.complete.insert(pane.number, key);
        } else {
            let last = self.complete.get(&pane.number).copied();
            if let Some(last) = last.filter(|last| last.level + FINER >= key.level) {
                self.put_all(painter, pane, pyramid, &keys_of_level(pyramid, last, pane.view));
            }
            let ancestors: Vec<TileKey> = absent.iter().filter_map(|key| self.ancestor(pyramid, *key)).collect();
            self.put_all(painter, pane, pyramid, &ancestors);
            if pane.haste == Haste::Now {
                self.presence.whole = false;
                self.presence.covered &= ancestors.len() == absent.len() || self.complete.contains_key(&pane.number);
            }
        }
        self.put_all(painter, pane, pyramid, &keys);
        self.miss(pane, pyramid, &keys, &absent);
    }

    /// Wants what a pane would show, without drawing it.
    pub fn prepare(&mut self, painter: &Painter, pane: &Pane<'_>) {
        let Some((pyramid, key)) = pane.first(painter.pixels_per_point()) else { return };
        let keys = keys(pyramid, key, pane.view);
        for key in &keys {
            if let Some(entry) = self.tiles.get_mut(key) {
                entry.seen = self.frame;
            }
        }
        self.miss(pane, pyramid, &keys, &[]);
    }

    fn is_there(&self, key: &TileKey) -> bool {
        self.tiles.get(key).is_some_and(|entry| !matches!(entry.slot, Slot::Failed(_)))
    }

    /// Notes what is to be asked for: coarse tiles first where nothing is there yet, then what is missing or has other
    /// colours, and where nothing is missing what lies around.
    fn miss(&mut self, pane: &Pane<'_>, pyramid: &Pyramid, keys: &[TileKey], absent: &[TileKey]) {
        let Some(first) = keys.first().copied() else { return };
        let (scenes, exposure) = (&pane.project.plan.scenes, &pane.project.exposure);
        let Some(paint) = exposure.paint(scenes, pane.scene, first.composite) else { return };
        // A coarse tile of a large mosaic opens a hundred files: none is read that is not seen.
        let files = scenes.get(pane.scene).map_or(0, |scene| scene.files.len());
        let cheap = exposure.has_overviews(pane.scene) && files <= FEW_FILES && pane.haste == Haste::Now;
        if cheap && self.complete.get(&pane.number).is_none_or(|last| last.scene != pane.scene) {
            let up = COARSER.min(pyramid.levels.saturating_sub(1 + first.level));
            let orphans = absent.iter().filter(|key| up > 0 && self.ancestor(pyramid, **key).is_none());
            let above =
                |key: &TileKey| TileKey { level: key.level + up, row: key.row >> up, col: key.col >> up, ..*key };
            let mut coarse: Vec<TileKey> = orphans.map(above).collect();
            coarse.dedup();
            self.wanted.extend(coarse.into_iter().map(|key| (Haste::First, key, Arc::clone(&paint))));
        }
        let stale = |key: &&TileKey| match self.tiles.get(*key) {
            None => true,
            Some(Entry { slot: Slot::Failed(since), .. }) => since.elapsed() > RETRY,
            Some(entry) => entry.paint != paint.id,
        };
        let missing: Vec<TileKey> = keys.iter().filter(stale).copied().collect();
        if missing.is_empty() && cheap {
            let around = around(pyramid, keys).filter(|key| !self.tiles.contains_key(key));
            self.wanted.extend(around.map(|key| (Haste::Around, key, Arc::clone(&paint))));
        }
        self.wanted.extend(missing.into_iter().map(|key| (pane.haste, key, Arc::clone(&paint))));
    }

    /// The nearest coarser tile that is there.
    fn ancestor(&self, pyramid: &Pyramid, key: TileKey) -> Option<TileKey> {
        let above = |up: u8| TileKey { level: key.level + up, row: key.row >> up, col: key.col >> up, ..key };
        (1..pyramid.levels - key.level).map(above).find(|key| self.is_there(key))
    }

    fn put_all(&mut self, painter: &Painter, pane: &Pane<'_>, pyramid: &Pyramid, keys: &[TileKey]) {
        for key in keys {
            let Some(entry) = self.tiles.get_mut(key) else { continue };
            entry.seen = self.frame;
            if let Slot::Shown(texture) = &entry.slot {
                let bounds = pyramid.bounds(key.level, key.row, key.col);
                let rect = panes::on_screen(pane.view, pane.corner, painter.pixels_per_point(), &bounds);
                painter.extend(lens::tile(texture.id(), rect, pane.tint(), pane.disc.as_ref()).map(Shape::mesh));
            }
        }
    }
}

/// How soon a tile is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Haste {
    /// Nothing is there yet, and this one shows much at once.
    First,
    /// The map shows it.
    Now,
    /// The year strip shows it.
    Soon,
    /// One step through the years would show it.
    Ahead,
    /// A small movement would show it.
    Around,
}

/// Where one scene is drawn.
pub struct Pane<'a> {
    /// The project.
    pub project: &'a Project,
    /// The scene.
    pub scene: usize,
    /// Which bands, where they are not those of the whole map.
    pub composite: Option<Composite>,
    /// Which part of the map.
    pub view: &'a View,
    /// The upper left corner of that part on the screen.
    pub corner: Pos2,
    /// Opacity, 0–1.
    pub opacity: f32,
    /// The disc it is cut to.
    pub disc: Option<Disc>,
    /// Number of the pane, so that its last picture is known.
    pub number: usize,
    /// How soon.
    pub haste: Haste,
}

impl Pane<'_> {
    /// The lattice, and the first tile of the level that suits the screen.
    fn first(&self, pixels_per_point: f32) -> Option<(&Pyramid, TileKey)> {
        let pyramid = self.project.pyramid.as_ref()?;
        let scene = self.project.plan.scenes.get(self.scene)?;
        let composite = self.composite.unwrap_or(self.project.look.composite).for_scene(scene)?;
        let units = self.view.units / f64::from(pixels_per_point);
        let level = pyramid.level_for(units).max(pyramid.finest_of(scene));
        Some((pyramid, TileKey { scene: self.scene, composite, level, row: 0, col: 0 }))
    }

    fn tint(&self) -> Color32 {
        Color32::WHITE.gamma_multiply(self.opacity)
    }
}

/// Whether a tile has the scene's own pixels.
fn is_finest(project: &Project, key: &TileKey) -> bool {
    let (pyramid, scene) = (project.pyramid.as_ref(), project.plan.scenes.get(key.scene));
    pyramid.zip(scene).is_some_and(|(pyramid, scene)| key.level <= pyramid.finest_of(scene))
}

/// The tiles that a view needs, from its middle outwards.
fn keys(pyramid: &Pyramid, of: TileKey, view: &View) -> Vec<TileKey> {
    let mut keys = keys_of_level(pyramid, of, view);
    let distance = |key: &TileKey| {
        let centre = pyramid.bounds(key.level, key.row, key.col).center();
        (centre.x - view.centre.0).hypot(centre.y - view.centre.1)
    };
    keys.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    keys
}

fn keys_of_level(pyramid: &Pyramid, of: TileKey, view: &View) -> Vec<TileKey> {
    let places = pyramid.tiles(of.level, &view.bounds());
    places.into_iter().map(|(row, col)| TileKey { row, col, ..of }).collect()
}

/// The tiles next to those of a view.
fn around(pyramid: &Pyramid, keys: &[TileKey]) -> impl Iterator<Item = TileKey> + use<> {
    let rows = keys.iter().map(|key| key.row).min().zip(keys.iter().map(|key| key.row).max());
    let cols = keys.iter().map(|key| key.col).min().zip(keys.iter().map(|key| key.col).max());
    let of = keys.first().copied();
    let seen: HashSet<(u32, u32)> = keys.iter().map(|key| (key.row, key.col)).collect();
    let limit = of.map_or(0, |of| (pyramid.grid(of.level).cols / TILE) as u32);
    let grown = move |(low, high): (u32, u32)| low.saturating_sub(1)..=(high + 1).min(limit.saturating_sub(1));
    let all = rows
        .zip(cols)
        .into_iter()
        .flat_map(move |(rows, cols)| grown(rows).flat_map(move |row| grown(cols).map(move |col| (row, col))));
    all.filter(move |place| !seen.contains(place)).filter_map(move |(row, col)| of.map(|of| TileKey { row, col, ..of }))
}
