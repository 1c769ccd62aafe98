//! Shapefiles: outlines by GDAL from a private copy, texts by ourselves from the `.dbf`, missing parts told and the `.shx`
//! made anew.

use std::path::{Path, PathBuf};

use gdal::vector::LayerAccess;

use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};

use super::dbf::DbfTable;
use super::encoding::{self, Choice, Evidence};
use super::source::Source;
use super::table::{Row, Table, Wish};
use super::{VectorError, crs_bridge, ogr};

/// Length of the head of `.shp` and `.shx`.
const HEAD_BYTES: usize = 100;

pub(super) fn load(source: &Source, wish: Wish<'_>) -> Result<Table, VectorError> {
    let mut notices = Vec::new();
    let outlines = outlines_of(source, &mut notices)?;
    let crs = crs_of(source, &mut notices);
    let name = source.real.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    if let Some(wanted) = wish.layer.filter(|wanted| wanted.to_lowercase() != name.to_lowercase()) {
        return Err(VectorError::NoLayer { path: source.path.clone(), layer: wanted.to_owned(), layers: vec![name] });
    }
    let mut table = Table {
        layer: name.clone(),
        layers: vec![name],
        crs,
        fields: Vec::new(),
        rows: outlines,
        encoding: None,
        notices,
    };
    add_texts(source, wish, &mut table)?;
    Ok(table)
}

/// A file beside the `.shp` with another extension, in any case.
fn beside(source: &Source, extension: &str) -> Option<PathBuf> {
    let given = [extension.to_owned(), extension.to_uppercase()];
    given.iter().map(|e| source.real.with_extension(e)).find(|path| path.is_file())
}

fn missing(source: &Source, extension: &str, code: &'static str, weight: Weight) -> Notice {
    Notice::new(code, weight).at(&source.path).fact("part", extension)
}

/// The outlines, from a copy of the `.shp` with an index made from the records themselves: the user's folder stays
/// untouched, and no other neighbour is opened.
fn outlines_of(source: &Source, notices: &mut Vec<Notice>) -> Result<Vec<Row>, VectorError> {
    let unreadable = |error: std::io::Error| VectorError::Unreadable { path: source.path.clone(), kind: error.kind() };
    let bytes = std::fs::read(&source.real).map_err(unreadable)?;
    if beside(source, "shx").is_none() {
        notices.push(missing(source, "shx", "N31_shx_rebuilt", Weight::Note));
    }
    let index = index_of(&bytes);
    if index.is_cut_short {
        notices.push(
            Notice::new("R35_shp_cut_short", Weight::Refused).at(&source.path).fact("records", index.count),
        );
    }
    let folder = tempfile::tempdir().map_err(unreadable)?;
    let copy = folder.path().join("layer.shp");
    std::fs::write(&copy, &bytes).map_err(unreadable)?;
    std::fs::write(copy.with_extension("shx"), &index.bytes).map_err(unreadable)?;
    let dataset = ogr::open(&source.path, &copy, "ESRI Shapefile", &["ENCODING="])?;
    let mut layer = dataset.layer(0).map_err(|error| VectorError::Open {
        path: source.path.clone(),
        format: String::from("ESRI Shapefile"),
        detail: ogr::words_of(&error),
    })?;
    let mut rows = Vec::new();
    for feature in layer.features() {
        // Without a `.dbf` GDAL numbers the records from 0, deleted ones included.
        let number = feature.fid().map_or(rows.len(), |fid| fid as usize) + 1;
        rows.push(Row { number, values: Vec::new(), outline: ogr::outline_of(&feature) });
    }
    Ok(rows)
}

/// An index made from the records of a `.shp`.
struct Index {
    bytes: Vec<u8>,
    count: usize,
    is_cut_short: bool,
}

/// Walks the records of a `.shp` and writes where each begins.
///
/// Source: ESRI Shapefile Technical Description (1998), pages 4–6 and 23.
fn index_of(shp: &[u8]) -> Index {
    let mut bytes = shp.get(..HEAD_BYTES).unwrap_or(shp).to_vec();
    bytes.resize(HEAD_BYTES, 0);
    let word = |at: usize| shp.get(at..at + 4).and_then(|b| b.try_into().ok()).map(i32::from_be_bytes);
    let promised = word(24).map_or(0, |words| words.max(0) as usize * 2);
    let (mut at, mut count) = (HEAD_BYTES, 0);
    while let Some(words) = word(at + 4) {
        let length = words.max(0) as usize * 2;
        if length < 4 || at + 8 + length > shp.len() {
            break;
        }
        bytes.extend(((at / 2) as u32).to_be_bytes());
        bytes.extend(words.to_be_bytes());
        at += 8 + length;
        count += 1;
    }
    let words = (bytes.len() / 2) as u32;
    bytes[24..28].copy_from_slice(&words.to_be_bytes());
    Index { bytes, count, is_cut_short: at < promised.min(usize::MAX) }
}

fn crs_of(source: &Source, notices: &mut Vec<Notice>) -> Option<Crs> {
    let Some(path) = beside(source, "prj") else {
        notices.push(missing(source, "prj", "N31_prj_missing", Weight::Note));
        return None;
    };
    let crs = read_small(&path).and_then(|bytes| crs_bridge::from_prj(String::from_utf8_lossy(&bytes).trim()));
    if crs.is_none() {
        notices.push(Notice::new("N31_prj_unknown", Weight::Warning).at(&path));
    }
    crs
}

/// A side file of a few lines.
fn read_small(path: &Path) -> Option<Vec<u8>> {
    let is_small = std::fs::metadata(path).is_ok_and(|meta| meta.len() <= 64 * 1024);
    if is_small { std::fs::read(path).ok() } else { None }
}

/// Fills fields and values in from the `.dbf`; records deleted there are dropped.
fn add_texts(source: &Source, wish: Wish<'_>, table: &mut Table) -> Result<(), VectorError> {
    let Some(path) = beside(source, "dbf") else {
        table.notices.push(missing(source, "dbf", "N31_dbf_missing", Weight::Warning));
        return Ok(());
    };
    let bytes = std::fs::read(&path).map_err(|e| VectorError::Unreadable { path: path.clone(), kind: e.kind() })?;
    let Some(dbf) = DbfTable::new(bytes) else {
        table.notices.push(Notice::new("R35_dbf_damaged", Weight::Refused).at(&path));
        return Ok(());
    };
    if dbf.count < dbf.promised {
        let notice = Notice::new("R35_zone_rows", Weight::Refused).at(&path);
        table.notices.push(notice.fact("read", dbf.count).fact("promised", dbf.promised));
    }
    let choice = encoding_of(source, wish, &path, &dbf)?;
    table.notices.extend(choice.notices.iter().cloned());
    table.encoding = Some(choice.name());
    table.fields = dbf.fields.iter().map(|field| choice.decode(&field.name)).collect();
    table.rows.retain(|row| !dbf.is_deleted(row.number - 1));
    for row in &mut table.rows {
        let value = |field| dbf.text(row.number - 1, field, |bytes| choice.decode(bytes));
        row.values = dbf.fields.iter().map(value).collect();
    }
    Ok(())
}

fn encoding_of(source: &Source, wish: Wish<'_>, path: &Path, dbf: &DbfTable) -> Result<Choice, VectorError> {
    let cpg = beside(source, "cpg").and_then(|path| read_small(&path));
    let cpg = cpg.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let names = dbf.fields.iter().map(|field| field.name.as_slice());
    let texts = dbf.fields.iter().filter(|field| field.kind == b'C');
    let values = texts.flat_map(|field| (0..dbf.count).map(move |row| dbf.value(row, field)));
    let evidence: Vec<&[u8]> = names.chain(values).collect();
    let evidence = Evidence { cpg: cpg.as_deref(), language_byte: dbf.language_byte, texts: &evidence };
    encoding::resolve(path, wish.encoding, &evidence)
}
