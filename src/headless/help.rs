//! The help: the texts of clap's definition, from the language files (`help.*`).

use clap::{Arg, ArgAction, Command};

use crate::lang::Lang;

/// Gives a definition its texts in a language.
#[must_use]
pub fn in_words(command: Command, lang: Lang) -> Command {
    let root = command.args([
        Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true),
        Arg::new("version").short('V').long("version").action(ArgAction::Version),
    ]);
    let root = texts(root, "ecoredline", lang)
        .subcommand_help_heading(lang.word("help.heading.commands"))
        .after_help(format!("{}\n\n{}", lang.word("help.examples"), lang.word("help.exits")));
    root.mut_subcommands(|verb| {
        let name = verb.get_name().to_owned();
        texts(verb, &name, lang)
    })
}

fn texts(command: Command, name: &str, lang: Lang) -> Command {
    let template =
        format!("{{about}}\n\n{}\n  {{usage}}\n\n{{all-args}}{{after-help}}\n", lang.word("help.heading.usage"));
    command
        .about(lang.word(&format!("help.about.{name}")))
        .override_usage(lang.word(&format!("help.usage.{name}")))
        .help_template(template)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "help.heading.arguments" } else { "help.heading.options" };
            let text = lang.word(&format!("help.arg.{}", arg.get_id()));
            arg.help(text).help_heading(lang.word(heading))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headless::command_line::definition;

    #[test]
    fn every_text_of_the_help_is_in_both_languages() {
        for lang in Lang::ALL {
            let mut root = definition(lang);
            root.build();
            let pages = std::iter::once(root.clone()).chain(root.get_subcommands().cloned());
            for mut page in pages {
                let text = page.render_long_help().to_string();
                assert!(!text.contains("help."), "{lang:?}: a key without words in\n{text}");
                assert!(!text.contains("Usage:") || lang == Lang::En, "clap's own words in\n{text}");
            }
        }
    }
}
