//! Standing workers that answer the wishes of a window: the newest list of wishes replaces the older one, so what is no
//! longer wanted is never begun. Knows no raster.
//!
//! Absent on purpose: waiting. Whoever asks goes on and takes the answers when it is woken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

struct Desk<Q, A> {
    wishes: Vec<Q>,
    busy: Vec<Q>,
    answers: Vec<(Q, Option<A>)>,
    closed: bool,
}

struct Shared<Q, A> {
    desk: Mutex<Desk<Q, A>>,
    bell: Condvar,
}

impl<Q, A> Shared<Q, A> {
    fn desk(&self) -> MutexGuard<'_, Desk<Q, A>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a closing pool waits for what is being answered. A worker that outlives the program would be cut off inside a
/// library that is being unloaded; one that hangs on a dead share must not hold the window.
const PATIENCE: Duration = Duration::from_millis(800);

/// Workers that answer questions `Q` with answers `A`.
pub struct Pool<Q, A> {
    shared: Arc<Shared<Q, A>>,
    workers: Vec<JoinHandle<()>>,
}

impl<Q, A> Pool<Q, A>
where
    Q: Clone + PartialEq + Send + 'static,
    A: Send + 'static,
{
    /// Starts `workers` threads. Each makes a state of its own with `begin` and answers with `answer`; `wake` is called
    /// after every answer.
    pub fn start<W: 'static>(
        workers: usize,
        wake: impl Fn() + Send + Sync + 'static,
        begin: impl Fn() -> W + Send + Sync + 'static,
        answer: impl Fn(&mut W, &Q) -> A + Send + Sync + 'static,
    ) -> Self {
        let desk = Desk { wishes: Vec::new(), busy: Vec::new(), answers: Vec::new(), closed: false };
        let shared = Arc::new(Shared { desk: Mutex::new(desk), bell: Condvar::new() });
        let parts = Arc::new((wake, begin, answer));
        let start = |_| {
            let (shared, parts) = (Arc::clone(&shared), Arc::clone(&parts));
            std::thread::spawn(move || serve(&shared, &parts.0, &parts.1, &parts.2))
        };
        let workers = (0..workers.max(1)).map(start).collect();
        Self { shared, workers }
    }

    /// Replaces all wishes that nobody has begun; the first is answered first. What is being answered is not asked twice.
    pub fn want(&self, wishes: Vec<Q>) {
        let mut desk = self.shared.desk();
        desk.wishes = wishes;
        let busy = std::mem::take(&mut desk.busy);
        desk.wishes.retain(|wish| !busy.contains(wish));
        desk.busy = busy;
        if !desk.wishes.is_empty() {
            self.shared.bell.notify_all();
        }
    }

    /// The answers since the last call; `None` where answering panicked.
    #[must_use]
    pub fn take(&self) -> Vec<(Q, Option<A>)> {
        std::mem::take(&mut self.shared.desk().answers)
    }

    /// Whether nothing is wanted, under way, or waiting to be taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let desk = self.shared.desk();
        desk.wishes.is_empty() && desk.busy.is_empty() && desk.answers.is_empty()
    }
}

impl<Q, A> Drop for Pool<Q, A> {
    /// Tells the workers to end, and waits a little.
    fn drop(&mut self) {
        self.shared.desk().closed = true;
        self.shared.bell.notify_all();
        let begun = Instant::now();
        for worker in self.workers.drain(..) {
            while !worker.is_finished() && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(2));
            }
            if worker.is_finished() {
                // Its panics were caught inside.
                drop(worker.join());
            }
        }
    }
}

fn serve<Q: Clone + PartialEq, A, W>(
    shared: &Shared<Q, A>,
    wake: &impl Fn(),
    begin: &impl Fn() -> W,
    answer: &impl Fn(&mut W, &Q) -> A,
) {
    let mut state = begin();
    while let Some(wish) = next(shared) {
        let answered = catch_unwind(AssertUnwindSafe(|| answer(&mut state, &wish))).ok();
        if answered.is_none() {
            state = begin();
        }
        let mut desk = shared.desk();
        desk.busy.retain(|busy| *busy != wish);
        desk.answers.push((wish, answered));
        drop(desk);
        wake();
    }
}

/// The next wish, once there is one; `None` when the pool is closed.
fn next<Q: Clone, A>(shared: &Shared<Q, A>) -> Option<Q> {
    let mut desk = shared.desk();
    loop {
        if desk.closed {
            return None;
        }
        if !desk.wishes.is_empty() {
            let wish = desk.wishes.remove(0);
            desk.busy.push(wish.clone());
            return Some(wish);
        }
        desk = shared.bell.wait(desk).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_is_no_longer_wanted_is_never_begun() {
        let (release, gate) = channel::<()>();
        let (woken, wakes) = channel::<()>();
        let gate = Mutex::new(gate);
        let pool = Pool::start(
            1,
            move || woken.send(()).unwrap(),
            || (),
            move |(), wish: &u32| {
                gate.lock().unwrap().recv().unwrap();
                wish * 10
            },
        );
        pool.want(vec![1]);
        while pool.shared.desk().busy.is_empty() {
            std::thread::yield_now();
        }
        pool.want(vec![2, 3]);
        pool.want(vec![1, 4]);
        for _ in 0..2 {
            release.send(()).unwrap();
            wakes.recv().unwrap();
        }
        assert_eq!(pool.take(), [(1, Some(10)), (4, Some(40))]);
        assert!(pool.is_idle());
    }

    #[test]
    fn a_panic_answers_nothing_and_the_worker_goes_on() {
        let (woken, wakes) = channel::<()>();
        let pool = Pool::start(
            1,
            move || woken.send(()).unwrap(),
            || (),
            |(), wish: &u32| {
                assert!(*wish != 1, "one is too few");
                *wish
            },
        );
        pool.want(vec![1, 2]);
        wakes.recv().unwrap();
        wakes.recv().unwrap();
        assert_eq!(pool.take(), [(1, None), (2, Some(2))]);
    }
}
