//! Standing bars along an axis: years, and the histogram of scores.

use eframe::egui::{Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::cx::Cx;

/// Height of the chart, and of the words below it.
const HEIGHT: f32 = 120.0;
const WORDS: f32 = 18.0;

/// The widest bar.
const WIDEST: f32 = 64.0;

/// One standing bar.
pub struct Pillar {
    /// What stands below it.
    pub label: String,
    /// Its parts: high, medium, low.
    pub parts: [f64; 3],
    /// What is said of it when it is pointed at.
    pub told: String,
    /// Whether it steps back.
    pub faded: bool,
    /// Whether the selected flag is in it.
    pub selected: bool,
}

/// Draws the bars; gives the number of the one that was clicked.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, pillars: &[Pillar], value: &dyn Fn(f64) -> String) -> Option<usize> {
    let (rect, whole) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT + WORDS), Sense::hover());
    let highest = pillars.iter().map(|pillar| pillar.parts.iter().sum::<f64>()).fold(0.0, f64::max);
    let plot = Rect::from_min_max(pos2(rect.left(), rect.top() + 14.0), pos2(rect.right(), rect.bottom() - WORDS));
    let painter = ui.painter();
    let small = FontId::proportional(11.0);
    painter.hline(plot.x_range(), plot.top(), Stroke::new(1.0, cx.palette.line));
    painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, cx.palette.weak));
    let top = pos2(plot.left(), plot.top() - 2.0);
    painter.text(top, Align2::LEFT_BOTTOM, value(highest), small.clone(), cx.palette.weak);
    let step = plot.width() / pillars.len().max(1) as f32;
    let mut clicked = None;
    for (at, pillar) in pillars.iter().enumerate() {
        let middle = plot.left() + step * (at as f32 + 0.5);
        let lane = Rect::from_x_y_ranges(middle - step / 2.0..=middle + step / 2.0, plot.top()..=rect.bottom());
        let response = ui.interact(lane, whole.id.with(at), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &pillar.told));
        if response.hovered() {
            painter.rect_filled(lane, 4.0, cx.palette.wash);
        }
        let width = (step - 3.0).clamp(2.0, WIDEST);
        let mut bottom = plot.bottom();
        for (part, colour) in pillar.parts.iter().zip(cx.palette.severity) {
            let height = if highest > 0.0 { plot.height() * (part / highest) as f32 } else { 0.0 };
            let bar =
                Rect::from_min_max(pos2(middle - width / 2.0, bottom - height), pos2(middle + width / 2.0, bottom));
            painter.rect_filled(bar, 1.0, colour.gamma_multiply(if pillar.faded { 0.35 } else { 1.0 }));
            bottom -= height;
        }
        if pillar.selected {
            let frame =
                Rect::from_min_max(pos2(middle - width / 2.0, bottom), pos2(middle + width / 2.0, plot.bottom()));
            painter.rect_stroke(frame.expand(1.5), 2.0, Stroke::new(1.5, cx.palette.strong), StrokeKind::Outside);
        }
        let place = pos2(middle, plot.bottom() + 3.0);
        painter.text(place, Align2::CENTER_TOP, &pillar.label, small.clone(), cx.palette.weak);
        if response.on_hover_text(&pillar.told).clicked() {
            clicked = Some(at);
        }
    }
    clicked
}
