//! Chooses the front, nothing else.

use std::process::ExitCode;

use ecoredline::headless::{self, OpenWindow};

#[cfg(feature = "gui")]
const WINDOW: Option<OpenWindow> = Some(ecoredline::gui::main);

#[cfg(not(feature = "gui"))]
const WINDOW: Option<OpenWindow> = None;

fn main() -> ExitCode {
    headless::main(std::env::args_os(), WINDOW)
}
