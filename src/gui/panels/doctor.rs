//! What the check and a closer look found, each with what can be done about it at once.

use eframe::egui::{RichText, TextEdit, Ui};

use super::{Forms, messages};
use crate::gui::cx::Cx;
use crate::gui::session::doctor::DoctorWish;
use crate::gui::session::{Command, EditWish};
use crate::gui::widgets;
use crate::model::notice::Weight;
use crate::pipeline::doctor::{Cure, Finding, Remedy};
use crate::project::edit::Place;

/// Most findings drawn; the others wait until these are mended.
const SHOWN: usize = 60;

/// Draws the findings.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let doctor = &cx.session.doctor;
    let blocked = cx.session.edit.as_ref().is_some_and(|editing| !editing.blocked.is_empty());
    if blocked {
        widgets::card(ui, cx, |ui| {
            ui.label(RichText::new(cx.word("gui.doctor.blocked")).size(15.0).color(cx.palette.severity[0]));
            ui.label(cx.word("gui.doctor.blocked_do"));
        });
        ui.add_space(8.0);
    }
    ui.horizontal(|ui| {
        let facts: [(&str, &dyn std::fmt::Display); 3] =
            [("n", &doctor.findings.len()), ("grave", &doctor.grave()), ("cured", &doctor.curable())];
        widgets::heading(ui, cx, &cx.lang.sentence("gui.doctor.counts", &facts));
        if doctor.is_looking() {
            ui.spinner();
            ui.label(RichText::new(cx.word("gui.doctor.looking")).size(12.0).color(cx.palette.weak));
        } else if widgets::quiet(ui, &cx.word("gui.doctor.again")).clicked() {
            commands.push(Command::Doctor(DoctorWish::Again));
        }
    });
    if doctor.findings.is_empty() && !doctor.is_looking() {
        widgets::empty(ui, cx, &cx.word("gui.doctor.sound"), &cx.word("gui.doctor.sound_do"));
    }
    let (grave, notes): (Vec<&Finding>, Vec<&Finding>) =
        doctor.findings.iter().partition(|finding| finding.notice.weight >= Weight::Warning);
    for finding in grave.into_iter().take(SHOWN) {
        card(ui, cx, finding, forms, commands);
    }
    if !notes.is_empty() {
        ui.add_space(4.0);
        let word = cx.with("gui.doctor.notes", "n", &notes.len());
        ui.checkbox(&mut forms.project.notes, word);
    }
    if forms.project.notes {
        for finding in notes.into_iter().take(SHOWN) {
            card(ui, cx, finding, forms, commands);
        }
    }
}

fn card(ui: &mut Ui, cx: &Cx<'_>, finding: &Finding, forms: &mut Forms, commands: &mut Vec<Command>) {
    widgets::card(ui, cx, |ui| {
        messages::told(ui, cx, &finding.notice);
        if !finding.about.is_empty() {
            let places: Vec<String> = finding.about.iter().take(6).map(|place| told_place(cx, place)).collect();
            let text = cx.with("gui.doctor.about", "places", &places.join(", "));
            ui.label(RichText::new(text).size(12.0).color(cx.palette.weak));
        }
        if !finding.remedies.is_empty() {
            ui.horizontal_wrapped(|ui| {
                for remedy in &finding.remedies {
                    button(ui, cx, remedy, forms, commands);
                }
            });
            locate(ui, cx, finding, forms, commands);
        }
    });
    ui.add_space(6.0);
}

/// An entry of the project file with the line it stands in.
fn told_place(cx: &Cx<'_>, place: &Place) -> String {
    let line = cx.session.edit.as_ref().and_then(|editing| crate::project::edit::line_of(editing.text(), place));
    match line {
        Some(line) => format!("{place} ({})", cx.with("gui.doctor.line", "line", &line)),
        None => place.to_string(),
    }
}

/// The words of a remedy.
pub fn told_remedy(cx: &Cx<'_>, remedy: &Remedy) -> String {
    let facts: Vec<(&str, &dyn std::fmt::Display)> =
        remedy.facts.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    cx.lang.sentence(&format!("remedy.{}", remedy.word), &facts)
}

fn button(ui: &mut Ui, cx: &Cx<'_>, remedy: &Remedy, forms: &mut Forms, commands: &mut Vec<Command>) {
    if !ui.button(told_remedy(cx, remedy)).clicked() {
        return;
    }
    match &remedy.cure {
        Cure::Change(changes) => commands.push(Command::Edit(EditWish::Change(changes.clone()))),
        Cure::Locate(place) => forms.project.locate = Some((place.clone(), String::new())),
    }
}

/// A path is typed, or chosen in the system's dialog where there is one.
fn locate(ui: &mut Ui, cx: &Cx<'_>, finding: &Finding, forms: &mut Forms, commands: &mut Vec<Command>) {
    let is_here = |place: &Place| finding.remedies.iter().any(|remedy| remedy.cure == Cure::Locate(place.clone()));
    let Some((place, typed)) = forms.project.locate.as_mut().filter(|(place, _)| is_here(place)) else { return };
    let mut done = false;
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(cx.word("gui.doctor.locate_hint")).color(cx.palette.weak));
        let width = (ui.available_width() - 190.0).max(120.0);
        ui.add(TextEdit::singleline(typed).desired_width(width).background_color(cx.palette.panel))
            .labelled_by(label.id);
        if ui.button(cx.word("gui.doctor.locate_pick")).clicked() {
            commands.push(Command::Doctor(DoctorWish::Pick(place.clone())));
        }
        if ui.button(cx.word("gui.doctor.locate_use")).clicked() && !typed.trim().is_empty() {
            commands.push(Command::Doctor(DoctorWish::Locate(place.clone(), typed.trim().into())));
            done = true;
        }
    });
    if done {
        forms.project.locate = None;
    }
}
