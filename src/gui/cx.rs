//! What a panel may see: the session, the words, the colours. It changes nothing; it sends commands.

use std::fmt::Display;

use super::session::{Project, Session};
use super::theme::Palette;
use crate::lang::Lang;

/// The read-only context of one frame.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// What the user works on.
    pub session: &'a Session,
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub palette: Palette,
}

impl<'a> Cx<'a> {
    /// The context of a session.
    #[must_use]
    pub fn of(session: &'a Session) -> Self {
        Self { session, lang: session.lang(), palette: Palette::of(session.preferences.dark) }
    }

    /// The open project.
    #[must_use]
    pub fn project(&self) -> Option<&'a Project> {
        self.session.project.as_ref()
    }

    /// A word.
    #[must_use]
    pub fn word(&self, key: &str) -> String {
        self.lang.word(key)
    }

    /// A word with one fact.
    #[must_use]
    pub fn with(&self, key: &str, name: &str, fact: &dyn Display) -> String {
        self.lang.sentence(key, &[(name, fact)])
    }
}
