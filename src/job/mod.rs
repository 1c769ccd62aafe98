//! Background work for window and console: one mechanism for progress, cancellation and panics. Knows no raster.
//!
//! `advance` is progress *and* the cancellation point, so nobody can report progress and forget to check.

mod pool;

pub use pool::{Pool, Wanted, Wish};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The work was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// How a job ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// The work panicked: a bug of ours, with its message.
    #[error("the job stopped on an internal error: {0}")]
    Panicked(String),
}

/// What a watcher sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Name of the job.
    pub name: String,
    /// Present stage, a key below `stage.` in the language files; empty before the first.
    pub stage: &'static str,
    /// Units done in the stage.
    pub done: u64,
    /// Units of the stage; 0 where unknown.
    pub total: u64,
    /// Time since the stage began.
    pub in_stage: Duration,
    /// Stages that are over, with their duration.
    pub past: Vec<(&'static str, Duration)>,
}

impl Snapshot {
    /// Remaining time of the stage at the present rate; `None` before anything is done.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.total.checked_sub(self.done)?;
        (self.done > 0 && self.total > 0).then(|| self.in_stage.mul_f64(left as f64 / self.done as f64))
    }
}

struct Stage {
    key: &'static str,
    since: Instant,
    past: Vec<(&'static str, Duration)>,
}

struct Shared {
    name: String,
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    stage: Mutex<Stage>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The worker's end: reports progress, hears of cancellation. Cheap to clone, one per thread.
#[derive(Clone)]
pub struct Progress {
    shared: Arc<Shared>,
}

impl Progress {
    /// Progress that nobody watches.
    #[must_use]
    pub fn unwatched() -> Self {
        Self::new("", || {})
    }

    fn new(name: &str, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let stage = Stage { key: "", since: Instant::now(), past: Vec::new() };
        let shared = Shared {
            name: name.to_owned(),
            cancelled: AtomicBool::new(false),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            stage: Mutex::new(stage),
            wake: Box::new(wake),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Begins a stage of `total` units (0 where unknown).
    ///
    /// # Errors
    /// [`Cancelled`] once cancellation was asked for.
    pub fn stage(&self, key: &'static str, total: u64) -> Result<(), Cancelled> {
        self.close_stage(key);
        self.shared.total.store(total, Ordering::Relaxed);
        self.advance(0)
    }

    /// `units` more are done.
    ///
    /// # Errors
    /// [`Cancelled`] once cancellation was asked for.
    pub fn advance(&self, units: u64) -> Result<(), Cancelled> {
        self.shared.done.fetch_add(units, Ordering::Relaxed);
        (self.shared.wake)();
        if self.shared.cancelled.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    /// Ends the last stage and tells how long each took, in order.
    #[must_use]
    pub fn finish(&self) -> Vec<(&'static str, Duration)> {
        self.close_stage("");
        self.shared.stage().past.clone()
    }

    fn close_stage(&self, next: &'static str) {
        let mut stage = self.shared.stage();
        if !stage.key.is_empty() {
            let closed = (stage.key, stage.since.elapsed());
            stage.past.push(closed);
        }
        stage.key = next;
        stage.since = Instant::now();
        self.shared.done.store(0, Ordering::Relaxed);
    }

    fn snapshot(&self) -> Snapshot {
        let stage = self.shared.stage();
        Snapshot {
            name: self.shared.name.clone(),
            stage: stage.key,
            done: self.shared.done.load(Ordering::Relaxed),
            total: self.shared.total.load(Ordering::Relaxed),
            in_stage: stage.since.elapsed(),
            past: stage.past.clone(),
        }
    }
}

/// Asks a job to stop, from anywhere (a signal handler's thread, a button).
#[derive(Clone)]
pub struct Canceller {
    shared: Arc<Shared>,
}

impl Canceller {
    /// Asks the work to stop at its next `advance`.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }
}

/// The owner's end. Dropping it cancels the work and waits for it, unless it is [`Self::unawaited`].
pub struct Handle<T> {
    progress: Progress,
    result: Arc<Mutex<Option<Result<T, JobFailure>>>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts work on a thread of its own. `wake` is called at every progress and once after the result is stored.
pub fn spawn<T, W>(name: &str, wake: W, work: impl FnOnce(&Progress) -> T + Send + 'static) -> Handle<T>
where
    T: Send + 'static,
    W: Fn() + Send + Sync + 'static,
{
    let progress = Progress::new(name, wake);
    let result = Arc::new(Mutex::new(None));
    let (worker, slot) = (progress.clone(), Arc::clone(&result));
    let thread = std::thread::spawn(move || {
        let end = catch_unwind(AssertUnwindSafe(|| work(&worker))).map_err(|panic| {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            JobFailure::Panicked(text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
        });
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        (worker.shared.wake)();
    });
    Handle { progress, result, thread: Some(thread) }
}

impl<T> Handle<T> {
    /// Work that only looks: dropping its handle cancels it and leaves it to itself, as a file on a share that does not
    /// answer may never let go of it.
    #[must_use]
    pub fn unawaited(mut self) -> Self {
        self.thread = None;
        self
    }

    /// Where the work stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.progress.snapshot()
    }

    /// A canceller that outlives the borrow of the handle.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller { shared: Arc::clone(&self.progress.shared) }
    }

    /// Asks the work to stop at its next `advance`.
    pub fn cancel(&self) {
        self.canceller().cancel();
    }

    /// Takes the result once it is there.
    ///
    /// # Errors
    /// [`JobFailure`] where the work panicked.
    pub fn poll(&mut self) -> Option<Result<T, JobFailure>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits for the result; not for work that is [`Self::unawaited`].
    ///
    /// # Errors
    /// [`JobFailure`] where the work panicked.
    pub fn join(mut self) -> Result<T, JobFailure> {
        self.wait();
        self.poll().unwrap_or_else(|| Err(JobFailure::Panicked("result already taken".to_owned())))
    }

    fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            // The work's own panic was caught inside; the thread itself ends normally.
            drop(thread.join());
        }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.cancel();
        self.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_job_stops_at_its_next_advance() {
        let handle = spawn(
            "count",
            || {},
            |progress| {
                progress.stage("decode", 0)?;
                loop {
                    progress.advance(1)?;
                    std::thread::sleep(Duration::from_millis(1));
                }
                #[allow(unreachable_code)]
                Ok::<(), Cancelled>(())
            },
        );
        handle.cancel();
        assert_eq!(handle.join(), Ok(Err(Cancelled)));
    }

    #[test]
    fn dropping_work_that_only_looks_does_not_wait_for_it() {
        let (answer, never) = std::sync::mpsc::channel::<()>();
        let (ended, told) = std::sync::mpsc::channel();
        let look = move |_: &Progress| {
            let heard = never.recv();
            ended.send(()).ok();
            heard
        };
        drop(spawn("look", || {}, look).unawaited());
        assert_eq!(told.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty), "it still hangs");
        drop(answer);
        assert_eq!(told.recv(), Ok(()));
    }

    #[test]
    fn a_panic_is_reported_not_lost() {
        let handle = spawn("fall", || {}, |_| -> u8 { panic!("the floor gave way") });
        assert_eq!(handle.join(), Err(JobFailure::Panicked("the floor gave way".to_owned())));
    }

    #[test]
    fn stages_remember_their_order() {
        let handle = spawn(
            "stages",
            || {},
            |progress| {
                progress.stage("a", 2)?;
                progress.advance(2)?;
                progress.stage("b", 1)?;
                Ok::<_, Cancelled>(progress.finish().into_iter().map(|s| s.0).collect::<Vec<_>>())
            },
        );
        assert_eq!(handle.join(), Ok(Ok(vec!["a", "b"])));
    }

    #[test]
    fn remaining_time_follows_the_rate() {
        let half = Snapshot {
            name: String::new(),
            stage: "a",
            done: 5,
            total: 10,
            in_stage: Duration::from_secs(4),
            past: Vec::new(),
        };
        assert_eq!(half.remaining(), Some(Duration::from_secs(4)));
        assert_eq!(Snapshot { done: 0, ..half }.remaining(), None);
    }
}
