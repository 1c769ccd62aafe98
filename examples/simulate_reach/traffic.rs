//! What never stands still: ships and cars.

use super::banks;
use super::cover::Cover;
use super::noise::Dice;
use super::scene::Ground;
use super::shape::{Point, turned};

/// Ships and cars of one date.
pub fn lay(ground: &mut Ground, seed: u64) {
    let mut dice = Dice::new(seed);
    for _ in 0..7 {
        let centre = [dice.between(60.0, 2340.0), dice.between(22.0, 96.0)];
        let along = [1.0, dice.between(-0.06, 0.06)];
        let length = dice.between(48.0, 92.0);
        ship(ground, centre, along, length, dice.seed());
    }
    for number in 0..4 {
        if dice.unit() < 0.65 {
            let east = 1585.0 + 215.0 * f64::from(number) + dice.between(-18.0, 18.0);
            ship(ground, [east, banks::bank(east) - 40.0], [1.0, 0.01], dice.between(60.0, 88.0), dice.seed());
        }
    }
    // One barge at anchor in the side channel.
    let east = dice.between(120.0, 1000.0);
    ship(ground, [east, 360.0 + dice.between(-15.0, 15.0)], [1.0, 0.1], 42.0, dice.seed());
    for _ in 0..70 {
        let east = dice.between(0.0, 2400.0);
        let lane = [-8.0, -5.0, 4.5, 8.0][dice.below(4)];
        let length = if dice.unit() < 0.25 { 12.0 } else { 4.6 };
        let north = if east < 800.0 { 1564.6 + east * 0.0093 } else { 1572.0 - (east - 800.0) * 0.0036 };
        ground.block(turned([east, north + lane], length, 2.3, [1.0, 0.0]), Cover::Vehicle, 1.8, dice.seed());
    }
    for _ in 0..26 {
        let road = 1509.0 + 150.0 * dice.below(7) as f64;
        let centre = [road + [-2.4, 2.4][dice.below(2)], dice.between(700.0, 1540.0)];
        ground.block(turned(centre, dice.between(4.5, 13.0), 2.4, [0.0, 1.0]), Cover::Vehicle, 2.2, dice.seed());
    }
}

fn ship(ground: &mut Ground, centre: Point, along: Point, length: f64, seed: u32) {
    let width = length * 0.165;
    let at = |share: f64| [centre[0] + along[0] * length * share, centre[1] + along[1] * length * share];
    ground.block(turned(centre, length * 0.9, width, along), Cover::Ship, 2.5, seed);
    ground.block(turned(at(0.46), length * 0.09, width * 0.6, along), Cover::Ship, 2.5, seed);
    let hold = if seed.is_multiple_of(3) { Cover::Sand } else { Cover::Ship };
    ground.block(turned(at(0.06), length * 0.62, width * 0.72, along), hold, 2.0, seed ^ 0x55);
    ground.block(turned(at(-0.37), length * 0.10, width * 0.8, along), Cover::WhiteRoof, 8.0, seed);
}
