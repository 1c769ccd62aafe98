//! Of which zones too little was seen to say anything: their state is "not enough data", and what was found in them is put
//! aside on record.

use crate::model::flag::{FalseChange, Flag, Place, Tested};
use crate::model::outcome::{ComparisonOutcome, ZoneTally};

use super::false_change::FalseChangeTable;

/// Tells the zones that lack data, and moves the flags that only they hold to the discarded patches.
///
/// A flag inside one zone that lacks data and another that does not stays a flag: the other zone alone makes it one.
pub fn withhold(comparison: &mut ComparisonOutcome, table: &FalseChangeTable) {
    let rule = &table.not_enough_data;
    for tally in &mut comparison.zones {
        tally.enough_data = tally.inside.observed().0 >= rule.least_observed;
        tally.ring_enough_data = tally.ring.observed().0 >= rule.least_observed;
    }
    if table.withholds(comparison.kind) {
        let flags = std::mem::take(&mut comparison.flags).into_iter().zip(std::mem::take(&mut comparison.chips));
        for (flag, chip) in flags {
            if let Some(reason) = lacking(&flag, &comparison.zones, rule.least_observed) {
                comparison.discarded.push(flag.discarded(reason, table.code(reason.test)));
            } else {
                comparison.flags.push(flag);
                comparison.chips.push(chip);
            }
        }
        comparison.sort_discarded();
    }
    comparison.recount();
}

/// The reason to put a flag aside: no zone (for a ring flag, no ring) that holds it was seen well enough.
fn lacking(flag: &Flag, zones: &[ZoneTally], limit: f64) -> Option<Tested> {
    let tally = |zone: usize| zones.iter().find(|tally| tally.zone == zone);
    let observed = |tally: &ZoneTally| match flag.place {
        Place::Inside => tally.inside.observed().0,
        Place::Ring => tally.ring.observed().0,
    };
    let places = flag.hits.iter().filter(|hit| hit.place == flag.place);
    let best = places.filter_map(|hit| tally(hit.zone)).map(observed).fold(0.0, f64::max);
    (best < limit).then_some(Tested { test: FalseChange::NotEnoughData, value: best, limit, explains: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome;
    use crate::model::flag::ZoneHit;
    use crate::model::outcome::Tally;
    use crate::model::scene::SceneKind;
    use crate::model::units::SquareMetres;

    fn table() -> FalseChangeTable {
        toml::from_str(include_str!("../../assets/tables/false_change.toml")).unwrap()
    }

    fn seen(share: f64) -> Tally {
        let (changed, not_observed) = (SquareMetres(10_000.0 * share), SquareMetres(10_000.0 * (1.0 - share)));
        Tally { changed, not_observed, ..Tally::default() }
    }

    /// Two flags in the first zone, of which this share was seen; all of the second zone was.
    fn comparison(share: f64) -> ComparisonOutcome {
        let mut comparison = sample_outcome::outcome().comparisons.remove(0);
        comparison.zones[0].inside = seen(share);
        comparison.zones[1].inside = seen(1.0);
        comparison
    }

    #[test]
    fn a_zone_seen_to_less_than_four_fifths_has_no_flags_and_they_stay_on_record() {
        let mut clouded = comparison(0.79);
        withhold(&mut clouded, &table());
        assert_eq!((clouded.zones[0].enough_data, clouded.zones[1].enough_data), (false, true));
        assert_eq!((clouded.flags.len(), clouded.chips.len(), clouded.zones[0].flags), (0, 0, 0));
        let reason = clouded.discarded[0].tests.last().copied().unwrap();
        assert_eq!((clouded.discarded.len(), reason.test, reason.limit), (2, FalseChange::NotEnoughData, 0.8));
        assert!((reason.value - 0.79).abs() < 1e-12 && clouded.discarded[0].code == "12", "{reason:?}");
        assert!(clouded.zones[0].inside.discarded.0 > 0.0 && clouded.totals.discarded.0 > 0.0);
    }

    #[test]
    fn four_fifths_are_enough() {
        let mut clear = comparison(0.8);
        withhold(&mut clear, &table());
        assert_eq!((clear.flags.len(), clear.discarded.len(), clear.zones[0].enough_data), (2, 0, true));
    }

    #[test]
    fn a_zone_that_was_seen_makes_a_flag_of_what_a_zone_without_data_holds_too() {
        let mut shared = comparison(0.5);
        let hit = shared.flags[0].hits[0].clone();
        shared.flags[0].hits.push(ZoneHit { zone: 1, ..hit.clone() });
        shared.flags[1].hits.push(ZoneHit { zone: 1, place: Place::Ring, ..hit });
        shared.zones[1].ring = seen(1.0);
        withhold(&mut shared, &table());
        assert_eq!((shared.flags.len(), shared.zones[0].flags, shared.discarded.len()), (1, 1, 1));
    }

    #[test]
    fn what_a_drone_found_stands_and_the_zone_still_lacks_data() {
        let mut flown = ComparisonOutcome { kind: SceneKind::Drone, ..comparison(0.1) };
        withhold(&mut flown, &table());
        assert_eq!((flown.flags.len(), flown.zones[0].enough_data), (2, false));
    }

    #[test]
    fn a_zone_without_a_ring_lacks_nothing() {
        let mut clear = comparison(1.0);
        withhold(&mut clear, &table());
        assert!(clear.zones[0].ring_enough_data);
    }
}
