//! The use case behind every map: a project is opened, and its scenes are read as small coloured tiles for whoever looks.
//!
//! Reads happen on standing workers alone; a view that moved on cancels what it no longer needs. Values and colours are
//! apart: a tile's values are read once (`raw`), how bright scenes are is looked at once (`survey`), bounds come from that
//! by a rule (`stretch`), and a paint turns values into colours as often as it is changed (`paint`). Absent on purpose:
//! screens, colours of the window, and detection.

mod open;
mod overviews;
mod paint;
mod picture;
mod pyramid;
mod raw;
mod stretch;
mod survey;
mod tiles;

pub use open::{Opened, open};
pub use overviews::{build_overviews, wanting_overviews};
pub use paint::{COLOUR_GAMMA, Paint, cover_colour};
pub use picture::{Composite, Index, Ramp, class_colour};
pub use pyramid::{Pyramid, TILE};
pub use stretch::{BARS, Extent, Histogram, Rule, Spreads, Stretch, bounds};
pub use survey::{Survey, plain_paint};
pub use tiles::{Answer, Reading, Request, TileImage, TileKey, TileService};
