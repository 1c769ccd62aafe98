//! A small made-up outcome for this room's tests: six zones that overlap, three comparisons, ring flags, a zone that
//! nobody saw, a comparison that cannot tell, and hostile names.

use std::path::PathBuf;
use std::sync::Arc;

use geo::Area;
use geo_types::{LineString, MultiPolygon, Point, Polygon};
use uuid::Uuid;

use crate::model::Date;
use crate::model::class::CoverClass;
use crate::model::crs::{Crs, CrsUnit};
use crate::model::flag::{
    Discard, FalseChange, Flag, FlagState, Line, Place, Reason, Severity, Suggestion, Tested, ZoneHit,
};
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::{
    ComparisonOutcome, Outcome, SceneRecord, ScoreHistogram, Shift, StageTime, Tally, ThresholdChoice, ZoneTally,
};
use crate::model::patch::{Patch, Surroundings};
use crate::model::picture::{Chip, Picture};
use crate::model::scene::{BandRole, SceneKind};
use crate::model::transfer::{TransferClass, Transfers};
use crate::model::units::{CubicMetres, Fraction, Metres, SquareMetres};
use crate::model::volume::{HeightFit, Measured, Volume};
use crate::model::zone::Zone;

/// Texts that a spreadsheet might take for a formula.
pub(super) const FORMULAS: &[&str] = &[
    "=HYPERLINK(\"http://example.invalid\",\"x\")",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "-3.5",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1+1",
    "\u{3000}=1+1",
    "\u{200b}=1+1",
    "\u{feff}=1+1",
    "'=1+1",
    "a\",=1+1,\"b",
    "a\r\n=1+1",
];

/// Texts that a browser might take for a script.
pub(super) const SCRIPTS: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><img src=http://example.invalid/x>",
    "<svg onload=alert(1)>",
    "</svg><svg/onload=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"http://example.invalid\">x</a>",
    "<iframe src=//example.invalid></iframe>",
    "<style>@import url(http://example.invalid)</style>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!-- --><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<base href=http://example.invalid/>",
    "<meta http-equiv=refresh content=\"0;url=http://example.invalid\">",
    "<form action=http://example.invalid><button>x",
    "<object data=http://example.invalid></object>",
    "\u{0}<script\u{0}>alert(1)</script>",
    "<foreignObject><body onload=alert(1)></foreignObject>",
];

const ORIGIN: (f64, f64) = (445_000.0, 3_585_000.0);

fn blob(x: f64, y: f64, radius: f64, corners: usize) -> Polygon<f64> {
    let ring = (0..corners).map(|i| {
        let angle = i as f64 / corners as f64 * std::f64::consts::TAU;
        let wobble = 1.0 + 0.18 * (3.0 * angle + x / 500.0).sin() + 0.1 * (5.0 * angle + y / 300.0).cos();
        (ORIGIN.0 + x + radius * wobble * angle.cos(), ORIGIN.1 + y + 0.7 * radius * wobble * angle.sin())
    });
    Polygon::new(LineString::from(ring.collect::<Vec<_>>()), Vec::new())
}

fn square(x: f64, y: f64, half: f64) -> Vec<(f64, f64)> {
    let (x, y) = (ORIGIN.0 + x, ORIGIN.1 + y);
    vec![(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
}

fn zone(id: &str, name: &str, kind: &str, function: Option<&str>, strictness: u8, place: (f64, f64, f64)) -> Zone {
    let shape = MultiPolygon(vec![blob(place.0, place.1, place.2, 48)]);
    let area = SquareMetres(shape.unsigned_area());
    Zone {
        id: id.into(),
        name: name.into(),
        kind: kind.into(),
        level: (strictness < 3).then(|| "国家级".into()),
        function: function.map(Into::into),
        layer: "zones".into(),
        valid_from: Some(Date::constant(2022, 1, 1)),
        valid_to: None,
        boundary_error: Metres(2.0),
        ring_width: Metres(200.0),
        with_ring: (strictness < 3).then(|| MultiPolygon(vec![blob(place.0, place.1, place.2 + 260.0, 48)])),
        shape,
        area,
        strictness,
    }
}

fn zones() -> Vec<Zone> {
    vec![
        zone("HX-01", "夹江三江营自然保护区", "自然保护区", Some("核心保护区"), 1, (2500.0, 2600.0, 1500.0)),
        zone("HX-02", "廖家沟清水通道", "国家级生态保护红线", None, 2, (7300.0, 4200.0, 1300.0)),
        zone("YS-01", "瓜洲饮用水水源地", "饮用水水源保护区", Some("一级"), 1, (6200.0, 1100.0, 800.0)),
        zone("SD-01", "凤凰岛国家湿地公园", "自然公园(湿地)", None, 3, (10_200.0, 1900.0, 1250.0)),
        zone("GK-01", "江淮生态大走廊管控区", "省级生态空间管控区域", None, 4, (4300.0, 3100.0, 3300.0)),
        zone("HG-01", "<script>alert('园区')</script>", "沿江化工园区", None, 5, (9800.0, 4700.0, 700.0)),
    ]
}

fn picture(seed: f64, cleared: bool) -> Option<Picture> {
    let (width, height) = (120, 96);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f64 / 9.0 + seed, y as f64 / 7.0 - seed);
            let field = 18.0 * (u.sin() + (v * 1.3).cos()) + 9.0 * ((u * 3.1).sin() * (v * 2.7).cos());
            let bare = cleared && (38..84).contains(&x) && (30..66).contains(&y);
            let base = if bare { [186.0, 168.0, 140.0] } else { [70.0, 106.0, 62.0] };
            rgb.extend(base.map(|b| (b + field).clamp(0.0, 255.0) as u8));
        }
    }
    Picture::of_rgb(width, height, &rgb)
}

fn chip(seed: f64) -> Option<Chip> {
    let outline = vec![vec![(38.0, 30.0), (84.0, 30.0), (84.0, 66.0), (60.0, 66.0), (60.0, 58.0), (38.0, 58.0)]];
    Some(Chip { before: picture(seed, false)?, after: picture(seed, true)?, outline, pixel_m: 2.0 })
}

fn patch(x: f64, y: f64, half: f64, with_hole: bool) -> Patch {
    let hole = with_hole.then(|| {
        let mut ring = square(x, y, half / 2.0);
        ring.reverse();
        LineString::from(ring)
    });
    let shape = MultiPolygon(vec![Polygon::new(LineString::from(square(x, y, half)), hole.into_iter().collect())]);
    Patch {
        area: SquareMetres(shape.unsigned_area()),
        shape,
        point: Point::new(ORIGIN.0 + x - half * 0.75, ORIGIN.1 + y),
        pixels: (half * half) as usize,
        window: Window { row: 0, col: 0, rows: 4, cols: 4 },
        mean_score: 4.0 + half / 100.0,
        max_score: 9.5,
        mean_before: vec![0.05, 0.08, 0.06, 0.4],
        mean_after: vec![0.15, 0.18, 0.2, 0.25],
        from_class: CoverClass::Vegetation,
        to_class: CoverClass::Bare,
        firm: Fraction(0.8),
        habit: Fraction(0.0),
        around: Surroundings::default(),
        volume: None,
    }
}

fn flag(number: u16, at: (f64, f64, f64), hits: &[(usize, f64, f64)], severity: Severity, score: f64) -> Flag {
    let patch = patch(at.0, at.1, at.2, number.is_multiple_of(2));
    let hits: Vec<ZoneHit> = hits
        .iter()
        .map(|&(zone, share, distance)| ZoneHit {
            zone,
            place: if distance < 0.0 { Place::Inside } else { Place::Ring },
            area: SquareMetres(patch.area.0 * share),
            share: Fraction(share),
            area_error: SquareMetres(if distance.abs() < 5.0 { 40.0 } else { 0.0 }),
            distance: Metres(distance),
            p_inside: Fraction(if distance < 0.0 { 1.0 } else { 0.0 }),
            line: if distance < 0.0 { Line::Inside } else { Line::Outside },
        })
        .collect();
    let (lon, lat) = lonlat_of(patch.point.x(), patch.point.y());
    Flag {
        uuid: Uuid::from_u128(0x1000_0000 + u128::from(number)),
        code: format!("{}-{:04}", 2024 + number / 100, number % 100),
        place: hits[0].place,
        in_zones: hits.iter().find(|hit| hit.place == Place::Inside).map_or(SquareMetres(0.0), |hit| hit.area),
        patch,
        lonlat: Point::new(lon, lat),
        hits,
        severity,
        score,
        reasons: vec![
            Reason { code: "demo_zone".into(), points: 40.0, facts: vec![("zone".into(), "核心保护区".into())] },
            Reason { code: "demo_depth".into(), points: 20.0, facts: vec![("metres".into(), "120".into())] },
        ],
        activity: Some(Suggestion { code: "02".into(), why: "large_building".into(), focal: true }),
        tests: vec![Tested { test: FalseChange::Misfit, value: 0.8, limit: 0.05, explains: false }],
        state: FlagState::Detected,
    }
}

fn tallies(zones: &[Zone], count: usize, changed: f64, flags: &[Flag]) -> Vec<ZoneTally> {
    (0..count)
        .map(|zone| {
            let area = zones[zone].area.0;
            let unseen = match zone {
                3 => 1.0,
                4 => 0.12,
                _ => 0.0,
            };
            let changed = SquareMetres(area * changed * (1.0 - unseen) / (zone as f64 + 1.0));
            let not_observed = SquareMetres(area * unseen);
            let unchanged = SquareMetres(area - changed.0 - not_observed.0);
            let hits = |place: Place| {
                flags.iter().filter(|f| f.hits.iter().any(|h| h.zone == zone && h.place == place)).count()
            };
            let inside = Tally { changed, unchanged, not_observed, discarded: SquareMetres(changed.0 / 4.0) };
            ZoneTally {
                flags: hits(Place::Inside),
                ring_flags: hits(Place::Ring),
                enough_data: unseen < 0.1,
                ..ZoneTally::of_areas(zone, inside, Tally::default())
            }
        })
        .collect()
}

fn histogram() -> ScoreHistogram {
    let count = |i: i32| {
        let x = f64::from(i) / 8.0;
        (90_000.0 * (-(x - 1.4).powi(2) / 0.5).exp() + 900.0 * (-(x - 6.0).powi(2) / 2.5).exp()) as u64
    };
    ScoreHistogram { low: 0.0, high: 10.0, counts: (0..80).map(count).collect() }
}

/// A patch that a test explains, made of the first flag.
fn discard(flags: &[Flag]) -> Option<Discard> {
    let flag = flags.first()?;
    Some(Discard {
        patch: flag.patch.clone(),
        lonlat: flag.lonlat,
        hits: flag.hits.clone(),
        in_zones: flag.in_zones,
        by: FalseChange::Rotation,
        code: "01".into(),
        tests: vec![Tested { test: FalseChange::Rotation, value: 3.0, limit: 2.0, explains: true }],
    })
}

struct Pair {
    from: usize,
    to: usize,
    zones: usize,
    changed: f64,
    can_tell: bool,
}

fn comparison(zones: &[Zone], scenes: &[SceneRecord], crs: &Crs, pair: &Pair, flags: Vec<Flag>) -> ComparisonOutcome {
    let tallies = tallies(zones, pair.zones, pair.changed, &flags);
    let sum =
        |part: fn(&Tally) -> SquareMetres| SquareMetres(tallies.iter().map(|t| part(&t.inside).0).sum::<f64>() * 0.8);
    let shift = Shift {
        east: Metres(0.6),
        north: Metres(-0.8),
        spread: Metres(0.3),
        residual: Metres(0.35),
        field: None,
        tiles: 42,
        corrected: true,
    };
    ComparisonOutcome {
        from: pair.from,
        to: pair.to,
        from_date: scenes[pair.from].date,
        to_date: scenes[pair.to].date,
        kind: scenes[pair.to].kind,
        grid: Grid {
            crs: Arc::new(crs.clone()),
            transform: GeoTransform::north_up(ORIGIN.0, ORIGIN.1 + 6000.0, 2.0, 2.0),
            rows: 3000,
            cols: 6000,
        },
        roles: vec![BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir],
        method: "cva".into(),
        threshold: ThresholdChoice {
            value: pair.can_tell.then_some(3.75),
            rule: "kittler-illingworth".into(),
            why: "demo",
            separation: Some(if pair.can_tell { 3.4 } else { 0.9 }),
        },
        learnt: std::collections::BTreeMap::new(),
        histogram: histogram(),
        shift: pair.can_tell.then_some(shift),
        pixels_read: 7_340_032,
        smallest_patch: SquareMetres(400.0),
        totals: Tally {
            changed: sum(|t| t.changed),
            unchanged: sum(|t| t.unchanged),
            not_observed: sum(|t| t.not_observed),
            discarded: sum(|t| t.discarded),
        },
        heights: None,
        volume: None,
        transfers: None,
        zones: tallies,
        discarded: discard(&flags).into_iter().collect(),
        unseen: Vec::new(),
        chips: (0..flags.len()).map(|i| if i == 2 { None } else { chip(i as f64) }).collect(),
        flags,
    }
}

fn scene(date: Date, kind: SceneKind, name: &str) -> SceneRecord {
    SceneRecord {
        date,
        kind,
        sensor: Some(if kind == SceneKind::Drone { "drone-rgb" } else { "gf2" }.into()),
        paths: vec![PathBuf::from(format!("scenes/{name}.tif"))],
        crs: "EPSG:4549 CGCS2000 / 3-degree Gauss-Kruger CM 120E".into(),
        gsd: Metres(2.0),
        roles: vec![BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir],
        content_hash: format!("{:064x}", 0x00ab_cdef_u64 * (1 + name.len() as u64)),
    }
}

/// The made-up outcome.
pub(super) fn outcome() -> Outcome {
    let crs = Crs {
        wkt: String::new(),
        name: "CGCS2000 / 3-degree Gauss-Kruger CM 120E".into(),
        epsg: Some(4549),
        unit: CrsUnit::Projected { metres: 1.0 },
    };
    let zones = zones();
    let scenes = vec![
        scene(Date::constant(2023, 5, 2), SceneKind::Satellite, "y2023"),
        scene(Date::constant(2024, 5, 4), SceneKind::Satellite, "yangzhou2024"),
        scene(Date::constant(2025, 4, 28), SceneKind::Satellite, "yangzhou_2025"),
        scene(Date::constant(2024, 6, 1), SceneKind::Drone, "d2024"),
        scene(Date::constant(2025, 6, 3), SceneKind::Drone, "drone2025"),
    ];
    let first = vec![
        flag(1, (2400.0, 2700.0, 60.0), &[(0, 1.0, -120.0), (4, 1.0, -900.0)], Severity::High, 92.0),
        flag(2, (6300.0, 1000.0, 45.0), &[(2, 0.8, -40.0)], Severity::High, 85.5),
        flag(3, (7300.0, 4300.0, 30.0), &[(1, 1.0, -300.0)], Severity::Medium, 61.0),
        flag(4, (4200.0, 4200.0, 25.0), &[(4, 1.0, -500.0)], Severity::Low, 22.0),
        flag(5, (4300.0, 4150.0, 22.0), &[(4, 1.0, -480.0)], Severity::Low, 20.0),
        flag(6, (8850.0, 4000.0, 35.0), &[(1, 1.0, 90.0)], Severity::Low, 12.0),
    ];
    let second = vec![
        flag(101, (2600.0, 2500.0, 80.0), &[(0, 1.0, -420.0), (4, 1.0, -800.0)], Severity::High, 96.0),
        flag(102, (9850.0, 4650.0, 50.0), &[(5, 0.9, -60.0)], Severity::Medium, 48.0),
    ];
    let pairs = [
        (Pair { from: 0, to: 1, zones: 6, changed: 0.02, can_tell: true }, first),
        (Pair { from: 1, to: 2, zones: 6, changed: 0.008, can_tell: true }, second),
        (Pair { from: 3, to: 4, zones: 5, changed: 0.0, can_tell: false }, Vec::new()),
    ];
    let comparisons = pairs.into_iter().map(|(pair, flags)| comparison(&zones, &scenes, &crs, &pair, flags)).collect();
    Outcome {
        project: "扬州沿江生态红线遥感监测 2023–2025".into(),
        program: "0.1.0".into(),
        gdal: "3.6.2".into(),
        crs,
        crs_choice: "zones",
        ellipsoidal_areas: false,
        tables: vec!["strictness 2026.1".into(), "severity 2026.1".into(), "smallest-patch 2026.1".into()],
        zones,
        scenes,
        comparisons,
        notices: vec![
            Notice::new("R01_empty", Weight::Refused).at(&PathBuf::from("scenes/y2022.tif")),
            Notice::new("report_totals", Weight::Note)
                .fact("zone", "HX-01")
                .fact("from", "2023-05-02")
                .fact("to", "2024-05-04")
                .fact("counted", 1)
                .fact("area", 2),
        ],
        timing: vec![StageTime { stage: "detect", seconds: 1.5 }, StageTime { stage: "write", seconds: 0.25 }],
        peak_rss_mb: 312.5,
    }
}

/// Tells the second comparison of an outcome to be one of surfaces.
pub(super) fn make_surfaces(outcome: &mut Outcome) {
    let measured = |m3: f64| Measured { volume: CubicMetres(m3), error: CubicMetres(m3.abs() / 10.0) };
    let volume = Volume { cut: measured(1234.5), fill: measured(234.5), net: measured(-1000.0) };
    let comparison = &mut outcome.comparisons[1];
    comparison.kind = SceneKind::Surface;
    comparison.heights = Some(HeightFit {
        offset: Metres(0.75),
        offset_error: Metres(0.02),
        nmad: Metres(0.12),
        correlated: Fraction(0.6),
        range: Metres(8.0),
    });
    comparison.volume = Some(volume);
    comparison.zones.iter_mut().for_each(|tally| tally.volume = Some(volume));
    comparison.flags.iter_mut().for_each(|flag| flag.patch.volume = Some(volume));
}

/// Tells the second comparison of an outcome to be one of land-cover maps with the classes 1 (named) and 2.
pub(super) fn make_landcover(outcome: &mut Outcome, name: &str) {
    let class = |code, name: Option<&str>| TransferClass { code, name: name.map(str::to_owned), cover: None };
    let comparison = &mut outcome.comparisons[1];
    comparison.kind = SceneKind::Landcover;
    comparison.transfers = Some(Transfers {
        classes: vec![class(1, Some(name)), class(2, None)],
        areas: [[9000.0, 1000.0], [0.0, 5000.0]].map(|row| row.map(SquareMetres).to_vec()).to_vec(),
    });
}

fn lonlat_of(x: f64, y: f64) -> (f64, f64) {
    (119.42 + (x - 445_426.83) / 94_000.0, 32.39 + (y - 3_585_247.59) / 110_900.0)
}

/// The flags' shapes in longitude and latitude, near enough for tests.
pub(super) fn lonlat(outcome: &Outcome) -> Vec<Vec<MultiPolygon<f64>>> {
    let turn = |line: &LineString<f64>| line.0.iter().map(|c| lonlat_of(c.x, c.y)).collect::<LineString<f64>>();
    let shape = |shape: &MultiPolygon<f64>| {
        let polygons = shape.iter().map(|p| Polygon::new(turn(p.exterior()), p.interiors().iter().map(turn).collect()));
        polygons.collect::<MultiPolygon<f64>>()
    };
    outcome.comparisons.iter().map(|c| c.flags.iter().map(|f| shape(&f.patch.shape)).collect()).collect()
}

/// The corners of the map in longitude and latitude, near enough for tests.
pub(super) fn corners(outcome: &Outcome) -> Option<[Point<f64>; 4]> {
    let frame = super::map_frame(outcome)?;
    let (min, max) = (frame.min(), frame.max());
    let at = |x: f64, y: f64| Point::from(lonlat_of(x, y));
    Some([at(min.x, min.y), at(max.x, min.y), at(max.x, max.y), at(min.x, max.y)])
}
