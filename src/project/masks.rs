//! What hides the ground of a scene: quality layers and masks of the user's, as rasters or polygons. A mask that cannot
//! be used is dropped and said; its scene stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo::BoundingRect;

use super::footprint;
use super::product::{Product, refused};
use super::reference::Reference;
use super::scenes::file;
use super::tables::Tables;
use super::wishes::{MaskWish, Wish};
use super::zones;
use crate::io::raster::describe;
use crate::io::vector::{self, LayerQuery, VectorError};
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, BandSource, CodeMask, MaskRule, PolygonMask, Scene, SceneMask};

/// Reads the masks that are polygons into the CRS of the analysis.
pub(super) fn of_polygons(wishes: &[Wish<'_>], scenes: &mut [Scene], reference: &Reference, notices: &mut Vec<Notice>) {
    for scene in scenes {
        // Dates of a kind are unique: scenes that share one were dropped.
        let Some(wish) = wishes.iter().find(|wish| wish.kind == scene.kind && wish.day.date == scene.date) else {
            continue;
        };
        for query in wish.masks.iter().filter_map(MaskWish::polygons) {
            match read(query, &reference.crs, notices) {
                Ok(mask) => {
                    notices.extend(off_scene(&mask, scene, &reference.crs));
                    scene.masks.push(SceneMask::Polygons(mask));
                }
                Err(error) => notices.extend([refusal(&error), dropped(&query.path, wish)]),
            }
        }
    }
}

fn read(query: &LayerQuery, crs: &Crs, notices: &mut Vec<Notice>) -> Result<PolygonMask, VectorError> {
    let layer = vector::read(query, crs)?;
    // Scenes may share a file: what it holds is said once.
    let new: Vec<Notice> = layer.notices.into_iter().filter(|notice| !notices.contains(notice)).collect();
    notices.extend(new);
    let shapes = layer.features.into_iter().map(|feature| feature.shape).collect();
    Ok(PolygonMask { path: query.path.clone(), shapes: Arc::new(shapes) })
}

/// As of a zone layer; only the place of the CRS is another.
fn refusal(error: &VectorError) -> Notice {
    let notice = refused(error);
    if matches!(error, VectorError::NoCrs { .. }) { Notice { code: "A10_mask_crs", ..notice } } else { notice }
}

fn dropped(path: &Path, wish: &Wish<'_>) -> Notice {
    Notice::new("mask_dropped", Weight::Warning).at(path).fact("date", wish.day.text())
}

/// Polygons that all lie beside their scene: they hide nothing, and are probably meant for another.
fn off_scene(mask: &PolygonMask, scene: &Scene, crs: &Crs) -> Option<Notice> {
    let own = footprint::of_scene(scene, crs)?;
    let mut boxes = mask.shapes.iter().filter_map(BoundingRect::bounding_rect);
    if boxes.any(|polygon| footprint::intersection(&own, &polygon).is_some()) {
        return None;
    }
    let all = zones::bounds(mask.shapes.iter())?;
    let notice = Notice::new("mask_outside", Weight::Warning).at(&mask.path).fact("date", scene.date);
    let notice = notice.fact("mask", footprint::lonlat_text(&all, crs));
    Some(notice.fact("scene", footprint::lonlat_text(&own, crs)))
}

/// The quality layers: those named, or where no raster is named the product's own. Polygons come later, when the CRS of the
/// analysis is known.
pub(super) fn of_codes(
    wish: &Wish<'_>,
    product: &Product<'_>,
    tables: &Tables,
    notices: &mut Vec<Notice>,
) -> Vec<SceneMask> {
    let named: Vec<_> = wish.masks.iter().filter_map(MaskWish::codes).collect();
    let masks: Vec<CodeMask> = match (&named[..], product.quality.as_slice()) {
        ([], []) => Vec::new(),
        ([], [(path, scheme)]) => {
            let notice = Notice::new("mask_of_product", Weight::Note).at(path).fact("scheme", scheme);
            notices.push(notice);
            let rule = tables.masks.scheme(scheme).cloned();
            rule.and_then(|rule| look(path, wish, rule, None, notices)).into_iter().collect()
        }
        // Several tiles, or one layer at several pixel sizes: the finest of one tile, else none.
        ([], many) => finest(many, wish, tables, notices).into_iter().collect(),
        (named, own) => {
            let of_wish = |(path, rule, crs): &(Option<&PathBuf>, &MaskRule, Option<&Crs>)| {
                let Some(path) = path.or(own.iter().find(|q| q.1 == rule.scheme).map(|q| &q.0)) else {
                    let notice = Notice::new("mask_not_found", Weight::Warning).at(&wish.paths[0]);
                    notices.push(notice.fact("scheme", &rule.scheme));
                    return None;
                };
                look(path, wish, (*rule).clone(), *crs, notices)
            };
            named.iter().filter_map(of_wish).collect()
        }
    };
    masks.into_iter().map(|mask| SceneMask::Codes(Box::new(mask))).collect()
}

fn look(
    path: &Path,
    wish: &Wish<'_>,
    rule: MaskRule,
    own: Option<&Crs>,
    notices: &mut Vec<Notice>,
) -> Option<CodeMask> {
    match describe(path, own.or(wish.crs.as_ref())) {
        Ok(info) => {
            let band =
                BandSource { role: BandRole::Class, index: 1, scale: 1.0, offset: 0.0, nodata: info.bands[0].nodata };
            Some(CodeMask { file: file(&info, vec![band]), rule })
        }
        Err(error) => {
            notices.extend([refused(&error), dropped(path, wish)]);
            None
        }
    }
}

/// The finest of several layers of one tile.
fn finest(
    found: &[(PathBuf, String)],
    wish: &Wish<'_>,
    tables: &Tables,
    notices: &mut Vec<Notice>,
) -> Option<CodeMask> {
    let mut masks = Vec::new();
    for (path, scheme) in found {
        let rule = tables.masks.scheme(scheme)?.clone();
        masks.extend(look(path, wish, rule, None, notices));
    }
    let pixel = |m: &CodeMask| m.file.grid.transform.pixel_size().0;
    let corner = |m: &CodeMask| (m.file.grid.transform.0[0], m.file.grid.transform.0[3]);
    let first = masks.first().map(corner)?;
    if masks.iter().any(|m| corner(m) != first) {
        let notice = Notice::new("mask_several", Weight::Warning).at(&wish.paths[0]);
        notices.push(notice.fact("count", masks.len()).fact("date", wish.day.text()));
        return None;
    }
    masks.into_iter().min_by(|a, b| pixel(a).total_cmp(&pixel(b)))
}
