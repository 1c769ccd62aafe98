//! A card: its light, why, and what is known; data, grid and what is kept.

use eframe::egui::collapsing_header::{CollapsingState, paint_default_icon};
use eframe::egui::{Align2, Button, FontId, Frame, Margin, RichText, Role, Sense, Shape, Stroke, Ui, WidgetInfo, vec2};

use super::super::messages;
use super::settings;
use crate::gui::cx::Cx;
use crate::gui::session::{Command, Project};
use crate::gui::widgets;
use crate::model::flag::FalseChange;
use crate::model::outcome::Shift;
use crate::model::units::Metres;
use crate::pipeline::preview::{Card, DataFacts, GridFacts, KeepFacts, Light, PairFacts, SceneFacts, Why};

/// A card with its light and reasons; what is known folds out.
pub(super) fn card<F>(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (name, title): (&str, &str),
    made: &Card<F>,
    contents: impl FnOnce(&mut Ui),
) {
    ui.add_space(6.0);
    let frame = Frame::NONE.fill(cx.palette.card).corner_radius(8.0).inner_margin(Margin::same(10));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let id = ui.make_persistent_id(("detect", name));
        let mut state = CollapsingState::load_with_default_open(ui.ctx(), id, name == "change");
        ui.horizontal(|ui| {
            light(ui, cx, made.light);
            let title = ui.add(Button::new(RichText::new(title).size(14.5).color(cx.palette.strong)).frame(false));
            let (_, arrow) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            paint_default_icon(ui, state.openness(ui.ctx()), &arrow);
            if title.clicked() {
                state.toggle(ui);
            }
        });
        reasons(ui, cx, made);
        if state.is_open() {
            ui.add_space(4.0);
            contents(ui);
        }
        state.store(ui.ctx());
    });
}

/// Why a card has its light, the gravest first.
fn reasons<F>(ui: &mut Ui, cx: &Cx<'_>, made: &Card<F>) {
    for (number, (of, why)) in made.reasons.iter().enumerate() {
        let text = told(cx, why);
        let colour = if number == 0 { cx.palette.text } else { cx.palette.weak };
        let label = ui.label(RichText::new(text).color(colour));
        if let Why::Told(notice) = why {
            label.on_hover_ui(|ui| messages::told(ui, cx, notice));
        }
        if *of <= Light::Green {
            break;
        }
    }
}

/// A reason in words.
pub(super) fn told(cx: &Cx<'_>, why: &Why) -> String {
    match why {
        Why::Told(notice) => {
            let text = cx.lang.notice(notice);
            format!("{} {}", text.what, text.advice)
        }
        Why::Says(key, facts) => {
            let facts: Vec<(&str, String)> = facts.iter().map(|(name, fact)| (*name, cx.lang.fact(fact))).collect();
            let named: Vec<(&str, &dyn std::fmt::Display)> =
                facts.iter().map(|(name, fact)| (*name, fact as &dyn std::fmt::Display)).collect();
            cx.lang.sentence(key, &named)
        }
    }
}

/// A traffic light that is read without colours too.
fn light(ui: &mut Ui, cx: &Cx<'_>, light: Light) {
    let (colour, sign, word) = match light {
        Light::Off => (cx.palette.weak, "…", cx.word("gui.detect.light.off")),
        Light::Green => (cx.palette.accent, "", cx.word("gui.detect.light.green")),
        Light::Amber => (cx.palette.severity[1], "!", cx.word("gui.detect.light.amber")),
        Light::Red => (cx.palette.severity[0], "×", cx.word("gui.detect.light.red")),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
    let (painter, middle) = (ui.painter(), rect.center());
    painter.circle(middle, 8.5, colour, Stroke::new(2.0, colour.gamma_multiply(0.25)));
    painter.text(middle, Align2::CENTER_CENTER, sign, FontId::proportional(12.5), cx.palette.on_accent);
    if light == Light::Green {
        let tick = [vec2(-3.8, 0.2), vec2(-1.0, 3.0), vec2(4.0, -3.0)].map(|step| middle + step);
        painter.add(Shape::line(tick.to_vec(), Stroke::new(1.8, cx.palette.on_accent)));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &word));
    response.on_hover_text(word);
}

/// The card of the data.
pub(super) fn data(ui: &mut Ui, cx: &Cx<'_>, made: &Card<DataFacts>) {
    card(ui, cx, ("data", &cx.word("gui.detect.data")), made, |ui| {
        let facts = &made.facts;
        if let Some(seen) = facts.seen {
            widgets::fact(ui, cx, &cx.word("gui.detect.seen"), &format!("{:.1} %", seen.percent()));
        }
        if let Some(days) = facts.season_days {
            let limits: [(&str, &dyn std::fmt::Display); 2] =
                [("days", &format!("{days:.0}")), ("most", &format!("{:.0}", facts.most_season_days))];
            widgets::fact(ui, cx, &cx.word("gui.detect.season"), &cx.lang.sentence("gui.detect.season_days", &limits));
        }
        widgets::heading(ui, cx, &cx.with("gui.detect.pairs", "n", &facts.pairs.len()));
        for pair in &facts.pairs {
            self::pair(ui, cx, pair, facts.most_season_days);
        }
        for notice in &facts.missing {
            messages::told(ui, cx, notice);
        }
    });
}

fn pair(ui: &mut Ui, cx: &Cx<'_>, pair: &PairFacts, most_days: f64) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let colour = if pair.shown { cx.palette.accent } else { cx.palette.text };
        ui.label(RichText::new(format!("{} → {}", pair.from, pair.to)).color(colour));
        ui.label(RichText::new(cx.word(pair.kind.key())).color(cx.palette.weak));
        if pair.kind.is_image() && pair.season_days > most_days {
            let days = cx.with("gui.detect.days_apart", "days", &format!("{:.0}", pair.season_days));
            ui.label(RichText::new(days).color(cx.palette.severity[1]));
        }
    });
}

/// The card of grid and alignment.
pub(super) fn grid(
    ui: &mut Ui,
    cx: &Cx<'_>,
    project: &Project,
    made: &Card<Option<GridFacts>>,
    commands: &mut Vec<Command>,
) {
    card(ui, cx, ("grid", &cx.word("gui.detect.grid")), made, |ui| {
        let Some(facts) = &made.facts else { return };
        widgets::fact(ui, cx, &cx.word("gui.detect.crs"), &facts.crs);
        let grid = format!("{} × {} · {}", facts.size.0, facts.size.1, metres(cx, facts.pixel));
        widgets::fact(ui, cx, &cx.word("gui.detect.pixels"), &grid);
        widgets::fact(ui, cx, &cx.word("gui.years.before"), &lattice(cx, &facts.before));
        widgets::fact(ui, cx, &cx.word("gui.years.after"), &lattice(cx, &facts.after));
        if let (Some(shift), Some(residual)) = (facts.shift, facts.residual) {
            widgets::fact(ui, cx, &cx.word("gui.detect.shift"), &moved(cx, shift));
            widgets::fact(ui, cx, &cx.word("gui.detect.residual"), &metres(cx, residual));
        }
        settings::pixel(ui, cx, project, facts.pixel, commands);
    });
}

fn lattice(cx: &Cx<'_>, scene: &SceneFacts) -> String {
    let pixel = scene.pixel.map(|pixel| metres(cx, pixel)).unwrap_or_default();
    let files = if scene.files > 1 { cx.with("gui.detect.files", "n", &scene.files) } else { String::new() };
    format!("{} · {} × {} · {pixel}{files}", scene.date, scene.size.0, scene.size.1)
}

/// The shift with its direction.
fn moved(cx: &Cx<'_>, shift: Shift) -> String {
    let compass = cx.word("gui.detect.compass");
    let turn = shift.north.0.atan2(shift.east.0) / std::f64::consts::FRAC_PI_4;
    let way = compass.split(' ').nth((turn.round() as isize).rem_euclid(8) as usize).unwrap_or_default();
    let key = if shift.corrected { "gui.detect.shift_corrected" } else { "gui.detect.shift_left" };
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("m", &format!("{:.2}", shift.length().0)), ("way", &way), ("tiles", &shift.tiles)];
    cx.lang.sentence(key, &facts)
}

fn metres(cx: &Cx<'_>, length: Metres) -> String {
    let digits = if length.0 >= 10.0 { 1 } else { 2 };
    cx.with("headless.metres", "m", &format!("{:.digits$}", length.0))
}

/// The card of what is kept.
pub(super) fn keep(ui: &mut Ui, cx: &Cx<'_>, project: &Project, made: &Card<KeepFacts>, commands: &mut Vec<Command>) {
    card(ui, cx, ("keep", &cx.word("gui.detect.keep")), made, |ui| {
        let facts = &made.facts;
        settings::least_area(ui, cx, project, facts, commands);
        widgets::heading(ui, cx, &cx.word("gui.detect.smallest"));
        for (class, area) in &facts.smallest {
            let pixels = area.0 / facts.pixel.0.max(f64::MIN_POSITIVE);
            let sizes: [(&str, &dyn std::fmt::Display); 2] =
                [("m2", &format!("{:.0}", area.0)), ("pixels", &format!("{pixels:.0}"))];
            widgets::fact(ui, cx, &cx.word(class.key()), &cx.lang.sentence("gui.detect.area_pixels", &sizes));
        }
        ui.add_space(4.0);
        widgets::heading(ui, cx, &cx.word("gui.detect.tests"));
        for (test, bound) in &facts.tests {
            ui.label(cx.with(bound_key(*test), "bound", &bound_text(*test, *bound)));
        }
        ui.add_space(4.0);
        let rings = facts.rings.map_or_else(
            || cx.word("gui.detect.no_ring"),
            |(narrow, wide, zones)| {
                let span =
                    if narrow == wide { format!("{:.0}", wide.0) } else { format!("{:.0}–{:.0}", narrow.0, wide.0) };
                cx.lang.sentence("gui.detect.rings", &[("m", &span), ("n", &zones)])
            },
        );
        ui.label(RichText::new(rings).color(cx.palette.weak));
    });
}

fn bound_key(test: FalseChange) -> &'static str {
    match test {
        FalseChange::Misfit => "gui.detect.bound.misfit",
        FalseChange::Cloud => "gui.detect.bound.cloud",
        FalseChange::Shadow => "gui.detect.bound.shadow",
        FalseChange::Season => "gui.detect.bound.season",
        FalseChange::Habit => "gui.detect.bound.habit",
        FalseChange::Rotation => "gui.detect.bound.rotation",
        FalseChange::TurnedBack => "gui.detect.bound.turned_back",
        FalseChange::Floating => "gui.detect.bound.floating",
        FalseChange::WaterLine => "gui.detect.bound.water_line",
        FalseChange::NotEnoughData => "gui.detect.bound.not_enough_data",
    }
}

/// Counts and days as they are, shares in percent.
fn bound_text(test: FalseChange, bound: f64) -> String {
    match test {
        FalseChange::Season | FalseChange::Rotation | FalseChange::WaterLine => format!("{bound:.0}"),
        _ => format!("{:.0} %", bound * 100.0),
    }
}
