//! Which bands make a picture, and the colours along a band or an index.

use crate::model::scene::{BandRole, Scene, SceneKind};

/// An index of two or more bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Index {
    /// Vegetation: (near infrared − red) / (near infrared + red). Rouse 1974.
    Ndvi,
    /// Water: (green − near infrared) / (green + near infrared). `McFeeters` 1996, doi:10.1080/01431169608948714.
    Ndwi,
    /// Water beside buildings: (green − short-wave) / (green + short-wave). Xu 2006, doi:10.1080/01431160600589179.
    Mndwi,
    /// Built-up land: (short-wave − near infrared) / (short-wave + near infrared). Zha 2003, doi:10.1080/01431160304987.
    Ndbi,
    /// Bare soil: ((short-wave + red) − (near infrared + blue)) / (their sum). Rikimaru 2002, Tropical Ecology 43(1).
    Bsi,
    /// Burnt or cleared: (near infrared − long short-wave) / (near infrared + long short-wave). Key & Benson 2006,
    /// USDA Forest Service RMRS-GTR-164.
    Nbr,
}

impl Index {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Ndvi, Self::Ndwi, Self::Mndwi, Self::Ndbi, Self::Bsi, Self::Nbr];

    /// The bands it needs.
    #[must_use]
    pub fn roles(self) -> &'static [BandRole] {
        match self {
            Self::Ndvi => &[BandRole::Nir, BandRole::Red],
            Self::Ndwi => &[BandRole::Green, BandRole::Nir],
            Self::Mndwi => &[BandRole::Green, BandRole::Swir1],
            Self::Ndbi => &[BandRole::Swir1, BandRole::Nir],
            Self::Bsi => &[BandRole::Swir1, BandRole::Red, BandRole::Nir, BandRole::Blue],
            Self::Nbr => &[BandRole::Nir, BandRole::Swir2],
        }
    }

    /// Its value, −1 to 1, from values in the order of [`Index::roles`]; 0 where nothing shines.
    #[must_use]
    pub fn of(self, values: impl Fn(usize) -> f32) -> f32 {
        let (up, down) = match self {
            Self::Bsi => (values(0) + values(1), values(2) + values(3)),
            _ => (values(0), values(1)),
        };
        if up + down == 0.0 { 0.0 } else { ((up - down) / (up + down)).clamp(-1.0, 1.0) }
    }

    /// The values between which its colours run: below and above them nature has little to show.
    #[must_use]
    pub fn range(self) -> (f32, f32) {
        match self {
            Self::Ndvi => (-0.3, 0.8),
            Self::Ndwi | Self::Mndwi => (-0.6, 0.6),
            Self::Ndbi | Self::Bsi => (-0.5, 0.4),
            Self::Nbr => (-0.4, 0.8),
        }
    }

    /// Its short name, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndvi => "NDVI",
            Self::Ndwi => "NDWI",
            Self::Mndwi => "MNDWI",
            Self::Ndbi => "NDBI",
            Self::Bsi => "BSI",
            Self::Nbr => "NBR",
        }
    }
}

/// How bands become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Composite {
    /// Red, green, blue.
    TrueColour,
    /// Near infrared, red, green: vegetation is red.
    Infrared,
    /// Any three bands.
    Three([BandRole; 3]),
    /// An index of bands.
    Index(Index),
    /// One band along a ramp of colours.
    Band(BandRole),
}

impl Composite {
    /// The bands it needs.
    #[must_use]
    pub fn roles(self) -> Vec<BandRole> {
        match self {
            Self::TrueColour => vec![BandRole::Red, BandRole::Green, BandRole::Blue],
            Self::Infrared => vec![BandRole::Nir, BandRole::Red, BandRole::Green],
            Self::Three(roles) => roles.to_vec(),
            Self::Index(index) => index.roles().to_vec(),
            Self::Band(role) => vec![role],
        }
    }

    /// Whether a scene has its bands.
    #[must_use]
    pub fn fits(self, scene: &Scene) -> bool {
        self.roles().iter().all(|role| scene.roles.contains(role))
    }

    /// The picture nearest to this one that a scene can give.
    #[must_use]
    pub fn for_scene(self, scene: &Scene) -> Option<Self> {
        let first = scene.roles.first().map(|role| Self::Band(*role));
        [Some(self), Some(Self::TrueColour), Some(Self::Infrared), first].into_iter().flatten().find(|c| c.fits(scene))
    }

    /// Whether it mixes three bands.
    #[must_use]
    pub fn is_colour(self) -> bool {
        matches!(self, Self::TrueColour | Self::Infrared | Self::Three(_))
    }
}

/// Colours along a band or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ramp {
    /// Black to white.
    Grey,
    /// Violet over green to yellow, equal steps to the eye. Smith & van der Walt 2015, matplotlib, CC0.
    Viridis,
    /// Black over red to pale yellow. Smith & van der Walt 2015, matplotlib, CC0.
    Inferno,
    /// Deep green over sand and brown to white, for heights.
    Terrain,
    /// Brown over pale to green.
    Vegetation,
    /// Brown over pale to blue.
    Water,
    /// Blue over pale to red.
    Contrast,
}

impl Ramp {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Grey, Self::Viridis, Self::Inferno, Self::Terrain, Self::Vegetation, Self::Water, Self::Contrast];

    /// Its word below `gui.picture.ramp` in the language files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Viridis => "viridis",
            Self::Inferno => "inferno",
            Self::Terrain => "terrain",
            Self::Vegetation => "vegetation",
            Self::Water => "water",
            Self::Contrast => "contrast",
        }
    }

    /// The ramp that suits a picture where the user did not choose one.
    #[must_use]
    pub fn natural(composite: Composite, kind: SceneKind) -> Self {
        match composite {
            Composite::Index(Index::Ndvi | Index::Nbr) => Self::Vegetation,
            Composite::Index(Index::Ndwi | Index::Mndwi) => Self::Water,
            Composite::Index(Index::Ndbi | Index::Bsi) => Self::Contrast,
            Composite::Band(_) if kind == SceneKind::Surface => Self::Terrain,
            _ => Self::Grey,
        }
    }

    /// The colour at a share of its length, 0–1.
    #[must_use]
    pub fn at(self, share: f32) -> [u8; 3] {
        let stops = self.stops();
        let place = share.clamp(0.0, 1.0) * (stops.len() - 1) as f32;
        let from = (place as usize).min(stops.len() - 2);
        let part = place - from as f32;
        [0, 1, 2].map(|c| {
            let (a, b) = (f32::from(stops[from][c]), f32::from(stops[from + 1][c]));
            (a + (b - a) * part).round() as u8
        })
    }

    fn stops(self) -> &'static [[u8; 3]] {
        match self {
            Self::Grey => &[[0, 0, 0], [255, 255, 255]],
            Self::Viridis => &[
                [68, 1, 84],
                [71, 44, 122],
                [59, 81, 139],
                [44, 113, 142],
                [33, 144, 141],
                [39, 173, 129],
                [92, 200, 99],
                [170, 220, 50],
                [253, 231, 37],
            ],
            Self::Inferno => &[
                [0, 0, 4],
                [31, 12, 72],
                [85, 15, 109],
                [136, 34, 106],
                [186, 54, 85],
                [227, 89, 51],
                [249, 140, 10],
                [249, 201, 50],
                [252, 255, 164],
            ],
            Self::Terrain => &[
                [28, 92, 74],
                [86, 140, 84],
                [176, 188, 116],
                [222, 204, 150],
                [178, 134, 92],
                [142, 112, 98],
                [248, 246, 244],
            ],
            Self::Vegetation => &[[104, 86, 74], [214, 196, 160], [150, 186, 110], [22, 96, 52]],
            Self::Water => &[[150, 138, 104], [226, 220, 200], [124, 176, 206], [16, 74, 140]],
            Self::Contrast => &[[33, 102, 172], [146, 197, 222], [247, 247, 247], [244, 165, 130], [178, 24, 43]],
        }
    }
}

/// Colours of the program's land-cover classes and of any other code: neighbours in number are far apart in colour.
#[must_use]
pub fn class_colour(code: i32) -> [u8; 3] {
    const COLOURS: [[u8; 3]; 12] = [
        [166, 166, 166],
        [229, 196, 84],
        [38, 115, 58],
        [148, 190, 95],
        [64, 128, 196],
        [205, 92, 76],
        [196, 176, 148],
        [122, 92, 160],
        [92, 176, 168],
        [232, 148, 72],
        [110, 110, 76],
        [222, 160, 196],
    ];
    COLOURS[code.rem_euclid(COLOURS.len() as i32) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_follow_their_formulas() {
        let of = |index: Index, values: &[f32]| index.of(|at| values[at]);
        assert!((of(Index::Ndvi, &[0.5, 0.1]) - 0.666_67).abs() < 1e-4);
        assert!((of(Index::Bsi, &[0.3, 0.2, 0.3, 0.1]) - 0.1 / 0.9).abs() < 1e-5);
        assert!(of(Index::Ndwi, &[0.0, 0.0]).abs() < f32::EPSILON);
        for index in Index::ALL {
            assert!(index.roles().len() == if index == Index::Bsi { 4 } else { 2 });
        }
    }

    #[test]
    fn ramps_begin_and_end_with_their_own_colours() {
        assert_eq!((Ramp::Grey.at(0.0), Ramp::Grey.at(0.5), Ramp::Grey.at(2.0)), ([0; 3], [128; 3], [255; 3]));
        assert_eq!(Ramp::Viridis.at(1.0), [253, 231, 37]);
    }
}
