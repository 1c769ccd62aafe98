//! Which part of the map is looked at. Plain numbers: map units in f64, screen points as (x, y) from the upper left corner.

use geo_types::{Coord, Rect};

/// Share of the screen that a place zoomed to may fill.
const FILL: f64 = 0.94;

/// What the map is to show whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Everything.
    All,
    /// A zone, by its index in the plan.
    Zone(usize),
    /// A flag, by its index in the book.
    Flag(usize),
    /// The images shown.
    Images,
}

/// What may be asked of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ViewWish {
    /// Show something whole.
    Show(Target),
    /// Move the map by screen points.
    Pan((f64, f64)),
    /// Zoom by a factor at a screen point.
    Zoom(f64, (f64, f64)),
    /// The map has this size.
    Resize((f64, f64)),
}

/// A map window: one transform for every pane and every year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Map coordinates of the middle.
    pub centre: (f64, f64),
    /// Map units of one screen point.
    pub units: f64,
    /// Width and height in screen points.
    pub size: (f64, f64),
}

impl Default for View {
    fn default() -> Self {
        Self { centre: (0.0, 0.0), units: 1.0, size: (800.0, 600.0) }
    }
}

impl View {
    /// Screen position of a map place.
    #[must_use]
    pub fn screen_from_map(&self, place: (f64, f64)) -> (f64, f64) {
        let (dx, dy) = (place.0 - self.centre.0, place.1 - self.centre.1);
        (self.size.0 / 2.0 + dx / self.units, self.size.1 / 2.0 - dy / self.units)
    }

    /// Map place of a screen position.
    #[must_use]
    pub fn map_from_screen(&self, point: (f64, f64)) -> (f64, f64) {
        let (dx, dy) = (point.0 - self.size.0 / 2.0, point.1 - self.size.1 / 2.0);
        (self.centre.0 + dx * self.units, self.centre.1 - dy * self.units)
    }

    /// The map box that is seen.
    #[must_use]
    pub fn bounds(&self) -> Rect<f64> {
        let (w, h) = (self.size.0 / 2.0 * self.units, self.size.1 / 2.0 * self.units);
        let (x, y) = self.centre;
        Rect::new(Coord { x: x - w, y: y - h }, Coord { x: x + w, y: y + h })
    }

    /// Moves with the hand by screen points.
    pub fn pan(&mut self, by: (f64, f64)) {
        self.centre = (self.centre.0 - by.0 * self.units, self.centre.1 + by.1 * self.units);
    }

    /// Zooms by a factor (above 1: closer); the place under `point` stays under it.
    pub fn zoom(&mut self, factor: f64, point: (f64, f64), limits: (f64, f64)) {
        let place = self.map_from_screen(point);
        self.units = (self.units / factor).clamp(limits.0, limits.1);
        let moved = self.map_from_screen(point);
        self.centre = (self.centre.0 + place.0 - moved.0, self.centre.1 + place.1 - moved.1);
    }

    /// Shows a whole box, not closer than `least` map units a point.
    pub fn show(&mut self, bounds: &Rect<f64>, least: f64) {
        let centre = bounds.center();
        self.centre = (centre.x, centre.y);
        let needed = (bounds.width() / self.size.0.max(1.0)).max(bounds.height() / self.size.1.max(1.0));
        self.units = (needed / FILL).max(least);
    }

    /// Whether a box lies wholly inside what is seen.
    #[must_use]
    pub fn holds(&self, bounds: &Rect<f64>) -> bool {
        let seen = self.bounds();
        seen.min().x <= bounds.min().x
            && seen.max().x >= bounds.max().x
            && seen.min().y <= bounds.min().y
            && seen.max().y >= bounds.max().y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View { centre: (445_000.0, 3_585_000.0), units: 2.5, size: (1000.0, 700.0) }
    }

    #[test]
    fn screen_and_map_are_inverse() {
        let place = view().map_from_screen((123.0, 456.0));
        let point = view().screen_from_map(place);
        assert!((point.0 - 123.0).abs() < 1e-6 && (point.1 - 456.0).abs() < 1e-6);
    }

    #[test]
    fn the_place_under_the_cursor_stays_there_while_zooming() {
        let mut zoomed = view();
        let before = zoomed.map_from_screen((900.0, 100.0));
        zoomed.zoom(3.0, (900.0, 100.0), (0.01, 1e6));
        let after = zoomed.map_from_screen((900.0, 100.0));
        assert!((before.0 - after.0).abs() < 1e-6 && (before.1 - after.1).abs() < 1e-6);
    }

    #[test]
    fn a_box_that_is_shown_is_held() {
        let mut shown = view();
        let bounds = Rect::new(Coord { x: 10.0, y: 10.0 }, Coord { x: 500.0, y: 90.0 });
        shown.show(&bounds, 0.1);
        assert!(shown.holds(&bounds));
    }
}
