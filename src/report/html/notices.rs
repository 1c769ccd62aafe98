//! Everything the program had to say about its inputs: what, why, what to do, and the file. The weightiest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::notice::{Notice, Weight};
use crate::report::{ReportInput, phrase};

use super::markup::{Markup, el};

/// So many notices of one code are written out; the rest are counted.
const MOST_OF_A_CODE: usize = 20;

pub(super) fn section(input: &ReportInput<'_>) -> Markup {
    let lang = input.lang;
    let mut notices: Vec<&Notice> = input.outcome.notices.iter().collect();
    notices.sort_by_key(|n| Reverse(n.weight));
    if notices.is_empty() {
        return super::section(input, "notices", el("p").text(lang.word("report.notices.none")));
    }
    let mut of_code: BTreeMap<&str, usize> = BTreeMap::new();
    let mut items = Markup::default();
    for notice in &notices {
        let count = of_code.entry(notice.code).or_default();
        *count += 1;
        if *count <= MOST_OF_A_CODE {
            items.push(item(input, notice));
        }
    }
    for (code, count) in of_code.into_iter().filter(|(_, count)| *count > MOST_OF_A_CODE) {
        let more = count - MOST_OF_A_CODE;
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("code", &code), ("more", &more)];
        items.push(el("li").class("note").text(lang.sentence("report.notices.more", &facts)));
    }
    super::section(input, "notices", el("ul").class("notices").child(items))
}

fn item(input: &ReportInput<'_>, notice: &Notice) -> Markup {
    let text = phrase::notice(notice, input.lang);
    let class = match notice.weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Refused | Weight::Fatal => "refused",
    };
    let line = |class: &str, text: &str| (!text.is_empty()).then(|| el("div").class(class).text(text));
    let head = el("div")
        .class("what")
        .child(el("span").class("weight").text(phrase::weight(notice.weight, input.lang)))
        .text(&text.what)
        .child(el("code").text(notice.code));
    el("li")
        .class(class)
        .child(head)
        .maybe(line("cause", &text.why))
        .maybe(line("advice", &text.advice))
        .maybe(phrase::notice_path(notice).map(|path| el("div").class("path").text(path)))
        .into()
}
