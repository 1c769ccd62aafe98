//! How each kind of encroachment looks on the ground. Every piece stays within the outline, so the outline is the truth.

use super::cover::Cover;
use super::scene::Ground;
use super::shape::{Point, rectangle, turned};

/// What was built or dug.
#[derive(Debug, Clone, Copy)]
pub enum Works {
    /// Heaps of sand on bare ground.
    SandYard,
    /// Hall and yard.
    Factory,
    /// Parked cars on concrete.
    Parking,
    /// Bare fill.
    Fill,
    /// One small roof.
    Shed,
    /// Pier with a crane.
    Pier,
    /// Hall and apron.
    Warehouse,
    /// Huts on a deck.
    Huts,
    /// Felled trees.
    Clearing,
    /// Ponds with banks.
    Ponds,
    /// New carriageway.
    Road,
    /// Rows of panels.
    SolarField,
    /// Bare pit with a pool.
    Quarry,
    /// Mixed waste.
    Heap,
    /// Houses with yards.
    Houses,
    /// A crop in place of reed.
    Crop,
    /// Tanks in a bund.
    Tanks,
    /// Excavation pit.
    Pit,
}

/// South-west corner and size of an outline's box.
fn frame(outline: &[Point]) -> (Point, Point) {
    let low = |axis: usize| outline.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
    let high = |axis: usize| outline.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
    ([low(0), low(1)], [high(0) - low(0), high(1) - low(1)])
}

impl Works {
    /// Paints it.
    pub fn build(self, ground: &mut Ground, outline: &[Point]) {
        ground.area(outline.to_vec(), self.floor(), 41);
        let ([west, south], [width, height]) = frame(outline);
        let part =
            |x: f64, y: f64, w: f64, h: f64| rectangle(west + x * width, south + y * height, w * width, h * height);
        let at = |x: f64, y: f64| [west + x * width, south + y * height];
        match self {
            Self::SandYard => {
                for (x, y, radius) in [(0.25, 0.5, 15.0), (0.52, 0.55, 17.0), (0.77, 0.48, 14.0)] {
                    ground.disc(at(x, y), radius, Cover::Sand, 4.0, 51);
                }
            }
            Self::Factory => {
                ground.block(part(0.08, 0.14, 0.72, 0.40), Cover::BlueRoof, 10.0, 52);
                ground.block(part(0.08, 0.64, 0.48, 0.26), Cover::WhiteRoof, 9.0, 53);
            }
            Self::Parking => {
                for slot in 0_u32..12 {
                    let centre = at(0.08 + 0.075 * f64::from(slot), if slot % 3 == 0 { 0.3 } else { 0.68 });
                    ground.block(turned(centre, 4.6, 2.0, [0.0, 1.0]), Cover::Vehicle, 1.6, slot * 97);
                }
            }
            Self::Shed => ground.block(outline.to_vec(), Cover::RedRoof, 4.0, 54),
            Self::Pier => ground.block(part(0.58, 0.02, 0.08, 0.14), Cover::Plant, 9.0, 55),
            Self::Warehouse => ground.block(part(0.05, 0.10, 0.90, 0.70), Cover::WhiteRoof, 8.0, 56),
            Self::Huts => huts(ground, &at),
            Self::Ponds => ponds(ground, &part),
            Self::SolarField => {
                ground.block(part(0.02, 0.03, 0.45, 0.94), Cover::Solar, 0.0, 57);
                ground.block(part(0.53, 0.03, 0.45, 0.94), Cover::Solar, 0.0, 57);
            }
            Self::Quarry => ground.area(part(0.38, 0.36, 0.24, 0.22), Cover::Mud, 58),
            Self::Houses => houses(ground, &part),
            Self::Tanks => {
                for (x, y) in [(0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)] {
                    ground.disc(at(x, y), 8.6, Cover::Tank, 8.0, 59);
                }
            }
            Self::Pit => ground.block(part(0.07, 0.09, 0.86, 0.82), Cover::Soil, -2.5, 60),
            Self::Fill | Self::Clearing | Self::Road | Self::Heap | Self::Crop => {}
        }
    }

    fn floor(self) -> Cover {
        match self {
            Self::SandYard | Self::Fill | Self::Quarry | Self::Pit | Self::Ponds | Self::SolarField => Cover::Soil,
            Self::Factory | Self::Parking | Self::Shed | Self::Pier | Self::Warehouse | Self::Road | Self::Tanks => {
                Cover::Concrete
            }
            Self::Huts => Cover::Deck,
            Self::Clearing => Cover::Shrub,
            Self::Heap => Cover::Waste,
            Self::Houses => Cover::Courtyard,
            Self::Crop => Cover::Soybean,
        }
    }
}

fn huts(ground: &mut Ground, at: &dyn Fn(f64, f64) -> Point) {
    for (number, (x, y)) in
        [(0.17, 0.28), (0.40, 0.30), (0.63, 0.33), (0.85, 0.37), (0.15, 0.65), (0.38, 0.68), (0.61, 0.71), (0.83, 0.74)]
            .into_iter()
            .enumerate()
    {
        ground.block(turned(at(x, y), 7.5, 6.5, [1.0, 0.08]), Cover::RedRoof, 4.5, 70 + number as u32);
    }
}

fn ponds(ground: &mut Ground, part: &dyn Fn(f64, f64, f64, f64) -> Vec<Point>) {
    for (number, (x, y)) in
        [(0.04, 0.05), (0.36, 0.05), (0.68, 0.05), (0.04, 0.53), (0.36, 0.53), (0.68, 0.53)].into_iter().enumerate()
    {
        ground.area(part(x, y, 0.28, 0.42), Cover::FishPond, 80 + number as u32);
    }
}

fn houses(ground: &mut Ground, part: &dyn Fn(f64, f64, f64, f64) -> Vec<Point>) {
    for (number, (x, y)) in
        [(0.06, 0.05), (0.54, 0.06), (0.07, 0.38), (0.55, 0.39), (0.08, 0.72), (0.54, 0.72)].into_iter().enumerate()
    {
        let cover = if number % 2 == 0 { Cover::RedRoof } else { Cover::GreyRoof };
        ground.block(part(x, y, 0.38, 0.21), cover, 7.5, 90 + number as u32);
    }
}
