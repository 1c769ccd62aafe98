//! The dialog of the map as a picture: size, resolution, title, author, what is on it, and where it goes.

use std::path::PathBuf;

use eframe::egui::{
    Checkbox, ComboBox, Context, DragValue, Frame, Grid, Id, Label, Margin, Modal, RichText, Role, TextEdit, Ui,
    WidgetInfo,
};

use super::Forms;
use crate::gui::cx::Cx;
use crate::gui::session::sheet::{Order, SheetCommand, SheetDialog};
use crate::gui::session::{Command, Project};
use crate::gui::widgets;
use crate::report::sheet::Paper;

/// Width of the dialog.
const WIDTH: f32 = 520.0;

/// Paper sizes by name, in millimetres.
const SIZES: [(&str, f64, f64); 5] = [
    ("A4 →", 297.0, 210.0),
    ("A4 ↓", 210.0, 297.0),
    ("A3 →", 420.0, 297.0),
    ("A3 ↓", 297.0, 420.0),
    ("16 : 9", 338.7, 190.5),
];

/// What is typed into the dialog.
#[derive(Debug, Clone)]
pub struct SheetForm {
    path: String,
    title: String,
    author: String,
    width_mm: f64,
    height_mm: f64,
    dpi: f64,
    both: bool,
    names: bool,
    legend: bool,
    /// The project that the texts were filled in for.
    of: Option<PathBuf>,
    /// The file that the system's dialog gave last.
    picked: Option<PathBuf>,
}

impl Default for SheetForm {
    fn default() -> Self {
        let (path, title, author) = Default::default();
        let (_, width_mm, height_mm) = SIZES[0];
        let (of, picked) = (None, None);
        Self {
            path,
            title,
            author,
            width_mm,
            height_mm,
            dpi: 200.0,
            both: false,
            names: true,
            legend: true,
            of,
            picked,
        }
    }
}

impl SheetForm {
    /// Fills in what a project suggests, once.
    fn suggest(&mut self, project: &Project, dialog: &SheetDialog) {
        if self.of.as_ref() != Some(&project.plan.file) {
            self.of = Some(project.plan.file.clone());
            self.title.clone_from(&project.plan.name);
            let folder = project.plan.file.parent().map(PathBuf::from).unwrap_or_default();
            self.path = folder.join("map.png").display().to_string();
            self.both = project.shows_two_years();
        }
        if let Some(picked) = dialog.picked.as_ref().filter(|picked| self.picked.as_ref() != Some(picked)) {
            self.path = picked.display().to_string();
            self.picked = Some(picked.clone());
        }
    }

    fn paper(&self) -> Paper {
        Paper::of_mm(self.width_mm, self.height_mm, self.dpi)
    }

    fn order(&self) -> Order {
        Order {
            out: PathBuf::from(self.path.trim()),
            paper: self.paper(),
            title: self.title.clone(),
            author: self.author.clone(),
            both: self.both,
            names: self.names,
            legend: self.legend,
        }
    }
}

/// Draws the dialog where it is open.
pub fn show(ctx: &Context, cx: &Cx<'_>, forms: &mut Forms, commands: &mut Vec<Command>) {
    let (Some(project), Some(dialog)) = (cx.project(), &cx.session.sheet) else { return };
    let form = &mut forms.sheet;
    form.suggest(project, dialog);
    let frame = Frame::window(&ctx.global_style()).inner_margin(Margin::same(20));
    let modal = Modal::new(Id::unique("sheet")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH);
        ui.label(RichText::new(cx.word("gui.sheet.title")).size(18.0).color(cx.palette.strong));
        let text = RichText::new(cx.word("gui.sheet.about")).size(12.0).color(cx.palette.weak);
        ui.add(Label::new(text).wrap());
        ui.add_space(8.0);
        fields(ui, cx, form, commands);
        ui.add_space(10.0);
        buttons(ui, cx, form, commands);
    });
    if modal.should_close() {
        commands.push(Command::Sheet(SheetCommand::Open(false)));
    }
}

fn fields(ui: &mut Ui, cx: &Cx<'_>, form: &mut SheetForm, commands: &mut Vec<Command>) {
    Grid::new("sheet").num_columns(2).spacing([14.0, 8.0]).show(ui, |ui| {
        let text = |ui: &mut Ui, word: String, text: &mut String| {
            let label = ui.label(word);
            ui.add(TextEdit::singleline(text).desired_width(380.0)).labelled_by(label.id);
            ui.end_row();
        };
        text(ui, cx.word("gui.sheet.heading"), &mut form.title);
        text(ui, cx.word("gui.sheet.author"), &mut form.author);
        ui.label(cx.word("gui.sheet.paper"));
        ui.horizontal(|ui| size(ui, cx, form));
        ui.end_row();
        ui.label(cx.word("gui.sheet.contents"));
        ui.horizontal_wrapped(|ui| {
            ui.add(Checkbox::new(&mut form.both, cx.word("gui.sheet.both")));
            ui.add(Checkbox::new(&mut form.legend, cx.word("gui.sheet.legend")));
            ui.add(Checkbox::new(&mut form.names, cx.word("gui.sheet.names")));
        });
        ui.end_row();
        let label = ui.label(cx.word("gui.sheet.file"));
        ui.horizontal(|ui| {
            ui.add(TextEdit::singleline(&mut form.path).desired_width(290.0)).labelled_by(label.id);
            if ui.button(cx.word("gui.sheet.browse")).clicked() {
                commands.push(Command::Sheet(SheetCommand::Pick));
            }
        });
        ui.end_row();
    });
}

fn size(ui: &mut Ui, cx: &Cx<'_>, form: &mut SheetForm) {
    let same = |a: f64, b: f64| (a - b).abs() < 0.05;
    let named = SIZES.iter().find(|size| same(size.1, form.width_mm) && same(size.2, form.height_mm));
    let text = named.map_or_else(|| cx.word("gui.sheet.own_size"), |size| size.0.to_owned());
    let combo = ComboBox::from_id_salt("paper").width(86.0).selected_text(&text).show_ui(ui, |ui| {
        for (name, width, height) in SIZES {
            if ui.selectable_label(text == name, name).clicked() {
                (form.width_mm, form.height_mm) = (width, height);
            }
        }
    });
    let name = cx.word("gui.sheet.paper");
    combo.response.widget_info(move || WidgetInfo::labeled(Role::ComboBox, true, &name));
    let number = |ui: &mut Ui, value: &mut f64, range: std::ops::RangeInclusive<f64>, unit: &str, name: String| {
        let field = ui.add(DragValue::new(value).range(range).max_decimals(1).suffix(unit));
        let now = *value;
        field.widget_info(move || {
            let mut info = WidgetInfo::labeled(Role::SpinButton, true, &name);
            info.value = Some(now);
            info
        });
    };
    number(ui, &mut form.width_mm, 20.0..=1500.0, " mm", cx.word("gui.sheet.width"));
    ui.label("×");
    number(ui, &mut form.height_mm, 20.0..=1500.0, " mm", cx.word("gui.sheet.height"));
    number(ui, &mut form.dpi, 30.0..=1200.0, " dpi", cx.word("gui.sheet.dpi"));
}

fn buttons(ui: &mut Ui, cx: &Cx<'_>, form: &SheetForm, commands: &mut Vec<Command>) {
    let paper = form.paper();
    let facts: [(&str, &dyn std::fmt::Display); 2] = [("width", &paper.width), ("height", &paper.height)];
    let (word, colour) = if paper.is_possible() {
        (cx.lang.sentence("gui.sheet.pixels", &facts), cx.palette.weak)
    } else {
        (cx.lang.sentence("gui.sheet.impossible", &facts), cx.palette.severity[0])
    };
    ui.label(RichText::new(word).size(12.0).color(colour));
    ui.horizontal(|ui| {
        let ready = paper.is_possible() && !form.path.trim().is_empty();
        ui.add_enabled_ui(ready, |ui| {
            if widgets::primary(ui, cx, &cx.word("gui.sheet.make")).clicked() {
                commands.push(Command::Sheet(SheetCommand::Make(form.order())));
            }
        });
        if ui.button(cx.word("gui.sheet.cancel")).clicked() {
            commands.push(Command::Sheet(SheetCommand::Open(false)));
        }
    });
}
