//! Layers that GDAL reads: `GeoJSON` and File Geodatabase, and the outlines of Shapefiles. One driver is allowed, the one
//! that the file's own bytes call for.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::vector::{Feature, Layer, LayerAccess, OGRFieldType, OGRwkbGeometryType, geometry_type_flatten};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::model::notice::{Notice, Weight};

use super::choose::{Head, HeadKind, choose};
use super::outline::Outline;
use super::source::{Format, Source};
use super::table::{Row, Table, Wish};
use super::{VectorError, crs_bridge, encoding};

/// Opens a file with one driver allowed.
pub(super) fn open(path: &Path, real: &Path, driver: &str, options: &[&str]) -> Result<Dataset, VectorError> {
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&[driver]),
        open_options: Some(options),
        sibling_files: None,
    };
    Dataset::open_ex(real, options).map_err(|error| VectorError::Open {
        path: path.to_path_buf(),
        format: driver.to_owned(),
        detail: words_of(&error),
    })
}

/// GDAL's own words, without its codes.
pub(super) fn words_of(error: &GdalError) -> String {
    match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } if !msg.is_empty() => msg.clone(),
        _ => String::from("–"),
    }
}

pub(super) fn load(source: &Source, wish: Wish<'_>) -> Result<Table, VectorError> {
    let recoded = if source.format == Format::GeoJson { as_utf8(source, wish)? } else { None };
    let real = recoded.as_ref().map_or(source.real.as_path(), |copy| copy.file.as_path());
    let dataset = open(&source.path, real, source.format.name(), &[])?;
    let heads: Vec<Head> = dataset.layers().map(|layer| Head { name: layer.name(), kind: kind_of(&layer) }).collect();
    let index = choose(&source.path, &heads, wish.layer)?;
    let mut layer = dataset.layer(index).map_err(|error| open_error(source, &error))?;
    let fields: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let promised = layer.feature_count();
    let rows = rows_of(&mut layer);
    let mut notices = recoded.map(|copy| copy.notices).unwrap_or_default();
    if (rows.len() as u64) < promised {
        notices.push(
            Notice::new("R35_zone_rows", Weight::Refused)
                .at(&source.path)
                .fact("read", rows.len())
                .fact("promised", promised),
        );
    }
    let crs = layer.spatial_ref().and_then(|srs| crs_bridge::from_spatial_ref(&srs));
    Ok(Table {
        layer: heads[index].name.clone(),
        layers: heads.into_iter().map(|head| head.name).collect(),
        crs,
        fields,
        rows,
        encoding: Some(String::from("UTF-8")),
        notices,
    })
}

fn open_error(source: &Source, error: &GdalError) -> VectorError {
    VectorError::Open { path: source.path.clone(), format: source.format.name().to_owned(), detail: words_of(error) }
}

fn kind_of(layer: &Layer<'_>) -> HeadKind {
    match geometry_type_flatten(layer.defn().geometry_type()) {
        OGRwkbGeometryType::wkbUnknown | OGRwkbGeometryType::wkbGeometryCollection => HeadKind::Any,
        3 | 6 | 10 | 12 | 15..=17 => HeadKind::Polygon,
        _ => HeadKind::Other,
    }
}

/// All records of a layer.
pub(super) fn rows_of(layer: &mut Layer<'_>) -> Vec<Row> {
    let types: Vec<u32> = layer.defn().fields().map(|field| field.field_type()).collect();
    let row = |(index, feature): (usize, Feature<'_>)| Row {
        number: index + 1,
        values: types.iter().enumerate().map(|(i, &kind)| value_of(&feature, i, kind)).collect(),
        outline: outline_of(&feature),
    };
    layer.features().enumerate().map(row).collect()
}

/// The outline of a record; a null geometry has none.
pub(super) fn outline_of(feature: &Feature<'_>) -> Outline {
    feature.geometry_by_index(0).map_or(Outline::Missing, Outline::of)
}

/// A field as text: dates as `2024-01-31`, nothing for null.
fn value_of(feature: &Feature<'_>, index: usize, kind: u32) -> Option<String> {
    let text = feature.field_as_string(index).ok()??;
    let is_date = [OGRFieldType::OFTDate, OGRFieldType::OFTDateTime].contains(&kind);
    Some(if is_date { text.replacen('/', "-", 2) } else { text })
}

/// A `GeoJSON` file that is not UTF-8, written anew as UTF-8.
struct Recoded {
    file: std::path::PathBuf,
    notices: Vec<Notice>,
    // Removes the copy when dropped.
    _folder: tempfile::TempDir,
}

fn as_utf8(source: &Source, wish: Wish<'_>) -> Result<Option<Recoded>, VectorError> {
    let unreadable = |error: std::io::Error| VectorError::Unreadable { path: source.path.clone(), kind: error.kind() };
    let bytes = std::fs::read(&source.real).map_err(unreadable)?;
    if wish.encoding.is_none() && std::str::from_utf8(&bytes).is_ok() {
        return Ok(None);
    }
    let choice = encoding::resolve(&source.path, wish.encoding, &encoding::Evidence { texts: &[&bytes], ..Default::default() })?;
    let folder = tempfile::tempdir().map_err(unreadable)?;
    let file = folder.path().join("layer.geojson");
    std::fs::write(&file, choice.decode(&bytes)).map_err(unreadable)?;
    Ok(Some(Recoded { file, notices: choice.notices, _folder: folder }))
}
