//! Broad classes of the ground from a pixel's spectrum, by rules that stand in a table.

use serde::Deserialize;

use crate::model::class::CoverClass;
use crate::model::raster::PairBlock;
use crate::model::scene::BandRole;

use super::legend::LegendPair;
use super::normalise::Units;

/// The table `cover_rules`: thresholds of the spectral rules, with their source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverRules {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    /// NDWI = (G − NIR)/(G + NIR) above this is water.
    pub water_ndwi: f64,
    /// NDVI = (NIR − R)/(NIR + R) above this is vegetation.
    pub vegetation_ndvi: f64,
    /// NDVI above this, and below vegetation, is ground with sparse plants: tilled, mown, trodden.
    pub sparse_ndvi: f64,
    /// Red over blue below this is built or paved, above it bare soil: soils redden, roofs and concrete do not.
    pub built_red_over_blue: f64,
    /// RGB only: green chromaticity excess 2g − r − b above this is vegetation.
    pub vegetation_excess_green: f64,
}

impl CoverRules {
    /// The rules for planes in the order of `roles`.
    #[must_use]
    pub fn for_bands(&self, roles: &[BandRole]) -> Classifier {
        let plane = |role| roles.iter().position(|&r| r == role);
        Classifier {
            light: [vec![Units::OWN; roles.len()], vec![Units::OWN; roles.len()]],
            rules: self.clone(),
            legends: None,
            blue: plane(BandRole::Blue),
            green: plane(BandRole::Green),
            red: plane(BandRole::Red),
            nir: plane(BandRole::Nir),
        }
    }
}

/// One of the two dates of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epoch {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

/// The rules, bound to planes.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    rules: CoverRules,
    /// Of land-cover maps: what their codes stand for.
    legends: Option<LegendPair>,
    /// By epoch and plane: from a value to the light from the ground.
    light: [Vec<Units>; 2],
    blue: Option<usize>,
    green: Option<usize>,
    red: Option<usize>,
    nir: Option<usize>,
}

impl Classifier {
    /// Takes the darkest values of each epoch off first, where values are not reflectance: haze and the sensor's own offset
    /// would make water of a forest. Source: dark-object subtraction, Chavez 1988, doi:10.1016/0034-4257(88)90019-3.
    #[must_use]
    pub fn above_dark(self, before: Vec<f64>, after: Vec<f64>) -> Self {
        let above = |dark: Vec<f64>| dark.into_iter().map(Units::above).collect();
        Self { light: [above(before), above(after)], ..self }
    }

    /// Tells the classes of the later date as if the earlier scene had seen it; `as_before` brings a plane's later values
    /// to the earlier scene's units.
    #[must_use]
    pub fn told_by_before(self, as_before: &[Units]) -> Self {
        let [before, _] = self.light;
        let after = before.iter().zip(as_before).map(|(light, units)| units.then(*light)).collect();
        Self { light: [before, after], ..self }
    }

    /// The other way round.
    #[must_use]
    pub fn told_by_after(self, as_before: &[Units]) -> Self {
        let [_, after] = self.light;
        let before = after.iter().zip(as_before).map(|(light, units)| units.back().then(*light)).collect();
        Self { light: [before, after], ..self }
    }

    /// Takes classes from the legends of land-cover maps in place of the spectral rules.
    #[must_use]
    pub fn by_legends(self, legends: Option<LegendPair>) -> Self {
        Self { legends, ..self }
    }

    /// The class of a pixel at one date.
    #[must_use]
    pub fn pixel(&self, block: &PairBlock, epoch: Epoch, pixel: usize) -> CoverClass {
        let scene = match epoch {
            Epoch::Before => &block.before,
            Epoch::After => &block.after,
        };
        match &self.legends {
            Some(legends) => legends.cover(epoch, scene.bands[0][pixel]),
            None => self.class(epoch, |plane| scene.bands[plane][pixel]),
        }
    }

    /// The class of ground that has these values at a date, by the spectral rules.
    #[must_use]
    pub fn class(&self, epoch: Epoch, value: impl Fn(usize) -> f32) -> CoverClass {
        let light = &self.light[epoch as usize];
        self.classify(|plane| f64::from(light[plane].of(value(plane)).max(0.0)))
    }

    fn classify(&self, value: impl Fn(usize) -> f64) -> CoverClass {
        let band = |plane: Option<usize>| plane.map(&value);
        match (band(self.blue), band(self.green), band(self.red), band(self.nir)) {
            (_, Some(green), _, Some(nir)) if ratio(green, nir) > self.rules.water_ndwi => CoverClass::Water,
            (blue, _, Some(red), Some(nir)) => self.dry(blue, red, ratio(nir, red)),
            (Some(blue), Some(green), Some(red), None) => {
                let sum = blue + green + red;
                let excess = if sum > 0.0 { (2.0 * green - red - blue) / sum } else { 0.0 };
                if excess > self.rules.vegetation_excess_green { CoverClass::Vegetation } else { CoverClass::Unknown }
            }
            _ => CoverClass::Unknown,
        }
    }

    fn dry(&self, blue: Option<f64>, red: f64, ndvi: f64) -> CoverClass {
        if ndvi > self.rules.vegetation_ndvi {
            CoverClass::Vegetation
        } else if ndvi > self.rules.sparse_ndvi {
            CoverClass::Sparse
        } else if blue.is_some_and(|blue| red < self.rules.built_red_over_blue * blue) {
            CoverClass::Built
        } else {
            CoverClass::Bare
        }
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { (a - b) / (a + b) } else { 0.0 }
}

/// Number of pixels by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts([usize; CoverClass::ALL.len()]);

impl ClassCounts {
    /// Counts a pixel.
    pub fn add(&mut self, class: CoverClass) {
        self.0[class as usize] += 1;
    }

    /// Adds other counts.
    pub fn add_all(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// Pixels of a class.
    #[must_use]
    pub fn of(&self, class: CoverClass) -> usize {
        self.0[class as usize]
    }

    /// The class of most pixels; of equals the first in [`CoverClass::ALL`].
    #[must_use]
    pub fn majority(&self) -> CoverClass {
        let most = CoverClass::ALL.into_iter().rev().max_by_key(|&class| self.of(class));
        most.filter(|&class| self.of(class) > 0).unwrap_or(CoverClass::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> CoverRules {
        CoverRules {
            version: "t".into(),
            source: "t".into(),
            water_ndwi: 0.0,
            vegetation_ndvi: 0.3,
            sparse_ndvi: 0.2,
            built_red_over_blue: 1.25,
            vegetation_excess_green: 0.08,
        }
    }

    #[test]
    fn water_reed_soil_stubble_and_concrete_are_told_apart() {
        let rules = rules();
        let roles = [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir];
        let class = |values: [f64; 4]| rules.for_bands(&roles).classify(|plane| values[plane]);
        assert_eq!(class([0.07, 0.09, 0.08, 0.04]), CoverClass::Water);
        assert_eq!(class([0.03, 0.06, 0.04, 0.35]), CoverClass::Vegetation);
        assert_eq!(class([0.09, 0.12, 0.14, 0.25]), CoverClass::Sparse);
        assert_eq!(class([0.11, 0.15, 0.19, 0.24]), CoverClass::Bare);
        assert_eq!(class([0.18, 0.20, 0.21, 0.25]), CoverClass::Built);
        let rgb = [40.0, 90.0, 50.0];
        assert_eq!(rules.for_bands(&roles[..3]).classify(|plane| rgb[plane]), CoverClass::Vegetation);
    }

    #[test]
    fn an_epoch_without_its_scale_is_told_in_the_units_of_the_other() {
        let (rules, roles) = (rules(), [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir]);
        let (forest, gains) = ([0.03, 0.06, 0.04, 0.35], [10.0, 10.0, 10.0, 1.0]);
        let unscaled = |plane: usize| forest[plane] * gains[plane];
        let scaled = |plane: usize| forest[plane];
        let as_before: Vec<Units> = gains.map(|gain| Units::along(|value| value * gain)).to_vec();
        let own = rules.for_bands(&roles);
        assert_eq!(own.class(Epoch::Before, unscaled), CoverClass::Water);
        let by_after = own.clone().told_by_after(&as_before);
        assert_eq!(by_after.class(Epoch::Before, unscaled), CoverClass::Vegetation);
        assert_eq!(by_after.class(Epoch::After, scaled), CoverClass::Vegetation);
        assert_eq!(own.told_by_before(&as_before).class(Epoch::After, scaled), CoverClass::Water);
    }

    #[test]
    fn the_class_of_most_pixels_wins() {
        let mut counts = ClassCounts::default();
        assert_eq!(counts.majority(), CoverClass::Unknown);
        for class in [CoverClass::Bare, CoverClass::Water, CoverClass::Bare] {
            counts.add(class);
        }
        assert_eq!(counts.majority(), CoverClass::Bare);
    }
}
