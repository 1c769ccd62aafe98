//! Records → zones: each outline through the gate, over to the target CRS, repaired; everything mended or left out is said.

use std::path::Path;

use geo_types::Coord;

use crate::model::crs::{Crs, CrsUnit};
use crate::model::notice::{Notice, Weight};
use crate::model::shape::{RawPolygon, Repaired, ShapeRefusal, gate, repair};

use super::outline::{Outline, Parts};
use super::table::{Row, Table};
use super::transform::Carrier;
use super::{VectorError, ZoneFeature};

/// Change of area by a repair, as a share, above which a person should look.
const LARGE_CHANGE: f64 = 0.01;

/// Numbers of records listed in one notice.
const MOST_LISTED: usize = 10;

/// Coordinates beyond these are no degrees; a little beyond 180° and 90° is rounding or a map that runs on.
const MOST_LON: f64 = 361.0;
const MOST_LAT: f64 = 90.001;

/// Records whose outlines hold, and what is to be said about the others.
pub(super) fn zones_of(
    path: &Path,
    table: &Table,
    source: &Crs,
    target: &Crs,
) -> Result<(Vec<ZoneFeature>, Vec<Notice>), VectorError> {
    check_polygons(path, table)?;
    check_degrees(path, table, source)?;
    let no_way = || VectorError::NoWay { path: path.to_path_buf(), from: source.label(), to: target.label() };
    let carrier = Carrier::new(source, target).ok_or_else(no_way)?;
    let mut desk = Desk { path, carrier, is_lonlat: source.unit == CrsUnit::Degree, seen: Seen::default(), notices: Vec::new() };
    let mut zones = Vec::new();
    for row in &table.rows {
        if let Some(shape) = desk.admit(row) {
            let values = table.fields.iter().zip(&row.values);
            let fields = values.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
            zones.push(ZoneFeature { number: row.number, fields, shape });
        }
    }
    let notices = desk.finish();
    if zones.is_empty() {
        let first = notices.iter().find(|notice| notice.weight == Weight::Refused).or(notices.first());
        return Err(match first {
            Some(first) => VectorError::NothingUsable {
                path: path.to_path_buf(),
                layer: table.layer.clone(),
                first: Box::new(first.clone()),
            },
            None => VectorError::NoFeatures { path: path.to_path_buf(), layer: table.layer.clone() },
        });
    }
    Ok((zones, notices))
}

/// Refuses a layer without any polygon, with counts of what it has.
fn check_polygons(path: &Path, table: &Table) -> Result<(), VectorError> {
    if table.rows.is_empty() {
        return Err(VectorError::NoFeatures { path: path.to_path_buf(), layer: table.layer.clone() });
    }
    let parts = || table.rows.iter().filter_map(|row| if let Outline::Parts(parts) = &row.outline { Some(parts) } else { None });
    let sum = |count: fn(&Parts) -> usize| parts().map(count).sum::<usize>();
    let (points, lines, other) = (sum(|p| p.points), sum(|p| p.lines), sum(|p| p.other));
    if sum(|p| p.polygons.len()) == 0 && points + lines + other > 0 {
        return Err(VectorError::NoPolygons { path: path.to_path_buf(), layer: table.layer.clone(), points, lines, other });
    }
    Ok(())
}

/// Refuses a layer that claims degrees and holds metres.
fn check_degrees(path: &Path, table: &Table, source: &Crs) -> Result<(), VectorError> {
    if source.unit != CrsUnit::Degree {
        return Ok(());
    }
    let is_off = |p: &&Coord<f64>| p.x.is_finite() && p.y.is_finite() && (p.x.abs() > MOST_LON || p.y.abs() > MOST_LAT);
    let off = table.rows.iter().filter_map(|row| match &row.outline {
        // One wild vertex is a damaged outline; a wrong CRS shows in the first vertex.
        Outline::Parts(parts) => parts.polygons.iter().flatten().flatten().next(),
        _ => None,
    });
    match off.into_iter().next().filter(is_off) {
        Some(p) => Err(VectorError::NotDegrees { path: path.to_path_buf(), crs: source.label(), x: p.x, y: p.y }),
        None => Ok(()),
    }
}

/// Numbers of records that something happened to.
#[derive(Default)]
struct Seen {
    missing: Vec<usize>,
    damaged: Vec<usize>,
    others: Vec<usize>,
    flattened: Vec<usize>,
    linearised: Vec<usize>,
    closed: Vec<usize>,
    repeats: Vec<usize>,
    holes: Vec<usize>,
}

/// Where outlines are judged one by one.
struct Desk<'a> {
    path: &'a Path,
    carrier: Carrier,
    is_lonlat: bool,
    seen: Seen,
    notices: Vec<Notice>,
}

impl Desk<'_> {
    fn notice(&mut self, code: &'static str, weight: Weight, number: usize, facts: Vec<(&'static str, String)>) {
        let mut notice = Notice::new(code, weight).at(self.path).fact("number", number);
        notice.facts.extend(facts);
        self.notices.push(notice);
    }

    /// The outline of a record in the target CRS, or nothing and a notice.
    fn admit(&mut self, row: &Row) -> Option<geo_types::MultiPolygon<f64>> {
        let number = row.number;
        let parts = match &row.outline {
            Outline::Missing => {
                self.seen.missing.push(number);
                return None;
            }
            Outline::Damaged => {
                self.seen.damaged.push(number);
                return None;
            }
            Outline::Parts(parts) => parts,
        };
        self.note_parts(number, parts);
        if parts.polygons.is_empty() {
            return None;
        }
        let gated = match gate(&parts.polygons) {
            Ok(gated) => gated,
            Err(refusal) => {
                self.refuse(number, &refusal);
                return None;
            }
        };
        note(&mut self.seen.closed, number, gated.closed > 0);
        note(&mut self.seen.repeats, number, gated.repeats > 0);
        note(&mut self.seen.holes, number, gated.holes_dropped > 0);
        let rings: Vec<RawPolygon> = gated.shape.0.iter().map(rings_of).collect();
        if self.is_lonlat && rings.iter().flatten().any(|ring| crosses_antimeridian(ring)) {
            self.notice("E30_zone_antimeridian", Weight::Refused, number, vec![]);
            return None;
        }
        let Some(carried) = self.carrier.carry(rings) else {
            self.notice("R24_zone_outside", Weight::Refused, number, vec![]);
            return None;
        };
        // Carried coordinates pass the gate again: far from its home a projection may give anything.
        match gate(&carried).map(|gated| repair(&gated.shape)) {
            Err(refusal) => {
                self.refuse(number, &refusal);
                None
            }
            Ok(Err(_)) => {
                self.notice("R23_zone_beyond_repair", Weight::Refused, number, vec![]);
                None
            }
            Ok(Ok(repaired)) => self.judge_repair(number, repaired),
        }
    }

    fn note_parts(&mut self, number: usize, parts: &Parts) {
        note(&mut self.seen.others, number, parts.points + parts.lines + parts.other > 0);
        note(&mut self.seen.flattened, number, parts.flattened);
        note(&mut self.seen.linearised, number, parts.linearised);
    }

    fn refuse(&mut self, number: usize, refusal: &ShapeRefusal) {
        let (code, facts) = match refusal {
            ShapeRefusal::BadVertex { vertex, x, y } => {
                ("R24_zone_vertex", vec![("vertex", vertex.to_string()), ("x", short(*x)), ("y", short(*y))])
            }
            ShapeRefusal::TooFewPoints { part, points } => {
                ("R25_zone_points", vec![("part", part.to_string()), ("points", points.to_string())])
            }
            ShapeRefusal::NoArea { part } => ("R25_zone_no_area", vec![("part", part.to_string())]),
            ShapeRefusal::TooManyVertices { vertices } => ("R24_zone_vertices", vec![("vertices", vertices.to_string())]),
            ShapeRefusal::Empty => {
                self.seen.missing.push(number);
                return;
            }
        };
        self.notice(code, Weight::Refused, number, facts);
    }

    fn judge_repair(&mut self, number: usize, repaired: Repaired) -> Option<geo_types::MultiPolygon<f64>> {
        if repaired.shape.0.is_empty() {
            self.notice("R25_zone_no_area", Weight::Refused, number, vec![("part", String::from("1"))]);
            return None;
        }
        if repaired.changed {
            let change = repaired.area_change();
            let (code, weight) = if change > LARGE_CHANGE {
                ("A23_zone_repaired_much", Weight::Warning)
            } else {
                ("N23_zone_repaired", Weight::Note)
            };
            let area = |area: f64| format!("{area:.1}");
            let percent = format!("{:.2}", change * 100.0);
            let facts = vec![("before", area(repaired.area_before)), ("after", area(repaired.area_after)), ("percent", percent)];
            self.notice(code, weight, number, facts);
        }
        Some(repaired.shape)
    }

    /// All notices, the lists of records last.
    fn finish(mut self) -> Vec<Notice> {
        let seen = std::mem::take(&mut self.seen);
        for (code, weight, numbers) in [
            ("R35_zone_outlines", Weight::Refused, seen.damaged),
            ("N25_zone_missing", Weight::Warning, seen.missing),
            ("E29_zone_others", Weight::Warning, seen.others),
            ("N25_zone_closed", Weight::Note, seen.closed),
            ("N25_zone_repeats", Weight::Note, seen.repeats),
            ("N25_zone_holes", Weight::Note, seen.holes),
            ("N28_zone_flattened", Weight::Note, seen.flattened),
            ("N28_zone_linearised", Weight::Note, seen.linearised),
        ] {
            if !numbers.is_empty() {
                let notice = Notice::new(code, weight).at(self.path).fact("count", numbers.len()).fact("numbers", list(&numbers));
                self.notices.push(notice);
            }
        }
        self.notices
    }
}

fn note(numbers: &mut Vec<usize>, number: usize, happened: bool) {
    if happened {
        numbers.push(number);
    }
}

fn list(numbers: &[usize]) -> String {
    let shown: Vec<String> = numbers.iter().take(MOST_LISTED).map(ToString::to_string).collect();
    let more = if numbers.len() > MOST_LISTED { "…" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A number without the 300 digits of 1e300.
fn short(value: f64) -> String {
    if value.is_finite() && value.abs() >= 1e12 { format!("{value:e}") } else { value.to_string() }
}

fn rings_of(polygon: &geo_types::Polygon<f64>) -> RawPolygon {
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(|ring| ring.0.clone()).collect()
}

/// Whether an edge jumps from one end of the longitudes to the other, or the ring lies beyond them.
fn crosses_antimeridian(ring: &[Coord<f64>]) -> bool {
    let jumps = ring.windows(2).any(|edge| (edge[0].x - edge[1].x).abs() > 180.0);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for point in ring {
        (low, high) = (low.min(point.x), high.max(point.x));
    }
    jumps || (low < 180.0 && high > 180.0) || (low < -180.0 && high > -180.0)
}
