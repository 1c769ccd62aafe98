//! Everything around the map. Each panel draws one part and sends commands.

pub mod flags;
pub mod inspector;
pub mod jobs;
pub mod keys;
pub mod layers;
pub mod messages;
pub mod palette;
pub mod picture;
pub mod project;
pub mod status;
pub mod tools;
pub mod top;
pub mod welcome;
pub mod years;

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::cx::Cx;
use super::map::{self, Canvas};
use super::session::Command;

/// Texts being typed, and what belongs to widgets alone.
#[derive(Debug, Default)]
pub struct Forms {
    /// The typed path of the welcome page.
    pub path: String,
    /// The row the table last scrolled to.
    pub scrolled_to: Option<usize>,
    /// The command palette.
    pub palette: PaletteForm,
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
    Panel::bottom("years").frame(frame(8)).show(ui, |ui| years::show(ui, cx, commands));
    CentralPanel::default().frame(Frame::NONE).show(ui, |ui| map::show(ui, cx, canvas, commands));
}
