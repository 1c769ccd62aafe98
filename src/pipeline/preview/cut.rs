//! A scored view at one threshold: what changed in each zone of it, and the picture of the mask. Nothing is read again.

use std::sync::Arc;

use crate::model::outcome::Tally;
use crate::model::raster::mask;

use super::paint::{self, Picture};
use super::scored::ScoredView;

/// Areas of the part of a zone that is in view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneAreas {
    /// Index into the plan's zones.
    pub zone: usize,
    /// Inside the zone.
    pub inside: Tally,
    /// In its ring.
    pub ring: Tally,
}

/// A view at one threshold.
#[derive(Debug, Clone)]
pub struct Cut {
    /// Scores above it are changed; `None` where there is no threshold and nothing is.
    pub threshold: Option<f64>,
    /// By zone in view, the most changed first.
    pub zones: Vec<ZoneAreas>,
    /// All zones in view together; overlaps count once, rings do not count.
    pub together: Tally,
    /// Picture of the mask.
    pub picture: Arc<Picture>,
}

impl ScoredView {
    /// The view at a threshold. `hatch` is the period of the hatch of what was not observed, in pixels of the view.
    #[must_use]
    pub fn cut(&self, threshold: Option<f64>, hatch: usize) -> Cut {
        let states = self.states(threshold);
        let (zones, together) = self.zones.tally(&states).areas(self.pixel_m2);
        let zone_at = |place: usize| self.lesson.index.zones[place].zone;
        let areas = |(place, inside, ring): (usize, Tally, Tally)| ZoneAreas { zone: zone_at(place), inside, ring };
        let mut zones: Vec<ZoneAreas> = zones.into_iter().map(areas).filter(is_there).collect();
        zones.sort_by(|a, b| b.inside.changed.0.total_cmp(&a.inside.changed.0).then(a.zone.cmp(&b.zone)));
        let (rows, cols) = (self.look.window.rows, self.look.window.cols);
        let rgba = paint::mask(&states, self.domain(), cols, hatch);
        let picture = Arc::new(Picture { rows, cols, bounds: self.bounds, rgba });
        Cut { threshold, zones, together, picture }
    }

    /// Changed, unchanged or not observed, as the run decides it before edges are taken back and small patches left out.
    fn states(&self, threshold: Option<f64>) -> Vec<u8> {
        let limit = threshold.map_or(f32::INFINITY, |t| t as f32);
        let state = |(score, inside): (&f32, &bool)| {
            if !inside || score.is_nan() { mask::NOT_OBSERVED } else { u8::from(*score > limit) }
        };
        self.scores.iter().zip(self.domain()).map(state).collect()
    }
}

/// Whether any of the zone is in view.
fn is_there(areas: &ZoneAreas) -> bool {
    areas.inside.total().0 + areas.ring.total().0 > 0.0
}
