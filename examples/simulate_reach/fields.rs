//! Farmland and fish ponds: parcels whose crops rotate, ponds of which one is drained in 2023.

use super::canvas::Piece;
use super::cover::Cover;
use super::noise::{Dice, mix};
use super::scene::Ground;
use super::shape::{Shape, rectangle};

/// Farmland: west, south, width, height.
const BLOCKS: [[f64; 4]; 6] = [
    [-40.0, 1590.0, 1135.0, 350.0],
    [-40.0, 1128.0, 1135.0, 46.0],
    [1262.0, 1592.0, 236.0, 350.0],
    [1510.0, 1592.0, 930.0, 350.0],
    [-40.0, 668.0, 262.0, 458.0],
    [1062.0, 690.0, 40.0, 470.0],
];

/// The farmland of one year.
pub fn lay(ground: &mut Ground, year: i32) {
    for (number, [west, south, width, height]) in BLOCKS.into_iter().enumerate() {
        ground.area(rectangle(west, south, width, height), Cover::Dike, 0);
        let mut dice = Dice::new(0xF1E1D + number as u64);
        split([west, south, width, height], &mut dice, &mut |parcel, seed| sow(ground, parcel, seed, year));
    }
}

fn split(parcel: [f64; 4], dice: &mut Dice, each: &mut dyn FnMut([f64; 4], u32)) {
    let [west, south, width, height] = parcel;
    let share = dice.between(0.4, 0.6);
    if width > 62.0 && (width >= height * 0.7 || height < 75.0) {
        split([west, south, width * share, height], dice, each);
        split([west + width * share, south, width * (1.0 - share), height], dice, each);
    } else if height > 105.0 {
        split([west, south, width, height * share], dice, each);
        split([west, south + height * share, width, height * (1.0 - share)], dice, each);
    } else {
        let seed = dice.seed();
        each(parcel, seed);
    }
}

fn sow(ground: &mut Ground, [west, south, width, height]: [f64; 4], seed: u32, year: i32) {
    let lean = if seed.is_multiple_of(2) { 1.5 } else { -1.2 };
    let outline = vec![
        [west + 1.3, south + 1.2],
        [west + width - 1.3 + lean * 0.5, south + 1.2],
        [west + width - 1.3, south + height - 1.2],
        [west + 1.3 - lean * 0.4, south + height - 1.2],
    ];
    let across = if width > height { [0.0, 1.0] } else { [1.0, 0.0] };
    let tone = mix(u64::from(seed) + year as u64 * 31) as u32;
    ground.pieces.push(Piece::flat(Shape::Area(outline), crop(seed, year), tone).across(across));
}

/// The crop of a parcel: two thirds always carry rice, the others rotate; one in sixty lies fallow for a year.
pub fn crop(seed: u32, year: i32) -> Cover {
    const ROTATION: [Cover; 5] = [Cover::Soybean, Cover::Rice, Cover::Maize, Cover::Rice, Cover::Soybean];
    let roll = mix(u64::from(seed) * 977) % 100;
    let this_year = mix(u64::from(seed) * 131 + year as u64) % 60;
    if this_year == 0 && roll < 90 {
        Cover::Fallow
    } else if roll < 64 {
        Cover::Rice
    } else if roll < 88 {
        ROTATION[((u64::from(seed) / 3 + year as u64) % 5) as usize]
    } else {
        Cover::Vegetables
    }
}

/// The fish ponds; the third of the second row is drained in 2023.
pub fn ponds(ground: &mut Ground, year: i32) {
    ground.area(rectangle(40.0, 1180.0, 688.0, 366.0), Cover::Dike, 0);
    let mut dice = Dice::new(0x90D5);
    for row in 0..5 {
        for col in 0..9 {
            let (west, south) = (48.0 + 75.5 * f64::from(col), 1188.0 + 71.5 * f64::from(row));
            let (trim_w, trim_h) = (dice.between(0.0, 5.0), dice.between(0.0, 5.0));
            let seed = dice.seed();
            let lotus = dice.unit() < 0.10;
            let outline = rectangle(west + 4.0, south + 4.0, 67.0 - trim_w, 62.0 - trim_h);
            let drained = year == 2023 && (row, col) == (1, 2);
            let cover = if drained {
                Cover::Mud
            } else if lotus {
                Cover::Lotus
            } else {
                Cover::FishPond
            };
            ground.area(outline, cover, seed);
            if dice.unit() < 0.5 {
                ground.block(rectangle(west + 2.0, south + 67.0, 9.0, 5.0), Cover::GreyRoof, 3.0, seed);
            }
        }
    }
    ground.band(vec![[384.0, 1180.0], [384.0, 1550.0]], 2.6, Cover::Concrete);
}
