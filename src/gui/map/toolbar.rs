//! The palette of tools at the map's right edge, where no view has its date, its signs, and the hint of the tool in hand.

use eframe::egui::{
    Align2, Color32, CornerRadius, FontId, Frame, Margin, Painter, Rect, Role, Sense, Shape, Stroke, Ui, UiBuilder,
    Vec2, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::session::tools::{Tool, Tools, ToolsWish, Values};
use crate::gui::session::{Command, SheetCommand};

/// Side of a button.
const BUTTON: f32 = 32.0;

/// The palette at the map's right edge, and the hint of the tool in hand.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, map: Rect, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let corner = map.right_top() + vec2(-BUTTON - 20.0, 14.0);
    let place = Rect::from_min_size(corner, vec2(BUTTON + 8.0, map.height() - 60.0));
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
        let frame = Frame::NONE.fill(cx.palette.panel).stroke(Stroke::new(1.0, cx.palette.line)).corner_radius(8.0);
        frame.inner_margin(Margin::same(3)).show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(2.0);
            ui.vertical(|ui| buttons(ui, cx, &project.tools, commands));
        });
    });
    let hint = match project.tools.tool {
        Tool::Hand => return,
        Tool::Box => cx.word("gui.tools.box_todo"),
        Tool::Length | Tool::Area => cx.word("gui.tools.measure_todo"),
    };
    let painter = ui.painter_at(map);
    let galley = painter.layout_no_wrap(hint, FontId::proportional(12.5), Color32::WHITE);
    let middle = pos2(map.center().x, map.bottom() - 30.0);
    let rect = Align2::CENTER_CENTER.anchor_size(middle, galley.size() + vec2(18.0, 10.0));
    painter.rect_filled(rect, 5.0, Color32::from_black_alpha(165));
    painter.galley(rect.min + vec2(9.0, 5.0), galley, Color32::WHITE);
}

fn buttons(ui: &mut Ui, cx: &Cx<'_>, tools: &Tools, commands: &mut Vec<Command>) {
    for tool in Tool::ALL {
        let (word, hint) = words(cx, tool);
        if button(ui, cx, &word, &hint, tools.tool == tool, |painter, at, ink| icon(painter, at, tool, ink)) {
            commands.push(Command::Tools(ToolsWish::Take(tool)));
        }
    }
    let line = Rect::from_min_size(ui.cursor().min + vec2(5.0, 1.0), vec2(BUTTON - 10.0, 1.0));
    ui.painter().rect_filled(line, 0.0, cx.palette.line);
    ui.add_space(3.0);
    let (word, hint) = (cx.word("gui.tools.locate"), cx.word("gui.tools.locate_hint"));
    if button(ui, cx, &word, &hint, tools.search.is_some(), locate_icon) {
        commands.push(Command::Tools(ToolsWish::Search(tools.search.is_none())));
    }
    let (word, hint) = (cx.word("gui.tools.values"), cx.word("gui.tools.values_hint"));
    if button(ui, cx, &word, &hint, tools.values != Values::Hidden, values_icon) {
        let next = if tools.values == Values::Hidden { Values::Live } else { Values::Hidden };
        commands.push(Command::Tools(ToolsWish::Values(next)));
    }
    let (word, hint) = (cx.word("gui.tools.picture"), cx.word("gui.tools.picture_hint"));
    if button(ui, cx, &word, &hint, cx.session.sheet.is_some(), picture_icon) {
        commands.push(Command::Sheet(SheetCommand::Open(true)));
    }
}

fn words(cx: &Cx<'_>, tool: Tool) -> (String, String) {
    match tool {
        Tool::Hand => (cx.word("gui.tools.hand"), cx.word("gui.tools.hand_hint")),
        Tool::Box => (cx.word("gui.tools.box"), cx.word("gui.tools.box_hint")),
        Tool::Length => (cx.word("gui.tools.length"), cx.word("gui.tools.length_hint")),
        Tool::Area => (cx.word("gui.tools.area"), cx.word("gui.tools.area_hint")),
    }
}

fn button(
    ui: &mut Ui,
    cx: &Cx<'_>,
    word: &str,
    hint: &str,
    chosen: bool,
    paint: impl FnOnce(&Painter, Rect, Color32),
) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(BUTTON), Sense::click());
    let named = word.to_owned();
    response.widget_info(move || WidgetInfo::selected(Role::Button, true, chosen, &named));
    let lit = chosen || response.hovered() || response.has_focus();
    if lit {
        ui.painter().rect_filled(rect, CornerRadius::same(6), cx.palette.wash);
    }
    let ink = if chosen { cx.palette.accent } else { cx.palette.text };
    paint(ui.painter(), rect, ink);
    response.on_hover_text(format!("{word}\n{hint}")).clicked()
}

/// Draws a line through points given in hundredths of a button.
fn sketch(painter: &Painter, at: Rect, ink: Color32, points: &[(f32, f32)]) {
    let place = |(x, y): &(f32, f32)| at.min + vec2(x / 100.0 * at.width(), y / 100.0 * at.height());
    painter.add(Shape::line(points.iter().map(place).collect(), Stroke::new(1.7, ink)));
}

fn icon(painter: &Painter, at: Rect, tool: Tool, ink: Color32) {
    match tool {
        Tool::Hand => {
            sketch(painter, at, ink, &[(50., 22.), (50., 78.)]);
            sketch(painter, at, ink, &[(22., 50.), (78., 50.)]);
            for (x, y, across) in [(50., 22., true), (50., 78., true), (22., 50., false), (78., 50., false)] {
                let inward = if x + y < 100.0 { 9.0 } else { -9.0 };
                let (a, b) = if across {
                    ((x - 8.0, y + inward), (x + 8.0, y + inward))
                } else {
                    ((x + inward, y - 8.0), (x + inward, y + 8.0))
                };
                sketch(painter, at, ink, &[a, (x, y), b]);
            }
        }
        Tool::Box => {
            sketch(painter, at, ink, &[(22., 24.), (64., 24.), (64., 62.), (22., 62.), (22., 24.)]);
            sketch(painter, at, ink, &[(64., 62.), (80., 78.)]);
        }
        Tool::Length => {
            sketch(painter, at, ink, &[(20., 66.), (66., 20.), (80., 34.), (34., 80.), (20., 66.)]);
            for n in 0_u8..3 {
                let by = f32::from(n) * 11.5 + 9.0;
                sketch(painter, at, ink, &[(20. + by, 66. - by), (27. + by, 73. - by)]);
            }
        }
        Tool::Area => {
            sketch(painter, at, ink, &[(24., 70.), (32., 26.), (74., 34.), (78., 64.), (52., 78.), (24., 70.)]);
            for (x, y) in [(24., 70.), (32., 26.), (74., 34.), (78., 64.), (52., 78.)] {
                painter.circle_filled(at.min + vec2(x / 100.0 * at.width(), y / 100.0 * at.height()), 2.1, ink);
            }
        }
    }
}

fn locate_icon(painter: &Painter, at: Rect, ink: Color32) {
    painter.circle_stroke(at.center(), 7.0, Stroke::new(1.7, ink));
    painter.circle_filled(at.center(), 2.0, ink);
    for (from, to) in
        [((50., 16.), (50., 30.)), ((50., 70.), (50., 84.)), ((16., 50.), (30., 50.)), ((70., 50.), (84., 50.))]
    {
        sketch(painter, at, ink, &[from, to]);
    }
}

fn values_icon(painter: &Painter, at: Rect, ink: Color32) {
    sketch(painter, at, ink, &[(22., 24.), (78., 24.), (78., 76.), (22., 76.), (22., 24.)]);
    for y in [42., 59.] {
        sketch(painter, at, ink, &[(22., y), (78., y)]);
    }
    sketch(painter, at, ink, &[(44., 24.), (44., 76.)]);
}

fn picture_icon(painter: &Painter, at: Rect, ink: Color32) {
    sketch(painter, at, ink, &[(20., 24.), (80., 24.), (80., 76.), (20., 76.), (20., 24.)]);
    sketch(painter, at, ink, &[(22., 70.), (42., 46.), (54., 60.), (64., 50.), (78., 66.)]);
    painter.circle_filled(at.min + vec2(0.64 * at.width(), 0.38 * at.height()), 2.2, ink);
}
