//! Why a reference cannot be used, or a sample not be drawn.

use std::path::{Path, PathBuf};

use crate::model::notice::{Explain, Notice, Weight};

/// Why a reference cannot be used, or a sample not be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // `path` is the reference, `known` and `found` are lists for people; the others say themselves.
pub enum ReferenceError {
    /// It does not say where it lies.
    #[error("{} has no CRS", path.display())]
    NoCrs { path: PathBuf },
    /// No labelled pixel or point lies on what is compared.
    #[error("{} lies outside what is compared", path.display())]
    Outside { path: PathBuf },
    /// It meets what is compared, but no value of it is one of the labels.
    #[error("{} has no value of {changed} or {unchanged}", path.display())]
    NoLabel { path: PathBuf, changed: String, unchanged: String, found: String },
    /// No field of that name.
    #[error("{} has no field {field}", path.display())]
    UnknownField { path: PathBuf, field: String, known: String },
    /// Several fields and none named.
    #[error("{} does not say which field holds the label", path.display())]
    NoField { path: PathBuf, known: String },
    /// A label of a raster that is no whole number.
    #[error("{value:?} is no value of a raster")]
    NotANumber { path: PathBuf, value: String },
    /// A value that means both.
    #[error("{value:?} means both changed and unchanged")]
    Ambiguous { path: PathBuf, value: String },
    /// The file to be written is an input.
    #[error("{} is an input", path.display())]
    OutputIsInput { path: PathBuf },
    /// No comparison of these dates and kind.
    #[error("no such comparison")]
    NoComparison { known: String },
    /// Too few points for the strata.
    #[error("{points} points are too few for {strata} strata")]
    FewPoints { points: u64, strata: u64, least: u64 },
    /// Nothing was observed.
    #[error("nothing was observed between {from} and {to}")]
    NothingObserved { from: String, to: String, kind: &'static str },
}

impl Explain for ReferenceError {
    fn notice(&self) -> Notice {
        let of = |code| Notice::new(code, Weight::Fatal);
        let at = |code, path: &Path| of(code).at(path);
        match self {
            Self::NoCrs { path } => at("reference_no_crs", path),
            Self::Outside { path } => at("reference_outside", path),
            Self::NoLabel { path, changed, unchanged, found } => at("reference_no_label", path)
                .fact("changed", changed)
                .fact("unchanged", unchanged)
                .fact("found", found),
            Self::UnknownField { path, field, known } => {
                at("reference_field", path).fact("field", field).fact("known", known)
            }
            Self::NoField { path, known } => at("reference_no_field", path).fact("known", known),
            Self::NotANumber { path, value } => at("reference_number", path).fact("value", value),
            Self::Ambiguous { path, value } => at("reference_ambiguous", path).fact("value", value),
            Self::OutputIsInput { path } => at("output_is_input", path),
            Self::NoComparison { known } => of("no_such_comparison").fact("known", known),
            Self::FewPoints { points, strata, least } => {
                of("sample_points").fact("points", points).fact("strata", strata).fact("least", least)
            }
            Self::NothingObserved { from, to, kind } => {
                of("sample_unseen").fact("from", from).fact("to", to).fact("kind", kind)
            }
        }
    }
}
