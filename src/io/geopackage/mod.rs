//! The `GeoPackage` container, written exactly (OGC 12-128r17, version 1.3): geometry blobs, core tables, R-tree and
//! schema extensions, and `flags.gpkg`. The ledger builds on the same parts. Absent on purpose: reading foreign
//! files, which GDAL does.

mod blob;
mod container;
mod flags_file;
mod functions;
mod records;
mod row;
mod rtree;
mod samples_file;
mod tables;
#[cfg(test)]
pub(in crate::io) mod tests;

pub use flags_file::write_flags;
pub use samples_file::{SampleFile, SamplePoint, SampleStratum, write_samples};

pub(in crate::io) use blob::{decode, encode};
pub(in crate::io) use container::{
    APPLICATION_ID, create_core, name_columns, register_attributes, register_layer, srs_row, touch, update_extent,
};
pub(in crate::io) use functions::add_functions;
pub(in crate::io) use records::{Words, comparison_row, flag_row, hit_row, zone_row, zone_tally_row};
pub(in crate::io) use row::{Row, insert, value};
