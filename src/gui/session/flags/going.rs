//! Going through flags: what each wish does to the book.

use std::collections::BTreeSet;

use super::filter::Passage;
use super::rows::{self, Row};
use super::{Choice, Column, Detail, Figures, Filter, FlagBook, FlagsWish, Group, Sums};

impl FlagBook {
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

    pub(super) fn look_closer(&mut self) {
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
    pub(super) fn arrange(&mut self) {
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
