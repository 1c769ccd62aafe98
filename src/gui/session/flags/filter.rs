//! What the table lets through: words that are searched for, and a test of any column.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{Choice, Column};
use crate::model::flag::FlagState;
use crate::model::record::FlagRecord;

/// A test of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// These words occur in it.
    Holds(String),
    /// It lies in this range; an end that is not there is open.
    Between(Option<f64>, Option<f64>),
    /// It is one of these.
    OneOf(BTreeSet<Choice>),
}

impl Test {
    /// Whether it tests nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Holds(words) => words.trim().is_empty(),
            Self::Between(from, to) => from.is_none() && to.is_none(),
            Self::OneOf(choices) => choices.is_empty(),
        }
    }

    fn passes(&self, column: Column, record: &FlagRecord) -> bool {
        match self {
            Self::Holds(words) => column.holds(record, &words.trim().to_lowercase()),
            Self::Between(from, to) => {
                let number = column.number(record);
                !number.is_nan() && from.is_none_or(|from| number >= from) && to.is_none_or(|to| number <= to)
            }
            Self::OneOf(choices) => choices.iter().any(|choice| choice.is_of(record)),
        }
    }
}

/// What the table lets through.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Words that must occur somewhere in a record.
    pub text: String,
    /// Tests by column; none of them is idle.
    pub tests: BTreeMap<Column, Test>,
    /// Flags that later runs did not find again, too.
    pub superseded: bool,
}

/// How a record fares with a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It passes.
    Through,
    /// It would pass but for the test of one column: the chart of that column still counts it.
    But(Column),
    /// It does not pass.
    Held,
}

impl Filter {
    /// Sets the test of a column; one that tests nothing is taken away.
    pub fn set(&mut self, column: Column, test: Option<Test>) {
        match test.filter(|test| !test.is_idle()) {
            Some(test) => drop(self.tests.insert(column, test)),
            None => drop(self.tests.remove(&column)),
        }
    }

    /// Adds a choice to the test of its column, or takes it away where it is there.
    pub fn toggle(&mut self, column: Column, choice: Choice) {
        let mut choices = self.choices(column).cloned().unwrap_or_default();
        if !choices.remove(&choice) {
            choices.insert(choice);
        }
        self.set(column, Some(Test::OneOf(choices)));
    }

    /// The choices that a column is held to.
    #[must_use]
    pub fn choices(&self, column: Column) -> Option<&BTreeSet<Choice>> {
        match self.tests.get(&column) {
            Some(Test::OneOf(choices)) => Some(choices),
            _ => None,
        }
    }

    /// Whether it lets everything through that is not superseded.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    /// The words searched for, in lower case.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.text.to_lowercase().split_whitespace().map(str::to_owned).collect()
    }

    /// How a record fares; `haystack` is its text in lower case, `words` is [`Filter::words`].
    #[must_use]
    pub fn passage(&self, record: &FlagRecord, haystack: &str, words: &[String]) -> Passage {
        let is_asked_for = self.superseded || self.choices(Column::State).is_some();
        if record.state == FlagState::Superseded && !is_asked_for || !words.iter().all(|word| haystack.contains(word)) {
            return Passage::Held;
        }
        let mut failed = self.tests.iter().filter(|(column, test)| !test.passes(**column, record));
        match (failed.next(), failed.next()) {
            (None, _) => Passage::Through,
            (Some((column, _)), None) => Passage::But(*column),
            _ => Passage::Held,
        }
    }
}
