//! Files through GDAL, without a clock: the same pixels and the same outlines give the same files with the same GDAL.

use std::path::Path;

use gdal::raster::{Buffer, ColorInterpretation, GdalType, RasterCreationOptions};
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{Defn, Feature, FieldDefn, Geometry, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use gdal::{Dataset, DriverManager, Metadata};

use super::canvas::Frame;
use super::shape::Point;

/// What goes wrong while writing.
pub type Failure = Box<dyn std::error::Error>;

/// Easting and northing (EPSG:4549) of the reach's south-west corner.
pub const ORIGIN: Point = [444_200.0, 3_567_700.0];

/// The reach's CRS: CGCS2000, 3-degree Gauss–Krüger, 120° E.
///
/// # Errors
/// GDAL without the EPSG data set.
pub fn crs() -> Result<SpatialRef, Failure> {
    let mut crs = SpatialRef::from_epsg(4549)?;
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(crs)
}

/// A raster to write.
pub struct Sheet<'a, T> {
    /// Lattice.
    pub frame: Frame,
    /// Bands in row order.
    pub bands: &'a [Vec<T>],
    /// Their descriptions.
    pub names: &'a [&'a str],
    /// Their colours.
    pub colours: &'a [&'a ColorInterpretation],
    /// Nodata value.
    pub nodata: Option<f64>,
    /// Scale to reflectance.
    pub scale: Option<f64>,
    /// `yyyy-mm-dd`.
    pub date: &'a str,
    /// TIFF predictor.
    pub predictor: u8,
}

/// Writes a tiled, compressed `GeoTIFF`.
///
/// # Errors
/// What GDAL reports.
pub fn raster<T: GdalType + Copy>(path: &Path, sheet: &Sheet<'_, T>) -> Result<(), Failure> {
    let predictor = format!("PREDICTOR={}", sheet.predictor);
    let photometric = if sheet.colours.is_empty() { "PHOTOMETRIC=MINISBLACK" } else { "PHOTOMETRIC=RGB" };
    let options = RasterCreationOptions::from_iter([
        "TILED=YES",
        "BLOCKXSIZE=256",
        "BLOCKYSIZE=256",
        "COMPRESS=DEFLATE",
        "ZLEVEL=9",
        &predictor,
        "INTERLEAVE=BAND",
        photometric,
    ]);
    let frame = sheet.frame;
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let mut file =
        driver.create_with_band_type_with_options::<T, _>(path, frame.cols, frame.rows, sheet.bands.len(), &options)?;
    file.set_spatial_ref(&crs()?)?;
    file.set_geo_transform(&[
        ORIGIN[0] + frame.corner[0],
        frame.step,
        0.0,
        ORIGIN[1] + frame.corner[1],
        0.0,
        -frame.step,
    ])?;
    file.set_metadata_item("TIFFTAG_DATETIME", &format!("{} 10:40:00", sheet.date.replace('-', ":")), "")?;
    file.set_metadata_item(
        "TIFFTAG_IMAGEDESCRIPTION",
        "SIMULATED by ecoredline simulate_reach; not an observation",
        "",
    )?;
    for (number, pixels) in sheet.bands.iter().enumerate() {
        let mut band = file.rasterband(number + 1)?;
        if sheet.nodata.is_some() {
            band.set_no_data_value(sheet.nodata)?;
        }
        if let Some(colour) = sheet.colours.get(number) {
            let named = colour.name();
            band.set_color_interpretation(ColorInterpretation::from_name(&named)?)?;
        }
        if let Some(scale) = sheet.scale {
            band.set_scale(scale)?;
            band.set_offset(0.0)?;
        }
        if let Some(name) = sheet.names.get(number) {
            band.set_description(name)?;
        }
        let mut buffer = Buffer::new((frame.cols, frame.rows), pixels.clone());
        band.write((0, 0), (frame.cols, frame.rows), &mut buffer)?;
    }
    file.close()?;
    Ok(())
}

/// A value of an attribute.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// Text; an empty one is written as null.
    Text(String),
    /// A whole number.
    Whole(Option<i32>),
    /// A number.
    Number(f64),
}

/// A row of a layer: polygons of rings in local metres, and attributes in the layer's order.
pub struct Row {
    /// Polygons.
    pub polygons: Vec<Vec<Vec<Point>>>,
    /// Attributes.
    pub attributes: Vec<Attribute>,
}

/// A layer to write: name, field names with a sample of their type, rows.
pub struct Table<'a> {
    /// Name.
    pub name: &'a str,
    /// Fields.
    pub fields: &'a [&'a str],
    /// Rows, at least one.
    pub rows: &'a [Row],
}

/// Polygons in map coordinates.
///
/// # Errors
/// What GDAL reports.
pub fn geometry(polygons: &[Vec<Vec<Point>>]) -> Result<Geometry, Failure> {
    let mut whole = Geometry::empty(OGRwkbGeometryType::wkbMultiPolygon)?;
    for rings in polygons {
        let mut polygon = Geometry::empty(OGRwkbGeometryType::wkbPolygon)?;
        for ring in rings {
            let mut line = Geometry::empty(OGRwkbGeometryType::wkbLinearRing)?;
            for point in ring.iter().chain(ring.first()) {
                line.add_point_2d((ORIGIN[0] + point[0], ORIGIN[1] + point[1]));
            }
            polygon.add_geometry(line)?;
        }
        whole.add_geometry(polygon)?;
    }
    Ok(whole)
}

/// Creates an empty vector file, replacing an older one.
///
/// # Errors
/// What GDAL or the file system reports.
pub fn vector_file(path: &Path, driver: &str) -> Result<Dataset, Failure> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    Ok(DriverManager::get_driver_by_name(driver)?.create_vector_only(path)?)
}

/// Writes a layer.
///
/// # Errors
/// What GDAL reports.
pub fn layer(file: &mut Dataset, table: &Table<'_>, options: &[&str]) -> Result<(), Failure> {
    let crs = crs()?;
    let layer = file.create_layer(LayerOptions {
        name: table.name,
        srs: Some(&crs),
        ty: OGRwkbGeometryType::wkbMultiPolygon,
        options: Some(options),
    })?;
    for (number, field) in table.fields.iter().enumerate() {
        let (kind, width) = match table.rows.first().and_then(|row| row.attributes.get(number)) {
            Some(Attribute::Whole(_)) => (OGRFieldType::OFTInteger, 9),
            Some(Attribute::Number(_)) => (OGRFieldType::OFTReal, 0),
            _ => (OGRFieldType::OFTString, 120),
        };
        let definition = FieldDefn::new(field, kind)?;
        if width > 0 {
            definition.set_width(width);
        }
        definition.add_to_layer(&layer)?;
    }
    for row in table.rows {
        let definition = Defn::from_layer(&layer);
        let mut feature = Feature::new(&definition)?;
        for (number, attribute) in row.attributes.iter().enumerate() {
            match attribute {
                Attribute::Text(text) if text.is_empty() => feature.set_field_null(number)?,
                Attribute::Text(text) => feature.set_field_string(number, text)?,
                Attribute::Whole(Some(value)) => feature.set_field_integer(number, *value)?,
                Attribute::Whole(None) => feature.set_field_null(number)?,
                Attribute::Number(value) => feature.set_field_double(number, *value)?,
            }
        }
        feature.set_geometry(geometry(&row.polygons)?)?;
        feature.create(&layer)?;
    }
    Ok(())
}
