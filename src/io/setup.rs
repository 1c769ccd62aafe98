//! GDAL's lock-down, once per process, before the first open: drivers, network, neighbour files, cache, error log.
//!
//! Nothing in the program builds a virtual raster: a removed VRT driver would come back for the whole process.

use std::sync::Once;

use gdal::DriverManager;
use gdal::config::{set_config_option, set_error_handler};

use super::error;

/// Drivers that stay. Everything else is deregistered, the VRT driver above all: it reads any file or address.
pub const DRIVERS: [&str; 19] = [
    "GTiff",
    "COG",
    "MEM",
    "Memory",
    "PNG",
    "JPEG",
    "BMP",
    "AAIGrid",
    "ENVI",
    "HFA",
    "JP2OpenJPEG",
    "GPKG",
    "SQLite",
    "ESRI Shapefile",
    "GeoJSON",
    "KML",
    "LIBKML",
    "OpenFileGDB",
    "GPX",
];

/// Memory for the whole program where the caller did not say, in MB.
const DEFAULT_RAM_MB: u64 = 1024;

/// Largest block cache of GDAL, in MB. Blocks are read once, so a larger cache only pushes their memory out of the
/// processor's.
const LARGEST_CACHE_MB: u64 = 32;

/// Settings that hold whatever the environment or a `gdalrc` says.
const SETTINGS: [(&str, &str); 20] = [
    ("GDAL_DRIVER_PATH", "disable"),
    ("OGR_DRIVER_PATH", "disable"),
    ("GDAL_VRT_ENABLE_PYTHON", "NO"),
    ("GDAL_VRT_ENABLE_RAWRASTERBAND", "NO"),
    ("GDAL_PAM_ENABLED", "NO"),
    // Empty, not unset: an empty list of extensions also hides one set in the environment.
    ("OGR_SQLITE_LOAD_EXTENSIONS", ""),
    ("ALLOW_OGR_SQL_FUNCTIONS_FROM_TRIGGER_AND_VIEW", "NO"),
    ("CPL_VSIL_CURL_ALLOWED_FILENAME", "/vsicurl/none"),
    ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".none"),
    ("CPL_VSIL_CURL_HEADER_FILE_KVP_ENABLED", "NO"),
    ("GDAL_HTTP_MAX_RETRY", "0"),
    ("OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "TRADITIONAL_GIS_ORDER"),
    ("GDAL_MAX_BAND_COUNT", "512"),
    ("GDAL_NUM_THREADS", "1"),
    ("PROJ_NETWORK", "OFF"),
    // A JPEG that ends early is damaged, not grey.
    ("GDAL_ERROR_ON_LIBJPEG_WARNING", "TRUE"),
    ("GTIFF_VIRTUAL_MEM_IO", "NO"),
    ("GTIFF_DIRECT_IO", "NO"),
    ("GDAL_TIFF_INTERNAL_MASK", "YES"),
    ("CPL_DEBUG", "OFF"),
];

static LOCK: Once = Once::new();

/// Locks GDAL down. The first call of the process counts; `ram_mb` is the memory that the whole program may use, of
/// which GDAL's block cache gets an eighth, at most 32 MB.
pub fn lock_down(ram_mb: u64) {
    LOCK.call_once(|| {
        keep_freed_memory();
        set_error_handler(error::record);
        settle(ram_mb);
        forbid_network();
        keep_only_our_drivers();
    });
}

/// Locks GDAL down with the default memory if nobody did so before; every open in `io` begins with it.
pub fn ensure() {
    lock_down(DEFAULT_RAM_MB);
}

/// GDAL's version, as `3.6.2`.
#[must_use]
pub fn gdal_version() -> String {
    gdal::version::version_info("RELEASE_NAME")
}

fn settle(ram_mb: u64) {
    let cache = (ram_mb / 8).clamp(16, LARGEST_CACHE_MB).to_string();
    let folder = std::env::temp_dir();
    let folder = folder.to_str().unwrap_or("/tmp");
    let own = [("GDAL_CACHEMAX", cache.as_str()), ("CPL_TMPDIR", folder)];
    for (key, value) in SETTINGS.iter().chain(&own) {
        // It fails only on a NUL byte, and these are our own words.
        drop(set_config_option(key, value));
    }
}

/// Largest block that the allocator serves from memory it keeps.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_BLOCK_BYTES: libc::c_int = 32 << 20;

/// Free memory at the top of the heap from which on it is given back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_HEAP_BYTES: libc::c_int = 64 << 20;

/// Pixel blocks of a megabyte come and go by the thousand, ours and GDAL's. glibc would give each back to the system and
/// ask for it again, cleared page by page: a tenth of a run.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn keep_freed_memory() {
    // SAFETY: both calls set a number inside the allocator.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_HEAP_BYTES);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}

#[allow(unsafe_code)]
fn forbid_network() {
    // SAFETY: takes one integer and keeps it; has no safe wrapper.
    unsafe { gdal_sys::OSRSetPROJEnableNetwork(0) };
}

fn keep_only_our_drivers() {
    DriverManager::register_all();
    let foreign: Vec<String> = DriverManager::all()
        .map(|driver| driver.short_name())
        .filter(|name| !DRIVERS.contains(&name.as_str()))
        .collect();
    for name in foreign {
        if let Ok(driver) = DriverManager::get_driver_by_name(&name) {
            DriverManager::deregister_driver(&driver);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_driver_is_left_that_reads_other_files_or_addresses() {
        ensure();
        for name in ["VRT", "DERIVED", "HTTP", "WMS", "OGR_VRT", "PostgreSQL", "CSV"] {
            assert!(DriverManager::get_driver_by_name(name).is_err(), "{name}");
        }
        for name in ["GTiff", "MEM", "GPKG", "ESRI Shapefile"] {
            assert!(DriverManager::get_driver_by_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn settings_hold() {
        ensure();
        for (key, value) in SETTINGS {
            assert_eq!(gdal::config::get_config_option(key, "?").expect(key), value, "{key}");
        }
        let cache: u64 = gdal::config::get_config_option("GDAL_CACHEMAX", "").expect("set").parse().expect("a number");
        assert!(cache <= LARGEST_CACHE_MB);
    }

    #[test]
    fn the_version_is_a_version() {
        assert!(gdal_version().split('.').count() >= 3);
    }
}
