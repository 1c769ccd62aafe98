//! What a comparison learns from a bounded sample before the main pass: the shift between the scenes, the method's
//! parameters, the threshold, the stretch of the pictures.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::detect::change::{ChangeMethod, Fitted, mad, scores_of};
use crate::detect::cloud::CloudTest;
use crate::detect::legend::{LegendClash, LegendPair};
use crate::detect::normalise::Incomparable;
use crate::detect::registration::{Correlator, MeasuredShift, TileShift, combine};
use crate::detect::sample::{Sample, quantile, stride_for};
use crate::detect::threshold::{self, Rule, ScoreSample};
use crate::io::raster::{Damage, SceneReader};
use crate::job::Progress;
use crate::model::grid::{Grid, Window};
use crate::model::outcome::{ScoreHistogram, ThresholdChoice};
use crate::model::raster::{PairBlock, SceneBlock};
use crate::model::scene::{BandRole, SampleType, Scene, SceneKind};
use crate::model::volume::HeightFit;
use crate::screen::hits::ZoneIndex;

use super::blocks::each;
use super::chips::Stretch;
use super::error::RunError;
use super::surfaces;
use super::tally::TileZones;

/// A shift below this (pixels) is left: resampling would blur more than it mends.
const LEAST_CORRECTION_PX: f64 = 0.2;

/// Tiles that scatter more than this (pixels) do not agree well enough to move a scene by.
const LARGEST_SPREAD_PX: f64 = 0.5;

/// About how many tiles the shift is measured in; where few blocks are read, several to a block.
const SHIFT_TILES: usize = 24;

/// In smaller pixels, of this area, a bright roof is as large as the heart of a cloud and ends as softly.
const CLOUD_PIXEL_M2: f64 = 9.0;

/// A method that looks no further than this many pixels around takes a block's edge as it is.
const SEAM_PX: usize = 2;

/// Which quantile counts as dark: some deep shadow or clear water is in every scene.
const DARKEST: f64 = 0.002;

/// Both scenes of a comparison on its grid.
#[derive(Clone, Copy)]
pub struct ScenePair<'p> {
    /// The earlier scene.
    pub before: &'p Scene,
    /// The later scene.
    pub after: &'p Scene,
    /// Bands compared.
    pub roles: &'p [BandRole],
    /// The analysis grid.
    pub grid: &'p Grid,
}

impl ScenePair<'_> {
    /// Readers of both, the later scene moved back by a shift in pixels.
    pub fn open(&self, shift_px: (f64, f64)) -> Result<PairReader, RunError> {
        Ok(PairReader {
            before: SceneReader::open(self.before, self.roles, self.grid, (0.0, 0.0))?,
            after: SceneReader::open(self.after, self.roles, self.grid, shift_px)?,
        })
    }
}

/// One worker's readers.
pub struct PairReader {
    /// Of the earlier scene.
    pub before: SceneReader,
    /// Of the later scene.
    pub after: SceneReader,
}

impl PairReader {
    /// Reads a window of both scenes into a block whose memory is used again.
    pub fn read_into(&mut self, window: Window, block: &mut PairBlock) -> Result<(), RunError> {
        self.before.read_into(window, &mut block.before)?;
        self.after.read_into(window, &mut block.after)?;
        Ok(())
    }

    /// Damage met since `told`.
    pub fn new_damage(&self, told: &mut Told) -> Vec<Damage> {
        let (before, after) = (self.before.damage(), self.after.damage());
        let new = before[told.before..].iter().chain(&after[told.after..]).cloned().collect();
        *told = Told { before: before.len(), after: after.len() };
        new
    }
}

/// How much of a pair's damage was told already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    before: usize,
    after: usize,
}

/// A block without pixels, to read into.
#[must_use]
pub fn empty_block() -> PairBlock {
    let window = Window { row: 0, col: 0, rows: 0, cols: 0 };
    let scene = SceneBlock { window, bands: Vec::new(), gaps: Vec::new() };
    PairBlock { before: scene.clone(), after: scene }
}

/// Blocks read for the sample and kept for the main pass, by tile; each is taken once.
pub struct KeptBlocks {
    slots: Vec<Mutex<Option<PairBlock>>>,
}

impl KeptBlocks {
    /// Takes the block of a tile, if it was kept.
    #[must_use]
    pub fn take(&self, tile: usize) -> Option<PairBlock> {
        self.slots[tile].lock().ok().and_then(|mut slot| slot.take())
    }
}

/// What settling a block took out of it.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Pixels taken for clouds, at either date.
    pub cloud_pixels: usize,
    /// Pixels by code that no legend lists, at either date.
    pub unlisted: BTreeMap<i32, u64>,
}

impl Settled {
    /// Adds another block.
    pub fn add(&mut self, other: &Self) {
        self.cloud_pixels += other.cloud_pixels;
        for (&code, &pixels) in &other.unlisted {
            *self.unlisted.entry(code).or_default() += pixels;
        }
    }
}

/// What the sample taught.
pub struct Learnt {
    /// The measured shift, in pixels.
    pub shift: Option<MeasuredShift>,
    /// The shift that readers of the later scene take back.
    pub correction_px: (f64, f64),
    /// The method with its parameters, or why the scenes do not compare (a notice code).
    pub fitted: Result<Box<dyn Fitted>, &'static str>,
    /// The threshold.
    pub threshold: ThresholdChoice,
    /// Scores of the sample.
    pub histogram: ScoreHistogram,
    /// How surely heights compare; of surfaces only.
    pub heights: Option<HeightFit>,
    /// The list of classes that both maps are brought to; of land-cover maps only.
    pub legends: Option<LegendPair>,
    /// Why the maps cannot be brought to one.
    pub clash: Option<LegendClash>,
    /// Stretch of the pictures.
    pub stretch: Stretch,
    /// Finds clouds that no mask tells of; satellite scenes only.
    pub clouds: Option<CloudTest>,
    /// How much the scenes resemble each other (see [`mad::resemblance`]); of images.
    pub resemblance: Option<f64>,
    /// The darkest values of each epoch, by band; zero for reflectance.
    pub dark: [Vec<f64>; 2],
    /// Blocks for the main pass.
    pub kept: KeptBlocks,
    /// What could not be decoded in them.
    pub damage: Vec<Damage>,
}

impl Learnt {
    /// Hides clouds in a block and brings classes to their common list.
    pub fn settle(&self, block: &mut PairBlock, domain: &[bool]) -> Settled {
        let cloud_pixels = self.clouds.as_ref().map_or(0, |clouds| clouds.hide(block));
        let unlisted = self.legends.as_ref().map(|legends| legends.settle(block, domain)).unwrap_or_default();
        Settled { cloud_pixels, unlisted }
    }

    /// Scores a block. A method that looks around its pixels is shown the block's surroundings too; `wide` is memory to
    /// read them into.
    pub fn score(
        &self,
        reader: &mut PairReader,
        (block, wide): (&PairBlock, &mut PairBlock),
        grid: &Grid,
        scores: &mut [f32],
    ) -> Result<(), RunError> {
        let Ok(fitted) = &self.fitted else { return Ok(()) };
        let window = block.window();
        let around = window.grown(fitted.reach_px(), grid.rows, grid.cols);
        if around == window || fitted.reach_px() <= SEAM_PX {
            fitted.score(block, scores);
            return Ok(());
        }
        reader.read_into(around, wide)?;
        let mut all = vec![0.0; around.len()];
        fitted.score(wide, &mut all);
        let (first_row, first_col) = (window.row - around.row, window.col - around.col);
        for (inner, line) in scores.chunks_exact_mut(window.cols).zip(all.chunks_exact(around.cols).skip(first_row)) {
            inner.copy_from_slice(&line[first_col..first_col + window.cols]);
        }
        Ok(())
    }
}

/// How to learn.
pub struct Learning<'l> {
    /// The scenes.
    pub pair: ScenePair<'l>,
    /// What is compared.
    pub kind: SceneKind,
    /// The method.
    pub method: &'l dyn ChangeMethod,
    /// The threshold wanted.
    pub rule: Rule,
    /// The zones.
    pub index: &'l ZoneIndex,
    /// Windows of the main pass.
    pub tiles: &'l [Window],
    /// Worker threads.
    pub jobs: usize,
    /// Memory for kept blocks, in bytes.
    pub budget: usize,
}

/// A tile of the sample.
pub struct Sampled {
    /// Its pixels.
    pub block: PairBlock,
    /// Which of them lie in zones or rings.
    pub domain: Vec<bool>,
    /// Pixels of the domain that were seen twice.
    pub candidates: usize,
    shifts: Vec<Option<TileShift>>,
    damage: Vec<Damage>,
}

impl Learning<'_> {
    /// Reads the sample and learns from it.
    pub fn learn(&self, progress: &Progress) -> Result<Learnt, RunError> {
        let chosen = self.chosen();
        progress.stage("sample", chosen.len() as u64)?;
        let mut sampled = self.read(&chosen, (0.0, 0.0), progress)?;
        let refine = |shift| if self.kind == SceneKind::Surface { surfaces::refined(&sampled, shift) } else { shift };
        let shift = agreed_shift(&sampled).map(refine);
        let correction_px = shift.map_or((0.0, 0.0), |shift| correction(&shift));
        if correction_px != (0.0, 0.0) {
            sampled = self.read(&chosen, correction_px, progress)?;
        }
        let legends = self.legends(&mut sampled);
        let mut sample = self.gather(&sampled);
        if let Some(legends) = &legends {
            legends.settle_sample(&mut sample);
        }
        let clash = legends.as_ref().and_then(|legends| legends.check(&sample).err());
        let stretch = Stretch::of(&sample, self.pair.roles);
        let everywhere = self.everywhere(&sampled);
        let dark = self.dark(&everywhere);
        let resemblance = if self.kind.is_image() { mad::resemblance(&everywhere) } else { None };
        let mut fitted = if clash.is_some() { Err(Incomparable::Legends) } else { self.method.fit(&sample) };
        let clouds = fitted.as_ref().ok().and_then(|fitted| self.clouds(&everywhere, fitted.as_ref(), &dark));
        if clouds.as_ref().is_some_and(|test| leave_out_clouds(&mut sampled, test)) {
            sample = self.gather(&sampled);
            fitted = self.method.fit(&sample);
        }
        let (fitted, threshold, histogram) = self.decide(&sampled, &sample, fitted);
        let heights = fitted
            .as_ref()
            .ok()
            .and_then(|f| surfaces::height_fit(&sampled, f.as_ref(), threshold.value, self.pair.grid));
        let slots = self.tiles.iter().map(|_| Mutex::new(None)).collect::<Vec<_>>();
        let mut kept = KeptBlocks { slots };
        let mut damage = Vec::new();
        for (&tile, sampled) in chosen.iter().zip(sampled) {
            kept.slots[tile] = Mutex::new(Some(sampled.block));
            damage.extend(sampled.damage);
        }
        Ok(Learnt {
            shift,
            correction_px,
            fitted,
            threshold,
            histogram,
            heights,
            legends,
            clash,
            stretch,
            clouds,
            resemblance,
            dark,
            kept,
            damage,
        })
    }

    /// Tiles spread evenly over all, as many as the budget holds.
    fn chosen(&self) -> Vec<usize> {
        let largest = self.tiles.iter().map(Window::len).max().unwrap_or(1);
        let bytes = largest * 2 * (self.pair.roles.len() * size_of::<f32>() + 1);
        let count = (self.budget / bytes.max(1)).clamp(4, self.tiles.len().max(4)).min(self.tiles.len());
        (0..count).map(|i| (2 * i + 1) * self.tiles.len() / (2 * count)).collect()
    }

    fn read(&self, chosen: &[usize], shift_px: (f64, f64), progress: &Progress) -> Result<Vec<Sampled>, RunError> {
        let measure = shift_px == (0.0, 0.0) && self.kind != SceneKind::Landcover;
        let every = chosen.len().div_ceil(SHIFT_TILES).max(1);
        let most = (SHIFT_TILES / chosen.len().div_ceil(every).max(1)).max(1);
        let open = || Ok::<_, RunError>((self.pair.open(shift_px)?, Correlator::new(self.pair.roles), Told::default()));
        let mut sampled = Vec::with_capacity(chosen.len());
        let work = |(reader, correlator, told): &mut (PairReader, Correlator, Told), at: usize, &tile: &usize| {
            let mut block = empty_block();
            reader.read_into(self.tiles[tile], &mut block)?;
            let measured = measure && at.is_multiple_of(every);
            let shifts = if measured { correlator.measure(&block, most) } else { Vec::new() };
            let domain = TileZones::of(self.index, self.pair.grid, &block.window()).domain;
            let candidates = domain.iter().enumerate().filter(|(p, inside)| **inside && block.seen(*p)).count();
            Ok(Sampled { block, domain, candidates, shifts, damage: reader.new_damage(told) })
        };
        each(chosen, self.jobs, open, work, |_, answer: Sampled| {
            sampled.push(answer);
            Ok(progress.advance(1)?)
        })?;
        Ok(sampled)
    }

    /// The common list of classes of two land-cover maps; pixels that it leaves out are taken out of the sample's domain.
    fn legends(&self, sampled: &mut [Sampled]) -> Option<LegendPair> {
        if self.kind != SceneKind::Landcover {
            return None;
        }
        let legends = LegendPair::of(&self.pair.before.legend, &self.pair.after.legend).ok()?;
        for Sampled { block, domain, .. } in sampled {
            domain.iter_mut().enumerate().for_each(|(pixel, inside)| *inside &= legends.lists_pixel(block, pixel));
        }
        Some(legends)
    }

    /// The sample that the method learns from.
    fn gather(&self, sampled: &[Sampled]) -> Sample {
        let stride = stride_for(sampled.iter().map(|tile| tile.candidates).sum());
        let mut sample = Sample::empty(self.pair.roles.len());
        for tile in sampled {
            sample.observe(&tile.block, &tile.domain, stride);
        }
        sample
    }

    /// A sample of all that the blocks hold, zones or not: what is the darkest and the brightest of a scene seldom lies in a
    /// reserve.
    fn everywhere(&self, sampled: &[Sampled]) -> Sample {
        let pixels: usize = sampled.iter().map(|tile| tile.block.window().len()).sum();
        let mut sample = Sample::empty(self.pair.roles.len());
        for tile in sampled {
            sample.observe_everywhere(&tile.block, stride_for(pixels));
        }
        sample
    }

    /// The cloud test, by the method as fitted before clouds are known.
    fn clouds(&self, everywhere: &Sample, fitted: &dyn Fitted, dark: &[Vec<f64>; 2]) -> Option<CloudTest> {
        let pixel_m2 = self.pair.grid.transform.pixel_area();
        if self.kind != SceneKind::Satellite || pixel_m2 < CLOUD_PIXEL_M2 {
            return None;
        }
        CloudTest::of(everywhere, self.pair.roles, fitted, dark, pixel_m2)
    }

    /// The darkest values of each epoch, where they are counts of eight bits: no product of reflectance comes in these.
    fn dark(&self, everywhere: &Sample) -> [Vec<f64>; 2] {
        let of = |scene: &Scene, planes: &[Vec<f32>]| -> Vec<f64> {
            let usable = self.kind == SceneKind::Satellite && is_counts(scene) && !everywhere.is_empty();
            planes.iter().map(|p| if usable { quantile(&mut p.clone(), DARKEST) } else { 0.0 }).collect()
        };
        [of(self.pair.before, &everywhere.before), of(self.pair.after, &everywhere.after)]
    }

    /// The threshold of a fitted method, or why there is none.
    #[allow(clippy::type_complexity)]
    fn decide(
        &self,
        sampled: &[Sampled],
        sample: &Sample,
        fitted: Result<Box<dyn Fitted>, Incomparable>,
    ) -> (Result<Box<dyn Fitted>, &'static str>, ThresholdChoice, ScoreHistogram) {
        let fitted = match fitted {
            Ok(fitted) => fitted,
            Err(why) => return (Err(why.code()), threshold::refused(why.code(), None), ScoreHistogram::default()),
        };
        let (mut there, mut back) = if fitted.reach_px() > 0 {
            scores_of_blocks(sampled, fitted.as_ref())
        } else {
            (scores_of(sample, fitted.as_ref()), Vec::new())
        };
        let scores = ScoreSample::new(there.clone(), fitted.noise());
        let choice = match (self.rule, fitted.own_threshold()) {
            (Rule::Auto, Some(own)) => threshold::stated(own, "method", "from_method", None),
            (Rule::Auto, None) if !back.is_empty() => threshold::beyond_mirror(&scores, &mut there, &mut back),
            _ => threshold::choose(self.rule, &scores),
        };
        (Ok(fitted), choice, scores.linear)
    }
}

/// Scores of the sampled pixels of whole blocks, there and, where scores have a direction, back.
fn scores_of_blocks(sampled: &[Sampled], fitted: &dyn Fitted) -> (Vec<f32>, Vec<f32>) {
    let stride = stride_for(sampled.iter().map(|tile| tile.candidates).sum());
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for Sampled { block, domain, .. } in sampled {
        let mut scores = vec![0.0; domain.len()];
        let pixels = || (0..domain.len()).filter(|&p| domain[p] && block.seen(p)).step_by(stride);
        fitted.score(block, &mut scores);
        there.extend(pixels().map(|pixel| scores[pixel]));
        if fitted.score_back(block, &mut scores) {
            back.extend(pixels().map(|pixel| scores[pixel]));
        }
    }
    (there, back)
}

/// Takes clouds out of the sample's domain; whether there were any. The blocks stay as they were read: the main pass hashes
/// them, and counts what it hides.
fn leave_out_clouds(sampled: &mut [Sampled], test: &CloudTest) -> bool {
    let mut any = false;
    for Sampled { block, domain, .. } in sampled {
        let as_read = (block.before.gaps.clone(), block.after.gaps.clone());
        if test.hide(block) > 0 {
            any = true;
            domain.iter_mut().enumerate().for_each(|(pixel, inside)| *inside &= block.seen(pixel));
            (block.before.gaps, block.after.gaps) = as_read;
        }
    }
    any
}

/// Whether a scene holds counts of eight bits, which begin at no zero of light.
fn is_counts(scene: &Scene) -> bool {
    scene.files.iter().any(|file| file.sample == SampleType::U8)
}

/// The shift that the sampled tiles agree on.
fn agreed_shift(sampled: &[Sampled]) -> Option<MeasuredShift> {
    let offered = sampled.iter().flat_map(|s| &s.shifts);
    let tiles: Vec<TileShift> = offered.clone().flatten().copied().collect();
    combine(&tiles, offered.count())
}

/// The part of a measured shift that is taken back: all of it where it is large and sure enough, else nothing.
fn correction(shift: &MeasuredShift) -> (f64, f64) {
    let large = shift.cols.hypot(shift.rows) >= LEAST_CORRECTION_PX;
    if large && shift.spread <= LARGEST_SPREAD_PX { (shift.cols, shift.rows) } else { (0.0, 0.0) }
}
