//! How severe a flag is: points by a table, each with its reason.

use serde::Deserialize;

use crate::model::class::CoverClass;
use crate::model::flag::{Flag, Line, Place, Reason, Severity, Suggestion, ZoneHit};
use crate::model::patch::Patch;
use crate::model::zone::Zone;

use super::calendar::Cover;

/// The table `severity`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityTable {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    /// Points by strictness rank of the strictest zone hit, rank 1 first.
    pub strictness: Vec<f64>,
    /// Most points for the area inside.
    pub area: f64,
    /// No points up to this area.
    pub area_from_m2: f64,
    /// All points from this area.
    pub area_to_m2: f64,
    /// Green or wet ground became bare or built.
    pub to_bare: f64,
    /// Vegetation became water.
    pub to_water: f64,
    /// Most points for a score far above the threshold.
    pub contrast: f64,
    /// Points for an activity that inspections look for first.
    pub focal: f64,
    /// Points for the second and each further zone hit.
    pub further_zone: f64,
    /// Most points for further zones.
    pub further_zones_most: f64,
    /// Points where nothing was on record at the place before, though it was looked at.
    #[serde(default)]
    pub novelty: f64,
    /// Most points for carrying on what the comparison before found: all where it doubles.
    #[serde(default)]
    pub growth: f64,
    /// Factor for flags in rings only.
    pub ring_factor: f64,
    /// Factor for flags that the farming calendar may explain.
    #[serde(default = "one")]
    pub calendar_factor: f64,
    /// Score from which a flag is of medium severity.
    pub medium_from: f64,
    /// Score from which a flag is of high severity.
    pub high_from: f64,
}

/// A judged patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// How severe.
    pub severity: Severity,
    /// Points, 0–100.
    pub score: f64,
    /// Why, most weighty first.
    pub reasons: Vec<Reason>,
}

impl SeverityTable {
    /// Judges a patch by the zones it touches (`hits`, the strictest first) and what it became. `threshold` is the score
    /// above which pixels count as changed.
    #[must_use]
    pub fn judge(
        &self,
        patch: &Patch,
        hits: &[ZoneHit],
        zones: &[Zone],
        threshold: f64,
        activity: Option<&Suggestion>,
    ) -> Judgement {
        let mut reasons = self.zone_reasons(hits, zones);
        reasons.extend(self.area_reason(hits));
        reasons.extend(self.class_reason(patch));
        reasons.extend(self.contrast_reason(patch, threshold));
        let focal = activity.filter(|activity| activity.focal);
        reasons.extend(focal.map(|a| reason("focal", self.focal, &[("activity", format!("activity.{}", a.code))])));
        reasons.retain(|reason| reason.points > 0.0);
        let weight = self.weight(hits);
        for reason in &mut reasons {
            reason.points *= weight;
        }
        reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
        if in_ring_only(hits) {
            reasons.insert(0, reason("ring_only", 0.0, &[]));
        }
        if let Some(hit) = in_doubt(hits) {
            reasons.insert(0, reason("at_line", 0.0, &[("percent", format!("{:.0}", hit.p_inside.percent()))]));
        }
        let score = score(&reasons);
        Judgement { severity: self.level(score), score, reasons }
    }

    /// Lowers a judged flag that the farming calendar may explain, and says so first.
    pub fn lower_by_calendar(&self, flag: &mut Flag, cover: &Cover) {
        for reason in &mut flag.reasons {
            reason.points *= self.calendar_factor;
        }
        flag.reasons.insert(0, reason(BY_CALENDAR, 0.0, &[("cover", cover.name.clone())]));
        self.rate(flag);
    }

    /// Adds further reasons to a judged flag: what weighs nothing after what frames the rest, what weighs in its order.
    pub(super) fn add(&self, flag: &mut Flag, further: Vec<Reason>) {
        if further.is_empty() {
            return;
        }
        let by_calendar = flag.reasons.iter().any(|reason| reason.code == BY_CALENDAR);
        let weight = self.weight(&flag.hits) * if by_calendar { self.calendar_factor } else { 1.0 };
        for mut reason in further {
            reason.points *= weight;
            let place = if reason.points > 0.0 {
                flag.reasons.iter().position(|other| other.points > 0.0 && other.points < reason.points)
            } else {
                flag.reasons.iter().position(|other| other.points > 0.0)
            };
            flag.reasons.insert(place.unwrap_or(flag.reasons.len()), reason);
        }
        self.rate(flag);
    }

    fn rate(&self, flag: &mut Flag) {
        flag.score = score(&flag.reasons);
        flag.severity = self.level(flag.score);
    }

    /// What every point counts for: little in rings only; and where nobody can tell whether a patch reaches in, as much as it
    /// is likely to.
    fn weight(&self, hits: &[ZoneHit]) -> f64 {
        let ring = if in_ring_only(hits) { self.ring_factor } else { 1.0 };
        ring * in_doubt(hits).map_or(1.0, |hit| hit.p_inside.0)
    }

    fn level(&self, score: f64) -> Severity {
        if score >= self.high_from {
            Severity::High
        } else if score >= self.medium_from {
            Severity::Medium
        } else {
            Severity::Low
        }
    }

    fn zone_reasons(&self, hits: &[ZoneHit], zones: &[Zone]) -> Vec<Reason> {
        let Some(strictest) = hits.first().map(|hit| &zones[hit.zone]) else { return Vec::new() };
        let rank = usize::from(strictest.strictness.max(1)) - 1;
        let points = self.strictness.get(rank).or(self.strictness.last()).copied().unwrap_or_default();
        let facts =
            [("name", strictest.name.clone()), ("kind", strictest.kind.clone()), ("rank", (rank + 1).to_string())];
        let further = (hits.len() - 1) as f64 * self.further_zone;
        vec![
            reason("zone", points, &facts),
            reason("further_zones", further.min(self.further_zones_most), &[("count", (hits.len() - 1).to_string())]),
        ]
    }

    fn area_reason(&self, hits: &[ZoneHit]) -> Option<Reason> {
        let inside_m2 = hits.iter().map(|hit| hit.area.0).fold(0.0, f64::max);
        let share = (inside_m2 / self.area_from_m2).ln() / (self.area_to_m2 / self.area_from_m2).ln();
        (inside_m2 > 0.0)
            .then(|| reason("area", self.area * share.clamp(0.0, 1.0), &[("area", format!("{inside_m2:.0}"))]))
    }

    fn class_reason(&self, patch: &Patch) -> Option<Reason> {
        match (patch.from_class, patch.to_class) {
            (CoverClass::Vegetation | CoverClass::Water, CoverClass::Bare | CoverClass::Built) => {
                let code = if patch.from_class == CoverClass::Water { "water_to_bare" } else { "green_to_bare" };
                Some(reason(code, self.to_bare, &[]))
            }
            (CoverClass::Vegetation, CoverClass::Water) => Some(reason("green_to_water", self.to_water, &[])),
            _ => None,
        }
    }

    fn contrast_reason(&self, patch: &Patch, threshold: f64) -> Option<Reason> {
        let times = patch.mean_score / threshold;
        let points = self.contrast * (times - 1.0).clamp(0.0, 1.0);
        times.is_finite().then(|| reason("contrast", points, &[("times", format!("{times:.1}"))]))
    }
}

/// The reason of a flag that the farming calendar may explain.
const BY_CALENDAR: &str = "calendar";

/// A table of one's own that does not name the calendar's factor lowers nothing.
fn one() -> f64 {
    1.0
}

fn in_ring_only(hits: &[ZoneHit]) -> bool {
    hits.iter().all(|hit| hit.place == Place::Ring)
}

/// The strictest zone's hit, where the patch may lie inside or not.
fn in_doubt(hits: &[ZoneHit]) -> Option<&ZoneHit> {
    hits.first().filter(|hit| hit.place == Place::Inside && hit.line != Line::Inside)
}

fn score(reasons: &[Reason]) -> f64 {
    reasons.iter().map(|reason| reason.points).sum::<f64>().min(100.0)
}

/// A reason with its facts.
pub(super) fn reason(code: &str, points: f64, facts: &[(&str, String)]) -> Reason {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Reason { code: code.to_owned(), points, facts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome::flag_at;
    use crate::screen::CropCalendar;

    #[test]
    fn a_flag_that_the_calendar_may_explain_ranks_lower_with_all_that_is_added() {
        let table: SeverityTable = toml::from_str(include_str!("../../assets/tables/severity.toml")).unwrap();
        let calendar: CropCalendar = toml::from_str(include_str!("../../assets/tables/crop_calendar.toml")).unwrap();
        let dates = ("2024-11-10".parse().unwrap(), "2025-12-20".parse().unwrap());
        let pond = calendar.turn(dates, CoverClass::Water, CoverClass::Bare).unwrap();
        let mut plain = flag_at(0.0, 0.0, 20.0);
        plain.reasons = vec![reason("zone", 40.0, &[]), reason("area", 20.0, &[])];
        let mut lowered = plain.clone();
        table.lower_by_calendar(&mut lowered, pond);
        for flag in [&mut plain, &mut lowered] {
            table.add(flag, vec![reason("new_place", table.novelty, &[])]);
        }
        assert_eq!((lowered.severity, lowered.reasons[0].code.as_str()), (Severity::Low, "calendar"));
        assert!(
            (lowered.score - table.calendar_factor * plain.score).abs() < 1e-9,
            "{} {}",
            lowered.score,
            plain.score
        );
    }
}
