//! What is to be handed on: which flags, in which documents, to which folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::flags::{BINS, Bar, Figures, score_range};
use super::{Overlay, Session, Task, Work};
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::Outcome;
use crate::pipeline::export::{ExportOrder, ExportReport, Origin, export, run_and_export};
use crate::report::{Format, Value, table};

/// Name of the figures behind the charts.
const CHARTS: &str = "charts.csv";

/// Which flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that the latest runs found.
    All,
    /// Those that the table shows.
    Shown,
    /// Those that are marked.
    Marked,
}

/// What may be asked of the export.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportWish {
    /// Show the form.
    Open,
    /// The form says something else.
    Change(ExportForm),
    /// Write.
    Start,
}

/// The form as it is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportForm {
    /// Which flags.
    pub scope: Scope,
    /// Documents.
    pub formats: BTreeSet<Format>,
    /// Whether `summary.json` is wanted.
    pub summary: bool,
    /// Whether the rasters are wanted.
    pub rasters: bool,
    /// Whether the figures behind the charts are wanted.
    pub charts: bool,
    /// The folder as it is typed; a relative one begins at the project.
    pub folder: String,
    /// Whether files that are there are replaced.
    pub replace: bool,
}

impl Default for ExportForm {
    fn default() -> Self {
        Self {
            scope: Scope::All,
            formats: BTreeSet::from([Format::Xlsx, Format::Gpkg]),
            summary: false,
            rasters: false,
            charts: false,
            folder: String::new(),
            replace: false,
        }
    }
}

/// The export as the session keeps it.
#[derive(Debug, Default)]
pub struct Export {
    /// The form.
    pub form: ExportForm,
    /// The project file and the outcome of the latest run of this session.
    at_hand: Option<(PathBuf, Arc<Outcome>)>,
}

impl Export {
    /// Keeps what a run found.
    pub(super) fn keep(&mut self, project: &Path, outcome: Outcome) {
        self.at_hand = Some((project.to_path_buf(), Arc::new(outcome)));
    }

    fn of(&self, project: &Path) -> Option<Arc<Outcome>> {
        self.at_hand.as_ref().filter(|(of, _)| of == project).map(|(_, outcome)| Arc::clone(outcome))
    }
}

impl Session {
    /// What an export rests on now.
    #[must_use]
    pub fn export_origin(&self) -> Origin {
        let at_hand = self.project.as_ref().and_then(|project| self.export.of(&project.plan.file));
        if at_hand.is_some() { Origin::Run } else { Origin::Ledger }
    }

    /// What the form asks for, without the flags and the tables themselves; `None` without a project.
    #[must_use]
    pub fn export_outline(&self) -> Option<ExportOrder> {
        let (form, project) = (&self.export.form, self.project.as_ref()?);
        Some(ExportOrder {
            folder: project.plan.file.parent().unwrap_or(Path::new("")).join(form.folder.trim()),
            formats: form.formats.clone(),
            // The summary tells of a whole run.
            summary: form.summary && form.scope == Scope::All,
            rasters: form.rasters,
            tables: if form.charts { vec![(CHARTS, Vec::new())] } else { Vec::new() },
            flags: None,
            replace: form.replace,
            lang: self.lang(),
        })
    }

    /// The whole order: the outline with its flags and tables.
    fn export_order(&self) -> Option<ExportOrder> {
        let book = &self.project.as_ref()?.flags;
        let uuids = |records: &mut dyn Iterator<Item = usize>| records.map(|at| book.records()[at].uuid).collect();
        let mut order = self.export_outline()?;
        order.flags = match self.export.form.scope {
            Scope::All => None,
            Scope::Shown => Some(uuids(&mut book.order().iter().copied())),
            Scope::Marked => Some(uuids(&mut book.marked().iter().copied())),
        };
        for (_, table) in &mut order.tables {
            *table = charts(book.figures(), self.lang());
        }
        Some(order)
    }

    /// Does what is asked of the export.
    pub(super) fn hand_on(&mut self, wish: ExportWish) {
        match wish {
            ExportWish::Open => self.open_export(),
            ExportWish::Change(form) => self.export.form = form,
            ExportWish::Start => self.start_export(),
        }
    }

    fn open_export(&mut self) {
        let Some(project) = &self.project else { return };
        let marked = project.flags.marked().len();
        let form = &mut self.export.form;
        form.scope = match form.scope {
            _ if marked > 1 => Scope::Marked,
            Scope::Marked => Scope::Shown,
            scope => scope,
        };
        if form.folder.is_empty() {
            "export".clone_into(&mut form.folder);
        }
        self.overlay = Some(Overlay::Export);
    }

    fn start_export(&mut self) {
        let (Some(order), Some(project)) = (self.export_order(), &self.project) else { return };
        let file = project.plan.file.clone();
        if order.needs_run(self.export_origin()) {
            self.done = None;
            let work = Work::run_with(file, self.lang(), &self.wake, move |file, options, progress| {
                run_and_export(file, &order, options, progress)
            });
            self.jobs.begin(work);
        } else {
            let (plan, at_hand) = (Arc::clone(&project.plan), self.export.of(&file));
            let folder = order.folder.clone();
            self.jobs.begin(Work::start(Task::Export, folder, &self.wake, move |_, progress| {
                export(&plan, at_hand.as_deref(), &order, progress).map(super::jobs::End::Exported)
            }));
        }
        self.overlay = None;
    }

    /// Tells what was written.
    pub(super) fn tell_export(&mut self, folder: &Path, report: &ExportReport) {
        let names: Vec<String> = report
            .written
            .iter()
            .filter_map(|path| path.strip_prefix(folder).ok())
            .map(|name| name.display().to_string())
            .collect();
        let notice = Notice::new("exported", Weight::Note).at(folder);
        self.messages.push(notice.fact("flags", report.flags).fact("files", names.join(", ")));
    }

    /// Takes the folder that was chosen by the system's dialog.
    pub(super) fn export_to(&mut self, folder: &Path) {
        self.export.form.folder = folder.display().to_string();
    }
}

/// The figures behind the charts as one table: chart, name, flags, area by severity.
fn charts(figures: &Figures, lang: Lang) -> Vec<u8> {
    let heads = ["chart", "name", "flags", "high", "medium", "low", "all"]
        .map(|head| lang.word(&format!("gui.charts.head.{head}")));
    let parts = [
        ("gui.charts.zones", &figures.zones),
        ("gui.flags.column.suggestion", &figures.suggestions),
        ("gui.flags.column.change", &figures.changes),
        ("gui.charts.years", &figures.years),
    ];
    let row = |chart: &str, bar: &Bar| {
        let areas = bar.areas.into_iter().chain([bar.area()]).map(|area| Value::Number(area.0));
        let head =
            [Value::Text(lang.word(chart)), Value::Text(bar.choice.told(lang)), Value::Integer(bar.flags as i64)];
        head.into_iter().chain(areas).collect::<Vec<Value>>()
    };
    let bars = parts.into_iter().flat_map(|(chart, bars)| bars.iter().map(move |bar| row(chart, bar)));
    let bins = (0..BINS).map(|bin| {
        let (from, to) = score_range(bin);
        let counts = figures.scores[bin];
        let whole = counts.iter().sum::<usize>() as i64;
        let head = [
            Value::Text(lang.word("gui.charts.scores")),
            Value::Text(format!("{from:.0}–{to:.0}")),
            Value::Integer(whole),
        ];
        // Scores are counted, not measured: their areas are left open.
        head.into_iter().chain([Value::Missing, Value::Missing, Value::Missing, Value::Missing]).collect()
    });
    table(&heads, bars.chain(bins))
}
