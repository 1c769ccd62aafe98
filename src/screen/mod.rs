//! Patches → flags: zones hit, how severe, and why.

use serde::Deserialize;

/// Placeholder of the severity table's shape; see `severity`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SeverityTable {}

/// Placeholder of the strictness table's shape; see `strictness`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StrictnessTable {}
