//! The command line: its one definition, from which parsing, help, completions and the man page are made.
//! The words of the help are in the language files (see `help`), not here.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::lang::Lang;
use crate::model::scene::SceneKind;
use crate::pipeline::{AccuracyWish, DrawWish, LEAST_RAM_MB, Pick};

use super::help;
use super::map_picture::MapWords;
use super::usage::UsageError;

/// The variable that chooses the language where `--lang` does not.
pub const LANGUAGE_VARIABLE: &str = "ECOREDLINE_LANG";

/// Most points of a sample.
const MOST_POINTS: u64 = 100_000;

#[derive(Debug, Parser)]
#[command(name = "ecoredline", version, disable_help_flag = true, disable_version_flag = true)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[arg(id = "project", value_name = "PROJECT.toml")]
    projects: Vec<PathBuf>,
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check {
        #[arg(value_name = "PROJECT.toml")]
        project: PathBuf,
    },
    Init {
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    Accuracy(AccuracyWords),
    Sample(SampleWords),
    Map(MapWords),
    Completions {
        #[arg(value_name = "SHELL", hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
    Man,
    Schema,
}

#[derive(Debug, Args)]
struct AccuracyWords {
    #[arg(value_name = "PROJECT.toml")]
    project: PathBuf,
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    #[arg(long, value_name = "VALUE", num_args = 1.., value_delimiter = ',')]
    changed: Vec<String>,
    #[arg(long, value_name = "VALUE", num_args = 1.., value_delimiter = ',')]
    unchanged: Vec<String>,
    #[command(flatten)]
    pick: PickWords,
}

#[derive(Debug, Args)]
struct SampleWords {
    #[arg(value_name = "PROJECT.toml")]
    project: PathBuf,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_POINTS))]
    points: u64,
    #[arg(long, value_name = "S", default_value_t = 1, hide_default_value = true)]
    seed: u64,
    #[command(flatten)]
    pick: PickWords,
}

/// Words that choose comparisons.
#[derive(Debug, Args)]
struct PickWords {
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    kind: Option<KindName>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KindName {
    Satellite,
    Drone,
    Surface,
    Landcover,
}

impl From<PickWords> for Pick {
    fn from(words: PickWords) -> Self {
        let kind = words.kind.map(|kind| match kind {
            KindName::Satellite => SceneKind::Satellite,
            KindName::Drone => SceneKind::Drone,
            KindName::Surface => SceneKind::Surface,
            KindName::Landcover => SceneKind::Landcover,
        });
        Self { from: words.from, to: words.to, kind }
    }
}

#[derive(Debug, Args)]
struct Options {
    #[arg(long, global = true)]
    headless: bool,
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[arg(long, global = true, value_name = "MB", default_value_t = 1024, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=1 << 32))]
    ram: u64,
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    #[arg(long, global = true, value_name = "text|json", default_value = "text", hide_default_value = true)]
    #[arg(hide_possible_values = true)]
    log: Log,
    #[arg(long, global = true, value_name = "zh|en", hide_possible_values = true)]
    lang: Option<LanguageName>,
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// Whom the messages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Log {
    /// People.
    Text,
    /// Programs: one JSON object a line.
    Json,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LanguageName {
    Zh,
    En,
}

/// What the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The window front, perhaps with what to open: a project, a folder, or images and layers.
    Window(Vec<PathBuf>),
    /// Run a project.
    Run(PathBuf),
    /// Say what a run would do.
    Check(PathBuf),
    /// Draft a project file from a folder.
    Init(PathBuf),
    /// Set a project's comparisons against a reference; its file for the answer is `--out`.
    Accuracy(PathBuf, AccuracyWish),
    /// Draw a random sample from a project's comparisons into `--out`.
    Sample(PathBuf, DrawWish),
    /// Draw a project's map into `--out`.
    Map(MapWords, PathBuf),
    /// Print a completion script.
    Completions(clap_complete::Shell),
    /// Print the man page.
    Man,
    /// Print the JSON Schema of the project file.
    Schema,
    /// Print this text: help or version.
    Print(String),
}

/// How the user wants it done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Language of the console.
    pub lang: Lang,
    /// Language of the documents, where `--lang` was given; else the project's counts.
    pub documents: Option<Lang>,
    /// Whom the messages are for.
    pub log: Log,
    /// Neither progress nor summary.
    pub quiet: bool,
    /// Worker threads; `None` takes as many as there are cores.
    pub jobs: Option<usize>,
    /// Memory bound in MB.
    pub ram_mb: usize,
    /// Output directory instead of the project's.
    pub out: Option<PathBuf>,
}

/// Clap's definition with its texts in a language.
#[must_use]
pub fn definition(lang: Lang) -> clap::Command {
    help::in_words(Arguments::command(), lang)
}

/// The language that help and errors use, before the line is parsed: `--lang`, else the variable, else Chinese.
#[must_use]
pub fn language(line: &[OsString], variable: Option<&OsStr>) -> Lang {
    let mut wanted = None;
    let mut words = line.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        } else if word == "--lang" {
            wanted = words.next();
        } else if let Some(value) = word.strip_prefix("--lang=") {
            wanted = Some(value);
        }
    }
    let named = wanted.or_else(|| variable.and_then(OsStr::to_str));
    if named.is_some_and(|name| name.to_ascii_lowercase().starts_with("en")) { Lang::En } else { Lang::Zh }
}

/// What a command line asks for.
///
/// # Errors
/// [`UsageError`] where it asks for nothing that exists.
pub fn parse(line: &[OsString], lang: Lang) -> Result<(Request, Wishes), UsageError> {
    let silent = Wishes { lang, documents: None, log: Log::Text, quiet: false, jobs: None, ram_mb: 0, out: None };
    let parsed = definition(lang).try_get_matches_from(line).and_then(|found| Arguments::from_arg_matches(&found));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Ok((Request::Print(error.render().to_string()), silent));
        }
        Err(error) => return Err(UsageError::from_clap(&error)),
    };
    let Options { headless, jobs, ram, out, log, lang: asked, quiet } = arguments.options;
    if ram < LEAST_RAM_MB as u64 {
        return Err(UsageError::TooLittle { option: "--ram".to_owned(), value: ram, least: LEAST_RAM_MB as u64 });
    }
    let wishes = Wishes {
        lang,
        documents: asked.map(|_| lang),
        log,
        quiet,
        jobs: jobs.map(usize::from),
        ram_mb: ram as usize,
        out,
    };
    Ok((request(arguments.projects, arguments.verb, headless, wishes.out.as_ref())?, wishes))
}

fn request(
    given: Vec<PathBuf>,
    verb: Option<Verb>,
    headless: bool,
    out: Option<&PathBuf>,
) -> Result<Request, UsageError> {
    if verb.is_none() && !headless {
        return Ok(Request::Window(given));
    }
    let mut given = given.into_iter();
    match (given.next(), verb) {
        (Some(project), Some(_)) => Err(UsageError::Superfluous(project.display().to_string())),
        (None, Some(Verb::Completions { shell })) => Ok(Request::Completions(shell)),
        (None, Some(Verb::Man)) => Ok(Request::Man),
        (None, Some(Verb::Schema)) => Ok(Request::Schema),
        (None, Some(_)) if !headless => Err(UsageError::Missing("--headless".to_owned())),
        (None, Some(Verb::Check { project })) => Ok(Request::Check(project)),
        (None, Some(Verb::Init { folder })) => Ok(Request::Init(folder)),
        (None, Some(Verb::Accuracy(words))) => Ok(words.request(out)),
        (None, Some(Verb::Sample(words))) => words.request(out),
        (None, Some(Verb::Map(words))) => {
            let out = out.cloned().ok_or_else(|| UsageError::Missing("--out FILE.png".to_owned()))?;
            Ok(Request::Map(words, out))
        }
        (Some(project), None) => match given.next() {
            Some(more) => Err(UsageError::Superfluous(more.display().to_string())),
            None => Ok(Request::Run(project)),
        },
        (None, None) => Err(UsageError::Missing("PROJECT.toml".to_owned())),
    }
}

impl AccuracyWords {
    fn request(self, out: Option<&PathBuf>) -> Request {
        let wish = AccuracyWish {
            reference: self.reference,
            field: self.field,
            changed: self.changed,
            unchanged: self.unchanged,
            pick: self.pick.into(),
            out: out.cloned(),
        };
        Request::Accuracy(self.project, wish)
    }
}

impl SampleWords {
    fn request(self, out: Option<&PathBuf>) -> Result<Request, UsageError> {
        let out = out.cloned().ok_or_else(|| UsageError::Missing("--out FILE.gpkg".to_owned()))?;
        let wish = DrawWish { points: self.points, seed: self.seed, pick: self.pick.into(), out };
        Ok(Request::Sample(self.project, wish))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> Vec<OsString> {
        std::iter::once("ecoredline").chain(words.iter().copied()).map(OsString::from).collect()
    }

    fn asked(words: &[&str]) -> Result<Request, UsageError> {
        parse(&line(words), Lang::En).map(|parsed| parsed.0)
    }

    #[test]
    fn a_project_is_run_and_a_verb_is_obeyed() {
        assert_eq!(asked(&["--headless", "a.toml"]), Ok(Request::Run("a.toml".into())));
        assert_eq!(asked(&["--headless", "check", "a.toml"]), Ok(Request::Check("a.toml".into())));
        assert_eq!(asked(&["init", "folder", "--headless"]), Ok(Request::Init("folder".into())));
        assert_eq!(asked(&["schema"]), Ok(Request::Schema));
    }

    #[test]
    fn a_project_named_like_a_verb_is_reached_by_its_path() {
        assert_eq!(asked(&["--headless", "./check"]), Ok(Request::Run("./check".into())));
    }

    #[test]
    fn labels_are_taken_with_commas_and_spaces_and_a_sample_needs_its_file() {
        let words =
            ["--headless", "accuracy", "a.toml", "--reference", "r.tif", "--changed", "1", "3", "--unchanged", "0,2"];
        let Ok(Request::Accuracy(project, wish)) = asked(&words) else { panic!("no accuracy") };
        assert_eq!((project, wish.reference), ("a.toml".into(), "r.tif".into()));
        assert_eq!((wish.changed.join(" "), wish.unchanged.join(" ")), ("1 3".to_owned(), "0 2".to_owned()));
        let sample = ["--headless", "sample", "a.toml", "--points", "90", "--kind", "drone"];
        assert_eq!(asked(&sample), Err(UsageError::Missing("--out FILE.gpkg".into())));
        let Ok(Request::Sample(_, wish)) = asked(&[&sample[..], &["--out", "s.gpkg"]].concat()) else {
            panic!("no sample")
        };
        assert_eq!((wish.points, wish.seed, wish.pick.kind), (90, 1, Some(SceneKind::Drone)));
    }

    #[test]
    fn without_headless_the_window_is_meant() {
        assert_eq!(asked(&[]), Ok(Request::Window(vec![])));
        assert_eq!(asked(&["a.toml"]), Ok(Request::Window(vec!["a.toml".into()])));
        let several = ["a.tif", "b.tif", "zones.gpkg"];
        assert_eq!(asked(&several), Ok(Request::Window(several.map(PathBuf::from).to_vec())));
        assert_eq!(asked(&["--headless", "a.toml", "b.toml"]), Err(UsageError::Superfluous("b.toml".into())));
        assert_eq!(asked(&["check", "a.toml"]), Err(UsageError::Missing("--headless".into())));
    }

    #[test]
    fn a_project_and_a_verb_at_once_are_refused() {
        assert_eq!(asked(&["--headless", "a.toml", "man"]), Err(UsageError::Superfluous("man".into())));
    }

    #[test]
    fn options_are_taken_before_and_after_the_verb() {
        let (_, wishes) = parse(
            &line(&["--headless", "--ram", "512", "check", "a.toml", "--jobs", "3", "--log=json", "--out", "o"]),
            Lang::En,
        )
        .unwrap();
        let expected = Wishes {
            lang: Lang::En,
            documents: None,
            log: Log::Json,
            quiet: false,
            jobs: Some(3),
            ram_mb: 512,
            out: Some("o".into()),
        };
        assert_eq!(wishes, expected);
    }

    #[test]
    fn too_little_memory_is_refused_by_name() {
        let error = asked(&["--headless", "--ram", "255", "a.toml"]).unwrap_err();
        assert_eq!(error, UsageError::TooLittle { option: "--ram".into(), value: 255, least: 256 });
        assert!(asked(&["--headless", "--ram", "256", "a.toml"]).is_ok());
        for lang in Lang::ALL {
            let help = definition(lang).render_long_help().to_string();
            assert!(help.contains(&LEAST_RAM_MB.to_string()), "the help states the least");
        }
    }

    #[test]
    fn the_option_chooses_the_language_before_the_variable() {
        let english = OsString::from("en_GB.UTF-8");
        assert_eq!(language(&line(&["--lang", "zh"]), Some(&english)), Lang::Zh);
        assert_eq!(language(&line(&["a.toml"]), Some(&english)), Lang::En);
        assert_eq!(language(&line(&["--lang=en"]), None), Lang::En);
        assert_eq!(language(&line(&["a.toml"]), None), Lang::Zh);
    }
}
