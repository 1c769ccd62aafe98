//! The farming calendar: which covers of the ground pass from one class to another between two days of the year.
//!
//! Even scenes a few weeks apart may lie on both sides of a harvest. A flag that the calendar may explain stays and ranks
//! lower: a drained pond and a filled one look alike.

use serde::Deserialize;

use crate::model::Date;
use crate::model::class::CoverClass;

/// Days of a year; in leap years the 29th of February counts as the 28th.
const YEAR: i32 = 365;

/// The table `crop_calendar`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropCalendar {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    within_days: u16,
    #[serde(default)]
    cover: Vec<Cover>,
}

/// Ground that looks different in the course of a year.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// What it is called: a key of the language files, or any text.
    pub name: String,
    stages: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    from: Day,
    to: Day,
    class: Vec<CoverClass>,
}

/// A day of any year, written `month-day`, as its number from 1 to 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Day(i32);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // 2001 has no 29th of February.
        let date: Result<Date, _> = format!("2001-{text}").parse();
        date.map(Self::of).map_err(|_| format!("\"{text}\" is no day of a year; a day is written as 06-15"))
    }
}

impl Day {
    fn of(date: Date) -> Self {
        let leapt = date.in_leap_year() && date.day_of_year() > 59;
        Self(i32::from(date.day_of_year()) - i32::from(leapt))
    }
}

impl Stage {
    /// Whether a day lies in the stage, or within so many days of it.
    fn holds(&self, Day(day): Day, within: i32) -> bool {
        let length = (self.to.0 - self.from.0).rem_euclid(YEAR) + 2 * within;
        (day - self.from.0 + within).rem_euclid(YEAR) <= length
    }
}

impl CropCalendar {
    /// The first cover that passes from one class to another between two dates.
    #[must_use]
    pub fn turn(&self, (before, after): (Date, Date), from: CoverClass, to: CoverClass) -> Option<&Cover> {
        let (before, after, within) = (Day::of(before), Day::of(after), i32::from(self.within_days));
        self.cover.iter().find(|cover| {
            let may_show = |day, class| {
                let stages = cover.stages.iter().enumerate();
                stages.filter(move |(_, stage)| stage.holds(day, within) && stage.class.contains(&class))
            };
            from != to && may_show(before, from).any(|(at, _)| may_show(after, to).any(|(other, _)| at != other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CoverClass::{Bare, Built, Vegetation, Water};

    fn calendar() -> CropCalendar {
        toml::from_str(include_str!("../../assets/tables/crop_calendar.toml")).unwrap()
    }

    fn turn(before: &str, after: &str, from: CoverClass, to: CoverClass) -> Option<String> {
        let dates = (before.parse().unwrap(), after.parse().unwrap());
        calendar().turn(dates, from, to).map(|cover| cover.name.clone())
    }

    #[test]
    fn a_harvest_between_two_scenes_of_one_season_is_the_calendar_s() {
        assert_eq!(turn("2024-05-20", "2025-06-12", Vegetation, Bare).as_deref(), Some("crop.rice_wheat"));
        assert_eq!(turn("2024-05-20", "2025-06-25", Vegetation, Water).as_deref(), Some("crop.rice_wheat"));
        assert_eq!(turn("2024-08-05", "2025-08-20", Vegetation, Bare), None, "rice stands at both");
        assert_eq!(turn("2024-05-20", "2025-06-12", Vegetation, Built), None, "nothing built comes with a harvest");
    }

    #[test]
    fn a_stage_may_run_over_new_year_and_begin_a_few_days_off() {
        let drained = Some("crop.pond");
        assert_eq!(turn("2024-11-10", "2025-12-20", Water, Bare).as_deref(), drained);
        assert_eq!(turn("2024-11-10", "2026-02-01", Water, Bare).as_deref(), drained);
        assert_eq!(turn("2024-11-10", "2025-11-22", Water, Bare).as_deref(), drained, "ten days early");
        assert_eq!(turn("2024-08-10", "2025-09-22", Water, Bare), None);
        assert_eq!(turn("2024-02-29", "2024-08-01", Bare, Water).as_deref(), drained, "a leap day is a day");
    }

    #[test]
    fn what_is_no_day_is_told() {
        let wrong = include_str!("../../assets/tables/crop_calendar.toml").replace("06-15", "06-31");
        let error = toml::from_str::<CropCalendar>(&wrong).unwrap_err();
        assert!(error.to_string().contains("06-31"), "{error}");
    }
}
