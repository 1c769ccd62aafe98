//! The workers that score views and cut them: the newest wish alone is served.

use std::sync::Arc;

use crate::job::{Pool, Wanted, Wish};
use crate::model::notice::{Notice, Weight};

use super::cut::Cut;
use super::lesson::Lesson;
use super::scored::{Look, Readers, ScoredView};

/// A view that is to be scored.
#[derive(Clone)]
pub struct LookWish {
    /// With what.
    pub lesson: Arc<Lesson>,
    /// Where.
    pub look: Look,
}

impl PartialEq for LookWish {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.lesson, &other.lesson) && self.look == other.look
    }
}

/// A scored view that is to be cut.
#[derive(Clone)]
pub struct CutWish {
    /// The view.
    pub view: Arc<ScoredView>,
    /// The threshold.
    pub threshold: Option<f64>,
    /// Period of the hatch in pixels of the view.
    pub hatch: usize,
}

impl PartialEq for CutWish {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.view, &other.view) && (self.threshold, self.hatch) == (other.threshold, other.hatch)
    }
}

type Looked = Result<Arc<ScoredView>, Vec<Notice>>;

/// The workers. Cutting has one of its own, so that a threshold that is dragged never waits for a file.
pub struct Desk {
    looks: Pool<LookWish, Looked>,
    cuts: Pool<CutWish, Arc<Cut>>,
}

impl Wish for LookWish {}

impl Wish for CutWish {}

impl Desk {
    /// Starts the workers; `wake` is called after each answer.
    #[must_use]
    pub fn start(wake: impl Fn() + Clone + Send + Sync + 'static) -> Self {
        let score = |readers: &mut Readers, wish: &LookWish, _: &Wanted| {
            let scored = readers.score(&wish.lesson, wish.look);
            Some(scored.map(Arc::new).map_err(|error| error.notices()))
        };
        let cut = |(): &mut (), wish: &CutWish, _: &Wanted| Some(Arc::new(wish.view.cut(wish.threshold, wish.hatch)));
        Self { looks: Pool::start(1, wake.clone(), Readers::default, score), cuts: Pool::start(1, wake, || (), cut) }
    }

    /// Says which view is wanted now; an older wish that nobody has begun is dropped.
    pub fn look(&self, wish: LookWish) {
        self.looks.want(vec![wish]);
    }

    /// Says which cut is wanted now.
    pub fn cut(&self, wish: CutWish) {
        self.cuts.want(vec![wish]);
    }

    /// Views scored since the last call, or what there is to tell.
    #[must_use]
    pub fn looked(&self) -> Vec<(LookWish, Looked)> {
        let bug = || Err(vec![Notice::new("preview_failed", Weight::Warning)]);
        self.looks.take().into_iter().map(|(wish, answer)| (wish, answer.unwrap_or_else(bug))).collect()
    }

    /// Cuts made since the last call; `None` where one failed on a bug.
    #[must_use]
    pub fn cuts_made(&self) -> Vec<(CutWish, Option<Arc<Cut>>)> {
        self.cuts.take()
    }

    /// Whether nothing is wanted or under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.looks.is_idle() && self.cuts.is_idle()
    }
}
