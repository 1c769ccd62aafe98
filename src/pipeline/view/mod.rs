//! The use case behind every map: a project is opened, and its scenes are read as small coloured tiles for whoever looks.
//!
//! Reads happen on standing workers alone; a view that moved on cancels what it no longer needs. Absent on purpose:
//! screens, colours of the window, and detection.

mod colour;
mod open;
mod pyramid;
mod tiles;

pub use colour::{Composite, Index, JointStretch, paint};
pub use open::{Opened, open};
pub use pyramid::{Pyramid, TILE};
pub use tiles::{Answer, Probe, Reading, Request, TileImage, TileKey, TileService};
