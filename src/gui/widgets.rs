//! The few widgets that the whole window shares, so that it looks like one.

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{
    Align, Button, Color32, CornerRadius, FontId, Frame, Layout, Margin, Painter, Rect, Response, RichText, Role,
    Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use unicode_width::UnicodeWidthChar;

use super::cx::Cx;

/// The one button of a page that matters most.
pub fn primary(ui: &mut Ui, cx: &Cx<'_>, text: &str) -> Response {
    let label = RichText::new(text).color(cx.palette.on_accent);
    ui.add(Button::new(label).fill(cx.palette.accent).stroke(Stroke::NONE).min_size(vec2(0.0, 30.0)))
}

/// A button that is pressed in while its choice holds.
pub fn choice(ui: &mut Ui, cx: &Cx<'_>, chosen: bool, text: &str) -> Response {
    let colour = if chosen { cx.palette.accent } else { cx.palette.text };
    let fill = if chosen { cx.palette.wash } else { Color32::TRANSPARENT };
    let line = if chosen { cx.palette.accent } else { cx.palette.line };
    let button = Button::new(RichText::new(text).color(colour)).fill(fill).stroke(Stroke::new(1.0, line));
    let response = ui.add(button.corner_radius(CornerRadius::same(6)));
    let text = text.to_owned();
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &text));
    response
}

/// A quiet button without a frame.
pub fn quiet(ui: &mut Ui, text: &str) -> Response {
    ui.add(Button::new(text).frame(false).min_size(Vec2::splat(26.0)))
}

/// The heading of a part of a panel.
pub fn heading(ui: &mut Ui, cx: &Cx<'_>, text: &str) -> Response {
    ui.label(RichText::new(text).size(12.0).color(cx.palette.weak))
}

/// A card on a panel.
pub fn card<R>(ui: &mut Ui, cx: &Cx<'_>, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::NONE.fill(cx.palette.card).corner_radius(8.0).inner_margin(Margin::same(12));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui)
        })
        .inner
}

/// A small coloured plate with a word.
pub fn badge(ui: &mut Ui, text: &str, colour: Color32) {
    let frame = Frame::NONE.fill(colour.gamma_multiply(0.16)).corner_radius(4.0).inner_margin(Margin::symmetric(6, 1));
    frame.show(ui, |ui| ui.label(RichText::new(text).size(12.0).color(colour)));
}

/// A square of a colour, for legends.
pub fn swatch(ui: &mut Ui, colour: Color32, filled: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
    let rect = rect.shrink(1.0);
    ui.painter().rect(
        rect,
        3.0,
        colour.gamma_multiply(filled),
        Stroke::new(1.6, colour),
        eframe::egui::StrokeKind::Inside,
    );
}

/// A name and its value on one line, the value wrapping below itself.
pub fn fact(ui: &mut Ui, cx: &Cx<'_>, name: &str, value: &str) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(96.0, 18.0), Layout::left_to_right(Align::Min), |ui| {
            ui.set_width(96.0);
            ui.label(RichText::new(name).color(cx.palette.weak));
        });
        ui.vertical(|ui| ui.label(RichText::new(value).color(cx.palette.strong)));
    });
}

/// What a page says where there is nothing yet: what, and what to do.
pub fn empty(ui: &mut Ui, cx: &Cx<'_>, what: &str, todo: &str) {
    ui.add_space(18.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(what).size(14.5).color(cx.palette.text));
        ui.label(RichText::new(todo).color(cx.palette.weak));
    });
}

/// Writes one line into a box, cut with an ellipsis where it is too long; tells how wide it became.
pub fn one_line(painter: &Painter, within: Rect, text: &str, size: f32, colour: Color32) -> f32 {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), colour);
    job.wrap = TextWrapping::truncate_at_width(within.width());
    let galley = painter.layout_job(job);
    let width = galley.size().x;
    painter.galley(pos2(within.left(), within.center().y - galley.size().y / 2.0), galley, colour);
    width
}

/// A text of at most so many columns of Latin width, cut in its middle: the ends tell names apart.
pub fn shortened(text: &str, most: usize) -> String {
    let wide = |c: char| UnicodeWidthChar::width(c).unwrap_or(0);
    if text.chars().map(wide).sum::<usize>() <= most {
        return text.to_owned();
    }
    let take = |chars: &mut dyn Iterator<Item = char>, mut room: usize| {
        let fits = |c: &char| {
            let fits = wide(*c) <= room;
            room = room.saturating_sub(wide(*c));
            fits
        };
        chars.take_while(fits).collect::<Vec<char>>()
    };
    let head = take(&mut text.chars(), most * 2 / 3);
    let tail = take(&mut text.chars().rev(), most - most * 2 / 3 - 1);
    head.into_iter().chain(std::iter::once('…')).chain(tail.into_iter().rev()).collect()
}

/// A whole number with grouped thousands.
pub fn grouped(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value < 0.0 && digits != "0" { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_in_their_middle() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(shortened("abcdefghijkl", 9), "abcdef…kl");
        assert_eq!(shortened("瓜洲运河清水通道维护区", 12), "瓜洲运河…区");
    }

    #[test]
    fn thousands_are_grouped() {
        let texts = [0.4, 999.0, 1000.0, -1_234_567.0, f64::NAN].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "−1,234,567", "–"]);
    }
}
