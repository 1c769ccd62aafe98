//! The flags as a person goes through them: filtered, sorted, grouped, one selected, several marked. Table, map, charts and
//! inspector share this one order and this one selection.
//!
//! Absent on purpose: decisions. They will be wishes of [`FlagsWish`] on what is marked, and a part of the inspector.

mod column;
mod figures;
mod filter;
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
use filter::Passage;

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
        let mut book = Self {
            index,
            sort: Some((Column::Severity, false)),
            columns: Column::USUAL.into_iter().collect(),
            ..Self::default()
        };
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

    /// Does what is asked of it.
    pub fn apply(&mut self, wish: FlagsWish) {
        match wish {
            FlagsWish::Select(record) => self.select(record),
            FlagsWish::Step(by) => self.step(by),
            FlagsWish::Mark(record) => self.mark(record),
            FlagsWish::MarkTo(record) => self.mark_to(record),
            FlagsWish::Extend(by) => self.extend(by),
            FlagsWish::MarkAll => self.set_marked(self.order.iter().copied().collect()),
            FlagsWish::Sort(column) => self.sort_by(column),
            FlagsWish::Filter(filter) => self.set_filter(filter),
            FlagsWish::Test(column, test) => self.change_filter(|filter| filter.set(column, test)),
            FlagsWish::Toggle(column, choice) => self.change_filter(|filter| filter.toggle(column, choice)),
            FlagsWish::Group(column) => self.group_by(column),
            FlagsWish::Fold(choice) => self.fold(choice),
            FlagsWish::FoldAll(folded) => self.fold_all(folded),
            FlagsWish::Column(column) => self.show_or_hide(column),
            FlagsWish::Measure(measure) => self.measure = Some(measure),
        }
    }

    /// Selects a record by its index, and marks it alone.
    pub fn select(&mut self, record: Option<usize>) {
        self.turn_to(record);
        self.set_marked(self.selected.into_iter().collect());
    }

    /// Selects the shown record `by` places further on; the first or last where none was selected.
    pub fn step(&mut self, by: isize) {
        if let Some(next) = self.further(by) {
            self.select(Some(next));
        }
    }

    /// Sorts by a column; the same column again turns the order.
    pub fn sort_by(&mut self, column: Column) {
        let rising = match self.sort {
            Some((present, rising)) if present == column => !rising,
            _ => !column.falls(),
        };
        self.sort = Some((column, rising));
        self.arrange();
    }

    /// Shows what a filter lets through.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.arrange();
    }

    fn change_filter(&mut self, change: impl FnOnce(&mut Filter)) {
        change(&mut self.filter);
        self.arrange();
    }

    fn group_by(&mut self, column: Option<Column>) {
        if self.grouping != column {
            (self.grouping, self.folded) = (column, BTreeSet::new());
            self.arrange();
        }
    }

    fn fold(&mut self, choice: Choice) {
        if !self.folded.remove(&choice) {
            self.folded.insert(choice);
        }
        self.lay_rows();
    }

    fn fold_all(&mut self, folded: bool) {
        self.folded =
            if folded { self.groups.iter().map(|group| group.choice.clone()).collect() } else { BTreeSet::new() };
        self.lay_rows();
    }

    fn show_or_hide(&mut self, column: Column) {
        // The number names the row: without it nobody knows which flag a row is.
        if column != Column::Code && !self.columns.remove(&column) {
            self.columns.insert(column);
        }
    }

    fn mark(&mut self, record: usize) {
        if record >= self.records().len() {
            return;
        }
        let mut marked = self.marked.clone();
        if !marked.remove(&record) {
            marked.insert(record);
            self.turn_to(Some(record));
        }
        self.set_marked(marked);
    }

    fn mark_to(&mut self, record: usize) {
        let from = self.selected.and_then(|selected| self.place_of(selected));
        match (from, self.place_of(record)) {
            (Some(from), Some(to)) => {
                let between = self.order[from.min(to)..=from.max(to)].iter().copied();
                let marked = self.marked.iter().copied().chain(between).collect();
                self.set_marked(marked);
            }
            _ => self.select(Some(record)),
        }
    }

    fn extend(&mut self, by: isize) {
        if let Some(next) = self.further(by) {
            self.mark_to(next);
            self.turn_to(Some(next));
        }
    }

    /// The shown record `by` places further on from the selected one.
    fn further(&self, by: isize) -> Option<usize> {
        let last = self.order.len().checked_sub(1)?;
        let next = match self.selected.and_then(|selected| self.place_of(selected)) {
            Some(place) => place.saturating_add_signed(by).min(last),
            None if by < 0 => last,
            None => 0,
        };
        self.order.get(next).copied()
    }

    /// Selects a record and opens the group that it lies in.
    fn turn_to(&mut self, record: Option<usize>) {
        self.selected = record.filter(|at| *at < self.records().len());
        self.look_closer();
        let of_group = self.grouping.zip(self.selected()).and_then(|(by, (_, record))| by.choice(record));
        match of_group {
            Some(choice) if self.folded.remove(&choice) => self.lay_rows(),
            _ => self.find_row(),
        }
    }

    fn look_closer(&mut self) {
        self.detail = self.selected.map_or_else(Detail::default, |at| Detail {
            perimeter: self.index.perimeter(at),
            related: self.index.related(at),
        });
    }

    fn set_marked(&mut self, marked: BTreeSet<usize>) {
        self.marked = marked;
        self.marked_sums = Sums::of(self.marked.iter().filter_map(|at| self.records().get(*at)));
    }

    /// Filters, sorts and groups anew. What is no longer shown is no longer marked: an act on what nobody sees is an
    /// accident.
    fn arrange(&mut self) {
        let words = self.filter.words();
        let records = self.index.records();
        let passage = |at| self.filter.passage(&records[at], self.index.haystack(at), &words);
        let passages: Vec<Passage> = (0..records.len()).map(passage).collect();
        let shown = (0..records.len()).filter(|at| passages[*at] == Passage::Through);
        self.order = rows::sorted(records, shown, self.sort);
        (self.order, self.groups) = rows::grouped(records, std::mem::take(&mut self.order), self.grouping);
        self.place = vec![None; records.len()];
        for (place, at) in self.order.iter().enumerate() {
            self.place[*at] = Some(place);
        }
        self.sums = Sums::of(self.order.iter().map(|at| &records[*at]));
        self.figures = Figures::of(records, &passages);
        let marked = self.marked.iter().copied().filter(|at| self.place[*at].is_some()).collect();
        self.set_marked(marked);
        self.edition += 1;
        self.lay_rows();
    }

    fn lay_rows(&mut self) {
        self.rows = rows::laid(&self.order, &self.groups, &self.folded);
        self.find_row();
    }

    /// Whether a group is folded.
    #[must_use]
    pub fn is_folded(&self, group: &Group) -> bool {
        self.folded.contains(&group.choice)
    }

    fn find_row(&mut self) {
        let selected = self.selected;
        self.selected_row = self.rows.iter().position(|row| matches!(row, Row::Flag(at) if Some(*at) == selected));
    }
}

#[cfg(test)]
pub(crate) mod tests;
