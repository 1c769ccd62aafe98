//! What the program has to say about an input: one code, its facts, and the file. The words live in the language
//! files under `notice.CODE.what`, `notice.CODE.why` and `notice.CODE.do`.

use std::path::{Path, PathBuf};

/// How much a notice weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing: a repair, a choice the program made.
    Note,
    /// The result stands, with this reservation.
    Warning,
    /// An input was refused or is damaged; the rest went on.
    Refused,
    /// Nothing could be done.
    Fatal,
}

/// One thing to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Key below `notice.` in the language files, as `R05` or `no_crs`.
    pub code: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// The file or folder it is about.
    pub path: Option<PathBuf>,
    /// The facts that the words name, as (`placeholder`, value).
    pub facts: Vec<(&'static str, String)>,
}

impl Notice {
    /// A notice without facts.
    #[must_use]
    pub fn new(code: &'static str, weight: Weight) -> Self {
        Self { code, weight, path: None, facts: Vec::new() }
    }

    /// Names the file it is about.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.to_path_buf());
        self
    }

    /// Adds a fact for the words.
    #[must_use]
    #[allow(clippy::needless_pass_by_value)] // numbers, dates and owned texts come straight from where they are made
    pub fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }
}

/// How many names a notice lists.
const NAMED: usize = 10;

/// The first names of a list, and how many more there are.
#[must_use]
pub fn first_named(list: &[String]) -> String {
    let text = list.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if list.len() > NAMED { format!("{text} … (+{})", list.len() - NAMED) } else { text }
}

/// An error that a user can be told: what, why, what to do, which file.
pub trait Explain: std::error::Error {
    /// The notice to show.
    fn notice(&self) -> Notice;
}
