//! Progress on a terminal: one bar for the present stage, one line for each that is over.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::job::Snapshot;
use crate::lang::Lang;

use super::{Follower, Show, Step, duration, pace, stage};

/// How often the bar moves.
const REDRAW: Duration = Duration::from_millis(100);

/// A bar on the terminal.
pub struct Bar {
    lang: Lang,
    line: ProgressBar,
    follower: Follower,
    drawn: Option<Instant>,
    stopping: bool,
}

impl Bar {
    /// A bar on standard error.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        let line = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let bar = Self { lang, line, follower: Follower::default(), drawn: None, stopping: false };
        bar.style(false);
        bar
    }

    fn style(&self, counted: bool) {
        let template = if counted { "{prefix} [{bar:28}] {percent:>3}%  {msg}" } else { "{prefix} {spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.line.set_style(style.progress_chars("=> ").tick_chars("|/-\\ "));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begun(key) => {
                self.style(false);
                self.line.set_message("");
                self.line.set_prefix(stage(self.lang, key));
                self.drawn = None;
            }
            Step::Ended(key, took) => {
                let (name, took) = (stage(self.lang, key), duration(self.lang, took));
                self.line.println(self.lang.sentence("headless.stage_ended", &[("stage", &name), ("took", &took)]));
            }
        }
    }
}

impl Show for Bar {
    fn saw(&mut self, snapshot: &Snapshot) {
        for step in self.follower.steps(snapshot) {
            self.step(step);
        }
        if self.drawn.is_some_and(|at| at.elapsed() < REDRAW) || snapshot.stage.is_empty() {
            return;
        }
        self.drawn = Some(Instant::now());
        self.style(snapshot.total > 0);
        self.line.set_length(snapshot.total);
        self.line.set_position(snapshot.done.min(snapshot.total.max(1)));
        let message = if self.stopping { self.lang.word("headless.stopping") } else { pace(self.lang, snapshot) };
        self.line.set_message(message);
        self.line.tick();
    }

    fn stopping(&mut self) {
        self.stopping = true;
        self.drawn = None;
    }

    fn over(&mut self) {
        self.line.finish_and_clear();
    }
}
