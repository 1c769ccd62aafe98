//! A patch (图斑): connected changed pixels, outlined.

use geo::{Area, Euclidean, Length};
use geo_types::{MultiPolygon, Point};

use super::class::CoverClass;
use super::grid::Window;
use super::units::{Fraction, SquareMetres};
use super::volume::Volume;

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
    /// Class of most pixels before, by the spectral rules.
    pub from_class: CoverClass,
    /// Class after.
    pub to_class: CoverClass,
    /// Share of the pixels whose change half a pixel of misfit does not explain.
    pub firm: Fraction,
    /// Share of the ground that looked like it before which changed as it did; 0 between scenes of one season, where
    /// nobody asks.
    pub habit: Fraction,
    /// What lies around it.
    pub around: Surroundings,
    /// Ground moved; of surfaces only.
    pub volume: Option<Volume>,
}

impl Patch {
    /// How far it is from compact: perimeter² / (16 · area), 1 for a square, `n / 4` for a strip `n` times as long as wide.
    #[must_use]
    pub fn elongation(&self) -> f64 {
        let rings = self.shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let length: f64 = rings.map(|ring| Euclidean.length(ring)).sum();
        let area = self.shape.unsigned_area();
        if area > 0.0 { length * length / (16.0 * area) } else { f64::INFINITY }
    }
}

/// What lies a few pixels outside a patch.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Surroundings {
    /// Share of water before, of what was seen.
    pub water_before: Fraction,
    /// Share of water after, of what was seen.
    pub water_after: Fraction,
    /// Share that a cloud, a shadow or a mask hides.
    pub hidden: Fraction,
}
