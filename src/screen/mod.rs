//! Patches → flags: which zones a patch touches, how severe that is, and why.
//!
//! Areas inside a zone come from coverage fractions of the pixels ([`coverage`]), never from polygon overlay: they are
//! exact for pixel outlines, and no overlay can fail on a difficult boundary.

pub mod coverage;
pub mod hits;
pub mod severity;
pub mod strictness;

pub use severity::SeverityTable;
pub use strictness::StrictnessTable;
