//! The sheet of transfers between land-cover classes: one row for each pair of classes that occurs, of every comparison.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::lang::Lang;
use crate::model::outcome::{ComparisonOutcome, Outcome};
use crate::model::units::{Fraction, SquareMetres};
use crate::report::columns::Value;
use crate::report::phrase;

use super::sheet::{Look, Sheet};

/// Headings of the list with their widths.
const COLUMNS: [(&str, u8); 7] = [
    ("column.T1_DATE", 12),
    ("column.T2_DATE", 12),
    ("column.FROM_CLS", 22),
    ("column.TO_CLS", 22),
    ("column.AREA_M2", 14),
    ("column.AREA_MU", 12),
    ("report.transfers.share", 12),
];

/// Writes the sheet where some comparison is of land-cover maps: their matrices in m² and in mu, then the list.
pub(super) fn write(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let compared: Vec<&ComparisonOutcome> = outcome.comparisons.iter().filter(|c| c.transfers.is_some()).collect();
    if compared.is_empty() {
        return Ok(());
    }
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.transfers"))?;
    for comparison in &compared {
        for (key, unit) in UNITS {
            matrix(&mut sheet, comparison, (&lang.word(key), unit), lang)?;
        }
    }
    sheet.headings(&COLUMNS.map(|(key, width)| (lang.word(key), width)))?;
    for comparison in compared {
        list(&mut sheet, comparison, lang)?;
    }
    Ok(())
}

/// A unit of area.
type Unit = fn(SquareMetres) -> f64;

/// Units of the matrices, with the key of their title.
const UNITS: [(&str, Unit); 2] =
    [("report.transfers.matrix_m2", |area| area.0), ("report.transfers.matrix_mu", SquareMetres::mu)];

fn matrix(
    sheet: &mut Sheet<'_>,
    comparison: &ComparisonOutcome,
    (title, unit): (&str, Unit),
    lang: Lang,
) -> Result<(), XlsxError> {
    let Some(transfers) = &comparison.transfers else { return Ok(()) };
    let text = |text: String| Value::Text(text);
    sheet.cell(0, &text(format!("{title} {}", phrase::period(comparison))), Look::Title)?;
    sheet.row += 1;
    let names: Vec<String> = transfers.classes.iter().map(|class| phrase::transfer_class(class, lang)).collect();
    let heads = std::iter::once(lang.word("report.transfers.from_to")).chain(names.iter().cloned());
    for (column, head) in (0_u16..).zip(heads.chain([lang.word("report.transfers.before")])) {
        sheet.cell(column, &text(head), Look::Heading)?;
    }
    sheet.row += 1;
    let all = 0..transfers.classes.len();
    let after: Vec<SquareMetres> = all.clone().map(|class| transfers.after(class)).collect();
    let rows = names.iter().zip(&transfers.areas).map(|(name, row)| (name.clone(), row.clone()));
    for (name, row) in rows.chain([(lang.word("report.transfers.after"), after)]) {
        sheet.cell(0, &text(name), Look::Heading)?;
        let whole = row.iter().copied().sum();
        for (column, area) in (1_u16..).zip(row.iter().copied().chain([whole])) {
            sheet.cell(column, &Value::Number(unit(area)), Look::Decimals(2))?;
        }
        sheet.row += 1;
    }
    sheet.row += 1;
    Ok(())
}

fn list(sheet: &mut Sheet<'_>, comparison: &ComparisonOutcome, lang: Lang) -> Result<(), XlsxError> {
    let Some(transfers) = &comparison.transfers else { return Ok(()) };
    for (from, row) in transfers.areas.iter().enumerate() {
        for (to, area) in row.iter().enumerate().filter(|(_, area)| area.0 > 0.0) {
            let name = |at: usize| Value::Text(phrase::transfer_class(&transfers.classes[at], lang));
            let share = Fraction::of(*area, transfers.before(from)).percent();
            let cells = [
                (Value::Date(comparison.from_date), Look::Day),
                (Value::Date(comparison.to_date), Look::Day),
                (name(from), Look::Plain),
                (name(to), Look::Plain),
                (Value::Number(area.0), Look::Decimals(1)),
                (Value::Number(area.mu()), Look::Decimals(2)),
                (Value::Number(share), Look::Decimals(2)),
            ];
            for (column, (value, look)) in (0_u16..).zip(&cells) {
                sheet.cell(column, value, *look)?;
            }
            sheet.row += 1;
        }
    }
    Ok(())
}
