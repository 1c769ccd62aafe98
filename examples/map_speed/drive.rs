//! The application without a display: frames are run and tessellated as in a window, and thrown away.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use ecoredline::gui::App;
use ecoredline::gui::session::compare::Mode;
use ecoredline::gui::session::preferences::Preferences;
use ecoredline::gui::session::{Command, CompareWish, DetectWish, Target, Task, ViewWish};
use ecoredline::lang::Lang;
use eframe::egui::{Context, Pos2, RawInput, Rect, Vec2};
use serde_json::{Value, json};

use super::clock::{self, Both, millis};

/// The map on the screen, in points.
const MAP: (f64, f64) = (1400.0, 900.0);

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(2);

/// Time from frame to frame at the least, as on a display of 125 Hz, and at the most where nobody asks for one.
const FRAMES: (Duration, Duration) = (Duration::from_millis(8), Duration::from_millis(50));

/// Frames of one walk over the map and back.
const WALK: usize = 120;

/// The application and its frames.
pub struct Driver {
    ctx: Context,
    app: App,
    size: Vec2,
    begun: Instant,
    asked: Receiver<()>,
}

/// What one frame cost its thread.
pub struct Frame {
    pub wall: Duration,
    pub cpu: Duration,
}

impl Driver {
    pub fn new(project: &Path) -> Self {
        let ctx = Context::default();
        let begun = Instant::now();
        let (ask, asked) = std::sync::mpsc::channel();
        ctx.set_request_repaint_callback(move |wanted| {
            if wanted.delay.is_zero() {
                // Whoever no longer listens has closed the window.
                ask.send(()).ok();
            }
        });
        let app = App::new(&ctx, Preferences::default(), Some(Lang::En), Some(project), |_| {});
        Self { ctx, app, size: Vec2::new(2000.0, 1300.0), begun, asked }
    }

    pub fn frame(&mut self) -> Frame {
        let (since, cpu) = (Instant::now(), clock::of_thread());
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            time: Some(self.begun.elapsed().as_secs_f64()),
            ..RawInput::default()
        };
        let app = &mut self.app;
        let mut output = self.ctx.run_ui(input, |ui| {
            if ui.ctx().current_pass_index() == 0 {
                app.take(ui.ctx());
            }
            app.draw(ui);
        });
        let drawn = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box((drawn, output.textures_delta.set.len()));
        // Nobody uploads them here.
        output.textures_delta.clear();
        Frame { wall: since.elapsed(), cpu: clock::of_thread().saturating_sub(cpu) }
    }

    /// A frame once one is asked for, as a window draws it.
    fn next_frame(&mut self) -> Frame {
        std::thread::sleep(FRAMES.0);
        // Nobody asking is an answer too.
        self.asked.recv_timeout(FRAMES.1.saturating_sub(FRAMES.0)).ok();
        while self.asked.try_recv().is_ok() {}
        self.frame()
    }

    /// Frames until something is reached; tells the frames' costs.
    pub fn until(&mut self, what: &str, reached: impl Fn(&App) -> bool) -> Result<Vec<Frame>, String> {
        let begun = Instant::now();
        let mut frames = vec![self.frame()];
        while !reached(&self.app) {
            if begun.elapsed() > PATIENCE {
                return Err(format!("never reached: {what}; {:?}", self.app.session().messages));
            }
            frames.push(self.next_frame());
        }
        Ok(frames)
    }

    /// Turns to another view of the images, the next of a fixed series; since when.
    fn go_elsewhere(&mut self, state: &mut u64) -> Both {
        self.wish(Command::View(ViewWish::Show(Target::Images)));
        let factor = 2_f64.powf(random(state) * 5.0);
        let point = (random(state) * MAP.0, random(state) * MAP.1);
        self.wish(Command::View(ViewWish::Zoom(factor, point)));
        Both::start()
    }

    pub fn wish(&mut self, command: Command) {
        self.app.wish(command);
    }

    /// Sizes the window so that the map has its size, and waits until nothing is left to do.
    pub fn settle(&mut self) -> Result<(), String> {
        self.until("open", |app| app.session().project.is_some())?;
        self.frame();
        let size = self.app.session().view.size;
        self.size += Vec2::new((MAP.0 - size.0) as f32, (MAP.1 - size.1) as f32);
        self.frame();
        self.until("rest", |app| !app.is_busy())?;
        Ok(())
    }
}

pub fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// A number from 0 to 1, the next of a fixed series.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as f64 / f64::from(1_u32 << 31)
}

/// Time until the plan is there, until the map shows something everywhere, until it is whole.
pub fn open(project: &Path) -> Result<Value, String> {
    let clock = Both::start();
    let mut driver = Driver::new(project);
    driver.until("open", |app| app.session().project.is_some())?;
    let opened = clock.ms();
    driver.until("first picture", |app| app.map_is().covered)?;
    let first = clock.ms();
    let frames = driver.until("whole picture", |app| app.map_is().whole)?;
    let whole = clock.ms();
    let longest = frames.iter().map(|frame| millis(frame.cpu)).fold(0.0, f64::max);
    Ok(json!({ "opened": opened, "first": first, "whole": whole, "longest_frame_cpu": longest }))
}

/// New views of one scene, each until its tiles are there.
pub fn views(project: &Path) -> Result<Value, String> {
    let mut driver = Driver::new(project);
    driver.settle()?;
    driver.wish(Command::Compare(CompareWish::Mode(Mode::Single)));
    driver.until("rest", |app| !app.is_busy())?;
    let (mut wall, mut cpu, mut frames) = (Vec::new(), Vec::new(), Vec::new());
    let mut state = 4549;
    for _ in 0..40 {
        let clock = driver.go_elsewhere(&mut state);
        let until = driver.until("whole picture", |app| app.map_is().whole)?;
        let (wall_ms, cpu_ms) = clock.ms();
        wall.push(wall_ms);
        cpu.push(cpu_ms);
        frames.extend(until.iter().map(|frame| millis(frame.cpu)));
        driver.until("rest", |app| !app.is_busy())?;
    }
    let bytes = driver.app.map_bytes();
    Ok(json!({ "wall": sorted(wall), "cpu": sorted(cpu), "frames_cpu": sorted(frames), "bytes": bytes }))
}

/// The live detection: time until a pair is learnt, and until the scores of each new view are there.
pub fn preview(project: &Path) -> Result<Value, String> {
    let mut driver = Driver::new(project);
    driver.settle()?;
    let clock = Both::start();
    driver.wish(Command::Detect(DetectWish::Panel(true)));
    driver.frame();
    driver.until("learnt", |app| app.session().detect.lesson.is_some() && !app.is_busy())?;
    let learnt = clock.ms();
    let (mut wall, mut frames, mut state) = (Vec::new(), Vec::new(), 4549);
    for _ in 0..20 {
        let clock = driver.go_elsewhere(&mut state);
        driver.frame();
        let until = driver.until("scores", |app| !app.session().detect.is_busy())?;
        wall.push(clock.ms().0);
        frames.extend(until.iter().map(|frame| millis(frame.cpu)));
        driver.until("rest", |app| !app.is_busy())?;
    }
    Ok(json!({ "learnt": learnt, "wall": sorted(wall), "frames_cpu": sorted(frames) }))
}

/// One walk over the map and back, a frame a step.
fn walk(driver: &mut Driver, frames: &mut Vec<Frame>) {
    for step in 0..WALK {
        let by = if step < WALK / 2 { (-9.0, -4.0) } else { (9.0, 4.0) };
        driver.wish(Command::View(ViewWish::Pan(by)));
        frames.push(driver.frame());
    }
}

/// Panning over what was read, then again while a detection runs.
pub fn pan(project: &Path) -> Result<Value, String> {
    let mut driver = Driver::new(project);
    driver.settle()?;
    driver.wish(Command::Compare(CompareWish::Mode(Mode::Linked)));
    driver.wish(Command::View(ViewWish::Zoom(3.0, (MAP.0 / 4.0, MAP.1 / 2.0))));
    let mut warm = Vec::new();
    for _ in 0..2 {
        walk(&mut driver, &mut warm);
        driver.until("rest", |app| !app.is_busy())?;
    }
    let mut quiet = Vec::new();
    (0..4).for_each(|_| walk(&mut driver, &mut quiet));
    driver.wish(Command::Run);
    let mut busy = Vec::new();
    let begun = Instant::now();
    while driver.app.session().jobs.is_doing(Task::Run) && begun.elapsed() < PATIENCE / 4 {
        walk(&mut driver, &mut busy);
        std::thread::sleep(Duration::from_millis(5));
    }
    driver.wish(Command::Cancel(Task::Run));
    let cpu = |frames: &[Frame]| sorted(frames.iter().map(|frame| millis(frame.cpu)).collect());
    let wall = |frames: &[Frame]| sorted(frames.iter().map(|frame| millis(frame.wall)).collect());
    Ok(json!({
        "quiet_cpu": cpu(&quiet), "quiet_wall": wall(&quiet),
        "detecting_cpu": cpu(&busy), "detecting_wall": wall(&busy),
        "bytes": driver.app.map_bytes(),
        "flags": driver.app.session().project.as_ref().map_or(0, |project| project.flags.records().len()),
        "zones": driver.app.session().project.as_ref().map_or(0, |project| project.plan.zones.len()),
    }))
}
