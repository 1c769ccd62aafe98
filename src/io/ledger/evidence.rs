//! What flags rest on: zones in their boundary versions, scenes with content hashes, comparisons with all parameters.
//! A row's identity is its content, so running again adds nothing and another threshold is another comparison.

use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use uuid::Uuid;

use super::put::put;
use super::transfers::put_transfers;
use crate::io::geopackage::{Words, comparison_row, encode, value, zone_row, zone_tally_row};
use crate::ledger::{content_uuid, zone_uuid};
use crate::model::crs::CrsUnit;
use crate::model::outcome::{ComparisonOutcome, Outcome, SceneRecord};

type Written<T> = rusqlite::Result<T>;

/// Writes the zones and returns their UUIDs, in the outcome's order.
pub(super) fn put_zones(connection: &Connection, outcome: &Outcome, srs_id: i32, run: &str) -> Written<Vec<Uuid>> {
    let in_degrees = outcome.crs.unit == CrsUnit::Degree;
    let mut uuids = Vec::with_capacity(outcome.zones.len());
    for zone in &outcome.zones {
        let (uuid, hash) = zone_uuid(zone, in_degrees);
        let mut row = zone_row(zone, Words::Neutral);
        row.push(("uuid", value::text(uuid.to_string())));
        row.push(("geom_hash", value::text(hash)));
        row.push(("geom", Value::Blob(encode(&zone.shape, srs_id))));
        put(connection, "zones", row, run)?;
        uuids.push(uuid);
    }
    Ok(uuids)
}

/// Writes the scenes and returns their UUIDs, in the outcome's order.
pub(super) fn put_scenes(connection: &Connection, outcome: &Outcome, run: &str) -> Written<Vec<Uuid>> {
    let mut uuids = Vec::with_capacity(outcome.scenes.len());
    for scene in &outcome.scenes {
        let date = scene.date.to_string();
        let uuid = content_uuid(&["scene", scene.kind.word(), &date, &scene.content_hash]);
        put(connection, "scenes", scene_row(scene, uuid), run)?;
        uuids.push(uuid);
    }
    Ok(uuids)
}

fn scene_row(scene: &SceneRecord, uuid: Uuid) -> crate::io::geopackage::Row {
    let paths: Vec<String> = scene.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let bands: Vec<&str> = scene.roles.iter().map(|role| role.word()).collect();
    vec![
        ("uuid", value::text(uuid.to_string())),
        ("img_kind", value::text(scene.kind.word())),
        ("date", value::day(scene.date)),
        ("hash", value::text(&scene.content_hash)),
        ("sensor", value::maybe_text(scene.sensor.as_deref())),
        ("gsd_m", value::number(scene.gsd.0)),
        ("crs", value::text(&scene.crs)),
        ("bands", value::text(bands.join(" "))),
        ("paths", value::text(json!(paths).to_string())),
    ]
}

/// Writes a comparison with what it found in each zone, and returns its UUID.
pub(super) fn put_comparison(
    connection: &Connection,
    outcome: &Outcome,
    comparison: &ComparisonOutcome,
    ids: &Ids,
    run: &str,
) -> Written<Uuid> {
    let parameters = parameters(outcome, comparison);
    let scenes = [ids.scenes[comparison.from], ids.scenes[comparison.to]].map(|uuid| uuid.to_string());
    let uuid = content_uuid(&["comparison", comparison.kind.word(), &scenes[0], &scenes[1], &parameters]);
    let mut row = comparison_row(outcome, comparison, Words::Neutral);
    row.push(("uuid", value::text(uuid.to_string())));
    row.push(("parameters", value::text(parameters)));
    let [from, to] = scenes;
    row.extend([("t1_scene", value::text(from)), ("t2_scene", value::text(to))]);
    put(connection, "comparisons", row, run)?;
    for tally in &comparison.zones {
        let zone = ids.zones[tally.zone].to_string();
        let mut row = zone_tally_row(tally);
        let own = content_uuid(&["zone tally", &uuid.to_string(), &zone]);
        row.push(("uuid", value::text(own.to_string())));
        row.push(("comparison", value::text(uuid.to_string())));
        row.push(("zone", value::text(zone)));
        put(connection, "zone_tallies", row, run)?;
    }
    put_transfers(connection, comparison.transfers.as_ref(), uuid, run)?;
    Ok(uuid)
}

/// The UUIDs of an outcome's zones and scenes, in its order.
pub(super) struct Ids {
    /// Of the zones.
    pub zones: Vec<Uuid>,
    /// Of the scenes.
    pub scenes: Vec<Uuid>,
}

/// Everything that shaped the result, as JSON with a fixed order of keys.
fn parameters(outcome: &Outcome, comparison: &ComparisonOutcome) -> String {
    let roles: Vec<&str> = comparison.roles.iter().map(|role| role.word()).collect();
    json!({
        "program": outcome.program,
        "crs": outcome.crs.label(),
        "ellipsoidal_areas": outcome.ellipsoidal_areas,
        "tables": outcome.tables,
        "grid": {
            "transform": comparison.grid.transform.0,
            "rows": comparison.grid.rows,
            "cols": comparison.grid.cols,
        },
        "bands": roles,
        "method": comparison.method,
        "threshold": comparison.threshold.value,
        "threshold_rule": comparison.threshold.rule,
        "threshold_why": comparison.threshold.why,
        "learnt": comparison.learnt,
        "smallest_patch_m2": comparison.smallest_patch.0,
        "shift_corrected": match comparison.shift {
            Some(shift) if shift.field.is_some() => json!("field"),
            shift => json!(shift.is_some_and(|shift| shift.corrected)),
        },
    })
    .to_string()
}
