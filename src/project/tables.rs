//! Versioned tables: strictness of zones, smallest patches, severity, spectral rules. Standards are data, never code;
//! the built-in ones come from `assets/tables/` and say where they come from; a project may override each by a file.

use serde::Deserialize;

/// Head of every table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Provenance {
    /// Name of the table.
    pub name: String,
    /// Version, printed in every report.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
}

/// Smallest patch reported (minimum mapping unit).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SmallestPatch {
    /// Where it comes from.
    pub provenance: Provenance,
    /// Never fewer pixels than this.
    pub pixels: usize,
    /// m² by class after the change (`water`, `vegetation`, `bare`, `unknown`).
    pub class_m2: std::collections::BTreeMap<String, f64>,
    /// Holes in a patch smaller than this many pixels are filled.
    pub hole_pixels: usize,
}

/// All tables of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// Smallest patches.
    pub smallest_patch: SmallestPatch,
    /// Severity points and bounds.
    pub severity: crate::screen::SeverityTable,
    /// Strictness of zones.
    pub strictness: crate::screen::StrictnessTable,
    /// Spectral rules of the broad classes.
    pub cover_rules: crate::detect::CoverRules,
}
