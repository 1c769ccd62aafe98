//! What lies above the threshold in each zone in view, and beside it what was not observed.

use eframe::egui::{Align, Color32, Label, Layout, Rect, Response, RichText, Sense, Ui, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::widgets;
use crate::model::outcome::Tally;
use crate::model::raster::gap;
use crate::model::units::SquareMetres;
use crate::pipeline::preview::{Cut, ScoredView};

/// Most zones listed.
const SHOWN: usize = 12;

/// Draws the list.
pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>) {
    let detect = &cx.session.detect;
    ui.add_space(6.0);
    if detect.is_outside {
        ui.label(RichText::new(cx.word("gui.detect.outside")).color(cx.palette.severity[1]));
    }
    let (Some(view), Some(cut)) = (&detect.view, &detect.cut) else { return };
    list(ui, cx, view, cut);
}

fn list(ui: &mut Ui, cx: &Cx<'_>, view: &ScoredView, cut: &Cut) {
    widgets::heading(ui, cx, &cx.with("gui.detect.in_view", "n", &cut.zones.len()));
    if cut.zones.is_empty() {
        ui.label(RichText::new(cx.word("gui.detect.no_zone")).color(cx.palette.weak));
        return;
    }
    areas(ui, cx, &cx.word("gui.detect.together"), &cut.together, true);
    for of in cut.zones.iter().take(SHOWN) {
        let zone = &view.lesson.subject.plan.zones[of.zone];
        // Grades of a water source bear one name.
        let title = zone.function.iter().chain([&zone.name]).cloned().collect::<Vec<_>>().join(" · ");
        let name = areas(ui, cx, &title, &of.inside, false);
        if of.ring.total().0 > 0.0 {
            let changed = cx.with("gui.detect.in_ring", "area", &area(cx, of.ring.changed));
            let unseen = cx.with("gui.detect.not_observed", "area", &area(cx, of.ring.not_observed));
            name.on_hover_text(format!("{}\n{changed}\n{unseen}", zone.name));
        }
    }
    if cut.zones.len() > SHOWN {
        let more = cx.with("gui.detect.more_zones", "n", &(cut.zones.len() - SHOWN));
        ui.label(RichText::new(more).size(12.0).color(cx.palette.weak));
    }
    let unseen: Vec<String> = view
        .unseen()
        .into_iter()
        .map(|(reason, share)| format!("{} {:.1} %", cx.word(gap_key(reason)), share * 100.0))
        .collect();
    if !unseen.is_empty() {
        let text = cx.with("gui.detect.unseen", "list", &unseen.join(" · "));
        ui.label(RichText::new(text).size(12.0).color(cx.palette.weak));
    }
    let exact = if view.look.coarser == 1 {
        cx.word("gui.detect.exact")
    } else {
        cx.with("gui.detect.coarse", "n", &view.look.coarser)
    };
    ui.label(RichText::new(exact).size(12.0).color(cx.palette.weak));
}

fn gap_key(reason: u8) -> &'static str {
    match reason {
        gap::MASKED => "gui.detect.gap.masked",
        gap::OUTSIDE => "gui.detect.gap.outside",
        gap::DAMAGED => "gui.detect.gap.damaged",
        _ => "gui.detect.gap.nodata",
    }
}

/// A name, its changed area, and a bar of changed, unchanged and not observed; the name's response.
fn areas(ui: &mut Ui, cx: &Cx<'_>, name: &str, tally: &Tally, is_sum: bool) -> Response {
    let colour = if is_sum { cx.palette.strong } else { cx.palette.text };
    let text = |text: String| RichText::new(text).size(12.5).color(colour);
    let line = vec2(ui.available_width(), 18.0);
    let named = ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
        ui.label(text(area(cx, tally.changed)));
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(text(name.to_owned())).truncate()))
            .inner
    });
    bar(ui, cx, tally);
    if tally.not_observed.0 > 0.5 {
        let text = cx.with("gui.detect.not_observed", "area", &area(cx, tally.not_observed));
        ui.label(RichText::new(text).size(11.5).color(cx.palette.weak));
    }
    named.inner
}

/// An area in square metres and mu.
fn area(cx: &Cx<'_>, area: SquareMetres) -> String {
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("m2", &widgets::grouped(area.0)), ("mu", &format!("{:.1}", area.mu()))];
    cx.lang.sentence("gui.unit.area", &facts)
}

fn bar(ui: &mut Ui, cx: &Cx<'_>, tally: &Tally) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    let total = tally.total().0.max(f64::MIN_POSITIVE);
    let part = |from: f64, len: f64| {
        let x = |share: f64| rect.left() + rect.width() * share as f32;
        Rect::from_min_max(pos2(x(from / total), rect.top()), pos2(x((from + len) / total), rect.bottom()))
    };
    ui.painter().rect_filled(rect, 2.0, cx.palette.line);
    let changed = part(0.0, tally.changed.0);
    ui.painter().rect_filled(changed.with_max_x(changed.right().max(changed.left() + 1.0)), 2.0, CHANGED);
    let unseen = part(tally.changed.0 + tally.unchanged.0, tally.not_observed.0);
    ui.painter().rect_filled(unseen, 2.0, cx.palette.weak);
}

/// The colour of a change on the map.
const CHANGED: Color32 = Color32::from_rgb(235, 20, 150);
