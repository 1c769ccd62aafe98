//! The bar over the map: how years are compared, which bands make the picture, how far one sees.

use eframe::egui::{Align, ComboBox, Layout, RichText, Slider, Ui};

use crate::gui::cx::Cx;
use crate::gui::session::compare::{Compare, Mode};
use crate::gui::session::{Command, CompareWish, LookWish, Project, Target, ViewWish};
use crate::gui::widgets;
use crate::pipeline::view::{Composite, Index};

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
            bands(ui, cx, project, commands);
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

fn bands(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let Some(scene) = project.plan.scenes.get(project.compare.after) else { return };
    let present = project.look.composite.for_scene(scene).unwrap_or(project.look.composite);
    let named =
        [Composite::TrueColour, Composite::Infrared, Composite::Index(Index::Ndvi), Composite::Index(Index::Ndwi)];
    let single = scene.roles.iter().map(|role| Composite::Band(*role));
    let fits = |composite: &Composite| composite.for_scene(scene) == Some(*composite);
    let all = named.into_iter().chain(single).filter(fits);
    let combo = ComboBox::from_id_salt("bands").width(120.0).selected_text(name(cx, present));
    let shown = combo.show_ui(ui, |ui| {
        for composite in all {
            if ui.selectable_label(composite == present, name(cx, composite)).clicked() {
                commands.push(Command::Look(LookWish::Composite(composite)));
            }
        }
    });
    let label = format!("{}: {}", cx.word("gui.bands.name"), name(cx, present));
    shown.response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::ComboBox, true, &label));
}

fn name(cx: &Cx<'_>, composite: Composite) -> String {
    match composite {
        Composite::TrueColour => cx.word("gui.bands.true_colour"),
        Composite::Infrared => cx.word("gui.bands.infrared"),
        Composite::Index(Index::Ndvi) => cx.word("gui.bands.ndvi"),
        Composite::Index(Index::Ndwi) => cx.word("gui.bands.ndwi"),
        Composite::Band(role) => cx.with("gui.bands.single", "band", &cx.word(&format!("band.{}", role.word()))),
    }
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
