//! Bands and stretch: a button on the tool bar that names the picture, and behind it everything about its colours.

use eframe::egui::{
    Align, Button, Checkbox, Color32, ComboBox, DragValue, Id, Key, Layout, Popup, PopupCloseBehavior, Rect, Response,
    RichText, Role, ScrollArea, Sense, Slider, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::session::exposure::{BandLevels, offered};
use crate::gui::session::{Command, LookWish, Project, Task};
use crate::gui::widgets;
use crate::model::scene::{BandRole, Scene};
use crate::pipeline::view::{COLOUR_GAMMA, Composite, Extent, Index, Ramp, Rule, Stretch};

/// Width of what opens.
const WIDTH: f32 = 332.0;

/// Height of a histogram.
const TALL: f32 = 46.0;

/// Colours of the three bands' histograms.
const BANDS: [Color32; 3] =
    [Color32::from_rgb(0xD6, 0x5F, 0x52), Color32::from_rgb(0x4F, 0xA3, 0x5D), Color32::from_rgb(0x4A, 0x86, 0xC8)];

/// Sizes of the memory for tiles that are offered, in MB.
const MEMORY: [u32; 5] = [256, 512, 1024, 2048, 4096];

/// Draws the button; what it opens sends the wishes.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let Some(scene) = project.plan.scenes.get(project.compare.after) else { return };
    let present = project.look.composite.for_scene(scene).unwrap_or(project.look.composite);
    let name = name(cx, present);
    let button = ui.add(Button::new(format!("{name}  ▼"))).on_hover_text(cx.word("gui.picture.hint"));
    let label = format!("{}: {name}", cx.word("gui.picture.name"));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    // Its own lists open over it, and the toolkit has one popup at a time: so it keeps its own state.
    let id = Id::unique("picture");
    let was_open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    let list_is_open = Popup::is_any_open(ui.ctx());
    let mut open = was_open != button.clicked();
    let popup = Popup::from_response(&button).open(open).close_behavior(PopupCloseBehavior::IgnoreClicks).width(WIDTH);
    let shown = popup.show(|ui| {
        ui.set_width(WIDTH);
        let most = (ui.ctx().content_rect().height() - 160.0).max(240.0);
        let area = ScrollArea::vertical().max_height(most).min_scrolled_height(most);
        area.show(ui, |ui| contents(ui, cx, project, (scene, present), commands));
    });
    if let Some(shown) = shown.filter(|_| was_open && !list_is_open) {
        let elsewhere = |point| !shown.response.rect.contains(point) && !button.rect.contains(point);
        let left = ui.input(|input| {
            input.pointer.any_pressed() && input.pointer.interact_pos().is_some_and(elsewhere)
                || input.key_pressed(Key::Escape)
        });
        open &= !left;
    }
    ui.data_mut(|data| data.insert_temp(id, open));
}

fn contents(
    ui: &mut Ui,
    cx: &Cx<'_>,
    project: &Project,
    (scene, present): (&Scene, Composite),
    commands: &mut Vec<Command>,
) {
    let is_class = present == Composite::Band(BandRole::Class);
    bands(ui, cx, project, scene, present, commands);
    if !present.is_colour() && !is_class {
        ramps(ui, cx, project, present, scene, commands);
    }
    if !is_class {
        stretch(ui, cx, project, present, commands);
    }
    overviews(ui, cx, project, commands);
    memory(ui, cx, commands);
}

/// What a picture is called.
pub fn name(cx: &Cx<'_>, composite: Composite) -> String {
    match composite {
        Composite::TrueColour => cx.word("gui.picture.true_colour"),
        Composite::Infrared => cx.word("gui.picture.infrared"),
        Composite::Three(roles) => roles.map(|role| band(cx, role)).join(" · "),
        Composite::Index(index) => index.name().to_owned(),
        Composite::Band(role) => band(cx, role),
    }
}

fn band(cx: &Cx<'_>, role: BandRole) -> String {
    cx.word(&format!("band.{}", role.word()))
}

fn index_hint(cx: &Cx<'_>, index: Index) -> String {
    match index {
        Index::Ndvi => cx.word("gui.picture.ndvi"),
        Index::Ndwi => cx.word("gui.picture.ndwi"),
        Index::Mndwi => cx.word("gui.picture.mndwi"),
        Index::Ndbi => cx.word("gui.picture.ndbi"),
        Index::Bsi => cx.word("gui.picture.bsi"),
        Index::Nbr => cx.word("gui.picture.nbr"),
    }
}

/// Whether a picture belongs to a group.
type OfGroup = fn(&Composite) -> bool;

/// Pictures with a name, indices, single bands, then any three bands.
fn bands(ui: &mut Ui, cx: &Cx<'_>, project: &Project, scene: &Scene, present: Composite, commands: &mut Vec<Command>) {
    let all = offered(scene);
    let groups: [(&str, OfGroup); 3] = [
        ("gui.picture.colours", |composite| composite.is_colour()),
        ("gui.picture.indices", |composite| matches!(composite, Composite::Index(_))),
        ("gui.picture.single", |composite| matches!(composite, Composite::Band(_))),
    ];
    for (heading, of_group) in groups {
        let members: Vec<Composite> = all.iter().copied().filter(of_group).collect();
        if members.is_empty() {
            continue;
        }
        widgets::heading(ui, cx, &cx.word(heading));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            for composite in members {
                let chosen = widgets::choice(ui, cx, composite == present, &name(cx, composite));
                let chosen = match composite {
                    Composite::Index(index) => chosen.on_hover_text(index_hint(cx, index)),
                    _ => chosen,
                };
                if chosen.clicked() {
                    commands.push(Command::Look(LookWish::Composite(composite)));
                }
            }
        });
        ui.add_space(4.0);
    }
    if scene.roles.len() > 2 {
        three(ui, cx, project, scene, present, commands);
    }
}

/// Any three bands as red, green and blue.
fn three(ui: &mut Ui, cx: &Cx<'_>, project: &Project, scene: &Scene, present: Composite, commands: &mut Vec<Command>) {
    let roles = present.roles();
    let chosen: [BandRole; 3] = match present.is_colour().then(|| <[BandRole; 3]>::try_from(roles)) {
        Some(Ok(roles)) => roles,
        _ => [scene.roles[0], scene.roles[1], scene.roles[2]],
    };
    widgets::heading(ui, cx, &cx.word("gui.picture.three"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let names = ["gui.picture.red", "gui.picture.green", "gui.picture.blue"].map(|key| cx.word(key));
        for (at, (colour, role)) in BANDS.into_iter().zip(chosen).enumerate() {
            widgets::swatch(ui, colour, 0.5);
            let combo = ComboBox::from_id_salt(("three", at)).width(72.0).selected_text(band(cx, role));
            let shown = combo.show_ui(ui, |ui| {
                for other in &scene.roles {
                    if ui.selectable_label(*other == role, band(cx, *other)).clicked() {
                        let mut roles = chosen;
                        roles[at] = *other;
                        commands.push(Command::Look(LookWish::Composite(Composite::Three(roles))));
                    }
                }
            });
            let label = format!("{}: {}", names[at], band(cx, role));
            shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
        }
    });
    ui.add_space(4.0);
    // The look may ask for what this scene does not have: said, not hidden.
    if present != project.look.composite {
        let wanted = name(cx, project.look.composite);
        ui.label(RichText::new(cx.with("gui.picture.instead", "wanted", &wanted)).size(12.0).color(cx.palette.weak));
    }
}

fn ramps(ui: &mut Ui, cx: &Cx<'_>, project: &Project, present: Composite, scene: &Scene, commands: &mut Vec<Command>) {
    widgets::heading(ui, cx, &cx.word("gui.picture.ramps"));
    let now = project.look.ramp.unwrap_or_else(|| Ramp::natural(present, scene.kind));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for ramp in Ramp::ALL {
            let word = match ramp {
                Ramp::Grey => cx.word("gui.picture.ramp.grey"),
                Ramp::Viridis => cx.word("gui.picture.ramp.viridis"),
                Ramp::Inferno => cx.word("gui.picture.ramp.inferno"),
                Ramp::Terrain => cx.word("gui.picture.ramp.terrain"),
                Ramp::Vegetation => cx.word("gui.picture.ramp.vegetation"),
                Ramp::Water => cx.word("gui.picture.ramp.water"),
                Ramp::Contrast => cx.word("gui.picture.ramp.contrast"),
            };
            if strip(ui, cx, ramp, ramp == now, &word).on_hover_text(word).clicked() {
                commands.push(Command::Look(LookWish::Ramp(Some(ramp))));
            }
        }
    });
    ui.add_space(4.0);
}

/// A ramp as a strip of its colours.
fn strip(ui: &mut Ui, cx: &Cx<'_>, ramp: Ramp, chosen: bool, word: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(72.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, word));
    let painter = ui.painter();
    let inner = rect.shrink(2.0);
    let step = inner.width() / 24.0;
    for at in 0..24_u8 {
        let [r, g, b] = ramp.at(f32::from(at) / 23.0);
        let left = inner.left() + f32::from(at) * step;
        painter.rect_filled(
            Rect::from_min_max(pos2(left, inner.top()), pos2(left + step + 0.5, inner.bottom())),
            0.0,
            Color32::from_rgb(r, g, b),
        );
    }
    let line = if chosen || response.hovered() { cx.palette.accent } else { cx.palette.line };
    let width = if chosen { 2.0 } else { 1.0 };
    painter.rect_stroke(rect, 4.0, Stroke::new(width, line), eframe::egui::StrokeKind::Inside);
    response
}

fn stretch(ui: &mut Ui, cx: &Cx<'_>, project: &Project, present: Composite, commands: &mut Vec<Command>) {
    let before = &project.look.stretch;
    let mut now = before.clone();
    let levels = project.exposure.levels();
    widgets::heading(ui, cx, &cx.word("gui.picture.stretch"));
    if !matches!(present, Composite::Index(_)) {
        rules(ui, cx, &mut now, levels);
        figures(ui, cx, &mut now);
    }
    gamma(ui, cx, &mut now, present);
    ui.add_space(4.0);
    for (at, level) in levels.iter().enumerate() {
        let colour = if present.is_colour() { BANDS[at.min(2)] } else { cx.palette.weak };
        histogram(ui, cx, level, colour, &mut now);
    }
    if !matches!(present, Composite::Index(_)) {
        sources(ui, cx, &mut now);
    }
    if now != *before {
        commands.push(Command::Look(LookWish::Stretch(now)));
    }
}

fn rules(ui: &mut Ui, cx: &Cx<'_>, now: &mut Stretch, levels: &[BandLevels]) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        let is = |rule: Rule| std::mem::discriminant(&rule);
        let offers = [
            (Rule::Percentile { low: 2.0, high: 98.0 }, cx.word("gui.picture.percentile")),
            (Rule::Sigma(2.0), cx.word("gui.picture.sigma")),
            (Rule::MinMax, cx.word("gui.picture.min_max")),
            (Rule::Manual, cx.word("gui.picture.manual")),
        ];
        for (rule, word) in offers {
            let chosen = is(now.rule) == is(rule);
            if widgets::choice(ui, cx, chosen, &word).clicked() && !chosen {
                now.rule = rule;
                if rule == Rule::Manual {
                    // What was reckoned is where the hand begins.
                    now.manual.extend(levels.iter().map(|level| (level.role, level.bounds)));
                }
            }
        }
    });
}

/// The figures of the rule.
fn figures(ui: &mut Ui, cx: &Cx<'_>, now: &mut Stretch) {
    match &mut now.rule {
        Rule::Percentile { low, high } => {
            ui.horizontal(|ui| {
                let percent = |value| DragValue::new(value).speed(0.1).suffix(" %").max_decimals(1);
                named(&ui.add(percent(low).range(0.0..=49.0)), &cx.word("gui.picture.darkest"));
                ui.label("–");
                named(&ui.add(percent(high).range(51.0..=100.0)), &cx.word("gui.picture.brightest"));
            });
        }
        Rule::Sigma(n) => {
            ui.horizontal(|ui| {
                let label = ui.label(cx.word("gui.picture.deviations"));
                ui.add(DragValue::new(n).speed(0.05).range(0.5..=5.0).max_decimals(2)).labelled_by(label.id);
            });
        }
        Rule::MinMax | Rule::Manual => {}
    }
}

fn named(response: &Response, label: &str) {
    response.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, label));
}

fn gamma(ui: &mut Ui, cx: &Cx<'_>, now: &mut Stretch, present: Composite) {
    ui.horizontal(|ui| {
        let natural = if present.is_colour() { COLOUR_GAMMA } else { 1.0 };
        let mut value = now.gamma.unwrap_or(natural);
        ui.label(cx.word("gui.picture.gamma")).on_hover_text(cx.word("gui.picture.gamma_hint"));
        ui.spacing_mut().slider_width = 130.0;
        let slider = ui.add(Slider::new(&mut value, 0.3..=4.0).logarithmic(true).max_decimals(2));
        let label = cx.word("gui.picture.gamma");
        slider.widget_info(|| WidgetInfo::slider(true, f64::from(value), &label));
        if slider.changed() {
            now.gamma = Some(value);
        }
        if now.gamma.is_some() && ui.button(cx.word("gui.picture.gamma_natural")).clicked() {
            now.gamma = None;
        }
    });
}

/// How often which values occur, with the bounds as lines that can be dragged.
fn histogram(ui: &mut Ui, cx: &Cx<'_>, level: &BandLevels, colour: Color32, now: &mut Stretch) {
    let (from, to) = (level.histogram.from, level.histogram.to);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), TALL), Sense::click_and_drag());
    let label = cx.with("gui.picture.histogram", "band", &band(cx, level.role));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, cx.palette.card);
    let width = rect.width() / level.histogram.bars.len() as f32;
    for (at, bar) in level.histogram.bars.iter().enumerate() {
        let left = rect.left() + at as f32 * width;
        // The root lets the rare values be seen beside the frequent ones.
        let top = rect.bottom() - bar.sqrt() * (TALL - 4.0);
        painter.rect_filled(
            Rect::from_min_max(pos2(left, top), pos2(left + width, rect.bottom())),
            0.0,
            colour.gamma_multiply(0.75),
        );
    }
    let place = |value: f32| rect.left() + (value - from) / (to - from) * rect.width();
    let (low, high) = level.bounds;
    for value in [low, high] {
        painter.vline(place(value), rect.y_range(), Stroke::new(1.6, cx.palette.strong));
    }
    if let Some(point) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
        let value = from + (point.x - rect.left()) / rect.width() * (to - from);
        let nearer_low = (value - low).abs() < (value - high).abs();
        let bounds = if nearer_low { (value.min(high), high) } else { (low, value.max(low)) };
        now.rule = Rule::Manual;
        now.manual.insert(level.role, bounds);
    }
    response.on_hover_text(cx.word("gui.picture.histogram_hint"));
    ui.horizontal(|ui| {
        ui.label(RichText::new(band(cx, level.role)).size(12.0).color(cx.palette.weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| bounds_fields(ui, cx, level, now));
    });
}

fn bounds_fields(ui: &mut Ui, cx: &Cx<'_>, level: &BandLevels, now: &mut Stretch) {
    let (mut low, mut high) = level.bounds;
    let speed = f64::from((level.histogram.to - level.histogram.from) / 400.0).max(1e-6);
    let decimals = if level.histogram.to - level.histogram.from > 20.0 { 0 } else { 4 };
    let field = |value| DragValue::new(value).speed(speed).max_decimals(decimals);
    let high_field = ui.add(field(&mut high));
    ui.label("–");
    let low_field = ui.add(field(&mut low));
    let changed = low_field.changed() || high_field.changed();
    named(&high_field, &cx.word("gui.picture.brightest"));
    named(&low_field, &cx.word("gui.picture.darkest"));
    if changed {
        now.rule = Rule::Manual;
        now.manual.insert(level.role, (low.min(high), high.max(low)));
    }
}

/// From which scenes, and which part of them.
fn sources(ui: &mut Ui, cx: &Cx<'_>, now: &mut Stretch) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(cx.word("gui.picture.from"));
        for (extent, word) in
            [(Extent::Whole, cx.word("gui.picture.whole")), (Extent::View, cx.word("gui.picture.view"))]
        {
            if widgets::choice(ui, cx, now.extent == extent, &word).clicked() {
                now.extent = extent;
            }
        }
    });
    ui.add(Checkbox::new(&mut now.joint, cx.word("gui.picture.joint")))
        .on_hover_text(cx.word("gui.picture.joint_hint"));
}

/// What is said of scenes without overviews, and the remedy.
fn overviews(ui: &mut Ui, cx: &Cx<'_>, project: &Project, commands: &mut Vec<Command>) {
    let count = project.exposure.without_overviews().count();
    let building = cx.session.jobs.is_doing(Task::Overviews);
    if count == 0 && !building {
        return;
    }
    ui.separator();
    ui.label(RichText::new(cx.with("gui.picture.no_overviews", "count", &count)).size(12.0).color(cx.palette.weak));
    if building {
        ui.label(RichText::new(cx.word("gui.picture.building")).size(12.0));
    } else if ui.button(cx.word("gui.picture.build")).on_hover_text(cx.word("gui.picture.build_hint")).clicked() {
        commands.push(Command::BuildOverviews);
    }
}

fn memory(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(RichText::new(cx.word("gui.picture.memory")).size(12.0).color(cx.palette.weak));
        let now = cx.session.preferences.map_memory_mb;
        let combo = ComboBox::from_id_salt("map_memory").width(84.0).selected_text(format!("{now} MB"));
        let shown = combo.show_ui(ui, |ui| {
            for offered in MEMORY {
                if ui.selectable_label(offered == now, format!("{offered} MB")).clicked() {
                    commands.push(Command::MapMemory(offered));
                }
            }
        });
        let label = format!("{}: {now} MB", cx.word("gui.picture.memory"));
        shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
    });
}
