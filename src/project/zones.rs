//! Layers → zones in the analysis CRS, with identities, versions and rings. Repairs of outlines are `io::vector`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use geo::{Area, BoundingRect};
use geo_types::{MultiPolygon, Rect};

use super::dates;
use super::error::Problem;
use super::footprint;
use super::product::refused;
use super::raw::{DateText, Raw, RawLayer};
use super::reference::Reference;
use super::schema::nearest;
use super::tables::Tables;
use super::wishes::Lookup;
use crate::io::crs;
use crate::io::vector::{self, LayerInfo, LayerQuery, ZoneFeature};
use crate::model::Date;
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight, first_named};
use crate::model::shape;
use crate::model::units::{Metres, SquareMetres};
use crate::model::zone::Zone;

/// Standard error of a boundary's position where the project states none. Own convention: boundaries drawn on
/// 1:10,000 maps.
const BOUNDARY_ERROR_M: f64 = 5.0;
/// Kind of a zone whose layer says none.
pub(super) const UNSPECIFIED: &str = "unspecified";

/// One layer as wished, looked at but not read.
#[derive(Debug)]
pub(super) struct Layer<'a> {
    /// As written.
    raw: &'a RawLayer,
    query: LayerQuery,
    info: LayerInfo,
}

impl Layer<'_> {
    /// The layer's own CRS.
    pub fn crs(&self) -> Option<&Crs> {
        self.query.crs.as_ref().or(self.info.crs.as_ref())
    }
}

/// Looks at every layer: it can be opened and has the fields named. Layers that are not so are dropped and said.
///
/// # Errors
/// A CRS of the project file that is none.
pub(super) fn look<'a>(
    raw: &'a Raw,
    lookup: &Lookup<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Vec<Layer<'a>>, Vec<Problem>> {
    let mut layers = Vec::new();
    let mut problems = Vec::new();
    for (index, raw) in raw.zones.iter().enumerate() {
        let crs = match lookup.crs(&format!("zones[{}].crs", index + 1), raw.crs.as_ref()) {
            Ok(crs) => crs,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let path = lookup.path(&raw.path);
        let query = LayerQuery {
            path,
            layer: raw.layer.clone(),
            crs,
            encoding: raw.encoding.clone(),
            latitude_first: raw.latitude_first,
        };
        match vector::describe(&query.path, query.layer.as_deref(), query.crs.as_ref()) {
            Ok(info) => match missing_field(raw, &info) {
                None => layers.push(Layer { raw, query, info }),
                Some(notice) => {
                    // A table that is missing or damaged explains a field that is not there.
                    notices.extend(info.notices.into_iter().filter(|n| n.weight >= Weight::Warning));
                    notices.push(notice);
                }
            },
            Err(error) => notices.push(refused(&error)),
        }
    }
    if problems.is_empty() { Ok(layers) } else { Err(problems) }
}

fn missing_field(raw: &RawLayer, info: &LayerInfo) -> Option<Notice> {
    let named = [&raw.id_field, &raw.name_field, &raw.kind_field, &raw.level_field, &raw.function_field];
    // A validity that is no date is the name of a field.
    let days = [&raw.valid_from, &raw.valid_to].map(|d| d.as_ref().map(|d| d.0.clone()));
    let by_field = days.into_iter().flatten().filter(|text| dates::parse(text).is_err());
    let mut wanted = named.into_iter().flatten().cloned().chain(by_field);
    // A layer without records (GeoJSON) has no fields either: that it is empty is what there is to say.
    wanted.find(|field| info.count > 0 && !info.fields.contains(field)).map(|field| {
        let near = nearest(&field, info.fields.iter().map(String::as_str));
        let code = if near.is_some() { "zone_field_missing_near" } else { "zone_field_missing" };
        let notice = Notice::new(code, Weight::Refused).at(&info.path).fact("layer", &info.layer).fact("field", field);
        notice.fact("nearest", near.unwrap_or_default()).fact("fields", info.fields.join(", "))
    })
}

/// Reads every layer into the analysis CRS.
pub(super) fn read(
    layers: &[Layer<'_>],
    reference: &Reference,
    tables: &Tables,
    notices: &mut Vec<Notice>,
) -> Vec<Zone> {
    let mut naming = Naming::default();
    let mut zones = Vec::new();
    for layer in layers {
        match vector::read(&layer.query, &reference.crs) {
            Ok(mut found) => {
                notices.append(&mut found.notices);
                let mut reading = Reading { layer, name: found.layer, tables, naming: &mut naming, notices };
                let made = reading.zones(found.features);
                zones.extend(made);
            }
            Err(error) => notices.push(refused(&error)),
        }
    }
    zones
}

/// Identifiers given so far in the project.
#[derive(Debug, Default)]
struct Naming {
    used: BTreeMap<String, usize>,
}

impl Naming {
    /// The identifier itself, or with `#2`, `#3` … where it was given before.
    fn unique(&mut self, id: &str) -> (String, bool) {
        let mut name = id.to_owned();
        let count = self.used.entry(id.to_owned()).or_insert(0);
        *count += 1;
        let mut number = *count;
        let is_new = number == 1;
        if !is_new {
            name = format!("{id}#{number}");
            while self.used.contains_key(&name) {
                number += 1;
                name = format!("{id}#{number}");
            }
            self.used.insert(name.clone(), 1);
        }
        (name, is_new)
    }
}

struct Reading<'r> {
    layer: &'r Layer<'r>,
    name: String,
    tables: &'r Tables,
    naming: &'r mut Naming,
    notices: &'r mut Vec<Notice>,
}

impl Reading<'_> {
    fn zones(&mut self, features: Vec<ZoneFeature>) -> Vec<Zone> {
        let (mut repeated, mut numbered, mut ringless) = (Vec::new(), Vec::new(), Vec::new());
        let mut odd_days = BTreeSet::new();
        let mut turned = Vec::new();
        let mut zones = Vec::new();
        for feature in features {
            let own = text(&feature, self.layer.raw.id_field.as_ref());
            if own.is_none() {
                numbered.push(feature.number.to_string());
            }
            let (id, is_new) = self.naming.unique(&own.unwrap_or_else(|| feature.number.to_string()));
            if !is_new {
                repeated.push(id.clone());
            }
            let (zone, has_ring) = self.zone(id, feature, &mut odd_days);
            if !has_ring {
                ringless.push(zone.id.clone());
            }
            if zone.valid_from.zip(zone.valid_to).is_some_and(|(from, to)| to < from) {
                turned.push(zone.id.clone());
            }
            zones.push(zone);
        }
        let without_field = self.layer.raw.id_field.is_none();
        let unnamed = if without_field { "A27_zones_numbered" } else { "A27_zones_without_id" };
        let weight = if without_field { Weight::Note } else { Weight::Warning };
        self.tell(unnamed, weight, &numbered);
        self.tell("A27_zone_ids_repeat", Weight::Warning, &repeated);
        self.tell("zone_ring_refused", Weight::Warning, &ringless);
        self.tell("zone_days_turned", Weight::Warning, &turned);
        self.tell("zone_day_unreadable", Weight::Warning, &odd_days.into_iter().collect::<Vec<_>>());
        zones
    }

    fn tell(&mut self, code: &'static str, weight: Weight, list: &[String]) {
        if !list.is_empty() {
            let notice = Notice::new(code, weight).at(&self.layer.query.path).fact("layer", &self.name);
            self.notices.push(notice.fact("count", list.len()).fact("list", first_named(list)));
        }
    }

    fn zone(&self, id: String, feature: ZoneFeature, odd_days: &mut BTreeSet<String>) -> (Zone, bool) {
        let raw = self.layer.raw;
        let ring = raw.ring_m.unwrap_or(0.0);
        let with_ring = (ring > 0.0).then(|| shape::ring_around(&feature.shape, ring).ok()).flatten();
        let has_ring = ring <= 0.0 || with_ring.is_some();
        let kind = text(&feature, raw.kind_field.as_ref()).or_else(|| raw.kind.clone());
        let kind = kind.unwrap_or_else(|| UNSPECIFIED.to_owned());
        let level = text(&feature, raw.level_field.as_ref());
        let function = text(&feature, raw.function_field.as_ref());
        let strictness = self.tables.strictness.rank(&kind, level.as_deref(), function.as_deref());
        let zone = Zone {
            name: text(&feature, raw.name_field.as_ref()).unwrap_or_else(|| id.clone()),
            valid_from: day(&feature, raw.valid_from.as_ref(), (1, 1), odd_days),
            valid_to: day(&feature, raw.valid_to.as_ref(), (12, 31), odd_days),
            id,
            kind,
            level,
            function,
            layer: self.name.clone(),
            boundary_error: Metres(raw.boundary_error_m.unwrap_or(BOUNDARY_ERROR_M)),
            ring_width: Metres(if with_ring.is_some() { ring } else { 0.0 }),
            area: SquareMetres(feature.shape.unsigned_area()),
            shape: feature.shape,
            with_ring,
            strictness,
        };
        (zone, has_ring)
    }
}

/// The text of a field that is there and not blank.
fn text(feature: &ZoneFeature, field: Option<&String>) -> Option<String> {
    let text = feature.fields.get(field?)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A day of validity: as written, or from the field of that name. A year means its first or last day, as `of_year` says.
/// Texts that are no day are collected.
fn day(feature: &ZoneFeature, raw: Option<&DateText>, of_year: (i8, i8), odd: &mut BTreeSet<String>) -> Option<Date> {
    let written = &raw?.0;
    let from_field = || {
        let whole = text(feature, Some(written))?;
        // A field of date and time: the day is what stands before the time.
        let day = dates::parse(whole.split(['T', ' ']).next().unwrap_or_default()).ok();
        if day.is_none() {
            odd.insert(whole);
        }
        day
    };
    let day = dates::parse(written).ok().or_else(from_field)?;
    if day.is_year { Date::new(day.date.year(), of_year.0, of_year.1).ok() } else { Some(day.date) }
}

/// The box around shapes.
pub(super) fn bounds<'z>(shapes: impl Iterator<Item = &'z MultiPolygon<f64>>) -> Option<Rect<f64>> {
    shapes.filter_map(BoundingRect::bounding_rect).reduce(|a, b| footprint::union(&a, &b))
}

/// Areas on the ellipsoid in place of plane ones.
pub(super) fn measure_on_ellipsoid(zones: &mut [Zone], crs: &Crs, notices: &mut Vec<Notice>) {
    for zone in zones {
        match crs::ellipsoidal_area(&zone.shape, crs) {
            Ok(area) => zone.area = area,
            Err(error) => {
                let notice = Notice::new("zone_area_planar", Weight::Warning).fact("zone", &zone.id);
                notices.push(notice.fact("cause", error));
            }
        }
    }
}

/// Zones that no scene reaches: they stay in every total as not observed.
pub(super) fn tell_unreached(zones: &[Zone], scenes: &[Rect<f64>], crs: &Crs, notices: &mut Vec<Notice>) {
    let reached = |zone: &Zone| {
        let own = zone.shape.bounding_rect();
        own.is_some_and(|own| scenes.iter().any(|s| footprint::intersection(&own, s).is_some()))
    };
    let outside: Vec<&Zone> = zones.iter().filter(|z| !reached(z)).collect();
    let boxes =
        (bounds(outside.iter().map(|z| &z.shape)), scenes.iter().copied().reduce(|a, b| footprint::union(&a, &b)));
    if let (Some(own), Some(all)) = boxes {
        let ids: Vec<String> = outside.iter().map(|z| z.id.clone()).collect();
        let notice = Notice::new("E22_zone_outside", Weight::Warning).fact("count", ids.len());
        let notice = notice.fact("list", first_named(&ids)).fact("zones", footprint::lonlat_text(&own, crs));
        notices.push(notice.fact("scenes", footprint::lonlat_text(&all, crs)));
    }
}

/// Zones smaller than one pixel of every grid they are judged on.
pub(super) fn tell_small(zones: &[Zone], pixel: SquareMetres, notices: &mut Vec<Notice>) {
    let small: Vec<String> = zones.iter().filter(|z| z.area < pixel).map(|z| z.id.clone()).collect();
    if !small.is_empty() {
        let notice = Notice::new("W26_small_zones", Weight::Warning).fact("count", small.len());
        notices.push(notice.fact("list", first_named(&small)).fact("pixel_m2", format!("{:.1}", pixel.0)));
    }
}

/// The files that the layers were read from.
pub(super) fn sources(layers: &[Layer<'_>]) -> Vec<PathBuf> {
    layers.iter().map(|l| l.query.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_identifiers_are_numbered_past_those_that_are_taken() {
        let mut naming = Naming::default();
        let ids: Vec<String> = ["A", "A#2", "A", "B", "A"].iter().map(|id| naming.unique(id).0).collect();
        assert_eq!(ids, ["A", "A#2", "A#3", "B", "A#4"]);
    }
}
