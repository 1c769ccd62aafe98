//! The table of flags: only the rows in sight are drawn, so that ten thousand cost what ten cost.

use eframe::egui::{Align, Align2, ComboBox, FontId, Label, Layout, RichText, Sense, TextEdit, Ui, vec2};
use egui_extras::{Column, TableBuilder, TableRow};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Filter, FlagBook, SortBy};
use crate::gui::session::{Command, FlagsWish, Target, ViewWish};
use crate::gui::widgets;
use crate::model::flag::{Line, Place, Severity};
use crate::model::record::FlagRecord;

/// Height of a row.
const ROW: f32 = 26.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let book = &project.flags;
    if book.records().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.none"), &cx.word("gui.flags.none_do"));
        return;
    }
    filters(ui, cx, book, commands);
    if book.order().is_empty() {
        widgets::empty(ui, cx, &cx.word("gui.flags.no_match"), &cx.word("gui.flags.no_match_do"));
        return;
    }
    table(ui, cx, book, forms, commands);
}

fn filters(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let mut filter = book.filter().clone();
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(cx.word("gui.flags.title")).size(14.5).color(cx.palette.strong));
        let counts = format!("{} / {}", book.order().len(), book.records().len());
        ui.label(RichText::new(counts).color(cx.palette.weak));
        ui.add_space(6.0);
        let hint = cx.word("gui.flags.search");
        let field = TextEdit::singleline(&mut filter.text).hint_text(hint).desired_width(150.0).margin(vec2(8.0, 4.0));
        let response = ui.add(field).labelled_by(label.id);
        if cx.session.searching {
            response.request_focus();
            commands.push(Command::Search(false));
        }
        choices(ui, cx, book, &mut filter);
        ui.checkbox(&mut filter.superseded, cx.word("gui.flags.superseded"))
            .on_hover_text(cx.word("gui.flags.superseded_hint"));
        if filter != Filter::default() && ui.button(cx.word("gui.flags.clear")).clicked() {
            filter = Filter::default();
        }
    });
    ui.add_space(2.0);
    if filter != *book.filter() {
        commands.push(Command::Flags(FlagsWish::Filter(filter)));
    }
}

fn choices(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, filter: &mut Filter) {
    let all = cx.word("gui.flags.all");
    let severities = [Severity::High, Severity::Medium, Severity::Low]
        .map(|s| (Some(s), cx.with("gui.layers.severity", "word", &cx.word(s.key()))));
    one_of(ui, &cx.word("gui.flags.severity"), &all, &severities, &mut filter.severity);
    let places = [Place::Inside, Place::Ring].map(|place| (Some(place), cx.word(place.key())));
    one_of(ui, &cx.word("gui.flags.place"), &all, &places, &mut filter.place);
    let lines = [Line::Inside, Line::AtLine, Line::Outside].map(|line| (Some(line), cx.word(line.key())));
    one_of(ui, &cx.word("gui.flags.line"), &all, &lines, &mut filter.line);
    let named = |code: String| (Some(code.clone()), cx.word(&format!("activity.{code}")));
    let suggestions: Vec<_> = book.suggestions().into_iter().map(named).collect();
    one_of(ui, &cx.word("gui.flags.suggestion"), &all, &suggestions, &mut filter.suggestion);
    let years: Vec<(Option<i16>, String)> =
        book.years().into_iter().map(|year| (Some(year), year.to_string())).collect();
    one_of(ui, &cx.word("gui.flags.year"), &all, &years, &mut filter.year);
}

fn one_of<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    all: &str,
    choices: &[(Option<T>, String)],
    chosen: &mut Option<T>,
) {
    let present = choices.iter().find(|choice| choice.0 == *chosen).map(|choice| choice.1.as_str());
    let text = present.filter(|_| chosen.is_some()).map_or_else(|| format!("{name}: {all}"), str::to_owned);
    let shown = ComboBox::from_id_salt(name).width(88.0).selected_text(&text).show_ui(ui, |ui| {
        ui.selectable_value(chosen, None, all);
        for (value, word) in choices {
            ui.selectable_value(chosen, value.clone(), word);
        }
    });
    shown.response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::ComboBox, true, &text));
}

fn table(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, forms: &mut Forms, commands: &mut Vec<Command>) {
    let selected = book.selected().map(|selected| selected.0);
    let row = selected.and_then(|at| book.order().iter().position(|shown| *shown == at));
    let mut table = TableBuilder::new(ui)
        .striped(false)
        .sense(Sense::click())
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(80.0))
        .column(Column::exact(82.0))
        .column(Column::exact(172.0))
        .column(Column::exact(92.0))
        .column(Column::exact(110.0).clip(true))
        .column(Column::exact(124.0).clip(true))
        .column(Column::exact(168.0).clip(true))
        .column(Column::remainder().at_least(60.0).clip(true));
    if row.is_some() && forms.scrolled_to != selected {
        table = table.scroll_to_row(row.unwrap_or(0), None);
    }
    forms.scrolled_to = selected;
    let header = |row: TableRow<'_, '_>| heads(row, cx, book, commands);
    let mut clicked = Vec::new();
    table.header(24.0, header).body(|body| {
        body.rows(ROW, book.order().len(), |mut row| {
            let at = book.order()[row.index()];
            row.set_selected(Some(at) == selected);
            cells(&mut row, cx, &book.records()[at]);
            let response = row.response();
            if response.clicked() {
                clicked.push(Command::Flags(FlagsWish::Select(Some(at))));
            }
            if response.double_clicked() {
                clicked.push(Command::View(ViewWish::Show(Target::Flag(at))));
            }
        });
    });
    commands.extend(clicked);
}

fn heads(mut row: TableRow<'_, '_>, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let columns = [
        (SortBy::Code, cx.word("gui.flags.code")),
        (SortBy::Severity, cx.word("gui.flags.severity")),
        (SortBy::Period, cx.word("gui.flags.period")),
        (SortBy::Area, cx.word("gui.flags.area")),
        (SortBy::Line, cx.word("gui.flags.line")),
        (SortBy::Suggestion, cx.word("gui.flags.suggestion")),
        (SortBy::Change, cx.word("gui.flags.change")),
        (SortBy::Zone, cx.word("gui.flags.zone")),
    ];
    for (column, word) in columns {
        row.col(|ui| {
            let arrow = match book.sort() {
                Some((present, true)) if present == column => "  ▲",
                Some((present, false)) if present == column => "  ▼",
                _ => "",
            };
            let text = RichText::new(format!("{word}{arrow}")).size(12.0).color(cx.palette.weak);
            if ui
                .add(Label::new(text).sense(Sense::click()).selectable(false))
                .on_hover_text(cx.word("gui.flags.sort"))
                .clicked()
            {
                commands.push(Command::Flags(FlagsWish::Sort(column)));
            }
        });
    }
}

fn cells(row: &mut TableRow<'_, '_>, cx: &Cx<'_>, record: &FlagRecord) {
    let text = |ui: &mut Ui, text: &str| {
        ui.add(Label::new(text).truncate().selectable(false));
    };
    row.col(|ui| text(ui, &record.code));
    row.col(|ui| {
        let colour = cx.palette.severity(record.severity);
        let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        ui.painter().circle_filled(dot.center(), 4.5, colour);
        text(ui, &format!("{}  {:.0}", cx.word(record.severity.key()), record.score));
    });
    row.col(|ui| text(ui, &format!("{} → {}", record.from, record.to)));
    row.col(|ui| {
        // Numbers end on one line, so that they compare at a glance.
        let rect = ui.max_rect();
        let place = rect.right_center() - vec2(18.0, 0.0);
        let number = format!("{} m²", widgets::grouped(record.area.0));
        ui.painter().text(place, Align2::RIGHT_CENTER, number, FontId::proportional(13.5), cx.palette.text);
    });
    row.col(|ui| line(ui, cx, record));
    row.col(|ui| {
        let word = |code: &str| cx.word(&format!("activity.{code}"));
        text(ui, &record.suggestion.as_ref().map_or_else(|| "–".to_owned(), |suggestion| word(&suggestion.code)));
    });
    row.col(|ui| text(ui, &format!("{} → {}", cx.word(record.from_class.key()), cx.word(record.to_class.key()))));
    row.col(|ui| {
        let first = record.hits.first().map_or("", |hit| hit.name.as_str());
        let more = if record.hits.len() > 1 { format!("  +{}", record.hits.len() - 1) } else { String::new() };
        let ring =
            if record.place == Place::Ring { format!("  {}", cx.word(Place::Ring.key())) } else { String::new() };
        text(ui, &format!("{first}{more}{ring}"));
    });
}

/// The class at the line and the probability behind it.
fn line(ui: &mut Ui, cx: &Cx<'_>, record: &FlagRecord) {
    let first = record.hits.first();
    let Some((line, p)) = first.and_then(|hit| Some((hit.line?, hit.p_inside?))) else {
        ui.add(Label::new("–").selectable(false));
        return;
    };
    let word = RichText::new(cx.word(line.key())).color(cx.palette.line_class(line));
    ui.add(Label::new(word).selectable(false));
    ui.add(Label::new(RichText::new(format!("P {:.2}", p.0)).color(cx.palette.weak)).selectable(false));
}
