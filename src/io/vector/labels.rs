//! Layers of reference labels: points or polygons with their fields, in the target CRS. Zones have a door of their own
//! (`read`); the same files open behind both.

use std::collections::BTreeMap;
use std::path::Path;

use geo_types::MultiPolygon;

use crate::model::crs::Crs;
use crate::model::notice::Notice;

use super::crs_bridge::Transformer;
use super::outline::Outline;
use super::table::{Row, Table, Wish, load};
use super::{VectorError, check, source};

/// Ends of the names of vector files.
const ENDS: [&str; 8] = ["gpkg", "shp", "geojson", "json", "kml", "kmz", "gdb", "dbf"];

/// One record with a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled<T> {
    /// Number of the record in its layer, from 1.
    pub number: usize,
    /// Texts of its fields; fields without a value are absent.
    pub fields: BTreeMap<String, String>,
    /// Where it lies, in the target CRS.
    pub place: T,
}

/// What the records of a layer are.
#[derive(Debug, Clone, PartialEq)]
pub enum Spots {
    /// Points; a multi-part point gives one record a part.
    Points(Vec<Labelled<(f64, f64)>>),
    /// Valid outlines.
    Polygons(Vec<Labelled<MultiPolygon<f64>>>),
}

/// A layer of labels.
#[derive(Debug, Clone)]
pub struct LabelledLayer {
    /// Names of its fields, in order.
    pub fields: Vec<String>,
    /// Its records.
    pub spots: Spots,
    /// What was mended or left out.
    pub notices: Vec<Notice>,
}

/// Whether a path is named like a vector file.
#[must_use]
pub fn is_vector_file(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
    end.is_some_and(|end| ENDS.contains(&end.as_str()))
}

/// Reads a layer of labels into the target CRS. A layer with any polygon is one of polygons.
///
/// # Errors
/// When the file, the layer or its CRS cannot be told, or when nothing in it has a usable place.
pub fn labels(path: &Path, target: &Crs) -> Result<LabelledLayer, VectorError> {
    let table = load(&source::look(path)?, Wish { layer: None, encoding: None })?;
    let no_crs = || VectorError::NoCrs { path: path.to_path_buf(), layer: table.layer.clone() };
    let crs = table.crs.clone().ok_or_else(no_crs)?;
    let (spots, more) = if has_only_points(&table) {
        (Spots::Points(points_of(path, &table, &crs, target)?), Vec::new())
    } else {
        let (zones, notices) = check::zones_of(path, &table, &crs, target)?;
        let spot = |z: super::ZoneFeature| Labelled { number: z.number, fields: z.fields, place: z.shape };
        (Spots::Polygons(zones.into_iter().map(spot).collect()), notices)
    };
    let mut notices = table.notices;
    notices.extend(more);
    Ok(LabelledLayer { fields: table.fields, spots, notices })
}

fn has_only_points(table: &Table) -> bool {
    let parts = || {
        table.rows.iter().filter_map(|row| if let Outline::Parts(parts) = &row.outline { Some(parts) } else { None })
    };
    parts().any(|parts| parts.points > 0) && parts().all(|parts| parts.polygons.is_empty())
}

fn points_of(path: &Path, table: &Table, from: &Crs, to: &Crs) -> Result<Vec<Labelled<(f64, f64)>>, VectorError> {
    let no_way = || VectorError::NoWay { path: path.to_path_buf(), from: from.label(), to: to.label() };
    let way = Transformer::new(from, to).ok_or_else(no_way)?;
    let fields_of = |row: &Row| {
        let values = table.fields.iter().zip(&row.values);
        values.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect::<BTreeMap<_, _>>()
    };
    let mut points = Vec::new();
    for row in &table.rows {
        let Outline::Parts(parts) = &row.outline else { continue };
        for place in parts.places.iter().filter(|place| place.x.is_finite() && place.y.is_finite()) {
            let mut point = [(place.x, place.y)];
            // A point that has no image in the target CRS lies outside everything that is compared.
            if way.forward(&mut point) && point[0].0.is_finite() && point[0].1.is_finite() {
                points.push(Labelled { number: row.number, fields: fields_of(row), place: point[0] });
            }
        }
    }
    if points.is_empty() { Err(no_way()) } else { Ok(points) }
}
