//! The nouns of the field, as plain data: no files, no threads, no clock.

pub mod class;
pub mod crs;
pub mod displacement;
pub mod flag;
pub mod grid;
pub mod legend;
pub mod notice;
pub mod outcome;
pub mod patch;
pub mod picture;
pub mod raster;
pub mod record;
pub mod scene;
pub mod shape;
pub mod transfer;
pub mod units;
pub mod volume;
pub mod zone;

pub use jiff::civil::Date;
