//! Which scenes are compared with which: the pairs asked for, or every consecutive pair of a kind.

use super::dates::{self, Day};
use super::error::{Problem, ProblemKind};
use super::raw::RawComparison;
use super::wishes::{Lookup, Wish};
use crate::model::Date;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, Scene, SceneKind};

/// A pair asked for, by kind and dates, the earlier first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// Kind of both scenes.
    pub kind: SceneKind,
    /// Earlier date.
    pub from: Date,
    /// Later date.
    pub to: Date,
}

/// The pairs that the user asked for; `None` where none was asked for.
///
/// # Errors
/// Dates that no scene has, or that several have.
pub(super) fn asked(
    comparisons: &[RawComparison],
    wishes: &[Wish<'_>],
    lookup: &Lookup<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Option<Vec<Pair>>, Vec<Problem>> {
    let mut pairs = Vec::new();
    let mut problems = Vec::new();
    for (index, comparison) in comparisons.iter().enumerate() {
        let key = format!("comparisons[{}]", index + 1);
        match pairs_of(comparison, &key, wishes, lookup) {
            Ok(found) => {
                for mut pair in found {
                    if pair.from > pair.to {
                        let notice = Notice::new("comparison_turned", Weight::Warning);
                        notices.push(notice.fact("from", pair.from).fact("to", pair.to));
                        std::mem::swap(&mut pair.from, &mut pair.to);
                    }
                    if !pairs.contains(&pair) {
                        pairs.push(pair);
                    }
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok((!comparisons.is_empty()).then_some(pairs)) } else { Err(problems) }
}

fn pairs_of(
    comparison: &RawComparison,
    key: &str,
    wishes: &[Wish<'_>],
    lookup: &Lookup<'_>,
) -> Result<Vec<Pair>, Problem> {
    let (from_key, to_key) = (format!("{key}.from"), format!("{key}.to"));
    let of_kind = |w: &&Wish<'_>| comparison.kind.is_none_or(|k| w.kind == k);
    let known: Vec<&Wish<'_>> = wishes.iter().filter(of_kind).collect();
    let mut found = Vec::new();
    let mut last = None;
    for kind in kinds(&known) {
        let days: Vec<Day> = known.iter().filter(|w| w.kind == kind).map(|w| w.day).collect();
        match (day_of(&comparison.from.0, &days), day_of(&comparison.to.0, &days)) {
            (Ok(from), Ok(to)) if from == to => {
                let kind = ProblemKind::SameScene { found: from.to_string() };
                return Err(lookup.problem(&to_key, kind));
            }
            (Ok(from), Ok(to)) => found.push(Pair { kind, from, to }),
            (Err(kind), _) => last = Some(lookup.problem(&from_key, kind)),
            (_, Err(kind)) => last = Some(lookup.problem(&to_key, kind)),
        }
    }
    match last {
        Some(problem) if found.is_empty() => Err(problem),
        None if found.is_empty() => {
            let found = comparison.from.0.clone();
            Err(lookup.problem(&from_key, ProblemKind::NoSuchScene { found, nearest: "–".into(), known: "–".into() }))
        }
        _ => Ok(found),
    }
}

fn kinds(wishes: &[&Wish<'_>]) -> Vec<SceneKind> {
    let mut kinds: Vec<SceneKind> = wishes.iter().map(|w| w.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The scene day that a text means: the day itself, or the only one of a year.
fn day_of(text: &str, days: &[Day]) -> Result<Date, ProblemKind> {
    let wanted = dates::parse(text)?;
    let fits = |d: &&Day| if wanted.is_year { d.date.year() == wanted.date.year() } else { d.date == wanted.date };
    let mut fitting: Vec<Day> = days.iter().filter(fits).copied().collect();
    fitting.sort();
    fitting.dedup();
    let list = |days: &[Day]| {
        let mut sorted = days.to_vec();
        sorted.sort();
        sorted.iter().map(|d| d.text()).collect::<Vec<_>>().join(", ")
    };
    match fitting.as_slice() {
        [one] => Ok(one.date),
        [] => {
            let away = |d: &&Day| (d.date - wanted.date).get_days().abs();
            let nearest = days.iter().min_by_key(away).map_or_else(|| "–".to_owned(), |d| d.text());
            Err(ProblemKind::NoSuchScene { found: text.to_owned(), nearest, known: list(days) })
        }
        several => Err(ProblemKind::SeveralScenes { found: text.to_owned(), known: list(several) }),
    }
}

/// The pairs of scenes that can be compared, as indices; those that fell away are said.
pub(super) fn pairs(
    asked: Option<&[Pair]>,
    scenes: &[Scene],
    wishes: &[Wish<'_>],
    notices: &mut Vec<Notice>,
) -> Vec<(usize, usize)> {
    let Some(asked) = asked else { return consecutive(scenes, wishes, notices) };
    let at = |kind, date| scenes.iter().position(|s| s.kind == kind && s.date == date);
    let mut found = Vec::new();
    for pair in asked {
        match (at(pair.kind, pair.from), at(pair.kind, pair.to)) {
            (Some(from), Some(to)) => found.push((from, to)),
            _ => notices.push(dropped("comparison_without_scene", pair)),
        }
    }
    found.sort_unstable();
    found
}

fn dropped(code: &'static str, pair: &Pair) -> Notice {
    let notice = Notice::new(code, Weight::Refused).fact("kind", pair.kind.key());
    notice.fact("from", pair.from).fact("to", pair.to)
}

/// Every consecutive pair of a kind; a pair that spans a dropped scene is said.
fn consecutive(scenes: &[Scene], wishes: &[Wish<'_>], notices: &mut Vec<Notice>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, two) in scenes.windows(2).enumerate() {
        let [before, after] = two else { continue };
        if before.kind != after.kind {
            continue;
        }
        let between = |w: &&Wish<'_>| w.kind == before.kind && before.date < w.day.date && w.day.date < after.date;
        let mut missing: Vec<String> = wishes.iter().filter(between).map(|w| w.day.text()).collect();
        missing.dedup();
        if !missing.is_empty() {
            let pair = Pair { kind: before.kind, from: before.date, to: after.date };
            let notice = dropped("comparison_spans_gap", &pair).fact("missing", missing.join(", "));
            notices.push(Notice { weight: Weight::Warning, ..notice });
        }
        found.push((index, index + 1));
    }
    found
}

/// The bands that both scenes offer, in spectral order, and what to tell where they differ.
///
/// # Errors
/// They have none in common.
pub(super) fn common_roles(before: &Scene, after: &Scene) -> Result<(Vec<BandRole>, Option<Notice>), Notice> {
    let common: Vec<BandRole> = before.roles.iter().filter(|r| after.roles.contains(r)).copied().collect();
    let words = |roles: &[BandRole]| roles.iter().map(|r| r.word()).collect::<Vec<_>>().join(", ");
    let pair = Pair { kind: before.kind, from: before.date, to: after.date };
    let told = |code| {
        let notice = dropped(code, &pair).fact("before", words(&before.roles));
        notice.fact("after", words(&after.roles)).fact("common", words(&common))
    };
    if common.is_empty() {
        return Err(told("no_common_bands"));
    }
    let differ = common.len() < before.roles.len() || common.len() < after.roles.len();
    let notice = differ.then(|| Notice { weight: Weight::Note, ..told("common_bands") });
    Ok((common, notice))
}
