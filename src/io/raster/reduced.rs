//! Overviews that the program keeps of a file that has none: a picture of half its rows and columns with overviews of its
//! own, in the user's cache folder. Only maps read them; measurements never do.
//!
//! The overviews of strangers beside a file are not read, as they may name any other file; these are our own.

use std::ffi::{c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use gdal::raster::{Buffer, ColorInterpretation, GdalType, RasterCreationOptions};
use gdal::{Dataset, DriverManager};

use super::refusal::RasterError;
use super::source::{Place, Source, Squeeze};
use super::tile;
use crate::io::atomic::{WriteError, part_name, remove_file};
use crate::io::cache;
use crate::io::crs;
use crate::io::error::ErrorScope;
use crate::model::grid::{GeoTransform, Window};
use crate::model::scene::{BandRole, SampleType, SceneFile};

/// Bytes that all kept overviews may take on the disk.
const DISK_BYTES: u64 = 20 << 30;

/// Rows and columns below which a file is read as it is.
const SMALL: usize = 2048;

/// Rows of the reduced picture that are written at once: one row of its tiles.
const BAND: usize = 256;

/// Bytes of the source that are decoded at once; more would push each other out of GDAL's cache.
const AT_ONCE: usize = 12 << 20;

/// Share of the work that goes into the first halving.
const FIRST: f64 = 0.8;

/// Why overviews could not be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReduceError {
    /// The source cannot be read.
    #[error(transparent)]
    Read(#[from] RasterError),
    /// The overviews cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The work was asked to stop.
    #[error("stopped")]
    Stopped,
}

/// The kept overviews of a file, opened; `None` where there are none or they are not as they should be.
pub(super) fn find(file: &SceneFile) -> Option<Source> {
    let path = place(file)?;
    let kept = Source::open(path.is_file().then_some(&path)?).ok()?;
    let fits = kept.size() == halved(file) && kept.dataset().raster_count() >= file.bands.len();
    fits.then(|| cache::note_use(&path));
    fits.then_some(kept)
}

/// Whether a file is so large that it should have overviews, and has none: neither its own nor kept ones.
///
/// # Errors
/// [`RasterError`] where it cannot be opened.
pub fn is_wanting(file: &SceneFile) -> Result<bool, RasterError> {
    let large = file.grid.rows.max(file.grid.cols) > SMALL;
    Ok(large && tile::open(file)?.overviews().is_empty() && find(file).is_none())
}

/// Builds the overviews of a file and keeps them. `go_on` is told the share done and says whether to go on.
///
/// # Errors
/// [`ReduceError`]; then nothing is kept.
pub fn build(file: &SceneFile, go_on: &dyn Fn(f64) -> bool) -> Result<PathBuf, ReduceError> {
    let nowhere = || WriteError::ReadOnly(file.path.clone());
    let path = place(file).ok_or_else(nowhere)?;
    let folder = path.parent().ok_or_else(nowhere)?;
    std::fs::create_dir_all(folder).map_err(|e| WriteError::of(folder, &e, None))?;
    cache::trim(folder, DISK_BYTES);
    let part = part_name(&path);
    let made = write(file, &part, go_on).and_then(|()| {
        let renamed = std::fs::rename(&part, &path);
        renamed.map_err(|e| WriteError::of(&path, &e, None).into())
    });
    if made.is_err() {
        remove_file(&part);
    }
    cache::trim(folder, DISK_BYTES);
    made.map(|()| path)
}

fn place(file: &SceneFile) -> Option<PathBuf> {
    Some(cache::folder("overviews")?.join(format!("{}.tif", cache::key(&file.path)?)))
}

fn halved(file: &SceneFile) -> (usize, usize) {
    (file.grid.rows.div_ceil(2), file.grid.cols.div_ceil(2))
}

fn write(file: &SceneFile, part: &Path, go_on: &dyn Fn(f64) -> bool) -> Result<(), ReduceError> {
    let source = tile::open(file)?;
    let scope = ErrorScope::new();
    let failed = |reason: String| {
        let full = reason.contains("No space left");
        let path = part.to_path_buf();
        if full { WriteError::DiskFull { path, needed: None } } else { WriteError::Failed { path, reason } }
    };
    let mut made = create(file, &source, part).map_err(|e| failed(scope.reason(&e.to_string())))?;
    let codes = file.bands.iter().any(|band| band.role == BandRole::Class);
    let squeeze = if codes { Squeeze::Nearest } else { Squeeze::Average };
    let rows = halved(file).0;
    for first in (0..rows).step_by(BAND) {
        let count = BAND.min(rows - first);
        for index in 1..=made.raster_count() {
            // A file with a mask instead of an opacity band gets the mask as its last band.
            let is_mask = index > source.dataset().raster_count();
            let values = halve(file, &source, (index, is_mask), (first, count), squeeze);
            let cols = halved(file).1;
            let mut buffer = Buffer::new((cols, count), values);
            let written =
                made.rasterband(index).and_then(|mut band| band.write((0, first as isize), (cols, count), &mut buffer));
            written.map_err(|e| failed(scope.reason(&e.to_string())))?;
        }
        if !go_on(FIRST * (first + count) as f64 / rows as f64) {
            return Err(ReduceError::Stopped);
        }
    }
    let scope = ErrorScope::new();
    let stopped = !halve_further(&made, halved(file), codes, go_on);
    let closed = made.flush_cache().and_then(|()| made.close());
    if stopped && !go_on(1.0) {
        return Err(ReduceError::Stopped);
    }
    if closed.is_err() || stopped || scope.failed() {
        return Err(failed(scope.reason("cannot close")).into());
    }
    let reread = Source::open(part)?;
    let good = reread.size() == halved(file);
    good.then_some(()).ok_or_else(|| WriteError::NotVerified { path: part.to_path_buf(), reason: "size".into() }.into())
}

fn create(file: &SceneFile, source: &Source, part: &Path) -> gdal::errors::Result<Dataset> {
    match file.sample {
        SampleType::U8 => begin::<u8>(file, source, part, "2"),
        SampleType::U16 => begin::<u16>(file, source, part, "2"),
        SampleType::I16 => begin::<i16>(file, source, part, "2"),
        SampleType::U32 => begin::<u32>(file, source, part, "2"),
        SampleType::I32 => begin::<i32>(file, source, part, "2"),
        SampleType::F32 => begin::<f32>(file, source, part, "3"),
        SampleType::F64 => begin::<f64>(file, source, part, "3"),
    }
}

fn begin<T: GdalType>(
    file: &SceneFile,
    source: &Source,
    part: &Path,
    predictor: &str,
) -> gdal::errors::Result<Dataset> {
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let predictor = format!("PREDICTOR={predictor}");
    let alpha = if file.has_mask || file.alpha.is_some() { "ALPHA=YES" } else { "ALPHA=NO" };
    let fixed = ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1", "INTERLEAVE=BAND", "BIGTIFF=IF_SAFER"];
    let options = fixed.into_iter().chain([alpha, &predictor]).collect::<RasterCreationOptions>();
    let own = source.dataset().raster_count();
    let bands = own + usize::from(file.has_mask && file.alpha.is_none());
    let (rows, cols) = halved(file);
    let mut made = driver.create_with_band_type_with_options::<T, _>(part, cols, rows, bands, &options)?;
    let t = file.grid.transform.0;
    let (across, down) = (file.grid.cols as f64 / cols as f64, file.grid.rows as f64 / rows as f64);
    let transform = GeoTransform([t[0], t[1] * across, t[2] * down, t[3], t[4] * across, t[5] * down]);
    made.set_geo_transform(&transform.0)?;
    if let Ok(srs) = crs::spatial_ref(&file.grid.crs.wkt) {
        made.set_spatial_ref(&srs)?;
    }
    if let Some(nodata) = file.bands.first().and_then(|band| band.nodata) {
        made.rasterband(1)?.set_no_data_value(Some(nodata))?;
    }
    if bands > own {
        made.rasterband(bands)?.set_color_interpretation(ColorInterpretation::AlphaBand)?;
    }
    Ok(made)
}

/// Rows of the reduced picture, read in parts that GDAL's cache can hold. What cannot be decoded stays zero.
fn halve(
    file: &SceneFile,
    source: &Source,
    (index, is_mask): (usize, bool),
    (first, count): (usize, usize),
    squeeze: Squeeze,
) -> Vec<f32> {
    let cols = halved(file).1;
    let mut values = vec![0.0_f32; cols * count];
    let mut opacity = vec![0_u8; if is_mask { cols * count } else { 0 }];
    let bytes = source.dataset().raster_count() * 4;
    let wide = file.block.1 * 4 >= file.grid.cols;
    let step_cols = if wide { cols } else { file.block.1.max(512).div_ceil(2).min(cols) };
    let step_rows = (AT_ONCE / bytes / (step_cols * 2) / 2).clamp(1, count);
    for row in (0..count).step_by(step_rows) {
        for col in (0..cols).step_by(step_cols) {
            let (rows, width) = (step_rows.min(count - row), step_cols.min(cols - col));
            let (top, left) = ((first + row) * 2, col * 2);
            let (bottom, right) = ((top + rows * 2).min(file.grid.rows), (left + width * 2).min(file.grid.cols));
            let window = Window { row: top, col: left, rows: bottom - top, cols: right - left };
            let place = Place { start: row * cols + col, stride: cols, rows, cols: width };
            // A damaged part is a hole in the overview as it is in the file.
            if is_mask {
                source.read_mask(window, &mut opacity, place, squeeze).ok();
            } else {
                source.read_band(index, window, &mut values, place, squeeze).ok();
            }
        }
    }
    if is_mask { opacity.into_iter().map(f32::from).collect() } else { values }
}

/// Builds the overviews of the reduced picture inside its file. `false` where it was stopped or failed.
#[allow(unsafe_code)]
fn halve_further(made: &Dataset, (rows, cols): (usize, usize), codes: bool, go_on: &dyn Fn(f64) -> bool) -> bool {
    let factors: Vec<c_int> =
        (1..16).map(|n| 1 << n).take_while(|by| rows.max(cols) / *by as usize >= BAND / 2).collect();
    if factors.is_empty() {
        return true;
    }
    let method = if codes { c"NEAREST" } else { c"AVERAGE" };
    let told = |share: f64| go_on(FIRST + (1.0 - FIRST) * share);
    let told: &dyn Fn(f64) -> bool = &told;
    // SAFETY: the dataset is open for writing and alive, the list holds as many factors as are named, no band list means
    // all bands, and `told` outlives the call that gets its address.
    let code = unsafe {
        gdal_sys::GDALBuildOverviews(
            made.c_dataset(),
            method.as_ptr(),
            factors.len() as c_int,
            factors.as_ptr().cast_mut(),
            0,
            std::ptr::null_mut(),
            Some(tick),
            (&raw const told).cast_mut().cast(),
        )
    };
    code == gdal_sys::CPLErr::CE_None
}

/// GDAL's way of asking whether to go on.
#[allow(unsafe_code)]
unsafe extern "C" fn tick(share: f64, _: *const c_char, told: *mut c_void) -> c_int {
    // SAFETY: it is the address of the reference that `halve_further` keeps alive during the call.
    let told = unsafe { *told.cast::<&dyn Fn(f64) -> bool>() };
    c_int::from(told(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::raster::test_scenes::{Made, folder, scene_at};

    /// A file of 701 columns and 500 rows that holds its column, with nodata in its last column.
    fn file(folder: &Path) -> SceneFile {
        let values: Vec<u16> =
            (0..701 * 500).map(|at| if at % 701 == 700 { 9999 } else { (at % 701) as u16 }).collect();
        let made = Made { cols: 701, nodata: Some(9999.0), ..Made::default() };
        let path = made.write(&folder.join("a.tif"), &[values]);
        scene_at(&path, &[BandRole::Red]).files.remove(0)
    }

    #[test]
    fn the_reduced_picture_holds_the_means_and_has_overviews_of_its_own() {
        let folder = folder();
        let part = folder.path().join("key.tif.part");
        write(&file(folder.path()), &part, &|_| true).expect("written");
        let made = Source::open(&part).expect("opened");
        assert_eq!((made.size(), made.overviews()), ((250, 351), vec![(125, 176)]));
        let mut row = vec![0.0_f32; 351];
        let window = Window { row: 100, col: 0, rows: 1, cols: 351 };
        let place = Place { start: 0, stride: 351, rows: 1, cols: 351 };
        made.read_band(1, window, &mut row, place, Squeeze::Nearest).expect("read");
        // Of whole numbers the mean of 20 and 21 is either of them; of the last two columns the one without data is left out.
        assert!((row[10] - 20.5).abs() <= 0.5 && (row[350] - 699.0).abs() <= 0.5, "{} {}", row[10], row[350]);
    }

    #[test]
    fn what_is_stopped_is_told_and_not_finished() {
        let folder = folder();
        let part = folder.path().join("key.tif.part");
        let stopped = write(&file(folder.path()), &part, &|_| false);
        assert_eq!(stopped, Err(ReduceError::Stopped));
    }
}
