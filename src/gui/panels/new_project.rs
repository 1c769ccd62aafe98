//! A project that is being begun: years at a glance with their gaps, images and layers as guessed, what is still missing.

use eframe::egui::{Button, ComboBox, Grid, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::{Forms, messages, new_project_layers};
use crate::gui::cx::Cx;
use crate::gui::session::Command;
use crate::gui::session::draft::{DraftWish, Drafting, SceneWish};
use crate::gui::widgets;
use crate::model::notice::Weight;
use crate::model::scene::{BandRole, SceneKind};
use crate::project::init::{Basis, DraftScene, Want};

/// Width of the column.
const WIDTH: f32 = 1120.0;

/// Band orders offered, by the number of bands they need.
const ORDERS: [(usize, &str, &[BandRole]); 5] = [
    (3, "RGB", &[BandRole::Red, BandRole::Green, BandRole::Blue]),
    (3, "BGR", &[BandRole::Blue, BandRole::Green, BandRole::Red]),
    (4, "BGRN", &[BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir]),
    (4, "RGBN", &[BandRole::Red, BandRole::Green, BandRole::Blue, BandRole::Nir]),
    (
        6,
        "BGRN S1 S2",
        &[BandRole::Blue, BandRole::Green, BandRole::Red, BandRole::Nir, BandRole::Swir1, BandRole::Swir2],
    ),
];

/// Draws the page.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(drafting) = &cx.session.drafting else { return };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let side = ((ui.available_width() - WIDTH) / 2.0).max(20.0);
        ui.add_space(18.0);
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width((ui.available_width() - side).min(WIDTH));
                head(ui, cx, drafting, forms, commands);
                years(ui, cx, drafting);
                scenes(ui, cx, drafting, forms, commands);
                new_project_layers::show(ui, cx, drafting, forms, commands);
                wants(ui, cx, drafting);
                finish(ui, cx, drafting, commands);
                notes(ui, cx, drafting);
                ui.add_space(30.0);
            });
        });
    });
}

fn head(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting, forms: &mut Forms, commands: &mut Vec<Command>) {
    ui.label(RichText::new(cx.word("gui.draft.title")).size(22.0).color(cx.palette.strong));
    ui.label(RichText::new(cx.word("gui.draft.hint")).color(cx.palette.weak));
    let folder = drafting.draft.folder.display().to_string();
    ui.label(RichText::new(cx.with("gui.draft.folder", "path", &folder)).size(12.0).color(cx.palette.weak));
    ui.add_space(8.0);
    let name = typed(ui, cx, forms, ("name", &cx.word("gui.draft.name")), &drafting.draft.name, 320.0);
    commands.extend(name.map(|name| Command::Draft(DraftWish::Name(name))));
    let target = drafting.target.display().to_string();
    let target = typed(ui, cx, forms, ("target", &cx.word("gui.draft.target")), &target, 640.0);
    commands.extend(target.map(|path| Command::Draft(DraftWish::Target(path.into()))));
    ui.add_space(10.0);
}

/// A labelled text; what was typed once the field is left.
pub fn typed(
    ui: &mut Ui,
    cx: &Cx<'_>,
    forms: &mut Forms,
    (key, name): (&str, &str),
    now: &str,
    width: f32,
) -> Option<String> {
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).color(cx.palette.weak));
        field(ui, cx, forms, (key, name), now, width)
    })
    .inner
}

/// A text field; what was typed once it is left.
pub fn field(
    ui: &mut Ui,
    cx: &Cx<'_>,
    forms: &mut Forms,
    (key, name): (&str, &str),
    now: &str,
    width: f32,
) -> Option<String> {
    let mut text = forms.draft.get(key).cloned().unwrap_or_else(|| now.to_owned());
    let response = ui.add(TextEdit::singleline(&mut text).desired_width(width).background_color(cx.palette.panel));
    let value = text.clone();
    response.widget_info(|| WidgetInfo::text_edit(true, &value, &value, name));
    if response.changed() {
        forms.draft.insert(key.to_owned(), text.clone());
    }
    let left = response.lost_focus() && forms.draft.remove(key).is_some() && text != now;
    left.then_some(text)
}

/// A choice among words; what was chosen.
pub fn choose<T: Clone + PartialEq>(
    ui: &mut Ui,
    id: &str,
    name: &str,
    now: &str,
    offered: &[(T, String)],
) -> Option<T> {
    let mut chosen = None;
    let shown = ComboBox::from_id_salt(id).width(104.0).selected_text(now).show_ui(ui, |ui| {
        for (value, word) in offered {
            if ui.selectable_label(word == now, word).clicked() {
                chosen = Some(value.clone());
            }
        }
    });
    let label = format!("{name}: {now}");
    shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
    chosen
}

/// Kinds by years; a year without any is a gap.
fn years(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting) {
    let kinds = drafting.draft.years();
    let all: std::collections::BTreeSet<i16> = kinds.values().flat_map(|years| years.keys().copied()).collect();
    if all.is_empty() {
        return;
    }
    widgets::heading(ui, cx, &cx.word("gui.draft.years"));
    widgets::card(ui, cx, |ui| {
        ScrollArea::horizontal().id_salt("years").show(ui, |ui| {
            Grid::new("draft_years").spacing([14.0, 5.0]).show(ui, |ui| {
                ui.label("");
                for year in &all {
                    ui.label(RichText::new(year.to_string()).size(12.0).color(cx.palette.weak));
                }
                ui.end_row();
                for (kind, years) in &kinds {
                    ui.label(cx.word(kind.key()));
                    for year in &all {
                        year_cell(ui, cx, drafting, (*kind, *year), years.get(year));
                    }
                    ui.end_row();
                }
            });
        });
    });
    ui.add_space(10.0);
}

fn year_cell(
    ui: &mut Ui,
    cx: &Cx<'_>,
    drafting: &Drafting,
    (kind, year): (SceneKind, i16),
    scenes: Option<&Vec<usize>>,
) {
    match scenes.map(Vec::as_slice) {
        None => drop(ui.label("")),
        Some([]) => {
            let word = cx.word(kind.key());
            let facts: [(&str, &dyn std::fmt::Display); 2] = [("year", &year), ("kind", &word)];
            let text = RichText::new(cx.word("gui.draft.gap")).color(cx.palette.severity[1]);
            ui.label(text).on_hover_text(cx.lang.sentence("gui.draft.gap_hint", &facts));
        }
        Some(many) => {
            let days = many.iter().filter_map(|at| drafting.draft.scenes[*at].day).map(|day| day.0.text());
            let text = if many.len() == 1 { "●".to_owned() } else { format!("● {}", many.len()) };
            ui.label(RichText::new(text).color(cx.palette.accent)).on_hover_text(days.collect::<Vec<_>>().join("\n"));
        }
    }
}

fn scenes(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting, forms: &mut Forms, commands: &mut Vec<Command>) {
    widgets::heading(ui, cx, &cx.with("gui.draft.scenes", "n", &drafting.draft.scenes.len()));
    widgets::card(ui, cx, |ui| {
        Grid::new("draft_scenes").num_columns(7).spacing([12.0, 7.0]).show(ui, |ui| {
            for key in ["use", "date", "kind", "sensor", "bands", "crs", "file"] {
                ui.label(RichText::new(cx.word(&format!("gui.draft.{key}"))).size(12.0).color(cx.palette.weak));
            }
            ui.end_row();
            for (number, scene) in drafting.draft.scenes.iter().enumerate() {
                let mut wishes = Vec::new();
                row(ui, cx, (number, scene), forms, &mut wishes);
                let twin = drafting.draft.twin(number);
                if let Some(twin) = twin.filter(|_| ui.button(cx.word("gui.draft.join")).clicked()) {
                    commands.push(Command::Draft(DraftWish::Scene(twin, SceneWish::Join(number))));
                }
                ui.end_row();
                commands.extend(wishes.into_iter().map(|wish| Command::Draft(DraftWish::Scene(number, wish))));
            }
        });
    });
    ui.add_space(10.0);
}

fn row(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (number, scene): (usize, &DraftScene),
    forms: &mut Forms,
    wishes: &mut Vec<SceneWish>,
) {
    let file = file_name(scene);
    let mut included = scene.included;
    let check = ui.checkbox(&mut included, "");
    check.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, included, &file));
    if check.changed() {
        wishes.push(SceneWish::Include(included));
    }
    ui.vertical(|ui| {
        // The head of the column is narrower than a day.
        ui.set_min_width(108.0);
        let day = scene.day.map(|day| day.0.text()).unwrap_or_default();
        let name = format!("{} {file}", cx.word("gui.draft.date"));
        wishes.extend(field(ui, cx, forms, (&format!("day{number}"), &name), &day, 92.0).map(SceneWish::Day));
        basis(ui, cx, scene.day.map(|day| day.1));
    });
    ui.vertical(|ui| {
        let kinds = [SceneKind::Satellite, SceneKind::Drone, SceneKind::Surface, SceneKind::Landcover]
            .map(|kind| (kind, cx.word(kind.key())));
        let now = cx.word(scene.kind.0.key());
        wishes.extend(
            choose(ui, &format!("kind{number}"), &cx.word("gui.draft.kind"), &now, &kinds).map(SceneWish::Kind),
        );
        basis(ui, cx, Some(scene.kind.1));
    });
    ui.vertical(|ui| sensor(ui, cx, (number, scene), wishes));
    ui.vertical(|ui| bands(ui, cx, (number, scene), wishes));
    if scene.needs_crs {
        let name = format!("{} {file}", cx.word("gui.draft.crs"));
        let now = scene.crs.clone().unwrap_or_default();
        let crs = field(ui, cx, forms, (&format!("crs{number}"), &name), &now, 92.0);
        wishes.extend(crs.map(|crs| SceneWish::Crs(Some(crs))));
    } else {
        ui.label(RichText::new("✓").color(cx.palette.accent));
    }
    let paths: Vec<String> = scene.paths.iter().map(|path| path.display().to_string()).collect();
    ui.label(RichText::new(file).color(cx.palette.text)).on_hover_text(paths.join("\n"));
}

fn sensor(ui: &mut Ui, cx: &Cx<'_>, (number, scene): (usize, &DraftScene), wishes: &mut Vec<SceneWish>) {
    if !scene.kind.0.is_image() {
        ui.label("–");
        return;
    }
    let none = cx.word("gui.draft.sensor_none");
    let now = scene.sensor.as_ref().map_or_else(|| none.clone(), |sensor| sensor.0.clone());
    let mut offered = vec![(None, none)];
    let known = cx.session.drafting.iter().flat_map(|drafting| &drafting.draft.sensors);
    offered.extend(known.map(|name| (Some(name.clone()), name.clone())));
    let chosen = choose(ui, &format!("sensor{number}"), &cx.word("gui.draft.sensor"), &now, &offered);
    wishes.extend(chosen.map(SceneWish::Sensor));
    basis(ui, cx, scene.sensor.as_ref().map(|sensor| sensor.1));
}

fn bands(ui: &mut Ui, cx: &Cx<'_>, (number, scene): (usize, &DraftScene), wishes: &mut Vec<SceneWish>) {
    if !scene.kind.0.is_image() {
        ui.label("–");
        return;
    }
    let own = cx.with("gui.draft.bands_auto", "n", &scene.band_count);
    let letter = |role: &BandRole| match role {
        BandRole::Swir1 => "S1".to_owned(),
        BandRole::Swir2 => "S2".to_owned(),
        other => other.word().chars().take(1).collect::<String>().to_uppercase(),
    };
    let now = scene.bands.as_ref().map_or_else(
        || own.clone(),
        |(bands, _)| {
            let mut sorted = bands.clone();
            sorted.sort_by_key(|band| band.1);
            sorted.iter().map(|(role, _)| letter(role)).collect::<String>()
        },
    );
    let mut offered = vec![(None, own)];
    for (_, name, roles) in ORDERS.iter().filter(|(count, ..)| *count <= scene.band_count) {
        let bands: Vec<(BandRole, usize)> = roles.iter().copied().zip(1..).collect();
        offered.push((Some(bands), (*name).replace(' ', "")));
    }
    let chosen = choose(ui, &format!("bands{number}"), &cx.word("gui.draft.bands"), &now, &offered);
    wishes.extend(chosen.map(SceneWish::Bands));
    basis(ui, cx, scene.bands.as_ref().map(|bands| bands.1));
}

/// Where a guess came from, in small words; a bare guess stands out.
pub fn basis(ui: &mut Ui, cx: &Cx<'_>, basis: Option<Basis>) {
    let Some(basis) = basis else { return };
    let colour = if basis == Basis::Count { cx.palette.severity[1] } else { cx.palette.weak };
    ui.label(RichText::new(cx.word(&format!("basis.{}", basis.word()))).size(11.0).color(colour));
}

fn file_name(scene: &DraftScene) -> String {
    let name = scene.paths[0].file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if scene.paths.len() > 1 { format!("{name} (+{})", scene.paths.len() - 1) } else { name }
}

fn wants(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting) {
    let draft = &drafting.draft;
    widgets::heading(ui, cx, &cx.word("gui.draft.wants"));
    widgets::card(ui, cx, |ui| {
        let scene = |at: usize| file_name(&draft.scenes[at]);
        let layer = |at: usize| draft.layers[at].path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wants = draft.wants();
        if wants.is_empty() {
            ui.label(RichText::new(cx.word("gui.draft.wants_none")).color(cx.palette.accent));
        }
        for want in wants {
            let text = match want {
                Want::Day(at) => cx.with("gui.draft.want_day", "file", &scene(at)),
                Want::SceneCrs(at) => cx.with("gui.draft.want_crs", "file", &scene(at)),
                Want::LayerCrs(at) => cx.with("gui.draft.want_crs", "file", &layer(at)),
                Want::SameDay(one, other) => {
                    cx.lang.sentence("gui.draft.want_same", &[("file", &scene(one)), ("other", &scene(other))])
                }
                Want::SecondDay => cx.word("gui.draft.want_second"),
                Want::Zones => cx.word("gui.draft.want_zones"),
            };
            ui.label(RichText::new(format!("• {text}")).color(cx.palette.severity[1]));
        }
    });
    ui.add_space(12.0);
}

fn finish(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting, commands: &mut Vec<Command>) {
    let whole = drafting.draft.wants().is_empty();
    ui.horizontal(|ui| {
        if widgets::primary(ui, cx, &cx.word("gui.draft.create"))
            .on_hover_text(cx.word("gui.draft.create_hint"))
            .clicked()
        {
            commands.push(Command::Draft(DraftWish::Create));
        }
        let look = Button::new(cx.word("gui.draft.look"));
        if ui.add_enabled(whole, look).on_hover_text(cx.word("gui.draft.look_hint")).clicked() {
            commands.push(Command::Draft(DraftWish::LookOnly));
        }
        if widgets::quiet(ui, &cx.word("gui.draft.give_up")).clicked() {
            commands.push(Command::Draft(DraftWish::GiveUp));
        }
    });
    ui.add_space(12.0);
}

fn notes(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting) {
    let (grave, notes): (Vec<_>, Vec<_>) =
        drafting.draft.notices.iter().partition(|notice| notice.weight >= Weight::Warning);
    for notice in grave.into_iter().take(40) {
        widgets::card(ui, cx, |ui| messages::told(ui, cx, notice));
        ui.add_space(4.0);
    }
    if !notes.is_empty() {
        eframe::egui::CollapsingHeader::new(cx.with("gui.draft.passed", "n", &notes.len())).show(ui, |ui| {
            for notice in notes.into_iter().take(80) {
                messages::told(ui, cx, notice);
            }
        });
    }
}
