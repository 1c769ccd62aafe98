//! The two scenes of a comparison, read block by block together.

use crate::io::raster::{Damage, SceneReader};
use crate::model::displacement::Displacement;
use crate::model::grid::{Grid, Window};
use crate::model::raster::{PairBlock, SceneBlock};
use crate::model::scene::{BandRole, Scene};

use super::error::RunError;

/// Both scenes of a comparison on its grid.
#[derive(Clone, Copy)]
pub struct ScenePair<'p> {
    /// The earlier scene.
    pub before: &'p Scene,
    /// The later scene.
    pub after: &'p Scene,
    /// Bands compared.
    pub roles: &'p [BandRole],
    /// The analysis grid.
    pub grid: &'p Grid,
}

impl ScenePair<'_> {
    /// Readers of both; the later scene lies `off` its place and is moved back.
    pub fn open(&self, off: &Displacement) -> Result<PairReader, RunError> {
        Ok(PairReader {
            before: SceneReader::open(self.before, self.roles, self.grid, (0.0, 0.0))?,
            after: SceneReader::open(self.after, self.roles, self.grid, off.clone())?,
        })
    }
}

/// One worker's readers.
pub struct PairReader {
    /// Of the earlier scene.
    pub before: SceneReader,
    /// Of the later scene.
    pub after: SceneReader,
}

impl PairReader {
    /// Reads a window of both scenes into a block whose memory is used again.
    pub fn read_into(&mut self, window: Window, block: &mut PairBlock) -> Result<(), RunError> {
        self.before.read_into(window, &mut block.before)?;
        self.after.read_into(window, &mut block.after)?;
        Ok(())
    }

    /// The same readers for a screen: see [`SceneReader::for_looking`].
    #[must_use]
    pub fn for_looking(self) -> Self {
        Self { before: self.before.for_looking(), after: self.after.for_looking() }
    }

    /// Damage met since `told`.
    pub fn new_damage(&self, told: &mut Told) -> Vec<Damage> {
        let (before, after) = (self.before.damage(), self.after.damage());
        let new = before[told.before..].iter().chain(&after[told.after..]).cloned().collect();
        *told = Told { before: before.len(), after: after.len() };
        new
    }
}

/// How much of a pair's damage was told already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    before: usize,
    after: usize,
}

/// A block without pixels, to read into.
#[must_use]
pub fn empty_block() -> PairBlock {
    let window = Window { row: 0, col: 0, rows: 0, cols: 0 };
    let scene = SceneBlock { window, bands: Vec::new(), gaps: Vec::new() };
    PairBlock { before: scene.clone(), after: scene }
}
