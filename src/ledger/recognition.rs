//! Which of the flags found by this run are flags already known. Matching is by overlap, best first, one to one.

use geo_types::{MultiPolygon, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use uuid::Uuid;

use super::overlap::{finite_box, overlap};
use crate::model::flag::{Discard, FalseChange, Flag};

/// A found flag is a known one when they share at least this much of the smaller outline. Half of it: below, the two
/// have more apart than in common. A convention of this program.
const SMALLEST_SHARE: f64 = 0.5;

/// A flag of the same comparison, known from an earlier run.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownFlag {
    /// Its identity for programs.
    pub uuid: Uuid,
    /// Its identity for people.
    pub code: String,
    /// Its outline, in the CRS of the found flags.
    pub shape: MultiPolygon<f64>,
}

/// Which found flag is which known flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// For each found flag the index of the known flag it is, `None` for a new one.
    pub known_of: Vec<Option<usize>>,
    /// Indices of the known flags that were not found again, ascending.
    pub lost: Vec<usize>,
}

/// One candidate pair; sorted, the best comes first and ties fall in the order of the inputs.
struct Candidate {
    union_share: f64,
    known: usize,
    found: usize,
}

/// Recognises known flags among the found ones.
#[must_use]
pub fn recognise(known: &[KnownFlag], found: &[Flag]) -> Recognition {
    let mut candidates = candidates(known, found);
    candidates.sort_by(|a, b| {
        b.union_share.total_cmp(&a.union_share).then(a.known.cmp(&b.known)).then(a.found.cmp(&b.found))
    });
    let mut known_of = vec![None; found.len()];
    let mut is_found = vec![false; known.len()];
    for pair in candidates {
        if known_of[pair.found].is_none() && !is_found[pair.known] {
            known_of[pair.found] = Some(pair.known);
            is_found[pair.known] = true;
        }
    }
    let lost = (0..known.len()).filter(|&k| !is_found[k]).collect();
    Recognition { known_of, lost }
}

/// Whether a known flag was found again and put aside for want of data: then it is neither confirmed nor refuted.
#[must_use]
pub fn is_put_aside(known: &KnownFlag, discarded: &[Discard]) -> bool {
    let put_aside = discarded.iter().filter(|discard| discard.by == FalseChange::NotEnoughData);
    let share = |discard: &Discard| overlap(&known.shape, &discard.patch.shape).map(|shared| shared.smaller_share);
    finite_box(&known.shape).is_some() && put_aside.filter_map(share).any(|share| share >= SMALLEST_SHARE)
}

fn candidates(known: &[KnownFlag], found: &[Flag]) -> Vec<Candidate> {
    let boxes = known.iter().enumerate().filter_map(|(index, flag)| {
        let (low, high) = corners(&finite_box(&flag.shape)?);
        Some(GeomWithData::new(Rectangle::from_corners(low, high), index))
    });
    let tree = RTree::bulk_load(boxes.collect());
    let mut pairs = Vec::new();
    for (index, flag) in found.iter().enumerate() {
        let Some(bounds) = finite_box(&flag.patch.shape) else { continue };
        let (low, high) = corners(&bounds);
        for near in tree.locate_in_envelope_intersecting(&AABB::from_corners(low, high)) {
            let shared = overlap(&known[near.data].shape, &flag.patch.shape);
            let enough = shared.filter(|shared| shared.smaller_share >= SMALLEST_SHARE);
            pairs.extend(enough.map(|s| Candidate { union_share: s.union_share, known: near.data, found: index }));
        }
    }
    pairs
}

fn corners(bounds: &Rect<f64>) -> ([f64; 2], [f64; 2]) {
    ([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome::{flag_at, square};

    fn known(x: f64, y: f64, side: f64) -> KnownFlag {
        KnownFlag { uuid: Uuid::nil(), code: format!("{x} {y}"), shape: square(x, y, side) }
    }

    #[test]
    fn a_flag_whose_outline_moved_a_little_is_the_same_flag() {
        let seen = recognise(&[known(0.0, 0.0, 20.0)], &[flag_at(2.0, 1.0, 21.0)]);
        assert_eq!(seen, Recognition { known_of: vec![Some(0)], lost: vec![] });
    }

    #[test]
    fn a_flag_elsewhere_is_new_and_the_known_one_is_lost() {
        let seen = recognise(&[known(0.0, 0.0, 20.0)], &[flag_at(15.0, 15.0, 20.0)]);
        assert_eq!(seen, Recognition { known_of: vec![None], lost: vec![0] });
    }

    #[test]
    fn the_better_overlap_wins_whatever_the_order() {
        let (a, b) = (known(0.0, 0.0, 20.0), known(8.0, 0.0, 20.0));
        let flag = flag_at(7.0, 0.0, 20.0);
        assert_eq!(recognise(&[a.clone(), b.clone()], std::slice::from_ref(&flag)).known_of, [Some(1)]);
        assert_eq!(recognise(&[b, a], &[flag]).known_of, [Some(0)]);
    }

    #[test]
    fn a_flag_that_fell_apart_keeps_its_identity_in_one_part_only() {
        let seen = recognise(&[known(0.0, 0.0, 40.0)], &[flag_at(0.0, 0.0, 18.0), flag_at(20.0, 20.0, 20.0)]);
        assert_eq!(seen.known_of, [None, Some(0)]);
    }

    #[test]
    fn a_grown_flag_is_recognised_by_the_part_it_grew_from() {
        let seen = recognise(&[known(0.0, 0.0, 10.0)], &[flag_at(0.0, 0.0, 50.0)]);
        assert_eq!(seen.known_of, [Some(0)]);
    }

    #[test]
    fn outlines_that_are_not_finite_match_nothing_and_break_nothing() {
        let seen = recognise(&[known(f64::NAN, 0.0, 10.0)], &[flag_at(0.0, 0.0, 10.0)]);
        assert_eq!(seen, Recognition { known_of: vec![None], lost: vec![0] });
    }
}
