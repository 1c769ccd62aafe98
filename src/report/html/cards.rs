//! One card a flag, those in rings apart: pictures, severity with its reasons, areas, every zone hit, from → to, position.

use crate::model::flag::Place;
use crate::report::{ReportInput, number, phrase};

use super::comparisons::definition_list;
use super::flag_tables::table;
use super::markup::{Markup, div, el};
use super::masthead::{pill, severity_class};
use super::ranking::{Ranked, Ranking};
use super::{chips, heading_cell, zones};

/// Cards for so many flags; all of them stand in the list.
pub(super) const MOST_CARDS: usize = 500;

pub(super) fn section(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    super::section(input, "flags", cards(input, &ranked.inside, "report.flags.none", "report.flags.cut"))
}

/// Flags in rings only: no encroachments, so they stand in a section of their own, cards and list.
pub(super) fn rings(input: &ReportInput<'_>, ranked: &Ranking<'_>) -> Markup {
    let mut content: Markup = el("p").class("hint").text(input.lang.word("report.rings.hint")).into();
    content.push(cards(input, &ranked.ring, "report.rings.none", "report.rings.cut"));
    if !ranked.ring.is_empty() {
        content.push(table(input, &ranked.ring));
    }
    super::section(input, "rings", content)
}

fn cards(input: &ReportInput<'_>, flags: &[Ranked<'_>], none: &str, cut: &str) -> Markup {
    let (all, lang) = (flags.len(), input.lang);
    let mut content = Markup::default();
    if all == 0 {
        content.push(el("p").text(lang.word(none)));
    }
    if all > MOST_CARDS {
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("shown", &MOST_CARDS), ("all", &all)];
        content.push(el("p").class("hint").text(lang.sentence(cut, &facts)));
    }
    content.push(flags.iter().take(MOST_CARDS).map(|r| card(input, r)).collect::<Markup>());
    content
}

fn card(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let place = if ranked.flag.place == Place::Ring { "in-ring" } else { "in-zone" };
    let class = format!("flag {place} {}", severity_class(ranked.flag.severity));
    let body = div("body")
        .child(pictures(input, ranked))
        .child(div("facts").child(facts(input, ranked)).maybe(reasons(input, ranked)));
    el("article").class(&class).child(head(input, ranked)).child(body).child(hits(input, ranked)).into()
}

fn head(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let lang = input.lang;
    let flag = ranked.flag;
    let score = lang.sentence("report.flag.score", &[("score", &number::grouped(flag.score, 0))]);
    let ring =
        (flag.place == Place::Ring).then(|| el("span").class("pill in-ring").text(lang.word("report.rings.mark")));
    let place = flag.hits.first().and_then(|hit| input.outcome.zones.get(hit.zone));
    div("flag-head")
        .child(el("span").class("number").text(ranked.number.to_string()))
        .child(el("h3").text(&flag.code))
        .maybe(ring)
        .child(pill(input, flag.severity, ""))
        .child(el("span").class("aside").text(score))
        .maybe(place.map(|zone| el("span").class("where").text(phrase::zone_title(input.outcome, zone))))
        .child(el("span").class("when").text(format!(
            "{} · {}",
            phrase::period(ranked.comparison),
            phrase::kind(ranked.comparison, lang)
        )))
        .into()
}

fn pictures(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let lang = input.lang;
    let before = lang.sentence("report.flag.before", &[("date", &ranked.comparison.from_date)]);
    let after = lang.sentence("report.flag.after", &[("date", &ranked.comparison.to_date)]);
    let pair = ranked.chip.map(|chip| chips::pair(chip, [&before, &after]));
    pair.unwrap_or_else(|| div("chips none").text(lang.word("report.flag.no_chip")).into())
}

fn facts(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let lang = input.lang;
    let patch = &ranked.flag.patch;
    let classes = format!("{} → {}", lang.word(patch.from_class.key()), lang.word(patch.to_class.key()));
    let area = format!("{}（{}）", number::area(patch.area.0), number::mu(patch.area.0, lang));
    let area = if lang == crate::lang::Lang::Zh { area } else { area.replace('（', " (").replace('）', ")") };
    let (lon, lat) = (ranked.flag.lonlat.x(), ranked.flag.lonlat.y());
    let score = lang.sentence(
        "report.flag.strength",
        &[("mean", &number::significant(patch.mean_score, 3)), ("max", &number::significant(patch.max_score, 3))],
    );
    let volume = patch.volume.as_ref().map(|v| (lang.word("report.flag.volume"), phrase::volume(v, lang)));
    let rest = [
        (lang.word("report.flag.classes"), classes),
        (lang.word("report.flag.activity"), phrase::activity(ranked.flag, lang)),
        (lang.word("report.flag.line"), phrase::line(ranked.flag, lang)),
        (lang.word("report.flag.position"), number::dms(lon, lat)),
        (lang.word("report.flag.lonlat"), format!("{lon:.6}, {lat:.6}")),
        (lang.word("report.flag.change"), score),
        (lang.word("report.flag.state"), lang.word(ranked.flag.state.key())),
    ];
    let tests = &ranked.flag.tests;
    let tests = (!tests.is_empty()).then(|| (lang.word("report.flag.tests"), phrase::tests(tests, lang)));
    definition_list([(lang.word("report.flag.area"), area)].into_iter().chain(volume).chain(rest).chain(tests)).into()
}

fn reasons(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Option<Markup> {
    let reasons = &ranked.flag.reasons;
    let heading = el("div").class("why-head").text(input.lang.word("report.flag.why"));
    let items = reasons.iter().map(|reason| {
        // A reason may also take points away: then its minus sign stands in front.
        let sign = if reason.points > 0.0 { "+" } else { "" };
        let points = format!("{sign}{}", number::grouped(reason.points, 0));
        el("li").text(input.lang.reason(reason)).child(el("span").class("points").text(points))
    });
    (!reasons.is_empty()).then(|| div("why").child(heading).child(el("ul").children(items)).into())
}

fn hits(input: &ReportInput<'_>, ranked: &Ranked<'_>) -> Markup {
    let heads = [
        ("report.table.zone_hit", false),
        ("column.PLACE", false),
        ("report.table.hit_area", true),
        ("report.table.hit_share", true),
        ("report.table.distance", true),
    ];
    let head = el("tr").children(heads.map(|(key, is_number)| heading_cell(input, key, is_number)));
    let rows = ranked.flag.hits.iter().filter_map(|hit| {
        let zone = input.outcome.zones.get(hit.zone)?;
        Some(
            el("tr")
                .child(el("td").child(zones::zone_name(zone, input.lang)))
                .child(el("td").text(input.lang.word(hit.place.key())))
                .child(el("td").class("n").text(number::area(hit.area.0)))
                .child(el("td").class("n").text(number::percent(hit.share.0)))
                .child(el("td").class("n").text(phrase::distance(hit, input.lang))),
        )
    });
    el("table").class("hits").child(el("thead").child(head)).child(el("tbody").children(rows)).into()
}
