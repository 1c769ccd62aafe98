//! What a comparison works with before it has read a pixel: scenes, zones, tiles, method. The run and the preview of a run
//! begin alike, so that both learn the same.

use crate::detect::change::ChangeMethod;
use crate::job::Progress;
use crate::model::grid::Window;
use crate::model::zone::Zone;
use crate::project::plan::{Plan, PlannedComparison};
use crate::screen::hits::ZoneIndex;

use super::RunOptions;
use super::blocks::{Tiling, sample_bytes, threads_within};
use super::error::RunError;
use super::fit::{Learning, Learnt};
use super::pair::ScenePair;
use super::patches::season_days;

/// A comparison that has not begun.
pub struct Prepared<'p> {
    plan: &'p Plan,
    planned: &'p PlannedComparison,
    /// The scenes.
    pub pair: ScenePair<'p>,
    /// The zones in force.
    pub index: ZoneIndex,
    /// The windows that they touch.
    pub tiles: Vec<Window>,
    /// The method.
    pub method: Box<dyn ChangeMethod>,
}

impl<'p> Prepared<'p> {
    /// Prepares a comparison of a plan.
    #[must_use]
    pub fn of(plan: &'p Plan, planned: &'p PlannedComparison) -> Self {
        let (before, after) = (&plan.scenes[planned.from], &plan.scenes[planned.to]);
        let in_force: Vec<&Zone> = planned.zones.iter().map(|&zone| &plan.zones[zone]).collect();
        Self {
            plan,
            planned,
            pair: ScenePair { before, after, roles: &planned.roles, grid: &planned.grid },
            index: ZoneIndex::new(&plan.zones, &planned.zones, &planned.grid.transform),
            tiles: Tiling::of(&planned.grid, [before, after]).touched(&planned.grid, &in_force),
            method: planned.method(&plan.detection.method),
        }
    }

    /// Worker threads.
    #[must_use]
    pub fn jobs(&self, options: &RunOptions) -> usize {
        threads_within(options.ram_mb, options.jobs, &self.tiles, self.planned.roles.len())
    }

    /// Reads the sample and learns from it.
    ///
    /// # Errors
    /// Cancelled, or a scene that cannot be opened any more.
    pub fn learn(&self, options: &RunOptions, progress: &Progress) -> Result<Learnt, RunError> {
        let season_days = season_days((self.pair.before.date, self.pair.after.date));
        let least_habit = self.plan.tables.false_change.least_habit(season_days);
        let learning = Learning {
            pair: self.pair,
            kind: self.planned.kind,
            method: self.method.as_ref(),
            rule: self.plan.detection.threshold,
            remedy: self.plan.detection.alignment,
            index: &self.index,
            tiles: &self.tiles,
            jobs: self.jobs(options),
            budget: sample_bytes(options.ram_mb),
            cover: &self.plan.tables.cover_rules,
            least_habit: least_habit.filter(|_| self.planned.kind.is_image()),
        };
        learning.learn(progress)
    }
}
