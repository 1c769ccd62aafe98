//! The basemap on the screen: a few textures of its own tiles below the images, the longest unseen dropped first.

use std::collections::HashMap;

use eframe::egui::{
    Color32, ColorImage, Context, Mesh, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2,
};

use crate::gui::session::Project;
use crate::gui::session::layers::BasemapState;
use crate::gui::session::view::View;
use crate::model::notice::Notice;
use crate::pipeline::basemap::{Basemap, BasemapAnswer, BasemapKey};
use crate::pipeline::view::{Pyramid, TILE};

/// Most tiles kept as textures: 64 MB.
const MOST_TILES: usize = 256;

/// Tiles made into textures in one frame.
const UPLOADS: usize = 4;

/// One basemap's textures.
#[derive(Default)]
pub struct Backdrop {
    basemap: Option<(Basemap, std::path::PathBuf)>,
    tiles: HashMap<BasemapKey, (Option<TextureHandle>, u64)>,
    landed: Vec<(BasemapKey, Vec<u8>)>,
    asked: Vec<BasemapKey>,
    wanted: Vec<BasemapKey>,
    frame: u64,
}

impl Backdrop {
    /// Follows what the project wants, and takes what was read. Returns notices of what cannot be read.
    pub fn receive(&mut self, ctx: &Context, project: Option<&Project>) -> Vec<Notice> {
        self.frame += 1;
        let wanted = project.and_then(|project| Some((project, project.layers.basemap.as_ref()?)));
        self.follow(wanted, ctx);
        let mut notices = Vec::new();
        for (key, answer) in self.basemap.iter().flat_map(|(basemap, _)| basemap.take()).collect::<Vec<_>>() {
            match answer {
                Some(BasemapAnswer::Pixels(pixels)) if !pixels.is_empty() => self.landed.push((key, pixels)),
                Some(BasemapAnswer::Failed(notice)) => {
                    self.tiles.insert(key, (None, self.frame));
                    notices.push(*notice);
                }
                _ => drop(self.tiles.insert(key, (None, self.frame))),
            }
        }
        let now = self.landed.len().min(UPLOADS);
        for (key, pixels) in self.landed.drain(..now) {
            let image = ColorImage::from_rgba_unmultiplied([TILE, TILE], &pixels);
            let texture = ctx.load_texture("basemap", image, TextureOptions::LINEAR);
            self.tiles.insert(key, (Some(texture), self.frame));
        }
        if !self.landed.is_empty() {
            ctx.request_repaint();
        }
        self.evict();
        notices
    }

    fn follow(&mut self, wanted: Option<(&Project, &BasemapState)>, ctx: &Context) {
        let is_same = |(basemap, file): &(Basemap, std::path::PathBuf)| {
            wanted.is_some_and(|(project, state)| basemap.source == state.source && *file == project.plan.file)
        };
        if self.basemap.as_ref().is_some_and(is_same) || self.basemap.is_none() && wanted.is_none() {
            return;
        }
        *self = Self { frame: self.frame, ..Self::default() };
        let Some((project, state)) = wanted else { return };
        let Some(pyramid) = &project.pyramid else { return };
        let beside = project.plan.file.parent().unwrap_or_else(|| std::path::Path::new("."));
        let (extent, pixel) = (pyramid.extent, pyramid.pixel_of(0));
        let painter = ctx.clone();
        let basemap =
            Basemap::start(&state.source, beside, &project.plan.crs, extent, pixel, move || painter.request_repaint());
        self.basemap = Some((basemap, project.plan.file.clone()));
    }

    fn evict(&mut self) {
        if self.tiles.len() > MOST_TILES {
            let mut ages: Vec<u64> = self.tiles.values().map(|tile| tile.1).collect();
            ages.sort_unstable();
            let limit = ages[self.tiles.len() - MOST_TILES];
            let frame = self.frame;
            self.tiles.retain(|_, tile| tile.1 > limit || tile.1 + 1 >= frame);
        }
    }

    /// Where the basemap that is shown comes from.
    pub fn credit<'a>(&'a self, project: &Project) -> Option<&'a str> {
        project.layers.basemap.as_ref().filter(|state| state.shown)?;
        self.basemap.as_ref()?.0.credit()
    }

    /// Draws the basemap over a pane whose upper left corner is `corner`.
    pub fn draw(&mut self, painter: &Painter, project: &Project, view: &View, corner: Pos2) {
        let Some(state) = project.layers.basemap.as_ref().filter(|state| state.shown) else { return };
        let Some((basemap, _)) = &self.basemap else { return };
        let pyramid = &basemap.pyramid;
        let level = pyramid.level_for(view.units / f64::from(painter.pixels_per_point()));
        let keys = keys(pyramid, level, view);
        let tint = Color32::WHITE.gamma_multiply(state.opacity);
        let mut drawn: Vec<BasemapKey> = Vec::new();
        for key in &keys {
            let there = std::iter::successors(Some(*key), |key| above(*key, pyramid.levels))
                .find(|key| self.tiles.contains_key(key));
            drawn.extend(there.filter(|there| !drawn.contains(there)));
        }
        drawn.sort_by_key(|key| std::cmp::Reverse(key.level));
        for key in drawn {
            let Some(tile) = self.tiles.get_mut(&key) else { continue };
            tile.1 = self.frame;
            if let Some(texture) = &tile.0 {
                let bounds = pyramid.bounds(key.level, key.row, key.col);
                let at = |x: f64, y: f64| {
                    let (x, y) = view.screen_from_map((x, y));
                    corner + vec2(x as f32, y as f32)
                };
                let rect = Rect::from_min_max(at(bounds.min().x, bounds.max().y), at(bounds.max().x, bounds.min().y));
                let mut mesh = Mesh::with_texture(texture.id());
                mesh.add_rect_with_uv(rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), tint);
                painter.add(mesh);
            }
        }
        let missing = keys.into_iter().filter(|key| !self.tiles.contains_key(key) && !self.wanted.contains(key));
        self.wanted.extend(missing.collect::<Vec<_>>());
    }

    /// Asks for everything this frame missed.
    pub fn ask(&mut self) {
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.retain(|key| !self.landed.iter().any(|landed| landed.0 == *key));
        if let Some((basemap, _)) = self.basemap.as_ref().filter(|_| wanted != self.asked) {
            basemap.want(wanted.clone());
            self.asked = wanted;
        }
    }

    /// Whether tiles are still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.asked.is_empty() || !self.landed.is_empty()
    }
}

fn above(key: BasemapKey, levels: u8) -> Option<BasemapKey> {
    (key.level + 1 < levels).then(|| BasemapKey { level: key.level + 1, row: key.row >> 1, col: key.col >> 1 })
}

/// The tiles that a view needs, from its middle outwards.
fn keys(pyramid: &Pyramid, level: u8, view: &View) -> Vec<BasemapKey> {
    let mut keys: Vec<BasemapKey> =
        pyramid.tiles(level, &view.bounds()).into_iter().map(|(row, col)| BasemapKey { level, row, col }).collect();
    let distance = |key: &BasemapKey| {
        let centre = pyramid.bounds(key.level, key.row, key.col).center();
        (centre.x - view.centre.0).hypot(centre.y - view.centre.1)
    };
    keys.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    keys
}
