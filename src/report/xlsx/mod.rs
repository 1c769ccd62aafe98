//! The workbook: overview, flags, figures by zone, transfers of classes, every zone hit, notices. Typed cells, Chinese headings.
//!
//! Text from data is written as text and nothing else: no formula, no link. Fixed document properties, so that the
//! same outcome gives the same bytes.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::lang::Lang;
use crate::model::outcome::Outcome;

use super::ReportError;

mod flags;
mod overview;
mod sheet;
mod transfers;
mod zones;

/// Zip archives know no earlier day; nothing is said about when the workbook was made.
const FIXED_DAY: (u16, u8, u8) = (1980, 1, 1);

pub(super) fn render(outcome: &Outcome, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(outcome)?);
    overview::write(&mut workbook, outcome, lang)?;
    flags::write_ledger(&mut workbook, outcome, lang)?;
    zones::write(&mut workbook, outcome, lang)?;
    transfers::write(&mut workbook, outcome, lang)?;
    flags::write_hits(&mut workbook, outcome, lang)?;
    flags::write_discarded(&mut workbook, outcome, lang)?;
    overview::write_notices(&mut workbook, outcome, lang)?;
    Ok(workbook.save_to_buffer()?)
}

fn properties(outcome: &Outcome) -> Result<DocProperties, XlsxError> {
    let (year, month, day) = FIXED_DAY;
    let made = ExcelDateTime::from_ymd(year, month, day)?;
    let title: String = outcome.project.chars().filter(|c| !c.is_control()).take(200).collect();
    let author = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    Ok(DocProperties::new().set_title(title).set_author(author).set_creation_datetime(&made))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    /// The text of every XML part of a workbook, by its name.
    fn parts(bytes: &[u8]) -> Vec<(String, String)> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        (0..archive.len())
            .map(|i| {
                let mut file = archive.by_index(i).unwrap();
                let mut text = String::new();
                std::io::Read::read_to_string(&mut file, &mut text).unwrap();
                (file.name().unwrap().into_owned(), text)
            })
            .collect()
    }

    fn part(parts: &[(String, String)], name: &str) -> String {
        parts.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()).unwrap()
    }

    #[test]
    fn no_cell_holds_a_formula_and_nothing_links_out() {
        for payload in specimen::FORMULAS.iter().chain(specimen::SCRIPTS) {
            let mut outcome = specimen::outcome();
            outcome.zones[0].name = (*payload).to_owned();
            outcome.project = (*payload).to_owned();
            for (name, text) in parts(&render(&outcome, Lang::Zh).unwrap()) {
                if name.starts_with("xl/worksheets/") {
                    assert!(!text.contains("<f>") && !text.contains("<f ") && !text.contains("<hyperlink"), "{name}");
                }
                let links_out = name.contains("_rels/") && text.contains("TargetMode=\"External\"");
                assert!(!links_out, "{name}");
            }
        }
    }

    #[test]
    fn sheets_and_headings_are_chinese() {
        let parts = parts(&render(&specimen::outcome(), Lang::Zh).unwrap());
        let workbook = part(&parts, "xl/workbook.xml");
        for name in ["概览", "图斑台账", "区域统计", "区内命中", "提示"] {
            assert!(workbook.contains(&format!("name=\"{name}\"")), "{name}");
        }
        let strings = part(&parts, "xl/sharedStrings.xml");
        for heading in ["图斑编号", "严重程度", "面积（m²）", "面积（亩）", "未观测（m²）", "分析坐标系"]
        {
            assert!(strings.contains(heading), "{heading}");
        }
    }

    #[test]
    fn the_ledger_is_typed_filtered_and_frozen() {
        let outcome = specimen::outcome();
        let parts = parts(&render(&outcome, Lang::Zh).unwrap());
        let sheet = part(&parts, "xl/worksheets/sheet2.xml");
        assert!(sheet.contains("<autoFilter") && sheet.contains("state=\"frozen\""));
        assert!(
            sheet.contains(&format!("<v>{}</v>", outcome.comparisons[0].flags[0].patch.area.0)),
            "areas are numbers"
        );
        assert_eq!(sheet.matches("<row ").count(), 1 + 8);
    }

    #[test]
    fn the_same_outcome_gives_the_same_bytes() {
        let outcome = specimen::outcome();
        assert_eq!(render(&outcome, Lang::Zh).unwrap(), render(&outcome, Lang::Zh).unwrap());
    }

    #[test]
    fn transfers_have_a_sheet_where_maps_were_compared_and_only_there() {
        let mut outcome = specimen::outcome();
        let names = |outcome: &Outcome| part(&parts(&render(outcome, Lang::Zh).unwrap()), "xl/workbook.xml");
        assert!(!names(&outcome).contains("地类转移矩阵"));
        specimen::make_landcover(&mut outcome, "=1+1");
        assert!(names(&outcome).contains("地类转移矩阵"));
        let sheet = part(&parts(&render(&outcome, Lang::Zh).unwrap()), "xl/worksheets/sheet4.xml");
        assert!(sheet.contains("<v>9000</v>") && sheet.contains("<v>13.5</v>") && !sheet.contains("<f>"));
    }

    #[test]
    fn a_comparison_that_cannot_tell_shows_no_zero() {
        let strings = part(&parts(&render(&specimen::outcome(), Lang::Zh).unwrap()), "xl/sharedStrings.xml");
        assert!(strings.contains("无法判定"));
    }
}
