//! Flags as CSV: RFC 4180, UTF-8 with byte-order mark, one row a flag, headings for people.
//!
//! No text can become a formula. **The rule for reading it back**: text is always quoted; a text that begins with a
//! character that a spreadsheet may execute, or with an apostrophe, is written with one apostrophe more in front;
//! so whoever reads removes exactly one leading apostrophe ([`text_from_cell`]). Numbers and dates are unquoted and
//! untouched: −3.5 stays `-3.5`.

use std::borrow::Cow;

use crate::lang::Lang;
use crate::model::outcome::Outcome;

use super::columns::{COLUMNS, Value, flag_record};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text that was written into a CSV cell.
#[must_use]
pub fn text_from_cell(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

pub(super) fn render(outcome: &Outcome, lang: Lang) -> Vec<u8> {
    let mut text = BYTE_ORDER_MARK.to_owned();
    push_row(&mut text, COLUMNS.iter().map(|column| quoted(&column.heading(lang))));
    for comparison in &outcome.comparisons {
        for flag in &comparison.flags {
            let record = flag_record(outcome, comparison, flag, lang);
            push_row(&mut text, record.iter().map(|(_, value)| cell(value)));
        }
    }
    text.into_bytes()
}

/// A table of any rows as CSV, by the same rules.
#[must_use]
pub fn table(headings: &[String], rows: impl Iterator<Item = Vec<Value>>) -> Vec<u8> {
    let mut text = BYTE_ORDER_MARK.to_owned();
    push_row(&mut text, headings.iter().map(|heading| quoted(heading)));
    for row in rows {
        push_row(&mut text, row.iter().map(cell));
    }
    text.into_bytes()
}

fn push_row(text: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&cell);
    }
    text.push_str("\r\n");
}

fn cell(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(&harmless(text)),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Missing => String::new(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text for a cell of a spreadsheet, where it cannot become a formula.
#[must_use]
pub fn text_for_cell(text: &str) -> String {
    harmless(text).into_owned()
}

fn harmless(text: &str) -> Cow<'_, str> {
    let starts_badly = text.starts_with(['\'', '\t', '\r', '\n', '\0']);
    // Spreadsheets skip blanks and invisible marks before they look for a formula.
    let first = text.chars().find(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c));
    let is_formula = first.is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−')
    });
    if starts_badly || is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0x00AD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    /// Reads RFC 4180 text: cells, and whether each was quoted.
    fn parse(text: &str) -> Vec<Vec<(String, bool)>> {
        let (mut rows, mut row, mut cell, mut was_quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut chars = text.chars().peekable();
        let mut inside = false;
        while let Some(c) = chars.next() {
            match (inside, c) {
                (true, '"') if chars.peek() == Some(&'"') => cell.extend(chars.next()),
                (true, '"') => inside = false,
                (false, '"') => (inside, was_quoted) = (true, true),
                (false, ',') => row.push((std::mem::take(&mut cell), std::mem::take(&mut was_quoted))),
                // A row ends with CR LF; the CR alone ends nothing.
                (false, '\r') => {}
                (false, '\n') => {
                    row.push((std::mem::take(&mut cell), std::mem::take(&mut was_quoted)));
                    rows.push(std::mem::take(&mut row));
                }
                (_, c) => cell.push(c),
            }
        }
        assert!(!inside && cell.is_empty() && row.is_empty(), "the last row ends");
        rows
    }

    #[test]
    fn what_was_written_is_read_back() {
        let outcome = specimen::outcome();
        let bytes = render(&outcome, Lang::Zh);
        let text = String::from_utf8(bytes).unwrap();
        let rows = parse(text.strip_prefix(BYTE_ORDER_MARK).unwrap());
        let flags: Vec<_> = outcome.comparisons.iter().flat_map(|c| c.flags.iter().map(move |f| (c, f))).collect();
        assert_eq!(rows.len(), flags.len() + 1);
        for (row, (comparison, flag)) in rows[1..].iter().zip(flags) {
            let record = flag_record(&outcome, comparison, flag, Lang::Zh);
            assert_eq!(row.len(), record.len());
            for ((cell, was_quoted), (_, value)) in row.iter().zip(record) {
                match value {
                    Value::Text(text) => assert_eq!((text_from_cell(cell), *was_quoted), (text.as_str(), true)),
                    Value::Number(number) => assert_eq!(cell.parse::<f64>().unwrap().to_bits(), number.to_bits()),
                    Value::Integer(number) => assert_eq!(cell.parse::<i64>().unwrap(), number),
                    Value::Date(date) => assert_eq!(cell.parse::<crate::model::Date>().unwrap(), date),
                    Value::Missing => assert_eq!(cell, ""),
                }
            }
        }
    }

    #[test]
    fn no_text_begins_as_a_formula() {
        for payload in specimen::FORMULAS {
            let mut outcome = specimen::outcome();
            outcome.zones[0].name = (*payload).to_owned();
            let text = String::from_utf8(render(&outcome, Lang::En)).unwrap();
            let rows = parse(text.trim_start_matches(BYTE_ORDER_MARK));
            let cells = rows.iter().flatten().filter(|(_, was_quoted)| *was_quoted);
            for (cell, _) in cells {
                let first = cell.trim_start().chars().next().unwrap_or(' ');
                assert!(!"=+-@\t\r\0＝＋－＠".contains(first), "{cell:?}");
            }
            assert!(rows[1].iter().any(|(cell, _)| text_from_cell(cell) == *payload), "{payload:?}");
        }
    }

    #[test]
    fn a_negative_number_stays_a_number() {
        assert_eq!(cell(&Value::Number(-3.5)), "-3.5");
        assert_eq!(cell(&Value::Text("-3.5".into())), "\"'-3.5\"");
    }

    #[test]
    fn an_apostrophe_of_the_text_survives() {
        assert_eq!(cell(&Value::Text("'=x".into())), "\"''=x\"");
        assert_eq!(text_from_cell("''=x"), "'=x");
    }
}
