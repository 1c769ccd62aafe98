//! Clouds where no mask tells of them: brighter, in every visible band, than the brightest ground that the other scene has,
//! over a fifth of a hectare or more, and fading out instead of ending at an edge. Counts are first taken above the darkest
//! that their scene holds, which is the air's own light. Where the other scene is stretched to the end of its scale nothing
//! can outshine it, and no cloud is told. Shadows are not sought: those that darken plants are put aside later, patch by patch.
//!
//! A brightness that one scene has and the other nowhere has is the mark of a cloud (or snow, or flood-lit haze): new roofs
//! are as bright as roofs are. What is taken for a cloud counts as not observed and is told as a notice with its area,
//! never as unchanged. Source: the brightness and whiteness tests of single-scene cloud screening, Zhu & Woodcock 2012
//! (doi:10.1016/j.rse.2011.10.028), here between the two dates of a pair; bounds are this program's own.

use crate::model::raster::{PairBlock, SceneBlock, gap};
use crate::model::scene::BandRole;

use super::change::Fitted;
use super::piece::on_edge;
use super::run::{Connectivity, Run, components, runs_of};
use super::sample::{Sample, quantile};

/// The other scene's brightest ground: this quantile …
const BRIGHTEST: f64 = 0.999;

/// … and this much brighter: new roofs and yards seldom outshine every old one by so much.
const BRIGHTER: f32 = 1.5;

/// Clouds fade out, roofs end: this far outside its bright heart …
const OUTSIDE_PX: usize = 3;

/// … a cloud still has this share of its brightness above the other date's ground.
const LEAST_FADE: f32 = 0.5;

/// The bright heart of a cloud is not smaller than this.
const LEAST_AREA_M2: f64 = 2_000.0;

/// The edge of a cloud is thinner than the cloud: what lies within this many pixels goes with it.
const FRINGE_PX: usize = 4;

/// Above which values, in the earlier scene's units, a pixel of either date is brighter than the other date's ground.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudTest {
    visible: Vec<usize>,
    before_above: Vec<f32>,
    after_above: Vec<f32>,
    /// The later scene's units in the earlier one's, by band.
    units: Vec<Units>,
    least_pixels: usize,
}

/// How values become comparable: value · gain + offset.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Units {
    gain: f32,
    offset: f32,
}

impl Units {
    const OWN: Self = Self { gain: 1.0, offset: 0.0 };

    /// Those of the later scene. Scenes compare along a line, so two of its points tell it.
    fn of_after(fitted: &dyn Fitted, band: usize) -> Self {
        let offset = fitted.in_units_of_before(band, 0.0);
        Self { gain: fitted.in_units_of_before(band, 1.0) - offset, offset }
    }

    fn comparable(self, value: f32) -> f32 {
        value * self.gain + self.offset
    }
}

impl CloudTest {
    /// Learns the bounds from pixels of the whole scenes, not of zones alone: a reserve has no bright ground to compare
    /// with. `None` where fewer than two visible bands are compared.
    #[must_use]
    pub fn of(
        sample: &Sample,
        roles: &[BandRole],
        fitted: &dyn Fitted,
        dark: &[Vec<f64>; 2],
        pixel_m2: f64,
    ) -> Option<Self> {
        let is_visible = |role: &BandRole| matches!(role, BandRole::Blue | BandRole::Green | BandRole::Red);
        let visible: Vec<usize> = (0..roles.len()).filter(|&band| is_visible(&roles[band])).collect();
        if visible.len() < 2 || sample.is_empty() {
            return None;
        }
        let units: Vec<Units> = (0..roles.len()).map(|band| Units::of_after(fitted, band)).collect();
        let bound =
            |mut values: Vec<f32>, dark: f32| dark + (quantile(&mut values, BRIGHTEST) as f32 - dark) * BRIGHTER;
        let earlier = |band: usize| bound(sample.before[band].clone(), dark[0][band] as f32);
        let later = |band: usize| {
            let values = sample.after[band].iter().map(|&v| units[band].comparable(v)).collect();
            let darkest = dark[1][band] as f32;
            bound(values, if darkest > 0.0 { units[band].comparable(darkest) } else { 0.0 })
        };
        Some(Self {
            before_above: visible.iter().map(|&band| later(band)).collect(),
            after_above: visible.iter().map(|&band| earlier(band)).collect(),
            units,
            visible,
            least_pixels: (LEAST_AREA_M2 / pixel_m2).ceil().max(4.0) as usize,
        })
    }

    /// Marks the clouds of both dates in the block's gaps; returns the number of pixels newly hidden.
    pub fn hide(&self, block: &mut PairBlock) -> usize {
        let own = vec![Units::OWN; self.units.len()];
        let earlier = Side { scene: &block.before, units: &own };
        let later = Side { scene: &block.after, units: &self.units };
        let before = self.clouds(block, &earlier, &later, &self.before_above);
        let after = self.clouds(block, &later, &earlier, &self.after_above);
        hide(&before, &mut block.before.gaps, block.before.window.cols)
            + hide(&after, &mut block.after.gaps, block.after.window.cols)
    }

    fn clouds(&self, block: &PairBlock, side: &Side<'_>, other: &Side<'_>, above: &[f32]) -> Vec<Run> {
        let (window, first) = (block.window(), self.visible[0]);
        // Most blocks have no cloud, and one look at a band's ends tells.
        if !side.reaches_beyond(first, above[0]) {
            return Vec::new();
        }
        let mut candidates: Vec<bool> = (0..window.len()).map(|pixel| block.seen(pixel)).collect();
        for (&band, &bound) in self.visible.iter().zip(above) {
            let units = side.units[band];
            let brighter = side.scene.bands[band].iter().map(|&value| units.comparable(value) > bound);
            candidates.iter_mut().zip(brighter).for_each(|(candidate, bright)| *candidate &= bright);
        }
        let excess = |pixel: usize| side.value(first, pixel) - other.value(first, pixel);
        let runs = runs_of(&candidates, &window, |is_bright| is_bright.then_some(1));
        let mut clouds = Vec::new();
        for members in components(&runs, Connectivity::Eight) {
            let pixels: usize = members.iter().map(|&i| runs[i].len()).sum();
            let cut = members.iter().any(|&i| on_edge(&runs[i], &window));
            // A cloud that the block's edge cuts shows a part of itself only.
            let large = pixels >= self.least_pixels / if cut { 4 } else { 1 };
            if large && fades(&members, &runs, block, excess) {
                clouds.extend(members.iter().map(|&i| within(runs[i], window.row, window.col)));
            }
        }
        clouds
    }
}

/// One date of a block, its values in the earlier scene's units.
struct Side<'b> {
    scene: &'b SceneBlock,
    units: &'b [Units],
}

impl Side<'_> {
    fn value(&self, band: usize, pixel: usize) -> f32 {
        self.units[band].comparable(self.scene.bands[band][pixel])
    }

    /// Whether some value of a band lies above a bound.
    fn reaches_beyond(&self, band: usize, bound: f32) -> bool {
        let units = self.units[band];
        // Without a branch the compiler compares many at once.
        self.scene.bands[band].iter().fold(false, |beyond, &value| beyond | (units.comparable(value) > bound))
    }
}

/// Whether the brightness of a component goes on beyond its ends instead of stopping there.
fn fades(members: &[usize], runs: &[Run], block: &PairBlock, excess: impl Fn(usize) -> f32) -> bool {
    let window = block.window();
    let (mut heart, mut outside, mut samples) = (0.0, 0.0, 0);
    for run in members.iter().map(|&i| within(runs[i], window.row, window.col)) {
        let line = run.row as usize * window.cols;
        let middle = line + usize::midpoint(run.start as usize, run.end as usize);
        let ends = [(run.start as usize).checked_sub(OUTSIDE_PX), Some(run.end as usize - 1 + OUTSIDE_PX)];
        for col in ends.into_iter().flatten().filter(|&col| col < window.cols && block.seen(line + col)) {
            heart += excess(middle);
            outside += excess(line + col);
            samples += 1;
        }
    }
    samples > 0 && outside >= LEAST_FADE * heart
}

/// A run in the block's own rows and columns.
fn within(run: Run, row: usize, col: usize) -> Run {
    let (row, col) = (row as u32, col as u32);
    Run { row: run.row - row, start: run.start - col, end: run.end - col, value: run.value }
}

/// Hides runs and their fringe.
fn hide(clouds: &[Run], gaps: &mut [u8], cols: usize) -> usize {
    let rows = gaps.len() / cols.max(1);
    let mut hidden = 0;
    for run in clouds {
        let (top, bottom) =
            ((run.row as usize).saturating_sub(FRINGE_PX), (run.row as usize + FRINGE_PX + 1).min(rows));
        let (left, right) = ((run.start as usize).saturating_sub(FRINGE_PX), (run.end as usize + FRINGE_PX).min(cols));
        for row in top..bottom {
            for gap in gaps[row * cols + left..row * cols + right].iter_mut().filter(|gap| **gap == gap::SEEN) {
                *gap = gap::MASKED;
                hidden += 1;
            }
        }
    }
    hidden
}
