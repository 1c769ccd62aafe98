//! A look at how bright a scene is, from as few pixels as will do: a coarse picture where overviews make it cheap, else a
//! few small windows at full resolution, which cost the same however large the scene is.

use std::sync::Arc;

use geo_types::{Coord, Rect};

use super::paint::Paint;
use super::picture::Composite;
use super::pyramid::Pyramid;
use super::stretch::{Spreads, Stretch, bounds};
use crate::io::raster::RasterError;
use crate::io::raster::glance::{Glance, SceneMap};
use crate::job::Wanted;
use crate::model::grid::{Grid, Window};
use crate::model::scene::Scene;
use crate::project::footprint;
use crate::project::plan::Plan;

/// Longest side of the coarse picture, in pixels.
const COARSE: f64 = 160.0;

/// Stored pixels that the coarse picture may cost.
const AFFORDABLE: u64 = 3 << 20;

/// Places along each side at which a scene without overviews is looked at.
const PLACES: usize = 4;

/// Rows and columns read at each place.
const SIDE: usize = 64;

/// Files of a mosaic that are looked at.
const MOST_FILES: usize = 9;

/// What was seen of a scene.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// Its values.
    pub spreads: Spreads,
    /// Whether coarse pictures of it are cheap.
    pub has_overviews: bool,
}

/// Looks at a scene, or at the part of it inside a box of the pyramid's CRS. `None` where it is not wanted any more.
///
/// # Errors
/// [`RasterError`] where nothing of it can be read.
pub fn survey(
    glance: &mut Glance,
    scene: &Scene,
    (pyramid, within): (&Pyramid, Option<Rect<f64>>),
    wanted: &Wanted,
) -> Result<Option<Survey>, RasterError> {
    let finest = pyramid.finest_of(scene);
    let mut made = Survey { spreads: Spreads::default(), has_overviews: true };
    for part in parts(scene, pyramid, within) {
        let units = part.width().max(part.height()) / COARSE;
        let grid = pyramid.grid(pyramid.level_for(units).max(finest));
        let Some(coarse) = grid.window_of(&part) else { continue };
        let cheap = glance.effort(&grid, coarse, &scene.roles) <= AFFORDABLE;
        made.has_overviews &= cheap;
        let fine = pyramid.grid(finest);
        let (grid, windows) = if cheap { (&grid, vec![coarse]) } else { (&fine, places(&fine, &part)) };
        for window in windows {
            match glance.read(grid, window, &scene.roles, &|| wanted.still())? {
                Some(block) => made.spreads.add(&scene.roles, &block),
                None => return Ok(None),
            }
        }
    }
    made.spreads.settle();
    Ok(Some(made))
}

/// How a scene is painted where nobody chose anything: by the plain stretch, joint over the years of its kind. `None` where it
/// has no bands to show.
#[must_use]
pub fn plain_paint(plan: &Plan, pyramid: &Pyramid, at: usize, composite: Composite) -> Option<Paint> {
    let scene = plan.scenes.get(at)?;
    let composite = composite.for_scene(scene)?;
    let alike =
        plan.scenes.iter().filter(|other| (other.kind, other.is_reflectance) == (scene.kind, scene.is_reflectance));
    let look = |other: &Scene| {
        let mut glance = Glance::new(Arc::new(SceneMap::of(other, &plan.crs)));
        survey(&mut glance, other, (pyramid, None), &Wanted::always()).ok().flatten()
    };
    let seen: Vec<Survey> = alike.filter_map(look).collect();
    let spreads: Vec<&Spreads> = seen.iter().map(|survey| &survey.spreads).collect();
    let stretch = Stretch::default();
    let roles = composite.roles();
    let bounds = roles.iter().map(|role| bounds(&stretch, *role, &spreads).unwrap_or((0.0, 1.0)));
    Some(Paint::new(composite, scene.kind, bounds.collect(), (None, None), &scene.legend))
}

/// The boxes that are looked at: the scene, or some of its files where it has many.
fn parts(scene: &Scene, pyramid: &Pyramid, within: Option<Rect<f64>>) -> Vec<Rect<f64>> {
    let crs = pyramid.crs();
    let few = scene.files.len() <= MOST_FILES || within.is_some();
    let boxes: Vec<Rect<f64>> = if few {
        footprint::of_scene(scene, crs).into_iter().collect()
    } else {
        let every = scene.files.len().div_ceil(MOST_FILES);
        let files = scene.files.iter().skip(every / 2).step_by(every);
        files.filter_map(|file| footprint::carried(&file.grid.bounds(), &file.grid.crs, crs)).collect()
    };
    boxes.iter().filter_map(|own| within.map_or(Some(*own), |within| footprint::intersection(own, &within))).collect()
}

/// Small windows spread over a box.
fn places(grid: &Grid, part: &Rect<f64>) -> Vec<Window> {
    let along = |n: usize| (2 * n + 1) as f64 / (2 * PLACES) as f64;
    let each = (0..PLACES).flat_map(|r| (0..PLACES).map(move |c| (r, c)));
    let around = |(r, c): (usize, usize)| {
        let middle = Coord { x: part.min().x + part.width() * along(c), y: part.min().y + part.height() * along(r) };
        let here = grid
            .window_of(&Rect::new(middle, middle))
            .or_else(|| grid.window_of(&Rect::new(middle, Coord { x: middle.x + 1e-9, y: middle.y + 1e-9 })))?;
        let (row, col) = (here.row.saturating_sub(SIDE / 2), here.col.saturating_sub(SIDE / 2));
        Some(Window { row, col, rows: SIDE.min(grid.rows - row), cols: SIDE.min(grid.cols - col) })
    };
    each.filter_map(around).collect()
}
