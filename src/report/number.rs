//! Numbers as people read them: grouped thousands, percent, degrees. For display only; data keep their full precision.

use crate::lang::Lang;
use crate::model::units::SquareMetres;

/// What stands where a number is not known.
pub(super) const UNKNOWN: &str = "—";

/// A number with grouped thousands and a true minus sign.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|b| b.is_ascii_digit() && b != b'0') {
        text.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Square metres with as many decimals as help.
pub(super) fn area(m2: f64) -> String {
    let decimals = if m2 == 0.0 || m2.abs() >= 10_000.0 { 0 } else { 1 };
    format!("{} m²", grouped(m2, decimals))
}

/// Mu (亩) with as many decimals as help.
pub(super) fn mu(m2: f64, lang: Lang) -> String {
    let mu = SquareMetres(m2).mu();
    let decimals = if mu == 0.0 || mu.abs() >= 1000.0 { 0 } else { 2 };
    lang.sentence("report.mu", &[("mu", &grouped(mu, decimals))])
}

/// A share in percent; the ends are never reached by rounding.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        UNKNOWN.to_owned()
    } else if percent > 0.0 && percent < 0.005 {
        "<0.01%".to_owned()
    } else if percent < 100.0 && percent >= 99.995 {
        ">99.99%".to_owned()
    } else if percent == 0.0 || percent == 100.0 {
        format!("{percent:.0}%")
    } else {
        format!("{percent:.2}%")
    }
}

/// `part` as a share of `whole` in percent; unknown where there is no whole.
pub(super) fn percent_of(part: f64, whole: f64) -> String {
    if whole > 0.0 { percent(part / whole) } else { UNKNOWN.to_owned() }
}

/// A number with so many significant digits, for scores and chart labels.
pub(super) fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    grouped(value, (digits - 1 - magnitude).clamp(0, 9) as usize)
}

/// Longitude and latitude in degrees, minutes and seconds.
pub(super) fn dms(lon: f64, lat: f64) -> String {
    let east = if lon < 0.0 { 'W' } else { 'E' };
    let north = if lat < 0.0 { 'S' } else { 'N' };
    format!("{}{east} {}{north}", angle(lon), angle(lat))
}

fn angle(degrees: f64) -> String {
    if !degrees.is_finite() {
        return UNKNOWN.to_owned();
    }
    // Hundredths of a second are counted as whole numbers, so that 59.999″ never shows as 60.00″.
    let hundredths = (degrees.abs() * 360_000.0).round() as u64;
    let (seconds, rest) = (hundredths / 100, hundredths % 100);
    format!("{}°{:02}′{:02}.{rest:02}″", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// How many columns a text takes when Chinese characters are twice as wide as Latin ones.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(grouped(-35.25, 1), "−35.2");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(grouped(999.0, 0), "999");
        assert_eq!(grouped(f64::NAN, 0), "—");
    }

    #[test]
    fn percent_never_rounds_to_none_or_all() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.000_01), "<0.01%");
        assert_eq!(percent(0.999_999), ">99.99%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.1234), "12.34%");
        assert_eq!(percent_of(1.0, 0.0), "—");
    }

    #[test]
    fn sixty_seconds_become_a_minute() {
        assert_eq!(dms(119.999_999_999, 32.5), "120°00′00.00″E 32°30′00.00″N");
        assert_eq!(dms(-0.5, -1.25), "0°30′00.00″W 1°15′00.00″S");
    }

    #[test]
    fn fifteen_mu_are_a_hectare_in_words() {
        assert_eq!(mu(10_000.0, Lang::Zh), "15.00 亩");
        assert_eq!(mu(10_000.0, Lang::En), "15.00 mu");
    }

    #[test]
    fn chinese_characters_take_two_columns() {
        assert_eq!(columns("红线A1"), 6);
    }

    #[test]
    fn significant_digits_follow_the_magnitude() {
        assert_eq!(significant(0.012_345, 3), "0.0123");
        assert_eq!(significant(1234.5, 3), "1,234");
        assert_eq!(significant(0.0, 3), "0");
    }
}
