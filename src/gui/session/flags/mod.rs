//! The flags as a person goes through them: filtered, sorted, grouped, one selected, several marked. Table, map, charts and
//! inspector share this one order and this one selection.
//!
//! Absent on purpose: decisions. They will be wishes of [`FlagsWish`] on what is marked, and a part of the inspector.

mod column;
mod figures;
mod filter;
mod going;
mod index;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use geo_types::Rect;

pub use column::{Choice, Column, Nature, activity, zone_kind};
pub use figures::{BINS, Bar, Figures, Sums, bin_of, score_range, test_of_bin};
pub use filter::{Filter, Test};
pub use index::FlagIndex;
pub use rows::{Group, Row};

use crate::model::record::FlagRecord;
use crate::pipeline::profile::Measure;

/// What may be asked of the flags.
#[derive(Debug, Clone, PartialEq)]
pub enum FlagsWish {
    /// Select a flag, and mark it alone.
    Select(Option<usize>),
    /// Select the flag so many places further on.
    Step(isize),
    /// Mark a flag too, or no longer.
    Mark(usize),
    /// Mark everything from the selected flag to this one.
    MarkTo(usize),
    /// Select the flag so many places further on, and mark what lies between.
    Extend(isize),
    /// Mark everything that is shown.
    MarkAll,
    /// Sort the table; the same column again turns the order.
    Sort(Column),
    /// Filter the table.
    Filter(Filter),
    /// Test a column, or test it no longer.
    Test(Column, Option<Test>),
    /// Add a choice to the test of a column, or take it away.
    Toggle(Column, Choice),
    /// Group the table.
    Group(Option<Column>),
    /// Fold a group, or open it.
    Fold(Choice),
    /// Fold all groups, or open all.
    FoldAll(bool),
    /// Show a column, or hide it.
    Column(Column),
    /// What the curves over the years show.
    Measure(Measure),
}

/// What is known of the selected flag beside its record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    /// Length of its outline in map units.
    pub perimeter: Option<f64>,
    /// Other flags on the same ground, by date.
    pub related: Vec<usize>,
}

/// All flags, and those that are shown in their order.
#[derive(Debug, Default)]
pub struct FlagBook {
    index: FlagIndex,
    order: Vec<usize>,
    place: Vec<Option<usize>>,
    rows: Vec<Row>,
    groups: Vec<Group>,
    folded: BTreeSet<Choice>,
    columns: BTreeSet<Column>,
    filter: Filter,
    sort: Option<(Column, bool)>,
    grouping: Option<Column>,
    selected: Option<usize>,
    selected_row: Option<usize>,
    detail: Detail,
    marked: BTreeSet<usize>,
    sums: Sums,
    marked_sums: Sums,
    figures: Figures,
    measure: Option<Measure>,
    /// Counts the changes of what is shown.
    pub edition: u64,
}

impl FlagBook {
    /// A book of records; what was chosen and selected in `before` stays.
    #[must_use]
    pub fn of(records: Vec<FlagRecord>, before: Option<&Self>) -> Self {
        Self::over(FlagIndex::of(records), before)
    }

    /// A book over records that were looked through already.
    #[must_use]
    pub fn over(index: FlagIndex, before: Option<&Self>) -> Self {
        let mut book =
            Self { index, sort: Some((Column::Severity, false)), columns: Column::USUAL.into(), ..Self::default() };
        if let Some(before) = before {
            (book.filter, book.sort, book.grouping) = (before.filter.clone(), before.sort, before.grouping);
            (book.columns, book.folded) = (before.columns.clone(), before.folded.clone());
            (book.edition, book.measure) = (before.edition, before.measure);
            let kept = before.selected().map(|(_, record)| record.uuid);
            book.selected = kept.and_then(|kept| book.records().iter().position(|record| record.uuid == kept));
            book.marked = book.selected.into_iter().collect();
        }
        book.arrange();
        book.look_closer();
        book
    }

    /// Shows these columns of the table.
    pub fn show_columns(&mut self, columns: BTreeSet<Column>) {
        self.columns = columns;
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> &[FlagRecord] {
        self.index.records()
    }

    /// All records, to be read elsewhere.
    #[must_use]
    pub fn shared(&self) -> Arc<Vec<FlagRecord>> {
        Arc::clone(self.index.records())
    }

    /// Indices of the shown records, in order; those of folded groups too.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The table's rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The columns shown, in the table's order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        Column::ALL.into_iter().filter(|column| self.columns.contains(column)).collect()
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// What it is sorted by, and whether ascending.
    #[must_use]
    pub fn sort(&self) -> Option<(Column, bool)> {
        self.sort
    }

    /// What it is grouped by.
    #[must_use]
    pub fn grouping(&self) -> Option<Column> {
        self.grouping
    }

    /// The selected record and its index.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &FlagRecord)> {
        self.selected.and_then(|at| Some((at, self.records().get(at)?)))
    }

    /// The table's row of the selected record.
    #[must_use]
    pub fn selected_row(&self) -> Option<usize> {
        self.selected_row
    }

    /// Place of a record among the shown ones.
    #[must_use]
    pub fn place_of(&self, record: usize) -> Option<usize> {
        self.place.get(record).copied().flatten()
    }

    /// More of the selected record.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        &self.detail
    }

    /// The marked records.
    #[must_use]
    pub fn marked(&self) -> &BTreeSet<usize> {
        &self.marked
    }

    /// Count and area of what is shown.
    #[must_use]
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// Count and area of what is marked.
    #[must_use]
    pub fn marked_sums(&self) -> &Sums {
        &self.marked_sums
    }

    /// What the charts show.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The box around a record.
    #[must_use]
    pub fn bounds(&self, record: usize) -> Option<Rect<f64>> {
        self.index.bounds(record)
    }

    /// How many shown records there are of each severity: high, medium, low.
    #[must_use]
    pub fn by_severity(&self) -> [usize; 3] {
        self.sums.by_severity
    }

    /// Every choice of a column with the number of its records, in the order of groups.
    #[must_use]
    pub fn choices(&self, column: Column) -> &[(Choice, usize)] {
        self.index.choices(column)
    }

    /// What the curves over the years show; `None` for the first that there is.
    #[must_use]
    pub fn measure(&self) -> Option<Measure> {
        self.measure
    }

    /// The shown record at a map place: the smallest that holds it, else the nearest within `reach`.
    #[must_use]
    pub fn at(&self, place: (f64, f64), reach: f64) -> Option<usize> {
        self.index.at(place, reach, |record| self.place_of(record).is_some())
    }
}

#[cfg(test)]
pub(crate) mod tests;
