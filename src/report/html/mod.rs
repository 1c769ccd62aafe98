//! The report as one self-contained page: no script, no address outside the page, readable on screen and on A4.
//!
//! Each section is a file of its own and returns [`markup::Markup`], in which nothing is unescaped.

use base64::Engine;

use super::ReportInput;

mod cards;
mod charts;
mod chips;
mod comparisons;
mod flag_tables;
mod labels;
mod map;
mod map_drawing;
mod markup;
mod masthead;
mod method;
mod notices;
mod ranking;
mod transfers;
mod trends;
mod zones;

pub use map::map_frame;

use markup::{Markup, el};

/// The page may load nothing and run nothing; only its own style and the pictures inside it count.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const STYLE: &str = include_str!("../../../assets/report/report.css");
const PATTERNS: &str = include_str!("../../../assets/report/patterns.svg");

pub(super) fn render(input: &ReportInput<'_>) -> Vec<u8> {
    let ranked = ranking::Ranking::of(input.outcome);
    let body = el("body")
        .child(Markup::own(PATTERNS))
        .child(masthead::masthead(input, &ranked))
        .child(
            el("main")
                .child(masthead::overview(input, &ranked))
                .child(map::section(input, &ranked))
                .child(comparisons::section(input))
                .child(trends::section(input))
                .child(cards::section(input, &ranked))
                .child(cards::rings(input, &ranked))
                .child(flag_tables::all(input, &ranked))
                .child(flag_tables::discarded(input))
                .child(method::section(input))
                .child(notices::section(input)),
        )
        .child(masthead::foot(input));
    let page: Markup = el("html").attr("lang", input.lang.tag()).child(head(input)).child(body).into();
    format!("<!DOCTYPE html>\n{}\n", page.into_string()).into_bytes()
}

fn head(input: &ReportInput<'_>) -> Markup {
    let title = format!("{} · {}", input.outcome.project, input.lang.word("report.title"));
    el("head")
        .child(el("meta").attr("charset", "utf-8"))
        .child(el("meta").attr("http-equiv", "Content-Security-Policy").attr("content", POLICY))
        .child(el("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1"))
        .child(el("title").text(title))
        .child(el("style").child(Markup::own(STYLE)))
        .into()
}

/// A section of the page with its heading; `id` is the anchor of the table of contents.
fn section(input: &ReportInput<'_>, id: &'static str, content: impl Into<Markup>) -> Markup {
    let heading = el("h2").text(input.lang.word(&format!("report.section.{id}")));
    el("section").attr("id", id).child(heading).child(content).into()
}

/// A heading cell of a table; numbers stand to the right.
fn heading_cell(input: &ReportInput<'_>, key: &str, is_number: bool) -> Markup {
    let cell = el("th").attr("scope", "col").text(input.lang.word(key));
    if is_number { cell.class("n").into() } else { cell.into() }
}

/// A picture inside the page.
fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::model::outcome::Outcome;
    use crate::report::specimen;

    fn page(outcome: &Outcome, lang: Lang) -> String {
        let lonlat = specimen::lonlat(outcome);
        let corners = specimen::corners(outcome);
        String::from_utf8(render(&ReportInput { outcome, lonlat: &lonlat, corners, lang })).unwrap()
    }

    /// Every tag of a page with its attributes, read as a browser would: text between tags cannot hold `<`.
    fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut tags = Vec::new();
        let mut rest = page;
        while let Some(start) = rest.find('<') {
            rest = &rest[start + 1..];
            let end = rest.find('>').expect("every tag ends");
            let (tag, tail) = (&rest[..end], &rest[end + 1..]);
            rest = tail;
            let (name, mut attributes_text) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
            let mut attributes = Vec::new();
            while let Some((attribute, after)) = attributes_text.split_once("=\"") {
                let (value, tail) = after.split_once('"').expect("every value is quoted");
                attributes.push((attribute.trim().to_owned(), value.to_owned()));
                attributes_text = tail;
            }
            assert!(attributes_text.trim().is_empty() || tag.starts_with('!'), "{tag}");
            tags.push((name.to_ascii_lowercase(), attributes));
            if name == "style" {
                rest = &rest[rest.find("</style>").expect("the style ends")..];
            }
        }
        tags
    }

    #[test]
    fn nothing_of_the_data_runs_or_loads() {
        let clean: Vec<String> = tags(&page(&specimen::outcome(), Lang::Zh)).into_iter().map(|t| t.0).collect();
        for payload in specimen::SCRIPTS {
            let mut outcome = specimen::outcome();
            outcome.project = (*payload).to_owned();
            outcome.zones[0].name = (*payload).to_owned();
            outcome.zones[0].kind = (*payload).to_owned();
            outcome.zones[1].id = (*payload).to_owned();
            outcome.scenes[0].sensor = Some((*payload).to_owned());
            outcome.scenes[0].paths[0] = payload.into();
            outcome.tables[0] = (*payload).to_owned();
            outcome.notices[0].path = Some(payload.into());
            outcome.comparisons[0].method = (*payload).to_owned();
            outcome.comparisons[0].flags[0].code = (*payload).to_owned();
            outcome.comparisons[0].flags[0].reasons[0].facts[0].1 = (*payload).to_owned();
            let page = page(&outcome, Lang::Zh);
            let tags = tags(&page);
            for (name, attributes) in &tags {
                let forbidden =
                    ["script", "iframe", "object", "embed", "base", "form", "a href", "foreignobject", "link"];
                assert!(!forbidden.contains(&name.as_str()), "{payload}: {name}");
                for (attribute, value) in attributes {
                    assert!(!attribute.starts_with("on"), "{payload}: {attribute}");
                    if ["href", "src", "xlink:href", "action", "data"].contains(&attribute.as_str()) {
                        assert!(value.starts_with('#') || value.starts_with("data:image/"), "{payload}: {value}");
                    }
                }
            }
            let names: Vec<String> = tags.into_iter().map(|t| t.0).collect();
            let of = |names: &[String], wanted: &str| names.iter().filter(|n| *n == wanted).count();
            for name in ["svg", "img", "a", "style", "meta", "title", "body"] {
                assert_eq!(of(&names, name), of(&clean, name), "{payload}: {name}");
            }
            let payload_shown = payload.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let payload_shown = payload_shown.replace('"', "&quot;").replace('\'', "&#39;").replace('\0', "\u{fffd}");
            assert!(page.contains(&payload_shown), "{payload} is shown as text");
        }
    }

    #[test]
    fn the_policy_forbids_everything_else() {
        let page = page(&specimen::outcome(), Lang::En);
        assert!(
            page.contains("content=\"default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;\"")
        );
        assert!(!STYLE.replace("url(#", "").contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn every_word_is_found_in_both_languages() {
        for lang in Lang::ALL {
            let page = page(&specimen::outcome(), lang);
            for prefix in ["report.", "column.", "notice."] {
                for quote in [">", "\"", " "] {
                    let key = format!("{quote}{prefix}");
                    assert!(!page.contains(&key), "{} shows a bare key {key}", lang.tag());
                }
            }
            assert!(!page.contains("%{"), "a fact is missing in {}", lang.tag());
        }
    }

    #[test]
    fn english_pages_hold_no_chinese_words_but_those_of_the_data() {
        let mut outcome = specimen::outcome();
        outcome.project = "Demo".into();
        for zone in &mut outcome.zones {
            (zone.name, zone.kind, zone.level, zone.function) = ("Zone".into(), "kind".into(), None, None);
        }
        for flag in outcome.comparisons.iter_mut().flat_map(|c| c.flags.iter_mut()) {
            flag.reasons.clear();
        }
        let page = page(&outcome, Lang::En);
        let page = &page[page.find("<body>").unwrap()..];
        let chinese: String = page.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
        assert_eq!(chinese, "");
    }

    #[test]
    fn every_flag_and_every_zone_is_named() {
        let outcome = specimen::outcome();
        let page = page(&outcome, Lang::Zh);
        for comparison in &outcome.comparisons {
            assert!(comparison.flags.iter().all(|flag| page.contains(&flag.code)));
        }
        assert!(outcome.zones.iter().all(|zone| page.contains(&zone.id)));
    }

    #[test]
    fn surfaces_tell_volumes_and_land_cover_maps_their_transfers() {
        for lang in Lang::ALL {
            let mut outcome = specimen::outcome();
            specimen::make_surfaces(&mut outcome);
            let surfaces = page(&outcome, lang);
            // In the comparison and on both of its cards.
            assert_eq!(surfaces.matches("1,234.5 ± 123.4 m³").count() + surfaces.matches("1,234 ± 123 m³").count(), 3);
            assert!(surfaces.contains("0.75 ± 0.04 m"));
            specimen::make_landcover(&mut outcome, "<i>水田</i>");
            let maps = page(&outcome, lang);
            assert!(maps.contains("1 &lt;i&gt;水田&lt;/i&gt;") && maps.contains("1,000.0 m²"));
            assert!(!maps.contains("%{") && !maps.contains(">report."));
        }
    }

    #[test]
    fn a_comparison_that_cannot_tell_says_so() {
        let page = page(&specimen::outcome(), Lang::Zh);
        assert!(page.contains("没有可靠的阈值"));
        assert!(page.contains("无法判定"));
    }

    #[test]
    fn thousands_of_flags_get_cards_for_the_first_and_rows_for_all() {
        let mut outcome = specimen::outcome();
        let comparison = &mut outcome.comparisons[0];
        let first = comparison.flags[0].clone();
        comparison.flags = (0..1200)
            .map(|i| crate::model::flag::Flag {
                code: format!("2024-{i:04}"),
                score: 100.0 - f64::from(i) / 20.0,
                ..first.clone()
            })
            .collect();
        comparison.chips = vec![None; 1200];
        let page = page(&outcome, Lang::Zh);
        assert_eq!(page.matches("<article ").count(), cards::MOST_CARDS);
        assert!((0..1200).all(|i| page.contains(&format!("2024-{i:04}"))));
        assert!(page.contains("500"));
    }

    #[test]
    fn flags_in_rings_have_cards_of_their_own_and_count_as_no_encroachment() {
        let page = page(&specimen::outcome(), Lang::Zh);
        assert_eq!(
            (page.matches("<article class=\"flag in-zone").count(), page.matches("flag in-ring").count()),
            (7, 1)
        );
        let rings = &page[page.find("<section id=\"rings\"").unwrap()..];
        let card = rings.find("<article").unwrap();
        assert!(rings.find("2024-0006").is_some_and(|code| code > card), "the card of the only ring flag");
        assert!(rings[card..].contains("不计入越界"));
        let flags = &page[page.find("<section id=\"flags\"").unwrap()..page.find("<section id=\"rings\"").unwrap()];
        assert!(!flags.contains("2024-0006"));
    }

    #[test]
    fn a_zone_that_lacks_data_says_so_and_shows_no_zero() {
        let page = page(&specimen::outcome(), Lang::Zh);
        assert!(page.contains("数据不足：两期都观测到的只有 88.00%"), "a zone of which 12 % was not observed");
        assert!(page.contains("其中已剔除"));
    }

    #[test]
    fn the_same_outcome_gives_the_same_bytes() {
        let outcome = specimen::outcome();
        assert_eq!(page(&outcome, Lang::Zh), page(&outcome, Lang::Zh));
    }

    #[test]
    fn an_empty_outcome_still_makes_a_page() {
        let mut outcome = specimen::outcome();
        outcome.zones.clear();
        outcome.comparisons.clear();
        outcome.notices.clear();
        assert!(page(&outcome, Lang::Zh).contains("</html>"));
    }
}
