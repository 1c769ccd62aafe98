//! Pixels → patches. Each method answers for one block and never loops over blocks; `pipeline::blocks` does.
//!
//! The way of a pixel: [`registration`] measures the misfit of the two scenes, [`normalise`] makes their numbers
//! comparable, a method of [`change`] scores each pixel, [`strata`] gives calm and restless ground its own noise,
//! [`threshold`] decides, [`misfit`] takes edges back, [`run`] joins changed pixels across block seams, [`outline`] draws them and [`patch`] keeps what is large enough.

pub mod change;
pub mod chi_square;
pub mod cloud;
pub mod cover;
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
pub mod strata;
pub mod threshold;
pub mod variogram;
pub mod volume;

pub use cover::CoverRules;
