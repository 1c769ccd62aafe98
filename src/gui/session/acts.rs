//! Every act of the user that has a name: one table, from which keyboard, command palette, key sheet and tooltips come.

use super::compare::Mode;
use super::tools::Tool;
use super::views::{LEAST, MOST};
use super::{
    Command, CompareWish, DetectWish, EditWish, ExportWish, FlagsWish, Layer, LookWish, Overlay, Page, Pane, Pick,
    Session, SheetCommand, Target, Task, ToolsWish, ViewWish,
};

/// How much one press zooms.
const STEP: f64 = 1.5;

/// Where an act stands on the sheet of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Projects, runs, results.
    Project,
    /// Moving about the map and what it shows.
    Map,
    /// Years against each other.
    Compare,
    /// Going through the flags.
    Flags,
    /// The window itself.
    Window,
}

impl Group {
    /// All, in the order of the sheet.
    pub const ALL: [Self; 5] = [Self::Project, Self::Map, Self::Compare, Self::Flags, Self::Window];

    /// Its key in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Project => "gui.act_group.project",
            Self::Map => "gui.act_group.map",
            Self::Compare => "gui.act_group.compare",
            Self::Flags => "gui.act_group.flags",
            Self::Window => "gui.act_group.window",
        }
    }
}

/// One act.
pub struct Act {
    /// Its name; `gui.act.NAME` in the language files.
    pub name: &'static str,
    /// Where it stands.
    pub group: Group,
    /// Its keys, as `Ctrl+Shift+K`. Those with Ctrl or Alt and function keys work everywhere, the others not while a text is typed.
    pub keys: &'static [&'static str],
    /// What it asks for; `None` where it cannot be done now.
    pub command: fn(&Session) -> Option<Command>,
}

impl Act {
    /// Its key in the language files.
    #[must_use]
    pub fn key(&self) -> String {
        format!("gui.act.{}", self.name)
    }

    /// Whether a press counts although a text is being typed.
    #[must_use]
    pub fn is_global(keys: &str) -> bool {
        keys.contains("Ctrl+") || keys.contains("Alt+") || (keys.starts_with('F') && keys.len() > 1)
    }
}

const fn act(
    name: &'static str,
    group: Group,
    keys: &'static [&'static str],
    command: fn(&Session) -> Option<Command>,
) -> Act {
    Act { name, group, keys, command }
}

/// All acts.
pub const ACTS: &[Act] = &[
    act("open_file", Group::Project, &["Ctrl+O"], |_| Some(Command::Pick(Pick::File))),
    act("open_folder", Group::Project, &["Ctrl+Shift+O"], |_| Some(Command::Pick(Pick::Folder))),
    act("open_sample", Group::Project, &[], |_| Some(Command::OpenSample)),
    act("run", Group::Project, &["Ctrl+R"], |s| {
        (s.project.is_some() && !s.jobs.is_doing(Task::Run)).then_some(Command::Run)
    }),
    act("stop", Group::Project, &[], |s| s.jobs.is_doing(Task::Run).then_some(Command::Cancel(Task::Run))),
    act("build_overviews", Group::Project, &[], |s| {
        let lacking = s.project.as_ref()?.exposure.without_overviews().next().is_some();
        (lacking && !s.jobs.is_doing(Task::Overviews)).then_some(Command::BuildOverviews)
    }),
    act("check", Group::Project, &["F5"], |s| (s.project.is_some() || s.edit.is_some()).then_some(Command::Reload)),
    act("undo", Group::Project, &["Ctrl+Z"], |s| {
        s.edit.as_ref()?.history().filter(|history| history.can_undo()).map(|_| Command::Edit(EditWish::Undo))
    }),
    act("redo", Group::Project, &["Ctrl+Shift+Z", "Ctrl+Y"], |s| {
        s.edit.as_ref()?.history().filter(|history| history.can_redo()).map(|_| Command::Edit(EditWish::Redo))
    }),
    act("export", Group::Project, &["Ctrl+E"], |s| map(s, Command::Export(ExportWish::Open))),
    act("print_map", Group::Project, &["Ctrl+Shift+E"], |s| map(s, Command::Sheet(SheetCommand::Open(true)))),
    act("page_map", Group::Project, &["Ctrl+M"], |s| s.project.as_ref().map(|_| Command::Go(Page::Map))),
    act("page_project", Group::Project, &["Ctrl+P"], |s| {
        (s.project.is_some() || s.edit.is_some()).then_some(Command::Go(Page::Project))
    }),
    act("page_welcome", Group::Project, &["Ctrl+N"], |_| Some(Command::Go(Page::Welcome))),
    act("zoom_in", Group::Map, &["+", "="], |s| zoom(s, STEP)),
    act("zoom_out", Group::Map, &["-"], |s| zoom(s, 1.0 / STEP)),
    act("show_images", Group::Map, &["Home"], |s| map(s, Command::View(ViewWish::Show(Target::Images)))),
    act("show_all", Group::Map, &["Shift+Home"], |s| map(s, Command::View(ViewWish::Show(Target::All)))),
    act("find_place", Group::Map, &["Ctrl+G"], |s| map(s, Command::Tools(ToolsWish::Search(true)))),
    act("zoom_box", Group::Map, &["Z"], |s| tool(s, Tool::Box)),
    act("measure_length", Group::Map, &["D"], |s| tool(s, Tool::Length)),
    act("measure_area", Group::Map, &["A"], |s| tool(s, Tool::Area)),
    act("toggle_scores", Group::Map, &["S"], |s| map(s, Command::Detect(DetectWish::Heat(!s.detect.heat)))),
    act("toggle_mask", Group::Map, &["M"], |s| map(s, Command::Detect(DetectWish::Mask(!s.detect.mask)))),
    act("toggle_flags", Group::Map, &["H"], |s| map(s, Command::Look(LookWish::Toggle(Layer::Flags)))),
    act("toggle_labels", Group::Map, &["N"], |s| map(s, Command::Look(LookWish::Toggle(Layer::Labels)))),
    act("toggle_images", Group::Map, &["I"], |s| map(s, Command::Look(LookWish::Toggle(Layer::Images)))),
    act("single", Group::Compare, &["1"], |s| mode(s, Mode::Single)),
    act("swipe", Group::Compare, &["2"], |s| mode(s, Mode::Swipe)),
    act("fade", Group::Compare, &["3"], |s| mode(s, Mode::Fade)),
    act("linked", Group::Compare, &["4"], |s| mode(s, Mode::Linked)),
    act("blink", Group::Compare, &["5"], |s| mode(s, Mode::Blink)),
    act("lens", Group::Compare, &["6"], |s| mode(s, Mode::Lens)),
    act("more_views", Group::Compare, &["]"], |s| views(s, 1)),
    act("fewer_views", Group::Compare, &["["], |s| views(s, -1)),
    act("later_on", Group::Compare, &["Shift+Right"], |s| map(s, Command::Compare(CompareWish::StepLater(1)))),
    act("later_back", Group::Compare, &["Shift+Left"], |s| map(s, Command::Compare(CompareWish::StepLater(-1)))),
    act("turn_line", Group::Compare, &["\\"], |s| {
        let turned = s.project.as_ref()?.compare.line.turned();
        map(s, Command::Compare(CompareWish::Line(turned)))
    }),
    act("release_views", Group::Compare, &[], |s| map(s, Command::Compare(CompareWish::ReleaseViews))),
    act("years_on", Group::Compare, &["Right"], |s| map(s, Command::Compare(CompareWish::StepYears(1)))),
    act("years_back", Group::Compare, &["Left"], |s| map(s, Command::Compare(CompareWish::StepYears(-1)))),
    act("next_flag", Group::Flags, &["J", "Down"], |s| map(s, Command::Flags(FlagsWish::Step(1)))),
    act("previous_flag", Group::Flags, &["K", "Up"], |s| map(s, Command::Flags(FlagsWish::Step(-1)))),
    act("show_flag", Group::Flags, &["F"], |s| {
        let flag = s.project.as_ref()?.flags.selected()?.0;
        map(s, Command::View(ViewWish::Show(Target::Flag(flag))))
    }),
    act("deselect", Group::Flags, &[], |s| {
        s.project.as_ref()?.flags.selected()?;
        map(s, Command::Flags(FlagsWish::Select(None)))
    }),
    act("mark_next", Group::Flags, &["Shift+Down"], |s| map(s, Command::Flags(FlagsWish::Extend(1)))),
    act("mark_previous", Group::Flags, &["Shift+Up"], |s| map(s, Command::Flags(FlagsWish::Extend(-1)))),
    act("first_flag", Group::Flags, &["Ctrl+Home"], |s| map(s, Command::Flags(FlagsWish::Step(-isize::MAX)))),
    act("last_flag", Group::Flags, &["Ctrl+End"], |s| map(s, Command::Flags(FlagsWish::Step(isize::MAX)))),
    act("search", Group::Flags, &["Ctrl+F"], |s| map(s, Command::Search(true))),
    act("palette", Group::Window, &["Ctrl+K"], |_| Some(Command::Overlay(Some(Overlay::Palette)))),
    act("keys", Group::Window, &["F1"], |s| {
        Some(Command::Overlay((s.overlay != Some(Overlay::Keys)).then_some(Overlay::Keys)))
    }),
    act("language", Group::Window, &["Ctrl+L"], |_| Some(Command::SwitchLanguage)),
    act("theme", Group::Window, &["Ctrl+T"], |_| Some(Command::SwitchTheme)),
    act("larger", Group::Window, &["Ctrl++", "Ctrl+="], |s| Some(Command::Scale(s.preferences.scale + 10))),
    act("smaller", Group::Window, &["Ctrl+-"], |s| Some(Command::Scale(s.preferences.scale.saturating_sub(10)))),
    act("scale_normal", Group::Window, &["Ctrl+0"], |_| Some(Command::Scale(100))),
    act("pane_layers", Group::Window, &["Alt+1"], |s| map(s, Command::Raise(Pane::Layers))),
    act("pane_flags", Group::Window, &["Alt+2"], |s| map(s, Command::Raise(Pane::Flags))),
    act("pane_charts", Group::Window, &["Alt+3"], |s| map(s, Command::Raise(Pane::Charts))),
    act("pane_inspector", Group::Window, &["Alt+4"], |s| map(s, Command::Raise(Pane::Inspector))),
    act("pane_detect", Group::Window, &["Alt+5"], |s| map(s, Command::Raise(Pane::Detect))),
    act("reset_layout", Group::Window, &[], |_| Some(Command::Layout(None))),
];

/// The act of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Act> {
    ACTS.iter().find(|act| act.name == name)
}

/// A command that has a meaning on the map page only.
fn map(session: &Session, command: Command) -> Option<Command> {
    (session.page == Page::Map && session.project.is_some()).then_some(command)
}

fn tool(session: &Session, tool: Tool) -> Option<Command> {
    map(session, Command::Tools(ToolsWish::Take(tool)))
}

fn mode(session: &Session, mode: Mode) -> Option<Command> {
    map(session, Command::Compare(CompareWish::Mode(mode)))
}

/// So many linked views more; of one view alone the first step makes two.
fn views(session: &Session, more: isize) -> Option<Command> {
    let count = session.project.as_ref()?.compare.parts().checked_add_signed(more)?;
    let count = (LEAST..=MOST).contains(&count).then_some(count)?;
    map(session, Command::Compare(CompareWish::Views(count)))
}

/// Zooms about the middle of the map.
fn zoom(session: &Session, factor: f64) -> Option<Command> {
    let size = session.view.size;
    map(session, Command::View(ViewWish::Zoom(factor, (size.0 / 2.0, size.1 / 2.0))))
}

/// The acts whose words hold every part of what was typed, best first: those that begin with it, then the others in the
/// table's order. Both languages are searched, so that a hand that knows one of them finds its way.
#[must_use]
pub fn found(session: &Session, typed: &str) -> Vec<&'static Act> {
    let typed = typed.trim().to_lowercase();
    let parts: Vec<&str> = typed.split_whitespace().collect();
    let words = |act: &Act| crate::lang::Lang::ALL.map(|lang| lang.word(&act.key()).to_lowercase());
    let holds = |act: &&Act| {
        let text = words(act).join(" ");
        parts.iter().all(|part| text.contains(part))
    };
    let possible = ACTS.iter().filter(|act| act.name != "palette" && (act.command)(session).is_some());
    let mut found: Vec<&'static Act> = possible.filter(holds).collect();
    found.sort_by_key(|act| !typed.is_empty() && !words(act).iter().any(|word| word.starts_with(&typed)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::session::preferences::Preferences;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = BTreeSet::new();
        for key in ACTS.iter().flat_map(|act| act.keys) {
            assert!(seen.insert(*key), "{key}");
        }
    }

    #[test]
    fn every_act_is_named_once_and_in_words() {
        let mut seen = BTreeSet::new();
        for act in ACTS {
            assert!(seen.insert(act.name), "{}", act.name);
            for lang in crate::lang::Lang::ALL {
                assert!(lang.known_word(&act.key()).is_some(), "{} {lang:?}", act.key());
            }
        }
    }

    #[test]
    fn the_palette_finds_words_of_either_language_and_only_what_can_be_done() {
        let session = Session::new(Preferences::default(), Arc::new(|| {}), |_| {});
        let names = |typed| found(&session, typed).iter().map(|act| act.name).collect::<Vec<_>>();
        assert_eq!(names("sample"), ["open_sample"]);
        assert_eq!(names("示例"), ["open_sample"]);
        assert!(names("").contains(&"open_file") && !names("").contains(&"next_flag"));
    }
}
