//! The river: bank line, island, levee, canal. Everything else is placed by them.

use super::noise::{fractal, wave};
use super::shape::{Point, blob};

/// Northing of the north bank's crest at an easting.
pub fn bank(east: f64) -> f64 {
    let uneven = if east > 1400.0 { 0.0 } else { 5.0 * f64::from(fractal(east as f32, 7.0, 60.0, 0xBA2C)) };
    505.0 + 30.0 * wave(east / 2700.0 + 0.1) + 12.0 * wave(east / 1070.0) + uneven
}

/// How far the water line retreats for one metre of falling water level: flat foreshore in the west, a wall at the wharves.
pub fn retreat(east: f64) -> f64 {
    if east > 1390.0 { 0.4 } else { 5.0 + 2.5 * f64::from(fractal(east as f32, 31.0, 140.0, 0x5A11)) }
}

/// The bank line moved north by `offset`, between two eastings.
pub fn line(from: f64, to: f64, offset: impl Fn(f64) -> f64) -> Vec<Point> {
    let steps = ((to - from) / 10.0).ceil().max(1.0) as usize;
    (0..=steps)
        .map(|i| {
            let east = from + (to - from) * i as f64 / steps as f64;
            [east, bank(east) + offset(east)]
        })
        .collect()
}

/// The belt between two lines along the bank.
pub fn belt(from: f64, to: f64, low: impl Fn(f64) -> f64, high: impl Fn(f64) -> f64) -> Vec<Point> {
    let mut outline = line(from, to, low);
    outline.extend(line(from, to, high).into_iter().rev());
    outline
}

/// Middle of the island.
pub const ISLAND: Point = [1150.0, 215.0];

/// The island's outline, widened by `out` metres.
pub fn island(out: f64) -> Vec<Point> {
    let bent = |p: Point| [p[0], p[1] + 16.0 * wave((p[0] - 700.0) / 1100.0) + 0.018 * (p[0] - ISLAND[0])];
    blob(ISLAND, [410.0 + 2.0 * out, 72.0 + out], 0.24, 0x151A).into_iter().map(bent).collect()
}

/// Axis of the canal.
pub fn canal() -> Vec<Point> {
    (0..=71)
        .map(|i| {
            let north = 540.0 + 20.0 * f64::from(i);
            [1200.0 + 9.0 * wave(north / 900.0), north]
        })
        .collect()
}
