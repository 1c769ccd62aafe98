//! One sheet being written: typed cells, styles, widths that fit Chinese.

use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::model::flag::Severity;
use crate::report::columns::Value;
use crate::report::number;

/// A cell holds at most so many UTF-16 units; the limit is Excel's.
const LONGEST_CELL: usize = 32_767;
const INK: u32 = 0x001D_2A26;
const HEAD: u32 = 0x00E7_EEE9;
const RULE: u32 = 0x00C9_D3CC;

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Words or whole numbers.
    Plain,
    /// A number with so many decimals.
    Decimals(u8),
    /// A day.
    Day,
    /// Words that may take several lines.
    Wrapped,
    /// A heading of a column.
    Heading,
    /// A title above a block.
    Title,
    /// The severity of a flag.
    Severity(Severity),
}

impl Look {
    fn format(self) -> Format {
        let plain = Format::new().set_align(FormatAlign::Top);
        match self {
            Self::Plain => plain,
            Self::Decimals(0) => plain.set_num_format("#,##0"),
            Self::Decimals(n) => plain.set_num_format(format!("#,##0.{}", "0".repeat(usize::from(n)))),
            Self::Day => plain.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            Self::Wrapped => plain.set_text_wrap(),
            Self::Heading => Format::new()
                .set_bold()
                .set_text_wrap()
                .set_font_color(Color::RGB(INK))
                .set_background_color(Color::RGB(HEAD))
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(Color::RGB(RULE))
                .set_align(FormatAlign::VerticalCenter),
            Self::Title => Format::new().set_bold().set_font_size(14).set_font_color(Color::RGB(INK)),
            Self::Severity(severity) => {
                let (ink, ground) = match severity {
                    Severity::High => (0x008C_1D18, 0x00FB_E3E1),
                    Severity::Medium => (0x007A_4A00, 0x00FD_EFD3),
                    Severity::Low => (0x0027_4B61, 0x00E1_ECF3),
                };
                plain.set_bold().set_font_color(Color::RGB(ink)).set_background_color(Color::RGB(ground))
            }
        }
    }
}

/// A sheet and the row that is written next.
pub(super) struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    /// The row that is written next.
    pub(super) row: u32,
}

impl<'a> Sheet<'a> {
    /// A new sheet, laid out for printing across.
    pub(super) fn add(workbook: &'a mut Workbook, name: &str) -> Result<Self, XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(Self { sheet, row: 0 })
    }

    /// Writes one cell of the present row.
    pub(super) fn cell(&mut self, column: u16, value: &Value, look: Look) -> Result<(), XlsxError> {
        let format = look.format();
        let row = self.row;
        match value {
            Value::Text(text) => self.sheet.write_string_with_format(row, column, fitting(text), &format)?,
            Value::Integer(number) => self.sheet.write_number_with_format(row, column, *number as f64, &format)?,
            Value::Number(number) => self.sheet.write_number_with_format(row, column, *number, &format)?,
            Value::Date(date) => {
                let day = u16::try_from(date.year()).ok().and_then(|year| {
                    ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs()).ok()
                });
                match day {
                    Some(day) => self.sheet.write_datetime_with_format(row, column, &day, &format)?,
                    // Excel counts days from 1900; earlier ones stay words.
                    None => self.sheet.write_string_with_format(row, column, date.to_string(), &format)?,
                }
            }
            Value::Missing => self.sheet.write_blank(row, column, &format)?,
        };
        Ok(())
    }

    /// Writes a row of headings with their widths (in Latin characters) and ends it.
    pub(super) fn headings(&mut self, headings: &[(String, u8)]) -> Result<(), XlsxError> {
        for (column, (heading, width)) in (0_u16..).zip(headings) {
            let two_lines = number::columns(heading).div_ceil(2) + 2;
            self.sheet.set_column_width(column, f64::from(*width).max(two_lines as f64))?;
            self.cell(column, &Value::Text(heading.clone()), Look::Heading)?;
        }
        self.sheet.set_row_height(self.row, 34)?;
        self.row += 1;
        Ok(())
    }

    /// Keeps everything above the present row in sight, and repeats it on every printed page.
    pub(super) fn freeze_above(&mut self, columns: u16) -> Result<(), XlsxError> {
        self.sheet.set_freeze_panes(self.row, columns)?;
        self.sheet.set_repeat_rows(0, self.row.saturating_sub(1))?;
        Ok(())
    }

    /// Lets the reader filter the rows from the heading row to the last one written.
    pub(super) fn filter(&mut self, heading_row: u32, columns: usize) -> Result<(), XlsxError> {
        let last_column = columns.saturating_sub(1) as u16;
        self.sheet.autofilter(heading_row, 0, self.row.saturating_sub(1).max(heading_row), last_column)?;
        Ok(())
    }
}

/// A text that fits a cell; a cut is shown by an ellipsis.
fn fitting(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST_CELL {
        return text.to_owned();
    }
    let mut units = 1;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= LONGEST_CELL
        })
        .collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_a_cell_ends_in_an_ellipsis() {
        let cut = fitting(&"红".repeat(40_000));
        assert_eq!(cut.chars().count(), LONGEST_CELL);
        assert!(cut.ends_with('…'));
        assert_eq!(fitting("红线"), "红线");
    }
}
