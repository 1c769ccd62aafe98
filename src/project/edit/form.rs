//! What may be typed at a place of a project file, as its schema says: one source for forms, editors and messages.

use serde_json::Value;

use crate::project::raw::Raw;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Any text.
    Text,
    /// A day or a year.
    Day,
    /// A number within limits.
    Number {
        /// Smallest.
        least: Option<f64>,
        /// Largest.
        most: Option<f64>,
        /// Whether it must be whole.
        whole: bool,
    },
    /// Yes or no.
    Flag,
    /// One of a few words.
    Word(Vec<String>),
    /// One of a few words, or a number.
    WordOrNumber(Vec<String>),
    /// Some of a few words.
    Words(Vec<String>),
    /// A list of texts.
    Texts,
    /// A table with keys of its own.
    Table,
}

/// The forms of all keys.
#[derive(Debug, Clone)]
pub struct Forms {
    root: Value,
}

impl Default for Forms {
    fn default() -> Self {
        Self { root: schemars::schema_for!(Raw).to_value() }
    }
}

impl Forms {
    /// The form of a key, as `scenes.date`; `None` where there is no such key.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<Form> {
        self.schema(kind).map(|schema| self.form(schema))
    }

    /// The keys of a table, or of the entries of a list of tables.
    #[must_use]
    pub fn keys(&self, kind: &str) -> Vec<String> {
        let table = self.schema(kind).map(|schema| self.table(schema));
        table
            .and_then(|table| table["properties"].as_object())
            .map_or_else(Vec::new, |map| map.keys().cloned().collect())
    }

    fn schema(&self, kind: &str) -> Option<&Value> {
        kind.split('.').try_fold(&self.root, |schema, key| self.table(schema)["properties"].get(key))
    }

    /// The table behind a schema: its own, or that of the entries of a list.
    fn table<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let table = self.resolved(schema);
        if table["items"].is_null() { table } else { self.resolved(&table["items"]) }
    }

    /// The schema behind references and behind "or nothing".
    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        if let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            return self.root.pointer(path).map_or(schema, |target| self.resolved(target));
        }
        let is_null = |branch: &&Value| branch["type"] == "null";
        match schema["anyOf"].as_array().map(Vec::as_slice) {
            Some([one, other]) if is_null(&other) => self.resolved(one),
            _ => schema,
        }
    }

    fn form(&self, schema: &Value) -> Form {
        let schema = self.resolved(schema);
        let words = self.words(schema);
        let is = |kind: &str| match &schema["type"] {
            Value::String(one) => one == kind,
            Value::Array(many) => many.iter().any(|one| one == kind),
            _ => false,
        };
        let number =
            |whole| Form::Number { least: schema["minimum"].as_f64(), most: schema["maximum"].as_f64(), whole };
        match () {
            () if !words.is_empty() && !schema["anyOf"].is_null() => Form::WordOrNumber(words),
            () if !words.is_empty() => Form::Word(words),
            () if is("string") && is("integer") => Form::Day,
            () if is("string") => Form::Text,
            () if is("boolean") => Form::Flag,
            () if is("integer") => number(true),
            () if is("number") => number(false),
            () if is("array") => match self.form(&schema["items"]) {
                Form::Word(words) => Form::Words(words),
                Form::Table => Form::Table,
                _ => Form::Texts,
            },
            () => Form::Table,
        }
    }

    fn words(&self, schema: &Value) -> Vec<String> {
        let branches = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
        let consts = branches("oneOf").into_iter().filter_map(|branch| branch["const"].as_str().map(str::to_owned));
        let of_branch = |branch: &Value| self.words(self.resolved(branch));
        consts.chain(branches("anyOf").iter().flat_map(of_branch)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_key_is_that_of_the_schema() {
        let forms = Forms::default();
        let of = |kind: &str| forms.of(kind).unwrap();
        assert_eq!(of("project.name"), Form::Text);
        assert_eq!(of("scenes.date"), Form::Day);
        assert_eq!(of("zones.ring_m"), Form::Number { least: Some(0.0), most: Some(100_000.0), whole: false });
        assert_eq!(of("scenes.bands.nir"), Form::Number { least: Some(1.0), most: Some(512.0), whole: true });
        assert_eq!(of("outputs.rasters"), Form::Flag);
        assert!(matches!(of("detection.method"), Form::Word(words) if words.contains(&"irmad".to_owned())));
        assert!(matches!(of("detection.threshold"), Form::WordOrNumber(words) if words.contains(&"tail".to_owned())));
        assert!(matches!(of("outputs.formats"), Form::Words(words) if words.len() == 5));
        assert_eq!((of("scenes.paths"), of("scenes.mask"), of("scenes")), (Form::Texts, Form::Table, Form::Table));
        assert_eq!(forms.of("scenes.datum"), None);
    }
}
