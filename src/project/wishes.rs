//! The scenes as the user wishes them: every word looked up (date, sensor, scheme, CRS), no file opened yet.

use std::path::{Path, PathBuf};

use super::dates::{self, Day};
use super::document::Document;
use super::error::{Problem, ProblemKind};
use super::raw::{Raw, RawBands, RawMask, RawScene};
use super::sensor::{SensorProfile, Sensors};
use super::tables::Tables;
use crate::io::vector::{LayerQuery, is_vector_file};
use crate::io::{crs, files};
use crate::model::crs::Crs;
use crate::model::scene::{MaskRule, SceneKind};

/// One scene as wished.
#[derive(Debug, Clone)]
pub(super) struct Wish<'a> {
    /// Its date.
    pub day: Day,
    /// What it shows.
    pub kind: SceneKind,
    /// Absolute paths: one file, one folder, or several files.
    pub paths: Vec<PathBuf>,
    /// Profile named by the user.
    pub sensor: Option<&'a SensorProfile>,
    /// Bands named by the user.
    pub bands: Option<&'a RawBands>,
    /// Masks named by the user.
    pub masks: Vec<MaskWish>,
    /// CRS named by the user.
    pub crs: Option<Crs>,
    /// Value without data named by the user.
    pub nodata: Option<f64>,
    /// Legend table named by the user.
    pub legend: Option<PathBuf>,
}

/// A mask as wished.
#[derive(Debug, Clone)]
pub(super) enum MaskWish {
    /// Codes of a raster.
    Codes {
        /// The raster; `None` means that of the product.
        path: Option<PathBuf>,
        /// What its codes mean.
        rule: MaskRule,
        /// CRS named for it.
        crs: Option<Crs>,
    },
    /// A layer of polygons.
    Polygons(LayerQuery),
}

impl MaskWish {
    /// Of a raster: the file where one is named, what its codes mean, and the CRS named for it.
    pub fn codes(&self) -> Option<(Option<&PathBuf>, &MaskRule, Option<&Crs>)> {
        match self {
            Self::Codes { path, rule, crs } => Some((path.as_ref(), rule, crs.as_ref())),
            Self::Polygons(_) => None,
        }
    }

    /// Of polygons: where they are read from.
    pub fn polygons(&self) -> Option<&LayerQuery> {
        match self {
            Self::Polygons(query) => Some(query),
            Self::Codes { .. } => None,
        }
    }

    /// The file named.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Codes { path, .. } => path.as_ref(),
            Self::Polygons(query) => Some(&query.path),
        }
    }
}

/// What words are looked up in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'a> {
    /// Lines of the keys.
    pub document: &'a Document,
    /// Folder of the project file.
    pub folder: &'a Path,
    /// Sensor profiles.
    pub sensors: &'a Sensors,
    /// Tables.
    pub tables: &'a Tables,
}

impl Lookup<'_> {
    /// A mistake at a key.
    pub fn problem(&self, key: &str, kind: ProblemKind) -> Problem {
        Problem { line: self.document.line(key), key: key.to_owned(), kind }
    }

    /// The absolute form of a path of the project file.
    pub fn path(&self, written: &str) -> PathBuf {
        // An address joined to a folder would be reported as a file that is missing.
        if files::is_address(written) {
            return PathBuf::from(written);
        }
        files::absolute(&self.folder.join(written))
    }

    /// The CRS of a key.
    pub fn crs(&self, key: &str, written: Option<&String>) -> Result<Option<Crs>, Problem> {
        let parse = |w: &String| {
            let unknown = |e: crs::CrsError| ProblemKind::UnknownCrs { found: w.clone(), cause: e.to_string() };
            crs::parse(w).map_err(|e| self.problem(key, unknown(e)))
        };
        written.map(parse).transpose()
    }
}

/// All scenes of a project as wished, in the order of the file.
pub(super) fn read<'a>(raw: &'a Raw, lookup: &Lookup<'a>) -> Result<Vec<Wish<'a>>, Vec<Problem>> {
    let mut wishes = Vec::new();
    let mut problems = Vec::new();
    for (index, scene) in raw.scenes.iter().enumerate() {
        let key = format!("scenes[{}]", index + 1);
        match wish(scene, &key, lookup) {
            Ok(wish) => wishes.push(wish),
            Err(mut found) => problems.append(&mut found),
        }
    }
    if problems.is_empty() { Ok(wishes) } else { Err(problems) }
}

fn wish<'a>(scene: &'a RawScene, key: &str, lookup: &Lookup<'a>) -> Result<Wish<'a>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut keep = |problem: Problem| problems.push(problem);
    let day = day(scene, key, lookup).map_err(&mut keep).ok();
    let paths = paths(scene, key, lookup).map_err(&mut keep).ok();
    let sensor = sensor(scene, key, lookup).map_err(&mut keep).ok().flatten();
    let named = scene.mask.as_ref().map(|masks| masks.keyed(&format!("{key}.mask"))).unwrap_or_default();
    let masks = named.iter().filter_map(|(key, raw)| mask(raw, key, lookup).map_err(&mut keep).ok()).collect();
    let crs = lookup.crs(&format!("{key}.crs"), scene.crs.as_ref()).map_err(&mut keep).ok().flatten();
    let legend = legend(scene, key, lookup).map_err(&mut keep).ok().flatten();
    match (day, paths) {
        (Some(day), Some(paths)) if problems.is_empty() => {
            let (kind, bands, nodata) = (scene.kind, scene.bands.as_ref(), scene.nodata);
            Ok(Wish { day, kind, paths, sensor, bands, masks, crs, nodata, legend })
        }
        _ => Err(problems),
    }
}

fn day(scene: &RawScene, key: &str, lookup: &Lookup<'_>) -> Result<Day, Problem> {
    let (name, text) = match (&scene.date, &scene.year) {
        (Some(date), None) => ("date", date),
        (None, Some(year)) => ("year", year),
        _ => return Err(lookup.problem(key, ProblemKind::OneOf { keys: "date, year" })),
    };
    let key = format!("{key}.{name}");
    let day = dates::parse(&text.0).map_err(|kind| lookup.problem(&key, kind))?;
    // `year = "2024-07-01"` would silently become a day, so it is a mistake.
    let misplaced = name == "year" && !day.is_year;
    if misplaced { Err(lookup.problem(&key, ProblemKind::NotADate { found: text.0.clone() })) } else { Ok(day) }
}

fn paths(scene: &RawScene, key: &str, lookup: &Lookup<'_>) -> Result<Vec<PathBuf>, Problem> {
    let written = match (&scene.path, &scene.paths) {
        (Some(path), None) => vec![path],
        (None, Some(paths)) if !paths.is_empty() => paths.iter().collect(),
        _ => return Err(lookup.problem(key, ProblemKind::OneOf { keys: "path, paths" })),
    };
    Ok(written.into_iter().map(|p| lookup.path(p)).collect())
}

fn sensor<'a>(scene: &RawScene, key: &str, lookup: &Lookup<'a>) -> Result<Option<&'a SensorProfile>, Problem> {
    let Some(name) = &scene.sensor else { return Ok(None) };
    lookup.sensors.named(name).map(Some).map_err(|(nearest, known)| {
        lookup.problem(&format!("{key}.sensor"), ProblemKind::UnknownWord { found: name.clone(), nearest, known })
    })
}

fn legend(scene: &RawScene, key: &str, lookup: &Lookup<'_>) -> Result<Option<PathBuf>, Problem> {
    let kind = SceneKind::Landcover;
    match &scene.legend {
        Some(_) if scene.kind != kind => Err(lookup.problem(&format!("{key}.legend"), ProblemKind::OnlyFor { kind })),
        written => Ok(written.as_ref().map(|path| lookup.path(path))),
    }
}

/// A mask of a scene. A layer or the name of the file says that it is one of polygons.
fn mask(mask: &RawMask, key: &str, lookup: &Lookup<'_>) -> Result<MaskWish, Problem> {
    let crs = lookup.crs(&format!("{key}.crs"), mask.crs.as_ref())?;
    let path = mask.path.as_ref().map(|path| lookup.path(path));
    if mask.layer.is_none() && !path.as_deref().is_some_and(is_vector_file) {
        return Ok(MaskWish::Codes { path, rule: scheme(mask, key, lookup)?, crs });
    }
    if let Some(found) = mask.scheme.clone() {
        return Err(lookup.problem(&format!("{key}.scheme"), ProblemKind::SchemeOfPolygons { found }));
    }
    let path = path.ok_or_else(|| lookup.problem(&format!("{key}.path"), ProblemKind::Missing))?;
    Ok(MaskWish::Polygons(LayerQuery { layer: mask.layer.clone(), crs, ..LayerQuery::at(&path) }))
}

/// What the codes of a mask raster mean.
fn scheme(mask: &RawMask, key: &str, lookup: &Lookup<'_>) -> Result<MaskRule, Problem> {
    let table = &lookup.tables.masks;
    let names: Vec<&str> = table.schemes.iter().map(|s| s.scheme.as_str()).collect();
    let known = names.join(", ");
    let problem = |kind| lookup.problem(&format!("{key}.scheme"), kind);
    let Some(found) = &mask.scheme else { return Err(problem(ProblemKind::NoScheme { known })) };
    table.scheme(found).cloned().ok_or_else(|| {
        let nearest = super::schema::nearest(found, names.iter().copied());
        problem(ProblemKind::UnknownWord { found: found.clone(), nearest, known })
    })
}
