//! The line at the bottom: where the cursor is, and what every year says of that place.

use eframe::egui::{Align, Label, Layout, RichText, Spinner, Ui};

use crate::gui::cx::Cx;
use crate::gui::map::Canvas;
use crate::model::crs::CrsUnit;

/// Points of a screen in a metre, for the scale in words (96 points an inch).
const POINTS_PER_METRE: f64 = 96.0 / 0.0254;

/// Draws the line.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &Canvas) {
    ui.horizontal_centered(|ui| {
        let text = |text: String| Label::new(RichText::new(text).size(12.0).color(cx.palette.weak)).truncate();
        let Some(project) = cx.project() else { return };
        if canvas.atlas.is_waiting() {
            ui.add(Spinner::new().size(12.0).color(cx.palette.accent));
        }
        if let Some(place) = canvas.cursor {
            ui.add(text(coordinates(project.plan.crs.unit, place)));
            if let Some((lon, lat)) = canvas.atlas.reader.lonlat.filter(|_| canvas.atlas.reader.place == place) {
                ui.add(text(format!("CGCS2000  {lon:.6}°  {lat:.6}°")));
            }
        } else {
            ui.add(text(cx.word("gui.status.hint")));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let CrsUnit::Projected { metres } = project.plan.crs.unit {
                let scale = cx.session.view.units * metres * POINTS_PER_METRE;
                ui.add(text(format!("1 : {}", crate::gui::widgets::grouped(significant(scale)))));
            }
            let label = project.plan.crs.label();
            let code = label.split(' ').next().unwrap_or_default().to_owned();
            ui.add(text(code)).on_hover_text(label);
            ui.separator();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| values(ui, cx, canvas));
        });
    });
}

fn coordinates(unit: CrsUnit, place: (f64, f64)) -> String {
    match unit {
        CrsUnit::Degree => format!("{:.6}°  {:.6}°", place.0, place.1),
        _ => format!("E {:.1}   N {:.1}", place.0, place.1),
    }
}

fn significant(value: f64) -> f64 {
    let unit = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / unit).round() * unit
}

/// All bands of all years of the kind that is looked at.
fn values(ui: &mut Ui, cx: &Cx<'_>, canvas: &Canvas) {
    let Some(project) = cx.project() else { return };
    let reader = &canvas.atlas.reader;
    if canvas.cursor != Some(reader.place) {
        return;
    }
    let of_kind = reader.readings.iter().filter(|reading| {
        project.plan.scenes.get(reading.scene).is_some_and(|scene| scene.kind == project.compare.kind)
    });
    let mut words = Vec::new();
    for reading in of_kind {
        let year = project.plan.scenes[reading.scene].date.year();
        let numbers: Vec<String> = reading.values.iter().map(|(_, value)| number(*value)).collect();
        let told = if numbers.is_empty() { cx.word("gui.status.unseen") } else { numbers.join(" ") };
        words.push(format!("{year}: {told}"));
    }
    let line = RichText::new(words.join("   ")).size(12.0).color(cx.palette.text);
    ui.add(Label::new(line).truncate());
}

fn number(value: f32) -> String {
    if value.abs() >= 10.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
