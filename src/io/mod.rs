//! The only seam to GDAL, the file system and the ledger's database.

pub mod files;
