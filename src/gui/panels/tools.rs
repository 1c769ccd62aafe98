//! The bar over the map: how years are compared, what the present way can be set to, which bands make the picture, how
//! far one sees. It takes the room it is given: words where there are many points, icons where there are fewer, a menu
//! where there are few.

use eframe::egui::{Align, Button, Layout, Response, RichText, Role, Slider, TextStyle, Ui, WidgetInfo, vec2};

use super::{keys, mode_icon};
use crate::gui::cx::Cx;
use crate::gui::session::compare::{BLINK_S, Compare, LENS, Line, Mode};
use crate::gui::session::views::{LEAST, MOST, Shown};
use crate::gui::session::{Command, CompareWish, Target, ViewWish};

/// Room for what a mode can be set to.
const OPTIONS: f32 = 150.0;

/// Bars narrower than this keep the zoom buttons in a menu.
const NARROW: f32 = 560.0;

/// How the modes are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    /// A button each, with its word.
    Words,
    /// A button each; only the present one has its word.
    Icons,
    /// One button that opens a menu, the options beside it.
    Menu,
    /// One button that opens a menu, the options in it.
    MenuWithOptions,
}

impl Offer {
    /// The most generous way that fits, given how wide words and icons are together with the options.
    fn fitting(room: f32, words: f32, icons: f32, menu: f32) -> Self {
        match room {
            room if room >= words + OPTIONS => Self::Words,
            room if room >= icons + OPTIONS => Self::Icons,
            room if room >= menu + OPTIONS => Self::Menu,
            _ => Self::MenuWithOptions,
        }
    }
}

/// Draws the bar.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let Some(project) = cx.project() else { return };
    let narrow = ui.available_width() < NARROW;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if narrow {
            let more = ui.menu_button("…", |ui| zooms(ui, cx, commands)).response;
            let label = cx.word("gui.compare.more");
            more.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        } else {
            zooms(ui, cx, commands);
            ui.add_space(8.0);
        }
        super::picture::show(ui, cx, commands);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| comparison(ui, cx, &project.compare, commands));
    });
}

fn comparison(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, commands: &mut Vec<Command>) {
    let width = |mode: Mode| {
        let font = TextStyle::Button.resolve(ui.style());
        let galley = ui.painter().layout_no_wrap(cx.word(word(mode)), font, cx.palette.text);
        galley.size().x + 4.0
    };
    let bare = mode_icon::SIDE + 2.0 * mode_icon::PADDING + ui.spacing().item_spacing.x;
    let all = Mode::ALL.len() as f32 * bare;
    let words = all + Mode::ALL.into_iter().map(width).sum::<f32>();
    let own = width(compare.mode);
    match Offer::fitting(ui.available_width(), words, all + own, bare + own + 14.0) {
        Offer::Words => modes(ui, cx, compare, true, commands),
        Offer::Icons => modes(ui, cx, compare, false, commands),
        Offer::Menu => menu(ui, cx, compare, false, commands),
        Offer::MenuWithOptions => return menu(ui, cx, compare, true, commands),
    }
    ui.add_space(6.0);
    options(ui, cx, compare, commands);
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Single => "gui.compare.single",
        Mode::Swipe => "gui.compare.swipe",
        Mode::Fade => "gui.compare.fade",
        Mode::Linked => "gui.compare.linked",
        Mode::Blink => "gui.compare.blink",
        Mode::Lens => "gui.compare.lens",
    }
}

/// The name of the act that changes to a mode.
fn act(mode: Mode) -> &'static str {
    match mode {
        Mode::Single => "single",
        Mode::Swipe => "swipe",
        Mode::Fade => "fade",
        Mode::Linked => "linked",
        Mode::Blink => "blink",
        Mode::Lens => "lens",
    }
}

fn hint(mode: Mode) -> &'static str {
    match mode {
        Mode::Single => "gui.compare.single_hint",
        Mode::Swipe => "gui.compare.swipe_hint",
        Mode::Fade => "gui.compare.fade_hint",
        Mode::Linked => "gui.compare.linked_hint",
        Mode::Blink => "gui.compare.blink_hint",
        Mode::Lens => "gui.compare.lens_hint",
    }
}

fn modes(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, words: bool, commands: &mut Vec<Command>) {
    for mode in Mode::ALL {
        let chosen = compare.mode == mode;
        let text = cx.word(word(mode));
        let shown = if words || chosen { text.as_str() } else { "" };
        let button = mode_icon::button(ui, cx, mode, chosen, shown, &text);
        if button.on_hover_text(format!("{}\n{}", keys::hint(&text, act(mode)), cx.word(hint(mode)))).clicked() {
            commands.push(Command::Compare(CompareWish::Mode(mode)));
        }
    }
}

fn menu(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, with_options: bool, commands: &mut Vec<Command>) {
    let text = cx.word(word(compare.mode));
    let button = mode_icon::button(ui, cx, compare.mode, true, &format!("{text} ▼"), &text);
    eframe::egui::Popup::menu(&button).show(|ui| {
        for mode in Mode::ALL {
            let text = cx.word(word(mode));
            let item = mode_icon::button(ui, cx, mode, compare.mode == mode, &text, &text);
            if item.on_hover_text(cx.word(hint(mode))).clicked() {
                commands.push(Command::Compare(CompareWish::Mode(mode)));
            }
        }
        if with_options {
            ui.separator();
            ui.horizontal(|ui| options(ui, cx, compare, commands));
        }
    });
}

/// What the present mode can be set to.
fn options(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, commands: &mut Vec<Command>) {
    match compare.mode {
        Mode::Single => {
            let text = RichText::new(cx.word("gui.compare.hold_hint")).size(12.0).color(cx.palette.weak);
            ui.add(eframe::egui::Label::new(text).truncate());
        }
        Mode::Swipe => lines(ui, cx, compare, commands),
        Mode::Fade => {
            let wish = slider(ui, cx, "gui.compare.fade_share", compare.fade, (0.0, 1.0));
            commands.extend(wish.map(|share| Command::Compare(CompareWish::Fade(share))));
            ui.label(RichText::new(format!("{:.0} %", compare.fade * 100.0)).size(12.0).color(cx.palette.weak));
        }
        Mode::Blink => {
            let wish = slider(ui, cx, "gui.compare.tempo", compare.tempo, BLINK_S);
            commands.extend(wish.map(|seconds| Command::Compare(CompareWish::Tempo(seconds))));
            ui.label(RichText::new(format!("{:.1} s", compare.tempo)).size(12.0).color(cx.palette.weak));
        }
        Mode::Lens => {
            let wish = slider(ui, cx, "gui.compare.lens_radius", compare.lens, LENS);
            commands.extend(wish.map(|radius| Command::Compare(CompareWish::Lens(radius))));
        }
        Mode::Linked => number_of_views(ui, cx, compare, commands),
    }
}

fn lines(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, commands: &mut Vec<Command>) {
    for (line, key) in [(Line::Upright, "gui.compare.upright"), (Line::Level, "gui.compare.level")] {
        let text = cx.word(key);
        let button = mode_icon::line(ui, cx, line, compare.line == line, &text);
        if button.on_hover_text(text).clicked() {
            commands.push(Command::Compare(CompareWish::Line(line)));
        }
    }
}

fn number_of_views(ui: &mut Ui, cx: &Cx<'_>, compare: &Compare, commands: &mut Vec<Command>) {
    let count = compare.views.each().len();
    let mut step = |ui: &mut Ui, sign: &str, key: &str, to: usize| {
        let text = cx.word(key);
        let button = ui.add_enabled((LEAST..=MOST).contains(&to), Button::new(sign).min_size(vec2(26.0, 26.0)));
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
        if button.on_hover_text(text).clicked() {
            commands.push(Command::Compare(CompareWish::Views(to)));
        }
    };
    step(ui, "−", "gui.views.fewer", count - 1);
    ui.label(count.to_string());
    step(ui, "+", "gui.views.add", count + 1);
    if compare.views.each().iter().any(|view| view.shown != Shown::Strip || view.composite.is_some()) {
        let release = ui.button(cx.word("gui.views.release"));
        if release.on_hover_text(cx.word("gui.views.release_hint")).clicked() {
            commands.push(Command::Compare(CompareWish::ReleaseViews));
        }
    }
}

/// A short slider; what it was moved to.
fn slider(ui: &mut Ui, cx: &Cx<'_>, key: &str, value: f64, (low, high): (f64, f64)) -> Option<f64> {
    let mut now = value;
    ui.spacing_mut().slider_width = 90.0;
    let slider: Response = ui.add(Slider::new(&mut now, low..=high).show_value(false));
    let label = cx.word(key);
    slider.widget_info(|| WidgetInfo::slider(true, now, &label));
    let changed = slider.changed();
    slider.on_hover_text(label);
    changed.then_some(now)
}

fn zooms(ui: &mut Ui, cx: &Cx<'_>, commands: &mut Vec<Command>) {
    let size = cx.session.view.size;
    let middle = (size.0 / 2.0, size.1 / 2.0);
    let hint = keys::hint(&cx.word("gui.map.all_hint"), "show_images");
    if ui.button(cx.word("gui.map.all")).on_hover_text(hint).clicked() {
        commands.push(Command::View(ViewWish::Show(Target::Images)));
    }
    for (sign, key, factor) in [("+", "gui.map.closer", 1.5), ("−", "gui.map.farther", 1.0 / 1.5)] {
        let text = cx.word(key);
        let button = ui.button(sign);
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
        if button.on_hover_text(text).clicked() {
            commands.push(Command::View(ViewWish::Zoom(factor, middle)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_gives_up_words_before_modes_and_modes_before_options() {
        let fitting = |room| Offer::fitting(room, 500.0, 260.0, 90.0);
        assert_eq!(fitting(700.0), Offer::Words);
        assert_eq!(fitting(500.0), Offer::Icons);
        assert_eq!(fitting(300.0), Offer::Menu);
        assert_eq!(fitting(200.0), Offer::MenuWithOptions);
    }
}
