//! One comparison made for looking at: its outcome, and its change mask in a folder that goes away again.

use geo_types::MultiPolygon;

use crate::io::atomic::Scratch;
use crate::io::raster::{RasterKind, RasterWriter, SceneReader};
use crate::job::Progress;
use crate::model::grid::{Grid, Window};
use crate::model::legend::Legend;
use crate::model::notice::Notice;
use crate::model::outcome::ComparisonOutcome;
use crate::model::raster::mask;
use crate::model::scene::{BandRole, BandSource, SampleType, Scene, SceneFile, SceneKind, Zero};
use crate::model::zone::Zone;
use crate::pipeline::RunOptions;
use crate::pipeline::blocks::Tiling;
use crate::pipeline::compare::{Compared, ResultRasters, compare};
use crate::pipeline::error::RunError;
use crate::pipeline::patches::area_on_ground;
use crate::project::plan::{Plan, PlannedComparison};
use crate::screen::coverage::{Cover, PixelShape};
use crate::screen::hits::ZoneIndex;

/// Side of a stored block of the change mask.
const BLOCK: usize = 512;

/// Share of a pixel from which it belongs to a shape.
const HALF: f32 = 0.5;

/// A comparison and its change mask.
pub struct Mapped<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// The comparison's outcome.
    pub outcome: ComparisonOutcome,
    /// What the comparison had to say.
    pub notices: Vec<Notice>,
    /// The zones in force.
    pub index: ZoneIndex,
    /// Windows that some zone or ring touches.
    pub tiles: Vec<Window>,
    change: Scene,
    _folder: Scratch,
}

impl<'p> Mapped<'p> {
    /// Makes the comparison.
    ///
    /// # Errors
    /// As a run's; and where there is no room for the mask.
    pub fn new(
        plan: &'p Plan,
        planned: &PlannedComparison,
        options: &RunOptions,
        progress: &Progress,
    ) -> Result<Self, RunError> {
        let folder = Scratch::begin()?;
        let path = folder.path().join("change.tif");
        let rasters = ResultRasters {
            change: RasterWriter::create(&path, &planned.grid, RasterKind::ChangeMask)?,
            score: RasterWriter::create(&folder.path().join("score.tif"), &planned.grid, RasterKind::Score)?,
        };
        let Compared { outcome, notices, .. } = compare(plan, planned, &[], Some(rasters), options, progress)?;
        let (before, after) = (&plan.scenes[planned.from], &plan.scenes[planned.to]);
        let in_force: Vec<&Zone> = planned.zones.iter().map(|&zone| &plan.zones[zone]).collect();
        let file = SceneFile {
            path,
            grid: planned.grid.clone(),
            block: (BLOCK, BLOCK),
            sample: SampleType::U8,
            bands: vec![class_band(Some(f64::from(mask::NOT_OBSERVED)))],
            alpha: None,
            has_mask: false,
            zero: Zero::default(),
        };
        Ok(Self {
            plan,
            index: ZoneIndex::new(&plan.zones, &planned.zones, &planned.grid.transform),
            tiles: Tiling::of(&planned.grid, [before, after]).touched(&planned.grid, &in_force),
            change: class_scene(file, after),
            outcome,
            notices,
            _folder: folder,
        })
    }

    /// The analysis grid.
    pub fn grid(&self) -> &Grid {
        &self.outcome.grid
    }

    /// A reader of the change mask; what was not observed are gaps.
    pub fn reader(&self) -> Result<SceneReader, RunError> {
        Ok(SceneReader::open(&self.change, &[BandRole::Class], self.grid(), (0.0, 0.0))?)
    }

    /// The mask's own date and kind, for scenes of codes beside it.
    pub fn class_scene(&self, file: SceneFile) -> Scene {
        class_scene(file, &self.change)
    }

    /// Area on the ground of one pixel at a window.
    pub fn pixel_m2(&self, window: &Window) -> f64 {
        let planar = self.grid().transform.pixel_area();
        if !self.plan.ellipsoidal_areas {
            return planar;
        }
        let shape = MultiPolygon::from(self.grid().bounds_of(window).to_polygon());
        area_on_ground(&shape, &self.plan.crs, true).0 / window.len().max(1) as f64
    }
}

/// Pixels of a window that a shape covers by more than half: those whose centre it holds, but for corners.
pub fn covered(shape: &PixelShape, window: &Window) -> Vec<usize> {
    let Some(part) = shape.window_in(window) else { return Vec::new() };
    let mut fractions = Vec::new();
    match shape.cover(&part, &mut fractions) {
        Cover::None => return Vec::new(),
        Cover::Full => fractions = vec![1.0; part.len()],
        Cover::Partial => {}
    }
    let pixel = |at: usize| {
        let (row, col) = (part.row - window.row + at / part.cols, part.col - window.col + at % part.cols);
        row * window.cols + col
    };
    fractions.iter().enumerate().filter(|(_, share)| **share > HALF).map(|(at, _)| pixel(at)).collect()
}

/// The first band of a raster of codes.
pub fn class_band(nodata: Option<f64>) -> BandSource {
    BandSource { role: BandRole::Class, index: 1, scale: 1.0, offset: 0.0, nodata }
}

fn class_scene(file: SceneFile, like: &Scene) -> Scene {
    Scene {
        date: like.date,
        date_is_year: like.date_is_year,
        kind: SceneKind::Landcover,
        sensor: None,
        files: vec![file],
        masks: Vec::new(),
        roles: vec![BandRole::Class],
        is_reflectance: false,
        legend: Legend::default(),
    }
}
