//! Identities for programs: UUIDs computed from content, so the same inputs in a fresh ledger get the same ones, and
//! two people who worked apart can be merged.

use std::collections::BTreeSet;

use geo::CoordsIter;
use uuid::Uuid;

use crate::model::Date;
use crate::model::flag::Flag;
use crate::model::outcome::ComparisonOutcome;
use crate::model::scene::{SceneKind, stamp};
use crate::model::zone::Zone;

/// Namespace of every UUID this program computes. A number drawn once; changing it would rename every flag.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d1f_6a52_0c5e_5c1b_9a37_2e0b_4f8d_7711);

/// Finest step of coordinates in an identity: a millimetre of a metre CRS, which is below what any outline knows.
const STEPS_PER_METRE: f64 = 1e3;

/// The same finest step in degrees, about a millimetre on the ground.
const STEPS_PER_DEGREE: f64 = 1e8;

/// What makes two comparisons the same one: which days, and what kind of image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComparisonKey {
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
    /// What is compared.
    pub kind: SceneKind,
}

impl ComparisonKey {
    /// The key of a comparison.
    #[must_use]
    pub fn of(comparison: &ComparisonOutcome) -> Self {
        Self { from: comparison.from_date, to: comparison.to_date, kind: comparison.kind }
    }
}

/// A UUID computed from words; the order of the words counts.
#[must_use]
pub fn content_uuid(words: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, words.join("\u{1f}").as_bytes())
}

/// The UUID of a flag seen for the first time: from the comparison, the patch's point and its area. `taken` holds the
/// UUIDs that the comparison already uses; the new one is added.
#[must_use]
pub fn flag_uuid(key: &ComparisonKey, flag: &Flag, taken: &mut BTreeSet<Uuid>) -> Uuid {
    let point = flag.patch.point;
    let place = format!("{:.3} {:.3} {:.0}", point.x(), point.y(), flag.patch.area.0);
    let (from, to) = (stamp(key.from), stamp(key.to));
    let mut salt = 0_u32;
    loop {
        let uuid = content_uuid(&["flag", key.kind.word(), &from, &to, &place, &salt.to_string()]);
        if taken.insert(uuid) {
            return uuid;
        }
        salt += 1;
    }
}

/// The UUID of a zone in one boundary version and one geometry, and the hash of that geometry (XXH3-128 over its
/// coordinates in whole millimetres, so that the last bits of a reprojection do not make another zone of it).
#[must_use]
pub fn zone_uuid(zone: &Zone, in_degrees: bool) -> (Uuid, String) {
    let steps = if in_degrees { STEPS_PER_DEGREE } else { STEPS_PER_METRE };
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for ring in zone.shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
        hasher.update(&(ring.0.len() as u64).to_le_bytes());
        for coord in ring.coords_iter() {
            hasher.update(&((coord.x * steps).round() as i64).to_le_bytes());
            hasher.update(&((coord.y * steps).round() as i64).to_le_bytes());
        }
    }
    let hash = format!("{:032x}", hasher.digest128());
    (content_uuid(&["zone", &zone.layer, &zone.id, &zone.version(), &hash]), hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample_outcome;

    fn key() -> ComparisonKey {
        ComparisonKey::of(&sample_outcome::outcome().comparisons[0])
    }

    #[test]
    fn the_same_patch_has_the_same_uuid_in_every_ledger() {
        let flag = &sample_outcome::outcome().comparisons[0].flags[0];
        let [a, b] = [(); 2].map(|()| flag_uuid(&key(), flag, &mut BTreeSet::new()));
        assert_eq!(a, b);
    }

    #[test]
    fn another_kind_of_image_is_another_flag() {
        let flag = &sample_outcome::outcome().comparisons[0].flags[0];
        let drone = ComparisonKey { kind: SceneKind::Drone, ..key() };
        assert_ne!(flag_uuid(&key(), flag, &mut BTreeSet::new()), flag_uuid(&drone, flag, &mut BTreeSet::new()));
    }

    #[test]
    fn a_uuid_in_use_is_not_given_again() {
        let flag = &sample_outcome::outcome().comparisons[0].flags[0];
        let mut taken = BTreeSet::new();
        assert_ne!(flag_uuid(&key(), flag, &mut taken), flag_uuid(&key(), flag, &mut taken));
    }

    #[test]
    fn a_moved_boundary_is_another_zone_and_rounding_noise_is_not() {
        let zone = sample_outcome::outcome().zones.remove(0);
        let moved = |by: f64| {
            use geo::Translate;
            Zone { shape: zone.shape.translate(by, 0.0), ..zone.clone() }
        };
        assert_eq!(zone_uuid(&zone, false), zone_uuid(&moved(1e-7), false));
        assert_ne!(zone_uuid(&zone, false), zone_uuid(&moved(0.5), false));
        assert_ne!(zone_uuid(&zone, false).0, zone_uuid(&Zone { layer: "other".into(), ..zone.clone() }, false).0);
    }
}
