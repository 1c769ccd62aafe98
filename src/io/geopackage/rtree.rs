//! The R-tree spatial index of a layer, with the standard's triggers.
//!
//! Source: OGC 12-128r17, annex F.3 (extension `gpkg_rtree_index`).

use rusqlite::{Connection, Result};

const DEFINITION: &str = "http://www.geopackage.org/spec130/#extension_rtree";

/// Indexes a layer whose geometry column is `geom` and whose key is `fid`. The layer must still be empty.
pub fn add(connection: &Connection, table: &str) -> Result<()> {
    let index = format!("rtree_{table}_geom");
    connection.execute_batch(&format!("CREATE VIRTUAL TABLE \"{index}\" USING rtree(id, minx, maxx, miny, maxy);"))?;
    connection.execute_batch(&triggers(table, &index))?;
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?1, 'geom', 'gpkg_rtree_index', ?2, 'write-only')",
        (table, DEFINITION),
    )?;
    Ok(())
}

fn triggers(table: &str, index: &str) -> String {
    let put = format!(
        "INSERT OR REPLACE INTO \"{index}\" VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), \
         ST_MinY(NEW.geom), ST_MaxY(NEW.geom));"
    );
    let drop = format!("DELETE FROM \"{index}\" WHERE id = OLD.fid;");
    let filled = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))";
    let empty = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))";
    let trigger = |name: &str, event: &str, when: &str, then: &str| {
        format!("CREATE TRIGGER \"{index}_{name}\" AFTER {event} ON \"{table}\" WHEN {when} BEGIN {then} END;\n")
    };
    let (same, other) = ("OLD.fid = NEW.fid AND", "OLD.fid != NEW.fid AND");
    [
        trigger("insert", "INSERT", filled, &put),
        trigger("update1", "UPDATE OF geom", &format!("{same} {filled}"), &put),
        trigger("update2", "UPDATE OF geom", &format!("{same} {empty}"), &drop),
        trigger("update3", "UPDATE", &format!("{other} {filled}"), &format!("{drop} {put}")),
        trigger(
            "update4",
            "UPDATE",
            &format!("{other} {empty}"),
            &format!("DELETE FROM \"{index}\" WHERE id IN (OLD.fid, NEW.fid);"),
        ),
        trigger("delete", "DELETE", "OLD.geom NOT NULL", &drop),
    ]
    .concat()
}
