//! What several years tell together: ground that turned and turned back is a field in rotation, and what came and left is a
//! ship; neither is an encroachment.

use crate::model::class::CoverClass;
use crate::model::flag::{Discard, Flag, Tested};
use crate::model::outcome::ComparisonOutcome;
use crate::model::patch::Patch;
use crate::model::shape::overlap_area;

use super::false_change::{FalseChangeTable, direction_afloat, rotates};

/// Two patches lie at the same place from this share of the smaller one.
const SAME_PLACE: f64 = 0.5;

/// Moves the flags that other years explain to the discarded patches.
pub fn settle(comparisons: &mut [ComparisonOutcome], table: &FalseChangeTable) {
    let found: Vec<Vec<Option<Tested>>> = (0..comparisons.len())
        .map(|at| {
            let explained = |patch: &Patch| {
                took_turns(patch, at, comparisons, table).or_else(|| sailed(patch, at, comparisons, table))
            };
            comparisons[at].flags.iter().map(|flag| explained(&flag.patch)).collect()
        })
        .collect();
    for (comparison, found) in comparisons.iter_mut().zip(found) {
        discard(comparison, found, table);
    }
}

/// The test of one patch against the flags of other years: at the same place it turned back, or elsewhere enough others
/// like it went the opposite way.
fn took_turns(patch: &Patch, at: usize, comparisons: &[ComparisonOutcome], table: &FalseChangeTable) -> Option<Tested> {
    if !rotates(patch) {
        return None;
    }
    let here = &comparisons[at];
    let comparable = comparisons.iter().enumerate().filter(|(i, other)| *i != at && other.roles == here.roles);
    let (mut same_place, mut alike) = (false, 0);
    for (_, other) in comparable {
        let consecutive = other.from == here.to || other.to == here.from;
        for turned in other.flags.iter().map(|flag| &flag.patch).filter(|turned| turned_back(patch, turned)) {
            let shared = overlap_area(&patch.shape, &turned.shape);
            same_place |= consecutive && shared >= SAME_PLACE * patch.area.0.min(turned.area.0);
            alike += usize::from(is_tilled(patch) && is_tilled(turned) && table.is_opposite(patch, turned));
        }
    }
    let tested = table.rotation_over_years(alike, same_place);
    tested.explains.then_some(tested)
}

/// What floats in one year, where in another year something afloat went the other way.
fn sailed(patch: &Patch, at: usize, comparisons: &[ComparisonOutcome], table: &FalseChangeTable) -> Option<Tested> {
    let way = direction_afloat(patch);
    let tested = table.floating_over_years(patch)?;
    let others = comparisons.iter().enumerate().filter(|(i, other)| *i != at && other.roles == comparisons[at].roles);
    let mut patches = others.flat_map(|(_, other)| {
        other.flags.iter().map(|flag| &flag.patch).chain(other.discarded.iter().map(|discard| &discard.patch))
    });
    let opposite = |other: &Patch| table.may_float(other) && direction_afloat(other) != way;
    patches.any(opposite).then_some(tested)
}

fn turned_back(patch: &Patch, other: &Patch) -> bool {
    rotates(other) && (patch.from_class == CoverClass::Vegetation) != (other.from_class == CoverClass::Vegetation)
}

/// Whether plants alternate with ground that is still thinly green; bare ground may be anything.
fn is_tilled(patch: &Patch) -> bool {
    [patch.from_class, patch.to_class].contains(&CoverClass::Sparse)
}

fn discard(comparison: &mut ComparisonOutcome, found: Vec<Option<Tested>>, table: &FalseChangeTable) {
    let flags = std::mem::take(&mut comparison.flags).into_iter().zip(std::mem::take(&mut comparison.chips));
    for ((flag, chip), tested) in flags.zip(found) {
        if let Some(tested) = tested {
            comparison.discarded.push(discarded(flag, tested, table));
        } else {
            comparison.flags.push(flag);
            comparison.chips.push(chip);
        }
    }
    comparison.sort_discarded();
    comparison.count_flags();
}

fn discarded(flag: Flag, tested: Tested, table: &FalseChangeTable) -> Discard {
    let Flag { patch, lonlat, hits, mut tests, .. } = flag;
    tests.retain(|test| test.test != tested.test);
    tests.push(tested);
    Discard { patch, lonlat, hits, by: tested.test, code: table.code(tested.test).to_owned(), tests }
}
