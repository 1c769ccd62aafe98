//! Pixels → patches. Each method answers for one block and never loops over blocks; `pipeline::blocks` does.
//!
//! The way of a pixel: [`registration`] measures the misfit of the two scenes ([`relief`] to the last tenths between
//! surfaces), [`legend`] brings class codes to one list, [`normalise`] makes numbers comparable, a method of [`change`] scores
//! each pixel, [`strata`] gives calm and restless ground its own noise, [`context`] judges pixels together with their
//! neighbours and [`season`] by what like ground did ([`habit`]), [`threshold`] decides, [`misfit`] takes edges back,
//! [`run`] joins changed pixels across block seams, [`outline`] draws them and [`patch`] keeps what is large enough; [`volume`]
//! says how much ground was moved, with the errors that [`variogram`] tells.

pub mod change;
pub mod chi_square;
pub mod cloud;
pub mod context;
pub mod cover;
pub mod habit;
pub mod kmeans;
pub mod legend;
pub mod misfit;
pub mod normalise;
pub mod outline;
pub mod patch;
pub mod piece;
pub mod registration;
pub mod relief;
pub mod run;
pub mod sample;
pub mod season;
pub mod strata;
pub mod threshold;
pub mod tophat;
pub mod variogram;
pub mod volume;

pub use cover::CoverRules;
