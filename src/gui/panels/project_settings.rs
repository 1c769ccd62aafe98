//! Every key of the project file in a form: what it means, what holds without it, and back to that with one click.

use std::collections::BTreeMap;

use eframe::egui::{CollapsingHeader, ComboBox, Key, Response, RichText, Role, TextEdit, Ui, WidgetInfo, vec2};
use serde_json::{Map, Value, json};

use super::{Forms, project_history};
use crate::gui::cx::Cx;
use crate::gui::session::{Command, EditWish, Editing};
use crate::gui::widgets;
use crate::project::edit::{self, Form, Place};

/// The keys of each table, in the order in which people look for them.
const KEYS: [(&str, &[&str]); 6] = [
    ("project", &["name", "analysis_crs", "gsd_m", "ledger"]),
    ("detection", &["method", "threshold", "alignment", "min_area_m2"]),
    ("outputs", &["directory", "rasters", "formats", "language"]),
    ("scenes", &["path", "paths", "date", "year", "kind", "sensor", "bands", "mask", "crs", "nodata", "legend"]),
    (
        "zones",
        &[
            "path",
            "layer",
            "id_field",
            "name_field",
            "kind_field",
            "kind",
            "level_field",
            "function_field",
            "valid_from",
            "valid_to",
            "boundary_error_m",
            "ring_m",
            "crs",
            "encoding",
            "latitude_first",
        ],
    ),
    (
        "tables",
        &[
            "strictness",
            "severity",
            "cover_rules",
            "activities",
            "line",
            "false_change",
            "crop_calendar",
            "smallest_patch",
            "masks",
            "sensors",
        ],
    ),
];

/// Width of the names and of the fields.
const NAMES: f32 = 150.0;
const FIELDS: f32 = 330.0;

/// What is typed and not yet given, by place; and what the schema says.
#[derive(Debug, Default)]
pub struct SettingsForm {
    typed: BTreeMap<String, String>,
    forms: edit::Forms,
}

struct Sheet<'s> {
    cx: &'s Cx<'s>,
    editing: &'s Editing,
    form: &'s mut SettingsForm,
    commands: &'s mut Vec<Command>,
}

/// Draws the forms.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(editing) = &cx.session.edit else { return };
    let mut sheet = Sheet { cx, editing, form: &mut forms.settings, commands };
    for (table, keys) in KEYS {
        match editing.value(&table.into()) {
            Some(Value::Array(entries)) => sheet.list(ui, table, keys, entries),
            _ if matches!(table, "scenes" | "zones") => {}
            _ if table == "tables" => {
                let title = cx.word("setting.group.tables");
                CollapsingHeader::new(title).id_salt(table).show(ui, |ui| sheet.table(ui, &table.into(), keys));
            }
            _ => {
                widgets::heading(ui, cx, &cx.word(&format!("setting.group.{table}")));
                widgets::card(ui, cx, |ui| sheet.table(ui, &table.into(), keys));
                ui.add_space(10.0);
            }
        }
    }
}

impl Sheet<'_> {
    fn list(&mut self, ui: &mut Ui, table: &str, keys: &[&str], entries: &[Value]) {
        widgets::heading(ui, self.cx, &self.cx.word(&format!("setting.group.{table}")));
        for (number, entry) in entries.iter().enumerate() {
            let place = Place::of(table).item(number);
            CollapsingHeader::new(title(entry)).id_salt((table, number)).show(ui, |ui| {
                widgets::card(ui, self.cx, |ui| {
                    self.table(ui, &place, keys);
                    if ui.button(self.cx.word("gui.settings.drop")).clicked() {
                        self.commands.push(Command::Edit(EditWish::reset(place.clone())));
                    }
                });
            });
        }
        ui.add_space(10.0);
    }

    fn table(&mut self, ui: &mut Ui, table: &Place, keys: &[&str]) {
        for key in keys {
            self.row(ui, &table.key(key));
        }
    }

    fn row(&mut self, ui: &mut Ui, place: &Place) {
        let kind = place.kind();
        let Some(form) = self.form.forms.of(&kind) else { return };
        let word = |part: &str| self.cx.word(&format!("setting.{kind}.{part}"));
        let (name, what, default) = (word("name"), word("what"), word("default"));
        ui.horizontal(|ui| {
            let hint = format!("{what}\n{place}");
            ui.allocate_ui(vec2(NAMES, 24.0), |ui| {
                ui.set_width(NAMES);
                ui.label(RichText::new(&name).color(self.cx.palette.text)).on_hover_text(&hint);
            });
            self.field(ui, place, &form, (&name, &default));
            let given = self.editing.value(place).is_some();
            if given && !matches!(kind.as_str(), "scenes.path" | "zones.path") {
                let hint = self.cx.with("gui.settings.reset_hint", "default", &default);
                if widgets::quiet(ui, &self.cx.word("gui.settings.reset")).on_hover_text(hint).clicked() {
                    self.form.typed.remove(&place.to_string());
                    self.commands.push(Command::Edit(EditWish::reset(place.clone())));
                }
            }
        });
    }

    fn field(&mut self, ui: &mut Ui, place: &Place, form: &Form, (name, default): (&str, &str)) {
        match form {
            Form::Flag => {
                let mut on = self.editing.value(place) == Some(&Value::Bool(true));
                let check = ui.checkbox(&mut on, "");
                check.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, name));
                if check.changed() {
                    self.give(place, json!(on));
                }
            }
            Form::Word(words) => self.word(ui, place, words, (name, default)),
            Form::WordOrNumber(words) => {
                self.word(ui, place, words, (name, default));
                self.text(ui, place, (name, ""), 90.0, |text| text.parse::<f64>().ok().map(|number| json!(number)));
            }
            Form::Words(words) => self.words(ui, place, words),
            Form::Number { whole, .. } => {
                let read = |text: &str| {
                    let number = if *whole { text.parse::<i64>().ok().map(|n| json!(n)) } else { None };
                    // What is no number is refused by the check, which says what is wanted.
                    number.or_else(|| text.parse::<f64>().ok().map(|n| json!(n))).or_else(|| Some(json!(text)))
                };
                self.text(ui, place, (name, default), FIELDS, read);
            }
            Form::Texts => self.text(ui, place, (name, default), FIELDS, |text| Some(listed(text))),
            Form::Table => self.text(ui, place, (name, default), FIELDS, |text| Some(tables(text))),
            Form::Text | Form::Day => self.text(ui, place, (name, default), FIELDS, |text| Some(json!(text))),
        }
    }

    fn give(&mut self, place: &Place, value: Value) {
        self.commands.push(Command::Edit(EditWish::set(place.clone(), value)));
    }

    fn word(&mut self, ui: &mut Ui, place: &Place, words: &[String], (name, default): (&str, &str)) {
        let now = self.editing.value(place).and_then(Value::as_str).map(str::to_owned);
        let told = |word: &str| {
            let own = self.cx.lang.known_word(&format!("{}.{word}", place.last_key()));
            own.map_or_else(|| word.to_owned(), |own| format!("{own} ({word})"))
        };
        let text = now.as_deref().map_or_else(|| default.to_owned(), told);
        let mut chosen = None;
        let shown =
            ComboBox::from_id_salt(place.to_string()).width(FIELDS - 110.0).selected_text(&text).show_ui(ui, |ui| {
                for word in words {
                    if ui.selectable_label(now.as_ref() == Some(word), told(word)).clicked() {
                        chosen = Some(word.clone());
                    }
                }
            });
        let label = format!("{name}: {text}");
        shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
        if let Some(word) = chosen {
            self.give(place, json!(word));
        }
    }

    fn words(&mut self, ui: &mut Ui, place: &Place, words: &[String]) {
        let now: Vec<String> = match self.editing.value(place) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => words.to_vec(),
        };
        for word in words {
            let mut on = now.contains(word);
            if ui.checkbox(&mut on, word).changed() {
                let chosen: Vec<&String> =
                    words.iter().filter(|w| if *w == word { on } else { now.contains(w) }).collect();
                self.give(place, json!(chosen));
            }
        }
    }

    /// A text that is given when the field is left or Enter is pressed; an empty one takes the value away.
    fn text(
        &mut self,
        ui: &mut Ui,
        place: &Place,
        (name, default): (&str, &str),
        width: f32,
        read: impl Fn(&str) -> Option<Value>,
    ) {
        let key = place.to_string();
        let now = self.editing.value(place).map(written).unwrap_or_default();
        let mut text = self.form.typed.get(&key).cloned().unwrap_or_else(|| now.clone());
        let field = TextEdit::singleline(&mut text).hint_text(default).desired_width(width);
        let response: Response = ui.add(field.background_color(self.cx.palette.panel));
        let value = text.clone();
        response.widget_info(|| WidgetInfo::text_edit(true, &value, &value, name));
        if response.changed() {
            self.form.typed.insert(key.clone(), text.clone());
        }
        let entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if (response.lost_focus() || entered) && self.form.typed.remove(&key).is_some() && text.trim() != now {
            let wish = match text.trim() {
                "" => Some(EditWish::reset(place.clone())),
                typed => read(typed).map(|value| EditWish::set(place.clone(), value)),
            };
            self.commands.extend(wish.map(Command::Edit));
        }
    }
}

/// What an entry is called: its day and file.
fn title(entry: &Value) -> String {
    let word = |key: &str| entry.get(key).map(project_history::shown);
    let path = word("path").or_else(|| word("paths")).unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let parts = [word("date").or_else(|| word("year")), word("layer"), Some(name)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A value as it is typed.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(written).collect::<Vec<_>>().join("; "),
        Value::Object(map) => {
            map.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// `a.tif; b.tif` as a list.
fn listed(text: &str) -> Value {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(|part| json!(part)).collect()
}

/// One table, or several with semicolons between them.
fn tables(text: &str) -> Value {
    match text.split(';').map(pairs).collect::<Vec<_>>().as_slice() {
        [one] => one.clone(),
        many => Value::Array(many.to_vec()),
    }
}

/// `red = 1, nir = 4` as a table.
fn pairs(text: &str) -> Value {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let value = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
        Some((key.trim().to_owned(), value))
    };
    Value::Object(text.split(',').filter_map(pair).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn every_key_of_the_schema_has_a_form_and_words() {
        let forms = edit::Forms::default();
        for (table, keys) in KEYS {
            let known = forms.keys(table);
            assert!(!known.is_empty(), "{table}");
            for key in known {
                assert!(keys.contains(&key.as_str()), "{table}.{key} has no form");
                for (lang, part) in
                    Lang::ALL.into_iter().flat_map(|lang| ["name", "what", "default"].map(|part| (lang, part)))
                {
                    assert!(
                        lang.known_word(&format!("setting.{table}.{key}.{part}")).is_some(),
                        "{table}.{key}.{part}"
                    );
                }
            }
        }
    }

    #[test]
    fn tables_are_typed_as_pairs() {
        assert_eq!(tables("red = 1, nir = 4"), json!({ "red": 1, "nir": 4 }));
        assert_eq!(
            tables("path = m.tif, scheme = scl; path = z.shp"),
            json!([{ "path": "m.tif", "scheme": "scl" }, { "path": "z.shp" }])
        );
        assert_eq!(written(&tables("path = a, scheme = scl; path = b")), "path = a, scheme = scl; path = b");
    }
}
