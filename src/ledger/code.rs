//! Readable codes of flags: `2025-0007`, numbered within a ledger by the later epoch's year. A number is never given
//! twice, not even after its flag was superseded.

use std::collections::BTreeMap;

/// The highest number given so far in each year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numbering {
    highest: BTreeMap<i16, u32>,
}

impl Numbering {
    /// Continues after the codes that a ledger already holds; words that are no such code are passed over.
    #[must_use]
    pub fn after<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut numbering = Self::default();
        for (year, number) in codes.into_iter().filter_map(parse) {
            let highest = numbering.highest.entry(year).or_default();
            *highest = number.max(*highest);
        }
        numbering
    }

    /// The next code of a year.
    pub fn next(&mut self, year: i16) -> String {
        let highest = self.highest.entry(year).or_default();
        *highest += 1;
        format!("{year:04}-{highest:04}")
    }
}

fn parse(code: &str) -> Option<(i16, u32)> {
    let (year, number) = code.split_once('-')?;
    Some((year.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_start_at_one_in_each_year() {
        let mut numbering = Numbering::default();
        assert_eq!([2024, 2024, 2025].map(|y| numbering.next(y)), ["2024-0001", "2024-0002", "2025-0001"]);
    }

    #[test]
    fn codes_continue_after_the_highest_whatever_the_order() {
        let mut numbering = Numbering::after(["2025-0012", "2025-0003", "note", "2024-10000"]);
        assert_eq!([2025, 2024].map(|y| numbering.next(y)), ["2025-0013", "2024-10001"]);
    }
}
