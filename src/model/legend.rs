//! What the codes of a land-cover map stand for.

use std::collections::{BTreeMap, BTreeSet};

use super::class::CoverClass;

/// The legend of one land-cover map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Legend {
    /// Names by code, in the map's own words.
    pub names: BTreeMap<i32, String>,
    /// Classes of the program by code, where a table gives them; a code that it leaves out is not observed.
    pub classes: Option<BTreeMap<i32, CoverClass>>,
    /// Codes that the table calls nodata.
    pub hidden: BTreeSet<i32>,
    /// The table that gives them, by name and content, for the record.
    pub table: Option<String>,
}

impl Legend {
    /// Codes that both legends name, but not alike.
    #[must_use]
    pub fn contradictions(&self, other: &Self) -> BTreeSet<i32> {
        let plain = |name: &str| name.trim().to_lowercase();
        let differs = |(code, name): &(&i32, &String)| other.names.get(code).is_some_and(|o| plain(o) != plain(name));
        self.names.iter().filter(differs).map(|(code, _)| *code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_case_alone_do_not_contradict() {
        let legend = |names: &[(i32, &str)]| Legend {
            names: names.iter().map(|(code, name)| (*code, (*name).to_owned())).collect(),
            ..Legend::default()
        };
        let (a, b) = (legend(&[(1, "Water "), (2, "Forest"), (3, "Crop")]), legend(&[(1, "water"), (2, "Built")]));
        assert_eq!(a.contradictions(&b), BTreeSet::from([2]));
    }
}
