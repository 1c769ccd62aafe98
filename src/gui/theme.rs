//! How the window looks: one accent, quiet greys, two themes, one typeface for both languages.

use std::sync::Arc;

use eframe::egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, Vec2, Visuals, vec2,
};

use crate::model::flag::{Line, Severity};
use crate::model::notice::Weight;
use crate::report::sheet::{self, SANS};

/// The colours of one theme.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// Behind everything.
    pub ground: Color32,
    /// Panels.
    pub panel: Color32,
    /// Cards and fields on panels.
    pub card: Color32,
    /// Thin lines.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Text that steps back.
    pub weak: Color32,
    /// Headings.
    pub strong: Color32,
    /// The one accent.
    pub accent: Color32,
    /// The accent as a wash behind text.
    pub wash: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Severity high, medium, low.
    pub severity: [Color32; 3],
}

/// The light theme.
pub const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xEE, 0xF1, 0xEF),
    panel: Color32::from_rgb(0xFB, 0xFC, 0xFB),
    card: Color32::from_rgb(0xF1, 0xF4, 0xF2),
    line: Color32::from_rgb(0xDC, 0xE2, 0xDE),
    text: Color32::from_rgb(0x2B, 0x36, 0x31),
    weak: Color32::from_rgb(0x66, 0x74, 0x6D),
    strong: Color32::from_rgb(0x12, 0x1C, 0x17),
    accent: Color32::from_rgb(0x17, 0x6B, 0x50),
    wash: Color32::from_rgb(0xDC, 0xEC, 0xE5),
    on_accent: Color32::WHITE,
    severity: [
        Color32::from_rgb(0xC2, 0x36, 0x2B),
        Color32::from_rgb(0xC9, 0x7A, 0x12),
        Color32::from_rgb(0x3F, 0x7C, 0xAC),
    ],
};

/// The dark theme.
pub const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x12, 0x16, 0x14),
    panel: Color32::from_rgb(0x1A, 0x1F, 0x1D),
    card: Color32::from_rgb(0x24, 0x2B, 0x28),
    line: Color32::from_rgb(0x33, 0x3C, 0x38),
    text: Color32::from_rgb(0xD3, 0xDC, 0xD7),
    weak: Color32::from_rgb(0x8D, 0x9B, 0x94),
    strong: Color32::from_rgb(0xF3, 0xF7, 0xF5),
    accent: Color32::from_rgb(0x56, 0xBF, 0x98),
    wash: Color32::from_rgb(0x22, 0x40, 0x35),
    on_accent: Color32::from_rgb(0x0B, 0x1C, 0x15),
    severity: [
        Color32::from_rgb(0xEE, 0x6A, 0x5E),
        Color32::from_rgb(0xE6, 0xA6, 0x42),
        Color32::from_rgb(0x7A, 0xB2, 0xDD),
    ],
};

impl Palette {
    /// The palette of a theme.
    #[must_use]
    pub fn of(dark: bool) -> Self {
        if dark { DARK } else { LIGHT }
    }

    /// The colour of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Color32 {
        self.severity[match severity {
            Severity::High => 0,
            Severity::Medium => 1,
            Severity::Low => 2,
        }]
    }

    /// The colour of what can be said at a line.
    #[must_use]
    pub fn line_class(&self, line: Line) -> Color32 {
        match line {
            Line::Inside => self.severity[0],
            Line::AtLine => self.severity[1],
            Line::Outside => self.weak,
        }
    }

    /// The colour of a notice's weight.
    #[must_use]
    pub fn weight(&self, weight: Weight) -> Color32 {
        match weight {
            Weight::Note => self.weak,
            Weight::Warning => self.severity[1],
            Weight::Refused | Weight::Fatal => self.severity[0],
        }
    }
}

/// The colour of a zone layer, the same as on paper.
#[must_use]
pub fn zone_colour(layer: usize) -> Color32 {
    let [r, g, b] = sheet::zone_colour(layer);
    Color32::from_rgb(r, g, b)
}

/// Installs fonts and both themes.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("sans".to_owned(), Arc::new(FontData::from_static(SANS)));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        let faces = fonts.families.entry(family.clone()).or_default();
        let place = if family == FontFamily::Proportional { 0 } else { faces.len() };
        faces.insert(place, "sans".to_owned());
    }
    ctx.set_fonts(fonts);
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
}

fn style(palette: &Palette, visuals: Visuals) -> Style {
    let mut style = Style::default();
    let size = |points| FontId::new(points, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, size(11.5)),
        (TextStyle::Body, size(13.5)),
        (TextStyle::Button, size(13.5)),
        (TextStyle::Heading, size(18.0)),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    style.spacing.item_spacing = vec2(8.0, 6.0);
    style.spacing.button_padding = vec2(10.0, 4.0);
    style.spacing.interact_size = Vec2::new(32.0, 26.0);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.tooltip_width = 360.0;
    style.animation_time = 0.08;
    style.visuals = colours(palette, visuals);
    style
}

fn colours(palette: &Palette, mut visuals: Visuals) -> Visuals {
    let round = CornerRadius::same(6);
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.window_shadow = Shadow { offset: [0, 8], blur: 28, spread: 0, color: Color32::from_black_alpha(60) };
    visuals.popup_shadow = Shadow { offset: [0, 4], blur: 14, spread: 0, color: Color32::from_black_alpha(50) };
    visuals.extreme_bg_color = palette.card;
    visuals.faint_bg_color = palette.card;
    visuals.code_bg_color = palette.card;
    visuals.hyperlink_color = palette.accent;
    visuals.weak_text_color = Some(palette.weak);
    visuals.warn_fg_color = palette.severity[1];
    visuals.error_fg_color = palette.severity[0];
    visuals.selection.bg_fill = palette.wash;
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.slider_trailing_fill = true;
    let widgets = &mut visuals.widgets;
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    widgets.noninteractive.fg_stroke = Stroke::new(1.0, palette.text);
    widgets.noninteractive.bg_fill = palette.panel;
    let states = [
        (&mut widgets.inactive, palette.card, palette.text),
        (&mut widgets.hovered, palette.wash, palette.strong),
        (&mut widgets.active, palette.wash, palette.strong),
        (&mut widgets.open, palette.wash, palette.strong),
    ];
    for (state, fill, text) in states {
        state.weak_bg_fill = fill;
        state.bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, palette.line);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = round;
        state.expansion = 0.0;
    }
    visuals
}
