//! How bright the scenes are, and the paint that follows for each: joint over the years of a kind, so that the same colour
//! means the same, or each year its own.
//!
//! The first picture does not wait for every year: the years that are shown settle the bounds, and the others change them
//! later only where that would be seen.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use geo_types::Rect;

use super::look::Look;
use crate::model::scene::{BandRole, Scene};
use crate::pipeline::view::{
    Composite, Extent, Histogram, Index, Paint, Ramp, Request, Spreads, Stretch, Survey, bounds,
};

/// Share of the distance between dark and bright that bounds may be off before all years were seen.
const UNSEEN: f32 = 0.04;

/// Time after which a scene that could not be read is looked at again: its drive may be back.
const RETRY: Duration = Duration::from_secs(8);

/// What is known of one scene.
#[derive(Debug, Default)]
struct Known {
    whole: Option<Survey>,
    view: Option<(Rect<f64>, Survey)>,
    /// When the last look at it brought nothing.
    failed: Option<Instant>,
    /// Dark and bright of its bands; none before it was settled.
    bounds: BTreeMap<BandRole, (f32, f32)>,
}

impl Known {
    fn may_be_tried(&self) -> bool {
        self.failed.is_none_or(|since| since.elapsed() > RETRY)
    }

    fn spreads(&self, extent: Extent) -> Option<&Spreads> {
        let whole = self.whole.as_ref();
        let view = self.view.as_ref().map(|(_, survey)| survey).filter(|_| extent == Extent::View);
        view.filter(|survey| !survey.spreads.is_empty()).or(whole).map(|survey| &survey.spreads)
    }
}

/// What paints are made for.
#[derive(Debug, Clone, PartialEq)]
struct Wished {
    composite: Composite,
    ramp: Option<Ramp>,
    stretch: Stretch,
    shown: Vec<usize>,
}

/// A band of the picture: how often which values occur, and between which they are stretched.
#[derive(Debug, Clone, PartialEq)]
pub struct BandLevels {
    /// The band.
    pub role: BandRole,
    /// How often which values occur.
    pub histogram: Histogram,
    /// Dark and bright.
    pub bounds: (f32, f32),
}

/// Bounds already reckoned: for which scenes together, of which band.
#[derive(Debug, Default)]
struct Reckoned(Vec<Bounded>);

/// The bounds of a band over some scenes together; `None` where the scenes have no such band.
#[derive(Debug, Clone)]
struct Bounded {
    group: Vec<usize>,
    role: BandRole,
    bounds: Option<(f32, f32)>,
}

impl Reckoned {
    fn get(&self, group: &[usize], role: BandRole) -> Option<&Bounded> {
        self.0.iter().find(|known| known.group == group && known.role == role)
    }
}

/// Bounds of now and of before.
struct Reckoner {
    before: Reckoned,
    now: Reckoned,
}

/// The paints of all scenes.
#[derive(Debug, Default)]
pub struct Exposure {
    scenes: Vec<Known>,
    /// The view at the last call, and whether it was the same at the one before.
    view: Option<Rect<f64>>,
    at_rest: bool,
    /// What the present paints were made for.
    made_for: Option<Wished>,
    /// Whether something was seen since.
    news: bool,
    reckoned: Reckoned,
    levels: Vec<BandLevels>,
    /// Paints made so far from the present bounds.
    paints: RefCell<HashMap<(usize, Composite), Arc<Paint>>>,
}

impl Exposure {
    /// Nothing known of so many scenes.
    #[must_use]
    pub fn new(scenes: usize) -> Self {
        Self { scenes: (0..scenes).map(|_| Known::default()).collect(), ..Self::default() }
    }

    /// Takes the answer to a survey; `None` where the scene could not be read.
    pub fn receive(&mut self, scene: usize, within: Option<Rect<f64>>, survey: Option<Survey>) {
        let Some(known) = self.scenes.get_mut(scene) else { return };
        known.failed = survey.is_none().then(Instant::now);
        match (within, survey) {
            (Some(within), Some(survey)) => known.view = Some((within, survey)),
            (None, Some(survey)) => known.whole = Some(survey),
            _ => {}
        }
        self.news = true;
    }

    /// Surveys that are wanted: the shown scenes first. `urgent` and `later`, as nothing is painted without the first.
    #[must_use]
    pub fn wanted(&mut self, look: &Look, shown: &[usize], view: Rect<f64>) -> (Vec<Request>, Vec<Request>) {
        self.at_rest = self.view == Some(view);
        self.view = Some(view);
        let unknown =
            |scene: &usize| self.scenes.get(*scene).is_some_and(|known| known.whole.is_none() && known.may_be_tried());
        let urgent: Vec<usize> = shown.iter().copied().filter(unknown).collect();
        let later = (0..self.scenes.len()).filter(|scene| unknown(scene) && !urgent.contains(scene));
        let mut later: Vec<Request> = later.map(|scene| Request::Survey(scene, None)).collect();
        if look.stretch.extent == Extent::View && self.at_rest {
            let stale = |scene: &&usize| {
                let known = self.scenes.get(**scene);
                known.is_some_and(|known| {
                    known.may_be_tried() && known.view.as_ref().is_none_or(|(seen, _)| *seen != view)
                })
            };
            let here = shown.iter().filter(stale).map(|scene| Request::Survey(*scene, Some(view)));
            later.splice(0..0, here);
        }
        (urgent.into_iter().map(|scene| Request::Survey(scene, None)).collect(), later)
    }

    /// Makes the paints that follow from what is known, if something has changed. Tells whether it did.
    pub fn settle(&mut self, scenes: &[Scene], look: &Look, shown: &[usize]) -> bool {
        let wished =
            Wished { composite: look.composite, ramp: look.ramp, stretch: look.stretch.clone(), shown: shown.to_vec() };
        let same = self.made_for.as_ref() == Some(&wished);
        let waits = |scene: &usize| {
            self.scenes.get(*scene).is_some_and(|known| known.whole.is_none() && known.failed.is_none())
        };
        if same && !self.news || shown.iter().any(waits) {
            return false;
        }
        // What is learned later changes the picture only where that would be seen.
        let before = if same { std::mem::take(&mut self.reckoned) } else { Reckoned::default() };
        let mut reckoned = Reckoner { before, now: Reckoned::default() };
        for at in 0..scenes.len().min(self.scenes.len()) {
            if self.scenes[at].whole.is_some() {
                let group = group(scenes, at, &wished);
                let of = |role: &BandRole| Some((*role, self.bounds(&group, *role, &wished, &mut reckoned)?));
                self.scenes[at].bounds = scenes[at].roles.iter().filter_map(of).collect();
            }
        }
        self.paints.get_mut().clear();
        self.levels =
            shown.last().map(|last| self.levels_of(scenes, *last, &wished, &mut reckoned)).unwrap_or_default();
        (self.made_for, self.news, self.reckoned) = (Some(wished), false, reckoned.now);
        true
    }

    fn bounds(&self, group: &[usize], role: BandRole, wished: &Wished, reckoned: &mut Reckoner) -> Option<(f32, f32)> {
        if let Some(known) = reckoned.now.get(group, role) {
            return known.bounds;
        }
        let found = bounds(&wished.stretch, role, &self.spreads(group, wished));
        let before = reckoned.before.get(group, role).and_then(|known| known.bounds);
        let found = found.map(|found| before.filter(|before| look_alike(*before, found)).unwrap_or(found));
        reckoned.now.0.push(Bounded { group: group.to_vec(), role, bounds: found });
        found
    }

    fn spreads(&self, group: &[usize], wished: &Wished) -> Vec<&Spreads> {
        let extent = wished.stretch.extent;
        group.iter().filter_map(|member| self.scenes.get(*member)?.spreads(extent)).collect()
    }

    fn levels_of(&self, scenes: &[Scene], at: usize, wished: &Wished, reckoned: &mut Reckoner) -> Vec<BandLevels> {
        let composite = scenes.get(at).and_then(|scene| wished.composite.for_scene(scene));
        let roles = composite.map(Composite::roles).unwrap_or_default();
        let group = if at < scenes.len() { group(scenes, at, wished) } else { Vec::new() };
        let level = |role: BandRole| {
            let histogram = Histogram::of(role, &self.spreads(&group, wished))?;
            Some(BandLevels { role, histogram, bounds: self.bounds(&group, role, wished, reckoned)? })
        };
        roles.into_iter().filter_map(level).collect()
    }

    /// The bands of the picture of the last shown scene, in the order of red, green, blue.
    #[must_use]
    pub fn levels(&self) -> &[BandLevels] {
        &self.levels
    }

    /// How a scene is painted in a choice of bands that it has; `None` before it was looked at.
    #[must_use]
    pub fn paint(&self, scenes: &[Scene], scene: usize, composite: Composite) -> Option<Arc<Paint>> {
        let (known, wished) = (self.scenes.get(scene)?, self.made_for.as_ref()?);
        if known.bounds.is_empty() {
            return None;
        }
        let mut paints = self.paints.borrow_mut();
        let made = || {
            let roles = composite.roles();
            let bounds = roles.iter().map(|role| known.bounds.get(role).copied().unwrap_or((0.0, 1.0)));
            let colours = (wished.ramp, wished.stretch.gamma);
            Arc::new(Paint::new(composite, scenes[scene].kind, bounds.collect(), colours, &scenes[scene].legend))
        };
        Some(Arc::clone(paints.entry((scene, composite)).or_insert_with(made)))
    }

    /// Whether coarse pictures of a scene are cheap.
    #[must_use]
    pub fn has_overviews(&self, scene: usize) -> bool {
        self.scenes.get(scene).and_then(|known| known.whole.as_ref()).is_some_and(|survey| survey.has_overviews)
    }

    /// Scenes of which coarse pictures are dear, as they have no overviews.
    pub fn without_overviews(&self) -> impl Iterator<Item = usize> {
        let known = self.scenes.iter().enumerate();
        known.filter(|(_, known)| known.whole.as_ref().is_some_and(|survey| !survey.has_overviews)).map(|(at, _)| at)
    }

    /// Forgets what was seen of the scenes, and keeps the paints until they are looked at again.
    pub fn look_again(&mut self) {
        for known in &mut self.scenes {
            (known.whole, known.view, known.failed) = (None, None, None);
        }
        self.news = true;
    }
}

/// The scenes that share their bounds with one: all years of its kind whose numbers mean the same, of the present view only
/// those that are shown.
fn group(scenes: &[Scene], at: usize, wished: &Wished) -> Vec<usize> {
    let meaning = |scene: &Scene| (scene.kind, scene.is_reflectance);
    let alike = |other: usize| {
        meaning(&scenes[other]) == meaning(&scenes[at])
            && (wished.stretch.extent == Extent::Whole || wished.shown.contains(&other))
    };
    (0..scenes.len()).filter(|other| *other == at || wished.stretch.joint && alike(*other)).collect()
}

/// Whether bounds are so near that a change from one to the other would only flicker.
fn look_alike(before: (f32, f32), now: (f32, f32)) -> bool {
    let reach = (before.1 - before.0).abs() * UNSEEN;
    (before.0 - now.0).abs() <= reach && (before.1 - now.1).abs() <= reach
}

/// Pictures that a scene can give, in the order in which they are offered.
#[must_use]
pub fn offered(scene: &Scene) -> Vec<Composite> {
    let named = [Composite::TrueColour, Composite::Infrared].into_iter();
    let single = scene.roles.iter().map(|role| Composite::Band(*role));
    let all = named.chain(Index::ALL.into_iter().map(Composite::Index)).chain(single);
    all.filter(|composite| composite.fits(scene)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scene::SceneKind;
    use crate::pipeline::view::Rule;

    fn scenes(count: usize) -> Vec<Scene> {
        let scene = |n: usize| Scene {
            date: format!("20{:02}-07-01", 10 + n).parse().unwrap(),
            date_is_year: false,
            kind: SceneKind::Satellite,
            sensor: None,
            files: Vec::new(),
            masks: Vec::new(),
            roles: vec![BandRole::Nir],
            is_reflectance: false,
            legend: crate::model::legend::Legend::default(),
        };
        (0..count).map(scene).collect()
    }

    fn survey(low: f32, high: f32) -> Survey {
        let mut spreads = Spreads::default();
        spreads.0.insert(BandRole::Nir, (0..=100).map(|n| low + (high - low) * n as f32 / 100.0).collect());
        Survey { spreads, has_overviews: true }
    }

    fn look(joint: bool) -> Look {
        let stretch = Stretch { rule: Rule::MinMax, joint, ..Stretch::default() };
        Look { stretch, ..Look::of(Vec::new()) }
    }

    fn bounds_of(exposure: &Exposure, scene: usize) -> (f32, f32) {
        exposure.paint(&scenes(3), scene, Composite::Band(BandRole::Nir)).unwrap().bounds[0]
    }

    #[test]
    fn the_first_picture_waits_for_the_shown_years_alone_and_shares_their_bounds() {
        let (scenes, look) = (scenes(3), look(true));
        let mut exposure = Exposure::new(3);
        let (urgent, later) = exposure.wanted(&look, &[0, 1], Rect::new((0., 0.), (1., 1.)));
        assert_eq!(
            (urgent, later),
            (vec![Request::Survey(0, None), Request::Survey(1, None)], vec![Request::Survey(2, None)])
        );
        exposure.receive(0, None, Some(survey(0.0, 100.0)));
        assert!(!exposure.settle(&scenes, &look, &[0, 1]));
        exposure.receive(1, None, Some(survey(50.0, 200.0)));
        assert!(exposure.settle(&scenes, &look, &[0, 1]));
        assert_eq!((bounds_of(&exposure, 0), bounds_of(&exposure, 1)), ((0.0, 200.0), (0.0, 200.0)));
        assert!(exposure.paint(&scenes, 2, Composite::Band(BandRole::Nir)).is_none());
    }

    #[test]
    fn a_year_that_adds_little_changes_nothing_and_one_that_adds_much_does() {
        let (scenes, look) = (scenes(3), look(true));
        let mut exposure = Exposure::new(3);
        exposure.receive(0, None, Some(survey(0.0, 100.0)));
        exposure.settle(&scenes, &look, &[0]);
        exposure.receive(1, None, Some(survey(0.0, 101.0)));
        exposure.settle(&scenes, &look, &[0]);
        assert_eq!((bounds_of(&exposure, 0), bounds_of(&exposure, 1)), ((0.0, 100.0), (0.0, 100.0)));
        exposure.receive(2, None, Some(survey(0.0, 150.0)));
        exposure.settle(&scenes, &look, &[0]);
        assert_eq!(bounds_of(&exposure, 0), (0.0, 150.0));
        assert!(!exposure.settle(&scenes, &look, &[0]), "nothing new");
    }

    #[test]
    fn each_year_has_its_own_bounds_where_that_is_wished() {
        let (scenes, look) = (scenes(2), look(false));
        let mut exposure = Exposure::new(2);
        exposure.receive(0, None, Some(survey(0.0, 100.0)));
        exposure.receive(1, None, Some(survey(50.0, 200.0)));
        exposure.settle(&scenes, &look, &[0, 1]);
        assert_eq!((bounds_of(&exposure, 0), bounds_of(&exposure, 1)), ((0.0, 100.0), (50.0, 200.0)));
    }

    #[test]
    fn a_scene_that_cannot_be_read_does_not_keep_the_others_dark() {
        let (scenes, look) = (scenes(2), look(true));
        let mut exposure = Exposure::new(2);
        exposure.receive(0, None, Some(survey(0.0, 100.0)));
        exposure.receive(1, None, None);
        assert!(exposure.settle(&scenes, &look, &[0, 1]));
        let paint = |scene| exposure.paint(&scenes, scene, Composite::Band(BandRole::Nir));
        assert!(paint(0).is_some() && paint(1).is_none());
    }

    #[test]
    fn the_present_view_is_looked_at_once_it_rests() {
        let mut look = look(true);
        look.stretch.extent = Extent::View;
        let mut exposure = Exposure::new(1);
        exposure.receive(0, None, Some(survey(0.0, 100.0)));
        let view = |x: f64| Rect::new((x, 0.0), (x + 1.0, 1.0));
        assert!(exposure.wanted(&look, &[0], view(0.0)).1.is_empty());
        assert_eq!(exposure.wanted(&look, &[0], view(0.0)).1, [Request::Survey(0, Some(view(0.0)))]);
        assert!(exposure.wanted(&look, &[0], view(3.0)).1.is_empty());
        exposure.receive(0, Some(view(3.0)), Some(survey(20.0, 30.0)));
        exposure.settle(&scenes(1), &look, &[0]);
        assert_eq!(bounds_of(&exposure, 0), (20.0, 30.0));
        assert!(exposure.wanted(&look, &[0], view(3.0)).1.is_empty());
    }
}
