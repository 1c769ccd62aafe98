//! Clouds and their shadows where no mask tells of them. A cloud is brighter by far, in every visible band, than the brightest
//! ground that the other scene has, over a fifth of a hectare or more; and it fades out instead of ending at an edge, or what
//! is dark lies from it where most of what is bright in the scene has something dark ([`shadow`]).
//!
//! A brightness that one scene has and the other nowhere has is the mark of a cloud (or snow, or flood-lit haze): new roofs
//! are as bright as roofs are. What is taken for a cloud or a shadow counts as not observed and is told as a notice with its
//! area, never as unchanged. A cloud near the edge of a block may have its shadow in the next one, where nobody looks.
//! Source: the brightness and whiteness tests, and the matching of clouds and shadows, of single-scene cloud screening, Zhu &
//! Woodcock 2012 (doi:10.1016/j.rse.2011.10.028), here between the two dates of a pair; bounds are this program's own.

use std::ops::Range;

use crate::model::grid::Window;
use crate::model::raster::{PairBlock, SceneBlock, gap};
use crate::model::scene::BandRole;

use super::change::Fitted;
use super::cover::Epoch;
use super::normalise::Units;
use super::piece::{on_edge, span};
use super::run::{Connectivity, Run, components, runs_of};
use super::sample::{Sample, quantile};
use shadow::{Seen, Way};

mod shadow;

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

/// The edge of a cloud that fades out is thinner than the cloud: what lies within this many pixels goes with it …
const FRINGE_PX: usize = 4;

/// … and this many with one that ends, and with a shadow.
const SHARP_FRINGE_PX: usize = 1;

/// In a shadow the ground has less than this share of its light in the infrared …
const DARKER: f32 = 0.6;

/// … where the other date shows it at least this bright, as a share of the median: water is dark without a cloud.
const LEAST_LIGHT: f64 = 0.5;

/// Tells clouds and their shadows of both dates; values are in the earlier scene's units.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudTest {
    visible: Vec<usize>,
    /// The band that shadows are sought in, and how bright ground has to be there to show one.
    dark: (usize, f32),
    /// By date: above which values of each visible band a pixel is brighter than the other date's ground by far.
    above: [Vec<f32>; 2],
    /// By date: the scene's units in the earlier one's, by band.
    units: [Vec<Units>; 2],
    /// By date: where the shadows lie, if there are any.
    ways: [Option<Way>; 2],
    /// By date: whether the sample holds anything that bright.
    has_hearts: [bool; 2],
    /// Whether fading out is enough to be a cloud.
    fading_tells: bool,
    least_pixels: usize,
}

impl CloudTest {
    /// Learns the bounds from pixels of the whole scenes, not of zones alone: a reserve has no bright ground to compare
    /// with. `None` where fewer than two visible bands are compared.
    #[must_use]
    pub fn of(sample: &Sample, roles: &[BandRole], fitted: &dyn Fitted, pixel_m2: f64) -> Option<Self> {
        let is_visible = |role: &BandRole| matches!(role, BandRole::Blue | BandRole::Green | BandRole::Red);
        let visible: Vec<usize> = (0..roles.len()).filter(|&band| is_visible(&roles[band])).collect();
        if visible.len() < 2 || sample.is_empty() {
            return None;
        }
        let after: Vec<Units> =
            (0..roles.len()).map(|band| Units::along(|value| fitted.in_units_of_before(band, value))).collect();
        let bound = |mut values: Vec<f32>| quantile(&mut values, BRIGHTEST) as f32 * BRIGHTER;
        let earlier = |band: usize| sample.before[band].clone();
        let later = |band: usize| sample.after[band].iter().map(|&v| after[band].of(v)).collect();
        let infrared = roles.iter().position(|role| *role == BandRole::Nir);
        let dark = infrared.unwrap_or(visible[visible.len() - 1]);
        let above: [Vec<f32>; 2] =
            [visible.iter().map(|&b| bound(later(b))).collect(), visible.iter().map(|&b| bound(earlier(b))).collect()];
        let first = visible[0];
        let has_hearts = [
            sample.before[first].iter().any(|&value| value > above[0][0]),
            sample.after[first].iter().any(|&value| after[first].of(value) > above[1][0]),
        ];
        Some(Self {
            dark: (dark, (quantile(&mut earlier(dark), 0.5) * LEAST_LIGHT) as f32),
            above,
            has_hearts,
            units: [vec![Units::OWN; roles.len()], after],
            ways: [None, None],
            fading_tells: true,
            visible,
            least_pixels: (LEAST_AREA_M2 / pixel_m2).ceil().max(4.0) as usize,
        })
    }

    /// Learns where the shadows lie from some blocks.
    #[must_use]
    pub fn with_shadows(mut self, blocks: &[&PairBlock], pixel_m: f64) -> Self {
        for epoch in [Epoch::Before, Epoch::After] {
            if self.has_hearts[epoch as usize] {
                let seen: Vec<Seen> = blocks.iter().filter_map(|block| self.sky(block, epoch)).collect();
                self.ways[epoch as usize] = Way::of(&seen, pixel_m);
            }
        }
        self
    }

    /// Takes for clouds only what has a shadow: where values are stretched and saturate, bright ground fades out too.
    #[must_use]
    pub fn by_shadows_alone(self) -> Self {
        Self { fading_tells: false, ..self }
    }

    /// Marks the clouds and shadows of both dates in the block's gaps; returns the number of pixels newly hidden.
    pub fn hide(&self, block: &mut PairBlock) -> usize {
        let [before, after] = [Epoch::Before, Epoch::After].map(|epoch| self.clouds(block, epoch));
        let cols = block.before.window.cols;
        hide(&before, &mut block.before.gaps, cols) + hide(&after, &mut block.after.gaps, cols)
    }

    /// The pixels of the clouds of a date, and of the shadows that lie in the block, each with the width of its fringe.
    fn clouds(&self, block: &PairBlock, epoch: Epoch) -> Vec<(usize, usize)> {
        let (window, first) = (block.window(), self.visible[0]);
        let (runs, groups) = self.bright(block, epoch, 1.0);
        if groups.is_empty() {
            return Vec::new();
        }
        let [side, other] = self.sides(block, epoch);
        let excess = |pixel: usize| side.value(first, pixel) - other.value(first, pixel);
        let sky = self.ways[epoch as usize].and_then(|way| Some((way, self.sky(block, epoch)?)));
        let mut hidden = Vec::new();
        for members in groups {
            let pixels: Vec<usize> = members.iter().flat_map(|&i| span(&runs[i], &window)).collect();
            let cut = members.iter().any(|&i| on_edge(&runs[i], &window));
            // A cloud that the block's edge cuts shows a part of itself only.
            if pixels.len() < self.least_pixels / if cut { 4 } else { 1 } {
                continue;
            }
            let shadow = sky.as_ref().and_then(|(way, sky)| Some(sky.moved(&pixels, way.to_shadow(sky, &pixels)?)));
            let fringe = match self.fading_tells && fades(&members, &runs, block, excess) {
                true => FRINGE_PX,
                false if shadow.is_some() => SHARP_FRINGE_PX,
                false => continue,
            };
            hidden.extend(pixels.into_iter().map(|pixel| (pixel, fringe)));
            hidden.extend(shadow.into_iter().flatten().map(|pixel| (pixel, SHARP_FRINGE_PX)));
        }
        hidden
    }

    /// What is brighter than `share` of the bounds in all visible bands: runs, and which of them hang together.
    fn bright(&self, block: &PairBlock, epoch: Epoch, share: f32) -> (Vec<Run>, Vec<Vec<usize>>) {
        let (window, [side, _]) = (block.window(), self.sides(block, epoch));
        let bounds: Vec<(usize, f32)> = self.visible.iter().copied().zip(self.bounds(epoch, share)).collect();
        let (first, bound) = bounds[0];
        let mut runs = Vec::new();
        for row in 0..window.rows {
            let line = row * window.cols..(row + 1) * window.cols;
            // Most rows have nothing so bright, and one look at a band tells.
            if side.reaches_beyond(first, line.clone(), bound) {
                let is_bright = |&(band, bound): &(usize, f32), pixel| side.value(band, pixel) > bound;
                let bright: Vec<bool> =
                    line.map(|pixel| block.seen(pixel) && bounds.iter().all(|band| is_bright(band, pixel))).collect();
                let row = Window { row: window.row + row, rows: 1, ..window };
                runs.extend(runs_of(&bright, &row, |is_bright| is_bright.then_some(1)));
            }
        }
        let groups = components(&runs, Connectivity::Eight);
        (runs, groups)
    }

    fn bounds(&self, epoch: Epoch, share: f32) -> impl Iterator<Item = f32> {
        self.above[epoch as usize].iter().map(move |bound| bound * share)
    }

    /// What may be clouds, and what is dark; `None` where nothing is bright enough.
    fn sky(&self, block: &PairBlock, epoch: Epoch) -> Option<Seen> {
        let (window, [side, other]) = (block.window(), self.sides(block, epoch));
        let (runs, groups) = self.bright(block, epoch, 1.0 / BRIGHTER);
        let large = |members: &Vec<usize>| members.iter().map(|&i| runs[i].len()).sum::<usize>() >= self.least_pixels;
        let pixels = |members: Vec<usize>| members.into_iter().flat_map(|i| span(&runs[i], &window)).collect();
        let bright: Vec<Vec<usize>> = groups.into_iter().filter(large).map(pixels).collect();
        let (band, least) = self.dark;
        let is_dark = |pixel: usize| {
            let usual = other.value(band, pixel);
            block.seen(pixel) && usual > least && side.value(band, pixel) < DARKER * usual
        };
        (!bright.is_empty()).then(|| Seen { window, bright, dark: (0..window.len()).map(is_dark).collect() })
    }

    /// A date of a block, and the other one.
    fn sides<'s>(&'s self, block: &'s PairBlock, epoch: Epoch) -> [Side<'s>; 2] {
        let before = Side { scene: &block.before, units: &self.units[0] };
        let after = Side { scene: &block.after, units: &self.units[1] };
        match epoch {
            Epoch::Before => [before, after],
            Epoch::After => [after, before],
        }
    }
}

/// One date of a block, its values in the earlier scene's units.
struct Side<'b> {
    scene: &'b SceneBlock,
    units: &'b [Units],
}

impl Side<'_> {
    fn value(&self, band: usize, pixel: usize) -> f32 {
        self.units[band].of(self.scene.bands[band][pixel])
    }

    /// Whether some value of a band lies above a bound.
    fn reaches_beyond(&self, band: usize, pixels: Range<usize>, bound: f32) -> bool {
        let units = self.units[band];
        // Without a branch the compiler compares many at once.
        self.scene.bands[band][pixels].iter().fold(false, |beyond, &value| beyond | (units.of(value) > bound))
    }
}

/// Whether the brightness of a component goes on beyond its ends instead of stopping there.
fn fades(members: &[usize], runs: &[Run], block: &PairBlock, excess: impl Fn(usize) -> f32) -> bool {
    let window = block.window();
    let (mut heart, mut outside, mut samples) = (0.0, 0.0, 0);
    for run in members.iter().map(|&i| span(&runs[i], &window)) {
        let line = run.start / window.cols * window.cols;
        let middle = usize::midpoint(run.start, run.end);
        let ends = [(run.start - line).checked_sub(OUTSIDE_PX), Some(run.end - 1 - line + OUTSIDE_PX)];
        for col in ends.into_iter().flatten().filter(|&col| col < window.cols && block.seen(line + col)) {
            heart += excess(middle);
            outside += excess(line + col);
            samples += 1;
        }
    }
    samples > 0 && outside >= LEAST_FADE * heart
}

/// Hides pixels and their fringe; returns how many were seen before.
fn hide(clouds: &[(usize, usize)], gaps: &mut [u8], cols: usize) -> usize {
    let rows = gaps.len() / cols.max(1);
    let mut hidden = 0;
    for (pixel, fringe) in clouds {
        let (row, col) = (pixel / cols, pixel % cols);
        let (left, right) = (col.saturating_sub(*fringe), (col + fringe + 1).min(cols));
        for row in row.saturating_sub(*fringe)..(row + fringe + 1).min(rows) {
            for gap in gaps[row * cols + left..row * cols + right].iter_mut().filter(|gap| **gap == gap::SEEN) {
                *gap = gap::MASKED;
                hidden += 1;
            }
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::change::{ChangeMethod, vector::ChangeVector};
    use crate::detect::kmeans::Draw;

    const SIDE: usize = 160;
    const CLOUDS: [(usize, usize); 4] = [(40, 40), (50, 110), (110, 60), (120, 120)];
    const ROOF: (usize, usize) = (75, 25);
    /// From a cloud to its shadow.
    const WAY: (isize, isize) = (-14, -20);

    fn far((row, col): (usize, usize), pixel: usize) -> f32 {
        let (rows, cols) = ((pixel / SIDE) as f32 - row as f32, (pixel % SIDE) as f32 - col as f32);
        rows.hypot(cols)
    }

    /// Green ground; in the later scene four clouds that fade out, their shadows, and a white roof that ends.
    fn pair() -> PairBlock {
        let mut draw = Draw(9);
        let window = Window { row: 0, col: 0, rows: SIDE, cols: SIDE };
        let ground: Vec<Vec<f32>> = [30.0f32, 40.0, 35.0, 120.0]
            .iter()
            .map(|level| (0..SIDE * SIDE).map(|_| level * (0.8 + 0.4 * draw.number() as f32)).collect())
            .collect();
        let mut later = |band: usize, pixel: usize| {
            let value = ground[band][pixel] + draw.number() as f32;
            let cloud = CLOUDS.map(|at| (-(far(at, pixel) / 9.0).powi(4)).exp()).into_iter().fold(0.0, f32::max);
            let shaded = CLOUDS.iter().any(|at| far(beside(*at), pixel) < 9.0);
            let roof = if far(ROOF, pixel) < 6.0 { 400.0 } else { 0.0 };
            value * if shaded { 0.4 } else { 1.0 } + 400.0 * cloud + roof
        };
        let after = (0..4).map(|band| (0..SIDE * SIDE).map(|pixel| later(band, pixel)).collect()).collect();
        let scene = |bands| SceneBlock { window, bands, gaps: vec![gap::SEEN; SIDE * SIDE] };
        PairBlock { before: scene(ground.clone()), after: scene(after) }
    }

    fn beside((row, col): (usize, usize)) -> (usize, usize) {
        (row.checked_add_signed(WAY.0).unwrap(), col.checked_add_signed(WAY.1).unwrap())
    }

    #[test]
    fn clouds_and_their_shadows_are_hidden_and_a_roof_is_not() {
        let mut block = pair();
        let roles = [BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir];
        let mut sample = Sample::empty(4);
        sample.observe_everywhere(&block, 1);
        let fitted = ChangeVector.fit(&sample).unwrap();
        let test = CloudTest::of(&sample, &roles, fitted.as_ref(), 900.0).unwrap();
        let test = test.with_shadows(&[&block], 30.0);
        let hidden = test.hide(&mut block);
        let is_hidden = |(row, col): (usize, usize)| block.after.gaps[row * SIDE + col] == gap::MASKED;
        for cloud in CLOUDS {
            assert!(is_hidden(cloud) && is_hidden(beside(cloud)), "{cloud:?}");
        }
        assert!(!is_hidden(ROOF) && !is_hidden((150, 10)) && !is_hidden((90, 90)));
        let seen_before = block.before.gaps.iter().all(|gap| *gap == gap::SEEN);
        assert!(seen_before && hidden < SIDE * SIDE / 4, "{hidden}");
    }
}
