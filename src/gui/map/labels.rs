//! Names of zones and flags on the map.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, pos2, vec2};

use super::shapes::{Ready, Set};
use super::vectors::Drawing;
use crate::gui::theme;

/// Flags are named when they are at least this wide or high on the screen.
const NAMED_FROM: f32 = 26.0;

/// Most names on one map.
const MOST_NAMES: usize = 60;

impl Drawing<'_> {
    /// Names that do not meet: the selected flag, then zones by size, then flags in their order.
    pub(super) fn names(&self, painter: &Painter) {
        // The dates stand along the upper edge.
        let seen = painter.clip_rect();
        let mut taken: Vec<Rect> = vec![seen.with_max_y(seen.top() + 44.0)];
        let book = &self.project.flags;
        let flags = self.shapes.get(Set::Flags).filter(|_| self.project.look.flags);
        let name_flag = |flag: usize, taken: &mut Vec<Rect>| {
            let ready = flags.as_ref().and_then(|flags| flags.get(flag)?.as_ref().filter(|ready| self.sees(ready)));
            if let Some(ready) = ready {
                let top = self.box_of(ready);
                let place =
                    pos2(top.center().x, top.top().min(self.at(ready.inside.x(), ready.inside.y()).y - 6.0) - 3.0);
                let colour = self.palette.severity(book.records()[flag].severity);
                name(painter, taken, (place, Align2::CENTER_BOTTOM), &book.records()[flag].code, colour, 11.5);
            }
        };
        if let Some((flag, _)) = book.selected() {
            name_flag(flag, &mut taken);
        }
        self.zone_names(painter, &mut taken);
        let large = |flag: &usize| {
            let ready = flags.as_ref().and_then(|flags| flags.get(*flag)?.as_ref());
            ready.is_some_and(|ready| self.extent(ready) >= NAMED_FROM)
        };
        for flag in book.order().iter().copied().filter(large) {
            if taken.len() >= MOST_NAMES {
                break;
            }
            name_flag(flag, &mut taken);
        }
    }

    fn zone_names(&self, painter: &Painter, taken: &mut Vec<Rect>) {
        let Some(zones) = self.shapes.get(Set::Zones) else { return };
        let layers = &self.project.look.zones;
        let mut seen: Vec<(usize, &Ready)> = zones
            .iter()
            .enumerate()
            .filter_map(|(zone, ready)| Some((zone, ready.as_ref()?)))
            .filter(|(zone, ready)| {
                let layer = self.project.layer_of_zone.get(*zone).and_then(|layer| layers.get(*layer));
                self.sees(ready) && self.extent(ready) > 40.0 && layer.is_some_and(|layer| layer.shown)
            })
            .collect();
        seen.sort_by(|a, b| self.extent(b.1).total_cmp(&self.extent(a.1)));
        for (zone, ready) in seen.into_iter().take(MOST_NAMES) {
            let colour = theme::zone_colour(self.project.layer_of_zone[zone]);
            let place = self.at(ready.inside.x(), ready.inside.y());
            let own = &self.project.plan.zones[zone].name;
            let text =
                if self.project.is_lacking_now(zone) { format!("{own} · {}", self.lacking) } else { own.clone() };
            name(painter, taken, (place, Align2::CENTER_CENTER), &text, colour, 12.5);
        }
    }
}

/// Writes a name with a dark rim, unless it would meet another.
fn name(painter: &Painter, taken: &mut Vec<Rect>, place: (Pos2, Align2), text: &str, colour: Color32, size: f32) {
    let font = FontId::proportional(size);
    let galley = painter.layout_no_wrap(text.to_owned(), font, Color32::WHITE);
    let rect = place.1.anchor_size(place.0, galley.size());
    let inside = painter.clip_rect().shrink(4.0).contains_rect(rect);
    if !inside || taken.iter().any(|other| other.expand(3.0).intersects(rect)) {
        return;
    }
    taken.push(rect);
    let plate = rect.expand2(vec2(5.0, 1.0));
    painter.rect_filled(plate, 3.0, Color32::from_black_alpha(150));
    painter.rect_filled(Rect::from_min_size(plate.min, vec2(2.5, plate.height())), 1.0, colour);
    painter.galley(rect.min, galley, Color32::WHITE);
}
