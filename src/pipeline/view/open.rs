//! Opening a project for looking: the check's plan, the flags on record, and one stretch over the years.

use std::path::Path;

use super::colour::JointStretch;
use super::pyramid::Pyramid;
use crate::io;
use crate::io::ledger::LedgerError;
use crate::io::raster::SceneReader;
use crate::job::Progress;
use crate::model::grid::{Grid, Window};
use crate::model::notice::{Explain, Notice};
use crate::model::record::{FlagRecord, LackingZone, ZoneSight};
use crate::model::scene::Scene;
use crate::pipeline::RunError;
use crate::project;
use crate::project::plan::Plan;

/// Places along each side of a scene at which its brightness is sampled.
const PLACES: usize = 4;

/// Rows and columns read at each place.
const SIDE: usize = 64;

/// Tries along a row of places until one was seen; scenes have empty corners.
const MOST_FILES: usize = 9;

/// A project as it is looked at.
#[derive(Debug)]
pub struct Opened {
    /// What a run would do.
    pub plan: Plan,
    /// The lattice of tiles; `None` where no scene can be shown.
    pub pyramid: Option<Pyramid>,
    /// Dark and bright of every band.
    pub stretch: JointStretch,
    /// Flags on record.
    pub records: Vec<FlagRecord>,
    /// Zones on record of which too little was seen.
    pub lacking: Vec<LackingZone>,
    /// How much every comparison on record saw of each zone.
    pub sights: Vec<ZoneSight>,
    /// What the check found, and what else there is to tell.
    pub notices: Vec<Notice>,
}

/// Opens a project: everything but pixels of the map.
///
/// # Errors
/// [`RunError`] where there is no plan. A ledger or a scene that cannot be read is a notice, not an error.
pub fn open(project: &Path, progress: &Progress) -> Result<Opened, RunError> {
    progress.stage("check", 0)?;
    io::setup::ensure();
    let plan = project::check(project)?;
    let mut notices = plan.notices.clone();
    let (records, lacking, sights) = on_record(&plan).unwrap_or_else(|error| {
        notices.push(error.notice());
        (Vec::new(), Vec::new(), Vec::new())
    });
    progress.stage("sample", plan.scenes.len() as u64)?;
    let mut stretch = JointStretch::default();
    for scene in &plan.scenes {
        if let Err(error) = sample(scene, &mut stretch) {
            notices.push(error.notice());
        }
        progress.advance(1)?;
    }
    stretch.settle();
    Ok(Opened { pyramid: Pyramid::of(&plan), stretch, records, lacking, sights, notices, plan })
}

/// Flags, zones of which too little was seen, and how much of each zone was seen.
type OnRecord = (Vec<FlagRecord>, Vec<LackingZone>, Vec<ZoneSight>);

fn on_record(plan: &Plan) -> Result<OnRecord, LedgerError> {
    let ledger = &plan.ledger;
    Ok((io::ledger::read_flags(ledger)?, io::ledger::read_lacking(ledger)?, io::ledger::read_sights(ledger)?))
}

/// Looks at a few small windows of a scene at full resolution: they cost the same with and without overviews.
fn sample(scene: &Scene, stretch: &mut JointStretch) -> Result<(), RunError> {
    let every = scene.files.len().div_ceil(MOST_FILES).max(1);
    for file in scene.files.iter().step_by(every) {
        let roles: Vec<_> = file.bands.iter().map(|band| band.role).collect();
        let alone = Scene { files: vec![file.clone()], masks: Vec::new(), ..scene.clone() };
        let mut reader = SceneReader::open(&alone, &roles, &file.grid, (0.0, 0.0))?;
        let along = if every > 1 || scene.files.len() > 1 { 2 } else { PLACES };
        for window in places(&file.grid, along) {
            stretch.add(scene.kind, &roles, &reader.read(window)?);
        }
    }
    Ok(())
}

fn places(grid: &Grid, along: usize) -> Vec<Window> {
    let span = |n: usize, limit: usize| {
        let len = SIDE.min(limit);
        let middle = (2 * n + 1) * limit / (2 * along);
        (middle.saturating_sub(len / 2).min(limit - len), len)
    };
    let each = (0..along).flat_map(|r| (0..along).map(move |c| (r, c)));
    each.map(|(r, c)| {
        let ((row, rows), (col, cols)) = (span(r, grid.rows), span(c, grid.cols));
        Window { row, col, rows, cols }
    })
    .collect()
}
