//! How lengths, areas and places are written, on the map and beside it.

use super::widgets::grouped;
use crate::lang::Lang;
use crate::model::crs::CrsUnit;
use crate::model::units::SquareMetres;

/// A length in metres or kilometres, to about a thousandth.
pub fn length(metres: f64) -> String {
    match metres {
        m if m >= 100_000.0 => format!("{} km", grouped(m / 1000.0)),
        m if m >= 1000.0 => format!("{:.3} km", m / 1000.0),
        m if m >= 100.0 => format!("{m:.1} m"),
        m => format!("{m:.2} m"),
    }
}

/// An area in square metres (kilometres), hectares and mu.
pub fn area(lang: Lang, area: SquareMetres) -> String {
    let plain = if area.0 >= 1e6 { format!("{:.3} km²", area.0 / 1e6) } else { format!("{} m²", grouped(area.0)) };
    let fine = |value: f64| if value >= 1000.0 { grouped(value) } else { format!("{value:.2}") };
    let (ha, mu) = (fine(area.hectares()), fine(area.mu()));
    lang.sentence("gui.tools.area_told", &[("plain", &plain), ("ha", &ha), ("mu", &mu)])
}

/// A place in the map's own coordinates.
pub fn map_place(unit: CrsUnit, place: (f64, f64)) -> String {
    match unit {
        CrsUnit::Degree => format!("{:.6}°  {:.6}°", place.0, place.1),
        _ => format!("E {:.1}   N {:.1}", place.0, place.1),
    }
}

/// The same for the clipboard: bare numbers.
pub fn bare(unit: CrsUnit, place: (f64, f64)) -> String {
    let digits = if unit == CrsUnit::Degree { 7 } else { 2 };
    format!("{:.digits$}, {:.digits$}", place.0, place.1)
}

/// Longitude and latitude, with fractions or in minutes and seconds.
pub fn lonlat((lon, lat): (f64, f64), sexagesimal: bool) -> String {
    if sexagesimal {
        let side = |value: f64, sides: [&'static str; 2]| if value < 0.0 { sides[1] } else { sides[0] };
        format!("{}{} {}{}", minutes(lon), side(lon, ["E", "W"]), minutes(lat), side(lat, ["N", "S"]))
    } else {
        format!("{lon:.6}°, {lat:.6}°")
    }
}

/// Degrees, minutes and seconds to a hundredth, about 30 cm.
fn minutes(degrees: f64) -> String {
    let hundredths = (degrees.abs() * 360_000.0).round() as u64;
    let (whole, rest) = (hundredths / 360_000, hundredths % 360_000);
    format!("{whole}°{:02}′{:05.2}″", rest / 6000, (rest % 6000) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_never_reach_sixty() {
        assert_eq!(lonlat((119.42, -32.999_999_999), true), "119°25′12.00″E 33°00′00.00″S");
        assert_eq!(lonlat((119.42, 32.5), false), "119.420000°, 32.500000°");
    }

    #[test]
    fn lengths_and_areas_are_told_in_fitting_units() {
        assert_eq!([7.126, 730.26, 12_345.6, 345_678.0].map(length), ["7.13 m", "730.3 m", "12.346 km", "346 km"]);
        assert_eq!(area(Lang::Zh, SquareMetres(6666.6667)), "6,667 m²  ·  0.67 公顷  ·  10.00 亩");
    }
}
