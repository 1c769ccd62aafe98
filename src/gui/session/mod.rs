//! What the user works on: the project, its flags, the view, the job under way. Names no widget and no screen; a test
//! drives it without a window.

pub mod acts;
pub mod command;
pub mod compare;
pub mod exposure;
pub mod flags;
mod jobs;
pub mod look;
pub mod preferences;
mod project;
pub mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use command::{Command, Overlay, Page, Pick};
pub use compare::CompareWish;
pub use flags::FlagsWish;
pub use jobs::{Jobs, Task, Work};
pub use look::{Budget, Layer, LookWish};
pub use project::Project;
pub use view::{Target, ViewWish};

use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::pipeline::RunReport;
use preferences::Preferences;
use view::View;

/// Wakes the window from another thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Map units a point at which zooming ends, as shares of the finest pixel and of the whole extent.
const CLOSEST: f64 = 1.0 / 40.0;
const FARTHEST: f64 = 4.0;

/// What the last run of this session did.
#[derive(Debug, Clone)]
pub struct Done {
    /// Flags found.
    pub flags: usize,
    /// Seconds it took.
    pub seconds: f64,
    /// Files written.
    pub written: Vec<PathBuf>,
    /// What the run had to tell.
    pub notices: Vec<Notice>,
}

/// The state of the window.
pub struct Session {
    /// Remembered wishes.
    pub preferences: Preferences,
    /// The page shown.
    pub page: Page,
    /// The open project.
    pub project: Option<Project>,
    /// The work under way.
    pub jobs: Jobs,
    /// The map's window.
    pub view: View,
    /// Messages that stand until they are put away.
    pub messages: Vec<Notice>,
    /// What the last run did.
    pub done: Option<Done>,
    /// What lies over the window.
    pub overlay: Option<Overlay>,
    /// Whether the search field wants the keyboard.
    pub searching: bool,
    wake: Wake,
    keep: fn(&str),
    fresh: bool,
}

impl Session {
    /// A session without a project. `keep` is given the preferences' text whenever they change.
    #[must_use]
    pub fn new(preferences: Preferences, wake: Wake, keep: fn(&str)) -> Self {
        Self {
            preferences,
            page: Page::Welcome,
            project: None,
            jobs: Jobs::default(),
            view: View::default(),
            messages: Vec::new(),
            done: None,
            overlay: None,
            searching: false,
            wake,
            keep,
            fresh: true,
        }
    }

    /// The language of the words.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.preferences.lang()
    }

    /// Does what the user wishes.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Open(path) => self.open(&path),
            Command::OpenSample => match sample_project() {
                Some(path) => self.open(&path),
                None => self.messages.push(Notice::new("no_sample", Weight::Warning)),
            },
            Command::Reload => self.reload(),
            Command::Run => self.run(),
            Command::BuildOverviews => self.build_overviews(),
            Command::MapMemory(mb) => self.set_map_memory(mb),
            Command::Cancel(task) => self.jobs.cancel(task),
            Command::Go(page) => self.page = if self.project.is_some() { page } else { Page::Welcome },
            Command::Pick(pick) => self.jobs.begin(Work::pick(pick, self.lang(), &self.wake)),
            Command::Overlay(overlay) => self.overlay = overlay,
            Command::Search(wanted) => self.searching = wanted,
            Command::Scale(percent) => {
                self.preferences.scale = percent.clamp(Preferences::SCALES.0, Preferences::SCALES.1);
                self.remember();
            }
            Command::Layout(layout) => {
                self.preferences.layout = layout;
                self.remember();
            }
            Command::Dismiss(message) if message < self.messages.len() => drop(self.messages.remove(message)),
            Command::Dismiss(_) => self.done = None,
            Command::SwitchLanguage => {
                self.preferences.english = !self.preferences.english;
                self.remember();
            }
            Command::SwitchTheme => {
                self.preferences.dark = !self.preferences.dark;
                self.remember();
            }
            Command::View(wish) => self.look_at(wish),
            Command::Flags(wish @ (FlagsWish::Select(_) | FlagsWish::Step(_))) => self.select(wish),
            other => {
                if let Some(project) = &mut self.project {
                    project.apply(other);
                }
            }
        }
    }

    fn look_at(&mut self, wish: ViewWish) {
        // Once the hand has moved the map a new size no longer decides what is seen.
        self.fresh &= matches!(wish, ViewWish::Resize(_));
        match wish {
            ViewWish::Resize(size) => self.resize(size),
            ViewWish::Pan(by) => self.view.pan(by),
            ViewWish::Zoom(factor, point) => self.view.zoom(factor, point, self.limits()),
            ViewWish::Show(target) => self.show(target),
        }
    }

    /// Takes the results of finished work. Call it when woken.
    pub fn poll(&mut self) {
        for (work, end) in self.jobs.ended() {
            self.take(&work, end);
        }
        if let Some(project) = &mut self.project {
            project.poll(&self.view);
        }
    }

    fn take(&mut self, work: &Work, end: jobs::End) {
        match end {
            jobs::End::Opened(opened) => {
                let same = self.project.as_ref().is_some_and(|project| project.plan.file == opened.plan.file);
                let mut project = Project::of(*opened, self.project.as_ref().filter(|_| same), &self.wake);
                project.set_budget(Budget::of_mb(self.preferences.map_memory_mb));
                project.settle();
                self.preferences.remember(&project.plan.file);
                self.remember();
                self.project = Some(project);
                self.page = if same { self.page } else { Page::Map };
                if !same {
                    self.done = None;
                    self.show(Target::Images);
                    self.fresh = true;
                }
            }
            jobs::End::Drafted(file, notices) => {
                self.messages.extend(notices.into_iter().filter(|notice| notice.weight >= Weight::Warning));
                self.open(&file);
            }
            jobs::End::Ran(report) => {
                self.done = Some(done(*report, work.since.elapsed().as_secs_f64()));
                self.reload();
            }
            jobs::End::Picked(path) => {
                if let Some(path) = path {
                    self.open(&path);
                }
            }
            jobs::End::Reduced(built, notices) => {
                self.messages.extend(notices);
                if let (Some(project), true) = (&mut self.project, built > 0) {
                    project.read_again();
                }
            }
            jobs::End::Failed(notices) => self.messages.extend(notices),
        }
    }

    /// Opens a project file, or the folder's project, drafting one where it has none.
    fn open(&mut self, path: &Path) {
        let inside = path.join("ecoredline.toml");
        self.jobs.begin(if inside.is_file() {
            Work::open(inside, &self.wake)
        } else if path.is_dir() {
            Work::draft(path.to_path_buf(), &self.wake)
        } else {
            Work::open(path.to_path_buf(), &self.wake)
        });
    }

    fn reload(&mut self) {
        if let Some(file) = self.project.as_ref().map(|project| project.plan.file.clone()) {
            self.jobs.begin(Work::open(file, &self.wake));
        }
    }

    fn run(&mut self) {
        if let Some(file) = self.project.as_ref().map(|project| project.plan.file.clone()) {
            self.done = None;
            self.jobs.begin(Work::run(file, self.lang(), &self.wake));
        }
    }

    fn build_overviews(&mut self) {
        if let Some(plan) = self.project.as_ref().map(|project| Arc::clone(&project.plan)) {
            self.jobs.begin(Work::overviews(plan, &self.wake));
        }
    }

    fn set_map_memory(&mut self, mb: u32) {
        self.preferences.map_memory_mb = mb;
        self.remember();
        if let Some(project) = &mut self.project {
            project.set_budget(Budget::of_mb(mb));
        }
    }

    /// Selects a flag, and shows the years it was found between; the map moves where it is out of sight, or stepped to.
    fn select(&mut self, wish: FlagsWish) {
        let Some(project) = &mut self.project else { return };
        let stepped = matches!(wish, FlagsWish::Step(_));
        project.flags.apply(wish);
        let Some((at, record)) = project.flags.selected() else { return };
        self.fresh = false;
        project.compare.follow(&project.plan.scenes, record);
        if stepped || project.flags.bounds(at).is_some_and(|bounds| !self.view.holds(&bounds)) {
            self.show(Target::Flag(at));
        }
    }

    fn show(&mut self, target: Target) {
        let Some(project) = &self.project else { return };
        if let Some(bounds) = project.bounds_of(target) {
            let least = project.finest() * if matches!(target, Target::Flag(_)) { 0.5 } else { CLOSEST };
            self.view.show(&bounds, least);
        }
    }

    /// Until the hand has moved the map it shows the whole image, whatever its size.
    fn resize(&mut self, size: (f64, f64)) {
        self.view.size = size;
        if self.fresh {
            self.show(Target::Images);
        }
    }

    fn limits(&self) -> (f64, f64) {
        let Some(project) = &self.project else { return (1e-9, 1e9) };
        let whole = project.bounds_of(Target::All).map_or(1e9, |all| all.width().max(all.height()));
        (project.finest() * CLOSEST, whole / 400.0 * FARTHEST)
    }

    fn remember(&self) {
        (self.keep)(&self.preferences.to_text());
    }
}

fn done(report: RunReport, seconds: f64) -> Done {
    let flags = report.outcome.comparisons.iter().map(|comparison| comparison.flags.len()).sum();
    Done { flags, seconds, written: report.written, notices: report.outcome.notices }
}

/// The sample project beside the program, in a folder above it, or where the work began.
fn sample_project() -> Option<PathBuf> {
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let above = places.iter().flatten().flat_map(|place| place.ancestors());
    above.map(|folder| folder.join("sample_rasters").join("ecoredline.toml")).find(|file| file.is_file())
}

#[cfg(test)]
mod tests;
