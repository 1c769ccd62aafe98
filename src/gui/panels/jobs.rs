//! All work under way, in one place: what it is, how far it is, how long it will take, and how to stop it.

use std::time::Duration;

use eframe::egui::{Popup, PopupCloseBehavior, ProgressBar, RichText, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Work};
use crate::gui::widgets;
use crate::job::Snapshot;

/// How long work is silent before it is shown.
const SILENT: Duration = Duration::from_millis(250);

/// How often progress is drawn.
const BEAT: Duration = Duration::from_millis(200);

/// Draws the newest work in one line; the others stand in a list behind it.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let jobs = &cx.session.jobs;
    if !jobs.is_idle() {
        ui.ctx().request_repaint_after(BEAT);
    }
    let told: Vec<&Work> = jobs.iter().filter(|work| work.since.elapsed() >= SILENT).collect();
    let Some(work) = told.last() else { return };
    let snapshot = work.snapshot();
    if widgets::quiet(ui, "×").on_hover_text(cx.word("gui.run.cancel")).clicked() {
        commands.push(Command::Cancel(work.task));
    }
    let bar = ui.add(bar(cx, &snapshot, 150.0));
    let text =
        if told.len() > 1 { format!("{}  +{}", stage(cx, &snapshot), told.len() - 1) } else { stage(cx, &snapshot) };
    let word = ui.button(RichText::new(text).color(cx.palette.strong)).on_hover_text(cx.word("gui.run.all"));
    bar.on_hover_text(rate(cx, &snapshot));
    Popup::menu(&word).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(420.0);
        for work in told {
            entry(ui, cx, work, commands);
        }
    });
}

fn entry(ui: &mut Ui, cx: &Cx<'_>, work: &Work, commands: &mut Vec<Command>) {
    let snapshot = work.snapshot();
    ui.horizontal(|ui| {
        ui.add(bar(cx, &snapshot, 120.0));
        ui.label(RichText::new(stage(cx, &snapshot)).color(cx.palette.strong));
        ui.label(RichText::new(rate(cx, &snapshot)).size(12.0).color(cx.palette.weak));
        if ui.button(cx.word("gui.run.cancel")).clicked() {
            commands.push(Command::Cancel(work.task));
        }
    });
    let subject = work.subject.display().to_string();
    if !subject.is_empty() {
        ui.label(RichText::new(subject).size(12.0).color(cx.palette.weak));
    }
    ui.add_space(4.0);
}

fn bar(cx: &Cx<'_>, snapshot: &Snapshot, width: f32) -> ProgressBar {
    let share = if snapshot.total > 0 { snapshot.done as f32 / snapshot.total as f32 } else { 0.0 };
    ProgressBar::new(share).desired_width(width).desired_height(8.0).fill(cx.palette.accent)
}

pub(super) fn stage(cx: &Cx<'_>, snapshot: &Snapshot) -> String {
    cx.lang.known_word(&format!("stage.{}", snapshot.stage)).unwrap_or_else(|| cx.word("gui.run.waiting"))
}

/// `120 / 400 blocks · 35 a second · 8 s left`.
pub(super) fn rate(cx: &Cx<'_>, snapshot: &Snapshot) -> String {
    if snapshot.total == 0 {
        return String::new();
    }
    let unit = cx.lang.known_word(&format!("unit.{}", snapshot.stage)).unwrap_or_else(|| cx.word("unit.any"));
    let mut text = format!("{} / {} {unit}", snapshot.done, snapshot.total);
    let seconds = snapshot.in_stage.as_secs_f64();
    if snapshot.done > 0 && seconds > 0.5 {
        let rate = format!("{:.0}", snapshot.done as f64 / seconds);
        text = format!("{text} · {}", cx.with("gui.run.rate", "rate", &rate));
    }
    if let Some(left) = snapshot.remaining() {
        text = format!("{text} · {}", cx.with("gui.run.left", "seconds", &left.as_secs().max(1)));
    }
    text
}
