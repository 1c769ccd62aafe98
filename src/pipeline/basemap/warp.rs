//! Web Mercator tiles put on another lattice: exact on a mesh of points, straight between them, neighbours blended.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{BasemapError, web_mercator};
use crate::io::crs::{CrsError, Transformer};
use crate::io::tiles::{TileError, TilePicture, TileStore};
use crate::model::crs::Crs;
use crate::model::grid::{Grid, Window};

/// Half the circumference of Web Mercator's sphere in metres.
///
/// # Source
/// EPSG:3857, a sphere of radius 6,378,137 m.
const HALF_WORLD: f64 = std::f64::consts::PI * 6_378_137.0;

/// Side of a tile of the usual lattices in pixels.
const SIDE: u32 = 256;

/// Pixels between points that are transformed exactly; in between the bend is far below a pixel.
const MESH: usize = 16;

/// Most source tiles joined for one tile of ours; more would mean that the zoom is wrong.
const MOST_TILES: u32 = 64;

/// Decoded tiles kept.
const KEPT: usize = 96;

/// How many zooms up a missing tile is looked for.
const UP: u8 = 4;

/// Tiles on their way to another lattice.
pub(super) struct Warp {
    store: TileStore,
    to_web: Transformer,
    kept: HashMap<(u8, u32, u32), Option<TilePicture>>,
}

/// Source pixels joined into one picture.
struct Joined {
    origin: (u32, u32),
    size: (usize, usize),
    rgba: Vec<u8>,
}

impl Warp {
    pub(super) fn new(store: TileStore, crs: &Crs) -> Result<Self, CrsError> {
        let to_web = Transformer::new(crs, web_mercator()?.as_ref())?;
        Ok(Self { store, to_web, kept: HashMap::new() })
    }

    /// What the source says of its origin.
    pub(super) fn attribution(&self) -> Option<&str> {
        self.store.attribution.as_deref()
    }

    /// The pixels of a window of a grid; empty where the source has nothing.
    pub(super) fn tile(&mut self, grid: &Grid, window: Window) -> Result<Vec<u8>, BasemapError> {
        let mesh = self.mesh(grid, window);
        let Some(zoom) = self.zoom(&mesh, window) else { return Ok(Vec::new()) };
        let world = f64::from(SIDE) * f64::from(1_u32 << zoom);
        let to_pixel = |(x, y): (f64, f64)| {
            ((x + HALF_WORLD) / (2.0 * HALF_WORLD) * world, (HALF_WORLD - y) / (2.0 * HALF_WORLD) * world)
        };
        let mesh: Vec<(f64, f64)> = mesh.into_iter().map(to_pixel).collect();
        let Some(joined) = self.join(&mesh, zoom, world)? else { return Ok(Vec::new()) };
        Ok(sampled(&joined, &mesh, window))
    }

    /// Web Mercator places of the points of the mesh, row by row; NaN where there are none.
    fn mesh(&self, grid: &Grid, window: Window) -> Vec<(f64, f64)> {
        let (across, down) = (window.cols / MESH + 1, window.rows / MESH + 1);
        let point = |row: usize, col: usize| {
            let (x, y) = ((window.col + col * MESH) as f64, (window.row + row * MESH) as f64);
            grid.transform.map_from_pixel(x, y)
        };
        let mut mesh: Vec<_> = (0..down).flat_map(|row| (0..across).map(move |col| point(row, col))).collect();
        self.to_web.forward_where_defined(&mut mesh);
        mesh
    }

    /// The zoom whose pixels are as large as ours; `None` where the mesh has no place on the web map.
    fn zoom(&self, mesh: &[(f64, f64)], window: Window) -> Option<u8> {
        let across = window.cols / MESH + 1;
        let middle = (mesh.len() / across / 2) * across + across / 2;
        let (a, b) = (mesh.get(middle.checked_sub(1)?)?, mesh.get(middle)?);
        let metres = (a.0 - b.0).hypot(a.1 - b.1) / MESH as f64;
        let zoom = (2.0 * HALF_WORLD / f64::from(SIDE) / metres).log2();
        zoom.is_finite()
            .then(|| (zoom + 0.3).floor().clamp(f64::from(self.store.zooms.0), f64::from(self.store.zooms.1)) as u8)
    }

    /// All source pixels below the mesh as one picture; `None` where there are none.
    fn join(&mut self, mesh: &[(f64, f64)], zoom: u8, world: f64) -> Result<Option<Joined>, TileError> {
        let finite = || mesh.iter().filter(|p| p.0.is_finite() && p.1.is_finite());
        let span = |axis: fn(&(f64, f64)) -> f64| {
            let low = finite().map(axis).fold(f64::INFINITY, f64::min).max(0.0);
            let high = finite().map(axis).fold(f64::NEG_INFINITY, f64::max).min(world - 1.0);
            (low <= high).then(|| {
                (
                    (low as u32).saturating_sub(1) / SIDE,
                    ((high as u32).saturating_add(1) / SIDE).min((world as u32 - 1) / SIDE),
                )
            })
        };
        let (Some(cols), Some(rows)) = (span(|p| p.0), span(|p| p.1)) else { return Ok(None) };
        let (across, down) = (cols.1 - cols.0 + 1, rows.1 - rows.0 + 1);
        if across * down > MOST_TILES {
            return Ok(None);
        }
        let size = ((across * SIDE) as usize, (down * SIDE) as usize);
        let mut joined = Joined { origin: (cols.0 * SIDE, rows.0 * SIDE), size, rgba: vec![0; size.0 * size.1 * 4] };
        let mut any = false;
        for (row, col) in (rows.0..=rows.1).flat_map(|row| (cols.0..=cols.1).map(move |col| (row, col))) {
            let place = (((col - cols.0) * SIDE) as usize, ((row - rows.0) * SIDE) as usize);
            any |= self.lay(&mut joined, place, (zoom, col, row))?;
        }
        Ok(any.then_some(joined))
    }

    /// Lays a tile, or its part of a coarser one, into the joined picture; whether there was one.
    fn lay(
        &mut self,
        joined: &mut Joined,
        place: (usize, usize),
        (z, x, y): (u8, u32, u32),
    ) -> Result<bool, TileError> {
        for up in 0..=UP.min(z.saturating_sub(self.store.zooms.0)) {
            let Some(tile) = self.fetched((z - up, x >> up, y >> up))? else { continue };
            let part = f64::from(1_u32 << up);
            let within = (f64::from(x % (1 << up)) / part, f64::from(y % (1 << up)) / part);
            let (width, height) = (f64::from(tile.side.0), f64::from(tile.side.1));
            for row in 0..SIDE as usize {
                for col in 0..SIDE as usize {
                    let share = |at: usize| (at as f64 + 0.5) / f64::from(SIDE) / part;
                    let from_col = ((within.0 + share(col)) * width) as usize;
                    let from_row = ((within.1 + share(row)) * height) as usize;
                    let from = (from_row * tile.side.0 as usize + from_col) * 4;
                    let to = ((place.1 + row) * joined.size.0 + place.0 + col) * 4;
                    joined.rgba[to..to + 4].copy_from_slice(&tile.rgba[from..from + 4]);
                }
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn fetched(&mut self, key: (u8, u32, u32)) -> Result<Option<&TilePicture>, TileError> {
        if self.kept.len() >= KEPT && !self.kept.contains_key(&key) {
            self.kept.clear();
        }
        Ok(match self.kept.entry(key) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(place) => place.insert(self.store.fetch(key.0, key.1, key.2)?).as_ref(),
        })
    }
}

/// Every pixel of a window from the joined picture, four neighbours blended.
fn sampled(joined: &Joined, mesh: &[(f64, f64)], window: Window) -> Vec<u8> {
    let across = window.cols / MESH + 1;
    let mut rgba = vec![0; window.len() * 4];
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (row, col) = (at / window.cols, at % window.cols);
        let corner = (row / MESH).min(window.rows / MESH - 1) * across + (col / MESH).min(across - 2);
        let (u, v) = ((col % MESH) as f64 + 0.5, (row % MESH) as f64 + 0.5);
        let (u, v) = (u / MESH as f64, v / MESH as f64);
        let corners = [mesh[corner], mesh[corner + 1], mesh[corner + across], mesh[corner + across + 1]];
        let weights = [(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v];
        let x: f64 = corners.iter().zip(weights).map(|(c, w)| c.0 * w).sum();
        let y: f64 = corners.iter().zip(weights).map(|(c, w)| c.1 * w).sum();
        if x.is_finite() && y.is_finite() {
            blend(joined, (x - f64::from(joined.origin.0) - 0.5, y - f64::from(joined.origin.1) - 0.5), pixel);
        }
    }
    rgba
}

/// The colour at a place of the joined picture, as the mean of its four neighbours by nearness; clear ones do not count.
fn blend(joined: &Joined, (x, y): (f64, f64), pixel: &mut [u8]) {
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = ((x - left) as f32, (y - top) as f32);
    let mut sum = [0.0_f32; 4];
    for (dx, dy, weight) in
        [(0.0, 0.0, (1.0 - u) * (1.0 - v)), (1.0, 0.0, u * (1.0 - v)), (0.0, 1.0, (1.0 - u) * v), (1.0, 1.0, u * v)]
    {
        let (col, row) = (left + dx, top + dy);
        if col < 0.0 || row < 0.0 || col >= joined.size.0 as f64 || row >= joined.size.1 as f64 {
            continue;
        }
        let at = (row as usize * joined.size.0 + col as usize) * 4;
        let opacity = weight * f32::from(joined.rgba[at + 3]) / 255.0;
        for (sum, value) in sum.iter_mut().zip(&joined.rgba[at..at + 3]) {
            *sum += opacity * f32::from(*value);
        }
        sum[3] += opacity;
    }
    if sum[3] > 0.0 {
        for channel in 0..3 {
            pixel[channel] = (sum[channel] / sum[3]).round() as u8;
        }
        pixel[3] = (sum[3] * 255.0).round() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::crs;
    use crate::io::tiles::TileSource;
    use crate::model::grid::GeoTransform;
    use std::sync::Arc;

    /// Tiles of zoom 12 around 119.42° E 32.39° N whose red is the longitude and green the latitude, in fine steps.
    fn tiles(folder: &std::path::Path) -> String {
        let n = f64::from(1_u32 << 12);
        let (x0, y0) = (((119.42 + 180.0) / 360.0 * n) as u32, 1658_u32);
        for (x, y) in (x0 - 1..=x0 + 1).flat_map(|x| (y0 - 2..=y0 + 2).map(move |y| (x, y))) {
            let picture = image::RgbaImage::from_fn(256, 256, |col, row| {
                let lon = (f64::from(x) + (f64::from(col) + 0.5) / 256.0) / n * 360.0 - 180.0;
                let merc = std::f64::consts::PI * (1.0 - 2.0 * (f64::from(y) + (f64::from(row) + 0.5) / 256.0) / n);
                let lat = merc.sinh().atan().to_degrees();
                image::Rgba([((lon - 119.3) * 1000.0) as u8, ((lat - 32.2) * 500.0) as u8, 0, 255])
            });
            let path = folder.join(format!("12/{x}"));
            std::fs::create_dir_all(&path).unwrap();
            picture.save(path.join(format!("{y}.png"))).unwrap();
        }
        format!("{}/{{z}}/{{x}}/{{y}}.png", folder.display())
    }

    #[test]
    fn every_pixel_shows_the_place_it_lies_on() {
        let folder = tempfile::tempdir().unwrap();
        let source = TileSource::of(&tiles(folder.path())).unwrap().unwrap();
        let gauss = Arc::new(crs::parse("EPSG:4549").unwrap());
        let mut warp = Warp::new(TileStore::open(&source).unwrap(), &gauss).unwrap();
        warp.store.zooms = (12, 12);
        let grid = Grid {
            crs: Arc::clone(&gauss),
            transform: GeoTransform::north_up(442_000.0, 3_588_000.0, 30.0, 30.0),
            rows: 256,
            cols: 256,
        };
        let rgba = warp.tile(&grid, Window { row: 0, col: 0, rows: 256, cols: 256 }).unwrap();
        let to_lonlat = Transformer::new(&gauss, &crs::parse("EPSG:4490").unwrap()).unwrap();
        for (row, col) in [(3, 5), (128, 128), (250, 17), (90, 251)] {
            let mut place = [grid.transform.map_from_pixel(f64::from(col) + 0.5, f64::from(row) + 0.5)];
            to_lonlat.forward(&mut place).unwrap();
            let at = (row as usize * 256 + col as usize) * 4;
            let (lon, lat) = (119.3 + f64::from(rgba[at]) / 1000.0, 32.2 + f64::from(rgba[at + 1]) / 500.0);
            assert!(
                (lon - place[0].0).abs() < 0.0016 && (lat - place[0].1).abs() < 0.003,
                "{row} {col}: {lon} {lat} {place:?}"
            );
        }
    }

    #[test]
    fn where_there_are_no_tiles_nothing_is_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let template = format!("{}/{{z}}/{{x}}/{{y}}.png", folder.path().display());
        let source = TileSource::of(&template).unwrap().unwrap();
        let gauss = Arc::new(crs::parse("EPSG:4549").unwrap());
        let mut warp = Warp::new(TileStore::open(&source).unwrap(), &gauss).unwrap();
        let grid = Grid {
            crs: gauss,
            transform: GeoTransform::north_up(442_000.0, 3_588_000.0, 30.0, 30.0),
            rows: 256,
            cols: 256,
        };
        assert!(warp.tile(&grid, Window { row: 0, col: 0, rows: 256, cols: 256 }).unwrap().is_empty());
    }
}
