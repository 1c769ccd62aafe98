//! A patch (图斑): connected changed pixels, outlined.

use geo_types::{MultiPolygon, Point};

use super::class::CoverClass;
use super::grid::Window;
use super::units::SquareMetres;

/// A connected patch of change in one comparison, before any zone is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Outline in the analysis CRS: valid, shells counter-clockwise, holes kept above the hole limit.
    pub shape: MultiPolygon<f64>,
    /// A point on the patch, not its centroid.
    pub point: Point<f64>,
    /// Area on the ground, filled holes included.
    pub area: SquareMetres,
    /// Number of pixels, filled holes included.
    pub pixels: usize,
    /// The pixels' bounding window on the analysis grid.
    pub window: Window,
    /// Mean score over the changed pixels, in units of the method (see `Method::unit`).
    pub mean_score: f64,
    /// Highest score of a pixel.
    pub max_score: f64,
    /// Mean of each band before, in the order of the comparison's roles.
    pub mean_before: Vec<f64>,
    /// Mean of each band after.
    pub mean_after: Vec<f64>,
    /// Class before, by the spectral rules.
    pub from_class: CoverClass,
    /// Class after.
    pub to_class: CoverClass,
}
