//! Where zones and scenes lie to each other: zones seen in part, layers that give latitude first.

use std::path::PathBuf;

use geo::{Area, BoundingRect};
use geo_types::{MultiPolygon, Rect};

use crate::io::crs;
use crate::io::vector::LayerInfo;
use crate::model::crs::{Crs, CrsUnit};
use crate::model::notice::{Notice, Weight, first_named};
use crate::model::scene::Scene;
use crate::model::shape::overlap_area;
use crate::model::zone::Zone;
use crate::project::footprint;
use crate::project::plan::Plan;

/// Share of a zone below which a scene cannot speak for it.
///
/// Source: own convention, as for zones that lack data in a comparison.
const ENOUGH: f64 = 0.8;

/// Share from which a zone counts as seen whole: what is missing is less than its boundary's error.
const WHOLE: f64 = 0.999;

/// Scenes that show only a part of some zones. Where no pixel of a zone is reached at all the check says so.
pub(super) fn partial_cover(plan: &Plan) -> Vec<Notice> {
    let scenes = plan.scenes.iter().filter(|scene| scene.kind.shows_whole_zones());
    scenes.filter_map(|scene| cover_of(scene, plan)).collect()
}

fn cover_of(scene: &Scene, plan: &Plan) -> Option<Notice> {
    let boxes = boxes(scene, &plan.crs);
    let in_force = plan.zones.iter().filter(|zone| zone.in_force_on(scene.date));
    let mut partly: Vec<(f64, &Zone)> = in_force.map(|zone| (share(&zone.shape, &boxes), zone)).collect();
    partly.retain(|(share, _)| (0.0..WHOLE).contains(share) && *share > 0.0);
    partly.sort_by(|a, b| a.0.total_cmp(&b.0));
    let least = partly.first()?.0;
    let named: Vec<String> =
        partly.iter().map(|(share, zone)| format!("{} {:.0} %", zone.name, share * 100.0)).collect();
    let weight = if least < ENOUGH { Weight::Warning } else { Weight::Note };
    let notice = Notice::new("doctor_partial_cover", weight).at(&scene.files[0].path);
    let notice = notice.fact("date", scene.date).fact("kind", scene.kind.key());
    Some(notice.fact("count", partly.len()).fact("list", first_named(&named)))
}

/// Share of the zones in force that a scene's files reach; 1 without zones.
pub(super) fn seen(scene: &Scene, plan: &Plan) -> f64 {
    let boxes = boxes(scene, &plan.crs);
    let in_force = plan.zones.iter().filter(|zone| zone.in_force_on(scene.date));
    let areas = in_force.map(|zone| (zone.shape.unsigned_area(), share(&zone.shape, &boxes)));
    let (all, seen) = areas.fold((0.0, 0.0), |(all, seen), (area, share)| (all + area, seen + area * share));
    if all > 0.0 { seen / all } else { 1.0 }
}

fn boxes(scene: &Scene, crs: &Crs) -> Vec<Rect<f64>> {
    let files = scene.files.iter();
    files.filter_map(|file| footprint::carried(&file.grid.bounds(), &file.grid.crs, crs)).collect()
}

/// Share of a shape inside boxes; boxes that overlap count their ground twice, at most the whole.
fn share(shape: &MultiPolygon<f64>, boxes: &[Rect<f64>]) -> f64 {
    let Some(own) = shape.bounding_rect() else { return 1.0 };
    let holds = |outer: &Rect<f64>| {
        let (min, max) = (outer.min(), outer.max());
        min.x <= own.min().x && min.y <= own.min().y && max.x >= own.max().x && max.y >= own.max().y
    };
    if boxes.iter().any(holds) {
        return 1.0;
    }
    let meeting = boxes.iter().filter(|outer| footprint::intersection(&own, outer).is_some());
    let seen: f64 = meeting.map(|outer| overlap_area(shape, &MultiPolygon::new(vec![outer.to_polygon()]))).sum();
    (seen / shape.unsigned_area().max(f64::MIN_POSITIVE)).min(1.0)
}

/// Layers in degrees that lie beside every scene, and among them where latitude and longitude change places.
pub(super) fn latitude_first(layers: &[LayerInfo], scenes: &[(Rect<f64>, Crs)]) -> Vec<Notice> {
    let boxes: Vec<Rect<f64>> = scenes.iter().filter_map(|(bounds, crs)| in_degrees(bounds, crs)).collect();
    let meets = |area: &Rect<f64>| boxes.iter().any(|scene| footprint::intersection(area, scene).is_some());
    let mut notices = Vec::new();
    for layer in layers {
        let stated = layer.crs.as_ref().is_none_or(|crs| crs.unit == CrsUnit::Degree);
        let Some(own) = layer.extent.filter(|_| stated) else { continue };
        let (min, max) = (own.min(), own.max());
        let turned = Rect::new((min.y, min.x), (max.y, max.x));
        if !meets(&own) && meets(&turned) {
            let at = |area: &Rect<f64>| format!("{:.3}, {:.3}", area.center().x, area.center().y);
            let path: &PathBuf = &layer.path;
            let notice = Notice::new("doctor_latitude_first", Weight::Refused).at(path).fact("layer", &layer.layer);
            notices.push(notice.fact("found", at(&own)).fact("turned", at(&turned)));
        }
    }
    notices
}

fn in_degrees(bounds: &Rect<f64>, crs: &Crs) -> Option<Rect<f64>> {
    footprint::carried(bounds, crs, &crs::lonlat(crs).ok()?)
}

#[cfg(test)]
mod tests {
    use geo_types::polygon;

    use super::*;

    #[test]
    fn the_share_of_a_zone_in_a_scene_is_that_of_its_area() {
        let zone = MultiPolygon::new(vec![
            polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
        ]);
        let scene = |x0: f64, x1: f64| Rect::new((x0, -5.0), (x1, 20.0));
        assert!((share(&zone, &[scene(-1.0, 4.0)]) - 0.4).abs() < 1e-9);
        assert!((share(&zone, &[scene(-1.0, 4.0), scene(4.0, 7.0)]) - 0.7).abs() < 1e-9);
        assert!((share(&zone, &[scene(-1.0, 11.0)]) - 1.0).abs() < 1e-9);
        assert!(share(&zone, &[scene(20.0, 30.0)]).abs() < 1e-9);
    }
}
