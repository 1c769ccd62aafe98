//! Pieces → patches: joined across block seams, holes filled, small ones left out, outlined.

use geo_types::Point;

use crate::model::class::CoverClass;
use crate::model::grid::Grid;
use crate::model::patch::{Patch, Surroundings};
use crate::model::units::{Fraction, SquareMetres};
use crate::model::volume::Volume;

use super::outline::outline;
use super::piece::{JOINED_BY, Piece, Sums, on_edge, window_around};
use super::run::{Connectivity, DisjointSets, Run, components, touching};
use super::volume::Moved;

/// Which pieces of which blocks are one patch: groups of indices, in the order of their first piece.
#[must_use]
pub fn join(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let mut edge: Vec<(Run, usize)> = Vec::new();
    for (owner, piece) in pieces.iter().enumerate() {
        edge.extend(piece.edge_runs.iter().map(|&run| (run, owner)));
    }
    edge.sort_unstable();
    let runs: Vec<Run> = edge.iter().map(|e| e.0).collect();
    let mut sets = DisjointSets::new(pieces.len());
    touching(&runs, JOINED_BY, |a, b| sets.unite(edge[a].1, edge[b].1));
    sets.groups()
}

/// What makes a patch worth reporting, and how it is described.
pub struct PatchRules<'a> {
    /// The analysis grid.
    pub grid: &'a Grid,
    /// Fewest pixels of a patch, holes not filled.
    pub least_pixels: usize,
    /// Smallest area by class after the change.
    pub least_area: &'a dyn Fn(CoverClass) -> SquareMetres,
    /// Largest hole, in pixels, that is filled.
    pub hole_pixels: usize,
    /// Area on the ground of an outline.
    pub area_of: &'a dyn Fn(&geo_types::MultiPolygon<f64>) -> SquareMetres,
    /// The volume of moved ground with its error; `None` where heights are not known.
    pub volume_of: &'a dyn Fn(&Moved) -> Option<Volume>,
}

impl PatchRules<'_> {
    /// The patch that a group of pieces makes; `None` where it is too small to report.
    #[must_use]
    pub fn patch(&self, pieces: &[&Piece]) -> Option<Patch> {
        let mut sums = Sums::default();
        for piece in pieces {
            sums.add(&piece.sums);
        }
        if sums.pixels < self.least_pixels {
            return None;
        }
        let mut runs: Vec<Run> = pieces.iter().flat_map(|piece| piece.runs.iter().copied()).collect();
        runs.sort_unstable();
        let runs = fill_holes(merge_abutting(&runs), self.hole_pixels);
        let mean = |total: &[f64]| total.iter().map(|v| v / sums.pixels as f64).collect::<Vec<f64>>();
        let (from_class, to_class) = (sums.from.majority(), sums.to.majority());
        let shape = outline(&runs, &self.grid.transform);
        let area = (self.area_of)(&shape);
        (area.0 >= (self.least_area)(to_class).0 && is_wide_enough(&runs)).then(|| Patch {
            point: point_on(&runs, self.grid),
            area,
            pixels: runs.iter().map(Run::len).sum(),
            window: window_around(&runs),
            mean_score: sums.score / sums.pixels as f64,
            max_score: sums.max_score,
            from_class,
            to_class,
            mean_before: mean(&sums.before),
            mean_after: mean(&sums.after),
            firm: Fraction(sums.firm as f64 / sums.pixels as f64),
            habit: Fraction(sums.habit / sums.pixels as f64),
            around: surroundings(&sums),
            volume: (self.volume_of)(&sums.moved),
            shape,
        })
    }
}

fn surroundings(sums: &Sums) -> Surroundings {
    let share = |part: usize, of: usize| Fraction(if of > 0 { part as f64 / of as f64 } else { 0.0 });
    let rim = &sums.rim;
    Surroundings {
        water_before: share(rim.water_before, rim.seen),
        water_after: share(rim.water_after, rim.seen),
        hidden: share(rim.hidden, rim.hidden + rim.seen),
    }
}

/// Whether some 2 × 2 pixels lie inside: a line one pixel wide is an edge effect, not ground that changed.
fn is_wide_enough(runs: &[Run]) -> bool {
    let mut wide = false;
    touching(runs, Connectivity::Four, |a, b| {
        let (a, b) = (&runs[a], &runs[b]);
        wide |= a.row != b.row && a.end.min(b.end) >= a.start.max(b.start) + 2;
    });
    wide
}

/// Joins runs that block seams cut.
fn merge_abutting(runs: &[Run]) -> Vec<Run> {
    let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
    for &run in runs {
        match merged.last_mut() {
            Some(last) if last.row == run.row && last.end == run.start => last.end = run.end,
            _ => merged.push(run),
        }
    }
    merged
}

/// Fills holes of at most `limit` pixels. A hole is background that is joined by sides and reaches no border of the
/// patch's window.
fn fill_holes(runs: Vec<Run>, limit: usize) -> Vec<Run> {
    let gaps = gaps_between(&runs);
    let window = window_around(&runs);
    let is_hole = |members: &Vec<usize>| {
        let pixels: usize = members.iter().map(|&i| gaps[i].len()).sum();
        pixels <= limit && !members.iter().any(|&i| on_edge(&gaps[i], &window))
    };
    let holes: Vec<Vec<usize>> = components(&gaps, Connectivity::Four).into_iter().filter(is_hole).collect();
    if holes.is_empty() {
        return runs;
    }
    let mut filled = runs;
    filled.extend(holes.iter().flatten().map(|&i| Run { value: 1, ..gaps[i] }));
    filled.sort_unstable();
    merge_abutting(&filled)
}

/// The background of the runs' window, as sorted runs.
fn gaps_between(runs: &[Run]) -> Vec<Run> {
    let window = window_around(runs);
    let (west, east) = (window.col as u32, (window.col + window.cols) as u32);
    let mut gaps = Vec::new();
    let mut rest = runs;
    for row in window.row as u32..(window.row + window.rows) as u32 {
        let (here, below) = rest.split_at(rest.iter().take_while(|run| run.row == row).count());
        let mut start = west;
        for run in here {
            gaps.push(Run { row, start, end: run.start, value: 0 });
            start = run.end;
        }
        gaps.push(Run { row, start, end: east, value: 0 });
        rest = below;
    }
    gaps.retain(|gap| !gap.is_empty());
    gaps
}

/// The middle of the longest run: a point that is surely on the patch.
fn point_on(runs: &[Run], grid: &Grid) -> Point<f64> {
    let longest = runs.iter().rev().max_by_key(|run| run.len());
    let (x, y) = longest.map_or((f64::NAN, f64::NAN), |run| {
        grid.transform.map_from_pixel(f64::midpoint(f64::from(run.start), f64::from(run.end)), f64::from(run.row) + 0.5)
    });
    Point::new(x, y)
}

#[cfg(test)]
mod tests {
    use super::super::run::tests::matrix;
    use super::*;
    use crate::detect::change::{ChangeMethod, Fitted, vector::ChangeVector};
    use crate::detect::cover::CoverRules;
    use crate::detect::piece::PieceRules;
    use crate::detect::sample::Sample;
    use crate::model::grid::Window;
    use crate::model::raster::{PairBlock, SceneBlock, gap, mask};

    /// A method for which a step of 2 is ten standard deviations.
    fn fitted() -> Box<dyn Fitted> {
        let before: Vec<f32> = (0..1000).map(|i| (i % 37) as f32).collect();
        let after = before.iter().enumerate().map(|(i, v)| v + 0.1 * ((i % 11) as f32 - 5.0)).collect();
        ChangeVector.fit(&Sample { before: vec![before], after: vec![after] }).unwrap()
    }

    fn rules() -> CoverRules {
        toml::from_str(include_str!("../../assets/tables/cover_rules.toml")).unwrap()
    }

    /// Cuts a matrix into blocks of `size` and returns the pieces of all of them.
    fn pieces_in_blocks(text: &str, size: usize, least: usize) -> Vec<Piece> {
        let lines: Vec<&[u8]> = text.split_whitespace().map(str::as_bytes).collect();
        let (rows, cols) = (lines.len(), lines[0].len());
        let (fitted, classifier) = (fitted(), rules().for_bands(&[]));
        let mut all = Vec::new();
        for row in (0..rows).step_by(size) {
            for col in (0..cols).step_by(size) {
                let window = Window { row, col, rows: size.min(rows - row), cols: size.min(cols - col) };
                let mut changed: Vec<u8> = (0..window.len())
                    .map(|i| u8::from(lines[row + i / window.cols][col + i % window.cols] == b'1'))
                    .collect();
                let scene =
                    |band: Vec<f32>| SceneBlock { window, bands: vec![band], gaps: vec![gap::SEEN; window.len()] };
                let after = changed.iter().map(|&c| 2.0 + 50.0 * f32::from(c)).collect();
                let block = PairBlock { before: scene(vec![2.0; window.len()]), after: scene(after) };
                let rules = PieceRules {
                    fitted: fitted.as_ref(),
                    threshold: 3.0,
                    classifier: &classifier,
                    least_pixels: least,
                    pixel: SquareMetres(1.0),
                };
                all.extend(rules.pieces(&block, &mut changed, &vec![3.0; window.len()]));
            }
        }
        all
    }

    #[test]
    fn a_patch_across_block_seams_stays_one() {
        let text = "1...... .1..... ..1.... ...111. ....1.. .....1. ......1";
        for size in [1, 2, 3, 4, 7] {
            let pieces = pieces_in_blocks(text, size, 2);
            let groups = join(&pieces);
            assert_eq!(groups.len(), 1, "blocks of {size}");
            let pixels: usize = groups[0].iter().map(|&i| pieces[i].sums.pixels).sum();
            assert_eq!(pixels, 9);
        }
    }

    #[test]
    fn two_patches_a_pixel_apart_stay_two_whatever_the_blocks() {
        for size in [1, 2, 3, 5] {
            let pieces = pieces_in_blocks("11.11 11.11 11.11", size, 2);
            assert_eq!(join(&pieces).len(), 2, "blocks of {size}");
        }
    }

    #[test]
    fn a_small_patch_inside_a_block_is_dropped_and_one_at_the_edge_is_kept() {
        assert_eq!(pieces_in_blocks("..... .1... .....", 5, 2).len(), 0);
        assert_eq!(pieces_in_blocks("..... 1.... .....", 5, 2).len(), 1);
    }

    #[test]
    fn what_is_hardly_firm_is_taken_back_and_what_is_a_little_less_firm_than_the_line_stays() {
        /// A method that firmly holds a part of every score.
        struct Firm(f32);
        impl Fitted for Firm {
            fn score(&self, _block: &PairBlock, _scores: &mut [f32]) {}
            fn firm_score(&self, _block: &PairBlock, _pixel: usize) -> f32 {
                self.0
            }
            fn in_units_of_before(&self, _band: usize, after: f32) -> f32 {
                after
            }
            fn parameters(&self) -> Vec<(String, f64)> {
                Vec::new()
            }
        }
        let window = Window { row: 0, col: 0, rows: 5, cols: 5 };
        let scene = || SceneBlock { window, bands: vec![vec![1.0; 25]], gaps: vec![gap::SEEN; 25] };
        let pieces = |firm: f32| {
            let classifier = rules().for_bands(&[]);
            let pixel = SquareMetres(1.0);
            let rules =
                PieceRules { fitted: &Firm(firm), threshold: 3.0, classifier: &classifier, least_pixels: 2, pixel };
            rules.pieces(&PairBlock { before: scene(), after: scene() }, &mut [mask::CHANGED; 25], &[3.5; 25]).len()
        };
        assert_eq!((pieces(2.5), pieces(2.8), pieces(3.2)), (0, 1, 1));
    }

    #[test]
    fn only_holes_within_the_limit_are_filled() {
        let runs = matrix("11111 1.1.1 111.1 11111");
        let pixels = |runs: &[Run]| runs.iter().map(Run::len).sum::<usize>();
        assert_eq!(pixels(&fill_holes(runs.clone(), 1)), 18);
        assert_eq!(pixels(&fill_holes(runs.clone(), 2)), 20);
        assert_eq!(pixels(&fill_holes(matrix("11111 1..11 11.11 1..11"), 9)), 15, "open to the outside");
    }

    #[test]
    fn a_line_one_pixel_wide_is_not_ground() {
        assert!(!is_wide_enough(&matrix("11111 ....1 ....1")));
        assert!(is_wide_enough(&matrix("11111 ...11")));
    }
}
