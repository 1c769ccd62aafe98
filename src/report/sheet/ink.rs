//! The few things that are drawn on a sheet: images first, over them shapes, lines, plates, text.

use geo_types::{LineString, MultiPolygon};
use vello_cpu::kurbo::{BezPath, Cap, Circle, Join, Shape, Stroke};
use vello_cpu::peniko::{Color, Fill};
use vello_cpu::{Pixmap, RenderContext, Resources};

use super::text::Typeface;

/// Points nearer than this to the last one drawn cannot be seen.
const SEEN_PX: f32 = 0.5;

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink(pub [u8; 3], pub f32);

pub(super) const BLACK: Ink = Ink([0x12, 0x1C, 0x17], 1.0);
pub(super) const GREY: Ink = Ink([0x55, 0x60, 0x5A], 1.0);
pub(super) const WHITE: Ink = Ink([255, 255, 255], 1.0);

/// The map's ground where no image lies.
const GROUND: [u8; 3] = [0xEE, 0xF1, 0xEF];

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Rect {
    pub(super) fn of_size(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub(super) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    pub(super) fn middle(&self) -> (f32, f32) {
        (f32::midpoint(self.left, self.right), f32::midpoint(self.top, self.bottom))
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        self.meets(other).then(|| Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        })
    }

    pub(super) fn holds(&self, (x, y): (f32, f32)) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    pub(super) fn holds_rect(&self, inner: &Self) -> bool {
        inner.left > self.left && inner.right < self.right && inner.top > self.top && inner.bottom < self.bottom
    }

    fn path(&self) -> BezPath {
        let corners =
            [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)];
        path_of(&corners, true)
    }
}

/// Where a text stands: at its left end, its middle, or its right end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// A sheet that is drawn on.
pub(super) struct Canvas<'a> {
    pub(super) face: Typeface<'a>,
    size: (u16, u16),
    /// White paper with the images, red, green, blue.
    below: Vec<u8>,
    above: RenderContext,
}

impl<'a> Canvas<'a> {
    /// A white sheet; `None` where it is too large to be drawn on.
    pub(super) fn white(width: u32, height: u32, face: Typeface<'a>) -> Option<Self> {
        let size = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
        let below = vec![255; usize::from(size.0) * usize::from(size.1) * 3];
        Some(Self { face, size, below, above: RenderContext::new(size.0, size.1) })
    }

    /// Lays an image on the paper, one of its pixels on one of the paper's; where it is clear the ground shows.
    pub(super) fn image(&mut self, rgba: &[u8], (width, height): (u32, u32), (left, top): (u32, u32)) {
        let (across, down) = (usize::from(self.size.0), usize::from(self.size.1));
        for row in 0..(height as usize).min(down.saturating_sub(top as usize)) {
            for col in 0..(width as usize).min(across.saturating_sub(left as usize)) {
                let from = (row * width as usize + col) * 4;
                let to = ((top as usize + row) * across + left as usize + col) * 3;
                let seen = rgba.get(from..from + 4).filter(|pixel| pixel[3] > 0);
                self.below[to..to + 3].copy_from_slice(seen.map_or(&GROUND[..], |pixel| &pixel[..3]));
            }
        }
    }

    /// Draws only inside a rectangle, until [`Canvas::unclip`].
    pub(super) fn clip(&mut self, to: Rect) {
        self.above.push_clip_path(&to.path());
    }

    pub(super) fn unclip(&mut self) {
        self.above.pop_clip_path();
    }

    pub(super) fn fill(&mut self, path: &BezPath, ink: Ink) {
        self.above.set_fill_rule(Fill::EvenOdd);
        self.above.set_paint(colour(ink));
        self.above.fill_path(path);
    }

    pub(super) fn line(&mut self, path: &BezPath, ink: Ink, width: f32) {
        self.above.set_stroke(Stroke::new(f64::from(width)).with_join(Join::Round).with_caps(Cap::Round));
        self.above.set_paint(colour(ink));
        self.above.stroke_path(path);
    }

    pub(super) fn plate(&mut self, rect: Rect, ink: Ink) {
        self.fill(&rect.path(), ink);
    }

    pub(super) fn frame(&mut self, rect: Rect, ink: Ink, width: f32) {
        self.line(&rect.path(), ink, width);
    }

    pub(super) fn dot(&mut self, (x, y): (f32, f32), radius: f32, ink: Ink) {
        self.fill(&Circle::new((f64::from(x), f64::from(y)), f64::from(radius)).to_path(0.05), ink);
    }

    /// Writes a line of text around `(x, middle)`, with a rim of another colour where one is given.
    pub(super) fn text(&mut self, text: &str, at: (f32, f32), side: Side, size: f32, ink: Ink, rim: Option<Ink>) {
        let width = self.face.width(text, size);
        let left = match side {
            Side::Left => at.0,
            Side::Middle => at.0 - width / 2.0,
            Side::Right => at.0 - width,
        };
        let path = self.face.path(text, (left, at.1), size);
        if let Some(rim) = rim {
            self.line(&path, rim, size * 0.24);
        }
        self.above.set_fill_rule(Fill::NonZero);
        self.above.set_paint(colour(ink));
        self.above.fill_path(&path);
    }

    /// The finished sheet, three bytes a pixel.
    pub(super) fn into_rgb(self) -> Vec<u8> {
        let Self { size, mut below, mut above, .. } = self;
        let mut drawn = Pixmap::new(size.0, size.1);
        above.flush();
        above.render(&mut drawn, &mut Resources::new());
        for (pixel, over) in below.chunks_exact_mut(3).zip(drawn.data()) {
            let rest = 255 - u32::from(over.a);
            for (channel, premultiplied) in pixel.iter_mut().zip([over.r, over.g, over.b]) {
                *channel = (u32::from(premultiplied) + (u32::from(*channel) * rest + 127) / 255).min(255) as u8;
            }
        }
        below
    }
}

fn colour(Ink([r, g, b], opacity): Ink) -> Color {
    Color::from_rgba8(r, g, b, (opacity.clamp(0.0, 1.0) * 255.0) as u8)
}

/// The path of a shape; `at` puts a map place on the sheet. Empty where it is too small to be seen.
pub(super) fn shape_path(shape: &MultiPolygon<f64>, at: &impl Fn(f64, f64) -> (f32, f32)) -> BezPath {
    let mut path = BezPath::new();
    for ring in shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors())) {
        path.extend(ring_path(ring, at));
    }
    path
}

fn ring_path(ring: &LineString<f64>, at: &impl Fn(f64, f64) -> (f32, f32)) -> BezPath {
    let mut points: Vec<(f32, f32)> = Vec::with_capacity(ring.0.len());
    for coord in ring.0.iter().filter(|c| c.x.is_finite() && c.y.is_finite()) {
        let (x, y) = at(coord.x, coord.y);
        if points.last().is_none_or(|last| (x - last.0).hypot(y - last.1) >= SEEN_PX) {
            points.push((x, y));
        }
    }
    if points.len() < 3 { BezPath::new() } else { path_of(&points, true) }
}

/// A path through points.
pub(super) fn path_of(points: &[(f32, f32)], closed: bool) -> BezPath {
    let mut path = BezPath::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let point = (f64::from(*x), f64::from(*y));
        if at == 0 { path.move_to(point) } else { path.line_to(point) }
    }
    if closed && !points.is_empty() {
        path.close_path();
    }
    path
}
