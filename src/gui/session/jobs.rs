//! The work a session starts: the same use cases as the console's, each as one job.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::job::{self, Handle, JobFailure, Progress, Snapshot};
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::pipeline::view::{self, Opened};
use crate::pipeline::{self, RunError, RunOptions, RunReport};

use super::Wake;

/// Memory bound of a run in MB, as the console's default.
const RAM_MB: usize = 1024;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A project is opened.
    Open,
    /// A folder is looked through.
    Draft,
    /// Changes are detected.
    Run,
}

/// How work ended.
pub(super) enum End {
    /// A project is there.
    Opened(Box<Opened>),
    /// A project file was drafted.
    Drafted(PathBuf, Vec<Notice>),
    /// A run is through.
    Ran(Box<RunReport>),
    /// There is no result, and why.
    Failed(Vec<Notice>),
}

/// Work under way.
pub struct Work {
    /// What is done.
    pub task: Task,
    /// The file or folder it is about.
    pub subject: PathBuf,
    /// When it began.
    pub since: Instant,
    handle: Handle<Result<End, RunError>>,
}

impl Work {
    /// Opens a project.
    pub(super) fn open(file: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Open, file, wake, |file, progress| {
            view::open(file, progress).map(|opened| End::Opened(Box::new(opened)))
        })
    }

    /// Drafts a project from a folder.
    pub(super) fn draft(folder: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Draft, folder, wake, |folder, _| {
            pipeline::init(folder).map(|(file, notices)| End::Drafted(file, notices))
        })
    }

    /// Runs a project.
    pub(super) fn run(file: PathBuf, lang: Lang, wake: &Wake) -> Self {
        Self::start(Task::Run, file, wake, move |file, progress| {
            // One core is left to the window.
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let options = RunOptions {
                jobs: cores.saturating_sub(1).max(1),
                ram_mb: RAM_MB,
                lang: Some(lang),
                output_directory: None,
            };
            pipeline::run(file, &options, progress).map(|report| End::Ran(Box::new(report)))
        })
    }

    fn start(
        task: Task,
        subject: PathBuf,
        wake: &Wake,
        work: impl FnOnce(&Path, &Progress) -> Result<End, RunError> + Send + 'static,
    ) -> Self {
        let (path, wake) = (subject.clone(), std::sync::Arc::clone(wake));
        let handle = job::spawn("window", move || wake(), move |progress| work(&path, progress));
        Self { task, subject, since: Instant::now(), handle }
    }

    /// Where it stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.handle.snapshot()
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.handle.cancel();
    }

    /// Whether newer work may take its place: looking may, detecting may not.
    pub(super) fn yields(&self) -> bool {
        self.task != Task::Run
    }

    pub(super) fn poll(&mut self) -> Option<End> {
        Some(match self.handle.poll()? {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => End::Failed(error.notices()),
            Err(JobFailure::Panicked(detail)) => {
                let version = env!("CARGO_PKG_VERSION");
                let bug = Notice::new("internal_error", Weight::Fatal).fact("detail", detail).fact("version", version);
                End::Failed(vec![bug])
            }
        })
    }
}
