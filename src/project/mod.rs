//! What the user wrote (`raw`) → a checked plan (`plan`). Every refusal names the key and the remedy.

pub mod plan;
pub mod tables;
