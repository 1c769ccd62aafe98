//! Detection live: what a run would do with the pair that is compared, on the part of the map that is looked at, while its
//! settings are tuned.
//!
//! Everything slow happens elsewhere: a job learns what the run would learn, workers score and cut the view. Here the newest
//! wish is kept, and what has landed.

use std::sync::Arc;

use crate::detect::threshold::Rule;
use crate::job::{self, Handle, JobFailure, Snapshot};
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::ThresholdChoice;
use crate::pipeline::preview::{Cards, Cut, CutWish, Desk, Lesson, Look, LookWish, ScoredView, Subject};
use crate::pipeline::{RunError, RunOptions};
use crate::project::plan::{Detection, Plan};

use super::compare::Compare;
use super::view::View;
use super::{Command, EditWish, Wake};

/// Lessons kept: going back to a pair costs nothing then.
const MOST_LESSONS: usize = 6;

/// Period of the hatch over what was not observed, in screen points.
const HATCH: f64 = 9.0;

/// Digits behind the point of a threshold that the hand has set: finer ones change nothing that can be seen.
const DIGITS: f64 = 100.0;

/// What may be asked of the live detection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DetectWish {
    /// Show or hide the panel.
    Panel(bool),
    /// Show or hide the change scores on the map.
    Heat(bool),
    /// Show or hide the change mask on the map.
    Mask(bool),
    /// Opacity of both, 0–1.
    Opacity(f32),
    /// The threshold while the hand moves it.
    Drag(f64),
    /// What was dragged is put away; the project's own threshold holds again.
    Release,
}

impl DetectWish {
    /// A score as it is kept: with as many digits as a hand can mean.
    #[must_use]
    pub fn kept(score: f64) -> f64 {
        (score * DIGITS).round() / DIGITS
    }
}

/// A setting of the project file that the panel changes; `None` takes it out of the file, so that the default holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setting {
    /// The method, by its word.
    Method(&'static str),
    /// The threshold.
    Threshold(Rule),
    /// The smallest patch in m².
    LeastArea(Option<f64>),
    /// The size of an analysis pixel in metres.
    Pixel(Option<f64>),
}

/// The command that writes a setting into the project file.
#[must_use]
pub fn set(setting: Setting) -> Command {
    let number = |place, number: Option<f64>| match number {
        Some(number) => EditWish::set(place, number),
        None => EditWish::reset(place),
    };
    Command::Edit(match setting {
        Setting::Method("auto") => EditWish::reset("detection.method"),
        Setting::Method(word) => EditWish::set("detection.method", word),
        Setting::Threshold(Rule::Auto) => EditWish::reset("detection.threshold"),
        Setting::Threshold(Rule::Fixed(score)) => EditWish::set("detection.threshold", score),
        Setting::Threshold(rule) => EditWish::set("detection.threshold", rule.word()),
        Setting::LeastArea(area) => number("detection.min_area_m2", area),
        Setting::Pixel(size) => number("project.gsd_m", size),
    })
}

/// A pair that is being learnt.
struct Learning {
    subject: Subject,
    handle: Handle<Result<Lesson, RunError>>,
}

/// Detection as it is looked at.
pub struct Detect {
    /// Whether the panel is shown.
    pub panel: bool,
    /// Whether the change scores are shown on the map.
    pub heat: bool,
    /// Whether the change mask is shown on the map.
    pub mask: bool,
    /// Opacity of both.
    pub opacity: f32,
    /// The threshold that the hand has moved and that the project file does not hold yet.
    pub dragged: Option<f64>,
    /// The pair, or why there is none.
    pub subject: Option<Result<Subject, Notice>>,
    /// What was learnt of it.
    pub lesson: Option<Arc<Lesson>>,
    /// Where the pair stands.
    pub cards: Option<Cards>,
    /// The view as scored last.
    pub view: Option<Arc<ScoredView>>,
    /// The view at the threshold.
    pub cut: Option<Arc<Cut>>,
    /// Why something could not be read.
    pub failed: Vec<Notice>,
    /// Whether the map shows nothing of the pair's grid.
    pub is_outside: bool,
    learning: Option<Learning>,
    leaving: Vec<Learning>,
    known: Vec<Arc<Lesson>>,
    desk: Option<Desk>,
    asked: (Option<LookWish>, Option<CutWish>),
    refused: Option<LookWish>,
    cut_of: Option<CutWish>,
    followed: Option<Followed>,
    judged: Option<(Followed, Option<Arc<Lesson>>, Detection)>,
    overlays_before: (bool, bool),
    wake: Wake,
}

/// The pair of a plan that is followed, in the order in which it is compared.
#[derive(Clone)]
struct Followed {
    plan: Arc<Plan>,
    scenes: (usize, usize),
}

impl Followed {
    fn is(&self, plan: &Arc<Plan>, scenes: (usize, usize)) -> bool {
        Arc::ptr_eq(&self.plan, plan) && self.scenes == scenes
    }
}

impl Detect {
    /// Nothing is shown and nothing is learnt until it is wanted.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        Self {
            panel: false,
            heat: false,
            mask: false,
            opacity: 0.8,
            dragged: None,
            subject: None,
            lesson: None,
            cards: None,
            view: None,
            cut: None,
            failed: Vec::new(),
            is_outside: false,
            learning: None,
            leaving: Vec::new(),
            known: Vec::new(),
            desk: None,
            asked: (None, None),
            refused: None,
            cut_of: None,
            followed: None,
            judged: None,
            overlays_before: (false, false),
            wake: Arc::clone(wake),
        }
    }

    /// Does what is asked of it.
    pub fn apply(&mut self, wish: DetectWish) {
        match wish {
            DetectWish::Panel(shown) => self.show_panel(shown),
            DetectWish::Heat(shown) => self.heat = shown,
            DetectWish::Mask(shown) => self.mask = shown,
            DetectWish::Opacity(share) => self.opacity = share.clamp(0.0, 1.0),
            DetectWish::Drag(score) if score.is_finite() => self.dragged = Some(DetectWish::kept(score)),
            DetectWish::Drag(_) => {}
            DetectWish::Release => self.dragged = None,
        }
    }

    /// With the panel comes the mask; without it the map looks as it did before.
    fn show_panel(&mut self, shown: bool) {
        if shown && !self.panel {
            self.overlays_before = (self.heat, self.mask);
            self.mask = true;
        } else if !shown && self.panel {
            (self.heat, self.mask) = self.overlays_before;
        }
        self.panel = shown;
    }

    /// Whether anything of it is on the screen.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.panel || self.heat || self.mask
    }

    /// Whether something is still being learnt, scored or cut.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_wanted() && (self.learning.is_some() || self.asked != (None, None))
    }

    /// How the learning stands.
    #[must_use]
    pub fn learning(&self) -> Option<Snapshot> {
        self.learning.as_ref().map(|learning| learning.handle.snapshot())
    }

    /// The settings in force: those of the project, with the threshold that the hand holds.
    #[must_use]
    pub fn settings(&self, plan: &Plan) -> Detection {
        let threshold = self.dragged.map_or(plan.detection.threshold, Rule::Fixed);
        Detection { threshold, ..plan.detection.clone() }
    }

    /// The threshold in force and how it came about.
    #[must_use]
    pub fn choice(&self, plan: &Plan) -> Option<ThresholdChoice> {
        self.lesson.as_ref().map(|lesson| lesson.choice(self.settings(plan).threshold))
    }

    /// Follows the pair and the view, and takes what has landed.
    pub(super) fn tend(&mut self, plan: &Arc<Plan>, compare: &Compare, view: &View, options: &RunOptions) {
        self.leaving.retain_mut(|leaving| leaving.handle.poll().is_none());
        if !self.is_wanted() {
            return;
        }
        if self.dragged.is_some_and(|score| plan.detection.threshold == Rule::Fixed(score)) {
            self.dragged = None;
        }
        self.follow(plan, compare, options);
        self.take_lesson();
        self.look(view);
        self.cut(plan, view);
        self.judge(plan);
    }

    /// Turns to the pair that is compared.
    fn follow(&mut self, plan: &Arc<Plan>, compare: &Compare, options: &RunOptions) {
        let scenes = (compare.before, compare.after);
        if self.followed.as_ref().is_some_and(|followed| followed.is(plan, scenes)) {
            return;
        }
        self.followed = Some(Followed { plan: Arc::clone(plan), scenes });
        self.failed.clear();
        self.refused = None;
        let subject = Subject::of(plan, compare.before, compare.after);
        let same = |known: &Subject| subject.as_ref().is_ok_and(|subject| subject.teaches_as(known));
        let goes_on = self.lesson.as_ref().is_some_and(|lesson| same(&lesson.subject))
            || self.learning.as_ref().is_some_and(|learning| same(&learning.subject));
        if !goes_on {
            self.leave();
            self.forget_view();
            self.dragged = None;
            self.lesson = self.known.iter().find(|known| same(&known.subject)).cloned();
            if let (Ok(subject), None) = (&subject, &self.lesson) {
                self.learning = Some(learn(subject.clone(), options.clone(), &self.wake));
            }
        }
        self.subject = Some(subject);
    }

    /// Lets go of what is being learnt without waiting for it.
    fn leave(&mut self) {
        if let Some(learning) = self.learning.take() {
            learning.handle.cancel();
            self.leaving.push(learning);
        }
    }

    fn forget_view(&mut self) {
        (self.view, self.cut, self.cut_of, self.asked) = (None, None, None, (None, None));
        self.is_outside = false;
    }

    fn take_lesson(&mut self) {
        let Some(end) = self.learning.as_mut().and_then(|learning| learning.handle.poll()) else { return };
        self.learning = None;
        match end {
            Ok(Ok(lesson)) => {
                let lesson = Arc::new(lesson);
                self.known.truncate(MOST_LESSONS - 1);
                self.known.insert(0, Arc::clone(&lesson));
                self.lesson = Some(lesson);
            }
            Ok(Err(error)) => self.failed = error.notices(),
            Err(JobFailure::Panicked(detail)) => {
                let version = env!("CARGO_PKG_VERSION");
                let bug = Notice::new("internal_error", Weight::Fatal);
                self.failed = vec![bug.fact("detail", detail).fact("version", version)];
            }
        }
    }

    /// Takes the view that was scored, and asks for the one that is looked at.
    fn look(&mut self, view: &View) {
        for (wish, scored) in self.desk.iter().flat_map(Desk::looked) {
            if self.asked.0.as_ref() == Some(&wish) {
                self.asked.0 = None;
            }
            // A picture of another pair comes too late; one of another place serves until the right one is there.
            if self.lesson.as_ref().is_some_and(|lesson| Arc::ptr_eq(lesson, &wish.lesson)) {
                match scored {
                    Ok(scored) => {
                        self.failed.clear();
                        (self.view, self.refused) = (Some(scored), None);
                    }
                    Err(notices) => (self.failed, self.refused) = (notices, Some(wish)),
                }
            }
        }
        let Some(lesson) = self.lesson.as_ref().filter(|lesson| lesson.compares().is_ok()) else { return };
        let look = Look::at(lesson.grid(), &view.bounds());
        self.is_outside = look.is_none();
        let Some(look) = look else {
            (self.view, self.cut, self.cut_of) = (None, None, None);
            return;
        };
        let wish = LookWish { lesson: Arc::clone(lesson), look };
        let is_there = self.view.as_ref().is_some_and(|view| view.look == look);
        // What could not be read is tried again at another place, not at every frame.
        if !is_there && self.refused.as_ref() != Some(&wish) && self.asked.0.as_ref() != Some(&wish) {
            self.desk().look(wish.clone());
            self.asked.0 = Some(wish);
        }
    }

    /// Takes the cut that was made, and asks for one at the threshold in force.
    fn cut(&mut self, plan: &Plan, view: &View) {
        for (wish, cut) in self.desk.iter().flat_map(Desk::cuts_made) {
            if self.asked.1.as_ref() == Some(&wish) {
                self.asked.1 = None;
            }
            if self.view.as_ref().is_some_and(|view| Arc::ptr_eq(view, &wish.view)) {
                (self.cut, self.cut_of) = (cut, Some(wish));
            }
        }
        let (Some(scored), Some(choice)) = (&self.view, self.choice(plan)) else { return };
        let pixel = scored.bounds.width() / scored.look.window.cols as f64 / view.units;
        let hatch = (HATCH / pixel).round().clamp(2.0, HATCH) as usize;
        let wish = CutWish { view: Arc::clone(scored), threshold: choice.value, hatch };
        if self.cut_of.as_ref() != Some(&wish) && self.asked.1.as_ref() != Some(&wish) {
            self.desk().cut(wish.clone());
            self.asked.1 = Some(wish);
        }
    }

    /// Makes the cards anew where something they rest on has changed.
    fn judge(&mut self, plan: &Arc<Plan>) {
        let (Some(subject), Some(followed)) = (&self.subject, &self.followed) else { return };
        let settings = self.settings(plan);
        let same_lesson =
            |known: &Option<Arc<Lesson>>| known.as_ref().map(Arc::as_ptr) == self.lesson.as_ref().map(Arc::as_ptr);
        let is_judged = self.judged.as_ref().is_some_and(|(of, lesson, under)| {
            of.is(plan, followed.scenes) && same_lesson(lesson) && *under == settings
        });
        if !is_judged {
            self.cards = Some(Cards::of(plan, subject.as_ref(), self.lesson.as_deref(), &settings));
            self.judged = Some((followed.clone(), self.lesson.clone(), settings));
        }
    }

    fn desk(&mut self) -> &Desk {
        let wake = Arc::clone(&self.wake);
        self.desk.get_or_insert_with(|| Desk::start(move || wake()))
    }
}

fn learn(subject: Subject, options: RunOptions, wake: &Wake) -> Learning {
    let (wake, of) = (Arc::clone(wake), subject.clone());
    let look = move |progress: &_| Lesson::learn(of, &options, progress);
    Learning { subject, handle: job::spawn("preview", move || wake(), look).unawaited() }
}

#[cfg(test)]
mod tests;
