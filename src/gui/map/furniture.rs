//! What a map must carry: scale bar, north arrow, where the basemap comes from.

use eframe::egui::{
    Align2, Color32, FontId, Id, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::session::Project;
use crate::gui::session::view::View;

/// Longest scale bar in screen points.
const LONGEST: f64 = 150.0;

/// A map lower than this has tools down to its lower edge.
const TOOLS: f32 = 330.0;

/// Convergence below this is none: degrees.
const UPRIGHT: f64 = 0.005;

/// Draws it all.
pub fn draw(ui: &Ui, painter: &Painter, cx: &Cx<'_>, project: &Project, view: &View, panes: &[Rect]) {
    let last = panes[panes.len() - 1];
    let metres = project.ground.as_ref().and_then(|ground| ground.metres_per_unit(view.centre));
    if let Some(metres) = metres {
        scale_bar(painter, metres * view.units, panes[0]);
    }
    // On a low map the tools reach down to its place: it stands beside them.
    let beside = if last.height() < TOOLS { 52.0 } else { 0.0 };
    let arrow = pos2(last.right() - 28.0 - beside, last.bottom() - 32.0);
    north(painter, arrow);
    explain_north(ui, cx, project, view, Rect::from_center_size(arrow, Vec2::splat(34.0)));
}

/// What up means: the grid's north, and how far true north is from it.
fn explain_north(ui: &Ui, cx: &Cx<'_>, project: &Project, view: &View, arrow: Rect) {
    let response = ui.interact(arrow, Id::unique("north"), Sense::hover());
    let angle = project.ground.as_ref().and_then(|ground| ground.convergence(view.centre)).unwrap_or(0.0);
    let word = if angle.abs() < UPRIGHT {
        cx.word("gui.tools.true_north")
    } else {
        // Where grid north leans east of true north, true north lies west of up.
        let side = cx.word(if angle > 0.0 { "gui.tools.of_west" } else { "gui.tools.of_east" });
        let (told, signed) = (format!("{:.2}°", angle.abs()), format!("{angle:+.3}"));
        cx.lang.sentence("gui.tools.grid_north", &[("side", &side), ("angle", &told), ("signed", &signed)])
    };
    let name = word.clone();
    response.widget_info(move || WidgetInfo::labeled(Role::Image, true, &name));
    response.on_hover_text(word);
}

/// The longest 1, 2 or 5 times a power of ten that is not above a length.
fn round_below(length: f64) -> f64 {
    let power = 10_f64.powf(length.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|n| n * power).find(|n| *n <= length).unwrap_or(power)
}

fn scale_bar(painter: &Painter, metres_per_point: f64, pane: Rect) {
    let metres = round_below(LONGEST * metres_per_point);
    let width = (metres / metres_per_point) as f32;
    let left = pane.left_bottom() + vec2(18.0, -20.0);
    let text = if metres >= 1000.0 { format!("{} km", metres / 1000.0) } else { format!("{metres} m") };
    let plate = Rect::from_min_max(left + vec2(-10.0, -22.0), left + vec2(width + 10.0, 10.0));
    painter.rect_filled(plate, 5.0, Color32::from_black_alpha(140));
    let line = vec![left + vec2(0.0, -5.0), left, left + vec2(width, 0.0), left + vec2(width, -5.0)];
    painter.add(Shape::line(line, Stroke::new(1.6, Color32::WHITE)));
    let middle = left + vec2(width / 2.0, -4.0);
    painter.text(middle, Align2::CENTER_BOTTOM, text, FontId::proportional(11.0), Color32::WHITE);
}

/// Where the basemap comes from, beside the north arrow.
pub fn credit(painter: &Painter, cx: &Cx<'_>, source: &str, pane: Rect) {
    let text = cx.lang.sentence("sheet.basemap", &[("source", &source)]);
    let galley = painter.layout(text, FontId::proportional(10.5), Color32::WHITE, pane.width() * 0.4);
    let plate = Rect::from_min_size(pane.right_bottom() - galley.size() - vec2(64.0, 14.0), galley.size());
    painter.rect_filled(plate.expand2(vec2(6.0, 2.0)), 4.0, Color32::from_black_alpha(140));
    painter.galley(plate.min, galley, Color32::WHITE);
}

/// North is always up: the view does not turn.
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
