//! The first sheet (what was compared, how, with what result) and the last (notices).

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::lang::Lang;
use crate::model::flag::{Place, Severity};
use crate::model::outcome::{ComparisonOutcome, Outcome};
use crate::report::columns::Value;
use crate::report::phrase;

use super::sheet::{Look, Sheet};
use super::zones::volume_cells;

/// Headings of the comparisons with their widths.
const COMPARISON_COLUMNS: [(&str, u8); 28] = [
    ("column.T1_DATE", 22),
    ("column.T2_DATE", 40),
    ("column.KIND", 12),
    ("report.fact.method", 18),
    ("column.THRESHOLD", 10),
    ("report.fact.rule", 20),
    ("report.fact.separation", 10),
    ("report.fact.shift_m", 10),
    ("report.fact.residual_m", 10),
    ("report.fact.pixels_read", 14),
    ("report.zones.area_m2", 15),
    ("report.zones.changed_m2", 14),
    ("report.zones.discarded_m2", 15),
    ("report.zones.unchanged_m2", 15),
    ("report.zones.not_observed_m2", 15),
    ("report.zones.changed_pct", 10),
    ("report.zones.not_observed_pct", 10),
    ("column.CUT_M3", 12),
    ("column.CUT_E_M3", 12),
    ("column.FILL_M3", 12),
    ("column.FILL_E_M3", 12),
    ("column.NET_M3", 12),
    ("column.NET_E_M3", 12),
    ("report.zones.flags", 9),
    ("report.flags.high", 8),
    ("report.flags.medium", 8),
    ("report.flags.low", 8),
    ("report.zones.ring_flags", 9),
];

pub(super) fn write(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.overview"))?;
    sheet.cell(0, &Value::Text(lang.word("report.title")), Look::Title)?;
    sheet.row += 2;
    for (label, value) in facts(outcome, lang) {
        sheet.cell(0, &Value::Text(label), Look::Plain)?;
        sheet.cell(1, &Value::Text(value), Look::Plain)?;
        sheet.row += 1;
    }
    sheet.row += 1;
    sheet.headings(&COMPARISON_COLUMNS.map(|(key, width)| (lang.word(key), width)))?;
    for comparison in &outcome.comparisons {
        for (column, (value, look)) in (0_u16..).zip(&comparison_cells(comparison, lang)) {
            sheet.cell(column, value, *look)?;
        }
        sheet.row += 1;
    }
    sheet.row += 1;
    for note in phrase::NOTES {
        sheet.cell(0, &Value::Text(lang.word(note)), Look::Plain)?;
        sheet.row += 1;
    }
    Ok(())
}

fn facts(outcome: &Outcome, lang: Lang) -> Vec<(String, String)> {
    let mut facts = vec![
        (lang.word("report.fact.project"), outcome.project.clone()),
        (lang.word("report.fact.program"), format!("{} {}", env!("CARGO_PKG_NAME"), outcome.program)),
        (lang.word("report.fact.gdal"), outcome.gdal.clone()),
        (lang.word("report.fact.crs"), outcome.crs.label()),
        (lang.word("report.fact.areas"), phrase::area_rule(outcome, lang)),
        (lang.word("report.fact.zones"), outcome.zones.len().to_string()),
    ];
    facts.extend(outcome.tables.iter().map(|table| (lang.word("report.fact.table"), table.clone())));
    facts
}

fn comparison_cells(comparison: &ComparisonOutcome, lang: Lang) -> Vec<(Value, Look)> {
    let cannot_tell = || (Value::Text(lang.word("report.cannot_tell")), Look::Plain);
    let number =
        |value: Option<f64>, decimals: u8| (value.map_or(Value::Missing, Value::Number), Look::Decimals(decimals));
    let can_tell = comparison.threshold.value.is_some();
    let told = |cell: (Value, Look)| if can_tell { cell } else { cannot_tell() };
    let totals = &comparison.totals;
    let area = totals.total().0;
    let share = |part: f64| number((area > 0.0).then(|| part / area * 100.0), 2);
    let count = |wanted: &dyn Fn(&crate::model::flag::Flag) -> bool| {
        (Value::Integer(comparison.flags.iter().filter(|f| wanted(f)).count() as i64), Look::Decimals(0))
    };
    let of = |severity: Severity| told(count(&|f| f.place == Place::Inside && f.severity == severity));
    let mut cells = vec![
        (Value::Date(comparison.from_date), Look::Day),
        (Value::Date(comparison.to_date), Look::Day),
        (Value::Text(phrase::kind(comparison, lang)), Look::Plain),
        (Value::Text(phrase::method(&comparison.method, lang)), Look::Plain),
        match comparison.threshold.value {
            Some(value) => (Value::Number(value), Look::Decimals(3)),
            None => (Value::Text(lang.word("report.no_threshold")), Look::Plain),
        },
        (Value::Text(phrase::rule(&comparison.threshold.rule, lang)), Look::Plain),
        number(comparison.threshold.separation, 2),
        number(comparison.shift.map(|s| s.length().0), 2),
        number(comparison.shift.map(|s| s.residual.0), 2),
        (Value::Integer(comparison.pixels_read as i64), Look::Decimals(0)),
        number(Some(area), 1),
        told(number(Some(totals.changed.0), 1)),
        told(number(Some(totals.discarded.0), 1)),
        told(number(Some(totals.unchanged.0), 1)),
        number(Some(totals.not_observed.0), 1),
        told(share(totals.changed.0)),
        share(totals.not_observed.0),
    ];
    cells.extend(volume_cells(comparison.volume.as_ref()));
    cells.extend([
        told(count(&|f| f.place == Place::Inside)),
        of(Severity::High),
        of(Severity::Medium),
        of(Severity::Low),
        told(count(&|f| f.place == Place::Ring)),
    ]);
    cells
}

/// Headings of the notices with their widths.
const NOTICE_COLUMNS: [(&str, u8); 6] = [
    ("report.notices.weight", 10),
    ("report.notices.code", 22),
    ("report.notices.what", 60),
    ("report.notices.why", 44),
    ("report.notices.do", 44),
    ("report.notices.path", 50),
];

pub(super) fn write_notices(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.notices"))?;
    sheet.headings(&NOTICE_COLUMNS.map(|(key, width)| (lang.word(key), width)))?;
    sheet.freeze_above(0)?;
    for notice in &outcome.notices {
        let text = phrase::notice(notice, lang);
        let cells = [
            phrase::weight(notice.weight, lang),
            notice.code.to_owned(),
            text.what,
            text.why,
            text.advice,
            phrase::notice_path(notice).unwrap_or_default(),
        ];
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.cell(column, &Value::Text(cell), if column < 2 { Look::Plain } else { Look::Wrapped })?;
        }
        sheet.row += 1;
    }
    sheet.filter(0, NOTICE_COLUMNS.len())
}
