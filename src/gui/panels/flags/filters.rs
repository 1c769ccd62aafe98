//! The line above the table: search, grouping, columns; and the tests in force, each with a cross.

use eframe::egui::{ComboBox, Popup, PopupCloseBehavior, RichText, Role, TextEdit, Ui, WidgetInfo, vec2};

use super::FlagsForm;
use crate::gui::cx::Cx;
use crate::gui::session::flags::{Column, Filter, FlagBook, Test};
use crate::gui::session::{Command, ExportWish, FlagsWish};
use crate::gui::widgets;

/// Most choices named in a test.
const MOST_NAMED: usize = 3;

/// Draws the line, and the tests below it where there are some.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, form: &mut FlagsForm, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        search(ui, cx, book, commands);
        grouping(ui, cx, book, commands);
        columns(ui, cx, book, commands);
        let mut superseded = book.filter().superseded;
        let tick = ui.checkbox(&mut superseded, cx.word("gui.flags.superseded"));
        if tick.on_hover_text(cx.word("gui.flags.superseded_hint")).changed() {
            let filter = Filter { superseded, ..book.filter().clone() };
            commands.push(Command::Flags(FlagsWish::Filter(filter)));
        }
        if ui.button(cx.word("gui.export.open")).on_hover_text(cx.word("gui.export.open_hint")).clicked() {
            commands.push(Command::Export(ExportWish::Open));
        }
    });
    tests(ui, cx, book, form, commands);
    ui.add_space(2.0);
}

fn search(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let mut text = book.filter().text.clone();
    let counts = format!("{} / {}", book.order().len(), book.records().len());
    let label = ui.label(RichText::new(counts).color(cx.palette.weak)).on_hover_text(cx.word("gui.flags.counts"));
    let hint = cx.word("gui.flags.search");
    let field = TextEdit::singleline(&mut text).hint_text(hint).desired_width(170.0).margin(vec2(8.0, 4.0));
    let response = ui.add(field).labelled_by(label.id);
    if cx.session.searching {
        response.request_focus();
        commands.push(Command::Search(false));
    }
    if response.changed() {
        let filter = Filter { text, ..book.filter().clone() };
        commands.push(Command::Flags(FlagsWish::Filter(filter)));
    }
}

fn grouping(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let mut chosen = book.grouping();
    let name = |by: Option<Column>| by.map_or_else(|| cx.word("gui.flags.no_group"), |by| cx.word(by.key()));
    let text = cx.with("gui.flags.group", "by", &name(chosen));
    let shown = ComboBox::from_id_salt("grouping").width(110.0).height(420.0).selected_text(&text).show_ui(ui, |ui| {
        for by in std::iter::once(None).chain(Column::GROUPING.map(Some)) {
            ui.selectable_value(&mut chosen, by, name(by));
        }
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &text));
    if chosen != book.grouping() {
        commands.push(Command::Flags(FlagsWish::Group(chosen)));
    }
    if !book.groups().is_empty() {
        let open = book.groups().iter().any(|group| !book.is_folded(group));
        let word = cx.word(if open { "gui.flags.fold_all" } else { "gui.flags.open_all" });
        if widgets::quiet(ui, &word).clicked() {
            commands.push(Command::Flags(FlagsWish::FoldAll(open)));
        }
    }
}

fn columns(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, commands: &mut Vec<Command>) {
    let button = ui.button(cx.word("gui.flags.columns"));
    let shown = book.columns();
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(180.0);
        for column in Column::ALL.into_iter().filter(|column| *column != Column::Code) {
            let mut ticked = shown.contains(&column);
            if ui.checkbox(&mut ticked, cx.word(column.key())).changed() {
                commands.push(Command::Flags(FlagsWish::Column(column)));
            }
        }
    });
}

fn tests(ui: &mut Ui, cx: &Cx<'_>, book: &FlagBook, form: &mut FlagsForm, commands: &mut Vec<Command>) {
    let filter = book.filter();
    if filter.is_idle() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        for (column, test) in &filter.tests {
            let text = format!("{}: {}   ×", cx.word(column.key()), told(cx, test));
            let take = widgets::choice(ui, cx, true, &text).on_hover_text(cx.word("gui.flags.take_away"));
            if take.clicked() {
                form.ranges.remove(column);
                commands.push(Command::Flags(FlagsWish::Test(*column, None)));
            }
        }
        if widgets::quiet(ui, &cx.word("gui.flags.clear")).clicked() {
            form.ranges.clear();
            commands.push(Command::Flags(FlagsWish::Filter(Filter::default())));
        }
    });
}

/// A test in words.
fn told(cx: &Cx<'_>, test: &Test) -> String {
    let end = |end: &Option<f64>| end.map_or_else(String::new, |end| end.to_string());
    match test {
        Test::Holds(words) => format!("“{}”", words.trim()),
        Test::Between(from, to) => format!("{} – {}", end(from), end(to)),
        Test::OneOf(choices) => {
            let mut words: Vec<String> =
                choices.iter().take(MOST_NAMED).map(|choice| widgets::shortened(&choice.told(cx.lang), 16)).collect();
            if choices.len() > MOST_NAMED {
                words.push(format!("+{}", choices.len() - MOST_NAMED));
            }
            words.join(", ")
        }
    }
}
