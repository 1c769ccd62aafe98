//! Where the shadows of clouds lie: all in one direction, about as far as the clouds are high.

use crate::model::grid::Window;

/// How far a shadow may lie from its cloud: clouds that throw one stand lower than this in the light of a morning.
const FARTHEST_M: f64 = 3_000.0;

/// Steps that the way is sought in, on each side.
const STEPS: isize = 60;

/// Bright pixels that are asked, and fewer of which tell nothing.
const MOST_PIXELS: usize = 1_000;
const LEAST_PIXELS: usize = 300;

/// At least this share of a cloud has a shadow.
const LEAST_SHADED: f64 = 0.5;

/// Of all that is bright, and of which not all is cloud, at least this share has one …
const LEAST_IN_ALL: f64 = 0.4;

/// … so have at least this many clouds, as one has something dark somewhere by chance …
const LEAST_CLOUDS: usize = 3;

/// … and this many times more than anywhere on average.
const LEAST_EXCESS: f64 = 2.5;

/// A cloud may stand lower or higher than most: tenths of the common way.
const TENTHS: std::ops::RangeInclusive<isize> = 5..=15;

/// The bright pixels of a block that may be clouds, and where it is dark.
pub struct Seen {
    /// The block.
    pub window: Window,
    /// What may be clouds, each as indices in the block.
    pub bright: Vec<Vec<usize>>,
    /// Whether each pixel is darker than the other date shows it.
    pub dark: Vec<bool>,
}

impl Seen {
    /// The pixel that lies so many rows and columns from another, inside the block.
    fn beside(&self, pixel: usize, (rows, cols): (isize, isize)) -> Option<usize> {
        let row = (pixel / self.window.cols).checked_add_signed(rows).filter(|row| *row < self.window.rows)?;
        let col = (pixel % self.window.cols).checked_add_signed(cols).filter(|col| *col < self.window.cols)?;
        Some(row * self.window.cols + col)
    }

    /// The pixels that lie `way` from these, inside the block.
    #[must_use]
    pub fn moved(&self, pixels: &[usize], way: (isize, isize)) -> Vec<usize> {
        pixels.iter().filter_map(|&pixel| self.beside(pixel, way)).collect()
    }

    /// How many of the pixels have their shadow in the block if it lies `way` from them, and how many of these are dark.
    fn shaded(&self, pixels: impl Iterator<Item = usize>, way: (isize, isize)) -> (usize, usize) {
        let beside = pixels.filter_map(|pixel| self.beside(pixel, way));
        beside.fold((0, 0), |(inside, dark), pixel| (inside + 1, dark + usize::from(self.dark[pixel])))
    }
}

/// From a cloud to its shadow, in rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way(isize, isize);

impl Way {
    /// The way on which most of what is bright has something dark; `None` where there is none.
    #[must_use]
    pub fn of(blocks: &[Seen], pixel_m: f64) -> Option<Self> {
        let bright: usize = blocks.iter().flat_map(|block| &block.bright).map(Vec::len).sum();
        if bright < LEAST_PIXELS {
            return None;
        }
        let stride = bright.div_ceil(MOST_PIXELS).max(1);
        let step = (FARTHEST_M / pixel_m / STEPS as f64).ceil().max(1.0) as isize;
        let share = |way: (isize, isize)| {
            let counts =
                blocks.iter().map(|block| block.shaded(block.bright.iter().flatten().copied().step_by(stride), way));
            let (inside, dark) = counts.fold((0, 0), |(inside, dark), one| (inside + one.0, dark + one.1));
            (inside * stride * 2 >= bright && inside > 0).then(|| dark as f64 / inside as f64)
        };
        let (mut sum, mut count, mut best) = (0.0, 0, (0.0, Self(0, 0)));
        for rows in -STEPS..=STEPS {
            for cols in -STEPS..=STEPS {
                let way = (rows * step, cols * step);
                let Some(share) = share(way).filter(|_| way != (0, 0)) else { continue };
                sum += share;
                count += 1;
                if share > best.0 {
                    best = (share, Self(way.0, way.1));
                }
            }
        }
        let (share, way) = best;
        let usual = share >= LEAST_IN_ALL && share * f64::from(count) >= LEAST_EXCESS * sum;
        let clouds =
            blocks.iter().flat_map(|block| block.bright.iter().filter_map(|c| way.to_shadow(block, c))).count();
        (usual && clouds >= LEAST_CLOUDS).then_some(way)
    }

    /// How far the shadow of these pixels of one cloud lies; `None` where they have none.
    #[must_use]
    pub fn to_shadow(self, block: &Seen, pixels: &[usize]) -> Option<(isize, isize)> {
        let ways = TENTHS.map(|tenths| (self.0 * tenths / 10, self.1 * tenths / 10));
        let shaded = ways.filter_map(|way| {
            let (inside, dark) = block.shaded(pixels.iter().copied(), way);
            (2 * inside >= pixels.len() && dark as f64 >= LEAST_SHADED * inside as f64).then_some((way, dark))
        });
        shaded.max_by_key(|(_, dark)| *dark).map(|(way, _)| way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 80;

    /// Squares of `size` pixels at these rows and columns; their shadows 9 rows up and 14 columns left.
    fn sky(squares: &[(usize, usize)], size: usize, shaded: bool) -> Seen {
        let pixels = |row: usize, col: usize| (0..size * size).map(move |i| (row + i / size) * SIDE + col + i % size);
        let mut dark = vec![false; SIDE * SIDE];
        for &(row, col) in squares.iter().filter(|_| shaded) {
            pixels(row - 9, col - 14).for_each(|pixel| dark[pixel] = true);
        }
        let bright = squares.iter().map(|&(row, col)| pixels(row, col).collect()).collect();
        Seen { window: Window { row: 0, col: 0, rows: SIDE, cols: SIDE }, bright, dark }
    }

    #[test]
    fn the_way_from_clouds_to_their_shadows_is_found() {
        let sky = sky(&[(20, 20), (40, 60), (60, 30)], 12, true);
        let Some(Way(rows, cols)) = Way::of(std::slice::from_ref(&sky), 30.0) else { panic!("no way") };
        assert!((rows + 9).abs() <= 1 && (cols + 14).abs() <= 1, "{rows}, {cols}");
        assert!(Way(rows, cols).to_shadow(&sky, &sky.bright[0]).is_some());
    }

    #[test]
    fn a_large_bright_place_with_something_dark_somewhere_is_no_cloud() {
        assert_eq!(Way::of(&[sky(&[(30, 30)], 24, true)], 30.0), None);
    }

    #[test]
    fn what_throws_no_shadow_has_no_way() {
        assert_eq!(Way::of(&[sky(&[(20, 20), (40, 60), (60, 30)], 12, false)], 30.0), None);
        let dark_all_over = Seen { dark: vec![true; SIDE * SIDE], ..sky(&[(20, 20), (40, 60), (60, 40)], 12, true) };
        assert_eq!(Way::of(&[dark_all_over], 30.0), None);
    }

    #[test]
    fn a_roof_without_a_shadow_on_the_way_is_no_cloud() {
        let sky = sky(&[(20, 20), (40, 60), (60, 40)], 12, true);
        let roof: Vec<usize> = (0..36).map(|i| (60 + i / 6) * SIDE + 20 + i % 6).collect();
        assert_eq!(Way(-9, -14).to_shadow(&sky, &roof), None);
    }
}
