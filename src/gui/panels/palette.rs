//! The command palette: every act by its words, every zone and flag by its name.

use eframe::egui::{Align, Context, ScrollArea};
use eframe::egui::{Align2, Area, Frame, Id, Key, Label, Layout, Order, RichText, Sense, TextEdit, Ui, vec2};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, FlagsWish, Target, ViewWish, acts};

/// Most places listed below the acts.
const PLACES: usize = 12;

/// One line of the list.
struct Line {
    word: String,
    hint: String,
    command: Command,
}

/// Draws the palette.
pub fn show(ctx: &Context, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let lines = lines(cx, &forms.palette.typed);
    let form = &mut forms.palette;
    form.chosen = form.chosen.min(lines.len().saturating_sub(1));
    let pressed = |key| ctx.input_mut(|input| input.consume_key(eframe::egui::Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        form.chosen = (form.chosen + 1).min(lines.len().saturating_sub(1));
    }
    if pressed(Key::ArrowUp) {
        form.chosen = form.chosen.saturating_sub(1);
    }
    let mut taken = pressed(Key::Enter).then_some(form.chosen);
    let area = Area::new(Id::unique("palette")).order(Order::Foreground).anchor(Align2::CENTER_TOP, vec2(0.0, 84.0));
    let shown = area.show(ctx, |ui| {
        Frame::window(&ctx.global_style()).inner_margin(12.0).show(ui, |ui| {
            ui.set_width(560.0);
            field(ui, cx, forms);
            ui.add_space(6.0);
            if lines.is_empty() {
                ui.label(RichText::new(cx.word("gui.palette.none")).color(cx.palette.weak));
            }
            ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
                for (number, line) in lines.iter().enumerate() {
                    if row(ui, cx, line, number == forms.palette.chosen) {
                        taken = Some(number);
                    }
                }
            });
        });
    });
    let outside = shown.response.clicked_elsewhere() && !forms.palette.opening;
    forms.palette.opening = false;
    if let Some(line) = taken.and_then(|number| lines.into_iter().nth(number)) {
        commands.extend([Command::Overlay(None), line.command]);
    } else if outside {
        commands.push(Command::Overlay(None));
    }
}

fn field(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms) {
    let hint = cx.word("gui.palette.hint");
    let field = TextEdit::singleline(&mut forms.palette.typed).hint_text(&hint).desired_width(f32::INFINITY);
    let response = ui.add(field.margin(vec2(10.0, 8.0)));
    let typed = &forms.palette.typed;
    response.widget_info(|| eframe::egui::WidgetInfo::text_edit(true, typed, typed, &hint));
    if response.changed() {
        forms.palette.chosen = 0;
    }
    response.request_focus();
}

/// One line; whether it was clicked.
fn row(ui: &mut Ui, cx: &Cx<'_>, line: &Line, chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| eframe::egui::WidgetInfo::selected(eframe::egui::Role::Button, true, chosen, &line.word));
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 6.0, cx.palette.wash);
    }
    if chosen {
        ui.scroll_to_rect(rect, None);
    }
    let inner = rect.shrink2(vec2(10.0, 0.0));
    ui.scope_builder(eframe::egui::UiBuilder::new().max_rect(inner), |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(Label::new(RichText::new(&line.hint).size(12.0).color(cx.palette.weak)).selectable(false));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(&line.word).color(cx.palette.strong)).truncate().selectable(false));
            });
        });
    });
    response.clicked()
}

fn lines(cx: &Cx<'_>, typed: &str) -> Vec<Line> {
    let session = cx.session;
    let acts = acts::found(session, typed).into_iter().filter_map(|act| {
        let command = (act.command)(session)?;
        Some(Line {
            word: cx.word(&act.key()),
            hint: act.keys.first().copied().unwrap_or_default().to_owned(),
            command,
        })
    });
    acts.chain(places(cx, typed)).collect()
}

/// Flags and zones whose number or name holds what was typed.
fn places(cx: &Cx<'_>, typed: &str) -> Vec<Line> {
    let typed = typed.trim().to_lowercase();
    let Some(project) = cx.project().filter(|_| !typed.is_empty()) else { return Vec::new() };
    let holds = |text: &str| text.to_lowercase().contains(&typed);
    let records = project.flags.records().iter().enumerate().filter(|(_, record)| holds(&record.code));
    let flags = records.map(|(at, record)| Line {
        word: record.code.clone(),
        hint: cx.word("gui.palette.flag"),
        command: Command::Flags(FlagsWish::Select(Some(at))),
    });
    let zones = project.plan.zones.iter().enumerate().filter(|(_, zone)| holds(&zone.name) || holds(&zone.id));
    let zones = zones.map(|(at, zone)| Line {
        word: zone.name.clone(),
        hint: cx.word("gui.palette.zone"),
        command: Command::View(ViewWish::Show(Target::Zone(at))),
    });
    flags.take(PLACES).chain(zones.take(PLACES)).collect()
}
