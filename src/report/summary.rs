//! The run in figures, for machines: `summary.json`. Nothing is rounded, because readers add the figures up.

use serde_json::{Map, Value as Json, json};

use crate::lang::Lang;
use crate::model::class::CoverClass;
use crate::model::flag::{Discard, Place};
use crate::model::outcome::{ComparisonOutcome, Outcome, SceneRecord, Tally, ZoneTally};

use crate::model::transfer::{TransferClass, Transfers};
use crate::model::units::SquareMetres;
use crate::model::volume::{HeightFit, Volume};

use super::phrase;

/// The summary of a run.
#[must_use]
pub fn summary(outcome: &Outcome, lang: Lang) -> Json {
    let comparisons: Vec<Json> = outcome.comparisons.iter().map(|c| comparison(outcome, c)).collect();
    let scenes: Vec<Json> = outcome.scenes.iter().map(scene).collect();
    json!({
        "program": { "name": env!("CARGO_PKG_NAME"), "version": outcome.program, "gdal": outcome.gdal },
        "project": outcome.project,
        "analysis_crs": outcome.crs.label(),
        "analysis_crs_why": lang.known_word(&format!("crs_choice.{}", outcome.crs_choice)),
        "areas": if outcome.ellipsoidal_areas { "ellipsoidal" } else { "planar" },
        "comparisons": comparisons,
        "scenes": scenes,
        "tables": outcome.tables,
        "warnings": warnings(outcome, lang),
        "timing_s": timing(outcome),
        "peak_rss_mb": outcome.peak_rss_mb,
    })
}

fn comparison(outcome: &Outcome, comparison: &ComparisonOutcome) -> Json {
    let ring_flags = comparison.flags.iter().filter(|f| f.place == Place::Ring).count();
    let zones: Vec<Json> = comparison.zones.iter().filter_map(|tally| zone(outcome, tally)).collect();
    let bands: Vec<&str> = comparison.roles.iter().map(|r| r.word()).collect();
    let shift = comparison.shift.as_ref();
    let head = json!({
        "from": comparison.from_date,
        "to": comparison.to_date,
        "kind": comparison.kind.word(),
        "method": comparison.method,
        "bands": bands,
        "threshold": comparison.threshold.value,
        "threshold_rule": comparison.threshold.rule,
        "threshold_why": comparison.threshold.why,
        "separation": comparison.threshold.separation,
        "learnt": comparison.learnt,
        "shift_m": shift.map(|s| s.length().0),
        "shift_east_m": shift.map(|s| s.east.0),
        "shift_north_m": shift.map(|s| s.north.0),
        "shift_spread_m": shift.map(|s| s.spread.0),
        "shift_corrected": shift.map(|s| s.corrected),
        "shift_residual_m": shift.map(|s| s.residual.0),
        "shift_field_m": shift.and_then(|s| s.field).map(|(least, greatest)| [least.0, greatest.0]),
        "pixel_size": comparison.grid.transform.pixel_size().0,
        "smallest_patch_m2": comparison.smallest_patch.0,
        "pixels_read": comparison.pixels_read,
        "heights": comparison.heights.as_ref().map(heights),
        "volume": volume(comparison.volume.as_ref()),
        "transfers": comparison.transfers.as_ref().map(transfers),
        "flags": comparison.flags.len() - ring_flags,
        "ring_flags": ring_flags,
        "discarded": comparison.discarded.iter().map(|d| discard(outcome, d)).collect::<Vec<_>>(),
        "zones": zones,
    });
    joined(head, tally(&comparison.totals))
}

fn discard(outcome: &Outcome, discard: &Discard) -> Json {
    let zones: Vec<&str> =
        discard.hits.iter().filter_map(|hit| outcome.zones.get(hit.zone)).map(|z| z.id.as_str()).collect();
    json!({
        "reason": discard.by.word(),
        "code": discard.code,
        "lon": discard.lonlat.x(),
        "lat": discard.lonlat.y(),
        "area_m2": discard.patch.area.0,
        "from": discard.patch.from_class.word(),
        "to": discard.patch.to_class.word(),
        "zones": zones,
        "tests": discard.tests,
    })
}

fn zone(outcome: &Outcome, zone_tally: &ZoneTally) -> Option<Json> {
    let zone = outcome.zones.get(zone_tally.zone)?;
    let head = json!({
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "level": zone.level,
        "function": zone.function,
        "boundary_version": zone.version(),
        "strictness": zone.strictness,
        "area_m2": zone.area.0,
        "enough_data": zone_tally.enough_data,
        "flags": zone_tally.flags,
        "ring_flags": zone_tally.ring_flags,
        "ring": joined(json!({ "enough_data": zone_tally.ring_enough_data }), tally(&zone_tally.ring)),
        "volume": volume(zone_tally.volume.as_ref()),
    });
    Some(joined(head, tally(&zone_tally.inside)))
}

/// The figures of a volume by name; null where heights are not compared.
fn volume(volume: Option<&Volume>) -> Json {
    let figures = |v: &Volume| v.figures().into_iter().map(|(name, m3)| (name.to_owned(), json!(m3))).collect();
    volume.map_or(Json::Null, |v| Json::Object(figures(v)))
}

/// The transfer matrix: one row for each class before, one column for each class after.
fn transfers(transfers: &Transfers) -> Json {
    let class = |class: &TransferClass| {
        let cover = class.cover.map(CoverClass::word);
        let code = class.cover.is_none().then_some(class.code);
        json!({ "code": code, "name": class.name, "class": cover })
    };
    let table = |unit: fn(SquareMetres) -> f64| -> Vec<Vec<f64>> {
        transfers.areas.iter().map(|row| row.iter().copied().map(unit).collect()).collect()
    };
    json!({
        "classes": transfers.classes.iter().map(class).collect::<Vec<_>>(),
        "m2": table(|area| area.0),
        "mu": table(SquareMetres::mu),
    })
}

fn heights(fit: &HeightFit) -> Json {
    json!({
        "offset_m": fit.offset.0,
        "offset_se_m": fit.offset_error.0,
        "nmad_m": fit.nmad.0,
        "correlated": fit.correlated.0,
        "range_m": fit.range.0,
    })
}

fn tally(tally: &Tally) -> Json {
    json!({
        "changed_m2": tally.changed.0,
        "unchanged_m2": tally.unchanged.0,
        "not_observed_m2": tally.not_observed.0,
        "discarded_m2": tally.discarded.0,
    })
}

fn joined(mut head: Json, tail: Json) -> Json {
    if let (Json::Object(head), Json::Object(tail)) = (&mut head, tail) {
        head.extend(tail);
    }
    head
}

fn scene(scene: &SceneRecord) -> Json {
    let paths: Vec<String> = scene.paths.iter().map(|p| p.display().to_string()).collect();
    let bands: Vec<&str> = scene.roles.iter().map(|r| r.word()).collect();
    json!({
        "date": scene.date,
        "kind": scene.kind.word(),
        "sensor": scene.sensor,
        "paths": paths,
        "crs": scene.crs,
        "gsd_m": scene.gsd.0,
        "bands": bands,
        "content_hash": scene.content_hash,
    })
}

fn warnings(outcome: &Outcome, lang: Lang) -> Vec<Json> {
    let mut all: Vec<Json> = Vec::new();
    for notice in &outcome.notices {
        let text = phrase::notice(notice, lang);
        all.push(json!({
            "code": notice.code,
            "weight": phrase::weight_word(notice.weight),
            "message": text.what,
            "why": text.why,
            "advice": text.advice,
            "path": phrase::notice_path(notice),
        }));
    }
    all
}

fn timing(outcome: &Outcome) -> Json {
    let mut stages = Map::new();
    for time in &outcome.timing {
        let before = stages.get(time.stage).and_then(Json::as_f64).unwrap_or(0.0);
        stages.insert(time.stage.to_owned(), json!(before + time.seconds));
    }
    Json::Object(stages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn the_three_parts_add_up_to_each_zone() {
        let summary = summary(&specimen::outcome(), Lang::Zh);
        let mut zones = 0;
        for comparison in summary["comparisons"].as_array().unwrap() {
            for zone in comparison["zones"].as_array().unwrap() {
                let value = |key: &str| zone[key].as_f64().unwrap();
                let parts = value("changed_m2") + value("unchanged_m2") + value("not_observed_m2");
                assert!((parts - value("area_m2")).abs() <= 1e-9 * value("area_m2"), "{zone}");
                assert!(value("discarded_m2") <= value("changed_m2") && zone["enough_data"].is_boolean(), "{zone}");
                zones += 1;
            }
        }
        assert_eq!(zones, 17);
    }

    #[test]
    fn volumes_stand_by_comparison_and_zone_and_are_null_elsewhere() {
        let mut outcome = specimen::outcome();
        specimen::make_surfaces(&mut outcome);
        let summary = summary(&outcome, Lang::Zh);
        let surfaces = &summary["comparisons"][1];
        assert_eq!(surfaces["volume"]["net_m3"], -1000.0);
        assert_eq!(surfaces["zones"][0]["volume"]["cut_e_m3"], 123.45);
        assert_eq!(surfaces["heights"]["offset_m"], 0.75);
        assert!(summary["comparisons"][0]["volume"].is_null() && summary["comparisons"][0]["heights"].is_null());
    }

    #[test]
    fn transfers_are_a_matrix_in_square_metres_and_in_mu() {
        let mut outcome = specimen::outcome();
        specimen::make_landcover(&mut outcome, "水田");
        let transfers = &summary(&outcome, Lang::Zh)["comparisons"][1]["transfers"];
        assert_eq!(transfers["classes"][0]["name"], "水田");
        assert_eq!(transfers["m2"][0][1], 1000.0);
        assert!((transfers["mu"][0][1].as_f64().unwrap() - 1.5).abs() < 1e-9);
    }

    #[test]
    fn the_promised_keys_are_there() {
        let summary = summary(&specimen::outcome(), Lang::En);
        for key in [
            "program",
            "project",
            "analysis_crs",
            "comparisons",
            "warnings",
            "timing_s",
            "peak_rss_mb",
            "tables",
            "scenes",
        ] {
            assert!(!summary[key].is_null(), "{key}");
        }
        let comparison = &summary["comparisons"][0];
        for key in [
            "from",
            "to",
            "kind",
            "method",
            "threshold",
            "threshold_rule",
            "shift_m",
            "shift_residual_m",
            "pixels_read",
            "changed_m2",
            "unchanged_m2",
            "not_observed_m2",
            "discarded_m2",
            "flags",
            "ring_flags",
            "zones",
        ] {
            assert!(!comparison[key].is_null(), "{key}");
        }
        assert_eq!(comparison["from"], "2023-05-02");
        assert_eq!(comparison["flags"], 5);
        assert_eq!(comparison["ring_flags"], 1);
        assert!(summary["comparisons"][2]["threshold"].is_null());
        assert!(summary["comparisons"][2]["shift_m"].is_null());
        assert_eq!(summary["warnings"][0]["code"], "R01_empty");
        assert_eq!(summary["warnings"][0]["message"], "The file is empty.");
    }
}
