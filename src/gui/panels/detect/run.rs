//! The run: what it will do, how long it may take, and how it stands while it is made.

use eframe::egui::{ProgressBar, RichText, Role, Ui, WidgetInfo};

use super::super::jobs;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, Editing, Task, Work};
use crate::gui::widgets;
use crate::pipeline::preview::{Effort, Light};

/// Seconds below which a time is told in seconds, above in minutes.
const MINUTE: f64 = 60.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    if let Some(work) = cx.session.jobs.iter().find(|work| work.task == Task::Run) {
        under_way(ui, cx, work, commands);
        return;
    }
    let detect = &cx.session.detect;
    let effort = detect.lesson.as_ref().map(|lesson| effort(cx, &lesson.effort));
    ui.label(RichText::new(effort.unwrap_or_else(|| cx.word("gui.run.hint"))).size(12.0).color(cx.palette.weak));
    ui.horizontal(|ui| {
        // What is set here must be in the file before a run reads it.
        let is_kept = !cx.session.edit.as_ref().is_some_and(Editing::is_unsaved);
        ui.add_enabled_ui(is_kept, |ui| {
            if widgets::primary(ui, cx, &cx.word("gui.detect.run")).on_hover_text(cx.word("gui.run.hint")).clicked() {
                commands.push(Command::Run);
            }
        });
        let held = detect.cards.as_ref().is_some_and(|cards| cards.worst() == Light::Red);
        if held {
            ui.label(RichText::new(cx.word("gui.detect.red_remains")).size(12.0).color(cx.palette.severity[0]));
        }
    });
}

fn effort(cx: &Cx<'_>, effort: &Effort) -> String {
    let time = if effort.seconds < MINUTE {
        cx.with("gui.detect.seconds", "n", &format!("{:.0}", effort.seconds.ceil().max(1.0)))
    } else {
        cx.with("gui.detect.minutes", "n", &format!("{:.0}", (effort.seconds / MINUTE).ceil()))
    };
    let megapixels = format!("{:.1}", effort.pixels as f64 / 1e6);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("n", &effort.comparisons), ("pixels", &megapixels), ("time", &time)];
    cx.lang.sentence("gui.detect.effort", &facts)
}

/// Stage, rate, remaining time, and the way out.
fn under_way(ui: &mut Ui, cx: &Cx<'_>, work: &Work, commands: &mut Vec<Command>) {
    let now = work.snapshot();
    let share = if now.total > 0 { now.done as f32 / now.total as f32 } else { 0.0 };
    let said = format!("{} · {}", jobs::stage(cx, &now), jobs::rate(cx, &now));
    ui.label(RichText::new(&said).size(12.0));
    let bar = ui.add(ProgressBar::new(share).desired_height(8.0));
    bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &said));
    if ui.button(cx.word("gui.run.cancel")).clicked() {
        commands.push(Command::Cancel(Task::Run));
    }
}
