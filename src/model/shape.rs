//! Polygons that can be trusted: the gate every foreign outline passes, repair, and the few overlays the program needs,
//! each checked by a second reckoning.
//!
//! Geometry code panics on short rings and non-finite numbers and is now and then wrong without a panic. So nothing reaches
//! it unless it went through [`gate`] and [`repair`], and no overlay is believed before its area agrees.
//! Absent on purpose: files, CRS (callers hand in map coordinates of one CRS) and units other than the CRS's own.

mod bands;
mod boundary;
mod gate;
mod overlay;
mod validity;

pub use bands::{even_odd_area, overlap_area};
pub use boundary::BoundaryIndex;
pub use gate::{Gated, RawPolygon, ShapeRefusal, gate};
pub use overlay::{OverlayDoubt, Repaired, repair, ring_around};
pub use validity::is_valid;

#[cfg(test)]
mod property;
