//! What the ground is made of: reflectance in blue, green, red and near infrared, how it varies, how high it stands.
//!
//! # Source
//! Round figures in the range of published spectral libraries (USGS splib07, doi:10.3133/ds1035) and of summer scenes of the lower
//! Yangtze; they are plausible, not measured.

/// A kind of ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cover {
    /// Turbid water of the Yangtze.
    River,
    /// A canal.
    Canal,
    /// A fish pond.
    FishPond,
    /// Clear open water of the wetland.
    Lake,
    /// Wet foreshore, drained pond floor.
    Mud,
    /// Reed.
    Reed,
    /// Lotus.
    Lotus,
    /// Mown or grazed grass.
    Grass,
    /// Poplar and camphor stands.
    Forest,
    /// Low woody growth.
    Shrub,
    /// Rice.
    Rice,
    /// Soybean.
    Soybean,
    /// Maize.
    Maize,
    /// Vegetables with soil between.
    Vegetables,
    /// A field without a crop.
    Fallow,
    /// Field and pond banks.
    Dike,
    /// Bare or dug soil.
    Soil,
    /// Heaps of sand.
    Sand,
    /// Mixed solid waste.
    Waste,
    /// Concrete.
    Concrete,
    /// Asphalt.
    Asphalt,
    /// Courtyards between houses.
    Courtyard,
    /// Blue steel roof.
    BlueRoof,
    /// Red tile roof.
    RedRoof,
    /// Grey cement roof.
    GreyRoof,
    /// White membrane roof.
    WhiteRoof,
    /// Storage tank.
    Tank,
    /// Process unit: pipes, racks, towers.
    Plant,
    /// Solar panels on racks.
    Solar,
    /// Timber deck.
    Deck,
    /// Ship.
    Ship,
    /// Car or lorry.
    Vehicle,
}

/// A fine pattern within a cover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// None.
    Plain,
    /// Rows of a crop or panels: spacing in metres, strength.
    Rows(f32, f32),
    /// Crowns: distance of trees in metres.
    Crowns(f32),
    /// A pitched roof: one side lit.
    Pitched,
    /// Boxes of pipes and machines: size in metres.
    Machines(f32),
}

/// How a cover looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Reflectance of blue, green, red, near infrared.
    pub reflectance: [f32; 4],
    /// How much it greens between July and August, 0..1.
    pub season: f32,
    /// Spread between pieces.
    pub tone: f32,
    /// Strength of variation over tens of metres.
    pub coarse: f32,
    /// Strength of variation over a few metres.
    pub fine: f32,
    /// Fine pattern.
    pub pattern: Pattern,
    /// Own height in metres (crops, trees), beside the height of the piece.
    pub height_m: f32,
    /// Whether its variation differs from year to year.
    pub restless: bool,
}

impl Cover {
    /// Whether plants make its brightness.
    pub fn is_green(self) -> bool {
        (Self::Reed..=Self::Dike).contains(&self) && self != Self::Fallow
    }

    /// Whether it is open water.
    pub fn is_water(self) -> bool {
        self <= Self::Lake
    }

    /// How it looks.
    pub fn look(self) -> Look {
        let (reflectance, season, tone, coarse, fine, pattern, height_m) = self.figures();
        let restless = self <= Self::Mud || (Self::Rice..=Self::Fallow).contains(&self);
        Look { reflectance, season, tone, coarse, fine, pattern, height_m, restless }
    }

    #[rustfmt::skip]
    fn figures(self) -> ([f32; 4], f32, f32, f32, f32, Pattern, f32) {
        use Pattern::{Crowns, Machines, Pitched, Plain, Rows};
        match self {
            Self::River =>      ([0.072, 0.094, 0.087, 0.042], 0.0, 0.00, 0.035, 0.012, Plain, 0.0),
            Self::Canal =>      ([0.050, 0.072, 0.056, 0.030], 0.0, 0.00, 0.050, 0.015, Plain, 0.0),
            Self::FishPond =>   ([0.044, 0.068, 0.046, 0.026], 0.0, 0.16, 0.050, 0.015, Plain, 0.0),
            Self::Lake =>       ([0.032, 0.048, 0.031, 0.020], 0.0, 0.10, 0.060, 0.015, Plain, 0.0),
            Self::Mud =>        ([0.086, 0.108, 0.119, 0.135], 0.0, 0.04, 0.090, 0.050, Plain, 0.0),
            Self::Reed =>       ([0.033, 0.062, 0.043, 0.330], 0.4, 0.05, 0.260, 0.090, Plain, 2.0),
            Self::Lotus =>      ([0.031, 0.076, 0.041, 0.400], 0.5, 0.05, 0.100, 0.070, Plain, 0.6),
            Self::Grass =>      ([0.046, 0.080, 0.062, 0.310], 0.3, 0.07, 0.120, 0.060, Plain, 0.1),
            Self::Forest =>     ([0.023, 0.044, 0.028, 0.340], 0.15, 0.05, 0.110, 0.050, Crowns(7.0), 11.0),
            Self::Shrub =>      ([0.031, 0.056, 0.040, 0.300], 0.2, 0.05, 0.120, 0.100, Crowns(3.4), 2.0),
            Self::Rice =>       ([0.034, 0.066, 0.044, 0.360], 0.9, 0.07, 0.060, 0.020, Rows(4.2, 0.03), 0.5),
            Self::Soybean =>    ([0.033, 0.070, 0.042, 0.420], 0.7, 0.06, 0.070, 0.025, Rows(5.0, 0.05), 0.5),
            Self::Maize =>      ([0.036, 0.070, 0.050, 0.370], 0.4, 0.06, 0.070, 0.030, Rows(4.6, 0.05), 1.8),
            Self::Vegetables => ([0.051, 0.084, 0.072, 0.310], 0.2, 0.08, 0.080, 0.050, Rows(6.0, 0.14), 0.3),
            Self::Fallow =>     ([0.078, 0.108, 0.128, 0.235], 0.1, 0.09, 0.120, 0.060, Rows(6.0, 0.04), 0.0),
            Self::Dike =>       ([0.058, 0.088, 0.082, 0.260], 0.2, 0.06, 0.120, 0.080, Plain, 0.2),
            Self::Soil =>       ([0.102, 0.137, 0.178, 0.245], 0.0, 0.06, 0.110, 0.050, Plain, 0.0),
            Self::Sand =>       ([0.165, 0.205, 0.240, 0.285], 0.0, 0.04, 0.120, 0.040, Plain, 0.0),
            Self::Waste =>      ([0.125, 0.128, 0.130, 0.160], 0.0, 0.06, 0.180, 0.220, Machines(2.4), 0.6),
            Self::Concrete =>   ([0.138, 0.160, 0.173, 0.212], 0.0, 0.12, 0.100, 0.030, Plain, 0.0),
            Self::Asphalt =>    ([0.072, 0.080, 0.087, 0.112], 0.0, 0.05, 0.050, 0.030, Plain, 0.0),
            Self::Courtyard =>  ([0.105, 0.122, 0.130, 0.200], 0.1, 0.05, 0.160, 0.120, Plain, 0.0),
            Self::BlueRoof =>   ([0.225, 0.200, 0.138, 0.205], 0.0, 0.18, 0.040, 0.015, Pitched, 0.0),
            Self::RedRoof =>    ([0.085, 0.097, 0.182, 0.245], 0.0, 0.12, 0.060, 0.040, Pitched, 0.0),
            Self::GreyRoof =>   ([0.130, 0.141, 0.147, 0.175], 0.0, 0.15, 0.060, 0.035, Pitched, 0.0),
            Self::WhiteRoof =>  ([0.300, 0.320, 0.328, 0.350], 0.0, 0.10, 0.030, 0.015, Pitched, 0.0),
            Self::Tank =>       ([0.255, 0.272, 0.278, 0.300], 0.0, 0.14, 0.010, 0.010, Plain, 0.0),
            Self::Plant =>      ([0.118, 0.126, 0.131, 0.155], 0.0, 0.08, 0.100, 0.100, Machines(6.0), 5.0),
            Self::Solar =>      ([0.075, 0.070, 0.064, 0.090], 0.1, 0.02, 0.030, 0.020, Rows(7.0, 0.35), 2.0),
            Self::Deck =>       ([0.105, 0.118, 0.132, 0.190], 0.0, 0.05, 0.050, 0.050, Plain, 0.0),
            Self::Ship =>       ([0.130, 0.118, 0.128, 0.135], 0.0, 0.30, 0.050, 0.080, Machines(9.0), 0.0),
            Self::Vehicle =>    ([0.200, 0.200, 0.205, 0.210], 0.0, 0.60, 0.000, 0.000, Plain, 0.0),
        }
    }
}
