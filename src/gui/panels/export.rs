//! What is handed on: which flags, in which documents, to which folder. One sheet, laid over the window.

use eframe::egui::{Context, Frame, Id, Modal, RichText, TextEdit, Ui, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::export::{ExportForm, ExportWish, Scope};
use crate::gui::session::{Command, Pick, Project};
use crate::gui::widgets;
use crate::pipeline::export::{ExportOrder, Origin};
use crate::report::Format;

/// Documents in the order of the sheet.
const FORMATS: [(Format, &str); 5] = [
    (Format::Html, "gui.export.html"),
    (Format::Xlsx, "gui.export.xlsx"),
    (Format::Csv, "gui.export.csv"),
    (Format::Gpkg, "gui.export.gpkg"),
    (Format::Geojson, "gui.export.geojson"),
];

/// Draws the sheet.
pub fn show(ctx: &Context, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let (Some(project), Some(order)) = (cx.project(), cx.session.export_outline()) else { return };
    let frame = Frame::window(&ctx.global_style()).inner_margin(24.0);
    let sheet = Modal::new(Id::unique("export")).frame(frame).show(ctx, |ui| {
        ui.set_width(560.0);
        ui.label(RichText::new(cx.word("gui.export.title")).size(18.0).color(cx.palette.strong));
        ui.add_space(8.0);
        let mut form = cx.session.export.form.clone();
        let origin = cx.session.export_origin();
        let runs = order.needs_run(origin);
        scope(ui, cx, project, &mut form, runs);
        ui.add_space(8.0);
        documents(ui, cx, &mut form, origin);
        ui.add_space(8.0);
        place(ui, cx, &mut form, commands);
        ui.add_space(6.0);
        told(ui, cx, &order, origin);
        ui.add_space(10.0);
        end(ui, cx, project, &order, runs, commands);
        if form != cx.session.export.form {
            commands.push(Command::Export(ExportWish::Change(form)));
        }
    });
    if sheet.should_close() {
        commands.push(Command::Overlay(None));
    }
}

fn scope(ui: &mut Ui, cx: &Cx<'_>, project: &Project, form: &mut ExportForm, runs: bool) {
    widgets::heading(ui, cx, &cx.word("gui.export.which"));
    let book = &project.flags;
    ui.horizontal_wrapped(|ui| {
        for (scope, key, count) in [
            (Scope::All, "gui.export.all", None),
            (Scope::Shown, "gui.export.shown", Some(book.order().len())),
            (Scope::Marked, "gui.export.marked", Some(book.marked().len())),
        ] {
            let text = count.map_or_else(|| cx.word(key), |n| cx.with(key, "n", &n));
            let possible = scope == Scope::All || !runs && count.is_some_and(|n| n > 0);
            let chosen = form.scope == scope && (possible || !runs) || runs && scope == Scope::All;
            let choice = ui.add_enabled_ui(possible, |ui| widgets::choice(ui, cx, chosen, &text));
            if choice.inner.clicked() {
                form.scope = scope;
            }
        }
    });
}

fn documents(ui: &mut Ui, cx: &Cx<'_>, form: &mut ExportForm, origin: Origin) {
    widgets::heading(ui, cx, &cx.word("gui.export.what"));
    for (format, key) in FORMATS {
        let mut wanted = form.formats.contains(&format);
        if line(ui, cx, &mut wanted, format.file_name(), key, !origin.gives(format)) {
            if wanted {
                form.formats.insert(format)
            } else {
                form.formats.remove(&format)
            };
        }
    }
    line(ui, cx, &mut form.summary, "summary.json", "gui.export.summary", origin == Origin::Ledger);
    line(ui, cx, &mut form.rasters, "rasters/*.tif", "gui.export.rasters", true);
    line(ui, cx, &mut form.charts, "charts.csv", "gui.export.charts", false);
}

/// One document: its name, what it is, and whether it takes a new run.
fn line(ui: &mut Ui, cx: &Cx<'_>, wanted: &mut bool, name: &str, key: &str, runs: bool) -> bool {
    ui.horizontal(|ui| {
        let changed = ui.checkbox(wanted, name).changed();
        ui.label(RichText::new(cx.word(key)).size(12.0).color(cx.palette.weak));
        if runs {
            widgets::badge(ui, &cx.word("gui.export.by_run"), cx.palette.severity[1]);
        }
        changed
    })
    .inner
}

fn place(ui: &mut Ui, cx: &Cx<'_>, form: &mut ExportForm, commands: &mut Vec<Command>) {
    let label = widgets::heading(ui, cx, &cx.word("gui.export.folder"));
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut form.folder).desired_width(420.0).margin(vec2(8.0, 5.0));
        ui.add(field).labelled_by(label.id);
        if ui.button(cx.word("gui.export.browse")).clicked() {
            commands.push(Command::Pick(Pick::Export));
        }
    });
    ui.checkbox(&mut form.replace, cx.word("gui.export.replace"));
}

/// Where it goes and what it rests on.
fn told(ui: &mut Ui, cx: &Cx<'_>, order: &ExportOrder, origin: Origin) {
    ui.label(RichText::new(order.folder.display().to_string()).size(12.0).color(cx.palette.weak));
    let key = match (order.needs_run(origin), origin) {
        (true, _) => "gui.export.told_run_again",
        (false, Origin::Run) => "gui.export.told_run",
        (false, Origin::Ledger) => "gui.export.told_ledger",
    };
    ui.label(RichText::new(cx.word(key)).size(12.0).color(cx.palette.weak));
}

fn end(ui: &mut Ui, cx: &Cx<'_>, project: &Project, order: &ExportOrder, runs: bool, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let word = cx.word(if runs { "gui.export.run_and_write" } else { "gui.export.write" });
        let some = match cx.session.export.form.scope {
            Scope::All => true,
            Scope::Shown => !project.flags.order().is_empty(),
            Scope::Marked => !project.flags.marked().is_empty(),
        };
        let possible = !order.is_empty() && (runs || some);
        if ui.add_enabled_ui(possible, |ui| widgets::primary(ui, cx, &word)).inner.clicked() {
            commands.push(Command::Export(ExportWish::Start));
        }
        if ui.button(cx.word("gui.export.cancel")).clicked() {
            commands.push(Command::Overlay(None));
        }
    });
}
