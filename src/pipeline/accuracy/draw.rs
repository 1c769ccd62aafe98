//! A stratified random sample of pixels, for an interpreter to label: strata by flag and zone, points by area with a least
//! number each, the same for the same seed.

use std::path::{Path, PathBuf};

use crate::io;
use crate::io::crs::{Transformer, lonlat};
use crate::io::geopackage::{SampleFile, SamplePoint, SampleStratum, write_samples};
use crate::io::raster::SceneReader;
use crate::job::Progress;
use crate::model::flag::Severity;
use crate::model::grid::Window;
use crate::model::notice::Notice;
use crate::model::raster::gap;
use crate::pipeline::RunOptions;
use crate::pipeline::blocks::each;
use crate::pipeline::error::RunError;
use crate::pipeline::run::unrepeated;
use crate::pipeline::tally::TileZones;
use crate::project;
use crate::report::accuracy::design::{DesignStratum, FEWEST_POINTS, Random, drawn, shared};
use crate::screen::coverage::PixelShape;

use super::error::ReferenceError;
use super::mapped::{Mapped, covered};
use super::{Pick, keep_sources};

/// Keeps the order of the points apart from their places.
const ORDER_STREAM: u64 = 1 << 32;

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawWish {
    /// Points for each comparison.
    pub points: u64,
    /// Seed.
    pub seed: u64,
    /// Which comparisons.
    pub pick: Pick,
    /// The `GeoPackage` to write; a name that is still free.
    pub out: PathBuf,
}

/// What was drawn.
#[derive(Debug, Clone)]
pub struct DrawReport {
    /// Name of the project.
    pub project: String,
    /// The file.
    pub file: PathBuf,
    /// Seed.
    pub seed: u64,
    /// Strata of all comparisons.
    pub strata: Vec<SampleStratum>,
    /// What there is to tell.
    pub notices: Vec<Notice>,
}

/// Compares as a run would and draws points from the result.
///
/// # Errors
/// [`RunError`] where the project cannot be run, the points do not suffice, or the file exists.
pub fn draw(
    project: &Path,
    wish: &DrawWish,
    options: &RunOptions,
    progress: &Progress,
) -> Result<DrawReport, RunError> {
    progress.stage("check", 0)?;
    io::setup::lock_down(options.ram_mb as u64);
    if wish.out.exists() {
        return Err(io::atomic::WriteError::Exists(wish.out.clone()).into());
    }
    let plan = project::check(project)?;
    keep_sources(&wish.out, &plan, None)?;
    let mut notices = plan.notices.clone();
    let mut file = SampleFile { crs: plan.crs.clone(), seed: wish.seed, strata: Vec::new(), points: Vec::new() };
    for (stream, planned) in wish.pick.of(&plan)?.into_iter().enumerate() {
        let mapped = Mapped::new(&plan, planned, options, progress)?;
        notices.extend(mapped.notices.iter().cloned());
        let drawing = Drawing { mapped: &mapped, flags: flag_shapes(&mapped), options };
        drawing.add_to(&mut file, wish, stream as u64, progress)?;
    }
    // In an order that does not tell the stratum: an interpreter should not know what the program said.
    let mut order = Random::new(wish.seed, ORDER_STREAM);
    let mut keyed: Vec<(u64, SamplePoint)> = file.points.drain(..).map(|point| (order.number(), point)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    file.points = keyed.into_iter().map(|(_, point)| point).collect();
    progress.stage("write", 1)?;
    write_samples(&wish.out, &file, options.lang.unwrap_or(plan.outputs.language))?;
    Ok(DrawReport {
        project: plan.name.clone(),
        file: wish.out.clone(),
        seed: wish.seed,
        strata: file.strata,
        notices: unrepeated(notices),
    })
}

fn flag_shapes(mapped: &Mapped<'_>) -> Vec<(PixelShape, DesignStratum)> {
    let stratum = |severity| match severity {
        Severity::High => DesignStratum::FlaggedHigh,
        Severity::Medium | Severity::Low => DesignStratum::FlaggedLow,
    };
    let transform = &mapped.grid().transform;
    let shape =
        |flag: &crate::model::flag::Flag| (PixelShape::new(&flag.patch.shape, transform), stratum(flag.severity));
    mapped.outcome.flags.iter().map(shape).collect()
}

struct Drawing<'d> {
    mapped: &'d Mapped<'d>,
    flags: Vec<(PixelShape, DesignStratum)>,
    options: &'d RunOptions,
}

/// Pixels and area of each stratum in a tile.
type Counts = [(u64, f64); 4];

/// Pixels of a tile that are wanted: (stratum, which of its pixels in this tile).
type Wanted = Vec<(usize, u64)>;

impl Drawing<'_> {
    fn add_to(&self, file: &mut SampleFile, wish: &DrawWish, stream: u64, progress: &Progress) -> Result<(), RunError> {
        let counts = self.counts(progress)?;
        let total = |of: usize| counts.iter().map(|tile| tile[of].0).sum::<u64>();
        let pixels: Vec<u64> = (0..4).map(total).collect();
        let given = shared(wish.points, &pixels).ok_or_else(|| self.refused(wish.points, &pixels))?;
        let one = &self.mapped.outcome;
        let mut wanted: Vec<Wanted> = vec![Vec::new(); counts.len()];
        let mut place = [0; 4];
        for (at, stratum) in DesignStratum::ALL.into_iter().enumerate().filter(|(at, _)| given[*at] > 0) {
            place[at] = file.strata.len();
            file.strata.push(SampleStratum {
                name: stratum.word(),
                pixels: pixels[at],
                area_m2: counts.iter().map(|tile| tile[at].1).sum(),
                points: given[at],
                kind: one.kind,
                from: one.from_date,
                to: one.to_date,
            });
            let ranks = drawn(given[at], pixels[at], &mut Random::new(wish.seed, stream * 4 + at as u64));
            spread(&ranks, at, &counts, &mut wanted);
        }
        file.points.extend(self.points(&wanted, &place, progress)?);
        Ok(())
    }

    fn refused(&self, points: u64, pixels: &[u64]) -> ReferenceError {
        let strata = pixels.iter().filter(|&&n| n > 0).count() as u64;
        let one = &self.mapped.outcome;
        if strata == 0 {
            let (from, to) = (one.from_date.to_string(), one.to_date.to_string());
            return ReferenceError::NothingObserved { from, to, kind: one.kind.key() };
        }
        ReferenceError::FewPoints { points, strata, least: strata * FEWEST_POINTS }
    }

    /// Pixels and area of each stratum, tile by tile.
    fn counts(&self, progress: &Progress) -> Result<Vec<Counts>, RunError> {
        progress.stage("assess", 2 * self.mapped.tiles.len() as u64)?;
        let mut all = Vec::with_capacity(self.mapped.tiles.len());
        let work = |reader: &mut SceneReader, _: usize, window: &Window| {
            let mut counts = [(0, 0.0); 4];
            for at in self.strata(reader, window)?.into_iter().flatten() {
                counts[at].0 += 1;
            }
            let pixel_m2 = self.mapped.pixel_m2(window);
            Ok(counts.map(|(pixels, _)| (pixels, pixels as f64 * pixel_m2)))
        };
        each(
            &self.mapped.tiles,
            self.options.jobs,
            || self.mapped.reader(),
            work,
            |_, counts: Counts| {
                all.push(counts);
                Ok::<_, RunError>(progress.advance(1)?)
            },
        )?;
        Ok(all)
    }

    /// The stratum of every pixel of a tile; none where nothing was observed.
    fn strata(&self, reader: &mut SceneReader, window: &Window) -> Result<Vec<Option<usize>>, RunError> {
        let block = reader.read(*window)?;
        let index = &self.mapped.index;
        let domain = TileZones::of(index, self.mapped.grid(), window).domain;
        let mut strata = vec![DesignStratum::UnflaggedRing; window.len()];
        let zones = index.near(&self.mapped.grid().bounds_of(window)).into_iter();
        let zones = zones.map(|zone| (&index.zones[zone].inside, DesignStratum::UnflaggedInside));
        for (shape, stratum) in zones.chain(self.flags.iter().map(|(shape, stratum)| (shape, *stratum))) {
            for pixel in covered(shape, window) {
                strata[pixel] = stratum;
            }
        }
        let seen = |pixel: usize| domain[pixel] && block.gaps[pixel] == gap::SEEN;
        Ok(strata.into_iter().enumerate().map(|(pixel, of)| seen(pixel).then_some(of as usize)).collect())
    }

    /// The wanted pixels as points, tile by tile.
    fn points(&self, wanted: &[Wanted], place: &[usize; 4], progress: &Progress) -> Result<Vec<SamplePoint>, RunError> {
        let (grid, crs) = (self.mapped.grid(), &self.mapped.plan.crs);
        let to_lonlat = Transformer::new(crs, &lonlat(crs)?)?;
        let mut points = Vec::new();
        let work = |reader: &mut SceneReader, at: usize, window: &Window| {
            if wanted[at].is_empty() {
                return Ok(Vec::new());
            }
            let strata = self.strata(reader, window)?;
            let pixel = |&(stratum, rank): &(usize, u64)| {
                let mut of_stratum = (0..strata.len()).filter(|&i| strata[i] == Some(stratum));
                of_stratum
                    .nth(rank as usize)
                    .map(|i| (stratum, window.row + i / window.cols, window.col + i % window.cols))
            };
            Ok(wanted[at].iter().filter_map(pixel).collect())
        };
        let open = || self.mapped.reader();
        each(&self.mapped.tiles, self.options.jobs, open, work, |_, found: Vec<(usize, usize, usize)>| {
            for (stratum, row, col) in found {
                let centre = grid.transform.map_from_pixel(col as f64 + 0.5, row as f64 + 0.5);
                let mut lonlat = [centre];
                to_lonlat.forward(&mut lonlat)?;
                points.push(SamplePoint { stratum: place[stratum], place: centre, lonlat: lonlat[0] });
            }
            Ok::<_, RunError>(progress.advance(1)?)
        })?;
        Ok(points)
    }
}

/// Ranks among all pixels of a stratum → ranks within their tiles.
fn spread(ranks: &[u64], stratum: usize, counts: &[Counts], wanted: &mut [Wanted]) {
    let mut ranks = ranks.iter().peekable();
    let mut first = 0;
    for (tile, counts) in counts.iter().enumerate() {
        let end = first + counts[stratum].0;
        while let Some(rank) = ranks.next_if(|rank| **rank < end) {
            wanted[tile].push((stratum, rank - first));
        }
        first = end;
    }
}
