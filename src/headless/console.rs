//! Where words go: results to standard output, everything else to standard error.

use std::cell::Cell;
use std::io::{ErrorKind, IsTerminal, Write};

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};

use super::command_line::{Log, Wishes};
use super::exit::Exit;
use super::notices;
use super::progress::{Bar, Events, Lines, Show, Silent};

/// The console as this run uses it.
#[derive(Debug)]
pub struct Console {
    lang: Lang,
    log: Log,
    quiet: bool,
    stdout_failed: Cell<bool>,
}

impl Console {
    /// A console after the user's wishes.
    #[must_use]
    pub fn new(wishes: &Wishes) -> Self {
        Self { lang: wishes.lang, log: wishes.log, quiet: wishes.quiet, stdout_failed: Cell::new(false) }
    }

    /// Its language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The right way to show progress here.
    #[must_use]
    pub fn progress(&self) -> Box<dyn Show> {
        match self.log {
            Log::Json => Box::new(Events::new(std::io::stderr())),
            Log::Text if self.quiet => Box::new(Silent),
            Log::Text if std::io::stderr().is_terminal() => Box::new(Bar::new(self.lang)),
            Log::Text => Box::new(Lines::new(self.lang, std::io::stderr())),
        }
    }

    /// Text to standard output, whatever the wishes.
    pub fn print(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let end = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        // `ecoredline … | head` closes the pipe on purpose; a full disk behind `> file` is a failure.
        if end.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
            self.stdout_failed.set(true);
        }
    }

    /// The result: `text` for people, `value` for programs, and the notices that belong to it.
    pub fn result(&self, text: &str, value: &Value, notices: &[Notice]) {
        match self.log {
            Log::Json => {
                for notice in notices {
                    self.notice(notice);
                }
                self.print(&format!("{value}\n"));
            }
            Log::Text if self.quiet => {
                let heavy: Vec<Notice> = notices.iter().filter(|n| n.weight >= Weight::Warning).cloned().collect();
                if !heavy.is_empty() {
                    complain(&notices::grouped(self.lang, &heavy));
                }
            }
            Log::Text => self.print(&format!("{text}\n")),
        }
    }

    /// A notice to standard error.
    pub fn notice(&self, notice: &Notice) {
        match self.log {
            Log::Json => complain(&notices::event(self.lang, notice).to_string()),
            Log::Text => complain(&notices::told(self.lang, notice)),
        }
    }

    /// Several notices to standard error.
    pub fn notices(&self, notices: &[Notice]) {
        match self.log {
            Log::Json => notices.iter().for_each(|notice| self.notice(notice)),
            Log::Text => complain(&notices::grouped(self.lang, notices)),
        }
    }

    /// The last event for programs; nothing for people.
    pub fn done(&self, exit: Exit) {
        if self.log == Log::Json {
            complain(&json!({ "event": "done", "exit": exit.code() }).to_string());
        }
    }

    /// Whether a result could not be written to standard output.
    #[must_use]
    pub fn stdout_failed(&self) -> bool {
        self.stdout_failed.get()
    }
}

fn complain(text: &str) {
    // Where standard error is closed there is nobody left to tell.
    drop(writeln!(std::io::stderr(), "{text}"));
}
