//! Watches a job from the console: shows its progress, passes on the user's wish to stop, and brings its result.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use crate::job::{self, JobFailure, Progress};

use super::progress::Show;

/// How long at most until a signal is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a cancelled job may take to notice. A read that hangs on a dead network share never would.
const PATIENCE: Duration = Duration::from_millis(700);

/// Stages that are short and must not be cut off: they put things in their final place.
const COMMITTING: [&str; 2] = ["ledger", "write"];

/// How a watched job ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Watched<T> {
    /// With a result or a panic.
    Ended(Result<T, JobFailure>),
    /// It did not hear that it should stop, and had put nothing in place yet; the program may end.
    Abandoned,
}

/// Runs work on a thread of its own and watches it to its end.
pub fn watch<T: Send + 'static>(
    name: &str,
    show: &mut dyn Show,
    interrupted: &dyn Fn() -> bool,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> Watched<T> {
    let (waker, woken) = sync_channel::<()>(1);
    // A full channel means that the watcher is about to look anyway.
    let mut handle = job::spawn(name, move || waker.try_send(()).unwrap_or(()), work);
    let mut asked: Option<Instant> = None;
    loop {
        woken.recv_timeout(LOOK_EVERY).ok();
        if asked.is_none() && interrupted() {
            handle.cancel();
            asked = Some(Instant::now());
            show.stopping();
        }
        let end = handle.poll();
        let snapshot = handle.snapshot();
        show.saw(&snapshot);
        if let Some(end) = end {
            show.over();
            return Watched::Ended(end);
        }
        let deaf = asked.is_some_and(|since| since.elapsed() > PATIENCE);
        if deaf && !COMMITTING.contains(&snapshot.stage) {
            show.over();
            // Dropping the handle would wait for the work; the program ends instead, and the thread with it.
            std::mem::forget(handle);
            return Watched::Abandoned;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headless::progress::Silent;
    use crate::job::Cancelled;

    #[test]
    fn a_result_is_brought() {
        let end = watch("count", &mut Silent, &|| false, |progress| progress.stage("check", 1).map(|()| 7));
        assert_eq!(end, Watched::Ended(Ok(Ok(7))));
    }

    #[test]
    fn an_interrupt_cancels_the_work_within_a_second() {
        let begun = Instant::now();
        let end = watch("count", &mut Silent, &|| true, |progress| {
            progress.stage("compare", 0)?;
            loop {
                progress.advance(1)?;
            }
            #[allow(unreachable_code)]
            Ok::<(), Cancelled>(())
        });
        assert_eq!(end, Watched::Ended(Ok(Err(Cancelled))));
        assert!(begun.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn work_that_does_not_hear_is_left_behind_within_a_second() {
        let begun = Instant::now();
        let (release, hang) = sync_channel::<()>(1);
        let end = watch("hang", &mut Silent, &|| true, move |progress| {
            progress.stage("compare", 0).ok();
            hang.recv().ok();
        });
        assert_eq!(end, Watched::Abandoned);
        assert!(begun.elapsed() < Duration::from_secs(1));
        release.send(()).unwrap();
    }

    #[test]
    fn work_that_puts_things_in_place_is_waited_for() {
        let (begun, hang) = (Instant::now(), sync_channel::<()>(1));
        let end = watch("commit", &mut Silent, &|| true, move |progress| {
            progress.stage("ledger", 0).ok();
            hang.1.recv_timeout(Duration::from_millis(1200)).ok();
            5
        });
        assert_eq!(end, Watched::Ended(Ok(5)));
        assert!(begun.elapsed() > Duration::from_millis(1100));
    }
}
