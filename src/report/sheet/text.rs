//! Letters as outlines: the embedded typeface, measured and drawn, with a rim that keeps them readable on any image.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use vello_cpu::kurbo::BezPath;

/// Noto Sans SC, cut to GB 2312; its licence lies beside it.
pub const SANS: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf");

/// Height of capitals and of most Chinese strokes above the baseline, as a share of the size.
const RISE: f32 = 0.78;

/// The typeface at any size.
pub(super) struct Typeface<'a> {
    font: FontRef<'a>,
}

impl Typeface<'static> {
    /// The embedded typeface; `None` where its bytes are no font.
    pub(super) fn embedded() -> Option<Self> {
        FontRef::new(SANS).ok().map(|font| Self { font })
    }
}

impl Typeface<'_> {
    fn glyph(&self, letter: char) -> GlyphId {
        self.font.charmap().map(letter).unwrap_or(GlyphId::NOTDEF)
    }

    /// Width of a line of text.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let metrics = self.font.glyph_metrics(Size::new(size), LocationRef::default());
        text.chars().map(|letter| metrics.advance_width(self.glyph(letter)).unwrap_or(size)).sum()
    }

    /// The outlines of a line of text whose left end stands at `(x, y)`, half the letters' height below its middle.
    pub(super) fn path(&self, text: &str, (x, middle): (f32, f32), size: f32) -> BezPath {
        let metrics = self.font.glyph_metrics(Size::new(size), LocationRef::default());
        let outlines = self.font.outline_glyphs();
        let mut pen = Pen { path: BezPath::new(), x, baseline: middle + size * RISE / 2.0 };
        for letter in text.chars() {
            let glyph = self.glyph(letter);
            if let Some(outline) = outlines.get(glyph) {
                let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
                // A glyph that cannot be drawn leaves its room empty.
                outline.draw(settings, &mut pen).ok();
            }
            pen.x += metrics.advance_width(glyph).unwrap_or(size);
        }
        pen.path
    }

    /// A text cut so that it is not wider than `most`.
    pub(super) fn fitted(&self, text: &str, size: f32, most: f32) -> String {
        if self.width(text, size) <= most {
            return text.to_owned();
        }
        let room = most - self.width("…", size);
        let mut kept = String::new();
        for letter in text.chars() {
            kept.push(letter);
            if self.width(&kept, size) > room {
                kept.pop();
                break;
            }
        }
        kept + "…"
    }
}

struct Pen {
    path: BezPath,
    x: f32,
    baseline: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f64, f64) {
        (f64::from(self.x + x), f64::from(self.baseline - y))
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.at(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.at(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.at(cx, cy), self.at(x, y));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.path.curve_to(self.at(ax, ay), self.at(bx, by), self.at(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vello_cpu::kurbo::Shape;

    #[test]
    fn chinese_letters_have_outlines_and_are_as_wide_as_high() {
        let face = Typeface::embedded().unwrap();
        assert!((face.width("生态红线", 20.0) - 80.0).abs() < 0.5);
        let bounds = face.path("红", (10.0, 50.0), 20.0).bounding_box();
        assert!(bounds.x0 >= 10.0 && bounds.x1 <= 30.0, "{bounds:?}");
        assert!((bounds.y0 + bounds.y1 - 100.0).abs() < 4.0, "in the middle: {bounds:?}");
    }

    #[test]
    fn a_long_text_is_cut_to_its_room() {
        let face = Typeface::embedded().unwrap();
        let cut = face.fitted("江苏扬州高邮湖湿地自然保护区", 10.0, 80.0);
        assert!(cut.ends_with('…') && face.width(&cut, 10.0) <= 80.0, "{cut}");
        assert_eq!(face.fitted("湖", 10.0, 80.0), "湖");
    }
}
