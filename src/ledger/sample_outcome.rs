//! A small made-up outcome for tests: two zones, two comparisons, three flags.

use std::path::PathBuf;
use std::sync::Arc;

use geo_types::{Coord, MultiPolygon, Point, Rect};
use uuid::Uuid;

use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::crs::{Crs, CrsUnit};
use crate::model::flag::{FalseChange, Flag, FlagState, Line, Place, Reason, Severity, Tested, ZoneHit};
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::{
    ComparisonOutcome, Outcome, SceneRecord, ScoreHistogram, Shift, Tally, ThresholdChoice, ZoneTally,
};
use crate::model::patch::{Patch, Surroundings};
use crate::model::scene::{BandRole, SceneKind};
use crate::model::units::{Fraction, Metres, SquareMetres};
use crate::model::zone::Zone;

/// West and south of the made-up place, in metres of EPSG:4549.
pub(crate) const WEST: f64 = 440_000.0;
/// See [`WEST`].
pub(crate) const SOUTH: f64 = 3_570_000.0;

/// A square outline; `x`, `y` count from the made-up place's corner.
pub(crate) fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
    let low = Coord { x: WEST + x, y: SOUTH + y };
    let high = Coord { x: low.x + side, y: low.y + side };
    MultiPolygon::new(vec![Rect::new(low, high).to_polygon()])
}

/// A square flag that hits the first zone.
pub(crate) fn flag_at(x: f64, y: f64, side: f64) -> Flag {
    let area = SquareMetres(side * side);
    let hit = ZoneHit {
        zone: 0,
        place: Place::Inside,
        area,
        share: Fraction(1.0),
        area_error: SquareMetres(0.0),
        distance: Metres(-12.5),
        p_inside: Fraction(1.0),
        line: Line::Inside,
    };
    Flag {
        uuid: Uuid::nil(),
        code: String::new(),
        patch: patch(x, y, side),
        lonlat: Point::new(119.365_412_3 + x * 1e-5, 32.254_321_9 + y * 1e-5),
        hits: vec![hit],
        in_zones: area,
        place: Place::Inside,
        severity: Severity::High,
        score: 78.0,
        reasons: vec![Reason {
            code: "strict_zone".into(), points: 30.0, facts: vec![("zone".into(), "瓜洲".into())]
        }],
        activity: None,
        tests: vec![Tested { test: FalseChange::Misfit, value: 0.8, limit: 0.05, explains: false }],
        state: FlagState::Detected,
    }
}

fn patch(x: f64, y: f64, side: f64) -> Patch {
    Patch {
        shape: square(x, y, side),
        point: Point::new(WEST + x + side / 2.0, SOUTH + y + side / 2.0),
        area: SquareMetres(side * side),
        pixels: (side * side / 4.0) as usize,
        window: Window { row: 1, col: 2, rows: 3, cols: 4 },
        mean_score: 7.25,
        max_score: 11.5,
        mean_before: vec![0.1, 0.2],
        mean_after: vec![0.3, 0.25],
        from_class: CoverClass::Vegetation,
        to_class: CoverClass::Bare,
        firm: Fraction(0.8),
        habit: Fraction(0.0),
        around: Surroundings::default(),
        volume: None,
    }
}

/// EPSG:4549 as the program's own readers describe it.
pub(crate) fn crs() -> Crs {
    let wkt = concat!(
        r#"PROJCS["CGCS2000 / 3-degree Gauss-Kruger CM 120E",GEOGCS["China Geodetic Coordinate System 2000","#,
        r#"DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],"#,
        r#"UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],"#,
        r#"PARAMETER["central_meridian",120],PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],"#,
        r#"PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","4549"]]"#
    );
    Crs {
        wkt: wkt.into(),
        name: "CGCS2000 / 3-degree Gauss-Kruger CM 120E".into(),
        epsg: Some(4549),
        unit: CrsUnit::Projected { metres: 1.0 },
    }
}

fn zone(id: &str, name: &str, kind: &str, x: f64, strictness: u8) -> Zone {
    Zone {
        id: id.into(),
        name: name.into(),
        kind: kind.into(),
        level: Some("省级".into()),
        function: Some("一级".into()),
        layer: "zones".into(),
        valid_from: Some(jiff::civil::date(2022, 1, 1)),
        valid_to: None,
        boundary_error: Metres(2.0),
        ring_width: Metres(50.0),
        shape: square(x, 0.0, 500.0),
        with_ring: None,
        area: SquareMetres(250_000.0),
        strictness,
    }
}

fn scene(date: Date, hash: &str) -> SceneRecord {
    SceneRecord {
        date,
        kind: SceneKind::Satellite,
        sensor: Some("gf2".into()),
        paths: vec![PathBuf::from(format!("/data/{hash}.tif"))],
        crs: "EPSG:4549".into(),
        gsd: Metres(2.0),
        roles: vec![BandRole::Red, BandRole::Nir],
        content_hash: hash.into(),
    }
}

fn comparison(from: usize, to: usize, dates: (Date, Date), flags: Vec<Flag>) -> ComparisonOutcome {
    let tally = Tally {
        changed: SquareMetres(1_000.0),
        unchanged: SquareMetres(240_000.0),
        not_observed: SquareMetres(9_000.0),
        discarded: SquareMetres(0.0),
    };
    let zones = [0, 1].map(|zone| ZoneTally { flags: 1, ..ZoneTally::of_areas(zone, tally, Tally::default()) });
    let grid = Grid {
        crs: Arc::new(crs()),
        transform: GeoTransform::north_up(WEST, SOUTH + 1_000.0, 2.0, 2.0),
        rows: 500,
        cols: 500,
    };
    ComparisonOutcome {
        from,
        to,
        from_date: dates.0,
        to_date: dates.1,
        kind: SceneKind::Satellite,
        grid,
        roles: vec![BandRole::Red, BandRole::Nir],
        method: "cva".into(),
        threshold: ThresholdChoice { value: Some(4.5), rule: "otsu".into(), why: "asked", separation: Some(3.0) },
        learnt: std::collections::BTreeMap::new(),
        histogram: ScoreHistogram::default(),
        shift: Some(Shift {
            east: Metres(0.5),
            north: Metres(-0.25),
            spread: Metres(0.1),
            residual: Metres(0.2),
            field: None,
            tiles: 12,
            corrected: false,
        }),
        pixels_read: 125_000,
        smallest_patch: SquareMetres(64.0),
        totals: tally,
        heights: None,
        volume: None,
        transfers: None,
        zones: zones.to_vec(),
        discarded: Vec::new(),
        unseen: Vec::new(),
        chips: vec![None; flags.len()],
        flags,
    }
}

/// The outcome: flags of 2024 at (10, 10) and (100, 100), of 2025 at (200, 10), the last one in both zones.
pub(crate) fn outcome() -> Outcome {
    let days = [2023, 2024, 2025].map(|year| jiff::civil::date(year, 7, 12));
    let mut both = flag_at(200.0, 10.0, 30.0);
    both.hits.push(ZoneHit { zone: 1, place: Place::Ring, ..both.hits[0].clone() });
    let first = vec![flag_at(10.0, 10.0, 20.0), flag_at(100.0, 100.0, 24.0)];
    Outcome {
        project: "瓜洲试点".into(),
        program: "0.1.0".into(),
        gdal: "3.6.2".into(),
        crs: crs(),
        crs_choice: "from_zones",
        ellipsoidal_areas: false,
        tables: vec!["strictness 2026.1".into()],
        zones: vec![
            zone("Z1", "瓜洲饮用水水源保护区", "饮用水水源保护区", 0.0, 1),
            zone("Z2", "沿江湿地", "重要湿地", 250.0, 3),
        ],
        scenes: vec![scene(days[0], "aa"), scene(days[1], "bb"), scene(days[2], "cc")],
        comparisons: vec![
            comparison(0, 1, (days[0], days[1]), first),
            comparison(1, 2, (days[1], days[2]), vec![both]),
        ],
        notices: vec![Notice::new("R01_empty", Weight::Refused).at(std::path::Path::new("/data/影像.tif"))],
        timing: Vec::new(),
        peak_rss_mb: 0.0,
    }
}
