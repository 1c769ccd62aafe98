//! The import doctor: what is wrong with the data of a project, and what can be done about it at once. What the check finds
//! comes with its remedies; what only pixels tell is looked for here.
//!
//! | File | Owns |
//! |---|---|
//! | `remedies` | the one table: notice → changes of the project file |
//! | `pixels` | borders without data, numbers of another scale |
//! | `places` | zones seen in part, layers with latitude first |
//!
//! Absent on purpose: repairs of the data themselves. Sources are never written; a remedy is an edit of the project file,
//! and can be taken back like any other.

mod pixels;
mod places;
mod remedies;

use std::path::{Path, PathBuf};

use geo_types::Rect;
use serde_json::Value;

use crate::io::vector::{self, LayerInfo, LayerQuery};
use crate::io::{self, crs, files, raster};
use crate::job::{Cancelled, Progress};
use crate::model::Date;
use crate::model::crs::Crs;
use crate::model::notice::Notice;
use crate::model::scene::{Scene, SceneKind};
use crate::project::edit::{self, Change, Place};
use crate::project::plan::Plan;

/// Most files whose CRS is asked for.
const MOST_FILES: usize = 60;

/// One thing that is not as it should be, and what can be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What, why, and what to do.
    pub notice: Notice,
    /// Entries of the project file that it is about, as `scenes[2]`.
    pub about: Vec<Place>,
    /// What can be done with one click, the likeliest first.
    pub remedies: Vec<Remedy>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// Its name below `remedy.` in the language files.
    pub word: &'static str,
    /// The facts that its words name.
    pub facts: Vec<(&'static str, String)>,
    /// How it is done.
    pub cure: Cure,
}

/// How a remedy is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Cure {
    /// By changes of the project file, as one edit.
    Change(Vec<Change>),
    /// By choosing the file that is meant.
    Locate(Place),
}

/// What is known of the other inputs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Their CRSs as project files write them, the commonest first.
    pub crs: Vec<String>,
    /// Fields of zone layers, by file and layer.
    pub fields: Vec<(PathBuf, Vec<String>)>,
}

/// How much of the zones a scene shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// What it shows.
    pub kind: SceneKind,
    /// Its date.
    pub date: Date,
    /// Share of the area of the zones in force that its files reach.
    pub seen: f64,
    /// Share of its pixels that its mask hides; `None` without a mask.
    pub hidden: Option<f64>,
}

/// What a closer look brought to light.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// What the check does not tell.
    pub notices: Vec<Notice>,
    /// How much each scene shows.
    pub sights: Vec<Sight>,
    /// What remedies need to know.
    pub known: Known,
}

/// Looks closer at the inputs of a project, whether or not it can be opened.
///
/// # Errors
/// [`Cancelled`].
pub fn examine(file: &Path, text: &str, plan: Option<&Plan>, progress: &Progress) -> Result<Examined, Cancelled> {
    io::setup::ensure();
    let folder = file.parent().unwrap_or(Path::new("/"));
    let headers = Headers::read(text, folder, progress)?;
    let mut notices = places::latitude_first(&headers.layers, &headers.scenes);
    let mut sights = Vec::new();
    if let Some(plan) = plan {
        notices.extend(places::partial_cover(plan));
        notices.extend(pixels::look(plan, progress)?);
        sights = plan.scenes.iter().map(|scene| sight(scene, plan)).collect();
    }
    Ok(Examined { notices, sights, known: headers.known() })
}

fn sight(scene: &Scene, plan: &Plan) -> Sight {
    let hidden = if scene.masks.is_empty() { None } else { pixels::hidden(scene, &plan.crs) };
    Sight { kind: scene.kind, date: scene.date, seen: places::seen(scene, plan), hidden }
}

/// The changes that make a place name another file: a path relative to the project file. What else was missing in the same
/// folder and lies beside the new file is found with it.
#[must_use]
pub fn located(text: &str, project: &Path, place: &Place, file: &Path) -> Vec<Change> {
    let folder = project.parent().unwrap_or(Path::new("/"));
    let file = files::absolute(&folder.join(file));
    let written = |path: &Path| Value::String(edit::relative(path, folder));
    let mut changes = vec![Change::Set(place.clone(), written(&file))];
    let paths = absolute_paths(text, folder);
    let old = paths.iter().find(|(other, _)| other == place).and_then(|(_, path)| path.parent());
    for (other, path) in paths.iter().filter(|(other, path)| other != place && path.parent() == old) {
        let beside = path.file_name().map(|name| file.with_file_name(name));
        if let Some(beside) = beside.filter(|beside| !files::is_there(path) && files::is_there(beside)) {
            changes.push(Change::Set(other.clone(), written(&beside)));
        }
    }
    changes
}

/// The notices, each with what can be done about it. A notice that comes several times is one finding.
#[must_use]
pub fn findings(notices: &[Notice], text: &str, file: &Path, known: &Known) -> Vec<Finding> {
    let values = edit::values(text).unwrap_or(Value::Null);
    let folder = file.parent().unwrap_or(Path::new("/"));
    let paths: Vec<(Place, PathBuf)> = absolute_paths(text, folder);
    let mut found: Vec<Finding> = Vec::new();
    for notice in notices {
        if found.iter().any(|finding| finding.notice == *notice) {
            continue;
        }
        let about = about(notice, &values, &paths);
        let remedies = remedies::Case { notice, about: &about, values: &values, folder, known }.remedies();
        found.push(Finding { notice: notice.clone(), about, remedies });
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.notice.weight));
    found
}

fn absolute_paths(text: &str, folder: &Path) -> Vec<(Place, PathBuf)> {
    let own = edit::paths(text).into_iter().filter(|(_, written)| !files::is_address(written));
    own.map(|(place, written)| (place, files::absolute(&folder.join(written)))).collect()
}

/// The entries that a notice is about: by the key it names, or by its file.
fn about(notice: &Notice, values: &Value, paths: &[(Place, PathBuf)]) -> Vec<Place> {
    let fact = |name: &str| notice.facts.iter().find(|fact| fact.0 == name).map(|fact| fact.1.as_str());
    if let Some(key) = fact("key").filter(|key| !key.is_empty()) {
        return vec![Place::of(key)];
    }
    let of_file = paths.iter().filter(|(_, path)| Some(path) == notice.path.as_ref());
    let mut entries: Vec<Place> = of_file.map(|(place, _)| place.entry()).collect();
    entries.dedup();
    if let (Some(layer), true) = (fact("layer"), entries.len() > 1) {
        entries.retain(|entry| entry.key("layer").find(values).is_none_or(|name| name == layer));
    }
    entries
}

/// What the files of a project say of themselves.
#[derive(Default)]
struct Headers {
    layers: Vec<LayerInfo>,
    scenes: Vec<(Rect<f64>, Crs)>,
}

impl Headers {
    fn read(text: &str, folder: &Path, progress: &Progress) -> Result<Self, Cancelled> {
        let inputs = ["scenes.path", "scenes.paths", "zones.path"];
        let mut named = absolute_paths(text, folder);
        named.retain(|(place, _)| inputs.contains(&place.kind().as_str()));
        named.truncate(MOST_FILES);
        progress.stage("examine_headers", named.len() as u64)?;
        let mut headers = Self::default();
        for (place, path) in named {
            if place.kind() == "zones.path" {
                headers.layers.extend(layer(text, &place, &path));
            } else if let Ok(info) = raster::describe(&path, None) {
                headers.scenes.push((info.grid.bounds(), Crs::clone(&info.grid.crs)));
            }
            progress.advance(1)?;
        }
        Ok(headers)
    }

    fn known(self) -> Known {
        let of_layers = self.layers.iter().filter_map(|layer| layer.crs.as_ref());
        let codes = self.scenes.iter().map(|scene| &scene.1).chain(of_layers).filter_map(|crs| crs.epsg);
        let mut counted: Vec<(String, usize)> = Vec::new();
        for word in codes.map(|code| format!("EPSG:{code}")) {
            match counted.iter_mut().find(|(known, _)| *known == word) {
                Some((_, times)) => *times += 1,
                None => counted.push((word, 1)),
            }
        }
        counted.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        Known {
            crs: counted.into_iter().map(|(word, _)| word).collect(),
            fields: self.layers.into_iter().map(|layer| (layer.path, layer.fields)).collect(),
        }
    }
}

/// A layer as the project file would have it read.
fn layer(text: &str, place: &Place, path: &Path) -> Option<LayerInfo> {
    let entry = edit::value_at(text, &place.entry())?;
    let word = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let query = LayerQuery {
        layer: word("layer"),
        crs: word("crs").and_then(|crs| crs::parse(&crs).ok()),
        encoding: word("encoding"),
        latitude_first: entry.get("latitude_first") == Some(&Value::Bool(true)),
        ..LayerQuery::at(path)
    };
    vector::describe_query(&query).ok()
}

#[cfg(test)]
mod tests;
