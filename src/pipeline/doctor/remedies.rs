//! The one table of remedies: what a notice says is wrong → changes of the project file that make it right.

use std::path::Path;

use serde_json::{Value, json};

use super::{Cure, Known, Remedy};
use crate::model::notice::Notice;
use crate::project::edit::{Change, Place};

/// Most CRSs offered.
const MOST_CRS: usize = 4;

/// A notice and what is known around it.
pub(super) struct Case<'c> {
    pub notice: &'c Notice,
    /// Entries or keys that it is about.
    pub about: &'c [Place],
    /// Values of the project file.
    pub values: &'c Value,
    /// Folder of the project file.
    pub folder: &'c Path,
    pub known: &'c Known,
}

type Rule<C> = fn(&C) -> Vec<Remedy>;

impl Case<'_> {
    /// Which rules answer which notices.
    const TABLE: [(&'static [&'static str], Rule<Self>); 27] = [
        (&["A10_no_crs"], Self::crs_of_others),
        (&["A10_zone_crs", "N31_prj_missing", "N31_prj_unknown", "A11_zone_degrees"], Self::crs_of_others),
        (&["A11_not_degrees", "W11_zone_prefix"], Self::crs_suggested),
        (&["A10_mask_crs"], Self::mask_crs),
        (&["A19_bands_guessed"], Self::bands_as_guessed),
        (&["A19_bands_unknown", "A19_band_missing"], Self::bands_by_count),
        (&["A20_duplicate_dates"], Self::one_of_a_day),
        (&["A27_zones_numbered"], Self::id_field),
        (&["N32_encoding_detected", "N32_encoding_contradicted"], Self::encodings),
        (&["A32_zone_encoding"], |case| case.reset("encoding", "reset_encoding")),
        (&["E28_zone_many_layers", "E28_zone_no_layer"], Self::layers),
        (&["zone_field_missing", "zone_field_missing_near"], Self::field),
        (&["P40_missing", "P40_zone_missing", "P40_not_regular", "P40_zone_not_a_file"], Self::missing_file),
        (&["file_missing", "folder_no_raster"], Self::missing_file),
        (&["sensor_by_name", "sensor_corrected"], Self::sensor),
        (&["offset_by_date"], Self::harmonized),
        (&["mask_dropped", "mask_outside", "mask_not_found"], Self::without_mask),
        (&["comparison_turned"], Self::turned),
        (&["comparison_same_file", "E22_scene_outside", "scene_dropped"], Self::without_scene),
        (
            &["R01_empty", "R01_not_raster", "R02_virtual", "R05_claims", "R07_cannot_open", "P33_name"],
            Self::without_entry,
        ),
        (&["output_among_sources", "E40_among_sources"], |_| Self::outputs_apart()),
        (&["crs_unknown", "crs_degrees", "crs_mercator"], |case| {
            case.removed("project.analysis_crs", "reset_analysis_crs")
        }),
        (&["project_unknown_key_near", "project_unknown_word_near"], Self::nearest),
        (&["project_unknown_word"], Self::known_words),
        (&["project_unknown_key", "project_only_for", "mask_scheme_of_polygons"], Self::without_key),
        (&["doctor_border"], Self::nodata),
        (&["doctor_latitude_first"], Self::turned_axes),
    ];

    /// What can be done.
    pub fn remedies(&self) -> Vec<Remedy> {
        let rules = Self::TABLE.iter().filter(|(codes, _)| codes.contains(&self.notice.code));
        rules.flat_map(|(_, rule)| rule(self)).collect()
    }

    fn fact(&self, name: &str) -> Option<&str> {
        self.notice.facts.iter().find(|fact| fact.0 == name).map(|fact| fact.1.as_str())
    }

    /// The entries of a list that it is about.
    fn entries(&self, list: &str) -> impl Iterator<Item = &Place> {
        let within = Place::of(list);
        self.about.iter().filter(move |place| place.is_within(&within))
    }

    /// A key of every entry given a value, as one remedy.
    fn give(&self, key: &str, value: &Value, word: &'static str, fact: &'static str) -> Option<Remedy> {
        let changes: Vec<Change> = self.about.iter().map(|place| Change::Set(place.key(key), value.clone())).collect();
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!changes.is_empty()).then(|| Remedy { word, facts: vec![(fact, shown)], cure: Cure::Change(changes) })
    }

    /// A key of every entry taken away.
    fn reset(&self, key: &str, word: &'static str) -> Vec<Remedy> {
        let changes: Vec<Change> = self.about.iter().map(|place| Change::Remove(place.key(key))).collect();
        plain(word, changes)
    }

    fn removed(&self, place: &str, word: &'static str) -> Vec<Remedy> {
        let place = Place::of(place);
        let there = place.find(self.values).is_some();
        if there { plain(word, vec![Change::Remove(place)]) } else { Vec::new() }
    }

    fn crs_of_others(&self) -> Vec<Remedy> {
        let usual = ["EPSG:4490", "EPSG:4549"].map(str::to_owned);
        let is_new = |word: &&String| !self.known.crs.contains(word);
        let offered = self.known.crs.iter().chain(usual.iter().filter(is_new)).take(MOST_CRS);
        let degrees_stated = self.notice.code == "A11_zone_degrees";
        let fits = |word: &&String| !(degrees_stated && ["EPSG:4490", "EPSG:4326"].contains(&word.as_str()));
        offered.filter(fits).filter_map(|word| self.give("crs", &json!(word), "set_crs", "crs")).collect()
    }

    fn crs_suggested(&self) -> Vec<Remedy> {
        let code = self.fact("suggestion").filter(|word| word.strip_prefix("EPSG:").is_some_and(is_number));
        let suggested = code.and_then(|word| self.give("crs", &json!(word), "set_crs", "crs"));
        let others = self.known.crs.iter().filter(|word| Some(word.as_str()) != code).take(MOST_CRS - 1);
        suggested
            .into_iter()
            .chain(others.filter_map(|word| self.give("crs", &json!(word), "set_crs", "crs")))
            .collect()
    }

    fn mask_crs(&self) -> Vec<Remedy> {
        let set = |word: &String| {
            let changes = self.entries("scenes").map(|place| Change::Set(place.key("mask").key("crs"), json!(word)));
            Remedy { word: "set_crs", facts: vec![("crs", word.clone())], cure: Cure::Change(changes.collect()) }
        };
        self.known.crs.iter().take(MOST_CRS).map(set).collect()
    }

    /// The guess becomes the user's word, so that it is not asked again.
    fn bands_as_guessed(&self) -> Vec<Remedy> {
        let order = self.fact("order").unwrap_or_default();
        let pair = |text: &str| {
            let (role, number) = text.split_once('=')?;
            Some((role.trim().to_owned(), json!(number.trim().parse::<u32>().ok()?)))
        };
        let bands: serde_json::Map<String, Value> = order.split(',').filter_map(pair).collect();
        let confirmed =
            (!bands.is_empty()).then(|| self.give("bands", &Value::Object(bands), "confirm_bands", "bands"));
        let confirmed = confirmed.flatten().map(|remedy| Remedy { facts: vec![("bands", order.to_owned())], ..remedy });
        confirmed.into_iter().chain(self.bands_by_count()).collect()
    }

    fn bands_by_count(&self) -> Vec<Remedy> {
        const ORDERS: [(u32, &str, &[&str]); 5] = [
            (3, "RGB", &["red", "green", "blue"]),
            (3, "BGR", &["blue", "green", "red"]),
            (4, "BGRN", &["blue", "green", "red", "nir"]),
            (4, "RGBN", &["red", "green", "blue", "nir"]),
            (6, "BGRNS1S2", &["blue", "green", "red", "nir", "swir1", "swir2"]),
        ];
        let count = self.fact("count").and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
        let fitting = ORDERS.iter().filter(|(least, ..)| *least == count || (*least == 4 && count > 4 && count != 6));
        let given = |(_, name, roles): &(u32, &str, &[&str])| {
            let bands = roles.iter().zip(1..).map(|(role, number)| ((*role).to_owned(), json!(number))).collect();
            let remedy = self.give("bands", &Value::Object(bands), "set_bands", "bands")?;
            Some(Remedy { facts: vec![("bands", (*name).to_owned())], ..remedy })
        };
        fitting.filter_map(given).collect()
    }

    /// Scenes of one day are the tiles of one mosaic, or only one of them is meant.
    fn one_of_a_day(&self) -> Vec<Remedy> {
        let day = self.fact("date").unwrap_or_default();
        let kind = self.fact("kind").and_then(|key| key.strip_prefix("kind.")).unwrap_or("satellite");
        let same = |scene: &&Value| {
            let own = scene.get("date").or_else(|| scene.get("year")).map(text_of).unwrap_or_default();
            let of_kind = scene.get("kind").and_then(Value::as_str).unwrap_or("satellite") == kind;
            of_kind && own.replace(['/', '.'], "-") == day
        };
        let all = self.values.get("scenes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let twins: Vec<usize> = (0..all.len()).filter(|at| same(&&all[*at])).collect();
        let Some((first, others)) = twins.split_first().filter(|(_, others)| !others.is_empty()) else {
            return Vec::new();
        };
        let list = Place::of("scenes");
        let without =
            |numbers: Vec<usize>| numbers.into_iter().rev().map(|at| Change::Remove(list.item(at))).collect::<Vec<_>>();
        let paths: Vec<Value> = twins.iter().flat_map(|at| paths_of(&all[*at])).collect();
        let mut joined = vec![Change::Set(list.item(*first).key("paths"), Value::Array(paths))];
        joined.push(Change::Remove(list.item(*first).key("path")));
        joined.extend(without(others.to_vec()));
        let mut remedies = plain("join_tiles", joined);
        for kept in &twins {
            let name = paths_of(&all[*kept]).first().map(text_of).unwrap_or_default();
            let rest = twins.iter().copied().filter(|at| at != kept).collect();
            remedies.push(Remedy { word: "keep_only", facts: vec![("path", name)], cure: Cure::Change(without(rest)) });
        }
        remedies
    }

    fn id_field(&self) -> Vec<Remedy> {
        let fields = self.known.fields.iter().find(|(path, _)| Some(path) == self.notice.path.as_ref());
        let names = fields.map_or(&[][..], |(_, names)| names.as_slice());
        names.iter().take(6).filter_map(|name| self.give("id_field", &json!(name), "set_id_field", "field")).collect()
    }

    fn encodings(&self) -> Vec<Remedy> {
        let read_as = self.fact("encoding").unwrap_or_default();
        let kept = self.give("encoding", &json!(read_as), "confirm_encoding", "encoding");
        let others = ["UTF-8", "GB18030"].into_iter().filter(|word| *word != read_as);
        kept.into_iter()
            .chain(others.filter_map(|word| self.give("encoding", &json!(word), "set_encoding", "encoding")))
            .collect()
    }

    fn layers(&self) -> Vec<Remedy> {
        let names = self.fact("layers").unwrap_or_default().split('、').filter(|name| !name.is_empty());
        names.take(8).filter_map(|name| self.give("layer", &json!(name), "set_layer", "layer")).collect()
    }

    /// A field that is not there: the one most like it, or none.
    fn field(&self) -> Vec<Remedy> {
        let wrong = self.fact("field").unwrap_or_default();
        let nearest = self.fact("nearest").filter(|name| !name.is_empty());
        let holders: Vec<Place> = self
            .entries("zones")
            .filter_map(|entry| {
                let table = entry.find(self.values)?.as_object()?;
                table.iter().find(|(_, value)| *value == wrong).map(|(key, _)| entry.key(key))
            })
            .collect();
        let mut remedies = Vec::new();
        if let Some(name) = nearest {
            let changes = holders.iter().map(|place| Change::Set(place.clone(), json!(name))).collect();
            remedies.push(Remedy {
                word: "set_field",
                facts: vec![("field", name.to_owned())],
                cure: Cure::Change(changes),
            });
        }
        remedies.extend(plain("reset_field", holders.into_iter().map(Change::Remove).collect()));
        remedies
    }

    fn missing_file(&self) -> Vec<Remedy> {
        let path = self.notice.path.clone().unwrap_or_default();
        let written = |value: &Value| {
            value.as_str().is_some_and(|text| self.folder.join(text) == path || Path::new(text) == path)
        };
        let holder = |entry: &Place| {
            let table = entry.find(self.values)?.as_object()?;
            let own = table.iter().find(|(_, value)| written(value)).map(|(key, _)| entry.key(key));
            own.or_else(|| table.contains_key("path").then(|| entry.key("path")))
        };
        let mut remedies: Vec<Remedy> = self
            .about
            .iter()
            .filter_map(holder)
            .map(|place| Remedy { word: "locate", facts: vec![("path", name_of(&path))], cure: Cure::Locate(place) })
            .collect();
        remedies.extend(self.without_entry());
        remedies
    }

    fn sensor(&self) -> Vec<Remedy> {
        let sensor = self.fact("sensor").unwrap_or_default();
        self.give("sensor", &json!(sensor), "confirm_sensor", "sensor").into_iter().collect()
    }

    fn harmonized(&self) -> Vec<Remedy> {
        let word = "sentinel2-harmonized";
        self.give("sensor", &json!(word), "set_sensor", "sensor").into_iter().collect()
    }

    fn without_mask(&self) -> Vec<Remedy> {
        let has = |entry: &&Place| entry.key("mask").find(self.values).is_some();
        plain("reset_mask", self.entries("scenes").filter(has).map(|place| Change::Remove(place.key("mask"))).collect())
    }

    fn turned(&self) -> Vec<Remedy> {
        let (from, to) = (self.fact("from").unwrap_or_default(), self.fact("to").unwrap_or_default());
        let all = self.values.get("comparisons").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let is_it = |pair: &Value| {
            let end = |key: &str| pair.get(key).map(text_of).unwrap_or_default();
            to.starts_with(&end("to")) && from.starts_with(&end("from"))
        };
        let Some(at) = all.iter().position(is_it) else { return Vec::new() };
        let (place, pair) = (Place::of("comparisons").item(at), &all[at]);
        let changes = vec![
            Change::Set(place.key("from"), pair["to"].clone()),
            Change::Set(place.key("to"), pair["from"].clone()),
        ];
        plain("turn_dates", changes)
    }

    fn without_scene(&self) -> Vec<Remedy> {
        let mut places: Vec<&Place> = self.entries("scenes").filter(|place| place.steps().len() == 2).collect();
        places.sort_by_key(|place| std::cmp::Reverse((*place).clone()));
        plain("drop_scene", places.into_iter().take(1).map(|place| Change::Remove(place.clone())).collect())
    }

    fn without_entry(&self) -> Vec<Remedy> {
        let scenes = self.without_scene();
        let mut zones: Vec<&Place> = self.entries("zones").filter(|place| place.steps().len() == 2).collect();
        zones.sort_by_key(|place| std::cmp::Reverse((*place).clone()));
        let zones = plain("drop_layer", zones.into_iter().map(|place| Change::Remove(place.clone())).collect());
        scenes.into_iter().chain(zones).collect()
    }

    fn outputs_apart() -> Vec<Remedy> {
        let change = Change::Set("outputs.directory".into(), json!("out"));
        vec![Remedy { word: "set_outputs", facts: vec![("path", "out".to_owned())], cure: Cure::Change(vec![change]) }]
    }

    /// The known key or word that is most like the one written.
    fn nearest(&self) -> Vec<Remedy> {
        let (Some(place), Some(nearest)) = (self.about.first(), self.fact("nearest")) else { return Vec::new() };
        let is_key = self.notice.code == "project_unknown_key_near";
        let change = if is_key {
            Change::Rename(place.clone(), nearest.to_owned())
        } else {
            Change::Set(place.clone(), json!(nearest))
        };
        let facts = vec![("word", nearest.to_owned())];
        let mut remedies = vec![Remedy { word: "use_word", facts, cure: Cure::Change(vec![change]) }];
        remedies.extend(self.without_key());
        remedies
    }

    fn known_words(&self) -> Vec<Remedy> {
        let Some(place) = self.about.first() else { return Vec::new() };
        let words = self.fact("known").unwrap_or_default().split(", ").filter(|word| !word.is_empty());
        let given = words.take(8).map(|word| {
            let change = Change::Set(place.clone(), json!(word));
            Remedy { word: "use_word", facts: vec![("word", word.to_owned())], cure: Cure::Change(vec![change]) }
        });
        given.chain(self.without_key()).collect()
    }

    fn without_key(&self) -> Vec<Remedy> {
        plain("drop_key", self.about.iter().map(|place| Change::Remove(place.clone())).collect())
    }

    fn nodata(&self) -> Vec<Remedy> {
        let Some(value) = self.fact("value").and_then(|value| value.parse::<f64>().ok()) else { return Vec::new() };
        let number = if value.fract() == 0.0 { json!(value as i64) } else { json!(value) };
        self.give("nodata", &number, "set_nodata", "value").into_iter().collect()
    }

    fn turned_axes(&self) -> Vec<Remedy> {
        let changes = self.entries("zones").map(|place| Change::Set(place.key("latitude_first"), json!(true)));
        plain("turn_axes", changes.collect())
    }
}

/// A remedy without facts; none without changes.
fn plain(word: &'static str, changes: Vec<Change>) -> Vec<Remedy> {
    if changes.is_empty() { Vec::new() } else { vec![Remedy { word, facts: Vec::new(), cure: Cure::Change(changes) }] }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn paths_of(scene: &Value) -> Vec<Value> {
    let many = scene.get("paths").and_then(Value::as_array).cloned();
    many.unwrap_or_else(|| scene.get("path").cloned().into_iter().collect())
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
