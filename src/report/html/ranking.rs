//! The order in which flags are shown: inside flags of all comparisons, the most severe first, numbered from 1.

use std::cmp::Reverse;

use crate::model::flag::{Flag, Place, Severity};
use crate::model::outcome::{ComparisonOutcome, Outcome};
use crate::model::picture::Chip;

/// One flag with its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked<'a> {
    /// From 1; the number on the map.
    pub(super) number: usize,
    /// The comparison it was found in.
    pub(super) comparison: &'a ComparisonOutcome,
    /// The flag.
    pub(super) flag: &'a Flag,
    /// Its pictures.
    pub(super) chip: Option<&'a Chip>,
}

/// All flags, ranked; those in rings stand apart.
#[derive(Debug, Default)]
pub(super) struct Ranking<'a> {
    /// Flags inside zones.
    pub(super) inside: Vec<Ranked<'a>>,
    /// Flags in rings only, numbered on their own.
    pub(super) ring: Vec<Ranked<'a>>,
}

impl<'a> Ranking<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        Self { inside: ranked(outcome, Place::Inside), ring: ranked(outcome, Place::Ring) }
    }

    /// Inside flags of one severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.inside.iter().filter(|r| r.flag.severity == severity).count()
    }
}

fn ranked(outcome: &Outcome, place: Place) -> Vec<Ranked<'_>> {
    let mut flags: Vec<Ranked<'_>> = outcome
        .comparisons
        .iter()
        .flat_map(|comparison| {
            comparison.flags.iter().enumerate().map(move |(i, flag)| Ranked {
                number: 0,
                comparison,
                flag,
                chip: comparison.chips.get(i).and_then(Option::as_ref),
            })
        })
        .filter(|r| r.flag.place == place)
        .collect();
    // A stable sort: equals stay in the outcome's order.
    flags.sort_by(|a, b| {
        let severity = Reverse(a.flag.severity).cmp(&Reverse(b.flag.severity));
        severity.then(b.flag.score.total_cmp(&a.flag.score)).then_with(|| a.flag.code.cmp(&b.flag.code))
    });
    for (i, flag) in flags.iter_mut().enumerate() {
        flag.number = i + 1;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn the_most_severe_flag_of_all_years_comes_first() {
        let outcome = specimen::outcome();
        let ranking = Ranking::of(&outcome);
        let codes: Vec<&str> = ranking.inside.iter().map(|r| r.flag.code.as_str()).collect();
        assert_eq!(codes[..3], ["2025-0001", "2024-0001", "2024-0002"]);
        assert_eq!(ranking.inside.len(), 7);
        assert_eq!(ranking.ring.len(), 1);
    }
}
