//! Standing workers that answer the wishes of a window: the newest list of wishes replaces the older one, so what is no
//! longer wanted is never begun, and what is under way hears of it. Knows no raster.
//!
//! A worker that hears nothing for long (a dead network share) is left where it is: another takes its place, and the other
//! wishes of its lane wait until it comes back. Absent on purpose: waiting. Whoever asks goes on and takes the answers when
//! it is woken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a closing pool waits for what is being answered. A worker that outlives the program would be cut off inside a
/// library that is being unloaded; one that hangs on a dead share must not hold the window.
const PATIENCE: Duration = Duration::from_millis(800);

/// How long a worker may go without a sign of life before another takes its place.
const SILENCE: Duration = Duration::from_secs(5);

/// Most workers that take the places of silent ones.
const MOST_SPARES: usize = 6;

/// What may be asked of a pool.
pub trait Wish: Clone + PartialEq + Send + 'static {
    /// What it depends on: where one wish of a lane hangs, the others of the lane wait. `None`: nothing that can hang.
    fn lane(&self) -> Option<usize> {
        None
    }

    /// What it shares with its neighbours: wishes of one neighbourhood go to one worker as long as the others have something
    /// else to do, since a worker keeps what it has just read. `None`: it shares nothing, and is never put off.
    fn neighbourhood(&self) -> Option<u64> {
        None
    }
}

/// The worker's ear: whether its wish is still wanted. Asking is also its sign of life.
#[derive(Clone)]
pub struct Wanted {
    still: Arc<AtomicBool>,
    /// Milliseconds after `begun` of the last sign of life.
    heard: Arc<AtomicU64>,
    begun: Instant,
}

impl Wanted {
    /// Wanted for ever, by nobody who would ask for signs of life.
    #[must_use]
    pub fn always() -> Self {
        Self { still: Arc::new(AtomicBool::new(true)), heard: Arc::default(), begun: Instant::now() }
    }

    /// Whether to go on.
    #[must_use]
    pub fn still(&self) -> bool {
        self.heard.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.still.load(Ordering::Relaxed)
    }

    fn silence(&self) -> Duration {
        self.begun.elapsed().saturating_sub(Duration::from_millis(self.heard.load(Ordering::Relaxed)))
    }
}

/// A wish under way.
struct Busy<Q> {
    wish: Q,
    wanted: Wanted,
    /// Whether a spare worker has taken its place.
    stuck: bool,
}

struct Desk<Q, A> {
    wishes: Vec<Q>,
    busy: Vec<Busy<Q>>,
    answers: Vec<(Q, Option<A>)>,
    /// Wishes found stuck that nobody was told of yet.
    stuck: Vec<Q>,
    /// The neighbourhoods that workers are at home in.
    homes: Vec<u64>,
    workers: usize,
    closed: bool,
}

impl<Q: Wish, A> Desk<Q, A> {
    /// Whether a wish depends on what hangs.
    fn is_held(&self, wish: &Q) -> bool {
        wish.lane().is_some_and(|lane| self.busy.iter().any(|busy| busy.stuck && busy.wish.lane() == Some(lane)))
    }

    /// Which wish a worker takes next that is at home in a neighbourhood.
    fn next_for(&self, home: Option<u64>) -> Option<usize> {
        let first = |fits: &dyn Fn(Option<u64>) -> bool| {
            self.wishes.iter().position(|wish| fits(wish.neighbourhood()) && !self.is_held(wish))
        };
        let any = first(&|_| true)?;
        if self.wishes[any].neighbourhood().is_none() {
            return Some(any);
        }
        let at_home = home.and_then(|home| first(&|of| of == Some(home)));
        let elsewhere = || first(&|of| of.is_none_or(|of| !self.homes.contains(&of)));
        at_home.or_else(elsewhere).or(Some(any))
    }

    /// Takes that wish; the worker is then at home in its neighbourhood.
    fn take_for(&mut self, home: &mut Option<u64>) -> Option<Q> {
        let wish = self.wishes.remove(self.next_for(*home)?);
        self.move_home(*home, wish.neighbourhood());
        *home = wish.neighbourhood();
        Some(wish)
    }

    fn move_home(&mut self, from: Option<u64>, to: Option<u64>) {
        if let Some(place) = from.and_then(|from| self.homes.iter().position(|home| *home == from)) {
            self.homes.swap_remove(place);
        }
        self.homes.extend(to);
    }

    fn hanging(&self) -> usize {
        self.busy.iter().filter(|busy| busy.stuck).count()
    }
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

/// Workers that answer questions `Q` with answers `A`.
pub struct Pool<Q, A> {
    shared: Arc<Shared<Q, A>>,
    wanted: usize,
    hire: Box<dyn Fn() -> JoinHandle<()> + Send + Sync>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    silence: Duration,
}

impl<Q: Wish, A: Send + 'static> Pool<Q, A> {
    /// Starts `workers` threads. Each makes a state of its own with `begin` and answers with `answer`, which may give up
    /// with `None` once its wish is not wanted any more; `wake` is called after every answer.
    pub fn start<W: 'static>(
        workers: usize,
        wake: impl Fn() + Send + Sync + 'static,
        begin: impl Fn() -> W + Send + Sync + 'static,
        answer: impl Fn(&mut W, &Q, &Wanted) -> Option<A> + Send + Sync + 'static,
    ) -> Self {
        let workers = workers.max(1);
        let desk = Desk {
            wishes: Vec::new(),
            busy: Vec::new(),
            answers: Vec::new(),
            stuck: Vec::new(),
            homes: Vec::new(),
            workers,
            closed: false,
        };
        let shared = Arc::new(Shared { desk: Mutex::new(desk), bell: Condvar::new() });
        let parts = Arc::new((wake, begin, answer));
        let desk = Arc::clone(&shared);
        let hire = move || {
            let (shared, parts) = (Arc::clone(&desk), Arc::clone(&parts));
            std::thread::spawn(move || serve(&shared, workers, &parts.0, &parts.1, &parts.2))
        };
        let threads = (0..workers).map(|_| hire()).collect();
        Self { shared, wanted: workers, hire: Box::new(hire), workers: Mutex::new(threads), silence: SILENCE }
    }

    /// Replaces all wishes that nobody has begun; the first is answered first. What is being answered is not asked twice,
    /// and hears whether it is still wanted.
    pub fn want(&self, mut wishes: Vec<Q>) {
        let mut desk = self.shared.desk();
        for busy in &desk.busy {
            let place = wishes.iter().position(|wish| *wish == busy.wish);
            match place {
                // What was given up before it came back into sight is asked again.
                Some(place) if busy.wanted.still.load(Ordering::Relaxed) => drop(wishes.remove(place)),
                Some(_) => {}
                None => busy.wanted.still.store(false, Ordering::Relaxed),
            }
        }
        desk.wishes = wishes;
        if !desk.wishes.is_empty() {
            self.shared.bell.notify_all();
        }
    }

    /// The answers since the last call; `None` where answering panicked. Also the time at which silent workers are noticed.
    #[must_use]
    pub fn take(&self) -> Vec<(Q, Option<A>)> {
        self.relieve();
        std::mem::take(&mut self.shared.desk().answers)
    }

    /// The wishes found hanging since the last call.
    #[must_use]
    pub fn stuck(&self) -> Vec<Q> {
        std::mem::take(&mut self.shared.desk().stuck)
    }

    /// Whether nothing is wanted, under way, or waiting to be taken. What hangs, and what waits for it, does not count.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let desk = self.shared.desk();
        desk.answers.is_empty()
            && desk.busy.iter().all(|busy| busy.stuck)
            && desk.wishes.iter().all(|wish| desk.is_held(wish))
    }

    /// Puts a spare worker in the place of each that has gone silent.
    fn relieve(&self) {
        let mut desk = self.shared.desk();
        let mut silent = Vec::new();
        for busy in desk.busy.iter_mut().filter(|busy| !busy.stuck && busy.wanted.silence() > self.silence) {
            busy.stuck = true;
            silent.push(busy.wish.clone());
        }
        if silent.is_empty() {
            return;
        }
        let spares = silent.len().min((self.wanted + MOST_SPARES).saturating_sub(desk.workers));
        desk.workers += spares;
        desk.stuck.append(&mut silent);
        drop(desk);
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.extend((0..spares).map(|_| (self.hire)()));
    }
}

impl<Q, A> Drop for Pool<Q, A> {
    /// Tells the workers to end, and waits a little.
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        desk.closed = true;
        for busy in &desk.busy {
            busy.wanted.still.store(false, Ordering::Relaxed);
        }
        let hanging = desk.busy.iter().any(|busy| busy.stuck);
        drop(desk);
        self.shared.bell.notify_all();
        let begun = Instant::now();
        let patience = if hanging { PATIENCE / 4 } else { PATIENCE };
        let workers = self.workers.get_mut().unwrap_or_else(PoisonError::into_inner);
        for worker in workers.drain(..) {
            while !worker.is_finished() && begun.elapsed() < patience {
                std::thread::sleep(Duration::from_millis(2));
            }
            if worker.is_finished() {
                // Its panics were caught inside.
                drop(worker.join());
            }
        }
    }
}

fn serve<Q: Wish, A, W>(
    shared: &Shared<Q, A>,
    workers: usize,
    wake: &impl Fn(),
    begin: &impl Fn() -> W,
    answer: &impl Fn(&mut W, &Q, &Wanted) -> Option<A>,
) {
    let mut state = begin();
    let mut home = None;
    while let Some((wish, wanted)) = next(shared, &mut home) {
        let answered = catch_unwind(AssertUnwindSafe(|| answer(&mut state, &wish, &wanted)));
        if answered.is_err() {
            state = begin();
        }
        let mut desk = shared.desk();
        desk.busy.retain(|busy| !Arc::ptr_eq(&busy.wanted.still, &wanted.still));
        match answered {
            Ok(Some(answer)) => desk.answers.push((wish, Some(answer))),
            Ok(None) => {}
            Err(_) => desk.answers.push((wish, None)),
        }
        // One that comes back after a spare took its place makes one too many.
        let surplus = desk.workers - desk.hanging() > workers;
        desk.workers -= usize::from(surplus);
        if surplus {
            desk.move_home(home, None);
        }
        drop(desk);
        shared.bell.notify_all();
        wake();
        if surplus {
            return;
        }
    }
}

/// The next wish, once there is one that does not wait for what hangs; `None` when the pool is closed.
fn next<Q: Wish, A>(shared: &Shared<Q, A>, home: &mut Option<u64>) -> Option<(Q, Wanted)> {
    let mut desk = shared.desk();
    loop {
        if desk.closed {
            return None;
        }
        if let Some(wish) = desk.take_for(home) {
            let wanted = Wanted::always();
            desk.busy.push(Busy { wish: wish.clone(), wanted: wanted.clone(), stuck: false });
            return Some((wish, wanted));
        }
        desk = shared.bell.wait(desk).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    impl Wish for u32 {
        /// Numbers of the same ten share a lane.
        fn lane(&self) -> Option<usize> {
            Some(*self as usize / 10)
        }
    }

    /// A pool whose answers wait for the gate of their ten.
    fn gated(workers: usize, gates: Vec<Receiver<()>>) -> (Pool<u32, u32>, Receiver<()>) {
        let (woken, wakes) = channel();
        let gates: Vec<Mutex<Receiver<()>>> = gates.into_iter().map(Mutex::new).collect();
        let pool = Pool::start(
            workers,
            move || woken.send(()).unwrap(),
            || (),
            move |(), wish: &u32, wanted: &Wanted| {
                gates[*wish as usize / 10].lock().unwrap().recv().unwrap();
                wanted.still().then_some(wish * 10)
            },
        );
        (pool, wakes)
    }

    fn gates<const N: usize>() -> (Vec<Sender<()>>, Vec<Receiver<()>>) {
        (0..N).map(|_| channel()).unzip()
    }

    fn until(reached: impl Fn() -> bool) {
        while !reached() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_no_longer_wanted_is_never_begun() {
        let (release, gates) = gates::<1>();
        let (pool, wakes) = gated(1, gates);
        pool.want(vec![1]);
        until(|| !pool.shared.desk().busy.is_empty());
        pool.want(vec![1, 2, 3]);
        pool.want(vec![1, 4]);
        for _ in 0..2 {
            release[0].send(()).unwrap();
            wakes.recv().unwrap();
        }
        assert_eq!(pool.take(), [(1, Some(10)), (4, Some(40))]);
        assert!(pool.is_idle());
    }

    #[test]
    fn what_is_under_way_hears_that_it_is_not_wanted_and_is_begun_anew_when_it_is() {
        let (release, gates) = gates::<1>();
        let (pool, wakes) = gated(1, gates);
        pool.want(vec![1]);
        until(|| !pool.shared.desk().busy.is_empty());
        pool.want(vec![]);
        pool.want(vec![1]);
        for _ in 0..2 {
            release[0].send(()).unwrap();
            wakes.recv().unwrap();
        }
        assert_eq!(pool.take(), [(1, Some(10))]);
    }

    #[test]
    fn where_one_hangs_a_spare_answers_the_others_and_its_lane_waits() {
        let (release, gates) = gates::<2>();
        let (mut pool, wakes) = gated(1, gates);
        pool.silence = Duration::ZERO;
        pool.want(vec![1, 2, 11]);
        until(|| !pool.shared.desk().busy.is_empty());
        std::thread::sleep(Duration::from_millis(2));
        assert!(pool.take().is_empty());
        assert_eq!(pool.stuck(), [1]);
        release[1].send(()).unwrap();
        wakes.recv().unwrap();
        assert_eq!(pool.take(), [(11, Some(110))]);
        assert!(pool.is_idle(), "what hangs does not count");
        pool.silence = SILENCE;
        for _ in 0..2 {
            release[0].send(()).unwrap();
            wakes.recv().unwrap();
        }
        assert_eq!(pool.take(), [(1, Some(10)), (2, Some(20))]);
        assert_eq!(pool.shared.desk().workers, 1);
    }

    #[derive(Clone, PartialEq)]
    struct At(u64);

    impl Wish for At {
        /// Fours; from a hundred on nothing is shared.
        fn neighbourhood(&self) -> Option<u64> {
            (self.0 < 100).then_some(self.0 / 4)
        }
    }

    #[test]
    fn neighbours_go_to_one_worker_and_what_shares_nothing_is_never_put_off() {
        let mut desk = Desk::<At, ()> {
            wishes: [0, 1, 4, 2, 5].map(At).into(),
            busy: Vec::new(),
            answers: Vec::new(),
            stuck: Vec::new(),
            homes: Vec::new(),
            workers: 2,
            closed: false,
        };
        let mut homes = [None, None];
        let mut take = |worker: usize, desk: &mut Desk<At, ()>| desk.take_for(&mut homes[worker]).unwrap().0;
        assert_eq!([0, 1, 0, 1].map(|worker| take(worker, &mut desk)), [0, 4, 1, 5]);
        desk.wishes.insert(0, At(100));
        assert_eq!([0, 1].map(|worker| take(worker, &mut desk)), [100, 2]);
    }

    #[test]
    fn a_panic_answers_nothing_and_the_worker_goes_on() {
        let (woken, wakes) = channel::<()>();
        let pool = Pool::start(
            1,
            move || woken.send(()).unwrap(),
            || (),
            |(), wish: &u32, _: &Wanted| {
                assert!(*wish != 1, "one is too few");
                Some(*wish)
            },
        );
        pool.want(vec![1, 2]);
        wakes.recv().unwrap();
        wakes.recv().unwrap();
        assert_eq!(pool.take(), [(1, None), (2, Some(2))]);
    }
}
