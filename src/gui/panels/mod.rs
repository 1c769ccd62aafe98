//! Everything around the map. Each panel draws one part and sends commands.

pub mod charts;
pub mod detect;
pub mod doctor;
pub mod export;
pub mod export_map;
pub mod flags;
pub mod inspector;
pub mod jobs;
pub mod keys;
pub mod layers;
pub mod locate;
pub mod messages;
mod mode_icon;
pub mod new_project;
mod new_project_layers;
pub mod palette;
pub mod picture;
pub mod project;
mod project_data;
mod project_history;
mod project_settings;
pub mod readings;
pub mod status;
pub mod tools;
pub mod top;
pub mod welcome;
mod year_card;
pub mod years;

use std::collections::BTreeMap;

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::cx::Cx;
use super::map::{self, Canvas};
use super::session::Command;
use crate::project::edit::Place;

/// Texts being typed, and what belongs to widgets alone.
#[derive(Debug, Default)]
pub struct Forms {
    /// The typed path of the welcome page.
    pub path: String,
    /// The table of flags.
    pub flags: flags::FlagsForm,
    /// The charts.
    pub charts: charts::ChartsForm,
    /// The typed source of a basemap.
    pub basemap: String,
    /// The typed name of a view to keep.
    pub view_name: String,
    /// The dialog of the map as a picture.
    pub sheet: export_map::SheetForm,
    /// The command palette.
    pub palette: PaletteForm,
    /// The page of the project.
    pub project: ProjectForm,
    /// The settings on it.
    pub settings: project_settings::SettingsForm,
    /// Fields of a project that is being begun, by their names.
    pub draft: BTreeMap<String, String>,
    /// Whether this frame drew the panel of the live detection.
    pub detect_drawn: bool,
}

/// What is chosen and typed on the page of the project.
#[derive(Debug, Default)]
pub struct ProjectForm {
    /// The part shown.
    pub tab: project::Tab,
    /// Whether notes are shown beside what asks for action.
    pub notes: bool,
    /// The place whose file is being looked for, and the path typed.
    pub locate: Option<(Place, String)>,
    /// The path to save the project under.
    pub save_as: String,
}

/// What is typed into the command palette.
#[derive(Debug, Default)]
pub struct PaletteForm {
    /// The text.
    pub typed: String,
    /// The line that Enter takes.
    pub chosen: usize,
    /// Whether this is its first frame.
    pub opening: bool,
}

/// The window's title.
pub fn title(cx: &Cx<'_>) -> String {
    match cx.project() {
        Some(project) => format!("{} – {}", project.plan.name, cx.word("gui.title")),
        None => cx.word("gui.title"),
    }
}

/// The map with its tools above and the years below.
pub fn map_pane(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, commands: &mut Vec<Command>) {
    let frame = |vertical| Frame::NONE.fill(cx.palette.panel).inner_margin(Margin::symmetric(14, vertical));
    let bar = Panel::top("tools").exact_size(42.0).resizable(false).frame(frame(0));
    bar.show(ui, |ui| tools::show(ui, cx, commands));
    Panel::bottom("years").frame(frame(8)).show(ui, |ui| years::show(ui, cx, canvas, commands));
    CentralPanel::default().frame(Frame::NONE).show(ui, |ui| map::show(ui, cx, canvas, commands));
}
