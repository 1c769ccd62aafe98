//! Rasters in and out: what a file says about itself ([`describe`]), scenes put on the analysis grid window by window
//! ([`reader`]), and results written whole or not at all ([`writer`]).

mod compose;
pub mod describe;
pub mod glance;
pub mod mask;
pub mod polygons;
pub mod reader;
pub mod reduced;
pub mod refusal;
pub mod resample;
pub mod source;
mod tile;
pub mod validity;
pub mod writer;

pub use describe::{BandInfo, RasterInfo, describe};
pub use reader::{SceneReader, damage_notices};
pub use refusal::RasterError;
pub use source::Damage;
pub use writer::{RasterKind, RasterWriter};

#[cfg(test)]
mod test_glance;
#[cfg(test)]
mod test_scenes;
#[cfg(test)]
mod test_writer;
#[cfg(test)]
mod tests;
