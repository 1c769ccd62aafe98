//! How the program ends, as the number a script sees.

use std::process::ExitCode;

use crate::model::notice::{Notice, Weight};
use crate::pipeline::RunEnd;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done; warnings are listed.
    Done,
    /// Done, but some inputs were refused or are damaged; they are listed.
    DoneInPart,
    /// Nothing could be done with this project or these inputs.
    Nothing,
    /// Disk, rights, lock, graphics.
    Environment,
    /// The command line is wrong.
    Usage,
    /// The user stopped it; nothing was changed.
    Cancelled,
}

impl Exit {
    /// The number a script sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::DoneInPart => 2,
            Self::Nothing => 3,
            Self::Environment => 4,
            Self::Usage => 64,
            Self::Cancelled => 130,
        }
    }

    /// How work that came to its end went, by what it had to say.
    #[must_use]
    pub fn after(notices: &[Notice]) -> Self {
        if notices.iter().any(|n| n.weight >= Weight::Refused) { Self::DoneInPart } else { Self::Done }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<RunEnd> for Exit {
    fn from(end: RunEnd) -> Self {
        match end {
            RunEnd::Nothing => Self::Nothing,
            RunEnd::Environment => Self::Environment,
            RunEnd::Cancelled => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_input_makes_a_partial_end_and_a_warning_does_not() {
        assert_eq!(Exit::after(&[Notice::new("a", Weight::Warning)]), Exit::Done);
        assert_eq!(Exit::after(&[Notice::new("a", Weight::Note), Notice::new("b", Weight::Refused)]), Exit::DoneInPart);
    }
}
