//! Putting source pixels on the analysis grid: where each target pixel lies in the file, and what is seen there.
//!
//! Positions are pixel coordinates (col, row) of the file, a pixel's centre at +0.5. Where another CRS is involved
//! or a shift that changes from place to place is taken back, they are exact on a coarse lattice and interpolated, with a
//! measured error.

use std::rc::Rc;

use crate::io::crs::Transformer;
use crate::model::displacement::Displacement;
use crate::model::grid::{GeoTransform, Window};
use crate::model::raster::{SceneBlock, gap};

/// Largest error of an interpolated position, in source pixels.
const LARGEST_ERROR_PX: f64 = 0.02;

/// Spacing of the lattice on which positions are exact, in target pixels: the first that is good enough is taken.
const SPACINGS: [usize; 3] = [16, 4, 1];

/// Least weight of seen neighbours for a pixel to be seen.
const LEAST_WEIGHT: f32 = 0.5;

/// Source pixels per target pixel from which values are averaged over the footprint instead of interpolated.
const AVERAGE_FROM: f64 = 1.5;

/// How a value comes from its neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernel {
    /// The pixel that the position lies in: for codes.
    Nearest,
    /// Weighted by distance to four neighbours.
    Bilinear,
    /// Mean over a footprint of so many source pixels, (width, height), weighted by coverage.
    Average(f64, f64),
}

impl Kernel {
    /// The kernel for measurements at a scale of source pixels per target pixel, (along cols, along rows).
    #[must_use]
    pub fn for_scale(scale: (f64, f64)) -> Self {
        if scale.0.max(scale.1) > AVERAGE_FROM {
            Self::Average(scale.0.max(1.0), scale.1.max(1.0))
        } else {
            Self::Bilinear
        }
    }
}

/// The way from the analysis grid's pixels to a file's pixels.
#[derive(Clone)]
pub struct Route {
    /// Pixel to map of the analysis grid.
    pub target: GeoTransform,
    /// Pixel to map of the file.
    pub source: GeoTransform,
    /// From the analysis grid's CRS to the file's.
    pub transformer: Rc<Transformer>,
    /// How far off its place the scene's content lies, in target pixels.
    pub shift: Displacement,
}

impl Route {
    /// Whether straight lines stay straight on the way.
    fn is_affine(&self) -> bool {
        self.transformer.is_identity() && self.shift.constant().is_some()
    }

    /// Turns target pixel positions into source pixel positions; NaN where there is none.
    pub fn follow(&self, points: &mut [(f64, f64)]) {
        for point in points.iter_mut() {
            let (cols, rows) = self.shift.at(point.0, point.1);
            *point = self.target.map_from_pixel(point.0 + cols, point.1 + rows);
        }
        self.transformer.forward_where_defined(points);
        for point in points.iter_mut() {
            *point = self.source.pixel_from_map(point.0, point.1);
        }
    }
}

/// Where the pixel centres of one window of the analysis grid lie in a file.
pub struct Positions {
    window: Window,
    spacing: usize,
    node_cols: usize,
    nodes: Vec<(f64, f64)>,
    /// Source pixels per target pixel, along the file's cols and rows.
    pub scale: (f64, f64),
    /// Whether target and source differ by a shift alone, then (col, row) of the first pixel's centre.
    pub translation: Option<(f64, f64)>,
}

impl Positions {
    /// Positions of a window, interpolated with an error below a fiftieth of a pixel.
    #[must_use]
    pub fn of(window: Window, route: &Route) -> Self {
        let affine = route.is_affine();
        let whole = window.rows.max(window.cols).max(2) - 1;
        let spacings = if affine { [whole; 3] } else { SPACINGS };
        let mut positions = Self::with_spacing(window, route, spacings[0]);
        for spacing in &spacings[1..] {
            if affine || positions.error(route) <= LARGEST_ERROR_PX {
                break;
            }
            positions = Self::with_spacing(window, route, *spacing);
        }
        let [(xc, yc), (xr, yr)] = jacobian(window, route);
        positions.scale = scale_of(window, route);
        let near = |a: f64, b: f64| (a - b).abs() * whole as f64 <= 1e-6;
        if affine && near(xc, 1.0) && near(yr, 1.0) && near(yc, 0.0) && near(xr, 0.0) {
            positions.translation = positions.nodes.first().copied();
        }
        positions
    }

    fn with_spacing(window: Window, route: &Route, spacing: usize) -> Self {
        let count = |pixels: usize| (pixels.max(1) - 1).div_ceil(spacing) + 1;
        let (node_rows, node_cols) = (count(window.rows), count(window.cols));
        let at = |start: usize, n: usize| (start + n * spacing) as f64 + 0.5;
        let mut nodes: Vec<(f64, f64)> = (0..node_rows * node_cols)
            .map(|n| (at(window.col, n % node_cols), at(window.row, n / node_cols)))
            .collect();
        route.follow(&mut nodes);
        Self { window, spacing, node_cols, nodes, scale: (1.0, 1.0), translation: None }
    }

    /// Largest distance between interpolated and exact positions at the centres of the lattice's cells.
    fn error(&self, route: &Route) -> f64 {
        let half = self.spacing as f64 / 2.0;
        let centres: Vec<(f64, f64)> = (0..self.window.rows.div_ceil(self.spacing))
            .flat_map(|r| (0..self.window.cols.div_ceil(self.spacing)).map(move |c| (c, r)))
            .map(|(c, r)| ((c * self.spacing) as f64 + half, (r * self.spacing) as f64 + half))
            .collect();
        let mut exact: Vec<(f64, f64)> =
            centres.iter().map(|(c, r)| (c + self.window.col as f64 + 0.5, r + self.window.row as f64 + 0.5)).collect();
        route.follow(&mut exact);
        let distance = |(centre, exact): (&(f64, f64), &(f64, f64))| {
            let guess = self.at(centre.0, centre.1);
            (guess.0 - exact.0).hypot(guess.1 - exact.1)
        };
        centres.iter().zip(&exact).map(distance).filter(|d| d.is_finite()).fold(0.0, f64::max)
    }

    /// The position at (col, row) counted in pixels from the window's first centre.
    fn at(&self, col: f64, row: f64) -> (f64, f64) {
        let spacing = self.spacing as f64;
        let node_rows = self.nodes.len() / self.node_cols;
        let cell = |v: f64, nodes: usize| ((v / spacing) as usize).min(nodes.saturating_sub(2));
        let (c, r) = (cell(col, self.node_cols), cell(row, node_rows));
        let (fc, fr) = (col / spacing - c as f64, row / spacing - r as f64);
        let (c1, r1) = ((c + 1).min(self.node_cols - 1), (r + 1).min(node_rows - 1));
        let node = |r: usize, c: usize| self.nodes[r * self.node_cols + c];
        let mix = |a: (f64, f64), b: (f64, f64), f: f64| (a.0 + (b.0 - a.0) * f, a.1 + (b.1 - a.1) * f);
        mix(mix(node(r, c), node(r, c1), fc), mix(node(r1, c), node(r1, c1), fc), fr)
    }

    /// Positions of one row of the window.
    pub fn row(&self, row: usize, into: &mut Vec<(f64, f64)>) {
        into.clear();
        let mut col = 0;
        while col < self.window.cols {
            let run = self.spacing.min(self.window.cols - col);
            let start = self.at(col as f64, row as f64);
            // `at` extrapolates within its cell, so the run's slope is that of the cell.
            let next = if run > 1 { self.at((col + run - 1) as f64, row as f64) } else { start };
            let steps = (run.max(2) - 1) as f64;
            let slope = ((next.0 - start.0) / steps, (next.1 - start.1) / steps);
            into.extend((0..run).map(|n| (start.0 + slope.0 * n as f64, start.1 + slope.1 * n as f64)));
            col += run;
        }
    }

    /// The file's pixels that are needed, grown by `margin`, clipped to `rows` × `cols`.
    #[must_use]
    pub fn source_window(&self, margin: f64, rows: usize, cols: usize) -> Option<Window> {
        let finite = || self.nodes.iter().filter(|p| p.0.is_finite() && p.1.is_finite());
        let low = |axis: fn(&(f64, f64)) -> f64| finite().map(axis).fold(f64::INFINITY, f64::min) - margin;
        let high = |axis: fn(&(f64, f64)) -> f64| finite().map(axis).fold(f64::NEG_INFINITY, f64::max) + margin;
        let clip = |v: f64, limit: usize| v.clamp(0.0, limit as f64) as usize;
        let (col, col_end) = (clip(low(|p| p.0).floor(), cols), clip(high(|p| p.0).ceil(), cols));
        let (row, row_end) = (clip(low(|p| p.1).floor(), rows), clip(high(|p| p.1).ceil(), rows));
        (row < row_end && col < col_end).then(|| Window { row, col, rows: row_end - row, cols: col_end - col })
    }
}

/// Source pixels per target pixel at a window's centre, along the file's cols and rows.
#[must_use]
pub fn scale_of(window: Window, route: &Route) -> (f64, f64) {
    let [(xc, yc), (xr, yr)] = jacobian(window, route);
    (xc.hypot(xr), yc.hypot(yr))
}

/// How a source position moves with one target column and one target row, at the window's centre.
fn jacobian(window: Window, route: &Route) -> [(f64, f64); 2] {
    let (c, r) = (window.col as f64 + window.cols as f64 / 2.0, window.row as f64 + window.rows as f64 / 2.0);
    let mut points = [(c - 0.5, r), (c + 0.5, r), (c, r - 0.5), (c, r + 0.5)];
    route.follow(&mut points);
    let step = |a: (f64, f64), b: (f64, f64)| (b.0 - a.0, b.1 - a.1);
    let known = |s: (f64, f64), otherwise: (f64, f64)| if s.0.is_finite() && s.1.is_finite() { s } else { otherwise };
    [known(step(points[0], points[1]), (1.0, 0.0)), known(step(points[2], points[3]), (0.0, 1.0))]
}

/// Source pixels in memory, with a border of one pixel that is outside.
///
/// Shape: `block.window` says which rows and cols of the file they stand for; the planes hold `rows + 2` rows of
/// `cols + 2` values, where `rows` and `cols` are fewer than the window's when it was read squeezed.
pub struct Sheet {
    /// The pixels.
    pub block: SceneBlock,
    /// Rows without the border.
    pub rows: usize,
    /// Columns without the border.
    pub cols: usize,
}

impl Sheet {
    /// An empty sheet to be filled again and again.
    #[must_use]
    pub fn empty() -> Self {
        let window = Window { row: 0, col: 0, rows: 0, cols: 0 };
        Self { block: SceneBlock { window, bands: Vec::new(), gaps: Vec::new() }, rows: 0, cols: 0 }
    }

    /// Makes room for `bands` planes of a window read into `rows` × `cols` pixels.
    pub fn lay(&mut self, window: Window, bands: usize, rows: usize, cols: usize) {
        let len = (rows + 2) * (cols + 2);
        (self.rows, self.cols, self.block.window) = (rows, cols, window);
        self.block.bands.resize_with(bands.max(self.block.bands.len()), Vec::new);
        for plane in &mut self.block.bands[..bands] {
            plane.resize(len, 0.0);
        }
        self.block.gaps.clear();
        self.block.gaps.resize(len, gap::OUTSIDE);
    }

    /// Values from one row to the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.cols + 2
    }

    /// Whether every pixel was seen.
    fn is_clear(&self) -> bool {
        let row = |row: usize| &self.block.gaps[row * self.stride() + 1..][..self.cols];
        (1..=self.rows).all(|at| row(at).iter().fold(gap::SEEN, |all, gap| all | gap) == gap::SEEN)
    }

    /// A position in the file as a position in the planes.
    fn place(&self, position: (f64, f64)) -> (f64, f64) {
        let window = &self.block.window;
        let across = self.cols as f64 / window.cols as f64;
        let down = self.rows as f64 / window.rows as f64;
        ((position.0 - window.col as f64) * across + 1.0, (position.1 - window.row as f64) * down + 1.0)
    }

    fn squeeze(&self) -> (f64, f64) {
        (self.cols as f64 / self.block.window.cols as f64, self.rows as f64 / self.block.window.rows as f64)
    }
}

/// Weights of the four neighbours of one pixel, from the index of the upper left one.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    weights: [f32; 4],
}

/// Scratch of the sampler, kept from window to window.
#[derive(Default)]
pub struct Sampler {
    positions: Vec<(f64, f64)>,
    taps: Vec<Taps>,
}

impl Sampler {
    /// Fills `out` (which lies on `positions`' window) from a sheet: its first `bands` planes and its gaps.
    pub fn sample(&mut self, positions: &Positions, sheet: &Sheet, kernel: Kernel, bands: usize, out: &mut SceneBlock) {
        let translation = positions.translation.filter(|_| kernel == Kernel::Bilinear && sheet.squeeze() == (1.0, 1.0));
        let clear = kernel == Kernel::Bilinear && sheet.is_clear();
        for row in 0..positions.window.rows {
            let shifted = translation.is_some_and(|first| shift_row(first, row, sheet, bands, out));
            if shifted {
                continue;
            }
            positions.row(row, &mut self.positions);
            match kernel {
                Kernel::Nearest => self.nearest_row(row, sheet, bands, out),
                Kernel::Bilinear => self.bilinear_row(row, sheet, clear, bands, out),
                Kernel::Average(width, height) => {
                    let (across, down) = sheet.squeeze();
                    self.average_row(row, sheet, (width * across, height * down), bands, out);
                }
            }
        }
    }

    fn nearest_row(&mut self, row: usize, sheet: &Sheet, bands: usize, out: &mut SceneBlock) {
        let start = row * out.window.cols;
        for (col, position) in self.positions.iter().enumerate() {
            let Some((x, y)) = inside(sheet, sheet.place(*position)) else {
                out.gaps[start + col] = gap::OUTSIDE;
                continue;
            };
            let from = (y + 1e-10) as usize * sheet.stride() + (x + 1e-10) as usize;
            out.gaps[start + col] = sheet.block.gaps[from];
            for (plane, source) in out.bands.iter_mut().zip(&sheet.block.bands).take(bands) {
                plane[start + col] = source[from];
            }
        }
    }

    fn bilinear_row(&mut self, row: usize, sheet: &Sheet, clear: bool, bands: usize, out: &mut SceneBlock) {
        let start = row * out.window.cols;
        let stride = sheet.stride();
        let gaps = &mut out.gaps[start..start + out.window.cols];
        self.taps.clear();
        if clear && self.positions.iter().all(|position| well_inside(sheet, sheet.place(*position))) {
            // Most rows of most scenes: nothing to ask of the neighbours.
            self.taps.extend(self.positions.iter().map(|position| neighbours(sheet, sheet.place(*position))));
            gaps.fill(gap::SEEN);
        } else {
            self.taps.extend(self.positions.iter().zip(gaps).map(|(position, gap)| {
                let (taps, reason) = taps(sheet, *position);
                *gap = reason;
                taps
            }));
        }
        for (plane, source) in out.bands.iter_mut().zip(&sheet.block.bands).take(bands) {
            for (value, taps) in plane[start..].iter_mut().zip(&self.taps) {
                let (i, w) = (taps.first, taps.weights);
                *value =
                    w[0] * source[i] + w[1] * source[i + 1] + w[2] * source[i + stride] + w[3] * source[i + stride + 1];
            }
        }
    }

    fn average_row(&mut self, row: usize, sheet: &Sheet, size: (f64, f64), bands: usize, out: &mut SceneBlock) {
        let start = row * out.window.cols;
        for (col, position) in self.positions.iter().enumerate() {
            let to = start + col;
            out.gaps[to] = match inside(sheet, sheet.place(*position)) {
                Some(centre) => average_at(sheet, centre, size, bands, out, to),
                None => gap::OUTSIDE,
            };
        }
    }
}

/// The position if it lies on the sheet's own pixels (not its border).
fn inside(sheet: &Sheet, (x, y): (f64, f64)) -> Option<(f64, f64)> {
    let on = |v: f64, pixels: usize| v >= 1.0 && v < pixels as f64 + 1.0;
    (on(x, sheet.cols) && on(y, sheet.rows)).then_some((x, y))
}

/// Whether all four neighbours of a position are the sheet's own pixels.
fn well_inside(sheet: &Sheet, (x, y): (f64, f64)) -> bool {
    let on = |v: f64, pixels: usize| v >= 1.5 && v < pixels as f64 + 0.5;
    on(x, sheet.cols) && on(y, sheet.rows)
}

/// The four neighbours of a position with their weights.
fn neighbours(sheet: &Sheet, (x, y): (f64, f64)) -> Taps {
    let (x, y) = (x - 0.5, y - 0.5);
    let (col, row) = (x as usize, y as usize);
    let (fx, fy) = ((x - col as f64) as f32, (y - row as f64) as f32);
    let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
    Taps { first: row * sheet.stride() + col, weights }
}

/// The neighbours of a position with their weights, and [`gap::SEEN`] or the reason why nothing is seen.
fn taps(sheet: &Sheet, position: (f64, f64)) -> (Taps, u8) {
    let none = Taps { first: 0, weights: [0.0; 4] };
    let Some(place) = inside(sheet, sheet.place(position)) else { return (none, gap::OUTSIDE) };
    let (Taps { first, weights }, stride) = (neighbours(sheet, place), sheet.stride());
    let gaps = [first, first + 1, first + stride, first + stride + 1].map(|i| sheet.block.gaps[i]);
    if gaps == [gap::SEEN; 4] {
        return (Taps { first, weights }, gap::SEEN);
    }
    let mut seen = weights;
    for (weight, gap) in seen.iter_mut().zip(gaps) {
        *weight = if gap == gap::SEEN { *weight } else { 0.0 };
    }
    let sum: f32 = seen.iter().sum();
    if sum < LEAST_WEIGHT {
        return (none, reason(gaps.into_iter()));
    }
    (Taps { first, weights: seen.map(|w| w / sum) }, gap::SEEN)
}

/// Why a pixel is not seen, from its neighbours: the greatest reason that the file itself gives, else outside.
fn reason(gaps: impl Iterator<Item = u8>) -> u8 {
    gaps.filter(|g| *g != gap::OUTSIDE && *g != gap::SEEN).max().unwrap_or(gap::OUTSIDE)
}

/// A whole row where target and file differ by a shift alone and every neighbour is seen; `false` where one is not.
fn shift_row(first: (f64, f64), row: usize, sheet: &Sheet, bands: usize, out: &mut SceneBlock) -> bool {
    let (x, y) = sheet.place((first.0, first.1 + row as f64));
    let (x, y) = (x - 0.5, y - 0.5);
    let cols = out.window.cols;
    if x < 1.0 || y < 1.0 || x + cols as f64 >= (sheet.cols + 1) as f64 || y + 1.0 >= (sheet.rows + 1) as f64 {
        return false;
    }
    let (col, line) = (x as usize, y as usize);
    let (fx, fy) = ((x - col as f64) as f32, (y - line as f64) as f32);
    let stride = sheet.stride();
    let (upper, lower) = (line * stride + col, (line + 1) * stride + col);
    let pair = |plane: usize| plane..plane + cols + 1;
    let all_seen = |from: usize| sheet.block.gaps[pair(from)].iter().fold(0, |all, g| all | g) == gap::SEEN;
    if !all_seen(upper) || !all_seen(lower) {
        return false;
    }
    let [a, b, c, d] = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
    let start = row * cols;
    out.gaps[start..start + cols].fill(gap::SEEN);
    for (plane, source) in out.bands.iter_mut().zip(&sheet.block.bands).take(bands) {
        let (above, below) = (&source[pair(upper)], &source[pair(lower)]);
        let rows = above.windows(2).zip(below.windows(2));
        for (value, (above, below)) in plane[start..start + cols].iter_mut().zip(rows) {
            *value = a * above[0] + b * above[1] + c * below[0] + d * below[1];
        }
    }
    true
}

/// Averages the footprint around a centre into pixel `to`; tells [`gap::SEEN`] or why nothing is seen.
fn average_at(
    sheet: &Sheet,
    centre: (f64, f64),
    size: (f64, f64),
    bands: usize,
    out: &mut SceneBlock,
    to: usize,
) -> u8 {
    let span = |centre: f64, size: f64, pixels: usize| {
        let (from, until) = ((centre - size / 2.0).max(0.0), (centre + size / 2.0).min((pixels + 2) as f64));
        (from, until, from as usize, (until.ceil() as usize).min(pixels + 2))
    };
    let (left, right, col, col_end) = span(centre.0, size.0, sheet.cols);
    let (top, bottom, row, row_end) = span(centre.1, size.1, sheet.rows);
    let cover = |from: f64, until: f64, pixel: usize| (until.min(pixel as f64 + 1.0) - from.max(pixel as f64)) as f32;
    for plane in &mut out.bands[..bands] {
        plane[to] = 0.0;
    }
    let (mut sum, mut worst) = (0.0, gap::SEEN);
    for r in row..row_end {
        let down = cover(top, bottom, r);
        for c in col..col_end {
            let from = r * sheet.stride() + c;
            let gap = sheet.block.gaps[from];
            if gap != gap::SEEN {
                worst = if gap == gap::OUTSIDE { worst } else { worst.max(gap) };
                continue;
            }
            let weight = down * cover(left, right, c);
            sum += weight;
            for (plane, source) in out.bands.iter_mut().zip(&sheet.block.bands).take(bands) {
                plane[to] += weight * source[from];
            }
        }
    }
    if sum < LEAST_WEIGHT * (size.0 * size.1) as f32 || sum <= 0.0 {
        for plane in &mut out.bands[..bands] {
            plane[to] = 0.0;
        }
        return if worst == gap::SEEN { gap::OUTSIDE } else { worst };
    }
    for plane in &mut out.bands[..bands] {
        plane[to] /= sum;
    }
    gap::SEEN
}
