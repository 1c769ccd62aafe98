//! Which values of a project file are paths, and what they become when the file moves to another folder.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::{Change, EditError, Place, apply, values};
use crate::io::files;

/// Places, without the numbers of entries, whose values are paths; all of `[tables]` are too.
const PATHS: [&str; 7] = [
    "project.ledger",
    "zones.path",
    "scenes.path",
    "scenes.paths",
    "scenes.mask.path",
    "scenes.legend",
    "outputs.directory",
];

/// Every path of a project file as written, with its place.
#[must_use]
pub fn paths(text: &str) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    if let Some(root) = values(text) {
        collect(&root, &Place::default(), &mut found);
    }
    found
}

fn collect(value: &Value, place: &Place, found: &mut Vec<(Place, String)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(value, &place.key(key), found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(number, value)| collect(value, &place.item(number), found));
        }
        Value::String(text) => {
            let kind = place.kind();
            if PATHS.contains(&kind.as_str()) || kind.starts_with("tables.") {
                found.push((place.clone(), text.clone()));
            }
        }
        _ => {}
    }
}

/// The places of a project file in `folder` that name a file, in the order of their keys.
#[must_use]
pub fn naming(text: &str, folder: &Path, file: &Path) -> Vec<Place> {
    let is_it = |written: &String| files::absolute(&folder.join(written)) == *file;
    paths(text).into_iter().filter(|(_, written)| is_it(written)).map(|(place, _)| place).collect()
}

/// A project file as it must read in another folder: its relative paths lead where they led before.
///
/// # Errors
/// As [`apply`].
pub fn moved(text: &str, from: &Path, to: &Path) -> Result<String, EditError> {
    let leads = |written: &str| Value::String(relative(&files::absolute(&from.join(written)), to));
    let is_own = |written: &String| !files::is_address(written);
    let changes: Vec<Change> = paths(text)
        .into_iter()
        .filter(|(_, written)| is_own(written))
        .map(|(place, written)| Change::Set(place, leads(&written)))
        .collect();
    apply(text, &changes)
}

/// A path as it is written in a project file of a folder: relative where both share a folder below the root, with `/`.
#[must_use]
pub fn relative(path: &Path, folder: &Path) -> String {
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let whole = |path: &Path| path.to_string_lossy().replace('\\', "/");
    if !path.components().take(shared).any(|part| is_name(&part)) {
        return whole(path);
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(path.components().skip(shared)).collect();
    if way.as_os_str().is_empty() { ".".to_owned() } else { whole(&way) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_to_the_folder_of_the_project_where_they_share_one() {
        let relative = |path: &str, folder: &str| relative(Path::new(path), Path::new(folder));
        assert_eq!(relative("/data/2024/a.tif", "/data"), "2024/a.tif");
        assert_eq!(relative("/data/2024/a.tif", "/data/project"), "../2024/a.tif");
        assert_eq!(relative("/mnt/a.tif", "/data/project"), "/mnt/a.tif");
        assert_eq!(relative("/data", "/data"), ".");
    }

    #[test]
    fn a_moved_project_leads_to_the_same_files_and_keeps_its_comments() {
        let text = "version = 1\n[[scenes]]\npath = \"a.tif\"   # first\ndate = \"2024\"\nmask = { path = \"m.tif\" }\n\
                    [outputs]\ndirectory = \"/abs/out\"\n";
        let moved = moved(text, Path::new("/data/x"), Path::new("/data/y")).unwrap();
        assert_eq!(
            moved,
            "version = 1\n[[scenes]]\npath = \"../x/a.tif\"   # first\ndate = \"2024\"\nmask = { path = \"../x/m.tif\" }\n\
             [outputs]\ndirectory = \"/abs/out\"\n"
        );
        assert_eq!(
            naming(&moved, Path::new("/data/y"), Path::new("/data/x/m.tif")),
            [Place::of("scenes[1].mask.path")]
        );
    }
}
