//! Which years are looked at, and how they are laid against each other. One transform serves all: nothing here moves the
//! map.

use super::views::{OneView, Views};
use crate::model::Date;
use crate::model::record::FlagRecord;
use crate::model::scene::{Scene, SceneKind};

/// Shortest and longest time that an automatic blink shows a year, in seconds. Two changes in half a second are as fast
/// as a screen may flash: WCAG 2.2, criterion 2.3.1 (three flashes a second at the most).
pub const BLINK_S: (f64, f64) = (0.25, 3.0);

/// Smallest and largest radius of the lens, in screen points.
pub const LENS: (f64, f64) = (30.0, 400.0);

/// How years are laid against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The later year alone; the earlier one while the key is held.
    Single,
    /// The earlier year on one side of a line, the later one on the other.
    Swipe,
    /// The later year laid over the earlier one.
    Fade,
    /// Several views beside each other, moving together.
    Linked,
    /// Both years in turn.
    Blink,
    /// The later year, and the earlier one in a round lens under the cursor.
    Lens,
}

impl Mode {
    /// All, in the order of the bar.
    pub const ALL: [Self; 6] = [Self::Single, Self::Swipe, Self::Fade, Self::Linked, Self::Blink, Self::Lens];
}

/// How the swipe line lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Upright: the earlier year left of it.
    Upright,
    /// Level: the earlier year above it.
    Level,
}

impl Line {
    /// The other way.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Upright => Self::Level,
            Self::Level => Self::Upright,
        }
    }
}

/// What may be asked of the comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CompareWish {
    /// How years are compared.
    Mode(Mode),
    /// What is compared.
    Kind(SceneKind),
    /// The earlier scene.
    Before(usize),
    /// The later scene.
    After(usize),
    /// Both scenes.
    Pair(usize, usize),
    /// Both scenes one year on or back.
    StepYears(isize),
    /// The later scene alone one year on or back.
    StepLater(isize),
    /// How the swipe line lies.
    Line(Line),
    /// Where the swipe line is, 0–1.
    Swipe(f64),
    /// How far the later year covers the earlier one, 0–1.
    Fade(f64),
    /// Whether the earlier year is held up for the moment.
    Blink(bool),
    /// How long an automatic blink shows each year, in seconds.
    Tempo(f64),
    /// Radius of the lens in screen points.
    Lens(f64),
    /// How many linked views there are.
    Views(usize),
    /// What one of the linked views shows.
    View(usize, OneView),
    /// One of the linked views is put away.
    CloseView(usize),
    /// All linked views follow the strip again.
    ReleaseViews,
}

/// The comparison on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compare {
    /// How.
    pub mode: Mode,
    /// What.
    pub kind: SceneKind,
    /// Index of the earlier scene.
    pub before: usize,
    /// Index of the later scene; never earlier than the other.
    pub after: usize,
    /// How the swipe line lies.
    pub line: Line,
    /// Where the swipe line is, as a share of the width or height.
    pub swipe: f64,
    /// Opacity of the later year while fading.
    pub fade: f64,
    /// How long an automatic blink shows each year, in seconds.
    pub tempo: f64,
    /// Radius of the lens in screen points.
    pub lens: f64,
    /// The linked views.
    pub views: Views,
    /// Whether the earlier year is held up for the moment.
    pub blinking: bool,
}

impl Compare {
    /// The last two scenes of the first kind.
    #[must_use]
    pub fn of(scenes: &[Scene]) -> Self {
        let kind = scenes.first().map_or(SceneKind::Satellite, |scene| scene.kind);
        let last = Self::scenes_of(scenes, kind).last().copied().unwrap_or(0);
        let mut compare = Self {
            mode: Mode::Swipe,
            kind,
            before: last,
            after: last,
            line: Line::Upright,
            swipe: 0.5,
            fade: 0.5,
            tempo: 0.8,
            lens: 110.0,
            views: Views::default(),
            blinking: false,
        };
        compare.set_after(scenes, last);
        compare
    }

    /// Does what is asked of it.
    pub fn apply(&mut self, scenes: &[Scene], wish: CompareWish) {
        match wish {
            CompareWish::Mode(mode) => self.mode = mode,
            CompareWish::Kind(kind) => self.set_kind(scenes, kind),
            CompareWish::Before(scene) => self.set_before(scenes, scene),
            CompareWish::After(scene) => self.set_after(scenes, scene),
            CompareWish::Pair(before, after) => self.set_pair(scenes, before, after),
            CompareWish::StepYears(by) => self.step(scenes, by),
            CompareWish::StepLater(by) => self.step_later(scenes, by),
            CompareWish::Line(line) => self.line = line,
            CompareWish::Swipe(share) => self.swipe = share.clamp(0.0, 1.0),
            CompareWish::Fade(share) => self.fade = share.clamp(0.0, 1.0),
            CompareWish::Blink(blinking) => self.blinking = blinking,
            CompareWish::Tempo(seconds) => self.tempo = seconds.clamp(BLINK_S.0, BLINK_S.1),
            CompareWish::Lens(radius) => self.lens = radius.clamp(LENS.0, LENS.1),
            CompareWish::Views(count) => {
                self.mode = Mode::Linked;
                self.views.set_count(scenes, self.kind, count);
            }
            CompareWish::View(view, to) => self.views.set(view, to),
            CompareWish::CloseView(view) => self.close_view(scenes, view),
            CompareWish::ReleaseViews => self.views.release(),
        }
    }

    /// How many parts the map has.
    #[must_use]
    pub fn parts(&self) -> usize {
        if self.mode == Mode::Linked { self.views.each().len() } else { 1 }
    }

    /// Indices of the scenes of a kind, by date.
    #[must_use]
    pub fn scenes_of(scenes: &[Scene], kind: SceneKind) -> Vec<usize> {
        (0..scenes.len()).filter(|at| scenes[*at].kind == kind).collect()
    }

    /// The kinds that there are.
    #[must_use]
    pub fn kinds(scenes: &[Scene]) -> Vec<SceneKind> {
        let mut kinds: Vec<SceneKind> = scenes.iter().map(|scene| scene.kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// The two scenes that a flag was found between.
    pub fn follow(&mut self, scenes: &[Scene], record: &FlagRecord) {
        let of = |date| scenes.iter().position(|scene| scene.kind == record.kind && scene.date == date);
        if let (Some(before), Some(after)) = (of(record.from), of(record.to)) {
            self.set_pair(scenes, before, after);
        }
    }

    /// The scenes on the screen, or one key away from it.
    #[must_use]
    pub fn shown(&self, scenes: &[Scene]) -> Vec<usize> {
        let views = if self.mode == Mode::Linked { self.views.scenes(scenes, self) } else { Vec::new() };
        views.into_iter().flatten().chain([self.before, self.after]).collect()
    }

    /// The scenes that one step would show, so that they can be read before they are asked for.
    #[must_use]
    pub fn neighbours(&self, scenes: &[Scene]) -> Vec<usize> {
        let steps = [1, -1].into_iter().flat_map(|by| [CompareWish::StepYears(by), CompareWish::StepLater(by)]);
        let mut known = self.shown(scenes);
        let now = known.len();
        for step in steps {
            let mut next = *self;
            next.apply(scenes, step);
            for scene in next.shown(scenes) {
                if !known.contains(&scene) {
                    known.push(scene);
                }
            }
        }
        known.split_off(now)
    }

    /// Whether an automatic blink shows the earlier year at a time, and the seconds until that changes.
    #[must_use]
    pub fn blink_at(&self, seconds: f64) -> (bool, f64) {
        let turns = seconds / self.tempo;
        (turns.floor().rem_euclid(2.0) >= 1.0, (turns.floor() + 1.0 - turns) * self.tempo)
    }

    /// Another kind: of its years those nearest in time to the present ones.
    fn set_kind(&mut self, scenes: &[Scene], kind: SceneKind) {
        let of_kind = Self::scenes_of(scenes, kind);
        let nearest = |to: usize| {
            let day = scenes.get(to)?.date;
            of_kind.iter().copied().min_by_key(|at| days_between(scenes[*at].date, day).abs())
        };
        if let (Some(before), Some(after)) = (nearest(self.before), nearest(self.after)) {
            (self.kind, self.before) = (kind, before);
            self.set_after(scenes, after);
            if self.before == self.after {
                self.set_before(scenes, self.before);
            }
        }
    }

    fn set_pair(&mut self, scenes: &[Scene], before: usize, after: usize) {
        if let (Some(one), Some(other)) = (scenes.get(before), scenes.get(after)) {
            let in_order = one.date <= other.date;
            self.kind = one.kind;
            (self.before, self.after) = if in_order { (before, after) } else { (after, before) };
        }
    }

    /// The later scene; the earlier one gives way where it would no longer be earlier.
    fn set_after(&mut self, scenes: &[Scene], scene: usize) {
        let Some(kind) = scenes.get(scene).map(|scene| scene.kind) else { return };
        (self.kind, self.after) = (kind, scene);
        if scenes.get(self.before).is_none_or(|before| before.kind != kind) || self.before >= scene {
            self.before = Self::beside(scenes, scene, -1).unwrap_or(scene);
        }
    }

    /// The earlier scene; the later one gives way where it would no longer be later.
    fn set_before(&mut self, scenes: &[Scene], scene: usize) {
        let Some(kind) = scenes.get(scene).map(|scene| scene.kind) else { return };
        (self.kind, self.before) = (kind, scene);
        if scenes.get(self.after).is_none_or(|after| after.kind != kind) || self.after <= scene {
            self.after = Self::beside(scenes, scene, 1).unwrap_or(scene);
        }
    }

    /// Both scenes one place on or back among those of the kind, as far as both can go.
    fn step(&mut self, scenes: &[Scene], by: isize) {
        let moved = |scene| Self::beside(scenes, scene, by);
        if let (Some(before), Some(after)) = (moved(self.before), moved(self.after)) {
            (self.before, self.after) = (before, after);
        }
    }

    /// The later scene alone, as long as it stays later.
    fn step_later(&mut self, scenes: &[Scene], by: isize) {
        if let Some(after) = Self::beside(scenes, self.after, by).filter(|after| *after > self.before) {
            self.after = after;
        }
    }

    /// The scene so many places on or back among those of its kind.
    fn beside(scenes: &[Scene], scene: usize, by: isize) -> Option<usize> {
        let of_kind = Self::scenes_of(scenes, scenes.get(scene)?.kind);
        let place = of_kind.iter().position(|at| *at == scene)?;
        of_kind.get(place.checked_add_signed(by)?).copied()
    }

    /// Puts a view away; of two the other one stays, alone.
    fn close_view(&mut self, scenes: &[Scene], view: usize) {
        let other = self.views.scenes(scenes, self).get(usize::from(view == 0)).copied().flatten();
        if !self.views.close(view) {
            self.mode = Mode::Single;
            if let Some(scene) = other {
                self.set_after(scenes, scene);
            }
        }
    }
}

/// Days from the second date to the first.
pub(super) fn days_between(date: Date, from: Date) -> i64 {
    date.duration_since(from).as_hours() / 24
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::views::Shown;
    use super::*;

    fn scene(kind: SceneKind, date: &str) -> Scene {
        Scene {
            date: date.parse().unwrap(),
            date_is_year: false,
            kind,
            sensor: None,
            files: Vec::new(),
            masks: Vec::new(),
            roles: Vec::new(),
            is_reflectance: false,
            legend: crate::model::legend::Legend::default(),
        }
    }

    /// Satellite 2020, 2021, 2023 and 2025 (0–3); drone 2024 and 2025 (4, 5).
    pub fn scenes() -> Vec<Scene> {
        let satellite = ["2020-07-01", "2021-07-18", "2023-07-29", "2025-07-22"];
        let drone = ["2024-10-12", "2025-09-27"];
        let of = |kind| move |date| scene(kind, date);
        let satellite = satellite.into_iter().map(of(SceneKind::Satellite));
        satellite.chain(drone.into_iter().map(of(SceneKind::Drone))).collect()
    }

    fn after(wishes: &[CompareWish]) -> Compare {
        let mut compare = Compare::of(&scenes());
        for wish in wishes {
            compare.apply(&scenes(), *wish);
        }
        compare
    }

    fn pair(wishes: &[CompareWish]) -> (usize, usize) {
        let compare = after(wishes);
        (compare.before, compare.after)
    }

    fn views(wishes: &[CompareWish]) -> Vec<Option<usize>> {
        let compare = after(wishes);
        compare.views.scenes(&scenes(), &compare)
    }

    #[test]
    fn one_begins_with_the_last_two_years() {
        assert_eq!(pair(&[]), (2, 3));
    }

    #[test]
    fn a_later_year_before_the_earlier_one_pushes_it_back() {
        assert_eq!(pair(&[CompareWish::After(1)]), (0, 1));
        assert_eq!(pair(&[CompareWish::After(0)]), (0, 0));
        assert_eq!(pair(&[CompareWish::After(0), CompareWish::After(2)]), (0, 2));
    }

    #[test]
    fn an_earlier_year_behind_the_later_one_pushes_it_on() {
        assert_eq!(pair(&[CompareWish::Before(0)]), (0, 3));
        assert_eq!(pair(&[CompareWish::Pair(0, 1), CompareWish::Before(2)]), (2, 3));
        assert_eq!(pair(&[CompareWish::Before(3)]), (3, 3));
    }

    #[test]
    fn a_pair_told_the_wrong_way_round_is_put_in_order() {
        assert_eq!(pair(&[CompareWish::Pair(3, 1)]), (1, 3));
    }

    #[test]
    fn steps_move_both_years_or_the_later_one_and_stop_at_the_ends() {
        assert_eq!(pair(&[CompareWish::StepYears(1)]), (2, 3));
        assert_eq!(pair(&[CompareWish::StepYears(-1)]), (1, 2));
        assert_eq!(pair(&[CompareWish::StepYears(-1), CompareWish::StepLater(1)]), (1, 3));
        assert_eq!(pair(&[CompareWish::StepLater(-1)]), (2, 3), "it stays the later one");
    }

    #[test]
    fn another_kind_keeps_to_the_same_time() {
        let drone = CompareWish::Kind(SceneKind::Drone);
        assert_eq!(pair(&[drone]), (4, 5));
        assert_eq!(pair(&[CompareWish::Pair(0, 1), drone]), (4, 5), "two years where there are two");
        assert_eq!(pair(&[drone, CompareWish::Kind(SceneKind::Satellite)]), (2, 3));
    }

    #[test]
    fn views_follow_the_strip_until_they_are_locked() {
        let four = CompareWish::Views(4);
        assert_eq!(views(&[CompareWish::Views(2)]), [Some(2), Some(3)]);
        assert_eq!(views(&[four]), [Some(0), Some(1), Some(2), Some(3)]);
        let locked = OneView { shown: Shown::Scene(5), composite: None };
        let lock = CompareWish::View(0, locked);
        assert_eq!(views(&[CompareWish::Views(2), lock]), [Some(5), Some(3)]);
        assert_eq!(views(&[CompareWish::Views(2), lock, CompareWish::StepYears(-1)]), [Some(5), Some(2)]);
        let released = [CompareWish::Views(2), lock, CompareWish::ReleaseViews];
        assert_eq!(views(&released), [Some(2), Some(3)]);
    }

    #[test]
    fn a_view_of_another_kind_shows_what_is_nearest_to_the_later_year() {
        let drone = CompareWish::View(1, OneView { shown: Shown::Kind(SceneKind::Drone), composite: None });
        assert_eq!(views(&[CompareWish::Views(2), drone]), [Some(3), Some(5)]);
        assert_eq!(views(&[CompareWish::Views(2), drone, CompareWish::StepYears(-1)]), [Some(2), Some(4)]);
    }

    #[test]
    fn more_views_than_years_keep_images_of_other_kinds_then_stay_empty() {
        let seven = views(&[CompareWish::Views(7)]);
        assert_eq!(seven, [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), None]);
    }

    #[test]
    fn the_number_of_views_has_limits_and_the_last_but_one_closed_leaves_one() {
        assert_eq!(views(&[CompareWish::Views(1)]).len(), 2);
        assert_eq!(views(&[CompareWish::Views(40)]).len(), 9);
        assert_eq!(views(&[CompareWish::Views(3), CompareWish::CloseView(0)]).len(), 2);
        let one = after(&[CompareWish::Views(2), CompareWish::CloseView(1)]);
        assert_eq!((one.mode, one.after), (Mode::Single, 2));
    }

    #[test]
    fn while_the_earlier_year_is_held_up_every_view_that_follows_shows_it() {
        assert_eq!(views(&[CompareWish::Views(3), CompareWish::Blink(true)]), [Some(2), Some(2), Some(2)]);
    }

    #[test]
    fn what_a_step_would_show_is_known_before_it_is_made() {
        let compare = after(&[CompareWish::Pair(1, 2)]);
        let mut near = compare.neighbours(&scenes());
        near.sort_unstable();
        assert_eq!(near, [0, 3]);
    }

    #[test]
    fn a_blink_shows_each_year_as_long_as_the_tempo_says() {
        let compare = after(&[CompareWish::Tempo(0.5)]);
        let shown: Vec<bool> = [0.1, 0.6, 1.1, 1.6].map(|time| compare.blink_at(time).0).to_vec();
        assert_eq!(shown, [false, true, false, true]);
        assert!((compare.blink_at(0.1).1 - 0.4).abs() < 1e-9);
        assert!(after(&[CompareWish::Tempo(0.0)]).tempo >= BLINK_S.0, "no faster than a screen may flash");
    }
}
