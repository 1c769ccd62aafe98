//! The main job: project → comparisons → ledger → documents. Stopped at any moment it leaves everything as it was.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use crate::io;
use crate::io::atomic::{Staging, check_output};
use crate::io::ledger::{self, Ledger};
use crate::io::raster::RasterError;
use crate::job::Progress;
use crate::ledger::ComparisonKey;
use crate::model::flag::FalseChange;
use crate::model::notice::{Explain, Notice, Weight, first_named};
use crate::model::outcome::{ComparisonOutcome, Outcome, SceneRecord, StageTime};
use crate::model::scene::{Scene, SceneMask};
use crate::model::units::Metres;
use crate::project;
use crate::project::plan::{Plan, PlannedComparison};
use crate::report;
use crate::screen::{history, observed, recurrence};

use super::compare::{Compared, compare};
use super::error::RunError;
use super::outputs::{result_rasters, write_documents};
use super::{RunOptions, RunReport};

/// Runs a project.
///
/// # Errors
/// [`RunError`] where there is no result; nothing was changed then.
pub fn run(project: &Path, options: &RunOptions, progress: &Progress) -> Result<RunReport, RunError> {
    let started = Timestamp::now();
    progress.stage("check", 0)?;
    io::setup::lock_down(options.ram_mb as u64);
    let plan = project::check(project)?;
    run_plan(&plan, started, options, progress)
}

/// Runs a plan whose project was checked.
pub(super) fn run_plan(
    plan: &Plan,
    started: Timestamp,
    options: &RunOptions,
    progress: &Progress,
) -> Result<RunReport, RunError> {
    let directory = output_directory(plan, options);
    check_output(&directory, &sources(plan))?;
    ledger::inspect(&plan.ledger)?.check_crs(&plan.ledger, &plan.crs)?;
    let staging = Staging::begin(&directory, "ecoredline")?;

    let mut outcome = compare_all(plan, &staging, options, progress)?;

    progress.stage("ledger", 0)?;
    let mut record = Ledger::open(&plan.ledger)?.begin_run(started)?;
    record.identify(&mut outcome)?;
    let on_record = record.of_other_comparisons(&outcome)?;
    history::weigh(&mut outcome.comparisons, &on_record, &plan.tables.severity);
    record.record(&mut outcome)?;
    let lang = options.lang.unwrap_or(plan.outputs.language);
    write_documents(&staging, &mut outcome, &plan.outputs.formats, lang, options.jobs, progress)?;
    record.settle()?;
    let written = staging.commit()?;
    record.commit()?;
    Ok(RunReport { outcome, written, ledger: plan.ledger.clone() })
}

/// Where the results go.
pub(super) fn output_directory(plan: &Plan, options: &RunOptions) -> PathBuf {
    options.output_directory.clone().unwrap_or_else(|| plan.outputs.directory.clone())
}

pub(super) fn sources(plan: &Plan) -> Vec<PathBuf> {
    let masks = plan.scenes.iter().flat_map(|scene| &scene.masks).map(SceneMask::path);
    let files = plan.scenes.iter().flat_map(|scene| &scene.files).map(|file| file.path.as_path());
    files.chain(masks).chain(plan.zone_files.iter().map(PathBuf::as_path)).map(Path::to_path_buf).collect()
}

fn compare_all(plan: &Plan, staging: &Staging, options: &RunOptions, progress: &Progress) -> Result<Outcome, RunError> {
    let mut scenes: Vec<SceneRecord> = plan.scenes.iter().map(|scene| scene_record(scene, &plan.file)).collect();
    let mut notices = plan.notices.clone();
    let mut comparisons: Vec<ComparisonOutcome> = Vec::new();
    let mut lost = None;
    for planned in &plan.comparisons {
        let known = ledger::detected(&plan.ledger, &key(plan, planned))?;
        let rasters = plan.outputs.rasters.then(|| result_rasters(staging, plan, planned)).transpose()?;
        let compared = match compare(plan, planned, &known, rasters, options, progress) {
            Err(RunError::Raster(error)) => {
                notices.extend(lost_notices(&error, plan, planned));
                lost.get_or_insert(error);
                continue;
            }
            compared => compared?,
        };
        let Compared { outcome, notices: new, before_hash, after_hash } = compared;
        // Two scenes of which nothing was seen are alike too.
        if before_hash == after_hash && outcome.totals.observed().0 > 0.0 {
            notices.push(named("comparison_same_pixels", Weight::Warning, plan, planned));
        }
        add_hash(&mut scenes[planned.from], &before_hash);
        add_hash(&mut scenes[planned.to], &after_hash);
        notices.extend(new);
        comparisons.push(outcome);
    }
    if let Some(error) = lost.filter(|_| comparisons.is_empty()) {
        return Err(error.into());
    }
    recurrence::settle(&mut comparisons, &plan.tables.false_change);
    for comparison in &mut comparisons {
        observed::withhold(comparison, &plan.tables.false_change);
        notices.extend(lacking_notice(comparison, plan));
    }
    let mut outcome = Outcome {
        project: plan.name.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        gdal: io::setup::gdal_version(),
        crs: plan.crs.clone(),
        crs_choice: plan.crs_choice,
        ellipsoidal_areas: plan.ellipsoidal_areas,
        tables: tables(plan),
        zones: plan.zones.clone(),
        scenes,
        comparisons,
        notices: Vec::new(),
        timing: Vec::new(),
        peak_rss_mb: 0.0,
    };
    outcome.notices = unrepeated(notices);
    outcome.notices.extend(report::audit(&outcome));
    Ok(outcome)
}

fn key(plan: &Plan, planned: &PlannedComparison) -> ComparisonKey {
    ComparisonKey { from: plan.scenes[planned.from].date, to: plan.scenes[planned.to].date, kind: planned.kind }
}

/// A notice that names a comparison.
fn named(code: &'static str, weight: Weight, plan: &Plan, planned: &PlannedComparison) -> Notice {
    let key = key(plan, planned);
    Notice::new(code, weight).fact("from", key.from).fact("to", key.to).fact("kind", key.kind.key())
}

/// A scene that could be read when the project was checked cannot be any more: its comparison is left out, the others are
/// made.
fn lost_notices(error: &RasterError, plan: &Plan, planned: &PlannedComparison) -> [Notice; 2] {
    let cause = Notice { weight: Weight::Refused, ..error.notice() };
    [cause, named("comparison_lost", Weight::Refused, plan, planned)]
}

/// The zones that lack data, in one notice a comparison. What a drone does not cover was never meant to be seen.
fn lacking_notice(comparison: &ComparisonOutcome, plan: &Plan) -> Option<Notice> {
    let lacking: Vec<String> = comparison
        .zones
        .iter()
        .filter(|tally| !tally.enough_data)
        .map(|tally| plan.zones[tally.zone].id.clone())
        .collect();
    let withheld = comparison.discarded.iter().filter(|discard| discard.by == FalseChange::NotEnoughData).count();
    let weight = if comparison.kind.shows_whole_zones() { Weight::Warning } else { Weight::Note };
    let notice = Notice::new("zones_lack_data", weight).fact("from", comparison.from_date);
    let notice = notice.fact("to", comparison.to_date).fact("kind", comparison.kind.key());
    let notice = notice.fact("count", lacking.len()).fact("list", first_named(&lacking)).fact("withheld", withheld);
    (!lacking.is_empty()).then_some(notice)
}

/// Versions of the tables and contents of the legends that the run rests on.
fn tables(plan: &Plan) -> Vec<String> {
    let mut tables = plan.tables.versions();
    for table in plan.scenes.iter().filter_map(|scene| scene.legend.table.as_ref()) {
        if !tables.contains(table) {
            tables.push(table.clone());
        }
    }
    tables
}

/// A scene compared twice was read on two sets of windows; its hash covers both, in order.
fn add_hash(record: &mut SceneRecord, hash: &str) {
    record.content_hash = if record.content_hash.is_empty() {
        hash.to_owned()
    } else {
        format!("{:032x}", xxh3_128(format!("{}{hash}", record.content_hash).as_bytes()))
    };
}

/// A scene as evidence. Files in the project's folder are named relative to it: a project that moves as a whole keeps its
/// words, and gives the same bytes wherever it lies.
fn scene_record(scene: &Scene, project: &Path) -> SceneRecord {
    let folder = project.parent().unwrap_or(Path::new(""));
    let named = |path: &PathBuf| path.strip_prefix(folder).map_or_else(|_| path.clone(), Path::to_path_buf);
    SceneRecord {
        date: scene.date,
        kind: scene.kind,
        sensor: scene.sensor.clone(),
        paths: scene.files.iter().map(|file| named(&file.path)).collect(),
        crs: scene.files.first().map_or_else(String::new, |file| file.grid.crs.label()),
        gsd: Metres(ground_pixel(scene)),
        roles: scene.roles.clone(),
        content_hash: String::new(),
    }
}

/// Pixel width of a scene in metres; degrees are taken at the equator's length, along the meridian.
fn ground_pixel(scene: &Scene) -> f64 {
    use crate::model::crs::CrsUnit;
    let metres = |file: &crate::model::scene::SceneFile| {
        let (_, height) = file.grid.transform.pixel_size();
        height
            * match file.grid.crs.unit {
                CrsUnit::Degree => METRES_PER_DEGREE,
                CrsUnit::Projected { metres } => metres,
                CrsUnit::Unknown => 1.0,
            }
    };
    scene.files.iter().map(metres).fold(f64::INFINITY, f64::min)
}

/// Length of one degree of a meridian, mean over GRS 80.
const METRES_PER_DEGREE: f64 = 111_132.95;

/// Notices in their order, each once.
pub(super) fn unrepeated(notices: Vec<Notice>) -> Vec<Notice> {
    let mut kept: Vec<Notice> = Vec::with_capacity(notices.len());
    for notice in notices {
        if !kept.contains(&notice) {
            kept.push(notice);
        }
    }
    kept
}

/// Seconds by stage so far; comparisons share their stages.
pub fn timing(progress: &Progress) -> Vec<StageTime> {
    let mut times: Vec<StageTime> = Vec::new();
    for (stage, duration) in progress.finish() {
        match times.iter_mut().find(|time| time.stage == stage) {
            Some(time) => time.seconds += duration.as_secs_f64(),
            None => times.push(StageTime { stage, seconds: duration.as_secs_f64() }),
        }
    }
    times
}
