//! The open project: its plan, its flags, what is compared, which layers are shown.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use geo::BoundingRect;
use geo_types::Rect;

use super::compare::Compare;
use super::exposure::Exposure;
use super::flags::{FlagBook, FlagIndex};
use super::layers::Layers;
use super::look::{self, Budget, Look};
use super::preferences::Preferences;
use super::profiles::Profiles;
use super::tools::Tools;
use super::view::{Target, View};
use super::years::Years;
use super::{Command, Wake};
use crate::model::flag::Place;
use crate::model::notice::Notice;
use crate::model::record::{LackingZone, ZoneSight};
use crate::model::units::{Fraction, SquareMetres};
use crate::model::zone::Zone;
use crate::pipeline::ground::Ground;
use crate::pipeline::view::{Opened, Pyramid, TileService};
use crate::project::footprint;
use crate::project::plan::Plan;

/// The open project.
pub struct Project {
    /// What a run would do.
    pub plan: Arc<Plan>,
    /// The lattice of tiles.
    pub pyramid: Option<Pyramid>,
    /// Workers that read tiles.
    pub tiles: Option<TileService>,
    /// The flags.
    pub flags: FlagBook,
    /// Of each zone of the plan, the comparisons on record that saw too little of it.
    pub lacking: Vec<Vec<LackingZone>>,
    /// What the year strip says of the scenes.
    pub years: Years,
    /// Of each zone on record, by its name, the share that was not seen.
    pub unseen: BTreeMap<String, Fraction>,
    /// How flags looked over the years.
    pub profiles: Profiles,
    /// What is compared.
    pub compare: Compare,
    /// What is shown.
    pub look: Look,
    /// How bright the scenes are, and how they are painted.
    pub exposure: Exposure,
    /// Memory for the map.
    pub budget: Budget,
    /// What the check had to tell.
    pub notices: Vec<Notice>,
    /// Number of each zone's layer in [`Look::zones`].
    pub layer_of_zone: Vec<usize>,
    /// Counts reopenings, so that cached pictures of an older state are known.
    pub edition: u64,
    /// What places are on the ground; `None` where the CRS does not say.
    pub ground: Option<Ground>,
    /// What is measured, found and marked.
    pub tools: Tools,
    /// How the layers lie over each other.
    pub layers: Layers,
}

impl Project {
    /// A project as opened; what the user chose in `before` (the same project, opened earlier) stays.
    #[must_use]
    pub fn of(opened: Opened, flags: FlagIndex, before: Option<&Self>, wake: &Wake) -> Self {
        let Opened { plan, pyramid, lacking, sights, notices, .. } = opened;
        let plan = Arc::new(plan);
        let years = Years::of(&plan, flags.records(), &lacking);
        let flags = FlagBook::over(flags, before.map(|project| &project.flags));
        let (zones, layer_of_zone) = look::zone_layers(&plan.zones);
        let fits = |old: &Self| old.plan.scenes.len() == plan.scenes.len() && old.look.zones.len() == zones.len();
        let kept = before.filter(|old| fits(old));
        let lacking = by_zone(&plan.zones, lacking);
        let unseen = unseen(&sights);
        let profiles = Profiles::start(&plan, wake);
        let compare = kept.map_or_else(|| Compare::of(&plan.scenes), |old| old.compare);
        let look = kept.map_or_else(|| Look::of(zones), |old| old.look.clone());
        let edition = before.map_or(0, |old| old.edition + 1);
        let layers = kept.map_or_else(|| Layers::of(look.zones.len()), |old| old.layers.clone());
        let tools = before.map(|old| old.tools.clone()).unwrap_or_default();
        let ground = Ground::of(&plan.crs).ok();
        let budget = before.map_or(Budget::of_mb(Preferences::MAP_MEMORY_MB), |old| old.budget);
        let exposure = Exposure::new(plan.scenes.len());
        let tiles = pyramid.clone().map(|pyramid| service(&plan, pyramid, budget, wake));
        Self {
            plan,
            pyramid,
            tiles,
            flags,
            lacking,
            years,
            unseen,
            profiles,
            compare,
            look,
            exposure,
            budget,
            notices,
            layer_of_zone,
            edition,
            ground,
            tools,
            layers,
        }
    }

    /// Puts superseded zones out of sight: the boundary versions not in force on the day of the later scene.
    pub fn settle(&mut self) {
        let Some(day) = self.plan.scenes.get(self.compare.after).map(|scene| scene.date) else { return };
        if self.edition > 0 {
            return;
        }
        for (number, layer) in self.look.zones.iter_mut().enumerate() {
            let zones = self.plan.zones.iter().zip(&self.layer_of_zone);
            layer.shown = zones.filter(|(_, of)| **of == number).any(|(zone, _)| zone.in_force_on(day));
        }
    }

    /// The box of a target.
    #[must_use]
    pub fn bounds_of(&self, target: Target) -> Option<Rect<f64>> {
        let scene = |at: usize| footprint::of_scene(self.plan.scenes.get(at)?, &self.plan.crs);
        let all = self.pyramid.as_ref().map(|pyramid| pyramid.extent);
        match target {
            Target::All => all,
            Target::Zone(zone) => self.plan.zones.get(zone)?.shape.bounding_rect(),
            Target::Flag(flag) => self.flags.bounds(flag).map(|bounds| around(&bounds)),
            Target::Images => scene(self.compare.after).or(all),
        }
    }

    /// Whether the comparison that is shown saw too little of a zone, by its index in the plan.
    #[must_use]
    pub fn is_lacking_now(&self, zone: usize) -> bool {
        let scene = |at: usize| self.plan.scenes.get(at);
        let (Some(from), Some(to)) = (scene(self.compare.before), scene(self.compare.after)) else { return false };
        let is_now = |lack: &LackingZone| {
            lack.place == Place::Inside && (lack.kind, lack.from, lack.to) == (to.kind, from.date, to.date)
        };
        self.lacking.get(zone).is_some_and(|lacks| lacks.iter().any(is_now))
    }

    /// Width of the finest pixel in map units.
    #[must_use]
    pub fn finest(&self) -> f64 {
        self.pyramid.as_ref().map_or(1.0, |pyramid| pyramid.pixel_of(0))
    }

    /// The scenes on the map, the reference last.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        let mut shown = vec![self.compare.before, self.compare.after];
        shown.dedup();
        shown
    }

    /// Takes what was learned of the scenes, asks for what is still to be learned, and settles how they are painted.
    pub fn poll(&mut self, view: &View) {
        let Some(tiles) = &self.tiles else { return };
        for (scene, within, survey) in tiles.surveys() {
            self.exposure.receive(scene, within, survey);
        }
        let shown = self.shown();
        let (urgent, later) = self.exposure.wanted(&self.look, &shown, view.bounds());
        tiles.survey(urgent, later);
        self.exposure.settle(&self.plan.scenes, &self.look, &shown);
    }

    /// Reads the scenes anew: overviews were built beside them.
    pub fn read_again(&mut self) {
        self.exposure.look_again();
        if let Some(tiles) = &self.tiles {
            tiles.refresh();
        }
    }

    /// Sets the memory for the map.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
        if let Some(tiles) = &self.tiles {
            tiles.set_budget(budget.values());
        }
    }

    /// Does what concerns the project alone.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Look(wish) => self.look.apply(wish),
            Command::Flags(wish) => self.flags.apply(wish),
            _ => {}
        }
    }
}

fn service(plan: &Arc<Plan>, pyramid: Pyramid, budget: Budget, wake: &Wake) -> TileService {
    let wake = Arc::clone(wake);
    TileService::start(Arc::clone(plan), pyramid, budget.values(), move || wake())
}

/// A box with room around it, so that a patch is seen in its place.
fn around(bounds: &Rect<f64>) -> Rect<f64> {
    let room = bounds.width().max(bounds.height()) * 1.5;
    let (min, max) = (bounds.min(), bounds.max());
    Rect::new((min.x - room, min.y - room), (max.x + room, max.y + room))
}

/// The share of each zone that was not seen, over all comparisons that were meant to show it whole.
fn unseen(sights: &[ZoneSight]) -> BTreeMap<String, Fraction> {
    let mut areas: BTreeMap<&str, (SquareMetres, SquareMetres)> = BTreeMap::new();
    for sight in sights.iter().filter(|sight| sight.kind.shows_whole_zones()) {
        let (unseen, whole) = areas.entry(&sight.name).or_default();
        *unseen += sight.unseen;
        *whole += sight.seen + sight.unseen;
    }
    areas.into_iter().map(|(name, (unseen, whole))| (name.to_owned(), Fraction::of(unseen, whole))).collect()
}

/// What is lacking, zone by zone of the plan; zones that the plan no longer has are left out.
fn by_zone(zones: &[Zone], lacking: Vec<LackingZone>) -> Vec<Vec<LackingZone>> {
    let places: HashMap<_, usize> = zones
        .iter()
        .enumerate()
        .map(|(at, zone)| ((zone.layer.as_str(), zone.id.as_str(), zone.version()), at))
        .collect();
    let mut by_zone = vec![Vec::new(); zones.len()];
    for lack in lacking {
        if let Some(at) = places.get(&(lack.layer.as_str(), lack.id.as_str(), lack.version.as_str().into())) {
            by_zone[*at].push(lack);
        }
    }
    by_zone
}
