//! What is found and what is left alone, with default settings: the simulated reach with its truth, and real pairs in which
//! nothing changed.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::Path;

use geo::{Area, BooleanOps};
use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::Value as Json;

mod support;
use support::made::Pixels;
use support::{Run, data, number, quoted, run, sample_project, say, scene};

/// An outline in longitude and latitude, and what is known of it.
struct Outline {
    shape: MultiPolygon<f64>,
    facts: Json,
}

fn outlines(path: &Path) -> Vec<Outline> {
    let collection: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let outline = |feature: &Json| {
        let (geometry, facts) = (&feature["geometry"], feature["properties"].clone());
        let coordinates = &geometry["coordinates"];
        let shape = match geometry["type"].as_str() {
            Some("Polygon") => MultiPolygon(vec![polygon(coordinates)]),
            _ => MultiPolygon(coordinates.as_array().unwrap().iter().map(polygon).collect()),
        };
        Outline { shape, facts }
    };
    collection["features"].as_array().unwrap().iter().map(outline).collect()
}

fn polygon(rings: &Json) -> Polygon<f64> {
    let point = |c: &Json| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap());
    let ring = |ring: &Json| ring.as_array().unwrap().iter().map(point).collect::<LineString<f64>>();
    let mut rings = rings.as_array().unwrap().iter().map(ring);
    Polygon::new(rings.next().unwrap(), rings.collect())
}

fn overlap(a: &Outline, b: &Outline) -> f64 {
    a.shape.intersection(&b.shape).unsigned_area()
}

/// The families of activities that the technical rules for reserves name: mining, industry, energy, tourism, transport,
/// aquaculture, others.
fn family(code: &str) -> &str {
    match code {
        "07" => "05",
        "01" | "02" | "03" | "04" | "05" | "06" => code,
        _ => "other",
    }
}

#[test]
fn the_encroachments_of_the_simulated_reach_are_found_and_little_else() {
    let truth = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/truth/encroachments.geojson");
    let truth = outlines(&truth);
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &sample_project());
    let flags = outlines(&done.folder.join("out/flags.geojson"));

    let meets = |flag: &Outline| truth.iter().any(|outline| overlap(flag, outline) > 0.0);
    let true_flags = flags.iter().filter(|flag| meets(flag)).count();
    let largest = |outline: &Outline| {
        let hits = flags.iter().map(|flag| (overlap(flag, outline), flag)).filter(|(area, _)| *area > 0.0);
        hits.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, flag)| flag)
    };
    let found: Vec<(&Outline, &Outline)> = truth.iter().filter_map(|o| largest(o).map(|flag| (o, flag))).collect();
    let alike = |(outline, flag): &&(&Outline, &Outline)| {
        family(outline.facts["activity"].as_str().unwrap()) == family(flag.facts["SUG_CD"].as_str().unwrap_or("none"))
    };
    let right = found.iter().filter(alike).count();
    say(&format!(
        "simulated reach: {} of {} found, {true_flags} of {} flags true, activity family right for {right} of {}",
        found.len(),
        truth.len(),
        flags.len(),
        found.len()
    ));
    assert!(found.len() as f64 >= 0.95 * truth.len() as f64);
    assert!(true_flags as f64 >= 0.90 * flags.len() as f64);
    assert!(right as f64 >= 0.70 * found.len() as f64);
}

/// Share of the observed area that flags hold.
fn flagged_share(done: &Run) -> f64 {
    let comparison = &done.comparisons()[0];
    let observed = number(comparison, "changed_m2") + number(comparison, "unchanged_m2");
    let areas = done.flags();
    areas.iter().fold(0.0, |sum, flag| sum + number(&flag["properties"], "AREA_M2")) / observed
}

/// A project of the July and the November scene, or of copies of them.
fn summer_and_winter(folder: &Path, july: &Path, november: &Path) -> String {
    let zones = folder.join("zones.geojson");
    let (west, south, east, north) = (390_045, 4_482_105, 399_045, 4_491_105);
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let shape = serde_json::json!({ "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32618" } },
        "features": [{ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } }] });
    std::fs::write(&zones, shape.to_string()).unwrap();
    let bands = "blue = 1, green = 2, red = 3, nir = 4, swir1 = 5, swir2 = 6";
    let crs = "crs = \"EPSG:32618\"\n";
    format!(
        "version = 1\n[project]\n[[zones]]\npath = {}\nkind = \"自然保护区\"\n{}{crs}{}{crs}[outputs]\nrasters = true\n",
        quoted(&zones),
        scene(july, "2002-07-20", bands),
        scene(november, "2002-11-25", bands)
    )
}

#[test]
fn a_summer_and_a_winter_without_change_make_no_flags() {
    let (Some(july), Some(november)) = (data("season_clouds/july.tif"), data("season_clouds/nov.tif")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &summer_and_winter(folder.path(), &july, &november));
    let (share, comparison) = (flagged_share(&done), &done.comparisons()[0]);
    let hidden = number(comparison, "not_observed_m2") / (90_000.0 * 900.0);
    say(&format!("summer and winter: {:.4} % flagged, {:.1} % not observed", 100.0 * share, 100.0 * hidden));
    assert!(share < 0.002, "{share}");
    // No mask tells of the clouds of July and of their shadows.
    assert!((0.04..0.12).contains(&hidden) && done.codes().contains(&"clouds_hidden"), "{hidden}");
}

/// Squares of six pixels on ground that changes with the season: three standard deviations brighter in all bands, and darker
/// in the infrared, which is what the season does there.
#[test]
fn what_no_season_does_is_flagged_between_a_summer_and_a_winter() {
    flag_planted_squares("brighter", 0.9, |_| 3.0);
    flag_planted_squares("darker in the infrared", 0.8, |band| if band < 3 { 0.0 } else { -3.0 });
}

/// Plants squares in the later scene, so many standard deviations brighter by band, and expects them to be flagged and at
/// least a share of them to be in the mask.
fn flag_planted_squares(what: &str, least_marked: f64, contrast: impl Fn(usize) -> f64) {
    const SIDE: usize = 6;
    let (Some(july), Some(november)) = (data("season_clouds/july.tif"), data("season_clouds/nov.tif")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut winter = Pixels::read(&november);
    let corners: Vec<usize> = (40..260)
        .step_by(55)
        .flat_map(|row| (40..260).step_by(55).map(move |col| (row, col)))
        .map(|(row, col)| row * winter.cols + col)
        .collect();
    let (cols, count) = (winter.cols, (winter.cols * winter.rows) as f64);
    for (at, band) in winter.bands.iter_mut().enumerate() {
        let mean = band.iter().sum::<f64>() / count;
        let spread = (band.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
        for pixel in
            corners.iter().flat_map(|corner| (0..SIDE * SIDE).map(move |at| corner + at / SIDE * cols + at % SIDE))
        {
            band[pixel] = (band[pixel] + (contrast(at) * spread).round()).max(1.0);
        }
    }
    let planted = winter.write(&folder.path().join("nov.tif"), &[], None, |v| v as u16);
    let summer = Pixels::read(&july).write(&folder.path().join("july.tif"), &[], None, |v| v as u16);
    let done = run(folder.path(), &summer_and_winter(folder.path(), &summer, &planted));
    let mask = Pixels::read(&done.folder.join("out/rasters/20020720_20021125_satellite_change.tif"));
    let middle = |corner: &usize| corner + SIDE / 2 * cols + SIDE / 2;
    let seen = corners.iter().filter(|corner| mask.bands[0][middle(corner)] <= 1.0).count();
    let marked = corners.iter().filter(|corner| (mask.bands[0][middle(corner)] - 1.0).abs() < 0.5).count();
    let square_m2 = (SIDE * SIDE * 900) as f64;
    let flags = done.flags();
    let flagged =
        flags.iter().filter(|flag| (0.6..1.4).contains(&(number(&flag["properties"], "AREA_M2") / square_m2))).count();
    say(&format!(
        "summer and winter, {what}: {marked} of {seen} squares in the mask, {flagged} flagged with about their area"
    ));
    // Clouds and their shadows hide some.
    assert!(seen >= 12 && marked as f64 >= least_marked * seen as f64, "{what}: {marked} of {seen}");
    assert!(flagged as f64 >= 0.8 * seen as f64, "{what}: {flagged} of {seen}");
}

#[test]
fn forest_and_fields_of_one_class_at_both_dates_have_no_flags() {
    let at = |name: &str| data(&format!("stable_forest/{name}"));
    let (Some(before), Some(after)) = (at("L5TSR_1986.tif"), at("L5TSR_2001.tif")) else { return };
    let Some(polygons) = at("training_polygons.gpkg") else { return };
    let bands = "blue = 1, green = 2, red = 3, nir = 4";
    let project = format!(
        "version = 1\n[project]\nanalysis_crs = \"EPSG:32616\"\n[[zones]]\npath = {}\nkind = \"自然保护区\"\n\
         name_field = \"class_1986\"\nfunction_field = \"class_2001\"\n{}{}",
        quoted(&polygons),
        scene(&before, "1986-02-06", bands),
        scene(&after, "2001-01-14", bands)
    );
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &project);
    let still: Vec<&Json> = done.zones(0).iter().filter(|zone| zone["name"] == zone["function"]).collect();
    assert_eq!((still.len(), done.zones(0).len()), (26, 30));
    assert!(still.iter().all(|zone| number(zone, "flags") < 0.5));
    assert!(done.codes().contains(&"radiometry_unlike"), "the visible bands of 1986 lack their scale");
}
