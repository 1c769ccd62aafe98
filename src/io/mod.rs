//! The only seam to GDAL, the file system and the ledger's database.
//!
//! GDAL is locked down once per process ([`setup`]), every path is looked at before GDAL sees it ([`sniff`]), what GDAL
//! logs is data ([`error`]), and nothing gets its final name before it is whole ([`atomic`]).

pub mod atomic;
pub mod cache;
pub mod crs;
pub mod error;
pub mod files;
pub mod geopackage;
pub mod journal;
pub mod ledger;
pub mod places;
pub mod preferences;
pub mod process;
pub mod raster;
pub mod setup;
pub mod sniff;
pub mod tiles;
pub mod vector;
