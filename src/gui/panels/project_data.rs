//! Images and zones of the project as the check read them.

use eframe::egui::{Grid, RichText, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Page, Project, Target, ViewWish};
use crate::gui::widgets;
use crate::model::record::LackingZone;
use crate::model::scene::{Scene, SceneMask};

/// Most zones listed.
const ZONES: usize = 500;

/// Draws both tables.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else {
        widgets::empty(ui, cx, &cx.word("gui.doctor.blocked"), &cx.word("gui.doctor.blocked_do"));
        return;
    };
    facts(ui, cx, project);
    scenes(ui, cx, project);
    zones(ui, cx, project, commands);
}

fn facts(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    widgets::card(ui, cx, |ui| {
        let plan = &project.plan;
        widgets::fact(ui, cx, &cx.word("gui.project.crs"), &plan.crs.label());
        widgets::fact(ui, cx, &cx.word("gui.project.results"), &plan.outputs.directory.display().to_string());
        widgets::fact(ui, cx, &cx.word("gui.project.ledger"), &plan.ledger.display().to_string());
        let counts = cx.lang.sentence(
            "gui.project.counts",
            &[("comparisons", &plan.comparisons.len()), ("flags", &project.flags.records().len())],
        );
        widgets::fact(ui, cx, &cx.word("gui.project.plan"), &counts);
    });
    ui.add_space(14.0);
}

fn scenes(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    widgets::heading(ui, cx, &cx.word("gui.project.scenes"));
    widgets::card(ui, cx, |ui| {
        Grid::new("scenes").num_columns(7).spacing([18.0, 5.0]).show(ui, |ui| {
            for key in ["date", "kind", "sensor", "bands", "seen", "mask", "file"] {
                ui.label(
                    RichText::new(cx.word(&format!("gui.project.column_{key}"))).size(12.0).color(cx.palette.weak),
                );
            }
            ui.end_row();
            for scene in &project.plan.scenes {
                row(ui, cx, scene);
                ui.end_row();
            }
        });
    });
    ui.add_space(14.0);
}

fn row(ui: &mut Ui, cx: &Cx<'_>, scene: &Scene) {
    let weak = |text: String| RichText::new(text).color(cx.palette.weak);
    let day = if scene.date_is_year { scene.date.year().to_string() } else { scene.date.to_string() };
    ui.label(RichText::new(day).color(cx.palette.strong));
    ui.label(cx.word(scene.kind.key()));
    ui.label(weak(scene.sensor.clone().unwrap_or_else(|| "–".to_owned())));
    let bands: Vec<String> = scene.roles.iter().map(|role| cx.word(&format!("band.{}", role.word()))).collect();
    ui.label(bands.join(" · "));
    let seen = cx.session.doctor.seen(scene.kind, scene.date);
    ui.label(seen.map_or_else(|| "…".to_owned(), |seen| format!("{:.0} %", seen * 100.0)));
    let told = |mask: &SceneMask| match mask {
        SceneMask::Codes(mask) => mask.rule.scheme.clone(),
        SceneMask::Polygons(_) => cx.word("gui.project.mask_polygons"),
    };
    let masks: Vec<String> = scene.masks.iter().map(told).collect();
    let mask = if masks.is_empty() { "–".to_owned() } else { masks.join(" + ") };
    let hidden = cx.session.doctor.hidden(scene.kind, scene.date).filter(|hidden| *hidden >= 0.005);
    let hidden = hidden.map(|hidden| format!(" {:.0} %", hidden * 100.0)).unwrap_or_default();
    ui.label(weak(format!("{mask}{hidden}")));
    let files: Vec<_> = scene.files.iter().filter_map(|file| file.path.file_name()).collect();
    let first = files.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let more = if files.len() > 1 { format!(" (+{})", files.len() - 1) } else { String::new() };
    ui.label(weak(format!("{first}{more}")));
}

fn zones(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    widgets::heading(ui, cx, &cx.with("gui.project.zones", "n", &project.plan.zones.len()));
    widgets::card(ui, cx, |ui| {
        Grid::new("zones").num_columns(5).spacing([22.0, 5.0]).show(ui, |ui| {
            for (number, zone) in project.plan.zones.iter().enumerate().take(ZONES) {
                if ui.link(&zone.name).on_hover_text(cx.word("gui.project.show_zone")).clicked() {
                    commands.push(Command::Go(Page::Map));
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
