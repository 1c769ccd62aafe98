//! The application: `logic` takes what is finished, `ui` calls the panels and passes on what they ask for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{CentralPanel, Context, Frame, Margin, Panel, Theme, Ui, ViewportCommand};

use super::cx::Cx;
use super::dock::Dock;
use super::map::Canvas;
use super::map::atlas::{Atlas, Presence};
use super::map::basemap::Backdrop;
use super::map::labels::Labels;
use super::map::overlay::Overlays;
use super::map::shapes::ShapeCache;
use super::map::sheets::Sheets;
use super::map::tools::Desk;
use super::map::vectors::PlateMaker;
use super::panels;
use super::session::preferences::Preferences;
use super::session::{Command, DetectWish, DraftWish, Overlay, Page, Pane, Session, Wake};
use super::theme::{self, Palette};
use crate::lang::Lang;
use crate::pipeline::view::TileService;

/// The window's application.
pub struct App {
    session: Session,
    canvas: Canvas,
    forms: panels::Forms,
    dock: Dock,
    shown: Option<Shown>,
}

/// What was told to the window last.
#[derive(PartialEq)]
struct Shown {
    dark: bool,
    scale: u32,
    title: String,
}

impl App {
    /// An application that remembers through `keep`, and opens a project if one is wanted.
    #[must_use]
    pub fn new(
        ctx: &Context,
        mut preferences: Preferences,
        lang: Option<Lang>,
        wanted: Option<&Path>,
        keep: fn(&str),
    ) -> Self {
        theme::install(ctx);
        preferences.english = lang.map_or(preferences.english, |lang| lang == Lang::En);
        let painter = ctx.clone();
        let wake: Wake = Arc::new(move || painter.request_repaint());
        let canvas = Canvas {
            atlas: Atlas::default(),
            shapes: ShapeCache::new(&wake),
            sheets: Sheets::new(&wake),
            inks: PlateMaker::default(),
            overlays: Overlays::default(),
            cursor: None,
            lens: None,
            backdrop: Backdrop::default(),
            labels: Labels::default(),
            desk: Desk::default(),
        };
        let mut session = Session::new(preferences, wake, keep);
        if let Some(path) = wanted {
            session.apply(Command::Open(path.to_path_buf()));
        }
        let dock = Dock::of(session.preferences.layout.as_deref());
        Self { session, canvas, forms: panels::Forms::default(), dock, shown: None }
    }

    /// Keeps what must outlive a crash in a folder of the user's, and opens what was given.
    #[must_use]
    pub fn with_states(mut self, states: Option<PathBuf>, given: Vec<PathBuf>) -> Self {
        self.session.states = states;
        if !given.is_empty() {
            self.session.apply(Command::Draft(DraftWish::From(given)));
        }
        self
    }

    /// Does what a user might wish, as if a panel had asked for it.
    pub fn wish(&mut self, command: Command) {
        self.do_as_asked(command);
    }

    /// Bytes that the map holds: values, textures of images, textures of zones and flags.
    #[must_use]
    pub fn map_bytes(&self) -> [usize; 3] {
        let tiles = self.session.project.as_ref().and_then(|project| project.tiles.as_ref());
        [tiles.map_or(0, TileService::bytes), self.canvas.atlas.bytes(), self.canvas.sheets.bytes()]
    }

    /// How much of the map is there.
    #[must_use]
    pub fn map_is(&self) -> Presence {
        self.canvas.atlas.presence
    }

    /// What the user works on.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether something is still being read or done.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.session.jobs.is_idle() || self.canvas.is_waiting() || self.session.detect.is_busy()
    }

    /// Takes what is finished, before anything is drawn.
    pub fn take(&mut self, ctx: &Context) {
        self.session.poll();
        let mut failed = self.canvas.atlas.receive(ctx, self.session.project.as_ref());
        failed.extend(self.canvas.backdrop.receive(ctx, self.session.project.as_ref()));
        for notice in failed {
            if !self.session.messages.contains(&notice) {
                self.session.messages.push(notice);
            }
        }
        self.canvas.overlays.receive(ctx, &self.session.detect);
        self.tell_the_window(ctx);
    }

    fn tell_the_window(&mut self, ctx: &Context) {
        let Preferences { dark, scale, .. } = self.session.preferences;
        let shown = Shown { dark, scale, title: panels::title(&Cx::of(&self.session)) };
        if self.shown.as_ref() != Some(&shown) {
            ctx.set_theme(if dark { Theme::Dark } else { Theme::Light });
            ctx.set_zoom_factor(scale as f32 / 100.0);
            ctx.send_viewport_cmd(ViewportCommand::Title(shown.title.clone()));
            self.shown = Some(shown);
        }
    }

    /// Draws everything, then does what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        let mut commands = Vec::new();
        let cx = Cx::of(&self.session);
        panels::keys::listen(ui, &cx, &mut commands);
        self.panels(ui, &mut commands);
        panels::detect::leave(&Cx::of(&self.session), &mut self.forms, &mut commands);
        self.canvas.atlas.ask(self.session.project.as_ref());
        self.canvas.backdrop.ask();
        if !commands.is_empty() {
            for command in commands {
                self.do_as_asked(command);
            }
            ui.ctx().request_repaint();
        }
    }

    /// What is laid over the window begins empty; what concerns the panes concerns the dock too.
    fn do_as_asked(&mut self, command: Command) {
        match &command {
            Command::Overlay(Some(Overlay::Palette)) => {
                self.forms.palette = panels::PaletteForm { opening: true, ..Default::default() };
            }
            Command::Layout(None) => self.dock = Dock::of(None),
            Command::Raise(pane) => self.dock.raise(*pane),
            Command::Search(true) => self.dock.raise(Pane::Flags),
            Command::Detect(DetectWish::Panel(true)) => self.dock.raise(Pane::Detect),
            _ => {}
        }
        self.session.apply(command);
    }

    fn panels(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let cx = Cx::of(&self.session);
        let (canvas, forms) = (&mut self.canvas, &mut self.forms);
        bar(Panel::top("top"), &cx, 46.0).show(ui, |ui| panels::top::show(ui, &cx, commands));
        match (self.session.page, self.session.project.is_some()) {
            (Page::Map, true) => {
                bar(Panel::bottom("status"), &cx, 28.0).show(ui, |ui| panels::status::show(ui, &cx, canvas, commands));
                let dock = &mut self.dock;
                CentralPanel::default().frame(panel(&cx)).show(ui, |ui| dock.show(ui, &cx, canvas, forms, commands));
            }
            (Page::New, _) => {
                let page = CentralPanel::default().frame(panel(&cx));
                page.show(ui, |ui| panels::new_project::show(ui, &cx, forms, commands));
            }
            (Page::Project, _) => {
                CentralPanel::default()
                    .frame(panel(&cx))
                    .show(ui, |ui| panels::project::show(ui, &cx, forms, commands));
            }
            _ => {
                CentralPanel::default()
                    .frame(panel(&cx))
                    .show(ui, |ui| panels::welcome::show(ui, &cx, forms, commands));
            }
        }
        if self.session.page == Page::Map {
            panels::locate::show(ui.ctx(), &cx, commands);
            panels::readings::show(ui.ctx(), &cx, canvas, commands);
            panels::export_map::show(ui.ctx(), &cx, forms, commands);
        }
        panels::messages::show(ui.ctx(), &cx, commands);
        match self.session.overlay {
            Some(Overlay::Keys) => panels::keys::sheet(ui.ctx(), &cx, commands),
            Some(Overlay::Export) => panels::export::show(ui.ctx(), &cx, commands),
            Some(Overlay::Palette) => panels::palette::show(ui.ctx(), &cx, forms, commands),
            None => {}
        }
    }
}

fn panel(cx: &Cx<'_>) -> Frame {
    Frame::NONE.fill(cx.palette.panel)
}

fn bar(of: Panel, cx: &Cx<'_>, height: f32) -> Panel {
    of.exact_size(height).resizable(false).frame(panel(cx).inner_margin(Margin::symmetric(14, 0)))
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        self.take(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn clear_color(&self, _: &eframe::egui::Visuals) -> [f32; 4] {
        Palette::of(self.session.preferences.dark).ground.to_normalized_gamma_f32()
    }
}
