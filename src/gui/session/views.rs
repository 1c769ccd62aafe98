//! Two to nine views of the same ground side by side: how many there are, and what each of them shows.

use crate::model::scene::{Scene, SceneKind};
use crate::pipeline::view::Composite;

use super::compare::Compare;

/// Fewest views: one alone is a mode of its own.
pub const LEAST: usize = 2;

/// Most views; more would be too small to see anything in.
pub const MOST: usize = 9;

/// Which year a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// A year between the two marks of the strip, moving with them.
    #[default]
    Strip,
    /// The image of another kind that is nearest in time to the later year.
    Kind(SceneKind),
    /// One scene, whatever the strip does.
    Scene(usize),
}

/// One view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OneView {
    /// Which year.
    pub shown: Shown,
    /// Which bands, where it does not show what the whole map shows.
    pub composite: Option<Composite>,
}

/// The views, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Views {
    count: usize,
    each: [OneView; MOST],
}

impl Default for Views {
    fn default() -> Self {
        Self { count: LEAST, each: [OneView::default(); MOST] }
    }
}

impl Views {
    /// The views in reading order.
    #[must_use]
    pub fn each(&self) -> &[OneView] {
        &self.each[..self.count]
    }

    /// Changes how many there are. Those that stay show what they showed; of the new ones as many follow the strip as
    /// there are years of its kind, and the others keep an image that no view shows yet.
    pub(super) fn set_count(&mut self, scenes: &[Scene], kind: SceneKind, count: usize) {
        let count = count.clamp(LEAST, MOST);
        let years = scenes.iter().filter(|scene| scene.kind == kind).count();
        for at in self.count..count {
            let before = &self.each[..at];
            let following = before.iter().filter(|view| view.shown == Shown::Strip).count();
            let unseen = |scene: &usize| {
                scenes[*scene].kind != kind && before.iter().all(|view| view.shown != Shown::Scene(*scene))
            };
            let spare = (0..scenes.len()).find(unseen).filter(|_| following >= years);
            self.each[at] = OneView { shown: spare.map_or(Shown::Strip, Shown::Scene), composite: None };
        }
        self.count = count;
    }

    /// Changes one view.
    pub(super) fn set(&mut self, view: usize, to: OneView) {
        if let Some(view) = self.each[..self.count].get_mut(view) {
            *view = to;
        }
    }

    /// Takes one view away; whether enough are left.
    pub(super) fn close(&mut self, view: usize) -> bool {
        if view >= self.count {
            return true;
        }
        if self.count == LEAST {
            return false;
        }
        self.each[view..self.count].rotate_left(1);
        self.count -= 1;
        true
    }

    /// Lets all views follow the strip again.
    pub(super) fn release(&mut self) {
        self.each = [OneView::default(); MOST];
    }

    /// The scene of each view; `None` where there are more views than years. While the earlier year is held up, every
    /// view that follows shows it.
    #[must_use]
    pub fn scenes(&self, scenes: &[Scene], compare: &Compare) -> Vec<Option<usize>> {
        let following = self.each().iter().filter(|view| view.shown == Shown::Strip).count();
        let of_kind = Compare::scenes_of(scenes, compare.kind);
        let mut years = spread(&of_kind, compare.before, compare.after, following).into_iter();
        let now = if compare.blinking { compare.before } else { compare.after };
        let scene_of = |view: &OneView| match view.shown {
            Shown::Strip => years.next().flatten().map(|year| if compare.blinking { now } else { year }),
            Shown::Kind(kind) => nearest(scenes, kind, now),
            Shown::Scene(scene) => (scene < scenes.len()).then_some(scene),
        };
        self.each().iter().map(scene_of).collect()
    }
}

/// `count` scenes in the order of time, from the earlier to the later one. Where there are more between them they are
/// picked evenly; where there are fewer, those before and then those after are added. One view alone shows the later one.
fn spread(of_kind: &[usize], before: usize, after: usize, count: usize) -> Vec<Option<usize>> {
    let place = |scene: usize| of_kind.iter().position(|at| *at == scene);
    let (Some(first), Some(last)) = (place(before), place(after)) else { return vec![None; count] };
    let (first, last) = (first.min(last), first.max(last));
    let between = last - first;
    let chosen: Vec<usize> = match count {
        0 => Vec::new(),
        1 => vec![last],
        _ if count <= between + 1 => {
            (0..count).map(|nth| first + (nth * between + (count - 1) / 2) / (count - 1)).collect()
        }
        _ => {
            let start = (last + 1).saturating_sub(count);
            (start..of_kind.len().min(start + count)).collect()
        }
    };
    let shown = chosen.into_iter().map(|at| Some(of_kind[at]));
    shown.chain(std::iter::repeat(None)).take(count).collect()
}

/// The scene of a kind that is nearest in time to another scene.
fn nearest(scenes: &[Scene], kind: SceneKind, to: usize) -> Option<usize> {
    let day = scenes.get(to)?.date;
    let days = |at: &usize| super::compare::days_between(scenes[*at].date, day).abs();
    Compare::scenes_of(scenes, kind).into_iter().min_by_key(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_spread_evenly_between_the_marks() {
        let years = [10, 11, 12, 13, 14];
        assert_eq!(spread(&years, 10, 14, 3), [Some(10), Some(12), Some(14)]);
        assert_eq!(spread(&years, 11, 14, 2), [Some(11), Some(14)]);
        assert_eq!(spread(&years, 11, 14, 1), [Some(14)]);
    }

    #[test]
    fn more_views_than_years_between_take_the_neighbours_then_stay_empty() {
        let years = [10, 11, 12, 13, 14];
        assert_eq!(spread(&years, 13, 14, 4), [Some(11), Some(12), Some(13), Some(14)]);
        assert_eq!(spread(&years, 10, 11, 3), [Some(10), Some(11), Some(12)]);
        assert_eq!(spread(&years[..2], 10, 11, 4), [Some(10), Some(11), None, None]);
    }
}
