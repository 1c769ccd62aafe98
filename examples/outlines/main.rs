//! Connected components and outlines of a mask, as the program draws them: `outlines MASK` prints the seconds that they
//! took without reading the file, the patches and the polygons. `tests/bench` sets it against GDAL's polygonize.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use ecoredline::detect::outline::outline;
use ecoredline::detect::run::{Connectivity, Run, components, runs_of};
use ecoredline::model::grid::{GeoTransform, Window};
use gdal::Dataset;
use geo::Area;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("say: outlines MASK")?;
    let mask = Dataset::open(&path)?;
    let (cols, rows) = mask.raster_size();
    let pixels = mask.rasterband(1)?.read_as::<u8>((0, 0), (cols, rows), (cols, rows), None)?;
    let transform = GeoTransform(mask.geo_transform()?);

    let started = Instant::now();
    let window = Window { row: 0, col: 0, rows, cols };
    let runs = runs_of(pixels.data(), &window, |pixel| (pixel == 1).then_some(1));
    let (mut patches, mut polygons, mut area) = (0, 0, 0.0);
    for members in components(&runs, Connectivity::Eight) {
        let patch: Vec<Run> = members.iter().map(|&i| runs[i]).collect();
        let shape = outline(&patch, &transform);
        patches += 1;
        polygons += shape.0.len();
        area += shape.unsigned_area();
    }
    let seconds = started.elapsed().as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(
        out,
        r#"{{"seconds": {seconds:.4}, "patches": {patches}, "polygons": {polygons}, "area_m2": {area:.1}}}"#
    )?;
    Ok(())
}
