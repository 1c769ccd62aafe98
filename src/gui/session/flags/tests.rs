//! Going through flags without a window.

use std::collections::BTreeSet;

use super::*;
use crate::model::class::CoverClass;
use crate::model::flag::{FlagState, Line, Place, Severity};
use crate::model::record::{RecordedHit, RecordedSuggestion};
use crate::model::scene::SceneKind;
use crate::model::units::{Fraction, Metres, SquareMetres};
use geo_types::{MultiPolygon, Point, polygon};

/// A flag at `100 · number`, inside one zone.
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
        score: f64::from(number % 100),
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

fn three() -> Vec<FlagRecord> {
    vec![record(1, Severity::Low, 500.0), record(2, Severity::High, 100.0), record(3, Severity::Medium, 900.0)]
}

fn book() -> FlagBook {
    FlagBook::of(three(), None)
}

fn in_zone(mut record: FlagRecord, zone: &str) -> FlagRecord {
    record.hits[0].name = zone.to_owned();
    record
}

/// Three flags: two in 甲, one in 乙.
fn in_two_zones() -> FlagBook {
    let [a, b, c] = <[FlagRecord; 3]>::try_from(three()).unwrap();
    FlagBook::of(vec![in_zone(a, "甲"), in_zone(b, "乙"), in_zone(c, "甲")], None)
}

fn zone(name: &str) -> Choice {
    Choice::Zone(Some(name.to_owned()))
}

fn marked(book: &FlagBook) -> Vec<usize> {
    book.marked().iter().copied().collect()
}

#[test]
fn the_most_severe_come_first_and_a_second_click_turns_the_order() {
    let mut book = book();
    assert_eq!(book.order(), [1, 2, 0]);
    book.sort_by(Column::Area);
    assert_eq!(book.order(), [2, 0, 1]);
    book.sort_by(Column::Area);
    assert_eq!(book.order(), [1, 0, 2]);
}

#[test]
fn what_is_not_known_comes_last_whichever_way_it_is_sorted() {
    let mut records = three();
    records[0].hits[0].p_inside = None;
    records[1].hits[0].p_inside = Some(Fraction(0.2));
    let mut book = FlagBook::of(records, None);
    book.sort_by(Column::Inside);
    assert_eq!(book.order(), [2, 1, 0]);
    book.sort_by(Column::Inside);
    assert_eq!(book.order(), [1, 2, 0]);
}

#[test]
fn search_finds_number_zone_and_words_of_both_languages() {
    let mut book = book();
    for (text, found) in [("z2 湿地", vec![1]), ("中 湿地公园", vec![2]), ("HIGH", vec![1]), ("没有这个", vec![])]
    {
        book.set_filter(Filter { text: text.into(), ..Filter::default() });
        assert_eq!(book.order(), found, "{text}");
    }
}

#[test]
fn every_column_can_be_tested() {
    let mut records = three();
    (records[1].hits[0].line, records[1].hits[0].p_inside) = (Some(Line::AtLine), Some(Fraction(0.6)));
    records[1].suggestion = Some(RecordedSuggestion { code: "07".into(), why: "long_and_open".into() });
    records[2].to_class = CoverClass::Built;
    records.push(FlagRecord { hits: Vec::new(), suggestion: None, ..record(4, Severity::Low, 1.0) });
    let mut book = FlagBook::of(records, None);
    let one_of = |choice: Choice| Test::OneOf(BTreeSet::from([choice]));
    for (column, test, found) in [
        (Column::Line, one_of(Choice::Line(Some(Line::AtLine))), vec![1]),
        (Column::Line, one_of(Choice::Line(None)), vec![3]),
        (Column::Suggestion, one_of(Choice::Suggestion(Some("07".into()))), vec![1]),
        (Column::Suggestion, one_of(Choice::Suggestion(None)), vec![3]),
        (Column::Change, one_of(Choice::Change(CoverClass::Vegetation, CoverClass::Built)), vec![2]),
        (Column::Zone, one_of(Choice::Zone(None)), vec![3]),
        (Column::Severity, one_of(Choice::Severity(Severity::High)), vec![1]),
        (Column::Year, one_of(Choice::Year(2020)), vec![]),
        (Column::Area, Test::Between(Some(100.0), Some(500.0)), vec![1, 0]),
        (Column::Inside, Test::Between(None, Some(0.9)), vec![1]),
        (Column::Code, Test::Holds("0003".into()), vec![2]),
    ] {
        book.apply(FlagsWish::Filter(Filter::default()));
        book.apply(FlagsWish::Test(column, Some(test)));
        assert_eq!(book.order(), found, "{column:?}");
    }
}

#[test]
fn superseded_flags_are_shown_on_demand_alone() {
    let mut records = three();
    records[0].state = FlagState::Superseded;
    let mut book = FlagBook::of(records, None);
    assert_eq!(book.order(), [1, 2]);
    book.set_filter(Filter { superseded: true, ..Filter::default() });
    assert_eq!(book.order(), [1, 2, 0]);
    book.set_filter(Filter::default());
    book.apply(FlagsWish::Toggle(Column::State, Choice::State(FlagState::Superseded)));
    assert_eq!(book.order(), [0]);
}

#[test]
fn groups_tell_their_count_and_area_and_fold() {
    let mut book = in_two_zones();
    book.apply(FlagsWish::Group(Some(Column::Zone)));
    assert_eq!(book.rows(), [Row::Head(0), Row::Flag(1), Row::Head(1), Row::Flag(2), Row::Flag(0)]);
    let [first, second] = book.groups() else { panic!("two groups") };
    assert_eq!((first.choice.clone(), first.sums.flags, first.sums.area), (zone("乙"), 1, SquareMetres(100.0)));
    assert_eq!((second.sums.flags, second.sums.area), (2, SquareMetres(1400.0)));
    book.apply(FlagsWish::Fold(zone("甲")));
    assert_eq!(book.rows(), [Row::Head(0), Row::Flag(1), Row::Head(1)]);
    assert_eq!(book.order().len(), 3, "what is folded is still shown on the map");
    book.apply(FlagsWish::FoldAll(true));
    assert_eq!(book.rows(), [Row::Head(0), Row::Head(1)]);
}

#[test]
fn a_flag_that_is_selected_opens_its_group() {
    let mut book = in_two_zones();
    book.apply(FlagsWish::Group(Some(Column::Zone)));
    book.apply(FlagsWish::FoldAll(true));
    book.apply(FlagsWish::Select(Some(0)));
    assert_eq!(book.rows(), [Row::Head(0), Row::Head(1), Row::Flag(2), Row::Flag(0)]);
    assert_eq!(book.selected_row(), Some(3));
}

#[test]
fn selection_and_marks_survive_sorting_and_regrouping() {
    let mut book = in_two_zones();
    book.apply(FlagsWish::Select(Some(2)));
    book.apply(FlagsWish::Mark(0));
    for wish in [
        FlagsWish::Sort(Column::Area),
        FlagsWish::Group(Some(Column::Severity)),
        FlagsWish::Group(Some(Column::Zone)),
        FlagsWish::Group(None),
    ] {
        book.apply(wish);
        assert_eq!((book.selected().map(|s| s.0), marked(&book)), (Some(0), vec![0, 2]));
        let row = book.selected_row().unwrap();
        assert_eq!(book.rows()[row], Row::Flag(0));
    }
}

#[test]
fn what_a_filter_hides_is_no_longer_marked_but_stays_selected() {
    let mut book = book();
    book.apply(FlagsWish::MarkAll);
    book.apply(FlagsWish::Toggle(Column::Severity, Choice::Severity(Severity::High)));
    assert_eq!(marked(&book), [1]);
    assert_eq!(book.marked_sums().area, SquareMetres(100.0));
    book.select(Some(0));
    assert_eq!((book.selected().map(|s| s.0), book.place_of(0), book.selected_row()), (Some(0), None, None));
}

#[test]
fn shift_marks_what_lies_between_in_the_order_that_is_shown() {
    let mut book = book();
    book.apply(FlagsWish::Select(Some(1)));
    book.apply(FlagsWish::MarkTo(0));
    assert_eq!(marked(&book), [0, 1, 2]);
    book.apply(FlagsWish::Select(Some(1)));
    book.apply(FlagsWish::Extend(1));
    assert_eq!((marked(&book), book.selected().map(|s| s.0)), (vec![1, 2], Some(2)));
    book.apply(FlagsWish::Mark(1));
    assert_eq!(marked(&book), [2]);
}

#[test]
fn stepping_goes_through_what_is_shown_and_stops_at_the_ends() {
    let mut book = book();
    book.step(1);
    assert_eq!(book.selected().map(|s| s.0), Some(1));
    book.step(1);
    book.step(isize::MAX);
    assert_eq!(book.selected().map(|s| s.0), Some(0));
    book.step(-1);
    assert_eq!(book.selected().map(|s| s.0), Some(2));
    book.step(isize::MIN);
    assert_eq!(book.selected().map(|s| s.0), Some(1));
}

#[test]
fn sums_and_charts_tell_what_is_shown() {
    let mut book = in_two_zones();
    assert_eq!((book.sums().flags, book.sums().area), (3, SquareMetres(1500.0)));
    let areas = |bars: &[Bar]| bars.iter().map(|bar| (bar.choice.clone(), bar.area().0)).collect::<Vec<_>>();
    assert_eq!(areas(&book.figures().zones), [(zone("甲"), 1400.0), (zone("乙"), 100.0)]);
    book.apply(FlagsWish::Toggle(Column::Zone, zone("乙")));
    assert_eq!(book.order(), [1]);
    assert_eq!(areas(&book.figures().zones).len(), 2, "the other bars stay there to be chosen");
    assert_eq!(areas(&book.figures().years), [(Choice::Year(2025), 100.0)], "other charts count what is left");
    book.apply(FlagsWish::Toggle(Column::Zone, zone("乙")));
    assert_eq!(book.order().len(), 3);
}

#[test]
fn a_zone_counts_what_lies_inside_it_once_for_all_its_versions() {
    let mut flag = record(1, Severity::High, 100.0);
    let hit = flag.hits[0].clone();
    flag.hits.push(RecordedHit { area: SquareMetres(80.0), ..hit.clone() });
    flag.hits.push(RecordedHit { name: "外环".into(), place: Place::Ring, ..hit.clone() });
    flag.hits.push(RecordedHit { name: "旧账".into(), area: SquareMetres(f64::NAN), ..hit });
    let book = FlagBook::of(vec![flag], None);
    let zones: Vec<(String, usize, f64)> = book
        .figures()
        .zones
        .iter()
        .map(|bar| (bar.choice.told(crate::lang::Lang::Zh), bar.flags, bar.area().0))
        .collect();
    assert_eq!(zones, [("瓜洲湿地".to_owned(), 1, 100.0), ("旧账".to_owned(), 1, 0.0)]);
    assert_eq!(book.choices(Column::Zone).len(), 3);
}

#[test]
fn a_bar_of_the_histogram_lets_through_what_it_counts() {
    let flags: Vec<FlagRecord> =
        (0..=100).map(|n| FlagRecord { score: f64::from(n), ..record(n, Severity::Low, 1.0) }).collect();
    let mut book = FlagBook::of(flags, None);
    for bin in 0..BINS {
        let counted: usize = book.figures().scores[bin].iter().sum();
        book.apply(FlagsWish::Test(Column::Score, Some(test_of_bin(bin))));
        assert_eq!((book.order().len(), counted), (if bin == BINS - 1 { 6 } else { 5 }, counted));
        assert_eq!(book.order().len(), counted);
    }
}

#[test]
fn the_map_finds_the_flag_under_the_cursor_or_near_it_among_those_shown() {
    let mut book = book();
    assert_eq!(book.at((205.0, 2.0), 0.0), Some(1));
    assert_eq!(book.at((213.0, 2.0), 5.0), Some(1));
    assert_eq!(book.at((250.0, 2.0), 5.0), None);
    book.apply(FlagsWish::Toggle(Column::Severity, Choice::Severity(Severity::Low)));
    assert_eq!(book.at((205.0, 2.0), 0.0), None);
}

#[test]
fn flags_on_the_same_ground_are_related_by_date() {
    let mut earlier = record(1, Severity::Low, 1.0);
    (earlier.from, earlier.to) = ("2022-07-01".parse().unwrap(), "2023-07-01".parse().unwrap());
    let later =
        FlagRecord { uuid: uuid::Uuid::from_u128(9), code: "2025-0009".into(), ..record(1, Severity::High, 1.0) };
    let mut book = FlagBook::of(vec![later, record(2, Severity::Low, 1.0), earlier], None);
    book.select(Some(0));
    assert_eq!(book.detail().related, [2]);
    let outline = book.detail().perimeter.unwrap();
    assert!((outline - (20.0 + 200.0_f64.sqrt())).abs() < 1e-9, "{outline}");
}

#[test]
fn a_damaged_outline_is_no_place_but_stays_in_the_table() {
    let mut broken = record(1, Severity::High, f64::NAN);
    broken.shape = MultiPolygon::new(vec![polygon![(x: f64::NAN, y: 0.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)]]);
    let empty = FlagRecord { shape: MultiPolygon::new(Vec::new()), ..record(2, Severity::Low, 5.0) };
    let mut book = FlagBook::of(vec![broken, empty], None);
    book.step(1);
    assert_eq!((book.order(), book.bounds(0), book.detail()), (&[0, 1][..], None, &Detail::default()));
    assert_eq!(book.at((0.0, 0.0), 100.0), None);
    assert_eq!(book.sums().area, SquareMetres(5.0));
}

#[test]
fn the_selection_and_what_was_chosen_survive_a_new_run() {
    let mut before = book();
    before.select(Some(2));
    before.apply(FlagsWish::Group(Some(Column::Year)));
    before.apply(FlagsWish::Column(Column::Pixels));
    let after = FlagBook::of(vec![record(3, Severity::Low, 1.0), record(9, Severity::Low, 1.0)], Some(&before));
    assert_eq!(after.selected().map(|s| s.0), Some(0));
    assert_eq!((after.grouping(), after.columns()), (Some(Column::Year), before.columns()));
}

/// Ten thousand flags over forty zones and five years.
fn ten_thousand() -> Vec<FlagRecord> {
    let severities = [Severity::Low, Severity::Medium, Severity::High];
    let each = |n: u32| {
        let mut record =
            in_zone(record(n, severities[n as usize % 3], f64::from(n % 977) + 1.0), &format!("区{}", n % 40));
        record.to = format!("{}-07-01", 2021 + n % 5).parse().unwrap();
        record.shape.0.truncate(1);
        record
    };
    (0..10_000).map(each).collect()
}

#[test]
fn ten_thousand_are_sorted_with_one_key_each_and_grouped_in_one_pass() {
    let mut book = FlagBook::of(ten_thousand(), None);
    let before = book.edition;
    book.apply(FlagsWish::Group(Some(Column::Zone)));
    assert_eq!(book.edition, before + 1, "one wish arranges once");
    assert_eq!((book.groups().len(), book.rows().len()), (40, 10_040));
    assert_eq!(book.groups().iter().map(|group| group.sums.flags).sum::<usize>(), 10_000);
    book.apply(FlagsWish::Fold(zone("区7")));
    book.apply(FlagsWish::Select(Some(3)));
    book.apply(FlagsWish::Step(1));
    assert_eq!(book.edition, before + 1, "folding, selecting and stepping arrange nothing");
    book.apply(FlagsWish::Test(Column::Area, Some(Test::Between(Some(900.0), None))));
    let wanted = book.records().iter().filter(|record| record.area.0 >= 900.0).count();
    assert_eq!(book.order().len(), wanted);
    assert!(book.order().windows(2).all(|pair| book.place_of(pair[0]) < book.place_of(pair[1])));
}
