//! What earlier comparisons and the ledger say of a flag's place: whether anything was on record there before, and whether
//! the flag carries on what the comparison before found.
//!
//! Only what ended before a comparison began counts as earlier, so that running again changes nothing.

use geo::{Area, BoundingRect};
use geo_types::{MultiPolygon, Rect};

use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::flag::{Flag, Reason};
use crate::model::outcome::{ComparisonOutcome, ZoneTally};
use crate::model::scene::SceneKind;
use crate::model::shape::{BoundaryIndex, overlap_area};
use crate::model::units::SquareMetres;

use super::severity::{SeverityTable, reason};

/// A flag lies at the place of an earlier one where they share this much of the smaller outline, as in the ledger.
const SAME_PLACE: f64 = 0.5;

/// Two outlines touch where no more than this lies between them, in pixels: a diagonal and rounding.
const TOUCHING_PX: f64 = 1.5;

/// A flag of another comparison, from this run or from the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierFlag {
    /// Its identity for people.
    pub code: String,
    /// What was compared.
    pub kind: SceneKind,
    /// Date of the later scene, which showed it first.
    pub since: Date,
    /// What the ground became.
    pub to_class: CoverClass,
    /// Its outline.
    pub shape: MultiPolygon<f64>,
}

/// Adds to the reasons of every flag what was known of its place, and ranks the flags anew. `on_record` are the flags of
/// the ledger that belong to none of these comparisons. Flags have their codes.
pub fn weigh(comparisons: &mut [ComparisonOutcome], on_record: &[EarlierFlag], table: &SeverityTable) {
    let told: Vec<Vec<Vec<Reason>>> = (0..comparisons.len())
        .map(|at| {
            let past = Past::of(at, comparisons, on_record);
            comparisons[at].flags.iter().map(|flag| past.reasons(flag, table)).collect()
        })
        .collect();
    for (comparison, told) in comparisons.iter_mut().zip(told) {
        for (flag, reasons) in comparison.flags.iter_mut().zip(told) {
            table.add(flag, reasons);
        }
        comparison.sort_flags();
    }
}

/// All that lies before a comparison.
struct Past<'p> {
    here: &'p ComparisonOutcome,
    flags: Vec<(Rect<f64>, EarlierFlag)>,
    /// Zones as the earlier comparisons of the run saw them.
    looks: Vec<&'p ZoneTally>,
    reach: f64,
}

impl<'p> Past<'p> {
    fn of(at: usize, comparisons: &'p [ComparisonOutcome], on_record: &[EarlierFlag]) -> Self {
        let here = &comparisons[at];
        let earlier: Vec<&ComparisonOutcome> = comparisons.iter().filter(|c| c.to_date <= here.from_date).collect();
        let of_run = earlier.iter().flat_map(|comparison| {
            comparison.flags.iter().map(|flag| EarlierFlag {
                code: flag.code.clone(),
                kind: comparison.kind,
                since: comparison.to_date,
                to_class: flag.patch.to_class,
                shape: flag.patch.shape.clone(),
            })
        });
        let of_ledger = on_record.iter().filter(|flag| flag.since <= here.from_date).cloned();
        let boxed = |flag: EarlierFlag| Some((flag.shape.bounding_rect()?, flag));
        let told = earlier.iter().filter(|comparison| comparison.threshold.value.is_some());
        Self {
            here,
            flags: of_run.chain(of_ledger).filter_map(boxed).collect(),
            looks: told.flat_map(|comparison| &comparison.zones).collect(),
            reach: TOUCHING_PX * here.grid.transform.pixel_size().0,
        }
    }

    fn reasons(&self, flag: &Flag, table: &SeverityTable) -> Vec<Reason> {
        let near = self.near(flag);
        let known = Self::known(flag, &near);
        let grown = self.grown(flag, &near, table);
        let new =
            (known.is_none() && grown.is_none() && self.looked(flag)).then(|| reason("new_place", table.novelty, &[]));
        [known, grown, new].into_iter().flatten().collect()
    }

    /// Earlier flags whose box comes near.
    fn near(&self, flag: &Flag) -> Vec<&EarlierFlag> {
        let Some(own) = flag.patch.shape.bounding_rect() else { return Vec::new() };
        let reach = self.reach;
        let apart = |other: &Rect<f64>| {
            other.min().x > own.max().x + reach
                || other.max().x < own.min().x - reach
                || other.min().y > own.max().y + reach
                || other.max().y < own.min().y - reach
        };
        self.flags.iter().filter(|(bounds, _)| !apart(bounds)).map(|(_, flag)| flag).collect()
    }

    /// The earliest flag at the same place.
    fn known(flag: &Flag, near: &[&EarlierFlag]) -> Option<Reason> {
        let shape = &flag.patch.shape;
        let same = |earlier: &&&EarlierFlag| {
            let smaller = shape.unsigned_area().min(earlier.shape.unsigned_area());
            smaller > 0.0 && overlap_area(shape, &earlier.shape) >= SAME_PLACE * smaller
        };
        let earliest = near.iter().filter(same).min_by(|a, b| (a.since, &a.code).cmp(&(b.since, &b.code)))?;
        let facts = [("date", earliest.since.to_string()), ("code", earliest.code.clone())];
        Some(reason("known_place", 0.0, &facts))
    }

    /// By how much it carries on the largest flag that the comparison before found beside it.
    fn grown(&self, flag: &Flag, near: &[&EarlierFlag], table: &SeverityTable) -> Option<Reason> {
        let (shape, class) = (&flag.patch.shape, flag.patch.to_class);
        let own = BoundaryIndex::new(shape);
        let before = |earlier: &&&EarlierFlag| {
            earlier.since == self.here.from_date && earlier.kind == self.here.kind && earlier.to_class == class
        };
        let touching = near.iter().filter(before).filter(|earlier| own.distance_of(&earlier.shape) <= self.reach);
        let area = |earlier: &EarlierFlag| earlier.shape.unsigned_area();
        let largest = touching.max_by(|a, b| area(a).total_cmp(&area(b)).then(b.code.cmp(&a.code)))?;
        let further = SquareMetres((shape.unsigned_area() - overlap_area(shape, &largest.shape)).max(0.0));
        let share = further.0 / area(largest).max(f64::MIN_POSITIVE);
        let facts = [
            ("code", largest.code.clone()),
            ("area", format!("{:.0}", further.0)),
            ("percent", format!("{:.0}", 100.0 * share)),
        ];
        Some(reason("grown", table.growth * share.min(1.0), &facts))
    }

    /// Whether an earlier comparison of the run saw enough of a zone that the flag touches.
    fn looked(&self, flag: &Flag) -> bool {
        flag.hits.iter().any(|hit| self.looks.iter().any(|tally| tally.zone == hit.zone && tally.enough(hit.place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome::{flag_at, outcome, square};

    fn table() -> SeverityTable {
        toml::from_str(include_str!("../../assets/tables/severity.toml")).unwrap()
    }

    /// The second year's flags, where the first year has one of 20 m at (0, 0).
    fn weighed(later: Vec<Flag>, on_record: &[EarlierFlag]) -> ComparisonOutcome {
        let mut comparisons = outcome().comparisons;
        comparisons[0].flags = vec![Flag { code: "2024-0001".into(), ..flag_at(0.0, 0.0, 20.0) }];
        comparisons[1].flags = later;
        for comparison in &mut comparisons {
            comparison.chips = vec![None; comparison.flags.len()];
        }
        weigh(&mut comparisons, on_record, &table());
        comparisons.remove(1)
    }

    fn told(flag: &Flag) -> Vec<(&str, Vec<&str>)> {
        let history = ["known_place", "grown", "new_place"];
        let told = flag.reasons.iter().filter(|reason| history.contains(&reason.code.as_str()));
        told.map(|r| (r.code.as_str(), r.facts.iter().map(|(_, value)| value.as_str()).collect())).collect()
    }

    #[test]
    fn a_flag_beside_that_of_the_year_before_has_grown_by_all_its_area() {
        let weighed = weighed(vec![flag_at(20.0, 0.0, 10.0)], &[]);
        assert_eq!(told(&weighed.flags[0]), [("grown", vec!["2024-0001", "100", "25"])]);
    }

    #[test]
    fn a_flag_at_the_same_place_is_known_since_the_day_that_showed_it_first() {
        let since = jiff::civil::date(2019, 6, 1);
        let (to_class, kind) = (CoverClass::Water, SceneKind::Drone);
        let older = EarlierFlag { code: "2019-0004".into(), kind, since, to_class, shape: square(2.0, 2.0, 20.0) };
        let weighed = weighed(vec![flag_at(0.0, 0.0, 24.0)], &[older]);
        let told = told(&weighed.flags[0]);
        assert!(told.contains(&("known_place", vec!["2019-06-01", "2019-0004"])), "{told:?}");
        assert!(told.contains(&("grown", vec!["2024-0001", "176", "44"])), "{told:?}");
    }

    #[test]
    fn a_flag_where_nothing_was_found_before_is_new_and_weighs_more() {
        let far = weighed(vec![flag_at(200.0, 0.0, 20.0)], &[]);
        assert_eq!(told(&far.flags[0]), [("new_place", vec![])]);
        let before: f64 = flag_at(200.0, 0.0, 20.0).reasons.iter().map(|reason| reason.points).sum();
        assert!((far.flags[0].score - before - table().novelty).abs() < 1e-9);
    }

    #[test]
    fn the_first_comparison_has_nothing_to_be_new_against_and_later_records_do_not_count() {
        let mut comparisons = outcome().comparisons;
        let since = comparisons[0].to_date;
        let (to_class, kind) = (CoverClass::Bare, SceneKind::Satellite);
        let later = EarlierFlag { code: "2024-0009".into(), kind, since, to_class, shape: square(0.0, 0.0, 40.0) };
        weigh(&mut comparisons, &[later], &table());
        assert!(comparisons[0].flags.iter().all(|flag| told(flag).is_empty()));
    }

    #[test]
    fn flags_are_ranked_anew() {
        let near = Flag { score: 30.0, ..flag_at(20.0, 0.0, 20.0) };
        let far = Flag { score: 31.0, ..flag_at(200.0, 0.0, 20.0) };
        let weighed = weighed(vec![far, near], &[]);
        assert!(weighed.flags.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert_eq!(told(&weighed.flags[0])[0].0, "grown");
    }
}
