//! Progress in a log file: a line when a stage begins and ends, and at most one every ten seconds in between.

use std::io::Write;
use std::time::Duration;

use crate::job::Snapshot;
use crate::lang::Lang;

use super::{Follower, Show, Step, duration, pace, stage};

/// Shortest time between two lines of one stage.
const BETWEEN: Duration = Duration::from_secs(10);

/// Plain lines.
pub struct Lines<W: Write> {
    lang: Lang,
    to: W,
    follower: Follower,
    told: Duration,
}

impl<W: Write> Lines<W> {
    /// Lines to a stream.
    pub fn new(lang: Lang, to: W) -> Self {
        Self { lang, to, follower: Follower::default(), told: Duration::ZERO }
    }

    fn line(&mut self, text: &str) {
        // A reader who went away must not end the run.
        drop(writeln!(self.to, "{text}"));
    }
}

impl<W: Write> Show for Lines<W> {
    fn saw(&mut self, snapshot: &Snapshot) {
        for step in self.follower.steps(snapshot) {
            let text = match step {
                Step::Begun(key) => self.lang.sentence("headless.stage_begun", &[("stage", &stage(self.lang, key))]),
                Step::Ended(key, took) => {
                    let (name, took) = (stage(self.lang, key), duration(self.lang, took));
                    self.lang.sentence("headless.stage_ended", &[("stage", &name), ("took", &took)])
                }
            };
            self.told = Duration::ZERO;
            self.line(&text);
        }
        if snapshot.stage.is_empty() || snapshot.in_stage < self.told + BETWEEN {
            return;
        }
        self.told = snapshot.in_stage;
        let name = stage(self.lang, snapshot.stage);
        let share = match snapshot.total {
            0 => snapshot.done.to_string(),
            total => format!("{:.0}%", 100.0 * snapshot.done as f64 / total as f64),
        };
        let text = format!("{name} {share}  {}", pace(self.lang, snapshot));
        self.line(text.trim_end());
    }

    fn stopping(&mut self) {
        let text = self.lang.word("headless.stopping");
        self.line(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::snapshot;
    use super::*;

    #[test]
    fn a_long_stage_speaks_every_ten_seconds_only() {
        let mut written = Vec::new();
        let mut lines = Lines::new(Lang::En, &mut written);
        for second in 0..25 {
            let in_stage = Duration::from_secs(second);
            lines.saw(&Snapshot { in_stage, ..snapshot("compare", second * 4, 100, &[]) });
        }
        lines.saw(&snapshot("", 0, 0, &[("compare", 25)]));
        let text = String::from_utf8(written).unwrap();
        let expected = "Comparing …\n\
                        Comparing 40%  4.0 blocks/s, about 15 s left\n\
                        Comparing 80%  4.0 blocks/s, about 5.0 s left\n\
                        Comparing: done in 25 s\n";
        assert_eq!(text, expected);
    }
}
