//! Folder listings and small text files: what the project room needs of the file system. Writes nothing, opens no raster.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::model::notice::{Explain, Notice, Weight};

/// Beginnings of names that GDAL takes for an address, a connection or inline text.
const DANGEROUS: [&str; 21] = [
    "/vsi",
    "<",
    "{",
    "vrt://",
    "mem:",
    "pg:",
    "mysql:",
    "wms:",
    "wmts:",
    "wfs:",
    "http:",
    "https:",
    "ftp:",
    "derived_",
    "gtiff_dir:",
    "gtiff_raw:",
    "zarr:",
    "sqlite:",
    "gpkg:",
    "hfa:",
    "geojson:",
];

/// Largest text file that is read.
const LARGEST_TEXT: u64 = 16 << 20;

/// Why a text file or a folder cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is nothing at the path.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// The path is not a regular file (or not a folder where one is needed).
    #[error("{0} is not of the right kind")]
    WrongKind(PathBuf),
    /// The text is not UTF-8.
    #[error("{0} is not UTF-8 text")]
    NotUtf8(PathBuf),
    /// The text is larger than any that this program writes.
    #[error("{0} is too large for a text file")]
    TooLarge(PathBuf),
    /// The system refuses.
    #[error("{path} cannot be read: {cause}")]
    Denied {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
}

impl Explain for FileError {
    fn notice(&self) -> Notice {
        let of = |code, path: &Path| Notice::new(code, Weight::Fatal).at(path);
        match self {
            Self::Missing(path) => of("file_missing", path),
            Self::WrongKind(path) => of("file_wrong_kind", path),
            Self::NotUtf8(path) => of("file_not_utf8", path),
            Self::TooLarge(path) => of("file_too_large", path),
            Self::Denied { path, cause } => of("file_denied", path).fact("cause", cause),
        }
    }
}

/// Reads a small UTF-8 text file.
///
/// # Errors
/// [`FileError`]; a pipe or a device is refused, never waited for.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let at = path.to_path_buf();
    let facts = std::fs::metadata(path).map_err(|e| denied(path, &e))?;
    if !facts.is_file() {
        return Err(FileError::WrongKind(at));
    }
    if facts.len() > LARGEST_TEXT {
        return Err(FileError::TooLarge(at));
    }
    let bytes = std::fs::read(path).map_err(|e| denied(path, &e))?;
    String::from_utf8(bytes).map_err(|_| FileError::NotUtf8(at))
}

fn denied(path: &Path, error: &std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::NotFound => FileError::Missing(path.to_path_buf()),
        _ => FileError::Denied { path: path.to_path_buf(), cause: error.kind().to_string() },
    }
}

/// The absolute form of a path, with `.` and `..` taken out by name alone.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Whether a text means an address, a connection or inline data rather than a file.
#[must_use]
pub fn is_address(written: &str) -> bool {
    let lower = written.trim_start().to_ascii_lowercase();
    DANGEROUS.iter().any(|start| lower.starts_with(start))
}

/// When a file was last changed; `None` where there is none.
#[must_use]
pub fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

/// Whether there is anything at a path.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    path.exists()
}

/// Whether a path is a folder.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether a file is there and its owner has made it read-only.
#[must_use]
pub fn is_read_only(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|facts| facts.permissions().readonly())
}

/// The regular files (and `.gdb` folders) in a folder, breadth first, in the order of their names.
///
/// Hidden names are passed over; at most `depth` levels of folders and `most` entries are looked at.
///
/// # Errors
/// [`FileError`] where the folder itself cannot be listed; an unreadable folder below it is passed over.
pub fn list(folder: &Path, depth: usize, most: usize) -> Result<Vec<PathBuf>, FileError> {
    if !folder.is_dir() {
        let missing = !folder.exists();
        let at = folder.to_path_buf();
        return Err(if missing { FileError::Missing(at) } else { FileError::WrongKind(at) });
    }
    let mut found = Vec::new();
    let mut left = VecDeque::from([(folder.to_path_buf(), 0)]);
    while let Some((next, level)) = left.pop_front() {
        let entries = match std::fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if level == 0 => return Err(denied(&next, &error)),
            Err(_) => continue,
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            if found.len() >= most {
                return Ok(found);
            }
            if path.file_name().is_none_or(|n| n.to_string_lossy().starts_with('.')) {
                continue;
            }
            let kind = std::fs::symlink_metadata(&path);
            let geodatabase = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gdb"));
            match kind {
                Ok(kind) if kind.is_dir() && !geodatabase && level < depth => left.push_back((path, level + 1)),
                Ok(kind) if kind.is_dir() && geodatabase => found.push(path),
                // A link is followed only to a regular file, so a loop of links cannot be walked.
                Ok(_) if path.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_in_the_order_of_names_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("b/c/d")).unwrap();
        for name in ["z.tif", "a.tif", ".hidden", "b/one.tif", "b/c/two.tif", "b/c/d/three.tif"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let names = |depth, most| -> Vec<String> {
            let found = list(folder.path(), depth, most).unwrap();
            found.iter().map(|p| p.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
        };
        assert_eq!(names(2, 100), ["a.tif", "z.tif", "b/one.tif", "b/c/two.tif"]);
        assert_eq!(names(2, 3), ["a.tif", "z.tif", "b/one.tif"]);
    }

    #[test]
    fn a_folder_is_not_a_text_and_nothing_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_text(folder.path()), Err(FileError::WrongKind(_))));
        assert!(matches!(read_text(&folder.path().join("no.toml")), Err(FileError::Missing(_))));
        std::fs::write(folder.path().join("gbk.toml"), b"name = \"\xd1\xef\xd6\xdd\"").unwrap();
        assert!(matches!(read_text(&folder.path().join("gbk.toml")), Err(FileError::NotUtf8(_))));
    }

    #[test]
    fn dots_are_taken_out_of_paths() {
        assert_eq!(absolute(Path::new("/a/./b/../c.tif")), PathBuf::from("/a/c.tif"));
    }
}
