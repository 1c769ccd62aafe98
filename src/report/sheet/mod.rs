//! A map as a sheet of paper: maps of one or two years with zones, flags and names; title, legend, scale, north, sources.
//!
//! [`Layout`] says where the maps lie before any pixel is read; [`draw`] makes the picture, byte for byte the same for the
//! same input.

mod furniture;
mod ink;
mod map;
mod text;

pub use text::SANS;

use geo_types::{MultiPolygon, Rect};
use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};

use crate::lang::Lang;
use crate::model::flag::Severity;
use ink::{BLACK, Canvas, Side};
use text::Typeface;

/// Most pixels of a sheet: A1 at 200 dpi; a sheet takes about ten bytes a pixel while it is made.
pub const MOST_PIXELS: u64 = 36_000_000;

/// Shortest side of a sheet in pixels.
pub const SHORTEST: u32 = 320;

/// Longest side of a sheet in pixels.
pub const LONGEST: u32 = 32_000;

/// Colours of zone layers, readable on green and on grey ground.
pub const ZONES: [[u8; 3]; 6] = [
    [0xFF, 0xC8, 0x3D],
    [0x4C, 0xC9, 0xF0],
    [0xB8, 0x8C, 0xF5],
    [0xFF, 0x9E, 0x80],
    [0xFF, 0x5D, 0x5D],
    [0x7D, 0xD8, 0x7D],
];

/// The colour of a zone layer.
#[must_use]
pub fn zone_colour(layer: usize) -> [u8; 3] {
    ZONES[layer % ZONES.len()]
}

/// The colour of a severity on white paper.
#[must_use]
pub fn severity_colour(severity: Severity) -> [u8; 3] {
    match severity {
        Severity::High => [0xC2, 0x36, 0x2B],
        Severity::Medium => [0xC9, 0x7A, 0x12],
        Severity::Low => [0x3F, 0x7C, 0xAC],
    }
}

/// The paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paper {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pixels an inch.
    pub dpi: f64,
}

impl Paper {
    /// Paper of a size in millimetres.
    #[must_use]
    pub fn of_mm(width: f64, height: f64, dpi: f64) -> Self {
        let px = |mm: f64| (mm / 25.4 * dpi).round().clamp(0.0, f64::from(u32::MAX)) as u32;
        Self { width: px(width), height: px(height), dpi }
    }

    /// Whether a sheet of that size can be made.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let pixels = u64::from(self.width) * u64::from(self.height);
        self.width.min(self.height) >= SHORTEST
            && self.width.max(self.height) <= LONGEST
            && pixels <= MOST_PIXELS
            && (30.0..=1200.0).contains(&self.dpi)
    }

    /// Pixels of a printer's point (1/72 inch).
    fn point(&self) -> f32 {
        // On a small picture smaller letters, so that the map keeps its room.
        let small = (self.width.min(self.height) as f32 / 900.0).clamp(0.6, 1.0);
        ((self.dpi / 72.0) as f32 * small).max(0.9)
    }
}

/// One map of a sheet.
#[derive(Debug, Clone)]
pub struct MapPicture {
    /// Its image, red, green, blue and opacity (opaque or clear), as large as the map on the sheet; empty where there is none.
    pub rgba: Vec<u8>,
    /// Date and kind of the image.
    pub caption: String,
}

/// A zone on a sheet.
#[derive(Debug, Clone, Copy)]
pub struct DrawnZone<'a> {
    /// Its outline.
    pub shape: &'a MultiPolygon<f64>,
    /// Its name.
    pub name: &'a str,
    /// Number of its layer.
    pub layer: usize,
}

/// A flag on a sheet.
#[derive(Debug, Clone, Copy)]
pub struct DrawnFlag<'a> {
    /// Its outline.
    pub shape: &'a MultiPolygon<f64>,
    /// Its code.
    pub code: &'a str,
    /// Its severity.
    pub severity: Severity,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// Language of the words.
    pub lang: Lang,
    /// The paper.
    pub paper: Paper,
    /// The title.
    pub title: &'a str,
    /// Lines at the foot: CRS, sources, author.
    pub foot: Vec<String>,
    /// The map rectangle that is shown, as [`Layout::shown`] says.
    pub bounds: Rect<f64>,
    /// Metres on the ground in one map unit at the middle; `None` where the CRS does not say.
    pub metres_per_unit: Option<f64>,
    /// Maps, left to right.
    pub maps: Vec<MapPicture>,
    /// Layers of zones for the legend: name and number.
    pub layers: Vec<(String, usize)>,
    /// Zones, the lowest first.
    pub zones: Vec<DrawnZone<'a>>,
    /// Opacity of the zones' fill.
    pub zone_opacity: f32,
    /// Flags, the lightest first; `None` where flags are not shown.
    pub flags: Option<Vec<DrawnFlag<'a>>>,
    /// Whether zones and flags carry their names.
    pub names: bool,
    /// Whether there is a legend.
    pub legend: bool,
}

/// Where the maps lie on the paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Left, top, width, height of each map in pixels.
    pub maps: Vec<(u32, u32, u32, u32)>,
    /// Left, top, width, height of the strip below.
    strip: (f32, f32, f32, f32),
    margin: f32,
    point: f32,
}

impl Layout {
    /// The layout of so many maps side by side, with room for so many legend rows in a column and lines at the foot.
    #[must_use]
    pub fn of(paper: Paper, maps: usize, legend: bool, foot: usize) -> Self {
        let point = paper.point();
        let (width, height) = (paper.width as f32, paper.height as f32);
        let margin = (width.min(height) * 0.03).max(8.0);
        let rows = if legend { furniture::ROWS.max(foot + 2) } else { foot + 2 };
        let strip_height = (rows as f32 * furniture::LINE * point).min(height * 0.4);
        let top = margin + 24.0 * point;
        let bottom = height - margin - strip_height - 6.0 * point;
        let count = maps.max(1) as f32;
        let gap = 5.0 * point;
        let each = ((width - 2.0 * margin - gap * (count - 1.0)) / count).max(16.0);
        let rect = |n: usize| (margin + n as f32 * (each + gap), top, each, (bottom - top).max(16.0));
        let maps = (0..maps.max(1)).map(rect).map(|r| (r.0 as u32, r.1 as u32, r.2 as u32, r.3 as u32)).collect();
        let strip = (margin, bottom + 6.0 * point, width - 2.0 * margin, strip_height);
        Self { maps, strip, margin, point }
    }

    /// The smallest map rectangle of the maps' shape that shows a wanted one whole, around the same middle.
    #[must_use]
    pub fn shown(&self, wanted: &Rect<f64>) -> Rect<f64> {
        let (width, height) = self.maps.first().map_or((1.0, 1.0), |map| (f64::from(map.2), f64::from(map.3)));
        let units = (wanted.width() / width).max(wanted.height() / height).max(f64::MIN_POSITIVE);
        let (x, y) = wanted.center().x_y();
        let (w, h) = (units * width / 2.0, units * height / 2.0);
        Rect::new((x - w, y - h), (x + w, y + h))
    }
}

/// Draws a sheet as the bytes of a PNG file; `None` where the paper is not possible.
#[must_use]
pub fn draw(sheet: &Sheet<'_>, layout: &Layout) -> Option<Vec<u8>> {
    if !sheet.paper.is_possible() {
        return None;
    }
    let mut canvas = Canvas::white(sheet.paper.width, sheet.paper.height, Typeface::embedded()?)?;
    let size = 15.0 * layout.point;
    let title = canvas.face.fitted(sheet.title, size, layout.strip.2);
    let middle = (sheet.paper.width as f32 / 2.0, layout.margin + 9.0 * layout.point);
    canvas.text(&title, middle, Side::Middle, size, BLACK, None);
    for (picture, place) in sheet.maps.iter().zip(&layout.maps) {
        map::draw(&mut canvas, sheet, picture, *place, layout.point);
    }
    furniture::strip(&mut canvas, sheet, layout);
    encoded(&canvas.into_rgb(), sheet.paper)
}

fn encoded(rgb: &[u8], paper: Paper) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, paper.width, paper.height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let per_metre = (paper.dpi / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: per_metre, yppu: per_metre, unit: Unit::Meter }));
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(rgb).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    fn sheet(zone: &MultiPolygon<f64>, maps: usize) -> (Sheet<'_>, Layout) {
        let paper = Paper::of_mm(200.0, 150.0, 100.0);
        let layout = Layout::of(paper, maps, true, 2);
        let bounds = layout.shown(&Rect::new((0.0, 0.0), (1000.0, 1000.0)));
        let picture = |n: usize| {
            let (_, _, width, height) = layout.maps[n];
            let rgba = [90, 120, 80, 255].repeat((width * height) as usize);
            MapPicture { rgba, caption: "2025-09-27".to_owned() }
        };
        let sheet = Sheet {
            lang: Lang::Zh,
            paper,
            title: "生态保护红线",
            foot: vec!["EPSG:4549".to_owned(), "来源：park.tif".to_owned()],
            bounds,
            metres_per_unit: Some(1.0),
            maps: (0..maps).map(picture).collect(),
            layers: vec![("自然保护区".to_owned(), 0)],
            zones: vec![DrawnZone { shape: zone, name: "湿地公园", layer: 0 }],
            zone_opacity: 0.2,
            flags: Some(vec![DrawnFlag { shape: zone, code: "T-001", severity: Severity::High }]),
            names: true,
            legend: true,
        };
        (sheet, layout)
    }

    fn square() -> MultiPolygon<f64> {
        MultiPolygon::new(vec![
            polygon![(x: 300., y: 300.), (x: 700., y: 300.), (x: 700., y: 700.), (x: 300., y: 700.)],
        ])
    }

    #[test]
    fn a_sheet_has_the_size_and_resolution_asked_for_and_the_same_bytes_each_time() {
        let zone = square();
        let (sheet, layout) = sheet(&zone, 2);
        let bytes = draw(&sheet, &layout).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (787, 591));
        assert_eq!(info.pixel_dims.map(|dims| dims.xppu), Some(3937));
        assert_eq!(draw(&sheet, &layout).unwrap(), bytes);
    }

    #[test]
    fn maps_lie_beside_each_other_above_the_strip() {
        let layout = Layout::of(Paper::of_mm(297.0, 210.0, 150.0), 2, true, 3);
        let [one, other] = layout.maps[..] else { panic!("two maps") };
        assert!(one.0 + one.2 < other.0 && one.2 == other.2 && one.1 == other.1);
        assert!(f64::from(one.1 + one.3) < f64::from(layout.strip.1));
        assert!(one.3 > 700, "the map keeps its room: {one:?}");
    }

    #[test]
    fn what_is_wanted_is_shown_whole_around_its_middle() {
        let layout = Layout::of(Paper::of_mm(297.0, 210.0, 96.0), 1, true, 3);
        let shown = layout.shown(&Rect::new((0.0, 0.0), (10.0, 500.0)));
        assert!(shown.min().y.abs() < 1e-6 && (shown.max().y - 500.0).abs() < 1e-6);
        assert!((shown.center().x - 5.0).abs() < 1e-6 && shown.width() > 500.0);
    }

    #[test]
    fn paper_that_no_memory_holds_is_refused() {
        assert!(!Paper::of_mm(5000.0, 5000.0, 600.0).is_possible());
        assert!(!Paper { width: 0, height: 100, dpi: 96.0 }.is_possible());
        assert!(Paper::of_mm(420.0, 297.0, 300.0).is_possible());
    }
}
