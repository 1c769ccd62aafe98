//! Scores and masks → colours. Colours are multiplied by their opacity, so that a screen can lay them over a map as they
//! are.

use geo_types::Rect;

use crate::model::raster::mask;

use super::lesson::Lesson;

/// A picture at its place on the ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// The box that it fills, in the analysis CRS.
    pub bounds: Rect<f64>,
    /// Red, green, blue, each multiplied by the opacity, and the opacity; row by row.
    pub rgba: Vec<u8>,
}

/// Colours along the scores: violet, magenta, orange, yellow. Hue and lightness both rise, so that it reads without colour
/// too. Source: stops of the map "plasma", van der Walt & Smith 2015, <https://bids.github.io/colormap/>.
const HEAT: [[f32; 3]; 5] =
    [[75., 3., 161.], [156., 23., 158.], [216., 87., 107.], [250., 158., 59.], [240., 249., 33.]];

/// Opacity of scores that stand out.
const FULL: f32 = 0.92;

/// How much fainter scores outside every zone and ring are: nothing is judged there.
const ELSEWHERE: f32 = 0.35;

/// A change: a colour that neither plants nor soil nor roofs have.
const CHANGED: [u8; 4] = [235, 20, 150, 235];

/// The lines of the hatch over what was not observed, and between them.
const HATCH: [u8; 4] = [168, 168, 168, 190];
const BETWEEN: [u8; 4] = [20, 20, 20, 40];

/// Where a score stands along the scale, 0–1. The scale is that of the root: thresholds lie where most scores are, and rare
/// high ones must not press them together.
#[must_use]
pub fn place_of(score: f64, high: f64) -> f64 {
    (score / high).clamp(0.0, 1.0).sqrt()
}

/// The score at a place along the scale.
#[must_use]
pub fn score_at(place: f64, high: f64) -> f64 {
    place * place * high
}

/// The colour of a place along the scale, 0–1.
#[must_use]
pub fn heat_at(place: f32) -> [u8; 3] {
    let place = place.clamp(0.0, 1.0) * (HEAT.len() - 1) as f32;
    let from = (place as usize).min(HEAT.len() - 2);
    let part = place - from as f32;
    [0, 1, 2].map(|c| (HEAT[from][c] + (HEAT[from + 1][c] - HEAT[from][c]) * part) as u8)
}

/// Steps of the table of colours.
const STEPS: usize = 1024;

/// The picture of scores. A score is opaque from the noise level on, or from a quarter of the scale.
pub(super) fn heat(scores: &[f32], domain: &[bool], lesson: &Lesson) -> Vec<u8> {
    let high = lesson.histogram().high.max(f64::MIN_POSITIVE) as f32;
    let level = lesson.noise_level().map_or(high / 4.0, |level| level as f32);
    let table: Vec<[[u8; 4]; 2]> = (0..STEPS).map(|step| heat_step(step, high, level)).collect();
    let per_score = (STEPS - 1) as f32 / high;
    let mut rgba = vec![0; scores.len() * 4];
    for ((pixel, score), inside) in rgba.chunks_exact_mut(4).zip(scores).zip(domain) {
        if !score.is_nan() {
            let step = ((score * per_score) as usize).min(STEPS - 1);
            pixel.copy_from_slice(&table[step][usize::from(*inside)]);
        }
    }
    rgba
}

/// One step of the scale, outside and inside the zones.
fn heat_step(step: usize, high: f32, level: f32) -> [[u8; 4]; 2] {
    let share = step as f32 / (STEPS - 1) as f32;
    let place = share.sqrt();
    let strength = (share * high / level).min(1.0);
    let opacity = FULL * strength * strength;
    [ELSEWHERE, 1.0].map(|fainter| {
        let opacity = opacity * fainter;
        let [r, g, b] = heat_at(place).map(|c| (f32::from(c) * opacity) as u8);
        [r, g, b, (opacity * 255.0) as u8]
    })
}

/// The picture of a mask: changed, not observed hatched, all else clear.
pub(super) fn mask(states: &[u8], domain: &[bool], cols: usize, hatch: usize) -> Vec<u8> {
    let [changed, line, between] = [CHANGED, HATCH, BETWEEN].map(multiplied);
    let mut rgba = vec![0; states.len() * 4];
    let rows = rgba.chunks_exact_mut(cols.max(1) * 4).zip(states.chunks_exact(cols.max(1)));
    for ((row, (pixels, states)), domain) in rows.enumerate().zip(domain.chunks_exact(cols.max(1))) {
        for (col, (pixel, state)) in pixels.chunks_exact_mut(4).zip(states).enumerate() {
            match *state {
                mask::CHANGED => pixel.copy_from_slice(&changed),
                mask::NOT_OBSERVED if domain[col] => {
                    let is_line = (row + col) % hatch.max(2) < hatch.max(2).div_ceil(3);
                    pixel.copy_from_slice(if is_line { &line } else { &between });
                }
                _ => {}
            }
        }
    }
    rgba
}

fn multiplied([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let by = |c: u8| (u16::from(c) * u16::from(a) / 255) as u8;
    [by(r), by(g), by(b), a]
}
