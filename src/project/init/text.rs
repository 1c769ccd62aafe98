//! The text of a draft: TOML in which every guess is said, Chinese first, English beside it.

use std::path::Path;

use super::draft::{Basis, Draft, DraftLayer, DraftScene};
use crate::model::scene::SceneKind;
use crate::project::bands;
use crate::project::edit::quoted;

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

const LEFT_OUT: &str = "# 未选用。 Left out.";

/// The text of the project file of a draft. Paths are relative to its folder.
pub(super) fn text(draft: &Draft) -> String {
    let mut lines = Lines { folder: &draft.folder, text: HEAD.to_owned() };
    lines.key("name", &draft.name);
    lines.plain("# analysis_crs = \"EPSG:4549\"   # 不填则自动选择并说明 / chosen and said if left out");
    for layer in &draft.layers {
        lines.layer(layer);
    }
    if draft.layers.is_empty() {
        lines.plain("\n# 未找到面状图层，请补充管控区域边界。 No polygon layer was found: add the zones.");
        lines.plain("# [[zones]]\n# path = \"zones.gpkg\"\n# id_field = \"编号\"");
    }
    for scene in 0..draft.scenes.len() {
        lines.scene(draft, scene);
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

    /// Lines as comments: they stand there, but count for nothing.
    fn quietly(&mut self, text: &str) {
        for line in text.lines() {
            self.plain(&if line.starts_with('#') { line.to_owned() } else { format!("# {line}") });
        }
    }

    fn layer(&mut self, layer: &DraftLayer) {
        let mut own = Lines { folder: self.folder, text: String::new() };
        own.layer_keys(layer);
        self.plain("");
        if layer.included {
            self.text.push_str(&own.text);
        } else {
            self.plain(LEFT_OUT);
            self.quietly(&own.text);
        }
    }

    fn layer_keys(&mut self, layer: &DraftLayer) {
        let count = layer.count;
        let path = self.relative(&layer.path);
        self.plain(&format!("[[zones]]   # {count} 个面 / {count} polygons"));
        self.key("path", &path);
        if let Some(name) = &layer.layer {
            self.key("layer", name);
        }
        for choice in &layer.fields {
            let why =
                if choice.basis == Basis::User { "" } else { "   # 按常用字段名猜测 / guessed by its name" };
            self.plain(&format!("{} = {}{why}", choice.key, quoted(&choice.field)));
        }
        if !layer.all_fields.is_empty() {
            let list = layer.all_fields.join(", ").replace(char::is_control, " ");
            self.plain(&format!("# 全部字段 / all fields: {list}"));
        }
        if layer.field("id_field").is_none() {
            self.plain("# id_field = \"…\"   # 未填则按行号编号 / features are numbered without it");
        }
        if let Some(kind) = &layer.kind {
            self.key("kind", kind);
        } else if layer.field("kind_field").is_none() {
            self.plain("# kind = \"国家级生态保护红线\"   # 管控区域类型 / zone kind of the whole layer");
        }
        self.crs(layer.needs_crs, layer.crs.as_deref(), "EPSG:4490");
        if let Some(encoding) = &layer.encoding {
            self.key("encoding", encoding);
        }
        if let Some(error) = layer.boundary_error_m {
            self.plain(&format!("boundary_error_m = {error:?}"));
        }
        match layer.ring_m {
            Some(ring) => self.plain(&format!("ring_m = {ring:?}")),
            None => self.plain("# ring_m = 500   # 外环宽度（米）/ outer ring in metres"),
        }
    }

    fn crs(&mut self, needed: bool, given: Option<&str>, example: &str) {
        if let Some(crs) = given {
            self.key("crs", crs);
        } else if needed {
            self.plain("# 文件未声明坐标系，须填写后才能使用。 The file has no CRS: fill it in.");
            self.plain(&format!("# crs = \"{example}\""));
        }
    }

    fn scene(&mut self, draft: &Draft, number: usize) {
        let scene = &draft.scenes[number];
        let again = draft.twin(number).is_some();
        let mut own = Lines { folder: self.folder, text: String::new() };
        own.scene_keys(scene);
        self.plain("");
        if !scene.included {
            self.plain(LEFT_OUT);
        } else if scene.day.is_none() {
            self.plain(
                "# 未能识别日期：请填写 date 或 year，并去掉注释。 No date was found: fill it in and uncomment.",
            );
        } else if again {
            self.plain("# 与上一景日期相同、范围相同：请二选一。 Same date and extent as the one above: choose one.");
        }
        if !scene.included || scene.day.is_none() || again {
            self.quietly(&own.text);
        } else {
            self.text.push_str(&own.text);
        }
    }

    fn scene_keys(&mut self, scene: &DraftScene) {
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
                self.guess(key, &day.text(), basis_words(basis));
            }
            None => self.plain("date = \"\""),
        }
        if scene.kind.0 != SceneKind::Satellite {
            self.guess("kind", scene.kind.0.word(), by_name(scene.kind.1));
        }
        if let Some((sensor, basis)) = &scene.sensor {
            self.guess("sensor", sensor, basis_words(*basis));
        }
        if let Some((bands, basis)) = &scene.bands {
            let why = match basis {
                Basis::User => "",
                Basis::Count => "   # 波段顺序为猜测，请核对 / the band order is a guess, please check",
                _ => "   # 取自波段说明或颜色 / from band descriptions or colours",
            };
            self.plain(&format!("bands = {{ {} }}{why}", bands::listed(bands)));
        }
        if let Some((path, scheme)) = &scene.mask {
            let path = quoted(&self.relative(path));
            self.plain(&format!(
                "mask = {{ path = {path}, scheme = {} }}   # 按文件名猜测 / guessed by its name",
                quoted(scheme)
            ));
        }
        self.crs(scene.needs_crs, scene.crs.as_deref(), "EPSG:32650");
    }

    /// A key with where its value came from.
    fn guess(&mut self, key: &str, value: &str, why: &str) {
        let why = if why.is_empty() { String::new() } else { format!("   # {why}") };
        self.plain(&format!("{key} = {}{why}", quoted(value)));
    }
}

/// Where a value came from; nothing where the user gave it.
fn basis_words(basis: Basis) -> &'static str {
    match basis {
        Basis::Tag => "取自文件标签 / from the file's tags",
        Basis::Name => "取自文件名 / from the file name",
        Basis::Metadata => "取自元数据文件 / from the product's metadata",
        Basis::Bands | Basis::Count | Basis::User => "",
    }
}

fn by_name(basis: Basis) -> &'static str {
    if basis == Basis::User { "" } else { "按文件名猜测 / guessed by its name" }
}
