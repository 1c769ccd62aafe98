//! The least time that any program can take over a pair: GDAL decodes the stored blocks that the zones touch, all bands of
//! a block in one call, every thread with datasets of its own, and nothing else happens.
//!
//! `decode_floor THREADS ZONES SCENE...` prints seconds, blocks and pixels. Which blocks are touched is worked out here
//! with [`geo`]'s own predicate, not with the program's rooms, so that the floor does not rest on what it measures; that
//! takes no part in the seconds.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{BoundingRect, Coord, Intersects, Rect};
use geo_types::Geometry;

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A stored block, cut at the edge of the scene.
#[derive(Debug, Clone, Copy)]
struct Block {
    x: usize,
    y: usize,
    cols: usize,
    rows: usize,
}

fn main() -> Answer<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [threads, zones, scenes @ ..] = words.as_slice() else {
        return Err("say: decode_floor THREADS ZONES SCENE...".into());
    };
    let scenes: Vec<PathBuf> = scenes.iter().map(PathBuf::from).collect();
    let blocks = touched(scenes.first().ok_or("no scene")?, Path::new(zones))?;
    let started = Instant::now();
    decode(&scenes, &blocks, threads.parse()?)?;
    let seconds = started.elapsed().as_secs_f64();
    let pixels: usize = blocks.iter().map(|b| b.cols * b.rows).sum();
    let mut out = std::io::stdout();
    writeln!(out, r#"{{"seconds": {seconds:.3}, "blocks": {}, "pixels": {pixels}}}"#, blocks.len())?;
    Ok(())
}

/// The stored blocks of a scene that some zone meets, row by row.
fn touched(scene: &Path, zones: &Path) -> Answer<Vec<Block>> {
    let scene = Dataset::open(scene)?;
    let ([west, dx, _, north, _, dy], (width, height)) = (scene.geo_transform()?, scene.raster_size());
    let (block_cols, block_rows) = scene.rasterband(1)?.block_size();
    let zones = shapes(zones)?;
    let corner = |x: usize, y: usize| Coord { x: west + x as f64 * dx, y: north + y as f64 * dy };
    let mut blocks = Vec::new();
    for y in (0..height).step_by(block_rows) {
        for x in (0..width).step_by(block_cols) {
            let (cols, rows) = (block_cols.min(width - x), block_rows.min(height - y));
            let ground = Rect::new(corner(x, y), corner(x + cols, y + rows));
            if zones.iter().any(|(bounds, shape)| bounds.intersects(&ground) && shape.intersects(&ground)) {
                blocks.push(Block { x, y, cols, rows });
            }
        }
    }
    Ok(blocks)
}

fn shapes(zones: &Path) -> Answer<Vec<(Rect<f64>, Geometry<f64>)>> {
    let source = Dataset::open(zones)?;
    let mut layer = source.layer(0)?;
    let mut shapes = Vec::new();
    for feature in layer.features() {
        let shape = feature.geometry().ok_or("a zone without geometry")?.to_geo()?;
        shapes.push((shape.bounding_rect().ok_or("an empty zone")?, shape));
    }
    Ok(shapes)
}

fn decode(scenes: &[PathBuf], blocks: &[Block], threads: usize) -> Answer<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Answer<()> {
        let opened = scenes.iter().map(Dataset::open).collect::<Result<Vec<_>, _>>()?;
        let mut pixels: Vec<u16> = Vec::new();
        while let Some(block) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
            for scene in &opened {
                read(scene, *block, &mut pixels)?;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread panicked")?)
    })
}

/// All bands of a block, in one call of GDAL, plane after plane.
#[allow(unsafe_code)]
fn read(scene: &Dataset, block: Block, pixels: &mut Vec<u16>) -> Answer<()> {
    pixels.resize(block.cols * block.rows * scene.raster_count(), 0);
    let (cols, rows) = (i32::try_from(block.cols)?, i32::try_from(block.rows)?);
    // SAFETY: the buffer holds cols * rows values of 16 bits for each of the dataset's bands, GDAL is told so, and a null
    // list of bands means all of them in order.
    let code = unsafe {
        gdal_sys::GDALDatasetRasterIOEx(
            scene.c_dataset(),
            gdal_sys::GDALRWFlag::GF_Read,
            i32::try_from(block.x)?,
            i32::try_from(block.y)?,
            cols,
            rows,
            pixels.as_mut_ptr().cast(),
            cols,
            rows,
            gdal_sys::GDALDataType::GDT_UInt16,
            i32::try_from(scene.raster_count())?,
            std::ptr::null_mut(),
            0,
            0,
            0,
            std::ptr::null_mut(),
        )
    };
    if code == gdal_sys::CPLErr::CE_None { Ok(()) } else { Err("a block cannot be decoded".into()) }
}
