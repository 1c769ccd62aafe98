//! Progress on the console: bars for a terminal, lines for a log file, JSON for programs.

mod bar;
mod json;
mod lines;

use std::time::Duration;

use crate::job::Snapshot;
use crate::lang::Lang;

pub use bar::Bar;
pub use json::Events;
pub use lines::Lines;

/// One way to show progress.
pub trait Show {
    /// The job stands here now. Called often; it is for the show to say less.
    fn saw(&mut self, snapshot: &Snapshot);

    /// The user asked to stop; the job has been told.
    fn stopping(&mut self) {}

    /// The job is over; what moves on the screen has to go.
    fn over(&mut self) {}
}

/// Shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Show for Silent {
    fn saw(&mut self, _snapshot: &Snapshot) {}
}

/// A stage begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stage begins.
    Begun(&'static str),
    /// A stage is over, after so long.
    Ended(&'static str, Duration),
}

/// Tells from one look to the next which stages began and ended, also those that were too short to be seen.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    ended: usize,
    open: bool,
}

impl Follower {
    /// What happened since the last look.
    pub fn steps(&mut self, snapshot: &Snapshot) -> Vec<Step> {
        let mut steps = Vec::new();
        for &(stage, took) in snapshot.past.iter().skip(self.ended) {
            if !self.open {
                steps.push(Step::Begun(stage));
            }
            steps.push(Step::Ended(stage, took));
            self.open = false;
        }
        self.ended = snapshot.past.len();
        if !self.open && !snapshot.stage.is_empty() {
            steps.push(Step::Begun(snapshot.stage));
            self.open = true;
        }
        steps
    }
}

/// A duration for people: `8.3 秒`, `2 分 05 秒`, `1 小时 07 分`.
#[must_use]
pub fn duration(lang: Lang, time: Duration) -> String {
    let whole = time.as_secs_f64().round() as u64;
    if time < Duration::from_secs(10) {
        return lang.sentence("headless.time.seconds", &[("s", &format!("{:.1}", time.as_secs_f64()))]);
    }
    match whole {
        0..60 => lang.sentence("headless.time.seconds", &[("s", &whole)]),
        60..3600 => {
            lang.sentence("headless.time.minutes", &[("m", &(whole / 60)), ("s", &format!("{:02}", whole % 60))])
        }
        _ => {
            lang.sentence("headless.time.hours", &[("h", &(whole / 3600)), ("m", &format!("{:02}", whole % 3600 / 60))])
        }
    }
}

/// How fast a stage goes and how long it still takes: `84 块/秒，剩余 12 秒`; empty before the first unit.
#[must_use]
pub fn pace(lang: Lang, snapshot: &Snapshot) -> String {
    let seconds = snapshot.in_stage.as_secs_f64();
    if snapshot.done == 0 || seconds <= 0.0 {
        return String::new();
    }
    let rate = snapshot.done as f64 / seconds;
    let rate = if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") };
    let unit = lang.known_word(&format!("unit.{}", snapshot.stage)).unwrap_or_else(|| lang.word("unit.any"));
    let rate = lang.sentence("headless.rate", &[("rate", &rate), ("unit", &unit)]);
    match snapshot.remaining() {
        Some(left) => lang.sentence("headless.rate_left", &[("rate", &rate), ("left", &duration(lang, left))]),
        None => rate,
    }
}

/// The name of a stage.
#[must_use]
pub fn stage(lang: Lang, key: &str) -> String {
    lang.word(&format!("stage.{key}"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn snapshot(stage: &'static str, done: u64, total: u64, past: &[(&'static str, u64)]) -> Snapshot {
        let past = past.iter().map(|&(key, seconds)| (key, Duration::from_secs(seconds))).collect();
        Snapshot { name: String::new(), stage, done, total, in_stage: Duration::from_secs(4), past }
    }

    #[test]
    fn a_stage_too_short_to_be_seen_is_still_told() {
        let mut follower = Follower::default();
        assert_eq!(follower.steps(&snapshot("check", 0, 1, &[])), [Step::Begun("check")]);
        assert_eq!(follower.steps(&snapshot("check", 1, 1, &[])), []);
        let (check, sample) = (Duration::from_secs(1), Duration::from_secs(2));
        assert_eq!(
            follower.steps(&snapshot("compare", 0, 9, &[("check", 1), ("sample", 2)])),
            [Step::Ended("check", check), Step::Begun("sample"), Step::Ended("sample", sample), Step::Begun("compare")]
        );
    }

    #[test]
    fn the_pace_names_unit_and_remaining_time() {
        let half = snapshot("compare", 40, 80, &[]);
        assert_eq!(pace(Lang::Zh, &half), "10 块/秒，剩余约 4.0 秒");
        assert_eq!(pace(Lang::En, &half), "10 blocks/s, about 4.0 s left");
        assert_eq!(pace(Lang::En, &snapshot("compare", 0, 80, &[])), "");
        assert_eq!(pace(Lang::En, &snapshot("compare", 40, 0, &[])), "10 blocks/s");
    }

    #[test]
    fn every_stage_of_a_run_has_a_name() {
        for key in ["check", "sample", "compare", "screen", "ledger", "write"] {
            for lang in Lang::ALL {
                assert!(!stage(lang, key).starts_with("stage."), "{key} in {lang:?}");
            }
        }
    }

    #[test]
    fn durations_grow_in_words() {
        let told = |seconds| duration(Lang::En, Duration::from_secs_f64(seconds));
        assert_eq!(
            [told(0.25), told(59.6), told(125.0), told(4020.0)],
            ["0.2 s", "1 min 00 s", "2 min 05 s", "1 h 07 min"]
        );
    }
}
