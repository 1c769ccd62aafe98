//! The simulated reach: everything between the seeds and the files. The example writes all of it, a test writes a part again.

pub mod banks;
pub mod canvas;
pub mod close_range;
pub mod cover;
pub mod encroachments;
pub mod fabric;
pub mod fields;
pub mod light;
pub mod noise;
pub mod register;
pub mod satellite;
pub mod scene;
pub mod shape;
pub mod traffic;
pub mod truth;
pub mod works;
pub mod writing;
pub mod zones;

use std::path::Path;

use gdal::raster::ColorInterpretation::{BlueBand, GreenBand, RedBand};

use canvas::Frame;
use satellite::{Acquisition, FRAME};
use writing::{Failure, Sheet};

/// Writes every file whose path below `folder` starts with `part`; an empty part writes all.
///
/// # Errors
/// What GDAL or the file system reports.
pub fn write(folder: &Path, part: &str) -> Result<(), Failure> {
    gdal::config::set_config_option("OGR_CURRENT_DATE", "2025-12-01T00:00:00Z")?;
    for sub in ["satellite", "drone", "surface", "zones", "truth"] {
        std::fs::create_dir_all(folder.join(sub))?;
    }
    let wanted = |name: &str| name.starts_with(part) || part.starts_with(name);
    let scenes = satellite::all();
    for scene in &scenes {
        if wanted(&format!("satellite/reach_{}", scene.year())) {
            write_scene(folder, scene)?;
        }
    }
    for pair in scenes.windows(2) {
        let name = format!("truth/change_{}_{}.tif", pair[0].year(), pair[1].year());
        if wanted(&name) {
            write_mask(&folder.join(name), FRAME, truth::of_scenes(&pair[0], &pair[1]), pair[1].date)?;
        }
    }
    write_close_range(folder, wanted)?;
    if wanted("zones/") {
        register::write_zones(&folder.join("zones"))?;
    }
    if wanted("truth/encroachments") {
        register::write_truth(&folder.join("truth"))?;
    }
    Ok(())
}

fn write_scene(folder: &Path, scene: &Acquisition) -> Result<(), Failure> {
    let sheet = Sheet {
        frame: FRAME,
        bands: &scene.pixels(),
        names: &["blue", "green", "red", "nir"],
        // TIFF knows the order red, green, blue only; the descriptions name the bands instead.
        colours: &[],
        nodata: Some(0.0),
        scale: Some(0.0001),
        date: scene.date,
        predictor: 2,
    };
    writing::raster(&folder.join(format!("satellite/reach_{}.tif", scene.year())), &sheet)?;
    if scene.has_mask {
        let covers = truth::covers(&scene::reach(scene.moment), &FRAME);
        let path = folder.join(format!("satellite/reach_{}_scl.tif", scene.year()));
        let classes = [scene.scene_classes(&covers)];
        let sheet = Sheet { names: &["scl"], ..plain(FRAME, &classes, scene.date) };
        writing::raster(&path, &Sheet { nodata: Some(0.0), ..sheet })?;
    }
    Ok(())
}

fn plain<'a, T>(frame: Frame, bands: &'a [Vec<T>], date: &'a str) -> Sheet<'a, T> {
    Sheet { frame, bands, names: &[], colours: &[], nodata: None, scale: None, date, predictor: 1 }
}

fn write_mask(path: &Path, frame: Frame, mask: Vec<u8>, date: &str) -> Result<(), Failure> {
    let bands = [mask];
    writing::raster(path, &Sheet { names: &["truth"], ..plain(frame, &bands, date) })
}

fn write_close_range(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let flights = close_range::all();
    for flight in &flights {
        let year = flight.moment.year;
        let ortho = format!("drone/park_{year}.tif");
        if wanted(&ortho) {
            let bands = flight.ortho();
            let sheet = Sheet {
                names: &["red", "green", "blue"],
                colours: &[&RedBand, &GreenBand, &BlueBand],
                predictor: 2,
                ..plain(close_range::frame(0.25), &bands, flight.date)
            };
            writing::raster(&folder.join(ortho), &sheet)?;
        }
        let surface = format!("surface/park_dsm_{year}.tif");
        if wanted(&surface) {
            let bands = [flight.surface()];
            let sheet = Sheet {
                names: &["elevation"],
                predictor: 3,
                nodata: Some(-9999.0),
                ..plain(close_range::frame(0.5), &bands, flight.date)
            };
            writing::raster(&folder.join(surface), &sheet)?;
        }
    }
    for (kind, step) in [("drone", 0.25), ("surface", 0.5)] {
        let name = format!("truth/change_{kind}_2024_2025.tif");
        if wanted(&name) {
            let frame = close_range::frame(step);
            write_mask(&folder.join(name), frame, truth::of_flights(&flights, &frame), flights[1].date)?;
        }
    }
    Ok(())
}
