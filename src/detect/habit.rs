//! What ground of each kind did between two dates: how much of what looked like a pixel before looks like it after.
//!
//! A season changes much ground alike: a field that was harvested has many like it. What hardly any like ground became is no
//! season, at whatever times of the year the scenes were taken; nor is what stayed where all like ground changed. Asked of
//! every pixel, not of whole patches: a pit in a harvested field is one patch of change with it. Own to this program.
//!
//! Two questions are asked. Of a changed pixel: what *share* of like ground became like it? Of any pixel: is it *novel*, too
//! far from what like ground became, as that differs among itself? What is novel is change though a method may see none; and
//! where much was built in one year, the share still tells it from the season when nothing of it is novel any more.

use std::ops::Range;

use crate::model::raster::{PairBlock, mask};

use super::kmeans::{Groups, LANES, MOST_PIXELS};
use super::misfit::{Around, Mixed};
use super::sample::{Sample, per_spread, quantile};
use super::threshold;

/// Kinds of ground. With 12 to 32 about as many of the squares planted between July and November are novel.
const KINDS: usize = 24;

/// Spectra are alike within this root mean square of their bands' differences, in units of the bands' spread.
const ALIKE: f32 = 0.5;

/// Novel is what is farther than others are from the nearest ground of its kind that makes up this share of it. With less,
/// what was built in a few places is a habit; with 0.05 fewer of the planted squares are novel.
const LEAST_NEAR: f64 = 0.02;

/// The quantile of distances that tells how long their tail is, and how many standard deviations a normal law has there. The
/// tail itself holds what changed.
const UPPER: (f64, f64) = (0.9, 1.281_551_6);

/// How a season is told from other change.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// What like ground did.
    pub habits: Habits,
    /// What at least this share of it did is the season's.
    pub least: f64,
}

impl Season {
    /// Whether what this share of like ground did is the season's.
    #[must_use]
    pub fn explains(&self, share: f32) -> bool {
        f64::from(share) >= self.least
    }
}

/// What the ground of a pair of scenes did.
#[derive(Debug, Clone, PartialEq)]
pub struct Habits {
    /// Kinds of ground before.
    groups: Groups,
    /// What became of each.
    kinds: Vec<Kind>,
    /// One over the spread of each band after.
    per_spread: Vec<f32>,
}

/// What became of a kind of ground, in units of the bands' spread.
#[derive(Debug, Clone, PartialEq, Default)]
struct Kind {
    /// By band and pixel.
    became: Vec<Vec<f32>>,
    /// A pixel is novel where less than the share [`LEAST_NEAR`] is nearer than this.
    near: f32,
}

impl Habits {
    /// The habits that a sample shows.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let sample = sample.thinned(MOST_PIXELS);
        let groups = Groups::of(&sample.before, KINDS);
        let per_spread: Vec<f32> = sample.after.iter().map(|band| per_spread(band) as f32).collect();
        let mut kinds = vec![Kind { became: vec![Vec::new(); sample.bands()], ..Kind::default() }; groups.count()];
        for (at, kind) in groups.of_each(&sample.before, sample.len()).into_iter().enumerate() {
            for ((became, band), per) in kinds[kind].became.iter_mut().zip(&sample.after).zip(&per_spread) {
                became.push(band[at] * per);
            }
        }
        learn_near(&mut kinds);
        Self { groups, kinds, per_spread }
    }

    /// The share of the ground that looked like a pixel before which looks like it after, of every changed pixel of a block;
    /// NaN for the others. A pixel is taken together with the changed ones around it, as what one alone did is chance; a
    /// novel one alone.
    #[must_use]
    pub fn shares(&self, block: &PairBlock, changed: &[u8]) -> Vec<f32> {
        let mut shares = vec![f32::NAN; changed.len()];
        for pixel in (0..changed.len()).filter(|&pixel| changed[pixel] == mask::CHANGED) {
            let is_novel = self.novelty(block, pixel).is_some();
            let around = Around::of(block, pixel);
            let goes_along = |near: &usize| !is_novel && changed[*near] == mask::CHANGED;
            let near = || around.neighbours().filter(goes_along).chain([pixel]);
            let count = near().count() as f32;
            let mean = |plane: &Vec<f32>| near().map(|pixel| plane[pixel]).sum::<f32>() / count;
            let spectrum = |bands: &[Vec<f32>]| bands.iter().map(mean).collect::<Vec<f32>>();
            shares[pixel] = self.share(&spectrum(&block.before.bands), spectrum(&block.after.bands));
        }
        shares
    }

    /// The share of the ground that looked like `before` which looks like `after` now; 0 where nothing is known.
    fn share(&self, before: &[f32], after: Vec<f32>) -> f32 {
        let Some(kind) = self.kinds.get(self.groups.of_spectrum(before)) else { return 0.0 };
        kind.count_within(alike(after.len()), &self.scaled(after), usize::MAX) as f32 / kind.len().max(1) as f32
    }

    /// Tells the novel pixels of a row, and how far each is from what like ground became, as a multiple of how far one may be
    /// that is not novel.
    pub fn novelties(&self, block: &PairBlock, pixels: Range<usize>, mut novel: impl FnMut(usize, f32)) {
        let mut after = Vec::new();
        for first in pixels.clone().step_by(LANES) {
            let chunk = first..(first + LANES).min(pixels.end);
            let kinds = self.groups.of_chunk(&block.before.bands, chunk.clone());
            for (pixel, kind) in chunk.zip(kinds).filter(|(pixel, _)| block.seen(*pixel)) {
                after.extend(block.after.bands.iter().map(|band| band[pixel]));
                after = self.scaled(after);
                if let Some(kind) = self.kinds.get(kind).filter(|kind| kind.is_novel(&after)) {
                    novel(pixel, kind.distance(&after, kind.least()) / kind.near);
                }
                after.clear();
            }
        }
    }

    /// How novel a pixel remains when either scene may lie half a pixel off (see [`super::misfit`]); 0 where it is not.
    #[must_use]
    pub fn firm_novelty(&self, block: &PairBlock, pixel: usize) -> f32 {
        let Some(as_it_is) = self.novelty(block, pixel) else { return 0.0 };
        let spectrum = |mixed: Mixed<'_>| (0..self.per_spread.len()).map(|band| mixed.band(band)).collect::<Vec<f32>>();
        Around::of(block, pixel).least(block, |before, after| {
            let kind = self.kinds.get(self.groups.of_spectrum(&spectrum(before)));
            let is_novel = kind.is_some_and(|kind| kind.is_novel(&self.scaled(spectrum(after))));
            if is_novel { as_it_is } else { 0.0 }
        })
    }

    /// How novel a pixel is; none where it is not, or was not seen.
    fn novelty(&self, block: &PairBlock, pixel: usize) -> Option<f32> {
        let mut found = None;
        self.novelties(block, pixel..pixel + 1, |_, novelty| found = Some(novelty));
        found
    }

    fn scaled(&self, mut after: Vec<f32>) -> Vec<f32> {
        after.iter_mut().zip(&self.per_spread).for_each(|(value, per)| *value *= per);
        after
    }
}

/// The distance within which spectra of so many bands are alike.
fn alike(bands: usize) -> f32 {
    ALIKE * (bands as f32).sqrt()
}

/// Learns how far from its like a pixel may be that is not novel: mostly a pixel has the nearest share of its kind within some
/// distance, and as far as the tail of these distances reaches nothing is novel, nor is what is alike. No kind counts as
/// calmer than the middle of all: of calm water all would be novel by the grain of the numbers.
fn learn_near(kinds: &mut [Kind]) {
    let mut distances: Vec<Vec<f32>> = kinds.iter().map(Kind::distances_within).collect();
    let middle = quantile(&mut distances.concat(), 0.5) as f32;
    let usual: Vec<f32> =
        distances.iter_mut().map(|own| (quantile(own, 0.5) as f32).max(middle).max(f32::MIN_POSITIVE)).collect();
    let multiples = |(own, usual): (&Vec<f32>, &f32)| own.iter().map(|distance| distance / usual).collect::<Vec<f32>>();
    let mut multiples: Vec<f32> = distances.iter().zip(&usual).flat_map(multiples).collect();
    let (upper, sigmas) = UPPER;
    let end = threshold::end_of_tail(quantile(&mut multiples, 0.5), (quantile(&mut multiples, upper), sigmas));
    for (kind, usual) in kinds.iter_mut().zip(usual) {
        // Of numbers with a coarse grain most of a kind are the same, and there is no tail.
        kind.near = (usual * end.max(1.0) as f32).max(alike(kind.became.len()));
    }
}

impl Kind {
    fn len(&self) -> usize {
        self.became.first().map_or(0, Vec::len)
    }

    /// How many of its pixels are the share [`LEAST_NEAR`].
    fn least(&self) -> usize {
        (LEAST_NEAR * self.len() as f64).ceil() as usize
    }

    fn chunks(&self) -> impl Iterator<Item = Range<usize>> {
        let count = self.len();
        (0..count).step_by(LANES).map(move |first| first..(first + LANES).min(count))
    }

    /// The squares of the distances of at most [`LANES`] of its pixels to a spectrum.
    fn squares(&self, pixels: Range<usize>, after: &[f32]) -> [f32; LANES] {
        let mut squares = [0.0f32; LANES];
        for (band, value) in self.became.iter().zip(after) {
            for (square, became) in squares.iter_mut().zip(&band[pixels.clone()]) {
                *square += (became - value) * (became - value);
            }
        }
        squares
    }

    fn is_novel(&self, after: &[f32]) -> bool {
        self.count_within(self.near, after, self.least()) < self.least()
    }

    /// How many of its pixels lie within a distance of a spectrum; counting ends at `enough`.
    fn count_within(&self, distance: f32, after: &[f32], enough: usize) -> usize {
        let mut count = 0;
        for pixels in self.chunks() {
            let squares = self.squares(pixels.clone(), after);
            count += squares[..pixels.len()].iter().filter(|square| **square <= distance * distance).count();
            if count >= enough {
                break;
            }
        }
        count
    }

    /// The distance of the `nth` nearest of its pixels to a spectrum, or of the farthest where there are fewer.
    fn distance(&self, after: &[f32], nth: usize) -> f32 {
        let mut squares = Vec::with_capacity(self.len() + LANES);
        for pixels in self.chunks() {
            squares.extend_from_slice(&self.squares(pixels.clone(), after)[..pixels.len()]);
        }
        let last = nth.min(squares.len()).saturating_sub(1);
        if squares.is_empty() { 0.0 } else { squares.select_nth_unstable_by(last, f32::total_cmp).1.sqrt() }
    }

    /// How far each of its pixels is from the nearest share of the others.
    fn distances_within(&self) -> Vec<f32> {
        let spectrum = |pixel: usize| self.became.iter().map(|band| band[pixel]).collect::<Vec<f32>>();
        (0..self.len()).map(|pixel| self.distance(&spectrum(pixel), self.least() + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    const MEADOW: [f32; 2] = [20.0, 60.0];
    const FIELD: [f32; 2] = [40.0, 40.0];
    const STUBBLE: [f32; 2] = [20.0, 25.0];
    const ROOF: [f32; 2] = [90.0, 90.0];

    /// Half meadow, which stays, and half fields, of which most are harvested; one pixel in five hundred is built on.
    fn habits() -> Habits {
        let mut sample = Sample::empty(2);
        for at in 0..4000_u16 {
            let [ripple, later] = [7, 11].map(|turn| f32::from(at % turn) * 0.3);
            let (before, after) = match at {
                _ if at % 500 == 0 => (MEADOW, ROOF),
                _ if at % 2 == 0 => (MEADOW, MEADOW),
                _ if at % 10 == 1 => (FIELD, FIELD),
                _ => (FIELD, STUBBLE),
            };
            for band in 0..2 {
                sample.before[band].push(before[band] + ripple);
                sample.after[band].push(after[band] + later);
            }
        }
        Habits::of(&sample)
    }

    /// A block of three rows.
    fn block(before: &[[f32; 2]], after: &[[f32; 2]]) -> PairBlock {
        let window = Window { row: 0, col: 0, rows: 3, cols: before.len() / 3 };
        let scene = |spectra: &[[f32; 2]]| SceneBlock {
            window,
            bands: (0..2).map(|band| spectra.iter().map(|spectrum| spectrum[band]).collect()).collect(),
            gaps: vec![gap::SEEN; spectra.len()],
        };
        PairBlock { before: scene(before), after: scene(after) }
    }

    fn novelties(habits: &Habits, block: &PairBlock) -> Vec<f32> {
        let mut novelties = vec![0.0; block.window().len()];
        habits.novelties(block, 0..novelties.len(), |pixel, novelty| novelties[pixel] = novelty);
        novelties
    }

    #[test]
    fn what_much_like_ground_did_is_a_habit_and_what_hardly_any_did_is_none() {
        let habits = habits();
        let harvested = habits.share(&FIELD, STUBBLE.to_vec());
        let built = habits.share(&MEADOW, ROOF.to_vec());
        assert!((harvested - 0.8).abs() < 0.05, "{harvested}");
        assert!(built < 0.01, "{built}");
        assert!(habits.share(&MEADOW, STUBBLE.to_vec()) < 0.01, "fields are no meadow");
    }

    #[test]
    fn nothing_known_is_neither_usual_nor_novel() {
        let empty = Habits::of(&Sample::empty(2));
        assert!(empty.share(&FIELD, STUBBLE.to_vec()) < f32::EPSILON);
        empty.novelties(&block(&[FIELD; 3], &[ROOF; 3]), 0..3, |_, _| panic!("novel"));
    }

    #[test]
    fn what_hardly_any_like_ground_became_is_novel() {
        let after = [MEADOW, ROOF, STUBBLE, FIELD, STUBBLE, MEADOW];
        let novelties = novelties(&habits(), &block(&[[MEADOW; 3], [FIELD; 3]].concat(), &after));
        let novel: Vec<bool> = novelties.iter().map(|novelty| *novelty > 1.0).collect();
        assert_eq!(novel, [false, true, true, false, false, true], "{novelties:?}");
    }

    #[test]
    fn of_a_harvested_field_the_part_that_was_built_on_is_no_habit() {
        let after: Vec<[f32; 2]> = (0..18).map(|pixel| if pixel % 6 > 2 { ROOF } else { STUBBLE }).collect();
        let mut changed = vec![mask::CHANGED; 18];
        changed[0] = mask::UNCHANGED;
        let shares = habits().shares(&block(&[FIELD; 18], &after), &changed);
        assert!(shares[0].is_nan() && shares[1] > 0.5 && shares[5] < 0.01, "{shares:?}");
    }

    #[test]
    fn novelty_that_half_a_pixel_explains_is_not_firm() {
        let habits = habits();
        let unlike = |by: f32| [STUBBLE[0] - by, STUBBLE[1] - by];
        let is_novel = |by: f32| novelties(&habits, &block(&[FIELD; 3], &[unlike(by); 3]))[0] > 1.0;
        let edge = 1.3 * (1..1000).map(|step| 0.02 * step as f32).find(|by| is_novel(*by)).unwrap();
        let row = [unlike(2.0 * edge), unlike(edge), STUBBLE, STUBBLE, STUBBLE];
        assert!(habits.firm_novelty(&block(&[FIELD; 15], &[row; 3].concat()), 6) < f32::EPSILON);
        assert!(habits.firm_novelty(&block(&[FIELD; 9], &[unlike(edge); 9]), 4) > 1.0);
    }
}
