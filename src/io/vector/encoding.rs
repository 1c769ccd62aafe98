//! Which encoding texts without a declared one are in: what the user says, the `.cpg`, the dBase language byte, valid
//! UTF-8, then GB 18030; a declaration that the bytes contradict is not believed.

use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};

use crate::model::notice::{Notice, Weight};

use super::VectorError;

/// Values shown so that a person can judge the choice.
const SAMPLES: usize = 5;

/// What a file says about its encoding, and its texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence<'a> {
    /// Content of the `.cpg` file.
    pub(super) cpg: Option<&'a str>,
    /// Language byte of the dBase header; 0 says nothing.
    pub(super) language_byte: u8,
    /// The texts.
    pub(super) texts: &'a [&'a [u8]],
}

/// The encoding chosen.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    encoding: &'static Encoding,
    /// What to tell about the choice; empty where the file declared it rightly or there is nothing but ASCII.
    pub(super) notices: Vec<Notice>,
}

impl Choice {
    /// Name of the encoding.
    pub(super) fn name(&self) -> String {
        if self.encoding == GB18030 { String::from("GB18030") } else { self.encoding.name().to_owned() }
    }

    /// Bytes as text; a character cut in half at the end of a fixed-width field is left out.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        decode_strictly(self.encoding, bytes).unwrap_or_else(|| self.encoding.decode_without_bom_handling(bytes).0.into_owned())
    }
}

/// Chooses the encoding of a file's texts.
///
/// # Errors
/// When the user names an encoding that nobody knows.
pub(super) fn resolve(path: &Path, wish: Option<&str>, evidence: &Evidence<'_>) -> Result<Choice, VectorError> {
    if let Some(label) = wish {
        let unknown = || VectorError::UnknownEncoding { path: path.to_path_buf(), label: label.to_owned() };
        return Ok(Choice { encoding: by_label(label).ok_or_else(unknown)?, notices: Vec::new() });
    }
    let telling: Vec<&[u8]> = evidence.texts.iter().copied().filter(|text| !text.is_ascii()).collect();
    if telling.is_empty() {
        return Ok(Choice { encoding: UTF_8, notices: Vec::new() });
    }
    let declared = evidence.cpg.and_then(by_label).or_else(|| by_language_byte(evidence.language_byte));
    let detected = detect(&telling);
    let encoding = match declared {
        Some(declared) if is_credible(declared, detected, &telling) => {
            return Ok(Choice { encoding: declared, notices: Vec::new() });
        }
        _ => detected,
    };
    let mut choice = Choice { encoding, notices: Vec::new() };
    let notice = match declared {
        Some(declared) => {
            Notice::new("N32_encoding_contradicted", Weight::Warning).fact("declared", declared.name())
        }
        None => Notice::new("N32_encoding_detected", Weight::Note),
    };
    let samples: Vec<String> = telling.iter().take(SAMPLES).map(|text| shorten(&choice.decode(text))).collect();
    choice.notices.push(notice.at(path).fact("encoding", choice.name()).fact("samples", samples.join("、")));
    Ok(choice)
}

/// UTF-8 if every text is valid UTF-8, else GB 18030 if every text is that, else Windows-1252, which is always valid.
fn detect(texts: &[&[u8]]) -> &'static Encoding {
    let all = |encoding| texts.iter().all(|text| decode_strictly(encoding, text).is_some());
    [UTF_8, GB18030].into_iter().find(|encoding| all(encoding)).unwrap_or(WINDOWS_1252)
}

/// Whether a declared encoding fits the bytes. Texts that are all valid UTF-8 with Chinese characters of three bytes are
/// UTF-8 whatever is declared (two-byte ones prove nothing: 联通 in GBK is valid UTF-8). A Western single-byte declaration fits any bytes, so it is not believed
/// where all texts are UTF-8 or common Chinese characters in GB 2312.
fn is_credible(declared: &'static Encoding, detected: &'static Encoding, texts: &[&[u8]]) -> bool {
    if !texts.iter().all(|text| decode_strictly(declared, text).is_some()) {
        return false;
    }
    if declared != UTF_8 && detected == UTF_8 && texts.iter().any(|text| has_long_characters(text)) {
        return false;
    }
    let is_western = declared.is_single_byte();
    !is_western || (detected != UTF_8 && !texts.iter().all(|text| is_gb2312(text)))
}

/// Whether a text that is valid UTF-8 has a character of three bytes or more.
fn has_long_characters(text: &[u8]) -> bool {
    text.iter().any(|byte| *byte >= 0xe0)
}

/// Whether all bytes beyond ASCII come in pairs of the two levels of GB 2312 characters.
fn is_gb2312(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some((&lead, tail)) = rest.split_first() {
        if lead.is_ascii() {
            rest = tail;
            continue;
        }
        match tail.split_first() {
            Some((trail, after)) if (0xa1..=0xf7).contains(&lead) && (0xa1..=0xfe).contains(trail) => rest = after,
            None if (0xa1..=0xf7).contains(&lead) => return true,
            _ => return false,
        }
    }
    true
}

/// Bytes as text; `None` where they are not of the encoding. One character cut in half at the end is forgiven.
fn decode_strictly(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let most_cut = if encoding.is_single_byte() { 0 } else { 3.min(bytes.len().saturating_sub(1)) };
    (0..=most_cut)
        .take_while(|&cut| cut == 0 || !bytes[bytes.len() - cut].is_ascii())
        .find_map(|cut| encoding.decode_without_bom_handling_and_without_replacement(&bytes[..bytes.len() - cut]))
        .map(std::borrow::Cow::into_owned)
}

/// An encoding by any of the names that `.cpg` files and people use.
fn by_label(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_start_matches('\u{feff}').to_ascii_lowercase();
    let bare = label.trim_start_matches("ansi").trim_start_matches("cp").trim_start_matches("ms").trim();
    let known = match bare {
        "936" | "gbk" | "gb2312" | "gb18030" | "gb 2312" | "gb 18030" | "54936" | "cp936" => "gb18030",
        "65001" | "utf8" | "utf-8" => "utf-8",
        "950" | "big5" => "big5",
        "932" | "sjis" => "shift_jis",
        "949" => "euc-kr",
        "1250" => "windows-1250",
        "1251" => "windows-1251",
        "1252" | "88591" | "8859-1" => "windows-1252",
        _ => label.as_str(),
    };
    Encoding::for_label(known.as_bytes())
}

/// An encoding by the dBase language byte.
///
/// Source: ESRI, "`dBASE` language driver IDs"; 0x57 means "the system's ANSI" and so nothing.
fn by_language_byte(byte: u8) -> Option<&'static Encoding> {
    match byte {
        0x4d | 0x7a => Some(GB18030),
        0x4f | 0x78 => Encoding::for_label(b"big5"),
        0x13 | 0x7b => Encoding::for_label(b"shift_jis"),
        0x4e | 0x79 => Encoding::for_label(b"euc-kr"),
        0x03 | 0x58 | 0x59 => Some(WINDOWS_1252),
        0xc8 => Encoding::for_label(b"windows-1250"),
        0xc9 => Encoding::for_label(b"windows-1251"),
        _ => None,
    }
}

fn shorten(text: &str) -> String {
    text.trim().chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn chosen(cpg: Option<&str>, language_byte: u8, texts: &[&[u8]]) -> (String, Vec<&'static str>) {
        let choice = resolve(Path::new("a.dbf"), None, &Evidence { cpg, language_byte, texts }).unwrap();
        (choice.name(), choice.notices.iter().map(|n| n.code).collect())
    }

    #[test]
    fn gbk_without_a_cpg_is_recognised_and_said() {
        assert_eq!(chosen(None, 0, &[&gbk("苏州市")]), ("GB18030".into(), vec!["N32_encoding_detected"]));
        assert_eq!(chosen(None, 0x4d, &[&gbk("苏州市")]), ("GB18030".into(), vec![]));
    }

    #[test]
    fn a_cpg_that_the_bytes_contradict_is_not_believed() {
        assert_eq!(chosen(Some("UTF-8"), 0, &[&gbk("苏州市")]), ("GB18030".into(), vec!["N32_encoding_contradicted"]));
        assert_eq!(chosen(Some("ISO-8859-1"), 0, &[&gbk("苏州市")]), ("GB18030".into(), vec!["N32_encoding_contradicted"]));
        assert_eq!(chosen(Some("GBK"), 0, &["苏州市".as_bytes()]).0, "UTF-8");
    }

    #[test]
    fn the_famous_two_characters_stay_as_declared() {
        assert_eq!(chosen(Some("GBK"), 0, &[&gbk("联通")]), ("GB18030".into(), vec![]));
    }

    #[test]
    fn western_letters_stay_western() {
        assert_eq!(chosen(Some("1252"), 0, &[b"Mus\xe9e d'\xc9tretat"]), ("windows-1252".into(), vec![]));
    }

    #[test]
    fn a_character_cut_in_half_at_the_end_is_left_out() {
        let cut = &"保护区".as_bytes()[..7];
        let choice = resolve(Path::new("a"), None, &Evidence { texts: &[cut], ..Default::default() }).unwrap();
        assert_eq!(choice.decode(cut), "保护");
        let cut = &gbk("保护区")[..5];
        let choice = resolve(Path::new("a"), Some("936"), &Evidence::default()).unwrap();
        assert_eq!(choice.decode(cut), "保护");
    }

    #[test]
    fn an_unknown_label_is_refused() {
        assert!(matches!(resolve(Path::new("a"), Some("klingon"), &Evidence::default()), Err(VectorError::UnknownEncoding { .. })));
    }
}
