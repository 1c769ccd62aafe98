//! The lens: an image cut to a disc. The screen can only clip to boxes, so the tiles themselves are cut.

use eframe::egui::{Color32, Mesh, Painter, Pos2, Rect, Stroke, TextureId, Vec2, pos2};

/// Corners of the disc's outline: at the largest radius it strays from the circle by less than a fifth of a point.
const CORNERS: usize = 128;

/// A round piece of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disc {
    /// Its middle.
    pub centre: Pos2,
    /// Its radius.
    pub radius: f32,
}

/// A tile's picture on the screen, cut to a disc where there is one. Each corner takes its place in the texture from its
/// place in the whole rectangle, so the cut moves nothing.
pub fn tile(texture: TextureId, rect: Rect, tint: Color32, disc: Option<&Disc>) -> Option<Mesh> {
    let mut mesh = Mesh::with_texture(texture);
    let Some(disc) = disc else {
        mesh.add_rect_with_uv(rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), tint);
        return Some(mesh);
    };
    let corners = cut(disc, rect);
    if corners.len() < 3 {
        return None;
    }
    for corner in &corners {
        let uv = (*corner - rect.min) / rect.size();
        mesh.vertices.push(eframe::egui::epaint::Vertex { pos: *corner, uv: uv.to_pos2(), color: tint });
    }
    for last in 2..corners.len() as u32 {
        mesh.add_triangle(0, last - 1, last);
    }
    Some(mesh)
}

/// The rim of the lens.
pub fn rim(painter: &Painter, centre: Pos2, radius: f32) {
    painter.circle_stroke(centre, radius, Stroke::new(4.0, Color32::from_black_alpha(110)));
    painter.circle_stroke(centre, radius, Stroke::new(2.0, Color32::WHITE));
}

/// The corners of what a disc and a rectangle share, in order; both are convex.
fn cut(disc: &Disc, rect: Rect) -> Vec<Pos2> {
    let outline = Rect::from_center_size(disc.centre, Vec2::splat(2.0 * disc.radius));
    if !outline.intersects(rect) {
        return Vec::new();
    }
    let corner = |nth: usize| {
        let angle = nth as f32 / CORNERS as f32 * std::f32::consts::TAU;
        disc.centre + disc.radius * Vec2::angled(angle)
    };
    let round: Vec<Pos2> = (0..CORNERS).map(corner).collect();
    let left = beyond(&round, rect.left(), |point| &mut point.x, 1.0);
    let right = beyond(&left, rect.right(), |point| &mut point.x, -1.0);
    let top = beyond(&right, rect.top(), |point| &mut point.y, 1.0);
    beyond(&top, rect.bottom(), |point| &mut point.y, -1.0)
}

/// The part of a convex outline on one side of an edge (Sutherland and Hodgman 1974, doi:10.1145/360767.360802).
fn beyond(corners: &[Pos2], edge: f32, axis: fn(&mut Pos2) -> &mut f32, side: f32) -> Vec<Pos2> {
    let depth = |mut point: Pos2| (*axis(&mut point) - edge) * side;
    let mut kept = Vec::with_capacity(corners.len() + 2);
    for (at, corner) in corners.iter().enumerate() {
        let from = corners[(at + corners.len() - 1) % corners.len()];
        let (before, here) = (depth(from), depth(*corner));
        if (before < 0.0) != (here < 0.0) {
            let mut crossing = from + (*corner - from) * (before / (before - here));
            *axis(&mut crossing) = edge;
            kept.push(crossing);
        }
        if here >= 0.0 {
            kept.push(*corner);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISC: Disc = Disc { centre: pos2(100.0, 100.0), radius: 40.0 };

    fn area(mesh: &Mesh) -> f32 {
        let corner = |at: u32| mesh.vertices[at as usize].pos;
        let of = |t: &[u32]| {
            let (a, b) = (corner(t[1]) - corner(t[0]), corner(t[2]) - corner(t[0]));
            (a.x * b.y - a.y * b.x).abs() / 2.0
        };
        mesh.indices.chunks(3).map(of).sum()
    }

    fn piece(rect: Rect) -> Option<Mesh> {
        tile(TextureId::default(), rect, Color32::WHITE, Some(&DISC))
    }

    #[test]
    fn four_tiles_that_meet_in_a_disc_fill_it_without_overlap() {
        let middle = pos2(90.0, 110.0);
        let far = [pos2(0.0, 0.0), pos2(300.0, 0.0), pos2(0.0, 300.0), pos2(300.0, 300.0)];
        let pieces: Vec<Mesh> = far.map(|corner| piece(Rect::from_two_pos(middle, corner)).unwrap()).into();
        let sum: f32 = pieces.iter().map(area).sum();
        let circle = std::f32::consts::PI * 40.0 * 40.0;
        assert!((sum / circle - 1.0).abs() < 1e-3, "{sum} of {circle}");
    }

    #[test]
    fn a_corner_of_the_cut_has_the_texture_place_it_has_in_the_whole_tile() {
        let rect = Rect::from_min_max(pos2(80.0, 60.0), pos2(336.0, 316.0));
        for vertex in &piece(rect).unwrap().vertices {
            let place = rect.min + rect.size() * vertex.uv.to_vec2();
            assert!((place - vertex.pos).length() < 1e-3, "{vertex:?}");
            assert!(rect.expand(1e-3).contains(vertex.pos));
        }
    }

    #[test]
    fn a_tile_beside_the_disc_gives_nothing_and_one_around_it_the_whole_disc() {
        assert!(piece(Rect::from_min_max(pos2(150.0, 0.0), pos2(300.0, 300.0))).is_none());
        assert!(piece(Rect::from_min_max(pos2(132.0, 132.0), pos2(300.0, 300.0))).is_none());
        assert_eq!(piece(Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 300.0))).unwrap().vertices.len(), CORNERS);
    }
}
