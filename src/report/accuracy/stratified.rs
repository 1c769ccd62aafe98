//! What a stratified random sample says of the whole area: accuracies and areas with standard errors.
//!
//! Every figure is a ratio of two indicator means over the strata, R = Σ Wₕ ȳₕ / Σ Wₕ x̄ₕ, with
//! V(R) = Σ Wₕ² s²(y − R x)ₕ / nₕ / (Σ Wₕ x̄ₕ)². Where the strata are the classes of the map these are the estimators of
//! Olofsson et al. 2014 (equations 2 and 5 to 11), whose worked example is a test below; strata may also be others than the
//! map's classes (Stehman 2014). The finite size of a stratum is left out of the variance, as there.
//!
//! Source: Olofsson et al. 2014, Remote Sensing of Environment 148:42–57, doi:10.1016/j.rse.2014.02.015; Stehman 2014,
//! International Journal of Remote Sensing 35(13):4923–4939, doi:10.1080/01431161.2014.930207.

/// Width of a 95 % interval on each side, in standard errors (normal distribution).
pub const NORMAL_95: f64 = 1.96;

/// A part of the area in which points were placed at random.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Its word.
    pub name: String,
    /// Its area, in any unit; the unit of the area estimates.
    pub area: f64,
    /// Points by class of the map and of the reference: `counts[map][reference]`.
    pub counts: Vec<Vec<u64>>,
}

impl Stratum {
    /// Points in it.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Every pair of classes with its number of points.
    fn cells(&self) -> impl Iterator<Item = ((usize, usize), f64)> {
        let row = |(map, row): (usize, &Vec<u64>)| {
            row.iter().enumerate().map(move |(reference, &n)| ((map, reference), n as f64)).collect::<Vec<_>>()
        };
        self.counts.iter().enumerate().flat_map(row)
    }
}

/// A figure with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error; `None` where a stratum has a single point, which tells no spread.
    pub standard_error: Option<f64>,
}

impl Estimate {
    /// Half the width of the 95 % interval.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        self.standard_error.map(|error| error * NORMAL_95)
    }

    /// The same in another unit.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self { value: self.value * factor, standard_error: self.standard_error.map(|error| error * factor) }
    }
}

/// Points by stratum. Strata without points take no part.
#[derive(Debug, Clone, PartialEq)]
pub struct StratifiedSample {
    /// The strata.
    pub strata: Vec<Stratum>,
}

impl StratifiedSample {
    /// Area of the strata that have points.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.sampled().map(|stratum| stratum.area).sum()
    }

    fn sampled(&self) -> impl Iterator<Item = &Stratum> {
        self.strata.iter().filter(|stratum| stratum.points() > 0)
    }

    /// Area that truly belongs to a class, whatever the map says.
    #[must_use]
    pub fn area_of(&self, class: usize) -> Option<Estimate> {
        self.ratio(|(_, reference)| reference == class, |_| true).map(|share| share.times(self.area()))
    }

    /// Share of the area on which map and reference agree.
    #[must_use]
    pub fn overall(&self) -> Option<Estimate> {
        self.ratio(|(map, reference)| map == reference, |_| true)
    }

    /// User's accuracy of a class.
    #[must_use]
    pub fn users(&self, class: usize) -> Option<Estimate> {
        self.ratio(|cell| cell == (class, class), |(map, _)| map == class)
    }

    /// Producer's accuracy of a class.
    #[must_use]
    pub fn producers(&self, class: usize) -> Option<Estimate> {
        self.ratio(|cell| cell == (class, class), |(_, reference)| reference == class)
    }

    /// The ratio of the areas of two sets of cells, the first a part of the second.
    fn ratio(&self, top: impl Fn((usize, usize)) -> bool, bottom: impl Fn((usize, usize)) -> bool) -> Option<Estimate> {
        let mean = |stratum: &Stratum, of: &dyn Fn((usize, usize)) -> f64| {
            stratum.cells().map(|(cell, n)| n * of(cell)).sum::<f64>() / stratum.points() as f64
        };
        let flag = |is: bool| f64::from(u8::from(is));
        let total = self.area();
        let sum =
            |of: &dyn Fn((usize, usize)) -> f64| self.sampled().map(|s| s.area / total * mean(s, of)).sum::<f64>();
        let (above, below) = (sum(&|cell| flag(top(cell))), sum(&|cell| flag(bottom(cell))));
        if below.is_nan() || below <= 0.0 {
            return None;
        }
        let ratio = above / below;
        let rest = |cell| flag(top(cell)) - ratio * flag(bottom(cell));
        let mut variance = Some(0.0);
        for stratum in self.sampled() {
            let spread = mean(stratum, &|cell| rest(cell).powi(2)) - mean(stratum, &rest).powi(2);
            let others = stratum.points() - 1;
            let weight = stratum.area / total;
            let part = (others > 0).then(|| weight.powi(2) * spread.max(0.0) / others as f64);
            variance = variance.zip(part).map(|(sum, part)| sum + part);
        }
        Some(Estimate { value: ratio, standard_error: variance.map(|v| v.sqrt() / below) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Olofsson et al. 2014, Table 8: deforestation, forest gain, stable forest, stable non-forest; areas in pixels of 30 m.
    fn published() -> StratifiedSample {
        let rows = [
            ("deforestation", 200_000.0, vec![66, 0, 5, 4]),
            ("forest gain", 150_000.0, vec![0, 55, 8, 12]),
            ("stable forest", 3_200_000.0, vec![1, 0, 153, 11]),
            ("stable non-forest", 6_450_000.0, vec![2, 1, 9, 313]),
        ];
        let stratum = |(at, (name, area, row)): (usize, (&str, f64, Vec<u64>))| {
            let counts = (0..4).map(|map| if map == at { row.clone() } else { vec![0; 4] }).collect();
            Stratum { name: name.to_owned(), area, counts }
        };
        StratifiedSample { strata: rows.into_iter().enumerate().map(stratum).collect() }
    }

    fn near(estimate: Option<Estimate>, value: f64, half_width: f64, tolerance: f64) {
        let estimate = estimate.unwrap();
        assert!((estimate.value - value).abs() <= tolerance, "{estimate:?}, not {value}");
        assert!((estimate.half_width().unwrap() - half_width).abs() <= tolerance, "{estimate:?}, not ± {half_width}");
    }

    #[test]
    fn the_published_example_gives_the_published_areas() {
        let hectares = |class| published().area_of(class).map(|area| area.times(0.09));
        let deforested = published().area_of(0).unwrap();
        assert!((deforested.value - 235_086.0).abs() < 0.5, "{deforested:?}");
        near(hectares(0), 21_158.0, 6_158.0, 0.5);
        // Not printed here from the paper but from equations 9 to 11, reckoned apart.
        near(hectares(1), 11_686.154, 3_755.826, 0.001);
        near(hectares(2), 285_769.930, 15_509.836, 0.001);
        near(hectares(3), 581_386.154, 16_281.656, 0.001);
    }

    #[test]
    fn the_published_example_gives_the_published_accuracies() {
        let sample = published();
        near(sample.overall(), 0.95, 0.02, 0.005);
        near(sample.overall(), 0.946_511_888, 0.018_483_618, 1e-8);
        near(sample.users(0), 0.88, 0.074_040_982, 1e-8);
        near(sample.users(1), 0.733_333_333, 0.100_757_015, 1e-8);
        // Equation 7 reckoned apart.
        near(sample.producers(0), 0.748_661_405, 0.213_309_853, 1e-8);
        near(sample.producers(3), 0.961_608_993, 0.018_361_535, 1e-8);
    }

    #[test]
    fn the_shares_of_all_classes_add_up_to_the_area() {
        let sample = published();
        let sum: f64 = (0..4).map(|class| sample.area_of(class).unwrap().value).sum();
        assert!((sum - 10_000_000.0).abs() < 1e-3, "{sum}");
    }

    #[test]
    fn strata_that_are_no_classes_of_the_map_weigh_by_their_area() {
        // A small stratum of flags, half of them true; a large one without any.
        let stratum = |name: &str, area, counts| Stratum { name: name.to_owned(), area, counts };
        let sample = StratifiedSample {
            strata: vec![
                stratum("flags", 10.0, vec![vec![5, 5], vec![0, 0]]),
                stratum("rest", 990.0, vec![vec![0, 0], vec![1, 98]]),
                stratum("empty", 50.0, vec![vec![0, 0], vec![0, 0]]),
            ],
        };
        assert!((sample.area() - 1000.0).abs() < 1e-9);
        let changed = sample.area_of(0).unwrap();
        assert!((changed.value - (5.0 + 10.0)).abs() < 1e-9, "{changed:?}");
        assert!((sample.producers(0).unwrap().value - 5.0 / 15.0).abs() < 1e-9);
        assert!((sample.users(0).unwrap().value - 0.5).abs() < 1e-9);
    }

    #[test]
    fn intervals_hold_the_true_area_about_as_often_as_they_say() {
        use super::super::design::{Random, drawn};
        // (pixels, truly changed, points): most flags are true; a tenth of the rest was missed.
        let strata = [(2_000, 1_400, 80), (20_000, 2_000, 160)];
        let truth = 3_400.0;
        let mut random = Random::new(11, 0);
        let mut held = 0;
        for _ in 0..2_000 {
            let mut stratum = |(map, &(pixels, changed, points)): (usize, &(u64, u64, u64))| {
                let hits =
                    drawn(points, pixels, &mut random).into_iter().filter(|&pixel| pixel < changed).count() as u64;
                let mut counts = vec![vec![0; 2]; 2];
                counts[map] = vec![hits, points - hits];
                Stratum { name: map.to_string(), area: pixels as f64, counts }
            };
            let sample = StratifiedSample { strata: strata.iter().enumerate().map(&mut stratum).collect() };
            let area = sample.area_of(0).unwrap();
            held += u32::from((area.value - truth).abs() <= area.half_width().unwrap());
        }
        // 95 % with a standard deviation of half a percent.
        assert!((1_860..=1_940).contains(&held), "{held} of 2,000");
    }

    #[test]
    fn a_single_point_tells_no_error_and_no_point_tells_nothing() {
        let one = StratifiedSample {
            strata: vec![Stratum { name: "a".to_owned(), area: 1.0, counts: vec![vec![1, 0], vec![0, 0]] }],
        };
        assert_eq!(one.overall(), Some(Estimate { value: 1.0, standard_error: None }));
        assert_eq!(one.producers(1), None);
        assert_eq!(StratifiedSample { strata: Vec::new() }.overall(), None);
    }
}
