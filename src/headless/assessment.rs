//! The tables of an assessment and of a sample design on the console.

use std::path::Path;

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::pipeline::DrawReport;
use crate::report::accuracy::{Assessed, Assessment, Basis, Class, Estimate, Estimates};

use super::columns::{Side, aligned, grouped};
use super::notices;
use super::summary::method;

/// An assessment, for people.
#[must_use]
pub fn of_assessment(lang: Lang, found: &Assessment, out: Option<&Path>) -> String {
    let basis = lang.word(&format!("accuracy.basis.{}", found.basis.word()));
    let reference = lang.sentence("accuracy.against", &[("basis", &basis), ("file", &found.reference.display())]);
    let mut parts = vec![format!("{}\n{reference}", found.project)];
    parts.extend(found.comparisons.iter().map(|one| comparison(lang, one, found.basis)));
    parts.extend(out.map(|file| format!("{}\n  {}", lang.word("headless.written"), file.display())));
    parts.extend(told(lang, &found.notices));
    parts.join("\n\n")
}

fn told(lang: Lang, all: &[crate::model::notice::Notice]) -> Option<String> {
    let title = || lang.sentence("headless.notices", &[("n", &all.len())]);
    (!all.is_empty()).then(|| format!("{}\n{}", title(), notices::grouped(lang, all)))
}

fn comparison(lang: Lang, one: &Assessed, basis: Basis) -> String {
    let kind = lang.word(&format!("kind.{}", one.kind.word()));
    let mut parts = vec![format!("{} → {}  {kind}  {}", one.from, one.to, method(lang, &one.method))];
    parts.push(matrix(lang, one));
    parts.push(measures(lang, one));
    let mut apart = vec![("accuracy.not_observed", one.not_observed.iter().sum::<u64>())];
    if basis == Basis::Points {
        apart.extend([("accuracy.unlabelled", one.unlabelled), ("accuracy.outside", one.outside)]);
    }
    let counted = |(key, n): (&str, u64)| format!("{} {}", lang.word(key), grouped(n as f64, 0));
    parts.push(format!("  {}", apart.into_iter().map(counted).collect::<Vec<_>>().join(" · ")));
    parts.extend(one.estimates.as_ref().map(|found| estimates(lang, found)));
    parts.join("\n")
}

fn matrix(lang: Lang, one: &Assessed) -> String {
    let count = |n: u64| grouped(n as f64, 0);
    let class = |class: Class| lang.word(&format!("headless.{}", class.word()));
    let indent = String::new;
    let head = ["accuracy.map_reference", "headless.changed", "headless.unchanged", "accuracy.total", "accuracy.users"];
    let mut rows = vec![std::iter::once(indent()).chain(head.map(|key| lang.word(key))).collect::<Vec<_>>()];
    for map in Class::ALL {
        let counts = one.matrix.counts[map as usize];
        let share = percent(one.matrix.users(map));
        rows.push(vec![indent(), class(map), count(counts[0]), count(counts[1]), count(one.matrix.mapped(map)), share]);
    }
    let referenced = Class::ALL.map(|class| count(one.matrix.referenced(class)));
    let [changed, unchanged] = referenced;
    rows.push(vec![
        indent(),
        lang.word("accuracy.total"),
        changed,
        unchanged,
        count(one.matrix.total()),
        String::new(),
    ]);
    let producers = Class::ALL.map(|class| percent(one.matrix.producers(class)));
    let [changed, unchanged] = producers;
    rows.push(vec![indent(), lang.word("accuracy.producers"), changed, unchanged, String::new(), String::new()]);
    aligned(&rows, &[Side::Left, Side::Left, Side::Right, Side::Right, Side::Right, Side::Right]).join("\n")
}

fn measures(lang: Lang, one: &Assessed) -> String {
    let matrix = &one.matrix;
    let figures = [
        ("accuracy.precision", matrix.users(Class::Changed)),
        ("accuracy.recall", matrix.producers(Class::Changed)),
        ("accuracy.f1", matrix.f1()),
        ("accuracy.overall", matrix.overall()),
        ("accuracy.kappa", matrix.kappa()),
    ];
    let told = |(key, value): (&str, Option<f64>)| {
        format!("{} {}", lang.word(key), value.map_or("–".to_owned(), |v| format!("{v:.3}")))
    };
    format!("  {}", figures.map(told).join(" · "))
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

fn estimates(lang: Lang, found: &Estimates) -> String {
    let sample = &found.sample;
    let key = if found.own_strata { "accuracy.own_strata" } else { "accuracy.map_strata" };
    let hectares = grouped(sample.area() / 1e4, 2);
    let title = lang.sentence(key, &[("ha", &hectares)]);
    let indent = String::new;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for class in Class::ALL {
        let name = lang.word(&format!("headless.{}", class.word()));
        let area = sample.area_of(class as usize).map(|area| area.times(1e-4));
        let unit = lang.word("headless.hectares");
        let of = |key: &str| lang.sentence(key, &[("class", &name)]);
        rows.push(vec![indent(), of("accuracy.true_area"), figure(area, 2, &format!(" {unit}"))]);
        let users = sample.users(class as usize).map(|e| e.times(100.0));
        rows.push(vec![indent(), of("accuracy.users_of"), figure(users, 1, "%")]);
        let producers = sample.producers(class as usize).map(|e| e.times(100.0));
        rows.push(vec![indent(), of("accuracy.producers_of"), figure(producers, 1, "%")]);
    }
    let overall = sample.overall().map(|e| e.times(100.0));
    rows.push(vec![indent(), lang.word("accuracy.overall"), figure(overall, 1, "%")]);
    let mut lines = vec![title];
    lines.extend(aligned(&rows, &[Side::Left, Side::Left, Side::Right]));
    let exact = |estimate: Option<Estimate>| estimate.and_then(|e| e.standard_error).is_some_and(|error| error == 0.0);
    if Class::ALL.iter().any(|&class| exact(sample.users(class as usize)) || exact(sample.producers(class as usize))) {
        lines.push(format!("  {}", lang.word("accuracy.no_spread")));
    }
    if found.unsampled_m2 > 0.0 {
        let left = grouped(found.unsampled_m2 / 1e4, 2);
        lines.push(format!("  {}", lang.sentence("accuracy.unsampled", &[("ha", &left)])));
    }
    lines.join("\n")
}

/// A figure with its 95 % interval.
fn figure(estimate: Option<Estimate>, decimals: usize, unit: &str) -> String {
    let Some(estimate) = estimate else { return "–".to_owned() };
    let half = estimate.half_width().map_or("?".to_owned(), |half| grouped(half, decimals));
    format!("{} ± {half}{unit}", grouped(estimate.value, decimals))
}

/// A sample, for people.
#[must_use]
pub fn of_sample(lang: Lang, drawn: &DrawReport) -> String {
    let points: u64 = drawn.strata.iter().map(|stratum| stratum.points).sum();
    let title = lang.sentence("accuracy.drawn", &[("points", &points), ("seed", &drawn.seed)]);
    let head = ["accuracy.stratum", "accuracy.pixels", "accuracy.area_ha", "accuracy.points"];
    let mut rows = vec![[String::new(), String::new()].into_iter().chain(head.map(|key| lang.word(key))).collect()];
    for stratum in &drawn.strata {
        rows.push(vec![
            String::new(),
            format!("{} → {} {}", stratum.from, stratum.to, lang.word(stratum.kind.key())),
            lang.word(&format!("accuracy.strata.{}", stratum.name)),
            grouped(stratum.pixels as f64, 0),
            grouped(stratum.area_m2 / 1e4, 2),
            grouped(stratum.points as f64, 0),
        ]);
    }
    let table = aligned(&rows, &[Side::Left, Side::Left, Side::Left, Side::Right, Side::Right, Side::Right]);
    let next = lang.sentence("accuracy.next", &[("file", &drawn.file.display())]);
    let mut parts = vec![format!("{}\n{title}\n{}", drawn.project, table.join("\n"))];
    parts.push(lang.word("accuracy.rule"));
    parts.push(next);
    parts.extend(told(lang, &drawn.notices));
    parts.join("\n\n")
}

/// A sample, for programs.
#[must_use]
pub fn of_sample_for_programs(drawn: &DrawReport) -> Value {
    let stratum = |s: &crate::io::geopackage::SampleStratum| {
        json!({
            "name": s.name,
            "from": s.from.to_string(),
            "to": s.to.to_string(),
            "kind": s.kind.word(),
            "pixels": s.pixels,
            "area_m2": s.area_m2,
            "points": s.points,
        })
    };
    json!({
        "project": drawn.project,
        "file": drawn.file.display().to_string(),
        "seed": drawn.seed,
        "strata": drawn.strata.iter().map(stratum).collect::<Vec<_>>(),
    })
}
