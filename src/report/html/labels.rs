//! Where names and numbers go on the map: the first free place of several, never over another one.

use crate::report::number;

/// A rectangle on the drawing that is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Taken {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Taken {
    /// A rectangle around a centre.
    pub(super) fn around(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { left: x - width / 2.0, top: y - height / 2.0, right: x + width / 2.0, bottom: y + height / 2.0 }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn is_within(&self, width: f64, height: f64) -> bool {
        self.left >= 2.0 && self.top >= 2.0 && self.right <= width - 2.0 && self.bottom <= height - 2.0
    }
}

/// What is taken on a drawing of a size.
#[derive(Debug)]
pub(super) struct Places {
    width: f64,
    height: f64,
    taken: Vec<Taken>,
}

impl Places {
    /// An empty drawing.
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, taken: Vec::new() }
    }

    /// Takes a rectangle, whatever lies there.
    pub(super) fn take(&mut self, taken: Taken) {
        self.taken.push(taken);
    }

    /// The first free centre for a rectangle of `size` (width, height), taken from now on; `None` where nothing is free.
    pub(super) fn claim(
        &mut self,
        centres: impl IntoIterator<Item = (f64, f64)>,
        size: (f64, f64),
    ) -> Option<(f64, f64)> {
        let free = |taken: &Taken| {
            taken.is_within(self.width, self.height) && !self.taken.iter().any(|other| other.meets(taken))
        };
        let (centre, taken) = centres
            .into_iter()
            .map(|(x, y)| ((x, y), Taken::around(x, y, size.0, size.1)))
            .find(|(_, taken)| free(taken))?;
        self.taken.push(taken);
        Some(centre)
    }
}

/// Centres around a point: the point itself, then rings of growing radius, in a fixed order.
pub(super) fn around(x: f64, y: f64, radii: &[f64]) -> Vec<(f64, f64)> {
    let mut centres = vec![(x, y)];
    for radius in radii {
        centres.extend((0..12).map(|i| {
            let angle = f64::from(i) * std::f64::consts::TAU / 12.0 - std::f64::consts::FRAC_PI_2;
            (x + radius * angle.cos(), y + radius * angle.sin())
        }));
    }
    centres
}

/// Width of a text at a font size, near enough to keep labels apart.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    number::columns(text) as f64 * size * 0.54
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_label_at_a_place_moves_aside() {
        let mut places = Places::new(200.0, 200.0);
        let first = places.claim(around(100.0, 100.0, &[30.0]), (20.0, 20.0));
        let second = places.claim(around(100.0, 100.0, &[30.0]), (20.0, 20.0));
        assert_eq!(first, Some((100.0, 100.0)));
        assert_eq!(second, Some((100.0, 70.0)));
    }

    #[test]
    fn a_label_that_fits_nowhere_is_left_out() {
        let mut places = Places::new(50.0, 50.0);
        assert_eq!(places.claim(around(25.0, 25.0, &[10.0]), (80.0, 10.0)), None);
    }
}
