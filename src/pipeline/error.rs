//! Why a run has no result.

use crate::io::atomic::WriteError;
use crate::io::crs::CrsError;
use crate::io::ledger::LedgerError;
use crate::io::raster::RasterError;
use crate::io::vector::VectorError;
use crate::job::Cancelled;
use crate::model::notice::{Explain, Notice, Weight};
use crate::project::ProjectError;
use crate::report::ReportError;

use super::accuracy::ReferenceError;
use super::basemap::BasemapError;
use super::sheet::SheetError;

/// What kind of end a failed run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Nothing could be done with this project or these inputs.
    Nothing,
    /// Disk, rights, lock.
    Environment,
    /// The user stopped it.
    Cancelled,
}

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The project file or its inputs.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A scene that was sound a moment ago.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// A layer of labels that cannot be read.
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// A reference that says nothing, or a sample that cannot be drawn.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A CRS that cannot be reached.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An output.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A document.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A map as a picture.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The picture below it.
    #[error(transparent)]
    Basemap(#[from] BasemapError),
}

impl RunError {
    /// What kind of end it is.
    #[must_use]
    pub fn end(&self) -> RunEnd {
        match self {
            Self::Cancelled(_) => RunEnd::Cancelled,
            // The project asks for it; no machine could do it.
            Self::Write(WriteError::AmongSources(_)) => RunEnd::Nothing,
            Self::Write(_) => RunEnd::Environment,
            Self::Ledger(error) if error.is_environment() => RunEnd::Environment,
            _ => RunEnd::Nothing,
        }
    }

    /// Everything there is to tell: the inputs refused on the way, then the error itself.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        match self {
            Self::Project(error) => error.notices(),
            _ => vec![self.notice()],
        }
    }
}

impl Explain for RunError {
    fn notice(&self) -> Notice {
        match self {
            Self::Cancelled(_) => Notice::new("stopped", Weight::Warning),
            Self::Project(error) => error.notice(),
            Self::Raster(error) => error.notice(),
            // Without its reference nothing can be assessed.
            Self::Vector(error) => Notice { weight: Weight::Fatal, ..error.notice() },
            Self::Reference(error) => error.notice(),
            Self::Crs(error) => error.notice(),
            Self::Ledger(error) => error.notice(),
            Self::Write(error) => error.notice(),
            Self::Report(error) => error.notice(),
            Self::Sheet(error) => error.notice(),
            Self::Basemap(error) => error.notice(),
        }
    }
}
