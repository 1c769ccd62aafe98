//! A project that is being begun: scenes and layers as guessed, changed by the user, then written and opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::jobs::Work;
use super::{Page, Session, Wake};
use crate::io::vector::LayerInfo;
use crate::job::{self, Handle};
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, SceneKind};
use crate::pipeline::{self, RunError};
use crate::project::init::Basis;
use crate::project::{self, Draft};

/// What may be asked of a project that is being begun.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftWish {
    /// Look through files and folders; one project file among them is opened.
    From(Vec<PathBuf>),
    /// Change a scene.
    Scene(usize, SceneWish),
    /// Change a layer.
    Layer(usize, LayerWish),
    /// Give the project a name.
    Name(String),
    /// Write the project file here.
    Target(PathBuf),
    /// Write the project file and open it.
    Create,
    /// Open it without leaving a file beside the data.
    LookOnly,
    /// Save the open project under this name and go on with it.
    SaveAs(PathBuf),
    /// Give it up.
    GiveUp,
}

/// What may be changed of a scene.
#[derive(Debug, Clone, PartialEq)]
pub enum SceneWish {
    /// Whether it is part of the project.
    Include(bool),
    /// Its day or year, as typed.
    Day(String),
    /// What it shows.
    Kind(SceneKind),
    /// Its sensor profile.
    Sensor(Option<String>),
    /// Which band is what.
    Bands(Option<Vec<(BandRole, usize)>>),
    /// Its CRS.
    Crs(Option<String>),
    /// The tiles of another scene of the same day join it.
    Join(usize),
}

/// What may be changed of a layer.
#[derive(Debug, Clone, PartialEq)]
pub enum LayerWish {
    /// Whether it is part of the project.
    Include(bool),
    /// The encoding its texts are read in.
    Encoding(Option<String>),
    /// The field for a key.
    Field(&'static str, Option<String>),
    /// The kind of all its zones.
    Kind(Option<String>),
    /// Its CRS.
    Crs(Option<String>),
    /// Standard error of the boundary in metres.
    BoundaryError(Option<f64>),
    /// Width of the outer ring in metres.
    Ring(Option<f64>),
}

/// Projects, each with when it was changed; `None` where it is no longer there.
type Changed = Vec<(PathBuf, Option<Timestamp>)>;

/// The projects opened last, with when each was changed; looked up off the screen's thread, for shares may hang.
#[derive(Default)]
pub struct Recents {
    found: Changed,
    asked: Vec<PathBuf>,
    work: Option<Handle<Changed>>,
}

impl Recents {
    /// When a project was last changed: `None` while that is not known, `Some(None)` where it is no longer there.
    #[must_use]
    pub fn changed(&self, file: &Path) -> Option<Option<Timestamp>> {
        self.found.iter().find(|(known, _)| known == file).map(|(_, when)| *when)
    }

    fn poll(&mut self, files: &[PathBuf], wake: &Wake) {
        if let Some(ended) = self.work.as_mut().and_then(Handle::poll) {
            self.work = None;
            self.found = ended.unwrap_or_default();
        }
        if self.work.is_none() && self.asked != files {
            self.asked = files.to_vec();
            let (files, wake) = (files.to_vec(), Arc::clone(wake));
            let look =
                move |_: &_| files.into_iter().map(|file| (file.clone(), pipeline::draft::changed(&file))).collect();
            self.work = Some(job::spawn("recent", move || wake(), look).unawaited());
        }
    }
}

/// A project that is being begun.
pub struct Drafting {
    /// As it is now.
    pub draft: Draft,
    /// Where its project file will be written.
    pub target: PathBuf,
    /// The layer whose texts are being read again.
    pub reading: Option<usize>,
    names: Option<Handle<Result<LayerInfo, RunError>>>,
}

impl Drafting {
    fn of(draft: Draft) -> Self {
        let target = draft.folder.join(pipeline::draft::FILE);
        Self { draft, target, reading: None, names: None }
    }

    fn scene(&mut self, number: usize, wish: SceneWish) -> Option<Notice> {
        let joined = if let SceneWish::Join(other) = wish { self.draft.scenes.get(other).cloned() } else { None };
        let scene = self.draft.scenes.get_mut(number)?;
        match wish {
            SceneWish::Include(included) => scene.included = included,
            SceneWish::Day(text) => {
                let odd = scene.set_day(&text).err()?;
                return Some(Notice::new("draft_no_day", Weight::Warning).at(&scene.paths[0]).fact("found", odd.0));
            }
            SceneWish::Kind(kind) => {
                scene.kind = (kind, Basis::User);
                if !kind.is_image() {
                    (scene.bands, scene.sensor, scene.mask) = (None, None, None);
                }
            }
            SceneWish::Sensor(sensor) => scene.sensor = sensor.map(|sensor| (sensor, Basis::User)),
            SceneWish::Bands(bands) => scene.bands = bands.map(|bands| (bands, Basis::User)),
            SceneWish::Crs(crs) => scene.crs = crs.filter(|crs| !crs.trim().is_empty()),
            SceneWish::Join(other) => {
                scene.paths.extend(joined?.paths);
                self.draft.scenes.remove(other);
            }
        }
        None
    }

    fn layer(&mut self, number: usize, wish: LayerWish, wake: &Wake) {
        let Some(layer) = self.draft.layers.get_mut(number) else { return };
        match wish {
            LayerWish::Include(included) => layer.included = included,
            LayerWish::Field(key, field) => layer.choose(key, field),
            LayerWish::Kind(kind) => layer.kind = kind.filter(|kind| !kind.trim().is_empty()),
            LayerWish::Crs(crs) => layer.crs = crs.filter(|crs| !crs.trim().is_empty()),
            LayerWish::BoundaryError(error) => layer.boundary_error_m = error,
            LayerWish::Ring(ring) => layer.ring_m = ring,
            LayerWish::Encoding(encoding) => {
                layer.encoding.clone_from(&encoding);
                let (path, name) = (layer.path.clone(), layer.layer.clone());
                let wake = Arc::clone(wake);
                let read = move |_: &_| pipeline::draft::layer_in(&path, name.as_deref(), encoding.as_deref());
                self.names = Some(job::spawn("names", move || wake(), read).unawaited());
                self.reading = Some(number);
            }
        }
    }

    /// Takes the texts of a layer that were read again; what went wrong.
    fn poll(&mut self) -> Vec<Notice> {
        let Some(ended) = self.names.as_mut().and_then(Handle::poll) else { return Vec::new() };
        self.names = None;
        let layer = self.reading.take().and_then(|number| self.draft.layers.get_mut(number));
        match (ended, layer) {
            (Ok(Ok(info)), Some(layer)) => {
                // A field's own name may read otherwise too; its place does not change.
                let renamed = |old: &str| {
                    let place = layer.all_fields.iter().position(|field| field == old)?;
                    info.fields.get(place).cloned()
                };
                let fields: Vec<_> = layer.fields.iter().map(|choice| renamed(&choice.field)).collect();
                for (choice, field) in layer.fields.iter_mut().zip(fields) {
                    choice.field = field.unwrap_or_else(|| choice.field.clone());
                }
                (layer.all_fields, layer.samples, layer.read_as) = (info.fields, info.samples, info.encoding);
                Vec::new()
            }
            (Ok(Err(error)), _) => error.notices(),
            _ => Vec::new(),
        }
    }
}

impl Session {
    /// Does what is asked of a project that is being begun.
    pub(super) fn draft(&mut self, wish: DraftWish) {
        match wish {
            DraftWish::From(paths) => self.open_all(&paths),
            DraftWish::SaveAs(file) => self.save_as(file),
            DraftWish::GiveUp => {
                self.drafting = None;
                self.page = if self.project.is_some() { Page::Map } else { Page::Welcome };
            }
            other => self.change_draft(other),
        }
    }

    fn change_draft(&mut self, wish: DraftWish) {
        let Some(drafting) = &mut self.drafting else { return };
        match wish {
            DraftWish::Scene(number, wish) => self.messages.extend(drafting.scene(number, wish)),
            DraftWish::Layer(number, wish) => drafting.layer(number, wish, &self.wake),
            DraftWish::Name(name) => drafting.draft.name = name,
            DraftWish::Target(file) => drafting.target = file,
            DraftWish::Create => {
                let work = Work::create(drafting.draft.clone(), drafting.target.clone(), &self.wake);
                self.jobs.begin(work);
            }
            DraftWish::LookOnly => self.look_only(),
            _ => {}
        }
    }

    fn look_only(&mut self) {
        let Some(drafting) = &self.drafting else { return };
        match &self.states {
            Some(states) => {
                let work = Work::quick(drafting.draft.clone(), states.clone(), &self.wake);
                self.jobs.begin(work);
            }
            None => self.messages.push(Notice::new("draft_no_place", Weight::Warning).at(&drafting.draft.folder)),
        }
    }

    fn save_as(&mut self, file: PathBuf) {
        let Some(editing) = &self.edit else { return };
        let work = Work::save_as((editing.text().to_owned(), editing.file.clone()), file, &self.wake);
        self.jobs.begin(work);
    }

    /// Opens what was given on the command line or dropped: a project, a folder, or images and layers.
    pub(super) fn open_all(&mut self, paths: &[PathBuf]) {
        let is_project = |path: &&PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        match (paths, paths.iter().find(is_project)) {
            ([], _) => {}
            (_, Some(project)) => self.open(project),
            ([one], None) => self.open(one),
            (many, None) => self.jobs.begin(Work::draft(many.to_vec(), &self.wake)),
        }
    }

    /// Takes a draft. A few files that say everything themselves are opened at once; anything else is shown first.
    pub(super) fn drafted(&mut self, draft: Draft, given: &Path) {
        let whole = draft.wants().is_empty() && !given.is_dir();
        self.drafting = Some(Drafting::of(draft));
        if whole && self.states.is_some() {
            self.look_only();
        } else {
            self.page = Page::New;
        }
    }

    /// Whether the open project is only looked at: its file is in the user's own folder, not where the user put it.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        let file = self.edit.as_ref().map(|editing| &editing.file);
        let folder = self.states.as_deref().map(pipeline::draft::quick_folder);
        file.zip(folder).is_some_and(|(file, folder)| file.starts_with(folder))
    }

    pub(super) fn poll_draft(&mut self) {
        if let Some(drafting) = &mut self.drafting {
            let notices = drafting.poll();
            self.messages.extend(notices);
        }
        if self.page == Page::Welcome {
            self.recents.poll(&self.preferences.recent, &self.wake);
        }
    }
}

/// Whether a path is meant as an image or a layer of zones rather than a project file.
pub(super) fn is_input(path: &Path) -> bool {
    project::init::is_input(path)
}
