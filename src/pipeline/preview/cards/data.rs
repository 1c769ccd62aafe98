//! The card of the data: which comparisons a run makes, what is missing, how much of the zones both dates show.

use crate::model::Date;
use crate::model::flag::FalseChange;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::SceneKind;
use crate::model::units::Fraction;
use crate::pipeline::patches::season_days;
use crate::project::plan::{Plan, PlannedComparison};

use super::{Card, Desktop, Light, Why, says, says_of};
use crate::pipeline::preview::subject::Subject;

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct PairFacts {
    /// What is compared.
    pub kind: SceneKind,
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// Days between the two days of the year.
    pub season_days: f64,
    /// Whether it is the pair that is looked at.
    pub shown: bool,
}

/// What is known of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFacts {
    /// Comparisons that a run makes.
    pub pairs: Vec<PairFacts>,
    /// What the check left out.
    pub missing: Vec<Notice>,
    /// Share of the zones and their rings that both dates show; once the sample is read.
    pub seen: Option<Fraction>,
    /// Days between the two days of the year of the pair looked at.
    pub season_days: Option<f64>,
    /// From so many days on plants and water no longer compare.
    pub most_season_days: f64,
}

pub(super) fn card(from: &Desktop<'_>) -> Card<DataFacts> {
    let facts = facts(from);
    let mut reasons = Vec::new();
    match from.subject {
        Err(notice) => reasons.push((Light::Red, Why::Told(notice.clone()))),
        Ok(subject) => reasons.extend(of_pair(from, subject, &facts)),
    }
    if !facts.missing.is_empty() {
        reasons.push(says_of(Light::Amber, "preview.data.missing", &[("n", facts.missing.len().to_string())]));
    }
    Card::of(reasons, fine(&facts), facts)
}

fn fine(facts: &DataFacts) -> (Light, Why) {
    let days = format!("{:.0}", facts.season_days.unwrap_or_default());
    match facts.seen {
        Some(seen) => {
            let seen = format!("{:.0}", seen.percent());
            says_of(Light::Green, "preview.data.fine", &[("seen", seen), ("days", days)])
        }
        None => says_of(Light::Off, "preview.data.reading", &[("days", days)]),
    }
}

fn facts(from: &Desktop<'_>) -> DataFacts {
    let plan = from.plan;
    let shown = from.subject.ok().map(|subject| (subject.planned.from, subject.planned.to));
    let pair = |planned: &PlannedComparison| PairFacts {
        kind: planned.kind,
        from: plan.scenes[planned.from].date,
        to: plan.scenes[planned.to].date,
        season_days: season_between(plan, planned),
        shown: shown == Some((planned.from, planned.to)),
    };
    DataFacts {
        pairs: plan.comparisons.iter().map(pair).collect(),
        missing: plan.notices.iter().filter(|notice| notice.weight >= Weight::Refused).cloned().collect(),
        seen: from.lesson.and_then(crate::pipeline::preview::Lesson::seen),
        season_days: from.subject.ok().map(|subject| season_between(plan, &subject.planned)),
        most_season_days: bound(plan, FalseChange::Season),
    }
}

fn season_between(plan: &Plan, planned: &PlannedComparison) -> f64 {
    season_days((plan.scenes[planned.from].date, plan.scenes[planned.to].date))
}

/// The bound of a false-change test.
fn bound(plan: &Plan, test: FalseChange) -> f64 {
    plan.tables.false_change.bounds().iter().find(|bound| bound.0 == test).map_or(f64::INFINITY, |bound| bound.1)
}

fn of_pair(from: &Desktop<'_>, subject: &Subject, facts: &DataFacts) -> Vec<(Light, Why)> {
    let mut reasons = Vec::new();
    let least = bound(from.plan, FalseChange::NotEnoughData);
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    match facts.seen.filter(|seen| seen.0 < least) {
        Some(seen) if seen.0 <= 0.0 => reasons.push(says(Light::Red, "preview.data.unseen")),
        Some(seen) if subject.planned.kind.shows_whole_zones() => {
            let shares = [("seen", percent(seen.0)), ("least", percent(least))];
            reasons.push(says_of(Light::Amber, "preview.data.partly", &shares));
        }
        _ => {}
    }
    let days = season_between(from.plan, &subject.planned);
    if subject.planned.kind.is_image() && days > facts.most_season_days {
        let days = [("days", format!("{days:.0}")), ("most", format!("{:.0}", facts.most_season_days))];
        reasons.push(says_of(Light::Amber, "preview.data.season", &days));
    }
    if subject.before().date_is_year || subject.after().date_is_year {
        reasons.push(says(Light::Amber, "preview.data.year_only"));
    }
    if !subject.in_run {
        reasons.push(says(Light::Amber, "preview.data.not_in_run"));
    }
    reasons
}
