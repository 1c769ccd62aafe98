//! The sheet of figures by zone and comparison.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::lang::Lang;
use crate::model::flag::Place;
use crate::model::outcome::{ComparisonOutcome, Outcome, ZoneTally};
use crate::model::volume::Volume;
use crate::report::columns::Value;
use crate::report::phrase;

use super::sheet::{Look, Sheet};

/// Headings with their widths.
const COLUMNS: [(&str, u8); 31] = [
    ("column.T1_DATE", 12),
    ("column.T2_DATE", 12),
    ("column.KIND", 11),
    ("column.ZONE_ID", 14),
    ("column.ZONE_NM", 26),
    ("column.ZONE_KND", 20),
    ("column.ZONE_LVL", 10),
    ("column.FUNC_ZN", 14),
    ("column.BND_VER", 24),
    ("report.zones.area_m2", 14),
    ("report.zones.enough_data", 11),
    ("report.zones.changed_m2", 13),
    ("report.zones.discarded_m2", 15),
    ("report.zones.unchanged_m2", 14),
    ("report.zones.not_observed_m2", 14),
    ("report.zones.changed_pct", 10),
    ("report.zones.unchanged_pct", 10),
    ("report.zones.not_observed_pct", 10),
    ("report.zones.flags", 9),
    ("report.zones.ring_enough_data", 11),
    ("column.CUT_M3", 12),
    ("column.CUT_E_M3", 12),
    ("column.FILL_M3", 12),
    ("column.FILL_E_M3", 12),
    ("column.NET_M3", 12),
    ("column.NET_E_M3", 12),
    ("report.zones.ring_changed_m2", 13),
    ("report.zones.ring_discarded_m2", 15),
    ("report.zones.ring_unchanged_m2", 14),
    ("report.zones.ring_not_observed_m2", 14),
    ("report.zones.ring_flags", 9),
];

pub(super) fn write(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.zones"))?;
    sheet.headings(&COLUMNS.map(|(key, width)| (lang.word(key), width)))?;
    sheet.freeze_above(5)?;
    for comparison in &outcome.comparisons {
        for tally in &comparison.zones {
            for (column, (value, look)) in (0_u16..).zip(&cells(outcome, comparison, tally, lang)) {
                sheet.cell(column, value, *look)?;
            }
            sheet.row += 1;
        }
    }
    sheet.filter(0, COLUMNS.len())
}

fn cells(outcome: &Outcome, comparison: &ComparisonOutcome, tally: &ZoneTally, lang: Lang) -> Vec<(Value, Look)> {
    let Some(zone) = outcome.zones.get(tally.zone) else { return Vec::new() };
    let text = |text: &str| (Value::Text(text.to_owned()), Look::Plain);
    let maybe = |text: Option<&str>| (text.map_or(Value::Missing, |t| Value::Text(t.to_owned())), Look::Plain);
    let area = |m2: f64| (Value::Number(m2), Look::Decimals(1));
    let share = |m2: f64| {
        let known = zone.area.0 > 0.0;
        (if known { Value::Number(m2 / zone.area.0 * 100.0) } else { Value::Missing }, Look::Decimals(2))
    };
    let can_tell = comparison.threshold.value.is_some();
    // Where no change could be told, a zero would be a lie.
    let told =
        |cell: (Value, Look)| if can_tell { cell } else { (Value::Text(lang.word("report.cannot_tell")), Look::Plain) };
    let enough = |place: Place| (Value::Text(phrase::enough(tally, place, lang)), Look::Plain);
    let (inside, ring) = (&tally.inside, &tally.ring);
    let mut cells = vec![
        (Value::Date(comparison.from_date), Look::Day),
        (Value::Date(comparison.to_date), Look::Day),
        text(&phrase::kind(comparison, lang)),
        text(&zone.id),
        text(&zone.name),
        text(&zone.kind),
        maybe(zone.level.as_deref()),
        maybe(zone.function.as_deref()),
        text(&zone.version()),
        area(zone.area.0),
        enough(Place::Inside),
        told(area(inside.changed.0)),
        told(area(inside.discarded.0)),
        told(area(inside.unchanged.0)),
        area(inside.not_observed.0),
        told(share(inside.changed.0)),
        told(share(inside.unchanged.0)),
        share(inside.not_observed.0),
        told((Value::Integer(tally.flags as i64), Look::Decimals(0))),
        enough(Place::Ring),
    ];
    cells.extend(volume_cells(tally.volume.as_ref()));
    cells.extend([
        told(area(ring.changed.0)),
        told(area(ring.discarded.0)),
        told(area(ring.unchanged.0)),
        area(ring.not_observed.0),
        told((Value::Integer(tally.ring_flags as i64), Look::Decimals(0))),
    ]);
    cells
}

/// Ground moved; empty cells where heights are not compared.
pub(super) fn volume_cells(volume: Option<&Volume>) -> [(Value, Look); 6] {
    let figures = volume.map(Volume::figures);
    std::array::from_fn(|at| {
        (figures.map_or(Value::Missing, |figures| Value::Number(figures[at].1)), Look::Decimals(1))
    })
}
