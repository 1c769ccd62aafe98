//! An assessment for programs: every figure under a stable name, absent ones as `null`.

use serde_json::{Value, json};

use super::{Assessed, Assessment, Class, Estimate, Estimates, Stratum};

/// The answer as JSON.
#[must_use]
pub fn answer(assessment: &Assessment) -> Value {
    json!({
        "project": assessment.project,
        "reference": assessment.reference.display().to_string(),
        "basis": assessment.basis.word(),
        "comparisons": assessment.comparisons.iter().map(comparison).collect::<Vec<_>>(),
    })
}

fn comparison(one: &Assessed) -> Value {
    let matrix = &one.matrix;
    json!({
        "from": one.from.to_string(),
        "to": one.to.to_string(),
        "kind": one.kind.word(),
        "method": one.method,
        "threshold": one.threshold,
        "counts": {
            "changed_changed": matrix.counts[0][0],
            "changed_unchanged": matrix.counts[0][1],
            "unchanged_changed": matrix.counts[1][0],
            "unchanged_unchanged": matrix.counts[1][1],
        },
        "counts_are": "map_reference",
        "not_observed": { "changed": one.not_observed[0], "unchanged": one.not_observed[1] },
        "unlabelled": one.unlabelled,
        "outside": one.outside,
        "precision": matrix.users(Class::Changed),
        "recall": matrix.producers(Class::Changed),
        "f1": matrix.f1(),
        "overall": matrix.overall(),
        "kappa": matrix.kappa(),
        "users": { "changed": matrix.users(Class::Changed), "unchanged": matrix.users(Class::Unchanged) },
        "producers": { "changed": matrix.producers(Class::Changed), "unchanged": matrix.producers(Class::Unchanged) },
        "estimates": one.estimates.as_ref().map(estimates),
    })
}

fn estimates(found: &Estimates) -> Value {
    let by_class = |of: &dyn Fn(usize) -> Option<Estimate>| {
        let pairs = Class::ALL.map(|class| (class.word().to_owned(), of(class as usize).map_or(Value::Null, figure)));
        Value::Object(pairs.into_iter().collect())
    };
    let sample = &found.sample;
    json!({
        "strata_from": if found.own_strata { "reference" } else { "map" },
        "strata": sample.strata.iter().map(stratum).collect::<Vec<_>>(),
        "area_m2": sample.area(),
        "unsampled_m2": found.unsampled_m2,
        "area_of_m2": by_class(&|class| sample.area_of(class)),
        "overall": sample.overall().map(figure),
        "users": by_class(&|class| sample.users(class)),
        "producers": by_class(&|class| sample.producers(class)),
        "interval": 0.95,
        "source": "doi:10.1016/j.rse.2014.02.015",
    })
}

fn figure(estimate: Estimate) -> Value {
    json!({
        "value": estimate.value,
        "standard_error": estimate.standard_error,
        "half_width_95": estimate.half_width(),
    })
}

fn stratum(stratum: &Stratum) -> Value {
    json!({ "name": stratum.name, "area_m2": stratum.area, "points": stratum.points(), "counts": stratum.counts })
}
