//! What a run would do, in words: scenes, zones, comparisons with their grids, outputs, and what is wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::detect::threshold::Rule;
use crate::lang::Lang;
use crate::model::crs::CrsUnit;
use crate::model::grid::Grid;
use crate::model::scene::{BandRole, Scene, SceneMask};
use crate::model::units::SquareMetres;
use crate::project::plan::{Outputs, Plan, PlannedComparison};

use super::columns::{Side, aligned, grouped};
use super::notices;
use super::summary::method;

/// A plan for people.
#[must_use]
pub fn of_plan(lang: Lang, plan: &Plan) -> String {
    let mut parts = vec![
        heading(lang, plan),
        section(lang, "headless.scenes", plan.scenes.len(), &scenes(lang, &plan.scenes)),
        section(lang, "headless.zones", plan.zones.len(), &zones(lang, plan)),
        section(lang, "headless.comparisons", plan.comparisons.len(), &comparisons(lang, plan)),
        format!("{}\n  {}", lang.word("headless.will_write"), outputs(lang, &plan.outputs)),
        format!("{}\n  {}", lang.word("headless.ledger"), plan.ledger.display()),
    ];
    if plan.notices.is_empty() {
        parts.push(lang.word("headless.nothing_missing"));
    } else {
        let title = lang.sentence("headless.notices", &[("n", &plan.notices.len())]);
        parts.push(format!("{title}\n{}", notices::grouped(lang, &plan.notices)));
    }
    parts.join("\n\n")
}

fn heading(lang: Lang, plan: &Plan) -> String {
    let choice = lang.word(&format!("crs_choice.{}", plan.crs_choice));
    let areas = if plan.ellipsoidal_areas { "headless.areas_ellipsoidal" } else { "headless.areas_planar" };
    let rows = [
        [lang.word("headless.project"), plan.name.clone()],
        [String::new(), plan.file.display().to_string()],
        [lang.word("headless.crs"), plan.crs.label()],
        [String::new(), choice],
        [lang.word("headless.areas"), lang.word(areas)],
        [lang.word("headless.method"), format!("{}  {}", method(lang, &plan.detection.method), threshold(lang, plan))],
    ]
    .map(Vec::from);
    aligned(&rows, &[Side::Left, Side::Left]).join("\n")
}

fn threshold(lang: Lang, plan: &Plan) -> String {
    let wish = match plan.detection.threshold {
        Rule::Fixed(value) => value.to_string(),
        rule => lang.word(&format!("rule.{}", rule.word())),
    };
    format!("{} {wish}", lang.word("headless.threshold"))
}

fn section(lang: Lang, title: &str, count: usize, lines: &[String]) -> String {
    let title = lang.sentence(title, &[("n", &count)]);
    std::iter::once(title).chain(lines.iter().map(|line| format!("  {line}"))).collect::<Vec<_>>().join("\n")
}

fn scenes(lang: Lang, scenes: &[Scene]) -> Vec<String> {
    let row = |scene: &Scene| {
        let grid = scene.files.first().map(|file| &file.grid);
        let date = if scene.date_is_year { scene.date.year().to_string() } else { scene.date.to_string() };
        vec![
            date,
            lang.word(&format!("kind.{}", scene.kind.word())),
            scene.sensor.as_ref().or(scene.legend.table.as_ref()).cloned().unwrap_or_else(|| "—".to_owned()),
            bands(lang, &scene.roles),
            grid.map(|grid| pixel(lang, grid)).unwrap_or_default(),
            grid.map(|grid| grid.crs.label()).unwrap_or_default(),
            lang.sentence("headless.files", &[("n", &scene.files.len())]),
            listed(lang, scene.masks.iter().map(|mask| masked(lang, mask))),
        ]
    };
    let rows: Vec<Vec<String>> = scenes.iter().map(row).collect();
    let sides = [Side::Left, Side::Left, Side::Left, Side::Left, Side::Right, Side::Left, Side::Right, Side::Left];
    aligned(&rows, &sides)
}

fn masked(lang: Lang, mask: &SceneMask) -> String {
    let file = mask.path().file_name().unwrap_or_default().to_string_lossy();
    match mask {
        SceneMask::Codes(codes) => {
            lang.sentence("headless.mask_codes", &[("file", &file), ("scheme", &codes.rule.scheme)])
        }
        SceneMask::Polygons(polygons) => {
            lang.sentence("headless.mask_polygons", &[("file", &file), ("n", &polygons.shapes.len())])
        }
    }
}

fn bands(lang: Lang, roles: &[BandRole]) -> String {
    listed(lang, roles.iter().map(|role| lang.word(&format!("band.{}", role.word()))))
}

fn listed(lang: Lang, words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
}

fn pixel(lang: Lang, grid: &Grid) -> String {
    let size = grid.transform.pixel_size().0;
    match grid.crs.unit {
        CrsUnit::Degree => format!("{size:.6}°"),
        CrsUnit::Projected { metres } => lang.sentence("headless.metres", &[("m", &format!("{:.2}", size * metres))]),
        CrsUnit::Unknown => format!("{size}"),
    }
}

fn zones(lang: Lang, plan: &Plan) -> Vec<String> {
    let mut kinds: BTreeMap<&str, (usize, SquareMetres)> = BTreeMap::new();
    for zone in &plan.zones {
        let kind = kinds.entry(zone.kind.as_str()).or_default();
        kind.0 += 1;
        kind.1 += zone.area;
    }
    let row = |(kind, (count, area)): (&str, (usize, SquareMetres))| {
        let hectares = format!("{} {}", grouped(area.hectares(), 2), lang.word("headless.hectares"));
        vec![kind.to_owned(), count.to_string(), hectares]
    };
    let rows: Vec<Vec<String>> = kinds.into_iter().map(row).collect();
    aligned(&rows, &[Side::Left, Side::Right, Side::Right])
}

fn comparisons(lang: Lang, plan: &Plan) -> Vec<String> {
    let row = |one: &PlannedComparison| {
        vec![
            format!("{} → {}", date(plan, one.from), date(plan, one.to)),
            lang.word(&format!("kind.{}", one.kind.word())),
            pixel(lang, &one.grid),
            format!("{} × {}", one.grid.cols, one.grid.rows),
            bands(lang, &one.roles),
            lang.sentence("headless.zone_count", &[("n", &one.zones.len())]),
        ]
    };
    let rows: Vec<Vec<String>> = plan.comparisons.iter().map(row).collect();
    aligned(&rows, &[Side::Left, Side::Left, Side::Right, Side::Right, Side::Left, Side::Right])
}

fn date(plan: &Plan, scene: usize) -> String {
    plan.scenes.get(scene).map(|scene| scene.date.to_string()).unwrap_or_default()
}

fn outputs(lang: Lang, outputs: &Outputs) -> String {
    let formats: Vec<String> = outputs.formats.iter().map(|format| format!("{format:?}").to_lowercase()).collect();
    let rasters = lang.word(if outputs.rasters { "headless.with_rasters" } else { "headless.without_rasters" });
    format!("{}\n  {}  {rasters}", outputs.directory.display(), formats.join(", "))
}

/// A plan for programs.
#[must_use]
pub fn of_plan_for_programs(plan: &Plan) -> Value {
    let scenes: Vec<Value> = plan.scenes.iter().map(scene_for_programs).collect();
    let comparisons: Vec<Value> = plan
        .comparisons
        .iter()
        .map(|one| {
            json!({
                "from": date(plan, one.from),
                "to": date(plan, one.to),
                "kind": one.kind.word(),
                "pixel": one.grid.transform.pixel_size().0,
                "rows": one.grid.rows,
                "cols": one.grid.cols,
                "bands": one.roles.iter().map(|role| role.word()).collect::<Vec<_>>(),
                "zones": one.zones.len(),
            })
        })
        .collect();
    json!({
        "project": plan.name,
        "crs": plan.crs.label(),
        "crs_choice": plan.crs_choice,
        "scenes": scenes,
        "zones": plan.zones.len(),
        "comparisons": comparisons,
        "output_directory": plan.outputs.directory.display().to_string(),
        "ledger": plan.ledger.display().to_string(),
        "notices": plan.notices.len(),
    })
}

fn scene_for_programs(scene: &Scene) -> Value {
    json!({
        "date": scene.date.to_string(),
        "kind": scene.kind.word(),
        "sensor": scene.sensor,
        "legend": scene.legend.table,
        "bands": scene.roles.iter().map(|role| role.word()).collect::<Vec<_>>(),
        "mask": scene.masks.first().map(mask_for_programs),
        "masks": scene.masks.iter().map(mask_for_programs).collect::<Vec<_>>(),
        "files": scene.files.iter().map(|file| file.path.display().to_string()).collect::<Vec<_>>(),
    })
}

fn mask_for_programs(mask: &SceneMask) -> Value {
    let (scheme, polygons) = match mask {
        SceneMask::Codes(codes) => (Some(&codes.rule.scheme), None),
        SceneMask::Polygons(polygons) => (None, Some(polygons.shapes.len())),
    };
    json!({ "path": mask.path().display().to_string(), "scheme": scheme, "polygons": polygons })
}
