//! What a flag may be: an activity suggested from what the ground became, its size and shape, the water around it and the
//! kind of zone, by rules of a table. The reviewer decides; the suggestion says why it was made.

use serde::Deserialize;

use crate::model::class::CoverClass;
use crate::model::flag::{Suggestion, ZoneHit};
use crate::model::patch::Patch;
use crate::model::zone::Zone;

/// The table `activities`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityTable {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    focal: Vec<String>,
    rule: Vec<Rule>,
}

/// One rule: what is left out does not matter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    code: String,
    why: String,
    from: Option<Vec<CoverClass>>,
    to: Option<Vec<CoverClass>>,
    area_from: Option<f64>,
    area_to: Option<f64>,
    elongation_from: Option<f64>,
    water_from: Option<f64>,
    brightness_to: Option<f64>,
    zone: Option<Vec<String>>,
}

impl Rule {
    fn fits(&self, patch: &Patch, zone: Option<&Zone>) -> bool {
        let among = |classes: &Option<Vec<CoverClass>>, class| classes.as_ref().is_none_or(|all| all.contains(&class));
        let from = |bound: Option<f64>, value: f64| bound.is_none_or(|bound| value >= bound);
        let to = |bound: Option<f64>, value: f64| bound.is_none_or(|bound| value < bound);
        let water = patch.around.water_before.0.max(patch.around.water_after.0);
        among(&self.from, patch.from_class)
            && among(&self.to, patch.to_class)
            && from(self.area_from, patch.area.0)
            && to(self.area_to, patch.area.0)
            && from(self.elongation_from, patch.elongation())
            && from(self.water_from, water)
            && to(self.brightness_to, brightening(patch))
            && self.zone.as_ref().is_none_or(|words| zone.is_some_and(|zone| names(zone, words)))
    }
}

/// How many times as bright the ground became in the visible bands, taken as those before the last.
fn brightening(patch: &Patch) -> f64 {
    let visible = |values: &[f64]| values.iter().take(values.len().saturating_sub(1).max(1)).sum::<f64>();
    let (before, after) = (visible(&patch.mean_before), visible(&patch.mean_after));
    if before > 0.0 { after / before } else { f64::INFINITY }
}

fn names(zone: &Zone, words: &[String]) -> bool {
    let text = format!("{} {}", zone.kind, zone.function.as_deref().unwrap_or_default()).to_lowercase();
    words.iter().any(|word| text.contains(word.as_str()))
}

impl ActivityTable {
    /// The first activity whose rule fits a patch that hits these zones, the strictest first.
    #[must_use]
    pub fn suggest(&self, patch: &Patch, hits: &[ZoneHit], zones: &[Zone]) -> Option<Suggestion> {
        let zone = hits.first().map(|hit| &zones[hit.zone]);
        let rule = self.rule.iter().find(|rule| rule.fits(patch, zone))?;
        Some(Suggestion { code: rule.code.clone(), why: rule.why.clone(), focal: self.focal.contains(&rule.code) })
    }

    /// Codes and reasons of all rules, for the words that they need.
    pub fn words(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rule.iter().map(|rule| (rule.code.as_str(), rule.why.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::model::units::SquareMetres;
    use crate::screen::hits::tests::patch;

    fn table() -> ActivityTable {
        toml::from_str(include_str!("../../assets/tables/activities.toml")).unwrap()
    }

    fn suggested(from: CoverClass, to: CoverClass, area_m2: f64) -> String {
        let patch = Patch {
            from_class: from,
            to_class: to,
            area: SquareMetres(area_m2),
            mean_before: vec![1.0, 1.0],
            mean_after: vec![3.0, 1.0],
            ..patch(0, 0, 10)
        };
        table().suggest(&patch, &[], &[]).unwrap().code
    }

    #[test]
    fn size_and_ground_tell_a_works_from_a_house_and_a_pit_from_a_pond() {
        assert_eq!(suggested(CoverClass::Vegetation, CoverClass::Built, 7000.0), "02");
        assert_eq!(suggested(CoverClass::Vegetation, CoverClass::Built, 300.0), "08");
        assert_eq!(suggested(CoverClass::Vegetation, CoverClass::Bare, 8000.0), "01");
        assert_eq!(suggested(CoverClass::Vegetation, CoverClass::Water, 8000.0), "06");
        assert_eq!(suggested(CoverClass::Water, CoverClass::Built, 1800.0), "05");
        assert_eq!(suggested(CoverClass::Unknown, CoverClass::Unknown, 1800.0), "10");
    }

    #[test]
    fn every_rule_has_its_words_in_both_languages() {
        for (code, why) in table().words() {
            for lang in [Lang::Zh, Lang::En] {
                for key in [format!("activity.{code}"), format!("activity_why.{why}")] {
                    assert!(lang.known_word(&key).is_some(), "{key}");
                }
            }
        }
    }
}
