//! HTML and SVG that is safe by construction: text and attribute values are escaped when they enter; only this file
//! turns strings into markup.

use std::fmt::Display;

/// Elements without content and without an end tag.
const VOID: [&str; 4] = ["meta", "img", "br", "link"];

/// A piece of a page, already escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Text, escaped.
    pub(super) fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// Markup of our own: a template or style sheet that ships with the program.
    pub(super) fn own(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Adds a piece at the end.
    pub(super) fn push(&mut self, piece: impl Into<Self>) {
        self.0.push_str(&piece.into().0);
    }

    /// The bytes of the page.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl<M: Into<Markup>> FromIterator<M> for Markup {
    fn from_iter<I: IntoIterator<Item = M>>(pieces: I) -> Self {
        let mut all = Self::default();
        for piece in pieces {
            all.push(piece);
        }
        all
    }
}

/// An element being written.
#[derive(Debug, Clone)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    inner: Markup,
}

/// An element of a name.
pub(super) fn el(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inner: Markup::default() }
}

/// A `div` of a class.
pub(super) fn div(class: &'static str) -> Element {
    el("div").class(class)
}

impl Element {
    /// Adds an attribute; its value is escaped, its name is ours.
    pub(super) fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push_str(&format!(" {name}=\"{}\"", escaped(&value.to_string())));
        self
    }

    /// Sets the class.
    pub(super) fn class(self, class: &str) -> Self {
        self.attr("class", class)
    }

    /// Adds text, escaped.
    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.inner.push(Markup::text(text.as_ref()));
        self
    }

    /// Adds a piece inside.
    pub(super) fn child(mut self, piece: impl Into<Markup>) -> Self {
        self.inner.push(piece);
        self
    }

    /// Adds a piece inside, if there is one.
    pub(super) fn maybe(self, piece: Option<impl Into<Markup>>) -> Self {
        match piece {
            Some(piece) => self.child(piece),
            None => self,
        }
    }

    /// Adds pieces inside.
    pub(super) fn children<M: Into<Markup>>(mut self, pieces: impl IntoIterator<Item = M>) -> Self {
        for piece in pieces {
            self.inner.push(piece);
        }
        self
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        let Element { name, attributes, inner } = element;
        if VOID.contains(&name) {
            Self(format!("<{name}{attributes}>"))
        } else {
            Self(format!("<{name}{attributes}>{}</{name}>", inner.0))
        }
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            // Marks that turn the direction of text could make a name read as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate of a drawing, with at most two decimals.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_cannot_leave_their_place() {
        let markup: Markup = el("p").attr("title", "\"><script>").text("<b> & 'x'\u{0}\u{202e}").into();
        assert_eq!(
            markup.into_string(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt; &amp; &#39;x&#39;\u{fffd}\u{fffd}</p>"
        );
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!([px(1.0), px(2.503), px(-0.001), px(100.0)], ["1", "2.5", "0", "100"]);
    }
}
