//! The same panning in a real window: what eframe says a frame cost, drawing included.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ecoredline::gui::App;
use ecoredline::gui::session::compare::Mode;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::gui::session::{Command, CompareWish, ViewWish};
use ecoredline::lang::Lang;
use eframe::egui::{Context, Ui, ViewportBuilder, ViewportCommand};
use serde_json::{Value, json};

use super::clock::millis;
use super::drive::sorted;

/// Frames of a walk, and walks before and while it is measured.
const WALK: usize = 120;
const WALKS: (usize, usize) = (2, 4);

#[derive(Default)]
struct Costs {
    first_ms: Option<f64>,
    frames_ms: Vec<f64>,
}

/// The application under a hand that pans.
struct Panned {
    app: App,
    begun: Instant,
    step: usize,
    costs: Arc<Mutex<Costs>>,
}

impl Panned {
    fn costs(&self) -> std::sync::MutexGuard<'_, Costs> {
        self.costs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand(&mut self, ctx: &Context, cost: Option<f32>) {
        ctx.request_repaint();
        if self.step == 0 {
            let first = self.app.map_is().covered;
            let elapsed = millis(self.begun.elapsed());
            if first && self.costs().first_ms.is_none() {
                self.costs().first_ms = Some(elapsed);
                self.app.wish(Command::Compare(CompareWish::Mode(Mode::Linked)));
                self.app.wish(Command::View(ViewWish::Zoom(3.0, (350.0, 300.0))));
            }
            self.step += usize::from(first && !self.app.is_busy());
            return;
        }
        let walk = (self.step - 1) / WALK;
        if walk >= WALKS.0 {
            let cost = f64::from(cost.unwrap_or(0.0)) * 1000.0;
            self.costs().frames_ms.push((cost * 100.0).round() / 100.0);
        }
        if walk >= WALKS.0 + WALKS.1 {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        let by = if (self.step - 1) % WALK < WALK / 2 { (-9.0, -4.0) } else { (9.0, 4.0) };
        self.app.wish(Command::View(ViewWish::Pan(by)));
        self.step += 1;
    }
}

impl eframe::App for Panned {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        self.app.take(ctx);
        self.hand(ctx, frame.info().cpu_usage);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.app.draw(ui);
    }
}

/// Opens the window, pans, closes it.
pub fn pan(project: &Path) -> Result<Value, String> {
    let costs = Arc::new(Mutex::new(Costs::default()));
    let viewport = ViewportBuilder::default().with_inner_size([1440.0, 900.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let (shared, project, begun) = (Arc::clone(&costs), project.to_path_buf(), Instant::now());
    let begin = move |cc: &eframe::CreationContext<'_>| {
        let app = App::new(&cc.egui_ctx, Preferences::default(), Some(Lang::En), Some(&project), |_| {});
        Ok(Box::new(Panned { app, begun, step: 0, costs: shared }) as Box<dyn eframe::App>)
    };
    eframe::run_native("map_speed", options, Box::new(begin)).map_err(|cause| cause.to_string())?;
    let costs = costs.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(json!({ "first": costs.first_ms, "frames": sorted(costs.frames_ms.clone()) }))
}
