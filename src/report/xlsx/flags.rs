//! Three sheets about patches: the ledger (one row a flag), the hits (one row a flag and zone), what was discarded.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::lang::Lang;
use crate::model::outcome::Outcome;
use crate::model::zone::Zone;
use crate::report::columns::{COLUMNS, ColumnKind, Value, flag_record};
use crate::report::discards;

use super::sheet::{Look, Sheet};

pub(super) fn write_ledger(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.flags"))?;
    let headings: Vec<(String, u8)> = COLUMNS.iter().map(|c| (c.heading(lang), c.width)).collect();
    sheet.headings(&headings)?;
    sheet.freeze_above(1)?;
    for comparison in &outcome.comparisons {
        for flag in &comparison.flags {
            let record = flag_record(outcome, comparison, flag, lang);
            for (index, (column, value)) in (0_u16..).zip(&record) {
                let look = match (column.name, column.kind) {
                    ("SEVERITY", _) => Look::Severity(flag.severity),
                    (_, ColumnKind::Number { decimals }) => Look::Decimals(decimals),
                    (_, ColumnKind::Integer) => Look::Decimals(0),
                    (_, ColumnKind::Date) => Look::Day,
                    // One line a flag: a wrapped cell would make rows of ten lines, or of overlapping ones.
                    (_, ColumnKind::Text) => Look::Plain,
                };
                sheet.cell(index, value, look)?;
            }
            sheet.row += 1;
        }
    }
    sheet.filter(0, COLUMNS.len())
}

/// Headings of the hits with their widths; the first, second and last are the ledger's own.
const HIT_COLUMNS: [(&str, u8); 13] = [
    ("column.PATCH_ID", 13),
    ("column.T2_DATE", 12),
    ("column.SEVERITY", 10),
    ("column.PLACE", 9),
    ("report.hits.order", 8),
    ("column.ZONE_ID", 14),
    ("column.ZONE_NM", 36),
    ("column.ZONE_KND", 24),
    ("column.FUNC_ZN", 14),
    ("column.BND_VER", 25),
    ("column.OVL_M2", 13),
    ("column.OVL_PCT", 10),
    ("column.D_BND_M", 12),
];

pub(super) fn write_hits(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.hits"))?;
    sheet.headings(&HIT_COLUMNS.map(|(key, width)| (lang.word(key), width)))?;
    sheet.freeze_above(1)?;
    for comparison in &outcome.comparisons {
        for flag in &comparison.flags {
            for (order, hit) in flag.hits.iter().enumerate() {
                let Some(zone) = outcome.zones.get(hit.zone) else { continue };
                let text = |text: &str| Value::Text(text.to_owned());
                let cells = [
                    (text(&flag.code), Look::Plain),
                    (Value::Date(comparison.to_date), Look::Day),
                    (Value::Text(lang.word(flag.severity.key())), Look::Severity(flag.severity)),
                    (Value::Text(lang.word(hit.place.key())), Look::Plain),
                    (Value::Integer(order as i64 + 1), Look::Decimals(0)),
                    (text(&zone.id), Look::Plain),
                    (text(&zone.name), Look::Plain),
                    (text(&zone.kind), Look::Plain),
                    (zone.function.as_deref().map_or(Value::Missing, text), Look::Plain),
                    (Value::Text(Zone::version(zone)), Look::Plain),
                    (Value::Number(hit.area.0), Look::Decimals(1)),
                    (Value::Number(hit.share.percent()), Look::Decimals(1)),
                    (Value::Number(hit.distance.0), Look::Decimals(1)),
                ];
                for (column, (value, look)) in (0_u16..).zip(&cells) {
                    sheet.cell(column, value, *look)?;
                }
                sheet.row += 1;
            }
        }
    }
    sheet.filter(0, HIT_COLUMNS.len())
}

pub(super) fn write_discarded(workbook: &mut Workbook, outcome: &Outcome, lang: Lang) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(workbook, &lang.word("report.sheet.discarded"))?;
    sheet.headings(&discards::HEADS.map(|(key, _, width)| (lang.word(key), width)))?;
    sheet.freeze_above(0)?;
    for (comparison, discard) in discards::all(outcome) {
        let cells = discards::cells(outcome, comparison, discard, lang);
        for ((column, value), (_, decimals, _)) in (0_u16..).zip(&cells).zip(discards::HEADS) {
            sheet.cell(column, value, decimals.map_or(Look::Plain, Look::Decimals))?;
        }
        sheet.row += 1;
    }
    sheet.filter(0, discards::HEADS.len())
}
