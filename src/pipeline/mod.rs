//! The use cases, and the only loop over blocks.

use std::path::{Path, PathBuf};

use crate::job::{Cancelled, Progress};
use crate::lang::Lang;
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::outcome::Outcome;
use crate::project::plan::Plan;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Worker threads.
    pub jobs: usize,
    /// Memory bound in MB, GDAL's cache included.
    pub ram_mb: usize,
    /// Language of the documents.
    pub lang: Lang,
    /// Output directory instead of the project's.
    pub output_directory: Option<PathBuf>,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// What was found.
    pub outcome: Outcome,
    /// Files written.
    pub written: Vec<PathBuf>,
    /// The ledger.
    pub ledger: PathBuf,
}

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
    /// There is no such project.
    #[error("no project at {0}")]
    NoProject(PathBuf),
}

impl RunError {
    /// What kind of end it is.
    #[must_use]
    pub fn end(&self) -> RunEnd {
        match self {
            Self::Cancelled(_) => RunEnd::Cancelled,
            Self::NoProject(_) => RunEnd::Nothing,
        }
    }
}

impl Explain for RunError {
    fn notice(&self) -> Notice {
        match self {
            Self::Cancelled(_) => Notice::new("stopped", Weight::Warning),
            Self::NoProject(path) => Notice::new("no_project", Weight::Fatal).at(path),
        }
    }
}

/// Runs a project.
///
/// # Errors
/// [`RunError`] where there is no result.
pub fn run(project: &Path, _options: &RunOptions, _progress: &Progress) -> Result<RunReport, RunError> {
    Err(RunError::NoProject(project.to_path_buf()))
}

/// Says what a run would do.
///
/// # Errors
/// [`RunError`] where nothing could be done.
pub fn check(project: &Path, _options: &RunOptions) -> Result<Plan, RunError> {
    Err(RunError::NoProject(project.to_path_buf()))
}

/// Drafts a project file from a folder.
///
/// # Errors
/// [`RunError`] where nothing could be done.
pub fn init(folder: &Path, _lang: Lang) -> Result<(PathBuf, Vec<Notice>), RunError> {
    Err(RunError::NoProject(folder.to_path_buf()))
}
