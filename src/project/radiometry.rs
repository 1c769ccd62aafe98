//! How stored numbers become values: as the file declares, as the sensor profile says, or as they are.

use std::path::Path;

use super::dates::{self, Day};
use super::sensor::{Radiometry, SensorProfile};
use crate::io::raster::{BandInfo, RasterInfo};
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, BandSource, SampleType};

/// The bands of a file as the reader wants them, and whether they come out as reflectance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calibrated {
    /// The bands.
    pub bands: Vec<BandSource>,
    /// Whether values are reflectance.
    pub is_reflectance: bool,
    /// What to tell.
    pub notice: Option<Notice>,
}

/// Applies a profile to the bands chosen from a file.
pub(super) fn calibrate(
    info: &RasterInfo,
    roles: &[(BandRole, usize)],
    sensor: Option<&SensorProfile>,
    day: Day,
) -> Calibrated {
    let profile = sensor.and_then(|s| s.radiometry.as_ref().map(|r| (s, r)));
    let mut applied = Applied { profile: profile.map(|p| p.1), offset: None, untouched: false, declared: false };
    let named = baseline(info);
    if let Some((_, radiometry)) = profile {
        applied.offset = Some(offset(radiometry, named, day));
    }
    let source = |(role, index): &(BandRole, usize)| {
        let band = &info.bands[index - 1];
        let (scale, offset) = applied.numbers(band);
        let own_nodata = sensor.and_then(|s| s.nodata).filter(|_| is_whole(band.sample));
        BandSource { role: *role, index: *index, scale, offset, nodata: band.nodata.or(own_nodata) }
    };
    let bands = roles.iter().map(source).collect::<Vec<_>>();
    let whole = roles.iter().all(|(_, index)| is_wide(info.bands[index - 1].sample));
    applied.declared = roles.iter().any(|(_, index)| declares(&info.bands[index - 1]));
    applied.untouched = profile.is_some() && !whole && !applied.declared;
    let notice = profile.and_then(|(sensor, radiometry)| applied.notice(info, sensor, radiometry, named, day));
    Calibrated { bands, is_reflectance: profile.is_some() && (whole || applied.declared), notice }
}

struct Applied<'p> {
    profile: Option<&'p Radiometry>,
    offset: Option<f64>,
    untouched: bool,
    declared: bool,
}

impl Applied<'_> {
    fn numbers(&self, band: &BandInfo) -> (f64, f64) {
        match (self.profile, self.offset) {
            _ if declares(band) => (band.scale, band.offset),
            (Some(profile), Some(offset)) if is_wide(band.sample) => (profile.scale, offset),
            _ => (1.0, 0.0),
        }
    }

    fn notice(
        &self,
        info: &RasterInfo,
        sensor: &SensorProfile,
        radiometry: &Radiometry,
        named: Option<u32>,
        day: Day,
    ) -> Option<Notice> {
        let of = |code, weight| Notice::new(code, weight).at(&info.path).fact("sensor", &sensor.title);
        if self.declared {
            return None;
        }
        if self.untouched {
            return Some(of("radiometry_untouched", Weight::Warning));
        }
        radiometry.later.as_ref()?;
        let offset = self.offset.unwrap_or_default();
        Some(match named {
            Some(number) => {
                let baseline = format!("{:02}.{:02}", number / 100, number % 100);
                of("offset_by_baseline", Weight::Note).fact("offset", offset).fact("baseline", baseline)
            }
            None => of("offset_by_date", Weight::Note).fact("offset", offset).fact("date", day.text()),
        })
    }
}

/// Whether the file itself says how its numbers become values.
fn declares(band: &BandInfo) -> bool {
    (band.scale - 1.0).abs() > f64::EPSILON || band.offset != 0.0
}

fn is_whole(sample: SampleType) -> bool {
    !matches!(sample, SampleType::F32 | SampleType::F64)
}

/// Whether it can hold a product's own numbers: whole and wider than 8 bits.
fn is_wide(sample: SampleType) -> bool {
    is_whole(sample) && sample != SampleType::U8
}

fn offset(radiometry: &Radiometry, named: Option<u32>, day: Day) -> f64 {
    let Some(later) = &radiometry.later else { return radiometry.offset };
    let by_date = || dates::parse(&later.from).is_ok_and(|from| day.date >= from.date);
    if named.map_or_else(by_date, |n| n >= later.baseline) { later.offset } else { radiometry.offset }
}

/// The processing baseline, from the tags or from a name part like `N0509`.
fn baseline(info: &RasterInfo) -> Option<u32> {
    let tag = info.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case("PROCESSING_BASELINE"));
    let tagged = tag.and_then(|(_, value)| value.replace('.', "").trim().parse().ok());
    tagged.or_else(|| baseline_in_name(&info.path))
}

fn baseline_in_name(path: &Path) -> Option<u32> {
    const NAMES_LOOKED_AT: usize = 6;
    let of = |name: &str| {
        name.split(['_', '.', '-']).find_map(|word| {
            let digits = word.strip_prefix(['N', 'n'])?;
            (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
        })
    };
    path.iter().rev().take(NAMES_LOOKED_AT).find_map(|name| of(&name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::sensor::Sensors;

    fn day(text: &str) -> Day {
        dates::parse(text).unwrap()
    }

    #[test]
    fn the_baseline_in_the_name_decides_and_else_the_date() {
        let sensors = Sensors::load(None).unwrap();
        let radiometry = sensors.named("sentinel2").unwrap().radiometry.clone().unwrap();
        let old = baseline_in_name(Path::new("/d/S2A_MSIL2A_20220301T023456_N0301_R046_T50SQB.SAFE/B04.jp2"));
        assert_eq!(old, Some(301));
        let cases = [
            (old, "2022-03-01", 0.0),
            (Some(509), "2020-03-01", -0.1),
            (None, "2022-01-24", 0.0),
            (None, "2022-01-25", -0.1),
        ];
        for (named, date, expected) in cases {
            assert!((offset(&radiometry, named, day(date)) - expected).abs() < 1e-12, "{named:?} {date}");
        }
        assert_eq!(baseline_in_name(Path::new("/d/GF2_E119.4_N32.4_20230501.tif")), None);
    }
}
