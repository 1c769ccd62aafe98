//! Changing one value of a project file: everything else stays as it was, byte for byte. The text is spliced at the place
//! where the parser found the value, never written anew, so comments, order, line ends and odd spacing cannot be lost.
//!
//! | File | Owns |
//! |---|---|
//! | `place` | where a value stands: `scenes[2].date` |
//! | `splice` | text → text with one value set, removed, added or renamed |
//! | `words` | values as TOML |
//! | `paths` | which values are paths; a project file moved to another folder |
//! | `history` | the last states, undo and redo |
//! | `form` | what may be typed at a place |
//!
//! Absent on purpose: files. What is kept where is `pipeline::editing`'s.

mod form;
mod history;
mod paths;
mod place;
mod splice;
mod words;

use serde_json::Value;

use super::document;
use super::error::{Problem, ProblemKind};
use super::load::{self, Stop};

pub use form::{Form, Forms};
pub use history::{Deed, History, Origin, State};
pub use paths::{moved, naming, paths, relative};
pub use place::{Place, Step};
pub(super) use words::quoted;

/// One change of a project file.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A value is given, whether or not there was one.
    Set(Place, Value),
    /// A value, a table or one entry of a list goes; that there is none is as good.
    Remove(Place),
    /// A table is added to the end of a list of tables, as `scenes`; its keys in the order given.
    Add(Place, Vec<(String, Value)>),
    /// A key gets another name.
    Rename(Place, String),
}

impl Change {
    /// Sets or, without a value, removes.
    #[must_use]
    pub fn of(place: impl Into<Place>, value: Option<Value>) -> Self {
        let place = place.into();
        match value {
            Some(value) => Self::Set(place, value),
            None => Self::Remove(place),
        }
    }

    /// The place it is about.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Set(place, _) | Self::Remove(place) | Self::Add(place, _) | Self::Rename(place, _) => place,
        }
    }
}

/// Why a text was not changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The text is not TOML, or would hold mistakes that it does not hold now.
    #[error("{} mistakes", .0.len())]
    Problems(Vec<Problem>),
    /// The text is of a newer format.
    #[error("of format version {0}, newer than this program")]
    Newer(i64),
    /// The text is laid out in a way that this place cannot be changed in.
    #[error("{0} cannot be changed")]
    Layout(Place),
}

/// The text with all changes made, one after another.
///
/// # Errors
/// [`EditError`]; a change is refused where it brings mistakes that were not there before.
pub fn apply(text: &str, changes: &[Change]) -> Result<String, EditError> {
    let before = problems(text)?;
    let mut changed = text.to_owned();
    for change in changes {
        changed = splice::splice(&changed, change)?;
    }
    let known = |problem: &Problem| before.iter().any(|old| old.key == problem.key && old.kind == problem.kind);
    let new: Vec<Problem> = problems(&changed)?.into_iter().filter(|problem| !known(problem)).collect();
    if new.is_empty() { Ok(changed) } else { Err(EditError::Problems(new)) }
}

/// The value at a place; `None` where there is none, or the text is not TOML.
#[must_use]
pub fn value_at(text: &str, place: &Place) -> Option<Value> {
    place.find(&values(text)?).cloned()
}

/// All values of a text; dates are texts.
#[must_use]
pub fn values(text: &str) -> Option<Value> {
    document::parse(text.trim_start_matches('\u{feff}')).ok().map(|document| document.value)
}

/// The line of a value, counted from 1, or of the table that should hold it.
#[must_use]
pub fn line_of(text: &str, place: &Place) -> Option<usize> {
    document::parse(text.trim_start_matches('\u{feff}')).ok()?.line(&place.to_string())
}

/// The mistakes that a text holds now; one that is not TOML, or newer, cannot be changed at all.
fn problems(text: &str) -> Result<Vec<Problem>, EditError> {
    match load::parse(text) {
        Ok(_) => Ok(Vec::new()),
        Err(Stop::Newer(version)) => Err(EditError::Newer(version)),
        Err(Stop::Problems(problems)) => {
            let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax { .. });
            if problems.iter().any(is_syntax) { Err(EditError::Problems(problems)) } else { Ok(problems) }
        }
    }
}

#[cfg(test)]
mod tests;
