//! The window front: maps, tables, pictures. Computes nothing that the console could not do too; every use case is one
//! call into `pipeline`.
//!
//! | File | Owns |
//! |---|---|
//! | `app` | the two functions of a frame |
//! | `session` | what the user works on; names no widget |
//! | `cx` | what a panel may see |
//! | `dock` | how the panes of the map page lie |
//! | `map` | the map and the textures it is made of |
//! | `panels` | everything around the map |
//! | `theme`, `widgets`, `wording` | how it looks, and how figures are written |

mod app;
mod cx;
mod dock;
mod map;
mod panels;
pub mod session;
mod theme;
mod widgets;
mod wording;

use std::path::PathBuf;

pub use app::App;
pub use map::atlas::Presence;

use crate::io::{places, preferences};
use crate::lang::Lang;
use crate::model::notice::{Notice, Weight};
use session::preferences::Preferences;

/// The window's size at first.
const SIZE: [f32; 2] = [1440.0, 900.0];

/// The program's mark, for title bar and task list.
const ICON: &[u8] = include_bytes!("../../assets/desktop/ecoredline.png");

/// The mark as pixels; without it the window has the system's.
fn icon() -> eframe::egui::IconData {
    let picture =
        image::load_from_memory_with_format(ICON, image::ImageFormat::Png).map(image::DynamicImage::into_rgba8);
    picture.map_or_else(
        |_| eframe::egui::IconData::default(),
        |picture| eframe::egui::IconData { width: picture.width(), height: picture.height(), rgba: picture.into_raw() },
    )
}

/// Opens the window, with a project, or images and layers, if any are wanted, and comes back when it is closed.
///
/// # Errors
/// A notice where there is no display or no OpenGL; it names the console command.
pub fn main(wanted: &[PathBuf], lang: Option<Lang>) -> Result<(), Notice> {
    let remembered = preferences::load().map(|text| Preferences::from_text(&text)).unwrap_or_default();
    let viewport = eframe::egui::ViewportBuilder::default()
        .with_app_id("ecoredline")
        .with_inner_size(SIZE)
        .with_min_inner_size([980.0, 620.0])
        .with_drag_and_drop(true)
        .with_icon(icon());
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let given = wanted.to_vec();
    let begin = move |cc: &eframe::CreationContext<'_>| {
        let app =
            App::new(&cc.egui_ctx, remembered, lang, None, preferences::save).with_states(places::states(), given);
        Ok(Box::new(app) as Box<dyn eframe::App>)
    };
    eframe::run_native("ecoredline", options, Box::new(begin)).map_err(|cause| {
        let project = wanted.first().map_or_else(|| "PROJECT.toml".to_owned(), |path| path.display().to_string());
        Notice::new("no_display", Weight::Fatal).fact("cause", cause).fact("project", project)
    })
}
