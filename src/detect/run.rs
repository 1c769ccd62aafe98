//! Runs of equal pixels, and which of them belong together. Connected components cost by runs, not by pixels, and the
//! same few lines join runs inside a block and across block seams.

use crate::model::grid::Window;

/// Consecutive pixels of one value in one row of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Row on the grid.
    pub row: u32,
    /// First column.
    pub start: u32,
    /// One past the last column.
    pub end: u32,
    /// The value; runs of different values never join.
    pub value: i32,
}

impl Run {
    /// Number of pixels.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds no pixel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}

/// Which neighbours touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connectivity {
    /// Pixels that share a side.
    Four,
    /// Pixels that share a side or a corner.
    Eight,
}

/// The runs of a window, sorted by row and column. `value_of` gives a pixel's value, or `None` for background.
///
/// Shape: `values` holds `window.len()` items, row-major.
pub fn runs_of<T: Copy>(values: &[T], window: &Window, value_of: impl Fn(T) -> Option<i32>) -> Vec<Run> {
    let mut runs = Vec::new();
    for (row, line) in values.chunks_exact(window.cols.max(1)).enumerate() {
        let row = (window.row + row) as u32;
        let mut open: Option<Run> = None;
        for (col, &pixel) in line.iter().enumerate() {
            let (value, col) = (value_of(pixel), (window.col + col) as u32);
            if open.as_ref().map(|run| run.value) == value {
                continue;
            }
            runs.extend(open.take().map(|run| Run { end: col, ..run }));
            open = value.map(|value| Run { row, start: col, end: col, value });
        }
        runs.extend(open.map(|run| Run { end: (window.col + window.cols) as u32, ..run }));
    }
    runs
}

/// Calls `touch(i, j)` for every two runs that touch. `runs` must be sorted by row, then column, and not overlap.
pub fn touching(runs: &[Run], connectivity: Connectivity, mut touch: impl FnMut(usize, usize)) {
    let corner = u32::from(connectivity == Connectivity::Eight);
    let mut above = 0..0;
    let mut at = 0;
    while at < runs.len() {
        let row = runs[at].row;
        let here = at..at + runs[at..].iter().take_while(|run| run.row == row).count();
        if above.is_empty() || runs[above.start].row + 1 != row {
            above = 0..0;
        }
        let mut first = above.start;
        for i in here.clone() {
            let run = runs[i];
            if i > here.start && runs[i - 1].end == run.start && runs[i - 1].value == run.value {
                touch(i - 1, i);
            }
            while first < above.end && runs[first].end + corner <= run.start {
                first += 1;
            }
            let meets = (first..above.end).take_while(|&j| runs[j].start < run.end + corner);
            for j in meets.filter(|&j| runs[j].value == run.value) {
                touch(j, i);
            }
        }
        at = here.end;
        above = here;
    }
}

/// Disjoint sets with path halving; the smallest member names the set, so that results do not depend on the order of
/// the unions.
#[derive(Debug, Clone)]
pub struct DisjointSets {
    parent: Vec<u32>,
}

impl DisjointSets {
    /// `n` sets of one member.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    /// The set of a member.
    pub fn find(&mut self, member: usize) -> usize {
        let mut at = member as u32;
        while self.parent[at as usize] != at {
            let grandparent = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = grandparent;
            at = grandparent;
        }
        at as usize
    }

    /// Makes two sets one.
    pub fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parent[high] = low as u32;
    }

    /// The members of every set, each sorted, sets by their smallest member.
    #[must_use]
    pub fn groups(mut self) -> Vec<Vec<usize>> {
        let mut place = vec![usize::MAX; self.parent.len()];
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for member in 0..self.parent.len() {
            let root = self.find(member);
            if place[root] == usize::MAX {
                place[root] = groups.len();
                groups.push(Vec::new());
            }
            groups[place[root]].push(member);
        }
        groups
    }
}

/// The connected components of sorted runs, as run indices; components in the order of their first run.
#[must_use]
pub fn components(runs: &[Run], connectivity: Connectivity) -> Vec<Vec<usize>> {
    let mut sets = DisjointSets::new(runs.len());
    touching(runs, connectivity, |a, b| sets.unite(a, b));
    sets.groups()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A matrix written as text: `.` is background, digits are values.
    pub(crate) fn matrix(text: &str) -> Vec<Run> {
        let lines: Vec<&str> = text.split_whitespace().collect();
        let window = Window { row: 0, col: 0, rows: lines.len(), cols: lines[0].len() };
        let bytes: Vec<u8> = lines.concat().into_bytes();
        runs_of(&bytes, &window, |b| (b != b'.').then(|| i32::from(b - b'0')))
    }

    fn count(text: &str, connectivity: Connectivity) -> usize {
        components(&matrix(text), connectivity).len()
    }

    #[test]
    fn a_diagonal_joins_by_corners_only() {
        assert_eq!(count("1.. .1. ..1", Connectivity::Four), 3);
        assert_eq!(count("1.. .1. ..1", Connectivity::Eight), 1);
        assert_eq!(count("..1 .1. 1..", Connectivity::Eight), 1);
    }

    #[test]
    fn different_values_stay_apart() {
        assert_eq!(count("112 122", Connectivity::Eight), 2);
    }

    #[test]
    fn a_comb_is_one_component() {
        assert_eq!(count("1.1.1 1.1.1 11111", Connectivity::Four), 1);
        assert_eq!(count("11111 1.1.1 1.1.1", Connectivity::Four), 1);
    }

    #[test]
    fn an_empty_row_parts_components() {
        assert_eq!(count("11 .. 11", Connectivity::Eight), 2);
    }
}
