//! Detection live: where the pair stands, what its settings do to the map, and the run.

mod cards;
mod change;
mod histogram;
mod run;
mod settings;
mod zones;

use eframe::egui::{Frame, Margin, Panel, RichText, ScrollArea, Slider, Spinner, Ui, WidgetInfo};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, DetectWish, Project};
use crate::gui::widgets;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    forms.detect_drawn = true;
    if !cx.session.detect.panel {
        commands.push(Command::Detect(DetectWish::Panel(true)));
    }
    let foot = Frame::NONE.fill(cx.palette.panel).inner_margin(Margin { top: 8, ..Margin::ZERO });
    Panel::bottom("detect_run").resizable(false).frame(foot).show(ui, |ui| run::show(ui, cx, commands));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.set_width(ui.available_width() - 6.0);
        head(ui, cx, project);
        overlays(ui, cx, commands);
        let Some(made) = &cx.session.detect.cards else { return };
        cards::data(ui, cx, &made.data);
        cards::grid(ui, cx, project, &made.grid, commands);
        change::show(ui, cx, project, &made.change, commands);
        cards::keep(ui, cx, project, &made.keep, commands);
        ui.add_space(8.0);
    });
}

/// Tells the session that the panel is out of sight, where no frame drew it.
pub fn leave(cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    if !std::mem::take(&mut forms.detect_drawn) && cx.session.detect.panel {
        commands.push(Command::Detect(DetectWish::Panel(false)));
    }
}

/// Which pair it is, and whether it is still being learnt.
fn head(ui: &mut Ui, cx: &Cx<'_>, project: &Project) {
    let detect = &cx.session.detect;
    let scene = |at: usize| project.plan.scenes.get(at).map(|scene| scene.date.to_string()).unwrap_or_default();
    let compare = &project.compare;
    ui.horizontal_wrapped(|ui| {
        let pair = format!("{} → {}", scene(compare.before), scene(compare.after));
        ui.label(RichText::new(pair).size(15.0).color(cx.palette.strong));
        ui.label(RichText::new(cx.word(compare.kind.key())).color(cx.palette.weak));
    });
    if let Some(snapshot) = detect.learning() {
        ui.horizontal(|ui| {
            ui.add(Spinner::new().size(13.0));
            let done = format!("{}/{}", snapshot.done, snapshot.total);
            ui.label(RichText::new(cx.with("gui.detect.learning", "done", &done)).size(12.0).color(cx.palette.weak));
        });
    }
    for notice in &detect.failed {
        widgets::card(ui, cx, |ui| super::messages::told(ui, cx, notice));
    }
}

/// What of it lies over the map.
pub fn overlays(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let detect = &cx.session.detect;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        if widgets::choice(ui, cx, detect.mask, &cx.word("gui.detect.mask"))
            .on_hover_text(cx.word("gui.detect.mask_hint"))
            .clicked()
        {
            commands.push(Command::Detect(DetectWish::Mask(!detect.mask)));
        }
        if widgets::choice(ui, cx, detect.heat, &cx.word("gui.detect.heat"))
            .on_hover_text(cx.word("gui.detect.heat_hint"))
            .clicked()
        {
            commands.push(Command::Detect(DetectWish::Heat(!detect.heat)));
        }
        let mut opacity = detect.opacity;
        ui.spacing_mut().slider_width = (ui.available_width() - 12.0).max(40.0);
        let label = cx.word("gui.detect.opacity");
        let slider = ui.add(Slider::new(&mut opacity, 0.0..=1.0).show_value(false)).on_hover_text(&label);
        slider.widget_info(|| WidgetInfo::slider(true, f64::from(opacity), &label));
        if slider.changed() {
            commands.push(Command::Detect(DetectWish::Opacity(opacity)));
        }
    });
    ui.add_space(4.0);
}
