//! Every word a user sees is there in both languages, says the same facts, and is defined once.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ecoredline::lang::Lang;

/// One leaf of a language file: its words by language tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Leaf {
    file: String,
    words: BTreeMap<String, String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
}

/// All leaves of all language files, as often as they are defined.
fn leaves() -> Vec<(String, Leaf)> {
    let mut paths = Vec::new();
    files(&root().join("assets/lang"), "yml", &mut paths);
    assert!(!paths.is_empty(), "no language files");
    let mut leaves = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        leaves.extend(read(&name, &text));
    }
    leaves
}

/// Reads the part of YAML that the language files use: nested keys by indentation, leaves as `{ zh-CN: …, en: … }`
/// or as two lines below the key.
fn read(file: &str, text: &str) -> Vec<(String, Leaf)> {
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut found: Vec<(String, Leaf)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') || body.starts_with("_version") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let (key, rest) = body.split_once(':').unwrap_or_else(|| panic!("{file}:{}: not a key: {line}", number + 1));
        let key = key.trim_matches('"').to_owned();
        while path.last().is_some_and(|(above, _)| *above >= indent) {
            path.pop();
        }
        let dotted = |path: &[(usize, String)]| path.iter().map(|p| p.1.as_str()).collect::<Vec<_>>().join(".");
        let rest = rest.trim();
        if key == "zh-CN" || key == "en" {
            let name = dotted(&path);
            if found.last().is_none_or(|(last, _)| *last != name) {
                found.push((name, Leaf { file: file.to_owned(), ..Leaf::default() }));
            }
            found.last_mut().unwrap().1.words.insert(key, scalar(rest).0);
            continue;
        }
        path.push((indent, key));
        if let Some(inner) = rest.strip_prefix('{') {
            found.push((dotted(&path), Leaf { file: file.to_owned(), words: flow(inner) }));
        }
    }
    found
}

/// The pairs of a flow mapping, after its brace.
fn flow(inner: &str) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let mut rest = inner.trim_start();
    while let Some((key, value)) = rest.split_once(':') {
        let (word, after) = scalar(value.trim_start());
        words.insert(key.trim().trim_matches('"').to_owned(), word);
        rest = after.trim_start().trim_start_matches(',').trim_start();
        if rest.starts_with('}') {
            break;
        }
    }
    words
}

/// A scalar at the start of the text, and what follows it.
fn scalar(text: &str) -> (String, &str) {
    let Some(quote) = text.chars().next().filter(|c| *c == '"' || *c == '\'') else {
        let end = text.find([',', '}']).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return (text[1..at].to_owned(), &text[at + 1..]);
        }
        escaped = c == '\\' && !escaped && quote == '"';
    }
    (text[1..].to_owned(), "")
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split("%{").skip(1).filter_map(|part| part.split_once('}').map(|p| p.0)).collect()
}

fn without_placeholders(text: &str) -> String {
    let mut parts = text.split("%{");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.filter_map(|part| part.split_once('}').map(|p| p.1)).collect::<String>()
}

#[test]
fn every_key_has_words_in_both_languages() {
    for (key, leaf) in leaves() {
        for lang in Lang::ALL {
            let word = leaf.words.get(lang.tag()).map_or("", |w| w.trim());
            assert!(!word.is_empty(), "{}: {key} has no word in {}", leaf.file, lang.tag());
            assert!(
                lang.known_word(&key).is_some(),
                "{}: the program does not find {key} in {}",
                leaf.file,
                lang.tag()
            );
        }
    }
}

#[test]
fn both_languages_name_the_same_facts() {
    for (key, leaf) in leaves() {
        let facts: Vec<_> = Lang::ALL.iter().map(|lang| placeholders(&leaf.words[lang.tag()])).collect();
        assert_eq!(facts[0], facts[1], "{}: {key}", leaf.file);
    }
}

#[test]
fn no_key_is_defined_twice_with_different_words() {
    let mut seen: BTreeMap<String, Leaf> = BTreeMap::new();
    for (key, leaf) in leaves() {
        if let Some(first) = seen.get(&key) {
            assert_eq!(first.words, leaf.words, "{key} in {} and in {}", first.file, leaf.file);
        }
        seen.insert(key, leaf);
    }
}

/// Notices that tell of a choice the program made: there is nothing to do.
const NOTHING_TO_DO: [&str; 6] = [
    "W18_radiometry_differs",
    "common_bands",
    "comparison_turned",
    "crs_given",
    "mask_of_product",
    "offset_by_baseline",
];

#[test]
fn every_notice_says_what_happened_and_what_to_do() {
    let keys: BTreeSet<String> = leaves().into_iter().map(|leaf| leaf.0).collect();
    let codes: BTreeSet<&str> = keys.iter().filter_map(|key| key.strip_prefix("notice.")?.split('.').next()).collect();
    assert!(codes.len() > 5, "notices not found");
    let lacking: Vec<String> = codes
        .iter()
        .flat_map(|code| ["what", "do"].map(|part| (code, part)))
        .filter(|(code, part)| *part == "what" || !NOTHING_TO_DO.contains(code))
        .map(|(code, part)| format!("notice.{code}.{part}"))
        .filter(|key| !keys.contains(key))
        .collect();
    assert!(lacking.is_empty(), "no words for {lacking:#?}");
}

#[test]
fn every_key_and_notice_named_in_the_code_has_words() {
    let keys: BTreeSet<String> = leaves().into_iter().map(|leaf| leaf.0).collect();
    let mut paths = Vec::new();
    files(&root().join("src"), "rs", &mut paths);
    let mut lacking = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        for call in [".word(\"", ".sentence(\"", ".known_word(\""] {
            for key in literals(code, call).filter(|key| !keys.contains(*key)) {
                lacking.push(format!("{name}: {key}"));
            }
        }
        for code in literals(code, "Notice::new(\"").filter(|code| !keys.contains(&format!("notice.{code}.what"))) {
            lacking.push(format!("{name}: notice {code}"));
        }
    }
    assert!(lacking.is_empty(), "no words for {lacking:#?}");
}

fn literals<'a>(code: &'a str, call: &'a str) -> impl Iterator<Item = &'a str> {
    code.split(call).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn chinese_words_are_chinese() {
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for (key, leaf) in leaves() {
        assert!(!han(&leaf.words["en"]), "{}: {key}: Chinese in the English words", leaf.file);
        // A part that only hands on a fact (`%{cause}`) has no language of its own.
        let own_words = without_placeholders(&leaf.words["zh-CN"]).chars().any(char::is_alphabetic);
        assert!(
            !key.starts_with("notice.") || !own_words || han(&leaf.words["zh-CN"]),
            "{}: {key}: no Chinese in the Chinese words",
            leaf.file
        );
    }
}

#[test]
fn the_font_that_the_program_carries_has_every_letter() {
    let font = skrifa::FontRef::new(ecoredline::report::sheet::SANS).unwrap();
    let letters = skrifa::MetadataProvider::charmap(&font);
    for (key, leaf) in leaves() {
        let missing: Vec<char> =
            leaf.words.values().flat_map(|word| word.chars()).filter(|c| letters.map(*c).is_none()).collect();
        assert!(missing.is_empty(), "{}: {key} has {missing:?}", leaf.file);
    }
}

#[test]
fn the_reader_understands_both_forms() {
    let text =
        "_version: 2\na:\n  b: { zh-CN: 甲, en: \"one, %{n}: \\\"x\\\"\" }\n  c:\n    zh-CN: \"乙\"\n    en: two\n";
    let read = read("t", text);
    assert_eq!(read[0].0, "a.b");
    assert_eq!(read[0].1.words["en"], "one, %{n}: \\\"x\\\"");
    assert_eq!(read[1].0, "a.c");
    assert_eq!(read[1].1.words["zh-CN"], "乙");
    assert_eq!(read[1].1.words["en"], "two");
}
