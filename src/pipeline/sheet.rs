//! The map as a picture: a project's images, zones and flags on a sheet of paper, read at the resolution of the paper and
//! not from any screen. Window and console call the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo_types::Rect;

use super::RunError;
use super::basemap::Still;
use super::ground::Ground;
use super::view::{self, Composite, Opened, Paint};
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
    /// How scenes are painted, by their number in the plan; those that are not listed as they are at first.
    pub paints: BTreeMap<usize, Arc<Paint>>,
    /// The picture below the images: its source and its opacity.
    pub basemap: Option<(String, f32)>,
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
            paints: BTreeMap::new(),
            basemap: None,
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
    let mut foot = foot(&opened, &scenes, wish, lang);
    let lines = foot.len() + usize::from(wish.basemap.is_some());
    let layout = Layout::of(paper, scenes.len(), wish.legend, lines);
    let extent = scenes.last().and_then(|scene| footprint::of_scene(&plan.scenes[*scene], &plan.crs));
    let wanted = wish.bounds.or(extent).or_else(|| opened.pyramid.as_ref().map(|pyramid| pyramid.extent));
    let bounds = layout.shown(&wanted.unwrap_or_else(|| Rect::new((0.0, 0.0), (1.0, 1.0))));
    progress.stage("sheet", layout.maps.iter().map(|map| u64::from(map.3)).sum())?;
    let mut backdrop = Backdrop::open(&opened, wish, bounds, layout.maps.first().map_or(1, |map| map.2))?;
    let credit = backdrop.as_ref().map(|backdrop| &backdrop.still.credit);
    foot.extend(credit.map(|credit| lang.sentence("sheet.basemap", &[("source", credit)])));
    let mut maps = Vec::new();
    for (scene, place) in scenes.iter().zip(&layout.maps) {
        let mut rgba = picture(&opened, *scene, wish, &bounds, (place.2, place.3), progress)?;
        if let Some(backdrop) = &mut backdrop {
            rgba = backdrop.below(&rgba, (place.2, place.3), progress)?;
        }
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

/// The basemap on the lattice of the paper.
struct Backdrop {
    still: Still,
    opacity: f32,
}

impl Backdrop {
    /// Opens the basemap of a wish for maps so many pixels wide; `None` where none is wished.
    fn open(opened: &Opened, wish: &SheetWish, bounds: Rect<f64>, width: u32) -> Result<Option<Self>, RunError> {
        let Some((source, opacity)) = &wish.basemap else { return Ok(None) };
        let beside = opened.plan.file.parent().unwrap_or_else(|| Path::new("."));
        let still = Still::open(source, beside, &opened.plan.crs, bounds, bounds.width() / f64::from(width))?;
        Ok(Some(Self { still, opacity: *opacity }))
    }

    /// An image, opaque or clear, over the basemap on white.
    fn below(&mut self, image: &[u8], size: (u32, u32), progress: &Progress) -> Result<Vec<u8>, RunError> {
        let mut rgba = self.still.picture((size.0 as usize, size.1 as usize), progress)??;
        for pixel in rgba.chunks_exact_mut(4) {
            let share = self.opacity * f32::from(pixel[3]) / 255.0;
            pixel[..3].iter_mut().for_each(|v| *v = (f32::from(*v) * share + 255.0 * (1.0 - share)).round() as u8);
            pixel[3] = 255;
        }
        let seen = rgba.chunks_exact_mut(4).zip(image.chunks_exact(4)).filter(|(_, above)| above[3] > 0);
        seen.for_each(|(pixel, above)| pixel.copy_from_slice(above));
        Ok(rgba)
    }
}

/// The pixels of a scene on the lattice of the paper.
fn picture(
    opened: &Opened,
    at: usize,
    wish: &SheetWish,
    bounds: &Rect<f64>,
    (width, height): (u32, u32),
    progress: &Progress,
) -> Result<Vec<u8>, RunError> {
    // A mask hides ground from the analysis, not from the eye.
    let scene = Scene { masks: Vec::new(), ..opened.plan.scenes[at].clone() };
    let plain = || view::plain_paint(&opened.plan, opened.pyramid.as_ref()?, at, wish.composite).map(Arc::new);
    let Some(paint) = wish.paints.get(&at).cloned().or_else(plain) else { return Ok(Vec::new()) };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(basemap: Option<(String, f32)>, out: &Path) -> image::RgbaImage {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/ecoredline.toml");
        let paper = Paper { width: 700, height: 500, dpi: 96.0 };
        let years = Years::Dates(vec!["2024-10-12".to_owned()]);
        let severities = Vec::new();
        let wish = SheetWish { paper, years, basemap, severities, ..SheetWish::plain(out.join("map.png")) };
        let file = sheet(&project, &wish, &Progress::unwatched()).expect("drawn");
        image::open(file).expect("a picture").to_rgba8()
    }

    #[test]
    fn a_basemap_fills_what_the_image_leaves_free_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let plain = drawn(None, folder.path());
        let satellite = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/satellite/reach_2024.tif");
        let backed = drawn(Some((satellite.display().to_string(), 1.0)), folder.path());
        let middle = |picture: &image::RgbaImage| *picture.get_pixel(picture.width() / 3, picture.height() / 2);
        assert_eq!(middle(&plain), middle(&backed), "the image lies above");
        let changed = plain.pixels().zip(backed.pixels()).filter(|(a, b)| a != b).count();
        let share = changed as f64 / plain.pixels().len() as f64;
        assert!((0.1..0.6).contains(&share), "{share}");
    }

    #[test]
    fn a_basemap_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/ecoredline.toml");
        let basemap = Some(("/no/such/picture.tif".to_owned(), 1.0));
        let wish = SheetWish { basemap, ..SheetWish::plain(folder.path().join("map.png")) };
        let error = sheet(&project, &wish, &Progress::unwatched()).expect_err("refused");
        assert!(error.notices()[0].path.as_deref().is_some_and(|at| at.ends_with("picture.tif")), "{error}");
        assert!(!folder.path().join("map.png").exists());
    }
}
