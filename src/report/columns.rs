//! The record of a flag: each column once, with its ASCII name (at most ten bytes, so that a shapefile can carry it),
//! its heading, its type and where its value comes from.
//!
//! CSV, workbook, geodata and the ledger's exports all read this table; none of them knows a field of its own.

use crate::lang::Lang;
use crate::model::Date;
use crate::model::flag::{Flag, Suggestion, ZoneHit};
use crate::model::outcome::{ComparisonOutcome, Outcome, SceneRecord};
use crate::model::units::CubicMetres;
use crate::model::volume::Volume;
use crate::model::zone::Zone;

use super::phrase;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// A whole number.
    Integer,
    /// A number, shown with so many decimals.
    Number {
        /// Decimals shown; the value itself is never rounded to them.
        decimals: u8,
    },
    /// A day.
    Date,
}

/// One value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, unrounded.
    Number(f64),
    /// A day.
    Date(Date),
    /// Not known.
    Missing,
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn maybe(text: Option<&str>) -> Self {
        text.map_or(Self::Missing, Self::text)
    }

    fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Missing }
    }
}

/// One column of the record.
pub struct Column {
    /// ASCII name, at most ten bytes.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Width on a page, in Latin characters.
    pub width: u8,
    value: fn(&Subject<'_>) -> Value,
}

impl Column {
    /// The heading for people.
    #[must_use]
    pub fn heading(&self, lang: Lang) -> String {
        lang.word(&format!("column.{}", self.name))
    }
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A flag with everything around it that its record names.
struct Subject<'a> {
    outcome: &'a Outcome,
    comparison: &'a ComparisonOutcome,
    flag: &'a Flag,
    lang: Lang,
}

impl<'a> Subject<'a> {
    fn first_hit(&self) -> Option<&'a ZoneHit> {
        self.flag.hits.first()
    }

    fn zone(&self) -> Option<&'a Zone> {
        self.first_hit().and_then(|hit| self.outcome.zones.get(hit.zone))
    }

    fn earlier_scene(&self) -> Option<&'a SceneRecord> {
        self.outcome.scenes.get(self.comparison.from)
    }

    fn later_scene(&self) -> Option<&'a SceneRecord> {
        self.outcome.scenes.get(self.comparison.to)
    }

    fn activity(&self, key: impl Fn(&Suggestion) -> String) -> Value {
        self.flag.activity.as_ref().map_or(Value::Missing, |activity| self.word(&key(activity)))
    }

    fn volume(&self, pick: fn(&Volume) -> CubicMetres) -> Value {
        self.flag.patch.volume.as_ref().map_or(Value::Missing, |volume| Value::number(pick(volume).0))
    }

    fn word(&self, key: &str) -> Value {
        Value::Text(self.lang.word(key))
    }
}

fn sensor(scene: Option<&SceneRecord>) -> Value {
    Value::maybe(scene.and_then(|s| s.sensor.as_deref()))
}

fn gsd(scene: Option<&SceneRecord>) -> Value {
    scene.map_or(Value::Missing, |s| Value::number(s.gsd.0))
}

const fn text(name: &'static str, width: u8, value: fn(&Subject<'_>) -> Value) -> Column {
    Column { name, kind: ColumnKind::Text, width, value }
}

const fn number(name: &'static str, decimals: u8, width: u8, value: fn(&Subject<'_>) -> Value) -> Column {
    Column { name, kind: ColumnKind::Number { decimals }, width, value }
}

const fn date(name: &'static str, value: fn(&Subject<'_>) -> Value) -> Column {
    Column { name, kind: ColumnKind::Date, width: 12, value }
}

/// The columns of a flag's record, in the order of every table.
pub static COLUMNS: [Column; 49] = [
    text("PATCH_ID", 13, |s| Value::text(&s.flag.code)),
    date("T1_DATE", |s| Value::Date(s.comparison.from_date)),
    date("T2_DATE", |s| Value::Date(s.comparison.to_date)),
    text("KIND", 11, |s| s.word(&format!("kind.{}", s.comparison.kind.word()))),
    text("SEVERITY", 10, |s| s.word(s.flag.severity.key())),
    number("RISK", 1, 9, |s| Value::number(s.flag.score)),
    text("PLACE", 9, |s| s.word(s.flag.place.key())),
    text("STATE", 20, |s| s.word(s.flag.state.key())),
    number("AREA_M2", 1, 13, |s| Value::number(s.flag.patch.area.0)),
    number("AREA_MU", 2, 11, |s| Value::number(s.flag.patch.area.mu())),
    number("CUT_M3", 1, 12, |s| s.volume(|v| v.cut.volume)),
    number("CUT_E_M3", 1, 12, |s| s.volume(|v| v.cut.error)),
    number("FILL_M3", 1, 12, |s| s.volume(|v| v.fill.volume)),
    number("FILL_E_M3", 1, 12, |s| s.volume(|v| v.fill.error)),
    number("NET_M3", 1, 12, |s| s.volume(|v| v.net.volume)),
    number("NET_E_M3", 1, 12, |s| s.volume(|v| v.net.error)),
    text("FROM_CLS", 11, |s| s.word(s.flag.patch.from_class.key())),
    text("TO_CLS", 11, |s| s.word(s.flag.patch.to_class.key())),
    text("ZONE_ID", 14, |s| Value::maybe(s.zone().map(|z| z.id.as_str()))),
    text("ZONE_NM", 36, |s| Value::maybe(s.zone().map(|z| z.name.as_str()))),
    text("ZONE_KND", 24, |s| Value::maybe(s.zone().map(|z| z.kind.as_str()))),
    text("ZONE_LVL", 10, |s| Value::maybe(s.zone().and_then(|z| z.level.as_deref()))),
    text("FUNC_ZN", 14, |s| Value::maybe(s.zone().and_then(|z| z.function.as_deref()))),
    text("BND_VER", 25, |s| Value::maybe(s.zone().map(Zone::version).filter(|v| !v.is_empty()).as_deref())),
    number("OVL_M2", 1, 13, |s| s.first_hit().map_or(Value::Missing, |h| Value::number(h.area.0))),
    number("OVL_SE_M2", 1, 11, |s| s.first_hit().map_or(Value::Missing, |h| Value::number(h.area_error.0))),
    number("OVL_PCT", 1, 10, |s| s.first_hit().map_or(Value::Missing, |h| Value::number(h.share.percent()))),
    number("D_BND_M", 1, 12, |s| s.first_hit().map_or(Value::Missing, |h| Value::number(h.distance.0))),
    number("P_INSIDE", 3, 10, |s| s.first_hit().map_or(Value::Missing, |h| Value::number(h.p_inside.0))),
    text("LINE", 8, |s| s.first_hit().map_or(Value::Missing, |h| s.word(h.line.key()))),
    text("SUG_CD", 9, |s| Value::maybe(s.flag.activity.as_ref().map(|a| a.code.as_str()))),
    text("SUG_NM", 18, |s| s.activity(|a| format!("activity.{}", a.code))),
    text("SUG_WHY", 26, |s| s.activity(|a| format!("activity_why.{}", a.why))),
    Column {
        name: "ZONES_N",
        kind: ColumnKind::Integer,
        width: 9,
        value: |s| Value::Integer(s.flag.hits.len() as i64),
    },
    text("ZONES_ALL", 44, |s| Value::Text(phrase::all_hits(s.outcome, s.flag, s.lang))),
    number("LON", 6, 13, |s| Value::number(s.flag.lonlat.x())),
    number("LAT", 6, 12, |s| Value::number(s.flag.lonlat.y())),
    text("RISK_WHY", 60, |s| Value::Text(phrase::reasons(s.flag, s.lang))),
    text("TESTS", 40, |s| Value::Text(phrase::tests(&s.flag.tests, s.lang))),
    text("METHOD", 11, |s| Value::text(&s.comparison.method)),
    number("SCORE", 3, 10, |s| Value::number(s.flag.patch.mean_score)),
    number("SCORE_MAX", 3, 10, |s| Value::number(s.flag.patch.max_score)),
    number("THRESHOLD", 3, 10, |s| s.comparison.threshold.value.map_or(Value::Missing, Value::number)),
    Column {
        name: "PIXELS",
        kind: ColumnKind::Integer,
        width: 9,
        value: |s| Value::Integer(s.flag.patch.pixels as i64),
    },
    text("T1_SENS", 14, |s| sensor(s.earlier_scene())),
    text("T2_SENS", 14, |s| sensor(s.later_scene())),
    number("T1_GSD", 2, 9, |s| gsd(s.earlier_scene())),
    number("T2_GSD", 2, 9, |s| gsd(s.later_scene())),
    text("UUID", 38, |s| Value::Text(s.flag.uuid.to_string())),
];

/// A flag's record: every column with its value, in the order of [`COLUMNS`].
#[must_use]
pub fn flag_record(
    outcome: &Outcome,
    comparison: &ComparisonOutcome,
    flag: &Flag,
    lang: Lang,
) -> Vec<(&'static Column, Value)> {
    let subject = Subject { outcome, comparison, flag, lang };
    COLUMNS.iter().map(|column| (column, (column.value)(&subject))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn names_fit_a_shapefile_and_are_used_once() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|c| c.name).collect();
        assert!(
            names
                .iter()
                .all(|n| n.len() <= 10 && n.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
    }

    #[test]
    fn every_column_has_a_heading_in_both_languages() {
        for column in &COLUMNS {
            let (zh, en) = (column.heading(Lang::Zh), column.heading(Lang::En));
            assert!(!zh.contains("column.") && !zh.is_ascii() || column.name == "UUID", "{}", column.name);
            assert!(!en.contains("column.") && en.is_ascii() || en.contains(['²', '³', '–']), "{}: {en}", column.name);
        }
    }

    #[test]
    fn values_have_the_type_that_their_column_promises() {
        let outcome = specimen::outcome();
        for comparison in &outcome.comparisons {
            for flag in &comparison.flags {
                for (column, value) in flag_record(&outcome, comparison, flag, Lang::Zh) {
                    let fits = matches!(
                        (column.kind, &value),
                        (ColumnKind::Text, Value::Text(_))
                            | (ColumnKind::Integer, Value::Integer(_))
                            | (ColumnKind::Number { .. }, Value::Number(_))
                            | (ColumnKind::Date, Value::Date(_))
                            | (_, Value::Missing)
                    );
                    assert!(fits, "{} {value:?}", column.name);
                }
            }
        }
    }

    #[test]
    fn the_strictest_zone_leads_the_record() {
        let outcome = specimen::outcome();
        let comparison = &outcome.comparisons[0];
        let record = flag_record(&outcome, comparison, &comparison.flags[0], Lang::Zh);
        let value = |name: &str| record.iter().find(|(c, _)| c.name == name).map(|(_, v)| v.clone());
        assert_eq!(value("ZONE_ID"), Some(Value::Text("HX-01".into())));
        assert_eq!(value("ZONES_N"), Some(Value::Integer(2)));
        assert_eq!(value("D_BND_M"), Some(Value::Number(-120.0)));
    }
}
