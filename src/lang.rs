//! Every word a user sees, by key, from `assets/lang/*.yml`: Chinese first, English complete.
//!
//! Keys are dotted (`severity.high`); `%{name}` stands for a fact. No word is chosen by the machine's locale: the same
//! inputs give the same bytes on every machine.

use std::fmt::Display;

use crate::model::flag::Reason;
use crate::model::notice::Notice;

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Name of the language file and of the HTML `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The word under a key; the key itself where there is none.
    #[must_use]
    pub fn word(self, key: &str) -> String {
        rust_i18n::t!(key, locale = self.tag()).into_owned()
    }

    /// The sentence under a key, with its facts filled in.
    #[must_use]
    pub fn sentence(self, key: &str, facts: &[(&str, &dyn Display)]) -> String {
        let names: Vec<&str> = facts.iter().map(|f| f.0).collect();
        let values: Vec<String> = facts.iter().map(|f| f.1.to_string()).collect();
        rust_i18n::replace_patterns(&self.word(key), &names, &values)
    }

    /// The word under a key, if the language has it.
    #[must_use]
    pub fn known_word(self, key: &str) -> Option<String> {
        crate::_rust_i18n_try_translate(self.tag(), key).map(std::borrow::Cow::into_owned)
    }

    /// What a notice says: what, why and what to do, each a sentence; parts without words are left out. A fact that is
    /// itself a dotted key of the language files (`kind.satellite`) is told in words.
    #[must_use]
    pub fn notice(self, notice: &Notice) -> NoticeText {
        let words: Vec<String> = notice.facts.iter().map(|(_, value)| self.fact(value)).collect();
        let names = notice.facts.iter().map(|(name, _)| *name);
        let facts: Vec<(&str, &dyn Display)> = names.zip(words.iter().map(|w| w as &dyn Display)).collect();
        let part = |part: &str| {
            let key = format!("notice.{}.{part}", notice.code);
            self.known_word(&key).map(|_| self.sentence(&key, &facts)).unwrap_or_default()
        };
        NoticeText { what: part("what"), why: part("why"), advice: part("do") }
    }
}

impl Lang {
    /// A reason in words; a code without words is told with its bare facts.
    #[must_use]
    pub fn reason(self, reason: &Reason) -> String {
        let key = format!("reason.{}", reason.code);
        let words: Vec<String> = reason.facts.iter().map(|(_, value)| self.fact(value)).collect();
        if self.known_word(&key).is_some() {
            let names = reason.facts.iter().map(|(name, _)| name.as_str());
            let facts: Vec<(&str, &dyn Display)> = names.zip(words.iter().map(|w| w as &dyn Display)).collect();
            return self.sentence(&key, &facts);
        }
        let facts: Vec<String> = reason.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if facts.is_empty() { reason.code.clone() } else { format!("{} ({})", reason.code, facts.join(", ")) }
    }

    /// A fact in words, where it is a dotted key.
    #[must_use]
    pub fn fact(self, fact: &str) -> String {
        let word = fact.contains('.').then(|| self.known_word(fact)).flatten();
        word.unwrap_or_else(|| fact.to_owned())
    }
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText {
    /// What happened.
    pub what: String,
    /// The cause.
    pub why: String,
    /// What to do.
    pub advice: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::notice::Weight;

    #[test]
    fn a_word_is_found_in_both_languages() {
        assert_eq!(Lang::Zh.word("severity.high"), "高");
        assert_eq!(Lang::En.word("severity.high"), "high");
    }

    #[test]
    fn a_notice_leaves_out_the_parts_it_has_no_words_for() {
        let text = Lang::En.notice(&Notice::new("R01_empty", Weight::Refused));
        assert_eq!(text.what, "The file is empty.");
    }
}
