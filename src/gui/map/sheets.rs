//! Zones and flags as textures: painted sheet by sheet on workers, so that a frame costs a few rectangles, however many
//! corners the shapes have.
//!
//! Sheets of one scale and one state of the shapes are a generation. The old generation stays, stretched where the scale has
//! changed, until the new one covers the view; then it goes as a whole, so that nothing is ever drawn twice.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::{Color32, ColorImage, Context, Mesh, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2};

use super::brush::{self, Plate, SHEET, Spot};
use crate::gui::session::Wake;
use crate::gui::session::view::View;
use crate::job::{self, Pool, Wanted};

/// Scales, as shares of the wanted one, that are stretched while the map is being zoomed.
const STRETCHED: (f64, f64) = (0.6, 1.7);

/// How much coarser the view may be than the sheets that are drawn meanwhile: the number of sheets grows with its square.
const COARSEST: f64 = 5.0;

/// Bytes of one sheet.
const SHEET_BYTES: usize = SHEET * SHEET * 4;

/// Sheets made into textures in one frame.
const UPLOADS: usize = 16;

/// Workers that paint.
const WORKERS: usize = 2;

type Place = (i64, i64);

#[derive(Clone)]
struct Wish {
    plate: Arc<Plate>,
    spot: Spot,
}

impl PartialEq for Wish {
    fn eq(&self, other: &Self) -> bool {
        (self.plate.id, self.spot) == (other.plate.id, other.spot)
    }
}

impl job::Wish for Wish {}

struct Sheet {
    /// None where there is nothing to draw.
    texture: Option<TextureHandle>,
    seen: u64,
}

/// Sheets of one plate at one scale.
struct Generation {
    plate: Arc<Plate>,
    units: f64,
    density: f32,
    sheets: HashMap<Place, Sheet>,
}

impl Generation {
    fn is_of(&self, plate: &Plate, units: f64, density: f32) -> bool {
        self.plate.id == plate.id && self.is_at(units) && self.has(density)
    }

    fn has(&self, density: f32) -> bool {
        (self.density - density).abs() < f32::EPSILON
    }

    #[allow(clippy::float_cmp)] // a scale is the same or not
    fn is_at(&self, units: f64) -> bool {
        self.units == units
    }

    fn spot(&self, (col, row): Place) -> Spot {
        Spot { units: self.units, col, row, density: self.density }
    }

    /// Places of the sheets that a view needs, with a border of so many more.
    fn places(&self, view: &View, border: i64) -> Vec<Place> {
        let (bounds, side) = (view.bounds(), SHEET as f64 * self.units);
        let span = |low: f64, high: f64| (low / side).floor() as i64 - border..=(high / side).floor() as i64 + border;
        let cols = span(bounds.min().x, bounds.max().x);
        let rows = span(-bounds.max().y, -bounds.min().y);
        rows.flat_map(|row| cols.clone().map(move |col| (col, row))).collect()
    }
}

/// The textures of zones and flags.
pub struct Sheets {
    pool: Pool<Wish, Option<Vec<u8>>>,
    shown: Option<Generation>,
    next: Option<Generation>,
    landed: Vec<(Wish, Option<Vec<u8>>)>,
    wanted: Vec<Place>,
    spare: Vec<Place>,
    asked: Vec<Wish>,
    last_units: f64,
    frame: u64,
    budget: usize,
}

impl Sheets {
    /// No sheets yet.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        let answer = |(): &mut (), wish: &Wish, wanted: &Wanted| {
            let picture = brush::paint(&wish.plate, &wish.spot, &|| wanted.still());
            wanted.still().then_some(picture)
        };
        Self {
            pool: Pool::start(WORKERS, move || wake(), || (), answer),
            shown: None,
            next: None,
            landed: Vec::new(),
            wanted: Vec::new(),
            spare: Vec::new(),
            asked: Vec::new(),
            last_units: 0.0,
            frame: 0,
            budget: 0,
        }
    }

    /// Begins a frame: takes what was painted, and settles which generations there are for a plate at a scale.
    pub fn begin(&mut self, ctx: &Context, plate: &Arc<Plate>, view: &View, budget: usize) {
        self.frame += 1;
        self.budget = budget;
        self.landed.extend(self.pool.take().into_iter().map(|(wish, picture)| (wish, picture.flatten())));
        self.upload(ctx);
        let density = ctx.pixels_per_point();
        let units = view.units / f64::from(density);
        #[allow(clippy::float_cmp)] // at rest is exactly the same scale
        let at_rest = self.last_units == units;
        self.last_units = units;
        if self.shown.as_ref().is_some_and(|shown| shown.plate.family != plate.family) {
            self.shown = None;
        }
        if self.shown.as_ref().is_some_and(|shown| shown.is_of(plate, units, density)) {
            self.next = None;
            return;
        }
        if !at_rest {
            // The frame after the last one of a movement asks for the scale it came to rest at.
            ctx.request_repaint();
        }
        let near = |generation: &Generation| (STRETCHED.0..=STRETCHED.1).contains(&(generation.units / units));
        // One that is under way is finished even where the shapes changed meanwhile: a slider that is drawn shows its steps.
        let goes_on = |next: &Generation| {
            next.plate.family == plate.family && next.has(density) && (next.is_at(units) || !at_rest && near(next))
        };
        let will_do = |shown: &Generation| !at_rest && shown.plate.id == plate.id && shown.has(density) && near(shown);
        if !self.next.as_ref().is_some_and(goes_on) && !self.shown.as_ref().is_some_and(will_do) {
            self.next = Some(Generation { plate: Arc::clone(plate), units, density, sheets: HashMap::new() });
        }
    }

    fn upload(&mut self, ctx: &Context) {
        let now = self.landed.len().min(UPLOADS);
        for (wish, picture) in self.landed.drain(..now).collect::<Vec<_>>() {
            self.asked.retain(|asked| *asked != wish);
            let Spot { units, col, row, density } = wish.spot;
            let frame = self.frame;
            let owner = [&mut self.shown, &mut self.next].into_iter().flatten();
            for generation in owner.filter(|generation| generation.is_of(&wish.plate, units, density)) {
                let texture = picture.as_ref().map(|pixels| {
                    let image = ColorImage::from_rgba_premultiplied([SHEET, SHEET], pixels);
                    ctx.load_texture("sheet", image, TextureOptions::LINEAR)
                });
                generation.sheets.insert((col, row), Sheet { texture, seen: frame });
            }
        }
        if !self.landed.is_empty() {
            ctx.request_repaint();
        }
    }

    /// Draws a view whose upper left corner is at `corner`.
    pub fn draw(&mut self, painter: &Painter, view: &View, corner: Pos2) {
        if let Some(next) = &self.next {
            let missing: Vec<Place> =
                next.places(view, 0).into_iter().filter(|place| !next.sheets.contains_key(place)).collect();
            if missing.is_empty() {
                self.shown = self.next.take();
            } else {
                self.wanted.extend(missing);
            }
        }
        let frame = self.frame;
        let asks = self.next.is_none();
        let units = view.units / f64::from(painter.pixels_per_point());
        let Some(shown) = self.shown.as_mut().filter(|shown| units < shown.units * COARSEST) else { return };
        for place in shown.places(view, 0) {
            let spot = shown.spot(place);
            match shown.sheets.get_mut(&place) {
                Some(sheet) => {
                    sheet.seen = frame;
                    if let Some(texture) = &sheet.texture {
                        put(painter, texture, rect_of(&spot, view, corner));
                    }
                }
                None if asks => self.wanted.push(place),
                None => {}
            }
        }
        if asks {
            let border = shown.places(view, 1).into_iter();
            self.spare.extend(border.filter(|place| !shown.sheets.contains_key(place)));
        }
    }

    /// Ends a frame: asks for what it missed, then for what lies around it, and throws away what nobody saw for long.
    pub fn end(&mut self) {
        let mut places = std::mem::take(&mut self.wanted);
        places.append(&mut self.spare);
        if let Some(generation) = self.next.as_ref().or(self.shown.as_ref()) {
            let mut wishes: Vec<Wish> = Vec::with_capacity(places.len());
            for place in places {
                let wish = Wish { plate: Arc::clone(&generation.plate), spot: generation.spot(place) };
                let is_there = self.landed.iter().any(|landed| landed.0 == wish);
                if !is_there && !wishes.contains(&wish) {
                    wishes.push(wish);
                }
            }
            if wishes != self.asked {
                self.pool.want(wishes.clone());
                self.asked = wishes;
            }
        }
        self.evict();
    }

    fn evict(&mut self) {
        let Some(shown) = &mut self.shown else { return };
        let most = self.budget / SHEET_BYTES;
        let textures = shown.sheets.values().filter(|sheet| sheet.texture.is_some()).count();
        if textures > most {
            let mut ages: Vec<u64> = shown.sheets.values().map(|sheet| sheet.seen).collect();
            ages.sort_unstable();
            let limit = ages[ages.len() / 4];
            let frame = self.frame;
            shown.sheets.retain(|_, sheet| sheet.seen > limit || sheet.seen == frame);
        }
    }

    /// Bytes of all textures.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = [&self.shown, &self.next].into_iter().flatten().flat_map(|generation| generation.sheets.values());
        all.filter(|sheet| sheet.texture.is_some()).count() * SHEET_BYTES
    }

    /// Whether sheets that are seen are still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.next.is_some() || !self.landed.is_empty() || !self.asked.is_empty()
    }
}

/// Where a sheet lies on the screen; on whole pixels where it is drawn at its own scale, or it would be blurred.
fn rect_of(spot: &Spot, view: &View, corner: Pos2) -> Rect {
    let density = f64::from(spot.density);
    let (x, y) = view.screen_from_map(spot.corner());
    let side = SHEET as f64 * spot.units / view.units;
    let (mut left, mut top) = (f64::from(corner.x) + x, f64::from(corner.y) + y);
    if (side * density - SHEET as f64).abs() < 1e-6 {
        left = (left * density).round() / density;
        top = (top * density).round() / density;
    }
    Rect::from_min_max(pos2(left as f32, top as f32), pos2((left + side) as f32, (top + side) as f32))
}

fn put(painter: &Painter, texture: &TextureHandle, rect: Rect) {
    let mut mesh = Mesh::with_texture(texture.id());
    mesh.add_rect_with_uv(rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
    painter.add(mesh);
}
