//! The project file → the plan: headers and zones are looked at, every choice is made and said, nothing is written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo_types::Rect;

use super::comparisons::{self, Pair};
use super::document::Document;
use super::error::{Problem, ProjectError};
use super::footprint;
use super::load::{self, load_document};
use super::masks;
use super::pair::{self, Ground};
use super::plan::{Detection, Outputs, Plan, PlannedComparison};
use super::raw::{Raw, RawAlignment, RawLanguage, RawThreshold};
use super::reference::{self, Reference};
use super::scenes;
use super::sensor::Sensors;
use super::tables::Tables;
use super::wishes::{self, Lookup, MaskWish, Wish};
use super::zones;
use crate::detect::registration::Remedy;
use crate::detect::threshold::Rule;
use crate::io::files;
use crate::lang::Lang;
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::Scene;
use crate::model::units::SquareMetres;
use crate::model::zone::Zone;
use crate::report::Format;

/// Reads a project file and looks at everything it names.
///
/// # Errors
/// The file has mistakes, or nothing is left that could be compared; inputs that were refused on the way are in the
/// error's notices.
pub fn check(path: &Path) -> Result<Plan, ProjectError> {
    let file = files::absolute(path);
    let (raw, document) = load_document(&file)?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the lifetime is the callee's")]
    looked_up(&file, &raw, &document, |checking| checking.plan())
}

/// What a project file settles by its words alone: no image and no layer is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Name of the project.
    pub name: String,
    /// How to detect.
    pub detection: Detection,
    /// What to write.
    pub outputs: Outputs,
}

/// Checks every word of a project file's text, without looking at any data.
///
/// # Errors
/// The text has mistakes, or names a date, CRS, sensor, table or folder that cannot be meant.
pub fn settings(path: &Path, text: &str) -> Result<Settings, ProjectError> {
    let file = files::absolute(path);
    let (raw, document) = load::document_of(&file, text)?;
    looked_up(&file, &raw, &document, |mut checking| {
        let Words { outputs, .. } = checking.words()?;
        let key = |index: usize| format!("zones[{}].crs", index + 1);
        let layers = checking.raw.zones.iter().enumerate();
        let problems: Vec<Problem> =
            layers.filter_map(|(index, layer)| checking.lookup.crs(&key(index), layer.crs.as_ref()).err()).collect();
        if !problems.is_empty() {
            return Err(checking.mistakes(problems));
        }
        let layers: Vec<PathBuf> = checking.raw.zones.iter().map(|layer| checking.lookup.path(&layer.path)).collect();
        outputs_apart(&outputs, &layers)?;
        Ok(Settings { name: checking.name(), detection: checking.detection(), outputs })
    })
}

/// Does something with a project whose words can be looked up.
fn looked_up<T>(
    file: &Path,
    raw: &Raw,
    document: &Document,
    then: impl FnOnce(Checking<'_>) -> Result<T, ProjectError>,
) -> Result<T, ProjectError> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let tables = Tables::load(&raw.tables, folder)?;
    let own_sensors = raw.tables.sensors.as_ref().map(|p| files::absolute(&folder.join(p)));
    let sensors = Sensors::load(own_sensors.as_deref())?;
    let lookup = Lookup { document, folder, sensors: &sensors, tables: &tables };
    then(Checking { file, raw, lookup, notices: Vec::new() })
}

/// What is known before any file is opened.
struct Words<'c> {
    given: Option<Reference>,
    wishes: Vec<Wish<'c>>,
    asked: Option<Vec<Pair>>,
    outputs: Outputs,
}

struct Checking<'c> {
    file: &'c Path,
    raw: &'c Raw,
    lookup: Lookup<'c>,
    notices: Vec<Notice>,
}

impl<'c> Checking<'c> {
    fn plan(mut self) -> Result<Plan, ProjectError> {
        let Words { given, wishes, asked, outputs } = self.words()?;
        let layers = zones::look(self.raw, &self.lookup, &mut self.notices).map_err(|p| self.mistakes(p))?;
        outputs_apart(&outputs, &zones::sources(&layers))?;
        let mut scenes = self.scenes(&wishes)?;
        let zone_crs: Vec<Crs> = layers.iter().filter_map(|l| l.crs().cloned()).collect();
        let reference = given.map_or_else(|| reference::choose(self.file, &scenes, &zone_crs), Ok)?;
        self.notices.push(reference.notice());
        masks::of_polygons(&wishes, &mut scenes, &reference, &mut self.notices);
        let (zones, ellipsoidal_areas) = self.zones(&layers, &reference, &scenes)?;
        let pairs = comparisons::pairs(asked.as_deref(), &scenes, &wishes, &mut self.notices);
        let comparisons = self.comparisons(&pairs, &scenes, &zones, &reference)?;
        let coarsest = comparisons.iter().map(|c| c.grid.transform.pixel_area()).fold(0.0, f64::max);
        zones::tell_small(&zones, SquareMetres(coarsest), &mut self.notices);
        Ok(Plan {
            name: self.name(),
            file: self.file.to_path_buf(),
            crs: reference.crs,
            crs_choice: reference.choice,
            ellipsoidal_areas,
            ledger: self.lookup.path(self.raw.project.ledger.as_deref().unwrap_or("ledger.gpkg")),
            zones,
            zone_files: zones::sources(&layers),
            scenes,
            comparisons,
            gsd_m: self.raw.project.gsd_m,
            detection: self.detection(),
            outputs,
            tables: self.lookup.tables.clone(),
            notices: self.notices,
        })
    }

    fn words(&mut self) -> Result<Words<'c>, ProjectError> {
        let given = self.raw.project.analysis_crs.as_ref().map(|w| reference::given(self.file, w)).transpose()?;
        let (wishes, asked) = self.wishes()?;
        let outputs = self.outputs(&wishes)?;
        Ok(Words { given, wishes, asked, outputs })
    }

    fn name(&self) -> String {
        let stem = || self.file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        self.raw.project.name.clone().unwrap_or_else(stem)
    }

    fn mistakes(&self, problems: Vec<Problem>) -> ProjectError {
        ProjectError::Problems { path: self.file.to_path_buf(), problems }
    }

    fn nothing(&mut self, code: &'static str) -> ProjectError {
        // What the program chose on the way is no reason.
        let reasons = std::mem::take(&mut self.notices).into_iter().filter(|n| n.weight >= Weight::Warning).collect();
        ProjectError::Nothing { path: self.file.to_path_buf(), code, notices: reasons }
    }

    /// Scenes and pairs as wished: every mistake in their words is found before any file is opened.
    fn wishes(&mut self) -> Result<(Vec<Wish<'c>>, Option<Vec<Pair>>), ProjectError> {
        let wishes = wishes::read(self.raw, &self.lookup).map_err(|p| self.mistakes(p))?;
        let mut notices = Vec::new();
        let asked = comparisons::asked(&self.raw.comparisons, &wishes, &self.lookup, &mut notices);
        self.notices.append(&mut notices);
        Ok((wishes, asked.map_err(|p| self.mistakes(p))?))
    }

    fn scenes(&mut self, wishes: &[Wish<'_>]) -> Result<Vec<Scene>, ProjectError> {
        let mut built = scenes::build(wishes, self.lookup.sensors, self.lookup.tables);
        self.notices.append(&mut built.notices);
        let two_of_a_kind = built.usable.windows(2).any(|w| w[0].kind == w[1].kind);
        match built.usable.len() {
            0 => Err(self.nothing("no_scene")),
            _ if !two_of_a_kind => Err(self.nothing("one_epoch")),
            _ => Ok(built.usable),
        }
    }

    fn zones(
        &mut self,
        layers: &[zones::Layer<'_>],
        reference: &Reference,
        scenes: &[Scene],
    ) -> Result<(Vec<Zone>, bool), ProjectError> {
        let mut found = zones::read(layers, reference, self.lookup.tables, &mut self.notices);
        if found.is_empty() {
            return Err(self.nothing("no_zone"));
        }
        let extent = zones::bounds(found.iter().map(|z| &z.shape));
        let ellipsoidal = reference.needs_ellipsoid(extent.as_ref());
        if ellipsoidal {
            zones::measure_on_ellipsoid(&mut found, &reference.crs, &mut self.notices);
        }
        let boxes: Vec<Rect<f64>> = scenes.iter().filter_map(|s| footprint::of_scene(s, &reference.crs)).collect();
        zones::tell_unreached(&found, &boxes, &reference.crs, &mut self.notices);
        scenes::tell_off_zones(scenes, &found, &reference.crs, &mut self.notices);
        Ok((found, ellipsoidal))
    }

    fn comparisons(
        &mut self,
        pairs: &[(usize, usize)],
        scenes: &[Scene],
        zones: &[Zone],
        reference: &Reference,
    ) -> Result<Vec<PlannedComparison>, ProjectError> {
        let crs = Arc::new(reference.crs.clone());
        let mut planned = Vec::new();
        for (from, to) in pairs {
            match self.comparison((*from, *to), scenes, zones, &crs) {
                Ok(comparison) => planned.push(comparison),
                Err(notice) => {
                    let (before, after) = (&scenes[*from], &scenes[*to]);
                    self.notices.push(pair::named(notice, before, after));
                }
            }
        }
        if planned.is_empty() { Err(self.nothing("no_comparison")) } else { Ok(planned) }
    }

    fn comparison(
        &mut self,
        (from, to): (usize, usize),
        scenes: &[Scene],
        zones: &[Zone],
        crs: &Arc<Crs>,
    ) -> Result<PlannedComparison, Notice> {
        let ground = Ground { scenes, zones, crs, gsd_m: self.raw.project.gsd_m };
        let (planned, told) = ground.comparison(from, to)?;
        self.notices.extend(told);
        Ok(planned)
    }

    fn detection(&self) -> Detection {
        let threshold = match self.raw.detection.threshold {
            RawThreshold::Rule(rule) => rule.into(),
            RawThreshold::Score(score) => Rule::Fixed(score),
        };
        let method = self.raw.detection.method.word().to_owned();
        let alignment = match self.raw.detection.alignment {
            RawAlignment::Auto => Remedy::Field,
            RawAlignment::Shift => Remedy::OneShift,
            RawAlignment::None => Remedy::Nothing,
        };
        Detection { method, threshold, alignment, min_area_m2: self.raw.detection.min_area_m2 }
    }

    fn outputs(&self, wishes: &[Wish<'_>]) -> Result<Outputs, ProjectError> {
        let raw = &self.raw.outputs;
        let all = || vec![Format::Gpkg, Format::Geojson, Format::Csv, Format::Xlsx, Format::Html];
        let mut formats = raw.formats.clone().unwrap_or_else(all);
        formats.sort();
        formats.dedup();
        let outputs = Outputs {
            directory: self.lookup.path(raw.directory.as_deref().unwrap_or("out")),
            rasters: raw.rasters,
            formats,
            language: match raw.language {
                Some(RawLanguage::En) => Lang::En,
                Some(RawLanguage::Zh) | None => Lang::Zh,
            },
        };
        let masks = wishes.iter().flat_map(|wish| &wish.masks).filter_map(MaskWish::path);
        let sources: Vec<PathBuf> = wishes.iter().flat_map(|w| &w.paths).chain(masks).cloned().collect();
        outputs_apart(&outputs, &sources)?;
        Ok(outputs)
    }
}

/// Outputs may lie below the folder of the sources, but not among them.
fn outputs_apart(outputs: &Outputs, sources: &[PathBuf]) -> Result<(), ProjectError> {
    let among = |source: &PathBuf| *source == outputs.directory || source.parent() == Some(&outputs.directory);
    if sources.iter().any(among) {
        return Err(ProjectError::OutputAmongSources { folder: outputs.directory.clone() });
    }
    Ok(())
}
