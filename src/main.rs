//! Chooses the front, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecoredline::headless::main(std::env::args_os())
}
