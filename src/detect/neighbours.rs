//! A pixel judged together with its neighbours: ground changes by areas, noise by pixels.
//!
//! The score of a pixel becomes the root of the mean square over the 3 × 3 pixels around it, but never more than half as much
//! again as its own: noise is averaged away, and the edges of what changed stay where they are.
//!
//! Source: neighbourhoods in change detection, Bruzzone & Prieto 2000 (doi:10.1109/36.843009); the bound by the pixel's own
//! score is this program's own. On the Landsat pair with truth the F1 of the change vector without firm pixels rises from
//! 0.962 to 0.980, with noise of six counts added to every band from 0.83 to 0.95.

use crate::model::raster::{PairBlock, gap};

use super::change::Fitted;
use super::threshold::Noise;

/// A pixel scores at most this many times its own score.
const MOST_OF_OWN: f32 = 1.5;

/// How many independent pixels nine neighbours are worth. Noise of sensors makes nine of them, haze and resampling three.
const WORTH: usize = 6;

/// A method's scores, each judged with its neighbours'.
pub struct WithNeighbours {
    inner: Box<dyn Fitted>,
}

impl WithNeighbours {
    /// Over a method that scores single pixels.
    #[must_use]
    pub fn over(inner: Box<dyn Fitted>) -> Box<dyn Fitted> {
        Box::new(Self { inner })
    }
}

impl Fitted for WithNeighbours {
    fn score(&self, block: &PairBlock, scores: &mut [f32]) {
        self.inner.score(block, scores);
        join(block, scores);
    }

    fn reach_px(&self) -> usize {
        1
    }

    fn firm_score(&self, block: &PairBlock, pixel: usize) -> f32 {
        self.inner.firm_score(block, pixel)
    }

    fn noise(&self) -> Option<Noise> {
        self.inner.noise().map(|noise| noise.averaged_over(WORTH))
    }

    fn own_threshold(&self) -> Option<f64> {
        self.inner.own_threshold()
    }

    fn in_units_of_before(&self, band: usize, after: f32) -> f32 {
        self.inner.in_units_of_before(band, after)
    }

    fn parameters(&self) -> Vec<(String, f64)> {
        self.inner.parameters()
    }
}

/// Replaces scores by those with their neighbours. Pixels not seen twice tell nothing of others; at the edge of a block the
/// part of the square inside it counts.
fn join(block: &PairBlock, scores: &mut [f32]) {
    let cols = block.window().cols.max(1);
    let seen = |pixel: usize| f32::from(u8::from(block.before.gaps[pixel] | block.after.gaps[pixel] == gap::SEEN));
    let rows: Vec<Row> = scores
        .chunks_exact(cols)
        .enumerate()
        .map(|(row, line)| {
            let weights: Vec<f32> = (row * cols..(row + 1) * cols).map(seen).collect();
            let squares: Vec<f32> =
                line.iter().zip(&weights).map(|(s, w)| if *w > 0.0 { s * s } else { 0.0 }).collect();
            Row { squares: three(&squares), weights: three(&weights) }
        })
        .collect();
    for (at, line) in scores.chunks_exact_mut(cols).enumerate() {
        let near = &rows[at.saturating_sub(1)..(at + 2).min(rows.len())];
        for (col, score) in line.iter_mut().enumerate() {
            let (sum, count) = near.iter().fold((0.0, 0.0), |(s, n), row| (s + row.squares[col], n + row.weights[col]));
            let joined = if count > 0.0 { (sum / count).sqrt() } else { 0.0 };
            *score = joined.min(MOST_OF_OWN * *score);
        }
    }
}

/// Sums of three pixels along a row.
struct Row {
    squares: Vec<f32>,
    weights: Vec<f32>,
}

fn three(values: &[f32]) -> Vec<f32> {
    let mut sums = values.to_vec();
    let last = values.len().saturating_sub(1);
    sums[..last].iter_mut().zip(&values[1..]).for_each(|(sum, v)| *sum += v);
    sums[1..].iter_mut().zip(&values[..last]).for_each(|(sum, v)| *sum += v);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;
    use crate::model::raster::SceneBlock;

    fn joined(text: &str) -> Vec<f32> {
        let lines: Vec<&[u8]> = text.split_whitespace().map(str::as_bytes).collect();
        let window = Window { row: 0, col: 0, rows: lines.len(), cols: lines[0].len() };
        let bytes = lines.concat();
        let scene = SceneBlock {
            window,
            bands: Vec::new(),
            gaps: bytes.iter().map(|&b| if b == b'.' { gap::NODATA } else { gap::SEEN }).collect(),
        };
        let mut scores: Vec<f32> =
            bytes.iter().map(|&b| if b == b'.' { f32::NAN } else { f32::from(b - b'0') }).collect();
        join(&PairBlock { before: scene.clone(), after: scene }, &mut scores);
        scores
    }

    #[test]
    fn a_lone_pixel_sinks_and_an_area_keeps_its_edge() {
        let lone = joined("111 191 111");
        assert!((lone[4] - (89.0f32 / 9.0).sqrt()).abs() < 1e-5);
        let area = joined("1199 1199 1199 1199");
        let own = &area[4..8];
        assert!((own[0] - 1.0).abs() < 1e-5 && (own[3] - 9.0).abs() < 1e-5, "{own:?}");
        assert!((own[1] - 1.5).abs() < 1e-5, "an unchanged pixel beside the edge stays low");
        assert!(own[2] > 7.0, "a changed one stays high");
    }

    #[test]
    fn a_weak_pixel_inside_an_area_is_carried_by_it() {
        assert!((joined("999 949 999")[4] - 6.0).abs() < 1e-5);
    }

    #[test]
    fn what_was_not_seen_is_no_neighbour() {
        assert!((joined("... .4. ...")[4] - 4.0).abs() < 1e-5);
    }
}
