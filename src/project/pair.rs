//! Two scenes → the comparison that a run would make of them.

use std::sync::Arc;

use super::comparisons;
use super::lattice::{Place, analysis_grid};
use super::legend;
use super::plan::{Plan, PlannedComparison};
use super::zones;
use crate::detect::legend::LegendPair;
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::Scene;
use crate::model::zone::Zone;

/// What every comparison of a project shares.
pub(super) struct Ground<'g> {
    /// All scenes.
    pub scenes: &'g [Scene],
    /// All zones.
    pub zones: &'g [Zone],
    /// The analysis CRS.
    pub crs: &'g Arc<Crs>,
    /// Pixel size that the user wants.
    pub gsd_m: Option<f64>,
}

impl Ground<'_> {
    /// The comparison of two scenes, the earlier one first, and what to tell of it.
    ///
    /// # Errors
    /// Why they do not compare.
    pub fn comparison(&self, from: usize, to: usize) -> Result<(PlannedComparison, Vec<Notice>), Notice> {
        let (before, after) = (&self.scenes[from], &self.scenes[to]);
        if let Some(file) = before.files.iter().find(|file| after.files.iter().any(|other| other.path == file.path)) {
            return Err(Notice::new("comparison_same_file", Weight::Refused).at(&file.path));
        }
        let (roles, told) = comparisons::common_roles(before, after)?;
        LegendPair::of(&before.legend, &after.legend).map_err(|clash| legend::clash_notice(&clash))?;
        let in_force: Vec<usize> = (0..self.zones.len()).filter(|z| self.zones[*z].in_force_on(after.date)).collect();
        let Some(reach) = zones::bounds(in_force.iter().map(|z| self.zones[*z].reach())) else {
            return Err(Notice::new("no_zone_in_force", Weight::Refused));
        };
        let place = Place { crs: self.crs, gsd_m: self.gsd_m, reach };
        let grid = analysis_grid(before, after, &roles, &place)?;
        let mut notices: Vec<Notice> = told.into_iter().collect();
        if before.is_reflectance != after.is_reflectance {
            let notice = Notice::new("W18_radiometry_differs", Weight::Note);
            notices.push(notice.fact("from", before.date).fact("to", after.date));
        }
        Ok((PlannedComparison { from, to, kind: before.kind, grid, roles, zones: in_force }, notices))
    }
}

/// Names the two scenes in a notice that does not.
pub(super) fn named(notice: Notice, before: &Scene, after: &Scene) -> Notice {
    if notice.facts.iter().any(|fact| fact.0 == "from") {
        notice
    } else {
        notice.fact("from", before.date).fact("to", after.date)
    }
}

/// The comparison that a run would make of two scenes of a plan, were it asked to.
///
/// # Errors
/// Why they do not compare.
pub fn pair(plan: &Plan, from: usize, to: usize) -> Result<PlannedComparison, Notice> {
    let crs = Arc::new(plan.crs.clone());
    let ground = Ground { scenes: &plan.scenes, zones: &plan.zones, crs: &crs, gsd_m: plan.gsd_m };
    let made = ground.comparison(from, to).map(|made| made.0);
    made.map_err(|notice| named(notice, &plan.scenes[from], &plan.scenes[to]))
}
