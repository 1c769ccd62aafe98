//! What a sheet carries besides its maps: scale bar, north arrow, legend, scale in figures, sources.

use super::ink::{BLACK, Canvas, GREY, Ink, Rect, Side, path_of};
use super::map::{count, swatch};
use super::{Layout, Sheet, severity_colour, zone_colour};
use crate::model::flag::Severity;

/// Rows of a column of the legend.
pub(super) const ROWS: usize = 5;

/// Height of a row of the strip in points.
pub(super) const LINE: f32 = 12.5;

/// Longest scale bar in points.
const LONGEST: f32 = 110.0;

/// Width of a column of the legend in points.
const COLUMN: f32 = 125.0;

const VEIL: Ink = Ink([255, 255, 255], 0.85);

/// The longest 1, 2 or 5 times a power of ten that is not longer.
fn round_length(longest: f64) -> f64 {
    let decade = 10_f64.powf(longest.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * decade).find(|length| *length <= longest).unwrap_or(decade)
}

/// Draws the scale bar in the lower left corner; the room it takes.
pub(super) fn scale_bar(
    canvas: &mut Canvas<'_>,
    sheet: &Sheet<'_>,
    map: Rect,
    per_unit: f64,
    point: f32,
) -> Option<Rect> {
    let metres_per_px = sheet.metres_per_unit? / per_unit;
    let longest = f64::from((LONGEST * point).min(map.width() * 0.4)) * metres_per_px;
    let length = Some(round_length(longest)).filter(|length| length.is_finite() && *length > 0.0)?;
    let width = (length / metres_per_px) as f32;
    let text = if length >= 1000.0 { format!("{} km", length / 1000.0) } else { format!("{length} m") };
    let (left, foot) = (map.left + 12.0 * point, map.bottom - 9.0 * point);
    let (top, right) = (foot - 18.0 * point, left + width + 12.0 * point);
    let plate = Rect { left: map.left, top, right, bottom: map.bottom };
    canvas.plate(plate, VEIL);
    for (part, ink) in [(0.0, BLACK), (0.5, Ink([255, 255, 255], 1.0))] {
        let bar = Rect::of_size(left + width * part, foot - 3.2 * point, width / 2.0, 3.2 * point);
        canvas.plate(bar, ink);
        canvas.frame(bar, BLACK, 0.6 * point);
    }
    let middle = foot - 9.5 * point;
    canvas.text("0", (left, middle), Side::Middle, 7.5 * point, BLACK, None);
    canvas.text(&text, (left + width, middle), Side::Right, 7.5 * point, BLACK, None);
    Some(plate)
}

/// Draws the north arrow in the upper right corner; the room it takes.
pub(super) fn north(canvas: &mut Canvas<'_>, map: Rect, point: f32) -> Rect {
    let plate = Rect::of_size(map.right - 26.0 * point, map.top, 26.0 * point, 38.0 * point);
    canvas.plate(plate, VEIL);
    let (x, y) = (plate.middle().0, plate.top);
    canvas.text("N", (x, y + 7.0 * point), Side::Middle, 9.0 * point, BLACK, None);
    let at = |dx: f32, dy: f32| (x + dx * point, y + dy * point);
    canvas.fill(&path_of(&[at(0.0, 13.0), at(0.0, 29.0), at(-6.5, 34.0)], true), BLACK);
    let whole = path_of(&[at(0.0, 13.0), at(6.5, 34.0), at(0.0, 29.0), at(-6.5, 34.0)], true);
    canvas.line(&whole, BLACK, 0.8 * point);
    plate
}

/// Draws legend, scale and sources below the maps.
pub(super) fn strip(canvas: &mut Canvas<'_>, sheet: &Sheet<'_>, layout: &Layout) {
    let (left, top, width, _) = layout.strip;
    let foot_width = if sheet.legend { width * 0.45 } else { width };
    if sheet.legend {
        legend(canvas, sheet, layout, width - foot_width);
    }
    let point = layout.point;
    let right = left + width;
    let mut lines: Vec<(String, Ink, f32)> = Vec::new();
    lines.extend(scale(sheet, layout).map(|text| (text, BLACK, 9.5)));
    lines.extend(sheet.foot.iter().map(|text| (text.clone(), GREY, 7.5)));
    for (row, (text, ink, size)) in lines.into_iter().enumerate() {
        let size = size * point;
        let text = canvas.face.fitted(&text, size, foot_width - 4.0 * point);
        let middle = top + (row as f32 + 0.5) * LINE * point;
        canvas.text(&text, (right, middle), Side::Right, size, ink, None);
    }
}

/// `1 : 12,500`, with three figures.
fn scale(sheet: &Sheet<'_>, layout: &Layout) -> Option<String> {
    let width = layout.maps.first().map(|map| f64::from(map.2))?;
    let metres_per_px = sheet.metres_per_unit? * sheet.bounds.width() / width;
    let scale = metres_per_px * sheet.paper.dpi / 0.0254;
    let unit = 10_f64.powf((scale.log10().floor() - 2.0).max(0.0));
    Some(format!("1 : {}", grouped((scale / unit).round() * unit)))
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The legend in columns, as far as there is room.
fn legend(canvas: &mut Canvas<'_>, sheet: &Sheet<'_>, layout: &Layout, width: f32) {
    let (left, top, _, height) = layout.strip;
    let point = layout.point;
    let mut entries: Vec<(String, [u8; 3], f32)> = Vec::new();
    if sheet.flags.is_some() {
        for severity in [Severity::High, Severity::Medium, Severity::Low] {
            let word = sheet.lang.word(severity.key());
            let (count, name) = (count(sheet, severity), "word");
            let text = sheet.lang.sentence("sheet.flags", &[(name, &word), ("count", &count)]);
            entries.push((text, severity_colour(severity), 0.3));
        }
    }
    entries.extend(
        sheet.layers.iter().map(|(name, layer)| (name.clone(), zone_colour(*layer), sheet.zone_opacity.max(0.15))),
    );
    canvas.text(
        &sheet.lang.word("sheet.legend"),
        (left, top + LINE * point / 2.0),
        Side::Left,
        9.5 * point,
        BLACK,
        None,
    );
    let rows = ((height / (LINE * point)) as usize).saturating_sub(1).max(1);
    let columns = ((width / (COLUMN * point)) as usize).max(1);
    let column = width / columns as f32;
    for (number, (text, colour, opacity)) in entries.into_iter().take(rows * columns).enumerate() {
        let x = left + (number / rows) as f32 * column;
        let middle = top + ((number % rows) as f32 + 1.5) * LINE * point;
        let patch = Rect::of_size(x + point, middle - 3.6 * point, 13.0 * point, 7.2 * point);
        swatch(canvas, patch, colour, opacity, point);
        let text = canvas.face.fitted(&text, 8.0 * point, column - 24.0 * point);
        canvas.text(&text, (x + 18.0 * point, middle), Side::Left, 8.0 * point, BLACK, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_bars_have_round_lengths_and_scales_grouped_figures() {
        assert_eq!(Vec::from([0.7, 99.0, 100.0, 730.0].map(round_length)), [0.5, 50.0, 100.0, 500.0]);
        assert_eq!(grouped(1_234_000.0), "1,234,000");
    }
}
