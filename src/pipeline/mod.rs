//! The use cases ([`run`], [`check`], [`init`], [`assess`], [`draw`], [`export`], [`profile`], [`preview`], [`sheet`]), and the only loop
//! over blocks ([`blocks`]). Projects are begun ([`mod@draft`]), changed ([`editing`]) and mended ([`doctor`]) here too.
//!
//! Both fronts call the same functions; nothing here is a word for a user: what there is to say are notices.

mod accuracy;
mod align;
pub mod basemap;
pub mod blocks;
mod chips;
mod classes;
mod compare;
mod counts;
pub mod doctor;
pub mod draft;
pub mod editing;
mod error;
pub mod export;
mod fit;
pub mod ground;
mod on_record;
mod outputs;
mod pair;
mod patches;
mod prepare;
pub mod preview;
pub mod profile;
mod run;
mod sheet;
mod surfaces;
mod tally;
mod transfers;
pub mod view;
mod volumes;

use std::path::{Path, PathBuf};

pub use accuracy::{AccuracyWish, DrawReport, DrawWish, Pick, ReferenceError, assess, draw};
pub use blocks::LEAST_RAM_MB;
pub use error::{RunEnd, RunError};
pub use run::run;
pub use sheet::{SheetError, SheetWish, Years, sheet};

use crate::io;
use crate::io::atomic::check_output;
use crate::lang::Lang;
use crate::model::notice::Notice;
use crate::model::outcome::Outcome;
use crate::project;
use crate::project::plan::Plan;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Worker threads, as far as the memory bound holds them.
    pub jobs: usize,
    /// Memory bound in MB, GDAL's cache included.
    pub ram_mb: usize,
    /// Language of the documents; `None` takes the project's.
    pub lang: Option<Lang>,
    /// Output directory instead of the project's.
    pub output_directory: Option<PathBuf>,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// What was found.
    pub outcome: Outcome,
    /// Files written.
    pub written: Vec<PathBuf>,
    /// The ledger.
    pub ledger: PathBuf,
}

/// Says what a run would do, without doing it.
///
/// # Errors
/// [`RunError`] where nothing could be done.
pub fn check(project: &Path, options: &RunOptions) -> Result<Plan, RunError> {
    io::setup::lock_down(options.ram_mb as u64);
    let plan = project::check(project)?;
    check_output(&run::output_directory(&plan, options), &run::sources(&plan))?;
    io::ledger::inspect(&plan.ledger)?.check_crs(&plan.ledger, &plan.crs)?;
    Ok(plan)
}

/// Removes what a run that is left behind has not put in place; for a program that ends before its work does.
pub fn leave_nothing() {
    io::atomic::remove_unfinished();
}

/// Drafts a project file from a folder of rasters and zone layers and writes it there, never over another.
///
/// # Errors
/// [`RunError`] where the folder holds nothing to compare, or the file cannot be written.
pub fn init(folder: &Path) -> Result<(PathBuf, Vec<Notice>), RunError> {
    io::setup::ensure();
    let draft = project::init(folder)?;
    let file = folder.join("ecoredline.toml");
    io::atomic::write_new(&file, draft.toml.as_bytes())?;
    Ok((file, draft.notices))
}
