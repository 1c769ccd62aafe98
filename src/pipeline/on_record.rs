//! Whether a comparison shows the ground of the flags that an earlier run of it found: what it does not show it cannot
//! refute.

use geo::CoordsIter;
use uuid::Uuid;

use crate::ledger::KnownFlag;
use crate::model::grid::{GeoTransform, Window};
use crate::model::notice::{Notice, Weight, first_named};
use crate::screen::coverage::PixelShape;

use super::tally::Fractions;

/// A flag is seen again where at least this share of its area is observed at both dates: half of it, below which there is
/// more doubt than sight. A convention of this program.
const LEAST_SEEN: f64 = 0.5;

/// Flags on record, on the grid of a comparison.
pub struct OnRecord<'k> {
    flags: &'k [KnownFlag],
    /// `None` for an outline that is not finite.
    shapes: Vec<Option<PixelShape>>,
    whole_px: Vec<f64>,
}

impl<'k> OnRecord<'k> {
    /// Prepares the flags for a grid.
    #[must_use]
    pub fn new(flags: &'k [KnownFlag], transform: &GeoTransform) -> Self {
        use geo::Area;
        let shape = |flag: &KnownFlag| {
            let finite = flag.shape.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite());
            finite.then(|| PixelShape::new(&flag.shape, transform))
        };
        let whole = |flag: &KnownFlag| flag.shape.unsigned_area() / transform.pixel_area();
        Self { flags, shapes: flags.iter().map(shape).collect(), whole_px: flags.iter().map(whole).collect() }
    }

    /// Observed pixels of each flag that a tile meets.
    #[must_use]
    pub fn observed(&self, changed: &[u8], tile: &Window) -> Vec<(usize, f64)> {
        let meets = |(at, shape): (usize, &Option<PixelShape>)| {
            let shape = shape.as_ref()?;
            shape.window_in(tile)?;
            Some((at, Fractions::of(shape, tile).states(changed, tile).observed()))
        };
        self.shapes.iter().enumerate().filter_map(meets).collect()
    }

    /// The flags of which too little was observed; all of them where the comparison could not tell anything.
    #[must_use]
    pub fn unseen(&self, seen: &Seen, can_tell: bool) -> Vec<&'k KnownFlag> {
        let is_seen = |at: usize| self.shapes[at].is_some() && seen.get(at) >= LEAST_SEEN * self.whole_px[at];
        let flags = self.flags.iter().enumerate();
        flags.filter(|(at, _)| !can_tell || !is_seen(*at)).map(|(_, flag)| flag).collect()
    }
}

/// Observed pixels of the flags on record, added up over the tiles.
#[derive(Debug, Default)]
pub struct Seen(Vec<f64>);

impl Seen {
    /// Adds what one tile showed.
    pub fn add(&mut self, tile: &[(usize, f64)]) {
        for &(at, pixels) in tile {
            self.0.resize(self.0.len().max(at + 1), 0.0);
            self.0[at] += pixels;
        }
    }

    fn get(&self, at: usize) -> f64 {
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// What there is to tell of flags that were not seen again.
#[must_use]
pub fn unseen_notice(unseen: &[&KnownFlag]) -> Option<Notice> {
    let codes: Vec<String> = unseen.iter().map(|flag| flag.code.clone()).collect();
    let notice = || Notice::new("flags_unseen", Weight::Note).fact("count", codes.len());
    (!codes.is_empty()).then(|| notice().fact("list", first_named(&codes)))
}

/// The identities of flags.
#[must_use]
pub fn identities(flags: &[&KnownFlag]) -> Vec<Uuid> {
    flags.iter().map(|flag| flag.uuid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Coord, MultiPolygon, Rect};

    const GRID: GeoTransform = GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);

    fn known(x: f64, side: f64) -> KnownFlag {
        let square = Rect::new(Coord { x, y: -side }, Coord { x: x + side, y: 0.0 });
        KnownFlag {
            uuid: Uuid::from_u128(x.to_bits().into()),
            code: format!("{x}"),
            shape: MultiPolygon::new(vec![square.to_polygon()]),
        }
    }

    /// Codes of the flags that are unseen where the left columns of an 8 × 8 tile are observed.
    fn unseen(flags: &[KnownFlag], observed_cols: usize, can_tell: bool) -> Vec<String> {
        let tile = Window { row: 0, col: 0, rows: 8, cols: 8 };
        let state = |at: usize| if at % 8 < observed_cols { 0 } else { crate::model::raster::mask::NOT_OBSERVED };
        let changed: Vec<u8> = (0..64).map(state).collect();
        let on_record = OnRecord::new(flags, &GRID);
        let mut seen = Seen::default();
        seen.add(&on_record.observed(&changed, &tile));
        on_record.unseen(&seen, can_tell).iter().map(|flag| flag.code.clone()).collect()
    }

    #[test]
    fn a_flag_is_unseen_where_more_than_half_of_it_was_not_observed() {
        let flags = [known(0.0, 4.0), known(4.0, 4.0)];
        assert_eq!(unseen(&flags, 6, true), Vec::<String>::new());
        assert_eq!(unseen(&flags, 5, true), ["4"]);
    }

    #[test]
    fn a_flag_off_the_tiles_and_one_without_an_outline_are_unseen() {
        let lost = KnownFlag { shape: MultiPolygon::new(Vec::new()), ..known(0.0, 4.0) };
        let broken = KnownFlag { shape: known(f64::NAN, 4.0).shape, code: "NaN".into(), ..known(0.0, 4.0) };
        assert_eq!(unseen(&[known(100.0, 4.0), broken], 8, true), ["100", "NaN"]);
        assert_eq!(unseen(&[lost], 8, true), Vec::<String>::new(), "nothing of nothing is hidden");
    }

    #[test]
    fn where_nothing_could_be_told_every_flag_is_unseen() {
        assert_eq!(unseen(&[known(0.0, 4.0)], 8, false), ["0"]);
    }
}
