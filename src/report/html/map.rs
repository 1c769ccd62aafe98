//! The location map: zones in the colour of their kind, flags numbered in the colour of their severity, scale bar,
//! north arrow, and the corners' longitude and latitude. No background map: nothing is fetched.

use geo_types::{Coord, Rect};

use crate::model::flag::Place;
use crate::model::outcome::Outcome;
use crate::model::zone::Zone;
use crate::report::{ReportInput, number, phrase};

use super::charts::{drawing, label, line, rect};
use super::labels::{Places, Taken, around, text_width};
use super::map_drawing::{Projection, bounds, joined, round_length};
use super::markup::{Markup, div, el, px};
use super::masthead::severity_class;
use super::ranking::{Ranked, Ranking};

const WIDTH: f64 = 1000.0;
const HEIGHTS: (f64, f64) = (360.0, 900.0);
/// Free ground around zones and flags, as a share of the larger side.
const MARGIN: f64 = 0.04;
/// So many flags carry their number on the map; the rest are dots.
const MOST_NUMBERS: usize = 99;
const NAME_SIZE: f64 = 12.5;
/// Colours for kinds; a thirteenth kind begins again. None resembles a severity.
const KIND_COLOURS: usize = 12;

/// The rectangle of the analysis CRS that the report's map shows; `None` without zones and flags.
#[must_use]
pub fn map_frame(outcome: &Outcome) -> Option<Rect<f64>> {
    let zones = outcome.zones.iter().flat_map(|z| z.reach().iter()).filter_map(|p| bounds(p.exterior()));
    let flags = outcome.comparisons.iter().flat_map(|c| &c.flags).map(|f| f.patch.point.0);
    let flags = flags.filter(|c| c.x.is_finite() && c.y.is_finite()).map(|c| Rect::new(c, c));
    let around = zones.chain(flags).reduce(|a, b| joined(&a, &b))?;
    let margin = (around.width().max(around.height()) * MARGIN).max(1e-6);
    let (min, max) = (around.min(), around.max());
    Some(Rect::new(Coord { x: min.x - margin, y: min.y - margin }, Coord { x: max.x + margin, y: max.y + margin }))
}

pub(super) fn section(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let Some(frame) = map_frame(input.outcome) else {
        return super::section(input, "map", el("p").text(input.lang.word("report.map.nothing")));
    };
    let drawn = Drawn::of(input, ranked, frame);
    let omitted = (drawn.names_left_out > 0).then(|| {
        el("p").class("hint").text(input.lang.sentence("report.map.omitted", &[("count", &drawn.names_left_out)]))
    });
    let content: Markup =
        [div("map").child(drawn.svg).into(), legend(input)].into_iter().chain(omitted.map(Markup::from)).collect();
    super::section(input, "map", content)
}

/// Kinds in the order of the legend: the strictest zone's kind first.
fn kinds(outcome: &Outcome) -> Vec<&str> {
    let mut zones: Vec<&Zone> = outcome.zones.iter().collect();
    zones.sort_by(|a, b| a.strictness.cmp(&b.strictness).then_with(|| a.kind.cmp(&b.kind)));
    let mut kinds: Vec<&str> = Vec::new();
    for zone in zones {
        if !kinds.contains(&zone.kind.as_str()) {
            kinds.push(&zone.kind);
        }
    }
    kinds
}

fn kind_class(kinds: &[&str], kind: &str) -> String {
    let position = kinds.iter().position(|k| *k == kind).unwrap_or(0);
    format!("k{}", position % KIND_COLOURS)
}

struct Drawn {
    svg: Markup,
    names_left_out: usize,
}

impl Drawn {
    fn of(input: &ReportInput<'_>, ranked: &Ranking<'_>, frame: Rect<f64>) -> Self {
        let outcome = input.outcome;
        let projection = Projection::fit(frame, outcome.crs.unit, WIDTH, HEIGHTS);
        let mut places = Places::new(projection.width, projection.height);
        // The furniture's ground is taken before anything is named.
        places.take(Taken::around(92.0, projection.height - 24.0, 184.0, 56.0));
        places.take(Taken::around(projection.width - 28.0, 38.0, 56.0, 80.0));
        let zones = zone_shapes(outcome, &projection);
        let flags = flag_marks(ranked, &projection, &mut places);
        let (names, names_left_out) = zone_names(outcome, &projection, &mut places);
        let svg = drawing("location", projection.width, projection.height)
            .child(zones)
            .child(names)
            .child(flags)
            .child(scale_bar(&projection))
            .child(north_arrow(input, &projection))
            .child(neat_line(&projection));
        let svg = corner_labels(input, svg.into());
        Self { svg, names_left_out }
    }
}

fn zone_shapes(outcome: &Outcome, projection: &Projection) -> Markup {
    let kinds = kinds(outcome);
    let latest = outcome.comparisons.iter().map(|c| c.to_date).max();
    let mut zones: Vec<&Zone> = outcome.zones.iter().collect();
    // The least strict lies at the bottom, larger ones below smaller ones.
    zones.sort_by(|a, b| b.strictness.cmp(&a.strictness).then(b.area.0.total_cmp(&a.area.0)));
    let mut shapes = Markup::default();
    for zone in zones {
        let class = kind_class(&kinds, &zone.kind);
        if let Some(ring) = &zone.with_ring {
            shapes.push(el("path").class(&format!("ring {class}")).attr("d", projection.path(ring)));
        }
        let is_past = latest.is_some_and(|day| !zone.in_force_on(day));
        let class = if is_past { format!("zone past {class}") } else { format!("zone {class}") };
        shapes.push(el("path").class(&class).attr("fill-rule", "evenodd").attr("d", projection.path(&zone.shape)));
    }
    shapes
}

fn zone_names(outcome: &Outcome, projection: &Projection, places: &mut Places) -> (Markup, usize) {
    let mut zones: Vec<&Zone> = outcome.zones.iter().collect();
    zones.sort_by(|a, b| a.strictness.cmp(&b.strictness).then(b.area.0.total_cmp(&a.area.0)));
    let mut names = Markup::default();
    let mut left_out = 0;
    for zone in zones {
        let name = shortened(&phrase::zone_title(outcome, zone));
        let size = (text_width(&name, NAME_SIZE) + 6.0, NAME_SIZE + 4.0);
        let point = projection.name_point(&zone.shape);
        let radii = [18.0, 34.0, 52.0, 76.0, 104.0];
        match point.and_then(|(x, y)| places.claim(around(x, y, &radii), size)) {
            Some((x, y)) => names.push(label("zone-name", x, y + NAME_SIZE * 0.36, "middle", &name)),
            None => left_out += 1,
        }
    }
    (names, left_out)
}

/// A name that fits a map; a cut is shown by an ellipsis.
fn shortened(name: &str) -> String {
    const MOST: usize = 40;
    if number::columns(name) <= MOST {
        return name.to_owned();
    }
    let mut short = String::new();
    for c in name.chars() {
        if number::columns(&short) + 3 > MOST {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

fn flag_marks(ranked: &Ranking<'_>, projection: &Projection, places: &mut Places) -> Markup {
    let mut dots = Markup::default();
    let mut leaders = Markup::default();
    let mut numbers = Markup::default();
    for flag in ranked.inside.iter().take(MOST_NUMBERS) {
        let (leader, number) = numbered(flag, projection, places);
        leaders.push(leader);
        numbers.push(number);
    }
    // Dots take their ground after the numbers, so that names keep clear of both.
    for ring in &ranked.ring {
        let (x, y) = projection.at(ring.flag.patch.point.0);
        places.take(Taken::around(x, y, 10.0, 10.0));
        dots.push(circle("mark in-ring", x, y, 4.0));
    }
    // The least severe are drawn first, so that they never hide a severe one.
    for flag in ranked.inside.iter().skip(MOST_NUMBERS).rev() {
        let (x, y) = projection.at(flag.flag.patch.point.0);
        places.take(Taken::around(x, y, 6.0, 6.0));
        dots.push(circle(&format!("mark {}", severity_class(flag.flag.severity)), x, y, 2.6));
    }
    // Numbers lie on top: where one flag lies on another of an earlier year, a leader must not strike its number out.
    [dots, leaders, numbers].into_iter().collect()
}

fn circle(class: &str, x: f64, y: f64, radius: f64) -> Markup {
    el("circle").class(class).attr("cx", px(x)).attr("cy", px(y)).attr("r", px(radius)).into()
}

/// A flag's leader, empty where it needs none, and its number.
fn numbered(ranked: &Ranked<'_>, projection: &Projection, places: &mut Places) -> (Markup, Markup) {
    const RADIUS: f64 = 9.0;
    let (x, y) = projection.at(ranked.flag.patch.point.0);
    let class = format!("mark {}", severity_class(ranked.flag.severity));
    let free = places.claim(around(x, y, &[21.0, 40.0, 60.0]), (2.0 * RADIUS, 2.0 * RADIUS));
    let Some((cx, cy)) = free else { return (circle(&class, x, y, 3.4), Markup::default()) };
    let number = label("mark-number", cx, cy + 3.6, "middle", &ranked.number.to_string());
    let mut leader = Markup::default();
    if (cx - x).hypot(cy - y) > 1.0 {
        leader.push(line("leader", (x, y), (cx, cy)));
        leader.push(circle(&class, x, y, 3.0));
    }
    (leader, [circle(&class, cx, cy, RADIUS), number.into()].into_iter().collect())
}

fn scale_bar(projection: &Projection) -> Markup {
    let Some((metres_per_px, length)) = projection.metres_per_px.and_then(|m| Some((m, round_length(160.0 * m)?)))
    else {
        return Markup::default();
    };
    let (x, y, width) = (18.0, projection.height - 20.0, length / metres_per_px);
    let text = if length >= 1000.0 {
        format!("{} km", number::significant(length / 1000.0, 3))
    } else {
        format!("{} m", number::significant(length, 3))
    };
    el("g")
        .class("scale")
        .child(rect("plate", 8.0, y - 24.0, (width + 20.0).max(70.0), 36.0))
        .child(rect("dark", x, y, width / 2.0, 5.0))
        .child(rect("light", x + width / 2.0, y, width / 2.0, 5.0))
        .child(label("tick", x, y - 6.0, "start", "0"))
        .child(label("tick", x + width, y - 6.0, "end", &text))
        .into()
}

fn north_arrow(input: &ReportInput<'_>, projection: &Projection) -> Markup {
    let (x, y) = (projection.width - 28.0, 18.0);
    let half = |class: &'static str, side: f64| {
        let path = format!("M{} {}L{} {}L{} {}Z", px(x), px(y), px(x + side), px(y + 30.0), px(x), px(y + 23.0));
        el("path").class(class).attr("d", path)
    };
    el("g")
        .class("north")
        .child(half("dark", -9.0))
        .child(half("light", 9.0))
        .child(label("tick", x, y + 46.0, "middle", &input.lang.word("report.map.north")))
        .into()
}

fn neat_line(projection: &Projection) -> Markup {
    rect("neat", 0.75, 0.75, projection.width - 1.5, projection.height - 1.5).into()
}

/// The corners' longitude and latitude outside the neat line.
fn corner_labels(input: &ReportInput<'_>, map: Markup) -> Markup {
    let Some([sw, se, ne, nw]) = input.corners else { return map };
    let corner = |p: geo_types::Point<f64>| el("span").text(number::dms(p.x(), p.y()));
    [
        Markup::from(div("corners").child(corner(nw)).child(corner(ne))),
        map,
        div("corners").child(corner(sw)).child(corner(se)).into(),
    ]
    .into_iter()
    .collect()
}

fn legend(input: &ReportInput<'_>) -> Markup {
    let (outcome, lang) = (input.outcome, input.lang);
    let kinds = kinds(outcome);
    let swatch = |class: &str| {
        el("svg").class("swatch").attr("width", 16).attr("height", 12).child(rect(class, 1.0, 1.0, 14.0, 10.0))
    };
    let dot = |class: &str| {
        el("svg").class("swatch").attr("width", 12).attr("height", 12).child(circle(class, 6.0, 6.0, 4.6))
    };
    let mut items: Vec<Markup> = kinds
        .iter()
        .map(|kind| {
            let class = format!("zone {}", kind_class(&kinds, kind));
            el("li").child(swatch(&class)).text(*kind).into()
        })
        .collect();
    if outcome.zones.iter().any(|z| z.with_ring.is_some()) {
        items.push(el("li").child(swatch("ring k7")).text(lang.word("place.ring")).into());
    }
    for key in ["high", "medium", "low"] {
        let word = lang.sentence("report.map.flag", &[("severity", &lang.word(&format!("severity.{key}")))]);
        items.push(el("li").child(dot(&format!("mark {key}"))).text(word).into());
    }
    items.push(el("li").class("aside").text(lang.word("report.map.numbers")).into());
    if outcome.comparisons.iter().flat_map(|c| &c.flags).any(|f| f.place == Place::Ring) {
        items.push(el("li").child(dot("mark in-ring")).text(lang.word("report.map.ring_flag")).into());
    }
    el("ul").class("legend").children(items).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn the_frame_holds_every_zone_and_flag() {
        let outcome = specimen::outcome();
        let frame = map_frame(&outcome).unwrap();
        for flag in outcome.comparisons.iter().flat_map(|c| &c.flags) {
            let point = flag.patch.point;
            assert!(point.x() > frame.min().x && point.x() < frame.max().x && point.y() > frame.min().y);
        }
        assert!(map_frame(&Outcome { zones: Vec::new(), comparisons: Vec::new(), ..outcome }).is_none());
    }

    #[test]
    fn kinds_are_listed_strictest_first_and_once() {
        let kinds_of = specimen::outcome();
        assert_eq!(kinds(&kinds_of)[0], "自然保护区");
        assert_eq!(kinds(&kinds_of).len(), 6);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("凤凰岛"), "凤凰岛");
        assert!(shortened(&"长".repeat(40)).ends_with('…'));
    }
}
