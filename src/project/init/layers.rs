//! The polygon layers of a folder, with their fields recognised by the usual names.

use std::path::{Path, PathBuf};

use super::draft::{Basis, DraftLayer, FieldChoice};
use crate::io::vector::{self, LayerInfo, VectorError};
use crate::job::{Cancelled, Progress};
use crate::model::notice::Notice;
use crate::project::product::refused;

/// Most layers that are looked at.
const MOST_LAYERS: usize = 500;
const ENDINGS: [&str; 6] = ["gpkg", "shp", "geojson", "json", "kml", "gdb"];

const ID_NAMES: [&str; 14] = [
    "编号",
    "代码",
    "标识码",
    "唯一编码",
    "zone_id",
    "zoneid",
    "id",
    "code",
    "bsm",
    "bh",
    "dm",
    "gid",
    "objectid",
    "fid",
];
const NAME_NAMES: [&str; 10] =
    ["名称", "保护地名称", "红线名称", "name", "zone_name", "zone_nm", "mc", "hxmc", "adm2_zh", "name_zh"];
const KIND_NAMES: [&str; 10] =
    ["类型", "类别", "保护地类型", "红线类型", "kind", "zone_kind", "type", "lx", "class", "hxlx"];
const LEVEL_NAMES: [&str; 6] = ["级别", "等级", "level", "zone_lvl", "jb", "grade"];
const FUNCTION_NAMES: [&str; 7] = ["功能区", "功能分区", "分区", "function", "func_zone", "func_zn", "gnq"];

/// Keys of the project file that name a field, with the usual names of such fields.
pub const FIELDS: [(&str, &[&str]); 5] = [
    ("id_field", &ID_NAMES),
    ("name_field", &NAME_NAMES),
    ("kind_field", &KIND_NAMES),
    ("level_field", &LEVEL_NAMES),
    ("function_field", &FUNCTION_NAMES),
];

/// The polygon layers among files.
pub(super) fn find(
    all: &[PathBuf],
    notices: &mut Vec<Notice>,
    progress: &Progress,
) -> Result<Vec<DraftLayer>, Cancelled> {
    let mut found = Vec::new();
    let likely: Vec<&PathBuf> = all.iter().filter(|p| looks_like_layer(p)).take(MOST_LAYERS).collect();
    progress.stage("find_layers", likely.len() as u64)?;
    for path in likely {
        match vector::describe(path, None, None) {
            // Each layer that can hold zones: which of them are meant, the user says by leaving the others out.
            Err(VectorError::ManyLayers { layers, .. }) => {
                for name in layers.iter().take(MOST_LAYERS) {
                    found.extend(looked_at(path, vector::describe(path, Some(name), None), notices));
                    progress.advance(0)?;
                }
            }
            info => found.extend(looked_at(path, info, notices)),
        }
        progress.advance(1)?;
    }
    Ok(found)
}

fn looked_at(path: &Path, info: Result<LayerInfo, VectorError>, notices: &mut Vec<Notice>) -> Option<DraftLayer> {
    match info {
        Ok(info) if info.kinds.polygons > 0 => Some(layer(path, &info)),
        Ok(_) => None,
        Err(error) => {
            notices.push(refused(&error));
            None
        }
    }
}

pub(super) fn looks_like_layer(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| ENDINGS.contains(&e.as_str()))
}

fn layer(path: &Path, info: &LayerInfo) -> DraftLayer {
    let choice = |(key, names): (&'static str, &[&str])| {
        Some(FieldChoice { key, field: usual(names, &info.fields)?, basis: Basis::Name })
    };
    DraftLayer {
        included: true,
        path: path.to_path_buf(),
        layer: (info.layers.len() > 1).then(|| info.layer.clone()),
        count: info.kinds.polygons,
        fields: FIELDS.into_iter().filter_map(choice).collect(),
        all_fields: info.fields.clone(),
        samples: info.samples.clone(),
        read_as: info.encoding.clone(),
        encoding: None,
        needs_crs: info.crs.is_none(),
        crs: None,
        kind: None,
        boundary_error_m: None,
        ring_m: None,
    }
}

/// The field with the first of the usual names; case does not matter.
fn usual(names: &[&str], fields: &[String]) -> Option<String> {
    names.iter().find_map(|name| fields.iter().find(|f| f.to_lowercase() == *name)).cloned()
}
