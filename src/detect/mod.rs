//! Pixels → patches.

use serde::Deserialize;

/// Placeholder of the spectral rules' shape.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CoverRules {}
