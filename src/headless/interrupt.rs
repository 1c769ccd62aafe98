//! Ctrl-C and the termination signal: the first asks to stop, the second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::Exit;

/// Whether the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// Where the system lets no handler be installed.
    pub fn listen() -> std::io::Result<Self> {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the first signal finds the flag down, so only the second one ends the program.
            flag::register_conditional_shutdown(signal, i32::from(Exit::Cancelled.code()), interrupt.flag())?;
            flag::register(signal, interrupt.flag())?;
        }
        Ok(interrupt)
    }

    /// Whether the user asked to stop.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_termination_signal_asks_to_stop() {
        let interrupt = Interrupt::listen().unwrap();
        assert!(!interrupt.asked());
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert!(interrupt.asked());
    }
}
