//! The container: core tables, reference systems, registered layers and tables, names of columns for people.
//!
//! Source: OGC 12-128r17, 1.1 (base), 2.1 (features), annex F.9 (schema extension).

use rusqlite::{Connection, OptionalExtension, Result};

use super::rtree;
use crate::lang::Lang;
use crate::model::crs::Crs;

/// `GPKG`, in the file's header.
pub const APPLICATION_ID: i32 = 0x4750_4B47;
/// `GeoPackage` 1.3.0.
const USER_VERSION: i32 = 10_300;
/// The first number for a reference system that has no EPSG code.
const OWN_SRS_ID: i32 = 100_000;

const SCHEMA_DEFINITION: &str = "http://www.geopackage.org/spec130/#extension_schema";
const WGS84: &str = concat!(
    r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],"#,
    r#"AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,"#,
    r#"AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]"#
);
const CGCS2000: &str = concat!(
    r#"GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,"#,
    r#"298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","#,
    r#""8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],"#,
    r#"AXIS["Longitude",EAST],AUTHORITY["EPSG","4490"]]"#
);

const CORE: &str = "
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
";

/// Makes an empty database a `GeoPackage`: identity, core tables, the reference systems that must always be there.
pub fn create_core(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", USER_VERSION)?;
    connection.execute_batch(CORE)?;
    for table in ["gpkg_data_columns", "gpkg_data_column_constraints"] {
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?1, NULL, 'gpkg_schema', ?2, 'read-write')",
            (table, SCHEMA_DEFINITION),
        )?;
    }
    let rows = [
        ("Undefined Cartesian SRS", -1, "NONE", "undefined", "undefined Cartesian coordinate reference system"),
        ("Undefined geographic SRS", 0, "NONE", "undefined", "undefined geographic coordinate reference system"),
        ("WGS 84 geodetic", 4326, "EPSG", WGS84, "longitude and latitude in degrees on the WGS 84 ellipsoid"),
        ("CGCS2000", 4490, "EPSG", CGCS2000, "longitude and latitude in degrees on the CGCS2000 ellipsoid"),
    ];
    for (name, id, organization, definition, description) in rows {
        connection.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, ?5)",
            (name, id, organization, definition, description),
        )?;
    }
    Ok(())
}

/// Makes sure that a CRS has its row and returns its number.
pub fn srs_row(connection: &Connection, crs: &Crs) -> Result<i32> {
    let code = crs.epsg.and_then(|code| i32::try_from(code).ok());
    let (id, organization) = code.map_or((OWN_SRS_ID, "NONE"), |code| (code, "EPSG"));
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, NULL)",
        (&crs.name, id, organization, &crs.wkt),
    )?;
    Ok(id)
}

/// Registers a layer of multi-part outlines (columns `fid`, `geom`) and indexes it.
pub fn register_layer(connection: &Connection, table: &str, srs_id: i32, lang: Lang) -> Result<()> {
    register_geometry(connection, table, "MULTIPOLYGON", srs_id, lang)
}

/// Registers a layer of points (columns `fid`, `geom`) and indexes it.
pub fn register_points(connection: &Connection, table: &str, srs_id: i32, lang: Lang) -> Result<()> {
    register_geometry(connection, table, "POINT", srs_id, lang)
}

fn register_geometry(connection: &Connection, table: &str, kind: &str, srs_id: i32, lang: Lang) -> Result<()> {
    contents_row(connection, table, "features", Some(srs_id), lang)?;
    connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?3, ?2, 0, 0)", (table, srs_id, kind))?;
    rtree::add(connection, table)
}

/// Registers a table without geometry.
pub fn register_attributes(connection: &Connection, table: &str, lang: Lang) -> Result<()> {
    contents_row(connection, table, "attributes", None, lang)
}

fn contents_row(connection: &Connection, table: &str, kind: &str, srs_id: Option<i32>, lang: Lang) -> Result<()> {
    let words = table_words(table, lang);
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (table, kind, words.0, words.1, srs_id),
    )?;
    Ok(())
}

/// A table's name for people, and the same in the other language.
fn table_words(table: &str, lang: Lang) -> (String, String) {
    let key = format!("geopackage.table.{table}");
    (lang.word(&key), other(lang).word(&key))
}

fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    }
}

/// Names the columns of a table for people: the language's word as name and title, the other language's as
/// description. Columns without a word keep their own name.
pub fn name_columns(connection: &Connection, table: &str, lang: Lang) -> Result<()> {
    let mut query = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns = query.query_map([table], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>()?;
    for column in columns {
        let key = format!("geopackage.column.{column}");
        if let Some(word) = lang.known_word(&key) {
            connection.execute(
                "INSERT INTO gpkg_data_columns VALUES (?1, ?2, ?3, ?3, ?4, NULL, NULL)",
                (table, &column, word, other(lang).word(&key)),
            )?;
        }
    }
    Ok(())
}

/// Writes a layer's extent to the contents.
pub fn update_extent(connection: &Connection, table: &str) -> Result<()> {
    type Extent = [Option<f64>; 4];
    let sql = format!(
        "SELECT min(ST_MinX(geom)), min(ST_MinY(geom)), max(ST_MaxX(geom)), max(ST_MaxY(geom)) FROM \"{table}\""
    );
    let extent: Option<Extent> =
        connection.query_row(&sql, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])).optional()?;
    let [min_x, min_y, max_x, max_y] = extent.unwrap_or_default();
    connection.execute(
        "UPDATE gpkg_contents SET min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5 WHERE table_name = ?1",
        (table, min_x, min_y, max_x, max_y),
    )?;
    Ok(())
}

/// Writes when the contents changed last, as `2025-07-12T00:00:00.000Z`.
pub fn touch(connection: &Connection, when: &str) -> Result<()> {
    connection.execute("UPDATE gpkg_contents SET last_change = ?1", [when])?;
    Ok(())
}
