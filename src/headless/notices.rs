//! Notices on the console: the heaviest first, many of one kind told once with their number.

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};

/// How many notices of one code are told in full.
const IN_FULL: usize = 3;

/// One notice: weight and what happened, the cause, what to do, and the path on its own line.
#[must_use]
pub fn told(lang: Lang, notice: &Notice) -> String {
    let text = lang.notice(notice);
    let what = if text.what.is_empty() { notice.code.to_owned() } else { text.what };
    let mut lines = vec![format!("[{}] {}", weight(lang, notice.weight), plain(&what))];
    let labelled = |key: &str, part: String| format!("    {}{}", lang.word(key), plain(&part));
    lines.extend((!text.why.is_empty()).then(|| labelled("headless.cause", text.why)));
    lines.extend((!text.advice.is_empty()).then(|| labelled("headless.advice", text.advice)));
    lines.extend(notice.path.as_ref().map(|path| format!("    {}", plain(&path.display().to_string()))));
    lines.join("\n")
}

/// All notices, the heaviest first and else in their order, so that a cause stays before what follows from it. What
/// stopped the run is told in full; beyond the third of another code only their number.
#[must_use]
pub fn grouped(lang: Lang, notices: &[Notice]) -> String {
    let mut ordered: Vec<&Notice> = notices.iter().collect();
    ordered.sort_by_key(|notice| std::cmp::Reverse(notice.weight));
    let mut parts = Vec::new();
    for (index, notice) in ordered.iter().enumerate() {
        let alike = |other: &&&Notice| other.code == notice.code && other.weight == notice.weight;
        let (earlier, all) = (ordered[..index].iter().filter(alike).count(), ordered.iter().filter(alike).count());
        if notice.weight == Weight::Fatal || earlier < IN_FULL {
            parts.push(told(lang, notice));
        }
        if notice.weight != Weight::Fatal && earlier + 1 == IN_FULL && all > IN_FULL {
            parts.push(format!("    {}", lang.sentence("headless.more_alike", &[("n", &(all - IN_FULL))])));
        }
    }
    parts.join("\n")
}

/// Text of others (names of files and zones, the beginning of a file) on one line, without what moves a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One notice for programs.
#[must_use]
pub fn event(lang: Lang, notice: &Notice) -> Value {
    let text = lang.notice(notice);
    let facts: serde_json::Map<String, Value> =
        notice.facts.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    json!({
        "event": "notice",
        "weight": weight_word(notice.weight),
        "code": notice.code,
        "what": text.what,
        "why": text.why,
        "do": text.advice,
        "path": notice.path.as_ref().map(|path| path.display().to_string()),
        "facts": facts,
    })
}

fn weight(lang: Lang, weight: Weight) -> String {
    lang.word(&format!("weight.{}", weight_word(weight)))
}

fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Refused => "refused",
        Weight::Fatal => "fatal",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn unknown(word: &str, weight: Weight) -> Notice {
        Notice::new("usage_unknown", weight).fact("word", word)
    }

    #[test]
    fn a_notice_says_what_to_do_and_names_its_file_on_a_line_of_its_own() {
        let notice = unknown("--fast", Weight::Refused).at(Path::new("/data/影像.tif"));
        let text = told(Lang::Zh, &notice);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "[拒绝] 命令行里有不认识的写法：--fast");
        assert!(lines[1].starts_with("    办法："), "{text}");
        assert_eq!(lines[2], "    /data/影像.tif");
    }

    #[test]
    fn the_heaviest_come_first_and_the_fourth_of_a_kind_is_only_counted() {
        let mut notices: Vec<Notice> = (0..5).map(|n| unknown(&format!("w{n}"), Weight::Warning)).collect();
        notices.push(unknown("heavy", Weight::Refused));
        let text = grouped(Lang::En, &notices);
        assert!(text.starts_with("[refused]") && text.contains("heavy"), "{text}");
        assert!(text.contains("w2") && !text.contains("w3"), "{text}");
        assert!(text.contains("and 2 more"), "{text}");
    }

    #[test]
    fn a_cause_stays_before_what_follows_from_it_and_every_mistake_is_told() {
        let of = |code, word: &str, weight| Notice::new(code, weight).fact("word", word);
        let mixed = [
            of("usage_unknown", "first", Weight::Refused),
            of("usage_superfluous", "second", Weight::Refused),
            of("usage_unknown", "third", Weight::Refused),
        ];
        let text = grouped(Lang::En, &mixed);
        let at = |word: &str| text.find(word).unwrap();
        assert!(at("first") < at("second") && at("second") < at("third"), "{text}");
        let mistakes: Vec<Notice> = (0..5).map(|n| unknown(&format!("w{n}"), Weight::Fatal)).collect();
        assert!(grouped(Lang::En, &mistakes).contains("w4"));
    }

    #[test]
    fn a_name_cannot_move_the_terminal() {
        let text = told(Lang::En, &unknown("a\u{1b}[2Jb\nc", Weight::Refused).at(Path::new("x\u{7}.tif")));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn a_code_without_words_is_shown_rather_than_nothing() {
        assert_eq!(told(Lang::En, &Notice::new("no_such_code", Weight::Note)), "[note] no_such_code");
    }
}
