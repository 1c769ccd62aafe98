//! How much of each pixel a polygon covers, exactly; and which pixels have their centre in it.
//!
//! Every edge adds the signed area to its right to an accumulator of its row; the running sum along the row is then the
//! covered fraction. One pass over the edges and one over the pixels, whatever the shape.
//!
//! Source: exact coverage fractions as in exactextract (Baston, <https://github.com/isciences/exactextract>); signed-area
//! accumulation as in font rasterisers (Levien, <https://github.com/raphlinus/font-rs>).

use std::ops::Range;

use geo::orient::{Direction, Orient};
use geo_types::{Coord, LineString, MultiPolygon};

use crate::model::grid::{GeoTransform, Window};

/// Rows of one bucket of edges.
const BAND_ROWS: usize = 128;

/// Coverage closer than this to 0 or 1 counts as none or full: it is what rounding leaves of coordinates, and of the
/// running sum to the right of a shape. Without it a zone would touch every pixel of the rows it lies in.
const NEGLIGIBLE: f64 = 1e-9;

/// How a polygon meets a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// It covers nothing of it.
    None,
    /// It covers every pixel wholly.
    Full,
    /// It covers a part; the fractions were written.
    Partial,
}

/// An edge in pixel space, directed.
#[derive(Debug, Clone, Copy)]
struct Edge {
    x0: f64,
    y0: f64,
    x1: f64,
    y1: f64,
}

/// A polygon in the pixel space of a grid, its edges sorted into bands of rows.
#[derive(Debug, Clone)]
pub struct PixelShape {
    bands: Vec<Vec<Edge>>,
    first_band: usize,
    bounds: Option<(f64, f64, f64, f64)>,
}

impl PixelShape {
    /// Takes a valid polygon into pixel space.
    #[must_use]
    pub fn new(shape: &MultiPolygon<f64>, transform: &GeoTransform) -> Self {
        let oriented = shape.orient(Direction::Default);
        let rings = oriented.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let edges: Vec<Edge> = rings.flat_map(|ring| ring_edges(ring, transform)).collect();
        let bounds = bounds_of(&edges);
        let (first_band, bands) = in_bands(&edges, bounds);
        Self { bands, first_band, bounds }
    }

    /// The shape moved by so many columns and rows.
    #[must_use]
    pub fn moved(&self, cols: f64, rows: f64) -> Self {
        let shift = |e: &Edge| Edge { x0: e.x0 + cols, y0: e.y0 + rows, x1: e.x1 + cols, y1: e.y1 + rows };
        // An edge stands in every band that it crosses; once is enough here.
        let mut edges: Vec<Edge> = Vec::new();
        for (i, band) in self.bands.iter().enumerate() {
            let top = ((self.first_band + i) * BAND_ROWS) as f64;
            let starts_here = |e: &&Edge| i == 0 || e.y0.min(e.y1) >= top;
            edges.extend(band.iter().filter(starts_here).map(shift));
        }
        let bounds = self.bounds.map(|(w, n, e, s)| (w + cols, n + rows, e + cols, s + rows));
        let (first_band, bands) = in_bands(&edges, bounds);
        Self { bands, first_band, bounds }
    }

    /// The pixels of a window that it may touch; `None` where it surely touches none.
    #[must_use]
    pub fn window_in(&self, window: &Window) -> Option<Window> {
        let (west, north, east, south) = self.bounds?;
        let clamp = |v: f64| v.max(0.0) as usize;
        let (row, col) = (clamp(north.floor()), clamp(west.floor()));
        let (rows, cols) = (clamp(south.ceil()).saturating_sub(row), clamp(east.ceil()).saturating_sub(col));
        Window { row, col, rows, cols }.intersection(window)
    }

    /// Writes the covered fraction of each pixel of the window to `fractions` (only where the answer is
    /// [`Cover::Partial`]).
    pub fn cover(&self, window: &Window, fractions: &mut Vec<f32>) -> Cover {
        fractions.clear();
        let (mut rows, mut whole) = (Accumulator::new(window), None);
        let (first, last) = (window.row / BAND_ROWS, (window.row + window.rows - 1) / BAND_ROWS);
        for band in first..=last {
            let top = (band * BAND_ROWS).max(window.row);
            let bottom = ((band + 1) * BAND_ROWS).min(window.row + window.rows);
            let edges = band.checked_sub(self.first_band).and_then(|i| self.bands.get(i));
            let cover = rows.band(edges.map_or(&[], Vec::as_slice), top, bottom);
            // As long as all bands are alike there is nothing to write.
            if cover == Cover::Partial || whole.is_some_and(|so_far| so_far != cover) {
                let before = match whole {
                    Some(Cover::Full) => 1.0,
                    _ => 0.0,
                };
                fractions.resize(fractions.len().max((top - window.row) * window.cols), before);
                whole = Some(Cover::Partial);
            } else {
                whole = Some(cover);
            }
            if whole == Some(Cover::Partial) {
                rows.write(bottom - top, fractions);
            }
            rows.clear(bottom - top);
        }
        whole.unwrap_or(Cover::None)
    }

    /// The pixels of a window whose centre lies inside, as rows with runs of columns, from north to south.
    ///
    /// A centre on an edge belongs to one side of it: shapes that share an edge leave no pixel out between them and have
    /// none in common.
    pub fn centres(&self, window: &Window, mut run: impl FnMut(usize, Range<usize>)) {
        let Some(part) = self.window_in(window) else { return };
        let mut crossed: Vec<Vec<f64>> = vec![Vec::new(); BAND_ROWS.min(part.rows)];
        let first = part.row / BAND_ROWS;
        for band in first..=(part.row + part.rows - 1) / BAND_ROWS {
            let top = (band * BAND_ROWS).max(part.row);
            let bottom = ((band + 1) * BAND_ROWS).min(part.row + part.rows);
            let edges = band.checked_sub(self.first_band).and_then(|i| self.bands.get(i));
            for edge in edges.into_iter().flatten() {
                edge.cross_centres(top, bottom, |row, x| crossed[row - top].push(x));
            }
            for (row, crossings) in (top..bottom).zip(&mut crossed) {
                crossings.sort_unstable_by(f64::total_cmp);
                for pair in crossings.chunks_exact(2) {
                    let [start, end] = [pair[0], pair[1]].map(|x| centres_before(x, part.col, part.col + part.cols));
                    if start < end {
                        run(row, start..end);
                    }
                }
                crossings.clear();
            }
        }
    }
}

impl Edge {
    /// Where it crosses the middle of the rows `top..bottom`. The end to the south does not count, so that a row through a
    /// corner is crossed as often as it is entered or left.
    fn cross_centres(&self, top: usize, bottom: usize, mut cross: impl FnMut(usize, f64)) {
        // One direction for both neighbours of a shared edge: they get the same numbers.
        let down = if self.y1 > self.y0 { *self } else { reversed(self) };
        let slope = (down.x1 - down.x0) / (down.y1 - down.y0);
        for row in centres_before(down.y0, top, bottom)..centres_before(down.y1, top, bottom) {
            cross(row, down.x0 + (row as f64 + 0.5 - down.y0) * slope);
        }
    }
}

/// The first pixel of `low..high` whose centre does not lie before a position along an axis; `high` where all do.
fn centres_before(position: f64, low: usize, high: usize) -> usize {
    ((position - 0.5).ceil().max(low as f64) as usize).min(high)
}

fn ring_edges(ring: &LineString<f64>, transform: &GeoTransform) -> Vec<Edge> {
    let pixel = |c: &Coord<f64>| transform.pixel_from_map(c.x, c.y);
    let points: Vec<(f64, f64)> = ring.coords().map(pixel).collect();
    points.windows(2).map(|p| Edge { x0: p[0].0, y0: p[0].1, x1: p[1].0, y1: p[1].1 }).collect()
}

fn bounds_of(edges: &[Edge]) -> Option<(f64, f64, f64, f64)> {
    let first = edges.first()?;
    let start = (first.x0, first.y0, first.x0, first.y0);
    Some(edges.iter().fold(start, |b, e| (b.0.min(e.x0), b.1.min(e.y0), b.2.max(e.x0), b.3.max(e.y0))))
}

/// Sorts edges into the bands that they cross; rows above the grid have no band.
fn in_bands(edges: &[Edge], bounds: Option<(f64, f64, f64, f64)>) -> (usize, Vec<Vec<Edge>>) {
    let Some((_, north, _, south)) = bounds.filter(|b| b.3 > 0.0) else { return (0, Vec::new()) };
    let band_of = |y: f64| (y.max(0.0) / BAND_ROWS as f64) as usize;
    let first = band_of(north);
    let mut bands = vec![Vec::new(); band_of(south) + 1 - first];
    for edge in edges.iter().filter(|e| (e.y1 - e.y0).abs() > 0.0 && e.y0.max(e.y1) > 0.0) {
        for band in band_of(edge.y0.min(edge.y1))..=band_of(edge.y0.max(edge.y1)) {
            bands[band - first].push(*edge);
        }
    }
    (first, bands)
}

/// Signed areas to the right of the edges, for the rows of one band at a time. Between bands everything is zero.
struct Accumulator {
    top: f64,
    col: f64,
    cols: usize,
    stride: usize,
    /// What each pixel adds to the running sum of its row.
    areas: Vec<f64>,
    /// What edges to the left of the window add to whole rows.
    left: Vec<f64>,
    /// The columns of each row that edges cross: from the first to behind the last.
    crossed: Vec<(usize, usize)>,
}

/// A row that no edge crosses.
const NOT_CROSSED: (usize, usize) = (usize::MAX, 0);

impl Accumulator {
    fn new(window: &Window) -> Self {
        let (stride, rows) = (window.cols + 2, window.rows.min(BAND_ROWS));
        Self {
            top: 0.0,
            col: window.col as f64,
            cols: window.cols,
            stride,
            areas: vec![0.0; stride * rows],
            left: vec![0.0; rows],
            crossed: vec![NOT_CROSSED; rows],
        }
    }

    /// Adds the edges of a band between two rows and says how the shape covers these.
    fn band(&mut self, edges: &[Edge], top: usize, bottom: usize) -> Cover {
        self.top = top as f64;
        for edge in edges {
            self.add(edge, top as f64, bottom as f64);
        }
        let rows = bottom - top;
        let uncrossed = self.crossed[..rows].iter().all(|&row| row == NOT_CROSSED);
        let left = || self.left[..rows].iter().map(|area| area.abs());
        if uncrossed && left().all(|area| area < NEGLIGIBLE) {
            Cover::None
        } else if uncrossed && left().all(|area| (area - 1.0).abs() < NEGLIGIBLE) {
            Cover::Full
        } else {
            Cover::Partial
        }
    }

    /// Adds the part of an edge between two rows.
    fn add(&mut self, edge: &Edge, top: f64, bottom: f64) {
        let (down, sign) = if edge.y1 > edge.y0 { (*edge, 1.0) } else { (reversed(edge), -1.0) };
        let (y_start, y_end) = (down.y0.max(top), down.y1.min(bottom));
        if y_start >= y_end {
            return;
        }
        let slope = (down.x1 - down.x0) / (down.y1 - down.y0);
        let col = self.col;
        let x_at = |y: f64| down.x0 + (y - down.y0) * slope - col;
        let mut y = y_start;
        while y < y_end {
            let next = (y.floor() + 1.0).min(y_end);
            self.add_in_row((y - self.top).floor() as usize, x_at(y), x_at(next), sign * (next - y));
            y = next;
        }
    }

    /// Adds a stretch that stays within one row and falls by `height` from `xa` to `xb`.
    fn add_in_row(&mut self, row: usize, xa: f64, xb: f64, height: f64) {
        let (west, east) = (xa.min(xb), xa.max(xb));
        let end = self.cols as f64;
        if east <= 0.0 {
            self.left[row] += height;
        } else if west < end {
            let per_x = if east > west { height / (east - west) } else { 0.0 };
            if west < 0.0 {
                self.left[row] += -west * per_x;
            }
            let (west, east) = (west.max(0.0), east.min(end));
            let (first, behind) = self.crossed[row];
            self.crossed[row] = (first.min(west as usize), behind.max((east.ceil() as usize + 1).min(self.cols)));
            self.add_across(row * self.stride, west, east, height, per_x);
        }
    }

    fn add_across(&mut self, start: usize, west: f64, east: f64, height: f64, per_x: f64) {
        let first = (west as usize).min(self.cols - 1);
        if per_x == 0.0 || east <= first as f64 + 1.0 {
            let part = if per_x == 0.0 { height } else { (east - west) * per_x };
            let right = f64::midpoint(west, east) - first as f64;
            self.areas[start + first] += part * (1.0 - right);
            self.areas[start + first + 1] += part * right;
            return;
        }
        let mut x = west;
        while x < east {
            let cell = x.floor();
            let next = (cell + 1.0).min(east);
            let (part, right) = ((next - x) * per_x, f64::midpoint(x, next) - cell);
            let at = start + cell as usize;
            self.areas[at] += part * (1.0 - right);
            self.areas[at + 1] += part * right;
            x = next;
        }
    }

    /// Appends the covered fractions of the band's rows.
    fn write(&self, rows: usize, fractions: &mut Vec<f32>) {
        for (row, areas) in self.areas.chunks_exact(self.stride).take(rows).enumerate() {
            let (mut sum, start) = (self.left[row], fractions.len());
            let (first, behind) = self.crossed[row];
            fractions.resize(start + first.min(self.cols), settled(sum.abs()));
            if first < behind {
                fractions.extend(areas[first..behind].iter().map(|area| {
                    sum += area;
                    settled(sum.abs())
                }));
            }
            fractions.resize(start + self.cols, settled(sum.abs()));
        }
    }

    fn clear(&mut self, rows: usize) {
        for row in 0..rows {
            let (first, behind) = std::mem::replace(&mut self.crossed[row], NOT_CROSSED);
            if first < behind {
                // The share to the right of a pixel is added to the next, which may lie behind the window.
                self.areas[row * self.stride..][first.min(self.cols - 1)..(behind + 2).min(self.stride)].fill(0.0);
            }
            self.left[row] = 0.0;
        }
    }
}

fn settled(fraction: f64) -> f32 {
    if fraction < NEGLIGIBLE {
        0.0
    } else if fraction > 1.0 - NEGLIGIBLE {
        1.0
    } else {
        fraction as f32
    }
}

fn reversed(edge: &Edge) -> Edge {
    Edge { x0: edge.x1, y0: edge.y1, x1: edge.x0, y1: edge.y0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;
    use geo_types::{Polygon, polygon};

    const UNIT: GeoTransform = GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);

    fn fractions(shape: &MultiPolygon<f64>, rows: usize, cols: usize) -> Vec<f32> {
        let window = Window { row: 0, col: 0, rows, cols };
        let mut out = Vec::new();
        match PixelShape::new(shape, &UNIT).cover(&window, &mut out) {
            Cover::None => vec![0.0; rows * cols],
            Cover::Full => vec![1.0; rows * cols],
            Cover::Partial => out,
        }
    }

    #[test]
    fn a_square_off_the_lattice_covers_quarters_and_halves() {
        let square = polygon![(x: 0.5, y: -0.5), (x: 2.5, y: -0.5), (x: 2.5, y: -2.5), (x: 0.5, y: -2.5)];
        let expected = [0.25, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 0.25];
        for (a, b) in fractions(&square.into(), 3, 3).iter().zip(expected) {
            assert!((f64::from(*a) - b).abs() < 1e-6);
        }
    }

    #[test]
    fn a_triangle_covers_half_of_the_pixels_on_its_diagonal() {
        let triangle = polygon![(x: 0.0, y: 0.0), (x: 3.0, y: -3.0), (x: 0.0, y: -3.0)];
        let expected = [0.5, 0.0, 0.0, 1.0, 0.5, 0.0, 1.0, 1.0, 0.5];
        for (a, b) in fractions(&triangle.into(), 3, 3).iter().zip(expected) {
            assert!((f64::from(*a) - b).abs() < 1e-6);
        }
    }

    #[test]
    fn pixels_beside_a_shape_are_not_touched_by_rounding() {
        for step in 1..200 {
            let (west, east) = (0.1 + f64::from(step) * 0.013, 3.3 + f64::from(step) * 0.017);
            let slanted =
                polygon![(x: west, y: -0.2), (x: east, y: -0.1), (x: east + 0.3, y: -3.7), (x: west + 0.7, y: -3.9)];
            let covered = fractions(&slanted.into(), 4, 20);
            let beyond = (east + 0.3).ceil() as usize;
            for row in covered.chunks(20) {
                assert!(row[beyond..].iter().all(|f| *f == 0.0), "step {step}: {row:?}");
            }
        }
    }

    /// Pixels of the window whose centre lies inside, as 1.
    fn centres(shape: &MultiPolygon<f64>, window: Window) -> Vec<u8> {
        let mut inside = vec![0; window.len()];
        PixelShape::new(shape, &UNIT).centres(&window, |row, cols| {
            let start = (row - window.row) * window.cols;
            let cols = cols.start - window.col..cols.end - window.col;
            inside[start..][cols].iter_mut().for_each(|pixel| *pixel += 1);
        });
        inside
    }

    #[test]
    fn a_pixel_is_inside_where_its_centre_is_and_a_hole_is_not() {
        let frame: MultiPolygon<f64> = polygon!(
            exterior: [(x: 0.4, y: -0.6), (x: 4.6, y: -0.6), (x: 4.6, y: -3.6), (x: 0.4, y: -3.6)],
            interiors: [[(x: 2.0, y: -2.0), (x: 3.0, y: -2.0), (x: 3.0, y: -3.0), (x: 2.0, y: -3.0)]],
        )
        .into();
        let expected = [
            [0, 0, 0, 0, 0], //
            [1, 1, 1, 1, 1],
            [1, 1, 0, 1, 1],
            [1, 1, 1, 1, 1],
        ];
        assert_eq!(centres(&frame, Window { row: 0, col: 0, rows: 4, cols: 5 }), expected.concat());
        assert_eq!(centres(&frame, Window { row: 2, col: 1, rows: 2, cols: 2 }), [1, 0, 1, 1]);
        assert_eq!(centres(&frame, Window { row: 4, col: 0, rows: 2, cols: 5 }), [0; 10]);
    }

    #[test]
    fn shapes_that_share_an_edge_share_no_pixel_and_leave_none_out() {
        let window = Window { row: 0, col: 0, rows: 300, cols: 40 };
        // The common edge runs through centres: at (20.5, 0.5), and along the middle of every pixel of a column.
        for (top, foot) in [(20.5, 20.5), (3.25, 37.1), (20.0, 21.0)] {
            let left = polygon![(x: 0.0, y: 0.0), (x: top, y: 0.0), (x: foot, y: -300.0), (x: 0.0, y: -300.0)];
            let right = polygon![(x: 40.0, y: 0.0), (x: top, y: 0.0), (x: foot, y: -300.0), (x: 40.0, y: -300.0)];
            let counts = centres(&left.into(), window).into_iter().zip(centres(&right.into(), window));
            assert!(counts.map(|(l, r)| l + r).all(|count| count == 1), "{top} {foot}");
        }
    }

    #[test]
    fn centres_are_those_of_a_plain_test_point_by_point_whatever_the_tiles() {
        use geo::Contains;
        let ring: LineString<f64> = (0..11)
            .map(|i| (std::f64::consts::TAU * f64::from(i) / 11.0, if i % 2 == 0 { 140.3 } else { 61.7 }))
            .map(|(angle, radius)| (150.1 + radius * angle.cos(), -170.2 + radius * angle.sin()))
            .collect();
        let star: MultiPolygon<f64> = Polygon::new(ring, Vec::new()).into();
        for (row, col) in [(0, 0), (130, 75), (260, 150)] {
            let window = Window { row, col, rows: 130, cols: 75 };
            let at = |i: usize| ((col + i % 75) as f64 + 0.5, -((row + i / 75) as f64) - 0.5);
            let plain = (0..window.len()).map(|i| u8::from(star.contains(&geo_types::Point::from(at(i)))));
            assert_eq!(centres(&star, window), plain.collect::<Vec<_>>());
        }
    }

    #[test]
    fn windows_tell_full_from_none_without_fractions() {
        let square: MultiPolygon<f64> =
            polygon![(x: -5.0, y: 5.0), (x: 50.0, y: 5.0), (x: 50.0, y: -300.0), (x: -5.0, y: -300.0)].into();
        let shape = PixelShape::new(&square, &UNIT);
        let mut out = Vec::new();
        assert_eq!(shape.cover(&Window { row: 140, col: 3, rows: 20, cols: 20 }, &mut out), Cover::Full);
        assert_eq!(shape.cover(&Window { row: 140, col: 60, rows: 20, cols: 20 }, &mut out), Cover::None);
        assert_eq!(shape.cover(&Window { row: 290, col: 40, rows: 20, cols: 20 }, &mut out), Cover::Partial);
    }

    #[test]
    fn fractions_of_random_shapes_add_up_to_their_area_whatever_the_tiles() {
        let mut state = 5u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        for _ in 0..200 {
            // A star around the middle, with a hole: simple by construction, reaching over several bands.
            let corners = 3 + (uniform() * 20.0) as usize;
            let ring = |low: f64, high: f64, uniform: &mut dyn FnMut() -> f64| -> LineString<f64> {
                let angle = |i: usize| std::f64::consts::TAU * i as f64 / corners as f64;
                let radius: Vec<f64> = (0..corners).map(|_| low + (high - low) * uniform()).collect();
                (0..corners)
                    .map(|i| (150.0 + radius[i] * angle(i).cos(), -170.0 + radius[i] * angle(i).sin()))
                    .collect()
            };
            let outer = ring(60.0, 140.0, &mut uniform);
            let inner = ring(5.0, 20.0, &mut uniform);
            let star: MultiPolygon<f64> = Polygon::new(outer, vec![inner]).into();
            let shape = PixelShape::new(&star, &UNIT);
            let (mut total, mut out) = (0.0, Vec::new());
            for row in (0..400).step_by(100) {
                for col in (0..300).step_by(75) {
                    let window = Window { row, col, rows: 100, cols: 75 };
                    total += match shape.cover(&window, &mut out) {
                        Cover::None => 0.0,
                        Cover::Full => window.len() as f64,
                        Cover::Partial => out.iter().map(|&f| f64::from(f)).sum(),
                    };
                }
            }
            let area = star.unsigned_area();
            assert!((total - area).abs() / area < 1e-6, "{total} {area}");
        }
    }
}
