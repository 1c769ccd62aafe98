//! Pixels judged by what like ground became, between scenes of different seasons.
//!
//! Between two seasons a change vector tells little: most ground changed, and what was built on a harvested field may score
//! less than the harvest. What hardly any like ground became stands out all the same. Such *novel* pixels are change beside
//! those that the method finds; of these, what like ground became too is the season's, and is put aside on record (see
//! [`super::piece`]). Of 170 squares planted between July and November 162 are flagged with novel pixels, 153 without;
//! of the 160 that were seen whole, 156 and 147.

use crate::model::raster::PairBlock;

use super::change::Fitted;
use super::habit::Season;
use super::threshold::Noise;

/// A method between scenes of different seasons.
pub struct Seasonal {
    alone: Box<dyn Fitted>,
    season: Season,
    /// What a novel pixel scores at least: the level that unchanged ground hardly reaches. None where the method knows no
    /// such level, or looks around its pixels: single ones cannot add to what it finds.
    line: Option<f32>,
}

impl Seasonal {
    /// Judges the scores of a method by the habits of the ground.
    #[must_use]
    pub fn over(alone: Box<dyn Fitted>, season: Season) -> Box<dyn Fitted> {
        let line = alone.noise().filter(|_| alone.reach_px() == 0).map(|noise| noise.level() as f32);
        Box::new(Self { alone, season, line })
    }
}

impl Fitted for Seasonal {
    fn word(&self) -> Option<&'static str> {
        self.alone.word()
    }

    fn reach_px(&self) -> usize {
        self.alone.reach_px()
    }

    /// A novel pixel scores as many times the noise level as it is novel.
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        self.alone.score(block, scores);
        if let Some(line) = self.line {
            self.season.habits.novelties(block, 0..scores.len(), |pixel, novelty| {
                scores[pixel] = scores[pixel].max(line * novelty);
            });
        }
    }

    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        let own = self.alone.firm_score(block, pixel);
        self.line.map_or(own, |line| own.max(line * self.season.habits.firm_novelty(block, pixel)))
    }

    fn season(&self) -> Option<&Season> {
        Some(&self.season)
    }

    fn noise(&self) -> Option<Noise> {
        self.alone.noise()
    }

    fn own_threshold(&self) -> Option<f64> {
        self.alone.own_threshold()
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        self.alone.in_units_of_before(band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        self.alone.parameters()
    }
}

#[cfg(test)]
mod tests {
    use super::super::habit::Habits;
    use super::super::kmeans::Draw;
    use super::super::sample::Sample;
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::{SceneBlock, gap};

    /// A method that sees nothing.
    struct Blind;

    impl Fitted for Blind {
        fn score(&self, _block: &PairBlock, scores: &mut [f32]) {
            scores.fill(1.0);
        }

        fn firm_score(&self, _block: &PairBlock, _pixel: usize) -> f32 {
            0.0
        }

        fn noise(&self) -> Option<Noise> {
            Some(Noise::chi(2))
        }

        fn in_units_of_before(&self, _band: usize, after: f32) -> f32 {
            after
        }

        fn parameters(&self) -> Vec<(String, f64)> {
            Vec::new()
        }
    }

    /// Below the level of noise in two bands, 3.7.
    const LEVEL: f32 = 3.5;
    const SIDE: usize = 100;

    /// Rows and columns 20 to 24.
    fn in_square(pixel: usize) -> bool {
        (20..25).contains(&(pixel / SIDE)) && (20..25).contains(&(pixel % SIDE))
    }

    /// Fields that were all harvested but for a square of five.
    fn harvest() -> PairBlock {
        let mut draw = Draw(3);
        let mut noise = move || (0..12).map(|_| draw.number() as f32).sum::<f32>() - 6.0;
        let window = Window { row: 0, col: 0, rows: SIDE, cols: SIDE };
        let scene = |bands| SceneBlock { window, bands, gaps: vec![gap::SEEN; SIDE * SIDE] };
        let green = |pixel: usize| if pixel % SIDE < SIDE / 2 { [40.0, 90.0] } else { [45.0, 120.0] };
        let mut plane = |of: &dyn Fn(usize) -> f32| (0..SIDE * SIDE).map(|pixel| of(pixel) + noise()).collect();
        let before = (0..2).map(|band| plane(&|pixel| green(pixel)[band])).collect();
        let after =
            (0..2).map(|band| plane(&|pixel| if in_square(pixel) { green(pixel)[band] } else { 60.0 })).collect();
        PairBlock { before: scene(before), after: scene(after) }
    }

    fn seasonal(block: &PairBlock) -> Box<dyn Fitted> {
        let mut sample = Sample::empty(2);
        sample.observe_everywhere(block, 1);
        Seasonal::over(Box::new(Blind), Season { habits: Habits::of(&sample), least: 0.01 })
    }

    #[test]
    fn what_stayed_where_all_like_ground_was_harvested_is_found_though_the_method_sees_nothing() {
        let block = harvest();
        let (method, mut scores) = (seasonal(&block), vec![0.0; SIDE * SIDE]);
        method.score(&block, &mut scores);
        let found: Vec<usize> = (0..scores.len()).filter(|&pixel| scores[pixel] > LEVEL).collect();
        let inside = found.iter().filter(|pixel| in_square(**pixel)).count();
        assert!(inside == 25 && found.len() <= 28, "{found:?}");
        assert!(method.firm_score(&block, 22 * SIDE + 22) > LEVEL);
        assert!(method.firm_score(&block, 40 * SIDE + 40) < f32::EPSILON);
    }

    #[test]
    fn a_pixel_scores_alike_in_any_block_and_not_at_all_where_it_was_not_seen() {
        let mut block = harvest();
        let method = seasonal(&block);
        block.after.gaps[22 * SIDE + 22] = gap::NODATA;
        let (mut whole, mut row) = (vec![0.0; SIDE * SIDE], vec![0.0; SIDE]);
        method.score(&block, &mut whole);
        assert!((whole[22 * SIDE + 22] - 1.0).abs() < f32::EPSILON);
        let window = Window { row: 23, col: 0, rows: 1, cols: SIDE };
        let part = |scene: &SceneBlock| SceneBlock {
            window,
            bands: scene.bands.iter().map(|band| band[23 * SIDE..24 * SIDE].to_vec()).collect(),
            gaps: vec![gap::SEEN; SIDE],
        };
        method.score(&PairBlock { before: part(&block.before), after: part(&block.after) }, &mut row);
        assert_eq!(row, whole[23 * SIDE..24 * SIDE]);
    }
}
