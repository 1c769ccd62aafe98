//! Building the overviews that scenes lack, as one job: for maps alone, kept in the user's cache folder.

use crate::io::raster::reduced::{self, ReduceError};
use crate::job::{Cancelled, Progress};
use crate::model::notice::{Explain, Notice};
use crate::model::scene::SceneFile;
use crate::pipeline::RunError;
use crate::project::plan::Plan;

/// Steps that the progress of one file is told in.
const STEPS: u64 = 100;

/// Files of a plan that are large and have no overviews, neither their own nor kept ones. A file that cannot be opened is
/// not among them.
#[must_use]
pub fn wanting_overviews(plan: &Plan) -> Vec<&SceneFile> {
    let files = plan.scenes.iter().flat_map(|scene| &scene.files);
    files.filter(|file| reduced::is_wanting(file).unwrap_or(false)).collect()
}

/// Builds them. Returns how many were built, and what there is to tell of those that were not.
///
/// # Errors
/// [`RunError`] where it was stopped; what was finished until then is kept.
pub fn build_overviews(plan: &Plan, progress: &Progress) -> Result<(usize, Vec<Notice>), RunError> {
    progress.stage("overviews", 0)?;
    let files = wanting_overviews(plan);
    progress.stage("overviews", files.len() as u64 * STEPS)?;
    let (mut built, mut notices) = (0, Vec::new());
    for (number, file) in files.iter().enumerate() {
        let told = std::cell::Cell::new(0);
        let advance = |share: f64| {
            let now = (share.clamp(0.0, 1.0) * STEPS as f64) as u64;
            let more = now.saturating_sub(told.get());
            told.set(now.max(told.get()));
            progress.advance(more).is_ok()
        };
        match reduced::build(file, &advance) {
            Ok(_) => built += 1,
            Err(ReduceError::Stopped) => return Err(Cancelled.into()),
            Err(ReduceError::Read(error)) => notices.push(error.notice()),
            Err(ReduceError::Write(error)) => {
                // The next would fail alike.
                notices.push(error.notice());
                progress.advance((files.len() - number) as u64 * STEPS)?;
                break;
            }
        }
        progress.advance(STEPS - told.get())?;
    }
    Ok((built, notices))
}
