//! The columns of the table of flags, and the values that a person can choose among.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::lang::Lang;
use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::flag::{FlagState, Line, Place, Severity};
use crate::model::record::{FlagRecord, RecordedHit};
use crate::model::scene::SceneKind;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Number.
    Code,
    /// Severity.
    Severity,
    /// The score behind the severity.
    Score,
    /// Dates.
    Period,
    /// Year of the later date.
    Year,
    /// What was compared.
    Kind,
    /// Where it stands.
    State,
    /// Inside a zone, or in rings only.
    Place,
    /// Area.
    Area,
    /// What can be said at the strictest zone's line.
    Line,
    /// Probability that it reaches inside.
    Inside,
    /// What it may be.
    Suggestion,
    /// Classes before and after.
    Change,
    /// The strictest zone.
    Zone,
    /// Kind of the strictest zone.
    ZoneKind,
    /// Number of zones hit.
    Zones,
    /// Area inside the strictest zone.
    Overlap,
    /// Distance to that zone's line.
    Distance,
    /// Mean change score.
    Strength,
    /// Number of pixels.
    Pixels,
    /// Ground moved, fill less cut.
    Volume,
    /// Method.
    Method,
}

/// How a column is filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// By words that occur in it.
    Text,
    /// By a range.
    Number,
    /// By a set of choices.
    Choice,
}

impl Column {
    /// All, in the order of the table.
    pub const ALL: [Self; 22] = [
        Self::Code,
        Self::Severity,
        Self::Score,
        Self::Period,
        Self::Year,
        Self::Area,
        Self::Line,
        Self::Inside,
        Self::Suggestion,
        Self::Change,
        Self::Zone,
        Self::ZoneKind,
        Self::Zones,
        Self::Overlap,
        Self::Distance,
        Self::Place,
        Self::State,
        Self::Kind,
        Self::Strength,
        Self::Pixels,
        Self::Volume,
        Self::Method,
    ];

    /// What is shown at first.
    pub const USUAL: [Self; 8] =
        [Self::Code, Self::Severity, Self::Period, Self::Area, Self::Line, Self::Suggestion, Self::Change, Self::Zone];

    /// What flags can be grouped by.
    pub const GROUPING: [Self; 10] = [
        Self::Zone,
        Self::ZoneKind,
        Self::State,
        Self::Year,
        Self::Severity,
        Self::Line,
        Self::Place,
        Self::Suggestion,
        Self::Change,
        Self::Kind,
    ];

    /// The columns of these keys, and always the number: without it nobody knows which flag a row is. Without any, the
    /// usual ones.
    #[must_use]
    pub fn of_keys(keys: &[String]) -> BTreeSet<Self> {
        let named = |column: &Self| *column == Self::Code || keys.iter().any(|key| key == column.key());
        if keys.is_empty() { Self::USUAL.into() } else { Self::ALL.into_iter().filter(named).collect() }
    }

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Code => "gui.flags.column.code",
            Self::Severity => "gui.flags.column.severity",
            Self::Score => "gui.flags.column.score",
            Self::Period => "gui.flags.column.period",
            Self::Year => "gui.flags.column.year",
            Self::Kind => "gui.flags.column.kind",
            Self::State => "gui.flags.column.state",
            Self::Place => "gui.flags.column.place",
            Self::Area => "gui.flags.column.area",
            Self::Line => "gui.flags.column.line",
            Self::Inside => "gui.flags.column.inside",
            Self::Suggestion => "gui.flags.column.suggestion",
            Self::Change => "gui.flags.column.change",
            Self::Zone => "gui.flags.column.zone",
            Self::ZoneKind => "gui.flags.column.zone_kind",
            Self::Zones => "gui.flags.column.zones",
            Self::Overlap => "gui.flags.column.overlap",
            Self::Distance => "gui.flags.column.distance",
            Self::Strength => "gui.flags.column.strength",
            Self::Pixels => "gui.flags.column.pixels",
            Self::Volume => "gui.flags.column.volume",
            Self::Method => "gui.flags.column.method",
        }
    }

    /// How it is filtered.
    #[must_use]
    pub fn nature(self) -> Nature {
        match self {
            Self::Code | Self::Period | Self::Method => Nature::Text,
            Self::Score
            | Self::Area
            | Self::Inside
            | Self::Zones
            | Self::Overlap
            | Self::Distance
            | Self::Strength
            | Self::Pixels
            | Self::Volume => Nature::Number,
            _ => Nature::Choice,
        }
    }

    /// Whether the largest come first when it is sorted by for the first time.
    #[must_use]
    pub fn falls(self) -> bool {
        self.nature() == Nature::Number || matches!(self, Self::Severity | Self::Line | Self::Year)
    }

    /// The number it holds of a record; `NaN` where there is none.
    #[must_use]
    pub fn number(self, record: &FlagRecord) -> f64 {
        let hit = record.hits.first();
        match self {
            Self::Score => record.score,
            Self::Area => record.area.0,
            Self::Inside => hit.and_then(|hit| hit.p_inside).map_or(f64::NAN, |p| p.0),
            Self::Zones => record.hits.len() as f64,
            Self::Overlap => hit.map_or(f64::NAN, |hit| hit.area.0),
            Self::Distance => hit.map_or(f64::NAN, |hit| hit.distance.0),
            Self::Strength => record.mean_score,
            Self::Pixels => record.pixels as f64,
            Self::Volume => record.volume.as_ref().map_or(f64::NAN, |volume| volume.net.volume.0),
            _ => f64::NAN,
        }
    }

    /// Whether the words, in lower case, occur in its text.
    #[must_use]
    pub fn holds(self, record: &FlagRecord, words: &str) -> bool {
        match self {
            Self::Code => record.code.to_lowercase().contains(words),
            Self::Method => record.method.to_lowercase().contains(words),
            Self::Period => record.from.to_string().contains(words) || record.to.to_string().contains(words),
            _ => true,
        }
    }

    /// The choice that a record stands under; `None` for columns that are no choice.
    #[must_use]
    pub fn choice(self, record: &FlagRecord) -> Option<Choice> {
        let hit = record.hits.first();
        Some(match self {
            Self::Severity => Choice::Severity(record.severity),
            Self::Year => Choice::Year(record.to.year()),
            Self::Kind => Choice::Kind(record.kind),
            Self::State => Choice::State(record.state),
            Self::Place => Choice::Place(record.place),
            Self::Line => Choice::Line(record.line()),
            Self::Suggestion => Choice::Suggestion(record.suggestion.as_ref().map(|s| s.code.clone())),
            Self::Change => Choice::Change(record.from_class, record.to_class),
            Self::Zone => Choice::Zone(hit.map(|hit| hit.name.clone())),
            Self::ZoneKind => Choice::ZoneKind(hit.map(|hit| hit.kind.clone())),
            _ => return None,
        })
    }

    /// What a record is sorted by.
    #[must_use]
    pub fn key_of(self, record: &FlagRecord) -> Key<'_> {
        let hit = record.hits.first();
        match self {
            Self::Code => Key::Text(&record.code),
            Self::Method => Key::Text(&record.method),
            Self::Zone => hit.map_or(Key::Unknown, |hit| Key::Text(&hit.name)),
            Self::ZoneKind => hit.map_or(Key::Unknown, |hit| Key::Text(&hit.kind)),
            Self::Suggestion => record.suggestion.as_ref().map_or(Key::Unknown, |s| Key::Text(&s.code)),
            Self::Severity => Key::number(f64::from(record.severity as u8) * 1e3 + record.score),
            Self::Period => Key::number(day(record.to) * 1e8 + day(record.from)),
            Self::Year => Key::number(f64::from(record.to.year())),
            Self::Line => record.line().map_or(Key::Unknown, |line| Key::number(-f64::from(line as u8))),
            Self::Kind => Key::number(f64::from(record.kind as u8)),
            Self::Place => Key::number(f64::from(record.place as u8)),
            Self::State => Key::number(f64::from(record.state as u8)),
            Self::Change => Key::number(f64::from(record.from_class as u8) * 16.0 + f64::from(record.to_class as u8)),
            _ => Key::number(self.number(record)),
        }
    }
}

/// A day as a number that grows with it: `yyyymmdd`.
fn day(date: Date) -> f64 {
    f64::from(i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day()))
}

/// What a record is sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Key<'a> {
    /// A number that is one.
    Number(f64),
    /// Words.
    Text(&'a str),
    /// The record does not tell.
    Unknown,
}

impl Key<'_> {
    fn number(number: f64) -> Self {
        if number.is_nan() { Self::Unknown } else { Self::Number(number) }
    }

    /// Which of two keys of one column comes first. What is not known comes last, whichever way the rest is turned.
    #[must_use]
    pub fn compare(&self, other: &Self, rising: bool) -> Ordering {
        let known = match (self, other) {
            (Self::Unknown, Self::Unknown) => return Ordering::Equal,
            (Self::Unknown, _) => return Ordering::Greater,
            (_, Self::Unknown) => return Ordering::Less,
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if rising { known } else { known.reverse() }
    }
}

/// One of the values of a column that is filtered or grouped by choice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A severity.
    Severity(Severity),
    /// A state.
    State(FlagState),
    /// What was compared.
    Kind(SceneKind),
    /// Inside a zone, or in rings only.
    Place(Place),
    /// What can be said at the line.
    Line(Option<Line>),
    /// A year.
    Year(i16),
    /// A suggested activity, by its code.
    Suggestion(Option<String>),
    /// Classes before and after.
    Change(CoverClass, CoverClass),
    /// A zone, by its name.
    Zone(Option<String>),
    /// A kind of zone.
    ZoneKind(Option<String>),
}

impl Choice {
    /// Whether a record is of it. A flag is of every zone that it hits.
    #[must_use]
    pub fn is_of(&self, record: &FlagRecord) -> bool {
        let hits = |hit: fn(&RecordedHit) -> &String, wanted: &Option<String>| match wanted {
            Some(wanted) => record.hits.iter().any(|of| hit(of) == wanted),
            None => record.hits.is_empty(),
        };
        match self {
            Self::Severity(severity) => *severity == record.severity,
            Self::State(state) => *state == record.state,
            Self::Kind(kind) => *kind == record.kind,
            Self::Place(place) => *place == record.place,
            Self::Line(line) => *line == record.line(),
            Self::Year(year) => *year == record.to.year(),
            Self::Suggestion(code) => code.as_deref() == record.suggestion.as_ref().map(|s| s.code.as_str()),
            Self::Change(from, to) => (*from, *to) == (record.from_class, record.to_class),
            Self::Zone(name) => hits(|hit| &hit.name, name),
            Self::ZoneKind(kind) => hits(|hit| &hit.kind, kind),
        }
    }

    /// Where it stands among the groups: the most severe and the latest first, else as its words are ordered.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Severity(_), Self::Severity(_)) | (Self::Year(_), Self::Year(_)) => other.cmp(self),
            (Self::Zone(a), Self::Zone(b)) | (Self::ZoneKind(a), Self::ZoneKind(b)) => {
                a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(b))
            }
            _ => self.cmp(other),
        }
    }

    /// Its words.
    #[must_use]
    pub fn told(&self, lang: Lang) -> String {
        let unknown = || lang.word("gui.flags.not_known");
        match self {
            Self::Severity(severity) => lang.word(severity.key()),
            Self::State(state) => lang.word(state.key()),
            Self::Kind(kind) => lang.word(kind.key()),
            Self::Place(place) => lang.word(place.key()),
            Self::Line(line) => line.map_or_else(unknown, |line| lang.word(line.key())),
            Self::Year(year) => year.to_string(),
            Self::Suggestion(code) => code.as_ref().map_or_else(unknown, |code| activity(code, lang)),
            Self::Change(from, to) => format!("{} → {}", lang.word(from.key()), lang.word(to.key())),
            Self::Zone(name) => name.clone().unwrap_or_else(|| lang.word("gui.flags.no_zone")),
            Self::ZoneKind(kind) => kind.as_ref().map_or_else(unknown, |kind| zone_kind(kind, lang)),
        }
    }
}

/// The name of a suggested activity; its code where the tables have no name for it.
#[must_use]
pub fn activity(code: &str, lang: Lang) -> String {
    lang.known_word(&format!("activity.{code}")).unwrap_or_else(|| code.to_owned())
}

/// A kind of zone in words; a user's own kind stays as it is.
#[must_use]
pub fn zone_kind(kind: &str, lang: Lang) -> String {
    lang.known_word(&format!("zone_kind.{kind}")).unwrap_or_else(|| kind.to_owned())
}
