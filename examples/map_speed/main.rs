//! How fast the map is: the real window's code driven without a display, or in a window of its own.
//!
//! ```text
//! map_speed open PROJECT.toml      seconds until the first picture of the map
//! map_speed views PROJECT.toml     forty new views, each until it is whole
//! map_speed pan PROJECT.toml       panning over what was read already, then while a detection runs
//! map_speed preview PROJECT.toml   the live detection: learning a pair, then the scores of twenty new views
//! map_speed window PROJECT.toml    the same panning in a real window (needs a display)
//! ```
//!
//! Prints one line of JSON: milliseconds, as sorted lists where there are many. `tests/bench/window` makes the projects,
//! calls it and judges.
#![allow(clippy::print_stdout)] // its answer goes to the script

mod clock;
mod drive;
mod window;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let answer = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["open", project] => drive::open(Path::new(project)),
        ["views", project] => drive::views(Path::new(project)),
        ["preview", project] => drive::preview(Path::new(project)),
        ["pan", project] => drive::pan(Path::new(project)),
        ["window", project] => window::pan(Path::new(project)),
        _ => Err("map_speed open|views|preview|pan|window PROJECT.toml".to_owned()),
    };
    match answer {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}
