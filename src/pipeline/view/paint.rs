//! Values → colours, by a paint that says everything about how: the same values and the same paint give the same colours.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::picture::{Composite, Ramp, class_colour};
use crate::model::class::CoverClass;
use crate::model::legend::Legend;
use crate::model::raster::gap;
use crate::model::scene::{BandRole, SceneKind};

/// Gamma of colour pictures where none was chosen: reeds and water lie far below roofs, and on a straight scale they are
/// black.
pub const COLOUR_GAMMA: f32 = 1.54;

/// Shades of a ramp.
const SHADES: usize = 256;

/// Codes of which the colours are kept ready.
const CODES: usize = 1024;

/// Colours of unseen ground that was lost to damage: a quiet red, so that a hole is not taken for water.
const LOST: [u8; 4] = [150, 60, 60, 255];

/// How one scene is painted.
#[derive(Debug, Clone)]
pub struct Paint {
    /// Which bands.
    pub composite: Composite,
    /// Dark and bright of each of its bands; of an index the values at the ends of its ramp.
    pub bounds: Vec<(f32, f32)>,
    /// Tells paints apart.
    pub id: u64,
    shades: Shades,
}

#[derive(Debug, Clone)]
enum Shades {
    /// Shade by step, for three bands.
    Curve(Box<[u8; SHADES]>),
    /// Colour by step, along a ramp.
    Ramp(Box<[[u8; 3]; SHADES]>),
    /// Colour by code.
    Codes(Vec<[u8; 3]>),
}

impl PartialEq for Paint {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Paint {
    /// A paint; `bounds` in the order of the composite's bands. `legend` gives a land-cover map its classes.
    #[must_use]
    pub fn new(
        composite: Composite,
        kind: SceneKind,
        mut bounds: Vec<(f32, f32)>,
        (ramp, gamma): (Option<Ramp>, Option<f32>),
        legend: &Legend,
    ) -> Self {
        let natural = if composite.is_colour() { COLOUR_GAMMA } else { 1.0 };
        let gamma = gamma.unwrap_or(natural).clamp(0.05, 20.0);
        let ramp = ramp.unwrap_or_else(|| Ramp::natural(composite, kind));
        if let Composite::Index(index) = composite {
            bounds = vec![index.range()];
        }
        let share = |step: usize| (step as f32 / (SHADES - 1) as f32).powf(1.0 / gamma);
        let shades = if composite.is_colour() {
            Shades::Curve(Box::new(std::array::from_fn(|step| (share(step) * 255.0) as u8)))
        } else if composite == Composite::Band(BandRole::Class) {
            Shades::Codes((0..CODES as i32).map(|code| code_colour(code, legend)).collect())
        } else {
            Shades::Ramp(Box::new(std::array::from_fn(|step| ramp.at(share(step)))))
        };
        let mut hasher = DefaultHasher::new();
        (composite, ramp, gamma.to_bits(), &legend.classes).hash(&mut hasher);
        for (low, high) in &bounds {
            (low.to_bits(), high.to_bits()).hash(&mut hasher);
        }
        Self { composite, bounds, id: hasher.finish(), shades }
    }

    /// Pixels as RGBA; where nothing was observed they are transparent. `bands` in the order of the composite's roles.
    #[must_use]
    pub fn colours(&self, bands: &[Vec<f32>], gaps: &[u8]) -> Vec<u8> {
        let mut rgba = vec![0; gaps.len() * 4];
        let steps: Vec<Steps> = self.bounds.iter().map(|bounds| Steps::new(*bounds)).collect();
        let plane = |band: usize| bands.get(band).map_or(&[][..], Vec::as_slice);
        match (&self.shades, self.composite) {
            (Shades::Curve(curve), _) if bands.len() >= 3 && steps.len() >= 3 => {
                let planes = plane(0).iter().zip(plane(1)).zip(plane(2));
                for (pixel, ((a, b), c)) in rgba.chunks_exact_mut(4).zip(planes) {
                    let shade = |band: usize, value: f32| curve[steps[band].of(value)];
                    pixel.copy_from_slice(&[shade(0, *a), shade(1, *b), shade(2, *c), 255]);
                }
            }
            (Shades::Ramp(ramp), Composite::Index(index)) if bands.len() >= index.roles().len() => {
                for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
                    let value = index.of(|band| bands[band][at]);
                    put(pixel, ramp[steps[0].of(value)]);
                }
            }
            (Shades::Ramp(ramp), _) if !steps.is_empty() => {
                rgba.chunks_exact_mut(4).zip(plane(0)).for_each(|(pixel, value)| put(pixel, ramp[steps[0].of(*value)]));
            }
            (Shades::Codes(colours), _) => {
                for (pixel, value) in rgba.chunks_exact_mut(4).zip(plane(0)) {
                    let code = value.round() as i32;
                    let known = usize::try_from(code).ok().and_then(|code| colours.get(code));
                    put(pixel, known.copied().unwrap_or_else(|| class_colour(code)));
                }
            }
            _ => {}
        }
        veil(&mut rgba, gaps);
        rgba
    }
}

/// Takes away what was not observed; what a mask hides from the analysis stays in sight.
fn veil(rgba: &mut [u8], gaps: &[u8]) {
    for (pixel, reason) in rgba.chunks_exact_mut(4).zip(gaps) {
        match *reason {
            gap::SEEN | gap::MASKED => {}
            gap::DAMAGED => pixel.copy_from_slice(&LOST),
            _ => pixel.fill(0),
        }
    }
}

fn put(pixel: &mut [u8], [r, g, b]: [u8; 3]) {
    pixel.copy_from_slice(&[r, g, b, 255]);
}

/// The colour of a code of a land-cover map: that of its class where the legend gives one.
fn code_colour(code: i32, legend: &Legend) -> [u8; 3] {
    match legend.classes.as_ref().and_then(|classes| classes.get(&code)) {
        Some(class) => cover_colour(*class),
        None => class_colour(code),
    }
}

/// The colour of a class of the program.
#[must_use]
pub fn cover_colour(class: CoverClass) -> [u8; 3] {
    match class {
        CoverClass::Water => [64, 128, 196],
        CoverClass::Vegetation => [52, 128, 72],
        CoverClass::Sparse => [188, 196, 112],
        CoverClass::Bare => [206, 170, 122],
        CoverClass::Built => [196, 84, 76],
        CoverClass::Unknown => [166, 166, 166],
    }
}

struct Steps {
    low: f32,
    per_unit: f32,
}

impl Steps {
    fn new((low, high): (f32, f32)) -> Self {
        Self { low, per_unit: if high > low { (SHADES - 1) as f32 / (high - low) } else { 0.0 } }
    }

    fn of(&self, value: f32) -> usize {
        ((value - self.low) * self.per_unit).clamp(0.0, (SHADES - 1) as f32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(bounds: (f32, f32), gamma: Option<f32>) -> Paint {
        let composite = Composite::Band(BandRole::Nir);
        Paint::new(composite, SceneKind::Satellite, vec![bounds], (None, gamma), &Legend::default())
    }

    #[test]
    fn what_was_not_observed_is_transparent_and_what_was_lost_is_red() {
        let rgba = grey((0.0, 1.0), None).colours(&[vec![0.5; 4]], &[0, gap::NODATA, gap::DAMAGED, gap::MASKED]);
        assert_eq!((rgba[3], rgba[7], rgba[15]), (255, 0, 255));
        assert_eq!((rgba[0], &rgba[8..12]), (127, &LOST[..]));
    }

    #[test]
    fn a_pixel_has_the_colour_of_its_values() {
        let bounds = vec![(0.0, 100.0), (100.0, 200.0), (0.0, 1.0)];
        let paint = Paint::new(Composite::TrueColour, SceneKind::Drone, bounds, (None, Some(1.0)), &Legend::default());
        let rgba = paint.colours(&[vec![100.0], vec![100.0], vec![0.5]], &[0]);
        assert_eq!(rgba, [255, 0, 127, 255]);
    }

    #[test]
    fn gamma_spreads_the_dark_shades() {
        let shade = |gamma| grey((0.0, 1.0), Some(gamma)).colours(&[vec![0.25]], &[0])[0];
        assert!(shade(2.0) > shade(1.0) && shade(1.0) > shade(0.5));
    }

    #[test]
    fn paints_that_differ_have_different_names() {
        assert_ne!(grey((0.0, 1.0), None).id, grey((0.0, 1.1), None).id);
        assert_eq!(grey((0.0, 1.0), None), grey((0.0, 1.0), Some(1.0)));
    }
}
