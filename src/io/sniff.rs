//! A look at a file before GDAL sees it: a regular file, a harmless name, and bytes that say which driver may open it.
//!
//! The extension decides nothing. Virtual rasters, web pages and named pipes are told by name, not handed on.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::files::is_address;
use crate::model::notice::{Explain, Notice, Weight};

/// Bytes looked at.
const HEAD: usize = 4096;

/// Largest world, header or projection file that is passed to GDAL, in bytes.
const LARGEST_SIDE_FILE: u64 = 1 << 20;

/// Why a path was refused before it was opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SniffError {
    /// There is no such file.
    #[error("no such file: {}", .0.display())]
    Missing(PathBuf),
    /// A directory, pipe, device or socket.
    #[error("not a regular file: {}", .0.display())]
    NotRegular(PathBuf),
    /// The name is not UTF-8.
    #[error("the file name is not UTF-8: {}", .0.display())]
    NotUtf8(PathBuf),
    /// The name means something else to GDAL than a file.
    #[error("the name would be taken for an address or a connection: {}", .0.display())]
    Dangerous(PathBuf),
    /// The operating system does not let us read it.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// No bytes.
    #[error("the file is empty: {}", .0.display())]
    Empty(PathBuf),
    /// A virtual raster, by whatever name.
    #[error("a virtual raster: {}", .0.display())]
    Virtual(PathBuf),
    /// Bytes of no raster format that the program reads.
    #[error("not a raster that can be read, it starts with {starts}: {}", path.display())]
    NotARaster {
        /// The file.
        path: PathBuf,
        /// How it starts.
        starts: String,
    },
    /// The format is known, but this build of GDAL cannot read it.
    #[error("this build cannot read {driver}: {}", path.display())]
    NoDriver {
        /// The file.
        path: PathBuf,
        /// GDAL's name of the format.
        driver: &'static str,
    },
}

impl SniffError {
    /// The file it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing(path)
            | Self::NotRegular(path)
            | Self::NotUtf8(path)
            | Self::Dangerous(path)
            | Self::Empty(path)
            | Self::Virtual(path)
            | Self::Unreadable { path, .. }
            | Self::NotARaster { path, .. }
            | Self::NoDriver { path, .. } => path,
        }
    }
}

impl Explain for SniffError {
    fn notice(&self) -> Notice {
        let told = |code| Notice::new(code, Weight::Refused).at(self.path());
        match self {
            Self::Missing(_) => told("P40_missing"),
            Self::NotRegular(_) => told("P40_not_regular"),
            Self::NotUtf8(_) => told("P33_name"),
            Self::Dangerous(_) => told("P33_address"),
            Self::Unreadable { reason, .. } => told("P40_unreadable").fact("reason", reason),
            Self::Empty(_) => told("R01_empty"),
            Self::Virtual(_) => told("R02_virtual"),
            Self::NotARaster { starts, .. } => told("R01_not_raster").fact("starts", starts),
            Self::NoDriver { driver, .. } => told("R01_no_driver").fact("driver", driver),
        }
    }
}

/// A file that may be opened, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The absolute path to hand to GDAL (for ENVI the data file, whichever of the two was named).
    pub path: PathBuf,
    /// The one driver that may open it.
    pub driver: &'static str,
    /// File names in its folder that the driver may see: the file itself, world, header and projection files.
    pub siblings: Vec<String>,
    /// Size in bytes.
    pub bytes: u64,
}

/// The absolute path and size of a regular file with a harmless name.
///
/// # Errors
/// [`SniffError`] where it is none.
pub fn regular_file(path: &Path) -> Result<(PathBuf, u64), SniffError> {
    let Some(text) = path.to_str() else { return Err(SniffError::NotUtf8(path.to_path_buf())) };
    if is_address(text) {
        return Err(SniffError::Dangerous(path.to_path_buf()));
    }
    let unreadable = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => SniffError::Missing(path.to_path_buf()),
        kind => SniffError::Unreadable { path: path.to_path_buf(), reason: kind.to_string() },
    };
    let absolute = std::path::absolute(path).map_err(|e| unreadable(&e))?;
    if absolute.to_str().is_none() {
        return Err(SniffError::NotUtf8(absolute));
    }
    let metadata = std::fs::metadata(&absolute).map_err(|e| unreadable(&e))?;
    if !metadata.is_file() {
        return Err(SniffError::NotRegular(absolute));
    }
    Ok((absolute, metadata.len()))
}

/// Tells which driver may open a raster, by its bytes.
///
/// # Errors
/// [`SniffError`] where it is no raster that the program reads.
pub fn identify(path: &Path) -> Result<Identified, SniffError> {
    let (mut path, mut bytes) = regular_file(path)?;
    if let Some(data) = data_of_header(&path) {
        (path, bytes) = regular_file(&data)?;
    }
    if bytes == 0 {
        return Err(SniffError::Empty(path));
    }
    let head = head(&path)?;
    let driver = match format_of(&head) {
        Some(driver) => driver,
        None if looks_virtual(&head) => return Err(SniffError::Virtual(path)),
        None if envi_header(&path).is_some() => "ENVI",
        None => return Err(SniffError::NotARaster { starts: starts(&head), path }),
    };
    if gdal::DriverManager::get_driver_by_name(driver).is_err() {
        return Err(SniffError::NoDriver { path, driver });
    }
    let siblings = siblings(&path, driver);
    Ok(Identified { path, driver, siblings, bytes })
}

fn head(path: &Path) -> Result<Vec<u8>, SniffError> {
    let mut head = Vec::with_capacity(HEAD);
    let read = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    match read {
        Ok(_) => Ok(head),
        Err(e) => Err(SniffError::Unreadable { path: path.to_path_buf(), reason: e.kind().to_string() }),
    }
}

fn format_of(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 10] = [
        (b"II*\0", "GTiff"),
        (b"MM\0*", "GTiff"),
        (b"II+\0", "GTiff"),
        (b"MM\0+", "GTiff"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JP2OpenJPEG"),
        (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
        (b"EHFA_HEADER_TAG", "HFA"),
        (b"BM", "BMP"),
    ];
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, driver)| *driver);
    known.filter(|driver| *driver != "BMP" || head.len() >= 26).or_else(|| is_ascii_grid(head).then_some("AAIGrid"))
}

fn is_ascii_grid(head: &[u8]) -> bool {
    const KEYS: [&str; 8] = ["ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize", "dx"];
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let word = text.split_ascii_whitespace().next().unwrap_or_default().to_owned();
    KEYS.contains(&word.as_str()) && text.contains("ncols") && text.contains("nrows")
}

fn looks_virtual(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    ["<VRTDataset", "<OGRVRTDataSource", "<GDAL_WMS", "<WCS_GDAL", "<GDAL_WMTS"].iter().any(|tag| text.contains(tag))
}

/// The first bytes for people: text as text, anything else as hexadecimal.
fn starts(head: &[u8]) -> String {
    let start = &head[..head.len().min(16)];
    match std::str::from_utf8(start) {
        Ok(text) if text.chars().all(|c| !c.is_control() || c.is_whitespace()) => format!("'{}'", text.trim()),
        _ => start.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" "),
    }
}

/// The data file of an ENVI header that was named in its place.
fn data_of_header(path: &Path) -> Option<PathBuf> {
    let is_header = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("hdr")) && starts_with_envi(path);
    if !is_header {
        return None;
    }
    let bare = path.with_extension("");
    let named = ["dat", "img", "raw", "bin", "bsq", "bil", "bip", "DAT", "IMG"].map(|e| path.with_extension(e));
    std::iter::once(bare).chain(named).find(|p| p.is_file())
}

/// The ENVI header beside a data file.
fn envi_header(path: &Path) -> Option<PathBuf> {
    let mut appended = path.as_os_str().to_owned();
    appended.push(".hdr");
    let places = [path.with_extension("hdr"), path.with_extension("HDR"), PathBuf::from(appended)];
    places.into_iter().find(|p| p != path && starts_with_envi(p))
}

fn starts_with_envi(path: &Path) -> bool {
    let small = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= LARGEST_SIDE_FILE);
    small && head(path).is_ok_and(|head| head.trim_ascii_start().starts_with(b"ENVI"))
}

/// The names that the driver may see beside the file: regular, small, and of the kinds that only place it on the map.
fn siblings(path: &Path, driver: &str) -> Vec<String> {
    let extensions: &[&str] = match driver {
        "GTiff" => &["tfw", "tifw", "tiffw", "wld"],
        "PNG" => &["pgw", "pngw", "wld"],
        "JPEG" => &["jgw", "jpgw", "jpegw", "wld"],
        "BMP" => &["bpw", "bmpw", "wld"],
        "JP2OpenJPEG" => &["j2w", "jp2w", "wld"],
        "AAIGrid" => &["prj"],
        "ENVI" => &["hdr"],
        _ => &[],
    };
    let named = |p: &Path| p.file_name().and_then(|n| n.to_str()).map(ToOwned::to_owned);
    let mut names: Vec<String> = named(path).into_iter().collect();
    for extension in extensions {
        for case in [(*extension).to_owned(), extension.to_ascii_uppercase()] {
            let mut appended = path.as_os_str().to_owned();
            appended.push(".");
            appended.push(&case);
            let places = [path.with_extension(&case), PathBuf::from(appended)];
            names.extend(places.iter().filter(|p| *p != path && is_small_file(p)).filter_map(|p| named(p)));
        }
    }
    names
}

fn is_small_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= LARGEST_SIDE_FILE)
}

/// Neighbour files that GDAL would read by itself and that are ignored here, because they may point anywhere.
#[must_use]
pub fn ignored_neighbours(path: &Path) -> Vec<String> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let places = [
        format!("{name}.ovr"),
        format!("{name}.OVR"),
        format!("{name}.msk"),
        format!("{name}.aux.xml"),
        format!("{stem}.aux.xml"),
        format!("{stem}.ovr"),
        format!("{stem}.aux"),
        format!("{stem}.rrd"),
    ];
    places.into_iter().filter(|neighbour| path.with_file_name(neighbour).exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        crate::io::setup::ensure();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        (folder, path)
    }

    fn refusal(name: &str, bytes: &[u8]) -> SniffError {
        let (_folder, path) = written(name, bytes);
        identify(&path).expect_err("refused")
    }

    #[test]
    fn the_bytes_decide_and_not_the_extension() {
        for (bytes, driver) in [
            (&b"II*\0\x08\0\0\0"[..], "GTiff"),
            (b"MM\0+\0\x08\0\0", "GTiff"),
            (b"\x89PNG\r\n\x1a\nxxxx", "PNG"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
            (b"EHFA_HEADER_TAG\0", "HFA"),
            (b"ncols 4\nnrows 4\nxllcorner 0", "AAIGrid"),
        ] {
            let (_folder, path) = written("a.dat", bytes);
            assert_eq!(identify(&path).expect("known").driver, driver);
        }
    }

    #[test]
    fn an_empty_file_a_web_page_and_a_virtual_raster_are_told_apart() {
        assert!(matches!(refusal("a.tif", b""), SniffError::Empty(_)));
        let page = refusal("a.tif", b"<html><body>404</body></html>");
        assert!(matches!(page, SniffError::NotARaster { ref starts, .. } if starts.starts_with("'<html")));
        assert!(matches!(refusal("a.tif", b"<VRTDataset rasterXSize=\"1\"/>"), SniffError::Virtual(_)));
        assert!(matches!(refusal("a.tif", b"\x01\x02\x03"), SniffError::NotARaster { .. }));
    }

    #[test]
    fn addresses_never_reach_gdal() {
        for name in ["/vsicurl/http://x/y.tif", "<VRTDataset/>", "MEM:::DATAPOINTER=1", "GTIFF_DIR:1:a.tif"] {
            assert!(matches!(identify(Path::new(name)), Err(SniffError::Dangerous(_))), "{name}");
        }
    }

    #[test]
    fn a_folder_a_missing_file_and_a_pipe_are_refused_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(identify(folder.path()), Err(SniffError::NotRegular(_))));
        assert!(matches!(identify(&folder.path().join("none.tif")), Err(SniffError::Missing(_))));
        let pipe = folder.path().join("x.tif");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success());
        assert!(!made || matches!(identify(&pipe), Err(SniffError::NotRegular(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_gets_a_clear_message() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"/tmp/\xd6\xd0.tif");
        assert!(matches!(identify(Path::new(name)), Err(SniffError::NotUtf8(_))));
    }

    #[test]
    fn an_envi_raster_is_found_by_either_file() {
        let (folder, data) = written("scene.img", &[7; 4]);
        std::fs::write(folder.path().join("scene.hdr"), "ENVI\nsamples = 2\nlines = 2\nbands = 1\n").expect("written");
        let by_data = identify(&data).expect("known");
        assert_eq!((by_data.driver, by_data.path.clone()), ("ENVI", data));
        assert!(by_data.siblings.contains(&"scene.hdr".to_owned()));
        assert_eq!(identify(&folder.path().join("scene.hdr")).expect("known"), by_data);
    }

    #[test]
    fn hostile_neighbours_are_listed_but_not_passed_on() {
        let (folder, path) = written("a.tif", b"II*\0\x08\0\0\0");
        for name in ["a.tif.ovr", "a.tif.aux.xml", "a.tfw"] {
            std::fs::write(folder.path().join(name), "1").expect("written");
        }
        assert_eq!(ignored_neighbours(&path), vec!["a.tif.ovr", "a.tif.aux.xml"]);
        assert_eq!(identify(&path).expect("known").siblings, vec!["a.tif", "a.tfw"]);
    }
}
