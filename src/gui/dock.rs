//! The panes of the map page and how they are laid out: dragged by their tabs, remembered as one text.
//!
//! The map takes the slack: when the window grows or shrinks the panes beside it keep their size.

use eframe::egui::{Color32, Frame, Id, Margin, Rect, Stroke, Ui, Visuals, WidgetText};
use egui_tiles::{Behavior, Container, Linear, LinearDir, SimplificationOptions, TabState, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use super::cx::Cx;
use super::map::Canvas;
use super::panels::{self, Forms};
use super::session::{Command, Pane};

/// Width of the panes at the left and right, and height of those below, at first.
const LEFT: f32 = 252.0;
const RIGHT: f32 = 348.0;
const BELOW: f32 = 250.0;

/// The window that the first layout is reckoned for.
const FIRST: [f32; 2] = [1440.0, 826.0];

/// A layout and the window that it was reckoned for.
#[derive(Serialize, Deserialize)]
struct Layout {
    size: [f32; 2],
    tree: Tree<Pane>,
}

/// The panes as they lie.
pub struct Dock {
    layout: Layout,
    kept: String,
}

impl Dock {
    /// The layout of a text; the first layout where the text is none.
    #[must_use]
    pub fn of(text: Option<&str>) -> Self {
        let remembered = text.and_then(|text| serde_json::from_str::<Layout>(text).ok());
        let whole = |layout: &Layout| Pane::ALL.iter().all(|pane| layout.tree.tiles.find_pane(pane).is_some());
        let layout = remembered.filter(whole).unwrap_or_else(first);
        Self { layout, kept: text.unwrap_or_default().to_owned() }
    }

    /// Draws every pane. What is asked for goes to `commands`; a layout that the hand changed is one of the wishes.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        canvas: &mut Canvas,
        forms: &mut Forms,
        commands: &mut Vec<Command>,
    ) {
        self.give_slack_to_the_map(ui.available_rect_before_wrap());
        let map = self.layout.tree.tiles.find_pane(&Pane::Map);
        self.layout.tree.ui(&mut Panes { cx, canvas, forms, commands, map }, ui);
        // While a hand drags, every frame is another layout; the text is made once it lets go.
        if ui.input(|input| input.pointer.any_released())
            && let Ok(text) = serde_json::to_string(&self.layout)
            && text != self.kept
        {
            commands.push(Command::Layout(Some(text.clone())));
            self.kept = text;
        }
    }

    /// Brings a pane to the front of its tabs.
    pub fn raise(&mut self, pane: Pane) {
        self.layout.tree.make_active(|_, tile| matches!(tile, Tile::Pane(other) if *other == pane));
    }

    /// Keeps the size of all panes but the map's, along every row and column that the map is part of.
    fn give_slack_to_the_map(&mut self, rect: Rect) {
        let now = [rect.width(), rect.height()];
        let before = std::mem::replace(&mut self.layout.size, now);
        let tiles = &mut self.layout.tree.tiles;
        let Some(mut child) =
            tiles.find_pane(&Pane::Map).filter(|_| (before[0] - now[0]).abs() + (before[1] - now[1]).abs() > 0.0)
        else {
            return;
        };
        while let Some(parent) = tiles.parent_of(child) {
            let drawn = tiles.rect(parent);
            if let Some(Tile::Container(Container::Linear(linear))) = tiles.get_mut(parent) {
                let along = usize::from(linear.dir == LinearDir::Vertical);
                let sum = linear.shares.iter().map(|(_, share)| share).sum();
                let old = drawn.map_or(sum, |rect| rect.size()[along]);
                give_slack(linear, child, old, old + now[along] - before[along]);
            }
            child = parent;
        }
    }
}

/// Shares in points: the others keep theirs, one child takes the rest.
fn give_slack(linear: &mut Linear, taker: TileId, before: f32, now: f32) {
    let children = linear.children.clone();
    let sizes = linear.shares.split(&children, before);
    let others: f32 = children.iter().zip(&sizes).filter(|(child, _)| **child != taker).map(|(_, size)| size).sum();
    for (child, size) in children.iter().zip(&sizes) {
        let share = if *child == taker { (now - others).max(now * 0.25) } else { *size };
        linear.shares.set_share(*child, share);
    }
}

/// The first layout; shares are in points.
fn first() -> Layout {
    let mut tiles = Tiles::default();
    let mut tabs = |panes: &[Pane]| {
        let panes = panes.iter().map(|pane| tiles.insert_pane(*pane)).collect();
        tiles.insert_tab_tile(panes)
    };
    let (map, layers, flags) = (tabs(&[Pane::Map]), tabs(&[Pane::Layers]), tabs(&[Pane::Flags, Pane::Charts]));
    let inspector = tabs(&[Pane::Inspector, Pane::Detect]);
    let mut linear = |dir, parts: &[(TileId, f32)]| {
        let mut linear = Linear::new(dir, parts.iter().map(|part| part.0).collect());
        for (tile, share) in parts {
            linear.shares.set_share(*tile, *share);
        }
        tiles.insert_container(linear)
    };
    let middle = linear(LinearDir::Vertical, &[(map, FIRST[1] - BELOW), (flags, BELOW)]);
    let columns = [(layers, LEFT), (middle, FIRST[0] - LEFT - RIGHT), (inspector, RIGHT)];
    let root = linear(LinearDir::Horizontal, &columns);
    Layout { size: FIRST, tree: Tree::new(Id::unique("dock"), root, tiles) }
}

/// Draws panes within the tree.
struct Panes<'a, 'c> {
    cx: &'a Cx<'c>,
    canvas: &'a mut Canvas,
    forms: &'a mut Forms,
    commands: &'a mut Vec<Command>,
    map: Option<TileId>,
}

impl Behavior<Pane> for Panes<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut Pane) -> egui_tiles::UiResponse {
        let Self { cx, canvas, forms, commands, .. } = self;
        let margin = if *pane == Pane::Map { Margin::ZERO } else { Margin::symmetric(14, 10) };
        Frame::NONE.fill(cx.palette.panel).inner_margin(margin).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            match pane {
                Pane::Map => panels::map_pane(ui, cx, canvas, commands),
                Pane::Layers => panels::layers::show(ui, cx, forms, commands),
                Pane::Flags => panels::flags::show(ui, cx, forms, commands),
                Pane::Charts => panels::charts::show(ui, cx, forms, commands),
                Pane::Inspector => panels::inspector::show(ui, cx, canvas, commands),
                Pane::Detect => panels::detect::show(ui, cx, forms, commands),
            }
        });
        egui_tiles::UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        self.cx.word(pane.key()).into()
    }

    /// The map alone needs no title.
    fn is_tab_bar_visible(&self, _: TileId, tabs: &egui_tiles::Tabs) -> bool {
        tabs.children.as_slice() != self.map.as_slice()
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn gap_width(&self, _: &eframe::egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        120.0
    }

    fn tab_bar_height(&self, _: &eframe::egui::Style) -> f32 {
        30.0
    }

    fn tab_bar_color(&self, _: &Visuals) -> Color32 {
        self.cx.palette.panel
    }

    fn tab_bg_color(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Color32 {
        Color32::TRANSPARENT
    }

    fn tab_outline_stroke(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Stroke {
        Stroke::NONE
    }

    fn tab_text_color(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, state: &TabState) -> Color32 {
        if state.active { self.cx.palette.strong } else { self.cx.palette.weak }
    }

    fn tab_bar_hline_stroke(&self, _: &Visuals) -> Stroke {
        Stroke::new(1.0, self.cx.palette.line)
    }

    fn resize_stroke(&self, _: &eframe::egui::Style, state: egui_tiles::ResizeState) -> Stroke {
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, self.cx.palette.line),
            _ => Stroke::new(2.0, self.cx.palette.accent),
        }
    }
}
