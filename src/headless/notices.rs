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
    let mut lines = vec![format!("[{}] {what}", weight(lang, notice.weight))];
    let labelled = |key: &str, part: String| format!("    {}{part}", lang.word(key));
    lines.extend((!text.why.is_empty()).then(|| labelled("headless.cause", text.why)));
    lines.extend((!text.advice.is_empty()).then(|| labelled("headless.advice", text.advice)));
    lines.extend(notice.path.as_ref().map(|path| format!("    {}", path.display())));
    lines.join("\n")
}

/// All notices, what stopped the run first and in full; beyond the third of another code only their number.
#[must_use]
pub fn grouped(lang: Lang, notices: &[Notice]) -> String {
    let (fatal, lesser): (Vec<&Notice>, Vec<&Notice>) = notices.iter().partition(|n| n.weight == Weight::Fatal);
    let mut parts: Vec<String> = fatal.into_iter().map(|notice| told(lang, notice)).collect();
    parts.extend(by_code(lang, &lesser));
    parts.join("\n")
}

fn by_code(lang: Lang, notices: &[&Notice]) -> Vec<String> {
    let mut kinds: Vec<(Weight, &'static str)> = Vec::new();
    for notice in notices {
        if !kinds.contains(&(notice.weight, notice.code)) {
            kinds.push((notice.weight, notice.code));
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.0));
    let mut parts = Vec::new();
    for (weight, code) in kinds {
        let same: Vec<&Notice> = notices.iter().copied().filter(|n| n.weight == weight && n.code == code).collect();
        parts.extend(same.iter().take(IN_FULL).map(|notice| told(lang, notice)));
        if same.len() > IN_FULL {
            parts.push(format!("    {}", lang.sentence("headless.more_alike", &[("n", &(same.len() - IN_FULL))])));
        }
    }
    parts
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
    fn a_code_without_words_is_shown_rather_than_nothing() {
        assert_eq!(told(Lang::En, &Notice::new("no_such_code", Weight::Note)), "[note] no_such_code");
    }
}
