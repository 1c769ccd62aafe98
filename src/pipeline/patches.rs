//! Pieces of all tiles → patches with pictures → flags, most severe first.

use geo_types::{MultiPolygon, Point};
use uuid::Uuid;

use crate::detect::patch::{PatchRules, Piece, join};
use crate::io::crs::{Transformer, ellipsoidal_area, lonlat};
use crate::job::Progress;
use crate::model::class::CoverClass;
use crate::model::crs::Crs;
use crate::model::flag::{Flag, FlagState, Place};
use crate::model::grid::Grid;
use crate::model::patch::Patch;
use crate::model::picture::Chip;
use crate::model::scene::{BandRole, SceneKind};
use crate::model::units::SquareMetres;
use crate::model::zone::Zone;
use crate::project::plan::Plan;
use crate::project::tables::SmallestPatch;
use crate::screen::hits::{PatchMask, ZoneIndex};

use super::blocks::each;
use super::chips::{self, Crop};
use super::error::RunError;

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

    /// Smallest area by class: what the user wishes, else the larger of the table's area and its number of pixels.
    #[must_use]
    pub fn area(&self, class: CoverClass) -> SquareMetres {
        let of_pixels = self.table.pixels as f64 * self.pixel_m2;
        SquareMetres(self.wished_m2.unwrap_or_else(|| self.table.class_area(self.kind, class).max(of_pixels)))
    }

    /// Smallest area of any class.
    #[must_use]
    pub fn least_area(&self) -> SquareMetres {
        let classes = [CoverClass::Water, CoverClass::Vegetation, CoverClass::Bare, CoverClass::Unknown];
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
    /// The analysis grid.
    pub grid: &'f Grid,
    /// Bands compared.
    pub roles: &'f [BandRole],
    /// The zones.
    pub index: &'f ZoneIndex,
    /// Smallest patch.
    pub smallest: &'f Smallest<'f>,
    /// The threshold.
    pub threshold: f64,
    /// Worker threads.
    pub jobs: usize,
}

impl Flagging<'_> {
    /// The flags and their pictures, most severe first; ties by code of place, so that the order is the same every time.
    pub fn flags(&self, found: &Pieces, progress: &Progress) -> Result<(Vec<Flag>, Vec<Option<Chip>>), RunError> {
        let groups = join(&found.pieces);
        progress.stage("screen", groups.len() as u64)?;
        let open = || Ok::<_, RunError>(Transformer::new(&self.plan.crs, &lonlat(&self.plan.crs)?)?);
        let mut flags = Vec::new();
        each(
            &groups,
            self.jobs,
            open,
            |to_lonlat, _, group| self.pictured_flag(found, group, to_lonlat),
            |_, flag| {
                flags.extend(flag);
                Ok(progress.advance(1)?)
            },
        )?;
        flags.sort_by(|(a, _), (b, _)| {
            let place = |f: &Flag| (f.patch.window.row, f.patch.window.col);
            b.score.total_cmp(&a.score).then(b.patch.area.0.total_cmp(&a.patch.area.0)).then(place(a).cmp(&place(b)))
        });
        Ok(flags.into_iter().unzip())
    }

    /// The flag that a group of pieces makes and its picture; `None` where it is too small or touches no zone.
    fn pictured_flag(
        &self,
        found: &Pieces,
        group: &[usize],
        to_lonlat: &Transformer,
    ) -> Result<Option<(Flag, Option<Chip>)>, RunError> {
        let (smallest, crs) = (self.smallest, &self.plan.crs);
        let rules = PatchRules {
            grid: self.grid,
            roles: self.roles,
            cover: &self.plan.tables.cover_rules,
            least_pixels: smallest.least_pixels(),
            least_area: &|class| smallest.area(class),
            hole_pixels: smallest.table.hole_pixels,
            area_of: &|shape| area_on_ground(shape, crs, self.plan.ellipsoidal_areas),
        };
        let parts: Vec<&Piece> = group.iter().map(|&i| &found.pieces[i]).collect();
        let Some(patch) = rules.patch(&parts) else { return Ok(None) };
        let crops: Vec<&Crop> = group.iter().filter_map(|&i| found.crops[i].as_ref()).collect();
        let chip = chips::chip(&patch, &crops, self.grid);
        Ok(self.flag(patch, to_lonlat)?.map(|flag| (flag, chip)))
    }

    /// The flag of a patch; `None` where it touches no zone and no ring.
    fn flag(&self, patch: Patch, to_lonlat: &Transformer) -> Result<Option<Flag>, RunError> {
        let hits = self.index.hits(&patch, &PatchMask::new(&patch, &self.grid.transform), &self.plan.zones);
        let Some(first) = hits.first() else { return Ok(None) };
        let place = if first.place == Place::Inside { Place::Inside } else { Place::Ring };
        let judgement = self.plan.tables.severity.judge(&patch, &hits, &self.plan.zones, self.threshold);
        let mut point = [(patch.point.x(), patch.point.y())];
        to_lonlat.forward(&mut point)?;
        Ok(Some(Flag {
            uuid: Uuid::nil(),
            code: String::new(),
            lonlat: Point::new(point[0].0, point[0].1),
            hits,
            place,
            severity: judgement.severity,
            score: judgement.score,
            reasons: judgement.reasons,
            state: FlagState::Detected,
            patch,
        }))
    }
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
