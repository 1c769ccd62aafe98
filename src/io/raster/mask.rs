//! Quality layers and user masks: which pixels a cloud, a shadow or a person hides. Codes are never averaged; polygons
//! are `polygons`.

use std::rc::Rc;

use super::polygons::PolygonReader;
use super::refusal::RasterError;
use super::resample::{Positions, Route};
use super::source::{Damage, Place, Source, Squeeze};
use crate::io::crs::Transformer;
use crate::model::displacement::Displacement;
use crate::model::grid::{Grid, Window};
use crate::model::raster::gap;
use crate::model::scene::{CodeMask, MaskRule, SceneMask};

/// Most codes held at once.
const MOST_CODES: usize = 16 << 20;

/// Reads a scene's mask on windows of the analysis grid.
pub enum MaskReader {
    /// From a raster.
    Codes(Box<CodeReader>),
    /// From polygons.
    Polygons(PolygonReader),
}

impl MaskReader {
    /// A reader of a scene's mask; the mask lies as far `off` its place as its scene, and moves with it.
    ///
    /// # Errors
    /// [`RasterError::Crs`] where the CRS of a raster cannot be reached from the grid's.
    pub fn new(mask: &SceneMask, target: &Grid, off: &Displacement) -> Result<Self, RasterError> {
        Ok(match mask {
            SceneMask::Codes(codes) => Self::Codes(Box::new(CodeReader::new(codes, target, off)?)),
            SceneMask::Polygons(polygons) => Self::Polygons(PolygonReader::new(polygons, target, off)),
        })
    }

    /// Marks what the mask hides in a window: [`gap::MASKED`], or [`gap::DAMAGED`] where a raster cannot be decoded.
    /// Beyond the mask nothing is hidden.
    ///
    /// # Errors
    /// [`RasterError`] where a raster cannot be opened.
    pub fn apply(&mut self, window: Window, gaps: &mut [u8], damage: &mut Vec<Damage>) -> Result<(), RasterError> {
        match self {
            Self::Codes(codes) => codes.apply(window, gaps, damage),
            Self::Polygons(polygons) => {
                polygons.apply(window, gaps);
                Ok(())
            }
        }
    }
}

/// Reads a mask raster on windows of the analysis grid.
pub struct CodeReader {
    mask: CodeMask,
    route: Route,
    source: Option<Source>,
    codes: Vec<u32>,
    hides: [bool; 256],
}

impl CodeReader {
    fn new(mask: &CodeMask, target: &Grid, off: &Displacement) -> Result<Self, RasterError> {
        let path = mask.file.path.clone();
        let transformer =
            Transformer::new(&target.crs, &mask.file.grid.crs).map_err(|source| RasterError::Crs { path, source })?;
        let route = Route {
            target: target.transform,
            source: mask.file.grid.transform,
            transformer: Rc::new(transformer),
            shift: off.clone(),
        };
        let hides = hidden(&mask.rule);
        Ok(Self { mask: mask.clone(), route, source: None, codes: Vec::new(), hides })
    }

    fn apply(&mut self, window: Window, gaps: &mut [u8], damage: &mut Vec<Damage>) -> Result<(), RasterError> {
        let grid = &self.mask.file.grid;
        let positions = Positions::of(window, &self.route);
        let Some(needed) = positions.source_window(1.0, grid.rows, grid.cols) else { return Ok(()) };
        if self.source.is_none() {
            self.source = Some(Source::open(&self.mask.file.path)?);
        }
        let Some(source) = &self.source else { return Ok(()) };
        let squeeze = (needed.len() as f64 / MOST_CODES as f64).sqrt().max(1.0);
        let fewer = |pixels: usize| ((pixels as f64 / squeeze) as usize).max(1);
        let (rows, cols) = (fewer(needed.rows), fewer(needed.cols));
        self.codes.clear();
        self.codes.resize(rows * cols, 0);
        let band = self.mask.file.bands.first().map_or(1, |b| b.index);
        let place = Place { start: 0, stride: cols, rows, cols };
        let read = source.read_band(band, needed, &mut self.codes, place, Squeeze::Nearest);
        if read.is_err() {
            damage.push(Damage { path: self.mask.file.path.clone(), window: needed });
        }
        let lost = read.is_err();
        let (across, down) = (cols as f64 / needed.cols as f64, rows as f64 / needed.rows as f64);
        let mut line = Vec::new();
        for row in 0..window.rows {
            positions.row(row, &mut line);
            for (gap, (x, y)) in gaps[row * window.cols..].iter_mut().zip(&line) {
                let (u, v) = ((x - needed.col as f64) * across, (y - needed.row as f64) * down);
                if !(u >= 0.0 && v >= 0.0 && u < cols as f64 && v < rows as f64) {
                    continue;
                }
                let code = self.codes[v as usize * cols + u as usize];
                let hidden = self.hides.get(code as usize).copied().unwrap_or_else(|| self.mask.rule.hides(code));
                let reason = if lost { gap::DAMAGED } else { gap::MASKED * u8::from(hidden) };
                *gap = (*gap).max(reason);
            }
        }
        Ok(())
    }
}

/// The rule for the codes of one byte, as a table.
fn hidden(rule: &MaskRule) -> [bool; 256] {
    let mut table = [false; 256];
    for (code, hides) in table.iter_mut().enumerate() {
        *hides = rule.hides(code as u32);
    }
    table
}
