//! Whether the totals add up. A figure that does not is told, never smoothed.

use crate::model::notice::{Notice, Weight};
use crate::model::outcome::Outcome;

/// Relative gap between a zone's area and its three parts that is still the same number.
const SAME_AREA: f64 = 1e-9;

/// One notice for each zone and comparison in which changed, unchanged and not observed do not add up to the area.
#[must_use]
pub fn audit(outcome: &Outcome) -> Vec<Notice> {
    let mut notices = Vec::new();
    for comparison in &outcome.comparisons {
        for tally in &comparison.zones {
            let Some(zone) = outcome.zones.get(tally.zone) else { continue };
            let counted = tally.inside.total().0;
            let adds_up = (counted - zone.area.0).abs() <= SAME_AREA * zone.area.0.abs();
            if !adds_up {
                notices.push(
                    Notice::new("report_totals", Weight::Warning)
                        .fact("zone", &zone.id)
                        .fact("from", comparison.from_date)
                        .fact("to", comparison.to_date)
                        .fact("counted", counted)
                        .fact("area", zone.area.0),
                );
            }
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn totals_that_add_up_are_silent() {
        assert_eq!(audit(&specimen::outcome()), Vec::new());
    }

    #[test]
    fn a_lost_square_metre_is_told() {
        let mut outcome = specimen::outcome();
        outcome.comparisons[0].zones[0].inside.unchanged.0 -= 1.0;
        let notices = audit(&outcome);
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].code, "report_totals");
    }
}
