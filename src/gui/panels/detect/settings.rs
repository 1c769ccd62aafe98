//! Settings of the project file: what they are now, and back to what they are by default.

use eframe::egui::{ComboBox, DragValue, Id, RichText, Role, Ui, WidgetInfo};

use crate::gui::cx::Cx;
use crate::gui::session::detect::{Setting, set};
use crate::gui::session::{Command, Project};
use crate::gui::widgets;
use crate::model::units::Metres;
use crate::pipeline::preview::{ChangeFacts, KeepFacts};

/// The method.
pub(super) fn method(ui: &mut Ui, cx: &Cx<'_>, facts: &ChangeFacts, commands: &mut Vec<Command>) {
    let name = |word: &str| {
        if word == "auto" { cx.word("gui.detect.auto") } else { cx.lang.fact(&format!("report.method.{word}")) }
    };
    ui.horizontal(|ui| {
        widgets::heading(ui, cx, &cx.word("gui.detect.method"));
        let present = if facts.asked == "auto" {
            cx.with("gui.detect.auto_used", "method", &name(&facts.used))
        } else {
            name(&facts.asked)
        };
        let combo = ComboBox::from_id_salt("method").width(ui.available_width() - 66.0).truncate();
        let shown = combo.selected_text(&present).show_ui(ui, |ui| {
            for word in &facts.methods {
                if ui.selectable_label(facts.asked == *word, name(word)).clicked() && facts.asked != *word {
                    commands.push(set(Setting::Method(word)));
                }
            }
        });
        let label = format!("{}: {present}", cx.word("gui.detect.method"));
        shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
        if facts.asked != "auto" && reset(ui, cx) {
            commands.push(set(Setting::Method("auto")));
        }
    });
}

/// The size of an analysis pixel.
pub(super) fn pixel(ui: &mut Ui, cx: &Cx<'_>, project: &Project, now: Metres, commands: &mut Vec<Command>) {
    let wished = project.plan.gsd_m;
    ui.horizontal(|ui| {
        widgets::heading(ui, cx, &cx.word("gui.detect.pixel_size"));
        if widgets::choice(ui, cx, wished.is_none(), &cx.word("gui.detect.auto")).clicked() && wished.is_some() {
            commands.push(set(Setting::Pixel(None)));
        }
        let field = Field { name: cx.word("gui.detect.pixel_size"), suffix: " m", digits: 2, range: (0.01, 10_000.0) };
        if let Some(size) = field.show(ui, wished.unwrap_or(now.0)) {
            commands.push(set(Setting::Pixel(Some(size))));
        }
        if wished.is_some() && reset(ui, cx) {
            commands.push(set(Setting::Pixel(None)));
        }
    });
}

/// The smallest patch.
pub(super) fn least_area(ui: &mut Ui, cx: &Cx<'_>, project: &Project, facts: &KeepFacts, commands: &mut Vec<Command>) {
    let wished = project.plan.detection.min_area_m2;
    let least = facts.smallest.iter().map(|class| class.1.0).fold(f64::INFINITY, f64::min);
    ui.horizontal(|ui| {
        widgets::heading(ui, cx, &cx.word("gui.detect.least_area"));
        if widgets::choice(ui, cx, wished.is_none(), &cx.word("gui.detect.by_table")).clicked() && wished.is_some() {
            commands.push(set(Setting::LeastArea(None)));
        }
        let field = Field { name: cx.word("gui.detect.least_area"), suffix: " m²", digits: 0, range: (0.0, 1e7) };
        if let Some(area) = field.show(ui, wished.unwrap_or(if least.is_finite() { least } else { 0.0 })) {
            commands.push(set(Setting::LeastArea(Some(area))));
        }
        if wished.is_some() && reset(ui, cx) {
            commands.push(set(Setting::LeastArea(None)));
        }
    });
}

/// Takes a setting back to what it is by default.
fn reset(ui: &mut Ui, cx: &Cx<'_>) -> bool {
    let word = RichText::new(cx.word("gui.detect.reset")).size(12.0);
    ui.link(word).on_hover_text(cx.word("gui.detect.reset_hint")).clicked()
}

/// A number that is typed or dragged; it is a wish once the hand lets go.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) suffix: &'static str,
    pub(super) digits: usize,
    pub(super) range: (f64, f64),
}

impl Field {
    /// The number wished for, once it is.
    pub(super) fn show(&self, ui: &mut Ui, present: f64) -> Option<f64> {
        let id = Id::unique(("detect field", &self.name));
        let mut value = ui.data(|data| data.get_temp::<f64>(id)).unwrap_or(present);
        let speed = (present.abs() * 0.01).max(0.01);
        let drag = DragValue::new(&mut value).speed(speed).range(self.range.0..=self.range.1);
        let response = ui.add(drag.suffix(self.suffix).max_decimals(self.digits));
        response.widget_info(|| WidgetInfo { label: Some(self.name.clone()), ..WidgetInfo::drag_value(true, value) });
        let step = 10_f64.powi(self.digits as i32);
        let rounded = (value * step).round() / step;
        let is_held = response.dragged() || response.has_focus();
        if is_held {
            ui.data_mut(|data| data.insert_temp(id, value));
            return None;
        }
        ui.data_mut(|data| data.remove::<f64>(id));
        let is_over = response.drag_stopped() || response.lost_focus();
        (is_over && (rounded - present).abs() > 0.5 / step).then_some(rounded)
    }
}
