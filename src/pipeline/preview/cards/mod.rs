//! Where a pair stands, in four cards: data, grid and alignment, change, what is kept. Each has a light, the reasons for it,
//! and its facts; the words stand below `preview.` in the language files.

mod change;
mod data;
mod grid;
mod keep;

pub use change::ChangeFacts;
pub use data::{DataFacts, PairFacts};
pub use grid::{GridFacts, SceneFacts};
pub use keep::KeepFacts;

use crate::model::notice::Notice;
use crate::project::plan::{Detection, Plan};

use super::lesson::Lesson;
use super::subject::Subject;

/// How well a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// Not known yet.
    Off,
    /// Nothing stands against it.
    Green,
    /// The result stands with a reservation.
    Amber,
    /// There is no result, or none to rely on.
    Red,
}

/// One reason in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// A key of the language files and the facts that it names.
    Says(&'static str, Vec<(&'static str, String)>),
    /// What the check has to tell.
    Told(Notice),
}

/// One card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card<F> {
    /// The worst of its reasons.
    pub light: Light,
    /// The reasons, the gravest first; there is always one.
    pub reasons: Vec<(Light, Why)>,
    /// What is known.
    pub facts: F,
}

impl<F> Card<F> {
    /// A card of reasons, or of the one that holds where there is nothing else to say.
    fn of(mut reasons: Vec<(Light, Why)>, otherwise: (Light, Why), facts: F) -> Self {
        if reasons.is_empty() {
            reasons.push(otherwise);
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.0));
        Self { light: reasons[0].0, reasons, facts }
    }
}

/// What the cards are made from.
#[derive(Clone, Copy)]
pub(super) struct Desktop<'d> {
    plan: &'d Plan,
    /// The pair, or why there is none.
    subject: Result<&'d Subject, &'d Notice>,
    lesson: Option<&'d Lesson>,
    detection: &'d Detection,
}

/// The four cards of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Cards {
    /// Which scenes there are, and what they show.
    pub data: Card<DataFacts>,
    /// The grid, and how the scenes lie on each other; nothing where they do not compare.
    pub grid: Card<Option<GridFacts>>,
    /// Method and threshold.
    pub change: Card<ChangeFacts>,
    /// What becomes a flag.
    pub keep: Card<KeepFacts>,
}

impl Cards {
    /// The cards of a pair, or of why there is none; `lesson` once it is learnt. `detection` holds the settings as they are
    /// wished now.
    #[must_use]
    pub fn of(plan: &Plan, subject: Result<&Subject, &Notice>, lesson: Option<&Lesson>, detection: &Detection) -> Self {
        let from = Desktop { plan, subject, lesson, detection };
        Self { data: data::card(&from), grid: grid::card(&from), change: change::card(&from), keep: keep::card(&from) }
    }

    /// The worst light.
    #[must_use]
    pub fn worst(&self) -> Light {
        [self.data.light, self.grid.light, self.change.light, self.keep.light].into_iter().max().unwrap_or(Light::Off)
    }
}

/// A reason without facts.
fn says(light: Light, key: &'static str) -> (Light, Why) {
    (light, Why::Says(key, Vec::new()))
}

/// A reason with facts.
fn says_of(light: Light, key: &'static str, facts: &[(&'static str, String)]) -> (Light, Why) {
    (light, Why::Says(key, facts.to_vec()))
}
