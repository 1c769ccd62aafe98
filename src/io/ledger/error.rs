//! What can go wrong with the ledger, each with words for the user.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use crate::io::atomic::without_staging;
use crate::model::notice::{Explain, Notice, Weight};

/// Why the ledger (or a `GeoPackage` being written) could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another program has held it for longer than the waiting time.
    #[error("{path}: held by another program")]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error("{path}: the file or its folder cannot be written")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("{path}: the disk is full")]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// Bytes that it would take, where known.
        needed: Option<u64>,
    },
    /// The folder does not exist.
    #[error("{path}: the folder does not exist")]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// It is some other file.
    #[error("{path}: not a ledger of this program")]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error("{path}: ledger version {found}, this program knows {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// An older version of this program wrote it, which tells too little for what is asked.
    #[error("{path}: ledger version {found}, at least {needed} is needed")]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The version that tells enough.
        needed: u32,
    },
    /// Pages or rows of it are damaged.
    #[error("{path}: damaged: {detail}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check said.
        detail: String,
    },
    /// It keeps its outlines in another CRS than the run.
    #[error("{path}: kept in {ledger}, the run is in {run}")]
    OtherCrs {
        /// The file.
        path: PathBuf,
        /// The ledger's CRS.
        ledger: String,
        /// The run's CRS.
        run: String,
    },
    /// The file system failed otherwise.
    #[error("{path}: {source}")]
    Files {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The database failed otherwise.
    #[error("{path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
}

impl LedgerError {
    /// The error behind a failure of the file system.
    #[must_use]
    pub fn from_files(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.to_path_buf();
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path, needed: None },
            ErrorKind::NotFound => Self::NoFolder { path },
            _ => Self::Files { path, source },
        }
    }

    /// The error behind a failure of the database.
    #[must_use]
    pub fn from_database(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Held { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, needed: None },
            Some(ErrorCode::NotADatabase) => Self::NotALedger { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, detail: source.to_string() },
            _ => Self::Database { path, source },
        }
    }

    /// The error behind a failure inside a transaction: of a full disk, with the bytes that the file would take.
    pub(in crate::io) fn of_connection(path: &Path, connection: &Connection, source: rusqlite::Error) -> Self {
        let ask = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, u64>(0)).ok();
        match Self::from_database(path, source) {
            Self::DiskFull { path, .. } => {
                let size = ask("PRAGMA page_count").zip(ask("PRAGMA page_size"));
                Self::DiskFull { path, needed: size.map(|(pages, bytes)| pages * bytes) }
            }
            other => other,
        }
    }

    /// The file it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Held { path }
            | Self::ReadOnly { path }
            | Self::DiskFull { path, .. }
            | Self::NoFolder { path }
            | Self::NotALedger { path }
            | Self::Newer { path, .. }
            | Self::Older { path, .. }
            | Self::Damaged { path, .. }
            | Self::OtherCrs { path, .. }
            | Self::Files { path, .. }
            | Self::Database { path, .. } => path,
        }
    }

    /// Whether the machine stands in the way (disk, rights, lock) rather than the file's content.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        !matches!(
            self,
            Self::NotALedger { .. }
                | Self::Newer { .. }
                | Self::Older { .. }
                | Self::Damaged { .. }
                | Self::OtherCrs { .. }
        )
    }
}

impl Explain for LedgerError {
    fn notice(&self) -> Notice {
        let notice = |code| Notice::new(code, Weight::Fatal).at(&without_staging(self.path()));
        match self {
            Self::Held { .. } => notice("ledger_held"),
            Self::ReadOnly { .. } => notice("ledger_read_only"),
            Self::DiskFull { needed: Some(bytes), .. } => {
                notice("ledger_disk_full").fact("megabytes", format!("{:.1}", *bytes as f64 / 1e6))
            }
            Self::DiskFull { needed: None, .. } => notice("ledger_no_room"),
            Self::NoFolder { .. } => notice("ledger_no_folder"),
            Self::NotALedger { .. } => notice("ledger_not_ours"),
            Self::Newer { found, known, .. } => notice("ledger_newer").fact("found", found).fact("known", known),
            Self::Older { found, needed, .. } => notice("ledger_older").fact("found", found).fact("needed", needed),
            Self::Damaged { detail, .. } => notice("ledger_damaged").fact("detail", detail),
            Self::OtherCrs { ledger, run, .. } => notice("ledger_other_crs").fact("ledger", ledger).fact("run", run),
            Self::Files { source, .. } => notice("ledger_files").fact("detail", source.kind()),
            Self::Database { source, .. } => notice("ledger_database").fact("detail", source),
        }
    }
}
