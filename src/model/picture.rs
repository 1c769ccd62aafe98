//! A small picture for people, kept as the bytes of an image file.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// Pictures below this side are stored without loss: JPEG's blocks would be seen.
const SMALL_SIDE: usize = 64;
const JPEG_QUALITY: u8 = 80;

/// An encoded RGB picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The image file.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Encodes pixels: row-major, three bytes (red, green, blue) each. `None` where there are none, or not as many as the
    /// sides say.
    #[must_use]
    pub fn of_rgb(width: usize, height: usize, rgb: &[u8]) -> Option<Self> {
        let (cols, rows) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        if rgb.is_empty() || rgb.len() != width.checked_mul(height)?.checked_mul(3)? {
            return None;
        }
        let mut bytes = Vec::new();
        let colours = ExtendedColorType::Rgb8;
        let media_type = if width.min(height) < SMALL_SIDE {
            PngEncoder::new(&mut bytes).write_image(rgb, cols, rows, colours).ok()?;
            "image/png"
        } else {
            let sides = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
            jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY)
                .encode(rgb, sides.0, sides.1, jpeg_encoder::ColorType::Rgb)
                .ok()?;
            "image/jpeg"
        };
        Some(Self { width, height, media_type, bytes })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_are_stored_without_loss() {
        let media_type = |side| Picture::of_rgb(side, side, &vec![128; side * side * 3]).unwrap().media_type;
        assert_eq!((media_type(10), media_type(80)), ("image/png", "image/jpeg"));
    }

    #[test]
    fn pixels_that_do_not_fill_the_sides_make_no_picture() {
        assert_eq!(Picture::of_rgb(5, 10, &[128; 300]), None);
        assert_eq!(Picture::of_rgb(0, 0, &[]), None);
    }
}
