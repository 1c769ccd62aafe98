//! Layers and legend: what is shown, in which colour, how strongly, in which order; the basemap; kept views.

use eframe::egui::{
    Checkbox, CollapsingHeader, Color32, ComboBox, Label, Response, RichText, Role, ScrollArea, Sense, Slider,
    TextEdit, Ui, WidgetInfo,
};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::map::vectors::state_colour;
use crate::gui::session::layers::LayersWish;
use crate::gui::session::look::FlagColours;
use crate::gui::session::tools::ToolsWish;
use crate::gui::session::{Command, Layer, LookWish, Project, Target, ViewWish};
use crate::gui::{theme, widgets};
use crate::model::class::CoverClass;
use crate::model::flag::{FlagState, Severity};
use crate::pipeline::view::cover_colour;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        group(ui, cx, "flags", cx.word("gui.layers.flags"), |ui| flags(ui, cx, project, commands));
        group(ui, cx, "zones", cx.word("gui.layers.zones"), |ui| zones(ui, cx, project, commands));
        group(ui, cx, "images", cx.word("gui.layers.images"), |ui| images(ui, cx, project, commands));
        group(ui, cx, "basemap", cx.word("gui.layers.basemap"), |ui| basemap(ui, cx, project, forms, commands));
        group(ui, cx, "views", cx.word("gui.layers.views"), |ui| views(ui, cx, forms, commands));
        ui.add_space(6.0);
        toggle(
            ui,
            &cx.word("gui.layers.labels"),
            project.look.labels,
            Command::Look(LookWish::Toggle(Layer::Labels)),
            commands,
        );
    });
}

/// A part of the panel that folds away.
fn group(ui: &mut Ui, cx: &Cx<'_>, id: &str, title: String, contents: impl FnOnce(&mut Ui)) {
    let title = RichText::new(title).size(12.0).color(cx.palette.weak);
    let open = id != "views" && id != "basemap";
    CollapsingHeader::new(title).id_salt(id).default_open(open).show_unindented(ui, contents);
    ui.add_space(4.0);
}

fn toggle(ui: &mut Ui, word: &str, shown: bool, command: Command, commands: &mut Vec<Command>) -> Response {
    let mut now = shown;
    let response = ui.add(Checkbox::new(&mut now, word));
    if response.changed() {
        commands.push(command);
    }
    response
}

/// A checkbox that is named by a text standing elsewhere.
fn tick(ui: &mut Ui, name: &str, shown: bool, command: Command, commands: &mut Vec<Command>) {
    let mut now = shown;
    let check = ui.add(Checkbox::without_text(&mut now));
    let name = name.to_owned();
    check.widget_info(move || WidgetInfo::selected(Role::CheckBox, true, shown, &name));
    if check.changed() {
        commands.push(command);
    }
}

fn flags(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let all = Command::Look(LookWish::Toggle(Layer::Flags));
    toggle(ui, &cx.word("gui.layers.show_flags"), project.look.flags, all, commands)
        .context_menu(|ui| zoom_to(ui, cx, Command::Layers(LayersWish::ShowFlags), commands));
    let now = project.look.flag_colours;
    ui.horizontal(|ui| {
        ui.add_space(18.0);
        let combo = ComboBox::from_id_salt("flag_colours").width(ui.available_width() - 8.0).truncate();
        let shown = combo.selected_text(cx.word(now.key())).show_ui(ui, |ui| {
            for colours in FlagColours::ALL {
                if ui.selectable_label(now == colours, cx.word(colours.key())).clicked() {
                    commands.push(Command::Look(LookWish::FlagColours(colours)));
                }
            }
        });
        let label = format!("{}: {}", cx.word("gui.layers.flag_colours"), cx.word(now.key()));
        shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
    });
    flag_legend(ui, cx, now);
    let counts = project.flags.by_severity();
    for (severity, count) in [Severity::High, Severity::Medium, Severity::Low].into_iter().zip(counts) {
        ui.horizontal(|ui| {
            ui.add_space(18.0);
            let word = cx.with("gui.layers.severity", "word", &cx.word(severity.key()));
            let shown = project.layers.shows(severity);
            tick(ui, &word, shown, Command::Layers(LayersWish::Severity(severity)), commands);
            if now == FlagColours::Severity {
                widgets::swatch(ui, cx.palette.severity(severity), 0.3);
            }
            ui.label(RichText::new(word).color(ink(cx, shown && project.look.flags)));
            ui.label(RichText::new(count.to_string()).color(cx.palette.weak));
        });
    }
    if let Some(opacity) = strength(ui, cx, project.layers.flag_opacity, &cx.word("gui.layers.flag_opacity")) {
        commands.push(Command::Layers(LayersWish::FlagOpacity(opacity)));
    }
}

/// What the colours of flags tell, where it is not their severity.
fn flag_legend(ui: &mut Ui, cx: &Cx<'_>, colours: FlagColours) {
    let classes = CoverClass::ALL.map(|class| {
        let [r, g, b] = cover_colour(class);
        (Color32::from_rgb(r, g, b), class.key())
    });
    let states = FlagState::ALL.map(|state| (state_colour(state, &cx.palette), state.key()));
    let told: &[_] = match colours {
        FlagColours::Severity => &[],
        FlagColours::Kind => &classes,
        FlagColours::State => &states,
    };
    for (colour, key) in told {
        ui.horizontal(|ui| {
            ui.add_space(18.0);
            widgets::swatch(ui, *colour, 0.3);
            ui.label(cx.word(key));
        });
    }
}

fn zones(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    for number in project.layers.order.iter().copied() {
        let Some(layer) = project.look.zones.get(number) else { continue };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let name = if layer.zones == 1 && !layer.kind.is_empty() { &layer.kind } else { &layer.name };
            tick(ui, name, layer.shown, Command::Look(LookWish::Toggle(Layer::Zones(number))), commands);
            widgets::swatch(ui, theme::zone_colour(number), project.look.zone_opacity.max(0.1));
            let text = RichText::new(format!("{name}  {}", layer.zones)).color(ink(cx, layer.shown));
            let told = format!("{} · {}\n{}", layer.name, layer.kind, cx.word("gui.layers.zone_hint"));
            let label = ui.add(Label::new(text).truncate().sense(Sense::click())).on_hover_text(told);
            label.context_menu(|ui| {
                zoom_to(ui, cx, Command::Layers(LayersWish::Show(number)), commands);
                for (word, by) in [(cx.word("gui.layers.raise"), -1), (cx.word("gui.layers.lower"), 1)] {
                    if ui.button(word).clicked() {
                        commands.push(Command::Layers(LayersWish::Move(number, by)));
                        ui.close();
                    }
                }
            });
            if label.double_clicked() {
                commands.push(Command::Layers(LayersWish::Show(number)));
            }
        });
    }
    if let Some(opacity) = strength(ui, cx, project.look.zone_opacity, &cx.word("gui.layers.zone_opacity")) {
        commands.push(Command::Look(LookWish::ZoneOpacity(opacity)));
    }
}

fn images(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let all = Command::Look(LookWish::Toggle(Layer::Images));
    toggle(ui, &cx.word("gui.layers.show_images"), project.look.images, all, commands)
        .context_menu(|ui| zoom_to(ui, cx, Command::View(ViewWish::Show(Target::Images)), commands));
    if let Some(opacity) = strength(ui, cx, project.look.image_opacity, &cx.word("gui.layers.image_opacity")) {
        commands.push(Command::Look(LookWish::ImageOpacity(opacity)));
    }
}

/// The picture below the images: none until the user names a file or an address.
fn basemap(ui: &mut Ui, cx: &Cx<'_>, project: &Project, forms: &mut Forms, commands: &mut Vec<Command>) {
    if let Some(basemap) = &project.layers.basemap {
        toggle(
            ui,
            &cx.word("gui.layers.show_basemap"),
            basemap.shown,
            Command::Layers(LayersWish::ToggleBasemap),
            commands,
        )
        .on_hover_text(&basemap.source);
        if let Some(opacity) = strength(ui, cx, basemap.opacity, &cx.word("gui.layers.basemap_opacity")) {
            commands.push(Command::Layers(LayersWish::BasemapOpacity(opacity)));
        }
        if ui.button(cx.word("gui.layers.no_basemap")).clicked() {
            commands.push(Command::Layers(LayersWish::Basemap(None)));
        }
        return;
    }
    let text = RichText::new(cx.word("gui.layers.basemap_todo")).size(12.0).color(cx.palette.weak);
    let label = ui.add(Label::new(text).wrap());
    let hint = cx.word("gui.layers.basemap_field");
    let field = ui.add(TextEdit::singleline(&mut forms.basemap).hint_text(hint).desired_width(f32::INFINITY));
    let entered =
        field.labelled_by(label.id).lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
    ui.horizontal(|ui| {
        let typed = forms.basemap.trim().to_owned();
        let add = ui.add_enabled(!typed.is_empty(), eframe::egui::Button::new(cx.word("gui.layers.add_basemap")));
        if add.clicked() || entered && !typed.is_empty() {
            commands.push(Command::Layers(LayersWish::Basemap(Some(typed))));
        }
        if ui.button(cx.word("gui.layers.pick_basemap")).clicked() {
            commands.push(Command::Layers(LayersWish::PickBasemap));
        }
    });
}

/// Views kept under a name.
fn views(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    for (number, view) in cx.session.kept_views().iter().enumerate() {
        ui.horizontal(|ui| {
            if ui.link(&view.name).on_hover_text(cx.word("gui.layers.view_hint")).clicked() {
                commands.push(Command::Tools(ToolsWish::Return(number)));
            }
            let forget = widgets::quiet(ui, "×").on_hover_text(cx.word("gui.layers.forget_view"));
            if forget.clicked() {
                commands.push(Command::Tools(ToolsWish::Forget(number)));
            }
        });
    }
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(cx.word("gui.layers.view_name")).size(12.0).color(cx.palette.weak));
        let width = (ui.available_width() - 70.0).max(60.0);
        ui.add(TextEdit::singleline(&mut forms.view_name).desired_width(width)).labelled_by(label.id);
        let named = !forms.view_name.trim().is_empty();
        let keep = eframe::egui::Button::new(cx.word("gui.layers.keep_view"));
        if ui.add_enabled(named, keep).on_hover_text(cx.word("gui.layers.keep_view_hint")).clicked() {
            commands.push(Command::Tools(ToolsWish::Keep(std::mem::take(&mut forms.view_name))));
        }
    });
}

fn zoom_to(ui: &mut Ui, cx: &Cx<'_>, command: Command, commands: &mut Vec<Command>) {
    if ui.button(cx.word("gui.layers.zoom_to")).clicked() {
        commands.push(command);
        ui.close();
    }
}

fn ink(cx: &Cx<'_>, shown: bool) -> Color32 {
    if shown { cx.palette.text } else { cx.palette.weak }
}

/// A slider of opacity; the new one where it was moved.
fn strength(ui: &mut Ui, cx: &Cx<'_>, opacity: f32, name: &str) -> Option<f32> {
    ui.horizontal(|ui| {
        ui.add_space(18.0);
        ui.label(RichText::new(cx.word("gui.layers.opacity")).size(12.0).color(cx.palette.weak));
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        let mut moved = opacity;
        let slider = ui.add(Slider::new(&mut moved, 0.0..=1.0).show_value(false));
        let (value, name) = (f64::from(moved), name.to_owned());
        slider.widget_info(move || WidgetInfo::slider(true, value, &name));
        slider.changed().then_some(moved)
    })
    .inner
}
