//! Files that are there whole or not at all: written under a temporary name, forced to disk, then renamed.
//!
//! A run writes into a [`Staging`] folder and moves everything into place at its end, so that a cancelled or killed run
//! leaves nothing that looks like a result.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::model::notice::{Explain, Notice, Weight};

/// Name of the lock file in a staging folder.
const LOCK: &str = ".lock";

/// Why something could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// No room left.
    #[error("no room left for {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// Bytes that had to be written, where known.
        needed: Option<u64>,
    },
    /// No right to write there.
    #[error("cannot write here: {}", .0.display())]
    ReadOnly(PathBuf),
    /// There is something else where a folder should be.
    #[error("not a folder: {}", .0.display())]
    NotAFolder(PathBuf),
    /// The output would lie among the sources.
    #[error("the output folder holds source files: {}", .0.display())]
    AmongSources(PathBuf),
    /// A file of that name is there, and is not to be replaced.
    #[error("there is a file already: {}", .0.display())]
    Exists(PathBuf),
    /// Another run is writing there.
    #[error("another run is writing to {}", .0.display())]
    Busy(PathBuf),
    /// The file was written, but reads back differently.
    #[error("written but not readable: {} ({reason})", path.display())]
    NotVerified {
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// Anything else.
    #[error("cannot write {}: {reason}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// The system's or GDAL's reason.
        reason: String,
    },
}

impl WriteError {
    /// The error of a failed system call on a path.
    #[must_use]
    pub fn of(path: &Path, error: &std::io::Error, needed: Option<u64>) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::DiskFull { path, needed }
            }
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly(path),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Self::NotAFolder(path),
            kind => Self::Failed { path, reason: kind.to_string() },
        }
    }

    /// The file or folder it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::DiskFull { path, .. }
            | Self::NotVerified { path, .. }
            | Self::Failed { path, .. }
            | Self::ReadOnly(path)
            | Self::NotAFolder(path)
            | Self::AmongSources(path)
            | Self::Exists(path)
            | Self::Busy(path) => path,
        }
    }
}

impl Explain for WriteError {
    fn notice(&self) -> Notice {
        let told = |code| Notice::new(code, Weight::Fatal).at(&without_staging(self.path()));
        match self {
            Self::DiskFull { needed: Some(bytes), .. } => {
                told("E40_disk_full").fact("megabytes", format!("{:.1}", *bytes as f64 / 1e6))
            }
            Self::DiskFull { needed: None, .. } => told("E40_no_room"),
            Self::ReadOnly(_) => told("E40_read_only"),
            Self::NotAFolder(_) => told("E40_not_a_folder"),
            Self::AmongSources(_) => told("E40_among_sources"),
            Self::Exists(_) => told("E40_exists"),
            Self::Busy(_) => told("E40_busy"),
            Self::NotVerified { reason, .. } => told("E40_not_verified").fact("reason", reason),
            Self::Failed { reason, .. } => told("E40_failed").fact("reason", reason),
        }
    }
}

/// A path as it will be once a run is done: users never see a staging folder.
pub(super) fn without_staging(path: &Path) -> PathBuf {
    #[allow(clippy::case_sensitive_file_extension_comparisons)] // the name is ours, letter for letter
    let is_staging = |name: &str| name.starts_with('.') && name.ends_with(".part");
    path.components().filter(|part| !part.as_os_str().to_str().is_some_and(is_staging)).collect()
}

/// Writes a file whole: under a temporary name, forced to disk, renamed.
///
/// # Errors
/// [`WriteError`]; nothing is left under the final name that was not there before.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let part = part_name(path);
    let failed = |e: std::io::Error| WriteError::of(path, &e, Some(bytes.len() as u64));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&part, path));
    if placed.is_err() {
        remove_file(&part);
    }
    placed.map_err(failed)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes a file whole under a name that is still free.
///
/// # Errors
/// As [`write_bytes`], and where a file of that name exists.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    if path.exists() { Err(WriteError::Exists(path.to_path_buf())) } else { write_bytes(path, bytes) }
}

/// The temporary name of a file: `NAME.part`, beside it.
#[must_use]
pub fn part_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Removes a leftover; that it is gone already is as good.
pub(super) fn remove_file(path: &Path) {
    drop(fs::remove_file(path));
}

/// Forces a folder's entries to disk where the system can.
pub(super) fn sync_folder(folder: &Path) -> Result<(), WriteError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(folder).and_then(|f| f.sync_all()) {
        // Windows opens no folders, and some network drives do not sync them.
        Err(e) if matches!(e.kind(), ErrorKind::StorageFull) => Err(WriteError::of(folder, &e, None)),
        _ => Ok(()),
    }
}

/// Makes sure before any work that outputs may go to a folder: that it is or can become one, and holds no source.
///
/// # Errors
/// [`WriteError`] with the reason.
pub fn check_output(folder: &Path, sources: &[PathBuf]) -> Result<(), WriteError> {
    if fs::metadata(folder).is_ok_and(|m| !m.is_dir()) {
        return Err(WriteError::NotAFolder(folder.to_path_buf()));
    }
    let real = |p: &Path| fs::canonicalize(p).or_else(|_| std::path::absolute(p)).unwrap_or_else(|_| p.to_path_buf());
    let output = real(folder);
    let among = sources.iter().filter_map(|s| s.parent()).any(|parent| real(parent) == output);
    if among {
        return Err(WriteError::AmongSources(folder.to_path_buf()));
    }
    probe(output.ancestors().find(|a| a.exists()).unwrap_or(Path::new("/")))
}

/// Whether files can be made in a folder that exists; the one made to see it goes again. Rights alone do not tell: a
/// share may be mounted read-only.
fn probe(folder: &Path) -> Result<(), WriteError> {
    let failed = |e: std::io::Error| WriteError::of(folder, &e, None);
    if !folder.is_dir() {
        return Err(WriteError::NotAFolder(folder.to_path_buf()));
    }
    let probe = folder.join(format!(".ecoredline.{}.part", std::process::id()));
    File::create(&probe).map_err(failed)?;
    fs::remove_file(&probe).map_err(failed)
}

/// A folder beside the results into which a run writes everything; [`Staging::commit`] moves it into place.
///
/// Dropped without a commit it removes itself, and the folders that were made for it. What a killed run left is removed
/// by the next one.
pub struct Staging {
    folder: PathBuf,
    target: PathBuf,
    made: Vec<PathBuf>,
    lock: Option<File>,
}

/// What the program would have to remove if it ended now: staging folders, and the folders made for them.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the staging folders of work that will not come to its end, because the program ends first.
pub fn remove_unfinished() {
    let left = std::mem::take(&mut *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner));
    for folder in left.iter().rev() {
        remove_own(folder);
    }
}

/// Removes a staging folder whole, any other only where it is empty. What cannot go now goes with the next run.
fn remove_own(folder: &Path) {
    let staged = folder.extension().is_some_and(|e| e == "part");
    drop(if staged { fs::remove_dir_all(folder) } else { fs::remove_dir(folder) });
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`WriteError`]; none is left that was not there before.
pub fn make_folder(folder: &Path) -> Result<(), WriteError> {
    make_folders(folder).map(drop).map_err(|error| WriteError::of(folder, &error, None))
}

/// Makes a folder and those above it; tells which were made, the uppermost first.
pub(super) fn make_folders(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut made: Vec<PathBuf> = folder.ancestors().take_while(|a| !a.exists()).map(Path::to_path_buf).collect();
    made.retain(|path| !path.as_os_str().is_empty());
    made.reverse();
    match fs::create_dir_all(folder) {
        Ok(()) => Ok(made),
        Err(error) => {
            made.iter().rev().for_each(|path| remove_own(path));
            Err(error)
        }
    }
}

impl Staging {
    /// Begins a run's outputs in `target`, in a folder `.NAME.part` below it.
    ///
    /// # Errors
    /// [`WriteError`] where the folder cannot be made, or another run is at it.
    pub fn begin(target: &Path, name: &str) -> Result<Self, WriteError> {
        let failed = |path: &Path, e: &std::io::Error| WriteError::of(path, e, None);
        let made = make_folders(target).map_err(|e| failed(target, &e))?;
        let folder = target.join(format!(".{name}.part"));
        let old_lock = folder.join(LOCK);
        let held = |lock: &File| matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
        if File::open(&old_lock).is_ok_and(|old| held(&old)) {
            return Err(WriteError::Busy(target.to_path_buf()));
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|e| failed(&folder, &e))?;
        }
        fs::create_dir(&folder).map_err(|e| {
            made.iter().rev().for_each(|path| remove_own(path));
            failed(&folder, &e)
        })?;
        let mut staging = Self { folder, target: target.to_path_buf(), made, lock: None };
        staging.note_unfinished();
        let lock = File::create(&old_lock).map_err(|e| failed(&old_lock, &e))?;
        if held(&lock) {
            return Err(WriteError::Busy(target.to_path_buf()));
        }
        staging.lock = Some(lock);
        Ok(staging)
    }

    fn own(&self) -> impl Iterator<Item = &PathBuf> {
        self.made.iter().chain(std::iter::once(&self.folder))
    }

    fn note_unfinished(&self) {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).extend(self.own().cloned());
    }

    /// Where to write a file that will become `relative` in the target; its folders are made.
    ///
    /// # Errors
    /// [`WriteError`] where a folder cannot be made.
    pub fn path(&self, relative: &Path) -> Result<PathBuf, WriteError> {
        let path = self.folder.join(relative);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent).map_err(|e| WriteError::of(parent, &e, None))?;
        Ok(path)
    }

    /// Writes a file that will become `relative` in the target.
    ///
    /// # Errors
    /// [`WriteError`], with the bytes needed.
    pub fn write(&self, relative: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        write_bytes(&self.path(relative)?, bytes)
    }

    /// Moves everything into place, file by file, in the order of their names; tells the final paths.
    ///
    /// # Errors
    /// [`WriteError`] where a file cannot be moved; what was moved before stays.
    pub fn commit(self) -> Result<Vec<PathBuf>, WriteError> {
        let mut files = Vec::new();
        collect(&self.folder, Path::new(""), &mut files)?;
        files.sort();
        let mut placed = Vec::with_capacity(files.len());
        for relative in files {
            let to = self.target.join(&relative);
            let parent = to.parent().unwrap_or(&self.target);
            fs::create_dir_all(parent).map_err(|e| WriteError::of(parent, &e, None))?;
            fs::rename(self.folder.join(&relative), &to).map_err(|e| WriteError::of(&to, &e, None))?;
            placed.push(to);
        }
        let mut folders: Vec<&Path> = placed.iter().filter_map(|p| p.parent()).collect();
        folders.dedup();
        for folder in folders {
            sync_folder(folder)?;
        }
        Ok(placed)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The lock is released with its file; a folder that cannot be removed now is removed by the next run.
        self.lock = None;
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| !self.own().any(|own| own == path));
        // The folders made for the results stay where results are in them.
        self.own().collect::<Vec<_>>().into_iter().rev().for_each(|path| remove_own(path));
    }
}

/// A folder for what is only handed on inside the program. It goes away when dropped, or when the program ends first.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes one where the system keeps such things.
    ///
    /// # Errors
    /// [`WriteError`] where it takes none.
    pub fn begin() -> Result<Self, WriteError> {
        let made = tempfile::Builder::new().prefix("ecoredline-").suffix(".part").tempdir();
        let folder = made.map_err(|error| WriteError::of(&std::env::temp_dir(), &error, None))?;
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(folder.path().to_path_buf());
        Ok(Self(folder))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| path != self.0.path());
    }
}

fn collect(folder: &Path, relative: &Path, files: &mut Vec<PathBuf>) -> Result<(), WriteError> {
    let failed = |e: &std::io::Error| WriteError::of(folder, e, None);
    for entry in fs::read_dir(folder).map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        let name = relative.join(entry.file_name());
        let kind = entry.file_type().map_err(|e| failed(&e))?;
        if kind.is_dir() {
            collect(&entry.path(), &name, files)?;
        } else if name != Path::new(LOCK) {
            files.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_part() {
        let folder = folder();
        let path = folder.path().join("报告.json");
        write_bytes(&path, b"old").expect("written");
        write_bytes(&path, b"new").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn staged_files_appear_only_at_the_commit() {
        let folder = folder();
        let out = folder.path().join("out");
        let staging = Staging::begin(&out, "run").expect("begun");
        staging.write(Path::new("rasters/a.tif"), b"1").expect("written");
        staging.write(Path::new("summary.json"), b"2").expect("written");
        assert!(!out.join("summary.json").exists());
        let placed = staging.commit().expect("committed");
        assert_eq!(placed, vec![out.join("rasters/a.tif"), out.join("summary.json")]);
        assert_eq!(fs::read(out.join("rasters/a.tif")).expect("there"), b"1");
        assert!(!out.join(".run.part").exists());
    }

    #[test]
    fn a_cancelled_run_leaves_no_trace_and_a_killed_one_is_cleaned_up() {
        let folder = folder();
        let staging = Staging::begin(folder.path(), "run").expect("begun");
        staging.write(Path::new("a"), b"1").expect("written");
        drop(staging);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let leftover = folder.path().join(".run.part");
        fs::create_dir(&leftover).expect("made");
        fs::write(leftover.join("half"), b"1").expect("written");
        let staging = Staging::begin(folder.path(), "run").expect("begun");
        assert_eq!(staging.commit().expect("committed"), Vec::<PathBuf>::new());
    }

    #[test]
    fn folders_made_for_results_go_with_a_run_that_has_none() {
        let folder = folder();
        let target = folder.path().join("2025/out");
        drop(Staging::begin(&target, "run").expect("begun"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let staging = Staging::begin(&target, "run").expect("begun");
        staging.write(Path::new("a"), b"1").expect("written");
        staging.commit().expect("committed");
        assert!(target.join("a").exists());
    }

    #[test]
    fn two_runs_do_not_write_to_one_folder() {
        let folder = folder();
        let first = Staging::begin(folder.path(), "run").expect("begun");
        assert!(matches!(Staging::begin(folder.path(), "run"), Err(WriteError::Busy(_))));
        drop(first);
        assert!(Staging::begin(folder.path(), "run").is_ok());
    }

    #[test]
    fn outputs_do_not_go_among_the_sources_or_into_a_file() {
        let folder = folder();
        let source = folder.path().join("a.tif");
        fs::write(&source, b"1").expect("written");
        let check = |out: &Path| check_output(out, std::slice::from_ref(&source));
        assert!(matches!(check(folder.path()), Err(WriteError::AmongSources(_))));
        assert!(matches!(check(&folder.path().join("../").join(folder.path())), Err(WriteError::AmongSources(_))));
        assert!(matches!(check(&source), Err(WriteError::NotAFolder(_))));
        assert_eq!(check(&folder.path().join("out")), Ok(()));
    }

    #[test]
    fn a_full_disk_names_the_bytes_needed() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let full = File::options().write(true).open("/dev/full").and_then(|mut f| f.write_all(b"1"));
        let error = WriteError::of(Path::new("/out/a"), &full.expect_err("full"), Some(1_200_000));
        assert_eq!(error, WriteError::DiskFull { path: "/out/a".into(), needed: Some(1_200_000) });
        assert_eq!(error.notice().facts, vec![("megabytes", "1.2".to_owned())]);
    }
}
