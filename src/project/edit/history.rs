//! The last states of a project file: undo, redo, and going back to any of them. Whole texts are kept, so that going back
//! gives the very same bytes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Change, Place, value_at};

/// Most states kept.
pub const MOST: usize = 20;

/// Changes of the same value in quick succession (a slider that is dragged) are one state.
const ONE_DEED: SignedDuration = SignedDuration::from_millis(1500);

/// How a state came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The file as it was opened.
    Opened,
    /// Changed in the window.
    Edited,
    /// Changed by somebody else while it was open.
    Outside,
}

/// One value that a state changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// Its place, as the messages write it.
    pub place: String,
    /// What it was.
    pub before: Option<Value>,
    /// What it is.
    pub after: Option<Value>,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The whole text.
    pub text: String,
    /// How it came about.
    pub origin: Origin,
    /// When.
    pub when: Timestamp,
    /// What it changed.
    pub deeds: Vec<Deed>,
}

/// The last states, the oldest first, and which of them is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    states: Vec<State>,
    at: usize,
}

impl History {
    /// A history that begins with a text.
    #[must_use]
    pub fn of(text: String, when: Timestamp) -> Self {
        Self { states: vec![State { text, origin: Origin::Opened, when, deeds: Vec::new() }], at: 0 }
    }

    /// A history from its own text; `None` where it cannot be read.
    #[must_use]
    pub fn read(journal: &str) -> Option<Self> {
        serde_json::from_str(journal).ok().filter(|history: &Self| history.at < history.states.len())
    }

    /// Its text.
    #[must_use]
    pub fn journal(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The states, the oldest first.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Number of the state in force.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text in force.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.states[self.at].text
    }

    /// Whether there is a state to go back to.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.at > 0
    }

    /// Whether there is a state to go forward to.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.at + 1 < self.states.len()
    }

    /// Goes to a state; `false` where it is the one in force, or there is none.
    pub fn go(&mut self, to: usize) -> bool {
        let moves = to != self.at && to < self.states.len();
        if moves {
            self.at = to;
        }
        moves
    }

    /// Takes in a new text. What was undone before is given up.
    pub fn push(&mut self, text: String, origin: Origin, changes: &[Change], when: Timestamp) {
        if text == self.text() {
            return;
        }
        self.states.truncate(self.at + 1);
        let deeds = deeds(self.text(), &text, changes);
        if self.continues(origin, &deeds, when) {
            let last = &mut self.states[self.at];
            (last.text, last.when) = (text, when);
            for (old, new) in last.deeds.iter_mut().zip(deeds) {
                old.after = new.after;
            }
            return;
        }
        self.states.push(State { text, origin, when, deeds });
        let over = self.states.len().saturating_sub(MOST);
        self.states.drain(..over);
        self.at = self.states.len() - 1;
    }

    /// Whether deeds only carry on those of the state in force.
    fn continues(&self, origin: Origin, deeds: &[Deed], when: Timestamp) -> bool {
        let last = &self.states[self.at];
        let same = |deeds: &[Deed]| deeds.iter().map(|deed| deed.place.clone()).collect::<Vec<_>>();
        self.at > 0
            && (last.origin, origin) == (Origin::Edited, Origin::Edited)
            && !deeds.is_empty()
            && same(&last.deeds) == same(deeds)
            && when.duration_since(last.when) < ONE_DEED
    }

    /// Forgets the states after one; for a state that turned out to be wrong.
    pub fn give_up_after(&mut self, last: usize) {
        self.states.truncate(last + 1);
        self.at = self.at.min(last);
    }
}

fn deeds(before: &str, after: &str, changes: &[Change]) -> Vec<Deed> {
    let deed = |change: &Change| {
        let place = match change {
            Change::Add(list, _) => {
                let entries = value_at(after, list).and_then(|list| list.as_array().map(Vec::len)).unwrap_or(1);
                list.item(entries.saturating_sub(1))
            }
            other => other.place().clone(),
        };
        let value = |text: &str, place: &Place| value_at(text, place);
        Deed { before: value(before, &place), after: value(after, &place), place: place.to_string() }
    };
    changes.iter().map(deed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::edit::apply;

    const TEXT: &str = "version = 1\n[detection]\nmethod = \"auto\"   # chosen\n";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn set(history: &mut History, place: &str, value: Value, second: i64) {
        let changes = [Change::Set(place.into(), value)];
        let text = apply(history.text(), &changes).unwrap();
        history.push(text, Origin::Edited, &changes, at(second));
    }

    #[test]
    fn undo_and_redo_give_the_very_same_bytes() {
        let mut history = History::of(TEXT.to_owned(), at(0));
        set(&mut history, "detection.method", "cva".into(), 10);
        set(&mut history, "detection.threshold", 2.5.into(), 20);
        let texts: Vec<String> = history.states().iter().map(|state| state.text.clone()).collect();
        assert!(history.go(1) && history.text() == texts[1] && history.can_redo());
        assert!(history.go(0) && history.text() == TEXT && !history.can_undo());
        assert!(history.go(2) && history.text() == texts[2] && !history.can_redo());
        assert_eq!(history.states()[1].deeds[0].before, Some("auto".into()));
        assert_eq!(History::read(&history.journal()), Some(history));
    }

    #[test]
    fn a_slider_that_is_dragged_is_one_state() {
        let mut history = History::of(TEXT.to_owned(), at(0));
        for step in 0..9_i64 {
            set(&mut history, "detection.threshold", (step as f64 + 0.5).into(), 10 + i64::from(step > 7));
        }
        assert_eq!(history.states().len(), 2);
        assert_eq!(history.states()[1].deeds[0].before, None);
        assert_eq!(history.states()[1].deeds[0].after, Some(8.5.into()));
        set(&mut history, "detection.threshold", 1.into(), 60);
        assert_eq!(history.states().len(), 3, "a later change is another deed");
    }

    #[test]
    fn the_last_twenty_states_are_kept_and_an_edit_after_undo_gives_up_what_was_undone() {
        let mut history = History::of(TEXT.to_owned(), at(0));
        for number in 0..40_i64 {
            set(&mut history, "detection.threshold", number.into(), 100 * number);
        }
        assert_eq!(history.states().len(), MOST);
        history.go(3);
        set(&mut history, "detection.method", "cva".into(), 9000);
        assert_eq!((history.states().len(), history.at()), (5, 4));
    }
}
