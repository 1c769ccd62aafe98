//! What only pixels tell: borders of one value that no file declares as nodata, and scenes whose numbers are of another scale.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::io::raster::SceneReader;
use crate::job::{Cancelled, Progress};
use crate::model::crs::Crs;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, SampleType, Scene, SceneFile, SceneKind};
use crate::project::footprint;
use crate::project::plan::Plan;

/// Files of a scene that are looked at; the tiles of a mosaic are alike.
const MOST_FILES: usize = 6;

/// Side of the windows at the corners and along the middle, in pixels.
const SIDE: usize = 48;

/// Side of the grid on which masks are measured, in pixels.
const COARSE: usize = 192;

/// Share of a corner that must hold one value for it to look like a border.
const BORDER: f64 = 0.9;

/// Brightness of two scenes of a kind that differ by this factor are hardly of one scale: seasons and haze change
/// medians by less than half of it.
///
/// Source: own convention; the scenes of `stable_forest` differ by 10, of years alike by at most 1.6.
const OTHER_SCALE: f64 = 4.0;

/// Looks at a few windows of every scene.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn look(plan: &Plan, progress: &Progress) -> Result<Vec<Notice>, Cancelled> {
    progress.stage("examine_pixels", plan.scenes.len() as u64)?;
    let mut notices = Vec::new();
    let mut medians = Vec::new();
    for scene in &plan.scenes {
        let every = scene.files.len().div_ceil(MOST_FILES).max(1);
        let mut middles: BTreeMap<BandRole, Vec<f32>> = BTreeMap::new();
        for file in scene.files.iter().step_by(every) {
            let Some(seen) = Seen::of(scene, file) else { continue };
            if let Some(value) = seen.border(file) {
                let told = |notice: &Notice| notice.path.as_deref() == Some(file.path.as_path());
                if !notices.iter().any(told) {
                    let notice = Notice::new("doctor_border", Weight::Warning).at(&file.path);
                    notices.push(notice.fact("value", value).fact("date", scene.date));
                }
            }
            seen.into_middles(&mut middles);
        }
        medians.push((scene, middles.into_iter().filter_map(|(role, values)| Some((role, median(values)?))).collect()));
        progress.advance(1)?;
    }
    notices.extend(scales(&medians));
    Ok(notices)
}

/// Share of a scene that its mask hides, told on a coarse grid.
pub(super) fn hidden(scene: &Scene, crs: &Crs) -> Option<f64> {
    let extent = footprint::of_scene(scene, crs)?;
    let pixel = extent.width().max(extent.height()) / COARSE as f64;
    let count = |length: f64| ((length / pixel).floor() as usize).max(1);
    let (rows, cols) = (count(extent.height()), count(extent.width()));
    let transform = GeoTransform([extent.min().x, pixel, 0.0, extent.max().y, 0.0, -pixel]);
    let grid = Grid { crs: Arc::new(crs.clone()), transform, rows, cols };
    let role = *scene.roles.first()?;
    let mut reader = SceneReader::open(scene, &[role], &grid, (0.0, 0.0)).ok()?.for_looking();
    let block = reader.read(Window { row: 0, col: 0, rows, cols }).ok()?;
    let count = |fits: fn(u8) -> bool| block.gaps.iter().filter(|found| fits(**found)).count() as f64;
    let (seen, hidden) = (count(|reason| reason == gap::SEEN), count(|reason| reason == gap::MASKED));
    (seen + hidden > 0.0).then(|| hidden / (seen + hidden))
}

/// Windows of one file: its corners and its middle.
struct Seen {
    roles: Vec<BandRole>,
    corners: Vec<SceneBlock>,
    middle: SceneBlock,
}

impl Seen {
    /// `None` where it cannot be read; the run tells why.
    fn of(scene: &Scene, file: &SceneFile) -> Option<Self> {
        let roles: Vec<BandRole> = file.bands.iter().map(|band| band.role).collect();
        let alone = Scene { files: vec![file.clone()], masks: Vec::new(), ..scene.clone() };
        let mut reader = SceneReader::open(&alone, &roles, &file.grid, (0.0, 0.0)).ok()?;
        let corners = corners(&file.grid).into_iter().filter_map(|window| reader.read(window).ok()).collect();
        Some(Self { middle: reader.read(middle(&file.grid)).ok()?, corners, roles })
    }

    /// A value that fills a corner in all bands, as nodata values do, and that the file does not declare.
    fn border(&self, file: &SceneFile) -> Option<f64> {
        let declared = file.bands.iter().any(|band| band.nodata.is_some()) || file.alpha.is_some() || file.has_mask;
        let first = file.bands.first().filter(|_| !declared)?;
        let stored = |value: f32| (f64::from(value) - first.offset) / first.scale;
        let candidates = candidates(file.sample);
        candidates.iter().copied().find(|candidate| {
            let is_it = |value: &f32| (stored(*value) - candidate).abs() <= candidate.abs() * 1e-6;
            self.corners.iter().any(|block| {
                let all =
                    |pixel: usize| block.gaps[pixel] == gap::SEEN && block.bands.iter().all(|band| is_it(&band[pixel]));
                let count = (0..block.gaps.len()).filter(|pixel| all(*pixel)).count();
                count as f64 >= BORDER * block.gaps.len() as f64
            })
        })
    }

    fn into_middles(self, middles: &mut BTreeMap<BandRole, Vec<f32>>) {
        let Self { roles, middle, .. } = self;
        for (role, band) in roles.into_iter().zip(middle.bands) {
            let seen = band.into_iter().zip(&middle.gaps).filter(|(_, gap)| **gap == gap::SEEN).map(|(value, _)| value);
            middles.entry(role).or_default().extend(seen);
        }
    }
}

/// Values that files are padded with. Zeros of unsigned images are taken for gaps anyway.
fn candidates(sample: SampleType) -> &'static [f64] {
    match sample {
        SampleType::U8 => &[255.0],
        SampleType::U16 => &[65_535.0, 32_767.0],
        SampleType::U32 => &[4_294_967_295.0],
        SampleType::I16 => &[0.0, -9999.0, -32_768.0, 32_767.0],
        SampleType::I32 => &[0.0, -9999.0, -32_768.0, -2_147_483_648.0],
        SampleType::F32 | SampleType::F64 => &[0.0, -9999.0, -32_768.0, -32_767.0, 255.0, 65_535.0],
    }
}

fn corners(grid: &Grid) -> Vec<Window> {
    let side = |limit: usize| SIDE.min(limit);
    let (rows, cols) = (side(grid.rows), side(grid.cols));
    let (bottom, right) = (grid.rows - rows, grid.cols - cols);
    [(0, 0), (0, right), (bottom, 0), (bottom, right)].map(|(row, col)| Window { row, col, rows, cols }).to_vec()
}

/// A broad window: five sides wide, where the file has them.
fn middle(grid: &Grid) -> Window {
    let (rows, cols) = ((SIDE * 5).min(grid.rows), (SIDE * 5).min(grid.cols));
    Window { row: (grid.rows - rows) / 2, col: (grid.cols - cols) / 2, rows, cols }
}

fn median(mut values: Vec<f32>) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| f64::from(*values.select_nth_unstable_by(middle, f32::total_cmp).1))
}

/// Scenes whose numbers lie far from those of most scenes of their kind, in most of their bands.
fn scales(medians: &[(&Scene, BTreeMap<BandRole, f64>)]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for kind in [SceneKind::Satellite, SceneKind::Drone] {
        let of_kind: Vec<_> = medians.iter().filter(|(scene, bands)| scene.kind == kind && !bands.is_empty()).collect();
        for (at, (scene, bands)) in of_kind.iter().enumerate().skip(1) {
            let (earlier, known) = of_kind[at - 1];
            let factors: Vec<f64> = bands.iter().filter_map(|(role, own)| Some(own / known.get(role)?)).collect();
            let off = |factor: &&f64| factor.is_finite() && !(1.0 / OTHER_SCALE..=OTHER_SCALE).contains(*factor);
            if factors.iter().filter(off).count() * 2 > factors.len() {
                let typical = median(factors.iter().map(|factor| *factor as f32).collect()).unwrap_or(1.0);
                let notice = Notice::new("doctor_scale", Weight::Warning).at(&scene.files[0].path);
                let notice = notice.fact("from", earlier.date).fact("to", scene.date).fact("kind", kind.key());
                notices.push(notice.fact("factor", format!("{typical:.2}")));
            }
        }
    }
    notices
}
