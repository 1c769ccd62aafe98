//! What can be said at the boundary line: errors of the boundary, of the scenes and of the patch's edge together give the
//! probability that a patch reaches into a zone, and the standard error of its area inside.
//!
//! The position error is taken as one shift of the whole patch against the line, normal, alike in all directions:
//! registration and boundary survey err that way. The area's error is its change under such shifts.

use serde::Deserialize;

use crate::model::flag::Line;
use crate::model::units::Metres;

/// The table `line`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineTable {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    inside_from: f64,
    outside_to: f64,
    edge_blur_px: f64,
    least_misfit_px: f64,
    unmeasured_misfit_px: f64,
}

impl LineTable {
    /// Standard error of a patch's position, the boundary's own error not counted. `misfit` is the scenes' residual misfit
    /// (`None`: not measured), `pixel` the width of a pixel.
    #[must_use]
    pub fn position_error(&self, misfit: Option<Metres>, pixel: Metres) -> Metres {
        let misfit_m = misfit.map_or(self.unmeasured_misfit_px * pixel.0, |m| m.0.max(self.least_misfit_px * pixel.0));
        Metres(misfit_m.hypot(self.edge_blur_px * pixel.0))
    }

    /// What is said of a patch that lies inside with this probability.
    #[must_use]
    pub fn class(&self, p_inside: f64) -> Line {
        if p_inside >= self.inside_from {
            Line::Inside
        } else if p_inside <= self.outside_to {
            Line::Outside
        } else {
            Line::AtLine
        }
    }
}

/// Probability that a patch whose deepest point lies `depth` inside the line (negative: the gap to it) reaches inside, with
/// a position error of `error`.
#[must_use]
pub fn probability_inside(depth: Metres, error: Metres) -> f64 {
    if error.0 > 0.0 {
        0.5 * libm::erfc(-depth.0 / (error.0 * std::f64::consts::SQRT_2))
    } else {
        f64::from(u8::from(depth.0 > 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> LineTable {
        toml::from_str(include_str!("../../assets/tables/line.toml")).unwrap()
    }

    #[test]
    fn a_patch_that_reaches_in_by_less_than_the_error_is_undecided() {
        let error = table().position_error(Some(Metres(1.0)), Metres(2.0)).0.hypot(3.0);
        let at = |depth| table().class(probability_inside(Metres(depth), Metres(error)));
        assert_eq!((at(1.0), at(-1.0)), (Line::AtLine, Line::AtLine));
        assert_eq!((at(10.0), at(-10.0)), (Line::Inside, Line::Outside));
    }

    #[test]
    fn probabilities_follow_the_normal_law() {
        let p = |depth| probability_inside(Metres(depth), Metres(2.0));
        assert!((p(0.0) - 0.5).abs() < 1e-12 && (p(2.0) - 0.841_344_746).abs() < 1e-8);
        assert!((p(-3.92) - 0.025).abs() < 1e-4);
        assert!((probability_inside(Metres(0.1), Metres(0.0)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_misfit_that_was_not_measured_is_a_whole_pixel() {
        assert!((table().position_error(None, Metres(2.0)).0 - 2.0f64.hypot(1.0)).abs() < 1e-12);
    }
}
