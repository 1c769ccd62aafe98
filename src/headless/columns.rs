//! Text in columns: a Chinese character is two columns wide on a terminal, so plain padding would go crooked.

use unicode_width::UnicodeWidthStr;

/// To which side a column's text is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lines of text with their columns aligned, two spaces apart, without trailing spaces.
#[must_use]
pub fn aligned(rows: &[Vec<String>], sides: &[Side]) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..sides.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(sides).zip(&widths).map(|((cell, side), width)| padded(cell, *width, *side));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn padded(cell: &str, width: usize, side: Side) -> String {
    let space = " ".repeat(width.saturating_sub(cell.width()));
    match side {
        Side::Left => format!("{cell}{space}"),
        Side::Right => format!("{space}{cell}"),
    }
}

/// A number with its thousands apart: `1,234.50`.
#[must_use]
pub fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let digits: Vec<String> =
        whole.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}{rest}", digits.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_take_two_columns() {
        let rows = [vec!["变化".to_owned(), "1".to_owned()], vec!["abcde".to_owned(), "23".to_owned()]];
        assert_eq!(aligned(&rows, &[Side::Left, Side::Right]), ["变化    1", "abcde  23"]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [grouped(1_234_567.891, 2), grouped(999.0, 0), grouped(-1000.0, 1)],
            ["1,234,567.89", "999", "-1,000.0"]
        );
    }
}
