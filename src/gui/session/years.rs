//! The year strip: the scenes of a kind in the order of time with the years that are missing, and what each comparison of
//! two of them has found.

use std::collections::HashMap;

use geo_types::Rect;

use super::compare::Compare;
use crate::model::Date;
use crate::model::flag::{Place, Severity};
use crate::model::record::{FlagRecord, LackingZone};
use crate::model::scene::{Scene, SceneKind};
use crate::project::footprint;
use crate::project::plan::Plan;

/// One place of the strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A scene, by its index in the plan.
    Scene(usize),
    /// From one scene to the next.
    Link(usize, usize),
    /// Years without a scene, the first and the last.
    Gap(i16, i16),
}

/// The strip of a kind.
#[must_use]
pub fn strip(scenes: &[Scene], kind: SceneKind) -> Vec<Item> {
    let year = |at: usize| scenes[at].date.year();
    let mut items = Vec::new();
    let mut last: Option<usize> = None;
    for at in Compare::scenes_of(scenes, kind) {
        if let Some(last) = last {
            items.push(Item::Link(last, at));
            if year(at) - year(last) > 1 {
                items.push(Item::Gap(year(last) + 1, year(at) - 1));
            }
        }
        items.push(Item::Scene(at));
        last = Some(at);
    }
    items
}

/// What is on record between two scenes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Flags.
    pub flags: usize,
    /// The severest of them.
    pub worst: Option<Severity>,
    /// Zones of which too little was seen.
    pub lacking: usize,
}

/// What the strip says of the scenes.
#[derive(Debug, Clone, Default)]
pub struct Years {
    tallies: HashMap<(SceneKind, Date, Date), Tally>,
    footprints: Vec<Option<Rect<f64>>>,
}

impl Years {
    /// Counts what is on record, and finds where the scenes lie.
    #[must_use]
    pub fn of(plan: &Plan, records: &[FlagRecord], lacking: &[LackingZone]) -> Self {
        let footprints = plan.scenes.iter().map(|scene| footprint::of_scene(scene, &plan.crs)).collect();
        Self { tallies: tallies(records, lacking), footprints }
    }

    /// What is on record between two scenes.
    #[must_use]
    pub fn between(&self, before: &Scene, after: &Scene) -> Tally {
        self.tallies.get(&(after.kind, before.date, after.date)).copied().unwrap_or_default()
    }

    /// The box around a scene on the map; `None` where it cannot be put there.
    #[must_use]
    pub fn footprint(&self, scene: usize) -> Option<Rect<f64>> {
        self.footprints.get(scene).copied().flatten()
    }
}

fn tallies(records: &[FlagRecord], lacking: &[LackingZone]) -> HashMap<(SceneKind, Date, Date), Tally> {
    let mut tallies: HashMap<_, Tally> = HashMap::new();
    for record in records {
        let tally = tallies.entry((record.kind, record.from, record.to)).or_default();
        tally.flags += 1;
        tally.worst = tally.worst.max(Some(record.severity));
    }
    for lack in lacking.iter().filter(|lack| lack.place == Place::Inside) {
        tallies.entry((lack.kind, lack.from, lack.to)).or_default().lacking += 1;
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::scenes;
    use super::*;

    #[test]
    fn missing_years_stand_between_the_scenes_around_them() {
        use Item::{Gap, Link, Scene};
        let satellite = strip(&scenes(), SceneKind::Satellite);
        let expected = [
            Scene(0),
            Link(0, 1),
            Scene(1),
            Link(1, 2),
            Gap(2022, 2022),
            Scene(2),
            Link(2, 3),
            Gap(2024, 2024),
            Scene(3),
        ];
        assert_eq!(satellite, expected);
        assert_eq!(strip(&scenes(), SceneKind::Drone), [Scene(4), Link(4, 5), Scene(5)]);
    }

    #[test]
    fn zones_that_lack_data_are_counted_by_comparison_and_rings_are_not() {
        let lack = |layer: &str, place| LackingZone {
            layer: layer.to_owned(),
            id: "1".to_owned(),
            version: String::new(),
            kind: SceneKind::Satellite,
            from: scenes()[0].date,
            to: scenes()[1].date,
            place,
            seen: crate::model::units::Fraction(0.2),
        };
        let lacking = [lack("a", Place::Inside), lack("b", Place::Inside), lack("a", Place::Ring)];
        let years = Years { tallies: tallies(&[], &lacking), footprints: Vec::new() };
        assert_eq!(years.between(&scenes()[0], &scenes()[1]).lacking, 2);
        assert_eq!(years.between(&scenes()[1], &scenes()[2]), Tally::default());
    }
}
