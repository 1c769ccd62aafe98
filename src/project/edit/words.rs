//! Values as TOML.

use std::fmt::Write;

use serde_json::Value;

/// A list longer than this is written with one entry a line.
const LONGEST_LIST: usize = 96;

/// Keys in the order in which people write them; any other comes after.
const ORDER: [&str; 22] = [
    "path",
    "paths",
    "layer",
    "date",
    "year",
    "from",
    "to",
    "kind",
    "sensor",
    "scheme",
    "coastal",
    "blue",
    "green",
    "red",
    "rededge",
    "nir",
    "swir1",
    "swir2",
    "elevation",
    "class",
    "crs",
    "encoding",
];

/// A value on the right of an equals sign. `None` for null, which TOML does not have.
pub(super) fn written(value: &Value, newline: &str) -> Option<String> {
    let plain = inline(value)?;
    match value {
        Value::Array(items) if plain.chars().count() > LONGEST_LIST => {
            let lines: Option<Vec<String>> = items.iter().map(inline).collect();
            let lines = lines?.iter().flat_map(|line| ["    ", line.as_str(), ",", newline]).collect::<String>();
            Some(format!("[{newline}{lines}]"))
        }
        _ => Some(plain),
    }
}

fn inline(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(decimal)) => format!("{decimal:?}"),
            (None, None) => return None,
        },
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Option<Vec<_>>>()?.join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
            let pair = |(written, value): (&String, &Value)| Some(format!("{} = {}", key(written), inline(value)?));
            format!("{{ {} }}", entries.into_iter().map(pair).collect::<Option<Vec<_>>>()?.join(", "))
        }
    })
}

/// A key, in quotes where it needs them.
pub(super) fn key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A TOML string.
pub(in crate::project) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => write!(out, "\\u{:04X}", u32::from(c)).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
