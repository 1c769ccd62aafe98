//! The legend of a land-cover map: a table of the user's, or the names that the raster itself carries; and what zero means.
//!
//! A table is text with a heading line: `code,class[,name]`, separated by commas, semicolons or tabs. A class is one of the
//! program's (`water`, `vegetation`, `sparse`, `bare`, `built`, `unknown`, or its name in a language) or `nodata`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::detect::legend::LegendClash;
use crate::io::files;
use crate::io::raster::RasterInfo;
use crate::lang::Lang;
use crate::model::class::CoverClass;
use crate::model::legend::Legend;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandSource, SampleType, Zero};
use xxhash_rust::xxh3::xxh3_64;

use super::product::refused;

/// The word for a code that means that nothing was observed.
const NODATA: &str = "nodata";

/// Names of the columns that tell code, class and name.
const HEADINGS: [&[&str]; 3] =
    [&["code", "value", "编码", "代码", "值"], &["class", "类别", "地类"], &["name", "名称", "label"]];

/// So many codes are named in a message.
const NAMED: usize = 12;

/// The legend of a map: of the table, where one is named, else of the rasters' own category names.
///
/// # Errors
/// A table that cannot be read or used: the notice to show.
pub(super) fn legend(table: Option<&Path>, rasters: &[&RasterInfo]) -> Result<Legend, Notice> {
    let mut names = BTreeMap::new();
    for (code, name) in rasters.iter().rev().flat_map(|info| info.bands.iter().flat_map(|band| &band.categories)) {
        names.insert(*code, name.clone());
    }
    let Some(path) = table else { return Ok(Legend { names, ..Legend::default() }) };
    let text = files::read_text(path).map_err(|error| refused(&error))?;
    let bad = |(line, cause): (usize, &'static str)| {
        let notice = Notice::new("legend_unusable", Weight::Refused).at(path).fact("line", line);
        notice.fact("cause", format!("legend_mistake.{cause}"))
    };
    let rows = rows(&text).map_err(bad)?;
    names.extend(rows.iter().filter_map(|row| Some((row.code, row.name.clone()?))));
    let class = |row: &Row| match row.meaning {
        Meaning::Class(class) => Some((row.code, class)),
        Meaning::Nodata => None,
    };
    let classes = rows.iter().filter_map(class).collect();
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let table = Some(format!("legend {file} {:016x}", xxh3_64(text.as_bytes())));
    let hidden = rows.iter().filter(|row| row.meaning == Meaning::Nodata).map(|row| row.code).collect();
    Ok(Legend { names, classes: Some(classes), hidden, table })
}

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Class(CoverClass),
    Nodata,
}

/// One row of a table.
struct Row {
    code: i32,
    meaning: Meaning,
    name: Option<String>,
}

/// The rows of a table, or the line and the key of what is wrong with it.
fn rows(text: &str) -> Result<Vec<Row>, (usize, &'static str)> {
    let is_content = |(_, line): &(usize, &str)| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate().map(|(n, line)| (n + 1, line));
    let mut lines = lines.filter(is_content);
    let Some((first, heading)) = lines.next() else { return Err((1, "empty")) };
    let mark = [',', ';', '\t', '，'].into_iter().find(|mark| heading.contains(*mark)).ok_or((first, "heading"))?;
    let columns: Vec<String> = cells(heading, mark).iter().map(|cell| cell.to_lowercase()).collect();
    let [code, class, name] = HEADINGS.map(|known| columns.iter().position(|c| known.contains(&c.as_str())));
    let (Some(code), Some(class)) = (code, class) else { return Err((first, "heading")) };
    let mut rows: Vec<Row> = Vec::new();
    for (line, text) in lines {
        let cells = cells(text, mark);
        let cell = |at: usize| cells.get(at).map(String::as_str).unwrap_or_default();
        let code: i32 = cell(code).parse().map_err(|_| (line, "code"))?;
        if rows.iter().any(|row| row.code == code) {
            return Err((line, "twice"));
        }
        let meaning = meaning_of(cell(class)).ok_or((line, "class"))?;
        let name = name.map(|at| cell(at).to_owned()).filter(|name| !name.is_empty());
        rows.push(Row { code, meaning, name });
    }
    if rows.iter().all(|row| row.meaning == Meaning::Nodata) { Err((first, "empty")) } else { Ok(rows) }
}

/// The cells of a line; quotes keep a mark inside a cell.
fn cells(line: &str, mark: char) -> Vec<String> {
    let (mut cells, mut cell, mut inside) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => inside = !inside,
            _ if letter == mark && !inside => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    cells.push(cell);
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// What a word in the column of classes means.
fn meaning_of(word: &str) -> Option<Meaning> {
    let word = word.to_lowercase();
    if word == NODATA {
        return Some(Meaning::Nodata);
    }
    let is_named = |class: &CoverClass| Lang::ALL.iter().any(|lang| lang.word(class.key()).to_lowercase() == word);
    let means = |class: &CoverClass| class.word() == word || is_named(class);
    CoverClass::ALL.into_iter().find(means).map(Meaning::Class)
}

/// A map must hold whole numbers: codes.
pub(super) fn whole_numbers(info: &RasterInfo, sample: SampleType) -> Result<(), Notice> {
    let floats = matches!(sample, SampleType::F32 | SampleType::F64);
    if floats { Err(Notice::new("landcover_decimals", Weight::Refused).at(&info.path)) } else { Ok(()) }
}

/// What zero means in a map. The table's word goes before the file's: a code that it gives a class is a class even where
/// the file calls it nodata. A zero that neither the file declares nor a legend names was not observed.
pub(super) fn settle_zero(legend: &Legend, band: &mut BandSource) -> Zero {
    let classed = legend.classes.as_ref().is_some_and(|classes| classes.contains_key(&0));
    if classed && band.nodata == Some(0.0) {
        band.nodata = None;
    }
    let named = legend.classes.is_none() && legend.names.contains_key(&0);
    if classed || named { Zero::Value } else { Zero::Gap }
}

/// What to tell of a zero that nobody explains.
pub(super) fn zero_notice(legend: &Legend, info: &RasterInfo, band: &BandSource, zero: Zero) -> Option<Notice> {
    let undeclared = band.nodata.is_none() && info.alpha.is_none() && !info.has_mask && legend.classes.is_none();
    (undeclared && zero == Zero::Gap).then(|| Notice::new("landcover_zero", Weight::Note).at(&info.path))
}

/// What to tell of two maps that do not compare.
#[must_use]
pub fn clash_notice(clash: &LegendClash) -> Notice {
    let told = |code| Notice::new(code, Weight::Refused);
    match clash {
        LegendClash::Names(apart) => {
            let list: Vec<String> =
                apart.iter().take(NAMED).map(|(code, a, b)| format!("{code} = {a} / {b}")).collect();
            told("legends_contradict").fact("list", list.join("; "))
        }
        LegendClash::OneTable(earlier) => {
            told(if *earlier { "legend_missing_later" } else { "legend_missing_earlier" })
        }
        LegendClash::Codes(before, after) => {
            told("legends_differ").fact("before", listed(before)).fact("after", listed(after))
        }
        LegendClash::TooMany(count) => told("landcover_no_classes").fact("count", count),
    }
}

/// Codes in a message; of many the first.
pub fn listed<'c>(codes: impl IntoIterator<Item = &'c i32>) -> String {
    let codes: Vec<String> = codes.into_iter().map(i32::to_string).collect();
    let more = if codes.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", codes[..codes.len().min(NAMED)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_quotes_comments_and_chinese_words() {
        let text = "\u{feff}# our legend\ncode;name;class\n10;\"forest; dense\";vegetation\n\n0;background;nodata\n60;水体;水体\n";
        let rows = rows(text).unwrap_or_default();
        let told: Vec<_> = rows.iter().map(|r| (r.code, r.meaning, r.name.as_deref().unwrap_or_default())).collect();
        let (forest, water) = (Meaning::Class(CoverClass::Vegetation), Meaning::Class(CoverClass::Water));
        assert_eq!(told, [(10, forest, "forest; dense"), (0, Meaning::Nodata, "background"), (60, water, "水体")]);
    }

    #[test]
    fn each_mistake_names_its_line() {
        let mistake = |text: &str| rows(text).err();
        assert_eq!(mistake(""), Some((1, "empty")));
        assert_eq!(mistake("1,water\n"), Some((1, "heading")));
        assert_eq!(mistake("code,class\none,water\n"), Some((2, "code")));
        assert_eq!(mistake("code,class\n1,water\n2,wood\n"), Some((3, "class")));
        assert_eq!(mistake("code,class\n1,water\n1,bare\n"), Some((3, "twice")));
        assert_eq!(mistake("code,class\n1,nodata\n"), Some((1, "empty")));
    }

    #[test]
    fn zero_is_a_class_where_a_legend_says_so_and_else_a_gap() {
        let band = |nodata| BandSource {
            role: crate::model::scene::BandRole::Class,
            index: 1,
            scale: 1.0,
            offset: 0.0,
            nodata,
        };
        let named = Legend { names: BTreeMap::from([(0, "water".to_owned())]), ..Legend::default() };
        let table = Legend { classes: Some(BTreeMap::from([(0, CoverClass::Water)])), ..Legend::default() };
        let mut declared = band(Some(0.0));
        assert_eq!(settle_zero(&Legend::default(), &mut declared), Zero::Gap);
        assert_eq!(
            (settle_zero(&named, &mut declared), declared.nodata),
            (Zero::Value, Some(0.0)),
            "the file's word stays"
        );
        assert_eq!((settle_zero(&table, &mut declared), declared.nodata), (Zero::Value, None), "the user's word wins");
        assert_eq!(settle_zero(&named, &mut band(None)), Zero::Value);
    }
}
