//! Files that the program makes for speed alone, in the user's cache folder: they can be thrown away at any time.
//!
//! Each is named after the file it was made from, with its size and time, so that what has changed is never taken for what
//! it was. Nothing is ever written beside a source.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use xxhash_rust::xxh3::xxh3_64;

use super::atomic::remove_file;

/// A use is noted at most so often: what was used last is thrown away last.
const NOTED_EVERY: Duration = Duration::from_hours(24);

/// The folder for one sort of such files, where the system names a place.
#[must_use]
pub fn folder(sort: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(cache.join("ecoredline").join(sort))
}

/// The name of what is made from a file as it is now: sixteen hexadecimal digits.
#[must_use]
pub fn key(source: &Path) -> Option<String> {
    let facts = std::fs::metadata(source).ok()?;
    let path = std::path::absolute(source).ok()?;
    let time = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let text = format!("{}\0{}\0{time}", path.display(), facts.len());
    Some(format!("{:016x}", xxh3_64(text.as_bytes())))
}

/// Notes that a file was used.
pub fn note_use(path: &Path) {
    let noted = std::fs::metadata(path).and_then(|facts| facts.modified());
    let is_old = noted.is_ok_and(|noted| noted.elapsed().is_ok_and(|age| age > NOTED_EVERY));
    if is_old && let Ok(file) = std::fs::File::options().write(true).open(path) {
        // A cache that cannot be noted is thrown away a little earlier.
        file.set_modified(SystemTime::now()).ok();
    }
}

/// Throws the longest unused files of a folder away until the rest takes at most `most` bytes. Tells what is left.
pub fn trim(folder: &Path, most: u64) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let facts = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((facts.modified().ok()?, facts.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut left: u64 = files.iter().map(|file| file.1).sum();
    for (_, bytes, path) in files {
        if left <= most {
            break;
        }
        remove_file(&path);
        left -= bytes;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        for (name, age) in [("old", 300), ("new", 0), ("middle", 200)] {
            let path = folder.path().join(name);
            std::fs::write(&path, [0; 100]).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        assert_eq!(trim(folder.path(), 250), 200);
        assert!(!folder.path().join("old").exists() && folder.path().join("middle").exists());
    }

    #[test]
    fn a_file_that_has_changed_has_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tif");
        std::fs::write(&path, "1").unwrap();
        let before = key(&path).unwrap();
        assert_eq!(key(&path), Some(before.clone()));
        std::fs::write(&path, "12").unwrap();
        assert_ne!(key(&path), Some(before));
    }
}
