//! A pair of scenes that is looked at, and the settings that decide what a run would learn of it.

use std::sync::Arc;

use crate::model::notice::{Notice, Weight};
use crate::model::scene::Scene;
use crate::model::zone::Zone;
use crate::project;
use crate::project::plan::{Plan, PlannedComparison};

/// A pair of a plan.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The comparison that a run would make of the pair.
    pub planned: PlannedComparison,
    /// Whether a run of the project makes it.
    pub in_run: bool,
}

impl Subject {
    /// Two scenes of a plan, the earlier one taken first whatever their order.
    ///
    /// # Errors
    /// Why they do not compare.
    pub fn of(plan: &Arc<Plan>, one: usize, other: usize) -> Result<Self, Notice> {
        let (Some(a), Some(b)) = (plan.scenes.get(one), plan.scenes.get(other)) else {
            return Err(Notice::new("preview_no_pair", Weight::Refused));
        };
        if one == other {
            return Err(Notice::new("preview_one_scene", Weight::Refused).fact("date", a.date));
        }
        let (from, to) = if a.date <= b.date { (one, other) } else { (other, one) };
        let known = plan.comparisons.iter().find(|planned| (planned.from, planned.to) == (from, to));
        let planned = known.map_or_else(|| project::pair(plan, from, to), |planned| Ok(planned.clone()))?;
        Ok(Self { plan: Arc::clone(plan), planned, in_run: known.is_some() })
    }

    /// The earlier scene.
    #[must_use]
    pub fn before(&self) -> &Scene {
        &self.plan.scenes[self.planned.from]
    }

    /// The later scene.
    #[must_use]
    pub fn after(&self) -> &Scene {
        &self.plan.scenes[self.planned.to]
    }

    /// Whether a run learns the same of both: thresholds, smallest patches and outputs may differ.
    #[must_use]
    pub fn teaches_as(&self, other: &Self) -> bool {
        let pair = |subject: &Self| (subject.planned.from, subject.planned.to, subject.planned.kind);
        if pair(self) != pair(other) {
            return false;
        }
        if Arc::ptr_eq(&self.plan, &other.plan) {
            return true;
        }
        let (own, its) = (&self.planned, &other.planned);
        own.grid == its.grid
            && own.roles == its.roles
            && self.plan.detection.method == other.plan.detection.method
            && self.before() == other.before()
            && self.after() == other.after()
            && self.zones() == other.zones()
    }

    /// The zones in force.
    fn zones(&self) -> Vec<&Zone> {
        self.planned.zones.iter().map(|&zone| &self.plan.zones[zone]).collect()
    }
}
