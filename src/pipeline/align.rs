//! How the later scene is put on the earlier one: the shift is measured in the sample, taken back where it is large and sure
//! enough, as one shift or as a field where that explains much more, and what is left is measured again.

use std::sync::Arc;

use crate::detect::registration::{
    Correlator, MeasuredShift, Remedy, TileShift, Tiles, combine, field, middle, rmse_about, spread_about, too_few,
};
use crate::job::Progress;
use crate::model::displacement::{Displacement, SmoothField};
use crate::model::grid::{Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::Shift;
use crate::model::scene::SceneKind;
use crate::model::units::Metres;

use super::blocks::each;
use super::error::RunError;
use super::fit::{Learning, Sampled};
use super::surfaces;

/// A shift below this (pixels) is left: resampling would blur more than it mends.
const LEAST_CORRECTION_PX: f64 = 0.2;

/// Tiles that scatter more than this (pixels) do not agree well enough to move a scene by.
const LARGEST_SPREAD_PX: f64 = 0.5;

/// Tiles that scatter more than this (pixels) about one shift may tell of a field: below it there is nothing to mend.
const SUSPECT_SPREAD_PX: f64 = LEAST_CORRECTION_PX;

/// A field must leave less than this share of what the tiles scattered by about one shift.
const LARGEST_SHARE: f64 = 0.7;

/// About how many large tiles the shift is measured in; where few blocks are read, several to a block.
const LARGE_TILES: usize = 24;

/// About how many small tiles a field is measured in.
const SMALL_TILES: usize = 128;

/// A shift above this (pixels) is told even where it was taken back.
const TOLD_SHIFT_PX: f64 = 1.0;

/// Rounds in which a field is measured and taken back.
const ROUNDS: usize = 2;

/// A field is looked at in so many places along each side of the ground compared.
const LOOKS: usize = 9;

/// How the two scenes lie on each other.
#[derive(Debug, Clone)]
pub struct Alignment {
    /// The measured shift, in pixels; `None` where it could not be measured.
    pub shift: Option<MeasuredShift>,
    /// What readers of the later scene take back.
    pub correction: Displacement,
    /// Root of the mean squared misfit of the tiles as the scenes are compared, in pixels.
    pub residual_px: Option<f64>,
    /// Least and greatest length of a field over the ground compared, in pixels.
    pub range_px: Option<(f64, f64)>,
    /// Whether tiles were looked at that agree on nothing.
    pub failed: bool,
}

impl Alignment {
    /// The measured shift on a grid, in metres.
    #[must_use]
    pub fn shift_on(&self, grid: &Grid) -> Option<Shift> {
        let (width, height) = grid.transform.pixel_size();
        let shift = self.shift.as_ref()?;
        Some(Shift {
            east: Metres(shift.cols * width),
            north: Metres(-shift.rows * height),
            spread: Metres(shift.spread * width),
            residual: Metres(self.residual_px.unwrap_or(shift.spread) * width),
            field: self.range_px.map(|(least, greatest)| (Metres(least * width), Metres(greatest * width))),
            tiles: shift.tiles,
            corrected: !self.correction.is_none(),
        })
    }

    /// Standard error along one axis with which the compared scenes lie on each other, in pixels.
    #[must_use]
    pub fn position_error_px(&self) -> Option<f64> {
        let shift = self.shift.as_ref()?;
        let of_the_mean = shift.spread / (shift.tiles as f64).sqrt();
        Some(match &self.correction {
            // What the field leaves differs from place to place, and no mean takes it away.
            Displacement::Field(_) => self.residual_px.unwrap_or(shift.spread) / std::f64::consts::SQRT_2,
            correction if correction.is_none() => shift.cols.hypot(shift.rows).hypot(of_the_mean),
            Displacement::Constant(..) => of_the_mean,
        })
    }
}

/// What to tell of a shift: above a pixel always, even where it was taken back, and where more than a pixel is left.
pub fn notice(shift: &Shift, grid: &Grid) -> Option<Notice> {
    let pixel = grid.transform.pixel_size().0;
    let most = shift.field.map_or(shift.length(), |(_, greatest)| greatest);
    if most.0.max(shift.residual.0) <= TOLD_SHIFT_PX * pixel {
        return None;
    }
    let code = match (shift.corrected, shift.field) {
        (_, Some(_)) => "shift_field",
        (true, None) => "shift_corrected",
        (false, None) => "shift_left",
    };
    let metres = |m: Metres| format!("{:.2}", m.0);
    let pixels = |m: Metres| format!("{:.1}", m.0 / pixel);
    let notice = Notice::new(code, Weight::Warning).fact("residual", metres(shift.residual));
    Some(match shift.field {
        Some((least, greatest)) => notice.fact("least", pixels(least)).fact("greatest", pixels(greatest)),
        None => notice.fact("metres", metres(shift.length())).fact("pixels", pixels(shift.length())),
    })
}

/// Tiles in which the shift was measured.
struct Measured {
    tiles: Vec<TileShift>,
    offered: usize,
    /// Whether dark and bright could be exchanged.
    signless: bool,
}

/// The sample as it lies with the later scene moved back.
struct Laid<'l> {
    learning: &'l Learning<'l>,
    chosen: &'l [usize],
    progress: &'l Progress,
    off: Displacement,
    sampled: Vec<Sampled>,
}

impl Learning<'_> {
    /// The sample, the later scene put on the earlier one, and how.
    pub(super) fn aligned(&self, chosen: &[usize], progress: &Progress) -> Result<(Vec<Sampled>, Alignment), RunError> {
        let off = Displacement::NONE;
        let sampled = self.read(chosen, &off, progress)?;
        let mut laid = Laid { learning: self, chosen, progress, off, sampled };
        let alignment = laid.align()?;
        Ok((laid.sampled, alignment))
    }

    /// The ground compared.
    fn ground(&self) -> Window {
        let end = |start: fn(&Window) -> usize, length: fn(&Window) -> usize| {
            let first = self.tiles.iter().map(start).min().unwrap_or(0);
            let last = self.tiles.iter().map(|tile| start(tile) + length(tile)).max().unwrap_or(0);
            (first, last - first)
        };
        let ((row, rows), (col, cols)) = (end(|w| w.row, |w| w.rows), end(|w| w.col, |w| w.cols));
        Window { row, col, rows, cols }
    }
}

impl Laid<'_> {
    fn align(&mut self) -> Result<Alignment, RunError> {
        let correction = Displacement::NONE;
        let unknown = Alignment { shift: None, correction, residual_px: None, range_px: None, failed: false };
        if self.learning.kind == SceneKind::Landcover {
            return Ok(unknown);
        }
        let large = self.large_tiles()?;
        let shift = combine(&large.tiles, large.offered);
        let remedy = self.learning.remedy;
        if remedy == Remedy::Field
            && shift.is_none_or(|shift| shift.spread > SUSPECT_SPREAD_PX)
            && let Some(by_field) = self.by_field(&large, shift)?
        {
            return Ok(by_field);
        }
        let Some(shift) = shift else {
            self.lay(Displacement::NONE)?;
            return Ok(Alignment { failed: large.offered > 0, ..unknown });
        };
        let shift = self.refined(shift, Displacement::NONE)?;
        let correction = if remedy == Remedy::Nothing { Displacement::NONE } else { sure_enough(&shift) };
        self.lay(correction.clone())?;
        let residual = rmse_about(&large.tiles, |tile| correction.at(tile.centre.0, tile.centre.1));
        Ok(Alignment { shift: Some(shift), correction, residual_px: Some(residual), ..unknown })
    }

    /// Reads the sample anew where it lies otherwise.
    fn lay(&mut self, off: Displacement) -> Result<(), RunError> {
        if off != self.off {
            // The old blocks go first: memory holds one sample.
            self.sampled = Vec::new();
            self.sampled = self.learning.read(self.chosen, &off, self.progress)?;
            self.off = off;
        }
        Ok(())
    }

    /// The correction by a field; `None` where one shift does nearly as well.
    fn by_field(&mut self, large: &Measured, shift: Option<MeasuredShift>) -> Result<Option<Alignment>, RunError> {
        let ground = self.learning.ground();
        let begin = match (field::smooth(&large.tiles, &ground), shift) {
            (Some(field), _) => Displacement::Field(Arc::new(field)),
            (None, Some(shift)) => large_enough(&shift),
            // The small tiles may agree where the large ones, each of them pulled apart, do not.
            (None, None) if !too_few(&large.tiles, large.offered) => middle(&large.tiles).into(),
            (None, None) => return Ok(None),
        };
        self.lay(begin)?;
        for _ in 0..ROUNDS {
            let small = self.measured(Tiles::small, SMALL_TILES, large.signless)?;
            let Some(further) = field::smooth(&small.tiles, &ground) else { break };
            self.lay(sum(&self.off, &further))?;
        }
        let Displacement::Field(field) = self.off.clone() else { return Ok(None) };
        let field = self.refined_field(field)?;
        let left = self.large_tiles()?;
        let one = middle(&large.tiles);
        let before = spread_about(&large.tiles, |_| one);
        let after = spread_about(&left.tiles, |_| (0.0, 0.0));
        if too_few(&left.tiles, left.offered) || after > LARGEST_SPREAD_PX.min(LARGEST_SHARE * before) {
            return Ok(None);
        }
        let (cols, rows) = mean(&left.tiles, &field);
        let residual = rmse_about(&left.tiles, |_| (0.0, 0.0));
        Ok(Some(Alignment {
            shift: Some(MeasuredShift { cols, rows, spread: after, tiles: left.tiles.len() }),
            range_px: Some(range(&field, &ground)),
            correction: Displacement::Field(field),
            residual_px: Some(residual),
            failed: false,
        }))
    }

    /// The shift that the heights of two surfaces tell where the later one lies so; of other scenes the one given.
    fn refined(&mut self, shift: MeasuredShift, off: Displacement) -> Result<MeasuredShift, RunError> {
        if self.learning.kind != SceneKind::Surface {
            return Ok(shift);
        }
        self.lay(off)?;
        Ok(surfaces::refined(&self.sampled, shift))
    }

    /// A field with the last tenths of a pixel that the heights of two surfaces tell.
    fn refined_field(&mut self, field: Arc<SmoothField>) -> Result<Arc<SmoothField>, RunError> {
        let none = MeasuredShift { cols: 0.0, rows: 0.0, spread: 0.0, tiles: 0 };
        let rest = self.refined(none, self.off.clone())?;
        if (rest.cols, rest.rows) == (0.0, 0.0) {
            return Ok(field);
        }
        let field = Arc::new(field.plus(|_| (rest.cols, rest.rows)));
        self.lay(Displacement::Field(Arc::clone(&field)))?;
        Ok(field)
    }

    /// The shift of large tiles. Where they tell nothing, dark and bright may be exchanged between the scenes.
    fn large_tiles(&self) -> Result<Measured, RunError> {
        let plain = self.measured(Tiles::large, LARGE_TILES, false)?;
        if combine(&plain.tiles, plain.offered).is_some() {
            return Ok(plain);
        }
        let signless = self.measured(Tiles::large, LARGE_TILES, true)?;
        let tells = combine(&signless.tiles, signless.offered).is_some() || signless.tiles.len() > plain.tiles.len();
        Ok(if tells { signless } else { plain })
    }

    /// Measures about `wanted` tiles, spread over the blocks of the sample.
    fn measured(&self, tiles: fn(usize) -> Tiles, wanted: usize, signless: bool) -> Result<Measured, RunError> {
        let every = self.sampled.len().div_ceil(wanted).max(1);
        let blocks: Vec<&Sampled> = self.sampled.iter().step_by(every).collect();
        let tiles = tiles((wanted / blocks.len().max(1)).max(1));
        let roles = self.learning.pair.roles;
        let open = || {
            let correlator = Correlator::new(roles);
            Ok::<_, RunError>(if signless { correlator.whatever_the_sign() } else { correlator })
        };
        let mut measured = Measured { tiles: Vec::new(), offered: 0, signless };
        each(
            &blocks,
            self.learning.jobs,
            open,
            |correlator, _, block| Ok(correlator.measure(&block.block, tiles)),
            |_, shifts| {
                self.progress.advance(0)?;
                measured.offered += shifts.len();
                measured.tiles.extend(shifts.into_iter().flatten());
                Ok(())
            },
        )?;
        Ok(measured)
    }
}

/// The part of a measured shift that is taken back: all of it where it is large and sure enough, else nothing.
fn sure_enough(shift: &MeasuredShift) -> Displacement {
    if shift.spread <= LARGEST_SPREAD_PX { large_enough(shift) } else { Displacement::NONE }
}

/// A shift worth taking back, or none.
fn large_enough(shift: &MeasuredShift) -> Displacement {
    let large = shift.cols.hypot(shift.rows) >= LEAST_CORRECTION_PX;
    if large { Displacement::Constant(shift.cols, shift.rows) } else { Displacement::NONE }
}

/// A further field on top of what is taken back already. All fields of a comparison share their control points.
fn sum(first: &Displacement, further: &SmoothField) -> Displacement {
    Displacement::Field(Arc::new(match first {
        Displacement::Constant(cols, rows) => further.plus(|_| (*cols, *rows)),
        Displacement::Field(field) => further.plus(|control| field.controls[control]),
    }))
}

/// The mean of a field over the tiles.
fn mean(tiles: &[TileShift], field: &SmoothField) -> (f64, f64) {
    let at = tiles.iter().map(|tile| field.at(tile.centre.0, tile.centre.1));
    let (cols, rows) = at.fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
    (cols / tiles.len() as f64, rows / tiles.len() as f64)
}

/// Least and greatest length of a field over the ground compared.
fn range(field: &SmoothField, ground: &Window) -> (f64, f64) {
    let along =
        |start: usize, length: usize, look: usize| start as f64 + length as f64 * look as f64 / (LOOKS - 1) as f64;
    let places = (0..LOOKS).flat_map(|down| (0..LOOKS).map(move |right| (down, right)));
    let lengths = places.map(|(down, right)| {
        let (cols, rows) = field.at(along(ground.col, ground.cols, right), along(ground.row, ground.rows, down));
        cols.hypot(rows)
    });
    lengths.fold((f64::INFINITY, 0.0), |(least, greatest), length| (least.min(length), greatest.max(length)))
}
