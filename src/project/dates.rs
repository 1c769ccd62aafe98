//! Days and years as people write them in project files, tags and file names.

use crate::model::Date;

use super::error::ProblemKind;

/// First year that can hold a scene: the first pictures of the Earth from orbit.
const FIRST_YEAR: i16 = 1960;
/// Last year that is believed.
const LAST_YEAR: i16 = 2100;

/// A day, or a year that stands for its July 1st.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Whether only the year is known.
    pub is_year: bool,
}

impl Day {
    fn year(year: i16) -> Option<Self> {
        Date::new(year, 7, 1).ok().map(|date| Self { date, is_year: true })
    }

    /// As people write it: a year alone, or yyyy-mm-dd.
    #[must_use]
    pub fn text(self) -> String {
        if self.is_year { self.date.year().to_string() } else { self.date.to_string() }
    }
}

/// Reads `2024`, `2024-07-01`, `2024/7/1`, `2024.07.01` or `20240701`.
///
/// # Errors
/// The text is none of these, or lies outside 1960–2100.
pub(super) fn parse(text: &str) -> Result<Day, ProblemKind> {
    let found = text.to_owned();
    let parts: Vec<&str> = text.trim().split(['-', '/', '.', '年', '月', '日']).filter(|p| !p.is_empty()).collect();
    let number = |s: &str| (!s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<i16>().ok())?;
    let day = match parts.as_slice() {
        [all] if all.len() == 8 => packed(all),
        [year] if year.len() == 4 => number(year).and_then(Day::year),
        [year, month, day] if year.len() == 4 => {
            let parts = (number(year), number(month), number(day));
            if let (Some(y), Some(m), Some(d)) = parts { exact(y, m, d) } else { None }
        }
        _ => None,
    };
    let day = day.ok_or_else(|| ProblemKind::NotADate { found: found.clone() })?;
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.date.year()) { Ok(day) } else { Err(ProblemKind::AbsurdDate { found }) }
}

fn exact(year: i16, month: i16, day: i16) -> Option<Day> {
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(Day { date, is_year: false })
}

fn packed(digits: &str) -> Option<Day> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    exact(part(0, 4)?, part(4, 6)?, part(6, 8)?)
}

/// The day in a file name: `yyyymmdd`, `yyyy-mm-dd`, `yyyyDDD` of old Landsat names, or a bare year; the first that
/// is a day within 1960–2100 in that order.
#[must_use]
pub fn in_name(stem: &str) -> Option<Day> {
    let believed = |day: &Day| (FIRST_YEAR..=LAST_YEAR).contains(&day.date.year());
    let runs = digit_runs(stem);
    let of_length = |length: usize| runs.iter().filter(move |r| r.len() == length);
    if let Some(day) = of_length(8).filter_map(|r| packed(r)).find(believed) {
        return Some(day);
    }
    // A product name may go on after the day without a break, as in 20230501T023456 (split already) or 20230501023456.
    if let Some(day) = of_length(14).filter_map(|r| packed(&r[..8])).find(believed) {
        return Some(day);
    }
    let dated = runs.windows(3).filter(|w| w[0].len() == 4 && w[1].len() <= 2 && w[2].len() <= 2);
    let number = |s: &str| s.parse::<i16>().ok();
    if let Some(day) = dated.filter_map(|w| exact(number(w[0])?, number(w[1])?, number(w[2])?)).find(believed) {
        return Some(day);
    }
    if let Some(day) = old_landsat(stem).filter(believed) {
        return Some(day);
    }
    of_length(4).filter_map(|r| Day::year(number(r)?)).find(believed)
}

/// `LC81950252013188LGN00`: sensor, path and row, year, day of the year.
fn old_landsat(stem: &str) -> Option<Day> {
    let name = stem.get(..16)?;
    let is_old = name.starts_with('L') && name[3..].bytes().all(|b| b.is_ascii_digit());
    let year = name.get(9..13)?.parse().ok()?;
    let day: i32 = name.get(13..16)?.parse().ok()?;
    let date = Date::new(year, 1, 1).ok()?.checked_add(jiff::Span::new().days(day - 1)).ok()?;
    (is_old && (1..=366).contains(&day)).then_some(Day { date, is_year: false })
}

fn digit_runs(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|r| !r.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(day: Option<Day>) -> String {
        day.map(Day::text).unwrap_or_default()
    }

    #[test]
    fn days_and_years_are_read_as_people_write_them() {
        let read = |t: &str| parse(t).map(Day::text);
        for written in ["2024-07-01", "20240701", "2024/7/1", "2024年7月1日"] {
            assert_eq!(read(written).unwrap(), "2024-07-01", "{written}");
        }
        assert_eq!(read("2024").unwrap(), "2024");
        assert!(matches!(read("2024-13-01"), Err(ProblemKind::NotADate { .. })));
        assert!(matches!(read("last year"), Err(ProblemKind::NotADate { .. })));
        assert!(matches!(read("2203"), Err(ProblemKind::AbsurdDate { .. })));
        assert!(matches!(read("1812-06-01"), Err(ProblemKind::AbsurdDate { .. })));
    }

    #[test]
    fn a_year_stands_for_its_first_of_july() {
        assert_eq!(parse("2024").unwrap().date, Date::new(2024, 7, 1).unwrap());
    }

    #[test]
    fn names_of_products_give_their_day() {
        assert_eq!(text(in_name("m_4709963_se_14_1_20090818")), "2009-08-18");
        assert_eq!(text(in_name("LC08_L1TP_195025_20130707_20170503_01_T1_B1")), "2013-07-07");
        assert_eq!(text(in_name("LC81950252013188LGN00_B1")), "2013-07-07");
        assert_eq!(text(in_name("S2A_MSIL2A_20230501T023456_N0509_R046_T50SQB")), "2023-05-01");
        assert_eq!(text(in_name("ndvi_2015-07-11")), "2015-07-11");
        assert_eq!(text(in_name("ALS_CHM_CAU_2012")), "2012");
        assert_eq!(text(in_name("dsm")), "");
    }
}
