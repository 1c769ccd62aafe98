//! The part of a patch that one block holds, and what is summed over it while the pixels are in memory.

use crate::model::class::CoverClass;
use crate::model::grid::Window;
use crate::model::raster::{PairBlock, mask};
use crate::model::units::SquareMetres;

use super::change::Fitted;
use super::cover::{ClassCounts, Classifier, Epoch};
use super::habit::Season;
use super::misfit::{FIRM_SCORE, LEAST_FIRM};
use super::run::{Connectivity, Run, components, runs_of};
use super::volume::Moved;

/// Patches join by sides and corners: a road one pixel wide is one patch in any direction.
pub const JOINED_BY: Connectivity = Connectivity::Eight;

/// How far outside a patch its rim is looked at, in pixels: beyond the blur of its edge.
const RIM: isize = 3;

/// What lies around a patch, sampled at both ends of its runs and above and below their middles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rim {
    /// Samples that were seen at both dates and did not change.
    pub seen: usize,
    /// Of these, water before.
    pub water_before: usize,
    /// Of these, water after.
    pub water_after: usize,
    /// Samples that a cloud, a shadow or a mask hides.
    pub hidden: usize,
}

impl Rim {
    fn add(&mut self, other: &Self) {
        self.seen += other.seen;
        self.water_before += other.water_before;
        self.water_after += other.water_after;
        self.hidden += other.hidden;
    }
}

/// Sums over the changed pixels of a piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// Number of changed pixels.
    pub pixels: usize,
    /// Of these, how many are firm (see [`super::misfit`]).
    pub firm: usize,
    /// Sum of the shares of like ground that changed alike; of scenes of different seasons only.
    pub habit: f64,
    /// Sum of the scores.
    pub score: f64,
    /// Highest score.
    pub max_score: f64,
    /// Sum of each band before.
    pub before: Vec<f64>,
    /// Sum of each band after.
    pub after: Vec<f64>,
    /// Pixels by class before.
    pub from: ClassCounts,
    /// Pixels by class after.
    pub to: ClassCounts,
    /// What lies around.
    pub rim: Rim,
    /// Ground moved; nothing where heights are not known.
    pub moved: Moved,
}

impl Sums {
    /// Adds another piece of the same patch.
    pub fn add(&mut self, other: &Self) {
        self.pixels += other.pixels;
        self.firm += other.firm;
        self.habit += other.habit;
        self.score += other.score;
        self.max_score = self.max_score.max(other.max_score);
        add_each(&mut self.before, &other.before);
        add_each(&mut self.after, &other.after);
        self.from.add_all(&other.from);
        self.to.add_all(&other.to);
        self.rim.add(&other.rim);
        self.moved.add_all(&other.moved);
    }
}

fn add_each(sums: &mut Vec<f64>, others: &[f64]) {
    sums.resize(others.len().max(sums.len()), 0.0);
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum += other;
    }
}

/// The part of a patch that one block holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its runs on the analysis grid, sorted.
    pub runs: Vec<Run>,
    /// Those of its runs that lie on the block's edge, where it may go on in the neighbour.
    pub edge_runs: Vec<Run>,
    /// Sums over its pixels.
    pub sums: Sums,
}

impl Piece {
    /// The smallest window around it.
    #[must_use]
    pub fn window(&self) -> Window {
        window_around(&self.runs)
    }
}

/// How pieces are found.
pub struct PieceRules<'r> {
    /// The method that scored the block.
    pub fitted: &'r dyn Fitted,
    /// The score above which a pixel changed.
    pub threshold: f32,
    /// Classes of the ground.
    pub classifier: &'r Classifier,
    /// Pieces inside a block with fewer pixels are noise.
    pub least_pixels: usize,
    /// Area of a pixel on the ground.
    pub pixel: SquareMetres,
}

impl PieceRules<'_> {
    /// The pieces of one block.
    ///
    /// What half a pixel of misfit explains is first taken out of `changed`. Pieces that end inside the block with fewer
    /// than `least_pixels` pixels are left out at once, so that noise costs no memory; what reaches the block's edge may go
    /// on in the neighbour and is judged when its pieces are joined. What the season explains and what it does not are
    /// pieces apart, though they touch.
    #[must_use]
    pub fn pieces(&self, block: &PairBlock, changed: &mut [u8], scores: &[f32]) -> Vec<Piece> {
        let window = block.window();
        let is_firm = self.keep_firm(block, changed);
        let shares = self.fitted.season().map(|season| (season, season.habits.shares(block, changed)));
        let runs = match &shares {
            Some((season, shares)) => season_runs(shares, season, &window),
            None => changed_runs(changed, &window),
        };
        let mut pieces = Vec::new();
        for members in components(&runs, JOINED_BY) {
            let runs: Vec<Run> = members.iter().map(|&i| runs[i]).collect();
            let edge_runs: Vec<Run> = runs.iter().copied().filter(|run| on_edge(run, &window)).collect();
            if runs.iter().map(Run::len).sum::<usize>() >= self.least_pixels || !edge_runs.is_empty() {
                let pixels = || runs.iter().flat_map(|run| span(run, &window));
                let firm = pixels().filter(|&pixel| is_firm[pixel]).count();
                let habit = shares.iter().flat_map(|(_, shares)| pixels().map(|pixel| f64::from(shares[pixel]))).sum();
                let rim = self.rim(&runs, block, changed);
                let sums = Sums { firm, habit, rim, ..self.sums(&runs, block, scores) };
                pieces.push(Piece { runs, edge_runs, sums });
            }
        }
        pieces
    }

    /// Which pixels are firm. Of components that hardly are, only the surroundings of their firm pixels stay changed: so
    /// edges that hang together all over a block go, and what stands among them stays.
    fn keep_firm(&self, block: &PairBlock, changed: &mut [u8]) -> Vec<bool> {
        let window = block.window();
        let mut is_firm = vec![false; window.len()];
        let least = self.threshold * FIRM_SCORE;
        let runs = changed_runs(changed, &window);
        for members in components(&runs, JOINED_BY) {
            let pixels: Vec<usize> = members.iter().flat_map(|&i| span(&runs[i], &window)).collect();
            let scores = self.fitted.firm_scores(block, &pixels);
            let scored = pixels.iter().zip(scores).filter(|(_, score)| *score > least);
            let firm: Vec<usize> = scored.map(|(&pixel, _)| pixel).collect();
            if (firm.len() as f64) < LEAST_FIRM * pixels.len() as f64 {
                for &pixel in &pixels {
                    changed[pixel] = TAKEN_BACK;
                }
                for &pixel in &firm {
                    restore_around(pixel, changed, window.cols);
                }
                for pixel in pixels {
                    if changed[pixel] == TAKEN_BACK {
                        changed[pixel] = mask::UNCHANGED;
                    }
                }
            }
            for pixel in firm {
                is_firm[pixel] = true;
            }
        }
        is_firm
    }

    fn sums(&self, runs: &[Run], block: &PairBlock, scores: &[f32]) -> Sums {
        let window = block.window();
        let pixels = || runs.iter().flat_map(|run| span(run, &window));
        let total = |plane: &[f32]| -> f64 { pixels().map(|pixel| f64::from(plane[pixel])).sum() };
        let mut sums = Sums {
            pixels: runs.iter().map(Run::len).sum(),
            score: total(scores),
            max_score: f64::from(pixels().map(|pixel| scores[pixel]).fold(0.0f32, f32::max)),
            before: block.before.bands.iter().map(|plane| total(plane)).collect(),
            after: block.after.bands.iter().map(|plane| total(plane)).collect(),
            ..Sums::default()
        };
        for pixel in pixels() {
            sums.from.add(self.classifier.pixel(block, Epoch::Before, pixel));
            sums.to.add(self.classifier.pixel(block, Epoch::After, pixel));
        }
        if let Some(heights) = self.fitted.heights() {
            pixels().for_each(|pixel| sums.moved.add(heights.rise_m(block, pixel), self.pixel.0));
        }
        sums
    }

    fn rim(&self, runs: &[Run], block: &PairBlock, changed: &[u8]) -> Rim {
        let window = block.window();
        let mut rim = Rim::default();
        for run in runs {
            let (row, start, end) = (run.row as isize, run.start as isize, run.end as isize);
            let middle = isize::midpoint(start, end);
            let places = [(row, start - RIM), (row, end - 1 + RIM), (row - RIM, middle), (row + RIM, middle)];
            for pixel in places.into_iter().filter_map(|place| inside(place, &window)) {
                if changed[pixel] == mask::CHANGED {
                    continue;
                }
                if block.seen(pixel) {
                    rim.seen += 1;
                    let water = |epoch| usize::from(self.classifier.pixel(block, epoch, pixel) == CoverClass::Water);
                    rim.water_before += water(Epoch::Before);
                    rim.water_after += water(Epoch::After);
                } else if block.is_hidden(pixel) {
                    rim.hidden += 1;
                }
            }
        }
        rim
    }
}

/// Changed, but for the time being not.
const TAKEN_BACK: u8 = 254;

/// How far around a firm pixel change stays, where its component is not firm.
const FIRM_REACH: usize = 2;

fn restore_around(pixel: usize, changed: &mut [u8], cols: usize) {
    let (rows, row, col) = (changed.len() / cols, pixel / cols, pixel % cols);
    for near_row in row.saturating_sub(FIRM_REACH)..(row + FIRM_REACH + 1).min(rows) {
        let (left, right) = (col.saturating_sub(FIRM_REACH), (col + FIRM_REACH + 1).min(cols));
        for state in changed[near_row * cols + left..near_row * cols + right].iter_mut().filter(|s| **s == TAKEN_BACK) {
            *state = mask::CHANGED;
        }
    }
}

fn changed_runs(changed: &[u8], window: &Window) -> Vec<Run> {
    runs_of(changed, window, |pixel| (pixel == mask::CHANGED).then_some(1))
}

/// Runs of changed pixels, those of habits with another value than the others.
fn season_runs(shares: &[f32], season: &Season, window: &Window) -> Vec<Run> {
    runs_of(shares, window, |share: f32| (!share.is_nan()).then(|| 1 + i32::from(season.explains(share))))
}

/// Index of a place of the grid in a window's pixels.
fn inside((row, col): (isize, isize), window: &Window) -> Option<usize> {
    let row = usize::try_from(row).ok()?.checked_sub(window.row)?;
    let col = usize::try_from(col).ok()?.checked_sub(window.col)?;
    (row < window.rows && col < window.cols).then_some(row * window.cols + col)
}

/// Where a run lies in a window's pixels.
pub(super) fn span(run: &Run, window: &Window) -> std::ops::Range<usize> {
    let at = (run.row as usize - window.row) * window.cols + run.start as usize - window.col;
    at..at + run.len()
}

/// Whether a run touches the edge of a window.
pub(super) fn on_edge(run: &Run, window: &Window) -> bool {
    let (row, start, end) = (run.row as usize, run.start as usize, run.end as usize);
    let last_row = window.row + window.rows - 1;
    row == window.row || row == last_row || start == window.col || end == window.col + window.cols
}

/// The smallest window around runs.
pub(super) fn window_around(runs: &[Run]) -> Window {
    let fold = |pick: fn(u32, u32) -> u32, of: fn(&Run) -> u32| runs.iter().map(of).reduce(pick).unwrap_or(0) as usize;
    let (row, last) = (fold(u32::min, |r| r.row), fold(u32::max, |r| r.row));
    let (col, end) = (fold(u32::min, |r| r.start), fold(u32::max, |r| r.end));
    Window { row, col, rows: if runs.is_empty() { 0 } else { last + 1 - row }, cols: end - col }
}
