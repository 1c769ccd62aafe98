//! How it was done and on what: CRS, areas, tables' versions, scenes with the hash of their pixels.

use crate::model::outcome::{Outcome, SceneRecord};
use crate::report::{ReportInput, number, phrase};

use super::comparisons::definition_list;
use super::heading_cell;
use super::markup::{Markup, el};

pub(super) fn section(input: &ReportInput<'_>) -> Markup {
    let lang = input.lang;
    let steps = ["grid", "radiometry", "change", "patches", "screening", "limits"];
    let steps = steps.map(|step| el("li").text(lang.word(&format!("report.method_text.{step}"))));
    let content: Markup = [
        Markup::from(el("ol").class("method").children(steps)),
        definition_list(facts(input)).into(),
        el("h3").text(lang.word("report.scenes.heading")).into(),
        el("p").class("hint").text(lang.word("report.scenes.hint")).into(),
        scenes(input),
    ]
    .into_iter()
    .collect();
    super::section(input, "method", content)
}

fn facts(input: &ReportInput<'_>) -> Vec<(String, String)> {
    let (outcome, lang) = (input.outcome, input.lang);
    let why = lang.known_word(&format!("crs_choice.{}", outcome.crs_choice));
    let crs = [Some(outcome.crs.label()), why].into_iter().flatten().collect::<Vec<_>>().join(" — ");
    vec![
        (lang.word("report.fact.crs"), crs),
        (lang.word("report.fact.areas"), phrase::area_rule(outcome, lang)),
        (lang.word("report.fact.tables"), tables(outcome, input)),
        (lang.word("report.fact.program"), format!("{} {}", env!("CARGO_PKG_NAME"), outcome.program)),
        (lang.word("report.fact.gdal"), outcome.gdal.clone()),
    ]
}

fn tables(outcome: &Outcome, input: &ReportInput<'_>) -> String {
    if outcome.tables.is_empty() {
        number::UNKNOWN.to_owned()
    } else {
        outcome.tables.join(phrase::separator(input.lang))
    }
}

fn scenes(input: &ReportInput<'_>) -> Markup {
    let heads = [
        ("report.scenes.date", false),
        ("column.KIND", false),
        ("report.scenes.sensor", false),
        ("report.scenes.gsd", true),
        ("report.scenes.files", false),
    ];
    let head = el("tr").children(heads.map(|(key, is_number)| heading_cell(input, key, is_number)));
    let rows = input.outcome.scenes.iter().map(|scene| row(input, scene));
    el("table").class("scenes").child(el("thead").child(head)).child(el("tbody").children(rows)).into()
}

fn row(input: &ReportInput<'_>, scene: &SceneRecord) -> Markup {
    let files = scene.paths.iter().map(|path| el("div").class("path").text(path.display().to_string()));
    let bands = phrase::bands(&scene.roles, input.lang);
    el("tr")
        .child(el("td").class("nowrap").text(scene.date.to_string()))
        .child(el("td").text(input.lang.word(&format!("kind.{}", scene.kind.word()))))
        .child(
            el("td")
                .text(scene.sensor.as_deref().unwrap_or(number::UNKNOWN))
                .child(el("div").class("aside").text(bands)),
        )
        .child(el("td").class("n").text(number::significant(scene.gsd.0, 3)))
        .child(
            el("td")
                .children(files)
                .child(el("div").class("aside").text(&scene.crs))
                .child(el("div").class("hash").text(&scene.content_hash)),
        )
        .into()
}
