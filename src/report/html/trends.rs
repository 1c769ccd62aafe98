//! One small chart a zone and kind: the share of the observed ground that changed, year by year, over a strip that
//! shows how much was not observed. No trend line: few years do not carry one.

use crate::model::outcome::ZoneTally;
use crate::model::scene::SceneKind;
use crate::model::zone::Zone;
use crate::report::{ReportInput, number, phrase};

use super::charts::{drawing, label, line, rect};
use super::markup::{Markup, div, el};

/// More charts than this help nobody; the zone tables hold the rest.
const MOST_CHARTS: usize = 120;
const WIDTH: f64 = 290.0;
const HEIGHT: f64 = 128.0;
const TOP: f64 = 20.0;
const BASE: f64 = 84.0;
const STRIP: f64 = 9.0;
/// A full column stands for at least this share: a trace of change must not look like a mountain.
const LEAST_TOP: f64 = 0.01;
/// One year alone tells nothing about years.
const FEWEST_YEARS: usize = 2;

/// One comparison in a zone's chart.
struct Point {
    year: i16,
    /// Share of the observed ground that changed, without what was discarded; `None` where it cannot be told.
    changed: Option<f64>,
    /// Share of the zone that was not observed.
    unseen: f64,
}

pub(super) fn section(input: &ReportInput<'_>) -> Markup {
    let outcome = input.outcome;
    let mut order: Vec<usize> = (0..outcome.zones.len()).collect();
    order.sort_by_key(|&i| (outcome.zones[i].strictness, &outcome.zones[i].id));
    let kinds = [SceneKind::Satellite, SceneKind::Drone, SceneKind::Surface, SceneKind::Landcover];
    let charts: Vec<Markup> = kinds
        .iter()
        .flat_map(|&kind| order.iter().map(move |&zone| (zone, kind)))
        .filter_map(|(zone, kind)| {
            let points = points(input, zone, kind);
            (points.len() >= FEWEST_YEARS).then(|| chart(input, &outcome.zones[zone], kind, &points))
        })
        .collect();
    let total = charts.len();
    if total == 0 {
        return super::section(input, "trends", el("p").text(input.lang.word("report.trends.none")));
    }
    let cut = (total > MOST_CHARTS).then(|| {
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("shown", &MOST_CHARTS), ("all", &total)];
        el("p").text(input.lang.sentence("report.trends.cut", &facts))
    });
    let content: Markup = [Markup::from(el("p").class("hint").text(input.lang.word("report.trends.hint")))]
        .into_iter()
        .chain(cut.map(Markup::from))
        .chain([div("trends").children(charts.into_iter().take(MOST_CHARTS)).into()])
        .collect();
    super::section(input, "trends", content)
}

fn points(input: &ReportInput<'_>, zone: usize, kind: SceneKind) -> Vec<Point> {
    let comparisons = input.outcome.comparisons.iter().filter(|c| c.kind == kind);
    comparisons
        .filter_map(|comparison| {
            let tally = comparison.zones.iter().find(|t| t.zone == zone)?;
            let can_tell = comparison.threshold.value.is_some();
            Some(point(comparison.to_date.year(), tally, can_tell))
        })
        .collect()
}

fn point(year: i16, tally: &ZoneTally, can_tell: bool) -> Point {
    let inside = &tally.inside;
    let (observed, whole) = (inside.changed.0 + inside.unchanged.0, inside.total().0);
    let is_told = can_tell && tally.enough_data && observed > 0.0;
    let changed = is_told.then(|| (inside.changed.0 - inside.discarded.0) / observed);
    let unseen = if whole > 0.0 { inside.not_observed.0 / whole } else { 0.0 };
    Point { year, changed, unseen }
}

fn chart(input: &ReportInput<'_>, zone: &Zone, kind: SceneKind, points: &[Point]) -> Markup {
    let most = points.iter().filter_map(|p| p.changed).fold(LEAST_TOP, f64::max);
    let slot = WIDTH / points.len() as f64;
    let width = (slot * 0.62).min(46.0);
    let columns = points.iter().enumerate().map(|(i, point)| {
        let middle = (i as f64 + 0.5) * slot;
        let left = middle - width / 2.0;
        let value = match point.changed {
            Some(share) => {
                let height = share / most * (BASE - TOP);
                let text = number::percent(share);
                let bar = rect("changed", left, BASE - height, width, height);
                let size = if slot < 40.0 { "tick tiny" } else { "tick value" };
                [Markup::from(bar), label(size, middle, BASE - height - 4.0, "middle", &text).into()]
                    .into_iter()
                    .collect::<Markup>()
            }
            None => label("tick cannot", middle, BASE - 5.0, "middle", "?").into(),
        };
        let strip = rect("ground", left, BASE + 6.0, width, STRIP);
        let unseen = rect("unseen", left, BASE + 6.0, width * point.unseen.clamp(0.0, 1.0), STRIP);
        let year = label("tick", middle, HEIGHT - 12.0, "middle", &point.year.to_string());
        [value, strip.into(), unseen.into(), year.into()].into_iter().collect::<Markup>()
    });
    let svg = drawing("chart", WIDTH, HEIGHT).child(line("axis", (0.0, BASE), (WIDTH, BASE))).children(columns);
    let kind_word = input.lang.word(&format!("kind.{}", kind.word()));
    el("figure")
        .class("trend")
        .child(
            el("figcaption")
                .child(el("strong").text(phrase::zone_title(input.outcome, zone)))
                .child(el("span").class("aside").text(kind_word)),
        )
        .child(svg)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Tally;
    use crate::model::units::SquareMetres;

    #[test]
    fn the_share_is_of_what_was_observed_and_not_discarded() {
        let inside = Tally {
            changed: SquareMetres(10.0),
            unchanged: SquareMetres(30.0),
            not_observed: SquareMetres(60.0),
            discarded: SquareMetres(2.0),
        };
        let tally = ZoneTally { flags: 1, ..ZoneTally::of_areas(0, inside, Tally::default()) };
        let told = point(2024, &tally, true);
        assert_eq!((told.changed, told.unseen), (Some(0.2), 0.6));
        assert_eq!(point(2024, &tally, false).changed, None);
        assert_eq!(point(2024, &ZoneTally { enough_data: false, ..tally }, true).changed, None);
    }
}
