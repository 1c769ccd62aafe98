//! Where a value stands in a project file, as the messages write it: `scenes[2].date`, counted from 1.

use std::fmt;

use serde_json::Value;

/// One step towards a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An entry of a list, counted from 0.
    Item(usize),
}

/// The steps from the top of the file to a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place(Vec<Step>);

impl Place {
    /// The place of a path as the messages write it: `detection.threshold`, `scenes[2].date` (counted from 1).
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut steps = Vec::new();
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let (name, rest) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
            if !name.is_empty() {
                steps.push(Step::Key(name.to_owned()));
            }
            let numbers = rest.split('[').filter_map(|number| number.trim_end_matches(']').parse::<usize>().ok());
            steps.extend(numbers.filter_map(|number| number.checked_sub(1)).map(Step::Item));
        }
        Self(steps)
    }

    /// A key of the table at this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// An entry of the list at this place, counted from 0.
    #[must_use]
    pub fn item(&self, number: usize) -> Self {
        self.then(Step::Item(number))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The place of the table or list that holds this one, and the last step.
    #[must_use]
    pub fn split(&self) -> Option<(Self, &Step)> {
        let (last, way) = self.0.split_last()?;
        Some((Self(way.to_vec()), last))
    }

    /// The entry of a list that this place is in, as `scenes[2]`; of any other place the first key.
    #[must_use]
    pub fn entry(&self) -> Self {
        let length = if matches!(self.0.get(1), Some(Step::Item(_))) { 2 } else { 1 };
        Self(self.0.iter().take(length).cloned().collect())
    }

    /// The last key on the way.
    #[must_use]
    pub fn last_key(&self) -> &str {
        let mut keys = self.0.iter().rev();
        keys.find_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).unwrap_or("")
    }

    /// The path without the numbers of entries, as `scenes.date`: what a value means does not depend on them.
    #[must_use]
    pub fn kind(&self) -> String {
        let keys = self.0.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
        keys.collect::<Vec<_>>().join(".")
    }

    /// Whether this is a place at or below another.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this place.
    #[must_use]
    pub fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(number) => value.get(number),
        })
    }
}

impl From<&str> for Place {
    fn from(path: &str) -> Self {
        Self::of(path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => write!(out, "{key}")?,
                Step::Key(key) => write!(out, ".{key}")?,
                Step::Item(number) => write!(out, "[{}]", number + 1)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_the_messages_write_it() {
        for path in ["detection.threshold", "scenes[2].date", "scenes[1].paths[3]", "version"] {
            assert_eq!(Place::of(path).to_string(), path);
        }
        assert_eq!(Place::of("scenes[2].bands.red").kind(), "scenes.bands.red");
        assert_eq!(Place::of("scenes").item(1).key("date"), Place::of("scenes[2].date"));
    }
}
