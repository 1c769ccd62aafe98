//! What two surfaces tell of the ground that was moved: volumes with their errors, and how the surfaces fit together.

use super::units::{CubicMetres, Fraction, Metres};

/// A volume and half the width of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// The volume.
    pub volume: CubicMetres,
    /// Half the width of the 95 % interval.
    pub error: CubicMetres,
}

/// Ground taken away and added, over the pixels that changed by more than the level of detection.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Volume {
    /// Taken away; not negative.
    pub cut: Measured,
    /// Added; not negative.
    pub fill: Measured,
    /// Fill less cut.
    pub net: Measured,
}

impl Volume {
    /// Its six figures in m³ with their names in tables; `_e_` is half the width of the 95 % interval.
    #[must_use]
    pub fn figures(&self) -> [(&'static str, f64); 6] {
        [
            ("cut_m3", self.cut.volume.0),
            ("cut_e_m3", self.cut.error.0),
            ("fill_m3", self.fill.volume.0),
            ("fill_e_m3", self.fill.error.0),
            ("net_m3", self.net.volume.0),
            ("net_e_m3", self.net.error.0),
        ]
    }
}

/// How two surfaces lie to each other where the ground did not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeightFit {
    /// How far the later surface lies above the earlier one (median of the ground that did not change); taken back
    /// before heights are compared.
    pub offset: Metres,
    /// Standard error of that.
    pub offset_error: Metres,
    /// Spread of the height differences around it: NMAD, the standard deviation of one pixel.
    pub nmad: Metres,
    /// Share of their variance that neighbours have in common.
    pub correlated: Fraction,
    /// Distance up to which they have it in common.
    pub range: Metres,
}
