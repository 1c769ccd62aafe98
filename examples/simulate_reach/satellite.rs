//! The yearly satellite scenes: atmosphere, clouds, blur, shift, noise, calibration.

use super::canvas::{Frame, Sun};
use super::cover::Cover;
use super::light::{self, Planes, Season};
use super::noise::{fractal, normal};
use super::scene::{self, Moment};

/// Pixels and pixel size of the yearly scenes.
pub const COLS: usize = 1200;
/// See [`COLS`].
pub const ROWS: usize = 950;
/// Pixel size, metres.
pub const STEP: f64 = 2.0;

/// The lattice of the yearly scenes.
pub const FRAME: Frame = Frame { corner: [0.0, 1900.0], step: STEP, cols: COLS, rows: ROWS };

/// A cloud: centre, radii, seed.
pub struct Cloud {
    centre: [f32; 2],
    radii: [f32; 2],
    seed: u32,
}

/// One yearly acquisition.
pub struct Acquisition {
    /// `yyyy-mm-dd`.
    pub date: &'static str,
    /// Ground.
    pub moment: Moment,
    /// Growth of the vegetation.
    pub growth: f32,
    /// Shift of the image against the map, metres east and north.
    pub shift_m: [f64; 2],
    /// Blur: weights of a pixel of 1 m at distance 0–3 m.
    pub blur: [f32; 4],
    /// Haze over the scene: reflectance added in the blue at the thin and the thick end.
    pub haze: [f32; 2],
    /// Gain and offset by band, residual of the calibration.
    pub gain: [f32; 4],
    /// Offset in reflectance.
    pub offset: [f32; 4],
    /// Noise in reflectance, visible and near infrared.
    pub noise: [f32; 2],
    /// Clouds.
    pub clouds: Vec<Cloud>,
    /// Whether a quality layer comes with it.
    pub has_mask: bool,
    /// Width of the nodata collar at the north-west corner, metres.
    pub collar_m: f64,
}

/// Sharp and soft point spread.
const SHARP: [f32; 4] = [0.40, 0.24, 0.06, 0.0];
const SOFT: [f32; 4] = [0.30, 0.23, 0.10, 0.02];

/// The five acquisitions.
pub fn all() -> Vec<Acquisition> {
    let plain = |date, year, low_water_m, growth| Acquisition {
        date,
        moment: Moment { year, low_water_m, traffic: 0x5817 + year as u64 },
        growth,
        shift_m: [0.0, 0.0],
        blur: SHARP,
        haze: [0.0, 0.004],
        gain: [1.0; 4],
        offset: [0.0; 4],
        noise: [0.0015, 0.0030],
        clouds: Vec::new(),
        has_mask: false,
        collar_m: 0.0,
    };
    vec![
        plain("2021-07-18", 2021, 0.4, 0.88),
        Acquisition {
            gain: [0.96, 0.97, 0.975, 0.95],
            offset: [0.004, 0.003, 0.002, 0.006],
            haze: [0.001, 0.011],
            collar_m: 74.0,
            ..plain("2022-08-05", 2022, 2.1, 0.97)
        },
        Acquisition {
            gain: [1.03, 1.02, 1.025, 1.04],
            offset: [-0.003, -0.002, -0.002, -0.004],
            clouds: vec![cloud([2080.0, 1610.0], [150.0, 92.0], 21), cloud([250.0, 1400.0], [88.0, 60.0], 22)],
            has_mask: true,
            ..plain("2023-07-29", 2023, 0.9, 0.93)
        },
        Acquisition {
            shift_m: [0.9, -0.7],
            blur: SOFT,
            gain: [0.98, 0.985, 0.99, 1.02],
            offset: [0.002, 0.001, 0.001, 0.0],
            noise: [0.0020, 0.0036],
            ..plain("2024-08-16", 2024, 0.3, 1.0)
        },
        Acquisition {
            gain: [1.045, 1.04, 1.03, 0.97],
            offset: [0.003, 0.003, 0.004, 0.003],
            haze: [0.008, 0.002],
            clouds: vec![cloud([560.0, 1755.0], [112.0, 70.0], 23), cloud([335.0, 1668.0], [76.0, 50.0], 24)],
            ..plain("2025-07-22", 2025, 1.0, 0.90)
        },
    ]
}

fn cloud(centre: [f32; 2], radii: [f32; 2], seed: u32) -> Cloud {
    Cloud { centre, radii, seed }
}

/// From a cloud to its shadow: the sun stands in the south-east.
const SHADOW: [f32; 2] = [-150.0, 96.0];

impl Acquisition {
    /// Its year.
    pub fn year(&self) -> i32 {
        self.moment.year
    }

    /// Share of a point's light that clouds replace, and that their shadows take, each 0..1.
    pub fn veil(&self, x: f32, y: f32) -> [f32; 2] {
        let thickness = |x: f32, y: f32| self.clouds.iter().map(|c| c.thickness(x, y)).fold(0.0_f32, f32::max);
        if self.clouds.is_empty() { [0.0; 2] } else { [thickness(x, y), thickness(x - SHADOW[0], y - SHADOW[1])] }
    }

    /// Whether a pixel centre lies in the nodata collar.
    pub fn in_collar(&self, x: f64, y: f64) -> bool {
        self.collar_m > 0.0
            && (x < self.collar_m - (1900.0 - y) * 0.035 || 1900.0 - y < 0.3 * self.collar_m - x * 0.012)
    }

    /// The pixels of the scene: B, G, R, NIR as reflectance times 10,000 in steps of 10; 0 is nodata.
    pub fn pixels(&self) -> [Vec<u16>; 4] {
        let sun = Sun { towards: [0.84, -0.54], slope: 2.1 };
        let margin = 4.0;
        let fine = Frame {
            corner: [-margin - self.shift_m[0], 1900.0 + margin - self.shift_m[1]],
            step: 1.0,
            cols: COLS * 2 + 8,
            rows: ROWS * 2 + 8,
        };
        let season = Season { year: self.year(), growth: self.growth, sun };
        let planes = light::reflectance(&scene::reach(self.moment), &fine, season);
        let mut bands = planes.map(|plane| blurred(&plane, &fine, self.blur));
        self.see_through_air(&mut bands);
        let mut number = 0;
        bands.map(|band| {
            number += 1;
            self.digitise(&band, number - 1)
        })
    }

    fn see_through_air(&self, bands: &mut Planes) {
        for i in 0..FRAME.len() {
            let at = FRAME.centre(i / COLS, i % COLS).map(|c| c as f32);
            let along = (at[0] / 2400.0 * 0.6 + at[1] / 1900.0 * 0.4).clamp(0.0, 1.0);
            let uneven = 1.0 + 0.35 * fractal(at[0], at[1], 700.0, 0x4A2E + self.year() as u32);
            let haze = (self.haze[0] + (self.haze[1] - self.haze[0]) * along) * uneven;
            let [cloud, shadow] = self.veil(at[0], at[1]);
            for (band, plane) in bands.iter_mut().enumerate() {
                // Rayleigh-like: strongest in the blue.
                let path = haze * [1.0, 0.74, 0.55, 0.30][band];
                let lit = plane[i] * (1.0 - 1.2 * path) + path;
                let shaded = lit * (1.0 - shadow * [0.34, 0.38, 0.41, 0.44][band]);
                plane[i] = shaded * (1.0 - cloud) + cloud * [0.62, 0.61, 0.61, 0.64][band];
            }
        }
    }

    fn digitise(&self, band: &[f32], number: usize) -> Vec<u16> {
        let noise = self.noise[usize::from(number == 3)];
        let seed = self.year() as u32 * 10 + number as u32;
        (0..band.len())
            .map(|i| {
                let (row, col) = (i / COLS, i % COLS);
                let at = FRAME.centre(row, col);
                if self.in_collar(at[0], at[1]) {
                    return 0;
                }
                let value =
                    band[i] * self.gain[number] + self.offset[number] + noise * normal(col as i32, row as i32, seed);
                ((value * 1000.0).round().clamp(1.0, 6000.0) as u16) * 10
            })
            .collect()
    }

    /// The quality layer: scene classes of the scheme `scl` for each pixel.
    pub fn scene_classes(&self, covers: &[Cover]) -> Vec<u8> {
        (0..FRAME.len())
            .map(|i| {
                let at = FRAME.centre(i / COLS, i % COLS);
                let [cloud, shadow] = self.veil(at[0] as f32, at[1] as f32);
                match covers[i] {
                    _ if self.in_collar(at[0], at[1]) => 0,
                    _ if cloud > 0.35 => 9,
                    _ if cloud > 0.03 => 8,
                    _ if shadow > 0.06 => 3,
                    cover if cover.is_water() => 6,
                    cover if cover.is_green() => 4,
                    _ => 5,
                }
            })
            .collect()
    }

    /// Whether clouds, shadows or the collar hide a pixel.
    pub fn hides(&self, x: f64, y: f64) -> bool {
        let [cloud, shadow] = self.veil(x as f32, y as f32);
        self.in_collar(x, y) || cloud > 0.03 || shadow > 0.06
    }
}

impl Cloud {
    fn thickness(&self, x: f32, y: f32) -> f32 {
        let (u, v) = ((x - self.centre[0]) / self.radii[0], (y - self.centre[1]) / self.radii[1]);
        let distance = u * u + v * v;
        if distance > 2.6 {
            return 0.0;
        }
        let edge = 1.0 - distance + 1.0 * fractal(x, y, 90.0, self.seed) + 0.25 * fractal(x, y, 22.0, self.seed ^ 3);
        (edge * 0.95).clamp(0.0, 0.94)
    }
}

/// Blurs a plane of 1 m and averages 2 × 2 into the scene's pixels.
fn blurred(plane: &[f32], fine: &Frame, weights: [f32; 4]) -> Vec<f32> {
    let total = weights[0] + 2.0 * (weights[1] + weights[2] + weights[3]);
    let kernel = |line: &dyn Fn(usize) -> f32, at: usize| {
        let mut sum = weights[0] * line(at);
        for (k, weight) in weights.iter().enumerate().skip(1) {
            sum += weight * (line(at - k) + line(at + k));
        }
        sum / total
    };
    let wide = fine.cols;
    let mut across = vec![0.0_f32; plane.len()];
    for row in 0..fine.rows {
        let line = &plane[row * wide..(row + 1) * wide];
        for col in 3..wide - 3 {
            across[row * wide + col] = kernel(&|i| line[i], col);
        }
    }
    let mut out = vec![0.0; FRAME.len()];
    for (i, value) in out.iter_mut().enumerate() {
        let (row, col) = (4 + i / COLS * 2, 4 + i % COLS * 2);
        let mut sum = 0.0;
        for (r, c) in [(row, col), (row, col + 1), (row + 1, col), (row + 1, col + 1)] {
            sum += kernel(&|i| across[i * wide + c], r);
        }
        *value = sum * 0.25;
    }
    out
}
