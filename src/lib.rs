//! **ecoredline** finds what changed inside ecological red-line zones between yearly satellite and drone
//! rasters, and keeps each encroachment as a record that can be reviewed, checked and re-derived.
//!
//! # The rooms, in the order a pixel travels
//!
//! | Room | Owns | Never does |
//! |---|---|---|
//! | [`model`] | the nouns: units, CRS, grid, raster, scene, zone, patch, flag, outcome | files, threads, clock |
//! | [`lang`] | every word a user sees, Chinese and English | decide anything |
//! | [`detect`] | pixels → patches: registration, radiometry, change methods, thresholds, outlines | loop over blocks |
//! | [`screen`] | patches → flags: zones hit, severity with its reasons | files |
//! | [`ledger`] | flags → the same flags known from earlier runs | its own database |
//! | [`report`] | outcome → documents, as bytes; its accuracy as figures | write them |
//! | [`io`] | the only seam to GDAL, the file system and the ledger's database | science |
//! | [`job`] | background work: progress, cancellation | know a raster |
//! | [`project`] | what the user wrote → a checked plan | detect |
//! | [`pipeline`] | the use cases, and the only loop over blocks | words |
//! | `gui` | the window front (feature `gui`): maps, tables, pictures | read a file while it draws |
//! | [`headless`] | the console front: words, progress bars, exit codes | anything a window could not do too |
//!
//! A module names only rooms above it in this list; nobody names a front. `tests/architecture.rs` holds the tree to it.
//! `lang` is a room of its own because both `report` and the fronts speak, and neither may own the other's words.

rust_i18n::i18n!("assets/lang", fallback = "zh-CN");

pub mod model;

pub mod lang;

pub mod detect;

pub mod screen;

pub mod ledger;

pub mod report;

pub mod io;

pub mod job;

pub mod project;

pub mod pipeline;

#[cfg(feature = "gui")]
pub mod gui;

pub mod headless;
