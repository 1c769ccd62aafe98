//! The JSON Schema of the project file, made from the types of `raw`, and the check of a document against it: one
//! source for editors, documentation and error messages.
//!
//! Only the parts of JSON Schema that those types produce are understood.

use serde_json::Value;

use super::document::{Document, join};
use super::error::{Problem, ProblemKind, Wanted};
use super::raw::Raw;

/// The least likeness (Jaro–Winkler) at which a known word is offered for an unknown one.
const LIKE: f64 = 0.75;

/// The schema as JSON text, as it lies in `assets/project.schema.json`.
#[must_use]
pub fn schema_json() -> String {
    let mut text = format!("{:#}", schemars::schema_for!(Raw).to_value());
    text.push('\n');
    text
}

/// Everything in a document that is not as the schema wants it.
pub(super) fn problems(document: &Document) -> Vec<Problem> {
    let root = schemars::schema_for!(Raw).to_value();
    let mut check = Check { root: &root, document, problems: Vec::new() };
    check.value("", &document.value, &root);
    check.problems
}

/// The word most like another, if any is like it.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let plain = |w: &str| w.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(word);
    let like = |k: &str| strsim::jaro_winkler(&wanted, &plain(k));
    let best = known.into_iter().map(|k| (like(k), k)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKE).then(|| best.1.to_owned())
}

struct Check<'a> {
    root: &'a Value,
    document: &'a Document,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn report(&mut self, key: &str, kind: ProblemKind) {
        self.problems.push(Problem { line: self.document.line(key), key: key.to_owned(), kind });
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let target = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')).and_then(|p| self.root.pointer(p));
        target.unwrap_or(schema)
    }

    fn value(&mut self, path: &str, value: &Value, schema: &'a Value) {
        let schema = self.resolved(schema);
        if let Some(branches) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            return self.any_of(path, value, branches);
        }
        if let Some(words) = schema["enum"].as_array() {
            return self.word(path, value, &words.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        }
        let wanted = types(schema);
        if !wanted.is_empty() && !wanted.iter().any(|t| is_a(value, t)) {
            let found = shown(value);
            return self.report(path, ProblemKind::WrongType { wanted: Wanted::of(&wanted), found });
        }
        match value {
            Value::Object(map) => self.table(path, map, schema),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{}]", index + 1), item, &schema["items"]);
                }
            }
            Value::Number(number) => self.range(path, number.as_f64(), schema),
            _ => {}
        }
    }

    fn table(&mut self, path: &str, map: &serde_json::Map<String, Value>, schema: &'a Value) {
        let Some(properties) = schema["properties"].as_object() else { return };
        for (key, value) in map {
            if let Some(inner) = properties.get(key) {
                self.value(&join(path, key), value, inner);
            } else {
                let nearest = nearest(key, properties.keys().map(String::as_str));
                let known = properties.keys().cloned().collect::<Vec<_>>().join(", ");
                self.report(&join(path, key), ProblemKind::UnknownKey { nearest, known });
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|k| !map.contains_key(*k)) {
            self.report(&join(path, key), ProblemKind::Missing);
        }
    }

    fn range(&mut self, path: &str, number: Option<f64>, schema: &Value) {
        let (low, high) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
        let Some(number) = number else { return };
        if low.is_some_and(|l| number < l) || high.is_some_and(|h| number > h) {
            let side = |limit: Option<f64>| limit.map(|l| l.to_string()).unwrap_or_default();
            let range = format!("{} … {}", side(low), side(high)).trim_end().to_owned();
            self.report(path, ProblemKind::OutOfRange { found: number.to_string(), range });
        }
    }

    fn any_of(&mut self, path: &str, value: &Value, branches: &'a [Value]) {
        let mut words = Vec::new();
        let mut wanted: Vec<&str> = Vec::new();
        for branch in self.flat(branches) {
            let mut trial = Check { root: self.root, document: self.document, problems: Vec::new() };
            trial.value(path, value, branch);
            let branch = self.resolved(branch);
            if branch["const"].is_null() && trial.problems.is_empty() || branch["const"] == *value {
                return;
            }
            let same_type = types(branch).iter().any(|t| is_a(value, t));
            if same_type && branch["const"].is_null() && (value.is_object() || value.is_array()) {
                return self.problems.append(&mut trial.problems);
            }
            words.extend(words_of(branch));
            wanted.extend(types(branch));
        }
        if words.is_empty() {
            wanted.retain(|t| *t != "null");
            self.report(path, ProblemKind::WrongType { wanted: Wanted::of(&wanted), found: shown(value) });
        } else {
            self.word(path, value, &words);
        }
    }

    /// Branches that are choices themselves, opened.
    fn flat(&self, branches: &'a [Value]) -> Vec<&'a Value> {
        let open = |branch: &'a Value| match self.resolved(branch)["anyOf"].as_array() {
            Some(inner) => self.flat(inner),
            None => vec![branch],
        };
        branches.iter().flat_map(open).collect()
    }

    fn word(&mut self, path: &str, value: &Value, known: &[&str]) {
        let found = value.as_str().map_or_else(|| shown(value), str::to_owned);
        if !known.contains(&found.as_str()) {
            let nearest = nearest(&found, known.iter().copied());
            self.report(path, ProblemKind::UnknownWord { found, nearest, known: known.join(", ") });
        }
    }
}

fn words_of(schema: &Value) -> Vec<&str> {
    let list = |key: &str| schema[key].as_array().into_iter().flatten();
    let consts = list("oneOf").filter_map(|b| b["const"].as_str());
    consts.chain(list("enum").filter_map(Value::as_str)).chain(schema["const"].as_str()).collect()
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text }
}
