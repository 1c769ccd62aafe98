//! The flags as a person goes through them: filtered, sorted, one selected. Table, map and inspector share this one order.

use geo::{BoundingRect, Contains};
use geo_types::{Coord, Rect};

use crate::model::flag::{FlagState, Line, Place, Severity};
use crate::model::record::FlagRecord;

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Number.
    Code,
    /// Severity, then score.
    Severity,
    /// Dates.
    Period,
    /// Area.
    Area,
    /// Name of the strictest zone.
    Zone,
    /// Classes before and after.
    Change,
    /// Probability that it reaches inside.
    Line,
    /// What it may be.
    Suggestion,
}

/// What the table shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Words that must occur in number, zones or kinds.
    pub text: String,
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only inside zones, or only in rings.
    pub place: Option<Place>,
    /// Only what is inside, at the line or outside.
    pub line: Option<Line>,
    /// Only this suggested activity, by its code.
    pub suggestion: Option<String>,
    /// Only flags found up to this year.
    pub year: Option<i16>,
    /// Flags that later runs did not find again, too.
    pub superseded: bool,
}

/// What may be asked of the flags.
#[derive(Debug, Clone, PartialEq)]
pub enum FlagsWish {
    /// Select a flag.
    Select(Option<usize>),
    /// Select the flag so many places further on.
    Step(isize),
    /// Sort the table.
    Sort(SortBy),
    /// Filter the table.
    Filter(Filter),
}

/// All flags, and those that are shown in their order.
#[derive(Debug, Default)]
pub struct FlagBook {
    records: Vec<FlagRecord>,
    boxes: Vec<Option<Rect<f64>>>,
    haystack: Vec<String>,
    order: Vec<usize>,
    filter: Filter,
    sort: Option<(SortBy, bool)>,
    selected: Option<usize>,
    /// Counts the changes of what is shown.
    pub edition: u64,
}

impl FlagBook {
    /// A book of records; the flag selected in `before` stays selected.
    #[must_use]
    pub fn of(records: Vec<FlagRecord>, before: Option<&Self>) -> Self {
        let haystack = records.iter().map(words).collect();
        let boxes = records.iter().map(|record| record.shape.bounding_rect()).collect();
        let kept = before.and_then(|book| book.selected().map(|(_, record)| record.uuid));
        let selected = records.iter().position(|record| Some(record.uuid) == kept);
        let mut book =
            Self { records, boxes, haystack, selected, sort: Some((SortBy::Severity, false)), ..Self::default() };
        if let Some(before) = before {
            (book.filter, book.sort, book.edition) = (before.filter.clone(), before.sort, before.edition);
        }
        book.arrange();
        book
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> &[FlagRecord] {
        &self.records
    }

    /// Indices of the shown records, in order.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// What it is sorted by, and whether ascending.
    #[must_use]
    pub fn sort(&self) -> Option<(SortBy, bool)> {
        self.sort
    }

    /// The selected record and its index.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &FlagRecord)> {
        self.selected.and_then(|at| Some((at, self.records.get(at)?)))
    }

    /// The box around a record.
    #[must_use]
    pub fn bounds(&self, record: usize) -> Option<Rect<f64>> {
        self.boxes.get(record).copied().flatten()
    }

    /// Does what is asked of it.
    pub fn apply(&mut self, wish: FlagsWish) {
        match wish {
            FlagsWish::Select(record) => self.select(record),
            FlagsWish::Step(by) => self.step(by),
            FlagsWish::Sort(column) => self.sort_by(column),
            FlagsWish::Filter(filter) => self.set_filter(filter),
        }
    }

    /// Selects a record by its index.
    pub fn select(&mut self, record: Option<usize>) {
        self.selected = record.filter(|at| *at < self.records.len());
    }

    /// Selects the shown record `by` places further on; the first or last where none was selected.
    pub fn step(&mut self, by: isize) {
        let last = self.order.len() as isize - 1;
        if last < 0 {
            return;
        }
        let place = self.selected.and_then(|at| self.order.iter().position(|shown| *shown == at));
        let next = match place {
            Some(place) => (place as isize + by).clamp(0, last),
            None if by < 0 => last,
            None => 0,
        };
        self.selected = self.order.get(next as usize).copied();
    }

    /// Sorts by a column; the same column again turns the order.
    pub fn sort_by(&mut self, column: SortBy) {
        let ascending = match self.sort {
            Some((present, ascending)) if present == column => !ascending,
            _ => !matches!(column, SortBy::Severity | SortBy::Area | SortBy::Line),
        };
        self.sort = Some((column, ascending));
        self.arrange();
    }

    /// Shows what a filter lets through.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.arrange();
    }

    /// How many shown records there are of each severity: high, medium, low.
    #[must_use]
    pub fn by_severity(&self) -> [usize; 3] {
        let count = |severity| self.order.iter().filter(|at| self.records[**at].severity == severity).count();
        [count(Severity::High), count(Severity::Medium), count(Severity::Low)]
    }

    /// Years in which flags end, each once, ascending.
    #[must_use]
    pub fn years(&self) -> Vec<i16> {
        let years: std::collections::BTreeSet<i16> = self.records.iter().map(|record| record.to.year()).collect();
        years.into_iter().collect()
    }

    /// Codes of the activities that are suggested, each once, ascending.
    #[must_use]
    pub fn suggestions(&self) -> Vec<String> {
        let codes: std::collections::BTreeSet<&str> = self.records.iter().filter_map(suggested).collect();
        codes.into_iter().map(str::to_owned).collect()
    }

    /// The shown record at a map place: the smallest that holds it, else the nearest within `reach`.
    #[must_use]
    pub fn at(&self, place: (f64, f64), reach: f64) -> Option<usize> {
        let point = Coord { x: place.0, y: place.1 };
        let near = |bounds: &Rect<f64>| {
            let dx = (bounds.min().x - point.x).max(point.x - bounds.max().x).max(0.0);
            let dy = (bounds.min().y - point.y).max(point.y - bounds.max().y).max(0.0);
            dx.hypot(dy)
        };
        let candidates = || self.order.iter().filter_map(|at| Some((*at, self.bounds(*at)?)));
        let area = |at: usize| self.records[at].area.0;
        let inside =
            candidates().filter(|(at, bounds)| near(bounds) <= 0.0 && self.records[*at].shape.contains(&point));
        inside.min_by(|a, b| area(a.0).total_cmp(&area(b.0))).map(|found| found.0).or_else(|| {
            let close = candidates().map(|(at, bounds)| (at, near(&bounds))).filter(|(_, distance)| *distance <= reach);
            close.min_by(|a, b| a.1.total_cmp(&b.1)).map(|found| found.0)
        })
    }

    fn arrange(&mut self) {
        let wanted: Vec<String> = self.filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let passes = |at: &usize| {
            let record = &self.records[*at];
            let filter = &self.filter;
            (filter.superseded || record.state != FlagState::Superseded)
                && filter.severity.is_none_or(|severity| severity == record.severity)
                && filter.place.is_none_or(|place| place == record.place)
                && filter.line.is_none_or(|line| Some(line) == record.line())
                && filter.suggestion.as_deref().is_none_or(|code| Some(code) == suggested(record))
                && filter.year.is_none_or(|year| year == record.to.year())
                && wanted.iter().all(|word| self.haystack[*at].contains(word))
        };
        let mut order: Vec<usize> = (0..self.records.len()).filter(passes).collect();
        if let Some((column, ascending)) = self.sort {
            order.sort_by(|a, b| {
                let by = compare(column, &self.records[*a], &self.records[*b]);
                if ascending { by } else { by.reverse() }
            });
        }
        self.order = order;
        self.edition += 1;
    }
}

fn compare(column: SortBy, a: &FlagRecord, b: &FlagRecord) -> std::cmp::Ordering {
    let zone = |record: &FlagRecord| record.hits.first().map(|hit| hit.name.clone()).unwrap_or_default();
    match column {
        SortBy::Code => a.code.cmp(&b.code),
        SortBy::Severity => a.severity.cmp(&b.severity).then(a.score.total_cmp(&b.score)),
        SortBy::Period => (a.from, a.to).cmp(&(b.from, b.to)),
        SortBy::Area => a.area.0.total_cmp(&b.area.0),
        SortBy::Zone => zone(a).cmp(&zone(b)),
        SortBy::Line => p_inside(a).total_cmp(&p_inside(b)),
        SortBy::Suggestion => suggested(a).cmp(&suggested(b)),
        SortBy::Change => (a.from_class, a.to_class).cmp(&(b.from_class, b.to_class)),
    }
}

fn suggested(record: &FlagRecord) -> Option<&str> {
    record.suggestion.as_ref().map(|suggestion| suggestion.code.as_str())
}

/// Where an older ledger does not tell: before everything.
fn p_inside(record: &FlagRecord) -> f64 {
    record.hits.first().and_then(|hit| hit.p_inside).map_or(-1.0, |p| p.0)
}

/// Everything of a record that is searched.
fn words(record: &FlagRecord) -> String {
    let hits = record.hits.iter().map(|hit| format!("{} {} {} {}", hit.id, hit.name, hit.kind, hit.class));
    let dates = format!("{} {} {}", record.code, record.from, record.to);
    std::iter::once(dates).chain(hits).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::class::CoverClass;
    use crate::model::record::{RecordedHit, RecordedSuggestion};
    use crate::model::scene::SceneKind;
    use crate::model::units::{Fraction, Metres, SquareMetres};
    use geo_types::{MultiPolygon, Point, polygon};

    pub fn record(number: u32, severity: Severity, area: f64) -> FlagRecord {
        let x = f64::from(number) * 100.0;
        let shape = polygon![(x: x, y: 0.0), (x: x + 10.0, y: 0.0), (x: x + 10.0, y: 10.0), (x: x, y: 0.0)];
        let hit = RecordedHit {
            id: format!("Z{number}"),
            name: "瓜洲湿地".into(),
            kind: "湿地公园".into(),
            class: String::new(),
            place: Place::Inside,
            area: SquareMetres(area),
            share: Fraction(1.0),
            area_error: Some(SquareMetres(2.0)),
            distance: Metres(-5.0),
            p_inside: Some(Fraction(1.0)),
            line: Some(Line::Inside),
            enough_data: Some(true),
        };
        FlagRecord {
            uuid: uuid::Uuid::from_u128(u128::from(number)),
            code: format!("2025-{number:04}"),
            kind: SceneKind::Satellite,
            from: "2024-07-01".parse().unwrap(),
            to: "2025-07-01".parse().unwrap(),
            severity,
            score: f64::from(number),
            place: Place::Inside,
            state: FlagState::Detected,
            area: SquareMetres(area),
            pixels: 10,
            from_class: CoverClass::Vegetation,
            to_class: CoverClass::Bare,
            lonlat: Point::new(119.4, 32.3),
            shape: MultiPolygon::new(vec![shape]),
            hits: vec![hit],
            reasons: Vec::new(),
            mean_score: 4.0,
            threshold: Some(2.0),
            method: "cva".into(),
            suggestion: Some(RecordedSuggestion { code: "22".into(), why: "laid_bare".into() }),
            tests: Vec::new(),
            volume: None,
        }
    }

    fn book() -> FlagBook {
        let records =
            vec![record(1, Severity::Low, 500.0), record(2, Severity::High, 100.0), record(3, Severity::Medium, 900.0)];
        FlagBook::of(records, None)
    }

    #[test]
    fn the_most_severe_come_first_and_a_second_click_turns_the_order() {
        let mut book = book();
        assert_eq!(book.order(), [1, 2, 0]);
        book.sort_by(SortBy::Area);
        assert_eq!(book.order(), [2, 0, 1]);
        book.sort_by(SortBy::Area);
        assert_eq!(book.order(), [1, 0, 2]);
    }

    #[test]
    fn search_finds_number_and_zone_in_any_case() {
        let mut book = book();
        book.set_filter(Filter { text: "z2 湿地".into(), ..Filter::default() });
        assert_eq!(book.order(), [1]);
        book.set_filter(Filter { severity: Some(Severity::Low), ..Filter::default() });
        assert_eq!(book.order(), [0]);
    }

    #[test]
    fn what_lies_at_the_line_and_what_it_may_be_is_sifted_and_sorted() {
        let mut records = vec![record(1, Severity::Low, 500.0), record(2, Severity::Low, 100.0)];
        (records[1].hits[0].line, records[1].hits[0].p_inside) = (Some(Line::AtLine), Some(Fraction(0.6)));
        records[1].suggestion = Some(RecordedSuggestion { code: "07".into(), why: "long_and_open".into() });
        records.push(FlagRecord { hits: Vec::new(), suggestion: None, ..record(3, Severity::Low, 1.0) });
        let mut book = FlagBook::of(records, None);
        book.set_filter(Filter { line: Some(Line::AtLine), ..Filter::default() });
        assert_eq!(book.order(), [1]);
        book.set_filter(Filter { suggestion: Some("22".into()), ..Filter::default() });
        assert_eq!(book.order(), [0]);
        book.set_filter(Filter::default());
        book.sort_by(SortBy::Line);
        assert_eq!(book.order(), [0, 1, 2]);
        book.sort_by(SortBy::Suggestion);
        assert_eq!(book.order(), [2, 1, 0]);
        assert_eq!(book.suggestions(), ["07", "22"]);
    }

    #[test]
    fn stepping_goes_through_what_is_shown_and_stops_at_the_ends() {
        let mut book = book();
        book.step(1);
        assert_eq!(book.selected().map(|s| s.0), Some(1));
        book.step(1);
        book.step(5);
        assert_eq!(book.selected().map(|s| s.0), Some(0));
        book.step(-1);
        assert_eq!(book.selected().map(|s| s.0), Some(2));
    }

    #[test]
    fn the_map_finds_the_flag_under_the_cursor_or_near_it() {
        let book = book();
        assert_eq!(book.at((205.0, 2.0), 0.0), Some(1));
        assert_eq!(book.at((213.0, 2.0), 5.0), Some(1));
        assert_eq!(book.at((250.0, 2.0), 5.0), None);
    }

    #[test]
    fn the_selection_survives_a_new_run() {
        let mut before = book();
        before.select(Some(2));
        let after = FlagBook::of(vec![record(3, Severity::Low, 1.0), record(9, Severity::Low, 1.0)], Some(&before));
        assert_eq!(after.selected().map(|s| s.0), Some(0));
    }
}
