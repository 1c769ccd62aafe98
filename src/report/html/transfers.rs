//! What became what between two land-cover maps: the transfer matrix of one comparison.

use crate::model::outcome::ComparisonOutcome;
use crate::model::transfer::Transfers;
use crate::model::units::SquareMetres;
use crate::report::{ReportInput, number, phrase};

use super::markup::{Element, Markup, el};

/// More classes make no table that can be read on a page; the workbook holds them all.
const MOST_CLASSES: usize = 24;

pub(super) fn table(input: &ReportInput<'_>, comparison: &ComparisonOutcome) -> Option<Markup> {
    let transfers = comparison.transfers.as_ref().filter(|t| !t.classes.is_empty())?;
    let lang = input.lang;
    let title = el("h4").text(lang.word("report.transfers.title"));
    if transfers.classes.len() > MOST_CLASSES {
        let facts: [(&str, &dyn std::fmt::Display); 1] = [("count", &transfers.classes.len())];
        let cut = el("p").class("hint").text(lang.sentence("report.transfers.cut", &facts));
        return Some([title, cut].into_iter().collect());
    }
    let hint = el("p").class("hint").text(lang.word("report.transfers.hint"));
    Some([title, hint, matrix(input, transfers)].into_iter().collect())
}

fn matrix(input: &ReportInput<'_>, transfers: &Transfers) -> Element {
    let lang = input.lang;
    let label = |at: usize| phrase::transfer_class(&transfers.classes[at], lang);
    let heading = |text: String| el("th").attr("scope", "col").class("n").text(text);
    let all = 0..transfers.classes.len();
    let head = el("tr")
        .child(el("th").attr("scope", "col").text(lang.word("report.transfers.from_to")))
        .children(all.clone().map(|at| heading(label(at))))
        .child(heading(lang.word("report.transfers.before")));
    let row = |from: usize| {
        let cells = transfers.areas[from].iter().enumerate().map(|(to, area)| cell(input, *area, from == to));
        el("tr").child(el("th").attr("scope", "row").text(label(from))).children(cells).child(cell(
            input,
            transfers.before(from),
            false,
        ))
    };
    let whole = all.clone().map(|at| transfers.before(at)).sum();
    let last = el("tr")
        .child(el("th").attr("scope", "row").text(lang.word("report.transfers.after")))
        .children(all.clone().map(|to| cell(input, transfers.after(to), false)))
        .child(cell(input, whole, false));
    let body = el("tbody").children(all.map(row)).child(last);
    el("table").class("list transfers").child(el("thead").child(head)).child(body)
}

/// An area with its mu; nothing where nothing moved. What stayed is shown in bold.
fn cell(input: &ReportInput<'_>, area: SquareMetres, stayed: bool) -> Markup {
    let cell = el("td").class("n");
    if area.0 <= 0.0 {
        return cell.into();
    }
    let figure = number::area(area.0);
    let figure = if stayed { Markup::from(el("strong").text(figure)) } else { Markup::text(&figure) };
    cell.child(figure).child(el("span").class("aside").text(number::mu(area.0, input.lang))).into()
}
