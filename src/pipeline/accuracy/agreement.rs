//! Change mask against labels, tile by tile: the counts, and what could not be counted.

use std::collections::{BTreeMap, BTreeSet};

use crate::io::raster::{Damage, SceneReader, damage_notices};
use crate::job::Progress;
use crate::model::grid::Window;
use crate::model::notice::Notice;
use crate::model::raster::{SceneBlock, gap, mask};
use crate::model::scene::BandRole;
use crate::pipeline::RunOptions;
use crate::pipeline::blocks::each;
use crate::pipeline::error::RunError;
use crate::pipeline::tally::TileZones;
use crate::report::accuracy::{Assessed, Class, Confusion, Estimates, StratifiedSample, Stratum};
use crate::screen::coverage::PixelShape;

use super::mapped::{Mapped, covered};
use super::reference::{MOST_LISTED, Point, Reference};

/// Codes that differ by less are the same.
const SAME_CODE: f32 = 1e-3;

/// What the tiles add up to.
#[derive(Debug, Default)]
pub struct Agreement {
    matrix: Confusion,
    not_observed: [u64; 2],
    /// Area on the ground by class of the map.
    mapped_m2: [f64; 2],
    /// What the map says at each point of the reference that lies in a zone or ring.
    at_points: Vec<(usize, Option<Class>)>,
    /// Values of a raster that were met.
    pub values: BTreeSet<String>,
    damage: Vec<Damage>,
}

/// Labels as one comparison and one worker need them.
enum Labels<'r> {
    Raster(Box<SceneReader>, &'r [(f32, Class)]),
    Polygons(&'r [(PixelShape, Class)]),
    Points(&'r [(usize, (usize, usize))]),
}

struct Worker<'r> {
    mask: SceneReader,
    block: SceneBlock,
    labels: Labels<'r>,
    told: usize,
}

/// Sets a comparison's mask against a reference.
///
/// # Errors
/// Cancelled, or a file that cannot be opened any more.
pub fn agreement(
    mapped: &Mapped<'_>,
    reference: &Reference,
    options: &RunOptions,
    progress: &Progress,
) -> Result<Agreement, RunError> {
    progress.stage("assess", mapped.tiles.len() as u64)?;
    let transform = &mapped.grid().transform;
    let shapes: Vec<(PixelShape, Class)> = match reference {
        Reference::Polygons(all) => all.iter().map(|(shape, c)| (PixelShape::new(shape, transform), *c)).collect(),
        _ => Vec::new(),
    };
    let pixels = match reference {
        Reference::Points(points) => pixels_of(points, mapped),
        _ => Vec::new(),
    };
    let open = || {
        let labels = match reference {
            Reference::Raster(file, numbers) => {
                let scene = mapped.class_scene(file.as_ref().clone());
                let reader = SceneReader::open(&scene, &[BandRole::Class], mapped.grid(), (0.0, 0.0))?;
                Labels::Raster(Box::new(reader), numbers)
            }
            Reference::Polygons(_) => Labels::Polygons(&shapes),
            Reference::Points(_) => Labels::Points(&pixels),
        };
        Ok::<_, RunError>(Worker { mask: mapped.reader()?, block: empty(), labels, told: 0 })
    };
    let mut sum = Agreement::default();
    let work = |worker: &mut Worker<'_>, _: usize, window: &Window| worker.tile(mapped, *window);
    each(&mapped.tiles, options.jobs, open, work, |_, part: Agreement| {
        sum.add(part);
        Ok(progress.advance(1)?)
    })?;
    Ok(sum)
}

fn empty() -> SceneBlock {
    SceneBlock { window: Window { row: 0, col: 0, rows: 0, cols: 0 }, bands: Vec::new(), gaps: Vec::new() }
}

/// Numbers of the points that speak about the comparison, with their pixels (row, col).
fn pixels_of(points: &[Point], mapped: &Mapped<'_>) -> Vec<(usize, (usize, usize))> {
    let grid = mapped.grid();
    let pixel = |(number, point): (usize, &Point)| {
        let (col, row) = grid.transform.pixel_from_map(point.place.0, point.place.1);
        let inside = col >= 0.0 && row >= 0.0 && col < grid.cols as f64 && row < grid.rows as f64;
        (inside && point.is_for(&mapped.outcome)).then_some((number, (row as usize, col as usize)))
    };
    points.iter().enumerate().filter_map(pixel).collect()
}

impl Worker<'_> {
    fn tile(&mut self, mapped: &Mapped<'_>, window: Window) -> Result<Agreement, RunError> {
        self.mask.read_into(window, &mut self.block)?;
        let domain = TileZones::of(&mapped.index, mapped.grid(), &window).domain;
        let of_map = |pixel: usize| if domain[pixel] { said(&self.block, pixel) } else { Said::Nothing };
        let ground = Ground { states: (0..window.len()).map(of_map).collect(), window };
        let mut part = Agreement { mapped_m2: ground.areas(mapped.pixel_m2(&window)), ..Agreement::default() };
        match &mut self.labels {
            Labels::Raster(reader, numbers) => {
                part.count_codes(&reader.read(window)?, numbers, &ground);
                part.damage = reader.damage()[self.told..].to_vec();
                self.told = reader.damage().len();
            }
            Labels::Polygons(shapes) => {
                for (pixel, class) in labelled(shapes, &window) {
                    part.count(ground.states[pixel], class);
                }
            }
            Labels::Points(points) => part.at_points = ground.at(points),
        }
        Ok(part)
    }
}

/// What the map says of the pixels of a tile.
struct Ground {
    window: Window,
    states: Vec<Said>,
}

impl Ground {
    /// Areas by class of the map.
    fn areas(&self, pixel_m2: f64) -> [f64; 2] {
        let pixels = |class| self.states.iter().filter(|state| **state == Said::Class(class)).count();
        Class::ALL.map(|class| pixels(class) as f64 * pixel_m2)
    }

    /// What the map says at points that lie in a zone or ring here.
    fn at(&self, points: &[(usize, (usize, usize))]) -> Vec<(usize, Option<Class>)> {
        let window = &self.window;
        let here = |&(number, (row, col)): &(usize, (usize, usize))| {
            let (row, col) = (row.checked_sub(window.row)?, col.checked_sub(window.col)?);
            let pixel = (row < window.rows && col < window.cols).then_some(row * window.cols + col)?;
            match self.states[pixel] {
                Said::Class(class) => Some((number, Some(class))),
                Said::NotObserved => Some((number, None)),
                Said::Nothing => None,
            }
        };
        points.iter().filter_map(here).collect()
    }
}

/// What the map says of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It lies off every zone and ring.
    Nothing,
    /// It was not observed.
    NotObserved,
    /// Its class.
    Class(Class),
}

fn said(block: &SceneBlock, pixel: usize) -> Said {
    if block.gaps[pixel] != gap::SEEN {
        return Said::NotObserved;
    }
    let is_changed = (block.bands[0][pixel] - f32::from(mask::CHANGED)).abs() < 0.5;
    Said::Class(if is_changed { Class::Changed } else { Class::Unchanged })
}

/// Pixels of a window that polygons label, each once.
fn labelled(shapes: &[(PixelShape, Class)], window: &Window) -> Vec<(usize, Class)> {
    let mut labels: Vec<Option<Class>> = vec![None; window.len()];
    for (shape, class) in shapes {
        for pixel in covered(shape, window) {
            labels[pixel].get_or_insert(*class);
        }
    }
    labels.into_iter().enumerate().filter_map(|(pixel, class)| Some((pixel, class?))).collect()
}

impl Agreement {
    /// Counts a labelled pixel, if it lies in a zone or ring.
    fn count(&mut self, map: Said, class: Class) {
        match map {
            Said::Class(map) => self.matrix.add(map, class),
            Said::NotObserved => self.not_observed[class as usize] += 1,
            Said::Nothing => {}
        }
    }

    /// Counts the pixels of a raster of codes, and keeps values that are no labels.
    fn count_codes(&mut self, codes: &SceneBlock, numbers: &[(f32, Class)], ground: &Ground) {
        for pixel in (0..codes.gaps.len()).filter(|&i| codes.gaps[i] == gap::SEEN) {
            let value = codes.bands[0][pixel];
            match numbers.iter().find(|(number, _)| (number - value).abs() < SAME_CODE) {
                Some((_, class)) => self.count(ground.states[pixel], *class),
                None if ground.states[pixel] != Said::Nothing && self.values.len() < MOST_LISTED => {
                    self.values.insert(value.to_string());
                }
                None => {}
            }
        }
    }

    fn add(&mut self, part: Self) {
        self.matrix.merge(&part.matrix);
        for class in 0..2 {
            self.not_observed[class] += part.not_observed[class];
            self.mapped_m2[class] += part.mapped_m2[class];
        }
        self.at_points.extend(part.at_points);
        let room = MOST_LISTED.saturating_sub(self.values.len());
        self.values.extend(part.values.into_iter().take(room));
        self.damage.extend(part.damage);
    }

    /// What could not be decoded of the reference.
    pub fn notices(&self) -> Vec<Notice> {
        damage_notices(&self.damage)
    }

    /// The figures of the comparison.
    pub fn assessed(mut self, mapped: &Mapped<'_>, reference: &Reference) -> Assessed {
        let (mut unlabelled, mut outside, mut estimates) = (0, 0, None);
        if let Reference::Points(points) = reference {
            let meant = points.iter().filter(|point| point.is_for(&mapped.outcome)).count();
            outside = (meant - self.at_points.len()) as u64;
            for &(number, map) in &self.at_points {
                match (points[number].class, map) {
                    (Some(class), Some(map)) => self.matrix.add(map, class),
                    (Some(class), None) => self.not_observed[class as usize] += 1,
                    (None, _) => unlabelled += 1,
                }
            }
            estimates = (self.matrix.total() > 0).then(|| self.estimates(points));
        }
        let one = &mapped.outcome;
        Assessed {
            from: one.from_date,
            to: one.to_date,
            kind: one.kind,
            method: one.method.clone(),
            threshold: one.threshold.value,
            matrix: self.matrix,
            not_observed: self.not_observed,
            unlabelled,
            outside,
            estimates,
        }
    }

    /// Strata of the reference where every point names its own, else the classes of the map.
    fn estimates(&self, points: &[Point]) -> Estimates {
        let own_strata = self.at_points.iter().all(|&(number, _)| points[number].stratum.is_some());
        let mut strata: BTreeMap<String, Stratum> = BTreeMap::new();
        let mut count = |name: &str, area: f64, cell: Option<(Class, Class)>| {
            let fresh = || Stratum { name: name.to_owned(), area, counts: vec![vec![0; 2]; 2] };
            let stratum = strata.entry(name.to_owned()).or_insert_with(fresh);
            if let Some((map, reference)) = cell {
                stratum.counts[map as usize][reference as usize] += 1;
            }
        };
        for class in Class::ALL.into_iter().filter(|_| !own_strata) {
            count(class.word(), self.mapped_m2[class as usize], None);
        }
        for &(number, map) in &self.at_points {
            let point = &points[number];
            let cell = map.zip(point.class);
            match (&point.stratum, map) {
                (Some((name, area)), _) if own_strata => count(name, *area, cell),
                (_, Some(map)) => count(map.word(), self.mapped_m2[map as usize], cell),
                _ => {}
            }
        }
        let strata: Vec<Stratum> = strata.into_values().filter(|stratum| stratum.area > 0.0).collect();
        let unsampled_m2 = strata.iter().filter(|s| s.points() == 0).map(|s| s.area).sum();
        Estimates { sample: StratifiedSample { strata }, own_strata, unsampled_m2 }
    }
}
