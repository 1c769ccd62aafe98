//! Progress for programs: one JSON object a line. The format is a public interface, described in the README.

use std::io::Write;
use std::time::Duration;

use serde_json::json;

use crate::job::Snapshot;

use super::{Follower, Show, Step};

/// Shortest time between two `progress` events of one stage.
const BETWEEN: Duration = Duration::from_secs(1);

/// JSON lines.
pub struct Events<W: Write> {
    to: W,
    follower: Follower,
    told: Option<Duration>,
}

impl<W: Write> Events<W> {
    /// JSON lines to a stream.
    pub fn new(to: W) -> Self {
        Self { to, follower: Follower::default(), told: None }
    }

    fn event(&mut self, event: &serde_json::Value) {
        // A reader who went away must not end the run.
        drop(writeln!(self.to, "{event}"));
    }
}

impl<W: Write> Show for Events<W> {
    fn saw(&mut self, snapshot: &Snapshot) {
        for step in self.follower.steps(snapshot) {
            self.told = None;
            self.event(&match step {
                Step::Begun(key) => json!({ "event": "stage", "stage": key, "state": "begun" }),
                Step::Ended(key, took) => {
                    json!({ "event": "stage", "stage": key, "state": "ended", "seconds": took.as_secs_f64() })
                }
            });
        }
        let due = self.told.is_none_or(|told| snapshot.in_stage >= told + BETWEEN);
        if snapshot.stage.is_empty() || snapshot.done == 0 || !due {
            return;
        }
        self.told = Some(snapshot.in_stage);
        self.event(&json!({
            "event": "progress",
            "stage": snapshot.stage,
            "done": snapshot.done,
            "total": (snapshot.total > 0).then_some(snapshot.total),
            "seconds": snapshot.in_stage.as_secs_f64(),
            "remaining_seconds": snapshot.remaining().map(|left| left.as_secs_f64()),
        }));
    }

    fn stopping(&mut self) {
        self.event(&json!({ "event": "stopping" }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::snapshot;
    use super::*;

    #[test]
    fn every_line_is_one_object_with_an_event() {
        let mut written = Vec::new();
        let mut events = Events::new(&mut written);
        events.saw(&snapshot("compare", 0, 8, &[("check", 2)]));
        events.saw(&snapshot("compare", 4, 8, &[("check", 2)]));
        events.saw(&snapshot("compare", 5, 8, &[("check", 2)]));
        let lines: Vec<serde_json::Value> =
            String::from_utf8(written).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            lines,
            [
                json!({ "event": "stage", "stage": "check", "state": "begun" }),
                json!({ "event": "stage", "stage": "check", "state": "ended", "seconds": 2.0 }),
                json!({ "event": "stage", "stage": "compare", "state": "begun" }),
                json!({ "event": "progress", "stage": "compare", "done": 4, "total": 8, "seconds": 4.0,
                        "remaining_seconds": 4.0 }),
            ]
        );
    }
}
