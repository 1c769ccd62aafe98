//! What became what: areas by class before and after over all zones together, tile by tile.

use std::collections::{BTreeMap, BTreeSet};

use crate::detect::legend::{LegendPair, code};
use crate::model::raster::PairBlock;
use crate::model::transfer::Transfers;
use crate::model::units::SquareMetres;

use super::tally::TileZones;

/// Areas in m² by code before and code after, in the list that both maps have in common.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cells(BTreeMap<(i32, i32), f64>);

impl Cells {
    /// Counts what both maps show in a tile whose pixels have this area on the ground.
    #[must_use]
    pub fn of(zones: &TileZones, block: &PairBlock, pixel: SquareMetres) -> Self {
        let mut cells = Self::default();
        let (before, after) = (&block.before.bands[0], &block.after.bands[0]);
        // Neighbours are mostly alike: a run of them is looked up once.
        let (mut run, mut share_of_run) = ((0, 0), 0.0);
        zones.together().each(&block.window(), |at, share| {
            if !block.seen(at) || share <= 0.0 {
                return;
            }
            let pair = (code(before[at]), code(after[at]));
            if pair != run {
                cells.add(run, share_of_run * pixel.0);
                (run, share_of_run) = (pair, 0.0);
            }
            share_of_run += share;
        });
        cells.add(run, share_of_run * pixel.0);
        cells
    }

    fn add(&mut self, pair: (i32, i32), area_m2: f64) {
        if area_m2 > 0.0 {
            *self.0.entry(pair).or_default() += area_m2;
        }
    }

    /// Adds another tile.
    pub fn add_all(&mut self, other: &Self) {
        for (&pair, &area_m2) in &other.0 {
            self.add(pair, area_m2);
        }
    }

    /// The matrix, its classes in the order of their codes.
    #[must_use]
    pub fn matrix(&self, legends: &LegendPair) -> Transfers {
        let codes: BTreeSet<i32> = self.0.keys().flat_map(|&(from, to)| [from, to]).collect();
        let area = |from: i32, to: i32| SquareMetres(self.0.get(&(from, to)).copied().unwrap_or_default());
        Transfers {
            classes: codes.iter().map(|&code| legends.class(code)).collect(),
            areas: codes.iter().map(|&from| codes.iter().map(|&to| area(from, to)).collect()).collect(),
        }
    }
}
