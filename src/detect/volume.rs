//! Cut and fill: the ground between two surfaces over changed pixels, and how surely it is known.
//!
//! The error has two parts. What each pixel errs by adds up by chance, though neighbours err alike: their errors are told
//! apart by a variogram ([`super::variogram`]), and the mean over an area counts fewer independent values than pixels. What
//! is left of the common offset errs alike everywhere and adds up in full.
//!
//! Source: volumes from a DEM of difference above a level of detection, Wheaton et al. 2010 (doi:10.1002/esp.1886); random,
//! correlated and systematic parts of a volume's error added in squares, Anderson 2019 (doi:10.1002/esp.4551); variance of
//! the mean over a disc for a spherical variogram, Rolstad et al. 2009 (doi:10.3189/002214309789470950).
//!
//! Absent on purpose: the bias of leaving out changes below the level of detection, which no error of the data tells.

use crate::model::units::{CubicMetres, Fraction, Metres, SquareMetres};
use crate::model::volume::{HeightFit, Measured, Volume};

use super::change::Heights;
use super::variogram::Correlation;

/// Half the width of a 95 % interval in standard errors of the normal distribution.
const WIDTH_95: f64 = 1.96;

/// Standard error of a median over that of a mean, for normal values: √(π/2).
const MEDIAN_OVER_MEAN: f64 = 1.253_314_137_315_500_3;

/// Volumes and areas of changed ground by direction, before any error is thought of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moved {
    /// Volume below the earlier surface, m³.
    pub cut_m3: f64,
    /// Area that sank, m².
    pub cut_m2: f64,
    /// Volume above the earlier surface, m³.
    pub fill_m3: f64,
    /// Area that rose, m².
    pub fill_m2: f64,
}

impl Moved {
    /// Adds ground of an area that rose by so many metres.
    pub fn add(&mut self, rise_m: f64, area_m2: f64) {
        if rise_m < 0.0 {
            self.cut_m3 -= rise_m * area_m2;
            self.cut_m2 += area_m2;
        } else {
            self.fill_m3 += rise_m * area_m2;
            self.fill_m2 += area_m2;
        }
    }

    /// Adds other ground.
    pub fn add_all(&mut self, other: &Self) {
        self.cut_m3 += other.cut_m3;
        self.cut_m2 += other.cut_m2;
        self.fill_m3 += other.fill_m3;
        self.fill_m2 += other.fill_m2;
    }

    /// The volumes with their errors, on a grid with pixels of this area.
    #[must_use]
    pub fn volume(&self, fit: &HeightFit, pixel: SquareMetres) -> Volume {
        let measured =
            |volume: f64, area_m2: f64| Measured { volume: CubicMetres(volume), error: error(fit, area_m2, pixel.0) };
        Volume {
            cut: measured(self.cut_m3, self.cut_m2),
            fill: measured(self.fill_m3, self.fill_m2),
            net: measured(self.fill_m3 - self.cut_m3, self.fill_m2 + self.cut_m2),
        }
    }
}

/// Half the 95 % interval of a volume over an area.
fn error(fit: &HeightFit, area_m2: f64, pixel_m2: f64) -> CubicMetres {
    let random_m = fit.nmad.0 * variance_of_mean(fit.correlated.0, fit.range.0, area_m2, pixel_m2).sqrt();
    CubicMetres(WIDTH_95 * area_m2 * random_m.hypot(fit.offset_error.0))
}

/// Variance of the mean over an area, as a share of a pixel's variance.
fn variance_of_mean(correlated: f64, range_m: f64, area_m2: f64, pixel_m2: f64) -> f64 {
    if area_m2 <= 0.0 {
        return 0.0;
    }
    let alone = (pixel_m2 / area_m2).min(1.0);
    (1.0 - correlated) * alone + correlated * over_disc(area_m2, range_m).max(alone)
}

/// Variance of the mean over a disc of an area, for errors with a spherical variogram of this range.
fn over_disc(area_m2: f64, range_m: f64) -> f64 {
    let reach = (area_m2 / std::f64::consts::PI).sqrt() / range_m;
    if reach > 1.0 { 0.2 / (reach * reach) } else { 1.0 - reach + 0.2 * reach.powi(3) }
}

/// How two surfaces fit together, from what was learnt over an area of observed ground.
#[must_use]
pub fn height_fit(heights: &Heights, correlation: &Correlation, observed: SquareMetres, grid: (f64, f64)) -> HeightFit {
    let (pixel_m2, pixel_m) = grid;
    let range_m = correlation.range_px * pixel_m;
    let of_mean = variance_of_mean(correlation.share, range_m, observed.0, pixel_m2).sqrt();
    HeightFit {
        offset: Metres(heights.bias_m),
        offset_error: Metres(MEDIAN_OVER_MEAN * heights.nmad_m * of_mean),
        nmad: Metres(heights.nmad_m),
        correlated: Fraction(correlation.share),
        range: Metres(range_m),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(correlated: f64, offset_error: f64) -> HeightFit {
        HeightFit {
            offset: Metres(0.3),
            offset_error: Metres(offset_error),
            nmad: Metres(0.2),
            correlated: Fraction(correlated),
            range: Metres(10.0),
        }
    }

    #[test]
    fn a_pit_and_a_heap_are_kept_apart_and_the_net_is_their_difference() {
        let mut moved = Moved::default();
        for rise in [-2.0, -1.0, 4.0] {
            moved.add(rise, 0.25);
        }
        let volume = moved.volume(&fit(0.0, 0.0), SquareMetres(0.25));
        assert!((volume.cut.volume.0 - 0.75).abs() < 1e-12);
        assert!((volume.fill.volume.0 - 1.0).abs() < 1e-12);
        assert!((volume.net.volume.0 - 0.25).abs() < 1e-12);
    }

    #[test]
    fn independent_errors_grow_with_the_root_of_the_pixels_and_an_offset_in_full() {
        let ground = |pixels: f64| Moved { fill_m3: 5.0, fill_m2: pixels, ..Moved::default() };
        let error = |pixels: f64, fit: &HeightFit| ground(pixels).volume(fit, SquareMetres(1.0)).fill.error.0;
        assert!((error(400.0, &fit(0.0, 0.0)) - 1.96 * 0.2 * 20.0).abs() < 1e-9);
        let systematic = error(400.0, &fit(0.0, 0.05));
        assert!((systematic - 1.96 * (4.0f64).hypot(400.0 * 0.05)).abs() < 1e-9, "{systematic}");
    }

    /// The variance of a mean over a disc, counted pair by pair.
    #[test]
    fn errors_alike_within_their_range_count_as_few_values() {
        let range = 10.0;
        let covariance = |d: f64| if d < range { 1.0 - 1.5 * d / range + 0.5 * (d / range).powi(3) } else { 0.0 };
        for radius in [15.0f64, 25.0] {
            let reach = radius as i32;
            let inside = |&(x, y): &(i32, i32)| f64::from(x).hypot(f64::from(y)) <= radius;
            let points: Vec<(i32, i32)> =
                (-reach..=reach).flat_map(|x| (-reach..=reach).map(move |y| (x, y))).filter(inside).collect();
            let apart = |a: &(i32, i32), b: &(i32, i32)| f64::from(a.0 - b.0).hypot(f64::from(a.1 - b.1));
            let sum: f64 = points.iter().map(|a| points.iter().map(|b| covariance(apart(a, b))).sum::<f64>()).sum();
            let counted = sum / (points.len() as f64).powi(2);
            let told = variance_of_mean(1.0, range, points.len() as f64, 1.0);
            // Near the disc's edge a pixel has fewer neighbours than the formula takes; it errs to the safe side.
            assert!(told >= counted && told < 1.35 * counted, "{radius}: {told} and {counted}");
        }
    }

    #[test]
    fn one_pixel_errs_as_a_pixel_does() {
        let one = Moved { cut_m3: 1.0, cut_m2: 1.0, ..Moved::default() };
        let error = one.volume(&fit(0.0, 0.0), SquareMetres(1.0)).cut.error.0;
        assert!((error - 1.96 * 0.2).abs() < 1e-9, "{error}");
        assert_eq!(Moved::default().volume(&fit(0.5, 0.1), SquareMetres(1.0)).net, Measured::default());
    }
}
