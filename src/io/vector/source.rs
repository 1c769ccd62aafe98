//! What a path really is, told by a look at the file itself before any library opens it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::VectorError;
use crate::io::files::is_address;

/// How much of a file is looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// Largest KML or `GeoJSON` file that is read: both are held in memory many times over.
const MOST_KML_MB: u64 = 50;
const MOST_GEOJSON_MB: u64 = 512;

/// A format that zone layers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    GeoPackage,
    Shapefile,
    GeoJson,
    Kml,
    FileGdb,
}

impl Format {
    /// Its name for people; GDAL's driver name where GDAL reads it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GeoPackage => "GeoPackage",
            Self::Shapefile => "ESRI Shapefile",
            Self::GeoJson => "GeoJSON",
            Self::Kml => "KML",
            Self::FileGdb => "OpenFileGDB",
        }
    }
}

/// A file that was looked at.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The path as the user gave it.
    pub(super) path: PathBuf,
    /// The absolute path.
    pub(super) real: PathBuf,
    /// Told by its content.
    pub(super) format: Format,
    /// Size in bytes; 0 for a folder.
    pub(super) bytes: u64,
}

/// Looks at a path.
///
/// # Errors
/// When it is not a zone layer that can be opened safely.
pub(super) fn look(path: &Path) -> Result<Source, VectorError> {
    let owned = || path.to_path_buf();
    let name = path.to_str().ok_or_else(|| VectorError::NotUtf8 { path: owned() })?;
    if is_address(name) {
        return Err(VectorError::DangerousName { path: owned() });
    }
    let unreadable = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => VectorError::Missing { path: owned() },
        _ => VectorError::Unreadable { path: owned(), kind: error.kind() },
    };
    let meta = std::fs::metadata(path).map_err(|e| unreadable(&e))?;
    let real = std::fs::canonicalize(path).map_err(|e| unreadable(&e))?;
    if real.to_str().is_none() {
        return Err(VectorError::NotUtf8 { path: real });
    }
    if meta.is_dir() {
        let is_gdb = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gdb"))
            && real.join("a00000001.gdbtable").is_file();
        return if is_gdb {
            Ok(Source { path: owned(), real, format: Format::FileGdb, bytes: 0 })
        } else {
            Err(VectorError::NotAFile { path: owned() })
        };
    }
    if !meta.is_file() {
        return Err(VectorError::NotAFile { path: owned() });
    }
    let mut head = Vec::new();
    let file = File::open(&real).map_err(|e| unreadable(&e))?;
    file.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|e| unreadable(&e))?;
    let format = format_of(path, &head)?;
    check_size(path, format, meta.len())?;
    Ok(Source { path: owned(), real, format, bytes: meta.len() })
}

fn check_size(path: &Path, format: Format, bytes: u64) -> Result<(), VectorError> {
    let limit_mb = match format {
        Format::Kml => MOST_KML_MB,
        Format::GeoJson => MOST_GEOJSON_MB,
        _ => return Ok(()),
    };
    let size_mb = bytes / (1024 * 1024);
    if size_mb >= limit_mb {
        Err(VectorError::TooLarge { path: path.to_path_buf(), size_mb, limit_mb })
    } else {
        Ok(())
    }
}

/// The format by the first bytes; the extension only helps to name what is wrong.
fn format_of(path: &Path, head: &[u8]) -> Result<Format, VectorError> {
    let owned = path.to_path_buf();
    if head.is_empty() {
        return Err(VectorError::Empty { path: owned });
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Ok(Format::GeoPackage);
    }
    if head.starts_with(&[0, 0, 0x27, 0x0a]) {
        let is_index = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("shx"));
        return if is_index { Err(VectorError::SidePart { path: owned }) } else { Ok(Format::Shapefile) };
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0x1f, 0x8b]) {
        return Err(VectorError::Archive { path: owned });
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    if ["dbf", "shx", "prj", "cpg", "sbn", "sbx", "qix"].contains(&extension.as_str()) {
        return Err(VectorError::SidePart { path: owned });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match text.first() {
        Some(b'{') => Ok(Format::GeoJson),
        Some(b'<') => markup_format(owned, text),
        _ => Err(VectorError::UnknownFormat { path: owned, start: printable(head) }),
    }
}

fn markup_format(path: PathBuf, text: &[u8]) -> Result<Format, VectorError> {
    let lower = text.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|w| w == word);
    if lower.starts_with(b"<!doctype html") || has(b"<html") {
        return Err(VectorError::Html { path });
    }
    if has(b"<ogrvrtdatasource") || has(b"<vrtdataset") {
        return Err(VectorError::Virtual { path });
    }
    if has(b"<!doctype") || has(b"<!entity") {
        return Err(VectorError::Entities { path });
    }
    if has(b"<kml") || has(b":kml") {
        return Ok(Format::Kml);
    }
    Err(VectorError::UnknownFormat { path, start: printable(text) })
}

/// The first readable characters of a file, for the message.
fn printable(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(&head[..head.len().min(24)]);
    text.chars().map(|c| if c.is_control() || c == '\u{fffd}' { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on should say so.

    use super::*;

    fn look_at(name: &str, content: &[u8]) -> Result<Format, VectorError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        look(&path).map(|source| source.format)
    }

    #[test]
    fn the_content_tells_the_format_whatever_the_name() {
        assert_eq!(look_at("zones.shp", b"  {\"type\":\"FeatureCollection\"}").unwrap(), Format::GeoJson);
        assert_eq!(look_at("zones.json", b"SQLite format 3\0rest").unwrap(), Format::GeoPackage);
        assert_eq!(look_at("zones.xml", b"<?xml version='1.0'?><kml>").unwrap(), Format::Kml);
    }

    #[test]
    fn what_is_no_zone_layer_is_told_apart() {
        assert!(matches!(look_at("a.shp", b""), Err(VectorError::Empty { .. })));
        assert!(matches!(look_at("a.gpkg", b"<!DOCTYPE html><html>"), Err(VectorError::Html { .. })));
        assert!(matches!(look_at("a.geojson", b"<OGRVRTDataSource>"), Err(VectorError::Virtual { .. })));
        assert!(matches!(
            look_at("a.kml", b"<!DOCTYPE kml [<!ENTITY a 'b'>]><kml>"),
            Err(VectorError::Entities { .. })
        ));
        assert!(matches!(look_at("a.kmz", b"PK\x03\x04..."), Err(VectorError::Archive { .. })));
        assert!(matches!(look_at("a.dbf", b"\x03abc"), Err(VectorError::SidePart { .. })));
        assert!(matches!(look_at("a.gpkg", b"garbage"), Err(VectorError::UnknownFormat { .. })));
    }

    #[test]
    fn dangerous_names_never_reach_a_library() {
        for name in [
            "/vsicurl/http://example.org/a.geojson",
            "<OGRVRTDataSource/>",
            "{\"type\":\"Point\"}",
            "PG:dbname=x",
            "HTTP://x/y",
        ] {
            assert!(matches!(look(Path::new(name)), Err(VectorError::DangerousName { .. })), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_a_folder_and_a_device_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("zones.geojson");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
            assert!(matches!(look(path), Err(VectorError::NotAFile { .. })), "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_is_said_to_be_so() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/tmp/\xb1\xa3\xbb\xa4.shp"));
        assert!(matches!(look(path), Err(VectorError::NotUtf8 { .. })));
    }
}
