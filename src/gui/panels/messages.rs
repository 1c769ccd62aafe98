//! What is done and what went wrong, with its remedy: cards in a corner that stand until they are put away. Nothing here
//! moves the map or takes the keyboard.

use eframe::egui::{Align, Align2, Area, Context, Frame, Id, Layout, Order, RichText, ScrollArea, Ui, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, Done, Page};
use crate::gui::widgets;
use crate::model::notice::{Notice, Weight};

/// Width of a card.
const WIDTH: f32 = 400.0;

/// Most messages shown at once; the others wait.
const SHOWN: usize = 3;

/// Draws the cards.
pub fn show(ctx: &Context, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let session = cx.session;
    if session.done.is_none() && session.messages.is_empty() {
        return;
    }
    let area =
        Area::new(Id::unique("messages")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, vec2(-14.0, -40.0));
    area.show(ctx, |ui| {
        ui.set_width(WIDTH);
        let room = ctx.content_rect().height() - 140.0;
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            if let Some(done) = &session.done {
                card(ui, cx, usize::MAX, commands, |ui, commands| result(ui, cx, done, commands));
            }
            for (number, notice) in session.messages.iter().enumerate().take(SHOWN) {
                card(ui, cx, number, commands, |ui, _| told(ui, cx, notice));
            }
            if let Some(more) = session.messages.len().checked_sub(SHOWN + 1) {
                let text = cx.with("gui.message.more", "n", &(more + 1));
                card(ui, cx, SHOWN, commands, |ui, _| drop(ui.label(RichText::new(text).color(cx.palette.weak))));
            }
        });
    });
}

/// A card that can be put away.
fn card(
    ui: &mut Ui,
    cx: &Cx<'_>,
    number: usize,
    commands: &mut Vec<Command>,
    contents: impl FnOnce(&mut Ui, &mut Vec<Command>),
) {
    Frame::window(ui.style()).inner_margin(12.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            if widgets::quiet(ui, "×").on_hover_text(cx.word("gui.message.dismiss")).clicked() {
                commands.push(Command::Dismiss(number));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| contents(ui, commands));
        });
    });
}

fn result(ui: &mut Ui, cx: &Cx<'_>, done: &Done, commands: &mut Vec<Command>) {
    let seconds = format!("{:.1}", done.seconds);
    let facts: [(&str, &dyn std::fmt::Display); 2] = [("flags", &done.flags), ("seconds", &seconds)];
    ui.horizontal_wrapped(|ui| {
        widgets::badge(ui, &cx.word("gui.run.done"), cx.palette.accent);
        ui.label(cx.lang.sentence("gui.run.result", &facts));
    });
    ui.horizontal(|ui| {
        if let Some(report) = done.written.iter().find(|path| path.extension().is_some_and(|e| e == "html")) {
            let address = format!("file://{}", report.display());
            ui.hyperlink_to(cx.word("gui.run.report"), address).on_hover_text(report.display().to_string());
        }
        let warnings = done.notices.iter().filter(|notice| notice.weight >= Weight::Warning).count();
        if warnings > 0 && ui.link(cx.with("gui.run.reservations", "n", &warnings)).clicked() {
            commands.push(Command::Go(Page::Project));
        }
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
