//! The line at the bottom: where the cursor is in the map's own coordinates and in degrees, the scale, the CRS.

use eframe::egui::{Align, Label, Layout, RichText, Sense, Spinner, Ui};

use super::readings::number;
use crate::gui::cx::Cx;
use crate::gui::map::Canvas;
use crate::gui::session::tools::{ToolsWish, Values};
use crate::gui::session::{Command, Project};
use crate::gui::wording;

/// Points of a screen in a metre, for the scale in words (96 points an inch).
const POINTS_PER_METRE: f64 = 96.0 / 0.0254;

/// Narrowest line on which the values of the shown years still have room.
const ROOM_FOR_VALUES: f32 = 330.0;

/// Draws the line.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, canvas: &Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ui.horizontal_centered(|ui| {
        if canvas.atlas.is_waiting() {
            ui.add(Spinner::new().size(12.0).color(cx.palette.accent));
        }
        match canvas.cursor {
            Some(place) => coordinates(ui, cx, project, place, commands),
            None => drop(ui.add(quiet(cx, cx.word("gui.status.hint")))),
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            scale(ui, cx, project);
            let label = project.plan.crs.label();
            let code = label.split(' ').next().unwrap_or_default().to_owned();
            ui.add(quiet(cx, code)).on_hover_text(label);
            ui.separator();
            if ui.available_width() > ROOM_FOR_VALUES {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| values(ui, cx, project, canvas, commands));
            }
        });
    });
}

fn quiet(cx: &Cx<'_>, text: String) -> Label {
    Label::new(RichText::new(text).size(12.0).color(cx.palette.weak)).truncate()
}

/// The place in the project's CRS, and its longitude and latitude; a click changes how degrees are written.
fn coordinates(ui: &mut Ui, cx: &Cx<'_>, project: &Project, place: (f64, f64), commands: &mut Vec<Command>) {
    ui.add(quiet(cx, wording::map_place(project.plan.crs.unit, place)));
    let Some(lonlat) = project.ground.as_ref().and_then(|ground| ground.lonlat(place)) else { return };
    let sexagesimal = project.tools.sexagesimal;
    let text = format!("CGCS2000  {}", wording::lonlat(lonlat, sexagesimal));
    let label = ui.add(quiet(cx, text).sense(Sense::click())).on_hover_text(cx.word("gui.status.degrees_hint"));
    if label.clicked() {
        commands.push(Command::Tools(ToolsWish::Sexagesimal(!sexagesimal)));
    }
}

fn scale(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    let per_unit = project.ground.as_ref().and_then(|ground| ground.metres_per_unit(cx.session.view.centre));
    if let Some(metres) = per_unit {
        let scale = cx.session.view.units * metres * POINTS_PER_METRE;
        ui.add(quiet(cx, format!("1 : {}", crate::gui::widgets::grouped(significant(scale)))));
    }
}

fn significant(value: f64) -> f64 {
    let unit = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / unit).round() * unit
}

/// The values of the two years shown; all of them are in the table.
fn values(ui: &mut Ui, cx: &Cx<'_>, project: &Project, canvas: &Canvas, commands: &mut Vec<Command>) {
    let reader = &canvas.atlas.reader;
    if canvas.cursor != Some(reader.place) {
        return;
    }
    let compare = &project.compare;
    let mut words = Vec::new();
    for scene in [compare.before, compare.after] {
        let Some(reading) = reader.readings.iter().find(|reading| reading.scene == scene) else { continue };
        let Some(year) = project.plan.scenes.get(scene).map(|scene| scene.date.year()) else { continue };
        let numbers: Vec<String> = reading.values.iter().map(|(role, value)| number(*role, *value)).collect();
        let told = if numbers.is_empty() { cx.word("gui.status.unseen") } else { numbers.join(" ") };
        words.push(format!("{year}: {told}"));
    }
    words.dedup();
    let line = RichText::new(words.join("   ")).size(12.0).color(cx.palette.text);
    let label =
        ui.add(Label::new(line).truncate().sense(Sense::click())).on_hover_text(cx.word("gui.status.values_hint"));
    if label.clicked() {
        commands.push(Command::Tools(ToolsWish::Values(Values::Live)));
    }
}
