//! One zone layer, ready for screening.

use crate::model::crs::Crs;

use super::table::{Wish, load};
use super::{LayerQuery, LayerRead, VectorError, check, source};

/// Reads a zone layer into the target CRS; what cannot be used is left out and said in the notices.
///
/// # Errors
/// When the file, the layer or its CRS cannot be told, or when no outline of it can be used.
pub fn read(query: &LayerQuery, target: &Crs) -> Result<LayerRead, VectorError> {
    let source = source::look(&query.path)?;
    let mut table = load(&source, Wish { layer: query.layer.as_deref(), encoding: query.encoding.as_deref() })?;
    if query.latitude_first {
        table.turn_axes();
    }
    let no_crs = || VectorError::NoCrs { path: query.path.clone(), layer: table.layer.clone() };
    let source_crs = query.crs.clone().or_else(|| table.crs.clone()).ok_or_else(no_crs)?;
    let (features, notices) = check::zones_of(&query.path, &table, &source_crs, target)?;
    table.notices.extend(notices);
    Ok(LayerRead { layer: table.layer, source_crs, features, notices: table.notices })
}
