//! Broad classes of the ground from a patch's mean spectrum, by rules that stand in a table.

use serde::Deserialize;

use crate::model::class::CoverClass;
use crate::model::scene::BandRole;

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
    /// RGB only: green chromaticity excess 2g − r − b above this is vegetation.
    pub vegetation_excess_green: f64,
}

impl CoverRules {
    /// The class of a mean spectrum; `values` in the order of `roles`.
    #[must_use]
    pub fn classify(&self, roles: &[BandRole], values: &[f64]) -> CoverClass {
        let band = |role| roles.iter().position(|&r| r == role).map(|i| values[i]);
        let ratio = |a: f64, b: f64| if a + b > 0.0 { (a - b) / (a + b) } else { 0.0 };
        match (band(BandRole::Blue), band(BandRole::Green), band(BandRole::Red), band(BandRole::Nir)) {
            (_, Some(green), _, Some(nir)) if ratio(green, nir) > self.water_ndwi => CoverClass::Water,
            (_, _, Some(red), Some(nir)) if ratio(nir, red) > self.vegetation_ndvi => CoverClass::Vegetation,
            (_, Some(_), Some(_), Some(_)) => CoverClass::Bare,
            (Some(blue), Some(green), Some(red), None) => {
                let sum = blue + green + red;
                let excess = if sum > 0.0 { (2.0 * green - red - blue) / sum } else { 0.0 };
                if excess > self.vegetation_excess_green { CoverClass::Vegetation } else { CoverClass::Unknown }
            }
            _ => CoverClass::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn water_reed_and_concrete_are_told_apart() {
        let rules = CoverRules {
            version: "t".into(),
            source: "t".into(),
            water_ndwi: 0.0,
            vegetation_ndvi: 0.3,
            vegetation_excess_green: 0.08,
        };
        let roles = [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir];
        assert_eq!(rules.classify(&roles, &[0.07, 0.09, 0.08, 0.04]), CoverClass::Water);
        assert_eq!(rules.classify(&roles, &[0.03, 0.06, 0.04, 0.35]), CoverClass::Vegetation);
        assert_eq!(rules.classify(&roles, &[0.18, 0.20, 0.22, 0.25]), CoverClass::Bare);
        assert_eq!(rules.classify(&roles[..3], &[40.0, 90.0, 50.0]), CoverClass::Vegetation);
    }
}
