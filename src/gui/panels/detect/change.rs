//! The card of the change: the method, the scores, where each rule would draw the line, and what lies above it in view.

use eframe::egui::{Align, Layout, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::histogram::{self, Mark};
use super::settings::{self, Field};
use super::{cards, zones};
use crate::detect::threshold::Rule;
use crate::gui::cx::Cx;
use crate::gui::session::detect::{Setting, set};
use crate::gui::session::{Command, DetectWish, Project};
use crate::gui::widgets;
use crate::model::outcome::ThresholdChoice;
use crate::pipeline::preview::{Card, ChangeFacts, ScoredView};

/// Draws the card.
pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>, project: &Project, made: &Card<ChangeFacts>, commands: &mut Vec<Command>) {
    cards::card(ui, cx, ("change", &cx.word("gui.detect.change")), made, |ui| {
        settings::method(ui, cx, &made.facts, commands);
        let detect = &cx.session.detect;
        let Some(lesson) = detect.lesson.as_ref().filter(|lesson| lesson.compares().is_ok()) else { return };
        let chosen = detect.settings(&project.plan).threshold;
        let choices = lesson.choices();
        let value = made.facts.choice.as_ref().and_then(|choice| choice.value);
        let marks = marks(cx, &choices, chosen);
        let view = detect.view.as_deref();
        let scores = histogram::Scores { sample: lesson.histogram(), view: view.map(|view| &view.histogram) };
        match histogram::show(ui, cx, &scores, lesson.noise_level(), value, &marks) {
            Some(histogram::Hand::Moves(score)) => commands.push(Command::Detect(DetectWish::Drag(score))),
            Some(histogram::Hand::LetsGo(score)) => let_go(score, commands),
            None => {}
        }
        by_hand(ui, cx, project, value, commands);
        for (rule, choice) in &choices {
            self::rule(ui, cx, &Row { rule: *rule, choice, is_chosen: chosen == *rule, view }, commands);
        }
        if let Some(choice) = made.facts.auto.as_ref().filter(|_| chosen != Rule::Auto) {
            let why = cx.word(&format!("threshold.{}", choice.why));
            ui.label(RichText::new(cx.with("gui.detect.auto_says", "why", &why)).size(12.0).color(cx.palette.weak));
        }
        zones::show(ui, cx);
    });
}

/// What was dragged is kept in the project.
fn let_go(score: f64, commands: &mut Vec<Command>) {
    commands.push(Command::Detect(DetectWish::Drag(score)));
    commands.push(set(Setting::Threshold(Rule::Fixed(DetectWish::kept(score)))));
}

/// The line of every rule, the chosen one left to the hand's own line.
fn marks(cx: &Cx<'_>, choices: &[(Rule, ThresholdChoice)], chosen: Rule) -> Vec<Mark> {
    let others = choices.iter().enumerate().filter(|(_, (rule, _))| *rule != chosen && *rule != Rule::Auto);
    others
        .filter_map(|(number, (_, choice))| Some(Mark { score: choice.value?, colour: histogram::colour(cx, number) }))
        .collect()
}

/// The threshold as a number, and the way back to the automatic one.
fn by_hand(ui: &mut Ui, cx: &Cx<'_>, project: &Project, value: Option<f64>, commands: &mut Vec<Command>) {
    let chosen = cx.session.detect.settings(&project.plan).threshold;
    ui.horizontal(|ui| {
        widgets::heading(ui, cx, &cx.word("gui.detect.threshold"));
        let field = Field { name: cx.word("gui.detect.threshold"), suffix: "", digits: 2, range: (0.0, 1e6) };
        if let Some(score) = field.show(ui, value.unwrap_or_default()) {
            let_go(score, commands);
        }
        let auto = widgets::choice(ui, cx, chosen == Rule::Auto, &cx.word("gui.detect.auto"));
        if auto.on_hover_text(cx.word("gui.detect.auto_hint")).clicked() && chosen != Rule::Auto {
            choose(Rule::Auto, commands);
        }
        if matches!(chosen, Rule::Fixed(_)) {
            ui.label(RichText::new(cx.word("rule.fixed")).size(12.0).color(cx.palette.severity[1]));
        }
    });
}

fn choose(rule: Rule, commands: &mut Vec<Command>) {
    commands.push(Command::Detect(DetectWish::Release));
    commands.push(set(Setting::Threshold(rule)));
}

struct Row<'r> {
    rule: Rule,
    choice: &'r ThresholdChoice,
    is_chosen: bool,
    view: Option<&'r ScoredView>,
}

/// One rule: its line, and how much of the view lies above it.
fn rule(ui: &mut Ui, cx: &Cx<'_>, row: &Row<'_>, commands: &mut Vec<Command>) {
    let name = cx.word(&format!("rule.{}", row.rule.word()));
    let value = row.choice.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let share = row.choice.value.zip(row.view).and_then(|(value, view)| view.share_above(value));
    let share = share.map(|share| format!("{:.2} %", share * 100.0)).unwrap_or_default();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::click());
    let said = format!("{name} {value} {share}");
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, row.is_chosen, &said));
    if row.is_chosen || response.hovered() {
        ui.painter().rect_filled(rect, 4.0, cx.palette.wash);
    }
    let number = Rule::NAMED.iter().position(|(_, rule)| *rule == row.rule).unwrap_or_default();
    let tick = rect.left() + 6.0;
    let colour = if row.is_chosen { cx.palette.accent } else { histogram::colour(cx, number) };
    ui.painter()
        .line_segment([pos2(tick, rect.top() + 3.0), pos2(tick, rect.bottom() - 3.0)], Stroke::new(3.0, colour));
    let text = if row.is_chosen { cx.palette.accent } else { cx.palette.text };
    let mut line = ui.new_child(
        eframe::egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(14.0, 0.0)))
            .layout(Layout::right_to_left(Align::Center)),
    );
    let column = |ui: &mut Ui, width: f32, words: &str| {
        ui.allocate_ui_with_layout(vec2(width, 20.0), Layout::right_to_left(Align::Center), |ui| {
            ui.set_min_width(width);
            ui.label(RichText::new(words).size(12.5).color(text));
        });
    };
    column(&mut line, 62.0, &share);
    column(&mut line, 52.0, &value);
    line.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(eframe::egui::Label::new(RichText::new(&name).size(12.5).color(text)).truncate());
    });
    let why = cx.word(&format!("threshold.{}", row.choice.why));
    let apart =
        row.choice.separation.map(|d| cx.with("gui.detect.separation", "d", &format!("{d:.2}"))).unwrap_or_default();
    if response.on_hover_text(format!("{why}\n{apart}")).clicked() && !row.is_chosen {
        choose(row.rule, commands);
    }
}
