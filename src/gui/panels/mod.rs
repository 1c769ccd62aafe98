//! Everything around the map. Each panel draws one part and sends commands.

pub mod flags;
pub mod inspector;
pub mod keys;
pub mod layers;
pub mod messages;
pub mod project;
pub mod status;
pub mod tools;
pub mod top;
pub mod welcome;
pub mod years;

use super::cx::Cx;

/// Texts being typed, and what belongs to widgets alone.
#[derive(Debug, Default)]
pub struct Forms {
    /// The typed path of the welcome page.
    pub path: String,
    /// The search field wants the keyboard.
    pub focus_search: bool,
    /// The row the table last scrolled to.
    pub scrolled_to: Option<usize>,
}

/// The window's title.
pub fn title(cx: &Cx<'_>) -> String {
    match cx.project() {
        Some(project) => format!("{} – {}", project.plan.name, cx.word("gui.title")),
        None => cx.word("gui.title"),
    }
}
