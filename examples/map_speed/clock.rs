//! Processor time of this thread and of the whole process, as Linux tells it.

use std::time::{Duration, Instant};

/// Nanoseconds that a line of `schedstat` begins with.
fn nanoseconds(path: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Processor time of the calling thread.
pub fn of_thread() -> Duration {
    Duration::from_nanos(nanoseconds(std::path::Path::new("/proc/thread-self/schedstat")))
}

/// Processor time of all living threads.
pub fn of_process() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().filter_map(Result::ok);
    Duration::from_nanos(tasks.map(|task| nanoseconds(&task.path().join("schedstat"))).sum())
}

/// Wall-clock and processor time since it was made.
pub struct Both {
    since: Instant,
    process: Duration,
}

impl Both {
    pub fn start() -> Self {
        Self { since: Instant::now(), process: of_process() }
    }

    /// Milliseconds: wall-clock, processor.
    pub fn ms(&self) -> (f64, f64) {
        (millis(self.since.elapsed()), millis(of_process().saturating_sub(self.process)))
    }
}

pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
