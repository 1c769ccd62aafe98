//! What the project's comparisons are worth against a reference, and where to look for one: [`assess`] and [`draw`].
//!
//! Both run the comparisons as a run does, with the change masks in a folder of their own that goes away again; ledger and
//! outputs stay untouched.

mod agreement;
mod codes;
mod draw;
mod error;
mod mapped;
mod reference;

use std::path::{Path, PathBuf};

use crate::io;
use crate::io::atomic::write_bytes;
use crate::job::Progress;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::SceneKind;
use crate::project;
use crate::project::plan::{Plan, PlannedComparison};
use crate::report::accuracy::{Assessed, Assessment, answer};

pub use draw::{DrawReport, DrawWish, draw};
pub use error::ReferenceError;

use super::RunOptions;
use super::error::RunError;
use super::run::{sources, unrepeated};
use agreement::agreement;
use mapped::Mapped;

/// Which comparisons are meant: a date or year each, as text that the date begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pick {
    /// Date of the earlier scene.
    pub from: Option<String>,
    /// Date of the later scene.
    pub to: Option<String>,
    /// Kind of both.
    pub kind: Option<SceneKind>,
}

impl Pick {
    /// The comparisons of a plan that are meant.
    fn of<'p>(&self, plan: &'p Plan) -> Result<Vec<&'p PlannedComparison>, RunError> {
        let begins = |wanted: &Option<String>, scene: usize| {
            wanted.as_ref().is_none_or(|text| plan.scenes[scene].date.to_string().starts_with(text.as_str()))
        };
        let meant = |c: &&PlannedComparison| {
            begins(&self.from, c.from) && begins(&self.to, c.to) && self.kind.is_none_or(|kind| kind == c.kind)
        };
        let found: Vec<_> = plan.comparisons.iter().filter(meant).collect();
        let told = |c: &PlannedComparison| {
            format!("{} → {} {}", plan.scenes[c.from].date, plan.scenes[c.to].date, c.kind.word())
        };
        let known = || plan.comparisons.iter().map(told).collect::<Vec<_>>().join("; ");
        if found.is_empty() { Err(ReferenceError::NoComparison { known: known() }.into()) } else { Ok(found) }
    }
}

/// What is to be assessed, and against what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccuracyWish {
    /// The reference: a raster, or a layer of polygons or points.
    pub reference: PathBuf,
    /// Field with the label.
    pub field: Option<String>,
    /// Labels that mean changed; empty for the usual ones.
    pub changed: Vec<String>,
    /// Labels that mean unchanged; empty for the usual ones.
    pub unchanged: Vec<String>,
    /// Which comparisons.
    pub pick: Pick,
    /// File for the answer as JSON.
    pub out: Option<PathBuf>,
}

/// Compares as a run would and sets the change masks against a reference.
///
/// # Errors
/// [`RunError`] where the project cannot be run, or the reference says nothing about it.
pub fn assess(
    project: &Path,
    wish: &AccuracyWish,
    options: &RunOptions,
    progress: &Progress,
) -> Result<Assessment, RunError> {
    progress.stage("check", 0)?;
    io::setup::lock_down(options.ram_mb as u64);
    let plan = project::check(project)?;
    if let Some(out) = &wish.out {
        keep_sources(out, &plan, Some(&wish.reference))?;
    }
    let chosen = wish.pick.of(&plan)?;
    let (reference, mut notices) = reference::read(wish, &plan.crs)?;
    notices.splice(0..0, plan.notices.clone());
    if chosen.len() > 1 && !reference.names_comparisons() {
        notices.push(Notice::new("reference_many", Weight::Warning).fact("n", chosen.len()).at(&wish.reference));
    }
    let mut comparisons = Vec::new();
    let mut seen = Vec::new();
    for planned in chosen {
        let mapped = Mapped::new(&plan, planned, options, progress)?;
        let found = agreement(&mapped, &reference, options, progress)?;
        notices.extend(mapped.notices.iter().cloned().chain(found.notices()));
        seen.extend(found.values.iter().cloned());
        let assessed = found.assessed(&mapped, &reference);
        notices.extend(partly_labelled(&assessed, wish));
        comparisons.push(assessed);
    }
    if comparisons.iter().all(|one| one.matrix.total() + one.not_observed.iter().sum::<u64>() == 0) {
        return Err(reference.silent(wish, &seen).into());
    }
    let basis = reference.basis();
    let made = Assessment {
        project: plan.name.clone(),
        reference: wish.reference.clone(),
        basis,
        comparisons,
        notices: unrepeated(notices),
    };
    if let Some(out) = &wish.out {
        write_bytes(out, format!("{:#}\n", answer(&made)).as_bytes())?;
    }
    Ok(made)
}

/// Points left without a label are no loss only where it is chance which ones are.
fn partly_labelled(one: &Assessed, wish: &AccuracyWish) -> Option<Notice> {
    (one.estimates.is_some() && one.unlabelled > 0).then(|| {
        let labelled = one.matrix.total() + one.not_observed.iter().sum::<u64>();
        Notice::new("reference_unlabelled", Weight::Warning)
            .at(&wish.reference)
            .fact("n", one.unlabelled)
            .fact("of", one.unlabelled + labelled)
    })
}

/// Refuses to write over an input.
fn keep_sources(out: &Path, plan: &Plan, reference: Option<&Path>) -> Result<(), RunError> {
    let target = io::files::absolute(out);
    let mut inputs = sources(plan);
    inputs.extend([plan.file.clone(), plan.ledger.clone()]);
    inputs.extend(reference.map(io::files::absolute));
    if inputs.contains(&target) { Err(ReferenceError::OutputIsInput { path: target }.into()) } else { Ok(()) }
}
