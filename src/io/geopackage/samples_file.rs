//! The points of a random sample as a `GeoPackage`: layer `samples` with an empty label for an interpreter to fill in, table
//! `design` with seed, rule and strata. The same sample gives the same bytes.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::blob::encode_point;
use super::container::{
    create_core, name_columns, register_attributes, register_points, srs_row, touch, update_extent,
};
use super::flags_file::open;
use super::row::{insert, value};
use crate::io::atomic::{self, Scratch, WriteError};
use crate::io::ledger::LedgerError;
use crate::lang::Lang;
use crate::model::Date;
use crate::model::crs::Crs;
use crate::model::scene::SceneKind;

const TABLES: &str = "
CREATE TABLE samples (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POINT, sample_id TEXT(16), label TEXT(32),
  remark TEXT, stratum TEXT(24), strat_px INTEGER, strat_m2 DOUBLE, weight_m2 DOUBLE, lon DOUBLE, lat DOUBLE,
  img_kind TEXT(16), t1_date DATE, t2_date DATE);
CREATE TABLE design (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, img_kind TEXT(16), t1_date DATE, t2_date DATE,
  stratum TEXT(24), strat_px INTEGER, strat_m2 DOUBLE, points INTEGER, seed TEXT(20), rule TEXT, program TEXT(16));
";

/// One stratum of one comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleStratum {
    /// Its word.
    pub name: &'static str,
    /// Its pixels.
    pub pixels: u64,
    /// Its area on the ground in m².
    pub area_m2: f64,
    /// Points drawn in it.
    pub points: u64,
    /// What was compared.
    pub kind: SceneKind,
    /// Date of the earlier scene.
    pub from: Date,
    /// Date of the later scene.
    pub to: Date,
}

/// One point.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplePoint {
    /// Index of its stratum in [`SampleFile::strata`].
    pub stratum: usize,
    /// Map coordinates.
    pub place: (f64, f64),
    /// Longitude and latitude.
    pub lonlat: (f64, f64),
}

/// A sample to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleFile {
    /// CRS of the points.
    pub crs: Crs,
    /// Seed of the draw.
    pub seed: u64,
    /// Strata of all comparisons.
    pub strata: Vec<SampleStratum>,
    /// Points, in an order that does not tell their stratum.
    pub points: Vec<SamplePoint>,
}

/// Writes a sample under a name that is still free: a file that somebody has filled in is never written over.
///
/// # Errors
/// [`WriteError`] where the name is taken or the file cannot be written there.
pub fn write_samples(path: &Path, sample: &SampleFile, lang: Lang) -> std::result::Result<(), WriteError> {
    if path.exists() {
        return Err(WriteError::Exists(path.to_path_buf()));
    }
    let failed = |e: std::io::Error| WriteError::of(path, &e, None);
    let folder = Scratch::begin()?;
    let made = folder.path().join("samples.gpkg");
    made_at(&made, sample, lang).map_err(|e| WriteError::Failed { path: path.to_path_buf(), reason: e.to_string() })?;
    atomic::write_new(path, &std::fs::read(&made).map_err(failed)?)
}

fn made_at(path: &Path, sample: &SampleFile, lang: Lang) -> std::result::Result<(), LedgerError> {
    let of_database = |source| LedgerError::from_database(path, source);
    let connection = open(path).map_err(of_database)?;
    fill(&connection, sample, lang).map_err(of_database)?;
    connection.close().map_err(|(_, source)| of_database(source))
}

fn fill(connection: &Connection, sample: &SampleFile, lang: Lang) -> Result<()> {
    connection.execute_batch("BEGIN")?;
    create_core(connection)?;
    let srs_id = srs_row(connection, &sample.crs)?;
    connection.execute_batch(TABLES)?;
    register_points(connection, "samples", srs_id, lang)?;
    register_attributes(connection, "design", lang)?;
    for table in ["samples", "design"] {
        name_columns(connection, table, lang)?;
    }
    let rule = lang.word("accuracy.rule");
    for stratum in &sample.strata {
        add_stratum(connection, stratum, sample.seed, &rule)?;
    }
    for (number, point) in sample.points.iter().enumerate() {
        add_point(connection, number + 1, point, &sample.strata[point.stratum], srs_id)?;
    }
    connection.execute("UPDATE gpkg_contents SET description = ?1 WHERE table_name = 'samples'", [&rule])?;
    update_extent(connection, "samples")?;
    let last = sample.strata.iter().map(|stratum| stratum.to).max();
    touch(connection, &format!("{}T00:00:00.000Z", last.map_or("1970-01-01".to_owned(), |day| day.to_string())))?;
    connection.execute_batch("COMMIT")
}

fn add_stratum(connection: &Connection, stratum: &SampleStratum, seed: u64, rule: &str) -> Result<()> {
    let row = vec![
        ("img_kind", value::text(stratum.kind.word())),
        ("t1_date", value::day(stratum.from)),
        ("t2_date", value::day(stratum.to)),
        ("stratum", value::text(stratum.name)),
        ("strat_px", value::count(stratum.pixels as usize)),
        ("strat_m2", value::number(stratum.area_m2)),
        ("points", value::count(stratum.points as usize)),
        ("seed", value::text(seed.to_string())),
        ("rule", value::text(rule)),
        ("program", value::text(env!("CARGO_PKG_VERSION"))),
    ];
    insert(connection, "design", &row)
}

fn add_point(
    connection: &Connection,
    number: usize,
    point: &SamplePoint,
    stratum: &SampleStratum,
    srs_id: i32,
) -> Result<()> {
    let row = vec![
        ("geom", Value::Blob(encode_point(point.place.0, point.place.1, srs_id))),
        ("sample_id", value::text(format!("{}-{number:04}", stratum.to.year()))),
        ("stratum", value::text(stratum.name)),
        ("strat_px", value::count(stratum.pixels as usize)),
        ("strat_m2", value::number(stratum.area_m2)),
        ("weight_m2", value::number(stratum.area_m2 / stratum.points as f64)),
        ("lon", value::rounded(point.lonlat.0, 7)),
        ("lat", value::rounded(point.lonlat.1, 7)),
        ("img_kind", value::text(stratum.kind.word())),
        ("t1_date", value::day(stratum.from)),
        ("t2_date", value::day(stratum.to)),
    ];
    insert(connection, "samples", &row)
}
