//! Going to a place: coordinates in any usual form, the code of a flag, the name of a zone.

use eframe::egui::{Align2, Context, Frame, Id, Key, Label, Margin, Modifiers, RichText, TextEdit, Ui, Window, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::tools::{Hit, Search, ToolsWish};
use crate::gui::session::{Command, Project};
use crate::gui::wording;
use crate::pipeline::ground::Astray;

/// Width of the search.
const WIDTH: f32 = 460.0;

/// Draws the search where it is open.
pub fn show(ctx: &Context, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let Some(search) = &project.tools.search else { return };
    let frame = Frame::window(&ctx.global_style()).inner_margin(Margin::same(14));
    let window = Window::new(cx.word("gui.tools.locate")).id(Id::unique("locate")).title_bar(false).resizable(false);
    window.frame(frame).anchor(Align2::CENTER_TOP, vec2(0.0, 110.0)).show(ctx, |ui| {
        ui.set_width(WIDTH);
        field(ui, cx, search, commands);
        answers(ui, cx, project, search, commands);
    });
}

fn field(ui: &mut Ui, cx: &Cx<'_>, search: &Search, commands: &mut Vec<Command>) {
    let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let label = ui.label(RichText::new(cx.word("gui.tools.locate")).color(cx.palette.strong));
    let mut text = search.text.clone();
    let edit =
        TextEdit::singleline(&mut text).hint_text(cx.word("gui.tools.locate_field")).desired_width(f32::INFINITY);
    let field = ui.add(edit).labelled_by(label.id);
    field.request_focus();
    if field.changed() {
        commands.push(Command::Tools(ToolsWish::Seek(text)));
    } else if let Some(first) = search.hits.first().filter(|_| entered) {
        commands.push(Command::Tools(ToolsWish::Go(*first)));
    }
}

fn answers(ui: &mut Ui, cx: &Cx<'_>, project: &Project, search: &Search, commands: &mut Vec<Command>) {
    ui.add_space(4.0);
    let quiet =
        |ui: &mut Ui, text: String| ui.add(Label::new(RichText::new(text).size(12.0).color(cx.palette.weak)).wrap());
    if let Some(astray) = search.astray {
        ui.add(Label::new(RichText::new(told(cx, astray)).color(cx.palette.severity[1])).wrap());
    } else if search.hits.is_empty() && !search.text.trim().is_empty() {
        ui.add(Label::new(RichText::new(cx.word("gui.tools.locate_none")).color(cx.palette.severity[1])).wrap());
    }
    if search.hits.is_empty() {
        quiet(ui, cx.word("gui.tools.locate_ways"));
        return;
    }
    for hit in &search.hits {
        let (name, about) = words(cx, project, *hit);
        ui.horizontal(|ui| {
            if ui.button(name).clicked() {
                commands.push(Command::Tools(ToolsWish::Go(*hit)));
            }
            ui.add(Label::new(RichText::new(about).size(12.0).color(cx.palette.weak)).truncate());
        });
    }
}

/// Name of an answer, and what it is.
fn words(cx: &Cx<'_>, project: &Project, hit: Hit) -> (String, String) {
    match hit {
        Hit::Place(place) => {
            let lonlat = project.ground.as_ref().and_then(|ground| ground.lonlat(place));
            let told = lonlat.map(|lonlat| wording::lonlat(lonlat, project.tools.sexagesimal)).unwrap_or_default();
            (wording::map_place(project.plan.crs.unit, place), told)
        }
        Hit::Flag(flag) => project.flags.records().get(flag).map_or_else(Default::default, |record| {
            let severity = cx.with("gui.layers.severity", "word", &cx.word(record.severity.key()));
            (record.code.clone(), format!("{} · {severity}", cx.word("gui.layers.flags")))
        }),
        Hit::Zone(zone) => project
            .plan
            .zones
            .get(zone)
            .map_or_else(Default::default, |zone| (zone.name.clone(), format!("{} · {}", zone.kind, zone.id))),
    }
}

fn told(cx: &Cx<'_>, astray: Astray) -> String {
    match astray {
        Astray::Nowhere => cx.word("gui.tools.nowhere"),
        Astray::Outside { distance, azimuth } => {
            let side = match ((azimuth / 45.0).round() as usize) % 8 {
                0 => cx.word("gui.tools.north"),
                1 => cx.word("gui.tools.north_east"),
                2 => cx.word("gui.tools.east"),
                3 => cx.word("gui.tools.south_east"),
                4 => cx.word("gui.tools.south"),
                5 => cx.word("gui.tools.south_west"),
                6 => cx.word("gui.tools.west"),
                _ => cx.word("gui.tools.north_west"),
            };
            cx.lang.sentence("gui.tools.outside", &[("distance", &wording::length(distance.0)), ("side", &side)])
        }
    }
}
