//! What ground of each kind did between two dates: how much of what looked like a patch before looks like it after.
//!
//! A season changes much ground alike: a field that was harvested has many like it. What hardly any like ground did is no
//! season, at whatever times of the year the scenes were taken. Own to this program.

use super::sample::{Sample, per_spread};

/// Pixel pairs that are kept: a hundredth of the like ground is then still three pixels.
const MOST_PIXELS: usize = 6000;

/// Spectra are alike within this root mean square of their bands' differences, in units of the bands' spread.
const ALIKE: f64 = 0.5;

/// The fewest pixels that pass for like ground where little is: the nearest ones, one in a hundred.
const LEAST_LIKE: f64 = 0.01;

/// Pixels at both dates, in units of each band's spread.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    /// One over the spread of each band, of both dates.
    per_spread: [Vec<f64>; 2],
    /// Spectrum before and after.
    pixels: Vec<[Vec<f64>; 2]>,
}

impl Habits {
    /// The habits that a sample shows.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let sample = sample.thinned(MOST_PIXELS);
        let per_spread = [&sample.before, &sample.after]
            .map(|bands| bands.iter().map(|band| per_spread(band)).collect::<Vec<f64>>());
        let spectrum = |bands: &[Vec<f32>], per: &[f64], at: usize| {
            bands.iter().zip(per).map(|(band, per)| f64::from(band[at]) * per).collect::<Vec<f64>>()
        };
        let pair = |at| [spectrum(&sample.before, &per_spread[0], at), spectrum(&sample.after, &per_spread[1], at)];
        let pixels = (0..sample.len()).map(pair).collect();
        Self { per_spread, pixels }
    }

    /// The share of the ground that looked like `before` which looks like `after` now; 0 where nothing is known.
    #[must_use]
    pub fn share(&self, before: &[f64], after: &[f64]) -> f64 {
        let apart = |date: usize, values: &[f64]| {
            let own: Vec<f64> = values.iter().zip(&self.per_spread[date]).map(|(value, per)| value * per).collect();
            move |pixel: &[Vec<f64>; 2]| -> f64 {
                pixel[date].iter().zip(&own).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / own.len().max(1) as f64
            }
        };
        let was: Vec<f64> = self.pixels.iter().map(apart(0, before)).collect();
        let is = apart(1, after);
        let mut by_likeness: Vec<usize> = (0..was.len()).collect();
        by_likeness.sort_unstable_by(|a, b| was[*a].total_cmp(&was[*b]));
        let least = (was.len() as f64 * LEAST_LIKE).ceil() as usize;
        let alike = by_likeness.partition_point(|at| was[*at] < ALIKE * ALIKE).max(least);
        let like = &by_likeness[..alike.min(by_likeness.len())];
        like.iter().filter(|at| is(&self.pixels[**at]) < ALIKE * ALIKE).count() as f64 / like.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half meadow, which stays, and half fields, of which most are harvested; one pixel in five hundred is built on.
    fn habits() -> Habits {
        let mut sample = Sample::empty(2);
        for at in 0..4000_u16 {
            let ripple = f32::from(at % 7) * 0.3;
            let (before, after) = match at {
                _ if at % 500 == 0 => ([20.0, 60.0], [90.0, 90.0]),
                _ if at % 2 == 0 => ([20.0, 60.0], [21.0, 59.0]),
                _ if at % 5 == 1 => ([40.0, 40.0], [41.0, 40.0]),
                _ => ([40.0, 40.0], [20.0, 25.0]),
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
        let harvested = habits.share(&[41.0, 41.0], &[21.0, 26.0]);
        let built = habits.share(&[21.0, 61.0], &[91.0, 91.0]);
        assert!((harvested - 0.8).abs() < 0.05, "{harvested}");
        assert!(built < 0.01, "{built}");
        assert!(habits.share(&[21.0, 61.0], &[21.0, 26.0]) < 0.01, "fields are no meadow");
    }

    #[test]
    fn nothing_known_is_no_habit() {
        assert!(Habits::default().share(&[1.0], &[1.0]) < f64::EPSILON);
    }
}
