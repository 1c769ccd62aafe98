//! Flags as GeoJSON: RFC 7946, CGCS2000 longitude and latitude (equal to WGS 84 below a metre), seven decimals,
//! outer rings counter-clockwise.

use geo_types::{LineString, MultiPolygon};
use serde_json::{Map, Value as Json, json};

use super::columns::{Value, flag_record};
use super::{ReportError, ReportInput};

/// Seven decimals of a degree are a centimetre.
const PER_DEGREE: f64 = 1e7;

pub(super) fn render(input: &ReportInput<'_>) -> Result<Vec<u8>, ReportError> {
    let outcome = input.outcome;
    let mut features = Vec::new();
    for (index, comparison) in outcome.comparisons.iter().enumerate() {
        let shapes = input.lonlat.get(index).map_or(&[][..], Vec::as_slice);
        if shapes.len() != comparison.flags.len() {
            let (flags, shapes) = (comparison.flags.len(), shapes.len());
            return Err(ReportError::Shapes { comparison: index + 1, flags, shapes });
        }
        for (flag, shape) in comparison.flags.iter().zip(shapes) {
            let record = flag_record(outcome, comparison, flag, input.lang);
            let properties: Map<String, Json> =
                record.into_iter().map(|(column, value)| (column.name.to_owned(), property(value))).collect();
            features.push(json!({
                "type": "Feature",
                "id": flag.uuid.to_string(),
                "geometry": geometry(shape),
                "properties": properties,
            }));
        }
    }
    let collection = json!({ "type": "FeatureCollection", "name": outcome.project, "features": features });
    let mut bytes = serde_json::to_vec(&collection)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn property(value: Value) -> Json {
    match value {
        Value::Text(text) => Json::String(text),
        Value::Integer(number) => json!(number),
        Value::Number(number) => json!(number),
        Value::Date(date) => Json::String(date.to_string()),
        Value::Missing => Json::Null,
    }
}

fn geometry(shape: &MultiPolygon<f64>) -> Json {
    let polygons: Vec<Vec<Vec<[f64; 2]>>> = shape
        .0
        .iter()
        .filter_map(|polygon| {
            let shell = ring(polygon.exterior(), true)?;
            let holes = polygon.interiors().iter().filter_map(|hole| ring(hole, false));
            Some(std::iter::once(shell).chain(holes).collect())
        })
        .collect();
    match polygons.as_slice() {
        [] => Json::Null,
        [one] => json!({ "type": "Polygon", "coordinates": one }),
        many => json!({ "type": "MultiPolygon", "coordinates": many }),
    }
}

/// A closed ring with the wanted turn; `None` where rounding leaves no area.
fn ring(line: &LineString<f64>, counter_clockwise: bool) -> Option<Vec<[f64; 2]>> {
    let round = |v: f64| (v * PER_DEGREE).round() / PER_DEGREE;
    let mut points: Vec<[f64; 2]> = line.0.iter().map(|c| [round(c.x), round(c.y)]).collect();
    points.dedup();
    let turn = twice_area(&points);
    if points.len() < 4 || turn == 0.0 || !turn.is_finite() {
        return None;
    }
    if (turn > 0.0) != counter_clockwise {
        points.reverse();
    }
    Some(points)
}

/// Twice the signed area of a closed ring, counted from its first point so that no digits are lost.
fn twice_area(points: &[[f64; 2]]) -> f64 {
    let Some(first) = points.first() else { return 0.0 };
    let from = |p: &[f64; 2]| (p[0] - first[0], p[1] - first[1]);
    points
        .windows(2)
        .map(|pair| {
            let ((ax, ay), (bx, by)) = (from(&pair[0]), from(&pair[1]));
            ax * by - bx * ay
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::model::outcome::Outcome;
    use crate::report::specimen;

    fn parsed(outcome: &Outcome) -> Json {
        let lonlat = specimen::lonlat(outcome);
        let input = ReportInput { outcome, lonlat: &lonlat, corners: None, lang: Lang::Zh };
        serde_json::from_slice(&render(&input).unwrap()).unwrap()
    }

    fn rings(feature: &Json) -> Vec<Vec<[f64; 2]>> {
        let coordinates = feature["geometry"]["coordinates"].clone();
        if feature["geometry"]["type"] == "Polygon" {
            serde_json::from_value(coordinates).unwrap()
        } else {
            serde_json::from_value::<Vec<Vec<Vec<[f64; 2]>>>>(coordinates).unwrap().concat()
        }
    }

    #[test]
    fn shells_turn_left_and_holes_turn_right() {
        let outcome = specimen::outcome();
        let collection = parsed(&outcome);
        let features = collection["features"].as_array().unwrap();
        assert_eq!(features.len(), outcome.comparisons.iter().map(|c| c.flags.len()).sum::<usize>());
        for feature in features {
            let rings = rings(feature);
            assert!(twice_area(&rings[0]) > 0.0);
            assert!(rings[1..].iter().all(|hole| twice_area(hole) < 0.0));
            assert!(rings.iter().all(|r| r.first() == r.last() && r.len() >= 4));
        }
        assert!(features.iter().any(|f| rings(f).len() > 1), "a hole was seen");
    }

    #[test]
    fn coordinates_carry_at_most_seven_decimals() {
        let text = parsed(&specimen::outcome())["features"][0]["geometry"].to_string();
        let decimals = text.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.split_once('.'));
        assert!(decimals.clone().count() > 4);
        assert!(decimals.into_iter().all(|(_, fraction)| fraction.len() <= 7), "{text}");
    }

    #[test]
    fn numbers_are_numbers_and_dates_are_iso() {
        let collection = parsed(&specimen::outcome());
        let properties = &collection["features"][0]["properties"];
        assert!(properties["AREA_M2"].is_f64() && properties["PIXELS"].is_i64());
        assert_eq!(properties["T2_DATE"], "2024-05-04");
    }

    #[test]
    fn shapes_that_do_not_match_the_flags_are_refused() {
        let outcome = specimen::outcome();
        let input = ReportInput { outcome: &outcome, lonlat: &[], corners: None, lang: Lang::Zh };
        assert!(matches!(render(&input), Err(ReportError::Shapes { comparison: 1, shapes: 0, .. })));
    }
}
