//! How the patch and its zone looked over the years, as two lines: gaps where too little was seen.

use eframe::egui::{
    Align2, ComboBox, FontId, Painter, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::session::{Command, FlagsWish, Project};
use crate::gui::widgets;
use crate::model::Date;
use crate::model::record::FlagRecord;
use crate::pipeline::profile::{Curve, Measure, Point, Profile};

/// Height of the chart, and of the years below it.
const HEIGHT: f32 = 132.0;
const YEARS: f32 = 18.0;

/// Room for the numbers at the left.
const NUMBERS: f32 = 40.0;

/// Draws the part of the inspector.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, project: &Project, record: &FlagRecord, commands: &mut Vec<Command>) {
    ui.add_space(6.0);
    widgets::heading(ui, cx, &cx.word("gui.curves.title")).on_hover_text(cx.word("gui.curves.hint"));
    let Some(profile) = project.profiles.of(record.uuid) else {
        let reading = project.profiles.is_reading(record.uuid);
        let key = if reading { "gui.curves.reading" } else { "gui.curves.none" };
        ui.label(RichText::new(cx.word(key)).color(cx.palette.weak));
        return;
    };
    let Some(curve) = chosen(project, profile) else {
        ui.label(RichText::new(cx.word("gui.curves.none")).color(cx.palette.weak));
        return;
    };
    widgets::card(ui, cx, |ui| {
        chooser(ui, cx, profile, curve.measure, commands);
        chart(ui, cx, curve, record);
        legend(ui, cx, profile, record);
    });
    for notice in &profile.notices {
        let text = cx.lang.notice(notice);
        ui.label(RichText::new(format!("{} {}", text.what, text.why)).size(12.0).color(cx.palette.severity[1]))
            .on_hover_text(text.advice);
    }
}

/// The curve wished for, else the first.
fn chosen<'p>(project: &Project, profile: &'p Profile) -> Option<&'p Curve> {
    let wished = profile.curves.iter().find(|curve| Some(curve.measure) == project.flags.measure());
    wished.or_else(|| profile.curves.first())
}

fn chooser(ui: &mut Ui, cx: &Cx<'_>, profile: &Profile, shown: Measure, commands: &mut Vec<Command>) {
    let mut chosen = shown;
    let text = word(cx, shown);
    let response =
        ComboBox::from_id_salt("measure").width(180.0).height(320.0).selected_text(&text).show_ui(ui, |ui| {
            for curve in &profile.curves {
                ui.selectable_value(&mut chosen, curve.measure, word(cx, curve.measure));
            }
        });
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &text));
    if chosen != shown {
        commands.push(Command::Flags(FlagsWish::Measure(chosen)));
    }
}

fn word(cx: &Cx<'_>, measure: Measure) -> String {
    match measure {
        Measure::Ndvi => cx.word("gui.bands.ndvi"),
        Measure::Ndwi => cx.word("gui.bands.ndwi"),
        Measure::Band(role) => cx.word(&format!("band.{}", role.word())),
    }
}

/// Where dates and values lie on the screen.
struct Axes {
    plot: Rect,
    dates: (f64, f64),
    values: (f64, f64),
}

impl Axes {
    fn of(rect: Rect, curve: &Curve) -> Option<Self> {
        let values = || curve.points.iter().flat_map(|point| [point.patch, point.zone]).flatten();
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let dates = || curve.points.iter().map(|point| years(point.date));
        let (first, last) = (dates().fold(f64::INFINITY, f64::min), dates().fold(f64::NEG_INFINITY, f64::max));
        if !(low.is_finite() && high.is_finite()) {
            return None;
        }
        let room = ((high - low) * 0.12).max(high.abs().max(low.abs()) * 0.02).max(1e-6);
        let aside = ((last - first) * 0.06).max(0.25);
        let plot = Rect::from_min_max(
            pos2(rect.left() + NUMBERS, rect.top() + 6.0),
            pos2(rect.right() - 6.0, rect.bottom() - YEARS),
        );
        Some(Self { plot, dates: (first - aside, last + aside), values: (low - room, high + room) })
    }

    fn x(&self, date: Date) -> f32 {
        let share = (years(date) - self.dates.0) / (self.dates.1 - self.dates.0);
        self.plot.left() + self.plot.width() * share as f32
    }

    fn y(&self, value: f64) -> f32 {
        let share = (value - self.values.0) / (self.values.1 - self.values.0);
        self.plot.bottom() - self.plot.height() * share as f32
    }
}

/// A date as years and their parts.
fn years(date: Date) -> f64 {
    f64::from(date.year()) + f64::from(date.day_of_year()) / 366.0
}

fn chart(ui: &mut Ui, cx: &Cx<'_>, curve: &Curve, record: &FlagRecord) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT + YEARS), Sense::hover());
    let name = format!("{}  {}", cx.word("gui.curves.title"), word(cx, curve.measure));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let Some(axes) = Axes::of(rect, curve) else {
        let text = cx.word("gui.curves.unseen");
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, FontId::proportional(12.5), cx.palette.weak);
        return;
    };
    let painter = ui.painter();
    frame(painter, cx, &axes, curve, record);
    line(painter, &axes, curve, |point| point.zone, Stroke::new(1.6, cx.palette.weak));
    line(painter, &axes, curve, |point| point.patch, Stroke::new(2.2, cx.palette.accent));
    let Some(hand) = response.hover_pos() else { return };
    let nearest = curve.points.iter().min_by(|a, b| {
        let away = |point: &Point| (axes.x(point.date) - hand.x).abs();
        away(a).total_cmp(&away(b))
    });
    if let Some(point) = nearest {
        painter.vline(axes.x(point.date), axes.plot.y_range(), Stroke::new(1.0, cx.palette.strong));
        response.on_hover_text(told(cx, curve.measure, point));
    }
}

/// Lines of equal value, the years, and the two dates that the flag was found between.
fn frame(painter: &Painter, cx: &Cx<'_>, axes: &Axes, curve: &Curve, record: &FlagRecord) {
    let small = FontId::proportional(11.0);
    let between = Rect::from_x_y_ranges(axes.x(record.from)..=axes.x(record.to), axes.plot.y_range());
    painter.rect_filled(between, 0.0, cx.palette.severity(record.severity).gamma_multiply(0.13));
    for share in [0.0, 0.5, 1.0] {
        let value = axes.values.0 + (axes.values.1 - axes.values.0) * share;
        painter.hline(axes.plot.x_range(), axes.y(value), Stroke::new(1.0, cx.palette.line));
        let place = pos2(axes.plot.left() - 5.0, axes.y(value));
        painter.text(place, Align2::RIGHT_CENTER, number(value, axes.values), small.clone(), cx.palette.weak);
    }
    let mut free_from = f32::NEG_INFINITY;
    for point in &curve.points {
        let (x, bottom) = (axes.x(point.date), axes.plot.bottom());
        painter.vline(x, bottom..=bottom + 3.0, Stroke::new(1.0, cx.palette.weak));
        if point.patch.is_none() {
            // A date on which too little was seen.
            painter.circle_stroke(pos2(x, bottom - 4.0), 3.0, Stroke::new(1.2, cx.palette.weak));
        }
        if x - 16.0 > free_from {
            let text = point.date.year().to_string();
            painter.text(pos2(x, bottom + 4.0), Align2::CENTER_TOP, text, small.clone(), cx.palette.weak);
            free_from = x + 16.0;
        }
    }
}

/// One line, broken where there is no value.
fn line(painter: &Painter, axes: &Axes, curve: &Curve, value: impl Fn(&Point) -> Option<f64>, stroke: Stroke) {
    let mut run: Vec<Pos2> = Vec::new();
    for point in &curve.points {
        match value(point) {
            Some(value) => run.push(pos2(axes.x(point.date), axes.y(value))),
            None => {
                painter.add(Shape::line(std::mem::take(&mut run), stroke));
            }
        }
    }
    painter.add(Shape::line(run, stroke));
    for point in &curve.points {
        if let Some(value) = value(point) {
            painter.circle_filled(pos2(axes.x(point.date), axes.y(value)), stroke.width + 1.2, stroke.color);
        }
    }
}

fn legend(ui: &mut Ui, cx: &Cx<'_>, profile: &Profile, record: &FlagRecord) {
    ui.horizontal_wrapped(|ui| {
        widgets::swatch(ui, cx.palette.accent, 1.0);
        ui.label(RichText::new(cx.word("gui.curves.patch")).size(12.0));
        if let Some(hit) = record.hits.first() {
            widgets::swatch(ui, cx.palette.weak, 1.0);
            let key = if profile.is_sampled { "gui.curves.zone_sampled" } else { "gui.curves.zone" };
            let text = cx.with(key, "zone", &widgets::shortened(&hit.name, 28));
            ui.label(RichText::new(text).size(12.0)).on_hover_text(&hit.name);
        }
    });
}

/// A date with its values.
fn told(cx: &Cx<'_>, measure: Measure, point: &Point) -> String {
    let value = |value: Option<f64>| value.map_or_else(|| cx.word("gui.curves.unseen"), |v| number(v, (v, v)));
    let facts = [point.date.to_string(), word(cx, measure), value(point.patch), value(point.zone)];
    let names = ["date", "measure", "patch", "zone"];
    let facts: Vec<(&str, &dyn std::fmt::Display)> =
        names.into_iter().zip(facts.iter().map(|fact| fact as &dyn std::fmt::Display)).collect();
    cx.lang.sentence("gui.curves.told", &facts)
}

/// A number with as many decimals as tell it apart from its neighbours.
fn number(value: f64, within: (f64, f64)) -> String {
    let span = (within.1 - within.0).abs().max(value.abs() * 0.1);
    if span >= 50.0 {
        widgets::grouped(value)
    } else if span >= 2.0 {
        format!("{value:.1}")
    } else if span >= 0.1 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}
