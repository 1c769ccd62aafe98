//! The card of grid and alignment: which pixels are compared, and how far the scenes lie apart on them.

use crate::model::Date;
use crate::model::outcome::Shift;
use crate::model::scene::{Scene, SceneKind};
use crate::model::units::Metres;
use crate::pipeline::preview::lesson::Lesson;
use crate::pipeline::preview::subject::Subject;
use crate::project::footprint;
use crate::project::plan::Plan;

use super::{Card, Desktop, Light, Why, says, says_of};

/// A misfit that remains below this share of a pixel is what resampling does anyway.
const SMALL_PX: f64 = 0.5;

/// A misfit that remains above this share of a pixel changes along every edge.
const LARGE_PX: f64 = 1.0;

/// Scenes whose pixels differ by more than this factor show different things.
const UNLIKE_PIXELS: f64 = 4.0;

/// The lattice of a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneFacts {
    /// Its date.
    pub date: Date,
    /// Number of files.
    pub files: usize,
    /// Columns and rows of its first file.
    pub size: (usize, usize),
    /// Width of its finest pixel.
    pub pixel: Option<Metres>,
}

/// What is known of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct GridFacts {
    /// The analysis CRS.
    pub crs: String,
    /// Why that CRS, a key below `crs_choice.`.
    pub crs_choice: &'static str,
    /// Width of an analysis pixel.
    pub pixel: Metres,
    /// Columns and rows of the analysis grid.
    pub size: (usize, usize),
    /// Pixel size that the project asks for.
    pub wished: Option<Metres>,
    /// The earlier scene.
    pub before: SceneFacts,
    /// The later scene.
    pub after: SceneFacts,
    /// The measured misfit, once it is.
    pub shift: Option<Shift>,
    /// What remains of it for the comparison.
    pub residual: Option<Metres>,
}

pub(super) fn card(from: &Desktop<'_>) -> Card<Option<GridFacts>> {
    let Ok(subject) = from.subject else {
        return Card::of(Vec::new(), says(Light::Off, "preview.grid.none"), None);
    };
    let facts = facts(from.plan, subject, from.lesson);
    let mut reasons = of_pixels(&facts);
    reasons.extend(from.lesson.map(|_| of_shift(&facts, subject.planned.kind)));
    Card::of(reasons, says(Light::Off, "preview.grid.reading"), Some(facts))
}

fn facts(plan: &Plan, subject: &Subject, lesson: Option<&Lesson>) -> GridFacts {
    let grid = &subject.planned.grid;
    let scene = |scene: &Scene| SceneFacts {
        date: scene.date,
        files: scene.files.len(),
        size: scene.files.first().map_or((0, 0), |file| (file.grid.cols, file.grid.rows)),
        pixel: scene
            .files
            .iter()
            .filter_map(|file| footprint::pixel_in(&file.grid, &plan.crs))
            .reduce(f64::min)
            .map(Metres),
    };
    let shift = lesson.and_then(Lesson::shift);
    let residual =
        |shift: Shift| if shift.corrected { shift.spread } else { Metres(shift.length().0.max(shift.spread.0)) };
    GridFacts {
        crs: plan.crs.label(),
        crs_choice: plan.crs_choice,
        pixel: Metres(grid.transform.pixel_size().0),
        size: (grid.cols, grid.rows),
        wished: plan.gsd_m.map(Metres),
        before: scene(subject.before()),
        after: scene(subject.after()),
        shift,
        residual: shift.map(residual),
    }
}

fn of_pixels(facts: &GridFacts) -> Vec<(Light, Why)> {
    let (Some(before), Some(after)) = (facts.before.pixel, facts.after.pixel) else { return Vec::new() };
    let (fine, coarse) = (before.0.min(after.0), before.0.max(after.0));
    let metres = |m: f64| short(m);
    let mut reasons = Vec::new();
    if coarse > UNLIKE_PIXELS * fine {
        let pixels = [("fine", metres(fine)), ("coarse", metres(coarse))];
        reasons.push(says_of(Light::Amber, "preview.grid.unlike_pixels", &pixels));
    }
    if facts.wished.is_some_and(|wished| wished.0 < coarse * 0.999) {
        let pixels = [("wished", metres(facts.pixel.0)), ("coarse", metres(coarse))];
        reasons.push(says_of(Light::Amber, "preview.grid.finer_than_data", &pixels));
    }
    reasons
}

fn of_shift(facts: &GridFacts, kind: SceneKind) -> (Light, Why) {
    let (Some(shift), Some(residual)) = (facts.shift, facts.residual) else {
        return if kind == SceneKind::Landcover {
            says(Light::Green, "preview.grid.codes")
        } else {
            says(Light::Amber, "preview.grid.not_measured")
        };
    };
    let pixels = residual.0 / facts.pixel.0;
    let told = [
        ("shift", format!("{:.2}", shift.length().0)),
        ("residual", format!("{:.2}", residual.0)),
        ("pixels", format!("{pixels:.2}")),
    ];
    match (pixels, shift.corrected) {
        (p, true) if p <= SMALL_PX => says_of(Light::Green, "preview.grid.corrected", &told),
        (p, false) if p <= SMALL_PX => says_of(Light::Green, "preview.grid.aligned", &told),
        (p, _) if p <= LARGE_PX => says_of(Light::Amber, "preview.grid.residual", &told),
        _ => says_of(Light::Red, "preview.grid.misfit", &told),
    }
}

/// A length with as many digits as it deserves.
fn short(metres: f64) -> String {
    if metres >= 10.0 { format!("{metres:.0}") } else { format!("{metres:.2}") }
}
