//! The last words of a run: a small table for each comparison, the files written, the ledger, and the notices.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::model::flag::{Flag, Place, Severity};
use crate::model::outcome::{ComparisonOutcome, Outcome, Shift, ThresholdChoice};
use crate::model::units::{Fraction, Metres, SquareMetres};
use crate::pipeline::RunReport;
use crate::report;

use super::columns::{Side, aligned, grouped};
use super::notices;
use super::progress::duration;

/// What a run found and wrote, for people.
#[must_use]
pub fn of_run(lang: Lang, report: &RunReport) -> String {
    let outcome = &report.outcome;
    let mut parts = vec![heading(lang, outcome)];
    parts.extend(outcome.comparisons.iter().map(|one| comparison(lang, one)));
    parts.push(files(lang, "headless.written", &report.written));
    parts.push(files(lang, "headless.ledger", std::slice::from_ref(&report.ledger)));
    if !outcome.notices.is_empty() {
        let title = lang.sentence("headless.notices", &[("n", &outcome.notices.len())]);
        parts.push(format!("{title}\n{}", notices::grouped(lang, &outcome.notices)));
    }
    parts.join("\n\n")
}

fn heading(lang: Lang, outcome: &Outcome) -> String {
    let flags: usize = outcome.comparisons.iter().map(|one| inside(&one.flags).count()).sum();
    let seconds: f64 = outcome.timing.iter().map(|stage| stage.seconds).sum();
    let took = duration(lang, Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let memory = grouped(outcome.peak_rss_mb, 0);
    let found = lang.sentence(
        "headless.found",
        &[("comparisons", &outcome.comparisons.len()), ("zones", &outcome.zones.len()), ("flags", &flags)],
    );
    format!("{}\n{found}\n{}", outcome.project, lang.sentence("headless.spent", &[("time", &took), ("mb", &memory)]))
}

fn files(lang: Lang, title: &str, paths: &[PathBuf]) -> String {
    let lines: Vec<String> = paths.iter().map(|path| format!("  {}", path.display())).collect();
    format!("{}\n{}", lang.word(title), lines.join("\n"))
}

fn comparison(lang: Lang, one: &ComparisonOutcome) -> String {
    let title = [
        format!("{} → {}", one.from_date, one.to_date),
        lang.word(&format!("kind.{}", one.kind.word())),
        method(lang, &one.method),
    ];
    let total = one.totals.total();
    let is_told = one.threshold.value.is_some();
    let area = |key: &str, part: SquareMetres, is_told: bool| {
        if !is_told {
            // Undecided ground is not unchanged ground.
            return [String::new(), lang.word(key), lang.word("headless.cannot_tell"), String::new()];
        }
        let hectares = format!("{} {}", grouped(part.hectares(), 2), lang.word("headless.hectares"));
        [String::new(), lang.word(key), hectares, format!("{:.1}%", Fraction::of(part, total).percent())]
    };
    let beside = |key: &str, text: String| [lang.word(key), text];
    let rows = [
        (area("headless.changed", one.totals.changed, is_told), beside("headless.flags", flags(lang, one))),
        (
            area("headless.unchanged", one.totals.unchanged, is_told),
            beside("headless.threshold", threshold(lang, &one.threshold)),
        ),
        (
            area("headless.not_observed", one.totals.not_observed, true),
            beside("headless.shift", shift(lang, one.shift)),
        ),
    ];
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(left, right)| left.into_iter().chain(right).collect()).collect();
    let table = aligned(&rows, &[Side::Left, Side::Left, Side::Right, Side::Right, Side::Left, Side::Left]);
    let volume = one.volume.as_ref().map(|volume| format!("  {}", report::volume(volume, lang)));
    let lines = std::iter::once(title.join("  ")).chain(table).chain(discarded(lang, one)).chain(volume);
    lines.collect::<Vec<_>>().join("\n")
}

/// How much of the changed area is in discarded patches, where some is.
fn discarded(lang: Lang, one: &ComparisonOutcome) -> Option<String> {
    let area = one.totals.discarded;
    let hectares = grouped(area.hectares(), 2);
    (area.0 > 0.0).then(|| {
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("ha", &hectares), ("n", &one.discarded.len())];
        format!("  {}", lang.sentence("headless.discarded", &facts))
    })
}

fn inside(flags: &[Flag]) -> impl Iterator<Item = &Flag> {
    flags.iter().filter(|flag| flag.place == Place::Inside)
}

fn of_severity(flags: &[Flag], severity: Severity) -> usize {
    inside(flags).filter(|flag| flag.severity == severity).count()
}

/// A method's name; the project file's own word where there is none.
pub(super) fn method(lang: Lang, word: &str) -> String {
    lang.known_word(&format!("report.method.{word}")).unwrap_or_else(|| word.to_owned())
}

fn flags(lang: Lang, one: &ComparisonOutcome) -> String {
    if one.threshold.value.is_none() {
        return "—".to_owned();
    }
    let flags = &one.flags;
    let by_severity = [Severity::High, Severity::Medium, Severity::Low]
        .map(|severity| format!("{} {}", lang.word(severity.key()), of_severity(flags, severity)));
    let ring = flags.len() - inside(flags).count();
    let ring = (ring > 0).then(|| format!("{} {ring}", lang.word(Place::Ring.key())));
    by_severity.into_iter().chain(ring).collect::<Vec<_>>().join(" · ")
}

fn threshold(lang: Lang, choice: &ThresholdChoice) -> String {
    let rule = lang.known_word(&format!("rule.{}", choice.rule)).unwrap_or_else(|| choice.rule.clone());
    match choice.value {
        Some(value) => format!("{value:.3} ({rule})"),
        None => lang.word("headless.no_threshold"),
    }
}

fn shift(lang: Lang, shift: Option<Shift>) -> String {
    let Some(shift) = shift else { return lang.word("headless.shift_unknown") };
    let metres = |m: Metres| format!("{:.2}", m.0);
    if let Some((least, greatest)) = shift.field {
        let facts: [(&str, &dyn std::fmt::Display); 3] =
            [("least", &metres(least)), ("greatest", &metres(greatest)), ("residual", &metres(shift.residual))];
        return lang.sentence("headless.shift_field", &facts);
    }
    let key = if shift.corrected { "headless.shift_corrected" } else { "headless.shift_left" };
    lang.sentence(key, &[("m", &metres(shift.length()))])
}

/// What a run found and wrote, for programs.
#[must_use]
pub fn of_run_for_programs(report: &RunReport) -> Value {
    let comparisons: Vec<Value> = report.outcome.comparisons.iter().map(comparison_for_programs).collect();
    let written: Vec<String> = report.written.iter().map(|path| path.display().to_string()).collect();
    json!({
        "project": report.outcome.project,
        "program": report.outcome.program,
        "comparisons": comparisons,
        "written": written,
        "ledger": report.ledger.display().to_string(),
        "notices": report.outcome.notices.len(),
    })
}

fn comparison_for_programs(one: &ComparisonOutcome) -> Value {
    json!({
        "from": one.from_date.to_string(),
        "to": one.to_date.to_string(),
        "kind": one.kind.word(),
        "method": one.method,
        "threshold": one.threshold.value,
        "shift_m": one.shift.map(|shift| shift.length().0),
        "shift_residual_m": one.shift.map(|shift| shift.residual.0),
        "changed_m2": one.totals.changed.0,
        "unchanged_m2": one.totals.unchanged.0,
        "not_observed_m2": one.totals.not_observed.0,
        "discarded_m2": one.totals.discarded.0,
        "flags": {
            "high": of_severity(&one.flags, Severity::High),
            "medium": of_severity(&one.flags, Severity::Medium),
            "low": of_severity(&one.flags, Severity::Low),
            "ring": one.flags.len() - inside(&one.flags).count(),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Date;
    use crate::model::crs::{Crs, CrsUnit};
    use crate::model::grid::{GeoTransform, Grid};
    use crate::model::outcome::{ScoreHistogram, StageTime, Tally};
    use crate::model::scene::SceneKind;
    use crate::model::units::CubicMetres;
    use crate::model::volume::{Measured, Volume};

    fn report() -> RunReport {
        let crs = Crs { wkt: "w".into(), name: "n".into(), epsg: Some(4549), unit: CrsUnit::Projected { metres: 1.0 } };
        let transform = GeoTransform::north_up(0.0, 0.0, 2.0, 2.0);
        let totals = Tally {
            changed: SquareMetres(12_500.0),
            unchanged: SquareMetres(12_337_500.0),
            not_observed: SquareMetres(150_000.0),
            discarded: SquareMetres(0.0),
        };
        let comparison = ComparisonOutcome {
            from: 0,
            to: 1,
            from_date: Date::constant(2024, 5, 1),
            to_date: Date::constant(2025, 5, 3),
            kind: SceneKind::Satellite,
            grid: Grid { crs: Arc::new(crs.clone()), transform, rows: 10, cols: 10 },
            roles: Vec::new(),
            method: "cva".into(),
            threshold: ThresholdChoice { value: Some(2.3456), rule: "otsu".into(), why: "", separation: None },
            learnt: std::collections::BTreeMap::new(),
            histogram: ScoreHistogram::default(),
            shift: Some(Shift {
                east: Metres(0.6),
                north: Metres(0.8),
                spread: Metres(0.1),
                residual: Metres(0.1),
                field: None,
                tiles: 9,
                corrected: true,
            }),
            pixels_read: 100,
            smallest_patch: SquareMetres(400.0),
            totals,
            heights: None,
            volume: None,
            transfers: None,
            zones: Vec::new(),
            flags: Vec::new(),
            discarded: Vec::new(),
            unseen: Vec::new(),
            chips: Vec::new(),
        };
        let outcome = Outcome {
            project: "扬州江段".into(),
            program: "0".into(),
            gdal: "3".into(),
            crs,
            crs_choice: "given",
            ellipsoidal_areas: false,
            tables: Vec::new(),
            zones: Vec::new(),
            scenes: Vec::new(),
            comparisons: vec![comparison],
            notices: Vec::new(),
            timing: vec![StageTime { stage: "compare", seconds: 61.0 }],
            peak_rss_mb: 512.4,
        };
        RunReport { outcome, written: vec!["/o/report.html".into()], ledger: "/o/ledger.gpkg".into() }
    }

    #[test]
    fn the_table_of_a_comparison_stands_straight_in_chinese() {
        let expected = "\
扬州江段
完成 1 期比对，涉及 0 个区域，区内图斑 0 个。
用时 1 分 01 秒，内存峰值 512 MB。

2024-05-01 → 2025-05-03  卫星影像  变化向量分析（CVA）
  变化        1.25 公顷   0.1%  图斑      高 0 · 中 0 · 低 0
  未变化  1,233.75 公顷  98.7%  阈值      2.346 (Otsu)
  未观测     15.00 公顷   1.2%  配准偏移  1.00 米（已校正）

成果文件
  /o/report.html

台账
  /o/ledger.gpkg";
        assert_eq!(of_run(Lang::Zh, &report()), expected);
    }

    #[test]
    fn a_comparison_without_a_threshold_says_so() {
        let mut report = report();
        report.outcome.comparisons[0].threshold.value = None;
        report.outcome.comparisons[0].shift = None;
        let text = of_run(Lang::En, &report);
        assert!(text.contains("unchanged     not told") && !text.contains("1,233.75"), "{text}");
        assert!(text.contains("no reliable threshold") && text.contains("could not be measured"), "{text}");
    }

    #[test]
    fn what_was_discarded_of_the_changed_area_is_told_beneath() {
        let mut report = report();
        report.outcome.comparisons[0].totals.discarded = SquareMetres(2_500.0);
        assert!(of_run(Lang::Zh, &report).contains("\n  变化面积中 0.25 公顷属于剔除的图斑（0 个）"));
    }

    #[test]
    fn surfaces_tell_their_volumes_beneath() {
        let mut report = report();
        let measured = |m3: f64| Measured { volume: CubicMetres(m3), error: CubicMetres(250.0) };
        let volume = Volume { cut: measured(1500.0), fill: measured(500.0), net: measured(-1000.0) };
        report.outcome.comparisons[0].volume = Some(volume);
        let text = of_run(Lang::En, &report);
        assert!(text.contains("\n  cut 1,500 ± 250 m³, fill 500 ± 250 m³, net −1,000 ± 250 m³ (95%)\n"), "{text}");
    }

    #[test]
    fn programs_get_the_same_areas() {
        let value = of_run_for_programs(&report());
        assert_eq!(value["comparisons"][0]["changed_m2"], 12_500.0);
        assert_eq!(value["comparisons"][0]["from"], "2024-05-01");
    }
}
