//! Who shows what where: the parts of the map on the screen, and the images in each of them.
//!
//! Every part has the same size, shows the same ground, and lies on whole physical pixels; so a place is the same pixel
//! of each part, and no texture is sampled differently from its neighbour.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};
use geo_types::Rect as MapRect;

use super::Moment;
use super::lens::Disc;
use crate::gui::session::Project;
use crate::gui::session::compare::{Line, Mode};
use crate::gui::session::view::View;
use crate::gui::session::views::OneView;
use crate::pipeline::view::Composite;

/// Width of the joint between two parts, in screen points.
const JOINT: f32 = 2.0;

/// The parts of the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// In reading order.
    pub parts: Vec<Rect>,
    /// A place beside them that is left over.
    pub spare: Option<Rect>,
}

impl Layout {
    /// The part at a point of the screen.
    #[must_use]
    pub fn part_at(&self, point: Pos2) -> Option<Rect> {
        self.parts.iter().find(|part| part.contains(point)).copied()
    }

    /// The middle of a part, where the lens stands before the cursor has been there.
    #[must_use]
    pub fn middle(&self) -> Vec2 {
        let (width, height) = self.size();
        vec2((width / 2.0) as f32, (height / 2.0) as f32)
    }

    /// Width and height of each part.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        self.parts.first().map_or((1.0, 1.0), |part| (f64::from(part.width()), f64::from(part.height())))
    }
}

/// One scene in one part of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Image {
    /// The scene.
    pub scene: usize,
    /// Which bands, where they are not those of the whole map.
    pub composite: Option<Composite>,
    /// Opacity, 0–1.
    pub opacity: f32,
    /// The piece of the screen it may cover.
    pub clip: Rect,
    /// The disc it is cut to.
    pub disc: Option<Disc>,
}

/// Divides a piece of the screen.
#[must_use]
pub fn lay_out(rect: Rect, count: usize, pixels_per_point: f32) -> Layout {
    let whole = inward(rect, pixels_per_point);
    let (cols, rows) = grid(count.max(1), whole.size());
    let pixel = |points: f32| (f64::from(points) * f64::from(pixels_per_point)).round();
    let joint = pixel(JOINT).max(1.0);
    let side = |points: f32, n: usize| ((pixel(points) - joint * (n as f64 - 1.0)) / n as f64).floor().max(1.0);
    let (width, height) = (side(whole.width(), cols), side(whole.height(), rows));
    let (left, top) = (pixel(whole.left()), pixel(whole.top()));
    let place = |at: usize| {
        let (col, row) = ((at % cols) as f64, (at / cols) as f64);
        let (x, y) = (left + col * (width + joint), top + row * (height + joint));
        let point =
            |x: f64, y: f64| pos2((x / f64::from(pixels_per_point)) as f32, (y / f64::from(pixels_per_point)) as f32);
        Rect::from_min_max(point(x, y), point(x + width, y + height))
    };
    Layout { parts: (0..count.max(1)).map(place).collect(), spare: (count < cols * rows).then(|| place(count)) }
}

/// Columns and rows that give parts whose shorter side is longest; places left over count against a grid.
fn grid(count: usize, size: Vec2) -> (usize, usize) {
    let worth = |cols: usize| {
        let rows = count.div_ceil(cols);
        let shorter = (size.x / cols as f32).min(size.y / rows as f32);
        shorter * (count as f32 / (cols * rows) as f32).sqrt()
    };
    let cols = (1..=count).max_by(|a, b| worth(*a).total_cmp(&worth(*b))).unwrap_or(1);
    (cols, count.div_ceil(cols))
}

/// The largest rectangle of whole physical pixels inside another.
fn inward(rect: Rect, pixels_per_point: f32) -> Rect {
    // What is off by a rounding error lies on the pixel.
    let near = 1e-3;
    let up = |points: f32| (points * pixels_per_point - near).ceil() / pixels_per_point;
    let down = |points: f32| (points * pixels_per_point + near).floor() / pixels_per_point;
    Rect::from_min_max(pos2(up(rect.left()), up(rect.top())), pos2(down(rect.right()), down(rect.bottom())))
}

/// Where a box of the map lies on the screen: on whole physical pixels, counted from the part's corner. Neighbours share
/// their edge, and every part has it at the same pixel.
#[must_use]
pub fn on_screen(view: &View, corner: Pos2, pixels_per_point: f32, bounds: &MapRect<f64>) -> Rect {
    let scale = f64::from(pixels_per_point);
    let edge =
        |corner: f32, offset: f64| (((f64::from(corner) * scale).round() + (offset * scale).round()) / scale) as f32;
    let point = |x, y| {
        let (x, y) = view.screen_from_map((x, y));
        pos2(edge(corner.x, x), edge(corner.y, y))
    };
    Rect::from_min_max(point(bounds.min().x, bounds.max().y), point(bounds.max().x, bounds.min().y))
}

/// The images of each part, the lower first.
#[must_use]
pub fn images(project: &Project, layout: &Layout, pixels_per_point: f32, moment: Moment) -> Vec<Vec<Image>> {
    let compare = &project.compare;
    let whole = layout.parts[0];
    let strength = project.look.image_opacity;
    let image = |scene, opacity, clip| Image { scene, composite: None, opacity, clip, disc: None };
    let one = |scene| vec![vec![image(scene, strength, whole)]];
    match compare.mode {
        Mode::Linked => {
            let scenes = compare.views.scenes(&project.plan.scenes, compare);
            let views = scenes.into_iter().zip(compare.views.each()).zip(&layout.parts);
            let of_view = |((scene, view), part): ((Option<usize>, &OneView), &Rect)| {
                let shown = scene.map(|scene| Image { composite: view.composite, ..image(scene, strength, *part) });
                shown.into_iter().collect()
            };
            views.map(of_view).collect()
        }
        _ if compare.blinking => one(compare.before),
        Mode::Single => one(compare.after),
        Mode::Blink => one(if compare.blink_at(moment.time).0 { compare.before } else { compare.after }),
        Mode::Swipe => {
            let (first, second) = halves(whole, compare.line, compare.swipe, pixels_per_point);
            vec![vec![image(compare.before, strength, first), image(compare.after, strength, second)]]
        }
        Mode::Fade => {
            let over = strength * compare.fade as f32;
            vec![vec![image(compare.before, strength, whole), image(compare.after, over, whole)]]
        }
        Mode::Lens => {
            let disc = Disc { centre: whole.min + moment.lens, radius: compare.lens as f32 };
            let inside = Image { disc: Some(disc), ..image(compare.before, strength, whole) };
            vec![vec![image(compare.after, strength, whole), inside]]
        }
    }
}

/// Both sides of the swipe line, which lies between two physical pixels.
#[must_use]
pub fn halves(whole: Rect, line: Line, share: f64, pixels_per_point: f32) -> (Rect, Rect) {
    let at = |from: f32, length: f32| {
        let points = from + length * share as f32;
        (points * pixels_per_point).round() / pixels_per_point
    };
    match line {
        Line::Upright => {
            let x = at(whole.left(), whole.width());
            (whole.with_max_x(x), whole.with_min_x(x))
        }
        Line::Level => {
            let y = at(whole.top(), whole.height());
            (whole.with_max_y(y), whole.with_min_y(y))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALES: [f32; 3] = [1.0, 1.25, 2.0];

    /// A piece of the screen that begins between two physical pixels, as panels leave it.
    fn screen() -> Rect {
        Rect::from_min_max(pos2(253.3, 88.7), pos2(1092.6, 641.9))
    }

    fn view(layout: &Layout) -> View {
        View { centre: (445_123.456, 3_585_017.89), units: 1.7, size: layout.size() }
    }

    fn tiles() -> Vec<MapRect<f64>> {
        let corner = |n: i32| (444_000.0 + f64::from(n) * 640.0, 3_584_000.0 + f64::from(n) * 640.0);
        (0..4).map(|n| MapRect::new(corner(n), corner(n + 1))).collect()
    }

    /// Edges in physical pixels from a corner, and how far the worst of them is from a whole one.
    fn physical(rect: Rect, corner: Pos2, scale: f32) -> ([i64; 4], f64) {
        let away = |edge: f32, from: f32| (f64::from(edge) - f64::from(from)) * f64::from(scale);
        let edges = [
            away(rect.left(), corner.x),
            away(rect.top(), corner.y),
            away(rect.right(), corner.x),
            away(rect.bottom(), corner.y),
        ];
        let worst = edges.map(|edge| (edge - edge.round()).abs()).into_iter().fold(0.0, f64::max);
        (edges.map(|edge| edge.round() as i64), worst)
    }

    #[test]
    fn every_view_shows_the_same_ground_at_the_same_pixel() {
        for scale in SCALES {
            for count in 1..=9 {
                let layout = lay_out(screen(), count, scale);
                let view = view(&layout);
                for tile in tiles() {
                    let place = |part: &Rect| physical(on_screen(&view, part.min, scale, &tile), part.min, scale);
                    let first = place(&layout.parts[0]);
                    for part in &layout.parts {
                        let (edges, worst) = place(part);
                        assert_eq!(edges, first.0, "{count} views at {scale}");
                        assert!(worst < 2e-3, "{worst} pixels off at {scale}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_are_alike_lie_on_whole_pixels_and_inside_without_overlap() {
        for scale in SCALES {
            for count in 1..=9 {
                let layout = lay_out(screen(), count, scale);
                assert_eq!(layout.parts.len(), count);
                let size = physical(layout.parts[0], layout.parts[0].min, scale).0;
                for (at, part) in layout.parts.iter().enumerate() {
                    assert!(physical(*part, Pos2::ZERO, scale).1 < 2e-3, "{part:?} at {scale}");
                    assert_eq!(physical(*part, part.min, scale).0, size);
                    assert!(screen().contains_rect(*part), "{part:?}");
                    let others = &layout.parts[at + 1..];
                    assert!(others.iter().all(|other| !other.shrink(0.1).intersects(*part)));
                }
            }
        }
    }

    #[test]
    fn neighbouring_tiles_share_their_edge() {
        for scale in SCALES {
            let layout = lay_out(screen(), 1, scale);
            let places: Vec<Rect> =
                tiles().iter().map(|tile| on_screen(&view(&layout), layout.parts[0].min, scale, tile)).collect();
            for pair in places.windows(2) {
                assert_eq!((pair[0].right(), pair[0].top()), (pair[1].left(), pair[1].bottom()));
            }
        }
    }

    #[test]
    fn the_swipe_line_lies_between_two_pixels_and_both_sides_are_the_whole() {
        for scale in SCALES {
            let whole = lay_out(screen(), 1, scale).parts[0];
            for line in [Line::Upright, Line::Level] {
                let (first, second) = halves(whole, line, 0.371, scale);
                assert_eq!(first.union(second), whole);
                assert!((first.area() + second.area() - whole.area()).abs() < 1.0);
                assert!(physical(first, whole.min, scale).1 < 2e-3);
            }
        }
    }

    #[test]
    fn the_grid_suits_the_shape_of_the_map() {
        let (wide, tall, square) = (vec2(840.0, 480.0), vec2(400.0, 900.0), vec2(700.0, 700.0));
        let grids: Vec<(usize, usize)> = (1..=9).map(|count| grid(count, wide)).collect();
        assert_eq!(grids[..4], [(1, 1), (2, 1), (3, 1), (2, 2)]);
        assert_eq!((grids[5], grids[8]), ((3, 2), (3, 3)));
        assert_eq!((grid(2, tall), grid(4, square), grid(9, square)), ((1, 2), (2, 2), (3, 3)));
    }
}
