//! The one place where textures are made: tiles of the map within a budget of bytes, the longest unseen dropped first.
//!
//! Tiles that are wanted are collected while a frame is drawn and asked for once, at its end.

use std::collections::HashMap;

use eframe::egui::{Color32, ColorImage, Context, Painter, Pos2, Shape, TextureFilter, TextureHandle, TextureOptions};

use super::lens::{self, Disc};
use super::panes;
use crate::gui::session::Project;
use crate::gui::session::view::View;
use crate::model::notice::Notice;
use crate::pipeline::view::{
    Answer, Composite, Probe, Pyramid, Reading, Request, TILE, TileImage, TileKey, TileService,
};

/// Bytes that all tiles may take.
const BUDGET: usize = 512 << 20;

/// Bytes of one tile.
const TILE_BYTES: usize = TILE * TILE * 4;

/// Tiles made into textures in one frame; the rest waits for the next, so that no frame is long.
const UPLOADS: usize = 10;

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
}

struct Entry {
    slot: Slot,
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

/// Textures of the map's tiles.
#[derive(Default)]
pub struct Atlas {
    tiles: HashMap<TileKey, Entry>,
    landed: Vec<(TileKey, TileImage)>,
    wanted: Vec<(Haste, TileKey)>,
    asked: Vec<Request>,
    awaited: bool,
    probe: Option<(f64, f64)>,
    complete: HashMap<usize, TileKey>,
    frame: u64,
    edition: Option<(std::path::PathBuf, u64)>,
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
        let mut notices = Vec::new();
        if let Some(service) = project.and_then(|project| project.tiles.as_ref()) {
            for (request, answer) in service.take() {
                self.asked.retain(|asked| *asked != request);
                match (request, answer) {
                    (Request::Tile(key), Some(Answer::Tile(image))) => self.landed.push((key, image)),
                    (Request::Probe(probe), Some(Answer::Probe(lonlat, readings))) => {
                        self.reader = Reader { place: probe.place, lonlat, readings };
                    }
                    (Request::Tile(key), failed) => {
                        self.put(key, Slot::Empty);
                        if let Some(Answer::Failed(notice)) = failed {
                            notices.push(*notice);
                        }
                    }
                    (Request::Probe(_), _) => {}
                }
            }
        }
        self.upload(ctx, project);
        notices
    }

    fn upload(&mut self, ctx: &Context, project: Option<&Project>) {
        let now = self.landed.len().min(UPLOADS);
        for (key, image) in self.landed.drain(..now).collect::<Vec<_>>() {
            let slot = if image.rgba.is_empty() {
                Slot::Empty
            } else {
                let pixels = ColorImage::from_rgba_unmultiplied([TILE, TILE], &image.rgba);
                Slot::Shown(ctx.load_texture("tile", pixels, filter(is_finest(project, &key))))
            };
            self.put(key, slot);
        }
        if !self.landed.is_empty() {
            ctx.request_repaint();
        }
        self.evict();
    }

    fn put(&mut self, key: TileKey, slot: Slot) {
        self.tiles.insert(key, Entry { slot, seen: self.frame });
    }

    fn evict(&mut self) {
        let most = BUDGET / TILE_BYTES;
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

    /// Asks for everything this frame missed, the most urgent first. Nothing is asked twice, and what nobody misses any more
    /// is dropped.
    pub fn ask(&mut self, service: Option<&TileService>) {
        let mut wanted = std::mem::take(&mut self.wanted);
        let landed: Vec<TileKey> = self.landed.iter().map(|landed| landed.0).collect();
        wanted.retain(|(_, key)| !landed.contains(key));
        wanted.sort_by_key(|(haste, _)| *haste);
        let urgent = wanted.iter().take_while(|(haste, _)| *haste == Haste::Now).count();
        wanted.truncate(urgent + AHEAD);
        self.awaited = urgent > 0;
        let wanted = wanted.into_iter().map(|(_, key)| key);
        let probe = self.probe.take().filter(|place| *place != self.reader.place);
        let requests = probe.map(|place| Request::Probe(Probe { place })).into_iter();
        let requests: Vec<Request> = requests.chain(wanted.map(Request::Tile)).collect();
        if let Some(service) = service.filter(|_| requests != self.asked) {
            service.want(requests.clone());
            self.asked = requests;
        }
    }

    /// Asks for the values at a place.
    pub fn probe(&mut self, place: (f64, f64)) {
        self.probe = Some(place);
    }

    /// Whether tiles that the map shows are still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.awaited || !self.landed.is_empty() || self.asked.iter().any(|asked| matches!(asked, Request::Probe(_)))
    }

    /// Draws one scene over a pane. Where tiles are missing the last whole picture of the pane stays below, then coarser
    /// tiles.
    pub fn draw(&mut self, painter: &Painter, pane: &Pane<'_>) {
        let Some((pyramid, key)) = pane.first(painter.pixels_per_point()) else { return };
        let keys = keys(pyramid, key, pane.view);
        let missing: Vec<TileKey> = keys.iter().filter(|key| !self.tiles.contains_key(key)).copied().collect();
        if missing.is_empty() {
            self.complete.insert(pane.number, key);
        } else {
            if let Some(last) = self.complete.get(&pane.number).copied() {
                self.put_all(painter, pane, pyramid, &keys_of_level(pyramid, last, pane.view));
            }
            let ancestors: Vec<TileKey> = missing.iter().filter_map(|key| self.ancestor(pyramid, *key)).collect();
            self.put_all(painter, pane, pyramid, &ancestors);
        }
        self.put_all(painter, pane, pyramid, &keys);
        self.want(pane.haste, &missing);
    }

    /// Wants what a pane would show, without drawing it.
    pub fn prepare(&mut self, painter: &Painter, pane: &Pane<'_>) {
        let Some((pyramid, key)) = pane.first(painter.pixels_per_point()) else { return };
        let keys = keys(pyramid, key, pane.view);
        let mut missing = Vec::new();
        for key in keys {
            match self.tiles.get_mut(&key) {
                Some(entry) => entry.seen = self.frame,
                None => missing.push(key),
            }
        }
        self.want(pane.haste, &missing);
    }

    fn want(&mut self, haste: Haste, keys: &[TileKey]) {
        for key in keys {
            match self.wanted.iter_mut().find(|wanted| wanted.1 == *key) {
                Some(wanted) => wanted.0 = wanted.0.min(haste),
                None => self.wanted.push((haste, *key)),
            }
        }
    }

    /// The nearest coarser tile that is there.
    fn ancestor(&self, pyramid: &Pyramid, key: TileKey) -> Option<TileKey> {
        let above = |up: u8| TileKey { level: key.level + up, row: key.row >> up, col: key.col >> up, ..key };
        (1..pyramid.levels - key.level).map(above).find(|key| self.tiles.contains_key(key))
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
    /// The map shows it.
    Now,
    /// The year strip shows it.
    Soon,
    /// One step through the years would show it.
    Ahead,
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
fn is_finest(project: Option<&Project>, key: &TileKey) -> bool {
    let of = |project: &Project| {
        let (pyramid, scene) = (project.pyramid.as_ref()?, project.plan.scenes.get(key.scene)?);
        Some(key.level <= pyramid.finest_of(scene))
    };
    project.and_then(of).unwrap_or(false)
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
