//! Units of length, area, volume and share. Public fields and parameters carry them; inner loops use plain numbers
//! with a suffix (`_m`, `_m2`, `_px`).

use serde::{Deserialize, Serialize};

/// Square metres in one mu (亩): 1 mu = 10,000/15 m².
pub const SQUARE_METRES_PER_MU: f64 = 10_000.0 / 15.0;

/// A length in metres on the ground.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metres(pub f64);

/// An area in square metres on the ground.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SquareMetres(pub f64);

impl SquareMetres {
    /// The area in mu (亩).
    #[must_use]
    pub fn mu(self) -> f64 {
        self.0 / SQUARE_METRES_PER_MU
    }

    /// The area in hectares.
    #[must_use]
    pub fn hectares(self) -> f64 {
        self.0 / 10_000.0
    }
}

impl std::ops::Add for SquareMetres {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::AddAssign for SquareMetres {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::iter::Sum for SquareMetres {
    fn sum<I: Iterator<Item = Self>>(areas: I) -> Self {
        Self(areas.map(|a| a.0).sum())
    }
}

/// A volume in cubic metres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CubicMetres(pub f64);

/// A share between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fraction(pub f64);

impl Fraction {
    /// `part / whole`, and 0 where there is no whole.
    #[must_use]
    pub fn of(part: SquareMetres, whole: SquareMetres) -> Self {
        if whole.0 > 0.0 { Self(part.0 / whole.0) } else { Self(0.0) }
    }

    /// The share in percent.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_mu_are_one_hectare() {
        assert!((SquareMetres(10_000.0).mu() - 15.0).abs() < 1e-12);
        assert!((SquareMetres(10_000.0).hectares() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_of_nothing_is_zero() {
        assert_eq!(Fraction::of(SquareMetres(3.0), SquareMetres(0.0)), Fraction(0.0));
    }
}
