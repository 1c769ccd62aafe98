//! Values of tiles kept in memory within a budget, so that other colours need no other read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::tiles::TileKey;
use crate::model::raster::{SceneBlock, gap};
use crate::model::scene::BandRole;

/// Share of the budget that is left after something had to go.
const LEFT: f64 = 0.9;

/// Values of one tile.
#[derive(Debug, Clone, PartialEq)]
pub struct RawTile {
    /// One plane a band; none where nothing was observed.
    pub bands: Vec<Vec<f32>>,
    /// Why a pixel was not observed.
    pub gaps: Vec<u8>,
}

impl RawTile {
    /// The values of a block; a block in which nothing was seen keeps none.
    #[must_use]
    pub fn of(block: SceneBlock) -> Self {
        let seen = block.gaps.iter().any(|reason| !matches!(*reason, gap::NODATA | gap::OUTSIDE));
        if seen { Self { bands: block.bands, gaps: block.gaps } } else { Self { bands: Vec::new(), gaps: Vec::new() } }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.gaps.len() + self.bands.iter().map(|plane| size_of_val(&plane[..])).sum::<usize>()
    }
}

type Key = (TileKey, Vec<BandRole>);

#[derive(Default)]
struct Kept {
    tiles: HashMap<Key, (Arc<RawTile>, u64)>,
    bytes: usize,
    uses: u64,
}

/// Tiles' values, the longest unused thrown away first. Shared by all workers.
pub struct RawCache {
    kept: Mutex<Kept>,
    budget: AtomicUsize,
}

impl RawCache {
    /// A cache of at most so many bytes.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { kept: Mutex::default(), budget: AtomicUsize::new(budget) }
    }

    /// The values of a tile's bands, if they are there.
    #[must_use]
    pub fn get(&self, key: TileKey, roles: &[BandRole]) -> Option<Arc<RawTile>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        let (tile, used) = kept.tiles.get_mut(&(key, roles.to_vec()))?;
        *used = now;
        Some(Arc::clone(tile))
    }

    /// Keeps the values of a tile's bands.
    pub fn put(&self, key: TileKey, roles: &[BandRole], tile: Arc<RawTile>) {
        let mut kept = self.kept();
        kept.uses += 1;
        kept.bytes += tile.bytes();
        let now = kept.uses;
        if let Some((old, _)) = kept.tiles.insert((key, roles.to_vec()), (tile, now)) {
            kept.bytes -= old.bytes();
        }
        kept.keep_within(self.budget.load(Ordering::Relaxed));
    }

    /// Sets how many bytes may be held.
    pub fn set_budget(&self, bytes: usize) {
        self.budget.store(bytes, Ordering::Relaxed);
        self.kept().keep_within(bytes);
    }

    /// Throws everything away.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep_within(&mut self, budget: usize) {
        if self.bytes <= budget {
            return;
        }
        let most = (budget as f64 * LEFT) as usize;
        let mut ages: Vec<(u64, Key)> = self.tiles.iter().map(|(key, (_, used))| (*used, key.clone())).collect();
        ages.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in ages {
            if self.bytes <= most {
                break;
            }
            if let Some((tile, _)) = self.tiles.remove(&key) {
                self.bytes -= tile.bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::view::Composite;

    fn key(col: u32) -> TileKey {
        TileKey { scene: 0, composite: Composite::TrueColour, level: 0, row: 0, col }
    }

    fn tile() -> Arc<RawTile> {
        Arc::new(RawTile { bands: vec![vec![0.0; 1000]], gaps: vec![0; 1000] })
    }

    #[test]
    fn the_budget_holds_and_what_was_used_last_stays() {
        let cache = RawCache::new(60_000);
        for col in 0..100 {
            cache.put(key(col), &[BandRole::Red], tile());
            assert!(cache.bytes() <= 60_000, "{}", cache.bytes());
            assert!(cache.get(key(0), &[BandRole::Red]).is_some(), "{col}");
        }
        assert!(cache.get(key(1), &[BandRole::Red]).is_none());
        assert!(cache.get(key(99), &[BandRole::Red]).is_some());
        assert!(cache.get(key(99), &[BandRole::Nir]).is_none());
    }

    #[test]
    fn a_tile_in_which_nothing_was_seen_takes_no_room() {
        let window = crate::model::grid::Window { row: 0, col: 0, rows: 2, cols: 2 };
        assert!(RawTile::of(SceneBlock::unseen(window, 3, gap::OUTSIDE)).is_empty());
        assert!(!RawTile::of(SceneBlock::unseen(window, 3, gap::DAMAGED)).is_empty());
    }
}
