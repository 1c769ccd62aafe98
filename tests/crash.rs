//! A run killed, stopped or out of disk: what was there before is whole, and the next run brings the same results.

#![allow(clippy::unwrap_used)] // a test may fail loudly
#![cfg(unix)]

mod hostile;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use hostile::{Lab, Program, integrity, leftovers};
use rusqlite::Connection;
use serde_json::Value;

/// Moments at which a run is killed.
const KILLS: u32 = 20;

/// Rows of the ledger that a run must bring again, in the order of their identities: everything but times.
fn rows(ledger: &Path) -> Vec<String> {
    let database = Connection::open(ledger).unwrap();
    let mut rows = Vec::new();
    for (table, wanted) in [("flags", "uuid"), ("zones", "zone_id"), ("scenes", "date"), ("comparisons", "uuid")] {
        let mut query = database.prepare(&format!("SELECT * FROM {table} ORDER BY {wanted}")).unwrap();
        let names: Vec<String> = query.column_names().iter().map(ToString::to_string).collect();
        let kept: Vec<usize> = (0..names.len()).filter(|n| !volatile(&names[*n])).collect();
        let read = query.query_map([], |row| {
            let value = |n: &usize| row.get_ref(*n).map(|v| format!("{}={v:?}", names[*n]));
            kept.iter().map(value).collect::<Result<Vec<_>, _>>()
        });
        rows.extend(read.unwrap().map(|row| format!("{table}: {}", row.unwrap().join(", "))));
    }
    rows
}

/// Columns that tell when or in which run a row was written, or by which number the file keeps it.
fn volatile(column: &str) -> bool {
    ["run", "seen", "created", "updated", "time"].iter().any(|part| column.contains(part)) || column == "fid"
}

fn runs(ledger: &Path) -> i64 {
    Connection::open(ledger).unwrap().query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).unwrap()
}

/// The results by name, as hashes; what depends on the moment of the run is taken out of the summary first.
fn results(lab: &Lab) -> BTreeMap<String, String> {
    let out = lab.at("out");
    let name = |path: &Path| path.strip_prefix(&out).unwrap().display().to_string();
    let of = |(path, hash): (std::path::PathBuf, String)| match name(&path) {
        summary if summary == "summary.json" => {
            let mut value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            for key in ["timing_s", "peak_rss_mb"] {
                value.as_object_mut().unwrap().remove(key).unwrap();
            }
            (summary, value.to_string())
        }
        other => (other, hash),
    };
    hostile::listing(&out).into_iter().map(of).collect()
}

fn begun(program: Program) -> Child {
    let mut command = program.0;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A number from 0 to 1 for a seed.
fn seeded(seed: u32) -> f64 {
    f64::from(seed.wrapping_mul(2_654_435_769).wrapping_add(12_345) >> 8) / f64::from(1 << 24)
}

#[test]
fn a_run_killed_at_any_moment_is_made_good_by_the_next_one() {
    let lab = Lab::new();
    let ledger = lab.at("ledger.gpkg");
    let begun_at = Instant::now();
    assert_eq!(lab.run(&["--jobs", "2"]).code, Some(0));
    let took = begun_at.elapsed();
    let (rows_wanted, results_wanted) = (rows(&ledger), results(&lab));
    assert!(rows_wanted.iter().any(|row| row.starts_with("flags")), "the run found nothing to lose");
    let mut committed = 0;
    for seed in 0..KILLS {
        lab.clear();
        // Every third kill meets a ledger that holds a run already.
        let earlier = if seed % 3 == 2 {
            assert_eq!(lab.run(&["--jobs", "2"]).code, Some(0));
            1
        } else {
            assert!(!ledger.exists());
            0
        };
        let mut child = begun(lab.command(&["--jobs", "2"]));
        // The last third of a run writes; half of the kills are aimed there.
        let share = if seed % 2 == 0 { seeded(seed) } else { 0.6 + 0.5 * seeded(seed) };
        std::thread::sleep(took.mul_f64(share));
        child.kill().unwrap();
        child.wait().unwrap();
        if ledger.exists() {
            assert_eq!(integrity(&ledger), "ok", "seed {seed}");
            let now = runs(&ledger);
            assert!((earlier..=earlier + 1).contains(&now) && now > 0, "seed {seed}: {now} runs");
            assert_eq!(rows(&ledger), rows_wanted, "seed {seed}");
            committed += u32::from(now > earlier);
        }
        let again = lab.run(&["--jobs", "2"]);
        assert_eq!(again.code, Some(0), "seed {seed}: {}", again.err);
        assert_eq!(integrity(&ledger), "ok", "seed {seed}");
        assert_eq!(rows(&ledger), rows_wanted, "seed {seed}");
        assert_eq!(results(&lab), results_wanted, "seed {seed}");
        assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new(), "seed {seed}");
    }
    assert!(committed < KILLS, "every kill came too late to mean anything");
}

fn interrupt(child: &Child) {
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn ended_within(child: &mut Child, limit: Duration) -> Option<i32> {
    let asked = Instant::now();
    while asked.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    panic!("still running {limit:?} after the interrupt");
}

#[test]
fn an_interrupt_at_any_stage_leaves_no_trace() {
    for stage in ["check", "sample", "compare"] {
        let lab = Lab::new();
        let before = lab.listing();
        let mut child = begun(lab.command(&["--jobs", "1", "--log", "json"]));
        let err = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut lines = std::io::BufRead::lines(err).map(Result::unwrap);
        let here = lines.find(|line| line.contains(&format!("\"stage\":\"{stage}\"")) && line.contains("begun"));
        assert!(here.is_some(), "no stage {stage}");
        interrupt(&child);
        let rest = std::thread::spawn(move || lines.collect::<Vec<String>>().join("\n"));
        let code = ended_within(&mut child, Duration::from_secs(1));
        let told = rest.join().unwrap();
        // A run this small may have been past its last block already; then it ends as if nobody had asked.
        if code == Some(0) {
            continue;
        }
        assert_eq!(code, Some(130), "{stage}: {told}");
        assert!(told.contains("\"stopped\""), "{stage}: {told}");
        assert_eq!(lab.listing(), before, "{stage}: a trace is left");
    }
}

#[test]
fn a_ledger_that_another_program_holds_is_waited_for_then_left_alone() {
    let lab = Lab::new();
    assert_eq!(lab.run(&[]).code, Some(0));
    let ledger = lab.at("ledger.gpkg");
    let before = (rows(&ledger), runs(&ledger), results(&lab));
    let other = Connection::open(&ledger).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = Instant::now();
    let refused = lab.run(&["--log", "json"]);
    assert_eq!(refused.code, Some(4), "{}", refused.err);
    assert!(asked.elapsed() > Duration::from_secs(4), "it did not wait");
    assert_eq!(refused.notices("ledger_held").len(), 1, "{}", refused.err);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert_eq!((rows(&ledger), runs(&ledger), results(&lab)), before);
    assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new());
    assert_eq!(lab.run(&[]).code, Some(0));
    assert_eq!(runs(&ledger), 2);
}

#[test]
fn two_runs_at_once_both_keep_what_they_found() {
    let lab = Lab::new();
    let mut children: Vec<Child> =
        ["a", "b"].iter().map(|out| begun(lab.command(&["--jobs", "1", "--out", out]))).collect();
    for child in &mut children {
        assert_eq!(ended_within(child, hostile::PATIENCE), Some(0));
    }
    let ledger = lab.at("ledger.gpkg");
    assert_eq!((runs(&ledger), integrity(&ledger)), (2, "ok".to_owned()));
    assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new());
}

/// A small file system of its own, taken down at the end.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None` (and a word about it) where this user may not mount one.
    fn new(at: &Path, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_path_buf()));
        }
        #[allow(clippy::print_stderr)]
        {
            eprintln!("skipped: mounting a small disk needs root");
        }
        None
    }

    fn grow(&self) {
        let grown = std::process::Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(std::process::Command::new("umount").arg(&self.0).status());
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_false_stays() {
    let lab = Lab::new();
    lab.edit("[[zones]]", "ledger = \"ledger/l.gpkg\"\n[[zones]]");
    assert_eq!(lab.run(&[]).code, Some(0));
    let results_wanted = results(&lab);
    for (folder, sizes) in [("out", [8, 40, 100, 300]), ("ledger", [8, 40, 100, 200])] {
        for kilobytes in sizes {
            lab.clear();
            let Some(disk) = SmallDisk::new(&lab.at(folder), kilobytes) else { return };
            let full = lab.run(&["--log", "json"]);
            full.speaks_plainly("full disk");
            assert_eq!(full.code, Some(4), "{folder} of {kilobytes} kB: {}", full.err);
            let told = full.events().into_iter().find(|e| e["weight"] == "fatal").unwrap();
            let code = told["code"].as_str().unwrap();
            // Where not even a folder can be made, how much it would take is not known yet.
            assert!(code.ends_with("disk_full") || code.ends_with("no_room"), "{told}");
            let bytes = told["facts"]["megabytes"].is_string();
            assert!(bytes || code.ends_with("no_room") && kilobytes <= 40, "{told}");
            assert!(!told["path"].as_str().unwrap().contains(".part"), "{told}");
            assert!(told["path"].as_str().unwrap().contains(folder), "{told}");
            assert!(!told["why"].as_str().unwrap().contains('?'), "{told}");
            assert!(!lab.at("ledger/l.gpkg").exists(), "{folder} of {kilobytes} kB");
            assert_eq!(leftovers(&lab.at("")), Vec::<std::path::PathBuf>::new(), "{folder} of {kilobytes} kB");
            let out = lab.at("out");
            let left = if out.exists() { hostile::listing(&out) } else { Vec::new() };
            assert!(left.is_empty(), "{folder} of {kilobytes} kB: {left:?}");
            disk.grow();
            assert_eq!(lab.run(&[]).code, Some(0), "with room again");
            assert_eq!(results(&lab), results_wanted);
        }
    }
}
