//! Patches → flags: which zones a patch touches, how severe that is, and why.
//!
//! Areas inside a zone come from coverage fractions of the pixels ([`coverage`]), never from polygon overlay: they are
//! exact for pixel outlines, and no overlay can fail on a difficult boundary.

pub mod activity;
pub mod calendar;
pub mod coverage;
pub mod false_change;
pub mod history;
pub mod hits;
pub mod line;
pub mod observed;
pub mod recurrence;
pub mod severity;
pub mod strictness;

pub use activity::ActivityTable;
pub use calendar::CropCalendar;
pub use false_change::FalseChangeTable;
pub use line::LineTable;
pub use severity::SeverityTable;
pub use strictness::StrictnessTable;
