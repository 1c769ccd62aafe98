//! Counts and areas: of what is shown, and for the charts.

use std::collections::BTreeMap;

use super::column::{Choice, Column};
use super::filter::{Passage, Test};
use crate::model::flag::{Place, Severity};
use crate::model::record::FlagRecord;
use crate::model::units::SquareMetres;

/// Bins of the histogram of scores, each 5 points wide.
pub const BINS: usize = 20;

/// Points that a score can reach.
const HIGHEST: f64 = 100.0;

/// Count and area of some flags. Ground that was flagged in several periods counts in each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Flags.
    pub flags: usize,
    /// High, medium, low.
    pub by_severity: [usize; 3],
    /// Their area.
    pub area: SquareMetres,
}

impl Sums {
    /// Adds records up.
    pub fn of<'r>(records: impl Iterator<Item = &'r FlagRecord>) -> Self {
        let mut sums = Self::default();
        for record in records {
            sums.flags += 1;
            sums.by_severity[rank(record.severity)] += 1;
            sums.area += known(record.area);
        }
        sums
    }
}

/// One bar of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What its flags have in common.
    pub choice: Choice,
    /// Flags.
    pub flags: usize,
    /// Area: high, medium, low.
    pub areas: [SquareMetres; 3],
}

impl Bar {
    /// The whole area.
    #[must_use]
    pub fn area(&self) -> SquareMetres {
        self.areas.iter().copied().sum()
    }
}

/// What the charts show. A chart counts what passes the filter but for its own column, so that the other bars stay there
/// to be chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// Area inside each zone, the largest first. Rings do not count, and ground in two zones counts in both.
    pub zones: Vec<Bar>,
    /// Area by classes before and after, the largest first.
    pub changes: Vec<Bar>,
    /// Area by suggested activity, the largest first.
    pub suggestions: Vec<Bar>,
    /// Area by the year of the later date, the earliest first.
    pub years: Vec<Bar>,
    /// Flags by score: high, medium, low of each bin.
    pub scores: [[usize; 3]; BINS],
}

impl Figures {
    /// Counts records by how they fared with the filter.
    pub(super) fn of(records: &[FlagRecord], passages: &[Passage]) -> Self {
        let mut zones = Bars::default();
        let (mut changes, mut suggestions, mut years) = (Bars::default(), Bars::default(), Bars::default());
        let mut scores = [[0; 3]; BINS];
        for (record, passage) in records.iter().zip(passages) {
            let counts = |column| *passage == Passage::Through || *passage == Passage::But(column);
            let severity = rank(record.severity);
            if counts(Column::Zone) {
                zones.add_hits(record);
            }
            for (column, bars) in
                [(Column::Change, &mut changes), (Column::Suggestion, &mut suggestions), (Column::Year, &mut years)]
            {
                if let Some(choice) = column.choice(record).filter(|_| counts(column)) {
                    bars.add(choice, severity, known(record.area));
                }
            }
            if let Some(bin) = bin_of(record.score).filter(|_| counts(Column::Score)) {
                scores[bin][severity] += 1;
            }
        }
        let mut years: Vec<Bar> = years.0.into_values().collect();
        years.sort_by(|a, b| a.choice.cmp(&b.choice));
        Self { zones: zones.falling(), changes: changes.falling(), suggestions: suggestions.falling(), years, scores }
    }
}

/// Bars as they are added to.
#[derive(Default)]
struct Bars(BTreeMap<Choice, Bar>);

impl Bars {
    fn add(&mut self, choice: Choice, severity: usize, area: SquareMetres) {
        if let Some(bar) = self.0.get_mut(&choice) {
            bar.flags += 1;
            bar.areas[severity] += area;
            return;
        }
        let mut bar = Bar { choice: choice.clone(), flags: 1, areas: [SquareMetres(0.0); 3] };
        bar.areas[severity] = area;
        self.0.insert(choice, bar);
    }

    /// A flag that hits two boundary versions of one zone hits it once, with the larger part.
    fn add_hits(&mut self, record: &FlagRecord) {
        let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
        for hit in record.hits.iter().filter(|hit| hit.place == Place::Inside) {
            let part = parts.entry(hit.name.as_str()).or_default();
            *part = part.max(known(hit.area).0);
        }
        for (name, area) in parts {
            self.add(Choice::Zone(Some(name.to_owned())), rank(record.severity), SquareMetres(area));
        }
    }

    /// The largest first; equals by their words.
    fn falling(self) -> Vec<Bar> {
        let mut bars: Vec<Bar> = self.0.into_values().collect();
        bars.sort_by(|a, b| b.area().0.total_cmp(&a.area().0));
        bars
    }
}

/// Place of a severity among high, medium, low.
pub(super) fn rank(severity: Severity) -> usize {
    match severity {
        Severity::High => 0,
        Severity::Medium => 1,
        Severity::Low => 2,
    }
}

/// The bin of a score; the highest score belongs to the last one.
#[must_use]
pub fn bin_of(score: f64) -> Option<usize> {
    let bin = (score / HIGHEST * BINS as f64) as usize;
    (score.is_finite() && score >= 0.0).then(|| bin.min(BINS - 1))
}

/// The lowest and highest score of a bin.
#[must_use]
pub fn score_range(bin: usize) -> (f64, f64) {
    let wide = HIGHEST / BINS as f64;
    (bin as f64 * wide, (bin + 1) as f64 * wide)
}

/// The test that lets a bin through. Its upper end is the next bin's, less the last digit of a score in the ledger.
#[must_use]
pub fn test_of_bin(bin: usize) -> Test {
    let (from, to) = score_range(bin);
    Test::Between(Some(from), Some(if bin + 1 == BINS { to } else { to - 0.01 }))
}

/// An area that an older ledger does not tell adds nothing.
fn known(area: SquareMetres) -> SquareMetres {
    if area.0.is_finite() { area } else { SquareMetres(0.0) }
}

/// Every choice of a column with the number of its records, in the order of groups.
pub(super) fn choices(records: &[FlagRecord], column: Column) -> Vec<(Choice, usize)> {
    let mut counts: BTreeMap<Choice, usize> = BTreeMap::new();
    for record in records {
        match column {
            // A flag is of every zone that it hits.
            Column::Zone => {
                let names: std::collections::BTreeSet<&str> = record.hits.iter().map(|hit| hit.name.as_str()).collect();
                for name in names {
                    *counts.entry(Choice::Zone(Some(name.to_owned()))).or_default() += 1;
                }
            }
            _ => {
                if let Some(choice) = column.choice(record) {
                    *counts.entry(choice).or_default() += 1;
                }
            }
        }
    }
    let mut choices: Vec<(Choice, usize)> = counts.into_iter().collect();
    choices.sort_by(|a, b| a.0.compare(&b.0));
    choices
}
