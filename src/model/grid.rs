//! The pixel lattice of a raster: its CRS, where its pixels lie, and windows of it.
//!
//! Spaces: *pixel* (col, row; a pixel's centre is at +0.5) and *map* (x, y of the CRS).

use std::sync::Arc;

use geo_types::{Coord, Rect};

use super::crs::Crs;

/// How many pixels two lattices may differ and still be the same lattice.
const SAME_LATTICE_PX: f64 = 1e-3;

/// The affine map from pixel to map space, in GDAL's order:
/// `x = t[0] + col·t[1] + row·t[2]`, `y = t[3] + col·t[4] + row·t[5]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoTransform(pub [f64; 6]);

impl GeoTransform {
    /// A north-up transform with its upper left corner at `(x, y)`.
    #[must_use]
    pub fn north_up(x: f64, y: f64, pixel_width: f64, pixel_height: f64) -> Self {
        Self([x, pixel_width, 0.0, y, 0.0, -pixel_height])
    }

    /// Map coordinates of a position in pixel space.
    #[must_use]
    pub fn map_from_pixel(&self, col: f64, row: f64) -> (f64, f64) {
        let t = &self.0;
        (t[0] + col * t[1] + row * t[2], t[3] + col * t[4] + row * t[5])
    }

    /// Pixel position (col, row) of map coordinates; NaN where the transform is singular.
    #[must_use]
    pub fn pixel_from_map(&self, x: f64, y: f64) -> (f64, f64) {
        let t = &self.0;
        let det = t[1] * t[5] - t[2] * t[4];
        let (dx, dy) = (x - t[0], y - t[3]);
        ((dx * t[5] - dy * t[2]) / det, (dy * t[1] - dx * t[4]) / det)
    }

    /// Area of one pixel in square map units.
    #[must_use]
    pub fn pixel_area(&self) -> f64 {
        (self.0[1] * self.0[5] - self.0[2] * self.0[4]).abs()
    }

    /// Width and height of one pixel in map units.
    #[must_use]
    pub fn pixel_size(&self) -> (f64, f64) {
        let t = &self.0;
        (t[1].hypot(t[4]), t[2].hypot(t[5]))
    }

    /// Whether rows run due south and columns due east.
    #[must_use]
    pub fn is_north_up(&self) -> bool {
        self.0[2] == 0.0 && self.0[4] == 0.0 && self.0[1] > 0.0 && self.0[5] < 0.0
    }

    /// Whether it can be inverted and holds only finite numbers.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.0.iter().all(|v| v.is_finite()) && self.pixel_area() > 0.0 && self.pixel_area().is_finite()
    }
}

/// A rectangle of whole pixels of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// First row.
    pub row: usize,
    /// First column.
    pub col: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Window {
    /// Number of pixels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Whether it holds no pixel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0 || self.cols == 0
    }

    /// The pixels that both windows hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let row = self.row.max(other.row);
        let col = self.col.max(other.col);
        let row_end = (self.row + self.rows).min(other.row + other.rows);
        let col_end = (self.col + self.cols).min(other.col + other.cols);
        (row < row_end && col < col_end).then(|| Self { row, col, rows: row_end - row, cols: col_end - col })
    }

    /// The window grown by `halo` pixels on each side, clipped to a grid of `rows` × `cols`.
    #[must_use]
    pub fn grown(&self, halo: usize, rows: usize, cols: usize) -> Self {
        let row = self.row.saturating_sub(halo);
        let col = self.col.saturating_sub(halo);
        let row_end = (self.row + self.rows + halo).min(rows);
        let col_end = (self.col + self.cols + halo).min(cols);
        Self { row, col, rows: row_end.saturating_sub(row), cols: col_end.saturating_sub(col) }
    }
}

/// The lattice of a raster. A grid carries its CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// CRS of the map coordinates.
    pub crs: Arc<Crs>,
    /// Pixel to map.
    pub transform: GeoTransform,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Grid {
    /// The whole grid as a window.
    #[must_use]
    pub fn window(&self) -> Window {
        Window { row: 0, col: 0, rows: self.rows, cols: self.cols }
    }

    /// The map rectangle around a window.
    #[must_use]
    pub fn bounds_of(&self, window: &Window) -> Rect<f64> {
        let (r0, c0) = (window.row as f64, window.col as f64);
        let (r1, c1) = (r0 + window.rows as f64, c0 + window.cols as f64);
        let corners = [(c0, r0), (c1, r0), (c0, r1), (c1, r1)].map(|(c, r)| self.transform.map_from_pixel(c, r));
        let fold = |pick: fn(f64, f64) -> f64, axis: fn(&(f64, f64)) -> f64| {
            corners.iter().map(axis).reduce(pick).unwrap_or(f64::NAN)
        };
        Rect::new(
            Coord { x: fold(f64::min, |p| p.0), y: fold(f64::min, |p| p.1) },
            Coord { x: fold(f64::max, |p| p.0), y: fold(f64::max, |p| p.1) },
        )
    }

    /// The map rectangle around the grid.
    #[must_use]
    pub fn bounds(&self) -> Rect<f64> {
        self.bounds_of(&self.window())
    }

    /// The smallest window that holds every pixel a map rectangle touches; `None` where they do not meet.
    #[must_use]
    pub fn window_of(&self, bounds: &Rect<f64>) -> Option<Window> {
        let (min, max) = (bounds.min(), bounds.max());
        let corners = [(min.x, min.y), (max.x, min.y), (min.x, max.y), (max.x, max.y)]
            .map(|(x, y)| self.transform.pixel_from_map(x, y));
        let low = |axis: fn(&(f64, f64)) -> f64| corners.iter().map(axis).fold(f64::INFINITY, f64::min).floor();
        let high = |axis: fn(&(f64, f64)) -> f64| corners.iter().map(axis).fold(f64::NEG_INFINITY, f64::max).ceil();
        let clamp = |v: f64, limit: usize| v.clamp(0.0, limit as f64) as usize;
        let (col, col_end) = (clamp(low(|p| p.0), self.cols), clamp(high(|p| p.0), self.cols));
        let (row, row_end) = (clamp(low(|p| p.1), self.rows), clamp(high(|p| p.1), self.rows));
        (row < row_end && col < col_end).then(|| Window { row, col, rows: row_end - row, cols: col_end - col })
    }

    /// Where `other`'s pixel (0, 0) lies on this grid, in whole (col, row) pixels, if both share one lattice: the
    /// same CRS, pixel size and phase.
    #[must_use]
    pub fn lattice_offset(&self, other: &Self) -> Option<(i64, i64)> {
        if self.crs != other.crs {
            return None;
        }
        let (col, row) = self.transform.pixel_from_map(other.transform.0[0], other.transform.0[3]);
        let (far_x, far_y) = other.transform.map_from_pixel(other.cols as f64, other.rows as f64);
        let (far_col, far_row) = self.transform.pixel_from_map(far_x, far_y);
        let near = |a: f64, b: f64| (a - b).abs() < SAME_LATTICE_PX;
        let whole = near(col, col.round()) && near(row, row.round());
        let same_scale = near(far_col - col, other.cols as f64) && near(far_row - row, other.rows as f64);
        (whole && same_scale).then_some((col.round() as i64, row.round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::crs::CrsUnit;

    fn grid(x: f64, y: f64, size: f64) -> Grid {
        let crs = Crs { wkt: "w".into(), name: "n".into(), epsg: Some(4549), unit: CrsUnit::Projected { metres: 1.0 } };
        Grid { crs: Arc::new(crs), transform: GeoTransform::north_up(x, y, size, size), rows: 10, cols: 20 }
    }

    #[test]
    fn pixel_and_map_are_inverse() {
        let t = GeoTransform([10.0, 2.0, 0.5, 20.0, -0.25, -3.0]);
        let (x, y) = t.map_from_pixel(3.25, 7.5);
        let (col, row) = t.pixel_from_map(x, y);
        assert!((col - 3.25).abs() < 1e-9 && (row - 7.5).abs() < 1e-9);
    }

    #[test]
    fn a_grid_shifted_by_whole_pixels_shares_the_lattice() {
        assert_eq!(grid(0.0, 0.0, 2.0).lattice_offset(&grid(4.0, -6.0, 2.0)), Some((2, 3)));
        assert_eq!(grid(0.0, 0.0, 2.0).lattice_offset(&grid(5.0, -6.0, 2.0)), None);
        assert_eq!(grid(0.0, 0.0, 2.0).lattice_offset(&grid(4.0, -6.0, 2.01)), None);
    }

    #[test]
    fn a_rectangle_touches_the_pixels_it_meets_and_no_others() {
        let bounds = Rect::new(Coord { x: 3.0, y: -5.0 }, Coord { x: 6.0, y: -2.0 });
        let window = grid(0.0, 0.0, 2.0).window_of(&bounds);
        assert_eq!(window, Some(Window { row: 1, col: 1, rows: 2, cols: 2 }));
        let outside = Rect::new(Coord { x: -9.0, y: 1.0 }, Coord { x: -5.0, y: 9.0 });
        assert_eq!(grid(0.0, 0.0, 2.0).window_of(&outside), None);
    }
}
