//! Holds the source tree to the rules of `lib.rs`: who may name whom, and what belongs to one room alone.
//! Test code is left out where a rule is about the running program.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A file may not be longer than this many lines.
const LONGEST_FILE: usize = 500;

/// One source file, and its text without comments, string contents and test modules.
struct Source {
    path: String,
    room: String,
    whole: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let source = |file: PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let whole = std::fs::read_to_string(&file).unwrap();
        let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        // `mod tests;` in a file of its own; that it is under `cfg(test)` is a test below.
        let is_test = path.split('/').any(|part| part == "tests" || part == "tests.rs" || part.starts_with("test_"));
        let code = if is_test { String::new() } else { without_tests(&bare(&whole)) };
        Source { path, room, whole, code }
    };
    files.into_iter().map(source).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The text with comments and the contents of strings and characters blanked, line breaks kept.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let end = at
            + if rest.starts_with(&['/', '/']) {
                rest.iter().position(|&c| c == '\n').unwrap_or(rest.len())
            } else if rest.starts_with(&['/', '*']) {
                rest.windows(2).position(|w| w == ['*', '/']).map_or(rest.len(), |p| p + 2)
            } else if let Some(hashes) = raw_string_hashes(&chars, at) {
                let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let open = hashes + 2;
                rest[open..]
                    .windows(close.len())
                    .position(|w| w == close)
                    .map_or(rest.len(), |p| open + p + close.len())
            } else if rest[0] == '"' {
                quoted(rest)
            } else if rest[0] == '\'' && (rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'')) {
                1 + rest[2..].iter().position(|&c| c == '\'').map_or(rest.len() - 1, |p| p + 2)
            } else {
                out.push(rest[0]);
                at += 1;
                continue;
            };
        out.extend(chars[at..end].iter().filter(|&&c| c == '\n'));
        out.push(' ');
        at = end;
    }
    out
}

/// Number of `#` of a raw string that starts here.
fn raw_string_hashes(chars: &[char], at: usize) -> Option<usize> {
    let after_name = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') && chars[at - 1] != 'b';
    if chars[at] != 'r' || after_name {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The code without items marked `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut out = String::new();
    while let Some(start) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = match (item.find('{'), item.find(';')) {
            (Some(brace), Some(semicolon)) if semicolon < brace => semicolon + 1,
            (Some(brace), _) => brace + block_length(&item[brace..]),
            (None, Some(semicolon)) => semicolon + 1,
            (None, None) => item.len(),
        };
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

fn block_length(block: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in block.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    block.len()
}

/// The rooms in the order of `lib.rs`, fronts last.
fn rooms() -> Vec<String> {
    let lib = sources().into_iter().find(|source| source.path == "lib.rs").unwrap();
    let name = |line: &str| Some(line.trim().strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    lib.code.lines().filter_map(name).collect()
}

/// Every path word that follows `prefix` in code: `crate::io::x` gives `io`; `crate::{io, job}` gives both.
fn named_after(code: &str, prefix: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        if rest.starts_with('{') {
            let group = &rest[1..block_length(rest).saturating_sub(1).max(1)];
            let mut depth = 0_i32;
            for part in group.split(',') {
                if depth == 0 {
                    names.push(word(part.trim_start()));
                }
                depth += part.matches('{').count() as i32 - part.matches('}').count() as i32;
            }
        } else {
            names.push(word(rest));
        }
    }
    names
}

/// Whether `name` occurs as a whole word (its ends may be punctuation).
fn names(code: &str, name: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].chars().next();
        let open = name.starts_with(inner) && before.is_some_and(inner);
        let close = name.ends_with(inner) && after.is_some_and(inner);
        !open && !close
    })
}

fn report(offences: &[String], rule: &str) {
    let mut text = String::new();
    for offence in offences {
        writeln!(text, "  {offence}").unwrap();
    }
    assert!(offences.is_empty(), "{rule}:\n{text}");
}

/// Fails where a file outside `allowed` names one of `words`.
fn only(allowed: &[&str], words: &[&str], rule: &str) {
    let mut offences = Vec::new();
    for source in sources() {
        let free = allowed.iter().any(|place| source.path == *place || source.room == *place);
        for word in words.iter().filter(|word| !free && names(&source.code, word)) {
            offences.push(format!("src/{} names {word}", source.path));
        }
    }
    report(&offences, rule);
}

#[test]
fn a_room_names_only_rooms_above_it() {
    let rooms = rooms();
    assert!(rooms.len() >= 11 && rooms[0] == "model", "rooms not found in lib.rs: {rooms:?}");
    let mut offences = Vec::new();
    for source in sources() {
        let Some(own) = rooms.iter().position(|room| *room == source.room) else { continue };
        for name in named_after(&source.code, "crate::") {
            if rooms.iter().position(|room| *room == name).is_some_and(|place| place > own) {
                offences.push(format!("src/{} names crate::{name}", source.path));
            }
        }
    }
    report(&offences, "a room names only rooms above it in lib.rs");
}

#[test]
fn a_room_is_reached_by_its_name_only() {
    // `super::` chains that leave the room would slip past the rule above.
    let mut offences = Vec::new();
    for source in sources() {
        let parts = source.path.split('/').count() - usize::from(source.path.ends_with("/mod.rs"));
        let chain = vec!["super"; parts].join("::") + "::";
        if source.path != "lib.rs" && source.path != "main.rs" && names(&source.code, &chain) {
            offences.push(format!("src/{} leaves its room by {chain}", source.path));
        }
    }
    report(&offences, "another room is named by crate::ROOM");
}

#[test]
fn every_file_belongs_to_a_room() {
    let rooms = rooms();
    let known = |room: &str| room == "lib" || room == "main" || rooms.iter().any(|r| r == room);
    let offences: Vec<String> =
        sources().into_iter().filter(|s| !known(&s.room)).map(|s| format!("src/{}", s.path)).collect();
    report(&offences, "every file belongs to a room of lib.rs");
}

#[test]
fn gdal_and_the_database_stay_in_io() {
    only(&["io"], &["gdal::", "gdal_sys", "rusqlite", "use gdal"], "GDAL and SQLite are named in io alone");
}

#[test]
fn files_are_touched_in_io_only() {
    only(&["io"], &["std::fs", "fs::", "File::open", "File::create"], "the file system is touched in io alone");
}

#[test]
fn threads_are_started_in_job_and_the_block_loop_only() {
    // Waiting for another process's lock (`thread::sleep`) starts none.
    let words = ["thread::spawn", "thread::scope", "thread::Builder", "JoinHandle", "rayon"];
    let allowed = ["job", "pipeline/blocks.rs", "pipeline/blocks/mod.rs"];
    only(&allowed, &words, "threads are started in job and in the block loop alone");
}

#[test]
fn the_sciences_know_no_clock() {
    let rooms = ["io", "job", "pipeline", "headless", "gui", "project", "main", "lib"];
    only(&rooms, &["Instant::now", "SystemTime", "Zoned::now", "Timestamp::now"], "no clock in the sciences");
}

#[test]
fn only_the_console_prints() {
    let words = ["println!", "eprintln!", "print!", "eprint!", "io::stdout", "io::stderr"];
    only(&["headless"], &words, "only headless prints");
}

#[test]
fn only_the_window_names_its_toolkit() {
    only(&["gui"], &["egui", "eframe", "egui_extras"], "the window's toolkit is named in gui alone");
}

#[test]
fn unsafe_code_stays_in_io() {
    only(&["io"], &["unsafe", "allow(unsafe_code)"], "unsafe code is in io alone");
}

#[test]
fn features_are_asked_for_in_lib_and_main_only() {
    let words = ["#[cfg(feature", "cfg!(feature", "cfg(not(feature", "cfg(all(feature", "cfg_attr(feature"];
    only(&["lib.rs", "main.rs"], &words, "features are asked for in lib.rs and main.rs alone");
}

#[test]
fn nothing_unwraps_outside_tests() {
    let words = [".unwrap()", ".expect(", "todo!", "unimplemented!", "dbg!"];
    only(&[], &words, "no unwrap, expect, todo or dbg outside tests");
}

#[test]
fn every_file_says_what_it_owns_and_is_not_too_long() {
    let mut offences = Vec::new();
    for source in sources() {
        if !source.whole.starts_with("//!") {
            offences.push(format!("src/{} does not begin with //!", source.path));
        }
        let lines = source.whole.lines().count();
        if lines > LONGEST_FILE {
            offences.push(format!("src/{} has {lines} lines, more than {LONGEST_FILE}", source.path));
        }
    }
    report(&offences, "a file begins with //! and is readable in one sitting");
}

#[test]
fn test_files_are_left_out_of_the_program() {
    let offences: Vec<String> = sources()
        .into_iter()
        .filter(|source| names(&source.code, "mod tests"))
        .map(|source| format!("src/{} declares mod tests without #[cfg(test)]", source.path))
        .collect();
    report(&offences, "test code is compiled for tests alone");
}

#[test]
fn no_file_or_folder_is_a_drawer_for_anything() {
    let drawers = ["utils", "util", "helpers", "helper", "common", "misc"];
    let drawer = |path: &str| path.split('/').any(|part| drawers.contains(&part.trim_end_matches(".rs")));
    let offences: Vec<String> = sources().into_iter().map(|s| s.path).filter(|path| drawer(path)).collect();
    report(&offences, "names are the field's");
}

#[test]
fn the_reader_of_source_text_sees_code_only() {
    let text = "use a; // gdal::\nlet s = \"gdal:: \\\" gdal::\"; let c = '\"'; let r = r#\"gdal::\"#; let l: &'static str;\n#[cfg(test)]\nmod tests { use gdal::x; }\nlet z = 1;";
    let code = without_tests(&bare(text));
    assert!(!code.contains("gdal"), "{code}");
    assert!(code.contains("use a;") && code.contains("let z = 1;") && code.contains("'static"), "{code}");
}

#[test]
fn the_reader_finds_offences() {
    assert!(names("let x = gdal::Dataset::open(p);", "gdal::") && !names("let x = my_gdal::open(p);", "gdal::"));
    assert!(names("fs::read(p)", "fs::") && !names("offs::read(p)", "fs::"));
    assert_eq!(named_after("use crate::{io::raster::{a, b}, job};", "crate::"), ["io", "job"]);
    assert_eq!(named_after("crate::pipeline::run()", "crate::"), ["pipeline"]);
}
