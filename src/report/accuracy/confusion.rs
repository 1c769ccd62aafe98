//! The matrix of map against reference, and the measures drawn from its counts alone.
//!
//! Counts say how good the map is among the labelled pixels; for the whole area they hold only where the labels are a simple
//! random sample of it (see [`super::stratified`]). A measure whose denominator is nought is `None`, never 0 or 1.

use super::Class;

/// Counts of labelled and observed pixels or points: `counts[map][reference]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// The counts; places are those of [`Class::ALL`].
    pub counts: [[u64; 2]; 2],
}

impl Confusion {
    /// Counts one more.
    pub fn add(&mut self, map: Class, reference: Class) {
        self.counts[map as usize][reference as usize] += 1;
    }

    /// Adds the counts of a part.
    pub fn merge(&mut self, part: &Self) {
        for (sums, counts) in self.counts.iter_mut().zip(&part.counts) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }

    /// Everything counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Counted in a class of the map.
    #[must_use]
    pub fn mapped(&self, class: Class) -> u64 {
        self.counts[class as usize].iter().sum()
    }

    /// Counted in a class of the reference.
    #[must_use]
    pub fn referenced(&self, class: Class) -> u64 {
        self.counts.iter().map(|row| row[class as usize]).sum()
    }

    fn agreed(&self, class: Class) -> u64 {
        self.counts[class as usize][class as usize]
    }

    /// User's accuracy: what the map calls so and is so. For changed it is the precision.
    #[must_use]
    pub fn users(&self, class: Class) -> Option<f64> {
        share(self.agreed(class), self.mapped(class))
    }

    /// Producer's accuracy: what is so and the map calls so. For changed it is the recall.
    #[must_use]
    pub fn producers(&self, class: Class) -> Option<f64> {
        share(self.agreed(class), self.referenced(class))
    }

    /// F1 of the changed class: harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.agreed(Class::Changed), self.mapped(Class::Changed) + self.referenced(Class::Changed))
    }

    /// Overall accuracy.
    #[must_use]
    pub fn overall(&self) -> Option<f64> {
        share(Class::ALL.iter().map(|&class| self.agreed(class)).sum(), self.total())
    }

    /// Agreement beyond chance.
    ///
    /// Source: Cohen 1960, Educational and Psychological Measurement 20(1):37–46, doi:10.1177/001316446002000104.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total() as f64;
        let by_chance = |&class: &Class| self.mapped(class) as f64 / total * (self.referenced(class) as f64 / total);
        let chance: f64 = Class::ALL.iter().map(by_chance).sum();
        let observed = self.overall()?;
        (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measures_of_a_small_matrix_are_those_of_the_textbook() {
        // 8 hits, 2 false, 4 missed, 86 rightly unchanged.
        let matrix = Confusion { counts: [[8, 2], [4, 86]] };
        let near = |value: Option<f64>, expected: f64| assert!((value.unwrap() - expected).abs() < 1e-12, "{value:?}");
        near(matrix.users(Class::Changed), 0.8);
        near(matrix.producers(Class::Changed), 8.0 / 12.0);
        near(matrix.f1(), 16.0 / 22.0);
        near(matrix.overall(), 0.94);
        // Chance: 0.10 · 0.12 + 0.90 · 0.88 = 0.804.
        near(matrix.kappa(), (0.94 - 0.804) / (1.0 - 0.804));
        near(matrix.users(Class::Unchanged), 86.0 / 90.0);
        near(matrix.producers(Class::Unchanged), 86.0 / 88.0);
    }

    #[test]
    fn nothing_counted_gives_no_measure() {
        let empty = Confusion::default();
        assert_eq!((empty.f1(), empty.overall(), empty.kappa()), (None, None, None));
        let one_class = Confusion { counts: [[0, 0], [0, 9]] };
        assert_eq!((one_class.kappa(), one_class.overall(), one_class.f1()), (None, Some(1.0), None));
    }

    #[test]
    fn parts_add_up() {
        let mut whole = Confusion::default();
        whole.add(Class::Changed, Class::Unchanged);
        whole.merge(&Confusion { counts: [[1, 2], [3, 4]] });
        assert_eq!(whole.counts, [[1, 3], [3, 4]]);
    }
}
