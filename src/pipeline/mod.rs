//! The use cases, and the only loop over blocks.
