//! Layers and legend: what is shown, in which colour, how strongly.

use eframe::egui::{Checkbox, RichText, ScrollArea, Slider, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Layer, LookWish, Project};
use crate::gui::{theme, widgets};
use crate::model::flag::Severity;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        widgets::heading(ui, cx, &cx.word("gui.layers.flags"));
        flags(ui, cx, project, commands);
        ui.add_space(10.0);
        widgets::heading(ui, cx, &cx.word("gui.layers.zones"));
        zones(ui, cx, project, commands);
        ui.add_space(10.0);
        widgets::heading(ui, cx, &cx.word("gui.layers.images"));
        toggle(ui, &cx.word("gui.layers.show_images"), project.look.images, Layer::Images, commands);
        let mut opacity = project.look.image_opacity;
        if strength(ui, cx, &mut opacity) {
            commands.push(Command::Look(LookWish::ImageOpacity(opacity)));
        }
        ui.add_space(10.0);
        toggle(ui, &cx.word("gui.layers.labels"), project.look.labels, Layer::Labels, commands);
    });
}

fn toggle(ui: &mut Ui, word: &str, shown: bool, layer: Layer, commands: &mut Vec<Command>) {
    let mut now = shown;
    if ui.add(Checkbox::new(&mut now, word)).changed() {
        commands.push(Command::Look(LookWish::Toggle(layer)));
    }
}

fn flags(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    toggle(ui, &cx.word("gui.layers.show_flags"), project.look.flags, Layer::Flags, commands);
    let counts = project.flags.by_severity();
    for (severity, count) in [Severity::High, Severity::Medium, Severity::Low].into_iter().zip(counts) {
        ui.horizontal(|ui| {
            ui.add_space(22.0);
            widgets::swatch(ui, cx.palette.severity(severity), 0.3);
            ui.label(cx.with("gui.layers.severity", "word", &cx.word(severity.key())));
            ui.label(RichText::new(count.to_string()).color(cx.palette.weak));
        });
    }
}

fn zones(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    for (number, layer) in project.look.zones.iter().enumerate() {
        ui.horizontal(|ui| {
            let mut shown = layer.shown;
            let name = if layer.zones == 1 { &layer.kind } else { &layer.name };
            ui.spacing_mut().item_spacing.x = 6.0;
            let check = ui.add(Checkbox::without_text(&mut shown));
            check.widget_info(|| eframe::egui::WidgetInfo::selected(eframe::egui::Role::CheckBox, true, shown, name));
            if check.changed() {
                commands.push(Command::Look(LookWish::Toggle(Layer::Zones(number))));
            }
            widgets::swatch(ui, theme::zone_colour(number), project.look.zone_opacity.max(0.1));
            let text = format!("{name}  {}", layer.zones);
            ui.add(eframe::egui::Label::new(text).truncate()).on_hover_text(format!("{} · {}", layer.name, layer.kind));
        });
    }
    let mut opacity = project.look.zone_opacity;
    if strength(ui, cx, &mut opacity) {
        commands.push(Command::Look(LookWish::ZoneOpacity(opacity)));
    }
}

fn strength(ui: &mut Ui, cx: &Cx<'_>, opacity: &mut f32) -> bool {
    ui.horizontal(|ui| {
        ui.add_space(22.0);
        ui.label(RichText::new(cx.word("gui.layers.opacity")).size(12.0).color(cx.palette.weak));
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        let slider = ui.add(Slider::new(opacity, 0.0..=1.0).show_value(false));
        let label = cx.word("gui.layers.opacity");
        let value = f64::from(*opacity);
        slider.widget_info(|| eframe::egui::WidgetInfo::slider(true, value, &label));
        slider.changed()
    })
    .inner
}
