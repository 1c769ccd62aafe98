//! GDAL's error log as data: what was logged on this thread while a scope was open.
//!
//! GDAL 3.6 logs failures that its return codes hide (a full disk, a broken strip), so every read and write asks the
//! log too. GDAL calls the handler on the thread that called GDAL, as it runs with one thread a call.

use std::cell::RefCell;
use std::collections::VecDeque;

use gdal::errors::CplErrType;

/// Messages kept per thread; older ones fall out, the count stays.
const KEPT: usize = 32;

/// Longest message kept, in characters.
const LONGEST: usize = 400;

#[derive(Default)]
struct Log {
    count: u64,
    kept: VecDeque<(u64, String)>,
}

thread_local! {
    static LOG: RefCell<Log> = RefCell::default();
}

/// Counts a failure and keeps its text; called by GDAL across a C boundary, so it cannot panic.
pub(super) fn record(kind: CplErrType, _number: i32, message: &str) {
    if !matches!(kind, CplErrType::Failure | CplErrType::Fatal) {
        return;
    }
    let text: String = message.chars().take(LONGEST).collect();
    // A thread that is ending has no log any more; nobody is left to ask.
    LOG.try_with(|log| {
        if let Ok(mut log) = log.try_borrow_mut() {
            log.count += 1;
            let number = log.count;
            if log.kept.len() == KEPT {
                log.kept.pop_front();
            }
            log.kept.push_back((number, text));
        }
    })
    .unwrap_or_default();
}

/// A span of work on this thread whose logged failures can be asked for.
#[derive(Debug)]
pub struct ErrorScope {
    start: u64,
}

impl Default for ErrorScope {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorScope {
    /// Begins a scope; scopes may nest.
    #[must_use]
    pub fn new() -> Self {
        Self { start: LOG.with_borrow(|log| log.count) }
    }

    /// Whether anything failed since the scope began.
    #[must_use]
    pub fn failed(&self) -> bool {
        LOG.with_borrow(|log| log.count > self.start)
    }

    /// What failed since the scope began, oldest first, at most the last 32.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        LOG.with_borrow(|log| log.kept.iter().filter(|(n, _)| *n > self.start).map(|(_, text)| text.clone()).collect())
    }

    /// The last failure's text, or `fallback` where GDAL gave none.
    #[must_use]
    pub fn reason(&self, fallback: &str) -> String {
        self.failures().pop().filter(|text| !text.trim().is_empty()).unwrap_or_else(|| fallback.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_hears_only_failures_and_only_its_own() {
        record(CplErrType::Failure, 1, "before");
        let scope = ErrorScope::new();
        record(CplErrType::Warning, 1, "a warning");
        assert!(!scope.failed());
        record(CplErrType::Failure, 1, "inside");
        assert_eq!(scope.failures(), vec!["inside".to_owned()]);
        assert!(!ErrorScope::new().failed());
    }

    #[test]
    fn the_log_is_bounded_and_still_counts() {
        let scope = ErrorScope::new();
        for n in 0..100 {
            record(CplErrType::Failure, 1, &n.to_string());
        }
        assert_eq!(scope.failures().len(), KEPT);
        assert_eq!(scope.reason("none"), "99");
    }

    #[test]
    fn another_thread_does_not_disturb() {
        let scope = ErrorScope::new();
        std::thread::spawn(|| record(CplErrType::Failure, 1, "elsewhere")).join().expect("thread");
        assert!(!scope.failed());
    }
}
