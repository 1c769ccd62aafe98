//! What the user works on: the project, its flags, the view, the job under way. Names no widget and no screen; a test
//! drives it without a window.

pub mod acts;
pub mod command;
pub mod compare;
pub mod detect;
pub mod doctor;
pub mod draft;
pub mod edit;
pub mod export;
pub mod exposure;
pub mod flags;
mod jobs;
pub mod layers;
pub mod look;
pub mod preferences;
mod profiles;
mod project;
pub mod sheet;
pub mod tools;
pub mod view;
pub mod views;
pub mod years;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use command::{Command, Overlay, Page, Pane, Pick};
pub use compare::CompareWish;
pub use detect::DetectWish;
pub use doctor::{Doctor, DoctorWish};
pub use draft::{DraftWish, Drafting, Recents};
pub use edit::{EditWish, Editing};
pub use export::ExportWish;
pub use flags::FlagsWish;
pub use jobs::{Jobs, Task, Work};
pub use layers::LayersWish;
pub use look::{Budget, Layer, LookWish};
pub use profiles::Profiles;
pub use project::Project;
pub use sheet::SheetCommand;
pub use tools::ToolsWish;
pub use view::{Target, ViewWish};

use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::pipeline::RunReport;
use flags::Column;
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
    /// The project file that is open, or cannot be opened.
    pub edit: Option<Editing>,
    /// The project that is being begun.
    pub drafting: Option<Drafting>,
    /// What is known of the projects opened last.
    pub recents: Recents,
    /// What is wrong with the inputs, and what can be done.
    pub doctor: Doctor,
    /// The user's folder for what must outlive a crash; without it nothing is kept beside the project file itself.
    pub states: Option<PathBuf>,
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
    /// Detection as it is looked at.
    pub detect: detect::Detect,
    /// What is to be handed on.
    pub export: export::Export,
    /// The dialog of the map as a picture.
    pub sheet: Option<sheet::SheetDialog>,
    wake: Wake,
    keep: fn(&str),
    fresh: bool,
    /// Whether a run waits for an edit to be written.
    run_is_due: bool,
}

impl Session {
    /// A session without a project. `keep` is given the preferences' text whenever they change.
    #[must_use]
    pub fn new(preferences: Preferences, wake: Wake, keep: fn(&str)) -> Self {
        Self {
            preferences,
            page: Page::Welcome,
            project: None,
            edit: None,
            drafting: None,
            recents: Recents::default(),
            doctor: Doctor::default(),
            states: None,
            jobs: Jobs::default(),
            view: View::default(),
            messages: Vec::new(),
            done: None,
            overlay: None,
            searching: false,
            detect: detect::Detect::new(&wake),
            export: export::Export::default(),
            sheet: None,
            wake,
            keep,
            fresh: true,
            run_is_due: false,
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
            Command::Go(page) => self.go_to(page),
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
            Command::Compare(wish) => self.compare(wish),
            Command::Detect(wish) => self.detect.apply(wish),
            Command::Edit(wish) => self.edit(wish),
            Command::Draft(wish) => self.draft(wish),
            Command::Doctor(wish) => self.doctor(wish),
            Command::Flags(wish) => self.go_through(wish),
            Command::Export(wish) => self.hand_on(wish),
            Command::Tools(wish) => self.use_tools(wish),
            Command::Layers(wish) => self.arrange(wish),
            Command::Sheet(wish) => self.print(wish),
            other => {
                if let Some(project) = &mut self.project {
                    project.apply(other);
                }
            }
        }
        self.tend_detection();
    }

    /// Lets the live detection follow the pair and the view.
    fn tend_detection(&mut self) {
        if let Some(project) = &self.project {
            self.detect.tend(&project.plan, &project.compare, &self.view, &jobs::options(self.preferences.lang()));
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

    /// Years change, the place stays: parts of another size show the same middle at the same scale.
    fn compare(&mut self, wish: CompareWish) {
        let Some(project) = &mut self.project else { return };
        let parts = project.compare.parts();
        project.compare.apply(&project.plan.scenes, wish);
        self.fresh &= project.compare.parts() == parts;
    }

    /// Takes the results of finished work. Call it when woken.
    pub fn poll(&mut self) {
        for (work, end) in self.jobs.ended() {
            self.take(&work, end);
        }
        self.messages.extend(self.jobs.slow());
        self.poll_edit();
        if self.run_is_due {
            self.run();
        }
        self.poll_draft();
        self.poll_doctor();
        self.tend_detection();
        if let Some(project) = &mut self.project {
            project.profiles.follow(&project.flags, &project.plan);
            project.poll(&self.view);
        }
    }

    /// A project that cannot be opened has a page of its own all the same: there it is mended.
    fn go_to(&mut self, page: Page) {
        let there = match page {
            Page::Map => self.project.is_some(),
            Page::Project => self.project.is_some() || self.edit.is_some(),
            Page::New => self.drafting.is_some(),
            Page::Welcome => true,
        };
        self.page = if there { page } else { Page::Welcome };
    }

    fn take(&mut self, work: &Work, end: jobs::End) {
        match end {
            jobs::End::Opened(opened, flags) => {
                let same = self.project.as_ref().is_some_and(|project| project.plan.file == opened.plan.file);
                let mut project = Project::of(*opened, *flags, self.project.as_ref().filter(|_| same), &self.wake);
                project.set_budget(Budget::of_mb(self.preferences.map_memory_mb));
                project.settle();
                if !same {
                    project.flags.show_columns(Column::of_keys(&self.preferences.columns));
                }
                self.preferences.remember(&project.plan.file);
                self.remember();
                self.attend(&project.plan.file, Vec::new());
                self.project = Some(project);
                self.page = if same { self.page } else { Page::Map };
                if !same {
                    self.done = None;
                    self.show(Target::Images);
                    self.fresh = true;
                }
            }
            jobs::End::Drafted(draft) => self.drafted(*draft, &work.subject),
            jobs::End::Created(file) => {
                self.drafting = None;
                self.open(&file);
            }
            jobs::End::Located(changes) => self.edit(EditWish::Change(changes)),
            jobs::End::Exported(report) => self.tell_export(&work.subject, &report),
            jobs::End::Ran(report) => {
                self.done = Some(done(&report, work.since.elapsed().as_secs_f64()));
                self.export.keep(&work.subject, report.outcome);
                self.reload();
            }
            jobs::End::Picked(_, None) => {}
            jobs::End::Picked(Pick::Export, Some(folder)) => self.export_to(&folder),
            jobs::End::Picked(_, Some(path)) => self.open(&path),
            jobs::End::Failed(notices) if work.task == Task::Open && work.subject.is_file() => {
                self.attend(&work.subject, notices);
            }
            jobs::End::Reduced(built, notices) => {
                self.messages.extend(notices);
                if let (Some(project), true) = (&mut self.project, built > 0) {
                    project.read_again();
                }
            }
            jobs::End::SheetPicked(path) => self.take_sheet_file(path),
            jobs::End::BasemapPicked(path) => self.take_basemap(path),
            jobs::End::Written(file) => self.take_sheet(&file),
            jobs::End::Failed(notices) => self.messages.extend(notices),
        }
    }

    /// Opens a project file, or the folder's project, drafting one where it has none.
    fn open(&mut self, path: &Path) {
        let inside = path.join("ecoredline.toml");
        self.jobs.begin(if inside.is_file() {
            Work::open(inside, &self.wake)
        } else if path.is_dir() || draft::is_input(path) {
            Work::draft(vec![path.to_path_buf()], &self.wake)
        } else {
            Work::open(path.to_path_buf(), &self.wake)
        });
    }

    fn reload(&mut self) {
        let unopened = self.edit.as_ref().map(|editing| editing.file.clone());
        if let Some(file) = self.project.as_ref().map(|project| project.plan.file.clone()).or(unopened) {
            self.jobs.begin(Work::open(file, &self.wake));
        }
    }

    /// Runs what is on the screen: an edit on its way to the disk is waited for. One that cannot get there, which was told,
    /// keeps the run from being made without it.
    fn run(&mut self) {
        self.run_is_due = self.edit.as_ref().is_some_and(Editing::is_saving);
        if self.run_is_due || self.edit.as_ref().is_some_and(Editing::is_unsaved) {
            return;
        }
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

    /// Does what is asked of the flags. Where another one is selected by that, the years are shown that it was found
    /// between, and the map moves where it is out of sight, or was stepped to.
    fn go_through(&mut self, wish: FlagsWish) {
        let Some(project) = &mut self.project else { return };
        let stepped = matches!(wish, FlagsWish::Step(_) | FlagsWish::Extend(_));
        let chosen = matches!(wish, FlagsWish::Select(_));
        let before = project.flags.selected().map(|selected| selected.0);
        let columns = project.flags.columns();
        project.flags.apply(wish);
        if columns != project.flags.columns() {
            self.preferences.columns = project.flags.columns().iter().map(|column| column.key().to_owned()).collect();
            self.remember();
            return;
        }
        let Some((at, record)) = project.flags.selected() else { return };
        if !(stepped || chosen || before != Some(at)) {
            return;
        }
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

fn done(report: &RunReport, seconds: f64) -> Done {
    let flags = report.outcome.comparisons.iter().map(|comparison| comparison.flags.len()).sum();
    Done { flags, seconds, written: report.written.clone(), notices: report.outcome.notices.clone() }
}

/// The sample project beside the program, in a folder above it, or where the work began.
fn sample_project() -> Option<PathBuf> {
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let above = places.iter().flatten().flat_map(|place| place.ancestors());
    above.map(|folder| folder.join("sample_rasters").join("ecoredline.toml")).find(|file| file.is_file())
}

#[cfg(test)]
mod test_edit;
#[cfg(test)]
mod tests;
