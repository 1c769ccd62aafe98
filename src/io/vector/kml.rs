//! KML, read by ourselves: placemarks with their names, extended data and outlines. Nothing is fetched: network links,
//! pictures and style addresses are passed over; document types and entities of the file's own are refused before.
//!
//! Source: OGC 12-007r2 (KML 2.3). Times, regions and tracks are absent on purpose.

use std::collections::BTreeMap;

use geo_types::Coord;

use crate::model::notice::{Notice, Weight};

use super::encoding::{self, Evidence};
use super::outline::{Outline, Parts};
use super::source::Source;
use super::table::{Row, Table, Wish};
use super::{VectorError, crs_bridge};

/// Deepest nesting of elements that is followed.
const MOST_NESTED: usize = 64;

pub(super) fn load(source: &Source, wish: Wish<'_>) -> Result<Table, VectorError> {
    let bytes = std::fs::read(&source.real)
        .map_err(|error| VectorError::Unreadable { path: source.path.clone(), kind: error.kind() })?;
    let declared = declared_encoding(&bytes);
    let evidence = Evidence { cpg: declared.as_deref(), texts: &[&bytes], ..Default::default() };
    let choice = encoding::resolve(&source.path, wish.encoding, &evidence)?;
    let text = choice.decode(&bytes);
    let broken = |detail: &str| VectorError::Open {
        path: source.path.clone(),
        format: String::from("KML"),
        detail: detail.to_owned(),
    };
    let mut reader = Reader::default();
    reader.read(&text).map_err(|detail| broken(&detail))?;
    let name = source.real.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    if let Some(wanted) = wish.layer.filter(|wanted| **wanted != *name) {
        return Err(VectorError::NoLayer { path: source.path.clone(), layer: wanted.to_owned(), layers: vec![name] });
    }
    let mut notices = choice.notices.clone();
    if reader.links > 0 {
        notices.push(Notice::new("N12_kml_links", Weight::Warning).at(&source.path).fact("count", reader.links));
    }
    Ok(Table {
        layer: name.clone(),
        layers: vec![name],
        crs: crs_bridge::parse("EPSG:4326"),
        fields: reader.fields,
        rows: reader.rows,
        encoding: Some(choice.name()),
        notices,
    })
}

/// The encoding in the XML declaration.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declaration = head.get(head.find("<?xml")?..head.find("?>")?)?.to_owned();
    let after = declaration.split("encoding").nth(1)?.trim_start_matches([' ', '=', '\t']);
    let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    after[1..].split(quote).next().map(str::to_owned)
}

/// A placemark in the making.
#[derive(Default)]
struct Placemark {
    values: BTreeMap<String, String>,
    parts: Parts,
    has_geometry: bool,
}

/// Reads placemarks from a stream of tags.
#[derive(Default)]
struct Reader {
    fields: Vec<String>,
    rows: Vec<Row>,
    links: usize,
    path: Vec<String>,
    data_name: Option<String>,
    placemark: Option<Placemark>,
    text: String,
}

impl Reader {
    fn read(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text;
        while let Some(start) = rest.find('<') {
            let (before, tag) = rest.split_at(start);
            unescape_into(before, &mut self.text);
            rest = self.tag(tag)?;
        }
        if self.path.is_empty() { Ok(()) } else { Err(format!("<{}> is not closed", self.path.join("><"))) }
    }

    /// Takes one tag, comment, instruction or CDATA; returns what follows.
    fn tag<'t>(&mut self, tag: &'t str) -> Result<&'t str, String> {
        let after = |end: &str, from: &'t str| from.split_once(end).ok_or_else(|| format!("{end} is missing"));
        if let Some(from) = tag.strip_prefix("<!--") {
            return Ok(after("-->", from)?.1);
        }
        if let Some(from) = tag.strip_prefix("<![CDATA[") {
            let (content, rest) = after("]]>", from)?;
            self.text.push_str(content);
            return Ok(rest);
        }
        if let Some(from) = tag.strip_prefix("<?") {
            return Ok(after("?>", from)?.1);
        }
        if tag.starts_with("<!") {
            return Err(String::from("a document type or an entity"));
        }
        let end = end_of_tag(tag).ok_or("a tag is not closed")?;
        let (inside, rest) = (&tag[1..end], &tag[end + 1..]);
        if let Some(name) = inside.strip_prefix('/') {
            self.close(local(name.trim()))?;
        } else {
            let (body, is_empty) = inside.strip_suffix('/').map_or((inside, false), |body| (body, true));
            let name = local(body.split_whitespace().next().unwrap_or_default());
            self.open(name, body)?;
            if is_empty {
                self.close(name)?;
            }
        }
        Ok(rest)
    }

    fn open(&mut self, name: &str, body: &str) -> Result<(), String> {
        if self.path.len() >= MOST_NESTED {
            return Err(format!("more than {MOST_NESTED} elements in each other"));
        }
        match (name, &mut self.placemark) {
            ("Placemark", placemark) => *placemark = Some(Placemark::default()),
            ("NetworkLink", _) => self.links += 1,
            ("Data" | "SimpleData", Some(_)) => self.data_name = attribute(body, "name"),
            ("Polygon", Some(placemark)) => {
                placemark.parts.polygons.push(vec![Vec::new()]);
                placemark.has_geometry = true;
            }
            ("Point", Some(placemark)) => placemark.count_other(|parts| parts.points += 1),
            ("LineString", Some(placemark)) => placemark.count_other(|parts| parts.lines += 1),
            ("Model" | "Track" | "MultiTrack", Some(placemark)) => placemark.count_other(|parts| parts.other += 1),
            _ => {}
        }
        self.path.push(name.to_owned());
        self.text.clear();
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match self.path.pop() {
            Some(open) if open == name => {}
            Some(open) => return Err(format!("</{name}> closes <{open}>")),
            None => return Err(format!("</{name}> closes nothing")),
        }
        let text = std::mem::take(&mut self.text);
        let parent = self.path.last().map(String::as_str);
        match (name, parent, &mut self.placemark) {
            ("name" | "description", Some("Placemark"), Some(placemark)) => placemark.put(name, &text),
            ("value", Some("Data"), Some(placemark)) | ("SimpleData", _, Some(placemark)) => {
                if let Some(field) = &self.data_name {
                    placemark.put(field, &text);
                }
            }
            ("coordinates", Some("LinearRing"), Some(placemark)) => {
                let is_hole = self.path.iter().rev().take(3).any(|element| element == "innerBoundaryIs");
                placemark.ring(&text, is_hole)?;
            }
            ("Placemark", ..) => self.finish(),
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) {
        let Some(placemark) = self.placemark.take() else { return };
        for name in placemark.values.keys() {
            if !self.fields.contains(name) {
                self.fields.push(name.clone());
                self.rows.iter_mut().for_each(|row| row.values.push(None));
            }
        }
        let values = self.fields.iter().map(|name| placemark.values.get(name).cloned()).collect();
        let outline = if placemark.has_geometry { Outline::Parts(placemark.parts) } else { Outline::Missing };
        self.rows.push(Row { number: self.rows.len() + 1, values, outline });
    }
}

impl Placemark {
    fn put(&mut self, field: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.values.insert(field.to_owned(), text.to_owned());
        }
    }

    fn count_other(&mut self, count: impl FnOnce(&mut Parts)) {
        self.has_geometry = true;
        count(&mut self.parts);
    }

    fn ring(&mut self, text: &str, is_hole: bool) -> Result<(), String> {
        let Some(polygon) = self.parts.polygons.last_mut() else { return Ok(()) };
        let mut ring = Vec::new();
        for tuple in text.split_whitespace() {
            let mut numbers = tuple.split(',').map(str::parse::<f64>);
            let (Some(Ok(x)), Some(Ok(y))) = (numbers.next(), numbers.next()) else {
                return Err(format!("{tuple} is no coordinate"));
            };
            self.parts.flattened |= numbers.next().is_some_and(|height| height.is_ok_and(|h| h != 0.0));
            ring.push(Coord { x, y });
        }
        if is_hole {
            polygon.push(ring);
        } else {
            polygon[0] = ring;
        }
        Ok(())
    }
}

/// Where a tag ends: the first `>` outside quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(body: &str, name: &str) -> Option<String> {
    let mut rest = body;
    loop {
        let at = rest.find(name)?;
        let before = rest[..at].chars().next_back();
        let after = rest[at + name.len()..].trim_start();
        rest = &rest[at + name.len()..];
        if let Some(value) = after.strip_prefix('=').filter(|_| before.is_some_and(char::is_whitespace)) {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
            let mut text = String::new();
            unescape_into(value[1..].split(quote).next()?, &mut text);
            return Some(text);
        }
    }
}

/// Appends text with the five named and all numbered references resolved; unknown ones stay as they are.
fn unescape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..].split_once(';').map(|(name, _)| name).filter(|name| name.len() <= 10);
        if let Some((name, character)) = reference.and_then(|name| Some((name, character_of(name)?))) {
            out.push(character);
            rest = &rest[name.len() + 2..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
}

fn character_of(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Reader, String> {
        let mut reader = Reader::default();
        reader.read(body).map(|()| reader)
    }

    const PLACEMARK: &str = "<kml><Document><name>all</name><Placemark><name>江豚 &amp; 湿地</name>
        <ExtendedData><Data name='编号'><value>HX-01</value></Data><SchemaData><SimpleData name=\"kind\"><![CDATA[<湿地>]]></SimpleData></SchemaData></ExtendedData>
        <MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>119,32,12 119.1,32,12 119.1,32.1,12 119,32,12</coordinates></LinearRing></outerBoundaryIs>
        <innerBoundaryIs><LinearRing><coordinates>119.05,32.01 119.06,32.01 119.06,32.02 119.05,32.01</coordinates></LinearRing></innerBoundaryIs></Polygon>
        <Point><coordinates>1,2</coordinates></Point></MultiGeometry></Placemark></Document></kml>";

    #[test]
    fn a_placemark_gives_its_texts_rings_and_counts() {
        let reader = read(PLACEMARK).unwrap();
        assert_eq!(reader.fields, ["kind", "name", "编号"]);
        let row = &reader.rows[0];
        assert_eq!(row.values, ["<湿地>", "江豚 & 湿地", "HX-01"].map(|t| Some(t.to_owned())));
        let Outline::Parts(parts) = &row.outline else { panic!() };
        assert_eq!((parts.polygons.len(), parts.polygons[0].len(), parts.points), (1, 2, 1));
        assert!(parts.flattened);
    }

    #[test]
    fn fields_of_later_placemarks_widen_earlier_rows() {
        let reader = read("<kml><Placemark><name>a</name></Placemark><Placemark><description>b</description></Placemark></kml>").unwrap();
        assert_eq!(reader.rows[0].values.len(), reader.fields.len());
        assert_eq!(reader.rows[0].outline, Outline::Missing);
    }

    #[test]
    fn broken_markup_is_an_error_with_the_place() {
        assert!(read("<kml><Placemark></kml>").is_err_and(|e| e.contains("Placemark")));
        assert!(read("<kml><!DOCTYPE x></kml>").is_err());
        assert!(read("<kml>").is_err());
        assert!(read(&"<a>".repeat(100)).is_err());
        let bad = PLACEMARK.replace("119.1,32,12", "119.1;32");
        assert!(read(&bad).is_err_and(|e| e.contains("119.1;32")));
    }

    #[test]
    fn network_links_are_counted_and_never_followed() {
        assert_eq!(read("<kml><NetworkLink><Link><href>http://x.y</href></Link></NetworkLink></kml>").unwrap().links, 1);
    }

    #[test]
    fn every_cut_of_a_file_is_read_or_refused_without_a_panic() {
        for (end, _) in PLACEMARK.char_indices() {
            if let Ok(reader) = read(&PLACEMARK[..end]) {
                assert!(reader.rows.is_empty());
            }
        }
    }
}
