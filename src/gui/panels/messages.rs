//! What is under way, what is done, and what went wrong with its remedy. Nothing here takes the focus away.

use std::time::Duration;

use eframe::egui::{Align, Layout, ProgressBar, RichText, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Done, Work};
use crate::gui::widgets;
use crate::model::notice::{Notice, Weight};

/// Most messages shown at once; the others wait.
const SHOWN: usize = 3;

/// How long work is silent before it is shown.
const SILENT: Duration = Duration::from_millis(250);

/// Draws the strip.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    if let Some(work) = &cx.session.work {
        under_way(ui, cx, work, commands);
    }
    if let Some(done) = &cx.session.done {
        result(ui, cx, done, commands);
    }
    for (number, notice) in cx.session.messages.iter().enumerate().take(SHOWN) {
        message(ui, cx, number, notice, commands);
    }
    if let Some(more) = cx.session.messages.len().checked_sub(SHOWN + 1) {
        ui.label(RichText::new(cx.with("gui.message.more", "n", &(more + 1))).color(cx.palette.weak));
    }
}

fn under_way(ui: &mut Ui, cx: &Cx<'_>, work: &Work, commands: &mut Vec<Command>) {
    ui.ctx().request_repaint_after(Duration::from_millis(200));
    let snapshot = work.snapshot();
    if work.since.elapsed() < SILENT {
        ui.set_min_height(2.0);
        return;
    }
    ui.horizontal(|ui| {
        let stage =
            cx.lang.known_word(&format!("stage.{}", snapshot.stage)).unwrap_or_else(|| cx.word("gui.run.waiting"));
        ui.label(RichText::new(stage).color(cx.palette.strong));
        let share = if snapshot.total > 0 { snapshot.done as f32 / snapshot.total as f32 } else { 0.0 };
        let bar = ProgressBar::new(share).desired_width(280.0).desired_height(8.0).fill(cx.palette.accent);
        ui.add(bar);
        if snapshot.total > 0 {
            ui.label(RichText::new(rate(cx, &snapshot)).color(cx.palette.weak));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button(cx.word("gui.run.cancel")).clicked() {
                commands.push(Command::Cancel);
            }
            ui.label(RichText::new(work.subject.display().to_string()).size(12.0).color(cx.palette.weak));
        });
    });
}

/// `120 / 400 blocks · 35 a second · 8 s left`.
fn rate(cx: &Cx<'_>, snapshot: &crate::job::Snapshot) -> String {
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

fn result(ui: &mut Ui, cx: &Cx<'_>, done: &Done, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        widgets::badge(ui, &cx.word("gui.run.done"), cx.palette.accent);
        let seconds = format!("{:.1}", done.seconds);
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("flags", &done.flags), ("seconds", &seconds)];
        ui.label(cx.lang.sentence("gui.run.result", &facts));
        let warnings = done.notices.iter().filter(|notice| notice.weight >= Weight::Warning).count();
        if warnings > 0 && ui.link(cx.with("gui.run.reservations", "n", &warnings)).clicked() {
            commands.push(Command::Go(crate::gui::session::Page::Project));
        }
        if let Some(report) = done.written.iter().find(|path| path.extension().is_some_and(|e| e == "html")) {
            let address = format!("file://{}", report.display());
            ui.hyperlink_to(cx.word("gui.run.report"), address).on_hover_text(report.display().to_string());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::quiet(ui, "×").on_hover_text(cx.word("gui.message.dismiss")).clicked() {
                commands.push(Command::Dismiss(usize::MAX));
            }
        });
    });
}

fn message(ui: &mut Ui, cx: &Cx<'_>, number: usize, notice: &Notice, commands: &mut Vec<Command>) {
    ui.horizontal_top(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            if widgets::quiet(ui, "×").on_hover_text(cx.word("gui.message.dismiss")).clicked() {
                commands.push(Command::Dismiss(number));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| told(ui, cx, notice));
        });
    });
}

/// A notice with its cause, remedy and path.
pub fn told(ui: &mut Ui, cx: &Cx<'_>, notice: &Notice) {
    let text = cx.lang.notice(notice);
    let what = if text.what.is_empty() { notice.code.to_owned() } else { text.what };
    let weight = match notice.weight {
        Weight::Note => cx.word("weight.note"),
        Weight::Warning => cx.word("weight.warning"),
        Weight::Refused => cx.word("weight.refused"),
        Weight::Fatal => cx.word("weight.fatal"),
    };
    ui.horizontal_wrapped(|ui| {
        widgets::badge(ui, &weight, cx.palette.weight(notice.weight));
        ui.label(RichText::new(what).color(cx.palette.strong));
    });
    if !text.why.is_empty() {
        ui.label(RichText::new(format!("{}{}", cx.word("headless.cause"), text.why)).color(cx.palette.weak));
    }
    if !text.advice.is_empty() {
        ui.label(RichText::new(format!("{}{}", cx.word("headless.advice"), text.advice)).color(cx.palette.text));
    }
    if let Some(path) = &notice.path {
        ui.label(RichText::new(path.display().to_string()).size(12.0).color(cx.palette.weak));
    }
}
