//! A small picture for people: 8-bit red, green, blue.

/// An RGB picture, row-major, three bytes a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width · height · 3` bytes.
    pub rgb: Vec<u8>,
}

/// What a reader sees of one patch: the place before and after, and the patch's outline on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// The earlier scene.
    pub before: Picture,
    /// The later scene, same ground, same stretch.
    pub after: Picture,
    /// Outline rings in picture coordinates (x right, y down; 0,0 is the upper left corner).
    pub outline: Vec<Vec<(f32, f32)>>,
    /// Ground width of one picture pixel in metres.
    pub pixel_m: f64,
}
