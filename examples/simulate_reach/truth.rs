//! What really changed: masks for each pair of dates.

use super::canvas::{self, Frame, Piece};
use super::close_range::Flight;
use super::cover::Cover;
use super::encroachments;
use super::satellite::{Acquisition, FRAME};
use super::scene;
use super::shape::{Point, Shape};

/// Nothing changed.
pub const UNCHANGED: u8 = 0;
/// An encroachment appeared, grew or was restored.
pub const ENCROACHMENT: u8 = 1;
/// Another real change of the ground: crop, water line, ship, car, permitted building.
pub const OTHER: u8 = 2;
/// At least one of the two dates does not show the ground.
pub const NOT_OBSERVABLE: u8 = 255;

/// The cover of each pixel.
pub fn covers(pieces: &[Piece], frame: &Frame) -> Vec<Cover> {
    canvas::paint(pieces, frame).into_iter().map(|piece| pieces[usize::from(piece)].cover).collect()
}

/// Outlines that change between the scenes of two years.
pub fn outlines(from: i32, to: i32) -> Vec<Vec<Point>> {
    encroachments::all()
        .into_iter()
        .flat_map(|e| {
            let end = e.restored;
            let shown = move |stage_year: i32, year: i32| stage_year <= year && end.is_none_or(|end| year < end);
            e.stages.into_iter().filter(move |s| shown(s.year, from) != shown(s.year, to)).map(|s| s.outline)
        })
        .collect()
}

fn marked(before: &[Cover], after: &[Cover], years: (i32, i32), frame: &Frame) -> Vec<u8> {
    let mut mask: Vec<u8> = before.iter().zip(after).map(|(a, b)| if a == b { UNCHANGED } else { OTHER }).collect();
    for outline in outlines(years.0, years.1) {
        frame.runs(&Shape::Area(outline), |run| mask[run].fill(ENCROACHMENT));
    }
    mask
}

/// Truth of a pair of yearly scenes, on their lattice.
pub fn of_scenes(from: &Acquisition, to: &Acquisition) -> Vec<u8> {
    let cover = |a: &Acquisition| covers(&scene::reach(a.moment), &FRAME);
    let mut mask = marked(&cover(from), &cover(to), (from.year(), to.year()), &FRAME);
    for (i, truth) in mask.iter_mut().enumerate() {
        let [x, y] = FRAME.centre(i / FRAME.cols, i % FRAME.cols);
        if from.hides(x, y) || to.hides(x, y) {
            *truth = NOT_OBSERVABLE;
        }
    }
    mask
}

/// Truth of the two flights, on the lattice of orthomosaics or surface models.
pub fn of_flights([from, to]: &[Flight; 2], frame: &Frame) -> Vec<u8> {
    let cover = |f: &Flight| covers(&scene::reach(f.moment), frame);
    marked(&cover(from), &cover(to), (from.moment.year, to.moment.year), frame)
}
