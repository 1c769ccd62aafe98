//! The years of a kind of image, with their gaps; which is the earlier and which the later one.

use eframe::egui::{Align, ComboBox, Layout, RichText, Role, Ui, WidgetInfo, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::compare::Compare;
use crate::gui::session::{Command, CompareWish, Project};
use crate::gui::widgets;
use crate::model::scene::SceneKind;

/// Most years of a gap that are shown one by one.
const LONGEST_GAP: i16 = 8;

/// Draws the strip.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ui.horizontal(|ui| {
        kinds(ui, cx, project, commands);
        ui.separator();
        ui.vertical(|ui| {
            row(ui, cx, project, true, commands);
            row(ui, cx, project, false, commands);
        });
    });
}

fn kinds(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let mut kinds: Vec<SceneKind> = project.plan.scenes.iter().map(|scene| scene.kind).collect();
    kinds.sort();
    kinds.dedup();
    let present = cx.word(project.compare.kind.key());
    let shown = ComboBox::from_id_salt("kind").width(104.0).selected_text(&present).show_ui(ui, |ui| {
        for kind in kinds {
            if ui.selectable_label(project.compare.kind == kind, cx.word(kind.key())).clicked() {
                commands.push(Command::Compare(CompareWish::Kind(kind)));
            }
        }
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &present));
}

fn row(ui: &mut Ui, cx: &Cx<'_>, project: &Project, earlier: bool, commands: &mut Vec<Command>) {
    let scenes = &project.plan.scenes;
    let compare = &project.compare;
    ui.horizontal_wrapped(|ui| {
        let word = if earlier { cx.word("gui.years.before") } else { cx.word("gui.years.after") };
        ui.allocate_ui_with_layout(vec2(52.0, 24.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(52.0);
            ui.label(RichText::new(word).size(12.0).color(cx.palette.weak));
        });
        ui.spacing_mut().item_spacing.x = 4.0;
        let mut last: Option<i16> = None;
        for at in Compare::scenes_of(scenes, compare.kind) {
            let year = scenes[at].date.year();
            if let Some(last) = last {
                gap(ui, cx, last, year);
            }
            last = Some(year);
            let chosen = if earlier { compare.before == at } else { compare.after == at };
            let day = scenes[at].date.to_string();
            if widgets::choice(ui, cx, chosen, &day).clicked() {
                commands.push(if earlier {
                    Command::Compare(CompareWish::Before(at))
                } else {
                    Command::Compare(CompareWish::After(at))
                });
            }
        }
    });
}

/// Years without an image.
fn gap(ui: &mut Ui, cx: &Cx<'_>, from: i16, to: i16) {
    let text = |text: String| RichText::new(text).size(12.0).color(cx.palette.weak.gamma_multiply(0.7));
    if to - from > LONGEST_GAP {
        ui.label(text(format!("{}–{}", from + 1, to - 1))).on_hover_text(cx.word("gui.years.gap"));
    } else {
        for year in from + 1..to {
            ui.label(text(format!("{year} ·"))).on_hover_text(cx.word("gui.years.gap"));
        }
    }
}
