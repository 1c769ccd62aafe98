//! Pictures of the live detection over the map: the change scores and the change mask. They stay at their place on the ground
//! until newer ones land.

use std::sync::Arc;

use eframe::egui::{
    Color32, ColorImage, Context, Mesh, Painter, Pos2, Rect, TextureFilter, TextureHandle, TextureOptions, pos2, vec2,
};

use crate::gui::session::detect::Detect;
use crate::gui::session::view::View;
use crate::pipeline::preview::Picture;

/// Crisp when closer than the pixels, smooth when farther.
const FILTER: TextureOptions = TextureOptions {
    magnification: TextureFilter::Nearest,
    minification: TextureFilter::Linear,
    wrap_mode: eframe::egui::TextureWrapMode::ClampToEdge,
    mipmap_mode: None,
};

/// The pictures: never more than two.
#[derive(Default)]
pub struct Overlays {
    heat: Option<Shown>,
    mask: Option<Shown>,
}

/// A picture and the texture that was made of it.
struct Shown {
    picture: Arc<Picture>,
    texture: TextureHandle,
}

impl Overlays {
    /// Makes textures of what has landed, and lets go of what is no longer wanted.
    pub fn receive(&mut self, ctx: &Context, detect: &Detect) {
        let heat = detect.view.as_ref().filter(|_| detect.heat).map(|view| &view.heat);
        let mask = detect.cut.as_ref().filter(|_| detect.mask).map(|cut| &cut.picture);
        renew(ctx, &mut self.heat, heat);
        renew(ctx, &mut self.mask, mask);
    }

    /// Draws them over a pane whose upper left corner is at `corner`.
    pub fn draw(&self, painter: &Painter, detect: &Detect, view: &View, corner: Pos2) {
        let tint = Color32::WHITE.gamma_multiply(detect.opacity);
        for shown in [&self.heat, &self.mask].into_iter().flatten() {
            let bounds = &shown.picture.bounds;
            let at = |x, y| {
                let (x, y) = view.screen_from_map((x, y));
                corner + vec2(x as f32, y as f32)
            };
            let rect = Rect::from_min_max(at(bounds.min().x, bounds.max().y), at(bounds.max().x, bounds.min().y));
            let mut mesh = Mesh::with_texture(shown.texture.id());
            mesh.add_rect_with_uv(rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), tint);
            painter.add(mesh);
        }
    }
}

fn renew(ctx: &Context, shown: &mut Option<Shown>, wanted: Option<&Arc<Picture>>) {
    let Some(picture) = wanted else {
        *shown = None;
        return;
    };
    if shown.as_ref().is_some_and(|shown| Arc::ptr_eq(&shown.picture, picture)) {
        return;
    }
    let image = ColorImage::from_rgba_premultiplied([picture.cols, picture.rows], &picture.rgba);
    match shown {
        Some(shown) => {
            shown.texture.set(image, FILTER);
            shown.picture = Arc::clone(picture);
        }
        none => {
            let texture = ctx.load_texture("detection", image, FILTER);
            *none = Some(Shown { picture: Arc::clone(picture), texture });
        }
    }
}
