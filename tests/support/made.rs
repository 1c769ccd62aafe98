//! Scenes and zones in other forms than the data have: other layouts, codes, margins, coordinate systems.

use std::path::{Path, PathBuf};

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::LayerOptions;
use gdal::vector::{LayerAccess, OGRFieldType};
use gdal::{Dataset, DriverManager};

/// The pixels of a raster in memory.
#[derive(Clone)]
pub struct Pixels {
    pub cols: usize,
    pub rows: usize,
    pub bands: Vec<Vec<f64>>,
    pub transform: [f64; 6],
    pub srs: String,
}

impl Pixels {
    pub fn read(path: &Path) -> Self {
        let file = Dataset::open(path).unwrap();
        let (cols, rows) = file.raster_size();
        Self {
            cols,
            rows,
            bands: file.rasterbands().map(|b| b.unwrap().read_band_as::<f64>().unwrap().data().to_vec()).collect(),
            transform: file.geo_transform().unwrap(),
            srs: file.projection(),
        }
    }

    /// A part of it, which may reach outside; `fill` stands there.
    pub fn window(&self, left: i64, top: i64, cols: usize, rows: usize, fill: f64) -> Self {
        let inside = |at: i64, count: usize| usize::try_from(at).ok().filter(|&at| at < count);
        let plane = |band: &Vec<f64>| {
            let at = |i: usize| {
                let (col, row) = (left + (i % cols) as i64, top + (i / cols) as i64);
                match (inside(col, self.cols), inside(row, self.rows)) {
                    (Some(col), Some(row)) => band[row * self.cols + col],
                    _ => fill,
                }
            };
            (0..cols * rows).map(at).collect()
        };
        let mut transform = self.transform;
        transform[0] += left as f64 * transform[1];
        transform[3] += top as f64 * transform[5];
        Self { cols, rows, bands: self.bands.iter().map(plane).collect(), transform, srs: self.srs.clone() }
    }

    /// The same with `code` in every band of the pixels of a rectangle.
    pub fn with_hole(&self, left: usize, top: usize, side: usize, code: f64) -> Self {
        let mut holed = self.clone();
        for band in &mut holed.bands {
            for row in top..top + side {
                band[row * self.cols + left..row * self.cols + left + side].fill(code);
            }
        }
        holed
    }

    /// Writes it as a `GeoTIFF`.
    pub fn write<T: GdalType + Copy>(
        &self,
        path: &Path,
        options: &[&str],
        nodata: Option<f64>,
        stored: impl Fn(f64) -> T,
    ) -> PathBuf {
        let options = options.iter().copied().collect::<RasterCreationOptions>();
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut file = driver
            .create_with_band_type_with_options::<T, _>(path, self.cols, self.rows, self.bands.len(), &options)
            .unwrap();
        file.set_geo_transform(&self.transform).unwrap();
        file.set_spatial_ref(&SpatialRef::from_wkt(&self.srs).unwrap()).unwrap();
        for (index, values) in self.bands.iter().enumerate() {
            let mut band = file.rasterband(index + 1).unwrap();
            band.set_no_data_value(nodata).unwrap();
            let mut buffer = Buffer::new((self.cols, self.rows), values.iter().map(|v| stored(*v)).collect());
            band.write((0, 0), (self.cols, self.rows), &mut buffer).unwrap();
        }
        file.close().unwrap();
        path.to_path_buf()
    }

    /// Writes it with 8 bits a band.
    pub fn write_u8(&self, path: &Path, options: &[&str]) -> PathBuf {
        self.write(path, options, None, |v| v as u8)
    }
}

/// Adds overviews to a raster.
pub fn add_overviews(path: &Path) {
    let options = gdal::DatasetOptions { open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE, ..Default::default() };
    let mut file = Dataset::open_ex(path, options).unwrap();
    file.build_overviews("NEAREST", &[2, 4, 8], &[]).unwrap();
    file.close().unwrap();
}

/// A CRS with x before y.
pub fn crs(epsg: u32) -> SpatialRef {
    let mut crs = SpatialRef::from_epsg(epsg).unwrap();
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    crs
}

/// Writes the outlines of a zone layer in another CRS, with identifier and name, as a file of `driver`.
pub fn rezoned(source: &Path, id: &str, epsg: u32, driver: &str, layer_options: &[&str], to: &Path) -> PathBuf {
    let from = Dataset::open(source).unwrap();
    let mut layer = from.layer(0).unwrap();
    let mut given = layer.spatial_ref().unwrap();
    given.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let (target, step) = (crs(epsg), CoordTransform::new(&given, &crs(epsg)).unwrap());
    let mut made = DriverManager::get_driver_by_name(driver).unwrap().create_vector_only(to).unwrap();
    let name = to.file_stem().unwrap().to_str().unwrap();
    let options = LayerOptions { name, srs: Some(&target), options: Some(layer_options), ..Default::default() };
    let written = made.create_layer(options).unwrap();
    written.create_defn_fields(&[("zone_id", OGRFieldType::OFTString), ("name", OGRFieldType::OFTString)]).unwrap();
    for feature in layer.features() {
        let value = feature.field_as_string(feature.field_index(id).unwrap()).unwrap().unwrap();
        let shape = feature.geometry().unwrap().transform(&step).unwrap();
        let mut record = gdal::vector::Feature::new(written.defn()).unwrap();
        record.set_geometry(shape).unwrap();
        record.set_field_string(0, &value).unwrap();
        record.set_field_string(1, &chinese_name(&value)).unwrap();
        record.create(&written).unwrap();
    }
    made.close().unwrap();
    to.to_path_buf()
}

/// A name with characters that need their encoding known.
pub fn chinese_name(id: &str) -> String {
    format!("瓜洲运河清水通道维护区（{id}）")
}
