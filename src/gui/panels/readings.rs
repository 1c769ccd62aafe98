//! The pixel values of one place: a table of every year and band, under the cursor or pinned to a place.

use eframe::egui::{Align2, Context, Frame, Grid, Id, Margin, RichText, ScrollArea, Ui, Window, vec2};

use crate::gui::cx::Cx;
use crate::gui::map::Canvas;
use crate::gui::map::atlas::Reader;
use crate::gui::session::tools::{ToolsWish, Values};
use crate::gui::session::{Command, Project};
use crate::gui::wording;
use crate::model::scene::{BandRole, SceneKind};
use crate::pipeline::view::Reading;

/// Width of the table.
const WIDTH: f32 = 300.0;

/// Draws the table where it is wanted.
pub fn show(ctx: &Context, cx: &Cx<'_>, canvas: &Canvas, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let (place, reader) = match project.tools.values {
        Values::Hidden => return,
        Values::Live => (canvas.cursor, &canvas.atlas.reader),
        Values::Held(place) => (Some(place), &canvas.desk.held),
    };
    let mut open = true;
    let frame = Frame::window(&ctx.global_style()).inner_margin(Margin::same(12));
    let window = Window::new(cx.word("gui.tools.values")).id(Id::unique("values")).open(&mut open).collapsible(false);
    window
        .frame(frame)
        .resizable(false)
        .pivot(Align2::RIGHT_TOP)
        .default_pos(ctx.content_rect().right_top() + vec2(-380.0, 170.0))
        .show(ctx, |ui| {
            ui.set_width(WIDTH);
            head(ui, cx, project, (place, reader), commands);
            ui.separator();
            match place.filter(|place| reader.place == *place) {
                Some(_) => {
                    ScrollArea::vertical().max_height(380.0).show(ui, |ui| tables(ui, cx, project, reader));
                }
                None if place.is_some() => {
                    ui.label(RichText::new(cx.word("gui.tools.reading")).color(cx.palette.weak));
                }
                None => {
                    ui.label(RichText::new(cx.word("gui.tools.values_todo")).color(cx.palette.weak));
                }
            }
        });
    if !open {
        commands.push(Command::Tools(ToolsWish::Values(Values::Hidden)));
    }
}

fn head(
    ui: &mut Ui,
    cx: &Cx<'_>,
    project: &Project,
    (place, reader): (Option<(f64, f64)>, &Reader),
    commands: &mut Vec<Command>,
) {
    if let Some(place) = place {
        ui.label(RichText::new(wording::map_place(project.plan.crs.unit, place)).color(cx.palette.strong));
        if let Some(lonlat) = reader.lonlat.filter(|_| reader.place == place) {
            ui.label(RichText::new(wording::lonlat(lonlat, project.tools.sexagesimal)).color(cx.palette.text));
        }
    }
    if matches!(project.tools.values, Values::Held(_)) {
        ui.horizontal(|ui| {
            if ui.button(cx.word("gui.tools.let_go")).clicked() {
                commands.push(Command::Tools(ToolsWish::Values(Values::Live)));
            }
        });
    }
}

fn tables(ui: &mut Ui, cx: &Cx<'_>, project: &Project, reader: &Reader) {
    let kind_of = |reading: &Reading| project.plan.scenes.get(reading.scene).map(|scene| scene.kind);
    // A kind that saw nothing here in any year has nothing to tell.
    let seen = |kind: &SceneKind| {
        reader.readings.iter().any(|reading| kind_of(reading) == Some(*kind) && !reading.values.is_empty())
    };
    let mut kinds: Vec<SceneKind> = reader.readings.iter().filter_map(kind_of).filter(seen).collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        ui.label(RichText::new(cx.word("gui.tools.nothing_seen")).color(cx.palette.weak));
    }
    for kind in kinds {
        let of_kind: Vec<&Reading> = reader.readings.iter().filter(|reading| kind_of(reading) == Some(kind)).collect();
        ui.label(RichText::new(cx.word(kind.key())).size(12.0).color(cx.palette.weak));
        table(ui, cx, project, kind, &of_kind);
        ui.add_space(6.0);
    }
}

fn table(ui: &mut Ui, cx: &Cx<'_>, project: &Project, kind: SceneKind, readings: &[&Reading]) {
    let mut roles: Vec<BandRole> =
        readings.iter().flat_map(|reading| reading.values.iter().map(|value| value.0)).collect();
    roles.sort();
    roles.dedup();
    Grid::new(("values", kind.word())).num_columns(roles.len() + 1).spacing([14.0, 4.0]).striped(true).show(ui, |ui| {
        ui.label("");
        for role in &roles {
            ui.label(RichText::new(cx.word(&format!("band.{}", role.word()))).size(12.0).color(cx.palette.weak));
        }
        ui.end_row();
        for reading in readings {
            let scene = &project.plan.scenes[reading.scene];
            let is_shown = reading.scene == project.compare.before || reading.scene == project.compare.after;
            let ink = if is_shown { cx.palette.strong } else { cx.palette.text };
            let day = if scene.date_is_year { scene.date.year().to_string() } else { scene.date.to_string() };
            ui.label(RichText::new(day).color(ink));
            if reading.values.is_empty() {
                ui.label(RichText::new(cx.word("gui.status.unseen")).color(cx.palette.weak));
            }
            for role in roles.iter().filter(|_| !reading.values.is_empty()) {
                let value = reading.values.iter().find(|value| value.0 == *role);
                let text = value.map_or_else(|| "–".to_owned(), |value| number(*role, value.1));
                ui.label(RichText::new(text).color(ink));
            }
            ui.end_row();
        }
    });
}

/// A value with as many digits as it can mean.
pub fn number(role: BandRole, value: f32) -> String {
    match role {
        BandRole::Class => format!("{value:.0}"),
        BandRole::Elevation => format!("{value:.2} m"),
        _ if value.abs() >= 10.0 => format!("{value:.0}"),
        _ => format!("{value:.3}"),
    }
}
