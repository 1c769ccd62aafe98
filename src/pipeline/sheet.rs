//! The map as a picture: a project's images, zones and flags on a sheet of paper, read at the resolution of the paper and
//! not from any screen. Window and console call the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo_types::Rect;

use super::RunError;
use super::ground::Ground;
use super::view::{self, Composite, Opened};
use crate::io;
use crate::io::raster::SceneReader;
use crate::job::Progress;
use crate::lang::Lang;
use crate::model::flag::Severity;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::record::FlagRecord;
use crate::model::scene::Scene;
use crate::project::footprint;
use crate::report::sheet::{self, DrawnFlag, DrawnZone, Layout, MapPicture, Paper, Sheet};

/// Rows read at once.
const ROWS: usize = 256;

/// Most maps on one sheet.
const MOST_MAPS: usize = 2;

/// What the sheet shows of the years.
#[derive(Debug, Clone, PartialEq)]
pub enum Years {
    /// The last image.
    Last,
    /// These scenes of the plan, side by side.
    Scenes(Vec<usize>),
    /// The scenes of these dates, side by side.
    Dates(Vec<String>),
}

/// What is wanted of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetWish {
    /// The file.
    pub out: PathBuf,
    /// The paper.
    pub paper: Paper,
    /// Language of the words; `None` takes the project's.
    pub lang: Option<Lang>,
    /// The title; `None` takes the project's name.
    pub title: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// The map rectangle to show whole; `None` shows the whole image.
    pub bounds: Option<Rect<f64>>,
    /// The years.
    pub years: Years,
    /// How bands make the picture.
    pub composite: Composite,
    /// Names of the zone layers shown; `None` shows those in force.
    pub layers: Option<Vec<String>>,
    /// Opacity of the zones' fill.
    pub zone_opacity: f32,
    /// Severities shown; none shows no flags.
    pub severities: Vec<Severity>,
    /// Whether zones and flags are named.
    pub names: bool,
    /// Whether there is a legend.
    pub legend: bool,
}

impl SheetWish {
    /// A sheet in A4 with everything on it.
    #[must_use]
    pub fn plain(out: PathBuf) -> Self {
        Self {
            out,
            paper: Paper::of_mm(297.0, 210.0, 200.0),
            lang: None,
            title: None,
            author: None,
            bounds: None,
            years: Years::Last,
            composite: Composite::TrueColour,
            layers: None,
            zone_opacity: 0.16,
            severities: vec![Severity::Low, Severity::Medium, Severity::High],
            names: true,
            legend: true,
        }
    }
}

/// Why a sheet could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SheetError {
    /// The paper is too small, too large, or its resolution is out of reach.
    #[error("no sheet of {width} × {height} pixels can be made")]
    Paper {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// No image of that date.
    #[error("no image of {0}")]
    NoSuchYear(String),
}

impl Explain for SheetError {
    fn notice(&self) -> Notice {
        match self {
            Self::Paper { width, height } => {
                Notice::new("sheet_paper", Weight::Fatal).fact("width", width).fact("height", height)
            }
            Self::NoSuchYear(date) => Notice::new("sheet_year", Weight::Fatal).fact("date", date),
        }
    }
}

/// Draws a sheet and puts it in its place. Returns the file.
///
/// # Errors
/// [`RunError`] where the project cannot be opened, an image cannot be read, or the file cannot be written.
pub fn sheet(project: &Path, wish: &SheetWish, progress: &Progress) -> Result<PathBuf, RunError> {
    let paper = wish.paper;
    if !paper.is_possible() {
        return Err(SheetError::Paper { width: paper.width, height: paper.height }.into());
    }
    let opened = view::open(project, progress)?;
    let plan = &opened.plan;
    let lang = wish.lang.unwrap_or(plan.outputs.language);
    let scenes = scenes(&plan.scenes, &wish.years)?;
    let foot = foot(&opened, &scenes, wish, lang);
    let layout = Layout::of(paper, scenes.len(), wish.legend, foot.len());
    let extent = scenes.last().and_then(|scene| footprint::of_scene(&plan.scenes[*scene], &plan.crs));
    let wanted = wish.bounds.or(extent).or_else(|| opened.pyramid.as_ref().map(|pyramid| pyramid.extent));
    let bounds = layout.shown(&wanted.unwrap_or_else(|| Rect::new((0.0, 0.0), (1.0, 1.0))));
    progress.stage("sheet", layout.maps.iter().map(|map| u64::from(map.3)).sum())?;
    let mut maps = Vec::new();
    for (scene, place) in scenes.iter().zip(&layout.maps) {
        let rgba = picture(&opened, *scene, wish.composite, &bounds, (place.2, place.3), progress)?;
        maps.push(MapPicture { rgba, caption: caption(&plan.scenes[*scene], lang) });
    }
    let day = scenes.last().map(|scene| plan.scenes[*scene].date);
    let names = layers(&opened);
    let is_shown = |layer: usize| match &wish.layers {
        Some(wanted) => wanted.contains(&names[layer].0),
        None => plan.zones.iter().any(|z| z.layer == names[layer].0 && day.is_none_or(|day| z.in_force_on(day))),
    };
    let shown: Vec<bool> = (0..names.len()).map(is_shown).collect();
    let zones = zones(&opened, &names, &shown);
    let title = wish.title.clone().unwrap_or_else(|| plan.name.clone());
    let sheet = Sheet {
        lang,
        paper,
        title: &title,
        foot,
        bounds,
        metres_per_unit: Ground::of(&plan.crs).ok().and_then(|ground| ground.metres_per_unit(bounds.center().x_y())),
        maps,
        layers: names.iter().enumerate().filter(|(at, _)| shown[*at]).map(|(at, name)| (name.1.clone(), at)).collect(),
        zones,
        zone_opacity: wish.zone_opacity,
        flags: (!wish.severities.is_empty()).then(|| flags(&opened.records, &wish.severities)),
        names: wish.names,
        legend: wish.legend,
    };
    let refused = SheetError::Paper { width: paper.width, height: paper.height };
    let bytes = sheet::draw(&sheet, &layout).ok_or(refused)?;
    progress.advance(0)?;
    io::atomic::write_bytes(&wish.out, &bytes)?;
    Ok(wish.out.clone())
}

fn scenes(all: &[Scene], years: &Years) -> Result<Vec<usize>, SheetError> {
    let image = |at: &usize| all[*at].kind.is_image();
    let last = (0..all.len()).rfind(image).or_else(|| all.len().checked_sub(1));
    let dated = |date: &String| {
        let of = |scene: &Scene| scene.date.to_string() == *date || scene.date.year().to_string() == *date;
        let found = (0..all.len()).rfind(|at| of(&all[*at]) && image(at)).or_else(|| all.iter().position(of));
        found.ok_or_else(|| SheetError::NoSuchYear(date.clone()))
    };
    let mut wanted: Vec<usize> = match years {
        Years::Last => last.into_iter().collect(),
        Years::Scenes(scenes) => scenes.iter().copied().filter(|at| *at < all.len()).collect(),
        Years::Dates(dates) => dates.iter().map(dated).collect::<Result<_, _>>()?,
    };
    wanted.dedup();
    wanted.truncate(MOST_MAPS);
    if wanted.is_empty() { Err(SheetError::NoSuchYear(String::new())) } else { Ok(wanted) }
}

/// The pixels of a scene on the lattice of the paper.
fn picture(
    opened: &Opened,
    at: usize,
    composite: Composite,
    bounds: &Rect<f64>,
    (width, height): (u32, u32),
    progress: &Progress,
) -> Result<Vec<u8>, RunError> {
    // A mask hides ground from the analysis, not from the eye.
    let scene = Scene { masks: Vec::new(), ..opened.plan.scenes[at].clone() };
    let paint = opened.pyramid.as_ref().and_then(|pyramid| view::plain_paint(&opened.plan, pyramid, at, composite));
    let Some(paint) = paint else { return Ok(Vec::new()) };
    let (cols, rows) = (width as usize, height as usize);
    let (across, down) = (bounds.width() / f64::from(width), bounds.height() / f64::from(height));
    let transform = GeoTransform::north_up(bounds.min().x, bounds.max().y, across, down);
    let grid = Grid { crs: Arc::new(opened.plan.crs.clone()), transform, rows, cols };
    let mut reader = SceneReader::open(&scene, &paint.composite.roles(), &grid, (0.0, 0.0))?.for_looking();
    let mut rgba = Vec::with_capacity(rows * cols * 4);
    for row in (0..rows).step_by(ROWS) {
        let window = Window { row, col: 0, rows: ROWS.min(rows - row), cols };
        let block = reader.read(window)?;
        rgba.extend(paint.colours(&block.bands, &block.gaps));
        progress.advance(window.rows as u64)?;
    }
    Ok(rgba)
}

fn caption(scene: &Scene, lang: Lang) -> String {
    let day = if scene.date_is_year { scene.date.year().to_string() } else { scene.date.to_string() };
    format!("{day} · {}", lang.word(scene.kind.key()))
}

/// CRS, sources and author.
fn foot(opened: &Opened, scenes: &[usize], wish: &SheetWish, lang: Lang) -> Vec<String> {
    let mut lines = vec![lang.sentence("sheet.crs", &[("crs", &opened.plan.crs.label())])];
    for scene in scenes.iter().map(|at| &opened.plan.scenes[*at]) {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let first = scene.files.first().map(|file| name(&file.path)).unwrap_or_default();
        let more = scene.files.len().saturating_sub(1);
        let file = if more > 0 { format!("{first} (+{more})") } else { first };
        let sensor = scene.sensor.as_ref().map_or_else(String::new, |sensor| format!("{sensor} · "));
        lines.push(
            lang.sentence("sheet.source", &[("date", &caption(scene, lang)), ("file", &format!("{sensor}{file}"))]),
        );
    }
    let author = wish.author.as_deref().map(str::trim).filter(|author| !author.is_empty());
    lines.extend(author.map(|author| lang.sentence("sheet.author", &[("author", &author)])));
    lines
}

/// Names of the zone layers in the plan's order, and what the legend calls them.
fn layers(opened: &Opened) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for zone in &opened.plan.zones {
        if !names.iter().any(|name| name.0 == zone.layer) {
            let alone = opened.plan.zones.iter().filter(|other| other.layer == zone.layer).count() == 1;
            let told = if alone && !zone.kind.is_empty() { zone.kind.clone() } else { zone.layer.clone() };
            names.push((zone.layer.clone(), told));
        }
    }
    names
}

/// Shown zones, larger ones below smaller ones.
fn zones<'a>(opened: &'a Opened, names: &[(String, String)], shown: &[bool]) -> Vec<DrawnZone<'a>> {
    let layer_of = |layer: &str| names.iter().position(|name| name.0 == layer).filter(|at| shown[*at]);
    let mut zones: Vec<_> = opened.plan.zones.iter().filter_map(|zone| Some((zone, layer_of(&zone.layer)?))).collect();
    zones.sort_by(|a, b| b.0.area.0.total_cmp(&a.0.area.0));
    zones.into_iter().map(|(zone, layer)| DrawnZone { shape: &zone.shape, name: &zone.name, layer }).collect()
}

/// Flags of the severities, the lightest first.
fn flags<'a>(records: &'a [FlagRecord], severities: &[Severity]) -> Vec<DrawnFlag<'a>> {
    let wanted = records.iter().filter(|record| severities.contains(&record.severity));
    let mut flags: Vec<DrawnFlag<'a>> = wanted
        .map(|record| DrawnFlag { shape: &record.shape, code: &record.code, severity: record.severity })
        .collect();
    flags.sort_by_key(|flag| flag.severity);
    flags
}
