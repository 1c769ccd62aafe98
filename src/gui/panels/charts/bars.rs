//! Lying bars: what they are of, the area by severity, and how much of a zone was not seen.

use std::collections::BTreeSet;

use eframe::egui::{Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::session::flags::{Bar, Choice};
use crate::gui::widgets;
use crate::model::record::FlagRecord;
use crate::model::units::Fraction;

/// Bars shown before the small ones are asked for.
pub const FIRST: usize = 10;

/// Height of a bar with its room.
const ROW: f32 = 24.0;

/// From this share on it is worth a warning that something was not seen: as much as makes a zone lack data.
const MUCH: f64 = 0.1;

/// A chart of lying bars.
pub struct Chart<'a> {
    /// The bars, the largest first.
    pub bars: &'a [Bar],
    /// What the table is filtered by.
    pub chosen: Option<&'a BTreeSet<Choice>>,
    /// The selected flag.
    pub selected: Option<&'a FlagRecord>,
    /// How much was not seen.
    pub unseen: Option<&'a Unseen<'a>>,
}

/// How much of a choice was not seen, where that is known.
pub type Unseen<'a> = dyn Fn(&Choice) -> Option<Fraction> + 'a;

impl Chart<'_> {
    /// Draws it, the small bars too where the `whole` is wanted; gives what was clicked.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>, whole: bool) -> Option<Choice> {
        ui.spacing_mut().item_spacing.y = 0.0;
        let longest = self.bars.iter().map(|bar| bar.area().0).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let shown = if whole { self.bars.len() } else { self.bars.len().min(FIRST) };
        let mut clicked = None;
        if self.unseen.is_some() {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
            let place = Lane::of(rect, true).unseen.right_center();
            let word = cx.word("gui.charts.unseen");
            ui.painter().text(place, Align2::RIGHT_CENTER, word, FontId::proportional(11.0), cx.palette.weak);
        }
        for bar in &self.bars[..shown] {
            if self.bar(ui, cx, bar, longest) {
                clicked = Some(bar.choice.clone());
            }
        }
        clicked
    }

    fn bar(&self, ui: &mut Ui, cx: &Cx<'_>, bar: &Bar, longest: f64) -> bool {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let name = bar.choice.told(cx.lang);
        let unseen = self.unseen.and_then(|unseen| unseen(&bar.choice));
        let mut said = format!("{name}  {}", told(cx, bar));
        if let Some(share) = unseen {
            said += "  ";
            said += &cx.with("gui.charts.unseen_share", "share", &format!("{:.1}", share.percent()));
        }
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, self.is_chosen(bar), &said));
        let lane = Lane::of(rect, self.unseen.is_some());
        let painter = ui.painter();
        if response.hovered() {
            painter.rect_filled(rect, 4.0, cx.palette.wash);
        }
        let faded = if self.chosen.is_some() && !self.is_chosen(bar) { 0.35 } else { 1.0 };
        widgets::one_line(painter, lane.name, &name, 12.5, cx.palette.text.gamma_multiply(faded));
        let mut left = lane.bar.left();
        for (area, colour) in bar.areas.iter().zip(cx.palette.severity) {
            let width = lane.bar.width() * (area.0 / longest) as f32;
            let part = Rect::from_min_size(pos2(left, lane.bar.top()), vec2(width, lane.bar.height()));
            painter.rect_filled(part, 1.0, colour.gamma_multiply(faded));
            left += width;
        }
        if self.selected.is_some_and(|record| bar.choice.is_of(record)) {
            let frame = Rect::from_min_max(lane.bar.min, pos2(left.max(lane.bar.left() + 3.0), lane.bar.bottom()));
            painter.rect_stroke(frame.expand(1.5), 2.0, Stroke::new(1.5, cx.palette.strong), StrokeKind::Outside);
        }
        let weak = cx.palette.weak;
        let font = FontId::proportional(12.0);
        let area = format!("{} m²", widgets::grouped(bar.area().0));
        painter.text(lane.area.right_center(), Align2::RIGHT_CENTER, area, font.clone(), weak);
        if self.unseen.is_some() {
            let text = unseen.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share.percent()));
            let colour = if unseen.is_some_and(|share| share.0 > MUCH) { cx.palette.severity[1] } else { weak };
            painter.text(lane.unseen.right_center(), Align2::RIGHT_CENTER, text, font, colour);
        }
        response.on_hover_text(said).clicked()
    }

    fn is_chosen(&self, bar: &Bar) -> bool {
        self.chosen.is_some_and(|chosen| chosen.contains(&bar.choice))
    }
}

/// The parts of a bar's row.
struct Lane {
    name: Rect,
    bar: Rect,
    area: Rect,
    unseen: Rect,
}

impl Lane {
    fn of(row: Rect, with_unseen: bool) -> Self {
        let (area, unseen) = (86.0, if with_unseen { 52.0 } else { 0.0 });
        let name = (row.width() * 0.36).min(220.0);
        let span = |from: f32, to: f32| Rect::from_min_max(pos2(from, row.top()), pos2(to, row.bottom()));
        let right = row.right() - 4.0;
        let bar = span(row.left() + name + 8.0, (right - area - unseen - 8.0).max(row.left() + name + 20.0));
        Self {
            name: span(row.left() + 4.0, row.left() + name),
            bar: bar.shrink2(vec2(0.0, 5.5)),
            area: span(right - unseen - area, right - unseen),
            unseen: span(right - unseen, right),
        }
    }
}

/// Count and area of a bar in words.
pub fn told(cx: &Cx<'_>, bar: &Bar) -> String {
    let area = bar.area();
    let facts = [widgets::grouped(area.0), format!("{:.1}", area.mu()), bar.flags.to_string()];
    cx.lang.sentence("gui.charts.told", &[("m2", &facts[0]), ("mu", &facts[1]), ("n", &facts[2])])
}
