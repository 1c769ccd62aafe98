//! The part of the map that is looked at, scored with what was learnt.

use std::sync::Arc;

use geo_types::{MultiPolygon, Rect};

use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::outcome::ScoreHistogram;
use crate::model::raster::{PairBlock, gap};
use crate::pipeline::RunError;
use crate::pipeline::pair::{PairReader, ScenePair, empty_block};
use crate::pipeline::patches::area_on_ground;
use crate::pipeline::tally::TileZones;
use crate::screen::coverage::PixelShape;

use super::lesson::Lesson;
use super::paint::{self, Picture};

/// Most pixels of a view that is scored pixel by pixel: a screen of 1440 × 900 has fewer.
const MOST_PIXELS: usize = 1_600_000;

/// Most pixels of a coarser one, which only says where to look closer: quick counts for more.
const MOST_COARSE: usize = 700_000;

/// Most rows and columns, so that a picture of it is one texture everywhere.
const LONGEST_SIDE: usize = 2048;

/// Which pixels a view is scored at: a window of the analysis grid, or of a grid that is coarser by a whole factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Analysis pixels along a side of one of its pixels.
    pub coarser: usize,
    /// Its pixels.
    pub window: Window,
}

impl Look {
    /// The finest look at a part of a grid that is quick enough; `None` where the grid does not reach there.
    #[must_use]
    pub fn at(grid: &Grid, bounds: &Rect<f64>) -> Option<Self> {
        let mut coarser = 1;
        loop {
            let window = coarsened(grid, coarser).window_of(bounds)?;
            let most = if coarser == 1 { MOST_PIXELS } else { MOST_COARSE };
            if window.len() <= most && window.rows.max(window.cols) <= LONGEST_SIDE {
                return Some(Self { coarser, window });
            }
            coarser *= 2;
        }
    }
}

/// The lattice whose pixels are squares of so many pixels of another, from its upper left corner.
fn coarsened(grid: &Grid, by: usize) -> Grid {
    let t = grid.transform.0;
    let side = by as f64;
    let transform = GeoTransform([t[0], t[1] * side, t[2] * side, t[3], t[4] * side, t[5] * side]);
    Grid { crs: Arc::clone(&grid.crs), transform, rows: grid.rows.div_ceil(by), cols: grid.cols.div_ceil(by) }
}

/// A scored view.
pub struct ScoredView {
    /// What it was scored with.
    pub lesson: Arc<Lesson>,
    /// Its pixels.
    pub look: Look,
    /// The box that they fill.
    pub bounds: Rect<f64>,
    /// The score of each pixel; NaN where it was not observed at both dates.
    pub scores: Vec<f32>,
    /// Why a pixel was not observed, as [`gap`] says.
    pub gaps: Vec<u8>,
    /// Scores inside zones and rings, in the bins of the sample's.
    pub histogram: ScoreHistogram,
    /// Picture of the scores.
    pub heat: Arc<Picture>,
    pub(super) zones: TileZones,
    /// Area of a pixel on the ground.
    pub(super) pixel_m2: f64,
}

impl ScoredView {
    /// Which pixels some zone or ring touches; nothing is judged elsewhere.
    #[must_use]
    pub fn domain(&self) -> &[bool] {
        &self.zones.domain
    }

    /// Share of what is judged here that scores above a score; `None` where nothing is.
    #[must_use]
    pub fn share_above(&self, score: f64) -> Option<f64> {
        let seen: u64 = self.histogram.counts.iter().sum();
        (seen > 0).then(|| share_above(&self.histogram, score))
    }

    /// Shares of zones and rings here that were not observed, by reason, the largest first.
    #[must_use]
    pub fn unseen(&self) -> Vec<(u8, f64)> {
        let mut counts = [0_usize; gap::DAMAGED as usize + 1];
        let inside = self.gaps.iter().zip(self.domain()).filter(|(_, inside)| **inside);
        inside.for_each(|(reason, _)| counts[usize::from(*reason)] += 1);
        let all: usize = counts.iter().sum();
        let mut shares: Vec<(u8, f64)> =
            (1..counts.len()).filter(|&r| counts[r] > 0).map(|r| (r as u8, counts[r] as f64 / all as f64)).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }
}

/// Readers of one lesson at one scale, kept from view to view: opening a mosaic takes longer than reading a screenful.
#[derive(Default)]
pub(super) struct Readers {
    of: Option<(Arc<Lesson>, usize)>,
    reader: Option<PairReader>,
    block: Option<PairBlock>,
    wide: Option<PairBlock>,
}

impl Readers {
    /// Scores a view.
    pub(super) fn score(&mut self, lesson: &Arc<Lesson>, look: Look) -> Result<ScoredView, RunError> {
        let grid = coarsened(lesson.grid(), look.coarser);
        let mut block = self.block.take().unwrap_or_else(empty_block);
        let mut wide = self.wide.take().unwrap_or_else(empty_block);
        let reader = self.reader(lesson, &grid, look.coarser)?;
        reader.read_into(look.window, &mut block)?;
        let view = scored(lesson, &grid, look, reader, (&mut block, &mut wide))?;
        self.wide = Some(wide);
        self.block = Some(block);
        Ok(view)
    }

    fn reader(&mut self, lesson: &Arc<Lesson>, grid: &Grid, coarser: usize) -> Result<&mut PairReader, RunError> {
        let same = self.of.as_ref().is_some_and(|(of, scale)| Arc::ptr_eq(of, lesson) && *scale == coarser);
        if !same {
            self.reader = None;
            self.of = Some((Arc::clone(lesson), coarser));
        }
        match &mut self.reader {
            Some(reader) => Ok(reader),
            none => Ok(none.insert(open(lesson, grid, coarser)?)),
        }
    }
}

fn open(lesson: &Lesson, grid: &Grid, coarser: usize) -> Result<PairReader, RunError> {
    let subject = &lesson.subject;
    let pair = ScenePair { before: subject.before(), after: subject.after(), roles: &subject.planned.roles, grid };
    let reader = pair.open(&lesson.learnt.alignment.correction.coarser(coarser as f64))?;
    // At the analysis pixel the values must be the run's own; farther away overviews serve.
    Ok(if coarser == 1 { reader } else { reader.for_looking() })
}

fn scored(
    lesson: &Arc<Lesson>,
    grid: &Grid,
    look: Look,
    reader: &mut PairReader,
    (block, wide): (&mut PairBlock, &mut PairBlock),
) -> Result<ScoredView, RunError> {
    let zones = zones_of(lesson, grid, look);
    lesson.learnt.settle(block, &zones.domain);
    let gaps: Vec<u8> = block.before.gaps.iter().zip(&block.after.gaps).map(|(a, b)| *a.max(b)).collect();
    let mut scores = vec![0.0; look.window.len()];
    lesson.learnt.score(reader, (block, wide), grid, &mut scores)?;
    for (score, reason) in scores.iter_mut().zip(&gaps) {
        *score = if *reason == gap::SEEN && lesson.compares().is_ok() { *score } else { f32::NAN };
    }
    let bounds = grid.bounds_of(&look.window);
    let ground = area_on_ground(
        &MultiPolygon::from(bounds.to_polygon()),
        &lesson.subject.plan.crs,
        lesson.subject.plan.ellipsoidal_areas,
    );
    let histogram = histogram(&scores, &zones.domain, lesson.histogram());
    let rgba = paint::heat(&scores, &zones.domain, lesson);
    let heat = Picture { rows: look.window.rows, cols: look.window.cols, bounds, rgba };
    Ok(ScoredView {
        lesson: Arc::clone(lesson),
        look,
        bounds,
        scores,
        gaps,
        histogram,
        heat: Arc::new(heat),
        zones,
        pixel_m2: ground.0 / look.window.len() as f64,
    })
}

/// The zones of a window. Only those that it meets are taken into the pixel space of a coarser grid.
fn zones_of(lesson: &Lesson, grid: &Grid, look: Look) -> TileZones {
    if look.coarser == 1 {
        return TileZones::of(&lesson.index, grid, &look.window);
    }
    let near = lesson.index.near(&grid.bounds_of(&look.window));
    let shape = |place: usize| {
        let zone = &lesson.subject.plan.zones[lesson.index.zones[place].zone];
        let inside = PixelShape::new(&zone.shape, &grid.transform);
        let reach = zone.with_ring.as_ref().map(|reach| PixelShape::new(reach, &grid.transform));
        (place, inside, reach)
    };
    TileZones::of_shapes(near.into_iter().map(shape), &look.window)
}

/// Share of scores in bins above a score.
pub(super) fn share_above(histogram: &ScoreHistogram, score: f64) -> f64 {
    let bins = histogram.counts.len();
    let all: u64 = histogram.counts.iter().sum();
    let place = (score - histogram.low) / (histogram.high - histogram.low) * bins as f64;
    let first = (place.round().max(0.0) as usize).min(bins);
    let above: u64 = histogram.counts[first..].iter().sum();
    above as f64 / all.max(1) as f64
}

fn histogram(scores: &[f32], domain: &[bool], like: &ScoreHistogram) -> ScoreHistogram {
    let bins = like.counts.len();
    let mut counts = vec![0_u64; bins];
    let per_score = bins as f64 / (like.high - like.low);
    if bins > 0 && per_score.is_finite() {
        for (score, _) in scores.iter().zip(domain).filter(|(score, inside)| **inside && !score.is_nan()) {
            let bin = ((f64::from(*score) - like.low) * per_score).max(0.0) as usize;
            counts[bin.min(bins - 1)] += 1;
        }
    }
    ScoreHistogram { low: like.low, high: like.high, counts }
}
