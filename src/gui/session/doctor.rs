//! The import doctor at work: looks closer whenever the data or what the project file says of them have changed, and keeps
//! the findings with their remedies.

use std::path::PathBuf;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::jobs::Work;
use super::{Session, Task};
use crate::job::{self, Cancelled, Handle};
use crate::model::Date;
use crate::model::notice::Weight;
use crate::model::scene::SceneKind;
use crate::pipeline::doctor::{self, Examined, Finding};
use crate::project::edit::Place;

/// What may be asked of the doctor.
#[derive(Debug, Clone, PartialEq)]
pub enum DoctorWish {
    /// Look again.
    Again,
    /// A file that was not found is this one.
    Locate(Place, PathBuf),
    /// Ask the system's dialog which file is meant.
    Pick(Place),
}

/// What is known of the inputs.
#[derive(Default)]
pub struct Doctor {
    /// Everything found, the gravest first.
    pub findings: Vec<Finding>,
    examined: Examined,
    work: Option<Handle<Result<Examined, Cancelled>>>,
    /// What the last look was at.
    looked_at: Option<(u64, u64)>,
    /// Whether the findings are of something older than what is known now.
    stale: bool,
    /// Whether the look under way is at a project that is no longer open.
    discards: bool,
}

impl Doctor {
    /// What there is to find may have changed.
    pub(super) fn outdate(&mut self) {
        self.stale = true;
    }

    /// Another project is open.
    pub(super) fn forget(&mut self) {
        self.findings.clear();
        self.examined = Examined::default();
        self.looked_at = None;
        // Waiting for the look to stop would hold up the window.
        self.discards = self.work.is_some();
    }

    /// Findings that ask for action.
    #[must_use]
    pub fn grave(&self) -> usize {
        self.findings.iter().filter(|finding| finding.notice.weight >= Weight::Warning).count()
    }

    /// Findings with a remedy.
    #[must_use]
    pub fn curable(&self) -> usize {
        self.findings.iter().filter(|finding| !finding.remedies.is_empty()).count()
    }

    /// Whether inputs are being looked at.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.work.is_some()
    }

    /// Share of the zones that a scene reaches; `None` while that is not known.
    #[must_use]
    pub fn seen(&self, kind: SceneKind, date: Date) -> Option<f64> {
        self.examined.sights.iter().find(|sight| (sight.kind, sight.date) == (kind, date)).map(|sight| sight.seen)
    }

    /// Share of a scene that its mask hides.
    #[must_use]
    pub fn hidden(&self, kind: SceneKind, date: Date) -> Option<f64> {
        self.examined.sights.iter().find(|sight| (sight.kind, sight.date) == (kind, date))?.hidden
    }
}

impl Session {
    /// Does what is asked of the doctor.
    pub(super) fn doctor(&mut self, wish: DoctorWish) {
        let Some(editing) = &self.edit else { return };
        let (text, file) = (editing.text().to_owned(), editing.file.clone());
        match wish {
            DoctorWish::Again => self.doctor.looked_at = None,
            DoctorWish::Locate(place, path) => {
                self.jobs.begin(Work::locate((text, file, place), Some(path), &self.wake));
            }
            DoctorWish::Pick(place) => self.jobs.begin(Work::locate((text, file, place), None, &self.wake)),
        }
    }

    /// Takes what was found, and looks again where something changed.
    pub(super) fn poll_doctor(&mut self) {
        if let Some(ended) = self.doctor.work.as_mut().and_then(Handle::poll) {
            self.doctor.work = None;
            let discarded = std::mem::take(&mut self.doctor.discards);
            let found = ended.ok().and_then(Result::ok).filter(|_| !discarded);
            self.doctor.examined = found.unwrap_or_default();
            self.doctor.outdate();
        }
        let Some(editing) = self.edit.as_ref().filter(|editing| editing.history().is_some()) else { return };
        let text = xxh3_64(editing.text().as_bytes());
        let edition = self.project.as_ref().map_or(0, |project| project.edition + 1);
        let settled = !editing.is_unsaved() && !self.jobs.is_doing(Task::Open) && !self.jobs.is_doing(Task::Run);
        let now = (text, edition);
        if settled && self.doctor.work.is_none() && self.doctor.looked_at != Some(now) {
            let (file, text) = (editing.file.clone(), editing.text().to_owned());
            let plan =
                self.project.as_ref().filter(|_| editing.blocked.is_empty()).map(|project| Arc::clone(&project.plan));
            let wake = Arc::clone(&self.wake);
            let look = move |progress: &_| doctor::examine(&file, &text, plan.as_deref(), progress);
            self.doctor.work = Some(job::spawn("doctor", move || wake(), look).unawaited());
            self.doctor.looked_at = Some(now);
        }
        if std::mem::take(&mut self.doctor.stale) {
            self.diagnose();
        }
    }

    /// Makes the findings anew.
    fn diagnose(&mut self) {
        let Some(editing) = &self.edit else { return };
        let of_run = self.done.iter().flat_map(|done| &done.notices);
        let known = if editing.blocked.is_empty() {
            self.project.as_ref().map_or(&[][..], |project| project.notices.as_slice())
        } else {
            editing.blocked.as_slice()
        };
        let notices: Vec<_> = known.iter().chain(&self.doctor.examined.notices).chain(of_run).cloned().collect();
        let known = &self.doctor.examined.known;
        self.doctor.findings = doctor::findings(&notices, editing.text(), &editing.file, known);
    }
}
