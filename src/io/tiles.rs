//! Picture tiles on the Web Mercator lattice, from an `MBTiles` file, a folder, or an address that the user typed.
//!
//! The one place of the program that can use a network, and only where somebody wrote `http://` into a basemap. There is no
//! TLS on purpose: map servers of an office network speak plain HTTP, and a cryptography library is not worth a backdrop.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::{ImageReader, Limits};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::sniff;
use crate::model::notice::{Explain, Notice, Weight};

/// Longest side of a tile in pixels.
const LONGEST_SIDE: u32 = 1024;

/// Most bytes of an encoded tile.
const MOST_BYTES: u64 = 8 << 20;

/// How long a server may take for a tile.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finest zoom where a source does not say.
const FINEST: u8 = 19;

/// First bytes of an `SQLite` file.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Where tiles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileSource {
    /// An `MBTiles` file.
    Mbtiles(PathBuf),
    /// A path with `{z}`, `{x}`, `{y}` (or `{-y}`).
    Folder(String),
    /// An address with the same, or with a WMTS server's `{TileMatrix}`, `{TileCol}`, `{TileRow}`.
    Address(String),
}

/// Why there are no tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The file is no store of tiles.
    #[error("no MBTiles file: {} ({reason})", path.display())]
    NotMbtiles {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// An address that needs TLS.
    #[error("needs a secure connection: {0}")]
    Secure(String),
    /// Places for zoom, column and row are missing.
    #[error("no places for zoom, column and row: {0}")]
    NoPlaces(String),
    /// The server does not answer, or not with a tile.
    #[error("no answer from {address}: {reason}")]
    NoAnswer {
        /// The address.
        address: String,
        /// The reason.
        reason: String,
    },
    /// The bytes are no picture of a sane size.
    #[error("no picture: {0}")]
    NotAPicture(String),
}

impl Explain for TileError {
    fn notice(&self) -> Notice {
        match self {
            Self::NotMbtiles { path, reason } => {
                Notice::new("tiles_not_mbtiles", Weight::Refused).at(path).fact("reason", reason)
            }
            Self::Secure(address) => Notice::new("tiles_secure", Weight::Refused).fact("address", address),
            Self::NoPlaces(text) => Notice::new("tiles_no_places", Weight::Refused).fact("text", text),
            Self::NoAnswer { address, reason } => {
                Notice::new("tiles_no_answer", Weight::Warning).fact("address", address).fact("reason", reason)
            }
            Self::NotAPicture(reason) => Notice::new("tiles_no_picture", Weight::Warning).fact("reason", reason),
        }
    }
}

impl TileSource {
    /// The source that a text means; `None` where it is a file that may be a raster.
    ///
    /// # Errors
    /// [`TileError`] where it can be no source.
    pub fn of(written: &str) -> Result<Option<Self>, TileError> {
        let text = written.trim();
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("https://") {
            return Err(TileError::Secure(text.to_owned()));
        }
        if lower.starts_with("http://") {
            return if has_places(text) { Ok(Some(Self::Address(text.to_owned()))) } else { no_places(text) };
        }
        let path = text.strip_prefix("file://").unwrap_or(text);
        if path.contains('{') {
            return if has_places(path) { Ok(Some(Self::Folder(path.to_owned()))) } else { no_places(path) };
        }
        let is_database = std::fs::File::open(path).is_ok_and(|mut file| {
            let mut head = [0; 16];
            std::io::Read::read_exact(&mut file, &mut head).is_ok() && head == SQLITE
        });
        Ok(is_database.then(|| Self::Mbtiles(PathBuf::from(path))))
    }
}

fn no_places<T>(text: &str) -> Result<T, TileError> {
    Err(TileError::NoPlaces(text.to_owned()))
}

fn has_places(text: &str) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    has(&["{z}", "{TileMatrix}"]) && has(&["{x}", "{TileCol}"]) && has(&["{y}", "{-y}", "{TileRow}"])
}

/// A template with its places filled in.
fn filled(template: &str, (z, x, y): (u8, u32, u32)) -> String {
    let flipped = ((1_u32 << z) - 1).saturating_sub(y);
    let (z, x, y, flipped) = (z.to_string(), x.to_string(), y.to_string(), flipped.to_string());
    let places = [("{z}", &z), ("{TileMatrix}", &z), ("{x}", &x), ("{TileCol}", &x), ("{y}", &y), ("{TileRow}", &y)];
    let text = places.iter().fold(template.to_owned(), |text, (place, value)| text.replace(place, value));
    text.replace("{-y}", &flipped).replace("{s}", "a")
}

/// A decoded tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TilePicture {
    /// Width and height in pixels.
    pub side: (u32, u32),
    /// Red, green, blue, opacity, row by row.
    pub rgba: Vec<u8>,
}

/// An open store of tiles.
pub struct TileStore {
    source: TileSource,
    database: Option<Connection>,
    agent: ureq::Agent,
    /// Coarsest and finest zoom.
    pub zooms: (u8, u8),
    /// What the source says of its origin.
    pub attribution: Option<String>,
}

impl TileStore {
    /// Opens a store; an address is not asked before the first tile.
    ///
    /// # Errors
    /// [`TileError`] where the file is none.
    pub fn open(source: &TileSource) -> Result<Self, TileError> {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(3).build().into();
        let mut store = Self { source: source.clone(), database: None, agent, zooms: (0, FINEST), attribution: None };
        if let TileSource::Mbtiles(path) = source {
            let failed =
                |error: rusqlite::Error| TileError::NotMbtiles { path: path.clone(), reason: error.to_string() };
            let database = open_database(path)?;
            let zooms = database.query_row("SELECT min(zoom_level), max(zoom_level) FROM tiles", [], |row| {
                Ok((row.get::<_, u8>(0)?, row.get::<_, u8>(1)?))
            });
            store.zooms = zooms.map_err(failed)?;
            let about = "SELECT value FROM metadata WHERE name = 'attribution'";
            store.attribution = database.query_row(about, [], |row| row.get(0)).optional().ok().flatten();
            store.database = Some(database);
        }
        Ok(store)
    }

    /// A tile, row 0 in the north; `None` where the source has none there.
    ///
    /// # Errors
    /// [`TileError`] where it cannot be read.
    pub fn fetch(&self, z: u8, x: u32, y: u32) -> Result<Option<TilePicture>, TileError> {
        let bytes = match &self.source {
            TileSource::Mbtiles(path) => self.stored(path, (z, x, y))?,
            TileSource::Folder(template) => from_folder(Path::new(&filled(template, (z, x, y)))),
            TileSource::Address(template) => self.served(&filled(template, (z, x, y)))?,
        };
        bytes.map(|bytes| decoded(&bytes)).transpose()
    }

    fn stored(&self, path: &Path, (z, x, y): (u8, u32, u32)) -> Result<Option<Vec<u8>>, TileError> {
        let Some(database) = &self.database else { return Ok(None) };
        let row = ((1_u32 << z) - 1).saturating_sub(y);
        let query = "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
        let found = database
            .prepare_cached(query)
            .and_then(|mut query| query.query_row((z, x, row), |row| row.get(0)).optional());
        found.map_err(|error| TileError::NotMbtiles { path: path.to_path_buf(), reason: error.to_string() })
    }

    fn served(&self, address: &str) -> Result<Option<Vec<u8>>, TileError> {
        let failed = |reason: String| TileError::NoAnswer { address: address.to_owned(), reason };
        match self.agent.get(address).call() {
            Ok(mut answer) => {
                let bytes = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
                bytes.map(Some).map_err(|error| failed(error.to_string()))
            }
            // A server without a tile there says so with these.
            Err(ureq::Error::StatusCode(204 | 400 | 404 | 410)) => Ok(None),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

fn open_database(path: &Path) -> Result<Connection, TileError> {
    let failed = |reason: String| TileError::NotMbtiles { path: path.to_path_buf(), reason };
    let (path, _) = sniff::regular_file(path).map_err(|error| failed(error.to_string()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let database = Connection::open_with_flags(&path, flags)?;
        database.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA mmap_size = 0;")?;
        Ok(database)
    };
    open().map_err(|error| failed(error.to_string()))
}

fn from_folder(path: &Path) -> Option<Vec<u8>> {
    let (path, bytes) = sniff::regular_file(path).ok()?;
    (bytes <= MOST_BYTES).then(|| std::fs::read(path).ok()).flatten()
}

fn decoded(bytes: &[u8]) -> Result<TilePicture, TileError> {
    let failed = |error: &dyn std::fmt::Display| TileError::NotAPicture(error.to_string());
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| failed(&e))?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    limits.max_alloc = Some(64 << 20);
    reader.limits(limits);
    let picture = reader.decode().map_err(|e| failed(&e))?.into_rgba8();
    Ok(TilePicture { side: picture.dimensions(), rgba: picture.into_raw() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_folders_are_told_from_files_and_secure_addresses_are_refused() {
        let of = |text: &str| TileSource::of(text);
        let address = "http://10.0.0.1/wmts/{TileMatrix}/{TileRow}/{TileCol}.png";
        assert_eq!(of(address), Ok(Some(TileSource::Address(address.to_owned()))));
        assert_eq!(of("file:///t/{z}/{x}/{y}.jpg"), Ok(Some(TileSource::Folder("/t/{z}/{x}/{y}.jpg".to_owned()))));
        assert_eq!(of("/no/such.tif"), Ok(None));
        assert!(matches!(of("https://t.example/{z}/{x}/{y}.png"), Err(TileError::Secure(_))));
        assert!(matches!(of("http://t.example/map.png"), Err(TileError::NoPlaces(_))));
    }

    #[test]
    fn rows_are_counted_from_the_south_where_the_template_says_so() {
        assert_eq!(filled("{z}/{x}/{-y}", (3, 2, 1)), "3/2/6");
        assert_eq!(filled("{s}/{z}/{x}/{y}", (3, 2, 1)), "a/3/2/1");
    }

    #[test]
    fn a_tile_of_a_database_is_read_with_its_row_turned_round() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("base.mbtiles");
        let database = Connection::open(&file).unwrap();
        database.execute_batch("CREATE TABLE metadata (name TEXT, value TEXT); CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB); INSERT INTO metadata VALUES ('attribution', 'Survey 2024')").unwrap();
        let mut png = Cursor::new(Vec::new());
        image::RgbImage::from_pixel(4, 4, image::Rgb([9, 8, 7])).write_to(&mut png, image::ImageFormat::Png).unwrap();
        database.execute("INSERT INTO tiles VALUES (3, 2, 6, ?1)", [png.into_inner()]).unwrap();
        drop(database);
        let source = TileSource::of(file.to_str().unwrap()).unwrap().expect("a database");
        let store = TileStore::open(&source).unwrap();
        assert_eq!((store.zooms, store.attribution.as_deref()), ((3, 3), Some("Survey 2024")));
        let tile = store.fetch(3, 2, 1).unwrap().expect("a tile");
        assert_eq!((tile.side, &tile.rgba[..4]), ((4, 4), &[9, 8, 7, 255][..]));
        assert_eq!(store.fetch(3, 2, 2), Ok(None));
    }

    #[test]
    fn what_is_no_database_or_no_picture_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("base.mbtiles");
        std::fs::write(&file, [SQLITE, &[0; 200]].concat()).unwrap();
        let source = TileSource::of(file.to_str().unwrap()).unwrap().expect("it begins like one");
        assert!(matches!(TileStore::open(&source), Err(TileError::NotMbtiles { .. })));
        assert!(matches!(decoded(b"<html>"), Err(TileError::NotAPicture(_))));
    }
}
