//! The drone's orthomosaics and surface models over the park's west edge.

use super::canvas::{self, Frame, Sun};
use super::light::{self, Season};
use super::noise::{fractal, lattice, normal};
use super::scene::{self, Moment};

/// West and north edge of the flight area, local metres; it is 250 m by 250 m.
pub const CORNER: [f64; 2] = [1440.0, 950.0];

/// One flight.
pub struct Flight {
    /// `yyyy-mm-dd`.
    pub date: &'static str,
    /// Ground.
    pub moment: Moment,
    /// Sun.
    pub sun: Sun,
    /// Growth of the vegetation.
    pub growth: f32,
    /// Exposure by channel: red, green, blue.
    pub exposure: [f32; 3],
    /// Shift of ortho and surface against the map, metres.
    pub shift_m: [f64; 2],
    /// Constant error of the heights, metres.
    pub bias_m: f32,
    /// Growth of trees since the first flight, metres.
    pub taller_m: f32,
}

/// The two flights.
pub fn all() -> [Flight; 2] {
    [
        Flight {
            date: "2024-10-12",
            moment: Moment { year: 2024, low_water_m: 2.0, traffic: 0xD201 },
            sun: Sun { towards: [0.50, -0.866], slope: 1.00 },
            growth: 0.86,
            exposure: [2.55, 2.65, 2.75],
            shift_m: [0.0, 0.0],
            bias_m: 0.0,
            taller_m: 0.0,
        },
        Flight {
            date: "2025-09-27",
            moment: Moment { year: 2025, low_water_m: 1.6, traffic: 0xD202 },
            sun: Sun { towards: [0.42, -0.9075], slope: 1.22 },
            growth: 0.92,
            exposure: [2.72, 2.75, 2.74],
            shift_m: [0.60, -0.35],
            bias_m: 0.12,
            taller_m: 0.25,
        },
    ]
}

/// The lattice of orthomosaics (0.25 m) or surface models (0.5 m).
pub fn frame(step: f64) -> Frame {
    let pixels = (250.0 / step) as usize;
    Frame { corner: CORNER, step, cols: pixels, rows: pixels }
}

impl Flight {
    fn shifted(&self, step: f64) -> Frame {
        let frame = frame(step);
        Frame { corner: [frame.corner[0] - self.shift_m[0], frame.corner[1] - self.shift_m[1]], ..frame }
    }

    /// Red, green and blue, 8 bit.
    pub fn ortho(&self) -> [Vec<u8>; 3] {
        let frame = self.shifted(0.25);
        let season = Season { year: self.moment.year, growth: self.growth, sun: self.sun };
        let planes = light::reflectance(&scene::reach(self.moment), &frame, season);
        let mut channel = 0;
        [&planes[2], &planes[1], &planes[0]].map(|plane| {
            let exposure = self.exposure[channel];
            let seed = self.moment.year as u32 + channel as u32 * 77;
            channel += 1;
            (0..plane.len()).map(|i| grey(blend(plane, i, frame.cols) * exposure, i, frame.cols, seed)).collect()
        })
    }

    /// Heights in metres, rounded to the centimetre.
    pub fn surface(&self) -> Vec<f32> {
        let frame = self.shifted(0.5);
        let pieces = scene::reach(self.moment);
        let shown = canvas::paint(&pieces, &frame);
        let heights = canvas::heights(&pieces, &shown, &frame);
        (0..heights.len())
            .map(|i| {
                let (row, col) = (i / frame.cols, i % frame.cols);
                let at = frame.centre(row, col).map(|c| c as f32);
                let plain = 5.2 + 0.25 * fractal(at[0], at[1], 90.0, 0xD5);
                let cover = pieces[usize::from(shown[i])].cover;
                let growth = if heights[i] > 2.5 && cover.is_green() { self.taller_m } else { 0.0 };
                let noise = 0.03 * normal(col as i32, row as i32, self.moment.year as u32);
                let height = plain + heights[i] + growth + noise + self.bias_m;
                (height * 100.0).round() / 100.0
            })
            .collect()
    }
}

/// A slight blur, as the blending of a mosaic gives.
fn blend(plane: &[f32], i: usize, cols: usize) -> f32 {
    let (row, col) = (i / cols, i % cols);
    let rows = plane.len() / cols;
    let at = |r: usize, c: usize| plane[r.min(rows - 1) * cols + c.min(cols - 1)];
    0.5 * at(row, col)
        + 0.125
            * (at(row, col + 1) + at(row + 1, col) + at(row, col.saturating_sub(1)) + at(row.saturating_sub(1), col))
}

/// Square-root tone curve in steps of two grey values, with a dither of the sensor's noise.
fn grey(light: f32, i: usize, cols: usize, seed: u32) -> u8 {
    let noise = lattice((i % cols) as i32, (i / cols) as i32, seed) - 0.5;
    let tone = 255.0 * light.max(0.0).sqrt() + 3.0 * noise;
    ((tone * 0.5).round() * 2.0).clamp(2.0, 254.0) as u8
}
