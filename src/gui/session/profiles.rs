//! How flags and their zones looked over the years: read by a worker when a flag is selected, kept for when it is selected
//! again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::Wake;
use super::flags::FlagBook;
use crate::job::{Pool, Wanted};
use crate::model::record::FlagRecord;
use crate::pipeline::profile::{Profile, ProfileWish, profile};
use crate::project::plan::Plan;

/// Most profiles kept; the longest known goes first.
const MOST: usize = 256;

/// Profiles that are known, and the worker that reads others.
pub struct Profiles {
    pool: Pool<ProfileWish, Profile>,
    known: BTreeMap<Uuid, Profile>,
    order: VecDeque<Uuid>,
    asked: Option<Uuid>,
}

impl Profiles {
    /// Starts the worker of a project.
    pub(super) fn start(plan: &Arc<Plan>, wake: &Wake) -> Self {
        let (plan, wake) = (Arc::clone(plan), Arc::clone(wake));
        let pool =
            Pool::start(1, move || wake(), || (), move |(), wish: &ProfileWish, _: &Wanted| Some(profile(&plan, wish)));
        Self { pool, known: BTreeMap::new(), order: VecDeque::new(), asked: None }
    }

    /// The profile of a flag, once it is known.
    #[must_use]
    pub fn of(&self, flag: Uuid) -> Option<&Profile> {
        self.known.get(&flag)
    }

    /// Whether a flag's profile is being read.
    #[must_use]
    pub fn is_reading(&self, flag: Uuid) -> bool {
        self.asked == Some(flag)
    }

    /// Takes what was read, and asks for the profile of the selected flag.
    pub(super) fn follow(&mut self, flags: &FlagBook, plan: &Plan) {
        for (wish, profile) in self.pool.take() {
            // What could not be told is not asked for again.
            self.keep(profile.unwrap_or_else(|| Profile::unknown(wish.flag)));
        }
        let Some((_, record)) = flags.selected() else { return };
        if self.asked != Some(record.uuid) && !self.known.contains_key(&record.uuid) {
            self.asked = Some(record.uuid);
            self.pool.want(vec![wish(plan, record)]);
        }
    }

    fn keep(&mut self, profile: Profile) {
        self.asked = self.asked.filter(|asked| *asked != profile.flag);
        self.order.push_back(profile.flag);
        self.known.insert(profile.flag, profile);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// What is asked of a flag: its strictest zone is found again by identifier and name, in the version in force.
fn wish(plan: &Plan, record: &FlagRecord) -> ProfileWish {
    let zone = record.hits.first().and_then(|hit| {
        let same = |(_, zone): &(usize, &crate::model::zone::Zone)| zone.id == hit.id && zone.name == hit.name;
        let all = || plan.zones.iter().enumerate().filter(same);
        all().find(|(_, zone)| zone.in_force_on(record.to)).or_else(|| all().next()).map(|(at, _)| at)
    });
    ProfileWish {
        flag: record.uuid,
        kind: record.kind,
        dates: (record.from, record.to),
        shape: record.shape.clone(),
        zone,
    }
}
