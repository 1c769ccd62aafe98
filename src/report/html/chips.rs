//! The pictures of a flag: before and after, with the outline drawn over them.

use crate::model::picture::{Chip, Picture};
use crate::report::number;

use super::data_uri;
use super::markup::{Element, Markup, div, el, px};

/// Share of the picture's width that the scale bar takes at most.
const SCALE_SHARE: f64 = 0.4;

/// Both pictures as figures with their captions.
pub(super) fn pair(chip: &Chip, captions: [&str; 2]) -> Markup {
    let before = figure(&chip.before, chip, captions[0], false);
    let after = figure(&chip.after, chip, captions[1], true);
    div("chips").child(before).child(after).into()
}

fn figure(picture: &Picture, chip: &Chip, caption: &str, has_scale: bool) -> Element {
    let (width, height) = (picture.width as f64, picture.height as f64);
    let image = el("img").attr("src", data_uri(picture.media_type, &picture.bytes)).attr("alt", caption);
    let image = if picture.width.max(picture.height) < 200 { image.class("coarse") } else { image };
    let path = outline_path(&chip.outline);
    let mut overlay = el("svg")
        .attr("viewBox", format!("0 0 {} {}", px(width), px(height)))
        .child(el("path").class("halo").attr("d", &path))
        .child(el("path").class("outline").attr("d", &path));
    if has_scale {
        overlay = overlay.child(scale_bar(chip.pixel_m, width, height));
    }
    el("figure").child(div("chip").child(image).child(overlay)).child(el("figcaption").text(caption))
}

fn outline_path(rings: &[Vec<(f32, f32)>]) -> String {
    let mut path = String::new();
    for ring in rings {
        for (i, (x, y)) in ring.iter().filter(|(x, y)| x.is_finite() && y.is_finite()).enumerate() {
            path.push(if i == 0 { 'M' } else { 'L' });
            path.push_str(&px(f64::from(*x)));
            path.push(' ');
            path.push_str(&px(f64::from(*y)));
        }
        if !ring.is_empty() {
            path.push('Z');
        }
    }
    path
}

fn scale_bar(pixel_m: f64, width: f64, height: f64) -> Markup {
    let Some(length_m) = super::map_drawing::round_length(width * SCALE_SHARE * pixel_m) else {
        return Markup::default();
    };
    let (length, unit) = (length_m / pixel_m, height / 100.0);
    let (x, y) = (4.0 * unit, height - 5.0 * unit);
    let bar = |class: &'static str| el("path").class(class).attr("d", format!("M{} {}h{}", px(x), px(y), px(length)));
    let text = el("text")
        .attr("x", px(x))
        .attr("y", px(y - 3.0 * unit))
        .attr("font-size", px(8.0 * unit))
        .text(format!("{} m", number::significant(length_m, 3)));
    el("g").class("scale").child(bar("halo")).child(bar("mark")).child(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outline_is_closed() {
        let rings = vec![vec![(0.0, 0.0), (4.0, 0.0), (4.0, 2.5)]];
        assert_eq!(outline_path(&rings), "M0 0L4 0L4 2.5Z");
    }
}
