//! What a run would learn and decide of one pair of scenes, shown on the part of the map that is looked at before anything
//! is run.
//!
//! | Noun | What it is |
//! |---|---|
//! | [`Subject`] | a pair of scenes and the settings that decide what a run learns of it |
//! | [`Lesson`] | what the run's own sample teaches, learnt once a pair and method |
//! | [`ScoredView`] | the present view, scored with it |
//! | [`Cut`] | that view at one threshold: areas by zone, and the picture of the mask |
//! | [`Cards`] | where the pair stands: four traffic lights and why |
//!
//! Where a view holds few enough pixels of the analysis grid its scores are those of the run; else it is read from overviews
//! and scored at a coarser pixel. Nothing here is written anywhere.

mod cards;
mod cut;
mod desk;
mod effort;
mod lesson;
mod paint;
mod scored;
mod subject;

pub use cards::{Card, Cards, ChangeFacts, DataFacts, GridFacts, KeepFacts, Light, PairFacts, SceneFacts, Why};
pub use cut::{Cut, ZoneAreas};
pub use desk::{CutWish, Desk, LookWish};
pub use effort::Effort;
pub use lesson::Lesson;
pub use paint::{Picture, heat_at, place_of, score_at};
pub use scored::{Look, ScoredView};
pub use subject::Subject;

#[cfg(test)]
mod tests;
