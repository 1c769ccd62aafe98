//! The work a session starts: the same use cases as the console's, each as one job, and the list of all that are under way.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::job::{self, Handle, JobFailure, Progress, Snapshot};
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::pipeline::export::ExportReport;
use crate::pipeline::view::{self, Opened};
use crate::pipeline::{self, RunError, RunOptions, RunReport, doctor};
use crate::project::Draft;
use crate::project::edit::{Change, Place};
use crate::project::plan::Plan;

use super::flags::FlagIndex;
use super::{Pick, Wake};

/// Time after which a project that is being opened is said to be slow.
const SLOW: Duration = Duration::from_secs(8);

/// Memory bound of a run in MB, as the console's default.
const RAM_MB: usize = 1024;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A project is opened.
    Open,
    /// A folder is looked through.
    Draft,
    /// A project file is written.
    Create,
    /// Changes are detected.
    Run,
    /// Documents are written.
    Export,
    /// A file or folder is chosen in the system's dialog.
    Pick,
    /// The map is drawn as a picture.
    Sheet,
    /// Overviews are built.
    Overviews,
}

impl Task {
    /// Whether newer work of the same task may take its place: looking may, what writes may not.
    fn yields(self) -> bool {
        matches!(self, Self::Open | Self::Draft | Self::Pick)
    }
}

/// How work ended.
pub(super) enum End {
    /// A project is there, its flags looked through.
    Opened(Box<Opened>, Box<FlagIndex>),
    /// A project was drafted.
    Drafted(Box<Draft>),
    /// A project file was written.
    Created(PathBuf),
    /// What an edit must change so that files are found.
    Located(Vec<Change>),
    /// A run is through.
    Ran(Box<RunReport>),
    /// Documents are written.
    Exported(ExportReport),
    /// What was chosen; `None` where nothing was, or there is no dialog.
    Picked(Pick, Option<PathBuf>),
    /// The file chosen for the map as a picture.
    SheetPicked(Option<PathBuf>),
    /// The file chosen for the basemap.
    BasemapPicked(Option<PathBuf>),
    /// A map is drawn as a picture.
    Written(PathBuf),
    /// So many overviews were built, and what there is to tell of the others.
    Reduced(usize, Vec<Notice>),
    /// There is no result, and why.
    Failed(Vec<Notice>),
}

/// How the window runs a project. One core is left to the window itself.
pub(super) fn options(lang: Lang) -> RunOptions {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    RunOptions { jobs: cores.saturating_sub(1).max(1), ram_mb: RAM_MB, lang: Some(lang), output_directory: None }
}

/// Work under way.
pub struct Work {
    /// What is done.
    pub task: Task,
    /// The file or folder it is about.
    pub subject: PathBuf,
    /// When it began.
    pub since: Instant,
    is_told: bool,
    handle: Handle<Result<End, RunError>>,
}

impl Work {
    /// Opens a project.
    pub(super) fn open(file: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Open, file, wake, |file, progress| {
            let mut opened = view::open(file, progress)?;
            let flags = FlagIndex::of(std::mem::take(&mut opened.records));
            Ok(End::Opened(Box::new(opened), Box::new(flags)))
        })
    }

    /// Drafts a project from a folder, or from files.
    pub(super) fn draft(given: Vec<PathBuf>, wake: &Wake) -> Self {
        let subject = given.first().cloned().unwrap_or_default();
        Self::start(Task::Draft, subject, wake, move |_, progress| {
            pipeline::draft::draft(&given, progress).map(|draft| End::Drafted(Box::new(draft)))
        })
    }

    /// Writes the project file of a draft.
    pub(super) fn create(draft: Draft, file: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Create, file, wake, move |file, _| pipeline::draft::create(&draft, file).map(End::Created))
    }

    /// Writes the project file of a draft where it leaves nothing beside the data.
    pub(super) fn quick(draft: Draft, states: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Create, states, wake, move |states, _| {
            pipeline::draft::quick(&draft, states).map(End::Created)
        })
    }

    /// Saves a project's text under another name.
    pub(super) fn save_as((text, from): (String, PathBuf), to: PathBuf, wake: &Wake) -> Self {
        Self::start(Task::Create, to, wake, move |to, _| pipeline::draft::save_as(&text, &from, to).map(End::Created))
    }

    /// Finds what must be changed so that a place names a file: the one given, or one chosen in the system's dialog.
    pub(super) fn locate(
        (text, project, place): (String, PathBuf, Place),
        given: Option<PathBuf>,
        wake: &Wake,
    ) -> Self {
        Self::start(Task::Pick, project, wake, move |project, _| {
            let file = given.or_else(|| rfd::FileDialog::new().pick_file());
            let changes = file.map(|file| doctor::located(&text, project, &place, &file));
            Ok(End::Located(changes.unwrap_or_default()))
        })
    }

    /// Runs a project.
    pub(super) fn run(file: PathBuf, lang: Lang, wake: &Wake) -> Self {
        Self::run_with(file, lang, wake, pipeline::run)
    }

    /// Runs a project in a way of its own.
    pub(super) fn run_with(
        file: PathBuf,
        lang: Lang,
        wake: &Wake,
        run: impl FnOnce(&Path, &RunOptions, &Progress) -> Result<RunReport, RunError> + Send + 'static,
    ) -> Self {
        Self::start(Task::Run, file, wake, move |file, progress| {
            run(file, &options(lang), progress).map(|report| End::Ran(Box::new(report)))
        })
    }

    /// Asks the system's dialog for a file or folder. It is work like any other: some dialogs never answer.
    pub(super) fn pick(pick: Pick, lang: Lang, wake: &Wake) -> Self {
        Self::start(Task::Pick, PathBuf::new(), wake, move |_, _| {
            let dialog = rfd::FileDialog::new();
            let picked = match pick {
                Pick::File => dialog.add_filter(lang.word("gui.welcome.project_files"), &["toml"]).pick_file(),
                Pick::Folder | Pick::Export => dialog.pick_folder(),
            };
            Ok(End::Picked(pick, picked))
        })
    }

    /// Builds the overviews that the scenes of a plan lack.
    pub(super) fn overviews(plan: std::sync::Arc<Plan>, wake: &Wake) -> Self {
        Self::start(Task::Overviews, plan.file.clone(), wake, move |_, progress| {
            view::build_overviews(&plan, progress).map(|(built, notices)| End::Reduced(built, notices))
        })
    }

    /// Starts work of any task.
    pub(super) fn start(
        task: Task,
        subject: PathBuf,
        wake: &Wake,
        work: impl FnOnce(&Path, &Progress) -> Result<End, RunError> + Send + 'static,
    ) -> Self {
        let (path, wake) = (subject.clone(), std::sync::Arc::clone(wake));
        let handle = job::spawn("window", move || wake(), move |progress| work(&path, progress));
        let handle = if task.yields() { handle.unawaited() } else { handle };
        Self { task, subject, since: Instant::now(), is_told: false, handle }
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

    fn poll(&mut self) -> Option<End> {
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

/// All work under way, the oldest first.
#[derive(Default)]
pub struct Jobs(Vec<Work>);

impl Jobs {
    /// Each piece of work.
    pub fn iter(&self) -> impl Iterator<Item = &Work> {
        self.0.iter()
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a task is under way.
    #[must_use]
    pub fn is_doing(&self, task: Task) -> bool {
        self.0.iter().any(|work| work.task == task)
    }

    /// Takes on new work. A task is done once at a time: newer work takes the place of what only looks, and is dropped
    /// where something is being written.
    pub(super) fn begin(&mut self, work: Work) {
        if self.is_doing(work.task) && !work.task.yields() {
            return;
        }
        self.0.retain(|other| other.task != work.task);
        self.0.push(work);
    }

    /// Asks a task to stop. What only looks is left to itself at once: a drive that does not answer would hold it for ever.
    pub(super) fn cancel(&mut self, task: Task) {
        self.iter().filter(|work| work.task == task).for_each(Work::cancel);
        self.0.retain(|work| work.task != task || !task.yields());
    }

    /// What there is to tell of projects that take long to open, each once.
    pub(super) fn slow(&mut self) -> Vec<Notice> {
        self.slower_than(SLOW)
    }

    fn slower_than(&mut self, patience: Duration) -> Vec<Notice> {
        let opens = |work: &&mut Work| matches!(work.task, Task::Open | Task::Draft) && !work.is_told;
        let slow = self.0.iter_mut().filter(opens).filter(|work| work.since.elapsed() > patience);
        slow.map(|work| {
            work.is_told = true;
            Notice::new("open_slow", Weight::Warning).at(&work.subject)
        })
        .collect()
    }

    /// The work that has ended since the last call, with how.
    pub(super) fn ended(&mut self) -> Vec<(Work, End)> {
        let mut ended = Vec::new();
        let mut at = 0;
        while at < self.0.len() {
            match self.0[at].poll() {
                Some(end) => ended.push((self.0.remove(at), end)),
                None => at += 1,
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    #[test]
    fn a_project_on_a_drive_that_hangs_is_told_once_and_can_be_let_go() {
        let (release, held) = channel::<()>();
        let mut jobs = Jobs::default();
        let wake: Wake = Arc::new(|| {});
        jobs.begin(Work::start(Task::Open, PathBuf::from("/share/park.toml"), &wake, move |_, _| {
            held.recv().ok();
            Ok(End::Failed(Vec::new()))
        }));
        assert!(jobs.slow().is_empty(), "not yet");
        std::thread::sleep(Duration::from_millis(2));
        let told = jobs.slower_than(Duration::ZERO);
        assert_eq!((told.len(), told[0].code), (1, "open_slow"));
        assert!(jobs.slower_than(Duration::ZERO).is_empty(), "once");
        jobs.cancel(Task::Open);
        assert!(jobs.is_idle());
        drop(release);
    }
}
