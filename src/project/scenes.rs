//! Wishes → scenes: the rasters of each date, their bands and numbers. What hides their ground is `masks`.

use geo::BoundingRect;

use super::footprint;
use super::legend;
use super::masks;
use super::product::{Product, resolve};
use super::radiometry::calibrate;
use super::sensor::Sensors;
use super::tables::Tables;
use super::wishes::Wish;
use super::zones;
use crate::io::raster::RasterInfo;
use crate::model::crs::Crs;
use crate::model::legend::Legend;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, BandSource, Scene, SceneFile, SceneKind, SceneMask, Zero};
use crate::model::zone::Zone;

/// The scenes that can be used, by kind, then date; which wishes fell away; and what to tell.
#[derive(Debug, Default)]
pub(super) struct Scenes {
    /// Usable scenes.
    pub usable: Vec<Scene>,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// Looks at the files of every wish. A scene that cannot be used is dropped and said.
pub(super) fn build(wishes: &[Wish<'_>], sensors: &Sensors, tables: &Tables) -> Scenes {
    let mut scenes = Scenes::default();
    for wish in wishes {
        if let Some(notice) = duplicate(wish, wishes) {
            if !scenes.notices.contains(&notice) {
                scenes.notices.push(notice);
            }
            continue;
        }
        let resolved = resolve(wish, sensors).and_then(|product| {
            let legend = legend_of(wish, &product).map_err(|notice| vec![notice])?;
            Ok((product, legend))
        });
        match resolved {
            Ok((mut product, legend)) => {
                scenes.notices.append(&mut product.notices);
                let masks = masks::of_codes(wish, &product, tables, &mut scenes.notices);
                scenes.usable.push(scene(wish, &product, (masks, legend), &mut scenes.notices));
            }
            Err(mut notices) => {
                scenes.notices.append(&mut notices);
                let dropped = Notice::new("scene_dropped", Weight::Refused).at(&wish.paths[0]);
                scenes.notices.push(dropped.fact("date", wish.day.text()).fact("kind", wish.kind.key()));
            }
        }
    }
    scenes.usable.sort_by_key(|s| (s.kind, s.date));
    scenes
}

/// Scenes that meet no zone: whatever they are compared with, nothing is observed twice.
pub(super) fn tell_off_zones(scenes: &[Scene], zones: &[Zone], crs: &Crs, notices: &mut Vec<Notice>) {
    for scene in scenes {
        let Some(own) = footprint::of_scene(scene, crs) else { continue };
        let mut boxes = zones.iter().filter_map(|zone| zone.shape.bounding_rect());
        if !boxes.any(|zone| footprint::intersection(&own, &zone).is_some()) {
            let notice = Notice::new("E22_scene_outside", Weight::Refused).at(&scene.files[0].path);
            let all = zones::bounds(zones.iter().map(|zone| &zone.shape));
            let all = all.map_or_else(|| "–".to_owned(), |all| footprint::lonlat_text(&all, crs));
            let notice = notice.fact("date", scene.date).fact("kind", scene.kind.key());
            notices.push(notice.fact("scene", footprint::lonlat_text(&own, crs)).fact("zones", all));
        }
    }
}

/// Several scenes of one date and kind: which is meant, the program does not choose.
fn duplicate(wish: &Wish<'_>, wishes: &[Wish<'_>]) -> Option<Notice> {
    let same: Vec<&Wish<'_>> = wishes.iter().filter(|w| w.kind == wish.kind && w.day.date == wish.day.date).collect();
    (same.len() > 1).then(|| {
        let list = same.iter().map(|w| w.paths[0].display().to_string()).collect::<Vec<_>>().join("; ");
        let notice = Notice::new("A20_duplicate_dates", Weight::Refused).at(&same[0].paths[0]);
        notice.fact("date", wish.day.text()).fact("kind", wish.kind.key()).fact("list", list)
    })
}

/// The legend of a land-cover map; empty for any other scene.
fn legend_of(wish: &Wish<'_>, product: &Product<'_>) -> Result<Legend, Notice> {
    if wish.kind != SceneKind::Landcover {
        return Ok(Legend::default());
    }
    for (info, roles) in &product.rasters {
        roles.iter().try_for_each(|(_, index)| legend::whole_numbers(info, info.bands[index - 1].sample))?;
    }
    let rasters: Vec<&RasterInfo> = product.rasters.iter().map(|(info, _)| info).collect();
    legend::legend(wish.legend.as_deref(), &rasters)
}

fn scene(
    wish: &Wish<'_>,
    product: &Product<'_>,
    (masks, legend): (Vec<SceneMask>, Legend),
    notices: &mut Vec<Notice>,
) -> Scene {
    let mut files = Vec::new();
    let mut is_reflectance = true;
    for (info, roles) in &product.rasters {
        let calibrated = calibrate(info, roles, product.sensor.filter(|_| wish.kind.is_image()), wish.day);
        is_reflectance &= calibrated.is_reflectance;
        // The files of one scene are alike: one notice for all of them.
        let told = |n: &Notice| notices.iter().any(|k| k.code == n.code && k.facts == n.facts);
        let mut bands = calibrated.bands;
        for band in &mut bands {
            band.nodata = wish.nodata.or(band.nodata);
        }
        let mut zero = Zero::Guess;
        let mut new: Vec<Notice> = calibrated.notice.into_iter().collect();
        if let (SceneKind::Landcover, Some(band)) = (wish.kind, bands.first_mut()) {
            zero = legend::settle_zero(&legend, band);
            new.extend(legend::zero_notice(&legend, info, band, zero));
        }
        let new: Vec<Notice> = new.into_iter().filter(|n| !told(n)).collect();
        notices.extend(new);
        files.push(SceneFile { zero, ..file(info, bands) });
    }
    Scene {
        date: wish.day.date,
        date_is_year: wish.day.is_year,
        kind: wish.kind,
        sensor: product.sensor.map(|s| s.name.clone()),
        roles: roles(product),
        files,
        masks,
        is_reflectance,
        legend,
    }
}

/// A file of a scene, with the bands taken from it.
pub(super) fn file(info: &RasterInfo, bands: Vec<BandSource>) -> SceneFile {
    let first = bands.first().map_or(0, |b| b.index - 1);
    SceneFile {
        path: info.path.clone(),
        grid: info.grid.clone(),
        block: info.block,
        sample: info.bands[first].sample,
        bands,
        alpha: info.alpha,
        has_mask: info.has_mask,
        zero: Zero::default(),
    }
}

/// The roles that every tile offers; for one file a band, those of all files together.
fn roles(product: &Product<'_>) -> Vec<BandRole> {
    let has = |role: &BandRole| {
        let mut offered = product.rasters.iter().map(|(_, roles)| roles.iter().any(|r| r.0 == *role));
        if product.is_split { offered.any(|o| o) } else { offered.all(|o| o) }
    };
    BandRole::ALL.into_iter().filter(has).collect()
}
