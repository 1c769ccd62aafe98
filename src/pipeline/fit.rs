//! What a comparison learns from a bounded sample before the main pass: the shift between the scenes, the method's
//! parameters, the threshold, the stretch of the pictures.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::detect::change::{ChangeMethod, Fitted, mad, scores_of};
use crate::detect::cloud::CloudTest;
use crate::detect::context::Contextual;
use crate::detect::cover::CoverRules;
use crate::detect::habit::{Habits, Season};
use crate::detect::legend::{LegendClash, LegendPair};
use crate::detect::normalise::Incomparable;
use crate::detect::registration::Remedy;
use crate::detect::sample::{Sample, stride_for};
use crate::detect::season::Seasonal;
use crate::detect::threshold::{self, Rule, ScoreSample};
use crate::io::raster::Damage;
use crate::job::Progress;
use crate::model::displacement::Displacement;
use crate::model::grid::{Grid, Window};
use crate::model::outcome::{ScoreHistogram, ThresholdChoice};
use crate::model::raster::PairBlock;
use crate::model::scene::SceneKind;
use crate::model::volume::HeightFit;
use crate::screen::hits::ZoneIndex;

use super::align::Alignment;
use super::blocks::each;
use super::chips::Stretch;
use super::classes::Classes;
use super::counts;
use super::error::RunError;
use super::pair::{PairReader, ScenePair, Told, empty_block};
use super::surfaces;
use super::tally::TileZones;

/// Images that resemble each other less than this hardly show the same place.
pub const LEAST_RESEMBLANCE: f64 = 0.3;

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

/// How much a sample looked at, in pixels of the analysis grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookedAt {
    /// Pixels read, for each scene.
    pub pixels: usize,
    /// Of these, in zones or rings.
    pub domain: usize,
    /// Of these, seen at both dates.
    pub seen: usize,
}

impl LookedAt {
    fn of(sampled: &[Sampled]) -> Self {
        Self {
            pixels: sampled.iter().map(|tile| tile.domain.len()).sum(),
            domain: sampled.iter().map(|tile| tile.domain.iter().filter(|inside| **inside).count()).sum(),
            seen: sampled.iter().map(|tile| tile.candidates).sum(),
        }
    }
}

/// What the sample taught.
pub struct Learnt {
    /// How the scenes lie on each other.
    pub alignment: Alignment,
    /// The method with its parameters, or why the scenes do not compare (a notice code).
    pub fitted: Result<Box<dyn Fitted>, &'static str>,
    /// The rule that the threshold was drawn by.
    pub rule: Rule,
    /// The threshold.
    pub threshold: ThresholdChoice,
    /// Scores of the sample.
    pub histogram: ScoreHistogram,
    /// The same as the rules look at them; where the scenes compare.
    pub scores: Option<ScoreSample>,
    /// What the sample looked at.
    pub looked_at: LookedAt,
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
    /// How the ground is classed.
    pub classes: Classes,
    /// Blocks for the main pass.
    pub kept: KeptBlocks,
    /// What could not be decoded in them.
    pub damage: Vec<Damage>,
}

impl Learnt {
    /// The same without the blocks that were kept for a main pass.
    #[must_use]
    pub fn without_blocks(self) -> Self {
        Self { kept: KeptBlocks { slots: Vec::new() }, ..self }
    }

    /// The threshold that a rule draws on what was learnt.
    #[must_use]
    pub fn choice(&self, rule: Rule) -> ThresholdChoice {
        match (&self.fitted, &self.scores) {
            // What was drawn may rest on more than the scores kept.
            _ if rule == self.rule => self.threshold.clone(),
            (Ok(fitted), Some(scores)) => drawn(rule, fitted.as_ref(), scores, fitted.season().is_some()),
            (Err(why), _) => threshold::refused(why, None),
            (Ok(_), None) => self.threshold.clone(),
        }
    }

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
        if around == window {
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
    /// What may be taken back of a misfit.
    pub remedy: Remedy,
    /// The zones.
    pub index: &'l ZoneIndex,
    /// Windows of the main pass.
    pub tiles: &'l [Window],
    /// Worker threads.
    pub jobs: usize,
    /// Memory for kept blocks, in bytes.
    pub budget: usize,
    /// The rules of the classes of the ground.
    pub cover: &'l CoverRules,
    /// From what share of like ground on a change is the season's; none between scenes of one season.
    pub least_habit: Option<f64>,
}

/// A tile of the sample.
pub struct Sampled {
    /// Its pixels.
    pub block: PairBlock,
    /// Which of them lie in zones or rings.
    pub domain: Vec<bool>,
    /// Pixels of the domain that were seen twice.
    pub candidates: usize,
    damage: Vec<Damage>,
}

impl Learning<'_> {
    /// Reads the sample and learns from it.
    pub fn learn(&self, progress: &Progress) -> Result<Learnt, RunError> {
        let chosen = self.chosen();
        progress.stage("sample", chosen.len() as u64)?;
        let (mut sampled, alignment) = self.aligned(&chosen, progress)?;
        let looked_at = LookedAt::of(&sampled);
        let legends = self.legends(&mut sampled);
        let mut sample = self.gather(&sampled);
        if let Some(legends) = &legends {
            legends.settle_sample(&mut sample);
        }
        let clash = legends.as_ref().and_then(|legends| legends.check(&sample).err());
        let stretch = Stretch::of(&sample, self.pair.roles);
        let everywhere = self.everywhere(&sampled);
        let resemblance = if self.kind.is_image() { mad::resemblance(&everywhere) } else { None };
        let unplaced = alignment.shift.is_none() && resemblance.is_some_and(|r| r < LEAST_RESEMBLANCE);
        let mut fitted = match () {
            () if clash.is_some() => Err(Incomparable::Legends),
            () if unplaced => Err(Incomparable::Unplaced),
            () => self.method.fit(&sample),
        };
        let clouds = fitted.as_ref().ok().and_then(|fitted| self.clouds(&sampled, &everywhere, fitted.as_ref()));
        if clouds.as_ref().is_some_and(|test| leave_out_clouds(&mut sampled, test)) {
            sample = self.gather(&sampled);
            fitted = self.method.fit(&sample);
        }
        let (threshold, scores) = self.decide(&sampled, &sample, &fitted);
        let fitted = fitted.map_err(Incomparable::code);
        let images = (&self.pair, self.kind);
        let classes = Classes::learn(self.cover, images, (&everywhere, &sample), fitted.as_deref().ok());
        let heights = fitted
            .as_ref()
            .ok()
            .and_then(|f| surfaces::height_fit(&sampled, f.as_ref(), threshold.value, self.pair.grid));
        let fitted = fitted.map(|fitted| match self.least_habit {
            Some(least) => Seasonal::over(fitted, Season { habits: Habits::of(&sample), least }),
            None => in_context(fitted, scores.as_ref(), &sampled),
        });
        let slots = self.tiles.iter().map(|_| Mutex::new(None)).collect::<Vec<_>>();
        let mut kept = KeptBlocks { slots };
        let mut damage = Vec::new();
        for (&tile, sampled) in chosen.iter().zip(sampled) {
            kept.slots[tile] = Mutex::new(Some(sampled.block));
            damage.extend(sampled.damage);
        }
        Ok(Learnt {
            alignment,
            fitted,
            rule: self.rule,
            threshold,
            histogram: scores.as_ref().map(|scores| scores.linear.clone()).unwrap_or_default(),
            scores,
            looked_at,
            heights,
            legends,
            clash,
            stretch,
            clouds,
            resemblance,
            classes,
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

    /// Reads the sample, the later scene moved back.
    pub(super) fn read(
        &self,
        chosen: &[usize],
        off: &Displacement,
        progress: &Progress,
    ) -> Result<Vec<Sampled>, RunError> {
        let open = || Ok::<_, RunError>((self.pair.open(off)?, Told::default()));
        let mut sampled = Vec::with_capacity(chosen.len());
        let work = |(reader, told): &mut (PairReader, Told), _: usize, &tile: &usize| {
            let mut block = empty_block();
            reader.read_into(self.tiles[tile], &mut block)?;
            let domain = TileZones::of(self.index, self.pair.grid, &block.window()).domain;
            let candidates = domain.iter().enumerate().filter(|(p, inside)| **inside && block.seen(*p)).count();
            Ok(Sampled { block, domain, candidates, damage: reader.new_damage(told) })
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
    fn clouds(&self, sampled: &[Sampled], everywhere: &Sample, fitted: &dyn Fitted) -> Option<CloudTest> {
        if self.kind != SceneKind::Satellite {
            return None;
        }
        let pixel_m2 = self.pair.grid.transform.pixel_area();
        let test = CloudTest::of(everywhere, self.pair.roles, fitted, pixel_m2)?;
        let blocks: Vec<&PairBlock> = sampled.iter().map(|tile| &tile.block).collect();
        let test = test.with_shadows(&blocks, pixel_m2.sqrt());
        let stretched = counts::is_stretched(self.pair.before) || counts::is_stretched(self.pair.after);
        Some(if stretched { test.by_shadows_alone() } else { test })
    }

    /// The scores of a fitted method and the threshold on them, or why there is none.
    fn decide(
        &self,
        sampled: &[Sampled],
        sample: &Sample,
        fitted: &Result<Box<dyn Fitted>, Incomparable>,
    ) -> (ThresholdChoice, Option<ScoreSample>) {
        let fitted = match fitted {
            Ok(fitted) => fitted.as_ref(),
            Err(why) => return (threshold::refused(why.code(), None), None),
        };
        let (mut there, mut back) = if fitted.reach_px() > 0 {
            scores_of_blocks(sampled, fitted)
        } else {
            (scores_of(sample, fitted), Vec::new())
        };
        let scores = ScoreSample::new(there.clone(), fitted.noise());
        let choice = match (self.rule, fitted.own_threshold()) {
            (Rule::Auto, None) if !back.is_empty() => threshold::beyond_mirror(&scores, &mut there, &mut back),
            (rule, _) => drawn(rule, fitted, &scores, self.least_habit.is_some()),
        };
        (choice, Some(scores))
    }
}

/// Judges pixels together with their neighbours, where noise is what hides change: fields that move with the season move
/// together too, and so does restless ground.
fn in_context(fitted: Box<dyn Fitted>, scores: Option<&ScoreSample>, sampled: &[Sampled]) -> Box<dyn Fitted> {
    if !scores.is_some_and(threshold::parts_from_noise) {
        return fitted;
    }
    let blocks: Vec<(&PairBlock, &[bool])> = sampled.iter().map(|tile| (&tile.block, tile.domain.as_slice())).collect();
    Contextual::over(fitted, &blocks)
}

/// The threshold that a rule draws; the automatic one leaves it to a method that has its own. Between seasons much changes
/// by more than noise, and the habits of the ground part it from other change: there the line lies where noise ends.
fn drawn(rule: Rule, fitted: &dyn Fitted, scores: &ScoreSample, seasonal: bool) -> ThresholdChoice {
    match (rule, fitted.own_threshold()) {
        (Rule::Auto, Some(own)) => threshold::stated(own, "method", "from_method", None),
        (Rule::Auto, None) if seasonal => {
            threshold::at_noise(scores).unwrap_or_else(|| threshold::choose(rule, scores))
        }
        _ => threshold::choose(rule, scores),
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
