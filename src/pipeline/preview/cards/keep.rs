//! The card of what is kept: how large a patch must be, what else may explain it, how far outside the line is looked.

use crate::model::class::CoverClass;
use crate::model::flag::FalseChange;
use crate::model::units::{Metres, SquareMetres};
use crate::pipeline::patches::Smallest;
use crate::pipeline::preview::subject::Subject;

use super::{Card, Desktop, Light, Why, says, says_of};

/// What is known of what is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeepFacts {
    /// Smallest patch by class after the change.
    pub smallest: Vec<(CoverClass, SquareMetres)>,
    /// Smallest patch that the project asks for.
    pub wished: Option<SquareMetres>,
    /// Never fewer analysis pixels than this, where the project does not ask for less.
    pub least_pixels: usize,
    /// Area of an analysis pixel.
    pub pixel: SquareMetres,
    /// False-change tests, each with its bound.
    pub tests: Vec<(FalseChange, f64)>,
    /// Width of the narrowest and the widest ring, and how many zones have one.
    pub rings: Option<(Metres, Metres, usize)>,
}

pub(super) fn card(from: &Desktop<'_>) -> Card<KeepFacts> {
    let Ok(subject) = from.subject else {
        let tests = from.plan.tables.false_change.bounds();
        return Card::of(
            Vec::new(),
            says(Light::Off, "preview.keep.none"),
            KeepFacts { tests, ..KeepFacts::default() },
        );
    };
    let facts = facts(from, subject);
    let least = facts.smallest.iter().map(|class| class.1.0).fold(f64::INFINITY, f64::min);
    let sizes = [("m2", format!("{least:.0}")), ("pixels", format!("{:.0}", least / facts.pixel.0))];
    Card::of(of_wish(from, subject, &facts), says_of(Light::Green, "preview.keep.fine", &sizes), facts)
}

fn facts(from: &Desktop<'_>, subject: &Subject) -> KeepFacts {
    let plan = from.plan;
    let pixel = SquareMetres(subject.planned.grid.transform.pixel_area());
    let rule = Smallest::new(plan, subject.planned.kind, pixel.0).wishing(from.detection.min_area_m2);
    let widths: Vec<f64> =
        subject.planned.zones.iter().map(|&zone| plan.zones[zone].ring_width.0).filter(|w| *w > 0.0).collect();
    let narrowest = widths.iter().copied().reduce(f64::min);
    let widest = widths.iter().copied().reduce(f64::max);
    KeepFacts {
        smallest: CoverClass::ALL.into_iter().map(|class| (class, rule.area(class))).collect(),
        wished: from.detection.min_area_m2.map(SquareMetres),
        least_pixels: plan.tables.smallest_patch.pixels,
        pixel,
        tests: plan.tables.false_change.bounds(),
        rings: narrowest.zip(widest).map(|(a, b)| (Metres(a), Metres(b), widths.len())),
    }
}

/// What speaks against an area asked for.
fn of_wish(from: &Desktop<'_>, subject: &Subject, facts: &KeepFacts) -> Vec<(Light, Why)> {
    let Some(wished) = facts.wished else { return Vec::new() };
    let pixels = wished.0 / facts.pixel.0;
    let table = Smallest::new(from.plan, subject.planned.kind, facts.pixel.0).wishing(None);
    let largest = CoverClass::ALL.map(|class| table.area(class).0).into_iter().fold(0.0, f64::max);
    let told = [
        ("m2", format!("{:.0}", wished.0)),
        ("pixels", format!("{pixels:.1}")),
        ("least", facts.least_pixels.to_string()),
        ("table", format!("{largest:.0}")),
    ];
    if pixels < facts.least_pixels as f64 {
        vec![says_of(Light::Amber, "preview.keep.few_pixels", &told[..3])]
    } else if wished.0 > largest {
        vec![says_of(Light::Amber, "preview.keep.large", &[told[0].clone(), told[3].clone()])]
    } else {
        vec![says_of(Light::Green, "preview.keep.wished", &told[..2])]
    }
}
