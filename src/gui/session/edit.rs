//! The project file while it is changed: every edit is checked, kept at once, and can be taken back. Writing is work off the
//! screen's thread; what must be opened anew is opened when nothing else is under way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::jobs::Work;
use super::{Page, Project, Session, Task, Wake};
use crate::job::{self, Handle};
use crate::model::notice::{Notice, Weight};
use crate::pipeline::editing::{self, Kept, Order};
use crate::pipeline::{RunEnd, RunError};
use crate::project::Settings;
use crate::project::edit::{self, Change, History, Origin, Place};

/// What may be asked of the project file.
#[derive(Debug, Clone, PartialEq)]
pub enum EditWish {
    /// Give one value; without a value its default holds again.
    Set {
        /// Where, as `detection.threshold`.
        place: Place,
        /// The value.
        value: Option<Value>,
    },
    /// Make several changes as one.
    Change(Vec<Change>),
    /// Take back the last edit.
    Undo,
    /// Make it again.
    Redo,
    /// Go to one of the last states.
    Go(usize),
    /// See whether somebody else changed the file.
    Look,
    /// Of two versions, keep the one edited here.
    KeepMine,
    /// Of two versions, take the one on disk.
    TakeTheirs,
}

impl EditWish {
    /// One value given.
    #[must_use]
    pub fn set(place: impl Into<Place>, value: impl Into<Value>) -> Self {
        Self::Set { place: place.into(), value: Some(value.into()) }
    }

    /// One value back to its default.
    #[must_use]
    pub fn reset(place: impl Into<Place>) -> Self {
        Self::Set { place: place.into(), value: None }
    }
}

enum Answer {
    Begun(History),
    Kept(Kept),
    Looked(Option<String>),
}

/// The project file that is open.
pub struct Editing {
    /// The file.
    pub file: PathBuf,
    /// The values of the text in force.
    pub values: Value,
    /// What somebody else made of the file meanwhile; the user chooses.
    pub theirs: Option<String>,
    /// Why the project cannot be opened as it is.
    pub blocked: Vec<Notice>,
    history: Option<History>,
    states: Option<PathBuf>,
    /// What the file on disk holds, as far as known.
    disk: String,
    work: Option<Handle<Result<Answer, RunError>>>,
    /// The text that is being written.
    writing: Option<String>,
    /// Whether what is open was read from an older text.
    stale: bool,
    /// Whether the text in force is one that was gone back to.
    is_return: bool,
}

impl Editing {
    fn of(file: PathBuf, states: Option<PathBuf>) -> Self {
        Self {
            file,
            states,
            values: Value::Null,
            theirs: None,
            blocked: Vec::new(),
            history: None,
            disk: String::new(),
            work: None,
            writing: None,
            stale: false,
            is_return: false,
        }
    }

    /// The last states; `None` until the file is read.
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// The text in force.
    #[must_use]
    pub fn text(&self) -> &str {
        self.history.as_ref().map_or("", History::text)
    }

    /// The value at a place, as written.
    #[must_use]
    pub fn value(&self, place: &Place) -> Option<&Value> {
        place.find(&self.values)
    }

    /// Whether an edit is not on disk yet.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.history.is_some() && self.text() != self.disk
    }

    /// Whether an edit is on its way to the disk.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        self.is_unsaved() && self.work.is_some()
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }

    /// The places that name a file.
    #[must_use]
    pub fn naming(&self, file: &Path) -> Vec<Place> {
        edit::naming(self.text(), self.folder(), file)
    }

    /// A path as this project file writes it.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        edit::relative(path, self.folder())
    }

    fn refresh(&mut self) {
        self.values = edit::values(self.text()).unwrap_or(Value::Null);
    }

    fn start(&mut self, wake: &Wake, work: impl FnOnce() -> Result<Answer, RunError> + Send + 'static) {
        let wake = Arc::clone(wake);
        self.work = Some(job::spawn("edit", move || wake(), move |_| work()));
    }

    /// Writes the text in force, unless it is on disk, being written, or the user must choose first.
    fn save(&mut self, wake: &Wake) {
        if let Some(order) = self.order().filter(|_| self.work.is_none()) {
            self.writing = Some(order.text.clone());
            self.start(wake, move || editing::keep(&order).map(Answer::Kept));
        }
    }

    fn order(&self) -> Option<Order> {
        let history = self.history.as_ref().filter(|history| self.theirs.is_none() && history.text() != self.disk)?;
        Some(Order {
            file: self.file.clone(),
            text: history.text().to_owned(),
            base: self.disk.clone(),
            is_return: self.is_return,
            journal: history.journal(),
            states: self.states.clone(),
        })
    }
}

impl Drop for Editing {
    /// The last edit may still wait for the one before it to be written.
    fn drop(&mut self) {
        self.work = None;
        self.disk = self.writing.take().unwrap_or_else(|| std::mem::take(&mut self.disk));
        if let Some(order) = self.order() {
            // Whoever closes the window is told nothing more; the journal has what could not be written.
            editing::keep(&order).ok();
        }
    }
}

impl Session {
    /// Does what is asked of the project file.
    pub(super) fn edit(&mut self, wish: EditWish) {
        let Some(editing) = &mut self.edit else { return };
        match wish {
            EditWish::Set { place, value } => self.change(&[Change::of(place, value)]),
            EditWish::Change(changes) => self.change(&changes),
            EditWish::Undo => self.step(-1),
            EditWish::Redo => self.step(1),
            EditWish::Go(state) => self.go(state),
            EditWish::Look => self.look_at_disk(),
            EditWish::KeepMine => {
                if let Some(theirs) = editing.theirs.take() {
                    let mine = editing.text().to_owned();
                    self.take_in(theirs.clone(), Origin::Outside);
                    self.take_in(mine, Origin::Edited);
                    self.on_disk(theirs);
                    self.save_edit();
                }
            }
            EditWish::TakeTheirs => {
                if let Some(theirs) = editing.theirs.take() {
                    self.take_in(theirs.clone(), Origin::Outside);
                    self.on_disk(theirs);
                    self.reopen();
                }
            }
        }
    }

    /// Reads the project file that was opened, or could not be, for editing.
    pub(super) fn attend(&mut self, file: &Path, blocked: Vec<Notice>) {
        let known = self.edit.take().filter(|editing| editing.file == file);
        if known.is_none() {
            self.doctor.forget();
        }
        let mut editing = known.unwrap_or_else(|| Editing::of(file.to_path_buf(), self.states.clone()));
        if !blocked.is_empty() {
            self.page = Page::Project;
            self.project = self.project.take().filter(|project| project.plan.file == file);
        }
        editing.blocked = blocked;
        self.doctor.outdate();
        if editing.history.is_none() && editing.work.is_none() {
            let (file, states) = (file.to_path_buf(), self.states.clone());
            editing.start(&self.wake, move || editing::begin(&file, states.as_deref()).map(Answer::Begun));
        }
        self.edit = Some(editing);
        self.look_at_disk();
    }

    fn change(&mut self, changes: &[Change]) {
        let Some(editing) = &mut self.edit else { return };
        let Some(history) = &mut editing.history else { return };
        match edit::apply(history.text(), changes) {
            Ok(text) => {
                let before = history.text().to_owned();
                history.push(text, Origin::Edited, changes, Timestamp::now());
                editing.is_return = false;
                self.edited(&before);
            }
            Err(error) => {
                let notices = editing::refused(&editing.file, error).notices();
                self.messages.extend(notices);
            }
        }
    }

    fn step(&mut self, by: isize) {
        let to = self.edit.as_ref().and_then(Editing::history).and_then(|history| history.at().checked_add_signed(by));
        if let Some(to) = to {
            self.go(to);
        }
    }

    fn go(&mut self, state: usize) {
        let Some(editing) = &mut self.edit else { return };
        let Some(history) = &mut editing.history else { return };
        let before = history.text().to_owned();
        if history.go(state) {
            editing.is_return = true;
            self.edited(&before);
        }
    }

    /// The text in force is another one.
    fn edited(&mut self, before: &str) {
        let Some(editing) = &mut self.edit else { return };
        if editing.text() != before {
            editing.refresh();
            self.doctor.outdate();
            self.save_edit();
        }
    }

    fn take_in(&mut self, text: String, origin: Origin) {
        if let Some(history) = self.edit.as_mut().and_then(|editing| editing.history.as_mut()) {
            history.push(text, origin, &[], Timestamp::now());
        }
    }

    fn on_disk(&mut self, text: String) {
        if let Some(editing) = &mut self.edit {
            editing.disk = text;
            editing.refresh();
        }
    }

    fn save_edit(&mut self) {
        if let Some(editing) = &mut self.edit {
            editing.save(&self.wake);
        }
    }

    fn look_at_disk(&mut self) {
        let Some(editing) = self.edit.as_mut().filter(|editing| editing.work.is_none()) else { return };
        if editing.history.is_some() {
            let (file, base) = (editing.file.clone(), editing.disk.clone());
            editing.start(&self.wake, move || editing::look(&file, &base).map(Answer::Looked));
        }
    }

    /// Takes the results of reading and writing the project file, and opens anew what an edit made old.
    pub(super) fn poll_edit(&mut self) {
        let ended = self.edit.as_mut().and_then(|editing| editing.work.as_mut()?.poll());
        if let Some(ended) = ended {
            if let Some(editing) = &mut self.edit {
                editing.work = None;
            }
            match ended {
                Ok(Ok(answer)) => self.answered(answer),
                Ok(Err(error)) if error.end() == RunEnd::Environment => self.not_written(error.notices()),
                Ok(Err(error)) => self.taken_back(error.notices()),
                Err(failure) => {
                    let bug = Notice::new("internal_error", Weight::Fatal).fact("detail", failure);
                    self.not_written(vec![bug.fact("version", env!("CARGO_PKG_VERSION"))]);
                }
            }
        }
        if self.edit.as_ref().is_some_and(|editing| editing.stale && editing.work.is_none()) {
            self.reopen();
        }
    }

    fn answered(&mut self, answer: Answer) {
        let Some(editing) = &mut self.edit else { return };
        match answer {
            Answer::Begun(history) => {
                history.text().clone_into(&mut editing.disk);
                editing.history = Some(history);
                editing.refresh();
            }
            Answer::Kept(Kept::Saved(settings)) => {
                let before = std::mem::replace(&mut editing.disk, editing.writing.take().unwrap_or_default());
                let slight = settings.filter(|_| !editing.stale && is_slight(&before, &editing.disk));
                match (slight, &mut self.project) {
                    (Some(settings), Some(project)) if editing.blocked.is_empty() => project.settle_on(settings),
                    _ => editing.stale = true,
                }
                self.save_edit();
            }
            Answer::Kept(Kept::Theirs(theirs)) => {
                editing.writing = None;
                editing.theirs = Some(theirs);
                let notice = Notice::new("edit_two_versions", Weight::Warning).at(&editing.file);
                self.messages.push(notice);
            }
            Answer::Kept(Kept::Copy(copy)) => {
                let notice =
                    Notice::new("edit_in_copy", Weight::Warning).at(&copy).fact("file", editing.file.display());
                self.messages.push(notice);
                self.edit = None;
                self.open(&copy);
            }
            Answer::Looked(Some(theirs)) if editing.is_unsaved() => editing.theirs = Some(theirs),
            Answer::Looked(Some(theirs)) => {
                self.messages.push(Notice::new("edit_changed_outside", Weight::Note).at(&editing.file));
                self.take_in(theirs.clone(), Origin::Outside);
                self.on_disk(theirs);
                self.reopen();
            }
            Answer::Looked(None) => self.save_edit(),
        }
    }

    /// An edit that could not be written stays here; it is written with the next one, or when the user asks again.
    fn not_written(&mut self, notices: Vec<Notice>) {
        self.messages.extend(notices);
        if let Some(editing) = &mut self.edit {
            editing.writing = None;
        }
    }

    /// An edit that cannot be meant is taken back, so that the screen tells what the file holds.
    fn taken_back(&mut self, notices: Vec<Notice>) {
        self.not_written(notices);
        let Some(editing) = &mut self.edit else { return };
        let disk = editing.disk.clone();
        if let Some(history) = &mut editing.history {
            match history.states().iter().rposition(|state| state.text == disk) {
                Some(last) => history.give_up_after(last),
                None => history.push(disk, Origin::Outside, &[], Timestamp::now()),
            }
        }
        editing.refresh();
    }

    /// Opens the project again, now or when the work under way is through.
    fn reopen(&mut self) {
        let Some(editing) = &mut self.edit else { return };
        // Opening twice at once would wait for the first; a run opens the project again at its end.
        editing.stale = self.jobs.is_doing(Task::Open) || self.jobs.is_doing(Task::Run);
        if !editing.stale {
            let file = editing.file.clone();
            self.jobs.begin(Work::open(file, &self.wake));
        }
    }
}

impl Project {
    /// Takes what an edit settled without touching any data.
    fn settle_on(&mut self, settings: Settings) {
        let plan = Arc::make_mut(&mut self.plan);
        let Settings { name, detection, outputs } = settings;
        (plan.name, plan.detection, plan.outputs) = (name, detection, outputs);
    }
}

/// Whether two texts differ only in what needs no look at any data: name, detection, outputs.
fn is_slight(before: &str, after: &str) -> bool {
    let data = |text: &str| {
        let mut values = edit::values(text)?;
        let map = values.as_object_mut()?;
        map.remove("detection");
        map.remove("outputs");
        if let Some(project) = map.get_mut("project").and_then(Value::as_object_mut) {
            project.remove("name");
        }
        map.retain(|_, value| value.as_object().is_none_or(|table| !table.is_empty()));
        Some(values)
    };
    data(before).is_some_and(|before| data(after) == Some(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_touches_no_data_is_slight() {
        let text = "version = 1\n[project]\nname = \"a\"\n[[scenes]]\npath = \"a\"\nyear = 2024\n";
        assert!(is_slight(text, &text.replace("name = \"a\"", "name = \"b\"")));
        assert!(is_slight(text, &format!("{text}[detection]\nthreshold = 3\n")));
        assert!(!is_slight(text, &text.replace("2024", "2025")));
        assert!(!is_slight(text, &text.replace("name = \"a\"", "gsd_m = 2")));
    }
}
