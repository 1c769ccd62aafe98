//! The histogram of the scores, its counts on a logarithmic scale, with a line that the hand can take.

use eframe::egui::{Align2, StrokeKind};
use eframe::egui::{
    Color32, CursorIcon, FontId, Key, Mesh, Painter, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::model::outcome::ScoreHistogram;
use crate::pipeline::preview::{heat_at, place_of, score_at};

/// Height of the bars, of the colour scale below them, and of the numbers below that.
const BARS: f32 = 96.0;
const SCALE: f32 = 6.0;
const NUMBERS: f32 = 16.0;

/// How far an arrow key moves the line, as a share of the scale.
const STEP: f64 = 0.005;

/// Scores that are shown.
pub(super) struct Scores<'s> {
    /// Of the sample that the threshold comes from.
    pub(super) sample: &'s ScoreHistogram,
    /// Of the present view.
    pub(super) view: Option<&'s ScoreHistogram>,
}

/// Where a rule would draw the line.
pub(super) struct Mark {
    pub(super) score: f64,
    pub(super) colour: Color32,
}

/// What the hand does.
pub(super) enum Hand {
    /// It moves the line.
    Moves(f64),
    /// It leaves the line there.
    LetsGo(f64),
}

/// The colour of a rule, by its number.
pub(super) fn colour(cx: &Cx<'_>, number: usize) -> Color32 {
    let of = [
        cx.palette.accent,
        Color32::from_rgb(0x3F, 0x7C, 0xAC),
        Color32::from_rgb(0xC9, 0x7A, 0x12),
        Color32::from_rgb(0xA8, 0x57, 0xB5),
        Color32::from_rgb(0x2E, 0x9E, 0x9A),
        Color32::from_rgb(0x8A, 0x8F, 0x3C),
        Color32::from_rgb(0xB5, 0x5A, 0x6C),
        Color32::from_rgb(0x6B, 0x6F, 0xC9),
    ];
    of[number % of.len()]
}

/// Draws it; says what the hand does with the line.
pub(super) fn show(
    ui: &mut Ui,
    cx: &Cx<'_>,
    scores: &Scores<'_>,
    noise: Option<f64>,
    threshold: Option<f64>,
    marks: &[Mark],
) -> Option<Hand> {
    let size = vec2(ui.available_width(), BARS + SCALE + NUMBERS);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let label = cx.word("gui.detect.line");
    response.widget_info(|| WidgetInfo::slider(true, threshold.unwrap_or_default(), &label));
    let high = scores.sample.high;
    if high.is_nan() || high <= 0.0 {
        return None;
    }
    let plot = Plot { rect: rect.with_max_y(rect.top() + BARS), high };
    draw(ui.painter(), cx, &plot, scores, noise);
    for mark in marks {
        let x = plot.x(mark.score);
        ui.painter().line_segment([pos2(x, rect.top()), pos2(x, rect.top() + 14.0)], Stroke::new(2.5, mark.colour));
    }
    if let Some(threshold) = threshold {
        line(ui.painter(), cx, &plot, threshold);
    }
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    let pointed = response.interact_pointer_pos().map(|point| plot.score(point.x));
    match pointed {
        Some(score) if response.drag_stopped() || response.clicked() => Some(Hand::LetsGo(score)),
        Some(score) if response.dragged() => Some(Hand::Moves(score)),
        _ if response.drag_stopped() => threshold.map(Hand::LetsGo),
        _ if response.has_focus() => by_key(ui, threshold?, high),
        _ => None,
    }
}

/// Arrow keys move the line.
fn by_key(ui: &Ui, threshold: f64, span: f64) -> Option<Hand> {
    let steps = ui.input(|input| {
        f64::from(u8::from(input.key_pressed(Key::ArrowRight))) - f64::from(u8::from(input.key_pressed(Key::ArrowLeft)))
    });
    (steps != 0.0).then(|| Hand::LetsGo((threshold + steps * span * STEP).max(0.0)))
}

/// Scores along a rectangle.
struct Plot {
    rect: Rect,
    high: f64,
}

impl Plot {
    fn x(&self, score: f64) -> f32 {
        self.rect.left() + self.rect.width() * place_of(score, self.high) as f32
    }

    fn score(&self, x: f32) -> f64 {
        let share = f64::from((x - self.rect.left()) / self.rect.width()).clamp(0.0, 1.0);
        score_at(share, self.high)
    }
}

fn draw(painter: &Painter, cx: &Cx<'_>, plot: &Plot, scores: &Scores<'_>, noise: Option<f64>) {
    let rect = plot.rect;
    painter.rect_filled(rect, 4.0, cx.palette.panel);
    if let Some(level) = noise {
        let calm = rect.with_max_x(plot.x(level));
        painter.rect_filled(calm, 4.0, cx.palette.line.gamma_multiply(0.55));
        let place = calm.left_bottom() + vec2(4.0, -4.0);
        let name = cx.word("gui.detect.noise");
        painter.text(place, Align2::LEFT_BOTTOM, name, FontId::proportional(10.5), cx.palette.weak);
    }
    bars(painter, plot, scores.sample, cx.palette.weak.gamma_multiply(0.55));
    if let Some(view) = scores.view {
        outline(painter, plot, view, cx.palette.accent);
    }
    painter.rect_stroke(rect, 4.0, Stroke::new(1.0, cx.palette.line), StrokeKind::Inside);
    scale(painter, Rect::from_min_max(rect.left_bottom(), rect.right_bottom() + vec2(0.0, SCALE)));
    let below = rect.bottom() + SCALE + 2.0;
    let font = FontId::proportional(11.0);
    for (share, align) in [(0.0, Align2::LEFT_TOP), (0.5, Align2::CENTER_TOP), (1.0, Align2::RIGHT_TOP)] {
        let x = rect.left() + rect.width() * share;
        let score = format!("{:.1}", plot.score(x));
        painter.text(pos2(x, below), align, score, font.clone(), cx.palette.weak);
    }
}

/// Height of each bin on a logarithmic scale, 0–1.
fn heights(histogram: &ScoreHistogram) -> impl Iterator<Item = f32> {
    let most = histogram.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    histogram.counts.iter().map(move |count| ((*count as f64).ln_1p() / most.ln_1p()) as f32)
}

/// The score at the left edge of a bin.
fn edge(histogram: &ScoreHistogram, bin: usize) -> f64 {
    histogram.low + (histogram.high - histogram.low) * bin as f64 / histogram.counts.len() as f64
}

fn bars(painter: &Painter, plot: &Plot, histogram: &ScoreHistogram, colour: Color32) {
    let rect = plot.rect;
    let mut mesh = Mesh::default();
    for (bin, height) in heights(histogram).enumerate() {
        let [left, right] = [bin, bin + 1].map(|bin| plot.x(edge(histogram, bin)));
        let top = rect.bottom() - height * (rect.height() - 4.0);
        mesh.add_colored_rect(Rect::from_min_max(pos2(left, top), pos2(right, rect.bottom())), colour);
    }
    painter.add(mesh);
}

fn outline(painter: &Painter, plot: &Plot, histogram: &ScoreHistogram, colour: Color32) {
    let rect = plot.rect;
    let point = |(bin, height): (usize, f32)| {
        let middle = f64::midpoint(edge(histogram, bin), edge(histogram, bin + 1));
        pos2(plot.x(middle), rect.bottom() - height * (rect.height() - 4.0))
    };
    painter.add(Shape::line(heights(histogram).enumerate().map(point).collect(), Stroke::new(1.4, colour)));
}

/// The colours of the scores on the map.
fn scale(painter: &Painter, rect: Rect) {
    const PARTS: usize = 48;
    let mut mesh = Mesh::default();
    for part in 0..PARTS {
        let [from, to] = [part, part + 1].map(|at| rect.left() + rect.width() * at as f32 / PARTS as f32);
        let [r, g, b] = heat_at((part as f32 + 0.5) / PARTS as f32);
        mesh.add_colored_rect(Rect::from_x_y_ranges(from..=to, rect.y_range()), Color32::from_rgb(r, g, b));
    }
    painter.add(mesh);
}

/// The line that the hand takes.
fn line(painter: &Painter, cx: &Cx<'_>, plot: &Plot, threshold: f64) {
    let (x, rect) = (plot.x(threshold), plot.rect);
    painter.vline(x, rect.top()..=rect.bottom() + SCALE, Stroke::new(2.0, cx.palette.severity[0]));
    painter.circle(pos2(x, rect.bottom() + SCALE / 2.0), 6.0, cx.palette.severity[0], Stroke::new(1.5, Color32::WHITE));
    let galley = painter.layout_no_wrap(format!("{threshold:.2}"), FontId::proportional(12.0), cx.palette.on_accent);
    let half = galley.size().x / 2.0 + 5.0;
    let centre = x.clamp(rect.left() + half, rect.right() - half);
    let plate = Rect::from_center_size(pos2(centre, rect.top() + 26.0), galley.size() + vec2(10.0, 4.0));
    painter.rect_filled(plate, 4.0, cx.palette.severity[0]);
    painter.galley(plate.min + vec2(5.0, 2.0), galley, Color32::WHITE);
}
