//! The committed sample rasters are what the generator makes, and their truth adds up.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

#[path = "../examples/simulate_reach/reach.rs"]
mod reach;

use std::path::{Path, PathBuf};

use gdal::Dataset;
use gdal::vector::LayerAccess;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters")
}

/// The decoded pixels of every band, as numbers.
fn pixels(path: &Path) -> Vec<Vec<f64>> {
    let file = Dataset::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    file.rasterbands().map(|band| band.unwrap().read_band_as::<f64>().unwrap().data().to_vec()).collect()
}

fn assert_made_again(folder: &Path, name: &str) {
    let (kept, made) = (pixels(&committed().join(name)), pixels(&folder.join(name)));
    assert_eq!(kept.len(), made.len(), "{name}: bands");
    for (band, (kept, made)) in kept.iter().zip(&made).enumerate() {
        let differing = kept.iter().zip(made).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
        assert_eq!((kept.len(), differing), (made.len(), 0), "{name}: pixels that differ in band {}", band + 1);
    }
}

#[test]
fn the_generator_makes_the_committed_pixels_again() {
    let folder = tempfile::tempdir().unwrap();
    // One scene with its quality layer, one mask, one flight, one surface: every kind of file once.
    let names = [
        "satellite/reach_2023",
        "truth/change_2023_2024.tif",
        "drone/park_2025.tif",
        "surface/park_dsm_2025.tif",
        "truth/change_surface_2024_2025.tif",
    ];
    for name in names {
        reach::write(folder.path(), name).unwrap();
    }
    assert_made_again(folder.path(), "satellite/reach_2023.tif");
    assert_made_again(folder.path(), "satellite/reach_2023_scl.tif");
    for name in &names[1..] {
        assert_made_again(folder.path(), name);
    }
}

/// `(id, year, area_m2)` of each outline, and ids and areas of those restored.
fn outlines() -> Vec<(String, i32, Option<i32>, f64)> {
    let file = Dataset::open(committed().join("truth/encroachments.gpkg")).unwrap();
    let mut layer = file.layer(0).unwrap();
    layer
        .features()
        .map(|feature| {
            let at = |name: &str| feature.field_index(name).unwrap();
            let geometry = feature.geometry().unwrap().area();
            let stated = feature.field_as_double(at("area_m2")).unwrap().unwrap();
            assert!((geometry - stated).abs() < 0.01, "the stated area is the outline's: {stated} and {geometry}");
            (
                feature.field_as_string(at("id")).unwrap().unwrap(),
                feature.field_as_integer(at("year_from")).unwrap().unwrap(),
                feature.field_as_integer(at("restored")).unwrap(),
                stated,
            )
        })
        .collect()
}

#[test]
fn truth_areas_add_up_to_the_masks() {
    let outlines = outlines();
    for year in 2022..=2025 {
        let stated: f64 = outlines.iter().filter(|o| o.1 == year || o.2 == Some(year)).map(|o| o.3).sum();
        let mask = pixels(&committed().join(format!("truth/change_{}_{year}.tif", year - 1)));
        let marked = 4.0 * mask[0].iter().filter(|v| (**v - 1.0).abs() < 0.5).count() as f64;
        assert!((marked / stated - 1.0).abs() < 0.02, "{year}: outlines {stated} m², mask {marked} m²");
    }
}

#[test]
fn encroachments_are_many_and_of_every_size() {
    let outlines = outlines();
    let mut ids: Vec<_> = outlines.iter().map(|o| o.0.clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 19);
    let sizes = |low: f64, high: f64| outlines.iter().filter(|o| o.3 >= low && o.3 < high).count();
    assert_eq!(sizes(250.0, 15_000.0), outlines.len(), "all between 250 m² and 1.5 ha");
    assert!(sizes(250.0, 1_000.0) >= 2 && sizes(10_000.0, 15_000.0) >= 2);
}

#[test]
fn one_warehouse_lies_half_inside_the_wetland_park() {
    let file = Dataset::open(committed().join("truth/encroachments.gpkg")).unwrap();
    let mut layer = file.layer(0).unwrap();
    layer.set_attribute_filter("id = 'E13'").unwrap();
    let feature = layer.features().next().unwrap();
    let inside = feature.field_as_string(feature.field_index("zone_areas").unwrap()).unwrap();
    assert_eq!(inside.as_deref(), Some("SD-01=660.0"), "of 1320 m²");
}

#[test]
fn zones_of_the_shapefile_are_those_of_the_geopackage() {
    let names = |file: &str, layer: &str| -> Vec<String> {
        let file = Dataset::open(committed().join(file)).unwrap();
        let mut layer = file.layer_by_name(layer).unwrap();
        layer.features().map(|f| f.field_as_string(f.field_index("name").unwrap()).unwrap().unwrap()).collect()
    };
    assert_eq!(names("zones/clear_water_gbk.shp", "clear_water_gbk"), ["瓜洲运河清水通道维护区"]);
    assert_eq!(names("zones/zones.gpkg", "clear_water"), ["瓜洲运河清水通道维护区"]);
}
