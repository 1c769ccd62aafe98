//! Pixels that look alike, as groups.
//!
//! Source: k-means, Lloyd 1982 (doi:10.1109/TIT.1982.1056489), seeded after Arthur & Vassilvitskii 2007
//! (<https://dl.acm.org/doi/10.5555/1283383.1283494>).

use std::ops::Range;

use super::sample::per_spread;

/// Pixels that the centres of an image are sought with.
pub const MOST_PIXELS: usize = 12_000;

/// Pixels looked at together, so that the compiler keeps them in vector registers.
pub const LANES: usize = 32;

/// Rounds of k-means. Centres of image values hardly move after ten.
const ROUNDS: usize = 20;

/// Groups of a scene's pixels that look alike, each band in units of its spread.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Groups {
    per_spread: Vec<f32>,
    centres: Vec<Vec<f32>>,
}

impl Groups {
    /// At most `count` groups of the pixels of these bands.
    #[must_use]
    pub fn of(bands: &[Vec<f32>], count: usize) -> Self {
        let per_spread: Vec<f32> = bands.iter().map(|band| per_spread(band) as f32).collect();
        let pixels = bands.first().map_or(0, Vec::len);
        let spectra: Vec<Vec<f32>> = (0..pixels)
            .step_by(pixels.div_ceil(MOST_PIXELS).max(1))
            .map(|at| bands.iter().zip(&per_spread).map(|(band, per)| band[at] * per).collect())
            .collect();
        Self { per_spread, centres: centres(&spectra, count) }
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.centres.len()
    }

    /// The group of a spectrum; 0 where there is none.
    #[must_use]
    pub fn of_spectrum(&self, spectrum: &[f32]) -> usize {
        nearest(&self.centres, &spectrum.iter().zip(&self.per_spread).map(|(value, per)| value * per)).0
    }

    /// The group of each pixel.
    #[must_use]
    pub fn of_each(&self, planes: &[Vec<f32>], pixels: usize) -> Vec<usize> {
        let chunks = (0..pixels).step_by(LANES).map(|first| first..(first + LANES).min(pixels));
        chunks.flat_map(|chunk| self.of_chunk(planes, chunk.clone()).into_iter().take(chunk.len())).collect()
    }

    /// The groups of at most [`LANES`] pixels.
    #[must_use]
    pub fn of_chunk(&self, planes: &[Vec<f32>], pixels: Range<usize>) -> [usize; LANES] {
        let (mut least, mut nearest) = ([f32::INFINITY; LANES], [0; LANES]);
        for (at, centre) in self.centres.iter().enumerate() {
            let mut apart = [0.0f32; LANES];
            for ((plane, per), centre) in planes.iter().zip(&self.per_spread).zip(centre) {
                for (apart, value) in apart.iter_mut().zip(&plane[pixels.clone()]) {
                    let off = value * per - centre;
                    *apart += off * off;
                }
            }
            for lane in 0..LANES {
                let nearer = apart[lane] < least[lane];
                least[lane] = if nearer { apart[lane] } else { least[lane] };
                nearest[lane] = if nearer { at } else { nearest[lane] };
            }
        }
        nearest
    }
}

/// The centres of at most `count` groups.
fn centres(pixels: &[Vec<f32>], count: usize) -> Vec<Vec<f32>> {
    let mut centres = seeds(pixels, count);
    for _ in 0..ROUNDS {
        let bands = pixels.first().map_or(0, Vec::len);
        let mut sums = vec![(vec![0.0f64; bands], 0usize); centres.len()];
        for pixel in pixels {
            let (sum, count) = &mut sums[nearest(&centres, &pixel.iter().copied()).0];
            sum.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += f64::from(value));
            *count += 1;
        }
        for (centre, (sum, count)) in centres.iter_mut().zip(sums).filter(|(_, (_, count))| *count > 0) {
            *centre = sum.iter().map(|sum| (sum / count as f64) as f32).collect();
        }
    }
    centres
}

/// First centres: each a pixel drawn with a probability that grows with the square of its distance to those before it. The
/// draws are those of a fixed sequence, so that two runs agree.
fn seeds(pixels: &[Vec<f32>], count: usize) -> Vec<Vec<f32>> {
    let mut draw = Draw(1);
    let mut centres: Vec<Vec<f32>> = pixels.get(pixels.len() / 2).cloned().into_iter().collect();
    while !centres.is_empty() && centres.len() < count {
        let squares: Vec<f64> =
            pixels.iter().map(|pixel| f64::from(nearest(&centres, &pixel.iter().copied()).1)).collect();
        let mut left = draw.number() * squares.iter().sum::<f64>();
        let drawn = squares.iter().position(|square| {
            left -= square;
            *square > 0.0 && left <= 0.0
        });
        // Fewer different pixels than groups.
        let Some(drawn) = drawn else { break };
        centres.push(pixels[drawn].clone());
    }
    centres
}

/// The nearest centre and the square of its distance.
fn nearest<'c>(
    centres: impl IntoIterator<Item = &'c Vec<f32>>,
    pixel: &(impl Iterator<Item = f32> + Clone),
) -> (usize, f32) {
    let square = |centre: &Vec<f32>| pixel.clone().zip(centre).map(|(v, c)| (v - c) * (v - c)).sum::<f32>();
    let squares = centres.into_iter().map(square).enumerate();
    squares.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
}

/// A fixed sequence of numbers in 0..1. Source: the multiplier of Knuth's MMIX generator.
pub struct Draw(pub u64);

impl Draw {
    /// The next number.
    pub fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_of_one_value_is_one_group() {
        assert_eq!(centres(&vec![vec![3.0, 4.0]; 100], 6), [[3.0, 4.0]]);
        assert!(centres(&[], 6).is_empty());
    }

    #[test]
    fn a_pixel_is_in_the_same_group_alone_and_in_a_row() {
        let mut draw = Draw(7);
        let bands: Vec<Vec<f32>> = (0..3).map(|_| (0..100).map(|_| draw.number() as f32).collect()).collect();
        let groups = Groups::of(&bands, 5);
        let alone = |at: usize| groups.of_spectrum(&bands.iter().map(|band| band[at]).collect::<Vec<f32>>());
        assert_eq!(groups.of_each(&bands, 100), (0..100).map(alone).collect::<Vec<usize>>());
        assert_eq!(groups.count(), 5);
    }

    #[test]
    fn two_heaps_have_their_centres() {
        let pixels: Vec<Vec<f32>> =
            (0..100).map(|i| vec![if i % 2 == 0 { 1.0 } else { 9.0 }, (i % 4) as f32]).collect();
        let mut found = centres(&pixels, 2);
        found.sort_by(|a, b| a[0].total_cmp(&b[0]));
        assert_eq!(found, [[1.0, 1.0], [9.0, 2.0]]);
    }
}
