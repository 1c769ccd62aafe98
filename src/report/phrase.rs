//! Sentences that several documents share: reasons, zones hit, methods, thresholds, notices.

use crate::lang::{Lang, NoticeText};
use crate::model::crs::CrsUnit;
use crate::model::flag::{Flag, Place, Tested, ZoneHit};
use crate::model::grid::Grid;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::{ComparisonOutcome, Outcome, Tally, ZoneTally};
use crate::model::scene::BandRole;
use crate::model::transfer::TransferClass;
use crate::model::volume::{HeightFit, Volume};
use crate::model::zone::Zone;

use super::number;

/// What separates items of a list inside one sentence.
pub(super) fn separator(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    }
}

/// False-change tests with what they measured and the bound they were held against.
#[must_use]
pub fn tests(tests: &[Tested], lang: Lang) -> String {
    let one = |t: &Tested| {
        let (value, limit) = (number::significant(t.value, 3), number::significant(t.limit, 3));
        format!("{} {value} / {limit}", lang.word(&t.test.key()))
    };
    tests.iter().map(one).collect::<Vec<_>>().join(separator(lang))
}

/// What has to be known to read the figures, as keys.
pub(super) const NOTES: [&str; 5] = [
    "report.note.union",
    "report.note.not_observed",
    "report.note.discarded",
    "report.note.enough_data",
    "report.note.overlap",
];

/// Whether enough was seen of a zone or its ring.
pub(super) fn enough(tally: &ZoneTally, place: Place, lang: Lang) -> String {
    lang.word(if tally.enough(place) { "report.enough_data" } else { "report.not_enough_data" })
}

/// How much of a changed area lies in discarded patches; `None` where none does.
pub(super) fn discarded(tally: &Tally, lang: Lang) -> Option<String> {
    let area = number::area(tally.discarded.0);
    (tally.discarded.0 > 0.0).then(|| lang.sentence("report.of_which_discarded", &[("area", &area)]))
}

/// What a flag may be, and why.
pub(super) fn activity(flag: &Flag, lang: Lang) -> String {
    flag.activity.as_ref().map_or_else(String::new, |activity| {
        let why = lang.word(&format!("activity_why.{}", activity.why));
        let name = lang.word(&format!("activity.{}", activity.code));
        lang.sentence("report.flag.activity_why", &[("name", &name), ("why", &why)])
    })
}

/// What can be said of a flag and the strictest zone's line: the area inside with its error, and the probability.
pub(super) fn line(flag: &Flag, lang: Lang) -> String {
    flag.hits.first().map_or_else(String::new, |hit| {
        let (area, error) = (number::grouped(hit.area.0, 0), number::grouped(1.96 * hit.area_error.0, 0));
        let p = format!("{:.2}", hit.p_inside.0);
        lang.sentence(
            "report.flag.line_why",
            &[("line", &lang.word(hit.line.key())), ("area", &area), ("error", &error), ("p", &p)],
        )
    })
}

/// Ground moved, with its errors.
#[must_use]
pub fn volume(volume: &Volume, lang: Lang) -> String {
    let largest = volume.figures().iter().map(|(_, m3)| m3.abs()).fold(0.0, f64::max);
    let figures = volume.figures().map(|(_, m3)| number::grouped(m3, usize::from(largest < 1000.0)));
    let names = ["cut", "cut_error", "fill", "fill_error", "net", "net_error"];
    let facts: Vec<(&str, &dyn std::fmt::Display)> =
        names.into_iter().zip(figures.iter().map(|f| f as &dyn std::fmt::Display)).collect();
    lang.sentence("report.value.volume", &facts)
}

/// How far one surface lies above the other, and how surely their heights compare.
pub(super) fn heights(fit: &HeightFit, lang: Lang) -> [String; 2] {
    let (offset, error) = (number::grouped(fit.offset.0, 2), number::grouped(1.96 * fit.offset_error.0, 2));
    let offset = lang.sentence("report.value.heights", &[("offset", &offset), ("error", &error)]);
    let (nmad, range) = (number::grouped(fit.nmad.0, 2), number::significant(fit.range.0, 2));
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("nmad", &nmad), ("share", &number::percent(fit.correlated.0)), ("range", &range)];
    [offset, lang.sentence("report.value.height_error", &facts)]
}

/// A class of a transfer matrix: the program's own name of it, or its code with the legend's name.
pub(super) fn transfer_class(class: &TransferClass, lang: Lang) -> String {
    match (class.cover, &class.name) {
        (Some(cover), _) => lang.word(cover.key()),
        (None, Some(name)) => format!("{} {name}", class.code),
        (None, None) => class.code.to_string(),
    }
}

/// All reasons of a flag in one cell.
pub(super) fn reasons(flag: &Flag, lang: Lang) -> String {
    flag.reasons.iter().map(|r| lang.reason(r)).collect::<Vec<_>>().join(separator(lang))
}

/// A zone's kind, level and function in one phrase.
pub(super) fn zone_class(zone: &Zone) -> String {
    let parts = [Some(zone.kind.as_str()), zone.level.as_deref(), zone.function.as_deref()];
    parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A zone's name; where several zones bear it, with what tells them apart.
pub(super) fn zone_title(outcome: &Outcome, zone: &Zone) -> String {
    let is_shared = outcome.zones.iter().filter(|other| other.name == zone.name).count() > 1;
    let apart = zone.function.as_deref().filter(|f| !f.is_empty()).unwrap_or(&zone.id);
    if is_shared { format!("{} · {apart}", zone.name) } else { zone.name.clone() }
}

/// When a zone's boundary is in force; empty where the layer does not say.
pub(super) fn version(zone: &Zone, lang: Lang) -> String {
    match (&zone.valid_from, &zone.valid_to) {
        (Some(from), Some(to)) => lang.sentence("report.version.span", &[("from", from), ("to", to)]),
        (Some(from), None) => lang.sentence("report.version.since", &[("from", from)]),
        (None, Some(to)) => lang.sentence("report.version.until", &[("to", to)]),
        (None, None) => String::new(),
    }
}

/// The bands that are compared.
pub(super) fn bands(roles: &[BandRole], lang: Lang) -> String {
    let words: Vec<String> = roles.iter().map(|role| lang.word(&format!("band.{}", role.word()))).collect();
    words.join(if lang == Lang::Zh { "、" } else { ", " })
}

/// The side of a pixel with its unit.
pub(super) fn pixel(grid: &Grid) -> String {
    let (side, _) = grid.transform.pixel_size();
    match grid.crs.unit {
        CrsUnit::Degree => format!("{side:.6}°"),
        CrsUnit::Projected { metres } => format!("{} m", number::significant(side * metres, 3)),
        CrsUnit::Unknown => number::significant(side, 3),
    }
}

/// A hit's distance to the boundary in words; one that lies on both sides has none.
pub(super) fn distance(hit: &ZoneHit, lang: Lang) -> String {
    if hit.place == Place::Inside && hit.distance.0 >= 0.0 {
        return lang.word("report.distance.across");
    }
    let metres = number::grouped(hit.distance.0.abs(), 1);
    let key = if hit.distance.0 < 0.0 { "report.distance.inside" } else { "report.distance.outside" };
    lang.sentence(key, &[("metres", &metres)])
}

/// All zones that a flag touches, in one cell.
pub(super) fn all_hits(outcome: &Outcome, flag: &Flag, lang: Lang) -> String {
    let phrases = flag.hits.iter().filter_map(|hit| {
        let zone = outcome.zones.get(hit.zone)?;
        let key = match hit.place {
            Place::Inside => "report.hit.inside",
            Place::Ring => "report.hit.ring",
        };
        let facts: [(&str, &dyn std::fmt::Display); 5] = [
            ("id", &zone.id),
            ("name", &zone.name),
            ("class", &zone_class(zone)),
            ("area", &number::area(hit.area.0)),
            ("share", &number::percent(hit.share.0)),
        ];
        Some(lang.sentence(key, &facts))
    });
    phrases.collect::<Vec<_>>().join(separator(lang))
}

/// A method's name; the project file's own word where there is none.
#[must_use]
pub fn method(word: &str, lang: Lang) -> String {
    lang.known_word(&format!("report.method.{word}")).unwrap_or_else(|| word.to_owned())
}

/// A threshold rule's name.
pub(super) fn rule(word: &str, lang: Lang) -> String {
    lang.known_word(&format!("report.rule.{word}")).unwrap_or_else(|| word.to_owned())
}

/// Why this threshold, or none; empty where the languages have no words for it.
pub(super) fn threshold_why(comparison: &ComparisonOutcome, lang: Lang) -> String {
    lang.known_word(&format!("threshold.{}", comparison.threshold.why)).unwrap_or_default()
}

/// The two dates of a comparison.
pub(super) fn period(comparison: &ComparisonOutcome) -> String {
    format!("{} → {}", comparison.from_date, comparison.to_date)
}

/// What is compared.
pub(super) fn kind(comparison: &ComparisonOutcome, lang: Lang) -> String {
    lang.word(&format!("kind.{}", comparison.kind.word()))
}

/// How areas were computed.
pub(super) fn area_rule(outcome: &Outcome, lang: Lang) -> String {
    lang.word(if outcome.ellipsoidal_areas { "report.areas.ellipsoidal" } else { "report.areas.planar" })
}

/// The word of a weight in machine-readable output.
pub(super) fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Refused => "refused",
        Weight::Fatal => "fatal",
    }
}

/// The words of a weight for people.
pub(super) fn weight(weight: Weight, lang: Lang) -> String {
    lang.word(&format!("report.weight.{}", weight_word(weight)))
}

/// A notice in words; its code and facts where the languages have no words for it.
pub(super) fn notice(notice: &Notice, lang: Lang) -> NoticeText {
    let mut text = lang.notice(notice);
    if text.what.is_empty() {
        let facts: Vec<String> = notice.facts.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        notice.code.clone_into(&mut text.what);
        if !facts.is_empty() {
            text.what.push(' ');
            text.what.push_str(&facts.join(", "));
        }
    }
    text
}

/// The path that a notice is about.
pub(super) fn notice_path(notice: &Notice) -> Option<String> {
    notice.path.as_ref().map(|p| p.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::flag::Reason;

    #[test]
    fn zones_of_one_name_are_told_apart() {
        let mut outcome = crate::report::specimen::outcome();
        assert_eq!(zone_title(&outcome, &outcome.zones[0]), outcome.zones[0].name);
        outcome.zones[1].name = outcome.zones[0].name.clone();
        (outcome.zones[0].function, outcome.zones[1].function) = (Some("一级".into()), None);
        let titles = [0, 1].map(|zone| zone_title(&outcome, &outcome.zones[zone]));
        assert!(titles[0].ends_with(" · 一级") && titles[1].ends_with(&outcome.zones[1].id), "{titles:?}");
    }

    #[test]
    fn a_patch_on_both_sides_of_a_line_has_no_distance() {
        let hit = |distance, place| ZoneHit {
            zone: 0,
            place,
            area: crate::model::units::SquareMetres(1.0),
            share: crate::model::units::Fraction(0.5),
            area_error: crate::model::units::SquareMetres(0.0),
            distance: crate::model::units::Metres(distance),
            p_inside: crate::model::units::Fraction(1.0),
            line: crate::model::flag::Line::Inside,
        };
        assert_eq!(distance(&hit(0.0, Place::Inside), Lang::Zh), "跨边界");
        assert_eq!(distance(&hit(-4.0, Place::Inside), Lang::Zh), "界内 4.0 m");
        assert_eq!(distance(&hit(0.0, Place::Ring), Lang::Zh), "界外 0.0 m");
    }

    #[test]
    fn a_reason_without_words_still_shows_its_facts() {
        let unknown = Reason { code: "no_such".into(), points: 1.0, facts: vec![("depth".into(), "12 m".into())] };
        assert_eq!(Lang::En.reason(&unknown), "no_such (depth 12 m)");
    }

    /// In a flow mapping an unquoted comma ends the sentence, and nobody is told.
    #[test]
    fn no_sentence_is_cut_at_a_comma() {
        let mut leaves = 0;
        for line in include_str!("../../assets/lang/report.yml").lines().filter(|l| l.contains("zh-CN:")) {
            let (_, rest) = line.split_once("{ zh-CN: ").expect("a leaf begins so");
            let (zh, en) =
                rest.trim_end().strip_suffix(" }").and_then(|r| r.split_once(", en: ")).expect("both languages");
            for words in [zh, en] {
                let is_quoted = words.len() > 1 && words.starts_with('"') && words.ends_with('"');
                assert!(is_quoted || !words.contains([',', '#', '{', ':']), "{words}");
                assert!(!words.trim_matches('"').is_empty());
            }
            leaves += 1;
        }
        assert!(leaves > 150, "{leaves}");
    }

    #[test]
    fn a_notice_without_words_still_names_its_code() {
        let unknown = Notice::new("no_such_code", Weight::Note).fact("n", 3);
        assert_eq!(notice(&unknown, Lang::Zh).what, "no_such_code n = 3");
    }
}
