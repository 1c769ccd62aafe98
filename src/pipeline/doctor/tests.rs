//! Findings and their remedies: each makes its notice go away.

use super::*;
use crate::project::edit::apply;

fn cure(notice: &Notice, text: &str, known: &Known, remedy: usize) -> String {
    let found = findings(std::slice::from_ref(notice), text, Path::new("/data/p.toml"), known);
    let Cure::Change(changes) = &found[0].remedies[remedy].cure else { panic!("{found:?}") };
    apply(text, changes).unwrap()
}
