//! The ledger's database: a `GeoPackage` of zones, scenes, comparisons, flags and runs; room for decisions and cases.
//!
//! One run is one transaction. A ledger that does not exist yet is built under a temporary name and renamed when its
//! first run commits, so no half ledger is ever seen. While this room holds the live file nobody else in the process
//! may open, hash, copy or identify it: closing any other handle would drop `SQLite`'s locks. Absent on purpose:
//! matching flags, which is `crate::ledger`'s.

mod connection;
mod draft;
mod error;
mod evidence;
mod flags;
mod inspect;
mod put;
mod read;
mod recall;
mod run;
mod schema;
mod sights;
#[cfg(test)]
mod tests;
mod transfers;

pub use error::LedgerError;
pub use inspect::{LedgerState, detected, inspect};
pub use read::{read_flags, read_lacking};
pub use recall::recall;
pub use run::{Ledger, LedgerRun, RunCounts};
pub use sights::read_sights;
pub use transfers::read_transfers;
