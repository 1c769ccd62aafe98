//! A stratified random sample before it is drawn: how many points each stratum gets, and which of its pixels.
//!
//! The same seed gives the same points on every machine: the numbers come from `SplitMix64`, never from a clock.

use std::collections::BTreeSet;

/// Points that a stratum gets at least, where the sample is large enough.
///
/// Source: Olofsson et al. 2014 (doi:10.1016/j.rse.2014.02.015), section 5.1.1: 50 to 100 for rare classes.
pub const LEAST_POINTS: u64 = 50;

/// Points below which a stratum tells no error.
pub const FEWEST_POINTS: u64 = 2;

/// A part of the area in which points are placed at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DesignStratum {
    /// On a flag of high severity.
    FlaggedHigh,
    /// On any other flag.
    FlaggedLow,
    /// On no flag, inside a zone.
    UnflaggedInside,
    /// On no flag, in the ring of a zone.
    UnflaggedRing,
}

impl DesignStratum {
    /// All, in the order of every list.
    pub const ALL: [Self; 4] = [Self::FlaggedHigh, Self::FlaggedLow, Self::UnflaggedInside, Self::UnflaggedRing];

    /// The word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FlaggedHigh => "flagged_high",
            Self::FlaggedLow => "flagged_low",
            Self::UnflaggedInside => "unflagged_inside",
            Self::UnflaggedRing => "unflagged_ring",
        }
    }
}

/// Shares points among strata of so many pixels: first the least number to each (as many as it has pixels, at most
/// [`LEAST_POINTS`], and together no more than half of all points), then the rest in proportion to the pixels, the largest
/// remainders first. `None` where not every stratum that has pixels can get [`FEWEST_POINTS`].
#[must_use]
pub fn shared(points: u64, pixels: &[u64]) -> Option<Vec<u64>> {
    let strata = pixels.iter().filter(|&&n| n > 0).count() as u64;
    if strata == 0 || points < strata * FEWEST_POINTS {
        return None;
    }
    let least = (points / (2 * strata)).clamp(FEWEST_POINTS, LEAST_POINTS);
    let mut given: Vec<u64> = pixels.iter().map(|&n| n.min(least)).collect();
    let mut left = points.saturating_sub(given.iter().sum());
    // A stratum that is full passes its part on to the others.
    while left > 0 {
        let open: Vec<usize> = (0..pixels.len()).filter(|&i| given[i] < pixels[i]).collect();
        let total: u64 = open.iter().map(|&i| pixels[i]).sum();
        if total == 0 {
            break;
        }
        let exact = |i: usize| left as f64 * pixels[i] as f64 / total as f64;
        let mut parts: Vec<(usize, u64, f64)> =
            open.iter().map(|&i| (i, exact(i).floor() as u64, exact(i).fract())).collect();
        parts.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let mut spare = left.saturating_sub(parts.iter().map(|part| part.1).sum());
        let before = left;
        for (i, whole, _) in parts {
            let extra = u64::from(spare > 0);
            spare -= extra;
            let more = (whole + extra).min(pixels[i] - given[i]).min(left);
            given[i] += more;
            left -= more;
        }
        if left == before {
            break;
        }
    }
    Some(given)
}

/// `points` different numbers below `pixels`, every set equally likely, in ascending order.
///
/// Source: Floyd, in Bentley and Floyd 1987, Communications of the ACM 30(9):754–757, doi:10.1145/30401.315746.
#[must_use]
pub fn drawn(points: u64, pixels: u64, random: &mut Random) -> Vec<u64> {
    let mut chosen = BTreeSet::new();
    for last in pixels.saturating_sub(points)..pixels {
        let pick = random.below(last + 1);
        if !chosen.insert(pick) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

/// `SplitMix64`.
///
/// Source: Steele, Lea and Flood 2014, OOPSLA '14:453–472, doi:10.1145/2660193.2660195.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed; `stream` keeps several uses of one seed apart.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut mixed = Self(seed);
        Self(mixed.number() ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    /// A number of all 64 bits.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a limit, each equally likely; 0 below a limit of 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // Numbers of the last, incomplete round would favour the small ones.
        let fair = u64::MAX - u64::MAX.checked_rem(limit).unwrap_or(0);
        loop {
            let number = self.number();
            if number < fair || limit == 0 {
                return number.checked_rem(limit).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_strata_get_their_least_and_the_rest_goes_by_area() {
        assert_eq!(shared(400, &[1000, 2000, 90_000, 7000]), Some(vec![52, 54, 230, 64]));
    }

    #[test]
    fn a_stratum_never_gets_more_points_than_it_has_pixels() {
        let given = shared(400, &[7, 0, 90_000, 100]).unwrap();
        assert_eq!((given[0], given[1], given.iter().sum::<u64>()), (7, 0, 400));
        assert_eq!(shared(400, &[3, 5]), Some(vec![3, 5]));
    }

    #[test]
    fn too_few_points_for_the_strata_are_refused() {
        assert_eq!(shared(7, &[10, 10, 10, 10]), None);
        assert_eq!(shared(8, &[10, 10, 10, 10]), Some(vec![2, 2, 2, 2]));
        assert_eq!(shared(8, &[0, 0]), None);
    }

    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = Random(1_234_567);
        assert_eq!([random.number(), random.number()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn a_draw_is_without_repeats_in_order_and_the_same_again() {
        let draw = |seed| drawn(50, 60, &mut Random::new(seed, 0));
        let first = draw(1);
        assert!(first.len() == 50 && first.windows(2).all(|w| w[0] < w[1]) && first[49] < 60, "{first:?}");
        assert_eq!(first, draw(1));
        assert_ne!(first, draw(2));
        assert_eq!(drawn(3, 3, &mut Random::new(1, 0)), [0, 1, 2]);
    }

    #[test]
    fn every_pixel_is_drawn_about_as_often() {
        let mut counts = [0_u32; 20];
        for seed in 0..4000 {
            for pixel in drawn(5, 20, &mut Random::new(seed, 3)) {
                counts[pixel as usize] += 1;
            }
        }
        // 1,000 expected; a standard deviation is 27.
        assert!(counts.iter().all(|&n| (880..=1120).contains(&n)), "{counts:?}");
    }
}
