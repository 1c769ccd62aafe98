//! Foreign GeoPackages: read by `SQLite` from a private copy, tables only, under a deadline and lowered limits.
//!
//! GDAL's driver is not used: it would look into views that never end. Nothing is written, so triggers never run; views,
//! virtual tables and triggers that no GeoPackage writer makes are named and left alone.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};

use super::choose::{Head, HeadKind, choose};
use super::encoding::{self, Choice, Evidence};
use super::outline::Outline;
use super::source::Source;
use super::table::{Row, Table, Wish};
use super::{VectorError, crs_bridge};

/// Time for any file; a large one gets a second more for each so many bytes.
const LEAST_SECONDS: u64 = 8;
const BYTES_A_SECOND: u64 = 20_000_000;

/// `SQLite` instructions between two looks at the clock.
const INSTRUCTIONS: i32 = 5000;

/// Longest value that is read: an outline of a million vertices with heights takes 24 MB.
const LONGEST_VALUE: i32 = 64 * 1024 * 1024;

pub(super) fn load(source: &Source, wish: Wish<'_>) -> Result<Table, VectorError> {
    let package = Package::open(source)?;
    let mut notices = package.health()?;
    let (layers, foreign) = package.layers()?;
    if let (Some(wanted), Some(object)) = (wish.layer, foreign.iter().find(|o| Some(o.name.as_str()) == wish.layer)) {
        return Err(VectorError::Foreign { path: source.path.clone(), object: wanted.to_owned(), kind: object.kind });
    }
    let heads: Vec<Head> = layers.iter().map(LayerHead::head).collect();
    let has_zones = wish.layer.is_some() || heads.iter().any(|head| head.kind != HeadKind::Other);
    if let Some(object) = foreign.first().filter(|_| !has_zones) {
        return Err(VectorError::Foreign { path: source.path.clone(), object: object.name.clone(), kind: object.kind });
    }
    for object in &foreign {
        let notice = Notice::new("R34_zone_foreign_ignored", Weight::Warning).at(&source.path);
        notices.push(notice.fact("object", &object.name).fact("kind", object.kind));
    }
    let layer = &layers[choose(&source.path, &heads, wish.layer)?];
    let crs = package.crs(layer.srs_id)?;
    let mut table = Table {
        layer: layer.name.clone(),
        layers: heads.into_iter().map(|head| head.name).collect(),
        crs,
        fields: Vec::new(),
        rows: Vec::new(),
        encoding: None,
        notices,
    };
    package.read_rows(layer, wish, &mut table)?;
    Ok(table)
}

/// A layer that `gpkg_contents` lists and that is a plain table.
struct LayerHead {
    name: String,
    geometry_column: Option<String>,
    geometry_type: String,
    srs_id: i64,
}

impl LayerHead {
    fn head(&self) -> Head {
        let kind = match self.geometry_type.to_uppercase().as_str() {
            "POLYGON" | "MULTIPOLYGON" | "CURVEPOLYGON" | "MULTISURFACE" | "SURFACE" => HeadKind::Polygon,
            "GEOMETRY" | "GEOMETRYCOLLECTION" | "GEOMCOLLECTION" => HeadKind::Any,
            _ => HeadKind::Other,
        };
        Head { name: self.name.clone(), kind }
    }
}

/// A view, virtual table or trigger that is not a GeoPackage's own.
struct ForeignObject {
    name: String,
    kind: &'static str,
}

/// An open private copy.
struct Package<'a> {
    source: &'a Source,
    connection: Connection,
    seconds: u64,
    wal_missing: bool,
    // Removes the copy when dropped, after the connection.
    _folder: tempfile::TempDir,
}

impl<'a> Package<'a> {
    fn open(source: &'a Source) -> Result<Self, VectorError> {
        let unreadable = |error: std::io::Error| VectorError::Unreadable { path: source.path.clone(), kind: error.kind() };
        let folder = tempfile::tempdir().map_err(unreadable)?;
        let copy = folder.path().join("layer.gpkg");
        std::fs::copy(&source.real, &copy).map_err(unreadable)?;
        let wal = with_suffix(&source.real, "-wal");
        let has_wal = wal.is_file();
        if has_wal {
            std::fs::copy(&wal, with_suffix(&copy, "-wal")).map_err(unreadable)?;
        }
        let wal_missing = !has_wal && is_in_wal_mode(&copy).map_err(unreadable)?;
        make_writable(&copy).map_err(unreadable)?;
        let seconds = LEAST_SECONDS + source.bytes / BYTES_A_SECOND;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let connection = Connection::open_with_flags(&copy, flags).map_err(|e| damaged(source, &e))?;
        harden(&connection, seconds).map_err(|e| damaged(source, &e))?;
        Ok(Self { source, connection, seconds, wal_missing, _folder: folder })
    }

    fn error(&self, error: &rusqlite::Error, object: &str) -> VectorError {
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            let (path, object) = (self.source.path.clone(), object.to_owned());
            return VectorError::Deadline { path, object, seconds: self.seconds };
        }
        damaged(self.source, error)
    }

    /// What `SQLite` itself says about the file.
    fn health(&self) -> Result<Vec<Notice>, VectorError> {
        let mut notices = Vec::new();
        if self.wal_missing {
            notices.push(Notice::new("N35_wal_missing", Weight::Note).at(&self.source.path));
        }
        let has_contents = self
            .connection
            .query_row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'gpkg_contents'", [], |_| Ok(()))
            .optional()
            .map_err(|e| self.error(&e, "sqlite_master"))?;
        if has_contents.is_none() {
            return Err(VectorError::NotAGeoPackage { path: self.source.path.clone() });
        }
        let verdict = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => {}
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                return Err(self.error(&error, "quick_check"));
            }
            Ok(_) | Err(_) => notices.push(Notice::new("R35_zone_page", Weight::Refused).at(&self.source.path)),
        }
        Ok(notices)
    }

    /// Layers that are plain tables, and everything foreign.
    fn layers(&self) -> Result<(Vec<LayerHead>, Vec<ForeignObject>), VectorError> {
        let fail = |e: rusqlite::Error| self.error(&e, "gpkg_contents");
        let tables = self.tables().map_err(fail)?;
        let foreign = self.foreign().map_err(fail)?;
        if let Some(object) = foreign.iter().find(|object| object.kind != "trigger" && object.name.starts_with("gpkg_")) {
            let (path, object) = (self.source.path.clone(), object.name.clone());
            return Err(VectorError::Foreign { path, object, kind: "view" });
        }
        let mut statement = self
            .connection
            .prepare("SELECT table_name, srs_id FROM gpkg_contents WHERE lower(data_type) = 'features' ORDER BY rowid")
            .map_err(fail)?;
        let listed = statement.query_map([], |row| Ok((text_of(row.get_ref(0)?), row.get::<_, Option<i64>>(1)?))).map_err(fail)?;
        let mut layers = Vec::new();
        for entry in listed {
            let (name, srs_id) = entry.map_err(fail)?;
            if tables.contains(&name) {
                layers.push(self.layer_head(name, srs_id).map_err(fail)?);
            }
        }
        Ok((layers, foreign))
    }

    fn tables(&self) -> rusqlite::Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND upper(ltrim(sql)) NOT LIKE 'CREATE VIRTUAL%'";
        let mut statement = self.connection.prepare(sql)?;
        statement.query_map([], |row| Ok(text_of(row.get_ref(0)?)))?.collect()
    }

    fn foreign(&self) -> rusqlite::Result<Vec<ForeignObject>> {
        let sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY rowid";
        let mut statement = self.connection.prepare(sql)?;
        let entries = statement.query_map([], |row| {
            Ok((text_of(row.get_ref(0)?), text_of(row.get_ref(1)?), text_of(row.get_ref(2)?)))
        })?;
        let mut foreign = Vec::new();
        for entry in entries {
            let (kind, name, sql) = entry?;
            let is_virtual = sql.trim_start().to_uppercase().starts_with("CREATE VIRTUAL");
            match kind.as_str() {
                "view" if !is_own_view(&name) => foreign.push(ForeignObject { name, kind: "view" }),
                "trigger" if !is_own_trigger(&name) => foreign.push(ForeignObject { name, kind: "trigger" }),
                "table" if is_virtual && !name.starts_with("rtree_") => {
                    foreign.push(ForeignObject { name, kind: "virtual table" });
                }
                _ => {}
            }
        }
        Ok(foreign)
    }

    fn layer_head(&self, name: String, srs_id: Option<i64>) -> rusqlite::Result<LayerHead> {
        let sql = "SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?1)";
        let found = self
            .connection
            .query_row(sql, [&name], |row| Ok((text_of(row.get_ref(0)?), text_of(row.get_ref(1)?), row.get::<_, i64>(2)?)))
            .optional()?;
        Ok(match found {
            Some((column, kind, srs_id)) => LayerHead { name, geometry_column: Some(column), geometry_type: kind, srs_id },
            None => LayerHead { name, geometry_column: None, geometry_type: String::new(), srs_id: srs_id.unwrap_or(-1) },
        })
    }

    /// The CRS under a number of the package's own list; 0 and −1 mean "not known".
    fn crs(&self, srs_id: i64) -> Result<Option<Crs>, VectorError> {
        if srs_id <= 0 {
            return Ok(None);
        }
        let sql = "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
        let found = self
            .connection
            .query_row(sql, [srs_id], |row| Ok((text_of(row.get_ref(0)?), row.get::<_, i64>(1)?, text_of(row.get_ref(2)?))))
            .optional()
            .map_err(|e| self.error(&e, "gpkg_spatial_ref_sys"))?;
        Ok(found.and_then(|(organization, code, definition)| {
            let by_code = organization.eq_ignore_ascii_case("EPSG").then(|| crs_bridge::parse(&format!("EPSG:{code}")));
            by_code.flatten().or_else(|| crs_bridge::from_wkt(&definition))
        }))
    }

    /// Reads the records; where the file is damaged, those that could be read.
    fn read_rows(&self, layer: &LayerHead, wish: Wish<'_>, table: &mut Table) -> Result<(), VectorError> {
        let fail = |e: rusqlite::Error| self.error(&e, &layer.name);
        let sql = format!("SELECT * FROM \"{}\"", layer.name.replace('"', "\"\""));
        let mut statement = self.connection.prepare(&sql).map_err(fail)?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let is_geometry =
            |name: &str| layer.geometry_column.as_ref().is_some_and(|column| column.to_lowercase() == name.to_lowercase());
        let geometry = columns.iter().position(|name| is_geometry(name));
        table.fields = columns.iter().filter(|name| !is_geometry(name)).cloned().collect();
        let mut raw: Vec<Vec<RawText>> = Vec::new();
        let mut rows = statement.query([]).map_err(fail)?;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => return Err(fail(error)),
                Err(_) => {
                    let notice = Notice::new("R35_zone_rows_stopped", Weight::Refused).at(&self.source.path);
                    table.notices.push(notice.fact("layer", &layer.name).fact("read", table.rows.len()));
                    break;
                }
            };
            let outline = match geometry.map(|column| row.get_ref(column)) {
                Some(Ok(ValueRef::Blob(blob))) => outline_of(blob),
                Some(Ok(ValueRef::Null)) | None => Outline::Missing,
                Some(_) => Outline::Damaged,
            };
            raw.push((0..columns.len()).filter(|i| Some(*i) != geometry).map(|i| RawText::of(row.get_ref(i).ok())).collect());
            table.rows.push(Row { number: table.rows.len() + 1, values: Vec::new(), outline });
        }
        decode_texts(self.source, wish, raw, table)
    }
}

/// A value before its encoding is known.
enum RawText {
    None,
    Plain(String),
    Bytes(Vec<u8>),
}

impl RawText {
    fn of(value: Option<ValueRef<'_>>) -> Self {
        match value {
            Some(ValueRef::Integer(number)) => Self::Plain(number.to_string()),
            Some(ValueRef::Real(number)) => Self::Plain(number.to_string()),
            Some(ValueRef::Text(bytes)) => Self::Bytes(bytes.to_vec()),
            _ => Self::None,
        }
    }
}

fn decode_texts(source: &Source, wish: Wish<'_>, raw: Vec<Vec<RawText>>, table: &mut Table) -> Result<(), VectorError> {
    let of_bytes = |text: &'_ RawText| matches!(text, RawText::Bytes(bytes) if std::str::from_utf8(bytes).is_err());
    let odd: Vec<&[u8]> = raw
        .iter()
        .flatten()
        .filter(|text| of_bytes(text))
        .filter_map(|text| if let RawText::Bytes(bytes) = text { Some(bytes.as_slice()) } else { None })
        .collect();
    let choice: Choice = encoding::resolve(&source.path, wish.encoding, &Evidence { texts: &odd, ..Default::default() })?;
    table.notices.extend(choice.notices.iter().cloned());
    table.encoding = Some(choice.name());
    for (row, texts) in table.rows.iter_mut().zip(raw) {
        let text = |text: RawText| match text {
            RawText::None => None,
            RawText::Plain(text) => Some(text),
            RawText::Bytes(bytes) => Some(String::from_utf8(bytes).unwrap_or_else(|e| choice.decode(e.as_bytes()))),
        };
        row.values = texts.into_iter().map(text).collect();
    }
    Ok(())
}

/// The outline in a GeoPackage geometry.
///
/// Source: OGC 12-128r18, clause 2.1.3 (the binary header), checked for size at every step.
fn outline_of(blob: &[u8]) -> Outline {
    if blob.len() < 8 || &blob[..2] != b"GP" || blob[2] != 0 {
        return Outline::Damaged;
    }
    let flags = blob[3];
    let is_extended = flags & 0b10_0000 != 0;
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Outline::Damaged,
    };
    match blob.get(8 + envelope..) {
        Some(_) if flags & 0b1_0000 != 0 => Outline::Missing,
        Some(wkb) if !is_extended => Outline::of_wkb(wkb),
        _ => Outline::Damaged,
    }
}

/// Triggers that GeoPackage writers make.
fn is_own_trigger(name: &str) -> bool {
    ["rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_"].iter().any(|own| name.starts_with(own))
}

/// Views that GeoPackage writers make.
fn is_own_view(name: &str) -> bool {
    ["st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"].contains(&name)
}

fn text_of(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// Everything that keeps a hostile file from doing more than being read.
fn harden(connection: &Connection, seconds: u64) -> rusqlite::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    connection.progress_handler(INSTRUCTIONS, Some(move || Instant::now() > deadline));
    for (config, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        connection.set_db_config(config, value)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON;")
}

fn damaged(source: &Source, error: &rusqlite::Error) -> VectorError {
    let detail = match error {
        rusqlite::Error::SqliteFailure(_, Some(words)) => words.clone(),
        other => other.sqlite_error_code().map_or_else(|| String::from("–"), |code| format!("{code:?}")),
    };
    VectorError::Damaged { path: source.path.clone(), detail }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether the file's head says that edits go to a `-wal` file.
fn is_in_wal_mode(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(20).read_to_end(&mut head)?;
    Ok(head.get(18) == Some(&2))
}

/// The private copy of a read-only file is made writable, so that its `-wal` can be worked in.
fn make_writable(copy: &Path) -> std::io::Result<()> {
    for path in [copy.to_path_buf(), with_suffix(copy, "-wal")] {
        if path.is_file() {
            let mut rights = std::fs::metadata(&path)?.permissions();
            #[allow(clippy::permissions_set_readonly_false)] // The copy lies in a folder that only we may enter.
            rights.set_readonly(false);
            std::fs::set_permissions(&path, rights)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_cut_anywhere_is_damaged_never_a_panic() {
        let mut blob = b"GP\x00\x03\xe6\x10\x00\x00".to_vec();
        blob.extend([0_u8; 32]);
        blob.extend(gdal::vector::Geometry::from_wkt("POLYGON((0 0,4 0,4 4,0 0))").unwrap().wkb().unwrap());
        assert!(matches!(outline_of(&blob), Outline::Parts(parts) if parts.polygons.len() == 1));
        for length in 0..blob.len() {
            assert_eq!(outline_of(&blob[..length]), Outline::Damaged, "{length}");
        }
    }

    #[test]
    fn an_empty_geometry_is_missing_not_damaged() {
        let blob = b"GP\x00\x11\xe6\x10\x00\x00\x01\x03\x00\x00\x00\x00\x00\x00\x00";
        assert_eq!(outline_of(blob), Outline::Missing);
    }
}
