//! The verb `map`: a project's map as a picture, the same as the window makes.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::job::Progress;
use crate::pipeline::{self, SheetWish, Years};
use crate::report::sheet::Paper;

use super::command_line::Wishes;
use super::console::Console;
use super::exit::Exit;
use super::{finish, watched};

/// The words of the verb.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct MapWords {
    #[arg(value_name = "PROJECT.toml")]
    project: PathBuf,
    #[arg(long, value_name = "DATE", num_args = 1..=2, value_delimiter = ',')]
    date: Vec<String>,
    #[arg(long, value_name = "MM", default_value = "297x210", hide_default_value = true, value_parser = size)]
    size: (u16, u16),
    #[arg(long, value_name = "DPI", default_value_t = 200, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(30..=1200))]
    dpi: u16,
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[arg(long, value_name = "TEXT")]
    author: Option<String>,
    #[arg(long, value_name = "SOURCE")]
    basemap: Option<String>,
}

/// `297x210`: width and height in millimetres.
fn size(text: &str) -> Result<(u16, u16), String> {
    let sides = text.split_once(['x', 'X', '×']).map(|(width, height)| (width.trim().parse(), height.trim().parse()));
    match sides {
        Some((Ok(width), Ok(height))) => Ok((width, height)),
        _ => Err(text.to_owned()),
    }
}

/// A file as it is seen from the working directory, not from the project's folder; any other source as it is.
fn from_here(source: String) -> String {
    let file = Some(PathBuf::from(&source)).filter(|file| file.exists());
    file.and_then(|file| std::path::absolute(file).ok()).map_or(source, |file| file.display().to_string())
}

impl MapWords {
    fn wish(self, out: PathBuf, wishes: &Wishes) -> (PathBuf, SheetWish) {
        let paper = Paper::of_mm(f64::from(self.size.0), f64::from(self.size.1), f64::from(self.dpi));
        let years = if self.date.is_empty() { Years::Last } else { Years::Dates(self.date) };
        let (lang, title, author) = (wishes.documents, self.title, self.author);
        let basemap = self.basemap.map(|source| (from_here(source), 1.0));
        (self.project, SheetWish { paper, lang, title, author, years, basemap, ..SheetWish::plain(out) })
    }
}

/// Draws the map and tells where it is.
pub(super) fn draw(words: MapWords, out: PathBuf, wishes: &Wishes, console: &Console) -> Exit {
    let (project, wish) = words.wish(out, wishes);
    let work = move |progress: &Progress| pipeline::sheet(&project, &wish, progress);
    finish(watched("map", console, work), console, |file| {
        let told = file.display().to_string();
        console.result(&console.lang().sentence("sheet.written", &[("file", &told)]), &json!({ "map": told }), &[]);
        Exit::Done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!(size("297x210"), Ok((297, 210)));
        assert_eq!(size("210 × 297"), Ok((210, 297)));
        assert!(size("A4").is_err() && size("297").is_err() && size("-1x5").is_err());
    }
}
