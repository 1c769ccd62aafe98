//! One open raster file: opened by its own driver without neighbours, read band by band into memory that is ours.
//!
//! The only place that calls GDAL's read functions. GDAL's (x, y) order is turned into (row, col) here.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use gdal_sys::{GDALDataType, GDALRIOResampleAlg, GDALRWFlag};

use super::refusal::RasterError;
use crate::io::error::ErrorScope;
use crate::io::setup;
use crate::io::sniff::{self, Identified};
use crate::model::grid::Window;

/// A part of a file that could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// The pixels of the file that were lost.
    pub window: Window,
}

/// How a window is squeezed into fewer pixels than it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Squeeze {
    /// The nearest pixel: for codes.
    Nearest,
    /// The average of the pixels: for measurements.
    Average,
}

/// A read failed, with GDAL's reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadFailure(pub String);

/// Where the pixels of a read go: a rectangle inside a plane of `stride` columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the first value in the plane.
    pub start: usize,
    /// Values from one row to the next.
    pub stride: usize,
    /// Rows of the rectangle.
    pub rows: usize,
    /// Columns of the rectangle.
    pub cols: usize,
}

impl Place {
    fn end(&self) -> usize {
        if self.rows == 0 { self.start } else { self.start + (self.rows - 1) * self.stride + self.cols }
    }
}

/// A sample type that GDAL converts to while reading.
pub trait Sample: Copy + Default {
    /// GDAL's name of it.
    const ORDINAL: GDALDataType::Type;
}

impl Sample for f32 {
    const ORDINAL: GDALDataType::Type = GDALDataType::GDT_Float32;
}

impl Sample for u32 {
    const ORDINAL: GDALDataType::Type = GDALDataType::GDT_UInt32;
}

impl Sample for u8 {
    const ORDINAL: GDALDataType::Type = GDALDataType::GDT_Byte;
}

/// Most overviews of a file that are looked at; a factor of two leaves nothing after thirty.
const MOST_OVERVIEWS: usize = 32;

/// An open raster file, or one of its own overviews. Stays on its thread; clones share the open file.
#[derive(Clone)]
pub struct Source {
    dataset: Rc<Dataset>,
    /// Which of the file's overviews is read in place of the file itself.
    overview: Option<usize>,
    /// What was found before opening.
    pub identified: Rc<Identified>,
}

impl Source {
    /// Opens a raster with the one driver that its bytes call for, and without the neighbours that GDAL would read.
    ///
    /// # Errors
    /// [`RasterError`] where it is no raster, cannot be opened, or names another file to read from.
    pub fn open(path: &Path) -> Result<Self, RasterError> {
        setup::ensure();
        let identified = sniff::identify(path)?;
        let siblings: Vec<&str> = identified.siblings.iter().map(String::as_str).collect();
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_RASTER
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR
                | GdalOpenFlags::GDAL_OF_INTERNAL,
            allowed_drivers: Some(&[identified.driver]),
            open_options: None,
            sibling_files: Some(&siblings),
        };
        let scope = ErrorScope::new();
        let dataset = Dataset::open_ex(&identified.path, options)
            .map_err(|e| cannot_open(&identified.path, scope.reason(&e.to_string())))?;
        // Asking for the item is harmless; asking for the number of overviews would open what it names.
        if let Some(target) = dataset.metadata_item("OVERVIEW_FILE", "OVERVIEWS") {
            return Err(RasterError::Reference { path: identified.path, target });
        }
        Ok(Self { dataset: Rc::new(dataset), overview: None, identified: Rc::new(identified) })
    }

    /// Rows and columns of the overviews inside the file, in its order. An overview beside the file is none: what it names
    /// is not to be trusted, and it was hidden when the file was opened.
    #[must_use]
    pub fn overviews(&self) -> Vec<(usize, usize)> {
        let Ok(band) = self.dataset.rasterband(1) else { return Vec::new() };
        let count = band.overview_count().map_or(0, |count| usize::try_from(count).unwrap_or(0));
        let size = |n| band.overview(n).ok().map(|overview| (overview.y_size(), overview.x_size()));
        (0..count.min(MOST_OVERVIEWS)).map_while(size).collect()
    }

    /// The same open file at one of its overviews: windows and sizes are those of the overview.
    #[must_use]
    pub fn at_overview(&self, overview: usize) -> Self {
        Self { overview: Some(overview), ..self.clone() }
    }

    /// The dataset, for asking.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Rows and columns.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let overview = self.overview.and_then(|n| self.dataset.rasterband(1).ok()?.overview(n).ok());
        let (cols, rows) = overview.map_or_else(|| self.dataset.raster_size(), |band| band.size());
        (rows, cols)
    }

    /// A band (1-based) of the file, or of its overview.
    fn band(&self, index: usize) -> Result<RasterBand<'_>, ReadFailure> {
        let band = self.dataset.rasterband(index);
        let band =
            band.and_then(|band| self.overview.map_or(Ok(band), |n| self.dataset.rasterband(index)?.overview(n)));
        band.map_err(|e| ReadFailure(e.to_string()))
    }

    /// Reads a window of one band (1-based) into a rectangle of a plane; fewer output pixels than the window has are
    /// averaged or picked.
    ///
    /// # Errors
    /// [`ReadFailure`] where GDAL failed or logged a failure, or the window does not fit.
    pub fn read_band<T: Sample>(
        &self,
        band: usize,
        window: Window,
        plane: &mut [T],
        place: Place,
        squeeze: Squeeze,
    ) -> Result<(), ReadFailure> {
        let band = self.band(band)?;
        self.read(raw(&band), window, plane, place, squeeze)
    }

    /// Reads a window of the dataset's mask (0 is masked).
    ///
    /// # Errors
    /// As [`Source::read_band`].
    #[allow(unsafe_code)]
    pub fn read_mask(
        &self,
        window: Window,
        plane: &mut [u8],
        place: Place,
        squeeze: Squeeze,
    ) -> Result<(), ReadFailure> {
        let band = self.band(1)?;
        // SAFETY: the band is alive; the mask band belongs to the dataset and lives as long. There is a safe wrapper, but
        // it does not read into a strided plane.
        let mask = unsafe { gdal_sys::GDALGetMaskBand(raw(&band)) };
        self.read(mask, window, plane, place, squeeze)
    }

    #[allow(unsafe_code)]
    fn read<T: Sample>(
        &self,
        band: gdal_sys::GDALRasterBandH,
        window: Window,
        plane: &mut [T],
        place: Place,
        squeeze: Squeeze,
    ) -> Result<(), ReadFailure> {
        let (rows, cols) = self.size();
        let inside = window.row + window.rows <= rows && window.col + window.cols <= cols && !window.is_empty();
        if !inside || place.end() > plane.len() || place.cols > place.stride || place.rows * place.cols == 0 {
            return Err(ReadFailure("window outside the raster".to_owned()));
        }
        let squeezed = place.rows != window.rows || place.cols != window.cols;
        let algorithm = match squeeze {
            Squeeze::Average if squeezed => GDALRIOResampleAlg::GRIORA_Average,
            _ => GDALRIOResampleAlg::GRIORA_NearestNeighbour,
        };
        // SAFETY: plain numbers, null pointers and an enumeration that has a zero; later GDALs have fields more, which the
        // version tells them to pass over.
        let mut extra: gdal_sys::GDALRasterIOExtraArg = unsafe { std::mem::zeroed() };
        extra.nVersion = 1;
        extra.eResampleAlg = algorithm;
        let size = std::mem::size_of::<T>() as i64;
        let scope = ErrorScope::new();
        // SAFETY: the window lies inside the raster and the rectangle inside `plane` (both checked above), `T` is the type
        // that ORDINAL names, and GDAL writes `place.cols` values a row at distances of `stride` values.
        let code = unsafe {
            gdal_sys::GDALRasterIOEx(
                band,
                GDALRWFlag::GF_Read,
                window.col as c_int,
                window.row as c_int,
                window.cols as c_int,
                window.rows as c_int,
                plane.as_mut_ptr().add(place.start).cast(),
                place.cols as c_int,
                place.rows as c_int,
                T::ORDINAL,
                size,
                size * place.stride as i64,
                &raw mut extra,
            )
        };
        if code != gdal_sys::CPLErr::CE_None || scope.failed() {
            return Err(ReadFailure(scope.reason("the block cannot be decoded")));
        }
        Ok(())
    }
}

/// The C handle of a band.
#[allow(unsafe_code)]
fn raw(band: &RasterBand<'_>) -> gdal_sys::GDALRasterBandH {
    // SAFETY: the handle is only used while the dataset, which owns the band, is borrowed by the caller.
    unsafe { band.c_rasterband() }
}

fn cannot_open(path: &Path, reason: String) -> RasterError {
    RasterError::CannotOpen { path: path.to_path_buf(), reason }
}
