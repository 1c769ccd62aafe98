//! The change methods, one file each, behind one seam: learn from a sample, then score pixels.
//!
//! | Word | File | For |
//! |---|---|---|
//! | `cva` | [`vector`] | satellite and drone images, any bands in common |
//! | `irmad` | [`mad`] | images of different sensors or calibration |
//! | `index` | [`index`] | images with an infrared band, where plants or water are what matters |
//! | `structure` | [`structure`] | colour images of very high resolution, in which seasons changed the colours |
//! | `difference` | [`difference`] | surface models |
//! | `transition` | [`transition`] | land-cover maps |

pub mod difference;
pub mod index;
pub mod lengths;
pub mod mad;
pub mod structure;
pub mod transition;
pub mod vector;

use crate::model::grid::Window;
use crate::model::raster::{PairBlock, SceneBlock};
use crate::model::scene::{BandRole, SceneKind};

use super::habit::Season;
use super::normalise::Incomparable;
use super::sample::Sample;
use super::threshold::Noise;

pub use difference::Heights;
pub use lengths::{Lengths, Vectors};

/// A change method before it has seen a pixel.
pub trait ChangeMethod: Sync {
    /// Its word in project files and reports.
    fn word(&self) -> &'static str;

    /// Learns its parameters from a sample.
    ///
    /// # Errors
    /// [`Incomparable`] where the two scenes cannot be compared.
    fn fit(&self, sample: &Sample) -> Result<Box<dyn Fitted>, Incomparable>;
}

/// A change method that knows its parameters: a pure function of a block.
pub trait Fitted: Send + Sync {
    /// The method's word, where the choice was made only when the sample was seen.
    fn word(&self) -> Option<&'static str> {
        None
    }

    /// How far around itself a pixel's score looks, in pixels. Where it does, scores are made of blocks with their
    /// surroundings, never of single pixels of a sample.
    fn reach_px(&self) -> usize {
        0
    }

    /// What pixels would score, were the two dates exchanged; `false` where a score has no direction.
    fn score_back(&self, _block: &PairBlock, _scores: &mut [f32]) -> bool {
        false
    }

    /// Scores every pixel of a block: the larger, the surer the change.
    ///
    /// Shape: `scores` holds as many values as the block has pixels. Nodata: pixels not seen twice get a number too; the
    /// caller masks them.
    fn score(&self, block: &PairBlock, scores: &mut [f32]);

    /// The score that a pixel keeps when either scene may lie half a pixel off (see [`super::misfit`]).
    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32;

    /// The firm scores of the pixels of a component of change, which are told in ascending order.
    fn firm_scores(&self, block: &PairBlock, pixels: &[usize]) -> Vec<f32> {
        pixels.iter().map(|&pixel| self.firm_score(block, pixel)).collect()
    }

    /// The change vectors whose lengths the scores are, where they are.
    fn vectors(&self) -> Option<&dyn Vectors> {
        None
    }

    /// How a season is told from other change; none between scenes of one season.
    fn season(&self) -> Option<&Season> {
        None
    }

    /// What unchanged pixels score, where the method knows it.
    fn noise(&self) -> Option<Noise> {
        None
    }

    /// A threshold that follows from the method itself; rules are then not asked.
    fn own_threshold(&self) -> Option<f64> {
        None
    }

    /// How heights compare; of surfaces only.
    fn heights(&self) -> Option<Heights> {
        None
    }

    /// A value of the later scene in the units of the earlier one, for pictures in one stretch.
    fn in_units_of_before(&self, band: usize, after: f32) -> f32;

    /// What was learnt, for reports: (name, value).
    fn parameters(&self) -> Vec<(String, f64)>;
}

/// The words that a project file may name.
pub const METHODS: [&str; 7] = ["auto", "cva", "irmad", "index", "structure", "difference", "transition"];

/// Pixels of this side, in metres, and smaller ones show houses with their shadows.
const FINE_M: f64 = 2.5;

/// The method for a kind of scene and the bands compared. A word that does not fit the kind leaves it with its own method: a
/// project that names one for its images may hold surfaces too.
#[must_use]
pub fn method(word: &str, kind: SceneKind, roles: &[BandRole], pixel_m: f64) -> Box<dyn ChangeMethod> {
    let only_colours = roles.iter().all(|role| matches!(role, BandRole::Red | BandRole::Green | BandRole::Blue));
    match (word, kind) {
        (_, SceneKind::Surface) => Box::new(difference::SurfaceDifference),
        (_, SceneKind::Landcover) => Box::new(transition::ClassTransition),
        ("irmad", _) => Box::new(mad::Alteration),
        ("index", _) => Box::new(index::IndexDifference { roles: roles.to_vec() }),
        ("structure", _) => Box::new(structure::Structure { pixel_m }),
        ("auto", _) if only_colours && pixel_m <= FINE_M => Box::new(structure::ColourOrStructure { pixel_m }),
        _ => Box::new(vector::ChangeVector),
    }
}

/// Scores of the sample's pixels, as one row of a block.
#[must_use]
pub fn scores_of(sample: &Sample, fitted: &dyn Fitted) -> Vec<f32> {
    let window = Window { row: 0, col: 0, rows: 1, cols: sample.len() };
    let scene = |bands: &[Vec<f32>]| SceneBlock { window, bands: bands.to_vec(), gaps: vec![0; sample.len()] };
    let row = PairBlock { before: scene(&sample.before), after: scene(&sample.after) };
    let mut scores = vec![0.0; sample.len()];
    fitted.score(&row, &mut scores);
    scores
}
