//! The rasters of a folder, grouped into scenes by date, kind and product.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::draft::{Basis, DraftScene};
use crate::io::raster::{RasterError, RasterInfo, describe};
use crate::io::{crs, files};
use crate::job::{Cancelled, Progress};
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{SampleType, SceneKind};
use crate::project::bands;
use crate::project::dates::{self, Day};
use crate::project::product::{looks_like_raster, refused, stem};
use crate::project::sensor::{Sensors, is_named, role_of};
use crate::project::wishes::Wish;

/// Most rasters whose headers are read.
const MOST_RASTERS: usize = 5_000;
/// The CRS under which a raster without one is looked at: any metric one will do to read its header.
const STAND_IN: &str = "EPSG:4549";

const SURFACE_WORDS: [&str; 5] = ["dsm", "dem", "dtm", "chm", "高程"];
const LANDCOVER_WORDS: [&str; 8] = ["class", "classes", "lc", "landcover", "lucc", "lulc", "地类", "地表覆盖"];
const DRONE_WORDS: [&str; 7] = ["drone", "uav", "ortho", "orthomosaic", "orthophoto", "dji", "无人机"];
const MASK_WORDS: [&str; 5] = ["mask", "cloud", "cloudmask", "云掩膜", "掩膜"];

/// Groups the rasters among files into scenes, by date.
pub(super) fn find(
    all: &[PathBuf],
    sensors: &Sensors,
    notices: &mut Vec<Notice>,
    progress: &Progress,
) -> Result<Vec<DraftScene>, Cancelled> {
    let mut search = Search { all, sensors, notices, products: BTreeMap::new(), masks: Vec::new(), scenes: Vec::new() };
    let likely: Vec<&PathBuf> = all.iter().filter(|p| looks_like_raster(p)).take(MOST_RASTERS).collect();
    progress.stage("find_rasters", likely.len() as u64)?;
    for path in likely {
        search.sort_in(path);
        progress.advance(1)?;
    }
    Ok(search.finish())
}

struct Search<'s> {
    all: &'s [PathBuf],
    sensors: &'s Sensors,
    notices: &'s mut Vec<Notice>,
    /// One-band-per-file products by folder, sensor and day.
    products: BTreeMap<(PathBuf, String, String), DraftScene>,
    masks: Vec<(PathBuf, Option<Day>, String)>,
    scenes: Vec<(DraftScene, RasterInfo)>,
}

impl Search<'_> {
    fn sort_in(&mut self, path: &Path) {
        let name = stem(path);
        let sensor = self.sensors.marked(path);
        let quality = sensor.and_then(|s| s.quality.iter().find(|q| is_named(&name, &q.names)));
        if let Some(quality) = quality {
            self.masks.push((path.to_path_buf(), dates::in_name(&name), quality.scheme.clone()));
            return;
        }
        if has_word(&name, &["scl"]) {
            self.masks.push((path.to_path_buf(), dates::in_name(&name), "scl".to_owned()));
            return;
        }
        let Some((info, needs_crs)) = self.look(path) else { return };
        if let Some(sensor) = sensor.filter(|s| info.bands.len() == 1 && role_of(&name, &s.parts).is_some()) {
            let day = self.day(&info);
            let folder = product_folder(path, sensor.name.as_str(), self.sensors);
            let key = (folder.clone(), sensor.name.clone(), day.map(|d| d.0.text()).unwrap_or_default());
            let found = DraftScene {
                kind: (sensor.kind, Basis::Name),
                sensor: Some((sensor.name.clone(), Basis::Name)),
                ..scene(day, folder, &info, needs_crs)
            };
            self.products.entry(key).or_insert(found);
            return;
        }
        // A band of a marked product that no role asks for (thermal, panchromatic) is passed over.
        let part_of_product = info.bands.len() == 1 && sensor.is_some_and(|s| !s.parts.is_empty());
        match kind(&name, &info) {
            _ if part_of_product => {}
            Some(Sorted::Mask) => self.masks.push((path.to_path_buf(), dates::in_name(&name), "hidden".to_owned())),
            Some(Sorted::Scene(kind)) => self.add(info, kind, needs_crs),
            None => self.notices.push(Notice::new("init_passed_over", Weight::Note).at(path)),
        }
    }

    fn add(&mut self, info: RasterInfo, kind: SceneKind, needs_crs: bool) {
        let day = self.day(&info);
        let mut found = DraftScene { kind: (kind, Basis::Name), ..scene(day, info.path.clone(), &info, needs_crs) };
        let sensor = self.sensors.marked(&info.path);
        found.sensor = sensor.map(|s| (s.name.clone(), Basis::Name));
        let year = Day { date: crate::model::Date::constant(2000, 7, 1), is_year: true };
        let wish = Wish {
            day: year,
            kind,
            paths: vec![],
            sensor: None,
            bands: None,
            masks: vec![],
            crs: None,
            nodata: None,
            legend: None,
        };
        let single = matches!(kind, SceneKind::Surface | SceneKind::Landcover);
        let covered = sensor.is_some_and(|s| s.layout(info.bands.len()).is_some());
        if let Some(choice) = bands::choose(&info, &wish, sensor, self.sensors).ok().filter(|_| !single && !covered) {
            let basis = if choice.notice.is_some() { Basis::Count } else { Basis::Bands };
            found.bands = Some((choice.roles, basis));
        }
        self.scenes.push((found, info));
    }

    /// The header; a missing CRS is left for the user to fill in.
    fn look(&mut self, path: &Path) -> Option<(RasterInfo, bool)> {
        match describe(path, None) {
            Ok(info) => Some((info, false)),
            Err(RasterError::NoCrs(_)) => {
                let stand_in = crs::parse(STAND_IN).ok()?;
                self.notices.push(Notice::new("init_needs_crs", Weight::Warning).at(path));
                describe(path, Some(&stand_in)).ok().map(|info| (info, true))
            }
            Err(error) => {
                self.notices.push(refused(&error));
                None
            }
        }
    }

    /// The day, from the best witness: acquisition tag, product text, full date in the name, file tag, year in the name.
    fn day(&self, info: &RasterInfo) -> Option<(Day, Basis)> {
        let tag = |name: &str| {
            let value = info.tags.iter().find(|t| t.0.eq_ignore_ascii_case(name)).map(|t| t.1.as_str())?;
            dates::parse(&value.get(..10)?.replace(':', "-")).ok().map(|d| (d, Basis::Tag))
        };
        let name = dates::in_name(&stem(&info.path)).map(|d| (d, Basis::Name));
        let full = name.filter(|n| !n.0.is_year);
        let found = tag("ACQUISITIONDATETIME").or_else(|| self.metadata_day(&info.path)).or(full);
        // The tag of a TIFF is often the day of processing: a year in the name contradicts it.
        let written = tag("TIFFTAG_DATETIME").filter(|t| name.is_none_or(|n| n.0.date.year() == t.0.date.year()));
        let folder = || {
            let parent = info.path.parent()?.file_name()?.to_string_lossy().into_owned();
            dates::in_name(&parent).map(|d| (d, Basis::Name))
        };
        found.or(written).or(name).or_else(folder)
    }

    /// `DATE_ACQUIRED` of the Landsat text file beside a band.
    fn metadata_day(&self, path: &Path) -> Option<(Day, Basis)> {
        let name = stem(path);
        let prefix = &name[..name.rfind("_B").or_else(|| name.rfind("_SR_B"))?];
        let text_name = format!("{}_MTL.txt", prefix.trim_end_matches("_SR"));
        let beside = path.with_file_name(text_name);
        let text = files::read_text(self.all.iter().find(|p| **p == beside)?).ok()?;
        let line = text.lines().find(|l| l.trim_start().starts_with("DATE_ACQUIRED"))?;
        let day = dates::parse(line.split('=').nth(1)?.trim().trim_matches('"')).ok()?;
        Some((day, Basis::Metadata))
    }

    fn finish(self) -> Vec<DraftScene> {
        let mut found = merge_tiles(self.scenes);
        found.extend(self.products.into_values());
        for (path, day, scheme) in self.masks {
            let fits = |s: &&mut DraftScene| {
                let same_day = day.is_none_or(|d| s.day.is_some_and(|own| own.0.date == d.date));
                let beside = path.parent().is_some_and(|p| s.paths[0].parent() == Some(p) && !s.paths[0].is_dir());
                same_day && beside && day.is_some() && s.kind.0.is_image()
            };
            if let Some(scene) = found.iter_mut().find(fits) {
                scene.mask = Some((path, scheme));
            }
        }
        found.sort_by(|a, b| (a.kind.0, a.day.map(|d| d.0), &a.paths).cmp(&(b.kind.0, b.day.map(|d| d.0), &b.paths)));
        found
    }
}

fn scene(day: Option<(Day, Basis)>, path: PathBuf, info: &RasterInfo, needs_crs: bool) -> DraftScene {
    DraftScene {
        included: true,
        day,
        kind: (SceneKind::Satellite, Basis::Name),
        paths: vec![path],
        sensor: None,
        mask: None,
        bands: None,
        band_count: info.bands.len(),
        pixel: info.grid.transform.pixel_size().0,
        needs_crs,
        crs: None,
    }
}

/// The topmost folder whose name still marks the same sensor (a `.SAFE` folder), or the one the file lies in.
fn product_folder(path: &Path, sensor: &str, sensors: &Sensors) -> PathBuf {
    let own = path.parent().unwrap_or(path).to_path_buf();
    let is_product = |p: &&Path| {
        let named = p.extension().is_some_and(|e| e.eq_ignore_ascii_case("safe"));
        named && sensors.marked(p).is_some_and(|m| m.name == sensor)
    };
    path.ancestors().skip(1).find(is_product).map_or(own, Path::to_path_buf)
}

enum Sorted {
    Scene(SceneKind),
    Mask,
}

fn kind(name: &str, info: &RasterInfo) -> Option<Sorted> {
    let pictures = info.bands.len() - usize::from(info.alpha.is_some());
    let whole = info.bands.first().is_some_and(|b| !matches!(b.sample, SampleType::F32 | SampleType::F64));
    if pictures == 1 {
        return match () {
            () if has_word(name, &SURFACE_WORDS) => Some(Sorted::Scene(SceneKind::Surface)),
            () if whole && has_word(name, &MASK_WORDS) => Some(Sorted::Mask),
            () if whole && has_word(name, &LANDCOVER_WORDS) => Some(Sorted::Scene(SceneKind::Landcover)),
            () => None,
        };
    }
    let drone = has_word(name, &DRONE_WORDS);
    (pictures >= 3).then_some(Sorted::Scene(if drone { SceneKind::Drone } else { SceneKind::Satellite }))
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let lower = name.to_lowercase();
    let tokens: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    words.iter().any(|w| if w.is_ascii() { tokens.contains(w) } else { lower.contains(w) })
}

/// Files of one day, kind and band count become the tiles of one scene.
fn merge_tiles(scenes: Vec<(DraftScene, RasterInfo)>) -> Vec<DraftScene> {
    let mut merged: Vec<(DraftScene, RasterInfo)> = Vec::new();
    for (scene, info) in scenes {
        let same = |other: &&mut (DraftScene, RasterInfo)| {
            let day = |s: &DraftScene| s.day.map(|d| d.0);
            let alike = other.0.kind.0 == scene.kind.0 && other.1.bands.len() == info.bands.len();
            // The same ground twice is not a mosaic: both are left for the user to choose.
            alike
                && day(&other.0).is_some()
                && day(&other.0) == day(&scene)
                && other.1.grid.bounds() != info.grid.bounds()
        };
        match merged.iter_mut().find(same) {
            Some(first) => first.0.paths.extend(scene.paths),
            None => merged.push((scene, info)),
        }
    }
    merged.into_iter().map(|m| m.0).collect()
}
