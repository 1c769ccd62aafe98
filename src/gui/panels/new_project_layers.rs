//! The zone layers of a project that is being begun: which fields say what, with the names as they will read.

use eframe::egui::{RichText, Role, Ui, WidgetInfo};

use super::Forms;
use super::new_project::{basis, choose, field};
use crate::gui::cx::Cx;
use crate::gui::session::Command;
use crate::gui::session::draft::{DraftWish, Drafting, LayerWish};
use crate::gui::widgets;
use crate::project::init::{Basis, DraftLayer, FIELDS};

/// Encodings offered.
const ENCODINGS: [&str; 3] = ["UTF-8", "GB18030", "Big5"];

/// Draws the layers.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, drafting: &Drafting, forms: &mut Forms, commands: &mut Vec<Command>) {
    let layers = &drafting.draft.layers;
    widgets::heading(ui, cx, &cx.with("gui.draft.layers", "n", &layers.len()));
    if layers.is_empty() {
        widgets::card(ui, cx, |ui| ui.label(cx.word("gui.draft.no_layers")));
    }
    for (number, layer) in layers.iter().enumerate() {
        let mut wishes = Vec::new();
        widgets::card(ui, cx, |ui| {
            head(ui, cx, (number, layer), drafting.reading == Some(number), &mut wishes);
            if layer.included {
                fields(ui, cx, (number, layer), &mut wishes);
                names(ui, cx, layer);
                numbers(ui, cx, (number, layer), forms, &mut wishes);
            }
        });
        ui.add_space(6.0);
        commands.extend(wishes.into_iter().map(|wish| Command::Draft(DraftWish::Layer(number, wish))));
    }
    ui.add_space(10.0);
}

fn head(ui: &mut Ui, cx: &Cx<'_>, (number, layer): (usize, &DraftLayer), reading: bool, wishes: &mut Vec<LayerWish>) {
    ui.horizontal_wrapped(|ui| {
        let file = layer.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = layer.layer.as_ref().map_or_else(|| file.clone(), |layer| format!("{file} · {layer}"));
        let mut included = layer.included;
        let check = ui.checkbox(&mut included, RichText::new(&name).color(cx.palette.strong));
        check.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, included, &name));
        if check.changed() {
            wishes.push(LayerWish::Include(included));
        }
        ui.label(RichText::new(cx.with("gui.draft.polygons", "n", &layer.count)).color(cx.palette.weak));
        ui.add_space(10.0);
        ui.label(RichText::new(cx.word("gui.draft.encoding")).color(cx.palette.weak));
        let auto = cx.with("gui.draft.encoding_auto", "word", &layer.read_as.clone().unwrap_or_else(|| "–".to_owned()));
        let now = layer.encoding.clone().unwrap_or_else(|| auto.clone());
        let mut offered = vec![(None, auto)];
        offered.extend(ENCODINGS.map(|word| (Some(word.to_owned()), word.to_owned())));
        let id = format!("encoding{number}");
        wishes.extend(choose(ui, &id, &cx.word("gui.draft.encoding"), &now, &offered).map(LayerWish::Encoding));
        if reading {
            ui.spinner();
        }
    });
}

fn fields(ui: &mut Ui, cx: &Cx<'_>, (number, layer): (usize, &DraftLayer), wishes: &mut Vec<LayerWish>) {
    let none = cx.word("gui.draft.field_none");
    ui.horizontal_wrapped(|ui| {
        for (key, _) in FIELDS {
            let choice = layer.field(key);
            let word = cx.word(&format!("field.{key}"));
            ui.vertical(|ui| {
                ui.label(RichText::new(&word).size(12.0).color(cx.palette.weak));
                let now = choice.map_or_else(|| none.clone(), |choice| choice.field.clone());
                let mut offered = vec![(None, none.clone())];
                offered.extend(layer.all_fields.iter().map(|field| (Some(field.clone()), field.clone())));
                let chosen = choose(ui, &format!("{key}{number}"), &word, &now, &offered);
                wishes.extend(chosen.map(|field| LayerWish::Field(key, field)));
                if choice.is_some_and(|choice| choice.basis == Basis::Name) {
                    ui.label(RichText::new(cx.word("basis.field")).size(11.0).color(cx.palette.weak));
                } else {
                    basis(ui, cx, choice.map(|choice| choice.basis));
                }
            });
        }
    });
}

/// Five names as they read in the encoding chosen.
fn names(ui: &mut Ui, cx: &Cx<'_>, layer: &DraftLayer) {
    let of = layer.field("name_field").or_else(|| layer.field("id_field"));
    let names = of.and_then(|choice| layer.samples.get(&choice.field)).map(|names| names.join("  ·  "));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(cx.word("gui.draft.names")).size(12.0).color(cx.palette.weak));
        ui.label(RichText::new(names.unwrap_or_else(|| cx.word("gui.draft.names_none"))).color(cx.palette.accent));
    });
}

fn numbers(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (number, layer): (usize, &DraftLayer),
    forms: &mut Forms,
    wishes: &mut Vec<LayerWish>,
) {
    let number_of = |text: String| text.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
    let shown = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    ui.horizontal_wrapped(|ui| {
        let mut text = |ui: &mut Ui, key: &str, now: &str, width: f32| {
            let word = cx.word(&format!("gui.draft.{key}"));
            ui.label(RichText::new(&word).size(12.0).color(cx.palette.weak));
            field(ui, cx, forms, (&format!("{key}{number}"), &word), now, width)
        };
        let kind = layer.kind.clone().unwrap_or_default();
        wishes.extend(text(ui, "layer_kind", &kind, 170.0).map(|kind| LayerWish::Kind(Some(kind))));
        let error = text(ui, "error", &shown(layer.boundary_error_m), 60.0);
        wishes.extend(error.map(|error| LayerWish::BoundaryError(number_of(error))));
        let ring = text(ui, "ring", &shown(layer.ring_m), 60.0);
        wishes.extend(ring.map(|ring| LayerWish::Ring(number_of(ring))));
        if layer.needs_crs {
            let crs = text(ui, "crs", &layer.crs.clone().unwrap_or_default(), 90.0);
            wishes.extend(crs.map(|crs| LayerWish::Crs(Some(crs))));
        }
    });
}
