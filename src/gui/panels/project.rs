//! The project: what a run would do, and what the check says, each with its remedy.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::messages;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, Project, Target, ViewWish};
use crate::gui::widgets;
use crate::model::notice::{Notice, Weight};
use crate::model::record::LackingZone;

/// Draws the page.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let side = ((ui.available_width() - 900.0) / 2.0).max(20.0);
        ui.add_space(20.0);
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width((ui.available_width() - side).min(900.0));
                head(ui, cx, project, commands);
                scenes(ui, cx, project);
                zones(ui, cx, project, commands);
                notices(ui, cx, project);
                ui.add_space(30.0);
            });
        });
    });
}

fn head(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(&project.plan.name).size(22.0).color(cx.palette.strong));
        if ui.button(cx.word("gui.project.reload")).on_hover_text(cx.word("gui.project.reload_hint")).clicked() {
            commands.push(Command::Reload);
        }
    });
    widgets::card(ui, cx, |ui| {
        widgets::fact(ui, cx, &cx.word("gui.project.file"), &project.plan.file.display().to_string());
        widgets::fact(ui, cx, &cx.word("gui.project.crs"), &project.plan.crs.label());
        widgets::fact(ui, cx, &cx.word("gui.project.results"), &project.plan.outputs.directory.display().to_string());
        widgets::fact(ui, cx, &cx.word("gui.project.ledger"), &project.plan.ledger.display().to_string());
        let counts = cx.lang.sentence(
            "gui.project.counts",
            &[("comparisons", &project.plan.comparisons.len()), ("flags", &project.flags.records().len())],
        );
        widgets::fact(ui, cx, &cx.word("gui.project.plan"), &counts);
    });
    ui.add_space(14.0);
}

fn scenes(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    widgets::heading(ui, cx, &cx.word("gui.project.scenes"));
    widgets::card(ui, cx, |ui| {
        Grid::new("scenes").num_columns(5).spacing([22.0, 5.0]).show(ui, |ui| {
            for scene in &project.plan.scenes {
                ui.label(RichText::new(scene.date.to_string()).color(cx.palette.strong));
                ui.label(cx.word(scene.kind.key()));
                let bands: Vec<String> =
                    scene.roles.iter().map(|role| cx.word(&format!("band.{}", role.word()))).collect();
                ui.label(bands.join(" · "));
                ui.label(RichText::new(scene.sensor.clone().unwrap_or_default()).color(cx.palette.weak));
                let files: Vec<_> = scene.files.iter().filter_map(|file| file.path.file_name()).collect();
                let first = files.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let more = if files.len() > 1 { format!(" (+{})", files.len() - 1) } else { String::new() };
                ui.label(RichText::new(format!("{first}{more}")).color(cx.palette.weak));
                ui.end_row();
            }
        });
    });
    ui.add_space(14.0);
}

fn zones(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    widgets::heading(ui, cx, &cx.with("gui.project.zones", "n", &project.plan.zones.len()));
    widgets::card(ui, cx, |ui| {
        Grid::new("zones").num_columns(5).spacing([22.0, 5.0]).show(ui, |ui| {
            for (number, zone) in project.plan.zones.iter().enumerate().take(200) {
                if ui.link(&zone.name).on_hover_text(cx.word("gui.project.show_zone")).clicked() {
                    commands.push(Command::Go(crate::gui::session::Page::Map));
                    commands.push(Command::View(ViewWish::Show(Target::Zone(number))));
                }
                ui.label(&zone.kind);
                ui.label(cx.with("gui.unit.hectares", "n", &format!("{:.1}", zone.area.hectares())));
                ui.label(RichText::new(zone.version()).color(cx.palette.weak));
                lacking(ui, cx, project.lacking.get(number).map_or(&[], Vec::as_slice));
                ui.end_row();
            }
        });
    });
    ui.add_space(14.0);
}

/// Marks a zone of which too little was seen, with the comparisons and how much each saw.
fn lacking(ui: &mut Ui, cx: &Cx<'_>, lacks: &[LackingZone]) {
    if lacks.is_empty() {
        ui.label("");
        return;
    }
    let one = |lack: &LackingZone| {
        let (period, seen) = (format!("{} → {}", lack.from, lack.to), format!("{:.0}", lack.seen.percent()));
        let (kind, place) = (cx.word(lack.kind.key()), cx.word(lack.place.key()));
        let facts: [(&str, &dyn std::fmt::Display); 4] =
            [("kind", &kind), ("period", &period), ("place", &place), ("seen", &seen)];
        cx.lang.sentence("gui.zone.lacking_in", &facts)
    };
    let text = cx.with("gui.zone.lacking_times", "n", &lacks.len());
    let told: Vec<String> = lacks.iter().map(one).collect();
    ui.label(RichText::new(text).color(cx.palette.severity[1])).on_hover_text(told.join("\n"));
}

fn notices(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    let of_run = cx.session.done.iter().flat_map(|done| &done.notices);
    let mut all: Vec<&Notice> = project.notices.iter().collect();
    all.extend(of_run.filter(|notice| !project.notices.contains(notice)));
    all.sort_by_key(|notice| std::cmp::Reverse(notice.weight));
    let grave = all.iter().filter(|notice| notice.weight >= Weight::Warning).count();
    widgets::heading(ui, cx, &cx.lang.sentence("gui.project.notices", &[("n", &all.len()), ("grave", &grave)]));
    if all.is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.project.sound"), "");
    }
    for notice in all {
        widgets::card(ui, cx, |ui| messages::told(ui, cx, notice));
    }
}
