//! The use case behind a flag's curves: how its patch and its zone looked at every date on which scenes of the kind were
//! taken.
//!
//! A patch is told by its mean, each pixel counting as much as the patch covers of it; its zone by the median, which the
//! patch itself hardly moves. Dates on which too little was seen are gaps, not guesses. Absent on purpose: the misfit
//! between scenes, which is below a pixel, and radiometric normalisation: what is shown are the scenes' own values.

use geo_types::MultiPolygon;
use uuid::Uuid;

use crate::detect::sample::quantile;
use crate::io::raster::{RasterError, SceneReader};
use crate::model::Date;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Explain, Notice};
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::{BandRole, Scene, SceneKind};
use crate::project::plan::Plan;
use crate::screen::coverage::PixelShape;

use super::tally::Fractions;

/// Most pixels of a patch that are read; a larger one is read at a coarser scale.
const MOST_OF_PATCH: usize = 512 * 512;

/// Most pixels of a zone that are read whole; of a larger one places spread over it are looked at.
const MOST_OF_ZONE: usize = 256 * 256;

/// Places along each side of a large zone, and the pixels along each side of a place.
const PLACES: usize = 8;
const SIDE: usize = 32;

/// A date tells of a patch or a zone where at least this share of it was seen: half of it, as for flags on record.
const LEAST_SEEN: f64 = 0.5;

/// What is to be looked at over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileWish {
    /// The flag it is about.
    pub flag: Uuid,
    /// Scenes of this kind are looked at.
    pub kind: SceneKind,
    /// The dates that the flag was found between: their lattice is used.
    pub dates: (Date, Date),
    /// The patch, in the CRS of the plan.
    pub shape: MultiPolygon<f64>,
    /// Index of its zone in the plan.
    pub zone: Option<usize>,
}

impl crate::job::Wish for ProfileWish {}

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Vegetation: (near infrared − red) / (near infrared + red). Rouse et al. 1974, NASA SP-351.
    Ndvi,
    /// Water: (green − near infrared) / (green + near infrared). `McFeeters` 1996, doi:10.1080/01431169608948714.
    Ndwi,
    /// A band as it is.
    Band(BandRole),
}

impl Measure {
    /// What can be told from bands: the indices first.
    #[must_use]
    pub fn of(roles: &[BandRole]) -> Vec<Self> {
        let has = |role| roles.contains(&role);
        let mut measures = Vec::new();
        if has(BandRole::Nir) && has(BandRole::Red) {
            measures.push(Self::Ndvi);
        }
        if has(BandRole::Nir) && has(BandRole::Green) {
            measures.push(Self::Ndwi);
        }
        measures.extend(roles.iter().copied().map(Self::Band));
        measures
    }

    /// Its value at a pixel; `None` where an index has nothing to divide by.
    fn at(self, roles: &[BandRole], block: &SceneBlock, pixel: usize) -> Option<f64> {
        let value = |role| Some(f64::from(block.bands[roles.iter().position(|known| *known == role)?][pixel]));
        let index = |plus: f64, minus: f64| {
            let value = (plus - minus) / (plus + minus);
            value.is_finite().then_some(value)
        };
        match self {
            Self::Ndvi => index(value(BandRole::Nir)?, value(BandRole::Red)?),
            Self::Ndwi => index(value(BandRole::Green)?, value(BandRole::Nir)?),
            Self::Band(role) => value(role),
        }
    }
}

/// One date of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Index of the scene in the plan.
    pub scene: usize,
    /// Its date.
    pub date: Date,
    /// Mean of the patch; `None` where too little of it was seen.
    pub patch: Option<f64>,
    /// Median of the zone; `None` where too little of it was seen, or it has none.
    pub zone: Option<f64>,
}

/// One measure over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What it shows.
    pub measure: Measure,
    /// One point a scene, by date.
    pub points: Vec<Point>,
}

/// How a patch and its zone looked over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The flag it is about.
    pub flag: Uuid,
    /// Curves, the indices first; empty where the kind tells codes.
    pub curves: Vec<Curve>,
    /// Whether places spread over the zone stand for all of it.
    pub is_sampled: bool,
    /// Scenes that could not be read.
    pub notices: Vec<Notice>,
}

impl Profile {
    /// A profile of which nothing could be told.
    #[must_use]
    pub fn unknown(flag: Uuid) -> Self {
        Self { flag, curves: Vec::new(), is_sampled: false, notices: Vec::new() }
    }
}

/// Looks at every scene of the kind.
#[must_use]
pub fn profile(plan: &Plan, wish: &ProfileWish) -> Profile {
    let mut profile = Profile::unknown(wish.flag);
    // The mean of class codes means nothing.
    let Some(grid) = lattice(plan, wish).filter(|_| wish.kind != SceneKind::Landcover) else { return profile };
    let patch = Place::of_patch(&wish.shape, grid);
    let zone = wish.zone.and_then(|zone| Place::of_zone(&plan.zones.get(zone)?.shape, grid));
    profile.is_sampled = zone.as_ref().is_some_and(|zone| zone.windows.len() > 1);
    for (at, scene) in plan.scenes.iter().enumerate().filter(|(_, scene)| scene.kind == wish.kind) {
        let measures = Measure::of(&scene.roles);
        let mut look = |place: Option<&Place>, tell: fn(&Seen) -> Vec<Option<f64>>| {
            let seen = place.map(|place| Ok::<_, RasterError>(tell(&place.look(scene, &measures)?)));
            seen.unwrap_or_else(|| Ok(vec![None; measures.len()])).unwrap_or_else(|error| {
                profile.notices.push(error.notice());
                vec![None; measures.len()]
            })
        };
        let (means, medians) = (look(patch.as_ref(), Place::means), look(zone.as_ref(), Place::medians));
        for ((measure, patch), zone) in measures.into_iter().zip(means).zip(medians) {
            add(&mut profile.curves, measure, Point { scene: at, date: scene.date, patch, zone });
        }
    }
    profile.notices.dedup();
    profile
}

/// The lattice of the comparison that found the flag, else of another of its kind.
fn lattice<'p>(plan: &'p Plan, wish: &ProfileWish) -> Option<&'p Grid> {
    let dates = |from: usize, to: usize| (plan.scenes[from].date, plan.scenes[to].date);
    let of_kind = || plan.comparisons.iter().filter(|planned| planned.kind == wish.kind);
    let own = of_kind().find(|planned| dates(planned.from, planned.to) == wish.dates);
    own.or_else(|| of_kind().next()).map(|planned| &planned.grid)
}

fn add(curves: &mut Vec<Curve>, measure: Measure, point: Point) {
    match curves.iter_mut().find(|curve| curve.measure == measure) {
        Some(curve) => curve.points.push(point),
        None => curves.push(Curve { measure, points: vec![point] }),
    }
}

/// A polygon on a lattice, and the windows that are read of it.
struct Place {
    grid: Grid,
    shape: PixelShape,
    windows: Vec<Window>,
}

/// Values of a place: by measure, each with its weight; and the weight of all its pixels, seen or not.
struct Seen {
    values: Vec<Vec<(f64, f64)>>,
    whole: f64,
}

impl Place {
    /// A patch whole, at a scale at which it is not too large.
    fn of_patch(shape: &MultiPolygon<f64>, grid: &Grid) -> Option<Self> {
        let fine = PixelShape::new(shape, &grid.transform).window_in(&grid.window())?;
        let by = (fine.len() as f64 / MOST_OF_PATCH as f64).sqrt().ceil().max(1.0);
        let grid = coarser(grid, by);
        let shape = PixelShape::new(shape, &grid.transform);
        let window = shape.window_in(&grid.window())?;
        Some(Self { grid, shape, windows: vec![window] })
    }

    /// A zone whole, or places spread over it at the scale of the lattice.
    fn of_zone(shape: &MultiPolygon<f64>, grid: &Grid) -> Option<Self> {
        let shape = PixelShape::new(shape, &grid.transform);
        let whole = shape.window_in(&grid.window())?;
        let windows = if whole.len() <= MOST_OF_ZONE { vec![whole] } else { spread(&whole) };
        Some(Self { grid: grid.clone(), shape, windows })
    }

    fn look(&self, scene: &Scene, measures: &[Measure]) -> Result<Seen, RasterError> {
        let mut reader = SceneReader::open(scene, &scene.roles, &self.grid, (0.0, 0.0))?;
        let mut seen = Seen { values: vec![Vec::new(); measures.len()], whole: 0.0 };
        for window in &self.windows {
            let fractions = Fractions::of(&self.shape, window);
            if matches!(fractions, Fractions::None) {
                continue;
            }
            let block = reader.read(*window)?;
            fractions.each(window, |pixel, share| seen.add(&block, (&scene.roles, measures), pixel, share));
        }
        Ok(seen)
    }

    /// The mean of each measure, weighted.
    fn means(seen: &Seen) -> Vec<Option<f64>> {
        seen.tell(|values| {
            let weight: f64 = values.iter().map(|value| value.1).sum();
            values.iter().map(|(value, share)| value * share).sum::<f64>() / weight
        })
    }

    /// The median of each measure over the pixels that lie in it by half at least.
    fn medians(seen: &Seen) -> Vec<Option<f64>> {
        seen.tell(|values| {
            let inside = values.iter().filter(|value| value.1 >= 0.5).map(|value| value.0 as f32);
            quantile(&mut inside.collect::<Vec<f32>>(), 0.5)
        })
    }
}

impl Seen {
    fn add(&mut self, block: &SceneBlock, (roles, measures): (&[BandRole], &[Measure]), pixel: usize, share: f64) {
        self.whole += share;
        if share <= 0.0 || block.gaps[pixel] != gap::SEEN {
            return;
        }
        for (measure, values) in measures.iter().zip(&mut self.values) {
            values.extend(measure.at(roles, block, pixel).map(|value| (value, share)));
        }
    }

    /// What is told of the values of each measure, where enough of the place was seen.
    fn tell(&self, told: impl Fn(&[(f64, f64)]) -> f64) -> Vec<Option<f64>> {
        let tell = |values: &Vec<(f64, f64)>| {
            let weight: f64 = values.iter().map(|value| value.1).sum();
            let is_enough = weight > 0.0 && weight >= LEAST_SEEN * self.whole;
            is_enough.then(|| told(values)).filter(|value| value.is_finite())
        };
        self.values.iter().map(tell).collect()
    }
}

/// The same ground in pixels `by` times as wide.
fn coarser(grid: &Grid, by: f64) -> Grid {
    let t = grid.transform.0;
    let transform = GeoTransform([t[0], t[1] * by, t[2] * by, t[3], t[4] * by, t[5] * by]);
    let fewer = |n: usize| (n as f64 / by).ceil().max(1.0) as usize;
    Grid { transform, rows: fewer(grid.rows), cols: fewer(grid.cols), crs: grid.crs.clone() }
}

/// Small windows spread evenly over a large one.
fn spread(whole: &Window) -> Vec<Window> {
    let span = |start: usize, len: usize, n: usize| {
        let side = SIDE.min(len);
        let middle = (2 * n + 1) * len / (2 * PLACES);
        (start + middle.saturating_sub(side / 2).min(len - side), side)
    };
    let places = (0..PLACES).flat_map(|r| (0..PLACES).map(move |c| (r, c)));
    places
        .map(|(r, c)| {
            let ((row, rows), (col, cols)) = (span(whole.row, whole.rows, r), span(whole.col, whole.cols, c));
            Window { row, col, rows, cols }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zone::Zone;
    use geo_types::{Coord, Rect};
    use std::path::Path;

    /// The sample project, with one zone of a shape of its own at its end.
    fn plan(zone: impl FnOnce(&Grid) -> MultiPolygon<f64>) -> Plan {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/ecoredline.toml");
        crate::io::setup::ensure();
        let mut plan = crate::project::check(&file).expect("the sample is sound");
        let shape = zone(&grid(&plan));
        plan.zones.push(Zone { shape, ..plan.zones[0].clone() });
        plan
    }

    fn grid(plan: &Plan) -> Grid {
        plan.comparisons.iter().find(|c| c.kind == SceneKind::Satellite).expect("satellite").grid.clone()
    }

    /// A rectangle in pixels of a grid: rows and columns from, to.
    fn rectangle(grid: &Grid, rows: (f64, f64), cols: (f64, f64)) -> MultiPolygon<f64> {
        let (x0, y0) = grid.transform.map_from_pixel(cols.0, rows.0);
        let (x1, y1) = grid.transform.map_from_pixel(cols.1, rows.1);
        MultiPolygon::new(vec![Rect::new(Coord { x: x0, y: y0 }, Coord { x: x1, y: y1 }).to_polygon()])
    }

    fn wish(plan: &Plan, shape: MultiPolygon<f64>) -> ProfileWish {
        let found = plan.comparisons.iter().find(|c| c.kind == SceneKind::Satellite).expect("satellite");
        let dates = (plan.scenes[found.from].date, plan.scenes[found.to].date);
        let zone = Some(plan.zones.len() - 1);
        ProfileWish { flag: Uuid::nil(), kind: SceneKind::Satellite, dates, shape, zone }
    }

    /// Red and near infrared of some pixels of a scene, read one by one; what was not seen is left out.
    fn plain(plan: &Plan, scene: usize, rows: std::ops::Range<usize>, cols: std::ops::Range<usize>) -> Vec<(f64, f64)> {
        let mut reader =
            SceneReader::open(&plan.scenes[scene], &[BandRole::Red, BandRole::Nir], &grid(plan), (0.0, 0.0)).unwrap();
        let places = rows.flat_map(|row| cols.clone().map(move |col| Window { row, col, rows: 1, cols: 1 }));
        let blocks: Vec<SceneBlock> = places.map(|window| reader.read(window).unwrap()).collect();
        let seen = blocks.into_iter().filter(|block| block.gaps[0] == gap::SEEN);
        seen.map(|block| (f64::from(block.bands[0][0]), f64::from(block.bands[1][0]))).collect()
    }

    fn curve(profile: &Profile, measure: Measure) -> &Curve {
        profile.curves.iter().find(|curve| curve.measure == measure).expect("a curve")
    }

    #[test]
    fn means_and_medians_are_those_of_a_plain_reckoning() {
        let plan = plan(|grid| rectangle(grid, (100.0, 140.0), (100.0, 150.0)));
        let profile = profile(&plan, &wish(&plan, rectangle(&grid(&plan), (110.0, 114.0), (120.0, 125.0))));
        assert!(!profile.is_sampled && profile.notices.is_empty(), "{:?}", profile.notices);
        let mut told = 0;
        for (red, ndvi) in
            curve(&profile, Measure::Band(BandRole::Red)).points.iter().zip(&curve(&profile, Measure::Ndvi).points)
        {
            let pixels = plain(&plan, red.scene, 110..114, 120..125);
            let Some(mean) = red.patch else {
                assert!(pixels.len() < 10, "{pixels:?}");
                continue;
            };
            told += 1;
            let plain_mean = pixels.iter().map(|p| p.0).sum::<f64>() / pixels.len() as f64;
            assert!((mean - plain_mean).abs() < 1e-6, "{mean} {plain_mean}");
            let plain_ndvi = pixels.iter().map(|p| (p.1 - p.0) / (p.1 + p.0)).sum::<f64>() / pixels.len() as f64;
            assert!((ndvi.patch.unwrap() - plain_ndvi).abs() < 1e-6);
            let mut zone: Vec<f64> = plain(&plan, red.scene, 100..140, 100..150).iter().map(|p| p.0).collect();
            zone.sort_by(f64::total_cmp);
            let middle = zone.len() / 2;
            let median = if zone.len() % 2 == 1 { zone[middle] } else { f64::midpoint(zone[middle - 1], zone[middle]) };
            assert!((red.zone.unwrap() - median).abs() < 1e-6, "{:?} {median}", red.zone);
        }
        assert!(told >= 4, "{told}");
    }

    #[test]
    fn a_pixel_counts_as_much_as_the_patch_covers_of_it() {
        let plan = plan(|grid| rectangle(grid, (100.0, 101.0), (100.0, 101.0)));
        let profile = profile(&plan, &wish(&plan, rectangle(&grid(&plan), (110.0, 111.0), (120.0, 121.25))));
        let red = &curve(&profile, Measure::Band(BandRole::Red)).points[0];
        let pixels = plain(&plan, red.scene, 110..111, 120..122);
        let weighted = (pixels[0].0 + 0.25 * pixels[1].0) / 1.25;
        assert!((red.patch.unwrap() - weighted).abs() < 1e-6);
    }

    #[test]
    fn a_place_that_no_scene_shows_is_a_gap() {
        let plan = plan(|grid| rectangle(grid, (-90.0, -80.0), (-90.0, -80.0)));
        let outside = profile(&plan, &wish(&plan, rectangle(&grid(&plan), (-50.0, -40.0), (-50.0, -40.0))));
        let points = outside.curves.iter().flat_map(|curve| &curve.points);
        assert!(points.clone().count() > 0 && points.clone().all(|point| (point.patch, point.zone) == (None, None)));
    }

    #[test]
    fn a_large_zone_is_sampled_and_its_median_is_near_the_whole() {
        let whole = plan(|grid| rectangle(grid, (20.0, 276.0), (20.0, 276.0)));
        let large = plan(|grid| rectangle(grid, (20.0, 277.0), (20.0, 277.0)));
        let patch = rectangle(&grid(&whole), (110.0, 114.0), (120.0, 125.0));
        let (whole, large) = (profile(&whole, &wish(&whole, patch.clone())), profile(&large, &wish(&large, patch)));
        assert!(!whole.is_sampled && large.is_sampled);
        let zone = |profile: &Profile| curve(profile, Measure::Ndvi).points[0].zone.unwrap();
        assert!((zone(&whole) - zone(&large)).abs() < 0.08, "{} {}", zone(&whole), zone(&large));
    }

    #[test]
    fn a_scene_that_is_gone_is_told_and_the_others_are_drawn() {
        let mut plan = plan(|grid| rectangle(grid, (100.0, 140.0), (100.0, 150.0)));
        let lost = plan.scenes.iter().position(|scene| scene.kind == SceneKind::Satellite).unwrap();
        plan.scenes[lost].files[0].path = "/no/such/scene.tif".into();
        let profile = profile(&plan, &wish(&plan, rectangle(&grid(&plan), (110.0, 114.0), (120.0, 125.0))));
        assert_eq!(profile.notices.len(), 1, "{:?}", profile.notices);
        let points = &curve(&profile, Measure::Ndvi).points;
        assert_eq!(points[0].patch, None);
        assert!(points[1..].iter().any(|point| point.patch.is_some()));
    }
}
