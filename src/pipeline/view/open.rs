//! Opening a project for looking: the check's plan and the flags on record. No pixel is read.

use std::path::Path;

use super::pyramid::Pyramid;
use crate::io;
use crate::io::ledger::LedgerError;
use crate::job::Progress;
use crate::model::notice::{Explain, Notice};
use crate::model::record::{FlagRecord, LackingZone, ZoneSight};
use crate::pipeline::RunError;
use crate::project;
use crate::project::plan::Plan;

/// A project as it is looked at.
#[derive(Debug)]
pub struct Opened {
    /// What a run would do.
    pub plan: Plan,
    /// The lattice of tiles; `None` where no scene can be shown.
    pub pyramid: Option<Pyramid>,
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
    Ok(Opened { pyramid: Pyramid::of(&plan), records, lacking, sights, notices, plan })
}

/// Flags, zones of which too little was seen, and how much of each zone was seen.
type OnRecord = (Vec<FlagRecord>, Vec<LackingZone>, Vec<ZoneSight>);

fn on_record(plan: &Plan) -> Result<OnRecord, LedgerError> {
    let ledger = &plan.ledger;
    Ok((io::ledger::read_flags(ledger)?, io::ledger::read_lacking(ledger)?, io::ledger::read_sights(ledger)?))
}
