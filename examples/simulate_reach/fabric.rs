//! What is built with a permit: the town of Guazhou and the chemical park.

use super::canvas::Piece;
use super::cover::Cover;
use super::noise::Dice;
use super::scene::Ground;
use super::shape::{Shape, blob, rectangle};

const ROOFS: [Cover; 6] =
    [Cover::RedRoof, Cover::GreyRoof, Cover::RedRoof, Cover::GreyRoof, Cover::GreyRoof, Cover::BlueRoof];

/// The town; in 2024 a school is built in its middle, outside every zone.
pub fn town(ground: &mut Ground, year: i32) {
    ground.area(rectangle(748.0, 1190.0, 346.0, 352.0), Cover::Courtyard, 0);
    let mut dice = Dice::new(0x70C9);
    for row in 0..14 {
        for col in 0..16 {
            let (west, south) = (756.0 + 21.3 * f64::from(col), 1198.0 + 24.4 * f64::from(row));
            let (width, depth) = (dice.between(11.0, 18.5), dice.between(8.5, 11.5));
            let cover = ROOFS[dice.below(ROOFS.len())];
            let (height, seed, pick) = (dice.between(4.0, 11.0) as f32, dice.seed(), dice.unit());
            let free = (5..=8).contains(&col) && (6..=8).contains(&row);
            if pick < 0.80 && !free {
                ground.block(rectangle(west, south + 3.0, width, depth), cover, height, seed);
            } else if pick > 0.9 && !free {
                ground.area(blob([west + 9.0, south + 10.0], [9.0, 9.0], 0.3, seed), Cover::Forest, 0);
            }
            if pick < 0.45 {
                ground.disc([west + width + 1.0, south + 18.0], 2.6, Cover::Forest, -3.0, seed);
            }
        }
    }
    for street in [1195.0, 1318.0, 1442.0] {
        ground.band(vec![[748.0, street], [1100.0, street]], 3.6, Cover::Asphalt);
    }
    for street in [751.0, 862.0, 968.0] {
        ground.band(vec![[street, 1190.0], [street, 1552.0]], 3.2, Cover::Asphalt);
    }
    school(ground, year);
}

fn school(ground: &mut Ground, year: i32) {
    if year < 2024 {
        ground.area(rectangle(872.0, 1348.0, 88.0, 70.0), Cover::Grass, 0);
        return;
    }
    ground.area(rectangle(872.0, 1348.0, 88.0, 70.0), Cover::Concrete, 31);
    ground.block(rectangle(880.0, 1398.0, 70.0, 14.0), Cover::WhiteRoof, 14.0, 32);
    ground.block(rectangle(880.0, 1356.0, 30.0, 24.0), Cover::GreyRoof, 10.0, 33);
}

/// The chemical park: a grid of roads, each block a tank farm, halls, process units or lawn.
pub fn park(ground: &mut Ground) {
    ground.area(rectangle(1498.0, 690.0, 962.0, 850.0), Cover::Grass, 0);
    let mut dice = Dice::new(0xC4E3);
    for row in 0..6 {
        for col in 0..6 {
            let (west, south) = (1510.0 + 150.0 * f64::from(col), 702.0 + 138.0 * f64::from(row));
            let kind = if (row, col) == (0, 0) { 0 } else { dice.below(11) };
            let corner = [west + 8.0, south + 8.0];
            match kind {
                0..=2 => tank_farm(ground, corner, &mut dice),
                3..=5 => halls(ground, corner, &mut dice),
                6 | 7 => units(ground, corner, &mut dice),
                8 => lawn(ground, corner, &mut dice),
                _ => vacant(ground, corner, &mut dice),
            }
        }
    }
    for line in 0..7 {
        let (east, north) = (1509.0 + 150.0 * f64::from(line), 701.0 + 138.0 * f64::from(line));
        ground.band(vec![[east, 695.0], [east, 1550.0]], 5.0, Cover::Asphalt);
        if north < 1540.0 {
            ground.band(vec![[1509.0, north], [2460.0, north]], 5.0, Cover::Asphalt);
        }
    }
    street_trees(ground, &mut dice);
}

fn tank_farm(ground: &mut Ground, [west, south]: [f64; 2], dice: &mut Dice) {
    ground.area(rectangle(west, south, 134.0, 122.0), Cover::Concrete, dice.seed());
    let (cols, rows) = (3 + dice.below(2), 3 + dice.below(2));
    let gap = 122.0 / rows as f64;
    ground.band(vec![[west, south + gap], [west + 134.0, south + gap]], 0.9, Cover::Plant);
    ground.area(rectangle(west + 2.0, south + 2.0, dice.between(8.0, 40.0), 7.0), Cover::Grass, 0);
    for row in 0..rows {
        for col in 0..cols {
            let (pitch_x, pitch_y) = (134.0 / cols as f64, 122.0 / rows as f64);
            let centre = [west + (col as f64 + 0.5) * pitch_x, south + (row as f64 + 0.5) * pitch_y];
            let radius = pitch_x.min(pitch_y) * dice.between(0.28, 0.40);
            if dice.unit() < 0.9 {
                let (height, seed) = (dice.between(8.0, 14.0) as f32, dice.seed());
                ground.disc(centre, radius, Cover::GreyRoof, height, seed);
                ground.disc(centre, radius - 0.45, Cover::Tank, height + 0.4, seed);
                ground.disc([centre[0] + 1.0, centre[1] - radius * 0.6], 0.8, Cover::GreyRoof, height + 1.0, seed);
            }
        }
    }
}

fn halls(ground: &mut Ground, [west, south]: [f64; 2], dice: &mut Dice) {
    const HALLS: [Cover; 4] = [Cover::BlueRoof, Cover::WhiteRoof, Cover::GreyRoof, Cover::BlueRoof];
    ground.area(rectangle(west, south, 134.0, 122.0), Cover::Concrete, dice.seed());
    let mut north = south + 5.0;
    while north < south + 84.0 {
        let depth = dice.between(24.0, 38.0);
        let cover = HALLS[dice.below(HALLS.len())];
        ground.block(rectangle(west + 6.0, north, dice.between(84.0, 122.0), depth), cover, 9.0, dice.seed());
        north += depth + dice.between(8.0, 13.0);
    }
}

fn units(ground: &mut Ground, [west, south]: [f64; 2], dice: &mut Dice) {
    ground.area(rectangle(west, south, 134.0, 122.0), Cover::Concrete, dice.seed());
    for _ in 0..6 {
        let (east, north) = (west + dice.between(4.0, 88.0), south + dice.between(4.0, 84.0));
        let size = (dice.between(20.0, 42.0), dice.between(16.0, 34.0));
        ground.block(rectangle(east, north, size.0, size.1), Cover::Plant, 6.0, dice.seed());
    }
    for _ in 0..5 {
        let centre = [west + dice.between(10.0, 124.0), south + dice.between(10.0, 112.0)];
        ground.disc(centre, dice.between(2.5, 5.5), Cover::Tank, dice.between(10.0, 22.0) as f32, dice.seed());
    }
}

/// Land reserved for later: grass, scrub, a strip of soil.
fn vacant(ground: &mut Ground, [west, south]: [f64; 2], dice: &mut Dice) {
    for _ in 0..9 {
        let centre = [west + dice.between(14.0, 118.0), south + dice.between(12.0, 108.0)];
        let cover = [Cover::Shrub, Cover::Dike, Cover::Soil, Cover::Shrub][dice.below(4)];
        ground.area(
            blob(centre, [dice.between(8.0, 30.0), dice.between(6.0, 18.0)], 0.6, dice.seed()),
            cover,
            dice.seed(),
        );
    }
}

/// Trees along the streets, each a crown of its own.
fn street_trees(ground: &mut Ground, dice: &mut Dice) {
    for line in 0..7 {
        for step in 0..84 {
            let (east, north) = (1509.0 + 150.0 * f64::from(line), 701.0 + 138.0 * f64::from(line));
            let along = f64::from(step) * 10.0;
            for side in [-6.6, 6.6] {
                if dice.unit() < 0.62 {
                    ground.disc([east + side, 704.0 + along], dice.between(1.5, 2.6), Cover::Forest, -5.0, 0);
                }
                if dice.unit() < 0.55 && north < 1540.0 {
                    ground.disc([1520.0 + along * 1.05, north + side], dice.between(1.5, 2.6), Cover::Forest, -5.0, 0);
                }
            }
        }
    }
}

fn lawn(ground: &mut Ground, [west, south]: [f64; 2], dice: &mut Dice) {
    ground.area(blob([west + 60.0, south + 50.0], [46.0, 32.0], 0.3, dice.seed()), Cover::FishPond, 5);
    ground.area(blob([west + 100.0, south + 94.0], [28.0, 20.0], 0.3, dice.seed()), Cover::Forest, 0);
    let office = rectangle(west + 8.0, south + 92.0, 54.0, 16.0);
    ground.pieces.push(Piece::tall(Shape::Area(office), Cover::GreyRoof, 16.0, dice.seed()));
}
