//! Everything a panel may ask for. Panels change nothing themselves. Each part of the window has wishes of its own, beside
//! the state that they change.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::compare::CompareWish;
use super::detect::DetectWish;
use super::doctor::DoctorWish;
use super::draft::DraftWish;
use super::edit::EditWish;
use super::export::ExportWish;
use super::flags::FlagsWish;
use super::jobs::Task;
use super::layers::LayersWish;
use super::look::LookWish;
use super::sheet::SheetCommand;
use super::tools::ToolsWish;
use super::view::ViewWish;

/// The pages of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Where one begins.
    Welcome,
    /// Map, flags, inspector.
    Map,
    /// What the check says of the project.
    Project,
    /// A project that is being begun.
    New,
}

/// One part of the map page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pane {
    /// The map with its tools and years.
    Map,
    /// Layers and legend.
    Layers,
    /// The table of flags.
    Flags,
    /// Charts of the flags.
    Charts,
    /// One flag.
    Inspector,
    /// Detection live.
    Detect,
}

impl Pane {
    /// All, in the order of the menu.
    pub const ALL: [Self; 6] = [Self::Map, Self::Layers, Self::Flags, Self::Charts, Self::Inspector, Self::Detect];

    /// Its title in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Map => "gui.pane.map",
            Self::Layers => "gui.pane.layers",
            Self::Flags => "gui.pane.flags",
            Self::Charts => "gui.pane.charts",
            Self::Inspector => "gui.pane.inspector",
            Self::Detect => "gui.pane.detect",
        }
    }
}

/// What lies over the window and takes the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The sheet of keys.
    Keys,
    /// The command palette.
    Palette,
    /// What is to be handed on.
    Export,
}

/// What the system's dialog is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// A project file.
    File,
    /// A folder.
    Folder,
    /// A folder that results are handed on to.
    Export,
}

/// One wish of the user.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open a project file, or a folder of images.
    Open(PathBuf),
    /// Open the sample project.
    OpenSample,
    /// Open the project again as it is now on disk.
    Reload,
    /// Detect.
    Run,
    /// Build the overviews that scenes lack.
    BuildOverviews,
    /// Memory for the map, in MB.
    MapMemory(u32),
    /// Stop work under way.
    Cancel(Task),
    /// Go to a page.
    Go(Page),
    /// What concerns the part of the map that is looked at.
    View(ViewWish),
    /// What concerns the years compared.
    Compare(CompareWish),
    /// What concerns bands, layers and their strength.
    Look(LookWish),
    /// What concerns detection as it is looked at.
    Detect(DetectWish),
    /// What concerns the flags.
    Flags(FlagsWish),
    /// What concerns the project file.
    Edit(EditWish),
    /// What concerns a project that is being begun, or saved elsewhere.
    Draft(DraftWish),
    /// What concerns the import doctor.
    Doctor(DoctorWish),
    /// What is to be handed on.
    Export(ExportWish),
    /// What concerns measuring, finding and marking places.
    Tools(ToolsWish),
    /// What concerns how the layers lie over each other.
    Layers(LayersWish),
    /// What concerns the map as a picture.
    Sheet(SheetCommand),
    /// The other language.
    SwitchLanguage,
    /// The other theme.
    SwitchTheme,
    /// Choose a file or folder to open by the system's dialog.
    Pick(Pick),
    /// Lay something over the window, or take it away.
    Overlay(Option<Overlay>),
    /// Whether the search field wants the keyboard.
    Search(bool),
    /// The size of the interface in percent.
    Scale(u32),
    /// Bring a pane to the front of its tabs.
    Raise(Pane),
    /// How the panes lie, as the dock tells it; `None` for the first layout.
    Layout(Option<String>),
    /// Put a message away.
    Dismiss(usize),
}
