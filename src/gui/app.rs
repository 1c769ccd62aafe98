//! The application: `logic` takes what is finished, `ui` calls the panels and passes on what they ask for.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{CentralPanel, Context, Frame, Margin, Panel, Theme, Ui, ViewportCommand};

use super::cx::Cx;
use super::map::atlas::Atlas;
use super::map::shapes::ShapeCache;
use super::map::{self, Canvas};
use super::panels;
use super::session::preferences::Preferences;
use super::session::{Command, Page, Session, Wake};
use super::theme::{self, Palette};
use crate::lang::Lang;

/// The window's application.
pub struct App {
    session: Session,
    canvas: Canvas,
    forms: panels::Forms,
    shown: Option<(bool, String)>,
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
        let canvas = Canvas { atlas: Atlas::default(), shapes: ShapeCache::new(&wake), cursor: None };
        let mut session = Session::new(preferences, wake, keep);
        if let Some(path) = wanted {
            session.apply(Command::Open(path.to_path_buf()));
        }
        Self { session, canvas, forms: panels::Forms::default(), shown: None }
    }

    /// What the user works on.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether something is still being read or done.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.session.work.is_some() || self.canvas.atlas.is_waiting()
    }

    /// Takes what is finished, before anything is drawn.
    pub fn take(&mut self, ctx: &Context) {
        self.session.poll();
        let failed = self.canvas.atlas.receive(ctx, self.session.project.as_ref());
        for notice in failed {
            if !self.session.messages.contains(&notice) {
                self.session.messages.push(notice);
            }
        }
        let title = panels::title(&Cx::of(&self.session));
        let shown = (self.session.preferences.dark, title);
        if self.shown.as_ref() != Some(&shown) {
            ctx.set_theme(if shown.0 { Theme::Dark } else { Theme::Light });
            ctx.send_viewport_cmd(ViewportCommand::Title(shown.1.clone()));
            self.shown = Some(shown);
        }
    }

    /// Draws everything, then does what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        let mut commands = Vec::new();
        let cx = Cx::of(&self.session);
        panels::keys::listen(ui, &cx, &mut self.forms, &mut commands);
        self.panels(ui, &mut commands);
        let service = self.session.project.as_ref().and_then(|project| project.tiles.as_ref());
        self.canvas.atlas.ask(service);
        if !commands.is_empty() {
            for command in commands {
                self.session.apply(command);
            }
            ui.ctx().request_repaint();
        }
    }

    fn panels(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let cx = Cx::of(&self.session);
        let (canvas, forms) = (&mut self.canvas, &mut self.forms);
        bar(Panel::top("top"), &cx, 46.0).show(ui, |ui| panels::top::show(ui, &cx, commands));
        if self.session.work.is_some() || self.session.done.is_some() || !self.session.messages.is_empty() {
            Panel::top("messages").frame(panel(&cx).inner_margin(Margin::symmetric(14, 8))).show(ui, |ui| {
                panels::messages::show(ui, &cx, commands);
            });
        }
        match (self.session.page, self.session.project.is_some()) {
            (Page::Map, true) => Self::map_page(ui, &cx, canvas, forms, commands),
            (Page::Project, true) => {
                CentralPanel::default().frame(panel(&cx)).show(ui, |ui| panels::project::show(ui, &cx, commands));
            }
            _ => {
                CentralPanel::default()
                    .frame(panel(&cx))
                    .show(ui, |ui| panels::welcome::show(ui, &cx, forms, commands));
            }
        }
        if self.session.keys {
            panels::keys::sheet(ui.ctx(), &cx, commands);
        }
    }

    fn map_page(ui: &mut Ui, cx: &Cx<'_>, canvas: &mut Canvas, forms: &mut panels::Forms, commands: &mut Vec<Command>) {
        let side = panel(cx).inner_margin(Margin::same(14));
        bar(Panel::bottom("status"), cx, 28.0).show(ui, |ui| panels::status::show(ui, cx, canvas));
        Panel::right("inspector").resizable(true).default_size(344.0).size_range(280.0..=520.0).frame(side).show(
            ui,
            |ui| {
                panels::inspector::show(ui, cx, canvas, commands);
            },
        );
        Panel::bottom("flags").resizable(true).default_size(216.0).size_range(120.0..=600.0).frame(side).show(
            ui,
            |ui| {
                panels::flags::show(ui, cx, forms, commands);
            },
        );
        Panel::left("layers").resizable(true).default_size(252.0).size_range(200.0..=380.0).frame(side).show(
            ui,
            |ui| {
                panels::layers::show(ui, cx, commands);
            },
        );
        bar(Panel::top("tools"), cx, 42.0).show(ui, |ui| panels::tools::show(ui, cx, commands));
        let years = panel(cx).inner_margin(Margin::symmetric(14, 8));
        Panel::bottom("years").frame(years).show(ui, |ui| panels::years::show(ui, cx, commands));
        CentralPanel::default().frame(Frame::NONE).show(ui, |ui| map::show(ui, cx, canvas, commands));
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
