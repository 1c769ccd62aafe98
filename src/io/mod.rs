//! The only seam to GDAL, the file system and the ledger's database.
//! to be written

pub mod geopackage;
pub mod ledger;
