//! Paths → the rasters of a scene and how they belong together: one stack, the tiles of a mosaic, or one file a band.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::bands;
use super::dates;
use super::sensor::{SensorProfile, Sensors, is_named, role_of};
use super::wishes::Wish;
use crate::io::files;
use crate::io::raster::{RasterInfo, describe};
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::scene::BandRole;

/// How deep and how far a product's folder is searched.
const DEPTH: usize = 6;
const MOST_FILES: usize = 20_000;
/// Name endings under which rasters are looked for in a folder.
const RASTER_ENDINGS: [&str; 8] = ["tif", "tiff", "jp2", "img", "dat", "asc", "png", "jpg"];

/// The rasters of a scene.
#[derive(Debug)]
pub(super) struct Product<'a> {
    /// Each with the bands taken from it.
    pub rasters: Vec<(RasterInfo, Vec<(BandRole, usize)>)>,
    /// Whether each raster carries another band of the same ground, rather than a tile with all bands.
    pub is_split: bool,
    /// The profile: the one named, or the one its names tell.
    pub sensor: Option<&'a SensorProfile>,
    /// Quality layers found beside it, with their scheme.
    pub quality: Vec<(PathBuf, String)>,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// Finds out what a scene's paths hold.
///
/// # Errors
/// Nothing usable: what to tell instead.
pub(super) fn resolve<'a>(wish: &Wish<'a>, sensors: &'a Sensors) -> Result<Product<'a>, Vec<Notice>> {
    let mut search = Search { wish, sensors, sensor: wish.sensor, quality: Vec::new(), notices: Vec::new() };
    let outcome = match wish.paths.as_slice() {
        [folder] if files::is_folder(folder) => search.folder(folder),
        paths => search.listed(paths),
    };
    match outcome {
        Ok((rasters, is_split)) => {
            let Search { sensor, quality, notices, .. } = search;
            Ok(Product { rasters, is_split, sensor, quality, notices })
        }
        Err(notice) => {
            search.notices.extend(notice);
            Err(search.notices)
        }
    }
}

/// Whether a path's name ends like a raster's.
pub(super) fn looks_like_raster(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| RASTER_ENDINGS.contains(&e.as_str()))
}

/// A file's name without its ending.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// An error as a notice about an input that the run goes on without.
pub(super) fn refused(error: &impl Explain) -> Notice {
    Notice { weight: Weight::Refused, ..error.notice() }
}

type Rasters = Vec<(RasterInfo, Vec<(BandRole, usize)>)>;

struct Search<'w, 'a> {
    wish: &'w Wish<'a>,
    sensors: &'a Sensors,
    sensor: Option<&'a SensorProfile>,
    quality: Vec<(PathBuf, String)>,
    notices: Vec<Notice>,
}

impl Search<'_, '_> {
    /// Rasters listed one by one: a stack, tiles, or one a band.
    fn listed(&mut self, paths: &[PathBuf]) -> Result<(Rasters, bool), Option<Notice>> {
        self.settle_sensor(paths);
        let infos: Vec<RasterInfo> = paths.iter().filter_map(|path| self.look(path)).collect();
        if infos.is_empty() {
            return Err(None);
        }
        if let Some(rasters) = self.one_a_band(&infos)? {
            return Ok((rasters, true));
        }
        let mut rasters = Vec::new();
        for info in infos {
            match bands::choose(&info, self.wish, self.sensor, self.sensors) {
                Ok(choice) => {
                    // The tiles of a mosaic are alike: one notice for all of them.
                    let told = self.notices.iter().any(|n| choice.notice.as_ref().is_some_and(|c| c.code == n.code));
                    self.notices.extend(choice.notice.filter(|_| !told));
                    rasters.push((info, choice.roles));
                }
                Err(notice) => self.notices.push(notice),
            }
        }
        if rasters.is_empty() { Err(None) } else { Ok((rasters, false)) }
    }

    fn look(&mut self, path: &Path) -> Option<RasterInfo> {
        match describe(path, self.wish.crs.as_ref()) {
            Ok(info) => {
                self.notices.extend(info.notices.iter().cloned());
                Some(info)
            }
            Err(error) => {
                self.notices.push(refused(&error));
                None
            }
        }
    }

    /// The profile that the files' own names tell, where the user named none or one of another level.
    fn settle_sensor(&mut self, paths: &[PathBuf]) {
        let Some(first) = paths.first().filter(|_| self.wish.kind.is_image()) else { return };
        match self.sensor {
            None => {
                self.sensor = self.sensors.marked(first);
                if let Some(sensor) = self.sensor {
                    let notice = Notice::new("sensor_by_name", Weight::Note).at(first);
                    self.notices.push(notice.fact("sensor", &sensor.name));
                }
            }
            Some(named) => {
                if let Some(better) = self.sensors.corrected(named, first) {
                    let notice = Notice::new("sensor_corrected", Weight::Warning).at(first);
                    self.notices.push(notice.fact("named", &named.name).fact("sensor", &better.name));
                    self.sensor = Some(better);
                }
            }
        }
    }

    /// Single-band files that carry one role each.
    fn one_a_band(&self, infos: &[RasterInfo]) -> Result<Option<Rasters>, Option<Notice>> {
        if infos.len() < 2 || infos.iter().any(|i| i.bands.len() > 1) {
            return Ok(None);
        }
        if let Some(bands) = self.wish.bands.map(super::raw::RawBands::roles).filter(|r| r.iter().any(|b| b.1 > 1)) {
            return self.numbered(infos, &bands).map(Some);
        }
        let parts = self.sensor.map_or(&[][..], |s| s.parts.as_slice());
        let role = |info: &RasterInfo| {
            let name = stem(&info.path);
            role_of(&name, parts).or_else(|| self.sensors.described(&info.bands[0].description))
        };
        let found: Vec<(&RasterInfo, Option<BandRole>)> = infos.iter().map(|i| (i, role(i))).collect();
        let mut distinct: Vec<BandRole> = found.iter().filter_map(|f| f.1).collect();
        distinct.sort();
        distinct.dedup();
        if distinct.len() < 2 {
            return Ok(None);
        }
        Ok(Some(found.into_iter().filter_map(|(info, role)| Some((info.clone(), vec![(role?, 1)]))).collect()))
    }

    /// `bands` with a list of single-band files: the number is the file's place in the list.
    fn numbered(&self, infos: &[RasterInfo], bands: &[(BandRole, usize)]) -> Result<Rasters, Option<Notice>> {
        let mut rasters = Vec::new();
        for (role, number) in bands {
            let path = self.wish.paths.get(number - 1);
            let info = path.and_then(|p| infos.iter().find(|i| i.path == *p));
            let Some(info) = info else {
                let notice = Notice::new("A19_band_missing", Weight::Refused).at(&infos[0].path);
                let notice = notice.fact("role", role.word()).fact("index", number);
                return Err(Some(notice.fact("count", self.wish.paths.len())));
            };
            rasters.push((info.clone(), vec![(*role, 1)]));
        }
        Ok(rasters)
    }

    /// A folder: a product of one file a band, or else the tiles of a mosaic.
    fn folder(&mut self, folder: &Path) -> Result<(Rasters, bool), Option<Notice>> {
        let all = files::list(folder, DEPTH, MOST_FILES).map_err(|e| Some(refused(&e)))?;
        let all: Vec<PathBuf> = all.into_iter().filter(|p| looks_like_raster(p)).collect();
        let chosen = self.of_one_product(folder, all)?;
        self.settle_sensor(&chosen);
        let Some(sensor) = self.sensor.filter(|s| chosen.iter().any(|p| role_of(&stem(p), &s.parts).is_some())) else {
            return self.mosaic_folder(folder, &chosen);
        };
        for quality in &sensor.quality {
            let named = chosen.iter().filter(|p| is_named(&stem(p), &quality.names));
            self.quality.extend(named.map(|p| (p.clone(), quality.scheme.clone())));
        }
        let mut by_role: BTreeMap<BandRole, Vec<RasterInfo>> = BTreeMap::new();
        for path in &chosen {
            let Some(role) = role_of(&stem(path), &sensor.parts) else { continue };
            if let Some(info) = self.look(path).filter(|i| i.bands.len() == 1) {
                by_role.entry(role).or_default().push(info);
            }
        }
        let rasters: Rasters = by_role.into_iter().flat_map(|(role, infos)| finest(infos, role)).collect();
        if rasters.is_empty() { Err(None) } else { Ok((rasters, true)) }
    }

    /// The files of the product that is meant, where a folder holds several.
    fn of_one_product(&self, folder: &Path, all: Vec<PathBuf>) -> Result<Vec<PathBuf>, Option<Notice>> {
        let mut chosen = all;
        if let Some(named) = self.sensor {
            let same = |p: &&PathBuf| {
                self.sensors
                    .marked(p)
                    .is_some_and(|m| m.name == named.name || (m.family.is_some() && m.family == named.family))
            };
            let fitting: Vec<PathBuf> = chosen.iter().filter(same).cloned().collect();
            if !fitting.is_empty() {
                chosen = fitting;
            }
        }
        let day = self.wish.day;
        let of_day = |p: &&PathBuf| {
            let found = dates::in_name(&stem(p));
            found.is_some_and(|f| if day.is_year { f.date.year() == day.date.year() } else { f == day })
        };
        let dated: Vec<PathBuf> = chosen.iter().filter(of_day).cloned().collect();
        if !dated.is_empty() {
            chosen = dated;
        }
        let mut sensors: Vec<&str> =
            chosen.iter().filter_map(|p| self.sensors.marked(p)).map(|s| s.name.as_str()).collect();
        sensors.sort_unstable();
        sensors.dedup();
        if sensors.len() > 1 {
            let notice = Notice::new("folder_several_products", Weight::Refused).at(folder);
            return Err(Some(notice.fact("sensors", sensors.join(", "))));
        }
        if chosen.is_empty() {
            return Err(Some(Notice::new("folder_no_raster", Weight::Refused).at(folder)));
        }
        Ok(chosen)
    }

    fn mosaic_folder(&mut self, folder: &Path, chosen: &[PathBuf]) -> Result<(Rasters, bool), Option<Notice>> {
        let (rasters, is_split) = self.listed(chosen)?;
        if !is_split && rasters.len() > 1 {
            let notice = Notice::new("folder_as_mosaic", Weight::Note).at(folder);
            self.notices.push(notice.fact("count", rasters.len()));
        }
        Ok((rasters, is_split))
    }
}

/// Of the files of one role, those of the finest pixel: products repeat bands at coarser pixels.
fn finest(infos: Vec<RasterInfo>, role: BandRole) -> Rasters {
    const SLACK: f64 = 1.01;
    let pixel = |i: &RasterInfo| i.grid.transform.pixel_size().0;
    let least = infos.iter().map(pixel).fold(f64::INFINITY, f64::min);
    infos.into_iter().filter(|i| pixel(i) <= least * SLACK).map(|i| (i, vec![(role, 1)])).collect()
}
