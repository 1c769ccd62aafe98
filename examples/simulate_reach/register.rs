//! The tables: zones, and the truth about each planted encroachment.

use std::path::Path;

use super::encroachments::{self, Encroachment, Stage};
use super::satellite;
use super::shape::area_m2;
use super::writing::{self, Attribute, Failure, Row, Table};
use super::zones::{self, SimulatedZone};

const ZONE_FIELDS: [&str; 8] = ["zone_id", "name", "kind", "level", "func", "valid_from", "valid_to", "source"];
const TRUTH_FIELDS: [&str; 17] = [
    "id",
    "stage",
    "event",
    "kind",
    "kind_en",
    "activity",
    "year_from",
    "first_from",
    "first_to",
    "restored",
    "restored_from",
    "restored_to",
    "area_m2",
    "zones",
    "zone_areas",
    "ring_of",
    "note",
];

/// Width of the outer ring of the protected areas in the project file, metres.
pub const RING_M: f64 = 50.0;

fn text(word: impl Into<String>) -> Attribute {
    Attribute::Text(word.into())
}

fn zone_rows(layer: &str) -> Vec<Row> {
    zones::all()
        .into_iter()
        .filter(|zone| zone.layer == layer)
        .map(|zone| Row {
            attributes: zone
                .words
                .iter()
                .chain(&zone.valid)
                .map(|w| text(*w))
                .chain([text("模拟数据，非官方边界 / simulated, not official")])
                .collect(),
            polygons: zone.polygons,
        })
        .collect()
}

/// Writes `zones/zones.gpkg` and the clear-water layer once more as a GBK Shapefile.
///
/// # Errors
/// What GDAL reports.
pub fn write_zones(folder: &Path) -> Result<(), Failure> {
    let mut file = writing::vector_file(&folder.join("zones.gpkg"), "GPKG")?;
    for name in zones::LAYERS {
        writing::layer(&mut file, &Table { name, fields: &ZONE_FIELDS, rows: &zone_rows(name) }, &[])?;
    }
    file.close()?;
    let mut shapefile = writing::vector_file(&folder.join("clear_water_gbk.shp"), "ESRI Shapefile")?;
    let rows = zone_rows("clear_water");
    let table = Table { name: "clear_water_gbk", fields: &ZONE_FIELDS, rows: &rows };
    writing::layer(&mut shapefile, &table, &["ENCODING=GBK", "DBF_DATE_LAST_UPDATE=2025-12-01"])?;
    shapefile.close()?;
    Ok(())
}

/// Writes `truth/encroachments.gpkg` and `.geojson` (the latter in longitude and latitude, as RFC 7946 wants it).
///
/// # Errors
/// What GDAL reports.
pub fn write_truth(folder: &Path) -> Result<(), Failure> {
    let rows = truth_rows()?;
    let table = Table { name: "encroachments", fields: &TRUTH_FIELDS, rows: &rows };
    let mut file = writing::vector_file(&folder.join("encroachments.gpkg"), "GPKG")?;
    writing::layer(&mut file, &table, &[])?;
    file.close()?;
    let mut file = writing::vector_file(&folder.join("encroachments.geojson"), "GeoJSON")?;
    writing::layer(&mut file, &table, &["RFC7946=YES", "COORDINATE_PRECISION=7"])?;
    file.close()?;
    Ok(())
}

fn truth_rows() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for encroachment in encroachments::all() {
        for (number, stage) in encroachment.stages.iter().enumerate() {
            let attributes = stage_attributes(&encroachment, number, stage)?;
            rows.push(Row { polygons: vec![vec![stage.outline.clone()]], attributes });
        }
    }
    Ok(rows)
}

fn stage_attributes(encroachment: &Encroachment, number: usize, stage: &Stage) -> Result<Vec<Attribute>, Failure> {
    let day = scene_day(stage.year);
    let end = encroachment.restored;
    let (inside, ring) = zones_hit(stage, day)?;
    let ids: Vec<&str> = inside.iter().map(|(zone, _)| zone.words[0]).collect();
    let areas: Vec<String> = inside.iter().map(|(zone, area)| format!("{}={area:.1}", zone.words[0])).collect();
    Ok(vec![
        text(encroachment.id),
        Attribute::Whole(Some(number as i32 + 1)),
        text(if number == 0 { "appears" } else { "grows" }),
        text(encroachment.kind.0),
        text(encroachment.kind.1),
        text(encroachment.activity),
        Attribute::Whole(Some(stage.year)),
        text(scene_day(stage.year - 1)),
        text(day),
        Attribute::Whole(end),
        text(end.map_or("", |year| scene_day(year - 1))),
        text(end.map_or("", scene_day)),
        Attribute::Number((area_m2(&stage.outline) * 100.0).round() / 100.0),
        text(ids.join(";")),
        text(areas.join(";")),
        text(ring.join(";")),
        text(if encroachment.subtle { format!("SUBTLE: {}", encroachment.note) } else { encroachment.note.to_owned() }),
    ])
}

/// The day of a year's scene; empty where there is none.
pub fn scene_day(year: i32) -> &'static str {
    satellite::all().into_iter().find(|a| a.year() == year).map_or("", |a| a.date)
}

/// Zones in force that an outline enters, with the area inside; and protected areas in whose outer ring alone it lies.
#[expect(clippy::type_complexity, reason = "two lists that are used in one place")]
fn zones_hit(stage: &Stage, day: &str) -> Result<(Vec<(SimulatedZone, f64)>, Vec<&'static str>), Failure> {
    let outline = writing::geometry(&[vec![stage.outline.clone()]])?;
    let (mut inside, mut ring) = (Vec::new(), Vec::new());
    for zone in zones::all() {
        let [from, to] = zone.valid;
        if from > day || (!to.is_empty() && to < day) {
            continue;
        }
        let shape = writing::geometry(&zone.polygons)?;
        let area = outline.intersection(&shape).map_or(0.0, |common| common.area());
        if area > 0.5 {
            inside.push((zone, area));
        } else if zone.layer == "protected_areas" && shape.buffer(RING_M, 30)?.intersects(&outline) {
            ring.push(zone.words[0]);
        }
    }
    Ok((inside, ring))
}
