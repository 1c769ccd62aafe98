//! A ledger that does not exist yet: built as `NAME.part`, renamed when its first run commits. A kill at any moment
//! leaves no ledger or a whole one; a `.part` left behind is reused by the next run.
//!
//! Two programs may begin the same ledger at once, so the draft's file is locked for as long as it is built; the lock
//! is the operating system's and dies with its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::connection::PATIENCE;
use super::error::LedgerError;
use crate::io::atomic::make_folders;

/// How often to ask for the lock.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// The locked file of a ledger to be.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    ledger: PathBuf,
    made: Vec<PathBuf>,
    lock: File,
    published: bool,
}

impl Draft {
    /// Takes the draft of a ledger, emptied; `None` where the ledger came into being meanwhile.
    pub fn claim(ledger: &Path) -> Result<Option<Self>, LedgerError> {
        let mut name = ledger.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let path = ledger.with_file_name(name);
        let files = |source| LedgerError::from_files(ledger, source);
        let folder = ledger.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(Vec::new()), make_folders).map_err(files)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut options = OpenOptions::new();
            let lock = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(files)?;
            if !try_lock(&lock).map_err(files)? {
                if Instant::now() > deadline {
                    return Err(LedgerError::Held { path: ledger.to_path_buf() });
                }
                std::thread::sleep(ASK_AGAIN);
            } else if is_at(&lock, &path) {
                let draft = Self { path, ledger: ledger.to_path_buf(), made, lock, published: false };
                // Dropping the draft removes its file again.
                return if ledger.exists() { Ok(None) } else { draft.emptied().map(Some).map_err(files) };
            }
            // Else its last holder renamed or removed it between our opening and locking: ask for a new one.
        }
    }

    /// Removes what a killed run left in it.
    fn emptied(self) -> std::io::Result<Self> {
        self.lock.set_len(0)?;
        let journal = self.journal();
        if journal.exists() {
            std::fs::remove_file(journal)?;
        }
        Ok(self)
    }

    fn journal(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-journal");
        PathBuf::from(name)
    }

    /// The file to build in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it the ledger. Every connection to it must be closed.
    pub fn publish(mut self) -> Result<(), LedgerError> {
        let files = |source| LedgerError::from_files(&self.ledger, source);
        self.lock.sync_all().map_err(files)?;
        std::fs::rename(&self.path, &self.ledger).map_err(files)?;
        let folder = self.ledger.parent().filter(|folder| !folder.as_os_str().is_empty());
        // The name must survive a power cut too; folders that cannot be opened (Windows) sync by themselves.
        let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
        self.published = true;
        if cfg!(unix) { synced.map_err(files) } else { Ok(()) }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // Best effort: what stays is an unfinished draft, which the next run empties.
            drop(std::fs::remove_file(&self.path));
            // On a full disk SQLite cannot always finish its journal's own removal.
            drop(std::fs::remove_file(self.journal()));
            // Folders made for it; one that is not empty stays by itself.
            self.made.iter().rev().for_each(|folder| drop(std::fs::remove_dir(folder)));
        }
    }
}

fn try_lock(file: &File) -> std::io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether an open file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: std::fs::Metadata| (meta.dev(), meta.ino());
    let held = file.metadata().map(id);
    held.is_ok_and(|held| std::fs::metadata(path).map(id).is_ok_and(|found| found == held))
}

/// Whether an open file is still the one at a path. Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
