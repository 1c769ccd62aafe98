//! Paints what egui tessellated on the processor alone, so that pictures of the window come out alike on every machine.
//!
//! Source: how a backend has to draw meshes (premultiplied colours, blended as they are stored; textures clamped),
//! <https://docs.rs/epaint/latest/epaint/struct.Mesh.html>.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::epaint::{ImageData, ImageDelta, Primitive, Vertex};
use eframe::egui::{ColorImage, Context, FullOutput, Pos2, Rect, TextureFilter, TextureId, TexturesDelta, pos2};
use egui_kittest::TestRenderer;
use image::{Rgba, RgbaImage};

/// The textures that are in use, and how each is filtered.
#[derive(Default)]
pub struct Painter {
    textures: HashMap<TextureId, (ColorImage, TextureFilter)>,
}

impl TestRenderer for Painter {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        delta.set.drain().for_each(|(id, changes)| changes.into_iter().for_each(|change| self.set(id, change)));
        delta.free.drain().for_each(|id| drop(self.textures.remove(&id)));
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let mut canvas = RgbaImage::from_pixel(size.x.ceil() as u32, size.y.ceil() as u32, Rgba([0, 0, 0, 255]));
        for drawn in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = drawn.primitive else { continue };
            let texture = self.textures.get(&mesh.texture_id).ok_or("a mesh has no texture")?;
            let clip = Rect::from_min_max(on(drawn.clip_rect.min, scale), on(drawn.clip_rect.max, scale));
            for corners in mesh.indices.chunks_exact(3) {
                let corner = |at: usize| mesh.vertices[corners[at] as usize];
                fill(&mut canvas, [corner(0), corner(1), corner(2)], scale, clip, texture);
            }
        }
        Ok(canvas)
    }
}

impl Painter {
    fn set(&mut self, id: TextureId, change: ImageDelta) {
        let ImageData::Color(part) = change.image;
        let Some([left, top]) = change.pos else {
            self.textures.insert(id, (Arc::unwrap_or_clone(part), change.options.magnification));
            return;
        };
        if let Some((whole, _)) = self.textures.get_mut(&id) {
            for (row, line) in part.pixels.chunks_exact(part.size[0]).enumerate() {
                let first = (top + row) * whole.size[0] + left;
                whole.pixels[first..first + line.len()].copy_from_slice(line);
            }
        }
    }
}

fn on(point: Pos2, scale: f32) -> Pos2 {
    pos2((point.x * scale).round(), (point.y * scale).round())
}

/// Paints one triangle: the pixels whose middle lies in it, those on an edge for one of the two that share it.
fn fill(canvas: &mut RgbaImage, mut v: [Vertex; 3], scale: f32, clip: Rect, texture: &(ColorImage, TextureFilter)) {
    let edge = |a: Pos2, b: Pos2, p: Pos2| {
        f64::from(b.x - a.x) * f64::from(p.y - a.y) - f64::from(b.y - a.y) * f64::from(p.x - a.x)
    };
    for corner in &mut v {
        corner.pos = pos2(corner.pos.x * scale, corner.pos.y * scale);
    }
    let whole = edge(v[0].pos, v[1].pos, v[2].pos);
    if whole == 0.0 {
        return;
    }
    if whole < 0.0 {
        v.swap(1, 2);
    }
    let seen = Rect::from_points(&v.map(|corner| corner.pos)).intersect(clip);
    let (right, bottom) = (seen.max.x.ceil().min(canvas.width() as f32), seen.max.y.ceil().min(canvas.height() as f32));
    let owns = |a: Pos2, b: Pos2| b.y < a.y || (b.x > a.x && b.y <= a.y);
    let sides = [(1, 2), (2, 0), (0, 1)].map(|(a, b)| (v[a].pos, v[b].pos));
    for y in seen.min.y.floor().max(0.0) as u32..bottom.max(0.0) as u32 {
        for x in seen.min.x.floor().max(0.0) as u32..right.max(0.0) as u32 {
            let point = pos2(x as f32 + 0.5, y as f32 + 0.5);
            let parts = sides.map(|(a, b)| edge(a, b, point));
            let inside = parts.iter().zip(sides).all(|(&part, (a, b))| part > 0.0 || (part == 0.0 && owns(a, b)));
            if inside && clip.contains(point) {
                let shares = parts.map(|part| (part / whole.abs()) as f32);
                blend(canvas.get_pixel_mut(x, y), colour(&v, shares, texture));
            }
        }
    }
}

/// The colour at a point of a triangle, premultiplied, 0 to 255.
fn colour(v: &[Vertex; 3], shares: [f32; 3], (image, filter): &(ColorImage, TextureFilter)) -> [f32; 4] {
    let mixed =
        |of: &dyn Fn(&Vertex) -> f32| v.iter().zip(shares).map(|(corner, share)| of(corner) * share).sum::<f32>();
    let at = [mixed(&|corner| corner.uv.x) * image.size[0] as f32, mixed(&|corner| corner.uv.y) * image.size[1] as f32];
    let texel = |col: f32, row: f32| {
        let inside = |value: f32, size: usize| (value.max(0.0) as usize).min(size - 1);
        image.pixels[inside(row, image.size[1]) * image.size[0] + inside(col, image.size[0])].to_array()
    };
    let sampled: [f32; 4] = if *filter == TextureFilter::Nearest {
        texel(at[0], at[1]).map(f32::from)
    } else {
        let (col, row) = (at[0] - 0.5, at[1] - 0.5);
        let (dx, dy) = (col - col.floor(), row - row.floor());
        let near = [
            (0.0, 0.0, (1.0 - dx) * (1.0 - dy)),
            (1.0, 0.0, dx * (1.0 - dy)),
            (0.0, 1.0, (1.0 - dx) * dy),
            (1.0, 1.0, dx * dy),
        ];
        let texels = near.map(|(right, down, share)| (texel(col.floor() + right, row.floor() + down), share));
        std::array::from_fn(|band| texels.iter().map(|(texel, share)| f32::from(texel[band]) * share).sum())
    };
    std::array::from_fn(|band| sampled[band] / 255.0 * mixed(&|corner| f32::from(corner.color.to_array()[band])))
}

fn blend(pixel: &mut Rgba<u8>, colour: [f32; 4]) {
    let rest = 1.0 - colour[3] / 255.0;
    for (below, above) in pixel.0.iter_mut().zip(colour).take(3) {
        *below = (f32::from(*below) * rest + above).round().clamp(0.0, 255.0) as u8;
    }
}
