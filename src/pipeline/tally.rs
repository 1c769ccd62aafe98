//! Changed, unchanged and not observed area of every zone, from exact coverage fractions, tile by tile.

use geo::Area;

use crate::model::grid::{Grid, Window};
use crate::model::outcome::{Tally, ZoneTally};
use crate::model::raster::mask;
use crate::model::units::SquareMetres;
use crate::model::zone::Zone;
use crate::screen::coverage::{Cover, PixelShape};
use crate::screen::hits::ZoneIndex;

/// A pixel of which a zone covers less is not part of the analysis: zones that come from other coordinates end a hair
/// beyond the pixels they ended at.
const TOUCHED: f32 = 1e-6;

/// Areas in pixels, by state.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct States {
    changed: f64,
    unchanged: f64,
    not_observed: f64,
}

impl States {
    fn plus(self, other: Self, factor: f64) -> Self {
        Self {
            changed: self.changed + factor * other.changed,
            unchanged: self.unchanged + factor * other.unchanged,
            not_observed: self.not_observed + factor * other.not_observed,
        }
    }

    fn minus(self, other: Self) -> Self {
        self.plus(other, -1.0)
    }

    fn total(&self) -> f64 {
        self.changed + self.unchanged + self.not_observed
    }
}

/// How much of each pixel of a tile a shape covers.
enum Fractions {
    None,
    Full,
    Partial(Vec<f32>),
}

impl Fractions {
    fn of(shape: &PixelShape, window: &Window) -> Self {
        let mut fractions = Vec::new();
        match shape.cover(window, &mut fractions) {
            Cover::None => Self::None,
            Cover::Full => Self::Full,
            Cover::Partial => Self::Partial(fractions),
        }
    }

    /// Areas by state under the shape.
    fn states(&self, changed: &[u8]) -> States {
        match self {
            Self::None => States::default(),
            Self::Full => {
                let count = |state: u8| changed.iter().filter(|&&s| s == state).count() as f64;
                let (changed_px, unchanged) = (count(mask::CHANGED), count(mask::UNCHANGED));
                let not_observed = changed.len() as f64 - changed_px - unchanged;
                States { changed: changed_px, unchanged, not_observed }
            }
            Self::Partial(fractions) => weighted(changed, fractions),
        }
    }
}

/// Sums of the fractions by state, in lanes that the compiler can keep in vector registers.
fn weighted(changed: &[u8], fractions: &[f32]) -> States {
    const LANES: usize = 8;
    let (mut of_changed, mut of_unchanged, mut of_all) = ([0.0f64; LANES], [0.0f64; LANES], [0.0f64; LANES]);
    let mut add = |states: &[u8], parts: &[f32]| {
        for (lane, (&state, &part)) in states.iter().zip(parts).enumerate() {
            let part = f64::from(part);
            of_all[lane] += part;
            of_changed[lane] += if state == mask::CHANGED { part } else { 0.0 };
            of_unchanged[lane] += if state == mask::UNCHANGED { part } else { 0.0 };
        }
    };
    let (states, parts) = (changed.chunks_exact(LANES), fractions.chunks_exact(LANES));
    add(states.remainder(), parts.remainder());
    states.zip(parts).for_each(|(states, parts)| add(states, parts));
    let total = |lanes: [f64; LANES]| lanes.iter().sum::<f64>();
    let (changed, unchanged) = (total(of_changed), total(of_unchanged));
    States { changed, unchanged, not_observed: total(of_all) - changed - unchanged }
}

/// The zones of one tile.
pub struct TileZones {
    covers: Vec<(usize, Fractions, Option<Fractions>)>,
    /// Which pixels some zone or ring touches: the domain of the analysis.
    pub domain: Vec<bool>,
    union: Fractions,
}

impl TileZones {
    /// Looks up the zones of a window.
    #[must_use]
    pub fn of(index: &ZoneIndex, grid: &Grid, window: &Window) -> Self {
        let near = index.near(&grid.bounds_of(window));
        let cover = |&place: &usize| {
            let zone = &index.zones[place];
            (place, Fractions::of(&zone.inside, window), zone.reach.as_ref().map(|reach| Fractions::of(reach, window)))
        };
        let covers: Vec<_> = near.iter().map(cover).collect();
        let mut domain = vec![false; window.len()];
        for (_, inside, reach) in &covers {
            match reach.as_ref().unwrap_or(inside) {
                Fractions::None => {}
                Fractions::Full => domain.fill(true),
                Fractions::Partial(f) => domain.iter_mut().zip(f).for_each(|(d, f)| *d |= *f > TOUCHED),
            }
        }
        let union = union_of(covers.iter().map(|(_, inside, _)| inside), window.len());
        Self { covers, domain, union }
    }

    /// Areas by state of every zone here: (place in the index, inside, ring), and of the union of the zones.
    #[must_use]
    pub fn tally(&self, changed: &[u8]) -> TileTally {
        let zone = |(place, inside, reach): &(usize, Fractions, Option<Fractions>)| {
            let inside = inside.states(changed);
            let ring = reach.as_ref().map_or(States::default(), |reach| reach.states(changed).minus(inside));
            (*place, inside, ring)
        };
        TileTally { zones: self.covers.iter().map(zone).collect(), union: self.union.states(changed) }
    }
}

/// The covered share of each pixel by all zones together. Where two zones share a pixel at their common line the shares add
/// up to one; where they overlap the sum is capped, which errs by less than the boundary pixels' area.
fn union_of<'f>(insides: impl Iterator<Item = &'f Fractions>, pixels: usize) -> Fractions {
    let mut sum: Option<Vec<f32>> = None;
    for inside in insides {
        match inside {
            Fractions::None => {}
            Fractions::Full => return Fractions::Full,
            Fractions::Partial(f) => {
                let sum = sum.get_or_insert_with(|| vec![0.0; pixels]);
                sum.iter_mut().zip(f).for_each(|(s, f)| *s = (*s + f).min(1.0));
            }
        }
    }
    sum.map_or(Fractions::None, Fractions::Partial)
}

/// Areas of one tile, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct TileTally {
    zones: Vec<(usize, States, States)>,
    union: States,
}

/// Areas of all tiles so far, in m², and beside them in pixels: only pixels tell exactly what share of a zone the tiles
/// held, because the area of a pixel on the ground is not the same all over a tile.
pub struct Account {
    inside: Vec<States>,
    inside_px: Vec<f64>,
    ring: Vec<States>,
    ring_px: Vec<f64>,
    union: States,
}

impl Account {
    /// An account of so many zones of the index.
    #[must_use]
    pub fn new(zones: usize) -> Self {
        let (none, no_pixels) = (vec![States::default(); zones], vec![0.0; zones]);
        let (inside, inside_px) = (none.clone(), no_pixels.clone());
        Self { inside, inside_px, ring: none, ring_px: no_pixels, union: States::default() }
    }

    /// Adds a tile whose pixels have this area on the ground.
    pub fn add(&mut self, tile: &TileTally, pixel_m2: f64) {
        for &(place, inside, ring) in &tile.zones {
            self.inside[place] = self.inside[place].plus(inside, pixel_m2);
            self.inside_px[place] += inside.total();
            self.ring[place] = self.ring[place].plus(ring, pixel_m2);
            self.ring_px[place] += ring.total();
        }
        self.union = self.union.plus(tile.union, pixel_m2);
    }

    /// The tallies by zone. What no tile held was not observed: the three add up to the zone's area. `pixel_area` is that
    /// of a pixel in the plane of the grid, `area_of` the area on the ground of a zone and its ring.
    #[must_use]
    pub fn zones(
        &self,
        index: &ZoneIndex,
        zones: &[Zone],
        pixel_area: f64,
        area_of: impl Fn(&Zone) -> f64,
    ) -> Vec<ZoneTally> {
        let tally = |(place, prepared): (usize, &crate::screen::hits::PreparedZone)| {
            let zone = &zones[prepared.zone];
            let ring_m2 = zone.with_ring.as_ref().map_or(0.0, |_| (area_of(zone) - zone.area.0).max(0.0));
            let inside_px = zone.shape.unsigned_area() / pixel_area;
            let ring_px = zone.reach().unsigned_area() / pixel_area - inside_px;
            ZoneTally {
                zone: prepared.zone,
                inside: completed(&self.inside[place], self.inside_px[place] / inside_px, zone.area.0),
                ring: completed(&self.ring[place], self.ring_px[place] / ring_px, ring_m2),
                flags: 0,
                ring_flags: 0,
            }
        };
        index.zones.iter().enumerate().map(tally).collect()
    }

    /// The tally of all zones together. The part of the zones that no tile held has no pixels to tell overlaps by; it is
    /// taken to overlap as the rest does.
    #[must_use]
    pub fn union(&self, tallies: &[ZoneTally], zones: &[Zone], pixel_area: f64) -> Tally {
        let all_m2: f64 = tallies.iter().map(|t| t.inside.total().0).sum();
        let all_px: f64 = tallies.iter().map(|t| zones[t.zone].shape.unsigned_area() / pixel_area).sum();
        let held_m2: f64 = self.inside.iter().map(States::total).sum();
        let held_px: f64 = self.inside_px.iter().sum();
        let overlap = if held_m2 > 0.0 { self.union.total() / held_m2 } else { 1.0 };
        completed(&self.union, held_px / all_px, all_m2 * overlap)
    }
}

/// How near to all of a shape the tiles' pixels must come to be all of it: the rounding of the covered fractions.
const WHOLE: f64 = 1e-6;

/// What rounding leaves of a difference of sums, as a share of them.
const ROUNDING: f64 = 1e-12;

/// A tally that adds up to an area, of which the tiles held a share: the rest was not observed.
fn completed(states: &States, share_held: f64, area_m2: f64) -> Tally {
    let share = if share_held > 1.0 - WHOLE { 1.0 } else { share_held.max(0.0) };
    let held_m2 = states.total();
    let scale = if held_m2 > 0.0 { area_m2 * share / held_m2 } else { 0.0 };
    // A ring is a difference of two sums, which rounding may leave below zero.
    let (changed, unchanged) = (states.changed.max(0.0) * scale, states.unchanged.max(0.0) * scale);
    let some_unseen = share < 1.0 || states.not_observed > ROUNDING * held_m2;
    let not_observed = if some_unseen { area_m2 - changed - unchanged } else { 0.0 };
    Tally {
        changed: SquareMetres(changed),
        unchanged: SquareMetres(unchanged),
        not_observed: SquareMetres(not_observed.max(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: States = States { changed: 30.0, unchanged: 70.0, not_observed: 0.0 };

    #[test]
    fn a_zone_wholly_seen_has_nothing_unobserved_although_its_pixels_differ_in_area() {
        let tally = completed(&SEEN, 1.0 - 3e-8, 100.02);
        assert_eq!(tally.not_observed, SquareMetres(0.0));
        assert!((tally.changed.0 - 30.006).abs() < 1e-9 && (tally.total().0 - 100.02).abs() < 1e-9, "{tally:?}");
    }

    #[test]
    fn what_no_tile_held_was_not_observed() {
        let tally = completed(&SEEN, 0.8, 125.0);
        assert!((tally.not_observed.0 - 25.0).abs() < 1e-9 && (tally.changed.0 - 30.0).abs() < 1e-9, "{tally:?}");
        assert_eq!(completed(&States::default(), 0.0, 50.0).not_observed, SquareMetres(50.0));
        assert_eq!(completed(&States::default(), f64::NAN, 0.0).total(), SquareMetres(0.0), "no ring");
    }
}
