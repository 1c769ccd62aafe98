//! The reach of one date as a list of pieces, painted from the ground up.

use super::banks;
use super::canvas::Piece;
use super::cover::Cover;
use super::encroachments;
use super::fabric;
use super::fields;
use super::noise::{Dice, fractal};
use super::shape::{Point, Shape, blob, rectangle};
use super::traffic;

/// What makes one date differ from another, beside season and light.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Year of the encroachments and crops.
    pub year: i32,
    /// Water level below the crest of the foreshore, metres.
    pub low_water_m: f64,
    /// Seed of ships and cars.
    pub traffic: u64,
}

/// Pieces under construction.
#[derive(Default)]
pub struct Ground {
    /// In painting order.
    pub pieces: Vec<Piece>,
}

impl Ground {
    /// Adds a flat polygon.
    pub fn area(&mut self, outline: Vec<Point>, cover: Cover, seed: u32) {
        self.pieces.push(Piece::flat(Shape::Area(outline), cover, seed));
    }

    /// Adds a ribbon.
    pub fn band(&mut self, path: Vec<Point>, half: f64, cover: Cover) {
        self.pieces.push(Piece::flat(Shape::Band(path, half), cover, 1));
    }

    /// Adds a disc of some height.
    pub fn disc(&mut self, centre: Point, radius: f64, cover: Cover, height_m: f32, seed: u32) {
        self.pieces.push(Piece::tall(Shape::Disc(centre, radius), cover, height_m, seed));
    }

    /// Adds a block with a height.
    pub fn block(&mut self, outline: Vec<Point>, cover: Cover, height_m: f32, seed: u32) {
        let across = outline_across(&outline);
        self.pieces.push(Piece::tall(Shape::Area(outline), cover, height_m, seed).across(across));
    }
}

fn outline_across(outline: &[Point]) -> [f32; 2] {
    // A ridge runs along the longer side.
    let side = |i: usize| [outline[i + 1][0] - outline[i][0], outline[i + 1][1] - outline[i][1]];
    let (a, b) = (side(0), side(1));
    let length = |s: [f64; 2]| (s[0] * s[0] + s[1] * s[1]).sqrt();
    let short = if length(a) < length(b) { a } else { b };
    [(short[0] / length(short)) as f32, (short[1] / length(short)) as f32]
}

/// The reach at a moment.
pub fn reach(moment: Moment) -> Vec<Piece> {
    let mut ground = Ground::default();
    ground.area(rectangle(-60.0, -60.0, 2520.0, 2020.0), Cover::Grass, 0);
    fields::lay(&mut ground, moment.year);
    river(&mut ground, moment.low_water_m);
    foreshore(&mut ground);
    island(&mut ground, moment.low_water_m);
    wetland_park(&mut ground);
    fields::ponds(&mut ground, moment.year);
    forest(&mut ground);
    fabric::town(&mut ground, moment.year);
    fabric::park(&mut ground);
    levee(&mut ground);
    canal(&mut ground);
    highway(&mut ground);
    traffic::lay(&mut ground, moment.traffic);
    encroachments::build(&mut ground, moment.year);
    ground.pieces
}

fn river(ground: &mut Ground, low_water_m: f64) {
    let mut crest = banks::line(-60.0, 2460.0, |_| 0.0);
    crest.extend([[2460.0, -60.0], [-60.0, -60.0]]);
    ground.area(crest, Cover::Mud, 0);
    let mut water = banks::line(-60.0, 2460.0, |east| -low_water_m * banks::retreat(east));
    water.extend([[2460.0, -60.0], [-60.0, -60.0]]);
    ground.area(water, Cover::River, 0);
}

fn foreshore(ground: &mut Ground) {
    let fading = |east: f64| ((1395.0 - east) / 170.0).clamp(0.0, 1.0);
    ground.area(banks::belt(-60.0, 1395.0, |_| 0.0, |east| 112.0 * fading(east)), Cover::Reed, 0);
    let uneven = |east: f64| 70.0 + 22.0 * f64::from(fractal(east as f32, 3.0, 70.0, 0x5B8B));
    ground.area(banks::belt(-60.0, 1250.0, uneven, |_| 112.0), Cover::Shrub, 0);
    ground.area(banks::belt(1395.0, 2460.0, |_| 0.0, |_| 8.0), Cover::Concrete, 3);
    ground.area(banks::belt(1395.0, 2460.0, |_| 8.0, |_| 105.0), Cover::Grass, 0);
    let mut dice = Dice::new(0xF02E);
    for _ in 0..16 {
        let east = dice.between(30.0, 1280.0);
        let centre = [east, banks::bank(east) + dice.between(35.0, 92.0)];
        let radii = [dice.between(18.0, 60.0), dice.between(9.0, 20.0)];
        ground.area(blob(centre, radii, 0.35, dice.seed()), Cover::Forest, 0);
    }
    for number in 0..4 {
        let west = 1520.0 + 215.0 * f64::from(number);
        wharf(ground, west);
    }
}

fn wharf(ground: &mut Ground, west: f64) {
    let edge = banks::bank(west + 60.0);
    ground.block(rectangle(west, edge - 30.0, 130.0, 14.0), Cover::Concrete, 3.0, 11);
    ground.block(rectangle(west + 18.0, edge - 18.0, 7.0, 40.0), Cover::Concrete, 3.0, 11);
    ground.block(rectangle(west + 104.0, edge - 18.0, 7.0, 40.0), Cover::Concrete, 3.0, 11);
    ground.block(rectangle(west + 8.0, edge + 12.0, 112.0, 62.0), Cover::Concrete, 0.0, 12);
    for crane in [30.0, 66.0, 92.0] {
        ground.block(rectangle(west + crane, edge - 29.0, 6.0, 11.0), Cover::Plant, 14.0, 77);
    }
}

fn island(ground: &mut Ground, low_water_m: f64) {
    // The island's shore is steeper than the foreshore.
    ground.area(banks::island(1.0 + 2.6 * low_water_m), Cover::Mud, 0);
    ground.area(banks::island(-6.0), Cover::Reed, 0);
    let mut dice = Dice::new(0x1516);
    for _ in 0..18 {
        let east = banks::ISLAND[0] + dice.between(-300.0, 300.0);
        let centre = [east, banks::ISLAND[1] + dice.between(-22.0, 22.0)];
        let radii = [dice.between(20.0, 55.0), dice.between(8.0, 17.0)];
        let cover = if dice.unit() < 0.6 { Cover::Forest } else { Cover::Shrub };
        ground.area(blob(centre, radii, 0.35, dice.seed()), cover, 0);
    }
}

/// Lakes of the wetland park: centre and radii.
const LAKES: [(Point, Point); 7] = [
    ([365.0, 810.0], [82.0, 46.0]),
    ([520.0, 905.0], [96.0, 52.0]),
    ([705.0, 925.0], [92.0, 48.0]),
    ([905.0, 850.0], [88.0, 60.0]),
    ([610.0, 1045.0], [120.0, 34.0]),
    ([835.0, 1065.0], [76.0, 30.0]),
    ([470.0, 755.0], [54.0, 26.0]),
];

fn wetland_park(ground: &mut Ground) {
    ground.area(blob([650.0, 915.0], [455.0, 232.0], 0.10, 0x3E7), Cover::Reed, 0);
    ground.area(blob([655.0, 770.0], [400.0, 72.0], 0.18, 0x3E8), Cover::Reed, 0);
    for number in 0..44 {
        let mut dice = Dice::new(0x3E80 + number);
        let centre = [dice.between(250.0, 1040.0), dice.between(715.0, 1110.0)];
        let cover = [Cover::Grass, Cover::Shrub, Cover::Reed, Cover::Lotus][dice.below(4)];
        ground.area(
            blob(centre, [dice.between(8.0, 30.0), dice.between(6.0, 17.0)], 0.6, dice.seed()),
            cover,
            dice.seed(),
        );
    }
    let mut dice = Dice::new(0x3E71);
    for _ in 0..26 {
        let centre = [dice.between(270.0, 1030.0), dice.between(720.0, 1105.0)];
        let radii = [dice.between(14.0, 44.0), dice.between(10.0, 30.0)];
        let pick = dice.unit();
        let cover = if pick < 0.5 {
            Cover::Forest
        } else if pick < 0.75 {
            Cover::Grass
        } else {
            Cover::Shrub
        };
        ground.area(blob(centre, radii, 0.35, dice.seed()), cover, 0);
    }
    for (number, (centre, radii)) in LAKES.into_iter().enumerate() {
        let seed = 0x1A0 + number as u32;
        ground.area(blob(centre, [radii[0] + 5.0, radii[1] + 5.0], 0.5, seed), Cover::Grass, 0);
        ground.area(blob(centre, radii, 0.5, seed), Cover::Lake, seed);
        let bay = [centre[0] - 0.45 * radii[0], centre[1] + 0.3 * radii[1]];
        ground.area(blob(bay, [radii[0] * 0.38, radii[1] * 0.42], 0.6, seed ^ 9), Cover::Lotus, 0);
    }
    let walk = vec![
        [300.0, 880.0],
        [390.0, 905.0],
        [450.0, 860.0],
        [560.0, 820.0],
        [680.0, 845.0],
        [770.0, 870.0],
        [800.0, 970.0],
        [900.0, 960.0],
        [985.0, 1000.0],
    ];
    ground.band(walk, 1.6, Cover::Deck);
    ground.band(vec![[985.0, 1000.0], [1040.0, 1010.0], [1060.0, 1090.0], [1060.0, 1150.0]], 2.6, Cover::Concrete);
    ground.block(rectangle(985.0, 1030.0, 46.0, 18.0), Cover::GreyRoof, 6.0, 21);
    ground.area(rectangle(975.0, 1054.0, 62.0, 34.0), Cover::Concrete, 22);
}

fn forest(ground: &mut Ground) {
    ground.area(rectangle(1308.0, 690.0, 186.0, 860.0), Cover::Forest, 0);
    let mut dice = Dice::new(0xF0E5);
    for _ in 0..12 {
        let centre = [dice.between(1325.0, 1480.0), dice.between(700.0, 1540.0)];
        ground.area(
            blob(centre, [dice.between(6.0, 15.0), dice.between(6.0, 18.0)], 0.4, dice.seed()),
            Cover::Shrub,
            0,
        );
    }
    ground.band(vec![[1302.0, 690.0], [1302.0, 1550.0]], 2.0, Cover::Concrete);
}

fn levee(ground: &mut Ground) {
    let axis = || banks::line(-60.0, 2460.0, |_| 128.0);
    ground.area(banks::belt(-60.0, 1170.0, |_| 143.0, |_| 166.0), Cover::Forest, 0);
    ground.area(banks::belt(1240.0, 2460.0, |_| 143.0, |_| 160.0), Cover::Forest, 0);
    ground.band(axis(), 15.0, Cover::Grass);
    ground.pieces.push(Piece::tall(Shape::Band(axis(), 7.5), Cover::Grass, 3.0, 2));
    ground.pieces.push(Piece::tall(Shape::Band(axis(), 3.4), Cover::Concrete, 3.0, 5));
}

fn canal(ground: &mut Ground) {
    ground.band(banks::canal(), 46.0, Cover::Forest);
    ground.band(banks::canal(), 33.0, Cover::Grass);
    ground.band(banks::canal(), 27.0, Cover::Concrete);
    ground.band(banks::canal(), 25.0, Cover::Canal);
    let mouth = banks::bank(1200.0);
    ground.area(
        vec![[1140.0, mouth - 30.0], [1262.0, mouth - 30.0], [1228.0, mouth + 40.0], [1176.0, mouth + 40.0]],
        Cover::River,
        0,
    );
    // Lock and bridge of the levee road.
    ground.block(rectangle(1150.0, mouth + 122.0, 100.0, 9.0), Cover::Concrete, 6.0, 9);
    for gate in [1170.0, 1198.0, 1222.0] {
        ground.block(rectangle(gate, mouth + 112.0, 9.0, 26.0), Cover::RedRoof, 12.0, 4);
    }
}

fn highway(ground: &mut Ground) {
    let axis = |offset: f64| vec![[-60.0, 1564.0 + offset], [800.0, 1572.0 + offset], [2460.0, 1566.0 + offset]];
    ground.band(axis(0.0), 21.0, Cover::Forest);
    ground.band(axis(0.0), 15.0, Cover::Grass);
    ground.band(axis(0.0), 11.5, Cover::Asphalt);
    ground.band(axis(0.0), 1.2, Cover::Shrub);
    ground.band(vec![[1108.0, 660.0], [1106.0, 1150.0], [1104.0, 1900.0]], 6.5, Cover::Grass);
    ground.band(vec![[1108.0, 660.0], [1106.0, 1150.0], [1104.0, 1900.0]], 4.0, Cover::Asphalt);
}
