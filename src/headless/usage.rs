//! What is wrong with a command line, told in the program's own words instead of clap's English ones.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::model::notice::{Explain, Notice, Weight};

/// A command line that cannot be obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// An option or word that does not exist.
    #[error("unknown argument {word}")]
    Unknown {
        /// What was written.
        word: String,
        /// The nearest that exists; empty where none is near.
        nearest: String,
    },
    /// A value that an option does not take.
    #[error("{option} does not take {value:?}")]
    Value {
        /// The option as in the help.
        option: String,
        /// What was written.
        value: String,
        /// Values it takes, where they can be counted.
        known: String,
    },
    /// A number below the least that can be kept.
    #[error("{option} takes {least} or more, not {value}")]
    TooLittle {
        /// The option.
        option: String,
        /// What was written.
        value: u64,
        /// The least.
        least: u64,
    },
    /// Something that has to be there.
    #[error("missing {0}")]
    Missing(String),
    /// A word too many.
    #[error("one argument too many: {0}")]
    Superfluous(String),
}

impl UsageError {
    /// What clap found wrong.
    #[must_use]
    pub fn from_clap(error: &clap::Error) -> Self {
        let fact = |kind: ContextKind| error.get(kind).map(words).unwrap_or_default();
        let subject = match fact(ContextKind::InvalidArg) {
            none if none.is_empty() => fact(ContextKind::InvalidSubcommand),
            some => some,
        };
        match error.kind() {
            ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
                let nearest = match fact(ContextKind::SuggestedArg) {
                    none if none.is_empty() => fact(ContextKind::SuggestedSubcommand),
                    some => some,
                };
                Self::Unknown { word: subject, nearest }
            }
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => Self::Missing(subject),
            ErrorKind::ArgumentConflict | ErrorKind::TooManyValues => Self::Superfluous(subject),
            _ => {
                let (value, known) = (fact(ContextKind::InvalidValue), fact(ContextKind::ValidValue));
                Self::Value { option: subject, value, known }
            }
        }
    }
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

impl Explain for UsageError {
    fn notice(&self) -> Notice {
        let notice = |code| Notice::new(code, Weight::Fatal);
        match self {
            Self::Unknown { word, nearest } if nearest.is_empty() => notice("usage_unknown").fact("word", word),
            Self::Unknown { word, nearest } => notice("usage_unknown_near").fact("word", word).fact("nearest", nearest),
            Self::Value { option, value, known } if value.is_empty() && known.is_empty() => {
                notice("usage_value_absent").fact("option", option)
            }
            Self::Value { option, value, known } if known.is_empty() => {
                notice("usage_value").fact("option", option).fact("value", value)
            }
            Self::Value { option, value, known } => {
                notice("usage_value_known").fact("option", option).fact("value", value).fact("known", known)
            }
            Self::TooLittle { option, value, least } => {
                notice("usage_too_little").fact("option", option).fact("value", value).fact("least", least)
            }
            Self::Missing(what) => notice("usage_missing").fact("what", what),
            Self::Superfluous(word) => notice("usage_superfluous").fact("word", word),
        }
    }
}
