//! How far a comparison agrees with what is known to be true, as plain figures: [`confusion`] counts, [`stratified`]
//! estimates areas with their error, [`design`] shares points among strata, [`answer`] is the result for programs.
//!
//! It lives in `report` because it judges an outcome and changes none: detection must never learn from it. Absent on
//! purpose: reading references and placing points, which the use cases do, and words, which the fronts have.

pub mod answer;
pub mod confusion;
pub mod design;
pub mod stratified;

use std::path::PathBuf;

use crate::model::Date;
use crate::model::notice::Notice;
use crate::model::scene::SceneKind;

pub use answer::answer;
pub use confusion::Confusion;
pub use stratified::{Estimate, StratifiedSample, Stratum};

/// The two classes of a change map and of its reference, as places in every matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Changed.
    Changed,
    /// Observed, no change.
    Unchanged,
}

impl Class {
    /// Both, in the order of the matrices.
    pub const ALL: [Self; 2] = [Self::Changed, Self::Unchanged];

    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What a reference labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Pixels of a truth raster.
    Raster,
    /// Pixels inside labelled polygons.
    Polygons,
    /// Points, taken as a probability sample.
    Points,
}

impl Basis {
    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Raster => "raster",
            Self::Polygons => "polygons",
            Self::Points => "points",
        }
    }
}

/// One comparison against a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// What was compared.
    pub kind: SceneKind,
    /// Method used.
    pub method: String,
    /// Threshold used; `None` where nothing separated.
    pub threshold: Option<f64>,
    /// Labelled and observed pixels or points.
    pub matrix: Confusion,
    /// Labelled, inside the zones or rings, but not observed: by reference class.
    pub not_observed: [u64; 2],
    /// Points without a usable label.
    pub unlabelled: u64,
    /// Points off every zone and ring.
    pub outside: u64,
    /// The estimates of a probability sample.
    pub estimates: Option<Estimates>,
}

/// What a probability sample says of the whole analysed area.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// The sample.
    pub sample: StratifiedSample,
    /// Whether strata and their areas are the reference file's own; else they are the classes of the map.
    pub own_strata: bool,
    /// Area of the strata without any usable point, in m²: the estimates do not speak of it.
    pub unsampled_m2: f64,
}

/// All comparisons of a project that were assessed.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Name of the project.
    pub project: String,
    /// The reference.
    pub reference: PathBuf,
    /// What it labels.
    pub basis: Basis,
    /// The comparisons.
    pub comparisons: Vec<Assessed>,
    /// What there is to tell.
    pub notices: Vec<Notice>,
}
