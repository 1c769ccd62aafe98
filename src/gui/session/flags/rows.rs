//! The order of the shown flags, and the rows that the table is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::column::{Choice, Column, Key};
use super::figures::Sums;
use crate::model::record::FlagRecord;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The heading of a group, by its number.
    Head(usize),
    /// A flag, by its index.
    Flag(usize),
}

/// Flags that have a choice in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub choice: Choice,
    /// Where they lie in the order.
    pub places: Range<usize>,
    /// Their count and area.
    pub sums: Sums,
}

/// Sorts records. Each is asked once for its key, and equals keep the order of the ledger.
pub(super) fn sorted(
    records: &[FlagRecord],
    shown: impl Iterator<Item = usize>,
    sort: Option<(Column, bool)>,
) -> Vec<usize> {
    let Some((column, rising)) = sort else { return shown.collect() };
    let mut keyed: Vec<(Key<'_>, usize)> = shown.map(|at| (column.key_of(&records[at]), at)).collect();
    keyed.sort_by(|a, b| a.0.compare(&b.0, rising));
    keyed.into_iter().map(|(_, at)| at).collect()
}

/// Puts an order into groups; within a group it stays.
pub(super) fn grouped(records: &[FlagRecord], order: Vec<usize>, by: Option<Column>) -> (Vec<usize>, Vec<Group>) {
    let Some(by) = by else { return (order, Vec::new()) };
    let mut members: BTreeMap<Choice, Vec<usize>> = BTreeMap::new();
    let mut rest = Vec::new();
    for at in order {
        match by.choice(&records[at]) {
            Some(choice) => members.entry(choice).or_default().push(at),
            None => rest.push(at),
        }
    }
    let mut members: Vec<(Choice, Vec<usize>)> = members.into_iter().collect();
    members.sort_by(|a, b| a.0.compare(&b.0));
    let (mut order, mut groups) = (Vec::new(), Vec::new());
    for (choice, of_it) in members {
        let sums = Sums::of(of_it.iter().map(|at| &records[*at]));
        groups.push(Group { choice, places: order.len()..order.len() + of_it.len(), sums });
        order.extend(of_it);
    }
    order.extend(rest);
    (order, groups)
}

/// The rows: every flag, or headings with the flags of the groups that are open.
pub(super) fn laid(order: &[usize], groups: &[Group], folded: &BTreeSet<Choice>) -> Vec<Row> {
    if groups.is_empty() {
        return order.iter().copied().map(Row::Flag).collect();
    }
    let mut rows = Vec::with_capacity(order.len() + groups.len());
    for (number, group) in groups.iter().enumerate() {
        rows.push(Row::Head(number));
        if !folded.contains(&group.choice) {
            rows.extend(order[group.places.clone()].iter().copied().map(Row::Flag));
        }
    }
    rows
}
