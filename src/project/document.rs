//! TOML text → plain values, each key with its line. Knows TOML, not the keys of a project.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Problem, ProblemKind};

/// A parsed file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Its values; dates are texts.
    pub value: Value,
    /// Line of every key, by its path (`scenes[2].date`, counted from 1).
    pub lines: BTreeMap<String, usize>,
}

impl Document {
    /// The line of a key, or of the table that should hold it.
    pub fn line(&self, key: &str) -> Option<usize> {
        let mut path = key;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}

/// Parses a text.
///
/// # Errors
/// Every place that is not TOML.
pub(super) fn parse(text: &str) -> Result<Document, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading { text, lines: BTreeMap::new(), problems: Vec::new() };
    for error in errors {
        let line = error.span().map(|s| reading.line_at(s.start));
        let cause = error.message().replace('\n', "; ");
        reading.problems.push(Problem { line, key: String::new(), kind: ProblemKind::Syntax { cause } });
    }
    let value = reading.table("", table.get_ref());
    if reading.problems.is_empty() { Ok(Document { value, lines: reading.lines }) } else { Err(reading.problems) }
}

struct Reading<'t> {
    text: &'t str,
    lines: BTreeMap<String, usize>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn line_at(&self, byte: usize) -> usize {
        1 + self.text.bytes().take(byte).filter(|b| *b == b'\n').count()
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) -> Value {
        let mut map = Map::new();
        for (key, value) in table {
            let inner = join(path, key.get_ref());
            self.lines.insert(inner.clone(), self.line_at(key.span().start));
            let value = self.value(&inner, value);
            map.insert(key.get_ref().to_string(), value);
        }
        Value::Object(map)
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue<'_>>) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(day) => Value::String(day.to_string()),
            DeValue::Integer(number) => {
                let digits = number.as_str().replace('_', "");
                let parsed = i64::from_str_radix(&digits, number.radix()).ok().map(|n| Value::Number(n.into()));
                self.number(path, value, parsed)
            }
            DeValue::Float(number) => {
                let parsed = number.as_str().replace('_', "").parse().ok().and_then(Number::from_f64);
                self.number(path, value, parsed.map(Value::Number))
            }
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let inner = format!("{path}[{}]", index + 1);
                    self.lines.insert(inner.clone(), self.line_at(item.span().start));
                    list.push(self.value(&inner, item));
                }
                Value::Array(list)
            }
        }
    }

    fn number(&mut self, path: &str, value: &Spanned<DeValue<'_>>, parsed: Option<Value>) -> Value {
        parsed.unwrap_or_else(|| {
            let found = self.text.get(value.span()).unwrap_or_default().to_owned();
            let line = Some(self.line_at(value.span().start));
            let kind = ProblemKind::OutOfRange { found, range: "±9.2e18".to_owned() };
            self.problems.push(Problem { line, key: path.to_owned(), kind });
            Value::Null
        })
    }
}

/// The path of a key inside a table.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_knows_its_line() {
        let text = "version = 1\n\n[[scenes]]\npath = \"a.tif\"\n[[scenes]]\ndate = 2024-07-01\n";
        let document = parse(text).unwrap();
        assert_eq!(document.line("scenes[1].path"), Some(4));
        assert_eq!(document.line("scenes[2].date"), Some(6));
        assert_eq!(document.line("scenes[2].year"), Some(5), "a missing key points at its table");
        assert_eq!(document.value["scenes"][1]["date"], "2024-07-01");
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        let problems = parse("version = 1\nname = 扬州\n").unwrap_err();
        assert_eq!(problems[0].line, Some(2));
        assert!(matches!(problems[0].kind, ProblemKind::Syntax { .. }));
    }
}
