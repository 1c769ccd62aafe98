//! The program from outside, as a script sees it: words, exit codes, streams.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

fn ecoredline(words: &[&str]) -> Ended {
    ended(Command::new(env!("CARGO_BIN_EXE_ecoredline")).args(words).env_remove("ECOREDLINE_LANG"))
}

fn ended(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn project(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("project.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The events on standard error; every line has to be one.
fn events(err: &str) -> Vec<serde_json::Value> {
    err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[test]
fn help_is_chinese_first_and_english_on_request() {
    let chinese = ecoredline(&["--help"]);
    assert_eq!(chinese.code, Some(0));
    assert!(chinese.out.contains("示例") && chinese.out.contains("退出码"), "{}", chinese.out);
    let english = ecoredline(&["--lang", "en", "--help"]);
    assert!(english.out.contains("Examples") && english.out.contains("--headless"), "{}", english.out);
    let by_variable = ended(Command::new(env!("CARGO_BIN_EXE_ecoredline")).arg("-h").env("ECOREDLINE_LANG", "en"));
    assert!(by_variable.out.contains("Exit codes"), "{}", by_variable.out);
}

#[test]
fn the_version_is_the_packages() {
    let version = ecoredline(&["--version"]);
    assert_eq!((version.code, version.out.trim()), (Some(0), concat!("ecoredline ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_usage_ends_with_64_and_says_what_is_meant() {
    for (words, told) in [
        (&["--headless", "--job", "2", "a.toml"][..], "--jobs"),
        (&["--headless"][..], "PROJECT.toml"),
        (&["--headless", "check"][..], "PROJECT.toml"),
        (&["--headless", "--ram", "3", "a.toml"][..], "--ram"),
        (&["--headless", "--log", "xml", "a.toml"][..], "json"),
        (&["--headless", "--lang", "fr", "a.toml"][..], "zh"),
        (&["--headless", "a.toml", "b.toml"][..], "b.toml"),
        (&["check", "a.toml"][..], "--headless"),
        (&["completions", "tcsh"][..], "bash"),
    ] {
        let end = ecoredline(words);
        assert_eq!(end.code, Some(64), "{words:?}: {}", end.err);
        assert!(
            end.err.contains(told) && end.err.contains("--help") | end.err.contains("可用的值"),
            "{words:?}: {}",
            end.err
        );
        assert!(end.out.is_empty(), "{words:?}: {}", end.out);
    }
}

#[test]
fn without_headless_the_console_command_is_named() {
    let end = ecoredline(&["my.toml"]);
    assert_eq!(end.code, Some(4));
    assert!(end.err.contains("ecoredline --headless my.toml"), "{}", end.err);
}

#[test]
fn a_project_that_is_not_there_ends_with_3_and_its_path() {
    for words in [&["--headless", "nowhere.toml"][..], &["--headless", "check", "nowhere.toml"]] {
        let end = ecoredline(words);
        assert_eq!(end.code, Some(3), "{}", end.err);
        assert!(end.err.contains("nowhere.toml"), "{}", end.err);
        assert!(!end.err.contains("panicked") && !end.err.contains("Os {"), "{}", end.err);
    }
}

#[test]
fn completions_name_every_option() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let end = ecoredline(&["completions", shell]);
        assert_eq!(end.code, Some(0));
        assert!(end.out.contains("headless") && end.out.contains("jobs") && end.out.contains("init"), "{shell}");
    }
}

#[test]
fn the_man_page_is_made_from_the_same_definition() {
    let end = ecoredline(&["man", "--lang", "en"]);
    assert_eq!(end.code, Some(0));
    assert!(end.out.contains(".TH") && end.out.contains("headless"), "{}", end.out);
}

#[test]
fn the_schema_is_json() {
    let end = ecoredline(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&end.out).unwrap();
    assert!(schema["$schema"].is_string(), "{}", end.out);
}

#[test]
fn json_mode_speaks_json_only_and_ends_with_the_exit_code() {
    let end = ecoredline(&["--headless", "--log", "json", "nowhere.toml"]);
    let events = events(&end.err);
    assert!(events.iter().any(|e| e["event"] == "notice" && e["weight"] == "fatal"), "{}", end.err);
    let last = events.last().unwrap();
    assert_eq!((last["event"].as_str(), last["exit"].as_i64()), (Some("done"), end.code.map(i64::from)));
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = project(folder.path(), "version = 1\n[project]\nname = \"x\"\nledgr = \"a.gpkg\"\n");
    let end = ecoredline(&["--headless", "--lang", "en", path.to_str().unwrap()]);
    assert_eq!(end.code, Some(3), "{}", end.err);
    assert!(end.err.contains("ledgr") && end.err.contains("ledger"), "{}", end.err);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["project.toml"], "a refused project leaves nothing behind");
}

#[test]
fn an_empty_folder_gives_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let end = ecoredline(&["--headless", "init", folder.path().to_str().unwrap()]);
    assert_eq!(end.code, Some(3), "{}{}", end.out, end.err);
    assert!(!folder.path().join("ecoredline.toml").exists());
}

#[test]
fn the_sample_project_is_checked_without_a_trace() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters/ecoredline.toml");
    let end = ecoredline(&["--headless", "check", "--lang", "en", sample.to_str().unwrap()]);
    assert_eq!(end.code, Some(0), "{}{}", end.out, end.err);
    assert!(end.out.contains("2021") && end.out.contains("Comparisons (") && end.out.contains("Ledger"), "{}", end.out);
}

/// A copy of the sample project that a test may write beside.
fn sample_copy(folder: &Path) -> PathBuf {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_rasters");
    copy(&sample, folder);
    folder.join("ecoredline.toml")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).unwrap();
        }
    }
}

/// Every file below a folder, with its length.
fn listing(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            found.extend(listing(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130_within_a_second_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let project = sample_copy(folder.path());
    let before = listing(folder.path());
    let child = Command::new(env!("CARGO_BIN_EXE_ecoredline"))
        .args(["--headless", "--jobs", "1", "--log", "json", project.to_str().unwrap()])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(400));
    let asked = std::time::Instant::now();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert!(asked.elapsed() < std::time::Duration::from_secs(1), "took {:?}", asked.elapsed());
    let told = events(&String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(130), "{told:?}");
    assert!(told.iter().any(|event| event["code"] == "stopped"), "{told:?}");
    assert_eq!(listing(folder.path()), before);
}
