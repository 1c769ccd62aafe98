//! A writer killed at any moment: the ledger is as before the run or after it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;
use crate::io::ledger::inspect;

const PLACE: &str = "ECOREDLINE_TEST_LEDGER";
const WRITER: &str = "io::ledger::tests::kill::writes_runs_until_killed";

/// The child's part: runs without end, each acknowledged on standard output once it is committed.
#[test]
#[ignore = "started by the test below, which kills it"]
fn writes_runs_until_killed() {
    let Some(path) = std::env::var_os(PLACE).map(PathBuf::from) else { return };
    for _ in 0..10_000 {
        run(&path, &mut sample_outcome::outcome()).expect("a run");
        println!("acknowledged");
    }
}

/// Starts a writer, kills it after a while, and returns how many runs it acknowledged.
fn killed_after(path: &Path, wait: Duration) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args([WRITER, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(PLACE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    // The harness says a line before the writer starts; the moment counts from there.
    let started = lines.by_ref().map_while(Result::ok).any(|line| line.contains("running"));
    assert!(started, "the writer did not start");
    std::thread::sleep(wait);
    child.kill().expect("killed");
    child.wait().expect("gone");
    lines.map_while(Result::ok).filter(|line| line.contains("acknowledged")).count() as u64
}

#[test]
fn a_writer_killed_at_any_moment_leaves_whole_runs_only() {
    let mut seen = 0;
    for wait_ms in [0, 3, 6, 9, 13, 18, 25, 40, 60, 90, 140, 200] {
        let (folder, path) = place();
        let acknowledged = killed_after(&path, Duration::from_millis(wait_ms));
        let state = inspect(&path).expect("sound or absent");
        let (low, high) = (acknowledged, acknowledged + 1);
        assert!((low..=high).contains(&state.runs), "{acknowledged} acknowledged, {} on record", state.runs);
        assert_eq!(state.flags, if state.exists { 3 } else { 0 });
        run(&path, &mut sample_outcome::outcome()).expect("the next run completes");
        assert_eq!(names_in(folder.path()), ["台账 ledger.gpkg"], "after {wait_ms} ms");
        seen += acknowledged;
    }
    assert!(seen > 0, "no writer got as far as one run");
}
