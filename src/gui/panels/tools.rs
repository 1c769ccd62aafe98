//! The bar over the map: how years are compared, which bands make the picture, how far one sees.

use eframe::egui::{Align, Layout, RichText, Slider, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::compare::{Compare, Mode};
use crate::gui::session::{Command, CompareWish, Target, ViewWish};
use crate::gui::widgets;

/// Draws the bar.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ui.horizontal_centered(|ui| {
        modes(ui, cx, &project.compare, commands);
        if project.compare.mode == Mode::Fade {
            let mut fade = project.compare.fade;
            ui.spacing_mut().slider_width = 90.0;
            let slider = ui.add(Slider::new(&mut fade, 0.0..=1.0).show_value(false));
            let label = cx.word("gui.compare.fade_share");
            slider.widget_info(|| eframe::egui::WidgetInfo::slider(true, fade, &label));
            if slider.changed() {
                commands.push(Command::Compare(CompareWish::Fade(fade)));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            zooms(ui, cx, commands);
            super::picture::show(ui, cx, commands);
        });
    });
}

fn modes(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, commands: &mut Vec<Command>) {
    let words = [
        (cx.word("gui.compare.single"), cx.word("gui.compare.single_hint")),
        (cx.word("gui.compare.swipe"), cx.word("gui.compare.swipe_hint")),
        (cx.word("gui.compare.fade"), cx.word("gui.compare.fade_hint")),
        (cx.word("gui.compare.linked"), cx.word("gui.compare.linked_hint")),
    ];
    ui.spacing_mut().item_spacing.x = 4.0;
    for (number, (mode, (word, hint))) in Mode::ALL.into_iter().zip(words).enumerate() {
        let hint = format!("{hint}  ({})", number + 1);
        if widgets::choice(ui, cx, compare.mode == mode, &word).on_hover_text(hint).clicked() {
            commands.push(Command::Compare(CompareWish::Mode(mode)));
        }
    }
    ui.add_space(6.0);
    ui.label(RichText::new(cx.word("gui.compare.blink_hint")).size(12.0).color(cx.palette.weak));
}

fn zooms(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let size = cx.session.view.size;
    let middle = (size.0 / 2.0, size.1 / 2.0);
    ui.spacing_mut().item_spacing.x = 4.0;
    if ui.button(cx.word("gui.map.all")).on_hover_text(format!("{}  (Home)", cx.word("gui.map.all_hint"))).clicked() {
        commands.push(Command::View(ViewWish::Show(Target::Images)));
    }
    if ui.button("+").on_hover_text(cx.word("gui.map.closer")).clicked() {
        commands.push(Command::View(ViewWish::Zoom(1.5, middle)));
    }
    if ui.button("−").on_hover_text(cx.word("gui.map.farther")).clicked() {
        commands.push(Command::View(ViewWish::Zoom(1.0 / 1.5, middle)));
    }
    ui.add_space(8.0);
}
