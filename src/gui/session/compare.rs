//! Which years are looked at, and how.

use crate::model::record::FlagRecord;
use crate::model::scene::{Scene, SceneKind};

/// How two years are laid against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The later year alone; the earlier one while the key is held.
    Single,
    /// The earlier year left of a line, the later one right of it.
    Swipe,
    /// The later year laid over the earlier one.
    Fade,
    /// Both side by side, moving together.
    Linked,
}

impl Mode {
    /// All, in the order of the keys 1–4.
    pub const ALL: [Self; 4] = [Self::Single, Self::Swipe, Self::Fade, Self::Linked];
}

/// What may be asked of the comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CompareWish {
    /// How two years are compared.
    Mode(Mode),
    /// What is compared.
    Kind(SceneKind),
    /// The earlier scene.
    Before(usize),
    /// The later scene.
    After(usize),
    /// Both scenes one year on or back.
    StepYears(isize),
    /// Where the swipe line is, 0–1.
    Swipe(f64),
    /// How far the later year covers the earlier one, 0–1.
    Fade(f64),
    /// Whether the earlier year is shown for the moment.
    Blink(bool),
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
    /// Index of the later scene.
    pub after: usize,
    /// Where the swipe line is, as a share of the width.
    pub swipe: f64,
    /// Opacity of the later year while fading.
    pub fade: f64,
    /// Whether the earlier year is shown for the moment.
    pub blinking: bool,
}

impl Compare {
    /// The last two scenes of the first kind.
    #[must_use]
    pub fn of(scenes: &[Scene]) -> Self {
        let kind = scenes.first().map_or(SceneKind::Satellite, |scene| scene.kind);
        let mut compare = Self { mode: Mode::Swipe, kind, before: 0, after: 0, swipe: 0.5, fade: 0.5, blinking: false };
        compare.set_kind(scenes, kind);
        compare
    }

    /// Does what is asked of it.
    pub fn apply(&mut self, scenes: &[Scene], wish: CompareWish) {
        match wish {
            CompareWish::Mode(mode) => self.mode = mode,
            CompareWish::Kind(kind) => self.set_kind(scenes, kind),
            CompareWish::Before(scene) => self.before = scene,
            CompareWish::After(scene) => self.after = scene,
            CompareWish::StepYears(by) => self.step(scenes, by),
            CompareWish::Swipe(share) => self.swipe = share.clamp(0.0, 1.0),
            CompareWish::Fade(share) => self.fade = share.clamp(0.0, 1.0),
            CompareWish::Blink(blinking) => self.blinking = blinking,
        }
    }

    /// The last two scenes of another kind.
    pub fn set_kind(&mut self, scenes: &[Scene], kind: SceneKind) {
        let of_kind = Self::scenes_of(scenes, kind);
        if let Some(last) = of_kind.last() {
            self.kind = kind;
            self.after = *last;
            self.before = of_kind.len().checked_sub(2).map_or(*last, |at| of_kind[at]);
        }
    }

    /// Indices of the scenes of a kind, by date.
    #[must_use]
    pub fn scenes_of(scenes: &[Scene], kind: SceneKind) -> Vec<usize> {
        (0..scenes.len()).filter(|at| scenes[*at].kind == kind).collect()
    }

    /// The two scenes that a flag was found between.
    pub fn follow(&mut self, scenes: &[Scene], record: &FlagRecord) {
        let of = |date| scenes.iter().position(|scene| scene.kind == record.kind && scene.date == date);
        if let (Some(before), Some(after)) = (of(record.from), of(record.to)) {
            (self.kind, self.before, self.after) = (record.kind, before, after);
        }
    }

    /// Both scenes one place on or back among those of the kind, as far as both can go.
    pub fn step(&mut self, scenes: &[Scene], by: isize) {
        let of_kind = Self::scenes_of(scenes, self.kind);
        let moved = |scene: usize| {
            let place = of_kind.iter().position(|at| *at == scene)?;
            of_kind.get(place.checked_add_signed(by)?).copied()
        };
        if let (Some(before), Some(after)) = (moved(self.before), moved(self.after)) {
            (self.before, self.after) = (before, after);
        }
    }
}
