//! What a run of the project takes: how many comparisons, how many pixels, about how long.

use crate::model::zone::Zone;
use crate::pipeline::blocks::Tiling;
use crate::project::plan::{Plan, PlannedComparison};

/// What a run takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Comparisons made.
    pub comparisons: usize,
    /// Pixels read, each for both scenes.
    pub pixels: u64,
    /// About how many seconds on this machine.
    pub seconds: f64,
}

impl Effort {
    /// The effort of a plan, at so many seconds a pixel.
    #[must_use]
    pub(super) fn of(plan: &Plan, pace: f64) -> Self {
        let pixels: u64 = plan.comparisons.iter().map(|planned| pixels(plan, planned)).sum();
        Self { comparisons: plan.comparisons.len(), pixels, seconds: pixels as f64 * pace }
    }
}

/// Pixels of the tiles that a comparison reads.
fn pixels(plan: &Plan, planned: &PlannedComparison) -> u64 {
    let zones: Vec<&Zone> = planned.zones.iter().map(|&zone| &plan.zones[zone]).collect();
    let scenes = [&plan.scenes[planned.from], &plan.scenes[planned.to]];
    let tiles = Tiling::of(&planned.grid, scenes).touched(&planned.grid, &zones);
    tiles.iter().map(|tile| tile.len() as u64).sum()
}
