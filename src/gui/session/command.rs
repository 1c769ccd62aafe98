//! Everything a panel may ask for. Panels change nothing themselves.

use std::path::PathBuf;

use crate::model::scene::SceneKind;
use crate::pipeline::view::Composite;

use super::compare::Mode;
use super::flags::{Filter, SortBy};

/// The pages of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Where one begins.
    Welcome,
    /// Map, flags, inspector.
    Map,
    /// What the check says of the project.
    Project,
}

/// What the map is to show whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Everything.
    All,
    /// A zone, by its index in the plan.
    Zone(usize),
    /// A flag, by its index in the book.
    Flag(usize),
    /// The images shown.
    Images,
}

/// A layer of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The images.
    Images,
    /// The zones of one layer, by its number.
    Zones(usize),
    /// The flags.
    Flags,
    /// Names of zones and flags.
    Labels,
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
    /// Stop detecting.
    Cancel,
    /// Go to a page.
    Go(Page),
    /// Select a flag.
    Select(Option<usize>),
    /// Select the flag so many places further on.
    Step(isize),
    /// Sort the table.
    Sort(SortBy),
    /// Filter the table.
    Filter(Filter),
    /// Show something whole.
    Show(Target),
    /// Move the map by screen points.
    Pan((f64, f64)),
    /// Zoom by a factor at a screen point.
    Zoom(f64, (f64, f64)),
    /// The map has this size.
    Resize((f64, f64)),
    /// How two years are compared.
    Mode(Mode),
    /// What is compared.
    Kind(SceneKind),
    /// The earlier scene.
    Before(usize),
    /// The later scene.
    After(usize),
    /// Both scenes one year on or back.
    StepYears(isize),
    /// Where the swipe line is, 0–1.
    Swipe(f64),
    /// How far the later year covers the earlier one, 0–1.
    Fade(f64),
    /// Whether the earlier year is shown for the moment.
    Blink(bool),
    /// Which bands make the picture.
    Composite(Composite),
    /// Show or hide a layer.
    Toggle(Layer),
    /// Opacity of the zones' fill, 0–1.
    ZoneOpacity(f32),
    /// Opacity of the images, 0–1.
    ImageOpacity(f32),
    /// The other language.
    SwitchLanguage,
    /// The other theme.
    SwitchTheme,
    /// Show or hide the sheet of keys.
    Keys(bool),
    /// Put a message away.
    Dismiss(usize),
}
