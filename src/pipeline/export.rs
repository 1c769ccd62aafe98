//! The use case of handing on what is on record: the flags, or some of them, as documents in a folder of the user's choice.
//!
//! From the run that is at hand the documents are those of the run, byte for byte. From the ledger come the tables and the
//! geodata, with the figures as the ledger keeps them; the report, the summary and the rasters need what only a run knows.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::error::RunError;
use super::outputs::{write_each, write_summary};
use super::run::{run_plan, sources};
use super::{RunOptions, RunReport};
use crate::io;
use crate::io::atomic::{Staging, WriteError, check_output};
use crate::io::ledger::recall;
use crate::job::Progress;
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::Outcome;
use crate::project;
use crate::project::plan::Plan;
use crate::report::Format;

/// Name of the summary.
const SUMMARY: &str = "summary.json";

/// Folder of the rasters.
const RASTERS: &str = "rasters";

/// What is to be written, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportOrder {
    /// The folder; it is made where it is not there.
    pub folder: PathBuf,
    /// Documents.
    pub formats: BTreeSet<Format>,
    /// Whether `summary.json` is written.
    pub summary: bool,
    /// Whether the rasters of change and score are written.
    pub rasters: bool,
    /// Tables that are ready, by the name of their file.
    pub tables: Vec<(&'static str, Vec<u8>)>,
    /// Only these flags; all that the latest runs found where there is no list.
    pub flags: Option<BTreeSet<Uuid>>,
    /// Whether files that are there are replaced.
    pub replace: bool,
    /// Language of the documents.
    pub lang: Lang,
}

/// What an export rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A run of this session: nothing is lacking but the rasters, which a run writes as it goes.
    Run,
    /// The ledger alone.
    Ledger,
}

impl Origin {
    /// Whether a document can be written without a new run.
    #[must_use]
    pub fn gives(self, format: Format) -> bool {
        self == Self::Run || format != Format::Html
    }
}

impl ExportOrder {
    /// Whether it asks for anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.formats.is_empty() && self.tables.is_empty() && !self.summary && !self.rasters
    }

    /// Whether only a new run can give what it asks for. A run tells of all flags.
    #[must_use]
    pub fn needs_run(&self, origin: Origin) -> bool {
        let beyond = self.rasters || self.formats.iter().any(|format| !origin.gives(*format));
        beyond || (self.summary && origin == Origin::Ledger)
    }

    /// Whether the run at hand serves: it found every flag that is asked for, or it alone can tell what is asked for.
    fn rests_on(&self, outcome: &Outcome) -> bool {
        let found = || outcome.comparisons.iter().flat_map(|comparison| &comparison.flags).map(|flag| flag.uuid);
        let all = |wanted: &BTreeSet<Uuid>| wanted.is_subset(&found().collect());
        self.needs_run(Origin::Ledger) || self.flags.as_ref().is_none_or(all)
    }

    /// The files it names, relative to the folder; rasters have names of their own.
    fn files(&self) -> Vec<&'static str> {
        let names = self.formats.iter().map(|format| format.file_name());
        names.chain(self.summary.then_some(SUMMARY)).chain(self.tables.iter().map(|table| table.0)).collect()
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportReport {
    /// Flags in the documents.
    pub flags: usize,
    /// Files written.
    pub written: Vec<PathBuf>,
}

/// Writes what is asked for from a run that is at hand, else from the ledger.
///
/// # Errors
/// [`RunError`]: the folder holds sources or cannot be written, a file is there and is not to be replaced, or the ledger
/// cannot be read. Nothing was written then.
pub fn export(
    plan: &Plan,
    at_hand: Option<&Outcome>,
    order: &ExportOrder,
    progress: &Progress,
) -> Result<ExportReport, RunError> {
    progress.stage("check", 0)?;
    check(plan, order)?;
    let at_hand = at_hand.filter(|outcome| order.rests_on(outcome));
    let mut outcome = match at_hand {
        Some(outcome) => Cow::Borrowed(outcome),
        None => Cow::Owned(on_record(plan, order)?),
    };
    if let Some(wanted) = &order.flags {
        let outcome = outcome.to_mut();
        if at_hand.is_some() {
            keep(outcome, wanted);
        }
        outcome.notices.push(Notice::new("export_part", Weight::Note).fact("flags", count(outcome)));
    }
    let staging = Staging::begin(&order.folder, "ecoredline-export")?;
    let formats: Vec<Format> = order.formats.iter().copied().collect();
    progress.stage("write", formats.len() as u64 + 1)?;
    write_each(&staging, &outcome, &formats, order.lang, 1, progress)?;
    if order.summary {
        write_summary(&staging, &outcome, order.lang)?;
    }
    for (name, bytes) in &order.tables {
        staging.write(Path::new(name), bytes)?;
    }
    progress.advance(1)?;
    let written = staging.commit()?;
    Ok(ExportReport { flags: count(&outcome), written })
}

/// Runs the project anew and writes what is asked for, of all flags. The ledger learns of it as of every run.
///
/// # Errors
/// As [`super::run`], and as [`export`] for the folder.
pub fn run_and_export(
    project: &Path,
    order: &ExportOrder,
    options: &RunOptions,
    progress: &Progress,
) -> Result<RunReport, RunError> {
    let started = jiff::Timestamp::now();
    progress.stage("check", 0)?;
    io::setup::lock_down(options.ram_mb as u64);
    let mut plan = project::check(project)?;
    check(&plan, order)?;
    plan.outputs.formats = order.formats.iter().copied().collect();
    plan.outputs.rasters = order.rasters;
    let options =
        RunOptions { lang: Some(order.lang), output_directory: Some(order.folder.clone()), ..options.clone() };
    run_plan(&plan, started, &options, progress)
}

/// Refuses a folder that would cost the user something.
fn check(plan: &Plan, order: &ExportOrder) -> Result<(), RunError> {
    let mut kept = sources(plan);
    let named = |file: &&Path| file.file_name().is_some_and(|name| order.files().iter().any(|own| name == *own));
    kept.extend([plan.ledger.as_path(), plan.file.as_path()].into_iter().filter(named).map(Path::to_path_buf));
    check_output(&order.folder, &kept)?;
    let names = order.files().into_iter().chain(order.rasters.then_some(RASTERS));
    let there = names.map(|name| order.folder.join(name)).find(|path| path.exists());
    match there.filter(|_| !order.replace) {
        Some(path) => Err(WriteError::Exists(path).into()),
        None => Ok(()),
    }
}

/// The outcome as the ledger keeps it, with a word on what it does not keep.
fn on_record(plan: &Plan, order: &ExportOrder) -> Result<Outcome, RunError> {
    let mut outcome = recall(&plan.ledger, &plan.crs, order.flags.as_ref())?;
    outcome.project.clone_from(&plan.name);
    outcome.crs_choice = plan.crs_choice;
    outcome.notices.push(Notice::new("export_from_ledger", Weight::Note));
    Ok(outcome)
}

fn count(outcome: &Outcome) -> usize {
    outcome.comparisons.iter().map(|comparison| comparison.flags.len()).sum()
}

/// Leaves the wanted flags alone, with their pictures.
fn keep(outcome: &mut Outcome, wanted: &BTreeSet<Uuid>) {
    for comparison in &mut outcome.comparisons {
        let chips = std::mem::take(&mut comparison.chips).into_iter().chain(std::iter::repeat(None));
        let flags = std::mem::take(&mut comparison.flags).into_iter();
        let kept = flags.zip(chips).filter(|(flag, _)| wanted.contains(&flag.uuid));
        (comparison.flags, comparison.chips) = kept.unzip();
        comparison.recount();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const ALL: [Format; 5] = [Format::Gpkg, Format::Geojson, Format::Csv, Format::Xlsx, Format::Html];

    /// The drone pair of the sample with its results in a folder of its own.
    fn project(folder: &Path) -> PathBuf {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
        let scene = |year: u32, day: &str| {
            let path = samples.join(format!("drone/park_{year}.tif"));
            let bands = "bands = { red = 1, green = 2, blue = 3 }";
            format!("[[scenes]]\npath = {path:?}\ndate = \"{day}\"\nkind = \"drone\"\n{bands}\n")
        };
        let zones = samples.join("zones/zones.gpkg");
        let text = format!(
            "version = 1\n[project]\nname = \"park\"\nanalysis_crs = \"EPSG:4549\"\n[[zones]]\npath = {zones:?}\n\
             layer = \"protected_areas\"\nid_field = \"zone_id\"\nname_field = \"name\"\nkind_field = \"kind\"\n{}{}\
             [outputs]\nformats = [\"gpkg\", \"geojson\", \"csv\", \"xlsx\", \"html\"]\n",
            scene(2024, "2024-10-12"),
            scene(2025, "2025-09-27"),
        );
        let file = folder.join("park.toml");
        std::fs::write(&file, text).unwrap();
        file
    }

    fn options() -> RunOptions {
        RunOptions { jobs: 2, ram_mb: 1024, lang: Some(Lang::Zh), output_directory: None }
    }

    fn order(folder: PathBuf) -> ExportOrder {
        ExportOrder {
            folder,
            formats: ALL.into(),
            summary: true,
            rasters: false,
            tables: Vec::new(),
            flags: None,
            replace: false,
            lang: Lang::Zh,
        }
    }

    fn ran() -> (tempfile::TempDir, Plan, RunReport) {
        let folder = tempfile::tempdir().unwrap();
        let file = project(folder.path());
        let report = super::super::run(&file, &options(), &Progress::unwatched()).expect("a run");
        let plan = project::check(&file).expect("sound");
        assert!(count(&report.outcome) > 1);
        (folder, plan, report)
    }

    /// The documents of a folder; clocks are left out of the summary.
    fn documents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file());
        let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let told = |entry: &std::fs::DirEntry| ALL.iter().any(|format| name(entry) == format.file_name());
        entries.filter(told).map(|entry| (name(&entry), std::fs::read(entry.path()).unwrap())).collect()
    }

    #[test]
    fn from_the_run_at_hand_the_documents_are_those_of_the_run() {
        let (folder, plan, report) = ran();
        let to = folder.path().join("handed on/到");
        let written =
            export(&plan, Some(&report.outcome), &order(to.clone()), &Progress::unwatched()).expect("written");
        assert_eq!((written.flags, written.written.len()), (count(&report.outcome), 6));
        let (own, run) = (documents(&to), documents(&plan.outputs.directory));
        assert_eq!(own.keys().collect::<Vec<_>>(), run.keys().collect::<Vec<_>>());
        for (name, bytes) in &run {
            assert!(own[name] == *bytes, "{name} differs");
        }
        let summary = |folder: &Path| std::fs::read(folder.join(SUMMARY)).unwrap();
        assert!(summary(&to) == summary(&plan.outputs.directory));
    }

    #[test]
    fn a_new_run_for_an_export_writes_what_the_console_writes() {
        let (folder, plan, _) = ran();
        let to = folder.path().join("again");
        let order = ExportOrder { rasters: true, ..order(to.clone()) };
        let report = run_and_export(&plan.file, &order, &options(), &Progress::unwatched()).expect("a run");
        assert!(report.written.iter().all(|path| path.starts_with(&to)));
        assert!(to.join(RASTERS).is_dir());
        let (own, run) = (documents(&to), documents(&plan.outputs.directory));
        for (name, bytes) in &run {
            assert!(own[name] == *bytes, "{name} differs");
        }
    }

    #[test]
    fn the_ledger_alone_gives_the_chosen_flags_and_says_so() {
        let (folder, plan, report) = ran();
        let chosen = report.outcome.comparisons[0].flags[1].clone();
        let wanted = ExportOrder {
            formats: [Format::Csv, Format::Geojson].into(),
            summary: false,
            flags: Some(BTreeSet::from([chosen.uuid])),
            ..order(folder.path().join("part"))
        };
        assert!(!wanted.needs_run(Origin::Ledger));
        let written = export(&plan, None, &wanted, &Progress::unwatched()).expect("written");
        assert_eq!(written.flags, 1);
        let csv = std::fs::read_to_string(wanted.folder.join("flags.csv")).unwrap();
        assert_eq!(csv.lines().count(), 2);
        assert!(csv.contains(&chosen.code) && csv.contains(&chosen.uuid.to_string()));
        let twice = export(&plan, None, &ExportOrder { replace: true, ..wanted.clone() }, &Progress::unwatched());
        assert_eq!(std::fs::read_to_string(twice.expect("written").written[0].as_path()).unwrap(), csv);
    }

    #[test]
    fn the_report_and_the_rasters_take_a_run() {
        let whole = order(PathBuf::new());
        assert!(whole.needs_run(Origin::Ledger) && !whole.needs_run(Origin::Run));
        assert!(ExportOrder { rasters: true, ..whole.clone() }.needs_run(Origin::Run));
        let tables = ExportOrder { formats: [Format::Xlsx].into(), summary: false, ..whole };
        assert!(!tables.needs_run(Origin::Ledger));
    }

    #[test]
    fn nothing_is_written_over_sources_the_ledger_or_files_that_are_there() {
        let (folder, plan, report) = ran();
        let refused = |order: &ExportOrder| {
            let error = export(&plan, Some(&report.outcome), order, &Progress::unwatched()).expect_err("refused");
            error.notices()[0].code
        };
        let sources = plan.scenes[0].files[0].path.parent().unwrap().to_path_buf();
        assert_eq!(refused(&order(sources)), "E40_among_sources");
        let there = order(plan.outputs.directory.clone());
        assert_eq!(refused(&there), "E40_exists");
        std::fs::write(folder.path().join("a file"), b"1").unwrap();
        assert_eq!(refused(&order(folder.path().join("a file"))), "E40_not_a_folder");
        let mut own = plan.clone();
        own.ledger = folder.path().join("flags.gpkg");
        let over = ExportOrder { replace: true, ..order(folder.path().to_path_buf()) };
        let error = export(&own, Some(&report.outcome), &over, &Progress::unwatched()).expect_err("refused");
        assert_eq!(error.notices()[0].code, "E40_among_sources");
    }
}
