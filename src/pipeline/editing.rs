//! Keeping a project file while it is changed: the journal first, then the file itself under a temporary name, renamed. What
//! somebody else wrote meanwhile is never written over, and a project that cannot be written is carried on in a copy.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::io::atomic::WriteError;
use crate::io::files::FileError;
use crate::io::{self, atomic, files, journal};
use crate::pipeline::RunError;
use crate::project::edit::{EditError, History, Origin, moved};
use crate::project::{self, ProjectError, Settings};

/// What is to be kept.
#[derive(Debug, Clone)]
pub struct Order {
    /// The project file.
    pub file: PathBuf,
    /// What it is to hold.
    pub text: String,
    /// What it held when it was last read or written.
    pub base: String,
    /// The history with the text in it.
    pub journal: String,
    /// The user's folder of states, where there is one.
    pub states: Option<PathBuf>,
}

/// How it was kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// The project file holds the text; what it settles without looking at any data.
    Saved(Option<Settings>),
    /// Somebody else changed the file meanwhile, to this text. Nothing was written.
    Theirs(String),
    /// The file cannot be written: a copy holds the text, with paths that lead to the same data.
    Copy(PathBuf),
}

/// Reads a project file together with what its journal knows of it.
///
/// # Errors
/// The file cannot be read.
pub fn begin(file: &Path, states: Option<&Path>) -> Result<History, RunError> {
    let text = files::read_text(file).map_err(ProjectError::from)?;
    let known = states.and_then(|states| journal::load(states, file)).and_then(|journal| History::read(&journal));
    let Some(mut history) = known else { return Ok(History::of(text, Timestamp::now())) };
    // A crash between journal and file leaves the file one state behind: that state is still there, to go forward to.
    match history.states().iter().rposition(|state| state.text == text) {
        Some(state) => drop(history.go(state)),
        None => history.push(text, Origin::Outside, &[], Timestamp::now()),
    }
    Ok(history)
}

/// Keeps a text as the project file.
///
/// # Errors
/// A value of the text cannot be meant (a date, a CRS, a sensor), or the file cannot be written. Nothing was changed.
pub fn keep(order: &Order) -> Result<Kept, RunError> {
    io::setup::ensure();
    let settings = project::settings(&order.file, &order.text);
    // A file that was wrong before may be mended step by step.
    let settings = match settings {
        Err(error) if project::settings(&order.file, &order.base).is_ok() => return Err(error.into()),
        other => other.ok(),
    };
    match files::read_text(&order.file) {
        Ok(found) if found != order.base && found != order.text => return Ok(Kept::Theirs(found)),
        Ok(_) | Err(FileError::Missing(_)) => {}
        Err(error) => return Err(ProjectError::from(error).into()),
    }
    let journalled = order.states.as_ref().map(|states| journal::save(states, &order.file, &order.journal));
    match write(&order.file, &order.text) {
        // Without a journal only going back after a crash is lost.
        Ok(()) => Ok(Kept::Saved(settings)),
        Err(WriteError::ReadOnly(_)) if journalled.is_some_and(|kept| kept.is_ok()) => copy(order).map(Kept::Copy),
        Err(error) => Err(error.into()),
    }
}

/// What a project file holds now, where that is not what it held.
///
/// # Errors
/// The file cannot be read.
pub fn look(file: &Path, base: &str) -> Result<Option<String>, RunError> {
    let found = files::read_text(file).map_err(ProjectError::from)?;
    Ok((found != base).then_some(found))
}

fn write(file: &Path, text: &str) -> Result<(), WriteError> {
    // A rename would replace a file that its owner has made read-only.
    if files::is_read_only(file) {
        return Err(WriteError::ReadOnly(file.to_path_buf()));
    }
    atomic::write_bytes(file, text.as_bytes())
}

fn copy(order: &Order) -> Result<PathBuf, RunError> {
    let read_only = || WriteError::ReadOnly(order.file.clone());
    let folder = order.states.as_ref().ok_or_else(read_only)?.join("copies").join(io::places::name_of(&order.file));
    atomic::make_folder(&folder)?;
    let from = order.file.parent().unwrap_or(Path::new("/"));
    let text = moved(&order.text, from, &folder).map_err(|error| refused(&order.file, error))?;
    let stem = order.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    let free = names.map(|name| folder.join(format!("{name}.toml"))).find(|file| !file.exists());
    let file = free.ok_or_else(read_only)?;
    atomic::write_new(&file, text.as_bytes())?;
    Ok(file)
}

/// An edit that was refused, as an error of its project file.
#[must_use]
pub fn refused(file: &Path, error: EditError) -> RunError {
    let path = file.to_path_buf();
    RunError::Project(match error {
        EditError::Problems(problems) => ProjectError::Problems { path, problems },
        EditError::Newer(version) => ProjectError::Newer { path, version },
        EditError::Layout(place) => ProjectError::Layout { path, place: place.to_string() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::edit::{Change, apply};

    const TEXT: &str = "version = 1   # format\n[project]\nname = \"a\"\n";

    struct Desk {
        folder: tempfile::TempDir,
        history: History,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("p.toml"), TEXT).unwrap();
            let history = begin(&folder.path().join("p.toml"), None).unwrap();
            Self { folder, history }
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join("p.toml")
        }

        fn states(&self) -> PathBuf {
            self.folder.path().join("states")
        }

        fn rename(&mut self, name: &str) -> Order {
            let changes = [Change::Set("project.name".into(), name.into())];
            let (base, text) = (self.history.text().to_owned(), apply(self.history.text(), &changes).unwrap());
            self.history.push(text.clone(), Origin::Edited, &changes, Timestamp::now());
            let journal = self.history.journal();
            Order { file: self.file(), text, base, journal, states: Some(self.states()) }
        }
    }

    #[test]
    fn an_edit_is_in_the_file_at_once_and_can_be_taken_back_after_a_restart() {
        let mut desk = Desk::new();
        let order = desk.rename("b");
        assert!(matches!(keep(&order), Ok(Kept::Saved(Some(_)))));
        assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), TEXT.replace("\"a\"", "\"b\""));
        let mut later = begin(&desk.file(), Some(&desk.states())).unwrap();
        assert!(later.can_undo() && later.go(0));
        assert_eq!(later.text(), TEXT);
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
        let mut desk = Desk::new();
        let order = desk.rename("b");
        std::fs::write(desk.file(), "version = 1\n").unwrap();
        assert_eq!(keep(&order).unwrap(), Kept::Theirs("version = 1\n".to_owned()));
        assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), "version = 1\n");
        assert_eq!(look(&desk.file(), TEXT).unwrap().as_deref(), Some("version = 1\n"));
    }

    #[test]
    fn a_kill_between_part_and_rename_leaves_the_old_file_and_the_journal_knows_the_edit() {
        let mut desk = Desk::new();
        let order = desk.rename("b");
        // What a kill leaves: the journal whole, the new text under its temporary name only, perhaps cut short.
        journal::save(&desk.states(), &order.file, &order.journal).unwrap();
        std::fs::write(atomic::part_name(&order.file), &order.text[..20]).unwrap();
        assert_eq!(std::fs::read_to_string(&order.file).unwrap(), TEXT);
        let mut found = begin(&order.file, Some(&desk.states())).unwrap();
        assert_eq!(found.text(), TEXT);
        assert!(found.can_redo() && found.go(found.at() + 1));
        assert_eq!(found.text(), order.text);
        assert!(matches!(keep(&order), Ok(Kept::Saved(_))), "a leftover does not stand in the way");
    }

    #[test]
    fn a_read_only_project_is_carried_on_in_a_copy_that_leads_to_the_same_data() {
        let mut desk = Desk::new();
        let with_scene = format!("{TEXT}[[zones]]\npath = \"zones.gpkg\"\n");
        std::fs::write(desk.file(), &with_scene).unwrap();
        let mut rights = std::fs::metadata(desk.file()).unwrap().permissions();
        rights.set_readonly(true);
        std::fs::set_permissions(desk.file(), rights).unwrap();
        desk.history = begin(&desk.file(), None).unwrap();
        let order = desk.rename("b");
        let Kept::Copy(copy) = keep(&order).unwrap() else { panic!("no copy") };
        assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), with_scene);
        let text = std::fs::read_to_string(&copy).unwrap();
        let path = crate::project::edit::value_at(&text, &"zones[1].path".into()).unwrap();
        let leads = files::absolute(&copy.parent().unwrap().join(path.as_str().unwrap()));
        assert_eq!(leads, desk.folder.path().join("zones.gpkg"));
        let Kept::Copy(second) = keep(&order).unwrap() else { panic!("no copy") };
        assert_ne!(copy, second, "an earlier copy stays");
    }

    #[test]
    fn a_word_that_means_nothing_is_refused_and_the_file_stays() {
        let mut desk = Desk::new();
        let mut order = desk.rename("b");
        order.text.push_str("[[scenes]]\npath = \"a.tif\"\ndate = \"2024-13-45\"\n");
        let notices = keep(&order).unwrap_err().notices();
        assert_eq!(notices[0].code, "A21_date");
        assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), TEXT);
    }
}
