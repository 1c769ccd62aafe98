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

    /// What was observed at both dates.
    #[must_use]
    pub fn observed(&self) -> f64 {
        self.changed + self.unchanged
    }
}

/// How much of each pixel of a tile a shape covers.
pub enum Fractions {
    /// Nothing.
    None,
    /// All of it.
    Full,
    /// The part of the tile that the shape's bounds reach, and the fractions there.
    Partial(Window, Vec<f32>),
}

impl Fractions {
    /// The part of a tile that a shape covers.
    #[must_use]
    pub fn of(shape: &PixelShape, tile: &Window) -> Self {
        let Some(window) = shape.window_in(tile) else { return Self::None };
        let mut fractions = Vec::new();
        match shape.cover(&window, &mut fractions) {
            Cover::None => Self::None,
            Cover::Full if window == *tile => Self::Full,
            Cover::Full => Self::Partial(window, vec![1.0; window.len()]),
            Cover::Partial => Self::Partial(window, fractions),
        }
    }

    /// Calls `visit` with every pixel of the tile that the shape touches, and the share of it that it covers.
    pub fn each(&self, tile: &Window, mut visit: impl FnMut(usize, f64)) {
        match self {
            Self::None => {}
            Self::Full => (0..tile.len()).for_each(|pixel| visit(pixel, 1.0)),
            Self::Partial(window, fractions) => {
                for (span, parts) in spans(window, tile).zip(fractions.chunks_exact(window.cols)) {
                    span.zip(parts).for_each(|(pixel, &part)| visit(pixel, f64::from(part)));
                }
            }
        }
    }

    /// Areas by state under the shape.
    #[must_use]
    pub fn states(&self, changed: &[u8], tile: &Window) -> States {
        match self {
            Self::None => States::default(),
            Self::Full => {
                let mut counts = [0u32; 256];
                for &state in changed {
                    counts[usize::from(state)] += 1;
                }
                let of = |state: u8| f64::from(counts[usize::from(state)]);
                let (changed_px, unchanged) = (of(mask::CHANGED), of(mask::UNCHANGED));
                let not_observed = changed.len() as f64 - changed_px - unchanged;
                States { changed: changed_px, unchanged, not_observed }
            }
            Self::Partial(window, fractions) => {
                let mut sums = Sums::default();
                for (span, parts) in spans(window, tile).zip(fractions.chunks_exact(window.cols)) {
                    sums.add(&changed[span], parts);
                }
                sums.states()
            }
        }
    }
}

/// Where the rows of a window lie in the pixels of the tile around it.
fn spans<'w>(window: &'w Window, tile: &'w Window) -> impl Iterator<Item = std::ops::Range<usize>> + 'w {
    let first = (window.row - tile.row) * tile.cols + window.col - tile.col;
    (0..window.rows).map(move |row| first + row * tile.cols..first + row * tile.cols + window.cols)
}

/// Pixels summed side by side, so that the compiler keeps the sums in vector registers.
const LANES: usize = 8;

/// Sums of fractions by state.
#[derive(Default)]
struct Sums {
    changed: [f64; LANES],
    unchanged: [f64; LANES],
    all: [f64; LANES],
}

impl Sums {
    fn add(&mut self, states: &[u8], parts: &[f32]) {
        let (state_lanes, last_states) = states.as_chunks::<LANES>();
        let (part_lanes, last_parts) = parts.as_chunks::<LANES>();
        for (states, parts) in state_lanes.iter().zip(part_lanes) {
            self.add_lanes(*states, parts);
        }
        let (mut states, mut parts) = ([mask::NOT_OBSERVED; LANES], [0.0; LANES]);
        states[..last_states.len()].copy_from_slice(last_states);
        parts[..last_parts.len()].copy_from_slice(last_parts);
        self.add_lanes(states, &parts);
    }

    fn add_lanes(&mut self, states: [u8; LANES], parts: &[f32; LANES]) {
        for lane in 0..LANES {
            let part = f64::from(parts[lane]);
            self.all[lane] += part;
            self.changed[lane] += if states[lane] == mask::CHANGED { part } else { 0.0 };
            self.unchanged[lane] += if states[lane] == mask::UNCHANGED { part } else { 0.0 };
        }
    }

    fn states(&self) -> States {
        let total = |lanes: &[f64; LANES]| lanes.iter().sum::<f64>();
        let (changed, unchanged) = (total(&self.changed), total(&self.unchanged));
        States { changed, unchanged, not_observed: total(&self.all) - changed - unchanged }
    }
}

/// The zones of one tile.
pub struct TileZones {
    tile: Window,
    covers: Vec<(usize, Fractions, Option<Fractions>)>,
    /// Which pixels some zone or ring touches: the domain of the analysis.
    pub domain: Vec<bool>,
    union: Fractions,
}

impl TileZones {
    /// Looks up the zones of a window.
    #[must_use]
    pub fn of(index: &ZoneIndex, grid: &Grid, tile: &Window) -> Self {
        let cover = |place: usize| {
            let zone = &index.zones[place];
            (place, Fractions::of(&zone.inside, tile), zone.reach.as_ref().map(|reach| Fractions::of(reach, tile)))
        };
        Self::covered(index.near(&grid.bounds_of(tile)).into_iter().map(cover).collect(), tile)
    }

    /// Looks at shapes of zones in the pixel space of the window: each its place in an index, the zone, and with its ring.
    #[must_use]
    pub fn of_shapes(shapes: impl Iterator<Item = (usize, PixelShape, Option<PixelShape>)>, tile: &Window) -> Self {
        let cover = |(place, inside, reach): (usize, PixelShape, Option<PixelShape>)| {
            (place, Fractions::of(&inside, tile), reach.map(|reach| Fractions::of(&reach, tile)))
        };
        Self::covered(shapes.map(cover).collect(), tile)
    }

    fn covered(covers: Vec<(usize, Fractions, Option<Fractions>)>, tile: &Window) -> Self {
        let mut domain = vec![false; tile.len()];
        for (_, inside, reach) in &covers {
            match reach.as_ref().unwrap_or(inside) {
                Fractions::None => {}
                Fractions::Full => domain.fill(true),
                Fractions::Partial(window, fractions) => {
                    for (span, parts) in spans(window, tile).zip(fractions.chunks_exact(window.cols)) {
                        domain[span].iter_mut().zip(parts).for_each(|(d, f)| *d |= *f > TOUCHED);
                    }
                }
            }
        }
        let union = union_of(covers.iter().map(|(_, inside, _)| inside), tile);
        Self { tile: *tile, covers, domain, union }
    }

    /// The zones here without their rings, by their place in the index.
    pub(super) fn insides(&self) -> impl Iterator<Item = (usize, &Fractions)> {
        self.covers.iter().map(|(place, inside, _)| (*place, inside))
    }

    /// All zones here together. A zone that is alone here is the union.
    pub(super) fn together(&self) -> &Fractions {
        if let [(_, alone, _)] = &self.covers[..] { alone } else { &self.union }
    }

    /// Areas by state of every zone here: (place in the index, inside, ring), and of the union of the zones.
    #[must_use]
    pub fn tally(&self, changed: &[u8]) -> TileTally {
        let states = |fractions: &Fractions| fractions.states(changed, &self.tile);
        let zone = |(place, inside, reach): &(usize, Fractions, Option<Fractions>)| {
            let inside = states(inside);
            let ring = reach.as_ref().map_or(States::default(), |reach| states(reach).minus(inside));
            (*place, inside, ring)
        };
        let zones: Vec<_> = self.covers.iter().map(zone).collect();
        // A zone that is alone here is the union.
        let union = if let [(_, alone, _)] = zones[..] { alone } else { states(&self.union) };
        TileTally { zones, union }
    }
}

/// The covered share of each pixel by all zones together. Where two zones share a pixel at their common line the shares add
/// up to one; where they overlap the sum is capped, which errs by less than the boundary pixels' area.
fn union_of<'f>(insides: impl ExactSizeIterator<Item = &'f Fractions>, tile: &Window) -> Fractions {
    if insides.len() < 2 {
        return Fractions::None;
    }
    let mut sum = vec![0.0f32; tile.len()];
    for inside in insides {
        match inside {
            Fractions::None => {}
            Fractions::Full => return Fractions::Full,
            Fractions::Partial(window, fractions) => {
                for (span, parts) in spans(window, tile).zip(fractions.chunks_exact(window.cols)) {
                    sum[span].iter_mut().zip(parts).for_each(|(s, f)| *s = (*s + f).min(1.0));
                }
            }
        }
    }
    Fractions::Partial(*tile, sum)
}

/// Areas of one tile, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct TileTally {
    zones: Vec<(usize, States, States)>,
    union: States,
}

impl TileTally {
    /// Areas on the ground: by zone its place in the index, inside and in the ring; and of all zones together.
    #[must_use]
    pub fn areas(&self, pixel_m2: f64) -> (Vec<(usize, Tally, Tally)>, Tally) {
        let area = |states: &States| {
            // A ring is a difference of two sums, which rounding may leave below zero.
            let of = |pixels: f64| SquareMetres(pixels.max(0.0) * pixel_m2);
            let (changed, unchanged, not_observed) =
                (of(states.changed), of(states.unchanged), of(states.not_observed));
            Tally { changed, unchanged, not_observed, discarded: SquareMetres(0.0) }
        };
        let zones = self.zones.iter().map(|(place, inside, ring)| (*place, area(inside), area(ring)));
        (zones.collect(), area(&self.union))
    }
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
            let inside = completed(&self.inside[place], self.inside_px[place] / inside_px, zone.area.0);
            let ring = completed(&self.ring[place], self.ring_px[place] / ring_px, ring_m2);
            ZoneTally::of_areas(prepared.zone, inside, ring)
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
        discarded: SquareMetres(0.0),
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
