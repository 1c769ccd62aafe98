//! The text of a draft: TOML in which every guess is said, Chinese first, English beside it.

use std::fmt::Write;
use std::path::Path;

use super::layers::FoundLayer;
use super::rasters::{DateBasis, FoundScene};
use crate::model::scene::SceneKind;

const HEAD: &str = "\
# ecoredline 项目文件（草稿）：凡是自动猜测之处均有注释，请逐条核对。
# ecoredline project file (draft): every guess has a comment, please check each of them.
# 检查 / check:  ecoredline --headless check ecoredline.toml
# 运行 / run:    ecoredline --headless ecoredline.toml

version = 1

[project]
";

const TAIL: &str = "
# 默认比较同类影像的相邻时相；如需指定，去掉下面的注释。
# By default every consecutive pair of the same kind is compared; to choose pairs, use:
# [[comparisons]]
# from = 2023
# to = 2025

[detection]
method = \"auto\"
threshold = \"auto\"

[outputs]
directory = \"out\"
rasters = true
# language = \"en\"
";

/// The text of a project file over what was found. Paths are relative to the folder.
pub(super) fn text(folder: &Path, scenes: &[FoundScene], layers: &[FoundLayer]) -> String {
    let name = folder.file_name().map_or_else(|| "ecoredline".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut lines = Lines { folder, text: HEAD.to_owned() };
    lines.key("name", &name);
    lines.plain("# analysis_crs = \"EPSG:4549\"   # 不填则自动选择并说明 / chosen and said if left out");
    for layer in layers {
        lines.layer(layer);
    }
    if layers.is_empty() {
        lines.plain("\n# 未找到面状图层，请补充管控区域边界。 No polygon layer was found: add the zones.");
        lines.plain("# [[zones]]\n# path = \"zones.gpkg\"\n# id_field = \"编号\"");
    }
    for scene in scenes {
        lines.scene(scene, scenes);
    }
    lines.text.push_str(TAIL);
    lines.text
}

struct Lines<'f> {
    folder: &'f Path,
    text: String,
}

impl Lines<'_> {
    fn plain(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn key(&mut self, key: &str, value: &str) {
        self.plain(&format!("{key} = {}", quoted(value)));
    }

    fn relative(&self, path: &Path) -> String {
        let inner = path.strip_prefix(self.folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        if inner.is_empty() { ".".to_owned() } else { inner }
    }

    fn layer(&mut self, layer: &FoundLayer) {
        let count = layer.count;
        let path = self.relative(&layer.path);
        self.plain(&format!("\n[[zones]]   # {count} 个面 / {count} polygons"));
        self.key("path", &path);
        if let Some(name) = &layer.layer {
            self.key("layer", name);
        }
        for (key, field) in &layer.fields {
            let line = format!("{key} = {}   # 按常用字段名猜测 / guessed by its name", quoted(field));
            self.plain(&line);
        }
        let has = |key: &str| layer.fields.iter().any(|f| f.0 == key);
        if !layer.all_fields.is_empty() {
            let list = layer.all_fields.join(", ").replace(char::is_control, " ");
            self.plain(&format!("# 全部字段 / all fields: {list}"));
        }
        if !has("id_field") {
            self.plain("# id_field = \"…\"   # 未填则按行号编号 / features are numbered without it");
        }
        if !has("kind_field") {
            self.plain("# kind = \"国家级生态保护红线\"   # 管控区域类型 / zone kind of the whole layer");
        }
        if layer.needs_crs {
            self.plain(
                "# 文件未声明坐标系，须填写后才能使用。 The file has no CRS: fill it in.\n# crs = \"EPSG:4490\"",
            );
        }
        self.plain("# ring_m = 500   # 外环宽度（米）/ outer ring in metres");
    }

    fn scene(&mut self, scene: &FoundScene, all: &[FoundScene]) {
        let repeats =
            |s: &&FoundScene| s.kind == scene.kind && s.day.is_some() && s.day.map(|d| d.0) == scene.day.map(|d| d.0);
        let again = scene.day.is_some() && all.iter().find(repeats).is_some_and(|first| first.paths != scene.paths);
        let mut own = Lines { folder: self.folder, text: String::new() };
        own.scene_keys(scene);
        self.text.push('\n');
        if scene.day.is_none() {
            self.plain(
                "# 未能识别日期：请填写 date 或 year，并去掉注释。 No date was found: fill it in and uncomment.",
            );
        } else if again {
            self.plain("# 与上一景日期相同、范围相同：请二选一。 Same date and extent as the one above: choose one.");
        }
        let quiet = scene.day.is_none() || again;
        for line in own.text.lines() {
            let out = if quiet && !line.starts_with('#') { format!("# {line}") } else { line.to_owned() };
            self.plain(&out);
        }
    }

    fn scene_keys(&mut self, scene: &FoundScene) {
        self.plain("[[scenes]]");
        match scene.paths.as_slice() {
            [one] => self.key("path", &self.relative(one)),
            many => {
                let list: Vec<String> = many.iter().map(|p| format!("    {},\n", quoted(&self.relative(p)))).collect();
                self.plain(&format!(
                    "# 同日多幅，按镶嵌处理 / several of one day: a mosaic\npaths = [\n{}]",
                    list.concat()
                ));
            }
        }
        match scene.day {
            Some((day, basis)) => {
                let key = if day.is_year { "year" } else { "date" };
                self.plain(&format!("{key} = {}   # {}", quoted(&day.text()), basis_words(basis)));
            }
            None => self.plain("date = \"\""),
        }
        if scene.kind != SceneKind::Satellite {
            let line = format!("kind = {}   # 按文件名猜测 / guessed by its name", quoted(scene.kind.word()));
            self.plain(&line);
        }
        if let Some(sensor) = &scene.sensor {
            self.plain(&format!("sensor = {}   # 取自文件名 / from the file name", quoted(sensor)));
        }
        if let Some(bands) = &scene.bands {
            let why = if scene.bands_are_guessed {
                "波段顺序为猜测，请核对 / the band order is a guess, please check"
            } else {
                "取自波段说明或颜色 / from band descriptions or colours"
            };
            self.plain(&format!("bands = {{ {bands} }}   # {why}"));
        }
        if let Some((path, scheme)) = &scene.mask {
            let path = quoted(&self.relative(path));
            self.plain(&format!(
                "mask = {{ path = {path}, scheme = {} }}   # 按文件名猜测 / guessed by its name",
                quoted(scheme)
            ));
        }
        if scene.needs_crs {
            self.plain(
                "# 文件未声明坐标系，须填写后才能使用。 The file has no CRS: fill it in.\n# crs = \"EPSG:32650\"",
            );
        }
    }
}

fn basis_words(basis: DateBasis) -> &'static str {
    match basis {
        DateBasis::Tag => "取自文件标签 / from the file's tags",
        DateBasis::Name => "取自文件名 / from the file name",
        DateBasis::Metadata => "取自元数据文件 / from the product's metadata",
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => write!(out, "\\u{:04X}", u32::from(c)).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
