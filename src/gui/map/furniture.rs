//! What a map must carry: scale bar and north arrow.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use crate::gui::session::Project;
use crate::gui::session::view::View;
use crate::model::crs::{Crs, CrsUnit};

/// Longest scale bar in screen points.
const LONGEST: f64 = 150.0;

/// Metres in a degree of the equator; a scale bar needs no more.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// Draws it all.
pub fn draw(painter: &Painter, project: &Project, view: &View, panes: &[Rect]) {
    let last = panes[panes.len() - 1];
    scale_bar(painter, &project.plan.crs, view, panes[0]);
    north(painter, pos2(last.right() - 26.0, last.top() + 34.0));
}

/// Metres in a map unit at the middle of a view; `None` where the CRS does not say.
pub fn metres_per_unit(crs: &Crs, view: &View) -> Option<f64> {
    match crs.unit {
        CrsUnit::Projected { metres } => Some(metres),
        CrsUnit::Degree => Some(METRES_PER_DEGREE * view.centre.1.to_radians().cos()),
        CrsUnit::Unknown => None,
    }
}

/// The longest 1, 2 or 5 times a power of ten that is not above a length.
fn round_below(length: f64) -> f64 {
    let power = 10_f64.powf(length.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|n| n * power).find(|n| *n <= length).unwrap_or(power)
}

fn scale_bar(painter: &Painter, crs: &Crs, view: &View, pane: Rect) {
    let Some(per_unit) = metres_per_unit(crs, view) else { return };
    let metres = round_below(LONGEST * view.units * per_unit);
    let width = (metres / (view.units * per_unit)) as f32;
    let left = pane.left_bottom() + vec2(18.0, -20.0);
    let text = if metres >= 1000.0 { format!("{} km", metres / 1000.0) } else { format!("{metres} m") };
    let plate = Rect::from_min_max(left + vec2(-10.0, -22.0), left + vec2(width + 10.0, 10.0));
    painter.rect_filled(plate, 5.0, Color32::from_black_alpha(140));
    let line = vec![left + vec2(0.0, -5.0), left, left + vec2(width, 0.0), left + vec2(width, -5.0)];
    painter.add(Shape::line(line, Stroke::new(1.6, Color32::WHITE)));
    let middle = left + vec2(width / 2.0, -4.0);
    painter.text(middle, Align2::CENTER_BOTTOM, text, FontId::proportional(11.0), Color32::WHITE);
}

/// North is always up: the view does not turn. In a projected CRS it is the grid's north.
fn north(painter: &Painter, at: Pos2) {
    painter.circle_filled(at, 17.0, Color32::from_black_alpha(140));
    let tip = at + vec2(0.0, -12.0);
    let (left, right, notch) = (at + vec2(-5.0, 3.0), at + vec2(5.0, 3.0), at);
    painter.add(Shape::convex_polygon(vec![tip, notch, left], Color32::WHITE, Stroke::NONE));
    painter.add(Shape::convex_polygon(vec![tip, right, notch], Color32::from_gray(170), Stroke::NONE));
    painter.text(at + vec2(0.0, 3.0), Align2::CENTER_TOP, "N", FontId::proportional(10.0), Color32::WHITE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_round_lengths() {
        let round: Vec<f64> = [0.7, 3.9, 99.0, 100.0, 730.0].map(round_below).to_vec();
        assert_eq!(round, [0.5, 2.0, 50.0, 100.0, 500.0]);
    }
}
