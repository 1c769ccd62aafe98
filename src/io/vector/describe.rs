//! What a zone layer holds, before anyone decides how to read it.

use std::collections::BTreeMap;
use std::path::Path;

use geo_types::{Coord, Rect};

use crate::model::crs::Crs;

use super::outline::Outline;
use super::table::{Table, Wish, load};
use super::{GeometryKinds, LayerInfo, LayerQuery, VectorError, source};

/// Values shown for each field.
const SAMPLES: usize = 5;

/// Looks at one layer of a file; `layer: None` takes the only one with polygons, `crs` stands in for the file's own.
///
/// # Errors
/// When the file or the layer cannot be told. A missing CRS is no error here.
pub fn describe(path: &Path, layer: Option<&str>, crs: Option<&Crs>) -> Result<LayerInfo, VectorError> {
    let query = LayerQuery { layer: layer.map(str::to_owned), crs: crs.cloned(), ..LayerQuery::at(path) };
    describe_query(&query)
}

/// Looks at a layer as it would be read: under the encoding and the order of axes that the query names.
///
/// # Errors
/// When the file, the layer or the encoding cannot be told. A missing CRS is no error here.
pub fn describe_query(query: &LayerQuery) -> Result<LayerInfo, VectorError> {
    let source = source::look(&query.path)?;
    let mut table = load(&source, Wish { layer: query.layer.as_deref(), encoding: query.encoding.as_deref() })?;
    if query.latitude_first {
        table.turn_axes();
    }
    Ok(LayerInfo {
        path: query.path.clone(),
        driver: source.format.name(),
        crs: query.crs.clone().or_else(|| table.crs.clone()),
        count: table.rows.len(),
        kinds: kinds_of(&table),
        extent: extent_of(&table),
        samples: samples_of(&table),
        layer: table.layer,
        layers: table.layers,
        fields: table.fields,
        encoding: table.encoding,
        notices: table.notices,
    })
}

fn kinds_of(table: &Table) -> GeometryKinds {
    let mut kinds = GeometryKinds::default();
    for row in &table.rows {
        let slot = match &row.outline {
            Outline::Missing => &mut kinds.missing,
            Outline::Parts(parts) if !parts.polygons.is_empty() => &mut kinds.polygons,
            Outline::Parts(parts) if parts.points > 0 => &mut kinds.points,
            Outline::Parts(parts) if parts.lines > 0 => &mut kinds.lines,
            Outline::Parts(_) | Outline::Damaged => &mut kinds.other,
        };
        *slot += 1;
    }
    kinds
}

fn extent_of(table: &Table) -> Option<Rect<f64>> {
    let outlines =
        table.rows.iter().filter_map(|row| if let Outline::Parts(parts) = &row.outline { Some(parts) } else { None });
    let points = outlines.flat_map(|parts| parts.polygons.iter().flatten().flatten());
    let finite = points.filter(|p| p.x.is_finite() && p.y.is_finite());
    finite
        .fold(None, |bounds: Option<(Coord<f64>, Coord<f64>)>, p| {
            let (low, high) = bounds.unwrap_or((*p, *p));
            let low = Coord { x: low.x.min(p.x), y: low.y.min(p.y) };
            Some((low, Coord { x: high.x.max(p.x), y: high.y.max(p.y) }))
        })
        .map(|(low, high)| Rect::new(low, high))
}

fn samples_of(table: &Table) -> BTreeMap<String, Vec<String>> {
    let sample = |(index, name): (usize, &String)| {
        let mut values: Vec<String> = Vec::new();
        for value in table.rows.iter().filter_map(|row| row.values.get(index)?.clone()) {
            if values.len() == SAMPLES {
                break;
            }
            if !values.contains(&value) {
                values.push(value);
            }
        }
        (name.clone(), values)
    };
    table.fields.iter().enumerate().map(sample).collect()
}
