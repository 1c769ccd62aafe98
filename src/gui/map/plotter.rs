//! Shapes → pixels in memory: areas by the even-odd rule, hatches, lines of a width, dots; edges are smooth.
//!
//! Areas are covered exactly along each of four lines a pixel; of a line a pixel is covered by its distance, so that corners
//! are round and no needle shoots beyond them.

use eframe::egui::Color32;

/// Lines that a row of pixels is looked at along.
const LINES: usize = 4;

/// Period of a hatch in pixels; it divides the side of a sheet, so that hatches go on from sheet to sheet.
const HATCH: usize = 8;

/// Opacity of the lines of a hatch, by their distance in pixels.
const SLANT: [f32; HATCH] = [0.75, 0.35, 0.0, 0.0, 0.0, 0.0, 0.0, 0.35];

/// A closed outline in pixels.
type Ring = Vec<(f32, f32)>;

/// A square picture under the pen.
pub struct Plotter {
    side: usize,
    /// Red, green, blue, opacity, premultiplied.
    pixels: Vec<u8>,
    /// How much of each pixel the present shape covers.
    mask: Vec<f32>,
    /// Rows and columns of the mask that are not zero: from, until.
    touched: Option<[usize; 4]>,
    crossings: Vec<(u32, f32)>,
}

impl Plotter {
    /// An empty picture.
    #[must_use]
    pub fn new(side: usize) -> Self {
        let (pixels, mask) = (vec![0; side * side * 4], vec![0.0; side * side]);
        Self { side, pixels, mask, touched: None, crossings: Vec::new() }
    }

    /// The finished picture.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// Fills an area in a colour, and hatches it in another.
    pub fn fill(&mut self, rings: &[Ring], colour: Color32, hatch: Option<Color32>) {
        self.cover(rings);
        if colour.a() > 0 {
            self.lay(colour, |_, _| 1.0);
        }
        if let Some(hatch) = hatch {
            self.lay(hatch, |row, col| SLANT[(row + col) % HATCH]);
        }
        self.lift();
    }

    /// Draws closed lines of a width.
    pub fn outline(&mut self, rings: &[Ring], colour: Color32, width: f32) {
        for ring in rings {
            let ends = ring.iter().zip(ring.iter().cycle().skip(1));
            ends.for_each(|(a, b)| self.trace(*a, *b, width / 2.0));
        }
        self.lay(colour, |_, _| 1.0);
        self.lift();
    }

    /// Draws a full circle.
    pub fn dot(&mut self, place: (f32, f32), radius: f32, colour: Color32) {
        self.trace(place, place, radius);
        self.lay(colour, |_, _| 1.0);
        self.lift();
    }

    /// Covers the inside of rings by the even-odd rule.
    fn cover(&mut self, rings: &[Ring]) {
        self.crossings.clear();
        let lines = (self.side * LINES) as f32;
        for ring in rings {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let (top, bottom) = if a.1 <= b.1 { (a, b) } else { (b, a) };
                // A line of the picture lies at its middle; an edge has its upper end and not its lower one.
                let first = (top.1 * LINES as f32 - 0.5).ceil().clamp(0.0, lines);
                let end = (bottom.1 * LINES as f32 - 0.5).ceil().clamp(0.0, lines);
                let slope = if bottom.1 > top.1 { (bottom.0 - top.0) / (bottom.1 - top.1) } else { 0.0 };
                for line in first as u32..end as u32 {
                    let y = (line as f32 + 0.5) / LINES as f32;
                    self.crossings.push((line, top.0 + (y - top.1) * slope));
                }
            }
        }
        self.crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let crossings = std::mem::take(&mut self.crossings);
        for pair in crossings.chunks_exact(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.span(pair[0].0 as usize / LINES, pair[0].1, pair[1].1);
        }
        self.crossings = crossings;
    }

    /// Adds one line's share of a row between two places.
    fn span(&mut self, row: usize, from: f32, until: f32) {
        let (from, until) = (from.clamp(0.0, self.side as f32), until.clamp(0.0, self.side as f32));
        if until <= from {
            return;
        }
        let share = 1.0 / LINES as f32;
        let (first, last) = (from as usize, (until.ceil() as usize).min(self.side));
        self.touch(row, row + 1, first, last);
        let mask = &mut self.mask[row * self.side..(row + 1) * self.side];
        if last - first == 1 {
            mask[first] += (until - from) * share;
            return;
        }
        mask[first] += (first as f32 + 1.0 - from) * share;
        mask[first + 1..last - 1].iter_mut().for_each(|covered| *covered += share);
        mask[last - 1] += (until - (last - 1) as f32) * share;
    }

    /// Covers what lies within a distance of a straight line, going along its longer direction.
    fn trace(&mut self, a: (f32, f32), b: (f32, f32), reach: f32) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx.hypot(dy);
        let steep = dy.abs() > dx.abs();
        let (along, across) = if steep { ((a.1, b.1), (a.0, dx, dy)) } else { ((a.0, b.0), (a.1, dy, dx)) };
        let side = self.side as f32;
        let clip = |value: f32| value.clamp(0.0, side) as usize;
        let (low, high) = (along.0.min(along.1) - reach - 1.0, along.0.max(along.1) + reach + 1.0);
        let slant = if across.2 == 0.0 { 0.0 } else { across.1 / across.2 };
        // How far the band reaches across: more where the line is slanted, and at a dot.
        let band = (reach + 1.0) * (1.0 + slant * slant).sqrt();
        for step in clip(low.floor())..clip(high.ceil()) {
            let on_line = (step as f32 + 0.5).clamp(along.0.min(along.1), along.0.max(along.1));
            let middle = across.0 + (on_line - along.0) * slant;
            let (first, last) = (clip((middle - band).floor()), clip((middle + band).ceil()));
            if first >= last {
                continue;
            }
            if steep {
                self.touch(step, step + 1, first, last);
            } else {
                self.touch(first, last, step, step + 1);
            }
            for place in first..last {
                let (row, col) = if steep { (step, place) } else { (place, step) };
                let (px, py) = (col as f32 + 0.5 - a.0, row as f32 + 0.5 - a.1);
                let share = if length > 0.0 { ((px * dx + py * dy) / (length * length)).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (px - share * dx).hypot(py - share * dy);
                let covered = (reach + 0.5 - distance).clamp(0.0, 1.0);
                let mask = &mut self.mask[row * self.side + col];
                *mask = mask.max(covered);
            }
        }
    }

    fn touch(&mut self, top: usize, bottom: usize, left: usize, right: usize) {
        let [t, b, l, r] = self.touched.unwrap_or([top, bottom, left, right]);
        self.touched = Some([t.min(top), b.max(bottom), l.min(left), r.max(right)]);
    }

    /// Lays a colour over what is covered, thinned out by a pattern.
    fn lay(&mut self, colour: Color32, pattern: impl Fn(usize, usize) -> f32) {
        let Some([top, bottom, left, right]) = self.touched else { return };
        let ink = colour.to_array().map(f32::from);
        for row in top..bottom {
            for col in left..right {
                let at = row * self.side + col;
                let covered = self.mask[at].min(1.0) * pattern(row, col);
                if covered <= 0.0 {
                    continue;
                }
                let under = 1.0 - covered * ink[3] / 255.0;
                for (pixel, ink) in self.pixels[at * 4..at * 4 + 4].iter_mut().zip(ink) {
                    *pixel = (f32::from(*pixel) * under + ink * covered + 0.5) as u8;
                }
            }
        }
    }

    /// Empties the mask for the next shape.
    fn lift(&mut self) {
        let Some([top, bottom, left, right]) = self.touched.take() else { return };
        for row in top..bottom {
            self.mask[row * self.side + left..row * self.side + right].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color32 = Color32::from_rgb(200, 0, 0);

    fn opacity(plotter: &Plotter, row: usize, col: usize) -> u8 {
        plotter.pixels[(row * plotter.side + col) * 4 + 3]
    }

    #[test]
    fn half_a_pixel_is_half_covered() {
        let mut plotter = Plotter::new(8);
        plotter.fill(&[vec![(1.0, 1.0), (4.5, 1.0), (4.5, 3.5), (1.0, 3.5)]], RED, None);
        assert_eq!((opacity(&plotter, 1, 1), opacity(&plotter, 2, 3), opacity(&plotter, 0, 0)), (255, 255, 0));
        assert!((opacity(&plotter, 2, 4).abs_diff(128)) <= 1 && opacity(&plotter, 3, 2).abs_diff(128) <= 1);
    }

    #[test]
    fn a_slanted_line_has_its_width_and_ends_where_it_ends() {
        let mut plotter = Plotter::new(64);
        plotter.outline(&[vec![(10.0, 10.0), (50.0, 30.0)]], RED, 2.0);
        let total: u32 = plotter.pixels.chunks(4).map(|pixel| u32::from(pixel[3])).sum();
        // 40 x 20 pixels: 44.7 long, two wide, with round ends.
        let expected = (44.72 * 2.0 + std::f64::consts::PI) * 255.0;
        assert!((f64::from(total) / expected - 1.0).abs() < 0.06, "{total} {expected}");
        assert_eq!((opacity(&plotter, 8, 6), opacity(&plotter, 33, 55)), (0, 0));
    }

    #[test]
    fn what_lies_outside_is_left_out_without_harm() {
        let mut plotter = Plotter::new(16);
        plotter.fill(&[vec![(-1e5, -1e5), (1e5, -1e5), (1e5, 1e5), (-1e5, 1e5)]], RED, None);
        plotter.outline(&[vec![(-90.0, 5.0), (200.0, 5.0), (40.0, 900.0)]], RED, 2.0);
        plotter.dot((-30.0, 40.0), 4.0, RED);
        assert!(plotter.pixels.chunks(4).all(|pixel| pixel[3] == 255));
    }
}
