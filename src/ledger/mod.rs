//! Flags → the same flags known from earlier runs: which are found again, which are new, which are gone, and the
//! identities that programs and people call them by. Absent on purpose: the database, which is `io::ledger`'s.

mod code;
mod identity;
mod overlap;
mod recognition;
#[cfg(test)]
pub(crate) mod sample_outcome;

pub use code::Numbering;
pub use identity::{ComparisonKey, content_uuid, flag_uuid, zone_uuid};
pub use recognition::{KnownFlag, Recognition, is_put_aside, recognise};
