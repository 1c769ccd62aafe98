//! Values → colours: which bands make a picture, and one stretch for all years, so that the same colour means the same.

use std::collections::BTreeMap;

use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, Scene, SceneKind};

/// Share of the values below the darkest and above the brightest shade.
const CLIPPED: f64 = 0.02;

/// Power of the shades of colour pictures: reeds and water lie far below roofs, and on a straight scale they are black.
const GAMMA: f32 = 0.65;

/// Most values of a band kept of one scene.
const KEPT: usize = 4096;

/// An index of two bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Index {
    /// Vegetation: (near infrared − red) / (near infrared + red). Rouse 1974.
    Ndvi,
    /// Water: (green − near infrared) / (green + near infrared). doi:10.1080/01431169608948714.
    Ndwi,
}

/// How bands become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Composite {
    /// Red, green, blue.
    TrueColour,
    /// Near infrared, red, green: vegetation is red.
    Infrared,
    /// An index of two bands.
    Index(Index),
    /// One band in grey.
    Band(BandRole),
}

impl Composite {
    /// The bands it needs.
    #[must_use]
    pub fn roles(self) -> Vec<BandRole> {
        match self {
            Self::TrueColour => vec![BandRole::Red, BandRole::Green, BandRole::Blue],
            Self::Infrared => vec![BandRole::Nir, BandRole::Red, BandRole::Green],
            Self::Index(Index::Ndvi) => vec![BandRole::Nir, BandRole::Red],
            Self::Index(Index::Ndwi) => vec![BandRole::Green, BandRole::Nir],
            Self::Band(role) => vec![role],
        }
    }

    /// The picture nearest to this one that a scene can give.
    #[must_use]
    pub fn for_scene(self, scene: &Scene) -> Option<Self> {
        let has = |composite: &Self| composite.roles().iter().all(|role| scene.roles.contains(role));
        let first = scene.roles.first().map(|role| Self::Band(*role));
        [Some(self), Some(Self::TrueColour), Some(Self::Infrared), first].into_iter().flatten().find(has)
    }
}

/// What is dark and bright in each band, jointly over all scenes of a kind.
#[derive(Debug, Clone, Default)]
pub struct JointStretch {
    values: BTreeMap<(&'static str, BandRole), Vec<f32>>,
    bounds: BTreeMap<(&'static str, BandRole), (f32, f32)>,
}

impl JointStretch {
    /// Adds what was seen of a scene.
    pub fn add(&mut self, kind: SceneKind, roles: &[BandRole], block: &SceneBlock) {
        let seen: Vec<usize> = (0..block.gaps.len()).filter(|at| block.gaps[*at] == gap::SEEN).collect();
        let step = seen.len().div_ceil(KEPT).max(1);
        for (role, plane) in roles.iter().zip(&block.bands) {
            let kept = self.values.entry((kind.word(), *role)).or_default();
            kept.extend(seen.iter().step_by(step).map(|at| plane[*at]));
        }
    }

    /// Settles the bounds once all scenes were added.
    pub fn settle(&mut self) {
        for (key, mut values) in std::mem::take(&mut self.values) {
            values.sort_unstable_by(f32::total_cmp);
            let at = |share: f64| values.get(((values.len().saturating_sub(1)) as f64 * share) as usize).copied();
            if let (Some(low), Some(high)) = (at(CLIPPED), at(1.0 - CLIPPED)) {
                self.bounds.insert(key, (low, high));
            }
        }
    }

    /// Dark and bright of a band.
    #[must_use]
    pub fn of(&self, kind: SceneKind, role: BandRole) -> (f32, f32) {
        self.bounds.get(&(kind.word(), role)).copied().unwrap_or((0.0, 1.0))
    }
}

/// Colours of unseen ground that was lost to damage: a quiet red, so that a hole is not taken for water.
const LOST: [u8; 4] = [150, 60, 60, 255];

/// The pixels of a block as RGBA; where nothing was observed they are transparent. `composite` must have been read in the
/// order of its roles.
#[must_use]
pub fn paint(block: &SceneBlock, composite: Composite, stretch: &JointStretch, kind: SceneKind) -> Vec<u8> {
    let mut rgba = vec![0; block.gaps.len() * 4];
    let shades: Vec<Shade> =
        composite.roles().iter().map(|role| Shade::new(stretch.of(kind, *role), composite)).collect();
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        match block.gaps[at] {
            gap::SEEN | gap::MASKED => {}
            gap::DAMAGED => {
                pixel.copy_from_slice(&LOST);
                continue;
            }
            _ => continue,
        }
        let value = |band: usize| block.bands[band][at];
        let rgb = match composite {
            Composite::Index(index) => ramp(index, ratio(value(0), value(1))),
            Composite::Band(_) => [shades[0].of(value(0)); 3],
            _ => [0, 1, 2].map(|band| shades[band].of(value(band))),
        };
        pixel[..3].copy_from_slice(&rgb);
        pixel[3] = 255;
    }
    rgba
}

struct Shade {
    low: f32,
    per_unit: f32,
    curve: [u8; 256],
}

impl Shade {
    fn new((low, high): (f32, f32), composite: Composite) -> Self {
        let gamma = if matches!(composite, Composite::Band(_)) { 1.0 } else { GAMMA };
        let mut curve = [0; 256];
        for (step, shade) in curve.iter_mut().enumerate() {
            *shade = ((step as f32 / 255.0).powf(gamma) * 255.0) as u8;
        }
        Self { low, per_unit: if high > low { 255.0 / (high - low) } else { 0.0 }, curve }
    }

    fn of(&self, value: f32) -> u8 {
        self.curve[((value - self.low) * self.per_unit).clamp(0.0, 255.0) as usize]
    }
}

fn ratio(a: f32, b: f32) -> f32 {
    if a + b == 0.0 { 0.0 } else { ((a - b) / (a + b)).clamp(-1.0, 1.0) }
}

/// Colours along an index from −0.3 to 0.8: brown over pale to green, or to blue.
fn ramp(index: Index, value: f32) -> [u8; 3] {
    const VEGETATION: [[f32; 3]; 4] = [[104., 86., 74.], [214., 196., 160.], [150., 186., 110.], [22., 96., 52.]];
    const WATER: [[f32; 3]; 4] = [[150., 138., 104.], [226., 220., 200.], [124., 176., 206.], [16., 74., 140.]];
    let colours = if index == Index::Ndvi { VEGETATION } else { WATER };
    let place = ((value + 0.3) / 1.1).clamp(0.0, 1.0) * 3.0;
    let (from, part) = ((place as usize).min(2), place - (place as usize).min(2) as f32);
    [0, 1, 2].map(|c| (colours[from][c] + (colours[from + 1][c] - colours[from][c]) * part) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;

    fn block(values: &[f32], gaps: &[u8]) -> SceneBlock {
        let window = Window { row: 0, col: 0, rows: 1, cols: values.len() };
        SceneBlock { window, bands: vec![values.to_vec()], gaps: gaps.to_vec() }
    }

    #[test]
    fn the_same_value_has_the_same_shade_in_every_year() {
        let mut stretch = JointStretch::default();
        stretch.add(SceneKind::Satellite, &[BandRole::Nir], &block(&[0.0, 50.0], &[0, 0]));
        stretch.add(SceneKind::Satellite, &[BandRole::Nir], &block(&[50.0, 100.0, 9999.0], &[0, 0, gap::NODATA]));
        stretch.settle();
        assert_eq!(stretch.of(SceneKind::Satellite, BandRole::Nir), (0.0, 50.0));
    }

    #[test]
    fn what_was_not_observed_is_transparent() {
        let composite = Composite::Band(BandRole::Nir);
        let rgba =
            paint(&block(&[0.5, 0.5], &[0, gap::NODATA]), composite, &JointStretch::default(), SceneKind::Satellite);
        assert_eq!((rgba[3], rgba[7]), (255, 0));
        assert_eq!(rgba[0], 127);
    }
}
