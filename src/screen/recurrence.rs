//! What several years tell together: ground that turned and turned back is a field in rotation, and what came and left is a
//! ship; neither is an encroachment.

use geo::Area;

use crate::model::class::CoverClass;
use crate::model::flag::Tested;
use crate::model::outcome::ComparisonOutcome;
use crate::model::patch::Patch;
use crate::model::shape::overlap_area;

use super::false_change::{FalseChangeTable, direction_afloat, rotates};

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
    let (mut at_same_place, mut alike) = (0.0f64, 0);
    for (_, other) in comparable {
        let consecutive = other.from == here.to || other.to == here.from;
        for turned in other.flags.iter().map(|flag| &flag.patch).filter(|turned| turned_back(patch, turned)) {
            if consecutive {
                let smaller = patch.shape.unsigned_area().min(turned.shape.unsigned_area());
                at_same_place = at_same_place.max(overlap_area(&patch.shape, &turned.shape) / smaller);
            }
            alike += usize::from(is_tilled(patch) && is_tilled(turned) && table.is_opposite(patch, turned));
        }
    }
    let tested = [table.turned_back(at_same_place), table.rotation_over_years(alike)];
    tested.into_iter().find(|tested| tested.explains)
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
            comparison.discarded.push(flag.discarded(tested, table.code(tested.test)));
        } else {
            comparison.flags.push(flag);
            comparison.chips.push(chip);
        }
    }
    comparison.sort_discarded();
    comparison.recount();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome::{flag_at, outcome};
    use crate::model::flag::FalseChange;

    fn table() -> FalseChangeTable {
        toml::from_str(include_str!("../../assets/tables/false_change.toml")).unwrap()
    }

    fn turn(x: f64, side: f64, (from_class, to_class): (CoverClass, CoverClass)) -> crate::model::flag::Flag {
        let mut flag = flag_at(x, 0.0, side);
        flag.patch = Patch { from_class, to_class, ..flag.patch };
        let tested = Tested { test: FalseChange::Rotation, value: 0.0, limit: 2.0, explains: false };
        flag.tests.push(tested);
        flag
    }

    /// The first year's flag, settled with one of the next year that lies so far to the east and turned back.
    fn settled(east: f64) -> ComparisonOutcome {
        let mut comparisons = outcome().comparisons;
        comparisons[0].flags = vec![turn(0.0, 20.0, (CoverClass::Vegetation, CoverClass::Bare))];
        comparisons[1].flags = vec![turn(east, 20.0, (CoverClass::Bare, CoverClass::Vegetation))];
        for comparison in &mut comparisons {
            comparison.chips = vec![None; 1];
        }
        settle(&mut comparisons, &table());
        comparisons.remove(0)
    }

    #[test]
    fn what_turned_back_at_its_place_says_how_much_of_it_did() {
        let turned = settled(5.0);
        let [discard] = &turned.discarded[..] else { panic!("{:?}", turned.discarded) };
        assert_eq!((discard.by, discard.code.as_str()), (FalseChange::TurnedBack, "01"));
        let explaining: Vec<&Tested> = discard.tests.iter().filter(|tested| tested.explains).collect();
        assert!(matches!(explaining[..], [Tested { test: FalseChange::TurnedBack, limit: 0.5, .. }]), "{explaining:?}");
        assert!((explaining[0].value - 0.75).abs() < 1e-9, "{explaining:?}");
        let counted = discard.tests.iter().find(|tested| tested.test == FalseChange::Rotation).unwrap();
        assert!(!counted.explains && counted.value < counted.limit, "the test that explains nothing stays as it was");
    }

    #[test]
    fn what_turned_back_elsewhere_explains_nothing_alone() {
        assert_eq!(settled(15.0).flags.len(), 1);
    }
}
