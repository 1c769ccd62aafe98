//! The console front: words, progress bars, exit codes. Computes nothing that the window could not do too; every
//! use case is one call into `pipeline`.

mod assessment;
pub mod columns;
pub mod command_line;
pub mod console;
pub mod exit;
mod help;
pub mod interrupt;
mod map_picture;
pub mod notices;
pub mod planned;
pub mod progress;
pub mod summary;
pub mod usage;
pub mod watch;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::job::{JobFailure, Progress};
use crate::lang::Lang;
use crate::model::notice::{Explain, Notice, Weight};
use crate::pipeline::{self, AccuracyWish, DrawWish, RunEnd, RunError, RunOptions};
use crate::report::accuracy::answer;

use command_line::{LANGUAGE_VARIABLE, Log, Request, Wishes};
use console::Console;
use exit::Exit;
use interrupt::Interrupt;
use watch::{Watched, watch};

/// JSON Schema of the project file.
const SCHEMA: &str = include_str!("../../assets/project.schema.json");

/// Opens the window front, perhaps with a project or with images and layers, in a language if one was asked for; tells why it could not be opened.
pub type OpenWindow = fn(&[PathBuf], Option<Lang>) -> Result<(), Notice>;

/// Does what a command line asks for, from its words to the exit code. `window` is the window front, where there is one.
#[must_use]
pub fn main(line: impl Iterator<Item = OsString>, window: Option<OpenWindow>) -> ExitCode {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // A user has no use for a thread name and a source line; the panic itself is told below.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let line: Vec<OsString> = line.collect();
    let lang = command_line::language(&line, std::env::var_os(LANGUAGE_VARIABLE).as_deref());
    let plain = Wishes { lang, documents: None, log: Log::Text, quiet: false, jobs: None, ram_mb: 0, out: None };
    let (request, wishes) = match command_line::parse(&line, lang) {
        Ok(asked) => asked,
        Err(error) => {
            Console::new(&plain).notice(&error.notice());
            return Exit::Usage.into();
        }
    };
    let console = Console::new(&wishes);
    let exit = catch_unwind(AssertUnwindSafe(|| obey(request, &wishes, &console, window)))
        .unwrap_or_else(|_| panicked(&console, "front"));
    let exit = if console.stdout_failed() { stdout_failed(&console) } else { exit };
    console.done(exit);
    exit.into()
}

fn obey(request: Request, wishes: &Wishes, console: &Console, window: Option<OpenWindow>) -> Exit {
    match request {
        Request::Run(project) => run(project, wishes, console),
        Request::Check(project) => check(project, wishes, console),
        Request::Init(folder) => init(folder, console),
        Request::Window(wanted) => match window {
            Some(open) => windowed(open(&wanted, asked_language(wishes)), console),
            None => window_is_absent(wanted.first().map(PathBuf::as_path), console),
        },
        Request::Accuracy(project, wish) => accuracy(project, wish, wishes, console),
        Request::Sample(project, wish) => sample(project, wish, wishes, console),
        Request::Map(words, out) => map_picture::draw(words, out, wishes, console),
        Request::Print(text) => printed(console, &text),
        Request::Schema => printed(console, SCHEMA),
        Request::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command_line::definition(wishes.lang), "ecoredline", &mut script);
            printed(console, &String::from_utf8_lossy(&script))
        }
        Request::Man => man(wishes.lang, console),
    }
}

fn printed(console: &Console, text: &str) -> Exit {
    console.print(text);
    Exit::Done
}

fn man(lang: Lang, console: &Console) -> Exit {
    let mut page = Vec::new();
    match clap_mangen::Man::new(command_line::definition(lang)).render(&mut page) {
        Ok(()) => printed(console, &String::from_utf8_lossy(&page)),
        Err(_) => stdout_failed(console),
    }
}

fn run(project: PathBuf, wishes: &Wishes, console: &Console) -> Exit {
    let options = options(wishes);
    let work = move |progress: &Progress| pipeline::run(&project, &options, progress);
    finish(watched("run", console, work), console, |report| {
        let text = summary::of_run(console.lang(), &report);
        console.result(&text, &summary::of_run_for_programs(&report), &report.outcome.notices);
        Exit::after(&report.outcome.notices)
    })
}

fn check(project: PathBuf, wishes: &Wishes, console: &Console) -> Exit {
    let options = options(wishes);
    finish(watched("check", console, move |_| pipeline::check(&project, &options)), console, |plan| {
        let text = planned::of_plan(console.lang(), &plan);
        console.result(&text, &planned::of_plan_for_programs(&plan), &plan.notices);
        Exit::after(&plan.notices)
    })
}

fn init(folder: PathBuf, console: &Console) -> Exit {
    let lang = console.lang();
    finish(watched("init", console, move |_| pipeline::init(&folder)), console, |(file, notices)| {
        let mut text = lang.sentence("headless.drafted", &[("file", &file.display())]);
        if !notices.is_empty() {
            text = format!("{text}\n\n{}", notices::grouped(lang, &notices));
        }
        console.result(&text, &json!({ "project_file": file.display().to_string() }), &notices);
        Exit::after(&notices)
    })
}

fn accuracy(project: PathBuf, wish: AccuracyWish, wishes: &Wishes, console: &Console) -> Exit {
    let (options, out) = (RunOptions { output_directory: None, ..options(wishes) }, wish.out.clone());
    let work = move |progress: &Progress| pipeline::assess(&project, &wish, &options, progress);
    finish(watched("accuracy", console, work), console, |found| {
        let text = assessment::of_assessment(console.lang(), &found, out.as_deref());
        console.result(&text, &answer(&found), &found.notices);
        Exit::after(&found.notices)
    })
}

fn sample(project: PathBuf, wish: DrawWish, wishes: &Wishes, console: &Console) -> Exit {
    let options = RunOptions { output_directory: None, ..options(wishes) };
    let work = move |progress: &Progress| pipeline::draw(&project, &wish, &options, progress);
    finish(watched("sample", console, work), console, |drawn| {
        let text = assessment::of_sample(console.lang(), &drawn);
        console.result(&text, &assessment::of_sample_for_programs(&drawn), &drawn.notices);
        Exit::after(&drawn.notices)
    })
}

fn options(wishes: &Wishes) -> RunOptions {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    RunOptions {
        jobs: wishes.jobs.unwrap_or_else(cores),
        ram_mb: wishes.ram_mb,
        lang: wishes.documents,
        output_directory: wishes.out.clone(),
    }
}

fn watched<T: Send + 'static>(
    name: &str,
    console: &Console,
    work: impl FnOnce(&Progress) -> Result<T, RunError> + Send + 'static,
) -> Watched<Result<T, RunError>> {
    // Where no handler can be installed the system's own takes over and ends the program at once.
    let interrupt = Interrupt::listen().unwrap_or_default();
    watch(name, console.progress().as_mut(), &|| interrupt.asked(), work)
}

/// Tells how work ended; `tell` tells a good end.
fn finish<T>(end: Watched<Result<T, RunError>>, console: &Console, tell: impl FnOnce(T) -> Exit) -> Exit {
    match end {
        Watched::Ended(Ok(Ok(result))) => tell(result),
        Watched::Ended(Ok(Err(error))) if error.end() == RunEnd::Cancelled => cancelled(console),
        Watched::Abandoned => {
            pipeline::leave_nothing();
            cancelled(console)
        }
        Watched::Ended(Ok(Err(error))) => {
            console.notices(&error.notices());
            error.end().into()
        }
        Watched::Ended(Err(JobFailure::Panicked(detail))) => panicked(console, &detail),
    }
}

fn cancelled(console: &Console) -> Exit {
    console.notice(&Notice::new("stopped", Weight::Warning));
    Exit::Cancelled
}

fn panicked(console: &Console, detail: &str) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    console.notice(&Notice::new("internal_error", Weight::Fatal).fact("detail", detail).fact("version", version));
    Exit::Nothing
}

fn stdout_failed(console: &Console) -> Exit {
    console.notice(&Notice::new("stdout_failed", Weight::Fatal));
    Exit::Environment
}

/// The language of the window, where the command line or the variable chose one; else the window remembers its own.
fn asked_language(wishes: &Wishes) -> Option<Lang> {
    let variable = std::env::var_os(LANGUAGE_VARIABLE).is_some_and(|value| !value.is_empty());
    (wishes.documents.is_some() || variable).then_some(wishes.lang)
}

fn windowed(end: Result<(), Notice>, console: &Console) -> Exit {
    match end {
        Ok(()) => Exit::Done,
        Err(notice) => {
            console.notice(&notice);
            Exit::Environment
        }
    }
}

fn window_is_absent(wanted: Option<&Path>, console: &Console) -> Exit {
    let project = wanted.map_or_else(|| "PROJECT.toml".to_owned(), |path| path.display().to_string());
    console.notice(&Notice::new("no_window", Weight::Fatal).fact("project", project));
    Exit::Environment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Console {
        Console::new(&Wishes {
            lang: Lang::En,
            documents: None,
            log: Log::Text,
            quiet: true,
            jobs: None,
            ram_mb: 0,
            out: None,
        })
    }

    #[test]
    fn a_panic_ends_as_nothing_done_and_a_stop_as_cancelled() {
        let panicked: Watched<Result<(), RunError>> = Watched::Ended(Err(JobFailure::Panicked("x".to_owned())));
        assert_eq!(finish(panicked, &quiet(), |()| Exit::Done), Exit::Nothing);
        let stopped: Watched<Result<(), RunError>> = Watched::Ended(Ok(Err(crate::job::Cancelled.into())));
        assert_eq!(finish(stopped, &quiet(), |()| Exit::Done), Exit::Cancelled);
        assert_eq!(finish(Watched::<Result<(), RunError>>::Abandoned, &quiet(), |()| Exit::Done), Exit::Cancelled);
    }
}
