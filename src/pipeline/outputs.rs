//! What a run writes: everything into a staging folder first, moved into place at the end.

use std::path::Path;

use geo::MapCoords;
use geo_types::{Coord, MultiPolygon, Point};

use crate::io::atomic::Staging;
use crate::io::crs::{Transformer, lonlat};
use crate::io::geopackage;
use crate::io::raster::{RasterKind, RasterWriter};
use crate::job::Progress;
use crate::lang::Lang;
use crate::model::outcome::Outcome;
use crate::model::scene::stamp;
use crate::project::plan::{Plan, PlannedComparison};
use crate::report::{self, Format, ReportInput};

use super::blocks::each;
use super::compare::ResultRasters;
use super::error::RunError;

/// Result rasters of a comparison, under `rasters/FROM_TO_KIND_….tif`.
pub fn result_rasters(staging: &Staging, plan: &Plan, planned: &PlannedComparison) -> Result<ResultRasters, RunError> {
    let day = |scene: usize| stamp(plan.scenes[scene].date);
    let stem = format!("{}_{}_{}", day(planned.from), day(planned.to), planned.kind.word());
    let create = |suffix: &str, kind| {
        let path = staging.path(Path::new(&format!("rasters/{stem}_{suffix}.tif")))?;
        Ok::<_, RunError>(RasterWriter::create(&path, &planned.grid, kind)?)
    };
    Ok(ResultRasters { change: create("change", RasterKind::ChangeMask)?, score: create("score", RasterKind::Score)? })
}

/// Writes every document asked for, then `summary.json`.
pub fn write_documents(
    staging: &Staging,
    outcome: &mut Outcome,
    formats: &[Format],
    lang: Lang,
    jobs: usize,
    progress: &Progress,
) -> Result<(), RunError> {
    progress.stage("write", formats.len() as u64 + 1)?;
    write_each(staging, outcome, formats, lang, jobs, progress)?;
    outcome.timing = super::run::timing(progress);
    outcome.peak_rss_mb = crate::io::process::peak_rss_mb();
    write_summary(staging, outcome, lang)
}

/// Writes every document asked for; each that is done is told.
pub fn write_each(
    staging: &Staging,
    outcome: &Outcome,
    formats: &[Format],
    lang: Lang,
    jobs: usize,
    progress: &Progress,
) -> Result<(), RunError> {
    let places = Places::of(outcome)?;
    let input = ReportInput { outcome, lonlat: &places.flags, corners: places.corners, lang };
    let render = |(): &mut (), _, format: &Format| match format.document() {
        Some(document) => Ok(staging.write(Path::new(format.file_name()), &report::render(document, &input)?)?),
        None => Ok(geopackage::write_flags(&staging.path(Path::new(format.file_name()))?, outcome, lang)?),
    };
    // The page is the last format and the longest to make: it goes first.
    let formats: Vec<Format> = formats.iter().rev().copied().collect();
    each(&formats, jobs, || Ok::<(), RunError>(()), render, |_, ()| Ok(progress.advance(1)?))
}

/// Writes `summary.json`.
pub fn write_summary(staging: &Staging, outcome: &Outcome, lang: Lang) -> Result<(), RunError> {
    let mut text = format!("{:#}", report::summary(outcome, lang)).into_bytes();
    text.push(b'\n');
    Ok(staging.write(Path::new("summary.json"), &text)?)
}

/// Shapes in longitude and latitude, for documents that need them.
struct Places {
    flags: Vec<Vec<MultiPolygon<f64>>>,
    corners: Option<[Point<f64>; 4]>,
}

impl Places {
    fn of(outcome: &Outcome) -> Result<Self, RunError> {
        let transformer = Transformer::new(&outcome.crs, &lonlat(&outcome.crs)?)?;
        let place = |c: Coord<f64>| {
            let mut point = [(c.x, c.y)];
            transformer.forward(&mut point)?;
            Ok::<_, RunError>(Coord { x: point[0].0, y: point[0].1 })
        };
        let shapes = |c: &crate::model::outcome::ComparisonOutcome| {
            c.flags.iter().map(|flag| flag.patch.shape.try_map_coords(place)).collect::<Result<Vec<_>, _>>()
        };
        let flags = outcome.comparisons.iter().map(shapes).collect::<Result<Vec<_>, _>>()?;
        let corners = report::map_frame(outcome).map(|frame| {
            let (min, max) = (frame.min(), frame.max());
            [(min.x, min.y), (max.x, min.y), (max.x, max.y), (min.x, max.y)]
                .map(|(x, y)| place(Coord { x, y }).map(Point))
        });
        let corners = match corners {
            Some([a, b, c, d]) => Some([a?, b?, c?, d?]),
            None => None,
        };
        Ok(Self { flags, corners })
    }
}
