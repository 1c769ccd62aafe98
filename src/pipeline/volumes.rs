//! Ground moved in every zone and in all zones together, tile by tile, over the changed pixels whose areas are told too.

use crate::detect::change::Heights;
use crate::detect::volume::Moved;
use crate::model::grid::Window;
use crate::model::outcome::ZoneTally;
use crate::model::raster::{PairBlock, mask};
use crate::model::units::SquareMetres;
use crate::model::volume::{HeightFit, Volume};
use crate::screen::hits::ZoneIndex;

use super::tally::{Fractions, TileZones};

/// Ground moved in one tile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TileVolumes {
    /// By the zone's place in the index.
    zones: Vec<(usize, Moved)>,
    union: Moved,
}

impl TileVolumes {
    /// Sums up a tile whose pixels have this area on the ground.
    #[must_use]
    pub fn of(zones: &TileZones, changed: &[u8], block: &PairBlock, heights: &Heights, pixel: SquareMetres) -> Self {
        let tile: Window = block.window();
        let moved = |fractions: &Fractions| {
            let mut moved = Moved::default();
            fractions.each(&tile, |at, share| {
                if changed[at] == mask::CHANGED {
                    moved.add(heights.rise_m(block, at), share * pixel.0);
                }
            });
            moved
        };
        Self {
            zones: zones.insides().map(|(place, inside)| (place, moved(inside))).collect(),
            union: moved(zones.together()),
        }
    }
}

/// Ground moved in all tiles so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Volumes {
    zones: Vec<Moved>,
    union: Moved,
}

impl Volumes {
    /// An account of so many zones of the index.
    #[must_use]
    pub fn new(zones: usize) -> Self {
        Self { zones: vec![Moved::default(); zones], union: Moved::default() }
    }

    /// Adds a tile.
    pub fn add(&mut self, tile: &TileVolumes) {
        for (place, moved) in &tile.zones {
            self.zones[*place].add_all(moved);
        }
        self.union.add_all(&tile.union);
    }

    /// Writes the zones' volumes into their tallies and returns that of all zones together. Of a zone that was not observed
    /// nothing is said: no volume is not a volume of nought.
    pub fn settle(&self, tallies: &mut [ZoneTally], index: &ZoneIndex, fit: &HeightFit, pixel: SquareMetres) -> Volume {
        for (moved, prepared) in self.zones.iter().zip(&index.zones) {
            let is_seen = |tally: &&mut ZoneTally| {
                tally.zone == prepared.zone && tally.inside.changed.0 + tally.inside.unchanged.0 > 0.0
            };
            for tally in tallies.iter_mut().filter(is_seen) {
                tally.volume = Some(moved.volume(fit, pixel));
            }
        }
        self.union.volume(fit, pixel)
    }
}
