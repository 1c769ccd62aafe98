//! Pieces of all tiles → patches with pictures → flags, most severe first.

use geo_types::{MultiPolygon, Point};
use uuid::Uuid;

use crate::detect::patch::{PatchRules, join};
use crate::detect::piece::Piece;
use crate::io::crs::{Transformer, ellipsoidal_area, lonlat};
use crate::job::Progress;
use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::crs::Crs;
use crate::model::flag::{Discard, FalseChange, Flag, FlagState, Place, Tested, ZoneHit};
use crate::model::patch::Patch;
use crate::model::picture::Chip;
use crate::model::scene::SceneKind;
use crate::model::units::{Metres, SquareMetres};
use crate::model::zone::Zone;
use crate::project::plan::{Plan, PlannedComparison};
use crate::project::tables::SmallestPatch;
use crate::screen::false_change::Pair;
use crate::screen::hits::{LineJudge, PatchMask, ZoneIndex};

use super::blocks::each;
use super::chips::{self, Crop};
use super::error::RunError;
use super::fit::Learnt;

/// What the main pass collected.
#[derive(Default)]
pub struct Pieces {
    /// Pieces of patches, tile by tile.
    pub pieces: Vec<Piece>,
    /// Their pictures, in the same order.
    pub crops: Vec<Option<Crop>>,
}

/// Fewest pixels and smallest area of a patch.
pub struct Smallest<'s> {
    table: &'s SmallestPatch,
    wished_m2: Option<f64>,
    pixel_m2: f64,
    kind: SceneKind,
}

impl<'s> Smallest<'s> {
    /// The rule of a plan on a grid with pixels of this area.
    #[must_use]
    pub fn new(plan: &'s Plan, kind: SceneKind, pixel_m2: f64) -> Self {
        Self { table: &plan.tables.smallest_patch, wished_m2: plan.detection.min_area_m2, pixel_m2, kind }
    }

    /// The same rule with another area wished for, or none.
    #[must_use]
    pub fn wishing(self, wished_m2: Option<f64>) -> Self {
        Self { wished_m2, ..self }
    }

    /// Smallest area by class: what the user wishes, else the larger of the table's area and its number of pixels.
    #[must_use]
    pub fn area(&self, class: CoverClass) -> SquareMetres {
        let of_pixels = self.table.pixels as f64 * self.pixel_m2;
        SquareMetres(self.wished_m2.unwrap_or_else(|| self.table.class_area(self.kind, class).max(of_pixels)))
    }

    /// Smallest area of any class.
    #[must_use]
    pub fn least_area(&self) -> SquareMetres {
        let classes = CoverClass::ALL;
        SquareMetres(classes.map(|class| self.area(class).0).into_iter().fold(f64::INFINITY, f64::min))
    }

    /// Fewest changed pixels that can make a patch of that area. Holes are filled later, so a patch may hold fewer changed
    /// pixels than its area has; half of them is a safe bound.
    #[must_use]
    pub fn least_pixels(&self) -> usize {
        ((self.least_area().0 / self.pixel_m2 / 2.0).floor() as usize).max(4)
    }
}

/// Makes flags of pieces.
pub struct Flagging<'f> {
    /// The plan.
    pub plan: &'f Plan,
    /// The comparison.
    pub planned: &'f PlannedComparison,
    /// The zones.
    pub index: &'f ZoneIndex,
    /// Smallest patch.
    pub smallest: &'f Smallest<'f>,
    /// What the sample taught.
    pub learnt: &'f Learnt,
    /// Days of the two scenes.
    pub dates: (Date, Date),
    /// Worker threads.
    pub jobs: usize,
}

/// A patch in its place.
struct Placed {
    patch: Patch,
    chip: Option<Chip>,
    lonlat: Point<f64>,
    hits: Vec<ZoneHit>,
    in_zones: SquareMetres,
}

/// Flags and what was discarded.
pub struct Flagged {
    /// Flags, most severe first; ties by place, so that the order is the same every time.
    pub flags: Vec<Flag>,
    /// Their pictures.
    pub chips: Vec<Option<Chip>>,
    /// Patches in zones that a false-change test explains.
    pub discarded: Vec<Discard>,
}

impl Flagging<'_> {
    /// The flags of all pieces.
    pub fn flags(&self, found: &Pieces, progress: &Progress) -> Result<Flagged, RunError> {
        let groups = join(&found.pieces);
        progress.stage("screen", groups.len() as u64)?;
        let open = || Ok::<_, RunError>(Transformer::new(&self.plan.crs, &lonlat(&self.plan.crs)?)?);
        let mut placed = Vec::new();
        each(
            &groups,
            self.jobs,
            open,
            |to_lonlat, _, group| self.placed(found, group, to_lonlat),
            |_, patch| {
                placed.extend(patch);
                Ok(progress.advance(1)?)
            },
        )?;
        Ok(self.screened(placed))
    }

    /// The patch that a group of pieces makes; `None` where it is too small.
    fn placed(&self, found: &Pieces, group: &[usize], to_lonlat: &Transformer) -> Result<Option<Placed>, RunError> {
        let (smallest, crs, grid) = (self.smallest, &self.plan.crs, &self.planned.grid);
        let rules = PatchRules {
            grid,
            least_pixels: smallest.least_pixels(),
            least_area: &|class| smallest.area(class),
            hole_pixels: smallest.table.hole_pixels,
            area_of: &|shape| area_on_ground(shape, crs, self.plan.ellipsoidal_areas),
            volume_of: &|moved| self.learnt.heights.map(|fit| moved.volume(&fit, SquareMetres(smallest.pixel_m2))),
        };
        let parts: Vec<&Piece> = group.iter().map(|&i| &found.pieces[i]).collect();
        let Some(patch) = rules.patch(&parts) else { return Ok(None) };
        let mask = PatchMask::new(&patch, &grid.transform);
        let hits = self.index.hits(&patch, &mask, &self.plan.zones, &self.line_judge());
        let in_zones = SquareMetres(patch.area.0 * self.index.share_inside(&mask, &hits).0);
        let crops: Vec<&Crop> = group.iter().filter_map(|&i| found.crops[i].as_ref()).collect();
        let chip = if hits.is_empty() { None } else { chips::chip(&patch, &crops, grid) };
        let mut point = [(patch.point.x(), patch.point.y())];
        to_lonlat.forward(&mut point)?;
        Ok(Some(Placed { lonlat: Point::new(point[0].0, point[0].1), patch, chip, hits, in_zones }))
    }

    fn line_judge(&self) -> LineJudge<'_> {
        let table = &self.plan.tables.line;
        let pixel = Metres(self.planned.grid.transform.pixel_size().0);
        let misfit = self.learnt.alignment.position_error_px().map(|error| Metres(error * pixel.0));
        LineJudge { table, position_error: table.position_error(misfit, pixel), pixel }
    }

    /// Flags and discards. Patches outside the zones are none of either, but tell how fields take turns.
    fn screened(&self, placed: Vec<Placed>) -> Flagged {
        let comparable = |band: usize, value: f64| match &self.learnt.fitted {
            Ok(fitted) => f64::from(fitted.in_units_of_before(band, value as f32)),
            Err(_) => value,
        };
        let season_days = season_days(self.dates);
        let pair = Pair { kind: self.planned.kind, season_days, comparable: &comparable };
        let tests = &self.plan.tables.false_change;
        let patches: Vec<&Patch> = placed.iter().map(|p| &p.patch).collect();
        let evidence = tests.evidence(&patches, &pair);
        let (mut flags, mut discarded) = (Vec::new(), Vec::new());
        for (placed, evidence) in placed.into_iter().zip(evidence).filter(|(p, _)| !p.hits.is_empty()) {
            let tested = tests.test(&placed.patch, &pair, evidence);
            match tested.iter().find(|t| t.explains).map(|t| t.test) {
                Some(by) => discarded.push(discard(placed, by, tests.code(by), tested)),
                None => flags.push(self.flag(placed, tested)),
            }
        }
        flags.sort_by(|(a, _): &(Flag, _), (b, _)| a.in_order(b));
        let (flags, chips) = flags.into_iter().unzip();
        Flagged { flags, chips, discarded }
    }

    fn flag(&self, placed: Placed, tests: Vec<Tested>) -> (Flag, Option<Chip>) {
        let Placed { patch, chip, lonlat, hits, in_zones } = placed;
        let in_zone = hits.iter().any(|hit| hit.place == Place::Inside);
        let threshold = self.learnt.threshold.value.unwrap_or(f64::INFINITY);
        let (tables, zones) = (&self.plan.tables, &self.plan.zones);
        let activity = tables.activities.suggest(&patch, &hits, zones);
        let judgement = tables.severity.judge(&patch, &hits, zones, threshold, activity.as_ref());
        let turn = tables.crop_calendar.turn(self.dates, patch.from_class, patch.to_class);
        let turn = turn.filter(|_| self.planned.kind.is_image());
        let mut flag = Flag {
            uuid: Uuid::nil(),
            code: String::new(),
            lonlat,
            hits,
            in_zones,
            place: if in_zone { Place::Inside } else { Place::Ring },
            severity: judgement.severity,
            score: judgement.score,
            reasons: judgement.reasons,
            activity,
            tests,
            state: FlagState::Detected,
            patch,
        };
        if let Some(cover) = turn {
            tables.severity.lower_by_calendar(&mut flag, cover);
        }
        (flag, chip)
    }
}

fn discard(placed: Placed, by: FalseChange, code: &str, tests: Vec<Tested>) -> Discard {
    let Placed { patch, lonlat, hits, in_zones, .. } = placed;
    Discard { patch, lonlat, hits, in_zones, by, code: code.to_owned(), tests }
}

/// Days between two days of the year, the shorter way round.
pub(super) fn season_days((from, to): (Date, Date)) -> f64 {
    let apart = (f64::from(from.day_of_year()) - f64::from(to.day_of_year())).abs();
    apart.min(365.0 - apart)
}

/// Area of a shape on the ground: planar in a CRS whose areas are right, else on the ellipsoid.
#[must_use]
pub fn area_on_ground(shape: &MultiPolygon<f64>, crs: &Crs, ellipsoidal: bool) -> SquareMetres {
    use geo::Area;
    let planar = SquareMetres(shape.unsigned_area());
    if ellipsoidal { ellipsoidal_area(shape, crs).unwrap_or(planar) } else { planar }
}

/// Area of a zone and its ring.
#[must_use]
pub fn reach_area(zone: &Zone, crs: &Crs, ellipsoidal: bool) -> f64 {
    area_on_ground(zone.reach(), crs, ellipsoidal).0
}
