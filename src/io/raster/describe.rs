//! What a raster says about itself, before any pixel is read; and whether what it says can be believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gdal::Metadata;
use gdal::raster::{ColorInterpretation, GdalDataType};

use super::refusal::RasterError;
use super::source::Source;
use crate::io::crs::{self, ZONE_PREFIX_EASTING};
use crate::io::sniff;
use crate::model::crs::{Crs, CrsUnit};
use crate::model::grid::{GeoTransform, Grid};
use crate::model::notice::{Notice, Weight};
use crate::model::scene::SampleType;

/// Largest decoded block of one band, in bytes.
const LARGEST_BLOCK: u64 = 64 << 20;

/// Largest decoded block of all bands that are stored together, in bytes.
const LARGEST_JOINT_BLOCK: u64 = 256 << 20;

/// Most bands.
const MOST_BANDS: usize = 512;

/// Most names of values that are taken from a file.
const MOST_NAMES: isize = 4096;

/// Most pixels.
const MOST_PIXELS: u64 = 40_000_000_000;

/// Uncompressed size over file size from which the user is told to expect long work.
const SUSPICIOUS_RATIO: u64 = 2000;

/// Degrees that a longitude or latitude may lie beyond ±360 and ±90 before it cannot be one.
const SLACK_DEGREES: f64 = 2.0;

/// Largest projection file read, in bytes.
const LARGEST_PRJ: u64 = 1 << 16;

/// What a raster file says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterInfo {
    /// Absolute path (for ENVI that of the data file).
    pub path: PathBuf,
    /// GDAL's name of the format.
    pub driver: &'static str,
    /// The file's lattice.
    pub grid: Grid,
    /// Rows and columns of one stored block.
    pub block: (usize, usize),
    /// Its bands, in order.
    pub bands: Vec<BandInfo>,
    /// 1-based index of an alpha band.
    pub alpha: Option<usize>,
    /// Whether it holds a mask for the whole dataset.
    pub has_mask: bool,
    /// What its tags say: (name, value), of the default domain and of the imagery domain.
    pub tags: Vec<(String, String)>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What is worth telling: neighbours ignored, a doubtful CRS, a great compression ratio.
    pub notices: Vec<Notice>,
}

/// What a file says about one band.
#[derive(Debug, Clone, PartialEq)]
pub struct BandInfo {
    /// How samples are stored.
    pub sample: SampleType,
    /// Declared nodata value, in stored units.
    pub nodata: Option<f64>,
    /// `value = stored · scale + offset`.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
    /// Colour it stands for, as `Red`, `Gray`, `Alpha`, `Undefined`.
    pub colour: String,
    /// Its description, empty where there is none.
    pub description: String,
    /// Names of its values, where the file itself gives them; empty names are left out.
    pub categories: Vec<(i32, String)>,
}

/// Looks at a raster: header, lattice, bands and tags, no pixels. `crs_override` is the user's word on the CRS.
///
/// # Errors
/// [`RasterError`] where it cannot be opened, is no sane raster, or does not say where it lies.
pub fn describe(path: &Path, crs_override: Option<&Crs>) -> Result<RasterInfo, RasterError> {
    let source = Source::open(path)?;
    let identified = source.identified.clone();
    let path = identified.path.as_path();
    let (rows, cols) = sane_size(&source)?;
    let bands = bands_of(&source)?;
    let block = sane_block(&source, bands.len())?;
    let transform = transform_of(&source)?;
    let crs = match crs_override {
        Some(crs) => crs.clone(),
        None => crs_of(&source)?,
    };
    let grid = Grid { crs: Arc::new(crs), transform, rows, cols };
    degrees_or_metres(&grid, path)?;
    let info = RasterInfo {
        driver: identified.driver,
        notices: notices(&grid, &bands, path, identified.bytes),
        alpha: bands.iter().position(|b| b.colour == "Alpha").map(|at| at + 1),
        has_mask: has_mask(&source),
        tags: tags(&source),
        bytes: identified.bytes,
        path: identified.path.clone(),
        grid,
        block,
        bands,
    };
    Ok(info)
}

fn sane_size(source: &Source) -> Result<(usize, usize), RasterError> {
    let path = source.identified.path.clone();
    let (rows, cols) = source.size();
    let bands = source.dataset().raster_count();
    if bands > MOST_BANDS {
        return Err(RasterError::TooManyBands { path, bands: bands as u64 });
    }
    if rows == 0 || cols == 0 || bands == 0 {
        return Err(RasterError::NoPixels(path));
    }
    if (rows as u64).saturating_mul(cols as u64) > MOST_PIXELS {
        return Err(RasterError::TooLarge {
            path,
            cols: cols as u64,
            rows: rows as u64,
            bytes: source.identified.bytes,
        });
    }
    Ok((rows, cols))
}

fn bands_of(source: &Source) -> Result<Vec<BandInfo>, RasterError> {
    let path = &source.identified.path;
    let cannot = |e: &gdal::errors::GdalError| RasterError::CannotOpen { path: path.clone(), reason: e.to_string() };
    let mut bands = Vec::new();
    for index in 1..=source.dataset().raster_count() {
        let band = source.dataset().rasterband(index).map_err(|e| cannot(&e))?;
        let kind = band.band_type();
        let signed_byte = band.metadata_item("PIXELTYPE", "IMAGE_STRUCTURE").is_some_and(|t| t == "SIGNEDBYTE");
        let sample = sample_of(kind).filter(|_| !signed_byte).ok_or_else(|| RasterError::SampleType {
            path: path.clone(),
            sample: if signed_byte { "Int8".to_owned() } else { format!("{kind:?}") },
        })?;
        let usable = |v: Option<f64>, otherwise: f64| v.filter(|v| v.is_finite()).unwrap_or(otherwise);
        bands.push(BandInfo {
            sample,
            nodata: band.no_data_value(),
            scale: Some(usable(band.scale(), 1.0)).filter(|s| *s != 0.0).unwrap_or(1.0),
            offset: usable(band.offset(), 0.0),
            colour: colour_of(band.color_interpretation()),
            description: band.description().unwrap_or_default(),
            categories: category_names(&band),
        });
    }
    Ok(bands)
}

/// Names by value, at most [`MOST_NAMES`].
#[allow(unsafe_code)]
fn category_names(band: &gdal::raster::RasterBand<'_>) -> Vec<(i32, String)> {
    let mut names = Vec::new();
    // SAFETY: the band is alive; the list belongs to it, ends with a null pointer, and holds texts that end with zero.
    unsafe {
        let list = gdal_sys::GDALGetRasterCategoryNames(band.c_rasterband());
        for value in 0..MOST_NAMES {
            let text = if list.is_null() { std::ptr::null_mut() } else { *list.offset(value) };
            if text.is_null() {
                break;
            }
            let name = std::ffi::CStr::from_ptr(text).to_string_lossy().trim().to_owned();
            names.extend((!name.is_empty()).then_some((value as i32, name)));
        }
    }
    names
}

fn sample_of(kind: GdalDataType) -> Option<SampleType> {
    match kind {
        GdalDataType::UInt8 => Some(SampleType::U8),
        GdalDataType::UInt16 => Some(SampleType::U16),
        GdalDataType::Int16 => Some(SampleType::I16),
        GdalDataType::UInt32 => Some(SampleType::U32),
        GdalDataType::Int32 => Some(SampleType::I32),
        GdalDataType::Float32 => Some(SampleType::F32),
        GdalDataType::Float64 => Some(SampleType::F64),
        _ => None,
    }
}

fn bytes_of(sample: SampleType) -> u64 {
    match sample {
        SampleType::U8 => 1,
        SampleType::U16 | SampleType::I16 => 2,
        SampleType::U32 | SampleType::I32 | SampleType::F32 => 4,
        SampleType::F64 => 8,
    }
}

fn colour_of(colour: ColorInterpretation) -> String {
    match colour {
        ColorInterpretation::AlphaBand => "Alpha".to_owned(),
        ColorInterpretation::RedBand => "Red".to_owned(),
        ColorInterpretation::GreenBand => "Green".to_owned(),
        ColorInterpretation::BlueBand => "Blue".to_owned(),
        ColorInterpretation::GrayIndex => "Gray".to_owned(),
        ColorInterpretation::PaletteIndex => "Palette".to_owned(),
        other => other.name(),
    }
}

fn sane_block(source: &Source, bands: usize) -> Result<(usize, usize), RasterError> {
    let path = &source.identified.path;
    let mut block = (1, 1);
    for index in 1..=bands {
        let Ok(band) = source.dataset().rasterband(index) else { continue };
        let (cols, rows) = band.block_size();
        let bytes = sample_of(band.band_type()).map_or(1, bytes_of);
        let one = (cols as u64).saturating_mul(rows as u64).saturating_mul(bytes);
        let joint = if is_pixel_interleaved(source) { one.saturating_mul(bands as u64) } else { one };
        if one > LARGEST_BLOCK || joint > LARGEST_JOINT_BLOCK {
            return Err(RasterError::BlockTooLarge { path: path.clone(), megabytes: joint.max(one) >> 20 });
        }
        if index == 1 {
            block = (rows.max(1), cols.max(1));
        }
    }
    Ok(block)
}

fn is_pixel_interleaved(source: &Source) -> bool {
    source.dataset().metadata_item("INTERLEAVE", "IMAGE_STRUCTURE").is_some_and(|i| i == "PIXEL")
}

fn transform_of(source: &Source) -> Result<GeoTransform, RasterError> {
    let refused =
        |found: &str| RasterError::NoTransform { path: source.identified.path.clone(), found: found.to_owned() };
    let control_points = source.dataset().gcps().len();
    let Ok(numbers) = source.dataset().geo_transform() else {
        return Err(match control_points {
            0 => refused("-"),
            n => refused(&format!("{n} GCP")),
        });
    };
    let transform = GeoTransform(numbers);
    let is_default = (numbers[1] - 1.0).abs() + (numbers[5].abs() - 1.0).abs() == 0.0
        && [numbers[0], numbers[2], numbers[3], numbers[4]].iter().all(|v| *v == 0.0);
    if is_default || !transform.is_usable() {
        return Err(refused(&numbers.map(|v| v.to_string()).join(", ")));
    }
    Ok(transform)
}

fn crs_of(source: &Source) -> Result<Crs, RasterError> {
    let path = &source.identified.path;
    let wkt = source.dataset().spatial_ref().and_then(|srs| srs.to_wkt()).unwrap_or_default();
    let wkt = if wkt.trim().is_empty() { projection_file(path).unwrap_or_default() } else { wkt };
    if wkt.trim().is_empty() {
        return Err(RasterError::NoCrs(path.clone()));
    }
    let crs = crs::from_wkt(&wkt).map_err(|source| RasterError::Crs { path: path.clone(), source })?;
    // A local system says where the pixels lie among themselves, not where on Earth.
    if crs.unit == CrsUnit::Unknown { Err(RasterError::NoCrs(path.clone())) } else { Ok(crs) }
}

/// The text of a projection file beside a raster that carries no CRS itself.
fn projection_file(path: &Path) -> Option<String> {
    let places = [path.with_extension("prj"), path.with_extension("PRJ")];
    let small = |p: &&PathBuf| std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.len() <= LARGEST_PRJ);
    let text = places.iter().find(small).and_then(|p| std::fs::read_to_string(p).ok())?;
    text.contains('[').then_some(text)
}

fn degrees_or_metres(grid: &Grid, path: &Path) -> Result<(), RasterError> {
    if grid.crs.unit != CrsUnit::Degree {
        return Ok(());
    }
    let bounds = grid.bounds();
    let far_x = bounds.min().x.abs().max(bounds.max().x.abs());
    let far_y = bounds.min().y.abs().max(bounds.max().y.abs());
    if far_x <= 360.0 + SLACK_DEGREES && far_y <= 90.0 + SLACK_DEGREES {
        return Ok(());
    }
    let (x, y) = (grid.transform.0[0], grid.transform.0[3]);
    let suggestion = zone_by_prefix(x).unwrap_or_else(|| "EPSG:4534–4554".to_owned());
    Err(RasterError::NotDegrees { path: path.to_path_buf(), x, y, crs: grid.crs.label(), suggestion })
}

/// The CGCS2000 3-degree system whose zone number stands before an easting (zones 25–45: EPSG:4513–4533).
fn zone_by_prefix(easting: f64) -> Option<String> {
    let zone = (easting / 1e6).floor();
    (25.0..=45.0).contains(&zone).then(|| format!("EPSG:{}", 4488 + zone as u32))
}

fn notices(grid: &Grid, bands: &[BandInfo], path: &Path, bytes: u64) -> Vec<Notice> {
    let mut notices = Vec::new();
    let ignored = sniff::ignored_neighbours(path);
    if !ignored.is_empty() {
        notices.push(Notice::new("W04_neighbours", Weight::Note).at(path).fact("files", ignored.join(", ")));
    }
    let pixel: u64 = bands.iter().map(|b| bytes_of(b.sample)).sum();
    let unpacked = (grid.rows as u64).saturating_mul(grid.cols as u64).saturating_mul(pixel);
    if unpacked / bytes.max(1) > SUSPICIOUS_RATIO {
        let sizes = Notice::new("W06_ratio", Weight::Warning).at(path).fact("bytes", bytes);
        notices.push(sizes.fact("megabytes", unpacked >> 20));
    }
    notices.extend(zone_prefix(grid, path));
    notices
}

/// A zone number before the easting where the CRS has none, or the other way round.
fn zone_prefix(grid: &Grid, path: &Path) -> Option<Notice> {
    if !grid.crs.is_metric() {
        return None;
    }
    let easting = grid.bounds().center().x;
    let has_prefix = easting > ZONE_PREFIX_EASTING;
    let expects_prefix = crs::false_easting(&grid.crs)? > ZONE_PREFIX_EASTING;
    (has_prefix != expects_prefix).then(|| {
        let suggestion = zone_by_prefix(easting).unwrap_or_else(|| "EPSG:4534–4554".to_owned());
        Notice::new("W11_zone_prefix", Weight::Warning)
            .at(path)
            .fact("easting", format!("{easting:.0}"))
            .fact("crs", grid.crs.label())
            .fact("suggestion", suggestion)
    })
}

fn has_mask(source: &Source) -> bool {
    let Ok(band) = source.dataset().rasterband(1) else { return false };
    band.mask_flags().is_ok_and(|f| f.is_per_dataset() && !f.is_alpha() && !f.is_nodata() && !f.is_all_valid())
}

fn tags(source: &Source) -> Vec<(String, String)> {
    let items = ["", "IMAGERY"].into_iter().filter_map(|domain| source.dataset().metadata_domain(domain)).flatten();
    items.filter_map(|item| item.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()))).collect()
}
