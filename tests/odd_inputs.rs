//! Inputs that can be used in part, or that only look odd: every square metre is accounted for, nothing unseen counts as
//! unchanged, and a name stays text wherever it is written.

// The helpers of a test are test code too; the lint does not see that in a test crate of its own.
#![allow(clippy::unwrap_used)]

mod hostile;

use ecoredline::job::{self, Progress};
use ecoredline::model::notice::Weight;
use ecoredline::pipeline::{self, RunEnd, RunOptions, RunReport};
use hostile::forged::spoil_tile;
use hostile::{Lab, ORIGIN, Program, SIDE, Scene, feature, leftovers, program, square};
use serde_json::Value;

/// Runs and reads the summary; changed, unchanged and not observed have to add up to the area in every zone.
fn accounted(lab: &Lab, exit: i32) -> Value {
    let end = lab.run(&["--log", "json", "--lang", "en"]);
    assert_eq!(end.code, Some(exit), "{}", end.err);
    end.speaks_plainly("run");
    let summary: Value = serde_json::from_slice(&lab.bytes("out/summary.json")).unwrap();
    for comparison in summary["comparisons"].as_array().unwrap() {
        for zone in comparison["zones"].as_array().unwrap() {
            let of = |key: &str| zone[key].as_f64().unwrap();
            let parts = of("changed_m2") + of("unchanged_m2") + of("not_observed_m2");
            assert!((parts - of("area_m2")).abs() < 1e-3 * of("area_m2"), "{zone}");
        }
    }
    summary
}

fn comparison<'s>(summary: &'s Value, from: &str) -> &'s Value {
    let all = summary["comparisons"].as_array().unwrap();
    all.iter().find(|c| c["from"].as_str().unwrap().starts_with(from)).unwrap()
}

fn zone<'s>(comparison: &'s Value, id: &str) -> &'s Value {
    comparison["zones"].as_array().unwrap().iter().find(|z| z["id"] == id).unwrap()
}

/// Values of the change raster of two years in a square of pixels.
fn states(lab: &Lab, years: &str, row: usize, col: usize, side: usize) -> Vec<u8> {
    let path = lab.at(&format!("out/rasters/{years}_satellite_change.tif"));
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    let at = (col as isize, row as isize);
    band.read_as::<u8>(at, (side, side), (side, side), None).unwrap().data().to_vec()
}

#[test]
fn a_damaged_block_is_reported_and_never_counts_as_unchanged() {
    let lab = Lab::new();
    let mut bytes = lab.bytes("in/2024.tif");
    // Three tiles in each direction: the fifth is the middle one, rows and columns 64 to 127.
    spoil_tile(&mut bytes, 4);
    lab.put("in/2024.tif", bytes);
    let end = lab.run(&["--log", "json", "--lang", "en"]);
    assert_eq!(end.code, Some(2), "{}", end.err);
    let told = &end.notices("D08_block")[0];
    assert!(told["what"].as_str().unwrap().contains("64"), "{told}");
    for years in ["20230701_20240701", "20240701_20250701"] {
        let middle = states(&lab, years, 64, 64, 64);
        assert!(middle.iter().all(|state| *state == 255), "a damaged pixel counts as seen");
        // Inside the zone, up to the block.
        assert!(states(&lab, years, 20, 20, 44).iter().all(|state| *state != 255), "a sound pixel is lost");
    }
    // The zone of rows and columns 20 to 79 shares a square of 16 pixels with the block.
    let summary = accounted(&lab, 2);
    let lost = zone(comparison(&summary, "2023"), "北岸湿地")["not_observed_m2"].as_f64().unwrap();
    assert!((lost - 16.0 * 16.0 * 100.0).abs() < 1.0, "{lost}");
}

#[test]
fn what_a_scene_does_not_cover_is_not_observed() {
    let lab = Lab::new();
    // 50 pixels of the first zone's 60, none of the second.
    Scene { side: 70, ..Scene::of(2024) }.write(&lab.at("in/2024.tif"));
    let summary = accounted(&lab, 0);
    let pair = comparison(&summary, "2023");
    let seen = 50.0 * 50.0 * 100.0;
    let lost = |id: &str| zone(pair, id)["not_observed_m2"].as_f64().unwrap();
    assert!((lost("北岸湿地") - (360_000.0 - seen)).abs() < 1.0, "{pair}");
    assert!((lost("南岸滩地") - 360_000.0).abs() < 1.0, "{pair}");
}

#[test]
fn a_scene_stored_from_south_to_north_gives_the_same_areas() {
    let upright = Lab::new();
    let wanted = accounted(&upright, 0);
    let lab = Lab::new();
    let turned = [ORIGIN.0, 10.0, 0.0, ORIGIN.1 - 10.0 * SIDE as f64, 0.0, 10.0];
    let mut scene = Scene::of(2025);
    scene.transform = Some(turned);
    scene.upside_down = true;
    scene.write(&lab.at("in/2025.tif"));
    let found = accounted(&lab, 0);
    for id in ["北岸湿地", "南岸滩地"] {
        let changed = |of: &Value| zone(comparison(of, "2024"), id)["changed_m2"].as_f64().unwrap();
        assert!(changed(&wanted) > 10_000.0, "nothing was built");
        assert!((changed(&wanted) - changed(&found)).abs() < 0.02 * changed(&wanted), "{id}: {found}");
    }
}

#[test]
fn a_rotated_scene_is_put_on_the_grid_and_its_corners_are_not_observed() {
    /// What the ground of the other scenes shows where a pixel of the rotated one lies.
    #[allow(clippy::unnecessary_wraps, reason = "scenes may have gaps; this one has none")]
    fn turned(band: usize, row: usize, col: usize) -> Option<u16> {
        let (right, down) = (col as f64 + 0.5, row as f64 + 0.5);
        let (cos, sin) = (0.1_f64.cos(), 0.1_f64.sin());
        let (col, row) = (right * cos + down * sin, down * cos - right * sin);
        Some(Scene::of(2024).pixel(band, row.max(0.0) as usize, col.max(0.0) as usize))
    }
    let lab = Lab::new();
    let (cos, sin) = (0.1_f64.cos() * 10.0, 0.1_f64.sin() * 10.0);
    Scene { transform: Some([ORIGIN.0, cos, sin, ORIGIN.1, sin, -cos]), value: turned, ..Scene::of(2024) }
        .write(&lab.at("in/2024.tif"));
    let summary = accounted(&lab, 0);
    assert!(comparison(&summary, "2023")["unchanged_m2"].as_f64().unwrap() > 0.0, "{summary}");
}

#[test]
fn not_a_number_is_a_gap_and_eight_bits_meet_sixteen() {
    let lab = Lab::new();
    let gap = |_, row: usize, col: usize| ((30..40).contains(&row) && (30..40).contains(&col)).then_some(u16::MAX);
    let scene = Scene { value: gap, ..Scene::of(2024) };
    scene.write_as::<f32>(&lab.at("in/2024.tif"), |v| if v == u16::MAX { f32::NAN } else { f32::from(v) });
    Scene::of(2025).write_as::<u8>(&lab.at("in/2025.tif"), |v| (v / 20) as u8);
    let summary = accounted(&lab, 0);
    let lost = zone(comparison(&summary, "2023"), "北岸湿地")["not_observed_m2"].as_f64().unwrap();
    assert!((lost - 10_000.0).abs() < 1.0, "{lost}");
    assert!(states(&lab, "20240701_20250701", 30, 30, 10).iter().all(|state| *state == 255));
}

#[test]
fn a_name_stays_text_in_every_document() {
    let (formula, script) = ("=HYPERLINK(\"http://x\",\"y\")", "<script>alert(1)</script>");
    let lab = Lab::new();
    let all = [(formula, square(20, 20, 60)), (script, square(110, 100, 60))];
    lab.features(&all.map(|(id, shape)| feature(&Value::from(id), &shape)));
    let summary = accounted(&lab, 0);
    assert!(zone(comparison(&summary, "2024"), formula)["flags"].as_u64().unwrap() > 0, "{summary}");
    assert!(zone(comparison(&summary, "2024"), script)["flags"].as_u64().unwrap() > 0, "{summary}");
    let text = |name: &str| String::from_utf8(lab.bytes(name)).unwrap();
    let csv = text("out/flags.csv");
    let cells = csv.lines().flat_map(|line| line.split(','));
    assert!(cells.clone().any(|cell| cell.contains("HYPERLINK")), "{csv}");
    assert!(cells.map(|c| c.trim_start_matches('"')).all(|cell| !cell.starts_with(['=', '@', '\t', '\r'])), "{csv}");
    assert!(!text("out/report.html").contains("<script>alert"));
    let flags: Value = serde_json::from_str(&text("out/flags.geojson")).unwrap();
    assert!(flags.to_string().contains(&Value::from(script).to_string()), "the name is not the same text");
}

#[test]
fn hostile_neighbours_are_ignored_and_named() {
    let lab = Lab::new();
    let sound = accounted(&lab, 0)["comparisons"].clone();
    let virtual_raster = hostile::forged::virtual_raster(&lab.at("in/2023.tif"));
    for neighbour in ["in/2024.tif.ovr", "in/2024.tif.msk"] {
        lab.put(neighbour, &virtual_raster);
    }
    lab.put("in/2024.tif.aux.xml", "<PAMDataset><Metadata><MDI key=\"x\">y</MDI></Metadata></PAMDataset>");
    let told = lab.run(&["check", "--log", "json"]);
    let named = told.notices("W04_neighbours")[0].to_string();
    assert!([".ovr", ".msk", ".aux.xml"].iter().all(|end| named.contains(end)), "{named}");
    assert_eq!(accounted(&lab, 0)["comparisons"], sound);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_never_waited_for() {
    let lab = Lab::new();
    lab.remove("in/2024.tif");
    assert!(std::process::Command::new("mkfifo").arg(lab.at("in/2024.tif")).status().unwrap().success());
    let end = lab.run(&["--log", "json"]);
    assert_eq!((end.code, end.notices("P40_not_regular").len()), (Some(2), 1), "{}", end.err);
    assert!(std::process::Command::new("mkfifo").arg(lab.at("q.toml")).status().unwrap().success());
    let mut command = program();
    command.args(["--headless", "check", "--log", "json"]).arg(lab.at("q.toml"));
    let end = Program(command).ended();
    assert_eq!((end.code, end.notices("file_wrong_kind").len()), (Some(3), 1), "{}", end.err);
}

#[cfg(unix)]
#[test]
fn what_a_user_may_not_read_or_write_is_said() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let lab = Lab::new();
    let mode = |path: &str, mode: u32| {
        std::fs::set_permissions(lab.at(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let run = || {
        let mut program = lab.command(&["--log", "json"]);
        // Rights do not bind root; where the tests run as root, the program runs as nobody.
        if std::fs::read("/proc/self/status").is_ok_and(|s| String::from_utf8_lossy(&s).contains("Uid:\t0\t")) {
            program.0.uid(65_534).gid(65_534);
        }
        program.ended()
    };
    mode("", 0o555);
    let end = run();
    assert_eq!(end.code, Some(4), "{}", end.err);
    assert!(end.err.contains("read_only"), "{}", end.err);
    mode("", 0o777);
    mode("in/2024.tif", 0o000);
    let end = run();
    assert_eq!((end.code, end.notices("P40_unreadable").len()), (Some(2), 1), "{}", end.err);
    mode("ledger.gpkg", 0o444);
    let end = run();
    assert_eq!((end.code, end.notices("ledger_read_only").len()), (Some(4), 1), "{}", end.err);
    assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn a_ledger_in_a_folder_that_cannot_be_written_ends_with_4() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let lab = Lab::new();
    std::fs::create_dir(lab.at("kept")).unwrap();
    lab.edit("[[zones]]", "ledger = \"kept/ledger.gpkg\"\n[[zones]]");
    std::fs::set_permissions(lab.at(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    std::fs::set_permissions(lab.at("kept"), std::fs::Permissions::from_mode(0o555)).unwrap();
    let mut program = lab.command(&["--log", "json", "--lang", "en"]);
    if std::fs::read("/proc/self/status").is_ok_and(|s| String::from_utf8_lossy(&s).contains("Uid:\t0\t")) {
        program.0.uid(65_534).gid(65_534);
    }
    let end = program.ended();
    assert_eq!((end.code, end.notices("ledger_read_only").len()), (Some(4), 1), "{}", end.err);
    assert!(!lab.at("out").exists(), "nothing is begun");
}

#[test]
fn outputs_among_the_inputs_are_refused_whichever_way_the_folder_is_named() {
    let lab = Lab::new();
    lab.put("layers/zones.geojson", lab.bytes("in/zones.geojson"));
    lab.edit("in/zones.geojson", "layers/zones.geojson");
    for folder in ["in", "in/../in", "layers", "./layers/"] {
        let end = lab.run(&["--log", "json", "--lang", "en", "--out", folder]);
        assert_eq!((end.code, end.notices("E40_among_sources").len()), (Some(3), 1), "{folder}: {}", end.err);
    }
    assert!(!lab.at("ledger.gpkg").exists());
}

/// A run from which a file is taken as it begins its first comparison.
fn run_and_lose(lab: &Lab, file: &str) -> Result<RunReport, RunEnd> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (project, lost, calls) = (lab.at("p.toml"), lab.at(file), AtomicUsize::new(0));
    let wake = move || {
        if calls.fetch_add(1, Ordering::Relaxed) == 1 {
            std::fs::remove_file(&lost).unwrap();
        }
    };
    let options = RunOptions { jobs: 1, ram_mb: 1024, lang: None, output_directory: None };
    let work = move |progress: &Progress| pipeline::run(&project, &options, progress).map_err(|error| error.end());
    let mut handle = job::spawn("run", wake, work);
    loop {
        match handle.poll() {
            Some(end) => return end.unwrap(),
            None => std::thread::sleep(std::time::Duration::from_millis(5)),
        }
    }
}

#[test]
fn a_scene_that_goes_away_after_the_check_costs_its_own_comparisons_only() {
    let lab = Lab::new();
    let report = run_and_lose(&lab, "in/2025.tif").unwrap();
    let codes: Vec<&str> = report.outcome.notices.iter().map(|n| n.code).collect();
    assert!(codes.contains(&"comparison_lost"), "{codes:?}");
    let told = report.outcome.notices.iter().find(|n| n.weight == Weight::Refused).unwrap();
    assert!(told.path.as_ref().is_some_and(|path| path.ends_with("2025.tif")), "{told:?}");
    assert_eq!(report.outcome.comparisons.len(), 1);
    let rasters: Vec<_> = report.written.iter().filter(|file| file.to_string_lossy().contains("rasters")).collect();
    assert!(
        rasters.len() == 2 && rasters.iter().all(|file| file.to_string_lossy().contains("20230701")),
        "{rasters:?}"
    );
    let lab = Lab::new();
    assert_eq!(run_and_lose(&lab, "in/2024.tif").unwrap_err(), RunEnd::Nothing);
    assert!(!lab.at("ledger.gpkg").exists() && leftovers(&lab.at("")).is_empty());
}

/// States of the flags on record, by code.
fn on_record(lab: &Lab) -> Vec<String> {
    let ledger = rusqlite::Connection::open(lab.at("ledger.gpkg")).unwrap();
    let mut query = ledger.prepare("SELECT patch_id || ' ' || state FROM flags ORDER BY patch_id").unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_flag_under_cloud_in_a_later_run_keeps_its_state_and_a_refuted_one_does_not() {
    let lab = Lab::new();
    accounted(&lab, 0);
    assert_eq!(on_record(&lab), ["2025-0001 detected", "2025-0002 detected"]);
    // The site of the first zone is hidden; that of the second is gone, and another one is there.
    let value = |band: usize, row: usize, col: usize| match (row, col) {
        (36..56, 36..56) => Some(9),
        (140..152, 140..152) => Some(3200 + 300 * band as u16),
        _ => None,
    };
    Scene { nodata: Some(9.0), value, ..Scene::of(2022) }.write(&lab.at("in/2025.tif"));
    let end = lab.run(&["--log", "json", "--lang", "en"]);
    let told = end.notices("flags_unseen");
    assert!(told.len() == 1 && told[0]["what"].as_str().unwrap().contains("2025-000"), "{}", end.err);
    let states = on_record(&lab);
    assert_eq!(states.iter().filter(|flag| flag.ends_with("superseded")).count(), 1, "{states:?}\n{}", end.err);
    assert!(states.len() == 3 && states[2] == "2025-0003 detected", "{states:?}");
    // Without the scene there is no such comparison, and nothing is said of its flags.
    lab.remove("in/2025.tif");
    assert_eq!(lab.run(&[]).code, Some(2));
    assert_eq!(on_record(&lab), states);
}

#[test]
fn a_zone_that_is_mostly_hidden_lacks_data_and_what_was_found_there_is_put_aside() {
    let lab = Lab::new();
    // 30 of the 60 rows of the first zone, without its building site.
    Scene {
        nodata: Some(9.0),
        value: |_, row, col| ((54..80).contains(&row) && col < 90).then_some(9),
        ..Scene::of(2025)
    }
    .write(&lab.at("in/2025.tif"));
    let summary = accounted(&lab, 0);
    let pair = comparison(&summary, "2024");
    let (hidden, clear) = (zone(pair, "北岸湿地"), zone(pair, "南岸滩地"));
    assert_eq!((&hidden["enough_data"], &hidden["flags"]), (&Value::from(false), &Value::from(0)), "{pair}");
    assert_eq!((&clear["enough_data"], &clear["flags"]), (&Value::from(true), &Value::from(1)), "{pair}");
    let aside = pair["discarded"].as_array().unwrap();
    assert!(aside.len() == 1 && aside[0]["reason"] == "not_enough_data" && aside[0]["code"] == "12", "{aside:?}");
    assert!(hidden["discarded_m2"].as_f64().unwrap() > 10_000.0 && clear["discarded_m2"] == 0.0, "{pair}");
    assert_eq!(pair["discarded_m2"], hidden["discarded_m2"]);
    assert!(summary["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "zones_lack_data"));
    let page = String::from_utf8(lab.bytes("out/report.html")).unwrap();
    assert!(page.contains("Not enough data: both dates show 56.67% of it"));
}

#[cfg(unix)]
#[test]
fn names_of_any_script_and_length_work_and_others_are_refused_by_advice() {
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::new();
    let long = format!("in/{}/{}", "很长的目录名".repeat(10), "影像 甲".repeat(8));
    lab.put(&format!("{long}.tif"), lab.bytes("in/2024.tif"));
    lab.edit("in/2024.tif", &format!("{long}.tif"));
    accounted(&lab, 0);
    let gbk = lab.at("").join(std::ffi::OsStr::from_bytes(b"\xd1\xef\xd6\xdd"));
    std::fs::create_dir(&gbk).unwrap();
    std::fs::copy(lab.at("in/2023.tif"), gbk.join("a.tif")).unwrap();
    std::fs::write(gbk.join("p.toml"), hostile::SOUND.replace("in/20", "a").replace("a23", "a")).unwrap();
    let mut command = program();
    command.args(["--headless", "check", "--log", "json", "--lang", "en"]).arg(gbk.join("p.toml"));
    let end = Program(command).ended();
    end.speaks_plainly("a name in GBK");
    assert_eq!(end.code, Some(3), "{}", end.err);
    assert!(end.err.contains("UTF-8"), "{}", end.err);
}
