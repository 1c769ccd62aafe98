//! Text → text with one change made, by cutting and pasting at the places where the parser found keys and values. The
//! result is believed only where the parser then finds exactly what was wanted, and nothing else changed.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::words::{key, written};
use super::{Change, EditError, Place, Step, values};

/// The text with one change made.
///
/// # Errors
/// [`EditError::Layout`] where the text is laid out in a way that this place cannot be changed in.
pub(super) fn splice(whole: &str, change: &Change) -> Result<String, EditError> {
    let refused = || EditError::Layout(change.place().clone());
    let text = whole.trim_start_matches('\u{feff}');
    let mark = &whole[..whole.len() - text.len()];
    let before = values(text).ok_or_else(refused)?;
    let mut wanted = before.clone();
    wish(&mut wanted, change).ok_or_else(refused)?;
    if alike(&before, &wanted) {
        return Ok(whole.to_owned());
    }
    let mut changed = text.to_owned();
    for step in steps(text, change) {
        changed = Text::of(&changed).change(&step).ok_or_else(refused)?;
    }
    let found = values(&changed).ok_or_else(refused)?;
    if alike(&found, &wanted) { Ok(format!("{mark}{changed}")) } else { Err(refused()) }
}

/// What the values are after a change; `None` where there is no such place.
fn wish(root: &mut Value, change: &Change) -> Option<()> {
    match change {
        Change::Set(place, value) => *reach(root, place)? = value.clone(),
        Change::Add(list, entries) => {
            let list = reach(root, list)?;
            if list.is_null() {
                *list = Value::Array(Vec::new());
            }
            list.as_array_mut()?.push(Value::Object(entries.iter().cloned().collect()));
        }
        Change::Remove(place) => remove(root, place)?,
        Change::Rename(place, name) => {
            let (holder, _) = place.split()?;
            let value = place.find(root)?.clone();
            remove(root, place)?;
            *reach(root, &holder.key(name))? = value;
        }
    }
    Some(())
}

/// The value at a place, made where there is none.
fn reach<'v>(root: &'v mut Value, place: &Place) -> Option<&'v mut Value> {
    place.steps().iter().try_fold(root, |value, step| match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            Some(value.as_object_mut()?.entry(key.clone()).or_insert(Value::Null))
        }
        Step::Item(number) => {
            let list = value.as_array_mut()?;
            if list.len() == *number {
                list.push(Value::Null);
            }
            list.get_mut(*number)
        }
    })
}

/// That there is nothing at the place is as good as removing it.
fn remove(root: &mut Value, place: &Place) -> Option<()> {
    let (holder, last) = place.split()?;
    if place.find(root).is_none() {
        return Some(());
    }
    match (reach(root, &holder)?, last) {
        (Value::Object(map), Step::Key(key)) => drop(map.remove(key)),
        (Value::Array(list), Step::Item(number)) => drop(list.remove(*number)),
        _ => return None,
    }
    Some(())
}

/// Whether two documents say the same. A list of tables without entries cannot be written, so none is the same.
fn alike(a: &Value, b: &Value) -> bool {
    let empty = |value: Option<&Value>| value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a.keys().chain(b.keys()).all(|key| match (a.get(key), b.get(key)) {
            (Some(a), Some(b)) => alike(a, b),
            (a, b) => empty(a) && empty(b),
        }),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        _ => a == b,
    }
}

/// A change as changes of single lines: a table with a header of its own is changed key by key, a list of tables entry by
/// entry.
fn steps(text: &str, change: &Change) -> Vec<Change> {
    let layout = Text::of(text);
    let node = |place: &Place| layout.locate(place);
    match change {
        Change::Set(place, Value::Object(new)) => {
            let Some(old) = node(place).filter(|node| layout.is_header(&node.span)) else {
                return vec![change.clone()];
            };
            let known = old.value.as_table().into_iter().flatten().map(|(key, _)| key.get_ref().to_string());
            let gone = known.filter(|key| !new.contains_key(key)).map(|key| Change::Remove(place.key(&key)));
            gone.chain(new.iter().map(|(key, value)| Change::Set(place.key(key), value.clone()))).collect()
        }
        Change::Remove(place) => match node(place) {
            Some(Node { value: DeValue::Array(list), span, .. }) if layout.is_header(&span) => {
                (0..list.len()).rev().map(|number| Change::Remove(place.item(number))).collect()
            }
            _ => vec![change.clone()],
        },
        _ => vec![change.clone()],
    }
}

/// A value in the text.
struct Node<'a> {
    /// Where its key stands; entries of lists have none.
    key: Option<Range<usize>>,
    /// Where it stands itself; of a table with a header, the header.
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

struct Text<'t> {
    whole: &'t str,
    root: DeTable<'t>,
    newline: &'static str,
}

impl<'t> Text<'t> {
    fn of(text: &'t str) -> Self {
        let root = DeTable::parse_recoverable(text).0.into_inner();
        Self { whole: text, root, newline: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    fn change(&self, change: &Change) -> Option<String> {
        match change {
            Change::Set(place, value) => match self.locate(place) {
                Some(node) if self.is_header(&node.span) => None,
                Some(node) => Some(self.replaced(node.span, &written(value, self.newline)?)),
                None => self.inserted(place, value),
            },
            Change::Remove(place) => match self.locate(place) {
                Some(node) => self.removed(place, &node),
                None => Some(self.whole.to_owned()),
            },
            Change::Add(list, entries) => self.added(list, entries),
            Change::Rename(place, name) => Some(self.replaced(self.locate(place)?.key?, &key(name))),
        }
    }

    fn locate(&self, place: &Place) -> Option<Node<'_>> {
        let (first, rest) = place.steps().split_first()?;
        let Step::Key(first) = first else { return None };
        rest.iter().try_fold(child(&self.root, first)?, |node, step| match (node.value, step) {
            (DeValue::Table(table), Step::Key(key)) => child(table, key),
            (DeValue::Array(list), Step::Item(number)) => {
                let item = list.get(*number)?;
                Some(Node { key: None, span: item.span(), value: item.get_ref() })
            }
            _ => None,
        })
    }

    /// Whether a table or list of tables is written with `[headers]`.
    fn is_header(&self, span: &Range<usize>) -> bool {
        // A header is the first thing on its line; a list stands after its equals sign.
        self.whole[span.clone()].starts_with('[')
            && self.whole[self.line_start(span.start)..span.start].trim().is_empty()
    }

    fn replaced(&self, range: Range<usize>, by: &str) -> String {
        format!("{}{by}{}", &self.whole[..range.start], &self.whole[range.end..])
    }

    fn line_start(&self, at: usize) -> usize {
        self.whole[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line ends, before its line end.
    fn line_end(&self, at: usize) -> usize {
        let end = self.whole[at..].find('\n').map_or(self.whole.len(), |newline| at + newline);
        if self.whole[..end].ends_with('\r') { end - 1 } else { end }
    }

    /// Where the next line begins.
    fn next_line(&self, at: usize) -> usize {
        self.whole[at..].find('\n').map_or(self.whole.len(), |newline| at + newline + 1)
    }

    /// A key that is not there yet.
    fn inserted(&self, place: &Place, value: &Value) -> Option<String> {
        let (holder, last) = place.split()?;
        let Some(node) = self.locate(&holder) else {
            if holder.steps().is_empty() {
                return self.line_added(&self.root, None, place.last_key(), value);
            }
            return match (holder.steps(), last) {
                ([Step::Key(table)], Step::Key(name)) => {
                    let line = format!("{} = {}", key(name), written(value, self.newline)?);
                    Some(self.appended(&format!("[{}]", key(table)), &[line]))
                }
                (_, Step::Key(name)) => {
                    let inner = Map::from_iter([(name.clone(), value.clone())]);
                    self.inserted(&holder, &Value::Object(inner))
                }
                (_, Step::Item(_)) => self.inserted(&holder, &Value::Array(vec![value.clone()])),
            };
        };
        match (node.value, last) {
            (DeValue::Table(table), Step::Key(name)) if self.is_header(&node.span) => {
                self.line_added(table, Some(node.span.end), name, value)
            }
            (DeValue::Table(_), Step::Key(name)) => {
                Some(self.pushed(&node, &format!("{} = {}", key(name), written(value, "")?), ("{ ", " }")))
            }
            (DeValue::Array(list), Step::Item(number)) if *number == list.len() && !self.is_header(&node.span) => {
                Some(self.pushed(&node, &written(value, "")?, ("[", "]")))
            }
            _ => None,
        }
    }

    /// A line after the last of a table's own.
    fn line_added(&self, table: &DeTable<'_>, header: Option<usize>, name: &str, value: &Value) -> Option<String> {
        let line = format!("{} = {}", key(name), written(value, self.newline)?);
        let Some(last) = self.end_of(table, false).or(header) else {
            return Some(format!("{line}{}{}", self.newline, self.whole));
        };
        let start = self.line_start(last);
        let indent: String = self.whole[start..last].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
        let end = self.line_end(last);
        Some(format!("{}{}{indent}{line}{}", &self.whole[..end], self.newline, &self.whole[end..]))
    }

    /// The end of the last value of a table; with those below headers of their own, or without.
    fn end_of(&self, table: &DeTable<'_>, all: bool) -> Option<usize> {
        table.iter().filter_map(|(_, value)| self.end(value, all)).max()
    }

    fn end(&self, value: &Spanned<DeValue<'_>>, all: bool) -> Option<usize> {
        let span = value.span();
        let header = self.is_header(&span);
        if header && !all {
            return None;
        }
        let inner = match value.get_ref() {
            DeValue::Table(table) if !self.whole[span.clone()].starts_with('{') => self.end_of(table, all),
            DeValue::Array(list) if header => list.iter().filter_map(|item| self.end(item, all)).max(),
            _ => None,
        };
        inner.max(Some(span.end))
    }

    /// One more entry of a table or list on one line.
    fn pushed(&self, node: &Node<'_>, entry: &str, (open, close): (&str, &str)) -> String {
        let entries = entries(node.value);
        let Some(last) = entries.last() else {
            return self.replaced(node.span.clone(), &format!("{open}{entry}{close}"));
        };
        let start = self.line_start(last.start);
        let before = &self.whole[start..last.start];
        let gap = if before.trim().is_empty() { format!("{}{before}", self.newline) } else { " ".to_owned() };
        self.replaced(last.end..last.end, &format!(",{gap}{entry}"))
    }

    fn removed(&self, place: &Place, node: &Node<'_>) -> Option<String> {
        let (holder, _) = place.split()?;
        if self.is_header(&node.span) {
            let end = match node.value {
                DeValue::Table(table) => self.end_of(table, true).unwrap_or(node.span.end).max(node.span.end),
                _ => return None,
            };
            return Some(self.without_lines(node.span.start, end));
        }
        match self.locate(&holder) {
            Some(inline) if !self.is_header(&inline.span) => self.without_entry(&inline, node),
            _ => {
                let (start, end) = (self.line_start(node.key.as_ref()?.start), self.next_line(node.span.end));
                Some(self.replaced(start..end, ""))
            }
        }
    }

    /// Without a block of lines; of two blank lines that meet then, one.
    fn without_lines(&self, from: usize, to: usize) -> String {
        let (start, mut end) = (self.line_start(from), self.next_line(to));
        let above = &self.whole[..start];
        let open = above.is_empty() || above.ends_with("\n\n") || above.ends_with("\n\r\n");
        if open && end < self.whole.len() && self.whole[end..self.next_line(end)].trim().is_empty() {
            end = self.next_line(end);
        }
        self.replaced(start..end, "")
    }

    fn without_entry(&self, holder: &Node<'_>, node: &Node<'_>) -> Option<String> {
        let entries = entries(holder.value);
        let at = entries.iter().position(|entry| entry.end == node.span.end)?;
        let gone = match (at.checked_sub(1).map(|before| &entries[before]), entries.get(at + 1)) {
            (_, Some(next)) => entries[at].start..next.start,
            (Some(before), None) => before.end..entries[at].end,
            (None, None) => {
                let empty = if matches!(holder.value, DeValue::Table(_)) { "{}" } else { "[]" };
                return Some(self.replaced(holder.span.clone(), empty));
            }
        };
        Some(self.replaced(gone, ""))
    }

    fn added(&self, list: &Place, entry: &[(String, Value)]) -> Option<String> {
        let line = |(name, value): &(String, Value)| Some(format!("{} = {}", key(name), written(value, self.newline)?));
        let lines: Vec<String> = entry.iter().map(line).collect::<Option<_>>()?;
        let header = format!("[[{}]]", list.kind());
        match self.locate(list) {
            None => Some(self.appended(&header, &lines)),
            Some(node) if self.is_header(&node.span) => {
                let DeValue::Array(items) = node.value else { return None };
                let last = items.iter().filter_map(|item| self.end(item, true)).max()?;
                let end = self.line_end(last);
                let block = self.block(&header, &lines);
                Some(format!("{}{}{}{}", &self.whole[..end], self.newline, block.trim_end(), &self.whole[end..]))
            }
            Some(node) => {
                let object = Value::Object(entry.iter().cloned().collect());
                Some(self.pushed(&node, &written(&object, "")?, ("[", "]")))
            }
        }
    }

    /// A blank line, a header and its lines.
    fn block(&self, header: &str, lines: &[String]) -> String {
        let newline = self.newline;
        let lines: String = lines.iter().flat_map(|line| [line.as_str(), newline]).collect();
        format!("{newline}{header}{newline}{lines}")
    }

    fn appended(&self, header: &str, lines: &[String]) -> String {
        let ended = self.whole.is_empty() || self.whole.ends_with('\n');
        let end = if ended { "" } else { self.newline };
        format!("{}{end}{}", self.whole, self.block(header, lines))
    }
}

fn child<'a>(table: &'a DeTable<'a>, name: &str) -> Option<Node<'a>> {
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    Some(Node { key: Some(key.span()), span: value.span(), value: value.get_ref() })
}

/// Where the entries of a table or list on one line stand, each with its key, in their order.
fn entries(value: &DeValue<'_>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = match value {
        DeValue::Table(table) => table.iter().map(|(key, value)| key.span().start..value.span().end).collect(),
        DeValue::Array(list) => list.iter().map(Spanned::span).collect(),
        _ => Vec::new(),
    };
    found.sort_by_key(|entry| entry.start);
    found
}
