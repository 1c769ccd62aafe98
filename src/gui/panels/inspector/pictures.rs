//! The place of a flag in every year: the two that are compared large, below them all scenes of the kind.

use eframe::egui::{Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::gui::cx::Cx;
use crate::gui::map::{self, Canvas};
use crate::gui::session::{Command, CompareWish, Project};
use crate::model::record::FlagRecord;

/// Side of a small picture.
const SMALL: f32 = 74.0;

/// Draws the pictures.
pub fn show(
    ui: &mut Ui,
    cx: &Cx<'_>,
    canvas: &mut Canvas,
    project: &Project,
    (at, record): (usize, &FlagRecord),
    commands: &mut Vec<Command>,
) {
    let scenes = &project.plan.scenes;
    let of_kind: Vec<usize> = (0..scenes.len()).filter(|scene| scenes[*scene].kind == record.kind).collect();
    let found = |date| of_kind.iter().copied().find(|scene| scenes[*scene].date == date);
    let compare = &project.compare;
    let compared = if compare.kind == record.kind {
        [Some(compare.before), Some(compare.after)]
    } else {
        [found(record.from), found(record.to)]
    };
    let side = ((ui.available_width() - 8.0) / 2.0).floor();
    ui.horizontal(|ui| {
        for (scene, key) in compared.into_iter().zip(["gui.years.before", "gui.years.after"]) {
            ui.vertical(|ui| large(ui, cx, canvas, (scene, at), &cx.word(key), side));
        }
    });
    if of_kind.len() > 2 {
        ScrollArea::horizontal().id_salt("filmstrip").auto_shrink([false, true]).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for scene in of_kind {
                    ui.vertical(|ui| small(ui, cx, canvas, (scene, at), compared.contains(&Some(scene)), commands));
                }
            });
        });
    }
    ui.add_space(4.0);
}

/// One of the two compared scenes; a date whose scene is no longer in the project says so.
fn large(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, (scene, at): (Option<usize>, usize), word: &str, side: f32) {
    let Some((scene, date)) = scene.and_then(|scene| Some((scene, cx.project()?.plan.scenes.get(scene)?.date))) else {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        ui.painter().rect_filled(rect, 6.0, cx.palette.card);
        ui.label(RichText::new(cx.word("gui.inspector.no_scene")).size(12.0).color(cx.palette.severity[1]));
        return;
    };
    map::chip(ui, cx, canvas, scene, at, vec2(side, side));
    ui.label(RichText::new(format!("{word}  {date}")).size(12.0).color(cx.palette.weak));
}

/// One scene of the strip: a click compares with it.
fn small(
    ui: &mut Ui,
    cx: &Cx<'_>,
    canvas: &mut Canvas,
    (scene, at): (usize, usize),
    compared: bool,
    commands: &mut Vec<Command>,
) {
    let Some(date) = cx.project().and_then(|project| Some(project.plan.scenes.get(scene)?.date)) else { return };
    let rect = Rect::from_min_size(ui.cursor().min, Vec2::splat(SMALL));
    map::chip(ui, cx, canvas, scene, at, Vec2::splat(SMALL));
    let response = ui.interact(rect, ui.scope_id().with(("strip", scene)), Sense::click());
    let label = cx.with("gui.inspector.compare_with", "date", &date);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, compared, &label));
    if compared {
        ui.painter().rect_stroke(rect, 6.0, Stroke::new(2.0, cx.palette.accent), StrokeKind::Inside);
    }
    let colour = if compared { cx.palette.accent } else { cx.palette.weak };
    ui.label(RichText::new(date.strftime("%Y-%m").to_string()).size(11.0).color(colour));
    if response.on_hover_text(label).clicked() {
        let before = ui.input(|input| input.modifiers.shift);
        commands.push(Command::Compare(if before { CompareWish::Before(scene) } else { CompareWish::After(scene) }));
    }
}
