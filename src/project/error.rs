//! Why there is no plan: mistakes in the project file, or nothing left that could be compared.

use std::path::{Path, PathBuf};

use crate::io::files::FileError;
use crate::model::notice::{Explain, Notice, Weight};
use crate::model::scene::SceneKind;

/// No plan could be made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The project file, a table or the folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The project file has mistakes.
    #[error("{path} has {} mistakes", problems.len())]
    Problems {
        /// The project file.
        path: PathBuf,
        /// All of them, by line.
        problems: Vec<Problem>,
    },
    /// The project file is of a newer format.
    #[error("{path} is of format version {version}, newer than this program")]
    Newer {
        /// The project file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// A table or a sensor profile is not as it must be.
    #[error("the table {path} cannot be used: {cause}")]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong, with the line.
        cause: String,
    },
    /// The CRS given for the analysis cannot be used.
    #[error("the analysis CRS {given} cannot be used: {cause}")]
    AnalysisCrs {
        /// The project file.
        path: PathBuf,
        /// As written.
        given: String,
        /// Code of the notice: `crs_unknown`, `crs_degrees` or `crs_mercator`.
        code: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// The file is laid out in a way that a value cannot be changed in.
    #[error("{place} cannot be changed in {path}")]
    Layout {
        /// The project file.
        path: PathBuf,
        /// The place, as `scenes[2].date`.
        place: String,
    },
    /// Outputs would be written where the sources lie.
    #[error("outputs would be written into the folder of the sources, {folder}")]
    OutputAmongSources {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing is left that could be done.
    #[error("nothing can be compared: {code}")]
    Nothing {
        /// The project file.
        path: PathBuf,
        /// What is missing: `no_scene`, `one_epoch`, `no_comparison`, `no_zone` or `nothing_found`.
        code: &'static str,
        /// Why the inputs fell away.
        notices: Vec<Notice>,
    },
}

impl ProjectError {
    /// Everything to tell, the reason first: each mistake of the project file is a notice of its own.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        match self {
            Self::Problems { path, problems } => problems.iter().map(|p| p.notice(path)).collect(),
            Self::Nothing { notices, .. } => {
                let mut all = vec![self.notice()];
                all.extend(notices.iter().cloned());
                all
            }
            _ => vec![self.notice()],
        }
    }
}

impl Explain for ProjectError {
    fn notice(&self) -> Notice {
        match self {
            Self::File(error) => error.notice(),
            Self::Problems { path, problems } => match problems.as_slice() {
                [one] => one.notice(path),
                many => {
                    let place = |p: &Problem| match p.line {
                        Some(line) => format!("{line}: {}", p.key),
                        None => p.key.clone(),
                    };
                    let list = many.iter().map(place).collect::<Vec<_>>().join("; ");
                    fatal("project_mistakes", path).fact("count", many.len()).fact("list", list)
                }
            },
            Self::Newer { path, version } => {
                fatal("project_newer", path).fact("version", version).fact("known", super::raw::VERSION)
            }
            Self::Table { path, cause } => fatal("table_unusable", path).fact("cause", cause),
            Self::AnalysisCrs { path, given, code, cause } => {
                fatal(code, path).fact("given", given).fact("cause", cause)
            }
            Self::Layout { path, place } => Notice::new("edit_layout", Weight::Refused).at(path).fact("place", place),
            Self::OutputAmongSources { folder } => fatal("output_among_sources", folder),
            Self::Nothing { path, code, notices } => fatal(code, path).fact("count", notices.len()),
        }
    }
}

fn fatal(code: &'static str, path: &Path) -> Notice {
    Notice::new(code, Weight::Fatal).at(path)
}

/// One mistake in the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: Option<usize>,
    /// Path of the key, as `scenes[2].date` (counted from 1).
    pub key: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a key or its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text is not TOML.
    Syntax {
        /// The parser's words.
        cause: String,
    },
    /// No such key.
    UnknownKey {
        /// The known key most like it.
        nearest: Option<String>,
        /// All keys known there.
        known: String,
    },
    /// The key must be there.
    Missing,
    /// The value is of another type.
    WrongType {
        /// The type wanted.
        wanted: Wanted,
        /// The value.
        found: String,
    },
    /// The value is none of the words known.
    UnknownWord {
        /// The value.
        found: String,
        /// The word most like it.
        nearest: Option<String>,
        /// All words.
        known: String,
    },
    /// The number is too small or too large.
    OutOfRange {
        /// The number.
        found: String,
        /// What is allowed.
        range: String,
    },
    /// Not a date or a year.
    NotADate {
        /// The value.
        found: String,
    },
    /// A date before 1960 or after 2100.
    AbsurdDate {
        /// The value.
        found: String,
    },
    /// Two keys that exclude each other, or neither of two of which one is needed.
    OneOf {
        /// The keys.
        keys: &'static str,
    },
    /// A comparison names a date that no scene has.
    NoSuchScene {
        /// The date.
        found: String,
        /// The nearest date that there is.
        nearest: String,
        /// All dates.
        known: String,
    },
    /// A comparison names a year of which there are several scenes.
    SeveralScenes {
        /// The year.
        found: String,
        /// Their dates.
        known: String,
    },
    /// Not a CRS.
    UnknownCrs {
        /// The value.
        found: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A key that scenes of another kind have.
    OnlyFor {
        /// That kind.
        kind: SceneKind,
    },
    /// A raster as a mask, and no word on what its values mean.
    NoScheme {
        /// All schemes.
        known: String,
    },
    /// Polygons as a mask, and a word on values that they do not have.
    SchemeOfPolygons {
        /// The scheme.
        found: String,
    },
    /// Both dates of a comparison are the same.
    SameScene {
        /// The date.
        found: String,
    },
}

impl Problem {
    /// The notice to show.
    #[must_use]
    pub fn notice(&self, path: &Path) -> Notice {
        let line = self.line.map_or_else(|| "–".to_owned(), |l| l.to_string());
        let of = |code| fatal(code, path).fact("line", &line).fact("key", &self.key);
        match &self.kind {
            ProblemKind::Syntax { cause } => of("project_syntax").fact("cause", cause),
            ProblemKind::UnknownKey { nearest: Some(nearest), known } => {
                of("project_unknown_key_near").fact("nearest", nearest).fact("known", known)
            }
            ProblemKind::UnknownKey { nearest: None, known } => of("project_unknown_key").fact("known", known),
            ProblemKind::Missing => of("project_missing_key"),
            ProblemKind::WrongType { wanted, found } => of(wanted.code()).fact("found", found),
            ProblemKind::UnknownWord { found, nearest: Some(nearest), known } => {
                of("project_unknown_word_near").fact("found", found).fact("nearest", nearest).fact("known", known)
            }
            ProblemKind::UnknownWord { found, nearest: None, known } => {
                of("project_unknown_word").fact("found", found).fact("known", known)
            }
            ProblemKind::OutOfRange { found, range } => of("project_range").fact("found", found).fact("range", range),
            ProblemKind::NotADate { found } => of("A21_date").fact("found", found),
            ProblemKind::AbsurdDate { found } => of("A21_absurd_date").fact("found", found),
            ProblemKind::OneOf { keys } => of("project_one_of").fact("keys", keys),
            ProblemKind::NoSuchScene { found, nearest, known } => {
                of("project_no_such_scene").fact("found", found).fact("nearest", nearest).fact("known", known)
            }
            ProblemKind::SeveralScenes { found, known } => {
                of("project_several_scenes").fact("found", found).fact("known", known)
            }
            ProblemKind::UnknownCrs { found, cause } => {
                of("project_unknown_crs").fact("found", found).fact("cause", cause)
            }
            ProblemKind::OnlyFor { kind } => of("project_only_for").fact("kind", kind.word()),
            ProblemKind::NoScheme { known } => of("mask_without_scheme").fact("known", known),
            ProblemKind::SchemeOfPolygons { found } => of("mask_scheme_of_polygons").fact("found", found),
            ProblemKind::SameScene { found } => of("project_same_scene").fact("found", found),
        }
    }
}

/// A type of value, in the user's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A text.
    Text,
    /// A date or a year.
    Date,
    /// A number.
    Number,
    /// A whole number.
    WholeNumber,
    /// `true` or `false`.
    TrueOrFalse,
    /// A list.
    List,
    /// A table.
    Table,
}

impl Wanted {
    /// The type behind the words of JSON Schema.
    #[must_use]
    pub fn of(types: &[&str]) -> Self {
        let has = |t: &str| types.contains(&t);
        match () {
            () if has("string") && has("integer") => Self::Date,
            () if has("string") => Self::Text,
            () if has("number") => Self::Number,
            () if has("integer") => Self::WholeNumber,
            () if has("boolean") => Self::TrueOrFalse,
            () if has("array") => Self::List,
            () => Self::Table,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Text => "project_wants_text",
            Self::Date => "project_wants_date",
            Self::Number => "project_wants_number",
            Self::WholeNumber => "project_wants_whole_number",
            Self::TrueOrFalse => "project_wants_true_or_false",
            Self::List => "project_wants_list",
            Self::Table => "project_wants_table",
        }
    }
}
