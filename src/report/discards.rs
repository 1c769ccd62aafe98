//! Patches in zones that a false-change test explains: the columns of their table, once for page and workbook.

use crate::lang::Lang;
use crate::model::flag::Discard;
use crate::model::outcome::{ComparisonOutcome, Outcome};

use super::columns::Value;
use super::phrase;

/// Headings of the table, whether their cells hold numbers (with how many decimals), and their widths.
pub(super) const HEADS: [(&str, Option<u8>, u8); 9] = [
    ("report.table.period", None, 24),
    ("column.KIND", None, 11),
    ("report.discarded.code", None, 8),
    ("report.discarded.why", None, 20),
    ("report.table.zone", None, 36),
    ("column.AREA_M2", Some(1), 13),
    ("report.flag.classes", None, 26),
    ("report.flag.lonlat", None, 24),
    ("column.TESTS", None, 60),
];

/// Every discarded patch with its comparison.
pub(super) fn all(outcome: &Outcome) -> impl Iterator<Item = (&ComparisonOutcome, &Discard)> {
    outcome.comparisons.iter().flat_map(|c| c.discarded.iter().map(move |discard| (c, discard)))
}

/// The cells of one patch, in the order of [`HEADS`].
pub(super) fn cells(outcome: &Outcome, comparison: &ComparisonOutcome, discard: &Discard, lang: Lang) -> [Value; 9] {
    let patch = &discard.patch;
    let zone = discard.hits.first().and_then(|hit| outcome.zones.get(hit.zone));
    [
        Value::Text(phrase::period(comparison)),
        Value::Text(phrase::kind(comparison, lang)),
        Value::Text(discard.code.clone()),
        Value::Text(lang.word(&discard.by.key())),
        zone.map_or(Value::Missing, |zone| Value::Text(phrase::zone_title(outcome, zone))),
        Value::Number(patch.area.0),
        Value::Text(format!("{} → {}", lang.word(patch.from_class.key()), lang.word(patch.to_class.key()))),
        Value::Text(format!("{:.5}, {:.5}", discard.lonlat.x(), discard.lonlat.y())),
        Value::Text(phrase::tests(&discard.tests, lang)),
    ]
}
