//! What ground of each kind did between two dates: how much of what looked like a pixel before looks like it after.
//!
//! A season changes much ground alike: a field that was harvested has many like it. What hardly any like ground did is no
//! season, at whatever times of the year the scenes were taken. Asked of every pixel, not of whole patches: a pit in a
//! harvested field is one patch of change with it. Own to this program.

use crate::model::raster::{PairBlock, mask};

use super::kmeans;
use super::misfit::Around;
use super::sample::{Sample, per_spread};

/// Kinds of ground. 6, 10 and 16 find planted squares alike between July and November; with 10 the fewest fields are taken
/// for more than a season.
const KINDS: usize = 10;

/// Spectra are alike within this root mean square of their bands' differences, in units of the bands' spread.
const ALIKE: f32 = 0.5;

/// Pixels compared together, so that the compiler keeps them in vector registers.
const LANES: usize = 32;

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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    /// One over the spread of each band, of both dates.
    per_spread: [Vec<f32>; 2],
    /// The middle of each kind of ground before, in units of the bands' spread.
    centres: Vec<Vec<f32>>,
    /// The bands of what became of each kind of ground, in the same.
    became: Vec<Vec<Vec<f32>>>,
}

impl Habits {
    /// The habits that a sample shows.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let sample = sample.thinned(kmeans::MOST_PIXELS);
        let per_spread = [&sample.before, &sample.after]
            .map(|bands| bands.iter().map(|band| per_spread(band) as f32).collect::<Vec<f32>>());
        let spectrum = |bands: &[Vec<f32>], per: &[f32], at: usize| -> Vec<f32> {
            bands.iter().zip(per).map(|(band, per)| band[at] * per).collect()
        };
        let before: Vec<Vec<f32>> = (0..sample.len()).map(|at| spectrum(&sample.before, &per_spread[0], at)).collect();
        let centres = kmeans::centres(&before, KINDS);
        let mut became = vec![vec![Vec::new(); sample.bands()]; centres.len()];
        for (at, before) in before.iter().enumerate() {
            let (kind, _) = kmeans::nearest(&centres, &before.iter().copied());
            for (band, value) in became[kind].iter_mut().zip(spectrum(&sample.after, &per_spread[1], at)) {
                band.push(value);
            }
        }
        Self { per_spread, centres, became }
    }

    /// The share of the ground that looked like `before` which looks like `after` now; 0 where nothing is known.
    #[must_use]
    pub fn share(&self, before: &[f32], after: &[f32]) -> f32 {
        let [before, after] = [(before, 0), (after, 1)].map(|(values, date)| -> Vec<f32> {
            values.iter().zip(&self.per_spread[date]).map(|(value, per)| value * per).collect()
        });
        let kind = kmeans::nearest(&self.centres, &before.iter().copied()).0;
        let Some(became) = self.became.get(kind) else { return 0.0 };
        let count = became.first().map_or(0, Vec::len);
        let far = ALIKE * ALIKE * became.len() as f32;
        let mut alike = 0;
        for first in (0..count).step_by(LANES) {
            let mut squares = [0.0f32; LANES];
            let members = first..(first + LANES).min(count);
            for (band, value) in became.iter().zip(&after) {
                for (square, other) in squares.iter_mut().zip(&band[members.clone()]) {
                    *square += (other - value) * (other - value);
                }
            }
            alike += squares[..members.len()].iter().filter(|square| **square < far).count();
        }
        alike as f32 / count.max(1) as f32
    }

    /// The share of every changed pixel of a block; NaN for the others. A pixel is taken together with the changed ones
    /// around it: what one pixel alone did is chance.
    #[must_use]
    pub fn shares(&self, block: &PairBlock, changed: &[u8]) -> Vec<f32> {
        let mut shares = vec![f32::NAN; changed.len()];
        for pixel in (0..changed.len()).filter(|&pixel| changed[pixel] == mask::CHANGED) {
            let around = Around::of(block, pixel);
            let near = || around.neighbours().filter(|&near| changed[near] == mask::CHANGED).chain([pixel]);
            let count = near().count() as f32;
            let mean = |plane: &Vec<f32>| near().map(|pixel| plane[pixel]).sum::<f32>() / count;
            let spectrum = |bands: &[Vec<f32>]| bands.iter().map(mean).collect::<Vec<f32>>();
            shares[pixel] = self.share(&spectrum(&block.before.bands), &spectrum(&block.after.bands));
        }
        shares
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
            let ripple = f32::from(at % 7) * 0.3;
            let (before, after) = match at {
                _ if at % 500 == 0 => (MEADOW, ROOF),
                _ if at % 2 == 0 => (MEADOW, MEADOW),
                _ if at % 5 == 1 => (FIELD, FIELD),
                _ => (FIELD, STUBBLE),
            };
            for band in 0..2 {
                sample.before[band].push(before[band] + ripple);
                sample.after[band].push(after[band] + ripple);
            }
        }
        Habits::of(&sample)
    }

    #[test]
    fn what_much_like_ground_did_is_a_habit_and_what_hardly_any_did_is_none() {
        let habits = habits();
        let harvested = habits.share(&FIELD, &STUBBLE);
        let built = habits.share(&MEADOW, &ROOF);
        assert!((harvested - 0.8).abs() < 0.05, "{harvested}");
        assert!(built < 0.01, "{built}");
        assert!(habits.share(&MEADOW, &STUBBLE) < 0.01, "fields are no meadow");
    }

    #[test]
    fn nothing_known_is_no_habit() {
        assert!(Habits::default().share(&[1.0], &[1.0]) < f32::EPSILON);
    }

    #[test]
    fn of_a_harvested_field_the_part_that_was_built_on_is_no_habit() {
        let window = Window { row: 0, col: 0, rows: 3, cols: 6 };
        let is_roof = |pixel: usize| pixel % 6 > 2;
        let scene = |of: &dyn Fn(usize) -> [f32; 2]| SceneBlock {
            window,
            bands: (0..2).map(|band| (0..18).map(|pixel| of(pixel)[band]).collect()).collect(),
            gaps: vec![gap::SEEN; 18],
        };
        let after = |pixel| if is_roof(pixel) { ROOF } else { STUBBLE };
        let block = PairBlock { before: scene(&|_| FIELD), after: scene(&after) };
        let mut changed = vec![mask::CHANGED; 18];
        changed[0] = mask::UNCHANGED;
        let shares = habits().shares(&block, &changed);
        assert!(shares[0].is_nan() && shares[1] > 0.5 && shares[5] < 0.01, "{shares:?}");
    }
}
