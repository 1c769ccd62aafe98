//! What a comparison of surfaces learns beside the method: the last tenths of a pixel of their shift, and how surely
//! heights compare.

use crate::detect::change::Fitted;
use crate::detect::registration::MeasuredShift;
use crate::detect::relief;
use crate::detect::variogram::{Part, correlation};
use crate::detect::volume;
use crate::model::grid::Grid;
use crate::model::notice::{Notice, Weight};
use crate::model::raster::PairBlock;
use crate::model::units::SquareMetres;
use crate::model::volume::HeightFit;

use super::fit::Sampled;

/// A constant between two surfaces from which their vertical datums are doubted, in metres. Above what ground control leaves
/// between two flights (0.1–0.3 m), and below what height systems in use differ by (Wusong and 1985: well over a metre;
/// ellipsoidal and normal heights: several metres). This program's own convention.
const DOUBTED_OFFSET_M: f64 = 0.5;

/// The shift between two surfaces, as their heights tell it.
pub fn refined(sampled: &[Sampled], shift: MeasuredShift) -> MeasuredShift {
    let blocks: Vec<&PairBlock> = sampled.iter().map(|tile| &tile.block).collect();
    relief::refined(&blocks, shift)
}

/// How surely heights compare; `None` for methods that know no heights. `threshold` is the level of detection.
pub fn height_fit(sampled: &[Sampled], fitted: &dyn Fitted, threshold: Option<f64>, grid: &Grid) -> Option<HeightFit> {
    let heights = fitted.heights()?;
    let parts: Vec<Part<'_>> = sampled.iter().map(|tile| (&tile.block, &tile.domain[..])).collect();
    let correlation = correlation(&parts, &heights, threshold.unwrap_or(f64::INFINITY));
    let pixel_m2 = grid.transform.pixel_area();
    let observed = sampled.iter().map(|tile| tile.candidates).sum::<usize>() as f64 * pixel_m2;
    Some(volume::height_fit(&heights, &correlation, SquareMetres(observed), (pixel_m2, pixel_m2.sqrt())))
}

/// What to tell of a constant between two surfaces.
pub fn offset_notice(fit: &HeightFit) -> Option<Notice> {
    (fit.offset.0.abs() >= DOUBTED_OFFSET_M).then(|| {
        Notice::new("surface_offset", Weight::Warning)
            .fact("metres", format!("{:+.2}", fit.offset.0))
            .fact("error", format!("{:.2}", 1.96 * fit.offset_error.0))
    })
}
