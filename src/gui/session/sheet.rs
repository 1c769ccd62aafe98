//! The map as a picture, from the window: what the dialog asks for, and the work that makes it.

use std::path::PathBuf;
use std::sync::Arc;

use super::compare::Mode;
use super::jobs::End;
use super::{Project, Session, Task, Work};
use crate::model::flag::Severity;
use crate::model::notice::{Notice, Weight};
use crate::pipeline::view::Paint;
use crate::pipeline::{self, SheetWish, Years};
use crate::report::sheet::Paper;

/// What may be asked of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetCommand {
    /// Open or close the dialog.
    Open(bool),
    /// Choose the file by the system's dialog.
    Pick,
    /// Make it.
    Make(Order),
}

/// What the dialog asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The file.
    pub out: PathBuf,
    /// The paper.
    pub paper: Paper,
    /// The title.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// Whether the earlier year stands beside the later one.
    pub both: bool,
    /// Whether zones and flags are named.
    pub names: bool,
    /// Whether there is a legend.
    pub legend: bool,
}

/// The dialog where it is open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SheetDialog {
    /// The file that the system's dialog gave.
    pub picked: Option<PathBuf>,
}

impl Session {
    /// Does what is asked of the sheet.
    pub(super) fn print(&mut self, command: SheetCommand) {
        match command {
            SheetCommand::Open(open) => self.sheet = open.then(SheetDialog::default),
            SheetCommand::Pick => self.pick_sheet(),
            SheetCommand::Make(order) => self.make_sheet(&order),
        }
    }

    fn pick_sheet(&mut self) {
        let Some(project) = &self.project else { return };
        let folder = project.plan.outputs.directory.parent().map(PathBuf::from).unwrap_or_default();
        let work = Work::start(Task::Pick, PathBuf::new(), &self.wake, move |_, _| {
            let dialog = rfd::FileDialog::new().add_filter("PNG", &["png"]).set_file_name("map.png");
            Ok(End::SheetPicked(dialog.set_directory(folder).save_file()))
        });
        self.jobs.begin(work);
    }

    fn make_sheet(&mut self, order: &Order) {
        let Some(project) = &self.project else { return };
        let wish = SheetWish { lang: Some(self.lang()), bounds: Some(self.view.bounds()), ..project.sheet(order) };
        let work = Work::start(Task::Sheet, project.plan.file.clone(), &self.wake, move |file, progress| {
            pipeline::sheet(file, &wish, progress).map(End::Written)
        });
        self.sheet = None;
        self.jobs.begin(work);
    }

    /// Takes the file of the system's dialog.
    pub(super) fn take_sheet_file(&mut self, picked: Option<PathBuf>) {
        if let (Some(dialog), Some(picked)) = (&mut self.sheet, picked) {
            dialog.picked = Some(picked.with_extension("png"));
        }
    }

    /// Tells where the picture is.
    pub(super) fn take_sheet(&mut self, file: &std::path::Path) {
        self.messages.push(Notice::new("sheet_written", Weight::Note).at(file));
    }
}

impl Project {
    /// A sheet that looks as the map does.
    fn sheet(&self, order: &Order) -> SheetWish {
        let shown = |severity: &Severity| self.look.flags && self.layers.shows(*severity);
        let compare = &self.compare;
        let scenes = if order.both { vec![compare.before, compare.after] } else { vec![compare.after] };
        let shown_basemap = self.layers.basemap.as_ref().filter(|basemap| basemap.shown);
        let layers = self.look.zones.iter().filter(|layer| layer.shown).map(|layer| layer.name.clone());
        SheetWish {
            paper: order.paper,
            title: Some(order.title.trim().to_owned()),
            author: Some(order.author.clone()),
            composite: self.look.composite,
            paints: scenes.iter().filter_map(|&scene| Some((scene, self.paint_of(scene)?))).collect(),
            basemap: shown_basemap.map(|basemap| (basemap.source.clone(), basemap.opacity)),
            years: Years::Scenes(scenes),
            layers: Some(layers.collect()),
            zone_opacity: self.look.zone_opacity,
            severities: [Severity::Low, Severity::Medium, Severity::High].into_iter().filter(shown).collect(),
            names: order.names,
            legend: order.legend,
            ..SheetWish::plain(order.out.clone())
        }
    }

    /// How the screen paints a scene.
    fn paint_of(&self, scene: usize) -> Option<Arc<Paint>> {
        let composite = self.look.composite.for_scene(self.plan.scenes.get(scene)?)?;
        self.exposure.paint(&self.plan.scenes, scene, composite)
    }

    /// Whether the screen shows two years, so that a sheet of it should too.
    #[must_use]
    pub fn shows_two_years(&self) -> bool {
        self.compare.mode != Mode::Single && self.compare.before != self.compare.after
    }
}
