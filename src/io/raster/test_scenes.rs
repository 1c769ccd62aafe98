//! Small rasters and scenes for the tests of this room.

use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};

use super::SceneReader;
use super::describe::{RasterInfo, describe};
use crate::io::crs;
use crate::model::grid::{GeoTransform, Grid};
use crate::model::legend::Legend;
use crate::model::raster::SceneBlock;
use crate::model::scene::{BandRole, BandSource, Scene, SceneFile, SceneKind, Zero};

/// The shared test data, or `None` (and a word about it) where they are absent.
pub fn data(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ECOREDLINE_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let path = root.join(relative);
    if path.exists() {
        return Some(path);
    }
    #[allow(clippy::print_stderr)]
    {
        eprintln!("skipped: no test data at {}", path.display());
    }
    None
}

/// A raster to write for a test.
pub struct Made<'a> {
    pub epsg: u32,
    pub transform: [f64; 6],
    pub cols: usize,
    pub nodata: Option<f64>,
    pub options: &'a [&'a str],
}

impl Default for Made<'_> {
    fn default() -> Self {
        let transform = GeoTransform::north_up(500_000.0, 3_600_000.0, 10.0, 10.0).0;
        Self { epsg: 4549, transform, cols: 4, nodata: None, options: &[] }
    }
}

impl Made<'_> {
    /// Writes bands of 16-bit values as a `GeoTIFF`.
    pub fn write(&self, path: &Path, bands: &[Vec<u16>]) -> PathBuf {
        crate::io::setup::ensure();
        let rows = bands[0].len() / self.cols;
        let options = self.options.iter().copied().collect::<RasterCreationOptions>();
        let driver = DriverManager::get_driver_by_name("GTiff").expect("driver");
        let mut dataset = driver
            .create_with_band_type_with_options::<u16, _>(path, self.cols, rows, bands.len(), &options)
            .expect("created");
        dataset.set_geo_transform(&self.transform).expect("transform");
        if self.epsg != 0 {
            dataset.set_spatial_ref(&crs::spatial_ref(&format!("EPSG:{}", self.epsg)).expect("crs")).expect("crs");
        }
        for (index, values) in bands.iter().enumerate() {
            let mut band = dataset.rasterband(index + 1).expect("band");
            if self.nodata.is_some() {
                band.set_no_data_value(self.nodata).expect("nodata");
            }
            let mut buffer = Buffer::new((self.cols, rows), values.clone());
            band.write((0, 0), (self.cols, rows), &mut buffer).expect("written");
        }
        dataset.close().expect("closed");
        path.to_path_buf()
    }
}

/// A scene's file from what a raster says, band by band in the order of `roles`.
pub fn scene_file(info: &RasterInfo, roles: &[BandRole]) -> SceneFile {
    let band = |(at, role): (usize, &BandRole)| {
        let told = &info.bands[at];
        BandSource { role: *role, index: at + 1, scale: told.scale, offset: told.offset, nodata: told.nodata }
    };
    SceneFile {
        path: info.path.clone(),
        grid: info.grid.clone(),
        block: info.block,
        sample: info.bands[0].sample,
        bands: roles.iter().enumerate().map(band).collect(),
        alpha: info.alpha,
        has_mask: info.has_mask,
        zero: Zero::default(),
    }
}

/// A scene of files.
pub fn scene(files: Vec<SceneFile>) -> Scene {
    Scene {
        date: jiff::civil::date(2024, 7, 1),
        date_is_year: false,
        kind: SceneKind::Satellite,
        sensor: None,
        roles: files.iter().flat_map(|f| f.bands.iter().map(|b| b.role)).collect(),
        files,
        masks: Vec::new(),
        is_reflectance: false,
        legend: Legend::default(),
    }
}

/// A scene of one file on disk.
pub fn scene_at(path: &Path, roles: &[BandRole]) -> Scene {
    scene(vec![scene_file(&describe(path, None).expect("described"), roles)])
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

pub fn grid_of(path: &Path) -> Grid {
    describe(path, None).expect("described").grid
}

pub fn whole(scene: &Scene, roles: &[BandRole], grid: &Grid) -> SceneBlock {
    let mut reader = SceneReader::open(scene, roles, grid, (0.0, 0.0)).expect("opened");
    reader.read(grid.window()).expect("read")
}
